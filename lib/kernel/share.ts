/**
 * How processors are divided among tasks that never sleep: fair shares by weight, level by level of the tree of control groups.
 * Documentation/admin-guide/cgroup-v2.rst, "CPU"; Documentation/scheduler/sched-design-CFS.rst.
 *
 *   two processors        system.slice 100 ── one   weight 300 ── a          a 1 (a task has one processor at most)
 *                                          ├─ two   weight 100 ── b          b ½
 *                                          └─ three weight 100 ── c          c ½
 *
 * Simplified: what Linux reaches on the average of many turns and moves between processors is given at every moment.
 */

export interface Runner {
  pid: number;
  /** The processors that it may use, as a sum of powers of two. */
  cpus: number;
  /** The groups that it is in, from the root's child on, and their weights; 100 is usual. */
  groups: readonly { path: string; weight: number }[];
}

/** What a task of the usual niceness weighs beside a group. */
const TASK = 100;
const SLACK = 1e-9;

const within = (set: number, of: number) => (set & ~of) === 0;

interface Node {
  weight: number;
  tasks: number[];
  below: Map<string, Node>;
}
const node = (weight: number): Node => ({ weight, tasks: [], below: new Map() });

/** The part that each runner has of the whole when all can run everywhere: products of the parts on its way down. */
function parts(runners: readonly Runner[]): Map<number, number> {
  const root = node(0);
  for (const r of runners) {
    let at = root;
    for (const g of r.groups) {
      const next = at.below.get(g.path) ?? node(g.weight);
      at.below.set(g.path, next);
      at = next;
    }
    at.tasks.push(r.pid);
  }
  const out = new Map<number, number>();
  const divide = (n: Node, part: number) => {
    const total = [...n.below.values()].reduce((sum, b) => sum + b.weight, n.tasks.length * TASK);
    for (const pid of n.tasks) out.set(pid, (part * TASK) / total);
    for (const b of n.below.values()) divide(b, (part * b.weight) / total);
  };
  divide(root, 1);
  return out;
}

const sets = (cpus: number): { of: number; size: number }[] =>
  Array.from({ length: 2 ** cpus - 1 }, (_, i) => ({ of: i + 1, size: (i + 1).toString(2).replaceAll('0', '').length }));

/**
 * Processors that each runner has, 0 … 1. All grow by their parts until some set of processors is full, or a task has one of
 * its own; the others go on.
 */
export function shares(runners: readonly Runner[], cpus: number): Map<number, number> {
  const rate = new Map(runners.map((r) => [r.pid, 0]));
  const rateOf = (r: Runner) => rate.get(r.pid) as number;
  let open = [...runners];
  const limits = sets(cpus);
  while (open.length > 0) {
    const part = parts(open);
    const partOf = (r: Runner) => part.get(r.pid) as number;
    const room = limits.map(({ of, size }) => ({
      of,
      left: size - runners.reduce((sum, r) => sum + (within(r.cpus, of) ? rateOf(r) : 0), 0),
      growth: open.reduce((sum, r) => sum + (within(r.cpus, of) ? partOf(r) : 0), 0),
    }));
    const step = Math.min(
      ...room.filter((s) => s.growth > 0).map((s) => s.left / s.growth),
      ...open.map((r) => (1 - rateOf(r)) / partOf(r)),
    );
    for (const r of open) rate.set(r.pid, rateOf(r) + step * partOf(r));
    const full = room.filter((s) => s.growth > 0 && s.left - step * s.growth < SLACK);
    const rest = open.filter((r) => rateOf(r) < 1 - SLACK && !full.some((s) => within(r.cpus, s.of)));
    if (rest.length === open.length) break;
    open = rest;
  }
  return rate;
}
