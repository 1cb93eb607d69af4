/**
 * Files in and out of containers: `docker cp`, `docker export`. moby daemon/archive.go, pkg/archive/copy.go.
 *
 * A container that does not run is mounted for the while; volumes and bind mounts of either are looked through.
 */

import * as tar from '../base/tar';
import { attempt, Errno, type Stat } from '../kernel';
import { type Daemon, internal, invalid, notFound } from './daemon';
import * as layerFiles from './layer-files';
import * as overlay2 from './overlay2';
import { containerDir, dataDir } from './paths';
import type { Container } from './state';
import { clean, sourceOf, withVolumes } from './volumes';

/** The same with its volumes' devices, and the places that its mounts cover made where they are missing: openContainerFS. */
function withMounts<T>(d: Daemon, c: Container, body: (rootfs: string) => T): T {
  return withRootfs(d, c, (rootfs) =>
    withVolumes(d, c, () => {
      for (const m of c.Mounts) {
        if (m.Type === 'tmpfs' || overlay2.exists(d.sys, `${rootfs}${m.Destination}`)) continue;
        const source = attempt(() => d.sys.stat(sourceOf(d, m)));
        if (source instanceof Errno) continue;
        const place = `${rootfs}${m.Destination}`;
        attempt(() => overlay2.mkdirs(d.sys, source.type === 'dir' ? place : place.slice(0, place.lastIndexOf('/')), 0o755));
        if (source.type !== 'dir') attempt(() => overlay2.writeText(d.sys, place, '', 0o755));
      }
      return body(rootfs);
    }),
  );
}

/** Runs `body` with the container's root file system mounted at a host path. */
export function withRootfs<T>(d: Daemon, c: Container, body: (rootfs: string) => T): T {
  const up = c.State.Pid !== 0;
  const rootfs = up ? overlay2.mergedDir(d, c.layer) : overlay2.mount(d, c.layer);
  try {
    return body(rootfs);
  } finally {
    if (!up) overlay2.unmount(d, c.layer);
  }
}

/** Where a path of the container is on the host: in its layers, or in what is mounted over them. Follows links on the way. */
function hostPath(d: Daemon, c: Container, rootfs: string, path: string, followLast: boolean, depth = 0): string {
  if (depth > 40) throw internal(`too many levels of symbolic links: ${path}`);
  const parts = clean(path).split('/').filter(Boolean);
  let at = '';
  for (const [i, part] of parts.entries()) {
    const next = `${at}/${part}`;
    const real = mapped(d, c, rootfs, next);
    const s = attempt(() => d.sys.lstat(real));
    const last = i === parts.length - 1;
    if (!(s instanceof Errno) && s.type === 'symlink' && (!last || followLast)) {
      const target = d.sys.readlink(real);
      const joined = [target.startsWith('/') ? target : `${at}/${target}`, ...parts.slice(i + 1)].join('/');
      return hostPath(d, c, rootfs, joined, followLast, depth + 1);
    }
    at = next;
  }
  return mapped(d, c, rootfs, at || '/');
}

/** Files that the engine keeps for a container and mounts over its own. */
const OWN_FILES = ['hostname', 'hosts', 'resolv.conf'];

function mapped(d: Daemon, c: Container, rootfs: string, path: string): string {
  const inside = c.Mounts.filter((m) => m.Type !== 'tmpfs' && (path === m.Destination || path.startsWith(`${m.Destination}/`))).sort(
    (a, b) => b.Destination.length - a.Destination.length,
  )[0];
  if (!inside) {
    const own = OWN_FILES.find((f) => path === `/etc/${f}`);
    if (!own) return `${rootfs}${path}`;
    // They are there once a start has come as far as the network, whatever became of it.
    const kept = `${containerDir(d, c.Id)}/${own}`;
    return attempt(() => d.sys.lstat(kept)) instanceof Errno ? `${rootfs}${path}` : kept;
  }
  const source = inside.Type === 'volume' ? dataDir(d, inside.Name as string) : inside.Source;
  return `${source}${path.slice(inside.Destination.length)}`;
}

const missing = (c: string, path: string) => notFound(`Could not find the file ${path} in container ${c}`);

/** Go's os.FileMode bits for the X-Docker-Container-Path-Stat header. */
const MODE = { dir: 2 ** 31, symlink: 2 ** 27, char: 2 ** 26 + 2 ** 21, block: 2 ** 26, fifo: 2 ** 25, socket: 2 ** 24, file: 0 } as const;

export interface PathStat {
  name: string;
  size: number;
  mode: number;
  mtime: string;
  linkTarget: string;
}

export function stat(d: Daemon, ref: string, path: string, rfc: (ms: number) => string): PathStat {
  const c = d.container(ref);
  return withMounts(d, c, (rootfs) => statIn(d, c, rootfs, ref, path, rfc));
}

function statIn(d: Daemon, c: Container, rootfs: string, ref: string, path: string, rfc: (ms: number) => string): PathStat {
  const s = lstat(d, hostPath(d, c, rootfs, path, false), ref, path);
  return {
    name: clean(path).split('/').pop() || '/',
    size: s.size,
    mode: MODE[s.type] + (s.mode & 0o777),
    mtime: rfc(s.mtime),
    linkTarget: s.type === 'symlink' ? resolved(d, c, rootfs, path) : '',
  };
}

function lstat(d: Daemon, real: string, ref: string, path: string): Stat {
  const s = attempt(() => d.sys.lstat(real));
  if (s instanceof Errno) throw missing(ref, path);
  if (/\/\.?$/.test(path) && path !== '/' && s.type !== 'dir') {
    const followed = attempt(() => d.sys.stat(real));
    if (followed instanceof Errno || followed.type !== 'dir') throw missing(ref, path);
  }
  return s;
}

/** The absolute path, in the container, that a link leads to. */
function resolved(d: Daemon, c: Container, rootfs: string, path: string): string {
  const real = hostPath(d, c, rootfs, path, true);
  for (const m of c.Mounts) {
    const source = m.Type === 'volume' ? dataDir(d, m.Name as string) : m.Source;
    if (m.Type !== 'tmpfs' && real.startsWith(`${source}/`)) return m.Destination + real.slice(source.length);
  }
  return real.startsWith(rootfs) ? real.slice(rootfs.length) || '/' : real;
}

/** GET /containers/{id}/archive: a path and all below it as an archive whose entries begin with its last name. */
export function get(d: Daemon, ref: string, path: string, rfc: (ms: number) => string): { stat: PathStat; text: string } {
  const c = d.container(ref);
  const found = withMounts(d, c, (rootfs) => ({ stat: statIn(d, c, rootfs, ref, path, rfc), text: packed(d, c, rootfs, ref, path) }));
  d.containerEvent('archive-path', c);
  return found;
}

function packed(d: Daemon, c: Container, rootfs: string, ref: string, path: string): string {
  const real = hostPath(d, c, rootfs, path, false);
  const s = lstat(d, real, ref, path);
  const base = clean(path).split('/').pop() ?? '';
  const name = base === '' || /\/\.$/.test(path) ? '.' : base;
  const seen = new Map<string, string>();
  if (s.type !== 'dir') return tar.writeTar([layerFiles.entryOf(d.files, real, name, seen)]);
  const prefix = name === '.' ? './' : `${name}/`;
  return tar.writeTar([
    { ...layerFiles.entryOf(d.files, real, name, seen), name: prefix },
    ...layerFiles.archive(d.files, real, prefix, { seen }),
  ]);
}

/** PUT /containers/{id}/archive: unpacks into a directory that exists. */
export function put(d: Daemon, ref: string, path: string, archive: string, o: { noOverwriteDirNonDir: boolean }) {
  const c = d.container(ref);
  withMounts(d, c, (rootfs) => {
    const real = hostPath(d, c, rootfs, path, true);
    const s = attempt(() => d.sys.lstat(real));
    if (s instanceof Errno) throw missing(ref, path);
    if (s.type !== 'dir') throw invalid('extraction point is not a directory');
    const m = c.Mounts.find((x) => path === x.Destination || path.startsWith(`${x.Destination}/`));
    if (m && !m.RW) throw invalid('mounted volume is marked read-only');
    if (!m && c.HostConfig.ReadonlyRootfs) throw invalid('container rootfs is marked read-only');
    const entries = read(archive);
    if (o.noOverwriteDirNonDir)
      for (const e of entries) {
        const name = e.name.replace(/\/$/, '');
        const there = attempt(() => d.sys.lstat(`${real}/${name}`));
        if (there instanceof Errno) continue;
        if ((there.type === 'dir') !== (e.type === 'dir'))
          throw invalid(
            `cannot overwrite ${there.type === 'dir' ? 'directory' : 'non-directory'} "${path}/${name}" with ${e.type === 'dir' ? 'directory' : 'non-directory'} "${path}"`,
          );
      }
    layerFiles.extract(d.files, real, entries);
  });
}

function read(archive: string): tar.TarEntry[] {
  try {
    return tar.readTar(archive);
  } catch (e) {
    if (e instanceof tar.TarError) throw internal(e.message);
    throw e;
  }
}

export const exportRootfs = (d: Daemon, ref: string): string => {
  const c = d.container(ref);
  return withRootfs(d, c, (rootfs) => tar.writeTar(layerFiles.archive(d.files, rootfs)));
};
