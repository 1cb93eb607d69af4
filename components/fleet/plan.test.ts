/** What the simulations' drawings are made of. */
import { expect, test } from 'vitest';
import { barOf, curveOf, DIALS, firstOf, gigabytes, seconds, spreadView, startView, within } from './plan';
import { dayOf, FIRST_SCAN, placeOf, scanView } from './scan-plan';

test('a figure is what was typed, within its bounds', () => {
  const [nodes] = DIALS.spread;
  if (!nodes) throw new Error('no dial');
  expect(['12', '1,000', 'many', '0', ''].map((t) => within(nodes, t))).toEqual([12, 400, 1, 1, 1]);
});

test('the first figures', () => {
  const { registry, peers } = spreadView(firstOf('spread'));
  expect([seconds(registry.last), gigabytes(registry.fromRegistry)]).toEqual(['800 s', '100 GB']);
  expect(peers.last).toBeLessThan(10);
  expect(startView(firstOf('start')).ways.map((w) => [w.way, seconds(w.is.up)])).toEqual([
    ['whole', '18 s'],
    ['lazy', '3.1 s'],
    ['prefetch', '0.56 s'],
  ]);
});

test('a curve goes from the lower left to the upper right', () => {
  const points = curveOf(spreadView(firstOf('spread')).peers, 10, 20, 100, 50).split(' ');
  expect([points[0], points.at(-1)]).toEqual(['10.0,70.0', '110.0,20.0']);
  expect(points.length).toBeLessThan(200);
});

test('bars can be compared, and seen', () => expect([barOf(50, 100, 200), barOf(0.001, 100, 200)]).toEqual([100, 2]));

test('a day that is not in the calendar is not taken', () =>
  expect(['2021-12-10', ' 2024-02-29 ', '2023-02-29', '2021-13-01', 'today'].map((t) => dayOf(t, 'as it was'))).toEqual([
    '2021-12-10',
    '2024-02-29',
    'as it was',
    'as it was',
    'as it was',
  ]));

test('days lie on the scale in their order', () => {
  const places = ['2001-01-01', '2014-04-07', '2021-12-10', '2024-03-29', '2090-01-01'].map((d) => placeOf(d, 100));
  expect(places).toEqual([...places].sort((a, b) => a - b));
  expect([places[0], places.at(-1)]).toEqual([0, 100]);
});

test('the first list, the day before one of the flaws was published', () => {
  const view = scanView(FIRST_SCAN);
  expect(view.found.map((f) => [f.part.name, f.known.length, f.later.length])).toEqual([
    ['openssl', 1, 0],
    ['log4j-core', 0, 1],
    ['xz-utils', 0, 0],
    ['xz', 0, 1],
  ]);
});
