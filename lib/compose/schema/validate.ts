/**
 * Checks a file against the Compose specification's JSON schema (compose-spec.json beside this, version of Compose 2.40
 * without its descriptions) and says what Compose says: of all that is wrong the deepest, in the words of
 * santhosh-tekuri/jsonschema and compose-go (schema/schema.go).
 *
 * Simplified: the keywords that this schema uses.
 */

import { parseDuration } from '../../base';
import { ComposeError, isMapping, type Tree } from '../tree';
import specification from './compose-spec.json';

interface Schema {
  $ref?: string;
  type?: string | string[];
  enum?: Tree[];
  pattern?: string;
  format?: string;
  minimum?: number;
  maximum?: number;
  required?: string[];
  properties?: Record<string, Schema>;
  patternProperties?: Record<string, Schema>;
  additionalProperties?: boolean | Schema;
  items?: Schema;
  uniqueItems?: boolean;
  oneOf?: Schema[];
}

interface Root extends Schema {
  definitions: Record<string, Schema>;
}
const root = specification as unknown as Root;

interface Problem {
  path: readonly string[];
  words: string;
  depth: number;
}

const problem = (path: readonly string[], words: string, more = 0): Problem => ({ path, words, depth: path.length + more });

function typesOf(value: Tree): string[] {
  if (value === null) return ['null'];
  if (Array.isArray(value)) return ['array'];
  if (typeof value === 'object') return ['object'];
  if (typeof value !== 'number') return [typeof value];
  return Number.isInteger(value) ? ['integer', 'number'] : ['number'];
}

const readable = (type: string) => (type === 'object' ? 'mapping' : type);
function anyOf(types: string[]): string {
  const names = types.map(readable).sort();
  return names.length === 1 ? (names[0] as string) : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}

const quoted = (values: readonly string[]) => values.map((v) => `'${v}'`).join(', ');

/** The first of the deepest. */
const deepest = (found: readonly Problem[]): Problem | null =>
  found.reduce<Problem | null>((best, one) => (best === null || one.depth > best.depth ? one : best), null);

const patterns = new Map<string, RegExp>();
function pattern(text: string): RegExp {
  const known = patterns.get(text);
  if (known) return known;
  const made = new RegExp(text);
  patterns.set(text, made);
  return made;
}

function objectProblems(schema: Schema, value: { [key: string]: Tree }, path: readonly string[]): (Problem | null)[] {
  const found: (Problem | null)[] = [];
  const missing = (schema.required ?? []).filter((name) => !Object.hasOwn(value, name));
  if (missing.length === 1) found.push(problem(path, `missing property ${quoted(missing)}`));
  else if (missing.length > 1) found.push(problem(path, `missing properties ${quoted(missing)}`));
  const extra: string[] = [];
  for (const key of Object.keys(value).sort()) {
    const item = value[key] as Tree;
    let known = false;
    const own = schema.properties && Object.hasOwn(schema.properties, key) ? schema.properties[key] : undefined;
    if (own) {
      known = true;
      found.push(check(own, item, [...path, key]));
    }
    for (const [text, inner] of Object.entries(schema.patternProperties ?? {}))
      if (pattern(text).test(key)) {
        known = true;
        found.push(check(inner, item, [...path, key]));
      }
    if (known) continue;
    if (schema.additionalProperties === false) extra.push(key);
    else if (typeof schema.additionalProperties === 'object') found.push(check(schema.additionalProperties, item, [...path, key]));
  }
  if (extra.length > 0) found.push(problem(path, `additional properties ${quoted(extra)} not allowed`, 1));
  return found;
}

/** What is wrong with a value, or null. */
function check(schema: Schema, value: Tree, path: readonly string[]): Problem | null {
  const found: (Problem | null)[] = [];
  if (schema.$ref) {
    const named = root.definitions[schema.$ref.replace('#/definitions/', '')];
    if (named) found.push(check(named, value, path));
  }
  if (schema.type !== undefined) {
    const types = typeof schema.type === 'string' ? [schema.type] : schema.type;
    if (!typesOf(value).some((type) => types.includes(type))) return problem(path, `must be a ${anyOf(types)}`);
  }
  if (schema.enum && !schema.enum.includes(value)) found.push(problem(path, `value must be one of ${quoted(schema.enum.map(String))}`));
  if (typeof value === 'number') {
    if (schema.minimum !== undefined && value < schema.minimum)
      found.push(problem(path, `must be greater than or equal to ${schema.minimum}`));
    if (schema.maximum !== undefined && value > schema.maximum)
      found.push(problem(path, `must be less than or equal to ${schema.maximum}`));
  }
  if (typeof value === 'string') {
    if (schema.pattern !== undefined && !pattern(schema.pattern).test(value))
      found.push(problem(path, `'${value}' does not match pattern '${schema.pattern}'`));
    if (schema.format === 'duration') {
      try {
        parseDuration(value);
      } catch (e) {
        found.push(problem(path, `'${value}' is not valid duration: ${(e as Error).message}`));
      }
    }
  }
  if (Array.isArray(value)) {
    if (schema.uniqueItems) {
      const seen = value.map((item) => JSON.stringify(item));
      const second = seen.findIndex((text, i) => seen.indexOf(text) < i);
      if (second >= 0) found.push(problem(path, `items at ${seen.indexOf(seen[second] as string)} and ${second} are equal`));
    }
    const { items } = schema;
    if (items) value.forEach((item, i) => found.push(check(items, item, [...path, `${i}`])));
  }
  if (isMapping(value)) found.push(...objectProblems(schema, value, path));
  if (schema.oneOf) {
    const tried = schema.oneOf.map((one) => check(one, value, path));
    const right = tried.flatMap((p, i) => (p === null ? [i] : []));
    if (right.length === 0) found.push(deepest(tried.filter((p) => p !== null)));
    else if (right.length > 1) found.push(problem(path, `'oneOf' failed, subschemas ${right.join(', ')} matched`));
  }
  return deepest(found.filter((p) => p !== null));
}

/** Ends loading if the file is not as the specification has it. */
export function validate(tree: Tree): void {
  const wrong = check(root, tree, []);
  if (wrong) throw new ComposeError(`${wrong.path.join('.')} ${wrong.words}`);
}
