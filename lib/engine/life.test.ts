/**
 * What no sequence of commands may bring about: two containers of one name, a task of a container that has ended, a mount
 * that nobody uses. And what a daemon that ends or dies leaves to the next.
 */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import '../machine/whole';
import { pmap } from '../base';
import { mountTable } from '../kernel';
import { consoleOn } from '../machine';
import { worldOf } from '../machine/views/world';

type Console = ReturnType<typeof consoleOn>;

/** Everything that must hold whenever the machine is at rest. */
function sound(c: Console) {
  const { kernel, engine } = worldOf(c.kernel);
  if (!engine) throw new Error('no daemon');
  const containers = pmap.values(engine.containers);
  const up = new Set(containers.filter((x) => x.State.Pid !== 0).map((x) => x.Id));
  expect(new Set(containers.map((x) => x.Name)).size).toBe(containers.length);
  expect(pmap.entries(engine.names).sort()).toEqual(containers.map((x) => [x.Name, x.Id]).sort());
  for (const x of containers) {
    const running = ['running', 'paused'].includes(x.State.Status);
    expect([x.Name, x.State.Pid !== 0]).toEqual([x.Name, running]);
    if (running) expect(kernel.findTask(x.State.Pid)?.status).not.toBe('zombie');
  }
  for (const t of kernel.t.tasks.values()) {
    const id = /docker-([0-9a-f]{64})\.scope/.exec(t.cgroup)?.[1];
    if (id !== undefined) expect([t.argv, up.has(id)]).toEqual([t.argv, true]);
  }
  const shims = kernel.t.tasks.values().filter((t) => t.program === 'shim');
  expect(shims.length).toBe(up.size);
  const layers = new Set(containers.filter((x) => up.has(x.Id)).map((x) => `/var/lib/docker/overlay2/${x.layer}/merged`));
  const merged = mountTable
    .visible(kernel, kernel.task(1))
    .map((m) => m.path)
    .filter((p) => p.startsWith('/var/lib/docker/'));
  expect(merged.filter((p) => p.includes('/overlay2/')).sort()).toEqual([...layers].sort());
  const inUse = pmap
    .values(engine.volumes)
    .filter((v) => v.Options?.device && v.mounted.length > 0)
    .map((v) => `/var/lib/docker/volumes/${v.Name}/_data`);
  expect(merged.filter((p) => p.includes('/volumes/')).sort()).toEqual(inUse.sort());
}

const NAMES = ['one', 'two', 'three'];
const name = fc.constantFrom(...NAMES);
const command = fc.oneof(
  fc
    .tuple(
      name,
      fc.constantFrom(
        '',
        '--rm',
        '--restart always',
        '--init',
        '--restart on-failure:2',
        '-v vol1:/d',
        '-v mem1:/d',
        '--health-cmd true --health-interval 1s',
        '-t',
        '-i',
      ),
      fc.constantFrom('sleep 600', 'true', "sh -c 'exit 3'", "sh -c 'sleep 1; exit 1'", 'nosuch', "sh -c 'sleep 600 & wait'"),
      fc.constantFrom('run -d', 'create'),
    )
    .map(([n, flags, what, verb]) => `docker ${verb} --name ${n} ${flags} busybox ${what}`),
  fc
    .tuple(
      fc.constantFrom(
        'start',
        'stop -t 0',
        'stop -t 1',
        'kill',
        'kill -s TERM',
        'restart -t 0',
        'pause',
        'unpause',
        'rm',
        'rm -f',
        'rm -fv',
        'exec -d',
        'logs',
      ),
      name,
    )
    .map(([verb, n]) => `docker ${verb} ${n}${verb === 'exec -d' ? ' sleep 100' : ''}`),
  fc.tuple(name, name).map(([a, b]) => `docker rename ${a} ${b}`),
  fc.constantFrom(
    'sleep 1',
    'sleep 5',
    'docker container prune -f',
    'docker rm -f $(docker ps -aq)',
    'docker volume prune -af',
    'systemctl restart docker',
  ),
);

describe('any sequence of commands', () => {
  it('leaves a sound engine', () => {
    fc.assert(
      fc.property(fc.array(command, { minLength: 1, maxLength: 25 }), (commands) => {
        const c = consoleOn('lab', 1);
        c.run('docker volume create -o type=tmpfs -o device=tmpfs mem1');
        for (const text of commands) {
          c.run(text);
          sound(c);
        }
        c.run('docker rm -f $(docker ps -aq)');
        sound(c);
      }),
      { numRuns: 40 },
    );
  });
});

describe('a daemon that ends', () => {
  const made = () => {
    const c = consoleOn('lab', 1);
    c.run('docker run -d --name always --restart always busybox sleep 600');
    c.run('docker run -d --name unless --restart unless-stopped busybox sleep 600');
    c.run('docker run -d --name stopped --restart unless-stopped busybox sleep 600; docker stop -t 0 stopped');
    c.run('docker run -d --name plain busybox sleep 600');
    c.run('docker volume create kept; docker network create lan; docker tag busybox mine:1');
    return c;
  };
  it.each([['systemctl restart docker'], ['kill -9 $(pidof dockerd); sleep 3']])('%s: the next one takes over', (how) => {
    const c = made();
    c.run(how);
    const states = c.run("docker ps -a --format '{{.Names}} {{.State}}'").output.split('\n').sort();
    expect(states).toEqual(['always running', 'plain exited', 'stopped exited', 'unless running']);
    expect(c.run('docker volume ls -q').output).toBe('kept');
    expect(c.run('docker network ls -q --filter name=lan | wc -l').output).toBe('1');
    expect(c.run("docker image inspect -f '{{len .RepoTags}}' mine:1").output).toBe('3');
    sound(c);
  });

  it('is not there until it is started again', () => {
    const c = made();
    expect(c.run('systemctl stop docker; systemctl is-active docker').output).toBe('inactive');
    expect(c.run('docker ps')).toMatchObject({ status: 1, output: expect.stringContaining('Is the docker daemon running?') });
    expect(c.run('systemctl start docker; docker ps -q | wc -l').output).toBe('2');
  });
});
