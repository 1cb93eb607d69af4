/** How many bytes a packet has on the wire: ip(7), tcp(7), RFC 791, 792, 768, 9293. */

import type { Packet } from './types';

/** What a new packet's time to live begins with: net.ipv4.ip_default_ttl. */
export const TTL = 64;
/** The header of a frame. */
export const ETHERNET = 14;
const IP = { 4: 20, 6: 40 } as const;
/** TCP's header with the options that Linux sends: more of them at first, a timestamp from then on, none to refuse. */
const tcpHeader = (flags: Packet['flags']) => (flags === 'SYN' || flags === 'SYN,ACK' ? 40 : flags === 'RST' ? 20 : 32);

/** Of the packet without its frame. */
export const ipBytes = (p: Packet): number => IP[p.v] + (p.proto === 'tcp' ? tcpHeader(p.flags) : 8) + p.data.length;
