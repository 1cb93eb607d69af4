/**
 * A machine seen from outside: its kernel opened to be read, and what dockerd knows. Views are functions of it; nothing
 * here changes anything, and nothing asks for permission.
 */

import { pmap } from '../../base';
import { dataRoot, type EngineState, HOST } from '../../engine';
import { body, Errno, type Inode, type Kernel, resolve, type Task } from '../../kernel';

export interface World {
  kernel: Kernel;
  /** Null while no daemon runs. */
  engine: EngineState | null;
}

/** The daemon's directory: /var/lib/docker, unless its containers' users are mapped. */
export const storeOf = (world: World): { root: string } => ({
  root: dataRoot(world.engine?.home.data ?? HOST.data, world.engine?.remap ?? null),
});

const isEngine = (state: unknown): state is EngineState =>
  typeof state === 'object' && state !== null && 'containers' in state && 'layers' in state;

export function worldOf(kernel: Kernel): World {
  // One in a container has a number in a PID namespace of its own, too: the host's comes first.
  const daemons = kernel.t.tasks.values().filter((t) => t.comm === 'dockerd' && isEngine(t.state));
  const daemon = daemons.find((t) => t.pids.length === 1) ?? daemons[0];
  return { kernel, engine: daemon ? (daemon.state as EngineState) : null };
}

/** The inode at an absolute path of the host, links followed; null when there is none. */
export function inodeAt({ kernel }: World, path: string): Inode | null {
  const init = kernel.findTask(1);
  if (!init) return null;
  try {
    const { id } = resolve(kernel, init as Task, path);
    return typeof id === 'number' ? (kernel.findInode(id) ?? null) : null;
  } catch (error) {
    if (error instanceof Errno) return null;
    throw error;
  }
}

/** The inode under a name in a directory's own entries. */
export function childOf({ kernel }: World, dir: Inode | null, name: string): Inode | null {
  if (dir?.type !== 'dir') return null;
  const ino = pmap.get(dir.entries, name);
  return ino === undefined ? null : (kernel.findInode(ino) ?? null);
}

/** Names in a directory, sorted. */
export const namesIn = (dir: Inode): string[] => (dir.type === 'dir' ? (pmap.keys(dir.entries) as string[]).sort() : []);

/** Bytes of the regular files below a directory, hard links once: what `docker ps -s` counts. */
export function sizeOf(world: World, dir: Inode | null): number {
  const seen = new Set<number>();
  const sum = (at: Inode): number =>
    namesIn(at).reduce((n, name) => {
      const inode = childOf(world, at, name);
      if (inode === null || seen.has(inode.ino)) return n;
      if (inode.type === 'dir') return n + sum(inode);
      seen.add(inode.ino);
      return n + (inode.type === 'file' ? body.size(inode.body) : 0);
    }, 0);
  return dir ? sum(dir) : 0;
}

/** Whether two trees hold the same: names, contents, owners and modes. */
export function sameTree(a: World, at: Inode | null, b: World, bt: Inode | null): boolean {
  if (at === bt)
    return at === null || at.type !== 'dir' || namesIn(at).every((name) => sameTree(a, childOf(a, at, name), b, childOf(b, at, name)));
  if (!at || !bt || at.type !== bt.type || at.mode !== bt.mode || at.uid !== bt.uid || at.gid !== bt.gid) return false;
  if (at.type === 'file' && bt.type === 'file') return at.body === bt.body;
  const names = namesIn(at);
  return names.join('/') === namesIn(bt).join('/') && names.every((name) => sameTree(a, childOf(a, at, name), b, childOf(b, bt, name)));
}
