/**
 * The layer store: layers by chain id, each a directory of the storage driver. image-spec, "Layer ChainID";
 * moby layer/layer_store.go.
 *
 *   diffId  = sha256 of the layer's archive
 *   chainId = diffId of the bottom; above it sha256(parent chainId + " " + diffId)
 */

import { pmap, sha256 } from '../base';
import type { Daemon } from './daemon';
import * as overlay2 from './overlay2';
import type { Layer } from './state';

export const chainId = (parent: string | null, diffId: string): string =>
  parent === null ? diffId : `sha256:${sha256(`${parent} ${diffId}`)}`;

export const chainIds = (diffIds: readonly string[]): string[] => {
  const out: string[] = [];
  for (const d of diffIds) out.push(chainId(out.at(-1) ?? null, d));
  return out;
};

export function put(d: Daemon, l: Layer) {
  d.s.layers = pmap.set(d.s.layers, l.chainId, l);
}

/** Layers that no image and no container stands on go, from the top down: their chain ids. */
export function collect(d: Daemon): string[] {
  const used = new Set<string>();
  for (const i of d.images()) for (const l of i.layers) used.add(l);
  for (const c of pmap.values(d.s.containers)) for (const l of c.layers) used.add(l);
  for (const entry of pmap.values(d.s.buildCache) as Iterable<{ layers?: string[] }>) for (const l of entry.layers ?? []) used.add(l);
  const heightOf = (l: Layer): number => (l.parent === null ? 1 : 1 + heightOf(d.layer(l.parent) as Layer));
  const gone = pmap
    .values(d.s.layers)
    .filter((l) => !used.has(l.chainId))
    .map((layer) => ({ layer, height: heightOf(layer) }))
    .sort((a, b) => b.height - a.height);
  for (const { layer } of gone) {
    overlay2.remove(d, layer.cacheId);
    d.s.layers = pmap.remove(d.s.layers, layer.chainId);
  }
  return gone.map(({ layer }) => layer.chainId);
}
