/**
 * awk programs as text → tokens → tree, as plain data.
 *
 * Loosest to tightest: ?:, ||, &&, in, ~ !~, < <= != == > >= and |getline, concatenation, + -, * / %, unary + - !, ^, ++ --, $.
 * Source: POSIX awk "Grammar", mawk(1) 1.3.4; messages recorded from mawk and BusyBox 1.38.
 * Simplified: no `func` with newline before its brace in odd places; gawk's extensions other than gensub, strftime and systime are left out.
 * Past 400 lines because it is one grammar, with its tree.
 */

export type AwkDialect = 'mawk' | 'busybox';
export type Binary = '+' | '-' | '*' | '/' | '%' | '^';
export type Lvalue = { kind: 'var'; name: string } | { kind: 'field'; index: Expr } | { kind: 'element'; array: string; keys: Expr[] };
export type Expr =
  | Lvalue
  | { kind: 'number'; value: number }
  | { kind: 'string'; value: string }
  | { kind: 'regex'; source: string }
  | { kind: 'group'; items: Expr[] }
  | { kind: 'assign'; target: Lvalue; op: Binary | null; value: Expr }
  | { kind: 'binary'; op: Binary; left: Expr; right: Expr }
  | { kind: 'concat'; left: Expr; right: Expr }
  | { kind: 'compare'; op: '<' | '<=' | '==' | '!=' | '>' | '>='; left: Expr; right: Expr }
  | { kind: 'match'; negate: boolean; text: Expr; pattern: Expr }
  | { kind: 'in'; keys: Expr[]; array: string }
  | { kind: 'and' | 'or'; left: Expr; right: Expr }
  | { kind: 'if'; test: Expr; then: Expr; otherwise: Expr }
  | { kind: 'unary'; op: '-' | '+' | '!'; of: Expr }
  | { kind: 'step'; by: 1 | -1; prefix: boolean; target: Lvalue }
  | { kind: 'call'; name: string; args: Expr[] }
  | { kind: 'builtin'; name: string; args: Expr[] }
  | { kind: 'getline'; into: Lvalue | null; file: Expr | null; command: Expr | null };
export type Statement =
  | { kind: 'expr'; expr: Expr }
  | { kind: 'print' | 'printf'; args: Expr[]; to: { mode: '>' | '>>' | '|'; target: Expr } | null }
  | { kind: 'block'; body: Statement[] }
  | { kind: 'if'; test: Expr; then: Statement; otherwise: Statement | null }
  | { kind: 'while'; test: Expr; body: Statement }
  | { kind: 'do'; test: Expr; body: Statement }
  | { kind: 'for'; start: Statement | null; test: Expr | null; step: Statement | null; body: Statement }
  | { kind: 'each'; name: string; array: string; body: Statement }
  | { kind: 'next' | 'nextfile' | 'break' | 'continue' }
  | { kind: 'exit' | 'return'; value: Expr | null }
  | { kind: 'delete'; array: string; keys: Expr[] | null };
export interface Rule {
  pattern: null | { kind: 'expr'; expr: Expr } | { kind: 'range'; from: Expr; to: Expr };
  /** null: print. */
  action: Statement | null;
}
export interface AwkProgram {
  begin: Statement[];
  rules: Rule[];
  end: Statement[];
  functions: Record<string, { params: string[]; body: Statement }>;
  /** Reads main input by itself (getline), or runs commands: a step may have to be run again with answers. */
  asks: boolean;
  dialect: AwkDialect;
}

/** A program awk refuses; the message is without "awk: ". */
export class AwkError extends Error {
  constructor(
    message: string,
    readonly status = 2,
  ) {
    super(message);
  }
}

type Kind = 'number' | 'string' | 'regex' | 'name' | 'call' | 'builtin' | 'keyword' | 'op' | 'newline' | 'end';
interface Token {
  kind: Kind;
  text: string;
  line: number;
}
const KEYWORDS = new Set([
  'BEGIN',
  'END',
  'function',
  'func',
  'if',
  'else',
  'while',
  'for',
  'do',
  'break',
  'continue',
  'next',
  'nextfile',
  'exit',
  'return',
  'delete',
  'in',
  'getline',
  'print',
  'printf',
]);
/** Built-in functions: fewest and most arguments. */
export const BUILTINS = {
  length: [0, 1],
  substr: [2, 3],
  index: [2, 2],
  split: [2, 3],
  sub: [2, 3],
  gsub: [2, 3],
  match: [2, 2],
  sprintf: [1, 999],
  sin: [1, 1],
  cos: [1, 1],
  atan2: [2, 2],
  exp: [1, 1],
  log: [1, 1],
  sqrt: [1, 1],
  int: [1, 1],
  rand: [0, 0],
  srand: [0, 1],
  tolower: [1, 1],
  toupper: [1, 1],
  system: [1, 1],
  close: [1, 2],
  fflush: [0, 1],
  systime: [0, 0],
  strftime: [0, 3],
  mktime: [1, 1],
  gensub: [3, 4],
} as const satisfies Record<string, readonly [number, number]>;
const BUSYBOX_ONLY = new Set(['gensub']);

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '\\': '\\',
  '"': '"',
  '/': '/',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
};
/** The text of a string constant, and of -v's value. */
export function unescapeAwk(raw: string, dialect: AwkDialect): string {
  return raw.replace(
    /\\(?:([0-7]{1,3})|x([0-9a-fA-F]{1,2})|([\s\S]))/g,
    (whole, octal: string | undefined, hex: string | undefined, c: string) => {
      if (octal !== undefined) return String.fromCharCode(parseInt(octal, 8) & 255);
      if (hex !== undefined) return String.fromCharCode(parseInt(hex, 16));
      if (c === '/' && dialect === 'mawk') return '\\/';
      if (c === '\n') return '';
      return ESCAPES[c] ?? (dialect === 'mawk' ? whole : c);
    },
  );
}

function lex(text: string, dialect: AwkDialect): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  let line = 1;
  const push = (kind: Kind, value: string) => void tokens.push({ kind, text: value, line });
  /** A slash begins a regular expression unless something that has a value comes before it. */
  const afterValue = () => {
    const last = tokens.at(-1);
    if (last === undefined) return false;
    return (
      last.kind === 'number' ||
      last.kind === 'string' ||
      last.kind === 'name' ||
      last.kind === 'regex' ||
      (last.kind === 'builtin' && last.text === 'length') ||
      (last.kind === 'op' && [')', ']', '$', '++', '--'].includes(last.text))
    );
  };
  const runaway = (what: string, quote: string, rest: string): never => {
    if (dialect === 'busybox') throw new AwkError('cmd. line:1: Unexpected end of string', 1);
    throw new AwkError(`line ${line}: runaway ${what} ${quote}${rest.slice(0, 20)} ...`);
  };
  while (at < text.length) {
    const rest = text.slice(at);
    const blank = /^(?:[ \t\r]+|\\\r?\n|#[^\n]*)/.exec(rest);
    if (blank !== null) {
      if (blank[0].includes('\n')) line++;
      at += blank[0].length;
      continue;
    }
    const c = rest[0]!;
    if (c === '\n') {
      push('newline', '\n');
      line++;
      at++;
      continue;
    }
    const number = (
      dialect === 'busybox' ? /^(?:0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)/ : /^(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/
    ).exec(rest);
    if (number !== null) {
      push('number', number[0]);
      at += number[0].length;
      continue;
    }
    if (c === '"') {
      const m = /^"((?:[^"\\\n]|\\[\s\S])*)"/.exec(rest);
      if (m === null) return runaway('string constant', '"', rest.slice(1));
      push('string', unescapeAwk(m[1]!, dialect));
      at += m[0].length;
      continue;
    }
    if (c === '/' && !afterValue()) {
      const m = /^\/((?:[^/\\\n[]|\\[^\n]|\[\^?\]?(?:[^\]\\\n]|\\.)*\])*)\//.exec(rest) ?? /^\/((?:[^/\\\n]|\\[^\n])*)\//.exec(rest);
      if (m === null) return runaway('regular expression', '/', rest.slice(1));
      push('regex', m[1]!.replace(/\\\//g, '/'));
      at += m[0].length;
      continue;
    }
    const word = /^[A-Za-z_]\w*/.exec(rest);
    if (word !== null) {
      const name = word[0];
      at += name.length;
      if (KEYWORDS.has(name)) push('keyword', name === 'func' ? 'function' : name);
      else if (Object.hasOwn(BUILTINS, name) && !(dialect === 'mawk' && BUSYBOX_ONLY.has(name))) push('builtin', name);
      else push(text[at] === '(' ? 'call' : 'name', name);
      continue;
    }
    const op = /^(?:\*\*=?|&&|\|\||\+\+|--|\+=|-=|\*=|\/=|%=|\^=|==|!=|<=|>=|>>|!~|[-+*/%^!<>|?:~$=(){}[\];,])/.exec(rest);
    if (op === null)
      throw dialect === 'busybox' ? new AwkError('cmd. line:1: Unexpected token', 1) : new AwkError(`${line}: unexpected character '${c}'`);
    if (dialect === 'mawk' && op[0].startsWith('**')) {
      push('op', '*');
      at += 1;
      continue;
    }
    push('op', op[0] === '**' ? '^' : op[0] === '**=' ? '^=' : op[0]);
    at += op[0].length;
  }
  push('end', '');
  return tokens;
}

/** Parses a program. Throws AwkError. */
export function parseAwk(text: string, dialect: AwkDialect): AwkProgram {
  const tokens = lex(text, dialect);
  let at = 0;
  const program: AwkProgram = { begin: [], rules: [], end: [], functions: {}, asks: false, dialect };
  const called: { name: string; line: number }[] = [];
  /** How each global name was used first; mawk holds a program to it. */
  const uses: Record<string, 'array' | 'variable'> = {};
  let inArguments = 0;
  let params: readonly string[] = [];
  const use = (name: string, as: 'array' | 'variable'): void => {
    if (dialect !== 'mawk' || params.includes(name)) return;
    uses[name] ??= as;
    if (uses[name] !== as) complain(`illegal reference to ${uses[name]} ${name}`, null);
  };
  let depth = { loop: 0, function: '', action: 'rule' as 'rule' | 'BEGIN' | 'END' };
  const braces = { open: 0, parens: 0 };

  const token = (): Token => tokens[at]!;
  const is = (value: string) => (token().kind === 'op' || token().kind === 'keyword') && token().text === value;
  const advance = (): Token => {
    const t = tokens[at++]!;
    if (t.kind === 'op') {
      if (t.text === '{') braces.open++;
      else if (t.text === '}') braces.open--;
      else if (t.text === '(') braces.parens++;
      else if (t.text === ')') braces.parens--;
    }
    return t;
  };
  const accept = (value: string) => is(value) && (advance(), true);
  const unexpected = (): never => {
    if (dialect === 'busybox') throw new AwkError('cmd. line:1: Unexpected token', 1);
    const t = token();
    if (t.kind === 'end') {
      if (braces.parens > 0) throw new AwkError(`line ${t.line}: missing ) near end of line`);
      if (braces.open > 0) throw new AwkError(`line ${t.line + 1}: missing } near end of file`);
      throw new AwkError(`line ${t.line}: syntax error at or near end of line`);
    }
    if (t.text === '}' && braces.open === 0)
      throw new AwkError(`line ${t.line}: extra '}'\nawk: line ${t.line}: syntax error at or near end of line`);
    throw new AwkError(
      `line ${t.line}: syntax error at or near ${t.kind === 'newline' ? 'end of line' : t.kind === 'regex' ? `/${t.text}/` : t.text}`,
    );
  };
  const complain = (message: string, other: string | null): void => {
    if (dialect === 'mawk') throw new AwkError(`line ${token().line}: ${message}`);
    if (other !== null) throw new AwkError(`cmd. line:1: ${other}`, 1);
  };
  const expect = (value: string) => {
    if (!accept(value)) unexpected();
  };
  const newlines = () => {
    while (token().kind === 'newline') at++;
  };
  const terminators = () => {
    while (token().kind === 'newline' || is(';')) advance();
  };
  const endOfStatement = () => {
    if (token().kind === 'newline' || is(';')) return void advance();
    if (!is('}') && token().kind !== 'end') unexpected();
  };

  interface Mode {
    /** Inside print without parentheses: > and | redirect. */
    print?: boolean;
    /** In the head of for (… in …): `in` is not an operator. */
    noIn?: boolean;
  }

  function expression(mode: Mode = {}): Expr {
    const left = ternary(mode);
    const ops: Record<string, Binary | null> = { '=': null, '+=': '+', '-=': '-', '*=': '*', '/=': '/', '%=': '%', '^=': '^' };
    if (token().kind === 'op' && Object.hasOwn(ops, token().text)) {
      if (left.kind !== 'var' && left.kind !== 'field' && left.kind !== 'element') return unexpected();
      const op = ops[advance().text]!;
      newlines();
      return { kind: 'assign', target: left, op, value: expression(mode) };
    }
    return left;
  }
  function ternary(mode: Mode): Expr {
    const test = or(mode);
    if (!accept('?')) return test;
    newlines();
    const then = expression({ noIn: mode.noIn });
    newlines();
    expect(':');
    newlines();
    return { kind: 'if', test, then, otherwise: expression(mode) };
  }
  function or(mode: Mode): Expr {
    let left = and(mode);
    while (accept('||')) {
      newlines();
      left = { kind: 'or', left, right: and(mode) };
    }
    return left;
  }
  function and(mode: Mode): Expr {
    let left = membership(mode);
    while (accept('&&')) {
      newlines();
      left = { kind: 'and', left, right: membership(mode) };
    }
    return left;
  }
  function membership(mode: Mode): Expr {
    let left = matching(mode);
    while (!mode.noIn && accept('in')) {
      if (token().kind !== 'name') return unexpected();
      const array = advance().text;
      use(array, 'array');
      left = { kind: 'in', keys: left.kind === 'group' ? left.items : [left], array };
    }
    return left;
  }
  function matching(mode: Mode): Expr {
    let left = comparison(mode);
    while (is('~') || is('!~')) {
      const negate = advance().text === '!~';
      left = { kind: 'match', negate, text: left, pattern: comparison(mode) };
    }
    return left;
  }
  function comparison(mode: Mode): Expr {
    let left = piped(concatenation(mode));
    const ops = ['<', '<=', '==', '!=', '>=', '>'];
    if (token().kind === 'op' && ops.includes(token().text) && !(mode.print && token().text === '>')) {
      const op = advance().text as '<';
      left = { kind: 'compare', op, left, right: concatenation(mode) };
    }
    return piped(left);
  }
  function piped(command: Expr): Expr {
    let left = command;
    while (is('|') && tokens[at + 1]!.text === 'getline') {
      at += 2;
      program.asks = true;
      left = { kind: 'getline', into: optionalLvalue(), file: null, command: left };
    }
    return left;
  }
  const beginsValue = (): boolean => {
    const t = token();
    if (t.kind === 'number' || t.kind === 'string' || t.kind === 'name' || t.kind === 'call' || t.kind === 'builtin') return true;
    if (t.kind === 'op') return ['$', '!', '(', '-', '+', '++', '--'].includes(t.text);
    return false;
  };
  function concatenation(mode: Mode): Expr {
    let left = additive(mode);
    while (beginsValue() && !is('in')) left = { kind: 'concat', left, right: additive(mode) };
    return left;
  }
  function additive(mode: Mode): Expr {
    let left = multiplicative(mode);
    while (is('+') || is('-')) left = { kind: 'binary', op: advance().text as '+', left, right: multiplicative(mode) };
    return left;
  }
  function multiplicative(mode: Mode): Expr {
    let left = unary(mode);
    while (is('*') || is('/') || is('%')) left = { kind: 'binary', op: advance().text as '*', left, right: unary(mode) };
    return left;
  }
  function unary(mode: Mode): Expr {
    if (is('!') || is('-') || is('+')) {
      const op = advance().text as '!';
      return { kind: 'unary', op, of: unary(mode) };
    }
    return power(mode);
  }
  function power(mode: Mode): Expr {
    const left = stepped(mode);
    if (!accept('^')) return left;
    const right = is('-') || is('+') || is('!') ? unary(mode) : power(mode);
    return { kind: 'binary', op: '^', left, right };
  }
  function stepped(mode: Mode): Expr {
    if (is('++') || is('--')) {
      const by = advance().text === '++' ? 1 : -1;
      const target = primary(mode);
      if (target.kind !== 'var' && target.kind !== 'field' && target.kind !== 'element') return unexpected();
      return { kind: 'step', by, prefix: true, target };
    }
    const value = primary(mode);
    if ((is('++') || is('--')) && (value.kind === 'var' || value.kind === 'field' || value.kind === 'element'))
      return { kind: 'step', by: advance().text === '++' ? 1 : -1, prefix: false, target: value };
    return value;
  }
  function optionalLvalue(): Lvalue | null {
    if (token().kind !== 'name' && !is('$')) return null;
    const value = primary({});
    return value.kind === 'var' || value.kind === 'field' || value.kind === 'element' ? value : unexpected();
  }
  function list(close: string): Expr[] {
    const items: Expr[] = [];
    newlines();
    if (is(close)) return items;
    do {
      newlines();
      items.push(expression());
      newlines();
    } while (accept(','));
    return items;
  }

  function primary(mode: Mode): Expr {
    const t = token();
    switch (t.kind) {
      case 'number':
        advance();
        return {
          kind: 'number',
          value:
            dialect === 'busybox' && /^0\d*$/.test(t.text) && t.text.length > 1 && !/[89]/.test(t.text)
              ? parseInt(t.text, 8)
              : Number(t.text),
        };
      case 'string':
        advance();
        return { kind: 'string', value: t.text };
      case 'regex':
        advance();
        return { kind: 'regex', source: t.text };
      case 'name':
        advance();
        if (accept('[')) {
          const keys = list(']');
          if (keys.length === 0) unexpected();
          expect(']');
          use(t.text, 'array');
          return { kind: 'element', array: t.text, keys };
        }
        if (!(inArguments > 0 && (is(',') || is(')')))) use(t.text, 'variable');
        return { kind: 'var', name: t.text };
      case 'call': {
        advance();
        expect('(');
        called.push({ name: t.text, line: t.line });
        inArguments++;
        const args = list(')');
        inArguments--;
        expect(')');
        return { kind: 'call', name: t.text, args };
      }
      case 'builtin': {
        advance();
        const [least, most] = BUILTINS[t.text as keyof typeof BUILTINS];
        if (t.text === 'system') program.asks = true;
        if (!is('(')) return t.text === 'length' ? { kind: 'builtin', name: t.text, args: [] } : unexpected();
        advance();
        if (t.text === 'split' || t.text === 'length') inArguments++;
        const args = list(')');
        if (t.text === 'split' || t.text === 'length') inArguments--;
        expect(')');
        if (args.length < least) complain(`not enough arguments in call to ${t.text}: ${args.length} (need ${least})`, 'Too few arguments');
        if (args.length > most) complain(`too many arguments in call to ${t.text}: ${args.length} (max ${most})`, 'Too many arguments');
        return { kind: 'builtin', name: t.text, args };
      }
      case 'keyword':
        if (accept('getline')) {
          const into = optionalLvalue();
          if (accept('<')) return { kind: 'getline', into, file: stepped(mode), command: null };
          program.asks = true;
          return { kind: 'getline', into, file: null, command: null };
        }
        return unexpected();
      case 'op':
        if (accept('$')) {
          const index = is('++') || is('--') ? stepped(mode) : is('-') || is('+') || is('!') ? unary(mode) : primary(mode);
          return { kind: 'field', index };
        }
        if (accept('(')) {
          const items = list(')');
          expect(')');
          if (items.length === 0) return unexpected();
          return items.length === 1 ? items[0]! : { kind: 'group', items };
        }
        return unexpected();
      default:
        return unexpected();
    }
  }
  function simple(): Statement | null {
    const t = token();
    if (is('print') || is('printf')) {
      const kind = advance().text as 'print' | 'printf';
      const args: Expr[] = [];
      if (!is(';') && !is('}') && !is('>') && !is('>>') && !is('|') && token().kind !== 'newline' && token().kind !== 'end') {
        do {
          newlines();
          args.push(expression({ print: true }));
        } while (accept(','));
      }
      if (kind === 'printf' && args.length === 0) complain('no arguments in call to printf', null);
      const flat = args.length === 1 && args[0]!.kind === 'group' ? args[0]!.items : args;
      if (is('>') || is('>>') || is('|')) {
        const mode = advance().text as '>';
        return { kind, args: flat, to: { mode, target: concatenation({ print: true }) } };
      }
      return { kind, args: flat, to: null };
    }
    if (accept('delete')) {
      if (token().kind !== 'name') return unexpected();
      const array = advance().text;
      if (!accept('[')) return { kind: 'delete', array, keys: null };
      const keys = list(']');
      expect(']');
      return { kind: 'delete', array, keys };
    }
    if (t.kind === 'newline' || is(';') || is('}') || is(')')) return null;
    return { kind: 'expr', expr: expression() };
  }

  function body(): Statement {
    newlines();
    depth.loop++;
    const made = is(';') ? (advance(), { kind: 'block' as const, body: [] }) : statement();
    depth.loop--;
    return made;
  }

  function statement(): Statement {
    if (is('{')) return block();
    if (accept('if')) {
      expect('(');
      const test = expression();
      expect(')');
      newlines();
      const then = is(';') ? (advance(), { kind: 'block' as const, body: [] }) : statement();
      const keep = at;
      terminators();
      if (accept('else')) {
        newlines();
        return { kind: 'if', test, then, otherwise: is(';') ? (advance(), null) : statement() };
      }
      at = keep;
      return { kind: 'if', test, then, otherwise: null };
    }
    if (accept('while')) {
      expect('(');
      const test = expression();
      expect(')');
      return { kind: 'while', test, body: body() };
    }
    if (accept('do')) {
      const inner = body();
      terminators();
      expect('while');
      expect('(');
      const test = expression();
      expect(')');
      endOfStatement();
      return { kind: 'do', test, body: inner };
    }
    if (accept('for')) {
      expect('(');
      if (token().kind === 'name' && tokens[at + 1]!.text === 'in' && tokens[at + 2]!.kind === 'name' && tokens[at + 3]!.text === ')') {
        const name = advance().text;
        at++;
        const array = advance().text;
        expect(')');
        return { kind: 'each', name, array, body: body() };
      }
      const start = simple();
      expect(';');
      newlines();
      const test = is(';') ? null : expression();
      expect(';');
      newlines();
      const step = simple();
      expect(')');
      return { kind: 'for', start, test, step, body: body() };
    }
    if (is('next') || is('nextfile')) {
      const kind = advance().text as 'next';
      if (depth.action !== 'rule' && depth.function === '') {
        at--;
        complain(`improper use of ${kind}`, null);
        at++;
      }
      endOfStatement();
      return { kind };
    }
    if (is('break') || is('continue')) {
      const kind = token().text as 'break';
      if (depth.loop === 0) complain(`${kind} statement outside of loop`, `'${kind}' not in a loop`);
      advance();
      endOfStatement();
      return { kind };
    }
    if (is('exit') || is('return')) {
      const kind = token().text as 'exit';
      if ((kind as string) === 'return' && depth.function === '') complain('return outside function body', null);
      advance();
      const value = is(';') || is('}') || token().kind === 'newline' || token().kind === 'end' ? null : expression();
      endOfStatement();
      return { kind, value };
    }
    if (is(';')) return advance(), { kind: 'block', body: [] };
    const made = simple();
    if (made === null) return unexpected();
    endOfStatement();
    return made;
  }

  function block(): Statement {
    expect('{');
    const statements: Statement[] = [];
    terminators();
    while (!is('}')) {
      if (token().kind === 'end') unexpected();
      statements.push(statement());
      terminators();
    }
    advance();
    return { kind: 'block', body: statements };
  }

  for (;;) {
    terminators();
    if (token().kind === 'end') break;
    depth = { loop: 0, function: '', action: 'rule' };
    params = [];
    if (accept('function')) {
      if (token().kind !== 'name' && token().kind !== 'call') unexpected();
      const name = advance().text;
      depth.function = name;
      expect('(');
      const names: string[] = [];
      newlines();
      while (!is(')')) {
        if (token().kind !== 'name') unexpected();
        if (token().text === name && dialect === 'mawk')
          throw new AwkError(
            `line ${token().line}: function parameter cannot be the function\nawk: line ${token().line}: syntax error at or near ${name}`,
          );
        names.push(advance().text);
        newlines();
        if (!accept(',')) break;
        newlines();
      }
      expect(')');
      newlines();
      params = names;
      program.functions[name] = { params: names, body: block() };
      continue;
    }
    if (is('BEGIN') || is('END')) {
      const where = advance().text as 'BEGIN';
      depth.action = where;
      if (!is('{')) unexpected();
      (where === 'BEGIN' ? program.begin : program.end).push(block());
      continue;
    }
    let pattern: Rule['pattern'] = null;
    if (!is('{')) {
      const from = expression();
      if (accept(',')) {
        newlines();
        pattern = { kind: 'range', from, to: expression() };
      } else pattern = { kind: 'expr', expr: from };
    }
    const action = is('{') ? block() : null;
    program.rules.push({ pattern, action });
    if (!is(';') && token().kind !== 'newline' && token().kind !== 'end' && action === null) unexpected();
  }
  for (const { name } of called)
    if (!Object.hasOwn(program.functions, name)) {
      if (dialect === 'busybox') throw new AwkError('cmd. line:1: Call to undefined function', 1);
      throw new AwkError(`line ${token().line + 1}: function ${name} never defined`);
    }
  return program;
}
