/** Figures as dive has them (rows of its own tests), the same from a modelled image and from its saved archive. */
import { gzipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { fromArray, sha256, toArray } from '../../base';
import * as tar from '../../base/tar';
import * as saved from '../../oci/saved';
import { consoleOn } from '../machine';
import { type DiveSource, dive, diveCheck, diveImage, diveLayer, diveSaved, diveTree } from './dive';
import { imageOf } from './look';
import { worldOf } from './world';

const file = (name: string, size: number) => ({
  name,
  type: 'file' as const,
  size,
  mode: 0o644,
  uid: 0,
  gid: 0,
  mtime: 0,
  data: 'x'.repeat(size),
});
const source = (...layers: (readonly [string, number][])[]): DiveSource => ({
  names: [],
  id: '',
  layers: layers.map((entries) => ({ diffId: '', createdBy: '', entries: entries.map(([name, size]) => file(name, size)) })),
});

describe('figures', () => {
  // dive filetree/efficiency_test.go
  test('a file written twice, and a directory deleted', () => {
    const v = dive(
      source(
        [
          ['etc/nginx/nginx.conf', 2000],
          ['etc/nginx/public', 3000],
        ],
        [
          ['etc/nginx/nginx.conf', 5000],
          ['etc/athing', 10000],
        ],
        [['etc/.wh.nginx', 0]],
      ),
    );
    expect(v.efficiency).toBe(0.75);
    expect(v.inefficiencies).toEqual([{ path: '/etc/nginx/nginx.conf', times: 2, size: 7000 }]);
  });
  test('nothing but an empty file', () => {
    const v = dive(source([['nothing', 0]], [], []));
    expect([v.efficiency, v.inefficiencies, v.wastedShare]).toEqual([1, [], 0]);
  });
  test('a file that is deleted counts as nothing above', () => {
    const v = dive(source([['base', 100]], [['big', 900]], [['.wh.big', 0]]));
    expect([v.efficiency, v.wastedBytes, v.userSize, v.wastedShare]).toEqual([0.1, 900, 900, 1]);
    expect(
      diveCheck(v)
        .filter((r) => !r.passes)
        .map((r) => r.rule),
    ).toEqual(['lowestEfficiency', 'highestUserWastedPercent']);
  });
});

test('a layer tells added, changed and removed', () => {
  const s = source(
    [
      ['a', 1],
      ['d/x', 1],
      ['d/y', 2],
      ['keep', 3],
    ],
    [
      ['a', 2],
      ['.wh.d', 0],
      ['new', 5],
    ],
  );
  expect(diveLayer(s, 1).map((n) => [n.path, n.change, n.size])).toEqual([
    ['/a', 'changed', 2],
    ['/d', 'removed', 0],
    ['/d/x', 'removed', 1],
    ['/d/y', 'removed', 2],
    ['/new', 'added', 5],
  ]);
  expect(
    diveTree(s, 1)
      .filter((n) => n.change === 'unchanged')
      .map((n) => n.path),
  ).toEqual(['/keep']);
});

const built = () => {
  const c = consoleOn('lab', 1);
  c.run(
    "mkdir app; cd app; printf 'FROM alpine\\nRUN echo one > /one && echo two > /two\\nRUN rm /one && echo more >> /two\\n' > Dockerfile",
  );
  c.run('docker build -q -t app . && docker save -o app.tar app');
  const look = worldOf(c.kernel);
  const image = imageOf(look, 'app');
  if (!image) throw new Error('not built');
  return { look, image, archive: c.run('base64 -w0 app.tar').output.trim() };
};

test('an image and its saved archive say the same', () => {
  const { look, image, archive } = built();
  const read = saved.readSavedString(atob(archive));
  expect(read.id).toBe(image.Id);
  const [one, two] = [dive(diveImage(look, image)), dive(diveSaved(read))];
  expect(two).toEqual({ ...one, names: ['app:latest'] });
  expect(one.inefficiencies.filter((i) => i.size > 0).map((i) => i.path)).toEqual(['/two', '/one']);
});

const layerTar = tar.writeTar([file('hello', 3)]);
const layout = (layer: string) => {
  const config = JSON.stringify({
    rootfs: { diff_ids: [`sha256:${sha256(layerTar)}`] },
    history: [{ created_by: 'COPY hello / # buildkit' }],
  });
  const entry = (name: string, data: string) => ({ ...file(name, 0), size: data.length, data });
  return tar.writeTar([
    entry('manifest.json', JSON.stringify([{ Config: 'c.json', RepoTags: ['a:1'], Layers: ['l/layer.tar'] }])),
    entry('c.json', config),
    entry('l/layer.tar', layer),
  ]);
};

test('gzipped layers are read in passing', () => {
  const packed = fromArray(gzipSync(toArray(layerTar)));
  expect(saved.readSavedString(layout(packed)).layers).toEqual(saved.readSavedString(layout(layerTar)).layers);
});

test.each([
  ['', 'it has neither manifest.json nor index.json'],
  [tar.writeTar([]), 'it has neither manifest.json nor index.json'],
  [`\x1f\x8b${'\0'.repeat(2000)}`, 'the archive is gzipped'],
  ['no archive at all '.repeat(100), 'invalid tar header'],
  [layout(layerTar).slice(0, 3000), 'unexpected EOF'],
  [layout(`\x28\xb5\x2f\xfd${'x'.repeat(600)}`), 'zstd'],
])('what is no saved image is refused in words', (archive, words) => expect(() => saved.readSavedString(archive)).toThrow(words));
