/** The words that chapters explain (`<dfn>`), and where; what later chapters link them to. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { allChapters, type CourseChapter, loadCourse } from './course';

/** The anchor of a heading or a word. */
export const slug = (text: string) =>
  text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
export const termId = (word: string) => `term-${slug(word)}`;

/**
 * Words that chapters explain and that English uses in other senses, too, or that stand in every second sentence: a link at
 * each would only be in the way.
 */
const PLAIN = new Set(
  `alias bundle concern container context created daemon dead dive driver endpoint gateway handler image index init instruction internal
  limit label manifest merged named network opaque orphan paused period platform project propagation published quota reap
  restarting running sandbox scope service set stack stage starting statically swarm tag template tty union volume weight`.split(/\s+/),
);

/** Words that the chapters before this one explain, in lower case, with the address of the place that does. */
export function termsBefore({ number }: Pick<CourseChapter, 'number'>): Map<string, string> {
  const found = new Map<string, string>();
  for (const chapter of allChapters(loadCourse())) {
    if (chapter.number >= number || !chapter.folder) continue;
    for (const [, word = ''] of readFileSync(path.join(chapter.folder, 'chapter.mdx'), 'utf8').matchAll(/<dfn>([^<]+)<\/dfn>/g)) {
      const known = word.toLowerCase();
      if (!PLAIN.has(known) && !found.has(known)) found.set(known, `/learn/${chapter.slug}#${termId(word)}`);
    }
  }
  return found;
}

/** A piece of text: as it is, or a word that is explained elsewhere. */
export interface Piece {
  text: string;
  href?: string;
}

/** Cuts a text at the first mention of each word in `terms`, which are then taken out of it: a chapter links each word once. */
export function linkTerms(text: string, terms: Map<string, string>): Piece[] {
  if (terms.size === 0) return [{ text }];
  const words = [...terms.keys()]
    .toSorted((a, b) => b.length - a.length)
    .map((w) => w.replaceAll(/[^a-z0-9 ]/g, '\\$&').replaceAll(' ', '\\s+'));
  const hit = new RegExp(`(?<![\\w./-])(${words.join('|')})(?:e?s)?(?![\\w/-]|\\.\\w)`, 'i').exec(text);
  const word = hit?.[1]?.toLowerCase().replaceAll(/\s+/g, ' ');
  const href = word === undefined ? undefined : terms.get(word);
  if (!hit || word === undefined || href === undefined) return [{ text }];
  terms.delete(word);
  const end = hit.index + hit[0].length;
  return [
    ...(hit.index > 0 ? [{ text: text.slice(0, hit.index) }] : []),
    { text: hit[0], href },
    ...(end < text.length ? linkTerms(text.slice(end), terms) : []),
  ];
}
