/**
 * Connection tracking and address translation: netfilter's conntrack and nat. A flow remembers how its first packet
 * looked and what the answers to it look like; every later packet is translated by that, and asks no rule of `nat`.
 *
 *   orig   172.17.0.5:40000 → 192.168.65.3:8080        dst is translated before routing (DNAT)
 *   reply  172.17.0.2:80    → 172.17.0.1:40000         src after it (SNAT): reply.dst
 */

import { pmap } from '../../base';
import type { Kernel } from '../kernel';
import { netOf, putNet } from './links';
import type { Flow, Net, Packet, Tuple } from './types';

export const tupleOf = (p: Packet): Tuple => ({ proto: p.proto, src: p.src, dst: p.dst, sport: p.sport, dport: p.dport });
const text = (t: Tuple) => `${t.proto} ${t.src}:${t.sport} ${t.dst}:${t.dport}`;
const turned = (t: Tuple): Tuple => ({ proto: t.proto, src: t.dst, dst: t.src, sport: t.dport, dport: t.sport });

export interface Tracked {
  flow: Flow;
  dir: 'orig' | 'reply';
  /** The first packet of a flow that is not entered yet: `nat` is asked. */
  fresh: boolean;
}

/** nf_conntrack_udp_timeout and a generous end for what was never closed, milliseconds. */
const LIFE = { udp: 30_000, icmp: 30_000, tcp: 432_000_000 } as const;
const MANY = 512;

export function track(k: Kernel, ns: number, p: Packet): Tracked {
  const net = netOf(k, ns);
  const there = pmap.get(net.tuples, text(tupleOf(p)));
  if (there) {
    const flow = pmap.get(net.flows, there.flow) as Flow;
    if (k.s.clock - flow.last <= LIFE[flow.orig.proto] || p.proto === 'tcp') {
      const now = { ...flow, last: k.s.clock, answered: flow.answered || there.dir === 'reply' };
      putNet(k, { ...net, flows: pmap.set(net.flows, flow.id, now) });
      return { flow: now, dir: there.dir, fresh: false };
    }
    forget(k, ns, flow);
  }
  const orig = tupleOf(p);
  return { flow: { id: 0, orig, reply: turned(orig), answered: false, last: k.s.clock }, dir: 'orig', fresh: true };
}

/** Enters a flow once its first packet has passed every check: nf_conntrack_confirm. */
export function confirm(k: Kernel, ns: number, t: Tracked): Tracked {
  if (!t.fresh) return t;
  let net = netOf(k, ns);
  if (net.flows.size > MANY) net = swept(k, net);
  const flow = { ...t.flow, id: net.nextRule };
  const tuples = pmap.set(pmap.set(net.tuples, text(flow.orig), { flow: flow.id, dir: 'orig' as const }), text(flow.reply), {
    flow: flow.id,
    dir: 'reply' as const,
  });
  putNet(k, { ...net, nextRule: net.nextRule + 1, flows: pmap.set(net.flows, flow.id, flow), tuples });
  return { flow, dir: t.dir, fresh: false };
}

export function forget(k: Kernel, ns: number, flow: Flow) {
  const net = netOf(k, ns);
  putNet(k, {
    ...net,
    flows: pmap.remove(net.flows, flow.id),
    tuples: pmap.remove(pmap.remove(net.tuples, text(flow.orig)), text(flow.reply)),
  });
}

/** One side has said its last; with the other's word the flow is forgotten. */
export function close(k: Kernel, ns: number, t: Tracked) {
  if (t.flow.ended !== undefined && t.flow.ended !== t.dir) return forget(k, ns, t.flow);
  const net = netOf(k, ns);
  putNet(k, { ...net, flows: pmap.set(net.flows, t.flow.id, { ...t.flow, ended: t.dir }) });
}

/** Forgets what a packet belongs to: a connection that was closed or reset. */
export function forgetPacket(k: Kernel, ns: number, p: Packet) {
  const net = netOf(k, ns);
  const there = pmap.get(net.tuples, text(tupleOf(p)));
  const flow = there && pmap.get(net.flows, there.flow);
  if (flow) forget(k, ns, flow);
}

function swept(k: Kernel, net: Net): Net {
  let { flows, tuples } = net;
  for (const f of pmap.values(net.flows))
    if (f.orig.proto !== 'tcp' && k.s.clock - f.last > LIFE.udp) {
      flows = pmap.remove(flows, f.id);
      tuples = pmap.remove(pmap.remove(tuples, text(f.orig)), text(f.reply));
    }
  return { ...net, flows, tuples };
}

/** The destination that the flow gives a packet going this way. */
export const destination = (t: Tracked) =>
  t.dir === 'orig' ? { ip: t.flow.reply.src, port: t.flow.reply.sport } : { ip: t.flow.orig.src, port: t.flow.orig.sport };
/** The source that the flow gives it. */
export const source = (t: Tracked) =>
  t.dir === 'orig' ? { ip: t.flow.reply.dst, port: t.flow.reply.dport } : { ip: t.flow.orig.dst, port: t.flow.orig.dport };

/** Another destination or source for a flow that begins. */
export const withDestination = (t: Tracked, ip: string, port: number): Tracked => ({
  ...t,
  flow: { ...t.flow, reply: { ...t.flow.reply, src: ip, sport: port } },
});
export const withSource = (t: Tracked, ip: string, port: number): Tracked => ({
  ...t,
  flow: { ...t.flow, reply: { ...t.flow.reply, dst: ip, dport: port } },
});
/** Whether an answer with this source would be taken for another flow's. */
export const taken = (k: Kernel, ns: number, t: Tracked): boolean => pmap.has(netOf(k, ns).tuples, text(t.flow.reply));
