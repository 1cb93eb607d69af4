/** The network as it is drawn: who hangs on which bridge, and a packet's way in sentences. */
import { expect, test } from 'vitest';
import '../whole';
import { Kernel } from '../../kernel';
import { consoleOn } from '..';
import { networkView, walkText } from './network';
import { worldOf } from './world';

test('a container hangs on its bridge by a pair of links, and its ports are published on the host', () => {
  const c = consoleOn('lab', 1);
  c.run('docker run -d --name web -p 8080:80 nginx:1.27');
  const view = networkView(worldOf(c.kernel));
  const [host, web] = view.spaces;
  expect(host?.host).toBe(true);
  expect(web?.containers).toEqual(['web']);
  const eth0 = web?.links.find((l) => l.name === 'eth0');
  expect(eth0?.addresses).toEqual(['172.17.0.2/16']);
  const end = host?.links.find((l) => l.name === eth0?.peer?.name);
  expect([end?.master, end?.peer]).toEqual(['docker0', { space: web?.id, name: 'eth0' }]);
  expect(view.published.map((p) => `${p.host}:${p.hostPort} ${p.container}:${p.port}/${p.proto}`)).toEqual([
    '0.0.0.0:8080 web:80/tcp',
    ':::8080 web:80/tcp',
  ]);
});

test('the way of a packet to a published port: the rule that rewrites it is named', () => {
  const c = consoleOn('lab', 1);
  c.run('docker run -d --name web -p 8080:80 nginx:1.27');
  c.run('curl -s http://192.168.65.3:8080');
  const walks = c.kernel.events.flatMap((e) => (e.kind === 'packet' && e.walk.packet.flags === 'SYN' ? [e.walk] : []));
  const [, ...way] = walkText(networkView(worldOf(c.kernel)), walks[0] as (typeof walks)[number]);
  const short = way.map((line) => line.replace(/veth[0-9a-f]{7}/g, 'vethN'));
  expect(short.filter((line) => /DNAT|becomes|leaves|comes in/.test(line)).slice(0, 4)).toEqual([
    'the host: OUTPUT, table nat, chain DOCKER: ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80: DNAT',
    'the host: OUTPUT: 192.168.65.3:8080 becomes 172.17.0.2:80',
    'the host: leaves by docker0',
    'web: comes in by eth0',
  ]);
});

test('what the last change brought is marked, and what it took is named', () => {
  const c = consoleOn('lab', 1);
  c.run('docker run -d --name web nginx:1.27; docker network create shop');
  const then = (command: string) => {
    const before = new Kernel(c.kernel.close(), c.kernel.env);
    c.run(command);
    return networkView(worldOf(c.kernel), worldOf(before));
  };
  const marks = (view: ReturnType<typeof then>) =>
    view.spaces.flatMap((s) =>
      s.links.filter((l) => l.changed).map((l) => `${s.host ? 'host' : s.containers} ${l.name.replace(/^(veth|br-).*/, '$1')}`),
    );
  expect(marks(then('docker network connect shop web'))).toEqual(['host veth', 'web eth1']);
  expect(marks(then('docker exec web true'))).toEqual([]);
  const cut = then('docker network disconnect bridge web');
  expect([marks(cut), cut.gone.map((g) => g.replace(/^veth\w+/, 'veth'))]).toEqual([[], ['veth in the host', 'eth0 in web']]);
  expect(then('docker rm -f web').gone).toContain('the network namespace of web');
  expect(then('docker run -d --name pub -p 8080:80 nginx:1.27').published.map((p) => p.changed)).toEqual([true, true]);
});
