/**
 * Which rows and columns a drawing of layers has room for. The selector says everything (lib/machine/views/layers.ts);
 * a drawing shows at most `columns` paths and `rows` layers, and the table beside it shows the rest.
 */
import type { LayerCell, LayerEntry, LayersView } from '../../lib/machine/views/layers';
import { humanSize } from './parts';

export interface PlanRow {
  /** Indices into view.layers; more than one when layers without a drawn cell share a deck. */
  layers: number[];
  name: string;
  label: string;
  size: number;
}
export interface Plan {
  rows: PlanRow[];
  columns: LayerEntry[];
  /** Runs of neighbouring columns in one directory: [directory, first, last]. */
  brackets: [string, number, number][];
}

/** What is drawn first when there is no room for all. */
function weight({ changed, cells, from }: LayerEntry): number {
  if (changed) return 0;
  if (from === null) return 1;
  if (cells.some((c) => c.layer === 0 && c.what !== 'directory')) return 2;
  if (cells.every((c) => c.what === 'directory')) return 5;
  return cells.length > 1 ? 3 : 4;
}

export const parentOf = (path: string) => path.slice(0, Math.max(1, path.lastIndexOf('/')));
export const nameOf = (path: string) => path.slice(path.lastIndexOf('/') + 1);

export function planLayers(view: LayersView, columns: number, rows: number): Plan {
  const ranked = view.entries.map((entry, i) => ({ entry, i })).sort((a, b) => weight(a.entry) - weight(b.entry) || a.i - b.i);
  const chosen = ranked
    .slice(0, columns)
    .map(({ entry }) => entry)
    .sort((a, b) => (parentOf(a.path) === parentOf(b.path) ? compare(a.path, b.path) : compare(parentOf(a.path), parentOf(b.path))));
  return { columns: chosen, rows: decks(view, chosen, rows), brackets: bracket(chosen) };
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

function bracket(columns: LayerEntry[]): [string, number, number][] {
  const runs: [string, number, number][] = [];
  for (const [i, { path }] of columns.entries()) {
    const last = runs.at(-1);
    if (last?.[0] === parentOf(path)) last[2] = i;
    else runs.push([parentOf(path), i, i]);
  }
  return runs;
}

/** Every layer its deck while there is room; else neighbours without a drawn cell share one. */
function decks(view: LayersView, columns: LayerEntry[], room: number): PlanRow[] {
  const drawn = new Set(columns.flatMap((e) => e.cells.map((c) => c.layer)));
  const groups: number[][] = [];
  for (const layer of view.layers.keys()) {
    const last = groups.at(-1);
    const joins = view.layers.length > room && layer > 0 && !drawn.has(layer) && last?.every((l) => l > 0 && !drawn.has(l));
    if (joins && last) last.push(layer);
    else groups.push([layer]);
  }
  return groups.map((layers) => {
    const [first = 0] = layers;
    const row = view.layers[first];
    const size = layers.reduce((sum, l) => sum + (view.layers[l]?.size ?? 0), 0);
    if (row?.kind === 'upper') return { layers, name: 'upperdir', label: `${row.label} · rw`, size };
    const name = layers.length > 1 ? `lowerdir ${first}–${layers.at(-1)}` : `lowerdir ${first}`;
    return { layers, name, label: layers.length > 1 ? `${layers.length} layers` : (row?.label ?? ''), size };
  });
}

export type Look = 'shown' | 'hidden' | 'mark';

/** How a cell is drawn: shown in merged, hidden by a layer above, or a mark that itself hides (whiteout, opaque). */
export function lookOf(entry: LayerEntry, cell: LayerCell): Look {
  if (cell.what === 'whiteout' || cell.what === 'opaque') return entry.cells.some((c) => c.layer < cell.layer) ? 'hidden' : 'mark';
  // A directory over a directory is merged with it, unless a mark between them ends the look-up.
  const merged = cell.what === 'directory' && entry.cells.every((c) => c.layer >= cell.layer || c.what === 'directory');
  return entry.from === cell.layer || merged ? 'shown' : 'hidden';
}

const octal = (mode: number) => mode.toString(8).padStart(3, '0');

/** What stands in a cell's box: its text; for a copy that says what the original says, what is different about it; for a binary, its size. */
export function wordsOf(entry: LayerEntry, cell: LayerCell): string {
  const below = cell.layer === 0 && entry.copiedFrom !== null ? entry.cells.find((c) => c.layer === entry.copiedFrom) : undefined;
  if (below && below.text === cell.text && below.size === cell.size) {
    if (below.mode !== cell.mode) return `mode ${octal(cell.mode)}`;
    if (below.uid !== cell.uid || below.gid !== cell.gid) return `${cell.uid}:${cell.gid}`;
  }
  if (cell.text !== '' || (cell.what !== 'file' && cell.what !== 'directory')) return cell.text;
  return cell.size > 0 ? humanSize(cell.size) : 'empty';
}
