/**
 * docker compose watch: what changes below a path goes into the containers, or makes the image anew
 * (docker/compose, pkg/compose/watch.go, internal/sync/tar.go).
 *
 *   sync           files into the running containers      sync+restart   and then a restart
 *   rebuild        build, and new containers              restart        a restart alone
 *   sync+exec      and then a command in each container
 *
 * Simplified: any change of a file wakes it, and it compares what lies below its paths with what it saw last.
 */

import { encode } from '../../../base';
import * as tar from '../../../base/tar';
import { isMapping, type Mapping, type Project, paths, servicesOf } from '../../../compose';
import { LABEL } from '../../../compose/labels';
import * as ignore from '../../../engine/build/face';
import { layerFiles } from '../../../engine/for-clients';
import { attempt, Errno, SIGNALS, type Sys } from '../../../kernel';
import { failed, type Script, select, sys } from '../../driver';
import { type Command, CommandError, type Ctx, call, get, pathOf, post, print, say } from '../api';
import { execCommand } from '../container/exec';
import { readBytes } from '../files';
import { containersOf } from './actual';
import { buildServices } from './build';
import { create, start } from './converge';
import { projectOf, selected, warning } from './project';
import { ensureImages } from './resources';
import { stopAll } from './stopping';

interface Trigger {
  service: string;
  action: string;
  path: string;
  target: string;
  /** Patterns relative to `path`, and those of .dockerignore relative to the build context. */
  ignored: { from: string; patterns: string[] }[];
  /** Patterns relative to `path`, of which one must match; all is meant when there is none. */
  include: string[];
  /** What sync+exec runs. */
  exec: Mapping | null;
}

/** A file below a trigger's path: what it was the last time, as a word that changes with it. */
type Snapshot = Record<string, string>;
interface Changed {
  trigger: Trigger;
  /** Relative to the trigger's path; '' is the path itself. */
  name: string;
  gone: boolean;
}

/** How long Compose waits for more to change, in milliseconds. */
const QUIET = 500;

const strings = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);

function* triggersOf(project: Project): Script<Trigger[]> {
  const out: Trigger[] = [];
  for (const [service, s] of Object.entries(servicesOf(project.model))) {
    const develop = isMapping(s.develop) ? s.develop : {};
    for (const w of (Array.isArray(develop.watch) ? develop.watch : []) as Mapping[]) {
      const action = String(w.action);
      const context = isMapping(s.build) ? String(s.build.context ?? project.directory) : null;
      const own = context === null ? null : yield* sys((x) => readIf(x, `${context}/.dockerignore`));
      out.push({
        service,
        action,
        path: paths.resolve(project.directory, String(w.path)),
        target: String(w.target ?? ''),
        include: strings(w.include),
        exec: isMapping(w.exec) ? w.exec : null,
        ignored: [
          { from: paths.resolve(project.directory, String(w.path)), patterns: strings(w.ignore) },
          ...(context === null || typeof own !== 'string' ? [] : [{ from: context, patterns: ignore.readIgnoreFile(own) }]),
        ],
      });
    }
  }
  return out;
}

const readIf = (s: Sys, path: string): string | null => {
  const bytes = attempt(() => readBytes(s, encode(path)));
  return bytes instanceof Errno ? null : bytes;
};

const isIgnored = (t: Trigger, path: string): boolean =>
  !isIncluded(t, path) ||
  /(^|\/)(\.git|\.idea)(\/|$)|~$|\.sw[px]$/.test(path) ||
  t.ignored.some(({ from, patterns }) => {
    if (patterns.length === 0 || !path.startsWith(`${from}/`)) return false;
    return ignore.excluded(ignore.compilePatterns(patterns), path.slice(from.length + 1));
  });

const isIncluded = (t: Trigger, path: string): boolean =>
  t.include.length === 0 || ignore.excluded(ignore.compilePatterns(t.include), path.slice(t.path.length + 1));

/** Everything below a trigger's path, or the file that it is, as archive entries named relative to it. */
function entriesOf(s: Sys, t: Trigger): tar.TarEntry[] {
  const path = encode(t.path);
  const found = attempt(() => s.stat(path));
  if (found === null || found instanceof Errno) return [];
  if (found.type === 'dir') {
    const all = attempt(() => layerFiles.archive(s, path));
    return all === null || all instanceof Errno ? [] : all.filter((e) => !isIgnored(t, `${t.path}/${e.name.replace(/\/$/, '')}`));
  }
  const data = readBytes(s, path);
  return [{ name: '', type: 'file', mode: found.mode, uid: 0, gid: 0, size: data.length, mtime: found.mtime / 1000, data }];
}

const wordOf = (e: tar.TarEntry): string => (e.type === 'dir' ? 'dir' : `${e.mtime} ${e.size} ${e.mode}`);

function* look(triggers: readonly Trigger[]): Script<Snapshot[]> {
  const r = yield* sys((s) =>
    triggers.map((t) => Object.fromEntries(entriesOf(s, t).map((e): [string, string] => [e.name.replace(/\/$/, ''), wordOf(e)]))),
  );
  return failed(r) ? triggers.map(() => ({})) : r;
}

function difference(triggers: readonly Trigger[], before: readonly Snapshot[], now: readonly Snapshot[]): Changed[] {
  return triggers.flatMap((trigger, i) => {
    const [was, is] = [before[i] ?? {}, now[i] ?? {}];
    return [...new Set([...Object.keys(was), ...Object.keys(is)])]
      .filter((name) => was[name] !== is[name])
      .map((name) => ({ trigger, name, gone: !Object.hasOwn(is, name) }));
  });
}

/** What changed goes to the same places in the service's containers: an archive of what is there, `rm -rf` of what is not. */
function* sync({ c, project }: Watch, service: string, changed: readonly Changed[]): Script<void> {
  yield* say(`Syncing service "${service}" after ${changed.length} changes were detected`);
  const place = (x: Changed) => (x.name === '' ? x.trigger.target : `${x.trigger.target.replace(/\/$/, '')}/${x.name}`);
  const gone = changed.filter((x) => x.gone).map(place);
  const archive = yield* sys((s) => {
    const entries = changed.flatMap((x) =>
      x.gone
        ? []
        : entriesOf(s, x.trigger)
            .filter((e) => e.name.replace(/\/$/, '') === x.name)
            .map((e) => ({ ...e, name: `${encode(place(x)).replace(/^\//, '')}${e.type === 'dir' ? '/' : ''}` })),
    );
    return entries.length === 0 ? '' : tar.writeTar(entries);
  });
  for (const { Id } of (yield* containersOf(c, project.name, { all: false })).filter((x) => x.service === service)) {
    if (gone.length > 0) {
      const exec = yield* post<{ Id: string }>(c, `/containers/${Id}/exec`, { Cmd: ['rm', '-rf', ...gone], Detach: true });
      yield* call(c, 'POST', `/exec/${exec.Id}/start`, { Detach: true });
    }
    if (typeof archive === 'string' && archive !== '')
      yield* call(c, 'PUT', pathOf(`/containers/${Id}/archive`, { path: '/', copyUIDGID: true }), archive);
  }
}

/** Runs the command of a sync+exec in each of the service's containers; what it prints is shown as it is. False: one of them failed. */
function* runHook({ c, project }: Watch, service: string, hook: Mapping): Script<boolean> {
  let well = true;
  const env = isMapping(hook.environment) ? Object.entries(hook.environment).map(([k, v]) => (v === null ? k : `${k}=${v}`)) : [];
  for (const { Id } of (yield* containersOf(c, project.name, { all: false })).filter((x) => x.service === service)) {
    const inner: Ctx = {
      ...c,
      args: [Id, ...strings(hook.command)],
      on: (f) => f === 'privileged' && hook.privileged === true,
      text: (f) => (f === 'user' ? String(hook.user ?? '') : f === 'workdir' ? String(hook.working_dir ?? '') : ''),
      list: (f) => (f === 'env' ? env : []),
    };
    if ((yield* execCommand(inner)) !== 0) well = false;
  }
  return well;
}

/** Makes what is missing, and starts it. */
function* bringUp(c: Ctx, project: Project, names: readonly string[], build: boolean): Script<void> {
  yield* ensureImages(c, project, { build, noBuild: false, pull: '', quiet: false });
  const scale = {};
  yield* create(c, project, project, {
    recreate: 'diverged',
    recreateDeps: 'diverged',
    named: names,
    removeOrphans: false,
    ignoreOrphans: true,
    scale,
  });
  yield* start(c, project);
}

const listed = (services: readonly string[]) => `[${services.map((s) => JSON.stringify(s)).join(' ')}]`;

function* rebuild({ c, project }: Watch, services: readonly string[]): Script<void> {
  yield* say(`Rebuilding service(s) ${listed(services)} after changes were detected...`);
  try {
    yield* buildServices(c, project, services, { quiet: false, untold: true });
  } catch (e) {
    if (!(e instanceof CommandError)) throw e;
    yield* say(`Failed to recreate services after update. Error: ${e.message}`);
    return;
  }
  if (c.on('prune')) yield* prune(c, project);
  yield* say(`service(s) ${listed(services)} successfully built`);
  yield* silently(bringUp(c, selected(project, services, false), services, false));
}

/** Removes what earlier builds of the project have left without a name; an image that a container still has stays. */
function* prune(c: Ctx, project: Project): Script<void> {
  const filters = JSON.stringify({ dangling: ['true'], label: [`${LABEL.project}=${project.name}`] });
  for (const { Id } of yield* get<{ Id: string }[]>(c, pathOf('/images/json', { filters }))) {
    try {
      yield* call(c, 'DELETE', `/images/${Id}`);
    } catch (e) {
      if (!(e instanceof CommandError)) throw e;
    }
  }
}

/** Runs a script without what it says. */
function* silently(script: Script<void>): Script<void> {
  let step = script.next();
  while (!step.done) {
    const effect = step.value;
    step = script.next(effect.do === 'write' ? null : yield effect);
  }
}

/** Runs a script with something before each line that it says. */
export function* prefixed<T>(prefix: string, script: Script<T>): Script<T> {
  const marked = (text: string) => text.replace(/[^\n]*\n/g, (line) => prefix + line);
  let step = script.next();
  while (!step.done) {
    const effect = step.value;
    step = script.next(yield effect.do === 'write' ? { ...effect, text: marked(effect.text) } : effect);
  }
  return step.value;
}

/** A project under watch. */
export interface Watch {
  c: Ctx;
  project: Project;
  triggers: readonly Trigger[];
  seen: Snapshot[];
  /** Uptime in milliseconds at which what has changed is acted on; null: nothing has. */
  due: number | null;
}

/** Begins to watch; null where nothing is to be watched. */
export function* watchOf(c: Ctx, project: Project): Script<Watch | null> {
  const triggers = (yield* triggersOf(project)).filter((t) => c.args.length === 0 || c.args.includes(t.service));
  if (triggers.length === 0) return null;
  yield* say('Watch enabled');
  return { c, project, triggers, seen: yield* look(triggers), due: null };
}

/** What to wait for besides all else: a change of files, or the time when one is acted on. */
export function* attention(w: Watch): Script<{ files: true } | { ms: number }> {
  const uptime = Number(yield* sys((s) => s.uptime()));
  if (w.due === null && difference(w.triggers, w.seen, yield* look(w.triggers)).length > 0) w.due = uptime + QUIET;
  return w.due === null ? { files: true } : { ms: Math.max(0, w.due - uptime) };
}

/** What has changed, which from now on is what was seen. */
export function* changes(w: Watch): Script<Changed[]> {
  const now = yield* look(w.triggers);
  const changed = difference(w.triggers, w.seen, now);
  w.seen = now;
  w.due = null;
  return changed;
}

const servicesFor = (changed: readonly Changed[], ...actions: string[]) => [
  ...new Set(changed.filter((x) => actions.includes(x.trigger.action)).map((x) => x.trigger.service)),
];

/** Services whose containers are made anew. */
export const rebuilt = (changed: readonly Changed[]): string[] => servicesFor(changed, 'rebuild');

export function* handle(w: Watch, changed: readonly Changed[]): Script<void> {
  const { c, project } = w;
  const toBuild = rebuilt(changed);
  if (toBuild.length > 0) yield* rebuild(w, toBuild);
  for (const service of servicesFor(changed, 'sync', 'sync+restart', 'sync+exec').filter((s) => !toBuild.includes(s))) {
    const synced = changed.filter((x) => x.trigger.service === service && x.trigger.action.startsWith('sync'));
    yield* sync(w, service, synced);
    // Compose says no more: the error of a command that fails has no words of its own.
    for (const hook of new Set(synced.map((x) => x.trigger.exec)))
      if (hook !== null && !(yield* runHook(w, service, hook))) yield* warning('Error handling changed files: ');
  }
  const toRestart = servicesFor(changed, 'restart', 'sync+restart').filter((s) => !toBuild.includes(s));
  if (toRestart.length === 0) return;
  const mine = (yield* containersOf(c, project.name)).filter((x) => toRestart.includes(x.service));
  yield* silently(stopAll(c, mine, undefined));
  yield* silently(start(c, selected(project, toRestart, false)));
  yield* say(`service(s) ${listed(toRestart)} restarted`);
}

/** --quiet: builds as with --progress quiet. */
const quietly = (c: Ctx): Ctx => ({ ...c, outer: { ...c.outer, text: (flag) => (flag === 'progress' ? 'quiet' : c.outer.text(flag)) } });

export const watch: Command = function* (given) {
  const c = given.on('quiet') ? quietly(given) : given;
  const whole = yield* projectOf(c, c.args);
  if (!c.on('no-up')) yield* bringUp(c, selected(whole, c.args, true), c.args, true);
  const w = yield* watchOf(c, selected(whole, c.args, true));
  if (w === null) throw new CommandError("none of the selected services is configured for watch, consider setting a 'develop' section");
  for (;;) {
    const r = yield* select([], { signals: [SIGNALS.SIGINT, SIGNALS.SIGTERM], ...(yield* attention(w)) });
    if ('signals' in r) break;
    if ('timeout' in r) yield* handle(w, yield* changes(w));
  }
  yield* print('\n');
  return 130;
};
