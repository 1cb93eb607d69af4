/**
 * Names to addresses, as a C library does it: /etc/hosts, then the servers of /etc/resolv.conf. nsswitch.conf(5), hosts(5),
 * resolv.conf(5).
 *
 * Simplified: each server is asked in turn, IPv4 first; no cache.
 */

import { decodeDns, encodeDns, type Message, type RecordType } from '../../base/dns';
import { inHosts } from '../../base/hosts';
import * as ip from '../../base/ip';
import { slurpOrEmpty } from '../io';
import { call, isRefused, type Story, TIMEOUT, until } from './client';

export interface Resolver {
  servers: string[];
  search: string[];
  ndots: number;
  timeout: number;
  attempts: number;
}

export function* resolver(): Story<Resolver> {
  const text = (yield* call((sys) => slurpOrEmpty(sys, '/etc/resolv.conf'))) as string;
  const r: Resolver = { servers: [], search: [], ndots: 1, timeout: 5, attempts: 2 };
  for (const line of text.split('\n')) {
    const [key, ...words] = line.trim().split(/\s+/);
    if (key === 'nameserver' && words[0]) r.servers.push(words[0]);
    if (key === 'search' || key === 'domain') r.search = words;
    if (key === 'options')
      for (const o of words) {
        const [name, value] = o.split(':');
        if (name === 'ndots' || name === 'timeout' || name === 'attempts') r[name] = Number(value) || 0;
      }
  }
  return r;
}

/** One question to one server; 'timeout' if it does not answer in time. */
export function* ask(
  server: string,
  name: string,
  type: RecordType,
  within: number,
): Story<Message | typeof TIMEOUT | { refused: string }> {
  const fd = yield* call((sys) => sys.net.socket('udp', server.includes(':') ? 6 : 4));
  if (isRefused(fd)) return fd;
  const id = (yield* call((sys) => Math.floor(sys.random() * 65536))) as number;
  const query = encodeDns({ id, response: false, authoritative: false, rcode: 'NOERROR', question: { name, type }, answers: [] });
  const sent = yield* call((sys) => sys.net.connect(fd, server, 53) && sys.net.sendTo(fd, query));
  const got = isRefused(sent) ? sent : yield* until((sys) => sys.net.receive(fd), { for: 'read', fd }, within);
  yield* call((sys) => sys.close(fd));
  if (got === TIMEOUT || isRefused(got)) return got as typeof TIMEOUT;
  return decodeDns((got as { data: string }).data) ?? { refused: 'EBADMSG' };
}

export type Resolved = { addresses: string[] } | { failed: 'not found' | 'try again' };

export function* resolve(name: string): Story<Resolved> {
  if (ip.parse(name)) return { addresses: [name] };
  const hosts = inHosts((yield* call((sys) => slurpOrEmpty(sys, '/etc/hosts'))) as string, name);
  const four = hosts.filter((a) => !a.includes(':'));
  if (hosts.length > 0) return { addresses: four.length > 0 ? four : hosts };
  const r = yield* resolver();
  const dots = name.split('.').length - 1;
  const bare = name.replace(/\.$/, '');
  const searched = name.endsWith('.') ? [] : r.search.map((d) => `${bare}.${d}`);
  const names = dots >= r.ndots ? [bare, ...searched] : [...searched, bare];
  let silent = r.servers.length > 0;
  for (const n of names) {
    const found = yield* lookUp(r, n);
    if (found === TIMEOUT) continue;
    silent = false;
    if (found && found.length > 0) return { addresses: found };
  }
  return { failed: silent ? 'try again' : 'not found' };
}

/** Addresses of one whole name; null: there is none; 'timeout': no server said anything. */
function* lookUp(r: Resolver, name: string): Story<string[] | null | typeof TIMEOUT> {
  for (let n = 0; n < r.attempts; n++)
    for (const server of r.servers) {
      const m = yield* ask(server, name, 'A', r.timeout * 1000);
      if (m === TIMEOUT || 'refused' in m || m.rcode === 'SERVFAIL' || m.rcode === 'REFUSED') continue;
      const addresses = m.answers.flatMap((a) => (a.type === 'A' ? [a.data] : []));
      if (addresses.length > 0 || m.rcode !== 'NOERROR') return addresses.length > 0 ? addresses : null;
      const six = yield* ask(server, name, 'AAAA', r.timeout * 1000);
      return six === TIMEOUT || 'refused' in six ? null : six.answers.flatMap((a) => (a.type === 'AAAA' ? [a.data] : []));
    }
  return TIMEOUT;
}
