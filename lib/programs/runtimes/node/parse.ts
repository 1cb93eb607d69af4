/** Text → trees, by acorn; what V8 says of a text that is none. */
import { parse } from 'acorn';
import { type FunctionNode, type FunctionTree, type Statement, SyntaxFault } from './ast';
import { withWaits } from './await';

/** Trees without positions. Numbers that are too large for one are kept as their digits. */
function plain(v: unknown): unknown {
  if (Array.isArray(v)) return v.map(plain);
  if (typeof v !== 'object' || v === null || v instanceof RegExp) return typeof v === 'bigint' ? null : v instanceof RegExp ? null : v;
  const out: Record<string, unknown> = {};
  for (const [key, x] of Object.entries(v)) if (key !== 'start' && key !== 'end' && key !== 'loc' && key !== 'raw') out[key] = plain(x);
  const { loc } = v as { loc?: { start: { line: number } } };
  if (loc) out.line = loc.start.line;
  return out;
}

/** In V8's words, from where acorn stopped. */
function message(source: string, at: number, theirs: string): string {
  if (/^Identifier '.*' has already been declared/.test(theirs)) return theirs.replace(/ \(\d+:\d+\)$/, '');
  if (/^Unterminated (string|template|regular)/.test(theirs) || /^Unexpected character/.test(theirs)) return 'Invalid or unexpected token';
  const rest = source.slice(at);
  if (/^Identifier directly after number/.test(theirs)) return 'Invalid or unexpected token';
  if (rest.trim() === '') return 'Unexpected end of input';
  if (/^'return' outside of function/.test(theirs)) return 'Illegal return statement';
  if (/^["']/.test(rest)) return 'Unexpected string';
  if (/^\d/.test(rest)) return 'Unexpected number';
  const name = /^[A-Za-z_$][\w$]*/.exec(rest)?.[0];
  const reserved =
    /^(await|break|case|catch|class|const|continue|default|delete|do|else|export|extends|finally|for|function|if|import|in|instanceof|new|return|super|switch|this|throw|try|typeof|var|void|while|with)$/;
  if (name !== undefined) return reserved.test(name) ? `Unexpected token '${name}'` : `Unexpected identifier '${name}'`;
  const token = /^(=>|===|!==|\*\*|&&|\|\||\?\?|\?\.|\.\.\.|[=!<>+\-*/%&|^]=|\+\+|--|[\s\S])/.exec(rest)?.[0] ?? '';
  return `Unexpected token '${token}'`;
}

/** Throws SyntaxFault. `import` and `export` make it a module, in which `await` stands by itself, too. */
export function parseJavaScript(source: string): Statement[] {
  const module = /^\s*(import\s*[\w{*'"]|export\s)/m.test(source);
  try {
    const tree = parse(source, {
      ecmaVersion: 2024,
      sourceType: module ? 'module' : 'script',
      allowReturnOutsideFunction: !module,
      allowAwaitOutsideFunction: module,
      allowHashBang: true,
      locations: true,
    });
    const body = plain(tree.body) as Statement[];
    return module ? withWaits(body) : body;
  } catch (e) {
    if (!(e instanceof SyntaxError)) throw e;
    const { pos, loc } = e as SyntaxError & { pos: number; loc: { line: number } };
    throw new SyntaxFault(message(source, pos, e.message), loc.line);
  }
}

const known = new WeakMap<object, FunctionNode>();

/** What a function's node says of how it is called: made once for each. */
export function functionNode(n: FunctionTree): FunctionNode {
  const there = known.get(n);
  if (there) return there;
  const arrow = n.type === 'ArrowFunctionExpression';
  const suspends = n.async || n.generator;
  let body = (n.body.type === 'BlockStatement' ? n.body.body : n.body) as FunctionNode['body'];
  if (suspends && !Array.isArray(body)) body = [{ type: 'ReturnStatement', argument: body, line: n.line } as Statement];
  const made: FunctionNode = {
    params: n.params,
    body: suspends ? withWaits(body as Statement[]) : body,
    async: n.async,
    generator: n.generator,
    arrow,
  };
  known.set(n, made);
  return made;
}
