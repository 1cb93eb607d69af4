/** json.dumps and json.loads. */
import { alloc, error, has, isFloat, list, objOf, type Py, str, type Value } from './values';

/** `compact`: without the spaces that json.dumps puts after commas and colons, as Flask has it. */
function dumps(p: Py, v: Value, compact = false): string {
  const [comma, colon] = compact ? [',', ':'] : [', ', ': '];
  if (typeof v === 'string') return JSON.stringify(v);
  if (v === null) return 'null';
  if (typeof v === 'boolean' || typeof v === 'number') return `${v}`;
  if (isFloat(v)) return str(p, v);
  const o = objOf(p, v);
  if (o?.kind === 'list' || o?.kind === 'tuple') return `[${o.items.map((x) => dumps(p, x, compact)).join(comma)}]`;
  if (o?.kind === 'dict')
    return `{${o.entries.map(([k, x]) => `${JSON.stringify(str(p, k))}${colon}${dumps(p, x, compact)}`).join(comma)}}`;
  throw error(p, 'TypeError', `Object of type ${has(v, 'bytes') ? 'bytes' : 'object'} is not JSON serializable`);
}

function from(p: Py, v: unknown): Value {
  if (Array.isArray(v))
    return list(
      p,
      v.map((x) => from(p, x)),
    );
  if (typeof v === 'object' && v !== null) return alloc(p, { kind: 'dict', entries: Object.entries(v).map(([k, x]) => [k, from(p, x)]) });
  return typeof v === 'number' && !Number.isInteger(v) ? { float: v } : (v as Value);
}

function loads(p: Py, text: string): Value {
  try {
    return from(p, JSON.parse(text));
  } catch (e) {
    if (!(e instanceof SyntaxError)) throw e;
    throw error(p, 'ValueError', 'Expecting value: line 1 column 1 (char 0)');
  }
}

export const JSON_OF = { dumps, loads };
