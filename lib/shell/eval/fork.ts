/**
 * Children of the shell: fork(2) with a stack of their own.
 *
 * Source: POSIX "Shell Command Language" 2.12 Shell Execution Environment; make_child of bash, forkchild of dash.
 */

import { attempt, Errno, SIGNALS, type Signal, signalName } from '../../kernel';
import { speaker, within } from '../message';
import { disown, type Job, type Shell, type ShellState, table } from '../state';
import { testedContext } from './errexit';
import type { ChildSetup, Frame } from './frames';
import { unitOf } from './units';

/** fork(2) was refused: the step is made again later (bash), or the command fails. */
export class ForkRefused {
  readonly errno: Errno;
  constructor(errno: Errno) {
    this.errno = errno;
  }
}

/** Signals that a shell treats in its own way for as long as it is interactive. */
export const OWN_SIGNALS = {
  [SIGNALS.SIGINT]: 'handle',
  [SIGNALS.SIGQUIT]: 'ignore',
  [SIGNALS.SIGTERM]: 'ignore',
  [SIGNALS.SIGTSTP]: 'ignore',
  [SIGNALS.SIGTTIN]: 'ignore',
  [SIGNALS.SIGTTOU]: 'ignore',
} as const satisfies Record<Signal, 'handle' | 'ignore'>;

/** A child that is to do nothing but `jobs` knows its parent's. */
const tellsJobs = (sh: Shell, text: string): boolean => sh.d.name !== 'dash' && /^\s*jobs(\s[^;&|()]*)?$/.test(text);

/** Forks a child that runs `frames`, of which `text` is the command; throws ForkRefused. */
export function forkChild(sh: Shell, frames: Frame[], setup: ChildSetup, keepErrexit = true, text = ''): number {
  const { s } = sh;
  let unit: Frame[] = [];
  if (s.stack.some((f) => f.t === 'unit')) {
    const { src, line } = unitOf(sh);
    unit = [{ t: 'unit', src, line }];
  }
  const traps = table<string>();
  for (const [name, text] of Object.entries(s.traps)) if (text === '') traps[name] = '';
  const options = table(s.options);
  if (!keepErrexit) delete options.errexit;
  delete options.monitor;
  const state: ShellState = {
    ...s,
    stack: [...unit, ...frames, { t: 'child', setup }],
    options,
    traps,
    level: s.level + 1,
    jobs: tellsJobs(sh, text) ? s.jobs.filter((j) => j.id > 0) : [],
    pending: [],
    output: [],
    monitor: false,
    errexitOff: testedContext(sh),
    voice: { name: speaker(sh), within: within(sh) },
    inherited: [
      ...s.stack
        .filter((f) => f.t === 'call' || f.t === 'while' || f.t === 'for' || f.t === 'cfor' || f.t === 'select')
        .map((f) => (f.t === 'call' ? ('call' as const) : ('loop' as const))),
    ],
  };
  disown(sh);
  const pid = attempt(() => sh.sys.fork(state));
  if (pid instanceof Errno) throw new ForkRefused(pid);
  s.forkTries = 0;
  return pid;
}

/** The child's own beginning. */
export function childBegins(sh: Shell, setup: ChildSetup): void {
  const { sys } = sh;
  if (setup.pgid !== undefined) {
    attempt(() => sys.setpgid(0, setup.pgid!));
    if (setup.foreground) attempt(() => sys.tcsetpgrp(sys.getpgid()));
  }
  for (const [name, own] of Object.entries(OWN_SIGNALS)) {
    const n = Number(name);
    if (sys.sigdisposition(n) === own && sh.s.mode === 'interactive' && sh.s.traps[signalKey(n)] !== '') sys.sigaction(n, 'default');
  }
  for (let n = 1; n < 32; n++) if (n !== 9 && n !== 19 && sys.sigdisposition(n) === 'handle') sys.sigaction(n, 'default');
  if (setup.detached) {
    sys.sigaction(SIGNALS.SIGINT, 'ignore');
    sys.sigaction(SIGNALS.SIGQUIT, 'ignore');
    const moved = setup.moves.some(([, to]) => to === 0);
    if (!moved) {
      const fd = attempt(() => sys.open('/dev/null', { read: true }));
      if (!(fd instanceof Errno) && fd !== 0) {
        sys.dup2(fd, 0);
        sys.close(fd);
      }
    }
  }
  for (const [from, to] of setup.moves) {
    if (from === to) continue;
    sys.dup2(from, to);
    sys.close(from);
  }
  for (const fd of setup.close) attempt(() => sys.close(fd));
  if (setup.both) sys.dup2(1, 2);
}

const signalKey = (n: Signal): string => signalName(n).replace(/^SIG/, '');

/** Puts a child into its process group from the parent's side too, as both must not wait for the other. */
export function group(sh: Shell, pid: number, pgid: number): void {
  attempt(() => sh.sys.setpgid(pid, pgid));
}

/** A record of children that belong together; number 0 is not shown to anybody. */
export function addJob(sh: Shell, job: Omit<Job, 'id' | 'state' | 'statuses' | 'notified'>, numbered: boolean): Job {
  const id = numbered ? Math.max(0, ...sh.s.jobs.map((j) => j.id)) + 1 : -1 - sh.s.jobs.reduce((m, j) => Math.max(m, -j.id), 0);
  const made: Job = { ...job, id, state: 'running', statuses: {}, notified: false };
  sh.s.jobs = [...sh.s.jobs, made];
  return made;
}
