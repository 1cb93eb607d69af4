/**
 * A persistent map as plain data: setting a key copies one path and shares the rest.
 *
 *   { size, root }      root: a leaf { k: [...], v: [...] } of up to 16 entries,
 *                       or a branch { c: [child or null × 16] } by four bits of the key's hash.
 *
 * Keys are numbers or strings. A map survives JSON; equal references mean equal contents, so a snapshot is a
 * reference and a comparison may stop early. Source: P. Bagwell, "Ideal Hash Trees" (2001), with buckets.
 */

export type Key = number | string;

interface Leaf<V> {
  k: Key[];
  v: V[];
}
interface Branch<V> {
  c: (PNode<V> | null)[];
}
type PNode<V> = Leaf<V> | Branch<V>;

export interface PMap<V> {
  size: number;
  root: PNode<V> | null;
}

const WIDTH = 16;
const EMPTY: PMap<never> = { size: 0, root: null };

/** The empty map. */
export const empty = <V>(): PMap<V> => EMPTY as PMap<V>;

function hash(key: Key): number {
  let h = 0x811c9dc5;
  if (typeof key === 'number') {
    h = Math.imul(key ^ (key >>> 16), 0x45d9f3b);
    h = Math.imul(h ^ (h >>> 16), 0x45d9f3b);
    return (h ^ (h >>> 16)) >>> 0;
  }
  // Long keys are ids and paths: their first and last characters tell them apart.
  const n = key.length;
  const head = n > 32 ? 20 : n;
  for (let i = 0; i < head; i++) h = Math.imul(h ^ key.charCodeAt(i), 0x01000193);
  for (let i = Math.max(head, n - 12); i < n; i++) h = Math.imul(h ^ key.charCodeAt(i), 0x01000193);
  h ^= h >>> 15;
  return h >>> 0;
}

const slot = (h: number, depth: number) => (depth < 8 ? (h >>> (depth * 4)) & 15 : 0);

export function get<V>(map: PMap<V>, key: Key): V | undefined {
  let node = map.root;
  if (node === null) return undefined;
  if ('c' in node) {
    const h = hash(key);
    for (let depth = 0; node !== null && 'c' in node; depth++) node = node.c[slot(h, depth)] ?? null;
    if (node === null) return undefined;
  }
  const at = (node as Leaf<V>).k.indexOf(key);
  return at < 0 ? undefined : (node as Leaf<V>).v[at];
}

export const has = <V>(map: PMap<V>, key: Key): boolean => get(map, key) !== undefined;

export function set<V>(map: PMap<V>, key: Key, value: V): PMap<V> {
  const h = hash(key);
  const before = map.root === null ? undefined : find(map.root, key, h);
  if (before === value) return map;
  return { size: before === undefined ? map.size + 1 : map.size, root: put(map.root, key, value, h, 0) };
}

function find<V>(root: PNode<V>, key: Key, h: number): V | undefined {
  let node: PNode<V> | null = root;
  for (let depth = 0; node !== null && 'c' in node; depth++) node = node.c[slot(h, depth)] ?? null;
  if (node === null) return undefined;
  const at = (node as Leaf<V>).k.indexOf(key);
  return at < 0 ? undefined : (node as Leaf<V>).v[at];
}

const appended = <T>(list: readonly T[], item: T): T[] => {
  const out = list.slice();
  out.push(item);
  return out;
};

function put<V>(node: PNode<V> | null, key: Key, value: V, h: number, depth: number): PNode<V> {
  if (node === null) return { k: [key], v: [value] };
  if ('c' in node) {
    const c = node.c.slice();
    const i = slot(h, depth);
    c[i] = put(c[i] ?? null, key, value, h, depth + 1);
    return { c };
  }
  const at = node.k.indexOf(key);
  if (at >= 0) {
    const v = node.v.slice();
    v[at] = value;
    return { k: node.k, v };
  }
  if (node.k.length < WIDTH || depth >= 8) return { k: appended(node.k, key), v: appended(node.v, value) };
  const c: (PNode<V> | null)[] = new Array(WIDTH).fill(null);
  for (let i = 0; i < node.k.length; i++) {
    const k = node.k[i] as Key;
    const kh = hash(k);
    const s = slot(kh, depth);
    c[s] = put(c[s] ?? null, k, node.v[i] as V, kh, depth + 1);
  }
  const s = slot(h, depth);
  c[s] = put(c[s] ?? null, key, value, h, depth + 1);
  return { c };
}

export function remove<V>(map: PMap<V>, key: Key): PMap<V> {
  if (get(map, key) === undefined) return map;
  const root = drop(map.root as PNode<V>, key, hash(key), 0);
  return root === null ? empty() : { size: map.size - 1, root };
}

function drop<V>(node: PNode<V>, key: Key, h: number, depth: number): PNode<V> | null {
  if ('k' in node) {
    const at = node.k.indexOf(key);
    if (node.k.length === 1) return null;
    return { k: node.k.toSpliced(at, 1), v: node.v.toSpliced(at, 1) };
  }
  const c = node.c.slice();
  const i = slot(h, depth);
  c[i] = drop(c[i] as PNode<V>, key, h, depth + 1);
  return c.some((n) => n !== null) ? { c } : null;
}

/** Calls `each` for all that is below a node. */
function visit<V>(node: PNode<V>, each: (key: Key, value: V) => void): void {
  if ('k' in node) {
    for (let i = 0; i < node.k.length; i++) each(node.k[i] as Key, node.v[i] as V);
  } else for (const child of node.c) if (child !== null) visit(child, each);
}

/** What `of` makes of each pair. A list and no generator: most who ask want all, and some ask a hundred times in a step. */
function collect<V, T>(map: PMap<V>, of: (key: Key, value: V) => T): T[] {
  const out: T[] = [];
  if (map.root !== null) visit(map.root, (key, value) => out.push(of(key, value)));
  return out;
}

export const entries = <V>(map: PMap<V>): [Key, V][] => collect(map, (k, v) => [k, v]);

export const values = <V>(map: PMap<V>): V[] => collect(map, (_, v) => v);

export const keys = <V>(map: PMap<V>): Key[] => collect(map, (k) => k);

export function from<V>(pairs: Iterable<readonly [Key, V]>): PMap<V> {
  let map = empty<V>();
  for (const [k, v] of pairs) map = set(map, k, v);
  return map;
}

/** What differs from `before` to `after`; shared parts are not visited. */
export function diff<V>(before: PMap<V>, after: PMap<V>): { added: Key[]; updated: Key[]; removed: Key[] } {
  const out = { added: [] as Key[], updated: [] as Key[], removed: [] as Key[] };
  const compare = (a: PNode<V> | null, b: PNode<V> | null) => {
    if (a === b) return;
    if (a !== null && b !== null && 'c' in a && 'c' in b) {
      for (let i = 0; i < WIDTH; i++) compare(a.c[i] ?? null, b.c[i] ?? null);
      return;
    }
    const was = new Map<Key, V>();
    if (a !== null) visit(a, (k, v) => was.set(k, v));
    if (b !== null)
      visit(b, (k, v) => {
        if (!was.has(k)) out.added.push(k);
        else if (was.get(k) !== v) out.updated.push(k);
        was.delete(k);
      });
    out.removed.push(...was.keys());
  };
  compare(before.root, after.root);
  return out;
}
