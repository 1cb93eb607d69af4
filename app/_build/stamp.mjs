/**
 * Whether an install or a build is still that of the files here: a digest over the contents of what goes in,
 * kept beside what came out. Plain Node, since it runs before anything is installed.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const SOURCES = [
  'app',
  'components',
  'content',
  'lib',
  'public',
  'next.config.mjs',
  'postcss.config.mjs',
  'package-lock.json',
  'tsconfig.json',
];
const BUILT = path.join('.next', 'drydock-stamp');
const INSTALLED = path.join('node_modules', '.drydock-stamp');

/** Written by the build into a folder of sources. */
const MADE = path.join('public', 'worker.js');

function files(entry) {
  if (!existsSync(entry) || entry === MADE) return [];
  if (!statSync(entry).isDirectory()) return [entry];
  return readdirSync(entry)
    .sort()
    .flatMap((name) => files(path.join(entry, name)));
}

function digest(entries) {
  const hash = createHash('sha256');
  for (const file of entries.flatMap(files)) hash.update(file).update('\0').update(readFileSync(file)).update('\0');
  return hash.digest('hex');
}

const read = (file) => (existsSync(file) ? readFileSync(file, 'utf8') : '');

export const buildIsCurrent = () => read(BUILT) === digest(SOURCES);
export const forgetBuild = () => rmSync(BUILT, { force: true });
export const writeStamp = () => writeFileSync(BUILT, digest(SOURCES));
export const installIsCurrent = () => read(INSTALLED) === digest(['package-lock.json']);
export function writeInstalled() {
  mkdirSync('node_modules', { recursive: true });
  writeFileSync(INSTALLED, digest(['package-lock.json']));
}
