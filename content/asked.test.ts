/** Every task and question of every chapter, replayed: solutions solve, wrong ways fail with their reason, in all variants. */
import { describe, expect, it } from 'vitest';
import { faults, KINDS, taskFaults, variantsOf } from '../lib/quiz';
import { readQuestions, readTasks } from './asked';
import { loadBySlug, writtenChapters } from './chapter';
import { readText, splitFrontMatter } from './schema';

/** Variants of a question that are replayed; all of them would take long where parameters are many. */
const REPLAYED = 4;

describe.each(writtenChapters().map((c) => [c.slug, c.folder ?? ''] as const))('%s', (_, folder) => {
  const { meta } = splitFrontMatter(folder, readText(`${folder}/chapter.mdx`));
  const ground = { scenario: meta.scenario, seed: meta.seed };

  it.each(readTasks(folder).map((t) => [t.id, t] as const))('task %s', (_, task) => expect(taskFaults(task, ground)).toEqual([]));

  it.each(readQuestions(folder).flatMap((q) => Array.from({ length: Math.min(variantsOf(q), REPLAYED) }, (_, n) => [q.id, n, q] as const)))(
    'question %s, variant %i',
    (_, variant, q) => expect(faults(q, ground, variant)).toEqual([]),
  );

  it('asks in several ways', () => {
    const kinds = new Set(readQuestions(folder).map((q) => q.kind));
    expect(kinds.size).toBeGreaterThanOrEqual(Math.min(4, Object.keys(KINDS).length));
  });

  it('puts every task and question into the text', async () => {
    const course = writtenChapters().find((c) => c.folder === folder);
    if (!course) throw new Error('no chapter');
    const text = readText(`${folder}/chapter.mdx`);
    const { tasks, quiz } = await loadBySlug(course.slug);
    expect(tasks.filter((t) => !text.includes(`<Task id="${t.id}"`)).map((t) => t.id)).toEqual([]);
    expect(quiz.filter((q) => !text.includes(`<Quiz id="${q.id}"`)).map((q) => q.id)).toEqual([]);
  });
});
