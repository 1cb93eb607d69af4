/**
 * Writes the service worker of a build: which files it keeps, and a version that changes with any of them.
 *
 *   files of the build ──> public/worker.js
 *
 * All chapters and pages, their code and fonts, and the search's index; not the pages on single commands, which would double what
 * a first visit fetches: the worker keeps each when it is opened.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export interface Kept {
  /** Its address: /learn/unionfs, /_next/static/chunks/x.js. */
  url: string;
  file: string;
}

const LEFT_OUT = /^\/(reference\/.+|embed|_global-error|_not-found|worker\.js|screenshot\.png)$/;

/** Files below a folder, with slashes between, sorted. */
const under = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, '/'))
    .sort();

const addressOf = (html: string) => `/${html.replace(/\.html$/, '').replace(/^index$/, '')}`;

/** What a build of the server serves: pages, their code, what lies in public/. */
export function ofServer(root = '.'): Kept[] {
  const at = (...parts: string[]) => path.join(root, ...parts);
  const app = at('.next', 'server', 'app');
  const kept = [
    ...under(app).flatMap((name): Kept[] => (name.endsWith('.html') ? [{ url: addressOf(name), file: path.join(app, name) }] : [])),
    ...under(app).flatMap((name): Kept[] =>
      name.endsWith('.body') ? [{ url: `/${name.replace(/\.body$/, '')}`, file: path.join(app, name) }] : [],
    ),
    ...under(at('.next', 'static')).map((name) => ({ url: `/_next/static/${name}`, file: at('.next', 'static', name) })),
    ...under(at('public')).map((name) => ({ url: `/${name}`, file: at('public', name) })),
  ];
  return kept.filter(({ url }) => !LEFT_OUT.test(url) && !url.endsWith('.map'));
}

/** What a static export serves, from its folder. */
export function ofExport(out: string): Kept[] {
  const wanted = under(out).filter((name) => !name.endsWith('.txt') && name !== '404.html' && name !== '_not-found.html');
  const kept = wanted.map((name) => ({ url: name.endsWith('.html') ? addressOf(name) : `/${name}`, file: path.join(out, name) }));
  return kept.filter(({ url }) => !LEFT_OUT.test(url) && !url.endsWith('.map'));
}

/** The worker's text for these files. */
export function workerFor(kept: readonly Kept[], source: string): string {
  const hash = createHash('sha256').update(source);
  for (const { url, file } of kept) hash.update(url).update('\0').update(readFileSync(file)).update('\0');
  const files = JSON.stringify(kept.map(({ url }) => url));
  if (/['\\]/.test(files)) throw new Error('offline: a file of the build has a name that the worker cannot carry');
  return source.replace('__VERSION__', hash.digest('hex').slice(0, 16)).replace('__FILES__', files);
}

export function writeWorker(kept: readonly Kept[], folder: string): number {
  writeFileSync(path.join(folder, 'worker.js'), workerFor(kept, readFileSync(path.join('app', '_build', 'worker.js'), 'utf8')));
  return kept.length;
}
