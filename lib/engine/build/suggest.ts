/** "did you mean …?": the nearest of the names there are, by edit distance below 3. BuildKit util/suggest. */

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min((row[j] as number) + 1, (next[j - 1] as number) + 1, (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length] as number;
}

/** The nearest option; undefined if none is near, or `name` is one itself. */
export function nearest(name: string, options: Iterable<string>, caseSensitive = true): string | undefined {
  const fold = (text: string) => (caseSensitive ? text : text.toLowerCase());
  const wanted = fold(name);
  let best = 3;
  let match: string | undefined;
  for (const option of options) {
    const text = fold(option);
    if (text === wanted) return undefined;
    const d = distance(wanted, text);
    if (d < best) {
      best = d;
      match = caseSensitive ? option : name === name.toLowerCase() ? text : name === name.toUpperCase() ? option.toUpperCase() : text;
    }
  }
  return match;
}

export function suggest(message: string, name: string, options: Iterable<string>, caseSensitive = true): string {
  const match = nearest(name, options, caseSensitive);
  return match === undefined ? message : `${message} (did you mean ${match}?)`;
}
