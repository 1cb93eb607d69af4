/** Area "ipam": pools and addresses as the default IPAM driver hands them out; checks of a network's configuration. */
import * as ip from '../../base/ip';
import * as ipam from '../../engine/net/ipam';
import { NotModelled } from '../vectors';

type Op =
  | { op: 'requestPool'; subnet?: string; range?: string; exclude?: string[]; ipv6?: boolean }
  | { op: 'releasePool'; pool: number }
  | { op: 'requestAddress'; pool: number; address?: string; serial?: boolean }
  | { op: 'releaseAddress'; pool: number; address: string };

type Input =
  | { fn: 'nextPool'; pools: ipam.Predefined[]; allocated: string[]; reserved: string[]; size?: number }
  | { fn: 'allocate'; ops: Op[] }
  | {
      fn: 'validate';
      config: { subnet: string; ipRange?: string; gateway?: string; auxAddresses?: Record<string, string> }[];
      ipv6?: boolean;
    }
  | { fn: 'lastAddress'; subnet: string }
  | { fn: 'nextPrefix'; after: string; size: number };

const prefix = (text: string): ip.Prefix => {
  const p = ip.parsePrefix(text);
  if (!p) throw new Error(`invalid prefix ${text}`);
  return p;
};

/** A pool is named by the request that made it, or will. */
function allocate(ops: readonly Op[]): unknown[] {
  let space = ipam.emptySpace();
  const asked = ops.filter((o) => o.op === 'requestPool');
  const made = new Map<number, ipam.PoolId>();
  let count = 0;
  const poolOf = (n: number): ipam.PoolId => {
    const subnet = asked[n]?.subnet;
    return made.get(n) ?? { subnet: subnet ? ip.formatPrefix(ip.masked(prefix(subnet))) : '', range: asked[n]?.range ?? '' };
  };
  return ops.map((o) => {
    const number = o.op === 'requestPool' ? count++ : -1;
    try {
      switch (o.op) {
        case 'requestPool': {
          if (o.ipv6 && !o.subnet) throw new NotModelled('IPv6 pools of a host');
          const r = ipam.requestPool(space, { subnet: o.subnet, range: o.range, reserved: o.exclude });
          space = r.space;
          made.set(number, r.pool);
          return { subnet: r.pool.subnet };
        }
        case 'releasePool':
          space = ipam.releasePool(space, poolOf(o.pool));
          return {};
        case 'requestAddress': {
          const pool = poolOf(o.pool);
          const r = ipam.requestAddress(space, pool, 'test', o.address);
          space = r.space;
          return { address: `${r.address}/${pool.subnet.split('/')[1]}` };
        }
        case 'releaseAddress':
          space = ipam.releaseAddress(space, poolOf(o.pool), o.address);
          return {};
      }
    } catch (e) {
      if (!(e instanceof ipam.IpamError)) throw e;
      return { error: e.message };
    }
  });
}

export function addresses(input: Input): unknown {
  switch (input.fn) {
    case 'nextPool':
      return ipam.nextPool(input.pools, [...input.allocated, ...input.reserved], input.size);
    case 'allocate':
      return allocate(input.ops);
    case 'validate':
      return ipam
        .validate(
          input.config.map((c) => ({ Subnet: c.subnet, IPRange: c.ipRange, Gateway: c.gateway, AuxiliaryAddresses: c.auxAddresses })),
          input.ipv6 ?? false,
        )
        .sort();
    case 'lastAddress':
      return ip.format(ip.last(prefix(input.subnet)));
    case 'nextPrefix': {
      const next = ipam.nextPrefix(prefix(input.after), input.size);
      return next ? ip.formatPrefix(next) : '';
    }
    default:
      throw new NotModelled((input as { fn: string }).fn);
  }
}
