/** What Tab does with what could stand at the cursor, as readline does: the common beginning first, the list at the second Tab. */
import { type EditorState, replaceText, width } from '../../../lib/shell/readline';

export interface Candidates {
  /** Where the word begins that a candidate takes the place of. */
  from: number;
  options: string[];
}

const common = (options: readonly string[]) =>
  options.reduce((head, option) => {
    let n = 0;
    while (n < head.length && head[n] === option[n]) n++;
    return head.slice(0, n);
  });

/** The line with as much as is certain, and whether there is more than one way on. */
export function completed(line: EditorState, { from, options }: Candidates): { line: EditorState; ambiguous: boolean } {
  if (options.length === 0) return { line, ambiguous: false };
  const [only] = options;
  if (options.length === 1 && only !== undefined) {
    const text = only.endsWith('/') || only.endsWith(' ') ? only : `${only} `;
    return { line: replaceText(line, from, line.cursor, text), ambiguous: false };
  }
  const head = common(options);
  const further = head.length > line.cursor - from;
  return { line: further ? replaceText(line, from, line.cursor, head) : line, ambiguous: true };
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
