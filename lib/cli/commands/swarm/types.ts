/** Go types of a swarm's objects, for --format: moby api/types/swarm, v28.5. */
import { containerTypes } from '../../types/container';
import { define, pick } from '../../types/schema';

const meta = `
    ID string
    Version swarm.Version
    CreatedAt time.Time
    UpdatedAt time.Time`;
const annotations = `
    Name string
    Labels map[string]string`;

const types = define(
  [
    ['swarm.Version', '\n    Index uint64\n'],
    ['swarm.Driver', '\n    Name string\n    Options map[string]string'],
    ['swarm.SecretSpec', `${annotations}\n    Data []uint8\n    Driver *swarm.Driver\n    Templating *swarm.Driver`],
    ['swarm.Secret', `${meta}\n    Spec swarm.SecretSpec`],
    ['swarm.ConfigSpec', `${annotations}\n    Data []uint8\n    Templating *swarm.Driver`],
    ['swarm.Config', `${meta}\n    Spec swarm.ConfigSpec`],
    ['swarm.NodeSpec', `${annotations}\n    Role string\n    Availability string`],
    ['swarm.Platform', '\n    Architecture string\n    OS string'],
    ['swarm.Resources', '\n    NanoCPUs int64\n    MemoryBytes int64'],
    ['swarm.PluginDescription', '\n    Type string\n    Name string'],
    ['swarm.EngineDescription', '\n    EngineVersion string\n    Labels map[string]string\n    Plugins []swarm.PluginDescription'],
    ['swarm.TLSInfo', '\n    TrustRoot string\n    CertIssuerSubject string\n    CertIssuerPublicKey string'],
    [
      'swarm.NodeDescription',
      `
    Hostname string
    Platform swarm.Platform
    Resources swarm.Resources
    Engine swarm.EngineDescription
    TLSInfo swarm.TLSInfo`,
    ],
    ['swarm.NodeStatus', '\n    State string\n    Message string\n    Addr string'],
    ['swarm.ManagerStatus', '\n    Leader bool\n    Reachability string\n    Addr string'],
    [
      'swarm.Node',
      `${meta}
    Spec swarm.NodeSpec
    Description swarm.NodeDescription
    Status swarm.NodeStatus
    ManagerStatus *swarm.ManagerStatus`,
    ],
    ['swarm.FileTarget', '\n    Name string\n    UID string\n    GID string\n    Mode uint32'],
    ['swarm.SecretReference', '\n    File *swarm.FileTarget\n    SecretID string\n    SecretName string'],
    ['swarm.ConfigReference', '\n    File *swarm.FileTarget\n    ConfigID string\n    ConfigName string'],
    ['swarm.Privileges', '\n    CredentialSpec interface {}\n    SELinuxContext interface {}\n    NoNewPrivileges bool'],
    ['swarm.DNSConfig', '\n    Nameservers []string\n    Search []string\n    Options []string'],
    ['swarm.Mount', '\n    Type string\n    Source string\n    Target string\n    ReadOnly bool'],
    [
      'swarm.ContainerSpec',
      `
    Image string
    Labels map[string]string
    Command []string
    Args []string
    Hostname string
    Env []string
    Dir string
    User string
    Groups []string
    Privileges *swarm.Privileges
    Init *bool
    StopSignal string
    TTY bool
    OpenStdin bool
    ReadOnly bool
    Mounts []swarm.Mount
    StopGracePeriod *time.Duration
    Healthcheck *v1.HealthcheckConfig
    Hosts []string
    DNSConfig *swarm.DNSConfig
    Secrets []*swarm.SecretReference
    Configs []*swarm.ConfigReference
    Isolation string
    Sysctls map[string]string
    CapabilityAdd []string
    CapabilityDrop []string
    OomScoreAdj int64`,
    ],
    ['swarm.Limit', '\n    NanoCPUs int64\n    MemoryBytes int64\n    Pids int64'],
    ['swarm.ResourceRequirements', '\n    Limits *swarm.Limit\n    Reservations *swarm.Limit'],
    ['swarm.RestartPolicy', '\n    Condition string\n    Delay *time.Duration\n    MaxAttempts *uint64\n    Window *time.Duration'],
    ['swarm.Placement', '\n    Constraints []string\n    MaxReplicas uint64\n    Platforms []swarm.Platform'],
    ['swarm.NetworkAttachmentConfig', '\n    Target string\n    Aliases []string\n    DriverOpts map[string]string'],
    [
      'swarm.TaskSpec',
      `
    ContainerSpec *swarm.ContainerSpec
    Resources *swarm.ResourceRequirements
    RestartPolicy *swarm.RestartPolicy
    Placement *swarm.Placement
    Networks []swarm.NetworkAttachmentConfig
    LogDriver *swarm.Driver
    ForceUpdate uint64
    Runtime string`,
    ],
    ['swarm.ReplicatedService', '\n    Replicas *uint64\n'],
    ['swarm.ReplicatedJob', '\n    MaxConcurrent *uint64\n    TotalCompletions *uint64'],
    [
      'swarm.ServiceMode',
      `
    Replicated *swarm.ReplicatedService
    Global *struct {}
    ReplicatedJob *swarm.ReplicatedJob
    GlobalJob *struct {}`,
    ],
    [
      'swarm.UpdateConfig',
      `
    Parallelism uint64
    Delay time.Duration
    FailureAction string
    Monitor time.Duration
    MaxFailureRatio float64
    Order string`,
    ],
    ['swarm.PortConfig', '\n    Name string\n    Protocol string\n    TargetPort uint32\n    PublishedPort uint32\n    PublishMode string'],
    ['swarm.EndpointSpec', '\n    Mode string\n    Ports []swarm.PortConfig'],
    ['swarm.EndpointVirtualIP', '\n    NetworkID string\n    Addr string'],
    ['swarm.Endpoint', '\n    Spec swarm.EndpointSpec\n    Ports []swarm.PortConfig\n    VirtualIPs []swarm.EndpointVirtualIP'],
    [
      'swarm.ServiceSpec',
      `${annotations}
    TaskTemplate swarm.TaskSpec
    Mode swarm.ServiceMode
    UpdateConfig *swarm.UpdateConfig
    RollbackConfig *swarm.UpdateConfig
    EndpointSpec *swarm.EndpointSpec`,
    ],
    ['swarm.UpdateStatus', '\n    State string\n    StartedAt *time.Time\n    CompletedAt *time.Time\n    Message string'],
    ['swarm.JobStatus', '\n    JobIteration swarm.Version\n    LastExecution time.Time'],
    [
      'swarm.Service',
      `${meta}
    Spec swarm.ServiceSpec
    PreviousSpec *swarm.ServiceSpec
    Endpoint swarm.Endpoint
    UpdateStatus *swarm.UpdateStatus
    JobStatus *swarm.JobStatus`,
    ],
    ['swarm.NetworkAttachment', '\n    Network interface {}\n    Addresses []string'],
    ['swarm.ContainerStatus', '\n    ContainerID string\n    PID int\n    ExitCode int'],
    [
      'swarm.TaskStatus',
      '\n    Timestamp time.Time\n    State string\n    Message string\n    Err string\n    ContainerStatus *swarm.ContainerStatus',
    ],
    [
      'swarm.Task',
      `${meta}
    Name string
    Labels map[string]string
    Spec swarm.TaskSpec
    ServiceID string
    Slot int
    NodeID string
    Status swarm.TaskStatus
    DesiredState string
    NetworksAttachments []swarm.NetworkAttachment`,
    ],
  ],
  containerTypes,
);

export const secretType = pick(types, 'swarm.Secret');
export const configType = pick(types, 'swarm.Config');
export const nodeType = pick(types, 'swarm.Node');
export const serviceType = pick(types, 'swarm.Service');
export const taskType = pick(types, 'swarm.Task');
