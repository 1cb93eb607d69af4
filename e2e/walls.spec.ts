import { expect, machineReady, test, type } from './page';

test('namespaces are drawn as compartments: whose each is, and which the last step made', async ({ page }) => {
  await machineReady(page, '/learn/namespaces');
  const drawing = page.locator('.xr svg.wide');
  await expect(drawing).toHaveAttribute('aria-label', 'Namespaces: the host has all eight.');
  await type(page, 'docker run -d --name one busybox:1.36 sleep 600');
  await expect(drawing).toHaveAttribute('aria-label', /one has pid, net, mnt, uts, ipc, cgroup of its own\.$/);
  await expect(drawing.locator('rect.af')).toHaveCount(6);
  await type(page, 'docker run -d --name two --network container:one busybox:1.36 sleep 600');
  await expect(drawing).toHaveAttribute('aria-label', /two has pid, mnt, uts, ipc, cgroup of its own\.$/);
  await expect(drawing.locator('rect.af')).toHaveCount(5);
  await page.getByRole('button', { name: 'Read this drawing as a table' }).click();
  await expect(page.getByRole('row', { name: /^two .* net / })).toContainText('shared with one');
  await expect(page.locator('.xr tr.now')).toHaveCount(5);
});
