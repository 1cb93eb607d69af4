/**
 * A chapter's tasks and questions: read from its YAML, checked by their kind (lib/quiz), and each question posed once, so
 * that it reads without JavaScript.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { type Ground, type Posed, pose, Question, type Shown, Task } from '../lib/quiz';
import '../lib/machine/whole';
import { begin, run } from '../lib/quiz/world';
import { readText, readYaml } from './schema';

/** `each` for every item of a YAML list; an error names the item. */
const listOf = <T>(each: {
  safeParse: (value: unknown) => { success: boolean; data?: T; error?: { issues: readonly z.core.$ZodIssue[] } };
}) =>
  z.array(z.looseObject({ id: z.string() })).transform((items, ctx): T[] =>
    items.flatMap((item) => {
      const checked = each.safeParse(item);
      if (checked.success) return [checked.data as T];
      for (const issue of checked.error?.issues ?? [])
        ctx.addIssue({ code: 'custom', message: issue.message, path: [item.id, ...issue.path] });
      return [];
    }),
  );

function read<T>(folder: string, name: string, schema: z.ZodType<T[]>): T[] {
  const file = path.join(folder, name);
  return existsSync(file) ? readYaml(path.relative(process.cwd(), file), readText(file), schema) : [];
}

export const readTasks = (folder: string): Task[] => read(folder, 'tasks.yaml', listOf<Task>(Task));
export const readQuestions = (folder: string): Question[] => read(folder, 'quiz.yaml', listOf<Question>(Question));

/** Every question as it is put the first time. */
export const poseAll = (questions: Question[], ground: Ground): Posed[] => questions.map((q) => pose(q, ground, 0));

/** What each task's stage prints when it is set on a new machine. */
export const stageAll = (tasks: Task[], ground: Ground): Shown[][] => tasks.map((t) => run(begin(ground), t.given).shown);
