/** Packets between namespaces: who is reached, what a rule changes, what is said of what is lost. */
import { describe, expect, test } from 'vitest';
import { parseRule } from '../../base/iptables';
import { consoleOn } from '../../machine';
import { attempt, Errno, makeSys, type Sys } from '..';

const BRIDGE = 'br9';
const rule = (text: string) => parseRule(text.split(' '));

/** Two namespaces, 10.9.0.2 and 10.9.0.3, as ports of a bridge with 10.9.0.1. */
function lab() {
  const { kernel: k } = consoleOn('lab', 1);
  const host = makeSys(k, 1);
  host.net.addLink({ name: BRIDGE, kind: 'bridge' });
  host.net.addAddress(BRIDGE, '10.9.0.1/24');
  host.net.setLink(BRIDGE, { up: true });
  host.net.setSysctl('net.ipv4.ip_forward', '1');
  // Docker's policy would drop what crosses a bridge that is none of its own.
  host.net.editRules('filter', { do: 'policy', chain: 'FORWARD', policy: 'ACCEPT' });
  const node = (address: string, port: string): Sys => {
    const nul = host.open('/dev/null', { read: true, write: true });
    const pid = host.vfork({ unshare: ['net'], fds: { 0: nul, 1: nul, 2: nul } }, (child) => {
      child.execve('/usr/bin/sleep', ['sleep', '1000'], {});
      return undefined;
    });
    host.net.addLink({ name: port, kind: 'veth', peer: { name: 'eth0', pid } });
    host.net.setLink(port, { master: BRIDGE, up: true });
    const sys = makeSys(k, pid);
    sys.net.setLink('lo', { up: true });
    sys.net.addAddress('eth0', `${address}/24`);
    sys.net.setLink('eth0', { up: true });
    sys.net.addRoute({ dst: 'default', via: '10.9.0.1' });
    return sys;
  };
  const [a, b] = [node('10.9.0.2', 'veth-a'), node('10.9.0.3', 'veth-b')];
  const web = a.net.socket('tcp');
  a.net.bind(web, '0.0.0.0', 80);
  a.net.listen(web);
  return { k, host, a, b, web };
}

const dial = (from: Sys, address: string, port: number) => {
  const fd = from.net.socket('tcp');
  const went = attempt(() => from.net.connect(fd, address, port));
  return went instanceof Errno ? went.code : went === null ? 'waits' : fd;
};

describe('connections', () => {
  test.each([
    ['a neighbour that listens', 'b', '10.9.0.2', 80, expect.any(Number)],
    ['a port where nobody listens', 'b', '10.9.0.2', 81, 'ECONNREFUSED'],
    ['an address that nobody has', 'b', '10.9.0.99', 80, 'waits'],
    ['the host, to its bridge', 'host', '10.9.0.2', 80, expect.any(Number)],
    ['the own loopback', 'a', '127.0.0.1', 80, expect.any(Number)],
    ['the loopback of another namespace', 'b', '127.0.0.1', 80, 'ECONNREFUSED'],
  ] as const)('%s', (_, from, address, port, expected) => {
    expect(dial(lab()[from], address, port)).toEqual(expected);
  });

  test('bytes go both ways until one side closes', () => {
    const { a, b, web } = lab();
    const fd = dial(b, '10.9.0.2', 80) as number;
    const end = a.net.accept(web) as number;
    b.write(fd, 'ping');
    expect(a.read(end, 10)).toBe('ping');
    a.write(end, 'pong');
    a.close(end);
    expect([b.read(fd, 10), b.read(fd, 10)]).toEqual(['pong', '']);
  });

  test('a namespace without a route says so', () => {
    const { b } = lab();
    b.net.removeRoute({ dst: 'default' });
    expect(dial(b, '192.168.65.3', 80)).toBe('ENETUNREACH');
  });
});

describe('netfilter', () => {
  test('DNAT publishes a port; without its rule nobody is there', () => {
    const { host } = lab();
    const publish = rule('-p tcp -m tcp --dport 8080 -j DNAT --to-destination 10.9.0.2:80');
    host.net.editRules('nat', { do: 'append', chain: 'OUTPUT', rule: publish });
    expect(dial(host, '10.9.0.1', 8080)).toEqual(expect.any(Number));
    host.net.editRules('nat', { do: 'delete', chain: 'OUTPUT', rule: publish });
    expect(dial(host, '10.9.0.1', 8080)).toBe('ECONNREFUSED');
  });

  test('frames between two ports of a bridge pass FORWARD', () => {
    const { host, b } = lab();
    host.net.editRules('filter', { do: 'append', chain: 'FORWARD', rule: rule(`-i ${BRIDGE} -o ${BRIDGE} -j DROP`) });
    expect(dial(b, '10.9.0.2', 80)).toBe('waits');
    host.net.setSysctl('net.bridge.bridge-nf-call-iptables', '0');
    expect(dial(b, '10.9.0.2', 80)).toEqual(expect.any(Number));
  });

  test('where the answer is lost, nobody is connected and nobody waits to be accepted', () => {
    const { host, a, b, web } = lab();
    host.net.editRules('filter', { do: 'append', chain: 'FORWARD', rule: rule('-p tcp -m tcp --sport 80 -j DROP') });
    expect(dial(b, '10.9.0.2', 80)).toBe('waits');
    expect([a.net.accept(web), a.net.sockets().length]).toEqual([null, 1]);
  });

  test('what is dropped is written down with its rule', () => {
    const { k, host, b } = lab();
    const drop = rule('-p tcp -m tcp --dport 80 -j DROP');
    host.net.editRules('filter', { do: 'append', chain: 'FORWARD', rule: drop });
    k.events = [];
    dial(b, '10.9.0.2', 80);
    const hops = k.events.flatMap((e) => (e.kind === 'packet' ? e.walk.hops : []));
    expect(hops).toContainEqual(expect.objectContaining({ at: 'rule', chain: 'FORWARD', rule: drop, verdict: 'DROP' }));
    expect(hops.at(-1)).toMatchObject({ at: 'lost', by: 'filter FORWARD' });
  });
});

test('a name holds a namespace that no task is in; with the name it goes, and the other end of its cable', () => {
  const { k, host, a } = lab();
  host.net.hold('own');
  host.net.addLink({ name: 'v0', kind: 'veth', peer: { name: 'eth0', pid: 'own' } });
  const before = k.t.nets.size;
  expect(host.net.heldNames()).toEqual(['own']);
  a.net.enter('own');
  expect(a.net.links().map((i) => i.link.name)).toEqual(['lo', 'eth0']);
  a.net.enter(1);
  host.net.release('own');
  expect([before - k.t.nets.size, host.net.links().some((i) => i.link.name === 'v0')]).toEqual([1, false]);
});

test.each([
  ['0', 'waits'],
  ['1', expect.any(Number)],
])('what is led to the loopback from outside arrives where route_localnet is %s', (value, expected) => {
  const { host, b } = lab();
  const own = host.net.socket('tcp');
  host.net.bind(own, '127.0.0.1', 8080);
  host.net.listen(own);
  const lead = rule('-p tcp -m tcp --dport 81 -j DNAT --to-destination 127.0.0.1:8080');
  host.net.editRules('nat', { do: 'append', chain: 'PREROUTING', rule: lead });
  host.net.setSysctl(`net.ipv4.conf.${BRIDGE}.route_localnet`, value);
  expect(dial(b, '10.9.0.1', 81)).toEqual(expected);
});

test('an echo comes back; one to nowhere is told by the router', () => {
  const { b, host } = lab();
  host.net.removeRoute({ dst: 'default' });
  const fd = b.net.socket('icmp');
  b.net.sendTo(fd, '', { ip: '10.9.0.2', port: 0 }, 1);
  expect(b.net.receive(fd)).toMatchObject({ from: { ip: '10.9.0.2' }, seq: 1, ttl: 64 });
  b.net.sendTo(fd, '', { ip: '203.0.113.1', port: 0 }, 2);
  expect(b.net.receive(fd)).toMatchObject({ from: { ip: '10.9.0.1' }, error: 'net-unreachable' });
});
