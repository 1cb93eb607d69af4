/** alias, unalias, history, help, enable, ulimit, and the builtins of bash that are not modelled. bash(1), dash(1). */

import { attempt, Errno, type Rlimit } from '../../kernel';
import type { DialectName } from '../dialect';
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

interface Limit {
  letter: string;
  name: string;
  /** What one is of: "blocks". */
  unit?: string;
  /** The kernel's name, or what never changes. */
  kind: Rlimit | number;
  /** Bytes or so in a unit. */
  size: number;
}

/** As bash says them, in its order. */
const LIMITS: readonly Limit[] = [
  { letter: 'R', name: 'real-time non-blocking time', unit: 'microseconds', kind: 'rttime', size: 1 },
  { letter: 'c', name: 'core file size', unit: 'blocks', kind: 'core', size: 512 },
  { letter: 'd', name: 'data seg size', unit: 'kbytes', kind: 'data', size: 1024 },
  { letter: 'e', name: 'scheduling priority', kind: 'nice', size: 1 },
  { letter: 'f', name: 'file size', unit: 'blocks', kind: 'fsize', size: 512 },
  { letter: 'i', name: 'pending signals', kind: 'sigpending', size: 1 },
  { letter: 'l', name: 'max locked memory', unit: 'kbytes', kind: 'memlock', size: 1024 },
  { letter: 'm', name: 'max memory size', unit: 'kbytes', kind: 'rss', size: 1024 },
  { letter: 'n', name: 'open files', kind: 'nofile', size: 1 },
  { letter: 'p', name: 'pipe size', unit: '512 bytes', kind: 8, size: 1 },
  { letter: 'q', name: 'POSIX message queues', unit: 'bytes', kind: 'msgqueue', size: 1 },
  { letter: 'r', name: 'real-time priority', kind: 'rtprio', size: 1 },
  { letter: 's', name: 'stack size', unit: 'kbytes', kind: 'stack', size: 1024 },
  { letter: 't', name: 'cpu time', unit: 'seconds', kind: 'cpu', size: 1 },
  { letter: 'u', name: 'max user processes', kind: 'nproc', size: 1 },
  { letter: 'v', name: 'virtual memory', unit: 'kbytes', kind: 'as', size: 1024 },
  { letter: 'x', name: 'file locks', kind: 'locks', size: 1 },
];

/** dash's own names, in its order. */
const IN_DASH = {
  t: 'time(seconds)',
  f: 'file(blocks)',
  d: 'data(kbytes)',
  s: 'stack(kbytes)',
  c: 'coredump(blocks)',
  m: 'memory(kbytes)',
  l: 'locked memory(kbytes)',
  u: 'process',
  n: 'nofiles',
  v: 'vmemory(kbytes)',
  x: 'locks',
  r: 'rtprio',
} as const;
const NOT_IN_ASH = 'Rp';

const limitOf = (letter: string): Limit => LIMITS.find((l) => l.letter === letter) as Limit;

/** What `ulimit -a` lists of each. */
const LISTED: Readonly<Record<DialectName, { limits: readonly Limit[]; head: (l: Limit) => string }>> = {
  bash: {
    limits: LIMITS,
    head: ({ name, unit, letter }) => `${name.padEnd(20)} ${`(${unit ? `${unit}, ` : ''}-${letter})`.padStart(19)} `,
  },
  dash: {
    limits: Object.keys(IN_DASH).map(limitOf),
    head: ({ letter }) => `${IN_DASH[letter as keyof typeof IN_DASH].padEnd(20)} `,
  },
  ash: {
    limits: LIMITS.filter(({ letter }) => !NOT_IN_ASH.includes(letter)),
    head: ({ name, unit, letter }) => `${`${name}${unit ? ` (${unit.replace('kbytes', 'kb')})` : ''}`.padEnd(32)}(-${letter}) `,
  },
};

export const ulimit: Builtin = {
  in: EVERYWHERE,
  run(sh, { argv }) {
    const got = options(sh, argv, `SHa${LIMITS.map((l) => l.letter).join('')}`, 'ulimit [-SHabcdefiklmnpqrstuvxPRT] [limit]');
    if (typeof got === 'number') return got;
    const bash = sh.d.name === 'bash';
    const { limits, head } = LISTED[sh.d.name];
    const wanted = 'a' in got.on ? limits : LIMITS.filter((l) => l.letter in got.on);
    const chosen = wanted.length > 0 ? wanted : [limitOf('f')];
    const hard = 'H' in got.on;
    const [word] = got.rest;
    if (word !== undefined) {
      const { name, kind, size: unit } = chosen[0] as Limit;
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
    for (const limited of chosen) {
      const { kind, size } = limited;
      const limit = typeof kind === 'number' ? { soft: kind, hard: kind } : sh.sys.getrlimit(kind);
      const n = hard ? limit.hard : limit.soft;
      const value = n === null ? 'unlimited' : `${Math.floor(n / size)}`;
      put(sh, 1, chosen.length > 1 ? `${head(limited)}${value}\n` : `${value}\n`);
    }
    return 0;
  },
};

/** A builtin that bash has and the model does not. */
export const unmodelled = (name: string): Builtin => ({ in: BASH, run: (sh) => error(sh, `drydock: ${name} is not modelled`, 2) });
