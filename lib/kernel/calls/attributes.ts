/** Calls that change what an inode says of itself: size, mode, owner, times, extended attributes. */

import { capable, capableOn, permit, requireCap, requireOwner } from '../cred';
import { Errno } from '../errno';
import type { Kernel } from '../kernel';
import { attr, requireWritable, sbOf, walk } from '../namei';
import type { Path, Task } from '../state';
import { meantId } from '../userns';
import { fsOf } from '../vfs';
import type { SetAttr } from '../vfs/filesystem';
import type { Calls } from './caller';
import { at, quote } from './common';
import { create } from './names';

function setattr(k: Kernel, p: Path, set: SetAttr) {
  const sb = sbOf(k, p);
  fsOf(sb).setattr(k, sb, p.id, set);
}

function chown(k: Kernel, t: Task, path: string, askedUid: number, askedGid: number, nofollow: boolean) {
  const [uid, gid] = [meantId(k, t, askedUid, 'uidMap'), meantId(k, t, askedGid, 'gidMap')];
  const p = at(k, t, path, nofollow);
  requireWritable(k, p);
  const a = attr(k, p);
  const c = t.cred;
  const giveAway = uid !== -1 && !(c.euid === a.uid && uid === a.uid);
  const regroup = gid !== -1 && !(c.euid === a.uid && (gid === c.egid || c.groups.includes(gid) || gid === a.gid));
  if ((giveAway || regroup) && !capableOn(k, t, 'CAP_CHOWN', a))
    throw new Errno('EPERM', 'capability', `changing the owner of ${path} needs CAP_CHOWN over it, which this process does not have`);
  const strip = a.type === 'file' && a.mode & 0o111 ? a.mode & ~(a.mode & 0o010 ? 0o6000 : 0o4000) : a.mode;
  setattr(k, p, { uid: uid === -1 ? a.uid : uid, gid: gid === -1 ? a.gid : gid, ...(strip !== a.mode ? { mode: strip } : {}) });
}

function xattrsOf(k: Kernel, t: Task, path: string): Record<string, string> {
  const p = at(k, t, path);
  const sb = sbOf(k, p);
  const all = fsOf(sb).xattrs(k, sb, p.id);
  return capable(k, t, 'CAP_SYS_ADMIN') ? all : Object.fromEntries(Object.entries(all).filter(([n]) => !n.startsWith('trusted.')));
}

export const attributeCalls = {
  truncate(path, size) {
    return this.call(
      'truncate',
      () => `${quote(path)}, ${size}`,
      (t, k) => {
        const p = at(k, t, path);
        const a = attr(k, p);
        if (a.type === 'dir') throw new Errno('EISDIR', 'vfs', `${path} is a directory`);
        if (a.type !== 'file') throw new Errno('EINVAL', 'vfs', `${path} is not a regular file`);
        requireWritable(k, p);
        permit(k, t, a, 2, path);
        const sb = sbOf(k, p);
        fsOf(sb).truncate(k, sb, p.id, size);
      },
    );
  },
  chmod(path, mode) {
    return this.call(
      'fchmodat',
      () => `${quote(path)}, 0${mode.toString(8)}`,
      (t, k) => {
        const p = at(k, t, path);
        requireWritable(k, p);
        const a = attr(k, p);
        requireOwner(k, t, a, path, 'changing the mode');
        const inGroup = t.cred.egid === a.gid || t.cred.groups.includes(a.gid) || capableOn(k, t, 'CAP_FSETID', a);
        setattr(k, p, { mode: mode & (inGroup || a.type === 'dir' ? 0o7777 : 0o5777) });
      },
    );
  },
  chown(path, uid, gid) {
    return this.call(
      'fchownat',
      () => `${quote(path)}, ${uid}, ${gid}`,
      (t, k) => chown(k, t, path, uid, gid, false),
    );
  },
  lchown(path, uid, gid) {
    return this.call(
      'fchownat',
      () => `${quote(path)}, ${uid}, ${gid}, AT_SYMLINK_NOFOLLOW`,
      (t, k) => chown(k, t, path, uid, gid, true),
    );
  },
  utimes(path, atime, mtime, nofollow) {
    return this.call(
      'utimensat',
      () => quote(path),
      (t, k) => {
        const p = at(k, t, path, nofollow);
        requireWritable(k, p);
        const a = attr(k, p);
        if (atime === 'now' && mtime === 'now') {
          if (t.cred.euid !== a.uid && !capableOn(k, t, 'CAP_FOWNER', a)) permit(k, t, a, 2, path);
        } else requireOwner(k, t, a, path, 'setting the times');
        const value = (v: number | 'now' | 'omit', was: number) => (v === 'now' ? k.now() : v === 'omit' ? was : v);
        setattr(k, p, { atime: value(atime, a.atime), mtime: value(mtime, a.mtime) });
      },
    );
  },
  getxattr(path, name) {
    return this.call(
      'getxattr',
      () => `${quote(path)}, ${quote(name)}`,
      (t, k) => xattrsOf(k, t, path)[name] ?? null,
    );
  },
  listxattr(path) {
    return this.call(
      'listxattr',
      () => quote(path),
      (t, k) => Object.keys(xattrsOf(k, t, path)),
    );
  },
  setxattr(path, name, value) {
    return this.call(
      'setxattr',
      () => `${quote(path)}, ${quote(name)}`,
      (t, k) => {
        const p = at(k, t, path);
        requireWritable(k, p);
        if (name.startsWith('trusted.')) requireCap(k, t, 'CAP_SYS_ADMIN', 'a trusted attribute');
        else if (name.startsWith('security.capability')) requireCap(k, t, 'CAP_SETFCAP', 'a file capability');
        else requireOwner(k, t, attr(k, p), path, 'setting an attribute');
        const sb = sbOf(k, p);
        fsOf(sb).setxattr(k, sb, p.id, name, value);
      },
    );
  },
  plant(path, e) {
    return this.call(
      'ioctl',
      () => `FICLONE, ${quote(path)}`,
      (t, k) => {
        requireCap(k, t, 'CAP_SYS_ADMIN', 'planting a tree', t.ns.user);
        const found = walk(k, t, path, { nofollow: true });
        const mode = e.mode ?? (e.type === 'dir' ? 0o755 : 0o644);
        const p = found.path ?? create(k, t, found.parent, found.name, e.type, mode, { target: e.target, rdev: e.rdev });
        const inode = k.editInode(attr(k, p).ino);
        const own = {
          mode: e.type === 'symlink' ? 0o777 : mode,
          uid: meantId(k, t, e.uid ?? 0, 'uidMap'),
          gid: meantId(k, t, e.gid ?? 0, 'gidMap'),
          mtime: e.mtime ?? k.now(),
        };
        Object.assign(inode, own, inode.type === 'file' ? { body: e.body ?? '' } : {});
      },
    );
  },
} satisfies Calls;
