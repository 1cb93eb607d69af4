/**
 * What happens on nodes, and to them: the scheduler places pods, kubelets run them and probe them, the node controller notices a node that is
 * silent, a drain empties one, the endpoints controller tells Services which pods are ready.
 *
 * kubernetes.io/docs: concepts/scheduling-eviction, concepts/workloads/pods/pod-lifecycle, concepts/architecture/nodes,
 * tasks/administer-cluster/safely-drain-node.
 *
 * Simplified: the scheduler knows room, cordons and spreading, nothing else; an image is there at once; a node is called lost after two silent
 * rounds (by default about 50 seconds), and its pods are deleted three rounds later (300 seconds). Rounds of CrashLoopBackOff double
 * up to eight (ten seconds up to five minutes).
 */
import { answers, crashes, isActive, isUp, type Node, ofKind, type Pod } from './state';
import { type Controller, endPod, nextPod, type Turn } from './turn';

export const scheduler: Controller = (t) => {
  const taken = new Map<string, number>();
  for (const p of t.seen.pods)
    if (p.node && p.phase !== 'Succeeded' && p.phase !== 'Failed') taken.set(p.node, (taken.get(p.node) ?? 0) + 1);
  const same = (n: Node, p: Pod) => t.next.pods.filter((x) => x.node === n.name && x.app === p.app).length;
  for (const p of t.seen.pods.filter((x) => x.node === null && isActive(x))) {
    const pod = nextPod(t, p.name);
    if (!pod || pod.ending !== null) continue;
    const free = (n: Node) => n.slots - (taken.get(n.name) ?? 0);
    const fits = t.seen.nodes.filter((n) => (p.only !== null ? n.name === p.only && free(n) > 0 : n.ready && !n.cordoned && free(n) > 0));
    const best = fits.sort((a, b) => same(a, p) - same(b, p) || free(b) - free(a))[0];
    if (best) {
      pod.node = best.name;
      taken.set(best.name, (taken.get(best.name) ?? 0) + 1);
      t.act('scheduler', p.name, 'a pod without a node', 'a node with room', `put it on ${best.name}`);
    } else t.act('scheduler', p.name, `0 of ${t.seen.nodes.length} nodes have room for it`, 'a node with room', 'left it Pending');
  }
};

/** Rounds that a container is left down after it has ended so many times. */
const pauseAfter = (restarts: number): number => Math.min(8, 2 ** restarts);

/** One pod's container, one round further. Gives a word on what happened. */
function run(pod: Pod): string {
  if (pod.phase === 'Pending') {
    pod.phase = 'Running';
    pod.ran = 0;
    return 'started';
  }
  if (pod.pause > 0) {
    pod.pause--;
    if (pod.pause > 0) return '';
    pod.restarts++;
    pod.ran = 0;
    return `started again, for the ${pod.restarts === 1 ? '1st' : pod.restarts === 2 ? '2nd' : pod.restarts === 3 ? '3rd' : `${pod.restarts}th`} time:`;
  }
  pod.ran++;
  if (crashes(pod.template.image)) {
    pod.ready = false;
    if (pod.work !== null) {
      pod.phase = 'Failed';
      return 'saw the end, with an error, of';
    }
    pod.pause = pauseAfter(pod.restarts);
    return 'saw the end of';
  }
  if (pod.work !== null && pod.ran >= pod.work) {
    pod.phase = 'Succeeded';
    pod.ready = false;
    return 'saw the success of';
  }
  if (pod.template.liveness && !answers(pod) && pod.ran >= 3) {
    pod.restarts++;
    pod.ran = 0;
    pod.ready = false;
    return 'liveness probe failed: restarted';
  }
  return probe(pod);
}

/** Without a readiness probe, a container that is up counts as ready. */
function probe(pod: Pod): string {
  const ready = pod.template.readiness ? answers(pod) : isUp(pod);
  if (ready === pod.ready) return '';
  pod.ready = ready;
  return ready ? 'found ready' : 'found no longer ready';
}

export const kubelets: Controller = (t) => {
  for (const n of t.seen.nodes) {
    const node = t.next.nodes.find((x) => x.name === n.name);
    if (!n.on || !node) continue;
    node.heard = t.next.round;
    const did = new Map<string, string[]>();
    const say = (what: string, name: string) => what !== '' && did.set(what, [...(did.get(what) ?? []), name]);
    for (const p of t.seen.pods.filter((x) => x.node === n.name)) {
      const pod = nextPod(t, p.name);
      if (!pod) continue;
      if (p.ending !== null) {
        pod.ending = p.ending - 1;
        if (pod.ending > 0) continue;
        t.next.pods.splice(t.next.pods.indexOf(pod), 1);
        say('ended', p.name);
      } else if (isActive(p)) say(run(pod), p.name);
    }
    for (const [what, names] of did) t.act(`kubelet of ${n.name}`, n.name, 'its pods', 'each as declared', `${what} ${names.join(', ')}`);
  }
};

/** Silent rounds until a node is called lost, and from then until its pods are deleted. */
const SILENT = 2;
const TOLERATED = 3;
const BY = 'node controller';

function lost(t: Turn, n: Node, node: Node) {
  if (n.ready && t.seen.round - n.heard >= SILENT) {
    node.ready = false;
    node.lostAt = t.next.round;
    for (const p of t.next.pods) if (p.node === n.name) p.ready = false;
    t.act(BY, n.name, `nothing heard for ${t.seen.round - n.heard} rounds`, 'a node that reports', 'called it not ready, and its pods too');
  }
  if (n.lostAt === null || t.seen.round - n.lostAt !== TOLERATED) return;
  const away = t.seen.pods.filter((p) => p.node === n.name && p.only === null && isActive(p));
  for (const p of away) endPod(t, p.name);
  if (away.length > 0)
    t.act(BY, n.name, 'still silent', 'pods that run', `deleted ${away.map((p) => p.name).join(', ')}; nobody there confirms it`);
}

export const nodeController: Controller = (t) => {
  for (const n of t.seen.nodes) {
    const node = t.next.nodes.find((x) => x.name === n.name);
    if (!node) continue;
    if (!n.on) lost(t, n, node);
    else if (!n.ready) {
      node.ready = true;
      node.lostAt = null;
      t.act(BY, n.name, 'it reports again', 'a node that reports', 'called it ready');
    }
  }
};

/** How many more pods of an app may be taken away on purpose. */
function allowed(t: Turn, app: string): number {
  const budgets = ofKind(t.seen, 'PodDisruptionBudget').filter((b) => b.app === app);
  const healthy = t.next.pods.filter((p) => p.app === app && p.ready && p.ending === null).length;
  return Math.min(...budgets.map((b) => healthy - b.minAvailable), Infinity);
}

export const drains: Controller = (t) => {
  for (const n of t.seen.nodes.filter((x) => x.draining)) {
    const here = t.seen.pods.filter((p) => p.node === n.name && isActive(p) && p.only === null);
    const act = (p: Pod, saw: string, did: string) => t.act('drain', n.name, saw, `no pods on ${n.name}`, `${did} ${p.name}`);
    for (const p of here) {
      if (p.owner === null) act(p, 'a pod that nobody would make anew', 'left (--force would delete it)');
      else if (p.ready && allowed(t, p.app) <= 0) act(p, 'a budget that allows none fewer', 'waited with');
      else {
        endPod(t, p.name);
        act(p, 'a pod that can go', 'evicted');
      }
    }
    const node = t.next.nodes.find((x) => x.name === n.name);
    if (node && here.every((p) => p.owner === null)) node.draining = false;
  }
};

export const endpoints: Controller = (t) => {
  for (const s of ofKind(t.seen, 'Service')) {
    const service = t.next.objects.find((o) => o.kind === 'Service' && o.name === s.name);
    const now = t.seen.pods.filter((p) => p.app === s.app && p.ready && p.ending === null && p.node !== null).map((p) => p.name);
    const gone = s.endpoints.filter((e) => !now.includes(e));
    const come = now.filter((e) => !s.endpoints.includes(e));
    if (service?.kind !== 'Service' || gone.length + come.length === 0) continue;
    service.endpoints = now;
    const did = [come.length > 0 && `added ${come.join(', ')}`, gone.length > 0 && `took out ${gone.join(', ')}`]
      .filter(Boolean)
      .join('; ');
    t.act('endpoints controller', s.name, `${now.length} ready with app=${s.app}`, 'just those', did);
  }
};
