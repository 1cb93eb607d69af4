/**
 * strace: runs a program, or attaches to processes, and prints their system calls and signals. strace(1), 7.2.
 *
 * Simplified: a program of the model makes the calls that its work needs; what a real one does besides (the loader's mmap and
 * openat of libraries, locales, memory for its buffers) it does not make, and so nothing of it is shown. Addresses are made up.
 * Calls cannot be changed on the way (-e inject=), nor stacks be printed (-k).
 */

import { strftime } from '../../base/posix';
import { attempt, Errno, type Outcome, type Program, SIGNALS, type Sys, signalName, type TraceStop } from '../../kernel';
import { codeOf, execvp, search } from '../exec';
import { names } from '../names';
import { flush, type Queue } from '../tool';
import { NUMBERS } from './names';
import { type Settings, settings } from './options';
import * as print from './print';

interface State {
  argv: string[];
  env: Record<string, string>;
  phase: 'start' | 'child' | 'exec' | 'trace' | 'end';
  child: number | null;
  /** Tracees, by number. */
  tracees: number[];
  /** Where lines go: 2, or the file of -o. With -ff: a file for each process. */
  fd: number;
  files: Record<number, number>;
  /** Whose line is unfinished, and how long it is. */
  open: { pid: number; column: number } | null;
  /** Calls that have begun and are to be printed when they end: what stands before the result. */
  begun: Record<number, { name: string; text: string; shown: boolean; column: number; hit: boolean }>;
  counts: Record<string, print.Count>;
  last: number | null;
  queue: Queue;
  code: number;
  killedBy: number | null;
}

const START: Omit<State, 'argv' | 'env'> = {
  phase: 'start',
  child: null,
  tracees: [],
  fd: 2,
  files: {},
  open: null,
  begun: {},
  counts: {},
  last: null,
  queue: [],
  code: 0,
  killedBy: null,
};

/** Writes stops as lines into a state's queue. */
function writer(sys: Sys, s: State, o: Settings) {
  const to = (pid: number) => (o.apart ? (s.files[pid] ?? s.fd) : s.fd);
  const put = (pid: number, text: string) => s.queue.push([to(pid), text]);
  const stamp = (at: number) => {
    const seconds = Math.floor(at / 1000);
    const micros = `${Math.round((at % 1000) * 1000)}`.padStart(6, '0').slice(0, 6);
    const day = strftime('%H:%M:%S', seconds);
    const absolute = ['', day, `${day}.${micros}`, `${seconds}.${micros}`][o.clock] as string;
    const since = ((at - (s.last ?? at)) / 1000).toFixed(6).padStart(13);
    s.last = at;
    if (!o.relative) return absolute && `${absolute} `;
    return absolute ? `${absolute} (+${since}) ` : `${since} `;
  };
  const prefix = (pid: number) => {
    if (o.output !== null) return o.follow && !o.apart ? `${`${pid}`.padEnd(5)} ` : '';
    return s.tracees.length > 1 ? `[pid ${`${pid}`.padStart(5)}] ` : '';
  };
  /** Begins a line; another process's line that is not finished is broken off. */
  const lead = (stop: TraceStop): string => {
    if (s.open && (!o.apart || s.open.pid === stop.pid)) put(s.open.pid, ' <unfinished ...>\n');
    s.open = null;
    return prefix(stop.pid) + stamp(stop.at);
  };
  const line = (stop: TraceStop, text: string) => put(stop.pid, `${lead(stop)}${text}\n`);
  const pad = (column: number) => ' '.repeat(Math.max(1, o.column - column));

  function enter(stop: Extract<TraceStop, { kind: 'enter' }>) {
    const paths = stop.args.flatMap((a) =>
      typeof a === 'object' && 'path' in a ? [a.path] : typeof a === 'object' && 'fd' in a && a.of ? [a.of] : [],
    );
    const hit = o.traces(stop.name) && (o.paths.length === 0 || paths.some((p) => o.paths.includes(p)));
    const text = `${stop.name}(${print.args(stop.args, o)}`;
    const shown = hit && o.count !== 'only' && o.status === 'all';
    const head = shown ? lead(stop) : '';
    if (shown) {
      put(stop.pid, head + text);
      s.open = { pid: stop.pid, column: head.length + text.length };
    }
    s.begun[stop.pid] = { name: stop.name, text, shown, column: head.length + text.length, hit };
  }

  function exit(stop: Extract<TraceStop, { kind: 'exit' }>) {
    const begun = s.begun[stop.pid];
    delete s.begun[stop.pid];
    if (!begun?.hit) return;
    const failed = stop.result.errno !== undefined;
    const count = s.counts[stop.name] ?? { calls: 0, errors: 0, took: 0 };
    if (stop.result.text !== '?' || o.count === 'too')
      s.counts[stop.name] = { calls: count.calls + 1, errors: count.errors + (failed ? 1 : 0), took: count.took + stop.cpu };
    if (o.count === 'only' || (o.status === 'failed' && !failed) || (o.status === 'successful' && failed)) return;
    const filled = stop.args.length > 0 ? `${begun.text.endsWith('(') ? '' : ', '}${print.args(stop.args, o)}` : '';
    let before = '';
    let column = begun.column;
    if (!begun.shown) {
      before = lead(stop) + begun.text;
      column = before.length;
    } else if (s.open?.pid !== stop.pid) {
      before = `${lead(stop)}<... ${stop.name} resumed>`;
      column = before.length;
    }
    const took = o.took ? ` <${(stop.took / 1000).toFixed(6)}>` : '';
    put(stop.pid, `${before}${filled})${pad(column + filled.length + 1)}= ${print.result(stop.result, o)}${took}\n`);
    s.open = null;
  }

  return (stop: TraceStop) => {
    switch (stop.kind) {
      case 'attached':
        s.tracees = [...s.tracees, stop.pid];
        if (o.apart && o.output !== null)
          s.files[stop.pid] = sys.open(`${o.output}.${stop.pid}`, { write: true, create: true, trunc: true, cloexec: true });
        if (o.quiet === 0 && (stop.child || o.pids.includes(stop.pid))) s.queue.push([2, `strace: Process ${stop.pid} attached\n`]);
        return;
      case 'enter':
        return enter(stop);
      case 'exit':
        return exit(stop);
      case 'signal':
        if (o.count !== 'only' && o.signals(signalName(stop.signal))) line(stop, print.signalText(stop.signal, stop.cause));
        return;
      case 'stopped':
        if (o.count !== 'only' && o.signals(signalName(stop.signal))) line(stop, `--- stopped by ${signalName(stop.signal)} ---`);
        return;
      case 'ended': {
        // A process that was killed in the middle of a call never came back from it.
        if (s.begun[stop.pid])
          exit({
            kind: 'exit',
            name: s.begun[stop.pid]?.name as string,
            args: [],
            result: { text: '?' },
            took: 0,
            cpu: 0,
            pid: stop.pid,
            at: stop.at,
          });
        const how = 'exited' in stop.how ? `exited with ${stop.how.exited}` : `killed by ${signalName(stop.how.signaled)}`;
        if (o.count !== 'only' && o.quiet < 2) line(stop, `+++ ${how} +++`);
        s.tracees = s.tracees.filter((p) => p !== stop.pid);
        if (stop.pid === s.child) {
          if ('exited' in stop.how) s.code = stop.how.exited;
          else s.killedBy = stop.how.signaled;
        }
      }
    }
  };
}

const complain = (sys: Sys, text: string, code = 1): Outcome<State> => {
  attempt(() => sys.write(2, text));
  return { exit: code };
};

/** Who -u names. */
function userOf(sys: Sys, o: Settings): { uid: number; gid: number } | null | string {
  if (o.user === null) return null;
  const user = names(sys).user(o.user);
  return user ?? `strace: Cannot find user '${o.user}'\n`;
}

function start(sys: Sys, s: State): Outcome<State> {
  const o = settings(s.argv);
  if ('say' in o) {
    attempt(() => sys.write(o.out ? 1 : 2, o.say));
    return { exit: o.code };
  }
  const next: State = { ...s, phase: 'trace' };
  if (o.operands.length > 0) {
    const there = search(sys, o.operands[0] as string, s.env).some((path) => !(attempt(() => sys.stat(path)) instanceof Errno));
    if (!there) return complain(sys, `strace: Cannot find executable '${o.operands[0]}'\n`);
    const user = userOf(sys, o);
    if (typeof user === 'string') return complain(sys, user);
  }
  if (o.output !== null && !o.apart) {
    const file = o.output;
    if (/^[|!]/.test(file)) return complain(sys, 'strace: drydock: -o with a command is not modelled\n');
    const fd = attempt(() => sys.open(file, { write: true, create: true, trunc: true, cloexec: true }));
    if (fd instanceof Errno) return complain(sys, `strace: Can't fopen '${file}': ${fd.message}\n`);
    next.fd = fd;
  }
  for (const pid of o.pids) {
    const done = attempt(() => sys.ptrace({ seize: pid, follow: o.follow }));
    if (done instanceof Errno) return complain(sys, `strace: attach: ptrace(PTRACE_SEIZE, ${pid}): ${done.message}\n`);
  }
  for (const sig of ENDINGS) sys.sigaction(sig, 'handle');
  if (o.operands.length > 0) next.child = sys.fork({ ...next, phase: 'child' });
  return { wait: { for: 'trace' }, state: next };
}

/** Signals that end strace after it has let its tracees go. */
const ENDINGS = [SIGNALS.SIGHUP, SIGNALS.SIGINT, SIGNALS.SIGQUIT, SIGNALS.SIGTERM] as const;

/** The child: asks to be traced, and becomes the program. */
function become(sys: Sys, s: State): Outcome<State> {
  const o = settings(s.argv);
  if ('say' in o) return { exit: 1 };
  if (s.phase === 'child') {
    for (const sig of ENDINGS) sys.sigaction(sig, 'default');
    const user = userOf(sys, o);
    if (user && typeof user === 'object') {
      sys.setgroups([]);
      sys.setgid(user.gid);
      sys.setuid(user.uid);
    }
    sys.ptrace({ traceme: { follow: o.follow } });
    return { again: true, state: { ...s, phase: 'exec' } };
  }
  const env = { ...s.env };
  for (const [name, value] of o.env) {
    if (value === null) delete env[name];
    else env[name] = value;
  }
  const done = execvp(quietSearch(sys), [...o.operands], env);
  if (!(done instanceof Errno)) return done;
  return complain(sys, `strace: exec: ${done.message}\n`);
}

/** strace has found the file before it traces: looking for it is not told of. */
function quietSearch(sys: Sys): Sys {
  const plain = Object.getPrototypeOf(sys) as Sys;
  return Object.assign(Object.create(sys), { stat: (path: string) => plain.stat(path) });
}

function trace(sys: Sys, state: State): Outcome<State> {
  const o = settings(state.argv);
  if ('say' in o) return { exit: 1 };
  const s: State = { ...state, files: { ...state.files }, begun: { ...state.begun }, counts: { ...state.counts }, queue: [...state.queue] };
  const write = writer(sys, s, o);
  for (const stop of sys.stops()) write(stop);
  const sent = sys.takeSignals().find((sig) => (ENDINGS as readonly number[]).includes(sig));
  if (sent !== undefined) letGo(sys, s, o, sent);
  const done = s.tracees.length === 0 && (s.child === null || s.code !== 0 || s.killedBy !== null || ended(sys, s));
  if (done || sent !== undefined) {
    if (o.count !== 'no') s.queue.push([s.fd, print.summary(s.counts, (name) => NUMBERS.get(name) ?? 0)]);
    s.phase = 'end';
  }
  return finish(sys, s);
}

/** Whether the program that was started has ended: until it asks to be traced there is no tracee either. */
function ended(sys: Sys, s: State): boolean {
  const how = attempt(() => sys.waitpid(s.child as number));
  if (how === null) return false;
  if (!(how instanceof Errno)) s.code = codeOf(how.how);
  return true;
}

/** Ctrl-C: the tracees go on without strace, and the program that it started gets the signal, too. */
function letGo(sys: Sys, s: State, o: Settings, sent: number) {
  for (const pid of s.tracees) {
    if (pid === s.child) attempt(() => sys.kill(pid, sent));
    attempt(() => sys.ptrace({ detach: pid }));
    if (o.quiet === 0) s.queue.push([2, `strace: Process ${pid} detached\n`]);
    if (s.open?.pid === pid) s.queue.push([s.fd, ' <detached ...>\n']);
  }
  s.tracees = [];
  s.killedBy = sent;
}

function finish(sys: Sys, s: State): Outcome<State> {
  const { left, full } = flush(sys, s.queue);
  s.queue = left;
  if (full !== null) return { wait: { for: 'write', fd: full }, state: s };
  if (s.phase !== 'end') return { wait: { for: 'trace' }, state: s };
  if (s.killedBy === null) return { exit: s.code };
  attempt(() => sys.sigaction(s.killedBy as number, 'default'));
  return { killedBy: s.killedBy };
}

export const strace = (): Program<State> => ({
  start: (exec) => ({ argv: exec.argv, env: exec.env, ...START }),
  run(sys, s) {
    if (s.phase === 'start') return start(sys, s);
    if (s.phase === 'child' || s.phase === 'exec') return become(sys, s);
    return s.phase === 'end' ? finish(sys, { ...s, queue: [...s.queue] }) : trace(sys, s);
  },
});
