/**
 * /etc/hostname, /etc/hosts and /etc/resolv.conf of a container: files in its directory on the host, mounted over the image's.
 * moby daemon/container_operations_unix.go, libnetwork/etchosts, libnetwork/sandbox_dns_unix.go.
 */

import { sha256 } from '../../base';
import type { Daemon } from '../daemon';
import * as overlay2 from '../overlay2';
import { containerDir } from '../paths';
import type { Container, Network } from '../state';
import { HEADING, resolvConf, type Server } from './resolvconf';
import { GATEWAY } from './settings';

const LOCAL = '127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n';
const LOCAL_V6 = 'fe00::\tip6-localnet\nff00::\tip6-mcastprefix\nff02::1\tip6-allnodes\nff02::2\tip6-allrouters\n';

/** The address that `host-gateway` means: the default bridge's. */
const hostGateway = (d: Daemon): string => d.networks().find((n) => n.Name === 'bridge')?.pools[0]?.gateway ?? '172.17.0.1';

/** A container's own line on a network. */
export const ownLine = (c: Container, address: string): string => {
  const name = c.Config.Hostname;
  const full = c.Config.Domainname ? `${name}.${c.Config.Domainname}` : name;
  const short = full.split('.')[0] as string;
  return `${address}\t${full === short ? full : `${full} ${short}`}\n`;
};

export function extraHosts(d: Daemon, c: Container): string {
  return (c.HostConfig.ExtraHosts ?? [])
    .map((h) => {
      const at = h.indexOf(':');
      const address = h.slice(at + 1).replace(/^\[|\]$/g, '');
      return `${address === 'host-gateway' ? hostGateway(d) : address}\t${h.slice(0, at)}\n`;
    })
    .join('');
}

/** Names of other containers, from --link on the default bridge: address, then the names. */
export type LinkLine = { address: string; names: string[] };

export function write(d: Daemon, c: Container, networks: readonly Network[], links: readonly LinkLine[]) {
  const dir = containerDir(d, c.Id);
  overlay2.writeText(d.files, `${dir}/hostname`, `${c.Config.Hostname}\n`);
  const own = networks
    .filter((n) => n.Name !== GATEWAY)
    .flatMap((n) => [c.networks[n.Name]?.IPAddress, c.networks[n.Name]?.GlobalIPv6Address].filter((a) => !!a) as string[])
    .map((address) => ownLine(c, address))
    .join('');
  const host = c.HostConfig.NetworkMode === 'host';
  const hosts = host
    ? `${overlay2.exists(d.sys, '/etc/hosts') ? overlay2.readText(d.sys, '/etc/hosts') : LOCAL}${extraHosts(d, c)}`
    : `${LOCAL}${LOCAL_V6}${extraHosts(d, c)}${links.map((l) => `${l.address}\t${l.names.join(' ')}\n`).join('')}${own}`;
  overlay2.writeText(d.files, `${dir}/hosts`, hosts);
  writeResolv(d, c, networks);
}

/** Rewrites a line of the file that the container has mounted: the same file, so that it shows inside. */
export function addHost(d: Daemon, c: Container, line: string) {
  const path = `${containerDir(d, c.Id)}/hosts`;
  overlay2.writeText(d.sys, path, overlay2.readText(d.sys, path) + line);
}
export function removeHost(d: Daemon, c: Container, address: string) {
  const path = `${containerDir(d, c.Id)}/hosts`;
  const text = overlay2.readText(d.sys, path);
  overlay2.writeText(
    d.sys,
    path,
    text
      .split('\n')
      .filter((l) => l.split('\t')[0] !== address)
      .join('\n'),
  );
}

export const needsResolver = (networks: readonly Network[]): boolean =>
  networks.some((n) => !['bridge', 'host', 'none'].includes(n.Name) && n.Driver !== 'null' && n.Driver !== 'host');

interface DnsOptions {
  Dns?: string[] | null;
  DnsSearch?: string[] | null;
  DnsOptions?: string[] | null;
}

const hostFile = (d: Daemon): string => (overlay2.exists(d.sys, '/etc/resolv.conf') ? overlay2.readText(d.sys, '/etc/resolv.conf') : '');

/** What the container asks for, or else daemon.json. */
const overrides = (field: string, own: string[] | null | undefined, daemon: string[] | undefined) => {
  const list = own?.length ? own : daemon;
  return list?.length ? { [field]: list } : {};
};

const conf = (d: Daemon, c: Container, networks: readonly Network[]) => {
  const { Dns, DnsSearch, DnsOptions } = c.HostConfig as DnsOptions;
  const internal = needsResolver(networks);
  return resolvConf({
    mode: internal ? 'internal' : c.HostConfig.NetworkMode === 'host' ? 'copy' : 'legacy',
    text: hostFile(d),
    path: '/etc/resolv.conf',
    ipv6: networks.some((n) => n.EnableIPv6),
    ...overrides('nameservers', Dns, d.s.config.dns),
    ...overrides('search', DnsSearch, d.s.config['dns-search']),
    ...overrides('options', DnsOptions, d.s.config['dns-opts']),
    ...(internal ? { internal: '127.0.0.11', required: ['ndots:0'] } : {}),
  });
};

export function writeResolv(d: Daemon, c: Container, networks: readonly Network[]) {
  const path = `${containerDir(d, c.Id)}/resolv.conf`;
  const text = HEADING + conf(d, c, networks).text;
  overlay2.writeText(d.files, path, text);
  overlay2.writeText(d.files, `${path}.hash`, `sha256:${sha256(text)}`);
}

/** Whom the internal resolver asks for what it does not know. */
export const external = (d: Daemon, c: Container, networks: readonly Network[]): Server[] => conf(d, c, networks).external;
