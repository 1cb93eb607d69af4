/** Where an image to look into comes from: an archive that the reader has, or the machine's own images. Fetched when first asked for. */

import { pmap } from '../../lib/base';
import { type DiveSource, diveImage, diveSaved } from '../../lib/machine/views/dive';
import * as saved from '../../lib/oci/saved';
import { boot } from '../machine/engine';
import { world } from '../xrays/kind';

/** Bytes between two words about how far the reading has come. */
const TOLD_EVERY = 16 * 1024 * 1024;

/** Reads a saved image piece by piece: of a gigabyte only the headers are looked at, and no more than a piece is held. */
export async function readArchive(file: Blob, told: (share: number) => void): Promise<DiveSource> {
  const reader = saved.readSaved(file.size);
  let next = TOLD_EVERY;
  for (let step = reader.next(); ; ) {
    if (step.done) return diveSaved(step.value);
    const { at, length } = step.value;
    if (at > next) {
      told(at / file.size);
      next = at + TOLD_EVERY;
    }
    step = reader.next(new Uint8Array(await file.slice(at, at + length).arrayBuffer()));
  }
}

/** The images that a new machine has, each once, by their first name. */
export function machineImages(): DiveSource[] {
  const w = world(boot('lab', 1).machine);
  return (w.engine ? pmap.values(w.engine.images) : [])
    .map((image) => diveImage(w, image))
    .filter((s) => s.names.length > 0)
    .toSorted((a, b) => (a.names[0] ?? '').localeCompare(b.names[0] ?? ''));
}

/** What is wrong with an archive, for its owner. */
export const faultOf = (error: unknown): string =>
  error instanceof saved.SavedError || error instanceof saved.TarError
    ? `This is not an image that docker save wrote: ${error.message}.`
    : `This file could not be read: ${error instanceof Error ? error.message : error}.`;

export { DIVE_RULES, dive, diveCheck, diveLayer, diveTree } from '../../lib/machine/views/dive';
