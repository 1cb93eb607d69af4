import { expect, test } from 'vitest';
import { linkTerms, termId } from './terms';

const terms = () =>
  new Map([
    ['whiteout', '/a#term-whiteout'],
    ['veth pair', '/b#term-veth-pair'],
    ['copy-up', '/a#term-copy-up'],
    ['tini', '/c#term-tini'],
  ]);
const linked = (text: string, known = terms()) =>
  linkTerms(text, known)
    .map((p) => (p.href ? `[${p.text}]` : p.text))
    .join('');

test.each([
  ['A whiteout hides it; another whiteout hides more.', 'A [whiteout] hides it; another whiteout hides more.'],
  ['Whiteouts and veth pairs.', '[Whiteouts] and [veth pairs].'],
  ['A veth\npair, a copy-up.', 'A [veth\npair], a [copy-up].'],
  ['not in pre-whiteout, whiteouted, /tini, tini/x or tini.conf', 'not in pre-whiteout, whiteouted, /tini, tini/x or tini.conf'],
  ['It is tini.', 'It is [tini].'],
  ['nothing here', 'nothing here'],
])('%s', (text, expected) => {
  expect(linked(text)).toBe(expected);
});

test('a word is linked once, wherever it comes first', () => {
  const known = terms();
  expect(linked('a tini', known)).toBe('a [tini]');
  expect(linked('a tini', known)).toBe('a tini');
});

test('the anchor of a word', () => {
  expect(termId('Open Container Initiative')).toBe('term-open-container-initiative');
});
