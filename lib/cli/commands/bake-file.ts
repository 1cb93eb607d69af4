/**
 * What `docker buildx bake` builds: groups and targets of JSON, HCL and Compose files, merged. docker/buildx, bake/bake.go.
 *
 *   {"group":{"default":{"targets":["web"]}},"target":{"web":{"tags":["web:${TAG}"]}},"variable":{"TAG":{"default":"latest"}}}
 *
 * Simplified: of Compose files the services' build. The language itself: ../hcl.
 */

import { type Mapping, parseYaml } from '../../compose';
import { asText, bakeFiles, HclError, readFile, type Source, shown, type Unit, type Value } from '../hcl';
import { CommandError } from './api';

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
  variable: Record<string, { default: string; type: string; description: string }>;
}

export const EMPTY: BakeFile = { group: {}, target: {}, variable: {} };

// ——— HCL and JSON

type Kind = 'text' | 'bool' | 'list' | 'map';
/** What each attribute of a target is. What else is written there bake passes over. */
const KINDS: Readonly<Record<string, Kind>> = {
  ...Object.fromEntries(['context', 'dockerfile', 'dockerfile-inline', 'target', 'network', 'description'].map((k) => [k, 'text'])),
  ...Object.fromEntries(['args', 'labels', 'contexts', 'extra-hosts'].map((k) => [k, 'map'])),
  ...Object.fromEntries(
    ['tags', 'cache-from', 'cache-to', 'secret', 'platforms', 'output', 'no-cache-filter', 'inherits', 'targets'].map((k) => [k, 'list']),
  ),
  pull: 'bool',
  'no-cache': 'bool',
};

const REQUIRED: Readonly<Record<Kind, string>> = { text: 'string', bool: 'bool', list: 'list of string', map: 'map of string' };

/** An entry of a list: text, or an object that stands for "k=v,k=v". */
const entry = (v: Value): string | null =>
  v !== null && typeof v === 'object' && !Array.isArray(v)
    ? Object.entries(v)
        .map(([k, x]) => `${k}=${asText(x) ?? ''}`)
        .join(',')
    : asText(v);

function converted(v: Value, kind: Kind): unknown {
  if (v === null) return undefined;
  if (kind === 'text') return asText(v);
  if (kind === 'bool') return typeof v === 'boolean' ? v : v === 'true' ? true : v === 'false' ? false : null;
  if (kind === 'list') {
    const items = Array.isArray(v) ? v.filter((x) => x !== null).map(entry) : null;
    return items === null || items.includes(null) ? null : items;
  }
  if (typeof v !== 'object' || Array.isArray(v)) return null;
  const pairs = Object.entries(v)
    .filter(([, x]) => x !== null)
    .map(([k, x]) => [k, asText(x)]);
  return pairs.some(([, x]) => x === null) ? null : Object.fromEntries(pairs);
}

function targetOf(u: Unit): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const [name, { value, range, source }] of Object.entries(u.attributes)) {
    const kind = KINDS[name];
    if (!kind) continue;
    const made = converted(value, kind);
    if (made === null)
      throw new HclError(source, [range[0], range[0] + 1], `Unsuitable value type; Unsuitable value: ${REQUIRED[kind]} required`);
    if (made !== undefined) out[name] = made;
  }
  return out;
}

/** Files of HCL and JSON together: they see each other's variables, functions and targets. */
export function readTogether(sources: readonly Source[], env: Readonly<Record<string, string>>): BakeFile {
  const baked = bakeFiles(sources.map(readFile), env);
  const target: BakeFile['target'] = {};
  const group: BakeFile['group'] = {};
  for (const u of baked.targets) {
    target[u.name] = over(target[u.name] ?? {}, targetOf(u) as Target);
    if (u.from !== undefined) group[u.from] = { targets: [...(group[u.from]?.targets ?? []), u.name] };
  }
  for (const g of baked.groups) group[g.name] = { targets: [], ...targetOf(g) } as BakeFile['group'][string];
  const variable = Object.fromEntries(
    baked.variables.map((v) => [v.name, { default: shown(v.value), type: v.type, description: v.description }]),
  );
  return { group, target, variable };
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

export const isCompose = (name: string): boolean => /\.ya?ml$/.test(name);
export const readCompose = (name: string, text: string): BakeFile => ofCompose(name, text);

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
