/**
 * Flags of `docker service create` and `update` → a service's spec: docker/cli, cli/command/service/opts.go, update.go.
 *
 * Simplified: generic resources, credential specs and placement preferences are kept and mean nothing on one node.
 */

import { csv } from '../../csv';
import { fromEnvironment } from '../../options/env';
import { parseMount } from '../../options/mount';
import { parseNetwork } from '../../options/network';
import { parsePortSpec } from '../../options/ports';
import { keyValues } from '../../options/words';
import type { Ctx } from '../api';
import { CommandError } from '../api';
import type { ContainerSpec, PortJson, ServiceSpec, UpdateConfig } from './api';

/** Words of a command line in one text: github.com/google/shlex. */
export const words = (text: string): string[] =>
  [...text.matchAll(/(?:[^\s"']+|"(?:\\.|[^"])*"|'[^']*')+/g)].map(([w]) =>
    w.replace(/"((?:\\.|[^"])*)"|'([^']*)'/g, (_, a?: string, b?: string) => (a ?? b ?? '').replace(/\\(.)/g, '$1')),
  );

// ——— secrets, configs

export interface AskedFile {
  source: string;
  File: { Name: string; UID: string; GID: string; Mode: number };
}

/** "pw" or "source=pw,target=copy,uid=1000,gid=0,mode=0400": opts/swarmopts. */
export function fileOf(text: string): AskedFile {
  const out: AskedFile = { source: '', File: { Name: '', UID: '0', GID: '0', Mode: 0o444 } };
  if (!text.includes('=')) return { source: text, File: { ...out.File, Name: text } };
  for (const field of csv(text)) {
    const at = field.indexOf('=');
    const [key, value] = [field.slice(0, at).toLowerCase(), field.slice(at + 1)];
    if (at < 0) throw new CommandError(`invalid field '${field}' must be a key=value pair`);
    if (key === 'source' || key === 'src') out.source = value;
    else if (key === 'target') out.File.Name = value;
    else if (key === 'uid') out.File.UID = value;
    else if (key === 'gid') out.File.GID = value;
    else if (key === 'mode') {
      if (!/^0?[0-7]+$/.test(value))
        throw new CommandError(`invalid mode specified: strconv.ParseUint: parsing ${JSON.stringify(value)}: invalid syntax`);
      out.File.Mode = Number.parseInt(value, 8);
    } else throw new CommandError(`invalid field in secret request: ${key}`);
  }
  if (out.source === '') throw new CommandError('source is required');
  if (out.File.Name === '') out.File.Name = out.source;
  return out;
}

// ——— ports

/** "8080:80/tcp", or "mode=host,target=80,published=8080": opts/swarmopts/port.go. */
export function portsOf(texts: readonly string[]): PortJson[] {
  return texts.flatMap((text) => {
    if (!text.includes('=')) {
      return parsePortSpec(text).flatMap((m): PortJson[] => {
        const [port = '', proto = 'tcp'] = `${m.port}`.split('/');
        return [{ Protocol: proto, TargetPort: Number(port), ...published(m.hostPort), PublishMode: 'ingress' }];
      });
    }
    const p: PortJson = { Protocol: 'tcp', TargetPort: 0, PublishMode: 'ingress' };
    for (const field of csv(text)) {
      const [key = '', value = ''] = field.split('=');
      if (key === 'target') p.TargetPort = Number(value);
      else if (key === 'published') p.PublishedPort = Number(value);
      else if (key === 'protocol') p.Protocol = value;
      else if (key === 'mode') p.PublishMode = value as 'ingress' | 'host';
      else throw new CommandError(`invalid field ${key}`);
    }
    if (p.TargetPort === 0) throw new CommandError('missing mandatory field "target"');
    const { Protocol, TargetPort, PublishedPort, PublishMode } = p;
    return [{ Protocol, TargetPort, ...(PublishedPort ? { PublishedPort } : {}), PublishMode }];
  });
}
const published = (text: string) => (text === '' ? {} : { PublishedPort: Number(text) });

// ——— updates, restarts, resources

const UPDATE_FLAGS = ['parallelism', 'delay', 'monitor', 'failure-action', 'max-failure-ratio', 'order'];
const DEFAULT_UPDATE: UpdateConfig = {
  Parallelism: 1,
  Delay: 0,
  FailureAction: 'pause',
  Monitor: 5e9,
  MaxFailureRatio: 0,
  Order: 'stop-first',
};

export function updateConfig(c: Ctx, prefix: 'update' | 'rollback', was: UpdateConfig | undefined): UpdateConfig | undefined {
  const given = (name: string) => c.given(`${prefix}-${name}`);
  if (!UPDATE_FLAGS.some(given)) return was;
  const own = { ...DEFAULT_UPDATE, ...was };
  return {
    Parallelism: given('parallelism') ? c.number(`${prefix}-parallelism`) : own.Parallelism,
    Delay: given('delay') ? c.number(`${prefix}-delay`) : own.Delay,
    FailureAction: given('failure-action') ? c.text(`${prefix}-failure-action`) : own.FailureAction,
    Monitor: given('monitor') ? c.number(`${prefix}-monitor`) : own.Monitor,
    MaxFailureRatio: given('max-failure-ratio') ? c.number(`${prefix}-max-failure-ratio`) : own.MaxFailureRatio,
    Order: given('order') ? c.text(`${prefix}-order`) : own.Order,
  };
}

type Restart = ServiceSpec['TaskTemplate']['RestartPolicy'];
export function restartPolicy(c: Ctx, was: Restart): Restart {
  if (!['condition', 'delay', 'max-attempts', 'window'].some((n) => c.given(`restart-${n}`))) return was;
  const Window = c.given('restart-window') ? c.number('restart-window') : was?.Window;
  return {
    Condition: c.given('restart-condition') ? c.text('restart-condition') : (was?.Condition ?? 'any'),
    Delay: c.given('restart-delay') ? c.number('restart-delay') : (was?.Delay ?? 5e9),
    MaxAttempts: c.given('restart-max-attempts') ? c.number('restart-max-attempts') : (was?.MaxAttempts ?? 0),
    ...(Window ? { Window } : {}),
  };
}

type Resources = NonNullable<ServiceSpec['TaskTemplate']['Resources']>;
export function resources(c: Ctx, was: Resources | undefined): Resources {
  const limit = <T extends object>(old: T | undefined, pairs: [string, string][]) => {
    const out: Record<string, unknown> = { ...old };
    for (const [flag, key] of pairs) if (c.given(flag)) c.number(flag) ? (out[key] = c.number(flag)) : delete out[key];
    return out as T;
  };
  return {
    Limits: limit(was?.Limits, [
      ['limit-cpu', 'NanoCPUs'],
      ['limit-memory', 'MemoryBytes'],
      ['limit-pids', 'Pids'],
    ]),
    Reservations: limit(was?.Reservations, [
      ['reserve-cpu', 'NanoCPUs'],
      ['reserve-memory', 'MemoryBytes'],
    ]),
  };
}

function health(c: Ctx, was: ContainerSpec['Healthcheck']): ContainerSpec['Healthcheck'] {
  if (c.on('no-healthcheck')) {
    if (c.given('health-cmd')) throw new CommandError('--no-healthcheck conflicts with --health-* options');
    return { Test: ['NONE'] };
  }
  const names = ['cmd', 'interval', 'retries', 'start-interval', 'start-period', 'timeout'];
  if (!names.some((n) => c.given(`health-${n}`))) return was;
  const number = (flag: string, key: string) => (c.given(flag) ? { [key]: c.number(flag) } : {});
  return {
    ...was,
    ...(c.given('health-cmd') ? { Test: c.text('health-cmd') === '' ? [] : ['CMD-SHELL', c.text('health-cmd')] } : {}),
    ...number('health-interval', 'Interval'),
    ...number('health-timeout', 'Timeout'),
    ...number('health-start-period', 'StartPeriod'),
    ...number('health-start-interval', 'StartInterval'),
    ...number('health-retries', 'Retries'),
  };
}

const list = <K extends string>(key: K, all: readonly string[]) => (all.length > 0 ? ({ [key]: [...all] } as Record<K, string[]>) : {});

const mounts = (texts: readonly string[]) =>
  texts.map((t) => {
    const { VolumeOptions: v, ...m } = parseMount(t);
    const own = v && (Object.keys(v.Labels ?? {}).length > 0 || Object.keys(v.DriverConfig ?? {}).length > 0 || v.NoCopy || v.Subpath);
    return { ...m, ...(own ? { VolumeOptions: v } : {}) };
  });

export interface Asked {
  spec: ServiceSpec;
  networks: { name: string; aliases: string[] }[];
  secrets: AskedFile[];
  configs: AskedFile[];
}

function modeOf(c: Ctx): ServiceSpec['Mode'] {
  const mode = c.text('mode');
  const given = c.given('replicas');
  const replicas = given ? c.number('replicas') : 1;
  if (c.given('max-concurrent') && mode !== 'replicated-job')
    throw new CommandError('max-concurrent can only be used with replicated-job mode');
  if (given && (mode === 'global' || mode === 'global-job'))
    throw new CommandError('replicas can only be used with replicated or replicated-job mode');
  if (mode === 'global') {
    if (c.given('replicas-max-per-node'))
      throw new CommandError('replicas-max-per-node can only be used with replicated or replicated-job mode');
    return { Global: {} };
  }
  if (mode === 'replicated') return { Replicated: { Replicas: replicas } };
  if (mode === 'replicated-job')
    return {
      ReplicatedJob: { MaxConcurrent: c.given('max-concurrent') ? c.number('max-concurrent') : replicas, TotalCompletions: replicas },
    };
  if (mode === 'global-job') return { GlobalJob: {} };
  throw new CommandError(`Unknown mode: ${mode}, only replicated and global supported`);
}

/** `docker service create`. */
export function created(c: Ctx): Asked {
  const [image = '', ...args] = c.args;
  const Mode = modeOf(c);
  if ((Mode.ReplicatedJob || Mode.GlobalJob) && UPDATE_FLAGS.some((f) => c.given(`update-${f}`)))
    throw new CommandError('update and rollback configuration is not supported for jobs');
  const env = c.list('env').map((e) => fromEnvironment(e, c.env));
  const dns = { ...list('Nameservers', c.list('dns')), ...list('Search', c.list('dns-search')), ...list('Options', c.list('dns-option')) };
  const update = updateConfig(c, 'update', undefined);
  const back = updateConfig(c, 'rollback', undefined);
  const restart = restartPolicy(c, undefined);
  const check = health(c, undefined);
  const labels = keyValues(c.list('container-label'));
  const entrypoint = c.given('entrypoint') ? words(c.text('entrypoint')) : [];
  const ports = portsOf(c.list('publish'));
  const constraints = c.list('constraint');
  const most = c.number('replicas-max-per-node');
  const ContainerSpec: ContainerSpec = {
    Image: image,
    ...(Object.keys(labels).length > 0 ? { Labels: labels } : {}),
    ...list('Command', entrypoint),
    ...list('Args', args),
    ...(c.text('hostname') ? { Hostname: c.text('hostname') } : {}),
    ...list('Env', env),
    ...(c.text('workdir') ? { Dir: c.text('workdir') } : {}),
    ...(c.text('user') ? { User: c.text('user') } : {}),
    ...list('Groups', c.list('group')),
    Init: c.on('init'),
    ...(c.text('stop-signal') ? { StopSignal: c.text('stop-signal') } : {}),
    ...(c.on('tty') ? { TTY: true } : {}),
    ...(c.on('read-only') ? { ReadOnly: true } : {}),
    ...(c.list('mount').length > 0 ? { Mounts: mounts(c.list('mount')) } : {}),
    ...(c.given('stop-grace-period') ? { StopGracePeriod: c.number('stop-grace-period') } : {}),
    ...(check ? { Healthcheck: check } : {}),
    ...list(
      'Hosts',
      c.list('host').map((h) => h.replace(/^([^:]+):(.*)$/, '$2 $1')),
    ),
    DNSConfig: dns,
    Isolation: c.text('isolation') || 'default',
    ...(c.list('sysctl').length > 0 ? { Sysctls: keyValues(c.list('sysctl')) } : {}),
    ...list('CapabilityAdd', c.list('cap-add')),
    ...list('CapabilityDrop', c.list('cap-drop')),
    ...(c.number('oom-score-adj') ? { OomScoreAdj: c.number('oom-score-adj') } : {}),
  };
  return {
    networks: c.list('network').map(attachment),
    secrets: c.list('secret').map(fileOf),
    configs: c.list('config').map(fileOf),
    spec: {
      Name: c.text('name'),
      Labels: keyValues(c.list('label')),
      TaskTemplate: {
        ContainerSpec,
        Resources: resources(c, undefined),
        ...(restart ? { RestartPolicy: restart } : {}),
        Placement: { ...list('Constraints', constraints), ...(most ? { MaxReplicas: most } : {}) },
        ...(c.text('log-driver') ? { LogDriver: { Name: c.text('log-driver'), Options: keyValues(c.list('log-opt')) } } : {}),
      },
      Mode,
      ...(update ? { UpdateConfig: update } : {}),
      ...(back ? { RollbackConfig: back } : {}),
      EndpointSpec: { Mode: c.text('endpoint-mode'), ...(ports.length > 0 ? { Ports: ports } : {}) },
    },
  };
}

export const attachment = (text: string) => {
  const { Target, Aliases } = parseNetwork(text);
  return { name: Target, aliases: Aliases ?? [] };
};

// ——— update

const without = (all: readonly string[] | undefined, gone: readonly string[], key: (x: string) => string = (x) => x) =>
  (all ?? []).filter((x) => !gone.includes(key(x)) && !gone.includes(x));

function optional<T extends object, K extends keyof T>(o: T, key: K, value: T[K] | undefined) {
  const empty =
    value === undefined ||
    (Array.isArray(value) ? value.length === 0 : typeof value === 'object' && value !== null && Object.keys(value).length === 0);
  if (empty) delete o[key];
  else o[key] = value as T[K];
}

function labels(c: Ctx, was: Record<string, string> | undefined, flag: string) {
  const out = { ...was, ...keyValues(c.list(`${flag}-add`)) };
  for (const key of c.list(`${flag}-rm`)) delete out[key];
  return out;
}

function environment(c: Ctx, was: readonly string[] | undefined): string[] {
  const added = c.list('env-add').map((e) => fromEnvironment(e, c.env));
  const key = (e: string) => e.split('=')[0] as string;
  const names = [...c.list('env-rm'), ...added.map(key)];
  return [...(was ?? []).filter((e) => !names.includes(key(e))), ...added];
}

/** Removes and adds files: what is added comes resolved. */
function files<T extends { File: AskedFile['File'] }>(
  was: readonly T[] | undefined,
  gone: readonly string[],
  name: (r: T) => string,
  added: readonly T[],
): T[] {
  return [...(was ?? []).filter((r) => !gone.includes(name(r))), ...added];
}

function ports(c: Ctx, was: readonly PortJson[] | undefined): PortJson[] {
  const gone = c.list('publish-rm').map((t) => t.split(':').at(-1) as string);
  const added = portsOf(c.list('publish-add'));
  const same = (a: PortJson, b: PortJson) => a.TargetPort === b.TargetPort && a.Protocol === b.Protocol && a.PublishMode === b.PublishMode;
  const kept = (was ?? []).filter(
    (p) => !gone.some((g) => g === `${p.TargetPort}` || g === `${p.TargetPort}/${p.Protocol}`) && !added.some((a) => same(a, p)),
  );
  return [...kept, ...added];
}

/** Applies the flags of `docker service update`; secrets, configs and networks to add come resolved. */
export function updated(
  c: Ctx,
  was: ServiceSpec,
  more: {
    secrets: ContainerSpec['Secrets'];
    configs: ContainerSpec['Configs'];
    networks: ServiceSpec['TaskTemplate']['Networks'];
    gone: string[];
  },
): ServiceSpec {
  const t = { ...was.TaskTemplate };
  const k: ContainerSpec = { ...t.ContainerSpec };
  const text = (flag: string, set: (value: string) => void) => c.given(flag) && set(c.text(flag));
  text('image', (v) => (k.Image = v));
  text('hostname', (v) => optional(k, 'Hostname', v || undefined));
  text('workdir', (v) => optional(k, 'Dir', v || undefined));
  text('user', (v) => optional(k, 'User', v || undefined));
  text('stop-signal', (v) => optional(k, 'StopSignal', v || undefined));
  text('args', (v) => optional(k, 'Args', words(v)));
  text('entrypoint', (v) => optional(k, 'Command', words(v)));
  for (const [flag, key] of [
    ['init', 'Init'],
    ['tty', 'TTY'],
    ['read-only', 'ReadOnly'],
  ] as const)
    if (c.given(flag)) k[key] = c.on(flag);
  if (c.given('stop-grace-period')) k.StopGracePeriod = c.number('stop-grace-period');
  optional(k, 'Labels', labels(c, k.Labels, 'container-label'));
  optional(k, 'Env', environment(c, k.Env));
  optional(k, 'Healthcheck', health(c, k.Healthcheck));
  optional(
    k,
    'Secrets',
    files(k.Secrets, c.list('secret-rm'), (r) => r.SecretName, more.secrets ?? []),
  );
  optional(
    k,
    'Configs',
    files(k.Configs, c.list('config-rm'), (r) => r.ConfigName, more.configs ?? []),
  );
  optional(k, 'CapabilityAdd', [...(k.CapabilityAdd ?? []), ...c.list('cap-add')]);
  optional(k, 'CapabilityDrop', [...(k.CapabilityDrop ?? []), ...c.list('cap-drop')]);
  optional(k, 'Mounts', [...(k.Mounts ?? []).filter((m) => !c.list('mount-rm').includes(m.Target)), ...mounts(c.list('mount-add'))]);
  const placement = { ...t.Placement };
  optional(placement, 'Constraints', [...without(placement.Constraints, c.list('constraint-rm')), ...c.list('constraint-add')]);
  if (c.given('replicas-max-per-node')) optional(placement, 'MaxReplicas', c.number('replicas-max-per-node') || undefined);
  t.ContainerSpec = k;
  t.Placement = placement;
  if (t.Resources || ['limit-cpu', 'limit-memory', 'limit-pids', 'reserve-cpu', 'reserve-memory'].some(c.given))
    t.Resources = resources(c, t.Resources);
  optional(t, 'RestartPolicy', restartPolicy(c, t.RestartPolicy));
  optional(t, 'Networks', [...(t.Networks ?? []).filter((n) => !more.gone.includes(n.Target)), ...(more.networks ?? [])]);
  if (c.on('force')) t.ForceUpdate = (t.ForceUpdate ?? 0) + 1;
  const out: ServiceSpec = { ...was, Labels: labels(c, was.Labels, 'label'), TaskTemplate: t, Mode: replicas(c, was.Mode) };
  optional(out, 'UpdateConfig', updateConfig(c, 'update', was.UpdateConfig));
  optional(out, 'RollbackConfig', updateConfig(c, 'rollback', was.RollbackConfig));
  const endpoint = { ...was.EndpointSpec, ...(c.given('endpoint-mode') ? { Mode: c.text('endpoint-mode') } : {}) };
  optional(endpoint, 'Ports', ports(c, was.EndpointSpec?.Ports));
  optional(out, 'EndpointSpec', endpoint);
  return out;
}

function replicas(c: Ctx, was: ServiceSpec['Mode']): ServiceSpec['Mode'] {
  if (!c.given('replicas')) return was;
  if (was.ReplicatedJob) return { ReplicatedJob: { ...was.ReplicatedJob, TotalCompletions: c.number('replicas') } };
  if (!was.Replicated) throw new CommandError('replicas can only be used with replicated mode');
  return { Replicated: { Replicas: c.number('replicas') } };
}
