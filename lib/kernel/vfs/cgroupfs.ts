/**
 * cgroup2: the control group tree as directories and files. Documentation/admin-guide/cgroup-v2.rst.
 *
 *   /sys/fs/cgroup/system.slice/docker-<id>.scope/{cgroup.procs,memory.max,pids.max,…}
 *
 * Simplified: groups appear and vanish with their containers; the files listed in FILES exist, others do not.
 */

import { Errno } from '../errno';
import type { Kernel } from '../kernel';
import { groupMemory } from '../memory';
import { wake } from '../sched';
import type { Cgroup, Super } from '../state';
import type { FileSystem } from './filesystem';
import { readonlyNames, virtualAttr } from './virtual';

type Cg = Extract<Super, { type: 'cgroup2' }>;

const members = (k: Kernel, path: string) =>
  [...k.t.tasks.values()].filter((t) => t.cgroup === path && t.status !== 'zombie').map((t) => t.pid);
const below = (k: Kernel, path: string) => {
  const prefix = path === '/' ? '/' : `${path}/`;
  return [...k.t.tasks.values()].filter((t) => t.status !== 'zombie' && (t.cgroup === path || t.cgroup.startsWith(prefix))).length;
};
const limit = (n: number | null) => `${n ?? 'max'}\n`;

/** The files of a group: what reading says. A file that is not here is not modelled. */
const FILES: Record<string, { mode: number; root?: boolean; read(k: Kernel, c: Cgroup): string }> = {
  'cgroup.controllers': { mode: 0o444, root: true, read: (_k, c) => `${c.controllers.join(' ')}\n` },
  'cgroup.subtree_control': { mode: 0o644, root: true, read: (_k, c) => `${c.files['cgroup.subtree_control'] ?? ''}\n` },
  'cgroup.procs': {
    mode: 0o644,
    root: true,
    read: (k, c) =>
      members(k, c.path)
        .map((p) => `${p}\n`)
        .join(''),
  },
  'cgroup.type': { mode: 0o644, read: () => 'domain\n' },
  'cgroup.freeze': { mode: 0o644, read: (_k, c) => `${c.frozen ? 1 : 0}\n` },
  'cgroup.events': { mode: 0o444, read: (k, c) => `populated ${below(k, c.path) > 0 ? 1 : 0}\nfrozen ${c.frozen ? 1 : 0}\n` },
  'memory.max': { mode: 0o644, read: (_k, c) => limit(c.memoryMax) },
  'memory.current': { mode: 0o444, read: (k, c) => `${groupMemory(k, c.path)}\n` },
  'memory.events': {
    mode: 0o444,
    read: (_k, c) => `low 0\nhigh 0\nmax ${c.oomKills}\noom ${c.oomKills}\noom_kill ${c.oomKills}\noom_group_kill 0\n`,
  },
  'pids.max': { mode: 0o644, read: (_k, c) => limit(c.pidsMax) },
  'pids.current': { mode: 0o444, read: (k, c) => `${below(k, c.path)}\n` },
  'cpu.max': { mode: 0o644, read: (_k, c) => `${c.files['cpu.max'] ?? 'max 100000'}\n` },
  'cpu.weight': { mode: 0o644, read: (_k, c) => `${c.files['cpu.weight'] ?? '100'}\n` },
  'memory.swap.max': { mode: 0o644, read: (_k, c) => `${c.files['memory.swap.max'] ?? 'max'}\n` },
  'memory.low': { mode: 0o644, read: (_k, c) => `${c.files['memory.low'] ?? '0'}\n` },
};

const split = (id: string) => {
  const slash = id.lastIndexOf('/');
  return { dir: id.slice(0, slash) || '/', name: id.slice(slash + 1) };
};
const join = (dir: string, name: string) => (dir === '/' ? `/${name}` : `${dir}/${name}`);
const fileAt = (k: Kernel, id: string) => {
  const { dir, name } = split(id);
  const c = k.cgroup(dir);
  const f = FILES[name];
  return c && f && (f.root || c.path !== '/') ? { c, f, name } : undefined;
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
    return f ? virtualAttr(k, `cg${id}`, 'file', f.f.mode) : virtualAttr(k, `cg${id}`, 'dir', 0o755);
  },
  peek: (k, sb, id) => cgroupfs.attr(k, sb, id),
  readdir(k, _sb, id) {
    const dirs = (k.t.cgroups.keys() as string[]).filter((p) => p !== '/' && split(p).dir === id).map((p) => split(p).name);
    const files = Object.keys(FILES).filter((n) => FILES[n]?.root || id !== '/');
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
    });
    return path;
  },
  rmdir(k, _sb, dir, name) {
    const path = join(dir as string, name);
    if (below(k, path) > 0) throw new Errno('EBUSY', 'cgroup', `tasks run in ${path}`);
    k.t.cgroups.delete(path);
  },
  readlink() {
    throw new Errno('EINVAL', 'vfs', 'not a symbolic link');
  },
  setattr() {},
  read(k, _sb, id, offset, count) {
    const f = fileAt(k, id as string);
    return f ? f.f.read(k, f.c).slice(offset, offset + count) : '';
  },
  write(k, _sb, id, _offset, data) {
    const f = fileAt(k, id as string);
    if (!f) throw new Errno('EINVAL', 'cgroup', 'not a file');
    const text = data.trim();
    const number = text === 'max' ? null : Number(text);
    const invalid = () => new Errno('EINVAL', 'cgroup', `${f.name} does not take "${text}"`);
    if (f.name === 'pids.max' || f.name === 'memory.max') {
      if (number !== null && !(Number.isInteger(number) && number >= 0)) throw invalid();
      k.putCgroup({ ...f.c, [f.name === 'pids.max' ? 'pidsMax' : 'memoryMax']: number });
    } else if (f.name === 'cgroup.procs') {
      k.putTask({ ...k.task(Number(text)), cgroup: f.c.path });
    } else if (f.name === 'cgroup.freeze') {
      if (text !== '0' && text !== '1') throw invalid();
      k.putCgroup({ ...f.c, frozen: text === '1' });
      if (text === '0') wake(k, `event:thaw:${f.c.path}`);
    } else k.putCgroup({ ...f.c, files: { ...f.c.files, [f.name]: text } });
    return data.length;
  },
  truncate() {},
  canonical: (id) => id,
};
