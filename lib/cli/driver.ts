/**
 * How a docker command runs: a generator of effects whose answers are its whole state.
 *
 *   const r = yield* request('GET', '/containers/json');        a command reads as one story;
 *   yield* out(table(r));                                       between two effects it may sleep for an hour
 *
 * Here are the effects that a command may ask for; turn.ts carries them out.
 */

import type { remote } from '../engine/for-clients';
import type { Signal, Sys } from '../kernel';

export interface ApiResponse {
  status: number;
  headers: Record<string, string>;
  body: string;
}

export type Effect =
  /** A request and its whole answer; null: the daemon cannot be reached (then `error` was the errno). */
  | { do: 'request'; method: string; path: string; body?: string; headers?: Record<string, string>; socket?: string }
  /** A request whose answer is a stream: its head, and for an error its whole body. The connection stays open. */
  | { do: 'open'; method: string; path: string; body?: string; headers?: Record<string, string>; socket?: string }
  /** Sends a request and does not wait for its answer: the connection. */
  | { do: 'begin'; method: string; path: string; socket?: string }
  /** The answer to it; `signals` end the wait early. */
  | { do: 'finish'; conn: number; signals?: Signal[] }
  /** The next bytes of a stream; null at its end. */
  | { do: 'recv'; conn: number }
  /** The next bytes of whichever of several streams has some; null at its end. Signals and time end the wait. */
  | { do: 'select'; conns: number[]; ms?: number; files?: boolean; signals?: Signal[] }
  /** Copies a stream to the terminal and what is typed to the stream, until something happens. */
  | { do: 'pump'; conn: number; stdin: boolean; tty: boolean; detachKeys?: string; signals?: Signal[] }
  | { do: 'close'; conn: number }
  /** A request of its own over the network, not to the engine. */
  | { do: 'fetch'; request: remote.HttpRequest }
  | { do: 'write'; fd: 1 | 2; text: string }
  /** All of standard input. */
  | { do: 'stdin' }
  /** A line of it, without its end; at the end of input what there was. */
  | { do: 'line' }
  /** System calls that answer at once; what they give is kept, so it must be plain data. */
  | { do: 'sys'; call: (sys: Sys) => unknown }
  /** Sleeps; gives the signals that came, if `signals` are handled. */
  | { do: 'sleep'; ms: number; signals?: Signal[] }
  /** Waits until some file changes, as inotify(7) would tell; the signals that came. */
  /** Starts a program and waits for it: its exit status. */
  | { do: 'run'; path: string; argv: string[]; env: Record<string, string> };

export type PumpEnd = { by: 'eof' } | { by: 'signal'; signal: Signal } | { by: 'detach' };
export type Failure = { errno: string; message: string };

// biome-ignore lint/suspicious/noExplicitAny: each effect has its own answer; the helpers below give them types
export type Script<T = number> = Generator<Effect, T, any>;

export function* request(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
  socket?: string,
): Script<ApiResponse | Failure> {
  const raw = typeof body === 'string' || body === undefined;
  return yield {
    do: 'request',
    method,
    path,
    body: raw ? (body as string | undefined) : JSON.stringify(body),
    headers: { ...(raw ? {} : { 'Content-Type': 'application/json' }), ...headers },
    socket,
  };
}
export function* openStream(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
  socket?: string,
): Script<(ApiResponse & { conn: number }) | Failure> {
  const raw = typeof body === 'string' || body === undefined;
  return yield { do: 'open', method, path, body: raw ? (body as string | undefined) : JSON.stringify(body), headers, socket };
}
export function* begin(method: string, path: string, socket?: string): Script<number | Failure> {
  return yield { do: 'begin', method, path, socket };
}
export function* finish(conn: number, signals?: Signal[]): Script<ApiResponse | Failure | { signals: Signal[] }> {
  return yield { do: 'finish', conn, signals };
}
export function* recv(conn: number): Script<string | null> {
  return yield { do: 'recv', conn };
}
export type Selected = { conn: number; data: string | null } | { signals: Signal[] } | { timeout: true } | { files: true };
/** Waits for what comes first: data, a signal, `ms` milliseconds, or with `files` a change of some file of the host. */
export function* select(conns: number[], o: { ms?: number; files?: boolean; signals?: Signal[] } = {}): Script<Selected> {
  return yield { do: 'select', conns, ...o };
}
export function* pump(conn: number, o: { stdin: boolean; tty: boolean; detachKeys?: string; signals?: Signal[] }): Script<PumpEnd> {
  return yield { do: 'pump', conn, ...o };
}
export function* close(conn: number): Script<void> {
  yield { do: 'close', conn };
}
/** Writes bytes: encode text first. */
export function* out(text: string): Script<void> {
  if (text !== '') yield { do: 'write', fd: 1, text };
}
export function* err(text: string): Script<void> {
  if (text !== '') yield { do: 'write', fd: 2, text };
}
export function* stdin(): Script<string> {
  return yield { do: 'stdin' };
}
export function* line(): Script<string> {
  return yield { do: 'line' };
}
/** Runs system calls now; a refusal comes back as a Failure. */
export function* sys<T>(call: (s: Sys) => T): Script<T | Failure> {
  return yield { do: 'sys', call };
}
export function* sleep(ms: number, signals?: Signal[]): Script<Signal[]> {
  return yield { do: 'sleep', ms, signals };
}
export function* run(path: string, argv: string[], env: Record<string, string>): Script<number | Failure> {
  return yield { do: 'run', path, argv, env };
}
/** The answer, or why there is none. */
export function* inquire(request: remote.HttpRequest): Script<ApiResponse | { fault: string }> {
  return yield { do: 'fetch', request };
}
export const failed = (r: unknown): r is Failure => typeof r === 'object' && r !== null && 'errno' in r;

export const SOCKET = '/var/run/docker.sock';
