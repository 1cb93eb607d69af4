import { describe, expect, it } from 'vitest';
import type { ComposeService } from '../../lib/machine/views/compose';
import { BOX, planServices } from './plan-layout';

const service = (name: string, row: number, ...needs: string[]): ComposeService => ({
  name,
  image: name,
  built: false,
  containers: [name],
  row,
  needs: needs.map((s) => ({ service: s, until: 'started', required: true })),
  networks: [],
  volumes: [],
  ports: [],
  exposes: [],
  hasHealthcheck: false,
  check: null,
  entrypoint: null,
  user: null,
  profiles: [],
});

describe('the plan of a Compose file', () => {
  it('puts each service below what it waits for', () => {
    const { placed, needs, height } = planServices([service('db', 0), service('web', 1, 'db')], 552);
    expect(placed.map(({ service, x, y }) => [service.name, x, y])).toEqual([
      ['db', 0, 0],
      ['web', 0, BOX.h + BOX.drop],
    ]);
    expect(needs.map((n) => [n.from.service.name, n.to.service.name])).toEqual([['db', 'web']]);
    expect(height).toBe(2 * BOX.h + BOX.drop);
  });

  it.each([
    [552, 3],
    [350, 2],
    [100, 1],
  ])('breaks a row that is wider than %i px after %i', (w, across) => {
    const { placed } = planServices(
      Array.from({ length: 7 }, (_, i) => service(`s${i}`, 0)),
      w,
    );
    expect(placed.filter((p) => p.y === 0)).toHaveLength(across);
    expect(Math.max(...placed.map((p) => p.x + BOX.w))).toBeLessThanOrEqual(Math.max(w, BOX.w));
  });

  it('leaves out a need that is not there, and is nothing for nothing', () => {
    expect(planServices([service('web', 0, 'gone')], 552).needs).toEqual([]);
    expect(planServices([], 552)).toEqual({ placed: [], needs: [], height: 0 });
  });
});
