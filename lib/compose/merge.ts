/**
 * One Compose file over another: the Compose specification, "Merge"; compose-go, override.
 *
 * Mappings merge key by key, lists are joined, everything else is replaced. The tables below say where it is otherwise,
 * and which entries of a list mean the same thing, so that the later one replaces the earlier.
 */

import { parseVolume } from './short';
import { ComposeError, isMapping, type Mapping, ruleFor, type Tree, textOf } from './tree';

type Merger = (base: Tree, over: Tree, path: readonly string[]) => Tree;

const replace: Merger = (_, over) => over;

/** A mapping as "k=v" texts, sorted; a list as it is; one text as a list of it. */
function toSequence(value: Tree): Tree[] {
  if (Array.isArray(value)) return value;
  if (isMapping(value))
    return Object.entries(value)
      .map(([key, v]) => (v === null ? key : `${key}=${textOf(v)}`))
      .sort();
  return value === null ? [] : [value];
}
const sequences: Merger = (base, over) => [...toSequence(base), ...toSequence(over)];

/** Hosts: "name=address" each; a mapping may give several addresses to a name. */
function hosts(value: Tree): Tree[] {
  if (!isMapping(value)) return toSequence(value);
  return Object.entries(value)
    .flatMap(([name, v]) => (Array.isArray(v) ? v : [v]).map((one) => `${name}=${textOf(one)}`))
    .sort();
}
const extraHosts: Merger = (base, over) => [...hosts(base), ...hosts(over)];

/** A list of names as a mapping of them. */
const named =
  (empty: () => Tree) =>
  (value: Tree): Tree =>
    Array.isArray(value) ? Object.fromEntries(value.map((name) => [textOf(name), empty()])) : value;
const asNamed =
  (convert: (value: Tree) => Tree): Merger =>
  (base, over, path) =>
    mergeMappings((convert(base) ?? {}) as Mapping, (convert(over) ?? {}) as Mapping, path);

const build = (value: Tree): Tree => (typeof value === 'string' ? { context: value } : value);

const logging: Merger = (base, over, path) => {
  if (!isMapping(base) || !isMapping(over)) return over;
  const same = base.driver === over.driver || base.driver === undefined || over.driver === undefined;
  return same ? mergeMappings(base, over, path) : over;
};

const ulimit: Merger = (base, over, path) => (isMapping(base) && isMapping(over) ? mergeMappings(base, over, path) : over);

/** Pools of the same subnet are the same pool. */
const pools: Merger = (base, over, path) => {
  if (!Array.isArray(base) || !Array.isArray(over)) throw cannot(path, base);
  const rest = [...over];
  const merged = base.map((pool) => {
    const at = rest.findIndex((o) => isMapping(o) && isMapping(pool) && o.subnet === pool.subnet);
    return at < 0 ? pool : mergeMappings(pool as Mapping, rest.splice(at, 1)[0] as Mapping, [...path, '[]']);
  });
  return [...merged, ...rest];
};

const SPECIAL: Readonly<Record<string, Merger>> = {
  'networks.*.ipam.config': pools,
  'networks.*.labels': sequences,
  'volumes.*.labels': sequences,
  'services.*.annotations': sequences,
  'services.*.build': asNamed(build),
  'services.*.build.args': sequences,
  'services.*.build.additional_contexts': sequences,
  'services.*.build.extra_hosts': extraHosts,
  'services.*.build.labels': sequences,
  'services.*.command': replace,
  'services.*.depends_on': asNamed(named(() => ({ condition: 'service_started', required: true }))),
  'services.*.deploy.labels': sequences,
  'services.*.dns': sequences,
  'services.*.dns_opt': sequences,
  'services.*.dns_search': sequences,
  'services.*.entrypoint': replace,
  'services.*.env_file': sequences,
  'services.*.label_file': sequences,
  'services.*.environment': sequences,
  'services.*.extra_hosts': extraHosts,
  'services.*.healthcheck.test': replace,
  'services.*.labels': sequences,
  'services.*.volumes.*.volume.labels': sequences,
  'services.*.logging': logging,
  'services.*.models': asNamed(named(() => null)),
  'services.*.networks': asNamed(named(() => null)),
  'services.*.sysctls': sequences,
  'services.*.tmpfs': sequences,
  'services.*.ulimits.*': ulimit,
};
const special = ruleFor(SPECIAL);

const kind = (value: Tree): string => (Array.isArray(value) ? 'sequence' : isMapping(value) ? 'mapping' : 'scalar');
const cannot = (path: readonly string[], base: Tree) => new ComposeError(`cannot override ${path.join('.')}: should be a ${kind(base)}`);

function mergeValues(base: Tree, over: Tree, path: readonly string[]): Tree {
  const rule = special(path);
  if (rule) return rule(base, over, path);
  if (base === null || over === null) return over ?? base;
  if (isMapping(base)) {
    if (!isMapping(over)) throw cannot(path, base);
    return mergeMappings(base, over, path);
  }
  if (Array.isArray(base)) {
    if (!Array.isArray(over)) throw cannot(path, base);
    return [...base, ...over];
  }
  return over;
}

function mergeMappings(base: Mapping, over: Mapping, path: readonly string[]): Mapping {
  const out: Mapping = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const before = Object.hasOwn(base, key) ? base[key] : undefined;
    out[key] = before === undefined || key.startsWith('x-') ? value : mergeValues(before, value, [...path, key]);
  }
  return out;
}

/** The second file over the first. */
export const merge = (base: Mapping, over: Mapping): Mapping => mergeMappings(base, over, []);

/** A service over the one that it extends: as files merge. */
export const mergeService = (base: Mapping, over: Mapping): Mapping => mergeMappings(base, over, ['services', 'x']);

// ——— entries that mean the same

type Index = (entry: Tree, path: readonly string[]) => string;

const keyValue: Index = (entry) => textOf(entry).split('=')[0] as string;
const whole: Index = textOf;

const volume: Index = (entry, path) => {
  if (typeof entry === 'string') return parseVolume(entry).target;
  if (isMapping(entry) && typeof entry.target === 'string') return entry.target;
  throw new ComposeError(`service volume ${path.join('.')} is missing a mount target`);
};
const device: Index = (entry, path) => {
  if (typeof entry === 'string') {
    const parts = entry.split(':');
    return (parts[1] ?? parts[0]) as string;
  }
  if (isMapping(entry) && typeof entry.target === 'string') return entry.target;
  if (isMapping(entry) && typeof entry.source === 'string') return entry.source;
  throw new ComposeError(`service device ${path.join('.')} is missing a mount target`);
};
const mount =
  (folder: string): Index =>
  (entry) =>
    isMapping(entry)
      ? typeof entry.target === 'string'
        ? entry.target
        : `${folder}/${textOf(entry.source ?? null)}`
      : `${folder}/${textOf(entry)}`;
const envFile: Index = (entry) => textOf(isMapping(entry) ? (entry.path ?? null) : entry);
const port: Index = (entry, path) => {
  if (!isMapping(entry)) return textOf(entry);
  if (typeof entry.target !== 'number') throw new ComposeError(`service ports ${path.join('.')} is missing a target port`);
  return `${entry.host_ip ?? '0.0.0.0'}:${entry.published ?? ''}:${entry.target}/${entry.protocol ?? 'tcp'}`;
};

const UNIQUE: Readonly<Record<string, Index>> = {
  'networks.*.labels': keyValue,
  'networks.*.ipam.options': keyValue,
  'volumes.*.labels': keyValue,
  'services.*.annotations': keyValue,
  'services.*.build.args': keyValue,
  'services.*.build.additional_contexts': keyValue,
  'services.*.build.platform': whole,
  'services.*.build.platforms': whole,
  'services.*.build.tags': whole,
  'services.*.build.labels': keyValue,
  'services.*.build.extra_hosts': whole,
  'services.*.cap_add': whole,
  'services.*.cap_drop': whole,
  'services.*.devices': device,
  'services.*.configs': mount(''),
  'services.*.deploy.labels': keyValue,
  'services.*.dns': whole,
  'services.*.dns_opt': whole,
  'services.*.dns_search': whole,
  'services.*.environment': keyValue,
  'services.*.env_file': envFile,
  'services.*.expose': whole,
  'services.*.extra_hosts': whole,
  'services.*.labels': keyValue,
  'services.*.links': whole,
  'services.*.networks.*.aliases': whole,
  'services.*.networks.*.link_local_ips': whole,
  'services.*.ports': port,
  'services.*.profiles': whole,
  'services.*.secrets': mount('/run/secrets'),
  'services.*.sysctls': keyValue,
  'services.*.tmpfs': whole,
  'services.*.volumes': volume,
};
const index = ruleFor(UNIQUE);

/** Of entries that mean the same the last one, in the place of the first. */
export function enforceUnicity(tree: Tree, path: readonly string[] = []): Tree {
  if (Array.isArray(tree)) {
    const rule = index(path);
    if (!rule) return tree;
    const entries = new Map<string, Tree>();
    tree.forEach((entry, i) => {
      entries.set(rule(entry, [...path, `[${i}]`]), entry);
    });
    return [...entries.values()];
  }
  if (!isMapping(tree)) return tree;
  const out: Mapping = {};
  for (const [key, value] of Object.entries(tree)) out[key] = enforceUnicity(value, [...path, key]);
  return out;
}
