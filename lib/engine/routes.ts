/**
 * The API's calls, one record each: method and path → handler. Engine API 1.51, api/swagger.yaml.
 *
 * A handler answers at once (`json`, `text`, `empty`), or leaves the connection in a mode that is served when something
 * happens (`mode`). A call that is not here is answered with 404, as moby's router does.
 * Past 400 lines because it is the one table of the calls; the work is done in the files it calls.
 */

import { decode64, ENGINE_COMMIT, ENGINE_VERSION, parseDuration, pmap } from '../base';
import { attempt, Errno, parseSignal, SIGNALS } from '../kernel';
import { platform, reference } from '../oci';
import * as apparmor from './apparmor';
import * as archive from './archive';
import { builder, changed } from './builder';
import { controllers } from './cgroup';
import { commit } from './commit';
import { type CreateRequest, checkName, create as createContainer } from './create';
import { ApiError, conflict, type Daemon, internal, invalid, nineDigits, notFound, parseRfc3339, rfc3339 } from './daemon';
import { dialError } from './dial';
import * as exec from './exec';
import { bool, known, labelMatch, match, parsedBool, parseFilters } from './filters';
import { escapeKeys, frame, percentEncode, type Request } from './http';
import * as images from './images';
import { inspect, list } from './inspect';
import * as layerFiles from './layer-files';
import * as lifecycle from './lifecycle';
import * as logs from './logs';
import * as made from './net/made';
import * as nets from './net/networks';
import { type AskedEndpoint, PREDEFINED } from './net/settings';
import * as networks from './networks';
import * as overlay2 from './overlay2';
import { dataDir } from './paths';
import { PLUGIN_ROUTES } from './plugins';
import { distribution, isCatalogued, pull } from './pull';
import { type Credentials, newJob } from './remote';
import { tryBuild } from './remote/build';
import { update } from './resources';
import { SWARM_ROUTES } from './routes-swarm';
import { defaultRuntime, listed } from './runtimes';
import { swarming } from './serving';
import type { Config, Conn, Container, HostConfig, Image } from './state';
import * as top from './top';
import * as transfer from './transfer';
import { diskUsage, stats } from './usage';
import * as volumes from './volumes';

export type Reply =
  | { status: number; json: unknown; headers?: Record<string, string> }
  | { status: number; text: string; headers?: Record<string, string> }
  /** Nothing is answered yet; the connection waits. */
  | { mode: Conn['mode'] /** Sent before. */; head?: { status: number; headers: Record<string, string> }; body?: string };

/** What goes on while a request is served, told in JSON one after the other. */
const messages = (list: readonly unknown[]): Reply => ({
  status: 200,
  text: list.map((m) => `${images.goJson(m)}\r\n`).join(''),
  headers: { 'Content-Type': 'application/json' },
});
const json = (value: unknown, status = 200): Reply => ({ status, json: value });
const empty = (status = 204): Reply => ({ status, text: '' });
const bytes = (text: string, type = 'application/x-tar'): Reply => ({ status: 200, text, headers: { 'Content-Type': type } });

interface Ctx {
  d: Daemon;
  conn: Conn;
  id: string;
  req: Request;
}
type Handler = (c: Ctx) => Reply;

const one = (r: Request, name: string): string | undefined => r.query[name]?.[0];
const flag = (r: Request, name: string): boolean => ['1', 'true', 'True', 't', 'yes'].includes(one(r, name) ?? '');
const number = (r: Request, name: string): number | null => {
  const v = one(r, name);
  return v === undefined || v === '' ? null : Number(v);
};

function body<T>(r: Request): T {
  if (r.body === '') return {} as T;
  try {
    return JSON.parse(r.body) as T;
  } catch {
    throw invalid('invalid JSON');
  }
}

const upgraded = (tty: boolean) => ({
  status: 101,
  headers: {
    'Content-Type': tty ? 'application/vnd.docker.raw-stream' : 'application/vnd.docker.multiplexed-stream',
    Connection: 'Upgrade',
    Upgrade: 'tcp',
  },
});

const streamHead = { status: 200, headers: { 'Content-Type': 'application/json' } };

/** Filters of a call that takes these. */
const accepted = (text: string | undefined, keys: readonly string[]): Record<string, string[]> => known(parseFilters(text), keys);

function pathAsked(req: Request): string {
  const path = one(req, 'path');
  if (!path) throw invalid('bad parameter: pathcannot be empty');
  return path;
}

/** The moment that a filter `until` means, in milliseconds: how long ago, a date, or seconds since the epoch. */
function untilOf(d: Daemon, f: Record<string, string[]>): number {
  const text = f.until?.[0];
  if (text === undefined) return Number.POSITIVE_INFINITY;
  if ((f.until?.length ?? 0) > 1) throw invalid('more than one until filter specified');
  try {
    return d.now() - parseDuration(text) / 1e6;
  } catch {
    const at = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : parseRfc3339(text);
    if (at === null) throw invalid(`failed to parse value as time or duration: "${text}"`);
    return at;
  }
}

const running = (c: Container) => {
  if (!lifecycle.isUp(c)) throw conflict(`container ${c.Id} is not running`);
  return c;
};

/** Of the engine that the recordings were made on, Debian's build; kernel and suffix are the machine's own. */
const VERSION = {
  Platform: { Name: '' },
  Components: [
    {
      Name: 'Engine',
      Version: ENGINE_VERSION,
      Details: {
        ApiVersion: '1.51',
        Arch: 'amd64',
        BuildTime: '2026-09-15T11:02:57.000000000+00:00',
        Experimental: 'false',
        GitCommit: ENGINE_COMMIT,
        GoVersion: 'go1.27.1',
        KernelVersion: '6.12.48-amd64',
        MinAPIVersion: '1.24',
        Os: 'linux',
      },
    },
    { Name: 'containerd', Version: '2.1.9', Details: { GitCommit: '' } },
    { Name: 'runc', Version: '1.3.6', Details: { GitCommit: '1.3.6' } },
    { Name: 'docker-init', Version: '0.19.0', Details: { GitCommit: '' } },
  ],
  Version: ENGINE_VERSION,
  ApiVersion: '1.51',
  MinAPIVersion: '1.24',
  GitCommit: ENGINE_COMMIT,
  GoVersion: 'go1.27.1',
  Os: 'linux',
  Arch: 'amd64',
  KernelVersion: '6.12.48-amd64',
  BuildTime: '2026-09-15T11:02:57.000000000+00:00',
};

/** An image, so long as it was made for the platform that is asked for. */
function forPlatform(d: Daemon, id: string, wanted: string | undefined): Image {
  const image = images.resolve(d, id);
  if (!wanted || platform.matches(images.platformOf(wanted), images.madeFor(image), 'only-strict')) return image;
  const [own, asked] = [platform.format(images.madeFor(image)), platform.format(images.platformOf(wanted))];
  throw notFound(`image with reference ${id} was found but its platform (${own}) does not match the specified platform (${asked})`);
}

/** X-Registry-Auth: base64url of JSON. */
function authOf(req: Request): Credentials {
  const coded = req.headers['x-registry-auth'] ?? '';
  if (coded === '') return {};
  try {
    return JSON.parse(decode64(coded.replaceAll('-', '+').replaceAll('_', '/'), true).out) as Credentials;
  } catch {
    return {};
  }
}

/** X-Registry-Config: the same for each registry that a build may ask. */
function authsOf(req: Request): Record<string, Credentials> {
  const coded = req.headers['x-registry-config'] ?? '';
  if (coded === '') return {};
  return JSON.parse(decode64(coded.replaceAll('-', '+').replaceAll('_', '/'), true).out) as Record<string, Credentials>;
}

/** The name that is to be pulled; without a tag it stands for all of a repository's. */
function withTag(name: string, tag: string): string {
  const text = tag === '' ? name : tag.startsWith('sha256:') ? `${name}@${tag}` : `${name}:${tag}`;
  try {
    return reference.format(reference.parseNormalized(text));
  } catch {
    throw invalid('invalid reference format');
  }
}

/** RootlessKit and its network driver, where the daemon runs under them: cmd/dockerd, fillRootlessVersion. */
const rootlessComponents = ({ s: { home } }: Daemon) =>
  home.rootless === null
    ? []
    : [
        {
          Name: 'rootlesskit',
          Version: '2.0.2',
          Details: { ApiVersion: '1.1.1', NetworkDriver: 'slirp4netns', PortDriver: 'builtin', StateDir: home.rootless },
        },
        { Name: 'slirp4netns', Version: '1.3.3', Details: { GitCommit: '944fa94090e1fd1312232cbc0e6b43585553d824' } },
      ];

/** What the control groups that it has do not let it limit: daemon/info_unix.go, fillPlatformInfo. */
function missing(d: Daemon): string[] | null {
  const has = controllers(d.sys, d.s.home.groups);
  const io = ['io.weight', 'io.weight (per device)', ...['rbps', 'wbps', 'riops', 'wiops'].map((rate) => `io.max (${rate})`)];
  const lacks = [...(has.includes('cpuset') ? [] : ['cpuset']), ...(has.includes('io') ? [] : io)];
  return lacks.length > 0 ? lacks.map((what) => `WARNING: No ${what} support`) : null;
}

/** Name and version from os-release; a daemon whose PID 1 is in a group of its own is in a container: pkg/parsers/operatingsystem. */
function operatingSystem(d: Daemon): { OperatingSystem: string; OSVersion: string } {
  const read = (path: string) => {
    const text = attempt(() => overlay2.readText(d.sys, path));
    return text instanceof Errno ? '' : text;
  };
  const release = read('/etc/os-release');
  const of = (key: string) => new RegExp(`^${key}="?([^"\\n]*)`, 'm').exec(release)?.[1];
  const contained = read('/proc/1/cgroup')
    .split('\n')
    .some((l) => l !== '' && !l.endsWith(':/') && !l.endsWith(':/init.scope'));
  return { OperatingSystem: `${of('PRETTY_NAME') ?? 'Linux'}${contained ? ' (containerized)' : ''}`, OSVersion: of('VERSION_ID') ?? '' };
}

/** GET /info, RegistryConfig: registry/config.go, newServiceConfig. */
function registryConfig({ s: { config } }: Daemon) {
  const mirrors = config['registry-mirrors'] ?? null;
  const insecure = config['insecure-registries'] ?? [];
  const isRange = (text: string) => /^[\da-f.:]+\/\d+$/i.test(text);
  const index = (Name: string, Secure: boolean, Mirrors: string[]) => [Name, { Mirrors, Name, Official: Name === 'docker.io', Secure }];
  return {
    IndexConfigs: Object.fromEntries([
      ...insecure.filter((r) => !isRange(r)).map((r) => index(r.replace(/^https?:\/\//, ''), false, [])),
      index('docker.io', true, mirrors ?? []),
    ]),
    InsecureRegistryCIDRs: [...insecure.filter(isRange), '::1/128', '127.0.0.0/8'],
    Mirrors: mirrors,
  };
}

/** The Swarm part of GET /info where the engine is part of none. */
const INACTIVE = { NodeID: '', NodeAddr: '', LocalNodeState: 'inactive', ControlAvailable: false, Error: '', RemoteManagers: null };

const pruned = (d: Daemon, what: string, reclaimed: number) => d.event(what, 'prune', '', { reclaimed: `${reclaimed}` });

export const ROUTES: Readonly<Record<string, Handler>> = {
  'GET /_ping': () => ({ status: 200, text: 'OK', headers: { 'Content-Type': 'text/plain; charset=utf-8', 'Builder-Version': '2' } }),
  'HEAD /_ping': () => ({ status: 200, text: '', headers: { 'Content-Type': 'text/plain; charset=utf-8', 'Builder-Version': '2' } }),
  'GET /version': ({ d }) => json({ ...VERSION, Components: [...VERSION.Components, ...rootlessComponents(d)] }),
  'GET /info': ({ d }) => {
    const all = d.containers();
    const count = (s: string) => all.filter((c) => c.State.Status === s).length;
    return json({
      ID: d.s.engineId,
      Containers: all.length,
      ContainersRunning: count('running'),
      ContainersPaused: count('paused'),
      ContainersStopped: all.length - count('running') - count('paused'),
      Images: d.images().length,
      Driver: 'overlay2',
      DriverStatus: [
        ['Backing Filesystem', 'extfs'],
        ['Supports d_type', 'true'],
        ['Using metacopy', 'false'],
        ['Native Overlay Diff', 'true'],
        ['userxattr', d.s.home.rootless === null ? 'false' : 'true'],
      ],
      Plugins: {
        Volume: ['local'],
        Network: ['bridge', 'host', 'ipvlan', 'macvlan', 'null', 'overlay'],
        Authorization: null,
        Log: ['awslogs', 'fluentd', 'gelf', 'journald', 'json-file', 'local', 'splunk', 'syslog'],
      },
      MemoryLimit: true,
      SwapLimit: true,
      CpuCfsPeriod: true,
      CpuCfsQuota: true,
      CPUShares: true,
      CPUSet: controllers(d.sys, d.s.home.groups).includes('cpuset'),
      PidsLimit: true,
      IPv4Forwarding: true,
      Debug: false,
      LoggingDriver: 'json-file',
      CgroupDriver: d.s.home.driver,
      CgroupVersion: '2',
      KernelVersion: d.sys.uname().release,
      ...operatingSystem(d),
      OSType: 'linux',
      Architecture: 'x86_64',
      IndexServerAddress: 'https://index.docker.io/v1/',
      NCPU: d.sys.sysinfo().cpus,
      MemTotal: d.sys.sysinfo().memTotal,
      DockerRootDir: d.root,
      Name: d.sys.uname().nodename,
      Labels: [],
      ServerVersion: ENGINE_VERSION,
      Runtimes: listed(d),
      DefaultRuntime: defaultRuntime(d),
      Swarm: d.s.swarm ? swarming.get().info(d) : INACTIVE,
      RegistryConfig: registryConfig(d),
      LiveRestoreEnabled: d.s.config['live-restore'] ?? false,
      InitBinary: 'docker-init',
      SecurityOptions: [
        ...(apparmor.supported(d) ? ['name=apparmor'] : []),
        'name=seccomp,profile=builtin',
        ...(d.s.remap ? ['name=userns'] : []),
        ...(d.s.home.rootless === null ? [] : ['name=rootless']),
        'name=cgroupns',
      ],
      Warnings: missing(d),
    });
  },

  'POST /containers/create': ({ d, req }) =>
    json(createContainer(d, one(req, 'name') ?? '', body<CreateRequest>(req), one(req, 'platform') ?? ''), 201),
  'GET /containers/json': ({ d, req }) =>
    json(
      list(d, {
        all: flag(req, 'all'),
        limit: number(req, 'limit') ?? 0,
        size: flag(req, 'size'),
        filters: parseFilters(one(req, 'filters')),
      }),
    ),
  'GET /containers/{id}/json': ({ d, id, req }) => json(inspect(d, d.container(id), flag(req, 'size'))),
  'POST /containers/{id}/start': ({ d, id }) => {
    const c = d.container(id);
    if (c.State.Status === 'running') return empty(304);
    lifecycle.start(d, c.Id);
    return empty();
  },
  'POST /containers/{id}/stop': ({ d, id, req }) => {
    const c = d.container(id);
    if (!lifecycle.isUp(c)) return empty(304);
    lifecycle.stop(d, c.Id, number(req, 't'), one(req, 'signal') ? lifecycle.signalOf(one(req, 'signal') as string) : null);
    if (!lifecycle.isUp(d.container(c.Id))) return empty();
    return { mode: { kind: 'waiting', what: { for: 'stop', container: c.Id, restart: false } } };
  },
  'POST /containers/{id}/restart': ({ d, id, req }) => {
    const c = d.container(id);
    if (!lifecycle.isUp(c)) {
      lifecycle.startAgain(d, c.Id);
      d.containerEvent('restart', c);
      return empty();
    }
    lifecycle.stop(d, c.Id, number(req, 't'), one(req, 'signal') ? lifecycle.signalOf(one(req, 'signal') as string) : null);
    return { mode: { kind: 'waiting', what: { for: 'stop', container: c.Id, restart: true } } };
  },
  'POST /containers/{id}/kill': ({ d, id, req }) => {
    const refused = (why: string) => `cannot kill container: ${id}: ${why}`;
    const text = one(req, 'signal') ?? '';
    const signal = text === '' ? SIGNALS.SIGKILL : parseSignal(text);
    if (signal === null || signal === 0)
      throw invalid(
        refused(
          /^-?\d+$/.test(text) && Number(text) !== 0 ? `the linux daemon does not support signal ${text}` : `invalid signal: ${text}`,
        ),
      );
    const c = d.find(id);
    if (!c) throw notFound(refused(`No such container: ${id}`));
    if (!lifecycle.isUp(c)) throw conflict(refused(`container ${c.Id} is not running`));
    lifecycle.kill(d, c.Id, signal);
    if (signal === SIGNALS.SIGKILL)
      return { mode: { kind: 'waiting', what: { for: 'stop', container: c.Id, restart: false, killed: true } } };
    return empty();
  },
  'POST /containers/{id}/pause': ({ d, id }) => {
    lifecycle.pause(d, d.container(id).Id);
    return empty();
  },
  'POST /containers/{id}/unpause': ({ d, id }) => {
    lifecycle.unpause(d, d.container(id).Id);
    return empty();
  },
  'POST /containers/{id}/rename': ({ d, id, req }) => {
    lifecycle.rename(d, id, one(req, 'name') ?? '', checkName);
    return empty();
  },
  'POST /containers/{id}/update': ({ d, id, req }) => {
    update(d, id, body<HostConfig>(req));
    return json({ Warnings: null });
  },
  'POST /containers/{id}/wait': ({ d, id, req }) => {
    const c = d.container(id);
    const condition = one(req, 'condition') || 'not-running';
    if (condition !== 'not-running' && condition !== 'next-exit' && condition !== 'removed')
      throw invalid(`invalid condition: ${condition}`);
    if (condition === 'not-running' && !lifecycle.isUp(c)) return json({ StatusCode: c.State.ExitCode });
    return { mode: { kind: 'waiting', what: { for: 'exit', container: c.Id, condition } } };
  },
  'DELETE /containers/{id}': ({ d, id, req }) => {
    if (flag(req, 'link')) {
      networks.unlink(d, id);
      return empty();
    }
    const c = d.find(id);
    if (!c && flag(req, 'force')) throw notFound(`No such container: ${id}`);
    const withVolumes = flag(req, 'v');
    const going = ({ mode: m }: Conn) => m.kind === 'waiting' && m.what.for === 'remove' && m.what.container === c?.Id;
    if (pmap.values(d.s.conns).some(going)) throw conflict(`removal of container ${id} is already in progress`);
    const { pending } = lifecycle.remove(d, id, { force: flag(req, 'force'), volumes: withVolumes });
    if (pending) return { mode: { kind: 'waiting', what: { for: 'remove', container: d.container(id).Id, volumes: withVolumes } } };
    return empty();
  },
  'GET /containers/{id}/changes': ({ d, id }) => {
    const c = d.container(id);
    const found = overlayChanges(d, c);
    return json(found.length ? found : null);
  },
  'GET /containers/{id}/export': ({ d, id }) => {
    const c = d.container(id);
    const files = archive.exportRootfs(d, id);
    d.containerEvent('export', c);
    return bytes(files, 'application/octet-stream');
  },
  'HEAD /containers/{id}/archive': ({ d, id, req }) => {
    const stat = archive.stat(d, id, pathAsked(req), rfc3339);
    return { status: 200, text: '', headers: { 'X-Docker-Container-Path-Stat': percentEncode(images.goJson(stat)) } };
  },
  'GET /containers/{id}/archive': ({ d, id, req }) => {
    const { stat, text } = archive.get(d, id, pathAsked(req), rfc3339);
    return {
      status: 200,
      text,
      headers: { 'Content-Type': 'application/x-tar', 'X-Docker-Container-Path-Stat': percentEncode(images.goJson(stat)) },
    };
  },
  'PUT /containers/{id}/archive': ({ d, id, req }) => {
    archive.put(d, id, pathAsked(req), req.body, { noOverwriteDirNonDir: flag(req, 'noOverwriteDirNonDir') });
    d.containerEvent('extract-to-dir', d.container(id));
    return { status: 200, text: '' };
  },
  'POST /containers/{id}/attach': ({ d, id, req, conn }) => {
    const c = d.container(id);
    if (c.State.Status === 'paused') throw conflict(`container ${c.Id} is paused, unpause the container before attach.`);
    if (c.State.Status === 'restarting') throw conflict(`container ${c.Id} is restarting, wait until the container is running.`);
    const keys = one(req, 'detachKeys') ?? '';
    if (keys !== '' && escapeKeys(keys) === null) throw invalid(`Invalid detach keys (${keys}) provided`);
    const tty = c.Config.Tty;
    d.containerEvent('attach', c);
    const old = flag(req, 'logs') ? logs.read(d, c) : [];
    return {
      head: upgraded(tty),
      body: (conn.output ?? '') + old.map((l) => (tty ? l.log : frame(l.stream === 'stdout' ? 1 : 2, l.log))).join(''),
      mode: flag(req, 'stream')
        ? { kind: 'attach', container: c.Id, stdin: flag(req, 'stdin'), stdout: flag(req, 'stdout'), stderr: flag(req, 'stderr'), tty }
        : { kind: 'closing' },
    };
  },
  'POST /containers/{id}/resize': ({ d, id, req }) => {
    const c = running(d.container(id));
    if (c.master !== null) d.sys.setWinsize(c.master, { cols: number(req, 'w') ?? 80, rows: number(req, 'h') ?? 24 });
    return { status: 200, text: '' };
  },
  'GET /containers/{id}/logs': ({ d, id, req }) => {
    const c = d.container(id);
    if (!flag(req, 'stdout') && !flag(req, 'stderr')) throw invalid('Bad parameters: you must choose at least one stream');
    if (logs.driverOf(c) === 'none') throw internal('configured logging driver does not support reading');
    const tail = one(req, 'tail');
    const since = seconds(one(req, 'since'));
    const until = seconds(one(req, 'until'));
    const stamps = flag(req, 'timestamps');
    const details = flag(req, 'details') ? `${logs.attributes(c)} ` : '';
    let lines = logs
      .read(d, c)
      .filter(
        (l) =>
          (l.stream === 'stdout' ? flag(req, 'stdout') : flag(req, 'stderr')) &&
          (since === null || l.time >= since) &&
          (until === null || l.time <= until),
      );
    if (tail !== undefined && /^\d+$/.test(tail)) lines = Number(tail) === 0 ? [] : lines.slice(-Number(tail));
    const text = lines.map((l) => logFrame(c.Config.Tty, details === '' ? l : { ...l, log: details + l.log }, stamps)).join('');
    const follow = flag(req, 'follow') && lifecycle.isUp(c);
    const head = {
      status: 200,
      headers: { 'Content-Type': c.Config.Tty ? 'application/vnd.docker.raw-stream' : 'application/vnd.docker.multiplexed-stream' },
    };
    return follow
      ? {
          head,
          body: text,
          mode: { kind: 'logs', container: c.Id, stdout: flag(req, 'stdout'), stderr: flag(req, 'stderr'), timestamps: stamps },
        }
      : { status: 200, text, headers: head.headers };
  },
  'GET /containers/{id}/top': ({ d, id, req }) => ({ mode: top.begin(d, d.container(id), one(req, 'ps_args') || '-ef') }),
  'POST /containers/{id}/exec': ({ d, id, req }) => json({ Id: exec.create(d, id, body<exec.ExecRequest>(req)) }, 201),
  'POST /exec/{id}/start': ({ d, id, req, conn }) => {
    const o = body<{ Detach?: boolean; Tty?: boolean }>(req);
    let e: ReturnType<typeof exec.start>;
    try {
      e = exec.start(d, id, !!o.Detach);
    } catch (error) {
      exec.forget(d, id);
      // The stream is open by then: what the runtime says goes down it.
      if (o.Detach || !(error instanceof exec.ExecFailed)) throw error;
      const tty = !!o.Tty;
      return { head: upgraded(tty), body: tty ? `${error.message}\r\n` : frame(1, `${error.message}\r\n`), mode: { kind: 'closing' } };
    }
    if (o.Detach) return { status: 200, text: '' };
    d.putExec({ ...e, conn: conn.fd });
    return { head: upgraded(e.process.tty), mode: { kind: 'exec', exec: id } };
  },
  'GET /exec/{id}/json': ({ d, id }) => json(exec.inspect(d, id)),
  'POST /exec/{id}/resize': ({ d, id, req }) => {
    const e = pmap.get(d.s.execs, id);
    if (e?.process.tty && e.out !== null) d.sys.setWinsize(e.out, { cols: number(req, 'w') ?? 80, rows: number(req, 'h') ?? 24 });
    return { status: 200, text: '' };
  },
  'POST /containers/prune': ({ d, req }) => {
    const f = accepted(one(req, 'filters'), ['label', 'label!', 'until']);
    const until = untilOf(d, f);
    const gone = d
      .containers()
      .filter(
        (c) =>
          !lifecycle.isUp(c) &&
          c.Created < until &&
          (!f.label || labelMatch(c.Config.Labels, f.label)) &&
          !(f['label!'] && labelMatch(c.Config.Labels, f['label!'])),
      );
    let space = 0;
    for (const c of gone) {
      space += inspect(d, c, true).SizeRw ?? 0;
      lifecycle.erase(d, c.Id, false);
    }
    pruned(d, 'container', space);
    return json({ ContainersDeleted: gone.length ? gone.map((c) => c.Id) : null, SpaceReclaimed: space });
  },
  'POST /commit': ({ d, req }) => {
    const repo = one(req, 'repo') ?? '';
    const tag = one(req, 'tag') ?? '';
    const changes = body<Partial<Config>>(req);
    const image = commit(d, one(req, 'container') ?? '', {
      repo: repo === '' ? '' : tag ? `${repo}:${tag}` : repo,
      comment: one(req, 'comment') ?? '',
      author: one(req, 'author') ?? '',
      pause: one(req, 'pause') !== '0',
      config: Object.keys(changes).length ? changes : null,
      changes: req.query.changes ?? [],
    });
    return json({ Id: image.Id }, 201);
  },

  'GET /images/json': ({ d, req }) => {
    const f = parseFilters(one(req, 'filters'));
    return json(filterImages(d, f, flag(req, 'all')));
  },
  'GET /images/{id}/json': ({ d, id, req }) => json(images.inspect(d, forPlatform(d, id, one(req, 'platform')))),
  'GET /images/{id}/history': ({ d, id, req }) => json(images.history(d, forPlatform(d, id, one(req, 'platform')))),
  'POST /images/{id}/tag': ({ d, id, req }) => {
    const image = images.resolve(d, id);
    const tag = one(req, 'tag');
    const full = images.normalise(`${one(req, 'repo') ?? ''}${tag ? `:${tag}` : ''}`);
    images.tag(d, image.Id, full);
    d.event('image', 'tag', image.Id, { name: images.familiar(full) });
    return empty(201);
  },
  'DELETE /images/{id}': ({ d, id, req }) => json(images.remove(d, id, flag(req, 'force'), !flag(req, 'noprune'))),
  'GET /images/get': ({ d, req }) => bytes(transfer.save(d, req.query.names ?? [], req.query.platform ?? [])),
  'GET /images/{id}/get': ({ d, id, req }) => bytes(transfer.save(d, [id], req.query.platform ?? [])),
  'POST /images/load': ({ d, req }) => {
    try {
      return messages(transfer.load(d, transfer.unpacked(req.body), req.query.platform ?? []).map((stream) => ({ stream })));
    } catch (e) {
      // The answer has begun by then: what went wrong comes as a message.
      if (!(e instanceof ApiError)) throw e;
      const message = e.message.replace(/^archive\/tar: /, '');
      return messages([{ errorDetail: { message }, error: message }]);
    }
  },
  'POST /images/create': ({ d, req }) => {
    const src = one(req, 'fromSrc');
    if (src !== undefined && src !== '') {
      const url = src.includes('://') ? src : `http://${src}`;
      if (src !== '-') throw internal(`Get "${url}": ${dialError(d, url)}`);
      const repo = one(req, 'repo') ?? '';
      const tag = one(req, 'tag') ?? '';
      const config = changed({}, req.query.changes ?? []);
      const platform = one(req, 'platform');
      const image = transfer.importImage(d, req.body, {
        ref: repo === '' ? '' : tag ? `${repo}:${tag}` : repo,
        message: one(req, 'message') || `Imported from ${src}`,
        config,
        platform: platform ? images.platformOf(platform) : undefined,
      });
      return { status: 200, text: `${images.goJson({ status: image.Id })}\r\n`, headers: { 'Content-Type': 'application/json' } };
    }
    const [name, tag, wanted] = [one(req, 'fromImage') ?? '', one(req, 'tag') ?? '', one(req, 'platform') ?? ''];
    const full = withTag(name, tag);
    if (isCatalogued(d, full, wanted) && !d.s.config['registry-mirrors']?.length) return pull(d, full);
    return { mode: newJob('pull', { name: full, platform: wanted, auth: authOf(req) }) };
  },
  'POST /images/{id}/push': ({ id, req }) => ({ mode: newJob('push', { name: id, tag: one(req, 'tag') ?? '', auth: authOf(req) }) }),
  'GET /images/search': ({ d, req }) => {
    const limit = Number(one(req, 'limit') ?? 0) || 25;
    if (limit < 1 || limit > 100) throw invalid(`limit ${limit} is outside the range of [1, 100]`);
    const stars = accepted(one(req, 'filters'), ['is-automated', 'is-official', 'stars']).stars?.find((n) => !/^[+-]?\d+$/.test(n));
    if (stars !== undefined) throw invalid(`invalid filter 'stars=${stars}': strconv.Atoi: parsing "${stars}": invalid syntax`);
    const [, domain, term = ''] = /^(?:([^/]*[.:][^/]*|localhost)\/)?(.*)$/.exec(one(req, 'term') ?? '') ?? [];
    if (domain !== undefined) throw internal(`drydock: searching ${domain} is not modelled`);
    const url = `https://index.docker.io/v1/search?q=${percentEncode(term)}&n=${limit}`;
    throw internal(`Get "${url}": ${dialError(d, url)}`);
  },
  'GET /distribution/{id}/json': ({ d, id, req }) => {
    const name = images.normalise(id);
    return isCatalogued(d, name) ? json(distribution(d, name)) : { mode: newJob('distribution', { name, auth: authOf(req) }) };
  },
  'POST /auth': ({ req }) => ({ mode: newJob('login', body<Credentials>(req)) }),
  'POST /images/prune': ({ d, req }) => {
    const f = accepted(one(req, 'filters'), ['dangling', 'label', 'label!', 'until']);
    const all = !bool(f, 'dangling', true);
    const until = untilOf(d, f);
    const used = new Set(d.containers().map((c) => c.ImageID));
    const deleted: unknown[] = [];
    let space = 0;
    for (const i of d.images()) {
      if (used.has(i.Id) || images.childrenOf(d, i.Id).length > 0 || (i.RepoTags.length > 0 && !all)) continue;
      if (f.label && !labelMatch(i.config.config.Labels, f.label)) continue;
      if (f['label!'] && labelMatch(i.config.config.Labels, f['label!'])) continue;
      if ((parseRfc3339(i.config.created) ?? 0) >= until) continue;
      const before = pmap.values(d.s.layers).reduce((n, l) => n + l.size, 0);
      for (const t of i.RepoTags.length ? i.RepoTags.map(images.familiar) : [i.Id]) deleted.push(...images.remove(d, t, true, true));
      space += before - pmap.values(d.s.layers).reduce((n, l) => n + l.size, 0);
    }
    pruned(d, 'image', space);
    return json({ ImagesDeleted: deleted.length ? deleted : null, SpaceReclaimed: space });
  },
  'POST /build': ({ d, req, conn }) => {
    const begun = tryBuild(d, req, conn.fd, {});
    return 'wants' in begun ? { mode: newJob('build', { req, fd: conn.fd, wants: begun.wants, auths: authsOf(req) }) } : begun;
  },
  'POST /build/context': ({ d, req }) => json(builder.get().offerContext(d, one(req, 'contextdir') ?? '', req.body)),
  'POST /build/prune': ({ d, req }) =>
    json(
      builder.get().pruneCache(d, flag(req, 'all'), parseFilters(one(req, 'filters')).type, {
        reserved: number(req, 'reserved-space') ?? number(req, 'keep-storage') ?? 0,
        most: number(req, 'max-used-space') ?? 0,
        free: number(req, 'min-free-space') ?? 0,
      }),
    ),

  'GET /volumes': ({ d, req }) => {
    const f = accepted(one(req, 'filters'), ['name', 'label', 'driver', 'dangling']);
    bool(f, 'dangling', false);
    const rows = pmap
      .values(d.s.volumes)
      .filter(
        (v) =>
          match(f, 'name', v.Name) &&
          (!f.label || labelMatch(volumes.labelsOf(v), f.label)) &&
          (!f.driver || f.driver.includes(v.Driver)) &&
          (!f.dangling || (f.dangling[0] === 'true' || f.dangling[0] === '1') === (v.users.length === 0)),
      );
    return json({ Volumes: rows.sort((a, b) => (a.Name < b.Name ? -1 : 1)).map((v) => volumes.inspect(d, v)), Warnings: null });
  },
  'POST /volumes/create': ({ d, req }) => {
    const o = body<{ Name?: string; Driver?: string; DriverOpts?: Record<string, string>; Labels?: Record<string, string> }>(req);
    if (o.Driver && o.Driver !== 'local')
      throw notFound(`create ${o.Name ?? ''}: error looking up volume plugin ${o.Driver}: plugin "${o.Driver}" not found`);
    const name = o.Name || hexName(d);
    return json(
      volumes.inspect(
        d,
        volumes.create(d, name, {
          labels: o.Labels && Object.keys(o.Labels).length ? o.Labels : null,
          options: o.DriverOpts && Object.keys(o.DriverOpts).length ? o.DriverOpts : null,
          anonymous: !o.Name,
        }),
      ),
      201,
    );
  },
  'GET /volumes/{id}': ({ d, id }) => {
    const v = d.volume(id);
    if (!v) throw notFound(`get ${id}: no such volume`);
    return json(volumes.inspect(d, v));
  },
  'DELETE /volumes/{id}': ({ d, id, req }) => {
    volumes.remove(d, id, flag(req, 'force'));
    return empty();
  },
  'POST /volumes/prune': ({ d, req }) => {
    const f = accepted(one(req, 'filters'), ['label', 'label!', 'all']);
    const all = parsedBool('all', f.all);
    const gone = pmap
      .values(d.s.volumes)
      .filter(
        (v) =>
          v.users.length === 0 &&
          (all || v.anonymous) &&
          volumes.isPlain(v) &&
          (!f.label || labelMatch(volumes.labelsOf(v), f.label)) &&
          !(f['label!'] && labelMatch(volumes.labelsOf(v), f['label!'])),
      );
    const freed = gone.reduce((n, v) => n + overlay2.sizeOf(d.sys, dataDir(d, v.Name)), 0);
    for (const v of gone) volumes.remove(d, v.Name, true);
    pruned(d, 'volume', freed);
    return json({ VolumesDeleted: gone.length ? gone.map((v) => v.Name) : null, SpaceReclaimed: freed });
  },

  ...PLUGIN_ROUTES,
  ...SWARM_ROUTES,
  'GET /networks': ({ d, req }) => json(made.filtered(d, parseFilters(one(req, 'filters'))).map((n) => made.json(d, n, false))),
  'POST /networks/create': ({ d, req }) => json(made.create(d, body<made.CreateNetwork>(req)), 201),
  'GET /networks/{id}': ({ d, id }) => json(made.json(d, nets.need(d, id), true)),
  'DELETE /networks/{id}': ({ d, id }) => {
    made.remove(d, nets.need(d, id));
    return empty();
  },
  'POST /networks/{id}/connect': ({ d, id, req }) => {
    const o = body<{ Container?: string; EndpointConfig?: AskedEndpoint }>(req);
    // The container is looked for first; one that does not run may wait for a network that is still to come.
    const c = d.container(o.Container ?? '');
    const n = nets.find(d, id);
    if (!n && c.State.Pid === 0) networks.expect(d, c, id, o.EndpointConfig ?? null);
    else networks.connectTo(d, n ?? nets.need(d, id), c, o.EndpointConfig ?? null);
    return { status: 200, text: '' };
  },
  'POST /networks/{id}/disconnect': ({ d, id, req }) => {
    const o = body<{ Container?: string; Force?: boolean }>(req);
    if (o.Force && !d.find(o.Container ?? ''))
      throw nets.find(d, id) ? notFound(`endpoint ${o.Container} not found`) : notFound(`network ${id} not found`);
    const c = d.container(o.Container ?? '');
    const n = nets.find(d, id);
    if (!n && (c.State.Pid === 0 || o.Force)) networks.giveUp(d, c, id);
    else networks.disconnectFrom(d, n ?? nets.need(d, id), c);
    return { status: 200, text: '' };
  },
  'POST /networks/prune': ({ d, req }) => {
    const f = accepted(one(req, 'filters'), ['label', 'label!', 'until']);
    const until = untilOf(d, f);
    const gone = d
      .networks()
      .filter(
        (n) =>
          n.Created < until &&
          !PREDEFINED.includes(n.Name) &&
          !n.ConfigOnly &&
          made.endpointsOn(d, n).length === 0 &&
          (!f.label || labelMatch(n.Labels, f.label)) &&
          !(f['label!'] && labelMatch(n.Labels, f['label!'])),
      );
    for (const n of gone) made.remove(d, n);
    pruned(d, 'network', 0);
    return json({ NetworksDeleted: gone.length ? gone.map((n) => n.Name) : null });
  },

  'GET /events': ({ d, req }) => {
    const f = parseFilters(one(req, 'filters'));
    const since = seconds(one(req, 'since'));
    const until = seconds(one(req, 'until'));
    const after = since === null ? d.s.lastEvent : (d.s.events.find((e) => e.time >= since)?.seq ?? d.s.lastEvent + 1) - 1;
    return { head: streamHead, mode: { kind: 'events', filters: f, until, after } };
  },
  'GET /system/df': ({ d }) => json(diskUsage(d)),
  'GET /containers/{id}/stats': ({ d, id }) => json(stats(d, d.container(id))),
};

const overlayChanges = (d: Daemon, c: Container) => layerFiles.changes(d, c.layer);
const hexName = (d: Daemon) => overlay2.newId(d.sys);

const seconds = (text: string | undefined): number | null =>
  text === undefined || text === '' || text === '0' ? null : Math.round(Number(text) * 1e6) / 1e3;

export const logFrame = (tty: boolean, l: logs.LogLine, stamps: boolean): string => {
  const text = stamps ? `${nineDigits(l.stamp)} ${l.log}` : l.log;
  return tty ? text : frame(l.stream === 'stdout' ? 1 : 2, text);
};

function filterImages(d: Daemon, f: Record<string, string[]>, all: boolean) {
  const known = new Set(['reference', 'dangling', 'label', 'before', 'since', 'until']);
  for (const k of Object.keys(f)) if (!known.has(k)) throw invalid(`invalid filter '${k}'`);
  bool(f, 'dangling', false);
  const before = f.before ? images.resolve(d, f.before[0] as string) : null;
  const since = f.since ? images.resolve(d, f.since[0] as string) : null;
  const created = (i: { config: { created: string } }) => i.config.created;
  return images.list(d).flatMap((i) => {
    const image = d.image(i.Id);
    if (!image) return [];
    if (!all && i.RepoTags.length === 0 && images.childrenOf(d, i.Id).length > 0) return [];
    if (f.label && !labelMatch(image.config.config.Labels, f.label)) return [];
    if (f.dangling) {
      const want = f.dangling[0] === 'true' || f.dangling[0] === '1';
      if (want !== (i.RepoTags.length === 0)) return [];
    }
    if (before && !(created(image) < created(before))) return [];
    if (since && !(created(image) > created(since))) return [];
    if (f.reference) {
      const wanted = (t: string) => f.reference?.some((p) => images.matches(p, t));
      const [RepoTags, RepoDigests] = [i.RepoTags.filter(wanted), i.RepoDigests.filter(wanted)];
      return RepoTags.length + RepoDigests.length === 0 ? [] : [{ ...i, RepoTags, RepoDigests }];
    }
    return [i];
  });
}
