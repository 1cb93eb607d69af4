/**
 * The solver: vertices, each from the cache or made. BuildKit solver, cache.
 *
 *   key of a step = its operation + the key of what it stands on + the digests of the files that it takes
 *
 * The same key is the same result: the layer that was made then, with the time it was made. A RUN's key knows nothing of
 * what the command does; a COPY's knows content, not times.
 *
 * Simplified: layers are compared by key only.
 */

import { pmap, sha256 } from '../../base';
import { Errno } from '../../kernel';
import type { Daemon } from '../daemon';
import { dialError } from '../dial';
import { goJson } from '../images';
import * as layerFiles from '../layer-files';
import * as overlay2 from '../overlay2';
import type { Layer } from '../state';
import { CopyError, copyInto, makeDirs, ownerOf } from './copy';
import { compilePatterns } from './ignore';
import type { Lines } from './parser';
import { type CopyStep, type Ref, sourcesOf, type Vertex } from './plan';
import { contentKey, NotThere, select } from './select';
import type { Build, BuildResult, CacheEntry, KeyPart } from './state';
import { contextTree, hostTree, singleFile, type Tree } from './tree';

/** Why a build stops: what the step says of it, and what the build does. */
export class BuildFault extends Error {
  constructor(
    message: string,
    readonly whole: string = message,
    readonly lines: Lines | null | undefined = undefined,
  ) {
    super(message);
  }
}

export const emptyResult: BuildResult = { key: 'scratch', layers: [], created: null };

export const resultOf = (b: Build, ref: Ref): BuildResult => (ref === null ? emptyResult : (b.results[ref] ?? emptyResult));
export const vertexOf = (b: Build, n: number): Vertex => b.plan.vertices[n] as Vertex;

/** Vertices that the result stands on, in the order they are done: what they start from first. */
export function orderOf(vertices: readonly Vertex[], result: Ref): number[] {
  const wanted = new Set<number>();
  const visit = (ref: Ref) => {
    if (ref === null || wanted.has(ref)) return;
    wanted.add(ref);
    const v = vertices[ref] as Vertex;
    visit(v.parent);
    for (const s of sourcesOf(v.op)) visit(s);
  };
  visit(result);
  const documents = vertices.flatMap((v, i) => (v.op.kind === 'document' ? [i] : []));
  return [...wanted].filter((i) => !documents.includes(i)).sort((a, b) => a - b);
}

/** Source paths that are taken from the context. */
export function contextPaths(b: { plan: Build['plan'] }, order: readonly number[]): string[] {
  return order.flatMap((n) => {
    const { op } = b.plan.vertices[n] as Vertex;
    if (op.kind === 'copy') return op.steps.flatMap((s) => (s.from.kind === 'context' && s.from.named === undefined ? [s.path] : []));
    if (op.kind === 'run')
      return op.mounts.flatMap((m) => (m.type === 'bind' && m.ref === undefined && m.named === undefined ? [`/${m.source}`] : []));
    return [];
  });
}

// ——— file systems

const cacheIdOf = (d: Daemon, chain: string): string => (d.layer(chain) as Layer).cacheId;
export const topOf = (d: Daemon, chain: readonly string[]): string | null =>
  chain.length === 0 ? null : cacheIdOf(d, chain.at(-1) as string);

/** Runs `body` with a stack of layers to be read as one tree. */
export function withView<T>(d: Daemon, chain: readonly string[], body: (tree: Tree, root: string) => T): T {
  const dirs = [...chain].reverse().map((c) => overlay2.diffDir(d, cacheIdOf(d, c)));
  if (dirs.length === 1) return body(hostTree(d.files, dirs[0] as string), dirs[0] as string);
  const at = `${d.root}/buildkit/views/${overlay2.newCacheId(d.files)}`;
  overlay2.mkdirs(d.files, at, 0o700);
  if (dirs.length > 1) d.files.mount('overlay', at, 'overlay', [`lowerdir=${dirs.join(':')}`]);
  try {
    return body(hostTree(d.files, at), at);
  } finally {
    if (dirs.length > 1) d.files.umount(at, true);
    d.files.rmdir(at);
  }
}

/** Trees by the files that they were made of, and what was left out: the same context, from build to build, is the same tree. */
const MADE = new WeakMap<object, { ignored: string; tree: Tree }>();

/** The context's tree, made once a build. */
export class Trees {
  constructor(private readonly b: Build) {}
  get context(): Tree {
    return this.of(undefined);
  }
  /** The context, or the one of a name. */
  of(named: string | undefined): Tree {
    const { ignore, archive } = named === undefined ? this.b : { ignore: null, archive: false };
    const context = named === undefined ? this.b.context : (this.b.contexts[named] ?? null);
    const ignored = `${archive} ${ignore === null ? '' : JSON.stringify(ignore)}`;
    const made = context && MADE.get(context);
    if (made?.ignored === ignored) return made.tree;
    const tree = contextTree(context ?? [], ignore === null ? null : compilePatterns(ignore), archive);
    if (context) MADE.set(context, { ignored, tree });
    return tree;
  }
}

/** Runs `body` with the tree that a copy step takes from. */
function withSource<T>(d: Daemon, b: Build, trees: Trees, s: CopyStep, body: (tree: Tree, path: string) => T): T {
  switch (s.from.kind) {
    case 'context':
      return body(trees.of(s.from.named), s.path);
    case 'inline':
      return body(singleFile(s.path, s.from.data, d.now()), `/${s.path}`);
    case 'vertex':
      return withView(d, resultOf(b, s.from.ref).layers, (tree) => body(tree, s.path));
  }
}

// ——— keys

/** The id of a tree in the message about a file that is not in it. */
const treeId = (d: Daemon): string => {
  const hex = overlay2.newId(d.files);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}::${overlay2.newCacheId(d.files)}`;
};

const missing = (d: Daemon, path: string): BuildFault => {
  const message = `failed to calculate checksum of ref ${treeId(d)}: "${path}": not found`;
  return new BuildFault(message, `failed to compute cache key: ${message}`);
};

function digestOf(d: Daemon, tree: Tree, path: string, exclude: readonly string[]): string[] {
  try {
    const patterns = compilePatterns(exclude);
    return select(tree, path).map((p) => `${p.slice(p.lastIndexOf('/') + 1)} ${contentKey(tree, p, patterns).hex}`);
  } catch (e) {
    if (e instanceof NotThere) throw missing(d, e.message);
    throw e;
  }
}

/**
 * Only files that are wanted are sent, and directories on the way to them. So a pattern that nothing matches names a directory that
 * is not there, unless another step wants something of it.
 */
function sentDirectory(b: Build, context: Tree, path: string) {
  const at = path.search(/[*?[]/);
  const dir = at < 0 ? '' : path.slice(0, path.lastIndexOf('/', at));
  if (dir === '' || select(context, path).length > 0) return;
  const others = contextPaths(b, orderOf(b.plan.vertices, b.plan.result)).filter((p) => p !== path);
  const sent = others.some((p) => p === '/' || p === dir || p.startsWith(`${dir}/`) || dir.startsWith(`${p}/`));
  if (!sent) throw new BuildFault(`lstat ${dir}: no such file or directory`);
}

/** Whether a step takes something from the context that is not in it. */
export const takesMissing = (trees: Trees, { op }: Vertex): boolean =>
  op.kind === 'copy' &&
  op.steps.some((s) => {
    if (s.from.kind !== 'context' || s.from.named !== undefined) return false;
    try {
      select(trees.context, s.path);
      return false;
    } catch (e) {
      if (e instanceof NotThere) return true;
      throw e;
    }
  });

/** What goes into the key of a vertex whose parent and sources are known. Throws for a source that is not there. */
export function keyPartsOf(d: Daemon, b: Build, trees: Trees, v: Vertex): KeyPart[] {
  const parent: KeyPart = { what: 'parent', value: resultOf(b, v.parent).key };
  const part = (what: KeyPart['what'], value: unknown): KeyPart => ({ what, value: typeof value === 'string' ? value : goJson(value) });
  const { op } = v;
  switch (op.kind) {
    case 'image':
      return [part('base', `image ${op.layers.at(-1) ?? ''}`)];
    case 'mkdir':
      return [parent, part('instruction', ['mkdir', op.path]), part('user', op.user)];
    case 'copy': {
      // Of several sources that are missing the last by name is told.
      const byName = op.steps.map((_, i) => i).sort((x, y) => ((op.steps[x] as CopyStep).path < (op.steps[y] as CopyStep).path ? 1 : -1));
      const files: unknown[] = [];
      for (const i of byName) {
        const s = op.steps[i] as CopyStep;
        if (s.from.kind === 'context' && s.from.named === undefined) sentDirectory(b, trees.context, s.path);
        files[i] = [s.unpack, withSource(d, b, trees, s, (tree, path) => digestOf(d, tree, path, op.exclude))];
      }
      return [parent, part('instruction', ['copy', op.dest, op.chown, op.chmod, op.exclude]), part('files', files)];
    }
    case 'run': {
      const mounts = op.mounts.map((m) => {
        const from =
          m.type !== 'bind' ? [] : m.ref === undefined ? digestOf(d, trees.of(m.named), `/${m.source}`, []) : resultOf(b, m.ref).key;
        // Which cache it is, and how it is shared, changes nothing of what the step is.
        return [m.type, m.target, m.readonly, m.type === 'cache' ? '' : m.id, m.source, from, m.env, m.size, m.required];
      });
      return [
        parent,
        part('instruction', ['run', op.args, op.script]),
        part('environment', op.env),
        part('directory', op.cwd),
        part('user', op.user),
        part('network', op.network),
        part('sandbox', b.extraHosts.length > 0 ? [b.sandbox, b.extraHosts] : b.sandbox),
        part('mounts', mounts),
      ];
    }
    case 'remote':
    case 'document':
      return [part('instruction', [op])];
  }
}

/** The key that its parts make. An image is known by its layers. */
export const keyOf = (parts: readonly KeyPart[]): string =>
  parts[0]?.what === 'base' ? parts[0].value : sha256(goJson(parts.map((p) => p.value)));

export function cached(d: Daemon, key: string): (CacheEntry & { kind: 'step' }) | null {
  const e = pmap.get(d.s.buildCache, key);
  return e?.kind === 'step' && e.layers.every((l) => d.layer(l) !== undefined) ? e : null;
}

/** A result that the cache has, marked as used. */
export function reuse(d: Daemon, key: string, e: CacheEntry & { kind: 'step' }): BuildResult {
  d.s.buildCache = pmap.set(d.s.buildCache, key, { ...e, used: d.now(), uses: e.uses + 1 });
  return { key, layers: e.layers, created: e.created };
}

/** Makes a finished directory of the storage driver the result of a vertex. */
export function commit(d: Daemon, b: Build, v: Vertex, key: string, cacheId: string): BuildResult {
  const below = resultOf(b, v.parent).layers;
  const layer = layerFiles.commit(d, cacheId, below.at(-1) ?? null);
  if (layer.cacheId !== cacheId) overlay2.remove(d, cacheId);
  const created = d.now();
  const stack = [...below, layer.chainId];
  d.s.buildCache = pmap.set(d.s.buildCache, key, {
    kind: 'step',
    id: overlay2.newCacheId(d.files),
    layers: stack,
    description: v.name,
    created,
    used: created,
    uses: 0,
    size: layer.size,
  });
  return { key, layers: stack, created };
}

// ——— file operations

/** WORKDIR, COPY, ADD: done at once. */
export function fileOp(d: Daemon, b: Build, trees: Trees, v: Vertex, key: string): BuildResult {
  const { op } = v;
  const id = overlay2.newCacheId(d.files);
  overlay2.create(d, id, topOf(d, resultOf(b, v.parent).layers));
  const root = overlay2.mount(d, id);
  const umask = d.files.umask(0);
  try {
    if (op.kind === 'mkdir') makeDirs(d.files, root, op.path, ownerOf(d.files, root, op.user));
    if (op.kind === 'copy') {
      // A name is looked up in the file system below, and from scratch there is none.
      if (v.parent === null && /[^\d:]/.test(op.chown)) throw new BuildFault('invalid user index: -1');
      const owner = ownerOf(d.files, root, op.chown);
      const exclude = compilePatterns(op.exclude);
      for (const s of op.steps)
        withSource(d, b, trees, s, (tree, path) => {
          for (const p of select(tree, path))
            copyInto(d.files, root, tree, p, op.dest, { owner, mode: op.chmod, exclude, unpack: s.unpack });
        });
    }
  } catch (e) {
    overlay2.unmount(d, id);
    overlay2.remove(d, id);
    if (e instanceof CopyError) throw new BuildFault(e.message);
    if (e instanceof Errno) throw new BuildFault(e.message.toLowerCase());
    throw e;
  } finally {
    d.files.umask(umask);
  }
  overlay2.unmount(d, id);
  return commit(d, b, v, key, id);
}

/** An address that cannot be reached from this machine. */
export function unreachable(d: Daemon, url: string): BuildFault {
  const message = `Get "${url}": ${dialError(d, url)}`;
  return new BuildFault(message, `failed to load cache key: ${message}`, null);
}
