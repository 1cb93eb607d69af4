/** Filters of packets: pcap-filter(7). */
import { describe, expect, test } from 'vitest';
import type { net } from '../../kernel';
import { FilterError, filterOf } from './pcap-filter';

const packet = (proto: net.Packet['proto'], src: string, sport: number, dst: string, dport: number): net.Packet => ({
  v: src.includes(':') ? 6 : 4,
  proto,
  src,
  sport,
  dst,
  dport,
  ttl: 64,
  data: '',
  mark: 0,
});
const PACKETS = {
  web: packet('tcp', '10.0.0.2', 40_000, '10.0.0.3', 80),
  reply: packet('tcp', '10.0.0.3', 80, '10.0.0.2', 40_000),
  dns: packet('udp', '10.0.0.2', 40_001, '10.0.1.1', 53),
  echo: packet('icmp', '10.0.0.2', 7, '10.0.0.3', 7),
  six: packet('tcp', 'fd00::2', 40_000, 'fd00::3', 443),
};

describe('a filter', () => {
  test.each([
    ['', 'web reply dns echo six'],
    ['tcp', 'web reply six'],
    ['icmp', 'echo'],
    ['port 80', 'web reply'],
    ['dst port 80', 'web'],
    ['port 80 or 53', 'web reply dns'],
    ['port http', 'web reply'],
    ['portrange 50-90', 'web reply dns'],
    ['host 10.0.0.3', 'web reply echo'],
    ['src host 10.0.0.3', 'reply'],
    ['net 10.0.1.0/24', 'dns'],
    ['udp port 53', 'dns'],
    ['ip6', 'six'],
    ['not port 80 and ip', 'dns echo'],
    ['host 10.0.0.3 and not port 80 or udp', 'dns echo'],
    ['ip and ( udp or icmp )', 'dns echo'],
  ])('%s', (text, wanted) => {
    const test = filterOf(text.split(' '));
    expect(Object.entries(PACKETS).flatMap(([name, p]) => (test(p) ? [name] : []))).toEqual(wanted.split(' '));
  });

  test.each([
    ['port nosuch', "unknown port 'nosuch'"],
    ['port http and foo', "unknown port 'foo'"],
    ['tcp port', "can't parse filter expression: syntax error"],
    ['tcp )', "can't parse filter expression: syntax error"],
  ])('%s is refused', (text, why) => {
    expect(() => filterOf(text.split(' '))).toThrow(new FilterError(why));
  });
});
