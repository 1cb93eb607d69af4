/**
 * container.HostConfig and all in it: what a container asks of its host (moby, api/types/container/hostconfig.go, v28.5).
 *
 * Simplified: options of mounts that no flag of `docker run` sets are left empty.
 */
import { ofBool } from '../template';
import { type Definition, questions } from './schema';

const containerId = (mode: string) => (mode.startsWith('container:') ? mode.slice('container:'.length) : undefined);
const isContainer = (mode: string) => containerId(mode) !== undefined;
const userDefined = (mode: string) => !['', 'default', 'bridge', 'host', 'none'].includes(mode) && !isContainer(mode);

const modes: Definition[] = [
  [
    'container.NetworkMode',
    'string',
    {
      methods: questions({
        IsNone: (mode) => mode === 'none',
        IsHost: (mode) => mode === 'host',
        IsBridge: (mode) => mode === 'bridge',
        IsDefault: (mode) => mode === 'default',
        IsPrivate: (mode) => mode !== 'host' && !isContainer(mode),
        IsContainer: isContainer,
        IsUserDefined: userDefined,
        NetworkName: (mode) => (isContainer(mode) ? 'container' : mode),
        ConnectedContainer: (mode) => containerId(mode) ?? '',
        UserDefined: (mode) => (userDefined(mode) ? mode : ''),
      }),
    },
  ],
  ...['IpcMode', 'PidMode', 'UTSMode', 'UsernsMode', 'CgroupnsMode', 'CgroupSpec', 'Isolation'].map(
    (name): Definition => [
      `container.${name}`,
      'string',
      {
        methods: questions({
          IsHost: (mode) => mode === 'host',
          IsPrivate: (mode) => mode === 'private',
          IsShareable: (mode) => mode === 'shareable',
          IsContainer: isContainer,
          IsEmpty: (mode) => mode === '',
          Container: (mode) => containerId(mode) ?? '',
        }),
      },
    ],
  ),
  ['container.RestartPolicyMode', 'string'],
  ['mount.Type', 'string'],
  ['mount.Propagation', 'string'],
  ['mount.Consistency', 'string'],
  ['strslice.StrSlice', '[]string'],
  ['nat.Port', 'string'],
];

function ask(answer: boolean) {
  return { params: [], call: () => ofBool(answer) };
}

const hostConfig: Definition[] = [
  [
    'container.LogConfig',
    `
    Type string
    Config map[string]string`,
  ],
  [
    'container.RestartPolicy',
    `
    Name container.RestartPolicyMode
    MaximumRetryCount int`,
    {
      methods: {
        ...Object.fromEntries(
          (['no', 'always', 'on-failure', 'unless-stopped'] as const).map((policy, i) => [
            ['IsNone', 'IsAlways', 'IsOnFailure', 'IsUnlessStopped'][i] as string,
            (data: { Name?: string }) => ask((data.Name || 'no') === policy),
          ]),
        ),
      },
    },
  ],
  [
    'nat.PortBinding',
    `
    HostIP string HostIp
    HostPort string`,
  ],
  ['nat.PortMap', 'map[nat.Port][]nat.PortBinding'],
  ['nat.PortSet', 'map[nat.Port]struct {}'],
  [
    'blkiodev.WeightDevice',
    `
    Path string
    Weight uint16`,
  ],
  [
    'blkiodev.ThrottleDevice',
    `
    Path string
    Rate uint64`,
  ],
  [
    'container.DeviceMapping',
    `
    PathOnHost string
    PathInContainer string
    CgroupPermissions string`,
  ],
  [
    'container.DeviceRequest',
    `
    Driver string
    Count int
    DeviceIDs []string
    Capabilities [][]string
    Options map[string]string`,
  ],
  [
    'units.Ulimit',
    `
    Name string
    Hard int64
    Soft int64`,
    { text: ({ Name = '', Soft = 0, Hard = 0 }: { Name?: string; Soft?: number; Hard?: number }) => `${Name}=${Soft}:${Hard}` },
  ],
  [
    'container.Resources',
    `
    CPUShares int64 CpuShares
    Memory int64
    NanoCPUs int64 NanoCpus
    CgroupParent string
    BlkioWeight uint16
    BlkioWeightDevice []*blkiodev.WeightDevice
    BlkioDeviceReadBps []*blkiodev.ThrottleDevice
    BlkioDeviceWriteBps []*blkiodev.ThrottleDevice
    BlkioDeviceReadIOps []*blkiodev.ThrottleDevice
    BlkioDeviceWriteIOps []*blkiodev.ThrottleDevice
    CPUPeriod int64 CpuPeriod
    CPUQuota int64 CpuQuota
    CPURealtimePeriod int64 CpuRealtimePeriod
    CPURealtimeRuntime int64 CpuRealtimeRuntime
    CpusetCpus string
    CpusetMems string
    Devices []container.DeviceMapping
    DeviceCgroupRules []string
    DeviceRequests []container.DeviceRequest
    KernelMemory int64
    KernelMemoryTCP int64
    MemoryReservation int64
    MemorySwap int64
    MemorySwappiness *int64
    OomKillDisable *bool
    PidsLimit *int64
    Ulimits []*units.Ulimit
    CPUCount int64 CpuCount
    CPUPercent int64 CpuPercent
    IOMaximumIOps uint64
    IOMaximumBandwidth uint64`,
  ],
  [
    'mount.BindOptions',
    `
    Propagation mount.Propagation
    NonRecursive bool
    CreateMountpoint bool
    ReadOnlyNonRecursive bool
    ReadOnlyForceRecursive bool`,
  ],
  [
    'mount.Driver',
    `
    Name string
    Options map[string]string`,
  ],
  [
    'mount.VolumeOptions',
    `
    NoCopy bool
    Labels map[string]string
    Subpath string
    DriverConfig *mount.Driver`,
  ],
  [
    'mount.ImageOptions',
    `
    Subpath string`,
  ],
  [
    'mount.TmpfsOptions',
    `
    SizeBytes int64
    Mode uint32
    Options [][]string`,
  ],
  ['mount.ClusterOptions', 'struct {}'],
  [
    'mount.Mount',
    `
    Type mount.Type
    Source string
    Target string
    ReadOnly bool
    Consistency mount.Consistency
    BindOptions *mount.BindOptions
    VolumeOptions *mount.VolumeOptions
    ImageOptions *mount.ImageOptions
    TmpfsOptions *mount.TmpfsOptions
    ClusterOptions *mount.ClusterOptions`,
  ],
  [
    'container.HostConfig',
    `
    Binds []string
    ContainerIDFile string
    LogConfig container.LogConfig
    NetworkMode container.NetworkMode
    PortBindings nat.PortMap
    RestartPolicy container.RestartPolicy
    AutoRemove bool
    VolumeDriver string
    VolumesFrom []string
    ConsoleSize [2]uint
    Annotations map[string]string
    CapAdd strslice.StrSlice
    CapDrop strslice.StrSlice
    CgroupnsMode container.CgroupnsMode
    DNS []string Dns
    DNSOptions []string DnsOptions
    DNSSearch []string DnsSearch
    ExtraHosts []string
    GroupAdd []string
    IpcMode container.IpcMode
    Cgroup container.CgroupSpec
    Links []string
    OomScoreAdj int
    PidMode container.PidMode
    Privileged bool
    PublishAllPorts bool
    ReadonlyRootfs bool
    SecurityOpt []string
    StorageOpt map[string]string
    Tmpfs map[string]string
    UTSMode container.UTSMode
    UsernsMode container.UsernsMode
    ShmSize int64
    Sysctls map[string]string
    Runtime string
    Isolation container.Isolation
    +Resources container.Resources
    Mounts []mount.Mount
    MaskedPaths []string
    ReadonlyPaths []string
    Init *bool`,
  ],
];

export const hostConfigTypes: Definition[] = [...modes, ...hostConfig];
