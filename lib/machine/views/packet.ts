/**
 * Packets of a step, for a drawing of one packet's way: every place that it passes in order, each chain that was asked there with
 * the rules that were looked at and the one that applied, what was rewritten, and where it ended. From the trace's walks
 * (kernel/net/path.ts), in which a packet and the answers to it stand one after the other.
 *
 *   walk      start SYN … socket · start SYN,ACK … socket · start ACK … socket
 *   leg       one packet of it, from its start to its end
 *   stop      a place on its way: link, hook with table, route, bridge, socket, or where it is lost
 */

import { formatRule } from '../../base/iptables';
import type { net } from '../../kernel';
import type { Trace } from '../face';
import { spaceNames } from './network';
import type { World } from './world';

export interface Ends {
  src: string;
  dst: string;
}

/** A rule, or a run of rules, that was looked at. */
export interface Asked {
  chain: string;
  /** As `iptables -S` writes it, without the chain; "the policy"; or "7 rules" that do not apply. */
  text: string;
  applies: boolean;
  /** What applies decides: ACCEPT, DROP, DNAT, the name of a chain … */
  verdict: string | null;
}

export interface Stop {
  kind: 'link' | 'bridge' | 'hook' | 'route' | 'socket' | 'lost';
  /** Where: a container, the host, a namespace. */
  where: string;
  /** eth0, PREROUTING, docker0 … */
  title: string;
  /** Of a hook. */
  table: string | null;
  says: string;
  asked: Asked[];
  /** The packet's addresses after this stop, where it rewrote them, and which. */
  now: (Ends & { rewritten: 'src' | 'dst' }) | null;
}

export interface PacketView {
  /** "1.2": the second packet of the first connection. */
  number: string;
  /** "SYN", "echo-request", "17 bytes" */
  what: string;
  proto: string;
  from: string;
  /** Who sends it: a process or the kernel. */
  sender: string;
  ends: Ends;
  last: Ends;
  stops: Stop[];
  lost: string | null;
  /** Its connection's packets: number and what. */
  siblings: { number: string; what: string }[];
}

interface Leg {
  header: net.Header;
  ns: number;
  by: string | null;
  hops: net.Hop[];
}

const legsOf = (walk: net.Walk): Leg[] => {
  const legs: Leg[] = [];
  for (const hop of walk.hops) {
    if (hop.at === 'start') legs.push({ header: hop.header, ns: hop.ns, by: hop.by, hops: [] });
    else if (legs.length > 0) legs.at(-1)?.hops.push(hop);
    // Refused before it set out: there was no route.
    else
      legs.push({
        header: { ...walk.packet, bytes: walk.packet.data.length, icmp: walk.packet.icmp?.type },
        ns: hop.ns,
        by: null,
        hops: [hop],
      });
  }
  return legs;
};

const at = (proto: string, ip: string, port: number): string => (proto === 'icmp' ? ip : `${ip.includes(':') ? `[${ip}]` : ip}:${port}`);
const endsOf = (h: net.Header): Ends => ({ src: h.src ? at(h.proto, h.src, h.sport) : 'any', dst: at(h.proto, h.dst, h.dport) });
const whatOf = (h: net.Header): string => {
  const payload = h.bytes > 0 && h.proto !== 'icmp' ? `${h.bytes} bytes` : '';
  if (h.proto === 'udp') return `UDP ${payload || 'empty'}`;
  return h.icmp ?? ([h.flags === 'PSH,ACK' && payload ? '' : h.flags, payload].filter(Boolean).join(' ') || h.proto);
};

/** Both ends as one key, whichever way the packet goes. */
const pair = (proto: string, e: Ends): string => `${proto} ${[e.src, e.dst].sort().join(' ')}`;

function afterRewrite(e: Ends, hop: Extract<net.Hop, { at: 'rule' }>, proto: string): (Ends & { rewritten: 'src' | 'dst' }) | null {
  if (!hop.was || !hop.now) return null;
  const text = at(proto, hop.now.ip, hop.now.port);
  const rewritten = hop.hook === 'PREROUTING' || hop.hook === 'OUTPUT' ? 'dst' : 'src';
  return { ...e, [rewritten]: text, rewritten };
}

interface Numbered {
  number: string;
  leg: Leg;
}

/** Packets by connection: what shares a pair of ends with an earlier one, before or after a translation, is of its connection. */
function numbered(trace: Trace | null): Numbered[] {
  const known = new Map<string, number>();
  const counts: number[] = [];
  const out: Numbered[] = [];
  for (const walk of trace?.packets ?? []) {
    const legs = legsOf(walk);
    const pairs = new Set<string>();
    for (const leg of legs) {
      let ends = endsOf(leg.header);
      pairs.add(pair(leg.header.proto, ends));
      for (const hop of leg.hops) {
        const now = hop.at === 'rule' ? afterRewrite(ends, hop, leg.header.proto) : null;
        if (!now) continue;
        ends = { src: now.src, dst: now.dst };
        pairs.add(pair(leg.header.proto, ends));
      }
    }
    const found = [...pairs].map((p) => known.get(p)).find((n) => n !== undefined);
    const connection = found ?? counts.push(0) - 1;
    for (const p of pairs) known.set(p, connection);
    for (const leg of legs) {
      const n = (counts[connection] ?? 0) + 1;
      counts[connection] = n;
      out.push({ number: `${connection + 1}.${n}`, leg });
    }
  }
  return out.sort((a, b) => Number.parseInt(a.number, 10) - Number.parseInt(b.number, 10));
}

const nameOf = ({ number, leg }: Numbered): string => {
  const { src, dst } = endsOf(leg.header);
  return `${number} ${whatOf(leg.header)}, ${src} to ${dst}`;
};

/** The packets of a step, a line each, by connection. */
export const packetNames = (trace: Trace | null): string[] => numbered(trace).map(nameOf);

const MANY = 3;

/** Rules that were looked at and do not apply: each, or how many. */
function passedOver(chain: string, p: net.Passed | undefined): Asked[] {
  const rules = p?.rules.slice(p.from, p.to) ?? [];
  const row = (text: string): Asked => ({ chain, text, applies: false, verdict: null });
  return rules.length > MANY ? [row(`${rules.length} rules`)] : rules.map(({ rule }) => row(formatRule(rule)));
}

const SAYS: Readonly<Record<net.Hook, string>> = {
  PREROUTING: 'it has just come in',
  INPUT: 'it is for here',
  FORWARD: 'it is passing through',
  OUTPUT: 'it sets out from here',
  POSTROUTING: 'it is about to leave',
};

/** One packet's way. `name` is one of packetNames, or its number alone. */
export function packetView(world: World, trace: Trace | null, name: string): PacketView | null {
  const all = numbered(trace);
  const chosen = all.find((x) => nameOf(x) === name || x.number === name);
  if (!chosen) return null;
  const { leg } = chosen;
  const names = spaceNames(world);
  const where = (ns: number) => names.get(ns) ?? `netns ${ns}`;
  const host = world.kernel.findTask(1)?.ns.net;
  // The daemon opens the socket of docker-proxy, and that of the name server in each sandbox.
  const process = (comm: string | null, ns: number): string =>
    comm === 'dockerd' && ns === host ? 'docker-proxy' : (comm ?? 'the kernel');
  const { proto } = leg.header;
  let ends = endsOf(leg.header);
  const stops: Stop[] = [];
  const stop = (kind: Stop['kind'], ns: number, title: string, says: string): Stop => {
    const made: Stop = { kind, where: where(ns), title, table: null, says, asked: [], now: null };
    stops.push(made);
    return made;
  };
  const hook = (ns: number, h: net.Hook, table: string): Stop => {
    const last = stops.at(-1);
    if (last?.kind === 'hook' && last.title === h && last.table === table && last.where === where(ns) && !last.now) return last;
    const made = stop('hook', ns, h, SAYS[h]);
    made.table = table;
    return made;
  };
  let lost: string | null = null;
  for (const h of leg.hops) {
    switch (h.at) {
      case 'link':
        stop('link', h.ns, h.link, h.way === 'out' ? 'leaves' : 'comes in');
        break;
      case 'bridge':
        stop('bridge', h.ns, h.bridge, `from ${h.from || 'itself'} to ${h.to}`);
        break;
      case 'lower':
        stop(
          h.way === 'across' ? 'bridge' : 'link',
          h.ns,
          h.link,
          h.way === 'across'
            ? 'from one that stands on it to another'
            : `${h.way === 'out' ? 'sends it out' : 'takes it in'}${h.tags.length > 0 ? `, VLAN ${h.tags.join('.')}` : ''}`,
        );
        break;
      case 'tunnel':
        stop(
          'link',
          h.ns,
          h.link,
          h.way === 'in' ? `into UDP ${h.port}, VNI ${h.vni}, ${h.bytes} bytes` : `out of UDP ${h.port}, VNI ${h.vni}`,
        );
        break;
      case 'route':
        stop('route', h.ns, 'route', `to ${h.dst}${h.via ? ` via ${h.via}` : ''} by ${h.dev}`);
        break;
      case 'through':
        hook(h.ns, h.hook, h.table).asked.push(...passedOver(h.chain, h.passed));
        break;
      case 'rule': {
        const here = hook(h.ns, h.hook, h.table);
        const now = afterRewrite(ends, h, proto);
        if (now) {
          ends = { src: now.src, dst: now.dst };
          here.now = now;
          if (!here.asked.some((a) => a.applies && a.verdict !== null && /DNAT|SNAT|MASQUERADE|REDIRECT/.test(a.verdict)))
            here.says = 'a known connection: its translation is used again';
        } else {
          here.asked.push(...passedOver(h.chain, h.passed));
          here.asked.push({ chain: h.chain, text: h.rule ? formatRule(h.rule) : 'the policy', applies: true, verdict: h.verdict });
        }
        break;
      }
      case 'socket':
        stop('socket', h.ns, process(h.by, h.ns), h.what);
        break;
      case 'lost':
        lost = h.why;
        stop('lost', h.ns, h.by, h.why);
        break;
      default:
    }
  }
  const [connection] = chosen.number.split('.');
  return {
    number: chosen.number,
    what: whatOf(leg.header),
    proto,
    from: where(leg.ns),
    sender: process(leg.by, leg.ns),
    ends: endsOf(leg.header),
    last: ends,
    stops,
    lost,
    siblings: all.filter((x) => x.number.split('.')[0] === connection).map((x) => ({ number: x.number, what: whatOf(x.leg.header) })),
  };
}
