/**
 * What a manager keeps of its swarm, as plain data: moby/swarmkit api/objects.proto, in the fields of the Engine API's JSON
 * (api/types/swarm). Times are milliseconds since the epoch.
 *
 *   service ──slots──> tasks ──one each──> container (an ordinary one of this engine)
 *
 * Simplified: one manager, which is the only node; so Raft is this record, and its log a counter.
 */

export interface Meta {
  ID: string;
  /** Raft's index at the last change. */
  Version: number;
  CreatedAt: number;
  UpdatedAt: number;
}

export type Labels = Record<string, string>;

export interface NodeSpec {
  Name?: string;
  Labels: Labels | null;
  Role: 'manager' | 'worker';
  Availability: 'active' | 'pause' | 'drain';
}
export interface Node extends Meta {
  Spec: NodeSpec;
  Addr: string;
  Hostname: string;
}

/** A secret or a config. */
export interface Blob extends Meta {
  Spec: { Name: string; Labels: Labels; Data?: string; Templating?: { Name: string } };
}

export interface FileRef {
  File?: { Name: string; UID: string; GID: string; Mode: number };
  Runtime?: object;
}
export interface SecretRef extends FileRef {
  SecretID: string;
  SecretName: string;
}
export interface ConfigRef extends FileRef {
  ConfigID: string;
  ConfigName: string;
}

export interface ContainerSpec {
  Image: string;
  Labels?: Labels;
  Command?: string[];
  Args?: string[];
  Hostname?: string;
  Env?: string[];
  Dir?: string;
  User?: string;
  Groups?: string[];
  StopSignal?: string;
  TTY?: boolean;
  OpenStdin?: boolean;
  ReadOnly?: boolean;
  Mounts?: { Type: string; Source?: string; Target: string; ReadOnly?: boolean; [more: string]: unknown }[];
  /** Nanoseconds. */
  StopGracePeriod?: number;
  Healthcheck?: { Test?: string[]; Interval?: number; Timeout?: number; StartPeriod?: number; StartInterval?: number; Retries?: number };
  Hosts?: string[];
  DNSConfig?: { Nameservers?: string[]; Search?: string[]; Options?: string[] };
  Secrets?: SecretRef[];
  Configs?: ConfigRef[];
  Isolation?: string;
  Init?: boolean;
  Sysctls?: Labels;
  CapabilityAdd?: string[];
  CapabilityDrop?: string[];
  Ulimits?: { Name: string; Soft: number; Hard: number }[];
  OomScoreAdj?: number;
  Privileges?: unknown;
}

export interface NetworkAttachment {
  Target: string;
  Aliases?: string[];
  DriverOpts?: Labels;
}

export interface TaskSpec {
  ContainerSpec: ContainerSpec;
  Resources?: {
    Limits?: { NanoCPUs?: number; MemoryBytes?: number; Pids?: number };
    Reservations?: { NanoCPUs?: number; MemoryBytes?: number; GenericResources?: unknown[] };
  };
  RestartPolicy?: { Condition?: 'none' | 'on-failure' | 'any'; Delay?: number; MaxAttempts?: number; Window?: number };
  Placement?: { Constraints?: string[]; Preferences?: unknown[]; MaxReplicas?: number; Platforms?: unknown[] };
  Networks?: NetworkAttachment[];
  LogDriver?: { Name?: string; Options?: Labels };
  ForceUpdate?: number;
  Runtime?: string;
}

export interface UpdateConfig {
  /** How many slots at once; 0 is all of them. */
  Parallelism: number;
  /** Nanoseconds. */
  Delay?: number;
  FailureAction?: 'pause' | 'continue' | 'rollback';
  /** Nanoseconds. */
  Monitor?: number;
  MaxFailureRatio: number;
  Order?: 'stop-first' | 'start-first';
}

export interface PortConfig {
  Name?: string;
  Protocol: string;
  TargetPort: number;
  PublishedPort?: number;
  PublishMode: 'ingress' | 'host';
}
export interface EndpointSpec {
  Mode?: 'vip' | 'dnsrr';
  Ports?: PortConfig[];
}

export interface Mode {
  Replicated?: { Replicas?: number };
  Global?: object;
  ReplicatedJob?: { MaxConcurrent?: number; TotalCompletions?: number };
  GlobalJob?: object;
}

export interface ServiceSpec {
  Name: string;
  Labels: Labels;
  TaskTemplate: TaskSpec;
  Mode: Mode;
  UpdateConfig?: UpdateConfig;
  RollbackConfig?: UpdateConfig;
  EndpointSpec?: EndpointSpec;
}

export type UpdateState = 'updating' | 'paused' | 'completed' | 'rollback_started' | 'rollback_paused' | 'rollback_completed';

/** An update on its way: orchestrator/update. */
export interface Rollout {
  /** Slots that a worker is at: the task that is to take over, and until when the worker pauses after it. */
  workers: { slot: string; task: string; rest: number | null }[];
  /** Slots that have been dealt with. */
  done: string[];
  /** How many slots there were to deal with. */
  total: number;
  /** Tasks of this update that have failed. */
  failed: string[];
  /** Until when the last tasks are watched. */
  watch: number | null;
}

export interface Service extends Meta {
  Spec: ServiceSpec;
  /** What it was before the last update: where a rollback leads. */
  PreviousSpec?: ServiceSpec;
  Endpoint: { Spec: EndpointSpec; Ports?: PortConfig[]; VirtualIPs?: { NetworkID: string; Addr?: string }[] };
  UpdateStatus?: { State: UpdateState; StartedAt: number; CompletedAt?: number; Message: string };
  /** Of a job: which run of it this is. */
  Job?: { Iteration: number; LastExecution: number };
  rollout: Rollout | null;
}

/** In the order of swarmkit's numbers: a task only ever moves to the right. */
export const STATES = [
  'new',
  'allocated',
  'pending',
  'assigned',
  'accepted',
  'preparing',
  'ready',
  'starting',
  'running',
  'complete',
  'shutdown',
  'failed',
  'rejected',
  'remove',
  'orphaned',
] as const;
export type TaskState = (typeof STATES)[number];

/** Whether one state comes before another. */
export const before = (a: TaskState, b: TaskState): boolean => STATES.indexOf(a) < STATES.indexOf(b);
/** A task that will never run again. */
export const isOver = (t: Task): boolean => before('running', t.Status.State);

export interface Task extends Meta {
  ServiceID: string;
  /** From 1; 0 where the node is the slot. */
  Slot: number;
  NodeID: string;
  Spec: TaskSpec;
  /** With the image as it was asked for; kept beside Spec, so that a change of either makes a task out of date. */
  EndpointSpec?: EndpointSpec;
  DesiredState: TaskState;
  Status: { Timestamp: number; State: TaskState; Message: string; Err?: string; ContainerID?: string; Pid?: number; ExitCode?: number };
  Job?: { Index: number };
  Networks: { Network: string; Addresses: string[] }[];
  /** Not before this moment is it started. */
  notBefore: number | null;
  /** What it waits for until it is started: the task that it replaces. */
  after: string | null;
  /** When it reached `running`, for monitoring. */
  startedAt: number | null;
  /** When the tasks before it in its slot were started again, by this spec: what a policy's attempts are counted in. */
  restarts: readonly number[];
  /** Until when the node is busy with what its state says. */
  busy: number | null;
  /** It ended because its health check failed. */
  unhealthy?: true;
  /** Its container was asked to end. */
  stopping?: true;
}

export interface SwarmSpec {
  Name: string;
  Labels: Labels;
  Orchestration: { TaskHistoryRetentionLimit: number };
  Raft: {
    SnapshotInterval: number;
    KeepOldSnapshots: number;
    LogEntriesForSlowFollowers: number;
    ElectionTick: number;
    HeartbeatTick: number;
  };
  Dispatcher: { HeartbeatPeriod: number };
  CAConfig: { NodeCertExpiry: number; ForceRotate?: number };
  TaskDefaults: object;
  EncryptionConfig: { AutoLockManagers: boolean };
}

/** A record per id. */
export type Table<T> = Readonly<Record<string, T>>;

export interface Swarm extends Meta {
  Spec: SwarmSpec;
  node: Node;
  tokens: { Worker: string; Manager: string };
  unlockKey: string;
  /** The root certificate, PEM. */
  root: string;
  dataPathPort: number;
  pools: { base: string[]; size: number };
  services: Table<Service>;
  tasks: Table<Task>;
  secrets: Table<Blob>;
  configs: Table<Blob>;
  /** The request that has asked the node to leave: answered when its containers are gone. */
  leaving: number | null;
  /** Where virtual addresses and published ports lead, as it was written last. */
  balanced: string;
}
