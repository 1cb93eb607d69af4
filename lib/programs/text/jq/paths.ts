/**
 * Reading, setting and deleting inside values by key, index, slice and path.
 *
 * Source: jq's jv_aux.c (jv_get, jv_set, jv_getpath, jv_setpath, jv_delpaths).
 */
import { compare, dump, fail, isLiteral, type Json, kindOf, num, shown } from './value';

export type Path = readonly Json[];

const isNumber = (v: Json): boolean => typeof v === 'number' || isLiteral(v);
const MAX_INDEX = 536870911;

/** The character positions of a text: code points, not UTF-16 units. */
export const points = (text: string): string[] => (/[\ud800-\udfff]/.test(text) ? [...text] : text.split(''));

/** `{"start": …, "end": …}` on something of `length` → from and to. */
function bounds(key: Map<string, Json>, length: number): { from: number; to: number } {
  const start = key.get('start') ?? null;
  const end = key.get('end') ?? null;
  if ((start !== null && !isNumber(start)) || (end !== null && !isNumber(end)) || !(key.has('start') || key.has('end')))
    fail('Array/string slice indices must be integers');
  const clamp = (n: number) => Math.min(length, Math.max(0, n < 0 ? n + length : n));
  const from = start === null ? 0 : clamp(Math.floor(num(start)));
  const to = end === null ? length : clamp(Math.ceil(num(end)));
  return { from, to: Math.max(from, to) };
}
export const sliceKey = (start: Json, end: Json): Json =>
  new Map([
    ['start', start],
    ['end', end],
  ]);

/** `.[key]`. */
export function get(value: Json, key: Json): Json {
  if (value instanceof Map && typeof key === 'string') return value.get(key) ?? null;
  if (Array.isArray(value) && isNumber(key)) {
    const n = Math.floor(num(key));
    return value[n < 0 ? n + value.length : n] ?? null;
  }
  if (key instanceof Map && (value === null || Array.isArray(value) || typeof value === 'string')) {
    if (value === null) return bounds(key, 0), null;
    if (Array.isArray(value)) {
      const { from, to } = bounds(key, value.length);
      return value.slice(from, to);
    }
    const text = points(value);
    const { from, to } = bounds(key, text.length);
    return text.slice(from, to).join('');
  }
  if (Array.isArray(value) && Array.isArray(key)) return indicesOf(value, key);
  if (value === null && (typeof key === 'string' || isNumber(key) || key === null)) return null;
  return fail(`Cannot index ${kindOf(value)} with ${kindOf(key)} (${dump(key)})`);
}

export function indicesOf(list: readonly Json[], part: readonly Json[]): number[] {
  const found: number[] = [];
  if (part.length === 0) return found;
  for (let i = 0; i + part.length <= list.length; i++) if (part.every((item, k) => compare(item, list[i + k]!) === 0)) found.push(i);
  return found;
}

/** A copy of `value` with `.[key]` replaced. */
export function set(value: Json, key: Json, item: Json): Json {
  if (typeof key === 'string' && (value === null || value instanceof Map)) return new Map(value ?? []).set(key, item);
  if (isNumber(key) && (value === null || Array.isArray(value))) {
    const copy = value === null ? [] : [...value];
    let n = Math.floor(num(key));
    if (n < 0) n += copy.length;
    if (n < 0) return fail('Out of bounds negative array index');
    if (n > MAX_INDEX) return fail('Array index too large');
    while (copy.length < n) copy.push(null);
    copy[n] = item;
    return copy;
  }
  if (key instanceof Map && (value === null || Array.isArray(value))) {
    if (!Array.isArray(item)) return fail('A slice of an array can only be assigned another array');
    const list = value ?? [];
    const { from, to } = bounds(key, list.length);
    return [...list.slice(0, from), ...item, ...list.slice(to)];
  }
  if (key instanceof Map && typeof value === 'string') return fail('Cannot update string slices');
  return fail(`Cannot index ${kindOf(value)} with ${kindOf(key)} (${dump(key)})`);
}

export function getPath(value: Json, path: Path): Json {
  let v = value;
  for (const key of path) {
    if (v === null) return null;
    v = get(v, key);
  }
  return v;
}

export function setPath(value: Json, path: Path, item: Json): Json {
  if (path.length === 0) return item;
  const [key, ...rest] = path as [Json, ...Json[]];
  return set(value, key, setPath(get(value, key), rest, item));
}

function deleteKey(value: Json, key: Json): Json {
  if (value === null) return null;
  if (value instanceof Map && typeof key === 'string') {
    const copy = new Map(value);
    copy.delete(key);
    return copy;
  }
  if (Array.isArray(value) && isNumber(key)) {
    const n = Math.floor(num(key));
    const at = n < 0 ? n + value.length : n;
    return value.filter((_, i) => i !== at);
  }
  if (Array.isArray(value) && key instanceof Map) {
    const { from, to } = bounds(key, value.length);
    return [...value.slice(0, from), ...value.slice(to)];
  }
  if (value instanceof Map) return fail(`Cannot delete field at object index of ${kindOf(key)}`);
  if (Array.isArray(value)) return fail(`Cannot delete field at array index of ${kindOf(key)}`);
  return fail(`Cannot delete fields from ${kindOf(value)}`);
}

function deletePath(value: Json, path: Path): Json {
  if (path.length === 0) return null;
  const [key, ...rest] = path as [Json, ...Json[]];
  if (rest.length === 0) return deleteKey(value, key);
  if (value === null) return null;
  const inner = get(value, key);
  if (inner === null) return value;
  const changed = deletePath(inner, rest);
  return changed === inner ? value : set(value, key, changed);
}

/** Deletes several paths, the deepest and last first so that indices stay true. */
export function deletePaths(value: Json, paths: readonly Json[]): Json {
  const sorted = [...paths].sort((a, b) => compare(b, a));
  let result = value;
  for (const path of sorted) {
    if (!Array.isArray(path)) return fail('Path must be specified as an array');
    result = deletePath(result, path);
  }
  return result;
}

export const keysOf = (value: Json, sorted: (object: Map<string, Json>) => string[]): Json[] => {
  if (value instanceof Map) return sorted(value);
  if (Array.isArray(value)) return value.map((_, i) => i);
  return fail(`${shown(value)} has no keys`);
};
