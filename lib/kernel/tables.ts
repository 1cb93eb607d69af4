/**
 * A table while a kernel is open: the persistent map of the state, and what has been written since. A record is often
 * rewritten a hundred times in a step; the map takes only the last one, when the kernel is closed or somebody lists it.
 */

import type { Key, PMap } from '../base';
import { pmap } from '../base';

export class Table<V> {
  private base: PMap<V>;
  /** undefined: taken away. */
  private readonly written = new Map<Key, V | undefined>();

  constructor(base: PMap<V>) {
    this.base = base;
  }

  get(key: Key): V | undefined {
    const v = this.written.get(key);
    return v !== undefined || this.written.has(key) ? v : pmap.get(this.base, key);
  }
  has(key: Key): boolean {
    return this.get(key) !== undefined;
  }
  set(key: Key, value: V) {
    this.written.set(key, value);
  }
  delete(key: Key) {
    this.written.set(key, undefined);
  }

  /** The whole table as a persistent map. */
  map(): PMap<V> {
    if (this.written.size > 0) {
      for (const [key, value] of this.written)
        this.base = value === undefined ? pmap.remove(this.base, key) : pmap.set(this.base, key, value);
      this.written.clear();
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
