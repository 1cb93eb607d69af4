import { attempt, Errno, type Sys } from '../kernel';
import { readText, writeText } from './overlay2';

/** The container whose group this is, or lies in: its id, or null. A scope of systemd's, on the host or of a user (home.ts). */
export const containerIn = (cgroup: string): string | null =>
  /^\/(?:system|user)\.slice\/(?:.*?\/)?docker-([0-9a-f]{64})\.scope/.exec(cgroup)?.[1] ?? null;

/** Where the tree of control groups is mounted. */
export const CGROUP = '/sys/fs/cgroup';

/** Controllers that a daemon can limit with: those of the group that its containers lie in. */
export function controllers(sys: Sys, groups: string): string[] {
  const text = attempt(() => readText(sys, `${CGROUP}${groups}/cgroup.controllers`));
  return text instanceof Errno ? [] : text.trim().split(' ').filter(Boolean);
}

/** Makes a group and those above it, each giving its children every controller that it has: fs2, CreateCgroupPath. */
export function makeGroups(sys: Sys, path: string) {
  const parts = path.split('/').filter(Boolean);
  for (let i = 0; i <= parts.length; i++) {
    const dir = [CGROUP, ...parts.slice(0, i)].join('/');
    if (i > 0) attempt(() => sys.mkdir(dir, 0o755));
    const has = attempt(() => readText(sys, `${dir}/cgroup.controllers`));
    if (has instanceof Errno) continue;
    for (const name of has.trim().split(' ').filter(Boolean)) attempt(() => writeText(sys, `${dir}/cgroup.subtree_control`, `+${name}`));
  }
}
