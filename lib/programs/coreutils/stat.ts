/**
 * stat: an inode's fields, by default as a block of text, with -c by a format; with -f the file system's.
 *
 * Source: stat(1) of coreutils 9.10, BusyBox 1.38's coreutils/stat.c.
 * Simplified: birth times are those of the last change; %m and %C are left out.
 */

import { fullTime, unescape as unescapeText } from '../../base/posix';
import { attempt, Errno, type Stat, type StatFs } from '../../kernel';
import { type Command, command, usage } from '../command';
import { q, typeWords } from '../io';
import { modeString, TYPE_BITS } from '../mode';
import { type Names, names } from '../names';
import type { Io } from '../tool';

const MAGIC: Readonly<Record<string, [number, string]>> = {
  ext4: [0xef53, 'ext2/ext3'],
  overlay: [0x794c7630, 'overlayfs'],
  tmpfs: [0x01021994, 'tmpfs'],
  devtmpfs: [0x01021994, 'tmpfs'],
  proc: [0x9fa0, 'proc'],
  sysfs: [0x62656572, 'sysfs'],
  cgroup2: [0x63677270, 'cgroup2fs'],
  devpts: [0x1cd1, 'devpts'],
  mqueue: [0x19800202, 'mqueue'],
};

const time = (ms: number) => fullTime(Math.floor(ms / 1000), Math.round((ms % 1000) * 1e6));
const hex = (n: number) => n.toString(16);

function field(x: Io, n: Names, path: string, st: Stat, letter: string): string | null {
  const [major, minor] = st.rdev ?? [0, 0];
  const follow = st.type === 'symlink' ? attempt(() => x.sys.readlink(path)) : null;
  switch (letter) {
    case 'n':
      return path;
    case 'N': {
      const busybox = x.flavour === 'busybox';
      if (typeof follow === 'string') return busybox ? `'${path}' -> '${follow}'` : `${q(path)} -> ${q(follow)}`;
      return busybox ? path : q(path);
    }
    case 'a':
      return st.mode.toString(8);
    case 'A':
      return modeString(st.type, st.mode);
    case 'b':
      return `${st.allocated / 512}`;
    case 'B':
      return '512';
    case 'd':
      return `${st.dev}`;
    case 'D':
      return hex(st.dev);
    case 'f':
      return hex(st.mode | TYPE_BITS[st.type]);
    case 'F':
      return typeWords(st);
    case 'g':
      return `${st.gid}`;
    case 'G':
      return n.group(st.gid)?.name ?? 'UNKNOWN';
    case 'h':
      return `${st.nlink}`;
    case 'i':
      return `${st.ino}`;
    case 'o':
      return '4096';
    case 's':
      return `${st.size}`;
    case 't':
      return hex(major);
    case 'T':
      return hex(minor);
    case 'r':
      return `${major * 256 + minor}`;
    case 'R':
      return hex(major * 256 + minor);
    case 'u':
      return `${st.uid}`;
    case 'U':
      return n.user(st.uid)?.name ?? 'UNKNOWN';
    case 'w':
      return time(st.ctime);
    case 'W':
      return `${Math.floor(st.ctime / 1000)}`;
    case 'x':
      return time(st.atime);
    case 'X':
      return `${Math.floor(st.atime / 1000)}`;
    case 'y':
      return time(st.mtime);
    case 'Y':
      return `${Math.floor(st.mtime / 1000)}`;
    case 'z':
      return time(st.ctime);
    case 'Z':
      return `${Math.floor(st.ctime / 1000)}`;
    default:
      return null;
  }
}

function fsField(path: string, fs: StatFs, letter: string): string | null {
  const blocks = Math.floor(fs.size / 4096);
  const free = Math.floor((fs.size - fs.used) / 4096);
  switch (letter) {
    case 'n':
      return path;
    case 'a':
      return `${free}`;
    case 'b':
      return `${blocks}`;
    case 'c':
      return `${fs.files}`;
    case 'd':
      return `${fs.ffree}`;
    case 'f':
      return `${free}`;
    case 'i':
      return '0';
    case 'l':
      return '255';
    case 's':
      return '4096';
    case 'S':
      return '4096';
    case 't':
      return hex(MAGIC[fs.type]?.[0] ?? 0);
    case 'T':
      return MAGIC[fs.type]?.[1] ?? `UNKNOWN (0x${hex(0)})`;
    default:
      return null;
  }
}

/** Fills in a format: %-10n, %04a. An unknown letter is a question mark. */
function fill(format: string, value: (letter: string) => string | null): string {
  return format.replace(
    /%([-+ #0']*)(\d*)(?:\.(\d+))?([HL]?[a-zA-Z%])?/g,
    (all, flags: string, width: string, precision: string | undefined, letter: string | undefined) => {
      if (letter === '%') return '%';
      if (letter === undefined) return all;
      let text = value(letter) ?? '?';
      if (flags.includes('#') && /^[0-7]+$/.test(text) && letter === 'a') text = `0${text}`;
      if (precision !== undefined) text = text.slice(0, Number(precision));
      const n = Number(width);
      return flags.includes('-') ? text.padEnd(n) : text.padStart(n, flags.includes('0') ? '0' : ' ');
    },
  );
}

const def: Command = {
  options: {
    gnu: { short: 'c:fLt', long: { dereference: 'L', 'file-system': 'f', format: 'c:', printf: 'printf:', terse: 't', cached: 'cached:' } },
    busybox: { short: 'ftLc:' },
  },
  main(x, o) {
    const busybox = x.flavour === 'busybox';
    if (o.operands.length === 0) return usage(x, def, busybox ? undefined : 'missing operand');
    const n = names(x.sys);
    const format = o.last('c', 'printf');
    let failed = false;
    for (const path of o.operands) {
      if (o.has('f')) {
        const fs = attempt(() => x.sys.statfs(path));
        if (fs instanceof Errno) {
          failed = true;
          x.fail(
            busybox
              ? `can't read file system information for '${path}': ${fs.message}`
              : `cannot read file system information for ${q(path)}: ${fs.message}`,
          );
          continue;
        }
        const value = (l: string) => fsField(path, fs, l);
        if (format)
          x.out(
            format === 'c'
              ? `${fill(o.value('c') as string, value)}\n`
              : unescapeText(fill(o.value('printf') as string, value), 'printf coreutils').text,
          );
        else if (o.has('t')) x.out(`${fill('%n %i %l %t %s %S %b %f %a %c %d', value)}\n`);
        else
          x.out(
            `${fill(`  File: ${busybox ? '%n' : '"%n"'}\n    ID: %-8i Namelen: %-7l Type: %T\nBlock size: %-10s${busybox ? '' : ' Fundamental block size: %S'}\nBlocks: Total: %-10b Free: %-10f Available: %a\nInodes: Total: %-10c Free: %d`, value)}\n`,
          );
        continue;
      }
      const st = attempt(() => (path === '-' && !busybox ? x.sys.fstat(0) : o.has('L') ? x.sys.stat(path) : x.sys.lstat(path)));
      if (st instanceof Errno) {
        failed = true;
        x.fail(busybox ? `can't stat '${path}': ${st.message}` : `cannot statx ${q(path)}: ${st.message}`);
        continue;
      }
      const value = (l: string) => field(x, n, path, st, l);
      if (format === 'c') x.out(`${fill(o.value('c') as string, value)}\n`);
      else if (format) x.out(unescapeText(fill(o.value('printf') as string, value), 'printf coreutils').text);
      else if (o.has('t'))
        x.out(
          `${fill(busybox ? '%n %s %b %f %u %g %D %i %h %t %T %X %Y %Z %o' : '%n %s %b %f %u %g %D %i %h %t %T %X %Y %Z %W %o', value)}\n`,
        );
      else {
        const file =
          typeof value('N') === 'string' && st.type === 'symlink'
            ? busybox
              ? value('N')
              : `${path} -> ${String(attempt(() => x.sys.readlink(path)))}`
            : path;
        const rdev = st.type === 'char' || st.type === 'block';
        const dev = busybox ? `${hex(st.dev)}h/${st.dev}d` : `${Math.floor(st.dev / 256)},${st.dev % 256}`;
        const device = rdev
          ? busybox
            ? ` Device type: ${value('t')},${value('T')}`
            : ` Device type: ${st.rdev?.[0]},${st.rdev?.[1]}`
          : '';
        x.out(
          `  File: ${file}\n  Size: ${`${st.size}`.padEnd(10)}\tBlocks: ${`${st.allocated / 512}`.padEnd(10)} IO Block: ${'4096'.padEnd(6)} ${typeWords(st)}\n` +
            `Device: ${dev}\tInode: ${`${st.ino}`.padEnd(10)}  Links: ${rdev ? `${st.nlink}`.padEnd(5) + device : st.nlink}\n` +
            `Access: (${st.mode.toString(8).padStart(4, '0')}/${modeString(st.type, st.mode)})  Uid: (${`${st.uid}`.padStart(5)}/${(value('U') as string).padStart(8)})   Gid: (${`${st.gid}`.padStart(5)}/${(value('G') as string).padStart(8)})\n` +
            `Access: ${time(st.atime)}\nModify: ${time(st.mtime)}\nChange: ${time(st.ctime)}\n${busybox ? '' : ` Birth: ${time(st.ctime)}\n`}`,
        );
      }
    }
    return failed ? 1 : 0;
  },
};
export const stat = command(def);
