import { expect, machineReady, test, type } from './page';

const PUSH =
  'docker run -d -p 5000:5000 --name registry registry:3; sleep 1; docker tag busybox localhost:5000/app:1; docker push -q localhost:5000/app:1';

test('a registry is drawn as tags, manifests and blobs; what the last push sent is marked', async ({ page }) => {
  await machineReady(page, '/learn/registries');
  await type(page, PUSH);
  const drawing = page.locator('.xr svg.wide');
  await expect(drawing).toHaveAttribute('aria-label', /app:1 is [0-9a-f]{12}; 1 manifests, 4 blobs/);
  await type(page, 'docker tag alpine localhost:5000/app:2; docker push -q localhost:5000/app:2');
  await expect(drawing).toHaveAttribute('aria-label', /The last step sent 2 and found 3 there\.$/);
  await expect(drawing.locator('rect.af')).toHaveCount(3);
  await page.getByRole('button', { name: 'Read this drawing as a table' }).click();
  await expect(page.locator('.xr tr.now')).toHaveCount(3);
});

test('a simulation is set, guessed at and worked out by keyboard, without a machine', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto('/learn/registries');
  const part = page.getByRole('region', { name: 'Try: one image to many nodes' });
  await part.getByRole('textbox', { name: 'nodes', exact: true }).fill('10');
  await expect(part.getByText('What do you expect? Then work it out.')).toBeVisible();
  await part.getByRole('textbox', { name: 'I expect: peers are done after' }).fill('9');
  await page.keyboard.press('Enter');
  await expect(part.getByRole('row', { name: /^one registry/ })).toContainText('80 s');
  await expect(part.getByRole('row', { name: /^peers/ })).toContainText('you said 9 s');
});
