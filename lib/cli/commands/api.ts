/**
 * What every command stands on: its command line, requests to the engine, and errors in docker's words.
 * docker/cli, cli/command; docker's Go client, client/request.go.
 */

import { decode, encode } from '../../base';
import { http } from '../../engine/for-clients';
import type { Signal } from '../../kernel';
import { type ApiResponse, begin, err, type Failure, failed, finish, openStream, out, request, type Script } from '../driver';
import { type FlagReader, flagReader, type Invocation } from '../parse';

/** Ends a command: what it says on standard error, and its exit status. */
export class CommandError extends Error {
  readonly status: number;
  constructor(message: string, status = 1) {
    super(message);
    this.status = status;
  }
}

/** The engine answered with an error. */
export class EngineError extends CommandError {
  /** Status of the HTTP response; 0: it could not be asked. */
  readonly http: number;
  /** The engine's own words. */
  readonly reason: string;
  constructor(http: number, reason: string) {
    super(http === 0 ? reason : `Error response from daemon: ${reason}`);
    this.http = http;
    this.reason = reason;
  }
}

/** One command line on its way. Texts are text, not bytes. */
export interface Ctx extends FlagReader {
  path: string;
  args: string[];
  env: Record<string, string>;
  /** Where the engine listens. */
  host: string;
  /** Flags of the group that the command is in: the -f and -p of compose. */
  outer: FlagReader;
}

export type Command = (c: Ctx) => Script;

export function contextOf({ path, args, flags, outer }: Invocation, env: Record<string, string>, host: string): Ctx {
  return { path, args, env, host, outer: flagReader(outer), ...flagReader(flags) };
}

export type Query = Record<string, string | number | boolean | undefined | readonly string[]>;

/** "/path?a=1&b=2" with what is set. */
export function pathOf(path: string, query: Query = {}): string {
  const parts = Object.entries(query).flatMap(([k, v]) =>
    v === undefined || v === '' || v === false
      ? []
      : (Array.isArray(v) ? v : [v]).map((one) => `${k}=${http.percentEncode(encode(one === true ? '1' : String(one)))}`),
  );
  return parts.length ? `${path}?${parts.join('&')}` : path;
}

/** A name within a path. */
export const segment = (name: string): string => http.percentEncode(encode(name)).replaceAll('%2F', '/').replaceAll('%3A', ':');

/** "k=v" filters as the API takes them: {"k":{"v":true}}. */
export function filtersOf(list: readonly string[]): string | undefined {
  if (list.length === 0) return undefined;
  const out: Record<string, Record<string, true>> = {};
  for (const f of list) {
    if (f === '') continue;
    const at = f.indexOf('=');
    const key = f.slice(0, at);
    out[key] = { ...out[key], [f.slice(at + 1)]: true };
  }
  return Object.keys(out).length ? JSON.stringify(out) : undefined;
}

const unreachable = (c: Ctx, f: Failure, method: string, path: string): EngineError => {
  if (f.errno === 'EACCES' || f.errno === 'EPERM')
    return new EngineError(
      0,
      `permission denied while trying to connect to the Docker daemon socket at ${c.host}: ${method[0]}${method.slice(1).toLowerCase()} "http://${http.percentEncode(c.host.replace(/^unix:\/\//, ''))}/v1.51${path}": dial unix ${c.host.replace(/^unix:\/\//, '')}: connect: permission denied`,
    );
  if (f.errno === 'EOF')
    return new EngineError(
      0,
      `error during connect: ${method[0]}${method.slice(1).toLowerCase()} "http://${http.percentEncode(c.host.replace(/^unix:\/\//, ''))}/v1.51${path}": EOF`,
    );
  return new EngineError(0, `Cannot connect to the Docker daemon at ${c.host}. Is the docker daemon running?`);
};

/** The engine's words for an error response. */
function reasonOf(r: ApiResponse): string {
  try {
    const body = JSON.parse(decode(r.body)) as { message?: string };
    if (typeof body.message === 'string') return body.message.trim();
  } catch {
    // a body that is not JSON is the message
  }
  return decode(r.body).trim();
}

const jsonBody = (body: unknown) => (body === undefined || typeof body === 'string' ? body : encode(JSON.stringify(body)));

/** Sends a request; an answer that is an error ends the command. `body`: bytes, or data sent as JSON. */
export function* call(c: Ctx, method: string, path: string, body?: unknown, more: Record<string, string> = {}): Script<ApiResponse> {
  const type: Record<string, string> = body === undefined || typeof body === 'string' ? {} : { 'Content-Type': 'application/json' };
  return checked(c, yield* request(method, path, jsonBody(body), { ...type, ...more }, socketOf(c)), method, path);
}

function checked<T extends ApiResponse>(c: Ctx, r: T | Failure, method: string, path: string): T {
  if (failed(r)) throw unreachable(c, r, method, path);
  if (r.status >= 400) throw new EngineError(r.status, reasonOf(r));
  return r;
}

export const socketOf = (c: Ctx): string => c.host.replace(/^unix:\/\//, '');

/** The answer as data. */
export function* get<T>(c: Ctx, path: string): Script<T> {
  const r = yield* call(c, 'GET', path);
  return JSON.parse(decode(r.body)) as T;
}
export function* post<T>(c: Ctx, path: string, body?: unknown): Script<T> {
  const r = yield* call(c, 'POST', path, body);
  return (r.body === '' ? {} : JSON.parse(decode(r.body))) as T;
}

/** A request whose answer is a stream. */
export function* stream(
  c: Ctx,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Script<ApiResponse & { conn: number }> {
  return checked(c, yield* openStream(method, path, jsonBody(body), headers, socketOf(c)), method, path);
}

/** The same for a connection that is to become a stream of bytes both ways; an engine that refuses is not asked why. */
export function* hijack(c: Ctx, method: string, path: string): Script<ApiResponse & { conn: number }> {
  const r = yield* openStream(method, path, '', {}, socketOf(c));
  if (!failed(r) && r.status !== 101) throw new CommandError(`unable to upgrade to tcp, received ${r.status}`);
  return checked(c, r, method, path);
}

/** Sends a request whose answer will be asked for later. */
export function* ask(c: Ctx, method: string, path: string): Script<number> {
  const r = yield* begin(method, path, socketOf(c));
  if (failed(r)) throw unreachable(c, r, method, path);
  return r;
}
/** The answer to such a request; or the signals that came first. */
export function* answerOf(c: Ctx, conn: number, signals?: Signal[]): Script<ApiResponse | { signals: Signal[] }> {
  const r = yield* finish(conn, signals);
  if (failed(r)) throw unreachable(c, r, 'POST', '');
  if ('signals' in r) return r;
  return checked(c, r, 'POST', '');
}

/** Does the same to each name; goes on after errors, and ends with all of them. */
export function* each(names: readonly string[], one: (name: string) => Script<void>): Script {
  const errors: string[] = [];
  for (const name of names) {
    try {
      yield* one(name);
    } catch (e) {
      if (!(e instanceof CommandError)) throw e;
      errors.push(e.message);
    }
  }
  if (errors.length > 0) throw new CommandError(errors.join('\n'));
  return 0;
}

/** The same for requests that go out all at once: their answers are told in order, then the errors. */
export function* together(
  c: Ctx,
  names: readonly string[],
  method: string,
  path: (name: string) => string,
  told: (name: string, error: EngineError | null) => Script<boolean>,
): Script {
  const conns: [string, number][] = [];
  for (const name of names) conns.push([name, yield* ask(c, method, path(name))]);
  const errors: string[] = [];
  for (const [name, conn] of conns) {
    let error: EngineError | null = null;
    try {
      yield* answerOf(c, conn);
    } catch (e) {
      if (!(e instanceof EngineError)) throw e;
      error = e;
    }
    if (!(yield* told(name, error)) && error) errors.push(error.message);
  }
  if (errors.length > 0) throw new CommandError(errors.join('\n'));
  return 0;
}

/** A line of text to standard error. */
export function* warn(text: string): Script<void> {
  yield* err(`${encode(text)}\n`);
}
/** A line of text to standard output. */
export function* say(text: string): Script<void> {
  yield* out(`${encode(text)}\n`);
}
/** Text as it is to standard output. */
export function* print(text: string): Script<void> {
  yield* out(encode(text));
}

export function notModelled(what: string): CommandError {
  return new CommandError(`drydock: ${what} is not modelled`);
}
