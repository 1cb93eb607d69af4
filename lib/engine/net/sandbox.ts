/**
 * A container's network: addresses and rules before its process is there, links and routes once its namespace is.
 * moby libnetwork/sandbox.go, osl/namespace_linux.go, drivers/bridge, drivers/macvlan, drivers/ipvlan.
 *
 *   connect     an address of each network, rules, published ports: what can be refused is refused here
 *   plumb       veth pair, one end to the bridge, the other into the namespace: eth0, its address, the default route
 *   disconnect  all of it the other way round
 */

import { pmap } from '../../base';
import * as ip from '../../base/ip';
import { attempt, Errno } from '../../kernel';
import { ApiError, type Daemon, internal, invalid, notFound } from '../daemon';
import * as overlay2 from '../overlay2';
import { swarming } from '../serving';
import type { Container, Endpoint, Network, Sandbox } from '../state';
import * as driver from './driver';
import * as files from './files';
import { IpamError, NO_ADDRESS, releaseAddress, requestAddress } from './ipam';
import { byId, find } from './networks';
import * as parents from './parents';
import * as ports from './ports';
import * as resolver from './resolver';
import { emptyEndpoint, GATEWAY, UNCONNECTED } from './settings';

const failed = (e: unknown): ApiError | null =>
  e instanceof ApiError
    ? e
    : e instanceof IpamError || e instanceof ports.PortError
      ? internal(e.message)
      : e instanceof Errno
        ? internal(e.message.toLowerCase())
        : null;

const withSandbox = (d: Daemon, id: string, change: (s: Sandbox) => Sandbox): Container =>
  d.update(id, (c) => (c.sandbox ? { ...c, sandbox: change(c.sandbox) } : c));

const setEndpoint = (d: Daemon, id: string, name: string, e: Endpoint): Container =>
  d.update(id, (c) => ({ ...c, networks: { ...c.networks, [name]: e } }));

/** eth0 is on the first by name; the way out of overlay networks comes last. */
const order = (c: Container): string[] =>
  Object.keys(c.networks).sort((a, b) => (a === GATEWAY ? 1 : b === GATEWAY ? -1 : a < b ? -1 : a > b ? 1 : 0));

export const networksOf = (d: Daemon, c: Container): Network[] =>
  order(c).flatMap((name) => {
    const e = c.networks[name] as Endpoint;
    return (e.NetworkID ? byId(d, e.NetworkID) : find(d, name)) ?? [];
  });

const SETTING_UP = 'failed to set up container networking';

/** Takes a place on each of a container's networks. A refusal leaves nothing behind. */
export function connect(d: Daemon, c: Container): Container {
  if ((c.HostConfig.NetworkMode ?? '').startsWith('container:')) return c;
  const sandbox: Sandbox = { id: overlay2.newId(d.sys), links: {}, gateway: null, bindings: [], resolver: null };
  d.update(c.Id, (x) => ({ ...x, sandbox }));
  try {
    checkTogether(c);
    for (const name of order(withWayOut(d, c.Id))) join(d, c.Id, name);
    republish(d, c.Id);
    return d.container(c.Id);
  } catch (e) {
    disconnect(d, d.container(c.Id));
    const fault = failed(e);
    if (!fault) throw e;
    throw new ApiError(fault.status, `${SETTING_UP}: ${fault.message}`);
  }
}

/** A container of an overlay network that leads out has a place on docker_gwbridge too: libnetwork, needDefaultGW. */
function withWayOut(d: Daemon, id: string): Container {
  const c = d.container(id);
  const overlays = networksOf(d, c).filter((n) => n.Driver === 'overlay');
  if (c.networks[GATEWAY] || overlays.length === 0 || overlays.every((n) => n.Internal)) return c;
  return setEndpoint(d, id, GATEWAY, emptyEndpoint());
}

/** Only tasks come to an overlay network, unless it was made to be attached to. */
function checkAttachable(c: Container, n: Network) {
  if (n.Driver !== 'overlay' || n.Attachable || c.Config.Labels?.['com.docker.swarm.task.id'] !== undefined) return;
  throw new ApiError(
    403,
    `Could not attach to network ${n.Name}: rpc error: code = PermissionDenied desc = network ${n.Name} not manually attachable`,
  );
}

/** Networks that go with no other. */
function checkTogether(c: Container) {
  const names = Object.keys(c.networks);
  if (names.length < 2) return;
  if (names.includes('host') && c.HostConfig.NetworkMode !== 'host')
    throw invalid('cannot connect container to host network - container must be created in host network mode');
  if (names.includes('none')) throw new ApiError(403, LONELY);
}
export const LONELY = 'container cannot be connected to multiple networks with one of the networks in private (none) mode';

/** One network: an endpoint with its addresses. */
export function join(d: Daemon, id: string, name: string) {
  const c = d.container(id);
  const was = c.networks[name] as Endpoint;
  const n = was.NetworkID ? byId(d, was.NetworkID) : find(d, name);
  if (!n) throw notFound(`network ${was.NetworkID || name} not found`);
  if (n.ConfigOnly) throw new ApiError(403, 'cannot create endpoint on configuration-only network');
  checkAttachable(c, n);
  const EndpointID = overlay2.newId(d.sys);
  // Once it has been on a network, it is that one that it means, and not another of its name.
  setEndpoint(d, id, name, { ...was, NetworkID: n.Id });
  const e: Endpoint = { ...was, NetworkID: n.Id, EndpointID };
  for (const v of [4, 6] as const) {
    const six = v === 6;
    const wanted = six ? was.IPAMConfig?.IPv6Address : was.IPAMConfig?.IPv4Address;
    const place = poolFor(n, v, wanted);
    if (!place) continue;
    const { pool, gateway } = place;
    const bits = Number(pool.subnet.split('/')[1]);
    let address: string;
    try {
      const r = requestAddress(d.s.ipam, pool, id, wanted);
      d.s.ipam = r.space;
      address = r.address;
    } catch (fault) {
      if (fault instanceof IpamError && fault.message === NO_ADDRESS) throw internal(`${NO_ADDRESS}: ${n.Name} (${n.Id})`);
      throw fault;
    }
    const shown =
      n.Internal || driver.rulesOf(n).gatewayMode === 'isolated' || !parents.hasRouter(n) || n.Driver === 'overlay' ? '' : gateway;
    if (six) Object.assign(e, { GlobalIPv6Address: address, GlobalIPv6PrefixLen: bits, IPv6Gateway: shown });
    else Object.assign(e, { IPAddress: address, IPPrefixLen: bits, Gateway: shown });
  }
  if (n.pools.length > 0 && n.Driver !== 'ipvlan') e.MacAddress = was.mac ?? (n.Driver === 'overlay' ? macOf(e.IPAddress) : randomMac(d));
  if (n.Driver === 'overlay') swarming.get().loadBalancer(d, n);
  setEndpoint(d, id, name, e);
  d.s.attached = pmap.set(d.s.attached, n.Id, pmap.set(pmap.get(d.s.attached, n.Id) ?? pmap.empty<string>(), id, EndpointID));
  driver.apply(d, driver.endpointRules(n, driver.addressesOf(e)), true);
  d.event('network', 'connect', n.Id, { container: id, name: n.Name, type: n.Driver });
}

/** Of a network's subnets of one kind, that of the address that is wanted; without a wish the first. */
export function poolFor(n: Network, v: 4 | 6, wanted: string | undefined): Network['pools'][number] | undefined {
  const own = n.pools.filter((p) => p.pool.subnet.includes(':') === (v === 6));
  const at = wanted ? ip.parse(wanted) : null;
  return own.find((p) => at && ip.contains(ip.parsePrefix(p.pool.subnet) as ip.Prefix, at)) ?? own[0];
}

/** On an overlay network the address is in it: 10.0.1.9 → 02:42:0a:00:01:09. */
const macOf = (address: string): string =>
  ['02', '42', ...address.split('.').map((part) => Number(part).toString(16).padStart(2, '0'))].join(':');

/** Locally administered, from the machine's chance. */
export const randomMac = (d: Daemon): string =>
  Array.from({ length: 6 }, (_, i) => {
    const n = Math.floor(d.sys.random() * 256);
    return (i === 0 ? (n & 0xfe) | 2 : n).toString(16).padStart(2, '0');
  }).join(':');

/** The endpoint whose network the default route leads through: the highest priority, then the first name. */
export function gatewayNetwork(d: Daemon, c: Container): Network | undefined {
  return networksOf(d, c)
    .filter(
      (n) =>
        c.networks[n.Name]?.EndpointID &&
        !n.Internal &&
        (c.networks[n.Name]?.Gateway || c.networks[n.Name]?.IPv6Gateway || parents.isRouted(n)),
    )
    .sort((a, b) => {
      const [x, y] = [c.networks[a.Name] as Endpoint, c.networks[b.Name] as Endpoint];
      return y.GwPriority - x.GwPriority || (a.Name < b.Name ? -1 : 1);
    })[0];
}

/** Ports are published on the network that has the default route: when that changes, they move. */
function republish(d: Daemon, id: string) {
  const c = d.container(id);
  const way = gatewayNetwork(d, c);
  const n = way?.Driver === 'bridge' ? way : undefined;
  if (!c.sandbox || c.sandbox.gateway === (n?.Name ?? null)) return;
  unpublish(d, c);
  withSandbox(d, id, (s) => ({ ...s, gateway: n?.Name ?? null, bindings: [] }));
  if (!n) return;
  const e = c.networks[n.Name] as Endpoint;
  try {
    const bindings = ports.publish(d, c, n, driver.addressesOf(e));
    withSandbox(d, id, (s) => ({ ...s, bindings }));
  } catch (fault) {
    if (!(fault instanceof ports.PortError)) throw fault;
    throw internal(`driver failed programming external connectivity on endpoint ${c.Name} (${e.EndpointID}): ${fault.message}`);
  }
}

function unpublish(d: Daemon, c: Container) {
  if (!c.sandbox?.bindings.length) return;
  const e = c.networks[c.sandbox.gateway ?? ''];
  ports.withdraw(d, e ? byId(d, e.NetworkID) : undefined, e ? driver.addressesOf(e) : { 4: '', 6: '' }, c.sandbox.bindings);
}

/** Does something in the network namespace of a process, and comes back. */
export function inside<T>(d: Daemon, pid: number, body: () => T): T {
  // The daemon holds its own namespace by a descriptor.
  const home = { ns: d.sys.namespaces().net };
  d.sys.net.enter(pid);
  try {
    return body();
  } finally {
    d.sys.net.enter(home);
  }
}

/** The namespace is there: its links. Called before the container's program has done anything. */
export function plumb(d: Daemon, id: string, pid: number) {
  const c = d.container(id);
  if (!c.sandbox) return;
  if (c.HostConfig.NetworkMode !== 'host') inside(d, pid, () => d.sys.net.setLink('lo', { up: true }));
  try {
    for (const n of networksOf(d, c)) attach(d, id, n, pid);
  } catch (e) {
    const fault = failed(e);
    throw fault ? new ApiError(fault.status, `${SETTING_UP}: ${fault.message}`) : e;
  }
  route(d, id, pid);
  if (files.needsResolver(networksOf(d, c))) openResolver(d, id, pid);
}

/** A container that has gone on without a daemon: what this one has to hold for it is held again. */
export function adopt(d: Daemon, id: string, pid: number) {
  const c = d.container(id);
  const had = c.sandbox;
  if (!had) return;
  for (const n of networksOf(d, c)) {
    const e = c.networks[n.Name] as Endpoint;
    for (const [v, address] of [
      [4, e.IPAddress],
      [6, e.GlobalIPv6Address],
    ] as const) {
      const place = address ? poolFor(n, v, address) : undefined;
      if (place) d.s.ipam = requestAddress(d.s.ipam, place.pool, id, address).space;
    }
    d.s.attached = pmap.set(d.s.attached, n.Id, pmap.set(pmap.get(d.s.attached, n.Id) ?? pmap.empty<string>(), id, e.EndpointID));
    driver.apply(d, driver.endpointRules(n, driver.addressesOf(e)));
  }
  const way = had.gateway === null ? null : c.networks[had.gateway];
  const bindings = way ? ports.resume(d, c, driver.addressesOf(way), had.bindings) : [];
  withSandbox(d, id, (s) => ({ ...s, bindings, resolver: null }));
  if (had.resolver) openResolver(d, id, pid);
}

function openResolver(d: Daemon, id: string, pid: number) {
  const fds = inside(d, pid, () => resolver.open(d, id));
  withSandbox(d, id, (s) => ({ ...s, resolver: fds }));
}

/** eth0, eth1 …: the first name that is free inside. */
function freeName(c: Container, n: Network): string {
  const prefix = driver.option(n, 'prefix') || 'eth';
  const used = new Set(Object.values(c.sandbox?.links ?? {}).map((l) => l.inside));
  for (let i = 0; ; i++) if (!used.has(`${prefix}${i}`)) return `${prefix}${i}`;
}

export const hostName = (d: Daemon): string => `veth${overlay2.newId(d.sys).slice(0, 7)}`;

/** A veth pair from the network's own namespace into the container's. */
function addToOverlay(d: Daemon, n: Network, peer: { name: string; pid: number; mac: string; queue: number }) {
  const { MTU, sandboxOf } = swarming.get();
  const space = sandboxOf(d, n);
  const home = { ns: d.sys.namespaces().net };
  d.sys.net.enter(space);
  try {
    const host = hostName(d);
    d.sys.net.addLink({ name: host, kind: 'veth', mtu: MTU, queue: 0, peer });
    d.sys.net.setLink(host, { master: 'br0', up: true });
  } finally {
    d.sys.net.enter(home);
  }
}

/** One link. */
function attach(d: Daemon, id: string, n: Network, pid: number) {
  const c = d.container(id);
  const e = c.networks[n.Name] as Endpoint;
  if (!e.IPAddress && !e.GlobalIPv6Address) return;
  const { net } = d.sys;
  const name = freeName(c, n);
  let host = '';
  if (n.Driver === 'bridge') {
    host = hostName(d);
    net.addLink({ name: host, kind: 'veth', mtu: driver.mtuOf(n), queue: 0, peer: { name, pid, mac: e.MacAddress, queue: 0 } });
    net.setLink(host, { master: driver.bridgeOf(n), up: true });
  } else if (n.Driver === 'overlay') {
    addToOverlay(d, n, { name, pid, mac: e.MacAddress, queue: 0 });
  } else {
    const made = parents.addLink(d, n, hostName(d), e.MacAddress);
    net.setLink(made, { netns: pid, name });
  }
  inside(d, pid, () => {
    if (!n.EnableIPv6) net.setSysctl(`net.ipv6.conf.${name}.disable_ipv6`, '1');
    for (const [address, bits] of [
      [e.IPAddress, e.IPPrefixLen],
      [e.GlobalIPv6Address, e.GlobalIPv6PrefixLen],
      ...(e.IPAMConfig?.LinkLocalIPs ?? []).map((a) => [a, a.includes(':') ? 64 : 16] as const),
    ] as const)
      if (address) net.addAddress(name, `${address}/${bits}`, { broadcast: driver.broadcast(`${address}/${bits}`) });
    net.setLink(name, { up: true });
  });
  withSandbox(d, id, (s) => ({ ...s, links: { ...s.links, [n.Name]: { host, inside: name } } }));
}

/** The default route, as the present networks want it. */
function route(d: Daemon, id: string, pid: number) {
  const c = d.container(id);
  const n = gatewayNetwork(d, c);
  const link = n && c.sandbox?.links[n.Name];
  const e = n && c.networks[n.Name];
  inside(d, pid, () => {
    attempt(() => d.sys.net.removeRoute({ dst: 'default' }));
    if (!link || !e) return;
    if (parents.isRouted(n)) d.sys.net.addRoute({ dst: 'default', dev: link.inside });
    else if (e.Gateway) d.sys.net.addRoute({ dst: 'default', dev: link.inside, via: e.Gateway });
    if (e.IPv6Gateway) d.sys.net.addRoute({ dst: 'default', dev: link.inside, via: e.IPv6Gateway });
  });
}

/** Gives back what one network gave; the link is gone already, or goes with its namespace. */
function leave(d: Daemon, c: Container, name: string): Endpoint {
  const e = c.networks[name] as Endpoint;
  const n = byId(d, e.NetworkID);
  const cleared: Endpoint = { ...e, ...UNCONNECTED };
  if (!n || e.EndpointID === '') return cleared;
  const host = c.sandbox?.links[name]?.host;
  if (host) attempt(() => d.sys.net.removeLink(host));
  driver.withdraw(d, driver.endpointRules(n, driver.addressesOf(e)));
  for (const address of [e.IPAddress, e.GlobalIPv6Address]) {
    const pool = address ? poolFor(n, address.includes(':') ? 6 : 4, address)?.pool : undefined;
    if (address && pool) d.s.ipam = releaseAddress(d.s.ipam, pool, address);
  }
  const rest = pmap.remove(pmap.get(d.s.attached, n.Id) ?? pmap.empty<string>(), c.Id);
  d.s.attached = rest.size ? pmap.set(d.s.attached, n.Id, rest) : pmap.remove(d.s.attached, n.Id);
  d.event('network', 'disconnect', n.Id, { container: c.Id, name: n.Name, type: n.Driver });
  return cleared;
}

/** The container has ended, or never began. */
export function disconnect(d: Daemon, c: Container): Container {
  const left = Object.values(c.networks).some((e) => e.EndpointID !== '');
  // Of a container that an earlier daemon had started only the endpoints are known.
  if (!c.sandbox && !left) return c;
  unpublish(d, c);
  if (c.sandbox?.resolver) resolver.close(d, c.Id, c.sandbox.resolver);
  const networks = Object.fromEntries(Object.keys(c.networks).map((name) => [name, leave(d, c, name)]));
  return d.update(c.Id, (x) => ({ ...x, networks, sandbox: null }));
}

/** docker network connect, of a container that runs. */
export function connectRunning(d: Daemon, id: string, n: Network) {
  const { Pid } = d.container(id).State;
  try {
    join(d, id, n.Name);
    republish(d, id);
  } catch (e) {
    const fault = failed(e);
    if (!fault) throw e;
    const c = d.container(id);
    leave(d, c, n.Name);
    throw fault;
  }
  attach(d, id, n, Pid);
  route(d, id, Pid);
  const c = d.container(id);
  const address = c.networks[n.Name]?.IPAddress;
  if (address) files.addHost(d, c, files.ownLine(c, address));
  if (!c.sandbox?.resolver && files.needsResolver([n])) {
    openResolver(d, id, Pid);
    files.writeResolv(d, c, networksOf(d, c));
  }
}

/** docker network disconnect, of a container that runs. */
export function disconnectRunning(d: Daemon, id: string, name: string) {
  const c = d.container(id);
  const e = c.networks[name] as Endpoint;
  const link = c.sandbox?.links[name];
  if (link && link.host === '') inside(d, c.State.Pid, () => attempt(() => d.sys.net.removeLink(link.inside)));
  if (c.sandbox?.gateway === name) {
    unpublish(d, c);
    withSandbox(d, id, (s) => ({ ...s, gateway: null, bindings: [] }));
  }
  leave(d, c, name);
  if (e.IPAddress) files.removeHost(d, c, e.IPAddress);
  d.update(id, (x) => ({
    ...x,
    networks: Object.fromEntries(Object.entries(x.networks).filter(([n]) => n !== name)),
    sandbox: x.sandbox && { ...x.sandbox, links: Object.fromEntries(Object.entries(x.sandbox.links).filter(([n]) => n !== name)) },
  }));
  republish(d, id);
  route(d, id, c.State.Pid);
}
