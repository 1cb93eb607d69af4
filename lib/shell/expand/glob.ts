/**
 * Pathname expansion: a pattern becomes the sorted names that match it.
 *
 * Source: POSIX 2.13 Pattern Matching, glob(7), bash(1) Pathname Expansion (dotglob, nullglob, failglob, globstar, nocaseglob).
 */

import { compileGlob } from '../../base/posix';
import { attempt, Errno } from '../../kernel';
import { type Shell, shopt } from '../state';

/** Names that match, or none. `pattern` has quoted characters escaped by backslashes. */
export function glob(sh: Shell, pattern: string): string[] {
  const segments = pattern.split('/');
  let found: string[] = [''];
  const absolute = pattern.startsWith('/');
  if (absolute) {
    segments.shift();
    found = ['/'];
  }
  segments.forEach((segment, i) => {
    const last = i === segments.length - 1;
    const next: string[] = [];
    for (const base of found) step(sh, base, segment, last, next);
    found = next;
  });
  return found.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

const join = (base: string, name: string): string => (base === '' || base.endsWith('/') ? base + name : `${base}/${name}`);

function step(sh: Shell, base: string, segment: string, last: boolean, out: string[]): void {
  const plain = segment.replace(/\\(.)/gs, '$1');
  if (segment === '') {
    if (last ? isDirectory(sh, base) : true) out.push(base.endsWith('/') ? base : `${base}/`);
    return;
  }
  if (!isPattern(segment, shopt(sh, 'extglob'))) {
    const path = join(base, plain);
    if (!last || !(attempt(() => sh.sys.lstat(path)) instanceof Errno)) out.push(path);
    return;
  }
  if (segment === '**' && shopt(sh, 'globstar')) {
    if (!last) out.push(base);
    descend(sh, base, last, out);
    return;
  }
  const test = compileGlob(segment, { period: !shopt(sh, 'dotglob'), extended: shopt(sh, 'extglob'), icase: shopt(sh, 'nocaseglob') });
  for (const entry of entries(sh, base)) {
    if (!test(entry.name)) continue;
    const path = join(base, entry.name);
    if (last || entry.type === 'dir' || (entry.type === 'symlink' && isDirectory(sh, path))) out.push(path);
  }
}

function descend(sh: Shell, base: string, files: boolean, out: string[]): void {
  for (const entry of entries(sh, base)) {
    if (entry.name.startsWith('.') && !shopt(sh, 'dotglob')) continue;
    const path = join(base, entry.name);
    if (files || entry.type === 'dir') out.push(path);
    if (entry.type === 'dir') descend(sh, path, files, out);
  }
}

const entries = (sh: Shell, dir: string) => {
  const found = attempt(() => sh.sys.readdir(dir === '' ? '.' : dir));
  return found instanceof Errno ? [] : found.filter((e) => e.name !== '.' && e.name !== '..');
};

const isDirectory = (sh: Shell, path: string): boolean => {
  const st = attempt(() => sh.sys.stat(path === '' ? '.' : path));
  return !(st instanceof Errno) && st.type === 'dir';
};

/** Whether an escaped pattern has anything to match with. */
export function isPattern(pattern: string, extended: boolean): boolean {
  for (let i = 0; i < pattern.length; i++) {
    const c = pattern[i]!;
    if (c === '\\') i++;
    else if (c === '*' || c === '?') return true;
    else if (c === '[' && pattern.indexOf(']', i + 2) > 0) return true;
    else if (extended && '+@!'.includes(c) && pattern[i + 1] === '(') return true;
  }
  return false;
}

/** Text as a pattern that matches only itself. */
export const escapePattern = (s: string): string => s.replace(/[\\*?[\]()|!+@^-]/g, '\\$&');
