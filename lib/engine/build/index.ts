/**
 * The builder's face to the daemon: a build is asked for, goes on step by step, and hears when its containers end.
 * moby builder/builder-next; BuildKit frontend, solver, exporter.
 *
 *   request.ts    POST /build and the files that come with it (read there how a client asks)
 *   convert.ts    Dockerfile → plan        parser.ts, instructions.ts, dispatch.ts, checks.ts
 *   solver.ts     plan → layers            select.ts, copy.ts, run.ts
 *   export.ts     layers → image
 *   progress.ts   the events it streams, and the text that clients make of them
 *
 * A build is plain data between two turns of the daemon: it stops only while a RUN runs.
 */

import { decode, encode, pmap } from '../../base';
import { attempt, SIGNALS } from '../../kernel';
import { reference } from '../../oci';
import { ApiError, type Daemon } from '../daemon';
import type { Request } from '../http';
import * as images from '../images';
import * as overlay2 from '../overlay2';
import { pull } from '../pull';
import type { Reply } from '../routes';
import type { Conn, ImageConfig } from '../state';
import { RULES, type Rule, ruleUrl, type Warning } from './checks';
import { type BaseImage, convert, type Progress } from './convert';
import { enter, filesOf, imageOf } from './export';
import { compilePatterns, type Pattern, readIgnoreFile } from './ignore';
import { DockerfileError, type Lines } from './parser';
import type { Plan, Vertex } from './plan';
import { type BuildEvent, formatEvent, type VertexEvent } from './progress';
import { type BuildRequest, readRequest } from './request';
import * as run from './run';
import { select } from './select';
import { type SentFile, transferSize } from './size';
import { BuildFault, cached, commit, contextPaths, fileOp, keyOf, orderOf, resultOf, reuse, Trees, unreachable, vertexOf } from './solver';
import type { Build, CheckResult } from './state';
import type { Tree } from './tree';

export { list as cacheList, prune as pruneCache } from './cache';

type Send = (d: Daemon, fd: number, text: string) => void;

const head = { status: 200, headers: { 'Content-Type': 'application/json' } };

// ——— the beginning

/** Answers POST /build: what can be told at once, and then the connection stays with the build. */
export function startBuild(d: Daemon, req: Request, conn: Conn): Reply {
  const r = readRequest(d, req);
  const log = new Log(d);
  try {
    if (r.check) return { status: 200, json: encodeAll(check(d, r)) };
    const b = open(d, r, log, conn.fd);
    d.s.builds = pmap.set(d.s.builds, b.id, b);
    return { head, body: log.text, mode: { kind: 'build', build: b.id } };
  } catch (e) {
    const fault = faultOf(e);
    if (!fault) throw e;
    log.emit(errorEvent(fault, { file: r.file, text: r.text ?? '' }));
    return { head, body: log.text, mode: { kind: 'closing' } };
  }
}

/** Events of a build as text, and the numbers of its vertices. */
class Log {
  text = '';
  count = 0;
  constructor(private readonly d: Daemon) {}
  emit(e: BuildEvent) {
    this.text += formatEvent(e);
  }
  /** A vertex that is done at once; `body` may say more in between. */
  vertex(name: string, body: (n: number, started: number) => void = () => {}, end: Partial<VertexEvent> = {}) {
    const n = ++this.count;
    const started = this.d.now();
    this.emit({ vertex: { n, name, started } });
    body(n, started);
    this.emit({ vertex: { n, name, started, completed: this.d.now(), ...end } });
  }
}

interface Fault {
  message: string;
  lines: Lines | null;
}

function faultOf(e: unknown): Fault | null {
  if (e instanceof DockerfileError) return { message: encode(e.message), lines: e.lines };
  if (e instanceof BuildFault) return { message: e.whole, lines: e.lines ?? null };
  if (e instanceof ApiError) return { message: e.message, lines: null };
  return null;
}

const errorEvent = (f: Fault, source: { file: string; text: string }): BuildEvent => ({ error: f.message, ...(f.lines ? { source: { ...source, lines: f.lines } } : {}) });

const encodeAll = <T>(value: T): T => JSON.parse(encode(JSON.stringify(value))) as T;
const decodeAll = <T>(value: T): T => JSON.parse(decode(JSON.stringify(value))) as T;

/** Reads the Dockerfile, makes the plan, finds what the stages begin with. */
function open(d: Daemon, r: BuildRequest, log: Log, fd: number): Build {
  const progress: Progress = { warnings: [], lintError: null };
  const metadata: { full: string; fault: BuildFault | null }[] = [];
  let resolved = false;
  let plan: Plan | null = null;
  let fault: unknown = null;
  const ignore = ignoreOf(r);
  if (r.text !== null) {
    try {
      plan = convert(
        decode(r.text),
        {
          target: r.target,
          buildArgs: r.buildArgs,
          labels: r.labels,
          noCache: r.noCache,
          networkMode: r.networkMode,
          ignore: ignore.patterns,
          base: (full, shown) => {
            const there = metadata.find((m) => m.full === full);
            if (!there) metadata.push({ full, fault: null });
            try {
              return baseImage(d, full, r.pull);
            } catch (e) {
              const f = faultOf(e);
              if (!f) throw e;
              (metadata.find((m) => m.full === full) as { fault: BuildFault | null }).fault = new BuildFault(f.message);
              throw new DockerfileError(`${shown}: failed to resolve source metadata for ${full}: ${f.message}`);
            }
          },
          resolved: () => {
            resolved = true;
            if (ignore.error) throw new DockerfileError(ignore.error);
          },
        },
        progress,
      );
    } catch (e) {
      fault = e;
    }
  }
  definition(r, log, progress.warnings);
  if (r.text === null) throw new BuildFault(`failed to read dockerfile: open ${r.file}: no such file or directory`);
  for (const m of metadata) log.vertex(`[internal] load metadata for ${m.full}`, undefined, m.fault ? { error: m.fault.message } : {});
  if ((resolved || metadata.length > 0) && !r.archive && !metadata.some((m) => m.fault))
    log.vertex('[internal] load .dockerignore', (n, started) => log.emit({ status: { n, id: 'transferring context:', current: r.ignore && r.ignore.name === '.dockerignore' ? transferSize([sentText(r.ignore.name, r.ignore.text)]) : 2, started, completed: started } }));
  if (fault !== null) throw fault;
  return begun(d, r, plan as Plan, ignore.lines, log, fd);
}

/** The first vertices: the Dockerfile itself, or the archive that it comes in. */
function definition(r: BuildRequest, log: Log, warnings: readonly Warning[]) {
  const warn = (n: number) => {
    for (const w of warnings)
      log.emit({ warning: { n, rule: w.rule, url: ruleUrl(w.rule), message: encode(w.message), description: RULES[w.rule].description, lines: w.lines } });
  };
  if (r.archive) {
    log.vertex('[internal] load remote build context', warn);
    log.vertex('copy /context /');
    return;
  }
  log.vertex(`[internal] load build definition from ${r.file}`, (n, started) => {
    log.emit({ status: { n, id: 'transferring dockerfile:', current: r.text === null ? 2 : transferSize([sentText(r.file, r.text)]), started, completed: started } });
    warn(n);
  });
}

const sentText = (path: string, text: string): SentFile => ({ path, dir: false, mode: 0o644, size: text.length, target: '', known: false });

function ignoreOf(r: BuildRequest): { lines: string[] | null; patterns: Pattern[] | null; error: string | null } {
  if (!r.ignore) return { lines: null, patterns: null, error: null };
  const lines = readIgnoreFile(r.ignore.text);
  try {
    return { lines, patterns: compilePatterns(lines), error: null };
  } catch (e) {
    return { lines, patterns: null, error: (e as Error).message };
  }
}

/** An image that stages begin with, pulled if it is not here. */
function baseImage(d: Daemon, full: string, always: boolean): BaseImage {
  const shown = images.familiar(full);
  if (always || !images.find(d, shown)) {
    if (!d.registry.find(shown)) throw new BuildFault(unreachableImage(full));
    pull(d, shown, '');
  }
  const image = images.resolve(d, shown);
  return { config: decodeAll<ImageConfig>(image.config), layers: image.layers };
}

/** No registry but the machine's catalogue answers. */
function unreachableImage(full: string): string {
  const named = reference.parseNormalized(full);
  const host = named.domain === 'docker.io' ? 'registry-1.docker.io' : named.domain;
  return `failed to do request: Head "https://${host}/v2/${named.path}/manifests/${named.digest ?? named.tag ?? 'latest'}": dial tcp: lookup ${host} on 192.168.65.1:53: no such host`;
}

/** What comes before the first step: where stages start, and the context. */
function begun(d: Daemon, r: BuildRequest, plan: Plan, ignore: string[] | null, log: Log, fd: number): Build {
  const order = orderOf(plan.vertices, plan.result);
  let b: Build = {
    id: overlay2.newCacheId(d.sys),
    fd,
    file: r.file,
    text: r.text ?? '',
    plan,
    context: r.context,
    ignore,
    archive: r.archive,
    secrets: r.secrets,
    output: r.output,
    noCache: r.noCache,
    queue: order.filter((n) => plan.vertices[n]?.op.kind !== 'image'),
    results: {},
    numbers: {},
    count: 0,
    running: null,
  };
  const trees = new Trees(b);
  for (const n of order) {
    const v = plan.vertices[n] as Vertex;
    if (v.op.kind !== 'image') continue;
    const key = keyOf(d, b, trees, v);
    b = { ...b, results: { ...b.results, [n]: { key, layers: v.op.layers, created: null } } };
    const loaded = pmap.get(d.s.buildCache, key) !== undefined;
    const needed = n === plan.result || order.some((m) => !hit(d, b, trees, n, m));
    log.vertex(v.name, undefined, loaded && needed ? { cached: true } : {});
    if (needed) d.s.buildCache = pmap.set(d.s.buildCache, key, { kind: 'source', ref: v.op.ref, layers: v.op.layers });
  }
  const paths = contextPaths(b, order);
  if (paths.length > 0 && !r.archive)
    log.vertex('[internal] load build context', (n, started) => log.emit({ status: { n, id: 'transferring context:', current: transferred(d, r, trees.context, paths), started, completed: started } }));
  for (const v of plan.vertices) if (v.op.kind === 'document') log.vertex(v.name);
  return { ...b, count: log.count };
}

/** False if a step right on top of an image will have to be made, as far as that can be told beforehand. */
function hit(d: Daemon, b: Build, trees: Trees, image: number, step: number): boolean {
  const v = vertexOf(b, step);
  if (v.parent !== image) return true;
  if (v.ignoreCache) return false;
  if (v.op.kind === 'copy' && v.op.steps.some((s) => s.from.kind === 'vertex')) return true;
  try {
    return cached(d, keyOf(d, b, trees, v)) !== null;
  } catch (e) {
    if (e instanceof BuildFault) return false;
    throw e;
  }
}

/** Bytes that it takes to bring the context's files over; what came before is not sent again. */
function transferred(d: Daemon, r: BuildRequest, tree: Tree, paths: readonly string[]): number {
  const key = `context ${r.contextDir}`;
  const before = pmap.get(d.s.buildCache, key);
  const known = before?.kind === 'context' ? { ...before.files } : {};
  const wanted = new Set<string>();
  for (const p of paths) {
    let found: string[];
    try {
      found = select(tree, p);
    } catch {
      continue;
    }
    for (const f of found) wanted.add(f);
  }
  const files: SentFile[] = [];
  const visit = (dir: string, all: boolean) => {
    for (const name of tree.list(dir)) {
      const at = dir === '/' ? `/${name}` : `${dir}/${name}`;
      const e = tree.lstat(at);
      const own = all || wanted.has(at);
      if (!e || (!own && !(e.type === 'dir' && [...wanted].some((w) => w.startsWith(`${at}/`))))) continue;
      const facts = `${e.type} ${e.mode} ${e.size} ${e.mtime} ${e.target}`;
      files.push({ path: at.slice(1), dir: e.type === 'dir', mode: e.mode, size: e.size, target: e.target, known: known[at] === facts });
      known[at] = facts;
      if (e.type === 'dir') visit(at, own);
    }
  };
  visit('/', wanted.has('/'));
  if (r.contextDir !== '') d.s.buildCache = pmap.set(d.s.buildCache, key, { kind: 'context', files: known, layers: [] });
  return transferSize(files);
}

// ——— checking only

/** docker build --check: every stage is looked at, nothing is made. */
function check(d: Daemon, r: BuildRequest): CheckResult {
  const progress: Progress = { warnings: [], lintError: null };
  const text = decode(r.text ?? '');
  const ignore = ignoreOf(r);
  let error: CheckResult['error'] = null;
  if (r.text === null) throw new BuildFault(`failed to read dockerfile: open ${r.file}: no such file or directory`);
  try {
    convert(
      text,
      { target: r.target, buildArgs: r.buildArgs, labels: {}, noCache: false, networkMode: r.networkMode, ignore: ignore.patterns, allStages: r.target === '', base: (full) => baseImage(d, full, false) },
      progress,
    );
  } catch (e) {
    if (e instanceof DockerfileError) error = { message: e.message, lines: e.lines };
    else {
      const f = faultOf(e);
      if (!f) throw e;
      error = f;
    }
  }
  if (progress.lintError !== null) error = null;
  return { file: r.file, text, warnings: progress.warnings.map((w) => ({ ...w, url: ruleUrl(w.rule), description: (RULES[w.rule] as Rule).description })), error };
}

// ——— going on

const put = (d: Daemon, b: Build) => {
  d.s.builds = pmap.set(d.s.builds, b.id, b);
};

/** Does what can be done of every build; a RUN that runs is waited for. */
export function advanceBuilds(d: Daemon, send: Send, closing: (d: Daemon, fd: number) => void) {
  for (const b of [...pmap.values(d.s.builds)]) {
    if (!pmap.get(d.s.conns, b.fd)) {
      abandon(d, b);
      continue;
    }
    if (b.running && b.running.status === null) continue;
    const emit = (e: BuildEvent) => send(d, b.fd, formatEvent(e));
    try {
      if (!advance(d, b, emit)) continue;
    } catch (e) {
      const fault = faultOf(e);
      if (!fault) throw e;
      const last = pmap.get(d.s.builds, b.id) ?? b;
      emit(errorEvent(fault, { file: last.file, text: last.text }));
    }
    d.s.builds = pmap.remove(d.s.builds, b.id);
    closing(d, b.fd);
  }
}

/** Nobody waits for it any more: what runs is killed, and forgotten when it has ended. */
function abandon(d: Daemon, b: Build) {
  if (b.running && b.running.status === null) {
    attempt(() => d.sys.kill(b.running?.pid ?? 0, SIGNALS.SIGKILL));
    return;
  }
  if (b.running) {
    run.finish(d, b.running);
    overlay2.remove(d.sys, b.running.id);
  }
  d.s.builds = pmap.remove(d.s.builds, b.id);
}

/** True when the build is over. */
function advance(d: Daemon, start: Build, emit: (e: BuildEvent) => void): boolean {
  let b = start;
  const trees = new Trees(b);
  if (b.running) b = ended(d, b, emit);
  for (let next = b.queue[0]; next !== undefined; next = b.queue[0]) {
    b = step(d, { ...b, queue: b.queue.slice(1) }, trees, next, emit);
    put(d, b);
    if (b.running) return false;
  }
  finish(d, b, emit);
  return true;
}

const done = (b: Build, n: number, result: Build['results'][number]): Build => ({ ...b, results: { ...b.results, [n]: result } });

/** One vertex: from the cache, or made, or begun. */
function step(d: Daemon, before: Build, trees: Trees, n: number, emit: (e: BuildEvent) => void): Build {
  const v = vertexOf(before, n);
  const b: Build = { ...before, count: before.count + 1, numbers: { ...before.numbers, [n]: before.count + 1 } };
  const number = b.count;
  const started = d.now();
  const event = (more: Partial<VertexEvent>) => emit({ vertex: { n: number, name: v.name, started, ...more } });
  event({});
  try {
    if (v.op.kind === 'remote') throw unreachable(v.op.url);
    const key = keyOf(d, b, trees, v);
    const there = v.ignoreCache ? null : cached(d, key);
    if (there) {
      const result = reuse(d, key, there);
      event({ completed: d.now(), cached: true });
      return done(b, n, result);
    }
    if (v.op.kind === 'run') {
      const log = (data: string) => emit({ log: { n: number, at: d.now() - started, data } });
      const running = run.start(d, b, trees, n, key, log);
      return { ...b, running: { ...running, started } };
    }
    const result = fileOp(d, b, trees, v, key);
    event({ completed: d.now() });
    return done(b, n, result);
  } catch (e) {
    if (!(e instanceof BuildFault)) throw e;
    event({ completed: d.now(), error: e.message });
    throw new BuildFault(e.message, e.whole, e.lines === undefined ? v.lines : e.lines);
  }
}

/** A RUN's command has ended: its layer is kept, or the build fails for its reason. */
function ended(d: Daemon, b: Build, emit: (e: BuildEvent) => void): Build {
  const r = b.running as NonNullable<Build['running']>;
  const v = vertexOf(b, r.vertex);
  run.finish(d, r);
  const event = (more: Partial<VertexEvent>) => emit({ vertex: { n: b.numbers[r.vertex] as number, name: v.name, started: r.started, completed: d.now(), ...more } });
  if (r.status !== 0) {
    overlay2.remove(d.sys, r.id);
    const fault = run.processFault(v.op as Extract<Vertex['op'], { kind: 'run' }>, `exit code: ${r.status}`);
    event({ error: fault.message });
    throw new BuildFault(fault.message, fault.whole, v.lines);
  }
  const result = commit(d, b, v, r.key, r.id);
  event({});
  return { ...done(b, r.vertex, result), running: null };
}

/** The result goes where it was asked for. */
function finish(d: Daemon, b: Build, emit: (e: BuildEvent) => void) {
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
      return;
    case 'local':
    case 'tar': {
      const { archive, entries } = filesOf(d, b);
      if (b.output.type === 'tar') vertex('exporting to client tarball', (_, status) => status('sending tarball'));
      else vertex('exporting to client directory', (_, status) => status('copying files', sent(entries)));
      emit({ id: '', files: archive });
      return;
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
  const files = entries.map((e): SentFile => ({ path: e.name.replace(/\/$/, ''), dir: e.type === 'dir', mode: e.mode, size: e.size, target: e.linkname ?? '', known: false }));
  const ends = files.reduce((sum, f, i) => sum + (f.dir || f.target !== '' ? 0 : i > 0 ? 4 : 2), 2);
  return transferSize(files) - ends;
}

// ——— what containers do

const buildOf = (d: Daemon, container: string): Build | undefined => [...pmap.values(d.s.builds)].find((b) => b.running?.id === container);

/** A piece of a step's output. True if the container is a build's. */
export function buildOutput(d: Daemon, id: string, data: string, send: Send): boolean {
  const b = buildOf(d, id);
  if (!b?.running) return false;
  send(d, b.fd, formatEvent({ log: { n: b.numbers[b.running.vertex] as number, at: d.now() - b.running.started, data } }));
  return true;
}

/** True if the process belonged to a build. */
export function buildExited(d: Daemon, id: string, pid: number, status: number): boolean {
  const b = buildOf(d, id);
  if (!b?.running) return false;
  if (b.running.pid === pid) put(d, { ...b, running: { ...b.running, status } });
  return true;
}

