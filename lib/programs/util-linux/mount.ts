/**
 * mount, umount, findmnt, mountpoint, df, lsblk: file systems and where they are.
 *
 * Source: util-linux 2.42, coreutils' df.c, BusyBox 1.38's util-linux/mount.c and coreutils/df.c.
 * Simplified: no fstab; findmnt and lsblk print their usual columns only.
 */

import { attempt, Errno, type Sys } from '../../kernel';
import { command, type Misuse, usage } from '../command';
import { canonical } from '../coreutils/links';
import { slurpOrEmpty, statOrNull } from '../io';
import { humanBusybox, humanGnu } from '../text/numfmt';
import type { Io } from '../tool';

interface Mounted {
  source: string;
  target: string;
  type: string;
  options: string;
}

const unoctal = (text: string) => text.replace(/\\([0-7]{3})/g, (_, n: string) => String.fromCharCode(Number.parseInt(n, 8)));
/** /proc/self/mounts: proc_pid_mounts(5). */
export function mounted(x: Pick<Io, 'sys'>): Mounted[] {
  return slurpOrEmpty(x.sys, '/proc/self/mounts')
    .split('\n')
    .filter(Boolean)
    .map((l) => l.split(' ').map(unoctal))
    .map(([source, target, type, options]) => ({ source: source ?? '', target: target ?? '', type: type ?? '', options: options ?? '' }));
}

const mountDef: Misuse = {
  options: {
    gnu: {
      short: 'aBcfFhil:L:Mno:O:rRst:T:U:vVw',
      long: {
        all: 'a',
        bind: 'B',
        rbind: 'R',
        move: 'M',
        types: 't:',
        options: 'o:',
        'read-only': 'r',
        'read-write': 'w',
        rw: 'w',
        verbose: 'v',
        'make-private': 'private',
        'make-rprivate': 'rprivate',
        'make-shared': 'shared',
        'make-rshared': 'rshared',
        'make-slave': 'slave',
        'make-rslave': 'rslave',
        'make-unbindable': 'unbindable',
        'make-runbindable': 'runbindable',
        mkdir: 'mkdir',
        source: 'source:',
        target: 'target:',
        fake: 'f',
      },
    },
    busybox: {
      short: 'aft:o:O:rwnvsiT:',
      long: {
        bind: 'B',
        rbind: 'R',
        move: 'M',
        'make-private': 'private',
        'make-rprivate': 'rprivate',
        'make-shared': 'shared',
        'make-rshared': 'rshared',
        'make-slave': 'slave',
        'make-rslave': 'rslave',
        'make-unbindable': 'unbindable',
        'make-runbindable': 'runbindable',
      },
    },
  },
  package: 'util-linux',
};

const SHARING = ['private', 'rprivate', 'shared', 'rshared', 'slave', 'rslave', 'unbindable', 'runbindable'];

/** PROPAGATION of findmnt: from the optional fields of mountinfo. */
function propagation(sys: Sys, target: string): string {
  const row = slurpOrEmpty(sys, '/proc/self/mountinfo')
    .split('\n')
    .map((line) => line.split(' '))
    .findLast((f) => f[4] === target);
  const tags = row?.slice(6, row.indexOf('-')).join(' ') ?? '';
  const words = [
    tags.includes('shared:') && 'shared',
    tags.includes('master:') && 'slave',
    tags.includes('unbindable') && 'unbindable',
  ].filter(Boolean);
  return words.includes('shared') ? words.join(',') : ['private', ...words].join(',');
}

export const mount = command({
  ...mountDef,
  main(x, o) {
    const gnu = x.flavour === 'gnu';
    const options = o
      .values('o')
      .flatMap((v) => v.split(','))
      .filter((v) => v !== '' && v !== 'defaults' && v !== 'loop');
    if (o.has('r')) options.push('ro');
    if (o.has('B')) options.push('bind');
    if (o.has('R')) options.push('rbind');
    const sharing = SHARING.find((k) => o.has(k));
    if (sharing) options.push(sharing);
    const type = o.value('t');
    const [first, second] = [
      ...(o.has('source') ? [o.value('source') as string] : []),
      ...o.operands,
      ...(o.has('target') ? [o.value('target') as string] : []),
    ];
    if (first === undefined) {
      if (o.has('a')) return 0;
      for (const m of mounted(x))
        if (type === undefined || type.split(',').includes(m.type)) x.out(`${m.source} on ${m.target} type ${m.type} (${m.options})\n`);
      return 0;
    }
    const remount = options.includes('remount') || sharing !== undefined;
    const here = remount || second === undefined ? (second ?? first) : second;
    if (second === undefined && !remount) {
      if (gnu) x.err(`${x.name}: ${first}: can't find in /etc/fstab.\n`);
      else x.fail(`can't find ${first} in /etc/fstab`);
      return 1;
    }
    const fail = (why: Errno): number => {
      if (!gnu) {
        x.fail(why.code === 'EPERM' ? 'permission denied (are you root?)' : `mounting ${first} on ${here} failed: ${why.message}`);
        return why.code === 'EPERM' ? 1 : 255;
      }
      const target = canonical(x.sys, here, 'missing') ?? here;
      const text =
        why.code === 'EPERM'
          ? x.sys.credentials().euid === 0
            ? `permission denied.\n       dmesg(1) may have more information after failed mount system call.`
            : 'must be superuser to use mount.'
          : why.code === 'ENOENT' && statOrNull(x.sys, here) === null
            ? 'mount point does not exist.\n       dmesg(1) may have more information after failed mount system call.'
            : why.code === 'ENOENT'
              ? `special device ${first} does not exist.\n       dmesg(1) may have more information after failed mount system call.`
              : why.code === 'ENODEV'
                ? `unknown filesystem type '${type}'.\n       dmesg(1) may have more information after failed mount system call.`
                : why.code === 'ENOTDIR'
                  ? 'mount point is not a directory.\n       dmesg(1) may have more information after failed mount system call.'
                  : why.code === 'EBUSY'
                    ? `${first} already mounted or mount point busy.\n       dmesg(1) may have more information after failed mount system call.`
                    : why.code === 'EINVAL' && remount
                      ? `${sharing ? 'not mount point' : 'mount point not mounted'} or bad option.\n       dmesg(1) may have more information after failed mount system call.`
                      : why.code === 'EINVAL'
                        ? `wrong fs type, bad option, bad superblock on ${first}, missing codepage or helper program, or other error.\n       dmesg(1) may have more information after failed mount system call.`
                        : `mount(2) system call failed: ${why.message}.\n       dmesg(1) may have more information after failed mount system call.`;
      x.err(`${x.name}: ${why.code === 'EPERM' && x.sys.credentials().euid !== 0 ? '' : `${target}: `}${text}\n`);
      if (why.reason.startsWith('drydock:')) x.err(`${why.reason}\n`);
      return why.code === 'EPERM' && x.sys.credentials().euid !== 0 ? 1 : 32;
    };
    if (o.has('mkdir') && statOrNull(x.sys, here) === null) attempt(() => x.sys.mkdir(here));
    const bound = options.includes('bind') || options.includes('rbind');
    const done = attempt(() => x.sys.mount(first, here, type ?? (bound || remount ? 'none' : 'auto'), options));
    if (!(done instanceof Errno)) return 0;
    // Without -t a device's own type is tried; here there is only one.
    if (type === undefined && !bound && !remount && statOrNull(x.sys, first)?.type === 'block') {
      const again = attempt(() => x.sys.mount(first, here, 'ext4', options));
      return again instanceof Errno ? fail(again) : 0;
    }
    return fail(done);
  },
});

const umountDef: Misuse = {
  options: {
    gnu: { short: 'adfhilnqrRt:vV', long: { all: 'a', force: 'f', lazy: 'l', recursive: 'R', quiet: 'q', 'no-canonicalize': 'c' } },
    busybox: { short: 'fldnrat:v' },
  },
  package: 'util-linux',
  hint: "Try 'umount --help' for more information.\n",
};
export const umount = command({
  ...umountDef,
  main(x, o) {
    const gnu = x.flavour === 'gnu';
    if (o.operands.length === 0 && !o.has('a')) return usage(x, umountDef, gnu ? 'bad usage' : undefined);
    let code = 0;
    const targets = o.operands.flatMap((t) => {
      const full = canonical(x.sys, t, 'missing') ?? t;
      const inner = o.has('R')
        ? mounted(x)
            .map((m) => m.target)
            .filter((m) => m.startsWith(`${full}/`))
            .sort((a, b) => b.length - a.length)
        : [];
      return [...inner, t];
    });
    for (const t of targets) {
      const bySource = mounted(x).findLast((m) => m.source === t && m.source.startsWith('/'));
      const at = bySource && !mounted(x).some((m) => m.target === t) ? bySource.target : t;
      const done = attempt(() => x.sys.umount(at, o.has('l')));
      if (!(done instanceof Errno)) continue;
      code = gnu ? 32 : 1;
      if (!gnu) x.fail(`can't unmount ${t}: ${done.message}`);
      else if (o.has('q') && done.code === 'EINVAL') continue;
      else
        x.err(
          `${x.name}: ${t}: ${
            done.code === 'EINVAL'
              ? 'not mounted.'
              : done.code === 'ENOENT'
                ? 'no mount point specified.'
                : done.code === 'EPERM'
                  ? 'must be superuser to unmount.'
                  : done.code === 'EBUSY'
                    ? 'target is busy.'
                    : `umount failed: ${done.message}.`
          }\n`,
        );
    }
    return code;
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

const mountpointDef: Misuse = { options: { short: 'dqx', long: { quiet: 'q', fs: 'd' } }, package: 'util-linux' };
export const mountpoint = command({
  ...mountpointDef,
  main(x, o) {
    const path = o.operands[0];
    if (path === undefined) return usage(x, mountpointDef, 'bad usage');
    const full = canonical(x.sys, path, 'all');
    if (full === null) {
      if (!o.has('q')) x.err(`mountpoint: ${path}: No such file or directory\n`);
      return 1;
    }
    const is = mounted(x).some((m) => m.target === full);
    if (!o.has('q')) x.out(`${path} is ${is ? '' : 'not '}a mountpoint\n`);
    return is ? 0 : 32;
  },
});

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
