/**
 * Test tables of other projects' suites, evaluated on the model. A file is one area:
 *
 *   { area, cases: [ { id, input, expected } ] }      expected: { value } | { error: true | text | { contains } }
 *
 * An area's adapter turns an input into calls of the model; it answers with a value, throws the model's error, or
 * throws `NotModelled`. Values are equal as JSON: the order of keys does not count.
 */

export class NotModelled extends Error {}

/** An answer with more fields than a case may look at: only those that the expectation names are compared. */
export class Fields {
  readonly all: Readonly<Record<string, unknown>>;
  constructor(all: Readonly<Record<string, unknown>>) {
    this.all = all;
  }
  named(expected: Expected): unknown {
    const wanted = 'value' in expected ? (expected.value as Record<string, unknown>) : {};
    return Object.fromEntries(Object.entries(this.all).filter(([key]) => Object.hasOwn(wanted, key)));
  }
}

/** Maps an input of an area to the model's answer. */
export type Adapter = (input: never) => unknown;

export type Expected = { value: unknown } | { error: true | string | { contains: string } };

export interface VectorFile {
  area: string;
  cases: { id: string; input: unknown; expected: Expected }[];
}

export interface AreaResult {
  area: string;
  total: number;
  passed: number;
  failed: { id: string; expected: Expected; got: Expected }[];
  notModelled: string[];
}

/** Equal as JSON. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item, i) => sameJson(item, b[i]));
  }
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && sameJson((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]));
}

function matches(expected: Expected, got: Expected): boolean {
  if ('value' in expected) return 'value' in got && sameJson(expected.value, got.value);
  if (!('error' in got)) return false;
  if (expected.error === true) return true;
  if (typeof expected.error === 'string') return got.error === expected.error;
  return typeof got.error === 'string' && got.error.includes(expected.error.contains);
}

/** A fault of the model's own code, never an answer. */
function isCrash(error: unknown): boolean {
  return error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError || !(error instanceof Error);
}

/** Evaluates every case of a file. An area without an adapter is not modelled. */
export function evaluate(file: VectorFile, adapters: Readonly<Record<string, Adapter>>): AreaResult {
  const result: AreaResult = { area: file.area, total: file.cases.length, passed: 0, failed: [], notModelled: [] };
  const adapter = Object.hasOwn(adapters, file.area) ? adapters[file.area] : undefined;
  for (const { id, input, expected } of file.cases) {
    if (!adapter) {
      result.notModelled.push(id);
      continue;
    }
    let got: Expected;
    let crashed = false;
    try {
      const answer = adapter(input as never);
      const value = answer instanceof Fields ? answer.named(expected) : answer;
      got = { value: value === undefined ? null : JSON.parse(JSON.stringify(value)) };
    } catch (error) {
      if (error instanceof NotModelled) {
        result.notModelled.push(id);
        continue;
      }
      crashed = isCrash(error);
      got = { error: crashed ? `drydock: crashed: ${String(error)}` : (error as Error).message };
    }
    if (!crashed && matches(expected, got)) result.passed++;
    else result.failed.push({ id, expected, got });
  }
  return result;
}

/** Fields that hold their zero value (absent, null, "", 0, false, empty list or map) left out, at every depth. */
export function withoutZeros(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutZeros);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value)
    .map(([key, field]) => [key, withoutZeros(field)] as const)
    .filter(([, field]) => !isZero(field));
  return Object.fromEntries(kept);
}

function isZero(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0;
  return value === undefined || value === null || value === '' || value === 0 || value === false;
}
