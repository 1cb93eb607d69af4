/**
 * Who runs, who sleeps, and what wakes whom: the scheduler, signals and the end of tasks.
 * signal(7), wait(2), exit(2), credentials(7) for groups and sessions.
 *
 * A sleeping task is registered under what it waits for ("pipe:3:r", "child:12", "time"). Waking puts it back in the
 * run queue, where it makes its call again: a wake-up is a hint, never a promise.
 * Past 400 lines because running, sleeping, signals and the end of a task call each other: one state machine.
 */

import { charge, heldUntil } from './bandwidth';
import { burn, pass, quench, shareBeside } from './burn';
import { openFds } from './fdtable';
import { closeFd } from './files';
import type { Kernel, SignalEffect } from './kernel';
import * as mounts from './mounts';
import { dropNet } from './net/links';
import { readiness } from './net/sockets';
import { byNumber, numberFor, release } from './pidns';
import type { Outcome, Wait } from './program';
import { address, type Inside, retrace, type SignalCause, type StopKind, tellStop } from './ptrace';
import { defaultAction, SIGNALS, type Signal, signalName } from './signal';
import type { PidNamespace, Task } from './state';
import { readable as ttyReadable } from './tty';

/** The keys a wait is registered under, and whether it is over already. */
function keysOf(k: Kernel, t: Task, w: Wait): { keys: string[]; at?: number; now: boolean } {
  switch (w.for) {
    case 'time':
      return { keys: [], at: w.at, now: w.at <= k.s.clock };
    case 'event':
      return { keys: [`event:${w.key}`], now: false };
    case 'signal':
      return { keys: [], now: t.handled.length > 0 };
    case 'trace':
      return { keys: [`trace:${t.pid}`], now: !!t.stops?.length };
    case 'child':
      return { keys: [`child:${t.pid}`], now: t.children.some((c) => childNews(k, c, !!w.untraced)) };
    case 'any': {
      const all = w.of.map((o) => keysOf(k, t, o));
      const times = all.map((a) => a.at).filter((a): a is number => a !== undefined);
      return { keys: all.flatMap((a) => a.keys), at: times.length ? Math.min(...times) : undefined, now: all.some((a) => a.now) };
    }
    case 'read':
    case 'write': {
      const d = t.fds[w.fd];
      if (!d) return { keys: [], now: true };
      const f = k.file(d.file);
      const read = w.for === 'read';
      switch (f.kind) {
        case 'node':
          return { keys: [], now: true };
        case 'tty':
          return { keys: [`tty:${f.tty}:r`], now: read ? ttyReadable(k, f.tty) : true };
        case 'ptmx': {
          const tty = k.tty(f.tty);
          return { keys: [`tty:${f.tty}:m`], now: read ? tty.output !== '' || tty.slaves === 0 : true };
        }
        case 'socket':
          return readiness(k, f.socket, w.for);
        case 'listener':
          return { keys: [`listen:${f.socket}`], now: k.listener(f.socket).backlog.length > 0 };
        case 'pipe':
        case 'stream': {
          const id = f.kind === 'pipe' ? f.pipe : read ? f.in : f.out;
          const p = k.pipe(id);
          if (read) return { keys: [`pipe:${id}:r`], now: p.data !== '' || (p.writers === 0 && p.hadWriter) };
          return { keys: [`pipe:${id}:w`], now: p.data.length < p.capacity || p.readers === 0 };
        }
      }
    }
  }
}

const childNews = (k: Kernel, pid: number, untraced: boolean) => {
  const c = k.findTask(pid);
  return c !== undefined && (c.status === 'zombie' || (untraced && c.stopReport !== null));
};

export function sleep(k: Kernel, pid: number, wait: Wait) {
  const t = k.task(pid);
  const { keys, at, now } = keysOf(k, t, wait);
  if (now || t.handled.length > 0) {
    ready(k, pid);
    return;
  }
  waiting(k, pid, wait);
  for (const key of keys) k.t.waiters.set(key, [...(k.t.waiters.get(key) ?? []), pid]);
  if (at !== undefined) k.t.timers.set(pid, at);
}

function ready(k: Kernel, pid: number) {
  const t = k.editTask(pid);
  t.status = 'ready';
  t.wait = null;
  k.s.ready = [...k.s.ready, pid];
}

function waiting(k: Kernel, pid: number, wait: Wait) {
  const t = k.editTask(pid);
  t.status = 'waiting';
  t.wait = wait;
}

/** Back into the run queue, out of every register. */
export function rouse(k: Kernel, pid: number) {
  const t = k.findTask(pid);
  if (t?.status === 'ready' && quench(k, pid)) ready(k, pid);
  if (t?.status !== 'waiting') return;
  if (t.wait) {
    for (const key of keysOf(k, t, t.wait).keys) {
      const rest = (k.t.waiters.get(key) ?? []).filter((p) => p !== pid);
      if (rest.length) k.t.waiters.set(key, rest);
      else k.t.waiters.delete(key);
    }
  }
  k.t.timers.delete(pid);
  ready(k, pid);
}

export function wake(k: Kernel, key: string) {
  for (const pid of k.t.waiters.get(key) ?? []) rouse(k, pid);
}

/** The event that a task waits for to hear that some inode was written: inotify(7), without saying which. */
export const FILES = 'files';

/** Wakes who waits for files to change, if one has since the last time. */
export function tellWatchers(k: Kernel) {
  if (!k.touched) return;
  k.touched = false;
  wake(k, `event:${FILES}`);
}

// ——— signals

/** PID 1 of a namespace gets no default actions from inside it: kill(2), NOTES; pid_namespaces(7). */
const isInit = (t: Task) => t.pids[t.pids.length - 1] === 1;

const ancestorNs = (k: Kernel, of: number, from: number): boolean => {
  for (let at = (k.ns(of) as PidNamespace).parent; at !== null; at = (k.ns(at) as PidNamespace).parent) if (at === from) return true;
  return false;
};

/** What a signal will do to a task: signal(7), kill(2). */
function effectOf(k: Kernel, t: Task, sig: Signal, from: number | null): SignalEffect {
  const d = t.dispositions[sig];
  const unstoppable = sig === SIGNALS.SIGKILL || sig === SIGNALS.SIGSTOP;
  if (isInit(t) && d !== 'handle') {
    const outside = from !== null && k.findTask(from) !== undefined && ancestorNs(k, t.ns.pid, k.task(from).ns.pid);
    const forced = unstoppable && (outside || from === null) && t.pids.length > 1;
    if (!forced) return d === 'ignore' || defaultAction(sig) === 'ignore' ? 'ignored' : 'spared';
  }
  if (!unstoppable && d === 'ignore') return 'ignored';
  if (!unstoppable && d === 'handle') return 'handled';
  switch (defaultAction(sig)) {
    case 'ignore':
      return 'ignored';
    case 'continue':
      return 'continued';
    case 'stop':
      return 'stopped';
    default:
      return 'ended';
  }
}

/** Delivers one signal. `from` is the sender's pid, or null for the kernel. */
export function signal(k: Kernel, pid: number, sig: Signal, from: number | null = null, child?: Task) {
  const t = k.findTask(pid);
  if (!t || t.status === 'zombie' || sig === 0) return;
  const effect = effectOf(k, t, sig, from);
  const sender = from === null ? undefined : k.findTask(from);
  k.event({
    kind: 'signal',
    pid,
    comm: t.comm,
    cgroup: t.cgroup,
    signal: sig,
    from: sender ? { pid: sender.pid, comm: sender.comm } : null,
    effect,
  });
  if (effect !== 'spared' && t.tracing && sig !== SIGNALS.SIGKILL) traceSignal(k, t, sig, causeOf(k, t, sender, child));
  if (effect === 'spared' || (effect === 'ignored' && isInit(t))) return;
  if ((sig === SIGNALS.SIGCONT || sig === SIGNALS.SIGKILL) && t.status === 'stopped') {
    Object.assign(k.editTask(pid), { status: 'ready', stopReport: null });
    k.s.ready = [...k.s.ready, pid];
  }
  if (effect === 'handled') {
    const now = k.editTask(pid);
    now.handled = [...now.handled, sig];
    rouse(k, pid);
  } else if (effect === 'stopped') stop(k, pid, sig);
  else if (effect === 'ended') end(k, pid, { signaled: sig, ...(defaultAction(sig) === 'core' ? { core: false } : {}) });
}

function stop(k: Kernel, pid: number, sig: Signal) {
  rouse(k, pid);
  quench(k, pid);
  k.s.ready = k.s.ready.filter((p) => p !== pid);
  const t = Object.assign(k.editTask(pid), { status: 'stopped', stopReport: sig });
  tellTracer(k, t, { kind: 'stopped', signal: sig });
  tellParent(k, t);
}

export function signalGroup(k: Kernel, pgid: number, sig: Signal, from: number | null = null) {
  for (const t of k.t.tasks.values()) if (t.pgid === pgid) signal(k, t.pid, sig, from);
}

function tellParent(k: Kernel, t: Task) {
  if (!k.findTask(t.ppid)) return;
  signal(k, t.ppid, SIGNALS.SIGCHLD, null, t);
  wake(k, `child:${t.ppid}`);
}

// ——— tracing

/** Tells the tracer of a task, which runs when its turn comes. */
export function tellTracer(k: Kernel, t: Task, stop: StopKind) {
  if (t.tracing && tellStop(k, t, stop)) wake(k, `trace:${t.tracing.by}`);
}

/** Ends a call that the program does not come back to. */
export function leave(k: Kernel, pid: number, over?: { args?: Inside['dropped']['args']; result: string }) {
  const t = k.findTask(pid);
  const inside = t?.tracing?.inside;
  if (!t || !inside) return;
  retrace(k, pid, { inside: undefined });
  const { args, result } = { ...inside.dropped, ...over };
  tellTracer(k, t, { kind: 'exit', name: inside.name, args, result: { text: result }, took: k.s.clock - inside.since, cpu: 0 });
}

function causeOf(k: Kernel, t: Task, sender: Task | undefined, child: Task | undefined): SignalCause {
  if (sender) return { code: 'SI_USER', pid: numberFor(k, t, sender), uid: sender.cred.uid };
  if (!child) return { code: 'SI_KERNEL' };
  const of = { pid: numberFor(k, t, child), uid: child.cred.uid };
  const how = k.findTask(child.pid)?.ended ?? child.ended;
  if (!how) return { code: 'CLD_STOPPED', ...of, status: signalName(child.stopReport ?? SIGNALS.SIGSTOP) };
  return 'exited' in how
    ? { code: 'CLD_EXITED', ...of, status: `${how.exited}` }
    : { code: 'CLD_KILLED', ...of, status: signalName(how.signaled) };
}

/** What a call says that a signal has ended before its time. */
const RESTART = '? ERESTARTSYS (To be restarted if SA_RESTART is set)';
const RESTART_SLEEP = '? ERESTART_RESTARTBLOCK (Interrupted by signal)';

function traceSignal(k: Kernel, t: Task, sig: Signal, cause: SignalCause) {
  const inside = t.tracing?.inside;
  // wait4 returns with the child whose end the signal tells of; the signal comes after it, as one of the task's own call does.
  if ((inside?.name === 'wait4' && sig === SIGNALS.SIGCHLD) || k.current?.pid === t.pid) {
    retrace(k, t.pid, { late: [...(t.tracing?.late ?? []), { kind: 'signal', signal: sig, cause }] });
    return;
  }
  if (inside) leave(k, t.pid, { result: inside.sleeps?.until ? RESTART_SLEEP : RESTART });
  tellTracer(k, t, { kind: 'signal', signal: sig, cause });
}

/** The call in which a program sleeps that did not make one of its own before. */
function sleepingIn(k: Kernel, t: Task, w: Wait): { name: string; args: string[]; sleeps: NonNullable<Inside['sleeps']> } | null {
  const until = keysOf(k, t, w).at ?? null;
  const left = Math.max(0, (until ?? 0) - k.s.clock);
  const span = `{tv_sec=${Math.floor(left / 1000)}, tv_nsec=${Math.round((left % 1000) * 1_000_000)}}`;
  const none: readonly string[] = [];
  switch (w.for) {
    case 'time':
      return {
        name: 'clock_nanosleep',
        args: ['CLOCK_REALTIME', '0', span],
        sleeps: { until, rest: [address(t)], result: '0' },
      };
    case 'signal':
      return { name: 'pause', args: [], sleeps: { until, rest: none, result: RESTART } };
    case 'event':
      return { name: 'futex', args: [address(t, 6), 'FUTEX_WAIT_PRIVATE', '0', 'NULL'], sleeps: { until, rest: none, result: '0' } };
    case 'read':
    case 'write':
    case 'any': {
      const ends = (w.for === 'any' ? w.of : [w]).flatMap((o) =>
        o.for === 'read' || o.for === 'write' ? [`{fd=${o.fd}, events=${o.for === 'read' ? 'POLLIN' : 'POLLOUT'}}`] : [],
      );
      if (ends.length === 0) return null;
      const timeout = until === null ? '-1' : `${Math.round(left)}`;
      return { name: 'poll', args: [`[${ends.join(', ')}]`, `${ends.length}`, timeout], sleeps: { until, rest: none, result: '1' } };
    }
    default:
      return null;
  }
}

/** A program goes on after it slept in a call that it does not repeat. */
function wakeInside(k: Kernel, t: Task) {
  const inside = t.tracing?.inside;
  if (!inside?.sleeps) return;
  const late = inside.name === 'poll' && inside.sleeps.until !== null && k.s.clock >= inside.sleeps.until;
  leave(k, t.pid, { args: inside.sleeps.rest, result: late ? '0 (Timeout)' : inside.sleeps.result });
}

/** What a traced program's way to end or wait is as a call. */
function traceOutcome(k: Kernel, pid: number, outcome: Outcome<unknown>) {
  const t = k.findTask(pid);
  if (!t?.tracing || t.status === 'zombie') return;
  if ('exit' in outcome) {
    leave(k, pid);
    tellTracer(k, t, { kind: 'enter', name: 'exit_group', args: [`${outcome.exit & 255}`] });
    tellTracer(k, t, { kind: 'exit', name: 'exit_group', args: [], result: { text: '?' }, took: 0, cpu: 0 });
  } else if ('killedBy' in outcome) {
    const own = { code: 'SI_USER', pid: numberFor(k, t, t), uid: t.cred.uid } as const;
    tellTracer(k, t, { kind: 'signal', signal: outcome.killedBy, cause: own });
  } else if ('wait' in outcome && !t.tracing.inside) {
    const call = sleepingIn(k, t, outcome.wait);
    if (!call) return;
    tellTracer(k, t, { kind: 'enter', name: call.name, args: call.args });
    const dropped = { args: call.sleeps.rest, result: call.sleeps.result };
    retrace(k, pid, { inside: { name: call.name, key: call.name, since: k.s.clock, dropped, sleeps: call.sleeps } });
  }
}

/** A task that was attached to while it slept goes on with the call that it is in. */
export function resumeInside(k: Kernel, pid: number) {
  const t = k.task(pid);
  if (t.status !== 'waiting' || !t.wait) return;
  const name = t.wait.for === 'child' ? 'wait4' : (sleepingIn(k, t, t.wait)?.name ?? 'futex');
  tellTracer(k, t, { kind: 'enter', name: 'restart_syscall', args: [`<... resuming interrupted ${name} ...>`] });
  const sleeps = { until: null, rest: [], result: name === 'poll' ? '1' : '0' };
  retrace(k, pid, { inside: { name: 'restart_syscall', key: '', since: k.s.clock, dropped: { args: [], result: '0' }, sleeps } });
}

/** A tracer's end sets its tracees free: ptrace(2), "Death under ptrace". */
function dropTracees(k: Kernel, pid: number) {
  for (const o of k.t.tasks.values()) if (o.tracing?.by === pid) k.putTask({ ...o, tracing: undefined });
}

// ——— the end

/** Ends a task: descriptors close, children go to the reaper, the parent is told. */
export function end(k: Kernel, pid: number, how: Exclude<Task['ended'], null>) {
  const t = k.findTask(pid);
  if (!t || t.status === 'zombie') return;
  if (t.status === 'waiting') rouse(k, pid);
  quench(k, pid);
  k.s.ready = k.s.ready.filter((p) => p !== pid);
  for (const fd of openFds(k.task(pid).fds)) closeFd(k, pid, fd);
  const children = k.task(pid).children;
  Object.assign(k.editTask(pid), { status: 'zombie', ended: how, wait: null, state: null, children: [], stopReport: null });
  k.event({ kind: 'exit', pid });
  tellTracer(k, t, { kind: 'ended', how: 'exited' in how ? how : { signaled: how.signaled } });
  if (t.stops) dropTracees(k, pid);
  // The end of a namespace's PID 1 is the end of everything in it.
  if (isInit(t) && t.pids.length > 1) {
    const level = t.pids.length - 1;
    for (const o of k.t.tasks.values())
      if (o.pid !== pid && o.pids.length > level && inside(k, o.ns.pid, t.ns.pid)) end(k, o.pid, { signaled: SIGNALS.SIGKILL });
  }
  for (const c of children) adopt(k, c, t);
  if (t.sid === pid && t.tty !== null) hangUp(k, t);
  const parent = k.findTask(t.ppid);
  if (!parent || parent.dispositions[SIGNALS.SIGCHLD] === 'ignore') reap(k, pid);
  if (parent) tellParent(k, t);
}

const inside = (k: Kernel, ns: number, of: number): boolean => ns === of || ancestorNs(k, ns, of);

function hangUp(k: Kernel, t: Task) {
  const tty = k.t.ttys.get(t.tty as number);
  if (tty?.session === t.pid) {
    if (tty.foreground !== null) signalGroup(k, tty.foreground, SIGNALS.SIGHUP);
    const now = k.t.ttys.get(tty.id);
    if (now) k.putTty({ ...now, session: null, foreground: null });
  }
}

/** An orphan's new parent: the nearest subreaper above, else PID 1 of its namespace. */
function adopt(k: Kernel, pid: number, old: Task) {
  const c = k.findTask(pid);
  if (!c) return;
  let reaper: Task | undefined;
  for (let at = k.findTask(old.ppid); at; at = k.findTask(at.ppid)) {
    if (at.subreaper && at.status !== 'zombie' && at.ns.pid === c.ns.pid) {
      reaper = at;
      break;
    }
    if (at.ppid === at.pid || at.ppid === 0) break;
  }
  reaper ??= byNumber(k, c, 1);
  if (!reaper || reaper.pid === pid || reaper.status === 'zombie') {
    if (c.status === 'zombie') reap(k, pid);
    else k.editTask(pid).ppid = 0;
    return;
  }
  k.editTask(pid).ppid = reaper.pid;
  const now = k.editTask(reaper.pid);
  now.children = [...now.children, pid];
  if (c.status === 'zombie') tellParent(k, k.task(pid));
}

/** The last trace of a task goes: waitpid(2) has read it, or nobody ever will. */
export function reap(k: Kernel, pid: number) {
  const t = k.task(pid);
  const group = k.cgroup(t.cgroup);
  if (group) k.putCgroup({ ...group, spent: (group.spent ?? 0) + t.cpu });
  k.t.tasks.delete(pid);
  if (k.findTask(t.ppid)) {
    const parent = k.editTask(t.ppid);
    parent.children = parent.children.filter((c) => c !== pid);
    parent.childrenCpu = (parent.childrenCpu ?? 0) + t.cpu + (t.childrenCpu ?? 0);
  }
  release(k, t);
  dropNamespaces(k, t);
}

function dropNamespaces(k: Kernel, t: Task) {
  const first = k.findTask(1)?.ns;
  const ids = new Set([...Object.values(t.ns), ...(t.pidnsForChildren ? [t.pidnsForChildren] : [])]);
  for (const n of Object.values(first ?? {})) ids.delete(n);
  if (ids.size === 0) return;
  for (const o of k.t.tasks.values()) {
    for (const n of Object.values(o.ns)) ids.delete(n);
    if (ids.size === 0) return;
  }
  // A name holds a network namespace that nobody is in.
  if (k.t.nets.get(t.ns.net)?.held.length) ids.delete(t.ns.net);
  for (const id of ids) {
    if (id === t.ns.mnt) mounts.dropNamespace(k, id);
    if (id === t.ns.net) dropNet(k, id);
    k.t.namespaces.delete(id);
  }
}

// ——— running

/** Thrown out of a program whose task ended in the middle of a call: it killed itself, or wrote to a closed pipe. */
export class TaskGone extends Error {}

/** Milliseconds of virtual processor time that one unit of work takes. */
export const UNIT = 0.002;
/** What a turn that gives up the processor with `again` has cost. */
const TURN = 2000;

/** Runs one task for one turn. */
export function runOne(k: Kernel, makeSys: (k: Kernel, pid: number) => import('./sys').Sys): boolean {
  const pid = k.s.ready[0];
  if (pid === undefined) return false;
  k.s.ready = k.s.ready.slice(1);
  const t = k.findTask(pid);
  if (t?.status !== 'ready') return true;
  if (k.cgroup(t.cgroup)?.frozen) {
    waiting(k, pid, { for: 'event', key: `thaw:${t.cgroup}` });
    const key = `event:thaw:${t.cgroup}`;
    k.t.waiters.set(key, [...(k.t.waiters.get(key) ?? []), pid]);
    return true;
  }
  const held = heldUntil(k, t.cgroup);
  if (held > 0) {
    waiting(k, pid, { for: 'time', at: held });
    k.t.timers.set(pid, held);
    return true;
  }
  const { cgroup } = t;
  const program = k.env.programs[t.program];
  if (!program) throw new Error(`kernel: no program ${t.program}`);
  if (t.tracing) wakeInside(k, t);
  const before = k.spent;
  const blank = k.asked;
  k.spent += 10;
  const outer = k.current;
  k.current = t;
  let outcome: Outcome<unknown>;
  try {
    outcome = program.run(makeSys(k, pid), t.state);
  } catch (e) {
    if (!(e instanceof TaskGone)) throw e;
    return true;
  } finally {
    k.current = outer;
  }
  tellWatchers(k);
  if (k.findTask(pid)?.tracing) traceOutcome(k, pid, outcome);
  if ('again' in outcome) k.spent += TURN;
  const used = (k.spent - before) * UNIT;
  const now = k.findTask(pid);
  if (now && now.status !== 'zombie' && 'again' in outcome) {
    const ran = k.editTask(pid);
    ran.state = outcome.state;
    // Who was stopped in its turn owes nothing when it goes on.
    if (ran.status === 'ready') burn(k, ran, used, k.asked === blank);
    return true;
  }
  // Who burns has its share of the time that this takes, too.
  if (k.s.burning.length > 0) pass(k, k.s.clock + used / (now ? shareBeside(k, now) : 1), false);
  else k.s.clock += used;
  charge(k, cgroup, used);
  if (!now || now.status === 'zombie') return true;
  const ran = k.editTask(pid);
  ran.cpu += used;
  ran.burn = undefined;
  if ('exit' in outcome) end(k, pid, { exited: outcome.exit & 255 });
  else if ('killedBy' in outcome) end(k, pid, { signaled: outcome.killedBy });
  else if ('replaced' in outcome) {
    if (ran.status === 'ready') k.s.ready = [...k.s.ready, pid];
  } else if ('wait' in outcome) {
    ran.state = outcome.state;
    if (ran.status === 'ready') sleep(k, pid, outcome.wait);
  }
  return true;
}

/** The next moment at which somebody wants to be woken, milliseconds since boot. */
export function nextTimer(k: Kernel): number | null {
  let min: number | null = null;
  for (const at of k.t.timers.values()) if (min === null || at < min) min = at;
  return min;
}

/**
 * Moves the clock and wakes whoever waited for it. Where tasks burn it stops as soon as one of them has its next turn: the clock
 * is then not at `to` yet.
 */
export function advance(k: Kernel, to: number) {
  pass(k, to, true);
  const due = k.t.timers
    .entries()
    .filter(([, at]) => at <= k.s.clock)
    .sort((a, b) => a[1] - b[1] || (a[0] as number) - (b[0] as number));
  for (const [pid] of due) rouse(k, pid as number);
}
