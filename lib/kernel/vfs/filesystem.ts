/**
 * What every file system answers: the kernel's struct inode_operations and file_operations in one table.
 *
 * A file system decides what exists and what it holds; permission, mount flags and path walk are decided above it
 * (namei.ts), so a file system throws only what is its own to refuse (EXDEV, ENOTEMPTY, ENOSPC, …).
 */

import type { Kernel } from '../kernel';
import type { Magic } from '../namei';
import type { Id, Super, Task } from '../state';
import type { Dirent, FileType } from '../sys';

/** A node's attributes: struct kstat without the path. */
export interface Attr {
  type: FileType;
  ino: number;
  mode: number;
  uid: number;
  gid: number;
  nlink: number;
  size: number;
  atime: number;
  mtime: number;
  ctime: number;
  rdev?: [number, number];
  dev?: number;
}

export interface Proto {
  type: FileType;
  mode: number;
  uid: number;
  gid: number;
  target?: string;
  rdev?: [number, number];
}

export interface SetAttr {
  mode?: number;
  uid?: number;
  gid?: number;
  atime?: number;
  mtime?: number;
}

export interface FileSystem<S extends Super = Super> {
  root(sb: S): Id;
  lookup(k: Kernel, sb: S, dir: Id, name: string): Id | null;
  attr(k: Kernel, sb: S, id: Id): Attr;
  /** The size of a directory, where that is more than `attr` says: it takes looking at all that is in it. */
  dirSize?(k: Kernel, sb: S, id: Id): number;
  /** Type and permission bits alone, without making an object where there is one: the path walk asks for nothing more. */
  peek(k: Kernel, sb: S, id: Id): Pick<Attr, 'type' | 'mode' | 'uid' | 'gid'>;
  readdir(k: Kernel, sb: S, id: Id): Dirent[];
  readlink(k: Kernel, sb: S, id: Id): string;
  create(k: Kernel, sb: S, dir: Id, name: string, proto: Proto): Id;
  link(k: Kernel, sb: S, id: Id, dir: Id, name: string): void;
  unlink(k: Kernel, sb: S, dir: Id, name: string): void;
  rmdir(k: Kernel, sb: S, dir: Id, name: string): void;
  rename(k: Kernel, sb: S, dir: Id, name: string, toDir: Id, toName: string): void;
  setattr(k: Kernel, sb: S, id: Id, set: SetAttr): void;
  read(k: Kernel, sb: S, id: Id, offset: number, count: number): string;
  /** Called when a file is opened for writing, before anything is written: overlayfs copies up here. */
  prepareWrite(k: Kernel, sb: S, id: Id): void;
  write(k: Kernel, sb: S, id: Id, offset: number, data: string): number;
  truncate(k: Kernel, sb: S, id: Id, size: number): void;
  xattrs(k: Kernel, sb: S, id: Id): Record<string, string>;
  setxattr(k: Kernel, sb: S, id: Id, name: string, value: string | null): void;
  /** A magic link (/proc/PID/fd/N, cwd, exe): where opening it leads, without reading it as text. */
  follow?(k: Kernel, sb: S, id: Id, task: Task): Magic | undefined;
  /** A check beside the file's mode when it is opened: ptrace's, for what a process keeps to itself. */
  mayOpen?(k: Kernel, sb: S, id: Id, task: Task): void;
  /** Why a name is not there, if this file system knows better than "nothing has that name". */
  explain?(k: Kernel, sb: S, dir: Id, name: string): string | undefined;
  /** The node's identity for comparing: what covers it, what is open. */
  canonical(id: Id): Id;
  /** The last open of a node is closed, or its last name is gone. */
  release(k: Kernel, sb: S, id: Id): void;
}
