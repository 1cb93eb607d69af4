import { expect, test } from 'vitest';
import { NONE } from '../ask/kept';
import type { Outline } from '../progress/course';
import { type Learner, misunderstood, rows, solvedOf, standing } from './team';

const course: Outline[] = [
  {
    slug: 'layers',
    number: 4,
    title: 'Layers',
    sections: [],
    tasks: [{ id: 't', title: 'Task' }],
    questions: [
      { id: 'q', title: 'Question' },
      { id: 'r', title: 'Other' },
    ],
  },
];
const learner = (name: string, marks: Record<string, Partial<typeof NONE>>): Learner => ({
  name,
  read: {},
  solved: { layers: Object.fromEntries(Object.entries(marks).map(([id, mark]) => [id, { ...NONE, ...mark }])) },
});

test.each([
  [{}, 'untouched'],
  [{ solved: true, tries: 1, right: 1 }, 'solved'],
  [{ solved: true, tries: 3, right: 1 }, 'helped'],
  [{ solved: true, hints: 1, right: 1 }, 'helped'],
  [{ tries: 2 }, 'tried'],
  [{ hints: 1 }, 'tried'],
])('%j stands as %s', (mark, stands) => {
  expect(standing({ ...NONE, ...mark })).toBe(stands);
});

const team = [
  learner('ada', { t: { solved: true, right: 1, tries: 1 }, q: { solved: true, tries: 2, right: 1 } }),
  learner('bo', { q: { tries: 1 }, r: { solved: true, tries: 3, right: 1 } }),
  learner('cy', {}),
];

test('a question that two answered wrong, or one for good, is misunderstood', () => {
  expect(misunderstood(course, team)).toEqual([
    {
      chapter: { slug: 'layers', number: 4, title: 'Layers' },
      question: { id: 'q', title: 'Question' },
      wrong: ['ada', 'bo'],
      open: ['bo'],
    },
  ]);
});

test('what is solved is counted, and the spreadsheet has a row for what was touched', () => {
  expect(team.map((l) => solvedOf(l, 'layers', course[0]?.tasks ?? []))).toEqual([1, 0, 0]);
  expect(rows(course, team).map((r) => `${r.learner} ${r.id} ${r.stands}`)).toEqual([
    'ada t solved',
    'ada q helped',
    'bo q tried',
    'bo r helped',
  ]);
});
