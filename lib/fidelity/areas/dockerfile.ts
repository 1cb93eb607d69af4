/** Areas "dockerfile-ast", "dockerfile-words", "dockerfile-checks" and "dockerignore": the Dockerfile language and .dockerignore patterns. */
import { strconv } from '../../base';
import { anyImage } from '../../engine/build/check-text';
import { RULES, type Rule, type RuleName, ruleUrl, type Warning } from '../../engine/build/checks';
import { convert, type Progress } from '../../engine/build/convert';
import * as language from '../../engine/build/language';
import { contextTree, follow, hasWildcards } from '../../engine/build/tree';
import { NotModelled, withoutZeros } from '../vectors';

interface AstInput {
  fn: string;
  dockerfile: string;
  text: string;
  name: string;
  instruction: string;
}

const q = strconv.quote;

function dump(n: language.Node): string {
  const flags = n.flags.length ? ` [${n.flags.map((f) => q(f)).join(' ')}]` : '';
  const args = n.child ? ` ${dump(n.child)}` : n.args.map((a) => ` ${q(a)}`).join('');
  return `(${n.command.toLowerCase()}${flags}${args})`;
}

const argsOf = (n: language.Node): string[] => (n.child ? [n.child.command, ...argsOf(n.child)] : n.args);

const heredoc = (h: language.Heredoc) => ({ name: h.name, expand: h.expand, chomp: h.chomp, fd: h.fd });

const functions: Record<string, (input: AstInput) => unknown> = {
  ast: (i) => language.parseDockerfile(i.dockerfile).nodes.map(dump).join('\n'),
  json: ({ text }) => {
    const list = language.jsonList(text);
    if (!list) throw new Error('not a JSON array');
    return list;
  },
  heredoc: ({ text }) => {
    const h = language.parseHeredoc(text);
    return h && heredoc(h);
  },
  heredocs: ({ text }) => language.heredocsOf(text).map(heredoc),
  chomp: ({ text }) => language.chomped(text),
  words: ({ text }) => language.splitWords(text, '\\'),
  'name-values': ({ instruction, text }) => language.parseDockerfile(`${instruction} ${text}\n`).nodes[0]?.args,
  directives: (i) => language.directives(i.dockerfile).map(({ name, value }) => ({ name, value })),
  syntax: (i) => {
    const f = language.findDirective('syntax', i.dockerfile);
    return f && { syntax: f.value, text: f.text, line: f.line };
  },
  directive: (i) => language.findDirective(i.name as language.DirectiveName, i.dockerfile),
  parse: (i) => {
    const p = language.parseDockerfile(i.dockerfile);
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
  const out = language.expand(input.text, input.env, { escape: input.escape });
  return input.fn === 'word' ? out.result : out.words;
}

export function dockerignore(input: { patterns: string[]; path: string }): boolean {
  return language.excluded(language.compilePatterns(input.patterns), input.path);
}

// ——— build checks

interface CheckInput {
  fn: 'check' | 'triggers' | 'rule';
  dockerfile: string;
  dockerignore?: string;
  args?: Record<string, string>;
  rule: string;
}

/** The vectors are of a later BuildKit than the engine's, in which these are no experiments any more. */
const SETTLED: readonly RuleName[] = ['CopyIgnoredFile'];

function lint(i: CheckInput, dockerfile: string): { warnings: Warning[]; fails: boolean; fault: string } {
  const ignore = i.dockerignore === undefined ? null : language.compilePatterns(language.readIgnoreFile(i.dockerignore));
  const progress: Progress = { warnings: [], lintError: null };
  const options = {
    target: '',
    buildArgs: i.args ?? {},
    labels: {},
    noCache: false,
    networkMode: 'default',
    ignore,
    allStages: true,
    settled: SETTLED,
    base: anyImage,
  };
  try {
    const plan = convert(dockerfile, options, progress);
    // The context holds the Dockerfile, as far as the ignore file lets it through.
    const file = {
      name: 'Dockerfile',
      type: 'file' as const,
      mode: 0o644,
      uid: 0,
      gid: 0,
      mtime: 0,
      size: dockerfile.length,
      data: dockerfile,
    };
    const tree = contextTree([file], ignore);
    const missing = plan.vertices.some(
      (v) =>
        v.op.kind === 'copy' && v.op.steps.some((s) => s.from.kind === 'context' && !hasWildcards(s.path) && follow(tree, s.path) === null),
    );
    return { warnings: progress.warnings, fails: missing, fault: '' };
  } catch (e) {
    if (e instanceof language.DockerfileError) return { warnings: progress.warnings, fails: true, fault: e.message };
    throw e;
  }
}

const order = (a: Warning, b: Warning) =>
  a.lines[0] - b.lines[0] || (a.rule < b.rule ? -1 : a.rule > b.rule ? 1 : a.message < b.message ? -1 : a.message > b.message ? 1 : 0);

export function dockerfileChecks(i: CheckInput): unknown {
  if (i.fn === 'rule') {
    if (!Object.hasOwn(RULES, i.rule)) throw new NotModelled(i.rule);
    const rule: Rule = RULES[i.rule as RuleName];
    return {
      description: rule.description,
      url: ruleUrl(i.rule as RuleName),
      messages: rule.messages,
      ...(rule.deprecated ? { deprecated: true } : {}),
      ...(rule.experimental && !SETTLED.includes(i.rule as RuleName) ? { experimental: true } : {}),
    };
  }
  if (i.fn === 'triggers') {
    // A snippet of the documentation may leave FROM out, and what the rule is about may be an experiment or ignored.
    const about = {
      ...i,
      args: { BUILDKIT_DOCKERFILE_CHECK: 'experimental=all' },
      dockerignore: i.dockerignore ?? (i.rule === 'CopyIgnoredFile' ? '*/tmp/*\n*/*/temp*\ntmp*\n' : undefined),
    };
    const { warnings, fault } = lint(about, i.dockerfile);
    const all =
      fault === 'no build stage in current context' || fault === 'dockerfile contains no stages to build'
        ? lint(about, `FROM scratch\n${i.dockerfile}`).warnings
        : warnings;
    return all.some((w) => w.rule === i.rule);
  }
  const { warnings, fails } = lint(i, i.dockerfile);
  return {
    warnings: [...warnings].sort(order).map((w) => ({ rule: w.rule, message: w.message, line: w.lines[0] })),
    ...(fails ? { buildFails: true } : {}),
  };
}
