/**
 * Columns of `docker volume ls`, `network ls`, `context ls`, `system df` and `stats` (docker/cli, cli/command/formatter, and
 * the formatter.go beside each command).
 */
import { humanSize } from '../../base';
import { truncateId } from '../display';
import type { Context } from '../formatter';
import { ofBool, ofString, string } from '../template';
import { labelsText } from './text';

const unknown = 'N/A';

/** GET /volumes. */
export interface VolumeSummary {
  Name: string;
  Driver: string;
  Scope: string;
  Mountpoint: string;
  Labels: Record<string, string> | null;
  UsageData?: { RefCount: number; Size: number } | null;
}

const labelOf = (labels: Record<string, string> | null) => ({
  Label: { params: [string], call: (key?: { data: unknown }) => ofString(labels?.[String(key?.data)] ?? '') },
});

export const volumeContext: Context<VolumeSummary> = {
  type: 'formatter.volumeContext',
  columns: {
    Name: { title: 'VOLUME NAME', value: ({ Name }) => Name },
    Driver: { title: 'DRIVER', value: ({ Driver }) => Driver },
    Scope: { title: 'SCOPE', value: ({ Scope }) => Scope },
    Mountpoint: { title: 'MOUNTPOINT', value: ({ Mountpoint }) => Mountpoint },
    Labels: { title: 'LABELS', value: ({ Labels }) => labelsText(Labels) },
    Links: { title: 'LINKS', value: ({ UsageData }) => (UsageData ? String(UsageData.RefCount) : unknown) },
    Size: { title: 'SIZE', value: ({ UsageData }) => (UsageData ? humanSize(UsageData.Size) : unknown) },
    Group: { title: 'GROUP', value: () => unknown },
    Availability: { title: 'AVAILABILITY', value: () => unknown },
    Status: { title: 'STATUS', value: () => unknown },
  },
  methods: ({ Labels }) => labelOf(Labels),
};

export function volumeFormat(format: string, { quiet = false } = {}): string {
  if (format === 'table' || format === '') return quiet ? '{{.Name}}' : String.raw`table {{.Driver}}\t{{.Name}}`;
  if (format === 'raw') return quiet ? 'name: {{.Name}}' : 'name: {{.Name}}\ndriver: {{.Driver}}\n';
  return format;
}

/** GET /plugins: an engine here has none. */
export const pluginContext: Context<never> = {
  type: 'formatter.pluginContext',
  columns: {
    ID: { title: 'ID', value: () => '' },
    Name: { title: 'NAME', value: () => '' },
    Description: { title: 'DESCRIPTION', value: () => '' },
    Enabled: { title: 'ENABLED', value: () => '' },
    PluginReference: { title: '', value: () => '' },
  },
};

export function pluginFormat(format: string, { quiet = false } = {}): string {
  if (format === 'table' || format === '') return quiet ? '{{.ID}}' : String.raw`table {{.ID}}\t{{.Name}}\t{{.Description}}\t{{.Enabled}}`;
  return format;
}

/** GET /networks. */
export interface NetworkSummary {
  Id: string;
  Name: string;
  Driver: string;
  Scope: string;
  /** RFC 3339. */
  Created: string;
  EnableIPv4: boolean;
  EnableIPv6: boolean;
  Internal: boolean;
  Labels: Record<string, string> | null;
}

export const networkContext: Context<NetworkSummary> = {
  type: 'network.networkContext',
  columns: {
    ID: { title: 'NETWORK ID', value: ({ Id }, { trunc }) => (trunc ? truncateId(Id) : Id) },
    Name: { title: 'NAME', value: ({ Name }) => Name },
    Driver: { title: 'DRIVER', value: ({ Driver }) => Driver },
    Scope: { title: 'SCOPE', value: ({ Scope }) => Scope },
    IPv4: { title: 'IPV4', value: ({ EnableIPv4 }) => String(EnableIPv4) },
    IPv6: { title: 'IPV6', value: ({ EnableIPv6 }) => String(EnableIPv6) },
    Internal: { title: 'INTERNAL', value: ({ Internal }) => String(Internal) },
    Labels: { title: 'LABELS', value: ({ Labels }) => labelsText(Labels) },
    CreatedAt: { title: 'CREATED AT', value: ({ Created }) => `${Created.replace('T', ' ').replace(/Z$/, '')} +0000 UTC` },
  },
  methods: ({ Labels }) => labelOf(Labels),
};

export function networkFormat(format: string, { quiet = false } = {}): string {
  if (format === 'table' || format === '') return quiet ? '{{.ID}}' : String.raw`table {{.ID}}\t{{.Name}}\t{{.Driver}}\t{{.Scope}}`;
  if (format === 'raw')
    return quiet ? 'network_id: {{.ID}}' : 'network_id: {{.ID}}\nname: {{.Name}}\ndriver: {{.Driver}}\nscope: {{.Scope}}\n';
  return format;
}

/** A context of the CLI: where its engine is. */
export interface ClientContext {
  name: string;
  description: string;
  endpoint: string;
  current: boolean;
  error: string;
}

export const clientContext: Context<ClientContext> = {
  type: 'formatter.clientContextContext',
  columns: {
    Current: { value: ({ current }) => ofBool(current) },
    Name: { title: 'NAME', value: ({ name }) => name },
    Description: { title: 'DESCRIPTION', value: ({ description }) => description },
    DockerEndpoint: { title: 'DOCKER ENDPOINT', value: ({ endpoint }) => endpoint },
    Error: { title: 'ERROR', value: ({ error }) => error },
  },
};

export function clientContextFormat(format: string, { quiet = false } = {}): string {
  if (quiet) return '{{.Name}}';
  return format === 'table' || format === ''
    ? String.raw`table {{.Name}}{{if .Current}} *{{end}}\t{{.Description}}\t{{.DockerEndpoint}}\t{{.Error}}`
    : format;
}

/** A line of `docker system df`. */
export interface DiskUsageRow {
  type: string;
  total: number;
  active: number;
  /** Bytes. */
  size: number;
  /** What pruning would free, as text: "136MB (100%)". */
  reclaimable: string;
}

export const diskUsageContext: Context<DiskUsageRow> = {
  type: 'formatter.diskUsageImagesContext',
  columns: {
    Type: { title: 'TYPE', value: ({ type }) => type },
    TotalCount: { title: 'TOTAL', value: ({ total }) => String(total) },
    Active: { title: 'ACTIVE', value: ({ active }) => String(active) },
    Size: { title: 'SIZE', value: ({ size }) => humanSize(size) },
    Reclaimable: { title: 'RECLAIMABLE', value: ({ reclaimable }) => reclaimable },
  },
};

export function diskUsageFormat(format: string): string {
  return format === 'table' || format === ''
    ? String.raw`table {{.Type}}\t{{.TotalCount}}\t{{.Active}}\t{{.Size}}\t{{.Reclaimable}}`
    : format;
}

/** A line of `docker stats`, its figures as text. */
export interface StatsRow {
  /** What was asked for: a name, or an id. */
  ref: string;
  id: string;
  name: string;
  cpu: string;
  memory: string;
  memoryShare: string;
  net: string;
  block: string;
  pids: string;
}

export const statsContext: Context<StatsRow> = {
  type: 'container.statsContext',
  columns: {
    Container: { title: 'CONTAINER', value: ({ ref }) => ref },
    ID: { title: 'CONTAINER ID', value: ({ id }, { trunc }) => (trunc ? truncateId(id) : id) },
    Name: { title: 'NAME', value: ({ name }) => name },
    CPUPerc: { title: 'CPU %', value: ({ cpu }) => cpu },
    MemUsage: { title: 'MEM USAGE / LIMIT', value: ({ memory }) => memory },
    MemPerc: { title: 'MEM %', value: ({ memoryShare }) => memoryShare },
    NetIO: { title: 'NET I/O', value: ({ net }) => net },
    BlockIO: { title: 'BLOCK I/O', value: ({ block }) => block },
    PIDs: { title: 'PIDS', value: ({ pids }) => pids },
  },
};

export function statsFormat(format: string): string {
  return format === 'table' || format === ''
    ? String.raw`table {{.ID}}\t{{.Name}}\t{{.CPUPerc}}\t{{.MemUsage}}\t{{.MemPerc}}\t{{.NetIO}}\t{{.BlockIO}}\t{{.PIDs}}`
    : format;
}
