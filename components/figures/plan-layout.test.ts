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
      ['web', 0, BOX.head + BOX.drop],
    ]);
    expect(needs.map((n) => [n.from.service.name, n.to.service.name])).toEqual([['db', 'web']]);
    expect(height).toBe(2 * BOX.head + BOX.drop);
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

  it('gives a box a line for its ports, one for its networks, and one a volume; its neighbours are as high', () => {
    const volume = { readOnly: true, kind: 'volume' };
    const rich: ComposeService = {
      ...service('db', 0),
      ports: [{ host: '0.0.0.0:5432', container: 5432, protocol: 'tcp' }],
      networks: ['front', 'back'],
      volumes: [
        { ...volume, volume: 'data', source: 'data', target: '/d' },
        { ...volume, volume: null, source: '/project/conf', target: '/c', kind: 'bind' },
        { ...volume, volume: null, source: '', target: '/a', readOnly: false },
        { ...volume, volume: null, source: '', target: '/b' },
      ],
    };
    const { placed } = planServices([rich, service('web', 0)], 552);
    expect(placed[0]?.fittings.map((f) => f.text)).toEqual([
      '5432 → 5432',
      'front, back',
      '/d ro ← data',
      '/c ro ← ./conf',
      '/a',
      '1 more',
    ]);
    expect(placed.map((p) => p.h)).toEqual([BOX.head + 6 * BOX.line, BOX.head + 6 * BOX.line]);
  });

  it('leaves out a need that is not there, and is nothing for nothing', () => {
    expect(planServices([service('web', 0, 'gone')], 552).needs).toEqual([]);
    expect(planServices([], 552)).toEqual({ placed: [], needs: [], height: 0 });
  });
});
