/**
 * Progress of a build: the events that the daemon streams, and reports about a Dockerfile's lines. What a client shows of the
 * events is in plain.ts and tty.ts. BuildKit client (SolveStatus), solver/errdefs.
 *
 *   {"known":9}                                                  so many steps there will be
 *   {"vertex":{"n":5,"name":"[2/3] RUN make","started":…}}       a step begins
 *   {"log":{"n":5,"at":84,"data":"gcc …\n"}}                     it writes
 *   {"vertex":{"n":5,…,"completed":…}}                           it ends: cached, failed, or done
 *   {"id":"sha256:…"}   or   {"error":"…","source":{…}}          and so does the build
 *
 * Pure. Strings are bytes.
 */

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
  /** It was stopped because another step failed. */
  canceled?: boolean;
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
  /** How many vertices there are, as far as is known: those that have begun, and those that will. */
  | { known: number }
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

// ——— reports

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
