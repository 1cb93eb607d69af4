/**
 * Links and addresses of a network namespace: rtnetlink(7), as ip-link(8) and ip-address(8) use it; veth(4).
 *
 * Simplified: no queues; a bridge has no spanning tree, no VLANs of its own, and needs no time to learn.
 */

import { memo, pmap } from '../../base';
import * as ip from '../../base/ip';
import { Errno } from '../errno';
import type { Kernel } from '../kernel';
import { confOf, written } from './conf';
import { DEFAULTS, GLOBAL } from './sysctls';
import type { Chain, FilterTable, Hook, Link, LinkOwn, LinkRef, Net, TableName } from './types';

const HOOKS: Record<TableName, Hook[]> = {
  raw: ['PREROUTING', 'OUTPUT'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
};
const fresh = (name: TableName): FilterTable =>
  Object.fromEntries(HOOKS[name].map((h): [string, Chain] => [h, { policy: 'ACCEPT', rules: [] }]));
const tables = () => ({ raw: fresh('raw'), mangle: fresh('mangle'), nat: fresh('nat'), filter: fresh('filter') });

const key = (ns: number, index: number) => `${ns}:${index}`;

export const netOf = (k: Kernel, ns: number): Net => {
  const net = k.t.nets.get(ns);
  if (!net) throw new Error(`kernel: no network namespace ${ns}`);
  return net;
};
export const putNet = (k: Kernel, net: Net) => k.t.nets.set(net.id, net);

export const findLink = (k: Kernel, ref: LinkRef): Link | undefined => k.t.links.get(key(ref.ns, ref.index));
export const putLink = (k: Kernel, l: Link) => k.t.links.set(key(l.ns, l.index), l);

/** A namespace's links in the order of their index. */
export const linksOf = (k: Kernel, ns: number): Link[] =>
  pmap
    .values(netOf(k, ns).names)
    .sort((a, b) => a - b)
    .flatMap((index) => findLink(k, { ns, index }) ?? []);

export const byName = (k: Kernel, ns: number, name: string): Link | undefined => {
  const index = pmap.get(netOf(k, ns).names, name);
  return index === undefined ? undefined : findLink(k, { ns, index });
};

export function need(k: Kernel, ns: number, name: string): Link {
  const l = byName(k, ns, name);
  if (!l) throw new Errno('ENODEV', 'network', `this network namespace has no link named ${name}`);
  return l;
}

const inherited = (k: Kernel): Net['sysctl'] => {
  const forward = k.t.nets.get(k.findTask(1)?.ns.net ?? 0)?.sysctl['net.ipv4.ip_forward'];
  return forward === undefined ? {} : { 'net.ipv4.ip_forward': forward };
};

/** An empty network namespace: a loopback that is down. */
export function newNet(k: Kernel, id: number): Net {
  const net: Net = {
    id,
    held: [],
    nextIndex: 1,
    nextRule: 1,
    names: pmap.empty(),
    routes: [],
    neighbours: pmap.empty(),
    tables: { 4: tables(), 6: tables() },
    counters: pmap.empty(),
    // devconf_inherit_init_net: IPv4's settings begin as the first namespace's are now.
    sysctl: inherited(k),
    flows: pmap.empty(),
    tuples: pmap.empty(),
    ports: pmap.empty(),
    taps: [],
    tunnels: [],
  };
  putNet(k, net);
  enter(k, id, { kind: 'loopback' }, 'lo', '00:00:00:00:00:00', 65536);
  return netOf(k, id);
}

const NONE = { bytes: 0, packets: 0 };
/** DEFAULT_TX_QUEUE_LEN: what a link has whose maker named none. */
const QUEUE = 1000;

/** Enters a link into its namespace, down. */
export function enter(k: Kernel, ns: number, own: LinkOwn, name: string, mac: string, mtu: number, at?: number): Link {
  const net = netOf(k, ns);
  if (pmap.has(net.names, name)) throw new Errno('EEXIST', 'network', `a link named ${name} is there already`);
  const index = at ?? net.nextIndex;
  putNet(k, { ...net, nextIndex: Math.max(net.nextIndex, index + 1), names: pmap.set(net.names, name, index) });
  const l = { ns, index, name, mac, mtu, queue: QUEUE, up: false, addrs: [], master: null, uppers: [], rx: NONE, tx: NONE, ...own } as Link;
  putLink(k, l);
  return l;
}

/** A locally administered address from the machine's chance. */
export function randomMac(k: Kernel): string {
  const bytes = Array.from({ length: 6 }, () => Math.floor(k.random() * 256));
  bytes[0] = ((bytes[0] as number) & 0xfe) | 2;
  return bytes.map((b) => b.toString(16).padStart(2, '0')).join(':');
}

/** Takes a link away, and the other end of a veth with it. */
export function removeLink(k: Kernel, l: Link) {
  if (l.kind === 'loopback') throw new Errno('EOPNOTSUPP', 'network', 'the loopback cannot be taken away');
  for (const upper of uppersOf(k, l)) removeLink(k, upper);
  for (const tunnel of tunnelsOf(k, l.ns)) if (tunnel.lower === l.index) removeLink(k, tunnel);
  if (isUpper(l)) step(k, l, null);
  if (l.kind === 'vxlan') tunnelMoved(k, l.home, l, null);
  leave(k, findLink(k, l) as Link);
  if (l.kind === 'veth') {
    const peer = findLink(k, l.peer);
    if (peer) leave(k, peer);
  }
  if (l.kind === 'bridge')
    for (const index of pmap.keys(l.ports)) {
      const port = findLink(k, { ns: l.ns, index: index as number });
      if (port) putLink(k, { ...port, master: null });
    }
}

export const refOf = ({ ns, index }: LinkRef): LinkRef => ({ ns, index });
const sameRef = (a: LinkRef, b: LinkRef) => a.ns === b.ns && a.index === b.index;

// ——— links that stand on another

type Upper = Extract<Link, { parent: LinkRef }>;
/** Links that stand on one. */
export const uppersOf = (k: Kernel, parent: Link): Link[] => parent.uppers.flatMap((ref) => findLink(k, ref) ?? []);
export const isUpper = (l: Link): l is Upper => 'parent' in l;

/** The parent of a link that stands on it is told of its place: `now`, or that it has gone. */
export function step(k: Kernel, l: Upper, now: LinkRef | null) {
  const parent = findLink(k, l.parent);
  if (!parent) return;
  const others = parent.uppers.filter((u) => !sameRef(u, l));
  putLink(k, { ...parent, uppers: now ? [...others, now] : others });
}

/** A link that stands on another sends no longer frames than that one does. */
export function checkMtu(k: Kernel, l: Link, mtu: number) {
  const parent = isUpper(l) ? findLink(k, l.parent) : undefined;
  if (parent && mtu > parent.mtu) throw new Errno('EINVAL', 'network', `${parent.name} sends frames of ${parent.mtu} bytes at most`);
}

// ——— ends of tunnels

type Tunnel = Extract<Link, { kind: 'vxlan' }>;

/** A namespace knows the ends whose UDP packets are its own, wherever they are now. */
export function tunnelMoved(k: Kernel, home: number, was: LinkRef | null, now: LinkRef | null) {
  const net = k.t.nets.get(home);
  if (!net) return;
  const others = was ? net.tunnels.filter((t) => !sameRef(t, was)) : net.tunnels;
  putNet(k, { ...net, tunnels: now ? [...others, refOf(now)] : others });
}

/** Ends for whose packets a namespace listens. */
export const tunnelsOf = (k: Kernel, home: number): Tunnel[] =>
  (k.t.nets.get(home)?.tunnels ?? []).flatMap((ref) => {
    const l = findLink(k, ref);
    return l?.kind === 'vxlan' ? [l] : [];
  });
export const tunnelAt = (k: Kernel, home: number, port: number, vni: number): Tunnel | undefined =>
  tunnelsOf(k, home).find((l) => l.port === port && l.vni === vni);

function leave(k: Kernel, l: Link) {
  if (l.master !== null) setMaster(k, l, null);
  const net = netOf(k, l.ns);
  putNet(k, { ...net, names: pmap.remove(net.names, l.name), routes: net.routes.filter((r) => r.dev !== l.index) });
  k.t.links.delete(key(l.ns, l.index));
}

export function setMaster(k: Kernel, l: Link, bridge: Link | null): Link {
  if (bridge && bridge.kind !== 'bridge') throw new Errno('EOPNOTSUPP', 'network', `${bridge.name} is not a bridge`);
  if (l.master !== null) {
    const old = findLink(k, { ns: l.ns, index: l.master });
    if (old?.kind === 'bridge') putLink(k, { ...old, ports: pmap.remove(old.ports, l.index) });
  }
  if (bridge?.kind === 'bridge') putLink(k, { ...bridge, ports: pmap.set(bridge.ports, l.index, true) });
  const now = { ...l, master: bridge?.index ?? null };
  putLink(k, now);
  return now;
}

/** Up: its addresses' networks can be reached; down: every route through it goes. */
export function setUp(k: Kernel, l: Link, up: boolean): Link {
  if (l.up === up) return l;
  // net/8021q: a vlan comes up on a link that is up, and follows it from then on.
  if (up && l.kind === 'vlan' && !findLink(k, l.parent)?.up) throw new Errno('ENETDOWN', 'network', `the link under ${l.name} is down`);
  const now = { ...l, up };
  putLink(k, now);
  if (up) {
    if (l.kind === 'loopback' && l.addrs.length === 0) {
      addAddress(k, now, '127.0.0.1', 8, { scope: 'host' });
      addAddress(k, findLink(k, now) as Link, '::1', 128, { scope: 'host' });
    } else {
      for (const a of l.addrs) connected(k, now, a.ip, a.bits);
      const without = ['all', l.name].some((of) => sysctl(k, l.ns, `net.ipv6.conf.${of}.disable_ipv6`) === '1');
      if (l.kind !== 'loopback' && l.kind !== 'ipvlan' && !without) linkLocal(k, now);
    }
  } else {
    const net = netOf(k, l.ns);
    putNet(k, { ...net, routes: net.routes.filter((r) => r.dev !== l.index) });
  }
  for (const upper of uppersOf(k, now)) if (upper.kind === 'vlan') setUp(k, upper, up);
  return findLink(k, now) as Link;
}

/** Of a MAC address: fe80::/64 with the interface identifier of RFC 4291, appendix A. */
const linkLocalOf = memo((mac) => {
  const b = mac.split(':').map((x) => Number.parseInt(x, 16));
  const eui = [(b[0] as number) ^ 2, b[1], b[2], 0xff, 0xfe, b[3], b[4], b[5]] as number[];
  const low = eui.reduce((sum, x) => (sum << 8n) | BigInt(x), 0n);
  return ip.format({ v: 6, n: (0xfe80n << 112n) | low });
}, 1000);

function linkLocal(k: Kernel, l: Link) {
  const text = linkLocalOf(l.mac);
  if (!l.addrs.some((a) => a.ip === text)) addAddress(k, l, text, 64, { scope: 'link' });
}

/** The network that an address with its length is of, as a prefix. */
const networkOf = memo((prefix) => {
  const p = ip.parsePrefix(prefix);
  return p ? ip.formatPrefix(ip.masked(p)) : prefix;
}, 1000);

/** The route to a link's own network, which comes and goes with the address. */
function connected(k: Kernel, l: Link, address: string, bits: number) {
  const at = ip.parse(address);
  if (!at || bits === ip.width(at) || l.kind === 'loopback' || !l.up) return;
  const net = netOf(k, l.ns);
  const dst = networkOf(`${address}/${bits}`);
  if (net.routes.some((r) => r.dst === dst && r.dev === l.index)) return;
  putNet(k, {
    ...net,
    routes: [
      ...net.routes,
      { dst, dev: l.index, scope: 'link', proto: 'kernel', v: at.v, ...(at.v === 4 ? { src: address } : { metric: 256 }) },
    ],
  });
}

export function addAddress(
  k: Kernel,
  l: Link,
  address: string,
  bits: number,
  more: { scope?: 'global' | 'link' | 'host'; broadcast?: string } = {},
): Link {
  const now = findLink(k, l) as Link;
  if (now.addrs.some((a) => a.ip === address && a.bits === bits))
    throw new Errno('EEXIST', 'network', `${l.name} has the address ${address}/${bits} already`);
  putLink(k, { ...now, addrs: [...now.addrs, { ip: address, bits, scope: 'global', ...more }] });
  connected(k, now, address, bits);
  return findLink(k, l) as Link;
}

export function removeAddress(k: Kernel, l: Link, address: string, bits: number) {
  const there = l.addrs.some((a) => a.ip === address && a.bits === bits);
  if (!there) throw new Errno('EADDRNOTAVAIL', 'network', `${l.name} does not have the address ${address}/${bits}`);
  putLink(k, { ...l, addrs: l.addrs.filter((a) => a.ip !== address || a.bits !== bits) });
  const net = netOf(k, l.ns);
  putNet(k, {
    ...net,
    routes: net.routes.filter((r) => r.dev !== l.index || (r.src !== address && !(r.via && r.dst === 'default' && l.addrs.length === 1))),
  });
}

/** A link goes to another namespace: its addresses, routes and master stay behind. */
export function moveLink(k: Kernel, l: Link, ns: number, name = l.name): Link {
  if (l.kind === 'loopback') throw new Errno('EINVAL', 'network', 'every namespace keeps its own loopback');
  if (pmap.has(netOf(k, ns).names, name)) throw new Errno('EEXIST', 'network', `a link named ${name} is there already`);
  leave(k, l);
  const to = netOf(k, ns);
  const taken = pmap.values(to.names).includes(l.index);
  const index = taken ? to.nextIndex : l.index;
  putNet(k, { ...to, nextIndex: Math.max(to.nextIndex, index + 1), names: pmap.set(to.names, name, index) });
  const now: Link = { ...l, ns, index, name, up: false, addrs: [], master: null };
  putLink(k, now);
  if (l.kind === 'veth') {
    const peer = findLink(k, l.peer);
    if (peer?.kind === 'veth') putLink(k, { ...peer, peer: { ns, index } });
  }
  if (isUpper(l)) step(k, l, { ns, index });
  for (const upper of uppersOf(k, l)) if (isUpper(upper)) putLink(k, { ...upper, parent: { ns, index } });
  if (l.kind === 'vxlan') tunnelMoved(k, l.home, l, now);
  return now;
}

export function renameLink(k: Kernel, l: Link, name: string): Link {
  const net = netOf(k, l.ns);
  if (pmap.has(net.names, name)) throw new Errno('EEXIST', 'network', `a link named ${name} is there already`);
  putNet(k, { ...net, names: pmap.set(pmap.remove(net.names, l.name), name, l.index) });
  const now = { ...l, name };
  putLink(k, now);
  return now;
}

/** The last task of a namespace has gone: virtual links go, and the sockets that were open with their tasks. */
export function dropNet(k: Kernel, ns: number) {
  if (!k.t.nets.get(ns)) return;
  for (const l of linksOf(k, ns)) if (l.kind !== 'loopback' && k.t.links.get(key(l.ns, l.index))) removeLink(k, l);
  k.t.links.delete(key(ns, 1));
  k.t.nets.delete(ns);
}

/** Whether a link carries frames: it is up, and there is somebody at its other end. */
export function carrier(k: Kernel, l: Link): boolean {
  if (!l.up) return false;
  if (l.kind === 'veth') return findLink(k, l.peer)?.up ?? false;
  if (l.kind === 'bridge')
    return pmap.keys(l.ports).some((index) => {
      const port = findLink(k, { ns: l.ns, index: index as number });
      return port !== undefined && carrier(k, port);
    });
  if (isUpper(l)) {
    const parent = findLink(k, l.parent);
    return parent !== undefined && carrier(k, parent);
  }
  return true;
}

export const SYSCTLS = Object.keys(DEFAULTS);
export function sysctl(k: Kernel, ns: number, name: string): string {
  const { sysctl: all } = netOf(k, ns);
  return confOf(all, name) ?? all[name] ?? DEFAULTS[name] ?? '0';
}
export function setSysctl(k: Kernel, ns: number, name: string, value: string) {
  const net = netOf(k, ns);
  if (confOf(net.sysctl, name) === undefined && DEFAULTS[name] === undefined)
    throw new Errno('ENOENT', 'network', `there is no setting ${name}`);
  if (GLOBAL.has(name) && k.findTask(1)?.ns.net !== ns)
    throw new Errno('EACCES', 'network', `${name} is the whole machine's, and set in its first network namespace`);
  // proc_dointvec: where numbers stand, nothing else is taken.
  if (/^-?\d+$/.test(DEFAULTS[name] ?? '') && !/^\s*-?\d+\s*$/.test(value)) throw new Errno('EINVAL', 'network', `${name} is a number`);
  putNet(k, { ...net, sysctl: written(net.sysctl, name, value) });
}
