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

test('gates show who refused the last step, and capabilities what a container’s process has left', async ({ page }) => {
  await machineReady(page, '/learn/security');
  const drawing = page.locator('.xr svg.wide');
  await expect(drawing).toHaveAttribute('aria-label', 'Gates: the last step was refused nothing.');
  await type(page, 'docker run -d --name box busybox:1.36 sleep 600', 'docker exec box hostname x');
  await expect(drawing).toHaveAttribute('aria-label', 'Gates: sethostname("x") is refused by filter with EPERM.');
  await expect(drawing.locator('rect.af')).toHaveCount(1);
  await type(page, 'chown 5 /nowhere/at/all', 'docker exec box ip link set lo down');
  await expect(drawing).toHaveAttribute('aria-label', /is refused by capability with EPERM\.$/);
  await page.getByRole('button', { name: 'Read this drawing as a table' }).click();
  await expect(page.getByRole('row', { name: /NET_ADMIN/ })).toContainText('capability');
  await page.getByRole('button', { name: 'See this table as a drawing' }).click();
  await page.getByRole('tab', { name: 'Capabilities' }).click();
  await expect(drawing).toHaveAttribute('aria-label', /^Capabilities of box: 14 of 41 in effect, 14 in the bounding set/);
  await type(page, 'docker rm -f box; docker run -d --name box --cap-drop ALL busybox:1.36 sleep 600');
  await expect(drawing).toHaveAttribute('aria-label', /^Capabilities of box: 0 of 41 in effect/);
  await expect(drawing.locator('rect.af')).toHaveCount(42);
});
