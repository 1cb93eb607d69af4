/**
 * Numbers, booleans and quoted strings as Go's strconv reads and writes them, with its error texts: docker's tools are
 * Go programs, and `strconv.ParseInt: parsing "x": invalid syntax` is what a user sees.
 *
 * Simplified: integers are JavaScript numbers, so past 2^53 the value (never the range check) is rounded.
 */

export class NumError extends Error {
  constructor(
    readonly fn: string,
    readonly text: string,
    readonly why: 'invalid syntax' | 'value out of range',
  ) {
    super(`strconv.${fn}: parsing ${quote(text)}: ${why}`);
  }
}

const integer = /^[+-]?(?:0[xX](?:_?[0-9a-fA-F])+|0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|0(?:_?[0-7])*|[1-9](?:_?[0-9])*)$/;
const decimalInteger = /^[+-]?[0-9]+$/;

function toBigInt(fn: string, text: string, base: 0 | 10): bigint {
  if (!(base === 0 ? integer : decimalInteger).test(text)) throw new NumError(fn, text, 'invalid syntax');
  const negative = text.startsWith('-');
  const digits = text.replace(/^[+-]/, '').replaceAll('_', '');
  const octal = base === 0 && /^0[0-7]+$/.test(digits);
  const value = BigInt(octal ? `0o${digits.slice(1)}` : digits);
  return negative ? -value : value;
}

/** A number that a JavaScript number holds exactly, whatever the base. */
const short = /^(?:0|[1-9][0-9]{0,14})$/;

/** strconv.ParseInt. Base 0 also takes 0x, 0b, 0o, a leading 0 and underscores. */
export function parseInteger(text: string, base: 0 | 10 = 10, bits = 64, fn = 'ParseInt'): number {
  if (bits === 64 && short.test(text)) return Number(text);
  const value = toBigInt(fn, text, base);
  const limit = 1n << BigInt(bits - 1);
  if (value >= limit || value < -limit) throw new NumError(fn, text, 'value out of range');
  return Number(value);
}

/** strconv.ParseUint: no sign allowed. */
export function parseUnsigned(text: string, base: 0 | 10 = 10, bits = 64): number {
  if (bits === 64 && short.test(text)) return Number(text);
  if (/^[+-]/.test(text)) throw new NumError('ParseUint', text, 'invalid syntax');
  const value = toBigInt('ParseUint', text, base);
  if (value >= 1n << BigInt(bits)) throw new NumError('ParseUint', text, 'value out of range');
  return Number(value);
}

/** strconv.Atoi. */
export function atoi(text: string): number {
  return parseInteger(text, 10, 64, 'Atoi');
}

const truths: Record<string, boolean> = {
  '1': true,
  t: true,
  T: true,
  true: true,
  TRUE: true,
  True: true,
  '0': false,
  f: false,
  F: false,
  false: false,
  FALSE: false,
  False: false,
};

/** strconv.ParseBool. */
export function parseBool(text: string): boolean {
  const value = Object.hasOwn(truths, text) ? truths[text] : undefined;
  if (value === undefined) throw new NumError('ParseBool', text, 'invalid syntax');
  return value;
}

const decimalFloat = /^[+-]?(?:\d(?:_?\d)*(?:\.(?:\d(?:_?\d)*)?)?|\.\d(?:_?\d)*)(?:[eE][+-]?\d(?:_?\d)*)?$/;
const hexFloat = /^([+-]?)0[xX]_?([0-9a-fA-F_]*)(?:\.([0-9a-fA-F_]*))?[pP]([+-]?\d+)$/;
const special = /^([+-]?)(inf|infinity|nan)$/i;

/** strconv.ParseFloat, 64 bits: decimal, hexadecimal, Inf and NaN. */
export function parseNumber(text: string): number {
  const named = special.exec(text);
  if (named) {
    if (/nan/i.test(named[2]!)) {
      if (named[1]) throw new NumError('ParseFloat', text, 'invalid syntax');
      return NaN;
    }
    return named[1] === '-' ? -Infinity : Infinity;
  }
  const hex = hexFloat.exec(text);
  let value: number;
  if (hex && (hex[2] || hex[3])) {
    const fraction = (hex[3] ?? '').replaceAll('_', '');
    const mantissa = Number(`0x${(hex[2] ?? '').replaceAll('_', '')}${fraction}`);
    value = mantissa * 2 ** (Number(hex[4]) - 4 * fraction.length) * (hex[1] === '-' ? -1 : 1);
  } else if (decimalFloat.test(text)) {
    value = Number(text.replaceAll('_', ''));
  } else {
    throw new NumError('ParseFloat', text, 'invalid syntax');
  }
  if (!Number.isFinite(value)) throw new NumError('ParseFloat', text, 'value out of range');
  return value;
}

/** How an exponent is written: at least two digits. */
function exponent(e: number): string {
  return `e${e < 0 ? '-' : '+'}${String(Math.abs(e)).padStart(2, '0')}`;
}

function nonFinite(value: number): string | undefined {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  return undefined;
}

/** A number as digits without the point, and the decimal exponent: 123.4 → 1234, 2. */
interface Decimal {
  digits: string;
  exp: number;
}

function split(text: string): Decimal {
  const [mantissa = '0', exp = '0'] = text.split('e');
  return { digits: mantissa.replace('.', ''), exp: Number(exp) };
}

/** As few digits as read back as the same number. */
const shortest = (value: number): Decimal => split(value.toExponential());

/** So many digits (none or fewer: the number is too small to show), halves rounded to even. */
function rounded(value: number, count: number): Decimal {
  const { digits, exp } = split(value.toExponential(100));
  if (count < 0) return { digits: '', exp };
  const kept = digits.slice(0, count);
  const tail = digits.slice(count);
  const half = /^50*$/.test(tail);
  const odd = Number(kept.at(-1) ?? 0) % 2 === 1;
  if (!(half ? odd : tail >= '5')) return { digits: kept, exp };
  const up = String(BigInt(kept || '0') + 1n).padStart(kept.length, '0');
  return up.length > kept.length ? { digits: up.slice(0, Math.max(kept.length, 1)), exp: exp + 1 } : { digits: up, exp };
}

/**
 * strconv.FormatFloat: 'e' scientific, 'f' plain, 'g' whichever is shorter. Without a precision: the fewest digits
 * that read back as the same number ('g' then turns scientific below 1e-4 and from 1e6).
 */
export function formatFloat(value: number, format: 'e' | 'f' | 'g', precision?: number): string {
  const odd = nonFinite(value);
  if (odd) return odd;
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const size = Math.abs(value);
  if (format === 'f') return sign + (precision === undefined ? place(shortest(size)) : fixed(size, precision));
  if (format === 'e') {
    const { digits, exp } = precision === undefined ? shortest(size) : rounded(size, precision + 1);
    return sign + point(digits, 1) + exponent(exp);
  }
  const wanted = precision === undefined ? undefined : Math.max(precision, 1);
  const { digits, exp } = wanted === undefined ? shortest(size) : rounded(size, wanted);
  const kept = digits.replace(/0+$/, '') || '0';
  let threshold = wanted ?? 6;
  if (wanted !== undefined && threshold > kept.length && kept.length >= exp + 1) threshold = kept.length;
  if (size !== 0 && (exp < -4 || exp >= threshold)) return sign + point(kept, 1) + exponent(exp);
  return sign + place({ digits: kept, exp });
}

function point(digits: string, at: number): string {
  return digits.length > at ? `${digits.slice(0, at)}.${digits.slice(at)}` : digits;
}

/** Digits with the point put where the exponent says. */
function place({ digits, exp }: Decimal): string {
  if (exp < 0) return `0.${'0'.repeat(-exp - 1)}${digits}`.replace(/\.$/, '');
  return point(digits.padEnd(exp + 1, '0'), exp + 1);
}

/** A plain number with so many digits after the point. */
function fixed(size: number, precision: number): string {
  if (size === 0) return point('0'.padEnd(precision + 1, '0'), 1);
  const { exp } = split(size.toExponential(100));
  const short = rounded(size, exp + 1 + precision);
  if (short.digits === '' || (short.exp < 0 && -short.exp > precision)) return point('0'.padEnd(precision + 1, '0'), 1);
  const whole = short.exp < 0 ? '0'.repeat(-short.exp) + short.digits : short.digits;
  const at = Math.max(short.exp + 1, 1);
  return point(whole.slice(0, at + precision).padEnd(at + precision, '0'), at);
}

const escapes: Record<string, string> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
};

/** Printable as Go sees it: letters, marks, numbers, punctuation, symbols, and the ASCII space. */
function printable(char: string): boolean {
  return char === ' ' || /^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u.test(char);
}

/** One character inside quotes, escaped as Go does. `asciiOnly` as in %+q. */
export function escapeChar(char: string, mark: string, asciiOnly = false): string {
  if (char === mark) return `\\${char}`;
  const known = escapes[char];
  if (known) return known;
  const code = char.codePointAt(0)!;
  if (asciiOnly ? code >= 0x20 && code < 0x7f : printable(char)) return char;
  if (code < 0x20 || code === 0x7f) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code < 0x10000 ? `\\u${code.toString(16).padStart(4, '0')}` : `\\U${code.toString(16).padStart(8, '0')}`;
}

/** strconv.Quote of text. */
export function quote(text: string, asciiOnly = false): string {
  return `"${[...text].map((char) => escapeChar(char, '"', asciiOnly)).join('')}"`;
}

const simpleEscapes: Record<string, string> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
};

/** strconv.Unquote: a Go string in double quotes or backquotes, or a character in single ones. Throws "invalid syntax". */
export function unquote(quoted: string): string {
  const fail = () => new Error('invalid syntax');
  const mark = quoted[0];
  const body = quoted.slice(1, -1);
  if (quoted.length < 2 || mark !== quoted.at(-1) || mark === undefined || !'"\'`'.includes(mark)) throw fail();
  if (mark === '`') {
    if (body.includes('`')) throw fail();
    return body.replaceAll('\r', '');
  }
  const parts = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.)|$)|([^\\])/gsu;
  const text = body.replace(parts, (_, x, u, wide, octal, simple, plain) => {
    if (plain !== undefined) {
      if (plain === '\n' || plain === mark) throw fail();
      return plain;
    }
    if (x !== undefined) return String.fromCharCode(Number.parseInt(x, 16));
    if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 255);
    if (u !== undefined || wide !== undefined) {
      const code = Number.parseInt(u ?? wide, 16);
      if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) throw fail();
      return String.fromCodePoint(code);
    }
    const known =
      simple === undefined || (mark === '"' && simple === "'") || (mark === "'" && simple === '"') ? undefined : simpleEscapes[simple];
    if (known === undefined) throw fail();
    return known;
  });
  if (mark === "'" && [...text].length !== 1) throw fail();
  return text;
}
