/**
 * A task: facts to bring about on the reader's machine, by any road.
 *
 *   given      commands that set the stage; the page offers to run them
 *   facts      what must hold at the end, all at once
 *   hints      from a nudge to nearly the answer
 *   solutions  several roads, each replayed by a test
 *   slips      wrong ways that people take: what is true after them, and the sentence for those who took one
 */

import * as z from 'zod/mini';
import { look, type Machine } from '../machine';
import { Claim, firstMissing, missing, says } from './facts';
import { list, optional, some, strictObject, text, texts } from './schema';

const commands = texts(1);

export const Task = strictObject({
  id: z.string().check(z.regex(/^[a-z0-9-]+$/)),
  title: text,
  covers: texts(1),
  /** What to do, in a sentence or two. */
  text: text,
  given: some(z.string()),
  facts: list(Claim, 1),
  /** Why it holds, said when it is done. */
  done: text,
  hints: texts(2),
  solutions: list(strictObject({ says: optional(z.string()), commands }), 1),
  slips: list(strictObject({ commands, when: list(Claim, 1), because: text }), 1),
});
export type Task = z.output<typeof Task>;

export interface FactState {
  /** The fact as a sentence without a full stop; `code` in backquotes. */
  says: string;
  holds: boolean;
  /** Index into `path` of the machine since which it holds without a break; 0 is the boot. Null while it does not hold. */
  since: number | null;
  /** One sentence on what is missing; null when it holds. */
  missing: string | null;
}
export interface Progress {
  facts: FactState[];
  holding: number;
  done: boolean;
  /** The first missing fact's sentence. */
  missing: string | null;
  /** Said to somebody who took a known wrong way. */
  slip: string | null;
}

/** How far a task has come. `path` are the machines from the boot to now. */
export function progress(task: Pick<Task, 'facts' | 'slips'>, path: readonly Machine[]): Progress {
  const looks = new Map<number, look.Look>();
  const at = (i: number): look.Look => {
    const known = looks.get(i) ?? look.lookAt(path[i] as Machine);
    looks.set(i, known);
    return known;
  };
  const last = path.length - 1;
  const facts = task.facts.map((claim): FactState => {
    const said = missing(at(last), claim);
    if (said !== null) return { says: says(claim), holds: false, since: null, missing: said };
    let since = last;
    while (since > 0 && missing(at(since - 1), claim) === null) since--;
    return { says: says(claim), holds: true, since, missing: null };
  });
  const open = facts.find((f) => !f.holds);
  const slip = open ? task.slips.find((s) => firstMissing(at(last), s.when) === null) : undefined;
  return { facts, holding: facts.filter((f) => f.holds).length, done: !open, missing: open?.missing ?? null, slip: slip?.because ?? null };
}
