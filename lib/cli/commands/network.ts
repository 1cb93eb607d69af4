/** docker network: docker/cli, cli/command/network. */

import type { Script } from '../driver';
import { type NetworkSummary, networkContext, networkFormat } from '../formats';
import { formatList } from '../formatter';
import { keyValues } from '../options/words';
import { type Command, CommandError, type Ctx, call, filtersOf, get, pathOf, post, print, say, segment, warn } from './api';
import { formatted, natural } from './output';
import { confirm } from './streams';

interface IpamConfig {
  Subnet?: string;
  IPRange?: string;
  Gateway?: string;
  AuxiliaryAddresses?: Record<string, string>;
}

const toNumber = (ip: string): number => ip.split('.').reduce((n, part) => n * 256 + Number(part), 0);
const V4 = /^(\d{1,3}\.){3}\d{1,3}$/;

/** Whether a subnet, "10.0.0.0/8", holds an address or all of another subnet. */
function holds(subnet: string, other: string): boolean {
  const [base = '', bits = '32'] = subnet.split('/');
  const [ip = '', length = '32'] = other.split('/');
  if (!V4.test(base) || !V4.test(ip)) return base.includes(':') && ip.includes(':');
  const size = 2 ** (32 - Number(bits));
  return Number(length) >= Number(bits) && Math.floor(toNumber(base) / size) === Math.floor(toNumber(ip) / size);
}

/** --subnet, --ip-range, --gateway and --aux-address, put together by the subnet that each is in. */
function ipam(c: Ctx): IpamConfig[] {
  const subnets = c.list('subnet');
  const ranges = c.list('ip-range');
  const gateways = c.list('gateway');
  if (subnets.length < ranges.length || subnets.length < gateways.length)
    throw new CommandError('every ip-range or gateway must have a corresponding subnet');
  const out = new Map<string, IpamConfig>();
  for (const s of subnets) {
    for (const other of out.keys())
      if (holds(other, s) || holds(s, other)) throw new CommandError('multiple overlapping subnet configuration is not supported');
    out.set(s, { Subnet: s });
  }
  for (const r of ranges) {
    const config = [...out.values()].find((x) => holds(x.Subnet as string, r));
    if (!config) throw new CommandError(`no matching subnet for range ${r}`);
    if (config.IPRange)
      throw new CommandError(`cannot configure multiple ranges (${r}, ${config.IPRange}) on the same subnet (${config.Subnet})`);
    config.IPRange = r;
  }
  for (const g of gateways) {
    const config = [...out.values()].find((x) => holds(x.Subnet as string, g));
    if (!config) throw new CommandError(`no matching subnet for gateway ${g}`);
    if (config.Gateway)
      throw new CommandError(`cannot configure multiple gateways (${g}, ${config.Gateway}) for the same subnet (${config.Subnet})`);
    config.Gateway = g;
  }
  for (const [name, address] of Object.entries(keyValues(c.list('aux-address')))) {
    const config = [...out.values()].find((x) => holds(x.Subnet as string, address));
    if (!config) throw new CommandError(`no matching subnet for aux-address ${address}`);
    config.AuxiliaryAddresses = { ...config.AuxiliaryAddresses, [name]: address };
  }
  return [...out.values()];
}

export const create: Command = function* (c) {
  const from = c.text('config-from');
  const body = {
    Name: c.args[0],
    Driver: c.text('driver'),
    Scope: c.text('scope'),
    EnableIPv4: c.given('ipv4') ? c.on('ipv4') : undefined,
    EnableIPv6: c.given('ipv6') ? c.on('ipv6') : undefined,
    IPAM: { Driver: c.text('ipam-driver') || 'default', Options: keyValues(c.list('ipam-opt')), Config: ipam(c) },
    Internal: c.on('internal'),
    Attachable: c.on('attachable'),
    Ingress: c.on('ingress'),
    ConfigOnly: c.on('config-only'),
    ConfigFrom: from === '' ? null : { Network: from },
    Options: keyValues(c.list('opt')),
    Labels: keyValues(c.list('label')),
  };
  const { Id, Warning } = yield* post<{ Id: string; Warning?: string }>(c, '/networks/create', body);
  if (Warning) yield* warn(`WARNING: ${Warning}`);
  yield* say(Id);
  return 0;
};

export const ls: Command = function* (c) {
  const list = yield* get<NetworkSummary[]>(c, pathOf('/networks', { filters: filtersOf(c.list('filter')) }));
  list.sort((a, b) => natural(a.Name, b.Name));
  yield* print(
    yield* formatted(() =>
      formatList(networkContext, networkFormat(c.text('format'), { quiet: c.on('quiet') }), list, { trunc: !c.on('no-trunc'), now: 0 }),
    ),
  );
  return 0;
};

const ROUTING_MESH =
  'WARNING! Before removing the routing-mesh network, make sure all the nodes in your swarm run the same docker engine version. Otherwise, removal may not be effective and functionality of newly create ingress networks will be impaired.\nAre you sure you want to continue?';

export const rm: Command = function* (c) {
  let status = 0;
  for (const name of c.args) {
    try {
      const { Ingress } = yield* get<{ Ingress?: boolean }>(c, `/networks/${segment(name)}`);
      if (Ingress && !(yield* confirm(ROUTING_MESH))) continue;
    } catch (e) {
      if (!(e instanceof CommandError)) throw e;
    }
    try {
      yield* call(c, 'DELETE', `/networks/${segment(name)}`);
      yield* say(name);
    } catch (e) {
      if (!(e instanceof CommandError)) throw e;
      if (c.on('force') && 'http' in e && e.http === 404) continue;
      yield* warn(e.message);
      status = 1;
    }
  }
  if (status !== 0) throw new CommandError('exit status 1');
  return 0;
};

export const connect: Command = function* (c) {
  const [network = '', Container] = c.args;
  const ipamConfig = {
    ...(c.text('ip') ? { IPv4Address: c.text('ip') } : {}),
    ...(c.text('ip6') ? { IPv6Address: c.text('ip6') } : {}),
    ...(c.list('link-local-ip').length ? { LinkLocalIPs: c.list('link-local-ip') } : {}),
  };
  const options = c.list('driver-opt');
  for (const o of options)
    if (!o.includes('=') || o.startsWith('=')) throw new CommandError('invalid key/value pair format in driver options');
  const EndpointConfig = {
    ...(Object.keys(ipamConfig).length ? { IPAMConfig: ipamConfig } : {}),
    ...(c.list('link').length ? { Links: c.list('link') } : {}),
    ...(c.list('alias').length ? { Aliases: c.list('alias') } : {}),
    ...(options.length ? { DriverOpts: keyValues(options) } : {}),
    ...(c.number('gw-priority') ? { GwPriority: c.number('gw-priority') } : {}),
  };
  yield* call(c, 'POST', `/networks/${segment(network)}/connect`, { Container, EndpointConfig });
  return 0;
};

export const disconnect: Command = function* (c) {
  const [network = '', Container] = c.args;
  yield* call(c, 'POST', `/networks/${segment(network)}/disconnect`, { Container, Force: c.on('force') });
  return 0;
};

export function* pruneNetworks(c: Ctx, filters: readonly string[]): Script<string> {
  const { NetworksDeleted } = yield* post<{ NetworksDeleted: string[] | null }>(
    c,
    pathOf('/networks/prune', { filters: filtersOf(filters) }),
  );
  return NetworksDeleted?.length ? `Deleted Networks:\n${NetworksDeleted.map((n) => `${n}\n`).join('')}` : '';
}

const WARNING = 'WARNING! This will remove all custom networks not used by at least one container.\nAre you sure you want to continue?';

export const prune: Command = function* (c) {
  if (!c.on('force') && !(yield* confirm(WARNING))) return 0;
  const text = yield* pruneNetworks(c, c.list('filter'));
  yield* print(text === '' ? '' : `${text}\n`);
  return 0;
};
