/**
 * An image layer by layer: what each adds, changes and removes, and what is carried along for nothing. From a modelled image or from a
 * saved archive (oci/saved.ts). wagoodman/dive filetree, image/analysis.go, whose figures these are:
 *
 *   efficiency      Σ least size that a path has in any layer / Σ sizes that it has in all
 *   wasted bytes    Σ of all sizes of paths that stand in two layers or more
 *   wasted share    wasted bytes / bytes above the first layer
 *
 * A file that a layer above deletes counts as one of no size there; a directory that is deleted counts once more with all that was in
 * it. Marks for opaque directories are left out, as dive leaves them out.
 *
 * Simplified: dive compares contents; here a file that a layer holds again is a change if size, mode, owner or time differ.
 */

import { decode, pmap } from '../../base';
import { type Image, images, overlay2 } from '../../engine';
import { body, type Inode, isOpaque, isWhiteout } from '../../kernel';
import { layer as oci } from '../../oci';
import type * as saved from '../../oci/saved';
import { childOf, inodeAt, namesIn, storeOf, type World } from './world';

export type DiveChange = 'added' | 'changed' | 'removed' | 'unchanged';

/** A path as a layer has it; a removed one as the layers below had it. */
export interface DiveNode {
  /** Decoded, with a slash before it. */
  path: string;
  type: 'file' | 'dir' | 'symlink' | 'link' | 'char' | 'block' | 'fifo';
  change: DiveChange;
  /** Bytes. */
  size: number;
  mode: number;
  uid: number;
  gid: number;
  target: string;
}

export interface DiveLayer {
  diffId: string;
  /** The instruction, as the history has it. */
  createdBy: string;
  /** Bytes of its files. */
  size: number;
  added: number;
  changed: number;
  removed: number;
}

export interface Inefficiency {
  path: string;
  /** In how many layers it stands, deletions counted. */
  times: number;
  /** Bytes of all of them. */
  size: number;
}

export interface DiveView {
  names: string[];
  id: string;
  layers: DiveLayer[];
  /** Bytes of all layers, and of those above the first. */
  size: number;
  userSize: number;
  /** From 0 to 1. */
  efficiency: number;
  wastedBytes: number;
  /** Wasted bytes as a share of userSize; 0 if there are none. */
  wastedShare: number;
  /** Most bytes first. */
  inefficiencies: Inefficiency[];
}

/** An image to be looked into. */
export interface DiveSource {
  names: string[];
  id: string;
  layers: { diffId: string; createdBy: string; entries: DiveEntry[] }[];
}

type Tree = Map<string, DiveEntry>;
type DiveEntry = Pick<
  saved.SavedImage['layers'][number]['entries'][number],
  'name' | 'type' | 'size' | 'mode' | 'uid' | 'gid' | 'mtime' | 'linkname'
> & { implied?: true };

/** A directory that an archive has no entry for, only something in it. dive does not know it for one. */
const directory = (path: string): DiveEntry => ({
  name: `${path}/`,
  type: 'dir',
  size: 0,
  mode: 0o755,
  uid: 0,
  gid: 0,
  mtime: 0,
  implied: true,
});

/** Paths below a directory, itself not. */
const below = (tree: ReadonlyMap<string, DiveEntry>, path: string): string[] =>
  [...tree.keys()].filter((key) => key.startsWith(`${path}/`));

const sameEntry = (a: DiveEntry, b: DiveEntry): boolean =>
  a.type === b.type &&
  a.mode === b.mode &&
  a.uid === b.uid &&
  a.gid === b.gid &&
  (a.linkname ?? '') === (b.linkname ?? '') &&
  (a.type === 'dir' || (a.size === b.size && Math.floor(a.mtime) === Math.floor(b.mtime)));

/** The tree up to each layer; [0] is the empty one. */
function stacked(source: DiveSource): Tree[] {
  const trees: Tree[] = [new Map()];
  for (const l of source.layers) trees.push(oci.applyLayer(trees.at(-1) as Tree, l.entries, directory));
  return trees;
}

/** What a layer does to each path that it has a say in. */
function changesOf(before: Tree, after: Tree, entries: readonly DiveEntry[]): { path: string; change: DiveChange; entry: DiveEntry }[] {
  const out = new Map<string, { path: string; change: DiveChange; entry: DiveEntry }>();
  const removed = (path: string) => {
    const entry = before.get(path);
    if (entry && !after.has(path)) out.set(path, { path, change: 'removed', entry });
  };
  for (const e of entries) {
    const m = oci.meaningOf(e.name);
    if (m.kind === 'none') continue;
    if (m.kind === 'entry') {
      const there = before.get(m.path);
      const change = there === undefined ? 'added' : sameEntry(there, e) ? 'unchanged' : 'changed';
      out.set(m.path, { path: m.path, change, entry: e });
      if (there?.type === 'dir' && e.type !== 'dir') below(before, m.path).forEach(removed);
      continue;
    }
    for (const path of m.path === '' ? before.keys() : below(before, m.path)) removed(path);
    if (m.kind === 'whiteout') removed(m.path);
  }
  return [...out.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

const shown = (path: string): string => `/${decode(path)}`;

const nodeOf = (c: { path: string; change: DiveChange; entry: DiveEntry }): DiveNode => ({
  path: shown(c.path),
  type: c.entry.type,
  change: c.change,
  size: c.entry.size,
  mode: c.entry.mode,
  uid: c.entry.uid,
  gid: c.entry.gid,
  target: decode(c.entry.linkname ?? ''),
});

/** Paths that one layer adds, changes and removes. */
export function diveLayer(source: DiveSource, index: number): DiveNode[] {
  const trees = stacked({ ...source, layers: source.layers.slice(0, index + 1) });
  const { entries } = source.layers[index] as DiveSource['layers'][number];
  return changesOf(trees[index] as Tree, trees[index + 1] as Tree, entries).map(nodeOf);
}

/** The tree with everything up to a layer, each path with what that layer did to it. */
export function diveTree(source: DiveSource, index: number): DiveNode[] {
  const trees = stacked({ ...source, layers: source.layers.slice(0, index + 1) });
  const after = trees[index + 1] as Tree;
  const { entries } = source.layers[index] as DiveSource['layers'][number];
  const own = new Map(changesOf(trees[index] as Tree, after, entries).map((c) => [c.path, c]));
  for (const [path, entry] of after) if (!own.has(path)) own.set(path, { path, change: 'unchanged', entry });
  return [...own.values()].sort((a, b) => (a.path < b.path ? -1 : 1)).map(nodeOf);
}

/** What dive visits of one layer: entries with nothing below them in it, deletions among them. */
function leavesOf(entries: readonly DiveEntry[]): { path: string; gone: boolean; size: number }[] {
  const seen = new Map<string, { path: string; gone: boolean; size: number }>();
  const parents = new Set<string>();
  for (const e of entries) {
    const m = oci.meaningOf(e.name);
    if (m.kind === 'none' || m.kind === 'opaque') continue;
    seen.set(oci.keyOf(e.name), { path: m.path, gone: m.kind === 'whiteout', size: m.kind === 'whiteout' ? 0 : e.size });
    for (let dir = oci.parentOf(m.path); dir !== '' && !parents.has(dir); dir = oci.parentOf(dir)) parents.add(dir);
  }
  return [...seen].filter(([key]) => !parents.has(key)).map(([, leaf]) => leaf);
}

/** The figures of an image. */
export function dive(source: DiveSource): DiveView {
  const trees = stacked(source);
  const paths = new Map<string, { times: number; size: number; least: number }>();
  const layers = source.layers.map((l, i): DiveLayer => {
    const before = trees[i] as Tree;
    const changes = changesOf(before, trees[i + 1] as Tree, l.entries);
    for (const leaf of leavesOf(l.entries)) {
      const there = leaf.gone ? before.get(leaf.path) : undefined;
      if (leaf.gone && !there) continue;
      const size =
        there?.type === 'dir' && !there.implied ? below(before, leaf.path).reduce((n, p) => n + (before.get(p)?.size ?? 0), 0) : leaf.size;
      const known = paths.get(leaf.path);
      paths.set(leaf.path, {
        times: (known?.times ?? 0) + 1,
        size: (known?.size ?? 0) + size,
        least: Math.min(known?.least ?? size, size),
      });
    }
    const count = (change: DiveChange) => changes.filter((c) => c.change === change).length;
    return {
      diffId: l.diffId,
      createdBy: decode(l.createdBy),
      size: l.entries.reduce((n, e) => n + e.size, 0),
      added: count('added'),
      changed: count('changed'),
      removed: count('removed'),
    };
  });
  let least = 0;
  let all = 0;
  for (const p of paths.values()) {
    least += p.least;
    all += p.size;
  }
  const inefficiencies = [...paths]
    .filter(([, p]) => p.times > 1)
    .map(([path, p]): Inefficiency => ({ path: shown(path), times: p.times, size: p.size }))
    .sort((a, b) => b.size - a.size || (a.path < b.path ? -1 : 1));
  const wastedBytes = inefficiencies.reduce((n, i) => n + i.size, 0);
  const userSize = layers.slice(1).reduce((n, l) => n + l.size, 0);
  return {
    names: source.names,
    id: source.id,
    layers,
    size: layers.reduce((n, l) => n + l.size, 0),
    userSize,
    efficiency: all === 0 ? 1 : least / all,
    wastedBytes,
    wastedShare: userSize === 0 ? 0 : wastedBytes / userSize,
    inefficiencies,
  };
}

// ——— a threshold for a pipeline

/** Rules of dive --ci; null: the rule is off. */
export interface DiveRules {
  lowestEfficiency: number | null;
  highestWastedBytes: number | null;
  highestUserWastedPercent: number | null;
}

/** What dive asks for if nobody says otherwise. */
export const DIVE_RULES: DiveRules = { lowestEfficiency: 0.9, highestWastedBytes: null, highestUserWastedPercent: 0.1 };

/** Each rule and whether the image passes it. */
export function diveCheck(
  v: DiveView,
  rules: DiveRules = DIVE_RULES,
): { rule: keyof DiveRules; passes: boolean; value: number; limit: number | null }[] {
  const row = (rule: keyof DiveRules, value: number, fits: (limit: number) => boolean) => {
    const limit = rules[rule];
    return { rule, value, limit, passes: limit === null || fits(limit) };
  };
  return [
    row('lowestEfficiency', v.efficiency, (limit) => v.efficiency >= limit),
    row('highestWastedBytes', v.wastedBytes, (limit) => v.wastedBytes <= limit),
    row('highestUserWastedPercent', v.wastedShare, (limit) => v.wastedShare <= limit),
  ];
}

// ——— where images come from

/** An archive that `docker save` wrote. */
export const diveSaved = (image: saved.SavedImage): DiveSource => ({ names: image.names, id: image.id, layers: image.layers });

/** Entries of a layer's directory on the host, as its archive would have them. */
function entriesOf(world: World, dir: Inode, prefix = '', seen = new Map<number, string>()): DiveEntry[] {
  return namesIn(dir).flatMap((name): DiveEntry[] => {
    const inode = childOf(world, dir, name);
    if (!inode || inode.type === 'socket') return [];
    const path = prefix + name;
    const base = { mode: inode.mode, uid: inode.uid, gid: inode.gid, mtime: inode.mtime / 1000, size: 0 };
    if (isWhiteout(inode)) return [{ ...base, name: `${prefix}${oci.WHITEOUT}${name}`, type: 'file' }];
    const first = seen.get(inode.ino);
    if (inode.type !== 'dir' && first !== undefined) return [{ ...base, name: path, type: 'link', linkname: first }];
    seen.set(inode.ino, path);
    switch (inode.type) {
      case 'dir':
        return [
          { ...base, name: `${path}/`, type: 'dir' },
          ...(isOpaque(inode) ? [{ ...base, name: `${path}/${oci.OPAQUE_MARK}`, type: 'file' as const }] : []),
          ...entriesOf(world, inode, `${path}/`, seen),
        ];
      case 'file':
        return [{ ...base, name: path, type: 'file', size: body.size(inode.body) }];
      case 'symlink':
        return [{ ...base, name: path, type: 'symlink', linkname: inode.target }];
      default:
        return [{ ...base, name: path, type: inode.type }];
    }
  });
}

/** An image of the machine. */
export function diveImage(world: World, image: Image): DiveSource {
  const history = image.config.history.filter((h) => !h.empty_layer);
  return {
    names: image.RepoTags.map(images.familiar),
    id: image.Id,
    layers: image.layers.map((chain, i) => {
      const l = world.engine ? pmap.get(world.engine.layers, chain) : undefined;
      const root = l ? inodeAt(world, overlay2.diffDir(storeOf(world), l.cacheId)) : null;
      return { diffId: l?.diffId ?? '', createdBy: history[i]?.created_by ?? '', entries: root ? entriesOf(world, root) : [] };
    }),
  };
}
