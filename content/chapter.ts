/**
 * A chapter: folder → text compiled, consoles run, drawings' data taken, tasks and questions read.
 *
 *   content/en/04-unionfs/   chapter.mdx   front matter and text
 *                            tasks.yaml    what <Task id="…" /> refers to
 *                            quiz.yaml     what <Quiz id="…" /> refers to
 *
 * The text's consoles run in order on one machine, so a block stands on those before it; a drawing shows the machine as
 * it is where the drawing stands. Everything that can go wrong is an error of the build, with the file's name and line.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import rehypeShiki from '@shikijs/rehype';
import { bundleMDX } from 'mdx-bundler';
import remarkGfm from 'remark-gfm';
import { createCssVariablesTheme } from 'shiki';
import { XRAYS } from '../components/xrays';
import { type AnyXray, loadXray } from '../components/xrays/load';
import { tagOf } from '../components/xrays/tag';
import type { Posed, Question, Shown, Task } from '../lib/quiz';
import { poseAll, readQuestions, readTasks, stageAll } from './asked';
import { bootMachines, type Machines, type RunBlock, type RunCommand, readBlock, runBlock } from './console';
import { allChapters, type CourseChapter, loadCourse } from './course';
import { type FrontMatter, readText, splitFrontMatter } from './schema';
import { linkTerms, type Piece, slug, termId, termsBefore } from './terms';

export interface Section {
  id: string;
  /** "4.2" */
  number: string;
  title: string;
  /** The title as the rail has it: `## Writing copies the file up [Writing]`. */
  label: string;
  /** Its paragraphs (code in backquotes), and the commands of its consoles, a line each: what the search looks through. */
  text: string[];
  /** What its consoles run. */
  ran: RunCommand[];
  /** Paragraphs, consoles and drawings as they follow each other; numbers point into the chapter's `blocks` and `drawings`. */
  flow: ({ says: string } | { block: number } | { drawing: number })[];
}
/** A word that the text explains where it first uses it: `<dfn>`. */
export interface Term {
  word: string;
  /** The anchor of its place in the chapter. */
  id: string;
  section: Pick<Section, 'number' | 'title'>;
  /** The paragraph that explains it; code stands in backquotes. */
  says: string;
}
/** What a drawing in the text is drawn from. */
export interface ChapterDrawing {
  kind: AnyXray;
  view: unknown;
  /** The attributes of its tag. */
  text: Record<string, string>;
}
export interface Chapter {
  meta: FrontMatter;
  course: CourseChapter;
  sections: Section[];
  terms: Term[];
  blocks: RunBlock[];
  drawings: ChapterDrawing[];
  tasks: Task[];
  /** What the commands print that set each task's stage, in the order of `tasks`. */
  stages: Shown[][];
  quiz: Question[];
  /** The questions as they are put the first time, in the order of `quiz`. */
  posed: Posed[];
  /** Compiled text: a function body over React, ReactDOM and _jsx_runtime. */
  code: string;
}

/** A node of the text's tree, as far as it is looked at here (mdast with MDX's elements). */
interface Node {
  type: string;
  value?: string;
  depth?: number;
  lang?: string | null;
  meta?: string | null;
  name?: string | null;
  attributes?: { type: string; name?: string; value?: unknown }[];
  children?: Node[];
  position?: { start: { line: number } };
  data?: Record<string, unknown>;
}

const pieceOf = ({ text, href }: Piece): Node => {
  const words = { type: 'text', value: text };
  return href === undefined ? words : { ...element('Explained', { href }), type: 'mdxJsxTextElement', children: [words] };
};
const textOf = (node: Node): string => node.value ?? (node.children ?? []).map(textOf).join('');
/** As textOf, with code in backquotes. */
const saysOf = (node: Node): string =>
  node.type === 'inlineCode' ? `\`${node.value}\`` : (node.value ?? (node.children ?? []).map(saysOf).join(''));
const attribute = (node: Node, name: string) => node.attributes?.find((a) => a.name === name)?.value;
const element = (name: string, attributes: Record<string, string>): Node => ({
  type: 'mdxJsxFlowElement',
  name,
  attributes: Object.entries(attributes).map(([key, value]) => ({ type: 'mdxJsxAttribute', name: key, value })),
  children: [],
});
/** The walk over the text: numbers sections, runs consoles, takes drawings' data, notes which tasks and questions stand where. */
function walker(
  file: string,
  firstLine: number,
  meta: FrontMatter,
  kinds: ReadonlyMap<string, AnyXray>,
  /** Words to link where they are first mentioned; emptied on the way. */
  explained: Map<string, string>,
) {
  const found = {
    sections: [] as Section[],
    terms: [] as Term[],
    blocks: [] as RunBlock[],
    drawings: [] as ChapterDrawing[],
    asked: [] as { kind: 'Task' | 'Quiz'; id: string }[],
  };
  let at: Machines = bootMachines(meta.scenario, meta.seed);

  const visit = (node: Node): Node => {
    const where = `${file}:${firstLine + (node.position?.start.line ?? 0)}`;
    if (node.type === 'heading' && node.depth === 2) return heading(node);
    if (node.type === 'code' && node.lang === 'console') return console(where, node);
    if (node.type === 'paragraph') return paragraph(node);
    if (node.type === 'mdxJsxFlowElement') {
      if (node.name === 'Source') return source(where, node);
      const kind = kinds.get(node.name ?? '');
      if (kind) return drawing(where, node, kind);
      if (node.name === 'Task' || node.name === 'Quiz') found.asked.push({ kind: node.name, id: String(attribute(node, 'id') ?? '') });
    }
    return node.children ? { ...node, children: node.children.map(visit) } : node;
  };

  const heading = (node: Node): Node => {
    const [, title = '', label = title] = /^(.*?)(?:\s*\[([^\]]+)\])?$/.exec(textOf(node)) ?? [];
    const section = { id: slug(label), number: `${meta.number}.${found.sections.length + 1}`, title, label, text: [], ran: [], flow: [] };
    found.sections.push(section);
    const words = (node.children ?? []).map((c, i, all) =>
      i === all.length - 1 && c.value ? { ...c, value: c.value.replace(/\s*\[[^\]]+\]$/, '') } : c,
    );
    return { ...element('Heading', { id: section.id, number: section.number }), children: words };
  };

  const paragraph = (node: Node): Node => {
    const says = saysOf(node).replaceAll(/\s+/g, ' ');
    const section = found.sections.at(-1);
    section?.text.push(says);
    section?.flow.push({ says });
    const named = (child: Node): Node => {
      if (child.name !== 'dfn') return child.children ? { ...child, children: child.children.flatMap(mentioned) } : child;
      const word = textOf(child);
      const id = termId(word);
      if (found.terms.some((t) => t.id === id)) return child;
      if (section) found.terms.push({ word, id, section, says });
      return { ...child, attributes: [...(child.attributes ?? []), { type: 'mdxJsxAttribute', name: 'id', value: id }] };
    };
    const mentioned = (child: Node): Node[] => {
      if (child.type === 'text') return linkTerms(child.value ?? '', explained).map(pieceOf);
      return [child.type === 'link' ? child : named(child)];
    };
    return named(node);
  };

  const console = (where: string, node: Node): Node => {
    const written = readBlock(where, node.value ?? '', node.meta ?? '');
    const ran = runBlock(where, written, written.fresh ? bootMachines(written.scenario ?? meta.scenario, meta.seed) : at);
    if (!written.fresh) at = ran.at;
    found.blocks.push(ran.block);
    const section = found.sections.at(-1);
    section?.text.push(...ran.block.commands.map((c) => c.text));
    section?.ran.push(...ran.block.commands);
    section?.flow.push({ block: found.blocks.length - 1 });
    return element('Console', { n: String(found.blocks.length - 1) });
  };

  /** A file of this project, as it is. */
  const source = (where: string, node: Node): Node => {
    const name = String(attribute(node, 'path') ?? '');
    const full = path.resolve(name);
    if (!full.startsWith(process.cwd() + path.sep) || !existsSync(full))
      throw new Error(`${where}: <Source path="${name}">: there is no such file here`);
    return { type: 'code', lang: String(attribute(node, 'lang') ?? 'text'), value: readText(full).trimEnd() };
  };

  const drawing = (where: string, node: Node, kind: AnyXray): Node => {
    const text = Object.fromEntries((node.attributes ?? []).map((a) => [a.name ?? '', String(a.value ?? '')]));
    if (kind.among && text.of === undefined) throw new Error(`${where}: <${node.name}> needs of="…", the name of a ${kind.among.what}`);
    const view = kind.view(
      { machine: at.machine, before: kind.unmarked ? null : at.before, trace: at.trace, last: at.trace, traces: at.traces },
      text.of ?? null,
    );
    if (view === null) throw new Error(`${where}: <${node.name}>: there is nothing to draw at this place in the text`);
    found.drawings.push({ kind, view, text });
    found.sections.at(-1)?.flow.push({ drawing: found.drawings.length - 1 });
    return element(node.name ?? '', { n: String(found.drawings.length - 1) });
  };

  return { found, plugin: () => (tree: Node) => visit(tree) };
}

export async function loadChapter(course: CourseChapter): Promise<Chapter> {
  if (!course.folder) throw new Error(`Chapter ${course.number} is not written yet.`);
  const file = path.join(course.folder, 'chapter.mdx');
  const name = path.relative(process.cwd(), file);
  const source = readText(file);
  const { meta, text } = splitFrontMatter(name, source);
  if (meta.slug !== course.slug || meta.number !== course.number)
    throw new Error(`${name}: the syllabus has ${course.number} ${course.slug} here`);
  const foreign = meta.covers.filter((id) => !course.mechanisms.some((m) => m.id === id));
  if (foreign.length > 0) throw new Error(`${name}: covers ids that are not of this chapter: ${foreign.join(', ')}`);

  const kinds = new Map(await Promise.all(XRAYS.map(async ({ id }) => [tagOf(id), await loadXray(id)] as const)));
  const { found, plugin } = walker(
    name,
    source.slice(0, source.length - text.length).split('\n').length - 1,
    meta,
    kinds,
    termsBefore(course),
  );
  const { code, errors } = await bundleMDX({
    source: text,
    cwd: course.folder,
    mdxOptions(options) {
      options.remarkPlugins = [...(options.remarkPlugins ?? []), [remarkGfm, { singleTilde: false }], plugin];
      options.rehypePlugins = [
        ...(options.rehypePlugins ?? []),
        [
          rehypeShiki,
          { theme: createCssVariablesTheme({ variablePrefix: '--code-' }), langs: ['bash', 'dockerfile', 'json', 'yaml', 'ini', 'diff'] },
        ],
      ];
      return options;
    },
    esbuildOptions(options) {
      return { ...options, target: ['es2022'], minify: false };
    },
  });
  if (errors.length > 0) throw new Error(`${name}: ${errors.map((e) => e.text).join('; ')}`);

  const tasks = readTasks(course.folder);
  const quiz = readQuestions(course.folder);
  for (const { kind, id } of found.asked)
    if (!(kind === 'Task' ? tasks : quiz).some((item) => item.id === id))
      throw new Error(`${name}: <${kind} id="${id}"> is not in its YAML file`);
  const ground = { scenario: meta.scenario, seed: meta.seed };
  const [stages, posed] = [stageAll(tasks, ground), poseAll(quiz, ground)];
  const { sections, terms, blocks, drawings } = found;
  return { meta, course, code, tasks, stages, quiz, posed, sections, terms, blocks, drawings };
}

export const writtenChapters = (): CourseChapter[] => allChapters(loadCourse()).filter((c) => c.folder !== null);

const loading = new Map<string, Promise<Chapter>>();
/** A chapter, loaded once a process. Not for `next dev`, where its text changes. */
const once = (course: CourseChapter) => {
  const found = loading.get(course.slug) ?? loadChapter(course);
  if (process.env.NODE_ENV !== 'development') loading.set(course.slug, found);
  return found;
};
/** All written chapters. */
export const loadAll = (): Promise<Chapter[]> => Promise.all(writtenChapters().map(once));
/** A written chapter by its name in the address. */
export function loadBySlug(slug: string): Promise<Chapter> {
  const found = writtenChapters().find((c) => c.slug === slug);
  if (!found) throw new Error(`There is no chapter ${slug}.`);
  return once(found);
}

/** Words a minute that people read of an exact text; what the consoles show, what there is to do and to answer takes longer. */
const PACE = 200;
export const minutesToRead = ({ sections }: Pick<Chapter, 'sections'>): number =>
  Math.max(
    1,
    Math.round(
      sections
        .flatMap((s) => s.text)
        .join(' ')
        .split(/\s+/).length / PACE,
    ),
  );

/** How many sections, tasks and questions each chapter has, by its name in the address. */
export const partsOfAll = async (): Promise<Map<string, number>> =>
  new Map((await loadAll()).map(({ meta, sections, tasks, quiz }) => [meta.slug, sections.length + tasks.length + quiz.length]));
