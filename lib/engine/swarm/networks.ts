/**
 * Networks of a swarm: `ingress`, overlay networks, their addresses for services and tasks, and what a virtual address leads to.
 * swarmkit manager/allocator, moby libnetwork/drivers/overlay, libnetwork/service_linux.go.
 *
 *   service web on shop   10.0.1.2                 its virtual address, which is nobody's
 *   task web.1            10.0.1.3                 eth0, by a veth pair to br0 in the network's own namespace
 *   who asks 10.0.1.2     → 10.0.1.3 or 10.0.1.4   turn by turn
 *
 * Past 400 lines because an address is given, told and taken back by rules that belong together.
 * Simplified: IPVS is written as a DNAT rule with several destinations; no VXLAN, since there is no other node; encryption is not there.
 */

import { ENGINE_VERSION, pmap, sha256 } from '../../base';
import * as ip from '../../base/ip';
import { parseRule } from '../../base/iptables';
import { attempt, Errno } from '../../kernel';
import { type Daemon, internal, notFound } from '../daemon';
import { releaseAddress, requestAddress, requestPool } from '../net/ipam';
import * as made from '../net/made';
import * as nets from '../net/networks';
import { inside } from '../net/sandbox';
import { GATEWAY } from '../net/settings';
import type { Network } from '../state';
import { before, type NetworkAttachment, type Service, type Task } from './state';
import { need, newId, rpc, servicesOf, tasksOf } from './store';

export const ENGINE = ENGINE_VERSION;
export const INGRESS = 'ingress';
const SANDBOX = 'ingress-sbox';

/** The first subnet of the swarm's pools that nobody has. */
function freeSubnet(d: Daemon): string {
  const { base, size } = need(d).pools;
  for (const pool of base) {
    const p = ip.parsePrefix(pool) as ip.Prefix;
    const step = 1n << BigInt(32 - size);
    for (let n = p.ip.n; n <= ip.last(p).n; n += step) {
      const subnet = `${ip.format({ v: 4, n })}/${size}`;
      const own = ip.parsePrefix(subnet) as ip.Prefix;
      const overlaps = (pmap.keys(d.s.ipam.pools) as string[]).some((other) => {
        const o = ip.parsePrefix(other) as ip.Prefix;
        return o.ip.v === 4 && (ip.contains(o, own.ip) || ip.contains(own, o.ip));
      });
      if (!overlaps) return subnet;
    }
  }
  throw rpc(
    'InvalidArgument',
    'could not find an available, non-overlapping IPv4 address pool among the defaults to assign to the network',
  );
}

/** An overlay network, with its pool and the next number of a VXLAN. */
function make(d: Daemon, o: made.CreateNetwork): Network {
  const wanted = o.IPAM?.Config?.[0];
  const subnet = wanted?.Subnet ?? freeSubnet(d);
  const r = requestPool(d.s.ipam, { subnet, range: wanted?.IPRange });
  const Id = newId(d);
  const got = requestAddress(r.space, r.pool, Id, wanted?.Gateway);
  d.s.ipam = got.space;
  const taken = d.networks().filter((n) => n.Driver === 'overlay').length;
  const n: Network = {
    Id,
    Name: o.Name,
    Driver: 'overlay',
    Created: d.now(),
    Scope: 'swarm',
    EnableIPv4: true,
    EnableIPv6: false,
    Internal: !!o.Internal,
    Attachable: !!o.Attachable,
    Ingress: !!o.Ingress,
    ConfigFrom: '',
    ConfigOnly: false,
    Options: { 'com.docker.network.driver.overlay.vxlanid_list': `${4096 + taken}`, ...o.Options },
    Labels: o.Labels ?? {},
    ipam: { Driver: 'default', Options: null, Config: [{ Subnet: subnet, Gateway: got.address }] },
    pools: [{ pool: r.pool, gateway: got.address, chosen: true }],
  };
  d.putNetwork(n);
  return n;
}

/** The swarm begins: its routing mesh's network, and the bridge by which its containers reach the world. */
export function begin(d: Daemon) {
  if (!nets.find(d, GATEWAY))
    made.create(d, {
      Name: GATEWAY,
      Driver: 'bridge',
      Options: {
        'com.docker.network.bridge.enable_icc': 'false',
        'com.docker.network.bridge.enable_ip_masquerade': 'true',
        'com.docker.network.bridge.name': GATEWAY,
      },
    });
  const n = make(d, { Name: INGRESS, Ingress: true });
  sandboxOf(d, n);
  loadBalancer(d, n);
  // The mesh's own place on the bridge.
  const bridge = nets.find(d, GATEWAY);
  if (bridge) take(d, bridge, SANDBOX);
}

/** POST /networks/create of an overlay network. */
export function create(d: Daemon, o: made.CreateNetwork): { Id: string; Warning: string } {
  need(d);
  if (o.Ingress && d.networks().some((n) => n.Ingress)) throw rpc('AlreadyExists', 'ingress network (ingress) is already present');
  const n = make(d, o);
  d.event('network', 'create', n.Id, { name: n.Name, type: n.Driver });
  return { Id: n.Id, Warning: '' };
}

/** Whether a network may go: not while a service is on it, nor a task that is to run. */
export function checkUnused(d: Daemon, n: Network) {
  const service = servicesOf(d).find((s) => networksOf(s).includes(n.Id));
  if (service) throw rpc('FailedPrecondition', `network ${n.Id} is in use by service ${service.ID}`);
  const task = tasksOf(d).find((t) => !before('running', t.DesiredState) && t.Networks.some((x) => x.Network === n.Id));
  if (task) throw rpc('FailedPrecondition', `network ${n.Id} is in use by task ${task.ID}`);
}

/** An overlay network is gone for the swarm at once; on this node it stays until the last container has left it. */
export function remove(d: Daemon, n: Network) {
  checkUnused(d, n);
  if (pmap.get(d.s.attached, n.Id)) d.putNetwork({ ...n, leaving: true });
  else drop(d, n);
  d.event('network', 'remove', n.Id, { name: n.Name, type: n.Driver });
}

function drop(d: Daemon, n: Network) {
  for (const { pool } of n.pools) d.s.ipam = { ...d.s.ipam, pools: pmap.remove(d.s.ipam.pools, pool.subnet) };
  d.s.networks = pmap.remove(d.s.networks, n.Id);
  d.s.attached = pmap.remove(d.s.attached, n.Id);
  attempt(() => d.sys.net.release(spaceOf(n)));
}
/** Networks that were only waiting for their last container. */
export function sweep(d: Daemon) {
  for (const n of d.networks()) if (n.leaving && !pmap.get(d.s.attached, n.Id)) drop(d, n);
}

/** The swarm ends: its networks go, the bridge stays. */
export function end(d: Daemon) {
  for (const n of d.networks()) {
    if (n.Driver === 'overlay') drop(d, n);
    else if (n.Name === GATEWAY) for (const { pool } of n.pools) forgetHolder(d, pool.subnet);
  }
}

/** The mesh gives its address on the bridge back. */
function forgetHolder(d: Daemon, subnet: string) {
  const pool = pmap.get(d.s.ipam.pools, subnet);
  const at = pool && pmap.entries(pool.used).find(([, by]) => by === SANDBOX)?.[0];
  if (at) d.s.ipam = releaseAddress(d.s.ipam, { subnet, range: '' }, at as string);
}

/** What a network's `Containers` shows that is no container: endpoints of the load balancer and of the mesh. */
export function endpointsOf(d: Daemon, n: Network): Record<string, object> {
  const { pool } = n.pools[0] as Network['pools'][number];
  const holder = n.Ingress || n.Name === GATEWAY ? (n.Ingress ? `lb-${n.Name}` : SANDBOX) : `lb-${n.Name}`;
  const used = pmap.get(d.s.ipam.pools, pool.subnet)?.used ?? pmap.empty<string>();
  const address = pmap.entries(used).find(([, by]) => by === holder)?.[0] as string | undefined;
  if (!address) return {};
  const [key, Name] = n.Ingress
    ? [SANDBOX, 'ingress-endpoint']
    : n.Name === GATEWAY
      ? [SANDBOX, `gateway_${SANDBOX}`]
      : [holder, `${n.Name}-endpoint`];
  const mac = ['02', '42', ...address.split('.').map((x) => Number(x).toString(16).padStart(2, '0'))].join(':');
  const endpoint = {
    Name,
    EndpointID: sha256(`${n.Id} ${key}`),
    MacAddress: mac,
    IPv4Address: `${address}/${pool.subnet.split('/')[1]}`,
    IPv6Address: '',
  };
  return { [key]: endpoint };
}
/** Who else has a network: this node alone. */
export const peersOf = (d: Daemon, n: Network) =>
  pmap.get(d.s.attached, n.Id) || n.Ingress ? { Peers: [{ Name: sha256(need(d).node.ID).slice(0, 12), IP: need(d).node.Addr }] } : {};

// ——— addresses

/** A network that tasks share with the host: it gives no addresses. */
const isHosts = (n: Network) => n.Driver !== 'overlay';

const attachmentsOf = (s: Pick<Service, 'Spec'>): NetworkAttachment[] => s.Spec.TaskTemplate.Networks ?? [];
const onIngress = (s: Pick<Service, 'Spec'>) => (s.Spec.EndpointSpec?.Ports ?? []).some((p) => p.PublishMode !== 'host');

/** Ids of the networks that a service's tasks are on. */
export const networksOf = (s: Pick<Service, 'Spec'>): string[] => attachmentsOf(s).map((a) => a.Target);

/** The network of an attachment, as the spec names it. */
export function target(d: Daemon, ref: string): Network {
  const n = nets.find(d, ref);
  if (!n) throw notFound(`network ${ref} not found`);
  return n;
}

function take(d: Daemon, n: Network, holder: string): string {
  const { pool } = n.pools[0] as Network['pools'][number];
  const r = requestAddress(d.s.ipam, pool, holder);
  d.s.ipam = r.space;
  return `${r.address}/${pool.subnet.split('/')[1]}`;
}
function giveBack(d: Daemon, network: string, address: string) {
  const pool = nets.byId(d, network)?.pools[0]?.pool;
  if (pool) d.s.ipam = releaseAddress(d.s.ipam, pool, address.split('/')[0] as string);
}

/** All networks that a service or a task of it gets an address on. */
function placesOf(d: Daemon, s: Pick<Service, 'Spec'>): Network[] {
  const own = networksOf(s).flatMap((id) => nets.byId(d, id) ?? []);
  const ingress = onIngress(s) ? d.networks().filter((n) => n.Ingress) : [];
  return [...ingress, ...own].filter((n) => !isHosts(n));
}

/** A service's endpoint: virtual addresses where it has that mode, ports with the numbers that they get. */
export function endpoint(d: Daemon, s: Pick<Service, 'ID' | 'Spec'>, was?: Service['Endpoint']): Service['Endpoint'] {
  const Spec = s.Spec.EndpointSpec ?? {};
  const ports = Spec.Ports?.map((p) => ({ ...p, PublishedPort: p.PublishedPort || (p.PublishMode === 'host' ? 0 : freePort(d)) }));
  const vip = (Spec.Mode ?? 'vip') === 'vip';
  const places = placesOf(d, s).filter((n) => vip || n.Ingress);
  for (const v of was?.VirtualIPs ?? []) if (v.Addr && !places.some((n) => n.Id === v.NetworkID)) giveBack(d, v.NetworkID, v.Addr);
  const hosts = vip ? networksOf(s).filter((id) => nets.byId(d, id) && isHosts(nets.byId(d, id) as Network)) : [];
  const addresses = [
    ...hosts.map((NetworkID): { NetworkID: string; Addr?: string } => ({ NetworkID })),
    ...places.map((n) => was?.VirtualIPs?.find((v) => v.NetworkID === n.Id) ?? { NetworkID: n.Id, Addr: take(d, n, s.ID) }),
  ];
  const shown = vip ? Spec : Object.fromEntries(Object.entries(Spec).filter(([k]) => k !== 'Mode'));
  return {
    Spec: shown,
    ...(ports?.length ? { Ports: ports } : {}),
    ...(addresses.length > 0 ? { VirtualIPs: addresses } : {}),
  };
}

/** 30000–32767: what a swarm publishes where nobody named a port. */
function freePort(d: Daemon): number {
  const taken = new Set(servicesOf(d).flatMap((s) => s.Endpoint.Ports?.map((p) => p.PublishedPort) ?? []));
  for (let port = 30000; port < 32768; port++) if (!taken.has(port)) return port;
  throw internal('dynamic port space is exhausted');
}

export function dropEndpoint(d: Daemon, s: Service) {
  for (const v of s.Endpoint.VirtualIPs ?? []) if (v.Addr) giveBack(d, v.NetworkID, v.Addr);
}

/** A new daemon: addresses that its swarm has given are given. */
export function keepEndpoint(d: Daemon, s: Service) {
  for (const v of s.Endpoint.VirtualIPs ?? []) if (v.Addr) keep(d, v.NetworkID, v.Addr, s.ID);
}
export function keepAddresses(d: Daemon, t: Task) {
  if (!t.Status.ContainerID || before(t.Status.State, 'starting'))
    for (const n of t.Networks) for (const a of n.Addresses) keep(d, n.Network, a, t.ID);
}
function keep(d: Daemon, network: string, address: string, holder: string) {
  const pool = nets.byId(d, network)?.pools[0]?.pool;
  const r = pool && attempt(() => requestAddress(d.s.ipam, pool, holder, address.split('/')[0]));
  if (r && !(r instanceof Errno)) d.s.ipam = r.space;
}

/** Addresses for a new task. */
export const addressesFor = (d: Daemon, s: Service, task: string): Task['Networks'] =>
  placesOf(d, s).map((n) => ({ Network: n.Id, Addresses: [take(d, n, task)] }));

export function dropAddresses(d: Daemon, t: Task) {
  for (const { Network: n, Addresses } of t.Networks) for (const a of Addresses) giveBack(d, n, a);
}

// ——— on this node

/** The name of a network's own namespace, in which its bridge is. */
export const spaceOf = (n: Network): string => `1-${n.Id.slice(0, 10)}`;

/** Makes the namespace and its bridge, unless they are there. */
export function sandboxOf(d: Daemon, n: Network): string {
  const name = spaceOf(n);
  if (attempt(() => d.sys.net.hold(name)) instanceof Errno) return name;
  const home = { ns: d.sys.namespaces().net };
  d.sys.net.enter(name);
  try {
    d.sys.net.addLink({ name: 'br0', kind: 'bridge', mtu: MTU, queue: 0 });
    const { pool, gateway } = n.pools[0] as Network['pools'][number];
    d.sys.net.addAddress('br0', `${gateway}/${pool.subnet.split('/')[1]}`);
    d.sys.net.setLink('br0', { up: true });
  } finally {
    d.sys.net.enter(home);
  }
  return name;
}
export const MTU = 1450;

/** The address of the network's load balancer on this node: taken with the first container here. */
export function loadBalancer(d: Daemon, n: Network): string {
  const holder = `lb-${n.Name}`;
  const { pool } = n.pools[0] as Network['pools'][number];
  const used = pmap.get(d.s.ipam.pools, pool.subnet)?.used ?? pmap.empty<string>();
  for (const [address, by] of pmap.entries(used)) if (by === holder) return address as string;
  return (take(d, n, holder).split('/')[0] ?? '') as string;
}

/** Tasks of a service that answer on a network: they run, and are to. */
const answering = (d: Daemon, s: Service, network: string): string[] =>
  tasksOf(d, s.ID).flatMap((t) =>
    t.Status.State === 'running' && !before('running', t.DesiredState)
      ? t.Networks.filter((n) => n.Network === network).flatMap((n) => n.Addresses.map((a) => a.split('/')[0] as string))
      : [],
  );

/** What a name means on a network to who asks dockerd: a service's, `tasks.` and a service's, an alias of it. Null: none of them. */
export function lookup(d: Pick<Daemon, 's'>, n: Network, name: string): string[] | null {
  const all = name.startsWith('tasks.');
  const wanted = all ? name.slice('tasks.'.length) : name;
  const hits = Object.values(d.s.swarm?.services ?? {}).filter(
    (s) =>
      networksOf(s).includes(n.Id) &&
      (s.Spec.Name.toLowerCase() === wanted ||
        attachmentsOf(s).some((a) => a.Target === n.Id && a.Aliases?.some((x) => x.toLowerCase() === wanted))),
  );
  const found = hits.flatMap((s) => {
    const vip = s.Endpoint.VirtualIPs?.find((v) => v.NetworkID === n.Id)?.Addr?.split('/')[0];
    return vip && !all ? [vip] : answering(d as Daemon, s, n.Id);
  });
  return found.length > 0 ? found : null;
}

const CHAIN = 'DOCKER_VIRTUAL';

/** Writes anew, in every container's namespace, where virtual addresses lead. */
export function balance(d: Daemon) {
  const overlays = d.networks().filter((n) => n.Driver === 'overlay');
  const rules = new Map(
    overlays.map((n) => [
      n.Id,
      servicesOf(d).flatMap((s) => {
        const vip = s.Endpoint.VirtualIPs?.find((v) => v.NetworkID === n.Id)?.Addr?.split('/')[0];
        const to = answering(d, s, n.Id);
        return vip && to.length > 0 ? [`-d ${vip}/32 -j DNAT --to-destination ${to.join(',')}`] : [];
      }),
    ]),
  );
  const up = d.containers().filter((c) => c.State.Pid !== 0);
  const key = JSON.stringify([
    [...rules],
    meshPorts(d).map(({ s, port }) => [port, tasksOf(d, s.ID).map((t) => t.Status)]),
    up.map((c) => [c.Id, c.State.Pid]),
  ]);
  if (need(d).balanced === key) return;
  d.s.swarm = { ...need(d), balanced: key };
  for (const c of up) {
    const own = Object.values(c.networks).flatMap((e) => (e.EndpointID ? (rules.get(e.NetworkID) ?? []) : []));
    if (!Object.values(c.networks).some((e) => e.EndpointID && rules.has(e.NetworkID))) continue;
    inside(d, c.State.Pid, () => write(d, 'OUTPUT', own));
  }
  mesh(d);
}

function write(d: Daemon, hook: string, rules: readonly string[]) {
  const { net } = d.sys;
  const edit = (text: string, chain: string) => ({ do: 'append', chain, rule: parseRule(text.split(' ')) }) as const;
  const made = attempt(() => net.editRules('nat', { do: 'new', chain: CHAIN }));
  if (made instanceof Errno) net.editRules('nat', { do: 'flush', chain: CHAIN });
  else net.editRules('nat', edit(`-j ${CHAIN}`, hook));
  for (const r of rules) net.editRules('nat', edit(r, CHAIN));
}

// ——— the routing mesh

/** Published ports of services that go through the mesh. */
const meshPorts = (d: Daemon) =>
  servicesOf(d).flatMap((s) =>
    (s.Endpoint.Ports ?? []).flatMap((p) => (p.PublishMode !== 'host' && p.PublishedPort ? [{ s, p, port: p.PublishedPort }] : [])),
  );

const INGRESS_CHAIN = 'DOCKER-INGRESS';

/**
 * The mesh on this node: a chain of the host leads a published port to the service's tasks, by their addresses on docker_gwbridge.
 * Simplified: on Linux it leads to the namespace `ingress_sbox`, whose IPVS passes on to the tasks on the ingress network.
 */
function mesh(d: Daemon) {
  const ports = meshPorts(d);
  const { net } = d.sys;
  const there = Object.hasOwn(net.chains('nat'), INGRESS_CHAIN);
  if (!there && ports.length === 0) return;
  const edit = (chain: string, text: string, how: 'append' | 'insert' = 'append') =>
    net.editRules(
      'nat',
      how === 'append'
        ? { do: 'append', chain, rule: parseRule(text.split(' ')) }
        : { do: 'insert', chain, at: 1, rule: parseRule(text.split(' ')) },
    );
  if (there) net.editRules('nat', { do: 'flush', chain: INGRESS_CHAIN });
  else {
    net.editRules('nat', { do: 'new', chain: INGRESS_CHAIN });
    for (const hook of ['OUTPUT', 'PREROUTING']) edit(hook, `-m addrtype --dst-type LOCAL -j ${INGRESS_CHAIN}`, 'insert');
    edit('POSTROUTING', `-o ${GATEWAY} -m addrtype --src-type LOCAL -j MASQUERADE`, 'insert');
    net.setSysctl(`net.ipv4.conf.${GATEWAY}.route_localnet`, '1');
    net.editRules('filter', {
      do: 'insert',
      chain: 'FORWARD',
      at: 1,
      rule: parseRule(`-o ${GATEWAY} -m conntrack --ctstate DNAT -j ACCEPT`.split(' ').filter((x) => x !== '')),
    });
  }
  for (const { s, p, port } of ports) {
    const to = tasksOf(d, s.ID).flatMap((t) => {
      const c = t.Status.State === 'running' && !before('running', t.DesiredState) ? d.byId(t.Status.ContainerID ?? '') : undefined;
      const address = c?.networks[GATEWAY]?.IPAddress;
      return address ? [`${address}:${p.TargetPort}`] : [];
    });
    if (to.length > 0) edit(INGRESS_CHAIN, `-p ${p.Protocol} -m ${p.Protocol} --dport ${port} -j DNAT --to-destination ${to.join(',')}`);
  }
}

/** A port that the mesh has is nobody else's. */
export function checkPorts(d: Daemon, id: string, spec: Service['Spec']) {
  for (const p of spec.EndpointSpec?.Ports ?? []) {
    if (!p.PublishedPort || p.PublishMode === 'host') continue;
    const other = meshPorts(d).find(({ s, port, p: o }) => s.ID !== id && port === p.PublishedPort && o.Protocol === p.Protocol);
    if (other)
      throw rpc(
        'InvalidArgument',
        `port '${p.PublishedPort}' is already in use by service '${other.s.Spec.Name}' (${other.s.ID}) as an ingress port`,
      );
  }
}
