/**
 * Address pools and addresses, as the default IPAM driver hands them out: moby libnetwork/ipams/defaultipam.
 *
 *   pools of the daemon   172.17.0.0/16 … 192.168.0.0/20: a network that names no subnet takes the first free one
 *   pool                  a subnet in use; networks may share it if each takes another range of it
 *   address               the lowest free one of the range; the first and the last of an IPv4 subnet are nobody's
 *
 * Simplified: addresses are found one after the other, not in a bitmap.
 */

import { pmap } from '../../base';
import * as ip from '../../base/ip';

export interface Predefined {
  base: string;
  /** Bits of the subnets that are cut from it. */
  size: number;
}

/** ipamutils: what the daemon cuts its subnets from where daemon.json says nothing. */
export const DEFAULT_POOLS: readonly Predefined[] = [
  { base: '172.17.0.0/16', size: 16 },
  { base: '172.18.0.0/16', size: 16 },
  { base: '172.19.0.0/16', size: 16 },
  { base: '172.20.0.0/14', size: 16 },
  { base: '172.24.0.0/14', size: 16 },
  { base: '172.28.0.0/14', size: 16 },
  { base: '192.168.0.0/16', size: 20 },
];

export interface Pool {
  /** Ranges that have been asked for. */
  children: string[];
  /** Nobody holds the subnet as a whole: it goes with its last range. */
  autoRelease: boolean;
  /** Address → who has it. */
  used: pmap.PMap<string>;
  /** Range → offset below which no address of it is free. */
  low: Readonly<Record<string, number>>;
}

export interface Space {
  predefined: readonly Predefined[];
  pools: pmap.PMap<Pool>;
}

export interface PoolId {
  subnet: string;
  range: string;
}

export class IpamError extends Error {}

const OVERLAP = 'invalid pool request: Pool overlaps with other one on this address space';
const BAD_POOL = 'address space does not contain specified address pool';
const INVALID_POOL = 'invalid address pool';
const NO_MORE = 'all predefined address pools have been fully subnetted';
export const IN_USE = 'Address already in use';
export const NO_ADDRESS = "no available IPv4 addresses on this network's address pools";
const OUT_OF_RANGE = 'requested address is out of range';

export const emptySpace = (predefined: readonly Predefined[] = DEFAULT_POOLS): Space => ({ predefined, pools: pmap.empty() });

const prefix = (text: string, otherwise = INVALID_POOL): ip.Prefix => {
  const p = ip.parsePrefix(text);
  if (!p) throw new IpamError(otherwise);
  return p;
};

/** The prefix of this size that follows another one; null where there is none. netiputil.PrefixAfter. */
export function nextPrefix(after: ip.Prefix, bits: number): ip.Prefix | null {
  const width = ip.width(after.ip);
  const step = 1n << BigInt(width - bits);
  const from = after.bits <= bits ? ip.last(after).n + 1n : ip.masked({ ip: after.ip, bits }).ip.n + step;
  if (from >> BigInt(width) !== 0n) return null;
  return ip.masked({ ip: { v: after.ip.v, n: from }, bits });
}

/**
 * The first subnet of the pools that overlaps nothing. A size that is asked for is cut from a pool whose own subnets are
 * at least as large, or else from any that can hold it.
 */
export function nextPool(pools: readonly Predefined[], taken: readonly string[], size?: number): string {
  const busy = taken.map((t) => ip.masked(prefix(t)));
  for (const { base, bits } of candidates(pools, size)) {
    const within = ip.masked(base);
    for (let at: ip.Prefix | null = ip.masked({ ip: base.ip, bits }); at !== null && ip.contains(within, at.ip); ) {
      const here: ip.Prefix = at;
      // Past the largest prefix that stands in the way.
      const inWay = busy.filter((b) => ip.overlaps(b, here)).sort((a, b) => a.bits - b.bits)[0];
      if (!inWay) return ip.formatPrefix(here);
      at = nextPrefix(inWay.bits < bits ? inWay : here, bits);
    }
  }
  throw new IpamError(NO_MORE);
}

function candidates(pools: readonly Predefined[], size: number | undefined): { base: ip.Prefix; bits: number }[] {
  const all = pools.map((p) => ({ base: prefix(p.base), size: p.size }));
  if (size === undefined || size === 0) return all.map(({ base, size: bits }) => ({ base, bits }));
  const fit = all.filter((p) => size <= ip.width(p.base.ip) && p.base.bits <= size);
  if (fit.length === 0) throw new IpamError(INVALID_POOL);
  return [...fit.filter((p) => p.size <= size), ...fit.filter((p) => p.size > size)].map(({ base }) => ({ base, bits: size }));
}

const newPool = (subnet: ip.Prefix): Pool => {
  const whole = ip.width(subnet.ip) - subnet.bits > 1;
  const nobody = whole ? [subnet.ip, ...(subnet.ip.v === 4 ? [ip.last(subnet)] : [])] : [];
  return { children: [], autoRelease: false, used: pmap.from(nobody.map((a) => [ip.format(a), ''])), low: {} };
};

const put = (s: Space, subnet: string, pool: Pool): Space => ({ ...s, pools: pmap.set(s.pools, subnet, pool) });

/** A subnet for a network. `reserved`: prefixes that the host uses itself. */
export function requestPool(
  s: Space,
  asked: { subnet?: string; range?: string; reserved?: readonly string[] },
): { space: Space; pool: PoolId } {
  const given = asked.subnet ? prefix(asked.subnet) : null;
  const range = asked.range ? ip.formatPrefix(ip.masked(prefix(asked.range, 'invalid address subpool'))) : '';
  // 0.0.0.0/24: any subnet of this size.
  if (!given || ip.isUnspecified(given.ip)) {
    const subnet = nextPool(s.predefined, [...(pmap.keys(s.pools) as string[]), ...(asked.reserved ?? [])], given?.bits);
    return { space: put(s, subnet, newPool(prefix(subnet))), pool: { subnet, range: '' } };
  }
  const p = ip.masked(given);
  const subnet = ip.formatPrefix(p);
  const there = pmap.get(s.pools, subnet);
  if (there) {
    if (range === '' || there.children.includes(range)) throw new IpamError(OVERLAP);
    return { space: put(s, subnet, { ...there, children: [...there.children, range] }), pool: { subnet, range } };
  }
  // The driver looks for others in the way of a whole subnet only.
  if (range === '' && (pmap.keys(s.pools) as string[]).some((other) => ip.overlaps(prefix(other), p))) throw new IpamError(OVERLAP);
  const made = newPool(p);
  return {
    space: put(s, subnet, range === '' ? made : { ...made, children: [range], autoRelease: true }),
    pool: { subnet, range },
  };
}

export function releasePool(s: Space, { subnet, range }: PoolId): Space {
  const pool = pmap.get(s.pools, subnet);
  if (!pool || (range !== '' && !pool.children.includes(range))) throw new IpamError(BAD_POOL);
  const now = range === '' ? { ...pool, autoRelease: true } : { ...pool, children: pool.children.filter((c) => c !== range) };
  if (now.autoRelease && now.children.length === 0) return { ...s, pools: pmap.remove(s.pools, subnet) };
  return put(s, subnet, now);
}

const poolOf = (s: Space, subnet: string): Pool => {
  const pool = pmap.get(s.pools, subnet);
  if (!pool) throw new IpamError(BAD_POOL);
  return pool;
};

/** An address of a pool: this one, or the lowest that is free. */
export function requestAddress(s: Space, id: PoolId, holder: string, wanted?: string): { space: Space; address: string } {
  const pool = poolOf(s, id.subnet);
  const net = prefix(id.subnet);
  if (wanted !== undefined && wanted !== '') {
    const at = ip.parse(wanted);
    if (!at || !ip.contains(net, at)) throw new IpamError(OUT_OF_RANGE);
    const address = ip.format(at);
    if (pmap.has(pool.used, address)) throw new IpamError(IN_USE);
    return { space: put(s, id.subnet, { ...pool, used: pmap.set(pool.used, address, holder) }), address };
  }
  const range = id.range === '' ? net : prefix(id.range);
  const key = id.range || id.subnet;
  const end = ip.last(range).n - range.ip.n;
  for (let n = pool.low[key] ?? 0; BigInt(n) <= end; n++) {
    const address = ip.format(ip.add(range.ip, BigInt(n)));
    if (pmap.has(pool.used, address)) continue;
    return {
      space: put(s, id.subnet, { ...pool, used: pmap.set(pool.used, address, holder), low: { ...pool.low, [key]: n + 1 } }),
      address,
    };
  }
  throw new IpamError(NO_ADDRESS);
}

/** An address comes back; one that nobody has is no fault. */
export function releaseAddress(s: Space, id: PoolId, address: string): Space {
  const pool = poolOf(s, id.subnet);
  const at = ip.parse(address);
  if (!at || !pmap.has(pool.used, ip.format(at))) return s;
  const low = Object.fromEntries(
    Object.entries(pool.low).map(([range, n]) => {
      const offset = at.n - prefix(range).ip.n;
      return [range, offset >= 0n && offset < BigInt(n) ? Number(offset) : n];
    }),
  );
  return put(s, id.subnet, { ...pool, used: pmap.remove(pool.used, ip.format(at)), low });
}

/** Who has an address of a subnet. */
export const holderOf = (s: Space, subnet: string, address: string): string | undefined => {
  const pool = pmap.get(s.pools, subnet);
  return (pool && pmap.get(pool.used, address)) || undefined;
};

export interface IpamConfig {
  Subnet?: string;
  IPRange?: string;
  Gateway?: string;
  AuxiliaryAddresses?: Record<string, string>;
}

const family = (v: 4 | 6) => (v === 4 ? 'IPv4' : 'IPv6');

function addressFault(address: string | undefined, subnet: ip.Prefix): string | null {
  if (!address) return null;
  const at = ip.parse(address);
  if (!at) return 'invalid address';
  if (at.v !== subnet.ip.v) return `parent subnet is an ${family(subnet.ip.v)} block`;
  return ip.contains(subnet, at) ? null : `parent subnet ${ip.formatPrefix(subnet)} doesn't contain this address`;
}

function rangeFaults(range: string | undefined, subnet: ip.Prefix): string[] {
  if (!range) return [];
  const p = ip.parsePrefix(range);
  const wrong = (why: string) => `invalid ip-range ${range}: ${why}`;
  if (!p) return [wrong('invalid CIDR block notation')];
  if (p.ip.v !== subnet.ip.v) return [wrong(`parent subnet is an ${family(subnet.ip.v)} block`)];
  const shown = ip.formatPrefix(subnet);
  const masked = ip.formatPrefix(ip.masked(p));
  return [
    ...(p.bits < subnet.bits ? [wrong(`CIDR block is bigger than its parent subnet ${shown}`)] : []),
    ...(masked !== ip.formatPrefix(p) ? [wrong(`it should be ${masked}`)] : []),
    ...(ip.overlaps(subnet, p) ? [] : [wrong(`parent subnet ${shown} doesn't contain ip-range`)]),
  ];
}

/** What is wrong with a network's address configuration: api/types/network, ValidateIPAM. */
export function validate(configs: readonly IpamConfig[], ipv6: boolean): string[] {
  return configs.flatMap((c) => {
    const given = c.Subnet ?? '';
    const subnet = ip.parsePrefix(given);
    if (!subnet) return [`invalid subnet ${given}: invalid CIDR block notation`];
    if (subnet.ip.v === 6 && !ipv6) return [];
    const masked = ip.formatPrefix(ip.masked(subnet));
    const gateway = addressFault(c.Gateway, subnet);
    return [
      ...(masked === ip.formatPrefix(subnet) ? [] : [`invalid subnet ${ip.formatPrefix(subnet)}: it should be ${masked}`]),
      ...rangeFaults(c.IPRange, subnet),
      ...(gateway ? [`invalid gateway ${c.Gateway}: ${gateway}`] : []),
      ...Object.entries(c.AuxiliaryAddresses ?? {}).flatMap(([name, a]) => {
        const fault = addressFault(a, subnet);
        return fault ? [`invalid auxiliary address ${name}: ${fault}`] : [];
      }),
    ];
  });
}
