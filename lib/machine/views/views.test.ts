import { describe, expect, it } from 'vitest';
import { boot, type Machine, step } from '..';
import { openToRead } from '../machine';
import { fileText } from './file';
import { hostView } from './host';
import { layersContainers, layersView } from './layers';
import { worldOf } from './world';

const run = (machine: Machine, ...lines: string[]) => lines.reduce((m, text) => step(m, { kind: 'line', text }).machine, machine);
const world = (machine: Machine) => worldOf(openToRead(machine));

const started = run(
  boot('lab', 1).machine,
  'docker run -d --name one busybox:1.36 sleep 600',
  'docker run -d --name two busybox:1.36 sleep 600',
);
const written = run(
  started,
  "docker exec one sh -c 'echo hi > /note; echo x > /etc/group; chmod 600 /etc/passwd; rm /bin/ls; rm -r /home; mkdir /home'",
);
const view = layersView(world(written), 'one', world(started));
if (!view) throw new Error('no view');
const entry = (path: string) => view.entries.find((e) => e.path === path);

describe('the layers of a container', () => {
  it('are its upperdir, the init layer and the image, from the top down', () => {
    expect(view.layers.map((l) => l.kind)).toEqual(['upper', ...view.layers.slice(1).map(() => 'lower')]);
    expect(view.layers[1]?.path).toMatch(/-init\/diff$/);
    expect(view.layers.at(-1)?.diffId).toMatch(/^sha256:[0-9a-f]{64}$/);
  });

  it('are found by name and by the beginning of an id', () => {
    expect(layersContainers(world(written))).toEqual(['one', 'two']);
    expect(layersView(world(written), view.container.id.slice(0, 6), null)?.container.name).toBe('one');
    expect(layersView(world(written), 'three', null)).toBeNull();
  });

  it('name the other containers over the same ones', () => expect(view.siblings).toEqual([{ name: 'two', upperSize: 0 }]));

  it.each([
    ['a new file', '/note', 0, null, ['file']],
    ['a file that was written', '/etc/group', 0, 2, ['file', 'file']],
    ['a file whose mode was changed', '/etc/passwd', 0, 2, ['file', 'file']],
    ['a file that was deleted', '/bin/ls', null, null, ['whiteout', 'symlink']],
    ['a directory that was made anew', '/home', 0, null, ['opaque', 'directory']],
  ])('%s', (_, path, from, copiedFrom, kinds) => {
    const found = entry(path);
    expect(found).toMatchObject({ from, copiedFrom, changed: true });
    expect(found?.cells.map((c) => c.what)).toEqual(kinds);
    expect(found?.cells.map((c) => c.changed)).toEqual(kinds.map((_kind, i) => i === 0));
  });

  it('mark nothing when nothing changed', () => {
    const still = layersView(world(written), 'one', world(written));
    expect(still?.entries.some((e) => e.changed) || still?.layers.some((l) => l.changed)).toBe(false);
  });

  it('stay where they are when the container stops', () => {
    const stopped = layersView(world(run(written, 'docker stop -t 0 one')), 'one', null);
    expect(stopped?.container.running).toBe(false);
    expect(stopped?.entries.map((e) => e.path)).toEqual(view.entries.map((e) => e.path));
  });
});

describe('the host', () => {
  const host = hostView(world(written), world(started));
  it('has its daemons and the running containers, each process with two numbers', () => {
    expect(host.daemons.map((d) => d.name)).toEqual(['dockerd', 'containerd']);
    expect(host.containers.map((c) => [c.name, c.process, c.pidInside])).toEqual([
      ['one', 'sleep 600', 1],
      ['two', 'sleep 600', 1],
    ]);
    expect(new Set(host.containers.map((c) => c.pidOutside)).size).toBe(2);
  });
  it('marks the container that changed', () => expect(host.containers.map((c) => c.changed)).toEqual([true, false]));
});

describe('a file in the editor', () => {
  it.each([
    ['/etc/hostname', { text: 'dock\n' }],
    ['/nope', { error: '/nope: no such file or directory' }],
    ['/etc', { error: '/etc is no regular file' }],
    ['etc', { error: 'A path here begins at the root: /root/lab/Dockerfile.' }],
  ])('%s', (path, want) => expect(fileText(world(written), path)).toEqual(want));
});
