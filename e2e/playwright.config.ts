/** Browser tests on the built site, served on a port of its own, in the Chromium that app/_build/chromium.mjs found. */
import { defineConfig, devices } from '@playwright/test';

const port = Number(process.env.E2E_PORT ?? 3911);
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export default defineConfig({
  testDir: '.',
  outputDir: '../test-results',
  fullyParallel: true,
  workers: 2,
  timeout: 45_000,
  // A test that fails once and then passes is listed as flaky, with what it saw: a fault of the machine it ran on, or one to look into.
  retries: 1,
  reporter: 'list',
  use: {
    ...devices['Desktop Chrome'],
    baseURL: `http://localhost:${port}`,
    viewport: { width: 1440, height: 900 },
    launchOptions: { executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args },
    trace: 'off',
    // Each test has a browser of its own; only the one about it lets the site be kept.
    serviceWorkers: 'block',
  },
  webServer: {
    command: `node ../app/_build/serve.mjs ${port}`,
    url: `http://localhost:${port}`,
    reuseExistingServer: false,
    stdout: 'ignore',
  },
});
