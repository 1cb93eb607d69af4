/**
 * What can be asked about a machine without running a program on it: containers, images and volumes by name, a file as a
 * container sees it, and a file as it lies in one layer.
 *
 *   running     its process's root and mounts, as /proc/PID/root would lead to them
 *   stopped     the layers' directories, looked through from the top as overlayfs does; volumes and binds by their source
 *
 * Sources: overlayfs.rst; moby daemon/container.go (what a name may be). Nothing here changes anything.
 */

import { decode, encode, pmap } from '../../base';
import { type Container, dataDir, type Image, type MountPoint, overlay2, type Volume } from '../../engine';
import { attr, body, Errno, fsOf, type Inode, isOpaque, isWhiteout, ORIGIN, resolve, type Super, type Task } from '../../kernel';
import { type Machine, openToRead } from '../machine';
import { childOf, inodeAt, namesIn, sizeOf, storeOf, type World, worldOf } from './world';

export { execsIn, LEFT, type LeftKind, leftOf, logOf, type Process, processesOf, signalsTo } from './look-life';
export { bridgeNameOf, howOf, linkIn, lowerOf, networkNamed, type Reached, reach, ruleWritten, sharesNetwork } from './look-net';
export { common, confinementOf, hostnameOf, initOf, left, outside, rootedAt, sharedMemory } from './look-walls';
export { NS_KINDS } from './namespaces';
export { type ProjectRow, serviceOf } from './project';

/** A machine, opened to be asked about. */
export type Look = World;

export const lookAt = (machine: Machine): Look => worldOf(openToRead(machine));

/** Bytes that are read of a file that does not say how many it has. */
const PAGES = 1 << 16;

/** A file as somebody sees it. Text is decoded; `from` says where it comes from in a container's root. */
export interface Seen {
  type: Inode['type'];
  mode: number;
  uid: number;
  gid: number;
  ino: number;
  size: number;
  text: string;
  /** The container's own layer, a layer below, a mount over the root; or the host's disk. */
  from: 'upper' | 'lower' | 'mount' | 'host';
}

/** A file as it lies in a container's upperdir. */
export interface InUpper {
  holds: 'nothing' | 'file' | 'directory' | 'symlink' | 'whiteout' | 'opaque' | 'other';
  mode: number;
  uid: number;
  gid: number;
  size: number;
  text: string;
  /** It was copied up from below, whole. */
  copied: boolean;
}

const plain = (name: string) => name.replace(/^\//, '');

/** A container by name, id, or the beginning of its id. */
export function containerOf({ engine }: Look, ref: string): Container | null {
  if (!engine) return null;
  const all = pmap.values(engine.containers);
  const named = all.find((c) => plain(c.Name) === ref || c.Id === ref);
  return named ?? (/^[0-9a-f]{3,}$/.test(ref) ? (all.find((c) => c.Id.startsWith(ref)) ?? null) : null);
}

/** An image by name with or without a tag, or by id. */
export function imageOf({ engine }: Look, ref: string): Image | null {
  if (!engine) return null;
  const familiar = (tag: string) => tag.replace(/^docker\.io\/(library\/)?/, '');
  const wanted = /:[^/]*$/.test(ref) ? ref : `${ref}:latest`;
  for (const [name, id] of pmap.entries(engine.references))
    if (familiar(String(name)) === familiar(wanted)) return pmap.get(engine.images, id) ?? null;
  return pmap.values(engine.images).find((i) => i.Id === ref || i.Id.startsWith(`sha256:${ref}`)) ?? null;
}

export const volumeOf = ({ engine }: Look, name: string): Volume | null => (engine && pmap.get(engine.volumes, name)) ?? null;

const split = (path: string) => path.split('/').filter((n) => n !== '' && n !== '.');
const textOf = (inode: Inode): string => (inode.type === 'file' ? decode(body.bytes(inode.body)) : '');

const seenInode = (inode: Inode, from: Seen['from']): Seen => ({
  type: inode.type,
  mode: inode.mode,
  uid: inode.uid,
  gid: inode.gid,
  ino: inode.ino,
  size: inode.type === 'file' ? body.size(inode.body) : 0,
  text: textOf(inode),
  from,
});

/** Directories of a stack of layers, topmost first: a container's, with its upperdir on top, or an image's. */
function stackOf(look: Look, layer: string, own: boolean): (Inode | null)[] {
  const root = `${storeOf(look).root}/overlay2`;
  const list = inodeAt(look, `${root}/${layer}/lower`);
  const lower = (list ? textOf(list) : '').split(':').filter(Boolean);
  const at = (path: string) => inodeAt(look, path);
  return [...(own ? [at(`${root}/${layer}/diff`)] : []), ...lower.map((link) => at(`${root}/${link}`))];
}

/** The entry under `names` in one layer; `ends` when nothing below it counts any more. */
function entryIn(look: Look, layer: Inode | null, names: readonly string[]): { inode: Inode | null; ends: boolean } {
  let at = layer;
  let ends = false;
  for (const name of names) {
    if (at?.type !== 'dir') return { inode: null, ends: ends || at !== null };
    if (isOpaque(at)) ends = true;
    at = childOf(look, at, encode(name));
  }
  return { inode: at, ends: ends || (at !== null && (at.type !== 'dir' || isOpaque(at))) };
}

const LINKS = 40;

/** A path in the union of a stack, symbolic links followed inside it. `index` is the layer it comes from. */
function inStack(look: Look, stack: (Inode | null)[], path: string): { inode: Inode; index: number } | null {
  let names = split(path);
  for (let links = 0, done = 0; ; ) {
    const here = names.slice(0, done + 1);
    const hit = topmost(look, stack, here);
    if (hit === null) return names.length === 0 && stack[0] ? { inode: stack[0], index: 0 } : null;
    if (hit.inode.type === 'symlink') {
      if (++links > LINKS) return null;
      const target = decode(hit.inode.target);
      const base = target.startsWith('/') ? [] : here.slice(0, -1);
      names = [...base, ...split(target), ...names.slice(done + 1)];
      const walked: string[] = [];
      for (const n of names) n === '..' ? walked.pop() : walked.push(n);
      names = walked;
      done = 0;
      continue;
    }
    if (++done >= names.length) return hit;
  }
}

function topmost(look: Look, stack: (Inode | null)[], names: readonly string[]): { inode: Inode; index: number } | null {
  if (names.length === 0) return null;
  for (const [index, layer] of stack.entries()) {
    const { inode, ends } = entryIn(look, layer, names);
    if (inode) return isWhiteout(inode) ? null : { inode, index };
    if (ends) return null;
  }
  return null;
}

/** A path of the host, links followed. */
export function onHost(look: Look, path: string): Seen | null {
  const init = look.kernel.findTask(1);
  return init ? seenBy(look, init, path, () => 'host') : null;
}

/** What a task sees at a path, through its mounts. */
function seenBy({ kernel: k }: Look, task: Task, path: string, from: (fs: Super['type']) => Seen['from']): Seen | null {
  try {
    const at = resolve(k, task, encode(path));
    const sb = k.super(k.mount(at.mnt).sb);
    const a = attr(k, at);
    // Files that are made when they are read, as in /proc and of control groups, say that they have no bytes.
    const text = a.type === 'file' ? decode(fsOf(sb).read(k, sb, at.id, 0, a.size || PAGES)) : '';
    return { type: a.type, mode: a.mode, uid: a.uid, gid: a.gid, ino: a.ino, size: a.size, text, from: from(sb.type) };
  } catch (e) {
    if (e instanceof Errno) return null;
    throw e;
  }
}

/** What a container's process sees at a path; for a stopped container, what it would see. */
export function inContainer(look: Look, c: Container, path: string): Seen | null {
  const task = c.State.Status === 'running' || c.State.Status === 'paused' ? look.kernel.findTask(c.State.Pid) : undefined;
  const own = topmost(look, stackOf(look, c.layer, true).slice(0, 1), split(path)) !== null;
  if (task) return seenBy(look, task, path, (fs) => (fs !== 'overlay' ? 'mount' : own ? 'upper' : 'lower'));
  const mount = c.Mounts.filter((m) => path === m.Destination || path.startsWith(`${m.Destination}/`)).sort(
    (a, b) => b.Destination.length - a.Destination.length,
  )[0];
  if (mount) {
    const inode = inodeAt(look, encode(mount.Source + path.slice(mount.Destination.length)));
    return inode && seenInode(inode, 'mount');
  }
  const hit = inStack(look, stackOf(look, c.layer, true), path);
  return hit && seenInode(hit.inode, hit.index === 0 ? 'upper' : 'lower');
}

/** The directory of an image's topmost layer. */
const cacheOf = ({ engine }: Look, image: Image): string | null => {
  const top = image.layers.at(-1);
  return (engine && top !== undefined && pmap.get(engine.layers, top)?.cacheId) || null;
};

const layersOf = (look: Look, image: Image): (Inode | null)[] => {
  const top = cacheOf(look, image);
  return top === null ? [] : stackOf(look, top, true);
};

/** What a new container of an image would see at a path. */
export function inImage(look: Look, image: Image, path: string): Seen | null {
  const hit = inStack(look, layersOf(look, image), path);
  return hit && seenInode(hit.inode, 'lower');
}

/** What each of an image's layers that holds a file of its own under a path has there, topmost first, hidden or not. */
export const storedIn = (look: Look, image: Image, path: string): string[] =>
  layersOf(look, image).flatMap((layer) => {
    const { inode } = entryIn(look, layer, split(path));
    return inode?.type === 'file' ? [textOf(inode)] : [];
  });

/** The chain id of the layer that an image shows a path from. */
export function layerShowing(look: Look, image: Image, path: string): string | null {
  const hit = inStack(look, layersOf(look, image), path);
  return hit && (image.layers.at(-1 - hit.index) ?? null);
}

/** What an image's configuration says about its containers. */
export type ImageSettings = Image['config']['config'];
export const settingsOf = (image: Image): ImageSettings => image.config.config;

/** Regular files of a layer with their paths. */
function* filesOf(look: Look, dir: Inode, prefix = ''): Generator<[string, Inode & { type: 'file' }]> {
  for (const name of namesIn(dir)) {
    const inode = childOf(look, dir, name);
    if (inode?.type === 'file') yield [`${prefix}/${decode(name)}`, inode];
    else if (inode?.type === 'dir') yield* filesOf(look, inode, `${prefix}/${decode(name)}`);
  }
}

/** Longer files are taken for binaries and not searched. */
const SEARCHED = 65_536;

/** Paths in any of an image's layers, hidden or not, whose file says a text. */
export const pathsSaying = (look: Look, image: Image, text: string): string[] =>
  layersOf(look, image).flatMap((layer) =>
    layer ? [...filesOf(look, layer)].filter(([, f]) => body.size(f.body) <= SEARCHED && textOf(f).includes(text)).map(([p]) => p) : [],
  );

/** Bytes of files in an image's layers that a layer above replaces or deletes. */
export function hiddenBytes(look: Look, image: Image): number {
  const stack = layersOf(look, image);
  let n = 0;
  for (const [index, layer] of stack.entries())
    if (layer && index > 0)
      for (const [path, file] of filesOf(look, layer)) {
        const above = stack.slice(0, index).some((upper) => {
          const { inode, ends } = entryIn(look, upper, split(path));
          return inode !== null || ends;
        });
        if (above) n += body.size(file.body);
      }
  return n;
}

/** How many records of a kind the build cache has: steps, or cache mounts. */
export const cacheRecords = ({ engine }: Look, kind: 'step' | 'mount'): number =>
  engine ? pmap.values(engine.buildCache).filter((e) => e.kind === kind).length : 0;

/** Bytes of regular files in all of an image's layers. */
export const imageSize = ({ engine }: Look, image: Image): number =>
  image.layers.reduce((n, id) => n + ((engine && pmap.get(engine.layers, id)?.size) || 0), 0);

const upperOf = (look: Look, c: Container): Inode | null => inodeAt(look, overlay2.diffDir(storeOf(look), c.layer));

/** What a container's upperdir holds at a path. */
export function inUpper(look: Look, c: Container, path: string): InUpper {
  const { inode } = entryIn(look, upperOf(look, c), split(path));
  if (!inode) return { holds: 'nothing', mode: 0, uid: 0, gid: 0, size: 0, text: '', copied: false };
  const { size, text, mode, uid, gid } = seenInode(inode, 'upper');
  return { holds: holding(inode), mode, uid, gid, size, text, copied: inode.xattrs?.[ORIGIN] !== undefined };
}

function holding(inode: Inode): InUpper['holds'] {
  if (isWhiteout(inode)) return 'whiteout';
  if (inode.type === 'dir') return isOpaque(inode) ? 'opaque' : 'directory';
  return inode.type === 'file' || inode.type === 'symlink' ? inode.type : 'other';
}

/** Paths in a container's upperdir, directories on the way left out. */
export function upperPaths(look: Look, c: Container): string[] {
  const walk = (dir: Inode, prefix: string): string[] =>
    namesIn(dir).flatMap((name) => {
      const inode = childOf(look, dir, name);
      const path = `${prefix}/${decode(name)}`;
      if (inode?.type === 'dir' && namesIn(inode).length > 0) return walk(inode, path);
      return inode ? [path] : [];
    });
  const root = upperOf(look, c);
  return root ? walk(root, '') : [];
}

/** Bytes in a container's upperdir: the first figure of `docker ps -s`. */
export const upperSize = (look: Look, c: Container): number => sizeOf(look, upperOf(look, c));

/** What a volume holds at a path. */
export function inVolume(look: Look, volume: Volume, path: string): Seen | null {
  const inode = inodeAt(look, encode(`${dataDir(storeOf(look), volume.Name)}/${split(path).join('/')}`));
  return inode && seenInode(inode, 'mount');
}

/** What a container has mounted over its root, `--tmpfs` included, which has no source. */
export const mountsOf = (c: Container): Pick<MountPoint, 'Type' | 'Name' | 'Source' | 'Destination' | 'RW'>[] => [
  ...c.Mounts,
  ...Object.keys(c.HostConfig.Tmpfs ?? {}).map((Destination) => ({ Type: 'tmpfs' as const, Source: '', Destination, RW: true })),
];
