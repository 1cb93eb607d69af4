/**
 * What a drawing of limits needs to know: for each control group of a container, or made by hand, what it holds and what it
 * may hold, as the kernel's files say it. Documentation/admin-guide/cgroup-v2.rst.
 *
 *   memory.current ──▶ │ memory.max        a pointer and its stop; cpu.max, pids.max likewise
 */

import { pmap } from '../../base';
import { type Container, containerIn, groupOf } from '../../engine';
import { bandwidthOf, type Cgroup, cpusOf, groupMemory, SYSTEM, type Task } from '../../kernel';
import type { World } from './world';

/** How far a controller's pointer stands, and where its stop is; null: no stop. */
export interface Gauge {
  now: number;
  max: number | null;
  /** The last step moved the pointer, or the stop. */
  moved: boolean;
  limited: boolean;
}

export interface LimitsRow {
  /** Of the group: "/system.slice/docker-….scope". */
  path: string;
  /** Of the container, or the group's own. */
  name: string;
  container: boolean;
  frozen: boolean;
  /** Bytes; `low` is what is asked to be left, `peak` the most it has held. */
  memory: Gauge & { low: number; swap: number | null; peak: number; kills: number };
  /** Processors: `max` is the quota's share of time, `now` what it has used in all, seconds. */
  cpu: Gauge & { weight: number; cpus: string; throttled: number; periods: number; waited: number };
  pids: Gauge & { refused: number };
  io: string[];
  /** By the last step: killed for memory, throttled, a fork refused, frozen or thawed, made. */
  struck: { killed: boolean; throttled: boolean; refused: boolean; froze: boolean; made: boolean };
}

export interface LimitsView {
  memory: number;
  cpus: number;
  rows: LimitsRow[];
  /** Containers that do not run, whose group is gone with them. */
  gone: { name: string; exitCode: number; oomKilled: boolean; changed: boolean }[];
}

const SERVICES = /^\/($|init\.scope|user\.slice|system\.slice$|system\.slice\/[^/]+\.service)/;

const members = (world: World, path: string): Task[] =>
  world.kernel.t.tasks.values().filter((t) => t.status !== 'zombie' && (t.cgroup === path || t.cgroup.startsWith(`${path}/`)));

const containerOf = (world: World, path: string): Container | null => {
  const id = containerIn(path);
  return (id && world.engine && path === groupOf(world.engine.home, id) && pmap.get(world.engine.containers, id)) || null;
};

interface Reading {
  group: Cgroup;
  memory: number;
  pids: number;
  /** Seconds. */
  used: number;
  quota: number | null;
}

function read(world: World, path: string): Reading | null {
  const group = world.kernel.cgroup(path);
  if (!group) return null;
  const tasks = members(world, path);
  const width = bandwidthOf(group);
  return {
    group,
    memory: groupMemory(world.kernel, path),
    pids: tasks.length,
    used: tasks.reduce((n, t) => n + t.cpu, 0) / 1000,
    quota: width && width.quota / width.period,
  };
}

const bytesOf = (text: string | undefined): number | null => (text === undefined || text === 'max' ? null : Number(text));

function rowOf(world: World, path: string, before: World | null): LimitsRow | null {
  const now = read(world, path);
  if (!now) return null;
  const was = before && read(before, path);
  const g = now.group;
  const old = was?.group;
  const gauge = (here: number, there: number | undefined, max: number | null, oldMax: number | null | undefined): Gauge => ({
    now: here,
    max,
    moved: before !== null && here !== there,
    limited: before !== null && max !== (oldMax ?? null),
  });
  const more = (here: number | undefined, there: number | undefined) => before !== null && (here ?? 0) > (there ?? 0);
  const c = containerOf(world, path);
  return {
    path,
    name: c?.Name ?? path,
    container: c !== null,
    frozen: g.frozen,
    memory: {
      ...gauge(now.memory, was?.memory, g.memoryMax, old?.memoryMax),
      low: bytesOf(g.files['memory.low']) ?? 0,
      swap: bytesOf(g.files['memory.swap.max']),
      peak: Math.max(g.memoryPeak ?? 0, now.memory),
      kills: g.oomKills,
    },
    cpu: {
      ...gauge(now.used, now.used, now.quota, was?.quota),
      weight: Number(g.files['cpu.weight'] ?? 100),
      cpus: cpusOf(world.kernel, path),
      throttled: g.throttled ?? 0,
      periods: g.bandwidth?.periods ?? 0,
      waited: (g.bandwidth?.waited ?? 0) / 1000,
    },
    pids: { ...gauge(now.pids, was?.pids, g.pidsMax, old?.pidsMax), refused: g.forksRefused ?? 0 },
    io: (g.files['io.max'] ?? '').split('\n').filter(Boolean),
    struck: {
      killed: more(g.oomKills, old?.oomKills),
      throttled: more(g.throttled, old?.throttled),
      refused: more(g.forksRefused, old?.forksRefused),
      froze: before !== null && g.frozen !== (old?.frozen ?? false),
      made: before !== null && old === undefined,
    },
  };
}

/** Something about a row is of the last step. */
export const rowChanged = (r: LimitsRow): boolean =>
  Object.values(r.struck).some(Boolean) || [r.memory, r.cpu, r.pids].some((g) => g.moved || g.limited);

/** `before` is the machine before its last change: what that change moved is marked. */
export function limitsView(world: World, before: World | null): LimitsView {
  const paths = [...world.kernel.t.cgroups.keys()].map(String).filter((p) => !SERVICES.test(p) || containerOf(world, p));
  const rows = paths.flatMap((path) => rowOf(world, path, before) ?? []);
  const age = (r: LimitsRow) => containerOf(world, r.path)?.Created ?? Number.POSITIVE_INFINITY;
  const all = world.engine ? pmap.values(world.engine.containers) : [];
  return {
    memory: SYSTEM.memTotal,
    cpus: SYSTEM.cpus,
    rows: rows.sort((a, b) => age(a) - age(b) || (a.path < b.path ? -1 : 1)),
    gone: all
      .filter((c) => c.State.Status === 'exited' || c.State.Status === 'restarting')
      .map((c) => {
        const old = before?.engine ? pmap.get(before.engine.containers, c.Id) : undefined;
        return {
          name: c.Name,
          exitCode: c.State.ExitCode,
          oomKilled: c.State.OOMKilled,
          changed: before !== null && old?.State.FinishedAt !== c.State.FinishedAt,
        };
      })
      .filter((g) => g.oomKilled || g.changed),
  };
}
