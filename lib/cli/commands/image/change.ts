/** Images made, named, moved and removed: docker/cli, cli/command/image, cli/command/container/commit.go, export.go. */

import { encode, humanSize } from '../../../base';
import { reference } from '../../../oci';
import { failed, out, type Script, stdin, sys } from '../../driver';
import { type Command, CommandError, type Ctx, call, EngineError, filtersOf, get, pathOf, post, print, say, segment, warn } from '../api';
import { nameAndTag, parseReference } from '../container/run';
import { authHeader } from '../credentials';
import { goError, readFile, writeBytes } from '../files';
import { checkPlatform } from '../output';
import { confirm, isTerminal, showMessages } from '../streams';

/** "repo:tag" as the API takes it: in two. */
function split(name: string): { repo: string; tag: string } {
  if (name === '') return { repo: '', tag: '' };
  let named: reference.Named;
  try {
    named = reference.parseNormalized(name);
  } catch (e) {
    throw new CommandError((e as Error).message);
  }
  if (named.digest) throw new CommandError('refusing to create a tag with a digest reference');
  return { repo: reference.familiarName(named), tag: named.tag ?? 'latest' };
}

export const commit: Command = function* (c) {
  const [container = '', name = ''] = c.args;
  const { repo, tag } = split(name);
  const query = {
    container,
    repo,
    tag,
    comment: c.text('message'),
    author: c.text('author'),
    changes: c.list('change'),
    pause: c.on('pause') ? '1' : '0',
  };
  const { Id } = yield* post<{ Id: string }>(c, pathOf('/commit', query), {});
  yield* say(Id);
  return 0;
};

/** An archive goes to a file or to standard output, but not to a terminal. */
function* deliver(bytes: string, file: string): Script<void> {
  if (file === '') {
    yield* out(bytes);
    return;
  }
  const r = yield* sys((s) => writeBytes(s, encode(file), bytes, 0o600));
  if (failed(r)) throw new CommandError(`open ${file}: ${goError(r)}`);
}

function* checkOutput(c: Ctx, verb: 'export' | 'save'): Script<void> {
  const file = c.text('output');
  if (file === '') {
    if (yield* isTerminal(1)) throw new CommandError('cowardly refusing to save to a terminal. Use the -o flag or redirect');
    return;
  }
  const dir = file.includes('/') ? file.slice(0, file.lastIndexOf('/')) || '/' : '.';
  const what = `failed to ${verb} ${verb === 'save' ? 'image' : 'container'}`;
  const parent = yield* sys((s) => s.stat(encode(dir)).type);
  if (failed(parent)) throw new CommandError(`${what}: invalid output path: stat ${dir}: ${goError(parent)}`);
  if (parent !== 'dir') throw new CommandError(`${what}: invalid output path: stat ${dir}: not a directory`);
  if ((yield* sys((s) => s.stat(encode(file)).type)) === 'dir') throw new CommandError(`${what}: cannot write to a directory`);
}

export const exportContainer: Command = function* (c) {
  yield* checkOutput(c, 'export');
  const r = yield* call(c, 'GET', `/containers/${segment(c.args[0] as string)}/export`);
  yield* deliver(r.body, c.text('output'));
  return 0;
};

export const save: Command = function* (c) {
  yield* checkOutput(c, 'save');
  const r = yield* call(c, 'GET', pathOf('/images/get', { names: c.args, platform: c.text('platform') || c.list('platform') }));
  yield* deliver(r.body, c.text('output'));
  return 0;
};

export const load: Command = function* (c) {
  const input = c.text('input');
  if (input === '' && (yield* isTerminal(0))) throw new CommandError('requested load from stdin, but stdin is empty');
  const platforms = c.text('platform') ? [c.text('platform')] : c.list('platform');
  for (const p of platforms) checkPlatform(p, 'invalid platform: ');
  const path = pathOf('/images/load', { quiet: '1', platform: platforms });
  // A directory opens, and fails to be read when the request is under way.
  if (input !== '' && (yield* sys((s) => s.stat(encode(input)).type)) === 'dir')
    throw new CommandError(`error during connect: Post "http://%2Fvar%2Frun%2Fdocker.sock/v1.51${path}": read ${input}: is a directory`);
  const archive = input === '' ? yield* stdin() : yield* readFile(input);
  const r = yield* call(c, 'POST', path, archive);
  yield* showMessages(r.body);
  return 0;
};

export const importImage: Command = function* (c) {
  const [source = '', name = ''] = c.args;
  const url = /^https?:\/\//.test(source);
  const archive = url ? '' : source === '-' ? yield* stdin() : yield* readFile(source);
  const { repo, tag } = split(name);
  const query = {
    fromSrc: url ? source : '-',
    repo,
    tag,
    message: c.text('message'),
    changes: c.list('change'),
    platform: c.text('platform'),
  };
  const r = yield* call(c, 'POST', pathOf('/images/create', query), archive);
  yield* showMessages(r.body);
  return 0;
};

export const tag: Command = function* (c) {
  const [source = '', target = ''] = c.args;
  const { repo, tag: name } = tagTarget(source, target);
  yield* call(c, 'POST', pathOf(`/images/${segment(source)}/tag`, { repo, tag: name }));
  return 0;
};

function tagTarget(source: string, target: string): { repo: string; tag: string } {
  for (const [text, parse] of [
    [source, reference.parseAny],
    [target, reference.parseNormalized],
  ] as const)
    try {
      parse(text);
    } catch (e) {
      throw new CommandError(`Error parsing reference: ${JSON.stringify(text)} is not a valid repository/tag: ${(e as Error).message}`);
    }
  return split(target);
}

type Deleted = { Untagged?: string; Deleted?: string };

export const rmi: Command = function* (c) {
  for (const p of c.list('platform')) checkPlatform(p);
  const errors: string[] = [];
  let fatal = false;
  for (const name of c.args) {
    try {
      const r = yield* call(c, 'DELETE', pathOf(`/images/${segment(name)}`, { force: c.on('force'), noprune: c.on('no-prune') }));
      for (const d of JSON.parse(r.body) as Deleted[]) yield* say(d.Deleted ? `Deleted: ${d.Deleted}` : `Untagged: ${d.Untagged}`);
    } catch (e) {
      if (!(e instanceof EngineError)) throw e;
      if (e.http !== 404) fatal = true;
      errors.push(e.message);
    }
  }
  if (errors.length > 0) {
    if (!c.on('force') || fatal) throw new CommandError(errors.join('\n'));
    yield* warn(errors.join('\n'));
  }
  return 0;
};

export const pull: Command = function* (c) {
  const image = c.args[0] as string;
  const ref = parseReference(image);
  if (ref.kind !== 'named') throw new CommandError('cannot specify 64-byte hexadecimal strings');
  const quiet = c.on('quiet');
  const all = c.on('all-tags');
  if (all && (ref.tag || ref.digest)) throw new CommandError("tag can't be used with --all-tags/-a");
  if (!all && !ref.tag && !ref.digest && !quiet) yield* say(`Using default tag: latest`);
  const { name, tag: t } = nameAndTag(image);
  const r = yield* call(
    c,
    'POST',
    pathOf('/images/create', { fromImage: name, tag: all ? '' : t, platform: c.text('platform') }),
    undefined,
    yield* authHeader(c, image),
  );
  yield* showMessages(r.body, 1, quiet);
  yield* say(reference.format(all ? ref : reference.tagNameOnly(ref)));
  return 0;
};

export const push: Command = function* (c) {
  const image = c.args[0] as string;
  const ref = parseReference(image);
  if (ref.kind !== 'named') throw new CommandError('cannot specify 64-byte hexadecimal strings');
  const [quiet, all] = [c.on('quiet'), c.on('all-tags')];
  if (all && ref.tag) throw new CommandError("tag can't be used with --all-tags/-a");
  if (ref.digest) throw new CommandError('cannot push a digest reference');
  if (!all && !ref.tag && !quiet) yield* say('Using default tag: latest');
  const path = `/images/${segment(reference.familiarName(ref))}/push`;
  const r = yield* call(c, 'POST', pathOf(path, { tag: all ? '' : (ref.tag ?? 'latest') }), '', yield* authHeader(c, image));
  yield* showMessages(r.body, 1, quiet);
  if (quiet) yield* say(reference.format(all ? ref : reference.tagNameOnly(ref)));
  return 0;
};

const PRUNE = {
  dangling: 'WARNING! This will remove all dangling images.\nAre you sure you want to continue?',
  all: 'WARNING! This will remove all images without at least one container associated to them.\nAre you sure you want to continue?',
};

export function* pruneImages(c: Ctx, all: boolean, filters: readonly string[]): Script<{ text: string; space: number }> {
  const { ImagesDeleted, SpaceReclaimed } = yield* post<{ ImagesDeleted: Deleted[] | null; SpaceReclaimed: number }>(
    c,
    pathOf('/images/prune', { filters: filtersOf([...filters, `dangling=${all ? 'false' : 'true'}`]) }),
  );
  const lines = (ImagesDeleted ?? []).map((d) => (d.Untagged ? `untagged: ${d.Untagged}\n` : `deleted: ${d.Deleted}\n`));
  return { text: lines.length ? `Deleted Images:\n${lines.join('')}` : '', space: SpaceReclaimed };
}

export const prune: Command = function* (c) {
  const all = c.on('all');
  if (!c.on('force') && !(yield* confirm(PRUNE[all ? 'all' : 'dangling']))) return 0;
  const { text, space } = yield* pruneImages(c, all, c.list('filter'));
  yield* print(`${text}${text ? '\n' : ''}Total reclaimed space: ${humanSize(space)}\n`);
  return 0;
};

/** Docker Hub is asked by the engine; what it would answer has no form here, as it does not. */
export const search: Command = function* (c) {
  yield* get(
    c,
    pathOf('/images/search', {
      term: c.args[0],
      limit: c.given('limit') ? String(c.number('limit')) : undefined,
      filters: filtersOf(c.list('filter')),
    }),
  );
  return 0;
};
