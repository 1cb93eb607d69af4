import { describe, expect, it } from 'vitest';
import { editor, insertText } from '../../../lib/shell/readline';
import { completed, listing } from './completion';
import { layout, paint } from './paint';

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

describe('Tab', () => {
  const found = (start: number, end: number, candidates: string[], common: string, only: string | null = null) => ({
    start,
    end,
    candidates,
    common,
    only,
  });
  const typed = (text: string) => insertText(editor(), text);
  it.each([
    ['nothing fits', 'xy', found(0, 2, [], ''), 'xy'],
    ['one program', 'doc', found(0, 3, ['docker'], 'docker', 'docker '), 'docker '],
    ['as much as is certain', 's', found(0, 1, ['start', 'stats'], 'sta'), 'sta'],
    ['nothing more is certain', 'st', found(0, 2, ['start', 'stop'], 'st'), 'st'],
    ['the word that it stands in', 'docker ru', found(7, 9, ['run'], 'run', 'run '), 'docker run '],
  ] as const)('%s', (_, text, completion, want) => expect(completed(typed(text), completion).text).toBe(want));

  it('lists names in columns, downwards', () => expect(listing(['/etc/a', '/etc/bb', '/etc/c', '/etc/d'], 9)).toBe('a   c\r\nbb  d\r\n'));
});
