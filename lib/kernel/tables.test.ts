/** A table while a kernel is open: what is changed in place is nobody else's, and what was closed stays as it was. */
import { describe, expect, test } from 'vitest';
import { pmap } from '../base';
import { Table } from './tables';

interface Row {
  id: number;
  n: number;
}
const base = () => pmap.from<Row>([[1, { id: 1, n: 0 }]]);
const open = (map = base()) => new Table<Row>(map, ({ id, n }) => ({ id, n }));
const rows = (map: pmap.PMap<Row>) => Object.fromEntries(pmap.entries(map).map(([key, { n }]) => [key, n]));

describe('a table', () => {
  test('a record is copied at its first change, and the map that it came from stays as it was', () => {
    const before = base();
    const t = open(before);
    const one = t.edit(1) as Row;
    one.n = 5;
    expect(t.edit(1)).toBe(one);
    expect(t.get(1)).toBe(one);
    expect(rows(before)).toEqual({ 1: 0 });
    expect(rows(t.map())).toEqual({ 1: 5 });
  });

  test('what a map was made of is copied again before the next change', () => {
    const t = open();
    (t.edit(1) as Row).n = 5;
    const first = t.map();
    (t.edit(1) as Row).n = 6;
    expect([rows(first), rows(t.map())]).toEqual([{ 1: 5 }, { 1: 6 }]);
  });

  test('a record that was put in is the table’s own', () => {
    const t = open();
    const two = { id: 2, n: 1 };
    t.set(2, two);
    expect(t.edit(2)).toBe(two);
    t.delete(2);
    expect([t.edit(2), t.get(2), t.has(2), t.size]).toEqual([undefined, undefined, false, 1]);
  });

  test('a list shows what is there, and takes nothing away from who changes it', () => {
    const before = base();
    const t = open(before);
    const one = t.edit(1) as Row;
    t.set(2, { id: 2, n: 2 });
    expect([t.values().length, t.keys(), t.size]).toEqual([2, [1, 2], 2]);
    expect(t.edit(1)).toBe(one);
    one.n = 9;
    t.delete(2);
    expect([rows(before), rows(t.map()), t.size]).toEqual([{ 1: 0 }, { 1: 9 }, 1]);
  });

  test('another record takes the place of one that is not there', () => {
    const frozen = Object.freeze({ id: 9, n: 3 });
    const t = open();
    (t.edit(9, frozen) as Row).n++;
    expect([frozen.n, rows(t.map())]).toEqual([3, { 1: 0, 9: 4 }]);
  });

  test('numbers of namespaces go beyond 31 bits', () => {
    const t = open();
    t.set(4_026_531_840, { id: 1, n: 7 });
    t.set(-268_435_456 + 1, { id: 2, n: 8 });
    expect(t.get(4_026_531_840)?.n).toBe(7);
    expect(rows(t.map())[4_026_531_840]).toBe(7);
  });
});
