import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { CHAPTERS, expect, machineReady, stir, test } from './page';

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** Pages with a machine, and pages without. */
const MACHINES = ['/', ...CHAPTERS, '/playground?from=build'];
const READ = [
  '/fidelity',
  '/dive',
  '/glossary',
  '/changes',
  '/slides',
  '/team',
  '/slides/pid1',
  '/slides/pid1?speaker',
  '/progress',
  '/reference',
  '/reference/run',
  '/reference/volume',
  '/search?q=layer',
  '/learn/nothing',
];

/** Leaves a task with a hint and a solution, and a question with an answer that is wrong or right. */
async function meddle(page: Page) {
  const task = page.locator('.ask', { has: page.locator('.facts .st') }).first();
  for (const name of ['a hint', 'a solution']) await task.getByRole('button', { name }).click();
  const asked = page.locator('.ask', { has: page.getByRole('radio') }).first();
  // By its heading: a question that is answered has no options to choose any more.
  const title = (await asked.getByRole('heading').textContent()) ?? '';
  const quiz = page.locator('.ask', { has: page.getByRole('heading', { name: title, exact: true }) });
  await quiz.getByRole('radio').first().check();
  await quiz.getByRole('button', { name: 'answer', exact: true }).click();
  await expect(quiz.locator('.expl')).toBeVisible();
}

for (const colorScheme of ['light', 'dark'] as const)
  for (const width of [1440, 390]) {
    test.describe(`${colorScheme}, ${width} px`, () => {
      test.use({ colorScheme, viewport: { width, height: 900 } });
      for (const url of [...MACHINES, ...READ])
        test(`${url} has no violations`, async ({ page, watched }) => {
          await page.goto(url);
          if (READ.includes(url)) await page.waitForLoadState('networkidle');
          else {
            await stir(page);
            await page.waitForSelector('.xterm-rows', { state: 'attached' });
            const chapter = CHAPTERS.includes(url);
            if (chapter) await meddle(page);
            if (chapter && width === 390) await page.locator('.opn').click();
            if (url.startsWith('/playground')) await page.getByRole('tab', { name: 'Editor' }).click();
          }
          // What is far below has no layout until somebody comes near; axe looks at all of it at once.
          await page.addStyleTag({ content: '.prose > * { content-visibility: visible !important; }' });
          const { violations } = await new AxeBuilder({ page }).withTags(TAGS).analyze();
          expect(violations.map((v) => [v.id, v.nodes.map((n) => n.html.slice(0, 200))])).toEqual([]);
          if (url === '/learn/nothing') watched.length = 0;
        });
    });
  }

test('the keyboard reaches everything and is caught nowhere', async ({ page }) => {
  await machineReady(page);
  await page.keyboard.press('Tab');
  await expect(page.locator('.skip')).toBeFocused();
  const terminal = page.locator('.scr textarea');
  await terminal.focus();
  await page.keyboard.press('Shift+Tab');
  await expect(terminal).not.toBeFocused();
  await terminal.focus();
  await page.keyboard.press('Tab');
  await expect(terminal).toBeFocused();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Tab');
  await expect(terminal).not.toBeFocused();
  const inside = await page.evaluate(() => document.activeElement?.closest('.machine') !== null);
  expect(inside).toBe(true);
});
