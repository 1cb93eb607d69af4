/**
 * /proc/net, which is /proc/self/net: a network namespace in tables, as net-tools and BusyBox read it. proc_pid_net(5);
 * net/ipv4/tcp_ipv4.c, udp.c, fib_trie.c, arp.c, net/core/net-procfs.c, net/ipv6/addrconf.c.
 *
 * Addresses are words of the machine as hexadecimal, so an IPv4 address stands there from its end: 127.0.0.1 is 0100007F.
 * Simplified: counters of errors are 0, pointers are hidden, as with kernel.kptr_restrict.
 */

import { pmap } from '../../base';
import * as ip from '../../base/ip';
import type { Kernel } from '../kernel';
import { findLink, linksOf, netOf } from '../net/links';
import { listed } from '../net/route';
import { ofKernel } from '../net/sockets';
import type { Endpoint, Socket } from '../net/types';
import { stateNow } from '../net/wire';

const hex = (n: number | bigint, width: number) => n.toString(16).toUpperCase().padStart(width, '0');
/** Each 32 bits of an address, its bytes turned round. */
function words(address: string): string {
  const at = ip.parse(address) as ip.Ip;
  const digits = at.n
    .toString(16)
    .toUpperCase()
    .padStart(ip.width(at) / 4, '0');
  return (digits.match(/.{8}/g) ?? []).map((w) => (w.match(/../g) ?? []).reverse().join('')).join('');
}
const line = (text: string, width: number) => `${text.padEnd(width)}\n`;

function dev(k: Kernel, ns: number): string {
  const row = (l: ReturnType<typeof linksOf>[number]) => {
    const { rx, tx } = l;
    const n = (v: number, w: number) => `${v}`.padStart(w);
    return `${l.name.padStart(6)}: ${n(rx.bytes, 7)} ${n(rx.packets, 7)}    0    0    0     0          0         0 ${n(tx.bytes, 8)} ${n(tx.packets, 7)}    0    0    0     0       0          0\n`;
  };
  const head =
    'Inter-|   Receive                                                |  Transmit\n face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n';
  return head + linksOf(k, ns).map(row).join('');
}

const ROUTE_WIDTH = 127;
const [UP, GATEWAY, HOST] = [1, 2, 4];

function route(k: Kernel, ns: number): string {
  const rows = listed(netOf(k, ns), 4).map((r) => {
    const p = ip.parsePrefix(r.dst === 'default' ? '0.0.0.0/0' : r.dst) as ip.Prefix;
    const mask = ip.format({ v: 4, n: p.bits === 0 ? 0n : (0xffffffffn << BigInt(32 - p.bits)) & 0xffffffffn });
    const flags = UP + (r.via ? GATEWAY : 0) + (p.bits === 32 ? HOST : 0);
    const name = findLink(k, { ns, index: r.dev })?.name ?? '*';
    return line(
      `${name}\t${words(ip.format(p.ip))}\t${words(r.via ?? '0.0.0.0')}\t${hex(flags, 4)}\t0\t0\t${r.metric ?? 0}\t${words(mask)}\t0\t0\t0`,
      ROUTE_WIDTH,
    );
  });
  return line('Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT', ROUTE_WIDTH) + rows.join('');
}

function arp(k: Kernel, ns: number): string {
  const rows = pmap.values(netOf(k, ns).neighbours).flatMap((n) => {
    const name = findLink(k, { ns, index: n.dev })?.name;
    if (name === undefined || n.ip.includes(':')) return [];
    const flags = stateNow(k, n) === 'REACHABLE' ? '0x2' : n.state === 'PERMANENT' ? '0x6' : '0x0';
    return [`${n.ip.padEnd(16)} 0x1         ${flags.padEnd(11)} ${n.mac ?? '00:00:00:00:00:00'}     *        ${name}\n`];
  });
  return `IP address       HW type     Flags       HW address            Mask     Device\n${rows.join('')}`;
}

const STATES = { established: 1, connecting: 2, closed: 7, open: 7, listen: 10 } as const;
const INODES = 40_000;
const ADDRESS_WIDTH = { 4: 13, 6: 37 } as const;

/** tcp, tcp6, udp, udp6: the sockets of one kind. */
const sockets =
  (proto: 'tcp' | 'udp', v: 4 | 6) =>
  (k: Kernel, ns: number): string => {
    const any = v === 4 ? '0.0.0.0' : '::';
    const end = (e: Endpoint | null) => `${words(e?.ip.includes(':') === (v === 6) ? e.ip : any)}:${hex(e?.port ?? 0, 4)}`;
    const width = v === 6 ? 0 : proto === 'tcp' ? 149 : 127;
    const row = (s: Socket, i: number) => {
      const state = proto === 'udp' && s.peer === null ? STATES.closed : STATES[s.state];
      const tail =
        proto === 'udp' ? `2 ${hex(0, 16)} 0` : s.state === 'listen' ? `1 ${hex(0, 16)} 100 0 0 10 0` : `1 ${hex(0, 16)} 20 4 30 10 -1`;
      const number = `${proto === 'udp' ? (s.local?.port ?? 0) % 512 : i}`.padStart(proto === 'udp' ? 5 : 4);
      return line(
        `${number}: ${end(s.local)} ${end(s.peer)} ${hex(state, 2)} 00000000:00000000 00:00000000 00000000 ${`${s.uid}`.padStart(5)}        0 ${Math.max(0, INODES + s.id)} ${tail}`,
        width,
      );
    };
    const own = [...k.t.sockets.values(), ...ofKernel(k, ns)].filter(
      (s) => s.ns === ns && s.proto === proto && s.v === v && s.local !== null,
    );
    const head = (name: string) => name.padEnd(ADDRESS_WIDTH[v]);
    const columns = `${head('local_address')} ${head(v === 6 ? 'remote_address' : 'rem_address')} st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode`;
    return (
      line(
        `  ${proto === 'udp' ? ' ' : ''}sl  ${columns.replace(/^local_address {1}rem_address {3}/, 'local_address rem_address   ')}${proto === 'udp' ? ' ref pointer drops' : ''}`,
        width,
      ) + own.map(row).join('')
    );
  };

const SCOPES = { global: 0, link: 0x20, host: 0x10 } as const;
const PERMANENT = 0x80;

const inet6 = (k: Kernel, ns: number): string =>
  linksOf(k, ns)
    .flatMap((l) =>
      l.addrs
        .filter((a) => a.ip.includes(':'))
        .map((a) => {
          const digits = (ip.parse(a.ip) as ip.Ip).n.toString(16).padStart(32, '0');
          const number = (n: number) => n.toString(16).padStart(2, '0');
          return `${digits} ${number(l.index)} ${number(a.bits)} ${number(SCOPES[a.scope])} ${number(PERMANENT)} ${l.name.padStart(8)}\n`;
        }),
    )
    .join('');

/** Name → what it says of a network namespace. */
export const NET_FILES: Readonly<Record<string, (k: Kernel, ns: number) => string>> = {
  arp,
  dev,
  if_inet6: inet6,
  route,
  tcp: sockets('tcp', 4),
  tcp6: sockets('tcp', 6),
  udp: sockets('udp', 4),
  udp6: sockets('udp', 6),
};
