import { describe, expect, it } from 'vitest';
import type { Machine } from '..';
import { boot, openToRead, step } from '../machine';
import { compare } from './compare';
import { worldOf } from './world';

const on = (machine: Machine, ...lines: string[]) => lines.reduce((m, text) => step(m, { kind: 'line', text }).machine, machine);
const world = (machine: Machine) => worldOf(openToRead(machine));
const differences = (a: Machine, b: Machine) => compare(world(a), world(b)).map((d) => [d.what, d.name, d.a, d.b]);

const start = on(boot('lab', 1).machine, 'docker create --name one busybox:1.36 true', 'echo x > note');

describe('two futures of a machine', () => {
  it('are the same where nothing but time and looking differs', () => {
    expect(differences(start, on(start, 'docker ps -a', 'sleep 5', 'cat note'))).toEqual([]);
  });

  it.each([
    ['docker rm one', [['container', 'one', 'created, busybox:1.36, bridge', null]]],
    ['docker start -a one', [['container', 'one', 'created, busybox:1.36, bridge', 'exited (0), busybox:1.36, bridge']]],
    ['docker tag busybox:1.36 mine', [['image', 'mine:latest', null, expect.stringMatching(/^[0-9a-f]{12}$/)]]],
    ['docker network create --internal back', [['network', 'back', null, 'bridge, 172.18.0.0/16, internal']]],
    ['echo y > note', [['file', '/root/lab/note', '2 bytes, 0644, 0:0', '2 bytes, 0644, 0:0, other content']]],
    ['chmod 600 note', [['file', '/root/lab/note', '2 bytes, 0644, 0:0', '2 bytes, 0600, 0:0']]],
    ['rm note', [['file', '/root/lab/note', '2 bytes, 0644, 0:0', null]]],
    [
      'mkdir d; ln -s note d/l',
      [
        ['file', '/root/lab/d', null, 'directory, 0755, 0:0'],
        ['file', '/root/lab/d/l', null, '→ note'],
      ],
    ],
    [
      'docker run --rm -v data:/data busybox:1.36 touch /data/f',
      [
        ['volume', 'data', null, 'local'],
        ['file', 'data:f', null, '0 bytes, 0644, 0:0'],
      ],
    ],
  ])('%s', (line, expected) => expect(differences(start, on(start, line))).toEqual(expected));

  it('show what a container wrote and deleted', () => {
    const [a, b] = ['rm /etc/group', 'touch /etc/new'].map((did) =>
      on(boot('lab', 1).machine, 'docker run -d --name web busybox:1.36 sleep 60', `docker exec web ${did}`),
    ) as [Machine, Machine];
    expect(differences(a, b)).toEqual([
      ['file', 'web:/etc/group', 'deleted', null],
      ['file', 'web:/etc/new', null, '0 bytes, 0644, 0:0'],
    ]);
  });

  it('are bounded', () => expect(differences(start, on(start, 'for i in $(seq 400); do touch f$i; done')).length).toBe(300));
});
