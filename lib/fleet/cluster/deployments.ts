/**
 * Deployments: one ReplicaSet for each version, and a roll-out that moves pods from the old ones to the new one.
 *
 *   at most   replicas + maxSurge          pods in all
 *   at least  replicas - maxUnavailable    pods ready
 *
 * As in pkg/controller/deployment (rolling.go, recreate.go, rollback): in one turn either the new set is scaled up, or old ones down; first the
 * pods of old sets that are not ready anyway.
 *
 * Simplified: a Deployment that is scaled in the middle of a roll-out does not share the change out among its sets; a stuck roll-out is
 * called so after ten rounds (progressDeadlineSeconds: ten minutes).
 */
import { type Amount, type Cluster, type Deployment, hashOf, isActive, ofKind, type Pod, type ReplicaSet } from './state';
import { type Controller, count, nextOf, type Turn } from './turn';

const BY = 'Deployment controller';
/** Rounds without progress after which a roll-out is called stuck. */
export const DEADLINE = 10;

/** An amount in pods: a share of a surge is rounded up, of what may be unavailable down. */
export const amountOf = (a: Amount, of: number, round: (n: number) => number): number =>
  typeof a === 'string' ? round((Number.parseFloat(a) / 100) * of) : a;

/** maxSurge and maxUnavailable in pods. Both 0 would never get on, so one may be unavailable. */
export function bounds(d: Deployment): { surge: number; unavailable: number } {
  if (d.strategy.type === 'Recreate') return { surge: 0, unavailable: d.replicas };
  const surge = amountOf(d.strategy.surge, d.replicas, Math.ceil);
  const unavailable = amountOf(d.strategy.unavailable, d.replicas, Math.floor);
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable };
}

export const setsOf = (c: Cluster, d: Deployment): ReplicaSet[] => ofKind(c, 'ReplicaSet').filter((s) => s.deployment === d.name);
export const podsOf = (c: Cluster, s: ReplicaSet): Pod[] => c.pods.filter((p) => p.owner === `ReplicaSet/${s.name}`);
const available = (c: Cluster, s: ReplicaSet) => podsOf(c, s).filter((p) => isActive(p) && p.ready).length;
const sum = (sets: readonly ReplicaSet[], of: (s: ReplicaSet) => number) => sets.reduce((n, s) => n + of(s), 0);

/** The set for what is wanted now. A set that was there before is taken again: that is what a roll-back is. */
function currentSet(t: Turn, d: Deployment): ReplicaSet | null {
  const sets = setsOf(t.seen, d);
  const name = `${d.name}-${hashOf(d.template)}`;
  const last = Math.max(0, ...sets.map((s) => s.revision));
  const found = sets.find((s) => s.name === name);
  if (found) {
    const next = nextOf(t, found);
    if (next && found.revision < last) {
      next.revision = last + 1;
      t.act(
        BY,
        d.name,
        `${found.name} for ${d.template.image} is there from before`,
        d.template.image,
        `took it again, as revision ${last + 1}`,
      );
    }
    return found;
  }
  t.next.objects.push({
    kind: 'ReplicaSet',
    name,
    app: d.app,
    deployment: d.name,
    replicas: 0,
    template: d.template,
    revision: last + 1,
  });
  t.act(BY, d.name, `no ReplicaSet for ${d.template.image}`, d.template.image, `made ${name}, with no pods yet`);
  return null;
}

function scale(t: Turn, d: Deployment, s: ReplicaSet, to: number, saw: string) {
  const next = nextOf(t, s);
  if (!next || next.replicas === to) return;
  t.act(BY, d.name, saw, `${count(d.replicas, 'pod')} of ${d.template.image}`, `scaled ${s.name} from ${next.replicas} to ${to}`);
  next.replicas = to;
}

/** Old sets down, as far as enough stay ready. */
function scaleDown(t: Turn, d: Deployment, current: ReplicaSet, old: readonly ReplicaSet[]) {
  const { unavailable } = bounds(d);
  const all = sum([current, ...old], (s) => s.replicas);
  const least = d.replicas - unavailable;
  let room = all - least - (current.replicas - available(t.seen, current));
  if (room <= 0) return;
  const target = new Map(old.map((s) => [s.name, s.replicas]));
  const take = (s: ReplicaSet, n: number) => target.set(s.name, (target.get(s.name) ?? 0) - n);
  for (const s of old) {
    const idle = Math.min(room, s.replicas - available(t.seen, s));
    take(s, idle);
    room -= idle;
  }
  let spare = Math.min(room, sum([current, ...old], (s) => available(t.seen, s)) - least);
  for (const s of [...old].sort((a, b) => a.revision - b.revision)) {
    const n = Math.max(0, Math.min(spare, target.get(s.name) ?? 0));
    take(s, n);
    spare -= n;
  }
  const saw = `${sum([current, ...old], (s) => available(t.seen, s))} ready in all, ${Math.max(0, least)} have to be`;
  for (const s of old) scale(t, d, s, target.get(s.name) ?? 0, saw);
}

function roll(t: Turn, d: Deployment, current: ReplicaSet) {
  const old = setsOf(t.seen, d).filter((s) => s.name !== current.name && s.replicas > 0);
  if (current.replicas > d.replicas)
    return scale(t, d, current, d.replicas, `${current.name} is to have ${count(current.replicas, 'pod')}`);
  if (old.length === 0) return scale(t, d, current, d.replicas, `${current.name} is to have ${count(current.replicas, 'pod')}`);
  if (d.strategy.type === 'Recreate') {
    for (const s of old) scale(t, d, s, 0, 'pods of an older version');
    return;
  }
  const all = sum([current, ...old], (s) => s.replicas);
  const most = d.replicas + bounds(d).surge;
  const more = Math.min(most - all, d.replicas - current.replicas);
  if (more > 0) return scale(t, d, current, current.replicas + more, `${count(all, 'pod')} in all, there may be ${most}`);
  scaleDown(t, d, current, old);
}

/** Whether a roll-out gets on: pods of the new version that are ready become more. */
function watch(t: Turn, d: Deployment, current: ReplicaSet) {
  const next = nextOf(t, d);
  if (!next) return;
  const rolled = available(t.seen, current) >= d.replicas && sum(setsOf(t.seen, d), (s) => s.replicas) === d.replicas;
  const before = d.stuckSince ?? t.seen.round;
  const waits = podsOf(t.seen, current).some((p) => isActive(p) && !p.ready);
  next.stuckSince = rolled || !waits ? null : before;
  if (next.stuckSince !== null && t.seen.round - before === DEADLINE)
    t.act(
      BY,
      d.name,
      `no new pod has become ready for ${DEADLINE} rounds`,
      `${count(d.replicas, 'pod')} of ${d.template.image}`,
      'called the roll-out stuck, and left all as it is',
    );
}

export const deployments: Controller = (t) => {
  for (const d of ofKind(t.seen, 'Deployment')) {
    const current = currentSet(t, d);
    if (!current) continue;
    // Recreate waits until the last old pod has gone.
    const others = setsOf(t.seen, d).filter((s) => s.name !== current.name);
    const leaving = d.strategy.type === 'Recreate' && others.some((s) => s.replicas === 0 && podsOf(t.seen, s).length > 0);
    if (!leaving) roll(t, d, current);
    watch(t, d, current);
  }
};
