/**
 * What a container asks of its networks, checked before it is made: moby daemon/container_operations.go
 * (validateEndpointSettings), runconfig/hostconfig_unix.go (validateNetMode), daemon/network.go.
 */

import * as ip from '../../base/ip';
import type { CreateRequest } from '../create';
import { type Daemon, invalid } from '../daemon';
import type { Config, Container, Endpoint, HostConfig, Network } from '../state';

/** Endpoint settings as a client sends them. */
export type AskedEndpoint = Partial<Pick<Endpoint, 'IPAMConfig' | 'Links' | 'Aliases' | 'DriverOpts' | 'GwPriority' | 'MacAddress'>> | null;
export type Asked = Record<string, AskedEndpoint>;

export const PREDEFINED = ['bridge', 'host', 'none', 'default'];
/** By which containers of overlay networks reach the world: not shown among their networks. */
export const GATEWAY = 'docker_gwbridge';
/** A network of the user's own: names are resolved there. */
export const isUserDefined = (mode: string): boolean => !PREDEFINED.includes(mode) && mode !== '' && !mode.startsWith('container:');

/** Several faults as a list, one as it is: errJoin. */
export const joined = (faults: readonly string[]): string =>
  faults.length === 1 ? (faults[0] as string) : faults.map((f) => `* ${f}`).join('\n');

const valid = (text: string, v: 4 | 6) => {
  const at = ip.parse(text);
  return at !== null && at.v === v && !ip.isUnspecified(at);
};

function rangeFault(address: string | undefined, n: Network, v: 4 | 6): string | null {
  if (!address) return null;
  const own = n.pools.filter((p) => p.pool.subnet.includes(':') === (v === 6) && p.chosen);
  if (own.length === 0) return 'user specified IP address is supported only when connecting to networks with user configured subnets';
  const at = ip.parse(address);
  const inside = at && own.some((p) => ip.contains(ip.parsePrefix(p.pool.subnet) as ip.Prefix, at));
  return inside ? null : `no configured subnet or ip-range contain the IP address ${address}`;
}

/** What is wrong with an endpoint's settings; `name` is how the network was named. */
export function endpointFaults(n: Network | undefined, name: string, asked: AskedEndpoint): string | null {
  const { IPv4Address: four, IPv6Address: six, LinkLocalIPs: local = [] } = asked?.IPAMConfig ?? {};
  const faults: string[] = [];
  if (!isUserDefined(name)) {
    if (four || six) faults.push('user specified IP address is supported on user defined networks only');
    if (asked?.Aliases?.length) faults.push('network-scoped alias is supported only for containers in user defined networks');
  }
  if (four && !valid(four, 4)) faults.push(`invalid IPv4 address: ${four}`);
  if (six && !valid(six, 6)) faults.push(`invalid IPv6 address: ${six}`);
  for (const a of local ?? []) if (!ip.parse(a)) faults.push(`invalid link-local IP address: ${a}`);
  if (n) for (const fault of [rangeFault(four, n, 4), rangeFault(six, n, 6)]) if (fault) faults.push(fault);
  return faults.length ? `invalid endpoint settings:\n${joined(faults)}` : null;
}

interface Dns {
  Dns?: string[] | null;
  Links?: string[] | null;
}

/** Options that cannot go with a network mode. */
export function checkMode(own: Partial<Config> & Pick<CreateRequest, 'Hostname'>, host: HostConfig & Dns) {
  const mode = host.NetworkMode ?? '';
  const shared = mode.startsWith('container:');
  const conflict = (why: string) => invalid(`conflicting options: ${why}`);
  if (shared && own.Hostname) throw conflict('hostname and the network mode');
  if (mode === 'host' && host.Links?.length)
    throw conflict("host type networking can't be used with links. This would result in undefined behavior");
  if (shared && host.Links?.length)
    throw conflict("container type network can't be used with links. This would result in undefined behavior");
  if (shared && host.Dns?.length) throw conflict('dns and the network mode');
  if (shared && host.ExtraHosts?.length) throw conflict('custom host-to-IP mapping and the network mode');
  if (shared && (Object.keys(host.PortBindings ?? {}).length || host.PublishAllPorts))
    throw conflict('port publishing and the container type network mode');
  if (shared && Object.keys(own.ExposedPorts ?? {}).length) throw conflict('port exposing and the container type network mode');
}

/** What an endpoint has only while it is connected. */
export const UNCONNECTED = {
  EndpointID: '',
  Gateway: '',
  IPAddress: '',
  IPPrefixLen: 0,
  MacAddress: '',
  IPv6Gateway: '',
  GlobalIPv6Address: '',
  GlobalIPv6PrefixLen: 0,
} as const satisfies Partial<Endpoint>;

export const emptyEndpoint = (): Endpoint => ({
  IPAMConfig: null,
  Links: null,
  Aliases: null,
  DriverOpts: null,
  GwPriority: 0,
  NetworkID: '',
  ...UNCONNECTED,
  DNSNames: null,
});

/** Names by which others on the network find a container. */
export const dnsNames = (name: string, aliases: readonly string[] | null, id: string, hostname: string): string[] => [
  ...new Set([name, ...(aliases ?? []), id.slice(0, 12), ...(hostname ? [hostname] : [])]),
];

/** What was asked for, as a container keeps it. */
export function endpointOf(
  asked: AskedEndpoint,
  n: Network | undefined,
  ref: string,
  c: Pick<Container, 'Id' | 'Name'> & { hostname: string },
): Endpoint {
  const Aliases = asked?.Aliases ?? null;
  const named = isUserDefined(n?.Name ?? ref);
  return {
    ...emptyEndpoint(),
    IPAMConfig: asked?.IPAMConfig ?? null,
    Links: asked?.Links ?? null,
    Aliases,
    DriverOpts: asked?.DriverOpts ?? null,
    GwPriority: asked?.GwPriority ?? 0,
    DNSNames: named ? dnsNames(c.Name, Aliases, c.Id, c.hostname) : null,
    ...(asked?.MacAddress ? { mac: asked.MacAddress } : {}),
  };
}

/** The networks that a container is created on: that of its mode, and those that were named besides. */
export const networkNames = (host: HostConfig, asked: Asked): string[] => [
  ...new Set([host.NetworkMode ?? 'bridge', ...Object.keys(asked).filter((n) => n !== 'default')]),
];

export function checkEndpoints(d: Daemon, find: (d: Daemon, ref: string) => Network | undefined, host: HostConfig, asked: Asked) {
  for (const name of networkNames(host, asked)) {
    if (name.startsWith('container:')) continue;
    const settings = asked[name] ?? (name === 'bridge' ? asked.default : undefined) ?? null;
    const fault = endpointFaults(find(d, name), name, settings);
    if (fault) throw invalid(`invalid config for network ${name}: ${fault}`);
  }
}
