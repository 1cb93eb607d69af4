/**
 * Drawing an input line on a terminal, as escape sequences: prompt, text, cursor; lines that are longer than the screen
 * is wide wrap. A painting is redrawn whole, from the row that it began on.
 */
import { width } from '../../../lib/shell/readline';

export interface Painted {
  /** Rows between the first row of the painting and the cursor. */
  row: number;
}
export interface LineView {
  /** May hold colours. */
  prompt: string;
  text: string;
  /** Index into text. */
  cursor: number;
}

const ANSI = /\x1b\[[0-?]*[ -/]*[@-~]/g;

/** Where the cursor is after `text`, from the start of a row; `\n` starts a new one. A full row moves on at once. */
export function layout(text: string, cols: number): { row: number; col: number } {
  let row = 0;
  let col = 0;
  for (const char of text.replaceAll(ANSI, '')) {
    if (char === '\n') {
      row++;
      col = 0;
      continue;
    }
    const cells = width(char);
    if (col + cells > cols) {
      row++;
      col = 0;
    }
    col += cells;
  }
  return col === cols ? { row: row + 1, col: 0 } : { row, col };
}

const up = (n: number) => (n > 0 ? `\x1b[${n}A` : '');
const right = (n: number) => (n > 0 ? `\x1b[${n}C` : '');

/** A prompt is quiet, while what the reader types is bold. */
export const quiet = (prompt: string) => (prompt === '' || prompt.includes('\x1b') ? prompt : `\x1b[90m${prompt}\x1b[39m`);
export const strong = (text: string) => (text === '' ? '' : `\x1b[1m${text}\x1b[22m`);

/** Takes a painting off the screen; the cursor ends where it began. */
export const erase = ({ row }: Painted) => `${up(row)}\r\x1b[J`;

export function paint(before: Painted, { prompt, text, cursor }: LineView, cols: number): { output: string; painted: Painted } {
  const shown = text.replaceAll('\t', ' ');
  const end = layout(prompt + shown, cols);
  const at = layout(prompt + shown.slice(0, cursor), cols);
  const full = end.col === 0 && end.row > 0 && !shown.endsWith('\n') ? '\r\n' : '';
  const body = quiet(prompt) + strong(shown.replaceAll('\n', '\r\n')) + full;
  return { output: `${erase(before)}${body}${up(end.row - at.row)}\r${right(at.col)}`, painted: { row: at.row } };
}
