/** Values of the modelled Python and the heap that they live in: plain data, so that a program that sleeps can be saved. */
import type { Expr, Param, Stmt } from './ast';

export type Value =
  | number
  | string
  | boolean
  | null
  | { float: number }
  | { bytes: string }
  /** Bytes that nobody looks into. */
  | { size: number }
  | { ref: number }
  /** What is part of Python: a function ("print", "str.upper" bound to `of`), a module, a type. */
  | { builtin: string; of?: Value }
  | { module: string }
  | { type: string };

export type Obj =
  /** `view`: the keys, values or pairs of a dict, which say what they are. */
  | { kind: 'list'; items: Value[]; view?: string }
  | { kind: 'tuple'; items: Value[] }
  /** In the order in which it was filled: CPython's is that of hashes, which differ from run to run. */
  | { kind: 'set'; items: Value[] }
  | { kind: 'dict'; entries: [Value, Value][] }
  /** `scope`: where it was made, whose names it knows; `defaults`: what its parameters are without an argument, worked out there and then. */
  | { kind: 'function'; name: string; params: Param[]; body: Stmt[]; self: Value | null; scope: number; defaults: Record<string, Value> }
  | { kind: 'class'; name: string; base: Value | null; members: Record<string, Value> }
  | { kind: 'instance'; of: Value; fields: Record<string, Value> }
  /** `elsewhere`: the scope in which names are set that "global" or "nonlocal" has named. */
  | { kind: 'scope'; names: Record<string, Value>; elsewhere: Record<string, number>; parent: number }
  /** An object of a library: Flask, HTTPServer, a file. */
  | { kind: 'native'; type: string; fields: Record<string, Value> };

export type Frame =
  | { kind: 'block'; body: Stmt[]; at: number; scope: number }
  | { kind: 'while'; stmt: Extract<Stmt, { do: 'while' }>; scope: number }
  | {
      kind: 'for';
      stmt: Extract<Stmt, { do: 'for' }>;
      items: Value[] | { next: number; end: number; step: number };
      at: number;
      scope: number;
    }
  | { kind: 'try'; stmt: Extract<Stmt, { do: 'try' }>; scope: number }
  | { kind: 'finally'; raise: Value | null; lines: Where[] }
  /** A function that returns, once what comes last is done. */
  | { kind: 'return'; value: Value }
  | { kind: 'call'; name: string; into: { targets: Expr[]; scope: number } | null };

/** A line of a traceback. */
export interface Where {
  line: number;
  name: string;
}

/** A program between two turns. */
export interface Py {
  file: string;
  text: string;
  argv: string[];
  env: Record<string, string>;
  heap: Record<number, Obj>;
  next: number;
  frames: Frame[];
  /** Of the last call. */
  returned: Value;
  handlers: Record<number, Value>;
  /** Written and not yet passed on: standard output to anything but a terminal. */
  buffer: string;
  unbuffered: boolean;
  /** Big values have come or gone since memory was last looked at. */
  grown: boolean;
}

export const GLOBALS = 0;
/** Where a thing lies that says so: nothing here lies anywhere. */
const ADDRESS = '7f0000000000';

/** Something was raised; `value` is an instance or a builtin exception. */
export class Raised extends Error {
  readonly value: Value;
  lines: Where[] = [];
  constructor(value: Value) {
    super('raised');
    this.value = value;
  }
}

const copied = (o: Obj): Obj => {
  switch (o.kind) {
    case 'list':
    case 'tuple':
    case 'set':
      return { ...o, items: [...o.items] };
    case 'dict':
      return { ...o, entries: o.entries.map(([k, v]) => [k, v]) };
    case 'instance':
    case 'native':
      return { ...o, fields: { ...o.fields } };
    case 'scope':
      return { ...o, names: { ...o.names }, elsewhere: { ...o.elsewhere } };
    default:
      return o;
  }
};
/** A program that may be changed while a turn lasts: an earlier machine still holds the other. What it was read from is shared. */
export const own = (p: Py): Py => ({
  ...p,
  heap: Object.fromEntries(Object.entries(p.heap).map(([ref, o]) => [ref, copied(o)])),
  frames: p.frames.map((f) => (f.kind === 'for' && !Array.isArray(f.items) ? { ...f, items: { ...f.items } } : { ...f })),
  handlers: { ...p.handlers },
});

export const alloc = (p: Py, o: Obj): Value => {
  p.heap[p.next] = o;
  return { ref: p.next++ };
};
export const list = (p: Py, items: Value[]): Value => alloc(p, { kind: 'list', items });
/** Without what is there twice. */
export const set = (p: Py, items: readonly Value[], equal: (p: Py, a: Value, b: Value) => boolean): Value =>
  alloc(p, { kind: 'set', items: items.filter((v, i) => items.findIndex((o) => equal(p, o, v)) === i) });
export const tuple = (p: Py, items: Value[]): Value => alloc(p, { kind: 'tuple', items });

export const isRef = (v: Value): v is { ref: number } => typeof v === 'object' && v !== null && 'ref' in v;
export const objOf = (p: Py, v: Value): Obj | null => (isRef(v) ? (p.heap[v.ref] ?? null) : null);
export const isFloat = (v: Value): v is { float: number } => typeof v === 'object' && v !== null && 'float' in v;
export const has = <K extends string>(v: Value, key: K): v is Extract<Value, Record<K, unknown>> =>
  typeof v === 'object' && v !== null && key in v;

export const error = (p: Py, type: string, message: string): Raised =>
  new Raised(alloc(p, { kind: 'instance', of: { type }, fields: { message } }));

export function typeName(p: Py, v: Value): string {
  if (v === null) return 'NoneType';
  if (typeof v === 'boolean') return 'bool';
  if (typeof v === 'number') return 'int';
  if (typeof v === 'string') return 'str';
  if (has(v, 'float')) return 'float';
  if (has(v, 'bytes')) return 'bytes';
  if (has(v, 'size')) return 'bytearray';
  if (has(v, 'module')) return 'module';
  if (has(v, 'type')) return 'type';
  if (has(v, 'builtin')) return 'builtin_function_or_method';
  const o = objOf(p, v);
  if (o?.kind === 'instance') return has(o.of, 'type') ? o.of.type : ((objOf(p, o.of) as { name: string } | null)?.name ?? 'object');
  if (o?.kind === 'list' && o.view) return o.view;
  return o?.kind === 'native' ? o.type : o?.kind === 'class' ? 'type' : (o?.kind ?? 'object');
}

export function truth(p: Py, v: Value): boolean {
  if (isFloat(v)) return v.float !== 0;
  if (has(v, 'bytes')) return v.bytes !== '';
  if (has(v, 'size')) return v.size > 0;
  const o = objOf(p, v);
  if (o && 'items' in o) return o.items.length > 0;
  if (o?.kind === 'dict') return o.entries.length > 0;
  return o !== null || !!v;
}

function floatText(n: number): string {
  if (!Number.isFinite(n)) return Number.isNaN(n) ? 'nan' : n > 0 ? 'inf' : '-inf';
  const big = Math.abs(n) >= 1e16 ? n.toExponential().replace(/\.0+e/, 'e') : `${n}`;
  const text = big.replace(/e([+-])(\d)$/, 'e$10$2');
  return /[.e]/.test(text) ? text : `${text}.0`;
}

const quoted = (s: string): string => {
  const q = s.includes("'") && !s.includes('"') ? '"' : "'";
  const body = s.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\t', '\\t').replaceAll('\r', '\\r');
  return q + (q === "'" ? body.replaceAll("'", "\\'") : body) + q;
};

export function repr(p: Py, v: Value): string {
  if (typeof v === 'string') return quoted(v);
  if (has(v, 'bytes')) return `b${quoted(v.bytes)}`;
  const o = objOf(p, v);
  if (o?.kind === 'instance' && has(o.of, 'type') && 'message' in o.fields) return `${o.of.type}(${repr(p, o.fields.message ?? '')})`;
  return str(p, v);
}

/** A class that comes from one of Python's own: of those that have a message, an exception. */
function ofPython(p: Py, cls: Value): boolean {
  const o = objOf(p, cls);
  return has(cls, 'type') || (o?.kind === 'class' && o.base !== null && ofPython(p, o.base));
}

export function str(p: Py, v: Value): string {
  if (v === null) return 'None';
  if (typeof v === 'boolean') return v ? 'True' : 'False';
  if (typeof v === 'number' || typeof v === 'string') return `${v}`;
  if (has(v, 'float')) return floatText(v.float);
  if (has(v, 'bytes')) return repr(p, v);
  if (has(v, 'size')) return `bytearray(${v.size})`;
  if (has(v, 'module')) return `<module '${v.module}'>`;
  if (has(v, 'type')) return `<class '${v.type}'>`;
  if (has(v, 'builtin')) return `<built-in function ${v.builtin}>`;
  const o = objOf(p, v);
  switch (o?.kind) {
    case 'list': {
      const all = `[${o.items.map((x) => repr(p, x)).join(', ')}]`;
      return o.view ? `${o.view}(${all})` : all;
    }
    case 'set':
      return o.items.length === 0 ? 'set()' : `{${o.items.map((x) => repr(p, x)).join(', ')}}`;
    case 'tuple':
      return `(${o.items.map((x) => repr(p, x)).join(', ')}${o.items.length === 1 ? ',' : ''})`;
    case 'dict':
      return `{${o.entries.map(([k, x]) => `${repr(p, k)}: ${repr(p, x)}`).join(', ')}}`;
    case 'instance':
      return 'message' in o.fields && ofPython(p, o.of) ? str(p, o.fields.message ?? '') : `<${typeName(p, v)} object>`;
    case 'function':
      return `<function ${o.name} at 0x${ADDRESS}>`;
    case 'class':
      return `<class '__main__.${o.name}'>`;
    default:
      return `<${typeName(p, v)} object>`;
  }
}

/** What big values take, bytes: everything that the program's names lead to. */
export function held(p: Py): number {
  const seen = new Set<number>();
  const of = (v: Value): number => {
    if (typeof v === 'string') return v.length > 512 ? v.length : 0;
    if (has(v, 'bytes')) return v.bytes.length > 512 ? v.bytes.length : 0;
    if (has(v, 'size')) return v.size;
    if (!isRef(v) || seen.has(v.ref)) return 0;
    seen.add(v.ref);
    const o = p.heap[v.ref];
    const all = (values: readonly Value[]) => values.reduce<number>((n, x) => n + of(x), 0);
    switch (o?.kind) {
      case 'list':
      case 'tuple':
      case 'set':
        return o.items.length * 8 + all(o.items);
      case 'dict':
        return o.entries.reduce((n, [k, x]) => n + of(k) + of(x), 0);
      case 'instance':
      case 'native':
        return all(Object.values(o.fields));
      case 'scope':
        return all(Object.values(o.names)) + (o.parent === v.ref ? 0 : of({ ref: o.parent }));
      default:
        return 0;
    }
  };
  const scopes = p.frames.flatMap((f) => ('scope' in f ? [f.scope] : []));
  return [...new Set([GLOBALS, ...scopes])].reduce((n, ref) => n + of({ ref }), 0);
}
