/**
 * The face of the cluster: a round of all controllers, and what somebody may do to it between rounds.
 *
 *   const after = rounds(apply(newCluster(), [deployment({ name: 'web', replicas: 3 })]), 8);
 */
import { autoscalers } from './autoscaler';
import { deployments, setsOf } from './deployments';
import { drains, endpoints, kubelets, nodeController, scheduler } from './nodes';
import { daemonSets, jobs, replicaSets, statefulSets } from './sets';
import { type Cluster, type Declared, type Deployment, ofKind, type Stored, type Template } from './state';
import { type Controller, endPod, makePod, newTurn } from './turn';

export { desiredReplicas, TOLERANCE } from './autoscaler';
export { bounds, DEADLINE, setsOf } from './deployments';
export * from './state';

const CONTROLLERS: readonly Controller[] = [
  autoscalers,
  deployments,
  replicaSets,
  statefulSets,
  daemonSets,
  jobs,
  drains,
  nodeController,
  scheduler,
  kubelets,
  endpoints,
];

/** One round: every controller looks once at what the round found, and acts. */
export function round(c: Cluster): Cluster {
  const t = newTurn(c);
  for (const controller of CONTROLLERS) controller(t);
  return t.next;
}
export const rounds = (c: Cluster, n: number): Cluster => Array.from({ length: n }).reduce((at: Cluster) => round(at), c);

/** Rounds without an act after which nothing more is to be expected: longer than anything here waits for. */
const QUIET = 5;
/** Somebody's turn will come, though nobody acts now. */
const pending = (c: Cluster) => c.pods.some((p) => p.pause > 0 || (p.ending !== null && c.nodes.some((n) => n.on && n.name === p.node)));

/** Rounds until nothing more happens, at most `most`: containers that fail again and again never rest. */
export function settle(c: Cluster, most = 60): Cluster {
  let [at, quiet] = [c, 0];
  for (let i = 0; i < most && quiet < QUIET; i++) {
    at = round(at);
    quiet = at.acts.length === 0 && !pending(at) ? quiet + 1 : 0;
  }
  return at;
}

// ——— what people do

const put = (c: Cluster, o: Stored): Cluster => {
  const at = c.objects.findIndex((x) => x.kind === o.kind && x.name === o.name);
  return { ...c, objects: at < 0 ? [...c.objects, o] : c.objects.map((x, i) => (i === at ? keep(x, o) : x)) };
};
/** Of an object that is declared again: what controllers have written into it stays. */
function keep(old: Stored, o: Stored): Stored {
  if (o.kind === 'Service' && old.kind === 'Service') return { ...o, endpoints: old.endpoints };
  if (o.kind === 'HorizontalPodAutoscaler' && old.kind === o.kind) return { ...o, recommended: old.recommended };
  if (o.kind === 'Job' && old.kind === 'Job') return { ...o, outcome: old.outcome };
  return o;
}

/** Declares objects, as `kubectl apply` does; the controllers do the rest. */
export function apply(c: Cluster, declared: readonly Declared[]): Cluster {
  let at: Cluster = { ...c, acts: [] };
  for (const o of declared) {
    if (o.kind !== 'Pod') at = put(at, o);
    else if (!at.pods.some((p) => p.name === o.name)) {
      const t = newTurn(at);
      makePod(t.next, { app: o.app, owner: null, template: o.template, name: o.name });
      at = { ...t.next, round: c.round };
    }
  }
  return at;
}

/** Deletes a pod, as `kubectl delete pod` does. */
export function deletePod(c: Cluster, name: string): Cluster {
  const t = newTurn(c);
  endPod(t, name);
  return { ...t.next, round: c.round };
}

type NodeChange = 'drain' | 'uncordon' | 'off' | 'on';
export const changeNode = (c: Cluster, name: string, change: NodeChange): Cluster => ({
  ...c,
  acts: [],
  nodes: c.nodes.map((n) => {
    if (n.name !== name) return n;
    if (change === 'drain') return { ...n, cordoned: true, draining: true };
    if (change === 'uncordon') return { ...n, cordoned: false, draining: false };
    return { ...n, on: change === 'on' };
  }),
});

export const setLoad = (c: Cluster, app: string, load: number): Cluster => ({ ...c, acts: [], load: { ...c.load, [app]: load } });

const change = (c: Cluster, name: string, of: (d: Deployment) => Partial<Deployment>): Cluster => ({
  ...c,
  acts: [],
  objects: c.objects.map((o) => (o.kind === 'Deployment' && o.name === name ? { ...o, ...of(o) } : o)),
});
/** `kubectl scale`, `kubectl set image`. */
export const scaleTo = (c: Cluster, name: string, replicas: number): Cluster => change(c, name, () => ({ replicas }));
export const setImage = (c: Cluster, name: string, image: string): Cluster =>
  change(c, name, (d) => ({ template: { ...d.template, image }, stuckSince: null }));

/** `kubectl rollout undo`: the template of the revision before the present one. */
export function undo(c: Cluster, name: string): Cluster {
  const d = ofKind(c, 'Deployment').find((x) => x.name === name);
  const before = d && setsOf(c, d).sort((a, b) => b.revision - a.revision)[1];
  return before ? change(c, name, () => ({ template: before.template, stuckSince: null })) : c;
}

/** A Deployment with what is usual where nothing is said. */
export function deployment(o: {
  name: string;
  replicas: number;
  image?: string;
  probes?: Partial<Omit<Template, 'image'>>;
  strategy?: Deployment['strategy'];
}): Deployment {
  const { name, replicas, image = `${o.name}:1`, probes = {}, strategy = { type: 'RollingUpdate', surge: '25%', unavailable: '25%' } } = o;
  return {
    kind: 'Deployment',
    name,
    app: name,
    replicas,
    template: { image, readiness: true, liveness: false, ...probes },
    strategy,
    stuckSince: null,
  };
}
