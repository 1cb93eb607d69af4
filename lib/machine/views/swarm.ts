/**
 * What a drawing of a swarm needs to know: services with what is asked of them, their slots with the tasks in them, newest first, and
 * the container of each. The manager's own records: lib/engine/swarm/state.ts.
 */

import { pmap } from '../../base';
import type { Container, swarmState } from '../../engine';
import type { World } from './world';

export interface TaskRow {
  id: string;
  /** What the manager wants of it, and what it is. */
  desired: string;
  state: string;
  error: string;
  /** Its container, as far as there is one. */
  container: { id: string; status: string; pid: number } | null;
  /** New, or in another state than before the last change. */
  changed: boolean;
}
export interface SlotRow {
  /** web.1 */
  name: string;
  /** Newest first: the first is the one that counts. */
  tasks: TaskRow[];
}
export interface ServiceRow {
  id: string;
  name: string;
  mode: string;
  image: string;
  /** How many tasks are to run; null where the nodes decide. */
  wanted: number | null;
  running: number;
  /** "8080→80" */
  ports: string[];
  /** Virtual addresses, without their prefix. */
  addresses: string[];
  /** "updating" … where there is or was an update. */
  update: string | null;
  slots: SlotRow[];
  /** What is asked for, or how an update goes, is another than before. */
  changed: boolean;
}
export interface SwarmView {
  node: { name: string; availability: string; changed: boolean };
  services: ServiceRow[];
  secrets: string[];
  configs: string[];
  /** Changed by the last step, somewhere. */
  changed: boolean;
}

type Swarm = swarmState.Swarm;
type Task = swarmState.Task;

const plain = (image: string): string => image.split('@')[0] ?? image;

const MODES: Readonly<Record<string, string>> = {
  Replicated: 'replicated',
  Global: 'global',
  ReplicatedJob: 'job',
  GlobalJob: 'global job',
};

function taskRow(t: Task, was: Swarm | null, containers: pmap.PMap<Container>): TaskRow {
  const c = t.Status.ContainerID ? pmap.get(containers, t.Status.ContainerID) : undefined;
  const old = was?.tasks[t.ID];
  return {
    id: t.ID.slice(0, 12),
    desired: t.DesiredState,
    state: t.Status.State,
    error: t.Status.Err ?? '',
    container: c ? { id: c.Id.slice(0, 12), status: c.State.Status, pid: c.State.Pid } : null,
    changed: was !== null && (!old || old.Status.State !== t.Status.State || old.DesiredState !== t.DesiredState),
  };
}

const slotKey = (t: Task): string => (t.Slot === 0 ? t.NodeID : `${t.Slot}`);

function serviceRow(s: swarmState.Service, now: Swarm, was: Swarm | null, containers: pmap.PMap<Container>): ServiceRow {
  const slots = new Map<string, Task[]>();
  const own = Object.values(now.tasks).filter((t) => t.ServiceID === s.ID);
  for (const t of own.sort((a, b) => a.Slot - b.Slot || b.CreatedAt - a.CreatedAt))
    slots.set(slotKey(t), [...(slots.get(slotKey(t)) ?? []), t]);
  const { Mode } = s.Spec;
  const old = was?.services[s.ID];
  const asked = (x: swarmState.Service | undefined) => JSON.stringify([x?.Spec, x?.UpdateStatus?.State]);
  return {
    id: s.ID.slice(0, 12),
    name: s.Spec.Name,
    mode: MODES[Object.keys(Mode)[0] ?? ''] ?? '',
    image: plain(s.Spec.TaskTemplate.ContainerSpec.Image),
    wanted: Mode.Replicated?.Replicas ?? Mode.ReplicatedJob?.TotalCompletions ?? null,
    running: own.filter((t) => t.Status.State === 'running').length,
    ports: (s.Endpoint.Ports ?? []).map((p) => `${p.PublishedPort}→${p.TargetPort}`),
    addresses: (s.Endpoint.VirtualIPs ?? []).flatMap((v) => (v.Addr ? [v.Addr.split('/')[0] as string] : [])),
    update: s.UpdateStatus?.State ?? null,
    slots: [...slots].map(([key, list]) => ({
      name: `${s.Spec.Name}.${/^\d+$/.test(key) ? key : now.node.Hostname}`,
      tasks: list.map((t) => taskRow(t, was, containers)),
    })),
    changed: was !== null && asked(s) !== asked(old),
  };
}

const names = (table: Readonly<Record<string, { Spec: { Name: string } }>>) =>
  Object.values(table)
    .map((x) => x.Spec.Name)
    .sort();

/** Null where the engine manages no swarm. `before`: the machine before its last change. */
export function swarmView(world: World, before: World | null): SwarmView | null {
  const now = world.engine?.swarm;
  if (!world.engine || !now) return null;
  const was = before?.engine ? before.engine.swarm : null;
  const containers = world.engine.containers;
  const services = Object.values(now.services)
    .sort((a, b) => (a.Spec.Name < b.Spec.Name ? -1 : 1))
    .map((s) => serviceRow(s, now, was, containers));
  const node = {
    name: now.node.Hostname,
    availability: now.node.Spec.Availability,
    changed: before !== null && was?.node.Spec.Availability !== now.node.Spec.Availability,
  };
  const changed =
    node.changed ||
    services.some((s) => s.changed || s.slots.some((x) => x.tasks.some((t) => t.changed))) ||
    (before !== null && was === null);
  return { node, services, secrets: names(now.secrets), configs: names(now.configs), changed };
}
