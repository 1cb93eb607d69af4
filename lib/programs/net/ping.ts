/**
 * ping: echoes to a host, once a second. BusyBox 1.38's networking/ping.c; iputils for GNU systems.
 *
 * Simplified: a packet takes no time in the model, so the times shown are of the size that a bridge on one host has.
 */

import type { net } from '../../kernel';
import { BUSYBOX_BANNER } from '../command';
import { usageTexts } from '../parts';
import { type Called, call, client, err, isRefused, out, type Story, sleepFor, TIMEOUT, until } from './client';
import { resolve } from './resolve';

interface Options {
  host: string;
  count: number | null;
  /** Seconds. */
  wait: number;
  deadline: number | null;
  interval: number;
  size: number;
  ttl: number;
  quiet: boolean;
}

const WITH_VALUE = new Set(['-c', '-W', '-w', '-i', '-s', '-t', '-I', '-p', '-m', '-A']);

function parse(c: Called): Options | string | null {
  const o: Options = { host: '', count: null, wait: 10, deadline: null, interval: 1, size: 56, ttl: 64, quiet: false };
  for (let i = 1; i < c.argv.length; i++) {
    const w = c.argv[i] as string;
    if (!w.startsWith('-') || w === '-') {
      o.host = w;
      continue;
    }
    const flag = w.slice(0, 2);
    if (!WITH_VALUE.has(flag)) {
      for (const letter of w.slice(1)) {
        if (letter === 'q') o.quiet = true;
        else if (!'46nv'.includes(letter)) return letter;
      }
      continue;
    }
    const value = w.length > 2 ? w.slice(2) : (c.argv[++i] ?? '');
    const n = Number(value);
    if (flag === '-c') o.count = n;
    else if (flag === '-W') o.wait = n;
    else if (flag === '-w') o.deadline = n;
    else if (flag === '-i') o.interval = n;
    else if (flag === '-s') o.size = n;
    else if (flag === '-t') o.ttl = n;
  }
  return o.host === '' ? null : o;
}

const ms = (n: number) => n.toFixed(3);

export const ping = client(function* (c): Story {
  const o = parse(c);
  if (o === null || typeof o === 'string') {
    const complaint = o === null ? '' : `${c.name}: invalid option -- '${o}'\n`;
    if (c.flavour === 'busybox') yield* err(`${complaint}${BUSYBOX_BANNER}\n\n${usageTexts.get()[c.name] ?? ''}`);
    else yield* err(o === null ? 'ping: usage error: Destination address required\n' : `${complaint}`);
    return c.flavour === 'busybox' ? 1 : 2;
  }
  const gnu = c.flavour === 'gnu';
  const found = yield* resolve(o.host);
  if ('failed' in found) {
    yield* err(
      gnu
        ? `ping: ${o.host}: ${found.failed === 'not found' ? 'Name or service not known' : 'Temporary failure in name resolution'}\n`
        : `ping: bad address '${o.host}'\n`,
    );
    return gnu ? 2 : 1;
  }
  const to = found.addresses[0] as string;
  const fd = yield* call((sys) => {
    // BusyBox knows raw sockets alone; iputils asks for one that net.ipv4.ping_group_range may grant.
    if (!gnu) sys.gate('socket(SOCK_RAW)');
    const made = sys.net.socket('icmp', to.includes(':') ? 6 : 4);
    sys.net.setTtl(made, o.ttl);
    return made;
  });
  const header = gnu
    ? `PING ${o.host} (${to}) ${o.size}(${o.size + 28}) bytes of data.\n`
    : `PING ${o.host} (${to}): ${o.size} data bytes\n`;
  if (isRefused(fd)) {
    // What stands in its buffer goes out before it complains: bb_verror_msg.
    if (!gnu) yield* out(header);
    yield* err(gnu ? `ping: socktype: SOCK_RAW\nping: socket: ${fd.message}\n` : `ping: permission denied (are you root?)\n`);
    return gnu ? 2 : 1;
  }
  yield* out(header);
  const times: number[] = [];
  let [sent, errors] = [0, 0];
  const begun = (yield* call((sys) => sys.uptime())) as number;
  // What it says it took ends with the last packet that went or came.
  let latest = begun;
  for (let seq = 0; o.count === null || seq < o.count; seq++) {
    const number = gnu ? seq + 1 : seq;
    const went = yield* call((sys) => sys.net.sendTo(fd, 'x'.repeat(o.size), { ip: to, port: 0 }, number));
    if (isRefused(went)) {
      if (!gnu) {
        yield* err(`ping: sendto: ${went.message}\n`);
        return 1;
      }
      yield* err(`ping: sendmsg: ${went.message}\n`);
    }
    sent++;
    latest = (yield* call((sys) => sys.uptime())) as number;
    const last = o.count !== null && seq === o.count - 1;
    const left =
      o.deadline === null ? Number.POSITIVE_INFINITY : begun + o.deadline * 1000 - ((yield* call((sys) => sys.uptime())) as number);
    const wait = Math.min(left, (last ? o.wait : o.interval) * 1000);
    const got = (yield* until((sys) => sys.net.receive(fd), { for: 'read', fd }, Math.max(0, wait))) as net.Datagram | typeof TIMEOUT;
    if (got === TIMEOUT || isRefused(got)) {
      if (o.deadline !== null && left <= wait) break;
      continue;
    }
    latest = (yield* call((sys) => sys.uptime())) as number;
    if (got.error) {
      errors++;
      if (gnu) yield* out(`From ${got.from.ip} icmp_seq=${number} ${ERRORS[got.error]}\n`);
    } else {
      const took = 0.05 + ((yield* call((sys) => sys.random())) as number) * 0.08;
      times.push(took);
      if (!o.quiet)
        yield* out(
          gnu
            ? `${got.data.length + 8} bytes from ${o.host === to ? to : `${o.host} (${to})`}: icmp_seq=${number} ttl=${got.ttl} time=${ms(took)} ms\n`
            : `${got.data.length + 8} bytes from ${got.from.ip}: seq=${seq} ttl=${got.ttl} time=${ms(took)} ms\n`,
        );
    }
    if (!last) yield* sleepFor(o.interval * 1000);
    if (o.deadline !== null && ((yield* call((sys) => sys.uptime())) as number) >= begun + o.deadline * 1000) break;
  }
  const loss = Math.floor(((sent - times.length) * 100) / Math.max(1, sent));
  const [min, max, sum] = [Math.min(...times), Math.max(...times), times.reduce((a, b) => a + b, 0)];
  if (gnu) {
    const spent = Math.round(latest - begun);
    yield* out(
      `\n--- ${o.host} ping statistics ---\n${sent} packets transmitted, ${times.length} received, ${errors ? `+${errors} errors, ` : ''}${loss}% packet loss, time ${spent}ms\n`,
    );
    if (times.length) {
      const avg = sum / times.length;
      const mdev = Math.sqrt(times.reduce((a, t) => a + (t - avg) ** 2, 0) / times.length);
      yield* out(`rtt min/avg/max/mdev = ${ms(min)}/${ms(avg)}/${ms(max)}/${ms(mdev)} ms\n`);
    } else yield* out('\n');
  } else {
    yield* out(
      `\n--- ${o.host} ping statistics ---\n${sent} packets transmitted, ${times.length} packets received, ${loss}% packet loss\n`,
    );
    if (times.length) yield* out(`round-trip min/avg/max = ${ms(min)}/${ms(sum / times.length)}/${ms(max)} ms\n`);
  }
  return times.length > 0 ? 0 : 1;
});

const ERRORS = {
  'port-unreachable': 'Destination Port Unreachable',
  'host-unreachable': 'Destination Host Unreachable',
  'net-unreachable': 'Destination Net Unreachable',
  'admin-prohibited': 'Packet filtered',
  'time-exceeded': 'Time to live exceeded',
} as const;
