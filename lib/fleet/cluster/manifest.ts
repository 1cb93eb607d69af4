/**
 * Manifests: YAML → what somebody wants, or why it is refused. The fields of the API that the cluster here knows; all others are let pass.
 *
 * kubernetes.io/docs/reference/kubernetes-api; the words of the refusals are kubectl's and the API server's.
 *
 * Simplified: of selectors matchLabels.app; of a pod its first container; of probes whether there is one; of an autoscaler the processor's
 * averageUtilization; a field's type is checked where it is read.
 */
import { parseAllDocuments } from 'yaml';
import type { Amount, Declared, Template } from './state';

export type Read = { objects: Declared[] } | { refused: string };

/** The version in which each kind is served today, and where old guides have it. */
const SERVED: Readonly<Record<string, string>> = {
  Pod: 'v1',
  Service: 'v1',
  Deployment: 'apps/v1',
  StatefulSet: 'apps/v1',
  DaemonSet: 'apps/v1',
  Job: 'batch/v1',
  HorizontalPodAutoscaler: 'autoscaling/v2',
  PodDisruptionBudget: 'policy/v1',
};

class Refusal extends Error {}
type Map_ = Readonly<Record<string, unknown>>;

const mapAt = (m: Map_, key: string): Map_ => {
  const value = m[key];
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Map_) : {};
};
const textAt = (m: Map_, key: string, else_ = ''): string => (typeof m[key] === 'string' ? (m[key] as string) : else_);
const within = (n: number, most: number) => Math.min(most, Math.max(0, Math.trunc(n)));
/** A figure, kept to what the drawing can hold. */
function figureAt(m: Map_, key: string, else_: number, most = 12): number {
  const value = m[key] ?? else_;
  if (typeof value !== 'number') throw new Refusal(`${key}: Invalid value: "${String(value)}": a number is wanted`);
  return within(value, most);
}

function amountAt(m: Map_, key: string): Amount {
  const value = m[key] ?? '25%';
  if (typeof value === 'number') return within(value, 12);
  if (typeof value === 'string' && /^\d+%$/.test(value)) return value;
  throw new Refusal(`${key}: Invalid value: "${String(value)}": must be either an integer or a percentage (e.g '5%')`);
}

function templateOf(pod: Map_, kind: string, name: string): Template {
  const containers = mapAt(pod, 'spec').containers;
  const first = Array.isArray(containers) ? (containers[0] as Map_ | undefined) : undefined;
  if (!first) throw new Refusal(`The ${kind} "${name}" is invalid: spec.template.spec.containers: Required value`);
  const image = textAt(first, 'image');
  if (image === '') throw new Refusal(`The ${kind} "${name}" is invalid: spec.template.spec.containers[0].image: Required value`);
  return { image, readiness: first.readinessProbe !== undefined, liveness: first.livenessProbe !== undefined };
}

/** What kinds with a selector and a template have in common. */
function workload(doc: Map_, kind: string, name: string): { app: string; template: Template } {
  const spec = mapAt(doc, 'spec');
  const template = mapAt(spec, 'template');
  const app = textAt(mapAt(mapAt(template, 'metadata'), 'labels'), 'app');
  const selected = textAt(mapAt(mapAt(spec, 'selector'), 'matchLabels'), 'app');
  if (selected !== app)
    throw new Refusal(
      `The ${kind} "${name}" is invalid: spec.template.metadata.labels: Invalid value: {"app":"${app}"}: \`selector\` does not match template \`labels\``,
    );
  return { app, template: templateOf(template, kind, name) };
}

type Reader = (doc: Map_, name: string, spec: Map_) => Declared;
const READERS: Readonly<Record<string, Reader>> = {
  Pod: (doc, name) => ({
    kind: 'Pod',
    name,
    app: textAt(mapAt(mapAt(doc, 'metadata'), 'labels'), 'app'),
    template: templateOf(doc, 'Pod', name),
  }),
  Deployment: (doc, name, spec) => {
    const strategy = mapAt(spec, 'strategy');
    const rolling = mapAt(strategy, 'rollingUpdate');
    return {
      kind: 'Deployment',
      name,
      ...workload(doc, 'Deployment', name),
      replicas: figureAt(spec, 'replicas', 1),
      strategy:
        strategy.type === 'Recreate'
          ? { type: 'Recreate' }
          : { type: 'RollingUpdate', surge: amountAt(rolling, 'maxSurge'), unavailable: amountAt(rolling, 'maxUnavailable') },
      stuckSince: null,
    };
  },
  StatefulSet: (doc, name, spec) => {
    const claims = spec.volumeClaimTemplates;
    const first = Array.isArray(claims) ? (claims[0] as Map_) : null;
    return {
      kind: 'StatefulSet',
      name,
      ...workload(doc, 'StatefulSet', name),
      replicas: figureAt(spec, 'replicas', 1),
      claim: first ? textAt(mapAt(first, 'metadata'), 'name', 'data') : null,
    };
  },
  DaemonSet: (doc, name) => ({ kind: 'DaemonSet', name, ...workload(doc, 'DaemonSet', name) }),
  Job: (_, name, spec) => ({
    kind: 'Job',
    name,
    app: name,
    template: templateOf(mapAt(spec, 'template'), 'Job', name),
    completions: figureAt(spec, 'completions', 1),
    parallelism: figureAt(spec, 'parallelism', 1),
    backoffLimit: figureAt(spec, 'backoffLimit', 6),
    outcome: 'running',
  }),
  Service: (_, name, spec) => ({ kind: 'Service', name, app: textAt(mapAt(spec, 'selector'), 'app'), endpoints: [] }),
  HorizontalPodAutoscaler: (_, name, spec) => {
    const metrics = Array.isArray(spec.metrics) ? (spec.metrics as Map_[]) : [];
    return {
      kind: 'HorizontalPodAutoscaler',
      name,
      deployment: textAt(mapAt(spec, 'scaleTargetRef'), 'name'),
      min: figureAt(spec, 'minReplicas', 1),
      max: figureAt(spec, 'maxReplicas', 10),
      target: Math.max(1, figureAt(mapAt(mapAt(metrics[0] ?? {}, 'resource'), 'target'), 'averageUtilization', 80, 1000)),
      recommended: [],
    };
  },
  PodDisruptionBudget: (_, name, spec) => ({
    kind: 'PodDisruptionBudget',
    name,
    app: textAt(mapAt(mapAt(spec, 'selector'), 'matchLabels'), 'app'),
    minAvailable: figureAt(spec, 'minAvailable', 0),
  }),
};

function declared(doc: unknown): Declared {
  if (typeof doc !== 'object' || doc === null || Array.isArray(doc))
    throw new Refusal('error: a manifest is a map with apiVersion and kind');
  const map = doc as Map_;
  const [kind, version, name] = [textAt(map, 'kind'), textAt(map, 'apiVersion'), textAt(mapAt(map, 'metadata'), 'name')];
  if (version === '') throw new Refusal('error: error validating data: apiVersion not set');
  if (kind === '') throw new Refusal('error: error validating data: kind not set');
  if (SERVED[kind] !== version && (SERVED[kind] !== undefined || kind === 'PodSecurityPolicy' || /beta/.test(version)))
    throw new Refusal(
      `error: resource mapping not found for name: "${name}" namespace: "" from "STDIN": no matches for kind "${kind}" in version "${version}"\nensure CRDs are installed first`,
    );
  const reader = READERS[kind];
  if (!reader) throw new Refusal(`drydock: the kind ${kind} is not modelled`);
  if (!/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(name))
    throw new Refusal(`The ${kind} "${name}" is invalid: metadata.name: Invalid value: "${name}"`);
  return reader(map, name, mapAt(map, 'spec'));
}

export function readManifests(text: string): Read {
  try {
    const docs = parseAllDocuments(text);
    const objects: Declared[] = [];
    for (const doc of Array.isArray(docs) ? docs : []) {
      const [fault] = doc.errors;
      if (fault) return { refused: `error: error parsing YAML: ${fault.message.split('\n')[0]}` };
      const value: unknown = doc.toJS();
      if (value !== null && value !== undefined) objects.push(declared(value));
    }
    return { objects };
  } catch (e) {
    if (e instanceof Refusal) return { refused: e.message };
    throw e;
  }
}
