import { CHAPTER, expect, machineReady, test } from './page';

for (const url of ['/', CHAPTER])
  test(`${url} runs under its policy, and nothing else does`, async ({ page, watched }) => {
    const response = await page.goto(url);
    expect(response?.headers()['content-security-policy']).toContain("frame-ancestors 'none'");
    const policy = await page.locator('meta[http-equiv="Content-Security-Policy"]').getAttribute('content');
    expect(policy).toMatch(/script-src 'self'( 'sha256-[^']+')+;/);
    await machineReady(page, url);
    await page.evaluate(() => {
      const script = document.createElement('script');
      script.textContent = 'document.title = "owned"';
      document.body.append(script);
    });
    await expect(page).not.toHaveTitle('owned');
    expect(watched.join()).toMatch(/Content Security Policy/);
    watched.length = 0;
  });
