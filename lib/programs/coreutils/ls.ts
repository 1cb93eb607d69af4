/**
 * ls: names, one a line or in columns, and the long form.
 *
 *   -rw-r--r-- 1 root root   12 Jan  2  2020 f
 *   -rw-r--r--    1 root     root            12 Jan  2  2020 f      (BusyBox: fixed columns)
 *
 * Source: ls(1) of coreutils 9.10 (ls.c), BusyBox 1.38's coreutils/ls.c.
 * Simplified: colours are those of dircolors' defaults for types, not for suffixes.
 * Past 400 lines because GNU's and BusyBox's long forms share everything but their columns.
 */

import { decode } from '../../base/bytes';
import { fullTime, globMatch, lsTime, quoteShell } from '../../base/posix';
import { attempt, Errno, type Stat } from '../../kernel';
import { type Command, command, usage } from '../command';
import { byBytes, join, q, quote } from '../io';
import { modeString } from '../mode';
import { type Names, names } from '../names';
import type { Options } from '../options';
import { humanBusybox, humanGnu } from '../text/numfmt';
import { compareVersions } from '../text/sort';
import type { Io } from '../tool';

interface Entry {
  /** As shown: the operand, or the name in its directory. */
  name: string;
  path: string;
  st: Stat;
  /** Target of a symbolic link, and what it leads to. */
  target?: string;
  beyond?: Stat | null;
}

type Format = 'one' | 'long' | 'columns' | 'across' | 'commas';

interface Look {
  x: Io;
  o: Options;
  n: Names;
  busybox: boolean;
  format: Format;
  width: number;
  tty: boolean;
  colour: boolean;
  human: boolean;
  time: 'mtime' | 'atime' | 'ctime';
}

const GNU_LONG = {
  all: 'a',
  'almost-all': 'A',
  author: 'author',
  escape: 'b',
  'block-size': 'block-size:',
  'ignore-backups': 'B',
  color: 'color::',
  directory: 'd',
  classify: 'F',
  'file-type': 'file-type',
  format: 'format:',
  'full-time': 'full-time',
  'group-directories-first': 'group-directories-first',
  'no-group': 'G',
  'human-readable': 'h',
  si: 'si',
  'dereference-command-line': 'H',
  hide: 'hide:',
  inode: 'i',
  ignore: 'I:',
  dereference: 'L',
  'numeric-uid-gid': 'n',
  literal: 'N',
  'quote-name': 'Q',
  'quoting-style': 'quoting-style:',
  reverse: 'r',
  recursive: 'R',
  size: 's',
  sort: 'sort:',
  time: 'time:',
  'time-style': 'time-style:',
  width: 'w:',
  'hide-control-chars': 'q',
  zero: 'zero',
};

const def: Command = {
  options: {
    gnu: { short: 'aAbBcCdDfFgGhHiI:klLmnNopqQrRsStT:uUvw:xXZ1', long: GNU_LONG },
    busybox: {
      short: '1AaCxdLHRFplinshrSXvctuw:gQN',
      long: { color: 'color::', 'full-time': 'full-time', 'group-directories-first': 'group-directories-first' },
    },
  },
  misuse: { gnu: 2, busybox: 1 },
  main,
};
export const ls = command(def);

function main(x: Io, o: Options): number {
  const tty = x.sys.isatty(1);
  const busybox = x.flavour === 'busybox';
  const long = o.has('l', 'n', 'g', 'o', 'full-time') || o.value('format') === 'long' || o.value('format') === 'verbose';
  const asked = o.last('1', 'C', 'x', 'm', 'l', 'n', 'g', 'o', 'full-time', 'format');
  const byName: Record<string, Format> = {
    long: 'long',
    verbose: 'long',
    'single-column': 'one',
    vertical: 'columns',
    across: 'across',
    horizontal: 'across',
    commas: 'commas',
  };
  const format: Format =
    long && asked !== 'C' && asked !== 'x' && asked !== 'm'
      ? 'long'
      : asked === 'C'
        ? 'columns'
        : asked === 'x'
          ? 'across'
          : asked === 'm'
            ? 'commas'
            : asked === 'format'
              ? (byName[o.value('format') as string] ?? 'one')
              : asked === '1' || !tty
                ? 'one'
                : 'columns';
  const colour =
    o.has('color') &&
    (['', 'always', 'yes', 'force'].includes(o.value('color') as string) ||
      (tty && ['auto', 'tty', 'if-tty'].includes(o.value('color') as string)));
  const wide = Number(o.value('w') ?? x.env.COLUMNS ?? (x.sys.winsize(1)?.cols || 80));
  if (o.value('w') !== undefined && !/^\d+$/.test(o.value('w') as string)) {
    if (busybox) return usage(x, def, `invalid number '${o.value('w')}'`);
    x.fail(`invalid line width: ${quote(x, o.value('w') as string)}`);
    return 2;
  }
  const look: Look = {
    x,
    o,
    n: names(x.sys),
    busybox,
    format,
    tty,
    colour,
    width: wide === 0 ? Number.POSITIVE_INFINITY : wide,
    human: o.has('h', 'si'),
    time:
      o.has('u') || ['atime', 'access', 'use'].includes(o.value('time') ?? '')
        ? 'atime'
        : o.has('c') || ['ctime', 'status'].includes(o.value('time') ?? '')
          ? 'ctime'
          : 'mtime',
  };
  const operands = o.operands.length ? o.operands : ['.'];
  const directory = o.has('d');
  const follow = o.has('L') || o.has('H') || (!directory && format !== 'long' && !o.has('F'));
  let status = 0;
  const complain = (path: string, e: Errno, serious: boolean, verb = 'access') => {
    x.fail(busybox ? `${verb === 'access' ? path : `can't open '${path}'`}: ${e.message}` : `cannot ${verb} ${q(path)}: ${e.message}`);
    status = Math.max(status, serious && !busybox ? 2 : 1);
  };
  const files: Entry[] = [];
  const dirs: Entry[] = [];
  for (const name of operands) {
    let st = attempt(() => (follow ? x.sys.stat(name) : x.sys.lstat(name)));
    if (st instanceof Errno && follow && !o.has('L') && !busybox) st = attempt(() => x.sys.lstat(name));
    if (st instanceof Errno) {
      complain(name, st, true);
      continue;
    }
    const e = entry(look, name, name, st);
    // A link to a directory on the command line is entered unless the long form shows the link itself.
    const isDir = !directory && st.type === 'dir';
    (isDir ? dirs : files).push(e);
  }
  sort(look, files);
  sort(look, dirs);
  show(look, files);
  let first = files.length === 0;
  const titled = operands.length > 1 || o.has('R');
  const queue = dirs.map((d) => d.path);
  while (queue.length > 0) {
    const path = queue.shift() as string;
    const list = attempt(() => x.sys.readdir(path));
    if (list instanceof Errno && !busybox) {
      complain(path, list, operands.includes(path), 'open directory');
      continue;
    }
    if (!first) x.out('\n');
    first = false;
    if (titled) x.out(`${shownName(look, path)}:\n`);
    if (list instanceof Errno) {
      complain(path, list, true, 'open directory');
      if (format === 'long') x.out('total 0\n');
      continue;
    }
    const entries: Entry[] = [];
    const add = (name: string) => {
      const full = path === '.' && !o.has('R') ? name : join(path, name);
      let st = attempt(() => (o.has('L') ? x.sys.stat(full) : x.sys.lstat(full)));
      if (st instanceof Errno && o.has('L')) {
        complain(full, st, false);
        st = attempt(() => x.sys.lstat(full));
      }
      if (st instanceof Errno) complain(full, st, false);
      else entries.push(entry(look, name, full, st));
    };
    const all = o.has('a', 'f');
    if (all) for (const name of ['.', '..']) add(name);
    for (const d of list) {
      if (d.name.startsWith('.') && !all && !o.has('A')) continue;
      if (o.has('B') && d.name.endsWith('~')) continue;
      if (
        o.values('I').some((p) => globMatch(p, d.name, { period: true })) ||
        (!all && !o.has('A') && o.values('hide').some((p) => globMatch(p, d.name)))
      )
        continue;
      add(d.name);
    }
    sort(look, entries);
    if (format === 'long' || o.has('s')) {
      const blocks = entries.reduce((sum, e) => sum + e.st.allocated, 0);
      x.out(`total ${look.human ? size(look, blocks) : blocks / 1024}\n`);
    }
    show(look, entries);
    if (o.has('R')) queue.unshift(...entries.filter((e) => e.st.type === 'dir' && e.name !== '.' && e.name !== '..').map((e) => e.path));
  }
  return status;
}

function entry(look: Look, name: string, path: string, st: Stat): Entry {
  if (st.type !== 'symlink' || !(look.format === 'long' || look.o.has('F') || look.colour || look.o.has('group-directories-first')))
    return { name, path, st };
  const target = attempt(() => look.x.sys.readlink(path));
  const beyond = attempt(() => look.x.sys.stat(path));
  return { name, path, st, target: target instanceof Errno ? undefined : target, beyond: beyond instanceof Errno ? null : beyond };
}

const extension = (name: string) => (name.lastIndexOf('.') < 0 ? '' : name.slice(name.lastIndexOf('.')));

function sort(look: Look, list: Entry[]) {
  const { o } = look;
  const key = o.last('t', 'S', 'X', 'v', 'U', 'f', 'sort');
  const word = key === 'sort' ? o.value('sort') : { t: 'time', S: 'size', X: 'extension', v: 'version', U: 'none', f: 'none' }[key ?? ''];
  const by = word ?? (!look.busybox && look.format !== 'long' && o.has('u', 'c') ? 'time' : 'name');
  const compare = (a: Entry, b: Entry): number => {
    switch (by) {
      case 'time':
        return b.st[look.time] - a.st[look.time] || byBytes(a.name, b.name);
      case 'size':
        return b.st.size - a.st.size || byBytes(a.name, b.name);
      case 'extension':
        return byBytes(extension(a.name), extension(b.name)) || byBytes(a.name, b.name);
      case 'version':
        return compareVersions(a.name, b.name);
      case 'none':
        return 0;
      default:
        return byBytes(a.name, b.name);
    }
  };
  const turn = o.has('r') ? -1 : 1;
  if (by !== 'none') list.sort((a, b) => turn * compare(a, b));
  if (o.has('group-directories-first') && by !== 'none') {
    const isDir = (e: Entry) => (e.beyond ?? e.st).type === 'dir';
    list.splice(0, list.length, ...list.filter(isDir), ...list.filter((e) => !isDir(e)));
  }
}

/** A name as it is shown: quoted for a terminal by GNU, '?' for what cannot be shown by BusyBox. */
function shownName(look: Look, name: string): string {
  const { o } = look;
  if (look.busybox) {
    const safe = name.replace(/[\x00-\x1f\x7f]/g, '?');
    return o.has('Q') ? `"${name.replace(/["\\]/g, '\\$&')}"` : safe;
  }
  const style = o.value('quoting-style') ?? quotingStyle(look);
  const how = o.last('Q', 'N', 'b', 'q') ?? '';
  if (how === 'Q' || style === 'c') return `"${escapeC(name).replace(/"/g, '\\"')}"`;
  if (how === 'b' || style === 'escape') return escapeC(name).replace(/ /g, '\\ ');
  if (how === 'N' || style === 'literal') return look.tty || how === 'q' ? name.replace(/[\x00-\x1f\x7f]/g, '?') : name;
  return quoteShell(name, style === 'shell-escape-always' || style === 'shell-always');
}
const quotingStyle = (look: Look) => look.x.env.QUOTING_STYLE ?? (look.tty ? 'shell-escape' : 'literal');
const C_ESCAPES: Record<string, string> = {
  '\n': '\\n',
  '\t': '\\t',
  '\r': '\\r',
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\v': '\\v',
  '\\': '\\\\',
};
const escapeC = (name: string) =>
  name.replace(/[\x00-\x1f\x7f\\]/g, (c) => C_ESCAPES[c] ?? `\\${c.charCodeAt(0).toString(8).padStart(3, '0')}`);

const COLOURS = { dir: '01;34', symlink: '01;36', fifo: '40;33', socket: '01;35', char: '40;33;01', block: '40;33;01', file: '' } as const;
function paint(look: Look, e: Entry, text: string): string {
  if (!look.colour) return text;
  const { st } = e;
  const code =
    st.type === 'dir'
      ? (st.mode & 0o1002) === 0o1002
        ? '30;42'
        : st.mode & 0o002
          ? '34;42'
          : st.mode & 0o1000
            ? '37;44'
            : COLOURS.dir
      : st.type === 'file'
        ? st.mode & 0o4000
          ? '37;41'
          : st.mode & 0o2000
            ? '30;43'
            : st.mode & 0o111
              ? '01;32'
              : ''
        : COLOURS[st.type];
  return code === '' ? text : `\x1b[${code}m${text}\x1b[0m`;
}

function indicator(look: Look, st: Stat): string {
  const { o } = look;
  const classify = o.has('F') ? 'all' : o.has('file-type') ? 'types' : o.has('p') ? 'dirs' : 'none';
  if (classify === 'none') return '';
  if (st.type === 'dir') return '/';
  if (classify === 'dirs') return '';
  const mark = { symlink: '@', fifo: '|', socket: '=', file: '', char: '', block: '' }[st.type];
  return st.type === 'file' && classify === 'all' && st.mode & 0o111 ? '*' : mark;
}

const size = (look: Look, bytes: number): string => (look.busybox ? humanBusybox(bytes) : humanGnu(bytes, look.o.has('si') ? 1000 : 1024));
/** Columns a byte string takes on the screen. */
const columnsOf = (text: string) => [...decode(text)].length;

function show(look: Look, list: Entry[]) {
  const { x, o, format } = look;
  if (list.length === 0) return;
  if (format === 'long') {
    for (const line of look.busybox ? busyboxLong(look, list) : gnuLong(look, list)) x.out(`${line}\n`);
    return;
  }
  const inode = o.has('i');
  const blocks = o.has('s');
  const inoWidth = look.busybox ? 7 : Math.max(...list.map((e) => `${e.st.ino}`.length));
  const shownBlocks = (e: Entry) => (look.human ? size(look, e.st.allocated) : `${e.st.allocated / 1024}`);
  const blockWidth = look.busybox ? 6 : format === 'commas' ? 0 : Math.max(...list.map((e) => shownBlocks(e).length));
  const prefix = (e: Entry) =>
    (inode ? `${`${e.st.ino}`.padStart(inoWidth)} ` : '') + (blocks ? `${shownBlocks(e).padStart(blockWidth)} ` : '');
  const plain = list.map((e) => shownName(look, e.name));
  // On a terminal, names without quotes move one to the right when another one is quoted.
  const align =
    !look.busybox && look.tty && format !== 'commas' && plain.some((p) => /^['"$]/.test(p)) && quotingStyle(look).startsWith('shell');
  const cells = list.map((e, i) => {
    const name = plain[i] as string;
    const lead = align && !/^['"$]/.test(name) ? ' ' : '';
    const mark = indicator(look, e.st);
    return { text: prefix(e) + lead + paint(look, e, name) + mark, width: columnsOf(prefix(e) + lead + name + mark) };
  });
  if (format === 'one') {
    for (const c of cells) x.out(`${c.text}\n`);
  } else if (format === 'commas') {
    let line = '';
    let at = 0;
    cells.forEach((c, i) => {
      const sep = i < cells.length - 1 ? ',' : '';
      if (i > 0 && at + 1 + c.width + sep.length > look.width) (line += '\n'), (at = 0);
      else if (i > 0) (line += ' '), at++;
      line += c.text + sep;
      at += c.width + sep.length;
    });
    x.out(`${line}\n`);
  } else x.out(columns(look, cells));
}

/** As many columns as fit, filled downwards (or across), two blanks between. */
function columns(look: Look, cells: { text: string; width: number }[]): string {
  const across = look.format === 'across';
  const most = Math.max(1, Math.min(cells.length, Math.floor(look.width / 3)));
  const layout = (count: number) => {
    const rows = Math.ceil(cells.length / count);
    const widths: number[] = [];
    cells.forEach((c, i) => {
      const col = across ? i % count : Math.floor(i / rows);
      widths[col] = Math.max(widths[col] ?? 0, c.width);
    });
    return { rows, widths };
  };
  let count = most;
  if (look.busybox) {
    const widest = Math.max(...cells.map((c) => c.width)) + 2;
    count = Math.max(1, Math.floor(look.width / widest));
  } else
    for (; count > 1; count--) {
      const { widths } = layout(count);
      if (widths.reduce((sum, w, i) => sum + w + (i < widths.length - 1 ? 2 : 0), 0) < look.width) break;
    }
  const { rows, widths } = layout(count);
  const widest = Math.max(...cells.map((c) => c.width));
  let out = '';
  for (let r = 0; r < rows; r++) {
    let line = '';
    for (let c = 0; c < count; c++) {
      const i = across ? r * count + c : c * rows + r;
      const cell = cells[i];
      if (!cell) continue;
      const last = cells[across ? (c + 1 < count ? i + 1 : -1) : i + rows] === undefined;
      line += cell.text + (last ? '' : ' '.repeat((look.busybox ? widest : (widths[c] as number)) + 2 - cell.width));
    }
    out += `${line}\n`;
  }
  return out;
}

function when(look: Look, ms: number): string {
  const { o } = look;
  const style = o.has('full-time') ? 'full-iso' : o.value('time-style');
  if (look.busybox)
    return o.has('full-time')
      ? fullTime(Math.floor(ms / 1000)).replace(/\.\d+/, '')
      : lsTime(Math.floor(ms / 1000), Math.floor(look.x.sys.now() / 1000), 'busybox');
  if (style !== 'full-iso' && style !== 'long-iso' && style !== 'iso')
    return lsTime(Math.floor(ms / 1000), Math.floor(look.x.sys.now() / 1000));
  const full = fullTime(Math.floor(ms / 1000), (ms % 1000) * 1e6);
  if (style === 'full-iso') return full;
  if (style === 'long-iso') return full.slice(0, 16);
  return Math.abs(look.x.sys.now() - ms) < 15778476e3 ? full.slice(5, 16) : `${full.slice(0, 10)} `;
}

const named = (look: Look, e: Entry) => {
  const arrow =
    e.target === undefined ? '' : ` -> ${shownName(look, e.target)}${e.beyond && look.o.has('F') ? indicator(look, e.beyond) : ''}`;
  return paint(look, e, shownName(look, e.name)) + (e.target === undefined ? indicator(look, e.st) : '') + arrow;
};

function gnuLong(look: Look, list: Entry[]): string[] {
  const { o } = look;
  const widest = (f: (e: Entry) => string) => Math.max(0, ...list.map((e) => columnsOf(f(e))));
  const ino = (e: Entry) => `${e.st.ino}`;
  const blocks = (e: Entry) => (look.human ? size(look, e.st.allocated) : `${e.st.allocated / 1024}`);
  const links = (e: Entry) => `${e.st.nlink}`;
  const owner = (e: Entry) => (o.has('n') ? `${e.st.uid}` : look.n.userName(e.st.uid));
  const group = (e: Entry) => (o.has('n') ? `${e.st.gid}` : look.n.groupName(e.st.gid));
  const isDev = (e: Entry) => e.st.type === 'char' || e.st.type === 'block';
  const plainSize = (e: Entry) => (isDev(e) ? '' : look.human ? size(look, e.st.size) : `${e.st.size}`);
  const majorWidth = widest((e) => (isDev(e) ? `${e.st.rdev?.[0] ?? 0}` : ''));
  const minorWidth = widest((e) => (isDev(e) ? `${e.st.rdev?.[1] ?? 0}` : ''));
  const sizeWidth = Math.max(widest(plainSize), majorWidth > 0 ? majorWidth + 2 + minorWidth : 0);
  const times = list.map((e) => when(look, e.st[look.time]));
  const w = {
    ino: o.has('i') ? widest(ino) : 0,
    blocks: o.has('s') ? widest(blocks) : 0,
    links: widest(links),
    owner: widest(owner),
    group: widest(group),
    when: Math.max(0, ...times.map(columnsOf)),
  };
  const left = (text: string, width: number) => text + ' '.repeat(Math.max(0, width - columnsOf(text)));
  const align =
    look.tty && list.some((e) => /^['"$]/.test(shownName(look, e.name))) && quotingStyle(look).startsWith('shell') && !o.has('N', 'Q', 'b');
  return list.map((e, i) => {
    const bytes = isDev(e)
      ? `${`${e.st.rdev?.[0] ?? 0}`.padStart(sizeWidth - minorWidth - 2)}, ${`${e.st.rdev?.[1] ?? 0}`.padStart(minorWidth)}`
      : plainSize(e).padStart(sizeWidth);
    const lead = align && !/^['"$]/.test(shownName(look, e.name)) ? ' ' : '';
    return [
      ...(o.has('i') ? [ino(e).padStart(w.ino)] : []),
      ...(o.has('s') ? [blocks(e).padStart(w.blocks)] : []),
      modeString(e.st.type, e.st.mode),
      links(e).padStart(w.links),
      ...(o.has('g') ? [] : [left(owner(e), w.owner)]),
      ...(o.has('o', 'G') ? [] : [left(group(e), w.group)]),
      bytes,
      (times[i] as string).padEnd(w.when),
      lead + named(look, e),
    ].join(' ');
  });
}

function busyboxLong(look: Look, list: Entry[]): string[] {
  const { o } = look;
  return list.map(({ st, ...e }) => {
    const owner = o.has('n') ? `${st.uid}`.padEnd(8) : look.n.userName(st.uid).slice(0, 8).padEnd(8);
    const group = o.has('n') ? `${st.gid}`.padEnd(8) : look.n.groupName(st.gid).slice(0, 8).padEnd(8);
    const bytes =
      st.type === 'char' || st.type === 'block'
        ? `${`${st.rdev?.[0] ?? 0}`.padStart(4)}, ${`${st.rdev?.[1] ?? 0}`.padStart(3)}`
        : look.human
          ? humanBusybox(st.size).padStart(7)
          : `${st.size}`.padStart(9);
    return [
      ...(o.has('i') ? [`${st.ino}`.padStart(7)] : []),
      ...(o.has('s') ? [`${st.allocated / 1024}`.padStart(6)] : []),
      modeString(st.type, st.mode),
      `${st.nlink}`.padStart(4),
      ...(o.has('g') ? [] : [owner]),
      group,
      bytes,
      when(look, st[look.time]),
      named(look, { st, ...e }),
    ].join(' ');
  });
}
