/**
 * Memory of tasks against the limits of their control groups: memory.max, and the OOM killer.
 * Documentation/admin-guide/cgroup-v2.rst, "Memory"; mm/oom_kill.c.
 *
 * Simplified: a task's memory is what its program says it holds (brk); page cache is not counted, nothing is reclaimed or
 * swapped.
 */

import { Errno } from './errno';
import type { Kernel } from './kernel';
import { signal, wake } from './sched';
import { SIGNALS } from './signal';
import type { Task } from './state';
import { used } from './vfs/plain';
import { SYSTEM } from './vfs/proc';

/** What a small program takes before it asks for more. */
export const RESIDENT = 512 * 1024;

export const memoryOf = (t: Task): number => (t.status === 'zombie' ? 0 : RESIDENT + (t.memory ?? 0));

const inGroup = (t: Task, path: string) => path === '/' || t.cgroup === path || t.cgroup.startsWith(`${path}/`);

export const groupMemory = (k: Kernel, path: string): number => {
  let n = 0;
  for (const t of k.t.tasks.values()) if (inGroup(t, path)) n += memoryOf(t);
  // What was written to a tmpfs is memory of the group that mounted it.
  if (path !== '/')
    for (const sb of k.t.supers.values())
      if (sb.type === 'tmpfs' && sb.cgroup !== undefined && (sb.cgroup === path || sb.cgroup.startsWith(`${path}/`))) n += used(k, sb.root);
  return n;
};

/** Sets what a task holds; a group that goes over its limit loses its largest task. */
export function setMemory(k: Kernel, pid: number, bytes: number) {
  k.editTask(pid).memory = bytes;
  overLimit(k, k.task(pid).cgroup);
}

/** Looks at a group and those above it; the first that is over its limit meets the OOM killer. */
export function overLimit(k: Kernel, cgroup: string) {
  for (let path = cgroup; ; path = path.slice(0, path.lastIndexOf('/')) || '/') {
    const max = path === '/' ? SYSTEM.memTotal : (k.cgroup(path)?.memoryMax ?? null);
    if (max !== null) {
      const now = groupMemory(k, path);
      peak(k, path, Math.min(now, max));
      if (now > max) {
        kill(k, path, max);
        return;
      }
    }
    if (path === '/') return;
  }
}

/** memory.peak of a group with a limit. */
function peak(k: Kernel, path: string, now: number) {
  const group = k.cgroup(path);
  if (group && now > (group.memoryPeak ?? 0)) k.putCgroup({ ...group, memoryPeak: now });
}

/** oom_badness(): memory, and what oom_score_adj adds of the group's limit. */
const badness = (t: Task, max: number) => memoryOf(t) + ((t.oomScoreAdj ?? 0) * max) / 1000;

function kill(k: Kernel, path: string, max: number) {
  let victim: Task | null = null;
  for (const t of k.t.tasks.values())
    if (inGroup(t, path) && t.status !== 'zombie' && t.oomScoreAdj !== -1000 && (victim === null || badness(t, max) > badness(victim, max)))
      victim = t;
  if (victim === null) return;
  const group = k.cgroup(path);
  if (group) k.putCgroup({ ...group, oomKills: group.oomKills + 1 });
  k.editTask(victim.pid).oomKilled = true;
  k.event({ kind: 'oom', pid: victim.pid, cgroup: path });
  k.refuse(
    'mmap',
    'MAP_ANONYMOUS',
    new Errno('ENOMEM', 'cgroup', `${path} may hold ${max} bytes (memory.max): the OOM killer ended its largest process, ${victim.comm}`),
    victim.pid,
  );
  // Who watches memory.events, as inotify(7) lets it.
  wake(k, `event:memory.events ${path}`);
  signal(k, victim.pid, SIGNALS.SIGKILL);
}
