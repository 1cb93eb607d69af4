/**
 * What a kind of question is: a schema for what an author writes, what the reader is asked, how an answer is graded.
 *
 *   pose(question, at)           what a view shows: plain data, one of five forms of answering
 *   grade(question, at, answer)  right or not, and the world that explains it
 *   trials(question, at)         answers that a test replays, with what each must come to
 *
 * No kind says which answer is right: worlds are run, and what they come to decides. `mdbook-quiz` divides kinds this way.
 */

import * as z from 'zod/mini';
import { prng } from '../base';
import { list, type Schema, some, text, texts } from './schema';
import { begin, type Ground, run, type Shown, type World } from './world';

/** What every question has. Texts may hold `code`. */
export const common = {
  id: z.string().check(z.regex(/^[a-z0-9-]+$/)),
  title: text,
  covers: texts(1),
  /** The question, in a sentence or two. */
  ask: text,
  /** Words that vary: each `%{name}` stands for one of its values. */
  vary: z._default(z.record(z.string(), list(z.union([z.string(), z.number()]), 2)), {}),
  /** Commands that set the stage, shown with what they print. */
  given: some(text),
  /** Said after the right answer: why it is so. */
  because: text,
};

export const commands = z.array(text);

/** Where a question stands: its ground, and which of its variants is posed. */
export interface At {
  ground: Ground;
  variant: number;
}

/** How a question is answered, and what there is to answer with. */
export type Form =
  /** One of several; the answer is an index. `code` options are what a terminal shows. */
  | { form: 'one'; code: boolean; options: string[] }
  /** A line of text. */
  | { form: 'text'; unit: string }
  /** Items put in order; the answer is the indices, first to last. */
  | { form: 'order'; items: string[] }
  /** Each item on the left gets one on the right; the answer is an index into `right` for each of `left`. */
  | { form: 'match'; left: string[]; right: string[] }
  /** Done on a machine of its own; the answer is the commands. */
  | { form: 'commands'; facts: string[] };

export type Answer = number | string | readonly number[] | readonly string[];

/** A question as it is put to a reader. */
export interface Posed {
  id: string;
  kind: string;
  title: string;
  ask: string;
  /** What has been run before. */
  given: Shown[];
  /** The command that the question is about, shown without its output. */
  command: { prompt: string; text: string } | null;
  answer: Form;
  variant: number;
  /** How many variants there are. */
  variants: number;
}

export interface Verdict {
  right: boolean;
  /** Why: in a sentence or two. For a wrong answer, what would have to be otherwise for it to be right. */
  says: string;
  /** What was run to show it, after what was given. Null when there is nothing more to run. */
  world: World | null;
  /** Index of the first command of `world.shown` that is news to the reader. */
  from: number;
}

/** An answer that a test gives, and what it must come to. */
export interface Trial {
  answer: Answer;
  right: boolean;
}

export interface Kind<Q> {
  schema: Schema<Q>;
  /** One line, for authors. */
  about: string;
  pose(q: Q, at: At): Pick<Posed, 'given' | 'command' | 'answer'>;
  grade(q: Q, at: At, answer: Answer): Verdict;
  trials(q: Q, at: At): Trial[];
}
export const kind = <Q>(k: Kind<Q>): Kind<Q> => k;

export const given = (q: { given: readonly string[] }, at: At): World => run(begin(at.ground), q.given);

/** 0 … n - 1 in an order that the variant and the question's name decide. */
export function shuffled(n: number, id: string, variant: number): number[] {
  let state = (variant + 1) * 0x9e3779b1;
  for (let i = 0; i < id.length; i++) state = Math.imul(state ^ id.charCodeAt(i), 0x01000193);
  const order = Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const [chance, next] = prng.next(state >>> 0);
    state = next;
    const j = Math.floor(chance * (i + 1));
    [order[i], order[j]] = [order[j] as number, order[i] as number];
  }
  return order;
}

/** Options in the order they are posed in: never with all of them as written. */
export const places = (n: number, q: { id: string }, at: At): number[] => shuffled(n, q.id, at.variant);

/** An answer that is an index of one of `n`. */
export function index(answer: Answer, n: number): number {
  if (typeof answer !== 'number' || !Number.isInteger(answer) || answer < 0 || answer >= n)
    throw new Error(`an answer here is a number from 0 to ${n - 1}`);
  return answer;
}

/** An answer that is `n` indices below `below`. */
export function indices(answer: Answer, n: number, below: number): number[] {
  if (!Array.isArray(answer) || answer.length !== n) throw new Error(`an answer here is a list of ${n} numbers`);
  return answer.map((x) => index(x as Answer, below));
}
