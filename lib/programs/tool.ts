/**
 * Two ways to write a program that is mostly a function.
 *
 *   tool     runs once, after reading all of standard input if it says that it needs it
 *   stream   is handed its input piece by piece, and may stop early: cat, head, grep, sed, tee
 *
 * Output goes out through a queue in the order it was written, to whichever descriptor, and waits when a pipe is full.
 * All of it is plain data between turns, as a Program's state must be.
 */

import { attempt, Errno, type Exec, type Outcome, type Program, type Sys } from '../kernel';

/** Whose words a program speaks. */
export type Flavour = 'gnu' | 'busybox';

export interface Io {
  sys: Sys;
  /** As given: argv[0] is the name it was called by. */
  argv: string[];
  env: Record<string, string>;
  /** The name in messages. */
  name: string;
  flavour: Flavour;
  out(text: string): void;
  /** To another descriptor, in the same order. */
  to(fd: number, text: string): void;
  err(text: string): void;
  /** `name: text` and a newline on standard error: what most tools say of a failure. */
  fail(text: string): void;
}

export type Queue = [fd: number, text: string][];

/** How a program was called, and what it has yet to write: the part of a state that every tool has. */
export interface Base {
  argv: string[];
  env: Record<string, string>;
  name: string;
  flavour: Flavour;
  queue: Queue;
}

/** The face that a tool writes to; what it writes goes into the queue. */
export function io(sys: Sys, s: Base, queue: Queue): Io {
  const push = (fd: number, text: string) => {
    if (text === '') return;
    const last = queue.at(-1);
    if (last?.[0] === fd) queue[queue.length - 1] = [fd, last[1] + text];
    else queue.push([fd, text]);
  };
  return {
    sys,
    argv: s.argv,
    env: s.env,
    name: s.name,
    flavour: s.flavour,
    out: (text) => push(1, text),
    to: push,
    err: (text) => push(2, text),
    fail: (text) => push(2, `${s.name}: ${text}\n`),
  };
}

/** Writes what it can; what is left and the descriptor that has no room. A closed or broken descriptor drops its text. */
export function flush(sys: Sys, queue: Queue): { left: Queue; full: number | null; broken: Errno | null } {
  let broken: Errno | null = null;
  for (let i = 0; i < queue.length; i++) {
    const [fd, text] = queue[i] as [number, string];
    let rest = text;
    while (rest !== '') {
      const n = attempt(() => sys.write(fd, rest));
      if (n instanceof Errno) {
        broken ??= n;
        break;
      }
      if (n === null) return { left: [[fd, rest], ...queue.slice(i + 1)], full: fd, broken };
      rest = rest.slice(n);
    }
  }
  return { left: [], full: null, broken };
}

export const baseOf = (exec: Exec, flavour: Flavour): Base => ({
  argv: exec.argv,
  env: exec.env,
  name: nameOf(exec.argv[0] ?? exec.exe, flavour),
  flavour,
  queue: [],
});
/** BusyBox names itself by the applet, GNU's tools by what they were called. */
const nameOf = (called: string, flavour: Flavour) => (flavour === 'busybox' ? (called.split('/').pop() ?? '') : called);

/** Applets of BusyBox that write through stdio and look at the end whether it went out, and their status when not. */
const LOOKS_AT_END: Readonly<Record<string, number>> = {
  base64: 1,
  cut: 1,
  env: 1,
  head: 1,
  id: 1,
  nl: 1,
  sort: 2,
  uname: 1,
  uniq: 1,
  wc: 1,
};
/** Those that do not look. */
const NEVER_LOOKS: Readonly<Record<string, number>> = Object.fromEntries([
  ...['awk', 'date', 'df', 'find', 'grep', 'hostname', 'ls', 'md5sum', 'od', 'ps', 'sed', 'stat', 'tee'].map((name) => [name, 0]),
  ['basename', 1],
  ['seq', 255],
]);
/** What stdio keeps before it writes: an error sooner than at the end has lost its number. */
const STDIO_BUFFER = 4096;

/** What a program whose output could not be written says and returns: "write error: No space left on device". `size`: of that output. */
export function finishWriting(sys: Sys, s: Base, code: number, broken: Errno | null, size = 0): Outcome<never> {
  if (broken === null || broken.code === 'EPIPE') return { exit: broken ? 1 : code };
  const applet = s.flavour === 'busybox' ? s.name : '';
  const silent = NEVER_LOOKS[applet];
  if (silent !== undefined) return { exit: silent };
  const atEnd = LOOKS_AT_END[applet];
  const words =
    atEnd === undefined ? `write error: ${broken.message}` : `standard output: ${size > STDIO_BUFFER ? 'I/O error' : broken.message}`;
  attempt(() => sys.write(2, `${s.name}: ${words}\n`));
  return { exit: atEnd ?? 1 };
}

const sizeOf = (queue: Queue) => queue.reduce((sum, [, text]) => sum + text.length, 0);

export interface Tool {
  /** Whether standard input is read to its end before main runs. */
  stdin?: boolean | ((argv: string[], env: Record<string, string>) => boolean);
  main(io: Io, stdin: string): number;
}

const PAGE = 1 << 20;

/** Tells the kernel what a program keeps, a megabyte at a time; a limit may end it here. */
export function holds(sys: Sys, bytes: number) {
  if (bytes >= PAGE && bytes % PAGE < CHUNK) sys.brk(bytes);
}

const CHUNK = 65536;

/** Bytes of text that a stream's state keeps. */
function kept(state: unknown): number {
  let n = 0;
  for (const v of typeof state === 'object' && state !== null ? Object.values(state) : []) if (typeof v === 'string') n += v.length;
  return n;
}

interface ToolState extends Base {
  phase: 'read' | 'write';
  input: string;
  code: number;
}

export function tool(def: Tool, flavour: Flavour): Program<ToolState> {
  return {
    start: (exec) => ({ ...baseOf(exec, flavour), phase: 'read', input: '', code: 0 }),
    run(sys, s) {
      let state = s;
      if (state.phase === 'read') {
        let input = state.input;
        const wanted = typeof def.stdin === 'function' ? def.stdin(state.argv, state.env) : def.stdin;
        if (wanted) {
          for (;;) {
            const chunk = attempt(() => sys.read(0, 65536));
            if (chunk instanceof Errno || chunk === '') break;
            if (chunk === null) return { wait: { for: 'read', fd: 0 }, state: { ...state, input } };
            input += chunk;
            holds(sys, input.length);
          }
        }
        const queue: Queue = [];
        const code = def.main(io(sys, state, queue), input);
        state = { ...state, phase: 'write', input: '', queue, code };
      }
      const { left, full, broken } = flush(sys, state.queue);
      if (full !== null) return { wait: { for: 'write', fd: full }, state: { ...state, queue: left } };
      return finishWriting(sys, state, state.code, broken, sizeOf(state.queue));
    },
  };
}

/** What a stream does next: go on with a state (`skip`: with the next file), or stop with an exit code without reading more. */
export type Step<S> = { state: S; skip?: boolean } | { exit: number };

export interface Stream<S> {
  /** Arguments → what to read ('-' is standard input; none: standard input) and the first state; or an early exit. */
  start(io: Io): { files: string[]; state: S } | { exit: number };
  /** A file begins. */
  open?(io: Io, s: S, file: string): S;
  /** Bytes as they come: not lines. */
  data(io: Io, s: S, chunk: string, file: string): Step<S>;
  /** A file ended. */
  close?(io: Io, s: S, file: string): Step<S>;
  /** A file could not be opened or read. */
  missing?(io: Io, s: S, file: string, e: Errno): S;
  end(io: Io, s: S): number;
}

interface StreamState<S> extends Base {
  begun: boolean;
  files: string[];
  /** Descriptor and name of the file being read. */
  at: { fd: number; file: string } | null;
  inner: S | null;
  /** Some file was missing: the exit status is at least 1. */
  failed: boolean;
  code: number | null;
}

export function stream<S>(def: Stream<S>, flavour: Flavour): Program<StreamState<S>> {
  return {
    start: (exec) => ({ ...baseOf(exec, flavour), begun: false, files: [], at: null, inner: null, failed: false, code: null }),
    run(sys, s): Outcome<StreamState<S>> {
      let state = s;
      for (let turn = 0; ; turn++) {
        const sent = flush(sys, state.queue);
        if (sent.full !== null) return { wait: { for: 'write', fd: sent.full }, state: { ...state, queue: sent.left } };
        const size = sizeOf(state.queue);
        state = { ...state, queue: [] };
        if (sent.broken !== null) return finishWriting(sys, state, 1, sent.broken, size);
        if (state.code !== null) return { exit: state.code };
        if (turn > 64) return { again: true, state };
        const queue: Queue = [];
        const x = io(sys, state, queue);
        const next = advance(def, sys, state, x);
        if ('wait' in next) return next;
        state = { ...next.state, queue };
        holds(sys, kept(state.inner));
      }
    },
  };
}

function advance<S>(
  def: Stream<S>,
  sys: Sys,
  state: StreamState<S>,
  x: Io,
): { state: StreamState<S> } | Extract<Outcome<StreamState<S>>, { wait: unknown }> {
  const stop = (code: number) => ({ state: { ...state, code } });
  if (!state.begun) {
    const begun = def.start(x);
    if ('exit' in begun) return stop(begun.exit);
    return { state: { ...state, begun: true, files: begun.files.length ? begun.files : ['-'], inner: begun.state } };
  }
  const inner = state.inner as S;
  if (state.at === null) {
    const [file, ...files] = state.files;
    if (file === undefined) {
      const code = def.end(x, inner);
      return stop(code === 0 && state.failed ? 1 : code);
    }
    if (file === '-') return { state: { ...state, files, at: { fd: 0, file }, inner: def.open?.(x, inner, file) ?? inner } };
    const fd = attempt(() => sys.open(file, { read: true }));
    if (fd instanceof Errno) return { state: { ...state, files, failed: true, inner: missing(def, x, inner, file, fd) } };
    return { state: { ...state, files, at: { fd, file }, inner: def.open?.(x, inner, file) ?? inner } };
  }
  const { fd, file } = state.at;
  const chunk = attempt(() => sys.read(fd, CHUNK));
  if (chunk === null) return { wait: { for: 'read', fd }, state };
  if (chunk instanceof Errno || chunk === '') {
    if (fd !== 0) sys.close(fd);
    const after = chunk === '' ? inner : missing(def, x, inner, file, chunk as Errno);
    if (chunk !== '') return { state: { ...state, at: null, inner: after, failed: true } };
    const closed = def.close?.(x, after, file) ?? { state: after };
    if ('exit' in closed) return stop(closed.exit);
    return { state: { ...state, at: null, inner: closed.state } };
  }
  const step = def.data(x, inner, chunk, file);
  if ('exit' in step) return stop(step.exit);
  if (step.skip) {
    if (fd !== 0) sys.close(fd);
    const closed = def.close?.(x, step.state, file) ?? { state: step.state };
    if ('exit' in closed) return stop(closed.exit);
    return { state: { ...state, at: null, inner: closed.state } };
  }
  return { state: { ...state, inner: step.state } };
}

function missing<S>(def: Stream<S>, x: Io, s: S, file: string, e: Errno): S {
  if (def.missing) return def.missing(x, s, file, e);
  x.fail(x.flavour === 'busybox' ? `can't open '${file}': ${e.message}` : `${file}: ${e.message}`);
  return s;
}
