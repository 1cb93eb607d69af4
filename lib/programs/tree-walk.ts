/**
 * Walking a tree as rm, chmod and chown do: a directory before or after what is in it, links not followed.
 * fts(3).
 */

import { attempt, Errno, type Stat } from '../kernel';
import { join } from './io';
import type { Io } from './tool';

/** Names in a directory, in the order the file system gives them. */
export function list(x: Io, path: string): string[] | Errno {
  const entries = attempt(() => x.sys.readdir(path));
  return entries instanceof Errno ? entries : entries.map((e) => e.name).filter((n) => n !== '.' && n !== '..');
}

/** Calls `visit` for everything below `path`, itself first; a refusal to read a directory goes to `refused`. */
export function walk(
  x: Io,
  path: string,
  st: Stat,
  visit: (path: string, st: Stat) => void,
  refused: (path: string, e: Errno) => void,
): void {
  visit(path, st);
  if (st.type !== 'dir') return;
  const names = list(x, path);
  if (names instanceof Errno) return refused(path, names);
  for (const name of names) {
    const full = join(path, name);
    const inner = attempt(() => x.sys.lstat(full));
    if (inner instanceof Errno) refused(full, inner);
    else walk(x, full, inner, visit, refused);
  }
}
