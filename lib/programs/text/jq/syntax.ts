/**
 * jq programs as text → tokens → tree.
 *
 * Loosest to tightest: `|`, `,`, `//`, `= |= += …`, `or`, `and`, comparisons, `+ -`, `* / %`, then terms with their
 * suffixes `.a [..] ? as`. `def`, `as … |`, `label` and `reduce`/`foreach` take all that follows or stand as terms.
 * Source: jq 1.8's manual, parser.y and lexer.l.
 * Simplified: no modules (import, include); of bison's "expecting …" lists the common ones are given.
 * Past 400 lines because it is one grammar, with its tree.
 */

import { readString } from './parse-json';
import { type Json, numberOf } from './value';

export type Arith = '+' | '-' | '*' | '/' | '%';
export type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>=';
export type Pattern =
  | { kind: 'var'; name: string }
  | { kind: 'array'; items: Pattern[] }
  | { kind: 'object'; entries: { key: Node; name?: string; pattern?: Pattern }[] };
export interface Definition {
  name: string;
  params: string[];
  body: Node;
}
interface At {
  at: number;
  length: number;
}
export type Node =
  | { kind: 'identity' }
  | { kind: 'everything' }
  | { kind: 'literal'; value: Json }
  | { kind: 'index'; of: Node; key: Node }
  | { kind: 'slice'; of: Node; from: Node | null; to: Node | null }
  | { kind: 'iterate'; of: Node }
  | { kind: 'string'; format: string | null; parts: (string | Node)[] }
  | { kind: 'format'; name: string }
  | { kind: 'array'; body: Node | null }
  | { kind: 'object'; entries: { key: Node; value: Node }[] }
  | { kind: 'negate'; of: Node }
  | { kind: 'pipe' | 'comma' | 'and' | 'or' | 'alternative'; left: Node; right: Node }
  | { kind: 'arith'; op: Arith; left: Node; right: Node }
  | { kind: 'compare'; op: Comparison; left: Node; right: Node }
  | { kind: 'assign'; op: '=' | '|=' | '//=' | Arith; left: Node; right: Node }
  | { kind: 'if'; branches: { test: Node; then: Node }[]; otherwise: Node | null }
  | { kind: 'try'; body: Node; handler: Node | null }
  | { kind: 'reduce'; source: Node; patterns: Pattern[]; start: Node; update: Node }
  | { kind: 'foreach'; source: Node; patterns: Pattern[]; start: Node; update: Node; extract: Node | null }
  | { kind: 'bind'; source: Node; patterns: Pattern[]; body: Node }
  | { kind: 'def'; def: Definition; body: Node }
  | ({ kind: 'call'; name: string; args: Node[] } & At)
  | ({ kind: 'variable'; name: string } & At)
  | { kind: 'label'; name: string; body: Node }
  | ({ kind: 'break'; name: string } & At)
  | { kind: 'location'; line: number };

/** A program that does not compile: the lines jq writes before "jq: N compile errors". */
export class CompileError extends Error {
  constructor(readonly messages: string[]) {
    super(`${messages.join('\n')}\njq: ${messages.length} compile error${messages.length === 1 ? '' : 's'}`);
  }
}

type TokenKind = 'punct' | 'keyword' | 'ident' | 'field' | 'variable' | 'number' | 'format' | 'string' | 'bad' | 'end';
interface Token extends At {
  kind: TokenKind;
  text: string;
  parts?: (string | Node)[];
}
const KEYWORDS = new Set([
  'def',
  'if',
  'then',
  'else',
  'elif',
  'end',
  'as',
  'reduce',
  'foreach',
  'try',
  'catch',
  'label',
  'import',
  'include',
  'and',
  'or',
  '__loc__',
]);
const LEXEME =
  /\s+|#[^\n]*|(?:(\.[a-zA-Z_]\w*)|(\$[ \t]*[a-zA-Z_]\w*(?:::\w+)*)|((?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(\?\/\/=?|\/\/=?|\|=|\+=|-=|\*=|\/=|%=|==|!=|<=|>=|\.\.|[.|,;:()[\]{}=<>+\-*/%?$])|(@[a-zA-Z0-9_]+)|([a-zA-Z_]\w*(?:::[a-zA-Z_]\w*)*)|(")|([\s\S]))/y;
const BOTTOM_UP: readonly { ops: readonly string[]; assoc: 'left' | 'right' | 'none' }[] = [
  { ops: ['//'], assoc: 'right' },
  { ops: ['=', '|=', '+=', '-=', '*=', '/=', '%=', '//='], assoc: 'none' },
  { ops: ['or'], assoc: 'left' },
  { ops: ['and'], assoc: 'left' },
  { ops: ['==', '!=', '<', '<=', '>', '>='], assoc: 'none' },
  { ops: ['+', '-'], assoc: 'left' },
  { ops: ['*', '/', '%'], assoc: 'left' },
];

/** "at <top-level>, line 1, column 5:" and the underlined line. */
export function located(program: string, at: number, length: number): string {
  const start = program.lastIndexOf('\n', at - 1) + 1;
  const stop = program.indexOf('\n', at);
  const text = program.slice(start, stop < 0 ? undefined : stop);
  const line = program.slice(0, at).split('\n').length;
  const marks = '^'.repeat(Math.max(1, Math.min(length, text.length - (at - start))));
  return `at <top-level>, line ${line}, column ${at - start + 1}:\n    ${text}\n    ${' '.repeat(at - start)}${marks}`;
}

const IDENTITY: Node = { kind: 'identity' };
const text = (value: string): Node => ({ kind: 'literal', value });

/** Parses a program. Throws CompileError. */
export function parseJq(program: string): Node {
  let at = 0;
  let token: Token;
  /** The last piece of text read, blanks included: where an unexpected end is shown. */
  let tail: At = { at: 0, length: 1 };
  let last: Token = { kind: 'end', text: '', at: 0, length: 1 };
  const nesting: string[] = [];

  const named = (t: Token): string => {
    if (t.kind === 'end') return 'end of file';
    if (t.kind === 'ident') return 'IDENT';
    if (t.kind === 'field') return 'FIELD';
    if (t.kind === 'variable') return 'BINDING';
    if (t.kind === 'number') return 'LITERAL';
    if (t.kind === 'format') return 'FORMAT';
    if (t.kind === 'string') return 'QQSTRING_START';
    if (t.kind === 'bad') return 'INVALID_CHARACTER';
    return t.kind === 'keyword' || t.text.length > 1 ? t.text : `'${t.text}'`;
  };
  const syntaxError = (expecting = '', more: string[] = []): never => {
    const place: At = token.kind === 'end' ? tail : token;
    const message = `jq: error: syntax error, unexpected ${named(token)}${expecting === '' ? '' : `, expecting ${expecting}`} ${located(program, place.at, place.length)}`;
    throw new CompileError([message, ...more]);
  };

  function next(): Token {
    for (;;) {
      if (at >= program.length) return { kind: 'end', text: '', at: program.length, length: 1 };
      LEXEME.lastIndex = at;
      const m = LEXEME.exec(program)!;
      const start = at;
      at += m[0].length;
      tail = { at: start, length: m[0].length };
      const made = (kind: TokenKind, value = m[0]): Token => ({ kind, text: value, at: start, length: m[0].length });
      if (m[1] !== undefined) return made('field', m[1].slice(1));
      if (m[2] !== undefined) return made('variable', m[2].slice(1).trim());
      if (m[3] !== undefined) return made('number');
      if (m[4] !== undefined) {
        if ('([{'.includes(m[4])) nesting.push(m[4]);
        else if (')]}'.includes(m[4])) {
          const open = nesting.pop();
          if (open !== { ')': '(', ']': '[', '}': '{' }[m[4]]) return made('bad');
        }
        return made('punct');
      }
      if (m[5] !== undefined) return made('format');
      if (m[6] !== undefined) return made(KEYWORDS.has(m[6]) ? 'keyword' : 'ident');
      if (m[7] !== undefined) return lexString(start);
      if (m[8] !== undefined) return made('bad');
    }
  }

  /** A string with its interpolations, which are parsed in place. */
  function lexString(start: number): Token {
    const parts: (string | Node)[] = [];
    let raw = '';
    const flush = () => {
      if (raw === '') return;
      parts.push(
        readString(
          raw.replace(/[\x00-\x1f]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`),
          (message) => {
            throw new CompileError([`jq: error: ${message} (while parsing '"${raw}"') ${located(program, start, at - start)}`]);
          },
        ),
      );
      raw = '';
    };
    for (;;) {
      if (at >= program.length) {
        token = { kind: 'end', text: '', at, length: 1 };
        tail = { at: Math.min(start + 1, program.length - 1), length: Math.max(1, program.length - start - 1) };
        return syntaxError('QQSTRING_TEXT or QQSTRING_INTERP_START or QQSTRING_END');
      }
      const c = program[at]!;
      if (c === '"') {
        tail = { at, length: 1 };
        at++;
        flush();
        return { kind: 'string', text: '', parts, at: start, length: 1 };
      }
      if (c === '\\' && program[at + 1] === '(') {
        at += 2;
        flush();
        nesting.push('(');
        const [outerToken, outerLast] = [token, last];
        token = next();
        parts.push(pipeline());
        if (token.text !== ')' || token.kind !== 'punct') syntaxError("QQSTRING_INTERP_END or '|' or ','");
        at = token.at + 1;
        [token, last] = [outerToken, outerLast];
        continue;
      }
      if (c === '\\') raw += program[at++];
      raw += program[at++] ?? '';
    }
  }

  const advance = (): Token => {
    last = token;
    token = next();
    return last;
  };
  const is = (value: string) => (token.kind === 'punct' || token.kind === 'keyword') && token.text === value;
  const accept = (value: string) => is(value) && (advance(), true);
  const expect = (value: string, expecting = '') => {
    if (!accept(value)) syntaxError(expecting);
  };

  function pipeline(): Node {
    if (is('def')) {
      const def = definition();
      return { kind: 'def', def, body: pipeline() };
    }
    if (is('label')) {
      advance();
      if (token.kind !== 'variable') syntaxError('BINDING');
      const name = advance().text;
      expect('|', "'|'");
      return { kind: 'label', name, body: pipeline() };
    }
    const left = commas();
    if (!accept('|')) return left;
    return { kind: 'pipe', left, right: pipeline() };
  }

  function commas(): Node {
    let left = binary(0);
    while (accept(',')) left = { kind: 'comma', left, right: binary(0) };
    return left;
  }

  function binary(level: number): Node {
    const rule = BOTTOM_UP[level];
    if (rule === undefined) return unary();
    let left = binary(level + 1);
    while ((token.kind === 'punct' || token.kind === 'keyword') && rule.ops.includes(token.text)) {
      const op = advance().text;
      const right = rule.assoc === 'right' ? binary(level) : binary(level + 1);
      left = combine(op, left, right);
      if (rule.assoc === 'none' && (token.kind === 'punct' || token.kind === 'keyword') && rule.ops.includes(token.text)) syntaxError();
      if (rule.assoc === 'right') break;
    }
    return left;
  }

  function combine(op: string, left: Node, right: Node): Node {
    switch (op) {
      case '//':
        return { kind: 'alternative', left, right };
      case 'or':
      case 'and':
        return { kind: op, left, right };
      case '+':
      case '-':
      case '*':
      case '/':
      case '%':
        return { kind: 'arith', op, left, right };
      case '=':
      case '|=':
      case '//=':
        return { kind: 'assign', op, left, right };
      case '+=':
      case '-=':
      case '*=':
      case '/=':
      case '%=':
        return { kind: 'assign', op: op[0] as Arith, left, right };
      default:
        return { kind: 'compare', op: op as Comparison, left, right };
    }
  }

  function unary(): Node {
    if (accept('-')) return { kind: 'negate', of: unary() };
    const term = postfix();
    if (!accept('as')) return term;
    const patterns = destructuring();
    expect('|', "'|' or ?//");
    return { kind: 'bind', source: term, patterns, body: pipeline() };
  }

  function destructuring(): Pattern[] {
    const patterns = [pattern()];
    while (accept('?//')) patterns.push(pattern());
    return patterns;
  }

  function pattern(): Pattern {
    if (token.kind === 'variable') return { kind: 'var', name: advance().text };
    if (accept('[')) {
      const items: Pattern[] = [];
      do items.push(pattern());
      while (accept(','));
      expect(']', "',' or ']'");
      return { kind: 'array', items };
    }
    if (!accept('{')) syntaxError("BINDING or '[' or '{'");
    const entries: { key: Node; name?: string; pattern?: Pattern }[] = [];
    do {
      if ((token as Token).kind === 'variable') {
        const name = advance().text;
        entries.push({ key: text(name), name, ...(accept(':') && { pattern: pattern() }) });
        continue;
      }
      let key: Node;
      if (token.kind === 'ident' || token.kind === 'keyword') key = text(advance().text);
      else if ((token as Token).kind === 'string') key = string(null);
      else {
        expect('(');
        key = pipeline();
        expect(')', "'|' or ',' or ')'");
      }
      expect(':', "':'");
      entries.push({ key, pattern: pattern() });
    } while (accept(','));
    expect('}', "',' or '}'");
    return { kind: 'object', entries };
  }

  function definition(): Definition {
    advance();
    if (token.kind !== 'ident' && token.kind !== 'keyword') syntaxError('IDENT');
    const name = advance().text;
    const params: string[] = [];
    if (accept('(')) {
      do {
        if (token.kind === 'variable') params.push(`$${advance().text}`);
        else if (token.kind === 'ident' || token.kind === 'keyword') params.push(advance().text);
        else syntaxError('IDENT or BINDING');
      } while (accept(';'));
      expect(')', "';' or ')'");
    }
    expect(':', "':' or '('");
    const body = pipeline();
    expect(';', "'|' or ',' or ';'");
    return { name, params, body };
  }

  function string(format: string | null): Node {
    const { parts } = advance();
    if (parts!.every((part) => typeof part === 'string')) return text(parts!.join(''));
    return { kind: 'string', format, parts: parts! };
  }

  function postfix(): Node {
    let node = term();
    for (;;) {
      if (token.kind === 'field') node = { kind: 'index', of: node, key: text(advance().text) };
      else if (is('.')) {
        advance();
        if (token.kind === 'string') node = { kind: 'index', of: node, key: string(null) };
        else if (is('[')) node = brackets(node, false);
        else syntaxError();
      } else if (is('[')) node = brackets(node, true);
      else if (accept('?')) node = { kind: 'try', body: node, handler: null };
      else return node;
    }
  }

  function brackets(of: Node, slices: boolean): Node {
    advance();
    if (accept(']')) return { kind: 'iterate', of };
    if (slices && accept(':')) {
      const to = pipeline();
      expect(']', "'|' or ',' or ']'");
      return { kind: 'slice', of, from: null, to };
    }
    const key = pipeline();
    if (slices && accept(':')) {
      if (accept(']')) return { kind: 'slice', of, from: key, to: null };
      const to = pipeline();
      expect(']', "'|' or ',' or ']'");
      return { kind: 'slice', of, from: key, to };
    }
    expect(']', slices ? "'|' or ',' or ':' or ']'" : "'|' or ',' or ']'");
    return { kind: 'index', of, key };
  }

  function term(): Node {
    const t = token;
    switch (t.kind) {
      case 'number':
        advance();
        return { kind: 'literal', value: numberOf(t.text) };
      case 'string':
        return string(null);
      case 'format': {
        advance();
        const after: Token = token;
        return after.kind === 'string' ? string(t.text.slice(1)) : { kind: 'format', name: t.text.slice(1) };
      }
      case 'field':
        advance();
        return { kind: 'index', of: IDENTITY, key: text(t.text) };
      case 'variable':
        advance();
        if (t.text === '__loc__') return { kind: 'location', line: program.slice(0, t.at).split('\n').length };
        return { kind: 'variable', name: t.text, at: t.at, length: t.length };
      case 'ident':
        return call();
      case 'keyword':
        return keyword();
      case 'punct':
        break;
      default:
        return syntaxError();
    }
    if (accept('.')) {
      const after: Token = token;
      if (after.kind === 'string') return { kind: 'index', of: IDENTITY, key: string(null) };
      if (after.kind === 'variable') {
        const hint = `jq: error: try .["field"] instead of .field for unusually named fields ${located(program, t.at, after.at + after.length - t.at)}`;
        return syntaxError('', [hint]);
      }
      return is('[') ? brackets(IDENTITY, true) : IDENTITY;
    }
    if (accept('..')) return { kind: 'everything' };
    if (accept('(')) {
      const inner = pipeline();
      expect(')', "'|' or ',' or ')'");
      return inner;
    }
    if (accept('[')) {
      if (accept(']')) return { kind: 'array', body: null };
      const body = pipeline();
      expect(']', "'|' or ',' or ']'");
      return { kind: 'array', body };
    }
    if (is('{')) return object();
    if (is('-')) return unary();
    if (accept('$')) return syntaxError("'$'");
    return syntaxError();
  }

  function call(): Node {
    const t = advance();
    if (t.text === 'break' && (token as Token).kind === 'variable') {
      const name = advance();
      return { kind: 'break', name: name.text, at: t.at, length: name.at + name.length - t.at };
    }
    const args: Node[] = [];
    if (accept('(')) {
      do args.push(pipeline());
      while (accept(';'));
      expect(')', "'|' or ',' or ';' or ')'");
    }
    const node: Node = { kind: 'call', name: t.text, args, at: t.at, length: last.at + last.length - t.at };
    if (args.length === 0 && ['true', 'false', 'null'].includes(t.text))
      return { kind: 'literal', value: t.text === 'null' ? null : t.text === 'true' };
    return args.length === 0 ? node : { ...node, length: t.length };
  }

  function keyword(): Node {
    const t = token;
    if (accept('if')) {
      const branches: { test: Node; then: Node }[] = [];
      const unfinished = (): void => {
        if (token.kind === 'end')
          syntaxError('', [`jq: error: Possibly unterminated 'if' statement ${located(program, t.at, program.length - t.at)}`]);
        syntaxError();
      };
      const part = (word: string) => {
        const node = token.kind === 'end' ? (unfinished(), IDENTITY) : pipeline();
        if (word !== '' && !accept(word)) unfinished();
        return node;
      };
      // A lone `if` at the end has no statement to be unterminated.
      if ((token as Token).kind === 'end') syntaxError();
      branches.push({ test: part('then'), then: part('') });
      for (;;) {
        if (accept('elif')) branches.push({ test: part('then'), then: part('') });
        else if (accept('else')) return { kind: 'if', branches, otherwise: part('end') };
        else if (accept('end')) return { kind: 'if', branches, otherwise: null };
        else unfinished();
      }
    }
    if (accept('try')) {
      const body = postfixOrMinus();
      return {
        kind: 'try',
        body,
        handler: accept('catch') ? postfixOrMinus() : { kind: 'call', name: 'empty', args: [], at: 0, length: 0 },
      };
    }
    if (accept('reduce') || accept('foreach')) {
      const source = postfix();
      expect('as', "as or '.' or '[' or '?'");
      const patterns = destructuring();
      expect('(', "'('");
      const start = pipeline();
      expect(';', "'|' or ',' or ';'");
      const update = pipeline();
      if (t.text === 'reduce') {
        expect(')', "'|' or ',' or ')'");
        return { kind: 'reduce', source, patterns, start, update };
      }
      const extract = accept(';') ? pipeline() : null;
      expect(')', "'|' or ',' or ')'");
      return { kind: 'foreach', source, patterns, start, update, extract };
    }
    if (is('def') || is('label')) return pipeline();
    return syntaxError();
  }
  const postfixOrMinus = (): Node => (is('-') ? unary() : postfix());

  function object(): Node {
    advance();
    const entries: { key: Node; value: Node }[] = [];
    while (!is('}')) {
      const t = token;
      let key: Node;
      let fallback: Node | null = null;
      if (t.kind === 'variable') {
        advance();
        key = text(t.text);
        fallback = t.text === '__loc__' ? { kind: 'location', line: 1 } : { kind: 'variable', name: t.text, at: t.at, length: t.length };
      } else if (t.kind === 'ident' || t.kind === 'keyword') {
        key = text(advance().text);
        fallback = { kind: 'index', of: IDENTITY, key };
      } else if (t.kind === 'number') {
        advance();
        throw new CompileError([`jq: error: Cannot use number (${t.text}) as object key ${located(program, t.at, t.length)}`]);
      } else if (t.kind === 'string') {
        key = string(null);
        fallback = { kind: 'index', of: IDENTITY, key };
      } else if (t.kind === 'format') {
        advance();
        key = (token as Token).kind === 'string' ? string(t.text.slice(1)) : { kind: 'format', name: t.text.slice(1) };
        fallback = { kind: 'index', of: IDENTITY, key };
      } else {
        if (!accept('(')) syntaxError();
        const inside: Token = token;
        key = pipeline();
        if (key.kind === 'literal' && typeof key.value !== 'string')
          throw new CompileError([
            `jq: error: Cannot use number (${inside.text}) as object key ${located(program, inside.at, inside.length)}`,
          ]);
        expect(')', "'|' or ',' or ')'");
      }
      if (accept(':')) {
        let value = objectValue();
        while (accept('|')) value = { kind: 'pipe', left: value, right: objectValue() };
        entries.push({ key, value });
      } else if (fallback !== null) entries.push({ key, value: fallback });
      else syntaxError("':'");
      if (!accept(',') && !is('}')) syntaxError("'}'");
    }
    advance();
    return { kind: 'object', entries };
  }
  const objectValue = (): Node => (is('-') ? unary() : is('def') || is('label') ? pipeline() : binary(0));

  token = next();
  last = token;
  if (token.kind === 'end') return IDENTITY;
  if (is('def')) {
    // A program of definitions alone is the identity.
    const defs: Definition[] = [];
    while (is('def')) defs.push(definition());
    const body = (token as Token).kind === 'end' ? IDENTITY : pipeline();
    if ((token as Token).kind !== 'end') syntaxError('end of file');
    return defs.reduceRight<Node>((inner, def) => ({ kind: 'def', def, body: inner }), body);
  }
  if (
    token.kind === 'bad' ||
    (token.kind === 'keyword' && !['if', 'try', 'reduce', 'foreach', 'label'].includes(token.text)) ||
    (token.kind === 'punct' && !['.', '..', '(', '[', '{', '-', '$'].includes((token as Token).text))
  )
    syntaxError('end of file');
  const program_ = pipeline();
  if ((token as Token).kind !== 'end') syntaxError('end of file');
  return program_;
}
