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
  for (const [i, ns] of chain.entries())
    k.putNs({ ...ns, next: ns.next + 1, pids: pmap.set(ns.pids, numbers[i] as number, numbers[0] as number) });
  return numbers;
}

export function release(k: Kernel, t: Task) {
  let at: number | null = t.ns.pid;
  for (let level = t.pids.length - 1; at !== null && level >= 0; level--) {
    const ns = k.ns(at) as PidNamespace;
    k.putNs({ ...ns, pids: pmap.remove(ns.pids, t.pids[level] as number) });
    at = ns.parent;
  }
}

/** Tasks of a namespace and those nested in it, by number. */
export function tasksIn(k: Kernel, id: number): Task[] {
  const ns = k.ns(id) as PidNamespace;
  return [...pmap.entries(ns.pids)]
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
