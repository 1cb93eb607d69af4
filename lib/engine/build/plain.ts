/**
 * Plain progress: each step's output under its name, one step at a time. BuildKit util/progress/progressui, printer.go.
 *
 *   #5 [a 2/2] RUN make          what runs beside it is kept back until it has its turn:
 *   #5 0.084 gcc …               when it ends, when the other has been shown for long, or
 *   #5 ...                       when nothing was shown of it for ten seconds
 *
 *   #6 [b 2/2] RUN test
 *   #6 DONE 2.2s
 *
 * Numbers are given in the order of appearance on the screen.
 *
 * Simplified: shown as it comes; the original looks ten times a second, so a step that ends within that time of another may
 * come before or after it.
 */

import type { BuildEvent, StatusEvent } from './progress';
import { humanBytes } from './size';
import {
  about,
  failures as failuresOf,
  type Heard,
  hear,
  isOpen,
  newTrace,
  type Trace,
  vertices,
  warningSummary as warningsOf,
} from './trace';

export const HEADER = '#0 building with "default" instance using docker driver\n';

/** How many lines of a step's output are told again when it fails. */
const TAIL = 10;

/** After so long another step may have its turn, and after so long it must: milliseconds. */
const FLICKER = 5_000;
const DELAY = 10_000;

export interface Printer {
  trace: Trace;
  /** Vertex → the number it is shown under. */
  numbers: Readonly<Record<number, number>>;
  /** The one that is shown now. */
  current: number | null;
  /** Of each vertex what has not been shown yet. */
  fresh: Readonly<Record<number, Unshown>>;
}

interface Unshown {
  statuses: readonly StatusEvent[];
  warnings: readonly string[];
  /** Lines that have been shown, and how much of one that goes on. */
  lines: number;
  offset: number;
}

const NOTHING: Unshown = { statuses: [], warnings: [], lines: 0, offset: 0 };

export const newPrinter = (): Printer => ({ trace: newTrace(), numbers: {}, current: null, fresh: {} });

/** The text of further events that come at once, and the printer to go on with. HEADER comes before the first. */
export function print(p: Printer, events: readonly BuildEvent[]): { printer: Printer; text: string } {
  let printer = p;
  const updated = new Set<number>();
  for (const e of events) {
    const n = about(e);
    printer = { ...printer, trace: hear(printer.trace, e) };
    if (n === null) continue;
    updated.add(n);
    const was = printer.fresh[n] ?? NOTHING;
    if ('status' in e) printer = unshown(printer, n, { ...was, statuses: [...was.statuses, e.status] });
    if ('warning' in e)
      printer = unshown(printer, n, {
        ...was,
        warnings: [...was.warnings, `WARN: ${e.warning.rule}: ${e.warning.message} (line ${e.warning.lines[0]})`],
      });
  }
  const pen = new Pen(printer);
  pen.turn([...updated]);
  return { printer: pen.p, text: pen.text };
}

const unshown = (p: Printer, n: number, what: Unshown): Printer => ({ ...p, fresh: { ...p.fresh, [n]: what } });

class Pen {
  text = '';
  constructor(public p: Printer) {}

  private of(n: number): Heard {
    return this.p.trace.vertices[n] as Heard;
  }

  /** Something was heard of some vertices: what is to be shown now? */
  turn(updated: readonly number[]) {
    const { current } = this.p;
    const heard = updated.map((n) => this.of(n));
    const done = heard.filter((v) => !isOpen(v)).sort((a, b) => (a.completed as number) - (b.completed as number) || a.n - b.n);
    const rest = heard.filter(isOpen).map((v) => v.n);
    for (const v of done) if (v.n === current) this.show(v.n);
    for (const v of done) if (v.n !== current) this.show(v.n);
    if (rest.length === 0) {
      const open = this.p.current === null ? vertices(this.p.trace).find(isOpen) : undefined;
      if (open) this.show(open.n);
      return;
    }
    if (current !== null && rest.includes(current)) this.show(current);
    const next = this.nextOf(rest, this.p.current);
    if (next !== null) this.show(next);
  }

  /** Whose turn it is after the one that is shown, if it has been shown for long enough. */
  private nextOf(updated: readonly number[], current: number | null): number | null {
    const { now } = this.p.trace;
    const time = (v: Heard) => now - v.since;
    const speed = (v: Heard) => v.count / (time(v) / 1000);
    const rest = [...new Set(current === null ? updated : [...updated, current])].map((n) => this.of(n));
    const busiest = rest.reduce((a, b) => (speed(b) > speed(a) ? b : a)).n;
    if (current === null) return busiest;
    const shown = this.of(current);
    const late = rest.find((v) => v !== shown && time(v) > DELAY);
    if (late) return late.n;
    const share = speed(shown) / rest.reduce((sum, v) => sum + speed(v), 0);
    return FLICKER / (1 - share) < time(shown) ? busiest : null;
  }

  private heard(n: number, more: Partial<Heard>) {
    const { trace } = this.p;
    this.p = { ...this.p, trace: { ...trace, vertices: { ...trace.vertices, [n]: { ...this.of(n), ...more } } } };
  }

  /** Everything of a vertex that has not been shown, under its name. */
  private show(n: number) {
    const v = this.of(n);
    const number = this.p.numbers[n] ?? Object.keys(this.p.numbers).length + 1;
    let rest = this.p.fresh[n] ?? NOTHING;
    if (n !== this.p.current) {
      this.leave();
      this.text += `\n#${number} ${v.name}\n`;
    }
    for (const line of [...rest.statuses.map(statusText), ...rest.warnings]) this.text += `#${number} ${line}\n`;
    if (rest.warnings.length > 0) rest = { ...rest, offset: 0 };
    rest = this.lines(v, number, rest);
    this.p = { ...unshown(this.p, n, { ...rest, statuses: [], warnings: [] }), numbers: { ...this.p.numbers, [n]: number }, current: n };
    if (isOpen(v)) return;
    this.p = { ...this.p, current: null };
    this.heard(n, { count: 0 });
    if (v.partial) this.text += '\n';
    this.text += `#${number} ${outcome(v)}\n`;
  }

  private lines(v: Heard, number: number, rest: Unshown): Unshown {
    const from = rest.offset > 0 ? rest.lines - 1 : rest.lines;
    for (const [i, line] of v.lines.slice(Math.max(0, from)).entries()) {
      const going = v.partial && from + i === v.lines.length - 1;
      this.text += (i === 0 && rest.offset > 0 ? line.slice(rest.offset) : `#${number} ${line}`) + (going ? '' : '\n');
    }
    return { ...rest, lines: v.lines.length, offset: v.partial ? (v.lines.at(-1) as string).length : 0 };
  }

  /** Another is shown after the one that is. */
  private leave() {
    const { current } = this.p;
    if (current === null) return;
    const old = this.of(current);
    if (old.partial) this.text += '\n';
    const rest = this.p.fresh[current] ?? NOTHING;
    // A line that goes on is shown again from its beginning.
    this.p = unshown(this.p, current, { ...rest, lines: old.partial ? rest.lines - 1 : rest.lines, offset: 0 });
    this.heard(current, { count: 0 });
    this.text += `#${this.p.numbers[current]} ...\n`;
  }
}

const outcome = (v: Heard): string =>
  v.canceled
    ? 'CANCELED'
    : v.error !== undefined
      ? `ERROR: ${v.error}`
      : v.cached
        ? 'CACHED'
        : `DONE ${(((v.completed as number) - v.started) / 1000).toFixed(1)}s`;

function statusText(s: StatusEvent): string {
  const bytes = s.current ? ` ${humanBytes(s.current)}` : '';
  const ran = (s.completed ?? s.started) - s.started;
  const time = ran > 10 ? ` ${(ran / 1000).toFixed(1)}s` : '';
  return `${s.id}${bytes}${time}${s.completed === undefined ? '' : ' done'}`;
}

/** What follows the last event: what the failed steps wrote. */
export const failures = (p: Printer): string => failuresOf(p.trace, TAIL);

export const warningSummary = (p: Printer): string => warningsOf(p.trace);
