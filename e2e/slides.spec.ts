/** Slides of a chapter: a wall, and who speaks before it. */
import { expect, screen, test } from './page';

test('the wall is led by keys, runs its steps, and carries on from what was skipped', async ({ page }) => {
  await page.goto('/slides/unionfs');
  const shown = page.locator('.deck section.on');
  await expect(page.locator('.deck.live')).toBeVisible();
  await expect(shown).toHaveAttribute('id', '1');
  await page.keyboard.press('ArrowRight');
  await expect(shown).toHaveAttribute('id', '2');
  await expect(screen(page)).toContainText('#');
  await page.keyboard.press('Enter');
  await expect(shown.locator('.steps .d')).toHaveCount(1);
  await page.keyboard.press('u');
  await expect(shown.locator('.steps .d')).toHaveCount(0);
  await page.keyboard.press('PageDown');
  await page.keyboard.press('PageDown');
  await expect(page).toHaveURL(/#4$/);
  const steps = shown.locator('.steps button');
  await expect(steps).toHaveText('1');
  await steps.click();
  await expect(shown.locator('.steps .d')).toHaveCount(1);
  await expect(screen(page)).not.toContainText('No such');
  await page.keyboard.press('b');
  await expect(shown).toBeHidden();
  await page.keyboard.press('b');
  await expect(shown).toBeVisible();
});

test('the speaker’s window leads the wall', async ({ page, context }) => {
  await page.goto('/slides/pid1');
  await expect(page.locator('.deck.live section.on')).toHaveAttribute('id', '1');
  const speaker = await context.newPage();
  await speaker.goto('/slides/pid1?speaker');
  await expect(speaker.getByRole('status')).toContainText('slide 1 of');
  await speaker.getByRole('button', { name: 'next' }).click();
  await expect(speaker.getByRole('status')).toContainText('slide 2 of');
  await expect(page).toHaveURL(/#2$/);
  await speaker.getByRole('button', { name: /run step 1/ }).click();
  await expect(speaker.getByRole('button', { name: /run step 2/ })).toBeVisible();
  await expect(page.locator('.deck section.on .steps .d')).toHaveCount(1);
  await expect(speaker.locator('.notes p').nth(1)).not.toBeEmpty();
});

test('a speaker without a wall is told so', async ({ page }) => {
  await page.goto('/slides/pid1?speaker');
  await expect(page.getByText('No window shows these slides.')).toBeVisible();
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });
  test('all slides are there, with their transcripts and notes', async ({ page }) => {
    await page.goto('/slides/pid1');
    const slides = page.locator('.deck > section');
    await expect(slides.nth(1).locator('.term')).toBeVisible();
    await expect(slides.last()).toContainText('Your turn');
    await expect(slides.nth(1).locator('.notes')).toBeVisible();
  });
});
