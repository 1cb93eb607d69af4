/**
 * Networks as far as a container's place in them is data: names, addresses, /etc/hosts. libnetwork, daemon/container_operations.go.
 *
 * Simplified: addresses are given out in order; links, bridges and packets are not made yet.
 */

import { pmap } from '../base';
import { ApiError, type Daemon, invalid, notFound } from './daemon';
import * as overlay2 from './overlay2';
import type { Container, Endpoint, HostConfig, Network } from './state';

export function findNetwork(d: Daemon, ref: string): Network | undefined {
  const all = d.networks();
  return all.find((n) => n.Name === ref || n.Id === ref) ?? (/^[0-9a-f]+$/.test(ref) ? all.find((n) => n.Id.startsWith(ref)) : undefined);
}

/** The networks that exist on a fresh daemon. */
export function defaults(d: Daemon) {
  const base = {
    Scope: 'local' as const,
    Internal: false,
    Attachable: false,
    Labels: {},
    EnableIPv6: false,
    next: 2,
    leases: pmap.empty<string>(),
  };
  const options = {
    'com.docker.network.bridge.default_bridge': 'true',
    'com.docker.network.bridge.enable_icc': 'true',
    'com.docker.network.bridge.enable_ip_masquerade': 'true',
    'com.docker.network.bridge.host_binding_ipv4': '0.0.0.0',
    'com.docker.network.bridge.name': 'docker0',
    'com.docker.network.driver.mtu': '1500',
  };
  const make = (Name: string, Driver: string, subnet: string | null, gateway: string | null, Options: Record<string, string>) =>
    d.putNetwork({ ...base, Id: overlay2.newId(d.sys), Name, Driver, Created: d.now(), subnet, gateway, Options });
  make('bridge', 'bridge', '172.17.0.0/16', '172.17.0.1', options);
  make('host', 'host', null, null, {});
  make('none', 'null', null, null, {});
}

type Asked = Record<string, Partial<{ Aliases: string[] | null; IPAMConfig: unknown; MacAddress: string }>>;

export function check(d: Daemon, host: HostConfig, asked: Asked) {
  for (const name of namesOf(host, asked))
    if (!name.startsWith('container:') && !findNetwork(d, name)) throw notFound(`network ${name} not found`);
  const mode = host.NetworkMode ?? '';
  if (mode.startsWith('container:')) {
    const other = mode.slice('container:'.length);
    if (!d.find(other)) throw notFound(`No such container: ${other}`);
    if (host.PortBindings && Object.keys(host.PortBindings).length)
      throw invalid('conflicting options: port publishing and the container type network mode');
  }
}

const namesOf = (host: HostConfig, asked: Asked): string[] => [
  ...new Set([host.NetworkMode ?? 'bridge', ...Object.keys(asked).filter((n) => n !== 'default')]),
];

export function endpoints(d: Daemon, host: HostConfig, asked: Asked, id: string, name: string): Record<string, Endpoint> {
  const out: Record<string, Endpoint> = {};
  for (const n of namesOf(host, asked)) {
    if (n.startsWith('container:')) continue;
    const net = findNetwork(d, n) as Network;
    const own = net.Driver === 'bridge' && net.Name !== 'bridge';
    const Aliases = asked[n]?.Aliases ?? null;
    out[net.Name] = {
      NetworkID: '',
      EndpointID: '',
      Gateway: '',
      IPAddress: '',
      IPPrefixLen: 0,
      MacAddress: '',
      Aliases,
      DNSNames: own ? [...new Set([name, ...(Aliases ?? []), id.slice(0, 12)])] : null,
    };
  }
  return out;
}

/** Addresses for a container that starts: the next of each network. */
export function connect(d: Daemon, c: Container): Container {
  const nets: Record<string, Endpoint> = {};
  for (const [name, e] of Object.entries(c.networks)) {
    const net = findNetwork(d, name);
    if (!net) continue;
    nets[name] = join(d, c, net, e);
  }
  return d.update(c.Id, (x) => ({ ...x, networks: nets }));
}

/** An endpoint on a network, with the address it gets there. */
function join(d: Daemon, c: Container, net: Network, e: Endpoint): Endpoint {
  d.event('network', 'connect', net.Id, { container: c.Id, name: net.Name, type: net.Driver });
  const base = { ...e, NetworkID: net.Id, EndpointID: overlay2.newId(d.sys) };
  if (net.subnet === null || net.gateway === null) return base;
  const at = freeAddress(net);
  d.putNetwork({ ...net, next: at.next, leases: pmap.set(net.leases, at.address, c.Id) });
  const mac = Array.from({ length: 5 }, () =>
    Math.floor(d.sys.random() * 256)
      .toString(16)
      .padStart(2, '0'),
  ).join(':');
  return {
    ...base,
    Gateway: net.gateway,
    IPAddress: at.address,
    IPPrefixLen: Number(net.subnet.split('/')[1]),
    MacAddress: `${['02', '06', '0a', '0e', '5e', '9a', 'd2', 'fe'][Math.floor(d.sys.random() * 8)]}:${mac}`,
  };
}

const ENDPOINT: Endpoint = {
  NetworkID: '',
  EndpointID: '',
  Gateway: '',
  IPAddress: '',
  IPPrefixLen: 0,
  MacAddress: '',
  Aliases: null,
  DNSNames: null,
};

/** docker network connect: a further network for a container that is there. */
export function connectTo(
  d: Daemon,
  net: Network,
  c: Container,
  asked: { Aliases?: string[] | null; IPAMConfig?: { IPv4Address?: string } },
) {
  const settings = (why: string) => invalid(`invalid endpoint settings:\n${why}`);
  const own = !['bridge', 'host', 'none'].includes(net.Name);
  if (asked.Aliases?.length && !own) throw settings('network-scoped alias is supported only for containers in user defined networks');
  if (net.Driver === 'host' && c.HostConfig.NetworkMode !== 'host')
    throw invalid('cannot connect container to host network - container must be created in host network mode');
  if (c.networks[net.Name]) throw new ApiError(403, `endpoint with name ${c.Name} already exists in network ${net.Name}`);
  const Aliases = asked.Aliases?.length ? asked.Aliases : [];
  const e: Endpoint = { ...ENDPOINT, Aliases, DNSNames: own ? [...new Set([c.Name, ...Aliases, c.Id.slice(0, 12)])] : null };
  const joined = c.State.Pid === 0 ? e : join(d, c, net, e);
  d.update(c.Id, (x) => ({ ...x, networks: { ...x.networks, [net.Name]: joined } }));
}

export function disconnectFrom(d: Daemon, net: Network, c: Container) {
  const e = c.networks[net.Name];
  if (!e) throw new ApiError(403, `container ${c.Id} is not connected to network ${net.Name}`);
  leave(d, c, net.Name, e);
  d.update(c.Id, (x) => ({ ...x, networks: Object.fromEntries(Object.entries(x.networks).filter(([n]) => n !== net.Name)) }));
}

function leave(d: Daemon, c: Container, name: string, e: Endpoint) {
  const net = findNetwork(d, name);
  if (!net || e.EndpointID === '') return;
  if (e.IPAddress) d.putNetwork({ ...net, leases: pmap.remove(net.leases, e.IPAddress) });
  d.event('network', 'disconnect', net.Id, { container: c.Id, name: net.Name, type: net.Driver });
}

/** The lowest free address, as the engine's bitmap gives them out one after the other and begins again at the end. */
function freeAddress(net: Network): { address: string; next: number } {
  const [ip = '', bits = '16'] = (net.subnet as string).split('/');
  const [a = 0, b = 0, c = 0, e = 0] = ip.split('.').map(Number);
  const base = ((a * 256 + b) * 256 + c) * 256 + e;
  const size = 2 ** (32 - Number(bits));
  for (let tries = 0, n = net.next; tries < size; tries++, n++) {
    const at = n >= size - 1 ? 2 : n;
    const v = base + at;
    const address = [v / 2 ** 24, v / 2 ** 16, v / 256, v].map((x) => Math.floor(x) % 256).join('.');
    if (address !== net.gateway && !pmap.has(net.leases, address)) return { address, next: at + 1 };
  }
  throw invalid("no available IPv4 addresses on this network's address pools");
}

export function disconnect(d: Daemon, c: Container): Container {
  for (const [name, e] of Object.entries(c.networks)) leave(d, c, name, e);
  const nets = Object.fromEntries(
    Object.entries(c.networks).map(([n, e]) => [n, { ...e, EndpointID: '', Gateway: '', IPAddress: '', IPPrefixLen: 0, MacAddress: '' }]),
  );
  return d.update(c.Id, (x) => ({ ...x, networks: nets }));
}

/** hostname, hosts and resolv.conf of a container, bind-mounted over the image's. */
export function writeFiles(d: Daemon, c: Container, dir: string) {
  const name = c.Config.Hostname || 'dock';
  overlay2.writeText(d.sys, `${dir}/hostname`, `${name}${c.Config.Domainname ? `.${c.Config.Domainname}` : ''}\n`);
  const own = Object.values(c.networks)
    .filter((e) => e.IPAddress)
    .map((e) => `${e.IPAddress}\t${c.Config.Domainname ? `${name}.${c.Config.Domainname} ` : ''}${name}\n`)
    .join('');
  const extra = (c.HostConfig.ExtraHosts ?? []).map((h) => `${h.slice(h.indexOf(':') + 1)}\t${h.slice(0, h.indexOf(':'))}\n`).join('');
  overlay2.writeText(
    d.sys,
    `${dir}/hosts`,
    `127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::\tip6-localnet\nff00::\tip6-mcastprefix\nff02::1\tip6-allnodes\nff02::2\tip6-allrouters\n${extra}${own}`,
  );
  const userDefined = Object.keys(c.networks).some((n) => !['bridge', 'host', 'none'].includes(n));
  const header =
    '# Generated by Docker Engine.\n# This file can be edited; Docker Engine will not make further changes once it\n# has been modified.\n\n';
  const servers = hostServers(d);
  overlay2.writeText(
    d.sys,
    `${dir}/resolv.conf`,
    userDefined
      ? `${header}nameserver 127.0.0.11\noptions ndots:0\n\n# Based on host file: '/etc/resolv.conf' (internal resolver)\n# ExtServers: [${servers.map((s) => `host(${s})`).join(' ')}]\n# Overrides: []\n# Option ndots from: internal\n`
      : `${header}${servers.map((s) => `nameserver ${s}\n`).join('')}\n# Based on host file: '/etc/resolv.conf' (legacy)\n# Overrides: []\n`,
  );
}

const hostServers = (d: Daemon): string[] =>
  overlay2.exists(d.sys, '/etc/resolv.conf')
    ? overlay2
        .readText(d.sys, '/etc/resolv.conf')
        .split('\n')
        .filter((l) => l.startsWith('nameserver '))
        .map((l) => l.split(/\s+/)[1] as string)
    : [];

export function create(
  d: Daemon,
  o: { Name: string; Driver: string; Internal?: boolean; Labels?: Record<string, string>; Options?: Record<string, string> },
): Network {
  const used = new Set(d.networks().map((n) => n.subnet));
  let subnet = '';
  for (let n = 18; n < 32; n++) {
    subnet = `172.${n}.0.0/16`;
    if (!used.has(subnet)) break;
  }
  const net: Network = {
    Id: overlay2.newId(d.sys),
    Name: o.Name,
    Driver: o.Driver,
    Created: d.now(),
    Scope: 'local',
    subnet,
    gateway: subnet.replace('0.0/16', '0.1'),
    Internal: !!o.Internal,
    Attachable: false,
    Options: o.Options ?? {},
    Labels: o.Labels ?? {},
    EnableIPv6: false,
    next: 2,
    leases: pmap.empty(),
  };
  d.putNetwork(net);
  d.event('network', 'create', net.Id, { name: net.Name, type: net.Driver });
  return net;
}

export function remove(d: Daemon, n: Network) {
  d.s.networks = pmap.remove(d.s.networks, n.Id);
  d.event('network', 'destroy', n.Id, { name: n.Name, type: n.Driver });
}
