/** What package managers do to a file system: files of a size, programs, databases. */

import { attempt, Errno, MAGIC, type Sys } from '../../kernel';
import { spill } from '../io';
import type { Package } from './catalogue';

export const exists = (sys: Sys, path: string): boolean => !(attempt(() => sys.lstat(path)) instanceof Errno);

export function makeDirs(sys: Sys, path: string) {
  for (let at = path.indexOf('/', 1); ; at = path.indexOf('/', at + 1)) {
    const dir = at < 0 ? path : path.slice(0, at);
    if (!exists(sys, dir)) sys.mkdir(dir, 0o755);
    if (at < 0) return;
  }
}

/** A file that begins with `head` and is `size` bytes long; the rest is zeros. */
export function sized(sys: Sys, path: string, size: number, head = '', mode = 0o644) {
  makeDirs(sys, path.slice(0, path.lastIndexOf('/')) || '/');
  spill(sys, path, head, mode);
  if (size > head.length) sys.truncate(path, Math.round(size));
}

/** The implementation of a program that a package brings and the machine has not. */
export const ABSENT = 'gnu/packaged';

/** Puts a package's files: its programs, and one file for all the rest. Gives the paths. */
export function place(sys: Sys, name: string, x: Package, rest: string): string[] {
  const programs = Object.entries(x.programs ?? {});
  const share = programs.length > 0 ? Math.floor(x.installed / 2 / programs.length) : 0;
  for (const [path, program] of programs) {
    if (exists(sys, `/${path}`)) sys.unlink(`/${path}`);
    sized(sys, `/${path}`, share, `${MAGIC}${program || ABSENT}\n`, 0o755);
    sys.chmod(`/${path}`, 0o755);
  }
  sized(sys, rest, x.installed - share * programs.length, `${name}\n`);
  return [...programs.map(([path]) => `/${path}`), rest];
}

export function removeFile(sys: Sys, path: string) {
  attempt(() => sys.unlink(path));
}

/** Lines of a database: name, a space, a version, then paths. */
export interface Installed {
  name: string;
  version: string;
  paths: string[];
}
export const readDatabase = (text: string): Installed[] =>
  text
    .split('\n')
    .filter((l) => l !== '' && !l.startsWith('\0'))
    .flatMap((l) => {
      const [name, version, ...paths] = l.split(' ');
      return name && version ? [{ name, version, paths }] : [];
    });
export const writeDatabase = (list: readonly Installed[]): string =>
  list.map((i) => [i.name, i.version, ...i.paths].join(' ')).join('\n') + (list.length ? '\n' : '');
