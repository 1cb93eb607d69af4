/** The course as a list: parts, chapters and mechanisms, read from syllabus.yaml and checked; which chapters are written, by their folders. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

export const LANGUAGE = 'en';
const ROOT = path.join(process.cwd(), 'content');

const Id = z.string().regex(/^[a-z0-9]+\.[a-z0-9-]+$/);
const Mechanism = z.union([z.string().min(1), z.strictObject({ says: z.string().min(1), read: z.literal(true) })]);
const Syllabus = z.strictObject({
  parts: z.array(
    z.strictObject({
      title: z.string().min(1),
      about: z.string().min(1),
      chapters: z.array(
        z.strictObject({
          number: z.int().positive(),
          slug: z.string().regex(/^[a-z0-9-]+$/),
          title: z.string().min(1),
          mechanisms: z.record(Id, Mechanism),
        }),
      ),
    }),
  ),
});

export interface CourseMechanism {
  id: string;
  says: string;
  /** Outside one Linux host: a question without a model is enough. */
  read: boolean;
}
export interface CourseChapter {
  number: number;
  slug: string;
  title: string;
  mechanisms: CourseMechanism[];
  /** Folder of the chapter's text, or null while it is not written. */
  folder: string | null;
}
export interface CoursePart {
  title: string;
  about: string;
  chapters: CourseChapter[];
}

const folderName = (number: number, slug: string) => `${String(number).padStart(2, '0')}-${slug}`;

/** Reads the course. Throws with the file's name when syllabus.yaml is not as it must be. */
export function loadCourse(language = LANGUAGE): CoursePart[] {
  const file = path.join(ROOT, 'syllabus.yaml');
  const checked = Syllabus.safeParse(parse(readFileSync(file, 'utf8')));
  if (!checked.success) throw new Error(`content/syllabus.yaml: ${z.prettifyError(checked.error)}`);
  return checked.data.parts.map(({ title, about, chapters }) => ({
    title,
    about,
    chapters: chapters.map(({ mechanisms, ...chapter }) => {
      const folder = path.join(ROOT, language, folderName(chapter.number, chapter.slug));
      return {
        ...chapter,
        mechanisms: Object.entries(mechanisms).map(([id, m]) => (typeof m === 'string' ? { id, says: m, read: false } : { id, ...m })),
        folder: existsSync(path.join(folder, 'chapter.mdx')) ? folder : null,
      };
    }),
  }));
}

export const allChapters = (course: CoursePart[]): CourseChapter[] => course.flatMap((part) => part.chapters);

/** Folders under the language that no chapter of the syllabus accounts for. */
export function strayFolders(course: CoursePart[], language = LANGUAGE): string[] {
  const known = new Set(allChapters(course).map((c) => folderName(c.number, c.slug)));
  return readdirSync(path.join(ROOT, language)).filter((name) => !known.has(name));
}
