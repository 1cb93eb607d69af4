/**
 * A table while a kernel is open: the persistent map of the state, and what has been read and written since. A record is often
 * rewritten a hundred times in a step; the map takes only the last one, when the kernel is closed or somebody lists it.
 */

import type { Key, PMap } from '../base';
import { pmap } from '../base';

interface Slot<V> {
  readonly key: Key;
  /** undefined: not there. */
  value: V | undefined;
  /** Written since the map was made. */
  dirty: boolean;
  /** Made since the map was made: no state holds it, so it may be changed in place. */
  own: boolean;
}

/** Slots that are kept when nothing in them is unwritten: a long session must not remember all that ever was. */
const KEPT = 20_000;

export class Table<V> {
  private base: PMap<V>;
  private readonly slots = new Map<Key, Slot<V>>();
  private dirty: Slot<V>[] = [];
  private readonly copy: ((value: V) => V) | undefined;

  /** `copy` for `edit`: another record with the same fields. */
  constructor(base: PMap<V>, copy?: (value: V) => V) {
    this.base = base;
    this.copy = copy;
  }

  private slot(key: Key): Slot<V> {
    const there = this.slots.get(key);
    if (there !== undefined) return there;
    const made = { key, value: pmap.get(this.base, key), dirty: false, own: false };
    this.slots.set(key, made);
    return made;
  }

  get(key: Key): V | undefined {
    return (this.slots.get(key) ?? this.slot(key)).value;
  }
  has(key: Key): boolean {
    return this.get(key) !== undefined;
  }
  /** The record is the table's from now on. */
  set(key: Key, value: V) {
    this.write(this.slot(key), value, true);
  }
  delete(key: Key) {
    this.write(this.slot(key), undefined, false);
  }

  /**
   * The record to change in place, copied the first time; `otherwise` is one that takes its place where there is none. Who
   * has it from `get` sees the change.
   */
  edit(key: Key, otherwise?: V): V | undefined {
    const slot = this.slot(key);
    if (slot.own) return slot.value;
    const value = slot.value ?? otherwise;
    if (value !== undefined) this.write(slot, (this.copy as (value: V) => V)(value), true);
    return slot.value;
  }

  private write(slot: Slot<V>, value: V | undefined, own: boolean) {
    slot.value = value;
    slot.own = own;
    if (slot.dirty) return;
    slot.dirty = true;
    this.dirty.push(slot);
  }

  /** The whole table as a persistent map. */
  map(): PMap<V> {
    if (this.dirty.length === 0) return this.base;
    for (const slot of this.dirty) {
      const { key, value } = slot;
      this.base = value === undefined ? pmap.remove(this.base, key) : pmap.set(this.base, key, value);
      slot.dirty = false;
      slot.own = false;
    }
    this.dirty = [];
    if (this.slots.size > KEPT) this.slots.clear();
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
