/** Rows checked with bash 5.3 (`[[ text == pattern ]]`, `case`) and glibc's fnmatch. */
import { expect, it } from 'vitest';
import { type GlobOptions, globMatch, hasGlob } from './glob';

const rows: [string, string, boolean, GlobOptions?][] = [
  ['*', '', true],
  ['*.txt', 'a.txt', true],
  ['*.txt', '.txt', true],
  ['*.txt', '.txt', false, { period: true }],
  ['a*b*c', 'aXbYbc', true],
  ['?', '', false],
  ['[abc]x', 'bx', true],
  ['[!abc]x', 'bx', false],
  ['[^abc]x', 'dx', true],
  ['[a-c-]', '-', true],
  ['[]x]', ']', true],
  ['[!]x]', ']', false],
  ['[[:digit:][:upper:]]', 'Q', true],
  ['[x', '[x', true],
  ['\\*', '*', true],
  ['\\*', 'x', false],
  ['\\*', '\\x', true, { noescape: true }],
  ['*', 'a/b', true],
  ['*', 'a/b', false, { pathname: true }],
  ['a/*', 'a/.b', false, { pathname: true, period: true }],
  ['a/.*', 'a/.b', true, { pathname: true, period: true }],
  ['[.]b', '.b', false, { period: true }],
  ['ABC', 'abc', true, { icase: true }],
  ['[A-Z]', 'q', true, { icase: true }],
  ['@(a|b)c', 'bc', true, { extended: true }],
  ['+(ab)', 'ababab', true, { extended: true }],
  ['!(*.o)', 'a.c', true, { extended: true }],
  ['!(*.o)', 'a.o', false, { extended: true }],
  ['*(a|b)x', 'abbax', true, { extended: true }],
  ['?(a)b', 'b', true, { extended: true }],
  ['?', '\xc3\xa9', true, { utf8: true }],
  ['?', '\xc3\xa9', false],
  ['*a*a*a*a*a*a*a*a*b', 'a'.repeat(200), false],
];
it.each(rows)('%j on %j: %j %j', (pattern, text, expected, options) => expect(globMatch(pattern, text, options)).toBe(expected));
it.each([
  ['a*', true],
  ['a\\*', false],
  ['[a', false],
  ['[a]', true],
] as const)('hasGlob(%j)', (word, expected) => expect(hasGlob(word)).toBe(expected));
