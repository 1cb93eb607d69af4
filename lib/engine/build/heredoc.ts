/**
 * Heredocs in a Dockerfile: `<<EOF`, `<<-EOF`, `<<"EOF"`. Dockerfile reference, "Here-Documents";
 * BuildKit frontend/dockerfile/parser.
 */

import { expand } from './lex';

export interface Heredoc {
  name: string;
  fd: number;
  /** Variables in it are replaced: no part of the name is quoted. */
  expand: boolean;
  /** `<<-`: leading tabs go. */
  chomp: boolean;
  content: string;
}

const FORM = /^(\d*)<<(-?)([^<]*)$/;

/** A word that begins a heredoc, or null. Throws for unbalanced quotes. */
export function parseHeredoc(word: string): Heredoc | null {
  const m = FORM.exec(word);
  const rest = m?.[3] ?? '';
  if (!m || rest === '') return null;
  const options = { escape: '\\', skipUnset: true };
  const words = expand(rest, {}, options).words;
  if (words.length !== 1) return null;
  const raw = expand(rest, {}, { ...options, rawQuotes: true }).words;
  if (raw.length !== words.length) throw new Error(`internal lexing of heredoc produced inconsistent results: ${rest}`);
  const quotes = (text: string) => text.replace(/[^'"]/g, '').length;
  const name = words[0] as string;
  return { name, fd: Number(m[1] || 0), expand: quotes(name) === quotes(raw[0] as string), chomp: m[2] === '-', content: '' };
}

/** The same for a word whose quotes were looked at before: null for what is none. */
export function heredocOf(word: string): Heredoc | null {
  try {
    return parseHeredoc(word);
  } catch {
    return null;
  }
}

/** All heredocs that a line begins. */
export function heredocsOf(line: string): Heredoc[] {
  let words: string[];
  try {
    words = expand(line, {}, { escape: '\\', rawQuotes: true, rawEscapes: true, skipUnset: true }).words;
  } catch {
    return [];
  }
  // `<< EOF`: a space may stand before the name, which then is the whole next word.
  return words.flatMap((w, i) => parseHeredoc(/^\d*<<$/.test(w) && words[i + 1] !== undefined ? `${w} ${words[i + 1]}` : w) ?? []);
}

/** Without the tabs at the beginning of its lines. */
export const chomped = (text: string): string => text.replace(/^\t+/gm, '');
