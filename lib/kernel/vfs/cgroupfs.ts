/**
 * cgroup2: the control group tree as directories and files. Documentation/admin-guide/cgroup-v2.rst.
 *
 *   /sys/fs/cgroup/system.slice/docker-<id>.scope/{cgroup.procs,memory.max,pids.max,…}
 *
 * Simplified: groups appear and vanish with their containers; the files listed in FILES exist, others do not; io is not
 * throttled. CPU time is: ../burn.ts, ../bandwidth.ts.
 * Past 400 lines because it is the one table of a control group's files.
 */

import { DISK, diskStat } from '../disk';
import { Errno } from '../errno';
import type { Kernel } from '../kernel';
import { groupMemory, overLimit } from '../memory';
import { byNumber, numberFor } from '../pidns';
import { signal, wake } from '../sched';
import { SIGNALS } from '../signal';
import type { Cgroup, Super } from '../state';
import type { FileSystem } from './filesystem';
import { SYSTEM } from './proc';
import { readonlyNames, virtualAttr } from './virtual';

type Cg = Extract<Super, { type: 'cgroup2' }>;

const members = (k: Kernel, path: string) =>
  k.t.tasks
    .values()
    .filter((t) => t.cgroup === path && t.status !== 'zombie')
    .map((t) => t.pid);
const below = (k: Kernel, path: string) => {
  const prefix = path === '/' ? '/' : `${path}/`;
  return k.t.tasks.values().filter((t) => t.status !== 'zombie' && (t.cgroup === path || t.cgroup.startsWith(prefix))).length;
};
const limit = (n: number | null) => `${n ?? 'max'}\n`;

const PAGE = 4096;
const invalid = (text: string) => new Errno('EINVAL', 'cgroup', `this file does not take "${text}"`);
const outOfRange = (text: string) => new Errno('ERANGE', 'cgroup', `"${text}" is out of this file's range`);

/** "max", or bytes with K, M or G, down to whole pages: page_counter_memparse. */
function bytes(text: string): number | null {
  if (text === 'max') return null;
  const m = /^(\d+)([kmgt]?)$/i.exec(text);
  if (!m) throw invalid(text);
  const n = Number(m[1]) * 1024 ** ' kmgt'.indexOf((m[2] ?? '').toLowerCase() || ' ');
  return Math.floor(n / PAGE) * PAGE;
}
function count(text: string): number | null {
  if (text === 'max') return null;
  if (!/^\d+$/.test(text)) throw invalid(text);
  return Number(text);
}
const within = (text: string, low: number, high: number): string => {
  if (!/^-?\d+$/.test(text)) throw invalid(text);
  if (Number(text) < low || Number(text) > high) throw outOfRange(text);
  return text;
};
const memory = (text: string) => `${bytes(text) ?? 'max'}`;
const cpus = (text: string, most: number): string => {
  if (text === '') return '';
  for (const part of text.split(',')) {
    const m = /^(\d+)(?:-(\d+))?$/.exec(part.trim());
    if (!m || Number(m[2] ?? m[1]) < Number(m[1])) throw invalid(text);
    if (Number(m[2] ?? m[1]) >= most) throw invalid(text);
  }
  return text;
};

const RATES = ['rbps', 'wbps', 'riops', 'wiops'];

/** io.max after a write of "254:0 wbps=1048576": one line a device, with all four rates; a device without any has no line. */
function ioMax(now: string, text: string): string {
  const [device = '', ...words] = text.split(/\s+/);
  if (!/^\d+:\d+$/.test(device)) throw invalid(text);
  // A partition has no rates of its own, and what is no disk none at all: blkg_conf_open_bdev.
  if (device !== DISK) throw new Errno('ENODEV', 'cgroup', `${device} is not a disk`);
  const lines = now.split('\n').filter(Boolean);
  const rates = new Map(RATES.map((r) => [r, 'max']));
  for (const [, name, value] of (lines.find((l) => l.startsWith(`${device} `)) ?? '').matchAll(/(\w+)=(\w+)/g))
    rates.set(name as string, value as string);
  for (const word of words) {
    const m = /^(rbps|wbps|riops|wiops)=(max|\d+)$/.exec(word);
    if (!m || m[2] === '0') throw invalid(text);
    rates.set(m[1] as string, m[2] as string);
  }
  const others = lines.filter((l) => !l.startsWith(`${device} `));
  const line = `${device} ${[...rates].map(([name, value]) => `${name}=${value}`).join(' ')}`;
  return [...others, ...([...rates.values()].every((v) => v === 'max') ? [] : [line])].join('\n');
}

/** What each niceness weighs, -20 to 19; 0 is 1024, the weight 100 of a group: sched_prio_to_weight. */
const NICE = [
  88_761, 71_755, 56_483, 46_273, 36_291, 29_154, 23_254, 18_705, 14_949, 11_916, 9548, 7620, 6100, 4904, 3906, 3121, 2501, 1991, 1586,
  1277, 1024, 820, 655, 526, 423, 335, 272, 215, 172, 137, 110, 87, 70, 56, 45, 36, 29, 23, 18, 15,
];
/** The nearest niceness to a weight: cpu_weight_nice_read_s64. */
function niceOf(weight: number): number {
  const load = Math.round((weight * 1024) / 100);
  let at = 0;
  while (at + 1 < NICE.length && Math.abs((NICE[at + 1] as number) - load) < Math.abs((NICE[at] as number) - load)) at++;
  return at - 20;
}

/** No group has more: PID_MAX_LIMIT. */
const PIDS_MAX = 4_194_304;

type Controller = 'cpu' | 'cpuset' | 'io' | 'memory' | 'pids';
interface File {
  mode: number;
  /** The root has it, too. */
  root?: boolean;
  /** It is there where the parent has given this controller. */
  of?: Controller;
  read(k: Kernel, c: Cgroup): string;
  /** What a write makes of the group. Values that are kept as text are under `files`. */
  write?(k: Kernel, c: Cgroup, text: string): void;
}

/** A file whose value is kept as it was written, once it has been checked. */
const kept = (of: Controller, name: string, value: string, check: (text: string) => string): [string, File] => [
  name,
  {
    mode: 0o644,
    of,
    read: (_k, c) => `${c.files[name] ?? value}\n`,
    write: (k, c, text) => k.putCgroup({ ...c, files: { ...c.files, [name]: check(text) } }),
  },
];

/** The cpus that a group's tasks may use: its own list, else the nearest one above. */
export function cpusOf(k: Kernel, path: string, file: 'cpuset.cpus' | 'cpuset.mems' = 'cpuset.cpus'): string {
  for (let at = path; ; at = split(at).dir) {
    const own = k.cgroup(at)?.files[file];
    if (own) return own;
    if (at === '/') return file === 'cpuset.cpus' && SYSTEM.cpus > 1 ? `0-${SYSTEM.cpus - 1}` : '0';
  }
}

const THREADED = ['cpu', 'cpuset', 'pids', 'perf_event'];
const given = (c: Cgroup) => (c.files['cgroup.subtree_control'] ?? '').split(' ').filter(Boolean);

/** cgroup.subtree_control: "+pids -io"; only what the group itself has, and domain controllers only without tasks in it. */
function control(k: Kernel, c: Cgroup, text: string) {
  const on = new Set(given(c));
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const m = /^([+-])(\w+)$/.exec(word);
    if (!m || !ALL.includes(m[2] as string)) throw invalid(text);
    const name = m[2] as string;
    if (m[1] === '-') on.delete(name);
    else if (!c.controllers.includes(name)) throw new Errno('ENOENT', 'cgroup', `${c.path} does not have the controller ${name}`);
    else {
      if (c.path !== '/' && !THREADED.includes(name) && members(k, c.path).length > 0)
        throw new Errno('EBUSY', 'cgroup', `${c.path} has tasks: a group with tasks gives no domain controllers to its children`);
      on.add(name);
    }
  }
  const list = ALL.filter((n) => on.has(n));
  k.putCgroup({ ...c, files: { ...c.files, 'cgroup.subtree_control': list.join(' ') } });
  for (const child of k.t.cgroups.values())
    if (child.path !== '/' && split(child.path).dir === c.path) k.putCgroup({ ...child, controllers: list });
}
const ALL = ['cpuset', 'cpu', 'io', 'memory', 'hugetlb', 'pids', 'rdma', 'misc'];

/** cgroup.procs: a task moves in. */
function moveIn(k: Kernel, c: Cgroup, text: string) {
  if (!/^\d+$/.test(text)) throw invalid(text);
  const number = Number(text);
  const t = number === 0 ? k.current : k.current ? byNumber(k, k.current, number) : k.findTask(number);
  if (!t) throw new Errno('ESRCH', 'cgroup', `there is no process ${text}`);
  const parent = c.path === '/' ? null : k.cgroup(split(c.path).dir);
  if (parent && parent.path !== '/' && given(parent).length > 0 && members(k, parent.path).length > 0)
    throw new Errno('EOPNOTSUPP', 'cgroup', `${parent.path} has tasks and gives controllers away: its child is no domain of its own`);
  if (c.path !== '/' && given(c).some((n) => !THREADED.includes(n)))
    throw new Errno('EBUSY', 'cgroup', `${c.path} gives controllers to its children: tasks belong into those`);
  // What it has used stays with the group that it was in.
  const [from, to] = [k.cgroup(t.cgroup), k.cgroup(c.path)];
  if (from && to && from.path !== to.path) {
    k.putCgroup({ ...from, spent: (from.spent ?? 0) + t.cpu });
    k.putCgroup({ ...to, spent: (to.spent ?? 0) - t.cpu });
  }
  k.editTask(t.pid).cgroup = c.path;
}

/** The files of a group: what reading and writing do. A file that is not here is not modelled. */
const FILES: Record<string, File> = {
  'cgroup.controllers': { mode: 0o444, root: true, read: (_k, c) => `${c.controllers.join(' ')}\n` },
  'cgroup.subtree_control': { mode: 0o644, root: true, read: (_k, c) => `${given(c).join(' ')}\n`, write: control },
  'cgroup.procs': {
    mode: 0o644,
    root: true,
    read: (k, c) =>
      members(k, c.path)
        .map((p) => `${k.current ? numberFor(k, k.current, k.findTask(p)) : p}\n`)
        .join(''),
    write: moveIn,
  },
  'cgroup.threads': {
    mode: 0o644,
    root: true,
    read: (k, c) =>
      members(k, c.path)
        .map((p) => `${p}\n`)
        .join(''),
    write: moveIn,
  },
  'cgroup.type': { mode: 0o644, read: () => 'domain\n' },
  'cgroup.freeze': {
    mode: 0o644,
    read: (_k, c) => `${c.frozen ? 1 : 0}\n`,
    write(k, c, text) {
      if (text !== '0' && text !== '1') throw outOfRange(text);
      k.putCgroup({ ...c, frozen: text === '1' });
      if (text === '0') wake(k, `event:thaw:${c.path}`);
    },
  },
  'cgroup.kill': {
    mode: 0o200,
    read: () => '',
    write(k, c, text) {
      if (text !== '1') throw outOfRange(text);
      const prefix = `${c.path}/`;
      for (const t of k.t.tasks.values()) if (t.cgroup === c.path || t.cgroup.startsWith(prefix)) signal(k, t.pid, SIGNALS.SIGKILL);
    },
  },
  'cgroup.events': { mode: 0o444, read: (k, c) => `populated ${below(k, c.path) > 0 ? 1 : 0}\nfrozen ${c.frozen ? 1 : 0}\n` },
  'cgroup.max.depth': { mode: 0o644, root: true, read: () => 'max\n' },
  'cgroup.max.descendants': { mode: 0o644, root: true, read: () => 'max\n' },
  'memory.max': {
    mode: 0o644,
    of: 'memory',
    read: (_k, c) => limit(c.memoryMax),
    write(k, c, text) {
      k.putCgroup({ ...c, memoryMax: bytes(text) });
      overLimit(k, c.path);
    },
  },
  'memory.current': { mode: 0o444, of: 'memory', read: (k, c) => `${groupMemory(k, c.path)}\n` },
  'memory.peak': { mode: 0o644, of: 'memory', read: (k, c) => `${Math.max(c.memoryPeak ?? 0, groupMemory(k, c.path))}\n` },
  'memory.events': {
    mode: 0o444,
    of: 'memory',
    read: (_k, c) => `low 0\nhigh 0\nmax ${c.oomKills}\noom ${c.oomKills}\noom_kill ${c.oomKills}\noom_group_kill 0\n`,
  },
  'memory.swap.current': { mode: 0o444, of: 'memory', read: () => '0\n' },
  'memory.stat': {
    mode: 0o444,
    of: 'memory',
    read: (k, c) =>
      `anon ${groupMemory(k, c.path)}\nfile 0\nkernel 0\nshmem 0\ninactive_anon 0\nactive_anon ${groupMemory(k, c.path)}\ninactive_file 0\nactive_file 0\n`,
  },
  ...Object.fromEntries([
    kept('memory', 'memory.swap.max', 'max', memory),
    kept('memory', 'memory.low', '0', memory),
    kept('memory', 'memory.min', '0', memory),
    kept('memory', 'memory.high', 'max', memory),
    kept('memory', 'memory.oom.group', '0', (t) => within(t, 0, 1)),
    kept('cpu', 'cpu.weight', '100', (t) => within(t, 1, 10_000)),
    kept('cpu', 'cpu.idle', '0', (t) => within(t, 0, 1)),
    kept('cpuset', 'cpuset.cpus', '', (t) => cpus(t, SYSTEM.cpus)),
    kept('cpuset', 'cpuset.mems', '', (t) => cpus(t, 1)),
    kept('io', 'io.weight', 'default 100', (t) => {
      const n = t.replace(/^default\s+/, '');
      return `default ${within(n, 1, 10_000)}`;
    }),
  ]),
  'io.max': {
    mode: 0o644,
    of: 'io',
    read: (_k, c) => (c.files['io.max'] ? `${c.files['io.max']}\n` : ''),
    write: (k, c, text) => k.putCgroup({ ...c, files: { ...c.files, 'io.max': ioMax(c.files['io.max'] ?? '', text) } }),
  },
  'io.stat': { mode: 0o444, of: 'io', root: true, read: (_k, c) => diskStat(c.disk) },
  'cpuset.cpus.effective': { mode: 0o444, of: 'cpuset', root: true, read: (k, c) => `${cpusOf(k, c.path)}\n` },
  'cpuset.mems.effective': { mode: 0o444, of: 'cpuset', root: true, read: (k, c) => `${cpusOf(k, c.path, 'cpuset.mems')}\n` },
  'cpu.weight.nice': {
    mode: 0o644,
    of: 'cpu',
    read: (_k, c) => `${niceOf(Number(c.files['cpu.weight'] ?? 100))}\n`,
    write(k, c, text) {
      const load = NICE[Number(within(text, -20, 19)) + 20] as number;
      k.putCgroup({ ...c, files: { ...c.files, 'cpu.weight': `${Math.round((load * 100) / 1024)}` } });
    },
  },
  'cpu.max': {
    mode: 0o644,
    of: 'cpu',
    read: (_k, c) => `${c.files['cpu.max'] ?? 'max 100000'}\n`,
    write(k, c, text) {
      const now = (c.files['cpu.max'] ?? 'max 100000').split(' ');
      const [quota = '', period = now[1] as string] = text.split(/\s+/);
      if (quota !== 'max' && (!/^\d+$/.test(quota) || Number(quota) < 1000)) throw invalid(text);
      if (!/^\d+$/.test(period) || Number(period) < 1000 || Number(period) > 1_000_000) throw invalid(text);
      k.putCgroup({ ...c, files: { ...c.files, 'cpu.max': `${quota} ${period}` } });
    },
  },
  'cpu.stat': {
    mode: 0o444,
    root: true,
    read(k, c) {
      const prefix = c.path === '/' ? '/' : `${c.path}/`;
      let ms = 0;
      for (const t of k.t.tasks.values()) if (t.cgroup === c.path || t.cgroup.startsWith(prefix)) ms += t.cpu;
      for (const o of k.t.cgroups.values()) if (o.path === c.path || o.path.startsWith(prefix)) ms += o.spent ?? 0;
      const used = Math.round(ms * 1000);
      return `usage_usec ${used}\nuser_usec ${used}\nsystem_usec 0\nnice_usec 0\ncore_sched.force_idle_usec 0\nnr_periods ${c.bandwidth?.periods ?? 0}\nnr_throttled ${c.throttled ?? 0}\nthrottled_usec ${Math.round((c.bandwidth?.waited ?? 0) * 1000)}\nnr_bursts 0\nburst_usec 0\n`;
    },
  },
  'pids.max': {
    mode: 0o644,
    of: 'pids',
    read: (_k, c) => limit(c.pidsMax),
    write(k, c, text) {
      const most = count(text);
      if (most !== null && most > PIDS_MAX) throw invalid(text);
      k.putCgroup({ ...c, pidsMax: most });
    },
  },
  'pids.current': { mode: 0o444, of: 'pids', read: (k, c) => `${below(k, c.path)}\n` },
  'pids.peak': { mode: 0o444, of: 'pids', read: (k, c) => `${below(k, c.path)}\n` },
  'pids.events': { mode: 0o444, of: 'pids', read: (_k, c) => `max ${c.forksRefused ?? 0}\n` },
};

const split = (id: string) => {
  const slash = id.lastIndexOf('/');
  return { dir: id.slice(0, slash) || '/', name: id.slice(slash + 1) };
};
const join = (dir: string, name: string) => (dir === '/' ? `/${name}` : `${dir}/${name}`);
const has = (c: Cgroup, f: File) => (f.root || c.path !== '/') && (f.of === undefined || c.controllers.includes(f.of));
const fileAt = (k: Kernel, id: string) => {
  const { dir, name } = split(id);
  const c = k.cgroup(dir);
  const f = FILES[name];
  return c && f && has(c, f) ? { c, f, name } : undefined;
};

export const cgroupfs: FileSystem<Cg> = {
  ...readonlyNames,
  root: (sb) => sb.root,
  lookup(k, _sb, dir, name) {
    const id = join(dir as string, name);
    return k.cgroup(id) || fileAt(k, id) ? id : null;
  },
  attr(k, _sb, id) {
    const f = fileAt(k, id as string);
    const owners = (f ? f.c : k.cgroup(id as string))?.owners;
    const [uid, gid] = owners?.[f?.name ?? ''] ?? owners?.['*'] ?? [0, 0];
    return virtualAttr(k, `cg${id}`, f ? 'file' : 'dir', f ? f.f.mode : 0o755, { uid, gid });
  },
  peek: (k, sb, id) => cgroupfs.attr(k, sb, id),
  readdir(k, _sb, id) {
    const dirs = (k.t.cgroups.keys() as string[]).filter((p) => p !== '/' && split(p).dir === id).map((p) => split(p).name);
    const c = k.cgroup(id as string);
    const files = c ? Object.keys(FILES).filter((n) => has(c, FILES[n] as File)) : [];
    return [
      ...files.map((name) => ({ name, type: 'file' as const, ino: 0 })),
      ...dirs.map((name) => ({ name, type: 'dir' as const, ino: 0 })),
    ];
  },
  create(k, _sb, dir, name, proto) {
    if (proto.type !== 'dir') throw new Errno('EPERM', 'cgroup', 'only directories are made here: each is a control group');
    const path = join(dir as string, name);
    const parent = k.cgroup(dir as string);
    k.putCgroup({
      path,
      controllers: (parent?.files['cgroup.subtree_control'] ?? '').split(' ').filter(Boolean),
      memoryMax: null,
      pidsMax: null,
      frozen: false,
      oomKills: 0,
      files: {},
      ...(proto.uid || proto.gid ? { owners: { '*': [proto.uid, proto.gid] } } : {}),
    });
    return path;
  },
  rmdir(k, _sb, dir, name) {
    const path = join(dir as string, name);
    if (below(k, path) > 0) throw new Errno('EBUSY', 'cgroup', `tasks run in ${path}`);
    if ((k.t.cgroups.keys() as string[]).some((p) => p.startsWith(`${path}/`)))
      throw new Errno('EBUSY', 'cgroup', `there are groups in ${path}`);
    const [gone, parent] = [k.cgroup(path)?.spent ?? 0, k.cgroup(dir as string)];
    if (gone > 0 && parent) k.putCgroup({ ...parent, spent: (parent.spent ?? 0) + gone });
    k.t.cgroups.delete(path);
  },
  readlink() {
    throw new Errno('EINVAL', 'vfs', 'not a symbolic link');
  },
  // Only an owner is kept: who a part of the tree has been given to.
  setattr(k, _sb, id, a) {
    const f = fileAt(k, id as string);
    const c = f?.c ?? k.cgroup(id as string);
    if (!c || (a.uid === undefined && a.gid === undefined)) return;
    const [uid, gid] = c.owners?.[f?.name ?? ''] ?? c.owners?.['*'] ?? [0, 0];
    k.putCgroup({ ...c, owners: { ...c.owners, [f?.name ?? '']: [a.uid ?? uid, a.gid ?? gid] } });
  },
  read(k, _sb, id, offset, count) {
    const f = fileAt(k, id as string);
    return f ? f.f.read(k, f.c).slice(offset, offset + count) : '';
  },
  write(k, _sb, id, _offset, data) {
    const f = fileAt(k, id as string);
    if (!f) throw new Errno('EINVAL', 'cgroup', 'not a file');
    if (!f.f.write) throw new Errno('EINVAL', 'cgroup', `${f.name} is not written`);
    f.f.write(k, f.c, data.trim());
    return data.length;
  },
  truncate() {},
  canonical: (id) => id,
};
