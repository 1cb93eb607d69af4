/**
 * What a drawing of the namespaces needs to know: who lives in which of the eight, and what is in each. namespaces(7).
 *
 *   host   pid 4026531836   net 4026531840   …
 *   one    pid 4026532204   net 4026532205   …  user: the host's
 *
 * A compartment is a set of processes of one container, or of none, that share all eight.
 */

import { decode, pmap } from '../../base';
import { containerIn } from '../../engine';
import { mountTable, type NsKind, type Task, type TimeNamespace, type UserNamespace, type UtsNamespace } from '../../kernel';
import { containerOf } from './processes';
import type { World } from './world';

/** From the one that everybody names first to the one that older lists leave out. */
export const NS_KINDS = ['pid', 'net', 'mnt', 'uts', 'ipc', 'user', 'cgroup', 'time'] as const satisfies readonly NsKind[];

export interface Hold {
  kind: NsKind;
  /** Its number, as /proc/PID/ns has it. */
  id: number;
  /** The first compartment, from the top, that is in this namespace; null for that one itself. */
  with: string | null;
  /** What is in it, in a word or two: "3 PIDs", "172.17.0.2", the host name. */
  holds: string;
  /** The last change made the namespace. */
  fresh: boolean;
}

export interface Compartment {
  key: string;
  /** "host", a container's name, or the program of a process that has left the host's. */
  name: string;
  /** Its process of the lowest number on the host. */
  pid: number;
  title: string;
  processes: number;
  container: boolean;
  holds: Hold[];
  /** The last change made it. */
  fresh: boolean;
}

export interface NamespacesView {
  compartments: Compartment[];
}

const keyOf = (world: World, t: Task): string => `${containerOf(world, t)?.id ?? ''} ${NS_KINDS.map((kind) => t.ns[kind]).join(' ')}`;

const counted = (n: number, what: string) => `${n} ${n === 1 ? what : `${what}s`}`;

/** The part of a path that tells one control group from another. */
const groupName = (path: string): string => (path === '/' ? '/' : (containerIn(path)?.slice(0, 8) ?? (path.split('/').pop() as string)));

/** What each kind of namespace holds, for a process in it. */
const HOLDS: Readonly<Record<NsKind, (world: World, t: Task) => string>> = {
  pid: ({ kernel }, t) => counted(kernel.t.tasks.values().filter((o) => o.ns.pid === t.ns.pid && o.status !== 'zombie').length, 'PID'),
  net({ kernel }, t) {
    const links = kernel.t.links.values().filter((l) => l.ns === t.ns.net);
    const cards = links.filter((l) => l.kind !== 'loopback');
    const [only] = cards;
    if (!only) return links[0]?.up ? 'lo alone' : 'lo, down';
    return (cards.length === 1 ? only.addrs[0]?.ip : undefined) ?? counted(links.length, 'link');
  },
  mnt: ({ kernel }, t) => counted(mountTable.mountsIn(kernel, t.ns.mnt).length, 'mount'),
  uts: ({ kernel }, t) => decode((kernel.ns(t.ns.uts) as UtsNamespace).hostname),
  ipc({ kernel }, t) {
    const queues = kernel.t.supers.values().find((sb) => sb.type === 'mqueue' && sb.ipc === t.ns.ipc);
    const root = queues && 'root' in queues && typeof queues.root === 'number' ? kernel.findInode(queues.root) : undefined;
    return counted(root?.type === 'dir' ? pmap.keys(root.entries).length : 0, 'queue');
  },
  user({ kernel }, t) {
    const ns = kernel.ns(t.ns.user) as UserNamespace;
    const [first] = ns.uidMap;
    return ns.parent === null ? 'every id' : first ? `${first.inside} is ${first.outside}` : 'no map yet';
  },
  cgroup({ kernel }, t) {
    const ns = kernel.ns(t.ns.cgroup);
    return groupName(ns.kind === 'cgroup' ? (ns.cgroup ?? '/') : '/');
  },
  time({ kernel }, t) {
    const ahead = (kernel.ns(t.ns.time) as TimeNamespace).boottime ?? 0;
    return ahead === 0 ? 'since boot' : `${ahead > 0 ? '+' : ''}${ahead / 1000} s`;
  },
};

/** `before` is the machine before its last change: what it made is marked. */
export function namespacesView(world: World, before: World | null): NamespacesView {
  const tasks = world.kernel.t.tasks
    .values()
    .filter((t) => t.status !== 'zombie')
    .sort((a, b) => a.pid - b.pid);
  const groups = new Map<string, Task[]>();
  for (const t of tasks) {
    const key = keyOf(world, t);
    groups.set(key, [...(groups.get(key) ?? []), t]);
  }
  const known = new Set(before ? before.kernel.t.tasks.values().map((t) => keyOf(before, t)) : []);
  const knownIds = before ? new Set(before.kernel.t.tasks.values().flatMap((t) => NS_KINDS.map((kind) => t.ns[kind]))) : null;
  const first = new Map<number, string>();
  const named = [...groups].map(([key, group]) => {
    const lead = group[0] as Task;
    const container = containerOf(world, lead);
    const host = !container && lead.pid === 1;
    return { key, group, lead, container, name: host ? 'host' : (container?.name ?? decode(lead.comm)) };
  });
  // A second compartment in one container: a process in it that has left on its own.
  for (const [i, n] of named.entries())
    if (n.container && named.slice(0, i).some((o) => o.container?.id === n.container?.id)) n.name = `${n.name}: ${decode(n.lead.comm)}`;
  const compartments = named.map(({ key, group, lead, container, name }): Compartment => {
    const holds = NS_KINDS.map((kind): Hold => {
      const id = lead.ns[kind];
      const owner = first.get(id);
      if (owner === undefined) first.set(id, name);
      return { kind, id, with: owner ?? null, holds: HOLDS[kind](world, lead), fresh: knownIds !== null && !knownIds.has(id) };
    });
    const title = decode(lead.argv.length > 0 ? lead.argv.join(' ') : lead.comm);
    const fresh = before !== null && !known.has(key);
    return { key, name, pid: lead.pid, title, processes: group.length, container: container !== null, holds, fresh };
  });
  return { compartments };
}
