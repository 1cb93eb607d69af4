import { describe, expect, it } from 'vitest';
import { boot, type Machine, step } from '..';
import { openToRead } from '../machine';
import { lifecycleContainers, lifecycleView } from './lifecycle';
import { mountsView } from './mounts';
import { processesView } from './processes';
import { worldOf } from './world';

const run = (machine: Machine, ...lines: string[]) => lines.reduce((m, text) => step(m, { kind: 'line', text }).machine, machine);
const world = (machine: Machine) => worldOf(openToRead(machine));
const lab = boot('lab', 1).machine;

describe('the processes', () => {
  const before = run(lab, 'docker run -d --name one busybox sleep 600');
  const last = step(before, { kind: 'line', text: 'docker exec -d one sleep 5; docker run -d --name two --init busybox sleep 600' });
  const view = processesView(world(last.machine), world(before), last.trace.signals);
  const rows = (name: string) => view.rows.filter((r) => r.container?.name === name);

  it('of a container have a number inside and one outside', () => {
    const [init, second] = rows('one');
    expect(init).toMatchObject({ pidInside: 1, title: 'sleep 600', init: true, state: 'S', change: null });
    expect(second).toMatchObject({ pidInside: 2, title: 'sleep 5', init: false, change: 'new' });
    expect(init?.pid).not.toBe(1);
  });

  it('stand under their parents', () => {
    const [init, child] = rows('two');
    expect(init?.title).toBe('/sbin/docker-init -- sleep 600');
    expect(child).toMatchObject({ ppid: init?.pid, depth: (init?.depth ?? 0) + 1 });
    expect(view.rows[0]).toMatchObject({ pid: 1, depth: 0, container: null });
    expect(view.rows.find((r) => r.pid === init?.ppid)?.comm).toMatch(/^containerd-shim/);
  });

  it.each([
    [
      'docker stop -t 1 one',
      [
        ['SIGTERM', 'spared'],
        ['SIGKILL', 'ended'],
      ],
    ],
    [
      'docker stop -t 1 two',
      [
        ['SIGTERM', 'handled'],
        ['SIGTERM', 'ended'],
      ],
    ],
    ['docker kill -s USR1 one', [['SIGUSR1', 'spared']]],
  ])('%s sends signals that do what they can', (text, expected) => {
    const { trace } = step(last.machine, { kind: 'line', text });
    const seen = (trace.signals ?? []).filter((s) => s.to.container && s.signal !== 'SIGCHLD').map((s) => [s.signal, s.effect]);
    expect(seen.slice(0, expected.length)).toEqual(expected);
  });

  it('that have ended are named', () => {
    const after = run(last.machine, 'docker rm -f one');
    expect(
      processesView(world(after), world(last.machine))
        .gone.filter((g) => g.container === 'one')
        .map((g) => g.title),
    ).toEqual(['sleep 600', 'sleep 5']);
  });

  it('of a paused container are frozen', () => {
    const paused = world(run(last.machine, 'docker pause one'));
    expect(processesView(paused, null).rows.find((r) => r.container?.name === 'one')?.state).toBe('D');
  });
});

describe('the life of a container', () => {
  const way = (machine: Machine, name: string, before: Machine | null = null) =>
    lifecycleView(world(machine), name, before && world(before))?.taken.map((t) => `${t.action}: ${t.from} → ${t.to}`);

  it('is the way that it has gone', () => {
    const made = run(
      lab,
      'docker create --name cc busybox sleep 600',
      'docker start cc',
      'docker pause cc',
      'docker unpause cc',
      'docker stop -t 0 cc',
    );
    expect(way(made, 'cc')).toEqual([
      'create: none → created',
      'start: created → running',
      'pause: running → paused',
      'unpause: paused → running',
      'kill: running → running',
      'kill: running → running',
      'stop: running → running',
      'die: running → exited',
    ]);
    expect(lifecycleView(world(made), 'cc', null)).toMatchObject({ now: 'exited', exitCode: 137, policy: 'no', stoppedByHand: true });
    const gone = run(made, 'docker rm cc');
    expect(way(gone, 'cc')?.at(-1)).toBe('destroy: exited → none');
    expect(lifecycleContainers(world(gone)).map((c) => c.name)).toEqual(['cc']);
  });

  it('ends when a policy has had enough', () => {
    const made = run(lab, "docker run -d --name again --restart on-failure:2 busybox sh -c 'exit 3'", 'sleep 5');
    const view = lifecycleView(world(made), 'again', null);
    expect(view).toMatchObject({ now: 'exited', exitCode: 3, restartCount: 2, policy: 'on-failure:2' });
    expect(view?.taken.filter((t) => t.action === 'die').map((t) => t.to)).toEqual(['restarting', 'restarting', 'exited']);
  });

  it('marks what the last change did', () => {
    const made = run(lab, 'docker run -d --name cc busybox sleep 600');
    const after = run(made, 'docker pause cc');
    expect(lifecycleView(world(after), 'cc', world(made))?.taken.map((t) => t.changed)).toEqual([false, false, true]);
  });
});

describe('mounts and volumes', () => {
  const before = run(
    lab,
    'mkdir site',
    'docker volume create --label a=b data',
    'docker run -d --name box -v data:/etc -v /root/lab/site:/site:ro --tmpfs /scratch -v /anon busybox sleep 600',
  );
  const after = run(before, 'docker exec box sh -c "echo hi > /etc/note"', 'docker stop -t 0 box');
  const row = (machine: Machine, destination: string) =>
    mountsView(world(machine), null).containers[0]?.mounts.find((m) => m.destination === destination);

  it('say where a container has what from', () => {
    expect(row(before, '/etc')).toMatchObject({
      type: 'volume',
      name: 'data',
      source: '/var/lib/docker/volumes/data/_data',
      mounted: true,
      hides: ['group', 'passwd'],
    });
    expect(row(before, '/site')).toMatchObject({ type: 'bind', source: '/root/lab/site', readonly: true, mounted: true });
    expect(row(before, '/scratch')).toMatchObject({ type: 'tmpfs', source: null, mounted: true });
    expect(row(before, '/anon')).toMatchObject({ type: 'volume', anonymous: true });
    expect(row(after, '/etc')?.mounted).toBe(false);
  });

  it('show a volume with its files and users', () => {
    const volume = mountsView(world(after), world(before)).volumes.find((v) => v.name === 'data');
    expect(volume).toMatchObject({ users: ['box'], labels: { a: 'b' }, changed: true });
    expect(volume?.files).toEqual(['group', 'hostname', 'hosts', 'mtab', 'note', 'passwd', 'resolv.conf']);
  });

  it('name the places of the host that are bound', () => {
    expect(mountsView(world(after), null).binds).toEqual([{ path: '/root/lab/site', exists: true, users: ['box'] }]);
  });
});
