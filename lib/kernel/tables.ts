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
  /** Written since it was last put into the map. */
  dirty: boolean;
  /** Made since the table was opened: no state holds it, so it may be changed in place. */
  own: boolean;
}

/** Slots that are kept when nothing in them is unwritten: a long session must not remember all that ever was. */
const KEPT = 20_000;

export class Table<V> {
  private base: PMap<V>;
  /** By number, and by name: each is found sooner where the other never is. */
  private readonly numbered = new Map<number, Slot<V>>();
  private readonly named = new Map<string, Slot<V>>();
  private dirty: Slot<V>[] = [];
  /** Slots whose records are own, and some that were. */
  private owned: Slot<V>[] = [];
  private count: number;
  private readonly copy: ((value: V) => V) | undefined;

  /** `copy` for `edit`: another record with the same fields. */
  constructor(base: PMap<V>, copy?: (value: V) => V) {
    this.base = base;
    this.count = base.size;
    this.copy = copy;
  }

  private slot(key: Key): Slot<V> {
    // Numbers are identifiers below 2^32: each has 32 bits of its own.
    const there = typeof key === 'number' ? this.numbered.get(key | 0) : this.named.get(key);
    return there ?? this.enter(key);
  }
  private enter(key: Key): Slot<V> {
    const made = { key, value: pmap.get(this.base, key), dirty: false, own: false };
    if (typeof key === 'number') this.numbered.set(key | 0, made);
    else this.named.set(key, made);
    return made;
  }

  get(key: Key): V | undefined {
    return this.slot(key).value;
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
    this.count += Number(value !== undefined) - Number(slot.value !== undefined);
    slot.value = value;
    if (own && !slot.own) this.owned.push(slot);
    slot.own = own;
    if (slot.dirty) return;
    slot.dirty = true;
    this.dirty.push(slot);
  }

  /** Puts what was written into the map. Until the table is closed nobody else has it: its records stay the table's own. */
  private now(): PMap<V> {
    if (this.dirty.length === 0) return this.base;
    for (const slot of this.dirty) {
      const { key, value } = slot;
      slot.dirty = false;
      if (value === undefined) {
        this.base = pmap.remove(this.base, key);
        if (typeof key === 'number') this.numbered.delete(key | 0);
        else this.named.delete(key);
      } else this.base = pmap.set(this.base, key, value);
    }
    this.dirty = [];
    if (this.numbered.size + this.named.size > KEPT) {
      this.numbered.clear();
      this.named.clear();
      this.owned = [];
    }
    return this.base;
  }

  /**
   * The whole table as a persistent map, which is a state's from now on. Who writes on goes on from there: what was looked up is
   * still known, and each record is copied again before it is changed.
   */
  map(): PMap<V> {
    const map = this.now();
    for (const slot of this.owned) slot.own = false;
    this.owned = [];
    return map;
  }

  get size(): number {
    return this.count;
  }
  /** What is there now: what comes or goes while listing does not show. */
  values(): V[] {
    return pmap.values(this.now());
  }
  entries(): [Key, V][] {
    return pmap.entries(this.now());
  }
  keys(): Key[] {
    return pmap.keys(this.now());
  }
}
