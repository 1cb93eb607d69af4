/** The network as it is drawn: who hangs on which bridge, and a packet's way in sentences. */
import { expect, test } from 'vitest';
import '../whole';
import { consoleOn } from '..';
import { networkView } from './network';
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
