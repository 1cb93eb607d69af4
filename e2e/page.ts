/** What the tests share: the addresses, a machine that is ready, what its terminal shows. Each page watches for errors and policy violations. */
import { test as base, expect, type Page } from '@playwright/test';
import { allChapters, loadCourse } from '../content/course';

export const CHAPTER = '/learn/unionfs';
/** Every written chapter, from the table of contents. */
export const CHAPTERS = allChapters(loadCourse()).flatMap(({ folder, slug }) => (folder ? [`/learn/${slug}`] : []));

export const test = base.extend<{ watched: string[] }>({
  watched: [
    async ({ page }, use) => {
      const errors: string[] = [];
      page.on('pageerror', (error) => errors.push(error.message));
      page.on('console', (message) => message.type() === 'error' && errors.push(`${message.text()} ${message.location().url}`));
      await use(errors);
      expect(errors).toEqual([]);
    },
    { auto: true },
  ],
});
export { expect };

export const screen = (page: Page) => page.locator('.xterm-rows');
export const stepNow = (page: Page) => page.locator('.rule [aria-current=step]');

/** What shows a page on a small screen that somebody is there: its machine waits for that. */
export const stir = (page: Page) =>
  expect(async () => {
    for (const x of [3, 4]) await page.mouse.move(x, 3);
    await expect(page.locator('.xterm-rows')).toBeAttached({ timeout: 1000 });
  }).toPass();

export async function machineReady(page: Page, url = CHAPTER) {
  await page.goto(url);
  await stir(page);
  await expect(screen(page)).toContainText('#');
}

export async function type(page: Page, ...lines: string[]) {
  await page.locator('.scr').first().click();
  for (const line of lines) {
    await page.keyboard.type(line);
    await page.keyboard.press('Enter');
  }
}
