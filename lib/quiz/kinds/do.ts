/**
 * Do it: the reader gives commands, they run on a machine of their own, and facts about it decide. For a short problem
 * inside a quiz; a task (task.ts) is the same on the reader's own machine.
 */

import * as z from 'zod/mini';
import { look } from '../../machine';
import { Claim, firstMissing, says } from '../facts';
import { common, given, kind, type Trial, type Verdict } from '../kind';
import { list, strictObject, text, texts } from '../schema';
import { run } from '../world';

const lines = texts(1);
const Schema = strictObject({
  ...common,
  kind: z.literal('do'),
  facts: list(Claim, 1),
  solutions: list(lines, 1),
  slips: list(strictObject({ commands: lines, when: list(Claim, 1), because: text }), 1),
});
type Do = z.output<typeof Schema>;

/** Lines that one answer may hold. */
const LIMIT = 20;

export const doIt = kind<Do>({
  schema: Schema,
  about: 'Commands that bring facts about; they run on a machine of their own.',
  pose: (q, at) => ({ given: given(q, at).shown, command: null, answer: { form: 'commands', facts: q.facts.map(says) } }),
  grade(q, at, answer): Verdict {
    if (!Array.isArray(answer)) throw new Error('an answer here is a list of commands');
    const typed = answer.map(String).filter((line) => line.trim() !== '');
    if (typed.length > LIMIT) return { right: false, says: `At most ${LIMIT} commands.`, world: null, from: q.given.length };
    const world = run(given(q, at), typed);
    const now = look.lookAt(world.machine);
    const failed = firstMissing(now, q.facts);
    if (failed === null) return { right: true, says: q.because, world, from: q.given.length };
    const slip = q.slips.find((s) => firstMissing(now, s.when) === null);
    return { right: false, says: [failed, slip?.because ?? ''].filter(Boolean).join(' '), world, from: q.given.length };
  },
  trials: (q): Trial[] => [
    ...q.solutions.map((answer) => ({ answer, right: true })),
    ...q.slips.map((s) => ({ answer: s.commands, right: false })),
    { answer: [], right: false },
  ],
});
