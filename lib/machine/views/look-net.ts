/**
 * What can be asked about the network of a machine. Whether a port is reached is asked of the kernel: a socket is opened in the
 * asker's network namespace, in a copy of the state that nobody keeps, and a SYN goes its way through routes and rules.
 */

import { pmap } from '../../base';
import { parse } from '../../base/ip';
import { formatRule } from '../../base/iptables';
import { bridgeOf, type Container, lookup, type Network } from '../../engine';
import { attempt, Errno, Kernel, makeSys, type net, type Task } from '../../kernel';
import { containerOf, inContainer, type Look, onHost } from './look';

export { howOf } from './network';

export const networkNamed = ({ engine }: Look, name: string): Network | null =>
  (engine && pmap.values(engine.networks).find((n) => n.Name === name)) ?? null;

export const bridgeNameOf = (n: Network): string => bridgeOf(n);

/** How asking for a port ended. `by` is who listens there: "172.17.0.2:80"; null: nobody answered. */
export type Reached = { ok: true; by: string } | { ok: false; why: string };

/** docker-proxy on the host's port: where it goes on to. */
function proxied(k: Kernel, port: number): { ip: string; port: number } | null {
  for (const t of k.t.tasks.values()) {
    if (t.comm !== 'docker-proxy' || t.ended) continue;
    const of = (flag: string) => t.argv[t.argv.indexOf(flag) + 1] ?? '';
    if (of('-proto') === 'tcp' && Number(of('-host-port')) === port)
      return { ip: of('-container-ip'), port: Number(of('-container-port')) };
  }
  return null;
}

/** A connection from a task to an address; through docker-proxy, the one that it opens in its turn. */
function dial(k: Kernel, from: Task, address: string, port: number, host: number): Reached {
  const sys = makeSys(k, from.pid);
  const seen = k.events.length;
  const answer = attempt(() => sys.net.connect(sys.net.socket('tcp', address.includes(':') ? 6 : 4), address, port));
  if (answer instanceof Errno) return { ok: false, why: answer.message.toLowerCase() };
  if (answer === null) return { ok: false, why: 'nobody answers' };
  const walks = k.events.slice(seen).flatMap((e) => (e.kind === 'packet' ? [e.walk] : []));
  const end = walks.flatMap((w) => w.hops).find((h): h is Extract<net.Hop, { at: 'socket' }> => h.at === 'socket');
  const by = /reaches (.*)$/.exec(end?.what ?? '')?.[1] ?? `${address}:${port}`;
  const on = end?.ns === host ? proxied(k, Number(by.split(':').pop())) : null;
  return on ? dial(k, k.task(1), on.ip, on.port, host) : { ok: true, by };
}

/** Addresses of a name for a container, or for the host: as /etc/hosts has them, then its name server. */
function addresses(l: Look, c: Container | null, name: string): string[] {
  if (parse(name)) return [name];
  const file = c ? inContainer(l, c, '/etc/hosts') : onHost(l, '/etc/hosts');
  for (const line of (file?.text ?? '').split('\n')) {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    if (names.includes(name) && address.includes('.')) return [address];
  }
  const { engine } = l;
  if (!c || !engine || !/^nameserver 127\.0\.0\.11$/m.test(inContainer(l, c, '/etc/resolv.conf')?.text ?? '')) return [];
  const find = (ref: string) => containerOf(l, ref) ?? undefined;
  return lookup({ s: engine, find, byId: (id: string) => pmap.get(engine.containers, id) }, c, name) ?? [];
}

/** Whether a container, or the host where it is null, reaches a TCP port at a name or an address. */
export function reach(l: Look, from: Container | null, to: string, port: number): Reached {
  const [address] = addresses(l, from, to);
  if (address === undefined) return { ok: false, why: 'the name is not known there' };
  const k = new Kernel(l.kernel.close(), l.kernel.env);
  const host = k.findTask(1)?.ns.net ?? 0;
  const task = k.findTask(from ? from.State.Pid : 1);
  return task ? dial(k, task, address, port, host) : { ok: false, why: 'the container is not running' };
}

/** A rule of the host that says all of these words, in the words of `iptables -S`. */
export function ruleWritten({ kernel }: Look, table: net.TableName, chain: string, words: readonly string[]): string | null {
  const net = kernel.t.nets.get(kernel.findTask(1)?.ns.net ?? 0);
  const rules = net?.tables[4][table][chain]?.rules ?? [];
  return rules.map(({ rule }) => formatRule(rule)).find((text) => words.every((w) => text.includes(w))) ?? null;
}

/** Whether two containers' first processes are in one network namespace; with null, the host's. */
export function sharesNetwork({ kernel }: Look, c: Container, other: Container | null): boolean {
  const [one, two] = [kernel.findTask(c.State.Pid), kernel.findTask(other ? other.State.Pid : 1)];
  return one !== undefined && two !== undefined && one.ns.net === two.ns.net;
}

/** A link that a container's process sees, or the host where it is null, by its name. */
export function linkIn({ kernel }: Look, c: Container | null, name: string): net.Link | null {
  const ns = kernel.findTask(c ? c.State.Pid : 1)?.ns.net;
  return kernel.t.links.values().find((x) => x.ns === ns && x.name === name) ?? null;
}

/** The name of the link that one stands on. */
export const lowerOf = ({ kernel }: Look, l: net.Link): string | null =>
  'parent' in l ? (kernel.t.links.get(`${l.parent.ns}:${l.parent.index}`)?.name ?? null) : null;
