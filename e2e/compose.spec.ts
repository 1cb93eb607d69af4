import { expect, machineReady, screen, stepNow, test, type } from './page';

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

const UNKNOWN = String.raw`printf 'services:\n  web:\n    image: ghcr.io/acme/web:2\n    ports: ["8080:3000"]\n    depends_on: {schema: {condition: service_completed_successfully}}\n  schema:\n    image: ghcr.io/acme/schema\n' > compose.yaml`;

test('a project of unknown images is started from its plan, with placeholders', async ({ page }) => {
  await machineReady(page, '/playground?from=compose');
  await type(page, UNKNOWN);
  await page.getByRole('tab', { name: 'Plan' }).click();
  await expect(page.getByText('The model does not know ghcr.io/acme/schema, ghcr.io/acme/web:2;')).toBeVisible();
  await page.getByRole('button', { name: 'Start it with placeholders' }).click();
  await expect(stepNow(page)).toHaveAccessibleName(/docker compose up -d/);
  await page.getByRole('tab', { name: 'Compose' }).click();
  await expect(page.locator('.xr svg.wide')).toHaveAttribute('aria-label', /schema-1 exited.*web-1 running, after schema completed/);
  await type(page, 'curl -s localhost:8080');
  await expect(screen(page)).toContainText('placeholder for ghcr.io/acme/web:2');
});
