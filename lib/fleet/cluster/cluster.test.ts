import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  answers,
  apply,
  bounds,
  type Cluster,
  changeNode,
  type Deployment,
  deletePod,
  deployment,
  desiredReplicas,
  isActive,
  newCluster,
  ofKind,
  round,
  rounds,
  type Service,
  scaleTo,
  setImage,
  setLoad,
  settle,
  undo,
} from '.';
import { failing, limits, podsSaid, type Story, told } from './outcome';

const service = (app: string): Service => ({ kind: 'Service', name: app, app, endpoints: [] });
const names = (c: Cluster) => c.pods.map((p) => p.name);
const ready = (c: Cluster, app = 'web') => c.pods.filter((p) => p.app === app && p.ready && p.ending === null);
const stateful = (replicas: number, image = 'db:1') =>
  ({ kind: 'StatefulSet', name: 'db', app: 'db', replicas, template: { image, readiness: true, liveness: false }, claim: 'data' }) as const;
/** All clusters from this one on, the first included. */
const path = (c: Cluster, n: number): Cluster[] => {
  const out = [c];
  for (let i = 0; i < n; i++) out.push(round(out.at(-1) as Cluster));
  return out;
};

describe('a Deployment', () => {
  test('each controller does its part, one round after another', () => {
    const steps = path(apply(newCluster(), [deployment({ name: 'web', replicas: 2 }), service('web')]), 8);
    expect(steps.map((c) => c.acts.map((a) => a.by))).toEqual([
      [],
      ['Deployment controller'],
      ['Deployment controller'],
      ['ReplicaSet controller'],
      ['scheduler', 'scheduler'],
      ['kubelet of node-1', 'kubelet of node-2'],
      ['kubelet of node-1', 'kubelet of node-2'],
      ['endpoints controller'],
      [],
    ]);
    expect(ofKind(steps.at(-1) as Cluster, 'Service')[0]?.endpoints).toHaveLength(2);
  });

  const some = fc.record({
    replicas: fc.integer({ min: 1, max: 6 }),
    surge: fc.constantFrom<number | string>(0, 1, 2, '25%', '50%'),
    unavailable: fc.constantFrom<number | string>(0, 1, 2, '25%', '50%'),
  });
  const rolling = ({ replicas, surge, unavailable }: { replicas: number; surge: number | string; unavailable: number | string }) =>
    deployment({ name: 'web', replicas, strategy: { type: 'RollingUpdate', surge, unavailable } });
  const room = newCluster(3, 9);

  test('it comes to what was wanted, whatever is killed, scaled or rolled out on the way', () => {
    const deed = fc.oneof(
      fc.record({ do: fc.constant('kill' as const), n: fc.nat(20) }),
      fc.record({ do: fc.constant('scale' as const), n: fc.integer({ min: 0, max: 6 }) }),
      fc.record({ do: fc.constant('image' as const), n: fc.integer({ min: 1, max: 4 }) }),
      fc.record({ do: fc.constant('wait' as const), n: fc.integer({ min: 1, max: 5 }) }),
    );
    fc.assert(
      fc.property(some, fc.array(deed, { maxLength: 12 }), (d, deeds) => {
        let c = apply(room, [rolling(d), service('web')]);
        for (const { do: what, n } of deeds) {
          if (what === 'kill' && c.pods.length > 0) c = deletePod(c, names(c)[n % c.pods.length] as string);
          if (what === 'scale') c = scaleTo(c, 'web', n);
          if (what === 'image') c = setImage(c, 'web', `web:${n}`);
          c = rounds(c, what === 'wait' ? n : 1);
        }
        c = settle(c, 150);
        const [wanted] = ofKind(c, 'Deployment');
        expect(c.pods.map((p) => [p.template.image, p.ready])).toEqual(
          Array.from({ length: wanted?.replicas ?? -1 }, () => [wanted?.template.image, true]),
        );
        expect(ofKind(c, 'Service')[0]?.endpoints.toSorted()).toEqual(names(c).toSorted());
      }),
      { numRuns: 60 },
    );
  });

  test('in a roll-out there are never more pods than may be, nor fewer ready than have to be', () =>
    fc.assert(
      fc.property(some, fc.constantFrom('web:2', 'web:bad', 'web:crash'), (d, image) => {
        const before = settle(apply(room, [rolling(d)]));
        const { surge, unavailable } = bounds(rolling(d) as Deployment);
        for (const c of path(setImage(before, 'web', image), 40)) {
          expect(c.pods.filter(isActive).length).toBeLessThanOrEqual(d.replicas + surge);
          expect(ready(c).length).toBeGreaterThanOrEqual(d.replicas - unavailable);
        }
      }),
      { numRuns: 60 },
    ));

  test('a bad version stops the roll-out and is not undone by itself; undo takes the old set again', () => {
    const before = settle(apply(room, [deployment({ name: 'web', replicas: 4 }), service('web')]));
    const stuck = rounds(setImage(before, 'web', 'web:bad'), 40);
    expect(ready(stuck).map((p) => p.template.image)).toEqual(['web:1', 'web:1', 'web:1']);
    expect(stuck.pods.filter((p) => p.template.image === 'web:bad' && isActive(p))).toHaveLength(2);
    expect(path(setImage(before, 'web', 'web:bad'), 20).flatMap((c) => c.acts.map((a) => a.did))).toContain(
      'called the roll-out stuck, and left all as it is',
    );
    const back = settle(undo(stuck, 'web'));
    expect(ready(back).map((p) => p.template.image)).toEqual(['web:1', 'web:1', 'web:1', 'web:1']);
    expect(ofKind(back, 'ReplicaSet').map((s) => [s.template.image, s.revision])).toEqual([
      ['web:1', 3],
      ['web:bad', 2],
    ]);
  });

  test('without a readiness probe a bad version takes over, and gets the requests', () => {
    const before = settle(apply(room, [deployment({ name: 'web', replicas: 3, probes: { readiness: false } }), service('web')]));
    const after = settle(setImage(before, 'web', 'web:bad'));
    const endpoints = ofKind(after, 'Service')[0]?.endpoints ?? [];
    expect(after.pods.filter((p) => endpoints.includes(p.name)).map(answers)).toEqual([false, false, false]);
  });

  test('Recreate lets the old ones end before the first new one begins', () => {
    const d = deployment({ name: 'web', replicas: 3, strategy: { type: 'Recreate' } });
    const images = path(setImage(settle(apply(room, [d])), 'web', 'web:2'), 20).map((c) => new Set(c.pods.map((p) => p.template.image)));
    expect(images.every((i) => i.size <= 1)).toBe(true);
    expect([...(images.at(-1) ?? [])]).toEqual(['web:2']);
  });

  test('a probe that fails restarts a container that is stuck; without it, nobody does', () => {
    const stuck = (liveness: boolean) =>
      rounds(apply(room, [deployment({ name: 'web', replicas: 1, image: 'web:stuck', probes: { liveness } })]), 30).pods[0];
    expect(stuck(true)?.restarts).toBeGreaterThan(1);
    expect([stuck(false)?.restarts, stuck(false)?.ready]).toEqual([0, false]);
  });
});

test('a pod by hand is gone when it is gone', () => {
  const template = { image: 'web:1', readiness: false, liveness: false };
  const c = settle(apply(newCluster(), [{ kind: 'Pod', name: 'alone', app: 'web', template }]));
  expect(ready(c)).toHaveLength(1);
  expect(settle(deletePod(c, 'alone')).pods).toEqual([]);
});

describe('nodes', () => {
  const three = settle(apply(newCluster(), [deployment({ name: 'web', replicas: 3 }), service('web')]));

  test('pods are spread', () => expect(three.pods.map((p) => p.node).toSorted()).toEqual(['node-1', 'node-2', 'node-3']));

  test('what was on a lost node is made anew elsewhere, and the Service stops sending there first', () => {
    const steps = path(changeNode(three, 'node-2', 'off'), 12);
    const lost = three.pods.find((p) => p.node === 'node-2')?.name ?? '';
    const has = (c: Cluster) => ofKind(c, 'Service')[0]?.endpoints.includes(lost);
    const out = steps.findIndex((c) => !has(c));
    const again = steps.findIndex((c) => c.pods.filter((p) => isActive(p) && p.node !== 'node-2').length === 3);
    expect(out).toBeGreaterThan(0);
    expect(again).toBeGreaterThan(out);
    expect(ready(steps.at(-1) as Cluster)).toHaveLength(3);
    expect(settle(changeNode(steps.at(-1) as Cluster, 'node-2', 'on')).pods.map((p) => p.name)).not.toContain(lost);
  });

  test('a StatefulSet does not replace a pod that nobody has seen end', () => {
    const db = settle(apply(newCluster(), [stateful(3)]));
    const off = rounds(changeNode(db, db.pods.find((p) => p.name === 'db-1')?.node ?? '', 'off'), 20);
    expect(off.pods.find((p) => p.name === 'db-1')?.ending).not.toBeNull();
    expect(off.pods.filter((p) => p.name === 'db-1')).toHaveLength(1);
  });

  test('a drain keeps to the budget, and leaves what a DaemonSet wants there', () => {
    const template = { image: 'log:1', readiness: false, liveness: false };
    const budget = { kind: 'PodDisruptionBudget', name: 'web', app: 'web', minAvailable: 3 } as const;
    const c = settle(apply(three, [{ kind: 'DaemonSet', name: 'log', app: 'log', template }, budget]));
    const drained = rounds(changeNode(c, 'node-1', 'drain'), 20);
    expect(
      drained.pods
        .filter((p) => p.node === 'node-1')
        .map((p) => p.app)
        .toSorted(),
    ).toEqual(['log', 'web']);
    const more = settle(scaleTo(drained, 'web', 4));
    expect(more.pods.filter((p) => p.node === 'node-1').map((p) => p.app)).toEqual(['log']);
    expect(ready(more).length).toBe(4);
  });

  test('what finds no room waits', () => {
    const c = settle(apply(newCluster(1, 2), [deployment({ name: 'web', replicas: 3 })]), 20);
    expect(c.pods.filter((p) => p.node === null)).toHaveLength(1);
  });
});

describe('StatefulSet, DaemonSet, Job', () => {
  test('in order, one at a time, each with a claim that stays', () => {
    const up = path(apply(newCluster(), [stateful(3)]), 30);
    for (const c of up) {
      const begun = c.pods.length;
      expect(names(c)).toEqual(['db-0', 'db-1', 'db-2'].slice(0, begun));
      expect(c.pods.slice(0, -1).every((p) => p.ready)).toBe(true);
    }
    const all = up.at(-1) as Cluster;
    const one = settle(apply(all, [stateful(1)]));
    expect([names(one), one.claims]).toEqual([['db-0'], ['data-db-0', 'data-db-1', 'data-db-2']]);
    const steps = path(apply(all, [stateful(3, 'db:2')]), 40);
    const changed = ['db-0', 'db-1', 'db-2'].map((n) =>
      steps.findIndex((c) => c.pods.find((p) => p.name === n)?.template.image === 'db:2'),
    );
    expect(changed).toEqual(changed.toSorted((a, b) => b - a));
    expect(changed.every((i) => i > 0)).toBe(true);
  });

  test('a job ends when so many have succeeded, or too many have failed', () => {
    const job = (image: string) =>
      ({
        kind: 'Job',
        name: 'once',
        app: 'once',
        template: { image, readiness: false, liveness: false },
        completions: 4,
        parallelism: 2,
        backoffLimit: 3,
        outcome: 'running',
      }) as const;
    const good = path(apply(newCluster(), [job('once:1')]), 30);
    expect(good.every((c) => c.pods.filter(isActive).length <= 2)).toBe(true);
    expect(good.at(-1)?.pods.map((p) => p.phase)).toEqual(['Succeeded', 'Succeeded', 'Succeeded', 'Succeeded']);
    expect(ofKind(settle(apply(newCluster(), [job('once:crash')])), 'Job')[0]?.outcome).toBe('failed');
  });
});

describe('the autoscaler', () => {
  // The examples of the documentation's "Algorithm details", and the edges of its tolerance.
  test.each([
    [1, 200, 100, 2],
    [2, 50, 100, 1],
    [10, 109, 100, 10],
    [10, 111, 100, 12],
    [10, 91, 100, 10],
    [10, 89, 100, 9],
    [3, 90, 50, 6],
  ])('%d pods at %d for a target of %d: %d', (current, metric, target, wanted) =>
    expect(desiredReplicas(current, metric, target)).toBe(wanted),
  );

  const scaled = (load: number) =>
    setLoad(
      settle(
        apply(newCluster(3, 8), [
          deployment({ name: 'web', replicas: 2 }),
          { kind: 'HorizontalPodAutoscaler', name: 'web', deployment: 'web', min: 2, max: 10, target: 50, recommended: [] },
        ]),
      ),
      'web',
      load,
    );

  test('it comes to where the load is near the target, within its bounds', () =>
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 900 }), (load) => {
        const c = settle(scaled(load), 120);
        const n = ready(c).length;
        expect(n).toBe(ofKind(c, 'Deployment')[0]?.replicas);
        expect(n).toBeGreaterThanOrEqual(2);
        expect(n).toBeLessThanOrEqual(10);
        if (n < 10) expect(load / n).toBeLessThanOrEqual(55);
        if (n > 2) expect(load / (n - 1)).toBeGreaterThan(45);
      }),
      { numRuns: 60 },
    ));

  test('down it goes later than up', () => {
    const up = path(scaled(400), 15).findIndex((c) => ofKind(c, 'Deployment')[0]?.replicas === 8);
    const high = settle(scaled(400), 60);
    const down = path(setLoad(high, 'web', 100), 30).findIndex((c) => (ofKind(c, 'Deployment')[0]?.replicas ?? 0) < 8);
    expect(up).toBeGreaterThan(0);
    expect(down).toBeGreaterThanOrEqual(5);
  });
});

test.each<[Story, string, string]>([
  [{ replicas: 3, deed: 'kill' }, '3 of web:1 ready', '0 %'],
  [{ replicas: 1, by: 'none', deed: 'kill' }, 'no pods', '100 %'],
  [{ replicas: 4, deed: 'image', to: 'web:2' }, '4 of web:2 ready', '0 %'],
  [{ replicas: 4, surge: 1, unavailable: 1, deed: 'image', to: 'web:bad' }, '3 of web:1 ready, 2 of web:bad not ready', '0 %'],
  [{ replicas: 4, deed: 'image', to: 'web:bad', readiness: false }, '4 of web:bad ready', '100 %'],
  [{ replicas: 3, deed: 'power', rounds: 1 }, '3 of web:1 ready', '33 %'],
  [{ replicas: 3, deed: 'power' }, '1 of web:1 ending, 3 of web:1 ready', '0 %'],
  [{ replicas: 3, by: 'stateful', deed: 'power' }, '1 of web:1 ending, 2 of web:1 ready', '0 %'],
])('%j', (story, pods, fails) => expect([podsSaid(told(story)), failing(told(story))]).toEqual([pods, fails]));

test.each([
  [4, '25%', '25%', 'at most 5 pods, at least 3 ready'],
  [10, '25%', '25%', 'at most 13 pods, at least 8 ready'],
  [3, 0, 0, 'at most 3 pods, at least 2 ready'],
  [3, '50%', 0, 'at most 5 pods, at least 3 ready'],
])('%d, %s, %s', (replicas, surge, unavailable, said) => expect(limits(replicas, surge, unavailable)).toBe(said));
