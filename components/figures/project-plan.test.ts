import { describe, expect, it } from 'vitest';
import type { Moment, ProjectRow, ProjectView } from '../../lib/machine/views/project';
import { needsInWords, planProject, spell, stateInWords } from './project-plan';

const row = (service: string, moments: [Moment['what'], number][], more: Partial<ProjectRow> = {}): ProjectRow => ({
  id: service,
  container: `p-${service}-1`,
  service,
  image: 'x',
  env: [],
  state: 'running',
  exitCode: null,
  health: null,
  moments: moments.map(([what, at]) => ({ what, at, changed: false })),
  needs: [],
  networks: ['default'],
  ports: [],
  changed: false,
  ...more,
});
const view = (rows: ProjectRow[]): ProjectView => ({ name: 'p', directory: '/', from: 0, rows, networks: ['default'], removed: [] });
const db = row(
  'db',
  [
    ['created', 0],
    ['started', 10],
    ['healthy', 1010],
  ],
  { health: 'healthy' },
);
const waits = (state: 'met' | 'waiting', at: number | null): ProjectRow['needs'] => [
  { service: 'db', until: 'healthy', state, at, changed: false },
];

describe('the plan of a project', () => {
  const web = row(
    'web',
    [
      ['created', 5],
      ['started', 1020],
    ],
    { needs: waits('met', 1010) },
  );
  const plan = planProject(view([db, web]), { left: 100, right: 340, room: 5 });
  it('keeps moments in order, near ones together', () =>
    expect(plan.ticks.map((t) => [t.says, Math.round(t.x)])).toEqual([
      ['0 s', 100],
      ['1 s', 241],
    ]));
  it('makes a bar of each stretch', () =>
    expect(plan.rows.map((r) => r.bars.map((b) => `${b.kind} ${Math.round(b.to - b.from)}`))).toEqual([
      ['made 0', 'checked 141', 'well 99'],
      ['made 141', 'up 99'],
    ]));
  it('drops a leader from where the condition came about to where it was waited for', () => {
    const [leader] = plan.rows[1]?.leaders ?? [];
    expect([leader?.row, leader?.x, leader?.to]).toEqual([0, plan.ticks[1]?.x, plan.ticks[1]?.x]);
  });
  it('leaves one open while nothing has come of it', () => {
    const open = planProject(view([db, row('web', [['created', 5]], { state: 'created', needs: waits('waiting', null) })]), {
      left: 100,
      right: 340,
      room: 5,
    });
    expect(open.rows[1]?.leaders[0]?.to).toBeNull();
  });
  it('draws so many rows', () => expect(planProject(view([db, db, db]), { left: 0, right: 100, room: 2 }).rows).toHaveLength(2));
});

it.each([
  [0, '0 s'],
  [1510, '1.5 s'],
  [42_000, '42 s'],
  [300_000, '5 min'],
  [7_200_000, '2 h'],
])('%i ms is %s', (ms, words) => expect(spell(ms)).toBe(words));

it.each([
  [row('a', [], { state: 'exited', exitCode: 3 }), 'exited, 3', ''],
  [row('a', [], { health: 'starting', needs: waits('met', 1) }), 'running, starting', 'after db healthy'],
  [row('a', [], { state: 'created', needs: waits('waiting', null) }), 'created', 'waits for db healthy'],
])('words of a row %#', (r, state, needs) => expect([stateInWords(r), needsInWords(r)]).toEqual([state, needs]));
