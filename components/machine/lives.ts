/** The views of processes, lives and mounts, fetched when one of them is first drawn. */
import type { Machine, Trace } from '../../lib/machine';
import { openToRead } from '../../lib/machine/machine';
import * as lifecycle from '../../lib/machine/views/lifecycle';
import * as mounts from '../../lib/machine/views/mounts';
import * as processes from '../../lib/machine/views/processes';
import { worldOf } from '../../lib/machine/views/world';

export type { LifecycleView, Place, Taken } from '../../lib/machine/views/lifecycle';
export type { MountRow, MountsView, VolumeRow } from '../../lib/machine/views/mounts';
export type { ProcessesView, ProcessRow } from '../../lib/machine/views/processes';

const world = (machine: Machine) => worldOf(openToRead(machine));
const worldOrNull = (machine: Machine | null) => machine && world(machine);

/** Containers that are or were, newest first. */
export const livesOf = (machine: Machine) => lifecycle.lifecycleContainers(world(machine)).map((c) => c.name);
export const lifeOf = (machine: Machine, name: string, before: Machine | null) =>
  lifecycle.lifecycleView(world(machine), name, worldOrNull(before));
export const mountsOf = (machine: Machine, before: Machine | null) => mounts.mountsView(world(machine), worldOrNull(before));
/** `trace` is that of the step between the two machines: its signals are drawn. */
export const processesOf = (machine: Machine, before: Machine | null, trace: Pick<Trace, 'signals'> | null) =>
  processes.processesView(world(machine), worldOrNull(before), trace?.signals ?? []);
