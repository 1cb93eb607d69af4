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

/** strconv.ParseInt. Base 0 also takes 0x, 0b, 0o, a leading 0 and underscores. */
export function parseInteger(text: string, base: 0 | 10 = 10, bits = 64, fn = 'ParseInt'): number {
  const value = toBigInt(fn, text, base);
  const limit = 1n << BigInt(bits - 1);
  if (value >= limit || value < -limit) throw new NumError(fn, text, 'value out of range');
  return Number(value);
}

/** strconv.ParseUint: no sign allowed. */
export function parseUnsigned(text: string, base: 0 | 10 = 10, bits = 64): number {
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

/** Digits without the point, and the decimal exponent: 123.4 → ['1234', 2]. `precision` counts digits; none: the shortest. */
function scientific(value: number, precision?: number): { digits: string; exp: number } {
  const text = precision === undefined ? value.toExponential() : value.toExponential(Math.min(100, Math.max(0, precision - 1)));
  const [mantissa = '0', exp = '0'] = text.split('e');
  return { digits: mantissa.replace('.', ''), exp: Number(exp) };
}

/**
 * strconv.FormatFloat: 'e' scientific, 'f' plain, 'g' whichever is shorter. Without a precision: the fewest digits
 * that read back as the same number ('g' then turns scientific below 1e-4 and from 1e21).
 */
export function formatFloat(value: number, format: 'e' | 'f' | 'g', precision?: number): string {
  const odd = nonFinite(value);
  if (odd) return odd;
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const size = Math.abs(value);
  if (format === 'f') return sign + (precision === undefined ? plain(size) : fixed(size, precision));
  if (format === 'e') {
    const { digits, exp } = scientific(size, precision === undefined ? undefined : precision + 1);
    return sign + point(digits, 1) + exponent(exp);
  }
  const wanted = precision === 0 ? 1 : precision;
  const { digits, exp } = scientific(size, wanted);
  const kept = digits.replace(/0+$/, '') || '0';
  let threshold = wanted ?? 6;
  if (wanted === undefined) threshold = 21;
  else if (threshold > kept.length && kept.length >= exp + 1) threshold = kept.length;
  if (size !== 0 && (exp < -4 || exp >= threshold)) return sign + point(kept, 1) + exponent(exp);
  return sign + place(kept, exp);
}

function point(digits: string, at: number): string {
  return digits.length > at ? `${digits.slice(0, at)}.${digits.slice(at)}` : digits;
}

/** Digits with the point put where the exponent says. */
function place(digits: string, exp: number): string {
  if (exp < 0) return `0.${'0'.repeat(-exp - 1)}${digits}`.replace(/\.$/, '');
  return point(digits.padEnd(exp + 1, '0'), exp + 1);
}

function plain(size: number): string {
  const { digits, exp } = scientific(size);
  return place(digits, exp);
}

/** toFixed that holds past 1e21. */
function fixed(size: number, precision: number): string {
  if (size < 1e21) return size.toFixed(Math.min(precision, 100));
  return BigInt(size).toString() + (precision > 0 ? `.${'0'.repeat(precision)}` : '');
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
