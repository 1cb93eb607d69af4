/**
 * What a drawing of the network needs to know: namespaces, their links with addresses, which is a port of which bridge, where
 * the other end of each pair is, and what is published; and a packet's way in sentences. From the kernel's state and trace.
 */

import { pmap } from '../../base';
import { formatRule } from '../../base/iptables';
import type { net } from '../../kernel';
import type { World } from './world';

export interface LinkView {
  name: string;
  kind: net.Link['kind'];
  up: boolean;
  mac: string;
  /** "172.17.0.2/16" */
  addresses: string[];
  /** The bridge that it is a port of. */
  master: string | null;
  /** The other end of a pair: where, and its name. */
  peer: { space: number; name: string } | null;
}

export interface SpaceView {
  /** Number of the network namespace. */
  id: number;
  /** Names of the containers in it; none: the host's own, or one that nobody has named. */
  containers: string[];
  host: boolean;
  links: LinkView[];
}

export interface NetworkView {
  /** The host's first. */
  spaces: SpaceView[];
  published: { container: string; host: string; hostPort: number; port: number; proto: string }[];
}

export function networkView({ kernel, engine }: World): NetworkView {
  const host = kernel.findTask(1)?.ns.net ?? 0;
  const running = engine ? [...pmap.values(engine.containers)].filter((c) => c.State.Pid !== 0) : [];
  const inside = new Map<number, string[]>();
  for (const c of running) {
    const ns = kernel.findTask(c.State.Pid)?.ns.net;
    if (ns !== undefined && ns !== host) inside.set(ns, [...(inside.get(ns) ?? []), c.Name]);
  }
  const links = [...kernel.t.links.values()];
  const named = (ns: number, index: number) => links.find((l) => l.ns === ns && l.index === index)?.name ?? '';
  const spaceOf = (id: number): SpaceView => ({
    id,
    host: id === host,
    containers: inside.get(id) ?? [],
    links: links
      .filter((l) => l.ns === id)
      .sort((a, b) => a.index - b.index)
      .map((l) => ({
        name: l.name,
        kind: l.kind,
        up: l.up,
        mac: l.mac,
        addresses: l.addrs.map((a) => `${a.ip}/${a.bits}`),
        master: l.master === null ? null : named(id, l.master),
        peer: l.kind === 'veth' ? { space: l.peer.ns, name: named(l.peer.ns, l.peer.index) } : null,
      })),
  });
  const others = [...new Set(links.map((l) => l.ns))].filter((id) => id !== host).sort((a, b) => a - b);
  return {
    spaces: [host, ...others].map(spaceOf),
    published: running.flatMap((c) =>
      (c.sandbox?.bindings ?? []).map((b) => ({ container: c.Name, host: b.hostIp, hostPort: b.hostPort, port: b.port, proto: b.proto })),
    ),
  };
}

/** A packet's way, a sentence a hop. */
export function walkText(view: NetworkView, walk: net.Walk): string[] {
  const where = (ns: number) => {
    const s = view.spaces.find((x) => x.id === ns);
    return s?.host ? 'the host' : s?.containers.length ? s.containers.join(' and ') : `namespace ${ns}`;
  };
  const p = walk.packet;
  const ends = p.proto === 'icmp' ? `${p.src || 'any'} to ${p.dst}` : `${p.src || 'any'}:${p.sport} to ${p.dst}:${p.dport}`;
  return [`${p.proto}${p.flags ? ` ${p.flags}` : ''} from ${ends}`, ...walk.hops.map((h) => `${where(h.ns)}: ${hopText(h)}`)];
}

function hopText(h: net.Hop): string {
  switch (h.at) {
    case 'link':
      return h.way === 'out' ? `leaves by ${h.link}` : `comes in by ${h.link}`;
    case 'bridge':
      return `the bridge ${h.bridge} passes it from ${h.from || 'itself'} to ${h.to}`;
    case 'rule':
      return h.now && h.was
        ? `${h.hook}: ${h.was.ip}:${h.was.port} becomes ${h.now.ip}:${h.now.port}`
        : `${h.hook}, table ${h.table}, chain ${h.chain}: ${h.rule ? formatRule(h.rule) : 'the policy'}: ${h.verdict}`;
    case 'route':
      return `the route to ${h.dst} is ${h.dev}${h.via ? ` via ${h.via}` : ''}`;
    case 'conntrack':
      return `connection tracking: ${h.state}`;
    case 'socket':
      return h.what;
    case 'lost':
      return `lost at ${h.by}: ${h.why}`;
  }
}
