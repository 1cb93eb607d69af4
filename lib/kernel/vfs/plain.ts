/**
 * File systems with inodes of their own: ext4 and xfs for the disk, tmpfs and devtmpfs in memory.
 * Semantics: POSIX, as Linux's VFS and ext4 do it (rename(2), unlink(2), link(2)).
 *
 * Simplified: a directory's size on a disk is always one block; no quota; `size=` of a tmpfs is enforced on writes only.
 */

import { pmap } from '../../base';
import { Errno } from '../errno';
import type { Kernel } from '../kernel';
import { overLimit } from '../memory';
import { freshInode } from '../records';
import type { Id, Inode, Super } from '../state';
import type { Dirent } from '../sys';
import * as body from './body';
import type { Attr, FileSystem, Proto, SetAttr } from './filesystem';

type Plain = Extract<Super, { root: number }>;
type Dir = Extract<Inode, { type: 'dir' }>;
type File = Extract<Inode, { type: 'file' }>;

function dir(k: Kernel, id: Id): Dir {
  const inode = k.inode(id as number);
  if (inode.type !== 'dir') throw new Errno('ENOTDIR', 'vfs', 'the path goes through something that is not a directory');
  return inode;
}

function file(k: Kernel, id: Id): File {
  const inode = k.inode(id as number);
  if (inode.type !== 'file') throw new Errno('EINVAL', 'vfs', 'only a regular file has content');
  return inode;
}

/** What an entry adds to the size of a directory in memory: mm/shmem.c, BOGO_DIRENT_SIZE. */
const ENTRY = 20;

const BLOCK = 4096;
/** So few entries are in one block whatever their names. */
const FEW = 100;

/** A directory on ext4: a block, or an index of blocks that are split in two when full. Simplified: it shrinks again. */
export function sizeOfDir(d: Dir): number {
  if (d.entries.size <= FEW) return BLOCK;
  let linear = 2 * 12;
  for (const name of pmap.keys(d.entries)) linear += 8 + Math.ceil((name as string).length / 4) * 4;
  if (linear <= BLOCK) return BLOCK;
  return BLOCK * (1 + 2 ** Math.ceil(Math.log2(linear / BLOCK)));
}

/** A fresh object each time: callers add to it. */
export function attrOf(inode: Inode): Attr {
  const size =
    inode.type === 'file' ? body.size(inode.body) : inode.type === 'symlink' ? inode.target.length : inode.type === 'dir' ? BLOCK : 0;
  const { type, ino, mode, uid, gid, nlink, atime, mtime, ctime } = inode;
  return {
    type,
    ino,
    mode,
    uid,
    gid,
    nlink,
    size,
    atime,
    mtime,
    ctime,
    rdev: inode.type === 'char' || inode.type === 'block' ? inode.rdev : undefined,
    dev: undefined,
  };
}

const touchDir = (k: Kernel, d: Dir, entries: pmap.PMap<number>, links = 0) => {
  const now = k.now();
  const it = k.editInode(d.ino) as Dir;
  it.entries = entries;
  it.nlink += links;
  it.mtime = now;
  it.ctime = now;
};

/** A file has other content. */
function rewritten(k: Kernel, f: File, content: File['body'], now: number) {
  const it = k.editInode(f.ino) as File;
  it.body = content;
  it.mtime = now;
  it.ctime = now;
}

/** One name fewer; without names and open files the inode goes. */
function dropLink(k: Kernel, sb: Plain, ino: number) {
  const inode = k.editInode(ino);
  inode.nlink = inode.type === 'dir' ? 0 : inode.nlink - 1;
  inode.ctime = k.now();
  if (inode.nlink === 0 && !k.isOpen(sb.id, ino)) k.removeInode(ino);
}

export function newInode(k: Kernel, p: Proto): Inode {
  const { type, uid, gid, target, rdev } = p;
  return freshInode({ ino: k.newIno(), type, mode: p.mode & 0o7777, uid, gid, time: k.now(), target, rdev });
}

const PAGE = 4096;
const pages = (bytes: number): number => Math.ceil(bytes / PAGE) * PAGE;

/** Bytes that a tree takes up in whole pages, for statfs and for a tmpfs' limit. */
export function used(k: Kernel, ino: number, seen = new Set<number>()): number {
  if (seen.has(ino)) return 0;
  seen.add(ino);
  const inode = k.inode(ino);
  if (inode.type === 'file') return pages(body.size(inode.body));
  if (inode.type !== 'dir') return 0;
  let n = 0;
  for (const child of pmap.values(inode.entries)) n += used(k, child, seen);
  return n;
}

/** How far a file may grow from one size towards another. */
function room(k: Kernel, sb: Plain, from: number, to: number): number {
  const more = pages(to) - pages(from);
  if (sb.type !== 'tmpfs' || sb.size === undefined || more <= 0) return to;
  const free = Math.floor((sb.size - used(k, sb.root)) / PAGE) * PAGE;
  return more <= free ? to : pages(from) + Math.max(0, free);
}

const noSpace = (sb: Plain) => new Errno('ENOSPC', 'mount', `the tmpfs holds at most ${sb.size} bytes (its size= option)`);

export const plain: FileSystem<Plain> = {
  root: (sb) => sb.root,
  lookup: (k, _sb, id, name) => pmap.get(dir(k, id).entries, name) ?? null,
  attr: (k, _sb, id) => attrOf(k.inode(id as number)),
  peek: (k, _sb, id) => k.inode(id as number),
  dirSize: (k, sb, id) => (sb.type === 'ext4' || sb.type === 'xfs' ? sizeOfDir(dir(k, id)) : ENTRY * (2 + dir(k, id).entries.size)),
  readdir(k, _sb, id) {
    const out: Dirent[] = [];
    for (const [name, ino] of pmap.entries(dir(k, id).entries)) out.push({ name: name as string, type: k.inode(ino).type, ino });
    return out;
  },
  readlink(k, _sb, id) {
    const inode = k.inode(id as number);
    if (inode.type !== 'symlink') throw new Errno('EINVAL', 'vfs', 'not a symbolic link');
    return inode.target;
  },
  create(k, _sb, id, name, proto) {
    const d = dir(k, id);
    const inode = newInode(k, proto);
    k.putInode(inode);
    touchDir(k, d, pmap.set(d.entries, name, inode.ino), inode.type === 'dir' ? 1 : 0);
    return inode.ino;
  },
  link(k, _sb, id, to, name) {
    const inode = k.editInode(id as number);
    inode.nlink++;
    inode.ctime = k.now();
    const d = dir(k, to);
    touchDir(k, d, pmap.set(d.entries, name, inode.ino));
  },
  unlink(k, sb, id, name) {
    const d = dir(k, id);
    const ino = pmap.get(d.entries, name) as number;
    touchDir(k, d, pmap.remove(d.entries, name));
    dropLink(k, sb, ino);
  },
  rmdir(k, sb, id, name) {
    const d = dir(k, id);
    const ino = pmap.get(d.entries, name) as number;
    if (dir(k, ino).entries.size > 0) throw new Errno('ENOTEMPTY', 'vfs', 'rmdir removes only a directory without entries');
    touchDir(k, d, pmap.remove(d.entries, name), -1);
    dropLink(k, sb, ino);
  },
  rename(k, sb, fromDir, name, toDir, toName) {
    const ino = pmap.get(dir(k, fromDir).entries, name) as number;
    const moved = k.inode(ino);
    const target = pmap.get(dir(k, toDir).entries, toName);
    if (target === ino) return;
    const isDir = moved.type === 'dir';
    if (target !== undefined) {
      if (isDir && dir(k, target).entries.size > 0)
        throw new Errno('ENOTEMPTY', 'vfs', 'a directory takes the place of another only if that is empty');
      const t = dir(k, toDir);
      touchDir(k, t, pmap.remove(t.entries, toName), isDir ? -1 : 0);
      dropLink(k, sb, target);
    }
    const from = dir(k, fromDir);
    touchDir(k, from, pmap.remove(from.entries, name), isDir ? -1 : 0);
    const to = dir(k, toDir);
    touchDir(k, to, pmap.set(to.entries, toName, ino), isDir ? 1 : 0);
    k.editInode(ino).ctime = k.now();
  },
  setattr(k, _sb, id, set: SetAttr) {
    Object.assign(k.editInode(id as number), set, { ctime: k.now() });
  },
  read: (k, _sb, id, offset, count) => body.read(file(k, id).body, offset, count),
  prepareWrite() {},
  write(k, sb, id, offset, data) {
    const f = file(k, id);
    const fits = room(k, sb, body.size(f.body), offset + data.length) - offset;
    if (fits <= 0 && data !== '') throw noSpace(sb);
    rewritten(k, f, body.write(f.body, offset, fits < data.length ? data.slice(0, fits) : data), k.now());
    if (sb.type === 'tmpfs' && sb.cgroup !== undefined) overLimit(k, sb.cgroup);
    return Math.min(fits, data.length);
  },
  truncate(k, sb, id, to) {
    const f = file(k, id);
    if (room(k, sb, body.size(f.body), to) < to) throw noSpace(sb);
    rewritten(k, f, body.truncate(f.body, to), k.now());
  },
  xattrs: (k, _sb, id) => k.inode(id as number).xattrs ?? {},
  setxattr(k, _sb, id, name, value) {
    const inode = k.inode(id as number);
    const { [name]: _, ...rest } = inode.xattrs ?? {};
    const it = k.editInode(inode.ino);
    it.xattrs = value === null ? rest : { ...rest, [name]: value };
    it.ctime = k.now();
  },
  canonical: (id) => id,
  release(k, _sb, id) {
    const inode = k.findInode(id as number);
    if (inode && inode.nlink === 0) k.removeInode(inode.ino);
  },
};
