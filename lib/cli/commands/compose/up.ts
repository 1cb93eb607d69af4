/** docker compose up, create, scale (docker/compose, cmd/compose/up.go, pkg/compose/up.go). */

import { decode, encode } from '../../../base';
import { type Mapping, type Project, servicesOf } from '../../../compose';
import { nineDigits, rfc3339 } from '../../../engine';
import { http } from '../../../engine/for-clients';
import { SIGNALS } from '../../../kernel';
import { close, err, out, type Script, select } from '../../driver';
import { answerOf, ask, type Command, CommandError, type Ctx, hijack, pathOf, print, stream, warn } from '../api';
import { now } from '../files';
import { timestamp } from '../time';
import { type Container, containersOf, inspect } from './actual';
import { completed, create, healthy, jobsOf, scaleOf, start } from './converge';
import { labelOf, prefixer } from './logs';
import { tell } from './progress';
import { projectOf, selected } from './project';
import { ensureImages } from './resources';
import { stopAll } from './stopping';
import { attention, changes, handle, prefixed, rebuilt, type Watch, watchOf } from './watch';

function scales(c: Ctx): Record<string, number> {
  const out: Record<string, number> = {};
  for (const one of c.list('scale')) {
    const [name, count, more] = one.split('=');
    if (!name || count === undefined || more !== undefined)
      throw new CommandError(`invalid --scale option "${one}". Should be SERVICE=NUM`);
    if (!/^\d+$/.test(count)) throw new CommandError(`strconv.Atoi: parsing ${JSON.stringify(count)}: invalid syntax`);
    out[name] = Number(count);
  }
  return out;
}

/** What --pull takes. */
const PULL = ['', 'policy', 'always', 'missing', 'never', 'build'];

interface Planned {
  /** The project with all its services. */
  whole: Project;
  /** What the command line asks for. */
  chosen: Project;
}

function* planned(c: Ctx, withNeeds: boolean): Script<Planned> {
  const whole = yield* projectOf(c, c.args);
  const chosen = selected(whole, c.args, withNeeds);
  for (const name of Object.keys(scales(c)))
    if (!Object.hasOwn(servicesOf(whole.model), name)) throw new CommandError(`no such service: ${name}: not found`);
  return { whole, chosen };
}

function* converge(c: Ctx, { whole, chosen }: Planned, scale: Record<string, number>): Script<void> {
  if (c.on('no-recreate') && c.on('renew-anon-volumes')) throw new CommandError('--no-recreate and --renew-anon-volumes are incompatible');
  if (c.on('force-recreate') && c.on('no-recreate')) throw new CommandError('--force-recreate and --no-recreate are incompatible');
  if (!PULL.includes(c.text('pull'))) throw new CommandError(`invalid --pull option "${c.text('pull')}"`);
  if (c.on('build') && c.on('no-build')) throw new CommandError('--build and --no-build are incompatible');
  yield* ensureImages(c, chosen, { build: c.on('build'), noBuild: c.on('no-build'), pull: c.text('pull'), quiet: c.on('quiet-build') });
  const how = c.on('force-recreate') || c.on('renew-anon-volumes') ? 'force' : c.on('no-recreate') ? 'never' : 'diverged';
  yield* create(c, whole, chosen, {
    recreate: how,
    recreateDeps: c.on('always-recreate-deps') ? 'force' : how === 'never' ? 'never' : 'diverged',
    named: c.args,
    renewVolumes: c.on('renew-anon-volumes'),
    removeOrphans: c.on('remove-orphans'),
    ignoreOrphans: ['1', 'true'].includes(whole.environment.COMPOSE_IGNORE_ORPHANS ?? ''),
    timeout: c.given('timeout') ? c.number('timeout') : undefined,
    scale,
  });
}

export const createCommand: Command = function* (c) {
  yield* converge(c, yield* planned(c, true), scales(c));
  return 0;
};

export const scale: Command = function* (c) {
  const wanted: Record<string, number> = {};
  for (const one of c.args) {
    const [name, count] = one.split('=');
    if (!name || count === undefined) throw new CommandError(`invalid scale specifier: ${one}`);
    if (!/^\d+$/.test(count)) throw new CommandError(`invalid scale specifier: can't parse replica value as int: ${one}`);
    wanted[name] = Number(count);
  }
  const names = Object.keys(wanted);
  const inner: Ctx = { ...c, args: names, list: () => [], on: () => false, text: () => '', given: () => false };
  const plan = yield* planned(inner, !c.on('no-deps'));
  yield* converge(inner, plan, wanted);
  yield* start(c, plan.chosen);
  return 0;
};

export const up: Command = function* (c) {
  const follow = ['abort-on-container-exit', 'abort-on-container-failure', 'attach', 'attach-dependencies', 'exit-code-from', 'watch'];
  const from = c.text('exit-code-from');
  const detach = c.on('detach') || c.on('wait');
  if (c.on('wait') && ['abort-on-container-exit', 'attach', 'attach-dependencies'].some((f) => c.given(f)))
    throw new CommandError('--wait cannot be combined with --abort-on-container-exit, --attach or --attach-dependencies');
  if (detach && follow.some((f) => c.given(f)))
    throw new CommandError(
      '--detach cannot be combined with --abort-on-container-exit, --abort-on-container-failure, --attach, --attach-dependencies or --watch',
    );
  if (c.on('force-recreate') && c.on('no-recreate')) throw new CommandError('--force-recreate and --no-recreate are incompatible');
  const plan = yield* planned(c, !c.on('no-deps'));
  const services = servicesOf(plan.chosen.model);
  if (from !== '' && !Object.hasOwn(services, from)) throw new CommandError(`no such service: ${from}: not found`);
  const unknown = [...c.list('attach'), ...c.list('no-attach')].find((n) => !Object.hasOwn(servicesOf(plan.whole.model), n));
  if (unknown !== undefined) throw new CommandError(`no such service: ${unknown}`);
  if (Object.keys(services).length === 0) throw new CommandError('no service selected');
  const wanted = scales(c);
  yield* converge(c, plan, wanted);
  if (c.on('no-start')) return 0;
  if (detach) {
    yield* start(c, plan.chosen);
    if (c.on('wait')) yield* waitAll(c, plan.chosen);
    return 0;
  }
  return yield* foreground(c, plan.chosen, wanted, from);
};

/** --wait: until all run, or are healthy. */
function* waitAll(c: Ctx, project: Project): Script<void> {
  const services = servicesOf(project.model);
  const mine = (yield* containersOf(c, project.name)).filter((x) => Object.hasOwn(services, x.service));
  for (const x of mine) yield* tell('Container', x.name, 'Waiting');
  const limit = c.number('wait-timeout');
  const begun = yield* now();
  const until =
    limit > 0
      ? function* (): Script<boolean> {
          return (yield* now()) - begun > limit;
        }
      : undefined;
  const jobs = jobsOf(project);
  for (const x of mine) {
    const done = jobs.has(x.service);
    const wrong = yield* done ? completed(c, x.service, x) : healthy(c, x, true, until);
    if (wrong !== null) throw new CommandError(wrong);
    yield* tell('Container', x.name, done ? 'Exited' : 'Healthy');
  }
}

interface Followed {
  container: Container;
  conn: number;
  rest: string;
  /** The last line of each stream, as far as it came. */
  partial: Record<number, string>;
  /** It is to run again: the connection brings the event that it has started. */
  starts?: true;
}

/** What `up --watch` is among the containers whose lines are shown: docker/compose, cmd/formatter/logs.go. */
const WATCHER = '#watch';
const watcherPrefix = (labels: readonly string[]) =>
  encode(`\x1b[92m${' '.repeat(Math.max(...[WATCHER, ...labels].map((l) => l.length)) + 1)} ⦿ \x1b[0m`);

/** Opens what a container writes; `logs`: from its beginning. */
function* follow(c: Ctx, container: Container, logs = false): Script<Followed> {
  const { conn } = yield* hijack(
    c,
    'POST',
    pathOf(`/containers/${container.Id}/attach`, { stream: true, stdout: true, stderr: true, logs }),
  );
  return { container, conn, rest: '', partial: {} };
}

const ended = (label: string, code: number, more = '') => `\r\x1b[K${label} exited with code ${code}${more}\n`;

/** A container that its restart policy starts again is waited for … */
function* starting(c: Ctx, container: Container): Script<Followed> {
  const filters = JSON.stringify({ container: [container.Id], event: ['start'] });
  const { conn } = yield* stream(c, 'GET', pathOf('/events', { filters }));
  return { container, conn, rest: '', partial: {}, starts: true };
}

/** … and its log is read from there on; one that has ended by then has said all: `text`. */
function* startedAgain(c: Ctx, container: Container): Script<{ s: Followed; text: string }> {
  const { State } = yield* inspect(c, container.Id);
  const since = timestamp(State.StartedAt, 0, 'since');
  const r = yield* stream(c, 'GET', pathOf(`/containers/${container.Id}/logs`, { stdout: true, stderr: true, follow: true, since }));
  return { s: { container, conn: r.conn, rest: '', partial: {} }, text: r.conn < 0 ? r.body : '' };
}

/** Acts on changes of files, and goes from containers that were replaced to those in their places. */
function* actOn(c: Ctx, w: Watch, streams: Followed[], label: (x: Container) => string, prefix: string): Script<void> {
  const changed = yield* changes(w);
  const old = streams.filter((s) => rebuilt(changed).includes(s.container.service));
  const ends: number[] = [];
  for (const { container } of old) ends.push(yield* ask(c, 'POST', `/containers/${container.Id}/wait?condition=next-exit`));
  yield* prefixed(prefix, handle(w, changed));
  const now = yield* containersOf(c, w.project.name);
  for (const [i, s] of old.entries()) {
    if (now.some((x) => x.Id === s.container.Id)) {
      yield* close(ends[i] as number);
      continue;
    }
    const answer = yield* answerOf(c, ends[i] as number);
    yield* print(`\r\x1b[K${label(s.container)} has been recreated\n`);
    if ('body' in answer) yield* print(ended(label(s.container), (JSON.parse(answer.body) as { StatusCode: number }).StatusCode));
    yield* close(s.conn);
    const next = now.find((x) => x.service === s.container.service && x.number === s.container.number);
    streams.splice(streams.indexOf(s), 1, ...(next ? [yield* follow(c, next, true)] : []));
  }
}

/** Copies what the containers write, until all have ended or the reader leaves. */
function* foreground(c: Ctx, project: Project, wanted: Record<string, number>, from: string): Script {
  const services = servicesOf(project.model);
  const attach = c.list('attach');
  const noAttach = c.list('no-attach');
  const named = c.args.length > 0 && !c.on('attach-dependencies') ? c.args : Object.keys(services);
  const asked = attach.length > 0 ? attach : named.filter((n) => !noAttach.includes(n) && services[n]?.attach !== false);
  const shown = asked.length > 0 ? asked : Object.keys(services);
  const all = (yield* containersOf(c, project.name)).filter((x) => Object.hasOwn(services, x.service));
  const mine = all.filter((x) => shown.includes(x.service) && scaleOf(services[x.service] as Mapping, x.service, wanted) > 0);
  const label = (x: Container) => labelOf(project.name, x);
  const labels = mine.map(label).sort();
  const w = c.on('watch') ? yield* prefixed(watcherPrefix([]), watchOf(c, project)) : null;
  if (c.on('watch') && w === null)
    throw new CommandError(
      'none of the selected services is configured for watch, see https://docs.docker.com/compose/how-tos/file-watch/',
    );
  yield* print(`Attaching to ${labels.join(', ')}\n`);
  const prefix = prefixer(w ? [...labels, WATCHER] : labels, c.on('no-log-prefix'));
  const streams: Followed[] = [];
  // What was asked for by name is waited for, attached or not; what it needs only where its end ends all.
  const aborts = from !== '' || c.on('abort-on-container-exit') || c.on('abort-on-container-failure');
  const watched = all.filter((x) => aborts || mine.includes(x) || c.args.includes(x.service));
  for (const container of watched) streams.push(yield* follow(c, container));
  yield* start(c, project, { quiet: true });
  const silent = new Set(watched.filter((x) => !mine.includes(x)).map((x) => x.Id));
  /** One of them has no more to say: the status to end with, if its end ends all. */
  const over = function* (s: Followed): Script<number | null> {
    for (const [fd, text] of Object.entries(s.partial))
      if (text !== '' && !silent.has(s.container.Id)) yield* write(Number(fd), `${prefix(label(s.container))}${text}\n`);
    const { State } = yield* inspect(c, s.container.Id);
    if (State.Restarting) {
      yield* print(ended(label(s.container), State.ExitCode, ' (restarting)'));
      streams.push(yield* starting(c, s.container));
      return null;
    }
    if (State.Running) return null;
    yield* print(ended(label(s.container), State.ExitCode));
    const abort = c.on('abort-on-container-exit') || from !== '' || (c.on('abort-on-container-failure') && State.ExitCode !== 0);
    if (!abort) return null;
    yield* warn('\x1b[31m\x1b[1mAborting on container exit...\x1b[0m');
    yield* stopAll(c, all, undefined);
    for (const other of streams) yield* print(ended(label(other.container), (yield* inspect(c, other.container.Id)).State.ExitCode));
    const chosen = all.find((x) => x.service === from);
    yield* warn('');
    return chosen ? (yield* inspect(c, chosen.Id)).State.ExitCode : State.ExitCode;
  };
  while (streams.length > 0) {
    const r = yield* select(
      streams.map((s) => s.conn),
      { signals: [SIGNALS.SIGINT, SIGNALS.SIGTERM], ...(w ? yield* attention(w) : {}) },
    );
    if ('signals' in r) {
      yield* print('Gracefully Stopping... press Ctrl+C again to force\n');
      yield* stopAll(
        c,
        (yield* containersOf(c, project.name)).filter((x) => Object.hasOwn(services, x.service)),
        undefined,
      );
      if (w) yield* print('\n');
      return 130;
    }
    if (w && 'timeout' in r) yield* actOn(c, w, streams, label, watcherPrefix(labels));
    if (!('conn' in r)) continue;
    const at = streams.findIndex((s) => s.conn === r.conn);
    const s = streams[at] as Followed;
    if (s.starts) {
      streams.splice(at, 1);
      yield* close(s.conn);
      const again = yield* startedAgain(c, s.container);
      if (again.s.conn >= 0) {
        streams.push(again.s);
        continue;
      }
      if (!silent.has(s.container.Id)) yield* copy(again.s, again.text, prefix(label(s.container)));
      const status = yield* over(again.s);
      if (status !== null) return status;
      continue;
    }
    if (r.data !== null) {
      const stamp = c.on('timestamps') ? `${nineDigits(rfc3339((yield* now()) * 1000))} ` : '';
      if (!silent.has(s.container.Id)) yield* copy(s, r.data, `${prefix(label(s.container))}${stamp}`);
      continue;
    }
    streams.splice(at, 1);
    const status = yield* over(s);
    if (status !== null) return status;
  }
  return 0;
}

const write = (fd: number, text: string): Script<void> => (fd === 2 ? err(encode(text)) : out(encode(text)));

/** Whole lines of a container's frames, each with its prefix. */
function* copy(s: Followed, data: string, prefix: string): Script<void> {
  const { frames, rest } = http.unframe(s.rest + data);
  s.rest = rest;
  for (const f of frames) {
    const lines = ((s.partial[f.stream] ?? '') + f.data).split('\n');
    s.partial[f.stream] = lines.pop() as string;
    for (const line of lines) yield* write(f.stream, `${prefix}${decode(line)}\n`);
  }
}
