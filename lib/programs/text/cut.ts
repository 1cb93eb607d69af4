/**
 * cut: byte ranges or fields of a line.
 *
 *   -f1,3-  →  [{ from: 1, to: 1 }, { from: 3, to: Infinity }]
 *
 * Source: cut(1) of coreutils 9.10, BusyBox 1.38's cut.c.
 * Simplified: characters (-c) are bytes, as in coreutils; BusyBox's -F (fields by regular expression) and -O are left out.
 */
import { type Flavour, quoted, UsageError } from './usage';

export interface CutRange {
  from: number;
  to: number;
}
export interface CutOptions {
  by: 'bytes' | 'fields';
  ranges: CutRange[];
  /** -d; fields only. */
  delimiter: string;
  /** --output-delimiter; default: the delimiter between fields, nothing between bytes. */
  output?: string;
  /** -s: lines without a delimiter are dropped. */
  onlyDelimited?: boolean;
  complement?: boolean;
}

/** Reads LIST of -b, -c or -f. Ranges come back sorted and merged. */
export function parseCutList(list: string, by: 'bytes' | 'fields', flavour: Flavour = 'gnu'): CutRange[] {
  const gnu = flavour === 'gnu';
  const ranges = list.split(/[, \t]/).map((part): CutRange => {
    const m = /^(\d*)(-?)(\d*)$/.exec(part);
    if (m === null) {
      const wrong = gnu ? part : part.replace(/^\d*-/, '');
      throw gnu
        ? new UsageError(`${by === 'fields' ? 'invalid field value' : 'invalid byte or character position'} ${quoted(wrong)}`, true)
        : new UsageError(`invalid number '${wrong}'`);
    }
    if (m[1] === '' && m[3] === '' && (m[2] === '-' || !gnu))
      throw gnu ? new UsageError('invalid range with no endpoint: -', true) : new UsageError('', true);
    for (const digits of [m[1]!, m[3]!])
      if (digits.length > 19)
        throw gnu
          ? new UsageError(`${by === 'fields' ? 'field number' : 'byte/character offset'} ${quoted(digits)} is too large`, true)
          : new UsageError(`invalid number '${digits}'`);
    const from = m[1] === '' ? (m[2] === '-' ? 1 : 0) : Number(m[1]);
    const to = m[2] === '' ? from : m[3] === '' ? Infinity : Number(m[3]);
    if (gnu && from === 0)
      throw new UsageError(by === 'fields' ? 'fields are numbered from 1' : 'byte/character positions are numbered from 1', true);
    if (to < from || from === 0)
      throw gnu ? new UsageError('invalid decreasing range', true) : new UsageError(`invalid range ${from}-${to}`);
    return { from, to };
  });
  return ranges
    .sort((a, b) => a.from - b.from)
    .reduce<CutRange[]>((merged, range) => {
      const last = merged.at(-1);
      if (last !== undefined && range.from <= last.to) last.to = Math.max(last.to, range.to);
      else merged.push({ ...range });
      return merged;
    }, []);
}

function complementOf(ranges: readonly CutRange[]): CutRange[] {
  const result: CutRange[] = [];
  let from = 1;
  for (const range of ranges) {
    if (range.from > from) result.push({ from, to: range.from - 1 });
    from = range.to + 1;
  }
  return from === Infinity ? result : [...result, { from, to: Infinity }];
}

/** What is left of a line; null when it is dropped. */
export function cutLine(line: string, options: CutOptions): string | null {
  const ranges = options.complement ? complementOf(options.ranges) : options.ranges;
  if (options.by === 'bytes')
    return ranges
      .filter((r) => r.from <= line.length)
      .map((r) => line.slice(r.from - 1, r.to))
      .join(options.output ?? '');
  if (!line.includes(options.delimiter)) return options.onlyDelimited ? null : line;
  const fields = line.split(options.delimiter);
  const kept = ranges.flatMap((r) => fields.slice(r.from - 1, r.to));
  return kept.join(options.output ?? options.delimiter);
}
