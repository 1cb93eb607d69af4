/** The pages beside the chapters: search, reference, progress, playground; and a stranger's way through all of it. */
import { readFile } from 'node:fs/promises';
import { expect, machineReady, screen, stepNow, test, type } from './page';

test('the search finds text, words and commands, by keyboard alone', async ({ page }) => {
  await machineReady(page);
  await page.keyboard.press('/');
  await expect(page).toHaveURL(/\/search/);
  const line = page.getByRole('searchbox');
  await expect(line).toBeFocused();
  await page.keyboard.type('whiteout');
  const found = page.locator('.found li');
  await expect(found.first()).toContainText('Word');
  await expect(found.first().locator('mark').first()).toHaveText('whiteout');
  await expect(page).toHaveURL(/q=whiteout/);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowUp');
  await expect(found.first().getByRole('link')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/learn\/unionfs#term-whiteout/);
  await expect(page.locator('dfn#term-whiteout')).toBeInViewport();
});

test('a search that is mistyped comes near, and one for nothing says so', async ({ page }) => {
  await page.goto('/search?q=whitouet');
  await expect(page.locator('.found li').first()).toContainText('whiteout');
  await page.getByRole('searchbox').fill('xyzzyx');
  await expect(page.getByRole('status')).toContainText('Nothing holds all of “xyzzyx”.');
  await page.getByRole('searchbox').fill('<img src=x onerror=alert(1)>');
  await expect(page.getByRole('status')).toContainText('Nothing holds');
});

test('the reference leads from a command to where it runs, and to a machine', async ({ page }) => {
  await page.goto('/reference');
  await page.getByRole('link', { name: 'diff', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('docker diff');
  await expect(page.locator('.console .term').first()).toContainText('docker diff');
  await page.getByRole('link', { name: 'Try it on a new machine.' }).click();
  await expect(page).toHaveURL(/\/playground/);
  await expect(screen(page)).toContainText("Inspect changes to files or directories on a container's filesystem");
});

test('a playground starts from a scenario, and its link opens elsewhere', async ({ page, context, browser }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await machineReady(page, '/playground');
  await page.getByLabel('start from').selectOption('trouble');
  await expect(screen(page)).toContainText('#');
  await type(page, 'docker inspect -f {{.State.OOMKilled}} greedy');
  await expect(screen(page)).toContainText('true');
  await page.getByRole('button', { name: 'link', exact: true }).click();
  await expect(page.getByRole('status').first()).toContainText('on the clipboard');
  const link = await page.evaluate(() => navigator.clipboard.readText());
  await page.getByRole('button', { name: 'embed' }).click();
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toContain('<iframe src=');

  const other = await browser.newContext();
  const there = await other.newPage();
  await there.goto(link);
  await expect(there.getByLabel('start from')).toHaveValue('trouble');
  await expect(stepNow(there)).toHaveAccessibleName(/docker inspect/);
  const response = await there.goto(link.replace('/playground', '/embed'));
  expect(response?.headers()['content-security-policy']).toBeUndefined();
  await expect(stepNow(there)).toHaveAccessibleName(/docker inspect/);
  await other.close();
});

test('the editor says what is wrong with a file while it is written', async ({ page }) => {
  await machineReady(page, '/playground?from=build');
  await page.getByRole('tab', { name: 'Editor' }).click();
  const text = page.getByLabel('Text of /root/lab/Dockerfile');
  await expect(text).toContainText('FROM alpine');
  const findings = page.locator('.findings');
  await expect(findings).toContainText('DL3006');
  await text.fill('FROM alpine:3.20\nRUM true\n');
  await expect(findings).toContainText('unknown instruction: RUM');
  await findings.getByRole('button', { name: 'line 2' }).first().click();
  await expect(text).toBeFocused();
  await text.fill('FROM alpine:3.20\nRUN true\n');
  await expect(findings).toHaveCount(0);
  await page.keyboard.press('Control+s');
  await expect(stepNow(page)).toHaveAccessibleName(/saved \/root\/lab\/Dockerfile/);
});

test('a Compose file is drawn as it will run, before anything is started', async ({ page }) => {
  await machineReady(page, '/playground?from=compose');
  const drawing = page.locator('.xr svg.wide');
  await expect(drawing).toHaveAttribute('aria-label', '/root/lab/compose.yaml: services in the order of their start: store, web.');
  await type(page, "sed -i 's/redis:7/acme\\/store/' compose.yaml");
  await expect(page.locator('.xcap')).toContainText('The model does not know acme/store;');
  await expect(drawing.locator('rect.hid')).toHaveCount(1);
  await page.getByRole('button', { name: 'Read this drawing as a table' }).click();
  await expect(page.getByRole('row', { name: /services\.store\.image/ })).toContainText('compose.yaml:12');
  await type(page, 'echo services: x > compose.yaml');
  await expect(page.locator('.xcap')).toContainText('services must be a mapping');
});

test('what is done in a chapter is on the page of progress, and goes to another browser as a file', async ({ page, browser }) => {
  await page.goto('/');
  await page
    .locator('.cols')
    .getByRole('link', { name: /Layers/ })
    .click();
  await expect(screen(page)).toContainText('#');
  const task = page.locator('.ask').filter({ has: page.getByRole('heading', { name: /change one, spare the other/ }) });
  await task.getByRole('button', { name: /run it/ }).click();
  await expect(task.getByText('3 of 4 hold')).toBeVisible();
  await type(page, "docker exec left sh -c 'echo closed > /srv/index'");
  await expect(task.getByText('done ✓', { exact: true })).toBeVisible();
  const quiz = page
    .locator('.ask')
    .filter({ has: page.getByRole('radio') })
    .first();
  const title = (await quiz.getByRole('heading').textContent()) ?? '';
  const asked = page.locator('.ask').filter({ has: page.getByRole('heading', { name: title, exact: true }) });
  await expect(async () => {
    await asked.getByRole('radio').first().check({ timeout: 1000 });
    await asked.getByRole('button', { name: 'answer', exact: true }).click();
    await expect(asked.getByText(/right ✓/)).toBeVisible({ timeout: 3000 });
  }).toPass();

  await page.locator('.top').getByRole('link', { name: 'Progress' }).click();
  const row = page.getByRole('row', { name: /4 Layers/ });
  await expect(row).toContainText(/1 of \d+/);
  await expect(page.locator('.lede')).toContainText('1 of');
  await expect(page.locator('.lede')).toContainText(/tasks solved, 1 of \d+ questions answered/);
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'export as a file' }).click()]);
  const file = await readFile(await download.path());

  const other = await browser.newContext();
  const there = await other.newPage();
  await there.goto('/progress');
  await expect(there.locator('.lede')).toContainText('0 of');
  await there
    .getByLabel('take a file in')
    .setInputFiles({ name: 'progress.json', mimeType: 'application/json', buffer: Buffer.from('{}') });
  await expect(there.getByText('not a file of progress')).toBeVisible();
  await there.getByLabel('take a file in').setInputFiles({ name: 'progress.json', mimeType: 'application/json', buffer: file });
  await expect(there.getByText('Taken in.')).toBeVisible();
  await expect(there.getByRole('row', { name: /4 Layers/ })).toContainText(/1 of \d+/);
  await there
    .getByRole('row', { name: /4 Layers/ })
    .getByRole('link')
    .click();
  await expect(stepNow(there)).toHaveAccessibleName(/docker exec left/);
  await there.goto('/progress');
  await there.getByRole('button', { name: 'forget everything' }).click();
  await there.getByRole('button', { name: /press again/ }).click();
  await expect(there.locator('.lede')).toContainText(', 0 of');
  await other.close();
});

test('two tabs with one machine: the one that was left behind says so', async ({ page, context }) => {
  await machineReady(page);
  const second = await context.newPage();
  await machineReady(second);
  await type(second, 'echo there');
  await expect(stepNow(second)).toHaveAccessibleName(/echo there/);
  await expect(page.getByText('Another tab has gone on with this machine.')).toBeVisible();
});

test('a chapter’s machine goes on in a playground', async ({ page, context }) => {
  await machineReady(page);
  await type(page, 'docker create --name kept busybox');
  await expect(stepNow(page)).toHaveAccessibleName(/docker create/);
  const [there] = await Promise.all([context.waitForEvent('page'), page.getByRole('button', { name: 'fork' }).click()]);
  await expect(stepNow(there)).toHaveAccessibleName(/docker create/);
  await type(there, 'docker ps -a');
  await expect(screen(there)).toContainText('kept');
});
