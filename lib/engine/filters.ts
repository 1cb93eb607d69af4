/**
 * The `filters` parameter of the API's lists: {"status":["exited"]} or {"status":{"exited":true}}.
 * moby api/types/filters/parse.go; values of a key are alternatives, a key that is not there lets everything through.
 *
 * Simplified: patterns are read as JavaScript's regular expressions, which agree with Go's for what names hold.
 */

import { strconv } from '../base';
import { invalid } from './daemon';

export type Filters = Record<string, string[]>;

const isRecord = (v: unknown): v is Record<string, unknown> => typeof v === 'object' && v !== null && !Array.isArray(v);

/** The values of one key: a list of texts, or a set as Go writes one. */
function valuesOf(v: unknown): string[] {
  if (v === null) return [];
  if (Array.isArray(v) && v.every((x): x is string => typeof x === 'string')) return v;
  if (isRecord(v) && Object.values(v).every((x) => typeof x === 'boolean')) return Object.keys(v).filter((k) => v[k] === true);
  throw invalid('invalid filter');
}

export function parseFilters(text: string | undefined): Filters {
  const out: Filters = Object.create(null);
  if (!text) return out;
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    throw invalid('invalid filter');
  }
  if (data === null) return out;
  if (!isRecord(data)) throw invalid('invalid filter');
  for (const [key, v] of Object.entries(data)) out[key] = valuesOf(v);
  return out;
}

/** Whether a call knows the keys. */
export function known(f: Filters, keys: readonly string[] | ReadonlySet<string>): Filters {
  const set = new Set(keys);
  for (const key of Object.keys(f)) if (!set.has(key)) throw invalid(`invalid filter '${key}'`);
  return f;
}

const none = (f: Filters, key: string): boolean => (f[key]?.length ?? 0) === 0;

/** One of the values is the text. */
export const exactMatch = (f: Filters, key: string, text: string): boolean => none(f, key) || (f[key] as string[]).includes(text);

/** There is one value, and it is the text. */
export const uniqueExactMatch = (f: Filters, key: string, text: string): boolean =>
  none(f, key) || (new Set(f[key]).size === 1 && (f[key] as string[])[0] === text);

/** One of the values is the text or a beginning of it. */
export const fuzzyMatch = (f: Filters, key: string, text: string): boolean =>
  none(f, key) || (f[key] as string[]).some((v) => text.startsWith(v));

function found(pattern: string, text: string): boolean {
  try {
    return new RegExp(pattern).test(text);
  } catch {
    return false;
  }
}

/** One of the values is the text, or a regular expression that is found in it. */
export const match = (f: Filters, key: string, text: string): boolean =>
  exactMatch(f, key, text) || (f[key] as string[]).some((v) => found(v, text));

/** Whether all of `wanted` ("name" or "name=value") are among the labels. */
export const labelMatch = (labels: Record<string, string> | null | undefined, wanted: readonly string[]): boolean =>
  wanted.every((w) => {
    const eq = w.indexOf('=');
    const name = eq < 0 ? w : w.slice(0, eq);
    if (!labels || !Object.hasOwn(labels, name)) return false;
    return eq < 0 || labels[name] === w.slice(eq + 1);
  });

export const labels = (f: Filters, key: string, of: Record<string, string> | null | undefined): boolean =>
  none(f, key) || labelMatch(of, f[key] as string[]);

/** A filter that may be given once, in any of Go's words for yes and no: volume/service, withPrune. */
export function parsedBool(key: string, values: readonly string[] | undefined): boolean {
  if (!values?.length) return false;
  if (values.length > 1) throw invalid(`invalid filter '${key}=[${[...values].sort().join(' ')}]': only one value is expected`);
  try {
    return strconv.parseBool(values[0] as string);
  } catch (e) {
    throw e instanceof strconv.NumError ? invalid(`invalid filter '${key}': ${e.message}`) : e;
  }
}

/** A filter that says yes or no. */
export function bool(f: Filters, key: string, otherwise: boolean): boolean {
  const values = f[key];
  if (!values) return otherwise;
  const no = values.includes('0') || values.includes('false');
  const yes = values.includes('1') || values.includes('true');
  if (no === yes) throw invalid(`invalid filter '${key}${values.length ? `=[${values.join(' ')}]` : ''}'`);
  return yes;
}
