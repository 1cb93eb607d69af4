/**
 * An update on its way through a service's slots: swarmkit manager/orchestrator/update/updater.go.
 *
 *   stop-first    the old task is asked to end; when it has, the new one starts
 *   start-first   the new task starts; when it runs, the old one is asked to end
 *
 * At most `parallelism` slots at once, `delay` between two by the same worker; then what was started is watched for `monitor`. A task of
 * the update that ends before that is a failure: the update goes on, is paused, or is rolled back.
 */

import type { Daemon } from '../daemon';
import { endpoint } from './networks';
import { isOver, type Rollout, type Service, type Task, type UpdateConfig } from './state';
import { change, taskOf } from './store';
import { desire, isCurrent, make } from './tasks';

const DEFAULT: UpdateConfig = { Parallelism: 1, Delay: 0, FailureAction: 'pause', Monitor: 5e9, MaxFailureRatio: 0, Order: 'stop-first' };

const isRollback = (s: Service): boolean => s.UpdateStatus?.State.startsWith('rollback') ?? false;
const configOf = (s: Service): UpdateConfig => {
  const own = isRollback(s) ? s.Spec.RollbackConfig : s.Spec.UpdateConfig;
  return { ...DEFAULT, ...own, Monitor: own?.Monitor || DEFAULT.Monitor, FailureAction: own?.FailureAction || 'pause' };
};
const isPaused = (s: Service): boolean => ['paused', 'rollback_paused'].includes(s.UpdateStatus?.State ?? '');

const none = (total: number): Rollout => ({ workers: [], done: [], total, failed: [], watch: null });

/** One step of it: what can be done at this moment. `slots`: the tasks that count. */
export function advance(d: Daemon, s: Service, slots: ReadonlyMap<string, Task[]>) {
  if (s.Job || isPaused(s)) return;
  const dirty = [...slots].filter(([, list]) => list.some((t) => !isCurrent(s, t)));
  if (!s.rollout) {
    if (dirty.length > 0) begin(d, s, dirty.length);
    else if (['updating', 'rollback_started'].includes(s.UpdateStatus?.State ?? '')) complete(d, s);
    return;
  }
  const after = failures(d, s, s.rollout);
  if (!after) return;
  const r = work(d, s, after, slots);
  const waiting = [...slots].some(([key, list]) => !r.done.includes(key) && list.some((t) => !isCurrent(s, t)));
  const watch = r.workers.length === 0 && !waiting ? (r.watch ?? until(d, configOf(s).Monitor as number)) : null;
  const now = { ...r, watch };
  if (watch !== null && watch <= d.now()) complete(d, s);
  else if (JSON.stringify(now) !== JSON.stringify(s.rollout)) change(d, 'services', s, { rollout: now, UpdatedAt: s.UpdatedAt });
}

const until = (d: Daemon, ns: number): number => d.now() + ns / 1e6;

/** A new state of an update, told to whoever listens: daemon/events.go, logServiceEvent. */
function tell(d: Daemon, was: Service) {
  const now = d.s.swarm?.services[was.ID]?.UpdateStatus?.State;
  const old = was.UpdateStatus?.State;
  if (now === undefined || now === old) return;
  d.event('service', 'update', was.ID, { name: was.Spec.Name, 'updatestate.new': now, ...(old ? { 'updatestate.old': old } : {}) });
}

function begin(d: Daemon, s: Service, total: number) {
  const begun = s.UpdateStatus?.State === 'rollback_started' || s.UpdateStatus?.State === 'updating';
  const status = begun ? {} : { UpdateStatus: { State: 'updating' as const, StartedAt: d.now(), Message: 'update in progress' } };
  change(d, 'services', s, { ...status, rollout: none(total) });
  tell(d, s);
}

function complete(d: Daemon, s: Service) {
  const back = isRollback(s);
  change(d, 'services', s, {
    rollout: null,
    UpdateStatus: {
      State: back ? 'rollback_completed' : 'completed',
      StartedAt: s.UpdateStatus?.StartedAt ?? d.now(),
      CompletedAt: d.now(),
      Message: back ? 'rollback completed' : 'update completed',
    },
  });
  tell(d, s);
}

/** Tasks of the update that have ended too soon. Null: they have ended the update. */
function failures(d: Daemon, s: Service, r: Rollout): Rollout | null {
  const { FailureAction, MaxFailureRatio, Monitor } = configOf(s);
  const own = Object.values(d.s.swarm?.tasks ?? {}).filter((t) => t.ServiceID === s.ID && isCurrent(s, t));
  const tooSoon = own.filter(
    (t) =>
      isOver(t) &&
      t.Status.State !== 'shutdown' &&
      t.CreatedAt >= (s.UpdateStatus?.StartedAt ?? 0) &&
      (t.startedAt === null || t.Status.Timestamp - t.startedAt <= (Monitor as number) / 1e6) &&
      !r.failed.includes(t.ID),
  );
  if (tooSoon.length === 0 || FailureAction === 'continue') return r;
  const failed = [...r.failed, ...tooSoon.map((t) => t.ID)];
  if (failed.length / Math.max(1, r.total) <= MaxFailureRatio) return { ...r, failed };
  const of = `due to failure or early termination of task ${tooSoon[0]?.ID}`;
  const began = s.UpdateStatus?.StartedAt ?? d.now();
  if (FailureAction === 'rollback' && !isRollback(s) && s.PreviousSpec) rollBack(d, s, `update rolled back ${of}`);
  else {
    const back = isRollback(s);
    change(d, 'services', s, {
      rollout: null,
      UpdateStatus: {
        State: back ? 'rollback_paused' : 'paused',
        StartedAt: began,
        Message: `${back ? 'rollback' : 'update'} paused ${of}`,
      },
    });
  }
  return null;
}

/** To the spec before the last update. Who asks for it can come back; an update that failed is not gone back to. */
export function rollBack(d: Daemon, s: Service, Message: string, asked = false) {
  const spec = s.PreviousSpec as Service['Spec'];
  change(d, 'services', s, {
    Spec: spec,
    PreviousSpec: asked ? s.Spec : undefined,
    Endpoint: endpoint(d, { ID: s.ID, Spec: spec }, s.Endpoint),
    rollout: null,
    UpdateStatus: { State: 'rollback_started', StartedAt: d.now(), Message },
  });
}

/** Workers go on; those that are free take the next slots. */
function work(d: Daemon, s: Service, r: Rollout, slots: ReadonlyMap<string, Task[]>): Rollout {
  const config = configOf(s);
  const done = [...r.done];
  const workers = r.workers.flatMap((w) => {
    const next = follow(d, s, w, slots.get(w.slot) ?? [], config);
    if (next === null) done.push(w.slot);
    return next ?? [];
  });
  const most = config.Parallelism || Number.POSITIVE_INFINITY;
  for (const [slot, list] of slots) {
    if (workers.length >= most) break;
    if (workers.some((w) => w.slot === slot) || done.includes(slot) || list.every((t) => isCurrent(s, t))) continue;
    workers.push({ slot, task: replace(d, s, list, config).ID, rest: null });
  }
  return { ...r, workers, done };
}

/** A slot's old task makes room for the new one, or the other way round. */
function replace(d: Daemon, s: Service, list: readonly Task[], { Order }: UpdateConfig): Task {
  const clean = list.find((t) => isCurrent(s, t));
  const [old] = list.filter((t) => !isCurrent(s, t));
  const place = { Slot: old?.Slot ?? 0, NodeID: old?.Slot === 0 ? old.NodeID : '' };
  if (clean) {
    for (const t of list) if (t !== clean) desire(d, t, 'shutdown');
    return clean;
  }
  if (Order === 'start-first') return make(d, s, place, { DesiredState: 'ready', notBefore: d.now() });
  for (const t of list) desire(d, t, 'shutdown');
  return make(d, s, place, { DesiredState: 'ready', after: old?.ID ?? null });
}

/** Where a worker is: still waiting for its task, resting after it (until when), or free (null). */
function follow(d: Daemon, s: Service, w: Rollout['workers'][number], list: readonly Task[], { Delay = 0 }: UpdateConfig) {
  if (w.rest !== null) return w.rest <= d.now() ? null : w;
  const t = taskOf(d, w.task);
  if (t && t.Status.State !== 'running' && !isOver(t)) return w;
  // The new one runs: with start-first the old one may end now.
  for (const other of list) if (other.ID !== w.task && !isCurrent(s, other)) desire(d, other, 'shutdown');
  return Delay === 0 ? null : { ...w, rest: until(d, Delay) };
}
