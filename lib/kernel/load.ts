/**
 * Load averages: how many tasks ran or wanted to, over the last one, five and fifteen minutes. kernel/sched/loadavg.c.
 *
 * Simplified: tasks that run for less than a turn do not count.
 */

import type { Kernel } from './kernel';

/** Milliseconds. */
const SPANS = [60_000, 300_000, 900_000] as const;
const NONE = [0, 0, 0] as const;

/** The averages now: since they were last written nobody has run. */
export function loads(k: Kernel): [number, number, number] {
  const { at, of } = k.s.load ?? { at: 0, of: NONE };
  const now = (i: 0 | 1 | 2) => (of[i] as number) * Math.exp((at - k.s.clock) / SPANS[i]);
  return [now(0), now(1), now(2)];
}

/** `n` tasks have run for the `ms` up to now. */
export function ran(k: Kernel, n: number, ms: number) {
  const before = loads(k);
  k.s.load = { at: k.s.clock, of: SPANS.map((span, i) => (before[i] as number) + n * (1 - Math.exp(-ms / span))) };
}
