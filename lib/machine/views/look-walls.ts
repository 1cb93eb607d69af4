/**
 * What can be asked about the walls around a process: its namespaces, user, capabilities and filters, in a container or not. Part
 * of look.ts. namespaces(7), credentials(7), capabilities(7).
 */

import { decode, encode } from '../../base';
import type { Container } from '../../engine';
import { attr, type Cap, capNames, type NsKind, resolve, type Task, type UtsNamespace } from '../../kernel';
import { NS_KINDS } from './namespaces';
import { inodeAt, type World } from './world';

/** The first process of a container; null while it does not run. */
export const initOf = ({ kernel }: World, c: Container): Task | null => (c.State.Pid ? (kernel.findTask(c.State.Pid) ?? null) : null);

/** Processes of the host that are in no container, by a part of what they run; the innermost of a chain that says the same. */
export function outside({ kernel }: World, runs: string): Task[] {
  const title = (t: Task) => decode(t.argv.length > 0 ? t.argv.join(' ') : t.comm);
  return kernel.t.tasks
    .values()
    .filter((t) => t.status !== 'zombie' && !t.cgroup.includes('docker-') && t.pid !== 1 && title(t).includes(runs))
    .sort((a, b) => b.pid - a.pid);
}

/** Which namespaces two processes have in common. */
export const common = (a: Task, b: Task): NsKind[] => NS_KINDS.filter((kind) => a.ns[kind] === b.ns[kind]);
/** Which a process has that are not the host's. */
export function left({ kernel }: World, t: Task): NsKind[] {
  const init = kernel.findTask(1) as Task;
  return NS_KINDS.filter((kind) => t.ns[kind] !== init.ns[kind]);
}

export const hostnameOf = ({ kernel }: World, t: Task): string => decode((kernel.ns(t.ns.uts) as UtsNamespace).hostname);

/** Whether a process's root is this directory of the host. */
export function rootedAt(world: World, t: Task, path: string): boolean {
  const dir = inodeAt(world, encode(path));
  const root = attr(world.kernel, resolve(world.kernel, t, '/'));
  return dir !== null && root.ino === dir.ino;
}

/** Bytes that a process's /dev/shm holds; null: no bound, or nothing of its own is mounted there. */
export function sharedMemory({ kernel }: World, t: Task): number | null {
  const sb = kernel.super(kernel.mount(resolve(kernel, t, '/dev/shm').mnt).sb);
  return 'size' in sb ? (sb.size ?? null) : null;
}

export interface Confinement {
  uid: number;
  effective: Cap[];
  bounding: Cap[];
  noNewPrivs: boolean;
  seccomp: boolean;
  /** Nothing can be written to its root. */
  readonly: boolean;
  /** What its control group lets it have: processes, and bytes of memory; null: no bound. */
  pids: number | null;
  memory: number | null;
}

/** What the kernel lets a process do. */
export const confinementOf = ({ kernel }: World, t: Task): Confinement => ({
  uid: t.cred.euid,
  readonly: kernel.mount(resolve(kernel, t, '/').mnt).flags.ro === true,
  pids: kernel.cgroup(t.cgroup)?.pidsMax ?? null,
  memory: kernel.cgroup(t.cgroup)?.memoryMax ?? null,
  effective: capNames(t.cred.caps.effective),
  bounding: capNames(t.cred.caps.bounding),
  noNewPrivs: t.cred.noNewPrivs,
  seccomp: (t.seccomp ?? []).length > 0,
});
