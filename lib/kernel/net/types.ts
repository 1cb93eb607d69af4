/**
 * What a network namespace is made of, as plain data: network_namespaces(7), rtnetlink(7), netfilter's tables.
 *
 *   net ── names ──> link (veth, bridge, …) ── addrs
 *    │                 └─ peer, master, parent: other links, by namespace and index
 *    ├─ routes, neighbours, sysctls
 *    ├─ tables: raw, mangle, nat, filter → chains → rules
 *    └─ flows: what connection tracking remembers
 */

import type { PMap } from '../../base';
import type { Rule } from '../../base/iptables';
import type { Code } from '../errno';

export interface Address {
  ip: string;
  bits: number;
  scope: 'global' | 'link' | 'host';
  broadcast?: string;
}

export interface LinkRef {
  ns: number;
  index: number;
}

export interface Traffic {
  bytes: number;
  packets: number;
}

/** What a kind of link has of its own. */
export type LinkOwn =
  | { kind: 'loopback' | 'dummy' }
  /** The machine's own card: behind it is a world that never answers. */
  | { kind: 'ether' }
  | { kind: 'veth'; peer: LinkRef }
  | { kind: 'bridge'; ports: PMap<true> }
  | { kind: 'macvlan'; parent: LinkRef; mode: MacvlanMode }
  | { kind: 'ipvlan'; parent: LinkRef; mode: IpvlanMode; flag: IpvlanFlag }
  /** 802.1Q: its frames go out by the parent with this number in a tag. */
  | { kind: 'vlan'; parent: LinkRef; id: number }
  | ({ kind: 'vxlan' } & Vxlan);

export const MACVLAN_MODES = ['private', 'vepa', 'bridge', 'passthru', 'source'] as const;
export type MacvlanMode = (typeof MACVLAN_MODES)[number];
export const IPVLAN_MODES = ['l2', 'l3', 'l3s'] as const;
export type IpvlanMode = (typeof IPVLAN_MODES)[number];
export const IPVLAN_FLAGS = ['bridge', 'private', 'vepa'] as const;
export type IpvlanFlag = (typeof IPVLAN_FLAGS)[number];

/** A tunnel's end: RFC 7348. Its UDP packets leave in the namespace that it was made in, wherever the link is now. */
export interface Vxlan {
  vni: number;
  /** UDP, of both ends. */
  port: number;
  remote: string | null;
  local: string | null;
  /** The link by whose MTU its own was measured, in `home`. */
  lower: number | null;
  home: number;
}

export type Link = {
  ns: number;
  /** ifindex: unique in its namespace. */
  index: number;
  name: string;
  mac: string;
  mtu: number;
  /** txqueuelen, in packets: shown, and never filled. */
  queue: number;
  up: boolean;
  addrs: Address[];
  /** The bridge this link is a port of. */
  master: number | null;
  /** Links that stand on it, in whatever namespace: macvlan, ipvlan, vlan. */
  uppers: readonly LinkRef[];
  rx: Traffic;
  tx: Traffic;
} & LinkOwn;
export type LinkKind = Link['kind'];

export interface Route {
  /** 'default' or a prefix. */
  dst: string;
  via?: string;
  dev: number;
  src?: string;
  scope: 'global' | 'link' | 'host';
  proto: 'kernel' | 'boot' | 'static';
  metric?: number;
  v: 4 | 6;
}

export interface Neighbour {
  ip: string;
  dev: number;
  mac: string | null;
  state: 'REACHABLE' | 'INCOMPLETE' | 'FAILED' | 'PERMANENT';
  /** The link that answered. */
  at: LinkRef | null;
  /** When it was last asked for: milliseconds since boot. */
  asked: number;
}

export const TABLE_NAMES = ['raw', 'mangle', 'nat', 'filter'] as const;
export type TableName = (typeof TABLE_NAMES)[number];
export type Hook = 'PREROUTING' | 'INPUT' | 'FORWARD' | 'OUTPUT' | 'POSTROUTING';

export interface RuleEntry {
  id: number;
  rule: Rule;
}
export interface Chain {
  /** Of a built-in chain only. */
  policy?: 'ACCEPT' | 'DROP';
  rules: RuleEntry[];
}
/** Chains in the order in which they were made. */
export type FilterTable = Readonly<Record<string, Chain>>;

export interface Tuple {
  proto: Packet['proto'];
  src: string;
  dst: string;
  sport: number;
  dport: number;
}

/** A connection as conntrack knows it: how it began, and what its answers look like after translation. */
export interface Flow {
  id: number;
  orig: Tuple;
  reply: Tuple;
  answered: boolean;
  /** Milliseconds since boot of the last packet. */
  last: number;
  /** The side that has closed its end of a stream. */
  ended?: 'orig' | 'reply';
}

export interface Net {
  id: number;
  /** Names by which it is held though no task is in it: ip-netns(8). Simplified: the kernel's own, and no mounts. */
  held: readonly string[];
  nextIndex: number;
  nextRule: number;
  /** Link's name → ifindex. */
  names: PMap<number>;
  routes: Route[];
  neighbours: PMap<Neighbour>;
  tables: Record<4 | 6, Readonly<Record<TableName, FilterTable>>>;
  /** Rule id → what it has matched. */
  counters: PMap<Traffic>;
  /** "net.ipv4.ip_forward" → "1": what was written, over the defaults. */
  sysctl: Readonly<Record<string, string>>;
  flows: PMap<Flow>;
  /** Tuple as text → flow and direction. */
  tuples: PMap<{ flow: number; dir: 'orig' | 'reply' }>;
  /** `${proto}:${port}` → sockets bound there. */
  ports: PMap<number[]>;
  /** Sockets that are shown every packet of a link, or of all: packet(7). */
  taps: readonly number[];
  /** Ends of tunnels that were made here: vxlan links, which may be elsewhere by now. */
  tunnels: readonly LinkRef[];
}

export type IcmpError = 'port-unreachable' | 'host-unreachable' | 'net-unreachable' | 'admin-prohibited' | 'time-exceeded';

export interface Packet {
  v: 4 | 6;
  proto: 'tcp' | 'udp' | 'icmp';
  src: string;
  dst: string;
  /** Ports; an echo's id in both. */
  sport: number;
  dport: number;
  flags?: 'SYN' | 'SYN,ACK' | 'ACK' | 'PSH,ACK' | 'FIN,ACK' | 'RST';
  icmp?: { type: 'echo-request' | 'echo-reply'; seq: number } | { type: IcmpError; about: Packet; from: string };
  ttl: number;
  /** Bytes of payload. */
  data: string;
  mark: number;
  /** A frame of another network that it carries, and whether somebody has taken it out. */
  tunnel?: { vni: number; inner: Packet; out: LinkRef | null };
  /** The socket that sent it, and the server's end that a SYN,ACK speaks of. */
  socket?: number;
  accepted?: number;
}

export interface Endpoint {
  ip: string;
  port: number;
}

export interface Datagram {
  from: Endpoint;
  data: string;
  /** Of an echo: its sequence number and time to live. */
  seq?: number;
  ttl?: number;
  error?: IcmpError;
  /** When it comes, milliseconds since boot: an error that takes time to find out. */
  due?: number;
}

export interface Socket {
  id: number;
  ns: number;
  v: 4 | 6;
  proto: Packet['proto'] | 'packet';
  state: 'open' | 'listen' | 'connecting' | 'established' | 'closed';
  local: Endpoint | null;
  peer: Endpoint | null;
  /** Pipes of an established stream. */
  in: number | null;
  out: number | null;
  /** Its writing end is shut. */
  shut: boolean;
  /** Connections that nobody has accepted yet. */
  backlog: number[];
  queue: Datagram[];
  /** Of IPv6 alone, even where its address is any. */
  only6: boolean;
  /** What the next call is told, from then on: an ICMP error that came, a neighbour that did not answer, no answer at all. */
  failure: { code: Code; at: number; why: string } | null;
  /** Who opened it, for ss. */
  pid: number;
  uid: number;
  /** Of an icmp socket: how many hops its packets may take. */
  ttl: number;
  /** Of a server's end whose client has not said its last word of the handshake yet (SYN_RECV): the listener it is for. */
  awaits?: number;
  /** Of a packet socket: the link that it watches, null for all, and what it has seen. */
  tap?: { device: number | null; seen: readonly Captured[] };
}

/** A packet as a tap saw it. */
export interface Captured {
  /** Milliseconds since boot. */
  at: number;
  /** `port`: of a bridge, which takes all that comes. */
  link: { name: string; kind: LinkKind; mac: string; port: boolean };
  way: 'in' | 'out';
  p: Packet;
}

/** Rules of a chain that were looked at and do not apply: those from `from` up to `to`, without it. */
export interface Passed {
  rules: readonly RuleEntry[];
  from: number;
  to: number;
}

/** What stands on a packet's outside. */
export type Header = Pick<Packet, 'v' | 'proto' | 'src' | 'dst' | 'sport' | 'dport' | 'flags'> & {
  /** Of payload. */
  bytes: number;
  icmp?: string;
};

/** A step of a packet's way, for the trace. */
export type Hop =
  /** A packet sets out: the walk's own, or an answer to it. */
  | { at: 'start'; ns: number; header: Header; by: string | null }
  | { at: 'link'; ns: number; link: string; way: 'in' | 'out' }
  | { at: 'bridge'; ns: number; bridge: string; from: string; to: string }
  /** A link on which others stand passes a frame of theirs: from one to another, out to the wire with its vlans' numbers, or in. */
  | { at: 'lower'; ns: number; link: string; way: 'across' | 'out' | 'in'; tags: readonly number[] }
  /** A frame goes into a UDP packet, or comes out of one. `bytes`: of that packet's payload. */
  | { at: 'tunnel'; ns: number; link: string; vni: number; way: 'in' | 'out'; bytes: number; port: number }
  | {
      at: 'rule';
      ns: number;
      hook: Hook;
      table: TableName;
      chain: string;
      rule: Rule | null;
      verdict: string;
      was?: Endpoint;
      now?: Endpoint;
      passed?: Passed;
    }
  /** The rest of a chain, in which no rule applies. */
  | { at: 'through'; ns: number; hook: Hook; table: TableName; chain: string; passed: Passed }
  | { at: 'route'; ns: number; dst: string; via: string | null; dev: string }
  | { at: 'socket'; ns: number; what: string /** The process's name; null: the kernel. */; by: string | null }
  | { at: 'lost'; ns: number; by: string; why: string };

export interface Walk {
  packet: Packet;
  hops: Hop[];
}
