/** docker swarm and docker node: docker/cli, cli/command/swarm, cli/command/node. */

import { binarySize, decode, humanDuration } from '../../../base';
import type { Script } from '../../driver';
import { line } from '../../driver';
import { formatList } from '../../formatter';
import { helpText } from '../../help';
import { keyValues } from '../../options/words';
import { find } from '../../records';
import { type Command, CommandError, type Ctx, call, each, get, notModelled, pathOf, post, print, say, segment } from '../api';
import { now } from '../files';
import { type Found, show } from '../inspect';
import { formatted, natural } from '../output';
import { isTerminal } from '../streams';
import { filters, type Labels, type NodeJson } from './api';
import { nodeContext, nodeFormat } from './formats';
import { nodeType } from './types';

interface SwarmJson {
  ID: string;
  Version: { Index: number };
  Spec: {
    Orchestration: { TaskHistoryRetentionLimit: number };
    Raft: { SnapshotInterval: number; KeepOldSnapshots: number };
    Dispatcher: { HeartbeatPeriod: number };
    CAConfig: { NodeCertExpiry: number };
    EncryptionConfig: { AutoLockManagers: boolean };
  };
  JoinTokens: { Worker: string; Manager: string };
  TLSInfo: { TrustRoot: string };
}

/** Flags of init and update that say how the swarm works. */
function spec(c: Ctx, was: SwarmJson['Spec'] | null) {
  const number = (flag: string, old: number | undefined) => (c.given(flag) || !old ? c.number(flag) : old);
  return {
    ...was,
    Labels: {},
    Orchestration: { TaskHistoryRetentionLimit: number('task-history-limit', was?.Orchestration.TaskHistoryRetentionLimit) },
    Raft: {
      ...was?.Raft,
      SnapshotInterval: number('snapshot-interval', was?.Raft.SnapshotInterval),
      KeepOldSnapshots: c.given('max-snapshots') ? c.number('max-snapshots') : (was?.Raft.KeepOldSnapshots ?? 0),
    },
    Dispatcher: { HeartbeatPeriod: number('dispatcher-heartbeat', was?.Dispatcher.HeartbeatPeriod) },
    CAConfig: { NodeCertExpiry: number('cert-expiry', was?.CAConfig.NodeCertExpiry) },
    EncryptionConfig: { AutoLockManagers: c.given('autolock') ? c.on('autolock') : (was?.EncryptionConfig.AutoLockManagers ?? false) },
  };
}

const unlockText = (key: string) =>
  `To unlock a swarm manager after it restarts, run the \`docker swarm unlock\`\ncommand and provide the following key:\n\n    ${key}\n\nRemember to store this key in a password manager, since without it you\nwill not be able to restart the manager.\n`;

function* joinText(c: Ctx, role: 'worker' | 'manager'): Script<string> {
  const { JoinTokens } = yield* get<SwarmJson>(c, '/swarm');
  const { Swarm } = yield* get<{ Swarm: { RemoteManagers: { Addr: string }[] } }>(c, '/info');
  const token = role === 'worker' ? JoinTokens.Worker : JoinTokens.Manager;
  return `To add a ${role} to this swarm, run the following command:\n\n    docker swarm join --token ${token} ${Swarm.RemoteManagers[0]?.Addr}\n\n`;
}

const init: Command = function* (c) {
  const availability = c.text('availability');
  if (!['active', 'pause', 'drain'].includes(availability))
    throw new CommandError(`invalid availability ${JSON.stringify(availability)}, only active, pause and drain are supported`);
  const id = yield* post<string>(c, '/swarm/init', {
    ListenAddr: c.text('listen-addr'),
    AdvertiseAddr: c.text('advertise-addr'),
    DataPathPort: c.number('data-path-port'),
    DefaultAddrPool: c.given('default-addr-pool') ? c.list('default-addr-pool').concat(c.text('default-addr-pool') || []) : null,
    SubnetSize: c.number('default-addr-pool-mask-length'),
    ForceNewCluster: c.on('force-new-cluster'),
    AutoLockManagers: c.on('autolock'),
    Availability: availability,
    Spec: spec(c, null),
  });
  yield* print(`Swarm initialized: current node (${id}) is now a manager.\n\n${yield* joinText(c, 'worker')}`);
  yield* print("To add a manager to this swarm, run 'docker swarm join-token manager' and follow the instructions.\n");
  if (c.on('autolock')) {
    const { UnlockKey } = yield* get<{ UnlockKey: string }>(c, '/swarm/unlockkey');
    yield* print(unlockText(UnlockKey));
  } else yield* print('\n');
  return 0;
};

const join: Command = function* (c) {
  yield* call(c, 'POST', '/swarm/join', {
    JoinToken: c.text('token'),
    ListenAddr: c.text('listen-addr'),
    AdvertiseAddr: c.text('advertise-addr'),
    RemoteAddrs: [c.args[0] ?? ''],
  });
  return 0;
};

const joinToken: Command = function* (c) {
  const role = c.args[0] as 'worker' | 'manager';
  if (role !== 'worker' && role !== 'manager') throw new CommandError(`unknown role ${role}`);
  if (c.on('rotate')) {
    const s = yield* get<SwarmJson>(c, '/swarm');
    const which = role === 'worker' ? 'rotateWorkerToken' : 'rotateManagerToken';
    yield* call(c, 'POST', pathOf('/swarm/update', { version: s.Version.Index, [which]: 'true' }), s.Spec);
    if (!c.on('quiet')) yield* print(`Successfully rotated ${role} join token.\n\n`);
  }
  const text = yield* joinText(c, role);
  yield* print(c.on('quiet') ? `${/--token (\S+)/.exec(text)?.[1]}\n` : text);
  return 0;
};

const leave: Command = function* (c) {
  yield* call(c, 'POST', pathOf('/swarm/leave', { force: c.on('force') }));
  yield* say('Node left the swarm.');
  return 0;
};

const UPDATES = [
  'autolock',
  'cert-expiry',
  'dispatcher-heartbeat',
  'external-ca',
  'max-snapshots',
  'snapshot-interval',
  'task-history-limit',
];

const update: Command = function* (c) {
  if (!UPDATES.some(c.given)) {
    const record = find('docker swarm update')?.record;
    if (record) yield* print(helpText('docker swarm update', record, 80));
    return 0;
  }
  if (c.given('external-ca')) throw notModelled('--external-ca');
  const s = yield* get<SwarmJson>(c, '/swarm');
  yield* call(c, 'POST', pathOf('/swarm/update', { version: s.Version.Index }), spec(c, s.Spec));
  yield* say('Swarm updated.');
  if (c.given('autolock') && c.on('autolock') && !s.Spec.EncryptionConfig.AutoLockManagers) {
    const { UnlockKey } = yield* get<{ UnlockKey: string }>(c, '/swarm/unlockkey');
    yield* print(`\n${unlockText(UnlockKey)}`);
  }
  return 0;
};

const unlockKey: Command = function* (c) {
  if (c.on('rotate')) {
    const s = yield* get<SwarmJson>(c, '/swarm');
    if (!s.Spec.EncryptionConfig.AutoLockManagers) throw new CommandError('cannot rotate because autolock is not turned on');
    yield* call(c, 'POST', pathOf('/swarm/update', { version: s.Version.Index, rotateManagerUnlockKey: 'true' }), s.Spec);
    if (!c.on('quiet')) yield* print('Successfully rotated manager unlock key.\n\n');
  }
  let key: { UnlockKey: string };
  try {
    key = yield* get<{ UnlockKey: string }>(c, '/swarm/unlockkey');
  } catch (e) {
    throw e instanceof CommandError ? new CommandError(`could not fetch unlock key: ${e.message}`) : e;
  }
  if (key.UnlockKey === '') throw new CommandError('no unlock key is set');
  yield* print(c.on('quiet') ? `${key.UnlockKey}\n` : unlockText(key.UnlockKey));
  return 0;
};

const unlock: Command = function* (c) {
  const { Swarm } = yield* get<{ Swarm: { LocalNodeState: string } }>(c, '/info');
  if (Swarm.LocalNodeState === 'inactive') throw new CommandError('Error: This node is not part of a swarm');
  if (Swarm.LocalNodeState !== 'locked') throw new CommandError('Error: swarm is not locked');
  if (yield* isTerminal(0)) yield* print('Please enter unlock key: ');
  const UnlockKey = yield* line();
  yield* call(c, 'POST', '/swarm/unlock', { UnlockKey });
  return 0;
};

const ca: Command = function* (c) {
  const s = yield* get<SwarmJson>(c, '/swarm');
  if (c.on('rotate')) throw notModelled('docker swarm ca --rotate');
  yield* print(s.TLSInfo.TrustRoot);
  return 0;
};

interface SwarmInfo {
  NodeID: string;
  NodeAddr: string;
  RemoteManagers: { Addr: string }[];
  Nodes: number;
  Managers: number;
  Cluster: SwarmJson & { DataPathPort: number; RootRotationInProgress: boolean };
}

/** The Swarm part of `docker info`. */
export function infoLines(info: object): string[] {
  const s = info as SwarmInfo;
  const { Spec } = s.Cluster;
  return [
    `  NodeID: ${s.NodeID}`,
    '  Is Manager: true',
    `  ClusterID: ${s.Cluster.ID}`,
    `  Managers: ${s.Managers}`,
    `  Nodes: ${s.Nodes}`,
    `  Data Path Port: ${s.Cluster.DataPathPort}`,
    '  Orchestration:',
    `   Task History Retention Limit: ${Spec.Orchestration.TaskHistoryRetentionLimit}`,
    '  Raft:',
    `   Snapshot Interval: ${Spec.Raft.SnapshotInterval}`,
    `   Number of Old Snapshots to Retain: ${Spec.Raft.KeepOldSnapshots}`,
    '   Heartbeat Tick: 1',
    '   Election Tick: 10',
    '  Dispatcher:',
    `   Heartbeat Period: ${humanDuration(Spec.Dispatcher.HeartbeatPeriod)}`,
    '  CA Configuration:',
    `   Expiry Duration: ${humanDuration(Spec.CAConfig.NodeCertExpiry)}`,
    '   Force Rotate: 0',
    `  Autolock Managers: ${Spec.EncryptionConfig.AutoLockManagers}`,
    `  Root Rotation In Progress: ${s.Cluster.RootRotationInProgress}`,
    `  Node Address: ${s.NodeAddr}`,
    '  Manager Addresses:',
    ...s.RemoteManagers.map((m) => `   ${m.Addr}`),
  ];
}

// ——— nodes

export function* selfId(c: Ctx): Script<string> {
  return (yield* get<{ Swarm: { NodeID: string } }>(c, '/info')).Swarm.NodeID;
}
/** `self` is this node. */
export function* nodeRef(c: Ctx, ref: string): Script<string> {
  if (ref !== 'self') return ref;
  const id = yield* selfId(c);
  if (id === '') {
    yield* get(c, '/nodes');
    throw new CommandError("node ID not found in '/info'");
  }
  return id;
}

const ls: Command = function* (c) {
  const f: Record<string, string[]> = {};
  for (const text of c.list('filter')) {
    const [key = '', ...rest] = text.split('=');
    f[key] = [...(f[key] ?? []), rest.join('=')];
  }
  const all = yield* get<NodeJson[]>(c, pathOf('/nodes', Object.keys(f).length > 0 ? { filters: filters(f) } : {}));
  const self = all.length > 0 && !c.on('quiet') ? yield* selfId(c) : '';
  const rows = [...all].sort((a, b) => natural(a.Description.Hostname, b.Description.Hostname));
  const options = { trunc: true, now: yield* now() };
  yield* print(yield* formatted(() => formatList(nodeContext(self), nodeFormat(c.text('format'), c.on('quiet')), rows, options)));
  return 0;
};

const capital = (text: string) => text.replace(/^./, (x) => x.toUpperCase());
const timeText = (at: string) => at.replace('T', ' ').replace(/Z$/, ' +0000 utc');

function pretty(n: NodeJson): string {
  const labels = Object.entries(n.Spec.Labels ?? {});
  const plugins = ['Log', 'Network', 'Volume'].map(
    (type) =>
      ` ${type}:		${n.Description.Engine.Plugins.filter((p) => p.Type === type)
        .map((p) => p.Name)
        .join(', ')}`,
  );
  const { TLSInfo: tls, Resources: r, Platform: p } = n.Description;
  return [
    `ID:\t\t\t${n.ID}`,
    ...(n.Spec.Name ? [`Name:\t\t\t${n.Spec.Name}`] : []),
    ...(labels.length > 0 ? ['Labels:', ...labels.map(([k, v]) => ` - ${k}${v ? `=${v}` : ''}`)] : []),
    `Hostname:              \t${n.Description.Hostname}`,
    `Joined at:             \t${timeText(n.CreatedAt)}`,
    'Status:',
    ` State:\t\t\t${capital(n.Status.State)}`,
    ` Availability:         \t${capital(n.Spec.Availability)}`,
    ` Address:\t\t${n.Status.Addr}`,
    ...(n.ManagerStatus
      ? [
          'Manager Status:',
          ` Address:\t\t${n.ManagerStatus.Addr}`,
          ` Raft Status:\t\t${capital(n.ManagerStatus.Reachability)}`,
          ` Leader:\t\t${n.ManagerStatus.Leader ? 'Yes' : 'No'}`,
        ]
      : []),
    'Platform:',
    ` Operating System:\t${p.OS}`,
    ` Architecture:\t\t${p.Architecture}`,
    'Resources:',
    ` CPUs:\t\t\t${r.NanoCPUs / 1e9}`,
    ` Memory:\t\t${binarySize(r.MemoryBytes)}`,
    'Plugins:',
    ...plugins,
    `Engine Version:\t\t${n.Description.Engine.EngineVersion}`,
    'TLS Info:',
    ' TrustRoot:',
    `${tls.TrustRoot}`,
    ` Issuer Subject:\t${tls.CertIssuerSubject}`,
    ` Issuer Public Key:\t${tls.CertIssuerPublicKey}`,
  ].join('\n');
}

const inspect: Command = function* (c) {
  if (c.on('pretty') && c.given('format')) throw new CommandError('--format is incompatible with human friendly format');
  if (c.on('pretty')) {
    for (const name of c.args) yield* say(pretty(yield* get<NodeJson>(c, `/nodes/${segment(yield* nodeRef(c, name))}`)));
    return 0;
  }
  return yield* show(c.text('format'), c.args, function* (name): Script<Found> {
    const { body } = yield* call(c, 'GET', `/nodes/${segment(yield* nodeRef(c, name))}`);
    return { type: nodeType, json: decode(body).trim() };
  });
};

function* change(
  c: Ctx,
  names: readonly string[],
  edit: (spec: NodeJson['Spec']) => NodeJson['Spec'] | null,
  done: (name: string, id: string, changed: boolean) => string,
): Script {
  return yield* each(names, function* (name) {
    const n = yield* get<NodeJson>(c, `/nodes/${segment(yield* nodeRef(c, name))}`);
    const next = edit(n.Spec);
    if (next) yield* call(c, 'POST', pathOf(`/nodes/${n.ID}/update`, { version: n.Version.Index }), next);
    yield* say(done(name, n.ID, next !== null));
  });
}

const updateNode: Command = function* (c) {
  return yield* change(
    c,
    c.args,
    (s) => {
      const Labels: Labels = { ...s.Labels, ...keyValues(c.list('label-add')) };
      for (const key of c.list('label-rm')) delete Labels[key];
      return {
        ...s,
        Labels,
        ...(c.given('role') ? { Role: c.text('role') } : {}),
        ...(c.given('availability') ? { Availability: c.text('availability') } : {}),
      };
    },
    (name) => name,
  );
};

const turnInto = (role: 'manager' | 'worker'): Command =>
  function* (c) {
    return yield* change(
      c,
      c.args,
      (s) => (s.Role === role ? null : { ...s, Role: role }),
      (name, id, changed) =>
        role === 'manager'
          ? changed
            ? `Node ${name} promoted to a manager in the swarm.`
            : `Node ${id} is already a manager.`
          : changed
            ? `Manager ${name} demoted in the swarm.`
            : `Node ${id} is already a worker.`,
    );
  };

const rm: Command = (c) =>
  each(c.args, function* (name) {
    yield* call(c, 'DELETE', pathOf(`/nodes/${segment(name)}`, { force: c.on('force') }));
    yield* say(name);
  });

export const CLUSTER_COMMANDS: Readonly<Record<string, Command>> = {
  'docker swarm init': init,
  'docker swarm join': join,
  'docker swarm join-token': joinToken,
  'docker swarm leave': leave,
  'docker swarm update': update,
  'docker swarm unlock': unlock,
  'docker swarm unlock-key': unlockKey,
  'docker swarm ca': ca,
  'docker node ls': ls,
  'docker node inspect': inspect,
  'docker node update': updateNode,
  'docker node promote': turnInto('manager'),
  'docker node demote': turnInto('worker'),
  'docker node rm': rm,
};
