/**
 * The storage driver: image layers and containers' writable layers as directories on the host, mounted with overlayfs.
 * moby daemon/graphdriver/overlay2, pkg/archive for diffs.
 *
 *   /var/lib/docker/overlay2/<layer>/diff       the layer's files; whiteouts are character devices 0, 0
 *                                   link        its short name in overlay2/l, 26 letters
 *                                   lower       short names of the layers below, topmost first
 *                                   work/ merged/
 *
 * Everything goes through system calls: what is here can be listed, read and broken from the host.
 */

import { attempt, type Dirent, Errno, removeTree, type Stat, type Sys } from '../kernel';
import { layer, type tar } from '../oci';

type TarEntry = tar.TarEntry;

/** Who makes layers, and where: a daemon. `files` are the calls for what belongs to containers. */
export interface Store {
  sys: Sys;
  files: Sys;
  /** The daemon's directory, above overlay2. */
  root: string;
  /** The containers' root on the host. */
  owner: { uid: number; gid: number };
}

const dirOf = (s: Store) => `${s.root}/overlay2`;

const OPAQUE = 'trusted.overlay.opaque';
export const { WHITEOUT, OPAQUE_MARK } = layer;

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const BASE36 = '0123456789abcdefghijklmnopqrstuvwxyz';

function word(sys: Sys, alphabet: string, n: number): string {
  let out = '';
  for (let i = 0; i < n; i++) out += alphabet[Math.floor(sys.random() * alphabet.length)];
  return out;
}

/** A layer directory's name as BuildKit makes them: 25 letters and digits. */
export const newCacheId = (sys: Sys): string => word(sys, BASE36, 25);
/** 64 hexadecimal digits: ids of containers and of their layers. */
export const newId = (sys: Sys): string => {
  const id = word(sys, '0123456789abcdef', 64);
  // An id whose short form is all digits could be taken for a number.
  return /^\d{12}/.test(id) ? newId(sys) : id;
};

export function writeText(sys: Sys, path: string, text: string, mode = 0o644) {
  const fd = sys.open(path, { write: true, create: true, trunc: true }, mode);
  for (let rest = text; rest !== ''; ) rest = rest.slice(sys.write(fd, rest) ?? 0);
  sys.close(fd);
}

export function readText(sys: Sys, path: string): string {
  const fd = sys.open(path, { read: true });
  let out = '';
  for (let chunk = sys.read(fd, 1 << 20); chunk; chunk = sys.read(fd, 1 << 20)) out += chunk;
  sys.close(fd);
  return out;
}

export const exists = (sys: Sys, path: string): boolean => !(attempt(() => sys.lstat(path)) instanceof Errno);

/** Runs `body` with a directory as the working directory, so that its paths are short; the daemon's own is /. */
export function within<T>(sys: Sys, dir: string, body: () => T): T {
  sys.chdir(dir);
  try {
    return body();
  } finally {
    sys.chdir('/');
  }
}

/** mkdir -p. */
export function mkdirs(sys: Sys, path: string, mode = 0o755) {
  const made = attempt(() => sys.mkdir(path, mode));
  if (!(made instanceof Errno) || made.code === 'EEXIST') return;
  const slash = path.lastIndexOf('/');
  if (made.code !== 'ENOENT' || slash <= 0) throw made;
  mkdirs(sys, path.slice(0, slash), mode);
  sys.mkdir(path, mode);
}

/** Makes a layer directory above `parent` (null: the bottom); one that is written for as long as it lives is not marked as committed. */
export function create(s: Store, id: string, parent: string | null, committed = true) {
  const { sys, files, owner } = s;
  within(sys, dirOf(s), () => {
    sys.mkdir(id, 0o710);
    if (owner.gid !== 0) sys.chown(id, 0, owner.gid);
    files.mkdir(`${id}/diff`, 0o755);
    const link = word(sys, BASE32, 26);
    sys.symlink(`../${id}/diff`, `l/${link}`);
    writeText(sys, `${id}/link`, link);
    if (committed) writeText(sys, `${id}/committed`, '', 0o600);
    if (parent === null) return;
    files.mkdir(`${id}/work`, 0o700);
    const above = attempt(() => readText(sys, `${parent}/lower`));
    writeText(sys, `${id}/lower`, `l/${readText(sys, `${parent}/link`)}${above instanceof Errno ? '' : `:${above}`}`);
  });
}

export const layerDir = (s: Pick<Store, 'root'>, id: string) => `${s.root}/overlay2/${id}`;
export const diffDir = (s: Pick<Store, 'root'>, id: string) => `${layerDir(s, id)}/diff`;
const MERGED = 'merged';
export const mergedDir = (s: Pick<Store, 'root'>, id: string) => `${layerDir(s, id)}/${MERGED}`;

/** Directories of the layers below, topmost first. */
export function lowers(s: Store, id: string): string[] {
  const text = attempt(() => readText(s.sys, `${layerDir(s, id)}/lower`));
  return text instanceof Errno ? [] : text.split(':').map((l) => `${dirOf(s)}/${l}`);
}

export const lowerDirs = (s: Store, id: string): string[] =>
  lowers(s, id).map((l) => `${dirOf(s)}/${s.sys.readlink(l).replace(/^\.\.\//, '')}`);

/** Mounts a layer with all below it; gives the merged directory. */
export function mount(s: Store, id: string): string {
  const low = lowers(s, id);
  if (low.length === 0) return diffDir(s, id);
  const merged = mergedDir(s, id);
  attempt(() => s.files.mkdir(merged, 0o700));
  s.sys.mount('overlay', merged, 'overlay', [`lowerdir=${low.join(':')}`, `upperdir=${diffDir(s, id)}`, `workdir=${layerDir(s, id)}/work`]);
  return merged;
}

export function unmount(s: Store, id: string) {
  attempt(() => s.sys.umount(mergedDir(s, id), true));
  attempt(() => s.sys.rmdir(mergedDir(s, id)));
}

export function remove(s: Store, id: string) {
  const dir = layerDir(s, id);
  if (!exists(s.sys, dir)) return;
  if (s.sys.readdir(dir).some((e) => e.name === MERGED)) unmount(s, id);
  attempt(() => s.sys.unlink(`${dirOf(s)}/l/${readText(s.sys, `${dir}/link`)}`));
  removeTree(s.sys, dir);
}

/** Bytes that the files of a directory hold, hard links once: what `docker ps -s` and `docker history` count. */
export function sizeOf(sys: Sys, dir: string, seen = new Set<number>()): number {
  let n = 0;
  for (const e of sys.readdir(dir)) {
    const path = `${dir}/${e.name}`;
    if (e.type === 'dir') n += sizeOf(sys, path, seen);
    else if (e.type === 'file') {
      const s = sys.lstat(path);
      if (!seen.has(s.ino)) n += s.size;
      seen.add(s.ino);
    }
  }
  return n;
}

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
