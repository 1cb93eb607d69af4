/**
 * Fill in a number: the first one that a command prints. Slips are worlds, too: somebody who answers what a slip's world
 * prints is shown that world.
 */

import * as z from 'zod/mini';
import { type Answer, type At, commands, common, given, kind, type Trial, type Verdict } from '../kind';
import { list, some, strictObject, text } from '../schema';
import { lastOutput, run, type World } from '../world';

const Schema = strictObject({
  ...common,
  kind: z.literal('number'),
  run: some(text),
  /** Prints the number; shown without its output. */
  command: text,
  unit: z._default(z.string(), ''),
  slips: list(strictObject({ world: commands, because: text }), 1),
});
type Numeric = z.output<typeof Schema>;

/** The first number in a text, thousands separated or not. */
const numberIn = (text: string): number | null => {
  const found = /-?\d[\d,_ ]*(?:\.\d+)?/.exec(text)?.[0];
  return found === undefined ? null : Number(found.replaceAll(/[,_ ]/g, ''));
};

const world = (q: Numeric, at: At, steps: readonly string[]): World => run(given(q, at), [...steps, q.command]);

export const number = kind<Numeric>({
  schema: Schema,
  about: 'Which number does this command print?',
  pose(q, at) {
    const { shown } = world(q, at, q.run);
    return {
      given: shown.slice(0, -1),
      command: { prompt: shown.at(-1)?.prompt ?? '', text: q.command },
      answer: { form: 'text', unit: q.unit },
    };
  },
  grade(q, at, answer): Verdict {
    const said = numberIn(String(answer));
    const truth = world(q, at, q.run);
    const here = q.given.length + q.run.length;
    if (said === null) return { right: false, says: 'The answer is a number.', world: null, from: here };
    if (said === numberIn(lastOutput(truth))) return { right: true, says: q.because, world: truth, from: here };
    for (const slip of q.slips) {
      const other = world(q, at, slip.world);
      if (said === numberIn(lastOutput(other))) return { right: false, says: slip.because, world: other, from: q.given.length };
    }
    return { right: false, says: `The machine counts otherwise. ${q.because}`, world: truth, from: here };
  },
  trials(q, at): Trial[] {
    const answerOf = (w: readonly string[]): Answer => String(numberIn(lastOutput(world(q, at, w))));
    return [
      { answer: answerOf(q.run), right: true },
      ...q.slips.map((s) => ({ answer: answerOf(s.world), right: false })),
      { answer: 'many', right: false },
    ];
  },
});
