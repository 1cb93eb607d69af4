/** The walk of a start, as it is drawn: which hops, in which order, with the calls that the trace holds. */
import { expect, test } from 'vitest';
import '../whole';
import { boot, type Machine, step, type Trace } from '..';
import { openToRead } from '../machine';
import { runNames, runView } from './run';
import { worldOf } from './world';

const session = (...lines: string[]) => {
  let { machine }: { machine: Machine } = boot('lab', 1);
  const traces: Trace[] = [];
  for (const text of lines) {
    const done = step(machine, { kind: 'line', text });
    machine = done.machine;
    traces.push(done.trace);
  }
  const world = worldOf(openToRead(machine));
  return { names: runNames(world, traces), view: (name: string) => runView(world, traces, name) };
};

test('docker run walks from the shell to the process', () => {
  const { names, view } = session('docker run -d --name web -m 64m nginx:1.27');
  expect(names).toEqual(['web']);
  const v = view('web');
  expect(v?.hops.map((h) => h.kind)).toEqual([
    'command',
    'request',
    'rootfs',
    'answer',
    'request',
    'rootfs',
    'create',
    'shim',
    'runc',
    'cgroup',
    'clone',
    'trees',
    'pivot',
    'mounts',
    'devices',
    'names',
    'masks',
    'rights',
    'network',
    'start',
    'execve',
    'answer',
  ]);
  const of = (kind: string) => v?.hops.find((h) => h.kind === kind);
  expect(of('command')?.what).toBe('docker run -d --name web -m 64m nginx:1.27');
  expect(of('request')?.what).toBe('POST /v1.51/containers/create?name=web');
  expect(of('request')?.body).toContain('"Memory": 67108864');
  expect(of('clone')?.calls[0]).toMatch(
    /^clone\(CLONE_NEWNS\|CLONE_NEWPID\|CLONE_NEWNET\|CLONE_NEWUTS\|CLONE_NEWIPC\|CLONE_NEWCGROUP\) = \d+$/,
  );
  expect(of('cgroup')?.calls.some((c) => /memory\.max", "67108864"\)$/.test(c))).toBe(true);
  expect(of('rights')?.calls.at(-1)).toBe('capset(effective=00000000a80425fb, bounding=00000000a80425fb)');
  expect(of('execve')?.calls).toEqual(['execve("/usr/sbin/nginx", ["nginx", "-g", "daemon off;"])']);
  expect(v?.hops.filter((h) => !h.aloud).map((h) => h.kind)).toEqual(['create', 'runc', 'start']);
  expect(v?.lanes.runc.pid).toBe(of('execve')?.pid);
  expect([v?.program, v?.fresh]).toEqual(['nginx', true]);
});

test.each([
  ['docker run --rm busybox:1.36 nosuch', [400, 'execve'], false],
  ['docker run --name two nosuch:1', [404, 'rootfs'], false],
])('%s ends at the refusal', (line, [code, never], found) => {
  const { names, view } = session(line);
  const hops = view(names[0] ?? '')?.hops ?? [];
  expect(hops.at(-1)).toMatchObject({ kind: 'answer', refused: true });
  expect(hops.at(-1)?.what).toMatch(new RegExp(`^${code} `));
  expect(hops.some((h) => h.kind === never)).toBe(found);
});

test('a start of what is there has no request for its making; curl is a client like another', () => {
  const { view } = session(
    'docker create --name one busybox:1.36 sleep 60',
    'curl -s --unix-socket /var/run/docker.sock -X POST http://localhost/v1.51/containers/one/start',
  );
  const v = view('one');
  expect(v?.lanes.client.name).toBe('curl');
  expect(v?.hops.filter((h) => h.kind === 'request').map((h) => h.what)).toEqual(['POST /v1.51/containers/one/start']);
});

test('it stays until the next start', () => {
  const { view } = session('docker run -d --name one busybox:1.36 sleep 60', 'docker ps');
  expect(view('one')).toMatchObject({ fresh: false, program: 'sleep' });
});

test('each of several starts of a step has its own', () => {
  const { names, view } = session('docker run -d --name aa busybox:1.36 sleep 60; docker run -d --name bb busybox:1.36 sleep 61');
  expect(names).toEqual(['aa', 'bb']);
  expect(
    ['aa', 'bb'].map((n) =>
      view(n)
        ?.hops.findLast((h) => h.kind === 'execve')
        ?.calls[0]?.slice(-7),
    ),
  ).toEqual([' "60"])', ' "61"])']);
});

test('without a start there is none', () => {
  expect(session('docker ps').names).toEqual([]);
});
