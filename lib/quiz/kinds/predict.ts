/**
 * Predict the output: what does this command print? Each option is a world, and what the command prints in it is the
 * option's text. Right are the options whose world prints what this one does.
 */

import * as z from 'zod/mini';
import { type At, commands, common, given, index, kind, places, type Trial, type Verdict } from '../kind';
import { list, some, strictObject, text } from '../schema';
import { lastOutput, run, type World } from '../world';

const Schema = strictObject({
  ...common,
  kind: z.literal('predict'),
  /** What is run after what is given, and before the command; shown. */
  run: some(text),
  command: text,
  /** Other worlds: run instead of `run`; `because` says what would have to be so for this to be the output. */
  others: list(strictObject({ world: commands, because: text }), 1),
});
type Predict = z.output<typeof Schema>;

const NOTHING = '(nothing)';
const shownAs = (w: World) => lastOutput(w) || NOTHING;

/** The worlds of all options, the real one first. */
function worlds(q: Predict, at: At): World[] {
  const stage = given(q, at);
  return [q.run, ...q.others.map((o) => o.world)].map((w) => run(stage, [...w, q.command]));
}

export const predict = kind<Predict>({
  schema: Schema,
  about: 'What does this command print? Each option is a world; the model prints its text.',
  pose(q, at) {
    const all = worlds(q, at);
    const shown = (all[0] as World).shown;
    const last = shown.at(-1);
    return {
      given: shown.slice(0, -1),
      command: { prompt: last?.prompt ?? '', text: q.command },
      answer: { form: 'one', code: true, options: places(all.length, q, at).map((i) => shownAs(all[i] as World)) },
    };
  },
  grade(q, at, answer): Verdict {
    const all = worlds(q, at);
    const chosen = places(all.length, q, at)[index(answer, all.length)] as number;
    const truth = all[0] as World;
    const world = all[chosen] as World;
    if (lastOutput(world) === lastOutput(truth)) return { right: true, says: q.because, world: truth, from: truth.shown.length - 1 };
    return { right: false, says: q.others[chosen - 1]?.because ?? '', world, from: q.given.length };
  },
  trials(q, at): Trial[] {
    return places(q.others.length + 1, q, at).map((i, answer) => ({ answer, right: i === 0 }));
  },
});
