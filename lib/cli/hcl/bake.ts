/**
 * Files of bake as a whole: variables with their defaults, what the environment says instead, functions, targets that refer to
 * each other, and targets that a matrix multiplies. docker/buildx, bake/hclparser/hclparser.go.
 */

import { strconv } from '../../base';
import type { Attribute, Block, Body, Expr, Range, Source, Value } from './ast';
import { HclError } from './ast';
import { asBool, asText, Evaluator, FUNCTIONS, numberText, type Scope } from './evaluate';
import type { Fn } from './functions';
import { parseHcl, parseTemplate } from './parse';

/** A file and what was read in it. */
interface File {
  source: Source;
  body: Body;
}

export interface Variable {
  name: string;
  value: Value;
  /** As it is listed: "list of string"; '' where none is said. */
  type: string;
  description: string;
}
/** A target or a group with its attributes worked out; `from`: whose matrix it comes of. */
export interface Unit {
  name: string;
  attributes: Record<string, { value: Value; range: Range; source: Source }>;
  from?: string;
}
export interface Baked {
  variables: Variable[];
  targets: Unit[];
  groups: Unit[];
}

// ——— files

const at: Range = [0, 0];

/** The JSON form: strings are templates, and a block is a map by its label. */
function jsonBody(source: Source): Body {
  let json: Record<string, Record<string, Record<string, Value>>>;
  try {
    json = JSON.parse(source.text);
  } catch {
    throw new HclError(source, [0, 1], 'Invalid JSON; The file is not valid JSON.');
  }
  const expr = (v: Value): Expr => {
    if (typeof v === 'string') return { ...parseTemplate(source.name, v), range: at };
    if (Array.isArray(v)) return { kind: 'list', items: v.map(expr), range: at };
    if (v !== null && typeof v === 'object')
      return { kind: 'object', items: Object.entries(v).map(([k, x]) => [{ kind: 'literal', value: k, range: at }, expr(x)]), range: at };
    return { kind: 'literal', value: v, range: at };
  };
  const block = (type: string, label: string, of: Record<string, Value>): Block => ({
    type,
    labels: [label],
    range: at,
    body: {
      attributes: Object.entries(of)
        .filter(([k]) => k !== 'validation')
        .map(([name, v]): Attribute => ({ name, value: expr(v) })),
      blocks: [],
    },
  });
  const blocks = Object.entries(json).flatMap(([type, of]) =>
    ['group', 'target', 'variable', 'function'].includes(type) ? Object.entries(of).map(([label, body]) => block(type, label, body)) : [],
  );
  const attributes = Object.entries(json)
    .filter(([k]) => !['group', 'target', 'variable', 'function'].includes(k))
    .map(([name, v]): Attribute => ({ name, value: expr(v as unknown as Value) }));
  return { attributes, blocks };
}

export const readFile = (source: Source): File => ({ source, body: source.name.endsWith('.json') ? jsonBody(source) : parseHcl(source) });

// ——— working it out

/** `type = list(string)` in words. */
function typeText(e: Expr): string {
  if (e.kind === 'variable') return e.name === 'any' ? 'dynamic' : e.name;
  if (e.kind === 'call') return `${e.name} of ${e.args.map(typeText).join(', ')}`;
  return 'object';
}

class World {
  private readonly values = new Map<string, Value>();
  private readonly busy = new Set<string>();
  private readonly variables = new Map<string, { file: File; block: Block } | { file: File; attribute: Attribute }>();
  private readonly functions = new Map<string, { file: File; block: Block }>();
  readonly blocks: { file: File; block: Block }[] = [];
  private readonly bodies = new Map<string, Record<string, Value>>();

  constructor(
    files: readonly File[],
    private readonly env: Readonly<Record<string, string>>,
  ) {
    for (const file of files) {
      for (const attribute of file.body.attributes) this.variables.set(attribute.name, { file, attribute });
      for (const block of file.body.blocks) {
        const label = block.labels[0] ?? '';
        if (block.type === 'variable') this.variables.set(label, { file, block });
        else if (block.type === 'function') this.functions.set(label, { file, block });
        else if (block.type === 'target' || block.type === 'group') this.blocks.push({ file, block });
      }
    }
  }

  scope(file: File): Scope {
    return {
      source: file.source,
      variable: (name) => this.variable(name),
      fn: (name) => this.fn(name) ?? FUNCTIONS[name],
      functionNames: () => [...Object.keys(FUNCTIONS), ...this.functions.keys()],
    };
  }
  evaluator(file: File, locals: Record<string, Value> = {}): Evaluator {
    return new Evaluator(this.scope(file), locals);
  }

  private variable(name: string): Value | undefined {
    if (name === 'target') return this.allTargets();
    if (name === 'BAKE_CMD_CONTEXT') return 'cwd://';
    if (name === 'BAKE_LOCAL_PLATFORM') return 'linux/amd64';
    const known = this.values.get(name);
    if (known !== undefined) return known;
    const found = this.variables.get(name);
    if (!found) return undefined;
    if (this.busy.has(name)) throw new Cycle(name);
    this.busy.add(name);
    const value = 'attribute' in found ? this.valueIn(found.file, found.attribute.value) : this.declared(name, found.file, found.block);
    this.busy.delete(name);
    this.values.set(name, value);
    return value;
  }

  /** An expression at the top of a file: a cycle is told where it closes. */
  private valueIn(file: File, e: Expr): Value {
    try {
      return this.evaluator(file).value(e);
    } catch (fault) {
      if (fault instanceof Cycle)
        throw new HclError(file.source, e.range, `Invalid expression; variable cycle not allowed for ${fault.variable}`);
      throw fault;
    }
  }

  private declared(name: string, file: File, block: Block): Value {
    const given = attributeOf(block, 'default');
    const own = given ? this.valueIn(file, given) : null;
    const text = this.env[name];
    if (text === undefined) return own;
    const type = attributeOf(block, 'type');
    const wanted = type ? typeText(type) : own === null ? 'string' : typeof own === 'boolean' ? 'bool' : typeof own;
    return fromEnv(
      text,
      wanted,
      (why) => new HclError(file.source, block.range, `Invalid value; failed to parse ${name} as ${wanted}: ${why}`),
    );
  }

  private fn(name: string): Fn | undefined {
    const found = this.functions.get(name);
    if (!found) return undefined;
    const { file, block } = found;
    const names = (attribute: string) => (attributeOf(block, attribute) as Extract<Expr, { kind: 'list' }> | undefined)?.items ?? [];
    const params = names('params').map((p) => (p.kind === 'variable' ? p.name : String((p as { value?: Value }).value)));
    const variadic = attributeOf(block, 'variadic_params');
    const rest = variadic ? (variadic.kind === 'variable' ? variadic.name : String((variadic as { value?: Value }).value)) : null;
    const result = attributeOf(block, 'result') as Expr;
    return {
      params,
      min: params.length,
      max: rest === null ? params.length : null,
      call: (args) => {
        const locals: Record<string, Value> = Object.fromEntries(params.map((p, i) => [p, args[i] as Value]));
        if (rest !== null) locals[rest] = args.slice(params.length);
        return this.evaluator(file, locals).value(result);
      },
    };
  }

  /** target.NAME.ATTRIBUTE: a map whose values are worked out when asked for. */
  private allTargets(): Value {
    const out: Record<string, Value> = {};
    for (const { file, block } of this.blocks) {
      const [name = ''] = block.labels;
      if (block.type !== 'target' || attributeOf(block, 'matrix')) continue;
      Object.defineProperty(out, name, { enumerable: true, configurable: true, get: () => this.bodyOf(name, file, block) });
    }
    return out;
  }
  private bodyOf(name: string, file: File, block: Block): Record<string, Value> {
    const known = this.bodies.get(name);
    if (known) return known;
    const out: Record<string, Value> = {};
    this.bodies.set(name, out);
    for (const a of block.body.attributes)
      Object.defineProperty(out, a.name, { enumerable: true, get: () => this.evaluator(file).value(a.value) });
    return out;
  }

  listed(): Variable[] {
    const out: Variable[] = [];
    for (const [name, found] of this.variables) {
      const value = this.variable(name) as Value;
      if ('attribute' in found) continue;
      const [type, description] = [attributeOf(found.block, 'type'), attributeOf(found.block, 'description')];
      out.push({
        name,
        value,
        type: type ? typeText(type) : '',
        description: description ? (asText(this.evaluator(found.file).value(description)) ?? '') : '',
      });
    }
    return out.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** What variables may be: `validation { condition = … }`. */
  validate() {
    for (const [name, found] of this.variables) {
      this.variable(name);
      if ('attribute' in found) continue;
      for (const v of found.block.body.blocks.filter((b) => b.type === 'validation')) {
        const condition = attributeOf(v, 'condition');
        if (!condition || asBool(this.evaluator(found.file).value(condition)) === true) continue;
        const words = attributeOf(v, 'error_message');
        const why = words ? asText(this.evaluator(found.file).value(words)) : 'This check failed';
        throw new HclError(found.file.source, condition.range, `Validation failed; ${why}`);
      }
    }
  }
}

/** A variable whose default needs itself. */
class Cycle extends Error {
  readonly variable: string;
  constructor(variable: string) {
    super(variable);
    this.variable = variable;
  }
}

const attributeOf = (block: Block, name: string): Expr | undefined => block.body.attributes.findLast((a) => a.name === name)?.value;

/** A value from the environment, of a variable's type; lists as lines of CSV. */
function fromEnv(text: string, type: string, fault: (why: string) => HclError): Value {
  if (type === 'number') {
    const n = Number(text);
    if (text.trim() === '' || Number.isNaN(n)) throw fault(`strconv.ParseFloat: parsing ${JSON.stringify(text)}: invalid syntax`);
    return n;
  }
  if (type === 'bool') {
    try {
      return strconv.parseBool(text);
    } catch {
      throw fault(`strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`);
    }
  }
  const [, of] = /^(?:list|set|tuple) of (.*)$/.exec(type) ?? [];
  if (of === undefined) return text;
  return text === '' ? [] : text.split(',').map((x) => fromEnv(x, of, fault));
}

/** What a matrix comes to: the first name changes fastest. */
function combinations(matrix: Record<string, Value>): Record<string, Value>[] {
  return Object.keys(matrix)
    .sort()
    .reduce<Record<string, Value>[]>(
      (out, name) => ((matrix[name] ?? []) as Value[]).flatMap((v) => out.map((row) => ({ ...row, [name]: v }))),
      [{}],
    );
}

/** Attributes that are not a target's own: what it is called and how often it is there. */
const NOT_OWN = ['name', 'matrix'];

function unitsOf(world: World, file: File, block: Block): Unit[] {
  const [label = ''] = block.labels;
  const matrix = attributeOf(block, 'matrix');
  const of = matrix ? combinations(world.evaluator(file).value(matrix) as Record<string, Value>) : [{}];
  return of.map((locals) => {
    const e = world.evaluator(file, locals);
    const named = attributeOf(block, 'name');
    const attributes: Unit['attributes'] = {};
    for (const a of block.body.attributes) {
      if (NOT_OWN.includes(a.name)) continue;
      try {
        attributes[a.name] = { value: e.value(a.value), range: a.value.range, source: file.source };
      } catch (fault) {
        // It is found out twice: once for the attribute, once for the block.
        if (fault instanceof HclError && fault.others === 0) throw new HclError(fault.source, fault.range, fault.message, 1);
        throw fault;
      }
    }
    const name = named ? (asText(e.value(named)) ?? label) : label;
    return { name, attributes, ...(named ? { from: label } : {}) };
  });
}

export function bakeFiles(files: readonly File[], env: Readonly<Record<string, string>>): Baked {
  const world = new World(files, env);
  world.validate();
  const units = world.blocks.map(({ file, block }) => ({ type: block.type, units: unitsOf(world, file, block) }));
  const of = (type: string) => units.filter((u) => u.type === type).flatMap((u) => u.units);
  return { variables: world.listed(), targets: of('target'), groups: of('group') };
}

/** A variable's value as `--list` shows it. */
export const shown = (v: Value): string =>
  v === null ? '' : typeof v === 'object' ? JSON.stringify(v) : typeof v === 'number' ? numberText(v) : String(v);
