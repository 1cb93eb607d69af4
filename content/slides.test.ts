import { expect, test } from 'vitest';
import { loadBySlug } from './chapter';
import { leading, slidesOf } from './slides';

test.each([
  ['One.', 'One.'],
  ['Short one. Another one.', 'Short one. Another one.'],
  [`${'word '.repeat(60)}end. Next.`, `${'word '.repeat(60)}end.`],
  [`It is 3.5 MB. ${'X'.repeat(240)}.`, 'It is 3.5 MB.'],
])('the sentences that a slide bears of %s', (paragraph, says) => {
  expect(leading(paragraph)).toBe(says);
});

test('each console of a chapter is on one slide, in order, and no paragraph is lost', async () => {
  const chapter = await loadBySlug('pid1');
  const slides = slidesOf(chapter);
  const inSections = chapter.sections.flatMap((s) => s.flow.flatMap((part) => ('block' in part ? [part.block] : [])));
  expect(slides.flatMap((s) => (s.commands.length > 0 ? [s.commands] : []))).toEqual(inSections.map((n) => chapter.blocks[n]?.commands));
  const notes = new Set(slides.flatMap((s) => s.notes));
  for (const { flow } of chapter.sections) for (const part of flow) if ('says' in part) expect(notes).toContain(part.says);
});
