/**
 * The commands that a shell has found, so that it need not look through PATH again: `hash`. A new PATH forgets them all.
 *
 * Source: hashcmd.c and hashlib.c of bash, exec.c (cmdtable) of dash.
 */

import { has, option, own, type Shell } from './state';

export interface Hashed {
  path: string;
  /** How often bash has asked for it. */
  hits: number;
}

/** hash_string of bash: FNV-1, 32 bits. */
function fnv(name: string): number {
  let sum = 2166136261;
  for (let i = 0; i < name.length; i++) sum = Math.imul(sum, 16777619) ^ name.charCodeAt(i);
  return sum >>> 0;
}
/** cmdlookup of dash. */
const sum = (name: string): number => [...name].reduce((all, c) => all + c.charCodeAt(0), name.charCodeAt(0) << 4);

/** Where a command was found before; bash counts that it was asked. */
export function recall(sh: Shell, name: string): string | undefined {
  if (!has(sh.s.hash, name)) return undefined;
  const known = sh.s.hash[name] as Hashed;
  if (sh.d.name === 'bash') own(sh, 'hash')[name] = { path: known.path, hits: known.hits + 1 };
  return known.path;
}

/** BusyBox's shell finds its own applets first, so it has nothing to remember; a name that depends on where one is is not kept. */
export function remember(sh: Shell, name: string, path: string, hits = 0): void {
  if (sh.d.name === 'ash' || name.includes('/') || !path.startsWith('/')) return;
  // What is put anew comes before what shares its bucket in bash, after it in dash.
  const rest = own(sh, 'hash');
  delete rest[name];
  rest[name] = { path, hits };
}

export function forget(sh: Shell, name?: string): boolean {
  if (name === undefined) {
    sh.s.hash = {};
    sh.owned.delete('hash');
    return true;
  }
  return has(sh.s.hash, name) && delete own(sh, 'hash')[name];
}

/** What is remembered, bucket by bucket, as the shell lists it. */
export function remembered(sh: Shell): [name: string, found: Hashed][] {
  const all = Object.entries(sh.s.hash);
  const bash = sh.d.name === 'bash';
  if (bash) all.reverse();
  const bucket = bash ? (name: string) => fnv(name) % 256 : (name: string) => sum(name) % 31;
  return all.sort(([a], [b]) => bucket(a) - bucket(b));
}

/** bash may be told not to remember: set +h. */
export const remembers = (sh: Shell): boolean => sh.d.name !== 'bash' || option(sh, 'hashall');
