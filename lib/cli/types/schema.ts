/**
 * Go structs of the engine's API, written as Go writes them, a field a line:
 *
 *   CPUShares int64 CpuShares     name, type, key in JSON where it is not the name
 *   +Resources container.Resources     embedded: its fields are the outer one's
 *
 * Types: bool, string, int…, []T, [n]T, map[K]V, *T, time.Time, interface {}, and what the schema itself names.
 */
import { formatDuration } from '../../base';
import { anything, type Field, type Methods, ofBool, ofString, pointerTo, type StructType, string, type Type } from '../template';

/** "2026-11-21T23:54:55.47036003Z" as time.Time prints it: "2026-11-21 23:54:55.47036003 +0000 UTC". */
function timeText(rfc3339: string): string {
  const [, day, time, zone] = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d(?:\.\d+)?)(Z|[+-]\d\d:\d\d)$/.exec(rfc3339) ?? [];
  if (day === undefined) return rfc3339;
  return `${day} ${time} ${zone === 'Z' ? '+0000 UTC' : `${zone?.replace(':', '')} ${zone?.replace(':', '')}`}`;
}

const zeroTime = '0001-01-01T00:00:00Z';

const time: StructType = {
  kind: 'struct',
  name: 'time.Time',
  fields: [],
  text: (data: unknown) => timeText(typeof data === 'string' ? data : zeroTime),
  methods: {
    IsZero: (data: unknown) => ({ params: [], call: () => ofBool(typeof data !== 'string' || data === zeroTime) }),
    String: (data: unknown) => ({ params: [], call: () => ofString(timeText(typeof data === 'string' ? data : zeroTime)) }),
  },
};

const basic: Record<string, Type> = {
  bool: { kind: 'bool', name: 'bool' },
  string,
  float64: { kind: 'float', name: 'float64' },
  'interface {}': anything,
  'struct {}': { kind: 'struct', name: 'struct {}', fields: [] },
  'time.Time': time,
  'time.Duration': { kind: 'int', name: 'time.Duration', text: (data: number) => formatDuration(data) },
};
for (const name of ['int', 'int32', 'int64']) basic[name] = { kind: 'int', name };
for (const name of ['uint', 'uint8', 'uint16', 'uint32', 'uint64']) basic[name] = { kind: 'uint', name };

export interface Extra {
  methods?: Methods;
  text?: (data: never) => string;
  json?: (data: never) => string;
}

export type Registry = Record<string, Type>;

function typeOf(text: string, known: Registry): Type {
  const named = known[text] ?? basic[text];
  if (named) return named;
  if (text.startsWith('*')) return pointerTo(typeOf(text.slice(1), known));
  const array = /^\[(\d*)\](.*)$/.exec(text);
  if (array) return { kind: 'slice', elem: typeOf(array[2] as string, known), length: array[1] === '' ? undefined : Number(array[1]) };
  const map = /^map\[([^\]]+)\](.*)$/.exec(text);
  if (map) return { kind: 'map', key: typeOf(map[1] as string, known), elem: typeOf(map[2] as string, known) };
  throw new Error(`no such Go type: ${text}`);
}

/** A type: its name, what it is (a type, or the fields of a struct on lines of their own), and its methods. */
export type Definition = [name: string, body: string, extra?: Extra];

const fieldLine = /^\s*(\+?)(\w+) ((?:map\[[^\]]+\]|\[\d*\]|\*)*(?:struct \{\}|interface \{\}|[\w.]+))(?: (\S+))?$/;

function fieldsOf(body: string, known: Registry): Field[] {
  return body
    .trim()
    .split('\n')
    .map((line) => {
      const [, embedded, name, type, json] = fieldLine.exec(line) ?? [];
      if (name === undefined || type === undefined) throw new Error(`not a field: ${line}`);
      return { name, json: embedded ? undefined : (json ?? name), type: typeOf(type, known) };
    });
}

/** Types by name; each may use those before it. */
export function define(definitions: Definition[], known: Registry = {}): Registry {
  const types: Registry = { ...known };
  for (const [name, body, extra] of definitions) {
    if (body.includes('\n')) types[name] = { kind: 'struct', name, fields: fieldsOf(body, types), ...extra };
    else types[name] = { ...typeOf(body, types), name, ...extra } as Type;
  }
  return types;
}

/** A type out of a registry. */
export function pick(known: Registry, name: string): Type {
  const type = known[name];
  if (!type) throw new Error(`no such Go type: ${name}`);
  return type;
}

/** Methods of a named string that ask something of it: {{.HostConfig.NetworkMode.IsHost}}. */
export function questions(asked: Record<string, (value: string) => boolean | string>): Methods {
  return Object.fromEntries(
    Object.entries(asked).map(([name, ask]) => [
      name,
      (data: unknown) => ({
        params: [],
        call: () => {
          const answer = ask(String(data ?? ''));
          return typeof answer === 'boolean' ? ofBool(answer) : ofString(answer);
        },
      }),
    ]),
  );
}
