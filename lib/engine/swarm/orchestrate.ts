/**
 * What makes of the services that are asked for the tasks that there are: swarmkit manager/orchestrator (replicated, global, jobs,
 * restart, update, taskreaper), again and again until nothing is left to do.
 *
 *   service: 3 replicas      slot 1   web.1 running          alive
 *                            slot 2   web.2 failed           → a new task in the slot, after the policy's delay
 *                            slot 3   nothing                → a new task
 *                            slot 4   web.4 running          → is to be removed
 */

import type { Daemon } from '../daemon';
import * as agent from './agent';
import * as networks from './networks';
import * as rollout from './rollout';
import { meets, refusal } from './schedule';
import { before, isOver, type Service, type Task } from './state';
import { change, need, put, servicesOf, taskOf, tasksOf } from './store';
import { desire, enter, forget, isCurrent, isLive, make, slotOf } from './tasks';

// ——— slots

/** A service's tasks that count, by slot; newest first. */
export function slotsOf(d: Daemon, s: Service): Map<string, Task[]> {
  const out = new Map<string, Task[]>();
  const all = tasksOf(d, s.ID).filter((t) => isLive(t) && (!s.Job || t.Job?.Index === s.Job.Iteration));
  const slot = (t: Task) => t.Slot;
  for (const t of all.sort((a, b) => slot(a) - slot(b) || b.Version - a.Version)) out.set(slotOf(t), [...(out.get(slotOf(t)) ?? []), t]);
  return out;
}

/** Slots that a service is to have: numbers, or the nodes that may run it. */
function wantedSlots(d: Daemon, s: Service): { Slot: number; NodeID: string }[] {
  const { node } = need(d);
  const { Replicated, Global, GlobalJob } = s.Spec.Mode;
  if (Global || GlobalJob) {
    const fit = node.Spec.Availability === 'active' && meets(node, s.Spec.TaskTemplate.Placement?.Constraints ?? []);
    return fit ? [{ Slot: 0, NodeID: node.ID }] : [];
  }
  const count = Replicated?.Replicas ?? 1;
  const used = [...slotsOf(d, s).keys()].map(Number).sort((a, b) => a - b);
  const kept = used.slice(0, count);
  for (let n = 1; kept.length < count; n++) if (!kept.includes(n)) kept.push(n);
  return kept.map((Slot) => ({ Slot, NodeID: '' }));
}

/** As many slots as are asked for. */
function scale(d: Daemon, s: Service) {
  if (s.Job) return;
  const wanted = wantedSlots(d, s);
  const there = slotsOf(d, s);
  const keys = new Set(wanted.map((w) => (w.Slot === 0 ? w.NodeID : `${w.Slot}`)));
  for (const w of wanted) {
    const key = w.Slot === 0 ? w.NodeID : `${w.Slot}`;
    if (!there.has(key) && !exhausted(d, s, key)) make(d, s, w);
  }
  for (const [key, list] of there) if (!keys.has(key)) for (const t of list) desire(d, t, s.Spec.Mode.Global ? 'shutdown' : 'remove');
}

/** A slot whose last task may not be started again. */
const exhausted = (d: Daemon, s: Service, key: string): boolean =>
  tasksOf(d, s.ID).some((t) => slotOf(t) === key && t.DesiredState === 'shutdown' && isOver(t) && isCurrent(s, t) && !mayRestart(d, s, t));

// ——— restarts

const policyOf = (s: Service) => s.Spec.TaskTemplate.RestartPolicy ?? {};

/** restart.go, shouldRestart. */
function mayRestart(d: Daemon, s: Service, t: Task): boolean {
  const { Condition = 'any', MaxAttempts = 0, Window = 0 } = policyOf(s);
  if (Condition === 'none') return t.Status.State === 'shutdown';
  if (Condition === 'on-failure' && t.Status.State === 'complete') return false;
  if (s.Job && t.Status.State === 'complete') return false;
  if (MaxAttempts === 0 || !isCurrent(s, t)) return true;
  const since = Window === 0 ? 0 : d.now() - Window / 1e6;
  return t.restarts.filter((at) => at >= since).length < MaxAttempts;
}

/** A task that has ended though it was to run: its successor, which waits for the policy's delay. */
function restart(d: Daemon, s: Service, t: Task, slot: readonly Task[] = []) {
  if (t.DesiredState !== 'shutdown')
    change(d, 'tasks', t, { DesiredState: s.Job && t.Status.State === 'complete' ? 'complete' : 'shutdown' });
  // Another task is in the slot already, and is what is asked for now: after a rollback, the old one.
  if (slot.some((x) => x.ID !== t.ID && !isOver(x) && isCurrent(s, x))) return;
  if (!mayRestart(d, s, t)) return;
  const { Delay = 5e9, Condition = 'any' } = policyOf(s);
  const now = d.now();
  make(
    d,
    s,
    { Slot: t.Slot, NodeID: t.Slot === 0 ? t.NodeID : '' },
    {
      DesiredState: 'ready',
      notBefore: Condition === 'none' ? now : now + Delay / 1e6,
      restarts: [...(isCurrent(s, t) ? t.restarts : []), now].slice(-100),
    },
  );
}

/** Tasks that were to run and do not, or whose node is no longer for them. */
function supervise(d: Daemon, s: Service) {
  const { node } = need(d);
  const leaves = (t: Task) => t.NodeID !== '' && (node.Spec.Availability === 'drain' || !meets(node, t.Spec.Placement?.Constraints ?? []));
  for (const list of slotsOf(d, s).values())
    for (const t of list) {
      // One that fails while it still waits for its delay is followed by the next when that is over.
      if (isOver(t)) {
        if ((t.notBefore ?? 0) <= d.now()) restart(d, s, t, list);
      } else if (leaves(t) && before('assigned', t.Status.State)) {
        desire(d, t, 'shutdown');
        if (t.Slot !== 0) make(d, s, { Slot: t.Slot, NodeID: '' }, { DesiredState: 'ready', after: t.ID });
      }
    }
}

/** The time has come for what was ready: its delay is over, and what it replaces has ended. */
function release(d: Daemon, t: Task) {
  if (t.DesiredState !== 'ready') return;
  if (t.notBefore !== null && t.notBefore > d.now()) return;
  const old = t.after === null ? undefined : taskOf(d, t.after);
  if (old && !isOver(old)) return;
  if (t.notBefore === null && t.after === null) return;
  change(d, 'tasks', t, { DesiredState: t.Job ? 'complete' : 'running', notBefore: null, after: null });
}

// ——— jobs

/** A job wants so many completions, and so many tasks at once: orchestrator/jobs. */
function work(d: Daemon, s: Service) {
  if (!s.Job) return;
  const own = tasksOf(d, s.ID).filter((t) => t.Job?.Index === s.Job?.Iteration);
  for (const t of tasksOf(d, s.ID)) if (t.Job?.Index !== s.Job.Iteration) desire(d, t, 'remove');
  for (const t of own) {
    if (!isOver(t) || t.Status.State === 'complete' || t.DesiredState !== 'complete') continue;
    restart(d, s, t);
  }
  const { ReplicatedJob, GlobalJob } = s.Spec.Mode;
  const { node } = need(d);
  const counts = (t: Task) => t.Status.State === 'complete' || !isOver(t) || (t.DesiredState === 'shutdown' && !mayRestart(d, s, t));
  const taken = new Set(own.filter(counts).map((t) => t.Slot));
  if (GlobalJob) {
    if (taken.size === 0 && wantedSlots(d, s).length > 0) make(d, s, { Slot: 0, NodeID: node.ID });
    return;
  }
  const { MaxConcurrent = 1, TotalCompletions = MaxConcurrent } = ReplicatedJob ?? {};
  const total = TotalCompletions || MaxConcurrent;
  const busy = () => tasksOf(d, s.ID).filter((t) => t.Job?.Index === s.Job?.Iteration && !isOver(t)).length;
  for (let slot = 0; slot < total && busy() < MaxConcurrent; slot++) if (!taken.has(slot)) make(d, s, { Slot: slot, NodeID: '' });
}

// ——— scheduling and reaping

function assign(d: Daemon, t: Task) {
  if (!before(t.Status.State, 'assigned')) return;
  if (before('running', t.DesiredState) && t.DesiredState !== 'complete') {
    enter(d, t, 'shutdown');
    return;
  }
  const why = refusal(d, t);
  if (why === null) enter(d, t, 'assigned', {}, { NodeID: need(d).node.ID });
  else if (t.Status.Err !== why) put(d, 'tasks', { ...t, Status: { ...t.Status, Err: why } });
}

/** How many tasks of a slot are kept: taskreaper. */
function reap(d: Daemon) {
  const limit = need(d).Spec.Orchestration.TaskHistoryRetentionLimit;
  const known = new Set(servicesOf(d).map((s) => s.ID));
  const slots = new Map<string, Task[]>();
  for (const t of tasksOf(d)) {
    const gone = !known.has(t.ServiceID) || t.DesiredState === 'remove';
    if (gone && (isOver(t) || before(t.Status.State, 'assigned'))) agent.erase(d, t);
    else if (!t.Job) {
      const key = `${t.ServiceID} ${slotOf(t)}`;
      slots.set(key, [...(slots.get(key) ?? []), t]);
    }
  }
  if (limit < 0) return;
  for (const list of slots.values()) {
    let excess = list.length - Math.max(limit, 1);
    for (const t of list.sort((a, b) => a.CreatedAt - b.CreatedAt)) {
      if (excess <= 0) break;
      if (!isOver(t) || isLive(t)) continue;
      agent.erase(d, t);
      excess--;
    }
  }
}

// ——— the loop

function round(d: Daemon) {
  for (const { ID } of servicesOf(d)) {
    const s = () => need(d).services[ID] as Service;
    work(d, s());
    if (!s().Job) supervise(d, s());
    scale(d, s());
    rollout.advance(d, s(), slotsOf(d, s()));
  }
  for (const t of tasksOf(d)) release(d, t);
  for (const t of tasksOf(d)) assign(d, taskOf(d, t.ID) as Task);
  for (const t of tasksOf(d)) agent.advance(d, t.ID);
  reap(d);
}

/** Rounds without end would be a mistake of this file. */
const MOST = 200;

/** Everything that follows at this moment; gives the next moment at which something does, milliseconds since the epoch. */
export function settle(d: Daemon): number | null {
  for (let i = 0; i < MOST; i++) {
    const was = d.s.swarm;
    round(d);
    if (d.s.swarm === was) break;
  }
  networks.sweep(d);
  networks.balance(d);
  const times = [
    ...tasksOf(d).flatMap((t) => [t.busy, t.DesiredState === 'ready' ? t.notBefore : null]),
    ...servicesOf(d).flatMap((s) => (s.rollout ? [s.rollout.watch, ...s.rollout.workers.map((w) => w.rest)] : [])),
  ].filter((at): at is number => at !== null && at > d.now());
  return times.length > 0 ? Math.min(...times) : null;
}

/** Tasks of a service that is gone. */
export function abandon(d: Daemon, s: Service) {
  for (const t of tasksOf(d, s.ID)) {
    desire(d, t, 'remove');
    if (before(t.Status.State, 'assigned')) forget(d, t);
  }
}
