import { expect, machineReady, test, type } from './page';

test('a block of the chapter is run, and the network is drawn with what it changed', async ({ page }) => {
  await machineReady(page, '/learn/networking');
  await expect(page.getByRole('tab', { name: /^Network/ })).toHaveAttribute('aria-selected', 'true');
  const drawing = page.locator('.xr svg.wide');
  await expect(drawing).toHaveAttribute('aria-label', 'Network: no container.');
  await page
    .getByRole('button', { name: /run it/ })
    .first()
    .click();
  await expect(drawing).toHaveAttribute('aria-label', 'Network: web on bridge; peer on bridge.');
  await type(page, 'docker network create shop');
  await type(page, 'docker network connect shop web');
  await expect(drawing).toHaveAttribute('aria-label', 'Network: web on bridge and shop; peer on bridge.');
  await expect(drawing.locator('path.a.way')).toHaveCount(1);
  await page.getByRole('button', { name: 'Read this drawing as a table' }).click();
  await expect(page.locator('.xr tr.now').filter({ hasText: 'eth1172.18.0.2/16' })).toHaveCount(1);
  await type(page, 'true');
  await expect(page.locator('.xr tr.now')).toHaveCount(2);
});

test('the way of a packet is drawn, one packet of a connection after the other', async ({ page }) => {
  await machineReady(page, '/learn/networking');
  await page.getByRole('tab', { name: /^Packet/ }).click();
  await expect(page.getByText('The last step sent no packet.')).toBeVisible();
  await type(page, 'docker run -d --name web -p 8080:80 nginx:1.27', 'curl -s 192.168.65.3:8080 | head -1');
  const drawing = page.locator('.xr svg.wide');
  await expect(drawing).toHaveAttribute(
    'aria-label',
    /^Packet 1\.1, SYN .* OUTPUT rewrites its destination to 172\.17\.0\.2:80\. It arrives\.$/,
  );
  const packets = page.locator('.xr .which select');
  const answer = await packets.locator('option').nth(1).textContent();
  expect(answer).toMatch(/^1\.2 SYN,ACK, 172\.17\.0\.2:80 to /);
  await packets.selectOption(answer as string);
  await expect(drawing).toHaveAttribute('aria-label', /^Packet 1\.2, SYN,ACK/);
  await type(page, 'docker ps -q');
  await expect(page.getByText('The last step sent no packet.')).toBeVisible();
});
