/** Columns of a swarm's lists: docker/cli, cli/command/{node,service,secret,config,stack,task}/formatter.go. */
import { humanDuration } from '../../../base';
import { ellipsis } from '../../display';
import { labelsText } from '../../formats/text';
import type { Context, RowOptions } from '../../formatter';
import { ofBool, ofString, string } from '../../template';
import { timeOfRfc3339 } from '../time';
import type { BlobJson, NodeJson, PortJson, ServiceJson } from './api';

const age = (at: string, { now }: RowOptions): string => humanDuration((now - timeOfRfc3339(at)) * 1e9);
const ago = (at: string, o: RowOptions): string => `${age(at, o)} ago`;

const labelOf = (labels: Record<string, string> | null | undefined) => ({
  Label: { params: [string], call: (key?: { data: unknown }) => ofString(labels?.[String(key?.data)] ?? '') },
});

export const blobContext = (kind: 'secret' | 'config'): Context<BlobJson> => ({
  type: `${kind}.${kind}Context`,
  columns: {
    ID: { title: 'ID', value: ({ ID }) => ID },
    Name: { title: 'NAME', value: ({ Spec }) => Spec.Name },
    ...(kind === 'secret' ? { Driver: { title: 'DRIVER', value: () => '' } } : {}),
    CreatedAt: { title: 'CREATED', value: ({ CreatedAt }, o) => ago(CreatedAt, o) },
    UpdatedAt: { title: 'UPDATED', value: ({ UpdatedAt }, o) => ago(UpdatedAt, o) },
    Labels: { title: 'LABELS', value: ({ Spec }) => labelsText(Spec.Labels) },
  },
  methods: ({ Spec }) => labelOf(Spec.Labels),
});
export function blobFormat(kind: 'secret' | 'config', format: string, quiet: boolean): string {
  if (format === '' || format === 'table')
    return quiet
      ? '{{.ID}}'
      : kind === 'secret'
        ? String.raw`table {{.ID}}\t{{.Name}}\t{{.Driver}}\t{{.CreatedAt}}\t{{.UpdatedAt}}`
        : String.raw`table {{.ID}}\t{{.Name}}\t{{.CreatedAt}}\t{{.UpdatedAt}}`;
  return format;
}

const capital = (text: string) => text.replace(/^./, (c) => c.toUpperCase());

export const nodeContext = (self: string): Context<NodeJson> => ({
  type: 'node.nodeContext',
  columns: {
    ID: { title: 'ID', value: ({ ID }) => ID },
    Self: { title: '', value: ({ ID }) => ofBool(ID === self) },
    Hostname: { title: 'HOSTNAME', value: ({ Description }) => Description.Hostname },
    Status: { title: 'STATUS', value: ({ Status }) => capital(Status.State) },
    Availability: { title: 'AVAILABILITY', value: ({ Spec }) => capital(Spec.Availability) },
    ManagerStatus: {
      title: 'MANAGER STATUS',
      value: ({ ManagerStatus: m }) => (m ? (m.Leader ? 'Leader' : capital(m.Reachability)) : ''),
    },
    TLSStatus: { title: 'TLS STATUS', value: () => 'Ready' },
    EngineVersion: { title: 'ENGINE VERSION', value: ({ Description }) => Description.Engine.EngineVersion },
  },
});
export function nodeFormat(format: string, quiet: boolean): string {
  if (format === '' || format === 'table')
    return quiet
      ? '{{.ID}}'
      : String.raw`table {{if .Self}}{{.ID}} *{{else}}{{.ID}} {{ end }}\t{{.Hostname}}\t{{.Status}}\t{{.Availability}}\t{{.ManagerStatus}}\t{{.EngineVersion}}`;
  return format;
}

/** "*:8080->80/tcp"; ports that follow each other as a range. */
export function portsText(ports: readonly PortJson[] | null | undefined): string {
  const own = (ports ?? []).filter((p) => p.PublishMode === 'ingress');
  const rows: { from: number; to: number; target: number; end: number; proto: string }[] = [];
  for (const p of [...own].sort((a, b) => a.Protocol.localeCompare(b.Protocol) || (a.PublishedPort ?? 0) - (b.PublishedPort ?? 0))) {
    const [port, last] = [p.PublishedPort ?? 0, rows.at(-1)];
    if (last && last.proto === p.Protocol && last.to + 1 === port && last.end + 1 === p.TargetPort) {
      last.to = port;
      last.end = p.TargetPort;
    } else rows.push({ from: port, to: port, target: p.TargetPort, end: p.TargetPort, proto: p.Protocol });
  }
  const range = (a: number, b: number) => (a === b ? `${a}` : `${a}-${b}`);
  return rows.map((r) => `*:${range(r.from, r.to)}->${range(r.target, r.end)}/${r.proto}`).join(', ');
}

export const modeOf = ({ Spec: { Mode: m } }: ServiceJson): string =>
  m.Global ? 'global' : m.ReplicatedJob ? 'replicated job' : m.GlobalJob ? 'global job' : 'replicated';

function replicasOf(s: ServiceJson): string {
  const { RunningTasks = 0, DesiredTasks = 0, CompletedTasks = 0 } = s.ServiceStatus ?? {};
  const most = s.Spec.TaskTemplate.Placement?.MaxReplicas;
  if (s.Spec.Mode.ReplicatedJob)
    return `${RunningTasks}/${DesiredTasks} (${CompletedTasks}/${s.Spec.Mode.ReplicatedJob.TotalCompletions} completed)`;
  if (s.Spec.Mode.GlobalJob) return `${RunningTasks}/${DesiredTasks} (${CompletedTasks}/${DesiredTasks + CompletedTasks} completed)`;
  return `${RunningTasks}/${DesiredTasks}${s.Spec.Mode.Replicated && most ? ` (max ${most} per node)` : ''}`;
}

/** An image's name without the digest that it was pinned to. */
export const plainImage = (image: string): string => {
  const [name = '', digest] = image.split('@');
  return digest !== undefined && name.replace(/^.*\//, '').includes(':') ? name : image;
};

export const serviceContext: Context<ServiceJson> = {
  type: 'service.serviceContext',
  columns: {
    ID: { title: 'ID', value: ({ ID }) => ID.slice(0, 12) },
    Name: { title: 'NAME', value: ({ Spec }) => Spec.Name },
    Mode: { title: 'MODE', value: modeOf },
    Replicas: { title: 'REPLICAS', value: replicasOf },
    Image: { title: 'IMAGE', value: ({ Spec }) => plainImage(Spec.TaskTemplate.ContainerSpec.Image) },
    Ports: { title: 'PORTS', value: ({ Endpoint }) => portsText(Endpoint.Ports) },
  },
};
export function serviceFormat(format: string, quiet: boolean): string {
  if (format === '' || format === 'table')
    return quiet ? '{{.ID}}' : String.raw`table {{.ID}}\t{{.Name}}\t{{.Mode}}\t{{.Replicas}}\t{{.Image}}\t{{.Ports}}`;
  return format;
}

/** A row of `docker service ps`. */
export interface TaskRow {
  id: string;
  name: string;
  image: string;
  node: string;
  desired: string;
  state: string;
  at: string;
  error: string;
  ports: PortJson[];
}

export const taskContext: Context<TaskRow> = {
  type: 'task.taskContext',
  columns: {
    ID: { title: 'ID', value: ({ id }, { trunc }) => (trunc ? id.slice(0, 12) : id) },
    Name: { title: 'NAME', value: ({ name }) => name },
    Image: { title: 'IMAGE', value: ({ image }, { trunc }) => (trunc ? plainImage(image) : image) },
    Node: { title: 'NODE', value: ({ node }) => node },
    DesiredState: { title: 'DESIRED STATE', value: ({ desired }) => capital(desired) },
    CurrentState: {
      title: 'CURRENT STATE',
      value: ({ state, at }, o) => `${capital(state)} ${ago(at, o).toLowerCase()}`,
    },
    Error: {
      title: 'ERROR',
      value: ({ error }, { trunc }) => {
        if (error === '') return '';
        return `"${trunc ? ellipsis(error, 30) : error}"`;
      },
    },
    Ports: {
      title: 'PORTS',
      value: ({ ports }) => ports.map((p) => `*:${p.PublishedPort}->${p.TargetPort}/${p.Protocol}`).join(','),
    },
  },
};
export function taskFormat(format: string, quiet: boolean): string {
  if (format === '' || format === 'table')
    return quiet
      ? '{{.ID}}'
      : String.raw`table {{.ID}}\t{{.Name}}\t{{.Image}}\t{{.Node}}\t{{.DesiredState}}\t{{.CurrentState}}\t{{.Error}}\t{{.Ports}}`;
  return format;
}

export interface StackRow {
  name: string;
  services: number;
}
export const stackContext: Context<StackRow> = {
  type: 'formatter.stackContext',
  columns: {
    Name: { title: 'NAME', value: ({ name }) => name },
    Services: { title: 'SERVICES', value: ({ services }) => `${services}` },
  },
};
