import { describe, expect, it } from 'vitest';
import { boot, type Machine, step } from '..';
import { openToRead } from '../machine';
import { capabilitiesView, SETS, type SetName } from './capabilities';
import { gatesView } from './gates';
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

describe('the capabilities', () => {
  const before = run(lab, 'docker run -d --name one busybox sleep 600');
  const view = (lines: string[]) => capabilitiesView(world(run(before, ...lines)), 'one', world(before));
  const inSet = (v: ReturnType<typeof view>, set: SetName) => v?.rows.filter((r) => r.in[set]).length;

  it('are fourteen of forty-one by default, in three sets', () => {
    const v = capabilitiesView(world(before), 'one', null);
    expect(v?.rows.filter((r) => r.usual)).toHaveLength(14);
    expect(SETS.map((set) => inSet(v, set))).toEqual([14, 14, 0, 14, 0]);
    expect(v).toMatchObject({ masks: { effective: '00000000a80425fb' }, uid: 0, seccomp: true, noNewPrivs: false, changed: false });
  });

  it.each([
    ['--cap-drop ALL', [0, 0, 0, 0, 0], 14],
    ['--cap-drop CHOWN --cap-add NET_ADMIN', [14, 14, 0, 14, 0], 2],
    ['-u 1000', [0, 0, 0, 14, 0], 14],
    ['--privileged', [41, 41, 0, 41, 0], 27],
    ['', [14, 14, 0, 14, 0], 0],
  ])('after a new one with %s', (flags, sets, changed) => {
    const v = view([`docker rm -f one; docker run -d --name one ${flags} busybox sleep 600`]);
    expect(SETS.map((set) => inSet(v, set))).toEqual(sets);
    expect(v?.rows.filter((r) => r.changed.length > 0)).toHaveLength(changed);
  });

  it('are not drawn of one that does not run', () => expect(view(['docker stop -t 0 one'])).toBeNull());
});

describe('the gates', () => {
  const box = (flags = '') => run(lab, `docker run -d --name box ${flags} busybox sleep 600`);
  it.each([
    [box(), 'docker exec box hostname x', 'sethostname("x")', 'seccomp', 'EPERM', 'box'],
    [box('--security-opt seccomp=unconfined'), 'docker exec box hostname x', 'sethostname("x")', 'capability', 'EPERM', 'box'],
    [box('--read-only'), 'docker exec box touch /x', 'openat("/x", O_WRONLY|O_CREAT)', 'rest', 'EROFS', 'box'],
    [box('-u 1000:1000'), 'docker exec box touch /x', 'openat("/x", O_WRONLY|O_CREAT)', 'owner', 'EACCES', 'box'],
    [lab, 'unshare -r mknod /tmp/n c 1 3', 'mknod("/tmp/n")', 'capability', 'EPERM', null],
  ])('%#: %s', (machine, text, call, gate, errno, container) => {
    const { machine: after, trace } = step(machine, { kind: 'line', text });
    const { attempts } = gatesView(world(after), trace);
    expect(attempts[0]).toMatchObject({ call, gate, errno, container });
  });
  it('are all open where nothing was refused', () => {
    const { machine: after, trace } = step(lab, { kind: 'line', text: 'ls /' });
    expect(gatesView(world(after), trace).attempts).toEqual([]);
  });
});
