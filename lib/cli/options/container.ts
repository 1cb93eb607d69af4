/**
 * `docker run` and `docker create`: a command line made into what the engine is sent (docker/cli,
 * cli/command/container/opts.go, parse). Values that are Go's zero are left out; the engine fills them in.
 */

import { parseUlimit } from '../../base';
import type { Config, HostConfig } from '../../engine';
import type { FlagReader } from '../parse';
import { type DeviceMapping, parseDevice, parseGpus, parseRateBps, parseRateIops, parseWeightDevice, validateDevice } from './devices';
import { environmentOf, labelsOf, type Outside } from './env';
import { absolute, parseMount } from './mount';
import { type Endpoint, endpointsOf, isMac, parseNetwork } from './network';
import { exposed, type PortMap, parsePortSpecs, standardNotation } from './ports';
import { parseSecurityOpts, systemPaths } from './security';
import { parseVolumeSpec } from './volume-spec';
import { cut, keyValues, OptionError, type Release } from './words';

export interface ContainerRequest {
  config: Partial<Config>;
  hostConfig: HostConfig;
  networkingConfig: { EndpointsConfig: Record<string, Endpoint> };
}

const fail = (message: string) => new OptionError(message);

export function parseRestartPolicy(text: string): { Name?: string; MaximumRetryCount?: number } {
  if (text === '') return {};
  const [name, count, found] = cut(text, ':');
  if (found && name === '') throw fail('invalid restart policy format: no policy provided before colon');
  if (count !== '' && !/^[+-]?\d+$/.test(count)) throw fail('invalid restart policy format: maximum retry count must be an integer');
  return { Name: name, ...(count !== '' && Number(count) !== 0 ? { MaximumRetryCount: Number(count) } : {}) };
}

/** A namespace another container may share: "", "host", "container:x", … */
function mode(flag: string, kind: string, text: string, allowed: (text: string) => boolean): string {
  if (!allowed(text)) throw fail(`--${flag}: invalid ${kind} mode`);
  return text;
}

function health(f: FlagReader): Config['Healthcheck'] {
  const durations = ['interval', 'timeout', 'retries', 'start-period', 'start-interval'] as const;
  const any = f.text('health-cmd') !== '' || durations.some((d) => f.number(`health-${d}`) !== 0);
  if (f.on('no-healthcheck')) {
    if (any) throw fail('--no-healthcheck conflicts with --health-* options');
    return { Test: ['NONE'] };
  }
  if (!any) return undefined;
  for (const d of durations) if (f.number(`health-${d}`) < 0) throw fail(`--health-${d} cannot be negative`);
  return {
    ...(f.text('health-cmd') ? { Test: ['CMD-SHELL', f.text('health-cmd')] } : {}),
    Interval: f.number('health-interval'),
    Timeout: f.number('health-timeout'),
    StartPeriod: f.number('health-start-period'),
    StartInterval: f.number('health-start-interval'),
    Retries: f.number('health-retries'),
  };
}

/** -v: sources go to Binds, the rest are volumes of the container's own. */
function volumes(f: FlagReader, cwd: string): { Binds: string[]; Volumes: Record<string, object> } {
  const Binds: string[] = [];
  const Volumes: Record<string, object> = {};
  for (const text of new Set(f.list('volume'))) {
    const { type, source } = parseVolumeSpec(text);
    if (source === '') Volumes[text] = {};
    else if (type === 'bind' && source.startsWith('.')) {
      const [host, rest] = cut(text, ':');
      Binds.push(`${absolute(cwd, host)}:${rest}`);
    } else Binds.push(text);
  }
  return { Binds, Volumes };
}

function ports(f: FlagReader, release: Release): { ExposedPorts: Record<string, object>; PortBindings: PortMap } {
  const PortBindings = parsePortSpecs(standardNotation(f.list('publish')), release);
  const ExposedPorts: Record<string, object> = {};
  for (const p of Object.keys(PortBindings)) ExposedPorts[p] = {};
  for (const e of f.list('expose')) for (const p of exposed(e, release)) ExposedPorts[p] = {};
  return { ExposedPorts, PortBindings };
}

function storage(list: readonly string[]): Record<string, string> {
  for (const o of list) if (!o.includes('=')) throw fail('invalid storage option');
  return keyValues(list);
}

const isEmpty = (v: unknown): boolean =>
  v === undefined ||
  v === null ||
  v === '' ||
  v === 0 ||
  v === false ||
  (Array.isArray(v) && v.length === 0) ||
  (typeof v === 'object' && v !== null && !Array.isArray(v) && Object.keys(v).length === 0);

/** Without the fields that hold their zero value; `keep` are told from absent ones. */
function set<T extends object>(fields: T, keep: readonly string[] = []): T {
  return Object.fromEntries(
    Object.entries(fields).filter(([k, v]) => v !== undefined && (!isEmpty(v) || (keep.includes(k) && v !== null))),
  ) as T;
}

/** `args`: the image and what follows it. Throws OptionError. */
export function parseContainer(f: FlagReader, args: readonly string[], outside: Outside, release: Release = '28.5'): ContainerRequest {
  const attach = f.list('attach');
  const stdin = f.on('interactive');
  if (f.text('mac-address') !== '' && !isMac(f.text('mac-address'))) throw fail(`${f.text('mac-address')} is not a valid mac address`);
  const swappiness = f.number('memory-swappiness');
  if (swappiness !== -1 && (swappiness < 0 || swappiness > 100))
    throw fail(`invalid value: ${swappiness}. Valid memory swappiness range is 0-100`);
  const { Binds, Volumes } = volumes(f, outside.cwd);
  const { ExposedPorts, PortBindings } = ports(f, release);
  const cdi = (d: string) => /^[a-zA-Z][\w.-]*\/[\w.-]+=[\w.:-]+$/.test(d);
  const Devices: DeviceMapping[] = f
    .list('device')
    .filter((d) => !cdi(d))
    .map((d) => parseDevice(validateDevice(d)));
  const Env = environmentOf(f.list('env-file'), f.list('env'), outside);
  const Labels = keyValues(labelsOf(f.list('label-file'), f.list('label'), outside));
  const shares = (text: string) => text === '' || text === 'host' || (text.startsWith('container:') && text !== 'container:');
  const PidMode = mode('pid', 'PID', f.text('pid'), shares);
  const UTSMode = mode('uts', 'UTS', f.text('uts'), (t) => t === '' || t === 'host');
  const UsernsMode = mode('userns', 'USER', f.text('userns'), (t) => t === '' || t === 'host');
  const CgroupnsMode = mode('cgroupns', 'CGROUP', f.text('cgroupns'), (t) => t === '' || t === 'host' || t === 'private');
  const RestartPolicy = parseRestartPolicy(f.text('restart'));
  if (f.text('log-driver') === 'none' && f.list('log-opt').length > 0) throw fail('invalid logging opts for driver none');
  const { SecurityOpt, MaskedPaths, ReadonlyPaths } = systemPaths(parseSecurityOpts(f.list('security-opt'), outside, release));
  const StorageOpt = storage(f.list('storage-opt'));
  const Healthcheck = health(f);
  if (f.on('rm') && RestartPolicy.Name && RestartPolicy.Name !== 'no')
    throw fail('conflicting options: cannot specify both --restart and --rm');
  const networks = [...f.list('network'), ...f.list('net')].map(parseNetwork);
  const AttachStdin = attach.includes('stdin') || stdin;

  const config = set<Partial<Config>>(
    {
      Hostname: f.text('hostname'),
      Domainname: f.text('domainname'),
      ExposedPorts,
      User: f.text('user'),
      AttachStdin,
      AttachStdout: attach.length === 0 || attach.includes('stdout'),
      AttachStderr: attach.length === 0 || attach.includes('stderr'),
      Tty: f.on('tty'),
      OpenStdin: stdin,
      StdinOnce: stdin && AttachStdin,
      Env,
      Cmd: args.slice(1),
      Image: args[0] ?? '',
      Volumes,
      Entrypoint: f.given('entrypoint') ? [f.text('entrypoint')] : [],
      WorkingDir: f.text('workdir'),
      Labels,
      Healthcheck: Healthcheck && set(Healthcheck),
      StopSignal: f.text('stop-signal'),
      StopTimeout: f.given('stop-timeout') ? f.number('stop-timeout') : undefined,
    },
    ['StopTimeout'],
  );
  const hostConfig = set<HostConfig>(
    {
      Binds,
      ContainerIDFile: f.text('cidfile'),
      LogConfig: set({ Type: f.text('log-driver'), Config: keyValues(f.list('log-opt')) }),
      NetworkMode: networks[0]?.Target ?? 'default',
      PortBindings,
      RestartPolicy: RestartPolicy.Name === 'no' && !RestartPolicy.MaximumRetryCount ? {} : RestartPolicy,
      AutoRemove: f.on('rm'),
      VolumeDriver: f.text('volume-driver'),
      VolumesFrom: f.list('volumes-from'),
      CapAdd: f.list('cap-add'),
      CapDrop: f.list('cap-drop'),
      CgroupnsMode,
      Dns: f.list('dns'),
      DnsOptions: [...f.list('dns-option'), ...f.list('dns-opt')],
      DnsSearch: f.list('dns-search'),
      ExtraHosts: f.list('add-host'),
      GroupAdd: f.list('group-add'),
      IpcMode: f.text('ipc'),
      Links: f.list('link'),
      OomScoreAdj: f.number('oom-score-adj'),
      PidMode,
      Privileged: f.on('privileged'),
      PublishAllPorts: f.on('publish-all'),
      ReadonlyRootfs: f.on('read-only'),
      SecurityOpt,
      StorageOpt,
      Tmpfs: Object.fromEntries(f.list('tmpfs').map((t) => cut(t, ':').slice(0, 2))),
      UTSMode,
      UsernsMode,
      ShmSize: f.number('shm-size'),
      Sysctls: keyValues(f.list('sysctl')),
      Runtime: f.text('runtime'),
      Isolation: f.text('isolation'),
      Annotations: keyValues(f.list('annotation')),
      Mounts: f.list('mount').map((m) => parseMount(m, { release, cwd: outside.cwd })) as HostConfig['Mounts'],
      MaskedPaths: MaskedPaths ?? undefined,
      ReadonlyPaths: ReadonlyPaths ?? undefined,
      Init: f.given('init') ? f.on('init') : undefined,
      ...resources(f, swappiness),
      Devices,
      DeviceRequests: [
        ...f.list('gpus').map(parseGpus),
        ...(f.list('device').some(cdi)
          ? [{ Driver: 'cdi', Count: 0, DeviceIDs: f.list('device').filter(cdi), Capabilities: [], Options: {} }]
          : []),
      ],
    },
    ['Init', 'MaskedPaths', 'ReadonlyPaths'],
  );
  const flags = {
    aliases: [...f.list('network-alias'), ...f.list('net-alias')],
    links: f.list('link'),
    ip: f.text('ip'),
    ip6: f.text('ip6'),
    mac: f.text('mac-address'),
    linkLocal: f.list('link-local-ip'),
  };
  return { config, hostConfig, networkingConfig: { EndpointsConfig: endpointsOf(networks, flags) } };
}

function resources(f: FlagReader, swappiness: number) {
  return {
    CpuShares: f.number('cpu-shares'),
    Memory: f.number('memory'),
    NanoCpus: f.number('cpus'),
    CgroupParent: f.text('cgroup-parent'),
    BlkioWeight: f.number('blkio-weight'),
    BlkioWeightDevice: f.list('blkio-weight-device').map(parseWeightDevice),
    BlkioDeviceReadBps: f.list('device-read-bps').map(parseRateBps),
    BlkioDeviceWriteBps: f.list('device-write-bps').map(parseRateBps),
    BlkioDeviceReadIOps: f.list('device-read-iops').map(parseRateIops),
    BlkioDeviceWriteIOps: f.list('device-write-iops').map(parseRateIops),
    CpuPeriod: f.number('cpu-period'),
    CpuQuota: f.number('cpu-quota'),
    CpuRealtimePeriod: f.number('cpu-rt-period'),
    CpuRealtimeRuntime: f.number('cpu-rt-runtime'),
    CpusetCpus: f.text('cpuset-cpus'),
    CpusetMems: f.text('cpuset-mems'),
    DeviceCgroupRules: f.list('device-cgroup-rule'),
    MemoryReservation: f.number('memory-reservation'),
    MemorySwap: f.number('memory-swap'),
    ...(swappiness === -1 ? {} : { MemorySwappiness: swappiness }),
    OomKillDisable: f.on('oom-kill-disable'),
    PidsLimit: f.number('pids-limit'),
    Ulimits: f
      .list('ulimit')
      .map(parseUlimit)
      // A map of them is read out in the order of the names.
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map(({ name, soft, hard }) => ({ Name: name, Hard: hard, Soft: soft })),
    CpuCount: f.number('cpu-count'),
    CpuPercent: f.number('cpu-percent'),
    IOMaximumIOps: f.number('io-maxiops'),
    IOMaximumBandwidth: f.number('io-maxbandwidth'),
  };
}
