import { describe, expect, it } from 'vitest';
import { boot, type Machine, step } from '..';
import { openToRead } from '../machine';
import { type Compartment, namespacesView } from './namespaces';
import { worldOf } from './world';

const run = (machine: Machine, ...lines: string[]) => lines.reduce((m, text) => step(m, { kind: 'line', text }).machine, machine);
const world = (machine: Machine) => worldOf(openToRead(machine));
const lab = boot('lab', 1).machine;

const own = (c?: Compartment) => c?.holds.filter((h) => h.with === null).map((h) => h.kind);
const shared = (c?: Compartment) => Object.fromEntries(c?.holds.flatMap((h) => (h.with === null ? [] : [[h.kind, h.with]])) ?? []);

describe('the namespaces', () => {
  const before = run(lab, 'docker run -d --name one -h ship busybox sleep 600');
  const after = run(before, 'docker run -d --name two --network container:one --pid container:one busybox sleep 600');
  const { compartments } = namespacesView(world(after), world(before));
  const [host, one, two] = compartments;

  it('are all eight for the host', () => {
    expect(host).toMatchObject({ name: 'host', pid: 1, fresh: false });
    expect(own(host)).toEqual(['pid', 'net', 'mnt', 'uts', 'ipc', 'user', 'cgroup', 'time']);
    expect(host?.holds.find((h) => h.kind === 'time')?.id).toBe(4026531834);
  });

  it('are six of its own for a container', () => {
    expect(own(one)).toEqual(['pid', 'net', 'mnt', 'uts', 'ipc', 'cgroup']);
    expect(shared(one)).toEqual({ user: 'host', time: 'host' });
    expect(one?.holds.find((h) => h.kind === 'uts')?.holds).toBe('ship');
    expect(one?.holds.find((h) => h.kind === 'net')?.holds).toBe('172.17.0.2');
  });

  it('are shared with the first one that is in them', () => {
    expect(own(two)).toEqual(['mnt', 'uts', 'ipc', 'cgroup']);
    expect(shared(two)).toEqual({ pid: 'one', net: 'one', user: 'host', time: 'host' });
  });

  it('mark what the last change made', () => {
    expect(compartments.map((c) => [c.name, c.fresh])).toEqual([
      ['host', false],
      ['one', false],
      ['two', true],
    ]);
    expect(two?.holds.filter((h) => h.fresh).map((h) => h.kind)).toEqual(['mnt', 'uts', 'ipc', 'cgroup']);
  });

  it.each([
    ['unshare -u sleep 60 &', ['uts'], 'uts', 'dock'],
    ['unshare -rT --boottime 86400 sleep 60 &', ['user', 'time'], 'time', '+86400 s'],
    ['unshare -U sleep 60 &', ['user'], 'user', 'no map yet'],
    ['unshare -n sleep 60 &', ['net'], 'net', 'lo, down'],
    ['unshare -C sleep 60 &', ['cgroup'], 'cgroup', 'user.slice'],
  ])('%s is a compartment without a container', (command, kinds, kind, holds) => {
    const last = namespacesView(world(run(lab, command, 'true')), null).compartments.at(-1);
    expect(last).toMatchObject({ name: 'sleep', container: false });
    expect(own(last)).toEqual(kinds);
    expect(last?.holds.find((h) => h.kind === kind)?.holds).toBe(holds);
  });
});
