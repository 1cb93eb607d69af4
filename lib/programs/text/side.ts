/**
 * Two texts side by side: diff -y.
 *
 *   a                 a          the same
 *   b               | B          changed
 *                   > d          only on the right; < only on the left
 *
 * Source: diffutils 3.12, src/side.c, src/diff.c.
 * Simplified: a character is as wide as its byte.
 */

import type { Change, Text } from './diff';

const TAB = 8;
const GUTTER = 3;

export interface SideOptions {
  /** Columns of a line; 130 unless told. */
  width?: number;
  /** Spaces in place of tabs. */
  expand?: boolean;
  suppressCommon?: boolean;
}

/** Columns of a half, and where the right one begins. */
function halves(width: number, tab: number): { half: number; right: number } {
  const least = tab + GUTTER;
  const unaligned = (width >> 1) + (least >> 1) + (width & least & 1);
  const off = unaligned - (unaligned % tab);
  const half = Math.max(0, Math.min(off - GUTTER, width - off));
  return { half, right: half > 0 ? off : width };
}

export function sideBySide(a: Text, b: Text, changes: readonly Change[], options: SideOptions = {}): string {
  const expand = options.expand === true;
  const { half, right } = halves(options.width ?? 130, expand ? 1 : TAB);
  const gap = (from: number, to: number): string => {
    let out = '';
    let at = from;
    if (!expand) for (let stop = at + TAB - (at % TAB); stop <= to; stop += TAB, at = stop - TAB) out += '\t';
    return out + ' '.repeat(Math.max(0, to - at));
  };
  /** As much of a line as a half takes, and the column it ends in. */
  const cut = (line: string): [text: string, column: number] => {
    let [text, read, written] = ['', 0, 0];
    for (const ch of line) {
      const width = ch === '\t' ? TAB - (read % TAB) : 1;
      if (ch !== '\t' ? read < half : read === written && read + width < half) {
        text += ch === '\t' && expand ? ' '.repeat(width) : ch;
        written = read + width;
      }
      read += width;
    }
    return [text, written];
  };
  const ends = (t: Text, i: number) => t.terminated || i < t.lines.length - 1;
  const line = (i: number | null, mark: string, j: number | null): string => {
    let [out, column] = i === null ? ['', 0] : cut(a.lines[i] as string);
    const leftEnds = i !== null && ends(a, i);
    const rightEnds = j !== null && ends(b, j);
    if (mark !== ' ') {
      const to = (half + right - 1) >> 1;
      out += gap(column, to) + (mark === '|' && leftEnds !== rightEnds ? (leftEnds ? '/' : '\\') : mark);
      column = to + 1;
    }
    if (j !== null && b.lines[j] !== '') out += gap(column, right) + cut(b.lines[j] as string)[0];
    return out + (leftEnds || rightEnds ? '\n' : '');
  };
  let out = '';
  let [i, j] = [0, 0];
  const common = (to: number) => {
    for (; i < to; i++, j++) if (!options.suppressCommon) out += line(i, ' ', j);
  };
  for (const change of changes) {
    common(change.a[0]);
    j = change.b[0];
    while (i < change.a[1] && j < change.b[1]) out += line(i++, '|', j++);
    while (j < change.b[1]) out += line(null, '>', j++);
    while (i < change.a[1]) out += line(i++, '<', null);
  }
  common(a.lines.length);
  return out;
}
