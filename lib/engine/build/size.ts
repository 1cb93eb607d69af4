/** Sizes as BuildKit's progress shows them, and what a transfer of files costs on its wire. tonistiigi/units, fsutil. */

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** "317B", "100.34kB": powers of 1000, two decimals. */
export function humanBytes(n: number): string {
  let value = n;
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return unit === 0 ? `${n}B` : `${value.toFixed(2)}${UNITS[unit]}`;
}

export interface SentFile {
  /** Relative path. */
  path: string;
  dir: boolean;
  /** Permission bits. */
  mode: number;
  size: number;
  target: string;
  /** The receiver has this content from before. */
  known: boolean;
}

/** Bytes of a varint: protobuf encoding. */
function varint(n: number): number {
  let size = 1;
  for (let v = n; v >= 128; v = Math.floor(v / 128)) size++;
  return size;
}
const field = (length: number) => 1 + varint(length) + length;

const DIR_BIT = 2 ** 31;
const LINK_BIT = 2 ** 27;
const CHUNK = 32 * 1024;
/** A time in nanoseconds since 1970, as today's are. */
const TIME = 1 + 9;

/**
 * What fsutil sends: one packet with the facts of each file, then for those that are wanted their data and its end, then
 * the end of all. A file is known by its place in the list.
 */
export function transferSize(files: readonly SentFile[]): number {
  let total = 2;
  for (const [id, f] of files.entries()) {
    const mode = f.mode + (f.dir ? DIR_BIT : f.target !== '' ? LINK_BIT : 0);
    const stat =
      field(f.path.length) +
      1 +
      varint(mode) +
      (f.size > 0 ? 1 + varint(f.size) : 0) +
      TIME +
      (f.target === '' ? 0 : field(f.target.length));
    total += field(stat);
    if (f.dir || f.target !== '' || f.known) continue;
    const header = 2 + (id > 0 ? 1 + varint(id) : 0);
    for (let at = 0; at < f.size; at += CHUNK) total += header + field(Math.min(CHUNK, f.size - at));
    total += header;
  }
  return total;
}
