/**
 * Put in order: commands that are run in the reader's order on a machine of its own. Right is any order after which the
 * facts hold. A wrong order is explained by running it.
 */

import * as z from 'zod/mini';
import { look } from '../../machine';
import { Claim, firstMissing, says } from '../facts';
import { type At, common, given, indices, kind, places, type Trial, type Verdict } from '../kind';
import { count, list, strictObject, text } from '../schema';
import { run } from '../world';

const Schema = strictObject({
  ...common,
  kind: z.literal('order'),
  /** In an order that works. */
  items: list(text, 3, 6),
  facts: list(Claim, 1),
  /** Orders that people try, by index into `items`; each must fail. */
  wrong: list(strictObject({ order: z.array(count), because: text }), 1),
});
type Order = z.output<typeof Schema>;

const posed = (q: Order, at: At): number[] => {
  const order = places(q.items.length, q, at);
  // Items that happen to stand in a right order would give the answer away.
  return order.every((x, i) => x === i) ? [...order.slice(1), order[0] as number] : order;
};

export const order = kind<Order>({
  schema: Schema,
  about: 'Commands to put in order; any order after which the facts hold is right.',
  pose: (q, at) => ({
    given: given(q, at).shown,
    command: null,
    answer: { form: 'order', items: posed(q, at).map((i) => q.items[i] ?? '') },
  }),
  grade(q, at, answer): Verdict {
    const chosen = indices(answer, q.items.length, q.items.length).map((i) => posed(q, at)[i] as number);
    if (new Set(chosen).size !== chosen.length) throw new Error('an order has each item once');
    const world = run(
      given(q, at),
      chosen.map((i) => q.items[i] ?? ''),
    );
    const failed = firstMissing(look.lookAt(world.machine), q.facts);
    if (failed === null) return { right: true, says: q.because, world, from: q.given.length };
    const known = q.wrong.find((w) => w.order.join() === chosen.join());
    return { right: false, says: [failed, known?.because ?? ''].filter(Boolean).join(' '), world, from: q.given.length };
  },
  trials(q, at): Trial[] {
    const answer = (order: readonly number[]) => order.map((item) => posed(q, at).indexOf(item));
    return [{ answer: answer(q.items.map((_, i) => i)), right: true }, ...q.wrong.map((w) => ({ answer: answer(w.order), right: false }))];
  },
});

/** The facts of an order question, as sentences. */
export const goals = (q: Order): string[] => q.facts.map(says);
