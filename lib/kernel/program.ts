/**
 * What a program is to the kernel: a function from its state to what it does next.
 *
 * The kernel calls `start` at execve and `run` whenever the task may go on. `run` works through system calls until
 * the program ends or has to wait; what it waits for and its state are plain data, so a machine can be saved while a
 * hundred programs sleep. A state is never changed in place: an older snapshot still holds it.
 */

import type { Sys } from './sys';

export interface Exec {
  /** Absolute path of the file that was executed, as the task's root sees it. */
  exe: string;
  argv: string[];
  env: Record<string, string>;
}

/** What a sleeping task waits for. */
export type Wait =
  /** Something to read on the descriptor, or its end. */
  | { for: 'read'; fd: number }
  /** Room to write, or nobody left to read. */
  | { for: 'write'; fd: number }
  /** A child that ended, or with `untraced` one that stopped; without pid: any. */
  | { for: 'child'; pid?: number; untraced?: boolean }
  /** The machine's clock, in virtual milliseconds since boot. */
  | { for: 'time'; at: number }
  /** Nothing but a signal: pause(2). */
  | { for: 'signal' }
  /** Something that a tracee does: waitpid(2) of a tracer. */
  | { for: 'trace' }
  /** An in-kernel condition by name, woken by `sys.notify(key)`: the futex of this kernel. */
  | { for: 'event'; key: string }
  | { for: 'any'; of: Wait[] };

export type Outcome<S> =
  | { exit: number }
  /** Ended by a signal it sent to itself after its own clean-up. */
  | { killedBy: number }
  | { wait: Wait; state: S }
  /** Could go on, but lets others run first (a long loop gives up the processor now and then). */
  | { again: true; state: S }
  /** `sys.execve` has replaced this program: the old state is gone. */
  | { replaced: true };

export interface Program<S = unknown> {
  start(exec: Exec): S;
  run(sys: Sys, state: S): Outcome<S>;
}

// biome-ignore lint/suspicious/noExplicitAny: the table holds programs of many state types; each sees only its own
export type Programs = Readonly<Record<string, Program<any>>>;
