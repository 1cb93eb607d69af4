/**
 * A container's life and its networks: what create, start, connect and rename do. The parts are in net/: networks and their
 * subnets, the driver and its rules, a container's sandbox, ports, names, files.
 */

import { pmap } from '../base';
import type { CreateRequest } from './create';
import { ApiError, conflict, type Daemon, internal, invalid, notFound } from './daemon';
import * as files from './net/files';
import { find } from './net/networks';
import * as sandbox from './net/sandbox';
import * as settings from './net/settings';
import { containerDir } from './paths';
import type { Config, Container, Endpoint, HostConfig, Network } from './state';

export { begin, endProxies } from './net/networks';
export { portMap } from './net/ports';
export { adopt, plumb } from './net/sandbox';

const shared = (c: { HostConfig: HostConfig }): string | null => {
  const mode = c.HostConfig.NetworkMode ?? '';
  return mode.startsWith('container:') ? mode.slice('container:'.length) : null;
};

/** What can be refused before a container is made. A container that another one shares its network with is named by its id. */
export function check(d: Daemon, own: CreateRequest, host: HostConfig, asked: settings.Asked) {
  settings.checkMode(own, host);
  const other = shared({ HostConfig: host });
  const found = other === null ? undefined : d.find(other);
  if (found) host.NetworkMode = `container:${found.Id}`;
  settings.checkEndpoints(d, find, host, asked);
  checkLinks(d, host);
}

/** The places that a container is created with. */
export function endpoints(
  d: Daemon,
  host: HostConfig,
  asked: settings.Asked,
  Id: string,
  Name: string,
  config: Config,
): Record<string, Endpoint> {
  const c = { Id, Name, hostname: config.Hostname === Id.slice(0, 12) ? '' : config.Hostname };
  return Object.fromEntries(
    settings
      .networkNames(host, asked)
      .filter((name) => !name.startsWith('container:'))
      .map((name) => {
        const n = find(d, name);
        const mine = asked[name] ?? (name === 'bridge' ? asked.default : null) ?? null;
        return [n?.Name ?? name, settings.endpointOf(mine, n, name, c)];
      }),
  );
}

/** The container whose network is shared; it has to run. */
function sharer(d: Daemon, c: Container): Container | null {
  const ref = shared(c);
  if (ref === null) return null;
  const other = d.find(ref);
  if (!other) throw notFound(`joining network namespace of container: No such container: ${ref}`);
  if (other.State.Pid === 0)
    throw conflict(`cannot join network namespace of a non running container: container ${other.Name} is ${other.State.Status}`);
  if (other.State.Status === 'restarting') throw conflict(`Container ${other.Id} is restarting, wait until the container is running`);
  return other;
}

/** A container is about to start: addresses, ports, files. */
export function connect(d: Daemon, c: Container): Container {
  const other = sharer(d, c);
  if (other)
    return d.update(c.Id, (x) => ({ ...x, Config: { ...x.Config, Hostname: other.Config.Hostname, Domainname: other.Config.Domainname } }));
  for (const l of linksOf(d, c)) {
    if (l.other.State.Pid === 0) throw invalid(`Cannot link to a non running container: /${l.other.Name} AS /${c.Name}/${l.alias}`);
    if (!l.other.networks.bridge) throw internal(`container ${l.other.Id} not attached to default bridge network`);
  }
  return sandbox.connect(d, c);
}

export const disconnect = (d: Daemon, c: Container): Container => sandbox.disconnect(d, c);

/** Its files, before they are mounted. */
export function writeFiles(d: Daemon, c: Container) {
  if (shared(c) !== null) return;
  const links = linksOf(d, c).map(({ other, alias }) => ({
    address: other.networks.bridge?.IPAddress ?? '',
    names: [...new Set([alias, other.Config.Hostname, other.Name])],
  }));
  files.write(d, c, sandbox.networksOf(d, c), links);
}

/** Where the files are that it sees: another container's, if it shares its network. */
export const filesDir = (d: Daemon, c: Container): string => containerDir(d, shared(c) ?? c.Id);

// ——— docker network connect, disconnect

const outside = 'container sharing network namespace with another container or host cannot be connected to any other network';

export function connectTo(d: Daemon, n: Network, c: Container, asked: settings.AskedEndpoint) {
  const fault = settings.endpointFaults(n, n.Name, asked);
  if (fault) throw invalid(fault);
  if (n.Driver === 'host' && c.HostConfig.NetworkMode !== 'host')
    throw invalid('cannot connect container to host network - container must be created in host network mode');
  if (shared(c) !== null || c.HostConfig.NetworkMode === 'host') throw new ApiError(403, outside);
  if (Object.keys(c.networks).length > 0 && (n.Name === 'none' || c.networks.none)) throw new ApiError(403, sandbox.LONELY);
  if (n.ConfigOnly) throw new ApiError(403, `cannot connect container ${c.Id} to configuration-only network ${n.Name}`);
  if (c.networks[n.Name]) throw new ApiError(403, `endpoint with name ${c.Name} already exists in network ${n.Name}`);
  const hostname = c.Config.Hostname === c.Id.slice(0, 12) ? '' : c.Config.Hostname;
  const whole = { ...asked, IPAMConfig: asked?.IPAMConfig ?? {}, Aliases: asked?.Aliases ?? [], DriverOpts: asked?.DriverOpts ?? {} };
  const e = settings.endpointOf(whole, n, n.Name, { Id: c.Id, Name: c.Name, hostname });
  d.update(c.Id, (x) => ({ ...x, networks: { ...x.networks, [n.Name]: e } }));
  if (c.State.Pid === 0) return;
  try {
    sandbox.connectRunning(d, c.Id, n);
  } catch (fault) {
    d.update(c.Id, (x) => ({ ...x, networks: Object.fromEntries(Object.entries(x.networks).filter(([name]) => name !== n.Name)) }));
    throw fault;
  }
}

/** A container that does not run is told of a network by a name that nobody has yet: it is looked for at the start. */
export function expect(d: Daemon, c: Container, ref: string, asked: settings.AskedEndpoint) {
  const hostname = c.Config.Hostname === c.Id.slice(0, 12) ? '' : c.Config.Hostname;
  const whole = { ...asked, IPAMConfig: asked?.IPAMConfig ?? {}, Aliases: asked?.Aliases ?? [], DriverOpts: asked?.DriverOpts ?? {} };
  const e = settings.endpointOf(whole, undefined, ref, { Id: c.Id, Name: c.Name, hostname });
  d.update(c.Id, (x) => ({ ...x, networks: { ...x.networks, [ref]: e } }));
}

/** The other way round. */
export function giveUp(d: Daemon, c: Container, ref: string) {
  if (!c.networks[ref]) throw new ApiError(500, `container ${c.Id} is not connected to the network ${ref}`);
  d.update(c.Id, (x) => ({ ...x, networks: Object.fromEntries(Object.entries(x.networks).filter(([name]) => name !== ref)) }));
}

export function disconnectFrom(d: Daemon, n: Network, c: Container) {
  if (n.Driver === 'host' && c.HostConfig.NetworkMode === 'host')
    throw invalid('cannot disconnect container from host network - container was created in host network mode');
  const running = c.State.Pid !== 0;
  if (!c.networks[n.Name])
    throw running
      ? new ApiError(403, `container ${c.Id} is not connected to network ${n.Name}`)
      : internal(`container ${c.Id} is not connected to the network ${n.Name}`);
  if (running) {
    sandbox.disconnectRunning(d, c.Id, n.Name);
    return;
  }
  d.update(c.Id, (x) => ({ ...x, networks: Object.fromEntries(Object.entries(x.networks).filter(([name]) => name !== n.Name)) }));
}

/** Others find it under its new name. */
export function renamed(d: Daemon, id: string, was: string) {
  d.update(id, (c) => ({
    ...c,
    networks: Object.fromEntries(
      Object.entries(c.networks).map(([name, e]) => [
        name,
        e.DNSNames ? { ...e, DNSNames: e.DNSNames.map((x) => (x === was ? c.Name : x)) } : e,
      ]),
    ),
  }));
}

// ——— --link on the default bridge

interface Link {
  other: Container;
  alias: string;
}

const split = (text: string): [string, string] => {
  const at = text.indexOf(':');
  return at < 0
    ? [text, text.split('/').at(-1) as string]
    : [
        text.slice(0, at),
        text
          .slice(at + 1)
          .split('/')
          .at(-1) as string,
      ];
};

function checkLinks(d: Daemon, host: HostConfig) {
  for (const l of (host.Links as string[] | null | undefined) ?? []) {
    const [name] = split(l);
    if (!d.find(name)) throw notFound(`could not get container for ${name}: No such container: ${name}`);
  }
}

/** Options that mean nothing with the network mode that was chosen. */
export const warnings = (host: HostConfig): string[] =>
  host.NetworkMode === 'host' && Object.keys(host.PortBindings ?? {}).length
    ? ['Published ports are discarded when using host network mode']
    : [];

/** Links as a container keeps them: "/db:/app/database". */
export function keepLinks(d: Daemon, host: HostConfig, name: string) {
  const links = host.Links as string[] | null | undefined;
  if (!links?.length) return;
  host.Links = links.map((l) => {
    const [ref, alias] = split(l);
    return `/${d.container(ref).Name}:/${name}/${alias}`;
  });
}

/** docker rm --link: "app/db" is the link of app that it calls db. */
export function unlink(d: Daemon, ref: string) {
  const name = ref.replace(/^\//, '');
  const [parent = '', alias = ''] = name.split('/');
  const c = d.find(parent);
  if (alias === '') {
    if (!c) throw notFound(`No such container: ${name}`);
    throw internal('Conflict, cannot remove the default link name of the container');
  }
  const links = (c?.HostConfig.Links as string[] | null | undefined) ?? [];
  const mine = c && links.find((l) => split(l)[1] === alias && d.find(split(l)[0]));
  if (!c || !mine) throw notFound(`No such container: ${name}`);
  d.update(c.Id, (x) => ({ ...x, HostConfig: { ...x.HostConfig, Links: links.filter((l) => l !== mine) } }));
}

/** Containers that it was linked to and that are still there. */
function linksOf(d: Daemon, c: Container): Link[] {
  const mode = c.HostConfig.NetworkMode ?? '';
  if (settings.isUserDefined(mode)) return [];
  return ((c.HostConfig.Links as string[] | null | undefined) ?? []).flatMap((l) => {
    const [name, alias] = split(l);
    const other = d.find(name);
    return other ? [{ other, alias }] : [];
  });
}

/** What a linked container says of itself, as variables: libnetwork's links, daemon/links. */
export function linkEnvironment(d: Daemon, c: Container): string[] {
  return linksOf(d, c).flatMap(({ other, alias }) => {
    const key = alias.toUpperCase().replaceAll('-', '_');
    const address = other.networks.bridge?.IPAddress ?? '';
    const ports = Object.keys(other.Config.ExposedPorts ?? {})
      .map((p) => ({ port: Number.parseInt(p, 10), proto: p.split('/')[1] ?? 'tcp' }))
      .sort((a, b) => a.port - b.port || (a.proto === 'tcp' ? -1 : 1));
    const first = ports[0];
    return [
      ...(first ? [`${key}_PORT=${first.proto}://${address}:${first.port}`] : []),
      ...ports.flatMap(({ port, proto }) => {
        const name = `${key}_PORT_${port}_${proto.toUpperCase()}`;
        return [`${name}=${proto}://${address}:${port}`, `${name}_ADDR=${address}`, `${name}_PORT=${port}`, `${name}_PROTO=${proto}`];
      }),
      `${key}_NAME=/${c.Name}/${alias}`,
      ...(other.Config.Env ?? []).filter((e) => !/^(HOME|PATH)=/.test(e) && e.includes('=')).map((e) => `${key}_ENV_${e}`),
    ];
  });
}

/** Names that others have given containers by their links: id → "/app/db". */
export function linkNames(d: Daemon): Map<string, string[]> {
  const out = new Map<string, string[]>();
  for (const c of pmap.values(d.s.containers))
    for (const { other, alias } of linksOf(d, c)) out.set(other.Id, [...(out.get(other.Id) ?? []), `/${c.Name}/${alias}`]);
  return out;
}
