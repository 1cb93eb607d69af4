/** Headers recorded from Docker Engine 28.5 (`docker cp`, layers of `docker save`) and GNU tar 1.35; laws for the rest. */
import { describe, expect, it } from 'vitest';
import { readTar, type TarEntry, TarError, writeTar, writeTarEntry } from '../base/tar';

const entry = (over: Partial<TarEntry>): TarEntry => ({ name: 'f', type: 'file', mode: 0o644, uid: 0, gid: 0, size: 0, mtime: 0, ...over });
const at = (archive: string, from: number, size: number) => archive.slice(from, from + size);

describe('writing', () => {
  it('lays a header out as Docker does', () => {
    const made = writeTarEntry(entry({ name: 't/file', mode: 0o4755, size: 3, data: 'hi\n', mtime: 1700000000 }));
    expect(made.length).toBe(1024);
    expect(at(made, 100, 57)).toBe(`0004755\x000000000\x000000000\x0000000000003\x0014524770400\x00${at(made, 148, 8)}0`);
    expect(at(made, 148, 8)).toMatch(/^[0-7]{6}\0 $/);
    expect(at(made, 257, 8)).toBe('ustar\x0000');
    expect(at(made, 329, 16)).toBe('0000000\x000000000\x00');
  });
  it('splits a long name at a slash', () => {
    const name = `t/${'l'.repeat(99)}/`;
    const made = writeTarEntry(entry({ name, type: 'dir' }));
    expect(at(made, 0, 100)).toBe(`${'l'.repeat(99)}/`);
    expect(at(made, 345, 2)).toBe('t\0');
  });
  it('writes records for what does not fit', () => {
    const made = writeTarEntry(entry({ name: 'n'.repeat(120), uid: 3000000, xattrs: { 'security.capability': '\x01\0' } }));
    expect(at(made, 0, 13)).toBe('PaxHeaders.0/');
    expect(made[156]).toBe('x');
    expect(at(made, 512, 200)).toContain('\n15 uid=3000000\n'.slice(1));
    expect(made.slice(512)).toMatch(/^39 SCHILY\.xattr\.security\.capability=\x01\0\n130 path=n{120}\n15 uid=3000000\n/);
  });
  it('uses ././@LongLink and base-256 as GNU tar does', () => {
    const made = writeTarEntry(entry({ name: 'n'.repeat(130), uid: 3000000 }), 'gnu');
    expect(at(made, 0, 14)).toBe('././@LongLink\0');
    expect(made[156]).toBe('L');
    expect(at(made, 1024 + 108, 8)).toBe('\x80\0\0\0\0\x2d\xc6\xc0');
    expect(writeTar([entry({})], { format: 'gnu', blocking: 10240 }).length).toBe(10240);
  });
  it('refuses data that does not have the size it says', () =>
    expect(() => writeTarEntry(entry({ size: 3, data: 'x' }))).toThrow('missed writing 2 bytes'));
});

const zoo: TarEntry[] = [
  entry({ name: 'd/', type: 'dir', mode: 0o1777 }),
  entry({ name: 'd/f', size: 600, data: 'x'.repeat(600), uname: 'me', gname: 'us', uid: 1000, gid: 2 ** 31 }),
  entry({ name: 'd/l', type: 'link', linkname: 'd/f' }),
  entry({ name: 'd/s', type: 'symlink', linkname: 'y'.repeat(180), mode: 0o777 }),
  entry({ name: 'd/c', type: 'char', devmajor: 1, devminor: 3 }),
  entry({ name: 'd/b', type: 'block', devmajor: 8, devminor: 0 }),
  entry({ name: 'd/p', type: 'fifo' }),
  entry({ name: `${'a'.repeat(90)}/${'b'.repeat(90)}/${'c'.repeat(120)}`, mtime: 40000000000 }),
  entry({ name: '\xc3\xa9', size: 0, data: '' }),
];
describe('reading', () => {
  const plain = (e: TarEntry) => ({ ...e, ...(e.type === 'file' && { data: e.data ?? '' }) });
  it.each(['pax', 'ustar', 'gnu'] as const)('returns what was written as %s', (format) =>
    expect(readTar(writeTar(zoo, { format }))).toEqual(zoo.map(plain)),
  );
  it('keeps fractions and extended attributes in pax', () => {
    const e = entry({ mtime: 1700000000.5, xattrs: { 'user.a': 'b=c\n' }, data: '' });
    expect(readTar(writeTar([e], { format: 'pax' }))).toEqual([e]);
    expect(readTar(writeTar([{ ...e, mtime: -1.25 }], { format: 'pax' }))[0]!.mtime).toBe(-1.25);
  });
  it('reads an archive without its closing blocks', () => expect(readTar(writeTarEntry(zoo[0]!))).toHaveLength(1));

  const good = writeTar([entry({ size: 600, data: 'x'.repeat(600) })]);
  it.each([
    ['text', 'not a tar'.padEnd(512, '!'), 'invalid tar header'],
    ['a short header', good.slice(0, 100), 'unexpected EOF'],
    ['cut data', good.slice(0, 900), 'unexpected EOF'],
    ['a wrong checksum', `X${good.slice(1)}`, 'invalid tar header'],
    [
      'a record without a length',
      writeTarEntry(entry({ size: 5, data: 'path=' })).replace(/^[\s\S]{512}/, (h) => reseal(`${h.slice(0, 156)}x${h.slice(157)}`)) + good,
      'invalid tar header',
    ],
    [
      'a negative size',
      writeTarEntry(entry({})).replace(/^[\s\S]{512}/, (h) =>
        reseal(`${h.slice(0, 124)}\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff${h.slice(136)}`),
      ),
      'invalid tar header',
    ],
  ])('refuses %s', (_, archive, message) => {
    expect(() => readTar(archive)).toThrow(TarError);
    expect(() => readTar(archive)).toThrow(message);
  });
});

function reseal(header: string): string {
  const blank = `${header.slice(0, 148)}        ${header.slice(156)}`;
  const sum = [...blank].reduce((total, c) => total + c.charCodeAt(0), 0);
  return `${header.slice(0, 148)}${sum.toString(8).padStart(6, '0')}\0 ${header.slice(156)}`;
}
