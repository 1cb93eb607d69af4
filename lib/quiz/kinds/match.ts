/**
 * Match: each item on the left is a world, each on the right what one command prints in one of them. The model makes the
 * pairs. A wrong pair is explained by running its world, and naming the one in which the chosen text is printed.
 */

import * as z from 'zod/mini';
import { type At, common, given, indices, kind, places, type Trial, type Verdict } from '../kind';
import { list, optional, strictObject, text, texts } from '../schema';
import { lastOutput, run, type World } from '../world';

const Schema = strictObject({
  ...common,
  kind: z.literal('match'),
  /** What is run in each world at the end; what it prints stands on the right. */
  command: text,
  /** `says` stands on the left, or else the commands themselves. */
  items: list(strictObject({ says: optional(z.string()), world: texts(1), because: text }), 3, 6),
});
type Match = z.output<typeof Schema>;

const worlds = (q: Match, at: At): World[] => {
  const stage = given(q, at);
  return q.items.map((item) => run(stage, [...item.world, q.command]));
};
const left = (q: Match, i: number) => q.items[i]?.says ?? q.items[i]?.world.map((c) => `\`${c}\``).join(', ') ?? '';
const right = (q: Match, at: At, all: World[]): string[] =>
  places(all.length, q, at).map((i) => lastOutput(all[i] as World) || '(nothing)');

export const match = kind<Match>({
  schema: Schema,
  about: 'Pair what was done with what a command prints after it; the model makes the pairs.',
  pose(q, at) {
    const all = worlds(q, at);
    return {
      given: given(q, at).shown,
      command: { prompt: all[0]?.shown.at(-1)?.prompt ?? '', text: q.command },
      answer: { form: 'match', left: q.items.map((_, i) => left(q, i)), right: right(q, at, all) },
    };
  },
  grade(q, at, answer): Verdict {
    const all = worlds(q, at);
    const texts = right(q, at, all);
    const chosen = indices(answer, all.length, all.length);
    const wrong = all.findIndex((w, i) => (lastOutput(w) || '(nothing)') !== texts[chosen[i] as number]);
    if (wrong < 0) return { right: true, says: q.because, world: null, from: q.given.length };
    const home = all.findIndex((w) => (lastOutput(w) || '(nothing)') === texts[chosen[wrong] as number]);
    const elsewhere = home >= 0 && home !== wrong ? ` What you chose for it belongs to: ${left(q, home)}.` : '';
    return { right: false, says: `${q.items[wrong]?.because ?? ''}${elsewhere}`, world: all[wrong] as World, from: q.given.length };
  },
  trials(q, at): Trial[] {
    const order = places(q.items.length, q, at);
    const truth = q.items.map((_, i) => order.indexOf(i));
    const turned = truth.map((_, i) => truth[(i + 1) % truth.length] as number);
    return [
      { answer: truth, right: true },
      { answer: turned, right: false },
    ];
  },
});
