/**
 * cp, mv, install: files from one place to another.
 *
 * A copy reads and writes through descriptors; a move is a rename, or a copy and a removal across mounts.
 * Source: coreutils 9.10 (copy.c, cp.c, mv.c, install.c), BusyBox 1.38's libbb/copy_file.c, coreutils/{cp,mv,install}.c.
 * Simplified: -i takes its answers from the whole of standard input; --sparse, --reflink and SELinux contexts are accepted and do nothing.
 * Past 400 lines because cp, mv and install are one copy with three faces.
 */

import { attempt, Errno, type Stat } from '../../kernel';
import { type Command, command, usage } from '../command';
import { base, dir, join, q, quote, statOrNull, writeAll } from '../io';
import { parseMode } from '../mode';
import { names, parseOwner } from '../names';
import type { Options } from '../options';
import type { Io } from '../tool';
import { list } from '../tree-walk';

interface How {
  x: Io;
  busybox: boolean;
  recursive: boolean;
  /** Follow links: always, only those named, or never. */
  follow: 'always' | 'named' | 'never';
  preserve: { mode: boolean; owner: boolean; times: boolean; links: boolean; xattr: boolean };
  force: boolean;
  noClobber: boolean;
  update: boolean;
  verbose: boolean;
  kind: 'copy' | 'hard' | 'symbolic';
  removeFirst: boolean;
  agree(question: string): boolean;
  failed: boolean;
  /** dev:ino → where it was copied to, for hard links (--preserve=links). */
  seen: Map<string, string>;
  /** Directories being made, so that a copy into itself is noticed. */
  made: Set<string>;
  /** A move in several steps: keeps everything, and mv's words. */
  moving: boolean;
  /** mv --no-copy: a move between file systems is refused. */
  stay: boolean;
}

const say = (h: How, gnu: string, busybox = gnu) => {
  h.x.fail(h.busybox ? busybox : gnu);
  h.failed = true;
};
const key = (st: Stat) => `${st.dev}:${st.ino}`;

/** Copies one name. False when it (or something below it) was refused. */
export function copy(h: How, from: string, to: string, top: boolean): boolean {
  const { x } = h;
  const { sys } = x;
  const follow = h.follow === 'always' || (h.follow === 'named' && top);
  const st = attempt(() => (follow ? sys.stat(from) : sys.lstat(from)));
  if (st instanceof Errno) return say(h, `cannot stat ${q(from)}: ${st.message}`, `can't stat '${from}': ${st.message}`), false;
  const found = attempt(() => sys.lstat(to));
  if (found instanceof Errno && found.code === 'ENOTDIR' && h.busybox) return say(h, '', `can't stat '${to}': ${found.message}`), false;
  const there = found instanceof Errno ? null : found;
  const target = there?.type === 'symlink' ? (statOrNull(sys, to) ?? there) : there;
  if (target && key(target) === key(st) && !(h.kind !== 'copy' && !there)) {
    if (h.moving || h.kind === 'copy' || h.busybox)
      return say(h, `${q(from)} and ${q(to)} are the same file`, `'${from}' and '${to}' are the same file`), false;
  }
  if (there && h.noClobber) return true;
  if (there && h.update && st.type !== 'dir' && (target?.mtime ?? 0) >= st.mtime) return true;

  if (st.type === 'dir') return copyDir(h, from, to, st, target);

  if (target?.type === 'dir')
    return (
      say(
        h,
        `cannot overwrite directory ${q(to)} with non-directory${h.moving ? '' : ` ${q(from)}`}`,
        `can't create '${to}': Is a directory`,
      ),
      false
    );
  const links = h.preserve.links && st.nlink > 1 ? h.seen.get(key(st)) : undefined;
  if (links !== undefined || h.kind === 'hard') {
    if (there && (h.force || links !== undefined)) attempt(() => sys.unlink(to));
    const done = attempt(() => sys.link(links ?? from, to, follow));
    if (done instanceof Errno)
      return (
        say(h, `cannot create hard link ${q(to)} to ${q(links ?? from)}: ${done.message}`, `can't create link '${to}': ${done.message}`),
        false
      );
    spoken(h, from, to);
    return true;
  }
  if (h.preserve.links && st.nlink > 1) h.seen.set(key(st), to);
  if (there && !h.agree(h.busybox ? `overwrite '${to}'` : `overwrite ${q(to)}`)) return true;
  if (h.kind === 'symbolic') {
    if (there && h.force) attempt(() => sys.unlink(to));
    const done = attempt(() => sys.symlink(from, to));
    if (done instanceof Errno)
      return (
        say(h, `cannot create symbolic link ${q(to)} to ${q(from)}: ${done.message}`, `can't create symlink '${to}': ${done.message}`),
        false
      );
    spoken(h, from, to);
    return true;
  }
  const wholesale = h.recursive || h.moving;
  if (st.type === 'file' || (!wholesale && st.type !== 'symlink')) return copyFile(h, from, to, st, there);
  if (there) attempt(() => sys.unlink(to));
  const done = attempt(() => {
    if (st.type === 'symlink') sys.symlink(sys.readlink(from), to);
    else if (st.type !== 'dir') sys.mknod(to, st.type === 'file' ? 'fifo' : st.type, st.mode & 0o777, st.rdev);
  });
  if (done instanceof Errno) {
    const what = st.type === 'symlink' ? 'symbolic link' : st.type === 'fifo' ? 'fifo' : 'special file';
    return (
      say(
        h,
        `cannot create ${what} ${q(to)}: ${done.message}`,
        `can't create ${st.type === 'symlink' ? 'symlink ' : ''}'${to}': ${done.message}`,
      ),
      false
    );
  }
  spoken(h, from, to);
  keep(h, from, to, st);
  return true;
}

const spoken = (h: How, from: string, to: string) => {
  if (h.verbose && !h.moving) h.x.out(h.busybox ? `'${from}' -> '${to}'\n` : `${q(from)} -> ${q(to)}\n`);
};

function copyFile(h: How, from: string, to: string, st: Stat, there: Stat | null): boolean {
  const { sys } = h.x;
  const source = attempt(() => sys.open(from, { read: true }));
  if (source instanceof Errno)
    return say(h, `cannot open ${q(from)} for reading: ${source.message}`, `can't open '${from}': ${source.message}`), false;
  const mode = (h.preserve.mode ? st.mode : st.mode & 0o777) & 0o777;
  if (there && h.removeFirst) attempt(() => sys.unlink(to));
  const flags = { write: true, create: true, trunc: true };
  let sink = attempt(() => sys.open(to, flags, mode));
  if (sink instanceof Errno && h.force && there && (sink.code === 'EACCES' || sink.code === 'ETXTBSY')) {
    attempt(() => sys.unlink(to));
    sink = attempt(() => sys.open(to, flags, mode));
  }
  if (sink instanceof Errno) {
    sys.close(source);
    const why = to.endsWith('/') && !h.busybox && sink.code === 'EISDIR' ? 'Not a directory' : sink.message;
    return say(h, `cannot create regular file ${q(to)}: ${why}`, `can't create '${to}': ${sink.message}`), false;
  }
  spoken(h, from, to);
  const fd = sink;
  const done = attempt(() => {
    for (;;) {
      const chunk = sys.read(source, 1 << 18);
      if (chunk === null || chunk === '') return;
      writeAll(sys, fd, chunk);
    }
  });
  sys.close(source);
  sys.close(fd);
  if (done instanceof Errno) return say(h, `error writing ${q(to)}: ${done.message}`, `write error: ${done.message}`), false;
  keep(h, from, to, st);
  return true;
}

function copyDir(h: How, from: string, to: string, st: Stat, target: Stat | null): boolean {
  const { sys } = h.x;
  if (!h.recursive) return say(h, `-r not specified; omitting directory ${q(from)}`, `omitting directory '${from}'`), false;
  if (target && target.type !== 'dir')
    return say(h, `cannot overwrite non-directory ${q(to)} with directory ${q(from)}`, `target '${to}' is not a directory`), false;
  if (h.made.has(key(st))) return say(h, '', `recursion detected, omitting directory '${from}'`), false;
  if (!target) {
    const done = attempt(() => sys.mkdir(to, 0o777));
    if (done instanceof Errno)
      return say(h, `cannot create directory ${q(to)}: ${done.message}`, `can't create directory '${to}': ${done.message}`), false;
    const now = statOrNull(sys, to);
    if (now) {
      h.made.add(key(now));
      if ((now.mode & 0o700) !== 0o700) attempt(() => sys.chmod(to, now.mode | 0o700));
    }
    if (!h.busybox) spoken(h, from, to);
  }
  const entries = list(h.x, from);
  let whole = true;
  if (entries instanceof Errno) {
    say(h, `cannot access ${q(from)}: ${entries.message}`, `can't open '${from}': ${entries.message}`);
    whole = false;
  } else
    for (const name of entries) {
      const inner = join(from, name);
      const it = statOrNull(sys, inner, false);
      // A copy into its own subdirectory: GNU stops there, BusyBox leaves the new directory out.
      if (it && h.made.has(key(it))) {
        if (h.busybox) say(h, '', `recursion detected, omitting directory '${inner}'`);
        else say(h, `cannot copy a directory, ${q(from)}, into itself, ${q(inner)}`);
        whole = false;
        continue;
      }
      whole = copy(h, inner, join(to, name), false) && whole;
    }
  if (!target) attempt(() => sys.chmod(to, h.preserve.mode ? st.mode : st.mode & 0o777 & ~sys.umask()));
  if (h.busybox && !target) spoken(h, from, to);
  if (!target || h.preserve.mode) keep(h, from, to, st);
  return whole;
}

/** What -p, -a and a move keep of the original. */
function keep(h: How, from: string, to: string, st: Stat): void {
  const { sys } = h.x;
  const link = st.type === 'symlink';
  if (h.preserve.xattr && !link)
    for (const name of orElse<string[]>(
      attempt(() => sys.listxattr(from)),
      [],
    )) {
      const value = attempt(() => sys.getxattr(from, name));
      if (typeof value === 'string') attempt(() => sys.setxattr(to, name, value));
    }
  if (h.preserve.owner) {
    const done = attempt(() => sys.lchown(to, st.uid, st.gid));
    if (done instanceof Errno && sys.credentials().euid === 0)
      say(h, `failed to preserve ownership for ${q(to)}: ${done.message}`, `can't preserve ownership of '${to}': ${done.message}`);
  }
  if (h.preserve.mode && !link) attempt(() => sys.chmod(to, st.mode));
  if (h.preserve.times) attempt(() => sys.utimes(to, st.atime, st.mtime, true));
}
const orElse = <T>(value: T | Errno, other: T): T => (value instanceof Errno ? other : value);

const plain = { mode: false, owner: false, times: false, links: false, xattr: false };
const everything = { mode: true, owner: true, times: true, links: true, xattr: true };

function howTo(x: Io, o: Options, stdin: string, over: Partial<How>): How {
  const answers = stdin.split('\n');
  const clobber = o.last('f', 'i', 'n');
  return {
    x,
    busybox: x.flavour === 'busybox',
    recursive: false,
    follow: 'named',
    preserve: plain,
    force: o.has('f'),
    noClobber: o.has('n') && (clobber === 'n' || !o.has('i')),
    update: o.has('u'),
    verbose: o.has('v'),
    kind: 'copy',
    removeFirst: false,
    failed: false,
    seen: new Map(),
    made: new Set(),
    moving: false,
    stay: o.has('no-copy'),
    agree(question) {
      if (clobber !== 'i') return true;
      x.err(`${x.name}: ${question}? `);
      return /^y/i.test(answers.shift() ?? '');
    },
    ...over,
  };
}

/** Where each operand goes: [source, target] pairs; or a status after a complaint. */
function pairs(x: Io, o: Options, def: Command): [string, string][] | number {
  const busybox = x.flavour === 'busybox';
  const operands = [...o.operands];
  const into = o.value('t');
  const alone = o.has('T');
  if (operands.length < (into === undefined ? 2 : 1)) {
    if (busybox) return usage(x, def);
    return usage(
      x,
      def,
      operands.length === 0 ? 'missing file operand' : `missing destination file operand after ${q(operands[0] as string)}`,
    );
  }
  if (into !== undefined) {
    const st = attempt(() => x.sys.stat(into));
    if (!busybox && (st instanceof Errno || st.type !== 'dir')) {
      x.fail(`target directory ${q(into)}: ${st instanceof Errno ? st.message : 'Not a directory'}`);
      return 1;
    }
    return operands.map((f) => [f, join(into, base(f))]);
  }
  const target = operands.pop() as string;
  if (alone && operands.length > 1) return usage(x, def, busybox ? undefined : `extra operand ${q(target)}`);
  if (alone) return [[operands[0] as string, target]];
  const st = attempt(() => x.sys.stat(target));
  if (!(st instanceof Errno) && st.type === 'dir') return operands.map((f) => [f, join(target, base(f))]);
  // BusyBox takes whatever is there for a directory when a directory is to go there.
  const intoIt =
    busybox && !(st instanceof Errno) && def === cpDef && o.has('r', 'R', 'a') && statOrNull(x.sys, operands[0] as string)?.type === 'dir';
  if (operands.length === 1 && !intoIt) return [[operands[0] as string, target]];
  if (busybox) return operands.map((f) => [f, join(target, base(f))]);
  x.fail(`target ${q(target)}: ${st instanceof Errno ? st.message : 'Not a directory'}`);
  return 1;
}

const asks = (argv: string[]) => argv.some((a) => /^-[a-zA-Z]*i/.test(a) || a === '--interactive');

const cpDef: Command = {
  options: {
    gnu: {
      short: 'abdfHilLnprst:uvxPRS:TZ',
      long: {
        archive: 'a',
        'attributes-only': 'attributes-only',
        backup: 'b',
        'copy-contents': 'copy-contents',
        dereference: 'L',
        force: 'f',
        interactive: 'i',
        link: 'l',
        'no-clobber': 'n',
        'no-dereference': 'P',
        'no-preserve': 'no-preserve:',
        'no-target-directory': 'T',
        'one-file-system': 'x',
        parents: 'parents',
        preserve: 'preserve::',
        recursive: 'r',
        'remove-destination': 'remove-destination',
        reflink: 'reflink::',
        sparse: 'sparse:',
        'strip-trailing-slashes': 'strip',
        'symbolic-link': 's',
        'target-directory': 't:',
        update: 'u',
        verbose: 'v',
      },
    },
    busybox: {
      short: 'pdRfinlsLHarPvuTt:',
      long: {
        archive: 'a',
        force: 'f',
        interactive: 'i',
        link: 'l',
        dereference: 'L',
        'no-dereference': 'P',
        recursive: 'r',
        'symbolic-link': 's',
        'no-target-directory': 'T',
        'target-directory': 't:',
        verbose: 'v',
        update: 'u',
        'remove-destination': 'remove-destination',
        parents: 'parents',
        reflink: 'reflink::',
      },
    },
  },
  stdin: asks,
  main(x, o, stdin) {
    const todo = pairs(x, o, cpDef);
    if (typeof todo === 'number') return todo;
    const recursive = o.has('r', 'R', 'a');
    const follows = o.last('L', 'P', 'H', 'd', 'a');
    const words = o.has('preserve') ? (o.value('preserve') || 'mode,ownership,timestamps').split(',') : [];
    const all = words.includes('all') || o.has('a');
    const std = o.has('p', 'a') || all;
    const dropped = (o.value('no-preserve') ?? '').split(',');
    const preserve = {
      mode: (std || words.includes('mode')) && !dropped.includes('mode'),
      owner: (std || words.includes('ownership')) && !dropped.includes('ownership'),
      times: (std || words.includes('timestamps')) && !dropped.includes('timestamps'),
      links: all || o.has('d') || words.includes('links'),
      xattr: all || words.includes('xattr'),
    };
    const h = howTo(x, o, stdin, {
      recursive,
      preserve,
      kind: o.has('l') ? 'hard' : o.has('s') ? 'symbolic' : 'copy',
      removeFirst: o.has('remove-destination'),
      follow:
        follows === 'L'
          ? 'always'
          : follows === 'P' || follows === 'd' || follows === 'a'
            ? 'never'
            : follows === 'H'
              ? 'named'
              : recursive || o.has('l')
                ? 'never'
                : 'named',
    });
    for (const [from, to] of todo) {
      let target = to;
      if (o.has('parents')) {
        const into = o.value('t') ?? (o.operands.at(-1) as string);
        target = join(into, from.replace(/^\/+/, ''));
        let at = into;
        for (const part of dir(from)
          .split('/')
          .filter((p) => p !== '' && p !== '.')) {
          at = join(at, part);
          attempt(() => x.sys.mkdir(at, 0o777));
        }
      }
      copy(h, from, target, true);
    }
    return h.failed ? 1 : 0;
  },
};
export const cp = command(cpDef);

const mvDef: Command = {
  options: {
    gnu: {
      short: 'bfint:uvS:TZ',
      long: {
        backup: 'b',
        force: 'f',
        interactive: 'i',
        'no-clobber': 'n',
        'no-target-directory': 'T',
        'strip-trailing-slashes': 'strip',
        'target-directory': 't:',
        update: 'u',
        verbose: 'v',
        exchange: 'exchange',
        'no-copy': 'no-copy',
      },
    },
    busybox: {
      short: 'finTt:v',
      long: { interactive: 'i', force: 'f', 'no-clobber': 'n', 'no-target-directory': 'T', 'target-directory': 't:', verbose: 'v' },
    },
  },
  stdin: asks,
  main(x, o, stdin) {
    const todo = pairs(x, o, mvDef);
    if (typeof todo === 'number') return todo;
    const h = howTo(x, o, stdin, { recursive: true, follow: 'never', preserve: everything, moving: true, removeFirst: true });
    for (const [from, to] of todo) move(h, from, to);
    return h.failed ? 1 : 0;
  },
};
export const mv = command(mvDef);

function move(h: How, from: string, to: string): void {
  const { sys } = h.x;
  const st = attempt(() => sys.lstat(from));
  if (st instanceof Errno) return say(h, `cannot stat ${q(from)}: ${st.message}`, `can't rename '${from}': ${st.message}`);
  const there = statOrNull(sys, to, false);
  if (there && h.noClobber) return;
  if (there && h.update && there.mtime >= st.mtime) return;
  if (there && key(there) === key(st) && !h.busybox) return say(h, `${q(from)} and ${q(to)} are the same file`);
  if (there && !h.agree(`overwrite ${q(to)}`)) return;
  if (!h.busybox && there) {
    if (st.type === 'dir' && there.type !== 'dir') return say(h, `cannot overwrite non-directory ${q(to)} with directory ${q(from)}`);
    if (st.type !== 'dir' && there.type === 'dir') return say(h, `cannot overwrite directory ${q(to)} with non-directory ${q(from)}`);
  }
  const done = attempt(() => sys.rename(from, to));
  if (done instanceof Errno && done.code === 'EXDEV') {
    if (h.stay) return say(h, `cannot move ${q(from)} to ${q(to)}: ${done.message}`);
    if (there && there.type === 'dir') {
      const gone = attempt(() => sys.rmdir(to));
      if (gone instanceof Errno)
        return say(
          h,
          `inter-device move failed: ${q(from)} to ${q(to)}; unable to remove target: ${gone.message}`,
          `can't remove '${to}': ${gone.message}`,
        );
    }
    if (!copy(h, from, to, true)) return;
    removeAll(h, from);
  } else if (done instanceof Errno) {
    if (h.busybox) return say(h, '', `can't rename '${from}': ${done.message}`);
    if (done.code === 'EINVAL' && st.type === 'dir') return say(h, `cannot move ${q(from)} to a subdirectory of itself, ${q(to)}`);
    if (there && (done.code === 'ENOTEMPTY' || done.code === 'EEXIST')) return say(h, `cannot overwrite ${q(to)}: ${done.message}`);
    return say(h, `cannot move ${q(from)} to ${q(to)}: ${done.message}`);
  }
  if (h.verbose) h.x.out(h.busybox ? `'${from}' -> '${to}'\n` : `renamed ${q(from)} -> ${q(to)}\n`);
}

function removeAll(h: How, path: string): void {
  const { sys } = h.x;
  const st = statOrNull(sys, path, false);
  if (st?.type === 'dir') {
    const entries = list(h.x, path);
    if (!(entries instanceof Errno)) for (const name of entries) removeAll(h, join(path, name));
  }
  const done = attempt(() => (st?.type === 'dir' ? sys.rmdir(path) : sys.unlink(path)));
  if (done instanceof Errno) say(h, `cannot remove ${q(path)}: ${done.message}`, `can't remove '${path}': ${done.message}`);
}

const installDef: Command = {
  options: {
    gnu: {
      short: 'bcCdDg:m:o:psS:t:TvZ',
      long: {
        directory: 'd',
        group: 'g:',
        mode: 'm:',
        owner: 'o:',
        'preserve-timestamps': 'p',
        strip: 's',
        'target-directory': 't:',
        'no-target-directory': 'T',
        verbose: 'v',
        compare: 'C',
      },
    },
    busybox: {
      short: 'cvdDpsg:m:o:t:',
      long: {
        directory: 'd',
        'preserve-timestamps': 'p',
        strip: 's',
        group: 'g:',
        mode: 'm:',
        owner: 'o:',
        'target-directory': 't:',
        verbose: 'v',
      },
    },
  },
  main(x, o) {
    const busybox = x.flavour === 'busybox';
    const n = names(x.sys);
    const change = parseMode(o.value('m') ?? '755');
    if (change === null) {
      x.fail(busybox ? `invalid mode '${o.value('m')}'` : `invalid mode ${quote(x, o.value('m') as string)}`);
      return 1;
    }
    const owner = parseOwner(n, `${o.value('o') ?? ''}:${o.value('g') ?? ''}`.replace(/:$/, ''));
    if ('wrong' in owner) {
      const who = owner.wrong === 'user' ? o.value('o') : o.value('g');
      x.fail(busybox ? `unknown ${owner.wrong} ${who}` : `invalid ${owner.wrong} ${quote(x, who as string)}`);
      return 1;
    }
    const finish = (path: string, isDir: boolean) => {
      x.sys.chmod(path, change(0, isDir, 0));
      if (owner.uid !== -1 || owner.gid !== -1) x.sys.chown(path, owner.uid, owner.gid);
    };
    const h = howTo(x, o, '', { preserve: { ...plain, times: o.has('p') }, removeFirst: true });
    const parents = (path: string, all: boolean) => {
      let at = path.startsWith('/') ? '/' : '';
      const parts = path.split('/').filter(Boolean);
      for (const [i, part] of parts.entries()) {
        at = at === '' || at === '/' ? at + part : `${at}/${part}`;
        const made = attempt(() => x.sys.mkdir(at, 0o755));
        if (made instanceof Errno && made.code !== 'EEXIST')
          return say(h, `cannot create directory ${q(at)}: ${made.message}`, `can't create directory '${at}': ${made.message}`);
        if (all && i === parts.length - 1) finish(at, true);
      }
    };
    if (o.has('d')) {
      if (o.operands.length === 0) return usage(x, installDef, busybox ? undefined : 'missing file operand');
      for (const path of o.operands) parents(path, true);
      return h.failed ? 1 : 0;
    }
    if (o.has('D')) parents(o.value('t') ?? dir(o.operands.at(-1) ?? ''), false);
    const todo = pairs(x, o, installDef);
    if (typeof todo === 'number') return todo;
    for (const [from, to] of todo) {
      if (!copy(h, from, to, true)) continue;
      const done = attempt(() => finish(to, false));
      if (done instanceof Errno)
        say(h, `cannot change ownership of ${q(to)}: ${done.message}`, `can't change ownership of ${to}: ${done.message}`);
    }
    return h.failed ? 1 : 0;
  },
};
export const install = command(installDef);
