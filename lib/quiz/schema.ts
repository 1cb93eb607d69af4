/** Words that the schemas of this folder are written in. The small face of zod: the page carries them. */

import * as z from 'zod/mini';

/** A text that is not empty. */
export const text = z.string().check(z.minLength(1));
export const count = z.int().check(z.nonnegative());
export const list = <T extends z.ZodMiniType>(item: T, min = 0, max = 40) => z.array(item).check(z.minLength(min), z.maxLength(max));
export const texts = (min = 0) => list(text, min);
/** A list that may be left out. */
export const some = <T extends z.ZodMiniType>(item: T) => z._default(z.array(item), []);
// One by one: a name taken out of the whole of zod brings all of it into the page, forty languages included.
export const optional = z.optional;
export const strictObject = z.strictObject;
export type Schema<T> = z.ZodMiniType<T>;

/** `check` as a schema: it gives the value, or says what is wrong by `fault`. */
export const checkedBy = <T>(
  check: (value: unknown, fault: (message: string, path?: readonly PropertyKey[]) => null) => T | null,
): Schema<T> =>
  z.pipe(
    z.unknown(),
    z.transform((value, ctx) => {
      const out = check(value, (message, path = []) => {
        ctx.issues.push({ code: 'custom', message, path: [...path], input: value });
        return null;
      });
      return out === null ? z.NEVER : out;
    }),
  ) as unknown as Schema<T>;

/** An issue in words: the small face of zod has none of its own. */
export const told = (issue: z.core.$ZodIssue): string =>
  issue.code === 'unrecognized_keys'
    ? `there is no such field: ${issue.keys.join(', ')}`
    : issue.code === 'invalid_type'
      ? `${issue.expected} is expected here`
      : issue.message;
