/**
 * The plan of a drawing of a registry: three columns, and pipes that go right. A manifest's pipe is one upright with a branch to each
 * of its blobs; a blob that several manifests refer to takes their branches at different heights.
 */
import type { BlobRow, ManifestRow, RegistryView, TagRow } from '../../lib/machine/views/registry';

export const BOX = 34;
const GAP = 8;
const TOP = 24;
const TAG = 20;
/** A letter of a tag's name: half of 11.5 px, and a little for its weight. */
const LETTER = 5.8;
/** What is drawn at most; the table has the rest. */
const MOST = { tags: 8, manifests: 6, blobs: 12 } as const;

export interface Column {
  x: number;
  w: number;
}
export interface Placed<T> {
  row: T;
  y: number;
}
export interface Way {
  d: string;
  now: boolean;
  /** It ends in an arrow; else it is an upright. */
  ends: boolean;
}
export interface RegistryPlan {
  columns: { tags: Column; manifests: Column; blobs: Column };
  tags: Placed<TagRow>[];
  manifests: Placed<ManifestRow>[];
  blobs: Placed<BlobRow>[];
  ways: Way[];
  height: number;
  /** How many rows are in the table alone. */
  more: number;
}

const columnsOf = (w: number, narrow: boolean): RegistryPlan['columns'] =>
  narrow
    ? { tags: { x: 1, w: 76 }, manifests: { x: 100, w: 88 }, blobs: { x: 226, w: w - 227 } }
    : { tags: { x: 1, w: 146 }, manifests: { x: 184, w: 132 }, blobs: { x: 384, w: w - 385 } };

/** Digests as they are shown: what tells them apart, without the algorithm. */
export const shortDigest = (digest: string) => digest.replace('sha256:', '').slice(0, 12);

const stacked = <T>(rows: readonly T[]): Placed<T>[] => rows.map((row, i) => ({ row, y: TOP + i * (BOX + GAP) }));

/** Tags beside their manifests, as near as there is room. */
function placeTags(tags: readonly TagRow[], manifests: readonly Placed<ManifestRow>[]): Placed<TagRow>[] {
  const yOf = (t: TagRow) => manifests.find((m) => m.row.digest === t.digest)?.y ?? TOP;
  let next = TOP;
  return [...tags]
    .sort((a, b) => yOf(a) - yOf(b))
    .map((row) => {
      const y = Math.max(next, yOf(row) + (BOX - TAG) / 2);
      next = y + TAG;
      return { row, y };
    });
}

/** From tags to manifests, and from a list to its own, in the first gap. */
function leftWays(plan: Omit<RegistryPlan, 'ways' | 'height' | 'more'>): Way[] {
  const { columns, tags, manifests } = plan;
  const from = columns.tags.x + columns.tags.w;
  const to = columns.manifests.x;
  const ends = (t: TagRow) => Math.min(from, columns.tags.x + t.name.length * LETTER + 6);
  const yOf = (digest: string) => manifests.find((m) => m.row.digest === digest)?.y;
  const ways: Way[] = [];
  for (const [i, t] of tags.entries()) {
    const y = yOf(t.row.digest);
    if (y === undefined) continue;
    const x = from + 4 + ((to - from - 14) * (i % 4)) / 8;
    ways.push({ d: `M${ends(t.row)} ${t.y + TAG / 2}H${x}V${y + BOX / 2 - 5}H${to}`, now: t.row.changed, ends: true });
  }
  for (const m of manifests)
    for (const [i, own] of (m.row.list ?? []).entries()) {
      const y = yOf(own.digest);
      if (y === undefined) continue;
      const x = to - 9 - 3 * (i % 2);
      ways.push({ d: `M${to} ${m.y + BOX - 7}H${x}V${y + BOX - 9}H${to}`, now: m.row.changed, ends: true });
    }
  return ways;
}

/** From manifests to their blobs, in the second. */
function rightWays({ columns, manifests, blobs }: Omit<RegistryPlan, 'ways' | 'height' | 'more'>): Way[] {
  const from = columns.manifests.x + columns.manifests.w;
  const to = columns.blobs.x;
  return manifests.flatMap(({ row, y }, i) => {
    const x = from + 6 + ((to - from - 20) * (i + 1)) / (manifests.length + 1);
    const ends = blobs.flatMap((b) => {
      const at = b.row.of.indexOf(row.digest);
      return at < 0 ? [] : [{ y: b.y + (BOX * (at + 1)) / (b.row.of.length + 1), sent: b.row.last === 'sent' }];
    });
    if (ends.length === 0) return [];
    const middle = y + BOX / 2;
    const [low, high] = [Math.min(middle, ...ends.map((e) => e.y)), Math.max(middle, ...ends.map((e) => e.y))];
    return [
      { d: `M${from} ${middle}H${x}M${x} ${low}V${high}`, now: row.changed, ends: false },
      ...ends.map((e) => ({ d: `M${x} ${e.y}H${to}`, now: row.changed && e.sent, ends: true })),
    ];
  });
}

export function planRegistry(view: RegistryView, w: number, narrow: boolean): RegistryPlan {
  const manifests = stacked(view.manifests.slice(0, MOST.manifests));
  const tags = placeTags(view.tags.slice(0, MOST.tags), manifests);
  const blobs = stacked(view.blobs.slice(0, MOST.blobs));
  const placed = { columns: columnsOf(w, narrow), tags, manifests, blobs };
  const bottom = Math.max(...[...manifests, ...blobs].map((p) => p.y + BOX), ...tags.map((t) => t.y + TAG), TOP + BOX);
  const more = view.tags.length + view.manifests.length + view.blobs.length - tags.length - manifests.length - blobs.length;
  return { ...placed, ways: [...leftWays(placed), ...rightWays(placed)], height: bottom + (more > 0 ? 20 : 4), more };
}
