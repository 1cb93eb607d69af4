/**
 * What the written chapters cover. An id counts when its chapter lists it and something there runs it: a console block,
 * a task or a question that names it. An id marked `read` needs only a question.
 */
import type { CourseChapter } from './course';

/** What of a chapter matters here. */
export interface Covering {
  meta: { slug: string; covers: string[] };
  blocks: { covers: string[] }[];
  tasks: { id: string; covers: string[] }[];
  quiz: { id: string; covers: string[] }[];
}

export interface Coverage {
  covered: { id: string; by: string[] }[];
  missing: string[];
}

function runs({ meta, blocks, tasks, quiz }: Covering, id: string): string[] {
  if (!meta.covers.includes(id)) return [];
  const name = (kind: string, n: number | string) => `${meta.slug}: ${kind} ${n}`;
  return [
    ...blocks.flatMap((b, n) => (b.covers.includes(id) ? [name('console', n + 1)] : [])),
    ...tasks.flatMap((t) => (t.covers.includes(id) ? [name('task', t.id)] : [])),
    ...quiz.flatMap((q) => (q.covers.includes(id) ? [name('question', q.id)] : [])),
  ];
}

export function coverage(course: CourseChapter[], chapters: Covering[]): Coverage {
  const all = course.flatMap((c) => c.mechanisms.map(({ id }) => ({ id, by: chapters.flatMap((chapter) => runs(chapter, id)) })));
  return { covered: all.filter(({ by }) => by.length > 0), missing: all.filter(({ by }) => by.length === 0).map(({ id }) => id) };
}
