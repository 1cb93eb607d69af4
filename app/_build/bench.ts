/**
 * `npm run bench`: every budget of the design as a figure of this build on this machine; `-- --json` for a list of
 * { name, value, unit, budget, ok }. Sizes are of what a browser fetches, compressed as a server would (brotli).
 * Machine figures come from lib/fidelity/bench.ts.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import { type Figure, machineFigures } from '../../lib/fidelity/bench';
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

/** Scripts of the build that no page names: what is fetched later, for terminal, engine and drawings. */
function lazyFigure(named: Set<string>): Figure {
  const chunks = path.join('.next', 'static', 'chunks');
  const later = readdirSync(chunks, { recursive: true, encoding: 'utf8' })
    .map((name) => path.join(chunks, name))
    .filter((file) => file.endsWith('.js') && statSync(file).isFile() && !named.has(file));
  const value = kilobytes(later.reduce((sum, file) => sum + brotli(file), 0));
  return { name: 'terminal, engine and X-ray together', value, unit: 'kB brotli', budget: 300, ok: value <= 300 };
}

if (!existsSync(PAGES) || !buildIsCurrent()) {
  process.stderr.write('The build is not that of these sources. Run `npm run build` first.\n');
  process.exit(1);
}
const pages = [
  pageFigure('learn/unionfs', 'a chapter: JavaScript to read and navigate'),
  pageFigure('index', 'the first page: JavaScript to read and navigate'),
];

/** What any page names, polyfills for browsers without modules included: they are never fetched by one that runs this site. */
const named = readdirSync(PAGES, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.html'))
  .map((name) => readFileSync(path.join(PAGES, name), 'utf8'))
  .flatMap((html) => [...externalScripts(html), ...externalScripts(html, true)].map(fileOf));
const figures: Figure[] = [...pages, lazyFigure(new Set(named)), ...machineFigures(() => performance.now())];

if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`);
else
  for (const { name, value, unit, budget, ok } of figures)
    process.stdout.write(`${ok ? '  ' : '! '}${name.padEnd(52)} ${String(value).padStart(9)} ${unit.padEnd(12)} budget ${budget}\n`);
process.exitCode = figures.every((f) => f.ok) ? 0 : 1;
