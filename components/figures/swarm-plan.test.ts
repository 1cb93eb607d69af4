import { describe, expect, it } from 'vitest';
import type { SwarmView, TaskRow } from '../../lib/machine/views/swarm';
import { countOf, ROW, statesOf, swarmPlan } from './swarm-plan';

const task = (state: string, desired = 'running'): TaskRow => ({ id: 'x', desired, state, error: '', container: null, changed: false });
const service = (name: string, slots: number, running = slots) => ({
  id: name,
  name,
  mode: 'replicated',
  image: 'busybox',
  wanted: slots,
  running,
  ports: [],
  addresses: [],
  update: null,
  slots: Array.from({ length: slots }, (_, i) => ({ name: `${name}.${i + 1}`, tasks: [task('running'), task('failed', 'shutdown')] })),
  changed: false,
});
const view = (...services: SwarmView['services']): SwarmView => ({
  node: { name: 'dock', availability: 'active', changed: false },
  services,
  secrets: [],
  configs: [],
  changed: false,
});

describe('the plan of a swarm', () => {
  it.each([
    [552, false],
    [350, true],
  ])('keeps within %i px, and no row covers another', (w, narrow) => {
    const { services, columns, h } = swarmPlan(view(service('web', 3), service('db', 1), service('job', 0)), w, narrow);
    for (const c of Object.values(columns)) expect(c.x + c.w).toBeLessThanOrEqual(w);
    const rows = services.flatMap((s) => s.slots.map((x) => x.y));
    expect(rows.every((y, i) => i === 0 || y >= (rows[i - 1] ?? 0) + ROW)).toBe(true);
    expect(services.every((s, i) => i === 0 || s.y >= (services[i - 1]?.y ?? 0) + (services[i - 1]?.h ?? 0))).toBe(true);
    expect(h).toBeGreaterThanOrEqual((rows.at(-1) ?? 0) + ROW);
  });
  it('counts those before the task that counts', () =>
    expect(swarmPlan(view(service('web', 1)), 552, false).services[0]?.slots[0]?.before).toBe(1));
  it('says how many slots found no place', () => expect(swarmPlan(view(service('web', 20)), 552, false).more).toBe(8));
  it.each([
    [service('web', 3, 1), '1 of 3 run'],
    [service('web', 1), '1 of 1 runs'],
    [{ ...service('job', 2), mode: 'job', slots: [{ name: 'a', tasks: [task('complete', 'complete')] }] }, '1 of 2 done'],
  ])('counts', (s, want) => expect(countOf(s)).toBe(want));
  it.each([
    [task('running'), 'running'],
    [task('ready', 'ready'), 'ready'],
    [task('pending'), 'wanted: running, is: pending'],
  ])('two states or one', (t, want) => expect(statesOf(t)).toBe(want));
});
