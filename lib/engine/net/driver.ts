/**
 * The bridge driver: a network's bridge on the host, its address, its rules. moby libnetwork/drivers/bridge.
 * Everything it does is a call of rtnetlink or netfilter, from the daemon's own network namespace.
 */

import * as ip from '../../base/ip';
import { attempt, Errno } from '../../kernel';
import type { Daemon } from '../daemon';
import type { Network } from '../state';
import * as firewall from './firewall';

const RELEASE = '28';
/** daemon.json's userland-proxy. */
export const userlandProxy = (d: Daemon): boolean => d.s.config['userland-proxy'] ?? true;

const PREFIX = 'com.docker.network.';
export const OPTIONS = {
  name: `${PREFIX}bridge.name`,
  icc: `${PREFIX}bridge.enable_icc`,
  masquerade: `${PREFIX}bridge.enable_ip_masquerade`,
  hostBinding: `${PREFIX}bridge.host_binding_ipv4`,
  gatewayMode: `${PREFIX}bridge.gateway_mode_ipv4`,
  gatewayMode6: `${PREFIX}bridge.gateway_mode_ipv6`,
  defaultBridge: `${PREFIX}bridge.default_bridge`,
  mtu: `${PREFIX}driver.mtu`,
  hostIp: `${PREFIX}host_ipv4`,
  hostIp6: `${PREFIX}host_ipv6`,
  prefix: `${PREFIX}container_iface_prefix`,
} as const;

/** Go's strconv.ParseBool; null for what it refuses. */
export const truth = (text: string): boolean | null =>
  /^(1|t|T|TRUE|true|True)$/.test(text) ? true : /^(0|f|F|FALSE|false|False)$/.test(text) ? false : null;

export const option = (n: Pick<Network, 'Options'>, key: keyof typeof OPTIONS): string | undefined => n.Options[OPTIONS[key]];
export const bridgeOf = (n: Pick<Network, 'Id' | 'Options'>): string => option(n, 'name') || `br-${n.Id.slice(0, 12)}`;
export const mtuOf = (n: Network): number => Number(option(n, 'mtu') || 1500);

const poolOf = (n: Network, v: 4 | 6) => n.pools.find((p) => p.pool.subnet.includes(':') === (v === 6));
/** The kinds of address that a network has. */
const kindsOf = (n: Network): (4 | 6)[] => ([4, 6] as const).filter((v) => poolOf(n, v));

export const rulesOf = (n: Network, v: 4 | 6 = 4): firewall.BridgeRules => ({
  v,
  bridge: bridgeOf(n),
  subnet: poolOf(n, v)?.pool.subnet ?? '',
  internal: n.Internal,
  icc: truth(option(n, 'icc') ?? 'true') ?? true,
  masquerade: truth(option(n, 'masquerade') ?? 'true') ?? true,
  gatewayMode: (option(n, v === 4 ? 'gatewayMode' : 'gatewayMode6') as firewall.BridgeRules['gatewayMode'] | undefined) || 'nat',
  hostIp: option(n, v === 4 ? 'hostIp' : 'hostIp6'),
});

/** A network's rules, for each kind of address that it has. */
const networkRules = (n: Network, proxy: boolean): firewall.Edit[] =>
  kindsOf(n).flatMap((v) => firewall.networkRules(rulesOf(n, v), RELEASE, proxy));
const baseRules = (proxy: boolean): firewall.Edit[] => ([4, 6] as const).flatMap((v) => firewall.baseRules(RELEASE, proxy, true, v));

/** Writes rules; one that stands there already is not written twice. */
export function apply(d: Daemon, edits: readonly firewall.Edit[], fresh = false) {
  for (const e of edits) {
    const rule = firewall.ruleOf(e);
    if (!fresh && d.sys.net.hasRule(e.table, e.chain, rule, e.v)) continue;
    const edit =
      e.how === 'append' ? ({ do: 'append', chain: e.chain, rule } as const) : ({ do: 'insert', chain: e.chain, at: 1, rule } as const);
    d.sys.net.editRules(e.table, edit, e.v);
  }
}

/** Takes rules away; one that somebody has taken away already is not missed. */
export function withdraw(d: Daemon, edits: readonly firewall.Edit[]) {
  for (const e of edits) attempt(() => d.sys.net.editRules(e.table, { do: 'delete', chain: e.chain, rule: firewall.ruleOf(e) }, e.v));
}

/** Rules of the other mind about docker-proxy, which an earlier daemon may have written, that are not of this one's. */
function besides(others: readonly firewall.Edit[], own: readonly firewall.Edit[]): firewall.Edit[] {
  const key = (e: firewall.Edit) => `${e.v} ${e.table} ${e.chain} ${e.rule}`;
  const known = new Set(own.map(key));
  return others.filter((e) => !known.has(key(e)));
}

/** What the daemon does to the host before there is any network: forwarding, chains, and a policy that lets nothing through. */
export function prepareHost(d: Daemon) {
  const { net } = d.sys;
  if (net.sysctl('net.ipv4.ip_forward') !== '1') {
    net.setSysctl('net.ipv4.ip_forward', '1');
    net.editRules('filter', { do: 'policy', chain: 'FORWARD', policy: 'DROP' });
  }
  for (const v of [4, 6] as const)
    for (const { table, chain } of firewall.chainsOf(RELEASE)) {
      const made = attempt(() => net.editRules(table, { do: 'new', chain }, v));
      // From an earlier daemon; what the user has written into DOCKER-USER stays.
      if (made instanceof Errno && chain !== 'DOCKER-USER') net.editRules(table, { do: 'flush', chain }, v);
    }
  const rules = baseRules(userlandProxy(d));
  withdraw(d, besides(baseRules(!userlandProxy(d)), rules));
  apply(d, rules);
}

/** The first network with IPv6 turns forwarding on, and lets nothing through that no rule names. */
function forwardIpv6(d: Daemon) {
  const { net } = d.sys;
  if (net.sysctl('net.ipv6.conf.all.forwarding') === '1') return;
  net.setSysctl('net.ipv6.conf.default.forwarding', '1');
  net.setSysctl('net.ipv6.conf.all.forwarding', '1');
  net.editRules('filter', { do: 'policy', chain: 'FORWARD', policy: 'DROP' }, 6);
}

export const gatewayAddress = (n: Network): string | null => {
  const pool = poolOf(n, 4);
  return pool ? `${pool.gateway}/${pool.pool.subnet.split('/')[1]}` : null;
};

/** The broadcast address of a prefix, as the driver sets it. */
export function broadcast(prefix: string): string | undefined {
  const p = ip.parsePrefix(prefix);
  return p && p.ip.v === 4 && p.bits < 31 ? ip.format(ip.last(p)) : undefined;
}

/** Makes a network's bridge, unless it is there. */
export function up(d: Daemon, n: Network) {
  const { net } = d.sys;
  const name = bridgeOf(n);
  if (attempt(() => net.link(name)) instanceof Errno) {
    net.addLink({ name, kind: 'bridge', mtu: mtuOf(n), queue: 0 });
    for (const { pool, gateway } of n.pools) {
      const address = `${gateway}/${pool.subnet.split('/')[1]}`;
      // A bridge of an isolated network has no address: the host is not on it.
      if (rulesOf(n).gatewayMode !== 'isolated') net.addAddress(name, address, { broadcast: broadcast(address) });
    }
    net.setLink(name, { up: true });
  }
  // Without docker-proxy, what the host sends to its own 127.0.0.1 goes out by the bridge, and its answers come in there.
  if (!userlandProxy(d)) net.setSysctl(`net.ipv4.conf.${name}.route_localnet`, '1');
  if (poolOf(n, 6)) forwardIpv6(d);
  const rules = networkRules(n, userlandProxy(d));
  withdraw(d, besides(networkRules(n, !userlandProxy(d)), rules));
  apply(d, rules);
}

/** Takes a network's rules away. */
export function forget(d: Daemon, n: Network) {
  withdraw(d, networkRules(n, userlandProxy(d)));
}

export function down(d: Daemon, n: Network) {
  forget(d, n);
  attempt(() => d.sys.net.removeLink(bridgeOf(n)));
}

/** A container's addresses on a network; '' where it has none of a kind. */
export interface Addresses {
  4: string;
  6: string;
}
export const addressesOf = (e: { IPAddress: string; GlobalIPv6Address: string }): Addresses => ({ 4: e.IPAddress, 6: e.GlobalIPv6Address });

/** The rules of one container's addresses: they come and go with it. */
export const endpointRules = (n: Network, own: Addresses): firewall.Edit[] =>
  n.Driver !== 'bridge' ? [] : ([4, 6] as const).flatMap((v) => (own[v] ? firewall.endpointRules(rulesOf(n, v), own[v]) : []));

export const portRules = (d: Daemon, n: Network, v: 4 | 6, p: firewall.PortRules): firewall.Edit[] =>
  firewall.portRules(rulesOf(n, v), p, RELEASE, userlandProxy(d));
