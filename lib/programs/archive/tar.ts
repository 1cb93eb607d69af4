/**
 * tar: archives made, listed and unpacked. The format is ../../base/tar.
 *
 * Source: GNU tar 1.35, BusyBox 1.38's archival/tar.c.
 * Simplified: an archive is read whole before anything of it is done; -j, -J and --zstd say that they are not modelled; -r and -u too.
 * Past 400 lines because two programs' words for one set of actions stand side by side.
 */

import { globMatch } from '../../base/posix';
import { strftime } from '../../base/posix/date';
import { readTar, type TarEntry, TarError, writeTar } from '../../base/tar';
import { attempt, Errno, type Stat } from '../../kernel';
import { type Misuse, readOptions, usage } from '../command';
import { dir, join, slurp, spill, statOrNull } from '../io';
import { modeString } from '../mode';
import { names } from '../names';
import type { Options } from '../options';
import { type Flavour, type Io, tool } from '../tool';
import { list } from '../tree-walk';
import { compress, decompress } from './gzip';

const def: Misuse = {
  options: {
    gnu: {
      short: 'Acdrtuxz::f:vC:OpPkmhjJSwlWnsi0b:T:X:N:aZU',
      long: {
        create: 'c',
        extract: 'x',
        get: 'x',
        list: 't',
        append: 'r',
        update: 'u',
        diff: 'd',
        compare: 'd',
        delete: 'delete',
        file: 'f:',
        directory: 'C:',
        gzip: 'z',
        gunzip: 'z',
        bzip2: 'j',
        xz: 'J',
        zstd: 'zstd',
        verbose: 'v',
        'to-stdout': 'O',
        exclude: 'exclude:',
        'exclude-from': 'X:',
        'strip-components': 'strip:',
        'preserve-permissions': 'p',
        'same-permissions': 'p',
        'same-owner': 'same-owner',
        'no-same-owner': 'o',
        'numeric-owner': 'numeric-owner',
        owner: 'owner:',
        group: 'group:',
        mtime: 'mtime:',
        mode: 'mode:',
        sort: 'sort:',
        transform: 'transform:',
        xform: 'transform:',
        wildcards: 'wildcards',
        'no-recursion': 'no-recursion',
        dereference: 'h',
        touch: 'm',
        'keep-old-files': 'k',
        overwrite: 'overwrite',
        'absolute-names': 'P',
        'files-from': 'T:',
        format: 'format:',
        null: 'null',
        totals: 'totals',
        xattrs: 'xattrs',
        'one-file-system': 'one-file-system',
        'auto-compress': 'a',
        'no-xattrs': 'no-xattrs',
        selinux: 'selinux',
        acls: 'acls',
        'full-time': 'full-time',
      },
    },
    busybox: {
      short: 'tcxf:C:vOopkmhzZjJaT:X:',
      long: { 'strip-components': 'strip:', 'no-recursion': 'no-recursion', 'numeric-owner': 'numeric-owner', 'to-stdout': 'O' },
    },
  },
  package: 'GNU tar',
  // What argp refuses; tar's own refusals end with 2.
  misuse: { gnu: 64, busybox: 1 },
  hint: "Try 'tar --help' or 'tar --usage' for more information.\n",
  // The old form: a first word of letters, whose arguments follow it in order.
  prepare(args) {
    const first = args[0];
    if (first === undefined || first.startsWith('-')) return args;
    const out: string[] = [];
    let at = 1;
    for (const c of first) {
      if (!'fCbTXN'.includes(c)) out.push(`-${c}`);
      else if (at < args.length) out.push(`-${c}`, args[at++] as string);
      else out.push(`-${c}`);
    }
    return [...out, ...args.slice(at)];
  },
};

export const tar = (flavour: Flavour) =>
  tool(
    {
      stdin(argv) {
        const args = def.prepare?.(argv.slice(1)) ?? [];
        const made = args.some((a) => /^-[a-zA-Z]*[xt]/.test(a) || /^--(extract|get|list)$/.test(a));
        const f = args.findLastIndex((a) => /^-[a-zA-Z]*f$/.test(a) || a === '--file');
        const inline = args.find((a) => /^--file=|^-[a-zA-Z]*f./.test(a));
        return made && (inline ? /[=f]-$/.test(inline) : f < 0 || args[f + 1] === '-');
      },
      main(x, stdin) {
        const gnu = flavour === 'gnu';
        const words = x.argv.slice(1);
        if (gnu && words[0] !== undefined && /^[a-zA-Z]+$/.test(words[0])) {
          const needs = [...words[0]].filter((c) => 'fCbTXN'.includes(c));
          if (needs.length > words.length - 1) {
            x.fail(`Old option '${needs.at(-1)}' requires an argument.`);
            x.err(def.hint as string);
            return 2;
          }
        }
        if (x.flavour === 'busybox' && x.argv.includes('--version')) {
          x.out('tar (busybox) 1.38.0\n');
          return 0;
        }
        const o = readOptions(x, def);
        if (typeof o === 'number') return o;
        const modes = [...new Set(o.given.map(([k]) => k).filter((k) => 'cxt'.includes(k)))];
        if (o.has('r', 'u', 'd', 'A', 'delete', 'j', 'J', 'Z', 'zstd', 'transform', 'N')) {
          x.fail(
            `drydock: ${o.has('transform') ? '--transform' : o.has('j', 'J', 'Z', 'zstd') ? 'this compression' : 'this mode'} is not modelled`,
          );
          return 2;
        }
        if (modes.length === 0)
          return usage(
            x,
            { ...def, misuse: { gnu: 2, busybox: 1 } },
            gnu ? "You must specify one of the '-Acdtrux', '--delete' or '--test-label' options" : undefined,
          );
        if (modes.length > 1)
          return usage(
            x,
            { ...def, misuse: { gnu: 2, busybox: 1 } },
            gnu ? "You may not specify more than one '-Acdtrux', '--delete' or  '--test-label' option" : undefined,
          );
        return modes[0] === 'c' ? create(x, o) : unpack(x, o, stdin, modes[0] as 'x' | 't');
      },
    },
    flavour,
  );

/** What to say of an error in a file, and how tar ends after it. */
const DELAYED: Record<Flavour, string> = {
  gnu: 'Exiting with failure status due to previous errors',
  busybox: 'error exit delayed from previous errors',
};

function create(x: Io, o: Options): number {
  const gnu = x.flavour === 'gnu';
  const { sys } = x;
  const n = names(sys);
  const file = o.value('f') ?? '-';
  let failed = false;
  const no = (text: string) => {
    x.fail(text);
    failed = true;
  };
  const home = sys.getcwd();
  const operands = [...o.operands];
  for (const from of o.values('T')) operands.push(...slurp(sys, from).split('\n').filter(Boolean));
  if (operands.length === 0) {
    if (!gnu) {
      x.fail('empty archive');
      return 1;
    }
    x.fail('Cowardly refusing to create an empty archive');
    x.err(def.hint as string);
    return 2;
  }
  const into = o.value('C');
  if (into !== undefined) {
    const done = attempt(() => sys.chdir(into));
    if (done instanceof Errno) {
      x.fail(gnu ? `${into}: Cannot open: ${done.message}` : `can't change directory to '${into}': ${done.message}`);
      if (gnu) x.fail('Error is not recoverable: exiting now');
      return gnu ? 2 : 1;
    }
  }
  const excluded = patterns(x, o);
  const entries: TarEntry[] = [];
  const seen = new Map<string, string>();
  let stripped = false;
  let linkStripped = false;
  const archive = statOrNull(sys, file.startsWith('/') ? file : join(home, file));
  const plain = (path: string) => {
    if (o.has('P')) return path;
    const bare = path.replace(/^\/+/, '');
    if (bare !== path && !stripped) {
      stripped = true;
      x.fail(gnu ? "Removing leading `/' from member names" : "removing leading '/' from member names");
    }
    return bare === '' ? './' : bare;
  };
  const add = (path: string) => {
    if (excluded(path)) return;
    const st = attempt(() => (o.has('h') ? sys.stat(path) : sys.lstat(path)));
    if (st instanceof Errno) return no(gnu ? `${path}: Cannot stat: ${st.message}` : `${path}: ${st.message}`);
    if (archive && st.ino === archive.ino && st.dev === archive.dev) {
      if (gnu) x.fail(`${path}: archive cannot contain itself; not dumped`);
      return;
    }
    const name = plain(path);
    const entry = describe(x, o, path, name, st, n);
    if (entry instanceof Errno) return no(gnu ? `${path}: Cannot open: ${entry.message}` : `can't open '${path}': ${entry.message}`);
    if (entry === null) return x.fail(`${path}: socket ignored`);
    const key = `${st.dev}:${st.ino}`;
    const first = st.type !== 'dir' && st.nlink > 1 ? seen.get(key) : undefined;
    if (st.type !== 'dir' && st.nlink > 1 && path.startsWith('/') && !linkStripped && gnu && !o.has('P')) {
      linkStripped = true;
      x.fail("Removing leading `/' from hard link targets");
    }
    if (first !== undefined) {
      entries.push({ ...entry, type: 'link', linkname: first, size: 0, data: undefined });
    } else {
      if (st.type !== 'dir' && st.nlink > 1) seen.set(key, name);
      entries.push(entry);
    }
    if (o.has('v')) (file === '-' ? x.err : x.out)(`${name}${st.type === 'dir' && !name.endsWith('/') ? '/' : ''}\n`);
    if (st.type !== 'dir' || o.has('no-recursion')) return;
    const inner = list(x, path);
    if (inner instanceof Errno) no(gnu ? `${path}: Cannot open: ${inner.message}` : `can't open '${path}': ${inner.message}`);
    else for (const name of o.value('sort') === 'name' ? inner.sort() : inner) add(join(path, name));
  };
  for (const path of operands) add(path.length > 1 ? path.replace(/\/+$/, '') || '/' : path);
  const text = writeTar(entries, {
    format: o.value('format') === 'pax' || o.value('format') === 'posix' ? 'pax' : o.value('format') === 'ustar' ? 'ustar' : 'gnu',
    ...(gnu ? { blocking: 10240 } : {}),
  });
  const zipped = o.has('z') || (o.has('a') && /\.(gz|tgz)$/.test(file));
  const data = zipped ? compress(text) : text;
  sys.chdir(home);
  if (file === '-') {
    if (gnu && sys.isatty(1)) {
      x.fail('Refusing to write archive contents to terminal (missing -f option?)');
      x.fail('Error is not recoverable: exiting now');
      return 2;
    }
    x.out(data);
  } else {
    const done = attempt(() => spill(sys, file, data));
    if (done instanceof Errno) {
      x.fail(gnu ? `${file}: Cannot open: ${done.message}` : `can't open '${file}': ${done.message}`);
      if (gnu) x.fail('Error is not recoverable: exiting now');
      return gnu ? 2 : 1;
    }
  }
  if (failed) x.fail(DELAYED[x.flavour]);
  return failed ? (gnu ? 2 : 1) : 0;
}

function patterns(x: Io, o: Options): (path: string) => boolean {
  const globs = [...o.values('exclude'), ...o.values('X').flatMap((f) => slurp(x.sys, f).split('\n').filter(Boolean))].map((g) =>
    g.replace(/(.)\/$/, '$1'),
  );
  // Unanchored: a pattern may match from any slash on, and the whole of what it names is left out.
  return (path) => globs.some((g) => globMatch(g, path) || path.split('/').some((_, i, parts) => globMatch(g, parts.slice(i).join('/'))));
}

function describe(x: Io, o: Options, path: string, name: string, st: Stat, n: ReturnType<typeof names>): TarEntry | Errno | null {
  if (st.type === 'socket') return null;
  const owner = (text: string | undefined, id: number, named: string) => {
    if (text === undefined) return { id, name: o.has('numeric-owner') ? '' : named };
    const [who, number] = text.split(':');
    return /^\d+$/.test(text)
      ? { id: Number(text), name: '' }
      : { id: Number(number ?? n.user(who as string)?.uid ?? 0), name: who as string };
  };
  const u = owner(o.value('owner'), st.uid, n.user(st.uid)?.name ?? '');
  const g = owner(o.value('group'), st.gid, n.group(st.gid)?.name ?? '');
  const mtime = o.value('mtime');
  const common = {
    name,
    mode: st.mode,
    uid: u.id,
    gid: g.id,
    uname: u.name,
    gname: g.name,
    size: 0,
    mtime: mtime?.startsWith('@') ? Number(mtime.slice(1)) : Math.floor(st.mtime / 1000),
  };
  switch (st.type) {
    case 'file': {
      const data = attempt(() => slurp(x.sys, path));
      return data instanceof Errno ? data : { ...common, type: 'file', data, size: data.length };
    }
    case 'dir':
      return { ...common, type: 'dir', name: name.endsWith('/') ? name : `${name}/` };
    case 'symlink':
      return { ...common, type: 'symlink', linkname: x.sys.readlink(path) };
    case 'fifo':
      return { ...common, type: 'fifo' };
    default:
      return { ...common, type: st.type, devmajor: st.rdev?.[0] ?? 0, devminor: st.rdev?.[1] ?? 0 };
  }
}

function unpack(x: Io, o: Options, stdin: string, mode: 'x' | 't'): number {
  const gnu = x.flavour === 'gnu';
  const { sys } = x;
  const file = o.value('f') ?? '-';
  const fatal = (text: string, also = 'Error is not recoverable: exiting now') => {
    x.fail(text);
    if (gnu) x.fail(also);
    return gnu ? 2 : 1;
  };
  let data: string | Errno = file === '-' ? stdin : attempt(() => slurp(sys, file));
  if (data instanceof Errno) return fatal(gnu ? `${file}: Cannot open: ${data.message}` : `can't open '${file}': ${data.message}`);
  const packed = data.startsWith('\x1f\x8b');
  if (packed && (o.has('z', 'a') || (gnu && file !== '-'))) {
    const plain = decompress(data);
    if (plain === null) return fatal(gnu ? 'Child returned status 1' : 'corrupted data');
    data = plain;
  } else if (packed && gnu) return fatal('Archive is compressed. Use -z option');
  else if (o.has('z')) {
    if (gnu) {
      x.err(data === '' ? '' : '\ngzip: stdin: not in gzip format\n');
      return fatal('Child returned status 1');
    }
    x.fail('invalid magic');
    x.fail('short read');
    return 1;
  }
  let entries: TarEntry[];
  try {
    // Not even the two empty blocks that an archive ends with.
    if (data === '') throw new TarError('short read');
    entries = readTar(data);
  } catch (e) {
    if (!(e instanceof TarError)) throw e;
    if (!gnu) return fatal(data.length < 512 || /EOF/.test(e.message) ? 'short read' : 'invalid tar magic');
    if (/EOF/.test(e.message) && data.length >= 512) {
      x.fail('Unexpected EOF in archive');
      return fatal('Error is not recoverable: exiting now', '');
    }
    x.fail('This does not look like a tar archive');
    for (const w of o.operands) x.fail(`${w}: Not found in archive`);
    x.fail(DELAYED.gnu);
    return 2;
  }
  const into = o.value('C');
  if (into !== undefined) {
    const done = attempt(() => sys.chdir(into));
    if (done instanceof Errno)
      return fatal(gnu ? `${into}: Cannot open: ${done.message}` : `can't change directory to '${into}': ${done.message}`);
  }
  const wanted = o.operands.map((w) => w.replace(/(.)\/+$/, '$1'));
  const found = new Set<string>();
  const excluded = patterns(x, o);
  const chosen = (name: string) => {
    const bare = name.replace(/\/+$/, '');
    if (excluded(bare)) return false;
    if (wanted.length === 0) return true;
    const hits = wanted.filter((w) => bare === w || bare.startsWith(`${w}/`) || ((o.has('wildcards') || !gnu) && globMatch(w, bare)));
    for (const h of hits) found.add(h);
    return hits.length > 0;
  };
  const loud = o.given.filter(([k]) => k === 'v').length;
  const long = mode === 't' ? loud > 0 : loud > 1;
  const later: [string, number, number][] = [];
  let width = 0;
  let failed = false;
  let stripped = false;
  for (const e of entries) {
    if (!chosen(e.name)) continue;
    if (long) {
      const line = describeLine(x, o, e, width);
      width = line.width;
      (o.has('O') ? x.err : x.out)(line.text);
    } else if (mode === 't' || loud > 0) (o.has('O') ? x.err : x.out)(`${e.name}\n`);
    if (mode === 't') continue;
    if (o.has('O')) {
      if (e.type === 'file') x.out(e.data ?? '');
      continue;
    }
    const strip = Number(o.value('strip') ?? 0);
    let name = o.has('P') ? e.name : e.name.replace(/^\/+/, '');
    if (name !== e.name && !stripped) {
      stripped = true;
      x.fail(gnu ? "Removing leading `/' from member names" : "removing leading '/' from member names");
    }
    name = name.split('/').slice(strip).join('/');
    if (name === '') continue;
    if (name.split('/').includes('..')) {
      x.fail(gnu ? `${name}: Member name contains '..'` : `name with '..' skipped: '${name}'`);
      failed = gnu;
      continue;
    }
    const done = attempt(() => place(x, o, name, e, strip, later));
    if (done instanceof Errno) {
      failed = true;
      x.fail(
        gnu
          ? `${name}: Cannot ${e.type === 'dir' ? 'mkdir' : e.type === 'symlink' ? `create symlink to '${e.linkname}'` : e.type === 'link' ? `hard link to '${e.linkname}'` : e.type === 'file' ? 'open' : 'mknod'}: ${done.message}`
          : `can't open '${name}': ${done.message}`,
      );
    }
  }
  // Directories get their times last: what was put into them changed them.
  for (const [path, mtime, mode] of later.reverse()) {
    attempt(() => sys.chmod(path, mode));
    if (!o.has('m')) attempt(() => sys.utimes(path, 'now', mtime));
  }
  for (const w of wanted)
    if (!found.has(w)) {
      x.fail(gnu ? `${w}: Not found in archive` : `${w}: not found in archive`);
      failed = true;
    }
  if (failed && gnu) x.fail(DELAYED.gnu);
  return failed ? (gnu ? 2 : 1) : 0;
}

function describeLine(x: Io, o: Options, e: TarEntry, width: number): { text: string; width: number } {
  const gnu = x.flavour === 'gnu';
  const owner = o.has('numeric-owner') ? `${e.uid}/${e.gid}` : `${e.uname || e.uid}/${e.gname || e.gid}`;
  const size = e.type === 'char' || e.type === 'block' ? `${e.devmajor ?? 0},${e.devminor ?? 0}` : `${e.type === 'link' ? 0 : e.size}`;
  const kind = e.type === 'link' ? 'file' : e.type;
  const mode = modeString(kind, e.mode);
  const arrow =
    e.type === 'symlink' ? ` -> ${e.linkname}` : e.type === 'link' ? (gnu ? ` link to ${e.linkname}` : ` -> ${e.linkname}`) : '';
  if (!gnu) return { text: `${mode} ${owner} ${size.padStart(9)} ${strftime('%Y-%m-%d %H:%M:%S', e.mtime)} ${e.name}${arrow}\n`, width };
  // The columns of owner and size together grow as wider ones come: 19 at least.
  const pad = Math.max(width, owner.length + 1 + size.length, 19);
  return {
    text: `${e.type === 'link' ? `h${mode.slice(1)}` : mode} ${owner} ${size.padStart(pad - owner.length - 1)} ${strftime(o.has('full-time') ? '%Y-%m-%d %H:%M:%S' : '%Y-%m-%d %H:%M', e.mtime)} ${e.name}${arrow}\n`,
    width: pad,
  };
}

function place(x: Io, o: Options, name: string, e: TarEntry, strip: number, later: [string, number, number][]): void {
  const { sys } = x;
  const root = sys.credentials().euid === 0;
  const mode = o.has('p') || root ? e.mode : e.mode & 0o777 & ~sys.umask();
  const path = name.replace(/(.)\/+$/, '$1');
  const parents = (of: string) => {
    const parent = dir(of);
    if (parent === '.' || parent === '/' || statOrNull(sys, parent)) return;
    parents(parent);
    sys.mkdir(parent, 0o777);
  };
  parents(path);
  if (e.type === 'dir') {
    if (statOrNull(sys, path)?.type !== 'dir') sys.mkdir(path, (mode & 0o777) | 0o700);
    later.push([path, e.mtime * 1000, mode]);
  } else {
    const there = statOrNull(sys, path, false);
    if (there && o.has('k')) throw new Errno('EEXIST', 'vfs', 'kept, as -k asks');
    if (there && there.type !== 'dir') sys.unlink(path);
    switch (e.type) {
      case 'file':
        spill(sys, path, e.data ?? '', mode & 0o777);
        break;
      case 'symlink':
        sys.symlink(e.linkname ?? '', path);
        break;
      case 'link':
        sys.link((e.linkname ?? '').replace(/^\/+/, '').split('/').slice(strip).join('/'), path);
        return;
      default:
        sys.mknod(path, e.type, mode & 0o777, [e.devmajor ?? 0, e.devminor ?? 0]);
    }
  }
  if (root && !o.has('o')) {
    const n = names(sys);
    const uid = o.has('numeric-owner') ? e.uid : (n.user(e.uname ?? '')?.uid ?? e.uid);
    const gid = o.has('numeric-owner') ? e.gid : (n.group(e.gname ?? '')?.gid ?? e.gid);
    attempt(() => sys.lchown(path, uid, gid));
  }
  if (e.type !== 'symlink' && e.type !== 'dir') attempt(() => sys.chmod(path, mode));
  if (e.type !== 'dir' && !o.has('m')) attempt(() => sys.utimes(path, 'now', e.mtime * 1000, true));
}
