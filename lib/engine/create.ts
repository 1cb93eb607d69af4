/**
 * Making a container: its config merged with the image's, its name, its layer, its mount points, its files.
 * moby daemon/create.go, daemon/create_unix.go.
 */

import { byKey, pmap } from '../base';
import { parseSignal } from '../kernel';
import { platform } from '../oci';
import { conflict, type Daemon, invalid, notFound } from './daemon';
import * as defaults from './defaults';
import { checkHealth } from './health';
import * as images from './images';
import { checkLogConfig } from './logs';
import { freeName } from './names';
import type { Asked } from './net/settings';
import * as networks from './networks';
import * as overlay2 from './overlay2';
import { containerDir } from './paths';
import { checkResources, discardUnkept } from './resources';
import { checkRuntime, defaultRuntime } from './runtimes';
import * as security from './security';
import { AT_REST, type Config, type Container, type HostConfig, type Image } from './state';
import * as volumes from './volumes';

const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;

export function checkName(name: string) {
  if (!NAME.test(name)) throw invalid(`Invalid container name (${name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`);
}

/** Image and command line made one: daemon/commit.go, merge. A container's own entrypoint resets the image's command. */
export function mergeConfig(own: Partial<Config>, image: Partial<Config>): Config {
  const env = [...(own.Env ?? [])];
  const has = (name: string) => env.some((e) => e.split('=')[0] === name);
  for (const e of image.Env ?? []) if (!has(e.split('=')[0] as string)) env.push(e);
  const entrypoint = own.Entrypoint?.length ? own.Entrypoint : null;
  const reset = own.Entrypoint !== null && own.Entrypoint !== undefined && own.Entrypoint.length === 1 && own.Entrypoint[0] === '';
  const Entrypoint = reset ? null : (entrypoint ?? image.Entrypoint ?? null);
  const Cmd = own.Cmd?.length ? own.Cmd : own.Entrypoint?.length ? null : (image.Cmd ?? null);
  const ExposedPorts = { ...image.ExposedPorts, ...own.ExposedPorts };
  const Volumes = { ...image.Volumes, ...own.Volumes };
  const health = own.Healthcheck ? { ...image.Healthcheck, ...clean(own.Healthcheck) } : image.Healthcheck;
  return {
    Hostname: own.Hostname ?? '',
    Domainname: own.Domainname ?? '',
    User: own.User || image.User || '',
    AttachStdin: own.AttachStdin ?? false,
    AttachStdout: own.AttachStdout ?? false,
    AttachStderr: own.AttachStderr ?? false,
    ...(Object.keys(ExposedPorts).length ? { ExposedPorts } : {}),
    Tty: own.Tty ?? false,
    OpenStdin: own.OpenStdin ?? false,
    StdinOnce: own.StdinOnce ?? false,
    Env: env,
    Cmd,
    ...(health ? { Healthcheck: health } : {}),
    Image: own.Image ?? '',
    Volumes: Object.keys(Volumes).length ? Volumes : null,
    WorkingDir: own.WorkingDir || image.WorkingDir || '/',
    Entrypoint,
    ...(own.NetworkDisabled ? { NetworkDisabled: true } : {}),
    OnBuild: image.OnBuild ?? null,
    Labels: byKey({ ...image.Labels, ...own.Labels }),
    ...(own.StopSignal || image.StopSignal ? { StopSignal: own.StopSignal || image.StopSignal } : {}),
    ...(own.StopTimeout === undefined ? {} : { StopTimeout: own.StopTimeout }),
    ...(image.Shell ? { Shell: image.Shell } : {}),
  };
}

const clean = <T extends object>(o: T): Partial<T> =>
  Object.fromEntries(Object.entries(o).filter(([, v]) => v !== undefined && v !== 0 && v !== null)) as Partial<T>;

export interface CreateRequest extends Partial<Config> {
  HostConfig?: HostConfig;
  NetworkingConfig?: { EndpointsConfig?: Asked };
}

/** A signal by its name, or any number but 0: moby/sys/signal, ParseSignal. */
const isSignal = (text: string): boolean => (/^[+-]?\d+$/.test(text) ? Number(text) !== 0 : parseSignal(text) !== null);

/** The machine as the engine detects it: amd64 in its newest form. */
const DETECTED = 'linux/amd64/v4';

/** An image that was made for another platform than the one that is asked for is not found; nothing asked for: a warning. */
function checkPlatform(image: Image, ref: string, wanted: string): string[] {
  const made = images.madeFor(image);
  const shown = platform.format(made);
  if (wanted !== '' && !platform.matches(images.platformOf(wanted), made))
    throw notFound(`image with reference ${ref} was found but its platform (${shown}) does not match the specified platform (${wanted})`);
  if (wanted !== '' || platform.matches(platform.HOST, made)) return [];
  return [
    `The requested image's platform (${shown}) does not match the detected host platform (${DETECTED}) and no specific platform was requested`,
  ];
}

/** What is asked for besides the host's part: daemon/container.go, validateContainerConfig. */
function checkOwn({ WorkingDir, StopSignal, Healthcheck, Hostname }: Partial<Config>, host: HostConfig) {
  if (WorkingDir && !WorkingDir.startsWith('/'))
    throw invalid(`the working directory '${WorkingDir}' is invalid, it needs to be an absolute path`);
  if (StopSignal && !isSignal(StopSignal)) throw invalid(`invalid signal: ${StopSignal}`);
  checkHealth(Healthcheck);
  if (Hostname && host.UTSMode === 'host') throw invalid('conflicting options: hostname and the UTS mode');
}

/** POST /containers/create. `wanted`: the platform that is asked for, if any. */
export function create(d: Daemon, name: string, req: CreateRequest, wanted = ''): { Id: string; Warnings: string[] } {
  if (name !== '') checkName(name);
  const { HostConfig: asked, NetworkingConfig, ...own } = req;
  const wish = hostConfig({ ...asked, Runtime: asked?.Runtime || defaultRuntime(d) });
  security.checkIsolation(wish);
  checkOwn(own, wish);
  const kept = discardUnkept(d, security.settle(d, wish));
  const { host } = kept;
  checkRestartPolicy(host.RestartPolicy);
  if (host.AutoRemove && host.RestartPolicy?.Name && host.RestartPolicy.Name !== 'no')
    throw invalid(`can't create 'AutoRemove' container with restart policy`);
  checkResources(d, host);
  const image = images.find(d, own.Image ?? '');
  if (!image) throw notFound(`No such image: ${shownRef(own.Image ?? '')}`);
  const warnings = [...checkPlatform(image, own.Image ?? '', wanted), ...kept.warnings];
  const config = mergeConfig(own, image.config.config);
  const command = [...(config.Entrypoint ?? []), ...(config.Cmd ?? [])];
  if (command.length === 0) throw invalid('no command specified');
  checkLogConfig(host);
  checkRuntime(d, `${host.Runtime}`);
  networks.check(d, own, host, NetworkingConfig?.EndpointsConfig ?? {});
  const Id = overlay2.newId(d.sys);
  const Name = name === '' ? freeName(d) : name;
  const holder = pmap.get(d.s.names, Name);
  networks.keepLinks(d, host, Name);
  if (holder)
    throw conflict(
      `Conflict. The container name "/${Name}" is already in use by container "${holder}". You have to remove (or rename) that container to be able to reuse that name.`,
    );
  // The name is taken before anything is made for the container.
  security.checkOptions(d, host);
  if (Object.keys((host.StorageOpt ?? {}) as object).length > 0)
    throw invalid("--storage-opt is supported only for overlay over xfs with 'pquota' mount option");
  const points = volumes.mountPoints(d, host, config.Volumes);
  if (config.Hostname === '') config.Hostname = host.NetworkMode === 'host' ? d.sys.uname().nodename : Id.slice(0, 12);
  const mac = NetworkingConfig?.EndpointsConfig?.[host.NetworkMode === 'bridge' ? 'default' : (host.NetworkMode ?? '')]?.MacAddress;
  if (mac) config.MacAddress = mac;
  const layer = overlay2.newId(d.sys);
  const c: Container = {
    Id,
    Name,
    Created: d.now(),
    Path: command[0] as string,
    Args: command.slice(1),
    Config: config,
    HostConfig: host,
    ImageID: image.Id,
    layers: image.layers,
    layer,
    State: {
      Status: 'created',
      OOMKilled: false,
      Dead: false,
      Pid: 0,
      ExitCode: 0,
      Error: '',
      StartedAt: null,
      FinishedAt: null,
      stopped: false,
      manual: false,
      backoff: 0,
    },
    RestartCount: 0,
    Mounts: [],
    networks: networks.endpoints(d, host, NetworkingConfig?.EndpointsConfig ?? {}, Id, Name, config),
    ...AT_REST,
  };
  makeLayer(d, image, layer);
  d.put(c);
  d.s.names = pmap.set(d.s.names, Name, Id);
  try {
    const Mounts = volumes.prepare(d, points, Id);
    d.put({ ...c, Mounts });
    const rootfs = overlay2.mount(d, layer);
    try {
      volumes.populate(d, d.container(Id), rootfs);
      makeWorkingDir(d, rootfs, config.WorkingDir);
    } finally {
      overlay2.unmount(d, layer);
    }
  } catch (e) {
    discard(d, d.container(Id));
    throw e;
  }
  makeFiles(d, d.container(Id));
  d.containerEvent('create', d.container(Id));
  return { Id, Warnings: [...warnings, ...networks.warnings(host)] };
}

/** A container that could not be made leaves its named volumes behind, and nothing else. */
function discard(d: Daemon, c: Container) {
  volumes.leave(d, c, true);
  overlay2.remove(d, c.layer);
  overlay2.remove(d, `${c.layer}-init`);
  d.s.containers = pmap.remove(d.s.containers, c.Id);
  d.s.names = pmap.remove(d.s.names, c.Name);
}

const POLICIES = ['', 'no', 'always', 'on-failure', 'unless-stopped'];

/** api/types/container, ValidateRestartPolicy. */
export function checkRestartPolicy(p: HostConfig['RestartPolicy']) {
  const { Name = '', MaximumRetryCount: count = 0 } = p ?? {};
  const wrong = (why: string) => invalid(`invalid restart policy: ${why}`);
  if (!POLICIES.includes(Name)) throw wrong(`unknown policy '${Name}'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'`);
  if (Name !== 'on-failure' && count !== 0)
    throw wrong(`maximum retry count can only be used with 'on-failure'${count < 0 ? ' and cannot be negative' : ''}`);
  if (count < 0) throw wrong('maximum retry count cannot be negative');
}

const shownRef = (ref: string): string => {
  try {
    return images.familiar(images.normalise(ref));
  } catch {
    throw invalid(`invalid reference format`);
  }
};

/** What was asked for, over the defaults, in the API's order. */
export function hostConfig(asked: HostConfig): HostConfig {
  const out: Record<string, unknown> = { ...defaults.HOST_CONFIG };
  for (const [key, value] of Object.entries(asked))
    if (value !== undefined && !(value === null && out[key] !== undefined && out[key] !== null)) out[key] = value;
  const host = out as HostConfig;
  if (!host.NetworkMode || host.NetworkMode === 'default') host.NetworkMode = 'bridge';
  if (!host.ShmSize) host.ShmSize = defaults.SHM_SIZE;
  host.LogConfig = { Type: host.LogConfig?.Type || 'json-file', Config: byKey(host.LogConfig?.Config ?? {}) };
  if (host.Memory && !host.MemorySwap) host.MemorySwap = host.Memory * 2;
  if ((host.PidsLimit ?? 0) <= 0) host.PidsLimit = null;
  host.RestartPolicy = { Name: host.RestartPolicy?.Name || 'no', MaximumRetryCount: host.RestartPolicy?.MaximumRetryCount ?? 0 };
  if (host.Privileged) {
    host.MaskedPaths = null;
    host.ReadonlyPaths = null;
  }
  if (!host.IpcMode) host.IpcMode = 'private';
  return host;
}

/** The init layer, with the places that mounts will cover, and the container's own above it: layer/mounted_layer.go. */
function makeLayer(d: Daemon, image: Image, layer: string) {
  const top = d.layer(image.layers.at(-1) ?? '')?.cacheId ?? null;
  const init = `${layer}-init`;
  overlay2.create(d, init, top);
  const root = overlay2.mount(d, init);
  overlay2.within(d.sys, root, () => {
    for (const [path, type] of INIT_LAYER) {
      if (type === 'dir') overlay2.mkdirs(d.files, path, 0o755);
      else if (overlay2.exists(d.sys, path)) continue;
      else if (type === 'file') overlay2.writeText(d.files, path, '', 0o755);
      else d.files.symlink(type, path);
    }
  });
  overlay2.unmount(d, init);
  overlay2.create(d, layer, init, false);
}

/** daemon/initlayer/setup_unix.go; parents first. */
const INIT_LAYER: readonly [string, string][] = [
  ['dev', 'dir'],
  ['dev/pts', 'dir'],
  ['dev/shm', 'dir'],
  ['proc', 'dir'],
  ['sys', 'dir'],
  ['.dockerenv', 'file'],
  ['etc', 'dir'],
  ['etc/resolv.conf', 'file'],
  ['etc/hosts', 'file'],
  ['etc/hostname', 'file'],
  ['dev/console', 'file'],
  ['etc/mtab', '/proc/mounts'],
];

function makeWorkingDir(d: Daemon, rootfs: string, dir: string) {
  let at = rootfs;
  for (const part of volumes.clean(dir).split('/').filter(Boolean)) {
    at = `${at}/${part}`;
    if (!overlay2.exists(d.sys, at)) d.files.mkdir(at, 0o755);
    else if (d.sys.stat(at).type !== 'dir') throw invalid(`Cannot mkdir: ${dir} is not a directory`);
  }
}

/** /var/lib/docker/containers/<id>: what `docker inspect` points at. */
export function makeFiles(d: Daemon, c: Container) {
  const dir = containerDir(d, c.Id);
  d.sys.mkdir(dir, 0o710);
  if (d.owner.gid !== 0) d.sys.chown(dir, 0, d.owner.gid);
  overlay2.within(d.sys, dir, () => {
    d.sys.mkdir('mounts', 0o710);
    if (d.owner.gid !== 0) d.sys.chown('mounts', 0, d.owner.gid);
    d.sys.mkdir('checkpoints', 0o700);
  });
}
