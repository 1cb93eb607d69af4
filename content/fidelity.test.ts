/** What the fidelity page says is of the recordings that are there. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadFidelity, simplification } from './fidelity';

const RECORDINGS = path.join(process.cwd(), 'lib', 'fidelity', 'recordings');

describe('fidelity', () => {
  const { sessions, tables, left } = loadFidelity();
  test('every recorded session is counted', () => {
    const families: Record<string, number> = {};
    for (const file of readdirSync(path.join(RECORDINGS, 'console'))) {
      const name = file.split('-')[0] as string;
      families[name] = (families[name] ?? 0) + 1;
    }
    expect(Object.fromEntries(sessions.map((s) => [s.name, s.files]))).toEqual(families);
  });
  test('every table is counted', () => {
    const names = readdirSync(path.join(RECORDINGS, 'vectors')).map((file) => file.replace('.json', ''));
    expect(tables.map((t) => t.name).sort()).toEqual(names.sort());
  });
  test('the kernel says what it leaves out', () => {
    expect(left.find((l) => l.layer === 'kernel')?.items.length).toBeGreaterThan(5);
  });
});

test.each([
  ['/**\n * A thing.\n *\n * Simplified: no quota;\n * no more.\n */\nconst x = 1;', 'no quota; no more.'],
  ['/** A thing. Simplified: no quota. */', 'no quota.'],
  ['/** A thing. */', null],
])('what a head comment leaves out: %j', (source, expected) => {
  expect(simplification(source)).toBe(expected);
});
