/**
 * DNS messages as bytes: RFC 1035, sections 3 and 4; AAAA by RFC 3596. Queries of one question, answers of addresses, names
 * and nothing.
 *
 * Simplified: names are written without compression, and read with it; record types beyond these are carried as bytes.
 */

import * as ip from './ip';

export const TYPES = { A: 1, NS: 2, CNAME: 5, SOA: 6, PTR: 12, MX: 15, TXT: 16, AAAA: 28, SRV: 33, ANY: 255 } as const;
export type RecordType = keyof typeof TYPES;
export const RCODES = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 } as const;
export type Rcode = keyof typeof RCODES;

export interface Answer {
  name: string;
  type: RecordType;
  ttl: number;
  /** An address or a name, by its type. */
  data: string;
}

export interface Message {
  id: number;
  response: boolean;
  /** The answer comes from who has the zone. */
  authoritative: boolean;
  rcode: Rcode;
  question: { name: string; type: RecordType };
  answers: Answer[];
}

const u16 = (n: number) => String.fromCharCode((n >> 8) & 255, n & 255);
const u32 = (n: number) => u16(n >>> 16) + u16(n & 0xffff);
const labels = (name: string) =>
  `${name
    .replace(/\.$/, '')
    .split('.')
    .filter((l) => l !== '')
    .map((l) => String.fromCharCode(Math.min(63, l.length)) + l.slice(0, 63))
    .join('')}\0`;

const nameOf = <T extends Record<string, number>>(table: T, n: number): keyof T | undefined =>
  Object.keys(table).find((key) => table[key] === n) as keyof T | undefined;

function bytesOf(a: Answer): string {
  const at = ip.parse(a.data);
  if (!at) return labels(a.data);
  const bytes: string[] = [];
  for (let shift = ip.width(at) - 8; shift >= 0; shift -= 8) bytes.push(String.fromCharCode(Number((at.n >> BigInt(shift)) & 255n)));
  return bytes.join('');
}

/** A message as bytes. */
export function encodeDns(m: Message): string {
  const flags = (m.response ? 0x8080 : 0) | (m.authoritative ? 0x0400 : 0) | 0x0100 | RCODES[m.rcode];
  const head = u16(m.id) + u16(flags) + u16(1) + u16(m.answers.length) + u16(0) + u16(0);
  const question = labels(m.question.name) + u16(TYPES[m.question.type]) + u16(1);
  const answers = m.answers.map((a) => {
    const data = bytesOf(a);
    return labels(a.name) + u16(TYPES[a.type]) + u16(1) + u32(a.ttl) + u16(data.length) + data;
  });
  return head + question + answers.join('');
}

/** A message from bytes; null if it is none. */
export function decodeDns(bytes: string): Message | null {
  let at = 12;
  const byte = (i: number) => (i < bytes.length ? bytes.charCodeAt(i) : Number.NaN);
  const word = (i: number) => byte(i) * 256 + byte(i + 1);
  const name = (): string | null => {
    const out: string[] = [];
    let i = at;
    let end: number | null = null;
    for (let jumps = 0; jumps < 32; ) {
      const n = byte(i);
      if (Number.isNaN(n)) return null;
      if (n >= 192) {
        end ??= i + 2;
        i = (n & 63) * 256 + byte(i + 1);
        jumps++;
        continue;
      }
      if (n === 0) {
        at = end ?? i + 1;
        return out.join('.');
      }
      out.push(bytes.slice(i + 1, i + 1 + n));
      i += 1 + n;
      if (out.length > 128) return null;
    }
    return null;
  };
  if (bytes.length < 17) return null;
  const flags = word(2);
  const rcode = nameOf(RCODES, flags & 15);
  const asked = name();
  const type = nameOf(TYPES, word(at));
  if (asked === null || !type || !rcode) return null;
  at += 4;
  const answers: Answer[] = [];
  for (let i = 0; i < word(6); i++) {
    const owner = name();
    if (owner === null) return null;
    const kind = nameOf(TYPES, word(at));
    const [ttl, length] = [word(at + 4) * 65536 + word(at + 6), word(at + 8)];
    at += 10;
    const from = at;
    if (kind === 'A' || kind === 'AAAA') {
      let n = 0n;
      for (let j = 0; j < length; j++) n = (n << 8n) | BigInt(byte(from + j));
      answers.push({ name: owner, type: kind, ttl, data: ip.format({ v: kind === 'A' ? 4 : 6, n }) });
    } else if (kind === 'PTR' || kind === 'CNAME' || kind === 'NS') {
      const target = name();
      if (target !== null) answers.push({ name: owner, type: kind, ttl, data: target });
    }
    at = from + length;
  }
  return { id: word(0), response: flags >= 0x8000, authoritative: (flags & 0x0400) !== 0, rcode, question: { name: asked, type }, answers };
}

/** The name under which an address is asked for its name: 2.0.18.172.in-addr.arpa. */
export function reverseName(address: string): string | null {
  const at = ip.parse(address);
  if (!at) return null;
  if (at.v === 4) return `${address.split('.').reverse().join('.')}.in-addr.arpa`;
  return `${at.n.toString(16).padStart(32, '0').split('').reverse().join('.')}.ip6.arpa`;
}

/** The address that such a name stands for. */
export function reversedAddress(name: string): string | null {
  const four = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\.in-addr\.arpa\.?$/i.exec(name);
  if (four) return `${four[4]}.${four[3]}.${four[2]}.${four[1]}`;
  const six = /^((?:[0-9a-f]\.){32})ip6\.arpa\.?$/i.exec(name)?.[1];
  return six ? ip.format({ v: 6, n: BigInt(`0x${six.split('.').reverse().join('')}`) }) : null;
}
