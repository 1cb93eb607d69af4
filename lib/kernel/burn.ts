/**
 * Tasks that do not sleep, and the time that passes for them. A turn of theirs costs processor time; the task owes it, and pays
 * with its share of the processors while the clock moves. When it has paid, its next turn comes.
 *
 *   turn ── owes 4 ms ── share ½ ── 8 ms later ── turn …
 *
 * One that came back to a state it was in before, without having asked the kernel for anything, spins: it will do so for ever
 * unless a signal comes, so it is not run any more and only pays (`while :; do :; done`, `yes >/dev/null`).
 */

import { chargeOne, heldUntil, left, upFrom } from './bandwidth';
import type { Kernel } from './kernel';
import { ran } from './load';
import { type Runner, shares } from './share';
import type { Cgroup, Task } from './state';
import { cpusOf } from './vfs/cgroupfs';
import { SYSTEM } from './vfs/proc';

const SLACK = 1e-6;

/** What a burning task owes, and what is known of its turns. */
export interface Burn {
  /** Milliseconds of processor time. */
  owed: number;
  /** Its turns are the same over and over. */
  spins: boolean;
  /** A state that it was in, the turns since, and how many it is held against before a later one is taken. */
  ref: unknown;
  turns: number;
  most: number;
}

// ——— turns

function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && same((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]));
}

/** A turn is over and the task could go on. `blank`: it has asked for nothing that could be another answer next time. */
export function burn(k: Kernel, t: Task, used: number, blank: boolean) {
  const last = t.burn;
  const begun = !last || !blank || last.turns >= last.most;
  const next: Burn = {
    owed: (last?.owed ?? 0) + used,
    spins: blank && !!last && same(last.ref, t.state),
    ref: begun ? t.state : last.ref,
    turns: begun ? 0 : last.turns + 1,
    most: begun ? (blank ? Math.min(64, (last?.most ?? 1) * 2) : 1) : last.most,
  };
  k.editTask(t.pid).burn = next;
  k.s.burning = [...k.s.burning.filter((p) => p !== t.pid), t.pid];
}

/** Takes a task out of those that burn: it is run, or has ended. False if it was not among them. */
export function quench(k: Kernel, pid: number): boolean {
  if (!k.s.burning.includes(pid)) return false;
  k.s.burning = k.s.burning.filter((p) => p !== pid);
  return true;
}

/** Some task will have a turn again when it has paid. */
export const turning = (k: Kernel): boolean => k.s.burning.some((pid) => !k.task(pid).burn?.spins && !k.cgroup(k.task(pid).cgroup)?.frozen);

// ——— shares

const bits = (list: string): number =>
  list.split(',').reduce((set, part) => {
    const [from = 0, to = from] = part.split('-').map(Number);
    let all = set;
    for (let n = from; n <= to; n++) all |= 1 << n;
    return all;
  }, 0);

/** cpu.idle makes a group weigh next to nothing: WEIGHT_IDLEPRIO. */
const IDLE = 0.3;
const weightOf = (c: Cgroup): number => (c.files['cpu.idle'] === '1' ? IDLE : Number(c.files['cpu.weight'] ?? 100));

function runner(k: Kernel, t: Task): Runner {
  const groups = [...upFrom(t.cgroup)].flatMap((path) => {
    const c = k.cgroup(path);
    return c && path !== '/' && c.controllers.includes('cpu') ? [{ path, weight: weightOf(c) }] : [];
  });
  return { pid: t.pid, cpus: bits(cpusOf(k, t.cgroup)), groups: groups.reverse() };
}

const running = (k: Kernel): Task[] =>
  k.s.burning.map((pid) => k.task(pid)).filter((t) => !k.cgroup(t.cgroup)?.frozen && heldUntil(k, t.cgroup) === 0);

/** The share that a task would have beside those that burn. */
export function shareBeside(k: Kernel, t: Task): number {
  const others = running(k).filter((o) => o.pid !== t.pid);
  return (
    shares(
      [...others, t].map((o) => runner(k, o)),
      SYSTEM.cpus,
    ).get(t.pid) ?? 1
  );
}

// ——— time

/** Groups with a quota that burning tasks are in, and what goes of it in a millisecond. */
function limited(k: Kernel, tasks: readonly Task[], rate: ReadonlyMap<number, number>) {
  const out = new Map<string, number>();
  for (const t of tasks)
    for (const path of upFrom(t.cgroup)) if (k.cgroup(path)?.files['cpu.max']) out.set(path, (out.get(path) ?? 0) + (rate.get(t.pid) ?? 0));
  return [...out].flatMap(([path, use]) => {
    const room = left(k.cgroup(path) as Cgroup, k.s.clock);
    return room ? [{ path, use, ...room }] : [];
  });
}

/** Time up to the next moment at which shares change, or a task has paid; at most up to `to`. */
function passSome(k: Kernel, to: number) {
  const now = k.s.clock;
  const tasks = running(k);
  const rate = shares(
    tasks.map((t) => runner(k, t)),
    SYSTEM.cpus,
  );
  const groups = limited(k, tasks, rate);
  let end = to;
  for (const t of tasks) if (!t.burn?.spins) end = Math.min(end, now + Math.max(0, t.burn?.owed ?? 0) / (rate.get(t.pid) ?? 1));
  for (const g of groups) end = Math.min(end, g.until, g.use > 0 ? now + g.quota / g.use : g.until);
  for (const pid of k.s.burning) {
    const held = heldUntil(k, k.task(pid).cgroup);
    if (held > 0) end = Math.min(end, held);
  }
  // However small, a step forward.
  end = Math.min(to, Math.max(end, now + SLACK));
  const ms = end - now;
  k.s.clock = end;
  for (const t of tasks) {
    const got = (rate.get(t.pid) ?? 0) * ms;
    const paying = k.editTask(t.pid);
    paying.cpu += got;
    if (paying.burn) paying.burn = { ...paying.burn, owed: paying.burn.spins ? 0 : paying.burn.owed - got };
  }
  ran(k, tasks.length, ms);
  for (const g of groups) if (g.use > 0) chargeOne(k, k.cgroup(g.path) as Cgroup, g.use * ms, now);
}

/** Tasks that have paid are ready again; whether there are any. */
function release(k: Kernel): boolean {
  const paid = k.s.burning.filter((pid) => {
    const b = k.task(pid).burn;
    return !!b && !b.spins && b.owed <= SLACK;
  });
  if (paid.length === 0) return false;
  k.s.burning = k.s.burning.filter((pid) => !paid.includes(pid));
  k.s.ready = [...k.s.ready, ...paid];
  return true;
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));

/** A span after which all periods begin together, in milliseconds: 0 where no group with a quota burns, null where it is long. */
function cycle(k: Kernel): number | null {
  let all = 0;
  for (const pid of k.s.burning)
    for (const path of upFrom(k.task(pid).cgroup)) {
      const [quota, period] = (k.cgroup(path)?.files['cpu.max'] ?? 'max').split(' ').map(Number);
      if (!period || Number.isNaN(quota)) continue;
      all = all === 0 ? period : (all / gcd(all, period)) * period;
      if (all > 10_000_000) return null;
    }
  return all / 1000;
}

/** Goes through one span in which nobody has a turn, and counts it as often as it fits: an hour is as cheap as a second. */
function repeat(k: Kernel, span: number, to: number) {
  const before = new Map(k.s.burning.map((pid) => [pid, k.task(pid).cpu]));
  const groups = new Map(
    k.t.cgroups
      .values()
      .filter((c) => c.bandwidth)
      .map((c) => [c.path, c]),
  );
  const start = k.s.clock;
  while (k.s.clock < start + span) passSome(k, start + span);
  const times = Math.floor((to - k.s.clock) / span);
  k.s.clock += times * span;
  let used = 0;
  for (const [pid, cpu] of before) {
    const t = k.editTask(pid);
    used += t.cpu - cpu;
    t.cpu += (t.cpu - cpu) * times;
  }
  ran(k, used / span, times * span);
  for (const [path, was] of groups) {
    const c = k.cgroup(path) as Cgroup;
    const [old, now] = [was.bandwidth, c.bandwidth];
    const width = left(c, start);
    if (!old || !now || !width || now.periods === old.periods) continue;
    const more = (a: number, b: number) => b + (b - a) * times;
    k.putCgroup({
      ...c,
      throttled: more(was.throttled ?? 0, c.throttled ?? 0),
      bandwidth: {
        period: more(old.period, now.period),
        used: now.used,
        periods: more(old.periods, now.periods),
        until: now.until > 0 ? now.until + times * span : 0,
        waited: more(old.waited, now.waited),
      },
    });
  }
}

/** Moves the clock up to `to`; with `stop` not beyond the moment at which a burning task has paid. */
export function pass(k: Kernel, to: number, stop: boolean) {
  if (stop && release(k)) return;
  while (k.s.clock < to) {
    if (k.s.burning.length === 0) break;
    const span = turning(k) ? null : cycle(k);
    if (span !== null && span > 0 && to - k.s.clock > 3 * span) {
      const edge = Math.ceil(k.s.clock / span) * span;
      while (k.s.clock < edge) passSome(k, edge);
      repeat(k, span, to);
      continue;
    }
    passSome(k, to);
    if (release(k) && stop) return;
  }
  k.s.clock = Math.max(k.s.clock, to);
}
