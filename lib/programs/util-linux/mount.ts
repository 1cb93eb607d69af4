/**
 * mount, umount, mountpoint: file systems and where they are.
 *
 * Source: util-linux 2.42, BusyBox 1.38's util-linux/mount.c.
 * Simplified: no fstab.
 */

import { attempt, Errno, type Sys } from '../../kernel';
import { command, type Misuse, usage } from '../command';
import { canonical } from '../coreutils/links';
import { slurpOrEmpty, statOrNull } from '../io';
import type { Io } from '../tool';

export interface Mounted {
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
export function propagation(sys: Sys, target: string): string {
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
      else
        x.fail(
          statOrNull(x.sys, '/etc/fstab') ? `can't find ${first} in /etc/fstab` : "can't read '/etc/fstab': No such file or directory",
        );
      return 1;
    }
    if (!gnu && remount && second === undefined && !mounted(x).some((m) => m.target === first)) {
      x.fail(`can't find ${first} in /proc/mounts`);
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
