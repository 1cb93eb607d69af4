/**
 * Go's path.Match: a shell pattern against a slash-separated path.
 *
 *   *  any run without /      ?  one character but /      [a-z] [^a-z]  a class      \c  the character c
 *
 * Image reference filters, COPY sources and .dockerignore are matched by these rules.
 */

export class BadPattern extends Error {
  constructor() {
    super('syntax error in pattern');
  }
}

type Part =
  | { kind: 'star' }
  | { kind: 'any' }
  | { kind: 'char'; char: string }
  | { kind: 'class'; not: boolean; ranges: [string, string][] };

/** One character of a class, which may be escaped. */
function classChar(chars: string[], at: number): [string, number] {
  let i = at;
  if (i >= chars.length || chars[i] === '-' || chars[i] === ']') throw new BadPattern();
  if (chars[i] === '\\' && ++i >= chars.length) throw new BadPattern();
  if (i + 1 >= chars.length) throw new BadPattern();
  return [chars[i]!, i + 1];
}

function parse(pattern: string): Part[] {
  const chars = [...pattern];
  const parts: Part[] = [];
  for (let i = 0; i < chars.length; i++) {
    const char = chars[i]!;
    if (char === '*') parts.push({ kind: 'star' });
    else if (char === '?') parts.push({ kind: 'any' });
    else if (char === '\\') {
      const next = chars[++i];
      if (next === undefined) throw new BadPattern();
      parts.push({ kind: 'char', char: next });
    } else if (char === '[') {
      const not = chars[i + 1] === '^';
      let at = i + (not ? 2 : 1);
      const ranges: [string, string][] = [];
      while (!(chars[at] === ']' && ranges.length > 0)) {
        const [low, afterLow] = classChar(chars, at);
        const [high, after]: [string, number] = chars[afterLow] === '-' ? classChar(chars, afterLow + 1) : [low, afterLow];
        ranges.push([low, high]);
        at = after;
      }
      parts.push({ kind: 'class', not, ranges });
      i = at;
    } else parts.push({ kind: 'char', char });
  }
  return parts;
}

function one(part: Exclude<Part, { kind: 'star' }>, char: string): boolean {
  if (part.kind === 'char') return part.char === char;
  if (part.kind === 'any') return char !== '/';
  const code = char.codePointAt(0)!;
  return part.not !== part.ranges.some(([low, high]) => low.codePointAt(0)! <= code && code <= high.codePointAt(0)!);
}

/** Whether the pattern matches the whole name. Throws BadPattern. */
export function pathMatch(pattern: string, name: string): boolean {
  const parts = parse(pattern);
  const chars = [...name];
  let [p, n] = [0, 0];
  let retry: { p: number; n: number } | undefined;
  while (n < chars.length || p < parts.length) {
    const part = parts[p];
    if (part?.kind === 'star') {
      retry = { p, n };
      p++;
    } else if (part && n < chars.length && one(part, chars[n]!)) {
      p++;
      n++;
    } else if (retry && retry.n < chars.length && chars[retry.n] !== '/') {
      // the last star takes one character more
      retry = { p: retry.p, n: retry.n + 1 };
      p = retry.p + 1;
      n = retry.n;
    } else return false;
  }
  return true;
}
