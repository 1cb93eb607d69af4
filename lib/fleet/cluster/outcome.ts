/** One application, one deed, some rounds: what there is then, in words. For questions, and for whoever wants to know quickly. */

import { apply, changeNode, deletePod, deployment, rounds, scaleTo, setImage, settle } from '.';
import { bounds } from './deployments';
import { type Amount, answers, type Cluster, newCluster, ofKind } from './state';

export interface Story {
  replicas: number;
  surge?: Amount;
  unavailable?: Amount;
  /** `none` is a pod made by hand; `stateful` a StatefulSet. */
  by?: 'deployment' | 'stateful' | 'none';
  readiness?: boolean;
  /** What is done once all is at rest. */
  deed: 'kill' | 'image' | 'scale' | 'power';
  /** The new image, or the new number. */
  to?: string | number;
  rounds?: number;
}

const NAME = 'web';

function begin(s: Story): Cluster {
  const template = { image: `${NAME}:1`, readiness: s.readiness ?? true, liveness: false };
  const service = { kind: 'Service' as const, name: NAME, app: NAME, endpoints: [] };
  const strategy = { type: 'RollingUpdate' as const, surge: s.surge ?? '25%', unavailable: s.unavailable ?? '25%' };
  const made = {
    deployment: () => [deployment({ name: NAME, replicas: s.replicas, probes: template, strategy })],
    stateful: () => [{ kind: 'StatefulSet' as const, name: NAME, app: NAME, replicas: s.replicas, template, claim: 'data' }],
    none: () => Array.from({ length: s.replicas }, (_, i) => ({ kind: 'Pod' as const, name: `${NAME}-${i + 1}`, app: NAME, template })),
  };
  return settle(apply(newCluster(3, 12), [...made[s.by ?? 'deployment'](), service]));
}

/** The cluster of a story at its end. */
export function told(s: Story): Cluster {
  const c = begin(s);
  const first = c.pods[0];
  const after = {
    kill: () => (first ? deletePod(c, first.name) : c),
    image: () => setImage(c, NAME, String(s.to)),
    scale: () => scaleTo(c, NAME, Number(s.to)),
    power: () => (first?.node ? changeNode(c, first.node, 'off') : c),
  };
  return rounds(after[s.deed](), s.rounds ?? 40);
}

/** "3 of web:1 ready, 2 of web:bad not ready". */
export function podsSaid(c: Cluster): string {
  const counts = new Map<string, number>();
  for (const p of c.pods) {
    const said = `of ${p.template.image} ${p.ending !== null ? 'ending' : p.ready ? 'ready' : 'not ready'}`;
    counts.set(said, (counts.get(said) ?? 0) + 1);
  }
  return [...counts].map(([said, n]) => `${n} ${said}`).join(', ') || 'no pods';
}

/** The share of requests that fail, in per cent. */
export function failing(c: Cluster): string {
  const [service] = ofKind(c, 'Service');
  const pods = (service?.endpoints ?? []).map((e) => c.pods.find((p) => p.name === e));
  const lost = pods.filter((p) => !p || !answers(p) || c.nodes.some((n) => n.name === p.node && !n.on)).length;
  return pods.length === 0 ? '100 %' : `${Math.round((lost / pods.length) * 100)} %`;
}

/** "at most 5 pods, at least 3 ready". */
export function limits(replicas: number, surge: Amount, unavailable: Amount): string {
  const b = bounds(deployment({ name: NAME, replicas, strategy: { type: 'RollingUpdate', surge, unavailable } }));
  return `at most ${replicas + b.surge} pods, at least ${replicas - b.unavailable} ready`;
}
