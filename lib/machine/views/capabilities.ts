/**
 * What a drawing of capabilities needs to know: the five sets of a container's first process, and what they were before the
 * last change: of the same process, or of the container that had the name. capabilities(7).
 */

import { decode, pmap } from '../../base';
import { defaults } from '../../engine';
import { CAPS, type Cap, hasCap, type Task } from '../../kernel';
import { initOf } from './look-walls';
import type { World } from './world';

export const SETS = ['permitted', 'effective', 'inheritable', 'bounding', 'ambient'] as const;
export type SetName = (typeof SETS)[number];

export interface CapabilityRow {
  cap: Cap;
  /** One of the fourteen that a container has by default. */
  usual: boolean;
  in: Record<SetName, boolean>;
  /** Sets that it has come into, or gone from, by the last change. */
  changed: SetName[];
}

export interface CapabilitiesView {
  name: string;
  pid: number;
  title: string;
  uid: number;
  noNewPrivs: boolean;
  seccomp: boolean;
  /** Sixteen hexadecimal digits a set, as /proc/PID/status has them. */
  masks: Record<SetName, string>;
  rows: CapabilityRow[];
  changed: boolean;
}

const USUAL: ReadonlySet<string> = new Set(defaults.CAPABILITIES);

function processOf(world: World, name: string): Task | null {
  const c = world.engine && pmap.values(world.engine.containers).find((o) => o.Name === name || o.Id.startsWith(name));
  return c ? initOf(world, c) : null;
}

/** Names of the containers that run, the youngest first. */
export const confinedContainers = ({ engine }: World): string[] =>
  engine
    ? pmap
        .values(engine.containers)
        .filter((c) => c.State.Pid !== 0)
        .sort((a, b) => b.Created - a.Created)
        .map((c) => c.Name)
    : [];

/** `before` is the machine before its last change. */
export function capabilitiesView(world: World, name: string, before: World | null): CapabilitiesView | null {
  const t = processOf(world, name);
  if (!t) return null;
  const was = before && processOf(before, name);
  const rows = CAPS.map((cap): CapabilityRow => {
    const has = Object.fromEntries(SETS.map((set) => [set, hasCap(t.cred.caps[set], cap)])) as Record<SetName, boolean>;
    const changed = was ? SETS.filter((set) => hasCap(was.cred.caps[set], cap) !== has[set]) : [];
    return { cap, usual: USUAL.has(cap), in: has, changed };
  });
  return {
    name,
    pid: t.pid,
    title: decode(t.argv.join(' ')),
    uid: t.cred.euid,
    noNewPrivs: t.cred.noNewPrivs,
    seccomp: (t.seccomp ?? []).length > 0,
    masks: Object.fromEntries(SETS.map((set) => [set, t.cred.caps[set].toString(16).padStart(16, '0')])) as Record<SetName, string>,
    rows,
    changed: before !== null && (!was || rows.some((r) => r.changed.length > 0)),
  };
}
