/**
 * What `docker inspect` of a container is in Go: container.InspectResponse and all in it (moby, api/types, v28.5).
 */
import { hostConfigTypes } from './hostconfig';
import { type Definition, define, pick } from './schema';

const config: Definition[] = [
  [
    'v1.HealthcheckConfig',
    `
    Test []string
    Interval time.Duration
    Timeout time.Duration
    StartPeriod time.Duration
    StartInterval time.Duration
    Retries int`,
  ],
  [
    'container.Config',
    `
    Hostname string
    Domainname string
    User string
    AttachStdin bool
    AttachStdout bool
    AttachStderr bool
    ExposedPorts nat.PortSet
    Tty bool
    OpenStdin bool
    StdinOnce bool
    Env []string
    Cmd strslice.StrSlice
    Healthcheck *v1.HealthcheckConfig
    ArgsEscaped bool
    Image string
    Volumes map[string]struct {}
    WorkingDir string
    Entrypoint strslice.StrSlice
    NetworkDisabled bool
    MacAddress string
    OnBuild []string
    Labels map[string]string
    StopSignal string
    StopTimeout *int
    Shell strslice.StrSlice`,
  ],
];

const state: Definition[] = [
  [
    'container.HealthcheckResult',
    `
    Start time.Time
    End time.Time
    ExitCode int
    Output string`,
  ],
  [
    'container.Health',
    `
    Status string
    FailingStreak int
    Log []*container.HealthcheckResult`,
  ],
  [
    'container.State',
    `
    Status string
    Running bool
    Paused bool
    Restarting bool
    OOMKilled bool
    Dead bool
    Pid int
    ExitCode int
    Error string
    StartedAt string
    FinishedAt string
    Health *container.Health`,
  ],
];

const network: Definition[] = [
  [
    'network.EndpointIPAMConfig',
    `
    IPv4Address string
    IPv6Address string
    LinkLocalIPs []string`,
  ],
  [
    'network.EndpointSettings',
    `
    IPAMConfig *network.EndpointIPAMConfig
    Links []string
    Aliases []string
    MacAddress string
    DriverOpts map[string]string
    GwPriority int
    NetworkID string
    EndpointID string
    Gateway string
    IPAddress string
    IPPrefixLen int
    IPv6Gateway string
    GlobalIPv6Address string
    GlobalIPv6PrefixLen int
    DNSNames []string`,
  ],
  [
    'network.Address',
    `
    Addr string
    PrefixLen int`,
  ],
  [
    'container.NetworkSettingsBase',
    `
    Bridge string
    SandboxID string
    SandboxKey string
    Ports nat.PortMap
    HairpinMode bool
    LinkLocalIPv6Address string
    LinkLocalIPv6PrefixLen int
    SecondaryIPAddresses []network.Address
    SecondaryIPv6Addresses []network.Address`,
  ],
  [
    'container.DefaultNetworkSettings',
    `
    EndpointID string
    Gateway string
    GlobalIPv6Address string
    GlobalIPv6PrefixLen int
    IPAddress string
    IPPrefixLen int
    IPv6Gateway string
    MacAddress string`,
  ],
  [
    'container.NetworkSettings',
    `
    +NetworkSettingsBase container.NetworkSettingsBase
    +DefaultNetworkSettings container.DefaultNetworkSettings
    Networks map[string]*network.EndpointSettings`,
  ],
];

const response: Definition[] = [
  [
    'container.MountPoint',
    `
    Type mount.Type
    Name string
    Source string
    Destination string
    Driver string
    Mode string
    RW bool
    Propagation mount.Propagation`,
  ],
  [
    'storage.DriverData',
    `
    Data map[string]string
    Name string`,
  ],
  [
    'v1.Descriptor',
    `
    MediaType string mediaType
    Digest string digest
    Size int64 size`,
  ],
  [
    'container.ContainerJSONBase',
    `
    ID string Id
    Created string
    Path string
    Args []string
    State *container.State
    Image string
    ResolvConfPath string
    HostnamePath string
    HostsPath string
    LogPath string
    Name string
    RestartCount int
    Driver string
    Platform string
    MountLabel string
    ProcessLabel string
    AppArmorProfile string
    ExecIDs []string
    HostConfig *container.HostConfig
    GraphDriver storage.DriverData
    SizeRw *int64
    SizeRootFs *int64`,
  ],
  [
    'container.InspectResponse',
    `
    +ContainerJSONBase *container.ContainerJSONBase
    Mounts []container.MountPoint
    Config *container.Config
    NetworkSettings *container.NetworkSettings
    ImageManifestDescriptor *v1.Descriptor`,
  ],
];

/** Types of a container, and those that images share with it. */
export const containerTypes = define([...hostConfigTypes, ...config, ...state, ...network, ...response]);

export const containerType = pick(containerTypes, 'container.InspectResponse');
