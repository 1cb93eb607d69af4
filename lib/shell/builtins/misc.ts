/** alias, unalias, history, help, enable, ulimit, and the builtins of bash that are not modelled. bash(1), dash(1). */

import { attempt, Errno, type Rlimit } from '../../kernel';
import { singleQuoted } from '../expand/quote';
import { put } from '../message';
import { has, own } from '../state';
import { BASH, type Builtin, EVERYWHERE, error, fatal, options, usage } from './builtin';
import { builtins } from './table';

export const alias: Builtin = {
  in: EVERYWHERE,
  run(sh, { argv }) {
    const bash = sh.d.name === 'bash';
    const show = (name: string): void => put(sh, 1, `${bash ? 'alias ' : ''}${name}=${singleQuoted(sh.s.aliases[name]!)}\n`);
    const args = argv.slice(argv[1] === '-p' || argv[1] === '--' ? 2 : 1);
    if (args.length === 0) for (const name of Object.keys(sh.s.aliases).sort()) show(name);
    let status = 0;
    for (const arg of args) {
      const at = arg.indexOf('=', 1);
      if (at > 0) {
        const name = arg.slice(0, at);
        if (bash && /[\s$`'"\\/|&;()<>]/.test(name)) status = error(sh, `\`${name}': invalid alias name`);
        else own(sh, 'aliases')[name] = arg.slice(at + 1);
      } else if (has(sh.s.aliases, arg)) show(arg);
      else {
        put(sh, 2, bash ? '' : `alias: ${arg} not found\n`);
        status = bash ? error(sh, `${arg}: not found`) : 1;
      }
    }
    return status;
  },
};

export const unalias: Builtin = {
  in: EVERYWHERE,
  run(sh, { argv }) {
    const got = options(sh, argv, 'a', 'unalias [-a] name [name ...]');
    if (typeof got === 'number') return got;
    if ('a' in got.on) for (const name of Object.keys(own(sh, 'aliases'))) delete sh.s.aliases[name];
    else if (got.rest.length === 0 && sh.d.name === 'bash') return usage(sh, 'unalias', 'unalias [-a] name [name ...]');
    let status = 0;
    for (const name of got.rest) {
      if (has(sh.s.aliases, name)) delete own(sh, 'aliases')[name];
      else {
        put(sh, 2, sh.d.name === 'bash' ? '' : `unalias: ${name} not found\n`);
        status = sh.d.name === 'bash' ? error(sh, `${name}: not found`) : 1;
      }
    }
    return status;
  },
};

export const history: Builtin = {
  in: ['bash', 'ash'],
  run(sh, { argv }) {
    const got = options(sh, argv, 'cd:', 'history [-c] [-d offset] [n]');
    if (typeof got === 'number') return got;
    if ('c' in got.on) {
      sh.s.history = [];
      return 0;
    }
    if ('d' in got.on) {
      const n = Number(got.on.d);
      if (!(n >= 1 && n <= sh.s.history.length)) return error(sh, `${got.on.d}: history position out of range`);
      sh.s.history = sh.s.history.filter((_, i) => i !== n - 1);
      return 0;
    }
    const count = got.rest[0] === undefined ? sh.s.history.length : Number(got.rest[0]);
    if (!(count >= 0)) return error(sh, `${got.rest[0]}: numeric argument required`);
    const from = Math.max(0, sh.s.history.length - count);
    put(
      sh,
      1,
      sh.s.history
        .slice(from)
        .map((l, i) => (sh.d.name === 'bash' ? `${`${from + i + 1}`.padStart(5)}  ${l}\n` : `${`${from + i}`.padStart(4)} ${l}\n`))
        .join(''),
    );
    return 0;
  },
};

export const help: Builtin = {
  in: ['bash', 'ash'],
  run(sh) {
    const names = Object.keys(builtins)
      .filter((n) => builtins[n]!.in.includes(sh.d.name))
      .sort();
    let out = sh.d.name === 'bash' ? 'These shell commands are defined internally.\n' : 'Built-in commands:\n------------------\n';
    let line = sh.d.name === 'bash' ? ' ' : '\t';
    for (const name of names) {
      if (line.length + name.length > 70) {
        out += `${line.trimEnd()}\n`;
        line = sh.d.name === 'bash' ? ' ' : '\t';
      }
      line += `${name} `;
    }
    put(sh, 1, `${out}${line.trimEnd()}\n`);
    return 0;
  },
};

export const enable: Builtin = {
  in: BASH,
  run(sh, { argv }) {
    const got = options(sh, argv, 'anps', 'enable [-a] [-dnps] [-f filename] [name ...]');
    if (typeof got === 'number') return got;
    const mine = Object.keys(builtins)
      .filter((n) => builtins[n]!.in.includes('bash'))
      .sort();
    if (got.rest.length === 0) {
      for (const n of mine) {
        const off = sh.s.disabled.includes(n);
        if ('a' in got.on || off === 'n' in got.on) put(sh, 1, `enable ${off ? '-n ' : ''}${n}\n`);
      }
      return 0;
    }
    let status = 0;
    for (const n of got.rest) {
      if (!mine.includes(n)) status = error(sh, `${n}: not a shell builtin`);
      else sh.s.disabled = 'n' in got.on ? [...sh.s.disabled, n] : sh.s.disabled.filter((d) => d !== n);
    }
    return status;
  },
};

/** [letter, name, unit, the kernel's name or what never changes, bytes or so in a unit]. */
const LIMITS: readonly (readonly [string, string, string, Rlimit | number, number])[] = [
  ['R', 'real-time non-blocking time', '(microseconds, -R) ', 'rttime', 1],
  ['c', 'core file size', '(blocks, -c) ', 'core', 512],
  ['d', 'data seg size', '(kbytes, -d) ', 'data', 1024],
  ['e', 'scheduling priority', '(-e) ', 'nice', 1],
  ['f', 'file size', '(blocks, -f) ', 'fsize', 512],
  ['i', 'pending signals', '(-i) ', 'sigpending', 1],
  ['l', 'max locked memory', '(kbytes, -l) ', 'memlock', 1024],
  ['m', 'max memory size', '(kbytes, -m) ', 'rss', 1024],
  ['n', 'open files', '(-n) ', 'nofile', 1],
  ['p', 'pipe size', '(512 bytes, -p) ', 8, 1],
  ['q', 'POSIX message queues', '(bytes, -q) ', 'msgqueue', 1],
  ['r', 'real-time priority', '(-r) ', 'rtprio', 1],
  ['s', 'stack size', '(kbytes, -s) ', 'stack', 1024],
  ['t', 'cpu time', '(seconds, -t) ', 'cpu', 1],
  ['u', 'max user processes', '(-u) ', 'nproc', 1],
  ['v', 'virtual memory', '(kbytes, -v) ', 'as', 1024],
  ['x', 'file locks', '(-x) ', 'locks', 1],
];

export const ulimit: Builtin = {
  in: EVERYWHERE,
  run(sh, { argv }) {
    const got = options(sh, argv, `SHa${LIMITS.map(([l]) => l).join('')}`, 'ulimit [-SHabcdefiklmnpqrstuvxPRT] [limit]');
    if (typeof got === 'number') return got;
    const bash = sh.d.name === 'bash';
    const wanted = 'a' in got.on ? LIMITS : LIMITS.filter(([l]) => l in got.on);
    const chosen = wanted.length > 0 ? wanted : LIMITS.filter(([l]) => l === 'f');
    const hard = 'H' in got.on;
    const [word] = got.rest;
    if (word !== undefined) {
      const [, name, , kind, unit] = chosen[0] as (typeof LIMITS)[number];
      if (typeof kind === 'number') return error(sh, `${name}: cannot modify limit: Invalid argument`);
      const now = sh.sys.getrlimit(kind);
      const given = word === 'unlimited' ? null : word === 'hard' ? now.hard : word === 'soft' ? now.soft : Number(word) * unit;
      if (given !== null && !Number.isFinite(given)) return bash ? error(sh, `${word}: invalid number`) : fatal(sh, 'bad number');
      const both = hard === 'S' in got.on;
      const done = attempt(() => sh.sys.setrlimit(kind, { soft: both || !hard ? given : now.soft, hard: both || hard ? given : now.hard }));
      if (!(done instanceof Errno)) return 0;
      if (bash) return error(sh, `${name}: cannot modify limit: ${done.message}`);
      // BusyBox's own words: they name the applet and no line.
      put(sh, 2, `sh: error setting limit: ${done.message}\n`);
      return 1;
    }
    for (const [, name, unit, kind, size] of chosen) {
      const limit = typeof kind === 'number' ? { soft: kind, hard: kind } : sh.sys.getrlimit(kind);
      const n = hard ? limit.hard : limit.soft;
      const value = n === null ? 'unlimited' : `${Math.floor(n / size)}`;
      put(sh, 1, chosen.length > 1 ? `${name.padEnd(33 - unit.length + 9).slice(0, 42 - unit.length)}${unit}${value}\n` : `${value}\n`);
    }
    return 0;
  },
};

/** A builtin that bash has and the model does not. */
export const unmodelled = (name: string): Builtin => ({ in: BASH, run: (sh) => error(sh, `drydock: ${name} is not modelled`, 2) });
