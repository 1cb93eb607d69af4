/** What a file leaves unsaid: networks, names, dependencies, values of the environment (compose-go, loader/normalize.go). */

import type { Lookup } from './interpolate';
import { ComposeError, isMapping, type Mapping, type Tree } from './tree';

const STARTED = { condition: 'service_started', required: true };

/** "A" without a value takes the environment's; without one there it stays unset. */
function resolved(value: Tree | undefined, lookup: Lookup): Tree | undefined {
  if (Array.isArray(value))
    return value.map((one) => {
      if (typeof one !== 'string' || one.includes('=')) return one;
      const found = lookup(one);
      return found === undefined ? one : `${one}=${found}`;
    });
  if (!isMapping(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, v === null ? (lookup(k) ?? null) : v]));
}

/** Values of services' environments that come from outside. */
export function resolveEnvironment(tree: Mapping, lookup: Lookup): Mapping {
  if (!isMapping(tree.services)) return tree;
  const services = Object.fromEntries(
    Object.entries(tree.services).map(([name, s]) => [
      name,
      isMapping(s) && s.environment !== undefined ? { ...s, environment: resolved(s.environment, lookup) as Tree } : s,
    ]),
  );
  return { ...tree, services };
}

const NAMESPACES = ['network_mode', 'ipc', 'pid', 'uts', 'cgroup'];

function service(s: Mapping, lookup: Lookup): Mapping {
  const out: Mapping = { ...s };
  if (isMapping(s.build))
    out.build = {
      ...s.build,
      ...(s.build.args === undefined ? {} : { args: resolved(s.build.args, lookup) as Tree }),
    };
  const needs: Mapping = isMapping(s.depends_on) ? { ...s.depends_on } : {};
  const need = (name: string, restart: boolean) => {
    needs[name] ??= { ...STARTED, ...(restart ? { restart } : {}) };
  };
  for (const link of Array.isArray(s.links) ? s.links : []) need(String(link).split(':')[0] as string, true);
  for (const key of NAMESPACES) {
    const value = s[key];
    if (typeof value === 'string' && value.startsWith('service:')) need(value.slice('service:'.length), true);
  }
  for (const from of Array.isArray(s.volumes_from) ? s.volumes_from : [])
    if (!String(from).startsWith('container:')) need(String(from).split(':')[0] as string, false);
  if (Object.keys(needs).length > 0) out.depends_on = needs;
  if (s.pull_policy === 'if_not_present') out.pull_policy = 'missing';
  const networks = s.networks;
  const none = networks === undefined || networks === null || (isMapping(networks) && Object.keys(networks).length === 0);
  if (none && (s.network_mode === undefined || s.network_mode === '') && s.provider === undefined) out.networks = { default: null };
  return out;
}

/** A resource's name: its own, or the project's and its key. */
function named(section: Tree | undefined, project: string, kind: string): Mapping | undefined {
  if (!isMapping(section)) return undefined;
  return Object.fromEntries(
    Object.entries(section).map(([key, value]) => {
      const one: Mapping = isMapping(value) ? value : {};
      if (value !== null && !isMapping(value)) throw new ComposeError(`${kind}.${key} must be a mapping`);
      const name = one.name ?? (one.external === true ? key : `${project}_${key}`);
      return [key, { ...one, name }];
    }),
  );
}

export function normalise(tree: Mapping, project: string, lookup: Lookup): Mapping {
  const out: Mapping = { ...tree, name: project };
  const services = isMapping(tree.services) ? tree.services : {};
  out.services = Object.fromEntries(Object.entries(services).map(([name, s]) => [name, service(isMapping(s) ? s : {}, lookup)]));
  const usesDefault = Object.values(out.services).some(
    (s) => isMapping(s) && isMapping(s.networks) && Object.hasOwn(s.networks, 'default'),
  );
  const networks: Mapping = isMapping(tree.networks) ? { ...tree.networks } : {};
  if (usesDefault && !Object.hasOwn(networks, 'default')) networks.default = null;
  if (Object.keys(networks).length > 0) out.networks = networks;
  for (const kind of ['networks', 'volumes', 'configs', 'secrets'] as const) {
    const section = named(out[kind], project, kind);
    if (section) out[kind] = section;
  }
  return out;
}
