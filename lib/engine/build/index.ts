/**
 * The builder's face to the daemon: a build is asked for, goes on step by step, and hears when its containers end.
 * moby builder/builder-next; BuildKit frontend, solver, exporter.
 *
 *   contexts.ts   POST /build/context: which files of a context are still to be sent
 *   request.ts    POST /build and the files that come with it (read there how a client asks)
 *   begin.ts      Dockerfile → plan        parser.ts, instructions.ts, convert.ts, dispatch.ts, checks.ts
 *   solver.ts     plan → layers            select.ts, copy.ts, run.ts
 *   export.ts     layers → image
 *   progress.ts   the events it streams, and the text that clients make of them
 *
 * Whatever has all that it stands on is begun at once, in the order of the Dockerfile; so stages that do not need each other
 * run side by side. A build is plain data between two turns of the daemon: it stops only while RUNs run.
 *
 * COPY --link copies like any other COPY: BuildKit makes such a layer apart from what is below it only where the containerd
 * image store is turned on; on overlay2, the engine's default, it takes the flag and does without.
 *
 * Simplified: one platform; no remote sources, no ssh agents.
 */

import { encode, pmap } from '../../base';
import { attempt, SIGNALS } from '../../kernel';
import type { Daemon } from '../daemon';
import type { Request } from '../http';
import * as images from '../images';
import * as overlay2 from '../overlay2';
import type { Reply } from '../routes';
import type { Conn } from '../state';
import { type Asked, check, open } from './begin';
import { enter, filesOf, imageOf } from './export';
import { errorEvent, faultOf, Log } from './log';
import { sourcesOf, type Vertex } from './plan';
import { type BuildEvent, formatEvent, type VertexEvent } from './progress';
import { keep } from './record';
import { readRequest } from './request';
import * as run from './run';
import { type SentFile, transferSize } from './size';
import { BuildFault, cached, commit, fileOp, keyOf, keyPartsOf, reuse, Trees, takesMissing, unreachable, vertexOf } from './solver';
import type { Build, Running } from './state';

export { Wanted } from './begin';
export { list as cacheList, prune as pruneCache } from './cache';
export { changed } from './changes';
export { offer as offerContext } from './contexts';

type Send = (d: Daemon, fd: number, text: string) => void;

const head = { status: 200, headers: { 'Content-Type': 'application/json' } };

const encodeAll = <T>(value: T): T => JSON.parse(encode(JSON.stringify(value))) as T;

// ——— the beginning

/** Answers POST /build: what can be told at once, and then the connection stays with the build. */
/** `asked`: what registries have said of images that stages begin with. Throws Wanted where one has to be asked first. */
export function startBuild(d: Daemon, req: Request, conn: Pick<Conn, 'fd'>, asked: Asked = {}): Reply {
  const r = readRequest(d, req);
  const log = new Log(d);
  try {
    if (r.check) return { status: 200, json: encodeAll(check(d, r, log, asked)) };
    const b = open(d, r, log, conn.fd, asked);
    d.s.builds = pmap.set(d.s.builds, b.id, b);
    return { head, body: log.text, mode: { kind: 'build', build: b.id } };
  } catch (e) {
    const fault = faultOf(e);
    if (!fault) throw e;
    log.emit(errorEvent(fault, { file: r.file, text: r.text ?? '' }));
    return { head, body: log.text, mode: { kind: 'closing' } };
  }
}

// ——— going on

const put = (d: Daemon, b: Build) => {
  d.s.builds = pmap.set(d.s.builds, b.id, b);
};

/** Does what can be done of every build; a RUN that runs is waited for. */
export function advanceBuilds(d: Daemon, send: Send, closing: (d: Daemon, fd: number) => void) {
  for (const b of pmap.values(d.s.builds)) {
    if (!pmap.get(d.s.conns, b.fd)) {
      abandon(d, b);
      continue;
    }
    if (b.running.length > 0 && b.running.every((r) => r.status === null)) continue;
    const emit = (e: BuildEvent) => send(d, b.fd, formatEvent(e));
    try {
      if (!advance(d, b, emit)) continue;
    } catch (e) {
      const fault = faultOf(e);
      if (!fault) throw e;
      const last = pmap.get(d.s.builds, b.id) ?? b;
      emit(errorEvent(fault, { file: last.file, text: last.text }));
      keep(d, last, { error: fault, image: null });
    }
    d.s.builds = pmap.remove(d.s.builds, b.id);
    closing(d, b.fd);
  }
}

/** Kills what runs of a build. True if something does. */
function killed(d: Daemon, b: Build): boolean {
  const alive = b.running.filter((r) => r.status === null);
  for (const r of alive) attempt(() => d.files.kill(r.pid, SIGNALS.SIGKILL));
  return alive.length > 0;
}

/** Takes back a step that has no result. */
function undo(d: Daemon, r: Running) {
  run.finish(d, r);
  overlay2.remove(d, r.id);
}

/** Nobody waits for it any more: what runs is killed, and forgotten when it has ended. */
function abandon(d: Daemon, b: Build) {
  if (killed(d, b)) return;
  for (const r of b.running) undo(d, r);
  d.s.builds = pmap.remove(d.s.builds, b.id);
}

/** True when the build is over. */
function advance(d: Daemon, start: Build, emit: (e: BuildEvent) => void): boolean {
  let b = start;
  if (!b.fault) {
    try {
      b = goOn(d, b, emit);
    } catch (e) {
      if (!(e instanceof BuildFault)) throw e;
      b = pmap.get(d.s.builds, b.id) as Build;
      b = { ...b, fault: { message: e.message, whole: e.whole, lines: e.lines } };
      put(d, b);
    }
  }
  if (b.fault) return canceled(d, b, emit);
  if (b.running.length > 0) return false;
  keep(d, b, { error: null, image: finish(d, b, emit) });
  return true;
}

/** Takes the results of what has ended, and begins all that can be begun. */
function goOn(d: Daemon, start: Build, emit: (e: BuildEvent) => void): Build {
  let b = start;
  const trees = new Trees(b);
  if (b.count === b.said) emit({ known: b.count + b.queue.length });
  for (const r of b.running.filter((x) => x.status !== null)) {
    b = ended(d, b, r, emit);
    put(d, b);
  }
  for (let next = ready(b); next !== undefined; next = ready(b)) {
    const n = next;
    notThere(d, b, trees, n, emit);
    b = step(d, { ...b, queue: b.queue.filter((x) => x !== n) }, trees, n, emit);
    put(d, b);
  }
  return b;
}

/**
 * Before a command is begun that is not in the cache: what steps still to come take from the context is looked for in the
 * meantime, and what is not there ends the build sooner than the command does.
 */
function notThere(d: Daemon, b: Build, trees: Trees, n: number, emit: (e: BuildEvent) => void) {
  const v = vertexOf(b, n);
  const missing = v.op.kind === 'run' ? b.queue.find((m) => m !== n && takesMissing(trees, vertexOf(b, m))) : undefined;
  if (missing === undefined || (!v.ignoreCache && cached(d, keyOf(keyPartsOf(d, b, trees, v))))) return;
  try {
    step(d, b, trees, missing, emit);
  } finally {
    const last = pmap.get(d.s.builds, b.id) ?? b;
    const [number, at] = [last.count + 1, d.now()];
    emit({ vertex: { n: number, name: v.name, started: at, completed: at, error: 'context canceled', canceled: true } });
    const outcome = { state: 'canceled', started: at, completed: at, bytes: 0 } as const;
    put(d, { ...last, count: number, numbers: { ...last.numbers, [n]: number }, done: { ...last.done, [n]: outcome } });
  }
}

/** The first step of those to be done that has all it needs. */
function ready(b: Build): number | undefined {
  const has = (ref: number | null) => ref === null || b.results[ref] !== undefined;
  return b.queue.find((n) => {
    const v = vertexOf(b, n);
    return has(v.parent) && sourcesOf(v.op).every(has) && !run.mustWait(b, v.op);
  });
}

/** The end of a build that fails: first what else runs has to go. */
function canceled(d: Daemon, b: Build, emit: (e: BuildEvent) => void): boolean {
  if (killed(d, b)) return false;
  let last = b;
  for (const r of b.running) {
    undo(d, r);
    emit({
      vertex: {
        n: b.numbers[r.vertex] as number,
        name: vertexOf(b, r.vertex).name,
        started: r.started,
        completed: d.now(),
        error: 'context canceled',
        canceled: true,
      },
    });
    last = { ...last, done: { ...last.done, [r.vertex]: { state: 'canceled', started: r.started, completed: d.now(), bytes: 0 } } };
  }
  put(d, { ...last, running: [] });
  const { message, whole, lines } = b.fault as NonNullable<Build['fault']>;
  throw new BuildFault(message, whole, lines);
}

/** A vertex has its result: from the cache or just made. */
function done(d: Daemon, b: Build, n: number, result: Build['results'][number], state: 'cached' | 'made', started: number): Build {
  const top = result.layers.at(-1);
  const outcome = { state, started, completed: d.now(), bytes: (top !== undefined && d.layer(top)?.size) || 0, layer: top };
  return { ...b, results: { ...b.results, [n]: result }, done: { ...b.done, [n]: outcome } };
}

/** A vertex is what the build fails of. */
const broken = (d: Daemon, b: Build, n: number, started: number): Build => ({
  ...b,
  done: { ...b.done, [n]: { state: 'failed', started, completed: d.now(), bytes: 0 } },
});

/** One vertex: from the cache, or made, or begun. */
function step(d: Daemon, before: Build, trees: Trees, n: number, emit: (e: BuildEvent) => void): Build {
  const v = vertexOf(before, n);
  let b: Build = { ...before, count: before.count + 1, numbers: { ...before.numbers, [n]: before.count + 1 } };
  const number = b.count;
  const started = d.now();
  const event = (more: Partial<VertexEvent>) => emit({ vertex: { n: number, name: v.name, started, ...more } });
  event({});
  try {
    if (v.op.kind === 'remote') throw unreachable(d, v.op.url);
    const parts = b.keys[n] ?? keyPartsOf(d, b, trees, v);
    b = { ...b, keys: { ...b.keys, [n]: parts } };
    const key = keyOf(parts);
    const there = v.ignoreCache ? null : cached(d, key);
    if (there) {
      const result = reuse(d, key, there);
      event({ completed: d.now(), cached: true });
      return done(d, b, n, result, 'cached', started);
    }
    if (v.op.kind === 'run') {
      const log = (data: string) => emit({ log: { n: number, at: d.now() - started, data } });
      const running = run.start(d, b, trees, n, key, log);
      const caches = Object.keys(running.caches);
      return { ...b, running: [...b.running, { ...running, started }], renewed: [...new Set([...b.renewed, ...caches])] };
    }
    const result = fileOp(d, b, trees, v, key);
    event({ completed: d.now() });
    return done(d, b, n, result, 'made', started);
  } catch (e) {
    if (!(e instanceof BuildFault)) throw e;
    put(d, broken(d, b, n, started));
    event({ completed: d.now(), error: e.message });
    throw new BuildFault(e.message, e.whole, e.lines === undefined ? v.lines : e.lines);
  }
}

/** A RUN's command has ended: its layer is kept, or the build fails for its reason. */
function ended(d: Daemon, before: Build, r: Running, emit: (e: BuildEvent) => void): Build {
  const b = { ...before, running: before.running.filter((x) => x.id !== r.id) };
  const v = vertexOf(b, r.vertex);
  run.finish(d, r);
  const event = (more: Partial<VertexEvent>) =>
    emit({ vertex: { n: b.numbers[r.vertex] as number, name: v.name, started: r.started, completed: d.now(), ...more } });
  if (r.status !== 0) {
    overlay2.remove(d, r.id);
    const fault = run.processFault(v.op as Extract<Vertex['op'], { kind: 'run' }>, `exit code: ${r.status}`);
    event({ error: fault.message });
    put(d, broken(d, b, r.vertex, r.started));
    throw new BuildFault(fault.message, fault.whole, v.lines);
  }
  const result = commit(d, b, v, r.key, r.id);
  event({});
  return done(d, b, r.vertex, result, 'made', r.started);
}

/** The result goes where it was asked for. The image's id, if it is one. */
function finish(d: Daemon, b: Build, emit: (e: BuildEvent) => void): string | null {
  const n = b.count + 1;
  const vertex = (name: string, body: (started: number, status: (id: string, current?: number) => void) => void) => {
    const started = d.now();
    emit({ vertex: { n, name, started } });
    body(started, (id, current) => emit({ status: { n, id, current, started, completed: started } }));
    emit({ vertex: { n, name, started, completed: d.now() } });
  };
  switch (b.output.type) {
    case 'cacheonly':
      emit({ id: '' });
      return null;
    case 'local':
    case 'tar': {
      const { archive, entries } = filesOf(d, b);
      if (b.output.type === 'tar') vertex('exporting to client tarball', (_, status) => status('sending tarball'));
      else vertex('exporting to client directory', (_, status) => status('copying files', sent(entries)));
      emit({ id: '', files: archive });
      return null;
    }
    case 'image': {
      const image = imageOf(d, b);
      vertex('exporting to image', (_, status) => {
        if (image.config.rootfs.diff_ids.length > 0) status('exporting layers');
        status(`writing image ${image.id}`);
        enter(d, image, b.output.names);
        for (const name of b.output.names) status(`naming to ${fullName(name)}`);
      });
      emit({ id: image.id });
      return image.id;
    }
  }
}

/** docker.io/library/app for "app": a name as it was given, with its domain. */
const fullName = (name: string): string => {
  const full = images.normalise(name);
  return /:[^/]+$/.test(name) ? full : full.replace(/:latest$/, '');
};

/** Data and facts of files that go to a client, without the ends of the transfer. */
function sent(entries: readonly { name: string; type: string; mode: number; size: number; linkname?: string }[]): number {
  const files = entries.map(
    (e): SentFile => ({
      path: e.name.replace(/\/$/, ''),
      dir: e.type === 'dir',
      mode: e.mode,
      size: e.size,
      target: e.linkname ?? '',
      known: false,
    }),
  );
  const ends = files.reduce((sum, f, i) => sum + (f.dir || f.target !== '' ? 0 : i > 0 ? 4 : 2), 2);
  return transferSize(files) - ends;
}

// ——— what containers do

const runningOf = (d: Daemon, container: string): { b: Build; r: Running } | undefined => {
  for (const b of pmap.values(d.s.builds)) {
    const r = b.running.find((x) => x.id === container);
    if (r) return { b, r };
  }
};

/** A piece of a step's output. True if the container is a build's. */
export function buildOutput(d: Daemon, id: string, data: string, send: Send): boolean {
  const found = runningOf(d, id);
  if (!found) return false;
  const { b, r } = found;
  // What is killed for another's fault is not heard any more.
  if (!b.fault) send(d, b.fd, formatEvent({ log: { n: b.numbers[r.vertex] as number, at: d.now() - r.started, data } }));
  return true;
}

/** True if the process belonged to a build. */
export function buildExited(d: Daemon, id: string, pid: number, status: number): boolean {
  const found = runningOf(d, id);
  if (!found) return false;
  const { b, r } = found;
  if (r.pid === pid) put(d, { ...b, running: b.running.map((x) => (x === r ? { ...r, status } : x)) });
  return true;
}
