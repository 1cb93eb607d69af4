/**
 * Networks: made, shown, removed. moby daemon/network.go, libnetwork/controller.go, libnetwork/network.go, and each driver's checks
 * of its options.
 *
 * Simplified: no plugins. Overlay networks are a swarm's: swarm/networks.ts.
 */

import { pmap } from '../../base';
import * as ip from '../../base/ip';
import { Errno } from '../../kernel';
import { ApiError, conflict, type Daemon, internal, invalid, notFound, rfc3339 } from '../daemon';
import { labelMatch } from '../filters';
import * as overlay2 from '../overlay2';
import { swarming } from '../serving';
import type { Network } from '../state';
import * as driver from './driver';
import { type IpamConfig, validate } from './ipam';
import { blank, find, releasePools, withPools } from './networks';
import * as parents from './parents';
import { GATEWAY, joined, PREDEFINED } from './settings';

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
