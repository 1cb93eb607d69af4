/**
 * The Compose files on the host as projects that may never have been started: each directory with one, with its override
 * and .env, and what `docker compose up` would make of them (compose.ts), beside which images are on the machine.
 *
 * Simplified: files are looked for below /root; the variables are those of .env alone.
 */

import { pmap } from '../../base';
import * as compose from '../../compose';
import { type ComposeFile, type ComposeView, composeView } from './compose';
import { filesUnder, fileText } from './file';
import type { World } from './world';

const TOP = '/root';
/** In the order in which Compose takes them. */
const MAIN = ['compose.yaml', 'compose.yml', 'docker-compose.yml', 'docker-compose.yaml'];
const OVERRIDE = /^(docker-)?compose\.override\.ya?ml$/;

export interface ComposeFilesView {
  /** The file that was found, and those that are merged into it. */
  path: string;
  files: string[];
  view: ComposeView;
  /** Images that services are to run and the machine does not have. */
  absent: string[];
  /** The files are others than before the last change. */
  changed: boolean;
}

const dirOf = (path: string) => path.slice(0, path.lastIndexOf('/'));
const nameOf = (path: string) => path.slice(path.lastIndexOf('/') + 1);

/** The main Compose file of each directory that has one. */
export function composeFiles(world: World): string[] {
  const found = filesUnder(world, TOP).filter((path) => MAIN.includes(nameOf(path)));
  const first = new Map<string, string>();
  for (const path of found) {
    const known = first.get(dirOf(path));
    if (known === undefined || MAIN.indexOf(nameOf(path)) < MAIN.indexOf(nameOf(known))) first.set(dirOf(path), path);
  }
  return [...first.values()];
}

const textOf = (world: World, path: string): string | null => {
  const file = fileText(world, path);
  return 'text' in file ? file.text : null;
};

/** Every text of a project's directory by its path in it. */
function textsOf(world: World, dir: string): Record<string, string> {
  const texts = filesUnder(world, dir).map((path): [string, string | null] => [path.slice(dir.length + 1), textOf(world, path)]);
  return Object.fromEntries(texts.filter((entry): entry is [string, string] => entry[1] !== null));
}

function environmentOf(texts: Readonly<Record<string, string>>): Record<string, string> {
  try {
    return compose.parseDotenv(texts['.env'] ?? '');
  } catch (e) {
    if (!(e instanceof compose.ComposeError)) throw e;
    return {};
  }
}

const normal = (name: string) => (/[:@]/.test(name.slice(name.lastIndexOf('/') + 1)) ? name : `${name}:latest`);

/** Null when there is no such file. */
export function composeFilesView(world: World, path: string, before: World | null): ComposeFilesView | null {
  const dir = dirOf(path);
  const texts = textsOf(world, dir);
  const main = texts[nameOf(path)];
  if (main === undefined) return null;
  const over = Object.keys(texts).filter((name) => OVERRIDE.test(name));
  const files = [nameOf(path), ...over].map((name): ComposeFile => ({ name, text: texts[name] ?? '' }));
  const view = composeView({ files, environment: environmentOf(texts), others: texts });
  const here = new Set(world.engine ? [...pmap.values(world.engine.images)].flatMap((i) => i.RepoTags) : []);
  const has = (image: string) =>
    [`docker.io/library/${normal(image)}`, `docker.io/${normal(image)}`, normal(image)].some((n) => here.has(n));
  const wanted = view.services.filter((s) => !s.built).map((s) => s.image);
  const were = before ? textsOf(before, dir) : texts;
  return {
    path,
    files: files.map((f) => f.name),
    view,
    absent: [...new Set(wanted.filter((image) => !has(image)))],
    changed: JSON.stringify(were) !== JSON.stringify(texts),
  };
}
