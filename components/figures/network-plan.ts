/**
 * Where the parts of a drawing of the network stand: at the left what is on the host (bridges, and links that lead somewhere
 * else), at the right every other network namespace with its links, a pipe for each pair; above, what goes through the wall.
 */
import type { LinkView, NetworkView, PublishedView, SpaceView } from '../../lib/machine/views/network';

/** A link of the host that pipes begin at. */
export interface Source {
  name: string;
  link: LinkView;
  /** The Docker network. */
  network: string | null;
  internal: boolean;
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
export interface NetworkPlan {
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

function sourcesOf(view: NetworkView, host: SpaceView): Source[] {
  const children = view.spaces.filter((s) => !s.host).flatMap((s) => s.links.map((link) => ({ space: s.id, link })));
  const standingOn = (name: string) => children.filter(({ link }) => link.peer?.space === host.id && link.peer.name === name);
  const end = (l: LinkView): Source['ends'] =>
    standingOn(l.name).map(({ space, link }) => ({ name: l.name, to: { space, link: link.name }, changed: l.changed || link.changed }));
  return host.links.flatMap((l): Source[] => {
    const docker = view.networks.find((n) => n.link === l.name);
    const own = { name: l.name, link: l, network: docker?.name ?? null, internal: docker?.internal ?? false, changed: l.changed };
    if (l.kind === 'bridge') return [{ ...own, ends: host.links.filter((p) => p.master === l.name).flatMap(end) }];
    const ends = l.master === null ? end(l) : [];
    return ends.length > 0 ? [{ ...own, ends }] : [];
  });
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
        text: `${link.name} ${addressesOf(link)}`.trim(),
        from: at.get(`${space.id} ${link.name}`) ?? null,
      })),
    };
  });
  const valves = valvesOf(view.published);
  const shownValves = some(valves, VALVES, (v) => v.changed);
  return {
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
