/**
 * Which way a packet goes: ip-route(8), and the kernel's local table. RFC 6724 for source addresses, as far as one
 * address of a scope goes.
 *
 * Simplified: one table, no rules, no metrics between routes of one prefix but the order in which they came.
 */

import * as ip from '../../base/ip';
import { Errno } from '../errno';
import type { Kernel } from '../kernel';
import { findLink, linksOf, netOf, putNet } from './links';
import type { Link, Net, Route } from './types';

const prefixOf = (r: Route): ip.Prefix => ip.parsePrefix(r.dst === 'default' ? (r.v === 4 ? '0.0.0.0/0' : '::/0') : r.dst) as ip.Prefix;

/** The link that has this address, if this namespace does: packets to it end here. */
export function localLink(k: Kernel, ns: number, address: string): Link | undefined {
  const at = ip.parse(address);
  if (!at) return undefined;
  for (const index of localOrder(k, ns)) {
    const l = findLink(k, { ns, index });
    if (!l?.up) continue;
    if (l.addrs.some((a) => a.ip === address)) return l;
    if (l.kind === 'loopback' && at.v === 4 && ip.isLoopback(at)) return l;
  }
  return undefined;
}

/** Only links with an address can have this one: a host's thousand veths have none but their own of fe80::/64. */
function* localOrder(k: Kernel, ns: number): Generator<number> {
  for (const l of linksOf(k, ns)) if (l.master === null) yield l.index;
}

export const isBroadcast = (k: Kernel, ns: number, address: string): boolean =>
  address === '255.255.255.255' ||
  linksOf(k, ns).some(
    (l) => l.up && l.master === null && l.addrs.some((a) => !a.ip.includes(':') && a.bits < 31 && lastOf(a.ip, a.bits) === address),
  );
const lastOf = (address: string, bits: number) => ip.format(ip.last({ ip: ip.parse(address) as ip.Ip, bits }));

export interface Way {
  route: Route | null;
  dev: Link;
  /** Who is spoken to next: the gateway, or the destination itself. */
  next: string;
  src: string;
}

/** Longest prefix first; a local destination goes through the loopback. */
export function lookup(k: Kernel, ns: number, dst: string, wanted?: string): Way | null {
  const at = ip.parse(dst);
  if (!at) return null;
  const local = localLink(k, ns, dst);
  if (local) {
    const lo = findLink(k, { ns, index: 1 }) as Link;
    if (!lo.up) return null;
    return { route: null, dev: lo, next: dst, src: wanted ?? (ip.isLoopback(at) && at.v === 4 ? '127.0.0.1' : dst) };
  }
  let best: { r: Route; bits: number } | null = null;
  for (const r of netOf(k, ns).routes) {
    if (r.v !== at.v) continue;
    const p = prefixOf(r);
    if (ip.contains(p, at) && (best === null || p.bits > best.bits) && findLink(k, { ns, index: r.dev })?.up) best = { r, bits: p.bits };
  }
  if (!best) return null;
  const dev = findLink(k, { ns, index: best.r.dev }) as Link;
  const next = best.r.via ?? dst;
  const src = wanted ?? best.r.src ?? sourceOn(dev, next) ?? anySource(k, ns, at.v);
  return src === undefined ? null : { route: best.r, dev, next, src };
}

function sourceOn(l: Link, next: string): string | undefined {
  const to = ip.parse(next) as ip.Ip;
  const own = l.addrs.filter((a) => ip.parse(a.ip)?.v === to.v);
  return (
    own.find((a) => ip.contains({ ip: ip.parse(a.ip) as ip.Ip, bits: a.bits }, to)) ??
    own.find((a) => a.scope === 'global') ??
    own[0]
  )?.ip;
}

function anySource(k: Kernel, ns: number, v: 4 | 6): string | undefined {
  for (const l of linksOf(k, ns)) {
    const a = l.addrs.find((x) => x.scope === 'global' && ip.parse(x.ip)?.v === v);
    if (l.up && a) return a.ip;
  }
  return undefined;
}

export interface NewRoute {
  dst: string;
  via?: string;
  dev?: string;
  src?: string;
  metric?: number;
  proto?: Route['proto'];
  scope?: Route['scope'];
}

export function addRoute(k: Kernel, ns: number, o: NewRoute, dev: Link | undefined) {
  const v = (o.dst === 'default' ? o.via : o.dst)?.includes(':') ? 6 : 4;
  const dst = o.dst === 'default' ? 'default' : normal(o.dst);
  const gateway = o.via === undefined ? undefined : ip.parse(o.via);
  if (o.via !== undefined && !gateway) throw new Errno('EINVAL', 'network', `${o.via} is not an address`);
  const net = netOf(k, ns);
  let out = dev;
  if (o.via !== undefined) {
    const way = net.routes
      .filter((r) => r.scope === 'link' && (!dev || r.dev === dev.index) && ip.contains(prefixOf(r), gateway as ip.Ip))
      .map((r) => findLink(k, { ns, index: r.dev }))
      .find((l) => l?.up);
    if (!way) throw new Errno('ENETUNREACH', 'network', `the gateway ${o.via} is on no network that this namespace is connected to`);
    out = way;
  }
  if (!out) throw new Errno('ENODEV', 'network', 'a route needs a link or a gateway');
  if (!out.up) throw new Errno('ENETDOWN', 'network', `${out.name} is down`);
  if (net.routes.some((r) => r.dst === dst && r.v === v && (r.metric ?? 0) === (o.metric ?? 0)))
    throw new Errno('EEXIST', 'network', `there is a route to ${dst} already`);
  const route: Route = {
    dst,
    dev: out.index,
    v,
    scope: o.scope ?? (o.via === undefined ? 'link' : 'global'),
    proto: o.proto ?? 'boot',
    ...(o.via !== undefined ? { via: o.via } : {}),
    ...(o.src !== undefined ? { src: o.src } : {}),
    ...(o.metric !== undefined ? { metric: o.metric } : {}),
  };
  putNet(k, { ...net, routes: [...net.routes, route] });
}

export function normal(dst: string): string {
  const p = ip.parsePrefix(dst.includes('/') ? dst : `${dst}/${dst.includes(':') ? 128 : 32}`);
  if (!p) throw new Errno('EINVAL', 'network', `${dst} is not a prefix`);
  return ip.formatPrefix(ip.masked(p));
}

/** In the order in which ip-route(8) lists them: the default first, or of IPv6 last; the others by prefix. */
export function listed(net: Net, v: 4 | 6): Route[] {
  const key = (r: Route) => prefixOf(r);
  return net.routes
    .filter((r) => r.v === v)
    .sort((a, b) => {
      const [x, y] = [key(a), key(b)];
      // IPv6 is a tree that is walked from the most exact.
      if (r0(a) !== r0(b)) return v === 4 ? r0(a) - r0(b) : r0(b) - r0(a);
      return x.ip.n < y.ip.n ? -1 : x.ip.n > y.ip.n ? 1 : x.bits - y.bits;
    });
}
const r0 = (r: Route) => (r.dst === 'default' ? 0 : 1);

export function removeRoute(k: Kernel, ns: number, o: { dst: string; via?: string; dev?: number }) {
  const dst = o.dst === 'default' ? 'default' : normal(o.dst);
  const net = netOf(k, ns);
  const at = net.routes.findIndex(
    (r) => r.dst === dst && (o.via === undefined || r.via === o.via) && (o.dev === undefined || r.dev === o.dev),
  );
  if (at < 0) throw new Errno('ESRCH', 'network', `there is no route to ${dst}`);
  putNet(k, { ...net, routes: net.routes.filter((_, i) => i !== at) });
}
