/**
 * Properties of overlayfs: whatever is done to a mount looks, from above, as if it were done to a plain tree; the lower
 * layer never changes; and the whole kernel survives JSON.
 */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attempt, boot, Errno, Kernel, makeSys, plant, type Sys, type TreeEntry } from './index';

const env = { programs: {}, frozen: { inode: () => undefined } };

const LOWER: TreeEntry[] = [
  { path: 'f', type: 'file', body: 'lower f' },
  { path: 'd', type: 'dir' },
  { path: 'd/g', type: 'file', body: 'lower g', mode: 0o600 },
  { path: 'd/e', type: 'dir' },
  { path: 'd/e/h', type: 'file', body: 'lower h' },
  { path: 'empty', type: 'dir' },
  { path: 's', type: 'symlink', target: 'd/g' },
  { path: 'l1', type: 'file', body: 'linked' },
  { path: 'l2', type: 'file', linkTo: 'l1' },
];

function machine() {
  const k = boot(env, {
    seed: 7,
    booted: 1_763_719_200_000,
    hostname: 'dock',
    root: null,
    init: { program: 'none', exe: '/sbin/init', argv: [], env: {} },
  });
  const sys = makeSys(k, 1);
  const root = k.inode(2);
  if (root.type !== 'dir') throw new Error('the root is a directory');
  for (const d of ['plain', 'lower', 'upper', 'work', 'merged']) {
    sys.mkdir(`/${d}`, 0o755);
    if (d !== 'plain' && d !== 'lower') continue;
    const dir = k.inode(sys.stat(`/${d}`).ino);
    const tree = k.inode(plant(k, LOWER));
    if (dir.type === 'dir' && tree.type === 'dir') k.putInode({ ...dir, entries: tree.entries });
  }
  sys.mount('overlay', '/merged', 'overlay', ['lowerdir=/lower', 'upperdir=/upper', 'workdir=/work']);
  return { k, sys };
}

function list(sys: Sys, dir: string, prefix = ''): string[] {
  return sys
    .readdir(dir)
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((e) => {
      const path = `${dir}/${e.name}`;
      const s = sys.lstat(path);
      const mode = s.mode.toString(8);
      if (s.type === 'dir') return [`${prefix}${e.name}/ ${mode}`, ...list(sys, path, `${prefix}${e.name}/`)];
      if (s.type === 'symlink') return [`${prefix}${e.name} -> ${sys.readlink(path)}`];
      const fd = sys.open(path, { read: true });
      const text = sys.read(fd, 1000);
      sys.close(fd);
      return [`${prefix}${e.name} ${s.type} ${mode} ${text}`];
    });
}

type Op = { op: string; a: string; b: string; text: string };
const name = fc.constantFrom('f', 'd', 'd/g', 'd/e', 'd/e/h', 'empty', 's', 'n', 'd/n', 'n/m', 'empty/x', 'd/e/n', 'l1', 'l2');
const op: fc.Arbitrary<Op> = fc.record({
  op: fc.constantFrom('write', 'append', 'unlink', 'mkdir', 'rmdir', 'rename', 'chmod', 'truncate', 'symlink', 'read', 'create'),
  a: name,
  b: name,
  text: fc.string({ maxLength: 4 }),
});

function perform(sys: Sys, root: string, { op: what, a, b, text }: Op) {
  const p = `${root}/${a}`;
  switch (what) {
    case 'write':
    case 'append':
    case 'create': {
      const fd = sys.open(p, { write: true, create: what === 'create', append: what === 'append' }, 0o640);
      sys.write(fd, text);
      sys.close(fd);
      return;
    }
    case 'read': {
      const fd = sys.open(p, { read: true });
      const got = attempt(() => sys.read(fd, 100));
      sys.close(fd);
      return got instanceof Errno ? got.code : got;
    }
    case 'unlink':
      return sys.unlink(p);
    case 'mkdir':
      return sys.mkdir(p, 0o755);
    case 'rmdir':
      return sys.rmdir(p);
    case 'rename':
      return sys.rename(p, `${root}/${b}`);
    case 'chmod':
      return sys.chmod(p, 0o700 + text.length);
    case 'truncate':
      return sys.truncate(p, text.length);
    default:
      return sys.symlink(b, p);
  }
}

describe('overlayfs', () => {
  it('looks like a plain tree, whatever is done to it, except that a lower directory cannot move', () => {
    fc.assert(
      fc.property(fc.array(op, { maxLength: 25 }), (ops) => {
        const { sys } = machine();
        const before = list(sys, '/lower');
        for (const o of ops) {
          // Hard links are broken by copy-up, and a lower directory does not move: those two are meant to differ.
          if ((/^l[12]$/.test(o.a) && o.op !== 'read') || (o.op === 'symlink' && /^l[12]$/.test(o.b))) continue;
          if (o.op === 'rename') {
            const s = attempt(() => sys.lstat(`/merged/${o.a}`));
            if (!(s instanceof Errno) && s.type === 'dir') continue;
          }
          const one = attempt(() => perform(sys, '/plain', o));
          const two = attempt(() => perform(sys, '/merged', o));
          expect(two instanceof Errno ? two.code : two).toEqual(one instanceof Errno ? one.code : one);
        }
        expect(list(sys, '/merged')).toEqual(list(sys, '/plain'));
        expect(list(sys, '/lower')).toEqual(before);
      }),
      { numRuns: 300 },
    );
  });

  it('is there again after JSON, and the same after a new mount of the same layers', () => {
    fc.assert(
      fc.property(fc.array(op, { maxLength: 15 }), (ops) => {
        const { k, sys } = machine();
        for (const o of ops) attempt(() => perform(sys, '/merged', o));
        const seen = list(sys, '/merged');
        const again = new Kernel(JSON.parse(JSON.stringify(k.close())), env);
        const sys2 = makeSys(again, 1);
        expect(list(sys2, '/merged')).toEqual(seen);
        sys2.umount('/merged');
        sys2.mount('overlay', '/merged', 'overlay', ['lowerdir=/lower', 'upperdir=/upper', 'workdir=/work']);
        expect(list(sys2, '/merged')).toEqual(seen);
      }),
      { numRuns: 100 },
    );
  });

  it('refuses to move a directory with a lower part, and says why', () => {
    const { sys } = machine();
    const e = attempt(() => sys.rename('/merged/d', '/merged/moved'));
    expect(e).toBeInstanceOf(Errno);
    expect(e).toMatchObject({ code: 'EXDEV', by: 'overlayfs' });
  });

  it('gives a copied-up file its old inode number, unless it had two names', () => {
    const { sys } = machine();
    const [f, l] = [sys.stat('/merged/f').ino, sys.stat('/merged/l1').ino];
    sys.chmod('/merged/f', 0o600);
    sys.chmod('/merged/l1', 0o600);
    expect(sys.stat('/merged/f').ino).toBe(f);
    expect(sys.stat('/merged/l1').ino).not.toBe(l);
    expect(sys.stat('/merged/l2').ino).toBe(l);
  });

  it('lets a descriptor that was open before a copy-up read the copy', () => {
    const { sys } = machine();
    const r = sys.open('/merged/f', { read: true });
    const w = sys.open('/merged/f', { write: true });
    sys.write(w, 'UPPER');
    expect(sys.read(r, 100)).toBe('UPPER f');
  });

  it('explains a name that a whiteout hides', () => {
    const { sys } = machine();
    sys.unlink('/merged/f');
    expect(attempt(() => sys.open('/merged/f', { read: true }))).toMatchObject({
      code: 'ENOENT',
      by: 'overlayfs',
      reason: 'a whiteout in the upperdir hides /f, which lowerdir 1 still holds',
    });
    expect(sys.lstat('/upper/f')).toMatchObject({ type: 'char', mode: 0, rdev: [0, 0] });
  });

  it('cannot be written without an upperdir', () => {
    const { sys } = machine();
    sys.mkdir('/ro', 0o755);
    sys.mount('overlay', '/ro', 'overlay', ['lowerdir=/lower']);
    expect(attempt(() => sys.open('/ro/f', { write: true }))).toMatchObject({ code: 'EROFS' });
  });
});
