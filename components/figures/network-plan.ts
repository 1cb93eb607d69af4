/**
 * Where the parts of a drawing of the network stand: at the left what is on the host (bridges, links that others stand on, and
 * those that lead somewhere else), at the right every other network namespace with its links, a pipe for each pair and for each
 * link that stands on the host's; between two of them cables and tunnels; above, what goes through the wall.
 */
import type { LinkView, NetworkView, PublishedView, SpaceView } from '../../lib/machine/views/network';

/** A link of the host that pipes begin at. */
export interface Source {
  name: string;
  link: LinkView;
  /** The Docker network. */
  network: string | null;
  internal: boolean;
  /** The source that it stands on: a vlan, or a macvlan of the host's own. */
  on: string | null;
  /** Its children and the host do not hear each other. */
  shut: boolean;
  /** The ends on the host, by the link at the other end of each. */
  ends: { name: string; to: { space: number; link: string }; changed: boolean }[];
  changed: boolean;
}
export interface Row {
  link: LinkView;
  text: string;
  /** Where its pipe begins. */
  from: { source: string; end: number } | null;
}
export interface Room {
  space: SpaceView;
  title: string;
  rows: Row[];
  /** A container without any way out. */
  alone: boolean;
}
/** A published port: "8080" of every address, "127.0.0.1:9000" of one. */
export interface Valve {
  outside: string;
  inside: string;
  changed: boolean;
}
/** Two links of other namespaces that lead to each other: a pair, or the ends of a tunnel. */
export interface Cable {
  ends: [At, At];
  /** Of a tunnel: "VNI 42". */
  text: string | null;
  changed: boolean;
}
interface At {
  space: number;
  link: string;
}
export interface NetworkPlan {
  cables: Cable[];
  cards: LinkView[];
  valves: Valve[];
  sources: Source[];
  rooms: Room[];
  more: number;
}

const ROOMS = 8;
const SOURCES = 8;
const VALVES = 8;
const ROWS = 4;

export const titleOf = (s: SpaceView): string => s.containers.join(', ') || `netns ${s.id}`;
export const addressesOf = (l: LinkView): string => l.addresses.filter((a) => !a.startsWith('fe80')).join(' ');

/** Bindings of one port that differ only in the protocol of their address are one valve. */
export function valvesOf(published: readonly PublishedView[]): Valve[] {
  const out = new Map<string, Valve>();
  for (const p of published) {
    const every = p.host === '0.0.0.0' || p.host === '::' || p.host === '';
    const proto = p.proto === 'tcp' ? '' : `/${p.proto}`;
    const address = p.host.includes(':') ? `[${p.host}]` : p.host;
    const outside = `${every ? '' : `${address}:`}${p.hostPort}${proto}`;
    const inside = `${p.container}:${p.port}${proto}`;
    const key = `${outside} ${inside}`;
    out.set(key, { outside, inside, changed: p.changed || (out.get(key)?.changed ?? false) });
  }
  return [...out.values()];
}

/** Macvlan and ipvlan: a wire of their own beside their parent's namespace. */
const isChild = (l: LinkView) => l.kind === 'macvlan' || l.kind === 'ipvlan';

function sourcesOf(view: NetworkView, host: SpaceView): Source[] {
  const others = view.spaces.filter((s) => !s.host).flatMap((s) => s.links.map((link) => ({ space: s.id, link })));
  const leadsTo = (l: LinkView, name: string) => l.peer?.space === host.id && l.peer.name === name;
  const end = (l: LinkView): Source['ends'] =>
    others
      .filter(({ link }) => leadsTo(link, l.name))
      .map(({ space, link }) => ({
        // What stands on a link has no end of its own on the host.
        name: link.kind === 'veth' ? l.name : (link.how?.split(',')[0] ?? ''),
        to: { space, link: link.name },
        changed: l.changed || link.changed,
      }));
  const standing = (name: string) => host.links.filter((l) => l.kind !== 'veth' && leadsTo(l, name));
  const sourceOf = (l: LinkView, on: string | null): Source[] => {
    const docker = view.networks.filter((n) => n.link === l.name);
    const above = standing(l.name);
    const ends = l.kind === 'bridge' ? host.links.filter((p) => p.master === l.name).flatMap(end) : l.master === null ? end(l) : [];
    if (l.kind !== 'bridge' && l.kind !== 'dummy' && on === null && ends.length === 0 && above.length === 0) return [];
    const own: Source = {
      name: l.name,
      link: l,
      network: docker.map((n) => n.name).join(', ') || null,
      internal: docker.some((n) => n.internal),
      on,
      shut: [...above, ...others.filter(({ link }) => leadsTo(link, l.name)).map(({ link }) => link)].some(isChild),
      ends,
      changed: l.changed,
    };
    return [own, ...above.flatMap((u) => sourceOf(u, l.name))];
  };
  return host.links.filter((l) => l.kind === 'veth' || l.peer === null).flatMap((l) => sourceOf(l, null));
}

/** Pairs and tunnels between two of the rooms that are shown; tunnels last, which stand farthest out. */
function cablesOf(rooms: readonly SpaceView[]): Cable[] {
  const shown = new Map(rooms.map((s) => [s.id, s]));
  const all = rooms.flatMap((s) =>
    s.links.flatMap((l): Cable[] => {
      const far = l.kind === 'veth' ? l.peer : l.tunnel;
      const other = far && shown.get(far.space)?.links.find((x) => x.name === far.name);
      if (!far || !other || s.id > far.space || (s.id === far.space && l.name >= far.name)) return [];
      return [
        {
          ends: [
            { space: s.id, link: l.name },
            { space: far.space, link: far.name },
          ],
          text: l.kind === 'vxlan' ? (l.how?.split(' in ')[0] ?? null) : null,
          changed: l.changed || other.changed,
        },
      ];
    }),
  );
  return [...all.filter((c) => c.text === null), ...all.filter((c) => c.text !== null)];
}

/** The first few, those that changed before the others, in their order. */
function some<T>(all: readonly T[], room: number, changed: (x: T) => boolean): T[] {
  if (all.length <= room) return [...all];
  const chosen = new Set([...all].sort((a, b) => Number(changed(b)) - Number(changed(a))).slice(0, room));
  return all.filter((x) => chosen.has(x));
}

export function planNetwork(view: NetworkView): NetworkPlan {
  const host = view.spaces[0] as SpaceView;
  const allRooms = view.spaces.filter((s) => !s.host);
  const moved = (s: SpaceView) => s.changed || s.links.some((l) => l.changed);
  const shown = some(allRooms, ROOMS, moved);
  const visible = new Set(shown.map((s) => s.id));
  const allSources = sourcesOf(view, host);
  const sources = some(allSources, SOURCES, (s) => s.changed || s.ends.some((e) => e.changed)).map((s) => ({
    ...s,
    ends: s.ends.filter((e) => visible.has(e.to.space)),
  }));
  const at = new Map(sources.flatMap((s) => s.ends.map((e, i) => [`${e.to.space} ${e.to.link}`, { source: s.name, end: i }] as const)));
  const rooms = shown.map((space): Room => {
    const links = space.links.filter((l) => l.kind !== 'loopback').slice(0, ROWS);
    return {
      space,
      title: titleOf(space),
      alone: links.length === 0,
      rows: links.map((link) => ({
        link,
        text: [link.name, addressesOf(link), link.master ? `in ${link.master}` : ''].filter(Boolean).join(' '),
        from: at.get(`${space.id} ${link.name}`) ?? null,
      })),
    };
  });
  const valves = valvesOf(view.published);
  const drawn = new Set(rooms.flatMap((r) => r.rows.map((x) => `${r.space.id} ${x.link.name}`)));
  const shownValves = some(valves, VALVES, (v) => v.changed);
  return {
    cables: cablesOf(shown).filter((c) => c.ends.every((e) => drawn.has(`${e.space} ${e.link}`))),
    cards: host.links.filter((l) => l.kind === 'ether'),
    valves: shownValves,
    sources,
    rooms,
    more: allRooms.length - rooms.length + allSources.length - sources.length + valves.length - shownValves.length,
  };
}

/** The drawing in a sentence, for who cannot see it. */
export function networkLabel(view: NetworkView): string {
  const rooms = view.spaces.filter((s) => !s.host);
  const on = rooms.map((s) => {
    const links = s.links.filter((l) => l.kind !== 'loopback');
    return `${titleOf(s)} ${links.length === 0 ? 'on no network' : `on ${links.map((l) => l.network ?? l.peer?.name ?? l.name).join(' and ')}`}`;
  });
  const ports = valvesOf(view.published).map((v) => `${v.outside} to ${v.inside}`);
  return `Network: ${on.slice(0, 12).join('; ') || 'no container'}${ports.length ? `. Published: ${ports.slice(0, 8).join(', ')}` : ''}.`;
}
