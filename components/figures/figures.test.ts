import { describe, expect, it } from 'vitest';
import type { BuildView } from '../../lib/machine/views/build';
import type { LayerCell, LayerEntry, LayersView } from '../../lib/machine/views/layers';
import { boot, step, type Timeline } from '../machine/engine';
import { lastBuild } from '../xrays/builds';
import { planBuild, summary, wordsOf as wordsOfStep } from './build-plan';
import { lookOf, planLayers, wordsOf } from './layers-plan';
import { fit, humanSize } from './parts';
import { ruleOf } from './rule';

const cell = (layer: number, what: LayerCell['what'] = 'file'): LayerCell => ({
  layer,
  what,
  text: '',
  size: 0,
  mode: 0o644,
  uid: 0,
  gid: 0,
  changed: false,
});
const entry = (path: string, cells: LayerCell[], more: Partial<LayerEntry> = {}): LayerEntry => ({
  path,
  cells,
  from: cells[0]?.layer ?? null,
  copiedFrom: null,
  changed: false,
  ...more,
});
const view = (layers: number, entries: LayerEntry[]): LayersView => ({
  container: { id: 'c', name: 'one', image: 'site', running: true },
  merged: '/m',
  layers: Array.from({ length: layers }, (_, i) => ({
    kind: i === 0 ? 'upper' : 'lower',
    path: `/l${i}`,
    label: `layer ${i}`,
    size: 10,
    changed: false,
  })),
  entries,
  more: 0,
  siblings: [],
});

describe('the plan of a layers drawing', () => {
  it('prefers what changed, then marks, then what upperdir holds', () => {
    const entries = [
      entry('/a', [cell(1)]),
      entry('/b', [cell(0)]),
      entry('/c', [cell(0, 'whiteout'), cell(1)], { from: null }),
      entry('/d', [cell(1)], { changed: true }),
    ];
    expect(planLayers(view(2, entries), 3, 5).columns.map((e) => e.path)).toEqual(['/b', '/c', '/d']);
  });

  it('brackets neighbours by their directory', () => {
    const entries = ['/bin', '/etc', '/srv/a', '/srv/b', '/var/log/x'].map((path) => entry(path, [cell(1)]));
    expect(planLayers(view(2, entries), 6, 5).brackets).toEqual([
      ['/', 0, 1],
      ['/srv', 2, 3],
      ['/var/log', 4, 4],
    ]);
  });

  it('gives each layer a deck while there is room', () => {
    expect(planLayers(view(5, []), 6, 5).rows.map((r) => r.name)).toEqual([
      'upperdir',
      'lowerdir 1',
      'lowerdir 2',
      'lowerdir 3',
      'lowerdir 4',
    ]);
  });

  it('lets layers without a drawn cell share one when there is not', () => {
    const rows = planLayers(view(8, [entry('/a', [cell(3)])]), 6, 5).rows;
    expect(rows.map((r) => [r.name, r.size])).toEqual([
      ['upperdir', 10],
      ['lowerdir 1–2', 20],
      ['lowerdir 3', 10],
      ['lowerdir 4–7', 40],
    ]);
  });

  it('draws a covered file hidden, and a mark as a mark', () => {
    const [white, below] = [cell(0, 'whiteout'), cell(1)];
    const gone = entry('/x', [white, below], { from: null });
    expect([lookOf(gone, white), lookOf(gone, below)]).toEqual(['mark', 'hidden']);
    expect(lookOf(entry('/y', [cell(1)]), cell(1))).toBe('shown');
    const [over, under] = [cell(1, 'directory'), cell(2, 'directory')];
    expect(lookOf(entry('/bin', [over, under]), under)).toBe('shown');
    expect(lookOf(entry('/bin', [cell(0, 'opaque'), under]), under)).toBe('hidden');
  });
});

describe('what stands in a box', () => {
  const file = (layer: number, more: Partial<LayerCell> = {}): LayerCell => ({ ...cell(layer), text: 'same', size: 5, ...more });
  const copy = (above: Partial<LayerCell>) => entry('/f', [file(0, above), file(1)], { copiedFrom: 1 });
  const top = (e: LayerEntry) => wordsOf(e, e.cells[0] as LayerCell);
  it.each([
    ['its text', copy({ text: 'other' }), 'other'],
    ['the mode, when only that was changed', copy({ mode: 0o600 }), 'mode 600'],
    ['the owner, when only that was changed', copy({ uid: 1000, gid: 1000 }), '1000:1000'],
    ['the size of a binary', entry('/b', [file(1, { text: '', size: 2_063_232 })]), '2.06 MB'],
    ['that it is empty', entry('/e', [file(1, { text: '', size: 0 })]), 'empty'],
  ])('%s', (_, e, want) => expect(top(e)).toBe(want));
});

describe('lettering', () => {
  it.each([
    [0, '0 B'],
    [11, '11 B'],
    [1090, '1.09 kB'],
    [4_260_000, '4.26 MB'],
    [2_000_000_000, '2 GB'],
  ])('%i bytes', (bytes, text) => expect(humanSize(bytes)).toBe(text));
  it('cuts what does not fit', () => {
    expect(fit('RUN mkdir /srv', 48)).toBe('RUN mkd…');
    expect(fit('short', 48)).toBe('short');
  });
});

describe('the timeline as a rule', () => {
  const timeline = (parents: (number | null)[], head: number, next: Record<number, number> = {}) =>
    ({ head, next, nodes: parents.map((parent, id) => ({ id, parent, input: null, trace: {}, machine: {} })) }) as unknown as Timeline;
  const ids = (steps: { node: { id: number }; state: string }[]) => steps.map((s) => `${s.node.id} ${s.state}`);

  it('goes through the head and on along what was undone', () => {
    const rule = ruleOf(timeline([null, 0, 1, 2], 1));
    expect(ids(rule.main)).toEqual(['0 done', '1 now', '2 undone', '3 undone']);
    expect(rule.branches).toEqual([]);
  });

  it('goes on where redo would go', () => {
    const rule = ruleOf(timeline([null, 0, 0], 0, { 0: 1 }));
    expect(ids(rule.main)).toEqual(['0 now', '1 undone']);
    expect(rule.branches.map((b) => b.steps.map((s) => s.node.id))).toEqual([[2]]);
  });

  it('shows a future not taken as a branch from its fork', () => {
    const rule = ruleOf(timeline([null, 0, 1, 2, 1, 4], 5));
    expect(ids(rule.main)).toEqual(['0 done', '1 done', '4 done', '5 now']);
    expect(rule.branches.map((b) => [b.from, b.steps.map((s) => s.node.id)])).toEqual([[1, [2, 3]]]);
  });
});

describe('a build', () => {
  const after = (...lines: string[]) => {
    const machines = [boot('lab', 1).machine];
    for (const text of lines) machines.push(step(machines.at(-1) as (typeof machines)[0], { kind: 'line', text }).machine);
    return machines;
  };
  const DOCKERFILE =
    "printf 'FROM busybox:1.36 AS a\\nCOPY f /\\nRUN sleep 20\\nRUN true\\nRUN echo 1\\nFROM a AS b\\nRUN false\\nFROM busybox:1.36\\nCOPY --from=a /f /g\\n' > Dockerfile";
  const machines = after('echo 1 > f', DOCKERFILE, 'docker build .', 'echo 2 > f', 'docker build .', 'docker run busybox true');
  const drawn = (at: number) => lastBuild(machines[at] as (typeof machines)[0], machines[at - 1] ?? null);
  const view = drawn(5)?.view as BuildView;

  it('is fresh while it is the last change', () => {
    expect([3, 5, 6].map((at) => drawn(at)?.fresh)).toEqual([true, true, false]);
    expect(drawn(1)).toBeNull();
  });

  it('says what came of each step, and why', () => {
    expect(view.steps.map((s) => [s.text, ...wordsOfStep(s)].join(' | '))).toEqual([
      'FROM busybox:1.36 AS a | begins here | ',
      'COPY f / | 0.0 s · 2 B | f changed',
      'RUN sleep 20 | 20.0 s · 0 B | the step before',
      'RUN true | 0.0 s · 0 B | the step before',
      'RUN echo 1 | 0.0 s · 0 B | the step before',
      'FROM a AS b | not needed | ',
      'RUN false | not needed | ',
      'FROM busybox:1.36 | begins here | ',
      'COPY --from=a /f /g | 0.0 s · 2 B | files of a stage',
    ]);
    expect(summary(view)).toBe('5 steps made, no steps from the cache, 1 not needed, 20.0 s');
  });

  it.each([
    ['wide', 600, false],
    ['in the pane', 552, false],
    ['narrow', 350, true],
  ] as const)('%s: boxes stay inside and apart, and no arrow crosses one', (_, w, narrow) => {
    const plan = planBuild(view, w, narrow);
    const { w: bw, h: bh } = plan.box;
    for (const [i, a] of plan.boxes.entries()) {
      expect(a.x).toBeGreaterThanOrEqual(0);
      expect(a.x + bw).toBeLessThan(w);
      expect(a.y + bh).toBeLessThanOrEqual(plan.h);
      for (const b of plan.boxes.slice(i + 1)) expect(Math.abs(a.x - b.x) >= bw || Math.abs(a.y - b.y) >= bh).toBe(true);
    }
    for (const { path } of plan.edges) {
      let [x, y] = [0, 0];
      for (const [, command = '', rest = ''] of path.matchAll(/([MHVh])([-\d. ]+)/g)) {
        const [n = 0, m = 0] = rest.trim().split(' ').map(Number);
        const [px, py] = [x, y];
        if (command === 'M') [x, y] = [n, m];
        else if (command === 'V') y = n;
        else x = command === 'h' ? x + n : n;
        if (command === 'M') continue;
        const [lowX, highX, lowY, highY] = [Math.min(px, x), Math.max(px, x), Math.min(py, y), Math.max(py, y)];
        const crossed = plan.boxes.filter((b) => highX > b.x + 0.1 && lowX < b.x + bw - 0.1 && highY > b.y + 0.1 && lowY < b.y + bh - 0.1);
        expect(crossed.map((b) => b.step.text)).toEqual([]);
        expect(highX).toBeLessThanOrEqual(w);
      }
    }
    expect(plan.edges.filter((e) => e.files)).toHaveLength(1);
  });

  it('leaves settings out first when there is no room for all', () => {
    const many = Array.from(
      { length: 60 },
      (_, id) =>
        ({
          ...(view.steps[1] as BuildView['steps'][0]),
          id,
          stage: 0,
          state: id % 2 ? 'metadata' : 'made',
          instruction: 'ENV',
        }) as BuildView['steps'][0],
    );
    const plan = planBuild({ ...view, steps: many, edges: [] }, 600, false);
    expect(plan.boxes.every((b) => b.step.state === 'made')).toBe(true);
    expect([plan.boxes.length, plan.more]).toEqual([30, 30]);
  });
});
