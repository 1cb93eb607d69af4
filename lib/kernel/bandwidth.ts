/**
 * CPU bandwidth: a group that has used up its quota waits for the next period. Documentation/scheduler/sched-bwc.rst.
 *
 *   cpu.max 20000 100000    period │▇▇········│▇▇········│▇▇···   20 ms of each 100 ms, for all tasks of the group together
 */

import type { Kernel } from './kernel';
import type { Cgroup } from './state';

/** Quota and period in milliseconds; null: as much as it likes. */
export function bandwidthOf(c: Cgroup): { quota: number; period: number } | null {
  const [quota, period] = (c.files['cpu.max'] ?? 'max').split(' ');
  return quota === undefined || quota === 'max' ? null : { quota: Number(quota) / 1000, period: Number(period) / 1000 };
}

const above = (path: string): string | null => (path === '/' ? null : path.slice(0, path.lastIndexOf('/')) || '/');

/** A group and those above it, up to the root. */
export function* upFrom(path: string): Generator<string> {
  for (let at: string | null = path; at !== null; at = above(at)) yield at;
}

/** Parts of a millisecond that shares of processors do not add up to exactly. */
const SLACK = 1e-6;

/** What a group may still use in the period that `at` lies in, and when the next one begins; null without a quota. */
export function left(c: Cgroup, at: number): { quota: number; until: number } | null {
  const width = bandwidthOf(c);
  if (!width) return null;
  const now = Math.floor(at / width.period);
  const used = c.bandwidth?.period === now ? c.bandwidth.used : 0;
  return { quota: Math.max(0, width.quota - used), until: (now + 1) * width.period };
}

/** Charges `ms` of processor time, used from `at` on, to a group with a quota; over it, the group is throttled. */
export function chargeOne(k: Kernel, c: Cgroup, ms: number, at: number) {
  const width = bandwidthOf(c);
  if (!width) return;
  const now = Math.floor(at / width.period);
  const last = c.bandwidth ?? { period: -1, used: 0, periods: 0, until: 0, waited: 0 };
  const used = (last.period === now ? last.used : 0) + ms;
  const bandwidth = { ...last, period: now, used, periods: last.periods + (last.period === now ? 0 : 1) };
  if (used < width.quota - SLACK) {
    k.putCgroup({ ...c, bandwidth });
    return;
  }
  // What it took too much is paid back in the periods that follow.
  const owed = Math.max(1, Math.floor(used / width.quota));
  const until = (now + owed) * width.period;
  const paid = { period: now + owed, used: Math.max(0, used - owed * width.quota), periods: bandwidth.periods + owed };
  k.putCgroup({
    ...c,
    throttled: (c.throttled ?? 0) + owed,
    bandwidth: { ...paid, until, waited: last.waited + Math.max(0, until - k.s.clock) },
  });
}

/** Charges a task's group and those above it. */
export function charge(k: Kernel, path: string, ms: number) {
  for (const at of upFrom(path)) {
    const c = k.cgroup(at);
    if (c?.files['cpu.max']) chargeOne(k, c, ms, k.s.clock);
  }
}

/** When a throttled group, or one above it, may run again: milliseconds since boot; 0 if it may now. */
export function heldUntil(k: Kernel, path: string): number {
  let until = 0;
  for (const at of upFrom(path)) until = Math.max(until, k.cgroup(at)?.bandwidth?.until ?? 0);
  return until > k.s.clock ? until : 0;
}
