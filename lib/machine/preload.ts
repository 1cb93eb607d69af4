/**
 * The images that a machine comes with, as if they had been pulled before: layers in overlay2, configs in the store.
 * Their trees stay frozen; only the directory that holds each is made.
 */

import { pmap } from '../base';
import { Daemon, documentOf, type EngineState, emptyEngine, HOST, images, layers, overlay2 } from '../engine';
import { type Kernel, makeSys } from '../kernel';
import { BUILT, frozenRoot, PRESENT, registry } from './catalogue';

/** The daemon's state with the catalogue's images in its store. */
export function initialEngine(): EngineState {
  // Only the store is written here, which needs no system calls but the clock.
  const d = new Daemon({ now: () => BUILT } as never, emptyEngine(), registry);
  for (const r of PRESENT) {
    let parent: string | null = null;
    for (const l of r.layers) {
      const chainId: string = layers.chainId(parent, l.diffId);
      if (!d.layer(chainId)) layers.put(d, { chainId, diffId: l.diffId, parent, cacheId: l.cacheId, size: l.size });
      parent = chainId;
    }
    const image = images.add(d, documentOf(r));
    for (const name of r.names) images.tag(d, image.Id, images.normalise(name));
  }
  return { ...d.s, events: [], lastEvent: 0 };
}

/** The layers' directories on the host's disk. */
export function layOut(k: Kernel) {
  const sys = makeSys(k, 1);
  const store = { sys, files: sys, root: HOST.data, owner: { uid: 0, gid: 0 } };
  const done = new Set<string>();
  for (const r of PRESENT) {
    let parent: string | null = null;
    for (const l of r.layers) {
      if (!done.has(l.cacheId)) {
        overlay2.create(store, l.cacheId, parent);
        sys.rmdir(overlay2.diffDir(store, l.cacheId));
        const dir = k.inode(sys.stat(`${HOST.data}/overlay2/${l.cacheId}`).ino);
        if (dir.type === 'dir') k.putInode({ ...dir, entries: pmap.set(dir.entries, 'diff', frozenRoot(l.cacheId)) });
        done.add(l.cacheId);
      }
      parent = l.cacheId;
    }
  }
}
