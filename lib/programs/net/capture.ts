/**
 * Packets in tcpdump's words: tcpdump 4.99, print-ip.c, print-tcp.c, print-udp.c, print-icmp.c, print-domain.c, print-vxlan.c.
 *
 * Simplified: sequence numbers begin at a number made of the ends; window and time stamp are those of a new connection.
 */

import { decodeDns, type Message } from '../../base/dns';
import type { net } from '../../kernel';

type Packet = net.Packet;

/** What is known of each direction of each stream: the first number, and the next that is due. */
export type Streams = Readonly<Record<string, { first: number; next: number }>>;

interface Printed {
  text: string;
  streams: Streams;
}
export interface Manner {
  quiet: boolean;
  verbose: boolean;
}

const WINDOW = { SYN: 64_240, 'SYN,ACK': 65_160 } as const;
const SCALED = 502;
const MSS = { loopback: 65_495, other: 1_460 } as const;
const [DNS, VXLAN] = [53, 4789];

const way = (p: Packet) => `${p.src}.${p.sport} ${p.dst}.${p.dport}`;
const back = (p: Packet) => `${p.dst}.${p.dport} ${p.src}.${p.sport}`;
/** The first sequence number of a direction. */
const firstOf = (text: string): number => [...text].reduce((h, ch) => (h * 31 + ch.charCodeAt(0)) >>> 0, 7);
const ends = (p: Packet) => `${p.src}.${p.sport} > ${p.dst}.${p.dport}`;

/** One packet, and what is known of its stream after it. `loop`: it was seen on the loopback; `at`: milliseconds since boot. */
export function describe(p: Packet, m: Manner, streams: Streams, loop: boolean, at: number): Printed {
  const head = m.verbose ? `IP${p.v === 6 ? '6' : ''} (${header(p)})\n    ` : `IP${p.v === 6 ? '6' : ''} `;
  if (p.proto === 'tcp') {
    const { text, streams: after } = m.quiet ? { text: `tcp ${p.data.length}`, streams } : segment(p, streams, loop, at);
    return { text: `${head}${ends(p)}: ${text}`, streams: after };
  }
  if (p.proto === 'udp') {
    const { text, streams: after } = datagram(p, m, streams, loop, at);
    return { text: `${head}${ends(p)}: ${text}`, streams: after };
  }
  return { text: `${head}${p.src} > ${p.dst}: ${echo(p)}`, streams };
}

const NUMBERS = { icmp: 1, tcp: 6, udp: 17 } as const;
const L4 = { icmp: 8, udp: 8, tcp: 32 } as const;
const header = (p: Packet): string =>
  p.v === 6
    ? `hlim ${p.ttl}, next-header ${p.proto.toUpperCase()} (${p.proto === 'icmp' ? 58 : NUMBERS[p.proto]}) payload length: ${L4[p.proto] + p.data.length}`
    : `tos 0x0, ttl ${p.ttl}, id ${firstOf(way(p)) & 0xffff}, offset 0, flags [DF], proto ${p.proto.toUpperCase()} (${NUMBERS[p.proto]}), length ${20 + L4[p.proto] + p.data.length}`;

function echo(p: Packet): string {
  const name = p.v === 6 ? 'ICMP6,' : 'ICMP';
  if (!p.icmp || 'about' in p.icmp) return `${name} ${p.icmp?.type ?? ''}`;
  return `${name} ${p.icmp.type.replace('-', ' ')}, id ${p.sport}, seq ${p.icmp.seq}, length ${p.data.length + 8}`;
}

const FLAGS: Readonly<Record<string, string>> = { SYN: 'S', 'SYN,ACK': 'S.', ACK: '.', 'PSH,ACK': 'P.', 'FIN,ACK': 'F.', RST: 'R.' };

function segment(p: Packet, before: Streams, loop: boolean, at: number): Printed {
  const opening = p.flags === 'SYN' || p.flags === 'SYN,ACK';
  const own = (opening ? undefined : before[way(p)]) ?? { first: firstOf(way(p)), next: opening ? 0 : 1 };
  const other = before[back(p)];
  const length = p.data.length;
  const streams = { ...before, [way(p)]: { ...own, next: own.next + length + (opening || p.flags === 'FIN,ACK' ? 1 : 0) } };
  const stamp = `TS val ${1_000_000 + at} ecr ${p.flags === 'SYN' ? 0 : 1_000_000 + at}`;
  const flags = `Flags [${FLAGS[p.flags ?? ''] ?? '.'}]`;
  const ack = other ? (opening ? other.first + other.next : other.next) : 1;
  const done = (text: string) => ({ text: `${flags}, ${text}, length ${length}${payload(p)}`, streams });
  if (p.flags === 'RST') return done(`seq 0, ack ${other ? other.first + other.next : 1}, win 0`);
  if (opening) {
    const syn = p.flags === 'SYN';
    const options = `mss ${loop ? MSS.loopback : MSS.other},sackOK,${stamp},nop,wscale 7`;
    return done(`seq ${own.first}${syn ? '' : `, ack ${ack}`}, win ${syn ? WINDOW.SYN : WINDOW['SYN,ACK']}, options [${options}]`);
  }
  const seq = length > 0 ? `seq ${own.next}:${own.next + length}, ` : p.flags === 'FIN,ACK' ? `seq ${own.next}, ` : '';
  return done(`${seq}ack ${ack}, win ${SCALED}, options [nop,nop,${stamp}]`);
}

const HTTP = [80, 8080];
/** The first line of what looks like HTTP. */
function payload(p: Packet): string {
  if (p.data === '' || !(HTTP.includes(p.sport) || HTTP.includes(p.dport))) return '';
  const first = p.data.split('\r\n')[0] ?? '';
  return /^([A-Z]+ \S+ HTTP\/|HTTP\/)/.test(first) ? `: HTTP: ${first}` : ': HTTP';
}

function datagram(p: Packet, m: Manner, streams: Streams, loop: boolean, at: number): Printed {
  if (p.tunnel && p.dport === VXLAN && !m.quiet) {
    const inner = describe(p.tunnel.inner, { ...m, verbose: false }, streams, loop, at);
    return { text: `VXLAN, flags [I] (0x08), vni ${p.tunnel.vni}\n${inner.text}`, streams: inner.streams };
  }
  const said = p.sport === DNS || p.dport === DNS ? decodeDns(p.data) : null;
  return { text: said && !m.quiet ? domain(said, p.data.length) : `UDP, length ${p.data.length}`, streams };
}

const RCODES: Readonly<Record<string, string>> = { NXDOMAIN: ' NXDomain', SERVFAIL: ' ServFail', REFUSED: ' Refused' };

function domain(d: Message, length: number): string {
  const { name, type } = d.question;
  if (!d.response) return `${d.id}+ ${type}? ${name.replace(/\.?$/, '.')} (${length})`;
  const answers = d.answers.map((a) => ` ${a.type} ${/^[\d.]+$|:/.test(a.data) ? a.data : a.data.replace(/\.?$/, '.')}`).join(',');
  return `${d.id}${d.authoritative ? '*' : ''}${RCODES[d.rcode] ?? ''} ${d.answers.length}/0/0${answers} (${length})`;
}
