/**
 * docker buildx imagetools: images as registries hold them. docker/buildx, commands/imagetools, util/imagetools.
 *
 * Simplified: the registry that answers has one manifest a name, and nothing can be written to it.
 */

import { reference } from '../../oci';
import type { Script } from '../driver';
import { type Command, CommandError, type Ctx, EngineError, get, notModelled, print, segment } from './api';
import { parseReference } from './container/run';

interface Found {
  name: string;
  descriptor: { mediaType: string; digest: string; size: number };
}

/** What the registry has under a name; the request is the client's own in the original. */
function* look(c: Ctx, text: string): Script<Found> {
  try {
    const ref = parseReference(text);
    if (ref.kind !== 'named') throw new CommandError('cannot specify 64-byte hexadecimal strings');
    const name = reference.format(reference.tagNameOnly(ref));
    const { Descriptor } = yield* get<{ Descriptor: Found['descriptor'] }>(c, `/distribution/${segment(name)}/json`);
    return { name, descriptor: Descriptor };
  } catch (e) {
    if (!(e instanceof CommandError)) throw e;
    throw new CommandError(`ERROR: ${e instanceof EngineError ? e.reason : e.message}`);
  }
}

export const inspect: Command = function* (c) {
  if (c.on('raw') || c.text('format') !== '') throw notModelled(`docker buildx imagetools inspect ${c.on('raw') ? '--raw' : '--format'}`);
  const { name, descriptor } = yield* look(c, c.args[0] as string);
  yield* print(`Name:      ${name}\nMediaType: ${descriptor.mediaType}\nDigest:    ${descriptor.digest}\n`);
  return 0;
};

export const create: Command = function* (c) {
  if (c.list('file').length > 0) throw notModelled('docker buildx imagetools create --file');
  if (c.args.length === 0) throw new CommandError('ERROR: no sources specified');
  for (const source of c.args) yield* look(c, source);
  throw notModelled('writing to a registry');
};
