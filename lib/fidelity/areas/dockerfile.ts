/** Areas "dockerfile-ast", "dockerfile-words" and "dockerignore": the Dockerfile language and .dockerignore patterns. */
import { strconv } from '../../base';
import * as dockerfile from '../../engine/build/language';
import { NotModelled, withoutZeros } from '../vectors';

interface AstInput {
  fn: string;
  dockerfile: string;
  text: string;
  name: string;
  instruction: string;
}

const q = strconv.quote;

function dump(n: dockerfile.Node): string {
  const flags = n.flags.length ? ` [${n.flags.map((f) => q(f)).join(' ')}]` : '';
  const args = n.child ? ` ${dump(n.child)}` : n.args.map((a) => ` ${q(a)}`).join('');
  return `(${n.command.toLowerCase()}${flags}${args})`;
}

const argsOf = (n: dockerfile.Node): string[] => (n.child ? [n.child.command, ...argsOf(n.child)] : n.args);

const heredoc = (h: dockerfile.Heredoc) => ({ name: h.name, expand: h.expand, chomp: h.chomp, fd: h.fd });

const functions: Record<string, (input: AstInput) => unknown> = {
  ast: (i) => dockerfile.parseDockerfile(i.dockerfile).nodes.map(dump).join('\n'),
  json: ({ text }) => {
    const list = dockerfile.jsonList(text);
    if (!list) throw new Error('not a JSON array');
    return list;
  },
  heredoc: ({ text }) => {
    const h = dockerfile.parseHeredoc(text);
    return h && heredoc(h);
  },
  heredocs: ({ text }) => dockerfile.heredocsOf(text).map(heredoc),
  chomp: ({ text }) => dockerfile.chomped(text),
  words: ({ text }) => dockerfile.splitWords(text, '\\'),
  'name-values': ({ instruction, text }) => dockerfile.parseDockerfile(`${instruction} ${text}\n`).nodes[0]?.args,
  directives: (i) => dockerfile.directives(i.dockerfile).map(({ name, value }) => ({ name, value })),
  syntax: (i) => {
    const f = dockerfile.findDirective('syntax', i.dockerfile);
    return f && { syntax: f.value, text: f.text, line: f.line };
  },
  directive: (i) => dockerfile.findDirective(i.name as dockerfile.DirectiveName, i.dockerfile),
  parse: (i) => {
    const p = dockerfile.parseDockerfile(i.dockerfile);
    const instructions = p.nodes.map((n) =>
      withoutZeros({
        instruction: n.command,
        startLine: n.startLine,
        endLine: n.endLine,
        args: argsOf(n),
        flags: n.flags,
        heredocs: n.heredocs.map((h) => ({ ...heredoc(h), content: h.content })),
        json: n.json,
      }),
    );
    return { instructions, warnings: p.warnings };
  },
};

export function dockerfileAst(input: AstInput): unknown {
  const fn = functions[input.fn];
  if (!fn) throw new NotModelled(input.fn);
  return fn(input);
}

export function dockerfileWords(input: { fn: 'word' | 'words'; text: string; escape: string; env: Record<string, string> }): unknown {
  const out = dockerfile.expand(input.text, input.env, { escape: input.escape });
  return input.fn === 'word' ? out.result : out.words;
}

export function dockerignore(input: { patterns: string[]; path: string }): boolean {
  return dockerfile.excluded(dockerfile.compilePatterns(input.patterns), input.path);
}
