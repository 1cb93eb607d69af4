/**
 * Code that is brought when it is first needed. A page carries the core of the machine; the builder, the languages and
 * the rarer tools come in parts. Whoever needs one that is not there throws `Absent` out of the whole step; the page
 * fetches the part and takes the step again from the same state, so nobody can tell that it was not there.
 *
 *   export const languages = part<typeof import('./languages')>('languages')
 *   languages.get().awk                       the code, or Absent
 *   languages.provide(code)                   said by who loads it: a page when asked, a test at its start
 */

/** Thrown through everything up to the page: a step that needs code which is not loaded. Not an Error: nothing failed. */
export class Absent {
  readonly part: string;
  constructor(part: string) {
    this.part = part;
  }
}

export interface Part<T> {
  readonly name: string;
  provide(code: T): void;
  get(): T;
}

export function part<T>(name: string): Part<T> {
  const shelf: { code?: T } = {};
  return {
    name,
    provide(code) {
      shelf.code = code;
    },
    get() {
      if (shelf.code === undefined) throw new Absent(name);
      return shelf.code;
    },
  };
}
