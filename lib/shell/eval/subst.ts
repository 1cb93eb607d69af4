/**
 * Command and process substitution: a child behind a pipe, in the middle of an expansion.
 *
 * The expansion is tried; when it lacks an answer it is undone, the child runs, and it is tried again with the answer.
 * Source: POSIX 2.6.3 Command Substitution; bash(1) Process Substitution.
 */

import { attempt, Errno, type Outcome } from '../../kernel';
import { type Expander, Substitution } from '../expand/word';
import { put } from '../message';
import { disown, type Shell, type ShellState } from '../state';
import { addJob, forkChild } from './fork';
import type { Frame, FrameOf } from './frames';
import { forget, jobById, jobStatus, reap } from './jobs';
import { highFd } from './redirect';
import { pop, push } from './stack';

type Expanding = Frame & { results: string[]; ran: boolean; held: number[] };

/** Runs an expansion for a frame; null if a substitution has been started first. */
export function withSubstitutions<T>(sh: Shell, f: Expanding, expand: (x: Expander) => T): T | null {
  const { vars, params, status } = sh.s;
  disown(sh);
  try {
    const made = expand({ sh, results: f.results, next: 0 });
    f.results = [];
    return made;
  } catch (e) {
    if (!(e instanceof Substitution)) throw e;
    start(sh, f, e);
    // What the half-made expansion assigned is assigned again when it is made anew.
    sh.s.vars = vars;
    sh.s.params = params;
    sh.s.status = status;
    disown(sh);
    return null;
  }
}

function start(sh: Shell, f: Expanding, { part }: Substitution): void {
  const { sys } = sh;
  const [reading, writing] = sys.pipe();
  const body: Frame = { t: 'source', kind: 'main', input: { kind: 'text', text: part.src, pos: 0, line: part.line } };
  const clearsE = sh.d.name !== 'dash' && !('inherit_errexit' in sh.s.shopts) && !('posix' in sh.s.options);
  const close = (...fds: number[]) => fds.forEach((fd) => attempt(() => sys.close(fd)));
  const output = part.t === 'cmd' || part.dir === '<';
  sh.s.substDepth += part.t === 'cmd' ? 1 : 0;
  let pid: number;
  try {
    pid = forkChild(
      sh,
      [body],
      output ? { moves: [[writing, 1]], close: [reading] } : { moves: [[reading, 0]], close: [writing] },
      !clearsE,
      part.t === 'cmd' ? part.src : '',
    );
  } catch (e) {
    close(reading, writing);
    throw e;
  } finally {
    sh.s.substDepth -= part.t === 'cmd' ? 1 : 0;
  }
  const job = addJob(sh, { pgid: 0, pids: [pid], text: part.src, background: true }, false);
  if (part.t === 'cmd') {
    close(writing);
    sys.setCloexec(reading, true);
    push(sh, { t: 'subst', fd: reading, pid, job: job.id, text: '' });
    return;
  }
  close(output ? writing : reading);
  const mine = output ? reading : writing;
  const fd = sh.d.name === 'bash' ? high(sh) : highFd(sh);
  sys.dup2(mine, fd);
  sys.close(mine);
  f.held = [...f.held, fd];
  f.results = [...f.results, `/dev/fd/${fd}`];
  sh.s.lastBackground = pid;
}

/** bash counts down from 63. */
function high(sh: Shell): number {
  const used = new Set(sh.sys.fds());
  let n = 63;
  while (used.has(n) && n > 10) n--;
  return n;
}

/** Reading what a command substitution prints, then its status. */
export function stepSubst(sh: Shell, f: FrameOf<'subst'>): Outcome<ShellState> | undefined {
  if (f.fd >= 0) {
    for (;;) {
      const chunk = attempt(() => sh.sys.read(f.fd, 65536));
      if (chunk === null) return { wait: { for: 'read', fd: f.fd }, state: sh.s };
      if (chunk instanceof Errno || chunk === '') break;
      f.text += chunk;
    }
    attempt(() => sh.sys.close(f.fd));
    f.fd = -1;
  }
  reap(sh);
  const job = jobById(sh, f.job);
  if (job !== undefined && job.state !== 'done') return { wait: { for: 'child', untraced: sh.s.monitor }, state: sh.s };
  const status = job === undefined ? 0 : jobStatus(sh, job, false);
  if (job) forget(sh, job.id);
  pop(sh, status);
  const below = sh.s.stack.at(-1) as Expanding;
  const text = f.text.replaceAll('\0', '').replace(/\n+$/, '');
  if (sh.d.name === 'bash' && f.text.includes('\0'))
    put(sh, 2, `${sh.s.arg0}: warning: command substitution: ignored null byte in input\n`);
  below.results = [...below.results, text];
  below.ran = true;
  return undefined;
}
