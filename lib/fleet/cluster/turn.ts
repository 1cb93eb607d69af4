/** What a controller is given for its turn: the cluster as the round found it, and the next one, to change. */
import { type Act, type Cluster, type Pod, type Stored, suffix, type Template } from './state';

export interface Turn {
  seen: Cluster;
  /** A copy that nobody else has: its records may be changed in place. */
  next: Cluster;
  act(by: string, about: string, saw: string, wanted: string, did: string): void;
}
export type Controller = (t: Turn) => void;

export function newTurn(seen: Cluster): Turn {
  const next: Cluster = {
    ...seen,
    round: seen.round + 1,
    nodes: seen.nodes.map((n) => ({ ...n })),
    objects: seen.objects.map((o) => ({ ...o })),
    pods: seen.pods.map((p) => ({ ...p })),
    claims: [...seen.claims],
    acts: [],
  };
  const act = (by: string, about: string, saw: string, wanted: string, did: string) => {
    next.acts.push({ by, about, saw, wanted, did } satisfies Act);
  };
  return { seen, next, act };
}

/** The record of an object in the next cluster; null where it has gone. */
export const nextOf = <O extends Stored>(t: Turn, o: O): O | null =>
  (t.next.objects.find((x) => x.kind === o.kind && x.name === o.name) as O | undefined) ?? null;
export const nextPod = (t: Turn, name: string): Pod | null => t.next.pods.find((p) => p.name === name) ?? null;

/** Rounds from being deleted to being killed. */
export const GRACE = 2;

export function endPod(t: Turn, name: string) {
  const pod = nextPod(t, name);
  if (!pod || pod.ending !== null) return;
  // What no kubelet has, nobody has to wait for.
  if (pod.node === null || pod.phase === 'Succeeded' || pod.phase === 'Failed') t.next.pods.splice(t.next.pods.indexOf(pod), 1);
  else pod.ending = GRACE;
}

export interface NewPod {
  app: string;
  owner: string | null;
  template: Template;
  /** The whole name, or what five characters are put behind. */
  name?: string;
  prefix?: string;
  only?: string;
  claim?: string;
  work?: number;
}
export function makePod(next: Cluster, p: NewPod): string {
  next.serial++;
  const name = p.name ?? `${p.prefix}-${suffix(`${p.prefix} ${next.serial}`)}`;
  if (p.claim && !next.claims.includes(p.claim)) next.claims.push(p.claim);
  next.pods.push({
    name,
    app: p.app,
    owner: p.owner,
    template: p.template,
    node: null,
    only: p.only ?? null,
    phase: 'Pending',
    ready: false,
    ran: 0,
    restarts: 0,
    pause: 0,
    ending: null,
    claim: p.claim ?? null,
    work: p.work ?? null,
  });
  return name;
}

export const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;
