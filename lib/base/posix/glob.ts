/**
 * Shell patterns: fnmatch(3) for `case`, `find -name`, pathname expansion and ${x#pattern}.
 *
 *   *.t[xy]t    ?    [!a-z]    [[:digit:]]    \*
 *
 * Source: POSIX "Pattern Matching Notation", fnmatch(3) of glibc; extended patterns from bash(1).
 * Simplified: ranges are by byte value, as in the C locale.
 */
import { type CharSet, CLASSES, type ClassName, charAt, type SetPart, setHas } from './regex-parse';

export interface GlobOptions {
  /** FNM_PATHNAME: a slash is matched by a slash only. */
  pathname?: boolean;
  /** FNM_PERIOD: a leading dot (with pathname: after each slash) is matched by a dot only. */
  period?: boolean;
  /** FNM_NOESCAPE: a backslash is a character like others. */
  noescape?: boolean;
  /** FNM_CASEFOLD. */
  icase?: boolean;
  /** Bash's extglob: ?(…) *(…) +(…) @(…) !(…). */
  extended?: boolean;
  utf8?: boolean;
}

type Piece =
  | { kind: 'char'; code: number }
  | { kind: 'any' }
  | { kind: 'star' }
  | { kind: 'set'; set: CharSet }
  | { kind: 'ext'; op: '?' | '*' | '+' | '@' | '!'; choices: Piece[][] };

/** Reads `[…]` at `at`; null when it is not closed and so stands for itself. */
function bracket(pattern: string, at: number, noescape: boolean, utf8: boolean): { set: CharSet; end: number } | null {
  let i = at + 1;
  const negated = pattern[i] === '!' || pattern[i] === '^';
  if (negated) i++;
  const parts: SetPart[] = [];
  const member = () => {
    if (pattern[i] === '\\' && !noescape && i + 1 < pattern.length) i++;
    else if (pattern.startsWith('[.', i) || pattern.startsWith('[=', i)) {
      const end = pattern.indexOf(`${pattern[i + 1]}]`, i + 2);
      if (end > 0) {
        const { code } = charAt(pattern, i + 2, utf8);
        i = end + 2;
        return code;
      }
    }
    const { code, length } = charAt(pattern, i, utf8);
    i += length;
    return code;
  };
  for (let first = true; first || pattern[i] !== ']'; first = false) {
    if (i >= pattern.length) return null;
    const cls = /^\[:([a-z]+):\]/.exec(pattern.slice(i, i + 12));
    if (cls !== null && Object.hasOwn(CLASSES, cls[1]!)) {
      parts.push({ cls: cls[1] as ClassName });
      i += cls[0].length;
      continue;
    }
    const lo = member();
    if (pattern[i] === '-' && i + 1 < pattern.length && pattern[i + 1] !== ']') {
      i++;
      const hi = member();
      if (hi >= lo) parts.push({ lo, hi });
    } else parts.push({ lo, hi: lo });
  }
  return { set: { negated, parts }, end: i + 1 };
}

/** Splits the inside of an extended pattern at its own bars; null when it is not closed. */
function choicesOf(pattern: string, open: number): { texts: string[]; end: number } | null {
  const texts: string[] = [];
  let depth = 0;
  let from = open + 1;
  for (let i = open; i < pattern.length; i++) {
    const c = pattern[i];
    if (c === '\\') i++;
    else if (c === '(') depth++;
    else if (c === '|' && depth === 1) texts.push(pattern.slice(from, i)), (from = i + 1);
    else if (c === ')' && --depth === 0) return { texts: [...texts, pattern.slice(from, i)], end: i + 1 };
  }
  return null;
}

function parse(pattern: string, options: GlobOptions): Piece[] {
  const utf8 = options.utf8 ?? false;
  const pieces: Piece[] = [];
  let i = 0;
  while (i < pattern.length) {
    const c = pattern[i]!;
    if (options.extended && '?*+@!'.includes(c) && pattern[i + 1] === '(') {
      const inner = choicesOf(pattern, i + 1);
      if (inner !== null) {
        pieces.push({ kind: 'ext', op: c as '?', choices: inner.texts.map((text) => parse(text, options)) });
        i = inner.end;
        continue;
      }
    }
    if (c === '*') {
      if (pieces.at(-1)?.kind !== 'star') pieces.push({ kind: 'star' });
      i++;
      continue;
    }
    if (c === '?') {
      pieces.push({ kind: 'any' });
      i++;
      continue;
    }
    if (c === '[') {
      const found = bracket(pattern, i, options.noescape ?? false, utf8);
      if (found !== null) {
        pieces.push({ kind: 'set', set: found.set });
        i = found.end;
        continue;
      }
    }
    if (c === '\\' && !options.noescape && i + 1 < pattern.length) i++;
    const { code, length } = charAt(pattern, i, utf8);
    pieces.push({ kind: 'char', code });
    i += length;
  }
  return pieces;
}

const otherCase = (c: number) => ((c >= 65 && c <= 90) || (c >= 97 && c <= 122) ? c ^ 32 : c);

/** Whether the whole of `text` matches. */
function matches(pieces: readonly Piece[], text: string, options: GlobOptions): boolean {
  const utf8 = options.utf8 ?? false;
  const failed = new Set<number>();
  const width = text.length + 1;
  const hiddenDot = (at: number) =>
    (options.period ?? false) && text[at] === '.' && (at === 0 || (options.pathname === true && text[at - 1] === '/'));

  /** One character at `at` against a piece that takes one: its length, or 0. */
  const one = (piece: Piece, at: number): number => {
    if (at >= text.length) return 0;
    const { code, length } = charAt(text, at, utf8);
    if (piece.kind === 'char') return code === piece.code || (options.icase && otherCase(code) === piece.code) ? length : 0;
    if (hiddenDot(at) || (options.pathname && code === 47)) return 0;
    if (piece.kind === 'any') return length;
    if (piece.kind !== 'set') return 0;
    return setHas(piece.set, code) || (options.icase && setHas(piece.set, otherCase(code))) ? length : 0;
  };

  const from = (p: number, at: number): boolean => {
    for (;;) {
      const piece = pieces[p];
      if (piece === undefined) return at === text.length;
      if (piece.kind !== 'char' && hiddenDot(at)) return false;
      if (piece.kind === 'star') {
        if (failed.has(p * width + at)) return false;
        for (let i = at; ; ) {
          if (from(p + 1, i)) return true;
          const step = one({ kind: 'any' }, i);
          if (step === 0) break;
          i += step;
        }
        failed.add(p * width + at);
        return false;
      }
      if (piece.kind === 'ext') {
        if (failed.has(p * width + at)) return false;
        const found = extended(piece, p, at);
        if (!found) failed.add(p * width + at);
        return found;
      }
      const step = one(piece, at);
      if (step === 0) return false;
      at += step;
      p++;
    }
  };

  const extended = (piece: Piece & { kind: 'ext' }, p: number, at: number): boolean => {
    const fits = (start: number, end: number) =>
      piece.choices.some((choice) => matches(choice, text.slice(start, end), { ...options, period: start === 0 && options.period }));
    if (piece.op === '!') {
      for (let end = at; end <= text.length; end++) if (!fits(at, end) && from(p + 1, end)) return true;
      return false;
    }
    if ((piece.op === '?' || piece.op === '*') && from(p + 1, at)) return true;
    const repeat = piece.op === '*' || piece.op === '+';
    const reached = new Set<number>([at]);
    const todo = [at];
    while (todo.length > 0) {
      const start = todo.shift()!;
      for (let end = start; end <= text.length; end++) {
        if (!fits(start, end)) continue;
        if (from(p + 1, end)) return true;
        if (repeat && !reached.has(end)) reached.add(end), todo.push(end);
      }
    }
    return false;
  };
  return from(0, 0);
}

/** fnmatch(3): whether `text` matches the shell pattern as a whole. Byte strings. */
export function globMatch(pattern: string, text: string, options: GlobOptions = {}): boolean {
  return matches(parse(pattern, options), text, options);
}

/** A tester for one pattern against many names. */
export function compileGlob(pattern: string, options: GlobOptions = {}): (text: string) => boolean {
  const pieces = parse(pattern, options);
  return (text) => matches(pieces, text, options);
}

/** Whether a word holds an unescaped pattern character, so that pathname expansion applies to it. */
export function hasGlob(word: string): boolean {
  for (let i = 0; i < word.length; i++) {
    const c = word[i]!;
    if (c === '\\') i++;
    else if (c === '*' || c === '?' || (c === '[' && bracket(word, i, false, false) !== null)) return true;
  }
  return false;
}

/** The text that a pattern without pattern characters stands for: its backslashes removed. */
export const unescapeGlob = (word: string): string => word.replace(/\\(.?)/gs, '$1');
