/**
 * overlayfs: several directories seen as one tree. Documentation/filesystems/overlayfs.rst, fs/overlayfs/ of Linux 6.x,
 * with redirect_dir, index and metacopy off and xino off, as Docker's overlay2 mounts it.
 *
 *   merged    /srv/conf          what a process sees
 *   upper     /srv/conf          the only layer that is ever written; a whiteout is a character device 0, 0
 *   lower 0   /srv/conf          topmost lower, hidden by upper
 *   lower 1   /srv/conf, keep    …
 *
 * A node's id names where it comes from: "U12" is inode 12 of the upper file system; "0.45,2.9:/srv" is a directory
 * merged from two lowers; "U12|0.45:/srv" is one that has an upper part too. What has a lower part can never move
 * (rename refuses with EXDEV), so its path in the overlay is part of the id, and copy-up knows its parents from it.
 *
 * Simplified: layers are plain file systems, not overlays themselves; no NFS export, no volatile mounts.
 * Past 400 lines because lookup, copy-up and removal share what a node is: overlayfs is one thing.
 */

import { memo, pmap } from '../../base';
import { Errno } from '../errno';
import type { Kernel } from '../kernel';
import { type InodeFields, inodeOf } from '../records';
import type { Id, Inode, Super } from '../state';
import type { Dirent } from '../sys';
import type { Attr, FileSystem, Proto } from './filesystem';
import { attrOf, newInode, plain, sizeOfDir } from './plain';

type Overlay = Extract<Super, { type: 'overlay' }>;
type Plain = Extract<Super, { root: number }>;

export const OPAQUE = 'trusted.overlay.opaque';
export const ORIGIN = 'trusted.overlay.origin';

interface LowerRef {
  layer: number;
  ino: number;
}
interface Node {
  upper: number | null;
  /** Topmost first; one for a file. */
  lowers: readonly LowerRef[];
  /** Path in the overlay; known only with lowers. */
  path: string;
}

export const isWhiteout = (inode: Inode): boolean => inode.type === 'char' && inode.rdev[0] === 0 && inode.rdev[1] === 0;
export const isOpaque = (inode: Inode): boolean => inode.xattrs?.[OPAQUE] === 'y';

const idOf = ({ upper, lowers, path }: Node): string => {
  if (lowers.length === 0) return upper === null ? '' : `U${upper}`;
  let refs = '';
  for (const { layer, ino } of lowers) refs += `${refs && ','}${layer}.${ino}`;
  return upper === null ? `${refs}:${path}` : `U${upper}|${refs}:${path}`;
};

/** An id taken apart; the same ids come again and again. `low`: the id without its upper part. */
const parts = memo((id): Node & { low: string } => {
  const bar = id.indexOf('|');
  const low = id.slice(bar + 1);
  if (low.startsWith('U')) return { upper: Number(low.slice(1)), lowers: [], path: '', low };
  const colon = low.indexOf(':');
  const refs = low.slice(0, colon).split(',');
  const lowers = refs.map((ref) => {
    const [layer, ino] = ref.split('.');
    return { layer: Number(layer), ino: Number(ino) };
  });
  return { upper: bar < 0 ? null : Number(id.slice(1, bar)), lowers, path: low.slice(colon + 1), low };
}, 50_000);

/** The id without its upper part: the same before and after a copy-up of a directory. */
const canonical = (id: Id): string => parts(id as string).low;

/** What an id names; whether it was copied up since is looked up, so that a descriptor opened before sees the copy. */
export function parse(sb: Overlay, id: Id): Node {
  const node = parts(id as string);
  const upper = node.upper === null && sb.up.size > 0 ? pmap.get(sb.up, node.low) : undefined;
  return upper === undefined ? node : { upper: upper as number, lowers: node.lowers, path: node.path };
}

const upperSb = (k: Kernel, sb: Overlay): Plain => {
  if (sb.upper === null || sb.readonly)
    throw new Errno('EROFS', 'overlayfs', 'this overlay has no upper directory: nothing can be written');
  return k.super(sb.upper.sb) as Plain;
};

/** The real inode that answers for a node. */
export const real = (k: Kernel, n: Node): Inode => k.inode(n.upper ?? (n.lowers[0] as LowerRef).ino);

const child = (k: Kernel, ino: number, name: string): Inode | null => {
  const d = k.inode(ino);
  const at = d.type === 'dir' ? pmap.get(d.entries, name) : undefined;
  return at === undefined ? null : k.inode(at);
};

/** What the lower layers hold under a name, topmost first, up to the first whiteout, file or opaque directory. */
function lowerChildren(k: Kernel, dir: Node, name: string): { refs: LowerRef[]; whiteout: boolean } {
  const refs: LowerRef[] = [];
  for (const l of dir.lowers) {
    const inode = child(k, l.ino, name);
    if (inode === null) continue;
    if (isWhiteout(inode)) return { refs, whiteout: true };
    if (inode.type !== 'dir') return { refs: refs.length ? refs : [{ layer: l.layer, ino: inode.ino }], whiteout: false };
    refs.push({ layer: l.layer, ino: inode.ino });
    if (isOpaque(inode)) break;
  }
  return { refs, whiteout: false };
}

const join = (path: string, name: string) => (path === '/' ? `/${name}` : `${path}/${name}`);

function find(k: Kernel, dir: Node, name: string): Node | null {
  const up = dir.upper === null ? null : child(k, dir.upper, name);
  if (up !== null) {
    if (isWhiteout(up)) return null;
    if (up.type !== 'dir' || isOpaque(up)) return { upper: up.ino, lowers: [], path: '' };
  }
  const { refs } = lowerChildren(k, dir, name);
  const path = join(dir.path, name);
  if (up !== null) {
    const dirs = refs.filter((r) => k.inode(r.ino).type === 'dir');
    return { upper: up.ino, lowers: dirs, path: dirs.length ? path : '' };
  }
  if (refs.length === 0) return null;
  return { upper: null, lowers: refs, path };
}

function names(k: Kernel, dir: Node): Map<string, Node> {
  const out = new Map<string, Node>();
  const add = (ino: number) => {
    const d = k.inode(ino);
    if (d.type !== 'dir') return;
    for (const name of pmap.keys(d.entries) as string[]) {
      if (out.has(name)) continue;
      const node = find(k, dir, name);
      if (node !== null) out.set(name, node);
    }
  };
  if (dir.upper !== null) add(dir.upper);
  for (const l of dir.lowers) add(l.ino);
  return out;
}

const putEntry = (k: Kernel, dir: number, name: string, ino: number | null, links = 0) => {
  if (k.inode(dir).type !== 'dir') return;
  const d = k.editInode(dir) as Extract<Inode, { type: 'dir' }>;
  d.entries = ino === null ? pmap.remove(d.entries, name) : pmap.set(d.entries, name, ino);
  d.nlink += links;
};

/** The node's own inode in upper, copied up with its parents if it is not there yet. */
function copyUp(k: Kernel, sb: Overlay, n: Node): number {
  if (n.upper !== null) return n.upper;
  upperSb(k, sb);
  const slash = n.path.lastIndexOf('/');
  const name = n.path.slice(slash + 1);
  const parent = ancestor(k, sb, n.path.slice(0, slash) || '/');
  const low = real(k, n);
  const ino = k.newIno();
  // The association with a lower file of several names is broken, so its number is not kept either.
  const keep = low.type === 'dir' || low.nlink === 1;
  const xattrs: Record<string, string> = { ...low.xattrs, ...(keep ? { [ORIGIN]: `${(n.lowers[0] as LowerRef).ino}` } : {}) };
  delete xattrs[OPAQUE];
  const copy = inodeOf(low as InodeFields);
  if (copy.type === 'dir') copy.entries = pmap.empty();
  k.putInode(Object.assign(copy, { nlink: copy.type === 'dir' ? 2 : 1, ino, xattrs, ctime: k.now() }));
  putEntry(k, parent, name, ino, low.type === 'dir' ? 1 : 0);
  const now = k.super(sb.id) as Overlay;
  k.putSuper({ ...now, up: pmap.set(now.up, idOf({ ...n, upper: null }), ino) });
  k.event({ kind: 'copy-up', sb: sb.id, path: n.path, ino });
  return ino;
}

/** The upper inode of a directory that has a lower part, by its path. */
function ancestor(k: Kernel, sb: Overlay, path: string): number {
  let node: Node = parse(sb, overlay.root(sb));
  for (const name of path.split('/').filter(Boolean)) {
    const next = find(k, node, name);
    if (next === null) throw new Errno('ESTALE', 'overlayfs', `the lower directory ${path} is no longer there`);
    node = next;
  }
  return copyUp(k, k.super(sb.id) as Overlay, node);
}

const positive = (k: Kernel, dir: Node, name: string) => lowerChildren(k, dir, name).refs.length > 0;

/** The overlay's own directory in workdir, `work`. */
function workOf(k: Kernel, sb: Overlay): Inode | null {
  return sb.work === null ? null : child(k, sb.work.id as number, 'work');
}

const ROOT = { uid: 0, gid: 0 };

/** Makes `work` in workdir at a mount, or empties what an earlier mount has left: ovl_workdir_create. */
export function prepareWork(k: Kernel, sb: Overlay) {
  if (sb.work === null || sb.upper === null) return;
  const work = workOf(k, sb);
  if (work === null) {
    const made = newInode(k, { type: 'dir', mode: 0, ...(sb.by ?? ROOT) });
    k.putInode(made);
    putEntry(k, sb.work.id as number, 'work', made.ino, 1);
  } else if (work.type === 'dir') for (const name of pmap.keys(work.entries) as string[]) clear(k, sb, work.ino, name);
}

/** One whiteout lies in `work`, and each that is needed is another link to it: ovl_whiteout. */
function whiteout(k: Kernel, sb: Overlay, dir: number, name: string) {
  const work = workOf(k, sb);
  const kept =
    work?.type === 'dir'
      ? pmap
          .values(work.entries)
          .map((ino) => k.inode(ino))
          .find(isWhiteout)
      : undefined;
  const inode = kept ?? newInode(k, { type: 'char', mode: 0, ...(sb.by ?? ROOT), rdev: [0, 0] });
  if (!kept && work) putEntry(k, work.ino, `#${inode.ino.toString(16)}`, inode.ino);
  if (!kept) k.putInode(inode);
  k.editInode(inode.ino).nlink = kept ? kept.nlink + 1 : work ? 2 : 1;
  putEntry(k, dir, name, inode.ino);
}

function stamp(k: Kernel, ino: number) {
  const now = k.now();
  const inode = k.editInode(ino);
  inode.mtime = now;
  inode.ctime = now;
}

function dropName(k: Kernel, ino: number) {
  const inode = k.editInode(ino);
  inode.nlink--;
  inode.ctime = k.now();
}

/** One name of an inode fewer; without a name it goes. */
function unlinked(k: Kernel, ino: number) {
  if (k.inode(ino).nlink > 1) dropName(k, ino);
  else k.removeInode(ino);
}

/** Takes whatever upper has under a name away: a whiteout, a file, or a directory that holds only whiteouts. */
function clear(k: Kernel, sb: Overlay, dir: number, name: string) {
  const there = child(k, dir, name);
  if (there === null) return;
  if (there.type === 'dir') {
    putEntry(k, dir, name, null, -1);
    for (const ino of pmap.values(there.entries)) unlinked(k, ino);
    Object.assign(k.editInode(there.ino), { entries: pmap.empty(), nlink: 0 });
    if (!openUpper(k, sb, there.ino)) k.removeInode(there.ino);
    return;
  }
  putEntry(k, dir, name, null);
  const last = there.nlink === 1;
  dropName(k, there.ino);
  if (last && !openUpper(k, sb, there.ino)) k.removeInode(there.ino);
}

/** Whether a file of the overlay that lives in this upper inode is open. */
function openUpper(k: Kernel, sb: Overlay, ino: number): boolean {
  if (k.isOpen(sb.id, `U${ino}`)) return true;
  for (const [low, up] of pmap.entries(sb.up)) if (up === ino && k.isOpen(sb.id, low)) return true;
  return false;
}

const merged = (n: Node) => n.lowers.length > 0;

export const overlay: FileSystem<Overlay> = {
  root(sb) {
    const low = `${sb.lowers.map((l, i) => `${i}.${l.id}`).join(',')}:/`;
    return sb.upper === null ? low : `U${sb.upper.id}|${low}`;
  },

  lookup(k, sb, dir, name) {
    const node = find(k, parse(sb, dir), name);
    return node === null ? null : idOf(node);
  },

  attr(k, sb, id): Attr {
    const n = parse(sb, id);
    const a = attrOf(real(k, n));
    const origin = n.upper === null ? undefined : k.inode(n.upper).xattrs?.[ORIGIN];
    if (origin !== undefined) a.ino = Number(origin);
    else if (n.upper !== null && merged(n)) a.ino = (n.lowers[0] as LowerRef).ino;
    if (a.type === 'dir' && merged(n) && (n.upper !== null || n.lowers.length > 1)) a.nlink = 1;
    return a;
  },

  peek: (k, sb, id) => real(k, parse(sb, id)),
  dirSize: (k, sb, id) => sizeOfDir(real(k, parse(sb, id)) as Extract<Inode, { type: 'dir' }>),

  readdir(k, sb, id) {
    const out: Dirent[] = [];
    for (const [name, n] of names(k, parse(sb, id))) {
      const inode = real(k, n);
      out.push({ name, type: inode.type, ino: inode.ino });
    }
    return out;
  },

  readlink: (k, sb, id) => plain.readlink(k, null as never, real(k, parse(sb, id)).ino),

  create(k, sb, id, name, proto: Proto) {
    const dir = parse(sb, id);
    upperSb(k, sb);
    const up = copyUp(k, sb, dir);
    const over = child(k, up, name) !== null;
    clear(k, sb, up, name);
    const inode = newInode(k, proto);
    // A new directory where one was deleted must not show what lies below.
    if (over && inode.type === 'dir') inode.xattrs = { [OPAQUE]: 'y' };
    k.putInode(inode);
    putEntry(k, up, name, inode.ino, inode.type === 'dir' ? 1 : 0);
    stamp(k, up);
    return `U${inode.ino}`;
  },

  link(k, sb, id, toDir, name) {
    const ino = copyUp(k, sb, parse(sb, id));
    const fresh = k.super(sb.id) as Overlay;
    const up = copyUp(k, fresh, parse(fresh, toDir));
    clear(k, fresh, up, name);
    const inode = k.editInode(ino);
    inode.nlink++;
    inode.ctime = k.now();
    putEntry(k, up, name, ino);
    stamp(k, up);
  },

  unlink(k, sb, id, name) {
    const dir = parse(sb, id);
    upperSb(k, sb);
    const up = copyUp(k, sb, dir);
    const hidden = positive(k, dir, name);
    clear(k, k.super(sb.id) as Overlay, up, name);
    if (hidden) whiteout(k, k.super(sb.id) as Overlay, up, name);
    stamp(k, up);
  },

  rmdir(k, sb, id, name) {
    const dir = parse(sb, id);
    upperSb(k, sb);
    const node = find(k, dir, name) as Node;
    if (names(k, node).size > 0)
      throw new Errno('ENOTEMPTY', 'overlayfs', 'the merged directory still has entries, from upper or from a lower layer');
    overlay.unlink(k, sb, id, name);
  },

  rename(k, sb, fromId, name, toId, toName) {
    const from = parse(sb, fromId);
    const to = parse(sb, toId);
    upperSb(k, sb);
    const node = find(k, from, name) as Node;
    const isDir = real(k, node).type === 'dir';
    if (isDir && merged(node))
      throw new Errno('EXDEV', 'overlayfs', 'overlayfs does not rename a directory that has a lower part (redirect_dir is off)');
    const target = find(k, to, toName);
    if (target !== null && isDir && names(k, target).size > 0)
      throw new Errno('ENOTEMPTY', 'overlayfs', 'the directory that would be replaced still has entries');
    const ino = copyUp(k, sb, node);
    if (target !== null && target.upper === ino) return;
    const fresh = () => k.super(sb.id) as Overlay;
    const upFrom = copyUp(k, fresh(), parse(fresh(), fromId));
    const upTo = copyUp(k, fresh(), parse(fresh(), toId));
    const hidden = positive(k, from, name);
    clear(k, fresh(), upTo, toName);
    putEntry(k, upFrom, name, null, isDir ? -1 : 0);
    putEntry(k, upTo, toName, ino, isDir ? 1 : 0);
    if (hidden) whiteout(k, fresh(), upFrom, name);
    const inode = k.editInode(ino);
    if (isDir && !isOpaque(inode) && merged(to)) inode.xattrs = { ...inode.xattrs, [OPAQUE]: 'y' };
    inode.ctime = k.now();
    stamp(k, upFrom);
    if (upTo !== upFrom) stamp(k, upTo);
  },

  setattr(k, sb, id, set) {
    plain.setattr(k, upperSb(k, sb), copyUp(k, sb, parse(sb, id)), set);
  },

  read: (k, sb, id, offset, count) => plain.read(k, null as never, real(k, parse(sb, id)).ino, offset, count),

  prepareWrite(k, sb, id) {
    upperSb(k, sb);
    copyUp(k, sb, parse(sb, id));
  },

  write: (k, sb, id, offset, data) => plain.write(k, upperSb(k, sb), copyUp(k, sb, parse(sb, id)), offset, data),

  truncate(k, sb, id, size) {
    plain.truncate(k, upperSb(k, sb), copyUp(k, sb, parse(sb, id)), size);
  },

  xattrs(k, sb, id) {
    const all = real(k, parse(sb, id)).xattrs ?? {};
    return Object.fromEntries(Object.entries(all).filter(([name]) => !name.startsWith('trusted.overlay.')));
  },

  setxattr(k, sb, id, name, value) {
    plain.setxattr(k, upperSb(k, sb), copyUp(k, sb, parse(sb, id)), name, value);
  },

  explain(k, sb, id, name) {
    const dir = parse(sb, id);
    const at = [...(dir.upper === null ? [] : [{ layer: -1, ino: dir.upper }]), ...dir.lowers];
    const holders = at.flatMap((l) => {
      const inode = child(k, l.ino, name);
      return inode ? [{ layer: l.layer, inode }] : [];
    });
    const [mark, ...below] = holders;
    const held = below.find((h) => !isWhiteout(h.inode));
    if (!mark || !held || !isWhiteout(mark.inode)) return undefined;
    const where = mark.layer < 0 ? 'the upperdir' : `lowerdir ${mark.layer + 1}`;
    return `a whiteout in ${where} hides ${join(dir.path, name)}, which lowerdir ${held.layer + 1} still holds`;
  },

  canonical,

  release(k, sb, id) {
    const n = parse(sb, id);
    if (n.upper === null) return;
    const inode = k.findInode(n.upper);
    if (inode && inode.nlink === 0) k.removeInode(inode.ino);
  },
};
