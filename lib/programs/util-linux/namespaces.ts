/**
 * unshare, nsenter and lsns: programs in other namespaces. util-linux 2.42, sys-utils/{unshare,nsenter,lsns}.c; BusyBox 1.38's unshare
 * and nsenter.
 *
 * Simplified: namespaces kept by a file (--uts=FILE), subordinate ids and time namespaces' clocks are not modelled.
 */

import { attempt, Errno, type NsKind, type Outcome, type Program, type Sys } from '../../kernel';
import { command, type Misuse, readOptions } from '../command';
import { direct } from '../coreutils/run';
import { codeOf, execvp } from '../exec';
import { slurpOrEmpty, spill } from '../io';
import { names } from '../names';
import type { Options } from '../options';
import type { Flavour, Io } from '../tool';

const KINDS: Readonly<Record<string, NsKind>> = { m: 'mnt', u: 'uts', i: 'ipc', n: 'net', p: 'pid', U: 'user', C: 'cgroup', T: 'time' };
const LONG = { mount: 'm', uts: 'u', ipc: 'i', net: 'n', pid: 'p', user: 'U', cgroup: 'C', time: 'T' };

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
      if (done instanceof Errno) return fail(`unshare failed: ${done.message}`);
      if (maps) {
        const uid = o.has('r') ? 0 : Number(o.value('map-user') ?? euid);
        const gid = o.has('r') ? 0 : Number(o.value('map-group') ?? egid);
        const mapped = attempt(() => {
          spill(x.sys, '/proc/self/uid_map', `${uid} ${euid} 1`);
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
    const kinds = o.has('a') ? (Object.values(KINDS).filter((kind) => kind !== 'user' && kind !== 'time') as NsKind[]) : kindsOf(o);
    const target = o.value('t');
    if (kinds.length > 0 && target === undefined) return fail('no target PID specified');
    if (target !== undefined && !/^\d+$/.test(target)) return fail(`failed to parse pid: '${target}'`);
    if (!again && kinds.length > 0) {
      for (const kind of kinds) {
        const path = `/proc/${target}/ns/${kind}`;
        const there = attempt(() => x.sys.readlink(path));
        if (there instanceof Errno)
          return fail(x.flavour === 'gnu' ? `cannot open ${path}: ${there.message}` : `can't open '${path}': ${there.message}`);
      }
      const done = attempt(() => x.sys.setns(Number(target), kinds));
      if (done instanceof Errno)
        return fail(x.flavour === 'gnu' ? `reassociate to namespaces failed: ${done.message}` : `setns(): ${done.message}`);
    }
    return {
      argv: o.operands,
      fork: kinds.includes('pid') && !o.has('F'),
      inside(sys) {
        const done = attempt(() => {
          if (o.has('G')) sys.setgroups([]), sys.setgid(Number(o.value('G')));
          if (o.has('S')) sys.setuid(Number(o.value('S')));
        });
        if (done instanceof Errno) return x.fail(`setuid() failed: ${done.message}`), done;
        return null;
      },
    };
  },
);

/** Namespaces that the caller can see, with their oldest process. */
export const lsns = command({
  options: { gnu: { short: 't:p:no:J', long: { type: 't:', task: 'p:', noheadings: 'n', output: 'o:' } }, busybox: { short: '' } },
  package: 'util-linux',
  main(x, o) {
    const only = o.value('t');
    const task = o.value('p');
    if (only !== undefined && !(only in LONG) && !Object.values(KINDS).includes(only as NsKind)) {
      x.fail(`unknown namespace type: ${only}`);
      return 1;
    }
    const rows: { ns: number; type: NsKind; count: number; pid: number; user: string; command: string }[] = [];
    for (const t of x.sys.tasks()) {
      const own = attempt(() => x.sys.namespaces(t.pid));
      if (own instanceof Errno) continue;
      const cmd = slurpOrEmpty(x.sys, `/proc/${t.pid}/cmdline`).split('\0').join(' ').trim() || t.comm;
      for (const kind of ['time', 'cgroup', 'pid', 'user', 'uts', 'ipc', 'net', 'mnt'] as const) {
        if (only !== undefined && kind !== only) continue;
        if (task !== undefined && t.pid !== Number(task)) continue;
        const there = rows.find((r) => r.ns === own[kind] && r.type === kind);
        if (there) there.count++;
        else rows.push({ ns: own[kind], type: kind, count: 1, pid: t.pid, user: names(x.sys).userName(t.uid) ?? `${t.uid}`, command: cmd });
      }
    }
    rows.sort((a, b) => a.ns - b.ns);
    const wide = (key: 'type' | 'user', head: string) => Math.max(head.length, ...rows.map((r) => r[key].length));
    const [w, u] = [wide('type', 'TYPE'), wide('user', 'USER')];
    const digits = (key: 'count' | 'pid', head: string) => Math.max(head.length, ...rows.map((r) => `${r[key]}`.length));
    const [c, p] = [digits('count', 'NPROCS'), digits('pid', 'PID')];
    if (!o.has('n')) x.out(`        NS ${'TYPE'.padEnd(w)} ${'NPROCS'.padStart(c)} ${'PID'.padStart(p)} ${'USER'.padEnd(u)} COMMAND\n`);
    for (const r of rows)
      x.out(
        `${`${r.ns}`.padStart(10)} ${r.type.padEnd(w)} ${`${r.count}`.padStart(c)} ${`${r.pid}`.padStart(p)} ${r.user.padEnd(u)} ${r.command}\n`,
      );
    return 0;
  },
});
