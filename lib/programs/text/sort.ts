/**
 * sort: keys, their modifiers, and the order of lines, byte by byte as in the C locale.
 *
 *   -t: -k2,2n -k1.3,1.5fr
 *
 * Source: sort(1) of coreutils 9.10 (begfield, limfield, keycompare), gnulib's filevercmp; BusyBox 1.38's sort.c.
 * Simplified: -R (random order) is refused; BusyBox's quirks with b in a key's end are not followed.
 */
import { type Flavour, quoted, UsageError } from './usage';

export interface SortModifiers {
  blanks?: boolean;
  endBlanks?: boolean;
  dictionary?: boolean;
  fold?: boolean;
  printable?: boolean;
  kind?: 'numeric' | 'general' | 'human' | 'month' | 'version';
  reverse?: boolean;
}
export interface SortKey extends SortModifiers {
  /** 0-based field and character where the key begins. */
  field: number;
  char: number;
  /** 0-based field where it ends (exclusive when `endChar` is 0), or null: the end of the line. */
  end: number | null;
  endChar: number;
}
export interface SortOptions extends SortModifiers {
  keys: SortKey[];
  /** -t; null: fields begin at the change from non-blank to blank. */
  separator: string | null;
  unique?: boolean;
  stable?: boolean;
  flavour?: Flavour;
}

const LETTERS: Readonly<Record<string, (m: SortModifiers) => void>> = {
  d: (m) => void (m.dictionary = true),
  f: (m) => void (m.fold = true),
  g: (m) => void (m.kind = 'general'),
  h: (m) => void (m.kind = 'human'),
  i: (m) => void (m.printable = true),
  M: (m) => void (m.kind = 'month'),
  n: (m) => void (m.kind = 'numeric'),
  r: (m) => void (m.reverse = true),
  V: (m) => void (m.kind = 'version'),
};

/** Sets the modifier of an option letter (b is left to the caller); false when it is none. */
export function setModifier(modifiers: SortModifiers, letter: string): boolean {
  if (!Object.hasOwn(LETTERS, letter)) return false;
  LETTERS[letter]!(modifiers);
  return true;
}

/** Reads -k F[.C][OPTS][,F[.C][OPTS]]. */
export function parseSortKey(text: string, flavour: Flavour = 'gnu'): SortKey {
  const bad = (detail: string, where: string, what: string) =>
    new UsageError(flavour === 'busybox' ? 'bad field specification' : `${detail}: ${what} ${quoted(where)}`);
  const m = /^(\d*)(?:\.(\d*))?([a-zA-Z]*)(?:,(\d*)(?:\.(\d*))?([a-zA-Z]*))?/.exec(text)!;
  if (m[1] === '') throw bad('invalid number at field start', text, 'invalid count at start of');
  if (Number(m[1]) === 0) throw bad('field number is zero', text, 'invalid field specification');
  if (m[2] === '') throw bad("invalid number after '.'", text.slice(text.indexOf('.') + 1), 'invalid count at start of');
  if (m[2] !== undefined && Number(m[2]) === 0) throw bad('character offset is zero', text, 'invalid field specification');
  if (m[4] === '') throw bad("invalid number after ','", text.slice(text.indexOf(',') + 1), 'invalid count at start of');
  if (m[4] !== undefined && Number(m[4]) === 0) throw bad('field number is zero', text, 'invalid field specification');
  if (m[0].length < text.length) throw bad('stray character in field spec', text, 'invalid field specification');
  const key: SortKey = {
    field: Number(m[1]) - 1,
    char: m[2] === undefined ? 0 : Number(m[2]) - 1,
    end: m[4] === undefined ? null : Number(m[5] ?? 0) === 0 ? Number(m[4]) : Number(m[4]) - 1,
    endChar: Number(m[5] ?? 0),
  };
  for (const [letters, end] of [
    [m[3]!, false],
    [m[6] ?? '', true],
  ] as const)
    for (const letter of letters) {
      if (letter === 'b') key[end ? 'endBlanks' : 'blanks'] = true;
      else if (!setModifier(key, letter)) throw bad('stray character in field spec', text, 'invalid field specification');
    }
  return key;
}

/** Reads -t: one character, or \0. */
export function parseSeparator(text: string, flavour: Flavour = 'gnu'): string {
  if (text === '\\0') return '\0';
  if (text.length === 1) return text;
  if (flavour === 'busybox') throw new UsageError('bad -t parameter');
  throw new UsageError(text === '' ? 'empty tab' : `multi-character tab ${quoted(text)}`);
}

const isBlank = (c: string | undefined) => c === ' ' || c === '\t' || c === '\n';

/** The index where field `n` (0-based) of a line begins; without -t its leading blanks belong to it. */
function fieldStart(line: string, n: number, separator: string | null): number {
  let at = 0;
  for (; n > 0 && at < line.length; n--) {
    if (separator !== null) {
      const next = line.indexOf(separator, at);
      at = next < 0 ? line.length : next + 1;
    } else {
      while (isBlank(line[at])) at++;
      while (at < line.length && !isBlank(line[at])) at++;
    }
  }
  return at;
}

function keyText(line: string, key: SortKey, options: SortOptions): string {
  let from = fieldStart(line, key.field, options.separator);
  if (key.blanks) while (isBlank(line[from])) from++;
  from = Math.min(line.length, from + key.char);
  if (key.end === null) return line.slice(from);
  let to = fieldStart(line, key.end, options.separator);
  if (key.endChar === 0) {
    // Up to the separator before the next field.
    if (
      options.separator !== null &&
      to > 0 &&
      (to < line.length || line.endsWith(options.separator)) &&
      line[to - 1] === options.separator &&
      countFields(line, options.separator) > key.end
    )
      to--;
  } else {
    if (key.endBlanks) while (isBlank(line[to])) to++;
    to = Math.min(line.length, to + key.endChar);
  }
  return line.slice(from, Math.max(from, to));
}
const countFields = (line: string, separator: string) => line.split(separator).length;

/** Compares decimal numbers as text, of any length: [-]digits[.digits]. */
export function compareNumeric(a: string, b: string): number {
  const parse = (text: string) => {
    const m = /^[ \t\n]*(-?)(\d*)(?:\.(\d*))?/.exec(text)!;
    const whole = m[2]!.replace(/^0+/, '');
    const fraction = (m[3] ?? '').replace(/0+$/, '');
    return { negative: m[1] === '-' && whole + fraction !== '', whole, fraction };
  };
  const x = parse(a);
  const y = parse(b);
  if (x.negative !== y.negative) return x.negative ? -1 : 1;
  const size = x.whole.length - y.whole.length || bytes(x.whole, y.whole) || bytes(x.fraction, y.fraction);
  return x.negative ? -size : size;
}
const bytes = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** strtod: NaN for what is no number. */
const toDouble = (text: string): number => {
  const m = /^\s*([+-]?)(0x[\da-f]+|(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|inf(?:inity)?|nan)/i.exec(text);
  if (m === null) return NaN;
  const word = m[2]!.toLowerCase();
  const value = word.startsWith('inf') ? Infinity : word === 'nan' ? NaN : Number(word);
  return m[1] === '-' ? -value : value;
};
/** Not a number comes first; among those, what is no number at all before "nan". */
function compareGeneral(a: string, b: string): number {
  const x = toDouble(a);
  const y = toDouble(b);
  if (Number.isNaN(x) || Number.isNaN(y)) {
    const rank = (text: string, value: number) => (Number.isNaN(value) ? (/^\s*[+-]?nan/i.test(text) ? 1 : 0) : 2);
    return rank(a, x) - rank(b, y);
  }
  return x < y ? -1 : x > y ? 1 : 0;
}

const SCALE = ' KMGTPEZYRQ';
function compareHuman(a: string, b: string): number {
  const order = (text: string) => {
    const m = /^[ \t]*(-?)[\d.,]*([kKMGTPEZYRQ]?)/.exec(text)!;
    const zero = !/[1-9]/.test(m[0]);
    const rank = zero || m[2] === '' ? 0 : SCALE.indexOf(m[2]!.toUpperCase());
    return m[1] === '-' ? -rank : rank;
  };
  return order(a) - order(b) || compareNumeric(a, b);
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const month = (text: string) => MONTHS.indexOf(text.trimStart().slice(0, 3).toUpperCase());

const isDigit = (c: string | undefined) => c !== undefined && c >= '0' && c <= '9';
/** Debian's order: ~ before the end, letters before other characters, digits by value. */
function versionParts(a: string, b: string): number {
  const order = (text: string, i: number) => {
    const c = text[i];
    if (c === undefined) return -1;
    if (isDigit(c)) return 0;
    if (c === '~') return -2;
    return /[A-Za-z]/.test(c) ? c.charCodeAt(0) : c.charCodeAt(0) + 256;
  };
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    while ((i < a.length && !isDigit(a[i])) || (j < b.length && !isDigit(b[j]))) {
      const difference = order(a, i) - order(b, j);
      if (difference !== 0) return difference;
      i++;
      j++;
    }
    while (a[i] === '0') i++;
    while (b[j] === '0') j++;
    let first = 0;
    while (isDigit(a[i]) && isDigit(b[j])) {
      first ||= a.charCodeAt(i) - b.charCodeAt(j);
      i++;
      j++;
    }
    if (isDigit(a[i])) return 1;
    if (isDigit(b[j])) return -1;
    if (first !== 0) return first;
  }
  return 0;
}
/** gnulib's filevercmp: as sort -V and ls -v. */
export function compareVersions(a: string, b: string): number {
  if (a === '' || b === '') return (a === '' ? 0 : 1) - (b === '' ? 0 : 1);
  const hidden = (text: string) => (text === '.' ? 0 : text === '..' ? 1 : text.startsWith('.') ? 2 : 3);
  if (hidden(a) !== hidden(b)) return hidden(a) - hidden(b);
  const stem = (text: string) => text.replace(/(\.[A-Za-z~][A-Za-z0-9~]*)+$/, (suffix, _last, at: number) => (at === 0 ? suffix : ''));
  return versionParts(stem(a), stem(b)) || versionParts(a, b);
}
/** glibc's strverscmp, which BusyBox uses. */
function strverscmp(a: string, b: string): number {
  const split = (text: string) => text.match(/\d+|\D/g) ?? [];
  const x = split(a);
  const y = split(b);
  for (let i = 0; i < Math.min(x.length, y.length); i++) {
    if (x[i] === y[i]) continue;
    if (isDigit(x[i]![0]) && isDigit(y[i]![0]) && x[i]![0] !== '0' && y[i]![0] !== '0') return compareNumeric(x[i]!, y[i]!);
    return bytes(x[i]!, y[i]!);
  }
  return x.length - y.length;
}

function compareBy(m: SortModifiers, flavour: Flavour): (a: string, b: string) => number {
  switch (m.kind) {
    case 'numeric':
      if (flavour === 'gnu') return compareNumeric;
      return (a, b) => (toDouble(a) || 0) - (toDouble(b) || 0);
    case 'general':
      return compareGeneral;
    case 'human':
      return compareHuman;
    case 'month':
      return (a, b) => month(a) - month(b);
    case 'version':
      return flavour === 'gnu' ? compareVersions : strverscmp;
  }
  const clean = (text: string) => {
    let t = text;
    if (m.dictionary) t = t.replace(/[^A-Za-z0-9 \t\n]/g, '');
    if (m.printable) t = t.replace(/[^ -~]/g, '');
    return m.fold ? t.replace(/[a-z]+/g, (s) => s.toUpperCase()) : t;
  };
  return m.dictionary || m.printable || m.fold ? (a, b) => bytes(clean(a), clean(b)) : bytes;
}

const ownModifiers = (m: SortModifiers) =>
  m.kind !== undefined || m.dictionary || m.fold || m.printable || m.reverse || m.blanks || m.endBlanks;

/** The comparison by keys alone, and with the last resort of whole lines. */
export function comparators(options: SortOptions): { keys: (a: string, b: string) => number; lines: (a: string, b: string) => number } {
  const flavour = options.flavour ?? 'gnu';
  const { blanks, dictionary, fold, printable, kind, reverse } = options;
  const inherited: SortModifiers = { blanks, endBlanks: blanks, dictionary, fold, printable, kind, reverse };
  const keys: SortKey[] = options.keys.map((key) => (ownModifiers(key) ? key : { ...key, ...inherited }));
  if (keys.length === 0 && ownModifiers(inherited)) keys.push({ field: 0, char: 0, end: null, endChar: 0, ...inherited });
  const steps = keys.map((key) => {
    const compare = compareBy(key, flavour);
    const whole = key.field === 0 && key.char === 0 && key.end === null && !key.blanks;
    return (a: string, b: string) => {
      const result = whole ? compare(a, b) : compare(keyText(a, key, options), keyText(b, key, options));
      return key.reverse ? -result : result;
    };
  });
  if (steps.length === 0) steps.push(bytes);
  const byKeys = (a: string, b: string) => {
    for (const step of steps) {
      const result = step(a, b);
      if (result !== 0) return result;
    }
    return 0;
  };
  const lastResort = !options.stable && (!options.unique || flavour === 'busybox');
  const byLines = lastResort ? (a: string, b: string) => byKeys(a, b) || (reverse ? bytes(b, a) : bytes(a, b)) : byKeys;
  return { keys: byKeys, lines: byLines };
}

/** Sorted lines. */
export function sortLines(lines: readonly string[], options: SortOptions): string[] {
  const compare = comparators(options);
  const sorted = [...lines].sort(compare.lines);
  return options.unique ? sorted.filter((line, i) => i === 0 || compare.keys(sorted[i - 1]!, line) !== 0) : sorted;
}

/** -m: merges lists that are sorted already. */
export function mergeLines(lists: readonly (readonly string[])[], options: SortOptions): string[] {
  const compare = comparators(options);
  const heads = lists.map(() => 0);
  const merged: string[] = [];
  for (;;) {
    let best = -1;
    lists.forEach((list, i) => {
      if (heads[i]! < list.length && (best < 0 || compare.lines(list[heads[i]!]!, lists[best]![heads[best]!]!) < 0)) best = i;
    });
    if (best < 0) return merged;
    const line = lists[best]![heads[best]!++]!;
    if (!options.unique || merged.length === 0 || compare.keys(merged.at(-1)!, line) !== 0) merged.push(line);
  }
}

/** -c: index of the first line out of order, or -1. */
export function firstDisorder(lines: readonly string[], options: SortOptions): number {
  const compare = comparators(options);
  return lines.findIndex((line, i) => {
    if (i === 0) return false;
    const order = compare.lines(lines[i - 1]!, line);
    return order > 0 || (options.unique === true && compare.keys(lines[i - 1]!, line) === 0);
  });
}
