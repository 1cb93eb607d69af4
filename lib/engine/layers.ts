/**
 * The layer store: layers by chain id, each a directory of the storage driver. image-spec, "Layer ChainID";
 * moby layer/layer_store.go.
 *
 *   diffId  = sha256 of the layer's archive
 *   chainId = diffId of the bottom; above it sha256(parent chainId + " " + diffId)
 */

import { pmap, sha256 } from '../base';
import { tar } from '../oci';
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

const contentSize = (entries: readonly tar.TarEntry[]) => entries.reduce((n, e) => n + (e.type === 'file' ? e.size : 0), 0);

/** A layer from a directory of the driver that is complete: its archive gives its ids. An equal layer is reused. */
export function commit(d: Daemon, cacheId: string, parent: string | null): Layer {
  const entries = overlay2.diff(d, cacheId);
  const diffId = `sha256:${sha256(tar.writeTar(entries))}`;
  const id = chainId(parent, diffId);
  const there = d.layer(id);
  if (there) return there;
  const layer: Layer = { chainId: id, diffId, parent, cacheId, size: contentSize(entries) };
  put(d, layer);
  return layer;
}

/** A layer from its archive, as load, import and pull bring it. */
export function register(d: Daemon, archive: string, parent: string | null): Layer {
  const diffId = `sha256:${sha256(archive)}`;
  const id = chainId(parent, diffId);
  const there = d.layer(id);
  if (there) return there;
  const entries = tar.readTar(archive);
  const cacheId = overlay2.newId(d.sys);
  overlay2.create(d, cacheId, parent === null ? null : (d.layer(parent) as Layer).cacheId);
  overlay2.apply(d, cacheId, entries);
  const layer: Layer = { chainId: id, diffId, parent, cacheId, size: contentSize(entries) };
  put(d, layer);
  return layer;
}

/** The archive of a layer, made again from its directory. */
export const archive = (d: Daemon, l: Layer): string => tar.writeTar(overlay2.diff(d, l.cacheId));

/** Layers that no image and no container stands on go, from the top down: their chain ids. */
export function collect(d: Daemon): string[] {
  const used = new Set<string>();
  for (const i of d.images()) for (const l of i.layers) used.add(l);
  for (const c of pmap.values(d.s.containers)) for (const l of c.layers) used.add(l);
  for (const entry of pmap.values(d.s.buildCache) as Iterable<{ layers?: string[] }>) for (const l of entry.layers ?? []) used.add(l);
  const heightOf = (l: Layer): number => (l.parent === null ? 1 : 1 + heightOf(d.layer(l.parent) as Layer));
  const gone = [...pmap.values(d.s.layers)]
    .filter((l) => !used.has(l.chainId))
    .map((layer) => ({ layer, height: heightOf(layer) }))
    .sort((a, b) => b.height - a.height);
  for (const { layer } of gone) {
    overlay2.remove(d, layer.cacheId);
    d.s.layers = pmap.remove(d.s.layers, layer.chainId);
  }
  return gone.map(({ layer }) => layer.chainId);
}
