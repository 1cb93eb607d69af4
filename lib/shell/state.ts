/**
 * A shell as plain data: variables, options, jobs, and the stack of what it is in the middle of.
 *
 * Between two runs nothing here is changed in place. During a run the shell works on a copy: scalars and the stack are
 * the run's own, tables are copied when they are first written to (`own`).
 */

import type { Signal, Sys } from '../kernel';
import type { Dialect, DialectName } from './dialect';
import type { Frame } from './eval/frames';
import type { Hashed } from './hash';

export interface Var {
  value?: string;
  /** An indexed array; keys are decimal numbers. */
  array?: Record<string, string>;
  assoc?: Record<string, string>;
  exported?: true;
  readonly?: true;
  integer?: true;
  lower?: true;
  upper?: true;
  nameref?: true;
}

/** A function is its text: what stands behind "name()". */
export interface Fn {
  src: string;
  line: number;
  /** The script it was read from, for messages. */
  file: string;
}

export interface Job {
  id: number;
  pgid: number;
  /** The last of them is the one whose status counts. */
  pids: number[];
  text: string;
  state: 'running' | 'stopped' | 'done';
  /** $? of the job: set for all when done. */
  statuses: Record<string, number>;
  /** Told to the user, or known to a script through wait. */
  notified: boolean;
  background: boolean;
  stopSignal?: Signal;
  /** The signal that ended its last command. */
  signal?: Signal;
  core?: boolean;
}

/** What decides how messages begin and what an error ends. */
export type Mode = 'interactive' | 'string' | 'script' | 'stdin';

export interface ShellState {
  dialect: DialectName;
  mode: Mode;
  login: boolean;
  /** $0 */
  arg0: string;
  /** The name the shell was called by, which BusyBox's applets speak under. */
  applet: string;
  /** In a subshell: what messages begin with where it was forked, and the eval or script it was in. */
  voice: { name: string; within: string } | null;
  /** $$; 0 until the first run. */
  pid: number;
  /** bash's name for \u in prompts, once it was asked for. */
  user?: string;
  vars: Record<string, Var>;
  functions: Record<string, Fn>;
  aliases: Record<string, string>;
  /** Names as `set -o` has them. */
  options: Record<string, true>;
  shopts: Record<string, true>;
  params: string[];
  status: number;
  pipestatus: number[];
  lastBackground: number;
  /** $_ */
  lastArg: string;
  line: number;
  stack: Frame[];
  /** Commands by signal name without SIG, and EXIT, ERR, DEBUG, RETURN. */
  traps: Record<string, string>;
  /** The signal that ends the shell once its EXIT trap has run. */
  dying?: Signal;
  /** Caught signals whose traps have not run yet. */
  pending: Signal[];
  jobs: Job[];
  dirs: string[];
  /** Commands that were found before: hash.ts. */
  hash: Record<string, Hashed>;
  history: string[];
  /** How many subshells deep. */
  level: number;
  /** The exit of a failing command is off, for a subshell of a tested command. */
  errexitOff: boolean;
  optChar: number;
  /** Output that a full pipe has not taken yet. */
  output: { fd: number; data: string /** The builtin that wrote it. */; by?: string }[];
  /** Builtin that is running, for messages. */
  builtin: string;
  /** Milliseconds of uptime at which SECONDS was 0. */
  began: number;
  /** Has job control: puts pipelines in process groups of their own and gives them the terminal. */
  monitor: boolean;
  /** Functions and loops that a subshell was forked in: return and break end it there. */
  inherited: ('call' | 'loop')[];
  /** Command substitutions around this shell. */
  substDepth: number;
  /** Builtins switched off with enable -n. */
  disabled: string[];
  /** The last command has taken the shell's place: there is nothing to go back to. */
  exiting?: boolean;
  /** The user has been told of stopped jobs. */
  exitWarned?: boolean;
  /** Statuses of background jobs that wait has told already. */
  ended: Record<string, number>;
  /** The command line has sent a signal to a job. */
  justKilled?: boolean;
  /** How often fork has been refused in a row: bash tries again. */
  forkTries: number;
}

/** A shell during one run. */
export interface Shell {
  sys: Sys;
  s: ShellState;
  d: Dialect;
  /** Tables of `s` that this run has copied. */
  owned: Set<string>;
  steps: number;
}

type Table = 'vars' | 'functions' | 'aliases' | 'options' | 'shopts' | 'traps' | 'hash';

/** A record without a prototype: any key is only a key. */
export const table = <T>(from: Record<string, T> = {}): Record<string, T> => Object.assign(Object.create(null), from) as Record<string, T>;

/** The table, copied if this run has not yet done so. */
export function own<K extends Table>(sh: Shell, name: K): ShellState[K] {
  if (!sh.owned.has(name)) {
    sh.s[name] = table(sh.s[name] as Record<string, unknown>) as ShellState[K];
    sh.owned.add(name);
  }
  return sh.s[name];
}

/** Gives the tables away: to a child or a snapshot. The next write copies. */
export const disown = (sh: Shell): void => sh.owned.clear();

export const has = (record: object, key: string): boolean => Object.hasOwn(record, key);

/** What a run works on. */
export function resume(sys: Sys, state: ShellState, d: Dialect): Shell {
  return { sys, s: { ...state, stack: state.stack.map((f) => ({ ...f })), output: [...state.output] }, d, owned: new Set(), steps: 0 };
}

export const option = (sh: Shell, name: string): boolean => has(sh.s.options, name);
export const shopt = (sh: Shell, name: string): boolean => has(sh.s.shopts, name);
