/** Packets shown to who watches a link: packet(7), what libpcap opens. */

import { requireCap } from '../cred';
import type { Kernel } from '../kernel';
import { wake } from '../sched';
import type { Task } from '../state';
import { ownerOf } from '../userns';
import { need, netOf, putNet } from './links';
import type { Captured, Link, Packet, Socket } from './types';

/** What a tap keeps that nobody reads. */
const SEEN_MAX = 1_000;

/** Watches a link of this namespace, or all of them. */
export function openTap(k: Kernel, t: Task, fresh: Socket, device: string | null): Socket {
  requireCap(k, t, 'CAP_NET_RAW', 'a packet socket', ownerOf(k, t.ns.net));
  const s: Socket = { ...fresh, proto: 'packet', tap: { device: device === null ? null : need(k, t.ns.net, device).index, seen: [] } };
  k.t.sockets.set(s.id, s);
  const net = netOf(k, t.ns.net);
  putNet(k, { ...net, taps: [...net.taps, s.id] });
  return s;
}

export function closeTap(k: Kernel, s: Socket) {
  const net = k.t.nets.get(s.ns);
  if (net) putNet(k, { ...net, taps: net.taps.filter((id) => id !== s.id) });
}

const watches = (device: number | null, l: Link, passing: boolean) => device === l.index || (device === null && !passing);

/**
 * A packet goes by a link. By the loopback it is shown once, as it comes in. `passing`: a bridge passes it from port to port, and
 * shows it to who watches the bridge itself.
 */
export function show(k: Kernel, l: Link, way: Captured['way'], p: Packet, passing = false) {
  const taps = k.t.nets.get(l.ns)?.taps ?? [];
  if (taps.length === 0 || (l.kind === 'loopback' && way === 'out')) return;
  for (const id of taps) {
    const s = k.t.sockets.get(id);
    if (!s?.tap || !watches(s.tap.device, l, passing) || s.tap.seen.length >= SEEN_MAX) continue;
    const one: Captured = { at: k.s.clock, link: { name: l.name, kind: l.kind, mac: l.mac, port: l.master !== null }, way, p };
    k.t.sockets.set(id, { ...s, tap: { ...s.tap, seen: [...s.tap.seen, one] } });
    wake(k, `sock:${id}`);
  }
}

/** The oldest that was not read yet. */
export function captured(k: Kernel, s: Socket): Captured | null {
  const [first, ...seen] = s.tap?.seen ?? [];
  if (!first || !s.tap) return null;
  k.t.sockets.set(s.id, { ...s, tap: { ...s.tap, seen } });
  return first;
}
