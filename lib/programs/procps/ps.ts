/**
 * ps: what runs and what it uses.
 *
 * Source: procps 4.0.7 (ps/display.c, ps/parser.c, ps/sortformat.c), BusyBox 1.38's procps/.
 * Simplified: memory of a process is not counted, so VSZ, RSS, %CPU and %MEM are 0; ps sorts by number alone.
 */

import { strftime } from '../../base/posix/date';
import { attempt, Errno, type TaskInfo } from '../../kernel';
import { busyboxUsage, type Misuse, readOptions } from '../command';
import { slurpOrEmpty } from '../io';
import { linesOf } from '../lines';
import { type Names, names } from '../names';
import { type Flavour, type Io, tool } from '../tool';

export interface Look {
  x: Io;
  n: Names;
  all: TaskInfo[];
  /** Session leaders, whose STAT has an s. */
  me: TaskInfo | undefined;
}

interface Column {
  head: string;
  width: number;
  right?: boolean;
  /** As wide as the largest process number. */
  numbers?: boolean;
  show(l: Look, t: TaskInfo): string;
}

export const cut = (text: string, width: number) => (text.length > width ? `${text.slice(0, width - 1)}+` : text);
const elapsed = (l: Look, t: TaskInfo) => Math.floor((l.x.sys.uptime() - t.started) / 1000);
const clock = (s: number) => {
  const [d, h, m, sec] = [Math.floor(s / 86400), Math.floor((s % 86400) / 3600), Math.floor((s % 3600) / 60), s % 60].map((v) =>
    `${v}`.padStart(2, '0'),
  ) as [string, string, string, string];
  return `${Number(d) > 0 ? `${Number(d)}-` : ''}${Number(d) > 0 || Number(h) > 0 ? `${h}:` : ''}${m}:${sec}`;
};
const stat = (l: Look, t: TaskInfo) =>
  t.state + (t.sid === t.pid ? 's' : '') + (t.tty !== null && t.pgid === l.x.sys.tcgetpgrp() ? '+' : '');
const command = (t: TaskInfo) =>
  t.state === 'Z' ? `[${t.comm}] <defunct>` : t.argv.length ? t.argv.join(' ').replace(/[\n\r\t]/g, ' ') : `[${t.comm}]`;
const began = (l: Look, t: TaskInfo) => (l.x.sys.now() - l.x.sys.uptime() + t.started) / 1000;
const start = (l: Look, t: TaskInfo) => strftime(elapsed(l, t) < 86400 ? '%H:%M' : '%b%d', began(l, t));
const tty = (t: TaskInfo) => t.tty ?? '?';

/** Of a processor, in the time since the task began: per cent. */
const share = (l: Look, t: TaskInfo) => (elapsed(l, t) > 0 ? t.cpu / 10 / elapsed(l, t) : 0);
const seconds = (t: TaskInfo) => Math.floor(t.cpu / 1000);
const two = (n: number) => `${n}`.padStart(2, '0');
const cputime = (t: TaskInfo) => `${two(Math.floor(seconds(t) / 3600))}:${two(Math.floor(seconds(t) / 60) % 60)}:${two(seconds(t) % 60)}`;
const bsdtime = (t: TaskInfo) => `${Math.floor(seconds(t) / 60)}:${two(seconds(t) % 60)}`;

/** The columns of ps -o, by GNU's names. */
const COLUMNS: Readonly<Record<string, Column>> = {
  pid: { head: 'PID', width: 5, right: true, numbers: true, show: (_l, t) => `${t.pid}` },
  ppid: { head: 'PPID', width: 5, right: true, numbers: true, show: (_l, t) => `${t.ppid}` },
  pgid: { head: 'PGID', width: 5, right: true, numbers: true, show: (_l, t) => `${t.pgid}` },
  sid: { head: 'SID', width: 5, right: true, numbers: true, show: (_l, t) => `${t.sid}` },
  tty: { head: 'TT', width: 8, show: (_l, t) => tty(t) },
  tname: { head: 'TTY', width: 8, show: (_l, t) => tty(t) },
  user: { head: 'USER', width: 8, show: (l, t) => cut(l.n.userName(t.uid), 8) },
  uname: { head: 'USER', width: 8, show: (l, t) => cut(l.n.userName(t.uid), 8) },
  euser: { head: 'EUSER', width: 8, show: (l, t) => cut(l.n.userName(t.uid), 8) },
  ruser: { head: 'RUSER', width: 8, show: (l, t) => cut(l.n.userName(t.uid), 8) },
  group: { head: 'GROUP', width: 8, show: (l, t) => cut(l.n.groupName(t.gid), 8) },
  uid: { head: 'UID', width: 5, right: true, show: (_l, t) => `${t.uid}` },
  gid: { head: 'GID', width: 5, right: true, show: (_l, t) => `${t.gid}` },
  comm: { head: 'COMMAND', width: 15, show: (_l, t) => (t.state === 'Z' ? `${t.comm} <defunct>` : t.comm) },
  ucmd: { head: 'CMD', width: 15, show: (_l, t) => (t.state === 'Z' ? `${t.comm} <defunct>` : t.comm) },
  args: { head: 'COMMAND', width: 27, show: (_l, t) => command(t) },
  cmd: { head: 'CMD', width: 27, show: (_l, t) => command(t) },
  stat: { head: 'STAT', width: 4, show: stat },
  state: { head: 'S', width: 1, show: (_l, t) => t.state },
  time: { head: 'TIME', width: 8, right: true, show: (_l, t) => cputime(t) },
  bsdtime: { head: 'TIME', width: 6, right: true, show: (_l, t) => bsdtime(t) },
  etime: { head: 'ELAPSED', width: 11, right: true, show: (l, t) => clock(elapsed(l, t)) },
  etimes: { head: 'ELAPSED', width: 7, right: true, show: (l, t) => `${elapsed(l, t)}` },
  lstart: { head: 'STARTED', width: 24, right: true, show: (l, t) => strftime('%a %b %e %H:%M:%S %Y', began(l, t)) },
  start: { head: 'START', width: 5, show: start },
  stime: { head: 'STIME', width: 5, show: start },
  nlwp: { head: 'NLWP', width: 4, right: true, show: (_l, t) => `${t.threads}` },
  ni: { head: 'NI', width: 3, right: true, show: () => '0' },
  pri: { head: 'PRI', width: 3, right: true, show: () => '19' },
  c: { head: 'C', width: 2, right: true, show: (l, t) => `${Math.min(99, Math.floor(share(l, t)))}` },
  pcpu: { head: '%CPU', width: 4, right: true, show: (l, t) => (share(l, t) >= 99.9 ? share(l, t).toFixed(0) : share(l, t).toFixed(1)) },
  pmem: { head: '%MEM', width: 4, right: true, show: () => '0.0' },
  vsz: { head: 'VSZ', width: 6, right: true, show: () => '0' },
  rss: { head: 'RSS', width: 5, right: true, show: () => '0' },
  cgroup: { head: 'CGROUP', width: 27, show: (l, t) => linesOf(slurpOrEmpty(l.x.sys, `/proc/${t.pid}/cgroup`)).join(',') },
  pidns: { head: 'PIDNS', width: 10, right: true, show: (l, t) => namespaceOf(l.x, t.pid, 'pid') },
  mntns: { head: 'MNTNS', width: 10, right: true, show: (l, t) => namespaceOf(l.x, t.pid, 'mnt') },
  netns: { head: 'NETNS', width: 10, right: true, show: (l, t) => namespaceOf(l.x, t.pid, 'net') },
  utsns: { head: 'UTSNS', width: 10, right: true, show: (l, t) => namespaceOf(l.x, t.pid, 'uts') },
  ipcns: { head: 'IPCNS', width: 10, right: true, show: (l, t) => namespaceOf(l.x, t.pid, 'ipc') },
  userns: { head: 'USERNS', width: 10, right: true, show: (l, t) => namespaceOf(l.x, t.pid, 'user') },
};
const ALIASES: Readonly<Record<string, string>> = {
  command: 'args',
  cpu: 'c',
  '%cpu': 'pcpu',
  '%mem': 'pmem',
  s: 'state',
  tt: 'tty',
  pgrp: 'pgid',
  sess: 'sid',
  session: 'sid',
  ucomm: 'comm',
  fname: 'comm',
  thcount: 'nlwp',
  vsize: 'vsz',
  rssize: 'rss',
  egroup: 'group',
  euid: 'uid',
  egid: 'gid',
  ruid: 'uid',
  cputime: 'time',
  start_time: 'start',
  nice: 'ni',
};

function namespaceOf(x: Io, pid: number, kind: string): string {
  const text = attempt(() => x.sys.readlink(`/proc/${pid}/ns/${kind}`));
  return text instanceof Errno ? '-' : (/\[(\d+)\]/.exec(text)?.[1] ?? '-');
}

/** Rows under their headings; the last column is as wide as it needs. */
function table(l: Look, columns: Column[], tasks: TaskInfo[], headings: boolean, width: number): void {
  const line = (cells: string[]) => {
    const text = cells
      .map((c, i) =>
        columns[i]?.right ? c.padStart(columns[i]?.width ?? 0) : i === cells.length - 1 ? c : c.padEnd(columns[i]?.width ?? 0),
      )
      .join(' ');
    l.x.out(`${Number.isFinite(width) ? text.slice(0, width) : text}\n`);
  };
  if (headings) line(columns.map((c) => c.head));
  for (const t of tasks) line(columns.map((c) => c.show(l, t)));
}

/** A column of -o: name, name=HEAD, several by commas or blanks. */
function columnsOf(texts: string[], known: Readonly<Record<string, Column>>, bad: (name: string) => void): Column[] | null {
  const out: Column[] = [];
  for (const text of texts) {
    let rest = text;
    while (rest !== '') {
      const m = /^[,\s]*([^,\s=:]+)(?::(\d+))?(=)?/.exec(rest);
      if (!m) break;
      rest = rest.slice(m[0].length);
      let head: string | undefined;
      if (m[3]) [head, rest] = [rest, ''];
      const name = (m[1] as string).toLowerCase();
      const column = known[ALIASES[name] ?? name];
      if (!column) {
        bad(m[1] as string);
        return null;
      }
      out.push({
        ...column,
        head: head ?? (name === 'command' ? 'COMMAND' : name === 'user' ? 'USER' : column.head),
        width: m[2] ? Number(m[2]) : Math.max(column.width, (head ?? '').length),
      });
    }
  }
  return out;
}

const gnuUsage = `
Usage:
 ps [options]

 Try 'ps --help <simple|list|output|threads|misc|all>'
  or 'ps --help <s|l|o|t|m|a>'
 for additional help text.

For more details see ps(1).
`;

const gnuDef: Misuse = {
  options: {
    short: 'AadeNTfFjlyLMcwZg:G:p:q:s:t:u:U:C:o:O:H',
    long: {
      pid: 'p:',
      ppid: 'ppid:',
      format: 'o:',
      sort: 'sort:',
      'no-headers': 'no-headers',
      'no-heading': 'no-headers',
      noheader: 'no-headers',
      noheaders: 'no-headers',
      headers: 'headers',
      forest: 'H',
      user: 'u:',
      User: 'U:',
      quick: 'q:',
      tty: 't:',
      cols: 'cols:',
      width: 'cols:',
      columns: 'cols:',
      info: 'info',
      deselect: 'N',
    },
  },
  package: 'procps-ng',
};

function gnuPs(x: Io): number {
  const l: Look = { x, n: names(x.sys), all: [...x.sys.tasks()].sort((a, b) => a.pid - b.pid), me: undefined };
  // Its number in /proc, which need not be of its own PID namespace.
  const self = attempt(() => x.sys.readlink('/proc/self'));
  l.me = l.all.find((t) => `${t.pid}` === self);
  const args = x.argv.slice(1);
  // BSD style: letters without a dash.
  let bsd = '';
  const rest: string[] = [];
  const bsdFormat: string[] = [];
  const pids: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const a = args[i] as string;
    if (/^[a-zA-Z]+$/.test(a) && !/^-/.test(args[i - 1] ?? '') && /^[axuflvjeosStrwhOpU]+$/.test(a)) {
      bsd += a;
      if (a.endsWith('o')) bsdFormat.push(args[++i] ?? '');
    } else if (/^\d+(,\d+)*$/.test(a) && (rest.length === 0 || !/^-[pqguUGCots]$/.test(rest.at(-1) as string))) pids.push(...a.split(','));
    else if (/^[a-zA-Z]/.test(a) && !/^-[a-zA-Z]*[pqguUGCots]$|^--/.test(args[i - 1] ?? '')) {
      x.err(`error: unsupported option (BSD syntax)\n${gnuUsage}`);
      return 1;
    } else rest.push(a);
  }
  const o = readOptions(
    {
      ...x,
      argv: [x.name, ...rest],
      fail: (t) =>
        x.err(
          `error: ${t.replace(/^invalid option -- '.*'$/, 'unsupported SysV option').replace(/^unrecognized option .*$/, 'unknown gnu long option')}\n`,
        ),
    } as Io,
    { ...gnuDef, hint: gnuUsage },
  );
  if (typeof o === 'number') return o;
  const bad = (name: string) => x.err(`error: unknown user-defined format specifier "${name}"\n${gnuUsage}`);
  const formats = [...o.values('o'), ...bsdFormat];
  const list = (key: string) =>
    o
      .values(key)
      .flatMap((v) => v.split(/[\s,]+/))
      .filter(Boolean);
  const byPid = [...pids, ...list('p'), ...list('q')];
  const chosen: ((t: TaskInfo) => boolean)[] = [];
  if (byPid.length) chosen.push((t) => byPid.includes(`${t.pid}`));
  if (o.has('ppid')) chosen.push((t) => list('ppid').includes(`${t.ppid}`));
  if (o.has('C')) chosen.push((t) => list('C').some((c) => t.comm === c.slice(0, 15)));
  if (o.has('u') || o.has('U'))
    chosen.push((t) => [...list('u'), ...list('U')].some((u) => l.n.user(u)?.uid === t.uid || u === `${t.uid}`));
  if (o.has('s', 'g')) chosen.push((t) => [...list('s'), ...list('g')].includes(`${t.sid}`));
  if (o.has('t')) chosen.push((t) => t.tty !== null && list('t').some((n) => n === t.tty || `pts/${n}` === t.tty));
  if (o.has('G')) chosen.push((t) => list('G').some((g) => l.n.group(g)?.gid === t.gid || g === `${t.gid}`));
  let tasks = l.all;
  if (o.has('A', 'e') || (bsd.includes('a') && bsd.includes('x'))) tasks = l.all;
  else if (chosen.length) tasks = l.all.filter((t) => chosen.some((c) => c(t)));
  else if (o.has('a', 'd')) tasks = l.all.filter((t) => t.sid !== t.pid && (!o.has('a') || t.tty !== null));
  else if (bsd.includes('x')) tasks = l.all.filter((t) => t.uid === l.me?.uid);
  else if (bsd.includes('a')) tasks = l.all.filter((t) => t.tty !== null);
  else tasks = l.all.filter((t) => t.uid === l.me?.uid && (l.me?.tty == null ? t.sid === l.me?.sid || t.tty === null : t.tty === l.me.tty));
  const order = o.value('sort');
  if (order !== undefined) {
    const key = order.replace(/^[-+]/, '');
    const turn = order.startsWith('-') ? -1 : 1;
    const column = COLUMNS[ALIASES[key] ?? key];
    if (!column) {
      x.err(`error: unknown sort specifier\n${gnuUsage}`);
      return 1;
    }
    const value = (t: TaskInfo) => column.show(l, t);
    tasks = [...tasks].sort(
      (a, b) =>
        turn *
        (column.right ? Number.parseFloat(value(a)) - Number.parseFloat(value(b)) : value(a) < value(b) ? -1 : value(a) > value(b) ? 1 : 0),
    );
  }
  const pick = (text: string) => columnsOf([text], COLUMNS, () => undefined) as Column[];
  const base = formats.length
    ? columnsOf(formats, COLUMNS, bad)
    : o.has('O')
      ? columnsOf([`pid,${o.value('O')},state,tname,time,args`], COLUMNS, bad)
      : bsd.includes('u')
        ? [
            { ...(pick('user')[0] as Column) },
            ...pick('pid,pcpu,pmem,vsz,rss'),
            { ...(pick('tname')[0] as Column) },
            ...pick('stat,start'),
            ...pick('bsdtime,args'),
          ]
        : o.has('f', 'F')
          ? [{ ...(pick('user')[0] as Column), head: 'UID' }, ...pick('pid,ppid,c,stime,tname,time,cmd')]
          : o.has('j')
            ? pick('pid,pgid,sid,tname,time,ucmd')
            : bsd !== ''
              ? [...pick('pid,tname,stat'), ...pick('bsdtime,args')]
              : pick('pid,tname,time,ucmd');
  if (base === null) return 1;
  const numeric = Math.max(5, slurpOrEmpty(x.sys, '/proc/sys/kernel/pid_max').trim().length);
  const columns = base.map((c) => (c.numbers ? { ...c, width: Math.max(c.width, numeric) } : c));
  const headings = !o.has('no-headers') && !bsd.includes('h') && columns.some((c) => c.head !== '');
  const wide = bsd.includes('w') || o.has('w');
  const cols = o.value('cols');
  table(
    l,
    columns,
    tasks,
    headings,
    cols !== undefined ? Number(cols) : wide || !x.sys.isatty(1) ? Number.POSITIVE_INFINITY : x.sys.winsize(1)?.cols || 80,
  );
  return tasks.length ? 0 : 1;
}

/** The columns of BusyBox's ps -o. */
const BUSYBOX: Readonly<Record<string, Column>> = {
  user: { head: 'USER', width: 8, show: (l, t) => l.n.userName(t.uid).slice(0, 8) },
  group: { head: 'GROUP', width: 8, show: (l, t) => l.n.groupName(t.gid).slice(0, 8) },
  comm: { head: 'COMMAND', width: 16, show: (_l, t) => t.comm },
  args: { head: 'COMMAND', width: 256, show: (_l, t) => busyboxCommand(t) },
  pid: { head: 'PID', width: 5, right: true, show: (_l, t) => `${t.pid}` },
  ppid: { head: 'PPID', width: 5, right: true, show: (_l, t) => `${t.ppid}` },
  pgid: { head: 'PGID', width: 5, right: true, show: (_l, t) => `${t.pgid}` },
  nice: { head: 'NI', width: 5, right: true, show: () => '0' },
  rgroup: { head: 'RGROUP', width: 8, show: (l, t) => l.n.groupName(t.gid) },
  ruser: { head: 'RUSER', width: 8, show: (l, t) => l.n.userName(t.uid) },
  tty: {
    head: 'TT',
    width: 6,
    show: (_l, t) => {
      const m = t.tty === null ? null : /(\d+)$/.exec(t.tty);
      return t.tty === null ? '?' : m ? `136,${m[1]}` : '5,1';
    },
  },
  vsz: { head: 'VSZ', width: 4, right: true, show: () => '0' },
  sid: { head: 'SID', width: 5, right: true, show: (_l, t) => `${t.sid}` },
  stat: { head: 'STAT', width: 4, show: (_l, t) => t.state },
  rss: { head: 'RSS', width: 4, right: true, show: () => '0' },
};
/** The command line, with the program's name before it when it calls itself something else. */
export function busyboxCommand(t: TaskInfo): string {
  if (t.argv.length === 0 || t.state === 'Z') return `[${t.comm}]`;
  const line = t.argv.join(' ').replace(/[\x00-\x1f]/g, '?');
  const called = ((t.argv[0] as string).split('/').pop() ?? '').replace(/^-/, '');
  // As far as the name goes: programs that rewrite their arguments put more behind it.
  return called.startsWith(t.comm) ? line : `{${t.comm}} ${line}`;
}

function busyboxPs(x: Io): number {
  if (x.argv[1] === '--help') {
    x.err(busyboxUsage(x.name));
    return 0;
  }
  const l: Look = { x, n: names(x.sys), all: [...x.sys.tasks()].sort((a, b) => a.pid - b.pid), me: undefined };
  const formats: string[] = [];
  for (let i = 1; i < x.argv.length; i++) {
    const m = /^-[a-zA-Z]*o(.*)$/s.exec(x.argv[i] as string);
    if (m) formats.push(m[1] || (x.argv[++i] ?? ''));
  }
  let bad: string | null = null;
  const own = Object.fromEntries(Object.entries(BUSYBOX));
  const columns = columnsOf(formats.length ? formats : ['pid,user,args'], own, (n) => (bad = n));
  if (columns === null) {
    x.fail(`bad -o argument '${bad}', supported arguments: ${Object.keys(BUSYBOX).join(',')}`);
    return 1;
  }
  // BusyBox puts even numbers' headings to the left of their column.
  const width = x.sys.isatty(1) ? x.sys.winsize(1)?.cols || 80 : Number.POSITIVE_INFINITY;
  const cells = (row: string[], heading: boolean) => {
    const text = row
      .map((c, i) =>
        i === row.length - 1 && !columns[i]?.right
          ? c
          : columns[i]?.right && !heading
            ? c.padStart(columns[i]?.width ?? 0)
            : c.padEnd(columns[i]?.width ?? 0),
      )
      .join(' ');
    x.out(`${Number.isFinite(width) ? text.slice(0, width) : text.replace(/ +$/, heading ? '' : '$&')}\n`);
  };
  cells(
    columns.map((c) => c.head),
    true,
  );
  for (const t of l.all)
    cells(
      columns.map((c) => c.show(l, t)),
      false,
    );
  return 0;
}

export const ps = (flavour: Flavour) => tool({ main: flavour === 'gnu' ? gnuPs : busyboxPs }, flavour);
