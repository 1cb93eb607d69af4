/**
 * Addresses and prefixes of the Internet protocols: text to numbers and back. RFC 791, RFC 4291, RFC 5952 for how IPv6 is
 * written; leading zeros in IPv4 are refused, as Go's netip and inet_pton refuse them.
 *
 *   parse('10.0.0.9')          { v: 4, n: 167772169n }
 *   parsePrefix('10.0.0.9/8')  { ip, bits: 8 }           masked(p): 10.0.0.0/8
 */

import { memo } from './memo';

export interface Ip {
  v: 4 | 6;
  n: bigint;
}
export interface Prefix {
  ip: Ip;
  bits: number;
}

const WIDTH = { 4: 32, 6: 128 } as const;
/** Bits of an address of this family. */
export const width = (ip: Ip): number => WIDTH[ip.v];

function parse4(text: string): bigint | null {
  const parts = text.split('.');
  if (parts.length !== 4) return null;
  let n = 0;
  for (const p of parts) {
    if (!/^(0|[1-9]\d{0,2})$/.test(p) || Number(p) > 255) return null;
    n = n * 256 + Number(p);
  }
  return BigInt(n);
}

function parse6(text: string): bigint | null {
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const groups = (half: string): number[] | null => {
    if (half === '') return [];
    const out: number[] = [];
    const words = half.split(':');
    for (const [i, w] of words.entries()) {
      if (w.includes('.') && i === words.length - 1) {
        const four = parse4(w);
        if (four === null) return null;
        out.push(Number(four >> 16n), Number(four & 0xffffn));
      } else if (/^[0-9a-f]{1,4}$/i.test(w)) out.push(Number.parseInt(w, 16));
      else return null;
    }
    return out;
  };
  const [head, tail] = [groups(halves[0] as string), halves.length === 2 ? groups(halves[1] as string) : []];
  if (!head || !tail) return null;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return null;
  return [...head, ...new Array<number>(missing).fill(0), ...tail].reduce((n, g) => (n << 16n) | BigInt(g), 0n);
}

/** The same few addresses are asked for again and again. */
export const parse = memo((text): Ip | null => {
  const v = text.includes(':') ? 6 : 4;
  const n = v === 6 ? parse6(text) : parse4(text);
  return n === null ? null : { v, n };
}, 20_000);

export function format(ip: Ip): string {
  if (ip.v === 4) return [24n, 16n, 8n, 0n].map((s) => (ip.n >> s) & 255n).join('.');
  const groups = Array.from({ length: 8 }, (_, i) => Number((ip.n >> BigInt(112 - 16 * i)) & 0xffffn));
  // The longest run of zeros, of two or more, the first of equals.
  let best = { at: -1, length: 1 };
  for (let i = 0; i < 8; i++) {
    let j = i;
    while (j < 8 && groups[j] === 0) j++;
    if (j - i > best.length) best = { at: i, length: j - i };
    if (j > i) i = j;
  }
  const hex = (list: number[]) => list.map((g) => g.toString(16)).join(':');
  if (best.at < 0) return hex(groups);
  return `${hex(groups.slice(0, best.at))}::${hex(groups.slice(best.at + best.length))}`;
}

export function parsePrefix(text: string): Prefix | null {
  const slash = text.lastIndexOf('/');
  if (slash < 0) return null;
  const ip = parse(text.slice(0, slash));
  const bits = text.slice(slash + 1);
  if (!ip || !/^(0|[1-9]\d{0,2})$/.test(bits) || Number(bits) > width(ip)) return null;
  return { ip, bits: Number(bits) };
}
export const formatPrefix = (p: Prefix): string => `${format(p.ip)}/${p.bits}`;

const hostMask = (p: Prefix): bigint => (1n << BigInt(width(p.ip) - p.bits)) - 1n;
/** The prefix with its host bits cleared. */
export const masked = (p: Prefix): Prefix => ({ bits: p.bits, ip: { v: p.ip.v, n: p.ip.n & ~hostMask(p) } });
export const last = (p: Prefix): Ip => ({ v: p.ip.v, n: p.ip.n | hostMask(p) });
export const contains = (p: Prefix, ip: Ip): boolean =>
  p.ip.v === ip.v && p.ip.n >> BigInt(width(ip) - p.bits) === ip.n >> BigInt(width(ip) - p.bits);
export const overlaps = (a: Prefix, b: Prefix): boolean => (a.bits <= b.bits ? contains(a, b.ip) : contains(b, a.ip));
export const add = (ip: Ip, by: bigint): Ip => ({ v: ip.v, n: ip.n + by });
export const equal = (a: Ip, b: Ip): boolean => a.v === b.v && a.n === b.n;
export const isLoopback = (ip: Ip): boolean => (ip.v === 4 ? ip.n >> 24n === 127n : ip.n === 1n);
export const isUnspecified = (ip: Ip): boolean => ip.n === 0n;
