/**
 * The mount table: attach, detach, copy a namespace, pivot the root. mount(2), mount_namespaces(7), pivot_root(2).
 *
 * What is mounted below a shared mount is mounted for its peers, too: propagation.ts.
 */

import { pmap } from '../base';
import { Errno } from './errno';
import type { Kernel } from './kernel';
import { pathOf, samePath, setCover, topmost } from './namei';
import { changePropagation, copied, hearers, inherited, type Propagation, requireBindable, sameIn } from './propagation';
import type { Id, Mount, MountFlags, Path, Ref, Super, Task } from './state';
import { fsOf } from './vfs';

type Without<T, K extends string> = T extends unknown ? Omit<T, K> : never;

export function newSuper(k: Kernel, sb: Without<Super, 'id' | 'dev'>): Super {
  const id = k.s.next.sb++;
  const made = { id, dev: sb.type === 'ext4' || sb.type === 'xfs' ? 254 * 256 + id : id, ...sb } as Super;
  k.putSuper(made);
  return made;
}

/** Mounts of a namespace, oldest first. */
export const mountsIn = (k: Kernel, ns: number): Mount[] => (k.t.mountsOf.get(ns) ?? []).map((id) => k.mount(id));

/** A mount holds its root as an open file does: without a name it lives on until it is unmounted. */
function hold(k: Kernel, m: Mount, by: 1 | -1) {
  const sb = k.super(m.sb);
  if (typeof m.root !== 'number') return;
  const key = `${sb.id}:${m.root}`;
  const n = (k.t.opens.get(key) ?? 0) + by;
  if (n > 0) k.t.opens.set(key, n);
  else {
    k.t.opens.delete(key);
    fsOf(sb).release(k, sb, m.root);
  }
}

/** Enters a mount in the tables. */
function register(k: Kernel, m: Mount) {
  hold(k, m, 1);
  k.putMount(m);
  k.t.mountsOf.set(m.ns, [...(k.t.mountsOf.get(m.ns) ?? []), m.id]);
  k.t.shown.set(m.sb, (k.t.shown.get(m.sb) ?? 0) + 1);
  if (m.at) setCover(k, m.at, m.id);
}

export interface Attach {
  ns: number;
  sb: number;
  root: Id;
  flags?: MountFlags;
  source: string;
  subtree?: string;
  /** Of the mount that it is a copy of. */
  peers?: number;
  master?: number;
}

/** Mounts on top of whatever is at `at`; null makes it the root of the namespace. */
export function attach(k: Kernel, at: Path | null, a: Attach): Mount {
  const where = at === null ? null : topmost(k, at);
  const parent = where === null ? null : k.mount(where.mnt);
  const group = {
    ...(a.peers === undefined ? inherited(k, parent) : { peers: a.peers }),
    ...(a.master === undefined ? {} : { master: a.master }),
  };
  const m = enter(k, where, { ...a, ...group });
  if (where && parent) passOn(k, parent, where, m);
  return m;
}

/** Puts copies of what is mounted below \`from\` at the same places below a mount of it. */
function enterBelow(k: Kernel, src: Mount, from: Path, onto: Mount, flags: MountFlags) {
  const root: Path = { ...rootPath(onto), name: onto.at?.name ?? '', up: onto.at?.up ?? null };
  for (const c of childrenOf(k, src.id)) {
    if (!c.at || c.id === onto.id || c.unbindable || !below(k, c.at, from)) continue;
    const { sb, source, subtree, peers, master } = c;
    const place = topmost(k, replant(k, c.at, from, root));
    const copy = enter(k, place, { ns: onto.ns, sb, root: c.root, flags: { ...c.flags, ...flags }, source, subtree, peers, master });
    enterBelow(k, c, rootPath(c), copy, flags);
  }
}

/** Mounts it for everybody who hears of the mount below it. */
function passOn(k: Kernel, parent: Mount, where: Path, m: Mount): Mount[] {
  const out: Mount[] = [];
  for (const o of hearers(k, parent)) {
    const place = sameIn(k, parent, where, o);
    if (!place) continue;
    const { sb, root, flags, source, subtree } = m;
    out.push(enter(k, topmost(k, place), { ns: o.ns, sb, root, flags, source, subtree, ...copied(k, m, parent, o) }));
  }
  return out;
}

function enter(k: Kernel, where: Path | null, a: Attach): Mount {
  const m: Mount = {
    id: k.s.next.mount++,
    ns: a.ns,
    parent: where?.mnt ?? null,
    at: where,
    sb: a.sb,
    root: a.root,
    flags: a.flags ?? {},
    source: a.source,
    subtree: a.subtree ?? '/',
    ...(a.peers === undefined ? {} : { peers: a.peers }),
    ...(a.master === undefined ? {} : { master: a.master }),
  };
  register(k, m);
  return m;
}

const childrenOf = (k: Kernel, id: number) => mountsIn(k, k.mount(id).ns).filter((m) => m.parent === id);

function detachOne(k: Kernel, m: Mount) {
  if (m.at) setCover(k, m.at, null);
  const rest = (k.t.mountsOf.get(m.ns) ?? []).filter((id) => id !== m.id);
  if (rest.length) k.t.mountsOf.set(m.ns, rest);
  else k.t.mountsOf.delete(m.ns);
  drop(k, m);
}

/** Takes a mount that is nowhere any more out of the tables. */
function drop(k: Kernel, m: Mount) {
  hold(k, m, -1);
  k.t.mounts.delete(m.id);
  const shown = (k.t.shown.get(m.sb) ?? 1) - 1;
  if (shown > 0) k.t.shown.set(m.sb, shown);
  else k.t.shown.delete(m.sb);
  if (shown === 0) forget(k, m.sb);
}

/** File systems that are in memory alone. */
const IN_MEMORY = new Set(['tmpfs', 'devtmpfs', 'devpts', 'mqueue']);

/** A file system that is mounted nowhere any more; of one in memory nothing stays but what somebody has open. */
function forget(k: Kernel, id: number) {
  const sb = k.super(id);
  k.t.supers.delete(id);
  if (!IN_MEMORY.has(sb.type) || !('root' in sb) || typeof sb.root !== 'number') return;
  const drop = (ino: number) => {
    const inode = k.findInode(ino);
    if (!inode) return;
    if (inode.type === 'dir') for (const child of pmap.values(inode.entries)) drop(child);
    if (!k.isOpen(id, ino)) k.removeInode(ino);
  };
  drop(sb.root);
}

/** Takes a mount away, and from those who hear of it. */
export function detach(k: Kernel, m: Mount, lazy: boolean) {
  const below = childrenOf(k, m.id);
  if (!lazy && (below.length > 0 || busy(k, m)))
    throw new Errno('EBUSY', 'mount', `${pathOf(k, m.at ?? rootPath(m))} is in use: a process works in it or something is mounted inside`);
  for (const c of below) detach(k, c, true);
  const parent = m.parent === null ? undefined : k.t.mounts.get(m.parent);
  const copies = parent && m.at ? hearers(k, parent).flatMap((o) => copyOn(k, m, parent, o)) : [];
  detachOne(k, m);
  for (const copy of copies) if (k.t.mounts.has(copy.id)) detach(k, copy, true);
}

/** What somebody who hears of a mount has in the place of this one: the same tree, on top. */
function copyOn(k: Kernel, m: Mount, parent: Mount, o: Mount): Mount[] {
  const place = sameIn(k, parent, m.at as Path, o);
  const top = place && k.mount(topmost(k, place).mnt);
  return top && top.id !== o.id && top.parent === o.id && top.sb === m.sb && top.root === m.root ? [top] : [];
}

/** Makes a mount, or with \`recursive\` all that is below it, private, shared, slave or unbindable. */
export function propagate(k: Kernel, m: Mount, kind: Propagation, recursive: boolean) {
  changePropagation(k, m.id, kind);
  if (recursive) for (const c of childrenOf(k, m.id)) propagate(k, c, kind, true);
}

const inMount = (p: Path, id: number) => p.mnt === id;
function busy(k: Kernel, m: Mount): boolean {
  for (const t of k.t.tasks.values()) if (t.status !== 'zombie' && (inMount(t.cwd, m.id) || inMount(t.root, m.id))) return true;
  for (const f of k.t.files.values()) if (f.kind === 'node' && f.path.mnt === m.id) return true;
  return false;
}

export const rootPath = (m: Mount): Path => ({ mnt: m.id, id: m.root, name: '', up: null });

/** The mount whose root a path is, if it is one. */
export const mountAt = (k: Kernel, p: Path): Mount | null => {
  const m = k.mount(p.mnt);
  return fsOf(k.super(m.sb)).canonical(p.id) === fsOf(k.super(m.sb)).canonical(m.root) ? m : null;
};

/** Mounts a task can see, in the order they were made, with their paths from its root. */
export function visible(k: Kernel, t: Task): { mount: Mount; path: string }[] {
  const out: { mount: Mount; path: string }[] = [];
  for (const m of mountsIn(k, t.ns.mnt)) {
    const here: Path = { mnt: m.id, id: m.root, name: m.at?.name ?? '', up: m.at?.up ?? null };
    const isRoot = m.id === t.root.mnt;
    if (!isRoot && !below(k, here, t.root)) continue;
    out.push({ mount: m, path: isRoot ? '/' : pathOf(k, here, t.root) });
  }
  return out;
}

function below(k: Kernel, p: Path, root: Path): boolean {
  for (let at: Path | null = p; at !== null; at = at.up) if (samePath(k, at, root)) return true;
  return false;
}

/** A copy of a mount namespace: clone(CLONE_NEWNS). Gives old mount id → new one. */
export function copyNamespace(k: Kernel, from: number, to: number, lessPrivileged = false): Map<number, number> {
  const ids = new Map<number, number>();
  const mounts = mountsIn(k, from);
  for (const m of mounts) ids.set(m.id, k.s.next.mount++);
  for (const m of mounts) {
    const copy: Mount = {
      ...m,
      id: ids.get(m.id) as number,
      ns: to,
      parent: m.parent === null ? null : (ids.get(m.parent) ?? null),
      at: m.at && moved(m.at, ids),
    };
    register(k, copy);
  }
  // Who has another user namespace hears of mounts, and tells of none: mount_namespaces(7).
  if (lessPrivileged) for (const id of ids.values()) changePropagation(k, id, 'slave');
  return ids;
}

/** A dentry chain with its mounts renumbered. */
export const moved = (p: Path, ids: Map<number, number>): Path => ({ ...p, mnt: ids.get(p.mnt) ?? p.mnt, up: p.up && moved(p.up, ids) });

/** Every mount of a namespace goes when its last task does: all at once, whatever lies on what. */
export function dropNamespace(k: Kernel, ns: number) {
  const all = mountsIn(k, ns);
  k.t.mountsOf.delete(ns);
  for (const m of all) k.t.covered.delete(m.id);
  for (const m of all.reverse()) drop(k, m);
}

/** A dentry chain after a mount has become the root: what led to it from above is no part of it any more. */
const cutAbove = (p: Path, m: Mount, canonical: (id: Id) => Id): Path =>
  p.mnt === m.id && canonical(p.id) === canonical(m.root) ? rootPath(m) : { ...p, up: p.up && cutAbove(p.up, m, canonical) };

const inside = (k: Kernel, m: Mount, top: Mount): boolean => m.id === top.id || (m.parent !== null && inside(k, k.mount(m.parent), top));

/**
 * pivot_root(2): the mount at `root` becomes the root of the namespace, and the old root is mounted at `putOld` in it.
 * Tasks of the namespace whose root or directory was the old root move along.
 */
export function pivotRoot(k: Kernel, t: Task, root: Path, putOld: Path) {
  const m = mountAt(k, root);
  const old = k.mount(t.root.mnt);
  if (root.mnt === old.id || putOld.mnt === old.id)
    throw new Errno('EBUSY', 'mount', 'the new root, and the place for the old one, must be on another mount than the root is');
  if (!m || !mountAt(k, t.root)) throw new Errno('EINVAL', 'mount', 'the new root, and the old one, must be mount points');
  if (!below(k, putOld, root)) throw new Errno('EINVAL', 'mount', 'the place for the old root must be in the new one');
  if (samePath(k, putOld, root)) throw new Errno('EINVAL', 'mount', 'drydock: pivot_root with one place for both roots is not modelled');
  const canonical = (id: Id) => fsOf(k.super(m.sb)).canonical(id);
  const all = mountsIn(k, t.ns.mnt);
  const kept = new Set(all.filter((o) => inside(k, o, m)).map((o) => o.id));
  const where = topmost(k, cutAbove(putOld, m, canonical));
  const rebase = (p: Path): Path => (kept.has(p.mnt) ? cutAbove(p, m, canonical) : graft(p, old.id, where));
  if (m.at) setCover(k, m.at, null);
  k.putMount({ ...m, parent: null, at: null });
  for (const o of all) if (o.id !== m.id && o.id !== old.id && o.at) k.putMount({ ...o, at: rebase(o.at) });
  k.putMount({ ...old, parent: where.mnt, at: where });
  setCover(k, where, old.id);
  const oldRoot = (p: Path) => p.mnt === old.id && p.up === null;
  for (const o of k.t.tasks.values())
    if (o.ns.mnt === t.ns.mnt && o.status !== 'zombie')
      Object.assign(k.editTask(o.pid), {
        root: oldRoot(o.root) ? rootPath(m) : rebase(o.root),
        cwd: oldRoot(o.cwd) ? rootPath(m) : rebase(o.cwd),
      });
}

/** A copy of a part of a tree as a mount that is nowhere yet: open_tree(2) with OPEN_TREE_CLONE. */
export function detached(k: Kernel, ns: number, from: Path, recursive: boolean): Mount {
  const src = k.mount(from.mnt);
  const m: Mount = { ...src, id: k.s.next.mount++, ns, parent: null, at: null, root: from.id, subtree: subtreeOf(k, src, from) };
  register(k, m);
  if (recursive) enterBelow(k, src, from, m, {});
  return m;
}

/** Mounts are listed in the order in which they took their places. */
export function reorder(k: Kernel, ns: number, id: number, to: 'first' | 'last') {
  const rest = (k.t.mountsOf.get(ns) ?? []).filter((n) => n !== id);
  k.t.mountsOf.set(ns, to === 'first' ? [id, ...rest] : [...rest, id]);
}

/** Puts a detached mount somewhere: move_mount(2). */
export function place(k: Kernel, id: number, at: Path, flags: MountFlags) {
  const where = topmost(k, at);
  const m = { ...k.mount(id), parent: where.mnt, at: where };
  k.putMount({ ...m, flags: { ...m.flags, ...flags } });
  reorder(k, m.ns, id, 'last');
  setCover(k, where, id);
  for (const c of childrenOf(k, id)) if (c.at) k.putMount({ ...c, at: graft(c.at, id, where) });
  const below = k.mount(where.mnt);
  if (below.peers === undefined) return;
  if (k.mount(id).peers === undefined) changePropagation(k, id, 'shared');
  passOn(k, below, where, k.mount(id));
}

/** A dentry chain below a mount's root, which is now reached through `where`. */
const graft = (p: Path, id: number, where: Path): Path =>
  p.up === null && p.mnt === id ? { ...p, name: where.name, up: where.up } : { ...p, up: p.up && graft(p.up, id, where) };

/** A bind mount: the same node somewhere else, with what is mounted below it if recursive. */
export function bind(k: Kernel, ns: number, from: Path, to: Path, flags: MountFlags, recursive: boolean): Mount {
  const src = k.mount(from.mnt);
  requireBindable(src);
  const where = topmost(k, to);
  const parent = k.mount(where.mnt);
  const group = src.peers === undefined ? inherited(k, parent) : { peers: src.peers };
  const m = enter(k, where, {
    ns,
    sb: src.sb,
    root: from.id,
    flags: { ...src.flags, ...flags },
    source: src.source,
    subtree: subtreeOf(k, src, from),
    ...group,
    ...(src.master === undefined ? {} : { master: src.master }),
  });
  const copies = passOn(k, parent, where, m);
  if (recursive) for (const copy of [m, ...copies]) enterBelow(k, src, from, copy, flags);
  return m;
}

const replant = (k: Kernel, p: Path, from: Path, onto: Path): Path =>
  samePath(k, p, from) ? onto : { ...p, mnt: onto.mnt, up: p.up && replant(k, p.up, from, onto) };

function subtreeOf(k: Kernel, m: Mount, p: Path): string {
  const names: string[] = [];
  for (let at: Path | null = p; at !== null && at.mnt === m.id; at = at.up) {
    if (fsOf(k.super(m.sb)).canonical(at.id) === fsOf(k.super(m.sb)).canonical(m.root)) break;
    names.unshift(at.name);
  }
  const base = m.subtree === '/' ? '' : m.subtree;
  return `${base}/${names.join('/')}` || '/';
}

export const refOf = (k: Kernel, p: Path): Ref => ({ sb: k.mount(p.mnt).sb, id: p.id });
