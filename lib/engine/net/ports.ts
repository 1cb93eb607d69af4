/**
 * Published ports: which ports of the host a container gets, who listens there, and Docker's refusals.
 * moby libnetwork/portallocator, drivers/bridge/port_mapping_linux.go, daemon/container_operations.go (buildPortsRelatedCreateEndpointOptions).
 *
 *   -p 8080:80     0.0.0.0 and [::], the same port of both: one docker-proxy each
 *   -p 80          the next free one from 32768
 *   -p 8000-8010:80  the next free one of these
 */

import { pmap } from '../../base';
import * as ip from '../../base/ip';
import { attempt, Errno, SIGNALS } from '../../kernel';
import type { Daemon } from '../daemon';
import { tool } from '../home';
import { rootless as kit } from '../serving';
import type { Binding, Container, Network } from '../state';
import * as driver from './driver';

/** net.ipv4.ip_local_port_range: where ports come from that nobody named. */
const EPHEMERAL = { from: 32768, to: 60999 } as const;

/** Bindings that get the same port: those of one -p. */
interface Wanted {
  port: number;
  proto: string;
  hostIps: string[];
  from: number;
  to: number;
}

const isAny = (a: string) => a === '0.0.0.0' || a === '::';

/** What a container asks for, in the order in which it is done: exact ports first, by container port, protocol, host port. */
export function wanted(c: Container, n: Network): Wanted[] {
  const own = c.HostConfig.PortBindings ?? {};
  const all = c.HostConfig.PublishAllPorts
    ? { ...Object.fromEntries(Object.keys(c.Config.ExposedPorts ?? {}).map((p) => [p, [{ HostIp: '', HostPort: '' }]])), ...own }
    : own;
  const binding = driver.option(n, 'hostBinding') ?? '';
  const out = Object.entries(all).flatMap(([spec, list]) => {
    const [port = '', proto = 'tcp'] = spec.split('/');
    return list.map((b): Wanted => {
      const [from = '', to = from] = b.HostPort.split('-');
      const given = b.HostIp || (isAny(binding) ? '' : binding);
      return {
        port: Number(port),
        proto,
        hostIps: given === '' ? ['0.0.0.0', '::'] : [given],
        from: from === '' ? 0 : Number(from),
        to: from === '' ? 0 : Number(to),
      };
    });
  });
  const range = (w: Wanted) => (w.from === 0 || w.from !== w.to ? 1 : 0);
  const rank = (w: Wanted) => [range(w), w.port, w.proto === 'tcp' ? 6 : 17, w.from, w.to];
  return out.sort((a, b) => {
    const [x, y] = [rank(a), rank(b)];
    for (const [i, n] of x.entries()) if (n !== y[i]) return n - (y[i] as number);
    return (a.hostIps[0] as string) < (b.hostIps[0] as string) ? -1 : 1;
  });
}

const key = (proto: string, address: string, port: number) => `${proto} ${address} ${port}`;

/** Who stands in the way of a port on an address: the address itself, or the one that means all of them. */
function taken(d: Daemon, proto: string, address: string, port: number): string | null {
  const any = address.includes(':') ? '::' : '0.0.0.0';
  if (pmap.has(d.s.ports, key(proto, any, port))) return any;
  if (pmap.has(d.s.ports, key(proto, address, port))) return address;
  if (isAny(address)) {
    const others = pmap.get(d.s.ports, key(proto, address === '::' ? '*6' : '*4', port));
    if (others) return others.split(' ')[0] as string;
  }
  return null;
}

/** One more on an address of its own: remembered for who asks for all addresses. */
function take(d: Daemon, proto: string, address: string, port: number, id: string) {
  d.s.ports = pmap.set(d.s.ports, key(proto, address, port), id);
  if (isAny(address)) return;
  const at = key(proto, address.includes(':') ? '*6' : '*4', port);
  const there = pmap.get(d.s.ports, at);
  d.s.ports = pmap.set(d.s.ports, at, there ? `${there} ${address}` : address);
}
function release(d: Daemon, proto: string, address: string, port: number) {
  d.s.ports = pmap.remove(d.s.ports, key(proto, address, port));
  if (isAny(address)) return;
  const at = key(proto, address.includes(':') ? '*6' : '*4', port);
  const rest = (pmap.get(d.s.ports, at) ?? '').split(' ').filter((a) => a !== address && a !== '');
  d.s.ports = rest.length ? pmap.set(d.s.ports, at, rest.join(' ')) : pmap.remove(d.s.ports, at);
}

export class PortError extends Error {}

/** Takes a port on all of these addresses; of a range the one after the last that was given. */
function allocate(d: Daemon, w: Wanted, id: string, not: ReadonlySet<number>): number {
  const grab = (port: number) => {
    for (const a of w.hostIps) take(d, w.proto, a, port, id);
    return port;
  };
  if (w.from !== 0 && w.from === w.to) {
    for (const a of w.hostIps) {
      const by = taken(d, w.proto, a, w.from);
      if (by) throw new PortError(`Bind for ${by.includes(':') ? `[${by}]` : by}:${w.from} failed: port is already allocated`);
    }
    return grab(w.from);
  }
  const { from, to } = w.from === 0 ? EPHEMERAL : w;
  const range = `${w.proto} ${w.hostIps[0]} ${from}-${to}`;
  const last = d.s.lastPort[range] ?? to;
  for (let i = 0, port = last; i <= to - from; i++) {
    port = port >= to ? from : port + 1;
    if (not.has(port) || w.hostIps.some((a) => taken(d, w.proto, a, port))) continue;
    d.s.lastPort = { ...d.s.lastPort, [range]: port };
    return grab(port);
  }
  throw new PortError('all ports are allocated');
}

const shown = (address: string) => (address.includes(':') ? `[${address}]` : address);

/** Who holds a port of the host: a docker-proxy, and without root who carries to it; or the daemon by a descriptor. */
type Holder = { pid: number; outer?: number } | { fd: number };

/** Binds a port of the host and hands the socket to a docker-proxy. Gives its process. */
function listen(d: Daemon, w: Pick<Wanted, 'proto' | 'port'>, hostIp: string, hostPort: number, address: string): Holder | Errno {
  const { net } = d.sys;
  const v = hostIp.includes(':') ? 6 : 4;
  if (w.proto !== 'tcp' && w.proto !== 'udp') return new Errno('EPROTONOSUPPORT', 'network', 'this kernel has no SCTP');
  const fd = net.socket(w.proto, v);
  const bound = attempt(() => {
    net.bind(fd, hostIp, hostPort, true);
    if (w.proto === 'tcp') net.listen(fd);
  });
  if (bound instanceof Errno) {
    d.sys.close(fd);
    return bound;
  }
  // Nobody answers there: the socket only holds the port.
  if (!driver.userlandProxy(d)) return { fd };
  const PROXY = tool(d.sys, 'docker-proxy');
  const argv = [PROXY, '-proto', w.proto, '-host-ip', hostIp, '-host-port', `${hostPort}`];
  const to = ['-container-ip', address, '-container-port', `${w.port}`, '-use-listen-fd'];
  const nul = d.sys.open('/dev/null', { read: true, write: true });
  const pid = attempt(() => d.sys.spawn(PROXY, { argv: [...argv, ...to], env: {}, cwd: '/', fds: { 0: nul, 1: nul, 2: nul, 4: fd } }));
  d.sys.close(nul);
  d.sys.close(fd);
  if (pid instanceof Errno) return pid;
  const { rootless } = d.s.home;
  if (rootless === null) return { pid };
  const { expose, Unexposed } = kit.get();
  try {
    return { pid, outer: expose(d.sys, rootless, w.proto, hostIp, hostPort) };
  } catch (e) {
    attempt(() => d.sys.kill(pid, SIGNALS.SIGKILL));
    if (e instanceof Unexposed) throw new PortError(`error while calling RootlessKit PortManager.AddPort(): ${e.message}`);
    throw e;
  }
}

/** Publishes what a container asks for on the network that has its default route; on a fault everything is taken back. */
export function publish(d: Daemon, c: Container, n: Network, own: driver.Addresses): Binding[] {
  const done: Binding[] = [];
  try {
    for (const w of wanted(c, n)) done.push(...publishOne(d, c, n, own, w));
  } catch (e) {
    withdraw(d, n, own, done);
    throw e;
  }
  return done;
}

/** The kind of a host's address. */
const kindOf = (hostIp: string): 4 | 6 => (hostIp.includes(':') ? 6 : 4);

/**
 * What a network carries of the addresses of the host that are asked for: each kind that it has; and IPv6 besides, where
 * docker-proxy takes it over to IPv4.
 */
const carries = (d: Daemon, own: driver.Addresses) => (hostIp: string) =>
  kindOf(hostIp) === 4 ? own[4] !== '' : own[6] !== '' || driver.userlandProxy(d);

/** Where docker-proxy goes on to: the address of the same kind, or else IPv4's. */
const target = (own: driver.Addresses, hostIp: string): string => own[kindOf(hostIp)] || own[4];

function publishOne(d: Daemon, c: Container, n: Network, own: driver.Addresses, w: Wanted): Binding[] {
  // What is routed needs no port of the host.
  const routed = (hostIp: string) => own[kindOf(hostIp)] !== '' && driver.rulesOf(n, kindOf(hostIp)).gatewayMode === 'routed';
  const carried = w.hostIps.filter(carries(d, own));
  const bound = { ...w, hostIps: carried.filter((a) => !routed(a)) };
  const made: Binding[] = carried.filter(routed).map((hostIp) => ({ port: w.port, proto: w.proto, hostIp, hostPort: 0, pid: null }));
  const refused = new Set<number>();
  while (bound.hostIps.length > 0) {
    const hostPort = allocate(d, bound, c.Id, refused);
    const here: Binding[] = [];
    let fault: { e: Errno; hostIp: string } | null = null;
    for (const hostIp of bound.hostIps) {
      const holder = listen(d, w, hostIp, hostPort, target(own, hostIp));
      if (holder instanceof Errno) {
        fault = { e: holder, hostIp };
        break;
      }
      here.push({ port: w.port, proto: w.proto, hostIp, hostPort, pid: null, ...holder });
    }
    if (!fault) {
      made.push(...here);
      break;
    }
    for (const b of here) stopProxy(d, b);
    for (const a of bound.hostIps) release(d, w.proto, a, hostPort);
    const exact = w.from !== 0 && w.from === w.to;
    if (fault.e.code === 'EPROTONOSUPPORT')
      throw new PortError(
        `error starting userland proxy: failed to listen on ${shown(fault.hostIp)}:${hostPort}: ${fault.e.message.toLowerCase()}`,
      );
    if (exact || fault.e.code !== 'EADDRINUSE')
      throw new PortError(
        `failed to bind host port for ${shown(fault.hostIp)}:${hostPort}:${own[4] || own[6]}:${w.port}/${w.proto}: ${fault.e.message.toLowerCase()}`,
      );
    refused.add(hostPort);
  }
  for (const b of made) driver.apply(d, rulesFor(d, n, own, b));
  return made;
}

const rulesFor = (d: Daemon, n: Network, own: driver.Addresses, b: Binding) => {
  const v = kindOf(b.hostIp);
  const { port, proto, hostIp, hostPort } = b;
  return own[v] === '' ? [] : driver.portRules(d, n, v, { address: own[v], proto, port, hostIp, hostPort });
};

/** Ports that a container has had from an earlier daemon, held again: the rules are still there, the proxies are not. */
export function resume(d: Daemon, c: Container, own: driver.Addresses, bindings: readonly Binding[]): Binding[] {
  return bindings.map(({ pid: _p, fd: _f, ...b }): Binding => {
    if (b.hostPort === 0) return { ...b, pid: null };
    take(d, b.proto, b.hostIp, b.hostPort, c.Id);
    const holder = listen(d, { proto: b.proto, port: b.port }, b.hostIp, b.hostPort, target(own, b.hostIp));
    return { ...b, pid: null, ...(holder instanceof Errno ? {} : holder) };
  });
}

function stopProxy(d: Daemon, b: Binding) {
  const { pid, fd, outer } = b;
  if (outer !== undefined && d.s.home.rootless !== null) kit.get().unexpose(d.sys, d.s.home.rootless, outer);
  if (fd !== undefined) attempt(() => d.sys.close(fd));
  if (pid === null) return;
  attempt(() => d.sys.kill(pid, 9));
  attempt(() => d.sys.waitpid(pid));
}

export function withdraw(d: Daemon, n: Network | undefined, own: driver.Addresses, bindings: readonly Binding[]) {
  for (const b of bindings) {
    stopProxy(d, b);
    if (b.hostPort !== 0) release(d, b.proto, b.hostIp, b.hostPort);
    if (n) driver.withdraw(d, rulesFor(d, n, own, b));
  }
}

/** What inspect and ps show: published ports with their bindings, exposed ones without. */
export function portMap(c: Container): Record<string, { HostIp: string; HostPort: string }[] | null> {
  const out: Record<string, { HostIp: string; HostPort: string }[] | null> = {};
  if (!c.sandbox || c.sandbox.gateway === null) return out;
  for (const p of Object.keys(c.Config.ExposedPorts ?? {}).sort()) out[p] = null;
  for (const b of c.sandbox.bindings) {
    const spec = `${b.port}/${b.proto}`;
    out[spec] = [...(out[spec] ?? []), { HostIp: b.hostIp, HostPort: b.hostPort === 0 ? '' : `${b.hostPort}` }];
  }
  return out;
}

/** Whether an address is one of the host's own. */
export const isAddress = (text: string): boolean => ip.parse(text) !== null;
