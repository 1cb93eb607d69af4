/**
 * Trees made in one go: a list of paths becomes inodes, for a root file system, an image's layers, a test.
 *
 * A frozen tree takes its inode numbers from a base of its own and lives beside the state (kernel.ts, FROZEN);
 * a planted one goes into the tables.
 */

import { pmap } from '../base';
import type { Kernel } from './kernel';
import { freshInode } from './records';
import type { Inode } from './state';
import type { FileType } from './sys';
import type { Body } from './vfs/body';

export interface TreeEntry {
  /** Path without a leading slash; '' is the root. Parents that are not listed are made, 0755 root. */
  path: string;
  type: FileType;
  mode?: number;
  uid?: number;
  gid?: number;
  mtime?: number;
  body?: Body;
  target?: string;
  rdev?: [number, number];
  /** A further name of another entry: that entry's path. */
  linkTo?: string;
  xattrs?: Record<string, string>;
}

const DEFAULT_MODE: Record<FileType, number> = {
  file: 0o644,
  dir: 0o755,
  symlink: 0o777,
  char: 0o666,
  block: 0o660,
  fifo: 0o644,
  socket: 0o777,
};

/** Inodes of a tree, the root first, numbered from `base`. */
export function build(entries: readonly TreeEntry[], base: number, mtime: number): Inode[] {
  const out: Inode[] = [];
  const at = new Map<string, number>();
  const add = (e: TreeEntry): number => {
    const ino = base + out.length;
    const time = e.mtime ?? mtime;
    const { type, uid = 0, gid = 0, body, target, rdev, xattrs } = e;
    out.push(freshInode({ ino, type, mode: e.mode ?? DEFAULT_MODE[type], uid, gid, time, body, target, rdev, xattrs }));
    at.set(e.path, ino);
    return ino;
  };
  const enter = (path: string, ino: number) => {
    const slash = path.lastIndexOf('/');
    const i = dir(slash < 0 ? '' : path.slice(0, slash)) - base;
    const d = out[i] as Extract<Inode, { type: 'dir' }>;
    d.entries = pmap.set(d.entries, path.slice(slash + 1), ino);
    if (out[ino - base]?.type === 'dir') d.nlink++;
  };
  const dir = (path: string): number => {
    const there = at.get(path);
    if (there !== undefined) return there;
    const ino = add({ path, type: 'dir' });
    if (path !== '') enter(path, ino);
    return ino;
  };
  const first = entries.find((e) => e.path === '');
  add(first ?? { path: '', type: 'dir' });
  for (const e of entries) {
    if (e.path === '') continue;
    const known = at.get(e.path);
    if (known !== undefined) {
      // A directory made as somebody's parent before its own entry came.
      const d = out[known - base] as Inode;
      if (e.type === 'dir' && d.type === 'dir')
        Object.assign(d, { mode: e.mode ?? d.mode, uid: e.uid ?? 0, gid: e.gid ?? 0, mtime: e.mtime ?? d.mtime });
      continue;
    }
    if (e.linkTo !== undefined) {
      const ino = at.get(e.linkTo);
      if (ino === undefined) throw new Error(`tree: ${e.path} links to ${e.linkTo}, which is not listed before it`);
      (out[ino - base] as Inode).nlink++;
      enter(e.path, ino);
    } else enter(e.path, add(e));
  }
  return out;
}

/** Puts a tree into the tables; gives its root's inode number. */
export function plant(k: Kernel, entries: readonly TreeEntry[]): number {
  const inodes = build(entries, k.s.next.ino, k.now());
  k.s.next.ino += inodes.length;
  for (const i of inodes) k.putInode(i);
  return (inodes[0] as Inode).ino;
}
