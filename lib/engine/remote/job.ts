/**
 * What the daemon does for a client that takes several turns, because others must answer first: a push, a pull, a login. It is told
 * as one story, a generator of effects whose answers are its whole state; a job that goes on in another future of the same state is
 * told again with the answers that it had.
 *
 *   const r = yield* inquire({ method: 'HEAD', url });    an answer comes when it comes
 *   yield* say({ status: 'Pushed', id });               goes to the client at once
 *   yield* within((d) => images.tag(d, …));             something of the daemon's, done once
 */

import { attempt, type Wait } from '../../kernel';
import { ApiError, type Daemon } from '../daemon';
import { formatResponse, type Response } from '../http';
import { goJson } from '../images';
import type { Reply } from '../routes';
import type { Conn } from '../state';
import { advance, type Exchange, type HttpRequest, open } from './exchange';

type Effect = { do: 'fetch'; request: HttpRequest } | { do: 'within'; call: (d: Daemon) => unknown } | { do: 'say'; message: unknown };

// biome-ignore lint/suspicious/noExplicitAny: each effect has its own answer; the helpers below give them types
export type Job<T = unknown> = Generator<Effect, T, any>;

/** The answer, or why there is none. */
export function* inquire(request: HttpRequest): Job<Response | { fault: string }> {
  return yield { do: 'fetch', request };
}
/** What it gives must be plain data. */
export function* within<T>(call: (d: Daemon) => T): Job<T> {
  return yield { do: 'within', call };
}
export function* say(message: unknown): Job<void> {
  yield { do: 'say', message };
}

/** A job within another, that nobody is told of. */
export function* quietly<T>(job: Job<T>): Job<T> {
  let step = job.next();
  while (!step.done)
    try {
      step = job.next(step.value.do === 'say' ? null : yield step.value);
    } catch (e) {
      step = job.throw(e);
    }
  return step.value;
}

/** What a job has been answered: a value, or the error that it ran into. */
type Answer = { value: unknown } | { status: number; message: string };

export interface JobMode {
  kind: 'job';
  name: string;
  args: unknown;
  answers: Answer[];
  exchange: Exchange | null;
  wait: Wait | null;
  /** The answer has begun: what goes wrong comes as a message in it. */
  told: boolean;
}

export const newJob = (name: string, args: unknown): JobMode => ({
  kind: 'job',
  name,
  args,
  answers: [],
  exchange: null,
  wait: null,
  told: false,
});

/** Stories that wait, by the state they wait in. */
const waitingIn = new WeakMap<JobMode, { story: Job; step: IteratorResult<Effect, unknown> }>();

const answered = (story: Job, a: Answer): IteratorResult<Effect, unknown> =>
  'value' in a ? story.next(a.value) : story.throw(new ApiError(a.status, a.message));

export interface Stories {
  readonly [name: string]: (args: never) => Job;
}

interface Out {
  send: (text: string) => void;
  keep: (mode: Conn['mode']) => void;
  /** The answer of a job that has said nothing on the way; undefined: none any more. */
  respond: (status: number, json: unknown) => void;
  /** The connection is answered as if there had been no job. */
  become: (reply: Reply) => void;
}

const isReply = (v: unknown): v is { become: Reply } => typeof v === 'object' && v !== null && 'become' in v;

const HEAD = { status: 200, headers: { 'Content-Type': 'application/json' }, stream: true } as const;

/** Takes a connection's job further. */
export function advanceJob(d: Daemon, before: JobMode, stories: Stories, out: Out) {
  const m: JobMode = { ...before, answers: [...before.answers], wait: null };
  const kept = waitingIn.get(before);
  waitingIn.delete(before);
  const tell = (message: unknown) => {
    if (!m.told) out.send(formatResponse(HEAD));
    m.told = true;
    out.send(`${goJson(message)}\r\n`);
  };
  try {
    const story = kept?.story ?? (stories[m.name] as (args: unknown) => Job)(m.args);
    let step = kept?.step ?? m.answers.reduce<IteratorResult<Effect, unknown>>((_, a) => answered(story, a), story.next());
    while (!step.done) {
      const a = perform(d, m, step.value, tell);
      if (a === null) {
        out.keep(m);
        waitingIn.set(m, { story, step });
        return;
      }
      m.answers.push(a);
      step = answered(story, a);
    }
    if (isReply(step.value)) out.become(step.value.become);
    else if (m.told) out.keep({ kind: 'closing' });
    else out.respond(200, step.value);
  } catch (e) {
    if (!(e instanceof ApiError)) throw e;
    if (!m.told) {
      out.respond(e.status, { message: e.message });
      return;
    }
    tell({ errorDetail: { message: e.message }, error: e.message });
    out.keep({ kind: 'closing' });
  }
}

/** Null: it waits, and `m` says for what. */
function perform(d: Daemon, m: JobMode, e: Effect, tell: (message: unknown) => void): Answer | null {
  switch (e.do) {
    case 'say':
      tell(e.message);
      return { value: null };
    case 'within':
      try {
        return { value: e.call(d) };
      } catch (fault) {
        if (fault instanceof ApiError) return { status: fault.status, message: fault.message };
        throw fault;
      }
    case 'fetch': {
      const next = advance(d.sys, m.exchange ?? open(e.request));
      if ('wait' in next) {
        m.exchange = next.exchange;
        m.wait = next.wait;
        return null;
      }
      m.exchange = null;
      return { value: 'response' in next ? next.response : next };
    }
  }
}

/** A client that has gone takes its job with it. */
export function abandon(d: Daemon, m: JobMode) {
  const fd = m.exchange?.fd;
  if (typeof fd === 'number') attempt(() => d.sys.close(fd));
}
