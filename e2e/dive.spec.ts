/** An image of the reader's own, read in the page. wasteful.tar is what docker save of Engine 28.5 wrote; its Dockerfile copies /srv/big twice. */
import path from 'node:path';
import { expect, test } from './page';

const archive = path.join(import.meta.dirname, 'fixtures', 'wasteful.tar');

test('a saved image is taken apart in the page', async ({ page }) => {
  const sent: string[] = [];
  page.on('request', (request) => request.method() !== 'GET' && sent.push(request.url()));
  await page.goto('/dive');
  await expect(page.getByLabel('or one of the model')).toHaveValue(/sha256:/);
  await page.getByLabel('open a saved image').setInputFiles(archive);
  await expect(page.getByRole('heading', { name: 'dv/wasteful:latest' })).toBeVisible();
  await expect(page.getByText('It did not leave this page.')).toBeVisible();
  await expect(page.locator('.layers tbody tr')).toHaveCount(3);
  await expect(page.getByRole('row', { name: /COPY big2 \/srv\/big/ })).toContainText('4 kB');
  await page.getByRole('button', { name: '2', exact: true }).click();
  await expect(page.getByRole('row', { name: /~ changed 0644 0:0 4 kB \/srv\/big/ })).toBeVisible();
  await page.getByRole('button', { name: 'the whole tree' }).click();
  await expect(page.getByRole('row', { name: /unchanged 0644 0:0 5 B \/srv\/note/ })).toBeVisible();
  await page.getByLabel('path holds').fill('nowhere');
  await expect(page.getByText('0 paths.')).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Paths in more than one layer' })).toBeVisible();
  const gate = page.getByRole('group', { name: /A gate in a pipeline/ });
  const efficiency = gate.locator('p').first();
  await expect(efficiency).toContainText('fails ✗');
  await gate.getByLabel('efficiency at least').fill('10');
  await expect(efficiency).toContainText('passes ✓');
  expect(sent).toEqual([]);
});

test('a file that is no image says so and leaves what is shown', async ({ page }) => {
  await page.goto('/dive');
  const shown = page.locator('#figures');
  await expect(shown).toBeVisible();
  const name = await shown.textContent();
  for (const [file, says] of [
    [Buffer.from('hello'), /not an image that docker save wrote/],
    [Buffer.alloc(4096), /not an image that docker save wrote/],
  ] as const) {
    await page.getByLabel('open a saved image').setInputFiles({ name: 'x.tar', mimeType: 'application/x-tar', buffer: file });
    await expect(page.getByRole('status').first()).toContainText(says);
  }
  await expect(shown).toHaveText(name ?? '');
});
