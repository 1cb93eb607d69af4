import { expect, machineReady, stir, test, type } from './page';

test('limits are drawn as gauges, and what the last step moved is marked', async ({ page }) => {
  await machineReady(page, '/learn/cgroups');
  await expect(page.getByText('No container runs, and no control group has been made by hand.')).toBeVisible();
  await type(page, 'docker run -d --name app -m 64m --cpus 0.5 --pids-limit 20 busybox:1.36 sleep 3600');
  const drawing = page.locator('.xr svg.wide');
  await expect(drawing).toHaveAttribute('aria-label', 'Limits. app: memory 512 KiB of 64 MiB, cpu 0.5 of 2, pids 1 of 20.');
  await type(page, 'docker update --cpus 0.25 app');
  await expect(drawing).toHaveAttribute('aria-label', 'Limits. app: memory 512 KiB of 64 MiB, cpu 0.25 of 2, pids 1 of 20.');
  await expect(drawing.locator('line.a')).toHaveCount(1);
  await page.getByRole('button', { name: 'Read this drawing as a table' }).click();
  await expect(page.getByRole('row', { name: /app/ })).toContainText('0.25 of 2');
  await type(page, 'touch elsewhere');
  await expect(page.locator('.xr tr.now')).toHaveCount(0);
});

test('on a phone the tab of the chapter’s drawing is in sight when the sheet opens', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto('/learn/cgroups');
  await stir(page);
  await page.getByRole('button', { name: /open ▴/ }).click();
  await expect(page.getByRole('tab', { name: 'Limits', selected: true })).toBeInViewport({ ratio: 0.9 });
});
