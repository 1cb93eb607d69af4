import { CHAPTER, expect, machineReady, screen, stepNow, stir, test, type } from './page';

test('a command runs, and its step is on the timeline', async ({ page }) => {
  await machineReady(page);
  await type(page, 'echo hello from here');
  await expect(screen(page)).toContainText('hello from here');
  await expect(stepNow(page)).toHaveAccessibleName(/Step 1: echo hello from here, now/);
});

test('a console of the text runs on the same machine', async ({ page }) => {
  await machineReady(page);
  const block = page.locator('.console').first();
  await block.getByRole('button', { name: /run it/ }).click();
  await expect(block.getByText('run here as')).toBeVisible();
  await expect(block.getByRole('button', { name: /run again/ })).toBeEnabled();
  const command = (await block.locator('.term b').last().textContent()) ?? '';
  await expect(screen(page)).toContainText(command.slice(0, 30));
});

test('undo, redo, a jump and a branch', async ({ page }) => {
  await machineReady(page);
  await type(page, 'echo one', 'echo two');
  await expect(stepNow(page)).toHaveAccessibleName(/Step 2/);
  await page.getByRole('button', { name: 'undo', exact: true }).click();
  await expect(stepNow(page)).toHaveAccessibleName(/Step 1/);
  await expect(screen(page)).not.toContainText('two');
  await page.getByRole('button', { name: 'redo', exact: true }).click();
  await expect(screen(page)).toContainText('two');
  await page.getByRole('button', { name: /^Start/ }).click();
  await type(page, 'echo three');
  await expect(page.getByRole('button', { name: /^Branch b, Step 1: echo one/ })).toBeVisible();
  await page.getByRole('button', { name: 'branch', exact: true }).click();
  await expect(screen(page)).toContainText('two');
  await expect(screen(page)).not.toContainText('three');
});

test('the machine is the same after a reload, undone steps included', async ({ page }) => {
  await machineReady(page);
  await type(page, 'echo kept', 'echo undone');
  await expect(stepNow(page)).toHaveAccessibleName(/Step 2/);
  await page.getByRole('button', { name: 'undo', exact: true }).click();
  await page.reload();
  await expect(screen(page)).toContainText('echo kept');
  await expect(stepNow(page)).toHaveAccessibleName(/Step 1/);
  await expect(page.getByRole('button', { name: 'Step 2: echo undone, undone' })).toBeVisible();
});

test('a browser without room for the machine says so', async ({ page }) => {
  await page.addInitScript(() => {
    Storage.prototype.setItem = () => {
      throw new DOMException('full', 'QuotaExceededError');
    };
  });
  await machineReady(page);
  await type(page, 'echo a');
  await expect(page.locator('.notice')).toContainText('no room left');
  await expect(screen(page)).toContainText('echo a');
});

test('reset begins anew', async ({ page }) => {
  await machineReady(page);
  await type(page, 'echo gone');
  await page.getByRole('button', { name: 'reset' }).click();
  await expect(stepNow(page)).toHaveAccessibleName(/Start/);
  await expect(screen(page)).not.toContainText('gone');
});

test('a link carries the machine into another browser and leaves that one alone', async ({ page, context, browser }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await machineReady(page);
  await type(page, 'echo shared');
  await page.getByRole('button', { name: 'link', exact: true }).click();
  await expect(page.locator('.notice')).toContainText(/link|address/);
  const link = await page.evaluate(() => navigator.clipboard.readText());

  const other = await (await browser.newContext()).newPage();
  await machineReady(other, CHAPTER);
  await type(other, 'echo mine');
  await expect(stepNow(other)).toHaveAccessibleName(/Step 1/);
  await other.goto('/');
  await other.goto(link);
  await expect(screen(other)).toContainText('echo shared');
  await expect(other.locator('.notice')).toContainText('came with a link');
  await other.getByRole('button', { name: 'back to mine' }).click();
  await expect(screen(other)).toContainText('echo mine');
});

for (const [what, fragment, said] of [
  ['a damaged link', '#s=%7Bnot-a-session', /could not be opened/],
  ['an oversized link', `#s=${'A'.repeat(70_000)}`, /kB long/],
] as const)
  test(`${what} gets a clear message, and the reader's machine stays`, async ({ page }) => {
    await machineReady(page);
    await type(page, 'echo mine');
    await expect(stepNow(page)).toHaveAccessibleName(/Step 1/);
    await page.goto(CHAPTER + fragment);
    await expect(page.locator('.notice')).toContainText(said);
    await expect(screen(page)).toContainText('echo mine');
  });

test('a paste of ten megabytes is refused with its size; the page stays usable', async ({ page }) => {
  await machineReady(page);
  await page.locator('.scr').click();
  await page.evaluate(() => {
    const data = new DataTransfer();
    data.setData('text/plain', 'x'.repeat(10_000_000));
    document
      .querySelector('.scr textarea')
      ?.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
  });
  await expect(page.locator('.notice')).toContainText('10 MB');
  await type(page, 'echo still here');
  await expect(screen(page)).toContainText('still here');
});

test('a paste of several lines runs as it is', async ({ page }) => {
  await machineReady(page);
  await page.locator('.scr').click();
  await page.evaluate(() => {
    const data = new DataTransfer();
    data.setData('text/plain', 'echo first');
    document
      .querySelector('.scr textarea')
      ?.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
  });
  await page.keyboard.press('Enter');
  await expect(stepNow(page)).toHaveAccessibleName(/Step 1: echo first/);
});

test('the editor saves a file as a step', async ({ page }) => {
  await machineReady(page);
  await page.getByRole('tab', { name: 'Editor' }).click();
  await page.getByLabel('file', { exact: true }).fill('/root/lab/note');
  await page.getByLabel('Text of /root/lab/note').fill('a line\n');
  await page.getByRole('button', { name: 'save' }).click();
  await expect(stepNow(page)).toHaveAccessibleName(/saved \/root\/lab\/note/);
});

test('on a phone the machine opens from the bottom and has the keys a phone lacks', async ({ browser }) => {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  const page = await context.newPage();
  await page.goto(CHAPTER);
  await expect(page.locator('.peek')).toContainText('#');
  await page.getByRole('button', { name: /open ▴/ }).click();
  await expect(screen(page)).toContainText('#');
  await page.locator('.scr').click();
  await page.keyboard.type('echo ab');
  await page.keyboard.press('Enter');
  await expect(screen(page)).toContainText('ab');
  await page.getByRole('button', { name: 'Up', exact: true }).click();
  await page.keyboard.press('Enter');
  await expect(stepNow(page)).toHaveAccessibleName(/Step 2: echo ab/);
  await context.close();
});

test('on a phone the last step is in sight when the sheet opens, however much ran before', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto('/learn/volumes');
  await stir(page);
  const ran = page.getByRole('button', { name: /run again/ }).first();
  await page
    .getByRole('button', { name: /run it/ })
    .first()
    .click();
  await expect(ran).toBeVisible();
  await page.getByRole('button', { name: /open ▴/ }).click();
  await expect(stepNow(page)).toHaveAccessibleName(/Step 7/);
  await expect(stepNow(page)).toBeInViewport();
});

test('two branches side by side: in what they differ', async ({ page }) => {
  await machineReady(page);
  await type(page, 'echo left > note');
  await expect(stepNow(page)).toHaveAccessibleName(/echo left/);
  await page.getByRole('button', { name: 'undo', exact: true }).click();
  await type(page, 'docker create --name right busybox');
  await expect(stepNow(page)).toHaveAccessibleName(/docker create/);
  await page.getByRole('button', { name: 'compare' }).click();
  const table = page.getByRole('region', { name: 'Two steps compared' });
  await expect(table.getByRole('row', { name: /file \/root\/lab\/note 5 bytes, 0644, 0:0 —/ })).toBeVisible();
  await expect(table.getByRole('row', { name: /container right — created, busybox/ })).toBeVisible();
  await table.getByLabel('a', { exact: true }).selectOption('boot');
  await expect(table.getByRole('row')).toHaveCount(2);
  await page.getByRole('button', { name: 'compare' }).click();
  await expect(table).toBeHidden();
});

test('a button that is pressed before the page is live does its work as soon as it is', async ({ page }) => {
  let release = () => {};
  const pressed = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route('**/_next/static/**/*.js', async (route) => {
    await pressed;
    await route.continue();
  });
  await page.goto(CHAPTER, { waitUntil: 'commit' });
  await page
    .getByRole('button', { name: /run it/ })
    .first()
    .click();
  release();
  await expect(page.getByRole('button', { name: 'done ✓ run again' }).first()).toBeVisible();
  await expect(page.getByText(/run here as step/).first()).toHaveText(/run here as steps? 1\b/);
});
