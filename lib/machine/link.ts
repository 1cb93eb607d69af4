/**
 * A session out of a link's text (to-link.ts makes it). A link is hostile input: it is bounded before it is unpacked, and every field
 * is checked after.
 */

import lz from 'lz-string';
// The small face of zod: the whole one would be a third of what the page loads for the machine.
import * as z from 'zod/mini';
import type { Session } from './face';
import { scenarioNames } from './scenarios';

/** Characters of a link's fragment, and inputs of a session, that are still opened. */
export const MAX_LINK = 100_000;
export const MAX_INPUTS = 2_000;
const MAX_TEXT = 1_000_000;

const text = (max: number) => z.string().check(z.maxLength(max));
const between = (min: number, max: number) => z.number().check(z.minimum(min), z.maximum(max));

const Input = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('line'), text: text(MAX_TEXT) }),
  z.object({ kind: z.literal('key'), key: z.enum(['ctrl-c', 'ctrl-d', 'ctrl-z', 'ctrl-\\', 'ctrl-p ctrl-q']) }),
  z.object({ kind: z.literal('file'), path: z.string().check(z.maxLength(4096), z.startsWith('/')), text: text(MAX_TEXT) }),
  z.object({ kind: z.literal('wait'), seconds: between(0, 86_400 * 365) }),
]);

const SessionShape = z.object({
  v: z.literal(1),
  scenario: text(100),
  seed: z.int().check(z.minimum(0), z.maximum(0xffffffff)),
  inputs: z.array(Input).check(z.maxLength(MAX_INPUTS)),
});

export function decode(text: string): { session: Session } | { error: string } {
  if (text.length > MAX_LINK)
    return {
      error: `This link is ${text.length.toLocaleString('en')} characters long; links up to ${MAX_LINK.toLocaleString('en')} are opened.`,
    };
  const raw = lz.decompressFromEncodedURIComponent(text);
  if (!raw) return { error: 'This link is damaged: it does not unpack.' };
  return check(raw);
}

/** A session from JSON text: a link's, or a saved one's. */
export function check(raw: string): { session: Session } | { error: string } {
  let data: unknown;
  try {
    data = JSON.parse(raw);
  } catch {
    return { error: 'This link is damaged: what it holds is not a session.' };
  }
  const parsed = SessionShape.safeParse(data);
  if (!parsed.success)
    return { error: `This link does not hold a session: ${parsed.error.issues[0]?.path.join('.') || 'its form'} is not as expected.` };
  if (!scenarioNames().includes(parsed.data.scenario))
    return { error: `This link starts from “${parsed.data.scenario}”, which this version does not have.` };
  return { session: parsed.data };
}
