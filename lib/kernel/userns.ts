/**
 * User namespaces: which ids a namespace knows, who owns it, and which namespace owns another. user_namespaces(7).
 *
 *   first ── owner 65534 ── second        ids in `second`: 0 is 65534 of the first
 *                             └── owns the net, uts, mnt … that were made in it
 *
 * Credentials and inodes hold ids of the first namespace; the maps stand between them and what a process is told.
 */

import { Errno } from './errno';
import type { Kernel } from './kernel';
import type { Cred, IdMap, Task, UserNamespace } from './state';
import type { Attr } from './vfs/filesystem';

/** What an id that is not mapped is shown as: /proc/sys/kernel/overflowuid. */
export const OVERFLOW_ID = 65_534;

export type MapName = 'uidMap' | 'gidMap';

export const userNs = (k: Kernel, id: number): UserNamespace => k.ns(id) as UserNamespace;

/** The first user namespace owns what names no other. */
export function ownerOf(k: Kernel, ns: number): number | null {
  return k.ns(ns).user ?? null;
}

/** An id of the first namespace as `ns` knows it; null where it is not mapped. */
export function idIn(ns: UserNamespace, id: number, map: MapName): number | null {
  if (ns.parent === null) return id;
  const range = ns[map].find((m) => id >= m.outside && id < m.outside + m.count);
  return range ? range.inside + id - range.outside : null;
}

/** An id of `ns` in the first namespace; null where it is not mapped. */
export function idOut(ns: UserNamespace, id: number, map: MapName): number | null {
  if (ns.parent === null) return id;
  const range = ns[map].find((m) => id >= m.inside && id < m.inside + m.count);
  return range ? range.outside + id - range.inside : null;
}

/** What a task is told of an id. */
export const shownId = (k: Kernel, t: Task, id: number, map: MapName): number => idIn(userNs(k, t.ns.user), id, map) ?? OVERFLOW_ID;

/** The id that a task means; refused where its namespace does not know it. */
export function meantId(k: Kernel, t: Task, id: number, map: MapName): number {
  const meant = id === -1 ? -1 : idOut(userNs(k, t.ns.user), id, map);
  if (meant === null)
    throw new Errno('EINVAL', 'process', `${map === 'uidMap' ? 'uid' : 'gid'} ${id} is not mapped in the user namespace of this process`);
  return meant;
}

/** Whether a namespace knows both ids of a file. */
export const knowsOwner = (k: Kernel, t: Task, a: Pick<Attr, 'uid' | 'gid'>): boolean => {
  const ns = userNs(k, t.ns.user);
  return idIn(ns, a.uid, 'uidMap') !== null && idIn(ns, a.gid, 'gidMap') !== null;
};

/** User 0 of a task's namespace, as the first one numbers it; null where nobody is 0. */
export const rootOf = (k: Kernel, t: Task): number | null => idOut(userNs(k, t.ns.user), 0, 'uidMap');

const level = (k: Kernel, id: number): number => {
  const { parent } = userNs(k, id);
  return parent === null ? 0 : 1 + level(k, parent);
};

/**
 * Whether a process with this capability has it over what `over` owns: in its own namespace, in those nested in it, and
 * as the one who made a direct child of its own. cap_capable(), security/commoncap.c.
 */
export function reaches(k: Kernel, t: Task, over: number | null): boolean | 'as owner' {
  const own = t.ns.user;
  if (over === null) return userNs(k, own).parent === null;
  const floor = level(k, own);
  for (let at = over; ; ) {
    if (at === own) return true;
    const { parent, owner } = userNs(k, at);
    if (parent === null || level(k, at) <= floor) return false;
    if (parent === own && owner === t.cred.euid) return 'as owner';
    at = parent;
  }
}

/** A map as lines of a task that reads it: ids outside are those of the reader's namespace, or of the parent for one inside. */
export function mapText(k: Kernel, of: Task, reader: Task, which: MapName): string {
  const ns = userNs(k, of.ns.user);
  const seenFrom = reader.ns.user === ns.id && ns.parent !== null ? userNs(k, ns.parent) : userNs(k, reader.ns.user);
  return ns[which]
    .map((m) => [m.inside, idIn(seenFrom, m.outside, which) ?? 4_294_967_295, m.count].map((n) => `${n}`.padStart(10)).join(' '))
    .map((l) => `${l}\n`)
    .join('');
}

function parseMap(text: string): IdMap[] {
  const map = text
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
  if (map.some((m) => m.length !== 3 || m.some((n) => !Number.isInteger(n) || n < 0) || m[2] === 0))
    throw new Errno('EINVAL', 'process', 'a line of a map is: first id inside, first id outside, how many');
  return map.map(([inside = 0, outside = 0, count = 0]) => ({ inside, outside, count }));
}

/**
 * A map is written once. Without the capability in the parent, a process may map its own id alone, and its group only
 * after it has given up setgroups(2).
 */
export function setMap(k: Kernel, of: Task, writer: Task, text: string, which: MapName, privileged: boolean) {
  const ns = userNs(k, of.ns.user);
  if (ns.parent === null || ns[which].length > 0) throw new Errno('EPERM', 'process', 'the map of a user namespace is written once');
  const map = parseMap(text);
  const parent = userNs(k, ns.parent);
  const kernelMap = map.map((m) => ({ ...m, outside: idOut(parent, m.outside, which) }));
  if (kernelMap.some((m) => m.outside === null)) throw new Errno('EPERM', 'process', 'the parent namespace does not know these ids');
  const [only] = kernelMap;
  const own = which === 'uidMap' ? writer.cred.euid : writer.cred.egid;
  const itself =
    map.length === 1 &&
    only?.count === 1 &&
    only.outside === own &&
    ns.owner === writer.cred.euid &&
    (which === 'uidMap' || ns.setgroups === 'deny');
  if (!privileged && !itself)
    throw new Errno(
      'EPERM',
      'capability',
      which === 'gidMap' && ns.setgroups !== 'deny'
        ? 'without CAP_SETGID in the parent namespace, a group is mapped only after "deny" was written to setgroups'
        : 'without CAP_SETUID in the parent namespace, a process maps its own id and no other',
    );
  k.putNs({ ...ns, [which]: kernelMap as IdMap[] });
}

/** A process that makes a user namespace begins in it with every capability, and with none to hand on. */
export const asMaker = (c: Cred, all: number): Cred => ({
  ...c,
  securebits: 0,
  caps: { inheritable: 0, permitted: all, effective: all, bounding: all, ambient: 0 },
});

/** File systems that the root of a user namespace may mount: FS_USERNS_MOUNT. */
export const MOUNTED_BY_ANYBODY: ReadonlySet<string> = new Set(['tmpfs', 'proc', 'sysfs', 'devpts', 'mqueue', 'cgroup2', 'overlay']);
