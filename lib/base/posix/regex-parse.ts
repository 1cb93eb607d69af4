/**
 * POSIX regular expressions as text → tree: basic (BRE) and extended (ERE) with GNU's additions.
 *
 *   \(ab\)*\1   →   cat [ repeat(group 1 (cat a b)), backref 1 ]
 *
 * Source: regex(7), glibc's regcomp(3) (syntax bits RE_SYNTAX_POSIX_*, its error texts), GNU sed's manual (escapes).
 * Simplified: equivalence classes [[=a=]] and collating symbols [[.a.]] of one character only, as in the C locale.
 */

/** One member of a bracket expression: a range of code points, or a class such as `alpha`. */
export type SetPart = { lo: number; hi: number } | { cls: ClassName; not?: boolean };
export interface CharSet {
  negated: boolean;
  parts: SetPart[];
}
export type Assertion = 'bol' | 'eol' | 'bos' | 'eos' | 'word' | 'notword' | 'wordstart' | 'wordend';
export type RegexNode =
  | { kind: 'set'; set: CharSet }
  | { kind: 'cat'; items: RegexNode[] }
  | { kind: 'alt'; items: RegexNode[] }
  | { kind: 'repeat'; item: RegexNode; min: number; max: number }
  | { kind: 'group'; index: number; item: RegexNode }
  | { kind: 'backref'; index: number }
  | { kind: 'assert'; what: Assertion };

/** Who reads the pattern: the same regcomp, told to be strict about different things. */
export interface Dialect {
  /** Backslashes that the program reads before regcomp does. sed: \n \t … \dNNN \oNNN \xHH \cX; awk: those of strings, also in brackets. */
  escapes: 'none' | 'sed' | 'awk';
  /** ERE: a `)` without `(` stands for itself. */
  parenOrdinary: boolean;
  /** ERE: a `{` that begins no interval stands for itself. */
  braceOrdinary: boolean;
  /** ERE: a quantifier with nothing before it is passed over. */
  starIgnored: boolean;
}
export const DIALECTS = {
  regcomp: { escapes: 'none', parenOrdinary: true, braceOrdinary: false, starIgnored: false },
  sed: { escapes: 'sed', parenOrdinary: false, braceOrdinary: false, starIgnored: false },
  grep: { escapes: 'none', parenOrdinary: true, braceOrdinary: true, starIgnored: true },
  awk: { escapes: 'awk', parenOrdinary: true, braceOrdinary: true, starIgnored: false },
} as const satisfies Record<string, Dialect>;

export interface RegexSyntax {
  syntax: 'bre' | 'ere';
  dialect?: keyof typeof DIALECTS;
  /** Characters are UTF-8 sequences (LANG=C.UTF-8) instead of bytes. */
  utf8?: boolean;
}

/** A pattern that regcomp refuses; the message is glibc's. */
export class RegexError extends Error {}

const inRange = (lo: number, hi: number) => (c: number) => c >= lo && c <= hi;
const wide = (re: RegExp) => (c: number) => c > 127 && re.test(String.fromCodePoint(c));
const alpha = (c: number) => (c >= 65 && c <= 90) || (c >= 97 && c <= 122) || wide(/\p{L}/u)(c);
const digit = inRange(48, 57);
/** The character classes of the C locale; beyond ASCII (only met in UTF-8) by Unicode property. */
export const CLASSES = {
  alpha,
  digit,
  alnum: (c: number) => alpha(c) || digit(c) || wide(/\p{N}/u)(c),
  upper: (c: number) => (c >= 65 && c <= 90) || wide(/\p{Lu}/u)(c),
  lower: (c: number) => (c >= 97 && c <= 122) || wide(/\p{Ll}/u)(c),
  space: (c: number) => c === 32 || (c >= 9 && c <= 13) || wide(/\s/u)(c),
  blank: (c: number) => c === 32 || c === 9,
  punct: (c: number) => (c > 32 && c < 127 && !alpha(c) && !digit(c)) || wide(/[\p{P}\p{S}]/u)(c),
  print: (c: number) => (c >= 32 && c < 127) || c > 159,
  graph: (c: number) => (c > 32 && c < 127) || c > 160,
  cntrl: (c: number) => c < 32 || c === 127 || (c > 127 && c < 160),
  xdigit: (c: number) => digit(c) || (c >= 65 && c <= 70) || (c >= 97 && c <= 102),
  word: (c: number) => alpha(c) || digit(c) || c === 95 || wide(/\p{N}/u)(c),
} as const satisfies Record<string, (c: number) => boolean>;
export type ClassName = keyof typeof CLASSES;

/** Whether a code point is in a set. */
export function setHas(set: CharSet, c: number): boolean {
  const inside = set.parts.some((p) => ('cls' in p ? CLASSES[p.cls](c) !== (p.not ?? false) : c >= p.lo && c <= p.hi));
  return inside !== set.negated;
}

const DUP_MAX = 32767;
const single = (c: number): RegexNode => ({ kind: 'set', set: { negated: false, parts: [{ lo: c, hi: c }] } });
const ofClass = (cls: ClassName, not = false): RegexNode => ({ kind: 'set', set: { negated: false, parts: [{ cls, not }] } });
const ANY: RegexNode = { kind: 'set', set: { negated: true, parts: [] } };
const EMPTY: RegexNode = { kind: 'cat', items: [] };
const ASSERTIONS: Readonly<Record<string, Assertion>> = {
  '<': 'wordstart',
  '>': 'wordend',
  b: 'word',
  B: 'notword',
  '`': 'bos',
  "'": 'eos',
};
const CONTROL: Readonly<Record<string, number>> = { n: 10, t: 9, f: 12, v: 11, a: 7, r: 13 };

/** Reads one character at `i`: its code point (or byte) and its length in bytes. */
export function charAt(text: string, i: number, utf8: boolean): { code: number; length: number } {
  const b = text.charCodeAt(i);
  if (!utf8 || b < 0xc2 || b > 0xf4) return { code: b, length: 1 };
  const length = b < 0xe0 ? 2 : b < 0xf0 ? 3 : 4;
  let code = b & (0xff >> (length + 1));
  for (let k = 1; k < length; k++) {
    const next = text.charCodeAt(i + k);
    if ((next & 0xc0) !== 0x80 || Number.isNaN(next)) return { code: b, length: 1 };
    code = (code << 6) | (next & 0x3f);
  }
  return { code, length };
}

/** Parses a pattern (a byte string). Throws RegexError with glibc's message. */
export function parseRegex(pattern: string, options: RegexSyntax): { node: RegexNode; groups: number } {
  const ere = options.syntax === 'ere';
  const utf8 = options.utf8 ?? false;
  const dialect: Dialect = DIALECTS[options.dialect ?? 'regcomp'];
  let at = 0;
  let groups = 0;
  const closed = new Set<number>();

  const operator = (text: string) => pattern.startsWith(text, at);
  const bar = () => operator(ere ? '|' : '\\|');
  const close = () => operator(ere ? ')' : '\\)');
  const more = () => at < pattern.length;

  function alternatives(depth: number): RegexNode {
    const items = [branch(depth)];
    while (more() && bar()) {
      at += ere ? 1 : 2;
      items.push(branch(depth));
    }
    return items.length === 1 ? items[0]! : { kind: 'alt', items };
  }

  function branch(depth: number): RegexNode {
    const items: RegexNode[] = [];
    while (more() && !bar()) {
      if (close()) {
        if (depth > 0) break;
        if (!ere || !dialect.parenOrdinary) throw new RegexError('Unmatched ) or \\)');
      }
      const first = items.every((item) => item.kind === 'assert' && item.what === 'bol');
      items.push(piece(first, items.length === 0, depth));
    }
    return items.length === 1 ? items[0]! : { kind: 'cat', items };
  }

  function piece(first: boolean, start: boolean, depth: number): RegexNode {
    let item = atom(first, start, depth);
    for (;;) {
      const count = quantifier(item);
      if (count === null) return item;
      item = { kind: 'repeat', item, min: count.min, max: count.max };
    }
  }

  function quantifier(item: RegexNode): { min: number; max: number } | null {
    if (!more()) return null;
    if (item.kind === 'assert' && item.what === 'bol') return null;
    if (operator('*')) return at++, { min: 0, max: Infinity };
    if (operator(ere ? '+' : '\\+')) return (at += ere ? 1 : 2), { min: 1, max: Infinity };
    if (operator(ere ? '?' : '\\?')) return (at += ere ? 1 : 2), { min: 0, max: 1 };
    if (operator(ere ? '{' : '\\{')) return interval();
    return null;
  }

  function interval(): { min: number; max: number } | null {
    const text = (ere ? /^\{(\d*)(,?)(\d*)\}/ : /^\\\{(\d*)(,?)(\d*)\\\}/).exec(pattern.slice(at));
    if (text === null || (text[1] === '' && text[2] === '')) {
      if (ere && dialect.braceOrdinary) return null;
      throw new RegexError(pattern.slice(at).includes(ere ? '}' : '\\}') ? 'Invalid content of \\{\\}' : 'Unmatched \\{');
    }
    const min = text[1] === '' ? 0 : Number(text[1]);
    const max = text[2] === '' ? min : text[3] === '' ? Infinity : Number(text[3]);
    if (min > max) throw new RegexError('Invalid content of \\{\\}');
    if (min > DUP_MAX || (max !== Infinity && max > DUP_MAX)) throw new RegexError('Regular expression too big');
    at += text[0].length;
    return { min, max };
  }

  function atom(first: boolean, start: boolean, depth: number): RegexNode {
    const c = pattern[at]!;
    if (c === '\\') return escape(depth);
    if (c === '[') return bracket();
    if (c === '.') return at++, ANY;
    if (ere) {
      if (c === '(') return at++, group(depth);
      if (c === '^') return at++, { kind: 'assert', what: 'bol' };
      if (c === '$') return at++, { kind: 'assert', what: 'eol' };
      if (first && (c === '*' || c === '+' || c === '?' || (c === '{' && (!dialect.braceOrdinary || /^\{\d/.test(pattern.slice(at)))))) {
        if (!dialect.starIgnored) throw new RegexError('Invalid preceding regular expression');
        return EMPTY;
      }
    } else {
      if (c === '^' && start) return at++, { kind: 'assert', what: 'bol' };
      if (c === '$' && (at + 1 === pattern.length || pattern.startsWith('\\|', at + 1) || (pattern.startsWith('\\)', at + 1) && depth > 0)))
        return at++, { kind: 'assert', what: 'eol' };
    }
    return literal();
  }

  function literal(): RegexNode {
    const { code, length } = charAt(pattern, at, utf8);
    at += length;
    return single(code);
  }

  function group(depth: number): RegexNode {
    const index = ++groups;
    const item = alternatives(depth + 1);
    if (!more()) throw new RegexError('Unmatched ( or \\(');
    at += ere ? 1 : 2;
    closed.add(index);
    return { kind: 'group', index, item };
  }

  function escape(depth: number): RegexNode {
    if (at + 1 >= pattern.length) throw new RegexError('Trailing backslash');
    const e = pattern[at + 1]!;
    if (!ere && e === '(') return (at += 2), group(depth);
    if (!ere && e === '{') throw new RegexError('Invalid preceding regular expression');
    if (e >= '1' && e <= '9' && dialect.escapes !== 'awk') {
      const index = Number(e);
      if (!closed.has(index)) throw new RegexError('Invalid back reference');
      at += 2;
      return { kind: 'backref', index };
    }
    const quoted = quotedByte();
    if (quoted !== null) return single(quoted);
    at += 2;
    if (e === 'w' || e === 'W') return ofClass('word', e === 'W');
    if (e === 's' || e === 'S') return ofClass('space', e === 'S');
    const what = dialect.escapes === 'awk' && e === 'b' ? undefined : ASSERTIONS[e];
    if (what !== undefined) return { kind: 'assert', what };
    at -= 1;
    return literal();
  }

  /** A character that sed or awk itself writes as an escape; null when the backslash means something else. */
  function quotedByte(): number | null {
    if (dialect.escapes === 'none') return null;
    const rest = pattern.slice(at + 1, at + 6);
    const found =
      dialect.escapes === 'sed'
        ? /^(?:([ntfvar])|d(\d{1,3})|o([0-7]{1,3})|x([0-9a-fA-F]{1,2})|c(.))/s.exec(rest)
        : /^(?:([ntfvar])|()([0-7]{1,3})|x([0-9a-fA-F]{1,2}))/.exec(rest);
    if (found === null) return null;
    at += 1 + found[0].length;
    if (found[1]) return CONTROL[found[1]]!;
    if (found[2]) return Number(found[2]) & 255;
    if (found[3]) return parseInt(found[3], 8) & 255;
    if (found[4]) return parseInt(found[4], 16);
    return found[5]!.toUpperCase().charCodeAt(0) ^ 64;
  }

  function bracket(): RegexNode {
    const unmatched = () => new RegexError('Unmatched [, [^, [:, [., or [=');
    at++;
    const negated = pattern[at] === '^';
    if (negated) at++;
    const parts: SetPart[] = [];
    for (let first = true; first || pattern[at] !== ']'; first = false) {
      if (!more()) throw unmatched();
      if (operator('[:')) {
        const end = pattern.indexOf(':]', at + 2);
        if (end < 0) throw unmatched();
        const name = pattern.slice(at + 2, end);
        if (!Object.hasOwn(CLASSES, name) || name === 'word') throw new RegexError('Invalid character class name');
        parts.push({ cls: name as ClassName });
        at = end + 2;
        continue;
      }
      const lo = member(unmatched);
      if (pattern[at] === '-' && at + 1 < pattern.length && pattern[at + 1] !== ']') {
        at++;
        const hi = member(unmatched);
        if (hi < lo) throw new RegexError('Invalid range end');
        parts.push({ lo, hi });
      } else parts.push({ lo, hi: lo });
    }
    at++;
    return { kind: 'set', set: { negated, parts } };
  }

  function member(unmatched: () => RegexError): number {
    if (!more()) throw unmatched();
    if (operator('[.') || operator('[=')) {
      const end = pattern.indexOf(`${pattern[at + 1]}]`, at + 2);
      if (end < 0) throw unmatched();
      const { code, length } = charAt(pattern, at + 2, utf8);
      if (at + 2 + length !== end) throw new RegexError('Invalid collation character');
      at = end + 2;
      return code;
    }
    if (pattern[at] === '\\') {
      const quoted = quotedByte();
      if (quoted !== null) return quoted;
      if (dialect.escapes === 'awk' && at + 1 < pattern.length) at++;
    }
    const { code, length } = charAt(pattern, at, utf8);
    at += length;
    return code;
  }

  const node = alternatives(0);
  return { node, groups };
}
