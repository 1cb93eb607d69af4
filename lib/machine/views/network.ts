/**
 * What a drawing of the network needs to know: namespaces, their links with addresses, which is a port of which bridge, where
 * the other end of each pair is, which Docker network a bridge is, and what is published; and a packet's way in sentences.
 * From the kernel's state and trace. With the machine before the last change, what that change brought is marked.
 */

import { pmap } from '../../base';
import { formatRule } from '../../base/iptables';
import { bridgeOf, type Container, type EngineState, type Network, parentOf, standsOnParent } from '../../engine';
import type { net } from '../../kernel';
import type { World } from './world';

export interface LinkView {
  name: string;
  kind: net.Link['kind'];
  up: boolean;
  mac: string;
  mtu: number;
  /** "172.17.0.2/16" */
  addresses: string[];
  /** The bridge that it is a port of. */
  master: string | null;
  /** The other end of a pair, or the link that this one stands on: where, and its name. */
  peer: { space: number; name: string } | null;
  /** Of a link that stands on another, or ends a tunnel: how. "macvlan, bridge", "VLAN 10", "VNI 42 in UDP 4789" */
  how: string | null;
  /** The other end of its tunnel. */
  tunnel: { space: number; name: string } | null;
  /** The Docker network that it belongs to. */
  network: string | null;
  /** Packets that have gone out by it and come in. */
  packets: number;
  /** New, or with another address, place or state than before. */
  changed: boolean;
}

export interface SpaceView {
  /** Number of the network namespace. */
  id: number;
  /** Names of the containers in it; none: the host's own, or one that nobody has named. */
  containers: string[];
  host: boolean;
  links: LinkView[];
  /** The router of the default route. */
  gateway: string | null;
  changed: boolean;
}

export interface PublishedView {
  container: string;
  host: string;
  hostPort: number;
  port: number;
  proto: string;
  changed: boolean;
}

export interface DockerNetworkView {
  name: string;
  driver: string;
  internal: boolean;
  subnets: string[];
  /** The bridge on the host, or the parent link. */
  link: string | null;
}

export interface NetworkView {
  /** The host's first. */
  spaces: SpaceView[];
  networks: DockerNetworkView[];
  published: PublishedView[];
  /** What the last change took away, in words. */
  gone: string[];
}

const running = (engine: EngineState | null): Container[] =>
  engine ? pmap.values(engine.containers).filter((c) => c.State.Pid !== 0) : [];

/** Namespace → names of the containers in it. */
function inhabitants({ kernel }: World, containers: readonly Container[]): Map<number, string[]> {
  const inside = new Map<number, string[]>();
  for (const c of containers) {
    const ns = kernel.findTask(c.State.Pid)?.ns.net;
    if (ns !== undefined) inside.set(ns, [...(inside.get(ns) ?? []), c.Name]);
  }
  return inside;
}

const linkOf = (n: Network): string | null => (n.Driver === 'bridge' ? bridgeOf(n) : standsOnParent(n) ? parentOf(n) : null);

/** "namespace link" → the Docker network it belongs to. */
function memberships({ kernel, engine }: World, host: number, containers: readonly Container[]): Map<string, string> {
  const of = new Map<string, string>();
  for (const n of engine ? pmap.values(engine.networks) : []) if (n.Driver === 'bridge') of.set(`${host} ${bridgeOf(n)}`, n.Name);
  for (const c of containers) {
    const ns = kernel.findTask(c.State.Pid)?.ns.net;
    for (const [name, l] of Object.entries(c.sandbox?.links ?? {})) {
      of.set(`${ns} ${l.inside}`, name);
      if (l.host) of.set(`${host} ${l.host}`, name);
    }
  }
  return of;
}

/** How a link stands on another, or ends a tunnel. */
export function howOf(l: net.Link): string | null {
  switch (l.kind) {
    case 'macvlan':
      return `macvlan, ${l.mode}`;
    case 'ipvlan':
      return `ipvlan, ${l.mode}${l.flag === 'bridge' ? '' : `, ${l.flag}`}`;
    case 'vlan':
      return `VLAN ${l.id}`;
    case 'vxlan':
      return `VNI ${l.vni} in UDP ${l.port}`;
    case 'dummy':
      return 'a dummy';
    default:
      return null;
  }
}

/** The end of the same number in the namespace that has the address a tunnel leads to. */
function otherEnd(kernel: World['kernel'], l: net.Link): LinkView['tunnel'] {
  if (l.kind !== 'vxlan' || l.remote === null) return null;
  const links = kernel.t.links.values();
  const far = links.find(
    (x) =>
      x.kind === 'vxlan' &&
      x.vni === l.vni &&
      x.port === l.port &&
      x.home !== l.home &&
      links.some((y) => y.ns === x.home && y.addrs.some((a) => a.ip === l.remote)),
  );
  return far ? { space: far.ns, name: far.name } : null;
}

function present(world: World): Omit<NetworkView, 'gone'> {
  const { kernel, engine } = world;
  const host = kernel.findTask(1)?.ns.net ?? 0;
  const containers = running(engine);
  const inside = inhabitants(world, containers);
  const network = memberships(world, host, containers);
  const spaces = new Map<number, net.Link[]>();
  const names = new Map<string, string>();
  for (const l of kernel.t.links.values()) {
    spaces.set(l.ns, [...(spaces.get(l.ns) ?? []), l]);
    names.set(`${l.ns} ${l.index}`, l.name);
  }
  const named = (ns: number, index: number) => names.get(`${ns} ${index}`) ?? '';
  const linkView = (l: net.Link): LinkView => {
    const far = l.kind === 'veth' ? l.peer : 'parent' in l ? l.parent : null;
    return {
      name: l.name,
      kind: l.kind,
      up: l.up,
      mac: l.mac,
      mtu: l.mtu,
      addresses: l.addrs.map((a) => `${a.ip}/${a.bits}`),
      master: l.master === null ? null : named(l.ns, l.master),
      peer: far && { space: far.ns, name: named(far.ns, far.index) },
      how: howOf(l),
      tunnel: otherEnd(kernel, l),
      network: network.get(`${l.ns} ${l.name}`) ?? null,
      packets: l.rx.packets + l.tx.packets,
      changed: false,
    };
  };
  const others = [...spaces.keys()].filter((id) => id !== host).sort((a, b) => a - b);
  return {
    spaces: [host, ...others].map((id) => ({
      id,
      host: id === host,
      containers: inside.get(id) ?? [],
      links: (spaces.get(id) ?? []).sort((a, b) => a.index - b.index).map(linkView),
      gateway: kernel.t.nets.get(id)?.routes.find((r) => r.dst === 'default' && r.v === 4)?.via ?? null,
      changed: false,
    })),
    networks: [...(engine ? pmap.values(engine.networks) : [])].map((n) => ({
      name: n.Name,
      driver: n.Driver,
      internal: n.Internal,
      subnets: n.pools.map((p) => p.pool.subnet),
      link: linkOf(n),
    })),
    published: containers.flatMap((c) =>
      (c.sandbox?.bindings ?? []).map((b) => ({
        container: c.Name,
        host: b.hostIp,
        hostPort: b.hostPort,
        port: b.port,
        proto: b.proto,
        changed: false,
      })),
    ),
  };
}

/** What makes a link another one to the eye. */
const face = (l: LinkView): string => JSON.stringify([l.kind, l.up, l.mtu, l.addresses, l.master, l.peer, l.network, l.how, l.tunnel]);
const faces = (s: SpaceView | undefined) => new Map(s?.links.map((l) => [l.name, face(l)]));
export const publishedText = (p: PublishedView): string =>
  `${p.host.includes(':') ? `[${p.host}]` : p.host}:${p.hostPort}/${p.proto} to ${p.container}:${p.port}`;
const spaceName = (s: SpaceView): string => (s.host ? 'the host' : s.containers.join(' and ') || `namespace ${s.id}`);

/** `before` is the machine before its last change. */
export function networkView(world: World, before: World | null = null): NetworkView {
  const now = present(world);
  if (!before) return { ...now, gone: [] };
  const was = present(before);
  const known = new Map(was.spaces.map((s) => [s.id, s]));
  const ports = new Set(was.published.map(publishedText));
  const spaces = now.spaces.map((s): SpaceView => {
    const old = known.get(s.id);
    const past = faces(old);
    const moved = !old || old.containers.join() !== s.containers.join() || old.gateway !== s.gateway;
    return { ...s, changed: moved && !s.host, links: s.links.map((l) => ({ ...l, changed: past.get(l.name) !== face(l) })) };
  });
  return {
    ...now,
    spaces,
    published: now.published.map((p) => ({ ...p, changed: !ports.has(publishedText(p)) })),
    gone: removed(was, now),
  };
}

/** What was there and is not: of a namespace that has gone, only itself; of a pair, the end on the host. */
function removed(was: Omit<NetworkView, 'gone'>, now: Omit<NetworkView, 'gone'>): string[] {
  const here = new Map(now.spaces.map((s) => [s.id, s]));
  const ports = new Set(now.published.map(publishedText));
  return [
    ...was.published.filter((p) => !ports.has(publishedText(p))).map(publishedText),
    ...was.spaces.flatMap((s) => {
      const left = here.get(s.id);
      if (!left) return [`the network namespace of ${spaceName(s)}`];
      const names = faces(left);
      return s.links.filter((l) => !names.has(l.name)).map((l) => `${l.name} in ${spaceName(s)}`);
    }),
  ];
}

/** What each network namespace is called. */
export const spaceNames = (world: World): ReadonlyMap<number, string> =>
  new Map(present(world).spaces.map((s) => [s.id, s.host ? 'the host' : s.containers.join(', ') || `netns ${s.id}`]));

/** A packet's way, a sentence a hop. */
export function walkText(view: Pick<NetworkView, 'spaces'>, walk: net.Walk): string[] {
  const where = (ns: number) => {
    const s = view.spaces.find((x) => x.id === ns);
    return s ? spaceName(s) : `namespace ${ns}`;
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
    case 'lower':
      return h.way === 'across'
        ? `${h.link} passes it from one link that stands on it to another`
        : `${h.link} passes it ${h.way}${h.tags.length > 0 ? `, in VLAN ${h.tags.join('.')}` : ''}`;
    case 'tunnel':
      return h.way === 'in'
        ? `${h.link} puts the frame into a UDP packet of ${h.bytes} bytes to port ${h.port}, number ${h.vni}`
        : `${h.link} takes the frame out, number ${h.vni}`;
    case 'rule':
      return h.now && h.was
        ? `${h.hook}: ${h.was.ip}:${h.was.port} becomes ${h.now.ip}:${h.now.port}`
        : `${h.hook}, table ${h.table}, chain ${h.chain}: ${h.rule ? formatRule(h.rule) : 'the policy'}: ${h.verdict}`;
    case 'route':
      return `the route to ${h.dst} is ${h.dev}${h.via ? ` via ${h.via}` : ''}`;
    case 'start':
      return `${h.header.flags ?? h.header.icmp ?? h.header.proto} sets out for ${h.header.dst}`;
    case 'through':
      return `${h.hook}, table ${h.table}, chain ${h.chain}: nothing more applies`;
    case 'socket':
      return h.what;
    case 'lost':
      return `lost at ${h.by}: ${h.why}`;
  }
}
