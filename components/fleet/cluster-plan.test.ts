/** What is drawn of a cluster. */
import { describe, expect, test } from 'vitest';
import { deletePod, round, rounds, setImage } from '../../lib/fleet/cluster';
import { readManifests } from '../../lib/fleet/cluster/manifest';
import { clusterView, firstCluster, fromNothing, MANIFESTS } from './cluster-plan';
import type { ClusterName } from './names';

const NAMES = Object.keys(MANIFESTS) as ClusterName[];

test.each(NAMES)('%s: its manifests are taken, and it begins at rest', (name) => {
  expect(readManifests(MANIFESTS[name])).toHaveProperty('objects');
  expect(round(firstCluster(name)).acts).toEqual([]);
});

describe('a view', () => {
  const first = firstCluster('heal');

  test('at first nothing is marked', () => {
    const view = clusterView(first, null);
    expect(view.objects.map((o) => [o.what.replace(/-\w{5}$/, ''), o.says, o.under])).toEqual([
      ['Deployment web', 'web:1, wants 3, 3 ready', false],
      ['ReplicaSet web', 'web:1, wants 3, 3 ready', true],
    ]);
    expect(view.nodes.map((n) => n.pods.map((p) => [p.says, p.look, p.served, p.changed]))).toEqual(
      Array.from({ length: 3 }, () => [['ready', 'up', ['web'], false]]),
    );
    expect(view.services).toEqual([{ name: 'web', says: '3 endpoints' }]);
  });

  test('what a round changed is marked, and no longer after the next', () => {
    const gone = first.pods[0]?.name ?? '';
    const killed = deletePod(first, gone);
    const marked = (c: typeof first, before: typeof first) =>
      [...clusterView(c, before).nodes.flatMap((n) => n.pods), ...clusterView(c, before).waiting]
        .filter((p) => p.changed)
        .map((p) => p.says);
    expect(marked(killed, first)).toEqual(['ending']);
    const once = round(killed);
    expect(marked(once, killed)).toEqual(['no node']);
    expect(marked(round(once), once)).toEqual(['starting']);
  });

  test('from nothing, there is nothing but what was declared', () => {
    const view = clusterView(fromNothing('order'), null);
    expect(view.nodes.flatMap((n) => n.pods)).toEqual([]);
    expect(view.objects.map((o) => o.what)).toEqual(['StatefulSet db', 'DaemonSet log', 'Job once']);
  });

  test('a roll-out that does not get on is called stuck', () => {
    const says = (n: number) => clusterView(rounds(setImage(firstCluster('rollout'), 'web', 'web:bad'), n), null).objects[0]?.says;
    expect([says(5), says(30)]).toEqual(['web:bad, wants 4, 3 ready', 'web:bad, wants 4, 3 ready; stuck']);
  });
});
