/**
 * A machine at the end of booting: namespaces, the root file system, what systemd mounts, and PID 1.
 *
 *   /            ext4 on /dev/vda1        /dev      devtmpfs        /run   tmpfs
 *   /proc, /sys, /sys/fs/cgroup           /dev/pts  devpts          /tmp   on the root
 */

import { pmap } from '../base';
import { rootCred } from './cred';
import { type Env, Kernel } from './kernel';
import { attach, newSuper, rootPath } from './mounts';
import { resolve } from './namei';
import { findLink, newNet, setUp } from './net/links';
import type { Link } from './net/types';
import { copyTask } from './records';
import type { Cgroup, KernelState, NsKind, Path } from './state';
import { plant, type TreeEntry } from './tree';

/** The first namespaces have well-known numbers: include/linux/proc_ns.h. */
const INIT_NS: Record<NsKind, number> = {
  time: 4026531834,
  cgroup: 4026531835,
  pid: 4026531836,
  user: 4026531837,
  uts: 4026531838,
  ipc: 4026531839,
  net: 4026531840,
  mnt: 4026531841,
};

export interface BootOptions {
  seed: number;
  /** Milliseconds since the epoch. */
  booted: number;
  hostname: string;
  /** Root directory's inode: of a frozen tree, or null for an empty one. */
  root: number | null;
  /** Whether the kernel runs with AppArmor. */
  apparmor?: boolean;
  /** Program and arguments of PID 1. */
  init: { program: string; exe: string; argv: string[]; env: Record<string, string> };
}

const DEV: TreeEntry[] = [
  { path: '', type: 'dir' },
  { path: 'null', type: 'char', rdev: [1, 3] },
  { path: 'zero', type: 'char', rdev: [1, 5] },
  { path: 'full', type: 'char', rdev: [1, 7] },
  { path: 'random', type: 'char', rdev: [1, 8] },
  { path: 'urandom', type: 'char', rdev: [1, 9] },
  { path: 'tty', type: 'char', rdev: [5, 0] },
  { path: 'console', type: 'char', mode: 0o600, rdev: [5, 1] },
  { path: 'ptmx', type: 'char', rdev: [5, 2] },
  { path: 'vda', type: 'block', rdev: [254, 0], gid: 6 },
  { path: 'vda1', type: 'block', rdev: [254, 1], gid: 6 },
  { path: 'fd', type: 'symlink', target: '/proc/self/fd' },
  { path: 'stdin', type: 'symlink', target: '/proc/self/fd/0' },
  { path: 'stdout', type: 'symlink', target: '/proc/self/fd/1' },
  { path: 'stderr', type: 'symlink', target: '/proc/self/fd/2' },
  { path: 'pts', type: 'dir' },
  { path: 'shm', type: 'dir', mode: 0o1777 },
  { path: 'mqueue', type: 'dir' },
];

export function emptyState(seed: number, booted: number): KernelState {
  return {
    clock: 0,
    booted,
    prng: seed >>> 0,
    next: { pid: 1, ino: 2, file: 1, pipe: 1, mount: 20, ns: 4026532200, sb: 1, tty: 1, socket: 1 },
    tasks: pmap.empty(),
    inodes: pmap.empty(),
    supers: pmap.empty(),
    mounts: pmap.empty(),
    covered: pmap.empty(),
    mountsOf: pmap.empty(),
    shown: pmap.empty(),
    namespaces: pmap.empty(),
    files: pmap.empty(),
    opens: pmap.empty(),
    pipes: pmap.empty(),
    fifos: pmap.empty(),
    bound: pmap.empty(),
    ttys: pmap.empty(),
    listeners: pmap.empty(),
    nets: pmap.empty(),
    links: pmap.empty(),
    sockets: pmap.empty(),
    filters: pmap.empty(),
    cgroups: pmap.empty(),
    ready: [],
    burning: [],
    waiters: pmap.empty(),
    timers: pmap.empty(),
    console: null,
  };
}

export function boot(env: Env, o: BootOptions): Kernel {
  const k = new Kernel(emptyState(o.seed, o.booted), env);
  if (o.apparmor) k.s.apparmor = { profiles: [] };
  for (const kind of ['mnt', 'net', 'ipc', 'cgroup', 'time'] as const) k.putNs({ id: INIT_NS[kind], kind });
  setUp(k, findLink(k, { ns: newNet(k, INIT_NS.net).id, index: 1 }) as Link, true);
  k.putNs({ id: INIT_NS.uts, kind: 'uts', hostname: o.hostname, domainname: '' });
  k.putNs({ id: INIT_NS.pid, kind: 'pid', parent: null, level: 0, next: 612, pids: pmap.set(pmap.empty(), 1, 1) });
  const all = [{ inside: 0, outside: 0, count: 4294967295 }];
  k.putNs({ id: INIT_NS.user, kind: 'user', parent: null, owner: 0, uidMap: all, gidMap: all });

  const ns = INIT_NS.mnt;
  const rootIno = o.root ?? plant(k, []);
  const sb = newSuper(k, { type: 'ext4', source: '/dev/vda1', root: rootIno });
  const rootMount = attach(k, null, { ns, sb: sb.id, root: rootIno, source: '/dev/vda1' });
  const root = rootPath(rootMount);
  const init = copyTask({
    pid: 1,
    pids: [1],
    ppid: 0,
    pgid: 1,
    sid: 1,
    children: [],
    status: 'ready',
    wait: null,
    program: o.init.program,
    state: env.programs[o.init.program]?.start({ exe: o.init.exe, argv: o.init.argv, env: o.init.env }) ?? null,
    exe: o.init.exe,
    comm: o.init.exe.split('/').pop() ?? 'init',
    argv: o.init.argv,
    env: o.init.env,
    cred: rootCred(),
    ns: { ...INIT_NS },
    cwd: root,
    root,
    umask: 0o022,
    fds: [],
    tty: null,
    dispositions: {},
    pending: [],
    handled: [],
    ended: null,
    stopReport: null,
    cgroup: '/init.scope',
    started: 0,
    cpu: 0,
  });
  k.putTask(init);
  k.s.ready = [1];

  const on = (path: string): Path => resolve(k, init, path);
  const put = (path: string, type: 'tmpfs' | 'devtmpfs' | 'devpts' | 'mqueue', entries: TreeEntry[], source: string = type, flags = {}) => {
    const ino = plant(k, entries);
    attach(k, on(path), { ns, sb: newSuper(k, { type, source, root: ino }).id, root: ino, source, flags });
  };
  const quiet = { nosuid: true, nodev: true, noexec: true };
  const has = (path: string) => {
    try {
      return on(path) !== null;
    } catch {
      return false;
    }
  };
  if (has('/dev')) {
    put('/dev', 'devtmpfs', DEV, 'udev', { nosuid: true });
    put(
      '/dev/pts',
      'devpts',
      [
        { path: '', type: 'dir' },
        { path: 'ptmx', type: 'char', mode: 0, rdev: [5, 2] },
      ],
      'devpts',
      { nosuid: true, noexec: true },
    );
    put('/dev/shm', 'tmpfs', [{ path: '', type: 'dir', mode: 0o1777 }], 'tmpfs', { nosuid: true, nodev: true });
  }
  if (has('/proc'))
    attach(k, on('/proc'), {
      ns,
      sb: newSuper(k, { type: 'proc', source: 'proc', pidns: INIT_NS.pid }).id,
      root: '',
      source: 'proc',
      flags: quiet,
    });
  if (has('/sys')) {
    attach(k, on('/sys'), {
      ns,
      sb: newSuper(k, { type: 'sysfs', source: 'sysfs', net: INIT_NS.net }).id,
      root: '',
      source: 'sysfs',
      flags: quiet,
    });
    attach(k, on('/sys/fs/cgroup'), {
      ns,
      sb: newSuper(k, { type: 'cgroup2', source: 'cgroup2', root: '/' }).id,
      root: '/',
      source: 'cgroup2',
      flags: quiet,
    });
  }
  if (has('/run'))
    put(
      '/run',
      'tmpfs',
      [
        { path: '', type: 'dir' },
        { path: 'lock', type: 'dir', mode: 0o1777 },
        { path: 'user', type: 'dir' },
      ],
      'tmpfs',
      { nosuid: true, nodev: true },
    );
  const controllers = ['cpuset', 'cpu', 'io', 'memory', 'hugetlb', 'pids', 'rdma', 'misc'];
  for (const path of [
    '/',
    '/init.scope',
    '/system.slice',
    '/system.slice/docker.service',
    '/system.slice/containerd.service',
    '/user.slice',
  ])
    k.putCgroup({
      path,
      controllers,
      memoryMax: null,
      pidsMax: null,
      frozen: false,
      oomKills: 0,
      files: { 'cgroup.subtree_control': 'cpuset cpu io memory pids' },
    });
  // TasksMax of systemd: 15 % of what the kernel allows on a machine of this size.
  k.putCgroup({ ...(k.cgroup('/user.slice') as Cgroup), pidsMax: 4915 });
  return k;
}
