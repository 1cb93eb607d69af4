import { describe, expect, it } from 'vitest';
import { loadBySlug, writtenChapters } from './chapter';
import { allChapters, loadCourse, strayFolders } from './course';
import { coverage } from './coverage';

const course = loadCourse();

describe('the course', () => {
  it('numbers its chapters from 1 without a gap', () => {
    const numbers = allChapters(course).map((c) => c.number);
    expect(numbers).toEqual(numbers.map((_, i) => i + 1));
  });

  it('names each mechanism and each chapter once', () => {
    const ids = allChapters(course).flatMap((c) => c.mechanisms.map((m) => m.id));
    const slugs = allChapters(course).map((c) => c.slug);
    expect(new Set(ids).size).toBe(ids.length);
    expect(new Set(slugs).size).toBe(slugs.length);
  });

  it('accounts for every folder of text', () => {
    expect(strayFolders(course).filter((name) => /^\d/.test(name))).toEqual([]);
  });
});

describe.each(writtenChapters().map((c) => [c.slug, c] as const))('chapter %s', (_, written) => {
  it('compiles; its consoles run and print what is written', async () => {
    const chapter = await loadBySlug(written.slug);
    expect(chapter.sections.length).toBeGreaterThan(0);
    expect(new Set(chapter.sections.map((s) => s.id)).size).toBe(chapter.sections.length);
    // By its title a reader finds a task or a question again.
    const titles = [...chapter.tasks, ...chapter.posed].map((asked) => asked.title);
    expect(titles.filter((title, i) => titles.indexOf(title) !== i)).toEqual([]);
  });

  it('names only its own mechanisms where something runs', async () => {
    const { meta, blocks, tasks, quiz } = await loadBySlug(written.slug);
    const named = [...blocks, ...tasks, ...quiz].flatMap((item) => item.covers);
    expect(named.filter((id) => !meta.covers.includes(id))).toEqual([]);
  });

  it('runs everything that it says it covers', async () => {
    const chapter = await loadBySlug(written.slug);
    const { covered } = coverage([written], [chapter]);
    expect(chapter.meta.covers.filter((id) => !covered.some((c) => c.id === id))).toEqual([]);
  });
});

describe('coverage', () => {
  const [one] = allChapters(course);
  if (!one) throw new Error('no chapters');
  const [first, second] = one.mechanisms.map((m) => m.id) as [string, string];
  const meta = { title: 't', number: 1, slug: 'architecture', subject: 's', lede: 'l', scenario: 'x', seed: 1 };
  const block = (covers: string[]) => ({ commands: [], covers, fresh: false });

  it('counts an id that is listed and run, and says by what', () => {
    const { covered } = coverage(
      [one],
      [
        {
          meta: { ...meta, covers: [first] },
          blocks: [block([]), block([first])],
          tasks: [],
          quiz: [{ id: 'q', covers: [first] }],
        },
      ],
    );
    expect(covered).toEqual([{ id: first, by: ['architecture: console 2', 'architecture: question q'] }]);
  });

  it('counts neither what is only listed nor what is only run', () => {
    const { covered, missing } = coverage([one], [{ meta: { ...meta, covers: [first] }, blocks: [block([second])], tasks: [], quiz: [] }]);
    expect(covered).toEqual([]);
    expect(missing).toEqual(one.mechanisms.map((m) => m.id));
  });
});
