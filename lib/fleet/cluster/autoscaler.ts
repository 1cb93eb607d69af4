/**
 * HorizontalPodAutoscaler: as many pods as the load asks for.
 *
 *   desired = ceil(current × metric / target), unless metric / target is within a tenth of 1
 *
 * kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale; pkg/controller/podautoscaler (replica_calculator.go,
 * horizontal.go). A pod that is not ready counts as idle when more are wanted. Down goes only what every recommendation of the last
 * rounds would allow (five minutes by default). Up at most to twice as many, or four more, in a turn.
 */
import { isActive, ofKind } from './state';
import { type Controller, nextOf } from './turn';

export const TOLERANCE = 0.1;
/** Rounds that a lower recommendation has to last. */
const WINDOW = 5;

/** The published formula. `metric` and `target` are per pod, in one unit. */
export function desiredReplicas(current: number, metric: number, target: number): number {
  const ratio = metric / target;
  return Math.abs(ratio - 1) <= TOLERANCE ? current : Math.ceil(current * ratio - 1e-9);
}

/** With pods that are not ready yet: they take none of the load, and may turn up to have been what was lacking. */
function recommended(load: number, ready: number, waiting: number, target: number, current: number): number {
  if (ready === 0) return current;
  const metric = load / ready;
  const first = desiredReplicas(ready, metric, target);
  if (waiting === 0 || metric <= target) return first === ready ? current : first;
  const all = ready + waiting;
  const again = desiredReplicas(all, load / all, target);
  return load / all < target || again === all ? current : again;
}

export const autoscalers: Controller = (t) => {
  for (const h of ofKind(t.seen, 'HorizontalPodAutoscaler')) {
    const d = ofKind(t.seen, 'Deployment').find((x) => x.name === h.deployment);
    const next = nextOf(t, h);
    const nextDeployment = d && nextOf(t, d);
    if (!next || !d || !nextDeployment) continue;
    const pods = t.seen.pods.filter((p) => p.app === d.app && isActive(p));
    const ready = pods.filter((p) => p.ready).length;
    const load = t.seen.load[d.app] ?? 0;
    const raw = recommended(load, ready, pods.length - ready, h.target, d.replicas);
    next.recommended = [...h.recommended, raw].slice(-WINDOW);
    const calm = Math.max(...next.recommended);
    const stable = raw >= d.replicas ? raw : Math.min(d.replicas, calm);
    const to = Math.min(h.max, Math.max(h.min, Math.min(stable, Math.max(d.replicas * 2, d.replicas + 4))));
    const saw = ready === 0 ? 'no pod that is ready' : `${Math.round(load / ready)} % on each of ${ready}, ${h.target} % is the target`;
    if (to !== d.replicas) {
      nextDeployment.replicas = to;
      t.act('autoscaler', d.name, saw, `${raw}, within ${h.min} to ${h.max}`, `set replicas from ${d.replicas} to ${to}`);
    } else if (raw < d.replicas && d.replicas > h.min)
      t.act('autoscaler', d.name, saw, `${Math.max(raw, h.min)}`, 'waited: a lower figure has to last');
  }
};
