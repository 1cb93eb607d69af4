/**
 * What goes back and forth with a container, and reports of long operations: docker/cli, cli/command/container/hijack.go,
 * signals.go; pkg/jsonmessage.
 */

import { decode, encode } from '../../base';
import { http } from '../../engine/for-clients';
import { SIGNALS, type Signal, signalName } from '../../kernel';
import { close, err, failed, line, out, pump, type Script, sys } from '../driver';
import { answerOf, ask, CommandError, type Ctx, call, pathOf } from './api';

/** All but those that are the client's own business. */
const FORWARDED: Signal[] = [
  SIGNALS.SIGHUP,
  SIGNALS.SIGINT,
  SIGNALS.SIGQUIT,
  SIGNALS.SIGTERM,
  SIGNALS.SIGUSR1,
  SIGNALS.SIGUSR2,
  SIGNALS.SIGALRM,
  SIGNALS.SIGCONT,
];

export function* isTerminal(fd: number): Script<boolean> {
  return (yield* sys((s) => s.isatty(fd))) === true;
}

export function* checkTty(attachStdin: boolean, tty: boolean): Script<void> {
  if (attachStdin && tty && !(yield* isTerminal(0))) throw new CommandError('the input device is not a TTY');
}

/** "ctrl-p,ctrl-q" as the bytes they send; what is none the engine has refused. */
export function detachBytes(keys: string): string | undefined {
  if (keys === '') return undefined;
  return http.escapeKeys(keys) ?? undefined;
}

export interface Attached {
  conn: number;
  stdin: boolean;
  tty: boolean;
  detachKeys?: string;
  /** The container that signals are sent on to. */
  proxy?: string;
  /**
   * What SIGINT and SIGTERM do: a command that is cancelled ends well, one that is killed does not. Without either it goes on,
   * up to the third of them.
   */
  ends?: 'cancelled' | 'killed';
}

/** Copies until the stream ends or the reader leaves it. */
export function* follow(c: Ctx, a: Attached): Script<'eof' | 'detached' | 'cancelled'> {
  for (let asked = 0; ; ) {
    const signals = a.proxy ? FORWARDED : a.ends === 'killed' ? undefined : [SIGNALS.SIGINT, SIGNALS.SIGTERM];
    const end = yield* pump(a.conn, { stdin: a.stdin, tty: a.tty, detachKeys: a.detachKeys, signals });
    if (end.by === 'eof') return 'eof';
    if (end.by === 'detach') {
      yield* close(a.conn);
      return 'detached';
    }
    const ends = end.signal === SIGNALS.SIGINT || end.signal === SIGNALS.SIGTERM;
    if (ends && ++asked === 3) throw new CommandError('\ngot 3 SIGTERM/SIGINTs, forcefully exiting');
    if (a.proxy) yield* sendOn(c, a.proxy, end.signal);
    if (ends && a.ends) return 'cancelled';
  }
}

function* sendOn(c: Ctx, container: string, signal: Signal): Script<void> {
  try {
    yield* call(c, 'POST', pathOf(`/containers/${container}/kill`, { signal: signalName(signal) }));
  } catch (e) {
    if (!(e instanceof CommandError)) throw e;
  }
}

/** Asks for a container's exit status before it starts. */
export const waitFor = (c: Ctx, id: string, condition: 'next-exit' | 'removed' | 'not-running'): Script<number> =>
  ask(c, 'POST', pathOf(`/containers/${id}/wait`, { condition }));

export function* statusOf(c: Ctx, waiting: number): Script<number> {
  const r = yield* answerOf(c, waiting);
  if (!('body' in r)) return 0;
  const { StatusCode, Error: why } = JSON.parse(decode(r.body)) as { StatusCode: number; Error?: { Message: string } | null };
  return why ? 125 : StatusCode;
}

/** Output of a container that is not a terminal's comes in frames, stream by stream. */
export function* copyLog(body: string, tty: boolean): Script<void> {
  if (tty) {
    yield* out(body);
    return;
  }
  for (const f of http.unframe(body).frames) yield* f.stream === 2 ? err(f.data) : out(f.data);
}

/** A terminal's size goes to the container's. */
export function* resize(c: Ctx, path: string): Script<void> {
  if (!(yield* isTerminal(1))) return;
  const size = yield* sys((s) => s.winsize(1));
  if (size === null || failed(size)) return;
  try {
    yield* call(c, 'POST', pathOf(path, { h: size.rows, w: size.cols }));
  } catch (e) {
    if (!(e instanceof CommandError)) throw e;
  }
}

interface Message {
  stream?: string;
  status?: string;
  id?: string;
  error?: string;
  errorDetail?: { message: string };
  progressDetail?: { current?: number; total?: number };
  aux?: unknown;
}

/** A stream of JSON messages as lines. At a terminal a layer's line is overwritten by its next one: its last is shown. */
export function* showMessages(body: string, fd: 1 | 2 = 1, quiet = false): Script<void> {
  const write = (text: string) => (fd === 1 ? out(encode(text)) : err(encode(text)));
  const terminal = yield* isTerminal(fd);
  const messages = decode(body)
    .split('\n')
    .filter((l) => l.trim() !== '')
    .map((l) => JSON.parse(l) as Message);
  const last = new Map<string, number>();
  for (const [i, m] of messages.entries()) if (m.id && m.progressDetail) last.set(m.id, i);
  for (const [i, m] of messages.entries()) {
    if (m.errorDetail || m.error) throw new CommandError(m.errorDetail?.message ?? (m.error as string));
    if (quiet || m.aux) continue;
    if (m.stream !== undefined) yield* write(m.stream);
    else if (m.progressDetail && ((m.progressDetail.current ?? 0) > 0 || (m.progressDetail.total ?? 0) > 0) && !terminal) continue;
    else if (terminal && m.id && last.has(m.id) && last.get(m.id) !== i) continue;
    else yield* write(`${m.id ? `${m.id}: ` : ''}${m.status ?? ''}\n`);
  }
}

export const YES = /^(y|yes)$/i;

/** "Are you sure?" on the terminal. */
export function* confirm(question: string): Script<boolean> {
  yield* out(encode(`${question} [y/N] `));
  const answer = yield* line();
  return YES.test(answer.trim());
}
