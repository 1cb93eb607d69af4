/**
 * What a drawing of one container's root needs to know: its overlay mount, layer by layer, and each path's way through it.
 *
 *   merged    what the container sees: for each path, the topmost layer that has a say
 *   layers    [0] is the upperdir, then the lowerdirs from top to bottom
 *   entries   one a path, with a cell for each layer that holds something under that name
 *
 * Sources: overlayfs.rst of the kernel's documentation (whiteouts, opaque directories, copy-up);
 * image-spec, layer.md (what an image's layer is). Everything is read from the directories under /var/lib/docker/overlay2,
 * as somebody on the host could; only labels and sizes of image layers come from the daemon.
 */

import { decode, pmap } from '../../base';
import { type Container, type Image, type Layer, overlay2 } from '../../engine';
import { body, type Inode, isOpaque, isWhiteout, ORIGIN } from '../../kernel';
import { childOf, inodeAt, namesIn, sizeOf, storeOf, type World } from './world';

/** A directory entry as it lies in one layer. */
export interface LayerCell {
  /** Index into `layers`. */
  layer: number;
  what: 'file' | 'directory' | 'symlink' | 'device' | 'fifo' | 'whiteout' | 'opaque';
  /** What fits into a box: the first line of a file, a directory's first names, a link's target; decoded text, at most 24 characters; empty for a binary. */
  text: string;
  /** Bytes. */
  size: number;
  /** Permission bits as `ls` prints them in octal: 0o644. */
  mode: number;
  uid: number;
  gid: number;
  /** True when the last changing step made or changed this cell. */
  changed: boolean;
}

export interface LayerEntry {
  /** Absolute path in merged. */
  path: string;
  /** Cells from the top down; never empty. */
  cells: LayerCell[];
  /** The layer that merged shows this path from, or null: a whiteout (or an opaque parent) hides it. */
  from: number | null;
  /** The layer that the upperdir's cell was copied up from, when there is one below. */
  copiedFrom: number | null;
  changed: boolean;
}

export interface LayerRow {
  kind: 'upper' | 'lower';
  /** Where it lies on the host: /var/lib/docker/overlay2/<id>/diff */
  path: string;
  /** What made it: the container's name for an upperdir; a build instruction (`RUN mkdir …`) or an image (`busybox:1.36`) for a lowerdir. */
  label: string;
  /** Bytes of regular files in it. */
  size: number;
  /** `sha256:…` of the layer's tar archive; a container's upperdir has none. */
  diffId?: string;
  changed: boolean;
}

export interface LayersView {
  container: { id: string; name: string; image: string; running: boolean };
  merged: string;
  layers: LayerRow[];
  /**
   * Paths worth drawing, in the order of their path: all that upperdir has a say in, then those that more than one
   * layer has, then a sample of what single lowerdirs hold.
   */
  entries: LayerEntry[];
  /** How many paths of merged are not among the entries. */
  more: number;
  /** Other containers over the same lowerdirs. */
  siblings: { name: string; upperSize: number }[];
}

/** How many paths a view names at most, and how many of its own a lowerdir has before it counts as a whole system. */
const ENTRIES = 40;
const SYSTEM = 20;
/** Ends the directory of the layer that the engine puts between image and container. */
const INIT = '-init/diff';
/** Characters that fit into a box. */
const TEXT = 24;

/** A layer as a directory of the host, with its files' tree. */
interface Directory {
  path: string;
  root: Inode | null;
}

const containersOf = (world: World): Container[] =>
  world.engine ? pmap.values(world.engine.containers).sort((a, b) => a.Created - b.Created) : [];

const plainName = (c: Container) => c.Name.replace(/^\//, '');

/** Names of all containers, oldest first. */
export const layersContainers = (world: World): string[] => containersOf(world).map(plainName);

function textAt(world: World, path: string): string {
  const inode = inodeAt(world, path);
  return inode?.type === 'file' ? body.bytes(inode.body) : '';
}

/** The directories that a container's root is made of, upperdir first: from its `lower` file, by the short links. */
function directoriesOf(world: World, layer: string): Directory[] {
  const root = `${storeOf(world).root}/overlay2`;
  const lower = textAt(world, `${root}/${layer}/lower`)
    .split(':')
    .filter(Boolean)
    .map((link) => {
      const at = childOf(world, inodeAt(world, `${root}/l`), link.replace(/^l\//, ''));
      return at?.type === 'symlink' ? `${root}/${at.target.replace(/^\.\.\//, '')}` : `${root}/${link}`;
    });
  return [`${root}/${layer}/diff`, ...lower].map((path) => ({ path, root: inodeAt(world, path) }));
}

/** What lies under a path in one directory; `blocked` when a mark or a file on the way ends the look-up below. */
function lookIn(world: World, dir: Directory, names: readonly string[]): { inode: Inode | null; blocked: boolean } {
  let at = dir.root;
  let blocked = false;
  for (const name of names) {
    if (at?.type !== 'dir') return { inode: null, blocked: blocked || at !== null };
    if (isOpaque(at)) blocked = true;
    at = childOf(world, at, name);
  }
  return { inode: at, blocked };
}

const split = (path: string) => path.split('/').filter(Boolean);

const CONTROL = /[\x00-\x08\x0e-\x1f]/;

function describe(inode: Inode): string {
  switch (inode.type) {
    case 'file': {
      const head = decode(body.read(inode.body, 0, 4 * TEXT));
      if (CONTROL.test(head)) return '';
      return (head.split('\n')[0] ?? '').trim().slice(0, TEXT);
    }
    case 'dir':
      return namesIn(inode)
        .filter((name) => /^\w/.test(name))
        .slice(0, 4)
        .map(decode)
        .join(', ')
        .slice(0, TEXT);
    case 'symlink':
      return `→ ${decode(inode.target)}`.slice(0, TEXT);
    case 'char':
    case 'block':
      return inode.rdev.join(', ');
    default:
      return inode.type;
  }
}

function kindOf(inode: Inode): LayerCell['what'] {
  if (isWhiteout(inode)) return 'whiteout';
  if (inode.type === 'dir') return isOpaque(inode) ? 'opaque' : 'directory';
  if (inode.type === 'char' || inode.type === 'block') return 'device';
  return inode.type === 'socket' ? 'file' : inode.type;
}

/** Whether an inode is another one or says something else than before. Reading it, or a directory's list, does not count. */
function differs(now: Inode, was: Inode | null): boolean {
  if (was === null || was.ino !== now.ino || was.type !== now.type) return true;
  if (was.mode !== now.mode || was.uid !== now.uid || was.gid !== now.gid) return true;
  if (now.type === 'file' && was.type === 'file') return now.body !== was.body;
  return isOpaque(now) !== isOpaque(was);
}

/** All paths of a tree that are worth naming: what is not a directory, empty directories, opaque ones. */
function* paths(world: World, dir: Inode, prefix = ''): Generator<string> {
  for (const name of namesIn(dir)) {
    const inode = childOf(world, dir, name);
    if (!inode) continue;
    const path = `${prefix}/${name}`;
    if (inode.type !== 'dir' || isOpaque(inode) || inode.entries.size === 0) yield path;
    if (inode.type === 'dir') yield* paths(world, inode, path);
  }
}

/** One path through all layers. */
function entryOf(world: World, layers: Directory[], was: { world: World; upper: Directory } | null, path: string): LayerEntry {
  const names = split(path);
  const cells: LayerCell[] = [];
  let from: number | null = null;
  let open = true;
  for (const [layer, dir] of layers.entries()) {
    const { inode, blocked } = lookIn(world, dir, names);
    if (inode) {
      const changed = layer === 0 && was !== null && differs(inode, lookIn(was.world, was.upper, names).inode);
      const size = inode.type === 'file' ? body.size(inode.body) : 0;
      cells.push({ layer, what: kindOf(inode), text: describe(inode), size, mode: inode.mode, uid: inode.uid, gid: inode.gid, changed });
      if (open && from === null) {
        open = !isWhiteout(inode) && !(inode.type === 'dir' && isOpaque(inode));
        if (!isWhiteout(inode)) from = layer;
      }
    }
    if (blocked && from === null) open = false;
  }
  const top = lookIn(world, layers[0] as Directory, names).inode;
  const copied = top !== null && top.type !== 'dir' && top.xattrs?.[ORIGIN] !== undefined;
  const copiedFrom = copied ? (cells.find((c) => c.layer > 0)?.layer ?? null) : null;
  return { path: decode(path), cells, from, copiedFrom, changed: cells.some((c) => c.changed) };
}

/** "/bin/sh -c #(nop) CMD …" and "RUN /bin/sh -c mkdir /srv # buildkit" as a Dockerfile has them. */
const instruction = (createdBy: string): string =>
  createdBy
    .replace(/ # buildkit$/, '')
    .replace(/^\/bin\/sh -c #\(nop\)\s+/, '')
    .replace(/^RUN \/bin\/sh -c /, 'RUN ')
    .replace(/^\/bin\/sh -c /, 'RUN ');

const familiar = (tag: string) => tag.replace(/^docker\.io\/(library\/)?/, '');

/** What made an image's layer: the tag of an image that ends with it, else its line of the history. */
function labelOf(images: Image[], image: Image | undefined, chainId: string): string {
  const named = images.find((i) => i.Id !== image?.Id && i.layers.at(-1) === chainId && i.RepoTags.length > 0);
  if (named) return familiar(named.RepoTags[0] as string);
  const index = image?.layers.indexOf(chainId) ?? -1;
  const line = image?.config.history.filter((h) => !h.empty_layer)[index];
  return line?.created_by ? instruction(line.created_by) : (image?.RepoTags[0] ?? 'an image');
}

function rowsOf(world: World, container: Container, dirs: Directory[]): LayerRow[] {
  const engine = world.engine;
  const images = engine ? pmap.values(engine.images) : [];
  const image = engine ? pmap.get(engine.images, container.ImageID) : undefined;
  const byPath = new Map<string, Layer>(
    engine ? pmap.values(engine.layers).map((l) => [overlay2.diffDir(storeOf(world), l.cacheId), l] as const) : [],
  );
  return dirs.map(({ path, root }, i): LayerRow => {
    if (i === 0) return { kind: 'upper', path, label: plainName(container), size: sizeOf(world, root), changed: false };
    const layer = byPath.get(path);
    if (layer)
      return { kind: 'lower', path, label: labelOf(images, image, layer.chainId), size: layer.size, diffId: layer.diffId, changed: false };
    return { kind: 'lower', path, label: 'init: /etc/hosts, …', size: sizeOf(world, root), changed: false };
  });
}

/** Paths worth drawing: all of upperdir's, those of more than one layer, those of small lowerdirs, and what stands for the rest. */
function chosenPaths(world: World, dirs: Directory[]): { chosen: string[]; total: number } {
  const holders = new Map<string, number[]>();
  for (const [layer, { root }] of dirs.entries())
    if (root) for (const path of paths(world, root)) holders.set(path, [...(holders.get(path) ?? []), layer]);
  const all = [...holders];
  const upper = all.filter(([, at]) => at[0] === 0).map(([path]) => path);
  const shared = all.filter(([, at]) => at[0] !== 0 && at.length > 1).map(([path]) => path);
  // The init layer only holds places for the engine's own mounts.
  const lowers = dirs.map((d, layer) => ({ ...d, layer })).filter((d) => d.layer > 0 && d.root && !d.path.endsWith(INIT));
  const single = lowers.flatMap(({ layer }) => {
    const own = all.filter(([, at]) => at.length === 1 && at[0] === layer).map(([path]) => path);
    return own.length > SYSTEM ? [] : own;
  });
  // Of layers that hold a whole system, the directories at the top stand for what is in them.
  const tops = lowers.flatMap(({ root }) => (root ? namesIn(root).map((name) => `/${name}`) : []));
  const named = [...upper, ...shared, ...single];
  const system = tops.filter((top) => !named.some((path) => path === top || path.startsWith(`${top}/`)));
  const chosen = [...new Set([...named, ...system])].slice(0, ENTRIES);
  return { chosen, total: all.length };
}

/**
 * The layers of a container by name, id or a beginning of its id; null when there is none. With `before`, the machine
 * before its last change, what is new or different in upperdir is marked.
 */
export function layersView(world: World, ref: string, before: World | null): LayersView | null {
  const all = containersOf(world);
  const container = all.find((c) => plainName(c) === ref) ?? all.find((c) => c.Id.startsWith(ref));
  if (!container) return null;
  const dirs = directoriesOf(world, container.layer);
  const upperPath = (dirs[0] as Directory).path;
  const was = before && { world: before, upper: { path: upperPath, root: inodeAt(before, upperPath) } };
  const { chosen, total } = chosenPaths(world, dirs);
  const entries = chosen.map((path) => entryOf(world, dirs, was, path)).sort((a, b) => (a.path < b.path ? -1 : 1));
  const layers = rowsOf(world, container, dirs);
  const [upper] = layers;
  const changed = entries.some((e) => e.cells.some((c) => c.changed)) || (was !== null && was.upper.root === null);
  return {
    container: {
      id: container.Id,
      name: plainName(container),
      image: container.Config.Image,
      running: container.State.Status === 'running',
    },
    merged: overlay2.mergedDir(storeOf(world), container.layer),
    layers: upper ? [{ ...upper, changed }, ...layers.slice(1)] : layers,
    entries,
    more: Math.max(0, total - entries.length),
    siblings: all
      .filter((c) => c.Id !== container.Id && c.layers.join() === container.layers.join())
      .map((c) => ({ name: plainName(c), upperSize: sizeOf(world, inodeAt(world, overlay2.diffDir(storeOf(world), c.layer))) })),
  };
}
