/**
 * One opened kernel: the state of a machine, its tables, and the record of what happens while it is open.
 *
 * `open(state)` … calls … `close()` gives the next state; the old one is untouched. Everything else in this folder is
 * a function over a Kernel. Source of the division: Linux, by way of gvisor's `pkg/sentry/kernel`.
 */

import { pmap } from '../base';
import { prng } from '../base';
import { Errno } from './errno';
import type { Programs } from './program';
import type { Sys } from './sys';
import type { Cgroup, Id, Inode, KernelState, Listener, Mount, Namespace, OpenFile, Pipe, Super, Task, Tty } from './state';

/** Inode numbers from here on belong to frozen trees: image layers and the host's own root, kept beside the state. */
export const FROZEN = 2 ** 40;

export interface Frozen {
  inode(ino: number): Inode | undefined;
}

export interface Env {
  programs: Programs;
  frozen: Frozen;
}

export interface RefusalRecord {
  readonly call: string;
  errno: Errno;
  pid: number;
}

/** Something worth showing that a state alone does not tell. */
export type KernelEvent =
  | { kind: 'copy-up'; sb: number; path: string; ino: number }
  | { kind: 'exec'; pid: number; exe: string; argv: string[] }
  | { kind: 'exit'; pid: number }
  | { kind: 'signal'; pid: number; signal: number; from: number | null }
  | { kind: 'oom'; pid: number; cgroup: string };

export class Kernel {
  s: KernelState;
  readonly env: Env;
  refusals: RefusalRecord[] = [];
  events: KernelEvent[] = [];
  /** System call tables by task, made once each. */
  readonly calls = new Map<number, Sys>();
  /** The task that is running, for what depends on who asks. */
  current: Task | null = null;
  /** Work done since open, for fuel: one a system call, one a turn. */
  spent = 0;

  constructor(state: KernelState, env: Env) {
    this.s = { ...state, next: { ...state.next } };
    this.env = env;
  }

  close(): KernelState {
    return { ...this.s, next: { ...this.s.next } };
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
    this.refusals.push({
      get call() {
        return `${name}(${typeof arg === 'string' ? arg : arg()})`;
      },
      errno,
      pid,
    });
  }
  event(e: KernelEvent) {
    if (this.events.length < 10_000) this.events.push(e);
  }

  // ——— inodes
  findInode(ino: number): Inode | undefined {
    return pmap.get(this.s.inodes, ino) ?? (ino >= FROZEN ? this.env.frozen.inode(ino) : undefined);
  }
  inode(ino: number): Inode {
    const inode = this.findInode(ino);
    if (inode === undefined) throw new Errno('ESTALE', 'vfs', `inode ${ino} is gone`);
    return inode;
  }
  putInode(inode: Inode) {
    this.s.inodes = pmap.set(this.s.inodes, inode.ino, inode);
  }
  removeInode(ino: number) {
    this.s.inodes = pmap.remove(this.s.inodes, ino);
  }
  newIno(): number {
    return this.s.next.ino++;
  }

  // ——— tables
  task(pid: number): Task {
    const t = pmap.get(this.s.tasks, pid);
    if (t === undefined) throw new Errno('ESRCH', 'process', `there is no process ${pid}`);
    return t;
  }
  findTask(pid: number): Task | undefined {
    return pmap.get(this.s.tasks, pid);
  }
  putTask(t: Task) {
    this.s.tasks = pmap.set(this.s.tasks, t.pid, t);
  }
  super(id: number): Super {
    return must(pmap.get(this.s.supers, id), 'superblock', id);
  }
  putSuper(sb: Super) {
    this.s.supers = pmap.set(this.s.supers, sb.id, sb);
  }
  mount(id: number): Mount {
    return must(pmap.get(this.s.mounts, id), 'mount', id);
  }
  putMount(m: Mount) {
    this.s.mounts = pmap.set(this.s.mounts, m.id, m);
  }
  ns(id: number): Namespace {
    return must(pmap.get(this.s.namespaces, id), 'namespace', id);
  }
  putNs(ns: Namespace) {
    this.s.namespaces = pmap.set(this.s.namespaces, ns.id, ns);
  }
  file(id: number): OpenFile {
    return must(pmap.get(this.s.files, id), 'open file', id);
  }
  putFile(f: OpenFile) {
    this.s.files = pmap.set(this.s.files, f.id, f);
  }
  pipe(id: number): Pipe {
    return must(pmap.get(this.s.pipes, id), 'pipe', id);
  }
  putPipe(p: Pipe) {
    this.s.pipes = pmap.set(this.s.pipes, p.id, p);
  }
  tty(id: number): Tty {
    return must(pmap.get(this.s.ttys, id), 'terminal', id);
  }
  putTty(t: Tty) {
    this.s.ttys = pmap.set(this.s.ttys, t.id, t);
  }
  listener(id: number): Listener {
    return must(pmap.get(this.s.listeners, id), 'socket', id);
  }
  putListener(l: Listener) {
    this.s.listeners = pmap.set(this.s.listeners, l.id, l);
  }
  cgroup(path: string): Cgroup | undefined {
    return pmap.get(this.s.cgroups, path);
  }
  putCgroup(c: Cgroup) {
    this.s.cgroups = pmap.set(this.s.cgroups, c.path, c);
  }

  // ——— which nodes are open
  isOpen(sb: number, id: Id): boolean {
    return pmap.has(this.s.opens, `${sb}:${id}`);
  }
}

function must<T>(value: T | undefined, what: string, id: number | string): T {
  // A reference that leads nowhere is a fault of the model, not of a program.
  if (value === undefined) throw new Error(`kernel: no ${what} ${id}`);
  return value;
}
