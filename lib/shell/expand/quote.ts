/** Quoting for output that can be read back: ${x@Q}, set, declare -p, export -p, trap, alias. */

import { decode } from '../../base';

const CONTROL = /[\x00-\x1f\x7f]/;
const NAMES: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\x1b': '\\E',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
  "'": "\\'",
};

/** 'text', with a quote inside as '\''. */
export const singleQuoted = (s: string): string => `'${s.replaceAll("'", "'\\''")}'`;

/** $'text' of bash. */
export const ansiQuoted = (s: string): string =>
  `$'${s.replace(/[\x00-\x1f\x7f\\']/g, (c) => NAMES[c] ?? `\\${c.charCodeAt(0).toString(8).padStart(3, '0')}`)}'`;

/** Always quoted: ${x@Q}. */
export const quoted = (s: string): string => (CONTROL.test(s) ? ansiQuoted(s) : singleQuoted(s));

/** Quoted if need be: bash's `set`, xtrace. */
export function quotedIfNeeded(s: string): string {
  if (s === '') return "''";
  if (CONTROL.test(s)) return ansiQuoted(s);
  return /[\s|&;()<>$`\\"'*?[\]#~=%!{}^,]/.test(s.replace(/=/g, '').replace(/(?!^)[#~]/g, '')) ? singleQuoted(s) : s;
}

/** "text": bash's declare -p and export -p. */
export const doubleQuoted = (s: string): string =>
  CONTROL.test(s.replace(/\n/g, '')) || /\n/.test(s) ? ansiQuoted(s) : `"${s.replace(/[\\"$`]/g, '\\$&')}"`;

/** Length in characters or, in a locale without UTF-8, in bytes. */
export const lengthOf = (s: string, utf8: boolean): number => (utf8 ? [...decode(s)].length : s.length);
