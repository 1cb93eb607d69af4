/**
 * Programs that talk over the network, told as one story: a generator whose steps' answers are its whole state.
 *
 *   const fd = yield* call((sys) => sys.net.socket('tcp'));        at once
 *   const up = yield* until((sys) => sys.net.connect(fd, …), …);   as often as it takes
 *
 * Between two turns only the answers are kept; to go on, the story is told again with them, which must lead to the same
 * place: it does nothing but by its steps.
 */

import { attempt, type Code, Errno, type Exec, type Program, type Sys, type Wait } from '../../kernel';
import { type Base, baseOf, type Flavour, finishWriting, flush } from '../tool';

/** A refusal as data. */
export interface Refused {
  refused: Code;
  message: string;
}
export const isRefused = (r: unknown): r is Refused => typeof r === 'object' && r !== null && 'refused' in r;
export const TIMEOUT = 'timeout';

type Step =
  | { do: 'call'; call: (sys: Sys) => unknown }
  | { do: 'until'; call: (sys: Sys) => unknown; wait: Wait; within: number | null }
  | { do: 'write'; fd: number; text: string };

// biome-ignore lint/suspicious/noExplicitAny: each step has its own answer; the helpers below give them types
export type Story<T = number> = Generator<Step, T, any>;

/** Does something now. */
export function* call<T>(f: (sys: Sys) => T): Story<T | Refused> {
  return yield { do: 'call', call: f };
}
/** Tries until the answer is not null, waiting in between; 'timeout' after that many milliseconds. */
export function* until<T>(f: (sys: Sys) => T | null, wait: Wait, within: number | null = null): Story<T | Refused | typeof TIMEOUT> {
  return yield { do: 'until', call: f, wait, within };
}
export function* sleepFor(ms: number): Story<void> {
  yield { do: 'until', call: () => null, wait: { for: 'any', of: [] }, within: ms };
}
export function* out(text: string): Story<void> {
  if (text !== '') yield { do: 'write', fd: 1, text };
}
export function* err(text: string): Story<void> {
  if (text !== '') yield { do: 'write', fd: 2, text };
}

export interface Called {
  argv: readonly string[];
  env: Record<string, string>;
  name: string;
  flavour: Flavour;
}

interface State extends Base {
  answers: unknown[];
  /** When the step that waits gives up, milliseconds since boot. */
  deadline: number | null;
  begun: boolean;
}

export const client =
  (main: (c: Called) => Story) =>
  (flavour: Flavour): Program<State> => ({
    start: (exec: Exec) => ({ ...baseOf(exec, flavour), answers: [], deadline: null, begun: false }),
    run(sys, s) {
      const answers = [...s.answers];
      let { queue, deadline, begun } = s;
      const story = main(s);
      let step = story.next();
      for (const answer of answers) step = story.next(answer);
      for (;;) {
        const sent = flush(sys, queue);
        if (sent.full !== null)
          return { wait: { for: 'write', fd: sent.full }, state: { ...s, answers, queue: sent.left, deadline, begun } };
        queue = [];
        if (sent.broken !== null) return finishWriting(sys, s, 1, sent.broken);
        if (step.done) return { exit: step.value };
        const e = step.value;
        if (e.do === 'write') {
          queue = [[e.fd, e.text]];
          answers.push(null);
          step = story.next(null);
          continue;
        }
        let answer: unknown = attempt(() => e.call(sys));
        if (answer instanceof Errno) answer = { refused: answer.code, message: answer.message } satisfies Refused;
        if (e.do === 'until' && answer === null) {
          if (!begun) {
            begun = true;
            deadline = e.within === null ? null : sys.uptime() + e.within;
          }
          if (deadline === null || sys.uptime() < deadline) {
            const of = e.wait.for === 'any' ? e.wait.of : [e.wait];
            const wait: Wait = deadline === null ? e.wait : { for: 'any', of: [...of, { for: 'time', at: deadline }] };
            return { wait, state: { ...s, answers, queue, deadline, begun } };
          }
          answer = TIMEOUT;
        }
        begun = false;
        deadline = null;
        answers.push(answer ?? null);
        step = story.next(answer ?? null);
      }
    },
  });

// ——— what all of them do

/** Connects: a descriptor, a refusal, or 'timeout'. */
export function* dial(address: string, port: number, within: number | null = null): Story<number | Refused | typeof TIMEOUT> {
  const fd = yield* call((sys) => sys.net.socket('tcp', address.includes(':') ? 6 : 4));
  if (isRefused(fd)) return fd;
  const up = yield* until((sys) => sys.net.connect(fd, address, port), { for: 'write', fd }, within);
  return up === true ? fd : (up as Refused | typeof TIMEOUT);
}

/** Sends all of it. */
export function* send(fd: number, text: string): Story<Refused | null> {
  for (let rest = text; rest !== ''; ) {
    const n = yield* until((sys) => sys.write(fd, rest), { for: 'write', fd });
    if (isRefused(n)) return n;
    rest = rest.slice(n as number);
  }
  return null;
}

/** The next bytes; '' at the end. */
export function* receive(fd: number, within: number | null = null): Story<string | Refused | typeof TIMEOUT> {
  return yield* until((sys) => sys.read(fd, 1 << 16), { for: 'read', fd }, within);
}
