/**
 * What a pure function of a text has given before: files are parsed anew each time they are read, and mostly say what they said.
 */

/** `of` with its last answers kept, at most so many; who gets one does not change it. */
export function memo<T>(of: (text: string) => T, most = 64): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const there = known.get(text);
    if (there !== undefined) return there;
    const made = of(text);
    if (known.size >= most) known.clear();
    known.set(text, made);
    return made;
  };
}
