/**
 * The order of `for (key in array)`: that of the program's hash table.
 *
 *   mawk      FNV-1a, 64 lists, doubled when there are twice as many keys as lists
 *   BusyBox   hash * 63 + character, 61 lists, rebuilt with more when there are ten times as many keys
 *
 * Source: mawk's hash.c and array.c; BusyBox's hashidx() in awk.c; checked against mawk 1.3.4 and BusyBox 1.38.
 * Simplified: keys that share a list come in the order of their hashes, not of their last use.
 */
import type { AwkDialect } from './syntax';

function fnv1a(key: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) h = Math.imul(h ^ key.charCodeAt(i), 0x01000193);
  return h >>> 0;
}
function busybox(key: string): number {
  let h = 0;
  for (let i = 0; i < key.length; i++) h = (Math.imul(h, 63) + key.charCodeAt(i)) >>> 0;
  return h;
}
const PRIMES = [61, 251, 1021, 4093, 16381, 65521];

/** Keys as the program would visit them. */
export function loopOrder(keys: readonly string[], dialect: AwkDialect): string[] {
  let lists = dialect === 'mawk' ? 64 : PRIMES[0]!;
  if (dialect === 'mawk') while (keys.length > 2 * lists) lists *= 2;
  else for (const prime of PRIMES) if (keys.length > lists * 10) lists = prime;
  const hash = dialect === 'mawk' ? fnv1a : busybox;
  return keys
    .map((key) => ({ key, list: hash(key) % lists, hash: hash(key) }))
    .sort((a, b) => a.list - b.list || a.hash - b.hash || (a.key < b.key ? -1 : 1))
    .map((item) => item.key);
}
