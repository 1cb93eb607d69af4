/**
 * Go values as a template sees them: data with a type. What is plain JSON has the types encoding/json gives it
 * (map[string]interface {}, []interface {}, …); what the CLI knows by a Go struct has that struct's.
 *
 * A struct is an object with JSON's keys; a field left out has its zero value. Nil (of a slice, map, pointer or interface) is
 * null or undefined. `undefined` in place of a Value is Go's invalid value: what a map gives for a key that it lacks.
 */
export type Type =
  | { kind: 'bool' | 'string' | 'int' | 'uint' | 'float'; name: string; text?: (data: never) => string; methods?: Methods }
  | { kind: 'interface'; numbers: Type }
  | { kind: 'slice'; elem: Type; name?: string; length?: number }
  | { kind: 'map'; key: Type; elem: Type; name?: string; methods?: Methods }
  | { kind: 'pointer'; elem: Type }
  | { kind: 'func'; name: string }
  | StructType;

export interface StructType {
  kind: 'struct';
  name: string;
  fields: Field[];
  methods?: Methods;
  /** What it prints as, if it has a String method. */
  text?: (data: never) => string;
  /** What it is in JSON, if it has a MarshalJSON method. */
  json?: (data: never) => string;
}

export interface Field {
  name: string;
  /** The key in JSON; none for an embedded struct, whose fields are the outer one's. */
  json?: string;
  type: Type;
}

/** What a function takes; "any" is an interface {}, "value" also takes what is not there. */
export type Parameter = Type | 'any' | 'value';

export interface Func {
  params: Parameter[];
  /** The last parameter takes any number. */
  variadic?: boolean;
  call(...args: (Value | undefined)[]): Value | undefined;
}

/** Methods by name; each is given the data that it is called on. */
export type Methods = Record<string, (data: never) => Func>;

export interface Value {
  type: Type;
  data: unknown;
}

const plain = (kind: 'bool' | 'string' | 'int' | 'uint' | 'float', name: string): Type => ({ kind, name });

export const bool = plain('bool', 'bool');
export const string = plain('string', 'string');
export const int = plain('int', 'int');
export const int64 = plain('int', 'int64');
export const uint64 = plain('uint', 'uint64');
export const uint16 = plain('uint', 'uint16');
export const float64 = plain('float', 'float64');
/** Numbers of JSON that is read without losing their text. */
export const jsonNumber = plain('string', 'json.Number');
export const anything: Type = { kind: 'interface', numbers: float64 };
/** JSON as `docker inspect` reads it when it falls back on the engine's answer. */
export const rawJson: Type = { kind: 'interface', numbers: jsonNumber };

export const sliceOf = (elem: Type, name?: string): Type => ({ kind: 'slice', elem, name });
export const mapOf = (elem: Type, name?: string, key: Type = string): Type => ({ kind: 'map', key, elem, name });
export const pointerTo = (elem: Type): Type => ({ kind: 'pointer', elem });
export const strings = sliceOf(string);
export const stringMap = mapOf(string);

export const ofString = (data: string): Value => ({ type: string, data });
export const ofInt = (data: number): Value => ({ type: int, data });
export const ofBool = (data: boolean): Value => ({ type: bool, data });
/** Plain JSON as encoding/json reads it. */
export const ofJson = (data: unknown): Value | undefined => concrete({ type: anything, data });

/** The type as %T and error messages name it. */
export function typeName(type: Type): string {
  switch (type.kind) {
    case 'interface':
      return 'interface {}';
    case 'slice':
      return type.name ?? `[${type.length ?? ''}]${typeName(type.elem)}`;
    case 'map':
      return type.name ?? `map[${typeName(type.key)}]${typeName(type.elem)}`;
    case 'pointer':
      return `*${typeName(type.elem)}`;
    default:
      return type.name;
  }
}

export const isNull = (data: unknown): data is null | undefined => data === null || data === undefined;

/** What an interface holds; the value itself if it is none. An interface of nil holds the invalid value. */
export function concrete(value: Value | undefined): Value | undefined {
  if (value?.type.kind !== 'interface') return value;
  const { data, type } = value;
  if (isNull(data)) return undefined;
  if (typeof data === 'string') return ofString(data);
  if (typeof data === 'boolean') return ofBool(data);
  if (typeof data === 'number') return { type: type.numbers, data: type.numbers === jsonNumber ? String(data) : data };
  return { type: Array.isArray(data) ? sliceOf(type) : mapOf(type), data };
}

/** Follows pointers and interfaces; `nil` if one of them is. */
export function indirect(value: Value | undefined): { value: Value | undefined; nil: boolean } {
  let at = value;
  while (at && (at.type.kind === 'pointer' || at.type.kind === 'interface')) {
    if (isNull(at.data)) return { value: at, nil: true };
    at = at.type.kind === 'pointer' ? { type: at.type.elem, data: at.data } : concrete(at);
  }
  return { value: at, nil: false };
}

/** The zero value of a type. */
export function zero(type: Type): Value {
  const zeros = {
    bool: false,
    string: '',
    int: 0,
    uint: 0,
    float: 0,
    interface: undefined,
    slice: undefined,
    map: undefined,
    pointer: undefined,
    func: undefined,
    struct: {},
  };
  const fixed = type.kind === 'slice' && type.length !== undefined ? Array(type.length).fill(zero(type.elem).data) : undefined;
  return { type, data: fixed ?? zeros[type.kind] };
}

/** Data as a value of a type: what is missing is zero. */
export function typed(type: Type, data: unknown): Value {
  return isNull(data) ? zero(type) : { type, data };
}

/** A field of a struct, also of one embedded in it. */
export function fieldOf(type: StructType, data: unknown, name: string): Value | undefined {
  const object = (data ?? {}) as Record<string, unknown>;
  const own = type.fields.find((field) => field.name === name);
  if (own) return typed(own.type, own.json === undefined ? object : object[own.json]);
  for (const field of type.fields) {
    const inner = field.type.kind === 'pointer' ? field.type.elem : field.type;
    const found = field.json === undefined && inner.kind === 'struct' ? fieldOf(inner, object, name) : undefined;
    if (found) return found;
  }
  return undefined;
}

/** Keys of a map in Go's order for printing and ranging: sorted. */
export function sortedKeys(data: unknown): string[] {
  return isNull(data) ? [] : Object.keys(data as object).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

/** A key of a map: its text or number as a value. */
export function keyValue(type: Type, key: string): Value {
  return { type, data: type.kind === 'int' || type.kind === 'uint' || type.kind === 'float' ? Number(key) : key };
}

/** An entry of a map, if there is one. */
export function entryOf(type: Extract<Type, { kind: 'map' }>, data: unknown, key: string): Value | undefined {
  if (isNull(data) || !Object.hasOwn(data as object, key)) return undefined;
  return typed(type.elem, (data as Record<string, unknown>)[key]);
}

/** Whether a value counts as true: not the zero of its type. */
export function isTrue(value: Value | undefined): boolean {
  const held = concrete(value);
  if (!held) return false;
  const { type, data } = held;
  switch (type.kind) {
    case 'struct':
      return true;
    case 'slice':
      return !isNull(data) && (data as unknown[]).length > 0;
    case 'map':
      return sortedKeys(data).length > 0;
    case 'pointer':
    case 'func':
    case 'interface':
      return !isNull(data);
    default:
      return Boolean(data);
  }
}
