import { expect, test } from './page';

test('a pod is deleted and made anew, round by round, by keyboard', async ({ page }) => {
  await page.goto('/learn/kubernetes');
  const part = page.getByRole('region', { name: 'Try: a loop that puts things right' });
  const drawing = part.locator('svg.wide');
  await expect(drawing).toHaveAttribute('aria-label', /Deployment web: web:1, wants 3, 3 ready/);
  const gone = await part.getByLabel('pod', { exact: true }).inputValue();
  await part.getByRole('button', { name: 'delete' }).press('Enter');
  await expect(part.getByRole('status').first()).toContainText(`You deleted ${gone}`);
  await expect(drawing.locator('rect.af')).toHaveCount(1);
  await part.getByRole('button', { name: 'one round' }).press('Enter');
  await expect(part.getByRole('row', { name: /^ReplicaSet controller/ })).toContainText('2 pods');
  await part.getByRole('button', { name: 'to rest' }).press('Enter');
  await expect(drawing).toHaveAttribute('aria-label', /wants 3, 3 ready/);
  await expect(drawing).not.toHaveAttribute('aria-label', new RegExp(gone));
  for (let i = 0; i < 3; i++) await part.getByRole('button', { name: 'back' }).press('Enter');
  await expect(drawing).toHaveAttribute('aria-label', new RegExp(gone));
});

test('manifests are changed and applied; an old version of the API is refused', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto('/learn/kubernetes');
  const part = page.getByRole('region', { name: 'Try: a new version, a good one or a bad one' });
  await part.getByText('The manifests, to change').click();
  const yaml = part.getByLabel('YAML');
  const first = await yaml.inputValue();
  await yaml.fill(first.replace('apps/v1', 'extensions/v1beta1'));
  await part.getByRole('button', { name: 'apply' }).click();
  await expect(part.getByText('no matches for kind "Deployment" in version "extensions/v1beta1"')).toBeVisible();
  await yaml.fill(first.replace('replicas: 4', 'replicas: 2'));
  await part.getByRole('button', { name: 'apply' }).click();
  await part.getByRole('button', { name: 'to rest' }).click();
  await expect(part.locator('svg.narrow')).toHaveAttribute('aria-label', /wants 2, 2 ready/);
});

test('parts are matched with what was known on a day', async ({ page }) => {
  await page.goto('/learn/supply-chain');
  const part = page.getByRole('region', { name: 'Try: what is known of these parts' });
  await expect(part.getByText('1 known on that day')).toBeVisible();
  await part.getByLabel('what is known on').fill('2021-12-10');
  await page.keyboard.press('Enter');
  await expect(part.getByRole('row', { name: /^maven log4j-core/ })).toContainText('CVE-2021-44228');
  await part.getByLabel(/^parts/).fill('deb openssl 1.0.1e-2+deb7u5\nrpm bash 5\n');
  await part.getByRole('button', { name: 'match' }).click();
  await expect(part.getByText('0 known on that day; 1 lines name no part')).toBeVisible();
  await part.getByLabel('matched by the versions of').selectOption('project');
  await part.getByRole('button', { name: 'match' }).click();
  await expect(part.getByRole('row', { name: /^deb openssl/ })).toContainText('CVE-2014-0160');
});
