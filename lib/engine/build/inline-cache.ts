/**
 * A build's cache written into the image that it makes: under which keys its layers were made. `--cache-to type=inline`,
 * `--cache-from IMAGE`. BuildKit cache/remotecache/inline; moby builder-next/adapters/localinlinecache.
 *
 *   config: {…, "moby.buildkit.cache.v0": base64 of {"layers":[…],"records":[{"digest":KEY,"layers":[{"layer":2}]}]}}
 *
 * Simplified: a step that takes files from another stage is found by their content, so that stage is built first; BuildKit's
 * records say of such a step what it came from.
 */

import { decode64, encode, encode64, pmap } from '../../base';
import type { Daemon } from '../daemon';
import * as images from '../images';
import * as overlay2 from '../overlay2';
import { resultOf } from './solver';
import type { Build } from './state';

export const INLINE_CACHE = 'moby.buildkit.cache.v0';

interface Content {
  /** Layers as they lie on each other; -1: the lowest. */
  layers: { blob: string; parent: number }[];
  records: { digest: string; layers: { layer: number; createdAt: number }[] }[];
}

const starts = (whole: readonly string[], part: readonly string[]) => part.every((l, i) => whole[i] === l);

/** The keys of the steps whose layers the image has. */
export function inlineCacheOf(d: Daemon, b: Build): string {
  const stack = resultOf(b, b.plan.result).layers;
  const content: Content = {
    layers: stack.map((chain, i) => ({ blob: d.layer(chain)?.diffId ?? '', parent: i - 1 })),
    records: Object.values(b.results)
      .filter((r) => r.created !== null && r.layers.length > 0 && starts(stack, r.layers))
      .map((r) => ({ digest: `sha256:${r.key}`, layers: [{ layer: r.layers.length - 1, createdAt: r.created as number }] })),
  };
  return encode64(JSON.stringify(content));
}

/** Takes over the keys that an image carries, if it is here and does. */
export function importInline(d: Daemon, ref: string) {
  const image = images.find(d, ref);
  const text = image?.config[INLINE_CACHE];
  if (!image || text === undefined) return;
  const { records } = JSON.parse(decode64(text, false).out) as Content;
  for (const r of records) {
    const key = r.digest.replace(/^sha256:/, '');
    const last = r.layers[0];
    if (!last || pmap.get(d.s.buildCache, key)) continue;
    const layers = image.layers.slice(0, last.layer + 1);
    d.s.buildCache = pmap.set(d.s.buildCache, key, {
      kind: 'step',
      id: overlay2.newCacheId(d.files),
      layers,
      description: `pulled from ${encode(ref)}`,
      created: last.createdAt,
      used: d.now(),
      uses: 0,
      size: d.layer(layers.at(-1) ?? '')?.size ?? 0,
    });
  }
}
