/**
 * sleep, timeout, env, nohup, nice, chroot, setsid, time, watch, yes, usleep: programs that wait, or start another.
 *
 * Source: coreutils 9.10, util-linux 2.42, procps 4.0, BusyBox 1.38.
 * Simplified: a niceness is kept by nobody; time's user and system seconds are 0.
 * Past 400 lines because each of these programs has a state of its own that waits; they share how another is started.
 */

import { strftime } from '../../base/posix';
import { attempt, Errno, type Outcome, type Program, parseSignal, type Sys } from '../../kernel';
import { busyboxUsage, type Make, type Misuse, readOptions } from '../command';
import { codeOf, execvp, spawnp, standard } from '../exec';
import { qf, quote } from '../io';
import { names, parseOwner } from '../names';
import type { Options } from '../options';
import type { Flavour, Io } from '../tool';

/** A face for messages: these programs write a line at most, straight away. */
export function direct(sys: Sys, argv: string[], env: Record<string, string>, flavour: Flavour): Io {
  const name = flavour === 'busybox' ? ((argv[0] ?? '').split('/').pop() as string) : (argv[0] ?? '');
  const to = (fd: number, text: string) => void attempt(() => sys.write(fd, text));
  return { sys, argv, env, name, flavour, to, out: (t) => to(1, t), err: (t) => to(2, t), fail: (t) => to(2, `${name}: ${t}\n`) };
}

interface Called {
  argv: string[];
  env: Record<string, string>;
}

/** Milliseconds of 5, 0.5, 2m, 1h, 1d; null when it is none. */
export function duration(text: string): number | null {
  const m = /^(\d+\.?\d*|\.\d+)(?:e([-+]?\d+))?([smhd]?)$/i.exec(text);
  if (text === 'inf' || text === 'infinity') return Number.MAX_SAFE_INTEGER / 4;
  if (!m) return null;
  return Number(m[1]) * 10 ** Number(m[2] ?? 0) * { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }[(m[3] || 's') as 's'];
}

const sleepDef: Misuse = { options: { short: '+' } };
export const sleep = (flavour: Flavour, unit = 1): Program<Called & { until: number | null }> => ({
  start: (exec) => ({ argv: exec.argv, env: exec.env, until: null }),
  run(sys, s) {
    if (s.until !== null) return sys.uptime() >= s.until ? { exit: 0 } : { wait: { for: 'time', at: s.until }, state: s };
    const x = direct(sys, s.argv, s.env, flavour);
    const o = readOptions(x, sleepDef);
    if (typeof o === 'number') return { exit: o };
    if (o.operands.length === 0) {
      if (flavour === 'busybox') x.err(busyboxUsage(x.name));
      else x.err(`${x.name}: missing operand\nTry '${x.name} --help' for more information.\n`);
      return { exit: 1 };
    }
    let total = 0;
    for (const text of o.operands) {
      const ms = duration(text);
      if (ms === null) {
        if (flavour === 'busybox') x.fail(`invalid number '${text}'`);
        else x.err(`${x.name}: invalid time interval ${quote(x, text)}\nTry '${x.name} --help' for more information.\n`);
        return { exit: 1 };
      }
      total += ms * unit;
    }
    const until = sys.uptime() + total;
    return { wait: { for: 'time', at: until }, state: { ...s, until } };
  },
});
/** usleep N: microseconds. */
export const usleep = (flavour: Flavour) => sleep(flavour, 1e-6);

interface Timeout extends Called {
  child: number | null;
  at: number;
  killAt: number | null;
  after: number | null;
  signal: number;
  timedOut: boolean;
  preserve: boolean;
}
const timeoutDef: Misuse = {
  options: {
    gnu: { short: '+fk:ps:v', long: { foreground: 'f', 'kill-after': 'k:', 'preserve-status': 'p', signal: 's:', verbose: 'v' } },
    busybox: { short: '+s:k:' },
  },
  misuse: { gnu: 125, busybox: 1 },
};
export const timeout = (flavour: Flavour): Program<Timeout> => ({
  start: (exec) => ({
    argv: exec.argv,
    env: exec.env,
    child: null,
    at: 0,
    killAt: null,
    after: null,
    signal: 15,
    timedOut: false,
    preserve: false,
  }),
  run(sys, before) {
    let s = before;
    if (s.child === null) {
      const x = direct(sys, s.argv, s.env, flavour);
      const o = readOptions(x, timeoutDef);
      if (typeof o === 'number') return { exit: o };
      const [text, ...argv] = o.operands;
      const wrong = flavour === 'busybox' ? 1 : 125;
      const hint = () => x.err(flavour === 'busybox' ? busyboxUsage(x.name) : `Try '${x.name} --help' for more information.\n`);
      if (text === undefined || argv.length === 0) {
        hint();
        return { exit: wrong };
      }
      for (const t of [text, ...o.values('k')])
        if (duration(t) === null) {
          x.fail(flavour === 'busybox' ? `invalid number '${t}'` : `invalid time interval ${quote(x, t)}`);
          if (flavour === 'gnu') hint();
          return { exit: wrong };
        }
      const word = o.value('s') ?? 'TERM';
      const sig = parseSignal(word);
      if (sig === null) {
        x.fail(flavour === 'busybox' ? `invalid signal '${word}'` : `${quote(x, word)}: invalid signal`);
        if (flavour === 'gnu') hint();
        return { exit: wrong };
      }
      const child = spawnp(sys, argv, s.env);
      if (child instanceof Errno) {
        x.fail(
          flavour === 'busybox'
            ? `can't execute '${argv[0]}': ${child.message}`
            : `failed to run command ${quote(x, argv[0] as string)}: ${child.message}`,
        );
        return { exit: child.code === 'ENOENT' ? 127 : 126 };
      }
      for (const n of [15, 2, 1, 3]) attempt(() => sys.sigaction(n, 'handle'));
      const ms = duration(text) as number;
      s = {
        ...s,
        child,
        at: ms === 0 ? Number.POSITIVE_INFINITY : sys.uptime() + ms,
        after: o.has('k') ? duration(o.value('k') as string) : null,
        signal: sig,
        preserve: o.has('p'),
      };
    }
    const child = s.child as number;
    for (const n of sys.takeSignals()) attempt(() => sys.kill(child, n));
    const end = attempt(() => sys.waitpid(child));
    if (end instanceof Errno) return { exit: 125 };
    if (end !== null) {
      if (!s.timedOut || s.preserve) return { exit: codeOf(end.how) };
      if (flavour === 'busybox') return { exit: codeOf(end.how) };
      return { exit: 'signaled' in end.how && end.how.signaled === 9 ? 137 : 124 };
    }
    const now = sys.uptime();
    if (!s.timedOut && now >= s.at) {
      attempt(() => sys.kill(child, s.signal));
      attempt(() => sys.kill(child, 18));
      s = { ...s, timedOut: true, killAt: s.after === null ? null : now + s.after };
    }
    if (s.killAt !== null && now >= s.killAt) {
      attempt(() => sys.kill(child, 9));
      s = { ...s, killAt: null };
    }
    const at = s.timedOut ? s.killAt : Number.isFinite(s.at) ? s.at : null;
    return {
      wait:
        at === null
          ? { for: 'child', pid: child }
          : {
              for: 'any',
              of: [
                { for: 'child', pid: child },
                { for: 'time', at },
              ],
            },
      state: s,
    };
  },
});

/** A program that reads its options, prepares, and becomes another. */
const becoming =
  (
    def: Misuse,
    prepare: (x: Io, o: Options) => { argv: string[]; env: Record<string, string> } | number,
    refused: (x: Io, name: string, e: Errno) => void,
  ): Make =>
  (flavour): Program<Called> => ({
    start: (exec) => ({ argv: exec.argv, env: exec.env }),
    run(sys, s): Outcome<Called> {
      const x = direct(sys, s.argv, s.env, flavour);
      const o = readOptions(x, def);
      if (typeof o === 'number') return { exit: o };
      const next = prepare(x, o);
      if (typeof next === 'number') return { exit: next };
      const done = execvp(sys, next.argv, next.env);
      if (!(done instanceof Errno)) return done;
      refused(x, next.argv[0] as string, done);
      return { exit: done.code === 'ENOENT' ? 127 : 126 };
    },
  });

const cannotRun = (x: Io, name: string, e: Errno) =>
  x.fail(x.flavour === 'busybox' ? `can't execute '${name}': ${e.message}` : `failed to run command ${quote(x, name)}: ${e.message}`);

export const env = becoming(
  {
    options: {
      gnu: {
        short: '+C:iS:u:v0',
        long: { 'ignore-environment': 'i', null: '0', unset: 'u:', chdir: 'C:', 'split-string': 'S:', debug: 'v' },
      },
      busybox: { short: '+iu:0', long: { 'ignore-environment': 'i', unset: 'u:', null: '0' } },
    },
    misuse: { gnu: 125, busybox: 1 },
  },
  (x, o) => {
    const vars = o.has('i') || o.operands[0] === '-' ? {} : { ...x.env };
    const words = o.has('S') ? [...(o.value('S') as string).split(/\s+/).filter(Boolean), ...o.operands] : [...o.operands];
    if (words[0] === '-') words.shift();
    for (const name of o.values('u')) delete (vars as Record<string, string>)[name];
    while (words.length > 0 && /^[^=]+=/.test(words[0] as string)) {
      const word = words.shift() as string;
      const eq = word.indexOf('=');
      (vars as Record<string, string>)[word.slice(0, eq)] = word.slice(eq + 1);
    }
    if (words.length === 0) {
      for (const [n, v] of Object.entries(vars)) x.out(`${n}=${v}${o.has('0') ? '\0' : '\n'}`);
      return 0;
    }
    const dir = o.value('C');
    if (dir !== undefined) {
      const done = attempt(() => x.sys.chdir(dir));
      if (done instanceof Errno) {
        x.fail(`cannot change directory to ${quote(x, dir)}: ${done.message}`);
        return 125;
      }
    }
    return { argv: words, env: vars as Record<string, string> };
  },
  (x, name, e) => x.fail(x.flavour === 'busybox' ? `can't execute '${name}': ${e.message}` : `${quote(x, name)}: ${e.message}`),
);

export const nohup = becoming(
  { options: { short: '+' }, misuse: { gnu: 125, busybox: 1 } },
  (x, o) => {
    if (o.operands.length === 0) {
      x.err(x.flavour === 'busybox' ? busyboxUsage(x.name) : `${x.name}: missing operand\nTry '${x.name} --help' for more information.\n`);
      return x.flavour === 'busybox' ? 1 : 125;
    }
    const { sys } = x;
    sys.sigaction(1, 'ignore');
    const said: string[] = [];
    if (sys.isatty(0)) {
      said.push('ignoring input');
      const fd = sys.open('/dev/null', { read: true });
      sys.dup2(fd, 0);
      sys.close(fd);
    }
    if (sys.isatty(1)) {
      const flags = { write: true, create: true, append: true };
      let path = 'nohup.out';
      let fd = attempt(() => sys.open(path, flags, 0o600));
      if (fd instanceof Errno && x.env.HOME) {
        path = `${x.env.HOME}/nohup.out`;
        fd = attempt(() => sys.open(path, flags, 0o600));
      }
      if (fd instanceof Errno) {
        x.fail(`failed to open 'nohup.out': ${fd.message}`);
        return 125;
      }
      said.push(x.flavour === 'busybox' ? `appending output to ${path}` : `appending output to '${path}'`);
      sys.dup2(fd, 1);
      sys.close(fd);
    }
    if (said.length) x.fail(x.flavour === 'busybox' ? (said.at(-1) as string) : said.join(' and '));
    if (sys.isatty(2)) sys.dup2(1, 2);
    return { argv: [...o.operands], env: x.env };
  },
  (x, name, e) =>
    x.fail(x.flavour === 'busybox' ? `can't execute '${name}': ${e.message}` : `failed to run command '${name}': ${e.message}`),
);

export const nice = becoming(
  { options: { gnu: { short: '+n:', long: { adjustment: 'n:' } }, busybox: { short: '+n:' } }, misuse: { gnu: 125, busybox: 1 } },
  (x, o) => {
    if (o.operands.length > 0) {
      const lower = Number(o.value('n') ?? 10) < 0;
      const done = lower ? attempt(() => x.sys.gate('setpriority(lower)')) : null;
      if (!(done instanceof Errno)) return { argv: [...o.operands], env: x.env };
      if (x.flavour === 'busybox') return x.fail(`setpriority(${o.value('n')}): ${done.message}`), 1;
      // GNU's goes on without it.
      x.fail('cannot set niceness: Permission denied');
      return { argv: [...o.operands], env: x.env };
    }
    x.out('0\n');
    return 0;
  },
  cannotRun,
);

export const setsid = becoming(
  { options: { gnu: { short: '+cfw', long: { ctty: 'c', fork: 'f', wait: 'w' } }, busybox: { short: '+c' } }, package: 'util-linux' },
  (x, o) => {
    if (o.operands.length === 0) {
      x.err(
        x.flavour === 'busybox' ? busyboxUsage(x.name) : `${x.name}: no command specified\nTry '${x.name} --help' for more information.\n`,
      );
      return 1;
    }
    const done = attempt(() => x.sys.setsid());
    if (!(done instanceof Errno) && !o.has('f')) return { argv: [...o.operands], env: x.env };
    // A leader of a group cannot leave it: a child does.
    const child = spawnp(x.sys, [...o.operands], x.env, standard(x.sys), 0);
    if (!(child instanceof Errno)) return 0;
    x.fail(`failed to execute ${o.operands[0]}: ${child.message}`);
    return child.code === 'ENOENT' ? 127 : 126;
  },
  (x, name, e) => x.fail(x.flavour === 'busybox' ? `can't execute '${name}': ${e.message}` : `failed to execute ${name}: ${e.message}`),
);

export const chroot = becoming(
  {
    options: {
      gnu: { short: '+', long: { userspec: 'userspec:', groups: 'groups:', 'skip-chdir': 'skip-chdir' } },
      busybox: { short: '+' },
    },
    misuse: { gnu: 125, busybox: 1 },
  },
  (x, o) => {
    const [root, ...command] = o.operands;
    if (root === undefined) {
      x.err(x.flavour === 'busybox' ? busyboxUsage(x.name) : `${x.name}: missing operand\nTry '${x.name} --help' for more information.\n`);
      return x.flavour === 'busybox' ? 1 : 125;
    }
    const done = attempt(() => x.sys.chroot(root));
    if (done instanceof Errno) {
      x.fail(
        x.flavour === 'busybox'
          ? `can't change root directory to '${root}': ${done.message}`
          : `cannot change root directory to ${qf(root) === root ? `'${root}'` : qf(root)}: ${done.message}`,
      );
      return x.flavour === 'busybox' ? 1 : 125;
    }
    if (!o.has('skip-chdir')) x.sys.chdir('/');
    const spec = o.value('userspec');
    if (spec !== undefined) {
      const who = parseOwner(names(x.sys), spec, false);
      if ('wrong' in who) {
        x.fail(`invalid ${who.wrong === 'group' ? 'group' : 'user'}`);
        return 125;
      }
      const changed = attempt(() => {
        x.sys.setgroups([]);
        if (who.gid !== -1) x.sys.setgid(who.gid);
        if (who.uid !== -1) x.sys.setuid(who.uid);
      });
      if (changed instanceof Errno) {
        x.fail(`failed to set user-ID: ${changed.message}`);
        return 125;
      }
    }
    const shell = x.env.SHELL || '/bin/sh';
    return { argv: command.length ? command : [shell, '-i'], env: x.env };
  },
  cannotRun,
);

interface Watching extends Called {
  child: number | null;
  started: number;
}
/** time as a program: runs a command and says how long it took. */
export const time = (flavour: Flavour): Program<Watching> => ({
  start: (exec) => ({ argv: exec.argv, env: exec.env, child: null, started: 0 }),
  run(sys, s) {
    const x = direct(sys, s.argv, s.env, flavour);
    const o = readOptions(x, { options: { short: '+pvo:f:a' }, package: 'other' });
    if (typeof o === 'number') return { exit: o };
    if (s.child === null) {
      if (o.operands.length === 0) {
        x.err(flavour === 'busybox' ? busyboxUsage(x.name) : `Usage: ${x.name} [-apvV] [-f format] [-o file] [--append] [--verbose]\n`);
        return { exit: 1 };
      }
      const child = spawnp(sys, [...o.operands], s.env);
      if (child instanceof Errno) {
        x.fail(
          flavour === 'busybox' ? `can't execute '${o.operands[0]}': ${child.message}` : `cannot run ${o.operands[0]}: ${child.message}`,
        );
        return { exit: child.code === 'ENOENT' ? 127 : 126 };
      }
      return { wait: { for: 'child', pid: child }, state: { ...s, child, started: sys.uptime() } };
    }
    const end = attempt(() => sys.waitpid(s.child as number));
    if (end === null) return { wait: { for: 'child', pid: s.child }, state: s };
    const ms = sys.uptime() - s.started;
    const cpu = sys.times().children;
    const clock = (t: number) => `${Math.floor(t / 60000)}m ${((t % 60000) / 1000).toFixed(2)}s`;
    if (o.has('p')) x.err(`real ${(ms / 1000).toFixed(2)}\nuser ${(cpu / 1000).toFixed(2)}\nsys 0.00\n`);
    else x.err(`real\t${clock(ms)}\nuser\t${clock(cpu)}\nsys\t${clock(0)}\n`);
    return { exit: end instanceof Errno ? 1 : codeOf(end.how) };
  },
});

interface Watch extends Watching {
  next: number;
}
/** watch: a command again and again. */
export const watch = (flavour: Flavour): Program<Watch> => ({
  start: (exec) => ({ argv: exec.argv, env: exec.env, child: null, started: 0, next: 0 }),
  run(sys, before) {
    let s = before;
    const x = direct(sys, s.argv, s.env, flavour);
    const o = readOptions(x, {
      options: {
        gnu: {
          short: '+bcd::egn:ptx',
          long: { interval: 'n:', 'no-title': 't', exec: 'x', differences: 'd::', errexit: 'e', chgexit: 'g', color: 'c' },
        },
        busybox: { short: '+n:tx' },
      },
      package: 'procps-ng',
    });
    if (typeof o === 'number') return { exit: o };
    if (o.operands.length === 0) {
      x.err(flavour === 'busybox' ? busyboxUsage(x.name) : `\nUsage:\n ${x.name} [options] command\n`);
      return { exit: 1 };
    }
    const every = Math.max(100, Number(o.value('n') ?? 2) * 1000);
    for (;;) {
      if (s.child === null) {
        if (sys.uptime() < s.next) return { wait: { for: 'time', at: s.next }, state: s };
        x.out('\x1b[H\x1b[2J\x1b[3J');
        if (!o.has('t')) {
          const left = `Every ${(every / 1000).toFixed(1)}s: ${o.operands.join(' ')}`;
          const right =
            flavour === 'busybox'
              ? strftime('%F %T', sys.now() / 1000)
              : `${sys.uname().nodename}: ${strftime('%a %b %e %H:%M:%S %Y', sys.now() / 1000)}`;
          const cols = sys.winsize(1)?.cols || 80;
          x.out(`${left}${' '.repeat(Math.max(1, cols - left.length - right.length))}${right}\n\n`);
        }
        const child = spawnp(sys, o.has('x') ? [...o.operands] : ['sh', '-c', o.operands.join(' ')], s.env);
        if (child instanceof Errno) {
          x.fail(`${o.operands[0]}: ${child.message}`);
          return { exit: 1 };
        }
        s = { ...s, child, started: sys.uptime() };
      }
      const end = attempt(() => sys.waitpid(s.child as number));
      if (end === null) return { wait: { for: 'child', pid: s.child as number }, state: s };
      if (o.has('e') && !(end instanceof Errno) && codeOf(end.how) !== 0) return { exit: codeOf(end.how) };
      s = { ...s, child: null, next: s.started + every };
    }
  },
});

/** yes: a line, for ever; a full pipe or a signal ends it. */
export const yes = (flavour: Flavour): Program<Called & { left: string }> => ({
  start: (exec) => ({ argv: exec.argv, env: exec.env, left: '' }),
  run(sys, s) {
    const x = direct(sys, s.argv, s.env, flavour);
    const line = `${
      s.argv
        .slice(1)
        .filter((a, i) => !(a === '--' && i === 0))
        .join(' ') || 'y'
    }\n`;
    const block = line.repeat(Math.max(1, Math.floor(8192 / line.length)));
    let { left } = s;
    for (let i = 0; i < 16; i++) {
      const text = left || block;
      const n = attempt(() => sys.write(1, text));
      if (n instanceof Errno) {
        x.fail(`${flavour === 'gnu' ? 'standard output' : ''}: ${n.message}`);
        return { exit: 1 };
      }
      if (n === null) return { wait: { for: 'write', fd: 1 }, state: { ...s, left: text } };
      left = text.slice(n);
    }
    return { again: true, state: { ...s, left } };
  },
});
