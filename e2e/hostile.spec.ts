/** What nobody should type, and everybody does: each gets an answer, and the machine stays what it was and usable. */
import { CHAPTER, expect, machineReady, screen, stepNow, test, type } from './page';

test('a quote that is not closed is continued, and Ctrl-C gives it up', async ({ page }) => {
  await machineReady(page);
  await type(page, 'echo "one', 'two"');
  await expect(screen(page)).toContainText('> two"');
  await type(page, "echo 'never");
  await expect(stepNow(page)).toHaveAccessibleName(/Step 3/);
  await page.keyboard.press('Control+c');
  await type(page, 'echo after');
  await expect(screen(page)).toContainText('# echo after');
  await expect(page.locator('.notice')).toHaveCount(0);
});

test('an unknown command is answered as a shell does', async ({ page }) => {
  await machineReady(page);
  await type(page, 'frobnicate', 'docker frobnicate');
  await expect(screen(page)).toContainText('frobnicate: command not found');
  await expect(screen(page)).toContainText('docker: unknown command: docker frobnicate');
});

for (const [what, ...lines] of [
  ['a loop without an end', 'while true; do :; done'],
  // The prompt comes back; what grows behind it is stopped some lines later.
  ['a fork bomb', ':(){ :|:& };:', 'echo one', 'echo two'],
  ['output without an end', 'yes'],
] as const)
  test(`${what} is stopped and said so; the machine goes on`, async ({ page }) => {
    await machineReady(page);
    await type(page, 'echo kept > /root/lab/kept', ...lines);
    const last = new RegExp(`Step ${1 + lines.length}`);
    await expect(stepNow(page)).toHaveAccessibleName(last, { timeout: 30_000 });
    await expect(screen(page)).toContainText('drydock: stopped');
    await page.keyboard.press('Control+c');
    await type(page, 'cat kept; echo still "here"');
    await expect(screen(page)).toContainText('still here');
    await expect(screen(page)).toContainText('kept');
    await page.getByRole('button', { name: 'undo', exact: true }).click();
    await page.reload();
    await expect(stepNow(page)).toHaveAccessibleName(last, { timeout: 30_000 });
  });

for (const [what, fragment, said] of [
  ['an empty link', '#s=', /could not be opened/],
  ['a link cut in half', '#s=N4IgbiBcAMA0IGMoG0CCAHATgZwJYDcBTAG', /could not be opened/],
  ['a link of half a megabyte', `#s=${'N'.repeat(500_000)}`, /kB long/],
  ['a link with markup in it', '#s=<img src=x onerror=alert(1)>', /could not be opened/],
] as const)
  test(`${what} gets a clear message, and nothing is lost`, async ({ page }) => {
    await machineReady(page);
    await type(page, 'echo mine');
    await expect(stepNow(page)).toHaveAccessibleName(/Step 1/);
    await page.goto('/');
    await page.goto(CHAPTER + fragment);
    await expect(page.locator('.notice')).toContainText(said);
    await expect(page.locator('.notice')).toContainText('This is your own machine.');
    await expect(screen(page)).toContainText('echo mine');
    await type(page, 'echo two');
    await expect(stepNow(page)).toHaveAccessibleName(/Step 2/);
  });
