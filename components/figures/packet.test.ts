/** The plan of a packet's way: boxes for namespaces, a row for each place, plates where addresses change. */
import { describe, expect, it } from 'vitest';
import type { PacketView, Stop } from '../../lib/machine/views/packet';
import { condition, does, packetLabel, planPacket } from './packet-plan';

const stop = (where: string, more: Partial<Stop>): Stop => ({
  kind: 'link',
  where,
  title: 'eth0',
  table: null,
  says: '',
  asked: [],
  now: null,
  ...more,
});
const ends = { src: '10.0.0.2:4000', dst: '10.0.0.1:8080' };
const asked = {
  chain: 'DOCKER',
  text: '-p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80',
  applies: true,
  verdict: 'DNAT',
};
const view: PacketView = {
  number: '1.1',
  what: 'SYN',
  proto: 'tcp',
  from: 'town',
  sender: 'wget',
  ends,
  last: ends,
  lost: null,
  siblings: [{ number: '1.1', what: 'SYN' }],
  stops: [
    stop('town', {}),
    stop('the host', { title: 'road' }),
    stop('the host', {
      kind: 'hook',
      title: 'PREROUTING',
      table: 'nat',
      asked: [asked],
      now: { ...ends, dst: '172.17.0.2:80', rewritten: 'dst' },
    }),
    stop('web', { kind: 'socket', title: 'nginx' }),
  ],
};

describe("the plan of a packet's way", () => {
  it('has a box for each namespace in turn, and a plate at the start and at each rewrite', () => {
    const plan = planPacket(view);
    expect(plan.spaces.map((s) => s.where)).toEqual(['town', 'the host', 'web']);
    expect(plan.rows.map((r) => r.kind)).toEqual(['ends', 'stop', 'stop', 'stop', 'asked', 'ends', 'stop']);
    for (const [i, s] of plan.spaces.entries()) expect(s.y + s.h).toBeLessThan(plan.spaces[i + 1]?.y ?? plan.h);
  });

  it('says a rule in two parts: when it applies, and what it does', () => {
    expect([condition(asked.text), does(asked)]).toEqual(['-p tcp --dport 8080', 'DNAT to 172.17.0.2:80']);
    expect(condition('-j DOCKER-USER')).toBe('everything');
    expect(condition('! -i docker0 -j DROP')).toBe('! -i docker0');
  });

  it('is a sentence for who cannot see it', () => {
    expect(packetLabel(view)).toBe(
      'Packet 1.1, SYN from 10.0.0.2:4000 to 10.0.0.1:8080: eth0 in town, road on the host, nginx in web. PREROUTING rewrites its destination to 172.17.0.2:80. It arrives.',
    );
  });
});
