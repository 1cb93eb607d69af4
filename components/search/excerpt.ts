/** The part of a text in which words are found, with the words marked. */

const AROUND = 70;
const LENGTH = 220;

export interface Part {
  at: number;
  text: string;
  hit: boolean;
}

const escaped = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** `terms` are lower case. The text is cut between words. */
export function excerpt(text: string, terms: readonly string[]): Part[] {
  const some = terms.filter((t) => t.length > 1).toSorted((a, b) => b.length - a.length);
  const pattern = some.length > 0 ? new RegExp(`(?<![\\p{L}\\p{N}])(?:${some.map(escaped).join('|')})`, 'giu') : null;
  const first = pattern ? Math.max(0, text.search(pattern)) : 0;
  const from = first <= AROUND ? 0 : text.indexOf(' ', first - AROUND) + 1;
  const end = from + LENGTH >= text.length ? text.length : Math.max(text.lastIndexOf(' ', from + LENGTH), first + 1);
  const cut = (from > 0 ? '… ' : '') + text.slice(from, end) + (end < text.length ? ' …' : '');
  const parts: Part[] = [];
  let at = 0;
  for (const match of pattern ? cut.matchAll(pattern) : []) {
    if (match.index > at) parts.push({ at, text: cut.slice(at, match.index), hit: false });
    parts.push({ at: match.index, text: match[0], hit: true });
    at = match.index + match[0].length;
  }
  return at < cut.length ? [...parts, { at, text: cut.slice(at), hit: false }] : parts;
}
