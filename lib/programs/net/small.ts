/** nc, telnet and traceroute of BusyBox 1.38 (networking/). Simplified: nc relays bytes and runs no programs; traceroute sends echoes. */

import { reverseName } from '../../base/dns';
import { attempt, Errno, type net, type Sys } from '../../kernel';
import { BUSYBOX_BANNER } from '../command';
import { usageTexts } from '../parts';
import { type Called, call, client, dial, err, isRefused, out, type Refused, type Story, TIMEOUT, until } from './client';
import { ask, resolve, resolver } from './resolve';

function* usage(c: Called, complaint = ''): Story {
  yield* err(
    `${complaint}${c.flavour === 'busybox' ? `${BUSYBOX_BANNER}\n\n${usageTexts.get()[c.name] ?? ''}` : `usage: ${c.name} [host] [port]\n`}`,
  );
  return 1;
}

/** What there is to do between standard input and a connection: one piece of either. */
type Piece = { from: 'net' | 'stdin'; data: string };

const piece =
  (fd: number, stdin: boolean) =>
  (sys: Sys): Piece | null => {
    const got = attempt(() => sys.read(fd, 1 << 16));
    if (got !== null) return { from: 'net', data: got instanceof Errno ? '' : got };
    if (!stdin) return null;
    const typed = attempt(() => sys.read(0, 1 << 16));
    return typed === null ? null : { from: 'stdin', data: typed instanceof Errno ? '' : typed };
  };

/** Copies both ways until the other side closes. */
function* relay(fd: number): Story {
  let stdin = true;
  for (;;) {
    const wait = stdin
      ? [
          { for: 'read' as const, fd },
          { for: 'read' as const, fd: 0 },
        ]
      : [{ for: 'read' as const, fd }];
    const p = (yield* until(piece(fd, stdin), { for: 'any', of: wait })) as Piece | Refused;
    if (isRefused(p)) return 1;
    if (p.from === 'net') {
      if (p.data === '') return 0;
      yield* out(p.data);
      continue;
    }
    if (p.data === '') {
      stdin = false;
      yield* call((sys) => sys.net.shutdown(fd));
      continue;
    }
    for (let rest = p.data; rest !== ''; ) {
      const n = yield* until((sys) => sys.write(fd, rest), { for: 'write', fd });
      if (isRefused(n)) return 1;
      rest = rest.slice(n as number);
    }
  }
}

export const nc = client(function* (c): Story {
  let [listening, port, wait, again] = [false, 0, null as number | null, false];
  const operands: string[] = [];
  for (let i = 1; i < c.argv.length; i++) {
    const w = c.argv[i] as string;
    if (!/^-[a-zA-Z]/.test(w)) {
      operands.push(w);
      continue;
    }
    for (let j = 1; j < w.length; j++) {
      const letter = w[j] as string;
      if ('pwi'.includes(letter)) {
        const value = Number(w.slice(j + 1) || c.argv[++i]);
        if (letter === 'p') port = value;
        if (letter === 'w') wait = value;
        break;
      }
      if (letter === 'l') [listening, again] = [true, listening];
      else if (letter === 'e') {
        yield* err(`${c.name}: drydock: running a program is not modelled\n`);
        return 1;
      } else if (!'nvk'.includes(letter) || c.flavour === 'busybox') return yield* usage(c, `${c.name}: invalid option -- '${letter}'\n`);
    }
  }
  if (listening) {
    const fd = yield* call((sys) => {
      const made = sys.net.socket('tcp');
      sys.net.bind(made, '0.0.0.0', port || Number(operands[0] ?? 0));
      sys.net.listen(made);
      return made;
    });
    if (isRefused(fd)) {
      yield* err(`${c.name}: bind: ${fd.message}\n`);
      return 1;
    }
    let status = 0;
    do {
      const got = yield* until((sys) => sys.net.accept(fd), { for: 'read', fd }, wait === null ? null : wait * 1000);
      if (typeof got !== 'number') {
        yield* err(`${c.name}: timed out\n`);
        return 1;
      }
      status = yield* relay(got);
    } while (again);
    return status;
  }
  const [host, to] = operands;
  if (host === undefined || to === undefined) return yield* usage(c);
  const found = yield* resolve(host);
  if ('failed' in found) {
    yield* err(`${c.name}: bad address '${host}'\n`);
    return 1;
  }
  const address = found.addresses[0] as string;
  const fd = yield* dial(address, Number(to), wait === null ? null : wait * 1000);
  if (fd === TIMEOUT) {
    yield* err(`${c.name}: timed out\n`);
    return 1;
  }
  if (isRefused(fd)) {
    yield* err(`${c.name}: can't connect to remote host (${address}): ${fd.message}\n`);
    return 1;
  }
  return yield* relay(fd);
});

export const telnet = client(function* (c): Story {
  const [host, port] = c.argv.slice(1).filter((w) => !w.startsWith('-'));
  if (host === undefined) return yield* usage(c);
  const found = yield* resolve(host);
  if ('failed' in found) {
    yield* err(`${c.name}: bad address '${host}'\n`);
    return 1;
  }
  const address = found.addresses[0] as string;
  const fd = yield* dial(address, Number(port ?? 23));
  if (isRefused(fd) || fd === TIMEOUT) {
    yield* err(`${c.name}: can't connect to remote host (${address}): ${fd === TIMEOUT ? 'Connection timed out' : fd.message}\n`);
    return 1;
  }
  yield* out(`Connected to ${host}\n\n`);
  return yield* relay(fd);
});

const MS = () => '0.005 ms';

export const traceroute = client(function* (c): Story {
  let [max, wait, probes, numeric] = [30, 5, 3, false];
  let host: string | undefined;
  for (let i = 1; i < c.argv.length; i++) {
    const w = c.argv[i] as string;
    if (!w.startsWith('-')) {
      host ??= w;
      continue;
    }
    const value = () => Number(w.length > 2 ? w.slice(2) : c.argv[++i]);
    if (w.startsWith('-m')) max = value();
    else if (w.startsWith('-w')) wait = value();
    else if (w.startsWith('-q')) probes = value();
    else if (w.includes('n')) numeric = true;
    else if (!/^-[IlvrFd46]+$/.test(w)) return yield* usage(c, `${c.name}: invalid option -- '${w[1]}'\n`);
  }
  if (host === undefined) return yield* usage(c);
  const found = yield* resolve(host);
  if ('failed' in found) {
    yield* err(`${c.name}: bad address '${host}'\n`);
    return 1;
  }
  const to = found.addresses[0] as string;
  const fd = yield* call((sys) => sys.net.socket('icmp'));
  if (isRefused(fd)) {
    yield* err(`${c.name}: ${fd.message}\n`);
    return 1;
  }
  yield* out(`traceroute to ${host} (${to}), ${max} hops max, ${c.flavour === 'gnu' ? 60 : 46} byte packets\n`);
  for (let ttl = 1; ttl <= max; ttl++) {
    let line = `${`${ttl}`.padStart(2)} `;
    let last = '';
    let reached = false;
    for (let n = 0; n < probes; n++) {
      const went = yield* call((sys) => {
        sys.net.setTtl(fd, ttl);
        return sys.net.sendTo(fd, 'x'.repeat(18), { ip: to, port: 0 }, ttl * 10 + n);
      });
      if (isRefused(went)) {
        yield* out(line);
        yield* err(`${c.name}: sendto: ${went.message}\n`);
        return 1;
      }
      const got = (yield* until((sys) => sys.net.receive(fd), { for: 'read', fd }, wait * 1000)) as net.Datagram | typeof TIMEOUT;
      if (got === TIMEOUT) {
        line += ' *';
        continue;
      }
      const from = got.from.ip;
      if (from !== last) line += ` ${numeric ? from : `${yield* nameOf(from)} (${from})`}`;
      last = from;
      line += `  ${MS()}${got.error && got.error !== 'time-exceeded' ? (got.error === 'host-unreachable' ? ' !H' : got.error === 'net-unreachable' ? ' !N' : ' !X') : ''}`;
      reached ||= !got.error || got.error !== 'time-exceeded';
    }
    yield* out(`${line}\n`);
    if (reached) return 0;
  }
  return 0;
});

/** The name of an address, if somebody knows one at once. */
function* nameOf(address: string): Story<string> {
  const name = reverseName(address);
  const r = yield* resolver();
  if (!name || r.servers[0] !== '127.0.0.11') return address;
  const m = yield* ask('127.0.0.11', name, 'PTR', 1_000);
  return m === TIMEOUT || 'refused' in m ? address : (m.answers[0]?.data ?? address);
}
