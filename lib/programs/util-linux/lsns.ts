/**
 * lsns: the namespaces that the caller can see. util-linux 2.42, sys-utils/lsns.c.
 *
 *   a line a namespace, with its process of the lowest number; where the parent of that process stands for a namespace
 *   itself, the line hangs below the parent's last one
 *
 * Simplified: not the files that keep a namespace open (NSFS), ids of network namespaces (NETNSID) and --json.
 */

import { encode } from '../../base';
import { attempt, Errno, type NsKind } from '../../kernel';
import { command } from '../command';
import { slurpOrEmpty } from '../io';
import { names } from '../names';
import type { Io } from '../tool';
import { KINDS, LONG } from './namespaces';

interface Row {
  ns: number;
  type: NsKind;
  count: number;
  pid: number;
  ppid: number;
  uid: number;
  user: string;
  command: string;
  /** Row that this one hangs below. */
  under: Row | null;
}

interface Column {
  right?: true;
  text: (r: Row) => string;
}
const COLUMNS: Readonly<Record<string, Column>> = {
  NS: { right: true, text: (r) => `${r.ns}`.padStart(10) },
  TYPE: { text: (r) => r.type },
  PATH: { text: (r) => `/proc/${r.pid}/ns/${r.type}` },
  NPROCS: { right: true, text: (r) => `${r.count}` },
  PID: { right: true, text: (r) => `${r.pid}` },
  PPID: { right: true, text: (r) => `${r.ppid}` },
  COMMAND: { text: (r) => r.command },
  UID: { right: true, text: (r) => `${r.uid}` },
  USER: { text: (r) => r.user },
};
const USUAL = ['NS', 'TYPE', 'NPROCS', 'PID', 'USER', 'COMMAND'];
const ORDER = ['time', 'cgroup', 'pid', 'user', 'uts', 'ipc', 'net', 'mnt'] as const;

const shown = (text: string) => text.replace(/[\x00-\x1f\x7f]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`);

function rowsOf(x: Io): Row[] {
  const rows: Row[] = [];
  const tasks = [...x.sys.tasks()].sort((a, b) => a.pid - b.pid);
  for (const t of tasks) {
    const own = attempt(() => x.sys.namespaces(t.pid));
    if (own instanceof Errno) continue;
    for (const type of ORDER) {
      const there = rows.find((r) => r.ns === own[type] && r.type === type);
      if (there) {
        there.count++;
        continue;
      }
      const command = shown(slurpOrEmpty(x.sys, `/proc/${t.pid}/cmdline`).replace(/\0$/, '').split('\0').join(' ')) || t.comm;
      const user = names(x.sys).userName(t.uid) ?? `${t.uid}`;
      rows.push({ ns: own[type], type, count: 1, pid: t.pid, ppid: t.ppid, uid: t.uid, user, command, under: null });
    }
  }
  return rows.sort((a, b) => a.ns - b.ns);
}

/** Lines in the order of a tree, the last column's with its branches. */
function hang(rows: readonly Row[]): Row[] {
  const last = new Map<number, Row>();
  for (const r of rows) {
    r.under = last.get(r.ppid) ?? null;
    last.set(r.pid, r);
  }
  const out: Row[] = [];
  const walk = (under: Row | null, indent: string) => {
    const here = rows.filter((r) => r.under === under);
    for (const [i, r] of here.entries()) {
      const end = i === here.length - 1;
      out.push({ ...r, command: `${under ? encode(indent + (end ? '└─' : '├─')) : ''}${r.command}` });
      walk(r, under ? indent + (end ? '  ' : '│ ') : '');
    }
  };
  walk(null, '');
  return out;
}

export const lsns = command({
  options: {
    gnu: { short: 't:p:no:lruW', long: { type: 't:', task: 'p:', noheadings: 'n', output: 'o:', list: 'l', raw: 'r' } },
    busybox: { short: '' },
  },
  package: 'util-linux',
  main(x, o) {
    const only = o.values('t').flatMap((v) => v.split(','));
    const unknown = only.find((t) => !(t in LONG) && !Object.values(KINDS).includes(t as NsKind));
    if (unknown !== undefined) return x.fail(`unknown namespace type: ${unknown}`), 1;
    const columns = (o.value('o')?.toUpperCase().split(',') ?? USUAL).map((name) => ({ name, column: COLUMNS[name] }));
    const missing = columns.find((c) => !c.column);
    if (missing) return x.fail(`unknown column: ${missing.name}`), 1;
    const task = o.value('p');
    const of = task === undefined ? null : attempt(() => x.sys.namespaces(Number(task)));
    if (of instanceof Errno) return 0;
    const chosen = rowsOf(x).filter((r) => (only.length === 0 || only.includes(r.type)) && (of === null || of[r.type] === r.ns));
    const rows = o.has('l', 'r') ? chosen : hang(chosen);
    if (rows.length === 0) return 0;
    const cells = columns.map(({ name, column }) => {
      const texts = rows.map((r) => (column as Column).text(r));
      const width = Math.max(o.has('n') ? 0 : name.length, ...texts.map((t) => t.length));
      const pad = (t: string) => (column?.right ? t.padStart(width) : t.padEnd(width));
      return { head: pad(name), texts: texts.map(pad) };
    });
    const line = (parts: string[]) => x.out(`${columns.at(-1)?.column?.right ? parts.join(' ') : parts.join(' ').trimEnd()}\n`);
    if (!o.has('n')) line(cells.map((c) => c.head));
    for (const i of rows.keys()) line(cells.map((c) => c.texts[i] as string));
    return 0;
  },
});
