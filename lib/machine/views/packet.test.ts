/** A packet's way as it is drawn: every place, the rules that were asked there, what was rewritten, and where it is lost. */
import { expect, test } from 'vitest';
import '../whole';
import { boot, type Machine, step, type Trace } from '..';
import { openToRead } from '../machine';
import { packetNames, packetView } from './packet';
import { worldOf } from './world';

const session = () => {
  let { machine }: { machine: Machine } = boot('lab', 1);
  return (...lines: string[]) => {
    let trace: Trace | null = null;
    for (const text of lines) ({ machine, trace } = step(machine, { kind: 'line', text }));
    const { last, world } = { last: trace as Trace | null, world: worldOf(openToRead(machine)) };
    return { names: packetNames(last), view: (name: string) => packetView(world, last, name) };
  };
};
const CABLE = [
  'docker run -d --name web -p 8080:80 nginx:1.27',
  'docker run -d --name town --network none busybox:1.36 sleep 3600',
  "pid=$(docker inspect -f '{{.State.Pid}}' town); ip link add road type veth peer name eth0 netns $pid; ip addr add 10.9.0.1/24 dev road && ip link set road up",
  "nsenter -t $pid -n sh -c 'ip addr add 10.9.0.2/24 dev eth0; ip link set eth0 up; ip route add default via 10.9.0.1'",
];

test('a connection from outside to a published port: the rules asked, the rewrite, and the answer turned back', () => {
  const { names, view } = session()(...CABLE, 'docker exec town wget -qO /dev/null 10.9.0.1:8080');
  expect(names.map((n) => n.replace(/:\d{5}/g, ':port')).slice(0, 3)).toEqual([
    '1.1 SYN, 10.9.0.2:port to 10.9.0.1:8080',
    '1.2 SYN,ACK, 172.17.0.2:80 to 10.9.0.2:port',
    '1.3 ACK, 10.9.0.2:port to 10.9.0.1:8080',
  ]);
  const syn = view('1.1');
  expect(syn?.stops.map((s) => `${s.where}: ${s.title}${s.table ? ` ${s.table}` : ''}`)).toEqual([
    'town: route',
    'town: eth0',
    'the host: road',
    'the host: PREROUTING raw',
    'the host: PREROUTING nat',
    'the host: route',
    'the host: FORWARD filter',
    'the host: POSTROUTING nat',
    'the host: docker0',
    'web: eth0',
    'web: nginx',
  ]);
  expect(syn?.sender).toBe('wget');
  const nat = syn?.stops[4];
  expect(nat?.asked.map((a) => [a.chain, a.applies, a.verdict])).toEqual([
    ['PREROUTING', true, 'DOCKER'],
    ['DOCKER', false, null],
    ['DOCKER', true, 'DNAT'],
  ]);
  expect([nat?.now?.rewritten, nat?.now?.dst]).toEqual(['dst', '172.17.0.2:80']);
  const back = view('1.2')?.stops.find((s) => s.now);
  expect([back?.title, back?.now?.rewritten, back?.now?.src]).toEqual(['POSTROUTING', 'src', '10.9.0.1:8080']);
});

test('a packet that a rule drops ends there', () => {
  const run = session();
  run(...CABLE);
  const { view } = run('docker exec town wget -T 1 -qO- 172.17.0.2');
  const syn = view('1.1');
  expect(syn?.stops.slice(-2).map((s) => [s.title, s.asked.at(-1)?.verdict ?? s.says])).toEqual([
    ['PREROUTING', 'DROP'],
    ['raw PREROUTING', 'a rule drops it'],
  ]);
  expect(syn?.lost).toBe('a rule drops it');
});

test('through docker-proxy there are two connections', () => {
  const { names, view } = session()('docker run -d --name web -p 8080:80 nginx:1.27', 'curl -s localhost:8080 > /dev/null');
  expect(new Set(names.map((n) => n.split('.')[0]))).toEqual(new Set(['1', '2']));
  expect(view('1.1')?.stops.at(-1)?.title).toBe('docker-proxy');
  expect([view('2.1')?.sender, view('2.1')?.stops.at(-1)?.title]).toEqual(['docker-proxy', 'nginx']);
});

test('a step that sends nothing has no packets', () => {
  expect(session()('docker ps').names).toEqual([]);
});
