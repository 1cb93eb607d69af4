/**
 * tr: sets of bytes, translated, deleted and squeezed.
 *
 *   'a-z[:digit:]\n[x*3]'  →  the bytes in order
 *
 * Source: tr(1) of coreutils 9.10, BusyBox 1.38's tr.c. Bytes, not characters, as both do.
 */

import { CLASSES, type ClassName } from '../../base/posix/regex-parse';
import { type Flavour, quoted, UsageError } from './usage';

export interface TrOptions {
  complement?: boolean;
  delete?: boolean;
  squeeze?: boolean;
  /** -t: the first set is cut to the length of the second. */
  truncate?: boolean;
}
/** A prepared tr, as plain data: what becomes of each byte. */
export interface TrTable {
  /** 256 characters, or null when nothing is translated. */
  map: string | null;
  /** 256 flags `0` and `1`. */
  deleted: string | null;
  squeezed: string | null;
}
export interface TrState {
  /** The byte written last when it was of the squeezed set. */
  last: string;
}

const CONTROL: Readonly<Record<string, string>> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };
const members = (name: ClassName) =>
  Array.from({ length: 128 }, (_, c) => c)
    .filter((c) => CLASSES[name](c))
    .map((c) => String.fromCharCode(c))
    .join('');

interface ParsedSet {
  bytes: string;
  /** Where in `bytes` a [c*] is to be stretched. */
  stretch?: { at: number; byte: string };
  classes: string[];
  /** Where [:upper:] or [:lower:] begin. */
  cases: { name: string; at: number }[];
}

function parseSet(text: string, flavour: Flavour): ParsedSet {
  const gnu = flavour === 'gnu';
  const set: ParsedSet = { bytes: '', classes: [], cases: [] };
  let at = 0;
  const unit = (): { byte: string; escaped: boolean } => {
    if (text[at] !== '\\' || at + 1 >= text.length) return { byte: text[at++]!, escaped: false };
    const m = /^\\(?:([0-7]{1,3})|x([0-9a-fA-F]{1,2})|([\s\S]))/.exec(text.slice(at, at + 4))!;
    if (m[1] !== undefined) {
      const digits = parseInt(m[1], 8) > 255 ? m[1].slice(0, 2) : m[1];
      at += 1 + digits.length;
      return { byte: String.fromCharCode(parseInt(digits, 8)), escaped: true };
    }
    if (m[2] !== undefined && !gnu) {
      at += m[0].length;
      return { byte: String.fromCharCode(parseInt(m[2], 16)), escaped: true };
    }
    const c = text[at + 1]!;
    if (!gnu && c !== '\\' && CONTROL[c] === undefined) return { byte: text[at++]!, escaped: false };
    at += 2;
    return { byte: CONTROL[c] ?? c, escaped: true };
  };
  while (at < text.length) {
    if (text[at] === '[') {
      const cls = /^\[:([^:\]]*):\]/.exec(text.slice(at));
      if (cls !== null && (gnu || Object.hasOwn(CLASSES, cls[1]!))) {
        const name = cls[1]!;
        if (!Object.hasOwn(CLASSES, name) || name === 'word')
          throw new UsageError(name === '' ? "missing character class name '[::]'" : `invalid character class ${quoted(name)}`);
        set.classes.push(name);
        if (name === 'upper' || name === 'lower') set.cases.push({ name, at: set.bytes.length });
        set.bytes += members(name as ClassName);
        at += cls[0].length;
        continue;
      }
      const same = /^\[=(\\?[\s\S])=\]/.exec(text.slice(at));
      if (same !== null) {
        set.bytes += same[1]!.at(-1);
        at += same[0].length;
        continue;
      }
      if (gnu) {
        const start = at;
        at++;
        const { byte } = at < text.length ? unit() : { byte: '' };
        const count = /^\*(\d*)\]/.exec(text.slice(at));
        if (byte !== '' && count !== null) {
          const n = count[1]!.startsWith('0') ? parseInt(count[1]!, 8) : Number(count[1] || 0);
          if (n === 0) set.stretch = { at: set.bytes.length, byte };
          else set.bytes += byte.repeat(Math.min(n, 4096));
          at += count[0].length;
          continue;
        }
        at = start;
      }
    }
    const first = unit();
    if (text[at] === '-' && at + 1 < text.length && !(first.escaped && first.byte === '-' && gnu)) {
      const keep = at;
      at++;
      const last = unit();
      if (last.byte < first.byte) {
        if (gnu) throw new UsageError(`range-endpoints of '${text.slice(keep - 1, at)}' are in reverse collating sequence order`);
        continue;
      }
      for (let c = first.byte.charCodeAt(0); c <= last.byte.charCodeAt(0); c++) set.bytes += String.fromCharCode(c);
    } else set.bytes += first.byte;
  }
  return set;
}

const flags = (bytes: string): string => {
  const table: string[] = new Array(256).fill('0');
  for (const c of bytes) table[c.charCodeAt(0)] = '1';
  return table.join('');
};
const complementOf = (bytes: string) =>
  Array.from({ length: 256 }, (_, c) => String.fromCharCode(c))
    .filter((c) => !bytes.includes(c))
    .join('');

/** Prepares tr for its operands. Throws UsageError. */
export function prepareTr(operands: readonly string[], options: TrOptions, flavour: Flavour = 'gnu'): TrTable {
  const gnu = flavour === 'gnu';
  const [text1, text2] = operands;
  const wanted = options.delete ? (options.squeeze ? 2 : 1) : options.squeeze ? 1 : 2;
  if (gnu) {
    if (text1 === undefined) throw new UsageError('missing operand', true);
    if (text2 === undefined && wanted === 2) {
      const why = options.delete
        ? 'Two strings must be given when both deleting and squeezing repeats.'
        : 'Two strings must be given when translating.';
      throw new UsageError(`missing operand after ${quoted(text1)}\n${why}`, true);
    }
    const extra = operands[options.delete && !options.squeeze ? 1 : 2];
    if (extra !== undefined)
      throw new UsageError(
        `extra operand ${quoted(extra)}${operands.length === 2 ? '\nOnly one string may be given when deleting without squeezing repeats.' : ''}`,
        true,
      );
  } else if (text1 === undefined || operands.length > 2) throw new UsageError('', true);

  const set1 = parseSet(text1, flavour);
  if (set1.stretch !== undefined) throw new UsageError('the [c*] repeat construct may not appear in string1');
  let from = options.complement ? complementOf(set1.bytes) : set1.bytes;
  const set2 = text2 === undefined ? null : parseSet(text2, flavour);
  const translating = set2 !== null && !options.delete;
  if (set2?.stretch !== undefined) {
    const { at, byte } = set2.stretch;
    set2.bytes = set2.bytes.slice(0, at) + byte.repeat(Math.max(0, from.length - set2.bytes.length)) + set2.bytes.slice(at);
  }
  let map: string | null = null;
  if (translating) {
    let to = set2.bytes;
    if (gnu && set2.classes.some((name) => name !== 'upper' && name !== 'lower'))
      throw new UsageError("when translating, the only character classes that may appear in\nstring2 are 'upper' and 'lower'");
    if (gnu && set2.cases.some((c) => !set1.cases.some((other) => other.at === c.at)))
      throw new UsageError('misaligned [:upper:] and/or [:lower:] construct');
    if (to === '' && (gnu ? from !== '' && !options.truncate : true))
      throw new UsageError(gnu ? 'when not truncating set1, string2 must be non-empty' : 'STRING2 cannot be empty');
    if (options.truncate) from = from.slice(0, to.length);
    else if (to !== '') to = to.padEnd(from.length, to.at(-1));
    const table = Array.from({ length: 256 }, (_, c) => String.fromCharCode(c));
    for (let i = 0; i < from.length; i++) table[from.charCodeAt(i)] = to[i]!;
    map = table.join('');
  }
  return {
    map,
    deleted: options.delete ? flags(from) : null,
    squeezed: options.squeeze ? flags(set2 === null ? from : set2.bytes) : null,
  };
}

/** Feeds some bytes. */
export function trChunk(table: TrTable, state: TrState, chunk: string): { state: TrState; out: string } {
  let { last } = state;
  const out: string[] = [];
  for (const byte of chunk) {
    const code = byte.charCodeAt(0);
    if (table.deleted?.[code] === '1') continue;
    const made = table.map === null ? byte : table.map[code]!;
    if (table.squeezed !== null) {
      if (made === last) continue;
      last = table.squeezed[made.charCodeAt(0)] === '1' ? made : '';
    }
    out.push(made);
  }
  return { state: { last }, out: out.join('') };
}
