/**
 * The storage driver: image layers and containers' writable layers as directories on the host, mounted with overlayfs.
 * moby daemon/graphdriver/overlay2. What is in a layer, as an archive and as changes: layer-files.ts.
 *
 *   /var/lib/docker/overlay2/<layer>/diff       the layer's files; whiteouts are character devices 0, 0
 *                                   link        its short name in overlay2/l, 26 letters
 *                                   lower       short names of the layers below, topmost first
 *                                   work/ merged/
 *
 * Everything goes through system calls: what is here can be listed, read and broken from the host.
 */

import { attempt, Errno, removeTree, type Sys } from '../kernel';

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
