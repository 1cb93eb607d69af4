/**
 * Where things stand in the drawing of a Compose project: an axis on which moments keep their order and an idea of their
 * distance, and for each row its bar and the leaders that drop onto it.
 */
import type { Moment, Need, ProjectRow, ProjectView } from '../../lib/machine/views/project';

/** Moments this near to each other, in milliseconds, are one place on the axis. */
const TOGETHER = 300;
/** Room after the last moment, in the axis' own measure: what runs, runs on. */
const TAIL = 1.4;

export interface Tick {
  at: number;
  x: number;
  says: string;
}
export interface Bar {
  from: number;
  to: number;
  /** `made`: not started; `up`: runs, nothing checks it; `checked`: its first checks; `well`, `ill`: what they found. */
  kind: 'made' | 'up' | 'checked' | 'well' | 'ill';
  changed: boolean;
}
export interface Leader {
  need: Need;
  /** Row and place it drops from. */
  row: number;
  x: number;
  /** Place where it meets the row's start; null while nothing has come of it. */
  to: number | null;
}
export interface PlannedRow {
  row: ProjectRow;
  bars: Bar[];
  /** It has ended: where. */
  end: { x: number; changed: boolean } | null;
  leaders: Leader[];
}
export interface Plan {
  ticks: Tick[];
  rows: PlannedRow[];
}

/** Milliseconds as a scale has them: "0 s", "1.5 s", "40 s", "5 min", "2 h". */
export function spell(ms: number): string {
  const s = ms / 1000;
  if (s < 10) return `${Number(s.toFixed(1))} s`;
  if (s < 100) return `${Math.round(s)} s`;
  return s < 6000 ? `${Math.round(s / 60)} min` : `${Math.round(s / 3600)} h`;
}

/** Moments that stand apart, with their places between `left` and `right`. */
function axis(moments: readonly number[], left: number, right: number): Tick[] {
  const apart: number[] = [];
  for (const at of [...moments].sort((a, b) => a - b)) if (at - (apart.at(-1) ?? -Infinity) > TOGETHER) apart.push(at);
  const widths = apart.map((at, i) => (i === 0 ? 0 : 1 + Math.log2(1 + (at - (apart[i - 1] as number)) / 1000)));
  const unit = (right - left) / (widths.reduce((a, b) => a + b, 0) + TAIL);
  let x = left;
  return apart.map((at, i) => {
    x += (widths[i] as number) * unit;
    return { at, x, says: spell(at - (apart[0] as number)) };
  });
}

const KIND: Readonly<Partial<Record<Moment['what'], Bar['kind']>>> = { created: 'made', healthy: 'well', unhealthy: 'ill' };

export function planProject(view: ProjectView, { left, right, room }: { left: number; right: number; room: number }): Plan {
  const shown = view.rows.slice(0, room);
  const ticks = axis(
    shown.flatMap((r) => r.moments.map((m) => m.at)),
    left,
    right,
  );
  const xOf = (at: number) => ticks.findLast((t) => t.at <= at)?.x ?? left;
  /** Leaders of which nothing has come keep apart at the right. */
  let open = 0;
  const rows = shown.map((row): PlannedRow => {
    const last = row.moments.at(-1);
    const end = last?.what === 'ended' ? { x: xOf(last.at), changed: last.changed } : null;
    const bars = row.moments.flatMap((m, i): Bar[] => {
      if (m.what === 'ended') return [];
      const next = row.moments[i + 1];
      const kind = m.what === 'started' ? (row.health === null ? 'up' : 'checked') : (KIND[m.what] ?? 'up');
      return [{ from: xOf(m.at), to: next ? xOf(next.at) : right, kind, changed: m.changed }];
    });
    const started = row.moments.find((m) => m.what === 'started');
    const leaders = row.needs.flatMap((need): Leader[] => {
      if (need.state === 'past') return [];
      const sources = shown.flatMap((r, i) => (r.service === need.service ? [i] : []));
      const from = sources.findLast((i) => shown[i]?.moments.some((m) => m.at === need.at)) ?? sources.at(-1);
      if (from === undefined) return [];
      const over = shown[from]?.moments.find((m) => m.what === 'ended');
      const x = need.at !== null ? xOf(need.at) : over ? xOf(over.at) : right - 10 - 16 * open++;
      return [{ need, row: from, x, to: need.at !== null && started ? xOf(started.at) : null }];
    });
    return { row, bars, end, leaders };
  });
  return { ticks, rows };
}

const UNTIL = { started: 'started', healthy: 'healthy', completed: 'completed' } as const;
/** "after db healthy, migrate completed" */
export const needsInWords = (row: ProjectRow): string => {
  if (row.needs.length === 0) return '';
  const open = row.needs.some((n) => n.state === 'waiting' || n.state === 'failed');
  return `${open ? 'waits for' : 'after'} ${row.needs.map((n) => `${n.service} ${UNTIL[n.until]}`).join(', ')}`;
};
/** "running, healthy", "exited, 0" */
export const stateInWords = (row: ProjectRow): string =>
  row.exitCode !== null && row.state === 'exited'
    ? `exited, ${row.exitCode}`
    : [row.state, row.state === 'running' || row.state === 'paused' ? row.health : null].filter(Boolean).join(', ');
