/**
 * Text to commands, remembered: a sleeping shell keeps the text only, and finds its place by parsing it again.
 *
 * The memory is a pure cache: emptying it at any moment changes nothing but time.
 */

import { option, type Shell, shopt } from '../state';
import type { Node } from '../syntax/ast';
import { parseLine } from '../syntax/parse';
import { type Grammar, type PendingHereDoc, reader } from '../syntax/reader';

interface Parsed {
  line: number;
  grammar: Grammar;
  extglob: boolean;
  nodes: readonly Node[];
}

const remembered = new Map<string, Parsed>();
const REMEMBER = 500;

function remember(src: string, parsed: Parsed): void {
  if (remembered.size >= REMEMBER) remembered.clear();
  remembered.set(src, parsed);
}

/** The commands of a unit's text; the last is the whole. */
export function nodesOf(sh: Shell, src: string, line: number): readonly Node[] {
  const extglob = shopt(sh, 'extglob');
  const known = remembered.get(src);
  if (known !== undefined && known.line === line && known.grammar === sh.d.grammar && known.extglob === extglob) return known.nodes;
  const r = reader(src, line, sh.d.grammar, extglob);
  parseLine(r);
  remember(src, { line, grammar: sh.d.grammar, extglob, nodes: r.nodes });
  return r.nodes;
}

export interface NextLine {
  src: string;
  /** Characters of the text that were taken. */
  taken: number;
  root: Node | null;
  unfinished: readonly PendingHereDoc[];
}

/** The next complete command of a text. Throws SyntaxFault. */
export function nextLine(sh: Shell, text: string, line: number): NextLine {
  const extglob = shopt(sh, 'extglob');
  const aliases = sh.d.aliasesAlways || shopt(sh, 'expand_aliases') ? sh.s.aliases : {};
  const r = reader(text, line, sh.d.grammar, extglob, option(sh, 'posix') ? sh.s.aliases : aliases);
  const root = parseLine(r);
  const src = r.src.slice(0, r.pos);
  if (root !== null && r.unfinished.length === 0) remember(src, { line, grammar: sh.d.grammar, extglob, nodes: r.nodes });
  return { src, taken: r.pos - r.grown, root, unfinished: r.unfinished };
}

/** The unit that the topmost frames belong to. */
export function unitOf(sh: Shell): { src: string; line: number } {
  for (let i = sh.s.stack.length - 1; i >= 0; i--) {
    const f = sh.s.stack[i]!;
    if (f.t === 'unit') return f;
  }
  throw new Error('a command outside of any unit');
}

export function nodeOf<K extends Node['t']>(sh: Shell, f: { n: number }, _kind?: K): Node & { t: K } {
  const unit = unitOf(sh);
  return nodesOf(sh, unit.src, unit.line)[f.n] as Node & { t: K };
}
