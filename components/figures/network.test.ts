/** The plan of a drawing of the network: what hangs where, and what comes first when there is too much. */
import { expect, test } from 'vitest';
import '../../lib/machine/whole';
import { consoleOn } from '../../lib/machine';
import { networkView } from '../../lib/machine/views/network';
import { worldOf } from '../../lib/machine/views/world';
import { networkLabel, planNetwork, valvesOf } from './network-plan';

const after = (...commands: string[]) => {
  const c = consoleOn('lab', 1);
  for (const command of commands) c.run(command);
  return networkView(worldOf(c.kernel));
};

test('containers hang on the bridges of their networks, by the pipe of each pair', () => {
  const view = after(
    'docker network create shop',
    'docker run -d --name web -p 8080:80 -p 127.0.0.1:9000:90 nginx:1.27',
    'docker network connect shop web',
    'docker run -d --name far --network none busybox:1.36 sleep 999',
  );
  const plan = planNetwork(view);
  expect(plan.sources.map((s) => [s.network, s.ends.length])).toEqual([
    ['bridge', 1],
    ['shop', 1],
  ]);
  expect(plan.rooms.map((r) => [r.title, r.alone, r.rows.map((x) => `${x.text} ${x.from?.source.slice(0, 4)}`)])).toEqual([
    ['web', false, ['eth0 172.17.0.2/16 dock', 'eth1 172.18.0.2/16 br-'.replace('br-', plan.sources[1]?.name.slice(0, 4) ?? '')]],
    ['far', true, []],
  ]);
  expect(plan.valves.map((v) => `${v.outside} ${v.inside}`)).toEqual(['8080 web:80', '127.0.0.1:9000 web:90']);
  expect(networkLabel(view)).toBe(
    'Network: web on bridge and shop; far on no network. Published: 8080 to web:80, 127.0.0.1:9000 to web:90.',
  );
});

test('a cable and a parent link are pipes, too; a shared namespace is one room', () => {
  const plan = planNetwork(
    after(
      'docker run -d --name far --network none busybox:1.36 sleep 999',
      "ip link add road type veth peer name eth0 netns $(docker inspect -f '{{.State.Pid}}' far)",
      'docker network create -d macvlan -o parent=eth0 --subnet 192.168.65.0/24 --gateway 192.168.65.1 lan',
      'docker run -d --name own --network lan --ip 192.168.65.50 busybox:1.36 sleep 999',
      'docker run -d --name guest --network container:own busybox:1.36 sleep 999',
    ),
  );
  expect(plan.sources.map((s) => [s.name, s.network, s.ends.length])).toEqual([
    ['eth0', 'lan', 1],
    ['docker0', 'bridge', 0],
    ['road', null, 1],
  ]);
  expect(plan.rooms.map((r) => r.title)).toEqual(['far', 'own, guest']);
});

test('what stands on a card is set in under it; who stands on it is shut off from the host', () => {
  const plan = planNetwork(
    after(
      'docker network create -d macvlan -o parent=eth0.10 --subnet 10.10.0.0/24 ten',
      'docker run -d --name own --network ten busybox:1.36 sleep 999',
      'ip link add shim link eth0.10 type macvlan mode bridge',
    ),
  );
  expect(plan.sources.map((s) => [s.name, s.on, s.shut, s.ends.map((e) => e.name)])).toEqual([
    ['eth0', null, false, []],
    ['eth0.10', 'eth0', true, ['macvlan']],
    ['shim', 'eth0.10', false, []],
    ['docker0', null, false, []],
  ]);
});

test('a cable and a tunnel between two containers', () => {
  const plan = planNetwork(
    after(
      'for n in left right; do docker run -d --name $n --network none busybox:1.36 sleep 999; done',
      'on() { pid=$(docker inspect -f \'{{.State.Pid}}\' $1); shift; nsenter -t $pid -n "$@"; }',
      "ip link add line type veth peer name eth0 netns $(docker inspect -f '{{.State.Pid}}' left)",
      "ip link set line netns $(docker inspect -f '{{.State.Pid}}' right)",
      'on left ip addr add 10.1.0.1/24 dev eth0; on right ip addr add 10.1.0.2/24 dev line',
      'on left ip link add vxlan0 type vxlan id 42 dstport 4789 remote 10.1.0.2',
      'on right ip link add vxlan0 type vxlan id 42 dstport 4789 remote 10.1.0.1',
    ),
  );
  expect(plan.cables.map((c) => [c.ends.map((e) => e.link), c.text])).toEqual([
    [['eth0', 'line'], null],
    [['vxlan0', 'vxlan0'], 'VNI 42'],
  ]);
});

test('of too many rooms, those that changed are kept', () => {
  const view = after(...Array.from({ length: 10 }, (_, i) => `docker run -d --name box${i} busybox:1.36 sleep 999`));
  const marked = { ...view, spaces: view.spaces.map((s) => ({ ...s, changed: s.containers.includes('box9') })) };
  const plan = planNetwork(marked);
  expect([plan.rooms.length, plan.more, plan.rooms.some((r) => r.title === 'box9')]).toEqual([8, 2, true]);
});

test('bindings of both protocols are one valve', () => {
  const bind = { container: 'web', hostPort: 80, port: 80, proto: 'udp', changed: false };
  expect(valvesOf(['0.0.0.0', '::'].map((host) => ({ ...bind, host })))).toEqual([
    { outside: '80/udp', inside: 'web:80/udp', changed: false },
  ]);
});
