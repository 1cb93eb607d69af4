/**
 * What dockerd knows: the Engine API's objects, as the engine keeps them (moby daemon/container, image, volume).
 * Field names are the API's. Tables are persistent maps, records are replaced whole.
 * Past 400 lines because it is the one place that says what the daemon knows; nearly all of it is types.
 */

import type { PMap } from '../base';
import type { Build, BuildRecord, CacheEntry, KeptContext } from './build/state';
import type { Home } from './home';
import type { IpamConfig, PoolId, Predefined, Space } from './net/ipam';
import type { Remap } from './remap';
import type { JobMode } from './remote/job';
import type { BlobRecord } from './remote/push';
import type { RuntimeConfig } from './runtimes';
import type { Swarm } from './swarm/state';

/** Config: what an image says and a container may override. Go's zero values are written as Go writes them. */
export interface Config {
  Hostname: string;
  Domainname: string;
  User: string;
  AttachStdin: boolean;
  AttachStdout: boolean;
  AttachStderr: boolean;
  ExposedPorts?: Record<string, object>;
  Tty: boolean;
  OpenStdin: boolean;
  StdinOnce: boolean;
  Env: string[] | null;
  Cmd: string[] | null;
  Healthcheck?: Healthcheck;
  ArgsEscaped?: boolean;
  Image: string;
  Volumes: Record<string, object> | null;
  WorkingDir: string;
  Entrypoint: string[] | null;
  OnBuild: string[] | null;
  Labels: Record<string, string> | null;
  StopSignal?: string;
  StopTimeout?: number;
  Shell?: string[];
  NetworkDisabled?: boolean;
  MacAddress?: string;
}

export interface Healthcheck {
  Test?: string[];
  /** Nanoseconds. */
  Interval?: number;
  Timeout?: number;
  StartPeriod?: number;
  StartInterval?: number;
  Retries?: number;
}

export interface MountSpec {
  Type: 'bind' | 'volume' | 'tmpfs' | 'image';
  Source?: string;
  Target: string;
  ReadOnly?: boolean;
  Consistency?: string;
  BindOptions?: {
    Propagation?: string;
    NonRecursive?: boolean;
    CreateMountpoint?: boolean;
    ReadOnlyNonRecursive?: boolean;
    ReadOnlyForceRecursive?: boolean;
  };
  VolumeOptions?: {
    NoCopy?: boolean;
    Labels?: Record<string, string>;
    DriverConfig?: { Name?: string; Options?: Record<string, string> };
    Subpath?: string;
  };
  TmpfsOptions?: { SizeBytes?: number; Mode?: number };
}

/** HostConfig: the parts the model acts on by name; the rest is kept as it came, for inspect. */
export interface HostConfig {
  Binds?: string[] | null;
  Mounts?: MountSpec[];
  Tmpfs?: Record<string, string>;
  VolumesFrom?: string[] | null;
  AutoRemove?: boolean;
  ReadonlyRootfs?: boolean;
  RestartPolicy?: { Name?: string; MaximumRetryCount?: number };
  NetworkMode?: string;
  Memory?: number;
  PidsLimit?: number | null;
  NanoCpus?: number;
  CpuShares?: number;
  CpuQuota?: number;
  CpuPeriod?: number;
  ShmSize?: number;
  Init?: boolean;
  Privileged?: boolean;
  CapAdd?: string[] | null;
  CapDrop?: string[] | null;
  SecurityOpt?: string[] | null;
  GroupAdd?: string[] | null;
  PidMode?: string;
  IpcMode?: string;
  UTSMode?: string;
  LogConfig?: { Type?: string; Config?: Record<string, string> };
  ExtraHosts?: string[] | null;
  PortBindings?: Record<string, { HostIp: string; HostPort: string }[]>;
  PublishAllPorts?: boolean;
  MaskedPaths?: string[] | null;
  ReadonlyPaths?: string[] | null;
  [other: string]: unknown;
}

export interface MountPoint {
  Type: 'bind' | 'volume' | 'tmpfs';
  Name?: string;
  Source: string;
  Destination: string;
  Driver?: string;
  Mode: string;
  RW: boolean;
  Propagation: string;
  /** Not in the API: what the engine needs to mount it. */
  copy?: boolean;
  subpath?: string;
  tmpfs?: string[];
  anonymous?: boolean;
  /** From Mounts, not Binds: shown with Source in HostConfig only. */
  spec?: MountSpec;
}

export type Status = 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead';

export interface Container {
  Id: string;
  Name: string;
  /** Milliseconds since the epoch, with fractions: the engine keeps nanoseconds. */
  Created: number;
  Path: string;
  Args: string[];
  Config: Config;
  HostConfig: HostConfig;
  ImageID: string;
  /** Chain ids of the image's layers, bottom first: they stay while the container does. */
  layers: string[];
  /** Name of the layer directory: overlay2/<layer>. */
  layer: string;
  State: {
    Status: Status;
    OOMKilled: boolean;
    Dead: boolean;
    Pid: number;
    ExitCode: number;
    Error: string;
    StartedAt: number | null;
    FinishedAt: number | null;
    /** A signal by hand has ended the restart manager's care until the next start: ExitOnNext. */
    stopped: boolean;
    /** HasBeenManuallyStopped: 'unless-stopped' leaves it alone, also when the daemon comes back. */
    manual: boolean;
    /** The restart manager's last pause, milliseconds. */
    backoff: number;
  };
  RestartCount: number;
  Mounts: MountPoint[];
  networks: Record<string, Endpoint>;
  sandbox: Sandbox | null;
  shim: number | null;
  /** Descriptors that the engine holds for a running container. */
  stdin: number | null;
  master: number | null;
  /** Exec instances that run. */
  execs: string[];
  /** Output without a newline yet, by stream. */
  partial: Record<string, string>;
  health?: {
    Status: 'starting' | 'healthy' | 'unhealthy';
    FailingStreak: number;
    Log: { Start: number; End: number; ExitCode: number; Output: string }[];
    /** Probes are being made: not while it is paused or has ended. */
    monitored: boolean;
    /** Not in the API: when the status became what it is, milliseconds since the epoch. */
    since: number;
  };
}

/** What a container holds of the kernel while none of its processes runs. */
export const AT_REST = { sandbox: null, shim: null, stdin: null, master: null, execs: [], partial: {} } satisfies Partial<Container>;

/** A container's place in a network: EndpointSettings. Addresses are empty while it does not run. */
export interface Endpoint {
  IPAMConfig: { IPv4Address?: string; IPv6Address?: string; LinkLocalIPs?: string[] } | null;
  Links: string[] | null;
  Aliases: string[] | null;
  DriverOpts: Record<string, string> | null;
  GwPriority: number;
  NetworkID: string;
  EndpointID: string;
  Gateway: string;
  IPAddress: string;
  IPPrefixLen: number;
  MacAddress: string;
  IPv6Gateway: string;
  GlobalIPv6Address: string;
  GlobalIPv6PrefixLen: number;
  DNSNames: string[] | null;
  /** Not in the API: the hardware address that was asked for. */
  mac?: string;
}

/** A port of a container that the host listens on, or would. */
export interface Binding {
  port: number;
  proto: string;
  hostIp: string;
  /** 0: the address is routed, the host binds nothing. */
  hostPort: number;
  /** Of docker-proxy. */
  pid: number | null;
  /** Rootless: of who carries from the host to it, as RootlessKit numbers it. */
  outer?: number;
  /** Without docker-proxy: the daemon's own socket, which holds the port. */
  fd?: number;
}

/** What a running container has of the network. */
export interface Sandbox {
  id: string;
  /** Network's name → the link on the host and the one inside. */
  links: Record<string, { host: string; inside: string }>;
  /** The bridge network that has the default route, and with it the ports. */
  gateway: string | null;
  bindings: Binding[];
  /** dockerd's name server in the container's namespace. */
  resolver: { udp: number; tcp: number } | null;
}

export interface HistoryEntry {
  created?: string;
  created_by?: string;
  comment?: string;
  empty_layer?: boolean;
  author?: string;
}

export interface Image {
  /** sha256:… of the config. */
  Id: string;
  RepoTags: string[];
  RepoDigests: string[];
  /** The config as the bytes that the id is the digest of. */
  raw: string;
  config: ImageConfig;
  /** Chain ids, bottom first: keys of the layer table. */
  layers: string[];
  LastTagTime: number | null;
  Parent: string;
}

/** The image-spec's config document, in the order moby writes it. */
export interface ImageConfig {
  /** Cache keys of its layers, for `--cache-from` (build/inline-cache.ts): base64. */
  'moby.buildkit.cache.v0'?: string;
  architecture: string;
  author?: string;
  comment?: string;
  config: Partial<Config>;
  container?: string;
  container_config?: Partial<Config>;
  created: string;
  docker_version?: string;
  history: HistoryEntry[];
  os: string;
  rootfs: { type: 'layers'; diff_ids: string[] };
  variant?: string;
}

export interface Layer {
  chainId: string;
  diffId: string;
  parent: string | null;
  /** Directory in overlay2. */
  cacheId: string;
  /** Bytes of regular files, as `docker history` shows them. */
  size: number;
}

export interface Volume {
  Name: string;
  Driver: string;
  CreatedAt: number;
  Labels: Record<string, string> | null;
  Options: Record<string, string> | null;
  anonymous: boolean;
  /** Containers that refer to it. */
  users: string[];
  /** Containers that it is mounted for, where its options name a device: the first one mounts, the last one unmounts. */
  mounted: string[];
}

export interface Network {
  Id: string;
  Name: string;
  Driver: string;
  Created: number;
  /** What was asked for counts: any word passes. */
  Scope: string;
  EnableIPv4: boolean;
  EnableIPv6: boolean;
  Internal: boolean;
  Attachable: boolean;
  Ingress: boolean;
  ConfigFrom: string;
  ConfigOnly: boolean;
  Options: Record<string, string>;
  Labels: Record<string, string>;
  /** As the API shows it: what was asked for, and what was given where nothing was. */
  ipam: { Driver: string; Options: Record<string, string> | null; Config: IpamConfig[] | null };
  /** The subnets it has, with the router's address on each. */
  pools: { pool: PoolId; gateway: string; chosen: boolean }[];
  /** Of a swarm: it is gone, but for the containers that are still on it here. */
  leaving?: true;
  /** Of a macvlan or ipvlan: the link that it stands on was made by the driver. */
  ownParent?: boolean;
}

export interface Exec {
  ID: string;
  ContainerID: string;
  Running: boolean;
  ExitCode: number | null;
  Pid: number;
  process: {
    entrypoint: string;
    arguments: string[];
    tty: boolean;
    privileged: boolean;
    user: string;
    workingDir: string;
    env: string[];
    attachStdin: boolean;
    attachStdout: boolean;
    attachStderr: boolean;
  };
  /** Descriptors of the streams while it runs. */
  out: number | null;
  err: number | null;
  stdin: number | null;
  conn: number | null;
  exited: boolean;
  /** Of a health check: when it began, what it wrote. */
  probe?: { start: number; output: string; timedOut: boolean };
}

/** A client's connection: what it still waits for. */
export interface Conn {
  fd: number;
  /** Bytes that came and are not a whole request. */
  input: string;
  /** Bytes that could not be written yet. */
  output: string;
  /** The client has shut its writing end: nothing more will come, what is answered still goes. */
  ended?: true;
  mode:
    | { kind: 'http' }
    /** The engine answers when something happens. */
    | { kind: 'waiting'; what: Waiting }
    /** Attached to a container's streams. */
    | { kind: 'attach'; container: string; stdin: boolean; stdout: boolean; stderr: boolean; tty: boolean }
    | { kind: 'exec'; exec: string }
    | { kind: 'logs'; container: string; stdout: boolean; stderr: boolean; timestamps: boolean }
    | { kind: 'events'; filters: Record<string, string[]>; until: number | null; after: number }
    /** ps runs for `docker top`: its number, what it has written. */
    | { kind: 'top'; container: string; pid: number; out: number; err: number; text: string; fault: string }
    | { kind: 'build'; build: string }
    /** Others are asked first: remote/job.ts. */
    | JobMode
    | { kind: 'closing' };
}

export type Waiting =
  | { for: 'stop'; container: string; restart: boolean /** By kill, which is no stop. */; killed?: boolean }
  | { for: 'exit'; container: string; condition: 'not-running' | 'next-exit' | 'removed' }
  | { for: 'remove'; container: string; volumes: boolean }
  /** The node to have left its swarm. */
  | { for: 'leave'; container: '' };

/** Something that happens later by the clock. */
export interface Alarm {
  /** Milliseconds since boot. */
  at: number;
  do:
    | { kind: 'kill'; container: string; pid: number }
    | { kind: 'restart'; container: string }
    | { kind: 'health'; container: string }
    | { kind: 'probe-timeout'; container: string; exec: string }
    /** Something of the swarm is due. */
    | { kind: 'swarm' };
}

export interface EngineEvent {
  Type: string;
  Action: string;
  Actor: { ID: string; Attributes: Record<string, string> };
  /** Milliseconds since the epoch. */
  time: number;
  /** Not in the API: the state of a container after it. */
  status?: Status;
  /** Counts up from 1. */
  seq: number;
}

/** What daemon.json may say and the daemon obeys: config.ts. */
export interface DaemonConfig {
  /** Address and prefix of docker0. */
  bip?: string;
  'fixed-cidr'?: string;
  'default-address-pools'?: Predefined[];
  /** By driver: options that a new network has unless it says otherwise. */
  'default-network-opts'?: Record<string, Record<string, string>>;
  /** Of the default bridge alone. */
  mtu?: number;
  dns?: string[];
  'dns-search'?: string[];
  'dns-opts'?: string[];
  icc?: boolean;
  /** Whether a docker-proxy listens on each published port. */
  'userland-proxy'?: boolean;
  /** Where ports are published that name no address, on the default bridge. */
  ip?: string;
  /** Containers go on while there is no daemon, and the next one takes them over. */
  'live-restore'?: boolean;
  /** Whose subordinate ids the containers' users are: "default", or user[:group]. */
  'userns-remap'?: string;
  /** Registries that may answer without TLS. */
  'insecure-registries'?: string[];
  /** Whom to ask for Docker Hub's images before Docker Hub: URLs that end in a slash. */
  'registry-mirrors'?: string[];
  runtimes?: Record<string, RuntimeConfig>;
  'default-runtime'?: string;
}

export interface EngineState {
  /** Its flags, and what was set around it. */
  argv: readonly string[];
  env: Readonly<Record<string, string>>;
  /** Where it lives: home.ts. */
  home: Home;
  /** What ids of containers are on the host, where they are others. */
  remap: Remap | null;
  /** `ending`: asked to, and waiting for its containers. */
  phase: 'start' | 'serve' | 'ending';
  listener: number;
  /** Read and write ends of the pipe on which shims report. */
  reports: [number, number];
  inbox: string;
  containers: PMap<Container>;
  /** Name → id, for containers. */
  names: PMap<string>;
  images: PMap<Image>;
  /** "docker.io/library/busybox:1.36" → image id. */
  references: PMap<string>;
  layers: PMap<Layer>;
  /** Diff id → the blobs that registries are known to hold it as. */
  distribution: PMap<BlobRecord[]>;
  volumes: PMap<Volume>;
  networks: PMap<Network>;
  /** Subnets and addresses that are taken. */
  ipam: Space;
  /** Network → container → its endpoint, for containers that run. */
  attached: PMap<PMap<string>>;
  /** Container → the socket of its name server. */
  resolvers: PMap<number>;
  /** "tcp 0.0.0.0 8080" → container. */
  ports: PMap<string>;
  /** "tcp 0.0.0.0 32768-60999" → the port that was given last. */
  lastPort: Readonly<Record<string, number>>;
  execs: PMap<Exec>;
  /** Exec instances that are health checks and run now. */
  probes: string[];
  conns: PMap<Conn>;
  alarms: Alarm[];
  events: EngineEvent[];
  lastEvent: number;
  /** Cache of the builder: key → what it made. */
  buildCache: PMap<CacheEntry>;
  builds: PMap<Build>;
  /** Build contexts as they were sent: directory of the client → its files. */
  contexts: PMap<KeptContext>;
  /** Builds that are over, newest last. */
  buildRecords: BuildRecord[];
  engineId: string;
  config: DaemonConfig;
  /** The swarm that it manages. */
  swarm: Swarm | null;
}
