/** The grammar: no text makes it fail in any other way than by saying where the text is wrong. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DIALECTS } from '../dialect';
import { parseLine } from './parse';
import { reader, SyntaxFault } from './reader';

const SNIPPETS = [
  'if',
  'then',
  'else',
  'fi',
  'for',
  'x',
  'in',
  'do',
  'done',
  'while',
  'case',
  'esac',
  '{',
  '}',
  '(',
  ')',
  '((',
  '))',
  '[[',
  ']]',
  '$(',
  '$((',
  '${',
  '`',
  '"',
  "'",
  "$'",
  '\\',
  '\n',
  ' ',
  '\t',
  ';',
  ';;',
  '&',
  '&&',
  '|',
  '||',
  '<',
  '>',
  '>>',
  '<<E',
  '<<-E',
  '<<<',
  'E',
  '<(',
  '>&',
  '2>',
  '&>',
  '#',
  '!',
  '=',
  'a=',
  'a=(',
  'a[',
  ']',
  '*',
  '?',
  '@(',
  '$x',
  '${x:-',
  '${x/',
  '${#',
  '${!',
  '$1',
  '$@',
  '~',
  'echo',
  'function',
  'f()',
  'select',
  'time',
  '-',
  ':',
  ',',
  '..',
  '%',
  '\0',
  'é',
  '\x80',
];

describe.each(Object.values(DIALECTS))('$name', (d) => {
  const parses = (src: string): void => {
    const r = reader(src, 1, d.grammar, true, { x: 'y ', y: 'x if' });
    try {
      while (parseLine(r) !== null);
      expect(r.pos).toBe(r.src.length);
    } catch (e) {
      if (!(e instanceof SyntaxFault)) throw e;
      expect(d.syntax(e.fault)).toMatch(/./);
      expect(e.pos).toBeLessThanOrEqual(r.src.length);
    }
  };
  it('takes any text', () => fc.assert(fc.property(fc.string({ maxLength: 60 }), parses), { numRuns: 500 }));
  it('takes any pieces of shell', () =>
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...SNIPPETS), { maxLength: 25 }).map((a) => a.join('')),
        parses,
      ),
      { numRuns: 2000 },
    ));
  it('takes any words of shell', () =>
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...SNIPPETS), { maxLength: 25 }).map((a) => a.join(' ')),
        parses,
      ),
      { numRuns: 2000 },
    ));
  it.each(['(', '{ ', '$(', '"$(', '${x:-', '$((', 'if ', '[[ (', '[[ ! ', 'x=(', '`'])('refuses %s nested without end', (s) =>
    parses(s.repeat(5000)),
  );
});
