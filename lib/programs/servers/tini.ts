/**
 * tini: the init that `docker run --init` puts in front of a program, there as /sbin/docker-init. tini 0.19.0, src/tini.c.
 *
 *   tini (PID 1) ──fork──> the program, in a process group of its own
 *     every signal goes on to it · whoever ends and has no parent left is reaped · its exit status becomes tini's
 */

import { attempt, Errno, type Program, parseSignal, SIGNALS, type Sys } from '../../kernel';
import { codeOf, execvp } from '../exec';
import { TINI_VERSION } from './versions';

interface State {
  phase: 'start' | 'child' | 'watch';
  argv: string[];
  env: Record<string, string>;
  command: string[];
  child: number;
  group: boolean;
  warn: boolean;
  zero: number[];
}

const usage = (name: string) => `${name} (tini version ${TINI_VERSION})
Usage: ${name} [OPTIONS] PROGRAM -- [ARGS] | --version

Execute a program under the supervision of a valid init process (${name})

Command line options:

  --version: Show version and exit.
  -h: Show this help message and exit.
  -s: Register as a process subreaper (requires Linux >= 3.4).
  -p SIGNAL: Trigger SIGNAL when parent dies, e.g. "-p SIGKILL".
  -v: Generate more verbose output. Repeat up to 3 times.
  -w: Print a warning when processes are getting reaped.
  -g: Send signals to the child's process group.
  -e EXIT_CODE: Remap EXIT_CODE (from 0 to 255) to 0.
  -l: Show license and exit.

Environment variables:

  TINI_SUBREAPER: Register as a process subreaper (requires Linux >= 3.4).
  TINI_VERBOSITY: Set the verbosity level (default: 1).
  TINI_KILL_PROCESS_GROUP: Send signals to the child's process group.

`;

/** Signals that tini does not pass on: those of its own faults, of its children, and what cannot be caught. */
const KEPT = new Set<number>([
  SIGNALS.SIGKILL,
  SIGNALS.SIGSTOP,
  SIGNALS.SIGFPE,
  SIGNALS.SIGILL,
  SIGNALS.SIGSEGV,
  SIGNALS.SIGBUS,
  SIGNALS.SIGABRT,
  SIGNALS.SIGTRAP,
  SIGNALS.SIGSYS,
  SIGNALS.SIGTTIN,
  SIGNALS.SIGTTOU,
  SIGNALS.SIGCHLD,
]);

function begin(sys: Sys, s: State): { exit: number } | { state: State } {
  const to = (fd: number, text: string) => void attempt(() => sys.write(fd, text));
  const name = (s.argv[0] as string).split('/').pop() as string;
  let { group, warn } = s;
  const zero: number[] = [];
  let subreaper = s.env.TINI_SUBREAPER !== undefined;
  if (s.env.TINI_KILL_PROCESS_GROUP !== undefined) group = true;
  if (s.argv.length === 2 && s.argv[1] === '--version') {
    to(1, `tini version ${TINI_VERSION}\n`);
    return { exit: 0 };
  }
  let i = 1;
  for (; i < s.argv.length; i++) {
    const a = s.argv[i] as string;
    if (a === '--') {
      i++;
      break;
    }
    if (!a.startsWith('-') || a === '-') break;
    for (let j = 1; j < a.length; j++) {
      const c = a[j] as string;
      if (c === 'h') {
        to(1, usage(name));
        return { exit: 0 };
      }
      if (c === 's') subreaper = true;
      else if (c === 'g') group = true;
      else if (c === 'w') warn = true;
      else if (c === 'e' || c === 'p') {
        const v = a.slice(j + 1) || (s.argv[++i] ?? '');
        j = a.length;
        if (c === 'p' && parseSignal(v) === null) return { exit: 1 };
        if (c === 'e') {
          if (!/^\d+$/.test(v) || Number(v) > 255) {
            to(2, `[FATAL tini (${sys.getpid()})] Not a valid option for -e: ${v}\n`);
            return { exit: 1 };
          }
          zero.push(Number(v));
        }
      } else if (c !== 'v') {
        to(2, usage(name));
        return { exit: 1 };
      }
    }
  }
  const command = s.argv.slice(i);
  if (command.length === 0) {
    to(2, usage(name));
    return { exit: 1 };
  }
  if (subreaper) sys.prctl({ subreaper: true });
  else if (sys.getpid() !== 1)
    to(
      2,
      `[WARN  tini (${sys.getpid()})] Tini is not running as PID 1 and isn't registered as a child subreaper.\nZombie processes will not be re-parented to Tini, so zombie reaping won't work.\nTo fix the problem, use the -s option or set the environment variable TINI_SUBREAPER to register Tini as a child subreaper, or run Tini as PID 1.\n`,
    );
  const ready: State = { ...s, command, group, warn, zero };
  const child = sys.fork({ ...ready, phase: 'child' });
  for (let n = 1; n <= 31; n++) if (!KEPT.has(n)) attempt(() => sys.sigaction(n, 'handle'));
  return { state: { ...ready, phase: 'watch', child } };
}

/** The child: a group of its own, in the terminal's foreground if there is one, and then the program. */
function become(sys: Sys, s: State) {
  sys.setpgid(0, 0);
  if (sys.isatty(0)) attempt(() => sys.tcsetpgrp(sys.getpid()));
  const done = execvp(sys, s.command, s.env);
  if (!(done instanceof Errno)) return done;
  attempt(() => sys.write(2, `[FATAL tini (${sys.getpid()})] exec ${s.command[0]} failed: ${done.message}\n`));
  return { exit: done.code === 'ENOENT' ? 127 : done.code === 'EACCES' ? 126 : 1 };
}

export const tini: Program<State> = {
  start: (exec) => ({ phase: 'start', argv: exec.argv, env: exec.env, command: [], child: 0, group: false, warn: false, zero: [] }),
  run(sys, before) {
    let s = before;
    if (s.phase === 'child') return become(sys, s);
    if (s.phase === 'start') {
      const begun = begin(sys, s);
      if ('exit' in begun) return begun;
      s = begun.state;
    }
    for (const n of sys.takeSignals()) attempt(() => sys.kill(s.group ? -s.child : s.child, n));
    let code: number | null = null;
    for (;;) {
      const end = attempt(() => sys.waitpid());
      if (end === null || end instanceof Errno) break;
      if (end.pid === s.child) code = codeOf(end.how);
      else if (s.warn) attempt(() => sys.write(2, `[WARN  tini (${sys.getpid()})] Reaped zombie process with pid=${end.pid}\n`));
    }
    if (code !== null) return { exit: s.zero.includes(code) ? 0 : code };
    return { wait: { for: 'any', of: [{ for: 'child' }, { for: 'signal' }] }, state: s };
  },
};
