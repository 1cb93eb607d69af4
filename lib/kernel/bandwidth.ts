/**
 * CPU bandwidth: a group that has used up its quota waits for the next period. Documentation/scheduler/sched-bwc.rst.
 *
 *   cpu.max 20000 100000    period │▇▇········│▇▇········│▇▇···   20 ms of each 100 ms, for all tasks of the group together
 *
 * Simplified: there is one run queue, so a group never uses two processors at once, and weights have nobody to divide among.
 */

import type { Kernel } from './kernel';
import type { Cgroup } from './state';

/** Quota and period in milliseconds; null: as much as it likes. */
export function bandwidthOf(c: Cgroup): { quota: number; period: number } | null {
  const [quota, period] = (c.files['cpu.max'] ?? 'max').split(' ');
  return quota === undefined || quota === 'max' ? null : { quota: Number(quota) / 1000, period: Number(period) / 1000 };
}

const above = (path: string): string | null => (path === '/' ? null : path.slice(0, path.lastIndexOf('/')) || '/');

/** Charges `ms` of processor time to a group and those above it; one that is over its quota is throttled. */
export function charge(k: Kernel, path: string, ms: number) {
  for (let at: string | null = path; at !== null; at = above(at)) {
    const c = k.cgroup(at);
    const width = c ? bandwidthOf(c) : null;
    if (!c || !width) continue;
    const now = Math.floor(k.s.clock / width.period);
    const last = c.bandwidth ?? { period: -1, used: 0, periods: 0, until: 0, waited: 0 };
    const used = (last.period === now ? last.used : 0) + ms;
    const bandwidth = { ...last, period: now, used, periods: last.periods + (last.period === now ? 0 : 1) };
    if (used < width.quota) {
      k.putCgroup({ ...c, bandwidth });
      continue;
    }
    // What it took too much is paid back in the periods that follow.
    const owed = Math.max(1, Math.floor(used / width.quota));
    const until = (now + owed) * width.period;
    const paid = { period: now + owed, used: used - owed * width.quota, periods: bandwidth.periods + owed };
    k.putCgroup({
      ...c,
      throttled: (c.throttled ?? 0) + owed,
      bandwidth: { ...paid, until, waited: last.waited + until - k.s.clock },
    });
  }
}

/** When a throttled group, or one above it, may run again: milliseconds since boot; 0 if it may now. */
export function heldUntil(k: Kernel, path: string): number {
  let until = 0;
  for (let at: string | null = path; at !== null; at = above(at)) until = Math.max(until, k.cgroup(at)?.bandwidth?.until ?? 0);
  return until > k.s.clock ? until : 0;
}
