/**
 * Text in columns: Go's text/tabwriter, as docker/cli carries it (cli/command/formatter/tabwriter), which counts wide
 * characters as two.
 *
 *   A cell ends in a tab (\t, or \v: a soft one), a line in \n; \f ends a line and every column. A column is a run of lines
 *   that have a cell in it; what follows a line's last tab belongs to no column.
 */
import { textWidth } from '../base';

export interface TabwriterOptions {
  minWidth: number;
  tabWidth: number;
  padding: number;
  padChar: string;
  alignRight?: boolean;
  /** Columns whose cells are all empty and softly ended take no room. */
  discardEmptyColumns?: boolean;
  /** Empty cells at the start of a line are padded with tabs. */
  tabIndent?: boolean;
  /** A bar between columns, "---" between sections. */
  debug?: boolean;
}

interface Cell {
  text: string;
  width: number;
  /** Ended by a hard tab. */
  hard: boolean;
}

/** The cells of a line, the last of which belongs to no column. */
function cells(line: string): Cell[] {
  const out: Cell[] = [];
  let start = 0;
  for (let i = 0; i <= line.length; i++) {
    const char = line[i];
    if (char !== undefined && char !== '\t' && char !== '\v') continue;
    const text = line.slice(start, i);
    out.push({ text, width: textWidth(text), hard: char === '\t' });
    start = i + 1;
  }
  return out;
}

function pad(width: number, to: number, options: TabwriterOptions, tabs: boolean): string {
  if (options.padChar !== '\t' && !tabs) return options.padChar.repeat(to - width);
  if (options.tabWidth === 0) return '';
  const edge = Math.ceil(to / options.tabWidth) * options.tabWidth;
  return '\t'.repeat(Math.ceil((edge - width) / options.tabWidth));
}

function layLine(line: Cell[], widths: number[], options: TabwriterOptions): string {
  let leading = options.tabIndent ?? false;
  const right = options.alignRight && options.padChar !== '\t';
  const laid = line.map((cell, i) => {
    const to = widths[i];
    if (cell.text !== '') leading = false;
    const blank = to === undefined ? '' : pad(cell.width, to, options, leading);
    return right ? blank + cell.text : cell.text + blank;
  });
  return laid.join(options.debug ? '|' : '');
}

/** Lays out lines [from, to), whose columns left of `widths.length` are known; appends to `out`. */
function layout(lines: Cell[][], from: number, to: number, widths: number[], options: TabwriterOptions, out: string[]): void {
  const column = widths.length;
  const has = (i: number) => column < (lines[i] as Cell[]).length - 1;
  let start = from;
  const flush = (end: number) => {
    for (; start < end; start++) out.push(layLine(lines[start] as Cell[], widths, options));
  };
  for (let i = from; i < to; i++) {
    if (!has(i)) continue;
    flush(i);
    let width = options.minWidth;
    let discardable = options.discardEmptyColumns ?? false;
    for (; i < to && has(i); i++) {
      const cell = (lines[i] as Cell[])[column] as Cell;
      width = Math.max(width, cell.width + options.padding);
      if (cell.width > 0 || cell.hard) discardable = false;
    }
    layout(lines, start, i, [...widths, discardable ? 0 : width], options, out);
    start = i;
    i--;
  }
  flush(to);
}

/** The text with its cells in columns. */
export function tabulate(text: string, options: TabwriterOptions): string {
  const parts = text.split('\f');
  const sections = parts.map((section, i) => {
    const lines = section.split('\n').map(cells);
    // a last line that nothing ends has no cell after its last tab
    if (i === parts.length - 1 && lines.at(-1)?.at(-1)?.text === '') lines.at(-1)?.pop();
    const out: string[] = [];
    layout(lines, 0, lines.length, [], options, out);
    return out.join('\n');
  });
  return sections.join(options.debug ? '\n---\n' : '\n');
}
