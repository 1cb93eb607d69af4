/**
 * In what two machines differ, as somebody would say it who looks at both: containers, images, networks, volumes, and files of the
 * host, of volumes and of containers' writable layers.
 *
 * Simplified: of the host only directories that people write to are looked at; times, owners of processes and counters are no difference.
 */

import { decode, pmap } from '../../base';
import { type Container, dataDir, type EngineState, images, overlay2 } from '../../engine';
import { body, type Inode, isWhiteout } from '../../kernel';
import { childOf, inodeAt, namesIn, storeOf, type World } from './world';

export interface Difference {
  what: 'container' | 'image' | 'network' | 'volume' | 'file';
  /** A name, or a path: of the host "/root/lab/x", of a container "web:/etc/x", of a volume "data:x". */
  name: string;
  /** How it is there, in a few words; null: it is not there. */
  a: string | null;
  b: string | null;
}

const MOST = 300;
/** Where on the host people put files. */
const LOOKED_AT = ['/root', '/home', '/srv', '/opt', '/tmp', '/etc', '/mnt'];

const containerWords = ({ State, networks, ImageID }: Container, engine: EngineState): string => {
  const image = pmap.get(engine.images, ImageID)?.RepoTags[0];
  const ended = State.Status === 'exited' ? ` (${State.ExitCode}${State.OOMKilled ? ', out of memory' : ''})` : '';
  return [`${State.Status}${ended}`, image ? images.familiar(image) : ImageID.slice(7, 19), ...Object.keys(networks).sort()].join(', ');
};

const octal = (mode: number) => mode.toString(8).padStart(4, '0');

/** An inode in a few words: enough to tell two apart. */
function fileWords(inode: Inode): string {
  if (isWhiteout(inode)) return 'deleted';
  switch (inode.type) {
    case 'file':
      return `${body.size(inode.body)} bytes, ${octal(inode.mode)}, ${inode.uid}:${inode.gid}`;
    case 'symlink':
      return `→ ${decode(inode.target)}`;
    case 'dir':
      return `directory, ${octal(inode.mode)}, ${inode.uid}:${inode.gid}`;
    default:
      return inode.type;
  }
}

const sameFile = (a: Inode, b: Inode): boolean =>
  fileWords(a) === fileWords(b) &&
  (a.type !== 'file' || b.type !== 'file' || a.body === b.body || body.bytes(a.body) === body.bytes(b.body));

/** Differences below two directories, either of which may be missing. */
function files(a: World, at: Inode | null, b: World, bt: Inode | null, path: string, out: Difference[]) {
  const names = new Set([...(at?.type === 'dir' ? namesIn(at) : []), ...(bt?.type === 'dir' ? namesIn(bt) : [])]);
  for (const name of [...names].sort()) {
    if (out.length >= MOST) return;
    const [x, y] = [childOf(a, at, name), childOf(b, bt, name)];
    const full = `${path}${decode(name)}`;
    if (x && y && sameFile(x, y)) {
      if (x.type === 'dir') files(a, x, b, y, `${full}/`, out);
      continue;
    }
    const [words, others] = [x && fileWords(x), y && fileWords(y)];
    out.push({ what: 'file', name: full, a: words, b: words === others && others !== null ? `${others}, other content` : others });
    if (x?.type === 'dir' || y?.type === 'dir') files(a, x, b, y, `${full}/`, out);
  }
}

type Named = ReadonlyMap<string, string>;

function named<T>(table: Iterable<T> | undefined, entry: (item: T) => [string, string][]): Named {
  return new Map(table ? [...table].flatMap(entry) : []);
}

function between(what: Difference['what'], a: Named, b: Named): Difference[] {
  const names = [...new Set([...a.keys(), ...b.keys()])].sort();
  return names.flatMap((name): Difference[] => {
    const [x, y] = [a.get(name) ?? null, b.get(name) ?? null];
    return x === y ? [] : [{ what, name, a: x, b: y }];
  });
}

const containersOf = ({ engine }: World) =>
  named(engine ? pmap.values(engine.containers) : undefined, (c) => [[c.Name, containerWords(c, engine as EngineState)]]);
const imagesOf = ({ engine }: World) =>
  named(engine ? pmap.values(engine.images) : undefined, (i) => i.RepoTags.map((tag) => [images.familiar(tag), i.Id.slice(7, 19)]));
const networksOf = ({ engine }: World) =>
  named(engine ? pmap.values(engine.networks) : undefined, (n) => [
    [n.Name, [n.Driver, ...(n.ipam.Config ?? []).map((c) => c.Subnet), ...(n.Internal ? ['internal'] : [])].filter(Boolean).join(', ')],
  ]);
const volumesOf = ({ engine }: World) => named(engine ? pmap.values(engine.volumes) : undefined, (v) => [[v.Name, v.Driver]]);

const layersOf = ({ engine }: World) => named(engine ? pmap.values(engine.containers) : undefined, (c) => [[c.Name, c.layer]]);

/** Every difference, at most a few hundred: objects first, then files. */
export function compare(a: World, b: World): Difference[] {
  const out = [
    ...between('container', containersOf(a), containersOf(b)),
    ...between('image', imagesOf(a), imagesOf(b)),
    ...between('network', networksOf(a), networksOf(b)),
    ...between('volume', volumesOf(a), volumesOf(b)),
  ];
  const [layers, others] = [layersOf(a), layersOf(b)];
  for (const name of new Set([...layers.keys(), ...others.keys()])) {
    const dir = (world: World, layer: string | undefined) =>
      layer === undefined ? null : inodeAt(world, overlay2.diffDir(storeOf(world), layer));
    files(a, dir(a, layers.get(name)), b, dir(b, others.get(name)), `${name}:/`, out);
  }
  for (const name of new Set([...volumesOf(a).keys(), ...volumesOf(b).keys()]))
    files(a, inodeAt(a, dataDir(storeOf(a), name)), b, inodeAt(b, dataDir(storeOf(b), name)), `${name}:`, out);
  for (const dir of LOOKED_AT) files(a, inodeAt(a, dir), b, inodeAt(b, dir), `${dir}/`, out);
  return out.slice(0, MOST);
}
