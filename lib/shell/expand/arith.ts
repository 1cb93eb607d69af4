/**
 * Arithmetic: $(( )), (( )), let, array indices, substrings. 64-bit signed integers that wrap around.
 *
 * Source: bash(1) ARITHMETIC EVALUATION and expr.c; messages of bash 5.3, dash 0.5.12 and BusyBox 1.38.
 */

import { Failure, prefix } from '../message';
import { has, option, type Shell } from '../state';
import { assign, assignElement, elements, value, variable } from '../vars';
import { unsetStatus } from './param';

interface Scan {
  sh: Shell;
  src: string;
  pos: number;
  /** Where the last token began, for messages. */
  token: number;
  /** Inside of a branch that is not taken: nothing is assigned, nothing divided. */
  skip: number;
  depth: number;
}

const BINARY: Readonly<Record<string, number>> = {
  ',': 1,
  '||': 4,
  '&&': 5,
  '|': 6,
  '^': 7,
  '&': 8,
  '==': 9,
  '!=': 9,
  '<': 10,
  '>': 10,
  '<=': 10,
  '>=': 10,
  '<<': 11,
  '>>': 11,
  '+': 12,
  '-': 12,
  '*': 13,
  '/': 13,
  '%': 13,
  '**': 14,
};
const ASSIGNMENTS: ReadonlySet<string> = new Set(['=', '+=', '-=', '*=', '/=', '%=', '<<=', '>>=', '&=', '^=', '|=']);
const TOKEN = /\s*(<<=|>>=|\*\*|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||\+=|-=|\*=|\/=|%=|&=|\^=|\|=|[-+*/%<>=!~&|^?:,()])/y;

const wrap = (n: bigint): bigint => BigInt.asIntN(64, n);

/** The value of an expression in which words have been expanded already. */
export function evaluate(sh: Shell, src: string): bigint {
  const x: Scan = { sh, src, pos: 0, token: 0, skip: 0, depth: 0 };
  return run(x);
}

function run(x: Scan): bigint {
  blanks(x);
  if (x.pos >= x.src.length) return 0n;
  const n = comma(x);
  blanks(x);
  if (x.pos < x.src.length) {
    x.token = x.pos;
    const rest = x.src.slice(x.pos);
    if (/^[A-Za-z0-9_.'"$`@#\\{}[\]]/.test(rest))
      syntax(x, /^[\w$]/.test(rest) ? 'arithmetic syntax error in expression' : 'arithmetic syntax error: invalid arithmetic operator');
    syntax(x, 'arithmetic syntax error in expression');
  }
  return n;
}

function blanks(x: Scan): void {
  while (' \t\n'.includes(x.src[x.pos] ?? 'x')) x.pos++;
}

function peek(x: Scan): string | null {
  TOKEN.lastIndex = x.pos;
  const m = TOKEN.exec(x.src);
  return m === null ? null : m[1]!;
}

function take(x: Scan, op: string): void {
  blanks(x);
  x.token = x.pos;
  x.pos += op.length;
}

/** Refuses the expression in the shell's words; `what` is bash's. */
function syntax(x: Scan, what: string, dashWhat = 'expecting EOF'): never {
  const { sh, src } = x;
  switch (sh.d.name) {
    case 'bash':
      throw new Failure(`${prefix(sh)}${src.trimStart()}: ${what} (error token is "${src.slice(x.token)}")`, 1, false);
    case 'dash':
      throw new Failure(
        `${prefix(sh)}arithmetic expression: ${what.startsWith('division') ? 'division by zero' : dashWhat}: "${src}"`,
        2,
        true,
      );
    case 'ash':
      throw new Failure(`${prefix(sh)}${what.startsWith('division') ? 'divide by zero' : 'arithmetic syntax error'}`, 2, true);
  }
}

function comma(x: Scan): bigint {
  let n = assignment(x);
  while (peek(x) === ',') {
    take(x, ',');
    n = assignment(x);
  }
  return n;
}

interface Place {
  name: string;
  index?: string;
}

/** A variable with its index, if one is next. */
function place(x: Scan): Place | null {
  blanks(x);
  const name = /[A-Za-z_]\w*/y;
  name.lastIndex = x.pos;
  const m = name.exec(x.src);
  if (m === null) return null;
  x.token = x.pos;
  x.pos += m[0].length;
  if (x.src[x.pos] !== '[' || x.sh.d.name !== 'bash') return { name: m[0] };
  let depth = 0;
  const start = x.pos + 1;
  for (; x.pos < x.src.length; x.pos++) {
    if (x.src[x.pos] === '[') depth++;
    else if (x.src[x.pos] === ']' && --depth === 0) break;
  }
  const index = x.src.slice(start, x.pos);
  x.pos++;
  return { name: m[0], index };
}

function read(x: Scan, p: Place): bigint {
  if (x.skip > 0) return 0n;
  let text: string | undefined;
  if (p.index !== undefined) {
    const key = variable(x.sh, p.name)?.assoc ? p.index : `${inner(x, p.index)}`;
    const all = elements(x.sh, p.name);
    text = all !== null && has(all, key) ? all[key] : undefined;
  } else text = value(x.sh, p.name);
  if (text === undefined) {
    if (option(x.sh, 'nounset')) throw new Failure(`${prefix(x.sh)}${x.sh.d.unset(p.name)}`, unsetStatus(x.sh), true);
    return 0n;
  }
  if (/^\s*[-+]?\d+\s*$/.test(text) && !/^\s*[-+]?0/.test(text)) return wrap(BigInt(text.trim().replace(/^\+/, '')));
  return inner(x, text);
}

/** A variable's value is an expression again, in bash and ash. */
function inner(x: Scan, src: string): bigint {
  if (x.depth > 100) throw new Failure(`${prefix(x.sh)}${src}: expression recursion level exceeded (error token is "${src}")`, 1, false);
  if (x.sh.d.name === 'dash' && !/^\s*[-+]?(?:\d+|0[xX][0-9a-fA-F]+)?\s*$/.test(src))
    throw new Failure(`${prefix(x.sh)}Illegal number: ${src}`, 2, true);
  return run({ sh: x.sh, src, pos: 0, token: 0, skip: x.skip, depth: x.depth + 1 });
}

function write(x: Scan, p: Place, n: bigint): void {
  if (x.skip > 0) return;
  if (p.index === undefined) assign(x.sh, p.name, `${n}`);
  else assignElement(x.sh, p.name, p.index, `${n}`);
}

function assignment(x: Scan): bigint {
  const start = x.pos;
  const p = place(x);
  if (p !== null) {
    const op = peek(x);
    if (op !== null && ASSIGNMENTS.has(op)) {
      take(x, op);
      const right = assignment(x);
      const n = op === '=' ? right : binary(x, op.slice(0, -1), read(x, p), right);
      write(x, p, n);
      return n;
    }
  }
  x.pos = start;
  return ternary(x);
}

function ternary(x: Scan): bigint {
  const test = level(x, 4);
  if (peek(x) !== '?') return test;
  take(x, '?');
  x.skip += test === 0n ? 1 : 0;
  const yes = comma(x);
  x.skip -= test === 0n ? 1 : 0;
  if (peek(x) !== ':') {
    syntax(x, "`:' expected for conditional expression", "expecting ':'");
  }
  take(x, ':');
  x.skip += test === 0n ? 0 : 1;
  const no = assignment(x);
  x.skip -= test === 0n ? 0 : 1;
  return test === 0n ? no : yes;
}

/** Operators of at least this strength, by precedence climbing. */
function level(x: Scan, least: number): bigint {
  let left = unary(x);
  for (;;) {
    const op = peek(x);
    const strength = op === null ? undefined : BINARY[op];
    if (op === null || strength === undefined || strength < least || op === ',') return left;
    if (op === '**' && x.sh.d.name === 'dash') {
      x.pos++;
      syntax(x, 'arithmetic syntax error: operand expected', 'expecting primary');
    }
    take(x, op);
    const at = x.token;
    if (op === '&&' || op === '||') {
      const known = (op === '&&') === (left === 0n);
      x.skip += known ? 1 : 0;
      const right = level(x, strength + 1);
      x.skip -= known ? 1 : 0;
      left = known ? (op === '||' ? 1n : 0n) : right !== 0n ? 1n : 0n;
      continue;
    }
    blanks(x);
    const from = x.pos;
    if (from >= x.src.length) x.token = at;
    const right = level(x, op === '**' ? strength : strength + 1);
    x.token = from;
    left = binary(x, op, left, right);
  }
}

function binary(x: Scan, op: string, a: bigint, b: bigint): bigint {
  switch (op) {
    case '+':
      return wrap(a + b);
    case '-':
      return wrap(a - b);
    case '*':
      return wrap(a * b);
    case '/':
    case '%':
      if (b === 0n) {
        // ash divides in a branch that is not taken, too.
        if (x.skip > 0 && x.sh.d.name !== 'ash') return 0n;
        syntax(x, 'division by 0');
      }
      return wrap(op === '/' ? a / b : a % b);
    case '**':
      if (b < 0n) {
        if (x.skip > 0) return 0n;
        syntax(x, 'exponent less than 0');
      }
      return power(a, b);
    case '<<':
      return wrap(a << (b & 63n));
    case '>>':
      return wrap(a >> (b & 63n));
    case '&':
      return a & b;
    case '|':
      return a | b;
    case '^':
      return a ^ b;
    case '==':
      return a === b ? 1n : 0n;
    case '!=':
      return a !== b ? 1n : 0n;
    case '<':
      return a < b ? 1n : 0n;
    case '>':
      return a > b ? 1n : 0n;
    case '<=':
      return a <= b ? 1n : 0n;
    default:
      return a >= b ? 1n : 0n;
  }
}

function power(base: bigint, exponent: bigint): bigint {
  let n = 1n;
  for (let b = base, e = exponent; e > 0n; e >>= 1n, b = wrap(b * b)) if (e & 1n) n = wrap(n * b);
  return n;
}

function unary(x: Scan): bigint {
  const op = peek(x);
  if (op === '++' || op === '--') {
    const start = x.pos;
    take(x, op);
    const p = place(x);
    if (p !== null) {
      const n = wrap(read(x, p) + (op === '++' ? 1n : -1n));
      write(x, p, n);
      return n;
    }
    // ++5 is two signs
    x.pos = start;
    take(x, op[0]!);
    const n = deeper(x, unary);
    return op === '++' ? n : wrap(-n);
  }
  if (op === '!' || op === '~' || op === '+' || op === '-') {
    take(x, op);
    const n = deeper(x, unary);
    return op === '!' ? (n === 0n ? 1n : 0n) : op === '~' ? ~n : op === '-' ? wrap(-n) : n;
  }
  return primary(x);
}

function deeper(x: Scan, parse: (x: Scan) => bigint): bigint {
  if (++x.depth > 500) syntax(x, 'expression recursion level exceeded');
  const n = parse(x);
  x.depth--;
  return n;
}

function primary(x: Scan): bigint {
  blanks(x);
  const at = x.pos;
  if (x.src[at] === '(') {
    take(x, '(');
    const n = deeper(x, comma);
    if (peek(x) !== ')') {
      x.token = at;
      blanks(x);
      if (x.pos < x.src.length) x.token = x.pos;
      syntax(x, "missing `)'", "expecting ')'");
    }
    take(x, ')');
    return n;
  }
  const p = place(x);
  if (p !== null) {
    const op = peek(x);
    if (op === '++' || op === '--') {
      take(x, op);
      const n = read(x, p);
      write(x, p, wrap(n + (op === '++' ? 1n : -1n)));
      return n;
    }
    return read(x, p);
  }
  const digits = /(?:(\d+)#([0-9A-Za-z@_]*)|[0-9][0-9A-Za-z]*)/y;
  digits.lastIndex = at;
  const m = digits.exec(x.src);
  if (m === null) {
    if (at < x.src.length) x.token = at;
    syntax(x, 'arithmetic syntax error: operand expected', 'expecting primary');
  }
  x.token = at;
  x.pos = at + m[0].length;
  return number(x, m[0], m[1], m[2]);
}

function number(x: Scan, text: string, base: string | undefined, body: string | undefined): bigint {
  if (base !== undefined) {
    const b = Number(base);
    if (b < 2 || b > 64) syntax(x, 'invalid arithmetic base');
    if (body === '') syntax(x, 'invalid integer constant');
    let n = 0n;
    for (const c of body!) {
      let digit = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ@_'.indexOf(c);
      if (b <= 36 && digit >= 36) digit -= 26;
      if (digit < 0 || digit >= b) syntax(x, 'value too great for base');
      n = wrap(n * BigInt(b) + BigInt(digit));
    }
    return n;
  }
  if (/^0[xX][0-9a-fA-F]*$/.test(text)) return text.length === 2 ? 0n : wrap(BigInt(text));
  if (/^0[0-7]*$/.test(text)) return wrap(BigInt(text === '0' ? '0' : `0o${text.slice(1)}`));
  if (/^[1-9]\d*$/.test(text)) return wrap(BigInt(text));
  if (/^\d+$/.test(text)) syntax(x, 'value too great for base');
  syntax(x, /^0/.test(text) ? 'value too great for base' : 'value too great for base');
}
