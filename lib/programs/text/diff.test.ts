/** Rows recorded from diffutils 3.12: two files, `diff`, the hunks of `diff -u` and of `diff -U1`. */
import { expect, it } from 'vitest';
import { diffTexts, normalDiff, toLines, unifiedHunks } from './diff';
import rows from './diff.rows.json';

it.each(rows as [string, string, string, string, string][])('%j %j', (a, b, normal, unified, narrow) => {
  const [x, y] = [toLines(a), toLines(b)];
  const changes = (context: number) => diffTexts(x, y, { context });
  expect([normalDiff(x, y, changes(0)), unifiedHunks(x, y, changes(3)), unifiedHunks(x, y, changes(1), 1)]).toEqual([
    normal,
    unified,
    narrow,
  ]);
});
