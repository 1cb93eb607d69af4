/**
 * jq's functions of values: those that take values and give one value, whatever the paths.
 *
 * Each is called with its input first, then its arguments.
 * Source: jq 1.8's manual and builtin.c; messages recorded from jq 1.8.2.
 * Simplified: of libm the functions people use; times are UTC.
 * Past 400 lines because it is the one table of functions.
 */

import { decode, encode } from '../../../base/bytes';
import { calendar, DAYS, epoch, MONTHS, strftime } from '../../../base/posix/date';
import { JsonError, parseOne } from './parse-json';
import { deletePaths, get, getPath, indicesOf, keysOf, points, setPath } from './paths';
import { matches } from './regex';
import {
  compare,
  equal,
  fail,
  isLiteral,
  JqError,
  type Json,
  type JsonObject,
  kindOf,
  num,
  print,
  shown,
  sortedKeys,
  toText,
} from './value';

const isNumber = (v: Json): v is number => typeof v === 'number' || isLiteral(v);
const object = (entries: [string, Json][]): JsonObject => new Map(entries);

export function add(a: Json, b: Json): Json {
  if (a === null) return b;
  if (b === null) return a;
  if (isNumber(a) && isNumber(b)) return num(a) + num(b);
  if (typeof a === 'string' && typeof b === 'string') return a + b;
  if (Array.isArray(a) && Array.isArray(b)) return [...a, ...b];
  if (a instanceof Map && b instanceof Map) return new Map([...a, ...b]);
  return fail(`${shown(a)} and ${shown(b)} cannot be added`);
}
export function subtract(a: Json, b: Json): Json {
  if (isNumber(a) && isNumber(b)) return num(a) - num(b);
  if (Array.isArray(a) && Array.isArray(b)) return a.filter((item) => !b.some((other) => equal(item, other)));
  return fail(`${shown(a)} and ${shown(b)} cannot be subtracted`);
}
function merge(a: JsonObject, b: JsonObject): JsonObject {
  const result = new Map(a);
  for (const [key, value] of b) {
    const old = result.get(key);
    result.set(key, old instanceof Map && value instanceof Map ? merge(old, value) : value);
  }
  return result;
}
export function multiply(a: Json, b: Json): Json {
  if (isNumber(a) && isNumber(b)) return num(a) * num(b);
  if (isNumber(a) && typeof b === 'string') return multiply(b, a);
  if (typeof a === 'string' && isNumber(b)) {
    const n = num(b);
    if (Number.isNaN(n) || n < 0) return null;
    const count = Math.floor(n);
    if (a.length * count > 100_000_000) return fail('Repeat string result too long');
    return a.repeat(count);
  }
  if (a instanceof Map && b instanceof Map) return merge(a, b);
  return fail(`${shown(a)} and ${shown(b)} cannot be multiplied`);
}
export function divide(a: Json, b: Json): Json {
  if (isNumber(a) && isNumber(b))
    return num(b) === 0 ? fail(`${shown(a)} and ${shown(b)} cannot be divided because the divisor is zero`) : num(a) / num(b);
  if (typeof a === 'string' && typeof b === 'string') return a === '' ? [] : b === '' ? points(a) : a.split(b);
  return fail(`${shown(a)} and ${shown(b)} cannot be divided`);
}
export function modulo(a: Json, b: Json): Json {
  if (!isNumber(a) || !isNumber(b)) return fail(`${shown(a)} and ${shown(b)} cannot be divided`);
  const x = num(a);
  const y = num(b);
  if (Number.isNaN(x) || Number.isNaN(y)) return NaN;
  const whole = (n: number) => Math.trunc(Math.min(9223372036854775807, Math.max(-9223372036854775808, n)));
  const divisor = Math.abs(whole(y));
  if (divisor === 0) return fail(`${shown(a)} and ${shown(b)} cannot be divided (remainder) because the divisor is zero`);
  const result = whole(x) % divisor;
  return result === 0 ? 0 : result;
}

function contains(a: Json, b: Json): boolean {
  if (a instanceof Map && b instanceof Map) return [...b].every(([key, value]) => a.has(key) && contains(a.get(key)!, value));
  if (Array.isArray(a) && Array.isArray(b))
    return b.every((item) => a.some((other) => kindOf(other) === kindOf(item) && contains(other, item)));
  if (typeof a === 'string' && typeof b === 'string') return a.includes(b);
  if (kindOf(a) === kindOf(b)) return equal(a, b);
  return fail(`${shown(a)} and ${shown(b)} cannot have their containment checked`);
}

const list = (v: Json, what: string): Json[] => (Array.isArray(v) ? v : fail(`${shown(v)} cannot be ${what}, as it is not an array`));
const number = (v: Json): number => (isNumber(v) ? num(v) : fail(`${shown(v)} number required`));
const byKeys = (v: Json, keys: Json, what: string): { item: Json; key: Json }[] =>
  list(v, what)
    .map((item, i) => ({ item, key: (keys as Json[])[i]! }))
    .sort((a, b) => compare(a.key, b.key));
function groups(v: Json, keys: Json): { item: Json; key: Json }[][] {
  const result: { item: Json; key: Json }[][] = [];
  for (const pair of byKeys(v, keys, 'grouped')) {
    const last = result.at(-1);
    if (last !== undefined && equal(last[0]!.key, pair.key)) last.push(pair);
    else result.push([pair]);
  }
  return result;
}
function extreme(v: Json, keys: Json, wanted: -1 | 1): Json {
  if (!Array.isArray(v)) return fail(`${shown(v)} and ${shown(keys)} cannot be iterated over`);
  let best: number | null = null;
  v.forEach((_, i) => {
    const order = best === null ? 0 : compare((keys as Json[])[i]!, (keys as Json[])[best]!);
    if (best === null || (wanted > 0 ? order >= 0 : order < 0)) best = i;
  });
  return best === null ? null : v[best]!;
}
function flatten(v: Json, depth: number): Json[] {
  const items = v instanceof Map ? [...v.values()] : Array.isArray(v) ? v : fail(`Cannot iterate over ${shown(v)}`);
  return items.flatMap((item) => (Array.isArray(item) && depth > 0 ? flatten(item, depth - 1) : [item]));
}
function indices(v: Json, part: Json): Json {
  if (v === null) return null;
  if (typeof v === 'string' && typeof part === 'string') {
    const found: number[] = [];
    if (part === '') return null;
    for (let i = v.indexOf(part); i >= 0; i = v.indexOf(part, i + 1)) found.push(points(v.slice(0, i)).length);
    return found;
  }
  if (Array.isArray(v)) return indicesOf(v, Array.isArray(part) ? part : [part]);
  return get(v, part);
}

const asciiCase = (v: Json, up: boolean): Json =>
  typeof v !== 'string'
    ? fail('explode input must be a string')
    : up
      ? v.replace(/[a-z]/g, (c) => c.toUpperCase())
      : v.replace(/[A-Z]/g, (c) => c.toLowerCase());
function affix(v: Json, part: Json, name: 'startswith' | 'endswith'): boolean {
  if (typeof v !== 'string' || typeof part !== 'string') return fail(`${name}() requires string inputs`);
  return name === 'startswith' ? v.startsWith(part) : v.endsWith(part);
}
const trimmed = (v: Json, pattern: RegExp): Json => (typeof v === 'string' ? v.replace(pattern, '') : fail('trim input must be a string'));

function toNumber(v: Json): Json {
  if (isNumber(v)) return v;
  if (typeof v === 'string') {
    if (/^-?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(v)) return parseOne(v);
    if (/^-?nan$/i.test(v)) return NaN;
  }
  return fail(`${shown(v)} cannot be parsed as a number`);
}

function implode(v: Json): string {
  if (!Array.isArray(v)) return fail('implode input must be an array');
  return v
    .map((c) => {
      if (!isNumber(c)) return fail(`${shown(c)} can't be imploded, unicode codepoint needs to be numeric`);
      const code = num(c);
      return code > 0x10ffff || code < 0 || (code >= 0xd800 && code < 0xe000) ? '\ufffd' : String.fromCodePoint(code);
    })
    .join('');
}

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
function toBase64(bytes: string): string {
  let out = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const [a, b, c] = [bytes.charCodeAt(i), bytes.charCodeAt(i + 1), bytes.charCodeAt(i + 2)];
    out +=
      BASE64[a >> 2]! +
      BASE64[((a & 3) << 4) | (b >> 4)]! +
      (i + 1 < bytes.length ? BASE64[((b & 15) << 2) | (c >> 6)]! : '=') +
      (i + 2 < bytes.length ? BASE64[c & 63]! : '=');
  }
  return out;
}
function fromBase64(v: Json): string {
  const text = toText(v).replace(/=+$/, '');
  if (/[^A-Za-z0-9+/]/.test(text) || text.length % 4 === 1) return fail(`${shown(v)} is not valid base64 data`);
  let bits = 0;
  let held = 0;
  let bytes = '';
  for (const c of text) {
    bits = (bits << 6) | BASE64.indexOf(c);
    held += 6;
    if (held >= 8) {
      held -= 8;
      bytes += String.fromCharCode((bits >> held) & 255);
    }
  }
  return decode(bytes);
}
const HTML: Readonly<Record<string, string>> = { '<': '&lt;', '>': '&gt;', '&': '&amp;', "'": '&apos;', '"': '&quot;' };
const shellQuote = (v: Json): string =>
  typeof v === 'string'
    ? `'${v.replace(/'/g, "'\\''")}'`
    : Array.isArray(v) || v instanceof Map
      ? fail(`${shown(v)} can not be escaped for shell`)
      : print(v);
function row(v: Json, kind: 'csv' | 'tsv'): string {
  if (!Array.isArray(v)) return fail(`${shown(v)} cannot be ${kind}-formatted, only array`);
  const TSV: Readonly<Record<string, string>> = { '\t': '\\t', '\n': '\\n', '\r': '\\r', '\\': '\\\\' };
  return v
    .map((item) => {
      if (Array.isArray(item) || item instanceof Map) return fail(`${shown(item)} is not valid in a csv row`);
      if (item === null) return '';
      if (typeof item !== 'string') return print(item);
      return kind === 'csv' ? `"${item.replace(/"/g, '""')}"` : item.replace(/[\t\n\r\\]/g, (c) => TSV[c]!);
    })
    .join(kind === 'csv' ? ',' : '\t');
}

/** The formats of @name. */
export const FORMATS = {
  text: toText,
  json: (v: Json) => print(v),
  csv: (v: Json) => row(v, 'csv'),
  tsv: (v: Json) => row(v, 'tsv'),
  html: (v: Json) => toText(v).replace(/[<>&'"]/g, (c) => HTML[c]!),
  uri: (v: Json) =>
    encode(toText(v)).replace(/[^A-Za-z0-9\-_.~]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`),
  urid: (v: Json) => decode(encode(toText(v)).replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)))),
  sh: (v: Json) => (Array.isArray(v) ? v.map(shellQuote).join(' ') : shellQuote(v)),
  base64: (v: Json) => toBase64(encode(toText(v))),
  base64d: fromBase64,
} as const satisfies Record<string, (v: Json) => string>;
export function format(name: string, v: Json): string {
  if (!Object.hasOwn(FORMATS, name)) return fail(`${name} is not a valid format`);
  return FORMATS[name as keyof typeof FORMATS](v);
}

/** "broken down time": [year, month 0–11, day, hour, minute, second, weekday, yearday]. */
function brokenDown(v: Json, name: string): Json[] {
  if (isNumber(v)) {
    const seconds = num(v);
    const c = calendar(Math.floor(seconds));
    const fraction = seconds - Math.floor(seconds);
    return [c.year, c.month - 1, c.day, c.hour, c.minute, c.second + fraction, c.weekday, c.yearday];
  }
  if (!Array.isArray(v) || v.length < 6 || !v.every(isNumber)) return fail(`${name} requires parsed datetime inputs`);
  return v;
}
const timeOf = (parts: Json[]): number => {
  const [year, month, day, hour, minute, second] = parts.map((p) => Math.floor(num(p))) as [number, number, number, number, number, number];
  return epoch(year, month + 1, day, hour, minute, second);
};
function strftimeOf(v: Json, layout: Json, name: string): string {
  const parts = brokenDown(v, name);
  if (typeof layout !== 'string') return fail(`${name} requires a string format`);
  return decode(strftime(encode(layout), timeOf(parts)));
}
function strptime(v: Json, layout: Json): Json {
  if (typeof v !== 'string') return fail(`strptime/1 requires string inputs and arguments`);
  const mismatch = (): never => fail(`date "${v}" does not match format "${toText(layout)}"`);
  const t = { Y: 1900, m: 1, d: 0, H: 0, M: 0, S: 0, I: -1, p: '', s: null as number | null, offset: 0 };
  let at = 0;
  const take = (pattern: RegExp): string => {
    const m = pattern.exec(v.slice(at));
    if (m === null) return mismatch();
    at += m[0].length;
    return m[0];
  };
  const expand: Readonly<Record<string, string>> = { T: '%H:%M:%S', D: '%m/%d/%y', F: '%Y-%m-%d', R: '%H:%M', c: '%a %b %e %H:%M:%S %Y' };
  const layoutText = toText(layout).replace(/%([TDFRc])/g, (_, c: string) => expand[c]!);
  for (let i = 0; i < layoutText.length; i++) {
    const c = layoutText[i]!;
    if (/\s/.test(c)) {
      take(/^\s*/);
      continue;
    }
    if (c !== '%') {
      if (v[at] !== c) mismatch();
      at++;
      continue;
    }
    const field = layoutText[++i];
    switch (field) {
      case 'Y':
        t.Y = Number(take(/^-?\d{1,4}/));
        break;
      case 'y': {
        const yy = Number(take(/^\d{1,2}/));
        t.Y = yy < 69 ? 2000 + yy : 1900 + yy;
        break;
      }
      case 'm':
      case 'd':
      case 'H':
      case 'M':
      case 'S':
      case 'I':
        t[field] = Number(take(/^\s*\d{1,2}/));
        break;
      case 'e':
        t.d = Number(take(/^\s*\d{1,2}/));
        break;
      case 'j':
        t.m = 1;
        t.d = Number(take(/^\d{1,3}/));
        break;
      case 'b':
      case 'B':
      case 'h': {
        const word = take(/^[A-Za-z]+/).toLowerCase();
        t.m = MONTHS.findIndex((m) => m.toLowerCase().startsWith(word.slice(0, 3))) + 1;
        if (t.m === 0) mismatch();
        break;
      }
      case 'a':
      case 'A': {
        const word = take(/^[A-Za-z]+/).toLowerCase();
        if (!DAYS.some((d) => d.toLowerCase().startsWith(word.slice(0, 3)))) mismatch();
        break;
      }
      case 'p':
        t.p = take(/^[AaPp][Mm]/).toLowerCase();
        break;
      case 's':
        t.s = Number(take(/^-?\d+/));
        break;
      case 'Z':
        take(/^[A-Za-z]+/);
        break;
      case 'z':
        take(/^(?:Z|[+-]\d{2}:?\d{2})/);
        break;
      case '%':
        take(/^%/);
        break;
      default:
        mismatch();
    }
  }
  if (at < v.length) mismatch();
  if (t.s !== null) return brokenDown(t.s, 'strptime');
  if (t.I >= 0) t.H = (t.I % 12) + (t.p === 'pm' ? 12 : 0);
  const c = calendar(epoch(t.Y, t.m, t.d, t.H, t.M, t.S));
  return [t.Y, t.m - 1, t.d, t.H, t.M, t.S, c.weekday, c.yearday];
}

function has(v: Json, key: Json): boolean {
  if (v instanceof Map && typeof key === 'string') return v.has(key);
  if (Array.isArray(v) && isNumber(key)) return num(key) >= 0 && num(key) < v.length;
  return fail(`Cannot check whether ${kindOf(v)} has a ${kindOf(key)} key`);
}
function length(v: Json): Json {
  if (v === null) return 0;
  if (typeof v === 'boolean') return fail(`${shown(v)} has no length`);
  if (isNumber(v)) return Math.abs(num(v));
  return typeof v === 'string' ? points(v).length : v instanceof Map ? v.size : (v as Json[]).length;
}
function fromJson(v: Json): Json {
  if (typeof v !== 'string') return fail(`${shown(v)} only strings can be parsed`);
  try {
    return parseOne(v);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return fail(`${error.message} (while parsing '${v}')`);
  }
}
function toEntries(v: Json): Json {
  return keysOf(v, (o) => [...o.keys()]).map((key) =>
    object([
      ['key', key],
      ['value', get(v, key)],
    ]),
  );
}
function bsearch(v: Json, wanted: Json): Json {
  if (!Array.isArray(v)) return fail(`${shown(v)} cannot be searched from`);
  let low = 0;
  let high = v.length - 1;
  while (low <= high) {
    const mid = (low + high) >> 1;
    const order = compare(v[mid]!, wanted);
    if (order === 0) return mid;
    if (order < 0) low = mid + 1;
    else high = mid - 1;
  }
  return -1 - low;
}
function transpose(v: Json): Json {
  const rows = (v as Json[]).map((item) => item as Json[]);
  const width = Math.max(0, ...rows.map((item) => item.length));
  return Array.from({ length: width }, (_, i) => rows.map((item) => item[i] ?? null));
}
function tostream(v: Json, path: Json[] = []): Json[] {
  const keys = v instanceof Map ? [...v.keys()] : Array.isArray(v) ? v.map((_, i) => i) : [];
  if (keys.length === 0) return [[path, v]];
  const events = keys.flatMap((key) => tostream(get(v, key), [...path, key]));
  return [...events, [[...path, keys.at(-1)!]]];
}

type Function = (input: Json, ...args: Json[]) => Json;
const math =
  (f: (x: number) => number): Function =>
  (v) =>
    f(number(v));

/** name/arity → function. */
export const FUNCTIONS: Readonly<Record<string, Function>> = {
  'length/0': length,
  'utf8bytelength/0': (v) => (typeof v === 'string' ? encode(v).length : fail(`${shown(v)} only strings have UTF-8 byte length`)),
  'not/0': (v) => v === null || v === false,
  'keys/0': (v) => keysOf(v, sortedKeys),
  'keys_unsorted/0': (v) => keysOf(v, (o) => [...o.keys()]),
  'has/1': has,
  'contains/1': contains,
  'inside/1': (v, whole) => contains(whole!, v),
  'to_entries/0': toEntries,
  'type/0': kindOf,
  'tostring/0': toText,
  'tojson/0': (v) => print(v),
  'fromjson/0': fromJson,
  'tonumber/0': toNumber,
  'abs/0': (v) => (isNumber(v) && num(v) < 0 ? -num(v) : v),
  'error/0': (v) => {
    throw new JqError(v);
  },
  'error/1': (_v, what) => {
    throw new JqError(what!);
  },
  'explode/0': (v) => (typeof v === 'string' ? points(v).map((c) => c.codePointAt(0)!) : fail('explode input must be a string')),
  'implode/0': implode,
  'ascii_downcase/0': (v) => asciiCase(v, false),
  'ascii_upcase/0': (v) => asciiCase(v, true),
  'startswith/1': (v, part) => affix(v, part!, 'startswith'),
  'endswith/1': (v, part) => affix(v, part!, 'endswith'),
  'ltrimstr/1': (v, part) => (affix(v, part!, 'startswith') ? (v as string).slice((part as string).length) : v),
  'rtrimstr/1': (v, part) => (affix(v, part!, 'endswith') && part !== '' ? (v as string).slice(0, -(part as string).length) : v),
  'trimstr/1': (v, part) => FUNCTIONS['rtrimstr/1']!(FUNCTIONS['ltrimstr/1']!(v, part!), part!),
  'trim/0': (v) => trimmed(v, /^\s+|\s+$/g),
  'ltrim/0': (v) => trimmed(v, /^\s+/),
  'rtrim/0': (v) => trimmed(v, /\s+$/),
  'split/1': (v, by) =>
    typeof v === 'string' && typeof by === 'string' ? divide(v, by) : fail('split input and separator must be strings'),
  'join/1': (v, by) => {
    const items = v instanceof Map ? [...v.values()] : Array.isArray(v) ? v : fail(`Cannot iterate over ${shown(v)}`);
    if (items.length === 0) return '';
    return items.reduce<Json>(
      (text, item, i) =>
        add(i === 0 ? text : add(text, by!), item === null ? '' : isNumber(item) || typeof item === 'boolean' ? toText(item) : item),
      '',
    );
  },
  'sort/0': (v) => [...list(v, 'sorted')].sort(compare),
  '_sort_by/1': (v, keys) => byKeys(v, keys!, 'sorted').map((p) => p.item),
  '_group_by/1': (v, keys) => groups(v, keys!).map((g) => g.map((p) => p.item)),
  '_unique_by/1': (v, keys) => groups(v, keys!).map((g) => g[0]!.item),
  'unique/0': (v) => groups(list(v, 'sorted'), v).map((g) => g[0]!.item),
  'min/0': (v) => extreme(v, v, -1),
  'max/0': (v) => extreme(v, v, 1),
  '_min_by/1': (v, keys) => extreme(v, keys!, -1),
  '_max_by/1': (v, keys) => extreme(v, keys!, 1),
  'add/0': (v) => {
    const items = v instanceof Map ? [...v.values()] : Array.isArray(v) ? v : fail(`Cannot iterate over ${shown(v)}`);
    if (items.length > 64 && items.every((item) => typeof item === 'string')) return items.join('');
    return items.reduce<Json>(add, null);
  },
  'flatten/0': (v) => flatten(v, 1e9),
  'flatten/1': (v, depth) => (number(depth!) < 0 ? fail('flatten depth must not be negative') : flatten(v, number(depth!))),
  'reverse/0': (v) => {
    if (v === null) return [];
    if (Array.isArray(v)) return [...v].reverse();
    const size = number(length(v));
    return size === 0 ? [] : fail(`Cannot index ${kindOf(v)} with number (${size - 1})`);
  },
  'transpose/0': (v) => {
    if (!Array.isArray(v)) return fail(`Cannot index ${kindOf(v instanceof Map ? ([...v.values()][0] ?? null) : v)} with number (0)`);
    return transpose(v);
  },
  'indices/1': (v, part) => indices(v, part!),
  '_indices/1': (v, part) => indices(v, part!),
  'index/1': (v, part) => ((indices(v, part!) as Json[] | null) ?? [])[0] ?? null,
  'rindex/1': (v, part) => ((indices(v, part!) as Json[] | null) ?? []).at(-1) ?? null,
  'bsearch/1': (v, wanted) => bsearch(v, wanted!),
  'setpath/2': (v, path, item) => (Array.isArray(path) ? setPath(v, path, item!) : fail('Path must be specified as an array')),
  'delpaths/1': (v, paths) => (Array.isArray(paths) ? deletePaths(v, paths) : fail('Paths must be specified as an array')),
  '_getpath/1': (v, path) => getPath(v, path as Json[]),
  'tostream_/0': (v) => tostream(v),
  '_match/3': (v, re, flags, testing) => matches(v, re!, flags!, testing === true),
  'infinite/0': () => Infinity,
  'nan/0': () => NaN,
  'isnan/0': (v) => Number.isNaN(number(v)),
  'isinfinite/0': (v) => Math.abs(number(v)) === Infinity,
  'isnormal/0': (v) => Number.isFinite(number(v)) && Math.abs(number(v)) >= 2.2250738585072014e-308,
  'floor/0': math(Math.floor),
  'ceil/0': math(Math.ceil),
  'round/0': math((x) => (x < 0 ? -Math.round(-x) : Math.round(x))),
  'trunc/0': math(Math.trunc),
  'fabs/0': math(Math.abs),
  'sqrt/0': math(Math.sqrt),
  'cbrt/0': math(Math.cbrt),
  'exp/0': math(Math.exp),
  'exp2/0': math((x) => 2 ** x),
  'exp10/0': math((x) => 10 ** x),
  'log/0': math(Math.log),
  'log2/0': math(Math.log2),
  'log10/0': math(Math.log10),
  'sin/0': math(Math.sin),
  'cos/0': math(Math.cos),
  'tan/0': math(Math.tan),
  'asin/0': math(Math.asin),
  'acos/0': math(Math.acos),
  'atan/0': math(Math.atan),
  'significand/0': math((x) => (x === 0 ? 0 : x / 2 ** Math.floor(Math.log2(Math.abs(x))))),
  'logb/0': math((x) => Math.floor(Math.log2(Math.abs(x)))),
  'pow/2': (_v, a, b) => number(a!) ** number(b!),
  'atan2/2': (_v, a, b) => Math.atan2(number(a!), number(b!)),
  'fmin/2': (_v, a, b) => Math.min(number(a!), number(b!)),
  'fmax/2': (_v, a, b) => Math.max(number(a!), number(b!)),
  'fmod/2': (_v, a, b) => number(a!) % number(b!),
  'gmtime/0': (v) => (isNumber(v) ? brokenDown(v, 'gmtime') : fail('gmtime() requires a number')),
  'localtime/0': (v) => (isNumber(v) ? brokenDown(v, 'localtime') : fail('localtime() requires a number')),
  'mktime/0': (v) => (Array.isArray(v) ? timeOf(brokenDown(v, 'mktime')) : fail('mktime requires array of 6 numbers')),
  'strftime/1': (v, layout) => strftimeOf(v, layout!, 'strftime/1'),
  'strflocaltime/1': (v, layout) => strftimeOf(v, layout!, 'strflocaltime/1'),
  'strptime/1': (v, layout) => strptime(v, layout!),
  'have_literal_numbers/0': () => true,
  'have_decnum/0': () => true,
  'get_search_list/0': () => ['~/.jq', '$ORIGIN/../lib/jq', '$ORIGIN/../lib'],
  '_format/1': (v, name) => format(name as string, v),
};
