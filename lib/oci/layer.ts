/**
 * Layers as lists of archive entries: image-spec "Image Layer Filesystem Changeset"; moby/go-archive.
 *
 *   foo/bar            put there, in the place of what had the name
 *   foo/.wh.bar        foo/bar of the layers below is gone
 *   foo/.wh..wh..opq   everything below foo of the layers below is gone
 *
 * A tree is a map: path without slashes at its ends → entry. Its order is that in which names came to be.
 */

/** Marks in a layer's archive: image-spec, "Whiteouts". */
export const WHITEOUT = '.wh.';
export const OPAQUE_MARK = '.wh..wh..opq';
const META = '.wh..wh.';

export interface LayerEntry {
  name: string;
  type: string;
}

/** A name as a key of a tree: no ./ or / before it, no / behind it. '' is the root. */
export const keyOf = (name: string): string =>
  name
    .replace(/^(?:\.?\/)+/, '')
    .replace(/\/+$/, '')
    .replace(/^\.$/, '');

const slashAt = (path: string): number => path.lastIndexOf('/');
export const parentOf = (path: string): string => path.slice(0, Math.max(0, slashAt(path)));
export const baseOf = (path: string): string => path.slice(slashAt(path) + 1);

/** What an entry's name says: a file of the layer, or a mark about those below. */
export type Meaning =
  | { kind: 'entry'; path: string }
  | { kind: 'whiteout'; path: string }
  | { kind: 'opaque'; path: string }
  | { kind: 'none' };

export function meaningOf(name: string): Meaning {
  const path = keyOf(name);
  const [dir, base] = [parentOf(path), baseOf(path)];
  if (path === '') return { kind: 'none' };
  if (base === OPAQUE_MARK) return { kind: 'opaque', path: dir };
  if (base.startsWith(META)) return { kind: 'none' };
  if (base.startsWith(WHITEOUT)) return { kind: 'whiteout', path: (dir === '' ? '' : `${dir}/`) + base.slice(WHITEOUT.length) };
  return { kind: 'entry', path };
}

/** Takes a path and everything below it out of a tree. */
function remove(tree: Map<string, LayerEntry>, path: string) {
  const there = tree.get(path);
  tree.delete(path);
  if (there?.type !== 'dir') return;
  for (const key of [...tree.keys()]) if (key.startsWith(`${path}/`)) tree.delete(key);
}

/** The tree after a layer; `directory` makes an entry for parents that the archive leaves out. */
export function applyLayer<T extends LayerEntry>(
  below: ReadonlyMap<string, T>,
  layer: readonly T[],
  directory: (path: string) => T,
): Map<string, T> {
  const tree = new Map(below);
  const own = new Set<string>();
  for (const e of layer) {
    const m = meaningOf(e.name);
    if (m.kind === 'none') continue;
    for (let dir = parentOf(m.path); dir !== '' && !tree.has(dir); dir = parentOf(dir)) tree.set(dir, directory(dir));
    if (m.kind === 'whiteout') remove(tree, m.path);
    else if (m.kind === 'opaque') {
      const inside = m.path === '' ? '' : `${m.path}/`;
      for (const key of [...tree.keys()]) if (key.startsWith(inside) && !own.has(key)) tree.delete(key);
    } else {
      const there = tree.get(m.path);
      if (there && !(there.type === 'dir' && e.type === 'dir')) remove(tree, m.path);
      tree.set(m.path, e);
      own.add(m.path);
    }
  }
  return tree;
}

/**
 * An archive entry's name with the base of what is copied replaced: docker cp c:/etc/hosts h names it h. `from` is one
 * name, or / when the root itself is copied.
 */
export function rebase(name: string, from: string, to: string): string {
  const old = from.replace(/\/+$/, '');
  const base = to.replace(/\/+$/, '');
  if (old === '') {
    const rest = name.replace(/^\/+/, '');
    return base === '' ? rest : `${base}/${rest}`;
  }
  if (name === old) return base;
  return name.startsWith(`${old}/`) ? base + name.slice(old.length) : name;
}
