/**
 * Memory of tasks against the limits of their control groups: memory.max, and the OOM killer.
 * Documentation/admin-guide/cgroup-v2.rst, "Memory"; mm/oom_kill.c.
 *
 * Simplified: a task's memory is what its program says it holds (brk); page cache is not counted, nothing is reclaimed.
 */

import { Errno } from './errno';
import type { Kernel } from './kernel';
import { signal } from './sched';
import { SIGNALS } from './signal';
import type { Task } from './state';
import { SYSTEM } from './vfs/proc';

/** What a small program takes before it asks for more. */
export const RESIDENT = 512 * 1024;

export const memoryOf = (t: Task): number => (t.status === 'zombie' ? 0 : RESIDENT + (t.memory ?? 0));

const inGroup = (t: Task, path: string) => path === '/' || t.cgroup === path || t.cgroup.startsWith(`${path}/`);

export const groupMemory = (k: Kernel, path: string): number => {
  let n = 0;
  for (const t of k.t.tasks.values()) if (inGroup(t, path)) n += memoryOf(t);
  return n;
};

/** Sets what a task holds; a group that goes over its limit loses its largest task. */
export function setMemory(k: Kernel, pid: number, bytes: number) {
  k.putTask({ ...k.task(pid), memory: bytes });
  const { cgroup } = k.task(pid);
  for (let path = cgroup; ; path = path.slice(0, path.lastIndexOf('/')) || '/') {
    const max = path === '/' ? SYSTEM.memTotal : (k.cgroup(path)?.memoryMax ?? null);
    if (max !== null && groupMemory(k, path) > max) {
      kill(k, path, max);
      return;
    }
    if (path === '/') return;
  }
}

function kill(k: Kernel, path: string, max: number) {
  let victim: Task | null = null;
  for (const t of k.t.tasks.values()) if (inGroup(t, path) && (victim === null || memoryOf(t) > memoryOf(victim))) victim = t;
  if (victim === null) return;
  const group = k.cgroup(path);
  if (group) k.putCgroup({ ...group, oomKills: group.oomKills + 1 });
  k.putTask({ ...victim, oomKilled: true });
  k.event({ kind: 'oom', pid: victim.pid, cgroup: path });
  k.refuse(
    'mmap',
    'MAP_ANONYMOUS',
    new Errno('ENOMEM', 'cgroup', `${path} may hold ${max} bytes (memory.max): the OOM killer ended its largest process, ${victim.comm}`),
    victim.pid,
  );
  signal(k, victim.pid, SIGNALS.SIGKILL);
}
