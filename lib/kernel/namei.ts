/**
 * From a path to a node: path_resolution(7), fs/namei.c. Walks dentries, crosses mounts, follows symbolic links, and
 * asks for search permission on the way.
 *
 * Simplified: a dentry keeps the name it was found by, so getcwd(2) after a rename of a parent still shows the old name.
 */

import { memo, pmap } from '../base';
import { allows, permit } from './cred';
import { Errno } from './errno';
import type { Kernel } from './kernel';
import type { Id, Mount, Path, Super, Task } from './state';
import type { FileType } from './sys';
import { fsOf } from './vfs';
import type { Attr } from './vfs/filesystem';

const MAX_LINKS = 40;
const NAME_MAX = 255;
const PATH_MAX = 4096;

export const sbOf = (k: Kernel, p: Path): Super => k.super(k.mount(p.mnt).sb);

/** The mount on top of a dentry, if there is one. */
export function coverOf(k: Kernel, p: Path): number | undefined {
  const nodes = k.t.covered.get(p.mnt);
  return nodes && pmap.get(nodes, fsOf(sbOf(k, p)).canonical(p.id));
}

/** Enters or takes away (null) the mount on top of a dentry. */
export function setCover(k: Kernel, p: Path, mount: number | null) {
  const id = fsOf(sbOf(k, p)).canonical(p.id);
  const nodes = k.t.covered.get(p.mnt) ?? pmap.empty<number>();
  const now = mount === null ? pmap.remove(nodes, id) : pmap.set(nodes, id, mount);
  if (now.size === 0) k.t.covered.delete(p.mnt);
  else k.t.covered.set(p.mnt, now);
}

export const samePath = (k: Kernel, a: Path, b: Path): boolean =>
  a.mnt === b.mnt && fsOf(sbOf(k, a)).canonical(a.id) === fsOf(sbOf(k, b)).canonical(b.id);

export function attr(k: Kernel, p: Path): Attr {
  const sb = sbOf(k, p);
  const a = fsOf(sb).attr(k, sb, p.id);
  a.dev ??= sb.dev;
  return a;
}

/** Type and permission bits of a dentry's node. */
export const peek = (k: Kernel, p: Path) => {
  const sb = sbOf(k, p);
  return fsOf(sb).peek(k, sb, p.id);
};

/** The root of a mount that lies on a dentry, reached the same way. */
function rootOn(k: Kernel, mount: number, under: Path): Path {
  const m = k.mount(mount);
  return { mnt: m.id, id: m.root, name: under.name, up: under.up };
}

/** Goes up through whatever is mounted here, to the root of the topmost mount. */
export function topmost(k: Kernel, p: Path): Path {
  let at = p;
  for (;;) {
    const id = coverOf(k, at);
    if (id === undefined) return at;
    at = rootOn(k, id, at);
  }
}

/** The absolute path of a dentry, as seen from a root. */
export function pathOf(_k: Kernel, p: Path, root?: Path): string {
  const names: string[] = [];
  for (let at: Path | null = p; at !== null && at.up !== null; at = at.up) {
    if (root && at.mnt === root.mnt && at.id === root.id) break;
    names.unshift(at.name);
  }
  return `/${names.join('/')}`;
}

/** An object behind /proc/PID/fd/N that has no path: opening the link opens the same object. */
export type Magic = { path: Path } | { file: number };

export interface Found {
  /** Directory that holds (or would hold) the last component. */
  parent: Path;
  /** Last component; '' for the root, '.' or '..' resolved to their directory. */
  name: string;
  /** Null if it does not exist. */
  path: Path | null;
  /** Set when the last component is a magic link to something without a path. */
  file?: number;
  /** The path ended in a slash: it must be a directory. */
  slash: boolean;
}

export interface WalkOptions {
  /** Do not follow a symbolic link in the last component. */
  nofollow?: boolean;
  from?: Path;
  root?: Path;
}

const USUAL: WalkOptions = {};

/** ENOENT, with the reason: on an overlay a whiteout may hide the name. */
export function missing(k: Kernel, dir: Path, name: string, t: Task): Errno {
  const sb = sbOf(k, dir);
  // Found out now: by the time somebody asks, the mount may be gone.
  const hidden = sb.type === 'overlay' ? fsOf(sb).explain?.(k, sb, dir.id, name) : undefined;
  return new Errno(
    'ENOENT',
    sb.type === 'overlay' ? 'overlayfs' : 'vfs',
    hidden ?? (() => `nothing is named ${join(pathOf(k, dir, t.root), name)}`),
  );
}

export const noent = (k: Kernel, dir: Path, name: string, t: Task): never => {
  throw missing(k, dir, name, t);
};

const join = (dir: string, name: string) => (dir === '/' ? `/${name}` : `${dir}/${name}`);

/** The components of a path; the same few hundred paths are walked all the time. */
const components = memo((text): readonly string[] => text.split('/').filter((name) => name !== ''), 1000);

const notDir = (k: Kernel, t: Task, p: Path) => new Errno('ENOTDIR', 'vfs', () => `${pathOf(k, p, t.root)} is not a directory`);

/** Whether a task may look for names in a directory. */
function requireSearch(k: Kernel, t: Task, p: Path, node: Searched) {
  if (!allows(t.cred, node, 1)) permit(k, t, node, 1, () => pathOf(k, p, t.root));
}

type Searched = Pick<Attr, 'type' | 'mode' | 'uid' | 'gid'>;

/**
 * Walks a path. Nothing in here makes a function of its variables: the walk is the most frequent thing that the kernel does,
 * and what a function shares has to be kept in memory.
 */
export function walk(k: Kernel, t: Task, text: string, options: WalkOptions = USUAL): Found {
  if (text === '') throw new Errno('ENOENT', 'vfs', 'the path is empty');
  if (text.length >= PATH_MAX) throw new Errno('ENAMETOOLONG', 'vfs', `a path has at most ${PATH_MAX - 1} bytes`);
  const root = options.root ?? t.root;
  let links = 0;
  let at = topmost(k, text.startsWith('/') ? root : (options.from ?? t.cwd));
  let todo = components(text);
  let next = 0;
  let slash = text.endsWith('/') || todo[todo.length - 1] === '.' || todo[todo.length - 1] === '..';
  if (todo.length === 0) return { parent: at, name: '', path: at, slash: true };
  // What is known of the mount that `at` is in: asked again only when the way crosses into another.
  let sb = sbOf(k, at);
  let fs = fsOf(sb);
  let covers = k.t.covered.get(at.mnt);
  let mnt = at.mnt;
  let name = '';
  // The directory that `at` was found in by its name; null where it was come to otherwise.
  let parent: Path | null = null;
  for (;;) {
    if (at.mnt !== mnt) {
      sb = sbOf(k, at);
      fs = fsOf(sb);
      covers = k.t.covered.get(at.mnt);
      mnt = at.mnt;
    }
    const node: Searched = fs.peek(k, sb, at.id);
    if (parent !== null) {
      const last = next === todo.length;
      if (node.type === 'symlink' && !(last && options.nofollow && !slash)) {
        if (++links > MAX_LINKS) throw new Errno('ELOOP', 'vfs', `more than ${MAX_LINKS} symbolic links on the way`);
        const magic = fs.follow?.(k, sb, at.id, t);
        if (magic !== undefined && 'file' in magic) {
          if (!last) throw new Errno('ENOTDIR', 'vfs', 'an open file that is no directory has no names in it');
          return { parent, name, path: at, file: magic.file, slash };
        }
        if (magic !== undefined) {
          at = magic.path;
          if (last) return { parent: at.up ?? at, name: at.name, path: at, slash };
        } else {
          const target = fs.readlink(k, sb, at.id);
          if (target === '') throw new Errno('ENOENT', 'vfs', 'a symbolic link without a target');
          if (last && target.endsWith('/')) slash = true;
          todo = [...components(target), ...todo.slice(next)];
          next = 0;
          at = target.startsWith('/') ? topmost(k, root) : parent;
          if (todo.length === 0) return { parent: at, name: '', path: at, slash: true };
        }
        parent = null;
        continue;
      }
      if (last) {
        if (slash && node.type !== 'dir') throw notDir(k, t, at);
        return { parent, name, path: at, slash };
      }
    }
    name = todo[next++] as string;
    if (node.type !== 'dir') throw notDir(k, t, at);
    requireSearch(k, t, at, node);
    if (name === '.' || name === '..') {
      if (name === '..' && at.up !== null && !samePath(k, at, root)) at = topmost(k, at.up);
      if (next === todo.length) return { parent: at.up ?? at, name, path: at, slash: true };
      parent = null;
      continue;
    }
    if (name.length > NAME_MAX) throw new Errno('ENAMETOOLONG', 'vfs', `a name has at most ${NAME_MAX} bytes`);
    const id = fs.lookup(k, sb, at.id, name);
    if (id === null) {
      if (next < todo.length) noent(k, at, name, t);
      return { parent: at, name, path: null, slash };
    }
    parent = at;
    const cover: number | undefined = covers === undefined ? undefined : pmap.get(covers, fs.canonical(id));
    at = { mnt, id, name, up: at };
    if (cover !== undefined) at = topmost(k, rootOn(k, cover, at));
  }
}

/** The existing node at a path. */
export function resolve(k: Kernel, t: Task, text: string, options: WalkOptions = USUAL): Path {
  const found = walk(k, t, text, options);
  return found.path ?? noent(k, found.parent, found.name, t);
}

/** Refuses a change in a directory of a read-only mount; called before anything else is decided. */
export function requireWritable(k: Kernel, p: Path) {
  const m: Mount = k.mount(p.mnt);
  if (m.flags.ro || k.super(m.sb).readonly) {
    const where = pathOf(k, { mnt: m.id, id: m.root, name: m.at?.name ?? '', up: m.at?.up ?? null });
    throw new Errno('EROFS', 'mount', `the ${k.super(m.sb).type} mount at ${where} is read-only`);
  }
  const sb = k.super(m.sb);
  if (sb.type === 'overlay' && sb.upper === null)
    throw new Errno('EROFS', 'overlayfs', 'this overlay has no upper directory: nothing can be written');
}

/** The sticky bit: in such a directory only a file's owner, the directory's owner or CAP_FOWNER may remove a name. */
export function requireUnsticky(k: Kernel, t: Task, dir: Path, victim: Attr) {
  const d = attr(k, dir);
  if (!(d.mode & 0o1000) || t.cred.euid === victim.uid || t.cred.euid === d.uid) return;
  if (Math.floor(t.cred.caps.effective / 8) % 2 === 1) return;
  throw new Errno('EPERM', 'owner', `${pathOf(k, dir, t.root)} is sticky: only the owner of an entry (uid ${victim.uid}) may remove it`);
}

export type { FileType, Id };
