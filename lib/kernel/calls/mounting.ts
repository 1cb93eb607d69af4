/** Calls on mounts: mount(2), pivot_root(2), and trees that are opened before they are attached, open_tree(2). */

import { pmap } from '../../base';
import { mediateClass } from '../apparmor';
import { requireCap } from '../cred';
import { Errno } from '../errno';
import { fileOf, install, newFile, requireDevice } from '../files';
import type { Kernel } from '../kernel';
import * as mounts from '../mounts';
import { attr, peek, resolve } from '../namei';
import { propagationOf } from '../propagation';
import type { MountFlags, Path, Task } from '../state';
import { MOUNTED_BY_ANYBODY, meantId, ownerOf, userNs } from '../userns';
import { fsOf } from '../vfs';
import { prepareWork } from '../vfs/overlay';
import { newInode } from '../vfs/plain';
import { FILE_SYSTEMS } from '../vfs/proc';
import type { Calls } from './caller';
import { at, quote } from './common';
import { find } from './names';
import { groupPath } from './namespaces';

/** Words of mount(8) that set a flag, and those that take it back. */
const FLAG_WORDS = new Map<string, { flag: keyof MountFlags; on: boolean }>(
  Object.entries({ ro: 'rw', nosuid: 'suid', nodev: 'dev', noexec: 'exec', strictatime: 'nostrictatime' }).flatMap(([flag, opposite]) => [
    [flag, { flag: flag as keyof MountFlags, on: true }],
    [opposite, { flag: flag as keyof MountFlags, on: false }],
  ]),
);

/** Of a word and its opposite the later one counts. */
function mountFlags(options: readonly string[]): MountFlags {
  const flags: MountFlags = {};
  for (const o of options) {
    const word = FLAG_WORDS.get(o);
    if (word?.on) flags[word.flag] = true;
    else if (word) delete flags[word.flag];
  }
  return flags;
}

/** What a devpts says of its options. */
const PTS = ['gid', 'mode', 'ptmxmode'];

/** What a tmpfs says of its options in /proc/mounts: those that are not as they would be without. */
function shownOf(value: (name: string) => string | undefined, mode: number): string {
  const size = value('size');
  const number = (name: string, plain: number) =>
    value(name) !== undefined && Number(value(name)) !== plain ? `${name}=${Number(value(name))}` : '';
  return [
    size ? `size=${Math.round(bytesOf(size) / 1024)}k` : '',
    number('nr_inodes', -1),
    mode === 0o1777 ? '' : `mode=${mode.toString(8)}`,
    number('uid', 0),
    number('gid', 0),
  ]
    .filter(Boolean)
    .join(',');
}

function bytesOf(text: string): number {
  const m = /^(\d+)([kmg]?)$/i.exec(text);
  if (!m) throw new Errno('EINVAL', 'mount', `size=${text} is not a size`);
  return Number(m[1]) * 1024 ** ' kmg'.indexOf((m[2] ?? '').toLowerCase() || ' ');
}

/** What a tree of control groups shows as its root when a task mounts it; `own`: the group that the task is in. */
const groupRoot = (k: Kernel, t: Task, own: boolean): string => (own ? t.cgroup : groupPath(k, t, '/'));

const treeOf = (k: Kernel, t: Task, fd: number): number => {
  const f = fileOf(k, t.pid, fd);
  if (f.kind !== 'node') throw new Errno('EBADF', 'mount', `descriptor ${fd} is not a tree`);
  return f.path.mnt;
};

/** Mounts at a place, which `target` names. */
function doMount(k: Kernel, t: Task, p: Path, source: string, target: string, type: string, options: string[]): Errno | undefined {
  const has = (o: string) => options.includes(o);
  const value = (name: string) => options.find((o) => o.startsWith(`${name}=`))?.slice(name.length + 1);
  const flags = mountFlags(options);
  if (has('remount')) {
    const m = mounts.mountAt(k, p);
    if (!m) throw new Errno('EINVAL', 'mount', `nothing is mounted at ${target}`);
    k.putMount({ ...m, flags: { ...m.flags, ...flags, ro: has('ro') ? true : has('rw') ? undefined : m.flags.ro } });
    return;
  }
  const propagation = has('bind') || has('rbind') ? null : propagationOf(options);
  if (propagation) {
    const m = mounts.mountAt(k, p);
    if (!m) return new Errno('EINVAL', 'mount', `nothing is mounted at ${target}`);
    mounts.propagate(k, m, propagation.kind, propagation.recursive);
    return;
  }
  if (has('bind') || has('rbind')) {
    const from = at(k, t, source);
    if ((peek(k, from).type === 'dir') !== (peek(k, p).type === 'dir'))
      return new Errno('ENOTDIR', 'mount', 'a directory is mounted on a directory, a file on a file');
    mounts.bind(k, t.ns.mnt, from, p, flags, has('rbind'));
    return;
  }
  if (peek(k, p).type !== 'dir') return new Errno('ENOTDIR', 'mount', `${target} is not a directory`);
  if (!MOUNTED_BY_ANYBODY.has(type) && userNs(k, t.ns.user).parent !== null)
    throw new Errno('EPERM', 'capability', `a file system of type ${type} is not for the root of a user namespace`);
  const attach = (sb: { id: number }, root: number | string) => mounts.attach(k, p, { ns: t.ns.mnt, sb: sb.id, root, flags, source });
  switch (type) {
    case 'tmpfs':
    case 'devtmpfs':
    case 'devpts':
    case 'mqueue': {
      if (type === 'mqueue') requireCap(k, t, 'CAP_SYS_ADMIN', 'mounting the queues of an IPC namespace', ownerOf(k, t.ns.ipc));
      const known = type === 'mqueue' && k.t.supers.values().find((sb) => sb.type === 'mqueue' && sb.ipc === t.ns.ipc);
      if (known && 'root' in known) return void attach(known, known.root);
      // devpts takes mode= for the terminals in it.
      const mode = type === 'devpts' ? undefined : value('mode');
      const root = newInode(k, {
        type: 'dir',
        mode: mode ? Number.parseInt(mode, 8) : type === 'tmpfs' || type === 'mqueue' ? 0o1777 : 0o755,
        uid: value('uid') === undefined ? t.cred.euid : meantId(k, t, Number(value('uid')), 'uidMap'),
        gid: type === 'devpts' || value('gid') === undefined ? t.cred.egid : meantId(k, t, Number(value('gid')), 'gidMap'),
      });
      k.putInode(root);
      const size = value('size');
      attach(
        mounts.newSuper(k, {
          type,
          source,
          root: root.ino,
          ...(size ? { size: bytesOf(size) } : {}),
          ...(type === 'tmpfs'
            ? { cgroup: t.cgroup, shown: shownOf(value, root.mode) }
            : type === 'mqueue'
              ? { ipc: t.ns.ipc }
              : {
                  shown: PTS.map((o) => value(o) && `${o}=${value(o)?.replace(/^0/, '')}`)
                    .filter(Boolean)
                    .join(','),
                }),
        }),
        root.ino,
      );
      return;
    }
    case 'sysfs':
      requireCap(k, t, 'CAP_SYS_ADMIN', 'mounting the sysfs of a network namespace', ownerOf(k, t.ns.net));
      attach(mounts.newSuper(k, { type: 'sysfs', source, net: t.ns.net }), '');
      return;
    case 'proc':
      requireCap(k, t, 'CAP_SYS_ADMIN', 'mounting the proc of a PID namespace', ownerOf(k, t.ns.pid));
      attach(mounts.newSuper(k, { type: 'proc', source, pidns: t.ns.pid }), '');
      return;
    case 'cgroup2':
      attach(mounts.newSuper(k, { type: 'cgroup2', source, root: groupRoot(k, t, has('nsroot')) }), groupRoot(k, t, has('nsroot')));
      return;
    case 'overlay': {
      const lower = value('lowerdir');
      if (!lower) throw new Errno('EINVAL', 'overlayfs', 'an overlay needs lowerdir=');
      const from = value('cwd');
      const base = from ? { ...t, cwd: at(k, t, from) } : t;
      const lowers = lower.split(':').map((l) => mounts.refOf(k, resolve(k, base, l)));
      const up = value('upperdir');
      const work = value('workdir');
      if (up && !work) throw new Errno('EINVAL', 'overlayfs', 'an upperdir needs a workdir on the same file system');
      const upper = up ? mounts.refOf(k, resolve(k, base, up)) : null;
      const shown = options.filter((o) => /^(lowerdir|upperdir|workdir)=/.test(o)).join(',');
      const sb = mounts.newSuper(k, {
        type: 'overlay',
        source,
        lowers,
        upper,
        work: work ? mounts.refOf(k, resolve(k, base, work)) : null,
        up: pmap.empty(),
        ...(userNs(k, t.ns.user).parent === null ? {} : { by: { uid: t.cred.euid, gid: t.cred.egid } }),
        options: shown,
      });
      if (sb.type === 'overlay') prepareWork(k, sb);
      attach(sb, fsOf(k.super(sb.id)).root(k.super(sb.id)));
      return;
    }
    case 'ext4':
    case 'xfs': {
      const device = at(k, t, source);
      const a = attr(k, device);
      if (a.type !== 'block') throw new Errno('ENOTBLK', 'mount', `${source} is not a block device`);
      const [major = 0, minor = 0] = a.rdev ?? [];
      requireDevice(k, t, { type: 'block', major, minor }, 'rw');
      const known = k.t.supers.values().find((sb) => sb.type === type && sb.dev === major * 256 + minor);
      if (!known || !('root' in known)) throw new Errno('EINVAL', 'mount', `${source} holds no file system of type ${type}`);
      attach(known, known.root);
      return;
    }
    default:
      if (FILE_SYSTEMS.includes(`\t${type}\n`))
        throw new Errno('ENODEV', 'mount', `drydock: file systems of type "${type}" are not modelled`);
      throw new Errno('ENODEV', 'mount', `this kernel knows no file system "${type}" (/proc/filesystems)`);
  }
}

export const mountCalls = {
  mount(source, target, type, options) {
    return this.call(
      'mount',
      () => `${quote(source)}, ${quote(target)}, ${quote(type)}`,
      (t, k) => {
        // The place is looked up before anything is asked: do_mount().
        const place = find(k, t, target);
        if (place instanceof Errno) return place;
        requireCap(k, t, 'CAP_SYS_ADMIN', 'mount', ownerOf(k, t.ns.mnt));
        mediateClass(k, t, 'mount');
        return doMount(k, t, place, source, target, type, options);
      },
    );
  },
  umount(target, lazy) {
    return this.call(
      'umount2',
      () => quote(target),
      (t, k) => {
        const place = at(k, t, target);
        requireCap(k, t, 'CAP_SYS_ADMIN', 'umount', ownerOf(k, t.ns.mnt));
        mediateClass(k, t, 'umount');
        const m = mounts.mountAt(k, place);
        if (!m || m.parent === null) throw new Errno('EINVAL', 'mount', `nothing is mounted at ${target}`);
        mounts.detach(k, m, !!lazy);
      },
    );
  },
  pivotRoot(path, putOld) {
    return this.call(
      'pivot_root',
      () => `${quote(path)}, ${quote(putOld)}`,
      (t, k) => {
        requireCap(k, t, 'CAP_SYS_ADMIN', 'pivot_root', ownerOf(k, t.ns.mnt));
        mediateClass(k, t, 'pivot_root');
        mounts.pivotRoot(k, t, at(k, t, path), at(k, t, putOld));
      },
    );
  },
  pivotRootTo(fd) {
    return this.call(
      'pivot_root',
      () => `${fd}`,
      (t, k) => {
        requireCap(k, t, 'CAP_SYS_ADMIN', 'pivot_root', ownerOf(k, t.ns.mnt));
        const root = mounts.rootPath(k.mount(treeOf(k, t, fd)));
        mounts.propagate(k, k.mount(root.mnt), 'private', true);
        mounts.reorder(k, t.ns.mnt, root.mnt, 'first');
        Object.assign(k.editTask(t.pid), { root, cwd: root });
      },
    );
  },
  openTree(path, recursive) {
    return this.call(
      'open_tree',
      () => quote(path),
      (t, k) => {
        requireCap(k, t, 'CAP_SYS_ADMIN', 'open_tree with OPEN_TREE_CLONE', ownerOf(k, t.ns.mnt));
        const from = at(k, t, path);
        const m = mounts.detached(k, t.ns.mnt, from, !!recursive);
        const root = mounts.rootPath(m);
        return install(
          k,
          t.pid,
          newFile(k, {
            kind: 'node',
            path: root,
            sb: m.sb,
            node: m.root,
            type: attr(k, root).type,
            offset: 0,
            read: false,
            write: false,
            append: false,
            nonblock: false,
          }).id,
          undefined,
          true,
        );
      },
    );
  },
  moveMount(fd, target, options) {
    return this.call(
      'move_mount',
      () => `${fd}, ${quote(target)}`,
      (t, k) => {
        requireCap(k, t, 'CAP_SYS_ADMIN', 'move_mount', ownerOf(k, t.ns.mnt));
        const p = at(k, t, target);
        const id = treeOf(k, t, fd);
        const isDir = attr(k, mounts.rootPath(k.mount(id))).type === 'dir';
        if (isDir !== (attr(k, p).type === 'dir'))
          throw new Errno('ENOTDIR', 'mount', 'a directory is mounted on a directory, a file on a file');
        const propagation = propagationOf(options) ?? { kind: 'private' as const, recursive: true };
        mounts.propagate(k, k.mount(id), propagation.kind, propagation.recursive);
        mounts.place(k, id, p, mountFlags(options));
      },
    );
  },
} satisfies Calls;
