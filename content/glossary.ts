/** Every word that the chapters explain, with the place and the paragraph that explains it. */
import { loadAll, type Term } from './chapter';

export interface Explained extends Term {
  /** The address of its place. */
  href: string;
}

export async function loadGlossary(): Promise<Explained[]> {
  const chapters = await loadAll();
  return chapters
    .flatMap(({ meta, terms }) => terms.map((term) => ({ ...term, href: `/learn/${meta.slug}#${term.id}` })))
    .toSorted((a, b) => a.word.localeCompare(b.word, 'en'));
}
