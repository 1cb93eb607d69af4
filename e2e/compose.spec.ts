import { expect, machineReady, test, type } from './page';

const FILE = String.raw`printf 'services:\n  web:\n    image: nginx:1.27\n    ports: ["8080:80"]\n    depends_on: {db: {condition: service_healthy}}\n  db:\n    image: redis:7\n    healthcheck: {test: [CMD, redis-cli, ping], interval: 1s}\n' > compose.yaml`;

test('the start of a project is drawn, with the condition that a service waited for', async ({ page }) => {
  await machineReady(page, '/learn/compose');
  await expect(page.getByText('No Compose project yet.')).toBeVisible();
  await type(page, FILE, 'docker compose up -d');
  const drawing = page.locator('.xr svg.wide');
  await expect(drawing).toHaveAttribute(
    'aria-label',
    'Compose project lab: lab-db-1 running, healthy; lab-web-1 running, after db healthy.',
  );
  await expect(drawing.locator('path.at.way')).toHaveCount(1);
  await page.getByRole('button', { name: 'Read this drawing as a table' }).click();
  await expect(page.getByRole('row', { name: /lab-web-1/ })).toContainText('db healthy');
  await type(page, 'touch elsewhere');
  await expect(page.locator('.xr tr.now')).toHaveCount(0);
});
