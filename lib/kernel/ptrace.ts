/**
 * What a tracer is told of its tracees: each call when it begins and when it ends, each signal, each end. ptrace(2).
 *
 *   tracee: openat( …   → stop, the tracer runs →   … = 3   → stop, the tracer runs
 *
 * Simplified: a tracee does not stay stopped while its tracer waits for something else; the tracer then reads of it later.
 * Calls cannot be changed on the way, nor memory and registers read. Yama's ptrace_scope is 0, as Debian has it.
 */

import { type Code, MESSAGES } from './errno';
import type { Kernel } from './kernel';
import { numberFor } from './pidns';
import { SIGNALS, type Signal } from './signal';
import type { Task } from './state';

/** An address in a process's memory: where a structure stands that the kernel did not fill in. */
export const address = (t: Task, n = 0): string => `0x7ff${((t.pid * 2_654_435_761 + n * 4096) % 2 ** 36).toString(16).padStart(9, '0')}`;

/** An argument as the call gets it; a tracer chooses how much of it to print. */
export type Arg =
  /** A flag, a number, a structure: as it is printed. */
  | string
  /** Bytes of memory. */
  | { bytes: string }
  /** A file's name. */
  | { path: string }
  /** A descriptor, and what it is open on. */
  | { fd: number; of?: string }
  /** AT_FDCWD: the directory that it stands for. */
  | { cwd: string }
  | { list: readonly string[] };

export interface CallResult {
  /** What stands behind the =: a number, `?`, or a number with its meaning. */
  text: string;
  /** The descriptor that it is, and what that is open on. */
  of?: string;
  errno?: Code;
}

/** Why a child's parent gets SIGCHLD, or who sent a signal: siginfo_t. */
export type SignalCause =
  | { code: 'SI_KERNEL' }
  | { code: 'SI_USER'; pid: number; uid: number }
  | { code: 'CLD_EXITED' | 'CLD_KILLED' | 'CLD_STOPPED'; pid: number; uid: number; status: string };

export type StopKind =
  /** A tracee from now on: a child of one (`child`), or attached to. */
  | { kind: 'attached'; child: boolean }
  | { kind: 'enter'; name: string; args: readonly Arg[] }
  /** `args` are those that the kernel has filled in. Milliseconds since it began, and of the processor that it took. */
  | { kind: 'exit'; name: string; args: readonly Arg[]; result: CallResult; took: number; cpu: number }
  | { kind: 'signal'; signal: Signal; cause: SignalCause }
  | { kind: 'stopped'; signal: Signal }
  | { kind: 'ended'; how: { exited: number } | { signaled: Signal } };
/** `pid` as the tracer numbers it; `at`: milliseconds since the epoch. */
export type TraceStop = { pid: number; at: number } & StopKind;

export interface Tracing {
  /** The tracer's number on the host. */
  by: number;
  /** Its children are traced, too: PTRACE_O_TRACEFORK and its kin. */
  follow: boolean;
  /** Whether the tracer could give it rights: what execve of a set-user-ID file asks. */
  privileged: boolean;
  /** A call that has begun. */
  inside?: Inside;
  /** Signals that came while it was in wait4, which are told when it has returned. */
  late?: readonly StopKind[];
}
export interface Inside {
  name: string;
  /** The call again, as the program repeats it when it is woken. */
  key: string;
  since: number;
  /** What is printed when the program does not repeat it: it did not wait, or a signal came. */
  dropped: { args: readonly Arg[]; result: string };
  /** The program sleeps in it and repeats nothing: until when, if it looks at the clock. */
  sleeps?: { until: number | null; rest: readonly Arg[]; result: string };
}

export type PtraceRequest = { traceme: { follow: boolean } } | { seize: number; follow: boolean } | { detach: number };

/** Keeps a stop for the tracer; false where nobody traces. */
export function tellStop(k: Kernel, t: Task, stop: StopKind): boolean {
  const tracer = t.tracing && k.findTask(t.tracing.by);
  if (!tracer || tracer.status === 'zombie') return false;
  const late = stop.kind === 'exit' || stop.kind === 'ended' ? (k.findTask(t.pid)?.tracing?.late ?? []) : [];
  const all = (stop.kind === 'exit' ? [stop, ...late] : [...(late[0] ? [cause(late[0])] : []), ...late, stop]).map((s) => ({
    ...s,
    pid: numberFor(k, tracer, t),
    at: k.now(),
  }));
  k.putTask({ ...tracer, stops: [...(tracer.stops ?? []), ...all] });
  if (late.length > 0) retrace(k, t.pid, { late: undefined });
  return true;
}

/** The call that brought its caller a signal which ended it: kill(2) of itself, or a write(2) that nobody reads. */
const cause = (late: StopKind): StopKind =>
  late.kind === 'signal' && late.signal === SIGNALS.SIGPIPE
    ? { kind: 'exit', name: 'write', args: [], result: { text: `-1 EPIPE (${MESSAGES.EPIPE})`, errno: 'EPIPE' }, took: 0, cpu: 0 }
    : { kind: 'exit', name: 'kill', args: [], result: { text: '0' }, took: 0, cpu: 0 };

/** Rewrites what is known of a traced task. */
export function retrace(k: Kernel, pid: number, change: Partial<Tracing>) {
  const t = k.findTask(pid);
  if (t?.tracing) k.putTask({ ...t, tracing: { ...t.tracing, ...change } });
}
