/**
 * Jobs: reaping children, waiting for them, telling what became of them.
 *
 * Source: bash(1) JOB CONTROL, jobs.c; POSIX 2.11. Every child belongs to a job; those of substitutions have negative
 * numbers and are never shown.
 */

import { attempt, type ChildStatus, DESCRIPTIONS, Errno, type Outcome, SIGNALS, type Signal, signalName } from '../../kernel';
import { prefix, put } from '../message';
import type { Job, Shell, ShellState } from '../state';
import type { FrameOf } from './frames';
import { atPrompt, pop, unwind } from './stack';

/** $? for the way a child ended. */
export function statusOf(child: ChildStatus): number {
  if ('exited' in child.how) return child.how.exited;
  return 128 + ('signaled' in child.how ? child.how.signaled : child.how.stopped);
}

/** Takes in all that children have to tell. `awaited`: the job in the foreground. */
export function reap(sh: Shell, awaited?: number): void {
  if (sh.s.pid !== 1 && !sh.s.jobs.some((j) => j.state !== 'done')) return;
  for (;;) {
    const child = attempt(() => sh.sys.waitpid(undefined, { untraced: sh.s.monitor }));
    if (child === null || child instanceof Errno) return;
    const job = sh.s.jobs.find((j) => j.pids.includes(child.pid));
    if (job === undefined) continue;
    if ('stopped' in child.how) {
      replace(sh, { ...job, state: 'stopped', stopSignal: child.how.stopped, notified: false });
      continue;
    }
    // ash and dash tell of every command of a pipeline, bash of the last.
    if (job.id === awaited && sh.d.name !== 'bash' && 'signaled' in child.how && child.pid !== job.pids.at(-1))
      tellDeath(sh, { ...job, signal: child.how.signaled, core: child.how.core });
    const statuses = { ...job.statuses, [child.pid]: statusOf(child) };
    const done = job.pids.every((p) => p in statuses);
    replace(sh, {
      ...job,
      statuses,
      state: done ? 'done' : job.state,
      notified: done ? false : job.notified,
      signal: 'signaled' in child.how && child.pid === job.pids.at(-1) ? child.how.signaled : job.signal,
      core: 'signaled' in child.how ? child.how.core : job.core,
    });
  }
}

export function replace(sh: Shell, job: Job): void {
  sh.s.jobs = sh.s.jobs.map((j) => (j.id === job.id ? job : j));
}

export function forget(sh: Shell, id: number): void {
  sh.s.jobs = sh.s.jobs.filter((j) => j.id !== id);
}

export const jobById = (sh: Shell, id: number): Job | undefined => sh.s.jobs.find((j) => j.id === id);

/** The status of a finished job: its last command's, or with pipefail the last that failed. */
export function jobStatus(_sh: Shell, job: Job, pipefail: boolean): number {
  const all = job.pids.map((p) => job.statuses[p] ?? 0);
  if (pipefail) return all.findLast((n) => n !== 0) ?? 0;
  return all.at(-1) ?? 0;
}

/** Waiting for the job in the foreground. */
export function stepWait(sh: Shell, f: FrameOf<'wait'>): Outcome<ShellState> | undefined {
  const { sys, s } = sh;
  reap(sh, f.job);
  const job = jobById(sh, f.job);
  if (job === undefined) {
    pop(sh, 127);
    return undefined;
  }
  if (job.state === 'running') {
    if (guardsInterrupt(sh) && sys.sigdisposition(SIGNALS.SIGINT) === 'default') sys.sigaction(SIGNALS.SIGINT, 'handle');
    return { wait: { for: 'child', untraced: s.monitor }, state: s };
  }
  if (s.monitor) attempt(() => sys.tcsetpgrp(sys.getpgid()));
  if (job.state === 'stopped') {
    // Behind the ^Z that the terminal has echoed.
    // The terminal has echoed ^Z; its line ends here.
    const gap = '\n';
    if (job.id < 0) {
      const id = Math.max(0, ...s.jobs.map((j) => j.id)) + 1;
      s.jobs = s.jobs.map((j) => (j.id === job.id ? { ...j, id } : j));
      put(sh, 2, `${gap}${describe(sh, { ...job, id })}\n`);
      replace(sh, { ...job, id, notified: true, background: true });
    } else {
      put(sh, 2, `${gap}${describe(sh, job)}\n`);
      replace(sh, { ...job, notified: true, background: true });
    }
    pop(sh, 128 + (job.stopSignal ?? SIGNALS.SIGTSTP));
    return undefined;
  }
  const interrupted = settleInterrupt(sh, job);
  s.pipestatus = job.pids.map((p) => job.statuses[p] ?? 0);
  forget(sh, job.id);
  pop(sh, jobStatus(sh, job, 'pipefail' in s.options));
  if (interrupted === 'die') return { killedBy: SIGNALS.SIGINT };
  tellDeath(sh, job);
  if (interrupted === 'abandon') abandon(sh, 130);
  return undefined;
}

/** bash waits out its child when a script is interrupted, and only dies of it if the child did. */
const guardsInterrupt = (sh: Shell): boolean => sh.d.name === 'bash' && sh.s.mode !== 'interactive' && !('INT' in sh.s.traps);

function settleInterrupt(sh: Shell, job: Job): 'die' | 'abandon' | null {
  const died = job.signal === SIGNALS.SIGINT;
  if (guardsInterrupt(sh) && sh.sys.sigdisposition(SIGNALS.SIGINT) === 'handle') {
    sh.sys.sigaction(SIGNALS.SIGINT, 'default');
    const received = sh.s.pending.includes(SIGNALS.SIGINT);
    sh.s.pending = sh.s.pending.filter((n) => n !== SIGNALS.SIGINT);
    return received && died ? 'die' : null;
  }
  return atPrompt(sh) && died && !('INT' in sh.s.traps) ? 'abandon' : null;
}

/** Drops the command line and goes back to where lines are read. */
export function abandon(sh: Shell, status: number): void {
  const at = sh.s.stack.findIndex((f) => f.t === 'source' && f.kind === 'main');
  if (at >= 0) unwind(sh, at);
  sh.s.status = status;
}

const SILENT: ReadonlySet<Signal> = new Set([SIGNALS.SIGINT, SIGNALS.SIGPIPE]);

/** What is said of a foreground command that a signal ended. */
function tellDeath(sh: Shell, job: Job): void {
  const { signal } = job;
  if (signal === undefined) return;
  if (atPrompt(sh) && signal === SIGNALS.SIGINT) {
    put(sh, 2, '\n');
    return;
  }
  if (SILENT.has(signal)) return;
  if (sh.d.name !== 'bash') {
    put(sh, 2, `${death(job)}\n`);
  } else if (sh.s.substDepth === 0)
    put(
      sh,
      2,
      signal === SIGNALS.SIGTERM || sh.s.mode === 'interactive' ? `${death(job).padEnd(WIDTH)}${job.text}\n` : `${obituary(sh, job)}\n`,
    );
}

/** Columns of a job's state in bash. */
const WIDTH = 27;

/** How bash tells, in a script, of a job that a signal ended. */
export const obituary = (sh: Shell, job: Job): string =>
  `${prefix(sh, '')}${`${job.pids.at(-1)}`.padStart(5)} ${death(job).padEnd(WIDTH)}${job.text}`;

export const death = (job: Job): string =>
  `${DESCRIPTIONS[job.signal ?? 0] ?? signalName(job.signal ?? 0)}${job.core ? ' (core dumped)' : ''}`;

/** The jobs that %+ and %- mean: the last stopped one, else the last. */
export function current(sh: Shell): { plus: Job | undefined; minus: Job | undefined } {
  const shown = sh.s.jobs.filter((j) => j.id > 0);
  const order = [...shown.filter((j) => j.state !== 'stopped'), ...shown.filter((j) => j.state === 'stopped')];
  return { plus: order.at(-1), minus: order.at(-2) };
}

/** One line of `jobs`. */
export function describe(sh: Shell, job: Job, long = false): string {
  const { plus, minus } = current(sh);
  const mark = job.id === plus?.id ? '+' : job.id === minus?.id ? '-' : ' ';
  const status = jobStatus(sh, job, false);
  const state =
    job.state === 'running'
      ? 'Running'
      : job.state === 'stopped'
        ? 'Stopped'
        : job.signal !== undefined
          ? death(job)
          : status === 0
            ? 'Done'
            : sh.d.name === 'bash'
              ? `Exit ${status}`
              : `Done(${status})`;
  const pid = long ? `${job.pids.at(-1)} ` : '';
  if (sh.d.name === 'bash')
    return `[${job.id}]${mark} ${pid || ' '}${state.padEnd(WIDTH)}${job.text}${job.state === 'running' ? ' &' : ''}`;
  const text = sh.s.monitor ? job.text : '';
  if (sh.d.name === 'dash') return `[${job.id}] ${mark} ${pid}${state.padEnd(26 - pid.length)} ${text}`;
  return `[${job.id}]${mark}  ${pid}${state.padEnd(26 - pid.length)} ${text}`;
}

/** Before a prompt: what ended since the last one. */
export function notify(sh: Shell): void {
  // A job that has just been sent a signal is seldom gone by the time of the prompt.
  if (sh.s.justKilled) {
    sh.s.justKilled = false;
    return;
  }
  reap(sh);
  for (const job of sh.s.jobs) {
    if (job.id < 0) {
      if (job.state === 'done') forget(sh, job.id);
      continue;
    }
    if (job.notified || job.state === 'running') continue;
    if (job.state === 'done') {
      if (atPrompt(sh)) put(sh, 2, `${describe(sh, job)}\n`);
      if (atPrompt(sh)) forget(sh, job.id);
      else replace(sh, { ...job, notified: true });
    } else {
      if (atPrompt(sh)) put(sh, 2, `${describe(sh, job)}\n`);
      replace(sh, { ...job, notified: true });
    }
  }
}

/** %1, %+, %-, %name, %?text: a job, or null. */
export function findJob(sh: Shell, spec: string): Job | null | 'ambiguous' {
  const shown = sh.s.jobs.filter((j) => j.id > 0);
  const { plus, minus } = current(sh);
  const s = spec.startsWith('%') ? spec.slice(1) : spec;
  if (s === '' || s === '%' || s === '+') return plus ?? null;
  if (s === '-') return minus ?? plus ?? null;
  if (/^\d+$/.test(s)) return shown.find((j) => j.id === Number(s)) ?? null;
  const found = s.startsWith('?') ? shown.filter((j) => j.text.includes(s.slice(1))) : shown.filter((j) => j.text.startsWith(s));
  return found.length > 1 ? 'ambiguous' : (found[0] ?? null);
}
