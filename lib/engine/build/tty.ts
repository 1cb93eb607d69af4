/**
 * Progress on a terminal: a picture of all steps, drawn over itself. BuildKit util/progress/progressui, display.go (ttyDisplay).
 *
 *   [+] Building 2.9s (4/5)                                  docker:default
 *    => [internal] load build definition from Dockerfile              0.0s      done: blue
 *    => [2/2] RUN make                                                2.8s      it runs: its last lines below it
 *    => => # gcc -c a.c
 *
 * Pure: a trace and a terminal's size in, text out. Strings are bytes.
 *
 * Simplified: lines of output are cut to the terminal's width and stripped of escape sequences; the original runs a small
 * terminal of six lines for each step.
 */

import { humanBytes } from './size';
import { type Heard, isOpen, type Trace, vertices } from './trace';

export interface Size {
  rows: number;
  cols: number;
}

/** What stands on the terminal. */
export interface Drawn {
  lines: number;
  /** Something was drawn before. */
  again: boolean;
}

export const NOT_DRAWN: Drawn = { lines: 0, again: false };

/** Lines of output below a step that runs, and what the space for them has to be. */
const OUTPUT = 6;
const ROOM = OUTPUT + 3;
/** Columns that output does not use. */
const MARGIN = 10;

const BLUE = 34;
const RED = 31;
const YELLOW = 33;
const coloured = (text: string, color: number) => `\x1b[${color}m${text}\x1b[0m`;
const up = (n: number) => '\x1b[1A'.repeat(n);

interface Job {
  name: string;
  status: string;
  /** Milliseconds. */
  time: number;
  color: number | null;
  /** Its last lines of output; null: they are not shown. */
  output: readonly string[] | null;
  of: Heard | null;
}

const SHOWN = (ms: number): string => ` ${(ms < 50 ? 0 : ms / 1000).toFixed(1)}s\n`;

function jobsOf(v: Heard, now: number): Job[] {
  const open = isOpen(v);
  const time = (v.completed ?? now) - v.started;
  const mark = v.canceled ? 'CANCELED ' : v.error !== undefined ? 'ERROR ' : v.cached ? 'CACHED ' : '';
  const color = open ? null : v.canceled ? YELLOW : v.error !== undefined ? RED : BLUE;
  const below = { output: null, of: null };
  return [
    { name: mark + v.name.replaceAll('\t', ' '), status: '', time, color, output: null, of: v },
    ...v.statuses.map((s) => ({
      name: `=> ${s.id}`,
      status: s.current ? humanBytes(s.current) : '',
      time: (s.completed ?? now) - s.started,
      color: s.completed === undefined ? null : BLUE,
      ...below,
    })),
    ...v.warnings.map((w) => ({ name: `WARN: ${w.rule}: ${w.message} (line ${w.lines[0]})`, status: '', time, color: null, ...below })),
  ];
}

const ESCAPES = /\x1b\[[0-?]*[ -/]*[@-~]/g;

/** The last lines of a step's output, broken at the terminal's width. */
function outputOf(v: Heard, width: number): string[] {
  const rows = v.lines.slice(-OUTPUT).flatMap((line) => {
    const text = line.slice(line.indexOf(' ') + 1).replace(ESCAPES, '');
    return text.match(new RegExp(`.{1,${width}}`, 'gs')) ?? [''];
  });
  return rows.slice(-OUTPUT).filter((row) => row.trim() !== '');
}

/** Gives output to those that run, as far as there is room, and drops what does not fit the screen. */
function fitted(jobs: readonly Job[], size: Size, all: boolean): Job[] {
  let room = size.rows - 2 - jobs.filter((j) => j.color === null).length;
  const bytes = (v: Heard) => v.lines.reduce((n, l) => n + l.length, 0);
  const writing = jobs.filter((j) => j.of && isOpen(j.of) && j.of.lines.length > 0);
  writing.sort((a, b) => bytes(b.of as Heard) - bytes(a.of as Heard));
  const shown = new Map<Job, string[]>();
  for (const j of writing) {
    if (room <= ROOM) break;
    shown.set(j, outputOf(j.of as Heard, Math.max(1, size.cols - MARGIN)));
    room -= ROOM;
  }
  const with_ = jobs.map((j) => ({ ...j, output: shown.get(j) ?? null }));
  const hidden = [...shown.values()].reduce((n, rows) => n + rows.length, 0);
  return all ? with_ : lastOf(with_, size.rows - 2 - hidden);
}

/** The last jobs that fit; one that still runs takes the place of one that has ended. */
function lastOf(jobs: Job[], limit: number): Job[] {
  if (limit < 0) return [];
  if (jobs.length <= limit) return jobs;
  const cut = jobs.length - limit;
  const wanted = jobs.slice(0, cut).filter((j) => j.color === null);
  let away = wanted.length;
  const kept = jobs.slice(cut).filter((j) => j.color === null || away-- <= 0);
  const free = limit - kept.length;
  return [...wanted.slice(wanted.length - free), ...kept];
}

const aligned = (left: string, right: string, width: number) => `${left.padEnd(width - right.length - 1)} ${right}`;

/** A job's line, or none where the terminal is too narrow. */
function lineOf(j: Job, width: number): string | null {
  const timer = SHOWN(j.time);
  let left = width - 4 - timer.length - 1;
  const withStatus = j.status !== '' && left + j.status.length > 20;
  if (withStatus) left -= j.status.length + 1;
  if (left < 12) return null;
  const text = aligned(` => ${j.name.slice(0, left)}${withStatus ? ` ${j.status}` : ''}`, timer, width);
  return j.color === null ? text : coloured(text, j.color);
}

/** The picture at a time (milliseconds since the epoch), drawn over the last. `all`: the last one of a build. */
export function draw(t: Trace, was: Drawn, size: Size, now: number, all: boolean): { text: string; drawn: Drawn } {
  const { cols } = size;
  const list = vertices(t);
  const done = list.filter((v) => !isOpen(v)).length;
  const total = Math.max(t.known, list.length);
  const finished = all && done > 0 && done === total ? 'FINISHED' : '';
  const seconds = t.start === null ? 0 : (now - t.start) / 1000;
  const head = aligned(`[+] Building ${seconds.toFixed(1)}s (${done}/${total}) ${finished}`, 'docker:default', cols - 1).slice(0, cols);
  let lines = 0;
  let body = '';
  const add = (line: string | null) => {
    if (line === null) return;
    body += line;
    lines++;
  };
  const jobs = list.flatMap((v) => jobsOf(v, now));
  for (const j of fitted(jobs, size, all)) {
    add(lineOf(j, cols));
    for (const row of j.output ?? []) add(coloured(` => => # ${row.padEnd(Math.max(1, cols - MARGIN))}\n`, 2));
  }
  const over = was.lines - lines;
  if (over > 0) body += `${`${' '.repeat(cols)}\n`.repeat(over)}\x1b[${over}A\x1b[0G`;
  const back = `${up(was.lines + 1)}${was.again ? '' : '\x1b[1B'}\x1b[0G`;
  return { text: `${back}\x1b[?25l${head}\n${body}\x1b[?25h`, drawn: { lines, again: true } };
}
