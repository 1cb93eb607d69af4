/**
 * jq's values: JSON with order of keys kept, and numbers that remember how they were written.
 *
 * Text is JavaScript text here, not bytes: jq counts characters. Bytes are decoded on the way in and encoded on the way out.
 * Source: jq's manual, jv.c and jv_print.c (jq 1.8); decNumber's to-scientific-string for literals.
 */

import { decode, encode } from '../../../base/bytes';

/** A number nobody has computed with: printed as it was written (1.000, 1E+2, 100000000000000000000). */
export interface Literal {
  value: number;
  text: string;
}
export type Json = null | boolean | number | Literal | string | Json[] | JsonObject;
export type JsonObject = Map<string, Json>;
export type Kind = 'null' | 'boolean' | 'number' | 'string' | 'array' | 'object';

/** What a program raised: any value, most often a message. */
export class JqError extends Error {
  constructor(readonly value: Json) {
    super(typeof value === 'string' ? value : 'jq error');
  }
}
export const fail = (message: string): never => {
  throw new JqError(message);
};

export const isLiteral = (v: Json): v is Literal => typeof v === 'object' && v !== null && !Array.isArray(v) && !(v instanceof Map);
export const kindOf = (v: Json): Kind =>
  v === null
    ? 'null'
    : typeof v === 'boolean'
      ? 'boolean'
      : typeof v === 'string'
        ? 'string'
        : Array.isArray(v)
          ? 'array'
          : v instanceof Map
            ? 'object'
            : 'number';
/** The number behind a number. */
export const num = (v: Json): number => (isLiteral(v) ? v.value : (v as number));
export const truthy = (v: Json): boolean => v !== null && v !== false;

/** A number as written → a number or a literal, in decNumber's canonical form. */
export function numberOf(text: string): number | Literal {
  const value = Number(text);
  const m = /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(text);
  if (m === null) return value;
  const digits = (m[2]! + m[3]!).replace(/^0+(?=\d)/, '') || '0';
  const exponent = Number(m[4] ?? 0) - m[3]!.length;
  const adjusted = exponent + digits.length - 1;
  const sign = m[1] === '-' ? '-' : '';
  let canonical: string;
  if (exponent <= 0 && adjusted >= -6) {
    const point = digits.length + exponent;
    canonical =
      exponent === 0 ? digits : point > 0 ? `${digits.slice(0, point)}.${digits.slice(point)}` : `0.${'0'.repeat(-point)}${digits}`;
  } else canonical = `${digits[0]}${digits.length > 1 ? `.${digits.slice(1)}` : ''}E${adjusted < 0 ? '-' : '+'}${Math.abs(adjusted)}`;
  canonical = sign + canonical;
  return canonical === formatNumber(value) ? value : { value, text: canonical };
}

/** A computed number: 17 significant digits at most, exponents of two digits. */
export function formatNumber(n: number): string {
  if (Number.isNaN(n)) return 'null';
  if (!Number.isFinite(n)) return n > 0 ? '1.7976931348623157e+308' : '-1.7976931348623157e+308';
  if (Object.is(n, -0)) return '-0';
  const [mantissa, e] = Math.abs(n).toExponential().split('e') as [string, string];
  const digits = mantissa.replace('.', '');
  const point = Number(e) + 1;
  const sign = n < 0 ? '-' : '';
  if (n === 0) return '0';
  if (point <= -4 || point > digits.length + 15) {
    const exponent = point - 1;
    return `${sign}${digits[0]}${digits.length > 1 ? `.${digits.slice(1)}` : ''}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  return sign + (digits.length <= point ? digits.padEnd(point, '0') : `${digits.slice(0, point)}.${digits.slice(point)}`);
}

/** Compares text by code points. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  if (!/[\ud800-\udfff]/.test(a + b)) return a < b ? -1 : 1;
  const x = [...a];
  const y = [...b];
  for (let i = 0; i < Math.min(x.length, y.length); i++) if (x[i] !== y[i]) return x[i]!.codePointAt(0)! - y[i]!.codePointAt(0)!;
  return x.length - y.length;
}
export const sortedKeys = (object: JsonObject): string[] => [...object.keys()].sort(compareText);

const RANK = (v: Json): number =>
  v === null ? 0 : v === false ? 1 : v === true ? 2 : { number: 3, string: 4, array: 5, object: 6, null: 0, boolean: 1 }[kindOf(v)];
/** jq's total order: null, false, true, numbers, strings, arrays, objects; nan below every number. */
export function compare(a: Json, b: Json): number {
  const rank = RANK(a) - RANK(b);
  if (rank !== 0) return rank;
  switch (kindOf(a)) {
    case 'number': {
      const x = num(a);
      const y = num(b);
      if (Number.isNaN(x)) return -1;
      if (Number.isNaN(y)) return 1;
      return x < y ? -1 : x > y ? 1 : 0;
    }
    case 'string':
      return compareText(a as string, b as string);
    case 'array': {
      const x = a as Json[];
      const y = b as Json[];
      for (let i = 0; i < Math.min(x.length, y.length); i++) {
        const order = compare(x[i]!, y[i]!);
        if (order !== 0) return order;
      }
      return x.length - y.length;
    }
    case 'object': {
      const x = sortedKeys(a as JsonObject);
      const y = sortedKeys(b as JsonObject);
      const keys = compare(x, y);
      if (keys !== 0) return keys;
      for (const key of x) {
        const order = compare((a as JsonObject).get(key)!, (b as JsonObject).get(key)!);
        if (order !== 0) return order;
      }
      return 0;
    }
    default:
      return 0;
  }
}
export const equal = (a: Json, b: Json): boolean => compare(a, b) === 0;

export interface PrintOptions {
  /** Text of one level of indentation; null: everything on one line. */
  indent: string | null;
  sortKeys?: boolean;
  ascii?: boolean;
  /** ANSI colours. */
  colour?: boolean;
}

const SHORT: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\t': '\\t',
  '\r': '\\r',
  '\b': '\\b',
  '\f': '\\f',
};
const unicodeEscape = (c: string) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`;
export const quote = (text: string, ascii = false): string =>
  `"${text.replace(ascii ? /["\\\x00-\x1f\x7f-\uffff]/g : /["\\\x00-\x1f\x7f]/g, (c) => SHORT[c] ?? unicodeEscape(c))}"`;

const COLOURS: Readonly<Record<string, string>> = {
  null: '0;90',
  false: '0;39',
  true: '0;39',
  number: '0;39',
  string: '0;32',
  array: '1;39',
  object: '1;39',
  key: '1;34',
};

/** A value as JSON text. */
export function print(value: Json, options: PrintOptions = { indent: null }): string {
  const out: string[] = [];
  const paint = (what: string, text: string) => out.push(options.colour ? `\x1b[${COLOURS[what]}m${text}\x1b[0m` : text);
  const newline = (level: number) => {
    if (options.indent !== null) out.push(`\n${options.indent.repeat(level)}`);
  };
  const walk = (v: Json, level: number): void => {
    if (Array.isArray(v)) {
      if (v.length === 0) return void paint('array', '[]');
      paint('array', '[');
      v.forEach((item, i) => {
        if (i > 0) paint('array', ',');
        newline(level + 1);
        walk(item, level + 1);
      });
      newline(level);
      paint('array', ']');
    } else if (v instanceof Map) {
      if (v.size === 0) return void paint('object', '{}');
      paint('object', '{');
      const keys = options.sortKeys ? sortedKeys(v) : [...v.keys()];
      keys.forEach((key, i) => {
        if (i > 0) paint('object', ',');
        newline(level + 1);
        paint('key', quote(key, options.ascii));
        paint('object', ':');
        if (options.indent !== null) out.push(' ');
        walk(v.get(key)!, level + 1);
      });
      newline(level);
      paint('object', '}');
    } else if (typeof v === 'string') paint('string', quote(v, options.ascii));
    else if (v === null || typeof v === 'boolean') paint(String(v), String(v));
    else paint('number', isLiteral(v) ? v.text : formatNumber(v));
  };
  walk(value, 0);
  return out.join('');
}

/** A value inside an error message: past 29 bytes of JSON, its beginning and what closes it. */
export function dump(value: Json): string {
  const bytes = encode(print(value));
  if (bytes.length <= 29) return decode(bytes);
  const closing = /["\]}]$/.exec(bytes)?.[0] ?? '';
  const room = 26 - closing.length;
  const whole = /^[\x80-\xbf]/.test(bytes.slice(room))
    ? bytes.slice(0, room).replace(/[\xc0-\xff][\x80-\xbf]*$/, '')
    : bytes.slice(0, room);
  return `${decode(whole)}...${closing}`;
}
/** "number (1)" */
export const shown = (value: Json): string => `${kindOf(value)} (${dump(value)})`;
export const toText = (value: Json): string => (typeof value === 'string' ? value : print(value));
