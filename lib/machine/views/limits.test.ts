/** The view of limits: what the kernel's files say, and what the last step moved. */
import { describe, expect, test } from 'vitest';
import { boot, type Machine, step } from '..';
import '../whole';
import { openToRead } from '../machine';
import { limitsView, rowChanged } from './limits';
import { worldOf } from './world';

const run = (machine: Machine, ...lines: string[]) => lines.reduce((m, text) => step(m, { kind: 'line', text }).machine, machine);
const world = (machine: Machine) => worldOf(openToRead(machine));
const none = boot('lab', 1).machine;
const app = run(
  none,
  'docker run -d --name app -m 32m --memory-swap 32m --memory-reservation 16m --cpus 0.2 --pids-limit 10 busybox:1.36 sleep 3600',
);
const after = (...lines: string[]) => {
  const [last = '', ...rest] = lines.reverse();
  const before = run(app, ...rest.reverse());
  const view = limitsView(world(run(before, last)), world(before));
  return { view, row: view.rows[0] };
};
const LOOP = 'i=0; while [ $i -lt 5000 ]; do i=$((i+1)); done';

test('a container’s group, and its limits', () => {
  const [row] = limitsView(world(app), null).rows;
  expect(row?.path).toMatch(/^\/system\.slice\/docker-[0-9a-f]{64}\.scope$/);
  expect([
    row?.name,
    row?.memory.max,
    row?.memory.low,
    row?.memory.swap,
    row?.cpu.max,
    row?.cpu.weight,
    row?.cpu.cpus,
    row?.pids.max,
  ]).toEqual(['app', 33554432, 16777216, 0, 0.2, 100, '0-1', 10]);
  expect(row && rowChanged(row)).toBe(false);
});

test('a container of an engine without root lies in its user’s slice', () => {
  const m = run(boot('rootless', 1).machine, 'docker run -d --name mine -m 32m busybox:1.36 sleep 3600');
  expect(limitsView(world(m), null).rows.map((r) => [r.name, r.memory.max])).toEqual([['mine', 33554432]]);
});

describe('what the last step did', () => {
  test.each([
    ['nothing', ['touch x'], {}],
    ['a busy loop', [`docker exec app sh -c '${LOOP}'`], { throttled: true }],
    ['too much memory', ["docker exec app sh -c 'x=a; while true; do x=$x$x; done'"], { killed: true }],
    ['too many processes', ["docker exec app sh -c 'for i in $(seq 20); do sleep 900 & done'"], { refused: true }],
    ['a pause', ['docker pause app'], { froze: true }],
  ])('%s', (_, lines, struck) => {
    const quiet = { killed: false, throttled: false, refused: false, froze: false, made: false };
    expect(after(...lines).row?.struck).toEqual({ ...quiet, ...struck });
  });

  test('an update moves a stop', () => expect(after('docker update --cpus 0.5 app').row?.cpu).toMatchObject({ max: 0.5, limited: true }));
  test('processes move a pointer', () =>
    expect(after('docker exec -d app sleep 900').row?.pids).toMatchObject({ now: 2, moved: true, limited: false }));
});

test('what was killed for memory stays in sight', () => {
  const { view } = after('docker run --name hog -m 16m busybox:1.36 sh -c "x=a; while true; do x=\\$x\\$x; done"');
  expect(view.gone).toEqual([{ name: 'hog', exitCode: 137, oomKilled: true, changed: true }]);
});

test('groups made by hand, and none of the host’s own', () => {
  const { view } = after('mkdir /sys/fs/cgroup/demo');
  expect(view.rows.map((r) => [r.name, r.struck.made])).toEqual([
    ['app', false],
    ['/demo', true],
  ]);
});
