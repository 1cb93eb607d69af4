/**
 * chmod, chown, chgrp, touch, truncate: what a name's inode says, changed.
 *
 * Source: coreutils 9.10 (chmod.c, chown-core.c, touch.c, truncate.c), BusyBox 1.38's coreutils/.
 * Simplified: chown --from and chmod's "omitting X" of odd links are left out.
 */

import { attempt, Errno, type Stat } from '../../kernel';
import { type Command, command, usage } from '../command';
import { q, quote, statOrNull } from '../io';
import { modeString, parseMode } from '../mode';
import { names, parseOwner } from '../names';
import { type Moment, parseBusyboxDate, parseGnuDate, parseTouchStamp } from '../text/date-parse';
import { walk } from '../tree-walk';

const COMMON_LONG = {
  recursive: 'R',
  changes: 'c',
  verbose: 'v',
  silent: 'f',
  quiet: 'f',
  reference: 'reference:',
  'preserve-root': 'preserve-root',
  'no-preserve-root': 'no-preserve-root',
};
const octal = (mode: number) => mode.toString(8).padStart(4, '0');
const letters = (mode: number) => modeString('file', mode).slice(1);

const chmodDef: Command = {
  options: {
    gnu: { short: 'RcvfhHLP', long: { ...COMMON_LONG, dereference: 'dereference', 'no-dereference': 'h' } },
    busybox: { short: 'Rcvf' },
  },
  // A mode may begin with a dash: `chmod -x file`.
  prepare: (args) => {
    const at = args.findIndex((a) => /^-[rwxXstugo0-7,=+-]+$/.test(a) && !/^-[RcvfhHLP]+$/.test(a));
    const end = args.indexOf('--');
    return at < 0 || (end >= 0 && end < at)
      ? args
      : [
          ...args.slice(0, at).filter((a) => a.startsWith('-')),
          '--',
          args[at] as string,
          ...args.slice(0, at).filter((a) => !a.startsWith('-')),
          ...args.slice(at + 1),
        ];
  },
  main(x, o) {
    const busybox = x.flavour === 'busybox';
    const reference = o.value('reference');
    const [text, ...files] = reference === undefined ? o.operands : ['', ...o.operands];
    if (text === undefined || files.length === 0)
      return usage(x, chmodDef, busybox ? undefined : text ? `missing operand after ${quote(x, text)}` : 'missing operand');
    let change = parseMode(text);
    if (reference !== undefined) {
      const st = attempt(() => x.sys.stat(reference));
      if (st instanceof Errno) {
        x.fail(`failed to get attributes of ${q(reference)}: ${st.message}`);
        return 1;
      }
      change = () => st.mode;
    } else if (change !== null && busybox && /^[0-7]+$/.test(text)) change = () => Number.parseInt(text, 8);
    if (change === null) {
      if (!busybox) return usage(x, chmodDef, `invalid mode: ${quote(x, text)}`);
      x.fail(`invalid mode '${text}'`);
      return 1;
    }
    const apply = change;
    let failed = false;
    const no = (gnu: string, path: string, e: Errno) => {
      failed = true;
      if (!o.has('f')) x.fail(busybox ? `${path}: ${e.message}` : `${gnu}: ${e.message}`);
    };
    const one = (path: string, st: Stat) => {
      if (st.type === 'symlink') return;
      const mode = apply(st.mode, st.type === 'dir', x.sys.umask());
      const done = attempt(() => x.sys.chmod(path, mode));
      if (done instanceof Errno) return no(`changing permissions of ${q(path)}`, path, done);
      const now = statOrNull(x.sys, path)?.mode ?? mode;
      const changed = now !== st.mode;
      if (busybox ? o.has('v') || (o.has('c') && changed) : o.has('v') || (o.has('c') && changed))
        x.out(
          busybox
            ? `mode of '${path}' changed to ${octal(now)} (${letters(now)})\n`
            : changed
              ? `mode of ${q(path)} changed from ${octal(st.mode)} (${letters(st.mode)}) to ${octal(now)} (${letters(now)})\n`
              : `mode of ${q(path)} retained as ${octal(now)} (${letters(now)})\n`,
        );
    };
    for (const path of files) {
      const link = attempt(() => x.sys.lstat(path));
      if (link instanceof Errno) {
        no(`cannot access ${q(path)}`, path, link);
        continue;
      }
      const st = link.type === 'symlink' ? attempt(() => x.sys.stat(path)) : link;
      if (st instanceof Errno) {
        failed = true;
        if (!o.has('f'))
          x.fail(
            busybox
              ? `${path}: ${st.message}`
              : st.code === 'ENOENT'
                ? `cannot operate on dangling symlink ${q(path)}`
                : `cannot access ${q(path)}: ${st.message}`,
          );
      } else if (o.has('R')) walk(x, path, st, one, (p, e) => no(`cannot read directory ${q(p)}`, p, e));
      else one(path, st);
    }
    return failed ? 1 : 0;
  },
};
export const chmod = command(chmodDef);

const owners = (kind: 'chown' | 'chgrp'): Command => {
  const def: Command = {
    options: {
      gnu: { short: 'RhcvfHLP', long: { ...COMMON_LONG, dereference: 'dereference', 'no-dereference': 'h', from: 'from:' } },
      busybox: { short: 'RhLHPcvf' },
    },
    main(x, o) {
      const busybox = x.flavour === 'busybox';
      const reference = o.value('reference');
      const [text, ...files] = reference === undefined ? o.operands : ['', ...o.operands];
      if (text === undefined || files.length === 0)
        return usage(x, def, busybox ? undefined : text ? `missing operand after ${quote(x, text)}` : 'missing operand');
      if (o.has('from')) {
        x.fail('drydock: --from is not modelled');
        return 1;
      }
      const n = names(x.sys);
      const wanted = reference !== undefined ? statOrNull(x.sys, reference) : parseOwner(n, kind === 'chgrp' ? `:${text}` : text);
      if (wanted === null) {
        x.fail(`failed to get attributes of ${q(reference as string)}: No such file or directory`);
        return 1;
      }
      if ('wrong' in wanted) {
        if (busybox)
          x.fail(
            kind === 'chgrp'
              ? `unknown group ${text}`
              : text.includes(':') && wanted.wrong === 'group'
                ? `unknown user/group ${text}`
                : wanted.wrong === 'user' && text.includes(':')
                  ? `unknown user/group ${text}`
                  : `unknown user ${text}`,
          );
        else x.fail(`invalid ${wanted.wrong}: ${quote(x, text)}`);
        return 1;
      }
      const { uid, gid } = wanted;
      let failed = false;
      const no = (gnu: string, path: string, e: Errno) => {
        failed = true;
        if (!o.has('f')) x.fail(busybox ? `${path}: ${e.message}` : `${gnu}: ${e.message}`);
      };
      const one = (path: string, st: Stat) => {
        const link = o.has('h') || (o.has('R') && !o.has('L') && st.type === 'symlink');
        const done = attempt(() => (link ? x.sys.lchown(path, uid, gid) : x.sys.chown(path, uid, gid)));
        if (done instanceof Errno)
          return no(`changing ${kind === 'chgrp' || (uid === -1 && gid !== -1) ? 'group' : 'ownership'} of ${q(path)}`, path, done);
        if (!o.has('v') && !(o.has('c') && ((uid !== -1 && uid !== st.uid) || (gid !== -1 && gid !== st.gid)))) return;
        if (busybox) {
          x.out(`changed ownership of '${path}' to ${uid === -1 ? st.uid : uid}:${gid === -1 ? st.gid : gid}\n`);
          return;
        }
        const changed = (uid !== -1 && uid !== st.uid) || (gid !== -1 && gid !== st.gid);
        if (kind === 'chgrp')
          x.out(
            changed
              ? `changed group of ${q(path)} from ${n.groupName(st.gid)} to ${text}\n`
              : `group of ${q(path)} retained as ${n.groupName(st.gid)}\n`,
          );
        else {
          const old =
            uid === -1 ? `:${n.groupName(st.gid)}` : gid === -1 ? n.userName(st.uid) : `${n.userName(st.uid)}:${n.groupName(st.gid)}`;
          x.out(changed ? `changed ownership of ${q(path)} from ${old} to ${text}\n` : `ownership of ${q(path)} retained as ${old}\n`);
        }
      };
      for (const path of files) {
        const st = attempt(() => (o.has('h') || o.has('R') ? x.sys.lstat(path) : x.sys.stat(path)));
        if (st instanceof Errno)
          no(`${st.code === 'ENOENT' && statOrNull(x.sys, path, false) ? 'cannot dereference' : 'cannot access'} ${q(path)}`, path, st);
        else if (o.has('R')) walk(x, path, st, one, (p, e) => no(`cannot read directory ${q(p)}`, p, e));
        else one(path, st);
      }
      return failed ? 1 : 0;
    },
  };
  return def;
};
export const chown = command(owners('chown'));
export const chgrp = command(owners('chgrp'));

const touchDef: Command = {
  options: {
    gnu: { short: 'acd:fhmr:t:', long: { 'no-create': 'c', date: 'd:', 'no-dereference': 'h', reference: 'r:', time: 'time:' } },
    busybox: { short: 'cfhamr:d:t:', long: { 'no-create': 'c', reference: 'r:', date: 'd:', 'no-dereference': 'h' } },
  },
  main(x, o) {
    const busybox = x.flavour === 'busybox';
    const now = Math.floor(x.sys.now() / 1000);
    if (o.operands.length === 0) return usage(x, touchDef, busybox ? undefined : 'missing file operand');
    let atime: number | 'now' = 'now';
    let mtime: number | 'now' = 'now';
    const reference = o.value('r');
    if (reference !== undefined) {
      const st = attempt(() => x.sys.stat(reference));
      if (st instanceof Errno) {
        x.fail(busybox ? `${reference}: ${st.message}` : `failed to get attributes of ${q(reference)}: ${st.message}`);
        return 1;
      }
      ({ atime, mtime } = st);
    }
    const word = o.last('d', 't');
    if (word !== undefined) {
      const text = o.value(word) as string;
      const found = word === 't' ? parseTouchStamp(text, now) : busybox ? parseBusyboxDate(text, now) : momentOf(parseGnuDate(text, now));
      if (found === null) {
        x.fail(busybox ? `invalid date '${text}'` : `invalid date format ${quote(x, text)}`);
        return 1;
      }
      atime = mtime = found * 1000;
    }
    const which = o.value('time');
    const onlyA = o.has('a') || ['access', 'atime', 'use'].includes(which ?? '');
    const onlyM = o.has('m') || ['modify', 'mtime'].includes(which ?? '');
    let failed = false;
    for (const path of o.operands) {
      const make = () => {
        if (statOrNull(x.sys, path, !o.has('h')) === null && !o.has('h')) {
          if (o.has('c')) return;
          x.sys.close(x.sys.open(path, { write: true, create: true }));
          if (atime === 'now' && mtime === 'now') return;
        }
        x.sys.utimes(path, onlyM && !onlyA ? 'omit' : atime, onlyA && !onlyM ? 'omit' : mtime, o.has('h'));
      };
      const done = attempt(make);
      if (!(done instanceof Errno) || (o.has('c') && done.code === 'ENOENT')) continue;
      failed = true;
      x.fail(
        busybox
          ? `${path}: ${done.message}`
          : statOrNull(x.sys, path)
            ? `setting times of ${q(path)}: ${done.message}`
            : `cannot touch ${q(path)}: ${done.message}`,
      );
    }
    return failed ? 1 : 0;
  },
};
export const touch = command(touchDef);
const momentOf = (m: Moment | null): number | null => (m === null ? null : m.seconds + m.nanoseconds / 1e9);

const SIZE = /^([-+<>/%]?)(\d+)([kKMGTPE]?)(i?B?)$/;
/** 2K, 1M, 5MB, +10, <1G: a size and what to do with it. */
function parseSize(text: string): { how: string; bytes: number } | null {
  const m = SIZE.exec(text.trim());
  if (!m) return null;
  const power = ' kmgtpe'.indexOf((m[3] as string).toLowerCase() || ' ');
  return { how: m[1] as string, bytes: Number(m[2]) * (m[4] === 'B' ? 1000 : 1024) ** power };
}

const truncateDef: Command = {
  options: {
    gnu: { short: 'cor:s:', long: { 'no-create': 'c', 'io-blocks': 'o', reference: 'r:', size: 's:' } },
    busybox: { short: 'cs:' },
  },
  main(x, o) {
    const busybox = x.flavour === 'busybox';
    const text = o.value('s');
    const reference = o.value('r');
    if (text === undefined && reference === undefined)
      return usage(x, truncateDef, busybox ? undefined : `you must specify either ${quote(x, '--size')} or ${quote(x, '--reference')}`);
    if (o.operands.length === 0) return usage(x, truncateDef, busybox ? undefined : 'missing file operand');
    const size = text === undefined ? { how: '', bytes: 0 } : parseSize(text);
    if (size === null || (busybox && size.how !== '')) {
      x.fail(busybox ? `invalid number '${text}'` : `Invalid number: ${quote(x, text as string)}`);
      return 1;
    }
    const origin = reference === undefined ? 0 : attempt(() => x.sys.stat(reference).size);
    if (origin instanceof Errno) {
      x.fail(`cannot stat ${q(reference as string)}: ${origin.message}`);
      return 1;
    }
    let failed = false;
    for (const path of o.operands) {
      const done = attempt(() => {
        if (statOrNull(x.sys, path) === null && o.has('c')) return;
        const fd = x.sys.open(path, { write: true, create: !o.has('c') });
        const now = reference === undefined ? x.sys.fstat(fd).size : origin;
        const { how, bytes } = size;
        const to =
          how === '+'
            ? now + bytes
            : how === '-'
              ? Math.max(0, now - bytes)
              : how === '<'
                ? Math.min(now, bytes)
                : how === '>'
                  ? Math.max(now, bytes)
                  : how === '/'
                    ? Math.floor(now / bytes) * bytes
                    : how === '%'
                      ? Math.ceil(now / bytes) * bytes
                      : text === undefined
                        ? now
                        : bytes;
        x.sys.ftruncate(fd, to);
        x.sys.close(fd);
      });
      if (!(done instanceof Errno)) continue;
      failed = true;
      x.fail(busybox ? `${path}: open: ${done.message}` : `cannot open ${q(path)} for writing: ${done.message}`);
    }
    return failed ? 1 : 0;
  },
};
export const truncate = command(truncateDef);
