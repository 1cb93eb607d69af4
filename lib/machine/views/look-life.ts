/**
 * What can be asked about a machine's processes, logs and leftovers: the part of look.ts that looks at what runs and at what
 * has been left behind. proc(5); moby daemon/logger, daemon/prune.go (what counts as unused).
 */

import { decode, encode, pmap } from '../../base';
import { type Container, containerDir, type EngineState } from '../../engine';
import { body, signalName, type Task } from '../../kernel';
import { childOf, inodeAt, namesIn, storeOf, type World } from './world';

/** A process of a container: its number in the innermost namespace, what it runs, whether it waits to be reaped. */
export interface Process {
  pid: number;
  title: string;
  zombie: boolean;
}

const titleOf = (t: Task): string => decode(t.argv.length > 0 ? t.argv.join(' ') : t.comm);

/** Processes of a container's control group, by their number inside. */
export function processesOf({ kernel }: World, c: Container): Process[] {
  return kernel.t.tasks
    .values()
    .filter((t) => t.cgroup.includes(`docker-${c.Id}.scope`))
    .map((t) => ({ pid: t.pids.at(-1) ?? t.pid, title: titleOf(t), zombie: t.status === 'zombie' }))
    .sort((a, b) => a.pid - b.pid);
}

/** Text of a container's log files on the host, rotated ones included; null where there are none. */
export function logOf(world: World, c: Container): string | null {
  const home = containerDir(storeOf(world), c.Id);
  const texts: string[] = [];
  for (const at of [home, `${home}/local-logs`]) {
    const dir = inodeAt(world, encode(at));
    if (dir?.type !== 'dir') continue;
    for (const name of namesIn(dir)) {
      const file = childOf(world, dir, name);
      if (file?.type === 'file' && /\.log(\.\d+)?(\.gz)?$/.test(name)) texts.push(decode(body.bytes(file.body)));
    }
  }
  return texts.length === 0 ? null : texts.join('');
}

/** Signals that the engine has sent to a container, by its events, of which it keeps the last 256. */
export const signalsTo = ({ engine }: World, c: Container): string[] =>
  (engine?.events ?? []).flatMap((e) =>
    e.Type === 'container' && e.Action === 'kill' && e.Actor.ID === c.Id ? [signalName(Number(e.Actor.Attributes.signal))] : [],
  );

/** How many commands docker exec has started in a container, by the same events. */
export const execsIn = ({ engine }: World, c: Container): number =>
  (engine?.events ?? []).filter((e) => e.Type === 'container' && e.Action.startsWith('exec_start') && e.Actor.ID === c.Id).length;

const labelled = (labels: Record<string, string> | null | undefined, wanted: string | undefined): boolean =>
  wanted === undefined || Object.entries(labels ?? {}).some(([k, v]) => k === wanted || `${k}=${v}` === wanted);

/** Names of what there is of a kind, with a label where one is asked for. */
export const LEFT = {
  containers: (e, label) =>
    pmap
      .values(e.containers)
      .filter((c) => labelled(c.Config.Labels, label))
      .map((c) => c.Name),
  'stopped containers': (e, label) =>
    pmap
      .values(e.containers)
      .filter((c) => c.State.Pid === 0 && labelled(c.Config.Labels, label))
      .map((c) => c.Name),
  'dangling images': (e) => {
    const named = new Set(pmap.values(e.references));
    return pmap
      .values(e.images)
      .filter((i) => !named.has(i.Id))
      .map((i) => i.Id.replace('sha256:', '').slice(0, 12));
  },
  volumes: (e, label) =>
    pmap
      .values(e.volumes)
      .filter((v) => labelled(v.Labels, label))
      .map((v) => v.Name),
  'anonymous volumes': (e) =>
    pmap
      .values(e.volumes)
      .filter((v) => v.anonymous)
      .map((v) => v.Name.slice(0, 12)),
} as const satisfies Record<string, (engine: EngineState, label?: string) => string[]>;
export type LeftKind = keyof typeof LEFT;

export const leftOf = ({ engine }: World, kind: LeftKind, label?: string): string[] =>
  engine ? (LEFT[kind] as (engine: EngineState, label?: string) => string[])(engine, label) : [];
