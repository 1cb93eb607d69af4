/**
 * A small machine for the shell's tests: the real kernel, the three shells, and a handful of plain programs.
 */

import { encode } from '../base';
import {
  advance,
  attempt,
  boot,
  Errno,
  type Kernel,
  MAGIC,
  makeSys,
  nextTimer,
  type Outcome,
  type Program,
  type Programs,
  runOne,
  type Sys,
  tty,
} from '../kernel';
import { programs as shells } from './index';

type Simple = { argv: string[]; env: Record<string, string>; text: string; at: number | null };

function frozen<T>(value: T): T {
  if (value !== null && typeof value === 'object') {
    Object.freeze(value);
    for (const v of Object.values(value)) frozen(v);
  }
  return value;
}

/** The shells, with a state that has been through JSON and cannot be changed in place. */
const strict: Programs = Object.fromEntries(
  Object.entries(shells).map(([name, program]) => [
    name,
    { start: program.start, run: (sys: Sys, state: unknown) => program.run(sys, frozen(JSON.parse(JSON.stringify(state)))) },
  ]),
);

/** A program that writes what it computes, then exits. */
type Said = { out?: string; err?: string; status?: number };
const plain = (run: (sys: Sys, s: Simple) => Said | Outcome<Simple>): Program<Simple> => ({
  start: (e) => ({ argv: e.argv, env: e.env, text: '', at: null }),
  run(sys, state) {
    const s = { ...state };
    const made = run(sys, s);
    if ('wait' in made || 'exit' in made || 'again' in made || 'killedBy' in made || 'replaced' in made) return made;
    if (made.out) attempt(() => sys.write(1, made.out!));
    if (made.err) attempt(() => sys.write(2, made.err!));
    return { exit: made.status ?? 0 };
  },
});

function slurp(sys: Sys, s: Simple, fd: number): Outcome<Simple> | null {
  for (;;) {
    const chunk = sys.read(fd, 65536);
    if (chunk === null) return { wait: { for: 'read', fd }, state: s };
    if (chunk === '') return null;
    s.text += chunk;
  }
}

const tools: Programs = {
  cat: {
    start: (e) => ({ files: e.argv.length > 1 ? e.argv.slice(1) : ['-'], fd: -1, status: 0 }),
    run(sys, state: { files: string[]; fd: number; status: number }) {
      const s = { ...state };
      for (;;) {
        if (s.fd < 0) {
          const name = s.files[0];
          if (name === undefined) return { exit: s.status };
          const fd = name === '-' ? 0 : attempt(() => sys.open(name, { read: true }));
          if (fd instanceof Errno) {
            sys.write(2, `cat: ${name}: ${fd.message}\n`);
            s.status = 1;
            s.files = s.files.slice(1);
            continue;
          }
          s.fd = fd;
        }
        const chunk = sys.read(s.fd, 65536);
        if (chunk === null) return { wait: { for: 'read', fd: s.fd }, state: s };
        if (chunk === '') {
          if (s.fd > 0) sys.close(s.fd);
          s.fd = -1;
          s.files = s.files.slice(1);
        } else if (sys.write(1, chunk) === null) throw new Error('cat: more than a pipe holds');
      }
    },
  },
  sleep: plain((sys, s) => {
    s.at ??= sys.uptime() + Number(s.argv[1]) * 1000;
    return sys.uptime() >= s.at ? { out: '' } : { wait: { for: 'time', at: s.at }, state: s };
  }),
  echo: plain((_, s) => ({ out: `${s.argv.slice(1).join(' ')}\n` })),
  env: plain((_, s) => ({
    out: Object.entries(s.env)
      .map(([k, v]) => `${k}=${v}\n`)
      .join(''),
  })),
  args: plain((_, s) => ({
    out: s.argv
      .slice(1)
      .map((a) => `[${a}]\n`)
      .join(''),
  })),
  seq: plain((_, s) => ({ out: Array.from({ length: Number(s.argv[1]) }, (_x, i) => `${i + 1}\n`).join('') })),
  wc: plain(
    (sys, s) =>
      slurp(sys, s, 0) ?? {
        out: `${s.argv[1] === '-c' ? s.text.length : s.argv[1] === '-w' ? s.text.split(/\s+/).filter(Boolean).length : s.text.split('\n').length - 1}\n`,
      },
  ),
  sort: plain(
    (sys, s) =>
      slurp(sys, s, 0) ?? {
        out: s.text
          .split('\n')
          .slice(0, -1)
          .sort()
          .map((l) => `${l}\n`)
          .join(''),
      },
  ),
  head: plain(
    (sys, s) =>
      slurp(sys, s, 0) ?? {
        out: s.text
          .split('\n')
          .slice(0, Math.abs(Number(s.argv[1] ?? 1)))
          .map((l) => `${l}\n`)
          .join(''),
      },
  ),
  tr: plain((sys, s) => slurp(sys, s, 0) ?? { out: s.text.toUpperCase() }),
  mkdir: plain(
    (sys, s) => (
      s.argv
        .slice(1)
        .filter((a) => a !== '-p')
        .forEach((d) => d.split('/').forEach((_, i, all) => attempt(() => sys.mkdir(all.slice(0, i + 1).join('/'), 0o777)))),
      {}
    ),
  ),
  touch: plain((sys, s) => (s.argv.slice(1).forEach((f) => sys.close(sys.open(f, { write: true, create: true }, 0o666))), {})),
  chmod: plain((sys, s) => (s.argv.slice(2).forEach((f) => sys.chmod(f, parseInt(s.argv[1]!, 8))), {})),
  rm: plain(
    (sys, s) => (
      s.argv
        .slice(1)
        .filter((a) => !a.startsWith('-'))
        .forEach((f) => attempt(() => sys.unlink(f))),
      {}
    ),
  ),
  ps: plain((sys) => ({
    out: sys
      .tasks()
      .map((t) => `${t.argv.join(' ')}\n`)
      .join(''),
  })),
};

/** Makes descriptor 0 its controlling terminal, then becomes what its arguments say. */
const getty: Program<{ argv: string[] }> = {
  start: (e) => ({ argv: e.argv.slice(1) }),
  run(sys, s) {
    sys.setsid();
    sys.setctty(0);
    sys.chdir('/root');
    sys.execve(`/bin/${s.argv[0]!.replace(/^-/, '')}`, s.argv, { PATH: '/usr/bin:/bin', HOME: '/root', PS1: '$ ' });
    return { replaced: true };
  },
};

const bootTerminal = (argv: string[]): Program<{ pid: number; status: number | null }> => ({
  start: () => ({ pid: 0, status: null }),
  run(sys, s) {
    if (s.pid === 0) {
      const [master, slave] = sys.openpty();
      const pid = sys.spawn('/bin/getty', { argv: ['getty', ...argv], env: {}, fds: { 0: slave, 1: slave, 2: slave } });
      sys.close(slave);
      void master;
      return { wait: { for: 'child' }, state: { ...s, pid } };
    }
    const c = attempt(() => sys.waitpid());
    if (c !== null && !(c instanceof Errno) && c.pid === s.pid)
      return {
        wait: { for: 'signal' },
        state: { ...s, status: 'exited' in c.how ? c.how.exited : 'signaled' in c.how ? 128 + c.how.signaled : 0 },
      };
    return { wait: { for: 'child' }, state: s };
  },
});

const bootInit = (argv: string[], files: Record<number, string>): Program<{ pid: number; status: number | null }> => ({
  start: () => ({ pid: 0, status: null }),
  run(sys, s) {
    if (s.pid === 0) {
      const fds: Record<number, number> = {};
      for (const [n, path] of Object.entries(files))
        fds[Number(n)] = sys.open(path, Number(n) === 0 ? { read: true } : { write: true, append: true, create: true });
      sys.chdir('/tmp/rowdir/w');
      const pid = sys.spawn(`/bin/${argv[0]}`, { argv, env: { PATH: '/usr/bin:/bin', HOME: '/root' }, fds, pgid: 0 });
      return { wait: { for: 'child' }, state: { ...s, pid } };
    }
    for (let c = attempt(() => sys.waitpid()); c !== null && !(c instanceof Errno); c = attempt(() => sys.waitpid())) {
      if (c.pid === s.pid) s = { ...s, status: 'exited' in c.how ? c.how.exited : 'signaled' in c.how ? 128 + c.how.signaled : 0 };
    }
    return { wait: s.status === null ? { for: 'child' } : { for: 'signal' }, state: s };
  },
});

export interface Ran {
  out: string;
  err: string;
  status: number;
  kernel: Kernel;
}

function make(stdin: string, init: Program<{ pid: number; status: number | null }>, extra: Record<string, string> = {}): Kernel {
  const programs: Programs = { ...strict, ...tools, getty, init };
  const entries = Object.keys({ ...shells, ...tools, getty }).map((name) => ({
    path: `bin/${name}`,
    type: 'file' as const,
    mode: 0o755,
    body: `${MAGIC}${name}\n`,
  }));
  const k = boot(
    { programs, frozen: { inode: () => undefined } },
    {
      seed: 1,
      booted: 1_700_000_000_000,
      hostname: 'dock',
      root: null,
      init: { program: 'init', exe: '/sbin/init', argv: ['init'], env: {} },
    },
  );
  const sys = makeSys(k, 1);
  for (const d of [
    '/bin',
    '/usr',
    '/usr/bin',
    '/etc',
    '/tmp',
    '/work',
    '/tmp/rowdir',
    '/tmp/rowdir/w',
    '/root',
    '/dev',
    '/dev/pts',
    '/proc',
  ])
    attempt(() => sys.mkdir(d, 0o755));
  attempt(() => sys.mount('proc', '/proc', 'proc', []));
  attempt(() => sys.mount('devpts', '/dev/pts', 'devpts', []));
  attempt(() => sys.symlink('/proc/self/fd', '/dev/fd'));
  attempt(() => sys.mknod('/dev/null', 'char', 0o666, [1, 3]));
  attempt(() => sys.mknod('/dev/tty', 'char', 0o666, [5, 0]));
  const write = (path: string, body: string, mode: number): void => {
    const fd = sys.open(path, { write: true, create: true }, mode);
    if (body !== '') sys.write(fd, body);
    sys.close(fd);
  };
  for (const e of entries) write(`/${e.path}`, e.body, e.mode);
  write('/etc/passwd', 'root:x:0:0:root:/root:/bin/bash\nann:x:1000:1000::/home/ann:/bin/sh\n', 0o644);
  write('/tmp/in', stdin, 0o644);
  for (const [path, body] of Object.entries(extra)) write(path, encode(body), 0o644);
  return k;
}

/** Lets everything run until nobody can, moving the clock when all sleep. */
export function settle(k: Kernel, until = Number.POSITIVE_INFINITY, most = 20_000): void {
  for (let turns = 0; turns < most; turns++) {
    if (runOne(k, makeSys)) continue;
    const at = nextTimer(k);
    if (at === null || at > until) return;
    advance(k, at);
  }
}

const slurpFile = (k: Kernel, path: string): string => {
  const sys = makeSys(k, 1);
  const fd = attempt(() => sys.open(path, { read: true }));
  if (fd instanceof Errno) return '';
  let s = '';
  for (let c = sys.read(fd, 65536); c; c = sys.read(fd, 65536)) s += c;
  sys.close(fd);
  return s;
};

export function runShell(argv: string[], stdin = '', extra: Record<string, string> = {}): Ran {
  const k = make(encode(stdin), bootInit(argv, { 0: '/tmp/in', 1: '/tmp/out', 2: '/tmp/err' }), extra);
  settle(k);
  const state = k.task(1).state as { status: number | null };
  return { out: slurpFile(k, '/tmp/out'), err: slurpFile(k, '/tmp/err'), status: state.status ?? -1, kernel: k };
}

/** A shell at a terminal. Each input is typed when all is quiet; the clock only moves for `{ wait }`. */
export function atTerminal(
  argv: string[],
  inputs: (string | { wait: number })[],
): { screen: string; status: number | null; kernel: Kernel } {
  const k = make('', bootTerminal(argv));
  settle(k, k.s.clock, 300);
  const id = Math.max(...[...k.t.ttys.keys()].map(Number));
  for (const input of inputs) {
    if (typeof input === 'string') {
      tty.typed(k, id, input);
      settle(k, k.s.clock, 300);
    } else settle(k, k.s.clock + input.wait, 300);
  }
  const screen = k.t.ttys.get(id)?.output ?? '';
  return { screen: screen.replaceAll('\r\n', '\n'), status: (k.task(1).state as { status: number | null }).status, kernel: k };
}
