/**
 * POSIX regular expressions over byte strings: what regcomp(3) and regexec(3) are to sed, grep, awk, expr and [[ =~ ]].
 *
 * A plain pattern (no alternatives, no repeated groups, no back-references) runs as a JavaScript RegExp, where greedy and
 * leftmost-longest agree; every other one on the machine of `regex-machine.ts`, which is bounded in time.
 *
 * Source: regex(7), regcomp(3) of glibc.
 * Simplified: see regex-parse.ts and regex-machine.ts.
 */
import { machine, plainBytes } from './regex-machine';
import { type Assertion, parseRegex, type RegexNode, type RegexSyntax } from './regex-parse';

export { RegexError } from './regex-parse';

export interface RegexOptions extends RegexSyntax {
  icase?: boolean;
  /** `^` and `$` also match beside newlines inside the subject (sed's M). */
  newline?: boolean;
}
export interface Regex {
  /** Number of groups. */
  groups: number;
  /** Leftmost-longest match at or after `from`: [start, end, start1, end1, …] with -1 for a group that took no part; null if none. `^` means the start of `text`, not `from`. */
  exec(text: string, from?: number): number[] | null;
  test(text: string): boolean;
}

const MAX_STARS = 4;

const JS_ASSERT: Readonly<Record<Assertion, [string, string]>> = {
  bol: ['^', '(?<![^\\n])'],
  eol: ['$', '(?![^\\n])'],
  bos: ['^', '^'],
  eos: ['$', '$'],
  word: ['\\b', '\\b'],
  notword: ['\\B', '\\B'],
  wordstart: ['\\b(?=\\w)', '\\b(?=\\w)'],
  wordend: ['\\b(?<=\\w)', '\\b(?<=\\w)'],
};

const hex = (c: number) => `\\x${c.toString(16).padStart(2, '0')}`;

function setSource(table: Uint8Array): string {
  const ranges: string[] = [];
  let members = 0;
  for (let c = 0; c < 256; c++) {
    if (table[c] === 0) continue;
    const lo = c;
    while (c < 255 && table[c + 1] !== 0) c++;
    members += c - lo + 1;
    ranges.push(lo === c ? hex(lo) : `${hex(lo)}-${hex(c)}`);
  }
  if (members === 0) return '[^\\s\\S]';
  if (members === 256) return '[\\s\\S]';
  return members === 1 ? ranges[0]! : `[${ranges.join('')}]`;
}

/** JavaScript source for a plain pattern, or null when it is not plain. */
function plainSource(node: RegexNode, icase: boolean, newline: boolean): string | null {
  const budget = { stars: MAX_STARS };
  const walk = (n: RegexNode): string | null => {
    switch (n.kind) {
      case 'set':
        return setSource(plainBytes(n.set, icase));
      case 'assert':
        return JS_ASSERT[n.what][newline ? 1 : 0];
      case 'cat': {
        const parts = n.items.map(walk);
        return parts.includes(null) ? null : parts.join('');
      }
      case 'group': {
        const inner = walk(n.item);
        return inner === null ? null : `(${inner})`;
      }
      case 'repeat': {
        if (n.item.kind !== 'set' || (n.min !== n.max && --budget.stars < 0)) return null;
        const atom = walk(n.item)!;
        return `${atom}{${n.min},${n.max === Infinity ? '' : n.max}}`;
      }
      default:
        return null;
    }
  };
  return walk(node);
}

const WIDE = /[\x80-\xff]/;

function build(pattern: string, options: RegexOptions): Regex {
  const icase = options.icase ?? false;
  const newline = options.newline ?? false;
  const utf8 = options.utf8 ?? false;
  const { node, groups } = parseRegex(pattern, options);
  const source = plainSource(node, icase, newline);
  const lazy: { byMachine?: ReturnType<typeof machine>; wide?: ReturnType<typeof machine> } = {};
  const byMachine = () => (lazy.byMachine ??= machine(node, groups, { icase, utf8: false, newline }));
  const wide = () => (lazy.wide ??= machine(node, groups, { icase, utf8: true, newline }));
  if (source === null) byMachine();
  const js = source === null ? null : new RegExp(source, groups > 0 ? 'dg' : 'g');

  const exec = (text: string, from = 0): number[] | null => {
    if (utf8 && WIDE.test(text)) return wide()(text, from);
    if (js === null) return byMachine()(text, from);
    js.lastIndex = from;
    const found = js.exec(text);
    if (found === null) return null;
    const spans = [found.index, found.index + found[0].length];
    for (let g = 1; g <= groups; g++) spans.push(...(found.indices![g] ?? [-1, -1]));
    return spans;
  };
  return { groups, exec, test: (text) => exec(text, 0) !== null };
}

/** Compiled patterns are remembered, since programs keep only the text of a pattern in their state. */
const remembered = new Map<string, Regex>();
const REMEMBER = 200;

/** Compiles a pattern (a byte string). Throws RegexError with glibc's message. */
export function compileRegex(pattern: string, options: RegexOptions): Regex {
  const { syntax, dialect, utf8, icase, newline } = options;
  const key = `${syntax}|${dialect ?? ''}|${utf8 ? 'u' : ''}${icase ? 'i' : ''}${newline ? 'n' : ''}|${pattern}`;
  const known = remembered.get(key);
  if (known !== undefined) return known;
  const regex = build(pattern, options);
  if (remembered.size >= REMEMBER) remembered.clear();
  remembered.set(key, regex);
  return regex;
}

/** The text of group `g` of a match; '' when it took no part. */
export const groupText = (text: string, match: readonly number[], g: number): string =>
  (match[2 * g] ?? -1) < 0 ? '' : text.slice(match[2 * g]!, match[2 * g + 1]!);

/** A pattern that matches `text` literally. */
export const quoteRegex = (text: string, syntax: 'bre' | 'ere'): string =>
  text.replace(syntax === 'ere' ? /[\\.[\](){}*+?^$|]/g : /[\\.[\]*^$]/g, '\\$&');
