/** What file systems without stored inodes share: names that are text, contents made when read, and plain refusals. */

import { Errno } from '../errno';
import type { Kernel } from '../kernel';
import type { Attr } from './filesystem';

const refuse = (): never => {
  throw new Errno('EPERM', 'vfs', 'names in this file system are made by the kernel, not by programs');
};

/** The calls that a virtual file system refuses. */
export const readonlyNames = {
  create: refuse,
  link: refuse,
  unlink: refuse,
  rmdir: refuse,
  rename: refuse,
  setxattr: refuse,
  xattrs: () => ({}),
  prepareWrite() {},
  release() {},
} as const;

/** A stable inode number for a name: FNV-1a. */
export function inoOf(name: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) h = Math.imul(h ^ name.charCodeAt(i), 0x01000193);
  return 0xf0000000 + ((h >>> 0) & 0x0fffffff);
}

export const virtualAttr = (k: Kernel, name: string, type: Attr['type'], mode: number, owner = { uid: 0, gid: 0 }): Attr => ({
  type,
  ino: inoOf(name),
  mode,
  uid: owner.uid,
  gid: owner.gid,
  nlink: type === 'dir' ? 2 : 1,
  size: 0,
  atime: k.now(),
  mtime: k.now(),
  ctime: k.now(),
});
