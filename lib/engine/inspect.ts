/** What the API says of containers: GET /containers/{id}/json and /containers/json. Field order is the engine's. */

import { humanDuration } from '../base';
import { parsePortRange } from '../base/ports';
import * as apparmor from './apparmor';
import { type Daemon, internal, invalid, rfc3339 } from './daemon';
import { bool, type Filters, known, labelMatch, match } from './filters';
import * as images from './images';
import * as logs from './logs';
import { GATEWAY } from './net/settings';
import { filesDir, linkNames, portMap } from './networks';
import * as overlay2 from './overlay2';
import type { Container, HostConfig, MountPoint } from './state';

const mountOf = (m: MountPoint) => ({
  Type: m.Type,
  ...(m.Name ? { Name: m.Name } : {}),
  Source: m.Source,
  Destination: m.Destination,
  ...(m.Driver ? { Driver: m.Driver } : {}),
  Mode: m.Mode,
  RW: m.RW,
  Propagation: m.Propagation,
});

const networksOf = (c: Container) =>
  Object.fromEntries(
    Object.entries(c.networks)
      .filter(([name]) => name !== GATEWAY)
      .map(([name, e]) => [
        name,
        {
          IPAMConfig: e.IPAMConfig,
          Links: e.Links,
          Aliases: e.Aliases,
          MacAddress: e.MacAddress,
          DriverOpts: e.DriverOpts,
          GwPriority: e.GwPriority,
          NetworkID: e.NetworkID,
          EndpointID: e.EndpointID,
          Gateway: e.Gateway,
          IPAddress: e.IPAddress,
          IPPrefixLen: e.IPPrefixLen,
          IPv6Gateway: e.IPv6Gateway,
          GlobalIPv6Address: e.GlobalIPv6Address,
          GlobalIPv6PrefixLen: e.GlobalIPv6PrefixLen,
          DNSNames: e.DNSNames,
        },
      ]),
  );

export function inspect(d: Daemon, c: Container, size = false) {
  const shared = filesDir(d, c);
  const started = c.State.StartedAt !== null;
  const file = (f: string) => (started ? `${shared}/${f}` : '');
  const bridge = c.networks.bridge;
  const host = c.HostConfig.NetworkMode === 'host';
  const layerDir = (id: string) => overlay2.layerDir(d, id);
  const s = c.State;
  const base = {
    Id: c.Id,
    Created: rfc3339(c.Created),
    Path: c.Path,
    Args: c.Args,
    State: {
      Status: s.Status,
      Running: s.Status === 'running' || s.Status === 'paused' || s.Status === 'restarting',
      Paused: s.Status === 'paused',
      Restarting: s.Status === 'restarting',
      OOMKilled: s.OOMKilled,
      Dead: s.Dead,
      Pid: s.Pid,
      ExitCode: s.ExitCode,
      Error: s.Error,
      StartedAt: rfc3339(s.StartedAt),
      FinishedAt: rfc3339(s.FinishedAt),
      ...(c.health
        ? {
            Health: {
              Status: c.health.Status,
              FailingStreak: c.health.FailingStreak,
              Log: c.health.Log.map((l) => ({ ...l, Start: rfc3339(l.Start), End: rfc3339(l.End) })),
            },
          }
        : {}),
    },
    Image: c.ImageID,
    ResolvConfPath: file('resolv.conf'),
    HostnamePath: file('hostname'),
    HostsPath: file('hosts'),
    LogPath: started ? logs.shownPath(d, c) : '',
    Name: `/${c.Name}`,
    RestartCount: c.RestartCount,
    Driver: 'overlay2',
    Platform: 'linux',
    MountLabel: '',
    ProcessLabel: '',
    AppArmorProfile: started ? apparmor.nameOf(d, c.HostConfig) : '',
    ExecIDs: c.execs.length ? c.execs : null,
    HostConfig: hostOf(c.HostConfig),
    GraphDriver: {
      Data: {
        ID: c.Id,
        LowerDir: [`${layerDir(`${c.layer}-init`)}/diff`, ...overlay2.lowerDirs(d, `${c.layer}-init`)].join(':'),
        MergedDir: `${layerDir(c.layer)}/merged`,
        UpperDir: `${layerDir(c.layer)}/diff`,
        WorkDir: `${layerDir(c.layer)}/work`,
      },
      Name: 'overlay2',
    },
  };
  return {
    ...base,
    ...(size ? sizes(d, c) : {}),
    Mounts: c.Mounts.map(mountOf),
    Config: c.Config.Env?.length === 0 ? { ...c.Config, Env: null } : c.Config,
    NetworkSettings: {
      Bridge: '',
      SandboxID: c.sandbox?.id ?? '',
      SandboxKey: c.sandbox
        ? `${d.s.home.run.replace(/^\/run\//, d.s.home.rootless === null ? '/var/run/' : '/run/')}/netns/${host ? 'default' : c.sandbox.id.slice(0, 12)}`
        : '',
      Ports: portMap(c),
      HairpinMode: false,
      LinkLocalIPv6Address: '',
      LinkLocalIPv6PrefixLen: 0,
      SecondaryIPAddresses: null,
      SecondaryIPv6Addresses: null,
      EndpointID: bridge?.EndpointID ?? '',
      Gateway: bridge?.Gateway ?? '',
      GlobalIPv6Address: '',
      GlobalIPv6PrefixLen: 0,
      IPAddress: bridge?.IPAddress ?? '',
      IPPrefixLen: bridge?.IPPrefixLen ?? 0,
      IPv6Gateway: '',
      MacAddress: bridge?.MacAddress ?? '',
      Networks: networksOf(c),
    },
  };
}

/** HostConfig as the API gives it: fields that are only sent when set are not there otherwise. */
const hostOf = (h: HostConfig) => h;

export function sizes(d: Daemon, c: Container): { SizeRw: number; SizeRootFs: number } {
  const SizeRw = overlay2.sizeOf(d.sys, overlay2.diffDir(d, c.layer));
  return { SizeRw, SizeRootFs: SizeRw + c.layers.reduce((n, id) => n + (d.layer(id)?.size ?? 0), 0) };
}

/** The words of the STATUS column: container/state.go, String. */
export function statusText(d: Daemon, c: Container): string {
  const s = c.State;
  const since = (ms: number | null) => humanDuration(Math.max(0, d.now() - (ms ?? d.now())) * 1e6);
  const health = c.health ? (c.health.Status === 'starting' ? ' (health: starting)' : ` (${c.health.Status})`) : '';
  switch (s.Status) {
    case 'running':
      return `Up ${since(s.StartedAt)}${health}`;
    case 'paused':
      return `Up ${since(s.StartedAt)} (Paused)`;
    case 'restarting':
      return `Restarting (${s.ExitCode}) ${since(s.FinishedAt)} ago`;
    case 'created':
      return 'Created';
    case 'dead':
      return 'Dead';
    case 'removing':
      return 'Removal In Progress';
    default:
      return s.FinishedAt === null ? 'Created' : `Exited (${s.ExitCode}) ${since(s.FinishedAt)} ago`;
  }
}

const FILTERS = new Set([
  'ancestor',
  'before',
  'exited',
  'id',
  'isolation',
  'label',
  'name',
  'network',
  'publish',
  'expose',
  'health',
  'since',
  'status',
  'volume',
  'is-task',
]);
const HEALTH = new Set(['none', 'starting', 'healthy', 'unhealthy']);
const STATUSES = new Set(['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead']);

/** 80 → 80/tcp. */
const portOf = (text: string): string => (text.includes('/') ? text : `${text}/tcp`);
/** Ports of the host on which a container is published. */
const published = (c: Container): string[] =>
  Object.entries(portMap(c)).flatMap(([port, list]) => (list ?? []).map((b) => `${b.HostPort}/${port.split('/')[1]}`));

/** A range of ports, or why it is none. */
function checkPortFilters(f: Filters) {
  for (const key of ['publish', 'expose'] as const)
    for (const text of f[key] ?? [])
      try {
        parsePortRange(text.split('/')[0] as string);
      } catch (e) {
        const why = text === '' ? 'Empty string specified for ports.' : (e as Error).message;
        throw internal(`error while looking up for ${key} ${text}: ${why}`);
      }
}

/** 80, 80/udp or 8000-8010 against ports with their protocol. */
function portAmong(text: string, ports: readonly string[]): boolean {
  const [range = '', proto] = portOf(text).split('/');
  const [from = '', to = from] = range.split('-');
  return ports.some((p) => p.endsWith(`/${proto}`) && Number.parseInt(p, 10) >= Number(from) && Number.parseInt(p, 10) <= Number(to));
}

/** GET /containers/json. */
export function list(d: Daemon, o: { all: boolean; limit: number; size: boolean; filters: Filters }) {
  known(o.filters, FILTERS);
  for (const s of o.filters.status ?? [])
    if (!STATUSES.has(s))
      throw invalid(`invalid filter 'status=${s}': invalid value for state (${s}): must be one of ${[...STATUSES].join(', ')}`);
  for (const h of o.filters.health ?? [])
    if (!HEALTH.has(h))
      throw invalid(`invalid filter 'health=${h}': invalid value for health (${h}): must be one of ${[...HEALTH].join(', ')}`);
  for (const e of o.filters.exited ?? [])
    if (!/^-?\d+$/.test(e)) throw invalid(`invalid filter 'exited=${e}': strconv.Atoi: parsing "${e}": invalid syntax`);
  const f = o.filters;
  checkPortFilters(f);
  const any = f.status || f.exited || o.limit > 0;
  const before = f.before ? d.container(f.before[0] as string) : null;
  const since = f.since ? d.container(f.since[0] as string) : null;
  const ancestors = f.ancestor?.map((a) => images.find(d, a)?.Id);
  const tasks = f['is-task'] ? bool(f, 'is-task', false) : null;
  const rows = d.containers().filter((c) => {
    if (!o.all && !any && !(c.State.Status === 'running' || c.State.Status === 'paused' || c.State.Status === 'restarting')) return false;
    if (f.status && !f.status.includes(c.State.Status)) return false;
    if (f.exited && !(f.exited.includes(`${c.State.ExitCode}`) && c.State.Status === 'exited')) return false;
    if (tasks !== null && tasks !== (c.Config.Labels?.['com.docker.swarm.task.id'] !== undefined)) return false;
    if (f.id && !f.id.some((i) => c.Id.startsWith(i))) return false;
    if (!match(f, 'name', `/${c.Name}`) && !match(f, 'name', c.Name)) return false;
    if (f.label && !labelMatch(c.Config.Labels, f.label)) return false;
    if (before && !(c.Created < before.Created)) return false;
    if (since && !(c.Created > since.Created)) return false;
    if (ancestors && !ancestors.some((a) => a !== undefined && (a === c.ImageID || startsWith(d, c, a)))) return false;
    if (f.network && !f.network.some((n) => c.networks[n] || Object.values(c.networks).some((e) => e.NetworkID.startsWith(n))))
      return false;
    if (f.volume && !f.volume.some((v) => c.Mounts.some((m) => m.Name === v || m.Destination === v || m.Source === v))) return false;
    if (f.publish && !f.publish.some((p) => portAmong(p, published(c)))) return false;
    if (f.expose && !f.expose.some((p) => portAmong(p, Object.keys(portMap(c))))) return false;
    if (f.health && !f.health.includes(c.health?.Status ?? 'none')) return false;
    return true;
  });
  const linked = linkNames(d);
  return (o.limit > 0 ? rows.slice(0, o.limit) : rows).map((c) => summary(d, c, o.size, linked.get(c.Id)));
}

/** Whether a container's image was made on top of another: by commit or the classic builder, which keep the parent. */
function startsWith(d: Daemon, c: Container, ancestor: string): boolean {
  const seen = new Set<string>();
  for (let id = d.image(c.ImageID)?.Parent ?? ''; id !== '' && !seen.has(id); id = d.image(id)?.Parent ?? '') {
    if (id === ancestor) return true;
    seen.add(id);
  }
  return false;
}

function summary(d: Daemon, c: Container, size: boolean, linked: readonly string[] = []) {
  const shownImage = images.find(d, c.Config.Image)?.Id === c.ImageID || !d.image(c.ImageID) ? c.Config.Image : c.ImageID;
  return {
    Id: c.Id,
    Names: [`/${c.Name}`, ...linked].sort(),
    Image: shownImage,
    ImageID: c.ImageID,
    Command: [c.Path, ...c.Args].map((a) => (a.includes(' ') ? `'${a}'` : a)).join(' '),
    Created: Math.floor(c.Created / 1000),
    Ports: Object.entries(portMap(c)).flatMap(([p, list]) => {
      const [port = '', Type = 'tcp'] = p.split('/');
      const PrivatePort = Number(port);
      return list === null
        ? [{ PrivatePort, Type }]
        : list.map((b) => ({ IP: b.HostIp, PrivatePort, PublicPort: Number(b.HostPort), Type }));
    }),
    ...(size ? sizes(d, c) : {}),
    Labels: c.Config.Labels ?? {},
    State: c.State.Status,
    Status: statusText(d, c),
    HostConfig: { NetworkMode: c.HostConfig.NetworkMode },
    NetworkSettings: { Networks: networksOf(c) },
    Mounts: c.Mounts.map(mountOf),
  };
}
