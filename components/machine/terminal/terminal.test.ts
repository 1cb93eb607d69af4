import { describe, expect, it } from 'vitest';
import { keysOf } from './keys';
import { layout, paint } from './paint';

describe('keys', () => {
  const key = (name: string) => ({ kind: 'key', name });
  const text = (t: string) => ({ kind: 'text', text: t });
  it.each([
    ['text', 'ls -l', [text('ls -l')]],
    ['text and keys at once', 'ls\r\x1b[A', [text('ls'), key('enter'), key('up')]],
    ['a lone escape', '\x1b', [key('escape')]],
    ['words, by Alt', '\x1bf\x1b.', [key('alt-f'), key('alt-.')]],
    ['control keys', '\x03\x04\x0c', [key('ctrl-c'), key('ctrl-d'), key('ctrl-l')]],
    ['sequences that mean nothing here', 'a\x1b[15~b\x1b[<0;1;1Mc', [text('abc')]],
    ['letters beyond the first plane', 'é😀', [text('é😀')]],
    ['control characters without a meaning', 'a\x00\x1eb', [text('ab')]],
  ])('%s', (_, data, keys) => expect(keysOf(data)).toEqual(keys));
});

describe('where the cursor is', () => {
  it.each([
    ['nothing', '', 10, { row: 0, col: 0 }],
    ['a line', 'abc', 10, { row: 0, col: 3 }],
    ['a full row moves on', '0123456789', 10, { row: 1, col: 0 }],
    ['a wrapped line', '0123456789ab', 10, { row: 1, col: 2 }],
    ['wide letters do not split', '012345678漢', 10, { row: 1, col: 2 }],
    ['marks take no cell', 'e\u0301', 10, { row: 0, col: 1 }],
    ['colours take no cell', '\x1b[1;32mab\x1b[0m', 10, { row: 0, col: 2 }],
    ['newlines', 'ab\ncd', 10, { row: 1, col: 2 }],
  ])('%s', (_, s, cols, at) => expect(layout(s, cols)).toEqual(at));
});

const TOKENS = /\x1b\[(\d*)([A-Za-z])|[\s\S]/g;

/** A screen that understands just what paint writes. */
function show(outputs: string[], cols: number) {
  const rows: string[][] = [[]];
  let [row, col] = [0, 0];
  const put = (char: string) => {
    if (col === cols) {
      row++;
      col = 0;
    }
    rows[row] ??= [];
    (rows[row] as string[])[col++] = char;
  };
  for (const output of outputs)
    for (const [token, n, letter] of output.matchAll(TOKENS)) {
      if (letter === 'A') row -= Number(n);
      else if (letter === 'C') col += Number(n);
      else if (letter === 'J') {
        rows.splice(row + 1);
        (rows[row] as string[]).splice(col);
      } else if (letter === 'm') continue;
      else if (token === '\r') col = 0;
      else if (token === '\n') {
        row++;
        rows[row] ??= [];
      } else put(token);
    }
  return { text: rows.map((r) => Array.from(r, (c) => c ?? ' ').join('')), row, col };
}

describe('painting an input line', () => {
  const lines = ['', 'ls', 'echo 0123456789', '012345', 'a much longer line than the screen is wide', 'two\nlines', '#'];
  it.each([8, 10, 40])('a repainted line leaves nothing behind, at %i columns', (cols) => {
    for (const first of lines)
      for (const second of lines)
        for (const cursor of [0, Math.floor(second.length / 2), second.length]) {
          const one = paint({ row: 0 }, { prompt: '# ', text: first, cursor: first.length }, cols);
          const two = paint(one.painted, { prompt: '# ', text: second, cursor }, cols);
          const alone = paint({ row: 0 }, { prompt: '# ', text: second, cursor }, cols);
          const [twice, once] = [show([one.output, two.output], cols), show([alone.output], cols)];
          expect(twice).toEqual(once);
          expect({ row: once.row, col: once.col }).toEqual(layout(`# ${second.slice(0, cursor)}`, cols));
        }
  });
});
