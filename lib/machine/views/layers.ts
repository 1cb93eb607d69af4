/**
 * What a drawing of one container's root needs to know: its overlay mount, layer by layer, and each path's way through it.
 *
 *   merged    what the container sees: for each path, the topmost layer that has a say
 *   layers    [0] is the upperdir, then the lowerdirs from top to bottom
 *   entries   one a path, with a cell for each layer that holds something under that name
 *
 * Sources: overlayfs.rst of the kernel's documentation (whiteouts, opaque directories, copy-up);
 * image-spec, layer.md (what an image's layer is).
 */

/** A directory entry as it lies in one layer. */
export interface LayerCell {
  /** Index into `layers`. */
  layer: number;
  what: 'file' | 'directory' | 'symlink' | 'device' | 'fifo' | 'whiteout' | 'opaque';
  /** What fits into a box: the first line of a file, a directory's first names, a link's target; decoded text, at most 24 characters. */
  text: string;
  /** Bytes. */
  size: number;
  /** Permission bits as `ls` prints them in octal: 0o644. */
  mode: number;
  uid: number;
  gid: number;
  /** True when the last changing step made or changed this cell. */
  changed: boolean;
}

export interface LayerEntry {
  /** Absolute path in merged. */
  path: string;
  /** Cells from the top down; never empty. */
  cells: LayerCell[];
  /** The layer that merged shows this path from, or null: a whiteout (or an opaque parent) hides it. */
  from: number | null;
  /** The layer that the upperdir's cell was copied up from, when there is one below. */
  copiedFrom: number | null;
  changed: boolean;
}

export interface LayerRow {
  kind: 'upper' | 'lower';
  /** Where it lies on the host: /var/lib/docker/overlay2/<id>/diff */
  path: string;
  /** What made it: the container's name for an upperdir; a build instruction (`RUN mkdir …`) or an image (`busybox:1.36`) for a lowerdir. */
  label: string;
  /** Bytes of regular files in it. */
  size: number;
  /** `sha256:…` of the layer's tar archive; a container's upperdir has none. */
  diffId?: string;
  changed: boolean;
}

export interface LayersView {
  container: { id: string; name: string; image: string; running: boolean };
  merged: string;
  layers: LayerRow[];
  /**
   * Paths worth drawing, in the order of their path: all that upperdir has a say in, then those that more than one
   * layer has, then a sample of what single lowerdirs hold.
   */
  entries: LayerEntry[];
  /** How many paths of merged are not among the entries. */
  more: number;
  /** Other containers over the same lowerdirs. */
  siblings: { name: string; upperSize: number }[];
}
