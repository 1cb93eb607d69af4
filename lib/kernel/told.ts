/**
 * System calls that a step tells of, as strace would: those that make a process, its view and its rights, and what it
 * says over a local socket. A drawing walks along them; nothing is decided by them.
 *
 *   clone(CLONE_NEWNS|CLONE_NEWPID) = 312      execve("/usr/sbin/nginx", ["nginx", …])
 *   write(3, "POST /v1.51/containers/create HTTP/1.1…")
 */

import type { Kernel } from './kernel';
import { pathOf } from './namei';
import type { NsKind, Task } from './state';

export interface ToldCall {
  /** Number on the host, name and control group of the task that called. */
  pid: number;
  comm: string;
  cgroup: string;
  /** As the manual calls it, and its arguments as text. */
  name: string;
  args: string;
  /** What it gave, where that is a number; null when it was refused or gives nothing. */
  result: number | null;
  errno: string | null;
  /** Of what is written to a local socket: the first bytes, how many in all, and a number that both ends share. */
  sent?: { data: string; bytes: number; socket: number };
}

/** A request's head and what little it carries; the bytes of a file that is copied say nothing here. */
const SENT = 4096;
const MOST_TOLD = 2000;

const ALWAYS: ReadonlySet<string> = new Set([
  'clone',
  'connect',
  'mount',
  'open_tree',
  'move_mount',
  'pivot_root',
  'sethostname',
  'setdomainname',
  'mknod',
  'bpf',
  'setgroups',
  'setgid',
  'setuid',
  'capset',
  'prctl',
  'prlimit64',
]);
const CGROUPS = '"/sys/fs/cgroup/';
/** Of some calls only what changes what a container sees or may do. */
const SOME: Readonly<Record<string, (args: string) => boolean>> = {
  mkdir: (args) => args.startsWith(CGROUPS),
  rtnetlink: (args) => /^RTM_(NEW|SET)/.test(args),
};

const FLAGS: Readonly<Record<NsKind, string>> = {
  mnt: 'NEWNS',
  pid: 'NEWPID',
  net: 'NEWNET',
  uts: 'NEWUTS',
  ipc: 'NEWIPC',
  user: 'NEWUSER',
  cgroup: 'NEWCGROUP',
  time: 'NEWTIME',
};
/** sched.h: CLONE_NEWNS|CLONE_NEWPID */
export const cloneFlags = (kinds: readonly NsKind[]): string => kinds.map((n) => `CLONE_${FLAGS[n]}`).join('|');

const push = (k: Kernel, t: Task, name: string, args: string): ToldCall => {
  const call: ToldCall = { pid: t.pid, comm: t.comm, cgroup: t.cgroup, name, args, result: null, errno: null };
  if (k.told.length < MOST_TOLD) k.told.push(call);
  return call;
};

/** Begins to tell of a call, or null when it is not one of those. What it gives is added when it is known. */
export function tell(k: Kernel, t: Task, name: string, arg: string | (() => string)): ToldCall | null {
  const some = SOME[name];
  if (!some && !ALWAYS.has(name)) return null;
  const args = typeof arg === 'string' ? arg : arg();
  return some && !some(args) ? null : push(k, t, name, args);
}

/** A program has been put into a task. */
export const tellExec = (k: Kernel, pid: number, exe: string, argv: readonly string[]) =>
  push(k, k.task(pid), 'execve', `${JSON.stringify(exe)}, [${argv.map((a) => JSON.stringify(a)).join(', ')}]`);

/** What is written to a local socket or to a file of a control group. */
export function tellWrite(k: Kernel, t: Task, fd: number, data: string) {
  const d = t.fds[fd];
  const f = d && k.t.files.get(d.file);
  if (f?.kind === 'stream') {
    const call = push(k, t, 'write', `${fd}`);
    call.sent = { data: data.slice(0, SENT), bytes: data.length, socket: Math.min(f.in, f.out) };
  } else if (f?.kind === 'node' && k.t.supers.get(f.sb)?.type === 'cgroup2') {
    push(k, t, 'write', `${JSON.stringify(pathOf(k, f.path, t.root))}, ${JSON.stringify(data.trim())}`);
  }
}
