/** PID namespaces: one number per level, pid_namespaces(7). */

import { pmap } from '../base';
import type { Kernel } from './kernel';
import type { PidNamespace, Task } from './state';

/** Numbers for a new task in namespace `id` and all its ancestors, outermost first. */
export function allocate(k: Kernel, id: number): number[] {
  const chain: PidNamespace[] = [];
  for (let at: number | null = id; at !== null; ) {
    const ns = k.ns(at) as PidNamespace;
    chain.unshift(ns);
    at = ns.parent;
  }
  const numbers = chain.map((ns) => ns.next);
  for (const [i, ns] of chain.entries()) renumber(k, ns, pmap.set(ns.pids, numbers[i] as number, numbers[0] as number), ns.next + 1);
  return numbers;
}

function renumber(k: Kernel, ns: PidNamespace & { user?: number }, pids: PidNamespace['pids'], next: number) {
  const { id, kind, parent, level, user } = ns;
  k.putNs({ id, kind, parent, level, user, pids, next });
}

export function release(k: Kernel, t: Task) {
  let at: number | null = t.ns.pid;
  for (let level = t.pids.length - 1; at !== null && level >= 0; level--) {
    const ns = k.ns(at) as PidNamespace;
    renumber(k, ns, pmap.remove(ns.pids, t.pids[level] as number), ns.next);
    at = ns.parent;
  }
}

/** Tasks of a namespace and those nested in it, by number. */
export function tasksIn(k: Kernel, id: number): Task[] {
  const ns = k.ns(id) as PidNamespace;
  return pmap
    .entries(ns.pids)
    .sort(([a], [b]) => (a as number) - (b as number))
    .map(([, pid]) => k.findTask(pid))
    .filter((t): t is Task => t !== undefined);
}

/** A number as `t` sees it → the task. */
export function byNumber(k: Kernel, t: Task, n: number): Task | undefined {
  const pid = pmap.get((k.ns(t.ns.pid) as PidNamespace).pids, n);
  return pid === undefined ? undefined : k.findTask(pid);
}

/** The number of `other` as `t` sees it; 0 if it is not in its namespace. */
export function numberFor(k: Kernel, t: Task, other: Task | undefined): number {
  if (!other) return 0;
  const level = (k.ns(t.ns.pid) as PidNamespace).level;
  return other.pids[level] ?? 0;
}
