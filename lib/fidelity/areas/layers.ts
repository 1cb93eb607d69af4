/** Area "layers": a layer's archive put on a tree, and names of docker cp. */
import { layer } from '../../oci';

type Input =
  | { fn: 'apply'; base: string[]; layer: string[] }
  | { fn: 'rebase'; name: string; linkName?: string; oldBase: string; newBase: string };

const entry = (name: string): layer.LayerEntry => ({ name, type: name.endsWith('/') ? 'dir' : 'file' });

export function layers(i: Input): unknown {
  if (i.fn === 'rebase') {
    const linkName = i.linkName === undefined ? undefined : layer.rebase(i.linkName, i.oldBase, i.newBase);
    return { name: layer.rebase(i.name, i.oldBase, i.newBase), linkName };
  }
  const below = new Map(i.base.map((name) => [layer.keyOf(name), entry(name)]));
  const tree = layer.applyLayer(below, i.layer.map(entry), (path) => entry(`${path}/`));
  return [...tree].map(([path, e]) => (e.type === 'dir' ? `${path}/` : path)).sort();
}
