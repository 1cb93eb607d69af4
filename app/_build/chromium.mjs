/**
 * A Chromium for the browser tests: $CHROMIUM, one on PATH, one that Playwright has already downloaded; else one is
 * installed: Playwright's download, then Debian's package. Returns its path, or a sentence that says what was tried.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { run } from './prepare.mjs';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

function onPath() {
  const folders = (process.env.PATH ?? '').split(path.delimiter);
  return NAMES.flatMap((name) => folders.map((folder) => path.join(folder, name))).find((file) => existsSync(file));
}

async function downloaded() {
  const { chromium } = await import('@playwright/test');
  const file = chromium.executablePath();
  return existsSync(file) ? file : undefined;
}

const starts = (file) => spawnSync(file, ['--version'], { stdio: 'ignore' }).status === 0;

export async function findChromium() {
  const given = process.env.CHROMIUM;
  if (given) return existsSync(given) ? { file: given } : { error: `CHROMIUM is ${given}, which does not exist.` };
  const present = [onPath(), await downloaded()].find((file) => file && starts(file));
  if (present) return { file: present };
  console.log('Installing a Chromium for the browser tests …');
  run('npx', ['playwright', 'install', '--with-deps', 'chromium']);
  const fetched = await downloaded();
  if (fetched && starts(fetched)) return { file: fetched };
  run('apt-get', ['update']);
  run('apt-get', ['install', '-y', '--no-install-recommends', 'chromium'], { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
  const packaged = onPath();
  if (packaged && starts(packaged)) return { file: packaged };
  return { error: 'No Chromium: not on PATH, not downloadable by Playwright, not installable by apt-get. Set CHROMIUM to one.' };
}
