/**
 * A value as Go's encoding/json writes it, without escaping for HTML: structs in the order of their fields, maps by key.
 */
import { concrete, isNull, sortedKeys, type Type, type Value } from './value';

/** JSON.stringify for text, and what JavaScript would take for the end of a line. */
const quoted = (text: string) => JSON.stringify(text).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');

function write(type: Type, data: unknown): string {
  if (isNull(data)) return 'null';
  switch (type.kind) {
    case 'interface': {
      const held = concrete({ type, data });
      return held ? write(held.type, held.data) : 'null';
    }
    case 'pointer':
      return write(type.elem, data);
    case 'slice':
      if (typeof data === 'string') return quoted(data);
      return `[${(data as unknown[]).map((item) => write(type.elem, item)).join(',')}]`;
    case 'map':
      return `{${sortedKeys(data)
        .map((key) => `${quoted(key)}:${write(type.elem, (data as Record<string, unknown>)[key])}`)
        .join(',')}}`;
    case 'struct':
      if (type.json) return type.json(data as never);
      if (typeof data !== 'object') return JSON.stringify(data);
      return JSON.stringify(data).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
    case 'string':
      return type.name === 'json.Number' ? String(data) : quoted(String(data));
    default:
      return String(data);
  }
}

export function toJson(value: Value | undefined): string {
  return value ? write(value.type, value.data) : 'null';
}
