/**
 * The Compose files on the host as projects that may never have been started: each directory with one, with its override
 * and .env, and what `docker compose up` would make of them (compose.ts), beside which images the model knows.
 *
 * Simplified: files are looked for below /root; the variables are those of .env alone.
 */

import { pmap } from '../../base';
import * as compose from '../../compose';
import { images } from '../../engine';
import { registry } from '../catalogue';
import { type ComposeFile, type ComposeView, composeView } from './compose';
import { filesUnder, fileText } from './file';
import type { World } from './world';

const { FILE_NAMES, OVERRIDE_NAMES } = compose;
const { basename, dirname } = compose.paths;

const TOP = '/root';

export interface ComposeFilesView {
  /** The file that was found, and those that are merged into it. */
  path: string;
  files: string[];
  view: ComposeView;
  /** Images that services are to run, and that neither the machine has nor a registry it reaches. */
  unknown: string[];
  /** The files are others than before the last change. */
  changed: boolean;
}

/** The main Compose file of each directory that has one. */
export function composeFiles(world: World): string[] {
  const found = new Set(filesUnder(world, TOP));
  const directories = new Set([...found].map(dirname));
  return [...directories].flatMap((dir) => FILE_NAMES.map((name) => `${dir}/${name}`).find((path) => found.has(path)) ?? []);
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

/** Whether the engine would have or get an image by this name. */
function isKnown(here: ReadonlySet<string>, image: string): boolean {
  try {
    const name = images.normalise(image);
    return here.has(name) || registry.find(images.familiar(name)) !== undefined;
  } catch {
    // A name that the engine refuses is no image's.
    return false;
  }
}

/** Null when there is no such file. */
export function composeFilesView(world: World, path: string, before: World | null): ComposeFilesView | null {
  const dir = dirname(path);
  const texts = textsOf(world, dir);
  const main = basename(path);
  if (texts[main] === undefined) return null;
  const over = OVERRIDE_NAMES.find((name) => texts[name] !== undefined);
  const files = [main, ...(over ? [over] : [])].map((name): ComposeFile => ({ name, text: texts[name] ?? '' }));
  const view = composeView({ files, environment: environmentOf(texts), others: texts });
  const here = new Set(world.engine ? pmap.values(world.engine.images).flatMap((i) => i.RepoTags) : []);
  const wanted = view.services.filter((s) => !s.built).map((s) => s.image);
  const were = before ? textsOf(before, dir) : texts;
  return {
    path,
    files: files.map((f) => f.name),
    view,
    unknown: [...new Set(wanted.filter((image) => !isKnown(here, image)))],
    changed: JSON.stringify(were) !== JSON.stringify(texts),
  };
}
