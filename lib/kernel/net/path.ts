/**
 * A packet's way: out of a socket, through netfilter's hooks and routes, over veths and bridges, into a socket or nowhere.
 * Everything happens at once and is written down hop by hop. packet flow as in netfilter's documentation; bridge(8) with
 * br_netfilter; arp(7).
 *
 *   socket → OUTPUT → route → POSTROUTING → link ═ veth ═ bridge … → PREROUTING → INPUT → socket
 *                                                                         └→ route → FORWARD → POSTROUTING → link …
 *
 * Simplified: a packet takes no time and is never lost on the wire; an ICMP error reaches its socket without a way back of
 * its own; frames that cross a bridge are shown to raw and FORWARD only, and turned back where their connection is translated.
 */

import type { Code } from '../errno';
import type { Kernel } from '../kernel';
import { type Asked, ask } from './filter';
import * as flows from './flows';
import { findLink, putLink, sysctl, tunnelsOf } from './links';
import * as route from './route';
import { ETHERNET, ipBytes, TTL } from './size';
import * as sockets from './sockets';
import { show } from './tap';
import type { Header, Hook, IcmpError, Link, Packet, TableName, Walk } from './types';
import * as wire from './wire';

/** How sending went, for the caller: a refusal at once, or on its way. */
export type Fate = 'sent' | { code: Code; why: string };

const ORDER: Record<Hook, TableName[]> = {
  PREROUTING: ['raw', 'mangle', 'nat'],
  INPUT: ['mangle', 'filter', 'nat'],
  FORWARD: ['mangle', 'filter'],
  OUTPUT: ['raw', 'mangle', 'nat', 'filter'],
  POSTROUTING: ['mangle', 'nat'],
};

/** ip_forward, its counterpart of IPv6, and what a hop costs: beyond it a loop of links is cut. */
const MAX_HOPS = 2_000;

type Passing = Omit<Asked, 'hook'>;

const lost = (walk: Walk, ns: number, by: string, why: string) => walk.hops.push({ at: 'lost', ns, by, why });

/** Takes a packet through a hook; false: it stops here. */
function hook(k: Kernel, c: Passing, at: Hook, origin: boolean): boolean {
  for (const table of ORDER[at]) {
    if (table === 'nat') {
      if (!translate(k, c, at)) return false;
      continue;
    }
    const verdict = ask(k, table, { ...c, hook: at });
    if (verdict.v === 'drop' || verdict.v === 'reject') {
      lost(c.walk, c.ns, `${table} ${at}`, verdict.v === 'drop' ? 'a rule drops it' : 'a rule rejects it');
      if (verdict.v === 'reject' && !origin) refuse(k, c, rejection(verdict.with));
      return false;
    }
    if (table === 'raw' && !c.tracked) c.tracked = flows.track(k, c.ns, c.p);
  }
  return true;
}

const rejection = (kind: string): IcmpError | 'reset' =>
  kind === 'tcp-reset'
    ? 'reset'
    : kind.includes('port')
      ? 'port-unreachable'
      : kind.includes('net')
        ? 'net-unreachable'
        : kind.includes('admin') || kind.includes('prohibited')
          ? 'admin-prohibited'
          : 'host-unreachable';

/** nat: asks its rules about the first packet of a flow, and gives every packet the addresses that the flow has. */
function translate(k: Kernel, c: Passing, at: Hook): boolean {
  if (!c.tracked) return true;
  const before = at === 'PREROUTING' || at === 'OUTPUT';
  if (c.tracked.fresh) {
    const verdict = ask(k, 'nat', { ...c, hook: at });
    if (verdict.v === 'drop') {
      lost(c.walk, c.ns, `nat ${at}`, 'a rule drops it');
      return false;
    }
    if (before && verdict.v === 'dnat') {
      const to = endpoint(verdict.address, c.p.dst, c.p.dport);
      c.tracked = flows.withDestination(c.tracked, to.ip, to.port);
    } else if (before && verdict.v === 'redirect') {
      const own = at === 'OUTPUT' ? '127.0.0.1' : (c.in?.addrs.find((a) => a.ip.includes('.'))?.ip ?? c.p.dst);
      c.tracked = flows.withDestination(c.tracked, own, Number(verdict.ports) || c.p.dport);
    } else if (!before && (verdict.v === 'snat' || verdict.v === 'masquerade')) {
      const own = verdict.v === 'snat' ? endpoint(verdict.address, c.p.src, c.p.sport) : { ip: masquerade(c), port: c.p.sport };
      let t = flows.withSource(c.tracked, own.ip, own.port);
      for (let port = 1024; flows.taken(k, c.ns, t) && port < 65536; port++) t = flows.withSource(c.tracked, own.ip, port);
      c.tracked = t;
    }
  }
  const was = { dst: { ip: c.p.dst, port: c.p.dport }, src: { ip: c.p.src, port: c.p.sport } };
  if (before) {
    const to = flows.destination(c.tracked);
    if (to.ip !== c.p.dst || to.port !== c.p.dport) {
      c.p = { ...c.p, dst: to.ip, dport: to.port };
      rewritten(c, at, was.dst, to);
    }
  } else {
    const from = flows.source(c.tracked);
    if (from.ip !== c.p.src || from.port !== c.p.sport) {
      c.p = { ...c.p, src: from.ip, sport: from.port };
      rewritten(c, at, was.src, from);
    }
  }
  return true;
}

const rewritten = (c: Passing, hook: Hook, was: { ip: string; port: number }, now: { ip: string; port: number }) =>
  c.walk.hops.push({ at: 'rule', ns: c.ns, hook, table: 'nat', chain: hook, rule: null, verdict: 'translated', was, now });

/** "172.17.0.2:80", ":53" or an address alone. */
function endpoint(text: string, ip: string, port: number) {
  const m = /^(\[[^\]]*\]|[^:]*)(?::(\d+)(?:-\d+)?)?$/.exec(text);
  const address = (m?.[1] ?? '').replace(/^\[|\]$/g, '');
  return { ip: address || ip, port: m?.[2] ? Number(m[2]) : port };
}
const masquerade = (c: Passing): string =>
  c.out?.addrs.find((a) => a.ip.includes(':') === (c.p.v === 6) && a.scope === 'global')?.ip ?? c.out?.addrs[0]?.ip ?? c.p.src;

/** Says "no" to who sent it. */
function refuse(k: Kernel, c: Passing, how: IcmpError | 'reset') {
  if (how === 'reset') {
    send(k, c.ns, { ...answer(c.p), flags: 'RST' }, c.walk);
    return;
  }
  sockets.failed(k, c.p, how, c.in?.addrs[0]?.ip ?? c.p.dst);
}

const answer = (p: Packet): Packet => ({
  ...p,
  src: p.dst,
  dst: p.src,
  sport: p.dport,
  dport: p.sport,
  ttl: TTL,
  data: '',
  socket: undefined,
  accepted: undefined,
});

/** Sends a packet from a namespace. */
export function send(k: Kernel, ns: number, packet: Packet, walk: Walk = begin(k, packet)): Fate {
  if (walk.hops.length > MAX_HOPS) return 'sent';
  const way = route.lookup(k, ns, packet.dst, packet.src || undefined);
  if (!way) {
    lost(walk, ns, 'route', `no route leads to ${packet.dst}`);
    return { code: 'ENETUNREACH', why: `no route of this network namespace leads to ${packet.dst}` };
  }
  const c: Passing = { ns, p: { ...packet, src: packet.src || way.src }, in: null, out: way.dev, tracked: null, walk };
  walk.hops.push({ at: 'start', ns, header: headerOf(c.p), by: sender(k, packet) });
  if (!hook(k, c, 'OUTPUT', true)) return { code: 'EPERM', why: 'a rule of the OUTPUT chain does not let it out' };
  const again = c.p.dst === packet.dst ? way : route.lookup(k, ns, c.p.dst, c.p.src);
  if (!again) return { code: 'ENETUNREACH', why: `no route leads to ${c.p.dst}` };
  // After a translation the source is chosen anew only where the old one cannot leave.
  c.out = again.dev;
  walk.hops.push({ at: 'route', ns, dst: c.p.dst, via: again.next === c.p.dst ? null : again.next, dev: again.dev.name });
  leave(k, c, again.next);
  return 'sent';
}

const headerOf = ({ v, proto, src, dst, sport, dport, flags, data, icmp }: Packet): Header => ({
  v,
  proto,
  src,
  dst,
  sport,
  dport,
  flags,
  bytes: data.length,
  icmp: icmp?.type,
});
/** The process whose socket sends it; null: the kernel itself. */
const sender = (k: Kernel, p: Packet): string | null => {
  const s = p.socket === undefined ? undefined : k.t.sockets.get(p.socket);
  return (s && k.findTask(s.pid)?.comm) ?? null;
};

export function begin(k: Kernel, packet: Packet): Walk {
  const walk: Walk = { packet, hops: [] };
  k.event({ kind: 'packet', walk });
  return walk;
}

/** POSTROUTING, and onto the wire. */
function leave(k: Kernel, c: Passing, next: string) {
  if (!hook(k, c, 'POSTROUTING', false)) return;
  settle(k, c);
  const dev = c.out as Link;
  traffic(k, dev, 'tx', c.p);
  const port = portOf(k, dev);
  if (port) traffic(k, port, 'rx', c.p);
  c.walk.hops.push({ at: 'link', ns: c.ns, link: dev.name, way: 'out' });
  if (dev.kind === 'loopback') return arrive(k, dev, c.p, c.walk, c.tracked);
  const to = wire.reach(k, dev, next);
  if (!to) {
    lost(c.walk, c.ns, 'neighbour', `nobody on the network of ${dev.name} answers for ${next}`);
    return sockets.failed(k, c.p, 'host-unreachable', c.p.src, wire.ARP_WAIT);
  }
  for (const pass of to.passes) {
    const passed = onward(k, pass, c);
    if (!passed) return;
    c.p = passed;
  }
  const far = findLink(k, to.link);
  if (far) arrive(k, far, c.p, c.walk, null);
}

/** A frame on its way between two links; null: it stops here. */
function onward(k: Kernel, pass: wire.Pass, c: Passing): Packet | null {
  switch (pass.by) {
    case 'bridge':
      return cross(k, pass, c);
    case 'lower': {
      const lower = findLink(k, pass.link);
      if (!lower) return null;
      c.walk.hops.push({ at: 'lower', ns: lower.ns, link: lower.name, way: pass.way, tags: pass.tags });
      if (pass.way !== 'across') traffic(k, lower, pass.way === 'out' ? 'tx' : 'rx', c.p);
      return c.p;
    }
    case 'tunnel':
      return tunnelled(k, pass, c);
  }
}

/** A flow is entered, or forgotten with its last packet. */
function settle(k: Kernel, c: Passing) {
  if (!c.tracked) return;
  if (c.p.flags === 'RST') {
    if (!c.tracked.fresh) flows.forget(k, c.ns, c.tracked.flow);
  } else if (c.p.flags === 'FIN,ACK') {
    if (!c.tracked.fresh) flows.close(k, c.ns, c.tracked);
  } else c.tracked = flows.confirm(k, c.ns, c.tracked);
}

/** The port of a bridge at the other end of a pair. */
const portOf = (k: Kernel, l: Link): Link | null => {
  const far = l.kind === 'veth' ? findLink(k, l.peer) : undefined;
  return far && far.master !== null ? far : null;
};

function traffic(k: Kernel, l: Link, way: 'rx' | 'tx', p: Packet) {
  const now = findLink(k, l);
  // A tunnel's end counts what is in its frames.
  const bytes = ipBytes(p) + (l.kind === 'vxlan' ? 0 : ETHERNET);
  if (now) putLink(k, { ...now, [way]: { bytes: now[way].bytes + bytes, packets: now[way].packets + 1 } });
  show(k, l, way === 'tx' ? 'out' : 'in', p);
}

/** An address of the loopback on a packet that came by another link: it is taken only where route_localnet allows it. */
function martian(k: Kernel, link: Link, p: Packet): string | null {
  if (p.v === 6 || link.kind === 'loopback') return null;
  const own = [p.dst, p.src].find((a) => a.startsWith('127.'));
  if (own === undefined) return null;
  const allowed = ['all', link.name].some((of) => sysctl(k, link.ns, `net.ipv4.conf.${of}.route_localnet`) === '1');
  return allowed ? null : own;
}

/** A packet comes in by a link. */
function arrive(k: Kernel, link: Link, p: Packet, walk: Walk, known: flows.Tracked | null) {
  const { ns } = link;
  if (walk.hops.length > MAX_HOPS) return;
  const port = portOf(k, link);
  if (port) traffic(k, port, 'tx', p);
  traffic(k, link, 'rx', p);
  walk.hops.push({ at: 'link', ns, link: link.name, way: 'in' });
  const c: Passing = { ns, p, in: link, out: null, tracked: known, walk };
  // What comes back by the loopback has been through nat on its way out.
  if (!known && !hook(k, c, 'PREROUTING', false)) return;
  const strange = martian(k, link, c.p);
  if (strange !== null) return lost(walk, ns, 'route', `${strange} belongs on a loopback, and this came by ${link.name} (route_localnet)`);
  if (route.localLink(k, ns, c.p.dst)) {
    if (!(known ? ask(k, 'filter', { ...c, hook: 'INPUT' }).v === 'accept' : hook(k, c, 'INPUT', false))) {
      if (known) lost(walk, ns, 'filter INPUT', 'a rule does not let it in');
      return;
    }
    settle(k, c);
    return deliver(k, c);
  }
  if (sysctl(k, ns, `net.ipv${c.p.v}.conf.${c.p.v === 4 ? link.name : 'all'}.forwarding`) !== '1')
    return lost(walk, ns, 'route', `${c.p.dst} is not here, and this namespace does not forward`);
  if (c.p.ttl <= 1) {
    lost(walk, ns, 'ttl', 'it has made as many hops as it may');
    return sockets.failed(k, p, 'time-exceeded', link.addrs.find((a) => a.ip.includes(':') === (p.v === 6))?.ip ?? p.dst);
  }
  c.p = { ...c.p, ttl: c.p.ttl - 1 };
  const way = route.lookup(k, ns, c.p.dst, c.p.src);
  if (!way) {
    lost(walk, ns, 'route', `no route leads to ${c.p.dst}`);
    return sockets.failed(k, c.p, 'net-unreachable', link.addrs[0]?.ip ?? p.dst);
  }
  c.out = way.dev;
  walk.hops.push({ at: 'route', ns, dst: c.p.dst, via: way.next === c.p.dst ? null : way.next, dev: way.dev.name });
  if (hook(k, c, 'FORWARD', false)) leave(k, c, way.next);
}

/** A frame crosses a bridge; with br_netfilter the bridge's namespace looks at it as if it were forwarded. Null: it stops here. */
function cross(k: Kernel, pass: Extract<wire.Pass, { by: 'bridge' }>, from: Passing): Packet | null {
  const bridge = findLink(k, pass.bridge);
  if (!bridge) return null;
  from.walk.hops.push({ at: 'bridge', ns: bridge.ns, bridge: bridge.name, from: pass.from, to: pass.to });
  show(k, bridge, 'in', from.p, true);
  if (sysctl(k, bridge.ns, `net.bridge.bridge-nf-call-${from.p.v === 4 ? 'iptables' : 'ip6tables'}`) !== '1') return from.p;
  const c: Passing = { ns: bridge.ns, p: from.p, in: bridge, out: null, tracked: null, walk: from.walk };
  if (ask(k, 'raw', { ...c, hook: 'PREROUTING' }).v !== 'accept') {
    lost(c.walk, c.ns, 'raw PREROUTING', 'a rule drops it');
    return null;
  }
  c.tracked = flows.track(k, c.ns, c.p);
  c.out = bridge;
  if (!hook(k, c, 'FORWARD', false)) return null;
  // An answer to a connection that this namespace has translated: a hairpin's way back.
  if (!c.tracked.fresh) translate(k, c, 'POSTROUTING');
  settle(k, c);
  return c.p;
}

// ——— frames in UDP packets: RFC 7348

/** The header of VXLAN, and the frame's own Ethernet header: what the UDP packet carries besides the inner packet. */
const VXLAN_HEADERS = 8 + ETHERNET;

/** A frame goes through a tunnel: whatever happens to its UDP packet happens to it. */
function tunnelled(k: Kernel, pass: Extract<wire.Pass, { by: 'tunnel' }>, c: Passing): Packet | null {
  const near = findLink(k, pass.near);
  if (near?.kind !== 'vxlan' || near.remote === null) return null;
  const bytes = VXLAN_HEADERS + ipBytes(c.p);
  const outer: Packet = {
    v: near.remote.includes(':') ? 6 : 4,
    proto: 'udp',
    src: near.local ?? '',
    dst: near.remote,
    sport: sourcePort(c.p),
    dport: near.port,
    ttl: TTL,
    data: '\0'.repeat(bytes),
    mark: 0,
    tunnel: { vni: near.vni, inner: c.p, out: null },
  };
  c.walk.hops.push({ at: 'tunnel', ns: near.ns, link: near.name, vni: near.vni, way: 'in', bytes, port: near.port });
  send(k, near.home, outer, c.walk);
  const out = outer.tunnel?.out ?? null;
  const far = out && findLink(k, out);
  if (far?.kind !== 'vxlan') return null;
  c.walk.hops.push({ at: 'start', ns: far.ns, header: headerOf(c.p), by: far.name });
  return c.p;
}

/** From the inner packet's ends, so that one connection takes one way: udp_flow_src_port. */
const sourcePort = (p: Packet): number => {
  let h = 0;
  for (const ch of `${p.src}${p.dst}${p.sport}${p.dport}`) h = (h * 31 + ch.charCodeAt(0)) >>> 0;
  return 32_768 + (h % 28_232);
};

/** A UDP packet comes for a port at which an end of its tunnel listens; false: it is none of theirs. */
function unpacked(k: Kernel, c: Passing): boolean {
  const { tunnel } = c.p;
  if (!tunnel) return false;
  const ends = tunnelsOf(k, c.ns).filter((l) => l.up && l.port === c.p.dport);
  if (ends.length === 0) return false;
  const end = ends.find((l) => l.vni === tunnel.vni);
  if (end) {
    tunnel.out = { ns: end.ns, index: end.index };
    c.walk.hops.push({ at: 'tunnel', ns: end.ns, link: end.name, vni: end.vni, way: 'out', bytes: c.p.data.length, port: end.port });
  } else lost(c.walk, c.ns, 'vxlan', `no end of the network ${tunnel.vni} is here`);
  return true;
}

// ——— the end of the way

function deliver(k: Kernel, c: Passing) {
  const { p, ns, walk } = c;
  if (p.proto === 'icmp') {
    if (p.icmp?.type === 'echo-request') {
      walk.hops.push({ at: 'socket', ns, what: 'the kernel answers the echo', by: null });
      send(k, ns, { ...answer(p), sport: p.sport, dport: p.dport, data: p.data, icmp: { type: 'echo-reply', seq: p.icmp.seq } }, walk);
    } else sockets.echoed(k, ns, p, walk);
    return;
  }
  if (p.proto === 'udp' && unpacked(k, c)) return;
  const taken = p.proto === 'tcp' ? sockets.segment(k, ns, p, walk) : sockets.datagram(k, ns, p, walk);
  switch (taken.then) {
    case 'nothing':
      return;
    case 'reply':
      send(k, ns, { ...answer(p), flags: taken.flags, accepted: taken.accepted, socket: taken.socket }, walk);
      if (taken.accepted !== undefined) sockets.abandoned(k, taken.accepted);
      return;
    case 'closed':
      lost(walk, ns, 'port', `nobody listens on port ${p.dport}`);
      if (p.proto === 'tcp') {
        if (p.flags !== 'RST') send(k, ns, { ...answer(p), flags: 'RST' }, walk);
      } else sockets.failed(k, p, 'port-unreachable', p.dst);
  }
}
