/**
 * What a registry holds, as the engine sees it: images by name, with their layers as trees. The catalogue that fills it
 * is the machine's (lib/machine/catalogue).
 */

import type { TreeEntry } from '../kernel';
import type { ImageConfig } from './state';

export interface RegistryLayer {
  /** sha256:… of the layer's archive. */
  diffId: string;
  /** Bytes of its regular files. */
  size: number;
  /** Name of its directory in overlay2 on a machine that comes with it. */
  cacheId: string;
  entries(): readonly TreeEntry[];
}

export interface RegistryImage {
  /** Familiar names with tags: "busybox:1.36". */
  names: readonly string[];
  config: Omit<ImageConfig, 'rootfs'>;
  layers: readonly RegistryLayer[];
}

export interface Registry {
  find(name: string): RegistryImage | undefined;
  /** Images of a repository. */
  all(repository: string): readonly RegistryImage[];
}
