/**
 * What the daemon knows, on the host's disk, so that another daemon can take over where one has ended: after
 * `systemctl restart docker`, or a crash. moby daemon/daemon.go (restore), container/container.go (ToDisk).
 *
 *   containers/<id>/config.v2.json, hostconfig.json   a container, written whenever it changes
 *   volumes/metadata.db                               volumes
 *   network/files/local-kv.db                         networks and their subnets
 *   image/overlay2/repositories.json                  images, their layers and names
 *   buildkit/cache.db                                 the build cache
 *   image/overlay2/distribution/v2metadata.json       what registries hold layers as
 *   swarm/raft/store.json                             the swarm that it manages
 *
 * Simplified: the databases are JSON. Without live-restore a new daemon ends what containers still run.
 */

import { pmap } from '../base';
import { attempt, Errno } from '../kernel';
import { type Daemon, parseRfc3339, rfc3339 } from './daemon';
import { goJson } from './images';
import * as overlay2 from './overlay2';
import { containerDir } from './paths';
import { AT_REST, type Container, type EngineState, type Network } from './state';

const DATABASES = {
  volumes: 'volumes/metadata.db',
  networks: 'network/files/local-kv.db',
  images: 'image/overlay2/repositories.json',
  cache: 'buildkit/cache.db',
  distribution: 'image/overlay2/distribution/v2metadata.json',
  swarm: 'swarm/raft/store.json',
} as const;

const pairs = <V>(map: pmap.PMap<V>): [pmap.Key, V][] => pmap.entries(map);

/** What each database holds of a state. */
const CONTENT: Readonly<Record<keyof typeof DATABASES, (s: EngineState) => unknown>> = {
  volumes: (s) => pairs(s.volumes),
  networks: (s) => pairs(s.networks),
  images: (s) => ({ images: pairs(s.images), layers: pairs(s.layers), references: pairs(s.references) }),
  cache: (s) => pairs(s.buildCache),
  distribution: (s) => pairs(s.distribution),
  swarm: (s) => s.swarm,
};
/** The tables that a database is written for. */
const TABLES: Readonly<Record<keyof typeof DATABASES, readonly (keyof EngineState)[]>> = {
  volumes: ['volumes'],
  networks: ['networks'],
  images: ['images', 'layers', 'references'],
  cache: ['buildCache'],
  distribution: ['distribution'],
  swarm: ['swarm'],
};

/** Whether a container differs in what its files hold. */
const differs = (a: Container | undefined, b: Container): boolean =>
  !a ||
  a.State !== b.State ||
  a.HostConfig !== b.HostConfig ||
  a.Name !== b.Name ||
  a.RestartCount !== b.RestartCount ||
  a.Mounts !== b.Mounts ||
  a.networks !== b.networks;

/** Writes what a turn of the daemon has changed. */
export function save(d: Daemon, before: EngineState) {
  const { added, updated } = pmap.diff(before.containers, d.s.containers);
  for (const id of [...added, ...updated]) {
    const c = pmap.get(d.s.containers, id);
    const was = pmap.get(before.containers, id);
    if (c && differs(was, c)) writeContainer(d, c, was);
  }
  for (const name of Object.keys(DATABASES) as (keyof typeof DATABASES)[]) {
    if (TABLES[name].every((t) => before[t] === d.s[t])) continue;
    const path = `${d.root}/${DATABASES[name]}`;
    overlay2.mkdirs(d.sys, path.slice(0, path.lastIndexOf('/')), 0o700);
    overlay2.writeText(d.sys, path, goJson(CONTENT[name](d.s)), 0o600);
  }
}

/** What a container was created with is written with each change of it, and mostly is what it was. */
const written = new WeakMap<object, string>();
function settled(of: object): string {
  const there = written.get(of);
  if (there !== undefined) return there;
  const text = goJson(of);
  written.set(of, text);
  return text;
}

function writeContainer(d: Daemon, c: Container, was: Container | undefined) {
  const dir = containerDir(d, c.Id);
  const {
    health: _h,
    Config,
    HostConfig,
    ImageID,
    networks,
    Mounts,
    sandbox,
    shim,
    stdin: _i,
    master: _m,
    execs: _e,
    partial: _p,
    ...rest
  } = c;
  const text = goJson({
    ...rest,
    State: { ...c.State, StartedAt: rfc3339(c.State.StartedAt), FinishedAt: rfc3339(c.State.FinishedAt) },
    ID: c.Id,
    Created: rfc3339(c.Created),
    Image: ImageID,
    NetworkSettings: { Networks: networks, Sandbox: sandbox, Shim: shim },
    Name: `/${c.Name}`,
    Driver: 'overlay2',
    MountPoints: Object.fromEntries(Mounts.map((m) => [m.Destination, m])),
  });
  const done = attempt(() =>
    overlay2.within(d.sys, dir, () => {
      overlay2.writeText(d.sys, 'config.v2.json', `${text.slice(0, -1)},"Config":${settled(Config)}}`, 0o600);
      if (was?.HostConfig !== HostConfig) overlay2.writeText(d.sys, 'hostconfig.json', settled(HostConfig), 0o600);
    }),
  );
  // Who has removed its directory has removed the container: it is known for as long as this daemon runs.
  if (done instanceof Errno && done.code !== 'ENOENT') throw done;
}

const timeOf = (text: string): number | null => (text.startsWith('0001') ? null : parseRfc3339(text));

function readContainer(d: Daemon, dir: string): Container | null {
  const config = json(d, `${dir}/config.v2.json`) as
    | (Omit<Container, 'State'> & { State: Container['State'] } & Record<string, unknown>)
    | null;
  const host = json(d, `${dir}/hostconfig.json`) as Container['HostConfig'] | null;
  if (!config || !host) return null;
  const kept = config.NetworkSettings as { Networks: Container['networks']; Sandbox?: Container['sandbox']; Shim?: number | null };
  const state = config.State as unknown as Record<'StartedAt' | 'FinishedAt', string>;
  return {
    Id: config.Id,
    Name: config.Name.replace(/^\//, ''),
    Created: timeOf(config.Created as unknown as string) ?? 0,
    Path: config.Path,
    Args: config.Args,
    Config: config.Config,
    HostConfig: host,
    ImageID: config.Image as string,
    layers: config.layers,
    layer: config.layer,
    State: { ...config.State, StartedAt: timeOf(state.StartedAt), FinishedAt: timeOf(state.FinishedAt) },
    RestartCount: config.RestartCount,
    Mounts: Object.values(config.MountPoints as Record<string, Container['Mounts'][number]>),
    networks: kept.Networks,
    ...AT_REST,
    sandbox: kept.Sandbox ?? null,
    shim: kept.Shim ?? null,
  };
}

function json(d: Daemon, path: string): unknown {
  const text = attempt(() => overlay2.readText(d.sys, path));
  if (text instanceof Errno) return null;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** What an earlier daemon has left; where there is nothing, the state stays as it is. */
export function load(d: Daemon) {
  const table = <V>(name: keyof typeof DATABASES) => json(d, `${d.root}/${DATABASES[name]}`) as [pmap.Key, V][] | null;
  const images = json(d, `${d.root}/${DATABASES.images}`) as Record<'images' | 'layers' | 'references', [pmap.Key, never][]> | null;
  if (images)
    d.s = { ...d.s, images: pmap.from(images.images), layers: pmap.from(images.layers), references: pmap.from(images.references) };
  const volumes = table<never>('volumes');
  if (volumes) d.s = { ...d.s, volumes: pmap.from(volumes) };
  const networks = table<Network>('networks');
  if (networks) d.s = { ...d.s, networks: pmap.from(networks) };
  const cache = table<never>('cache');
  if (cache) d.s = { ...d.s, buildCache: pmap.from(cache) };
  const distribution = table<never>('distribution');
  if (distribution) d.s = { ...d.s, distribution: pmap.from(distribution) };
  d.s.swarm = json(d, `${d.root}/${DATABASES.swarm}`) as EngineState['swarm'];
  const dirs = attempt(() => d.sys.readdir(`${d.root}/containers`));
  if (dirs instanceof Errno) return;
  for (const { name } of dirs) {
    const c = name.startsWith('.') ? null : readContainer(d, `${d.root}/containers/${name}`);
    if (!c) continue;
    d.put(c);
    d.s.names = pmap.set(d.s.names, c.Name, c.Id);
  }
}
