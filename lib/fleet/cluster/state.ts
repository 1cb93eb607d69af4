/**
 * A cluster as its API server knows it: what is wanted, what there is, and nothing else. Plain data; controllers.ts are functions over it.
 *
 *   Deployment ─▶ ReplicaSet ─▶ Pod ─▶ node        Service ─▶ endpoints
 *   wanted by people            made by controllers, placed by the scheduler, run by kubelets
 *
 * Time goes in rounds. In a round every controller looks at the cluster as the round found it, and acts once.
 *
 * Sources: kubernetes.io/docs/concepts (workloads, services, architecture), and the controllers' own code in kubernetes/kubernetes, pkg/controller.
 *
 * Simplified: one namespace; a label and a selector are one word, `app`; a pod has one container; a node has room for so many
 * pods, of whatever size; a round stands for times that differ widely on a real cluster (a probe is seconds, a lost node
 * minutes); a controller sees everything that was there when the round began, and never something stale.
 */

export interface Probes {
  readiness: boolean;
  liveness: boolean;
}
/** What pods are made from. */
export interface Template extends Probes {
  image: string;
}

/** A number of pods, or a share of them as `25%`. */
export type Amount = number | string;

export interface Deployment {
  kind: 'Deployment';
  name: string;
  app: string;
  replicas: number;
  template: Template;
  strategy: { type: 'RollingUpdate'; surge: Amount; unavailable: Amount } | { type: 'Recreate' };
  /** Since which round no new pod has become ready, in a roll-out that is not done. */
  stuckSince: number | null;
}
export interface ReplicaSet {
  kind: 'ReplicaSet';
  name: string;
  app: string;
  deployment: string;
  replicas: number;
  template: Template;
  revision: number;
}
export interface StatefulSet {
  kind: 'StatefulSet';
  name: string;
  app: string;
  replicas: number;
  template: Template;
  /** The name in volumeClaimTemplates: each pod gets a claim NAME-POD of its own. */
  claim: string | null;
}
export interface DaemonSet {
  kind: 'DaemonSet';
  name: string;
  app: string;
  template: Template;
}
export interface Job {
  kind: 'Job';
  name: string;
  app: string;
  template: Template;
  completions: number;
  parallelism: number;
  backoffLimit: number;
  outcome: 'running' | 'complete' | 'failed';
}
export interface Service {
  kind: 'Service';
  name: string;
  app: string;
  /** Names of pods that requests are sent to. */
  endpoints: string[];
}
export interface Autoscaler {
  kind: 'HorizontalPodAutoscaler';
  name: string;
  deployment: string;
  min: number;
  max: number;
  /** Per cent of what a pod asks for of a processor. */
  target: number;
  /** What it came to in the last rounds, the newest last. */
  recommended: number[];
}
export interface Budget {
  kind: 'PodDisruptionBudget';
  name: string;
  app: string;
  minAvailable: number;
}
/** A pod that somebody made by hand, as it was declared. */
export interface BarePod {
  kind: 'Pod';
  name: string;
  app: string;
  template: Template;
}

export type Workload = Deployment | StatefulSet | DaemonSet | Job;
export type Declared = Workload | Service | Autoscaler | Budget | BarePod;
export type Stored = Exclude<Declared, BarePod> | ReplicaSet;

export interface Pod {
  name: string;
  app: string;
  /** `Kind/name` of what made it and will replace it; null for one made by hand. */
  owner: string | null;
  template: Template;
  node: string | null;
  /** It may run on this node only. */
  only: string | null;
  phase: 'Pending' | 'Running' | 'Succeeded' | 'Failed';
  ready: boolean;
  /** Rounds since its container began. */
  ran: number;
  restarts: number;
  /** Rounds until its container is started again; 0 while it is up. */
  pause: number;
  /** Rounds until it is killed, once it has been deleted. */
  ending: number | null;
  claim: string | null;
  /** Rounds that a job's work takes; null for a server. */
  work: number | null;
}

export interface Node {
  name: string;
  on: boolean;
  /** The last round in which its kubelet was heard. */
  heard: number;
  ready: boolean;
  /** Since which round it is not ready. */
  lostAt: number | null;
  cordoned: boolean;
  draining: boolean;
  /** How many pods it has room for. */
  slots: number;
}

/** What one controller did in a round, and why. */
export interface Act {
  by: string;
  about: string;
  saw: string;
  wanted: string;
  did: string;
}

export interface Cluster {
  round: number;
  nodes: Node[];
  objects: Stored[];
  pods: Pod[];
  /** Claims of volumes; they stay when a pod goes. */
  claims: string[];
  /** By app: what requests take, in per cent of what one pod asks for of a processor. */
  load: Readonly<Record<string, number>>;
  /** Of the last round. */
  acts: Act[];
  /** Counts up for names. */
  serial: number;
}

export const newCluster = (nodes = 3, slots = 4): Cluster => ({
  round: 0,
  nodes: Array.from({ length: nodes }, (_, i) => ({
    name: `node-${i + 1}`,
    on: true,
    heard: 0,
    ready: true,
    lostAt: null,
    cordoned: false,
    draining: false,
    slots,
  })),
  objects: [],
  pods: [],
  claims: [],
  load: {},
  acts: [],
  serial: 0,
});

export const ofKind = <K extends Stored['kind']>(c: Cluster, kind: K): Extract<Stored, { kind: K }>[] =>
  c.objects.filter((o): o is Extract<Stored, { kind: K }> => o.kind === kind);

/** Letters and digits that Kubernetes makes names of: no vowels, so no words. */
const SAFE = 'bcdfghjklmnpqrstvwxz2456789';
/** Five of them, from any text. */
export function suffix(text: string): string {
  let h = 0x811c9dc5;
  for (const ch of text) h = Math.imul(h ^ ch.charCodeAt(0), 0x01000193);
  let out = '';
  for (let i = 0; i < 5; i++) {
    h = Math.imul(h ^ (h >>> 13), 0x5bd1e995);
    out += SAFE[(h >>> 0) % SAFE.length];
  }
  return out;
}
export const hashOf = (t: Template): string => suffix(JSON.stringify([t.image, t.readiness, t.liveness]));

/** Still there for its controller: not deleted, not at its end. */
export const isActive = (p: Pod): boolean => p.ending === null && (p.phase === 'Pending' || p.phase === 'Running');

/**
 * What containers of an image do, by its tag: `bad` runs and answers no request, `crash` ends as soon as it has begun, `stuck` answers
 * for three rounds and then no more. All others answer.
 */
const tagOf = (image: string) => image.slice(image.lastIndexOf(':') + 1);
export const crashes = (image: string): boolean => tagOf(image) === 'crash';
export const isUp = (p: Pod): boolean => p.phase === 'Running' && p.pause === 0;
export function answers(p: Pod): boolean {
  const tag = tagOf(p.template.image);
  return isUp(p) && tag !== 'bad' && !crashes(p.template.image) && (tag !== 'stuck' || p.ran <= 3);
}
