/**
 * unshare, nsenter and pivot_root: programs in other namespaces. util-linux 2.42, sys-utils/{unshare,nsenter}.c; BusyBox 1.38's
 * unshare, nsenter and pivot_root.
 *
 * Simplified: namespaces kept by a file (--uts=FILE) and maps of subordinate ids (--map-users) are not modelled.
 */

import { attempt, Errno, type NsKind, type Outcome, type Program, type Sys } from '../../kernel';
import { command, type Misuse, readOptions } from '../command';
import { direct } from '../coreutils/run';
import { codeOf, execvp } from '../exec';
import { spill } from '../io';
import type { Options } from '../options';
import type { Flavour, Io } from '../tool';

export const KINDS: Readonly<Record<string, NsKind>> = {
  m: 'mnt',
  u: 'uts',
  i: 'ipc',
  n: 'net',
  p: 'pid',
  U: 'user',
  C: 'cgroup',
  T: 'time',
};
export const LONG = { mount: 'm', uts: 'u', ipc: 'i', net: 'n', pid: 'p', user: 'U', cgroup: 'C', time: 'T' };

interface State {
  argv: string[];
  env: Record<string, string>;
  /** The child that was forked, in the parent. */
  child: number | null;
  /** This is the child. */
  forked: boolean;
}

type Prepared = { exit: number } | { argv: readonly string[]; fork: boolean; inside: (sys: Sys) => Errno | null };

/** A program that changes its namespaces, may fork, and becomes another. */
const becoming =
  (def: Misuse, enter: (x: Io, o: Options, again: boolean) => Prepared) =>
  (flavour: Flavour): Program<State> => ({
    start: (exec) => ({ argv: exec.argv, env: exec.env, child: null, forked: false }),
    run(sys, s): Outcome<State> {
      if (s.child !== null) {
        const done = attempt(() => sys.waitpid(s.child as number));
        if (done === null) return { wait: { for: 'child', pid: s.child }, state: s };
        return { exit: done instanceof Errno ? 1 : codeOf(done.how) };
      }
      const x = direct(sys, s.argv, s.env, flavour);
      const o = readOptions(x, def);
      if (typeof o === 'number') return { exit: o };
      const p = enter(x, o, s.forked);
      if ('exit' in p) return p;
      if (p.fork && !s.forked) {
        const child = attempt(() => sys.fork({ ...s, forked: true }));
        if (child instanceof Errno) return x.fail(`fork failed: ${child.message}`), { exit: 1 };
        return { wait: { for: 'child', pid: child }, state: { ...s, child } };
      }
      const inside = p.inside(sys);
      if (inside) return { exit: 1 };
      const argv = p.argv.length > 0 ? [...p.argv] : [s.env.SHELL || '/bin/sh'];
      const done = execvp(sys, argv, s.env);
      if (!(done instanceof Errno)) return done;
      x.fail(flavour === 'gnu' ? `failed to execute ${argv[0]}: ${done.message}` : `can't execute '${argv[0]}': ${done.message}`);
      return { exit: done.code === 'ENOENT' ? 127 : 126 };
    },
  });

/** CLONE_NEW… of sched.h, as BusyBox prints them when the call fails. */
const CLONE: Readonly<Record<NsKind, number>> = {
  time: 0x80,
  mnt: 0x20000,
  cgroup: 0x2000000,
  uts: 0x4000000,
  ipc: 0x8000000,
  user: 0x10000000,
  pid: 0x20000000,
  net: 0x40000000,
};

const kindsOf = (o: Options): NsKind[] => Object.entries(KINDS).flatMap(([letter, kind]) => (o.has(letter) ? [kind] : []));

export const unshare = becoming(
  {
    options: {
      gnu: {
        short: '+muinpUCTfrcS:G:R:w:',
        long: {
          ...LONG,
          fork: 'f',
          'map-root-user': 'r',
          'map-current-user': 'c',
          'map-user': 'map-user:',
          'map-group': 'map-group:',
          'mount-proc': 'mount-proc',
          propagation: 'propagation:',
          'kill-child': 'f',
          setuid: 'S:',
          setgid: 'G:',
          root: 'R:',
          wd: 'w:',
          monotonic: 'monotonic:',
          boottime: 'boottime:',
        },
      },
      busybox: {
        short: '+muinpUfr',
        long: { ...LONG, fork: 'f', 'map-root-user': 'r', 'mount-proc': 'mount-proc', propagation: 'propagation:' },
      },
    },
    package: 'util-linux',
  },
  (x, o, again) => {
    const maps = o.has('r', 'c', 'map-user', 'map-group');
    const proc = o.has('mount-proc');
    const wanted = new Set(kindsOf(o));
    if (maps) wanted.add('user');
    if (proc) wanted.add('mnt');
    const order = (['user', 'cgroup', 'ipc', 'uts', 'net', 'pid', 'mnt', 'time'] as const).filter((kind) => wanted.has(kind));
    const fail = (text: string): Prepared => (x.fail(text), { exit: 1 });
    if (!again) {
      const { euid, egid } = x.sys.credentials();
      const done = attempt(() => x.sys.unshare(order));
      if (done instanceof Errno) {
        const flags = order.reduce((n, kind) => n + CLONE[kind], 0);
        return fail(x.flavour === 'gnu' ? `unshare failed: ${done.message}` : `unshare(0x${flags.toString(16)}): ${done.message}`);
      }
      const way = o.value('propagation') ?? 'private';
      if (wanted.has('mnt') && way !== 'unchanged') {
        if (!['private', 'shared', 'slave'].includes(way)) return fail(`unsupported propagation mode: ${way}`);
        const set = attempt(() => x.sys.mount('none', '/', '', [`r${way}`]));
        if (set instanceof Errno) return fail(`cannot change root filesystem propagation: ${set.message}`);
      }
      for (const clock of ['monotonic', 'boottime']) {
        if (!o.has(clock)) continue;
        const set = attempt(() => spill(x.sys, '/proc/self/timens_offsets', `${clock} ${o.value(clock)} 0`));
        if (set instanceof Errno) return fail(`failed to write to /proc/self/timens_offsets: ${set.message}`);
      }
      if (maps) {
        const uid = o.has('r') ? 0 : Number(o.value('map-user') ?? euid);
        const gid = o.has('r') ? 0 : Number(o.value('map-group') ?? egid);
        const mapped = attempt(() => {
          spill(x.sys, '/proc/self/uid_map', `${uid} ${euid} 1`);
          spill(x.sys, '/proc/self/setgroups', 'deny');
          spill(x.sys, '/proc/self/gid_map', `${gid} ${egid} 1`);
        });
        if (mapped instanceof Errno) return fail(`write failed /proc/self/uid_map: ${mapped.message}`);
      }
    }
    return {
      argv: o.operands,
      fork: o.has('f'),
      inside(sys) {
        const steps: [string, () => void][] = [];
        if (o.has('R'))
          steps.push([`cannot change root directory to '${o.value('R')}'`, () => (sys.chroot(o.value('R') as string), sys.chdir('/'))]);
        if (o.has('w')) steps.push([`cannot chdir to '${o.value('w')}'`, () => sys.chdir(o.value('w') as string)]);
        if (proc) steps.push(['mount /proc failed', () => sys.mount('proc', '/proc', 'proc', ['nosuid', 'noexec', 'nodev'])]);
        if (o.has('G')) steps.push(['setgid failed', () => (sys.setgroups([]), sys.setgid(Number(o.value('G'))))]);
        if (o.has('S')) steps.push(['setuid failed', () => sys.setuid(Number(o.value('S')))]);
        for (const [text, step] of steps) {
          const done = attempt(step);
          if (done instanceof Errno) return x.fail(`${text}: ${done.message}`), done;
        }
        return null;
      },
    };
  },
);

/** The namespaces of a process that are not the caller's own; all where there is no such process. */
function others(sys: Sys, pid: number): NsKind[] {
  const [own, there] = [sys.namespaces(), attempt(() => sys.namespaces(pid))];
  return Object.values(KINDS).filter((kind) => there instanceof Errno || own[kind] !== there[kind]);
}

export const nsenter = becoming(
  {
    options: {
      gnu: {
        short: '+at:muinpUCTFS:G:r::w::e',
        long: {
          ...LONG,
          all: 'a',
          target: 't:',
          'no-fork': 'F',
          setuid: 'S:',
          setgid: 'G:',
          root: 'r',
          wd: 'w',
          'preserve-credentials': 'preserve-credentials',
          env: 'e',
        },
      },
      busybox: { short: '+t:muinpUCF', long: { ...LONG, target: 't:', 'no-fork': 'F' } },
    },
    package: 'util-linux',
  },
  (x, o, again) => {
    const fail = (text: string): Prepared => (x.fail(text), { exit: 1 });
    const target = o.value('t');
    const kinds = o.has('a') ? others(x.sys, Number(target)) : kindsOf(o);
    if (kinds.length > 0 && target === undefined) return fail('no target PID specified');
    if (target !== undefined && !/^\d+$/.test(target))
      return fail(x.flavour === 'gnu' ? 'invalid PID argument' : `invalid number '${target}'`);
    if (x.flavour === 'gnu' && kinds.length === 0 && !o.has('r', 'w')) return fail('no namespace specified');
    if (!again && kinds.length > 0) {
      for (const kind of kinds) {
        const path = `/proc/${target}/ns/${kind}`;
        const there = attempt(() => x.sys.readlink(path));
        if (there instanceof Errno)
          return fail(x.flavour === 'gnu' ? `cannot open ${path}: ${there.message}` : `can't open '${path}': ${there.message}`);
      }
      const done = attempt(() => x.sys.setns(Number(target), kinds));
      if (done instanceof Errno)
        return fail(
          x.flavour === 'gnu'
            ? `reassociate to namespaces failed: ${done.message}`
            : `setns(): can't reassociate to namespace '${kinds[0]}': ${done.message}`,
        );
    }
    return {
      argv: o.operands,
      fork: kinds.includes('pid') && !o.has('F'),
      inside(sys) {
        const done = attempt(() => {
          // Whoever enters a user namespace is its root, unless told to stay who they are.
          const root = kinds.includes('user') && !o.has('preserve-credentials');
          const gid = o.value('G') ?? (root ? '0' : undefined);
          const uid = o.value('S') ?? (root ? '0' : undefined);
          if (gid !== undefined) {
            const given = attempt(() => sys.setgroups([]));
            if (given instanceof Errno && !root) throw given;
            sys.setgid(Number(gid));
          }
          if (uid !== undefined) sys.setuid(Number(uid));
        });
        if (done instanceof Errno) return x.fail(`setuid() failed: ${done.message}`), done;
        return null;
      },
    };
  },
);

/** util-linux's own is not on the model's host; BusyBox passes on whatever it is given. */
export const pivotRoot = command({
  options: { gnu: { short: '' }, busybox: { short: '' } },
  package: 'util-linux',
  main(x, o) {
    const [root = '', old = ''] = o.operands;
    const done = attempt(() => x.sys.pivotRoot(root, old));
    if (!(done instanceof Errno)) return 0;
    x.fail(`: ${done.message}`);
    return 1;
  },
});
