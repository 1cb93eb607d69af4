/**
 * The name server at 127.0.0.11 that a container on a network of the user's own finds: dockerd, listening in the container's
 * network namespace. moby libnetwork/resolver.go, resolver_unix.go.
 *
 *   who asks                    127.0.0.11:53
 *   nat OUTPUT → DOCKER_OUTPUT  127.0.0.11:<a port that was free>    dockerd's socket
 *   names, aliases, short ids of containers that run on the same networks; addresses the other way round
 *   anything else               on to the host's servers
 *
 * Simplified: queries over TCP are taken and not answered.
 */

import { pmap } from '../../base';
import { decodeDns, encodeDns, type Message, type Rcode, reversedAddress } from '../../base/dns';
import { parseRule } from '../../base/iptables';
import { attempt, Errno, type Wait } from '../../kernel';
import type { Daemon } from '../daemon';
import { swarming } from '../serving';
import type { Container, Network } from '../state';
import { holderOf } from './ipam';

const ADDRESS = '127.0.0.11';
const TTL = 600;

type Fds = { udp: number; tcp: number };

/** Opens both sockets and writes the rules that lead port 53 to them. In the container's namespace. */
export function open(d: Daemon, id: string): Fds {
  const { net } = d.sys;
  const udp = net.socket('udp');
  net.bind(udp, ADDRESS, 0);
  const tcp = net.socket('tcp');
  net.bind(tcp, ADDRESS, 0);
  net.listen(tcp);
  for (const fd of [udp, tcp]) d.sys.setCloexec(fd, true);
  const port = (fd: number) => net.names(fd).local?.port ?? 0;
  const rule = (chain: string, text: string) => {
    const parsed = parseRule(text.split(' '));
    if (!net.hasRule('nat', chain, parsed)) net.editRules('nat', { do: 'append', chain, rule: parsed });
  };
  // Those of an earlier daemon lead to sockets that are gone.
  for (const chain of ['DOCKER_OUTPUT', 'DOCKER_POSTROUTING'])
    if (attempt(() => net.editRules('nat', { do: 'new', chain })) instanceof Errno) net.editRules('nat', { do: 'flush', chain });
  rule('OUTPUT', `-d ${ADDRESS}/32 -j DOCKER_OUTPUT`);
  rule('POSTROUTING', `-d ${ADDRESS}/32 -j DOCKER_POSTROUTING`);
  for (const [proto, fd] of [
    ['tcp', tcp],
    ['udp', udp],
  ] as const) {
    rule('DOCKER_OUTPUT', `-d ${ADDRESS}/32 -p ${proto} -m ${proto} --dport 53 -j DNAT --to-destination ${ADDRESS}:${port(fd)}`);
    rule('DOCKER_POSTROUTING', `-s ${ADDRESS}/32 -p ${proto} -m ${proto} --sport ${port(fd)} -j SNAT --to-source :53`);
  }
  d.s.resolvers = pmap.set(d.s.resolvers, id, udp);
  return { udp, tcp };
}

export function close(d: Daemon, id: string, fds: Fds) {
  d.s.resolvers = pmap.remove(d.s.resolvers, id);
  for (const fd of [fds.udp, fds.tcp]) attempt(() => d.sys.close(fd));
}

export const waits = (d: Daemon): Wait[] => pmap.values(d.s.resolvers).map((fd) => ({ for: 'read', fd }));

/** Answers what has come in. */
export function serve(d: Daemon) {
  for (const [id, udp] of pmap.entries(d.s.resolvers)) {
    for (;;) {
      const asked = attempt(() => d.sys.net.receive(udp));
      if (asked === null || asked instanceof Errno) break;
      const query = decodeDns(asked.data);
      if (!query || query.response) continue;
      const c = d.byId(id as string);
      const reply = c && answer(d, c, query);
      if (reply) attempt(() => d.sys.net.sendTo(udp, encodeDns(reply), asked.from));
    }
  }
}

/** The networks that a container is on now. */
const networksOf = (d: Names, c: Container): Network[] =>
  Object.values(c.networks).flatMap((e) => (e.EndpointID ? (pmap.get(d.s.networks, e.NetworkID) ?? []) : []));

/** What is asked of a daemon to find a name. */
export type Names = Pick<Daemon, 's' | 'find' | 'byId'>;

/** Addresses that a container is told for a name; null where no network of it knows the name. */
export const lookup = (d: Names, c: Container, name: string): string[] | null => addressesOf(d, c, networksOf(d, c), name);

function answer(d: Daemon, c: Container, q: Message): Message | null {
  const { name, type } = q.question;
  const reply = (rcode: Rcode, data: readonly string[] = []): Message => ({
    ...q,
    response: true,
    authoritative: false,
    rcode,
    answers: data.map((x) => ({ name, type, ttl: TTL, data: x })),
  });
  const nets = networksOf(d, c);
  if (type === 'A' || type === 'AAAA') {
    const found = addressesOf(d, c, nets, name.replace(/\.$/, ''));
    if (found) {
      const own = found.filter((a) => a.includes(':') === (type === 'AAAA'));
      // A name that is known has no address of the other kind: that is an answer.
      return reply('NOERROR', shuffled(d, own));
    }
  }
  if (type === 'PTR') {
    const address = reversedAddress(name);
    const known = address && nameOf(d, nets, address);
    if (known) return reply('NOERROR', [known]);
  }
  // Where no network leads out, nobody is asked.
  if (nets.every((n) => n.Internal)) return reply('SERVFAIL');
  return null;
}

/** Addresses of the containers that answer to a name, on the first network that knows it; null where none does. */
function addressesOf(d: Names, c: Container, nets: readonly Network[], name: string): string[] | null {
  const lower = name.toLowerCase();
  for (const n of nets) {
    const linked = (c.networks[n.Name]?.Links ?? []).map((l) => l.split(':')).find(([ref, alias = ref]) => alias?.toLowerCase() === lower);
    const other = linked && d.find(linked[0] as string)?.networks[n.Name];
    if (other?.EndpointID) return [other.IPAddress];
    const suffix = `.${n.Name.toLowerCase()}`;
    if (n.Driver === 'overlay') {
      const known = swarming.get().lookup(d, n, lower);
      if (known) return known;
    }
    for (const asked of [lower, ...(lower.endsWith(suffix) ? [lower.slice(0, -suffix.length)] : [])]) {
      const hits = [...pmap.keys(pmap.get(d.s.attached, n.Id) ?? pmap.empty<string>())].flatMap((id) => {
        const e = d.byId(id as string)?.networks[n.Name];
        return e?.DNSNames?.some((x) => x.toLowerCase() === asked) ? [e.IPAddress, e.GlobalIPv6Address].filter((a) => a !== '') : [];
      });
      if (hits.length) return hits;
    }
  }
  return null;
}

function nameOf(d: Daemon, nets: readonly Network[], address: string): string | null {
  for (const n of nets)
    for (const { pool } of n.pools) {
      const c = d.byId(holderOf(d.s.ipam, pool.subnet, address) ?? '');
      if (c) return `${c.Name}.${n.Name}`;
    }
  return null;
}

/** Several addresses in a new order each time, so that they share the load. */
function shuffled(d: Daemon, list: readonly string[]): string[] {
  const out = [...list];
  for (let i = out.length - 1; i > 0; i--) {
    const j = Math.floor(d.sys.random() * (i + 1));
    [out[i], out[j]] = [out[j] as string, out[i] as string];
  }
  return out;
}
