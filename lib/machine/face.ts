/**
 * The machine's face: what the page, the tests and the command line see of everything below.
 *
 *   step(machine, input) → { machine, trace }
 *
 * A machine is plain data: it survives JSON, a snapshot is a reference, undo is a cursor.
 */

import type { net, ToldCall } from '../kernel';

/** What a person can do to a machine. */
export type Input =
  /** A line submitted at the terminal. It may hold newlines: a paste, a here-document. */
  | { kind: 'line'; text: string }
  /** A key that a terminal turns into more than text: Ctrl-C, Ctrl-D, Ctrl-Z, Ctrl-\ or a detach sequence ("ctrl-p ctrl-q"). */
  | { kind: 'key'; key: 'ctrl-c' | 'ctrl-d' | 'ctrl-z' | 'ctrl-\\' | 'ctrl-p ctrl-q' }
  /** A file saved from the editor, by the user at the terminal. */
  | { kind: 'file'; path: string; text: string }
  /** Time that passes, in virtual seconds. */
  | { kind: 'wait'; seconds: number };

/** Everything needed to come to the same machine again. */
export interface Session {
  v: 1;
  /** Name of a scenario: the files and commands a machine starts with. */
  scenario: string;
  seed: number;
  inputs: Input[];
}

/** A "no", recorded where it was decided. */
export interface Refusal {
  /** The system call or engine call that was refused, with its main argument: `openat("/f", O_CREAT)`. */
  call: string;
  errno: string;
  /** Which check refused: the gate a reader can look up. */
  by: 'seccomp' | 'capability' | 'owner' | 'mount' | 'lsm' | 'cgroup' | 'overlayfs' | 'vfs' | 'network' | 'process' | 'engine';
  /** One plain sentence: what refused, and what would change it. */
  reason: string;
  pid: number;
  /** Container id, when the task is in one. */
  container?: string;
}

/** A signal on its way, for the picture of processes: who sent it to whom, and what it did there. */
export interface SignalFlight {
  /** SIGTERM */
  signal: string;
  /** Null: the kernel, for a key at the terminal or a child that ended. Numbers are the host's. */
  from: { pid: number; comm: string } | null;
  to: { pid: number; comm: string /** Container id, when the task is in one. */; container?: string };
  effect: 'handled' | 'ignored' | 'spared' | 'stopped' | 'continued' | 'ended';
}

/** What one step did, for the screen; state is rebuilt from inputs, never from this. */
export interface Trace {
  /** What the step wrote to the terminal, as text with ANSI sequences, newlines as \r\n. Ends with the prompt if there is one. */
  output: string;
  /** Exit status of the last command line ($?), or null when a program still has the terminal. */
  status: number | null;
  /** The prompt now on the last line, or null when a program has the terminal. */
  prompt: string | null;
  /** Virtual milliseconds that passed. */
  elapsed: number;
  /** Refusals of this step, in order. */
  refusals: Refusal[];
  /** Signals of this step, in order; of a child's end only those that a program handles. */
  signals?: SignalFlight[];
  /** Packets of this step with their ways, the first few; without what they carried. */
  packets?: net.Walk[];
  /** System calls of a step in which something was said over a local socket, the first few hundred. */
  calls?: ToldCall[];
  /** True when anything but clocks, processes' comings and goings, and the terminal changed. */
  changed: boolean;
  /** Said by the model itself, not by a program: out of fuel, not modelled. */
  notice?: string;
}
