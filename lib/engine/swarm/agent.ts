/**
 * The node's part: makes a container of each task that is assigned to it, and tells how it goes. swarmkit agent, moby
 * daemon/cluster/executor/container.
 *
 *   assigned → preparing (image, container made) → ready → starting → running → complete | failed
 *                        └ rejected                └──────── shutdown ┘
 *
 * Simplified: an image that is not here is pulled at once where the catalogue has it; registries over the network are not asked.
 */

import { attempt } from '../../kernel';
import { type CreateRequest, create } from '../create';
import { ApiError, type Daemon } from '../daemon';
import * as images from '../images';
import * as lifecycle from '../lifecycle';
import * as nets from '../net/networks';
import { isCatalogued, pull } from '../pull';
import type { Container, HostConfig } from '../state';
import * as networks from './networks';
import { before, type ContainerSpec, isOver, type Service, type Task } from './state';
import { need, servicesOf, taskOf } from './store';
import { enter, forget, nameOf } from './tasks';

/** How long it is until a task has its container, and until it runs, milliseconds. */
const PREPARE = 150;

const LABEL = 'com.docker.swarm';
export const containerName = (d: Daemon, t: Task): string => `${nameOf(d, t)}.${t.ID}`;

function labelsOf(d: Daemon, t: Task, s: Service | undefined): Record<string, string> {
  return {
    ...t.Spec.ContainerSpec.Labels,
    [`${LABEL}.task`]: '',
    [`${LABEL}.task.id`]: t.ID,
    [`${LABEL}.task.name`]: containerName(d, t),
    [`${LABEL}.node.id`]: t.NodeID,
    [`${LABEL}.service.id`]: t.ServiceID,
    [`${LABEL}.service.name`]: s?.Spec.Name ?? '',
  };
}

/** {{.Service.Name}}, {{.Task.Slot}}, {{.Node.Hostname}} … in variables, host names and mounts: swarmkit template. */
function expand(d: Daemon, t: Task, s: Service | undefined, text: string): string {
  const { node } = need(d);
  const values: Record<string, string> = {
    'Service.ID': t.ServiceID,
    'Service.Name': s?.Spec.Name ?? '',
    'Node.ID': node.ID,
    'Node.Hostname': node.Hostname,
    'Task.ID': t.ID,
    'Task.Name': containerName(d, t),
    'Task.Slot': t.Slot === 0 ? t.NodeID : `${t.Slot}`,
  };
  return text.replace(/\{\{\s*\.(\w+\.\w+)\s*\}\}/g, (whole, name: string) => values[name] ?? whole);
}

/** Networks of the host itself, by which a task's mode is named. */
function modeOf(d: Daemon, t: Task): string {
  const own = (t.Spec.Networks ?? []).flatMap((a) => nets.byId(d, a.Target) ?? []);
  return (
    own.find((n) => n.Driver !== 'overlay')?.Name ?? (t.Networks[0] ? (nets.byId(d, t.Networks[0].Network)?.Name ?? 'default') : 'default')
  );
}

function mountsOf(c: ContainerSpec): HostConfig['Mounts'] {
  return c.Mounts?.map((m) => ({ ...m, Type: (m.Type || 'volume') as 'bind' | 'volume' | 'tmpfs' }));
}

function hostConfigOf(d: Daemon, t: Task): HostConfig {
  const c = t.Spec.ContainerSpec;
  const { Limits = {}, Reservations = {} } = t.Spec.Resources ?? {};
  const ports = (t.EndpointSpec?.Ports ?? []).filter((p) => p.PublishMode === 'host');
  return {
    // Kept private only where the daemon's own default says so: a task's spec names none.
    CgroupnsMode: 'host',
    NetworkMode: modeOf(d, t),
    ...(c.Mounts ? { Mounts: mountsOf(c) } : {}),
    ...(c.Init === undefined ? {} : { Init: c.Init }),
    ...(c.ReadOnly ? { ReadonlyRootfs: true } : {}),
    ...(c.Isolation ? { Isolation: c.Isolation } : {}),
    ...(c.CapabilityAdd ? { CapAdd: c.CapabilityAdd } : {}),
    ...(c.CapabilityDrop ? { CapDrop: c.CapabilityDrop } : {}),
    ...(c.Groups ? { GroupAdd: c.Groups } : {}),
    ...(c.Sysctls ? { Sysctls: c.Sysctls } : {}),
    ...(c.Ulimits ? { Ulimits: c.Ulimits } : {}),
    ...(c.OomScoreAdj ? { OomScoreAdj: c.OomScoreAdj } : {}),
    ...(c.Hosts
      ? {
          ExtraHosts: c.Hosts.map((h) => {
            const [address = '', ...names] = h.split(/\s+/);
            return `${names[0] ?? ''}:${address}`;
          }),
        }
      : {}),
    ...(c.DNSConfig?.Nameservers ? { Dns: c.DNSConfig.Nameservers } : {}),
    ...(c.DNSConfig?.Search ? { DnsSearch: c.DNSConfig.Search } : {}),
    ...(c.DNSConfig?.Options ? { DnsOptions: c.DNSConfig.Options } : {}),
    ...(Limits.NanoCPUs ? { NanoCpus: Limits.NanoCPUs } : {}),
    ...(Limits.MemoryBytes ? { Memory: Limits.MemoryBytes } : {}),
    ...(Limits.Pids ? { PidsLimit: Limits.Pids } : {}),
    ...(Reservations.MemoryBytes ? { MemoryReservation: Reservations.MemoryBytes } : {}),
    ...(t.Spec.LogDriver ? { LogConfig: { Type: t.Spec.LogDriver.Name, Config: t.Spec.LogDriver.Options } } : {}),
    ...(ports.length > 0
      ? {
          PortBindings: Object.fromEntries(
            ports.map((p) => [`${p.TargetPort}/${p.Protocol}`, [{ HostIp: '', HostPort: p.PublishedPort ? `${p.PublishedPort}` : '' }]]),
          ),
        }
      : {}),
  };
}

/** What the engine is asked for: executor/container/container.go. */
function requestOf(d: Daemon, t: Task): CreateRequest {
  const c = t.Spec.ContainerSpec;
  const s = servicesOf(d).find((x) => x.ID === t.ServiceID);
  const EndpointsConfig = Object.fromEntries(
    t.Networks.flatMap(({ Network, Addresses }) => {
      const n = nets.byId(d, Network);
      const own = t.Spec.Networks?.find((a) => a.Target === Network);
      return n
        ? [[n.Name, { IPAMConfig: { IPv4Address: Addresses[0]?.split('/')[0] }, ...(own?.Aliases ? { Aliases: own.Aliases } : {}) }]]
        : [];
    }),
  );
  const ports = t.EndpointSpec?.Ports ?? [];
  return {
    Image: c.Image,
    Labels: labelsOf(d, t, s),
    ...(c.Command?.length ? { Entrypoint: c.Command, Cmd: c.Args ?? null } : c.Args?.length ? { Cmd: c.Args } : {}),
    ...(c.Env ? { Env: c.Env.map((e) => expand(d, t, s, e)) } : {}),
    ...(c.Hostname ? { Hostname: expand(d, t, s, c.Hostname) } : {}),
    ...(c.Dir ? { WorkingDir: c.Dir } : {}),
    ...(c.User ? { User: c.User } : {}),
    ...(c.TTY ? { Tty: true } : {}),
    ...(c.StopSignal ? { StopSignal: c.StopSignal } : {}),
    ...(c.Healthcheck ? { Healthcheck: c.Healthcheck } : {}),
    ...(ports.length > 0 ? { ExposedPorts: Object.fromEntries(ports.map((p) => [`${p.TargetPort}/${p.Protocol}`, {}])) } : {}),
    HostConfig: hostConfigOf(d, t),
    NetworkingConfig: { EndpointsConfig },
  };
}

function fetchImage(d: Daemon, ref: string) {
  if (images.find(d, ref)) return;
  const full = images.normalise(ref);
  if (isCatalogued(d, full)) pull(d, full);
}

const sentence = (e: unknown): string => {
  if (!(e instanceof ApiError)) throw e;
  return e.message;
};

export const containerOf = (d: Daemon, t: Task): Container | undefined => (t.Status.ContainerID ? d.byId(t.Status.ContainerID) : undefined);

/** The container is made; a task that cannot have one is rejected. */
function prepare(d: Daemon, t: Task) {
  try {
    fetchImage(d, t.Spec.ContainerSpec.Image);
    const { Id } = create(d, containerName(d, t), requestOf(d, t));
    enter(d, t, 'ready', { ContainerID: Id }, { busy: null });
  } catch (e) {
    enter(d, t, 'rejected', { Err: sentence(e) }, { busy: null });
  }
}

function start(d: Daemon, t: Task) {
  const id = t.Status.ContainerID as string;
  // What was kept for it is now its own.
  networks.dropAddresses(d, t);
  try {
    lifecycle.start(d, id);
    const c = d.container(id);
    const status = { ContainerID: id, Pid: c.State.Pid };
    const health = c.health && c.health.Status !== 'healthy';
    enter(d, t, health ? 'starting' : 'running', status, { startedAt: health ? null : d.now() });
  } catch (e) {
    enter(d, t, 'failed', { Message: 'starting', Err: `starting container failed: ${sentence(e)}` });
  }
}

const grace = (t: Task): number => Math.round((t.Spec.ContainerSpec.StopGracePeriod ?? 10e9) / 1e9);

function halt(d: Daemon, t: Task, c: Container, more: Partial<Task> = {}) {
  if (t.stopping) return;
  enterFields(d, t, { stopping: true, ...more });
  lifecycle.stop(d, c.Id, grace(t), null);
}
/** Changes that are no news of its state. */
function enterFields(d: Daemon, t: Task, more: Partial<Task>) {
  const s = need(d);
  d.s.swarm = { ...s, tasks: { ...s.tasks, [t.ID]: { ...t, ...more } } };
}

/** The container has ended: how its task has. */
function ended(d: Daemon, t: Task, c: Container) {
  const code = c.State.ExitCode;
  const status = { Pid: 0, ExitCode: code };
  if (t.stopping && !t.unhealthy) enter(d, t, 'shutdown', status);
  else if (code === 0 && !t.unhealthy) enter(d, t, 'complete', status);
  else enter(d, t, 'failed', { ...status, Err: `task: non-zero exit (${code})${t.unhealthy ? ': dockerexec: unhealthy container' : ''}` });
}

/** Does what is next for one task of this node. */
export function advance(d: Daemon, id: string) {
  const t = taskOf(d, id);
  if (!t || isOver(t) || t.NodeID === '' || before(t.Status.State, 'assigned')) return;
  const c = containerOf(d, t);
  const wanted = !before('running', t.DesiredState) || t.DesiredState === 'complete';
  if (!wanted) {
    if (c && lifecycle.isUp(c)) halt(d, t, c);
    else if (c && t.Status.State !== 'ready' && c.State.Status === 'exited') ended(d, t, c);
    else enter(d, t, 'shutdown');
    return;
  }
  switch (t.Status.State) {
    case 'assigned':
      enter(d, t, 'preparing', {}, { busy: d.now() + PREPARE });
      return;
    case 'preparing':
      if ((t.busy ?? 0) <= d.now()) prepare(d, t);
      return;
    case 'ready':
      if (t.DesiredState !== 'ready') start(d, t);
      return;
    case 'starting':
    case 'running':
      watch(d, t, c);
  }
}

function watch(d: Daemon, t: Task, c: Container | undefined) {
  if (!c) {
    // Somebody has removed it: how it ended, the engine told before.
    const told = d.s.events.findLast((e) => e.Action === 'die' && e.Actor.ID === t.Status.ContainerID);
    const code = Number(told?.Actor.Attributes.exitCode ?? 137);
    enter(d, t, 'failed', { Pid: 0, ExitCode: code, Err: `task: non-zero exit (${code})` });
    return;
  }
  if (!lifecycle.isUp(c)) ended(d, t, c);
  else if (c.health?.Status === 'unhealthy') halt(d, t, c, { unhealthy: true });
  else if (t.Status.State === 'starting' && c.health?.Status === 'healthy')
    enter(d, t, 'running', { ContainerID: c.Id, Pid: c.State.Pid }, { startedAt: d.now() });
}

/** Takes a task out of the store, and its container off the disk. */
export function erase(d: Daemon, t: Task) {
  const c = containerOf(d, t);
  if (c && !lifecycle.isUp(c)) lifecycle.erase(d, c.Id, true);
  forget(d, t);
}

/** Containers of tasks, whatever has become of these. */
export const taskContainers = (d: Daemon): Container[] => d.containers().filter((c) => c.Config.Labels?.[`${LABEL}.task.id`] !== undefined);

/** The node leaves: its containers are killed and taken away. True when none is left. */
export function clear(d: Daemon): boolean {
  for (const c of taskContainers(d)) {
    if (lifecycle.isUp(c)) {
      if (c.State.Pid !== 0) attempt(() => d.sys.kill(c.State.Pid, 9));
      else lifecycle.stop(d, c.Id, 0, null);
    } else lifecycle.erase(d, c.Id, true);
  }
  return taskContainers(d).length === 0;
}
