/**
 * Sockets of the Internet protocols: socket(7), ip(7), tcp(7), udp(7), icmp(7). Streams are two pipes once both sides know
 * of each other; the packets that carry them are sent for their way's sake.
 *
 * Simplified: no windows and no retransmission: a segment that is lost on the way is not sent again.
 * Past 400 lines because a connection's two ends are one state machine.
 */

import { pmap } from '../../base';
import * as ip from '../../base/ip';
import { capable } from '../cred';
import { Errno } from '../errno';
import type { Kernel } from '../kernel';
import { closeEnd, newPipe, openEnd } from '../pipe';
import { wake } from '../sched';
import type { Task } from '../state';
import { ownerOf } from '../userns';
import { netOf, putNet, sysctl, tunnelsOf } from './links';
import { begin, send } from './path';
import * as route from './route';
import { TTL } from './size';
import { closeTap, openTap } from './tap';
import type { Datagram, Endpoint, IcmpError, Packet, Socket, Walk } from './types';

/** net.ipv4.tcp_syn_retries: 6 retries take this long, milliseconds. */
const SYN_WAIT = 127_000;

export const socketOf = (k: Kernel, id: number): Socket => {
  const s = k.t.sockets.get(id);
  if (!s) throw new Errno('EBADF', 'network', 'the socket is gone');
  return s;
};
const put = (k: Kernel, s: Socket) => k.t.sockets.set(s.id, s);
const stir = (k: Kernel, id: number) => wake(k, `sock:${id}`);

export function newSocket(k: Kernel, t: Task, proto: Socket['proto'], v: 4 | 6 = 4): Socket {
  if (proto === 'icmp' && !capable(k, t, 'CAP_NET_RAW', ownerOf(k, t.ns.net))) {
    const [low = 1, high = 0] = sysctl(k, t.ns.net, 'net.ipv4.ping_group_range').split(/\s+/).map(Number);
    const groups = [t.cred.egid, ...t.cred.groups];
    if (!groups.some((g) => g >= low && g <= high))
      throw new Errno('EPERM', 'capability', 'sending ICMP takes CAP_NET_RAW, or a group in net.ipv4.ping_group_range');
  }
  const s: Socket = { ...FRESH, id: k.s.next.socket++, ns: t.ns.net, v, proto, pid: t.pid, uid: t.cred.euid };
  put(k, s);
  return s;
}

/** A socket that is shown the packets of a link. */
export const newTap = (k: Kernel, t: Task, device: string | null): Socket =>
  openTap(k, t, { ...FRESH, id: k.s.next.socket++, ns: t.ns.net, v: 4, proto: 'packet', pid: t.pid, uid: t.cred.euid }, device);

const FRESH = {
  state: 'open',
  local: null,
  peer: null,
  in: null,
  out: null,
  shut: false,
  backlog: [],
  queue: [],
  only6: false,
  failure: null,
  ttl: TTL,
} satisfies Partial<Socket>;

/** What the kernel itself listens at: the ends of tunnels. */
export const ofKernel = (k: Kernel, ns: number): Socket[] =>
  [...new Set(tunnelsOf(k, ns).flatMap((l) => (l.up ? [l.port] : [])))].map((port) => ({
    ...FRESH,
    id: -port,
    ns,
    v: 4,
    proto: 'udp',
    local: { ip: ANY[4], port },
    pid: 0,
    uid: 0,
  }));

const ANY = { 4: '0.0.0.0', 6: '::' } as const;
const isAny = (address: string) => address === '0.0.0.0' || address === '::';
const key = (proto: string, port: number) => `${proto}:${port}`;

/** Whether two sockets on one port stand in each other's way. */
const clash = (a: Socket, b: { v: 4 | 6; ip: string; only6: boolean }): boolean => {
  const own = a.local as Endpoint;
  if (a.v !== b.v) {
    const six = a.v === 6 ? { ip: own.ip, only6: a.only6 } : b;
    const four = a.v === 4 ? own.ip : b.ip;
    return isAny(six.ip) && !six.only6 && (isAny(four) || isAny(six.ip));
  }
  return own.ip === b.ip || isAny(own.ip) || isAny(b.ip);
};

function occupants(k: Kernel, ns: number, proto: string, port: number): Socket[] {
  return (pmap.get(netOf(k, ns).ports, key(proto, port)) ?? []).flatMap((id) => k.t.sockets.get(id) ?? []);
}

function occupy(k: Kernel, s: Socket, local: Endpoint): Socket {
  const net = netOf(k, s.ns);
  const at = key(s.proto, local.port);
  putNet(k, { ...net, ports: pmap.set(net.ports, at, [...(pmap.get(net.ports, at) ?? []), s.id]) });
  const now = { ...s, local };
  put(k, now);
  return now;
}

function vacate(k: Kernel, s: Socket) {
  if (!s.local || !k.t.nets.get(s.ns)) return;
  const net = netOf(k, s.ns);
  const at = key(s.proto, s.local.port);
  const rest = (pmap.get(net.ports, at) ?? []).filter((id) => id !== s.id);
  putNet(k, { ...net, ports: rest.length ? pmap.set(net.ports, at, rest) : pmap.remove(net.ports, at) });
}

function freePort(k: Kernel, s: Socket): number {
  const [low = 32768, high = 60999] = sysctl(k, s.ns, 'net.ipv4.ip_local_port_range').split(/\s+/).map(Number);
  const count = high - low + 1;
  const from = Math.floor(k.random() * count);
  for (let i = 0; i < count; i++) {
    const port = low + ((from + i) % count);
    if (!pmap.has(netOf(k, s.ns).ports, key(s.proto, port))) return port;
  }
  throw new Errno('EADDRNOTAVAIL', 'network', 'every local port is in use');
}

export function bind(k: Kernel, t: Task, s: Socket, address: string, port: number, only6 = false): Socket {
  if (s.local) throw new Errno('EINVAL', 'network', 'the socket has an address already');
  const own = address === '' ? ANY[s.v] : address;
  if (!ip.parse(own)) throw new Errno('EINVAL', 'network', `${own} is not an address`);
  if (!isAny(own) && !route.localLink(k, s.ns, own) && sysctl(k, s.ns, 'net.ipv4.ip_nonlocal_bind') !== '1')
    throw new Errno('EADDRNOTAVAIL', 'network', `no link of this network namespace has the address ${own}`);
  const start = Number(sysctl(k, s.ns, 'net.ipv4.ip_unprivileged_port_start'));
  if (port > 0 && port < start && !capable(k, t, 'CAP_NET_BIND_SERVICE', ownerOf(k, s.ns)))
    throw new Errno('EACCES', 'capability', `a port below ${start} takes CAP_NET_BIND_SERVICE (net.ipv4.ip_unprivileged_port_start)`);
  const at = port === 0 ? freePort(k, s) : port;
  for (const other of occupants(k, s.ns, s.proto, at))
    if ((other.state === 'listen' || other.proto === 'udp') && clash(other, { v: s.v, ip: own, only6 }))
      throw new Errno('EADDRINUSE', 'network', `${(other.local as Endpoint).ip}:${at} is taken by process ${other.pid}`);
  return occupy(k, { ...s, only6 }, { ip: own, port: at });
}

export function listen(k: Kernel, s: Socket) {
  if (s.proto !== 'tcp') throw new Errno('EOPNOTSUPP', 'network', 'only a stream socket listens');
  const bound = s.local ? s : occupy(k, s, { ip: ANY[s.v], port: freePort(k, s) });
  put(k, { ...bound, state: 'listen' });
}

/** A socket of IPv6 that listens for both kinds speaks IPv4 to who has such an address. */
const packet = (s: Socket, more: Partial<Packet>): Packet => ({
  v: (more.dst ?? s.peer?.ip ?? '').includes(':') ? 6 : 4,
  proto: s.proto as Packet['proto'],
  src: s.local && !isAny(s.local.ip) ? s.local.ip : '',
  dst: s.peer?.ip ?? '',
  sport: s.local?.port ?? 0,
  dport: s.peer?.port ?? 0,
  ttl: s.ttl,
  data: '',
  mark: 0,
  socket: s.id,
  ...more,
});

/** Where a client that names no address means. */
const target = (address: string): string => (address === '0.0.0.0' ? '127.0.0.1' : address === '::' ? '::1' : address);

/** True: connected; null: it is being tried. Called again it tells what came of it. */
export function connect(k: Kernel, s: Socket, address: string, port: number): true | null {
  switch (s.state) {
    case 'established':
      return true;
    case 'connecting':
      return progress(k, s);
    case 'listen':
      throw new Errno('EISCONN', 'network', 'a listening socket connects to nobody');
    default:
  }
  const to = target(address);
  if (!ip.parse(to)) throw new Errno('EINVAL', 'network', `${to} is not an address`);
  const way = route.lookup(k, s.ns, to);
  if (!way) throw new Errno('ENETUNREACH', 'network', `no route of this network namespace leads to ${to}`);
  const own = s.local && !isAny(s.local.ip) ? s.local.ip : way.src;
  const local = { ip: own, port: s.local?.port ?? freePort(k, s) };
  const bound = s.local ? { ...s, local } : occupy(k, s, local);
  const now: Socket = { ...bound, peer: { ip: to, port }, state: s.proto === 'tcp' ? 'connecting' : 'established' };
  put(k, now);
  if (s.proto !== 'tcp') return true;
  put(k, { ...now, failure: { code: 'ETIMEDOUT', at: k.s.clock + SYN_WAIT, why: `nobody answered at ${to}:${port}` } });
  const fate = send(k, s.ns, packet(now, { flags: 'SYN' }));
  if (fate !== 'sent') {
    put(k, { ...socketOf(k, s.id), state: 'open', failure: null, peer: null });
    throw new Errno(fate.code, 'network', fate.why);
  }
  return progress(k, socketOf(k, s.id));
}

function progress(k: Kernel, s: Socket): true | null {
  if (s.state === 'established') return true;
  const f = s.failure;
  if (f && f.at <= k.s.clock) {
    put(k, { ...s, state: 'open', failure: null, peer: null });
    throw new Errno(f.code, 'network', f.why);
  }
  return null;
}

/** A segment comes for a port of this namespace. */
export function segment(
  k: Kernel,
  ns: number,
  p: Packet,
  walk: Walk,
): { then: 'nothing' | 'closed' } | { then: 'reply'; flags: Packet['flags']; accepted?: number; socket?: number } {
  const here = occupants(k, ns, 'tcp', p.dport);
  const own = here.find((s) => s.peer?.port === p.sport && s.peer.ip === p.src && (s.local?.ip === p.dst || isAny(s.local?.ip ?? '')));
  if (own && p.flags !== 'SYN') {
    walk.hops.push({ at: 'socket', ns, what: `${p.flags} reaches ${p.dst}:${p.dport}`, by: k.findTask(own.pid)?.comm ?? null });
    if (p.flags === 'SYN,ACK') {
      const far = p.accepted === undefined ? undefined : k.t.sockets.get(p.accepted);
      if (own.state !== 'connecting' || far?.in == null || far.out === null) return { then: 'nothing' };
      openEnd(k, far.in, false, true);
      openEnd(k, far.out, true, false);
      put(k, { ...own, state: 'established', in: far.out, out: far.in, failure: null });
      stir(k, own.id);
      return { then: 'reply', flags: 'ACK' };
    }
    if (p.flags === 'RST') reset(k, own);
    if (p.flags === 'ACK' && own.awaits !== undefined) queued(k, own, own.awaits);
    return { then: 'nothing' };
  }
  if (p.flags !== 'SYN') return { then: p.flags === 'RST' || p.flags === 'ACK' || p.flags === 'FIN,ACK' ? 'nothing' : 'closed' };
  const listener = listenerFor(here, p);
  if (!listener) return { then: 'closed' };
  walk.hops.push({ at: 'socket', ns, what: `SYN reaches ${p.dst}:${p.dport}`, by: k.findTask(listener.pid)?.comm ?? null });
  const up = newPipe(k).id;
  const down = newPipe(k).id;
  openEnd(k, up, true, false);
  openEnd(k, down, false, true);
  const made = occupy(
    k,
    {
      ...listener,
      id: k.s.next.socket++,
      state: 'established',
      peer: { ip: p.src, port: p.sport },
      in: up,
      out: down,
      backlog: [],
      queue: [],
      failure: null,
      awaits: listener.id,
    },
    { ip: p.dst, port: p.dport },
  );
  return { then: 'reply', flags: 'SYN,ACK', accepted: made.id };
}

/** The handshake is done: the connection waits to be accepted. */
function queued(k: Kernel, s: Socket, listener: number) {
  const { awaits: _, ...done } = s;
  put(k, done);
  const l = k.t.sockets.get(listener);
  if (!l) return;
  put(k, { ...l, backlog: [...l.backlog, s.id] });
  stir(k, l.id);
}

/** The client has not heard of it, or did not answer: the server's end goes. Simplified: at once, and not after retries. */
export function abandoned(k: Kernel, id: number) {
  const s = k.t.sockets.get(id);
  if (s?.awaits === undefined) return;
  vacate(k, s);
  if (s.in !== null) closeEnd(k, s.in, true, false);
  if (s.out !== null) closeEnd(k, s.out, false, true);
  k.t.sockets.delete(id);
}

/** The listener with the most exact address. */
function listenerFor(here: readonly Socket[], p: Packet): Socket | undefined {
  const listening = here.filter((s) => s.state === 'listen');
  return (
    listening.find((s) => s.local?.ip === p.dst) ??
    listening.find((s) => s.v === p.v && isAny(s.local?.ip ?? '')) ??
    listening.find((s) => s.v === 6 && p.v === 4 && !s.only6 && s.local?.ip === '::')
  );
}

function reset(k: Kernel, s: Socket) {
  if (s.state === 'connecting')
    put(k, {
      ...s,
      failure: { code: 'ECONNREFUSED', at: k.s.clock, why: `nobody listens at ${s.peer?.ip}:${s.peer?.port}: it answered with a reset` },
    });
  else if (s.state === 'established')
    put(k, { ...s, failure: { code: 'ECONNRESET', at: k.s.clock, why: 'the other side reset the connection' } });
  stir(k, s.id);
}

/** A datagram comes for a port of this namespace. */
export function datagram(k: Kernel, ns: number, p: Packet, walk: Walk): { then: 'nothing' | 'closed' } {
  const here = occupants(k, ns, 'udp', p.dport).filter(
    (s) => (s.local?.ip === p.dst || isAny(s.local?.ip ?? '')) && (!s.peer || (s.peer.ip === p.src && s.peer.port === p.sport)),
  );
  const s = here.find((x) => x.peer) ?? here.find((x) => x.local?.ip === p.dst) ?? here[0];
  if (!s) return { then: 'closed' };
  walk.hops.push({ at: 'socket', ns, what: `a datagram reaches ${p.dst}:${p.dport}`, by: k.findTask(s.pid)?.comm ?? null });
  push(k, s, { from: { ip: p.src, port: p.sport }, data: p.data });
  return { then: 'nothing' };
}

/** An answer to an echo comes. */
export function echoed(k: Kernel, ns: number, p: Packet, walk: Walk) {
  if (!p.icmp || 'about' in p.icmp) return;
  const s = occupants(k, ns, 'icmp', p.dport)[0];
  if (!s) return;
  walk.hops.push({ at: 'socket', ns, what: 'the echo comes back', by: k.findTask(s.pid)?.comm ?? null });
  push(k, s, { from: { ip: p.src, port: 0 }, data: p.data, seq: p.icmp.seq, ttl: p.ttl });
}

const QUEUE_MAX = 1_000;
function push(k: Kernel, s: Socket, d: Datagram) {
  if (s.queue.length < QUEUE_MAX) put(k, { ...s, queue: [...s.queue, d] });
  stir(k, s.id);
}

const CODES = {
  'port-unreachable': 'ECONNREFUSED',
  'host-unreachable': 'EHOSTUNREACH',
  'admin-prohibited': 'EHOSTUNREACH',
  'net-unreachable': 'ENETUNREACH',
  'time-exceeded': 'EHOSTUNREACH',
} as const satisfies Record<IcmpError, string>;

/** An ICMP error about a packet finds the socket that sent it; after `wait` milliseconds, if it takes time to find out. */
export function failed(k: Kernel, p: Packet, error: IcmpError, from: string, wait = 0) {
  const s = p.socket === undefined ? undefined : k.t.sockets.get(p.socket);
  if (!s) return;
  if (s.proto === 'tcp') {
    if (s.state === 'connecting')
      put(k, { ...s, failure: { code: CODES[error], at: k.s.clock + wait, why: `${error.replace('-', ' ')}, says ${from}` } });
  } else if (s.proto === 'icmp')
    put(k, {
      ...s,
      queue: [
        ...s.queue,
        {
          from: { ip: from, port: 0 },
          data: '',
          error,
          ...(p.icmp && 'seq' in p.icmp ? { seq: p.icmp.seq } : {}),
          ...(wait > 0 ? { due: k.s.clock + wait } : {}),
        },
      ],
    });
  else if (s.peer) put(k, { ...s, failure: { code: CODES[error], at: k.s.clock + wait, why: `${error.replace('-', ' ')}, says ${from}` } });
  if (wait === 0) stir(k, s.id);
}

export function accept(k: Kernel, s: Socket, pid: number): Socket | null {
  if (s.state !== 'listen') throw new Errno('EINVAL', 'network', 'the socket does not listen');
  const [first, ...rest] = s.backlog;
  if (first === undefined) return null;
  put(k, { ...s, backlog: rest });
  const made = { ...socketOf(k, first), pid };
  put(k, made);
  return made;
}

/** Sends the packet that a write makes; false if it does not arrive. */
export function carried(k: Kernel, s: Socket, data: string): boolean {
  const p = packet(s, { flags: 'PSH,ACK', data });
  const walk = begin(k, p);
  return send(k, s.ns, p, walk) === 'sent' && !walk.hops.some((h) => h.at === 'lost');
}

export function sendTo(k: Kernel, t: Task, s: Socket, data: string, to: Endpoint | null, seq?: number): number {
  const peer = to ?? s.peer;
  if (!peer) throw new Errno('EDESTADDRREQ', 'network', 'the socket is not connected, and no address was given');
  if (s.failure && s.failure.at <= k.s.clock) {
    put(k, { ...s, failure: null });
    throw new Errno(s.failure.code, 'network', s.failure.why);
  }
  const bound = s.local ? s : occupy(k, s, { ip: ANY[s.v], port: s.proto === 'icmp' ? t.pid & 0xffff : freePort(k, s) });
  const fate = send(
    k,
    s.ns,
    packet(bound, {
      dst: target(peer.ip),
      dport: s.proto === 'icmp' ? (bound.local as Endpoint).port : peer.port,
      data,
      ...(s.proto === 'icmp' ? { icmp: { type: 'echo-request' as const, seq: seq ?? 0 } } : {}),
    }),
  );
  if (fate !== 'sent') throw new Errno(fate.code, 'network', fate.why);
  return data.length;
}

export function receive(k: Kernel, s: Socket): Datagram | null {
  const at = s.queue.findIndex((d) => (d.due ?? 0) <= k.s.clock);
  if (at >= 0) {
    put(k, { ...s, queue: s.queue.toSpliced(at, 1) });
    return s.queue[at] as Datagram;
  }
  if (s.failure && s.failure.at <= k.s.clock) {
    put(k, { ...s, failure: null });
    throw new Errno(s.failure.code, 'network', s.failure.why);
  }
  return null;
}

/** Nothing more will be written. */
export function shutdown(k: Kernel, s: Socket) {
  if (s.state !== 'established' || s.out === null || s.shut) return;
  send(k, s.ns, packet(s, { flags: 'FIN,ACK' }));
  const now = socketOf(k, s.id);
  put(k, { ...now, shut: true });
  closeEnd(k, now.out as number, false, true);
}

export function close(k: Kernel, id: number) {
  const s = k.t.sockets.get(id);
  if (!s) return;
  for (const waiting of s.backlog) close(k, waiting);
  if (k.t.nets.get(s.ns)) {
    shutdown(k, s);
    vacate(k, s);
  } else if (s.out !== null && !s.shut) closeEnd(k, s.out, false, true);
  if (s.tap) closeTap(k, s);
  const now = k.t.sockets.get(id) ?? s;
  if (now.in !== null) closeEnd(k, now.in, true, false);
  k.t.sockets.delete(id);
}

/** Whether a wait on a socket is over, and when it will be at the latest. */
export function readiness(k: Kernel, id: number, way: 'read' | 'write'): { keys: string[]; now: boolean; at?: number } {
  const s = k.t.sockets.get(id);
  if (!s) return { keys: [], now: true };
  const keys = [`sock:${id}`];
  const failing = s.failure !== null && s.failure.at <= k.s.clock;
  const at = s.failure && !failing ? { at: s.failure.at } : {};
  if (s.tap) return { keys, now: s.tap.seen.length > 0 };
  if (failing) return { keys, now: true };
  if (s.proto !== 'tcp') {
    const due = Math.min(...s.queue.map((d) => d.due ?? 0));
    if (s.queue.length > 0 && due > k.s.clock) return { keys, now: way === 'write', at: due };
    return { keys, now: way === 'write' || s.queue.length > 0, ...at };
  }
  switch (s.state) {
    case 'listen':
      return { keys, now: s.backlog.length > 0 };
    case 'connecting':
      return { keys, now: false, ...at };
    case 'established': {
      const pipe = k.pipe((way === 'read' ? s.in : s.out) as number);
      if (way === 'read') return { keys: [...keys, `pipe:${pipe.id}:r`], now: pipe.data !== '' || pipe.writers === 0 };
      return { keys: [...keys, `pipe:${pipe.id}:w`], now: pipe.data.length < pipe.capacity || pipe.readers === 0 };
    }
    default:
      return { keys, now: true };
  }
}
