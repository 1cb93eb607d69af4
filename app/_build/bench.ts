/**
 * `npm run bench`: every budget of the design as a figure of this build on this machine; `-- --json` for a list of
 * { name, value, unit, budget, ok }. Sizes are of what a browser fetches, compressed as a server would (brotli).
 * Machine figures come from lib/fidelity/bench.ts, bundled as for a page: a loader of TypeScript would name each function again
 * when it is made, and cost a sixth.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { brotliCompressSync, constants } from 'node:zlib';
import { chromium } from '@playwright/test';
import { build } from 'esbuild';
import type { Figure } from '../../lib/fidelity/bench';
import { findChromium } from './chromium.mjs';
import { externalScripts } from './policy';
import { buildIsCurrent } from './stamp.mjs';

const PAGES = path.join('.next', 'server', 'app');
const brotli = (file: string) => brotliCompressSync(readFileSync(file), { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length;
const kilobytes = (bytes: number) => Math.round(bytes / 100) / 10;
const fileOf = (src: string) =>
  path.join(src.startsWith('/_next/') ? '.next' : 'public', src.replace(/^\/_next\//, '').replace(/\?.*$/, ''));

function pageFigure(page: string, name: string): Figure {
  const scripts = externalScripts(readFileSync(path.join(PAGES, `${page}.html`), 'utf8')).map(fileOf);
  const value = kilobytes(scripts.reduce((sum, file) => sum + brotli(file), 0));
  return { name, value, unit: 'kB brotli', budget: 120, ok: value <= 120 };
}

/**
 * What a browser fetches after a chapter can be read, until its terminal has shown a prompt and drawn the X-ray: terminal,
 * engine and drawings. Parts of the engine that a step asks for later (lib/base/part.ts) come on top, one by one.
 */
async function lazyFigure(): Promise<Figure> {
  const found = await findChromium();
  if (found.error) throw new Error(found.error);
  const port = 3977;
  const server = spawn(process.execPath, [path.join('app', '_build', 'serve.mjs'), String(port)]);
  await new Promise<void>((ready) => server.stdout.on('data', (text) => String(text).includes('Ready') && ready()));
  const browser = await chromium.launch({ executablePath: found.file, args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    const fetched = new Set<string>();
    page.on('request', (request) => request.resourceType() === 'script' && fetched.add(new URL(request.url()).pathname));
    await page.goto(`http://localhost:${port}/learn/unionfs`);
    await page.locator('.xterm-rows').getByText('#').first().waitFor();
    const first = new Set(externalScripts(readFileSync(path.join(PAGES, 'learn', 'unionfs.html'), 'utf8')).map(fileOf));
    const later = [...fetched].map(fileOf).filter((file) => !first.has(file));
    const value = kilobytes(later.reduce((sum, file) => sum + brotli(file), 0));
    return { name: 'terminal, engine and X-ray together', value, unit: 'kB brotli', budget: 300, ok: value <= 300 };
  } finally {
    await browser.close();
    server.kill();
  }
}

/** The machine's own figures, of code as a browser gets it. */
async function ofMachine(): Promise<Figure[]> {
  const outfile = path.join('.next', 'bench.mjs');
  await build({
    entryPoints: [path.join('lib', 'fidelity', 'bench.ts')],
    outfile,
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
  });
  const bench = (await import(pathToFileURL(path.resolve(outfile)).href)) as typeof import('../../lib/fidelity/bench');
  return bench.machineFigures(() => performance.now());
}

if (!existsSync(PAGES) || !buildIsCurrent()) {
  process.stderr.write('The build is not that of these sources. Run `npm run build` first.\n');
  process.exit(1);
}
const pages = [
  pageFigure('learn/unionfs', 'a chapter: JavaScript to read and navigate'),
  pageFigure('index', 'the first page: JavaScript to read and navigate'),
];

const figures: Figure[] = [...pages, await lazyFigure(), ...(await ofMachine())];

if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`);
else
  for (const { name, value, unit, budget, ok } of figures)
    process.stdout.write(`${ok ? '  ' : '! '}${name.padEnd(52)} ${String(value).padStart(9)} ${unit.padEnd(12)} budget ${budget}\n`);
process.exitCode = figures.every((f) => f.ok) ? 0 : 1;
