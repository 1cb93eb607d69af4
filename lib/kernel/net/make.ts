/**
 * New links: rtnetlink's RTM_NEWLINK. ip-link(8); drivers/net/macvlan.c, ipvlan/ipvlan_main.c, vxlan/vxlan_core.c; net/8021q.
 *
 *   veth              two ends of one cable
 *   macvlan, ipvlan   another card on the parent's wire: macvlan with a MAC of its own, ipvlan with its parent's
 *   vlan              the parent's wire, each frame with a number in it
 *   vxlan             no wire: each frame goes inside a UDP packet
 */

import { pmap } from '../../base';
import { Errno } from '../errno';
import type { Kernel } from '../kernel';
import { byName, enter, findLink, netOf, putLink, randomMac, refOf, step, tunnelAt, tunnelMoved, uppersOf } from './links';
import type { IpvlanFlag, IpvlanMode, Link, MacvlanMode, Vxlan } from './types';

/** The other end of a veth, and the namespace that it is made in. */
export interface NewPeer {
  name: string;
  ns: number;
  mac?: string;
  queue?: number;
}

/** `parent`: the link that it stands on; of a vxlan, the one by which it is measured. */
export type NewLink<P = NewPeer> = {
  /** Without one the kernel takes the kind and the first free number. */
  name?: string;
  mac?: string;
  mtu?: number;
  /** txqueuelen. */
  queue?: number;
} & (
  | { kind: 'loopback' | 'dummy' | 'ether' | 'bridge' }
  | { kind: 'veth'; peer?: P }
  | { kind: 'macvlan'; parent?: string; mode?: MacvlanMode }
  | { kind: 'ipvlan'; parent?: string; mode?: IpvlanMode; flag?: IpvlanFlag }
  | { kind: 'vlan'; parent?: string; id?: number }
  | ({ kind: 'vxlan'; parent?: string } & Pick<Vxlan, 'vni' | 'port' | 'remote' | 'local'>)
);
type New<K extends NewLink['kind']> = Extract<NewLink, { kind: K }> & { name: string };

const NAME_MAX = 15;
const MTU = 1500;
/** What a frame in a UDP packet costs: outer IP, UDP and VXLAN headers, and the inner Ethernet header. */
export const VXLAN_OVERHEAD = { 4: 50, 6: 70 } as const;

export function addLink(k: Kernel, ns: number, o: NewLink): Link {
  const named = { ...o, name: o.name ?? freeName(k, ns, o.kind) };
  for (const name of [named.name, ...(o.kind === 'veth' && o.peer ? [o.peer.name] : [])]) checkName(name);
  if (pmap.has(netOf(k, ns).names, named.name)) throw new Errno('EEXIST', 'network', `a link named ${named.name} is there already`);
  const made = newLink(k, ns, named);
  if (made.kind === 'veth' && o.kind === 'veth' && o.peer?.queue !== undefined) {
    const far = findLink(k, made.peer);
    if (far) putLink(k, { ...far, queue: o.peer.queue });
  }
  if (o.queue === undefined) return made;
  const now = { ...made, queue: o.queue };
  putLink(k, now);
  return now;
}

function checkName(name: string) {
  if (name.length > NAME_MAX) throw new Errno('ERANGE', 'network', `"${name}" is longer than ${NAME_MAX} characters`);
  if (name === '' || /[\s/]/.test(name))
    throw new Errno('EINVAL', 'network', `"${name}" is not a link's name: 1 to ${NAME_MAX} characters without blanks and slashes`);
}

function freeName(k: Kernel, ns: number, base: string): string {
  const { names } = netOf(k, ns);
  for (let i = 0; ; i++) if (!pmap.has(names, `${base}${i}`)) return `${base}${i}`;
}

function newLink(k: Kernel, ns: number, o: NewLink & { name: string }): Link {
  switch (o.kind) {
    case 'veth':
      return veth(k, ns, o);
    case 'bridge':
      return enter(k, ns, { kind: 'bridge', ports: pmap.empty() }, o.name, o.mac ?? randomMac(k), o.mtu ?? MTU);
    case 'macvlan':
      return macvlan(k, ns, o);
    case 'ipvlan':
      return ipvlan(k, ns, o);
    case 'vlan':
      return vlan(k, ns, o);
    case 'vxlan':
      return vxlan(k, ns, o);
    default:
      return enter(k, ns, { kind: o.kind }, o.name, o.mac ?? randomMac(k), o.mtu ?? MTU);
  }
}

function veth(k: Kernel, ns: number, o: New<'veth'>): Link {
  const mtu = o.mtu ?? MTU;
  const peer = o.peer ?? { name: freeName(k, ns, 'veth'), ns };
  if (pmap.has(netOf(k, peer.ns).names, peer.name)) throw new Errno('EEXIST', 'network', `a link named ${peer.name} is there already`);
  const a = enter(k, ns, { kind: 'veth', peer: { ns: peer.ns, index: 0 } }, o.name, o.mac ?? randomMac(k), mtu);
  const b = enter(k, peer.ns, { kind: 'veth', peer: { ns, index: a.index } }, peer.name, peer.mac ?? randomMac(k), mtu);
  const linked = { ...a, peer: { ns: peer.ns, index: b.index } } as Link;
  putLink(k, linked);
  return linked;
}

// ——— links that stand on another

/** The parent that was named. */
function parentOf(k: Kernel, ns: number, name: string | undefined, extack?: string): Link {
  const parent = name === undefined ? undefined : byName(k, ns, name);
  if (!parent) throw new Errno('EINVAL', 'network', 'a link of this kind stands on another, and none was named', extack);
  return parent;
}

/** A parent's frames have one taker: its bridge, its macvlans or its ipvlans. */
function checkTaker(k: Kernel, parent: Link, kind: 'macvlan' | 'ipvlan') {
  if (parent.kind === 'loopback') throw new Errno('EINVAL', 'network', 'nothing stands on the loopback');
  const other = kind === 'macvlan' ? 'ipvlan' : 'macvlan';
  const taken =
    parent.master !== null ? 'a bridge' : uppersOf(k, parent).some((u) => u.kind === other) ? `links of the kind ${other}` : null;
  if (taken) throw new Errno('EBUSY', 'network', `the frames of ${parent.name} are handed to ${taken} already`);
}

function stand<T extends Link>(k: Kernel, made: T): T {
  if ('parent' in made) step(k, made, { ns: made.ns, index: made.index });
  return made;
}

function macvlan(k: Kernel, ns: number, o: New<'macvlan'>): Link {
  const named = parentOf(k, ns, o.parent);
  // One that stands on a macvlan stands on that one's parent.
  const parent = named.kind === 'macvlan' ? (findLink(k, named.parent) ?? named) : named;
  const mode = o.mode ?? 'vepa';
  checkTaker(k, parent, 'macvlan');
  const beside = uppersOf(k, parent).filter((u) => u.kind === 'macvlan');
  if (beside.length > 0 && (mode === 'passthru' || beside.some((u) => u.mode === 'passthru')))
    throw new Errno('EINVAL', 'network', `a macvlan in passthru mode is alone on ${parent.name}`);
  const mac = mode === 'passthru' ? parent.mac : (o.mac ?? randomMac(k));
  return stand(k, enter(k, ns, { kind: 'macvlan', parent: refOf(parent), mode }, o.name, mac, o.mtu ?? parent.mtu));
}

function ipvlan(k: Kernel, ns: number, o: New<'ipvlan'>): Link {
  const named = parentOf(k, ns, o.parent);
  const parent = named.kind === 'ipvlan' ? (findLink(k, named.parent) ?? named) : named;
  checkTaker(k, parent, 'ipvlan');
  const [mode, flag] = [o.mode ?? 'l3', o.flag ?? 'bridge'] as const;
  const made = enter(k, ns, { kind: 'ipvlan', parent: refOf(parent), mode, flag }, o.name, parent.mac, o.mtu ?? parent.mtu);
  // Mode and flag are the parent's: the newest speaks for all.
  for (const u of uppersOf(k, parent)) if (u.kind === 'ipvlan') putLink(k, { ...u, mode, flag });
  return stand(k, made);
}

/** How frames are passed among those that stand on one parent, changed: of an ipvlan, for all of them. */
export function setMode(
  k: Kernel,
  l: Link,
  to: { kind: 'macvlan'; mode: MacvlanMode } | { kind: 'ipvlan'; mode?: IpvlanMode; flag?: IpvlanFlag },
): Link {
  if (l.kind === 'macvlan' && to.kind === 'macvlan') {
    if ((l.mode === 'passthru') !== (to.mode === 'passthru'))
      throw new Errno('EINVAL', 'network', 'passthru is chosen when the link is made');
    putLink(k, { ...l, mode: to.mode });
  } else if (l.kind === 'ipvlan' && to.kind === 'ipvlan') {
    const parent = findLink(k, l.parent);
    for (const u of parent ? uppersOf(k, parent) : [l])
      if (u.kind === 'ipvlan') putLink(k, { ...u, mode: to.mode ?? u.mode, flag: to.flag ?? u.flag });
  } else throw new Errno('EOPNOTSUPP', 'network', `${l.name} is not of the kind ${to.kind}`);
  return findLink(k, l) as Link;
}

const VLAN_MAX = 4094;

function vlan(k: Kernel, ns: number, o: New<'vlan'>): Link {
  if (o.id === undefined) throw new Errno('EINVAL', 'network', 'a vlan needs its number', '8021q: VLAN properties not specified');
  if (o.id > VLAN_MAX) throw new Errno('ERANGE', 'network', `a vlan's number is at most ${VLAN_MAX}`, '8021q: Invalid VLAN id');
  const parent = parentOf(k, ns, o.parent, '8021q: link not specified');
  if (parent.kind === 'loopback')
    throw new Errno('EOPNOTSUPP', 'network', 'the loopback has no frames', '8021q: VLANs not supported on device');
  if (uppersOf(k, parent).some((u) => u.kind === 'vlan' && u.id === o.id))
    throw new Errno('EEXIST', 'network', `${parent.name} has a vlan ${o.id} already`, '8021q: VLAN device already exists');
  return stand(k, enter(k, ns, { kind: 'vlan', parent: refOf(parent), id: o.id }, o.name, parent.mac, o.mtu ?? parent.mtu));
}

// ——— the end of a tunnel

function vxlan(k: Kernel, ns: number, o: New<'vxlan'>): Link {
  const { vni, port, remote, local } = o;
  const lower = o.parent === undefined ? undefined : byName(k, ns, o.parent);
  if (o.parent !== undefined && !lower) throw new Errno('ENODEV', 'network', `there is no link ${o.parent}`);
  if (tunnelAt(k, ns, port, vni))
    throw new Errno(
      'EEXIST',
      'network',
      `this namespace has an end of ${vni} already`,
      'A VXLAN device with the specified VNI already exists',
    );
  const mtu = o.mtu ?? (lower ? lower.mtu - VXLAN_OVERHEAD[remote?.includes(':') ? 6 : 4] : MTU);
  const own = { kind: 'vxlan', vni, port, remote, local, lower: lower?.index ?? null, home: ns } as const;
  const made = enter(k, ns, own, o.name, o.mac ?? randomMac(k), mtu);
  tunnelMoved(k, ns, null, made);
  return made;
}
