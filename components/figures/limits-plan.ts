/** What the gauges of the drawing of limits show: how far the pointer stands, where the stop is, and words for both. */
import type { Gauge, LimitsRow, LimitsView } from '../../lib/machine/views/limits';

export interface Dial {
  what: 'memory' | 'cpu' | 'pids';
  /** From 0 to 1 on a scale whose stop is at `STOP`. */
  pointer: number;
  /** There is a stop. */
  stop: boolean;
  /** From 0 to 1: where a reservation asks, and the most there has been; null: not drawn. */
  low: number | null;
  peak: number | null;
  says: string;
  more: string;
  moved: boolean;
  limited: boolean;
  struck: boolean;
}

/** Where on the scale the stop is: beyond it nothing goes. */
export const STOP = 0.86;

/** Bytes as memory limits are given: "64 MiB". */
export function mebibytes(bytes: number): string {
  for (const [unit, name] of [
    [2 ** 30, 'GiB'],
    [2 ** 20, 'MiB'],
    [2 ** 10, 'KiB'],
  ] as const)
    if (bytes >= unit) return `${Number((bytes / unit).toPrecision(3))} ${name}`;
  return `${bytes} B`;
}

const share = (n: number) => `${Number(n.toFixed(2))}`;
const times = (n: number, word: string) => `${n} ${word}${n === 1 ? '' : 's'}`;

/** On a scale without a stop, the pointer keeps away from the end: by what the whole machine has. */
const place = (g: Gauge, whole: number) => Math.min(1, g.now / (g.max ?? whole)) * STOP;

export function dialsOf(row: LimitsRow, view: LimitsView): Dial[] {
  const { memory, cpu, pids } = row;
  const whole = memory.max ?? view.memory;
  const memoryMore = [
    memory.low > 0 ? `asks for ${mebibytes(memory.low)}` : '',
    memory.kills > 0 ? `${times(memory.kills, 'OOM kill')}` : '',
  ];
  const cpuMore = [
    cpu.throttled > 0 ? `throttled ${cpu.throttled} of ${cpu.periods}` : '',
    cpu.weight !== 100 ? `weight ${cpu.weight}` : '',
    cpu.cpus !== `0-${view.cpus - 1}` ? `on CPU ${cpu.cpus}` : '',
  ];
  return [
    {
      what: 'memory',
      pointer: place(memory, view.memory),
      stop: memory.max !== null,
      low: memory.low > 0 ? Math.min(1, memory.low / whole) * STOP : null,
      peak: memory.max !== null && memory.peak > memory.now ? Math.min(1, memory.peak / whole) * STOP : null,
      says: memory.max === null ? `${mebibytes(memory.now)}, no limit` : `${mebibytes(memory.now)} of ${mebibytes(memory.max)}`,
      more: memoryMore.filter(Boolean).join(', '),
      moved: memory.moved,
      limited: memory.limited,
      struck: row.struck.killed,
    },
    {
      what: 'cpu',
      pointer: ((cpu.max ?? view.cpus) / view.cpus) * STOP,
      stop: cpu.max !== null,
      low: null,
      peak: null,
      says: cpu.max === null ? `all ${view.cpus}` : `${share(cpu.max)} of ${view.cpus}`,
      more: cpuMore.filter(Boolean).join(', '),
      moved: false,
      limited: cpu.limited,
      struck: row.struck.throttled,
    },
    {
      what: 'pids',
      pointer: place(pids, 100),
      stop: pids.max !== null,
      low: null,
      peak: null,
      says: pids.max === null ? `${pids.now}, no limit` : `${pids.now} of ${pids.max}`,
      more: pids.refused > 0 ? `${times(pids.refused, 'fork')} refused` : '',
      moved: pids.moved,
      limited: pids.limited,
      struck: row.struck.refused,
    },
  ];
}

/** A row in a sentence, for who cannot see it. */
export const rowInWords = (row: LimitsRow, view: LimitsView): string =>
  `${row.name}${row.frozen ? ', frozen' : ''}: ${dialsOf(row, view)
    .map((d) => `${d.what} ${d.says}${d.more ? ` (${d.more})` : ''}`)
    .join(', ')}`;
