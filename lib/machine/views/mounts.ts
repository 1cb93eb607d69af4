/**
 * What a drawing of mounts needs to know: what each container has mounted and where that is on the host, and the volumes
 * with their users and files. moby daemon/volumes.go; mount_namespaces(7).
 */

import { decode, encode, pmap } from '../../base';
import { type Container, dataDir, type MountPoint, overlay2 } from '../../engine';
import { mountTable } from '../../kernel';
import { childOf, inodeAt, namesIn, sameTree, sizeOf, storeOf, type World } from './world';

export interface MountRow {
  type: 'bind' | 'volume' | 'tmpfs';
  /** Of a volume. */
  name: string | null;
  anonymous: boolean;
  /** On the host; null for a tmpfs, which is nowhere else. */
  source: string | null;
  /** In the container. */
  destination: string;
  readonly: boolean;
  /** A volume's subpath. */
  subpath: string | null;
  /** Whether the container's own mount table has it now: a container that does not run mounts nothing. */
  mounted: boolean;
  /** What the image has at this place and the mount hides: names, sorted. */
  hides: string[];
}

export interface VolumeRow {
  name: string;
  anonymous: boolean;
  driver: string;
  mountpoint: string;
  /** Options of the local driver that mount something here: "type=tmpfs,device=tmpfs". */
  options: string | null;
  labels: Record<string, string>;
  /** Bytes of files in it. */
  size: number;
  /** Paths in it, directories before what they hold, at most 200. */
  files: string[];
  /** Names of the containers that refer to it, running or not. */
  users: string[];
  changed: boolean;
}

export interface MountsView {
  containers: { id: string; name: string; running: boolean; mounts: MountRow[] }[];
  volumes: VolumeRow[];
  /** Host directories and files that containers have bind mounts of. */
  binds: { path: string; exists: boolean; users: string[] }[];
}

const MAX_FILES = 200;

function filesIn(world: World, path: string): string[] {
  const out: string[] = [];
  const walk = (at: string, prefix: string) => {
    const dir = inodeAt(world, at);
    if (dir?.type !== 'dir') return;
    for (const name of namesIn(dir)) {
      if (out.length >= MAX_FILES) return;
      out.push(decode(`${prefix}${name}`));
      if (childOf(world, dir, name)?.type === 'dir') walk(`${at}/${name}`, `${prefix}${name}/`);
    }
  };
  walk(encode(path), '');
  return out;
}

/** Names that the layers below a mount's place hold. */
function hidden(world: World, c: Container, m: MountPoint): string[] {
  const found = new Set<string>();
  for (const layer of c.layers) {
    const id = world.engine && pmap.get(world.engine.layers, layer)?.cacheId;
    const dir = id ? inodeAt(world, encode(`${overlay2.diffDir(storeOf(world), id)}${m.Destination}`)) : null;
    if (dir?.type === 'dir') for (const name of namesIn(dir)) found.add(decode(name));
  }
  return [...found].sort();
}

function rowOf(world: World, c: Container, m: MountPoint, places: ReadonlySet<string>): MountRow {
  return {
    type: m.Type,
    name: m.Name || null,
    anonymous: m.anonymous ?? false,
    source: m.Type === 'tmpfs' ? null : m.Source,
    destination: m.Destination,
    readonly: !m.RW,
    subpath: m.subpath ?? null,
    mounted: places.has(m.Destination),
    hides: hidden(world, c, m),
  };
}

/** Places in a container where its first process sees a mount. */
function placesOf(world: World, c: Container): Set<string> {
  const init = c.State.Pid ? world.kernel.findTask(c.State.Pid) : undefined;
  return new Set(init ? mountTable.visible(world.kernel, init).map((v) => decode(v.path)) : []);
}

const TMPFS = (destination: string): MountPoint => ({
  Type: 'tmpfs',
  Source: '',
  Destination: destination,
  Mode: '',
  RW: true,
  Propagation: '',
});

/** `before` is the machine before its last change: volumes that it made or altered are marked. */
export function mountsView(world: World, before: World | null): MountsView {
  const engine = world.engine;
  if (!engine) return { containers: [], volumes: [], binds: [] };
  const containers = pmap.values(engine.containers).sort((a, b) => a.Created - b.Created);
  const nameOf = (id: string) => pmap.get(engine.containers, id)?.Name ?? id.slice(0, 12);
  const binds = new Map<string, string[]>();
  for (const c of containers)
    for (const m of c.Mounts) if (m.Type === 'bind') binds.set(m.Source, [...(binds.get(m.Source) ?? []), c.Name]);
  return {
    containers: containers.map((c) => {
      const places = placesOf(world, c);
      const points = [...c.Mounts, ...Object.keys(c.HostConfig.Tmpfs ?? {}).map(TMPFS)];
      return { id: c.Id, name: c.Name, running: c.State.Pid !== 0, mounts: points.map((m) => rowOf(world, c, m, places)) };
    }),
    volumes: pmap
      .values(engine.volumes)
      .sort((a, b) => (a.Name < b.Name ? -1 : 1))
      .map((v) => {
        const path = encode(dataDir(storeOf(world), v.Name));
        const here = inodeAt(world, path);
        const was = before && inodeAt(before, path);
        return {
          name: v.Name,
          anonymous: v.anonymous,
          driver: v.Driver,
          mountpoint: dataDir(storeOf(world), v.Name),
          options: v.Options
            ? Object.entries(v.Options)
                .map(([k, o]) => `${k}=${o}`)
                .join(',')
            : null,
          labels: v.Labels ?? {},
          size: sizeOf(world, here),
          files: filesIn(world, dataDir(storeOf(world), v.Name)),
          users: v.users.map(nameOf),
          changed: before !== null && !sameTree(world, here, before, was),
        };
      }),
    binds: [...binds].map(([path, users]) => ({ path, exists: inodeAt(world, encode(path)) !== null, users })),
  };
}
