/**
 * The functions a template may call: those of text/template, and those docker/cli adds (templates/templates.go).
 */
import { decode, encode } from '../../base';
import { formatValue, sprint, sprintf, sprintln } from './format';
import { toJson } from './json';
import {
  concrete,
  entryOf,
  type Func,
  indirect,
  int,
  isNull,
  isTrue,
  ofBool,
  ofInt,
  ofString,
  string,
  strings,
  typed,
  typeName,
  type Value,
  zero,
} from './value';

export type Functions = ReadonlyMap<string, Func>;

type Maybe = Value | undefined;
const text = (value: Maybe) => String(value?.data ?? '');
const number = (value: Maybe) => Number(value?.data ?? 0);

/** A place in a slice or string. */
function indexArgument(value: Maybe, limit: number): number {
  if (!value) throw new Error('cannot index slice/array with nil');
  if (value.type.kind !== 'int' && value.type.kind !== 'uint')
    throw new Error(`cannot index slice/array with type ${typeName(value.type)}`);
  const at = number(value);
  if (at < 0 || at > limit) throw new Error(`index out of range: ${at}`);
  return at;
}

/** {{index x 1 "k"}}: x[1]["k"]. */
function index(first: Maybe, ...keys: Maybe[]): Maybe {
  let item = concrete(first);
  if (!item) throw new Error('index of untyped nil');
  for (const each of keys) {
    const key = concrete(each);
    const { value, nil } = indirect(item);
    if (nil || !value) throw new Error('index of nil pointer');
    const { type, data } = value;
    if (type.kind === 'slice' || type.kind === 'string') {
      const list: readonly unknown[] = type.kind === 'string' ? [...encode(text(value))] : ((data ?? []) as unknown[]);
      const at = indexArgument(key, list.length);
      if (at === list.length) throw new Error(`reflect: ${type.kind} index out of range`);
      item =
        type.kind === 'slice'
          ? typed(type.elem, list[at])
          : { type: { kind: 'uint', name: 'uint8' }, data: String(list[at]).charCodeAt(0) };
    } else if (type.kind === 'map') {
      if (!key) throw new Error(`value is nil; should be of type ${typeName(type.key)}`);
      if (key.type.kind !== type.key.kind) throw new Error(`value has type ${typeName(key.type)}; should be ${typeName(type.key)}`);
      item = entryOf(type, data, text(key)) ?? zero(type.elem);
    } else throw new Error(`can't index item of type ${typeName(type)}`);
  }
  return item;
}

/** {{slice x 1 2}}: x[1:2]. */
function slice(first: Maybe, ...bounds: Maybe[]): Maybe {
  const item = concrete(first);
  if (!item) throw new Error('slice of untyped nil');
  if (bounds.length > 3) throw new Error(`too many slice indexes: ${bounds.length}`);
  const { type, data } = item;
  if (type.kind !== 'string' && type.kind !== 'slice') throw new Error(`can't slice item of type ${typeName(type)}`);
  if (type.kind === 'string' && bounds.length === 3) throw new Error('cannot 3-index slice a string');
  const length = type.kind === 'string' ? encode(text(item)).length : ((data ?? []) as unknown[]).length;
  const [from = 0, to = length, capacity = length] = bounds.map((bound) => indexArgument(concrete(bound), length));
  if (from > to) throw new Error(`invalid slice index: ${from} > ${to}`);
  if (to > capacity) throw new Error(`invalid slice index: ${to} > ${capacity}`);
  if (type.kind === 'string') return { type, data: decode(encode(text(item)).slice(from, to)) };
  return { type, data: ((data ?? []) as unknown[]).slice(from, to) };
}

function length(first: Maybe): Maybe {
  const { value, nil } = indirect(first);
  if (nil) throw new Error('len of nil pointer');
  if (!value) throw new Error('reflect: call of reflect.Value.Type on zero Value');
  const { type, data } = value;
  if (type.kind === 'string') return ofInt(encode(text(value)).length);
  if (type.kind === 'slice') return ofInt(isNull(data) ? 0 : (data as unknown[]).length);
  if (type.kind === 'map') return ofInt(isNull(data) ? 0 : Object.keys(data as object).length);
  throw new Error(`len of type ${typeName(type)}`);
}

const basicKinds = ['bool', 'string', 'int', 'uint', 'float'];
const isBasic = (value: Maybe) => value !== undefined && basicKinds.includes(value.type.kind);
const isInteger = (value: Maybe) => value?.type.kind === 'int' || value?.type.kind === 'uint';
const isNil = (value: Maybe) => !value || (['slice', 'map', 'pointer', 'interface'].includes(value.type.kind) && isNull(value.data));

function equal(first: Maybe, other: Maybe): boolean {
  const a = concrete(first);
  const b = concrete(other);
  const kindOf = (value: Maybe) => (isBasic(value) ? value?.type.kind : 'other');
  if (isInteger(a) && isInteger(b)) return number(a) === number(b);
  if (kindOf(a) !== kindOf(b)) {
    if (a && b) throw new Error('incompatible types for comparison');
    return false;
  }
  if (isBasic(a)) return a?.data === b?.data;
  if (a && b && a.type.kind !== b.type.kind)
    throw new Error(`non-comparable types ${formatValue(a)}: ${typeName(a.type)}, ${typeName(b.type)}: ${formatValue(b)}`);
  if (isNil(a) || isNil(b)) return isNil(a) === isNil(b);
  if (b && (b.type.kind === 'slice' || b.type.kind === 'map'))
    throw new Error(`non-comparable type ${formatValue(b)}: ${typeName(b.type)}`);
  return JSON.stringify(a?.data) === JSON.stringify(b?.data);
}

function less(first: Maybe, second: Maybe): boolean {
  const a = concrete(first);
  const b = concrete(second);
  if (!isBasic(a) || !isBasic(b)) throw new Error('invalid type for comparison');
  const [x, y] = [a as Value, b as Value];
  if (x.type.kind !== y.type.kind && !(isInteger(x) && isInteger(y))) throw new Error('incompatible types for comparison');
  if (x.type.kind === 'bool') throw new Error('invalid type for comparison');
  if (x.type.kind === 'string') return encode(text(x)) < encode(text(y));
  return number(x) < number(y);
}

const comparison = (call: (a: Maybe, b: Maybe) => boolean): Func => ({ params: ['value', 'value'], call: (a, b) => ofBool(call(a, b)) });
const lessOrEqual = (a: Maybe, b: Maybe) => less(a, b) || equal(a, b);

const htmlEscapes: Record<string, string> = { '\0': '\ufffd', '"': '&#34;', "'": '&#39;', '&': '&amp;', '<': '&lt;', '>': '&gt;' };
const jsEscapes: Record<string, string> = {
  '\\': '\\\\',
  "'": "\\'",
  '"': '\\"',
  '<': '\\u003C',
  '>': '\\u003E',
  '&': '\\u0026',
  '=': '\\u003D',
};

const escapeJs = (raw: string) =>
  [...raw]
    .map((char) => {
      const code = char.codePointAt(0) ?? 0;
      return (
        jsEscapes[char] ??
        (code < 0x20 || !/^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(char) ? `\\u${code.toString(16).toUpperCase().padStart(4, '0')}` : char)
      );
    })
    .join('');

const escapeUrl = (raw: string) =>
  [...encode(raw)]
    .map((byte) =>
      /[A-Za-z0-9_.~-]/.test(byte) ? byte : byte === ' ' ? '+' : `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
    )
    .join('');

/** Text of the operands, as the escapers see them. */
const joined = (values: Maybe[]) => sprint(values.map((value) => indirect(value).value ?? ofString('<no value>')));
const printer = (call: (values: Maybe[]) => string): Func => ({
  params: ['any'],
  variadic: true,
  call: (...values) => ofString(call(values)),
});

const builtins: Record<string, Func> = {
  // and, or: see exec, which stops at the first operand that decides
  and: { params: ['value', 'value'], variadic: true, call: (...values) => values.at(-1) },
  or: { params: ['value', 'value'], variadic: true, call: (...values) => values.at(-1) },
  not: { params: ['value'], call: (value) => ofBool(!isTrue(value)) },
  call: {
    params: ['value', 'value'],
    variadic: true,
    // no data of docker's holds a function; exec names the operand in its error
    call: () => {
      throw new Error('call of nil');
    },
  },
  html: printer((values) => joined(values).replace(/[\0"'&<>]/g, (char) => htmlEscapes[char] ?? char)),
  js: printer((values) => escapeJs(joined(values))),
  urlquery: printer((values) => escapeUrl(joined(values))),
  index: { params: ['value', 'value'], variadic: true, call: index },
  slice: { params: ['value', 'value'], variadic: true, call: slice },
  len: { params: ['value'], call: length },
  print: printer(sprint),
  println: printer(sprintln),
  printf: { params: [string, 'any'], variadic: true, call: (format, ...values) => ofString(sprintf(text(format), values)) },
  eq: {
    params: ['value', 'value'],
    variadic: true,
    call: (first, ...others) => {
      if (others.length === 0) throw new Error('missing argument for comparison');
      return ofBool(others.some((other) => equal(first, other)));
    },
  },
  ne: comparison((a, b) => !equal(a, b)),
  lt: comparison(less),
  le: comparison(lessOrEqual),
  gt: comparison((a, b) => !lessOrEqual(a, b)),
  ge: comparison((a, b) => !less(a, b)),
};

/** strings.Title: the first letter of each word in upper case; a word ends at white space or ASCII punctuation. */
const title = (raw: string) => raw.replace(/(?<=^|\s|[!-/:-@[-^`{-~])\p{L}/gu, (letter) => letter.toUpperCase());

const added: Record<string, Func> = {
  json: { params: ['any'], call: (value) => ofString(toJson(value)) },
  split: {
    params: [string, string],
    call: (raw, separator) => ({ type: strings, data: text(separator) === '' ? [...text(raw)] : text(raw).split(text(separator)) }),
  },
  join: { params: [strings, string], call: (list, separator) => ofString(((list?.data ?? []) as string[]).join(text(separator))) },
  title: { params: [string], call: (raw) => ofString(title(text(raw))) },
  lower: { params: [string], call: (raw) => ofString(text(raw).toLowerCase()) },
  upper: { params: [string], call: (raw) => ofString(text(raw).toUpperCase()) },
  pad: {
    params: [string, int, int],
    call: (raw, before, after) => ofString(text(raw) === '' ? '' : ' '.repeat(number(before)) + text(raw) + ' '.repeat(number(after))),
  },
  truncate: {
    params: [string, int],
    call: (raw, width) => {
      const bytes = encode(text(raw));
      return ofString(bytes.length < number(width) ? text(raw) : decode(bytes.slice(0, number(width))));
    },
  },
};

/** In the heading of a table the functions leave the column's name as it is. */
const unchanged = (...params: Func['params']): Func => ({ params, call: (raw) => raw });
const heading: Record<string, Func> = {
  json: unchanged(string),
  split: unchanged(string, string),
  join: unchanged(string, string),
  title: unchanged(string),
  lower: unchanged(string),
  upper: unchanged(string),
  truncate: unchanged(string, int),
};

export const dockerFunctions: Functions = new Map(Object.entries({ ...builtins, ...added }));
export const headerFunctions: Functions = new Map(Object.entries({ ...builtins, ...added, ...heading }));
