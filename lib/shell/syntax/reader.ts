/**
 * The text being parsed, a place in it, and the ways to fail.
 *
 * Source: the error cases of bash's parse.y, dash's parser.c and busybox's ash.c.
 */

import type { Node, Word } from './ast';

/** What a dialect's grammar has beyond POSIX. */
export interface Grammar {
  /** a=(…), a[i]=… and ${a[i]} */
  arrays: boolean;
  /** [[ … ]] as syntax with patterns and regular expressions */
  cond: boolean;
  /** (( … )) and for (( … )) */
  arithCommand: boolean;
  /** function f { … } */
  functionWord: boolean;
  select: boolean;
  ansiQuotes: boolean;
  /** <(…) */
  procSubst: boolean;
  /** &> and &>> */
  bothRedir: boolean;
  hereString: boolean;
  /** |& */
  pipeBoth: boolean;
  /** ;& and ;;& */
  caseFall: boolean;
  /** {fd}> */
  fdVariables: boolean;
  /** ${x/a/b}, ${x:1:2} */
  substring: boolean;
  /** ${x^}, ${x@Q}, ${!x}, ${!x*} */
  transforms: boolean;
  /** $"…" */
  localeQuotes: boolean;
  timeWord: boolean;
  /** The last line of a here-document that the text's end cuts short gets a newline. */
  hereDocNewline: boolean;
  /** `in` cannot begin a command. */
  inReserved: boolean;
}

export type Fault =
  /** A token that cannot stand here; `expecting` is the reserved word that would close what is open. */
  | { kind: 'token'; token: string; word: boolean; expecting?: string }
  /** The end of the text, inside of `open` that began on a line. */
  /** …; `line`: not even a newline could stand here; `substitution`: inside of $(…). */
  | { kind: 'eof'; expecting?: string; open?: { word: string; line: number }; line?: true; substitution?: true }
  /** A quote, brace or parenthesis that is never closed. */
  | { kind: 'quote'; want: string; openLine: number }
  | { kind: 'forName'; word: string; eof: boolean }
  | { kind: 'functionName'; word: string }
  | { kind: 'cond'; message: string; token: string }
  | { kind: 'deep' };

/** Text that is not shell. `incomplete`: more lines could still make it so. */
export class SyntaxFault extends Error {
  readonly fault: Fault;
  readonly line: number;
  readonly pos: number;
  /** $? of a shell that is given such text. */
  status = 2;
  constructor(fault: Fault, line: number, pos: number) {
    super(`syntax error: ${fault.kind}`);
    this.fault = fault;
    this.line = line;
    this.pos = pos;
  }
  get incomplete(): boolean {
    return (
      (this.fault.kind === 'eof' && !this.fault.line) || this.fault.kind === 'quote' || (this.fault.kind === 'forName' && this.fault.eof)
    );
  }
}

export interface PendingHereDoc {
  target: Word;
  delimiter: string;
  quoted: boolean;
  strip: boolean;
  line: number;
}

export interface Reader {
  src: string;
  pos: number;
  /** Line number of the first line of `src`. */
  base: number;
  grammar: Grammar;
  extglob: boolean;
  aliases: Readonly<Record<string, string>>;
  /** Aliases being replaced now, with the offset at which their text ends. */
  expanding: { name: string; until: number }[];
  /** How much longer `src` is than the text it came from. */
  grown: number;
  /** A word that follows an alias ending in a blank is looked up too. */
  aliasNext: boolean;
  hereDocs: PendingHereDoc[];
  /** A here-document that the end of the text cut short. */
  unfinished: PendingHereDoc[];
  nodes: Node[];
  depth: number;
  /** Where newlines were last skipped: the end of the text there is an end, elsewhere it is a newline. */
  lineEnd: number;
  /** What is open around the place, innermost last: for "unexpected end of file from `if' command". */
  open: { word: string; line: number }[];
}

const MAX_DEPTH = 200;

export function reader(
  src: string,
  base: number,
  grammar: Grammar,
  extglob: boolean,
  aliases: Readonly<Record<string, string>> = {},
): Reader {
  return {
    src,
    pos: 0,
    base,
    grammar,
    extglob,
    aliases,
    expanding: [],
    grown: 0,
    aliasNext: false,
    hereDocs: [],
    unfinished: [],
    nodes: [],
    depth: 0,
    lineEnd: -1,
    open: [],
  };
}

export function lineAt(r: Reader, pos: number): number {
  let n = r.base;
  for (let i = r.src.indexOf('\n'); i >= 0 && i < pos; i = r.src.indexOf('\n', i + 1)) n++;
  return n;
}

export function fail(r: Reader, fault: Fault, pos = r.pos): never {
  throw new SyntaxFault(fault, lineAt(r, pos), pos);
}

/** Runs a part of the parser one level deeper; text nested beyond reason is refused before the stack is. */
export function nested<T>(r: Reader, parse: () => T): T {
  if (++r.depth > MAX_DEPTH) fail(r, { kind: 'deep' });
  const value = parse();
  r.depth--;
  return value;
}
