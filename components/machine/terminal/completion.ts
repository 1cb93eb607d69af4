/** What Tab does with what could stand at the cursor, as readline does: the common beginning first, the list at the second Tab. */
import type { Completion } from '../../../lib/shell/complete';
import { type EditorState, replaceText, width } from '../../../lib/shell/readline';

/** The line with as much as is certain. */
export function completed(line: EditorState, { start, end, common, only }: Completion): EditorState {
  const text = only ?? common;
  return text === line.text.slice(start, end) || text === '' ? line : replaceText(line, start, end, text);
}

const LISTED = 100;

/** Candidates in columns, filled downwards. */
export function listing(options: readonly string[], cols: number): string {
  const shown = options.slice(0, LISTED).map((o) => o.replace(/(.)\/$/, '$1/').replace(/^.*\/(?=[^/]+\/?$)/, ''));
  const cell = Math.max(...shown.map(width)) + 2;
  const across = Math.max(1, Math.floor(cols / cell));
  const down = Math.ceil(shown.length / across);
  const rows = Array.from({ length: down }, (_, r) =>
    Array.from({ length: across }, (_, c) => shown[c * down + r] ?? '')
      .map((o) => o + ' '.repeat(Math.max(0, cell - width(o))))
      .join('')
      .trimEnd(),
  );
  if (options.length > LISTED) rows.push(`… and ${options.length - LISTED} more`);
  return `${rows.join('\r\n')}\r\n`;
}
