/** Chains of rules, asked about a packet: iptables(8). What a rule can say: base/iptables.ts. */

import { pmap } from '../../base';
import * as ip from '../../base/ip';
import type { Match, Not, Rule } from '../../base/iptables';
import type { Kernel } from '../kernel';
import type { Tracked } from './flows';
import { findLink, netOf, putNet } from './links';
import { isBroadcast, localLink } from './route';
import { ipBytes } from './size';
import type { Hook, Link, Packet, Passed, TableName, Walk } from './types';

export interface Asked {
  ns: number;
  hook: Hook;
  p: Packet;
  in: Link | null;
  out: Link | null;
  tracked: Tracked | null;
  walk: Walk;
}

export type Verdict =
  | { v: 'accept' }
  | { v: 'drop' }
  | { v: 'reject'; with: string }
  | { v: 'dnat' | 'snat'; address: string }
  | { v: 'masquerade' }
  | { v: 'redirect'; ports: string };

const fits = <T>(x: Not<T> | undefined, test: (is: T) => boolean): boolean => x === undefined || test(x.is) !== (x.not ?? false);

/** "eth0", or "br+" for all that begin so. */
const interfaceFits = (pattern: string, l: Link | null) =>
  l !== null && (pattern.endsWith('+') ? l.name.startsWith(pattern.slice(0, -1)) : l.name === pattern);
const within = (prefix: string, address: string) => {
  const [p, at] = [ip.parsePrefix(prefix), ip.parse(address)];
  return p !== null && at !== null && ip.contains(p, at);
};
const portFits = (range: string, port: number) => {
  const [from = '', to] = range.split(':');
  return to === undefined ? Number(from) === port : port >= Number(from || 0) && port <= Number(to || 65535);
};

function typeOf(k: Kernel, ns: number, address: string): string {
  if (localLink(k, ns, address)) return 'LOCAL';
  if (isBroadcast(k, ns, address)) return 'BROADCAST';
  const at = ip.parse(address);
  return at?.v === 4 && at.n >> 28n === 14n ? 'MULTICAST' : 'UNICAST';
}

function matches(k: Kernel, a: Asked, m: Match): boolean {
  const { p } = a;
  switch (m.m) {
    case 'tcp':
    case 'udp':
      return (
        p.proto === m.m &&
        fits(m.sport, (r) => portFits(r, p.sport)) &&
        fits(m.dport, (r) => portFits(r, p.dport)) &&
        (m.m === 'udp' || fits(m.syn, () => p.flags === 'SYN'))
      );
    case 'icmp':
      return (
        p.proto === 'icmp' &&
        fits(
          m.type,
          (t) =>
            t === 'any' ||
            p.icmp?.type === t ||
            (t === '8' && p.icmp?.type === 'echo-request') ||
            (t === '0' && p.icmp?.type === 'echo-reply'),
        )
      );
    case 'conntrack':
      return fits(m.ctstate, (states) => states.includes(stateOf(a)));
    case 'state':
      return fits(m.state, (states) => states.includes(stateOf(a)));
    case 'addrtype':
      return fits(m.dst, (t) => typeOf(k, a.ns, p.dst) === t) && fits(m.src, (t) => typeOf(k, a.ns, p.src) === t);
    case 'multiport':
      return (
        fits(m.dports, (list) => list.split(',').some((r) => portFits(r, p.dport))) &&
        fits(m.sports, (list) => list.split(',').some((r) => portFits(r, p.sport)))
      );
    case 'mark': {
      return fits(m.mark, (text) => {
        const [value = '', mask = '0xffffffff'] = text.split('/');
        return (p.mark & Number(mask)) >>> 0 === Number(value);
      });
    }
    case 'comment':
      return true;
  }
}

function stateOf(a: Asked): string {
  if (a.p.icmp && 'about' in a.p.icmp) return 'RELATED';
  const t = a.tracked;
  if (!t) return 'UNTRACKED';
  return t.flow.answered || t.dir === 'reply' ? 'ESTABLISHED' : 'NEW';
}

const ruleFits = (k: Kernel, a: Asked, r: Rule): boolean =>
  fits(r.src, (s) => within(s, a.p.src)) &&
  fits(r.dst, (d) => within(d, a.p.dst)) &&
  fits(r.in, (i) => interfaceFits(i, a.in)) &&
  fits(r.out, (o) => interfaceFits(o, a.out)) &&
  fits(r.proto, (proto) => proto === a.p.proto || (proto === 'ipv6-icmp' && a.p.proto === 'icmp' && a.p.v === 6)) &&
  r.matches.every((m) => matches(k, a, m));

/** Chains that call chains: the kernel refuses loops when the rule is made; this is a bound for what is read. */
const DEPTH = 32;

/** Asks a table's chain of this hook; `null` if it has none. */
export function ask(k: Kernel, table: TableName, a: Asked): Verdict {
  const chain = netOf(k, a.ns).tables[a.p.v][table][a.hook];
  if (!chain) return { v: 'accept' };
  if (chain.rules.length === 0 && chain.policy === 'ACCEPT') return { v: 'accept' };
  const found = run(k, table, a.hook, a, 0);
  if (found && found !== 'return') return found;
  if (chain.policy === 'DROP') note(a, table, a.hook, null, 'DROP');
  return chain.policy === 'DROP' ? { v: 'drop' } : { v: 'accept' };
}

const note = (a: Asked, table: TableName, chain: string, rule: Rule | null, verdict: string, passed?: Passed) =>
  a.walk.hops.push({ at: 'rule', ns: a.ns, hook: a.hook, table, chain, rule, verdict, passed });

function run(k: Kernel, table: TableName, name: string, a: Asked, depth: number): Verdict | 'return' | null {
  const chain = netOf(k, a.ns).tables[a.p.v][table][name];
  if (!chain || depth > DEPTH) return null;
  const { rules } = chain;
  let from = 0;
  for (const [i, entry] of rules.entries()) {
    const { rule } = entry;
    if (!ruleFits(k, a, rule)) continue;
    const packets = count(k, a, entry.id);
    const t = rule.target;
    if (!t) continue;
    note(a, table, name, rule, t.to === 'chain' ? t.chain : t.to, { rules, from, to: i });
    from = i + 1;
    switch (t.to) {
      case 'ACCEPT':
        return { v: 'accept' };
      case 'DROP':
        return { v: 'drop' };
      case 'RETURN':
        return 'return';
      case 'REJECT':
        return { v: 'reject', with: t.with };
      case 'DNAT': {
        // Several destinations: each new connection goes to the next.
        const all = t.address.split(',');
        return { v: 'dnat', address: all[packets % all.length] as string };
      }
      case 'SNAT':
        return { v: 'snat', address: t.address };
      case 'MASQUERADE':
        return { v: 'masquerade' };
      case 'REDIRECT':
        return { v: 'redirect', ports: t.ports ?? '' };
      case 'MARK':
        a.p.mark = Number(t.set.split('/')[0]);
        continue;
      case 'LOG':
        continue;
      case 'chain': {
        const inner = run(k, table, t.chain, a, depth + 1);
        if (inner && inner !== 'return') return inner;
        if (t.goto) return 'return';
      }
    }
  }
  if (from < rules.length)
    a.walk.hops.push({ at: 'through', ns: a.ns, hook: a.hook, table, chain: name, passed: { rules, from, to: rules.length } });
  return null;
}

/** How many packets a rule had matched before this one. */
function count(k: Kernel, a: Asked, id: number): number {
  const net = netOf(k, a.ns);
  const was = pmap.get(net.counters, id) ?? { packets: 0, bytes: 0 };
  putNet(k, { ...net, counters: pmap.set(net.counters, id, { packets: was.packets + 1, bytes: was.bytes + ipBytes(a.p) }) });
  return was.packets;
}

export const linkName = (k: Kernel, ns: number, index: number): string => findLink(k, { ns, index })?.name ?? '?';
