/**
 * mkdir, mkfifo, mknod, mktemp: new names.
 *
 * Source: coreutils 9.10, BusyBox 1.38's coreutils/ and debianutils/mktemp.c.
 */

import { attempt, Errno } from '../../kernel';
import { type Command, command, usage } from '../command';
import { q, quote, statOrNull } from '../io';
import { parseMode } from '../mode';
import type { Options } from '../options';
import type { Io } from '../tool';

/** The mode of -m: a number, null when there is none, or a status after a complaint. */
function modeOption(x: Io, o: Options, start: number): { mode: number | null } | { exit: number } {
  const text = o.value('m');
  if (text === undefined) return { mode: null };
  const change = parseMode(text);
  if (change === null) {
    x.fail(x.flavour === 'busybox' ? `invalid mode '${text}'` : `invalid mode ${quote(x, text)}`);
    return { exit: 1 };
  }
  return { mode: change(start, true, x.sys.umask()) };
}

const mkdirDef: Command = {
  options: {
    gnu: { short: 'pm:vZ', long: { parents: 'p', mode: 'm:', verbose: 'v' } },
    busybox: { short: 'pm:v', long: { parents: 'p', mode: 'm:', verbose: 'v' } },
  },
  main(x, o) {
    const busybox = x.flavour === 'busybox';
    const m = modeOption(x, o, 0o777);
    if ('exit' in m) return m.exit;
    if (o.operands.length === 0) return usage(x, mkdirDef, busybox ? undefined : 'missing operand');
    let failed = false;
    const said = (path: string) =>
      o.has('v') && x.out(busybox ? `created directory: '${path}'\n` : `mkdir: created directory ${q(path)}\n`);
    const no = (path: string, e: Errno) => {
      failed = true;
      x.fail(busybox ? `can't create directory '${path}': ${e.message}` : `cannot create directory ${quote(x, path)}: ${e.message}`);
    };
    for (const path of o.operands) {
      const make = () => {
        const done = attempt(() => x.sys.mkdir(path, 0o777));
        if (done instanceof Errno) return done;
        if (m.mode !== null) x.sys.chmod(path, m.mode);
        said(path);
        return null;
      };
      if (!o.has('p')) {
        const e = make();
        if (e) no(path, e);
        continue;
      }
      const parts = [...path.matchAll(/[^/]+\/*/g)];
      let stopped = false;
      for (const part of parts.slice(0, -1)) {
        const end = (part.index as number) + part[0].length;
        const parent = path.slice(0, busybox ? end : end - (/\/*$/.exec(part[0])?.[0].length ?? 0));
        const done = attempt(() => x.sys.mkdir(parent, 0o777));
        if (!(done instanceof Errno)) {
          const st = statOrNull(x.sys, parent);
          if (st && (st.mode & 0o300) !== 0o300) x.sys.chmod(parent, st.mode | 0o300);
          said(parent);
        } else if (statOrNull(x.sys, parent)?.type !== 'dir') {
          const shown = parent.replace(/\/+$/, '');
          no(busybox ? parent : shown, done.code === 'EEXIST' ? new Errno(busybox ? 'EEXIST' : 'ENOTDIR', done.by, done.reason) : done);
          stopped = true;
          break;
        }
      }
      if (stopped) continue;
      const e = make();
      if (e && statOrNull(x.sys, path)?.type !== 'dir') no(path, e);
    }
    return failed ? 1 : 0;
  },
};
export const mkdir = command(mkdirDef);

const mkfifoDef: Command = {
  options: { short: 'm:', long: { mode: 'm:' } },
  main(x, o) {
    const busybox = x.flavour === 'busybox';
    const m = modeOption(x, o, 0o666);
    if ('exit' in m) return m.exit;
    if (o.operands.length === 0) return usage(x, mkfifoDef, busybox ? undefined : 'missing operand');
    let failed = false;
    for (const path of o.operands) {
      const done = attempt(() => x.sys.mknod(path, 'fifo', 0o666));
      if (done instanceof Errno) {
        failed = true;
        x.fail(busybox ? `${path}: ${done.message}` : `cannot create fifo ${q(path)}: ${done.message}`);
      } else if (m.mode !== null) x.sys.chmod(path, m.mode);
    }
    return failed ? 1 : 0;
  },
};
export const mkfifo = command(mkfifoDef);

const mknodDef: Command = {
  options: { short: 'm:', long: { mode: 'm:' } },
  main(x, o) {
    const busybox = x.flavour === 'busybox';
    const m = modeOption(x, o, 0o666);
    if ('exit' in m) return m.exit;
    const [path, kind, major, minor, extra] = o.operands;
    const type = ({ b: 'block', c: 'char', u: 'char', p: 'fifo' } as const)[kind?.[0] ?? ''];
    if (busybox) {
      if (
        path === undefined ||
        kind === undefined ||
        type === undefined ||
        extra !== undefined ||
        (type === 'fifo' ? major !== undefined : minor === undefined)
      )
        return usage(x, mknodDef);
    } else {
      const wanted = kind?.[0] === 'p' ? 2 : 4;
      if (o.operands.length < wanted) {
        const last = o.operands.at(-1);
        x.fail(last === undefined ? 'missing operand' : `missing operand after ${quote(x, last)}`);
        if (o.operands.length === 2) x.err('Special files require major and minor device numbers.\n');
        return usage(x, mknodDef);
      }
      if (o.operands.length > wanted) {
        x.fail(`extra operand ${quote(x, o.operands[wanted] as string)}`);
        if (wanted === 2 && o.operands.length === 4) x.err('Fifos do not have major and minor device numbers.\n');
        return usage(x, mknodDef);
      }
      if (type === undefined) return usage(x, mknodDef, `invalid device type ${quote(x, kind as string)}`);
    }
    const numbers: [number, number] = [Number(major ?? 0), Number(minor ?? 0)];
    if (type !== 'fifo')
      for (const [text, word] of [
        [major, 'major'],
        [minor, 'minor'],
      ] as const)
        if (!/^(0x[0-9a-f]+|\d+)$/i.test(text as string)) {
          x.fail(busybox ? `invalid number '${text}'` : `invalid ${word} device number ${quote(x, text as string)}`);
          return 1;
        }
    const done = attempt(() => x.sys.mknod(path as string, type as 'char', 0o666, type === 'fifo' ? undefined : numbers));
    if (done instanceof Errno) {
      x.fail(`${path}: ${done.message}`);
      return 1;
    }
    if (m.mode !== null) x.sys.chmod(path as string, m.mode);
    return 0;
  },
};
export const mknod = command(mknodDef);

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

const mktempDef: Command = {
  options: {
    gnu: { short: 'dp:qtuV', long: { directory: 'd', quiet: 'q', 'dry-run': 'u', suffix: 'suffix:', tmpdir: 'tmpdir::' } },
    busybox: { short: 'dqtp:u' },
  },
  main(x, o) {
    const busybox = x.flavour === 'busybox';
    if (o.operands.length > 1) return usage(x, mktempDef, busybox ? undefined : 'too many templates');
    const tmp = x.env.TMPDIR || '/tmp';
    const given = o.operands[0];
    const template = (given ?? (busybox ? 'tmp.XXXXXX' : 'tmp.XXXXXXXXXX')) + (o.value('suffix') ?? '');
    const holder =
      o.value('p') ?? (o.has('tmpdir') ? o.value('tmpdir') || tmp : undefined) ?? (given === undefined || o.has('t') ? tmp : undefined);
    const quiet = o.has('q');
    const m = /^(.*?)(X+)([^X/]*)$/s.exec(template);
    if (!m || (m[2] as string).length < (busybox ? 6 : 3)) {
      if (!quiet) x.fail(busybox ? `: Invalid argument` : `too few X's in template ${quote(x, template)}`);
      return 1;
    }
    for (let tries = 0; tries < 100; tries++) {
      const letters = busybox ? (m[2] as string).slice(0, -6) + random(x, 6) : random(x, (m[2] as string).length);
      const name = m[1] + letters + m[3];
      const path = holder === undefined ? name : `${holder.replace(/\/+$/, '')}/${name}`;
      if (o.has('u')) {
        x.out(`${path}\n`);
        return 0;
      }
      const done = attempt(() =>
        o.has('d') ? x.sys.mkdir(path, 0o700) : x.sys.close(x.sys.open(path, { write: true, create: true, excl: true }, 0o600)),
      );
      if (!(done instanceof Errno)) {
        x.out(`${path}\n`);
        return 0;
      }
      if (done.code === 'EEXIST') continue;
      const shown = holder === undefined ? template : `${holder.replace(/\/+$/, '')}/${template}`;
      if (!quiet)
        x.fail(
          busybox
            ? `: ${done.message}`
            : `failed to create ${o.has('d') ? 'directory' : 'file'} via template ${quote(x, shown)}: ${done.message}`,
        );
      return 1;
    }
    return 1;
  },
};
export const mktemp = command(mktempDef);

const random = (x: Io, n: number) => Array.from({ length: n }, () => LETTERS[Math.floor(x.sys.random() * LETTERS.length)]).join('');
