/**
 * docker swarm init, leave, join, update; the swarm and its node as the API shows them. moby daemon/cluster/swarm.go, noderunner.go.
 *
 * Simplified: one host, so nobody else ever joins; the root certificate and the keys are words of the right shape that sign nothing; a
 * locked manager is not kept from starting again.
 */

import * as ip from '../../base/ip';
import { ApiError, conflict, type Daemon, internal, invalid, notFound, rfc3339 } from '../daemon';
import * as networks from './networks';
import type { Node, NodeSpec, Swarm, SwarmSpec } from './state';
import { need, newId, next, rpc, word } from './store';

const PORT = 2377;
const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

const PART_OF_ONE = 'This node is already part of a swarm. Use "docker swarm leave" to leave this swarm and join another one.';
const PART_OF_NONE = 'This node is not part of a swarm';
const LAST_MANAGER =
  'You are attempting to leave the swarm on a node that is participating as a manager. Removing the last manager erases all current state of the swarm. Use `--force` to ignore this message.';

const SECOND = 1e9;
const DEFAULTS: SwarmSpec = {
  Name: 'default',
  Labels: {},
  Orchestration: { TaskHistoryRetentionLimit: 5 },
  Raft: { SnapshotInterval: 10000, KeepOldSnapshots: 0, LogEntriesForSlowFollowers: 500, ElectionTick: 10, HeartbeatTick: 1 },
  Dispatcher: { HeartbeatPeriod: 5 * SECOND },
  CAConfig: { NodeCertExpiry: 90 * 24 * 3600 * SECOND },
  TaskDefaults: {},
  EncryptionConfig: { AutoLockManagers: false },
};

/** Of swarm and node: SWMTKN-1-<digest of the root certificate>-<secret>. */
const token = (d: Daemon, root: string): string => `SWMTKN-1-${root}-${word(d, 25)}`;
const unlockKey = (d: Daemon): string => `SWMKEY-1-${word(d, 43, BASE64)}`;

function certificate(d: Daemon): string {
  const body = `MIIBajCCARCgAwIBAgIU${word(d, 27, BASE64)}MAoGCCqGSM49BAMCMBMxETAPBgNVBAMTCHN3YXJtLWNhMB4X${word(d, 380, BASE64)}==`;
  return `-----BEGIN CERTIFICATE-----\n${body.match(/.{1,64}/g)?.join('\n')}\n-----END CERTIFICATE-----\n`;
}

/** The addresses of the host's links that are not Docker's own, by link. */
function addresses(d: Daemon): { link: string; address: string }[] {
  return d.sys.net
    .links()
    .flatMap(({ link }) =>
      link.kind === 'bridge' || link.name === 'lo'
        ? []
        : link.addrs.flatMap((a) => (a.ip.includes(':') ? [] : [{ link: link.name, address: a.ip }])),
    );
}

/** listen_addr.go: an address or a link, or where there is but one of them, that one. */
function advertised(d: Daemon, given: string): string {
  const [host = ''] = given.split(':');
  const bad = () => invalid('advertise address must be a non-zero IP address or network interface (with optional port number)');
  if (given !== '') {
    const link = d.sys.net.links().find((l) => l.link.name === host)?.link;
    const own = link?.addrs.find((a) => !a.ip.includes(':'))?.ip;
    if (link && !own) throw invalid(`interface ${host} has no usable addresses`);
    const at = own ?? host;
    if (!ip.parse(at) || at === '0.0.0.0') throw bad();
    return at;
  }
  const all = addresses(d);
  const [first, second] = all;
  if (!first) throw invalid("could not find the system's IP address - specify one with --advertise-addr");
  if (second)
    throw invalid(
      first.link === second.link
        ? `could not choose an IP address to advertise since this system has multiple addresses on interface ${first.link} (${first.address} and ${second.address}) - specify one with --advertise-addr`
        : `could not choose an IP address to advertise since this system has multiple addresses on different interfaces (${first.address} on ${first.link} and ${second.address} on ${second.link}) - specify one with --advertise-addr`,
    );
  return first.address;
}

export interface InitRequest {
  ListenAddr?: string;
  AdvertiseAddr?: string;
  DataPathPort?: number;
  DefaultAddrPool?: string[] | null;
  SubnetSize?: number;
  ForceNewCluster?: boolean;
  AutoLockManagers?: boolean;
  Availability?: NodeSpec['Availability'];
  Spec?: Partial<SwarmSpec>;
}

/** POST /swarm/init: the new node's id. */
export function init(d: Daemon, o: InitRequest): string {
  if (d.s.swarm && !o.ForceNewCluster) throw new ApiError(503, PART_OF_ONE);
  if (d.s.config['live-restore']) throw internal('--live-restore daemon configuration is incompatible with swarm mode');
  const Addr = advertised(d, o.AdvertiseAddr ?? '');
  if (d.s.swarm) return d.s.swarm.node.ID;
  const now = d.now();
  const digest = word(d, 50);
  const meta = { Version: 10, CreatedAt: now, UpdatedAt: now };
  const Spec = { ...DEFAULTS, ...settled(o.Spec), EncryptionConfig: { AutoLockManagers: !!o.AutoLockManagers } };
  d.s.swarm = {
    ...meta,
    ID: newId(d),
    Spec,
    node: {
      ...meta,
      ID: newId(d),
      Version: 9,
      Spec: { Labels: {}, Role: 'manager', Availability: o.Availability || 'active' },
      Addr,
      Hostname: d.sys.uname().nodename,
    },
    tokens: { Worker: token(d, digest), Manager: token(d, digest) },
    unlockKey: Spec.EncryptionConfig.AutoLockManagers ? unlockKey(d) : '',
    root: certificate(d),
    dataPathPort: o.DataPathPort || 4789,
    pools: { base: o.DefaultAddrPool?.length ? o.DefaultAddrPool : ['10.0.0.0/8'], size: o.SubnetSize || 24 },
    services: {},
    tasks: {},
    secrets: {},
    configs: {},
    leaving: null,
    balanced: '',
  };
  networks.begin(d);
  const { node } = d.s.swarm;
  d.event('node', 'create', node.ID, { name: '' });
  d.event('node', 'update', node.ID, { name: node.Hostname, 'state.new': 'ready', 'state.old': 'unknown' });
  return node.ID;
}

/** What a client leaves empty stays as it is by default. */
const settled = (spec: Partial<SwarmSpec> = {}): Partial<SwarmSpec> => {
  const out: Record<string, unknown> = {};
  for (const key of ['Orchestration', 'Raft', 'Dispatcher', 'CAConfig'] as const) {
    const own = Object.fromEntries(Object.entries(spec[key] ?? {}).filter(([, v]) => v !== null && v !== 0 && v !== undefined));
    out[key] = { ...DEFAULTS[key], ...own };
  }
  return out as Partial<SwarmSpec>;
};

/** POST /swarm/join: there is no second manager that would answer. */
export function join(d: Daemon, o: { RemoteAddrs?: string[]; JoinToken?: string }): never {
  if (d.s.swarm) throw new ApiError(503, PART_OF_ONE);
  const remote = o.RemoteAddrs?.[0] ?? '';
  if (remote === '') throw invalid('at least 1 RemoteAddr is required to join');
  if (!/^SWMTKN-[12]-[0-9a-z-]+$/.test(o.JoinToken ?? '')) throw invalid('invalid join token');
  const at = remote.includes(':') ? remote : `${remote}:${PORT}`;
  throw internal(
    `rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial tcp ${at}: connect: ${reachable(d, at) ? 'connection refused' : 'no route to host'}"`,
  );
}
function reachable(d: Daemon, at: string): boolean {
  const host = at.split(':')[0] ?? '';
  return host.startsWith('127.') || addresses(d).some((a) => a.address === host);
}

/** POST /swarm/leave: whether the node has left at once; else it does when its containers are gone. */
export function leave(d: Daemon, force: boolean, fd: number): boolean {
  const s = d.s.swarm;
  if (!s) throw new ApiError(503, PART_OF_NONE);
  if (!force) throw new ApiError(503, LAST_MANAGER);
  d.s.swarm = { ...s, leaving: fd };
  return false;
}

/** POST /swarm/update. */
export function update(d: Daemon, version: number, spec: SwarmSpec, rotate: { worker: boolean; manager: boolean; unlock: boolean }) {
  const s = need(d);
  if (version !== s.Version) throw rpc('Unknown', 'update out of sequence');
  if ((spec.Dispatcher?.HeartbeatPeriod ?? 1) < 0) throw rpc('InvalidArgument', 'heartbeat time period cannot be a negative duration');
  const digest = s.tokens.Worker.split('-')[2] as string;
  const locked = spec.EncryptionConfig.AutoLockManagers;
  d.s.swarm = {
    ...s,
    Spec: { ...s.Spec, ...spec },
    tokens: {
      Worker: rotate.worker ? token(d, digest) : s.tokens.Worker,
      Manager: rotate.manager ? token(d, digest) : s.tokens.Manager,
    },
    unlockKey: !locked ? '' : rotate.unlock || s.unlockKey === '' ? unlockKey(d) : s.unlockKey,
    UpdatedAt: d.now(),
  };
  next(d);
}

/** POST /swarm/unlock. */
export function unlock(d: Daemon): never {
  throw d.s.swarm ? conflict('swarm is not locked') : new ApiError(503, PART_OF_NONE);
}

// ——— shown

const times = (o: { Version: number; CreatedAt: number; UpdatedAt: number }) => ({
  Version: { Index: o.Version },
  CreatedAt: rfc3339(o.CreatedAt),
  UpdatedAt: rfc3339(o.UpdatedAt),
});

const SUBJECT = 'MBMxETAPBgNVBAMTCHN3YXJtLWNh';
const tls = (s: Swarm) => ({
  TrustRoot: s.root,
  CertIssuerSubject: SUBJECT,
  CertIssuerPublicKey: `MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE${s.root.replace(/\n/g, '').slice(200, 286)}==`,
});

const clusterJson = (s: Swarm) => ({
  ID: s.ID,
  ...times(s),
  Spec: s.Spec,
  TLSInfo: tls(s),
  RootRotationInProgress: false,
  DefaultAddrPool: s.pools.base,
  SubnetSize: s.pools.size,
  DataPathPort: s.dataPathPort,
});

/** GET /swarm. */
export const inspect = (d: Daemon) => ({ ...clusterJson(need(d)), JoinTokens: need(d).tokens });

/** The Swarm part of GET /info. */
export function info(d: Daemon) {
  const s = need(d);
  return {
    NodeID: s.node.ID,
    NodeAddr: s.node.Addr,
    LocalNodeState: 'active',
    ControlAvailable: true,
    Error: '',
    RemoteManagers: [{ NodeID: s.node.ID, Addr: `${s.node.Addr}:${PORT}` }],
    Nodes: 1,
    Managers: 1,
    Cluster: clusterJson(s),
  };
}

const PLUGINS = {
  Log: ['awslogs', 'fluentd', 'gelf', 'journald', 'json-file', 'local', 'splunk', 'syslog'],
  Network: ['bridge', 'host', 'ipvlan', 'macvlan', 'null', 'overlay'],
  Volume: ['local'],
};

export function nodeJson(d: Daemon, { node, ...s }: Swarm) {
  return {
    ID: node.ID,
    ...times(node),
    Spec: node.Spec,
    Description: {
      Hostname: node.Hostname,
      Platform: { Architecture: 'x86_64', OS: 'linux' },
      Resources: { NanoCPUs: d.sys.sysinfo().cpus * 1e9, MemoryBytes: d.sys.sysinfo().memTotal },
      Engine: {
        EngineVersion: networks.ENGINE,
        Plugins: Object.entries(PLUGINS).flatMap(([Type, names]) => names.map((Name) => ({ Type, Name }))),
      },
      TLSInfo: tls({ node, ...s }),
    },
    Status: { State: 'ready', Addr: node.Addr },
    ManagerStatus: { Leader: true, Reachability: 'reachable', Addr: `${node.Addr}:${PORT}` },
  };
}

/** A node by id, by name, or as `self`. */
export function node(d: Daemon, ref: string): Node {
  const { node } = need(d);
  if (ref === node.ID || ref === node.Hostname || ref === 'self' || (ref !== '' && node.ID.startsWith(ref))) return node;
  throw notFound(`node ${ref} not found`);
}

/** POST /nodes/{id}/update. */
export function updateNode(d: Daemon, ref: string, version: number, spec: NodeSpec) {
  const was = node(d, ref);
  if (!['active', 'pause', 'drain'].includes(spec.Availability))
    throw invalid(`invalid Availability: ${JSON.stringify(spec.Availability)}`);
  if (!['manager', 'worker'].includes(spec.Role)) throw invalid(`invalid Role: ${JSON.stringify(spec.Role)}`);
  if (version !== was.Version) throw rpc('Unknown', 'update out of sequence');
  if (spec.Role === 'worker') throw rpc('FailedPrecondition', 'attempting to demote the last manager of the swarm');
  const Version = next(d);
  const s = need(d);
  d.s.swarm = { ...s, node: { ...was, Spec: { ...spec, Labels: spec.Labels ?? {} }, Version, UpdatedAt: d.now() } };
  d.event('node', 'update', was.ID, {
    name: was.Hostname,
    ...(spec.Availability === was.Spec.Availability
      ? {}
      : { 'availability.new': spec.Availability, 'availability.old': was.Spec.Availability }),
  });
}

/** DELETE /nodes/{id}: the only node is a manager. */
export function removeNode(d: Daemon, ref: string): never {
  throw rpc(
    'FailedPrecondition',
    `node ${node(d, ref).ID} is a cluster manager and is a member of the raft cluster. It must be demoted to worker before removal`,
  );
}
