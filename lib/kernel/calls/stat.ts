/** Calls that look at what a path leads to, and change nothing. */

import { permit } from '../cred';
import { Errno } from '../errno';
import { fileOf } from '../files';
import type { Kernel } from '../kernel';
import { attr, missing, pathOf, requireWritable, sbOf, walk } from '../namei';
import { numberFor } from '../pidns';
import type { Id, Super, Task } from '../state';
import type { FileType, Stat } from '../sys';
import { shownId } from '../userns';
import { fsOf } from '../vfs';
import type { Attr } from '../vfs/filesystem';
import { used } from '../vfs/plain';
import { SYSTEM } from '../vfs/proc';
import type { Calls } from './caller';
import { at, quote } from './common';

function statOf(k: Kernel, t: Task, a: Attr): Stat {
  return {
    dev: a.dev ?? 0,
    ino: a.ino,
    type: a.type,
    mode: a.mode,
    nlink: a.nlink,
    uid: shownId(k, t, a.uid, 'uidMap'),
    gid: shownId(k, t, a.gid, 'gidMap'),
    rdev: a.rdev,
    size: a.size,
    // A directory in memory takes no block.
    // A short target is kept in the inode itself.
    allocated: (a.type === 'dir' && a.size % 4096 !== 0) || (a.type === 'symlink' && a.size < 60) ? 0 : Math.ceil(a.size / 4096) * 4096,
    atime: a.atime,
    mtime: a.mtime,
    ctime: a.ctime,
  };
}

function anonymous(k: Kernel, type: FileType, id: number, tty?: number): Stat {
  const now = k.now();
  const dev = type === 'char' ? 24 : 14;
  return {
    dev,
    ino: 10_000 + id,
    type,
    mode: type === 'char' ? 0o620 : 0o600,
    nlink: 1,
    uid: 0,
    gid: type === 'char' ? 5 : 0,
    rdev: tty === undefined ? undefined : [136, tty],
    size: 0,
    allocated: 0,
    atime: now,
    mtime: now,
    ctime: now,
  };
}

function statNode(k: Kernel, t: Task, sb: Super, id: Id): Stat {
  const fs = fsOf(sb);
  const a = fs.attr(k, sb, id);
  a.dev ??= sb.dev;
  if (a.type === 'dir') a.size = fs.dirSize?.(k, sb, id) ?? a.size;
  return statOf(k, t, a);
}

function statFound(k: Kernel, t: Task, path: string, nofollow: boolean): Stat | Errno {
  const found = walk(k, t, path, { nofollow });
  if (found.file !== undefined && !nofollow) {
    const f = k.file(found.file);
    return anonymous(
      k,
      f.kind === 'tty' || f.kind === 'ptmx' ? 'char' : f.kind === 'pipe' ? 'fifo' : 'socket',
      f.id,
      f.kind === 'tty' ? f.tty : undefined,
    );
  }
  if (found.path === null) return missing(k, found.parent, found.name, t);
  return statNode(k, t, sbOf(k, found.path), found.path.id);
}

export const statCalls = {
  stat(path) {
    return this.call(
      'newfstatat',
      () => quote(path),
      (t, k) => statFound(k, t, path, false),
    );
  },
  lstat(path) {
    return this.call(
      'newfstatat',
      () => `${quote(path)}, AT_SYMLINK_NOFOLLOW`,
      (t, k) => statFound(k, t, path, true),
    );
  },
  fstat(fd) {
    return this.call(
      'fstat',
      () => `${fd}`,
      (t, k) => {
        const f = fileOf(k, t.pid, fd);
        if (f.kind === 'node') {
          const sb = k.super(f.sb);
          return statNode(k, this.me(), sb, f.node);
        }
        return anonymous(
          k,
          f.kind === 'tty' || f.kind === 'ptmx' ? 'char' : f.kind === 'pipe' ? 'fifo' : 'socket',
          f.id,
          f.kind === 'tty' ? f.tty : undefined,
        );
      },
    );
  },
  access(path, want) {
    return this.call(
      'faccessat',
      () => quote(path),
      (t, k) => {
        const p = at(k, t, path);
        const bits = (want.read ? 4 : 0) | (want.write ? 2 : 0) | (want.exec ? 1 : 0);
        const real: Task = { ...t, cred: { ...t.cred, euid: t.cred.uid, egid: t.cred.gid } };
        if (bits) permit(k, real, attr(k, p), bits, path);
        if (want.write && ['file', 'dir', 'symlink'].includes(attr(k, p).type)) requireWritable(k, p);
      },
    );
  },
  readdir(path) {
    return this.call(
      'getdents64',
      () => quote(path),
      (t, k) => {
        const p = at(k, t, path);
        const a = attr(k, p);
        if (a.type !== 'dir') throw new Errno('ENOTDIR', 'vfs', `${path} is not a directory`);
        permit(k, t, a, 4, path);
        const sb = sbOf(k, p);
        return fsOf(sb).readdir(k, sb, p.id);
      },
    );
  },
  readlink(path) {
    return this.call(
      'readlinkat',
      () => quote(path),
      (t, k) => {
        const p = at(k, t, path, true);
        const sb = sbOf(k, p);
        if (attr(k, p).type !== 'symlink') throw new Errno('EINVAL', 'vfs', `${path} is not a symbolic link`);
        if (sb.type === 'proc' && p.id === 'self') return `${numberFor(k, { ...t, ns: { ...t.ns, pid: sb.pidns } }, t)}`;
        return fsOf(sb).readlink(k, sb, p.id);
      },
    );
  },
  realpath(path) {
    return this.call(
      'realpath',
      () => quote(path),
      (t, k) => pathOf(k, at(k, t, path), t.root),
    );
  },
  statfs(path) {
    return this.call(
      'statfs',
      () => quote(path),
      (t, k) => {
        const p = at(k, t, path);
        const sb = sbOf(k, p);
        const bytes = 'root' in sb && typeof sb.root === 'number' ? used(k, sb.root) : 0;
        const size =
          'size' in sb && sb.size !== undefined
            ? sb.size
            : sb.type === 'tmpfs' || sb.type === 'devtmpfs'
              ? SYSTEM.memTotal / 2
              : 64 * 2 ** 30;
        return { type: sb.type, source: k.mount(p.mnt).source, size, used: bytes, files: 4_194_304, ffree: 4_194_304 - k.t.inodes.size };
      },
    );
  },
} satisfies Calls;
