/**
 * Why a client of the daemon's host gets no answer, in the words of Go's dialer: net/dial.go, net/dnsclient_unix.go.
 *
 * Simplified: for what it fetches here — files and repositories that a build names — the daemon speaks no HTTP; with registries it does
 * (remote/exchange.ts). Names are those of /etc/hosts, since no name server answers here; where
 * something does listen, that is said plainly.
 */

import { inHosts } from '../base/hosts';
import { attempt, Errno, type Sys } from '../kernel';
import type { Daemon } from './daemon';
import * as overlay2 from './overlay2';

const PORTS: Readonly<Record<string, number>> = { http: 80, https: 443, git: 9418, ssh: 22 };

const read = (sys: Sys, path: string): string => {
  const text = attempt(() => overlay2.readText(sys, path));
  return text instanceof Errno ? '' : text;
};

/** Addresses of a name, IPv6 first as RFC 6724 sorts those of one host. */
export function addressesOf(sys: Sys, host: string): string[] {
  if (host.includes(':') || /^[\d.]+$/.test(host)) return [host];
  return inHosts(read(sys, '/etc/hosts'), host).sort((a, b) => Number(b.includes(':')) - Number(a.includes(':')));
}

export function noSuchHost(sys: Sys, host: string): string {
  const server = /^nameserver\s+(\S+)/m.exec(read(sys, '/etc/resolv.conf'))?.[1];
  return `dial tcp: lookup ${host} on ${server ?? '127.0.0.1'}:53: no such host`;
}

/** What a registry is asked by: its name, or Docker Hub's. */
export const registryHost = (domain: string): string => (domain === 'docker.io' ? 'registry-1.docker.io' : domain);

/** `dial tcp …`: what opening a connection for this URL ends with. */
export function dialError(d: Daemon, url: string): string {
  const [, scheme = '', v6host, name = '', port] = /^(?:(\w+):\/\/)?(?:[^@/]*@)?(?:\[([^\]]+)\]|([^/:]*))(?::(\d+))?/.exec(url) ?? [];
  const host = v6host ?? name;
  const to = Number(port ?? PORTS[scheme] ?? 0);
  const [address] = addressesOf(d.sys, host);
  if (address === undefined) return noSuchHost(d.sys, host);
  const v6 = address.includes(':');
  const shown = `${v6 ? `[${address}]` : address}:${to}`;
  const fd = d.sys.net.socket('tcp', v6 ? 6 : 4);
  const answer = attempt(() => d.sys.net.connect(fd, address, to));
  d.sys.close(fd);
  if (answer instanceof Errno) return `dial tcp ${shown}: connect: ${answer.message.toLowerCase()}`;
  return `drydock: fetching from ${shown} over HTTP is not modelled`;
}
