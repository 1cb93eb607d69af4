/**
 * Which files a COPY or ADD means, and what of them its cache key is made of.
 * BuildKit solver/llbsolver/file, cache/contenthash; tonistiigi/fsutil copy.
 *
 *   conf/*.conf  →  /conf/a.conf, /conf/b.conf       links in the path are followed, the last one too
 *   content key  =  names, types, modes, owners, content; never times
 */

import { pathMatch, sha256 } from '../../base';
import { excluded, type Pattern } from './ignore';
import { follow, hasWildcards, type Tree } from './tree';

/** A source that is not there: its path as the message shows it. */
export class NotThere extends Error {}

/** Sources of one argument: paths in the tree, in order. A wildcard may match nothing. */
export function select(tree: Tree, path: string): string[] {
  const wanted = path.replace(/\/$/, '') || '/';
  if (!hasWildcards(wanted)) {
    if (follow(tree, wanted) === null) throw new NotThere(wanted);
    return [wanted];
  }
  const parts = wanted.split('/').slice(1);
  const first = parts.findIndex((p) => hasWildcards(p));
  const fixed = follow(tree, `/${parts.slice(0, first).join('/')}`);
  if (fixed === null) return [];
  const pattern = parts.slice(first).join('/');
  const depth = parts.length - first;
  const out: string[] = [];
  const visit = (dir: string, rel: string, level: number) => {
    for (const name of tree.list(dir)) {
      const at = dir === '/' ? `/${name}` : `${dir}/${name}`;
      const own = rel === '' ? name : `${rel}/${name}`;
      if (level === depth) {
        if (pathMatch(pattern, own)) out.push(at);
      } else if (tree.lstat(at)?.type === 'dir') visit(at, own, level + 1);
    }
  };
  visit(fixed, '', 1);
  return out;
}

/** What a path holds, as one digest, and the digest of each file that it is made of. */
export interface ContentKey {
  hex: string;
  files: ReadonlyMap<string, string>;
}

/** A tree that does not change works each out once. */
export function contentKey(tree: Tree, path: string, exclude: readonly Pattern[]): ContentKey {
  const name = [path, ...exclude.map((p) => `${p.exclusion ? '!' : ''}${p.text}`)].join('\0');
  const known = tree.keys?.get(name) ?? digestBelow(tree, path, exclude);
  tree.keys?.set(name, known);
  return known;
}

function digestBelow(tree: Tree, path: string, exclude: readonly Pattern[]): ContentKey {
  const files = new Map<string, string>();
  let text = '';
  const visit = (at: string, rel: string) => {
    const e = tree.lstat(at);
    if (e === null || (rel !== '' && excluded(exclude, rel))) return;
    text += JSON.stringify([rel, e.type, e.mode, e.uid, e.gid, e.target, e.rdev, e.type === 'file' ? e.size : 0]);
    if (e.type === 'file') {
      const digest = tree.digest(at);
      files.set(at, digest);
      text += digest;
    }
    if (e.type === 'dir')
      for (const name of tree.list(at)) visit(at === '/' ? `/${name}` : `${at}/${name}`, rel === '' ? name : `${rel}/${name}`);
  };
  visit(follow(tree, path) ?? path, '');
  return { hex: sha256(text), files };
}

/**
 * Whether a source takes a path of its tree: the path below what is named, '' for that itself, null for neither. Links are not
 * followed.
 */
export function coveredBy(source: string, path: string): string | null {
  const wanted = source.replace(/\/$/, '') || '/';
  if (wanted === '/') return path.slice(1);
  const depth = wanted.split('/').length;
  const parts = path.split('/');
  const head = parts.slice(0, depth).join('/');
  const hit = hasWildcards(wanted) ? parts.length >= depth && pathMatch(wanted, head) : head === wanted;
  return hit ? parts.slice(depth).join('/') : null;
}
