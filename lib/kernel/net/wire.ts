/**
 * Who is reached over a link, and by which way: arp(7), bridge(8), and links that stand on others. A frame for an address goes
 * out by a link; what answers is another link, and what lies between are passes.
 *
 *   veth ═ veth ─ bridge ─ veth ═ veth        a pair, a bridge, a pair
 *   macvlan ─┐
 *   macvlan ─┴ parent ─ its wire              children reach each other and the wire; the parent's own namespace they do not
 *   vlan ── parent ═ parent ── vlan           the number on the frame says for whom it is
 *   vxlan ··· UDP ··· vxlan                   the other end is asked as if it were here
 *
 * Simplified: a neighbour is found though a firewall may lose the tunnel's packets; a frame with a vlan's number crosses a bridge
 * as any other.
 */

import { pmap } from '../../base';
import type { Kernel } from '../kernel';
import { findLink, netOf, putNet, refOf, tunnelAt, uppersOf } from './links';
import * as route from './route';
import type { Link, LinkRef, Neighbour } from './types';

/** What a frame goes through between two links. */
export type Pass =
  | { by: 'bridge'; bridge: LinkRef; from: string; to: string }
  | { by: 'lower'; link: LinkRef; way: 'across' | 'out' | 'in'; tags: readonly number[] }
  | { by: 'tunnel'; near: LinkRef; far: LinkRef };

export interface Reached {
  link: LinkRef;
  passes: Pass[];
}

/** A frame that looks for somebody: the vlans' numbers on it, and where it has been. */
interface Frame {
  address: string;
  tags: readonly number[];
  passes: Pass[];
}

type Bridge = Extract<Link, { kind: 'bridge' }>;
type Child = Extract<Link, { kind: 'macvlan' | 'ipvlan' }>;

const isChild = (l: Link): l is Child => l.kind === 'macvlan' || l.kind === 'ipvlan';
const has = (k: Kernel, l: Link, address: string): boolean =>
  l.up && (l.addrs.some((a) => a.ip === address) || (l.master === null && route.localLink(k, l.ns, address) !== undefined));
const found = (l: Link, f: Frame): Reached => ({ link: refOf(l), passes: f.passes });
const past = (f: Frame, pass: Pass, tags = f.tags): Frame => ({ ...f, tags, passes: [...f.passes, pass] });
/** Bridges joined in a ring, tunnels in tunnels: beyond this nobody is looked for. */
const PASSES_MAX = 12;

/** Three requests, a second apart: what it takes until a neighbour counts as gone, milliseconds. */
export const ARP_WAIT = 3_070;
/** A neighbour's state as it is now. */
export const stateNow = (k: Kernel, n: Neighbour): Neighbour['state'] =>
  n.state === 'INCOMPLETE' && k.s.clock - n.asked >= ARP_WAIT ? 'FAILED' : n.state;

/** Who answers for an address on the network of a link, and the way there. What was found once is tried first. */
export function reach(k: Kernel, dev: Link, address: string): Reached | null {
  const net = netOf(k, dev.ns);
  const key = `${dev.index} ${address}`;
  const cached = pmap.get(net.neighbours, key);
  const remembered = cached?.at && near(k, dev, cached.at, address);
  if (remembered) return remembered;
  const hit = out(k, dev, { address, tags: [], passes: [] });
  // Without ARP there is nobody to remember.
  if (dev.kind === 'ipvlan' && dev.mode !== 'l2') return hit;
  const mac = hit ? (findLink(k, hit.link)?.mac ?? null) : null;
  const state = mac ? ('REACHABLE' as const) : ('INCOMPLETE' as const);
  const entry = { ip: address, dev: dev.index, mac, state, at: hit?.link ?? null, asked: k.s.clock };
  putNet(k, { ...netOf(k, dev.ns), neighbours: pmap.set(net.neighbours, key, entry) });
  return hit;
}

/** What is remembered still holds: the link is there with its address, one bridge away or at the other end. */
function near(k: Kernel, dev: Link, at: LinkRef, address: string): Reached | null {
  const link = findLink(k, at);
  if (!link || !has(k, link, address)) return null;
  const hub = dev.kind === 'bridge' ? dev : hubOf(k, dev);
  if (hub?.kind === 'bridge') {
    if (link.index === hub.index && link.ns === hub.ns) return dev === hub ? null : { link: at, passes: [] };
    const port = link.kind === 'veth' ? findLink(k, link.peer) : undefined;
    if (!port?.up || port.master !== hub.index || port.ns !== hub.ns || !hub.up) return null;
    const from = dev.kind === 'veth' ? (findLink(k, dev.peer)?.name ?? '') : '';
    return { link: at, passes: dev.kind === 'bridge' ? [] : [{ by: 'bridge', bridge: hub, from, to: port.name }] };
  }
  return null;
}
const hubOf = (k: Kernel, dev: Link): Link | undefined => {
  const far = dev.kind === 'veth' ? findLink(k, dev.peer) : undefined;
  return far?.up && far.master !== null ? findLink(k, { ns: far.ns, index: far.master }) : undefined;
};

/** A frame leaves by a link. */
function out(k: Kernel, dev: Link, f: Frame): Reached | null {
  if (!dev.up || f.passes.length > PASSES_MAX) return null;
  switch (dev.kind) {
    case 'veth': {
      const far = findLink(k, dev.peer);
      return far ? into(k, far, f) : null;
    }
    case 'bridge':
      return through(k, dev, f, null);
    case 'macvlan':
    case 'ipvlan':
      return beside(k, dev, f) ?? below(k, dev, f);
    case 'vlan': {
      const parent = findLink(k, dev.parent);
      return parent ? out(k, parent, leaving(parent, { ...f, tags: [...f.tags, dev.id] })) : null;
    }
    case 'vxlan':
      return tunnel(k, dev, f);
    default:
      return null;
  }
}

const leaving = (parent: Link, f: Frame): Frame => past(f, { by: 'lower', link: refOf(parent), way: 'out', tags: f.tags });

/** Among the children of one parent, as far as their mode lets them. */
function beside(k: Kernel, dev: Child, f: Frame): Reached | null {
  const parent = findLink(k, dev.parent);
  if (!parent?.up || (dev.kind === 'macvlan' ? dev.mode : dev.flag) !== 'bridge') return null;
  const across = past(f, { by: 'lower', link: refOf(parent), way: 'across', tags: [] });
  for (const u of uppersOf(k, parent)) {
    if (u.kind !== dev.kind || (u.ns === dev.ns && u.index === dev.index)) continue;
    // A private one hears no brother; ipvlans have one flag for all.
    if (u.kind === 'macvlan' && u.mode !== 'bridge') continue;
    const hit = ashore(k, u, across);
    if (hit) return hit;
  }
  return null;
}

/** Out by the parent's own wire. Who has the parent's address is not behind it: the host hears nothing of this. */
function below(k: Kernel, dev: Child, f: Frame): Reached | null {
  const parent = findLink(k, dev.parent);
  return parent ? out(k, parent, leaving(parent, f)) : null;
}

/** A frame comes in by a link: the vlans on it first, then its bridge, its own namespace, and the links that stand on it. */
function into(k: Kernel, link: Link, f: Frame): Reached | null {
  if (!link.up || f.passes.length > PASSES_MAX) return null;
  const uppers = link.uppers.length > 0 ? uppersOf(k, link) : [];
  const entering = (tags: readonly number[]) => past(f, { by: 'lower', link: refOf(link), way: 'in', tags: f.tags }, tags);
  const tag = f.tags.at(-1);
  if (tag !== undefined) {
    const vlan = uppers.find((u) => u.kind === 'vlan' && u.id === tag);
    if (vlan) return into(k, vlan, entering(f.tags.slice(0, -1)));
    return link.master === null ? null : ashore(k, link, f);
  }
  const own = ashore(k, link, f);
  if (own) return own;
  for (const u of uppers) {
    const hit = isChild(u) ? ashore(k, u, entering([])) : null;
    if (hit) return hit;
  }
  return null;
}

/** A frame is at a link for good: its namespace has the address, or the link is a port of a bridge, which has it or passes it on. */
function ashore(k: Kernel, link: Link, f: Frame): Reached | null {
  if (!link.up) return null;
  if (link.master === null) return f.tags.length === 0 && has(k, link, f.address) ? found(link, f) : null;
  const bridge = findLink(k, { ns: link.ns, index: link.master });
  if (bridge?.kind !== 'bridge' || !bridge.up) return null;
  if (f.tags.length === 0 && has(k, bridge, f.address)) return found(bridge, f);
  return through(k, bridge, f, link);
}

function through(k: Kernel, bridge: Bridge, f: Frame, from: Link | null): Reached | null {
  if (f.passes.length > PASSES_MAX) return null;
  for (const index of pmap.keys(bridge.ports)) {
    const port = findLink(k, { ns: bridge.ns, index: index as number });
    if (!port?.up || port.index === from?.index) continue;
    const pass: Pass = { by: 'bridge', bridge: refOf(bridge), from: from?.name ?? '', to: port.name };
    const hit = out(k, port, from ? past(f, pass) : f);
    if (hit) return hit;
  }
  return null;
}

/** The other end of a tunnel: an end of the same number and port in a namespace that has the address it is sent to. */
function tunnel(k: Kernel, dev: Extract<Link, { kind: 'vxlan' }>, f: Frame): Reached | null {
  if (dev.remote === null) return null;
  for (const net of k.t.nets.values()) {
    const far = net.id === dev.home || net.tunnels.length === 0 ? undefined : tunnelAt(k, net.id, dev.port, dev.vni);
    if (!far || !route.localLink(k, net.id, dev.remote)) continue;
    const hit = into(k, far, past(f, { by: 'tunnel', near: refOf(dev), far: refOf(far) }));
    if (hit) return hit;
  }
  return null;
}
