/**
 * Which questions to look at again, and when: those that were answered wrong or are still open, after 1, 3, 7, 21 and 60
 * days, each right answer taking the next step.
 */
import type { Mark } from '../ask/kept';
import type { Item, Outline } from './course';

const DAY = 86_400_000;
const AFTER = [1, 3, 7, 21, 60];

export interface Review {
  chapter: Pick<Outline, 'slug' | 'number' | 'title'>;
  question: Item;
  mark: Mark;
  /** Milliseconds since the epoch; null: at once, since it is still open. */
  due: number | null;
}

/** Null for a question that was right at once, or never tried. */
function dueOf({ tries, right, last }: Mark): number | null | 'never' {
  if (tries === 0 || tries <= right) return 'never';
  return right === 0 ? null : last + (AFTER[Math.min(right, AFTER.length) - 1] ?? 0) * DAY;
}

/** What there is to look at again, the most urgent first. */
export function reviews(course: readonly Outline[], marks: (slug: string) => Record<string, Mark>): Review[] {
  return course
    .flatMap(({ questions, ...chapter }) => {
      const of = marks(chapter.slug);
      return questions.flatMap((question): Review[] => {
        const mark = of[question.id];
        const due = mark ? dueOf(mark) : 'never';
        return mark && due !== 'never' ? [{ chapter, question, mark, due }] : [];
      });
    })
    .toSorted((a, b) => (a.due ?? 0) - (b.due ?? 0));
}
