import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ofServer, workerFor } from './offline';

let root = '';
const put = (file: string, text = file) => {
  const full = path.join(root, file);
  mkdirSync(path.dirname(full), { recursive: true });
  writeFileSync(full, text);
};
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'drydock-offline-'));
  for (const name of ['index', 'learn/unionfs', 'search', 'reference', 'reference/run', 'embed', '_not-found'])
    put(`.next/server/app/${name}.html`);
  put('.next/server/app/search.json.body');
  put('.next/server/app/page.js');
  put('.next/static/chunks/a.js');
  put('.next/static/chunks/a.js.map');
  put('public/no-script.css');
  put('public/worker.js');
});
afterEach(() => rmSync(root, { recursive: true }));

const source = readFileSync('app/_build/worker.js', 'utf8');
const versionOf = (worker: string) => /VERSION = '(\w+)'/.exec(worker)?.[1];

describe('the service worker of a build', () => {
  it('keeps pages, data, code and files, each under its address', () =>
    expect(ofServer(root).map(({ url }) => url)).toEqual([
      '/',
      '/learn/unionfs',
      '/reference',
      '/search',
      '/search.json',
      '/_next/static/chunks/a.js',
      '/no-script.css',
    ]));

  it('is another one as soon as a file is', () => {
    const before = workerFor(ofServer(root), source);
    expect(workerFor(ofServer(root), source)).toBe(before);
    put('.next/server/app/learn/unionfs.html', 'another text');
    expect(versionOf(workerFor(ofServer(root), source))).not.toBe(versionOf(before));
  });

  it('reads its list back', () => {
    const list = /JSON\.parse\('(.*)'\)/.exec(workerFor(ofServer(root), source))?.[1] ?? '';
    expect(JSON.parse(list)).toHaveLength(7);
  });
});
