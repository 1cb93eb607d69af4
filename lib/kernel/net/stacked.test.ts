/**
 * Links that stand on others, and tunnels: who is reached and who is not, and what is refused. The rows are what Linux 6.1 and
 * 6.18 do (fidelity/recordings/console: net-macvlan-shim, net-ipvlan, net-parents, net-vxlan).
 */
import { describe, expect, test } from 'vitest';
import { consoleOn } from '../../machine';
import { attempt, Errno, makeSys, type NewLink, type Sys } from '..';

/** The host, and two empty namespaces. */
function lab() {
  const { kernel: k } = consoleOn('lab', 1);
  const host = makeSys(k, 1);
  const nul = host.open('/dev/null', { read: true, write: true });
  const space = () =>
    host.vfork({ unshare: ['net'], fds: { 0: nul, 1: nul, 2: nul } }, (child) => {
      child.execve('/usr/bin/sleep', ['sleep', '1000'], {});
      return undefined;
    });
  const [a, b] = [space(), space()];
  return { k, host, pids: { a, b }, a: makeSys(k, a), b: makeSys(k, b) };
}
type Lab = ReturnType<typeof lab>;

/** A child of the host's card in a namespace, with an address. */
function child(l: Lab, to: 'a' | 'b', link: NewLink, address: string) {
  l.host.net.addLink({ ...link, name: `to-${to}` } as Parameters<Sys['net']['addLink']>[0]);
  l.host.net.setLink(`to-${to}`, { netns: l.pids[to], name: 'eth0' });
  l[to].net.addAddress('eth0', `${address}/24`);
  l[to].net.setLink('eth0', { up: true });
}
const answers = (from: Sys, address: string): boolean => {
  const fd = from.net.socket('icmp');
  attempt(() => from.net.sendTo(fd, '', { ip: address, port: 0 }, 1));
  const got = attempt(() => from.net.receive(fd));
  from.close(fd);
  return got !== null && !(got instanceof Errno) && got.error === undefined;
};

const macvlan = (mode: 'bridge' | 'private' | 'vepa'): NewLink => ({ kind: 'macvlan', parent: 'eth0', mode });
const ipvlan = (mode: 'l2' | 'l3', flag: 'bridge' | 'private' = 'bridge'): NewLink => ({ kind: 'ipvlan', parent: 'eth0', mode, flag });

describe('two children of one card', () => {
  test.each([
    ['macvlan, bridge', macvlan('bridge'), true],
    ['macvlan, private', macvlan('private'), false],
    ['macvlan, vepa', macvlan('vepa'), false],
    ['ipvlan, l2', ipvlan('l2'), true],
    ['ipvlan, l3', ipvlan('l3'), true],
    ['ipvlan, private', ipvlan('l2', 'private'), false],
  ])('%s: each other, and not the host', (_, link, expected) => {
    const l = lab();
    child(l, 'a', link, '192.168.65.20');
    child(l, 'b', link, '192.168.65.21');
    expect(answers(l.a, '192.168.65.21')).toBe(expected);
    expect([answers(l.host, '192.168.65.21'), answers(l.a, '192.168.65.3')]).toEqual([false, false]);
  });
});

test('a shim on the same card lets the host talk to its children', () => {
  const l = lab();
  child(l, 'a', macvlan('bridge'), '192.168.65.20');
  l.host.net.addLink({ ...macvlan('bridge'), name: 'shim' } as Parameters<Sys['net']['addLink']>[0]);
  l.host.net.addAddress('shim', '192.168.65.223/32');
  l.host.net.setLink('shim', { up: true });
  expect(answers(l.host, '192.168.65.20')).toBe(false);
  l.host.net.addRoute({ dst: '192.168.65.20/32', dev: 'shim' });
  expect([answers(l.host, '192.168.65.20'), answers(l.a, '192.168.65.223'), answers(l.a, '192.168.65.3')]).toEqual([true, true, true]);
});

/** Two namespaces at the ends of a cable, each with a link on it. */
function pair(l: Lab, link: (remote: string) => Parameters<Sys['net']['addLink']>[0], other = link) {
  l.a.net.addLink({ kind: 'veth', name: 'eth0', peer: { name: 'eth0', pid: l.pids.b } });
  for (const [sys, own, far, make] of [
    [l.a, 1, 2, link],
    [l.b, 2, 1, other],
  ] as const) {
    sys.net.addAddress('eth0', `10.1.0.${own}/24`);
    sys.net.setLink('eth0', { up: true });
    sys.net.addLink({ ...make(`10.1.0.${far}`), name: 'over' });
    sys.net.addAddress('over', `10.42.0.${own}/24`);
    sys.net.setLink('over', { up: true });
  }
}
const vlan = (id: number) => () => ({ kind: 'vlan', parent: 'eth0', id }) as const;
const vxlan = (vni: number) => (remote: string) => ({ kind: 'vxlan', parent: 'eth0', vni, port: 4789, remote, local: null }) as const;

test.each([
  ['vlans of one number', vlan(10), vlan(10), true],
  ['vlans of two numbers', vlan(10), vlan(20), false],
  ['ends of one tunnel', vxlan(42), vxlan(42), true],
  ['ends of two tunnels', vxlan(42), vxlan(43), false],
])('%s, over a cable', (_, one, other, expected) => {
  const l = lab();
  pair(l, one, other);
  expect(answers(l.a, '10.42.0.2')).toBe(expected);
});

test('a frame in a tunnel is a UDP packet below: 50 bytes more, and what stops the one stops the other', () => {
  const l = lab();
  pair(l, vxlan(42));
  expect(l.a.net.link('over').link.mtu).toBe(1450);
  const onCable = (address: string) => {
    const before = l.a.net.link('eth0').link.tx.bytes;
    answers(l.a, address);
    return l.a.net.link('eth0').link.tx.bytes - before;
  };
  expect(onCable('10.42.0.2') - onCable('10.1.0.2')).toBe(50);
  l.b.net.setLink('eth0', { up: false });
  expect(answers(l.a, '10.42.0.2')).toBe(false);
});

test.each([
  ['an ipvlan beside a macvlan', ['macvlan'], ipvlan('l2'), 'EBUSY', undefined],
  ['a passthru beside another', ['macvlan'], { kind: 'macvlan', parent: 'eth0', mode: 'passthru' }, 'EINVAL', undefined],
  ['one that stands on nothing', [], { kind: 'macvlan' }, 'EINVAL', undefined],
  ['a vlan without a number', [], { kind: 'vlan', parent: 'eth0' }, 'EINVAL', '8021q: VLAN properties not specified'],
  ['a vlan with a great number', [], { kind: 'vlan', parent: 'eth0', id: 5000 }, 'ERANGE', '8021q: Invalid VLAN id'],
] as const)('refused: %s', (_, before, link, code, extack) => {
  const { host } = lab();
  for (const kind of before) host.net.addLink({ kind, name: 'first', parent: 'eth0', mode: 'bridge' });
  const refused = attempt(() => host.net.addLink({ ...link, name: 'second' } as Parameters<Sys['net']['addLink']>[0]));
  expect(refused instanceof Errno && [refused.code, refused.extack]).toEqual([code, extack]);
});

test('what stands on a link goes with it', () => {
  const { host } = lab();
  host.net.addLink({ kind: 'dummy', name: 'low' });
  host.net.addLink({ kind: 'vlan', name: 'low.7', parent: 'low', id: 7 });
  host.net.addLink({ kind: 'macvlan', name: 'high', parent: 'low.7' });
  host.net.removeLink('low');
  expect(host.net.links().map((i) => i.link.name)).not.toEqual(expect.arrayContaining(['high']));
});
