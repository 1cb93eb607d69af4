/**
 * awk's values: numbers, strings, what looks like a number in the input, and nothing yet.
 *
 * Source: POSIX awk "Expressions in awk"; output formats as mawk 1.3.4 and BusyBox 1.38 write them.
 */
import { formatFloat, formatInteger, formatString, type Spec } from '../../../base/posix/cformat';
import { type AwkDialect, AwkError } from './syntax';

/** `input`: a string from outside that is compared as a number when it looks like one. */
export type Value = number | string | { input: string } | null;

const LOOKS = /^[ \t\n\r\f\v]*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[ \t\n\r\f\v]*$/;
const LEADING = /^[ \t\n\r\f\v]*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)/;
const HEX = /^[ \t\n\r\f\v]*([+-]?)(0[xX][0-9a-fA-F]+)/;

export const looksNumeric = (text: string): boolean => LOOKS.test(text);

export function textToNumber(text: string, dialect: AwkDialect): number {
  if (dialect === 'busybox') {
    const hex = HEX.exec(text);
    if (hex !== null) return (hex[1] === '-' ? -1 : 1) * Number(hex[2]);
  }
  const m = LEADING.exec(text);
  return m === null ? 0 : Number(m[1]);
}
export const toNumber = (v: Value, dialect: AwkDialect): number =>
  typeof v === 'number' ? v : v === null ? 0 : textToNumber(typeof v === 'string' ? v : v.input, dialect);

/** A number as text: whole ones exactly, others by CONVFMT or OFMT. */
export function numberToText(n: number, format: string, dialect: AwkDialect): string {
  if (Number.isNaN(n)) return dialect === 'mawk' ? '-nan' : '-nan';
  if (!Number.isFinite(n)) return n > 0 ? (dialect === 'mawk' ? '+inf' : 'inf') : '-inf';
  if (Number.isInteger(n) && Math.abs(n) < 18446744073709551616) return n === 0 ? '0' : BigInt(n).toString();
  return sprintf(format, [n], dialect);
}
export const toText = (v: Value, format: string, dialect: AwkDialect): string =>
  typeof v === 'string' ? v : typeof v === 'number' ? numberToText(v, format, dialect) : v === null ? '' : v.input;

export function truthy(v: Value, dialect: AwkDialect): boolean {
  if (typeof v === 'number') return v !== 0;
  if (typeof v === 'string') return v !== '';
  if (v === null) return false;
  return looksNumeric(v.input) ? textToNumber(v.input, dialect) !== 0 : v.input !== '';
}

const isNumeric = (v: Value): boolean => typeof v === 'number' || v === null || (typeof v === 'object' && looksNumeric(v.input));
export function compareValues(a: Value, b: Value, convfmt: string, dialect: AwkDialect): number {
  if (isNumeric(a) && isNumeric(b)) {
    const x = toNumber(a, dialect);
    const y = toNumber(b, dialect);
    return x < y ? -1 : x > y ? 1 : x === y ? 0 : NaN;
  }
  const x = toText(a, convfmt, dialect);
  const y = toText(b, convfmt, dialect);
  return x < y ? -1 : x > y ? 1 : 0;
}

const SPEC = /%([-+ #0]*)(\*|\d*)(?:\.(\*|\d*))?(?:hh|h|ll|l|L|j|z|t)?([a-zA-Z%])/g;
/** printf and sprintf. Throws AwkError as mawk does when arguments are missing. */
export function sprintf(format: string, args: readonly Value[], dialect: AwkDialect): string {
  let used = 0;
  const next = (): Value => {
    if (used >= args.length && dialect === 'mawk') throw new MissingArgument(format);
    return args[used++] ?? null;
  };
  let out = '';
  let at = 0;
  for (const m of format.matchAll(SPEC)) {
    const head = format.slice(at, m.index);
    at = m.index + m[0].length;
    out += head;
    if (m[4] === '%' && m[0] === '%%') {
      out += '%';
      continue;
    }
    if (dialect === 'busybox' && (m[2] === '*' || m[3] === '*')) throw new AwkError('cmd. line:1: %*x formats are not supported', 1);
    try {
      out += one(m, next, dialect);
    } catch (error) {
      if (error instanceof MissingArgument) error.written = out;
      throw error;
    }
  }
  return out + format.slice(at);
}
/** mawk stops in mid-output; what was converted so far has been written. */
export class MissingArgument extends Error {
  written = '';
  constructor(readonly format: string) {
    super('not enough arguments');
  }
}

function one(m: RegExpMatchArray, next: () => Value, dialect: AwkDialect): string {
  let flags = m[1]!;
  let width = m[2] === '*' ? Math.trunc(toNumber(next(), dialect)) : Number(m[2] || 0);
  if (width < 0) (flags += '-'), (width = -width);
  const precision = m[3] === undefined ? -1 : m[3] === '*' ? Math.trunc(toNumber(next(), dialect)) : Number(m[3] || 0);
  if (width > 1_000_000 || precision > 1_000_000) throw new AwkError('drydock: a width beyond 1000000 is not modelled');
  const spec: Spec = { flags, width, precision, conversion: m[4]! };
  switch (m[4]) {
    case 'd':
    case 'i':
    case 'o':
    case 'x':
    case 'X':
    case 'u': {
      const n = toNumber(next(), dialect);
      if (!Number.isFinite(n)) return formatString(numberToText(n, '%.6g', dialect), { ...spec, precision: -1 });
      const limit = Math.min(9223372036854775807, Math.max(-9223372036854775808, Math.trunc(n)));
      return formatInteger(limit >= 9223372036854775807 ? 9223372036854775807n : BigInt(limit), spec);
    }
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G':
    case 'a':
    case 'A':
      return formatFloat(toNumber(next(), dialect), spec);
    case 'c': {
      const v = next();
      const numeric = typeof v === 'number' || (typeof v === 'object' && v !== null && looksNumeric(v.input));
      const c = numeric ? String.fromCharCode(Math.trunc(toNumber(v, dialect)) & 255) : (toText(v, '%.6g', dialect)[0] ?? '\0');
      return formatString(c, { ...spec, precision: -1 });
    }
    case 's':
      return formatString(toText(next(), '%.6g', dialect), spec);
    default:
      if (dialect === 'mawk') next();
      return m[0];
  }
}
