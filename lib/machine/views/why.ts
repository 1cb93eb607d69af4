/**
 * Which of a step's refusals the reader should hear of. Programs try and fail all the time without saying so (a shell
 * looks for `ls` in four directories): what counts is the last refusal that a program told, in errno's words.
 */

import { MESSAGES } from '../../kernel';
import type { Refusal, Trace } from '../face';

/** The refusal behind a failed command's message, or null when it failed for a reason of its own. */
export function whyOf({ status, refusals, output }: Pick<Trace, 'status' | 'refusals' | 'output'>): Refusal | null {
  if (status === null || status === 0) return null;
  const said = output.toLowerCase();
  const told = ({ errno, by }: Refusal) =>
    by === 'engine' || (errno in MESSAGES && said.includes(MESSAGES[errno as keyof typeof MESSAGES].toLowerCase()));
  return refusals.findLast(told) ?? null;
}
