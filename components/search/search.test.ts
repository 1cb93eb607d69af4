import MiniSearch from 'minisearch';
import { describe, expect, it } from 'vitest';
import { excerpt } from './excerpt';
import { type Found, NEARLY, SEARCH_OPTIONS } from './options';

const shown = (text: string, ...terms: string[]) =>
  excerpt(text, terms)
    .map(({ text, hit }) => (hit ? `[${text}]` : text))
    .join('');

describe('an excerpt', () => {
  it.each([
    ['A whiteout hides a file.', ['whiteout'], 'A [whiteout] hides a file.'],
    ['Whiteouts hide files.', ['whiteout'], '[Whiteout]s hide files.'],
    ['Nothing of it.', ['other'], 'Nothing of it.'],
    ['`--cap-add` and cap', ['--cap-add'], '`[--cap-add]` and cap'],
    ['a (b) c', ['(b)'], 'a [(b)] c'],
    ['', ['x'], ''],
  ])('%s for %s', (text, terms, expected) => expect(shown(text, ...terms)).toBe(expected));

  it('is cut between words around the first hit', () => {
    const text = `${'before '.repeat(40)}whiteout ${'after '.repeat(60)}`;
    const cut = shown(text, 'whiteout');
    expect(cut.length).toBeLessThan(300);
    expect(cut).toMatch(/^… before .*\[whiteout\] after .* …$/);
  });
});

describe('the index', () => {
  const found = (id: string, kind: Found['kind'], title: string, text: string): Found => ({ id, kind, title, where: '', text });
  const index = new MiniSearch<Found>(SEARCH_OPTIONS);
  index.addAll([
    found('a', 'section', '4.3 Deleting leaves a mark', 'Such a device is a whiteout. docker diff one'),
    found('b', 'word', 'whiteout', 'Such a device is a whiteout.'),
    found('c', 'command', 'docker run', 'Create and run --cap-add Add Linux capabilities'),
    found('d', 'section', '9 Without', 'What can be left out: overlay2, cgroup.procs'),
  ]);
  const ids = (query: string, options = {}) => index.search(query, options).map(({ id }) => id);

  it.each([
    ['whiteout', ['b', 'a']],
    ['WHITE', ['b', 'a']],
    ['--cap-add', ['c']],
    ['cap', ['c']],
    ['overlay', ['d']],
    ['cgroup.procs', ['d']],
    ['docker diff', ['a']],
    ['nothing', []],
  ])('%s', (query, expected) => expect(ids(query)).toEqual(expected));

  it('comes near to what was mistyped when asked to', () => {
    expect(ids('whitoeut')).toEqual([]);
    expect(ids('whitout', NEARLY)).toContain('b');
  });
});
