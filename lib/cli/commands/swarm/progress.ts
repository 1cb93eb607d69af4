/**
 * What `docker service create`, `update`, `scale` and `rollback` show while they wait: docker/cli, cli/command/service/progress.
 *
 *   overall progress: 1 out of 2 tasks
 *   1/2: running   [==================================================>]
 *   2/2: starting  [============================================>      ]
 *   verify: Waiting 4 seconds to verify that tasks are stable...
 *
 * On a terminal a line is drawn over when there is news of it; elsewhere all that is said stands.
 */

import { encode } from '../../../base';
import { SIGNALS } from '../../../kernel';
import { out, type Script, sleep, sys } from '../../driver';
import { CommandError, type Ctx } from '../api';
import { isTerminal } from '../streams';
import { type ServiceJson, service, type TaskJson, tasks } from './api';

const TICK = 200;
const RANK = ['new', 'allocated', 'pending', 'assigned', 'accepted', 'preparing', 'ready', 'starting', 'running'];
const LONGEST = 9;
/** As many tasks are shown one by one. */
const MOST = 20;

/** Lines by what they are of, the way jsonmessage draws them. */
function screen(tty: boolean) {
  const rows: string[] = [];
  const drawn = new Map<string, string>();
  return function* (id: string, text: string): Script<void> {
    if (!tty) {
      yield* out(encode(`${id}: ${text}\n`));
      return;
    }
    // Drawing the same again would change nothing on a terminal.
    if (drawn.get(id) === text) return;
    drawn.set(id, text);
    const at = rows.indexOf(id);
    if (at < 0) {
      rows.push(id);
      yield* out(encode(`${id}: ${text} \n`));
      return;
    }
    const up = rows.length - at;
    yield* out(encode(`\x1b[${up}A\x1b[2K\r${id}: ${text} \x1b[${up}B\r`));
  };
}

const bar = (state: string): string => {
  const done = RANK.indexOf(state) + 1;
  const filled = Math.floor((done * 50) / RANK.length);
  return `${state.padEnd(LONGEST)} [${'='.repeat(filled)}>${filled < 50 ? ' '.repeat(50 - filled) : ''}]`;
};

/** The tasks that stand for their slots: those that are to run, newest. */
function bySlot(all: readonly TaskJson[]): Map<string, TaskJson> {
  const out = new Map<string, TaskJson>();
  for (const t of all) {
    if (!['running', 'ready', 'complete'].includes(t.DesiredState)) continue;
    const key = t.Slot ? `${t.Slot}` : (t.NodeID ?? '');
    const there = out.get(key);
    if (!there || there.Version.Index < t.Version.Index) out.set(key, t);
  }
  return out;
}

const wanted = (s: ServiceJson, all: ReadonlyMap<string, TaskJson>): number =>
  s.Spec.Mode.Replicated?.Replicas ??
  s.Spec.Mode.ReplicatedJob?.TotalCompletions ??
  Math.max(all.size, s.Spec.Mode.Global || s.Spec.Mode.GlobalJob ? 1 : 0);

const upToDate = (s: ServiceJson, t: TaskJson) => JSON.stringify(sorted(t.Spec)) === JSON.stringify(sorted(s.Spec.TaskTemplate));
/** The same data in the same order, whoever wrote it. */
function sorted(v: unknown): unknown {
  if (Array.isArray(v)) return v.map(sorted);
  if (typeof v !== 'object' || v === null) return v;
  return Object.fromEntries(
    Object.entries(v)
      .filter(([k]) => k !== 'Runtime')
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([k, x]) => [k, sorted(x)]),
  );
}

/** Waits until a service is what was asked for and has stayed so for a while. Ctrl-C leaves it to go on by itself. */
export function* converge(c: Ctx, id: string, quiet: boolean): Script {
  const draw = quiet ? function* (): Script<void> {} : screen(yield* isTerminal(1));
  const shown = new Map<string, string>();
  const clock = () => sys((s) => s.now());
  let stableSince: number | null = null;
  for (;;) {
    const s = yield* service(c, id);
    const u = s.UpdateStatus;
    if (u?.State === 'paused') {
      if (!quiet) yield* draw('service update paused', u.Message);
      throw new CommandError(`service update paused: ${u.Message}`);
    }
    if (u?.State === 'rollback_paused') throw new CommandError(`service rollback paused: ${u.Message}`);
    if (u?.State === 'rollback_started' && !shown.has('rollback')) {
      shown.set('rollback', u.Message);
      yield* draw('rollback', u.Message);
    }
    const slots = bySlot(yield* tasks(c, { service: [s.ID] }));
    const total = wanted(s, slots);
    const job = !!(s.Spec.Mode.ReplicatedJob || s.Spec.Mode.GlobalJob);
    const good = [...slots].filter(([, t]) => upToDate(s, t) && t.Status.State === (job ? 'complete' : 'running')).length;
    const verifying = stableSince !== null;
    const overall = job ? `${good} out of ${total} tasks complete` : `${good} out of ${total} tasks`;
    if (!verifying || total === 0 || shown.get('overall progress') !== overall) {
      shown.set('overall progress', overall);
      yield* draw(job ? 'job progress' : 'overall progress', overall);
    }
    if (total <= MOST && !job)
      for (let i = 1; i <= total; i++) {
        const t = slots.get(`${i}`) ?? [...slots.values()][i - 1];
        const text = t ? (t.Status.Err && !['running'].includes(t.Status.State) ? t.Status.Err : bar(t.Status.State)) : '';
        const row = s.Spec.Mode.Global ? (t?.NodeID ?? '').slice(0, 12) : `${i}/${total}`;
        if (shown.get(row) === text) continue;
        shown.set(row, text);
        yield* draw(row, text);
      }
    const now = (yield* clock()) as number;
    const done = good >= total && (!u || u.State === 'completed' || u.State === 'rollback_completed' || u.State === 'updating');
    if (!done) stableSince = null;
    else if (job) return yield* finished(draw, id, true);
    else {
      stableSince ??= now;
      const updating = u?.State === 'updating';
      const monitor = (s.Spec.UpdateConfig?.Monitor || 5e9) / 1e6;
      const left = Math.ceil((stableSince + monitor - now) / 1000);
      if (left <= 0 && !updating) return yield* finished(draw, id, false, u?.State === 'rollback_completed' ? u.Message : undefined);
      yield* draw('verify', `Waiting ${Math.max(left, 1)} seconds to verify that tasks are stable...`);
    }
    const came = yield* sleep(TICK, [SIGNALS.SIGINT]);
    if (came.length > 0) {
      if (!quiet) yield* out(encode(`\nOperation continuing in background.\nUse \`docker service ps ${id}\` to check progress.\n`));
      return 0;
    }
  }
}

type Draw = (id: string, text: string) => Script<void>;
function* finished(draw: Draw, id: string, job: boolean, back?: string): Script {
  if (job) {
    yield* draw('job complete', '');
    return 0;
  }
  yield* draw('verify', `Service ${id} converged`);
  if (back !== undefined) throw new CommandError(`service rolled back: ${back}`);
  return 0;
}
