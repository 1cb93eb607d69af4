/** The cluster that a reader plays with: what each figure begins with, and what is drawn of it after each round. */
import {
  answers,
  apply,
  type Cluster,
  DEADLINE,
  type Deployment,
  isUp,
  type Node,
  newCluster,
  ofKind,
  type Pod,
  type Service,
  setLoad,
  setsOf,
  settle,
} from '../../lib/fleet/cluster';
import { readManifests } from '../../lib/fleet/cluster/manifest';
import type { ClusterName } from './names';

const service = `---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: web } }
`;
const web = (replicas: number, strategy = '') => `apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: ${replicas}${strategy}
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
      - name: web
        image: web:1
        readinessProbe: { httpGet: { path: /, port: 80 } }
`;
const ORDER = `apiVersion: apps/v1
kind: StatefulSet
metadata: { name: db }
spec:
  replicas: 3
  selector: { matchLabels: { app: db } }
  template:
    metadata: { labels: { app: db } }
    spec: { containers: [ { image: "db:1", readinessProbe: {} } ] }
  volumeClaimTemplates: [ { metadata: { name: data } } ]
---
apiVersion: apps/v1
kind: DaemonSet
metadata: { name: log }
spec:
  selector: { matchLabels: { app: log } }
  template:
    metadata: { labels: { app: log } }
    spec: { containers: [ { image: "log:1" } ] }
---
apiVersion: batch/v1
kind: Job
metadata: { name: once }
spec:
  completions: 3
  parallelism: 1
  backoffLimit: 2
  template: { spec: { containers: [ { image: "once:1" } ] } }
`;
const SCALER = `---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: web }
spec:
  scaleTargetRef: { name: web }
  minReplicas: 2
  maxReplicas: 10
  metrics:
  - type: Resource
    resource: { target: { averageUtilization: 50 } }
`;

export const MANIFESTS: Readonly<Record<ClusterName, string>> = {
  heal: web(3) + service,
  rollout: web(4, '\n  strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } }') + service,
  order: ORDER,
  scale: web(2) + service + SCALER,
};

/** Declared, and nothing done about it yet. */
export function fromNothing(name: ClusterName, manifest = MANIFESTS[name]): Cluster {
  const read = readManifests(manifest);
  const c = apply(newCluster(), 'objects' in read ? read.objects : []);
  return name === 'scale' ? setLoad(c, 'web', 80) : c;
}
/** Rounds after which nobody waits any longer for things to come to rest. */
export const MOST_ROUNDS = 60;
/** What the page shows first: at rest. */
export const firstCluster = (name: ClusterName): Cluster => settle(fromNothing(name), MOST_ROUNDS);

export interface PodView {
  name: string;
  /** The name without what its pods have in common. */
  short: string;
  image: string;
  says: string;
  look: 'up' | 'not-ready' | 'ending' | 'waiting';
  /** Services that send requests here. */
  served: string[];
  changed: boolean;
}
export interface NodeView {
  name: string;
  says: string;
  off: boolean;
  closed: boolean;
  pods: PodView[];
  done: number;
  changed: boolean;
}
export interface ObjectView {
  what: string;
  says: string;
  /** Made by another object above. */
  under: boolean;
  changed: boolean;
}
export interface ClusterView {
  round: number;
  nodes: NodeView[];
  slots: number;
  waiting: PodView[];
  objects: ObjectView[];
  services: { name: string; says: string }[];
  acts: Cluster['acts'];
}

function podSays(p: Pod): string {
  if (p.ending !== null) return 'ending';
  if (p.phase === 'Succeeded' || p.phase === 'Failed') return p.phase === 'Failed' ? 'failed' : 'done';
  if (p.phase === 'Pending') return p.node === null ? 'no node' : 'starting';
  if (!isUp(p)) return 'crashed';
  if (p.ready) return answers(p) ? 'ready' : 'ready, but fails';
  return p.work === null ? 'not ready' : 'at work';
}

const fateOf = (p: Pod) => JSON.stringify([p.node, podSays(p), p.restarts]);

function podView(p: Pod, c: Cluster, before: Cluster | null): PodView {
  const was = before?.pods.find((x) => x.name === p.name);
  const says = podSays(p);
  return {
    name: p.name,
    short: p.name.replace(/^(\w+)-\w{5}-(\w{5})$/, '$1 $2'),
    image: p.template.image,
    says: p.restarts > 0 && p.ending === null ? `${says} (${p.restarts})` : says,
    look:
      p.ending !== null
        ? 'ending'
        : p.node === null
          ? 'waiting'
          : p.ready || (p.work !== null && p.phase === 'Running')
            ? 'up'
            : 'not-ready',
    served: ofKind(c, 'Service').flatMap((s) => (s.endpoints.includes(p.name) ? [s.name] : [])),
    changed: before !== null && (!was || fateOf(was) !== fateOf(p)),
  };
}

const nodeSays = (n: Node): string =>
  [n.ready ? (n.on ? '' : 'no power') : 'lost', n.cordoned ? (n.draining ? 'draining' : 'cordoned') : ''].filter(Boolean).join(', ');
const isDone = (p: Pod) => p.phase === 'Succeeded' || p.phase === 'Failed';

const isStuck = (d: Deployment, c: Cluster) => d.stuckSince !== null && c.round - d.stuckSince >= DEADLINE;

function objectViews(c: Cluster): Omit<ObjectView, 'changed'>[] {
  const ready = (owner: (p: Pod) => boolean) => c.pods.filter((p) => owner(p) && p.ready && p.ending === null).length;
  const of = (kind: string, name: string) => ready((p) => p.owner === `${kind}/${name}`);
  const top = (what: string, says: string) => ({ what, says, under: false });
  return c.objects.flatMap((o) => {
    switch (o.kind) {
      case 'Deployment': {
        const sets = setsOf(c, o).filter((s) => s.replicas > 0 || s.template.image === o.template.image);
        const all = sets.reduce((n, s) => n + of('ReplicaSet', s.name), 0);
        return [
          top(`Deployment ${o.name}`, `${o.template.image}, wants ${o.replicas}, ${all} ready${isStuck(o, c) ? '; stuck' : ''}`),
          ...sets.map((s) => ({
            what: `ReplicaSet ${s.name}`,
            says: `${s.template.image}, wants ${s.replicas}, ${of('ReplicaSet', s.name)} ready`,
            under: true,
          })),
        ];
      }
      case 'StatefulSet':
        return [
          top(
            `StatefulSet ${o.name}`,
            `${o.template.image}, wants ${o.replicas}, ${of(o.kind, o.name)} ready${c.claims.length ? `; claims: ${c.claims.length}` : ''}`,
          ),
        ];
      case 'DaemonSet':
        return [top(`DaemonSet ${o.name}`, `${o.template.image}, one a node, ${of(o.kind, o.name)} ready`)];
      case 'Job': {
        const done = c.pods.filter((p) => p.owner === `Job/${o.name}` && p.phase === 'Succeeded').length;
        return [top(`Job ${o.name}`, `wants ${o.completions} successes, has ${done}; ${o.outcome}`)];
      }
      case 'HorizontalPodAutoscaler': {
        const app = ofKind(c, 'Deployment').find((d) => d.name === o.deployment)?.app ?? '';
        return [top(`Autoscaler ${o.name}`, `${o.min} to ${o.max}, at ${o.target} % each; the load is ${c.load[app] ?? 0} %`)];
      }
      case 'PodDisruptionBudget':
        return [top(`Budget ${o.name}`, `at least ${o.minAvailable} stay`)];
      default:
        return [];
    }
  });
}

function serviceSays(s: Service, c: Cluster): string {
  const pods = s.endpoints.map((e) => c.pods.find((p) => p.name === e));
  const failing = pods.filter((p) => !p || !answers(p) || c.nodes.some((n) => n.name === p.node && !n.on)).length;
  const n = s.endpoints.length;
  if (n === 0) return 'no endpoints: every request fails';
  return `${n} endpoint${n === 1 ? '' : 's'}${failing > 0 ? `, ${Math.round((failing / n) * 100)} % of requests fail` : ''}`;
}

/** What is drawn. Marked is what is otherwise than in `before`, the round before. */
export function clusterView(c: Cluster, before: Cluster | null): ClusterView {
  const was = before ? objectViews(before) : [];
  return {
    round: c.round,
    slots: Math.max(...c.nodes.map((n) => n.slots)),
    nodes: c.nodes.map((n) => {
      const here = c.pods.filter((p) => p.node === n.name);
      const old = before?.nodes.find((x) => x.name === n.name);
      return {
        name: n.name,
        says: nodeSays(n),
        off: !n.on || !n.ready,
        closed: n.cordoned,
        pods: here.filter((p) => !isDone(p)).map((p) => podView(p, c, before)),
        done: here.filter(isDone).length,
        changed: old !== undefined && nodeSays(old) !== nodeSays(n),
      };
    }),
    waiting: c.pods.filter((p) => p.node === null).map((p) => podView(p, c, before)),
    objects: objectViews(c).map((o) => ({ ...o, changed: before !== null && !was.some((x) => x.what === o.what && x.says === o.says) })),
    services: ofKind(c, 'Service').map((s) => ({ name: s.name, says: serviceSays(s, c) })),
    acts: c.acts,
  };
}
