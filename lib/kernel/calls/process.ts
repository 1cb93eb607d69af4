/** Calls that make processes, arrange them in groups and sessions, and wait for their end. */

import { ALL_CAPS, requireCap } from '../cred';
import { Errno } from '../errno';
import { fdTable } from '../fdtable';
import { fileOf, install } from '../files';
import type { Kernel } from '../kernel';
import { setMemory } from '../memory';
import { allocate, byNumber, numberFor } from '../pidns';
import { copyTask } from '../records';
import { soft } from '../rlimit';
import { end as endTask, reap as reapTask, tellTracer } from '../sched';
import { SIGNALS } from '../signal';
import type { Cgroup, Task } from '../state';
import type { VforkOptions } from '../sys';
import { cloneFlags } from '../told';
import { tracer } from '../tracer';
import { asMaker, userNs } from '../userns';
import { type Calls, makeSys } from './caller';
import { at, other, quote } from './common';
import { become, keepClocks, loadImage } from './image';
import { freshNamespaces, groupPath } from './namespaces';

/** RLIMIT_NPROC and memory would stop a real host about here; the model stops in any case. */
const MAX_TASKS = 32_768;

/** What making a task costs, in system calls. */
const CLONE = 600;

/** What a task's tree of control groups still allows: pids.max on the way up. */
function requirePids(k: Kernel, t: Task) {
  k.spent += CLONE;
  for (let path = t.cgroup; ; path = path.slice(0, path.lastIndexOf('/')) || '/') {
    const c: Cgroup | undefined = k.cgroup(path);
    if (c?.pidsMax !== null && c?.pidsMax !== undefined && k.t.tasks.size >= c.pidsMax) {
      const prefix = path === '/' ? '/' : `${path}/`;
      const n = k.t.tasks.values().filter((o) => o.cgroup === path || o.cgroup.startsWith(prefix)).length;
      if (n >= c.pidsMax) {
        k.putCgroup({ ...c, forksRefused: (c.forksRefused ?? 0) + 1 });
        throw new Errno('EAGAIN', 'cgroup', `pids.max of ${path} is ${c.pidsMax}, and ${n} tasks run in it`);
      }
    }
    if (path === '/') break;
  }
  const nproc = t.rlimits?.nproc && t.cred.uid !== 0 ? soft(t.rlimits, 'nproc') : null;
  if (nproc !== null && k.t.tasks.values().filter((o) => o.cred.uid === t.cred.uid).length >= nproc)
    throw new Errno('EAGAIN', 'process', `uid ${t.cred.uid} runs ${nproc} tasks, its limit (RLIMIT_NPROC)`);
  if (k.t.tasks.size >= MAX_TASKS) throw new Errno('EAGAIN', 'process', `the host runs ${MAX_TASKS} tasks, as many as it can`);
}

/** A child of `t`, with copies of its descriptors. Program, state and group are set by the caller. */
export function newTask(k: Kernel, t: Task, over: Partial<Task>): Task {
  const pids = allocate(k, over.ns?.pid ?? t.pidnsForChildren ?? t.ns.pid);
  const pid = pids[0] as number;
  const fds = over.fds ?? t.fds;
  const child = Object.assign(copyTask(t), { handled: [], pending: [] }, over);
  child.pid = pid;
  child.pids = pids;
  child.ppid = t.pid;
  child.children = [];
  child.fds = [];
  child.status = 'ready';
  child.wait = null;
  child.ended = null;
  child.stopReport = null;
  child.started = k.s.clock;
  child.cpu = 0;
  child.childrenCpu = undefined;
  child.burn = undefined;
  child.subreaper = false;
  child.tracing = t.tracing?.follow ? { by: t.tracing.by, follow: true, privileged: t.tracing.privileged } : undefined;
  child.stops = undefined;
  child.ns = {
    ...child.ns,
    pid: over.ns?.pid ?? t.pidnsForChildren ?? t.ns.pid,
    time: over.ns?.time ?? t.timensForChildren ?? t.ns.time,
  };
  child.pidnsForChildren = undefined;
  child.timensForChildren = undefined;
  keepClocks(k, child.ns.time);
  k.putTask(child);
  for (const [fd, d] of fds.entries()) if (d) install(k, pid, d.file, fd, d.cloexec);
  const parent = k.editTask(t.pid);
  parent.children = [...parent.children, pid];
  k.s.ready = [...k.s.ready, pid];
  tellTracer(k, child, { kind: 'attached', child: true });
  return k.task(pid);
}

/** PID 1 becomes the parent, and the task leads a session of its own. */
function daemonise(k: Kernel, child: number) {
  const c = k.editTask(child);
  giveAway(k, c.ppid, byNumber(k, c, 1)?.pid ?? 1, child);
  Object.assign(c, { sid: child, pgid: child, tty: null });
}

/** A child has another parent from now on. */
export function giveAway(k: Kernel, from: number, to: number, child: number) {
  const was = k.editTask(from);
  was.children = was.children.filter((n) => n !== child);
  const is = k.editTask(to);
  is.children = [...is.children, child];
  k.editTask(child).ppid = to;
}

/** A child in new or other namespaces. */
function cloneInto(k: Kernel, t: Task, o: VforkOptions, fds: Task['fds']): number {
  const entered = { ...t.ns };
  for (const e of o.enter ?? []) for (const kind of e.kinds) entered[kind] = other(k, t, e.pid).ns[kind];
  const cgroup = o.cgroup && groupPath(k, t, o.cgroup);
  let { ns, cwd, root } = freshNamespaces(k, t, entered, o.unshare ?? [], !!o.emptyMounts, cgroup);
  const mntOf = o.enter?.find((e) => e.kinds.includes('mnt'));
  if (mntOf) ({ root, cwd } = { root: other(k, t, mntOf.pid).root, cwd: other(k, t, mntOf.pid).root });
  const child = newTask(k, t, { ns, cwd, root, fds, tty: null, ...(cgroup ? { cgroup } : {}) });
  Object.assign(k.editTask(child.pid), { sid: child.pid, pgid: child.pid });
  if (o.unshare?.includes('user')) {
    if (o.idMaps) k.putNs({ ...userNs(k, ns.user), uidMap: o.idMaps.uid, gidMap: o.idMaps.gid });
    k.editTask(child.pid).cred = asMaker(t.cred, ALL_CAPS);
  }
  if (o.parent !== undefined) giveAway(k, t.pid, other(k, t, o.parent).pid, child.pid);
  return child.pid;
}

export const processCalls = {
  getpid() {
    return numberFor(this.k, this.me(), this.me());
  },
  getppid() {
    return numberFor(this.k, this.me(), this.k.findTask(this.me().ppid));
  },
  getpgid(n) {
    return this.call(
      'getpgid',
      '',
      (t, k) => numberFor(k, t, k.findTask(n ? other(k, t, n).pgid : t.pgid)) || (n ? other(k, t, n).pgid : t.pgid),
    );
  },
  setpgid(n, pgid) {
    return this.call(
      'setpgid',
      () => `${n}, ${pgid}`,
      (t, k) => {
        const target = n === 0 ? t : other(k, t, n);
        if (target.pid === target.sid) throw new Errno('EPERM', 'process', 'the leader of a session stays in its group');
        const group = pgid === 0 ? target.pid : (byNumber(k, t, pgid)?.pid ?? pgid);
        k.editTask(target.pid).pgid = group;
      },
    );
  },
  setsid() {
    return this.call('setsid', '', (t, k) => {
      if (t.pgid === t.pid) throw new Errno('EPERM', 'process', 'a leader of a process group cannot start a session');
      Object.assign(k.editTask(t.pid), { sid: t.pid, pgid: t.pid, tty: null });
      return numberFor(k, this.me(), this.me());
    });
  },
  fork(state) {
    return this.call('clone', '', (t, k) => {
      requirePids(k, t);
      return numberFor(k, t, newTask(k, t, { state }));
    });
  },
  spawn(path, options) {
    return this.call(
      'execve',
      () => quote(path),
      (t, k) => {
        requirePids(k, t);
        const image = loadImage(k, options.cwd ? { ...t, cwd: at(k, t, options.cwd) } : t, path, options.argv);
        const fds = fdTable(Object.entries(options.fds).map(([to, from]) => [Number(to), { file: fileOf(k, t.pid, from).id }]));
        const child = newTask(k, t, { fds, ...(options.cwd ? { cwd: at(k, t, options.cwd) } : {}) });
        if (options.daemon) daemonise(k, child.pid);
        if (options.pgid !== undefined)
          k.editTask(child.pid).pgid = options.pgid === 0 ? child.pid : (byNumber(k, t, options.pgid)?.pid ?? options.pgid);
        become(k, child.pid, image, options.env);
        if (k.task(child.pid).tracing) tracer.get().tellSpawned(k, child.pid, path);
        return numberFor(k, t, k.task(child.pid));
      },
    );
  },
  vfork(options, body) {
    return this.call(
      'clone',
      () => cloneFlags(options.unshare ?? []),
      (t, k) => {
        requirePids(k, t);
        // Whoever makes a user namespace has every capability in it, and so may make the others, too.
        if ((options.unshare?.length || options.enter?.length) && !options.unshare?.includes('user'))
          requireCap(k, t, 'CAP_SYS_ADMIN', 'making or entering namespaces', t.ns.user);
        const fds = fdTable(Object.entries(options.fds).map(([to, from]) => [Number(to), { file: fileOf(k, t.pid, from).id }]));
        const child = cloneInto(k, t, options, fds);
        const caller = k.current;
        try {
          // While the caller waits, it is the child that runs.
          k.current = k.task(child);
          const status = body(makeSys(k, child), numberFor(k, t, k.task(child)));
          if (status !== undefined) endTask(k, child, { exited: status });
        } catch (e) {
          endTask(k, child, { signaled: SIGNALS.SIGKILL });
          if (k.findTask(child)) reapTask(k, child);
          throw e;
        } finally {
          k.current = caller;
        }
        return numberFor(k, t, k.task(child));
      },
    );
  },
  execve(path, argv, env) {
    return this.call(
      'execve',
      () => quote(path),
      (t, k) => become(k, t.pid, loadImage(k, t, path, argv), env),
    );
  },
  waitpid(n, options) {
    return this.call(
      'wait4',
      () => (n === undefined ? '-1' : `${n}`),
      (t, k) => {
        const mine = t.children.map((c) => k.findTask(c)).filter((c): c is Task => c !== undefined);
        const candidates =
          n === undefined || n === -1
            ? mine
            : mine.filter((c) => (n < -1 ? numberFor(k, t, k.findTask(c.pgid)) === -n || c.pgid === -n : numberFor(k, t, c) === n));
        if (candidates.length === 0)
          return new Errno(
            'ECHILD',
            'process',
            n === undefined ? 'this process has no children' : `process ${n} is not a child of this one`,
          );
        for (const c of candidates) {
          if (c.status === 'zombie' && c.ended) {
            const how = c.ended;
            const number = numberFor(k, t, c);
            reapTask(k, c.pid);
            return { pid: number, how };
          }
          if (options?.untraced && c.stopReport !== null && c.status === 'stopped') {
            const how = { stopped: c.stopReport };
            k.editTask(c.pid).stopReport = null;
            return { pid: numberFor(k, t, c), how };
          }
        }
        return null;
      },
    );
  },
  brk(bytes) {
    return this.call(
      'brk',
      () => `${bytes}`,
      (t, k) => {
        setMemory(k, t.pid, bytes);
        this.me();
      },
    );
  },
} satisfies Calls;
