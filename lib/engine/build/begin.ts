/**
 * The beginning of a build: the Dockerfile read, the plan made, base images found, the context looked at.
 * BuildKit frontend/dockerui.
 */

import { decode, encode, pmap } from '../../base';
import { reference } from '../../oci';
import type { Daemon } from '../daemon';
import * as images from '../images';
import * as overlay2 from '../overlay2';
import { isCatalogued, noManifest, pull } from '../pull';
import type { ImageConfig } from '../state';
import { RULES, type Rule, ruleUrl, type Warning } from './checks';
import { type BaseImage, convert, type Progress } from './convert';
import { compilePatterns, type Pattern, readIgnoreFile } from './ignore';
import { importInline } from './inline-cache';
import { faultOf, type Log } from './log';
import { outlineOf, targetsOf } from './outline';
import { DockerfileError } from './parser';
import { type Plan, sourcesOf } from './plan';
import type { BuildRequest } from './request';
import { select } from './select';
import { type SentFile, transferSize } from './size';
import { BuildFault, cached, contextPaths, keyOf, keyPartsOf, orderOf, resultOf, Trees, vertexOf } from './solver';
import type { Build, CheckResult } from './state';
import type { Tree } from './tree';

const decodeAll = <T>(value: T): T => JSON.parse(decode(JSON.stringify(value))) as T;

/** Reads the Dockerfile, makes the plan, finds what the stages begin with. */
export function open(d: Daemon, r: BuildRequest, log: Log, fd: number, asked: Asked = {}): Build {
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
          noCacheFilter: r.noCacheFilter,
          contexts: r.contexts,
          networkMode: r.networkMode,
          allow: r.allow,
          ignore: ignore.patterns,
          base: (full, shown) => {
            const there = metadata.find((m) => m.full === full);
            if (!there) metadata.push({ full, fault: null });
            try {
              return baseImage(d, full, r.pull, asked);
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
  if ((resolved || metadata.length > 0) && !r.archive && !metadata.some((m) => m.fault)) ignoreVertex(r, log);
  if (fault !== null) throw fault;
  return begun(d, r, plan as Plan, ignore.lines, log, fd);
}

function ignoreVertex(r: BuildRequest, log: Log) {
  const current = r.ignore && r.ignore.name === '.dockerignore' ? transferSize([sentText(r.ignore.name, r.ignore.text)]) : 2;
  log.vertex('[internal] load .dockerignore', (n, started) =>
    log.emit({ status: { n, id: 'transferring context:', current, started, completed: started } }),
  );
}

/** The first vertices: the Dockerfile itself, or the archive that it comes in. */
function definition(r: BuildRequest, log: Log, warnings: readonly Warning[]) {
  const warn = (n: number) => {
    for (const w of warnings)
      log.emit({
        warning: {
          n,
          rule: w.rule,
          url: ruleUrl(w.rule),
          message: encode(w.message),
          description: RULES[w.rule].description,
          lines: w.lines,
        },
      });
  };
  if (r.archive) {
    log.vertex('[internal] load remote build context', warn);
    log.vertex('copy /context /');
    return;
  }
  log.vertex(`[internal] load build definition from ${r.file}`, (n, started) => {
    log.emit({
      status: {
        n,
        id: 'transferring dockerfile:',
        current: r.text === null ? 2 : transferSize([sentText(r.file, r.text)]),
        started,
        completed: started,
      },
    });
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

/** An image that a registry on the network has to be asked for first: the daemon does, and begins anew. */
export class Wanted {
  readonly full: string;
  constructor(full: string) {
    this.full = full;
  }
}

/** What registries have said of images: why there is none, or that it has come. */
export type Asked = Readonly<Record<string, string | null>>;

/** An image that stages begin with, pulled if it is not here. */
function baseImage(d: Daemon, full: string, always: boolean, asked: Asked): BaseImage {
  const shown = images.familiar(full);
  const why = asked[full];
  if (typeof why === 'string') throw new BuildFault(why);
  if (why === undefined && (always || !images.find(d, shown))) {
    const fromHub = reference.parseNormalized(full).domain === 'docker.io';
    if (fromHub ? d.s.config['registry-mirrors']?.length : !isCatalogued(d, full)) throw new Wanted(full);
    if (!isCatalogued(d, full)) throw new BuildFault(noManifest(d, full));
    pull(d, full);
  }
  const image = images.resolve(d, shown);
  return { config: decodeAll<ImageConfig>(image.config), layers: image.layers };
}

/** An image that is here may say how its layers were made; one that is not cannot be asked. */
function importVertex(d: Daemon, ref: string, log: Log) {
  const there = images.find(d, ref) !== undefined || d.registry.find(images.familiar(images.normalise(ref))) !== undefined;
  const why = there ? '' : noManifest(d, images.normalise(ref));
  log.vertex(
    `importing cache manifest from ${encode(ref)}`,
    undefined,
    there ? {} : { error: `failed to configure registry cache importer: ${why}` },
  );
}

/** What comes before the first step: where stages start, and the context. */
function begun(d: Daemon, r: BuildRequest, plan: Plan, ignore: string[] | null, log: Log, fd: number): Build {
  const order = orderOf(plan.vertices, plan.result);
  let b: Build = {
    id: overlay2.newCacheId(d.files),
    fd,
    file: r.file,
    text: r.text ?? '',
    plan,
    context: r.context,
    contexts: r.localContexts,
    extraHosts: r.extraHosts,
    ignore,
    archive: r.archive,
    secrets: r.secrets,
    sandbox: r.sandbox,
    output: r.output,
    noCache: r.noCache,
    inlineCache: r.inlineCache || r.buildArgs.BUILDKIT_INLINE_CACHE === '1',
    queue: order.filter((n) => plan.vertices[n]?.op.kind !== 'image'),
    results: {},
    keys: {},
    numbers: {},
    count: 0,
    said: 0,
    running: [],
    fault: null,
    renewed: [],
    began: d.now(),
    contextDir: r.contextDir,
    target: r.target,
    done: {},
  };
  const trees = new Trees(b);
  const starts = order.filter((n) => vertexOf(b, n).op.kind === 'image');
  for (const n of starts) {
    const { op } = vertexOf(b, n);
    if (op.kind === 'image')
      b = {
        ...b,
        results: { ...b.results, [n]: { key: keyOf(keyPartsOf(d, b, trees, vertexOf(b, n))), layers: op.layers, created: null } },
      };
  }
  for (const ref of r.cacheFrom) importInline(d, ref);
  const { keys, hits } = forecast(d, b, trees, order);
  b = { ...b, keys };
  for (const n of starts) {
    const v = vertexOf(b, n);
    const { key, layers } = resultOf(b, n);
    // An image is loaded only if something has to be made of it; what the builder has loaded before, it has.
    const needed =
      n === plan.result || order.some((m) => !hits.has(m) && [vertexOf(b, m).parent, ...sourcesOf(vertexOf(b, m).op)].includes(n));
    const loaded = pmap.get(d.s.buildCache, key) !== undefined;
    log.vertex(v.name, undefined, loaded && needed ? { cached: true } : {});
    if (needed && v.op.kind === 'image') d.s.buildCache = pmap.set(d.s.buildCache, key, { kind: 'source', ref: v.op.ref, layers });
  }
  for (const ref of r.cacheFrom) importVertex(d, ref, log);
  const paths = contextPaths(b, order);
  if (paths.length > 0 && !r.archive)
    log.vertex('[internal] load build context', (n, started) =>
      log.emit({
        status: { n, id: 'transferring context:', current: transferred(d, r, trees.context, paths), started, completed: started },
      }),
    );
  for (const v of plan.vertices) if (v.op.kind === 'document') log.vertex(v.name);
  return { ...b, count: log.count, said: log.count };
}

/**
 * What the cache will answer, as far as it can be told beforehand: the keys of steps that stand on nothing that has to be
 * made first, and which of all steps are hits.
 */
function forecast(d: Daemon, b: Build, trees: Trees, order: readonly number[]): { keys: Build['keys']; hits: ReadonlySet<number> } {
  let known = b;
  const keys: Build['keys'] = {};
  const hits = new Set<number>();
  for (const n of order) {
    const v = vertexOf(known, n);
    if (v.op.kind === 'image' || v.op.kind === 'remote') continue;
    if ([v.parent, ...sourcesOf(v.op)].some((ref) => ref !== null && !known.results[ref])) continue;
    try {
      keys[n] = keyPartsOf(d, known, trees, v);
    } catch (e) {
      if (e instanceof BuildFault) continue;
      throw e;
    }
    const key = keyOf(keys[n] ?? []);
    const there = v.ignoreCache ? null : cached(d, key);
    if (!there) continue;
    hits.add(n);
    known = { ...known, results: { ...known.results, [n]: { key, layers: there.layers, created: there.created } } };
  }
  return { keys, hits };
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

/** docker build --check: every stage is looked at, nothing is made. */
export function check(d: Daemon, r: BuildRequest, log: Log, asked: Asked = {}): CheckResult {
  const progress: Progress = { warnings: [], lintError: null };
  const text = decode(r.text ?? '');
  const ignore = ignoreOf(r);
  let error: CheckResult['error'] = null;
  if (r.text === null) throw new BuildFault(`failed to read dockerfile: open ${r.file}: no such file or directory`);
  definition(r, log, []);
  const seen = new Set<string>();
  const found = { file: r.file, text, warnings: [], error: null };
  if (r.call === 'targets') return { ...found, log: decode(log.text), targets: targetsOf(text) };
  try {
    convert(
      text,
      {
        target: r.target,
        buildArgs: r.buildArgs,
        labels: {},
        noCache: false,
        contexts: r.contexts,
        networkMode: r.networkMode,
        ignore: ignore.patterns,
        allStages: r.target === '',
        base: (full) => {
          if (!seen.has(full)) log.vertex(`[internal] load metadata for ${full}`);
          seen.add(full);
          return baseImage(d, full, false, asked);
        },
      },
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
  if (!r.archive && error === null) ignoreVertex(r, log);
  if (r.call === 'outline' && error === null) return { ...found, log: decode(log.text), outline: outlineOf(text, r.target) };
  if (progress.lintError !== null) error = null;
  return {
    file: r.file,
    text,
    warnings: progress.warnings.map((w) => ({ ...w, url: ruleUrl(w.rule), description: (RULES[w.rule] as Rule).description })),
    error,
    log: decode(log.text),
  };
}
