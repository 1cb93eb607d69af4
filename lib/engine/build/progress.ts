/**
 * Progress of a build: the events that the daemon streams, and the plain text that a client makes of them.
 * BuildKit client (SolveStatus), util/progress/progressui, solver/errdefs.
 *
 *   {"vertex":{"n":5,"name":"[2/3] RUN make","started":…}}       a step begins
 *   {"log":{"n":5,"at":84,"data":"gcc …\n"}}                     it writes
 *   {"vertex":{"n":5,…,"completed":…}}                           it ends: cached, failed, or done
 *   {"id":"sha256:…"}   or   {"error":"…","source":{…}}          and so does the build
 *
 * Pure: events in, text out. Strings are bytes.
 */

import { humanBytes } from './size';
import type { CheckResult } from './state';

export interface VertexEvent {
  /** From 1, in the order of appearance. */
  n: number;
  name: string;
  /** Milliseconds since the epoch. */
  started: number;
  completed?: number;
  cached?: boolean;
  error?: string;
}

export interface StatusEvent {
  n: number;
  /** "exporting layers", "transferring context:" */
  id: string;
  /** Bytes. */
  current?: number;
  started: number;
  completed?: number;
}

export interface WarningEvent {
  n: number;
  rule: string;
  url: string | null;
  message: string;
  description: string;
  lines: readonly [number, number];
}

/** The lines of a file that an error is about. */
export interface SourceExcerpt {
  file: string;
  text: string;
  lines: readonly [number, number];
}

export type BuildEvent =
  | { vertex: VertexEvent }
  | { status: StatusEvent }
  | { log: { n: number /** Milliseconds since the vertex began. */; at: number; data: string } }
  | { warning: WarningEvent }
  /** Success: the image, '' if none was asked for; a tar of the files if they were. */
  | { id: string; files?: string }
  | { error: string; source?: SourceExcerpt };

export const formatEvent = (e: BuildEvent): string => `${JSON.stringify(e)}\n`;

/** Whole events at the start of a stream, and the rest. */
export function parseEvents(text: string): { events: BuildEvent[]; rest: string } {
  const end = text.lastIndexOf('\n') + 1;
  const events = text
    .slice(0, end)
    .split('\n')
    .filter((l) => l !== '')
    .map((l) => JSON.parse(l) as BuildEvent);
  return { events, rest: text.slice(end) };
}

// ——— plain progress

interface Shown {
  name: string;
  started: number;
  /** A log line without its end. */
  partial: string;
  /** The last lines, for when it fails. */
  tail: string[];
  done: boolean;
}

export interface Printer {
  shown: Readonly<Record<number, Shown>>;
  current: number | null;
  warnings: readonly WarningEvent[];
  failed: readonly { name: string; tail: readonly string[] }[];
}

export const newPrinter = (): Printer => ({ shown: {}, current: null, warnings: [], failed: [] });

/** How many lines of a step's output are told again when it fails. */
const TAIL = 10;

export const HEADER = '#0 building with "default" instance using docker driver\n';

const seconds = (ms: number, digits: number) => (ms / 1000).toFixed(digits);

/** The text of further events, and the printer to go on with. HEADER comes before the first. */
export function print(p: Printer, events: readonly BuildEvent[]): { printer: Printer; text: string } {
  let printer = p;
  let text = '';
  for (const e of events) {
    const n = 'vertex' in e ? e.vertex.n : 'status' in e ? e.status.n : 'log' in e ? e.log.n : 'warning' in e ? e.warning.n : null;
    if (n === null) continue;
    const before = printer.shown[n];
    const name = 'vertex' in e ? e.vertex.name : (before?.name ?? '');
    let s: Shown = before ?? { name, started: 'vertex' in e ? e.vertex.started : 0, partial: '', tail: [], done: false };
    if (printer.current !== n) {
      const other = printer.current === null ? undefined : printer.shown[printer.current];
      if (other && !other.done) text += `${other.partial === '' ? '' : '\n'}#${printer.current} ...\n`;
      text += `\n#${n} ${name}\n`;
    }
    let { warnings, failed } = printer;
    if ('log' in e) {
      const prefix = seconds(e.log.at, 3);
      const lines = (s.partial + e.log.data).split('\n');
      const partial = lines.pop() as string;
      text += lines.map((l) => `#${n} ${prefix} ${clean(l)}\n`).join('');
      s = { ...s, partial, tail: [...s.tail, ...lines.map((l) => `${prefix} ${clean(l)}`)].slice(-TAIL) };
    } else if ('status' in e) text += `#${n} ${statusText(e.status)}\n`;
    else if ('warning' in e) {
      text += `#${n} WARN: ${e.warning.rule}: ${e.warning.message} (line ${e.warning.lines[0]})\n`;
      warnings = [...warnings, e.warning];
    } else if ('vertex' in e && e.vertex.completed !== undefined) {
      const v = e.vertex;
      const ran = (v.completed as number) - v.started;
      if (s.partial !== '') {
        const line = `${seconds(ran, 3)} ${clean(s.partial)}`;
        text += `#${n} ${line}\n`;
        s = { ...s, partial: '', tail: [...s.tail, line].slice(-TAIL) };
      }
      text += v.error !== undefined ? `#${n} ERROR: ${v.error}\n` : v.cached ? `#${n} CACHED\n` : `#${n} DONE ${seconds(ran, 1)}s\n`;
      if (v.error !== undefined) failed = [...failed, { name: v.name, tail: s.tail }];
      s = { ...s, done: true };
    }
    printer = { shown: { ...printer.shown, [n]: s }, current: s.done ? null : n, warnings, failed };
  }
  return { printer, text };
}

/** A terminal's carriage returns: what stands on the line in the end. */
const clean = (line: string) => line.replace(/\r$/, '');

function statusText(s: StatusEvent): string {
  const bytes = s.current ? ` ${humanBytes(s.current)}` : '';
  const ran = (s.completed ?? s.started) - s.started;
  const time = ran > 10 ? ` ${seconds(ran, 1)}s` : '';
  return `${s.id}${bytes}${time}${s.completed === undefined ? '' : ' done'}`;
}

/** What follows the last event in plain progress: what the failed steps wrote. */
export const failures = (p: Printer): string =>
  p.failed.map((f) => `------\n > ${f.name}:\n${f.tail.map((l) => `${l}\n`).join('')}------\n`).join('');

/** The summary of build checks at the end of a build. */
export function warningSummary(p: Printer): string {
  const { warnings } = p;
  if (warnings.length === 0) return '';
  // What is said twice is counted once.
  const lines = [...new Set(warnings.map((w) => ` - ${w.rule}: ${w.message} (line ${w.lines[0]})\n`))];
  return `\n \x1b[33m${lines.length} warning${lines.length === 1 ? '' : 's'} found (use docker --debug to expand):\n\x1b[0m${lines.join('')}`;
}

/** The lines around a fault: two above and two below, or one if it spans several itself. */
export function excerpt(s: SourceExcerpt): string {
  const lines = s.text.split('\n');
  let [start, end] = s.lines;
  if (start < 1 || start > lines.length) return '';
  end = Math.min(end, lines.length);
  const [first, last] = [start, end];
  const pad = start === end ? 4 : 2;
  for (let p = 0; p < pad; p++) {
    if (start > 1) {
      start--;
      p++;
    }
    if (end !== lines.length) {
      end++;
      p++;
    }
  }
  const rows = lines
    .slice(start - 1, end)
    .map((l, i) => ` ${`${start + i}`.padStart(3)} | ${start + i >= first && start + i <= last ? '>>>' : '   '} ${l}\n`);
  return `${s.file}:${first}\n--------------------\n${rows.join('')}--------------------\n`;
}

/** What `docker build --check` prints, and whether it found anything. */
export function checkReport(r: CheckResult): { text: string; clean: boolean } {
  const n = r.warnings.length;
  const head = `Check complete, ${n === 0 ? 'no warnings found.' : `${n} warning${n === 1 ? ' has' : 's have'} been found!`}\n`;
  const each = [...r.warnings].map(
    (w) =>
      `\nWARNING: ${w.rule}${w.url === null ? '' : ` - ${w.url}`}\n${w.message}\n${excerpt({ file: r.file, text: r.text, lines: w.lines })}`,
  );
  const error =
    r.error === null
      ? ''
      : `\nERROR: ${r.error.message}\n${r.error.lines === null ? '' : excerpt({ file: r.file, text: r.text, lines: r.error.lines })}`;
  return { text: head + each.join('') + error, clean: n === 0 && r.error === null };
}
