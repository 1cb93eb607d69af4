/**
 * Which packets are wanted, in the words of pcap-filter(7): `host 10.0.0.2 and tcp port 80`, `not icmp`, `udp port 4789`.
 *
 *   or → and ("or" and)*     and → not (["and"] not)*     not → "not" not | "(" or ")" | primitive
 *
 * Simplified: hosts, nets, ports and protocols, with src and dst; bytes at a place (tcp[13]) are refused.
 */

import * as ip from '../../base/ip';
import type { net } from '../../kernel';

type Test = (p: net.Packet) => boolean;
export class FilterError extends Error {}

const PORTS: Readonly<Record<string, number>> = { ssh: 22, domain: 53, http: 80, https: 443, 'http-alt': 8080 };
const PROTOCOLS: Readonly<Record<string, Test>> = {
  tcp: (p) => p.proto === 'tcp',
  udp: (p) => p.proto === 'udp',
  icmp: (p) => p.proto === 'icmp' && p.v === 4,
  icmp6: (p) => p.proto === 'icmp' && p.v === 6,
  ip: (p) => p.v === 4,
  ip6: (p) => p.v === 6,
  // The kernel here has no frames but those of packets.
  arp: () => false,
};

const tokensOf = (text: string) => text.match(/\(|\)|!|&&|\|\||[^\s()!]+/g) ?? [];

/** A filter as a test of packets; none lets all through. Throws FilterError with libpcap's words. */
export function filterOf(words: readonly string[]): Test {
  const tokens = tokensOf(words.join(' '));
  let at = 0;
  // A word alone is what the one before it was: `port 80 or 443`.
  let usual = 'host';
  const peek = () => tokens[at];
  const take = () => tokens[at++];
  const next = (what: readonly string[]) => what.includes(peek() ?? '') && (at++, true);

  const any = (): Test => {
    let left = all();
    while (next(['or', '||'])) {
      const [a, b] = [left, all()];
      left = (p) => a(p) || b(p);
    }
    return left;
  };
  const all = (): Test => {
    let left = one();
    while (next(['and', '&&'])) {
      const [a, b] = [left, one()];
      left = (p) => a(p) && b(p);
    }
    return left;
  };
  const one = (): Test => {
    if (next(['not', '!'])) {
      const inner = one();
      return (p) => !inner(p);
    }
    if (next(['('])) {
      const inner = any();
      if (!next([')'])) throw new FilterError("can't parse filter expression: syntax error");
      return inner;
    }
    return primitive();
  };
  const primitive = (): Test => {
    const proto = PROTOCOLS[peek() ?? ''] && take();
    const dir = next(['src']) ? 'src' : next(['dst']) ? 'dst' : null;
    const kind = ['host', 'net', 'port', 'portrange'].includes(peek() ?? '') ? take() : null;
    const test = proto ? (PROTOCOLS[proto] as Test) : null;
    if (kind === null && dir === null && test) return test;
    usual = kind ?? usual;
    const found = qualified(usual, dir, take());
    return test ? (p) => test(p) && found(p) : found;
  };

  if (tokens.length === 0) return () => true;
  const whole = any();
  if (at < tokens.length) throw new FilterError("can't parse filter expression: syntax error");
  return whole;
}

function qualified(kind: string, dir: 'src' | 'dst' | null, word: string | undefined): Test {
  if (word === undefined) throw new FilterError("can't parse filter expression: syntax error");
  if (word.includes('[')) throw new FilterError(`drydock: "${word}" in a filter is not modelled`);
  const either = (src: boolean, dst: boolean) => (dir === 'src' ? src : dir === 'dst' ? dst : src || dst);
  if (kind === 'port' || kind === 'portrange') {
    const [low, high = low] = word.split('-').map((w) => PORTS[w] ?? Number(w));
    if (low === undefined || Number.isNaN(low)) throw new FilterError(`unknown port '${word}'`);
    const fits = (n: number) => n >= low && n <= (high as number);
    return (p) => p.proto !== 'icmp' && either(fits(p.sport), fits(p.dport));
  }
  if (kind === 'net') {
    const prefix = ip.parsePrefix(word.includes('/') ? word : `${word}/32`);
    if (!prefix) throw new FilterError(`unknown network '${word}'`);
    const fits = (a: string) => {
      const address = ip.parse(a);
      return address !== null && ip.contains(prefix, address);
    };
    return (p) => either(fits(p.src), fits(p.dst));
  }
  if (!ip.parse(word)) throw new FilterError(`unknown host '${word}'`);
  return (p) => either(p.src === word, p.dst === word);
}
