import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { keep, kept, type Mark, markFrom, marksOf, NONE, noteRead, readOf } from '../ask/kept';
import type { Outline } from './course';
import { exported, forgetAll, taken } from './file';
import { reviews } from './review';

/** localStorage as a browser has it: keys are its own properties. */
function storage(): Storage {
  const methods = {
    getItem(this: Record<string, string>, key: string) {
      return Object.hasOwn(this, key) ? (this[key] ?? null) : null;
    },
    setItem(this: Record<string, string>, key: string, value: string) {
      this[key] = String(value);
    },
    removeItem(this: Record<string, string>, key: string) {
      delete this[key];
    },
  };
  return Object.create(methods) as Storage;
}
beforeEach(() => vi.stubGlobal('localStorage', storage()));
afterEach(() => vi.unstubAllGlobals());

const mark = (more: Partial<Mark>): Mark => ({ ...NONE, ...more });

describe('what is kept', () => {
  it.each([
    ['null', null],
    ['a text', 'solved'],
    ['a list', [1]],
  ])('%s is no mark', (_, value) => expect(markFrom(value)).toEqual(NONE));

  it('takes what reads as it should and leaves the rest', () =>
    expect(markFrom({ solved: true, tries: -1, hints: 2, right: 1.5, last: 'now' })).toEqual(mark({ solved: true, right: 1, hints: 2 })));

  it('survives a value that is not JSON', () => {
    localStorage.setItem('drydock:solved:unionfs', '{');
    localStorage.setItem('drydock:read:unionfs', '"x"');
    expect([marksOf('unionfs'), readOf('unionfs')]).toEqual([{}, []]);
  });

  it('notes a section once', () => {
    for (const id of ['a', 'b', 'a']) noteRead('unionfs', id);
    expect(readOf('unionfs')).toEqual(['a', 'b']);
  });
});

describe('a file of progress', () => {
  it('comes back as it went', () => {
    keep('solved', 'unionfs', { q: mark({ solved: true, tries: 2, right: 1 }) });
    noteRead('unionfs', 'a');
    keep('session', 'unionfs', '{"v":1}');
    const file = JSON.stringify(exported());
    forgetAll();
    expect(exported()).toEqual({ drydock: 1, solved: {}, read: {}, session: {} });
    expect(Object.keys(localStorage)).toEqual([]);
    expect(taken(file)).toBe('Taken in.');
    expect(JSON.stringify(exported())).toBe(file);
  });

  it('adds and takes nothing away', () => {
    keep('solved', 'unionfs', { q: mark({ solved: true, tries: 1, right: 1 }), r: mark({ tries: 1 }) });
    keep('read', 'unionfs', ['a']);
    keep('session', 'unionfs', 'mine');
    const said = taken(
      JSON.stringify({
        drydock: 1,
        solved: { unionfs: { q: { tries: 4 } } },
        read: { unionfs: ['b'] },
        session: { unionfs: 'theirs', pid1: 'new' },
      }),
    );
    expect(said).toBe('Taken in. 1 machine was left as you have it here.');
    expect(marksOf('unionfs')).toEqual({ q: mark({ solved: true, tries: 4, right: 1 }), r: mark({ tries: 1 }) });
    expect(readOf('unionfs')).toEqual(['a', 'b']);
    expect([kept('session', 'unionfs'), kept('session', 'pid1')]).toEqual(['mine', 'new']);
  });

  it.each([
    ['not JSON', '{', /not JSON/],
    ['another file', '{"name":"x"}', /not a file of progress/],
    ['null', 'null', /not a file of progress/],
    ['too long', ' '.repeat(20_000_001), /21 MB long/],
  ])('%s changes nothing', (_, text, says) => {
    keep('read', 'unionfs', ['a']);
    expect(taken(text)).toMatch(says);
    expect(exported().read).toEqual({ unionfs: ['a'] });
  });

  it('keeps to names that the site gives', () => {
    taken('{"drydock":1,"read":{"../x":["a"],"__proto__":["a"],"ok":["a"]},"session":{"big":7}}');
    expect(exported()).toEqual({ drydock: 1, solved: {}, read: { ok: ['a'] }, session: {} });
  });

  it('says when there is no room', () => {
    localStorage.setItem = () => {
      throw new Error('QuotaExceededError');
    };
    expect(taken('{"drydock":1,"read":{"ok":["a"]}}')).toMatch(/no room/);
  });
});

describe('what to look at again', () => {
  const DAY = 86_400_000;
  const item = (id: string) => ({ id, title: id });
  const chapter: Outline = {
    slug: 'unionfs',
    number: 4,
    title: 'Layers',
    sections: [],
    tasks: [],
    questions: ['a', 'b', 'c', 'd'].map(item),
  };
  const of = (marks: Record<string, Mark>) => reviews([chapter], () => marks).map(({ question, due }) => [question.id, due]);

  it.each([
    ['never tried', mark({}), []],
    ['right at once', mark({ tries: 1, right: 1, solved: true, last: 5 }), []],
    ['still open', mark({ tries: 2, last: 5 }), [['a', null]]],
    ['right the second time', mark({ tries: 2, right: 1, solved: true, last: 5 }), [['a', 5 + DAY]]],
    ['right again', mark({ tries: 3, right: 2, solved: true, last: 5 }), [['a', 5 + 3 * DAY]]],
    ['right often', mark({ tries: 10, right: 9, solved: true, last: 5 }), [['a', 5 + 60 * DAY]]],
  ])('%s', (_, m, expected) => expect(of({ a: m })).toEqual(expected));

  it('has the most urgent first', () =>
    expect(
      of({ a: mark({ tries: 2, right: 1, last: 9 }), b: mark({ tries: 1 }), c: mark({ tries: 2, right: 1, last: 3 }) }).map(([id]) => id),
    ).toEqual(['b', 'c', 'a']));
});
