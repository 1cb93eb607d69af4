import { expect, machineReady, test, type } from './page';

const DOCKERFILE = "printf 'FROM busybox:1.36\\nCOPY deps /\\nRUN sleep 20\\nCOPY app /\\n' > Dockerfile; echo 1 > deps; echo 1 > app";

test('a build is drawn, with what broke its cache and what a changed file would cost', async ({ page }) => {
  await machineReady(page, '/learn/dockerfile');
  const tab = page.getByRole('tab', { name: /^Build/ });
  await tab.click();
  await expect(page.getByText('No build yet.')).toBeVisible();
  await type(page, DOCKERFILE, 'docker build -q -t shop .');
  const drawing = page.locator('.xr svg.wide');
  await expect(drawing).toHaveAttribute('aria-label', 'Build of shop: 1 stage, 3 steps made, no steps from the cache, 20.0 s');
  await type(page, 'echo 2 > app', 'docker build -q -t shop .');
  await expect(drawing).toHaveAttribute('aria-label', 'Build of shop: 1 stage, 1 step made, 2 steps from the cache, 0.0 s');
  await expect(drawing.locator('rect.af')).toHaveCount(1);
  await page.getByLabel('if a file changes').selectOption('deps');
  await expect(page.locator('.touch [role=status]')).toHaveText(
    'Made again: COPY deps /; RUN sleep 20; COPY app /. Last time that took 20.0 s and 4 B.',
  );
  await page.getByRole('button', { name: 'Read this drawing as a table' }).click();
  await expect(page.getByRole('row', { name: /COPY app/ })).toContainText('changed: app');
  await type(page, 'touch elsewhere');
  await expect(page.locator('.xr tr.now')).toHaveCount(0);
});
