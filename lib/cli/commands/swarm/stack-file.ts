/**
 * A Compose file as `docker stack` reads it: docker/cli, cli/compose/loader and cli/compose/schema, version 3.13. It is a reader of its
 * own, older than `docker compose`'s: it knows fewer keys, reads no .env, and refuses what it does not know.
 *
 * Simplified: of the schema, the names of keys and the kinds of the main ones.
 */

import { ComposeError, interpolate, isMapping, type Mapping, merge, parseYaml, paths, type Tree } from '../../../compose';
import { CommandError } from '../api';

const ROOT = ['version', 'services', 'networks', 'volumes', 'secrets', 'configs'];
const SERVICE = [
  ...['build', 'cap_add', 'cap_drop', 'cgroupns_mode', 'cgroup_parent', 'command', 'configs', 'container_name', 'credential_spec'],
  ...['depends_on', 'deploy', 'devices', 'dns', 'dns_search', 'domainname', 'entrypoint', 'env_file', 'environment', 'expose'],
  ...['external_links', 'extra_hosts', 'healthcheck', 'hostname', 'image', 'init', 'ipc', 'isolation', 'labels', 'links', 'logging'],
  ...['mac_address', 'network_mode', 'networks', 'oom_score_adj', 'pid', 'ports', 'privileged', 'read_only', 'restart', 'secrets'],
  ...['security_opt', 'shm_size', 'stdin_open', 'stop_grace_period', 'stop_signal', 'sysctls', 'tmpfs', 'tty', 'ulimits', 'user'],
  ...['userns_mode', 'volumes', 'working_dir'],
];
const UNSUPPORTED = [
  ...['build', 'cgroupns_mode', 'cgroup_parent', 'devices', 'domainname', 'external_links', 'ipc', 'links', 'mac_address'],
  ...['network_mode', 'pid', 'privileged', 'restart', 'security_opt', 'shm_size', 'userns_mode'],
];
const DEPRECATED: Readonly<Record<string, string>> = {
  container_name: 'Setting the container name is not supported.',
  expose: "Exposing ports is unnecessary - services on the same network can access each other's containers on any port.",
};
const FORBIDDEN: Readonly<Record<string, string>> = {
  extends: 'Support for `extends` is not implemented yet.',
  volume_driver:
    'Instead of setting the volume driver on the service, define a volume using the top-level `volumes` option and specify the driver there.',
  volumes_from:
    'To share a volume between services, define it using the top-level `volumes` option and reference it from each service that shares it using the service-level `volumes` option.',
  cpu_quota: 'Set resource limits using deploy.resources',
  cpu_shares: 'Set resource limits using deploy.resources',
  cpuset: 'Set resource limits using deploy.resources',
  mem_limit: 'Set resource limits using deploy.resources',
  memswap_limit: 'Set resource limits using deploy.resources',
};
const DEPLOY = [
  'mode',
  'endpoint_mode',
  'replicas',
  'labels',
  'update_config',
  'rollback_config',
  'resources',
  'restart_policy',
  'placement',
];

const extra = (at: string, key: string) => new CommandError(`${at} Additional property ${key} is not allowed`);

function checkKeys(at: string, m: Mapping, known: readonly string[]) {
  for (const key of Object.keys(m).sort()) if (!known.includes(key) && !key.startsWith('x-')) throw extra(at, key);
}

const mappingOf = (at: string, t: Tree | undefined): Mapping => {
  if (t === undefined || t === null) return {};
  if (!isMapping(t)) throw new CommandError(`${at} must be a mapping`);
  return t;
};

/** Kinds of the keys that people most often give another one. */
function checkService(name: string, s: Mapping) {
  const at = `services.${name}`;
  checkKeys(at, s, SERVICE);
  if (s.depends_on !== undefined && !Array.isArray(s.depends_on)) throw new CommandError(`${at}.depends_on must be a list`);
  for (const key of ['ports', 'volumes', 'secrets', 'configs', 'expose'])
    if (s[key] !== undefined && !Array.isArray(s[key])) throw new CommandError(`${at}.${key} must be a list`);
  if (s.deploy !== undefined && s.deploy !== null) checkKeys(`${at}.deploy`, mappingOf(`${at}.deploy`, s.deploy), DEPLOY);
}

export interface StackFile {
  /** The first file's directory: what paths are relative to. */
  dir: string;
  tree: Mapping;
}

/** Reads, merges and checks. `files`: name and text of each. */
export function readStack(
  files: readonly { name: string; text: string }[],
  dir: string,
  env: (name: string) => string | undefined,
  o = { interpolate: true },
): StackFile {
  try {
    const trees = files.map(({ name, text }) => {
      const tree = parseYaml(text, name)[0]?.value ?? null;
      if (!isMapping(tree)) throw new CommandError('Top-level object must be a mapping');
      checkForbidden(tree);
      const whole = o.interpolate ? (interpolate(tree, env) as Mapping) : tree;
      const version = whole.version;
      if (version !== undefined && !/^3(\.\d+)?$/.test(`${version}`))
        throw new CommandError(`unsupported Compose file version: ${version}`);
      check(whole);
      return whole;
    });
    return { dir, tree: trees.reduce((a, b) => merge(a, b)) };
  } catch (e) {
    throw e instanceof ComposeError ? new CommandError(e.message) : e;
  }
}

function checkForbidden(tree: Mapping) {
  const found = Object.values(mappingOf('services', isMapping(tree.services) ? tree.services : {})).flatMap((s) =>
    isMapping(s) ? Object.keys(s).filter((k) => Object.hasOwn(FORBIDDEN, k)) : [],
  );
  if (found.length > 0)
    throw new CommandError(
      `Compose file contains unsupported options:\n\n${[...new Set(found)].map((k) => `${k}: ${FORBIDDEN[k]}`).join('\n')}\n`,
    );
}

function check(tree: Mapping) {
  checkKeys('(root)', tree, ROOT);
  for (const part of ['services', 'networks', 'volumes', 'secrets', 'configs']) mappingOf(part, tree[part]);
  for (const [name, s] of Object.entries(mappingOf('services', tree.services))) checkService(name, mappingOf(`services.${name}`, s));
}

/** What of the file means nothing to a swarm: told, and left out. */
export function notices({ tree }: StackFile): string[] {
  const keys = new Set(Object.values(mappingOf('services', tree.services)).flatMap((s) => (isMapping(s) ? Object.keys(s) : [])));
  const unsupported = UNSUPPORTED.filter((k) => keys.has(k)).sort();
  const deprecated = Object.keys(DEPRECATED)
    .filter((k) => keys.has(k))
    .sort();
  return [
    ...(unsupported.length > 0 ? [`Ignoring unsupported options: ${unsupported.join(', ')}\n`] : []),
    ...(deprecated.length > 0 ? [`Ignoring deprecated options:\n\n${deprecated.map((k) => `${k}: ${DEPRECATED[k]}`).join('\n\n')}\n`] : []),
  ];
}

/** A file's path as the stack's file names it. */
export const pathIn = (file: StackFile, path: string): string => paths.resolve(file.dir, path);
export const sectionOf = (file: StackFile, name: string): Record<string, Mapping> =>
  Object.fromEntries(Object.entries(mappingOf(name, file.tree[name])).map(([k, v]) => [k, mappingOf(`${name}.${k}`, v)]));
