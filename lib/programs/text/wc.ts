/**
 * wc: lines, words, characters, bytes and the widest line of a stream.
 *
 * Source: wc(1) of coreutils 9.10 (compute_number_width), BusyBox 1.38's wc.c.
 * Simplified: in UTF-8 every character is one column wide.
 */
export interface WcCounts {
  lines: number;
  words: number;
  chars: number;
  bytes: number;
  widest: number;
}
export interface WcState extends WcCounts {
  inWord: boolean;
  column: number;
}
export type WcColumn = keyof WcCounts;
/** The order in which counts are printed, whatever the order of the options. */
export const WC_COLUMNS: readonly WcColumn[] = ['lines', 'words', 'chars', 'bytes', 'widest'];
export const startWc = (): WcState => ({ lines: 0, words: 0, chars: 0, bytes: 0, widest: 0, inWord: false, column: 0 });

/** Feeds some bytes. `printable`: only printable ASCII makes a word (BusyBox); otherwise anything but white space. */
export function wcChunk(state: WcState, chunk: string, mode: { utf8: boolean; printable?: boolean }): WcState {
  const s = { ...state };
  s.bytes += chunk.length;
  for (let i = 0; i < chunk.length; i++) {
    const c = chunk.charCodeAt(i);
    const continuation = mode.utf8 && (c & 0xc0) === 0x80;
    if (!continuation) s.chars++;
    if (c === 10 || c === 12 || c === 13) {
      if (c === 10) s.lines++;
      s.widest = Math.max(s.widest, s.column);
      s.column = 0;
      s.inWord = false;
    } else if (c === 9) {
      s.column += 8 - (s.column % 8);
      s.inWord = false;
    } else if (c === 32 || c === 11) {
      if (c === 32) s.column++;
      s.inWord = false;
    } else {
      if (!continuation && c >= 32 && c !== 127) s.column++;
      if (!s.inWord && (!mode.printable || (c > 32 && c < 127))) {
        s.words++;
        s.inWord = true;
      }
    }
  }
  return s;
}
export const endWc = (state: WcState): WcCounts => {
  const { lines, words, chars, bytes, widest, column } = state;
  return { lines, words, chars, bytes, widest: Math.max(widest, column) };
};
export const addWc = (a: WcCounts, b: WcCounts): WcCounts => ({
  lines: a.lines + b.lines,
  words: a.words + b.words,
  chars: a.chars + b.chars,
  bytes: a.bytes + b.bytes,
  widest: Math.max(a.widest, b.widest),
});

/**
 * The width of GNU's columns. `sizes`: for each operand that could be looked at, its size if it is a regular file, else null
 * (a pipe); none, or one operand and one column: no padding.
 */
export function wcWidth(sizes: readonly (number | null)[], columns: number): number {
  if (sizes.length === 0 || (sizes.length === 1 && columns === 1)) return 1;
  const total = sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
  return Math.max(String(total).length, sizes.includes(null) ? 7 : 1);
}
/** A line of GNU's output, without newline. */
export const gnuWcLine = (counts: WcCounts, columns: readonly WcColumn[], width: number, name?: string): string =>
  WC_COLUMNS.filter((c) => columns.includes(c))
    .map((c) => String(counts[c]).padStart(width))
    .join(' ') + (name === undefined ? '' : ` ${name}`);
/** A line of BusyBox's: nine columns each, unless there is one count and no name. */
export const busyboxWcLine = (counts: WcCounts, columns: readonly WcColumn[], name?: string): string => {
  const shown = WC_COLUMNS.filter((c) => columns.includes(c));
  if (shown.length === 1 && name === undefined) return String(counts[shown[0]!]);
  return shown.map((c) => String(counts[c]).padStart(9)).join(' ') + (name === undefined ? '' : ` ${name}`);
};
