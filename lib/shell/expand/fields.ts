/**
 * Fields under construction: text that remembers what was quoted, split at IFS.
 *
 * Source: POSIX "Shell Command Language" 2.6.5 Field Splitting; bash(1) Word Splitting.
 */

/** A stretch of a field; quoted text is not a pattern. */
export interface Piece {
  s: string;
  quoted: boolean;
}

export interface Fields {
  done: Piece[][];
  current: Piece[] | null;
  /** White space has ended a field: the next text begins another. */
  ended: boolean;
}

export const fields = (): Fields => ({ done: [], current: null, ended: false });

export function add(f: Fields, s: string, quoted: boolean): void {
  if (f.ended) end(f);
  f.current = f.current ?? [];
  if (s !== '' || quoted) f.current.push({ s, quoted });
}

/** Closes the field that is open. */
export function end(f: Fields): void {
  if (f.current !== null) f.done.push(f.current);
  f.current = null;
  f.ended = false;
}

export function finish(f: Fields): Piece[][] {
  end(f);
  return f.done;
}

/** Adds the result of an unquoted expansion. */
export function split(f: Fields, s: string, ifs: string): void {
  if (s === '') return;
  if (ifs === '') return add(f, s, false);
  const white = [...ifs].filter((c) => ' \t\n'.includes(c)).join('');
  let i = 0;
  let text = '';
  const flush = () => {
    if (text !== '') add(f, text, false);
    text = '';
  };
  while (i < s.length) {
    const c = s[i]!;
    if (!ifs.includes(c)) {
      text += c;
      i++;
      continue;
    }
    flush();
    let hard = 0;
    while (i < s.length && ifs.includes(s[i]!)) {
      if (!white.includes(s[i]!)) {
        if (hard === 1) break;
        hard++;
      }
      i++;
    }
    if (hard > 0) {
      // A delimiter that is no white space ends a field even if it is empty.
      if (f.current === null || f.ended) {
        if (f.ended && f.current !== null) {
          f.done.push(f.current);
          f.current = null;
          f.ended = false;
        } else f.current = [];
      }
      end(f);
    } else if (f.current !== null) f.ended = true;
  }
  flush();
}
