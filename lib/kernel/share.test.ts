/** Shares of processors, worked out by hand: what is fair among the weights, level by level, with one processor for a task at most. */
import { expect, test } from 'vitest';
import { type Runner, shares } from './share';

type Row = [cpus: number, group: string, weight: number];
const run = (n: number, ...rows: Row[]) => {
  const runners = rows.map(
    ([cpus, path, weight], pid): Runner => ({ pid, cpus, groups: [{ path: '/s', weight: 100 }, ...(path ? [{ path, weight }] : [])] }),
  );
  return [...shares(runners, n).values()].map((r) => Math.round(r * 1000) / 1000);
};
const [FIRST, BOTH] = [0b01, 0b11];

test.each<[string, number, Row[], number[]]>([
  ['alone: one processor, not two', 2, [[BOTH, '/a', 100]], [1]],
  [
    'two on two',
    2,
    [
      [BOTH, '/a', 100],
      [BOTH, '/b', 300],
    ],
    [1, 1],
  ],
  [
    'by weight on one',
    1,
    [
      [1, '/a', 100],
      [1, '/b', 300],
    ],
    [0.25, 0.75],
  ],
  [
    'pinned to the same one',
    2,
    [
      [FIRST, '/a', 200],
      [FIRST, '/b', 100],
    ],
    [0.667, 0.333],
  ],
  [
    'one pinned, one free: the free one goes where there is room',
    2,
    [
      [FIRST, '/a', 100],
      [BOTH, '/b', 100],
    ],
    [1, 1],
  ],
  [
    'two pinned, one free',
    2,
    [
      [FIRST, '/a', 100],
      [FIRST, '/b', 100],
      [BOTH, '/c', 100],
    ],
    [0.5, 0.5, 1],
  ],
  [
    'three alike on two',
    2,
    [
      [BOTH, '/a', 100],
      [BOTH, '/b', 100],
      [BOTH, '/c', 100],
    ],
    [0.667, 0.667, 0.667],
  ],
  [
    'heavy one has its processor, the rest share the other',
    2,
    [
      [BOTH, '/a', 300],
      [BOTH, '/b', 100],
      [BOTH, '/c', 100],
    ],
    [1, 0.5, 0.5],
  ],
  [
    'a group’s part is divided in it',
    1,
    [
      [1, '/a', 100],
      [1, '/a', 100],
      [1, '/b', 100],
    ],
    [0.25, 0.25, 0.5],
  ],
])('%s', (_name, cpus, rows, wanted) => expect(run(cpus, ...rows)).toEqual(wanted));
