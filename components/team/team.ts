/** What files of progress say of a team: pure functions from them to tables. */
import { type Mark, NONE } from '../ask/kept';
import type { Item, Outline } from '../progress/course';
import type { ProgressFile } from '../progress/file';

export interface Learner extends Pick<ProgressFile, 'solved' | 'read'> {
  name: string;
}

/** How a task or question stands with somebody. */
export type Standing = 'solved' | 'helped' | 'tried' | 'untouched';

export const markOf = ({ solved }: Learner, chapter: string, id: string): Mark => solved[chapter]?.[id] ?? NONE;

export function standing({ solved, tries, right, hints, solutions }: Mark): Standing {
  if (solved) return hints + solutions > 0 || tries > right ? 'helped' : 'solved';
  return tries + hints + solutions > 0 ? 'tried' : 'untouched';
}

/** How many of these somebody has solved. */
export const solvedOf = (learner: Learner, chapter: string, items: readonly Item[]): number =>
  items.filter(({ id }) => markOf(learner, chapter, id).solved).length;

export interface Misunderstood {
  chapter: Pick<Outline, 'slug' | 'number' | 'title'>;
  question: Item;
  /** Who answered it wrong at least once, and who of them has not answered it right yet. */
  wrong: string[];
  open: string[];
}

/** The questions that several, or somebody for good, answered wrong; those that most did come first. */
export function misunderstood(course: readonly Outline[], learners: readonly Learner[]): Misunderstood[] {
  return course
    .flatMap(({ slug, number, title, questions }) =>
      questions.map((question): Misunderstood => {
        const wrong = learners.filter((l) => {
          const { tries, right } = markOf(l, slug, question.id);
          return tries > right;
        });
        const open = wrong.filter((l) => markOf(l, slug, question.id).right === 0);
        return { chapter: { slug, number, title }, question, wrong: wrong.map((l) => l.name), open: open.map((l) => l.name) };
      }),
    )
    .filter(({ wrong, open }) => wrong.length > 1 || open.length > 0)
    .toSorted((a, b) => b.wrong.length - a.wrong.length || b.open.length - a.open.length);
}

/** A row for each learner and each task or question that was touched: what a spreadsheet is made from. */
export function rows(course: readonly Outline[], learners: readonly Learner[]) {
  return learners.flatMap((learner) =>
    course.flatMap(({ slug, tasks, questions }) =>
      [...tasks.map((item) => ({ kind: 'task', item })), ...questions.map((item) => ({ kind: 'question', item }))].flatMap(
        ({ kind, item }) => {
          const mark = markOf(learner, slug, item.id);
          const stands = standing(mark);
          if (stands === 'untouched') return [];
          return [
            {
              learner: learner.name,
              chapter: slug,
              kind,
              id: item.id,
              stands,
              tries: mark.tries,
              hints: mark.hints,
              solutions: mark.solutions,
            },
          ];
        },
      ),
    ),
  );
}
