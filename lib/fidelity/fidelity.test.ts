/**
 * The model against recordings of Engine 28.5 and against other projects' test tables. A family or an area is held to
 * the share of answers that it has reached; what an issue has brought to its bar may not fall below it again.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runConsole } from '../machine';
import { areas } from './areas';
import { compare, parse } from './console';
import { evaluate, type VectorFile } from './vectors';

const recordings = join(import.meta.dirname, 'recordings');
const files = readdirSync(join(recordings, 'console')).sort();

/** Family of console files → the share of commands that must answer as recorded. */
const FAMILIES = {
  layer: 0.95,
  build: 0.97,
  compose: 0.98,
  image: 0.97,
  life: 0.97,
  vol: 0.97,
  ns: 0.97,
  sec: 0.97,
  limit: 0.97,
  cg: 0.97,
  net: 0.97,
} satisfies Record<string, number>;

describe.each(Object.entries(FAMILIES))('sessions %s-*', (family, least) => {
  const mine = files.filter((f) => f.startsWith(`${family}-`));
  const rows = mine.map((file) => {
    const { steps } = parse(readFileSync(join(recordings, 'console', file), 'utf8'));
    return { file, rows: compare(steps, runConsole(steps.map((s) => s.command))) };
  });
  test('are there', () => expect(mine.length).toBeGreaterThan(0));
  test(`answer as recorded, ${least * 100} % of their commands`, () => {
    const all = rows.flatMap((r) => r.rows);
    const wrong = rows.flatMap((r) =>
      r.rows.filter((row) => !row.same).map((row) => `${r.file}: $ ${row.command}\n${row.wanted}\n---\n${row.given}`),
    );
    expect((all.length - wrong.length) / all.length, wrong.join('\n\n')).toBeGreaterThanOrEqual(least);
  });
});

/** Area → the share of its rows. Seven rows of `overlay` and six of `filesystem` tell only a part of their tree. */
const AREAS = {
  'compose-interpolate': 1,
  'compose-load': 0.97,
  'compose-merge': 1,
  'compose-volumes': 1,
  dotenv: 1,
  'capability-operations': 1,
  'cgroup-values': 1,
  'exec-capabilities': 1,
  seccomp: 1,
  ipam: 1,
  firewall: 1,
  'dns-files': 1,
  references: 1,
  users: 1,
  tables: 1,
  platforms: 1,
  layers: 1,
  units: 0.98,
  overlay: 0.96,
  filesystem: 0.97,
} satisfies Record<string, number>;

test.each(Object.entries(AREAS))('table %s', (area, least) => {
  const file = JSON.parse(readFileSync(join(recordings, 'vectors', `${area}.json`), 'utf8')) as VectorFile;
  const { passed, total, failed, notModelled } = evaluate(file, areas);
  expect(passed / total, `${failed.map((f) => f.id).join(', ')}; not modelled: ${notModelled.join(', ')}`).toBeGreaterThanOrEqual(least);
});
