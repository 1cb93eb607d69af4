/**
 * The states of a container, the ways between them, and which of them one container has gone: from the engine's events.
 * moby container/state.go; docs.docker.com/reference/cli/docker/container.
 */

import { pmap } from '../../base';
import type { EngineEvent, Status } from '../../engine';
import type { World } from './world';

/** What the state machine is drawn of: `none` is before create and after rm. */
export type Place = Exclude<Status, 'removing' | 'dead'> | 'none';

export interface Way {
  from: Place;
  to: Place;
  /** Commands that lead there, or what happens by itself. */
  by: string[];
}

/** Every way from state to state. */
export const WAYS: readonly Way[] = [
  { from: 'none', to: 'created', by: ['docker create'] },
  { from: 'created', to: 'running', by: ['docker start'] },
  { from: 'running', to: 'paused', by: ['docker pause'] },
  { from: 'paused', to: 'running', by: ['docker unpause'] },
  { from: 'running', to: 'exited', by: ['docker stop', 'docker kill', 'its first process ends'] },
  { from: 'paused', to: 'exited', by: ['docker stop', 'docker kill'] },
  { from: 'exited', to: 'running', by: ['docker start', 'docker restart'] },
  { from: 'running', to: 'restarting', by: ['its first process ends, and its restart policy starts it again'] },
  { from: 'restarting', to: 'running', by: ['the pause is over'] },
  { from: 'restarting', to: 'exited', by: ['docker stop'] },
  { from: 'created', to: 'none', by: ['docker rm'] },
  { from: 'exited', to: 'none', by: ['docker rm', '--rm'] },
  { from: 'running', to: 'none', by: ['docker rm -f'] },
];

export interface Taken {
  /** The event's action: create, start, die, pause, … */
  action: string;
  from: Place;
  to: Place;
  /** Milliseconds since the epoch. */
  time: number;
  exitCode: number | null;
  /** Of a kill: the signal's number. */
  signal: number | null;
  /** Since the machine's last change. */
  changed: boolean;
}

export interface LifecycleView {
  id: string;
  name: string;
  now: Place;
  exitCode: number | null;
  restartCount: number;
  policy: string;
  /** The daemon will not start it again by itself: it was stopped by hand. */
  stoppedByHand: boolean;
  health: string | null;
  /** Events that moved it or touched it, oldest first; the engine keeps the last 256 of all. */
  taken: Taken[];
  ways: readonly Way[];
}

const placeOf = (status: Status | undefined): Place =>
  status === undefined || status === 'removing' || status === 'dead' ? 'none' : status;

function takenOf(events: readonly EngineEvent[], seen: number): Taken[] {
  let at: Place = 'none';
  return events.map((e): Taken => {
    const from = at;
    at = e.Action === 'destroy' ? 'none' : placeOf(e.status);
    const { exitCode, signal } = e.Actor.Attributes;
    return {
      action: e.Action.replace(/:.*/s, ''),
      from: e.Action === 'create' ? 'none' : from,
      to: at,
      time: e.time,
      exitCode: e.Action === 'die' && exitCode !== undefined ? Number(exitCode) : null,
      signal: e.Action === 'kill' && signal !== undefined ? Number(signal) : null,
      changed: e.seq > seen,
    };
  });
}

/** Ids of the containers that there are, and of those that events still tell of; newest first. */
export function lifecycleContainers(world: World): { id: string; name: string }[] {
  const engine = world.engine;
  if (!engine) return [];
  const found = new Map<string, string>();
  for (const e of engine.events) if (e.Type === 'container') found.set(e.Actor.ID, e.Actor.Attributes.name ?? '');
  for (const c of pmap.values(engine.containers).sort((a, b) => a.Created - b.Created)) {
    found.delete(c.Id);
    found.set(c.Id, c.Name);
  }
  return [...found].map(([id, name]) => ({ id, name })).reverse();
}

/** One container's life, by name or the beginning of its id; null when nothing is known of it. */
export function lifecycleView(world: World, ref: string, before: World | null): LifecycleView | null {
  const engine = world.engine;
  if (!engine) return null;
  const id = lifecycleContainers(world).find((c) => c.name === ref || c.id.startsWith(ref))?.id;
  if (id === undefined) return null;
  const c = pmap.get(engine.containers, id);
  const events = engine.events.filter((e) => e.Type === 'container' && e.Actor.ID === id);
  const taken = takenOf(events, before === null ? Number.POSITIVE_INFINITY : (before.engine?.lastEvent ?? 0));
  const policy = c?.HostConfig.RestartPolicy;
  return {
    id,
    name: c?.Name ?? events.at(-1)?.Actor.Attributes.name ?? '',
    now: c ? placeOf(c.State.Status) : 'none',
    exitCode: c ? (c.State.FinishedAt === null ? null : c.State.ExitCode) : (taken.findLast((t) => t.exitCode !== null)?.exitCode ?? null),
    restartCount: c?.RestartCount ?? 0,
    policy: `${policy?.Name || 'no'}${policy?.MaximumRetryCount ? `:${policy.MaximumRetryCount}` : ''}`,
    stoppedByHand: c?.State.manual ?? false,
    health: c?.health?.Status ?? null,
    taken,
    ways: WAYS,
  };
}
