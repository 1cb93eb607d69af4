/**
 * What a drawing of the processes needs to know: the tree as the host sees it, each task with both of its numbers, and
 * which signals have just flown. proc(5), pid_namespaces(7).
 */

import { decode, pmap } from '../../base';
import { containerIn } from '../../engine';
import { signalName, type Task } from '../../kernel';
import type { SignalFlight } from '../face';
import type { World } from './world';

export interface ProcessRow {
  /** Its number on the host, and in the innermost PID namespace that it is in; the same for the host's own. */
  pid: number;
  pidInside: number;
  /** All of its numbers, the host's first. */
  pids: number[];
  ppid: number;
  /** How many parents stand above it in the tree. */
  depth: number;
  comm: string;
  /** What ps shows: the arguments, or [comm] for one that has none left. */
  title: string;
  uid: number;
  /** As ps has it: R runs, S sleeps, T is stopped, Z has ended and waits to be reaped, D is frozen. */
  state: 'R' | 'S' | 'T' | 'Z' | 'D';
  /** What a sleeping one waits for, in a word or two. */
  waitsFor: string | null;
  /** The container that it is in. */
  container: { id: string; name: string } | null;
  /** PID 1 of a container: signals without a handler of its own do not end it. */
  init: boolean;
  handles: string[];
  ignores: string[];
  /** `new` since the last change; `adopted` by another parent. */
  change: 'new' | 'adopted' | null;
}

export interface ProcessesView {
  /** Depth first from PID 1: a row's children follow it. */
  rows: ProcessRow[];
  /** Tasks that the last change has ended and whose parents have been told. */
  gone: { pid: number; pidInside: number; title: string; container: string | null }[];
  signals: SignalFlight[];
}

const titleOf = (t: Task): string => decode(t.argv.length && t.status !== 'zombie' ? t.argv.join(' ') : `[${t.comm}]`);
const insideOf = (t: Task): number => t.pids.at(-1) ?? t.pid;

const WAITS: Readonly<Record<NonNullable<Task['wait']>['for'], string>> = {
  read: 'something to read',
  write: 'room to write',
  child: 'a child',
  time: 'the clock',
  signal: 'a signal',
  event: 'an event',
  trace: 'what it traces',
  any: 'several things',
};

function stateOf(world: World, t: Task): ProcessRow['state'] {
  if (t.status === 'zombie') return 'Z';
  if (t.status === 'stopped') return 'T';
  if (world.kernel.cgroup(t.cgroup)?.frozen) return 'D';
  return t.status === 'ready' ? 'R' : 'S';
}

export function containerOf(world: World, t: Task): ProcessRow['container'] {
  const id = containerIn(t.cgroup);
  if (id === null) return null;
  const c = world.engine && pmap.get(world.engine.containers, id);
  return { id, name: c ? c.Name : id.slice(0, 12) };
}

function rowOf(world: World, t: Task, depth: number, before: World | null): ProcessRow {
  const was = before?.kernel.findTask(t.pid);
  const disposed = (how: 'handle' | 'ignore') =>
    Object.entries(t.dispositions)
      .filter(([, d]) => d === how)
      .map(([n]) => signalName(Number(n)));
  return {
    pid: t.pid,
    pidInside: insideOf(t),
    pids: t.pids,
    ppid: t.ppid,
    depth,
    comm: decode(t.comm),
    title: titleOf(t),
    uid: t.cred.euid,
    state: stateOf(world, t),
    waitsFor: t.status === 'waiting' && t.wait ? WAITS[t.wait.for] : null,
    container: containerOf(world, t),
    init: t.pids.length > 1 && insideOf(t) === 1,
    handles: disposed('handle'),
    ignores: disposed('ignore'),
    change: before === null ? null : !was || was.started !== t.started ? 'new' : was.ppid !== t.ppid ? 'adopted' : null,
  };
}

/** `before` is the machine before its last change; `signals` are its trace's. */
export function processesView(world: World, before: World | null, signals: readonly SignalFlight[] = []): ProcessesView {
  const tasks = world.kernel.t.tasks.values().sort((a, b) => a.pid - b.pid);
  const children = new Map<number, Task[]>();
  for (const t of tasks) children.set(t.ppid, [...(children.get(t.ppid) ?? []), t]);
  const rows: ProcessRow[] = [];
  const seen = new Set<number>();
  const walk = (t: Task, depth: number) => {
    if (seen.has(t.pid)) return;
    seen.add(t.pid);
    rows.push(rowOf(world, t, depth, before));
    for (const c of children.get(t.pid) ?? []) walk(c, depth + 1);
  };
  for (const t of tasks) if (t.pid === 1 || !world.kernel.findTask(t.ppid)) walk(t, 0);
  const gone = [...(before?.kernel.t.tasks.values() ?? [])]
    .filter((t) => {
      const now = world.kernel.findTask(t.pid);
      return !now || now.started !== t.started;
    })
    .map((t) => ({ pid: t.pid, pidInside: insideOf(t), title: titleOf(t), container: containerOf(before as World, t)?.name ?? null }));
  return { rows, gone, signals: [...signals] };
}
