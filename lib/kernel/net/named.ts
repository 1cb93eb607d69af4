/**
 * Network namespaces with names: ip-netns(8). A name holds a namespace that no task is in.
 *
 * Simplified: a name is known to the whole machine; on Linux it is a file of /run/netns on which the namespace is mounted.
 */

import { Errno } from '../errno';
import type { Kernel } from '../kernel';
import type { Task } from '../state';
import { userNs } from '../userns';
import { dropNet, netOf, newNet, putNet } from './links';

/** The namespace of a name. */
export function named(k: Kernel, name: string): number {
  for (const net of k.t.nets.values()) if (net.held.includes(name)) return net.id;
  throw new Errno('ENOENT', 'network', `no network namespace is called ${name}`);
}

export const names = (k: Kernel): string[] => k.t.nets.values().flatMap((n) => n.held);

/** Gives a namespace a name: a new one, or that of a task. */
export function hold(k: Kernel, t: Task, name: string, of: Task | null) {
  if (names(k).includes(name)) throw new Errno('EEXIST', 'network', `a network namespace is called ${name} already`);
  let id = of?.ns.net;
  if (id === undefined) {
    id = k.s.next.ns++;
    k.putNs({ id, kind: 'net', ...(userNs(k, t.ns.user).parent === null ? {} : { user: t.ns.user }) });
    newNet(k, id);
  }
  const net = netOf(k, id);
  putNet(k, { ...net, held: [...net.held, name] });
}

/** Takes a name away, and with the last one a namespace in which nobody is. */
export function release(k: Kernel, name: string) {
  const net = netOf(k, named(k, name));
  const held = net.held.filter((n) => n !== name);
  putNet(k, { ...net, held });
  if (held.length > 0) return;
  for (const t of k.t.tasks.values()) if (t.ns.net === net.id) return;
  dropNet(k, net.id);
  k.t.namespaces.delete(net.id);
}
