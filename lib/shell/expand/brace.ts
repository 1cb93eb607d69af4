/**
 * Brace expansion, before every other: a{b,c}d → abd acd, {1..3} → 1 2 3. bash(1) Brace Expansion.
 *
 * Works over a word's parts: only unquoted braces, commas and dots count; what is quoted or expanded goes along whole.
 */

import type { Part, Word } from '../syntax/ast';

/** One unquoted character, or a part that is taken whole. */
type Item = string | Part;

/** More words than this from one are not made. */
const LIMIT = 100_000;

export function expandBraces(word: Word): Word[] {
  if (!word.parts.some((p) => p.t === 'lit' && p.s.includes('{'))) return [word];
  const items: Item[] = word.parts.flatMap((p): Item[] => (p.t === 'lit' ? [...p.s] : [p]));
  const made = expand(items);
  return made.length === 1 && made[0] === items ? [word] : made.map((m) => ({ parts: join(m), raw: word.raw }));
}

function join(items: Item[]): Part[] {
  const parts: Part[] = [];
  let s = '';
  for (const item of items) {
    if (typeof item === 'string') {
      s += item;
      continue;
    }
    if (s !== '') parts.push({ t: 'lit', s });
    s = '';
    parts.push(item);
  }
  if (s !== '') parts.push({ t: 'lit', s });
  return parts;
}

function expand(items: Item[]): Item[][] {
  for (let open = 0; open < items.length; open++) {
    if (items[open] !== '{') continue;
    const found = braces(items, open);
    if (found === null) continue;
    const before = items.slice(0, open);
    const after = expand(items.slice(found.end + 1));
    const out: Item[][] = [];
    for (const choice of found.choices) {
      for (const rest of after) {
        if (out.length >= LIMIT) return out;
        out.push([...before, ...choice, ...rest]);
      }
    }
    return out;
  }
  return [items];
}

/** The choices of a brace at `open` and where it closes; null if it is plain text. */
function braces(items: Item[], open: number): { choices: Item[][]; end: number } | null {
  let depth = 0;
  let start = open + 1;
  const pieces: Item[][] = [];
  for (let i = open; i < items.length; i++) {
    const c = items[i];
    if (c === '{') depth++;
    else if (c === '}' && --depth === 0) {
      pieces.push(items.slice(start, i));
      if (pieces.length > 1) return { choices: pieces.flatMap(expand), end: i };
      const range = sequence(pieces[0]!);
      return range === null ? null : { choices: range.map((s) => [...s]), end: i };
    } else if (c === ',' && depth === 1) {
      pieces.push(items.slice(start, i));
      start = i + 1;
    }
  }
  return null;
}

/** {1..5}, {5..1..2}, {a..e}, {01..10} */
function sequence(items: Item[]): string[] | null {
  if (!items.every((i) => typeof i === 'string')) return null;
  const m = /^(-?\d+|[A-Za-z])\.\.(-?\d+|[A-Za-z])(?:\.\.(-?\d+))?$/.exec(items.join(''));
  if (m === null) return null;
  const [, from, to] = m as unknown as [string, string, string];
  const letters = /^[A-Za-z]$/.test(from);
  if (letters !== /^[A-Za-z]$/.test(to)) return null;
  const a = letters ? from.charCodeAt(0) : Number(from);
  const b = letters ? to.charCodeAt(0) : Number(to);
  const step = Math.max(1, Math.abs(Number(m[3] ?? 1)));
  const padded = !letters && (/^-?0\d/.test(from) || /^-?0\d/.test(to));
  const width = padded ? Math.max(from.length, to.length) : 0;
  const out: string[] = [];
  for (let n = a; a <= b ? n <= b : n >= b; n += a <= b ? step : -step) {
    if (out.length >= LIMIT) break;
    if (letters) out.push(String.fromCharCode(n));
    else out.push(n < 0 ? `-${`${-n}`.padStart(width - 1, '0')}` : `${n}`.padStart(width, '0'));
  }
  return out;
}
