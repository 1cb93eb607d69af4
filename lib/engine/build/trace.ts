/**
 * What a client of the builder has heard so far, step by step: the matter of both ways to show it (plain.ts, tty.ts).
 * BuildKit util/progress/progressui, display.go (trace).
 *
 * Pure: events in, a new trace out. Strings are bytes; times are milliseconds since the epoch.
 */

import type { BuildEvent, StatusEvent, VertexEvent, WarningEvent } from './progress';

export interface Heard extends VertexEvent {
  statuses: readonly StatusEvent[];
  warnings: readonly WarningEvent[];
  /** What it wrote, each line with its time before it; the last may still be going on. */
  lines: readonly string[];
  partial: boolean;
  /** What was heard of it since it was last shown in full, and since when. */
  count: number;
  since: number;
}

export interface Trace {
  /** By number. */
  vertices: Readonly<Record<number, Heard>>;
  /** Numbers in the order in which they began. */
  order: readonly number[];
  /** Vertices that are known of. */
  known: number;
  /** When the first began, and the latest that was heard of. */
  start: number | null;
  now: number;
}

export const newTrace = (): Trace => ({ vertices: {}, order: [], known: 0, start: null, now: 0 });

/** Number of the vertex that an event is about; null: of none. */
export const about = (e: BuildEvent): number | null =>
  'vertex' in e ? e.vertex.n : 'status' in e ? e.status.n : 'log' in e ? e.log.n : 'warning' in e ? e.warning.n : null;

const fresh = (n: number): Heard => ({
  n,
  name: '',
  started: 0,
  statuses: [],
  warnings: [],
  lines: [],
  partial: false,
  count: 0,
  since: 0,
});

/** A time before a line: "0.084", "10.13", "101.2". */
function stamp(ms: number): string {
  const seconds = ms / 1000;
  return seconds.toFixed(seconds < 10 ? 3 : seconds < 100 ? 2 : 1);
}

/** A terminal's carriage returns: what stands on the line in the end. */
const clean = (line: string) => line.replace(/\r$/, '');

/** Adds what was written to the lines there are. */
function written(v: Heard, at: number, data: string): Pick<Heard, 'lines' | 'partial'> {
  const pieces = data.split('\n');
  const partial = pieces.at(-1) !== '';
  if (!partial) pieces.pop();
  const lines = [...v.lines];
  for (const [i, piece] of pieces.entries()) {
    if (i === 0 && v.partial) lines[lines.length - 1] += clean(piece);
    else lines.push(`${stamp(at)} ${clean(piece)}`);
  }
  return { lines, partial };
}

function told(v: Heard, e: BuildEvent): Heard {
  if ('vertex' in e) return { ...v, ...e.vertex };
  if ('status' in e) return { ...v, statuses: [...v.statuses.filter((s) => s.id !== e.status.id), e.status] };
  if ('warning' in e) return { ...v, warnings: [...v.warnings, e.warning] };
  if ('log' in e) return { ...v, ...written(v, e.log.at, e.log.data) };
  return v;
}

const timeOf = (v: Heard, e: BuildEvent): number =>
  'vertex' in e ? (e.vertex.completed ?? e.vertex.started) : 'log' in e ? v.started + e.log.at : v.started;

export function hear(t: Trace, e: BuildEvent): Trace {
  if ('known' in e) return { ...t, known: e.known };
  const n = about(e);
  if (n === null) return t;
  const before = t.vertices[n] ?? fresh(n);
  const v = told(before, e);
  const now = Math.max(t.now, timeOf(v, e));
  const heard = { ...v, count: v.count + 1, since: v.count === 0 ? now : v.since };
  return {
    vertices: { ...t.vertices, [n]: heard },
    order: t.vertices[n] ? t.order : [...t.order, n],
    known: t.known,
    start: t.start ?? v.started,
    now,
  };
}

export const isOpen = (v: Heard): boolean => v.completed === undefined;

export const vertices = (t: Trace): Heard[] => t.order.map((n) => t.vertices[n] as Heard);

/** What the steps that failed wrote, at the end of all: the last lines of each, or all. */
export const failures = (t: Trace, last = Number.POSITIVE_INFINITY): string =>
  vertices(t)
    .filter((v) => v.error !== undefined && !v.canceled)
    .map(
      (v) =>
        `------\n > ${v.name}:\n${v.lines
          .slice(-last)
          .map((l) => `${l}\n`)
          .join('')}------\n`,
    )
    .join('');

/** The summary of build checks at the end of a build. */
export function warningSummary(t: Trace): string {
  const warnings = vertices(t).flatMap((v) => v.warnings);
  if (warnings.length === 0) return '';
  // What is said twice is counted once.
  const lines = [...new Set(warnings.map((w) => ` - ${w.rule}: ${w.message} (line ${w.lines[0]})\n`))];
  return `\n \x1b[33m${lines.length} warning${lines.length === 1 ? '' : 's'} found (use docker --debug to expand):\n\x1b[0m${lines.join('')}`;
}
