/**
 * What a drawing of the whole host needs to know: the engine's daemons and the running containers, each with the one
 * process that has two numbers.
 */

import { pmap } from '../../base';
import { type Container, overlay2 } from '../../engine';
import { inodeAt, sameTree, sizeOf, storeOf, type World } from './world';

export interface HostContainer {
  id: string;
  name: string;
  image: string;
  /** Title of its first process: "nginx: master", "sleep". */
  process: string;
  /** That process's PID in the container's namespace and on the host. */
  pidInside: number;
  pidOutside: number;
  /** Bytes in its upperdir. */
  upperSize: number;
  lowerCount: number;
  /** Published ports: "0.0.0.0:8080 → 172.17.0.3:80". */
  ports: string[];
  /** True when the last changing step made or changed this container. */
  changed: boolean;
}

export interface HostView {
  daemons: { name: string; pid: number }[];
  socket: string;
  /** Running containers in the order of their start. */
  containers: HostContainer[];
}

const DAEMONS = ['dockerd', 'containerd'];

/** "0.0.0.0:8080 → 172.17.0.3:80" for each binding. */
function portsOf(c: Container): string[] {
  const address = Object.values(c.networks)[0]?.IPAddress ?? '';
  return Object.entries(c.HostConfig.PortBindings ?? {}).flatMap(([port, bindings]) =>
    bindings.map(({ HostIp, HostPort }) => `${HostIp || '0.0.0.0'}:${HostPort} → ${address}:${port.replace(/\/.*$/, '')}`),
  );
}

function viewOf(world: World, c: Container, before: World | null): HostContainer {
  const task = world.kernel.findTask(c.State.Pid);
  const was = before?.engine ? pmap.get(before.engine.containers, c.Id) : undefined;
  const upper = inodeAt(world, overlay2.diffDir(storeOf(world), c.layer));
  const upperBefore = before && inodeAt(before, overlay2.diffDir(storeOf(before), c.layer));
  return {
    id: c.Id,
    name: c.Name.replace(/^\//, ''),
    image: c.Config.Image,
    process: task ? task.argv.join(' ') : c.Path,
    pidInside: task?.pids.at(-1) ?? 0,
    pidOutside: c.State.Pid,
    upperSize: sizeOf(world, upper),
    lowerCount: c.layers.length,
    ports: portsOf(c),
    changed: before !== null && (was?.State.Pid !== c.State.Pid || !sameTree(world, upper, before, upperBefore)),
  };
}

/** `before` is the machine before its last change: what that change made or altered is marked. */
export function hostView(world: World, before: World | null): HostView {
  const tasks = world.kernel.t.tasks.values();
  const running = world.engine ? pmap.values(world.engine.containers).filter((c) => c.State.Status === 'running') : [];
  return {
    daemons: DAEMONS.flatMap((name) => {
      const task = tasks.find((t) => t.comm === name);
      return task ? [{ name, pid: task.pid }] : [];
    }),
    socket: '/var/run/docker.sock',
    containers: running.sort((a, b) => (a.State.StartedAt ?? 0) - (b.State.StartedAt ?? 0)).map((c) => viewOf(world, c, before)),
  };
}
