/** How the index is made and read: the same on the server, which writes it, and in the page. */
import type { Options } from 'minisearch';

export const KINDS = {
  chapter: 'Chapter',
  section: 'Section',
  word: 'Word',
  task: 'Task',
  question: 'Question',
  command: 'Command',
} as const;

export interface Found {
  /** Its address. */
  id: string;
  kind: keyof typeof KINDS;
  title: string;
  /** In which chapter or part of the site. */
  where: string;
  text: string;
}

/** What a person types as one word here may hold dots and dashes: overlay2, --cap-add, cgroup.procs. */
const words = (text: string) =>
  text.split(/[^\p{L}\p{N}._-]+/u).flatMap((w) => [w, ...w.split(/[._-]+/)].filter((p, i) => p !== '' && (i === 0 || p !== w)));

export const SEARCH_OPTIONS: Options<Found> = {
  fields: ['title', 'text'],
  storeFields: ['kind', 'title', 'where', 'text'],
  tokenize: words,
  processTerm: (term) => term.toLowerCase().replace(/^[._-]+|[._-]+$/g, '') || null,
  searchOptions: {
    boost: { title: 4 },
    prefix: true,
    combineWith: 'AND',
    boostDocument: (_id, _term, stored) => (stored?.kind === 'word' || stored?.kind === 'chapter' || stored?.kind === 'command' ? 1.6 : 1),
  },
};

/** What is asked for when nothing holds the words as they were typed. */
export const NEARLY = { fuzzy: (term: string) => (term.length > 3 ? 0.2 : false) };
