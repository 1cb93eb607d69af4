/**
 * A choice between statements. Each statement is facts about a machine, and the model says whether they hold after the
 * commands; each wrong one brings the world in which they would.
 */

import * as z from 'zod/mini';
import { look } from '../../machine';
import { Claim, firstMissing } from '../facts';
import { type At, commands, common, given, index, kind, places, type Trial, type Verdict } from '../kind';
import { list, optional, strictObject, text, texts } from '../schema';
import { run, type World } from '../world';

const Option = strictObject({
  says: text,
  holds: list(Claim, 1),
  /** Run instead of `run`, for an option that is wrong: then its facts hold. */
  world: optional(commands),
  because: optional(text),
});
const Schema = strictObject({ ...common, kind: z.literal('choice'), run: texts(1), options: list(Option, 2) });
type Choice = z.output<typeof Schema>;

const holds = (w: World, option: z.output<typeof Option>) => firstMissing(look.lookAt(w.machine), option.holds) === null;

const after = (q: Choice, at: At) => run(given(q, at), q.run);

export const choice = kind<Choice>({
  schema: Schema,
  about: 'Which statement holds? The model checks their facts, and runs the world in which a wrong one would hold.',
  pose(q, at) {
    const shown = after(q, at).shown;
    return {
      given: shown,
      command: null,
      answer: { form: 'one', code: false, options: places(q.options.length, q, at).map((i) => q.options[i]?.says ?? '') },
    };
  },
  grade(q, at, answer): Verdict {
    const option = q.options[places(q.options.length, q, at)[index(answer, q.options.length)] as number] as z.output<typeof Option>;
    const now = after(q, at);
    const failed = firstMissing(look.lookAt(now.machine), option.holds);
    if (failed === null) return { right: true, says: q.because, world: null, from: now.shown.length };
    const stage = given(q, at);
    const world = option.world ? run(stage, option.world) : null;
    return { right: false, says: [failed, option.because ?? ''].filter(Boolean).join(' '), world, from: stage.shown.length };
  },
  trials(q, at): Trial[] {
    const now = after(q, at);
    return places(q.options.length, q, at).map((i, answer) => ({ answer, right: holds(now, q.options[i] as z.output<typeof Option>) }));
  },
});

/** Whether each wrong option's world makes its facts hold, and exactly one option is right: what a test asks of an author. */
export function faultsOf(q: Choice, at: At): string[] {
  const now = after(q, at);
  const right = q.options.filter((o) => holds(now, o));
  const faults = right.length === 1 ? [] : [`${right.length} options are right`];
  for (const o of q.options) {
    if (holds(now, o)) continue;
    if (!o.world || !o.because) faults.push(`"${o.says}" is wrong and has no world or no reason`);
    else if (!holds(run(given(q, at), o.world), o))
      faults.push(
        `"${o.says}" does not hold in its world either: ${firstMissing(look.lookAt(run(given(q, at), o.world).machine), o.holds)}`,
      );
  }
  return faults;
}
