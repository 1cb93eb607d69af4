/**
 * Areas "overlay" and "filesystem": system calls on a mount, their results, what changed in the tree, and the upper layer.
 * The kernel is used through its system calls only; the trees before and after are read through them as well.
 */

import { attempt, boot, Errno, type Kernel, makeSys, type OpenFlags, plant, type Sys, type TreeEntry } from '../../kernel';
import { NotModelled } from '../vectors';

interface Node {
  type: 'file' | 'dir' | 'symlink' | 'whiteout';
  mode?: string;
  uid?: number;
  data?: string;
  target?: string;
  nlink?: number;
  opaque?: boolean;
}
type Tree = Record<string, Node>;

interface Op {
  op: string;
  path?: string;
  from?: string;
  to?: string;
  flags?: string[];
  mode?: string;
  fd?: number;
  count?: number;
  size?: number;
  data?: string;
  asUid?: number;
}

const flagsOf = (names: string[]): OpenFlags => ({
  read: !names.includes('O_WRONLY'),
  write: names.includes('O_WRONLY') || names.includes('O_RDWR'),
  append: names.includes('O_APPEND'),
  create: names.includes('O_CREAT'),
  excl: names.includes('O_EXCL'),
  trunc: names.includes('O_TRUNC'),
  directory: names.includes('O_DIRECTORY'),
});

const bits = (mode: string | undefined) => Number.parseInt(mode ?? '0', 8);

const entriesOf = (tree: Tree, under: string): TreeEntry[] => [
  { path: under, type: 'dir', mode: 0o755 },
  ...Object.entries(tree).map(
    ([path, n]): TreeEntry => ({
      path: `${under}/${path}`,
      type: n.type === 'whiteout' ? 'char' : n.type,
      mode: bits(n.mode),
      uid: n.uid ?? 0,
      body: n.data,
      target: n.target,
    }),
  ),
];

function read(sys: Sys, path: string): string {
  const fd = sys.open(path, { read: true });
  let out = '';
  for (let chunk = sys.read(fd, 65536); chunk; chunk = sys.read(fd, 65536)) out += chunk;
  sys.close(fd);
  return out;
}

/** A tree as the vectors write it: path → node. */
function list(sys: Sys, dir: string, prefix = ''): Tree {
  const out: Tree = {};
  for (const e of sys.readdir(dir)) {
    const path = `${dir}/${e.name}`;
    const name = prefix + e.name;
    const s = sys.lstat(path);
    const base = { mode: s.mode.toString(8).padStart(4, '0'), uid: s.uid };
    if (s.type === 'dir') {
      out[name] = { type: 'dir', ...base, ...(sys.getxattr(path, 'trusted.overlay.opaque') === 'y' ? { opaque: true } : {}) };
      Object.assign(out, list(sys, path, `${name}/`));
    } else if (s.type === 'symlink') out[name] = { type: 'symlink', ...base, target: sys.readlink(path) };
    else if (s.type === 'char') out[name] = { type: 'whiteout' };
    else out[name] = { type: 'file', ...base, data: read(sys, path), ...(s.nlink > 1 ? { nlink: s.nlink } : {}) };
  }
  return out;
}

function changes(before: Tree, after: Tree) {
  const added: Tree = {};
  const changed: Tree = {};
  for (const [p, n] of Object.entries(after)) {
    const was = before[p];
    if (!was) added[p] = n;
    else if (JSON.stringify(was) !== JSON.stringify(n)) changed[p] = n;
  }
  const removed = Object.keys(before)
    .filter((p) => !(p in after))
    .sort();
  return {
    ...(Object.keys(added).length ? { added } : {}),
    ...(Object.keys(changed).length ? { changed } : {}),
    ...(removed.length ? { removed } : {}),
  };
}

/** The call of a process that has this effective uid: what seteuid(2) does to its capabilities included. */
function as<T>(k: Kernel, uid: number, call: () => T): T {
  const { cred } = k.task(1);
  k.putTask({ ...k.task(1), cred: { ...cred, euid: uid, caps: { ...cred.caps, effective: 0 } } });
  try {
    return call();
  } finally {
    k.putTask({ ...k.task(1), cred });
  }
}

function perform(sys: Sys, root: string, op: Op, fds: Map<number, number>): Record<string, unknown> {
  const at = (path: string) => (path === '' ? root : `${root}/${path}`);
  const path = at(op.path ?? '');
  const fd = op.fd === undefined ? -1 : (fds.get(op.fd) ?? -1);
  switch (op.op) {
    case 'open':
      fds.set(op.fd as number, sys.open(path, flagsOf(op.flags ?? []), bits(op.mode)));
      return {};
    case 'read':
      return { data: sys.read(fd, op.count as number) ?? '' };
    case 'write':
      return { written: sys.write(fd, op.data as string) };
    case 'fstat':
      return { size: sys.fstat(fd).size };
    case 'close':
      sys.close(fd);
      return {};
    case 'mkdir':
      sys.mkdir(path, bits(op.mode));
      return {};
    case 'rmdir':
      sys.rmdir(path);
      return {};
    case 'unlink':
      sys.unlink(path);
      return {};
    case 'readlink':
      return { target: sys.readlink(path) };
    case 'utime':
      sys.utimes(path, 'now', 'now');
      return {};
    case 'truncate':
      sys.truncate(path, op.size ?? 0);
      return {};
    case 'link':
      sys.link(at(op.from as string), at(op.to as string), `${op.flags ?? ''}`.includes('follow_symlinks'));
      return {};
    case 'rename':
      sys.rename(at(op.from as string), at(op.to as string));
      return {};
    default:
      throw new NotModelled(op.op);
  }
}

const NUMBER = /\d{3}/g;

/**
 * The upstream fixture has the same entries under every number (foo100, foo101, …) and a row lists those of its own
 * number only, in its tree and in what changed. Where a row's calls name others, they are there as well.
 */
function fixture(tree: Tree, ops: Op[]): { whole: Tree; mine: (name: string) => boolean } {
  const own = Object.keys(tree)
    .find((n) => n.startsWith('empty'))
    ?.slice('empty'.length);
  const named = new Set(ops.flatMap((o) => [o.path, o.from, o.to]).flatMap((p) => p?.match(NUMBER) ?? []));
  if (own === undefined || (named.size === 1 && named.has(own))) return { whole: tree, mine: () => true };
  const renumber = (text: string, n: string) => text.replaceAll(own, n);
  const whole = { ...tree };
  for (const n of named)
    for (const [path, node] of Object.entries(tree))
      whole[renumber(path, n)] ??= node.target === undefined ? node : { ...node, target: renumber(node.target, n) };
  return { whole, mine: (name) => !name.match(NUMBER) || name.includes(own) };
}

const only = (tree: Tree, keep: (name: string) => boolean): Tree => Object.fromEntries(Object.entries(tree).filter(([n]) => keep(n)));

export function filesystem(input: { tree?: Tree; lower?: Tree; ops: Op[] }): unknown {
  const k = boot(
    { programs: {}, frozen: { inode: () => undefined } },
    {
      seed: 1,
      booted: 1_760_000_000_000,
      hostname: 'dock',
      root: null,
      init: { program: 'none', exe: '/sbin/init', argv: ['init'], env: {} },
    },
  );
  k.putTask({ ...k.task(1), umask: 0 });
  const sys = makeSys(k, 1);
  const overlay = input.lower !== undefined;
  const { whole, mine } = fixture(input.lower ?? input.tree ?? {}, input.ops);
  const ino = plant(k, entriesOf(whole, 'a'));
  const root = k.inode(2);
  if (root.type !== 'dir') throw new Error('the root is a directory');
  for (const dir of ['lower', 'upper', 'work', 'merged']) sys.mkdir(`/${dir}`, 0o755);
  const lower = k.inode(sys.stat('/lower').ino);
  const planted = k.inode(ino);
  if (lower.type === 'dir' && planted.type === 'dir') k.putInode({ ...lower, entries: planted.entries });
  if (overlay) sys.mount('overlay', '/merged', 'overlay', ['lowerdir=/lower', 'upperdir=/upper', 'workdir=/work']);
  const top = overlay ? '/merged/a' : '/lower/a';
  const before = only(list(sys, top), mine);
  const fds = new Map<number, number>();
  const results = input.ops.map((op) => {
    const call = () => attempt(() => perform(sys, top, op, fds));
    const r = op.asUid ? as(k, op.asUid, call) : call();
    return r instanceof Errno ? { errno: r.code, ...(op.op === 'readlink' ? { target: null } : {}) } : r;
  });
  const value = { results, changes: changes(before, only(list(sys, top), mine)) };
  return overlay
    ? { ...value, upper: attempt(() => sys.stat('/upper/a')) instanceof Errno ? {} : only(list(sys, '/upper/a'), mine) }
    : value;
}
