/** What is new for a reader (changes.yaml), checked, newest first. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

const Changes = z.array(
  z.strictObject({
    /** The day it was there, YYYY-MM-DD. */
    date: z.iso.date(),
    /** Its anchor, once for ever. */
    id: z.string().regex(/^[a-z0-9-]+$/),
    title: z.string().min(1),
    says: z.string().min(1),
    /** Where it is. */
    href: z.string().startsWith('/'),
  }),
);
export type Change = z.infer<typeof Changes>[number];

export function loadChanges(): Change[] {
  const name = path.join('content', 'changes.yaml');
  const checked = Changes.safeParse(parse(readFileSync(path.resolve(name), 'utf8')));
  if (!checked.success) throw new Error(`${name}: ${z.prettifyError(checked.error)}`);
  const changes = checked.data;
  if (new Set(changes.map((c) => c.id)).size < changes.length) throw new Error(`${name}: two changes have one id`);
  if (changes.some((c, i) => i > 0 && c.date > (changes[i - 1] as Change).date)) throw new Error(`${name}: the newest comes first`);
  return changes;
}
