/** The plan of a drawing of a registry: who stands where, and which pipe is marked. */
import { expect, test } from 'vitest';
import '../../lib/machine/whole';
import { boot, type Machine, step } from '../../lib/machine';
import { openToRead } from '../../lib/machine/machine';
import { registryView } from '../../lib/machine/views/registry';
import { worldOf } from '../../lib/machine/views/world';
import { BOX, planRegistry } from './registry-plan';

const run = (machine: Machine, ...lines: string[]) => lines.reduce((m, text) => step(m, { kind: 'line', text }).machine, machine);
const world = (machine: Machine) => worldOf(openToRead(machine));
const before = run(
  boot('lab', 1).machine,
  'docker run -d -p 5000:5000 --name registry registry:3; sleep 1',
  "printf 'FROM busybox:1.36\\nRUN echo one > /one\\n' | docker build -q -t localhost:5000/app:1 -",
  'docker push localhost:5000/app:1',
  "printf 'FROM busybox:1.36\\nRUN echo two > /two\\n' | docker build -q -t localhost:5000/app:2 -",
);
const after = run(before, 'docker push localhost:5000/app:2');
const view = registryView(world(after), 'registry', world(before));
if (!view) throw new Error('no registry');

test.each([
  [600, false],
  [350, true],
] as const)('at %d units, columns do not meet and everything is within', (w, narrow) => {
  const plan = planRegistry(view, w, narrow);
  const { tags, manifests, blobs } = plan.columns;
  expect(tags.x + tags.w).toBeLessThan(manifests.x);
  expect(manifests.x + manifests.w).toBeLessThan(blobs.x);
  expect(blobs.x + blobs.w).toBeLessThan(w);
  for (const rows of [plan.manifests, plan.blobs])
    for (const [i, r] of rows.entries()) if (i > 0) expect(r.y).toBeGreaterThanOrEqual((rows[i - 1]?.y ?? 0) + BOX);
  expect(Math.max(...plan.blobs.map((b) => b.y + BOX))).toBeLessThan(plan.height);
});

test('what was sent is marked, what was there is not', () => {
  const plan = planRegistry(view, 600, false);
  expect([plan.tags.length, plan.manifests.length, plan.blobs.length, plan.more]).toEqual([2, 2, 7, 0]);
  // The new tag, the new manifest's upright, and its branches to config and layer; not those to the three layers of the base.
  expect(plan.ways.filter((w) => w.now)).toHaveLength(4);
  expect(plan.ways.filter((w) => w.ends)).toHaveLength(2 + 2 * 5);
});

test('what is too much is left to the table', () => {
  const many = { ...view, blobs: Array.from({ length: 20 }, () => view.blobs[0]).flatMap((b) => (b ? [b] : [])) };
  expect(planRegistry(many, 600, false).more).toBe(8);
});
