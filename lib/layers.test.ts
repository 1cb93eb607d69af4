/**
 * The arrows of lib/README.md hold: a layer imports only layers below it, through their faces; and nothing in lib looks
 * at the world. The compiler refuses Node and the browser (lib/tsconfig.json); this refuses what it lets through.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

/** What each layer may import. The programs of a layer above (docker) are told to a layer below by data, not by import. */
const below = {
  base: [],
  kernel: ['base'],
  programs: ['base', 'kernel'],
  shell: ['base', 'kernel'],
  oci: ['base'],
  engine: ['base', 'kernel', 'oci'],
  compose: ['base', 'oci', 'engine'],
  cli: ['base', 'kernel', 'oci', 'engine', 'compose'],
  machine: ['base', 'kernel', 'programs', 'shell', 'oci', 'engine', 'compose', 'cli'],
  fleet: [],
  quiz: ['base', 'machine', 'fleet'],
  fidelity: ['base', 'kernel', 'programs', 'shell', 'oci', 'engine', 'compose', 'cli', 'machine'],
} satisfies Record<string, string[]>;
type Layer = keyof typeof below;

/** Packages a layer may use: pure ones, which work on values alone. */
const packages = ['@noble/hashes', 'acorn', 'bcryptjs', 'fflate', 'lz-string', 'yaml', 'zod'];

/** Faces of parts that are loaded apart from their layer (base/part.ts), and a view that comes with its drawing or its facts. */
const faces = ['engine/build/face', 'engine/for-clients', 'compose/labels', 'oci/saved', 'machine/views/registry', 'machine/views/swarm'];
/** Who brings the parts' code. */
const loaders = ['machine/whole.ts'];

/** Layers that hold others against the real thing, and so may look inside. */
const insiders: Layer[] = ['fidelity'];

const lib = import.meta.dirname;
const files = readdirSync(lib, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.startsWith('fidelity/bin/') && !file.startsWith('vitest.'))
  .map((file) => ({ file, text: readFileSync(join(lib, file), 'utf8') }));

const layerOf = (file: string) => file.split('/')[0] as Layer;
/** Comments and the insides of strings and regular expressions do not count as code. */
const code = (text: string) =>
  text
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\s*\/\/.*$/gm, '')
    .replace(/'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"/g, "''");
const imports = (text: string) =>
  [...text.matchAll(/^\s*(?:import|export)\b[^'";]*?from\s*'([^']+)'|^\s*import\s*'([^']+)'|\bimport\('([^']+)'\)/gm)].map(
    (m) => m[1] ?? m[2] ?? m[3] ?? '',
  );

describe('layers', () => {
  test('every file is in a layer', () => {
    expect(files.map(({ file }) => layerOf(file)).filter((layer) => !(layer in below))).toEqual([]);
  });

  test('arrows point down, across layers through the face', () => {
    const wrong = files.flatMap(({ file, text }) =>
      imports(text).flatMap((path) => {
        if (!path.startsWith('.')) {
          return packages.some((name) => path === name || path.startsWith(`${name}/`)) ? [] : [`${file}: package ${path}`];
        }
        const target = relative(lib, resolve(lib, dirname(file), path));
        const [from, to] = [layerOf(file), layerOf(target)];
        if (from === to) return [];
        if (!(below[from] as string[]).includes(to)) return [`${file}: ${from} must not know ${to}`];
        // base is a drawer of small tools, each file its own face
        const face =
          to === 'base' ||
          target === to ||
          target === `${to}/index` ||
          (from === 'machine' && target === 'machine/face') ||
          faces.includes(target) ||
          loaders.includes(file);
        return face || insiders.includes(from) ? [] : [`${file}: ${path} is not the face of ${to}`];
      }),
    );
    expect(wrong).toEqual([]);
  });

  test.each([
    ['the clock', /\bnew Date\b|\bDate\s*[.(]|\bperformance\./],
    ['chance', /\bMath\.random\b/],
    ['a module-level let', /^let\b/m],
    ['a module-level var', /^var\b/m],
    ['the console', /\bconsole\.(log|error|warn)\b/],
    ['promises', /\bnew Promise\b|\bPromise\.|\basync\b\s*(?:function|\()|\bawait\s/],
    ['the host', /\bprocess\.(env|argv|exit)|\bglobalThis\b|\bsetTimeout\b|\bfetch\(/],
  ])('nothing looks at %s', (_, pattern) => {
    expect(files.filter(({ text }) => pattern.test(code(text))).map(({ file }) => file)).toEqual([]);
  });
});
