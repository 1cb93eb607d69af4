/**
 * What `docker buildx bake` builds: groups and targets of JSON, HCL and Compose files, merged. docker/buildx, bake/bake.go.
 *
 *   {"group":{"default":{"targets":["web"]}},"target":{"web":{"tags":["web:${TAG}"]}},"variable":{"TAG":{"default":"latest"}}}
 *
 * Simplified: of HCL blocks, attributes with strings, numbers, booleans, lists and maps, and ${NAME} in strings; functions,
 * conditions, matrices and references to other targets say that they are not modelled. Of Compose files the services' build.
 */

import { type Mapping, parseYaml } from '../../compose';
import { CommandError, notModelled } from './api';

export interface Target {
  context?: string;
  dockerfile?: string;
  'dockerfile-inline'?: string;
  contexts?: Record<string, string>;
  args?: Record<string, string>;
  labels?: Record<string, string>;
  tags?: string[];
  'cache-from'?: string[];
  'cache-to'?: string[];
  target?: string;
  secret?: string[];
  platforms?: string[];
  output?: string[];
  pull?: boolean;
  'no-cache'?: boolean;
  network?: string;
  'no-cache-filter'?: string[];
  'extra-hosts'?: Record<string, string>;
  inherits?: string[];
  description?: string;
}
export interface BakeFile {
  group: Record<string, { targets: string[]; description?: string }>;
  target: Record<string, Target>;
  variable: Record<string, { default?: string; description?: string }>;
}

export const EMPTY: BakeFile = { group: {}, target: {}, variable: {} };

// ——— HCL

type Value = string | number | boolean | null | Value[] | { [key: string]: Value };

class Hcl {
  private at = 0;
  constructor(
    private readonly text: string,
    private readonly name: string,
  ) {}

  private fail(what: string): never {
    const line = this.text.slice(0, this.at).split('\n').length;
    throw new CommandError(`ERROR: ${this.name}:${line}: ${what}`);
  }

  private skip(lines = true) {
    const blank = lines ? /(?:\s|#[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y : /[ \t]*/y;
    blank.lastIndex = this.at;
    this.at += (blank.exec(this.text)?.[0] ?? '').length;
  }

  private take(pattern: RegExp): string | null {
    const sticky = new RegExp(pattern.source, 'y');
    sticky.lastIndex = this.at;
    const found = sticky.exec(this.text);
    if (!found) return null;
    this.at += found[0].length;
    return found[0];
  }

  private string(): string {
    const raw = this.take(/"(?:[^"\\\n]|\\.)*"/) ?? this.fail('Invalid expression');
    return JSON.parse(raw) as string;
  }

  private list(): Value[] {
    const out: Value[] = [];
    for (this.skip(); !this.take(/\]/); this.skip()) {
      out.push(this.value());
      this.skip();
      this.take(/,/);
    }
    return out;
  }

  private map(): Record<string, Value> {
    const out: Record<string, Value> = {};
    for (this.skip(); !this.take(/\}/); this.skip()) {
      const key = this.text[this.at] === '"' ? this.string() : (this.take(/[\w-]+/) ?? this.fail('Invalid key'));
      this.skip();
      if (!this.take(/[=:]/)) this.fail('Missing equals sign');
      this.skip();
      out[key] = this.value();
      this.skip();
      this.take(/,/);
    }
    return out;
  }

  private value(): Value {
    if (this.text[this.at] === '"') return this.string();
    if (this.take(/\[/)) return this.list();
    if (this.take(/\{/)) return this.map();
    const number = this.take(/-?\d+(?:\.\d+)?/);
    if (number !== null) return Number(number);
    const word = this.take(/[A-Za-z_][\w.-]*/) ?? this.fail('Invalid expression');
    this.skip(false);
    if (this.text[this.at] === '(') throw notModelled(`the function ${word} in ${this.name}`);
    if (word === 'true' || word === 'false') return word === 'true';
    if (word === 'null') return null;
    if (word.includes('.')) throw notModelled(`the reference ${word} in ${this.name}`);
    return `\${${word}}`;
  }

  /** Blocks with a label each, as the JSON form has them. */
  read(): Record<string, Record<string, Record<string, Value>>> {
    const out: Record<string, Record<string, Record<string, Value>>> = {};
    for (this.skip(); this.at < this.text.length; this.skip()) {
      const kind = this.take(/[A-Za-z_][\w-]*/) ?? this.fail('Argument or block definition required');
      this.skip(false);
      if (this.text[this.at] !== '"') throw notModelled(`${kind} at the top of ${this.name}`);
      const label = this.string();
      this.skip(false);
      if (!this.take(/\{/)) this.fail('Invalid block definition');
      out[kind] = { ...out[kind], [label]: this.body() };
    }
    return out;
  }

  private body(): Record<string, Value> {
    const out: Record<string, Value> = {};
    for (this.skip(); !this.take(/\}/); this.skip()) {
      const key = this.take(/[A-Za-z_][\w-]*/) ?? this.fail('Argument or block definition required');
      this.skip(false);
      if (!this.take(/=/)) throw notModelled(`the block ${key} in ${this.name}`);
      this.skip(false);
      out[key] = this.value();
    }
    return out;
  }
}

// ——— Compose

const pairs = (v: unknown): Record<string, string> =>
  Array.isArray(v)
    ? Object.fromEntries(v.map((item) => String(item).split(/=(.*)/s).slice(0, 2) as [string, string]))
    : Object.fromEntries(Object.entries((v ?? {}) as Mapping).map(([k, x]) => [k, String(x)]));

function ofCompose(name: string, text: string): BakeFile {
  const services = ((parseYaml(text, name)[0]?.value as Mapping | undefined)?.services ?? {}) as Record<string, Mapping>;
  const target: BakeFile['target'] = {};
  for (const [key, service] of Object.entries(services).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const { build } = service;
    if (build === undefined || build === null) continue;
    const b = (typeof build === 'string' ? { context: build } : build) as Mapping;
    target[key] = {
      context: String(b.context ?? '.'),
      dockerfile: String(b.dockerfile ?? 'Dockerfile'),
      ...(typeof b.dockerfile_inline === 'string' ? { 'dockerfile-inline': b.dockerfile_inline } : {}),
      ...(b.args ? { args: pairs(b.args) } : {}),
      ...(b.labels ? { labels: pairs(b.labels) } : {}),
      ...(service.image ? { tags: [String(service.image)] } : {}),
      ...(b.target ? { target: String(b.target) } : {}),
    };
  }
  return { ...EMPTY, group: { default: { targets: Object.keys(target) } }, target };
}

// ——— reading and merging

export function readBake(name: string, text: string): BakeFile {
  if (/\.ya?ml$/.test(name)) return ofCompose(name, text);
  let raw: Partial<BakeFile>;
  if (name.endsWith('.json')) {
    try {
      raw = JSON.parse(text) as Partial<BakeFile>;
    } catch {
      throw new CommandError(`ERROR: ${name}: Invalid JSON`);
    }
  } else raw = new Hcl(text, name).read() as unknown as Partial<BakeFile>;
  return { group: raw.group ?? {}, target: raw.target ?? {}, variable: raw.variable ?? {} };
}

const MAPS = ['args', 'labels', 'contexts'] as const;

/** What a target says over what another does: maps are joined, all else is replaced. */
export function over(base: Target, own: Target): Target {
  const out = { ...base, ...own };
  for (const key of MAPS) if (base[key] || own[key]) out[key] = { ...base[key], ...own[key] };
  return out;
}

export function merged(files: readonly BakeFile[]): BakeFile {
  let out = EMPTY;
  for (const f of files) {
    const target = { ...out.target };
    for (const [name, t] of Object.entries(f.target)) target[name] = over(target[name] ?? {}, t);
    out = { group: { ...out.group, ...f.group }, target, variable: { ...out.variable, ...f.variable } };
  }
  return out;
}

/** ${NAME} replaced in every string. */
export function expanded<T>(value: T, lookup: (name: string) => string): T {
  if (typeof value === 'string')
    return value.replaceAll(/\$\{([^}]*)\}/g, (_, name: string) => {
      if (!/^\w+$/.test(name)) throw notModelled(`the expression \${${name}}`);
      return lookup(name);
    }) as T;
  if (Array.isArray(value)) return value.map((v) => expanded(v, lookup)) as T;
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, expanded(v, lookup)])) as T;
  return value;
}

/** A target with what it inherits; a loop ends where it closes. */
export function resolved(file: BakeFile, name: string, seen: readonly string[] = []): Target {
  const own = file.target[name];
  if (!own || seen.includes(name)) throw new CommandError(`ERROR: failed to find target ${name}`);
  const { inherits = [], ...rest } = own;
  return inherits.reduceRight((below, parent) => over(resolved(file, parent, [...seen, name]), below), rest as Target);
}

/** Names that a list of groups and targets comes to, each once. */
export function targetsOf(file: BakeFile, names: readonly string[]): string[] {
  const out: string[] = [];
  const visit = (name: string, seen: readonly string[]) => {
    const group = file.group[name];
    if (group && !seen.includes(name)) for (const t of group.targets) visit(t, [...seen, name]);
    else if (file.target[name]) {
      if (!out.includes(name)) out.push(name);
    } else throw new CommandError(`ERROR: failed to find target ${name}`);
  };
  for (const n of names) visit(n, []);
  return out;
}
