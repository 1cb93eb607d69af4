/**
 * Networks: made, found, shown, removed. moby daemon/network.go, libnetwork/controller.go, libnetwork/network.go, and each
 * driver's checks of its options.
 *
 * Simplified: no plugins. Overlay networks are a swarm's: swarm/networks.ts.
 * Past 400 lines because the checks of a network's options, in the engine's order, are most of it.
 */

import { pmap } from '../../base';
import * as ip from '../../base/ip';
import { attempt, Errno, SIGNALS } from '../../kernel';
import { ApiError, conflict, type Daemon, internal, invalid, notFound, rfc3339 } from '../daemon';
import { labelMatch } from '../filters';
import * as overlay2 from '../overlay2';
import { swarming } from '../serving';
import type { Network } from '../state';
import * as driver from './driver';
import { type IpamConfig, IpamError, releasePool, requestAddress, requestPool, validate } from './ipam';
import * as parents from './parents';
import { GATEWAY, joined, PREDEFINED } from './settings';

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

export interface CreateNetwork {
  Name: string;
  Driver?: string;
  Scope?: string;
  EnableIPv4?: boolean | null;
  EnableIPv6?: boolean | null;
  Internal?: boolean;
  Attachable?: boolean;
  Ingress?: boolean;
  ConfigOnly?: boolean;
  ConfigFrom?: { Network: string } | null;
  IPAM?: { Driver?: string; Options?: Record<string, string> | null; Config?: IpamConfig[] | null } | null;
  Options?: Record<string, string> | null;
  Labels?: Record<string, string> | null;
}

const DRIVERS = ['bridge', 'host', 'null', 'macvlan', 'ipvlan', 'overlay'];

const blank = {
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

/** POST /networks/create. */
export function create(d: Daemon, o: CreateNetwork): { Id: string; Warning: string } {
  if (PREDEFINED.includes(o.Name)) throw new ApiError(403, `operation is not permitted on predefined ${o.Name} network`);
  if (o.Name === '') throw invalid('invalid name: name is empty');
  const Driver = o.ConfigOnly ? 'null' : o.Driver || 'bridge';
  const faults = validate(o.IPAM?.Config ?? [], !!o.EnableIPv6);
  if (faults.length) throw invalid(`invalid network config:\n${joined(faults)}`);
  if (d.networks().some((n) => n.Name === o.Name)) throw conflict(`network with name ${o.Name} already exists`);
  if (Driver === 'overlay') return swarming.get().createNetwork(d, o);
  if (o.Ingress) throw invalid('Ingress network can only be global scope network');
  if (o.Scope === 'swarm') throw invalid('cannot create a swarm scoped network when swarm is not active');
  if (!DRIVERS.includes(Driver)) throw notFound(`plugin "${Driver}" not found`);
  if (!o.ConfigOnly && (Driver === 'host' || Driver === 'null'))
    throw new ApiError(403, `only one instance of "${Driver}" network is allowed`);
  const template = o.ConfigFrom?.Network ? configOf(d, o) : undefined;
  const n: Network = {
    ...blank,
    Id: overlay2.newId(d.sys),
    Name: o.Name,
    Driver,
    Created: d.now(),
    Scope: o.Scope || 'local',
    EnableIPv4: o.EnableIPv4 ?? true,
    EnableIPv6: template?.EnableIPv6 ?? o.EnableIPv6 ?? false,
    Internal: !!o.Internal,
    Attachable: !!o.Attachable,
    ConfigFrom: o.ConfigFrom?.Network ?? '',
    ConfigOnly: !!o.ConfigOnly,
    Options: template?.Options ?? { ...d.s.config['default-network-opts']?.[Driver], ...o.Options },
    Labels: template?.Labels ?? o.Labels ?? {},
    ipam: {
      Driver: o.IPAM?.Driver || 'default',
      Options: o.IPAM?.Options ?? {},
      Config: (template?.ipam.Config ?? o.IPAM?.Config)?.length ? (template?.ipam.Config ?? o.IPAM?.Config ?? null) : null,
    },
  };
  if (!n.EnableIPv4 && !n.EnableIPv6 && !n.ConfigOnly) throw invalid('IPv4 or IPv6 must be enabled');
  if (n.ipam.Driver !== 'default' && n.ipam.Driver !== 'null') throw notFound(`plugin "${n.ipam.Driver}" not found`);
  const made = n.ConfigOnly ? n : withPools(d, n);
  try {
    const ownParent = !n.ConfigOnly && build(d, made);
    d.putNetwork(ownParent ? { ...made, ownParent } : made);
  } catch (e) {
    releasePools(d, made);
    if (e instanceof Errno) throw internal(e.message.toLowerCase());
    throw e;
  }
  d.event('network', 'create', made.Id, { name: made.Name, type: made.Driver });
  return { Id: made.Id, Warning: '' };
}

function configOf(d: Daemon, o: CreateNetwork): Network {
  const from = o.ConfigFrom?.Network as string;
  const n = find(d, from);
  if (!n?.ConfigOnly) throw notFound(`configuration network "${from}" does not exist`);
  return n;
}

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
function withPools(d: Daemon, n: Network): Network {
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

function releasePools(d: Daemon, n: Network) {
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

/** What the driver makes on the host. True: a link for others to stand on, which is its own. */
function build(d: Daemon, n: Network): boolean {
  if (parents.standsOnParent(n)) return parents.build(d, n);
  if (n.Driver !== 'bridge') return false;
  checkBridge(d, n);
  driver.up(d, n);
  return false;
}

const GATEWAY_MODES = ['nat', 'nat-unprotected', 'routed', 'isolated'];

const unparsed = (key: keyof typeof driver.OPTIONS, value: string, why: string) =>
  invalid(`failed to parse ${driver.OPTIONS[key]} value: ${value} (${why})`);

function checkBridge(d: Daemon, n: Network) {
  for (const key of ['icc', 'masquerade', 'defaultBridge'] as const) {
    const text = driver.option(n, key);
    if (text !== undefined && driver.truth(text) === null)
      throw unparsed(key, text, `strconv.ParseBool: parsing "${text}": invalid syntax`);
  }
  const mtu = driver.option(n, 'mtu');
  if (mtu !== undefined && !/^[+-]?\d+$/.test(mtu)) throw unparsed('mtu', mtu, `strconv.Atoi: parsing "${mtu}": invalid syntax`);
  if (mtu !== undefined && Number(mtu) < 0) throw invalid(`invalid MTU number: ${mtu}`);
  const binding = driver.option(n, 'hostBinding');
  if (binding !== undefined && !ip.parse(binding)) throw unparsed('hostBinding', binding, 'nil ip');
  for (const key of ['gatewayMode', 'gatewayMode6'] as const) {
    const given = driver.option(n, key);
    if (given && !GATEWAY_MODES.includes(given)) throw unparsed(key, given, `unknown gateway mode ${given}`);
  }
  const mode = driver.option(n, 'gatewayMode');
  if (mode === 'isolated' && !n.Internal) throw invalid("gateway mode 'isolated' can only be used for an internal network");
  const name = driver.bridgeOf(n);
  const other = d.networks().find((x) => x.Driver === 'bridge' && driver.bridgeOf(x) === name);
  if (other)
    throw new ApiError(
      403,
      `cannot create network ${n.Id} (${name}): conflicts with network ${other.Id} (${name}): networks have same bridge name`,
    );
}

// ——— removing

/** Containers that run on a network: name and endpoint. */
export const endpointsOn = (d: Daemon, n: Network): { id: string; name: string; endpoint: string }[] =>
  pmap.entries(pmap.get(d.s.attached, n.Id) ?? pmap.empty<string>()).map(([id, endpoint]) => ({
    id: id as string,
    name: d.byId(id as string)?.Name ?? '',
    endpoint,
  }));

export function remove(d: Daemon, n: Network) {
  if (PREDEFINED.includes(n.Name)) throw new ApiError(403, `${n.Name} is a pre-defined network and cannot be removed`);
  if (n.Driver === 'overlay') return swarming.get().removeNetwork(d, n);
  const users = endpointsOn(d, n);
  if (users.length) {
    users.sort((a, b) => (a.name < b.name ? -1 : 1));
    const list = users.map((u) => `name:"${u.name}" id:"${u.endpoint.slice(0, 12)}"`).join(', ');
    throw new ApiError(403, `error while removing network: network ${n.Name} has active endpoints (${list})`);
  }
  if (n.ConfigOnly) {
    const used = d.networks().find((x) => x.ConfigFrom === n.Name);
    if (used) throw new ApiError(403, `error while removing network: configuration network "${n.Name}" is in use`);
  }
  if (n.Driver === 'bridge') driver.down(d, n);
  if (parents.standsOnParent(n)) parents.down(d, n);
  releasePools(d, n);
  d.s.networks = pmap.remove(d.s.networks, n.Id);
  d.event('network', 'destroy', n.Id, { name: n.Name, type: n.Driver });
}

// ——— shown

export const json = (d: Daemon, n: Network, withContainers: boolean) => ({
  Name: n.Name,
  Id: n.Id,
  Created: rfc3339(n.Created),
  Scope: n.Scope,
  Driver: n.Driver,
  EnableIPv4: n.EnableIPv4,
  EnableIPv6: n.EnableIPv6,
  IPAM: n.ipam,
  Internal: n.Internal,
  Attachable: n.Attachable,
  Ingress: n.Ingress,
  ConfigFrom: { Network: n.ConfigFrom },
  ConfigOnly: n.ConfigOnly,
  Containers: withContainers
    ? {
        ...Object.fromEntries(
          endpointsOn(d, n).map(({ id, name, endpoint }) => {
            const e = d.byId(id)?.networks[n.Name];
            return [
              id,
              {
                Name: n.Name === GATEWAY ? `gateway_${endpoint.slice(0, 12)}` : name,
                EndpointID: endpoint,
                MacAddress: e?.MacAddress ?? '',
                IPv4Address: e?.IPAddress ? `${e.IPAddress}/${e.IPPrefixLen}` : '',
                IPv6Address: e?.GlobalIPv6Address ? `${e.GlobalIPv6Address}/${e.GlobalIPv6PrefixLen}` : '',
              },
            ];
          }),
        ),
        ...(d.s.swarm && isOfSwarm(n) ? swarming.get().endpointsOf(d, n) : {}),
      }
    : {},
  Options: n.Options,
  Labels: n.Labels,
  ...(withContainers && d.s.swarm && n.Driver === 'overlay' ? swarming.get().peersOf(d, n) : {}),
});

const isOfSwarm = (n: Network): boolean => n.Driver === 'overlay' || n.Name === GATEWAY;

const FILTERS = ['dangling', 'driver', 'id', 'label', 'name', 'scope', 'type'];

/** Which networks a list names: daemon/network/filter.go. */
export function filtered(d: Daemon, f: Readonly<Record<string, string[]>>): Network[] {
  for (const key of Object.keys(f)) if (!FILTERS.includes(key)) throw invalid(`invalid filter '${key}'`);
  const dangling = f.dangling?.map((text) => {
    const value = driver.truth(text);
    if (value === null) throw invalid(`invalid value for filter 'dangling', must be "true" (or "1"), or "false" (or "0")`);
    return value;
  });
  for (const t of f.type ?? []) if (t !== 'custom' && t !== 'builtin') throw invalid(`invalid filter: 'type'='${t}'`);
  return d.networks().filter((n) => {
    const builtin = PREDEFINED.includes(n.Name);
    return (
      (!f.driver || f.driver.includes(n.Driver)) &&
      (!f.name || f.name.some((x) => n.Name.includes(x))) &&
      (!f.id || f.id.some((x) => n.Id.startsWith(x))) &&
      (!f.label || labelMatch(n.Labels, f.label)) &&
      (!f.scope || f.scope.includes(n.Scope)) &&
      (!f.type || f.type.includes(builtin ? 'builtin' : 'custom')) &&
      // A list knows of no containers: to it every network of the user's own is unused.
      (!dangling || (!builtin && dangling.every((yes) => yes)))
    );
  });
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
