/**
 * Propagation: which mounts pass on what is mounted below them, and to whom. mount_namespaces(7), "SHARED SUBTREES";
 * Documentation/filesystems/sharedsubtree.rst; fs/pnode.c.
 *
 *   shared:1    peers of group 1 get each other's mounts, in whatever namespace they are
 *   master:1    a slave of group 1 gets its mounts, and gives none back
 *   neither     private: keeps to itself
 *
 * Simplified: a copy is made where the directory is in the other mount's tree, by its name. What is unbindable can still be moved.
 */

import { Errno } from './errno';
import type { Kernel } from './kernel';
import { topmost } from './namei';
import type { Mount, Path } from './state';
import { fsOf } from './vfs';

export type Propagation = 'private' | 'shared' | 'slave' | 'unbindable';
const KINDS: readonly Propagation[] = ['private', 'shared', 'slave', 'unbindable'];

const WORDS = new Map(
  KINDS.flatMap((kind) => [
    [kind as string, { kind, recursive: false }],
    [`r${kind}`, { kind, recursive: true }],
  ]),
);

/** What options of mount(2) say of it: the last word counts; `r` in front is for everything below, too. */
export function propagationOf(options: readonly string[]): { kind: Propagation; recursive: boolean } | null {
  for (let i = options.length - 1; i >= 0; i--) {
    const word = WORDS.get(options[i] as string);
    if (word) return word;
  }
  return null;
}

/** The lowest number that no group has. */
function newGroup(k: Kernel): number {
  const taken = new Set(k.t.mounts.values().flatMap((m) => [m.peers, m.master]));
  let n = 1;
  while (taken.has(n)) n++;
  return n;
}

/** Makes one mount private, shared, slave or unbindable: fs/pnode.c, change_mnt_propagation. */
export function changePropagation(k: Kernel, id: number, kind: Propagation) {
  const m = k.mount(id);
  const { peers, master, unbindable: _, ...rest } = m;
  switch (kind) {
    case 'shared':
      k.putMount({ ...rest, ...(master === undefined ? {} : { master }), peers: peers ?? newGroup(k) });
      return;
    case 'slave': {
      if (peers === undefined) return;
      // Alone in its group it has nobody to be the slave of, but whom it had before.
      const others = k.t.mounts.values().some((o) => o.id !== id && o.peers === peers);
      const of = others ? peers : master;
      k.putMount({ ...rest, ...(of === undefined ? {} : { master: of }) });
      return;
    }
    default:
      k.putMount({ ...rest, ...(kind === 'unbindable' ? { unbindable: true as const } : {}) });
  }
}

/** The words of mountinfo's optional fields: proc_pid_mountinfo(5). */
export const tagsOf = (m: Mount): string =>
  [m.peers === undefined ? '' : `shared:${m.peers}`, m.master === undefined ? '' : `master:${m.master}`, m.unbindable ? 'unbindable' : '']
    .filter(Boolean)
    .map((word) => ` ${word}`)
    .join('');

/** Who hears of what happens below a mount: its peers, then slaves of the group, and those who hear of them. */
export function hearers(k: Kernel, m: Mount): Mount[] {
  if (m.peers === undefined) return [];
  const all = k.t.mounts.values().sort((a, b) => a.id - b.id);
  const out: Mount[] = [];
  const groups = [m.peers];
  const seen = new Set([m.id]);
  for (let group = groups.shift(); group !== undefined; group = groups.shift())
    for (const o of all) {
      if (seen.has(o.id) || (o.peers !== group && o.master !== group)) continue;
      seen.add(o.id);
      out.push(o);
      if (o.peers !== undefined && o.peers !== group) groups.push(o.peers);
    }
  return out;
}

/** The path within its file system that a dentry of a mount has. */
function within(m: Mount, p: Path): string {
  const names: string[] = [];
  for (let at: Path | null = p; at !== null && at.mnt === m.id && !(at.id === m.root && at.up?.mnt !== m.id); at = at.up)
    names.unshift(at.name);
  return `${m.subtree === '/' ? '' : m.subtree}/${names.join('/')}`.replace(/\/$/, '') || '/';
}

/** The same directory in another mount of the file system; null where its tree does not have it. */
export function sameIn(k: Kernel, m: Mount, p: Path, other: Mount): Path | null {
  const full = within(m, p);
  const base = other.subtree === '/' ? '' : other.subtree;
  if (full !== (base || '/') && !full.startsWith(`${base}/`)) return null;
  const sb = k.super(other.sb);
  let at: Path = { mnt: other.id, id: other.root, name: other.at?.name ?? '', up: other.at?.up ?? null };
  for (const name of full.slice(base.length).split('/').filter(Boolean)) {
    const id = fsOf(sb).lookup(k, sb, at.id, name);
    if (id === null) return null;
    at = { mnt: other.id, id, name, up: at };
  }
  return at;
}

/** The group that what is mounted on a mount belongs to: a new one below a shared mount. */
export const inherited = (k: Kernel, parent: Mount | null): { peers?: number } =>
  parent?.peers === undefined ? {} : { peers: newGroup(k) };

/** How a copy for one who hears of a mount belongs to the group of the first. */
export function copied(k: Kernel, first: Mount, from: Mount, to: Mount): { peers?: number; master?: number } {
  if (first.peers === undefined) return {};
  if (to.peers === from.peers) return { peers: first.peers };
  return { master: first.peers, ...(to.peers === undefined ? {} : { peers: newGroup(k) }) };
}

/** Refuses to bind what is not to be bound. */
export function requireBindable(m: Mount) {
  if (m.unbindable) throw new Errno('EINVAL', 'mount', 'the mount is unbindable');
}

/** On top of whatever is there: the place for a copy. */
export const placeFor = (k: Kernel, p: Path): Path => topmost(k, p);
