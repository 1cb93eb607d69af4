/** The page's one door to the machine: what it does, and what pictures are drawn from. Loaded when the reader comes near it. */
import { Absent } from '../../lib/base/part';
import type { Machine } from '../../lib/machine';
import { openToRead } from '../../lib/machine/machine';
import * as files from '../../lib/machine/views/file';
import * as host from '../../lib/machine/views/host';
import * as layers from '../../lib/machine/views/layers';
import { worldOf } from '../../lib/machine/views/world';

export type { Input, Machine, Session, Trace } from '../../lib/machine';
export { boot, complete, step } from '../../lib/machine';
export { jump, type Node, open, push, redo, session, type Timeline, undo } from '../../lib/machine/timeline';
export { encode } from '../../lib/machine/to-link';
export type { HostView } from '../../lib/machine/views/host';
export { why } from '../../lib/machine/why';
export { loadXray } from '../xrays/load';
export { ahead, withParts } from './parts';

/** Whether something was thrown because code is still to come, and is no fault. */
export const isAbsent = (thrown: unknown): boolean => thrown instanceof Absent;

const world = (machine: Machine) => worldOf(openToRead(machine));
const worldOrNull = (machine: Machine | null) => machine && world(machine);

/** Names of all containers, oldest first. */
export const layersContainers = (machine: Machine) => layers.layersContainers(world(machine));
export const hostView = (machine: Machine, before: Machine | null) => host.hostView(world(machine), worldOrNull(before));
/** The id of the newest build, or null. */
export const lastBuildId = (machine: Machine) => world(machine).engine?.buildRecords.at(-1)?.id ?? null;
export const readFile = (machine: Machine, path: string) => files.fileText(world(machine), path);
/** Regular files of the host below a directory. */
export const filesUnder = (machine: Machine, top: string) => files.filesUnder(world(machine), top);
