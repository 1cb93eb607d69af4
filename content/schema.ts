/** What an author may write around the text of a chapter, checked: front matter, and any YAML by its schema. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { XRAY_IDS } from '../components/xrays';

const id = z.string().regex(/^[a-z0-9]+\.[a-z0-9-]+$/, 'an id of the syllabus, such as fs.cow');

export const FrontMatter = z.strictObject({
  /** The heading of the page. */
  title: z.string().min(1),
  number: z.int().positive(),
  slug: z.string(),
  /** Ends the line above the heading: "Chapter 4 of 21, the union file system". */
  subject: z.string().min(1),
  /** The first paragraph, set large; also the page's description. */
  lede: z.string().min(1),
  covers: z.array(id),
  /** What the chapter's machine starts from. */
  scenario: z.string().min(1),
  seed: z.int().nonnegative().default(1),
  /** The X-ray that is open beside the text. */
  xray: z.enum(XRAY_IDS).default('layers'),
});
export type FrontMatter = z.infer<typeof FrontMatter>;

/** `schema` applied to the YAML in `text`; errors begin with `name`. */
export function readYaml<T extends z.ZodType>(name: string, text: string, schema: T): z.output<T> {
  const checked = schema.safeParse(parse(text));
  if (!checked.success) throw new Error(`${name}: ${z.prettifyError(checked.error)}`);
  return checked.data;
}

export function splitFrontMatter(name: string, source: string): { meta: FrontMatter; text: string } {
  const match = /^---\n([\s\S]*?)\n---\n/.exec(source);
  if (!match?.[1]) throw new Error(`${name}: no front matter`);
  return { meta: readYaml(name, match[1], FrontMatter), text: source.slice(match[0].length) };
}

export const readText = (file: string) => readFileSync(file, 'utf8');
