/**
 * File trees that COPY and ADD take from: the build context as it was sent, or the file system of a stage.
 *
 * Paths are absolute within the tree; '/' is its root.
 */

import { sha256 } from '../../base';
import type * as tar from '../../base/tar';
import { attempt, Errno, type FileType, type Sys } from '../../kernel';
import { readText } from '../overlay2';
import { clean, excluded, type Pattern } from './ignore';
import type { ContentKey } from './select';

export interface Entry {
  type: FileType;
  /** Permission bits. */
  mode: number;
  uid: number;
  gid: number;
  /** Milliseconds. */
  mtime: number;
  size: number;
  target: string;
  rdev: [number, number];
  /** Two names with the same key are one file. */
  inode: string;
}

export interface Tree {
  /** Without following a link at the end. */
  lstat(path: string): Entry | null;
  /** Names in a directory, sorted. */
  list(path: string): string[];
  read(path: string): string;
  /** A digest of a file's data. */
  digest(path: string): string;
  /** Of a tree that does not change: what has been worked out of it (select.ts). */
  keys?: Map<string, ContentKey>;
}

const byteOrder = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

type Node = Entry & { data: string; entry?: tar.TarEntry };

/** The files of an archive that are not excluded. What a client sends belongs to root; an archive keeps its owners. */
export function contextTree(entries: readonly tar.TarEntry[], ignore: readonly Pattern[] | null, owners = false): Tree {
  const nodes = new Map<string, Node>();
  const children = new Map<string, string[]>([['/', []]]);
  const put = (path: string, node: Node) => {
    const slash = path.lastIndexOf('/');
    const parent = path.slice(0, slash) || '/';
    if (path !== '/' && !nodes.has(path)) {
      if (!nodes.has(parent)) put(parent, { ...DIRECTORY, inode: parent });
      children.get(parent)?.push(path.slice(slash + 1));
    }
    nodes.set(path, node);
    if (node.type === 'dir' && !children.has(path)) children.set(path, []);
  };
  put('/', { ...DIRECTORY, inode: '/' });
  // Something below an excluded directory might be brought back.
  const bringsBack = ignore?.some((p) => p.exclusion) ?? false;
  for (const e of entries) {
    const name = clean(`/${e.name}`).slice(1);
    if (name === '' || (ignore && excluded(ignore, name) && (e.type !== 'dir' || !bringsBack))) continue;
    const path = `/${name}`;
    const common = {
      mode: e.mode & 0o7777,
      uid: owners ? e.uid : 0,
      gid: owners ? e.gid : 0,
      mtime: e.mtime * 1000,
      rdev: [e.devmajor ?? 0, e.devminor ?? 0] as [number, number],
      inode: path,
    };
    if (e.type === 'link') {
      const first = nodes.get(clean(`/${e.linkname ?? ''}`));
      if (first) put(path, first);
    } else
      put(path, { ...common, type: e.type, size: e.type === 'file' ? e.size : 0, target: e.linkname ?? '', data: e.data ?? '', entry: e });
  }
  // A directory that was excluded is there only as far as something in it is.
  if (ignore)
    for (const path of [...children.keys()].sort((a, b) => b.length - a.length))
      if (path !== '/' && children.get(path)?.length === 0 && excluded(ignore, path.slice(1))) {
        const slash = path.lastIndexOf('/');
        const parent = path.slice(0, slash) || '/';
        children.set(
          parent,
          (children.get(parent) ?? []).filter((n) => n !== path.slice(slash + 1)),
        );
        children.delete(path);
        nodes.delete(path);
      }
  for (const list of children.values()) list.sort(byteOrder);
  return {
    lstat: (p) => nodes.get(p) ?? null,
    list: (p) => children.get(p) ?? [],
    read: (p) => nodes.get(p)?.data ?? '',
    digest: (p) => dataDigest(nodes.get(p)?.entry),
    keys: new Map(),
  };
}

/** Digests by the entry whose data it is: a file that is kept from build to build is hashed once. */
const DIGESTS = new WeakMap<object, string>();

function dataDigest(e: tar.TarEntry | undefined): string {
  const digest = (e && DIGESTS.get(e)) ?? sha256(e?.data ?? '');
  if (e) DIGESTS.set(e, digest);
  return digest;
}

const DIRECTORY = {
  type: 'dir' as const,
  mode: 0o755,
  uid: 0,
  gid: 0,
  mtime: 0,
  size: 0,
  target: '',
  rdev: [0, 0] as [number, number],
  data: '',
};

/** A directory of the machine. */
export function hostTree(sys: Sys, root: string): Tree {
  const at = (path: string) => `${root}${path === '/' ? '' : path}`;
  return {
    lstat(path) {
      const s = attempt(() => sys.lstat(at(path)));
      if (s instanceof Errno) return null;
      return {
        type: s.type,
        mode: s.mode,
        uid: s.uid,
        gid: s.gid,
        mtime: s.mtime,
        size: s.size,
        target: s.type === 'symlink' ? sys.readlink(at(path)) : '',
        rdev: s.rdev ?? [0, 0],
        inode: `${s.dev}:${s.ino}`,
      };
    },
    list: (path) =>
      sys
        .readdir(at(path))
        .map((e) => e.name)
        .sort(byteOrder),
    read: (path) => readText(sys, at(path)),
    digest: (path) => sha256(readText(sys, at(path))),
  };
}

/** One file by itself. */
export const singleFile = (name: string, data: string, mtime: number, mode = 0o644): Tree => {
  const file: Entry = { type: 'file', mode, uid: 0, gid: 0, mtime, size: data.length, target: '', rdev: [0, 0], inode: name };
  return {
    lstat: (p) => (p === '/' ? { ...DIRECTORY, inode: '/' } : p === `/${name}` ? file : null),
    list: (p) => (p === '/' ? [name] : []),
    read: () => data,
    digest: () => sha256(data),
  };
};

/** A path with its links followed inside the tree; null if it leads nowhere. */
export function follow(tree: Tree, path: string, depth = 0): string | null {
  if (depth > 40) return null;
  const parts = clean(path).split('/').filter(Boolean);
  let at = '';
  for (const [i, part] of parts.entries()) {
    const next = `${at}/${part}`;
    const e = tree.lstat(next);
    if (e === null) return null;
    if (e.type === 'symlink')
      return follow(tree, [e.target.startsWith('/') ? e.target : `${at}/${e.target}`, ...parts.slice(i + 1)].join('/'), depth + 1);
    at = next;
  }
  return at || '/';
}

export const hasWildcards = (path: string): boolean => /(^|[^\\])(\\\\)*[*?[]/.test(path);
