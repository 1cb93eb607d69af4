/** Tasks: made, moved on from state to state, shown. swarmkit manager/orchestrator/task.go, api/types/swarm/task.go. */

import { type Daemon, rfc3339 } from '../daemon';
import * as nets from '../net/networks';
import * as networks from './networks';
import { before, isOver, type Service, type Task, type TaskState } from './state';
import { change, created, drop, next, put, servicesOf, taskOf } from './store';

/** What a task of a service would be now. */
export function make(d: Daemon, s: Service, slot: { Slot: number; NodeID: string }, more: Partial<Task> = {}): Task {
  const meta = created(d);
  const t: Task = {
    ...meta,
    ServiceID: s.ID,
    ...slot,
    Spec: s.Spec.TaskTemplate,
    EndpointSpec: s.Spec.EndpointSpec,
    DesiredState: s.Job ? 'complete' : 'running',
    Status: { Timestamp: meta.CreatedAt, State: 'pending', Message: 'pending task scheduling' },
    ...(s.Job ? { Job: { Index: s.Job.Iteration } } : {}),
    Networks: networks.addressesFor(d, s, meta.ID),
    notBefore: null,
    after: null,
    startedAt: null,
    restarts: [],
    busy: null,
    ...more,
  };
  put(d, 'tasks', t);
  return t;
}

/** Whether a task is still meant to be there: it is to run, or to end of itself. */
export const isLive = (t: Task): boolean => !before('running', t.DesiredState) || (t.DesiredState === 'complete' && !isOver(t));

/** Whether a task is what its service asks for now. */
export const isCurrent = (s: Service, t: Task): boolean =>
  JSON.stringify(t.Spec) === JSON.stringify(s.Spec.TaskTemplate) &&
  JSON.stringify(t.EndpointSpec ?? {}) === JSON.stringify(s.Spec.EndpointSpec ?? {});

/** Its slot: a number, or the node where every node has one. */
export const slotOf = (t: Task): string => (t.Slot === 0 ? t.NodeID : `${t.Slot}`);

/** web.1, or where the node is the slot every.NODE. */
export function nameOf(d: Daemon, t: Task): string {
  const s = servicesOf(d).find((x) => x.ID === t.ServiceID);
  return `${s?.Spec.Name ?? t.ServiceID}.${slotOf(t)}`;
}

export function desire(d: Daemon, t: Task, DesiredState: TaskState) {
  const now = taskOf(d, t.ID);
  if (now && before(now.DesiredState, DesiredState)) change(d, 'tasks', now, { DesiredState });
}

const MESSAGES: Partial<Record<TaskState, string>> = {
  pending: 'pending task scheduling',
  assigned: 'scheduler assigned task to node',
  accepted: 'accepted',
  preparing: 'preparing',
  ready: 'prepared',
  starting: 'starting',
  running: 'started',
  complete: 'finished',
  shutdown: 'shutdown',
  failed: 'started',
  rejected: 'preparing',
};

export function enter(d: Daemon, t: Task, State: TaskState, more: Partial<Task['Status']> = {}, fields: Partial<Task> = {}): Task {
  const { Err: _, ...status } = t.Status;
  const Status = { ...status, Timestamp: d.now(), State, Message: MESSAGES[State] ?? State, ...more };
  const now = change(d, 'tasks', taskOf(d, t.ID) ?? t, { ...fields, Status });
  if (isOver(now)) networks.dropAddresses(d, now);
  return now;
}

export function forget(d: Daemon, t: Task) {
  if (!isOver(t)) networks.dropAddresses(d, t);
  drop(d, 'tasks', t.ID);
  next(d);
}

export function json(d: Daemon, t: Task) {
  const { ContainerID, Pid, ExitCode, ...Status } = t.Status;
  return {
    ID: t.ID,
    Version: { Index: t.Version },
    CreatedAt: rfc3339(t.CreatedAt),
    UpdatedAt: rfc3339(t.UpdatedAt),
    Labels: {},
    Spec: t.Spec,
    ServiceID: t.ServiceID,
    ...(t.Slot === 0 ? {} : { Slot: t.Slot }),
    ...(t.NodeID === '' ? {} : { NodeID: t.NodeID }),
    Status: {
      ...Status,
      Timestamp: rfc3339(Status.Timestamp),
      ...(ContainerID ? { ContainerStatus: { ContainerID, PID: Pid ?? 0, ExitCode: ExitCode ?? 0 } } : {}),
      PortStatus: portsOf(t),
    },
    DesiredState: t.DesiredState,
    ...(t.Networks.length > 0 ? { NetworksAttachments: t.Networks.map((n) => attachment(d, n)) } : {}),
    ...(t.Job ? { JobIteration: { Index: t.Job.Index } } : {}),
    Volumes: null,
  };
}

/** Ports of the host that a task has of its own. */
function portsOf(t: Task) {
  const own = (t.EndpointSpec?.Ports ?? []).filter((p) => p.PublishMode === 'host');
  // One for each kind of address.
  return t.Status.State === 'running' && own.length > 0 ? { Ports: own.flatMap((p) => [p, p]) } : {};
}

function attachment(d: Daemon, { Network, Addresses }: Task['Networks'][number]) {
  const n = nets.byId(d, Network);
  const at = rfc3339(n?.Created ?? 0);
  const driver = { Name: 'default' };
  return {
    Network: {
      ID: Network,
      Version: { Index: 12 },
      CreatedAt: at,
      UpdatedAt: at,
      Spec: {
        Name: n?.Name ?? '',
        Labels: n?.Labels ?? {},
        DriverConfiguration: { Name: 'overlay' },
        ...(n?.Attachable ? { Attachable: true } : {}),
        ...(n?.Ingress ? { Ingress: true } : {}),
        IPAMOptions: { Driver: driver },
        Scope: 'swarm',
      },
      DriverState: { Name: 'overlay', Options: n?.Options ?? {} },
      IPAMOptions: { Driver: driver, Configs: n?.ipam.Config ?? [] },
    },
    Addresses,
  };
}
