import { CHAPTER, CHAPTERS, expect, machineReady, test, type } from './page';

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });

  test('a chapter reads from beginning to end, transcripts and tables included', async ({ page }) => {
    await page.goto(CHAPTER);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await expect(page.locator('.console .term').first()).toContainText('root@dock');
    await page.locator('.twin summary').first().click();
    await expect(page.locator('.twin table').first()).toBeVisible();
  });

  test('nothing is offered that would not work', async ({ page }) => {
    await page.goto(CHAPTER);
    await expect(page.locator('.machine')).toBeHidden();
    await expect(page.locator('.console .btn').first()).toBeHidden();
    await expect(page.getByRole('button', { name: 'day / night' })).toBeHidden();
    const [prose, sheet] = [await page.locator('.prose').boundingBox(), await page.locator('.sheet').boundingBox()];
    if (!prose || !sheet) throw new Error('no text');
    expect(Math.abs(prose.x + prose.width / 2 - (sheet.x + sheet.width / 2))).toBeLessThan(2);
  });

  test('the first page lists every chapter and shows what the machine printed', async ({ page }) => {
    await page.goto('/');
    await expect(page.locator('.cols li')).toHaveCount(21);
    await expect(page.locator('.live .term')).toContainText('root@dock');
  });
});

test('chapters are reached without loading the page anew', async ({ page }) => {
  await page.goto('/');
  await page.evaluate(() => Object.assign(window, { same: true }));
  await page.locator('.cols a').first().click();
  await expect(page).toHaveURL(/\/learn\//);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  expect(await page.evaluate(() => 'same' in window)).toBe(true);
});

test('the rail marks the section being read', async ({ page }) => {
  await page.goto(CHAPTER);
  const marks = page.locator('.rail .on ol a');
  await expect(marks.first()).toHaveAttribute('aria-current', 'location');
  await marks.last().click();
  await expect(marks.last()).toHaveAttribute('aria-current', 'location');
});

test('the theme follows the system until it is chosen, and is kept without a flash', async ({ page }) => {
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.goto(CHAPTER);
  const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const night = await paper();
  await page.getByRole('button', { name: 'day / night' }).click();
  const day = await paper();
  expect(day).not.toBe(night);
  await page.reload({ waitUntil: 'commit' });
  await page.waitForSelector('body');
  expect(await paper()).toBe(day);
});

test('an address without a page says so', async ({ page, watched }) => {
  const response = await page.goto('/learn/nothing');
  expect(response?.status()).toBe(404);
  await expect(page.getByRole('heading', { name: 'No such file or directory' })).toBeVisible();
  watched.length = 0; // The browser itself reports the 404.
});

test('on paper: text, figures and open tables; no machine, no buttons', async ({ page }) => {
  await page.goto(CHAPTER);
  await page.emulateMedia({ media: 'print' });
  await expect(page.locator('.prose h1')).toBeVisible();
  await expect(page.locator('.twin table').first()).toBeVisible();
  await expect(page.locator('.machine')).toBeHidden();
  await expect(page.locator('.console .btn').first()).toBeHidden();
});

// 320: a window of 1280 at a zoom of 400 %.
for (const width of [320, 390, 820, 1440])
  test(`nothing is wider than a window of ${width} px`, async ({ page }) => {
    await page.setViewportSize({ width, height: 900 });
    for (const url of [
      '/',
      ...CHAPTERS,
      '/search?q=volume',
      '/reference',
      '/reference/run',
      '/progress',
      '/glossary',
      '/changes',
      '/slides',
      '/team',
      '/dive',
      '/playground',
    ]) {
      await page.goto(url);
      await page.waitForLoadState('networkidle');
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    }
  });

test('a machine that has changed is no wider than a phone', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 900 });
  await machineReady(page, '/playground?from=compose');
  await type(page, 'echo >> compose.yaml; docker run -d --name aa busybox sleep 60');
  await expect(page.locator('.tabs .chg').first()).toBeAttached();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
});

test('a word that is explained elsewhere explains itself, to a pointer and to the keyboard', async ({ page }) => {
  await page.goto('/learn/pid1');
  const word = page.locator('a.expl-word').first();
  const card = page.getByRole('tooltip');
  // What listens for it comes after the page can be read.
  await expect(async () => {
    await page.mouse.move(3, 3);
    await word.hover();
    await expect(card).toBeVisible({ timeout: 1000 });
  }).toPass();
  const says = (await card.textContent()) ?? '';
  expect(says.toLowerCase()).toContain(((await word.textContent()) ?? '?').toLowerCase().replace(/s$/, ''));
  await page.keyboard.press('Escape');
  await expect(card).toBeHidden();
  await page.mouse.move(3, 3);
  await page.locator('main').getByRole('link').first().focus();
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Tab');
  if (!(await word.evaluate((link) => link === document.activeElement))) await word.focus();
  await expect(card).toHaveText(says);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/#term-/);
  await expect(page.locator(`dfn${new URL(page.url()).hash}`)).toBeInViewport();
});

test('the list of chapters shows how far each is', async ({ page }) => {
  await page.goto('/learn/slim');
  await page.getByRole('link', { name: 'Chapters' }).click();
  const mark = page.locator('#contents a[data-chapter=slim]');
  await expect(mark).toHaveAttribute('aria-description', /per cent done/);
  await expect(page.locator('#contents a[data-chapter=pid1]')).not.toHaveAttribute('aria-description');
});

test('on a phone the machine is fetched when somebody touches the page', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(CHAPTER);
  await page.waitForLoadState('networkidle');
  await expect(page.locator('.xterm-rows')).toHaveCount(0);
  await page.mouse.wheel(0, 50);
  await expect(page.locator('.xterm-rows')).toBeAttached();
});
