/**
 * One opened kernel: the state of a machine, its tables, and the record of what happens while it is open.
 *
 * `open(state)` … calls … `close()` gives the next state; the old one is untouched. Everything else in this folder is
 * a function over a Kernel. Source of the division: Linux, by way of gvisor's `pkg/sentry/kernel`.
 */

import { type PMap, prng } from '../base';
import { Errno } from './errno';
import type { Walk } from './net/types';
import type { Programs } from './program';
import { copyFile, copyPipe, copyTask, type InodeFields, inodeOf } from './records';
import type { Cgroup, Id, Inode, KernelState, Listener, Mount, Namespace, OpenFile, Pipe, Super, Task, Tty } from './state';
import type { Sys } from './sys';
import { Table } from './tables';
import type { ToldCall } from './told';

/**
 * Inode numbers from here on belong to frozen trees: image layers and the host's own root, kept beside the state. They stay
 * below 2^30, up to which a JavaScript engine keeps a number without an object of its own.
 */
export const FROZEN = 2 ** 29;

export interface Frozen {
  inode(ino: number): Inode | undefined;
}

export interface Env {
  programs: Programs;
  frozen: Frozen;
}

export class RefusalRecord {
  readonly errno: Errno;
  readonly pid: number;
  /** Control group of the task, which may have ended when somebody asks. */
  readonly cgroup: string | null;
  private readonly name: string;
  private readonly arg: string | (() => string);

  constructor(name: string, arg: string | (() => string), errno: Errno, pid: number, cgroup: string | null) {
    this.name = name;
    this.arg = arg;
    this.errno = errno;
    this.pid = pid;
    this.cgroup = cgroup;
  }
  /** The call and its main argument; made when somebody asks. */
  get call(): string {
    return `${this.name}(${typeof this.arg === 'string' ? this.arg : this.arg()})`;
  }
}

/** Something worth showing that a state alone does not tell. */
/**
 * What a signal does to a task: a handler of its own runs, it is ignored (by the program, or by default), PID 1 of a
 * namespace is spared since it has no handler, or the default action is taken.
 */
export type SignalEffect = 'handled' | 'ignored' | 'spared' | 'stopped' | 'continued' | 'ended';

export type KernelEvent =
  | { kind: 'copy-up'; sb: number; path: string; ino: number }
  | { kind: 'exit'; pid: number }
  /** A signal, who sent it (null: the kernel), and what it did to the task. */
  | {
      kind: 'signal';
      pid: number;
      comm: string;
      cgroup: string;
      signal: number;
      from: { pid: number; comm: string } | null;
      effect: SignalEffect;
    }
  | { kind: 'oom'; pid: number; cgroup: string }
  /** A packet, and its way so far. */
  | { kind: 'packet'; walk: Walk };

type Tables = {
  [N in keyof KernelState as KernelState[N] extends PMap<unknown> ? N : never]: Table<KernelState[N] extends PMap<infer V> ? V : never>;
};

export class Kernel {
  /** What is not a table: clocks, counters, the run queue. */
  readonly s: Omit<KernelState, keyof Tables>;
  /** The tables, open for writing. */
  readonly t: Tables;
  readonly env: Env;
  refusals: RefusalRecord[] = [];
  events: KernelEvent[] = [];
  /** Calls that a step tells of, the first MOST_TOLD: told.ts. */
  told: ToldCall[] = [];
  /** System call tables by task, made once each. */
  readonly calls = new Map<number, Sys>();
  /** The task that is running, for what depends on who asks. */
  current: Task | null = null;
  /** An inode was written since somebody was told of it: sched.ts, tellWatchers. */
  touched = false;
  /** Work done since open, for fuel: one a system call, one a turn. */
  spent = 0;
  /** What tasks have asked for since open that may have another answer at another time: burn.ts. */
  asked = 0;

  constructor(state: KernelState, env: Env) {
    const { clock, booted, prng, next, ready, burning, load, console, apparmor } = state;
    this.s = { clock, booted, prng, next: { ...next }, ready, burning, load, console, ...(apparmor ? { apparmor } : {}) };
    // Spelt out, here and in close: an object that is put together in a loop is slow to look into (records.ts).
    this.t = {
      tasks: new Table(state.tasks, copyTask),
      inodes: new Table(state.inodes, (i) => inodeOf(i as InodeFields)),
      supers: new Table(state.supers),
      mounts: new Table(state.mounts),
      covered: new Table(state.covered),
      mountsOf: new Table(state.mountsOf),
      shown: new Table(state.shown),
      namespaces: new Table(state.namespaces),
      files: new Table(state.files, copyFile),
      opens: new Table(state.opens),
      pipes: new Table(state.pipes, copyPipe),
      fifos: new Table(state.fifos),
      bound: new Table(state.bound),
      ttys: new Table(state.ttys),
      listeners: new Table(state.listeners),
      nets: new Table(state.nets),
      links: new Table(state.links),
      sockets: new Table(state.sockets),
      filters: new Table(state.filters),
      cgroups: new Table(state.cgroups),
      waiters: new Table(state.waiters),
      timers: new Table(state.timers),
    };
    this.env = env;
  }

  /**
   * The kernel that goes on from the state that it was closed with: one that knows what it has looked up, and remembers nothing of
   * what happened. Whoever still asks about that has read it (a refusal's text is made from the kernel as it is when it is read).
   */
  reopen(): Kernel {
    this.refusals = [];
    this.events = [];
    this.told = [];
    this.current = null;
    this.touched = false;
    this.spent = 0;
    this.asked = 0;
    for (const pid of this.calls.keys()) if (!this.t.tasks.has(pid)) this.calls.delete(pid);
    return this;
  }

  /** The state as it is now; an earlier one is untouched. */
  close(): KernelState {
    const { s, t } = this;
    return {
      tasks: t.tasks.map(),
      inodes: t.inodes.map(),
      supers: t.supers.map(),
      mounts: t.mounts.map(),
      covered: t.covered.map(),
      mountsOf: t.mountsOf.map(),
      shown: t.shown.map(),
      namespaces: t.namespaces.map(),
      files: t.files.map(),
      opens: t.opens.map(),
      pipes: t.pipes.map(),
      fifos: t.fifos.map(),
      bound: t.bound.map(),
      ttys: t.ttys.map(),
      listeners: t.listeners.map(),
      nets: t.nets.map(),
      links: t.links.map(),
      sockets: t.sockets.map(),
      filters: t.filters.map(),
      cgroups: t.cgroups.map(),
      waiters: t.waiters.map(),
      timers: t.timers.map(),
      ...s,
      next: { ...s.next },
    };
  }

  // ——— time and chance
  /** Milliseconds since the epoch. */
  now(): number {
    return this.s.booted + this.s.clock;
  }
  random(): number {
    const [value, state] = prng.next(this.s.prng);
    this.s.prng = state;
    return value;
  }

  // ——— record
  /** Keeps a refusal for whoever asks why; its text is made when it is read. */
  refuse(name: string, arg: string | (() => string), errno: Errno, pid: number) {
    if (this.refusals.length >= 5_000) this.refusals = this.refusals.slice(-2_500);
    this.refusals.push(new RefusalRecord(name, arg, errno, pid, this.findTask(pid)?.cgroup ?? null));
  }
  event(e: KernelEvent) {
    if (this.events.length < 10_000) this.events.push(e);
  }

  // ——— inodes
  findInode(ino: number): Inode | undefined {
    return this.t.inodes.get(ino) ?? (ino >= FROZEN ? this.env.frozen.inode(ino) : undefined);
  }
  inode(ino: number): Inode {
    const inode = this.findInode(ino);
    if (inode === undefined) throw new Errno('ESTALE', 'vfs', `inode ${ino} is gone`);
    return inode;
  }
  /** An inode to change in place: tables.ts, `edit`. */
  editInode(ino: number): Inode {
    this.touched = true;
    const inode = this.t.inodes.edit(ino) ?? (ino >= FROZEN ? this.t.inodes.edit(ino, this.env.frozen.inode(ino)) : undefined);
    if (inode === undefined) throw new Errno('ESTALE', 'vfs', `inode ${ino} is gone`);
    return inode;
  }
  putInode(inode: Inode) {
    this.touched = true;
    this.t.inodes.set(inode.ino, inode);
  }
  removeInode(ino: number) {
    this.touched = true;
    this.t.inodes.delete(ino);
  }
  newIno(): number {
    return this.s.next.ino++;
  }

  // ——— tables
  task(pid: number): Task {
    const t = this.t.tasks.get(pid);
    if (t === undefined) throw new Errno('ESRCH', 'process', `there is no process ${pid}`);
    return t;
  }
  findTask(pid: number): Task | undefined {
    return this.t.tasks.get(pid);
  }
  /** A task to change in place: tables.ts, `edit`. */
  editTask(pid: number): Task {
    const t = this.t.tasks.edit(pid);
    if (t === undefined) throw new Errno('ESRCH', 'process', `there is no process ${pid}`);
    return t;
  }
  putTask(t: Task) {
    this.t.tasks.set(t.pid, t);
  }
  super(id: number): Super {
    return must(this.t.supers.get(id), 'superblock', id);
  }
  putSuper(sb: Super) {
    this.t.supers.set(sb.id, sb);
  }
  mount(id: number): Mount {
    return must(this.t.mounts.get(id), 'mount', id);
  }
  putMount(m: Mount) {
    this.t.mounts.set(m.id, m);
  }
  ns(id: number): Namespace {
    return must(this.t.namespaces.get(id), 'namespace', id);
  }
  putNs(ns: Namespace) {
    this.t.namespaces.set(ns.id, ns);
  }
  file(id: number): OpenFile {
    return must(this.t.files.get(id), 'open file', id);
  }
  /** An open file to change in place. */
  editFile(id: number): OpenFile {
    return must(this.t.files.edit(id), 'open file', id);
  }
  putFile(f: OpenFile) {
    this.t.files.set(f.id, f);
  }
  pipe(id: number): Pipe {
    return must(this.t.pipes.get(id), 'pipe', id);
  }
  /** A pipe to change in place. */
  editPipe(id: number): Pipe {
    return must(this.t.pipes.edit(id), 'pipe', id);
  }
  putPipe(p: Pipe) {
    this.t.pipes.set(p.id, p);
  }
  tty(id: number): Tty {
    return must(this.t.ttys.get(id), 'terminal', id);
  }
  putTty(t: Tty) {
    this.t.ttys.set(t.id, t);
  }
  listener(id: number): Listener {
    return must(this.t.listeners.get(id), 'socket', id);
  }
  putListener(l: Listener) {
    this.t.listeners.set(l.id, l);
  }
  cgroup(path: string): Cgroup | undefined {
    return this.t.cgroups.get(path);
  }
  putCgroup(c: Cgroup) {
    this.t.cgroups.set(c.path, c);
  }

  // ——— which nodes are open
  isOpen(sb: number, id: Id): boolean {
    return this.t.opens.has(`${sb}:${id}`);
  }
}

function must<T>(value: T | undefined, what: string, id: number | string): T {
  // A reference that leads nowhere is a fault of the model, not of a program.
  if (value === undefined) throw new Error(`kernel: no ${what} ${id}`);
  return value;
}
