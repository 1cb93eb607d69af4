/**
 * dd: blocks from one file to another.
 *
 * Source: dd(1) of coreutils 9.10, BusyBox 1.38's coreutils/dd.c.
 * Simplified: conv= knows notrunc, excl, nocreat, sync, noerror, fsync, fdatasync, ucase, lcase, swab; the time that the last
 * line gives is the machine's.
 */

import { attempt, Errno, type Outcome, type Program } from '../../kernel';
import { busyboxUsage } from '../command';
import { q } from '../io';
import type { Flavour } from '../tool';
import { direct } from './run';

interface State {
  argv: string[];
  env: Record<string, string>;
  open: {
    in: number;
    out: number;
    ibs: number;
    obs: number;
    count: number;
    inBytes: boolean;
    conv: string[];
    /** Past the page cache: reading, writing. */
    direct: [boolean, boolean];
    status: string;
    name: string;
  } | null;
  /** Blocks and bytes of input still to be left out of a stream that cannot seek. */
  skip: number;
  full: [number, number];
  part: [number, number];
  bytes: number;
  held: string;
  /** Written to the output, block by block, when it has room. */
  ready: string;
  input: string;
  ended: boolean;
  /** What was written has been forced to the disk. */
  flushed?: boolean;
  started: number;
}

const SUFFIX: Readonly<Record<string, number>> = {
  '': 1,
  c: 1,
  w: 2,
  b: 512,
  k: 1024,
  K: 1024,
  kB: 1000,
  KB: 1000,
  KiB: 1024,
  M: 1048576,
  MB: 1000000,
  MiB: 1048576,
  G: 1073741824,
  GB: 1000000000,
  GiB: 1073741824,
  T: 1099511627776,
  TB: 1e12,
};
function size(text: string): number | null {
  let product = 1;
  for (const part of text.split('x')) {
    const m = /^(\d+)([a-zA-Z]*)$/.exec(part);
    const unit = m ? SUFFIX[m[2] as string] : undefined;
    if (!m || unit === undefined) return null;
    product *= Number(m[1]) * unit;
  }
  return product;
}

const OPERANDS = ['if', 'of', 'bs', 'ibs', 'obs', 'cbs', 'count', 'skip', 'iseek', 'seek', 'oseek', 'conv', 'iflag', 'oflag', 'status'];
const CONVERSIONS = [
  'notrunc',
  'excl',
  'nocreat',
  'sync',
  'noerror',
  'fsync',
  'fdatasync',
  'ucase',
  'lcase',
  'swab',
  'sparse',
  'ascii',
  'ebcdic',
  'ibm',
  'block',
  'unblock',
];
const MOST = 512 * 1024 * 1024;
const PAGE = 1 << 20;

export const dd = (flavour: Flavour): Program<State> => ({
  start: (exec) => ({
    argv: exec.argv,
    env: exec.env,
    open: null,
    skip: 0,
    full: [0, 0],
    part: [0, 0],
    bytes: 0,
    held: '',
    ready: '',
    input: '',
    ended: false,
    started: 0,
  }),
  run(sys, before): Outcome<State> {
    const s: State = { ...before, full: [...before.full], part: [...before.part] };
    const x = direct(sys, s.argv, s.env, flavour);
    const gnu = flavour === 'gnu';
    if (s.open === null) {
      const fail = (text: string, hint = false): Outcome<State> => {
        x.fail(text);
        if (hint) x.err(`Try '${x.name} --help' for more information.\n`);
        return { exit: 1 };
      };
      const given: Record<string, string> = {};
      for (const arg of s.argv.slice(1)) {
        if (arg === '--help' && !gnu) {
          x.err(busyboxUsage(x.name));
          return { exit: 0 };
        }
        const eq = arg.indexOf('=');
        const key = eq < 0 ? arg : arg.slice(0, eq);
        if (eq < 0 || !OPERANDS.includes(key)) {
          if (gnu) return fail(`unrecognized operand ${q(arg)}`, true);
          x.err(busyboxUsage(x.name));
          return { exit: 1 };
        }
        given[key] = arg.slice(eq + 1);
      }
      const numbers: Record<string, number> = {};
      for (const key of ['bs', 'ibs', 'obs', 'cbs', 'count', 'skip', 'iseek', 'seek', 'oseek']) {
        const text = given[key];
        if (text === undefined) continue;
        const n = size(text.replace(/B$/, (b) => (/\dB$/.test(text) ? '' : b)));
        if (n === null || (key.endsWith('bs') && n === 0)) return fail(gnu ? `invalid number: ${q(text)}` : `invalid number '${text}'`);
        numbers[key] = n;
      }
      const ibs = numbers.bs ?? numbers.ibs ?? 512;
      const obs = numbers.bs ?? numbers.obs ?? 512;
      // Its buffer.
      if (ibs >= PAGE) sys.brk(ibs);
      const conv = (given.conv ?? '').split(',').filter(Boolean);
      const odd = conv.find((c) => !CONVERSIONS.includes(c));
      if (odd !== undefined) return fail(gnu ? `invalid conversion: ${q(odd)}` : `invalid argument '${odd}' to 'conv'`, gnu);
      const iflag = (given.iflag ?? '').split(',');
      const oflag = (given.oflag ?? '').split(',');
      let from = 0;
      if (given.if !== undefined) {
        const path = given.if;
        const fd = attempt(() => sys.open(path, { read: true, directory: iflag.includes('directory') }));
        if (fd instanceof Errno) return fail(gnu ? `failed to open ${q(path)}: ${fd.message}` : `can't open '${path}': ${fd.message}`);
        from = fd;
      }
      const seek =
        (numbers.seek ?? numbers.oseek ?? 0) * (oflag.includes('seek_bytes') || /\dB$/.test(given.seek ?? given.oseek ?? '') ? 1 : obs);
      let to = 1;
      if (given.of !== undefined) {
        const path = given.of;
        const cut = !conv.includes('notrunc') && !oflag.includes('append');
        const fd = attempt(() =>
          sys.open(path, {
            write: true,
            create: !conv.includes('nocreat'),
            excl: conv.includes('excl'),
            trunc: cut && seek === 0,
            append: oflag.includes('append'),
          }),
        );
        if (fd instanceof Errno) return fail(gnu ? `failed to open ${q(path)}: ${fd.message}` : `can't open '${path}': ${fd.message}`);
        to = fd;
        if (cut && seek > 0) {
          const done = attempt(() => sys.ftruncate(fd, seek));
          if (done instanceof Errno && sys.fstat(fd).type === 'file')
            return fail(
              gnu ? `failed to truncate to ${seek} bytes in output file ${q(path)}: ${done.message}` : `${path}: ${done.message}`,
            );
        }
      }
      if (seek > 0) attempt(() => sys.lseek(to, seek, 'set'));
      const skip =
        (numbers.skip ?? numbers.iseek ?? 0) * (iflag.includes('skip_bytes') || /\dB$/.test(given.skip ?? given.iseek ?? '') ? 1 : ibs);
      if (skip > 0 && attempt(() => sys.lseek(from, skip, 'cur')) instanceof Errno) s.skip = skip;
      s.open = {
        in: from,
        out: to,
        ibs,
        obs,
        count: numbers.count ?? Number.POSITIVE_INFINITY,
        inBytes: iflag.includes('count_bytes') || /\dB$/.test(given.count ?? ''),
        conv,
        direct: [iflag.includes('direct'), oflag.some((o) => ['direct', 'dsync', 'sync'].includes(o))],
        status: given.status ?? '',
        name: given.of ?? 'standard output',
      };
      // With bs= blocks go out as they came in; otherwise they are gathered to obs.
      if (given.bs !== undefined) s.open.obs = 0;
      s.started = sys.uptime();
      sys.sigaction(2, 'handle');
    }
    const { in: from, out: to, ibs, obs, count, inBytes, conv, direct: past, status, name } = s.open;
    /** The disk has not taken or given it yet: when it will have. */
    const slow = (fd: number, bytes: number, way: 'r' | 'w'): Outcome<State> | null => {
      const at = attempt(() => sys.transfer(fd, bytes, way));
      return at instanceof Errno || at <= sys.uptime() ? null : { wait: { for: 'time', at }, state: s };
    };
    const finish = (code: number): Outcome<State> => {
      if (status !== 'none') x.err(summary(s, status, sys.uptime() - s.started, gnu));
      return { exit: code };
    };
    for (let turn = 0; ; turn++) {
      if (sys.takeSignals().includes(2)) {
        x.err(summary(s, status, sys.uptime() - s.started, gnu));
        return { killedBy: 2 };
      }
      while (s.ready !== '') {
        const n = attempt(() => sys.write(to, s.ready));
        if (n === null) return { wait: { for: 'write', fd: to }, state: s };
        if (n instanceof Errno) {
          x.fail(gnu ? `error writing ${q(name)}: ${n.message}` : `error writing '${name}': ${n.message}`);
          return finish(1);
        }
        s.bytes += n;
        if (n === s.ready.length) s[n === (obs || ibs) ? 'full' : 'part'][1]++;
        s.ready = s.ready.slice(n);
        const wait = past[1] ? slow(to, n, 'w') : null;
        if (wait) return wait;
      }
      if (obs > 0 && (s.held.length >= obs || (s.ended && s.held !== ''))) {
        s.ready = s.held.slice(0, obs);
        s.held = s.held.slice(obs);
        continue;
      }
      if (s.ended) {
        const flush = !s.flushed && conv.some((c) => c === 'fsync' || c === 'fdatasync');
        s.flushed = true;
        return (flush && slow(to, s.bytes, 'w')) || finish(0);
      }
      const read = inBytes ? s.bytes + s.held.length : s.full[0] + s.part[0];
      if (read >= count) {
        s.ended = true;
        continue;
      }
      if (s.bytes > MOST) {
        x.fail('drydock: copying more than 512 MiB in one go is not modelled');
        return finish(1);
      }
      if (turn > 256) return { again: true, state: s };
      const want = s.skip > 0 ? Math.min(ibs, s.skip) : inBytes ? Math.min(ibs, count - read) : ibs;
      const chunk = attempt(() => sys.read(from, want));
      if (chunk === null) return { wait: { for: 'read', fd: from }, state: s };
      if (chunk instanceof Errno) {
        x.fail(gnu ? `error reading ${q('standard input')}: ${chunk.message}` : `read error: ${chunk.message}`);
        return finish(1);
      }
      if (chunk === '') {
        s.ended = true;
        continue;
      }
      if (s.skip > 0) {
        s.skip -= chunk.length;
        continue;
      }
      s[chunk.length === ibs ? 'full' : 'part'][0]++;
      const late = past[0] ? slow(from, chunk.length, 'r') : null;
      let data = conv.includes('sync') ? chunk.padEnd(ibs, '\0') : chunk;
      if (conv.includes('ucase')) data = data.replace(/[a-z]+/g, (t) => t.toUpperCase());
      if (conv.includes('lcase')) data = data.replace(/[A-Z]+/g, (t) => t.toLowerCase());
      if (conv.includes('swab')) data = data.replace(/([\s\S])([\s\S])/g, '$2$1');
      if (obs === 0) s.ready = data;
      else s.held += data;
      if (late) return late;
    }
  },
});

/** "1.0 kB, 1000 B" and the like: a size in both systems, as coreutils' human.c rounds it. */
function si(bytes: number, base: 1000 | 1024): string {
  const names = base === 1000 ? ['B', 'kB', 'MB', 'GB', 'TB'] : ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let n = bytes;
  let i = 0;
  while (n >= base && i < names.length - 1) (n /= base), i++;
  return `${i === 0 ? n : n < 9.95 ? n.toFixed(1) : Math.round(n)} ${names[i]}`;
}

function summary(s: State, status: string, ms: number, gnu: boolean): string {
  const records = `${s.full[0]}+${s.part[0]} records in\n${s.full[1]}+${s.part[1]} records out\n`;
  // Debian builds BusyBox without the third line.
  if (status === 'noxfer' || !gnu) return records;
  // A turn takes no time by its own clock; memory is copied at two gigabytes a second.
  const seconds = Math.max(ms, s.bytes / 2_000_000, 0.01) / 1000;
  const sizes = s.bytes >= 1024 ? ` (${si(s.bytes, 1000)}, ${si(s.bytes, 1024)})` : s.bytes >= 1000 ? ` (${si(s.bytes, 1000)})` : '';
  return `${records}${s.bytes} byte${s.bytes === 1 ? '' : 's'}${sizes} copied, ${Number(seconds.toPrecision(6))} s, ${si(Math.round(s.bytes / seconds), 1000)}/s\n`;
}
