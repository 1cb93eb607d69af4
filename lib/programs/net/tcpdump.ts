/**
 * tcpdump: the packets of a link as they go by. tcpdump 4.99.6 with libpcap 1.10.
 *
 * Simplified: -i, -c, -n, -q, -t, -v and a filter; capture files (-w, -r) and bytes (-X, -A, -e) are refused. Of a stream those
 * packets are shown that the kernel here sends: no acknowledgement of each segment. ARP is not among them.
 */

import { strftime } from '../../base/posix/date';
import { attempt, Errno, type net, type Outcome, type Program, SIGNALS } from '../../kernel';
import { direct } from '../coreutils/run';
import type { Flavour, Io } from '../tool';
import { describe, type Manner, type Streams } from './capture';
import { FilterError, filterOf } from './pcap-filter';

interface Asked extends Manner {
  device: string | null;
  count: number | null;
  stamped: boolean;
  filter: string[];
}

interface State {
  argv: string[];
  env: Record<string, string>;
  fd: number | null;
  seen: number;
  streams: Streams;
}

const SILENT = ['-n', '-nn', '-l', '-U', '-p', '--immediate-mode', '-K', '-#'];
const NOT_HERE = ['-w', '-r', '-X', '-XX', '-x', '-A', '-e', '-D'];

/** The command line; a number where it ends there. */
function read(x: Io): Asked | number {
  const o: Asked = { device: null, count: null, stamped: true, quiet: false, verbose: false, filter: [] };
  const words = x.argv.slice(1);
  while (words[0]?.startsWith('-')) {
    const w = words.shift() as string;
    if (w === '--version') return x.out('tcpdump version 4.99.6\nlibpcap version 1.10.6\n'), 0;
    if (NOT_HERE.includes(w)) return x.err(`drydock: tcpdump ${w} is not modelled\n`), 1;
    if (SILENT.includes(w)) continue;
    const value = (): string => words.shift() ?? '';
    if (w === '-i' || w === '--interface') o.device = value();
    else if (w === '-c') o.count = Number(value());
    else if (!/^-[nqtvlUpi]+$/.test(w)) return x.err(`tcpdump: invalid option -- '${w.slice(1, 2)}'\n`), 1;
    else {
      o.quiet ||= w.includes('q');
      o.verbose ||= w.includes('v');
      o.stamped &&= !w.includes('t');
      if (w.endsWith('i')) o.device = value();
    }
  }
  return { ...o, filter: words };
}

/** 14:03:59.123000 */
const clock = (ms: number) => `${strftime('%H:%M:%S', Math.floor(ms / 1000))}.${`${Math.floor(ms) % 1000}`.padStart(3, '0')}000`;

/** Where a packet was seen, if all links are watched. */
const place = (c: net.Captured) => `${c.link.name.padEnd(5)} ${(c.way === 'out' ? 'Out' : c.link.port ? 'P' : 'In').padEnd(3)} `;

function begin(x: Io, o: Asked): number | null {
  const device = o.device ?? x.sys.net.links().find((l) => l.link.up && l.link.kind !== 'loopback')?.link.name ?? 'lo';
  const fd = attempt(() => x.sys.net.tap(device === 'any' ? null : device));
  if (fd instanceof Errno) {
    const gone = fd.code === 'ENODEV';
    x.err(
      gone
        ? `tcpdump: ${device}: No such device exists\n(No such device exists)\n`
        : `tcpdump: ${device}: You don't have permission to perform this capture on that device\n(Attempt to create packet socket failed - CAP_NET_RAW may be required)\n`,
    );
    return null;
  }
  if (device === 'any')
    x.err('tcpdump: WARNING: any: That device doesn\'t support promiscuous mode\n(Promiscuous mode not supported on the "any" device)\n');
  const type = device === 'any' ? 'LINUX_SLL2 (Linux cooked v2)' : 'EN10MB (Ethernet)';
  if (!o.verbose) x.err('tcpdump: verbose output suppressed, use -v[v]... for full protocol decode\n');
  x.err(`${o.verbose ? 'tcpdump: ' : ''}listening on ${device}, link-type ${type}, snapshot length 262144 bytes\n`);
  return fd;
}

const summary = (x: Io, n: number) => {
  const packets = `${n} packet${n === 1 ? '' : 's'}`;
  x.err(`${packets} captured\n${packets} received by filter\n0 packets dropped by kernel\n`);
};

export const tcpdump = (flavour: Flavour): Program<State> => ({
  start: ({ argv, env }) => ({ argv, env, fd: null, seen: 0, streams: {} }),
  run(sys, was): Outcome<State> {
    let s = was;
    const x = direct(sys, s.argv, s.env, flavour);
    const o = read(x);
    if (typeof o === 'number') return { exit: o };
    let wanted: ReturnType<typeof filterOf>;
    try {
      wanted = filterOf(o.filter);
    } catch (e) {
      if (!(e instanceof FilterError)) throw e;
      return x.err(`${e.message.startsWith('drydock') ? '' : 'tcpdump: '}${e.message}\n`), { exit: 1 };
    }
    if (s.fd === null) {
      const fd = begin(x, o);
      if (fd === null) return { exit: 1 };
      for (const n of [SIGNALS.SIGINT, SIGNALS.SIGTERM]) sys.sigaction(n, 'handle');
      s = { ...s, fd };
    }
    const fd = s.fd as number;
    for (;;) {
      if (o.count !== null && s.seen >= o.count) return summary(x, s.seen), { exit: 0 };
      const c = sys.net.captured(fd);
      if (c === null) break;
      if (!wanted(c.p)) continue;
      const loop = c.link.kind === 'loopback';
      const { text, streams } = describe(c.p, o, s.streams, loop, Math.floor(c.at));
      const time = o.stamped ? `${clock(sys.now() - (sys.uptime() - c.at))} ` : '';
      x.out(`${time}${o.device === 'any' ? place(c) : ''}${text}\n`);
      s = { ...s, seen: s.seen + 1, streams };
    }
    if (sys.takeSignals().length > 0) {
      x.out('\n');
      return summary(x, s.seen), { exit: 0 };
    }
    return { wait: { for: 'read', fd }, state: s };
  },
});
