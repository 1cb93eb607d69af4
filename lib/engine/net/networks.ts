/**
 * The networks that a daemon finds and has: moby daemon/network.go, libnetwork/controller.go. Made, shown and removed when somebody asks:
 * made.ts, which a machine on which nobody uses docker does without.
 */

import { pmap } from '../../base';
import * as ip from '../../base/ip';
import { attempt, Errno, SIGNALS } from '../../kernel';
import { ApiError, type Daemon, internal, invalid, notFound } from '../daemon';
import * as overlay2 from '../overlay2';
import type { Network } from '../state';
import * as driver from './driver';
import { type IpamConfig, IpamError, releasePool, requestAddress, requestPool } from './ipam';
import * as parents from './parents';

export const byId = (d: Daemon, id: string): Network | undefined => pmap.get(d.s.networks, id);

/** By name, by id, by what an id begins with: daemon/network.go, FindNetwork. */
export function find(d: Daemon, ref: string): Network | undefined {
  const id = byId(d, ref);
  if (id) return id;
  const all = d.networks();
  const named = all.find((n) => n.Name === ref);
  if (named || ref === '') return named;
  const hits = all.filter((n) => n.Id.startsWith(ref));
  if (hits.length > 1) throw invalid(`network ${ref} is ambiguous (${hits.length} matches found based on ID prefix)`);
  return hits[0];
}

export function need(d: Daemon, ref: string): Network {
  const n = find(d, ref);
  if (!n) throw notFound(`network ${ref} not found`);
  return n;
}

export const blank = {
  Scope: 'local',
  EnableIPv4: true,
  EnableIPv6: false,
  Internal: false,
  Attachable: false,
  Ingress: false,
  ConfigFrom: '',
  ConfigOnly: false,
  Options: {},
  Labels: {},
  pools: [],
};

/** The host's own networks and servers: no pool is put over them. */
function reserved(d: Daemon): string[] {
  return d.sys.net
    .routes(4)
    .filter((r) => r.dst !== 'default')
    .map((r) => (r.dst.includes('/') ? r.dst : `${r.dst}/32`));
}

/** A prefix of unique local addresses for this host: RFC 4193, from the daemon's own number. */
const uniqueLocal = (d: Daemon, taken: (subnet: string) => boolean): string => {
  for (;;) {
    const bits = overlay2.newId(d.sys).slice(0, 10);
    const subnet = ip.formatPrefix(ip.masked({ ip: { v: 6, n: (0xfdn << 120n) | (BigInt(`0x${bits}`) << 80n) }, bits: 64 }));
    if (!taken(subnet)) return subnet;
  }
};

/** Subnets and the router's address on each. */
export function withPools(d: Daemon, n: Network): Network {
  const configs = n.ipam.Config ?? [];
  if (n.Driver === 'bridge') {
    for (const v of [4, 6] as const)
      if (configs.filter((c) => (c.Subnet ?? '').includes(':') === (v === 6)).length > 1)
        throw internal(v === 4 ? "bridge driver doesn't support multiple subnets" : "bridge driver doesn't support multiple subnets");
  }
  const wanted: (IpamConfig & { given: boolean })[] = configs
    .filter((c) => ((c.Subnet ?? '').includes(':') ? n.EnableIPv6 : n.EnableIPv4))
    .map((c) => ({ ...c, given: true }));
  if (n.EnableIPv4 && !wanted.some((c) => !(c.Subnet ?? '').includes(':'))) wanted.push({ given: false });
  if (n.EnableIPv6 && !wanted.some((c) => (c.Subnet ?? '').includes(':')))
    wanted.push({ given: false, Subnet: uniqueLocal(d, (s) => pmap.has(d.s.ipam.pools, s)) });
  const pools: (Network['pools'][number] & { given: boolean })[] = [];
  const before = d.s.ipam;
  try {
    for (const w of wanted) {
      const r = requestPool(d.s.ipam, {
        subnet: w.Subnet,
        range: w.IPRange,
        ...(w.Subnet ? {} : { reserved: reserved(d) }),
      });
      d.s.ipam = r.space;
      const take = (address?: string) => {
        const got = requestAddress(d.s.ipam, r.pool, n.Id, address);
        d.s.ipam = got.space;
        return got.address;
      };
      const gateway = parents.hasRouter(n) ? take(w.Gateway) : '';
      for (const aux of Object.values(w.AuxiliaryAddresses ?? {})) take(aux);
      const size = w.Subnet && ip.isUnspecified((ip.parsePrefix(w.Subnet) as ip.Prefix).ip);
      pools.push({ pool: r.pool, gateway, chosen: w.given && !size, given: w.given });
    }
  } catch (e) {
    d.s.ipam = before;
    if (e instanceof IpamError) throw new ApiError(403, e.message);
    throw e;
  }
  const shown = n.ipam.Config ? [...n.ipam.Config, ...pools.filter((p) => !p.given).map(poolShown)] : pools.map(poolShown);
  return { ...n, pools: pools.map(({ given: _, ...p }) => p), ipam: { ...n.ipam, Config: shown } };
}

const poolShown = (p: Network['pools'][number]) => ({ Subnet: p.pool.subnet, ...(p.gateway ? { Gateway: p.gateway } : {}) });

export function releasePools(d: Daemon, n: Network) {
  for (const { pool, gateway } of n.pools) {
    let space = d.s.ipam;
    const taken = pmap.get(space.pools, pool.subnet)?.used ?? pmap.empty<string>();
    for (const [address, holder] of pmap.entries(taken))
      if (holder === n.Id || address === gateway) {
        const used = pmap.get(space.pools, pool.subnet);
        if (used) space = { ...space, pools: pmap.set(space.pools, pool.subnet, { ...used, used: pmap.remove(used.used, address) }) };
      }
    d.s.ipam = releasePool(space, pool);
  }
}

// ——— the daemon's start

/** The default bridge, as daemon.json wants it: made anew by each daemon. `kept` is the address that docker0 has already. */
function defaultBridge(d: Daemon, Id: string, kept?: string) {
  const { bip = kept, icc = true, ip: binding = '0.0.0.0', mtu = 1500, 'fixed-cidr': range } = d.s.config;
  const bridge: Network = {
    ...blank,
    Id,
    Name: 'bridge',
    Driver: 'bridge',
    Created: d.now(),
    Options: {
      [driver.OPTIONS.defaultBridge]: 'true',
      [driver.OPTIONS.icc]: `${icc}`,
      [driver.OPTIONS.masquerade]: 'true',
      [driver.OPTIONS.hostBinding]: binding,
      [driver.OPTIONS.name]: 'docker0',
      [driver.OPTIONS.mtu]: `${mtu}`,
    },
    ipam: { Driver: 'default', Options: null, Config: subnet(bip, range) },
  };
  const { pools, ipam } = withPools(d, bridge);
  d.putNetwork({ ...bridge, ipam, pools: pools.map((p) => ({ ...p, chosen: false })) });
}

/** The default bridge's subnet and router's address, from bip and fixed-cidr. */
function subnet(bip: string | undefined, IPRange: string | undefined): IpamConfig[] | null {
  const own = bip === undefined ? null : ip.parsePrefix(bip);
  if (!own) return null;
  return [{ Subnet: ip.formatPrefix(ip.masked(own)), ...(IPRange ? { IPRange } : {}), Gateway: ip.format(own.ip) }];
}

/** The networks that every daemon has. */
function defaults(d: Daemon) {
  defaultBridge(d, overlay2.newId(d.sys));
  for (const [Name, Driver] of [
    ['host', 'host'],
    ['none', 'null'],
  ] as const)
    d.putNetwork({
      ...blank,
      Id: overlay2.newId(d.sys),
      Name,
      Driver,
      Created: d.now(),
      ipam: { Driver: 'default', Options: null, Config: null },
    });
}

/** The host is made ready, and every network that an earlier daemon has left is there again. */
export function begin(d: Daemon) {
  endProxies(d);
  driver.prepareHost(d);
  if (d.s.networks.size === 0) defaults(d);
  else for (const n of d.networks()) claim(d, n);
  renew(d);
  for (const n of d.networks()) {
    if (n.Driver === 'bridge') driver.up(d, n);
    if (parents.standsOnParent(n)) parents.restore(d, n);
  }
}

/**
 * The default bridge of an earlier daemon gives way to what daemon.json says now.
 * Simplified: it keeps its id, and docker0 is made anew only where something about it is different.
 */
function renew(d: Daemon) {
  const old = d.networks().find((n) => n.Name === 'bridge');
  if (!old) return;
  driver.forget(d, old);
  releasePools(d, old);
  d.s.networks = pmap.remove(d.s.networks, old.Id);
  defaultBridge(d, old.Id, driver.gatewayAddress(old) ?? undefined);
  const now = d.networks().find((n) => n.Name === 'bridge') as Network;
  const same = driver.gatewayAddress(now) === driver.gatewayAddress(old) && driver.mtuOf(now) === driver.mtuOf(old);
  if (!same) driver.down(d, old);
}

/** docker-proxy asks to be ended with its daemon (PR_SET_PDEATHSIG): none of an earlier one is left. */
export function endProxies(d: Daemon) {
  for (const t of d.sys.tasks()) if (t.comm === 'docker-proxy') attempt(() => d.sys.kill(t.pid, SIGNALS.SIGKILL));
}

/** The subnets that a known network has. */
function claim(d: Daemon, n: Network) {
  for (const { pool, gateway } of n.pools) {
    const r = attempt(() => requestPool(d.s.ipam, { subnet: pool.subnet, range: pool.range }));
    if (r instanceof Errno) continue;
    d.s.ipam = gateway ? requestAddress(r.space, pool, n.Id, gateway).space : r.space;
    const aux = n.ipam.Config?.find((c) => c.Subnet === pool.subnet)?.AuxiliaryAddresses ?? {};
    for (const address of Object.values(aux)) d.s.ipam = requestAddress(d.s.ipam, pool, n.Id, address).space;
  }
}
