/**
 * Who makes system calls: one object a task while the kernel is open. Its methods are the calls of `Sys` (sys.ts), which
 * syscalls.ts puts together; each checks, then changes. What is refused is recorded with its main argument, the errno and the
 * gate that refused, and then thrown.
 */

import { Errno } from '../errno';
import type { Kernel } from '../kernel';
import { type NetCalls, netCalls } from '../net/calls';
import { end, TaskGone } from '../sched';
import { judge, type SeccompFilter } from '../seccomp';
import { SIGNALS } from '../signal';
import type { Task } from '../state';
import type { Sys } from '../sys';
import { type ToldCall, tell } from '../told';
import { tracer } from '../tracer';

/** A call's main argument, as it is told; made only if somebody asks. */
type Arg = string | (() => string);

/** Of a call that no filter looks into. */
const NO_ARGS: readonly number[] = [];

export class Caller {
  private netted: NetCalls | undefined;

  constructor(
    readonly k: Kernel,
    readonly pid: number,
  ) {}

  /** The task that calls, as it is now; one that has ended calls nothing. */
  me(): Task {
    const t = this.k.findTask(this.pid);
    if (!t || t.status === 'zombie') throw new TaskGone();
    return t;
  }

  /**
   * Runs a call: counts it, tells of it, and records its refusal. What is refused often is given back by the body instead of
   * thrown: to throw costs more than the call, and it is thrown from here in any case.
   */
  call<T>(name: string, arg: Arg, body: (t: Task, k: Kernel) => T | Errno, args: readonly number[] = NO_ARGS): T {
    const { k } = this;
    k.spent++;
    k.asked++;
    const t = this.me();
    const told = tell(k, t, name, arg);
    let result: T | Errno;
    try {
      if (t.seccomp) this.screen(t, name, args);
      result = body(t, k);
    } catch (e) {
      if (e instanceof Errno) this.refused(name, arg, e, told);
      throw e;
    }
    if (result instanceof Errno) {
      this.refused(name, arg, result, told);
      throw result;
    }
    if (told && typeof result === 'number') told.result = result;
    return result;
  }

  /** The first gate: the seccomp filters, all of them. */
  private screen(t: Task, name: string, args: readonly number[]) {
    for (const filter of t.seccomp ?? []) {
      const verdict = judge(this.k.t.filters.get(filter) as SeccompFilter, name, args);
      if (verdict === 'kill') {
        end(this.k, this.pid, { signaled: SIGNALS.SIGSYS, core: false });
        throw new TaskGone();
      }
      if (verdict) throw verdict;
    }
  }

  private refused(name: string, arg: Arg, e: Errno, told: ToldCall | null) {
    this.k.refuse(name, arg, e, this.pid);
    if (told) told.errno = e.code;
  }

  /** Made when it is asked for: few tasks speak to the network. */
  get net(): NetCalls {
    this.netted ??= netCalls(this.k, this.pid, (name, arg, body) => this.call(name, arg, body));
    return this.netted;
  }
}

/** Some of the calls, as methods of who calls. */
export type Calls = Partial<Sys> & ThisType<Caller>;

/** The calls of one task. */
export function makeSys(k: Kernel, pid: number): Sys {
  let sys = k.calls.get(pid);
  if (!sys) {
    sys = new Caller(k, pid) as unknown as Sys;
    k.calls.set(pid, sys);
  }
  return k.findTask(pid)?.tracing ? tracer.get().traced(k, pid, sys, makeSys) : sys;
}
