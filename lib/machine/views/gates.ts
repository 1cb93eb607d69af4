/**
 * What a drawing of the gates needs to know: the refusals of a step that somebody noticed, and at which gate each call ended.
 * seccomp(2), capabilities(7), path_resolution(7), the LSM documentation of the kernel.
 *
 * Simplified: one order for all calls. In the kernel the filter comes first for each; which of the others are asked, and in
 * which order, depends on the call. A refusal by a capability that a file's mode asked for is told as the mode's.
 */

import { pmap } from '../../base';
import type { Refusal, Trace } from '../face';
import { decisive } from '../why';
import type { World } from './world';

export const GATES = ['seccomp', 'capability', 'owner', 'lsm', 'rest'] as const;
export type Gate = (typeof GATES)[number];

export interface Attempt {
  call: string;
  errno: string;
  /** Where the call ended. */
  gate: Gate;
  /** The check itself: for `rest`, the part of the kernel. */
  by: Refusal['by'];
  reason: string;
  pid: number;
  /** Name of the container that the process was in. */
  container: string | null;
  /** The one that the failed command told. */
  told: boolean;
}

export interface GatesView {
  attempts: Attempt[];
  /** Refusals of the step that are left out: files that were looked for and not found. */
  others: number;
  /** Whether the kernel has a security module that is asked. */
  lsm: boolean;
}

const gateOf = (by: Refusal['by']): Gate => (by === 'seccomp' || by === 'capability' || by === 'owner' || by === 'lsm' ? by : 'rest');

/**
 * A program that looks for a file in several places, or tries one way and then the other (runc masks a path as a file, then as a
 * directory), is refused all the time; that is no closed gate.
 */
const looking = (r: Refusal) =>
  ['ENOENT', 'ENODEV', 'ENOTDIR', 'ESRCH', 'ECHILD', 'EEXIST', 'ENOTTY', 'EINVAL', 'ENOEXEC'].includes(r.errno);

const MOST = 5;

export function gatesView(world: World, trace: Pick<Trace, 'status' | 'refusals' | 'output'> | null): GatesView {
  const refusals = trace?.refusals ?? [];
  const told = trace && decisive(trace);
  const nameOf = (id: string | undefined): string | null => {
    if (id === undefined) return null;
    return (world.engine && pmap.get(world.engine.containers, id)?.Name) ?? id.slice(0, 12);
  };
  const seen = new Set<string>();
  const shown = refusals.filter((r) => {
    const key = `${r.call} ${r.errno} ${r.by}`;
    if ((looking(r) && r !== told) || seen.has(key)) return false;
    seen.add(key);
    return true;
  });
  // The decisive one first, then the latest.
  const order = [...shown].sort((a, b) => Number(b === told) - Number(a === told) || refusals.indexOf(b) - refusals.indexOf(a));
  return {
    attempts: order.slice(0, MOST).map((r) => ({
      call: r.call,
      errno: r.errno,
      gate: gateOf(r.by),
      by: r.by,
      reason: r.reason,
      pid: r.pid,
      container: nameOf(r.container),
      told: r === told,
    })),
    others: refusals.length - Math.min(shown.length, MOST),
    lsm: world.kernel.s.apparmor !== undefined,
  };
}
