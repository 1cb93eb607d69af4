/** A service as the engine is asked for it: POST /containers/create (docker/compose, pkg/compose/create.go). */

import { parseDuration } from '../../../base';
import { isMapping, type Mapping, type Project, type Tree } from '../../../compose';
import { LABEL } from '../../../compose/labels';
import { VERSION } from './actual';
import { serviceHash } from './config';

export interface Overrides {
  /** A container of `run`. */
  oneoff?: { slug: string };
  command?: string[];
  entrypoint?: string[];
  environment?: Mapping;
  user?: string;
  workdir?: string;
  labels?: Mapping;
  tty?: boolean;
  stdin?: boolean;
  ports?: Mapping[];
  volumes?: Mapping[];
  /** Volumes without a name that a container before this one had: the target of each and what the engine calls it. */
  inherited?: Readonly<Record<string, string>>;
  capAdd?: string[];
  capDrop?: string[];
  autoRemove?: boolean;
  useAliases?: boolean;
}

export const imageOf = (project: Project, name: string, service: Mapping): string => String(service.image ?? `${project.name}-${name}`);

const texts = (value: Tree | undefined): string[] | null => (Array.isArray(value) && value.length > 0 ? value.map(String) : null);
const number = (value: Tree | undefined): number => Number(value ?? 0);
const map = (value: Tree | undefined): Mapping => (isMapping(value) ? value : {});
const list = (value: Tree | undefined): Mapping[] => (Array.isArray(value) ? (value as Mapping[]) : []);

function healthcheck(value: Tree | undefined) {
  if (!isMapping(value)) return undefined;
  if (value.disable === true) return { Test: ['NONE'] };
  const ns = (key: string) => (typeof value[key] === 'string' ? parseDuration(value[key] as string) : undefined);
  return {
    Test: value.test,
    Interval: ns('interval'),
    Timeout: ns('timeout'),
    StartPeriod: ns('start_period'),
    StartInterval: ns('start_interval'),
    Retries: value.retries,
  };
}

function restartPolicy(service: Mapping) {
  if (typeof service.restart === 'string') {
    const [Name = '', count] = service.restart.split(':');
    return { Name, MaximumRetryCount: Number(count ?? 0) };
  }
  const policy = map(map(service.deploy).restart_policy);
  if (policy.condition === undefined) return { Name: 'no', MaximumRetryCount: 0 };
  const names: Record<string, string> = { none: 'no', any: 'always', 'on-failure': 'on-failure' };
  return { Name: names[String(policy.condition)] ?? String(policy.condition), MaximumRetryCount: number(policy.max_attempts) };
}

const resourceName = (project: Project, kind: string, key: string): string => String(map(map(project.model[kind])[key]).name ?? key);

/** Mounts: plain ones in the short form, the others in the long. */
function mounts(project: Project, volumes: readonly Mapping[]) {
  const binds: string[] = [];
  const long: Mapping[] = [];
  for (const v of volumes) {
    const bind = map(v.bind);
    const named = map(v.volume);
    const readOnly: Mapping = v.read_only === true ? { ReadOnly: true } : {};
    const mode = [v.read_only ? 'ro' : 'rw', bind.selinux, bind.propagation, named.nocopy ? 'nocopy' : undefined].filter(Boolean).join(',');
    // what is said of a bind may need the long form: a path of the host that is not to be made
    const short = v.bind === undefined || (bind.create_host_path === true && bind.recursive === undefined);
    if (v.type === 'bind' && short) binds.push(`${v.source}:${v.target}:${mode}`);
    else if (v.type === 'volume' && v.source && named.subpath === undefined)
      binds.push(`${resourceName(project, 'volumes', String(v.source))}:${v.target}:${mode}`);
    else if (v.type === 'bind') long.push({ Type: 'bind', Source: v.source ?? '', Target: v.target ?? '', ...readOnly });
    else if (v.type === 'tmpfs') {
      const { size, mode: bits } = map(v.tmpfs);
      const options = { ...(size === undefined ? {} : { SizeBytes: Number(size) }), ...(bits === undefined ? {} : { Mode: bits }) };
      long.push({ Type: 'tmpfs', Target: v.target ?? '', ...readOnly, TmpfsOptions: options });
    } else
      long.push({
        Type: String(v.type),
        ...(v.source ? { Source: resourceName(project, 'volumes', String(v.source)) } : {}),
        Target: v.target ?? '',
        ...readOnly,
        ...(v.volume === undefined
          ? {}
          : { VolumeOptions: { ...(named.nocopy ? { NoCopy: true } : {}), ...(named.subpath ? { Subpath: named.subpath } : {}) } }),
      });
  }
  return { binds: binds.sort(), long };
}

/** Where a secret or a config is in the container. */
export function placeOf(kind: 'secrets' | 'configs', reference: Mapping): string {
  const target = String(reference.target ?? reference.source);
  if (target.startsWith('/')) return target;
  return kind === 'secrets' ? `/run/secrets/${target}` : `/${target}`;
}

/** Secrets and configs that are files of the host. */
function files(project: Project, service: Mapping): Mapping[] {
  return (['secrets', 'configs'] as const).flatMap((kind) =>
    list(service[kind]).flatMap((reference) => {
      const source = map(map(project.model[kind])[String(reference.source)]);
      if (typeof source.file !== 'string') return [];
      return [
        { Type: 'bind', Source: source.file, Target: placeOf(kind, reference), ReadOnly: true, BindOptions: { CreateMountpoint: false } },
      ];
    }),
  );
}

function portsOf(ports: readonly Mapping[]) {
  const ExposedPorts: Record<string, object> = {};
  const PortBindings: Record<string, { HostIp: string; HostPort: string }[]> = {};
  for (const p of ports) {
    const key = `${p.target}/${p.protocol ?? 'tcp'}`;
    ExposedPorts[key] = {};
    (PortBindings[key] ??= []).push({ HostIp: String(p.host_ip ?? ''), HostPort: String(p.published ?? '') });
  }
  return { ExposedPorts, PortBindings };
}

/** network_mode: service:x is the network of x's container. */
export type Resolve = (service: string) => string | undefined;

function modeOf(value: Tree | undefined, resolve: Resolve): string {
  const text = String(value ?? '');
  return text.startsWith('service:') ? `container:${resolve(text.slice('service:'.length)) ?? ''}` : text;
}

/** The networks of a service, the one of highest priority first. */
const networksOf = (service: Mapping): [string, Mapping][] =>
  Object.entries(map(service.networks))
    .map(([key, how]): [string, Mapping] => [key, map(how)])
    .sort(([a, x], [b, y]) => number(y.priority) - number(x.priority) || (a < b ? -1 : 1));

function endpoints(project: Project, name: string, service: Mapping, container: string, o: Overrides) {
  const aliases = o.oneoff && !o.useAliases ? [] : [name];
  return Object.fromEntries(
    networksOf(service).map(([key, how]) => [
      resourceName(project, 'networks', key),
      {
        Aliases: [container, ...aliases, ...(o.oneoff && !o.useAliases ? [] : ((how.aliases ?? []) as string[]))],
        ...(how.ipv4_address || how.ipv6_address || how.link_local_ips
          ? {
              IPAMConfig: {
                ...(how.ipv4_address ? { IPv4Address: how.ipv4_address } : {}),
                ...(how.ipv6_address ? { IPv6Address: how.ipv6_address } : {}),
                ...(how.link_local_ips ? { LinkLocalIPs: how.link_local_ips } : {}),
              },
            }
          : {}),
        ...((how.mac_address ?? service.mac_address) ? { MacAddress: how.mac_address ?? service.mac_address } : {}),
        ...(how.driver_opts ? { DriverOpts: how.driver_opts } : {}),
        ...(how.gw_priority ? { GwPriority: how.gw_priority } : {}),
        Links: ((service.links ?? []) as string[]).flatMap((link) => {
          const [target = '', alias = target] = link.split(':');
          return [`${project.name}-${target}-1:${alias}`, `${project.name}-${target}-1:${project.name}-${target}-1`];
        }),
      },
    ]),
  );
}

function labelsOf(project: Project, name: string, service: Mapping, index: number, imageId: string, o: Overrides): Record<string, string> {
  const needs = Object.entries(map(service.depends_on)).map(([d, how]) => `${d}:${map(how).condition}:${map(how).restart === true}`);
  return {
    ...(map(service.labels) as Record<string, string>),
    ...((o.labels ?? {}) as Record<string, string>),
    [LABEL.project]: project.name,
    [LABEL.service]: name,
    [LABEL.version]: VERSION,
    [LABEL.directory]: project.directory,
    [LABEL.files]: project.files.join(','),
    [LABEL.hash]: serviceHash(service),
    [LABEL.oneoff]: o.oneoff ? 'True' : 'False',
    [LABEL.dependsOn]: needs.join(','),
    [LABEL.image]: imageId,
    ...(o.oneoff ? { [LABEL.slug]: o.oneoff.slug } : { [LABEL.number]: `${index}` }),
  };
}

/** The container to be made. */
export function createRequest(
  project: Project,
  name: string,
  service: Mapping,
  container: string,
  index: number,
  imageId: string,
  resolve: Resolve,
  o: Overrides = {},
): Mapping {
  const limits = map(map(map(service.deploy).resources).limits);
  const reserved = map(map(map(service.deploy).resources).reservations);
  const { ExposedPorts, PortBindings } = portsOf(o.ports ?? (o.oneoff ? [] : list(service.ports)));
  for (const e of texts(service.expose) ?? []) ExposedPorts[e.includes('/') ? e : `${e}/tcp`] = {};
  const inherited = Object.entries(o.inherited ?? {});
  const asked = list(service.volumes).filter((v) => v.source || o.inherited?.[String(v.target)] === undefined);
  const { binds, long } = mounts(project, [...asked, ...(o.volumes ?? [])]);
  long.unshift(...inherited.map(([Target, Source]) => ({ Type: 'volume', Source, Target })));
  const environment = { ...map(service.environment), ...o.environment };
  const env = Object.entries(environment).flatMap(([k, v]) => (v === null ? [] : [`${k}=${v}`]));
  const [network] = networksOf(service);
  const mode = modeOf(service.network_mode, resolve) || (network ? resourceName(project, 'networks', network[0]) : 'none');
  const tty = o.tty ?? service.tty === true;
  const stdin = o.stdin ?? service.stdin_open === true;
  const logging = map(service.logging);
  const grace = service.stop_grace_period;
  const body = {
    Hostname: service.hostname ?? '',
    Domainname: service.domainname ?? '',
    User: o.user ?? service.user ?? '',
    AttachStdin: o.stdin === true,
    AttachStdout: true,
    AttachStderr: true,
    ExposedPorts,
    Tty: tty,
    OpenStdin: stdin,
    StdinOnce: o.stdin === true,
    Env: env,
    Cmd: o.command ?? (o.entrypoint ? null : (service.command ?? null)),
    Image: imageOf(project, name, service),
    WorkingDir: o.workdir ?? service.working_dir ?? '',
    Entrypoint: o.entrypoint ?? service.entrypoint ?? null,
    Labels: labelsOf(project, name, service, index, imageId, o),
    ...(service.stop_signal ? { StopSignal: service.stop_signal } : {}),
    ...(typeof grace === 'string' ? { StopTimeout: Math.round(parseDuration(grace) / 1e9) } : {}),
    ...(service.healthcheck ? { Healthcheck: healthcheck(service.healthcheck) } : {}),
    HostConfig: {
      AutoRemove: o.autoRemove === true,
      Annotations: service.annotations ?? null,
      Binds: binds.length > 0 ? binds : null,
      Mounts: [...long, ...files(project, service)],
      CapAdd: o.capAdd?.length ? o.capAdd : (texts(service.cap_add) ?? null),
      CapDrop: o.capDrop?.length ? o.capDrop : (texts(service.cap_drop) ?? null),
      NetworkMode: mode,
      PortBindings,
      RestartPolicy: o.oneoff ? { Name: 'no', MaximumRetryCount: 0 } : restartPolicy(service),
      Init: service.init ?? null,
      IpcMode: modeOf(service.ipc, resolve),
      PidMode: modeOf(service.pid, resolve),
      UTSMode: String(service.uts ?? ''),
      UsernsMode: String(service.userns_mode ?? ''),
      CgroupnsMode: String(service.cgroup ?? ''),
      CgroupParent: String(service.cgroup_parent ?? ''),
      ReadonlyRootfs: service.read_only === true,
      Privileged: service.privileged === true,
      GroupAdd: texts(service.group_add),
      Dns: texts(service.dns),
      DnsOptions: texts(service.dns_opt),
      DnsSearch: texts(service.dns_search),
      ExtraHosts: (texts(service.extra_hosts) ?? []).map((h) => h.replace('=', ':')),
      SecurityOpt: texts(service.security_opt),
      StorageOpt: service.storage_opt ?? null,
      Sysctls: service.sysctls ?? null,
      Runtime: String(service.runtime ?? ''),
      VolumeDriver: String(service.volume_driver ?? ''),
      VolumesFrom: (texts(service.volumes_from) ?? []).map((from) => {
        const [source = '', how] = from.replace(/^container:/, '').split(':');
        const found = from.startsWith('container:') ? source : (resolve(source) ?? source);
        return how === undefined ? found : `${found}:${how}`;
      }),
      LogConfig: { Type: String(logging.driver ?? ''), Config: map(logging.options) },
      Tmpfs: Object.fromEntries(
        (texts(service.tmpfs) ?? []).map((t) => {
          const at = t.indexOf(':');
          return at < 0 ? [t, ''] : [t.slice(0, at), t.slice(at + 1)];
        }),
      ),
      ShmSize: number(service.shm_size),
      OomScoreAdj: number(service.oom_score_adj),
      OomKillDisable: service.oom_kill_disable === true,
      Memory: number(limits.memory ?? service.mem_limit),
      MemoryReservation: number(reserved.memory ?? service.mem_reservation),
      MemorySwap: number(service.memswap_limit),
      ...(service.mem_swappiness === undefined ? {} : { MemorySwappiness: number(service.mem_swappiness) }),
      NanoCpus: Math.round(number(limits.cpus ?? service.cpus) * 1e9),
      CpuShares: number(service.cpu_shares),
      CpuPeriod: number(service.cpu_period),
      CpuQuota: number(service.cpu_quota),
      CpusetCpus: String(service.cpuset ?? ''),
      ...(limits.pids !== undefined || service.pids_limit !== undefined ? { PidsLimit: number(limits.pids ?? service.pids_limit) } : {}),
      Ulimits: Object.entries(map(service.ulimits)).map(([Name, u]) =>
        isMapping(u) ? { Name, Soft: number(u.soft), Hard: number(u.hard) } : { Name, Soft: number(u), Hard: number(u) },
      ),
      Devices: list(service.devices).map((d) => ({
        PathOnHost: d.source,
        PathInContainer: d.target,
        CgroupPermissions: d.permissions,
      })),
      DeviceCgroupRules: texts(service.device_cgroup_rules),
    },
    NetworkingConfig: { EndpointsConfig: service.network_mode ? {} : endpoints(project, name, service, container, o) },
  };
  return body as unknown as Mapping;
}
