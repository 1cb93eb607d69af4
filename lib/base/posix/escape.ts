/**
 * Backslash escapes: echo -e, printf's format and %b, and $'…', each as its program reads them.
 *
 * The sequences are nearly those of C, but every program has its own: a table says which.
 * Source: bash(1) (echo, printf, QUOTING), dash(1), coreutils' echo(1) and printf(1), BusyBox's bb_process_escape_sequence.
 * Simplified: in $'…' a byte \0 ends the string, as in bash; elsewhere it is kept.
 */

interface EscapeRules {
  /** Characters after the backslash that stand for one byte. */
  simple: string;
  /** Octal digits without a leading zero: \101. Up to this many; 0: not read. */
  octal: 0 | 3;
  /** \0 followed by up to three more digits, in place of two. */
  longOctal: boolean;
  /** \xHH; `required`: an error when no digit follows. */
  hex: boolean | 'required';
  /** \uHHHH and \UHHHHHHHH, written as UTF-8. */
  unicode: boolean;
  /** \c: ends the output, is a control character, or nothing special. */
  c: 'stop' | 'control' | 'none';
}

const C = 'abfnrtv\\';
export const ESCAPES = {
  'echo bash': { simple: `${C}eE`, octal: 0, longOctal: true, hex: true, unicode: true, c: 'stop' },
  'echo coreutils': { simple: `${C}e`, octal: 3, longOctal: true, hex: true, unicode: false, c: 'stop' },
  'echo busybox': { simple: `${C}e`, octal: 3, longOctal: true, hex: true, unicode: false, c: 'stop' },
  'echo dash': { simple: `${C}e`, octal: 3, longOctal: true, hex: false, unicode: false, c: 'stop' },
  'printf bash': { simple: `${C}eE"'?`, octal: 3, longOctal: false, hex: true, unicode: true, c: 'none' },
  'printf coreutils': { simple: `${C}e"`, octal: 3, longOctal: false, hex: 'required', unicode: true, c: 'stop' },
  'printf busybox': { simple: `${C}e`, octal: 3, longOctal: false, hex: true, unicode: false, c: 'stop' },
  'printf dash': { simple: `${C}e`, octal: 3, longOctal: false, hex: false, unicode: false, c: 'none' },
  '%b bash': { simple: `${C}eE`, octal: 3, longOctal: true, hex: true, unicode: true, c: 'stop' },
  '%b coreutils': { simple: `${C}e"`, octal: 3, longOctal: true, hex: 'required', unicode: true, c: 'stop' },
  '%b busybox': { simple: `${C}e`, octal: 3, longOctal: true, hex: true, unicode: false, c: 'stop' },
  '%b dash': { simple: `${C}e`, octal: 3, longOctal: true, hex: false, unicode: false, c: 'stop' },
  quote: { simple: `${C}eE"'?`, octal: 3, longOctal: false, hex: true, unicode: true, c: 'control' },
} as const satisfies Record<string, EscapeRules>;
export type EscapeKind = keyof typeof ESCAPES;

const VALUES: Readonly<Record<string, string>> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', e: '\x1b', E: '\x1b' };

/** A code point as UTF-8 bytes. */
export function utf8(c: number): string {
  if (c < 0x80) return String.fromCharCode(c);
  if (c < 0x800) return String.fromCharCode(0xc0 | (c >> 6), 0x80 | (c & 63));
  if (c < 0x10000) return String.fromCharCode(0xe0 | (c >> 12), 0x80 | ((c >> 6) & 63), 0x80 | (c & 63));
  return String.fromCharCode(0xf0 | ((c >> 18) & 7), 0x80 | ((c >> 12) & 63), 0x80 | ((c >> 6) & 63), 0x80 | (c & 63));
}

export interface Escape {
  text: string;
  /** Characters of the source that were read, the backslash included. */
  length: number;
  /** \c was met: nothing more is to be written. */
  stop?: boolean;
  /** A digit was missing after \x or \u. */
  missing?: 'hex' | 'unicode';
}

/** Reads the escape whose backslash is at `at`. */
export function readEscape(source: string, at: number, kind: EscapeKind): Escape {
  const rules: EscapeRules = ESCAPES[kind];
  const e = source[at + 1];
  if (e === undefined) return { text: '\\', length: 1 };
  if (e >= '0' && e <= '7') {
    const pattern = e === '0' && rules.longOctal ? /^0([0-7]{0,3})/ : rules.octal || (e === '0' && rules.octal) ? /^([0-7]{1,3})/ : null;
    const digits = pattern?.exec(source.slice(at + 1, at + 5));
    if (digits) return { text: String.fromCharCode(parseInt(digits[1] || '0', 8) & 255), length: 1 + digits[0].length };
  }
  if (e === 'x' && rules.hex) {
    const digits = /^[0-9a-fA-F]{1,2}/.exec(source.slice(at + 2, at + 4));
    if (digits) return { text: String.fromCharCode(parseInt(digits[0], 16)), length: 2 + digits[0].length };
    return { text: '\\x', length: 2, missing: 'hex' };
  }
  if ((e === 'u' || e === 'U') && rules.unicode) {
    const digits = /^[0-9a-fA-F]+/.exec(source.slice(at + 2, at + (e === 'u' ? 6 : 10)));
    if (digits) return { text: utf8(parseInt(digits[0], 16)), length: 2 + digits[0].length };
    return { text: `\\${e}`, length: 2, missing: 'unicode' };
  }
  if (e === 'c' && rules.c === 'stop') return { text: '', length: 2, stop: true };
  if (e === 'c' && rules.c === 'control' && at + 2 < source.length)
    return { text: String.fromCharCode(source[at + 2] === '?' ? 127 : source.charCodeAt(at + 2) & 31), length: 3 };
  if (rules.simple.includes(e)) return { text: VALUES[e] ?? e, length: 2 };
  return { text: `\\${e}`, length: 2 };
}

/** Replaces all escapes; `stop` when \c cut the text short. */
export function unescape(source: string, kind: EscapeKind): { text: string; stop: boolean; missing?: 'hex' | 'unicode' } {
  let text = '';
  let missing: 'hex' | 'unicode' | undefined;
  for (let i = 0; i < source.length; ) {
    const next = source.indexOf('\\', i);
    if (next < 0) return { text: text + source.slice(i), stop: false, missing };
    text += source.slice(i, next);
    const found = readEscape(source, next, kind);
    text += found.text;
    missing ??= found.missing;
    if (found.stop) return { text, stop: true, missing };
    if (kind === 'quote' && found.text === '\0') return { text: text.slice(0, -1), stop: false, missing };
    i = next + found.length;
  }
  return { text, stop: false, missing };
}
