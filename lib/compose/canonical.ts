/**
 * Every field in its long form: compose-go, transform. What has one spelling afterwards can be merged and checked.
 */

import type { Release } from '../base/ports';
import { parsePort, parseVolume } from './short';
import { ComposeError, isMapping, type Mapping, ruleFor, type Tree, textOf } from './tree';

interface Options {
  /** Variables were left in: a short form that cannot be read stays as it is. */
  lenient: boolean;
  release: Release;
}
type Change = (value: Tree, path: readonly string[], options: Options) => Tree;

/** Runs what may not understand a text that still has variables. */
function unless(lenient: boolean, value: Tree, read: () => Tree): Tree {
  if (!lenient) return read();
  try {
    return read();
  } catch (e) {
    if (e instanceof ComposeError) return value;
    throw e;
  }
}

const build: Change = (value) => {
  if (typeof value === 'string') return { context: value };
  if (!isMapping(value)) return value;
  return value.context === undefined && value.dockerfile_inline === undefined ? { ...value, context: '.' } : value;
};

const dependsOn: Change = (value) => {
  if (Array.isArray(value))
    return Object.fromEntries(value.map((name) => [textOf(name), { condition: 'service_started', required: true }]));
  if (!isMapping(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [
      name,
      isMapping(one) ? { ...one, condition: one.condition ?? 'service_started', required: one.required ?? true } : one,
    ]),
  );
};

const envFile: Change = (value) =>
  (Array.isArray(value) ? value : [value]).map(
    (one): Tree =>
      typeof one === 'string' ? { path: one, required: true } : isMapping(one) ? { ...one, required: one.required ?? true } : one,
  );

const list: Change = (value) => (Array.isArray(value) || value === null ? value : [value]);

const names: Change = (value) => (Array.isArray(value) ? Object.fromEntries(value.map((name) => [textOf(name), null])) : value);

const extendsService: Change = (value) => (typeof value === 'string' ? { service: value } : value);

const volume: Change = (value, _, { lenient }) => (typeof value === 'string' ? unless(lenient, value, () => parseVolume(value)) : value);

const device: Change = (value) => {
  if (typeof value !== 'string') return value;
  const parts = value.split(':');
  if (parts.length > 3) throw new ComposeError(`confusing device mapping, please use long syntax: ${value}`);
  const [source = '', target = source, permissions = 'rwm'] = parts;
  return { source, target, permissions };
};

const file: Change = (value) => (typeof value === 'string' ? { source: value } : value);

const ports: Change = (value, _, { lenient, release }) => {
  if (!Array.isArray(value)) return value;
  return value.flatMap((one) => {
    if (isMapping(one)) return [typeof one.published === 'number' ? { ...one, published: `${one.published}` } : one];
    const read = unless(lenient, one, () => parsePort(textOf(one), release));
    return Array.isArray(read) ? read : [read];
  });
};

const gpus: Change = (value) => (value === 'all' ? [{ count: 'all' }] : value);

/** external: {name: x} is external: true with a name. */
const external: Change = (value, path) => {
  if (!isMapping(value) || !isMapping(value.external)) return value;
  const { external: old, ...rest } = value;
  const name = (old as Mapping).name;
  if (rest.name !== undefined && name !== undefined && rest.name !== name)
    throw new ComposeError(`${path.join('.')}: name and external.name conflict; only use name`);
  return { ...rest, external: true, ...(name === undefined ? {} : { name }) };
};

const ssh: Change = (value) => {
  if (!Array.isArray(value)) return value;
  return Object.fromEntries(
    value.map((one) => {
      const [key, ...rest] = textOf(one).split('=');
      return [key as string, rest.length > 0 ? rest.join('=') : null];
    }),
  );
};

const additionalContexts: Change = (value) => {
  if (!Array.isArray(value)) return value;
  return Object.fromEntries(
    value.map((one) => {
      const [key, ...rest] = textOf(one).split('=');
      return [key as string, rest.join('=')];
    }),
  );
};

const include: Change = (value) => (typeof value === 'string' ? { path: [value] } : value);

const CHANGES: Readonly<Record<string, Change>> = {
  'services.*.build': build,
  'services.*.build.additional_contexts': additionalContexts,
  'services.*.build.secrets.*': file,
  'services.*.build.ssh': ssh,
  'services.*.depends_on': dependsOn,
  'services.*.env_file': envFile,
  'services.*.label_file': list,
  'services.*.extends': extendsService,
  'services.*.gpus': gpus,
  'services.*.networks': names,
  'services.*.models': names,
  'services.*.volumes.*': volume,
  'services.*.devices.*': device,
  'services.*.secrets.*': file,
  'services.*.configs.*': file,
  'services.*.ports': ports,
  'volumes.*': external,
  'networks.*': external,
  'secrets.*': external,
  'configs.*': external,
  'include.*': include,
};
const changeOf = ruleFor(CHANGES);

export function canonical(tree: Tree, options: Options, path: readonly string[] = []): Tree {
  const change = path.length > 1 && path.length < 6 ? changeOf(path) : undefined;
  const value = change ? change(tree, path, options) : tree;
  if (path.length >= 5) return value;
  if (Array.isArray(value)) return value.map((item, i) => canonical(item, options, [...path, `${i}`]));
  if (!isMapping(value)) return value;
  const out: Mapping = {};
  for (const [key, item] of Object.entries(value)) out[key] = canonical(item, options, [...path, key]);
  return out;
}

/** Fields that nobody may leave empty: an empty text there is as good as none. */
const EMPTY = ['services.*.dns'];
const mayGo = ruleFor(Object.fromEntries(EMPTY.map((p) => [p, true])));

export function omitEmpty(tree: Tree, path: readonly string[] = []): Tree {
  if (Array.isArray(tree)) {
    const kept = mayGo(path) ? tree.filter((one) => one !== '') : tree;
    return kept.map((item) => omitEmpty(item, [...path, '[]']));
  }
  if (!isMapping(tree)) return tree;
  const out: Mapping = {};
  for (const [key, item] of Object.entries(tree)) {
    if (item === '' && mayGo([...path, key])) continue;
    out[key] = path.length >= 3 ? item : omitEmpty(item, [...path, key]);
  }
  return out;
}

// ——— what is left out has a value all the same

const withDefaults: Readonly<Record<string, (value: Mapping) => Mapping>> = {
  'services.*.build': (b) => ({
    ...b,
    context: b.context ?? '.',
    ...(b.dockerfile === undefined && b.dockerfile_inline === undefined ? { dockerfile: 'Dockerfile' } : {}),
  }),
  'services.*.secrets.*': (s) => ({ ...s, target: s.target ?? `/run/secrets/${textOf(s.source ?? '')}` }),
  'services.*.ports.*': (p) => ({ ...p, mode: p.mode ?? 'ingress', protocol: p.protocol ?? 'tcp' }),
  'services.*.deploy.resources.reservations.devices.*': (d) => deviceCount(d),
  'services.*.gpus.*': (d) => deviceCount(d),
  'services.*.volumes.*.bind': (b) => ({ ...b, create_host_path: b.create_host_path ?? true }),
};
const deviceCount = (d: Mapping): Mapping => (d.count === undefined && d.device_ids === undefined ? { ...d, count: -1 } : d);
const defaultOf = ruleFor(withDefaults);

export function setDefaults(tree: Tree, path: readonly string[] = []): Tree {
  const rule = defaultOf(path);
  const value = rule && isMapping(tree) ? rule(tree) : tree;
  if (path.length >= 7) return value;
  if (Array.isArray(value)) return value.map((item, i) => setDefaults(item, [...path, `${i}`]));
  if (!isMapping(value)) return value;
  const out: Mapping = {};
  for (const [key, item] of Object.entries(value)) out[key] = setDefaults(item, [...path, key]);
  return out;
}
