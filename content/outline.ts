/** The course as the pages of progress and of a team need it. */
import type { Outline } from '../components/progress/course';
import { loadAll } from './chapter';

export const loadOutlines = async (): Promise<Outline[]> =>
  (await loadAll()).map(
    ({ meta, course: { title }, sections, tasks, posed }): Outline => ({
      slug: meta.slug,
      number: meta.number,
      title,
      sections: sections.map(({ id, title }) => ({ id, title })),
      tasks: tasks.map(({ id, title }) => ({ id, title })),
      questions: posed.map(({ id, title }) => ({ id, title })),
    }),
  );
