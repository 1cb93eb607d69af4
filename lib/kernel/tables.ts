/**
 * A table while a kernel is open: the persistent map of the state, and what has been read and written since. A record is often
 * rewritten a hundred times in a step; the map takes only the last one, when the kernel is closed or somebody lists it.
 */

import type { Key, PMap } from '../base';
import { pmap } from '../base';

export class Table<V> {
  private base: PMap<V>;
  /** What has been read or written; undefined: not there. */
  private readonly seen = new Map<Key, V | undefined>();
  /** Keys of what has been written since the map was made. */
  private readonly dirty = new Set<Key>();

  constructor(base: PMap<V>) {
    this.base = base;
  }

  get(key: Key): V | undefined {
    const v = this.seen.get(key);
    if (v !== undefined || this.seen.has(key)) return v;
    const stored = pmap.get(this.base, key);
    this.seen.set(key, stored);
    return stored;
  }
  has(key: Key): boolean {
    return this.get(key) !== undefined;
  }
  set(key: Key, value: V) {
    this.seen.set(key, value);
    this.dirty.add(key);
  }
  delete(key: Key) {
    this.seen.set(key, undefined);
    this.dirty.add(key);
  }

  /** The whole table as a persistent map. */
  map(): PMap<V> {
    if (this.dirty.size > 0) {
      for (const key of this.dirty) {
        const value = this.seen.get(key);
        this.base = value === undefined ? pmap.remove(this.base, key) : pmap.set(this.base, key, value);
      }
      this.dirty.clear();
    }
    return this.base;
  }

  get size(): number {
    return this.map().size;
  }
  /** What is there now: changes made while listing do not show. */
  values(): Generator<V> {
    return pmap.values(this.map());
  }
  entries(): Generator<[Key, V]> {
    return pmap.entries(this.map());
  }
  keys(): Key[] {
    return pmap.keys(this.map());
  }
}
