/**
 * Functions that bake's files may call: docker/buildx, bake/hclparser/stdlib.go; most are go-cty's, function/stdlib.
 *
 * Simplified: without formatdate, timeadd, uuidv4, uuidv5, rsadecrypt, bcrypt, csvdecode, semvercmp and homedir; regular
 * expressions are JavaScript's.
 */

import { byKey, decode, decode64, digest, encode, encode64, strconv } from '../../base';
import type { Value } from './ast';

/** `argument`: the one that is wrong. */
export class FunctionError extends Error {
  readonly argument: number | null;
  constructor(message: string, argument: number | null = null) {
    super(message);
    this.argument = argument;
  }
}

export interface Fn {
  params: readonly string[];
  min: number;
  /** Null: any number. */
  max: number | null;
  call(args: readonly Value[]): Value;
}

// ——— arguments

const numberText = (n: number): string =>
  /e/.test(`${n}`) ? n.toLocaleString('en-US', { useGrouping: false, maximumFractionDigits: 20 }) : `${n}`;

const text = (v: Value | undefined, i: number): string => {
  if (typeof v === 'string') return v;
  if (typeof v === 'number') return numberText(v);
  if (typeof v === 'boolean') return String(v);
  throw new FunctionError(v === null ? 'argument must not be null' : 'string required', i);
};
const number = (v: Value | undefined, i: number): number => {
  if (typeof v === 'number') return v;
  if (typeof v === 'string' && /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(v)) return Number(v);
  throw new FunctionError('a number is required', i);
};
const bool = (v: Value | undefined, i: number): boolean => {
  if (typeof v === 'boolean') return v;
  if (v === 'true' || v === 'false') return v === 'true';
  throw new FunctionError('a bool is required', i);
};
const list = (v: Value | undefined, i: number): Value[] => {
  if (Array.isArray(v)) return v;
  throw new FunctionError('list of any single type required', i);
};
const map = (v: Value | undefined, i: number): Record<string, Value> => {
  if (v !== null && typeof v === 'object' && !Array.isArray(v)) return v as Record<string, Value>;
  throw new FunctionError('map of any single type required', i);
};

type Readers = { text: string; number: number; bool: boolean; list: Value[]; map: Record<string, Value>; any: Value };
const READ: { [K in keyof Readers]: (v: Value | undefined, i: number) => Readers[K] } = {
  text,
  number,
  bool,
  list,
  map,
  any: (v) => v as Value,
};

/** A function of arguments of these kinds: "str text, n number". A last one with … takes all that are left, as a list. */
function fn(spec: string, body: (...args: never[]) => Value): Fn {
  const params = spec === '' ? [] : spec.split(', ').map((p) => p.split(' ') as [string, keyof Readers | `…${keyof Readers}`]);
  const rest = params.at(-1)?.[1].startsWith('…') ? (params.at(-1)?.[1].slice(1) as keyof Readers) : null;
  const fixed = rest ? params.slice(0, -1) : params;
  return {
    params: params.map(([name]) => name),
    min: fixed.length,
    max: rest ? null : fixed.length,
    call(args) {
      const read = fixed.map(([, kind], i) => READ[kind as keyof Readers](args[i], i));
      const more = rest ? [args.slice(fixed.length).map((v, i) => READ[rest](v, fixed.length + i))] : [];
      return body(...([...read, ...more] as never[]));
    },
  };
}
const optional = (f: Fn, min: number): Fn => ({ ...f, min });

const key = (v: Value): string => JSON.stringify(v);
const unique = (xs: readonly Value[]): Value[] => [...new Map(xs.map((x) => [key(x), x])).values()];
const sortedKeys = (m: Record<string, Value>): string[] => Object.keys(m).sort();
const same = (a: Value, b: Value): boolean => key(sorted(a)) === key(sorted(b));
const sorted = (v: Value): Value =>
  Array.isArray(v)
    ? v.map(sorted)
    : v !== null && typeof v === 'object'
      ? byKey(Object.fromEntries(Object.entries(v).map(([k, x]) => [k, sorted(x)])))
      : v;

const jsonText = (v: Value): string => JSON.stringify(sorted(v)).replace(/[&<>]/g, (c) => `\\u00${c.charCodeAt(0).toString(16)}`);

const goRegex = (pattern: string, flags = ''): RegExp => {
  try {
    const inline = /^\(\?([ims]+)\)/.exec(pattern);
    return new RegExp(inline ? pattern.slice(inline[0].length) : pattern.replaceAll('(?P<', '(?<'), `${flags}${inline?.[1] ?? ''}u`);
  } catch {
    throw new FunctionError(`error parsing regexp: ${pattern}`, 0);
  }
};
/** What a match gives: itself, its groups, or its groups by name. */
const matched = (m: RegExpMatchArray): Value =>
  m.groups ? (byKey({ ...m.groups }) as Record<string, string>) : m.length > 1 ? m.slice(1).map((x) => x ?? null) : m[0];

const trimSet = (s: string, cut: string, left: boolean, right: boolean): string => {
  let [from, to] = [0, s.length];
  while (left && from < to && cut.includes(s[from] as string)) from++;
  while (right && to > from && cut.includes(s[to - 1] as string)) to--;
  return s.slice(from, to);
};

const substr = (s: string, offset: number, length: number): string => {
  const all = [...s];
  const from = offset < 0 ? Math.max(all.length + offset, 0) : offset;
  return all.slice(from, length < 0 ? undefined : from + length).join('');
};

/** Go's verbs for values of HCL: a number stands for whichever kind the verb wants. */
const format = (pattern: string, args: readonly Value[]): string => {
  let i = 0;
  const out = pattern.replace(
    /%(?:\[(\d+)\])?([-+# 0]*)(\d*)(?:\.(\d+))?([a-zA-Z%])/g,
    (_, at, flags: string, width: string, precision, verb: string) => {
      if (verb === '%') return '%';
      const v = args[at === undefined ? i++ : Number(at) - 1];
      if (v === undefined)
        throw new FunctionError(`not enough arguments for "%${flags}${width}${verb}" at 0: need index ${i} but have ${args.length} total`);
      const plain = (): string => {
        if (verb === 'v') return typeof v === 'object' ? jsonText(v) : String(v);
        if (verb === 's') return text(v, i);
        if (verb === 'q') return JSON.stringify(text(v, i));
        if (verb === 't') return String(bool(v, i));
        const n = number(v, i);
        if (verb === 'd') return `${Math.trunc(n)}`;
        if (verb === 'f') return strconv.formatFloat(n, 'f', Number(precision ?? 6));
        const radix = { b: 2, o: 8, x: 16, X: 16 }[verb];
        if (radix === undefined) throw new FunctionError(`unsupported format verb "${verb}" in "%${verb}"`);
        return verb === 'X' ? Math.trunc(n).toString(radix).toUpperCase() : Math.trunc(n).toString(radix);
      };
      let s = plain();
      if (flags.includes('+') && /[df]/.test(verb) && !s.startsWith('-')) s = `+${s}`;
      if (flags.includes('-')) return s.padEnd(Number(width));
      if (flags.includes('0') && /[dfxXob]/.test(verb)) {
        const sign = /^[-+]/.exec(s)?.[0] ?? '';
        return sign + s.slice(sign.length).padStart(Number(width) - sign.length, '0');
      }
      return s.padStart(Number(width));
    },
  );
  return out;
};

const queryEscape = (s: string): string =>
  encode(s).replace(/[^A-Za-z0-9\-._~]/g, (c) => (c === ' ' ? '+' : `%${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`));

const sanitize = (s: string): string => [...s].map((c) => (/[a-zA-Z0-9_-]/.test(c) ? c : '_')).join('');

const flat = (l: readonly Value[]): Value[] => l.flatMap((x) => (Array.isArray(x) ? flat(x) : [x]));

const wrap = (n: number, length: number): number => ((n % length) + length) % length;

const hash = (algorithm: 'md5' | 'sha1' | 'sha256' | 'sha512'): Fn => fn('str text', (s: string) => digest(algorithm, encode(s)));

const compare = (of: (a: number, b: number) => boolean): Fn => fn('a number, b number', (a: number, b: number) => of(a, b));
const arithmetic = (of: (a: number, b: number) => number): Fn => fn('a number, b number', (a: number, b: number) => of(a, b));
const rounded = (of: (n: number) => number): Fn => fn('num number', (n: number) => of(n));

const product = (lists: readonly Value[][]): Value[][] =>
  lists.reduce<Value[][]>((out, l) => out.flatMap((row) => l.map((x) => [...row, x])), [[]]);

export const FUNCTIONS: Readonly<Record<string, Fn>> = {
  // ——— numbers
  absolute: rounded(Math.abs),
  add: arithmetic((a, b) => a + b),
  ceil: rounded(Math.ceil),
  divide: arithmetic((a, b) => a / b),
  floor: rounded(Math.floor),
  int: rounded(Math.trunc),
  log: arithmetic((n, base) => Math.log(n) / Math.log(base)),
  max: fn('numbers …number', (ns: number[]) => Math.max(...ns)),
  min: fn('numbers …number', (ns: number[]) => Math.min(...ns)),
  modulo: arithmetic((a, b) => a % b),
  multiply: arithmetic((a, b) => a * b),
  negate: rounded((n) => -n),
  parseint: fn('number text, base number', (s: string, base: number) => {
    const n = Number.parseInt(s, base);
    if (Number.isNaN(n)) throw new FunctionError(`cannot parse ${JSON.stringify(s)} as a base ${base} integer`, 0);
    return n;
  }),
  pow: arithmetic((a, b) => a ** b),
  range: fn('params …number', (ns: number[]) => {
    const [from, to] = ns.length > 1 ? [ns[0] as number, ns[1] as number] : [0, ns[0] ?? 0];
    const step = ns[2] ?? (to < from ? -1 : 1);
    const out: Value[] = [];
    for (let n = from; step > 0 ? n < to : n > to; n += step) out.push(n);
    return out;
  }),
  signum: rounded(Math.sign),
  subtract: arithmetic((a, b) => a - b),
  greaterthan: compare((a, b) => a > b),
  greaterthanorequalto: compare((a, b) => a >= b),
  lessthan: compare((a, b) => a < b),
  lessthanorequalto: compare((a, b) => a <= b),

  // ——— truth
  and: fn('a bool, b bool', (a: boolean, b: boolean) => a && b),
  equal: fn('a any, b any', (a: Value, b: Value) => same(a, b)),
  not: fn('val bool', (a: boolean) => !a),
  notequal: fn('a any, b any', (a: Value, b: Value) => !same(a, b)),
  or: fn('a bool, b bool', (a: boolean, b: boolean) => a || b),
  coalesce: fn('vals …any', (vs: Value[]) => {
    const found = vs.find((v) => v !== null);
    if (found === undefined) throw new FunctionError('no non-null arguments');
    return found;
  }),

  // ——— text
  base64decode: fn('str text', (s: string) => {
    const { out, whole } = decode64(s, false);
    if (!whole) throw new FunctionError(`failed to decode base64 data`, 0);
    return decode(out);
  }),
  base64encode: fn('str text', (s: string) => encode64(encode(s))),
  basename: fn('path text', (s: string) => s.replace(/\/+$/, '').split('/').pop() || (s === '' ? '.' : '/')),
  dirname: fn('path text', (s: string) => (s.includes('/') ? s.slice(0, s.lastIndexOf('/')) || '/' : '.')),
  chomp: fn('str text', (s: string) => s.replace(/(\r?\n)+$/, '')),
  format: fn('format text, args …any', (pattern: string, args: Value[]) => format(pattern, args)),
  formatlist: fn('format text, args …any', (pattern: string, args: Value[]) => {
    const n = Math.max(1, ...args.filter(Array.isArray).map((a) => a.length));
    return Array.from({ length: n }, (_, i) =>
      format(
        pattern,
        args.map((a) => (Array.isArray(a) ? (a[i] as Value) : a)),
      ),
    );
  }),
  indent: fn('spaces number, str text', (n: number, s: string) => s.replaceAll('\n', `\n${' '.repeat(n)}`)),
  join: fn('separator text, lists …list', (sep: string, lists: Value[][]) =>
    lists
      .flat()
      .map((x, i) => text(x, i + 1))
      .join(sep),
  ),
  lower: fn('str text', (s: string) => s.toLowerCase()),
  regex: fn('pattern text, string text', (pattern: string, s: string) => {
    const m = s.match(goRegex(pattern));
    if (!m) throw new FunctionError('pattern did not match any part of the given string');
    return matched(m);
  }),
  regexall: fn('pattern text, string text', (pattern: string, s: string) => [...s.matchAll(goRegex(pattern, 'g'))].map(matched)),
  regex_replace: fn('str text, pattern text, replace text', (s: string, pattern: string, by: string) =>
    s.replace(
      goRegex(pattern, 'g'),
      by.replace(/\$\{(\w+)\}/g, (_, n: string) => (/^\d+$/.test(n) ? `$${n}` : `$<${n}>`)),
    ),
  ),
  replace: fn('str text, substr text, replace text', (s: string, what: string, by: string) => s.replaceAll(what, () => by)),
  reverse: fn('str text', (s: string) => [...s].reverse().join('')),
  sanitize: fn('name text', sanitize),
  split: fn('separator text, str text', (sep: string, s: string) => s.split(sep)),
  strlen: fn('str text', (s: string) => [...s].length),
  substr: fn('str text, offset number, length number', substr),
  title: fn('str text', (s: string) =>
    s.replace(/(^|[^\p{L}\p{N}_'])(\p{L})/gu, (_, before: string, c: string) => before + c.toUpperCase()),
  ),
  trim: fn('str text, cutset text', (s: string, cut: string) => trimSet(s, cut, true, true)),
  trimprefix: fn('str text, prefix text', (s: string, p: string) => (s.startsWith(p) ? s.slice(p.length) : s)),
  trimspace: fn('str text', (s: string) => s.trim()),
  trimsuffix: fn('str text, suffix text', (s: string, p: string) => (p !== '' && s.endsWith(p) ? s.slice(0, -p.length) : s)),
  upper: fn('str text', (s: string) => s.toUpperCase()),
  urlencode: fn('str text', queryEscape),
  md5: hash('md5'),
  sha1: hash('sha1'),
  sha256: hash('sha256'),
  sha512: hash('sha512'),
  jsondecode: fn('str text', (s: string) => {
    try {
      return JSON.parse(s) as Value;
    } catch {
      throw new FunctionError('a valid JSON document is required', 0);
    }
  }),
  jsonencode: fn('val any', jsonText),

  // ——— lists, sets and maps
  chunklist: fn('list list, size number', (l: Value[], size: number) =>
    Array.from({ length: Math.ceil(l.length / (size || l.length || 1)) }, (_, i) =>
      l.slice(i * (size || l.length), (i + 1) * (size || l.length)),
    ),
  ),
  coalescelist: fn('vals …list', (ls: Value[][]) => ls.find((l) => l.length > 0) ?? []),
  compact: fn('list list', (l: Value[]) => l.filter((x) => x !== '' && x !== null)),
  concat: fn('seqs …list', (ls: Value[][]) => ls.flat()),
  contains: fn('list list, value any', (l: Value[], v: Value) => l.some((x) => same(x, v))),
  distinct: fn('list list', unique),
  element: fn('list list, index number', (l: Value[], n: number) => {
    if (l.length === 0) throw new FunctionError('cannot use element function with an empty list', 0);
    return l[wrap(n, l.length)] as Value;
  }),
  flatten: fn('list list', flat),
  hasindex: fn('collection any, key any', (c: Value, k: Value) =>
    Array.isArray(c) ? Number.isInteger(k) && (k as number) < c.length : Object.hasOwn((c ?? {}) as object, String(k)),
  ),
  index: fn('collection any, key any', (c: Value, k: Value) => {
    const found = Array.isArray(c) ? c[Number(k)] : ((c ?? {}) as Record<string, Value>)[String(k)];
    if (found === undefined) throw new FunctionError('the given index is out of range', 1);
    return found;
  }),
  indexof: fn('list list, value any', (l: Value[], v: Value) => {
    const n = l.findIndex((x) => same(x, v));
    if (n < 0) throw new FunctionError('item not found');
    return n;
  }),
  keys: fn('inputMap map', sortedKeys),
  length: fn('collection any', (c: Value) => {
    if (c === null || typeof c !== 'object') throw new FunctionError('collection must be a list, a map or a tuple', 0);
    return Array.isArray(c) ? c.length : Object.keys(c).length;
  }),
  lookup: optional(
    fn('inputMap map, key text, default …any', (m: Record<string, Value>, k: string, otherwise: Value[]) => {
      const found = Object.hasOwn(m, k) ? m[k] : otherwise[0];
      if (found === undefined) throw new FunctionError(`lookup failed to find key ${JSON.stringify(k)}`);
      return found;
    }),
    2,
  ),
  merge: fn('maps …map', (ms: Record<string, Value>[]) => Object.assign({}, ...ms)),
  reverselist: fn('list list', (l: Value[]) => [...l].reverse()),
  sethaselement: fn('set list, elem any', (l: Value[], v: Value) => l.some((x) => same(x, v))),
  setintersection: fn('sets …list', (ls: Value[][]) => unique(ls[0] ?? []).filter((x) => ls.every((l) => l.some((y) => same(x, y))))),
  setproduct: fn('sets …list', (ls: Value[][]) => product(ls)),
  setsubtract: fn('a list, b list', (a: Value[], b: Value[]) => unique(a).filter((x) => !b.some((y) => same(x, y)))),
  setsymmetricdifference: fn('a list, b list', (a: Value[], b: Value[]) =>
    unique([...a.filter((x) => !b.some((y) => same(x, y))), ...b.filter((x) => !a.some((y) => same(x, y)))]),
  ),
  setunion: fn('sets …list', (ls: Value[][]) => unique(ls.flat()).sort((a, b) => (key(a) < key(b) ? -1 : 1))),
  slice: fn('list list, start_index number, end_index number', (l: Value[], from: number, to: number) => l.slice(from, to)),
  sort: fn('list list', (l: Value[]) => l.map((x) => text(x, 0)).sort()),
  values: fn('mapping map', (m: Record<string, Value>) => sortedKeys(m).map((k) => m[k] as Value)),
  zipmap: fn('keys list, values list', (ks: Value[], vs: Value[]) => Object.fromEntries(ks.map((k, i) => [text(k, 0), vs[i] as Value]))),
};
