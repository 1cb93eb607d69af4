/**
 * procfs: what the kernel says of itself and its tasks, made when it is read. proc(5).
 *
 * A node's id is its path: "" is the root, "12/status", "12/fd/3", "sys/kernel/hostname". Process numbers are those of
 * the PID namespace that the proc was mounted in.
 *
 * Simplified: files that programs of the course read are here; others do not exist.
 * Past 400 lines because it is the one table of files under /proc; the file system itself is its last quarter.
 */

import { pmap } from '../../base';
import { labelOf } from '../apparmor';
import { type Cap, capable, requireCap, requirePeek } from '../cred';
import { Errno } from '../errno';
import { openFds } from '../fdtable';
import { IPC_SYSCTLS, ipcLimit, ipcTable, setIpcLimit } from '../ipc';
import type { Kernel } from '../kernel';
import { loads } from '../load';
import { visible } from '../mounts';
import { pathOf, resolve } from '../namei';
import { confDir, confFile } from '../net/conf';
import { linksOf, SYSCTLS, setSysctl, sysctl } from '../net/links';
import { tasksIn } from '../pidns';
import { tagsOf } from '../propagation';
import { limitsText } from '../rlimit';
import type { Id, Mount, NsKind, PidNamespace, Super, Task, TimeNamespace, UtsNamespace } from '../state';
import type { Dirent, FileType } from '../sys';
import { type MapName, mapText, ownerOf, setMap, shownId, userNs } from '../userns';
import { cpusOf } from './cgroupfs';
import type { Attr, FileSystem } from './filesystem';
import { NET_FILES } from './proc-net';
import { readonlyNames, virtualAttr } from './virtual';

type Proc = Extract<Super, { type: 'proc' }>;

const hex16 = (n: number) => n.toString(16).padStart(16, '0');
const sigmask = (t: Task, d: 'ignore' | 'handle') =>
  hex16(Object.entries(t.dispositions).reduce((n, [s, v]) => (v === d ? n + 2 ** (Number(s) - 1) : n), 0));
const stateOf = (t: Task) => (t.status === 'ready' ? 'R' : t.status === 'waiting' ? 'S' : t.status === 'stopped' ? 'T' : 'Z');
const STATES = { R: 'running', S: 'sleeping', T: 'stopped', Z: 'zombie' } as const;

/** /proc/PID/ns: file → which namespace it names. */
const NS_FILES: Readonly<Record<string, { kind: NsKind; id: (t: Task) => number }>> = {
  ...Object.fromEntries(
    (['cgroup', 'ipc', 'mnt', 'net', 'pid', 'time', 'user', 'uts'] as const).map((kind) => [kind, { kind, id: (t: Task) => t.ns[kind] }]),
  ),
  pid_for_children: { kind: 'pid', id: (t) => t.pidnsForChildren ?? t.ns.pid },
  time_for_children: { kind: 'time', id: (t) => t.timensForChildren ?? t.ns.time },
};

/** A task's number as the readers of this proc know it. */
const numberIn = (k: Kernel, sb: Proc, t: Task | undefined): number => {
  if (!t) return 0;
  const level = (k.ns(sb.pidns) as PidNamespace).level;
  return t.pids[level] ?? 0;
};

function taskOf(k: Kernel, sb: Proc, n: string): Task | undefined {
  if (!/^[1-9]\d*$/.test(n)) return undefined;
  const pid = pmap.get((k.ns(sb.pidns) as PidNamespace).pids, Number(n));
  return pid === undefined ? undefined : k.findTask(pid);
}

type TaskFile = {
  type?: FileType;
  mode: number;
  write?(k: Kernel, t: Task, text: string): void;
  read?(k: Kernel, sb: Proc, t: Task): string;
  link?(k: Kernel, sb: Proc, t: Task): string;
};

/** /proc/filesystems: what mount(2) knows. */
export const FILE_SYSTEMS =
  'nodev\tsysfs\nnodev\ttmpfs\nnodev\tproc\nnodev\tcgroup2\nnodev\tdevtmpfs\nnodev\tdevpts\nnodev\tmqueue\nnodev\toverlay\n\text4\n\txfs\n';

const flagsOf = (m: Mount, sbRo: boolean) =>
  [
    m.flags.ro || sbRo ? 'ro' : 'rw',
    m.flags.nosuid && 'nosuid',
    m.flags.nodev && 'nodev',
    m.flags.noexec && 'noexec',
    !m.flags.strictatime && 'relatime',
  ]
    .filter(Boolean)
    .join(',');

const superOptions = (sb: Super): string => {
  const rw = sb.readonly ? 'ro' : 'rw';
  if (sb.type === 'overlay') return `${rw},${sb.options}`;
  if ('shown' in sb && sb.shown) return `${rw},${sb.shown}`;
  return rw;
};

export function mountLines(k: Kernel, t: Task, style: 'mounts' | 'mountinfo'): string {
  return visible(k, t)
    .map(({ mount: m, path }) => {
      const sb = k.super(m.sb);
      if (style === 'mounts') {
        const extra = sb.type === 'overlay' ? `,${sb.options}` : 'shown' in sb && sb.shown ? `,${sb.shown}` : '';
        return `${m.source} ${path} ${sb.type} ${flagsOf(m, !!sb.readonly)}${extra} 0 0\n`;
      }
      return `${m.id} ${m.parent ?? 1} ${Math.floor(sb.dev / 256)}:${sb.dev % 256} ${m.subtree} ${path} ${flagsOf(m, false)}${tagsOf(m)} - ${sb.type} ${m.source} ${superOptions(sb)}\n`;
    })
    .join('');
}

/** A task's group, as the reader's cgroup namespace shows it: cgroup_namespaces(7). */
function cgroupSeen(k: Kernel, t: Task): string {
  const ns = k.ns((k.current ?? t).ns.cgroup);
  const root = ns.kind === 'cgroup' ? (ns.cgroup ?? '/') : '/';
  if (root === '/' || t.cgroup === root) return root === '/' ? t.cgroup : '/';
  if (t.cgroup.startsWith(`${root}/`)) return t.cgroup.slice(root.length);
  return `${root.slice(1).replace(/[^/]+/g, '..').replace(/^/, '/')}${t.cgroup}`;
}

/** Asking to be spared takes more than asking to be taken. */
function requireResource(k: Kernel, t: Task) {
  if (!capable(k, t, 'CAP_SYS_RESOURCE')) throw new Errno('EACCES', 'capability', 'lowering oom_score_adj needs CAP_SYS_RESOURCE');
}

const mapFile = (which: MapName, cap: Cap): TaskFile => ({
  mode: 0o644,
  read: (k, _sb, t) => mapText(k, t, k.current ?? t, which),
  write(k, t, text) {
    const writer = k.current ?? t;
    setMap(k, t, writer, text, which, capable(k, writer, cap, userNs(k, t.ns.user).parent));
  },
});

/** "boottime 86400 0": clocks of a time namespace are set before anybody runs in it. time_namespaces(7). */
function setClocks(k: Kernel, t: Task, text: string) {
  const ns = k.ns(t.timensForChildren ?? t.ns.time) as TimeNamespace;
  requireCap(k, k.current ?? t, 'CAP_SYS_TIME', 'setting the clocks of a time namespace', ownerOf(k, ns.id));
  if (t.timensForChildren === undefined || ns.frozen)
    throw new Errno('EACCES', 'process', 'the clocks of a time namespace are set before the first process runs in it');
  let next = ns;
  for (const line of text.trim().split('\n')) {
    const [clock, seconds, nanos = '0'] = line.trim().split(/\s+/);
    const ms = Number(seconds) * 1000 + Number(nanos) / 1_000_000;
    if ((clock !== 'monotonic' && clock !== 'boottime') || !Number.isFinite(ms))
      throw new Errno('EINVAL', 'process', 'a line of timens_offsets is: monotonic or boottime, seconds, nanoseconds');
    next = { ...next, [clock]: ms };
  }
  k.putNs(next);
}

const TASK_FILES: Record<string, TaskFile> = {
  cmdline: { mode: 0o444, read: (_k, _sb, t) => (t.status === 'zombie' ? '' : t.argv.map((a) => `${a}\0`).join('')) },
  comm: { mode: 0o644, read: (_k, _sb, t) => `${t.comm}\n` },
  environ: {
    mode: 0o400,
    read: (_k, _sb, t) =>
      Object.entries(t.env)
        .map(([n, v]) => `${n}=${v}\0`)
        .join(''),
  },
  cgroup: { mode: 0o444, read: (k, _sb, t) => `0::${cgroupSeen(k, t)}\n` },
  mounts: { mode: 0o444, read: (k, _sb, t) => mountLines(k, t, 'mounts') },
  mountinfo: { mode: 0o444, read: (k, _sb, t) => mountLines(k, t, 'mountinfo') },
  status: {
    mode: 0o444,
    read(k, sb, t) {
      const level = (k.ns(sb.pidns) as PidNamespace).level;
      const c = t.cred;
      const s = stateOf(t);
      return [
        `Name:\t${t.comm}`,
        `Umask:\t${t.umask.toString(8).padStart(4, '0')}`,
        `State:\t${s} (${STATES[s]})`,
        `Tgid:\t${numberIn(k, sb, t)}`,
        'Ngid:\t0',
        `Pid:\t${numberIn(k, sb, t)}`,
        `PPid:\t${numberIn(k, sb, k.findTask(t.ppid))}`,
        `TracerPid:\t${numberIn(k, sb, t.tracing && k.findTask(t.tracing.by))}`,
        `Uid:\t${[c.uid, c.euid, c.suid, c.euid].map((id) => shownId(k, k.current ?? t, id, 'uidMap')).join('\t')}`,
        `Gid:\t${[c.gid, c.egid, c.sgid, c.egid].map((id) => shownId(k, k.current ?? t, id, 'gidMap')).join('\t')}`,
        `FDSize:\t64`,
        `Groups:\t${c.groups.join(' ')} `,
        `NStgid:\t${t.pids.slice(level).join('\t')}`,
        `NSpid:\t${t.pids.slice(level).join('\t')}`,
        'Threads:\t1',
        `SigIgn:\t${sigmask(t, 'ignore')}`,
        `SigCgt:\t${sigmask(t, 'handle')}`,
        `CapInh:\t${hex16(c.caps.inheritable)}`,
        `CapPrm:\t${hex16(c.caps.permitted)}`,
        `CapEff:\t${hex16(c.caps.effective)}`,
        `CapBnd:\t${hex16(c.caps.bounding)}`,
        `CapAmb:\t${hex16(c.caps.ambient)}`,
        `NoNewPrivs:\t${c.noNewPrivs ? 1 : 0}`,
        `Seccomp:\t${t.seccomp ? 2 : 0}`,
        `Seccomp_filters:\t${t.seccomp?.length ?? 0}`,
        `Cpus_allowed_list:\t${cpusOf(k, t.cgroup)}`,
        `Mems_allowed_list:\t${cpusOf(k, t.cgroup, 'cpuset.mems')}`,
        '',
      ].join('\n');
    },
  },
  stat: {
    mode: 0o444,
    read(k, sb, t) {
      const ticks = Math.floor(t.started / 10);
      const sid = numberIn(k, sb, k.findTask(t.sid));
      return `${numberIn(k, sb, t)} (${t.comm}) ${stateOf(t)} ${numberIn(k, sb, k.findTask(t.ppid))} ${numberIn(k, sb, k.findTask(t.pgid))} ${sid} 0 -1 0 0 0 0 0 ${Math.floor(t.cpu / 10)} 0 0 0 20 0 1 0 ${ticks} 0 0\n`;
    },
  },
  limits: { mode: 0o444, read: (_k, _sb, t) => limitsText(t.rlimits) },
  exe: { type: 'symlink', mode: 0o777, link: (_k, _sb, t) => t.exe },
  cwd: { type: 'symlink', mode: 0o777, link: (k, _sb, t) => pathOf(k, t.cwd, t.root) },
  root: { type: 'symlink', mode: 0o777, link: (k, _sb, t) => pathOf(k, t.root) },
  fd: { type: 'dir', mode: 0o500 },
  ns: { type: 'dir', mode: 0o511 },
  task: { type: 'dir', mode: 0o555 },
  net: { type: 'dir', mode: 0o555 },
  attr: { type: 'dir', mode: 0o555 },
  uid_map: mapFile('uidMap', 'CAP_SETUID'),
  gid_map: mapFile('gidMap', 'CAP_SETGID'),
  setgroups: {
    mode: 0o644,
    read: (k, _sb, t) => `${userNs(k, t.ns.user).setgroups ?? 'allow'}\n`,
    write(k, t, text) {
      const ns = userNs(k, t.ns.user);
      if (!['allow', 'deny'].includes(text.trim())) throw new Errno('EINVAL', 'process', 'setgroups is "allow" or "deny"');
      if (text.trim() === 'allow' && ns.setgroups !== 'deny') return;
      if (text.trim() === 'allow' || ns.gidMap.length > 0)
        throw new Errno('EPERM', 'process', 'setgroups is denied before the groups are mapped, and for good');
      k.putNs({ ...ns, setgroups: 'deny' });
    },
  },
  timens_offsets: {
    mode: 0o644,
    read(k, _sb, t) {
      const ns = k.ns(t.timensForChildren ?? t.ns.time) as TimeNamespace;
      const line = (name: string, ms = 0) =>
        `${name.padEnd(10)} ${`${Math.floor(ms / 1000)}`.padStart(10)} ${`${(ms % 1000) * 1_000_000}`.padStart(9)}\n`;
      return line('monotonic', ns.monotonic) + line('boottime', ns.boottime);
    },
    write: setClocks,
  },
  oom_score_adj: {
    mode: 0o644,
    read: (_k, _sb, t) => `${t.oomScoreAdj ?? 0}\n`,
    write(k, t, text) {
      const n = Number(text.trim());
      if (!Number.isInteger(n) || n < -1000 || n > 1000)
        throw new Errno('EINVAL', 'process', 'oom_score_adj is a number from -1000 to 1000');
      if (n < (t.oomScoreAdj ?? 0) && k.current) requireResource(k, k.current);
      k.editTask(t.pid).oomScoreAdj = n;
    },
  },
};

type RootFile = { mode: number; read(k: Kernel, sb: Proc, t: Task | null): string; write?(k: Kernel, t: Task, text: string): void };

export const SYSTEM = {
  memTotal: 4_109_590_528,
  memFree: 2_147_483_648,
  cpus: 2,
  release: '6.12.48-amd64',
  version: '#1 SMP PREEMPT_DYNAMIC Debian 6.12.48-1 (2025-09-20)',
} as const;

const uts = (k: Kernel, t: Task | null) => k.ns(t?.ns.uts ?? 0) as UtsNamespace;

const ROOT_FILES: Record<string, RootFile> = {
  version: { mode: 0o444, read: () => `Linux version ${SYSTEM.release} (debian-kernel@lists.debian.org) (gcc-14) ${SYSTEM.version}\n` },
  uptime: {
    mode: 0o444,
    read(k, _sb, t) {
      const ahead = t ? ((k.ns(t.ns.time) as TimeNamespace).boottime ?? 0) : 0;
      return `${((k.s.clock + ahead) / 1000).toFixed(2)} ${(k.s.clock / 500).toFixed(2)}\n`;
    },
  },
  loadavg: {
    mode: 0o444,
    read: (k) =>
      `${loads(k)
        .map((n) => n.toFixed(2))
        .join(' ')} ${k.s.burning.length + 1}/${k.t.tasks.size} ${k.s.next.pid - 1}\n`,
  },
  meminfo: {
    mode: 0o444,
    read: () =>
      [
        ['MemTotal', SYSTEM.memTotal],
        ['MemFree', SYSTEM.memFree],
        ['MemAvailable', SYSTEM.memFree],
        ['Buffers', 0],
        ['Cached', 0],
        ['SwapTotal', 0],
        ['SwapFree', 0],
      ]
        .map(([n, v]) => `${`${n}:`.padEnd(16)}${`${Math.round(Number(v) / 1024)}`.padStart(8)} kB\n`)
        .join(''),
  },
  cpuinfo: {
    mode: 0o444,
    read: () =>
      [0, 1]
        .map((n) => `processor\t: ${n}\nvendor_id\t: GenuineIntel\nmodel name\t: Drydock virtual CPU\ncpu MHz\t\t: 2000.000\n\n`)
        .join(''),
  },
  filesystems: {
    mode: 0o444,
    read: () => FILE_SYSTEMS,
  },
  cmdline: { mode: 0o444, read: () => 'BOOT_IMAGE=/boot/vmlinuz root=/dev/vda1 ro quiet\n' },
  kcore: { mode: 0o400, read: () => '' },
  keys: { mode: 0o444, read: () => '' },
  timer_list: { mode: 0o400, read: () => '' },
  'sysrq-trigger': { mode: 0o200, read: () => '' },
  'sys/kernel/hostname': {
    mode: 0o644,
    read: (k, _sb, t) => `${uts(k, t).hostname}\n`,
    write: (k, t, text) => k.putNs({ ...uts(k, t), hostname: text.trim() }),
  },
  'sys/kernel/domainname': {
    mode: 0o644,
    read: (k, _sb, t) => `${uts(k, t).domainname || '(none)'}\n`,
    write: (k, t, text) => k.putNs({ ...uts(k, t), domainname: text.trim() }),
  },
  'sys/kernel/osrelease': { mode: 0o444, read: () => `${SYSTEM.release}\n` },
  'sys/kernel/ostype': { mode: 0o444, read: () => 'Linux\n' },
  'sys/kernel/pid_max': { mode: 0o644, read: () => '4194304\n' },
  'sys/kernel/random/boot_id': {
    mode: 0o444,
    read: (k) => `${k.s.booted.toString(16).padStart(8, '0').slice(-8)}-0000-4000-8000-000000000000\n`,
  },
  'sys/kernel/random/uuid': {
    mode: 0o444,
    read: (k) => {
      const hex = Array.from({ length: 32 }, () => Math.floor(k.random() * 16).toString(16)).join('');
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}\n`;
    },
  },
  'sys/fs/file-max': { mode: 0o644, read: () => '9223372036854775807\n' },
  'sys/vm/overcommit_memory': { mode: 0o644, read: () => '0\n' },
  'sys/vm/swappiness': { mode: 0o644, read: () => '60\n' },
};
/** /proc/sys/net: of the reader's network namespace. */
const sysctlFile = (name: string): RootFile => ({
  mode: 0o644,
  read: (k, _sb, t) => `${sysctl(k, t?.ns.net ?? 0, name)}\n`,
  write(k, t, text) {
    requireCap(k, t, 'CAP_NET_ADMIN', `setting ${name}`, ownerOf(k, t.ns.net));
    setSysctl(k, t.ns.net, name, text.trim());
  },
});
for (const name of SYSCTLS) ROOT_FILES[`sys/${name.replaceAll('.', '/')}`] = sysctlFile(name);

for (const name of IPC_SYSCTLS)
  ROOT_FILES[`sys/${name.replaceAll('.', '/')}`] = {
    mode: 0o644,
    read: (k, _sb, t) => (t ? `${ipcLimit(k, t, name)}\n` : ''),
    write: (k, t, text) => setIpcLimit(k, t, name, text.trim()),
  };
for (const kind of ['msg', 'sem', 'shm'] as const)
  ROOT_FILES[`sysvipc/${kind}`] = { mode: 0o444, read: (k, _sb, t) => (t ? ipcTable(k, t, kind) : '') };

/** The names in a directory of links' settings; null elsewhere, and for a link that the reader's namespace has not. */
const linksDir = (k: Kernel, path: string): string[] | null =>
  path.startsWith('sys/net/ipv')
    ? confDir(
        path.slice(4),
        linksOf(k, k.current?.ns.net ?? 0).map((l) => l.name),
      )
    : null;

/** A file of the tree that is no task's. */
function rootFile(k: Kernel, path: string): RootFile | undefined {
  if (ROOT_FILES[path]) return ROOT_FILES[path];
  const name = path.startsWith('sys/') ? confFile(path.slice(4)) : null;
  return name !== null && linksDir(k, path.slice(0, path.lastIndexOf('/'))) ? sysctlFile(name) : undefined;
}

const ROOT_LINKS: Record<string, string> = { mounts: 'self/mounts', net: 'self/net' };
const ROOT_DIRS = new Set([
  'sys/net/ipv4/conf',
  'sys/net/ipv6',
  'sys/net/ipv6/conf',
  'sys',
  'irq',
  'bus',
  'fs',
  'acpi',
  'scsi',
  ...Object.keys(ROOT_FILES).flatMap((f) =>
    f
      .split('/')
      .slice(0, -1)
      .map((_, i, a) => a.slice(0, i + 1).join('/')),
  ),
]);

const parts = (id: Id) => (id as string).split('/').filter(Boolean);

/** Which file's object a descriptor holds, as readlink of /proc/PID/fd/N says it. */
export function describeFd(k: Kernel, t: Task, fd: number): string {
  const d = t.fds[fd];
  if (!d) throw new Errno('ENOENT', 'vfs', `no descriptor ${fd} is open`);
  const f = k.file(d.file);
  switch (f.kind) {
    case 'node':
      return pathOf(k, f.path, t.root);
    case 'pipe':
      return f.path ? pathOf(k, f.path, t.root) : `pipe:[${10_000 + f.pipe}]`;
    case 'tty':
      return `/dev/${k.tty(f.tty).name}`;
    case 'ptmx':
      return '/dev/ptmx';
    case 'listener':
      return `socket:[${20_000 + f.socket}]`;
    case 'stream':
      return `socket:[${30_000 + f.in}]`;
    case 'socket':
      return `socket:[${40_000 + f.socket}]`;
  }
}

function typeOf(k: Kernel, sb: Proc, id: Id): { type: FileType; mode: number; task?: Task } | null {
  const p = parts(id);
  if (p.length === 0) return { type: 'dir', mode: 0o555 };
  const first = p[0] as string;
  if (p.length === 1 && (first === 'self' || first === 'thread-self')) return { type: 'symlink', mode: 0o777 };
  const t = taskOf(k, sb, first);
  if (t) {
    if (p.length === 1) return { type: 'dir', mode: 0o555, task: t };
    const f = TASK_FILES[p[1] as string];
    if (!f) return null;
    if (p.length === 2) return { type: f.type ?? 'file', mode: f.mode, task: t };
    if (p[1] === 'fd' && p.length === 3 && t.fds[Number(p[2])]) return { type: 'symlink', mode: 0o700, task: t };
    if (p[1] === 'attr') {
      const rest = p.slice(2).join('/');
      if (rest === 'apparmor' && k.s.apparmor) return { type: 'dir', mode: 0o555, task: t };
      return rest === 'current' || (rest === 'apparmor/current' && k.s.apparmor) ? { type: 'file', mode: 0o666, task: t } : null;
    }
    if (p[1] === 'net' && p.length === 3 && Object.hasOwn(NET_FILES, p[2] as string)) return { type: 'file', mode: 0o444, task: t };
    if (p[1] === 'ns' && p.length === 3 && Object.hasOwn(NS_FILES, p[2] as string)) return { type: 'symlink', mode: 0o777, task: t };
    return null;
  }
  const path = p.join('/');
  const file = rootFile(k, path);
  if (file) return { type: 'file', mode: file.mode };
  if (ROOT_DIRS.has(path) || linksDir(k, path)) return { type: 'dir', mode: 0o555 };
  if (ROOT_LINKS[path]) return { type: 'symlink', mode: 0o777 };
  return null;
}

export const procfs: FileSystem<Proc> = {
  ...readonlyNames,
  create() {
    throw new Errno('ENOENT', 'vfs', 'nothing can be made in /proc');
  },
  root: () => '',
  lookup(k, sb, dir, name) {
    const id = dir === '' ? name : `${dir}/${name}`;
    return typeOf(k, sb, id) ? id : null;
  },
  attr(k, sb, id): Attr {
    const f = typeOf(k, sb, id);
    if (!f) throw new Errno('ENOENT', 'process', 'the process is gone');
    const owner = f.task && !f.task.undumpable ? { uid: f.task.cred.euid, gid: f.task.cred.egid } : undefined;
    return virtualAttr(k, `proc${sb.id}/${id}`, f.type, f.mode, owner);
  },
  peek: (k, sb, id) => procfs.attr(k, sb, id),
  readdir(k, sb, id) {
    const p = parts(id);
    const out: Dirent[] = [];
    const add = (name: string) => {
      const f = typeOf(k, sb, p.length ? `${p.join('/')}/${name}` : name);
      if (f) out.push({ name, type: f.type, ino: 0 });
    };
    if (p.length === 0) {
      for (const t of tasksIn(k, sb.pidns)) add(`${numberIn(k, sb, t)}`);
      for (const n of new Set([...ROOT_DIRS, ...Object.keys(ROOT_FILES)].map((f) => f.split('/')[0] as string))) add(n);
      for (const n of [...Object.keys(ROOT_LINKS), 'self', 'thread-self']) add(n);
      return out;
    }
    const t = taskOf(k, sb, p[0] as string);
    if (t && p.length === 1) for (const n of Object.keys(TASK_FILES)) add(n);
    else if (t && p[1] === 'fd') for (const n of openFds(t.fds)) add(`${n}`);
    else if (t && p[1] === 'ns') for (const n of Object.keys(NS_FILES)) add(n);
    else if (t && p[1] === 'attr') for (const n of p.length === 2 ? ['apparmor', 'current'] : ['current']) add(n);
    else if (t && p[1] === 'net') for (const n of Object.keys(NET_FILES)) add(n);
    else if (!t) {
      const prefix = `${p.join('/')}/`;
      const names = [...ROOT_DIRS, ...Object.keys(ROOT_FILES)]
        .filter((f) => f.startsWith(prefix))
        .map((f) => f.slice(prefix.length).split('/')[0] as string);
      for (const n of new Set([...names, ...(linksDir(k, p.join('/')) ?? [])])) add(n);
    }
    return out;
  },
  readlink(k, sb, id) {
    const p = parts(id);
    const t = taskOf(k, sb, p[0] as string);
    if (t && p[1] === 'fd') return describeFd(k, t, Number(p[2]));
    const ns = t && p[1] === 'ns' ? NS_FILES[p[2] as string] : undefined;
    if (t && ns) return `${ns.kind}:[${ns.id(t)}]`;
    const f = t ? TASK_FILES[p[1] as string] : undefined;
    if (t && f?.link) return f.link(k, sb, t);
    return ROOT_LINKS[p.join('/')] ?? '';
  },
  mayOpen(k, sb, id, task) {
    const p = parts(id);
    const o = p[1] === 'environ' ? taskOf(k, sb, p[0] as string) : undefined;
    if (o) requirePeek(k, task, o, 'the environment');
  },
  follow(k, sb, id, task) {
    const p = parts(id);
    if (p[0] === 'self' || p[0] === 'thread-self') {
      const at = resolveRoot(k, sb, task);
      const n = numberIn(k, sb, task);
      if (n === 0) throw new Errno('ENOENT', 'process', 'this process has no number in the PID namespace of this /proc');
      return { path: { mnt: at.mnt, id: `${n}`, name: `${n}`, up: at } };
    }
    const t = taskOf(k, sb, p[0] as string);
    if (!t) return undefined;
    if (p[1] === 'cwd' || p[1] === 'root' || p[1] === 'exe' || p[1] === 'fd') requirePeek(k, task, t, `/proc/PID/${p[1]}`);
    if (p[1] === 'cwd') return { path: t.cwd };
    if (p[1] === 'root') return { path: t.root };
    if (p[1] === 'exe') return { path: resolve(k, t, t.exe) };
    if (p[1] === 'fd') {
      const d = t.fds[Number(p[2])];
      if (!d) return undefined;
      const f = k.file(d.file);
      return f.kind === 'node' ? { path: f.path } : { file: f.id };
    }
    return undefined;
  },
  setattr() {
    throw new Errno('EPERM', 'vfs', 'attributes of /proc cannot be changed');
  },
  read(k, sb, id, offset, count) {
    const p = parts(id);
    const t = taskOf(k, sb, p[0] as string);
    const reader = k.current;
    if (t && p[1] === 'attr') {
      if (!k.s.apparmor) throw new Errno('EINVAL', 'lsm', 'no security module labels processes here');
      return `${labelOf(t)}\n`.slice(offset, offset + count);
    }
    const table = t && p[1] === 'net' ? NET_FILES[p[2] as string] : undefined;
    if (t && table) return table(k, t.ns.net).slice(offset, offset + count);
    const text = t ? (TASK_FILES[p[1] as string]?.read?.(k, sb, t) ?? '') : (rootFile(k, p.join('/'))?.read(k, sb, reader) ?? '');
    return text.slice(offset, offset + count);
  },
  write(k, sb, id, _offset, data) {
    const owner = taskOf(k, sb, parts(id)[0] as string);
    const own = owner && TASK_FILES[parts(id)[1] as string]?.write;
    if (owner && own) {
      own(k, owner, data);
      return data.length;
    }
    const to = rootFile(k, parts(id).join('/'))?.write;
    if (to && k.current) {
      to(k, k.current, data);
      return data.length;
    }
    throw new Errno('EINVAL', 'vfs', `drydock: writing /proc/${id} is not modelled`);
  },
  truncate() {},
  canonical: (id) => id,
};

/** The root dentry of the proc mount a task is looking at: the mount of this superblock in its namespace. */
function resolveRoot(k: Kernel, sb: Proc, task: Task) {
  for (const { mount } of visible(k, task))
    if (mount.sb === sb.id) return { mnt: mount.id, id: '' as Id, name: mount.at?.name ?? 'proc', up: mount.at?.up ?? null };
  throw new Errno('ENOENT', 'mount', 'this proc is not mounted here');
}
