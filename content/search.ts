/** What the search looks through: sections, words explained, tasks, questions, commands and pages of the site, as an index of MiniSearch. */
import MiniSearch from 'minisearch';
import { type Found, SEARCH_OPTIONS } from '../components/search/options';
import { says } from '../lib/quiz';
import { type Chapter, loadAll } from './chapter';
import { loadReference } from './reference';

const MOST_TEXT = 4000;

function ofChapter({ meta, sections, terms, tasks, quiz, posed }: Chapter): Found[] {
  const page = `/learn/${meta.slug}`;
  const where = `${meta.number} ${meta.title}`;
  return [
    { id: page, kind: 'chapter', title: meta.title, where: `Chapter ${meta.number}`, text: meta.lede },
    ...sections.map(
      (s): Found => ({
        id: `${page}#${s.id}`,
        kind: 'section',
        title: `${s.number} ${s.title}`,
        where,
        text: s.text.join(' ').slice(0, MOST_TEXT),
      }),
    ),
    ...terms.map(
      (t): Found => ({ id: `${page}#${t.id}`, kind: 'word', title: t.word, where: `${t.section.number} ${t.section.title}`, text: t.says }),
    ),
    ...tasks.map(
      (t): Found => ({ id: `${page}#task-${t.id}`, kind: 'task', title: t.title, where, text: [t.text, ...t.facts.map(says)].join(' ') }),
    ),
    ...quiz.map(
      (q, n): Found => ({
        id: `${page}#question-${q.id}`,
        kind: 'question',
        title: posed[n]?.title ?? q.id,
        where,
        text: posed[n]?.ask ?? '',
      }),
    ),
  ];
}

/** The index as JSON: what `MiniSearch.loadJSON` reads with SEARCH_OPTIONS. */
export async function searchIndex(): Promise<string> {
  const chapters = await loadAll();
  const index = new MiniSearch<Found>(SEARCH_OPTIONS);
  index.addAll(chapters.flatMap(ofChapter).map((found) => ({ ...found, text: found.text.replaceAll('`', '') })));
  index.addAll(
    loadReference(chapters).map(
      (c): Found => ({
        id: `/reference/${c.slug}`,
        kind: 'command',
        title: c.name,
        where: c.modelled ? 'Reference' : 'Reference, not modelled',
        text: [c.record.short, ...c.aliases, ...c.flags.map((f) => `--${f.name} ${f.says}`)].join(' ').slice(0, MOST_TEXT),
      }),
    ),
  );
  return JSON.stringify(index);
}
