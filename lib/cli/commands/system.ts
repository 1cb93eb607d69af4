/** docker events, info, version: docker/cli, cli/command/system. */

import { binarySize, decode, ENGINE_VERSION } from '../../base';
import { calendar } from '../../base/posix';
import { close, recv } from '../driver';
import { swarmClient } from '../parts';
import { tabulate } from '../tabwriter';
import { render, TemplateError, type Type, typed } from '../template';
import { eventType, versionType } from '../types';
import { type Command, CommandError, type Ctx, filtersOf, get, pathOf, print, stream, warn } from './api';
import { now } from './files';
import { formatted } from './output';
import { timestamp } from './time';

interface EngineEvent {
  Type: string;
  Action: string;
  Actor: { ID: string; Attributes?: Record<string, string> };
  time: number;
  timeNano: number;
}

const two = (n: number) => String(n).padStart(2, '0');

/** "2025-11-21T10:00:00.123456789Z" */
function stamp(e: EngineEvent): string {
  const { year, month, day, hour, minute, second } = calendar(e.time);
  const nano = String(BigInt(e.timeNano) % 1_000_000_000n).padStart(9, '0');
  return `${year}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:${two(second)}.${nano}Z`;
}

function eventText(e: EngineEvent): string {
  const attributes = Object.entries(e.Actor.Attributes ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([k, v]) => `${k}=${v}`)
    .join(', ');
  return `${stamp(e)} ${e.Type} ${e.Action} ${e.Actor.ID}${attributes ? ` (${attributes})` : ''}\n`;
}

/** A template is tried on an event that says nothing before the first one comes. */
function checkEventFormat(format: string) {
  try {
    render(format, typed(eventType, { Type: '', Action: '', Actor: { ID: '', Attributes: {} }, scope: 'local', time: 0, timeNano: 0 }));
  } catch (e) {
    if (e instanceof TemplateError)
      throw new CommandError(`Error parsing format: ${e.message.replace('in type events.Message', 'in type *events.Message')}`, 64);
    throw e;
  }
}

export const events: Command = function* (c) {
  const at = yield* now();
  const since = timeOf(c, 'since', at);
  const until = timeOf(c, 'until', at);
  const format = c.text('format') === 'json' ? '{{json .}}' : c.text('format');
  if (format !== '') checkEventFormat(format);
  const r = yield* stream(c, 'GET', pathOf('/events', { since, until, filters: filtersOf(c.list('filter')) }));
  let rest = '';
  for (;;) {
    const data = yield* recv(r.conn);
    if (data === null) break;
    rest += decode(data);
    const lines = rest.split('\n');
    rest = lines.pop() as string;
    for (const line of lines) {
      if (line === '') continue;
      const e = JSON.parse(line) as EngineEvent;
      yield* print(yield* formatted(() => (format === '' ? eventText(e) : `${render(format, typed(eventType, e))}\n`)));
    }
  }
  yield* close(r.conn);
  return 0;
};

function timeOf(c: Ctx, flag: string, at: number): string | undefined {
  try {
    return timestamp(c.text(flag), at, flag);
  } catch (e) {
    throw e instanceof CommandError ? new CommandError(e.message.replace(/^invalid value for "\w+": /, '')) : e;
  }
}

interface Component {
  Name: string;
  Version: string;
  Details?: Record<string, string>;
}
interface ServerVersion {
  Platform: { Name: string };
  Components: Component[];
  Version: string;
  ApiVersion: string;
  GoVersion: string;
  GitCommit: string;
  BuildTime: string;
  Os: string;
  Arch: string;
}

/** What this client says of itself: the build that the recordings were made with, Debian's, without its suffix. */
export const CLIENT = {
  Platform: { Name: '' },
  Version: ENGINE_VERSION,
  ApiVersion: '1.51',
  DefaultAPIVersion: '1.51',
  GitCommit: '9cc6dea35e9a963f281434761c656fba4ac43aed',
  GoVersion: 'go1.27.1',
  Os: 'linux',
  Arch: 'amd64',
  BuildTime: 'Tue Sep 15 11:02:57 2026',
  Context: 'default',
};

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const DAYS = ['Thu', 'Fri', 'Sat', 'Sun', 'Mon', 'Tue', 'Wed'];

/** "Wed Nov  5 14:43:35 2025" from RFC 3339: Go's time.ANSIC. */
function ansic(rfc3339: string): string {
  const [, y, m, d, time] = /^(\d{4})-(\d\d)-(\d\d)T(\d\d:\d\d:\d\d)/.exec(rfc3339) ?? [];
  if (y === undefined) return rfc3339;
  const at = timestamp(`${y}-${m}-${d}`, 0, 'time') as string;
  return `${DAYS[Math.floor(Number(at) / 86400) % 7]} ${MONTHS[Number(m) - 1]} ${String(Number(d)).padStart(2)} ${time} ${y}`;
}

function versionText(server: ServerVersion | null): string {
  const platform = (name: string) => (name === '' ? '' : ` ${name}`);
  const rows = [
    `Client:${platform(CLIENT.Platform.Name)}`,
    ` Version:\t${CLIENT.Version}`,
    ` API version:\t${CLIENT.ApiVersion}`,
    ` Go version:\t${CLIENT.GoVersion}`,
    ` Git commit:\t${CLIENT.GitCommit}`,
    ` Built:\t${CLIENT.BuildTime}`,
    ` OS/Arch:\t${CLIENT.Os}/${CLIENT.Arch}`,
    ` Context:\t${CLIENT.Context}`,
  ];
  if (server) {
    rows.push('', `Server:${platform(server.Platform.Name)}`);
    for (const { Name, Version, Details: d = {} } of server.Components) {
      rows.push(` ${Name}:`, `  Version:\t${Version}`);
      if (Name === 'Engine')
        rows.push(
          `  API version:\t${d.ApiVersion} (minimum version ${d.MinAPIVersion})`,
          `  Go version:\t${d.GoVersion}`,
          `  Git commit:\t${d.GitCommit}`,
          `  Built:\t${ansic(d.BuildTime ?? '')}`,
          `  OS/Arch:\t${d.Os}/${d.Arch}`,
          `  Experimental:\t${d.Experimental}`,
        );
      else for (const key of Object.keys(d).sort()) rows.push(`  ${key}:\t${d[key]}`);
    }
  }
  return tabulate(`${rows.join('\n')}\n`, { minWidth: 20, tabWidth: 1, padding: 1, padChar: ' ' });
}

/** `docker --version`. */
export const shortVersion: Command = function* () {
  yield* print(`Docker version ${CLIENT.Version}, build ${CLIENT.GitCommit}\n`);
  return 0;
};

export const version: Command = function* (c) {
  let server: ServerVersion | null = null;
  let failure: CommandError | null = null;
  try {
    server = yield* get<ServerVersion>(c, '/version');
  } catch (e) {
    if (!(e instanceof CommandError)) throw e;
    failure = e;
  }
  const format = c.text('format');
  if (format === '') yield* print(versionText(server));
  else {
    const data = { Client: CLIENT, Server: server && { ...server, BuildTime: ansic(server.BuildTime) } };
    yield* print(yield* formatted(() => `${render(format === 'json' ? '{{json .}}' : format, typed(versionType, data))}\n`));
  }
  if (failure) throw failure;
  return 0;
};

export interface Info {
  Containers: number;
  ContainersRunning: number;
  ContainersPaused: number;
  ContainersStopped: number;
  Images: number;
  ServerVersion: string;
  Driver: string;
  DriverStatus: [string, string][];
  LoggingDriver: string;
  CgroupDriver: string;
  CgroupVersion: string;
  Plugins: { Volume: string[]; Network: string[]; Log: string[] };
  Swarm: { LocalNodeState: string };
  RegistryConfig: {
    IndexConfigs: Record<string, { Name: string; Secure: boolean }>;
    InsecureRegistryCIDRs: string[];
    Mirrors: string[] | null;
  };
  Runtimes: Record<string, unknown>;
  DefaultRuntime: string;
  InitBinary: string;
  SecurityOptions: string[];
  KernelVersion: string;
  OperatingSystem: string;
  OSType: string;
  Architecture: string;
  NCPU: number;
  MemTotal: number;
  Name: string;
  ID: string;
  DockerRootDir: string;
  Debug: boolean;
  LiveRestoreEnabled: boolean;
  Warnings: string[] | null;
}

const CLIENT_INFO = [
  'Client: Docker Engine - Community',
  ` Version:    ${ENGINE_VERSION}`,
  ' Context:    default',
  ' Debug Mode: false',
  ' Plugins:',
  '  buildx: Docker Buildx (Docker Inc.)',
  '    Version:  v0.29.1',
  '    Path:     /usr/libexec/docker/cli-plugins/docker-buildx',
  '  compose: Docker Compose (Docker Inc.)',
  '    Version:  v2.40.3',
  '    Path:     /usr/libexec/docker/cli-plugins/docker-compose',
];

/** "name=seccomp,profile=builtin" as two lines. */
function securityLines(options: readonly string[]): string[] {
  return options.flatMap((o) => {
    const pairs = o.split(',').map((p) => p.split('='));
    return pairs.map(([k, v]) => (k === 'name' ? `  ${v}` : `   ${(k ?? '').replace(/^./, (first) => first.toUpperCase())}: ${v}`));
  });
}

function infoLines(i: Info): string[] {
  return [
    ` Containers: ${i.Containers}`,
    `  Running: ${i.ContainersRunning}`,
    `  Paused: ${i.ContainersPaused}`,
    `  Stopped: ${i.ContainersStopped}`,
    ` Images: ${i.Images}`,
    ` Server Version: ${i.ServerVersion}`,
    ` Storage Driver: ${i.Driver}`,
    ...i.DriverStatus.map(([k, v]) => `  ${k}: ${v}`),
    ` Logging Driver: ${i.LoggingDriver}`,
    ` Cgroup Driver: ${i.CgroupDriver}`,
    ` Cgroup Version: ${i.CgroupVersion}`,
    ' Plugins:',
    `  Volume: ${i.Plugins.Volume.join(' ')}`,
    `  Network: ${i.Plugins.Network.join(' ')}`,
    `  Log: ${i.Plugins.Log.join(' ')}`,
    ` Swarm: ${i.Swarm.LocalNodeState}`,
    ...(i.Swarm.LocalNodeState === 'active' ? swarmClient.get().infoLines(i.Swarm) : []),
    ` Runtimes: ${Object.keys(i.Runtimes).join(' ')}`,
    ` Default Runtime: ${i.DefaultRuntime}`,
    ` Init Binary: ${i.InitBinary}`,
    ' Security Options:',
    ...securityLines(i.SecurityOptions),
    ` Kernel Version: ${i.KernelVersion}`,
    ` Operating System: ${i.OperatingSystem}`,
    ` OSType: ${i.OSType}`,
    ` Architecture: ${i.Architecture}`,
    ` CPUs: ${i.NCPU}`,
    ` Total Memory: ${binarySize(i.MemTotal)}`,
    ` Name: ${i.Name}`,
    ` ID: ${i.ID}`,
    ` Docker Root Dir: ${i.DockerRootDir}`,
    ` Debug Mode: ${i.Debug}`,
    ' Experimental: false',
    ' Insecure Registries:',
    ...Object.values(i.RegistryConfig.IndexConfigs).flatMap((r) => (r.Secure ? [] : [`  ${r.Name}`])),
    ...i.RegistryConfig.InsecureRegistryCIDRs.map((range) => `  ${range}`),
    ...(i.RegistryConfig.Mirrors?.length ? [' Registry Mirrors:', ...i.RegistryConfig.Mirrors.map((url) => `  ${url}`)] : []),
    ` Live Restore Enabled: ${i.LiveRestoreEnabled}`,
    '',
  ];
}

const anyType: Type = { kind: 'interface', numbers: { kind: 'float', name: 'float64' } };

export const info: Command = function* (c) {
  const format = c.text('format');
  let data: Info | null = null;
  let failure: CommandError | null = null;
  try {
    data = yield* get<Info>(c, '/info');
  } catch (e) {
    if (!(e instanceof CommandError) || format !== '') throw e;
    failure = e;
  }
  if (format !== '') {
    yield* print(yield* formatted(() => `${render(format === 'json' ? '{{json .}}' : format, typed(anyType, data))}\n`));
    return 0;
  }
  yield* print(`${[...CLIENT_INFO, '', 'Server:', ...(data ? infoLines(data) : [])].join('\n')}\n`);
  if (failure) throw failure;
  for (const w of data?.Warnings ?? []) yield* warn(w);
  return 0;
};
