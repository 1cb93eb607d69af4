/** How the events of a build are shown while it runs: text, records, or a picture on a terminal. docker/buildx, util/progress. */

import * as build from '../../engine/build/face';
import { err, failed, recv, type Script, select, sys } from '../driver';
import { CommandError, type Ctx } from './api';

const PROGRESS = ['', 'auto', 'none', 'plain', 'quiet', 'rawjson', 'tty'];

/** How the events are shown: BUILDKIT_PROGRESS stands in for a mode that is not given. */
export function* displayOf(c: Ctx): Script<Display> {
  const given = c.text('progress') || 'auto';
  const mode = given === 'auto' ? c.env.BUILDKIT_PROGRESS || 'auto' : given;
  if (!PROGRESS.includes(mode)) throw new CommandError(`ERROR: invalid progress mode ${mode}`);
  if (c.on('quiet') || mode === 'quiet' || mode === 'none') return quietly;
  if (mode === 'rawjson') return asRecords();
  const terminal = (yield* sys((s) => s.isatty(2))) === true;
  if (mode === 'tty' && !terminal) throw new CommandError('ERROR: failed to get console: provided file is not a console');
  return mode !== 'plain' && terminal ? onTerminal() : asText();
}

/** Shows events as they come; `end` is what stands there when there are no more. */
export interface Display {
  start(): Script<void>;
  show(events: readonly build.BuildEvent[]): Script<void>;
  /** After how many milliseconds without an event it is to be drawn again. */
  every?: number;
  end(): Script<void>;
}

export const quietly: Display = { *start() {}, *show() {}, *end() {} };

/** `bare`: without the line that names the builder, and without a summary of warnings. */
export function asText(bare = false): Display {
  let printer = build.newPrinter();
  // The empty line before each vertex sets the first apart from the builder's line.
  let first = bare;
  return {
    start: () => err(bare ? '' : build.HEADER),
    *show(events) {
      const { text, printer: next } = build.print(printer, events);
      printer = next;
      yield* err(first ? text.replace(/^\n/, '') : text);
      first &&= text === '';
    },
    *end() {
      yield* err(build.failures(printer) + (bare ? '' : build.warningSummary(printer)));
    },
  };
}

function asRecords(): Display {
  let known: build.Known = {};
  return {
    *start() {},
    *show(events) {
      for (const e of events) {
        const next = build.rawJson(known, e);
        known = next.known;
        yield* err(next.text);
      }
    },
    *end() {},
  };
}

function onTerminal(): Display {
  let heard = build.trace.newTrace();
  let drawn = build.tty.NOT_DRAWN;
  function* picture(all: boolean): Script<void> {
    const at = yield* sys((s) => ({ size: s.winsize(2), now: s.now() }));
    const { size, now } = failed(at) ? { size: null, now: heard.now } : at;
    const next = build.tty.draw(heard, drawn, size ?? { rows: 10, cols: 80 }, now, all);
    drawn = next.drawn;
    yield* err(next.text);
  }
  return {
    every: 1000,
    *start() {},
    *show(events) {
      for (const e of events) heard = build.trace.hear(heard, e);
      if (heard.order.length > 0) yield* picture(false);
    },
    *end() {
      yield* picture(true);
      yield* err(build.trace.failures(heard) + build.trace.warningSummary(heard));
    },
  };
}

/** The next bytes of a build's stream, null at its end; '' when it is time to draw again. */
export function* next(conn: number, every: number | undefined): Script<string | null> {
  if (every === undefined) return yield* recv(conn);
  const r = yield* select([conn], { ms: every });
  return 'data' in r ? r.data : '';
}
