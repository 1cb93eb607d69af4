/**
 * The commands that a shell has found, so that it need not look through PATH again: `hash`. A new PATH forgets them all. And the
 * buckets of a shell's tables, whose order its lists have: of these commands, and of the environment that it gives.
 *
 * Source: hashcmd.c, hashlib.c and variables.c of bash, exec.c (cmdtable) and var.c (vartab) of dash, shell/ash.c.
 */

import { memo } from '../base';
import { has, option, own, type Shell } from './state';

export interface Hashed {
  path: string;
  /** How often bash has asked for it. */
  hits: number;
}

/** hash_string of bash: FNV-1, 32 bits. */
const fnv = memo((name) => {
  let sum = 2166136261;
  for (let i = 0; i < name.length; i++) sum = Math.imul(sum, 16777619) ^ name.charCodeAt(i);
  return sum >>> 0;
}, 1000);
/** hashvar and cmdlookup of dash and ash. */
const sum = memo((name) => {
  let sum = name.charCodeAt(0) << 4;
  for (let i = 0; i < name.length; i++) sum += name.charCodeAt(i);
  return sum;
}, 1000);

/** How many buckets the tables have: FILENAME_HASH_BUCKETS and VARIABLES_HASH_BUCKETS, CMDTABLESIZE and VTABSIZE. */
const BUCKETS = { bash: { commands: 256, variables: 1024 }, dash: { commands: 31, variables: 39 }, ash: { commands: 31, variables: 39 } };

/** Names in the order of a table's buckets; within one bash has the newest first, dash and ash the oldest. `names` are in the order they came. */
export function inBuckets(sh: Shell, table: 'commands' | 'variables', names: string[]): string[] {
  const bash = sh.d.name === 'bash';
  const buckets = BUCKETS[sh.d.name][table];
  const hash = bash ? fnv : sum;
  return (bash ? names.reverse() : names).sort((a, b) => (hash(a) % buckets) - (hash(b) % buckets));
}

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
export const remembered = (sh: Shell): [name: string, found: Hashed][] =>
  inBuckets(sh, 'commands', Object.keys(sh.s.hash)).map((name) => [name, sh.s.hash[name] as Hashed]);

/** bash may be told not to remember: set +h. */
export const remembers = (sh: Shell): boolean => sh.d.name !== 'bash' || option(sh, 'hashall');
