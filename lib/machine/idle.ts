/**
 * Who waits for the terminal: where a step ends.
 *
 *   console ── bash                             bash reads: the step is over
 *   console ── docker exec -it ══ dockerd ── pts/0 ── sh        docker reads, and so does sh behind it: over
 *   console ── docker exec -it ══ dockerd ── pts/0 ── sleep 5   docker reads, but who it reads for sleeps: time goes on
 *
 * Simplified: who is behind a client counts as sleeping when it waits for a timer of its own; one that waits for another
 * container's does not.
 */

import { pmap } from '../base';
import type { Conn, EngineState } from '../engine';
import { FILES, type Kernel, type Task, type Tty } from '../kernel';
import { worldOf } from './views/world';

export const consoleOf = (k: Kernel): Tty => k.tty(k.s.console as number);

const waitersOf = (k: Kernel, key: string): Task[] =>
  (k.t.waiters.get(key) ?? []).flatMap((pid) => {
    const task = k.findTask(pid);
    return task ? [task] : [];
  });

/** The task in the foreground that waits for the terminal: who a line would go to. */
export function readerOf(k: Kernel): Task | null {
  const t = consoleOf(k);
  return waitersOf(k, `tty:${t.id}:r`).find((x) => t.foreground === null || x.pgid === t.foreground) ?? null;
}

/** Somebody in the foreground waits for a file to change: for an editor, or another terminal. */
const watches = (k: Kernel): boolean => waitersOf(k, `event:${FILES}`).some((x) => x.pgid === consoleOf(k).foreground);

/** The machine asks for an input: nothing but one would bring the foreground on. */
export function asks(k: Kernel): boolean {
  const reader = readerOf(k);
  return reader === null ? watches(k) : !sleepsBehind(k, reader);
}

/** Whether a client reads for processes of a container of which none reads, and one sleeps. */
function sleepsBehind(k: Kernel, client: Task): boolean {
  const process = servedBy(k, client);
  if (!process) return false;
  const behind = foregroundOf(k, process);
  return !behind.some((x) => waitsFor(k, x, process)) && behind.some((x) => k.t.timers.get(x.pid) !== undefined || computes(k, x));
}

/** It is in the middle of something that will come to an end, or could. */
const computes = (k: Kernel, x: Task): boolean => k.s.burning.includes(x.pid) && !x.burn?.spins;

/** The process whose standard streams a client of dockerd holds: by attach, or by exec. */
function servedBy(k: Kernel, client: Task): Task | undefined {
  // A shell at its prompt holds no connection: that is nearly every step.
  const ends = new Set(streamsOf(k, client).map((f) => f.out));
  if (ends.size === 0) return undefined;
  const { engine } = worldOf(k);
  const daemon = k.t.tasks.values().find((t) => t.state === engine);
  if (engine === null || !daemon) return undefined;
  for (const { fd, in: from } of streamsOf(k, daemon)) {
    const conn = ends.has(from) ? pmap.get(engine.conns, fd) : undefined;
    const pid = conn && pidOf(engine, conn);
    if (pid) return k.findTask(pid);
  }
  return undefined;
}

const streamsOf = (k: Kernel, t: Task) =>
  Object.entries(t.fds).flatMap(([fd, d]) => {
    const f = d && k.file(d.file);
    return f?.kind === 'stream' ? [{ fd: Number(fd), in: f.in, out: f.out }] : [];
  });

function pidOf(engine: EngineState, { mode }: Conn): number | null {
  if (mode.kind === 'attach') return mode.stdin ? (pmap.get(engine.containers, mode.container)?.State.Pid ?? null) : null;
  return mode.kind === 'exec' ? (pmap.get(engine.execs, mode.exec)?.Pid ?? null) : null;
}

/** Of its session, the process group that has its terminal; without a terminal all of it. */
const foregroundOf = (k: Kernel, process: Task): Task[] =>
  k.t.tasks
    .values()
    .filter((x) => x.sid === process.sid && (process.tty === null || x.pgid === (k.tty(process.tty).foreground ?? process.pgid)));

/** A task waits for what is typed to `process`: on its terminal, or on the pipe that is its standard input. */
function waitsFor(k: Kernel, x: Task, process: Task): boolean {
  const at = process.fds[0];
  const f = at && k.file(at.file);
  const key = process.tty !== null ? `tty:${process.tty}:r` : f?.kind === 'pipe' ? `pipe:${f.pipe}:r` : null;
  return key !== null && (k.t.waiters.get(key) ?? []).includes(x.pid);
}
