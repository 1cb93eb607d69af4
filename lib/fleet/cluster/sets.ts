/**
 * Controllers that make pods: so many (ReplicaSet), one after another under names that stay (StatefulSet), one on each node (DaemonSet), until
 * so many have succeeded (Job).
 *
 * pkg/controller/replicaset (which pods go first: controller_utils.go, ActivePods), statefulset (OrderedReady), daemon, job.
 *
 * Simplified: a DaemonSet is updated one pod at a time, with nothing in its place meanwhile; a Job's next try does not wait.
 */
import { podsOf } from './deployments';
import { type Cluster, hashOf, isActive, ofKind, type Pod, type StatefulSet } from './state';
import { type Controller, count, endPod, makePod, nextOf } from './turn';

/** Who goes first when there are too many: not placed, not running, not ready, the youngest. */
const dearness = (p: Pod): number => (p.node === null ? 0 : 8) + (p.phase === 'Running' ? 4 : 0) + (p.ready ? 2 : 0);
const cheapestFirst = (a: Pod, b: Pod) => dearness(a) - dearness(b) || a.ran - b.ran;

export const replicaSets: Controller = (t) => {
  for (const s of ofKind(t.seen, 'ReplicaSet')) {
    const active = podsOf(t.seen, s).filter(isActive);
    const lacking = s.replicas - active.length;
    if (lacking === 0) continue;
    const names: string[] = [];
    if (lacking > 0)
      for (let i = 0; i < lacking; i++)
        names.push(makePod(t.next, { app: s.app, owner: `ReplicaSet/${s.name}`, template: s.template, prefix: s.name }));
    else
      for (const p of [...active].sort(cheapestFirst).slice(0, -lacking)) {
        endPod(t, p.name);
        names.push(p.name);
      }
    t.act(
      'ReplicaSet controller',
      s.name,
      count(active.length, 'pod'),
      count(s.replicas, 'pod'),
      `${lacking > 0 ? 'made' : 'deleted'} ${names.join(', ')}`,
    );
  }
};

const ordinalOf = (p: Pod): number => Number(p.name.slice(p.name.lastIndexOf('-') + 1));

/** What a StatefulSet does next, if it does not have to wait: at most one thing in a turn. */
function nextStep(c: Cluster, s: StatefulSet): { make: number } | { end: Pod } | { wait: string } | null {
  const pods = c.pods.filter((p) => p.owner === `StatefulSet/${s.name}`);
  const at = (i: number) => pods.find((p) => ordinalOf(p) === i);
  for (let i = 0; i < s.replicas; i++) {
    const p = at(i);
    if (!p) return { make: i };
    if (p.ending !== null) return { wait: `${p.name} has not ended yet` };
    if (!p.ready && hashOf(p.template) === hashOf(s.template)) return { wait: `${p.name} is not ready` };
    if (!p.ready) return { end: p };
  }
  const above = pods.filter((p) => ordinalOf(p) >= s.replicas).sort((a, b) => ordinalOf(b) - ordinalOf(a));
  const highest = above[0];
  if (highest) return highest.ending === null ? { end: highest } : { wait: `${highest.name} has not ended yet` };
  for (let i = s.replicas - 1; i >= 0; i--) {
    const p = at(i);
    if (p && hashOf(p.template) !== hashOf(s.template)) return { end: p };
  }
  return null;
}

export const statefulSets: Controller = (t) => {
  for (const s of ofKind(t.seen, 'StatefulSet')) {
    const step = nextStep(t.seen, s);
    if (step === null) continue;
    const wanted = `${count(s.replicas, 'pod')} of ${s.template.image}, in order`;
    const act = (saw: string, did: string) => t.act('StatefulSet controller', s.name, saw, wanted, did);
    if ('make' in step) {
      const name = `${s.name}-${step.make}`;
      const claim = s.claim === null ? undefined : `${s.claim}-${name}`;
      const known = claim !== undefined && t.seen.claims.includes(claim);
      makePod(t.next, { app: s.app, owner: `StatefulSet/${s.name}`, template: s.template, name, ...(claim ? { claim } : {}) });
      act(`no ${name}`, `made ${name}${claim ? `, with ${known ? 'its claim of before,' : 'a claim,'} ${claim}` : ''}`);
    } else if ('end' in step) {
      endPod(t, step.end.name);
      act(`${step.end.name} is one too many, or old`, `deleted ${step.end.name}`);
    } else act(step.wait, 'waited');
  }
};

export const daemonSets: Controller = (t) => {
  for (const s of ofKind(t.seen, 'DaemonSet')) {
    const pods = t.seen.pods.filter((p) => p.owner === `DaemonSet/${s.name}`);
    const act = (saw: string, did: string) => t.act('DaemonSet controller', s.name, saw, 'one pod on each node', did);
    const bare = t.seen.nodes.filter((n) => !pods.some((p) => p.only === n.name));
    for (const n of bare) {
      const name = makePod(t.next, { app: s.app, owner: `DaemonSet/${s.name}`, template: s.template, prefix: s.name, only: n.name });
      act(`none on ${n.name}`, `made ${name} for ${n.name}`);
    }
    const old = pods.find((p) => p.ending === null && hashOf(p.template) !== hashOf(s.template));
    if (bare.length > 0 || !old || pods.some((p) => p !== old && (!p.ready || p.ending !== null))) continue;
    endPod(t, old.name);
    act(`${old.name} is of ${old.template.image}`, `deleted ${old.name}`);
  }
};

/** Rounds that the work of a job's pod takes. */
const WORK = 2;

export const jobs: Controller = (t) => {
  for (const j of ofKind(t.seen, 'Job')) {
    const next = nextOf(t, j);
    if (!next || j.outcome !== 'running') continue;
    const pods = t.seen.pods.filter((p) => p.owner === `Job/${j.name}`);
    const done = pods.filter((p) => p.phase === 'Succeeded').length;
    const failed = pods.filter((p) => p.phase === 'Failed').length;
    const active = pods.filter(isActive);
    const saw = `${done} succeeded, ${failed} failed, ${active.length} at work`;
    const act = (did: string) =>
      t.act('Job controller', j.name, saw, count(j.completions, 'success').replace('successs', 'successes'), did);
    if (done >= j.completions || failed > j.backoffLimit) {
      next.outcome = done >= j.completions ? 'complete' : 'failed';
      for (const p of active) endPod(t, p.name);
      act(next.outcome === 'complete' ? 'called it complete' : `gave up: more than ${j.backoffLimit} failed`);
      continue;
    }
    const lacking = Math.min(j.parallelism, j.completions - done) - active.length;
    if (lacking <= 0) continue;
    const names = Array.from({ length: lacking }, () =>
      makePod(t.next, { app: j.app, owner: `Job/${j.name}`, template: j.template, prefix: j.name, work: WORK }),
    );
    act(`made ${names.join(', ')}`);
  }
};
