import { expect, test } from 'vitest';
import { GET } from '../app/changes.xml/route';
import { loadChanges } from './changes';
import { allChapters, loadCourse } from './course';

test('each change leads to a page that exists', () => {
  const chapters = allChapters(loadCourse()).flatMap(({ slug, folder }) => (folder ? [`/learn/${slug}`] : []));
  const pages = [
    '/',
    '/glossary',
    '/playground',
    '/progress',
    '/search',
    '/reference',
    '/dive',
    '/fidelity',
    '/slides',
    '/team',
    ...chapters,
  ];
  for (const { href } of loadChanges()) expect(pages).toContain(href.replace(/[?#].*/, ''));
});

test('the feed names every change', async () => {
  const text = await GET().text();
  for (const { id, title } of loadChanges()) {
    expect(text).toContain(`:${id}</id>`);
    expect(text).toContain(title);
  }
});
