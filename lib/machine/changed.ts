/**
 * Whether a step left the machine different: files, mounts or control groups. Times alone do not count, nor does what a
 * step made and took away again (`docker diff` mounts the layers twice and unmounts them).
 */

import { type PMap, pmap } from '../base';
import type { Cgroup, Frozen, Inode, KernelState } from '../kernel';

const TIMES = new Set(['atime', 'mtime', 'ctime']);

/** Every field but the times is the same; a directory's, when it has the same entries. */
function sameInode(a: Inode | undefined, b: Inode | undefined): boolean {
  if (!a || !b) return false;
  const [was, is] = [a as unknown as Record<string, unknown>, b as unknown as Record<string, unknown>];
  return Object.keys(is).every(
    (key) => TIMES.has(key) || was[key] === is[key] || (key === 'entries' && sameTable(was[key] as PMap<number>, is[key] as PMap<number>)),
  );
}

function sameTable<V>(a: PMap<V>, b: PMap<V>): boolean {
  if (a === b) return true;
  const { added, updated, removed } = pmap.diff(a, b);
  return added.length + removed.length + updated.length === 0;
}

/** A frozen inode comes into the table when it is first written: it was there before. */
function sameInodes(a: KernelState['inodes'], b: KernelState['inodes'], frozen: Frozen): boolean {
  if (a === b) return true;
  const { added, updated, removed } = pmap.diff(a, b);
  const was = (ino: number) => pmap.get(a, ino) ?? frozen.inode(ino);
  return removed.length === 0 && [...added, ...updated].every((ino) => sameInode(was(Number(ino)), pmap.get(b, ino)));
}

/** Every field but the accounts of what a group used. */
function sameGroups(a: KernelState['cgroups'], b: KernelState['cgroups']): boolean {
  if (a === b) return true;
  const { added, updated, removed } = pmap.diff(a, b);
  const same = (was: Cgroup | undefined, is: Cgroup | undefined) =>
    was !== undefined &&
    is !== undefined &&
    (Object.keys({ ...was, ...is }) as (keyof Cgroup)[]).every(
      (key) => key === 'bandwidth' || key === 'memoryPeak' || key === 'spent' || key === 'disk' || was[key] === is[key],
    );
  return added.length + removed.length === 0 && updated.every((path) => same(pmap.get(a, path), pmap.get(b, path)));
}

/** True when files, mounts or control groups of `after` are others than those of `before`. */
export const changed = (before: KernelState, after: KernelState, frozen: Frozen): boolean =>
  !(sameInodes(before.inodes, after.inodes, frozen) && sameTable(before.mounts, after.mounts) && sameGroups(before.cgroups, after.cgroups));
