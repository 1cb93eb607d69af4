/** A stack file's services as the engine's: docker/cli, cli/compose/convert. */

import { parseBinarySize, parseDuration } from '../../../base';
import { isMapping, type Mapping, parsePort, parseVolume, type Tree, words } from '../../../compose';
import type { Outside } from '../../options/env';
import { parseKeyValueFile } from '../../options/env';
import { CommandError } from '../api';
import type { ContainerSpec, PortJson, Ref, ServiceSpec, UpdateConfig } from './api';
import { pathIn, type StackFile, sectionOf } from './stack-file';

export const NAMESPACE = 'com.docker.stack.namespace';
const IMAGE = 'com.docker.stack.image';

export const scoped = (stack: string, name: string): string => `${stack}_${name}`;
/** A network, volume, secret or config by the name that it has outside the file. */
export function nameOf(stack: string, key: string, of: Mapping | undefined): string {
  if (typeof of?.name === 'string') return of.name;
  if (isMapping(of?.external) && typeof of.external.name === 'string') return of.external.name;
  return of?.external ? key : scoped(stack, key);
}

const text = (t: Tree | undefined): string => (t === undefined || t === null ? '' : String(t));
const listOf = (t: Tree | undefined): string[] => (Array.isArray(t) ? t.map(text) : t === undefined || t === null ? [] : [text(t)]);
const mapOf = (t: Tree | undefined): Mapping => (isMapping(t) ? t : {});
/** A command line: words, or a list of them. */
const commandOf = (t: Tree | undefined): string[] => (typeof t === 'string' ? words(t) : listOf(t));

/** "A=1" lists and mappings alike. */
export function pairs(t: Tree | undefined): Record<string, string> {
  if (isMapping(t)) return Object.fromEntries(Object.entries(t).map(([k, v]) => [k, text(v)]));
  return Object.fromEntries(listOf(t).map((p) => (p.includes('=') ? [p.slice(0, p.indexOf('=')), p.slice(p.indexOf('=') + 1)] : [p, ''])));
}

function environment(file: StackFile, s: Mapping, outside: Outside): string[] {
  const fromFiles = listOf(s.env_file).flatMap((f) => parseKeyValueFile(pathIn(file, f), outside, (n) => outside.env[n]));
  const own = isMapping(s.environment)
    ? Object.entries(s.environment).flatMap(([k, v]) =>
        v === null ? (outside.env[k] === undefined ? [] : [`${k}=${outside.env[k]}`]) : [`${k}=${text(v)}`],
      )
    : listOf(s.environment).flatMap((e) => (e.includes('=') ? [e] : outside.env[e] === undefined ? [] : [`${e}=${outside.env[e]}`]));
  const all = new Map([...fromFiles, ...own].map((e) => [e.split('=')[0], e]));
  return [...all.values()].sort();
}

export function portsOf(t: Tree | undefined): PortJson[] {
  const all = Array.isArray(t) ? t : [];
  const found = all.flatMap((p): PortJson[] => {
    if (isMapping(p))
      return [
        {
          Protocol: text(p.protocol) || 'tcp',
          TargetPort: Number(p.target),
          ...(p.published ? { PublishedPort: Number(p.published) } : {}),
          PublishMode: (text(p.mode) || 'ingress') as 'ingress' | 'host',
        },
      ];
    return parsePort(text(p)).map((x) => ({
      Protocol: x.protocol,
      TargetPort: x.target,
      ...(x.published ? { PublishedPort: Number(x.published) } : {}),
      PublishMode: 'ingress',
    }));
  });
  return found.sort((a, b) => (a.PublishedPort ?? 0) - (b.PublishedPort ?? 0));
}

function mountsOf(file: StackFile, stack: string, s: Mapping): ContainerSpec['Mounts'] {
  const volumes = sectionOf(file, 'volumes');
  const list = Array.isArray(s.volumes) ? s.volumes : [];
  return list.map((v) => {
    const m = isMapping(v) ? v : (parseVolume(text(v)) as Mapping);
    const source = text(m.source);
    const Type = text(m.type) || 'volume';
    const rest = { Target: text(m.target), ...(m.read_only ? { ReadOnly: true } : {}) };
    if (Type === 'bind') return { Type, Source: pathIn(file, source), ...rest };
    if (Type !== 'volume' || source === '') return { Type, ...rest };
    if (!Object.hasOwn(volumes, source)) throw new CommandError(`undefined volume ${JSON.stringify(source)}`);
    return { Type, Source: nameOf(stack, source, volumes[source]), ...rest, VolumeOptions: { Labels: { [NAMESPACE]: stack } } };
  });
}

const duration = (t: Tree | undefined) => (t === undefined ? undefined : parseDuration(text(t)));
const some = <T extends object>(o: T): T => Object.fromEntries(Object.entries(o).filter(([, v]) => v !== undefined)) as T;

function healthOf(s: Mapping): ContainerSpec['Healthcheck'] {
  if (!isMapping(s.healthcheck)) return undefined;
  const h = s.healthcheck;
  if (h.disable) return { Test: ['NONE'] };
  const Test = typeof h.test === 'string' ? ['CMD-SHELL', h.test] : h.test === undefined ? undefined : listOf(h.test);
  return some({
    Test,
    Timeout: duration(h.timeout),
    Interval: duration(h.interval),
    Retries: h.retries === undefined ? undefined : Number(h.retries),
    StartPeriod: duration(h.start_period),
    StartInterval: duration(h.start_interval),
  });
}

function updateOf(t: Tree | undefined): UpdateConfig | undefined {
  if (!isMapping(t)) return undefined;
  return some({
    Parallelism: t.parallelism === undefined ? 1 : Number(t.parallelism),
    Delay: duration(t.delay),
    FailureAction: t.failure_action === undefined ? undefined : text(t.failure_action),
    Monitor: duration(t.monitor),
    MaxFailureRatio: Number(t.max_failure_ratio ?? 0),
    Order: t.order === undefined ? undefined : text(t.order),
  });
}

function restartOf(deploy: Mapping): ServiceSpec['TaskTemplate']['RestartPolicy'] {
  const r = deploy.restart_policy;
  if (!isMapping(r)) return undefined;
  return some({
    Condition: r.condition === undefined ? undefined : text(r.condition),
    Delay: duration(r.delay),
    MaxAttempts: r.max_attempts === undefined ? undefined : Number(r.max_attempts),
    Window: duration(r.window),
  });
}

function resourcesOf(deploy: Mapping): NonNullable<ServiceSpec['TaskTemplate']['Resources']> {
  const of = (t: Tree | undefined) => {
    if (!isMapping(t)) return undefined;
    return some({
      NanoCPUs: t.cpus === undefined ? undefined : Math.round(Number(t.cpus) * 1e9),
      MemoryBytes: t.memory === undefined ? undefined : parseBinarySize(text(t.memory)),
      Pids: t.pids === undefined ? undefined : Number(t.pids),
    });
  };
  const r = mapOf(deploy.resources);
  return some({ Limits: of(r.limits), Reservations: of(r.reservations) });
}

function modeOf(deploy: Mapping): ServiceSpec['Mode'] {
  const mode = text(deploy.mode) || 'replicated';
  const replicas = deploy.replicas === undefined ? undefined : Number(deploy.replicas);
  if (mode.startsWith('global')) {
    if (replicas !== undefined) throw new CommandError('replicas can only be used with replicated or replicated-job mode');
    return mode === 'global' ? { Global: {} } : { GlobalJob: {} };
  }
  if (mode === 'replicated') return { Replicated: { Replicas: replicas ?? 1 } };
  if (mode === 'replicated-job') return { ReplicatedJob: { MaxConcurrent: replicas ?? 1, TotalCompletions: replicas ?? 1 } };
  throw new CommandError(`Unknown mode: ${mode}`);
}

/** What a service asks for of the top-level secrets or configs: name in the swarm, and the file that it becomes. */
function blobsOf(file: StackFile, stack: string, name: string, s: Mapping, kind: 'secrets' | 'configs') {
  const known = sectionOf(file, kind);
  const list = Array.isArray(s[kind]) ? (s[kind] as Tree[]) : [];
  return list.map((t) => {
    const m = isMapping(t) ? t : { source: text(t) };
    const source = text(m.source);
    if (!Object.hasOwn(known, source)) throw new CommandError(`service ${name}: undefined ${kind.slice(0, -1)} ${JSON.stringify(source)}`);
    const File: Ref['File'] = {
      Name: text(m.target) || source,
      UID: text(m.uid) || '0',
      GID: text(m.gid) || '0',
      Mode: m.mode === undefined ? 0o444 : Number(m.mode),
    };
    return { name: nameOf(stack, source, known[source]), File };
  });
}

/** Networks of a service, as the file calls them: those that it names, or the stack's own; each with its aliases, the last the service's name. */
export function networksOf(s: Mapping, name: string): [string, string[]][] {
  const asked: [string, Tree][] = isMapping(s.networks) ? Object.entries(s.networks) : listOf(s.networks).map((n) => [n, null]);
  return (asked.length > 0 ? asked : ([['default', null]] as [string, Tree][])).map(([key, own]) => [
    key,
    [...listOf(mapOf(own).aliases), name],
  ]);
}

function attachments(file: StackFile, stack: string, name: string, s: Mapping): { name: string; aliases: string[] }[] {
  const known = sectionOf(file, 'networks');
  return networksOf(s, name).map(([key, aliases]) => {
    if (key !== 'default' && !Object.hasOwn(known, key))
      throw new CommandError(`service ${name}: undefined network ${JSON.stringify(key)}`);
    return { name: nameOf(stack, key, known[key]), aliases };
  });
}

export interface Converted {
  name: string;
  spec: ServiceSpec;
  networks: { name: string; aliases: string[] }[];
  secrets: { name: string; File: Ref['File'] }[];
  configs: { name: string; File: Ref['File'] }[];
}

export function convert(file: StackFile, stack: string, name: string, s: Mapping, outside: Outside): Converted {
  if (text(s.image) === '') throw new CommandError(`invalid image reference for service ${name}: no image specified`);
  const deploy = mapOf(s.deploy);
  const labels = { [NAMESPACE]: stack };
  const env = environment(file, s, outside);
  const mounts = mountsOf(file, stack, s);
  const args = commandOf(s.command);
  const entrypoint = commandOf(s.entrypoint);
  const hosts = isMapping(s.extra_hosts)
    ? Object.entries(s.extra_hosts).map(([k, v]) => `${text(v)} ${k}`)
    : listOf(s.extra_hosts).map((h) => h.replace(/^([^:=]+)[:=](.*)$/, '$2 $1'));
  const constraints = listOf(mapOf(deploy.placement).constraints);
  const most = mapOf(deploy.placement).max_replicas_per_node;
  const ports = portsOf(s.ports);
  const logging = mapOf(s.logging);
  const ContainerSpec = some<ContainerSpec>({
    Image: text(s.image),
    Labels: { ...pairs(s.labels), ...labels },
    Command: entrypoint.length > 0 ? entrypoint : undefined,
    Args: args.length > 0 ? args : undefined,
    Hostname: text(s.hostname) || undefined,
    Env: env.length > 0 ? env : undefined,
    Dir: text(s.working_dir) || undefined,
    User: text(s.user) || undefined,
    Privileges: { CredentialSpec: null, SELinuxContext: null, NoNewPrivileges: false },
    Init: s.init === undefined ? undefined : s.init === true,
    StopSignal: text(s.stop_signal) || undefined,
    TTY: s.tty === true ? true : undefined,
    ReadOnly: s.read_only === true ? true : undefined,
    Mounts: mounts?.length ? mounts : undefined,
    StopGracePeriod: duration(s.stop_grace_period),
    Healthcheck: healthOf(s),
    Hosts: hosts.length > 0 ? hosts : undefined,
    DNSConfig: some({ Nameservers: s.dns ? listOf(s.dns) : undefined, Search: s.dns_search ? listOf(s.dns_search) : undefined }),
    Isolation: text(s.isolation) || 'default',
    CapabilityAdd: s.cap_add ? listOf(s.cap_add) : undefined,
    CapabilityDrop: s.cap_drop ? listOf(s.cap_drop) : undefined,
    Sysctls: s.sysctls ? pairs(s.sysctls) : undefined,
  });
  return {
    name,
    networks: attachments(file, stack, name, s),
    secrets: blobsOf(file, stack, name, s, 'secrets'),
    configs: blobsOf(file, stack, name, s, 'configs'),
    spec: some<ServiceSpec>({
      Name: scoped(stack, name),
      Labels: { [IMAGE]: text(s.image), ...labels, ...pairs(deploy.labels) },
      TaskTemplate: some<ServiceSpec['TaskTemplate']>({
        ContainerSpec,
        Resources: resourcesOf(deploy),
        RestartPolicy: restartOf(deploy),
        Placement: some({
          Constraints: constraints.length > 0 ? constraints : undefined,
          MaxReplicas: most === undefined ? undefined : Number(most),
        }),
        LogDriver: logging.driver ? { Name: text(logging.driver), Options: pairs(logging.options) } : undefined,
      }),
      Mode: modeOf(deploy),
      UpdateConfig: updateOf(deploy.update_config),
      RollbackConfig: updateOf(deploy.rollback_config),
      EndpointSpec: some({ Mode: text(deploy.endpoint_mode) || undefined, Ports: ports.length > 0 ? ports : undefined }),
    }),
  };
}
