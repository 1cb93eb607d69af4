/**
 * What is in a layer: as an archive's entries, unpacked from one, and as what differs from the layers below. moby pkg/archive.
 */

import { sha256 } from '../base';
import * as tar from '../base/tar';
import { attempt, type Dirent, Errno, removeTree, type Stat, type Sys } from '../kernel';
import { layer } from '../oci';
import type { Daemon } from './daemon';
import { chainId, put } from './layers';
import { create, diffDir, exists, layerDir, lowers, mkdirs, newId, type Store, writeText } from './overlay2';
import type { Layer } from './state';

type TarEntry = tar.TarEntry;

const OPAQUE = 'trusted.overlay.opaque';
export const { WHITEOUT, OPAQUE_MARK } = layer;

const byName = (a: Dirent, b: Dirent) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);

const isWhiteout = (s: Stat) => s.type === 'char' && s.rdev?.[0] === 0 && s.rdev[1] === 0;

/** A file of a known size, in as few reads as it takes. */
function readWhole(sys: Sys, path: string, size: number): string {
  const fd = sys.open(path, { read: true });
  let out = '';
  for (let chunk: string | null = '-'; out.length < size && chunk; out += chunk ?? '') chunk = sys.read(fd, size - out.length);
  sys.close(fd);
  return out;
}

/** An entry of an archive, or what stands for one: a file without its data, and what tells whether it has changed instead. */
export interface Listed extends TarEntry {
  /** Inode and the time of its last change. */
  stamp?: string;
}

/** One file as an archive entry. `seen` maps an inode to the first name it was written under; `bare`: without its data. */
export function entryOf(sys: Sys, path: string, name: string, seen: Map<string, string>, s: Stat = sys.lstat(path), bare = false): Listed {
  const base = { mode: s.mode, uid: s.uid, gid: s.gid, mtime: s.mtime / 1000, size: 0 };
  const key = `${s.dev}:${s.ino}`;
  if (s.type !== 'dir' && s.nlink > 1) {
    const first = seen.get(key);
    if (first !== undefined) return { ...base, name, type: 'link', linkname: first };
    seen.set(key, name);
  }
  switch (s.type) {
    case 'dir':
      return { ...base, name: `${name}/`, type: 'dir' };
    case 'symlink':
      return { ...base, name, type: 'symlink', linkname: sys.readlink(path), mode: 0o777 };
    case 'file':
      return {
        ...base,
        name,
        type: 'file',
        size: s.size,
        ...(bare ? { stamp: `${key}:${s.ctime}` } : { data: readWhole(sys, path, s.size) }),
      };
    case 'fifo':
      return { ...base, name, type: 'fifo' };
    case 'char':
    case 'block':
      return { ...base, name, type: s.type, devmajor: s.rdev?.[0] ?? 0, devminor: s.rdev?.[1] ?? 0 };
    default:
      // A socket is not archived: archive/tar cannot hold it.
      return { ...base, name, type: 'fifo' };
  }
}

/** Everything below a directory as archive entries, in the order that moby's archiver walks: by name, depth first. */
export function archive(
  sys: Sys,
  dir: string,
  prefix = '',
  how: { whiteouts?: boolean; bare?: boolean; seen?: Map<string, string> } = {},
): Listed[] {
  const { whiteouts = false, bare = false, seen = new Map<string, string>() } = how;
  const out: Listed[] = [];
  for (const e of sys.readdir(dir).sort(byName)) {
    const path = `${dir}/${e.name}`;
    const name = prefix + e.name;
    const s = sys.lstat(path);
    if (s.type === 'socket') continue;
    if (whiteouts && isWhiteout(s)) {
      out.push({
        name: `${prefix}${WHITEOUT}${e.name}`,
        type: 'file',
        mode: 0o600,
        uid: s.uid,
        gid: s.gid,
        mtime: s.mtime / 1000,
        size: 0,
        data: '',
      });
      continue;
    }
    const entry = entryOf(sys, path, name, seen, s, bare);
    out.push(entry);
    if (s.type !== 'dir') continue;
    if (whiteouts && sys.getxattr(path, OPAQUE) === 'y')
      out.push({ name: `${name}/${OPAQUE_MARK}`, type: 'file', mode: s.mode & 0o777, uid: s.uid, gid: s.gid, mtime: 0, size: 0, data: '' });
    out.push(...archive(sys, path, `${name}/`, { whiteouts, bare, seen }));
  }
  return out;
}

/** A layer as its archive: what `docker save` writes and diff ids are made of. */
export const diff = (s: Store, id: string): TarEntry[] => archive(s.files, diffDir(s, id), '', { whiteouts: true });

/** Unpacks a layer's archive into its directory: marks become devices and attributes. */
export function apply(s: Store, id: string, entries: readonly TarEntry[]) {
  extract(s.files, diffDir(s, id), entries, true);
}

/** Unpacks archive entries below a directory. Names that would leave it are refused before. */
export function extract(sys: Sys, dir: string, entries: readonly TarEntry[], whiteouts = false) {
  const old = sys.umask(0);
  const times: [string, number][] = [];
  for (const e of entries) {
    const name = e.name.replace(/^(\.?\/)+/, '').replace(/\/+$/, '');
    if (name === '' || name === '.') {
      if (e.type === 'dir') attempt(() => sys.chmod(dir, e.mode & 0o7777));
      continue;
    }
    if (name.split('/').includes('..')) throw new Error(`archive: ${e.name} leads out of the directory it is unpacked in`);
    const path = `${dir}/${name}`;
    const slash = name.lastIndexOf('/');
    const base = name.slice(slash + 1);
    const parent = slash < 0 ? dir : `${dir}/${name.slice(0, slash)}`;
    mkdirs(sys, parent);
    if (whiteouts && base === OPAQUE_MARK) {
      sys.setxattr(parent, OPAQUE, 'y');
      continue;
    }
    if (whiteouts && base.startsWith(WHITEOUT)) {
      sys.mknod(`${parent}/${base.slice(WHITEOUT.length)}`, 'char', 0, [0, 0]);
      continue;
    }
    const there = attempt(() => sys.lstat(path));
    if (!(there instanceof Errno) && !(there.type === 'dir' && e.type === 'dir')) removeTree(sys, path);
    switch (e.type) {
      case 'dir':
        if (!exists(sys, path)) sys.mkdir(path, e.mode & 0o7777);
        else sys.chmod(path, e.mode & 0o7777);
        break;
      case 'file':
        writeText(sys, path, e.data ?? '', e.mode & 0o7777);
        break;
      case 'symlink':
        sys.symlink(e.linkname ?? '', path);
        break;
      case 'link':
        sys.link(`${dir}/${(e.linkname ?? '').replace(/^(\.?\/)+/, '')}`, path);
        break;
      case 'fifo':
        sys.mknod(path, 'fifo', e.mode & 0o7777);
        break;
      case 'char':
      case 'block':
        sys.mknod(path, e.type, e.mode & 0o7777, [e.devmajor ?? 0, e.devminor ?? 0]);
        break;
    }
    if (e.type !== 'link') {
      sys.lchown(path, e.uid, e.gid);
      if (e.type !== 'symlink') sys.chmod(path, e.mode & 0o7777);
      times.push([path, e.mtime * 1000]);
    }
  }
  for (const [path, t] of times.reverse()) attempt(() => sys.utimes(path, t, t, true));
  sys.umask(old);
}

export interface Change {
  Path: string;
  /** 0 modified, 1 added, 2 deleted. */
  Kind: 0 | 1 | 2;
}

/**
 * What differs between a mounted layer and what lies below it: moby's ChangesDirs, which compares two trees. Only
 * paths that the upper directory mentions can differ, so only those are compared.
 */
export function changes(s: Store, id: string): Change[] {
  const { sys } = s;
  const low = lowers(s, id);
  if (low.length === 0) return [];
  const old = `${layerDir(s, id)}/.below`;
  const fresh = `${layerDir(s, id)}/.seen`;
  for (const dir of [old, fresh]) sys.mkdir(dir, 0o700);
  sys.mount('overlay', old, 'overlay', [`lowerdir=${low.join(':')}`]);
  sys.mount('overlay', fresh, 'overlay', [`lowerdir=${[diffDir(s, id), ...low].join(':')}`]);
  try {
    return compare(sys, { upper: diffDir(s, id), old, fresh }, '');
  } finally {
    for (const dir of [old, fresh]) {
      sys.umount(dir, true);
      sys.rmdir(dir);
    }
  }
}

const maybe = (sys: Sys, path: string): Stat | null => {
  const s = attempt(() => sys.lstat(path));
  return s instanceof Errno ? null : s;
};

const names = (sys: Sys, dir: string): string[] => {
  const list = attempt(() => sys.readdir(dir));
  return list instanceof Errno ? [] : list.map((e) => e.name);
};

/** Whole seconds are all that some file systems keep: then those decide. */
const sameTime = (a: number, b: number) => Math.floor(a / 1000) === Math.floor(b / 1000) && (a === b || a % 1000 === 0 || b % 1000 === 0);

const differs = (a: Stat, b: Stat) =>
  a.type !== b.type ||
  a.mode !== b.mode ||
  a.uid !== b.uid ||
  a.gid !== b.gid ||
  `${a.rdev}` !== `${b.rdev}` ||
  (a.type !== 'dir' && (a.size !== b.size || !sameTime(a.mtime, b.mtime)));

function compare(sys: Sys, at: { upper: string; old: string; fresh: string }, dir: string): Change[] {
  const out: Change[] = [];
  const upper = `${at.upper}${dir}`;
  // An opaque directory hides every old name, mentioned or not.
  const opaque = dir !== '' && sys.getxattr(upper, OPAQUE) === 'y';
  const list = new Set([...names(sys, upper), ...(opaque ? names(sys, `${at.old}${dir}`) : [])]);
  for (const name of [...list].sort()) {
    const Path = `${dir}/${name}`;
    const now = maybe(sys, `${at.fresh}${Path}`);
    const was = maybe(sys, `${at.old}${Path}`);
    if (now === null) {
      if (was !== null) out.push({ Path, Kind: 2 });
      continue;
    }
    const below = now.type === 'dir' ? (was?.type === 'dir' ? compare(sys, at, Path) : added(sys, `${at.fresh}${Path}`, Path)) : [];
    if (was === null) out.push({ Path, Kind: 1 }, ...below);
    else if (differs(was, now) || below.length > 0) out.push({ Path, Kind: 0 }, ...below);
  }
  return out;
}

function added(sys: Sys, dir: string, prefix: string): Change[] {
  return names(sys, dir)
    .sort()
    .flatMap((name): Change[] => [
      { Path: `${prefix}/${name}`, Kind: 1 },
      ...(sys.lstat(`${dir}/${name}`).type === 'dir' ? added(sys, `${dir}/${name}`, `${prefix}/${name}`) : []),
    ]);
}

// ——— layers of the store

const contentSize = (entries: readonly TarEntry[]) => entries.reduce((n, e) => n + (e.type === 'file' ? e.size : 0), 0);

/** A layer from a directory of the driver that is complete: its archive gives its ids. An equal layer is reused. */
export function commit(d: Daemon, cacheId: string, parent: string | null): Layer {
  const entries = diff(d, cacheId);
  const diffId = `sha256:${sha256(tar.writeTar(entries))}`;
  const id = chainId(parent, diffId);
  const there = d.layer(id);
  if (there) return there;
  const layer: Layer = { chainId: id, diffId, parent, cacheId, size: contentSize(entries) };
  put(d, layer);
  return layer;
}

/** A layer from its archive, as load, import and pull bring it. */
export function register(d: Daemon, archive: string, parent: string | null): Layer {
  const diffId = `sha256:${sha256(archive)}`;
  const id = chainId(parent, diffId);
  const there = d.layer(id);
  if (there) return there;
  const entries = tar.readTar(archive);
  const cacheId = newId(d.sys);
  create(d, cacheId, parent === null ? null : (d.layer(parent) as Layer).cacheId);
  apply(d, cacheId, entries);
  const layer: Layer = { chainId: id, diffId, parent, cacheId, size: contentSize(entries) };
  put(d, layer);
  return layer;
}

/** The archive of a layer, made again from its directory. */
export const archiveOf = (d: Daemon, l: Layer): string => tar.writeTar(diff(d, l.cacheId));
