/**
 * A flag's help text on a terminal of some width, as github.com/spf13/pflag lays it out (FlagUsagesWrapped).
 *
 *         --cgroupns string    Cgroup namespace to use
 *                              (host|private)
 */
import type { FlagRecord, Words } from './records';

/** A last word may go over the edge by this much, rather than stand alone on a line. */
const slop = 5;
const narrowest = 24;

/** The first line of a text, and the rest. */
function cut(text: string, width: number): [string, string] {
  if (width + slop > text.length) return [text, ''];
  const head = text.slice(0, width);
  const blank = Math.max(head.lastIndexOf(' '), head.lastIndexOf('\t'), head.lastIndexOf('\n'));
  if (blank <= 0) return [text, ''];
  const newline = head.lastIndexOf('\n');
  const at = newline > 0 && newline < blank ? newline : blank;
  return [text.slice(0, at), text.slice(at + 1)];
}

/** Text beside an indent that the caller has written. */
export function wrap(text: string, indent: number, width: number): string {
  const block = width - indent < narrowest;
  const margin = block ? 16 : indent;
  const newline = `\n${' '.repeat(margin)}`;
  if (width - margin < narrowest) return text.replaceAll('\n', newline);
  const lines: string[] = [];
  let rest = text;
  do {
    const [line, more] = cut(rest, width - margin - slop);
    lines.push(line.replaceAll('\n', newline));
    rest = more;
  } while (rest !== '');
  return (block ? newline : '') + lines.join(newline);
}

/** How help names a flag: "-m, --memory bytes". */
export function flagLabel(flag: FlagRecord): string {
  return `${flag.short ? `-${flag.short}, ` : '    '}--${flag.name}${flag.type === 'bool' ? '' : ` ${flag.type}`}`;
}

/** The description with the default that pflag adds. */
export function flagText(flag: FlagRecord, text: string): string {
  if (flag.default === undefined) return text;
  return `${text} (default ${flag.type === 'string' ? `"${flag.default}"` : flag.default})`;
}

/** The flags of a command, a line or more each, for a terminal that wide. */
export function flagUsages(flags: FlagRecord[], words: Words['flags'], columns: number): string {
  const shown = flags.filter((flag) => !flag.hidden);
  const labels = shown.map((flag) => `  ${flagLabel(flag)}`);
  const column = Math.max(0, ...labels.map((label) => label.length)) + 3;
  return shown
    .map((flag, i) => (labels[i] ?? '').padEnd(column) + wrap(flagText(flag, words[flag.name] ?? ''), column, columns - 1))
    .join('\n');
}
