/**
 * Resource limits of a process: getrlimit(2). Soft limits are what counts, hard ones how far a process may raise them.
 *
 * Simplified: nofile, nproc and fsize are enforced; the others are kept and shown.
 */

export const RLIMITS = [
  'cpu',
  'fsize',
  'data',
  'stack',
  'core',
  'rss',
  'nproc',
  'nofile',
  'memlock',
  'as',
  'locks',
  'sigpending',
  'msgqueue',
  'nice',
  'rtprio',
  'rttime',
] as const;
export type Rlimit = (typeof RLIMITS)[number];

/** Infinity is RLIM_INFINITY, which JSON has no word for: null. */
export interface Limit {
  soft: number | null;
  hard: number | null;
}

/** What /proc calls each, and counts it in: fs/proc/base.c, lnames. */
const SHOWN: Readonly<Record<Rlimit, readonly [name: string, unit: string]>> = {
  cpu: ['cpu time', 'seconds'],
  fsize: ['file size', 'bytes'],
  data: ['data size', 'bytes'],
  stack: ['stack size', 'bytes'],
  core: ['core file size', 'bytes'],
  rss: ['resident set', 'bytes'],
  nproc: ['processes', 'processes'],
  nofile: ['open files', 'files'],
  memlock: ['locked memory', 'bytes'],
  as: ['address space', 'bytes'],
  locks: ['file locks', 'locks'],
  sigpending: ['pending signals', 'signals'],
  msgqueue: ['msgqueue size', 'bytes'],
  nice: ['nice priority', ''],
  rtprio: ['realtime priority', ''],
  rttime: ['realtime timeout', 'us'],
};

/** /proc/PID/limits. */
export function limitsText(own: Limits | undefined): string {
  const row = (...cells: [string, string, string, string]) =>
    `${cells[0].padEnd(25)} ${cells[1].padEnd(20)} ${cells[2].padEnd(20)} ${cells[3].padEnd(10)}\n`;
  const shown = (n: number | null) => (n === null ? 'unlimited' : `${n}`);
  const rows = RLIMITS.map((name) => {
    const { soft, hard } = limitOf(own, name);
    const [words, unit] = SHOWN[name];
    return unit === ''
      ? `${`Max ${words}`.padEnd(25)} ${shown(soft).padEnd(20)} ${shown(hard).padEnd(20)} \n`
      : row(`Max ${words}`, shown(soft), shown(hard), unit);
  });
  return `${row('Limit', 'Soft Limit', 'Hard Limit', 'Units')}${rows.join('')}`;
}

const NONE: Limit = { soft: null, hard: null };
/** What systemd gives a service and a login on a machine of this size. */
const DEFAULTS: Readonly<Record<Rlimit, Limit>> = {
  cpu: NONE,
  fsize: NONE,
  data: NONE,
  stack: { soft: 8_388_608, hard: null },
  core: { soft: 0, hard: null },
  rss: NONE,
  nproc: { soft: 31_472, hard: 31_472 },
  nofile: { soft: 1024, hard: 524_288 },
  memlock: { soft: 8_388_608, hard: 8_388_608 },
  as: NONE,
  locks: NONE,
  sigpending: { soft: 31_472, hard: 31_472 },
  msgqueue: { soft: 819_200, hard: 819_200 },
  nice: { soft: 0, hard: 0 },
  rtprio: { soft: 0, hard: 0 },
  rttime: NONE,
};

export type Limits = Readonly<Partial<Record<Rlimit, Limit>>>;
export const limitOf = (limits: Limits | undefined, name: Rlimit): Limit => limits?.[name] ?? DEFAULTS[name];
const number = (n: number | null) => n ?? Number.POSITIVE_INFINITY;
export const soft = (limits: Limits | undefined, name: Rlimit): number => number(limitOf(limits, name).soft);
/** Whether a change asks for more than the hard limit allows. */
export const raises = (from: Limit, to: Limit): boolean => number(to.hard) > number(from.hard);
export const upsideDown = (l: Limit): boolean => number(l.soft) > number(l.hard);
