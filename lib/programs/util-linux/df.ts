/**
 * df, lsblk, findmnt: which file systems there are, and how full.
 *
 * Source: util-linux 2.42, coreutils' df.c, BusyBox 1.38's coreutils/df.c.
 * Simplified: findmnt and lsblk print their usual columns only.
 */

import { attempt, Errno } from '../../kernel';
import { command, type Misuse } from '../command';
import { canonical } from '../coreutils/links';
import { statOrNull } from '../io';
import { humanBusybox, humanGnu } from '../text/numfmt';
import { type Mounted, mounted, propagation } from './mount';

const dfDef: Misuse = {
  options: {
    gnu: {
      short: 'aB:hHiklmPTt:x:',
      long: {
        all: 'a',
        'block-size': 'B:',
        'human-readable': 'h',
        si: 'H',
        inodes: 'i',
        local: 'l',
        portability: 'P',
        'print-type': 'T',
        type: 't:',
        'exclude-type': 'x:',
        total: 'total',
        output: 'output::',
      },
    },
    busybox: { short: 'kPTamhit:' },
  },
};
/** File systems that df leaves out unless asked: they take no room. */
const DUMMY = new Set([
  'proc',
  'sysfs',
  'cgroup2',
  'devpts',
  'mqueue',
  'securityfs',
  'debugfs',
  'tracefs',
  'bpf',
  'nsfs',
  'pstore',
  'fusectl',
  'configfs',
  'hugetlbfs',
  'autofs',
]);

export const df = command({
  ...dfDef,
  main(x, o) {
    const gnu = x.flavour === 'gnu';
    if (o.has('output')) {
      x.fail('drydock: --output is not modelled');
      return 1;
    }
    const all = mounted(x);
    let failed = false;
    const rows: (Mounted & { name: string })[] = [];
    const human = o.has('h', 'H');
    const unit = o.has('m')
      ? 1048576
      : o.has('B')
        ? ({ K: 1024, M: 1048576, G: 1073741824 }[(o.value('B') as string).toUpperCase()[0] ?? ''] ?? (Number(o.value('B')) || 1024))
        : 1024;
    const heads = () => {
      const size = o.has('i')
        ? 'Inodes'
        : human
          ? 'Size'
          : o.has('m')
            ? '1M-blocks'
            : unit === 1024
              ? o.has('P')
                ? '1024-blocks'
                : '1K-blocks'
              : `${o.value('B')}-blocks`;
      return [
        'Filesystem',
        ...(o.has('T') ? ['Type'] : []),
        size,
        o.has('i') ? 'IUsed' : 'Used',
        o.has('i') ? 'IFree' : human && gnu ? 'Avail' : 'Available',
        o.has('i') ? 'IUse%' : o.has('P') && gnu ? 'Capacity' : 'Use%',
        'Mounted on',
      ];
    };
    const wanted: Mounted[] = [];
    const complaints: string[] = [];
    for (const path of o.operands) {
      const st = attempt(() => x.sys.stat(path));
      if (st instanceof Errno) {
        complaints.push(gnu ? `${path}: ${st.message}` : `${path}: can't find mount point`);
        failed = true;
        continue;
      }
      const full = canonical(x.sys, path, 'all') ?? path;
      const m = all
        .filter((c) => c.target === '/' || full === c.target || full.startsWith(`${c.target}/`))
        .sort((a, b) => a.target.length - b.target.length)
        .at(-1);
      if (m) wanted.push(m);
    }
    const seen = new Set<string>();
    for (const m of o.operands.length ? wanted : all) {
      if (!o.operands.length && !o.has('a')) {
        if (DUMMY.has(m.type) || (seen.has(`${m.source} ${m.type}`) && m.source.startsWith('/'))) continue;
        seen.add(`${m.source} ${m.type}`);
      }
      if (o.has('t') && !o.values('t').includes(m.type)) continue;
      if (o.values('x').includes(m.type)) continue;
      rows.push({ ...m, name: m.source });
    }
    if (gnu) for (const c of complaints) x.fail(c);
    if (rows.length === 0 && o.operands.length && gnu) return 1;
    const shown = (bytes: number) =>
      human ? (gnu ? humanGnu(bytes, o.has('H') ? 1000 : 1024) : humanBusybox(bytes)) : `${Math.ceil(bytes / unit)}`;
    const table = rows.map((m) => {
      const fs = attempt(() => x.sys.statfs(m.target));
      const [size, used, avail] =
        fs instanceof Errno ? [0, 0, 0] : o.has('i') ? [fs.files, fs.files - fs.ffree, fs.ffree] : [fs.size, fs.used, fs.size - fs.used];
      const percent = size === 0 ? '-' : `${Math.ceil((used / (used + avail)) * 100)}%`;
      const cell = (n: number) => (o.has('i') && !human ? `${n}` : shown(n));
      return [m.name, ...(o.has('T') ? [m.type] : []), cell(size), cell(used), cell(avail), percent, m.target];
    });
    const h = heads();
    if (!gnu) {
      const line = (r: string[], head: boolean) => {
        const [name, ...rest] = r as [string, ...string[]];
        const type = o.has('T') ? `${(rest.shift() as string).padEnd(11)}` : '';
        const [size, used, avail, percent, at] = rest as [string, string, string, string, string];
        const lead = name.length > 20 && !o.has('P') && !head ? `${name}\n${' '.repeat(20)}` : name.padEnd(20);
        x.out(`${lead} ${type}${size.padStart(9)} ${used.padStart(9)} ${avail.padStart(9)} ${percent.padStart(4)} ${at}\n`);
      };
      line(h, true);
      for (const r of table) line(r, false);
      for (const c of complaints) x.fail(c);
      return failed ? 1 : 0;
    }
    const lines = [h, ...table];
    const widths = h.map((_, i) =>
      Math.max(
        i === 0 ? 14 : h[i] === 'Type' ? 4 : i === h.length - 1 ? 0 : human ? (i === h.length - 2 ? 4 : 5) : 5,
        ...lines.map((r) => (r[i] as string).length),
      ),
    );
    const typed = o.has('T') ? 1 : 0;
    for (const r of lines)
      x.out(
        `${r.map((c, i) => (i === r.length - 1 ? c : i <= typed ? c.padEnd(widths[i] as number) : c.padStart(h[i] === 'Use%' || h[i] === 'IUse%' || h[i] === 'Capacity' ? Math.max(4, (h[i] as string).length) : (widths[i] as number)))).join(' ')}\n`,
      );
    return failed ? 1 : 0;
  },
});

export const lsblk = command({
  options: { gnu: { short: 'abdfilmno:prstx:J', long: { all: 'a', output: 'o:', noheadings: 'n', json: 'J' } }, busybox: { short: '' } },
  package: 'util-linux',
  main(x, o) {
    if (o.operands.length > 0) {
      let failed = false;
      for (const p of o.operands)
        if (statOrNull(x.sys, p)?.type !== 'block') {
          failed = true;
          x.err(`${x.name}: ${p}: ${statOrNull(x.sys, p) ? 'not a block device' : 'No such file or directory'}\n`);
        }
      if (failed) return 32;
    }
    const fs = attempt(() => x.sys.statfs('/'));
    const size = humanGnu(fs instanceof Errno ? 0 : fs.size);
    const root = mounted(x).find((m) => m.source === '/dev/vda1');
    x.out('NAME   MAJ:MIN RM SIZE RO TYPE MOUNTPOINTS\n');
    x.out(
      `vda    254:0    0 ${size.padStart(4)}  0 disk \n\xe2\x94\x94\xe2\x94\x80vda1 254:1    0 ${size.padStart(4)}  0 part ${root?.target ?? ''}\n`,
    );
    return 0;
  },
});

export const findmnt = command({
  package: 'util-linux',
  options: {
    short: 'abcdDeflmno:PrRs:S:t:T:M:uvJ',
    long: {
      list: 'l',
      raw: 'r',
      noheadings: 'n',
      output: 'o:',
      types: 't:',
      target: 'T:',
      mountpoint: 'M:',
      source: 'S:',
      submounts: 'R',
      json: 'J',
    },
  },
  main(x, o) {
    if (o.has('J', 'P', 'D')) {
      x.fail('drydock: this form of output is not modelled');
      return 1;
    }
    const all = mounted(x);
    const wanted = o.operands[0] ?? o.value('M');
    const target = o.value('T');
    let rows = all;
    if (o.has('t')) rows = rows.filter((m) => (o.value('t') as string).split(',').includes(m.type));
    if (o.has('S')) rows = rows.filter((m) => m.source === o.value('S'));
    if (wanted !== undefined) {
      const full = canonical(x.sys, wanted, 'missing') ?? wanted;
      rows = rows.filter((m) => m.target === full || m.source === wanted).slice(-1);
    }
    if (target !== undefined) {
      const full = canonical(x.sys, target, 'all');
      rows =
        full === null
          ? []
          : rows
              .filter((m) => m.target === '/' || full === m.target || full.startsWith(`${m.target}/`))
              .sort((a, b) => a.target.length - b.target.length)
              .slice(-1);
    }
    if (rows.length === 0) return 1;
    const names = (o.value('o') ?? 'target,source,fstype,options').toUpperCase().split(',');
    const value: Record<string, (m: Mounted) => string> = {
      TARGET: (m) => m.target,
      SOURCE: (m) => m.source,
      FSTYPE: (m) => m.type,
      OPTIONS: (m) => m.options,
      PROPAGATION: (m) => propagation(x.sys, m.target),
    };
    const unknown = names.find((n) => !value[n]);
    if (unknown !== undefined) {
      x.fail(`unknown column: ${unknown}`);
      return 1;
    }
    const tree = rows === all && !o.has('l', 'r') && names[0] === 'TARGET';
    const shown = tree ? branches(rows) : rows.map((m) => ({ m, lead: '' }));
    const table = [
      ...(o.has('n') ? [] : [names]),
      ...shown.map(({ m, lead }) => names.map((n, i) => (i === 0 ? lead : '') + value[n]?.(m))),
    ];
    const wide = (t: string) => [...t].filter((c) => (c.charCodeAt(0) & 0xc0) !== 0x80).length;
    const widths = names.map((_, i) => Math.max(...table.map((r) => wide(r[i] as string))));
    for (const row of table)
      x.out(
        `${row.map((c, i) => (i === row.length - 1 || o.has('r') ? c : c + ' '.repeat((widths[i] as number) - wide(c as string)))).join(' ')}\n`,
      );
    return 0;
  },
});

/** Mounts below mounts, with the lines of a tree before them. */
function branches(rows: Mounted[]): { m: Mounted; lead: string }[] {
  const parentOf = (m: Mounted) =>
    rows
      .filter((p) => p !== m && (p.target === '/' ? m.target !== '/' : m.target.startsWith(`${p.target}/`)))
      .sort((a, b) => b.target.length - a.target.length)[0];
  const out: { m: Mounted; lead: string }[] = [];
  const put = (m: Mounted, lead: string, below: string) => {
    out.push({ m, lead });
    const children = rows.filter((c) => parentOf(c) === m);
    children.forEach((c, i) => {
      const last = i === children.length - 1;
      put(c, below + (last ? '\xe2\x94\x94\xe2\x94\x80' : '\xe2\x94\x9c\xe2\x94\x80'), below + (last ? '  ' : '\xe2\x94\x82 '));
    });
  };
  for (const m of rows) if (parentOf(m) === undefined) put(m, '', '');
  return out;
}
