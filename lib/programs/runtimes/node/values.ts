/** Values of the modelled JavaScript and the heap that they live in: plain data, so that a server that waits can be saved. */
import type { Expression, Pattern, Statement } from './ast';

export type Value =
  | number
  | string
  | boolean
  | null
  | { undef: true }
  | { ref: number }
  | { native: string; of?: Value }
  | { symbol: string };

/** What a function of the program was made of. */
export interface Code {
  params: Pattern[];
  body: Statement[] | Expression;
  async: boolean;
  generator: boolean;
  arrow: boolean;
}
/** A field of a class, worked out for each object that is made. */
export interface Field {
  name: Expression | string;
  value: Expression | null;
}

export type Job =
  | { do: 'call'; fn: Value; args: Value[] }
  /** A promise was settled: its handler, if it has one, and the promise that `then` gave. */
  | { do: 'settled'; handler: Value | null; ok: boolean; value: Value; promise: Value }
  /** An async function goes on. */
  | { do: 'resume'; with: Value; ok: boolean; run: Value };

export type Obj =
  | {
      kind: 'object';
      /** Of the objects of Node's own: Map, Server, Error … */
      type: string;
      props: Record<string, Value>;
      proto?: Value;
      getters?: Record<string, Value>;
      setters?: Record<string, Value>;
      /** What a Map, a Set, a RegExp … holds. */
      entries?: [Value, Value][];
    }
  /** `props`: of what a regular expression gives. */
  | { kind: 'array'; items: Value[]; props?: Record<string, Value> }
  | {
      kind: 'function';
      name: string;
      /** null: a class without a constructor of its own. */
      code: Code | null;
      scope: number;
      props: Record<string, Value>;
      /** Where `super` looks: the object that holds it. */
      home: Value | null;
      class?: { parent: Value | null; fields: Field[] };
    }
  | { kind: 'scope'; names: Record<string, Value>; parent: number | null; consts?: string[] }
  | {
      kind: 'promise';
      state: 'waits' | 'kept' | 'broken';
      value: Value;
      then: { ok: Value | null; no: Value | null; promise: Value; run?: Value }[];
      heard: boolean;
    }
  /** An async function or a generator between two of its steps. */
  | { kind: 'run'; frames: Frame[]; promise: Value | null; into: { name: string | null; scope: number } | null; done: boolean };

/** Where a function's statements stand: machine.ts. */
export type Frame =
  | { f: 'block'; body: Statement[]; at: number; scope: number; label?: string; isSwitch?: boolean }
  | { f: 'loop'; node: Statement; scope: number; phase: 'test' | 'update'; label?: string }
  | { f: 'each'; node: Statement; items: Value[]; at: number; scope: number; label?: string }
  | { f: 'try'; node: Statement; scope: number; caught: boolean }
  | { f: 'finally'; then: Leaving | null };
/** How a statement is left before its end. */
export type Leaving =
  | { by: 'return'; value: Value }
  | { by: 'break' | 'continue'; label: string | null }
  | { by: 'throw'; value: Value; line: number };

export interface Heap {
  objects: Record<number, Obj>;
  next: number;
}
export const UNDEFINED: Value = { undef: true };

export class Thrown extends Error {
  readonly value: Value;
  line: number;
  constructor(value: Value, line: number) {
    super('thrown');
    this.value = value;
    this.line = line;
  }
}

export const alloc = (h: Heap, o: Obj): Value => {
  h.objects[h.next] = o;
  return { ref: h.next++ };
};
export const has = <K extends string>(v: Value | undefined, key: K): v is Extract<Value, Record<K, unknown>> =>
  typeof v === 'object' && v !== null && key in v;
export const objOf = (h: Heap, v: Value | undefined): Obj | null => (has(v, 'ref') ? (h.objects[v.ref] ?? null) : null);
export const object = (h: Heap, props: Record<string, Value>, type = 'Object'): Value => alloc(h, { kind: 'object', type, props });
export const array = (h: Heap, items: Value[]): Value => alloc(h, { kind: 'array', items });
export const fault = (h: Heap, type: string, message: string, line = 0): Thrown => new Thrown(errorOf(h, type, message), line);
export const errorOf = (h: Heap, name: string, message: string): Value => object(h, { name, message }, 'Error');
export const newScope = (h: Heap, parent: number | null, names: Record<string, Value> = {}): number =>
  (alloc(h, { kind: 'scope', names, parent }) as { ref: number }).ref;

export const nullish = (v: Value): boolean => v === null || has(v, 'undef');
export const truth = (v: Value): boolean => !(has(v, 'undef') || v === null || v === 0 || v === '' || v === false || Number.isNaN(v));
export const isFunction = (h: Heap, v: Value | undefined): v is Value => has(v, 'native') || objOf(h, v)?.kind === 'function';

/** typeof */
export function typeOf(h: Heap, v: Value): string {
  if (has(v, 'undef')) return 'undefined';
  if (has(v, 'symbol')) return 'symbol';
  if (has(v, 'native'))
    return /^(console|process|Math|JSON|Reflect|global(This)?)$|^process\.(stdout|stderr|env)$/.test(v.native) ? 'object' : 'function';
  return objOf(h, v)?.kind === 'function' ? 'function' : typeof v;
}

/** String(v): as templates and + have it. */
export function text(h: Heap, v: Value): string {
  if (has(v, 'undef')) return 'undefined';
  if (typeof v !== 'object' || v === null) return String(v);
  if (has(v, 'native')) return `function ${v.native.replace(/^.*\./, '')}() { [native code] }`;
  if (has(v, 'symbol')) throw fault(h, 'TypeError', 'Cannot convert a Symbol value to a string');
  const o = objOf(h, v);
  if (o?.kind === 'array') return o.items.map((x) => (nullish(x) ? '' : text(h, x))).join(',');
  if (o?.kind === 'promise') return '[object Promise]';
  if (o?.kind !== 'object') return `function ${o?.kind === 'function' ? o.name : ''}() { … }`;
  if (o.type === 'Error') {
    const message = text(h, o.props.message ?? '');
    return `${text(h, o.props.name ?? 'Error')}${message === '' ? '' : `: ${message}`}`;
  }
  if (o.type === 'Buffer') return text(h, o.props['the bytes'] ?? '');
  if (o.type === 'RegExp') return `/${text(h, o.props.source ?? '')}/${text(h, o.props.flags ?? '')}`;
  return `[object ${o.type === 'Map' || o.type === 'Set' ? o.type : 'Object'}]`;
}
export const number = (h: Heap, v: Value): number => {
  if (has(v, 'undef')) return Number.NaN;
  if (typeof v !== 'object' || v === null) return Number(v);
  const o = objOf(h, v);
  if (o?.kind === 'object' && o.type === 'Date') return Number(o.props.at);
  return o?.kind === 'array' ? Number(text(h, v)) : Number.NaN;
};
