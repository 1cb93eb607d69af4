import { expect, test } from 'vitest';
import '../whole';
import { boot, type Machine, openToRead, step } from '../machine';
import { swarmView } from './swarm';
import { worldOf } from './world';

const after = (m: Machine, ...lines: string[]): Machine => lines.reduce((now, text) => step(now, { kind: 'line', text }).machine, m);
const look = (m: Machine) => worldOf(openToRead(m));
const start = after(
  boot('lab', 3).machine,
  'docker swarm init > /dev/null',
  'docker service create -d --init --name web --replicas 2 busybox:1.36 sleep 99 > /dev/null; sleep 3',
);

test('no swarm, no view', () => expect(swarmView(look(boot('lab', 3).machine), null)).toBe(null));

test('services, slots, tasks and what they have become', () => {
  const view = swarmView(look(start), null);
  expect(view?.services.map(({ name, mode, wanted, running }) => [name, mode, wanted, running])).toEqual([['web', 'replicated', 2, 2]]);
  expect(view?.services[0]?.slots.map((s) => [s.name, s.tasks.map((t) => [t.desired, t.state, t.container?.status])])).toEqual([
    ['web.1', [['running', 'running', 'running']]],
    ['web.2', [['running', 'running', 'running']]],
  ]);
  expect(view?.changed).toBe(false);
});

test('a container that is killed: its task has failed, the next one waits', () => {
  const now = after(start, 'docker kill $(docker ps -q --filter name=web.1) > /dev/null; sleep 1');
  const view = swarmView(look(now), look(start));
  expect(view?.services[0]?.slots.map((s) => s.tasks.map((t) => [t.desired, t.state, t.error, t.changed]))).toEqual([
    [
      ['ready', 'ready', '', true],
      ['shutdown', 'failed', 'task: non-zero exit (137)', true],
    ],
    [['running', 'running', '', false]],
  ]);
  expect(view?.services[0]?.changed).toBe(false);
  expect(view?.changed).toBe(true);
});

test('what is asked for is marked where it changes', () => {
  const now = after(start, 'docker service scale -d web=3', 'docker node update --availability pause dock > /dev/null');
  const view = swarmView(look(now), look(start));
  expect([view?.services[0]?.changed, view?.node.changed, view?.node.availability]).toEqual([true, true, 'pause']);
});
