/**
 * COPY, ADD and WORKDIR on a mounted file system. BuildKit solver/llbsolver/file; tonistiigi/fsutil copy; pkg/archive.
 *
 *   a file onto a directory or `dir/`     goes into it under its own name
 *   a directory                           its contents go into the destination
 *   parents of the destination            are made, 0755, of root or of --chown
 *
 * Modes, owners and times of the sources stay, unless --chown and --chmod say otherwise; a directory that is there
 * already keeps its own mode and owner.
 */

import { gunzipSync } from 'fflate';
import { fromArray, toArray } from '../../base';
import * as tar from '../../base/tar';
import { attempt, Errno, type Sys } from '../../kernel';
import { extract } from '../layer-files';
import { writeText } from '../overlay2';
import { execUser } from '../user';
import { clean, excluded, type Pattern } from './ignore';
import { type Entry, follow, type Tree } from './tree';

const OCTAL = /^[0-7]+$/;

/** A refusal of the copy itself, in upstream's words. */
export class CopyError extends Error {}

export interface CopyOptions {
  owner: { uid: number; gid: number } | null;
  /** --chmod: octal, or as chmod(1) takes it. */
  mode: string;
  exclude: readonly Pattern[];
  unpack: boolean;
}

const base = (path: string) => path.slice(path.lastIndexOf('/') + 1);
const dirname = (path: string) => path.slice(0, path.lastIndexOf('/')) || '/';

const readMaybe = (sys: Sys, path: string): string | undefined => {
  const fd = attempt(() => sys.open(path, { read: true }));
  if (fd instanceof Errno) return undefined;
  let out = '';
  for (let chunk = sys.read(fd, 1 << 20); chunk; chunk = sys.read(fd, 1 << 20)) out += chunk;
  sys.close(fd);
  return out;
};

/**
 * --chown and USER against the files of the file system that is copied into. A name that is not there is root, as
 * BuildKit's file operations have it.
 */
export function ownerOf(sys: Sys, root: string, user: string): { uid: number; gid: number } | null {
  if (user === '') return null;
  const passwd = readMaybe(sys, `${root}/etc/passwd`);
  const group = readMaybe(sys, `${root}/etc/group`);
  const [name = '', groupName] = user.split(':');
  const start = { uid: 0, gid: 0, groups: [], home: '' };
  const lookup = (spec: string) => {
    try {
      return execUser(spec, passwd, group, start);
    } catch {
      return null;
    }
  };
  const found = lookup(name);
  const uid = found?.uid ?? 0;
  if (groupName !== undefined && groupName !== '') return { uid, gid: lookup(`0:${groupName}`)?.gid ?? 0 };
  // A number alone is the group's number too.
  return { uid, gid: /^\d+$/.test(name) ? Number(name) : (found?.gid ?? 0) };
}

/** A path below the root as the kernel reaches it, links in its directories followed inside. Missing parts stay as written. */
function inside(sys: Sys, root: string, path: string, depth = 0): string {
  if (depth > 40) throw new CopyError('too many links');
  const parts = clean(path).split('/').filter(Boolean);
  let at = '';
  for (const [i, part] of parts.entries()) {
    const next = `${at}/${part}`;
    const s = attempt(() => sys.lstat(`${root}${next}`));
    if (!(s instanceof Errno) && s.type === 'symlink') {
      const target = sys.readlink(`${root}${next}`);
      return inside(sys, root, [target.startsWith('/') ? target : `${at}/${target}`, ...parts.slice(i + 1)].join('/'), depth + 1);
    }
    at = next;
  }
  return `${root}${at}`;
}

/** mkdir -p below a root; what is made belongs to `owner`, and has the mode that an octal --chmod says. */
export function makeDirs(sys: Sys, root: string, path: string, owner: { uid: number; gid: number } | null, chmod = '') {
  const mode = OCTAL.test(chmod) ? Number.parseInt(chmod, 8) : 0o755;
  const real = inside(sys, root, path);
  const missing: string[] = [];
  for (let p = real; p.length > root.length; p = dirname(p)) {
    const s = attempt(() => sys.stat(p));
    if (!(s instanceof Errno)) {
      if (s.type !== 'dir') throw new CopyError(`mkdir ${p.slice(root.length)}: not a directory`);
      break;
    }
    missing.unshift(p);
  }
  for (const p of missing) {
    sys.mkdir(p, mode);
    sys.chmod(p, mode);
    if (owner) sys.chown(p, owner.uid, owner.gid);
  }
}

/** One source to its destination. `dest` ends in a slash if it is meant as a directory. */
export function copyInto(sys: Sys, root: string, tree: Tree, source: string, dest: string, o: CopyOptions) {
  const from = follow(tree, source);
  const entry = from === null ? null : tree.lstat(from);
  if (from === null || entry === null) throw new CopyError(`lstat ${source}: no such file or directory`);
  if (o.unpack && entry.type === 'file' && unpackInto(sys, root, tree.read(from), dest, o)) return;
  makeDirs(sys, root, dest.endsWith('/') ? dest : dirname(dest), o.owner, o.mode);
  let target = inside(sys, root, dest);
  const there = attempt(() => sys.stat(target));
  const isDir = !(there instanceof Errno) && there.type === 'dir';
  if (entry.type !== 'dir' && isDir) target = `${target === root ? root : target}/${base(source)}`;
  if (entry.type === 'dir' && there instanceof Errno) {
    const below = clean(dest.replace(/\/$/, ''));
    // It is made like its parents: the mode of the source is not looked at.
    if (below !== '/') makeDirs(sys, root, below, o.owner, o.mode);
  }
  new Copier(sys, tree, o).copy(from, '', target, false);
}

class Copier {
  private readonly made = new Map<string, string>();
  constructor(
    private readonly sys: Sys,
    private readonly tree: Tree,
    private readonly o: CopyOptions,
  ) {}

  /** `overwrite`: a directory that is there gets the source's mode and owner too. */
  copy(from: string, rel: string, target: string, overwrite: boolean) {
    const { sys, tree, o } = this;
    const e = tree.lstat(from);
    if (e === null || (rel !== '' && excluded(o.exclude, rel))) return;
    if (e.type === 'dir') {
      const there = attempt(() => sys.lstat(target));
      const fresh = there instanceof Errno;
      if (!fresh && there.type !== 'dir') throw new CopyError(`cannot copy to non-directory: ${target}`);
      if (fresh) sys.mkdir(target, 0o755);
      for (const name of tree.list(from))
        this.copy(from === '/' ? `/${name}` : `${from}/${name}`, rel === '' ? name : `${rel}/${name}`, `${target}/${name}`, true);
      if (fresh || overwrite) this.info(e, target);
      sys.utimes(target, e.mtime, e.mtime);
      return;
    }
    const there = attempt(() => sys.lstat(target));
    if (!(there instanceof Errno)) {
      if (there.type === 'dir') throw new CopyError(`cannot replace to directory ${target} with file`);
      sys.unlink(target);
    }
    const first = this.made.get(e.inode);
    if (first !== undefined) {
      sys.link(first, target);
      return;
    }
    switch (e.type) {
      case 'file':
        writeText(sys, target, tree.read(from), 0o600);
        break;
      case 'symlink':
        sys.symlink(e.target, target);
        break;
      case 'char':
      case 'block':
        sys.mknod(target, e.type, e.mode, e.rdev);
        break;
      case 'fifo':
        sys.mknod(target, 'fifo', e.mode);
        break;
      default:
        return;
    }
    this.made.set(e.inode, target);
    this.info(e, target);
    sys.utimes(target, e.mtime, e.mtime, true);
  }

  private info(e: Entry, target: string) {
    const { sys, o } = this;
    sys.lchown(target, o.owner?.uid ?? e.uid, o.owner?.gid ?? e.gid);
    if (e.type !== 'symlink') sys.chmod(target, chmodded(e, o.mode));
  }
}

/** --chmod on a mode: an octal number, or clauses like u=rwX,go-w. */
function chmodded(e: Entry, mode: string): number {
  if (mode === '') return e.mode;
  if (OCTAL.test(mode)) return Number.parseInt(mode, 8);
  let out = e.mode;
  for (const clause of mode.split(',')) {
    const m = /^([ugoa]*)((?:[-+=][rwxXstugo]*)+)$/.exec(clause);
    if (!m) continue;
    const who = m[1] === '' || m[1]?.includes('a') ? 'ugo' : (m[1] as string);
    for (const [, op = '', what = ''] of (m[2] as string).matchAll(/([-+=])([rwxXstugo]*)/g))
      out = applyClause(out, who, op, what, e.type === 'dir');
  }
  return out;
}

function applyClause(mode: number, who: string, op: string, what: string, isDir: boolean): number {
  const shift = { u: 6, g: 3, o: 0 } as const;
  const copied = (c: 'u' | 'g' | 'o') => (mode >> shift[c]) & 7;
  let bits = 0;
  for (const c of what) {
    if (c === 'r') bits |= 4;
    else if (c === 'w') bits |= 2;
    else if (c === 'x' || (c === 'X' && (isDir || (mode & 0o111) !== 0))) bits |= 1;
    else if (c === 'u' || c === 'g' || c === 'o') bits |= copied(c);
  }
  let out = mode;
  for (const w of who as Iterable<'u' | 'g' | 'o'>) {
    const special =
      (what.includes('s') ? (w === 'u' ? 0o4000 : w === 'g' ? 0o2000 : 0) : 0) | (what.includes('t') && w === 'o' ? 0o1000 : 0);
    const set = (bits << shift[w]) | special;
    if (op === '+') out |= set;
    else if (op === '-') out &= ~set;
    else out = (out & ~((7 << shift[w]) | (w === 'u' ? 0o4000 : w === 'g' ? 0o2000 : 0))) | set;
  }
  return out;
}

/** An archive's bytes, unpacked from gzip; null for what is neither. */
export function archiveOf(data: string): tar.TarEntry[] | null {
  let bytes = data;
  if (data.startsWith('\x1f\x8b')) {
    try {
      bytes = fromArray(gunzipSync(toArray(data)));
    } catch {
      return null;
    }
  }
  if (bytes.length < 512) return null;
  try {
    const entries = tar.readTar(bytes);
    return entries.length > 0 ? entries : null;
  } catch (e) {
    if (e instanceof tar.TarError) return null;
    throw e;
  }
}

/** ADD unpacks an archive into the destination, which is a directory then. False if it is no archive. */
function unpackInto(sys: Sys, root: string, data: string, dest: string, o: CopyOptions): boolean {
  const entries = archiveOf(data);
  if (!entries) return false;
  const dir = dest.replace(/\/$/, '') || '/';
  makeDirs(sys, root, dir, o.owner);
  const { owner } = o;
  extract(sys, inside(sys, root, dir), owner ? entries.map((e) => ({ ...e, ...owner })) : entries);
  return true;
}
