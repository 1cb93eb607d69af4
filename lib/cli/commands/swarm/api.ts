/** A swarm's objects as the engine tells them, as far as commands read them; and how they are found. */

import type { Script } from '../../driver';
import { type Ctx, get, pathOf, segment } from '../api';

export interface Meta {
  ID: string;
  Version: { Index: number };
  CreatedAt: string;
  UpdatedAt: string;
}
export type Labels = Record<string, string>;
export interface BlobJson extends Meta {
  Spec: { Name: string; Labels: Labels | null; Data?: string };
}
export interface NodeJson extends Meta {
  Spec: { Name?: string; Labels: Labels | null; Role: string; Availability: string };
  Description: {
    Hostname: string;
    Platform: { Architecture: string; OS: string };
    Resources: { NanoCPUs: number; MemoryBytes: number };
    Engine: { EngineVersion: string; Plugins: { Type: string; Name: string }[] };
    TLSInfo: { TrustRoot: string; CertIssuerSubject: string; CertIssuerPublicKey: string };
  };
  Status: { State: string; Addr: string };
  ManagerStatus?: { Leader: boolean; Reachability: string; Addr: string };
}
export interface PortJson {
  Protocol: string;
  TargetPort: number;
  PublishedPort?: number;
  PublishMode: 'ingress' | 'host';
}
export interface UpdateConfig {
  Parallelism: number;
  Delay?: number;
  FailureAction?: string;
  Monitor?: number;
  MaxFailureRatio: number;
  Order?: string;
}
export interface Ref {
  File: { Name: string; UID: string; GID: string; Mode: number };
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
  Init?: boolean;
  StopSignal?: string;
  TTY?: boolean;
  ReadOnly?: boolean;
  Mounts?: { Type: string; Source?: string; Target: string; ReadOnly?: boolean }[];
  StopGracePeriod?: number;
  Healthcheck?: { Test?: string[]; Interval?: number; Timeout?: number; Retries?: number; StartPeriod?: number; StartInterval?: number };
  Hosts?: string[];
  DNSConfig?: { Nameservers?: string[]; Search?: string[]; Options?: string[] };
  Secrets?: (Ref & { SecretID: string; SecretName: string })[];
  Configs?: (Ref & { ConfigID: string; ConfigName: string })[];
  Isolation?: string;
  Sysctls?: Labels;
  CapabilityAdd?: string[];
  CapabilityDrop?: string[];
  Privileges?: unknown;
  OomScoreAdj?: number;
}
export interface ServiceSpec {
  Name: string;
  Labels: Labels;
  TaskTemplate: {
    ContainerSpec: ContainerSpec;
    Resources?: {
      Limits?: { NanoCPUs?: number; MemoryBytes?: number; Pids?: number };
      Reservations?: { NanoCPUs?: number; MemoryBytes?: number };
    };
    RestartPolicy?: { Condition?: string; Delay?: number; MaxAttempts?: number; Window?: number };
    Placement?: { Constraints?: string[]; Preferences?: unknown[]; MaxReplicas?: number; Platforms?: unknown[] };
    Networks?: { Target: string; Aliases?: string[]; DriverOpts?: Labels }[];
    LogDriver?: { Name: string; Options?: Labels };
    ForceUpdate?: number;
  };
  Mode: {
    Replicated?: { Replicas?: number };
    Global?: object;
    ReplicatedJob?: { MaxConcurrent?: number; TotalCompletions?: number };
    GlobalJob?: object;
  };
  UpdateConfig?: UpdateConfig;
  RollbackConfig?: UpdateConfig;
  EndpointSpec?: { Mode?: string; Ports?: PortJson[] };
}
export interface ServiceJson extends Meta {
  Spec: ServiceSpec;
  PreviousSpec?: ServiceSpec;
  Endpoint: { Spec: { Mode?: string }; Ports?: PortJson[] | null; VirtualIPs?: { NetworkID: string; Addr?: string }[] };
  UpdateStatus?: { State: string; StartedAt: string; CompletedAt?: string; Message: string };
  ServiceStatus?: { RunningTasks: number; DesiredTasks: number; CompletedTasks: number };
}
export interface TaskJson extends Meta {
  Spec: ServiceSpec['TaskTemplate'];
  ServiceID: string;
  Slot?: number;
  NodeID?: string;
  Status: { Timestamp: string; State: string; Message: string; Err?: string; PortStatus?: { Ports?: PortJson[] } };
  DesiredState: string;
}

export const filters = (f: Record<string, readonly string[]>): string =>
  JSON.stringify(Object.fromEntries(Object.entries(f).map(([k, list]) => [k, Object.fromEntries(list.map((v) => [v, true]))])));

export const services = (c: Ctx, f: Record<string, readonly string[]> = {}, status = false): Script<ServiceJson[]> =>
  get<ServiceJson[]>(
    c,
    pathOf('/services', { ...(Object.keys(f).length > 0 ? { filters: filters(f) } : {}), status: status ? 'true' : undefined }),
  );
export const service = (c: Ctx, ref: string, defaults = false): Script<ServiceJson> =>
  get<ServiceJson>(c, `/services/${segment(ref)}?insertDefaults=${defaults}`);
export const tasks = (c: Ctx, f: Record<string, readonly string[]>): Script<TaskJson[]> =>
  get<TaskJson[]>(c, pathOf('/tasks', { filters: filters(f) }));
export const nodes = (c: Ctx): Script<NodeJson[]> => get<NodeJson[]>(c, '/nodes');
