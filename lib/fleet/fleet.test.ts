import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Lazy, least, type Spread, spread, start } from '.';

const spreads = fc.record({
  nodes: fc.integer({ min: 1, max: 40 }),
  size: fc.integer({ min: 1, max: 4000 }),
  registry: fc.integer({ min: 50, max: 20_000 }),
  node: fc.integer({ min: 50, max: 20_000 }),
});
const runs = { numRuns: 40 };

describe('spread', () => {
  // Arithmetic: megabytes × 8 / megabits a second.
  test.each<[Spread, number]>([
    [{ nodes: 100, size: 1000, registry: 1000, node: 1000, way: 'registry' }, 800],
    [{ nodes: 10, size: 1000, registry: 10_000, node: 1000, way: 'registry' }, 8],
    [{ nodes: 1, size: 500, registry: 1000, node: 100, way: 'registry' }, 40],
    [{ nodes: 1, size: 500, registry: 1000, node: 100, way: 'peers' }, 40],
  ])('%j takes %d seconds', (s, last) => expect(spread(s).last).toBeCloseTo(last));

  test('everything arrives once at each node, and never sooner than it can', () =>
    fc.assert(
      fc.property(spreads, fc.constantFrom('registry' as const, 'peers' as const), (s, way) => {
        const r = spread({ ...s, way });
        expect(r.fromRegistry + r.fromPeers).toBeCloseTo(s.nodes * s.size, 6);
        expect(r.fromRegistry).toBeGreaterThan(s.size * 0.999);
        expect(r.last).toBeGreaterThan(least({ ...s, way }) * 0.999);
        expect(r.first).toBeLessThanOrEqual(r.last);
        const last = r.moments.at(-1);
        expect(last?.arrived).toBeCloseTo(1);
        expect(last?.ready).toBe(s.nodes);
        expect(r.moments.every((m, i) => i === 0 || m.arrived >= (r.moments[i - 1]?.arrived ?? 0))).toBe(true);
      }),
      runs,
    ));

  test('peers come near the least time there can be', () =>
    fc.assert(
      fc.property(spreads, (s) => {
        const peers = { ...s, way: 'peers' as const };
        expect(spread(peers).last).toBeLessThan(least(peers) * 1.35 + 1e-6);
      }),
      // A node's link that carries a little more than the registry's: no part of a piece may be lost between two steps.
      { ...runs, examples: [[{ nodes: 1, size: 1, registry: 50, node: 51 }]] },
    ));

  test('with more nodes, a registry alone takes longer in proportion, peers hardly', () => {
    const of = (nodes: number, way: Spread['way']) => spread({ nodes, size: 1000, registry: 1000, node: 1000, way }).last;
    expect(of(200, 'registry') / of(10, 'registry')).toBeCloseTo(20);
    expect(of(200, 'peers') / of(10, 'peers')).toBeLessThan(1.2);
  });
});

describe('start', () => {
  const images = fc.record({
    size: fc.integer({ min: 10, max: 8000 }),
    needed: fc.integer({ min: 1, max: 8000 }),
    link: fc.integer({ min: 10, max: 25_000 }),
    wait: fc.integer({ min: 0, max: 300 }),
    unpack: fc.integer({ min: 10, max: 1000 }),
  });
  const ways = (l: Omit<Lazy, 'way'>) => ({
    whole: start({ ...l, way: 'whole' }),
    lazy: start({ ...l, way: 'lazy' }),
    prefetch: start({ ...l, way: 'prefetch' }),
  });

  test('one image, by hand', () => {
    const { whole, lazy, prefetch } = ways({ size: 1000, needed: 64, link: 1000, wait: 20, unpack: 100 });
    expect(whole).toEqual({ up: 18.02, all: 18.02, fetched: 1000, requests: 1 });
    expect([lazy.requests, lazy.fetched, lazy.up.toFixed(2)]).toEqual([129, 65, '3.10']);
    expect([prefetch.requests, prefetch.fetched, prefetch.up.toFixed(2)]).toEqual([2, 65, '0.56']);
  });

  test('fetching ahead never makes a start later, and nothing is there before it has come', () =>
    fc.assert(
      fc.property(images, (l) => {
        const { whole, lazy, prefetch } = ways(l);
        expect(prefetch.up).toBeLessThanOrEqual(lazy.up + 1e-9);
        for (const s of [whole, lazy, prefetch]) {
          expect(s.all).toBeGreaterThanOrEqual(s.up);
          expect(s.up).toBeGreaterThanOrEqual((s.fetched * 8) / l.link - 1e-9);
        }
      }),
    ));

  test('a far registry makes many small reads slower than one whole pull', () => {
    const { whole, lazy } = ways({ size: 100, needed: 80, link: 1000, wait: 200, unpack: 100 });
    expect(lazy.up).toBeGreaterThan(whole.up);
  });
});
