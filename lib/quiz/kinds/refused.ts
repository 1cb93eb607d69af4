/**
 * Who said no? A command fails, and the reader names the check that refused. The machine's own record of the refusal
 * decides; each wrong gate brings a world in which it is the one that refuses the same command.
 */

import * as z from 'zod/mini';
import { why } from '../../machine';
import { type At, commands, common, given, index, kind, places, type Trial, type Verdict } from '../kind';
import { list, optional, some, strictObject, text } from '../schema';
import { run, type World } from '../world';

const Option = strictObject({ says: text, by: text, world: optional(commands), because: optional(text) });
const Schema = strictObject({ ...common, kind: z.literal('refused'), run: some(text), command: text, options: list(Option, 2) });
type Refused = z.output<typeof Schema>;

const world = (q: Refused, at: At, steps: readonly string[], command = q.command) => run(given(q, at), [...steps, command]);
const gate = (w: World) => why(w.trace)?.by ?? null;

export const refused = kind<Refused>({
  schema: Schema,
  about: 'Which check refused? The machine’s record of the refusal decides.',
  pose(q, at) {
    const { shown } = world(q, at, q.run);
    return {
      given: shown,
      command: null,
      answer: { form: 'one', code: false, options: places(q.options.length, q, at).map((i) => q.options[i]?.says ?? '') },
    };
  },
  grade(q, at, answer): Verdict {
    const option = q.options[places(q.options.length, q, at)[index(answer, q.options.length)] as number];
    const truth = world(q, at, q.run);
    if (option?.by === gate(truth))
      return {
        right: true,
        says: [why(truth.trace)?.sentence ?? '', q.because].filter(Boolean).join(' '),
        world: null,
        from: truth.shown.length,
      };
    const other = option?.world ? world(q, at, option.world) : null;
    return { right: false, says: option?.because ?? '', world: other, from: q.given.length };
  },
  trials(q, at): Trial[] {
    const by = gate(world(q, at, q.run));
    return places(q.options.length, q, at).map((i, answer) => ({ answer, right: q.options[i]?.by === by }));
  },
});

/** Whether exactly one gate refused here, and each other one refuses in its world. */
export function faultsOf(q: Refused, at: At): string[] {
  const by = gate(world(q, at, q.run));
  const faults = q.options.filter((o) => o.by === by).length === 1 ? [] : [`no option, or more than one, is the gate that refused: ${by}`];
  for (const o of q.options) {
    if (o.by === by) continue;
    if (!o.world || !o.because) faults.push(`"${o.says}" has no world or no reason`);
    else if (gate(world(q, at, o.world)) !== o.by)
      faults.push(`"${o.says}" does not refuse in its world: ${gate(world(q, at, o.world))} does`);
  }
  return faults;
}
