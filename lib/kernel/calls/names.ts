/** Calls that make, move and remove names in directories, and a process’s own place among them. */

import { mediate } from '../apparmor';
import { capableOn, permit, requireCap } from '../cred';
import { Errno } from '../errno';
import type { Kernel } from '../kernel';
import * as mounts from '../mounts';
import { attr, missing, noent, pathOf, peek, requireUnsticky, requireWritable, samePath, sbOf, walk } from '../namei';
import type { Path, Task } from '../state';
import type { FileType } from '../sys';
import { fsOf } from '../vfs';
import type { Calls } from './caller';
import { at, quote } from './common';

/** The node at a path, or why there is none. */
export function find(k: Kernel, t: Task, path: string): Path | Errno {
  const found = walk(k, t, path);
  return found.path ?? missing(k, found.parent, found.name, t);
}

/** A name that is not there yet. */
export const named = (dir: Path, name: string): Path => ({ mnt: dir.mnt, id: '', name, up: dir });

/** Checks that are the same for every call that makes a name. */
export function makeName(k: Kernel, t: Task, path: string, type: FileType) {
  const found = walk(k, t, path, { nofollow: true });
  if (found.path !== null) return new Errno('EEXIST', 'vfs', () => `${path} is there already`);
  if (found.slash && type !== 'dir') throw new Errno('ENOENT', 'vfs', 'a name that ends in a slash can only be a directory');
  requireWritable(k, found.parent);
  permit(k, t, peek(k, found.parent), 3, () => pathOf(k, found.parent, t.root));
  if (t.profile !== undefined) mediate(k, t, named(found.parent, found.name), 'w');
  return found;
}

export function create(
  k: Kernel,
  t: Task,
  dir: Path,
  name: string,
  type: FileType,
  mode: number,
  more: { target?: string; rdev?: [number, number] } = {},
): Path {
  const sb = sbOf(k, dir);
  const d = attr(k, dir);
  const gid = d.mode & 0o2000 ? d.gid : t.cred.egid;
  const bits = (type === 'symlink' ? 0o777 : mode & ~t.umask) | (type === 'dir' && d.mode & 0o2000 ? 0o2000 : 0);
  const id = fsOf(sb).create(k, sb, dir.id, name, { type, mode: bits, uid: t.cred.euid, gid, ...more });
  return { mnt: dir.mnt, id, name, up: dir };
}

function removable(k: Kernel, t: Task, path: string) {
  const found = walk(k, t, path, { nofollow: true });
  if (found.path === null) return missing(k, found.parent, found.name, t);
  requireWritable(k, found.parent);
  permit(k, t, peek(k, found.parent), 3, () => pathOf(k, found.parent, t.root));
  const a = attr(k, found.path);
  requireUnsticky(k, t, found.parent, a);
  return { parent: found.parent, name: found.name, path: found.path, slash: found.slash, a };
}

const notMounted = (k: Kernel, t: Task, p: Path, what: string) => {
  if (mounts.mountAt(k, p)) throw new Errno('EBUSY', 'mount', `something is mounted on ${pathOf(k, p, t.root)}: it cannot be ${what}`);
};

export const nameCalls = {
  mkdir(path, mode = 0o777) {
    return this.call(
      'mkdir',
      () => quote(path),
      (t, k) => {
        const found = makeName(k, t, path, 'dir');
        if (found instanceof Errno) return found;
        create(k, t, found.parent, found.name, 'dir', mode);
      },
    );
  },
  mknod(path, type, mode, rdev) {
    return this.call(
      'mknod',
      () => quote(path),
      (t, k) => {
        const found = makeName(k, t, path, type);
        if (found instanceof Errno) return found;
        const whiteout = type === 'char' && rdev?.[0] === 0 && rdev[1] === 0;
        if ((type === 'char' || type === 'block') && !whiteout) requireCap(k, t, 'CAP_MKNOD', 'making a device node');
        create(k, t, found.parent, found.name, type, mode, { rdev });
      },
    );
  },
  symlink(target, path) {
    return this.call(
      'symlink',
      () => `${quote(target)}, ${quote(path)}`,
      (t, k) => {
        if (target === '') throw new Errno('ENOENT', 'vfs', 'a symbolic link needs a target');
        const found = makeName(k, t, path, 'symlink');
        if (found instanceof Errno) return found;
        create(k, t, found.parent, found.name, 'symlink', 0o777, { target });
      },
    );
  },
  link(from, to, follow) {
    return this.call(
      'link',
      () => `${quote(from)}, ${quote(to)}`,
      (t, k) => {
        const src = at(k, t, from, !follow);
        const found = makeName(k, t, to, attr(k, src).type);
        if (found instanceof Errno) return found;
        const a = attr(k, src);
        if (src.mnt !== found.parent.mnt) throw new Errno('EXDEV', 'mount', 'both names of a hard link must be on one mount');
        if (a.type === 'dir') throw new Errno('EPERM', 'vfs', 'a directory has one name only');
        if (a.uid !== t.cred.euid && !capableOn(k, t, 'CAP_FOWNER', a)) {
          if (a.type !== 'file' || a.mode & 0o4000 || (a.mode & 0o2010) === 0o2010)
            throw new Errno('EPERM', 'owner', 'fs.protected_hardlinks: only the owner links special and setuid files');
          try {
            permit(k, t, a, 6, from);
          } catch {
            throw new Errno('EPERM', 'owner', `fs.protected_hardlinks: uid ${t.cred.euid} may not link a file it cannot read and write`);
          }
        }
        const sb = sbOf(k, src);
        fsOf(sb).link(k, sb, src.id, found.parent.id, found.name);
      },
    );
  },
  unlink(path) {
    return this.call(
      'unlink',
      () => quote(path),
      (t, k) => {
        const v = removable(k, t, path);
        if (v instanceof Errno) return v;
        if (v.name === '.' || v.name === '..' || v.a.type === 'dir') throw new Errno('EISDIR', 'vfs', `${path} is a directory`);
        if (v.slash) throw new Errno('ENOTDIR', 'vfs', `${path} is not a directory`);
        notMounted(k, t, v.path, 'removed');
        const sb = sbOf(k, v.parent);
        fsOf(sb).unlink(k, sb, v.parent.id, v.name);
      },
    );
  },
  rmdir(path) {
    return this.call(
      'rmdir',
      () => quote(path),
      (t, k) => {
        const v = removable(k, t, path);
        if (v instanceof Errno) return v;
        if (v.name === '.') throw new Errno('EINVAL', 'vfs', '"." cannot be removed by that name');
        if (v.name === '..') throw new Errno('ENOTEMPTY', 'vfs', '".." holds at least this directory');
        if (v.name === '') throw new Errno('EBUSY', 'vfs', 'the root cannot be removed');
        if (v.a.type !== 'dir') throw new Errno('ENOTDIR', 'vfs', `${path} is not a directory`);
        notMounted(k, t, v.path, 'removed');
        const sb = sbOf(k, v.parent);
        fsOf(sb).rmdir(k, sb, v.parent.id, v.name);
      },
    );
  },
  rename(from, to) {
    return this.call(
      'rename',
      () => `${quote(from)}, ${quote(to)}`,
      (t, k) => {
        const a = walk(k, t, from, { nofollow: true });
        const b = walk(k, t, to, { nofollow: true });
        if (a.parent.mnt !== b.parent.mnt) throw new Errno('EXDEV', 'mount', 'a name cannot move to another mount');
        for (const f of [a, b])
          if (f.name === '.' || f.name === '..' || f.name === '') throw new Errno('EBUSY', 'vfs', '"." and ".." cannot be renamed');
        if (a.path === null) return noent(k, a.parent, a.name, t);
        const src = attr(k, a.path);
        if (src.type !== 'dir' && (a.slash || b.slash))
          throw new Errno('ENOTDIR', 'vfs', 'a name that ends in a slash must be a directory');
        if (b.path && samePath(k, a.path, b.path)) return;
        for (let up: Path | null = b.parent; up !== null; up = up.up)
          if (samePath(k, up, a.path)) throw new Errno('EINVAL', 'vfs', 'a directory cannot move into itself');
        if (b.path)
          for (let up: Path | null = a.parent; up !== null; up = up.up)
            if (samePath(k, up, b.path)) throw new Errno('ENOTEMPTY', 'vfs', 'the target holds the source');
        requireWritable(k, a.parent);
        permit(k, t, peek(k, a.parent), 3, () => pathOf(k, a.parent, t.root));
        requireUnsticky(k, t, a.parent, src);
        permit(k, t, peek(k, b.parent), 3, () => pathOf(k, b.parent, t.root));
        if (b.path) {
          const dst = attr(k, b.path);
          requireUnsticky(k, t, b.parent, dst);
          if (src.type === 'dir' && dst.type !== 'dir') throw new Errno('ENOTDIR', 'vfs', 'a directory cannot replace a file');
          if (src.type !== 'dir' && dst.type === 'dir') throw new Errno('EISDIR', 'vfs', 'a file cannot replace a directory');
          notMounted(k, t, b.path, 'replaced');
        }
        notMounted(k, t, a.path, 'moved');
        const sb = sbOf(k, a.parent);
        fsOf(sb).rename(k, sb, a.parent.id, a.name, b.parent.id, b.name);
      },
    );
  },
  umask(mask) {
    return this.call('umask', '', (t, k) => {
      const was = t.umask;
      if (mask !== undefined) k.editTask(t.pid).umask = mask & 0o777;
      return was;
    });
  },
  chdir(path) {
    return this.call(
      'chdir',
      () => quote(path),
      (t, k) => {
        const p = at(k, t, path);
        const a = attr(k, p);
        if (a.type !== 'dir') throw new Errno('ENOTDIR', 'vfs', `${path} is not a directory`);
        permit(k, t, a, 1, path);
        k.editTask(t.pid).cwd = p;
      },
    );
  },
  getcwd() {
    return this.call('getcwd', '', (t, k) => pathOf(k, t.cwd, t.root));
  },
  chroot(path) {
    return this.call(
      'chroot',
      () => quote(path),
      (t, k) => {
        const p = at(k, t, path);
        if (attr(k, p).type !== 'dir') throw new Errno('ENOTDIR', 'vfs', `${path} is not a directory`);
        requireCap(k, t, 'CAP_SYS_CHROOT', 'chroot', t.ns.user);
        k.editTask(t.pid).root = p;
      },
    );
  },
} satisfies Calls;
