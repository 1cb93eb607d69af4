/** Columns of `docker ps` (docker/cli, cli/command/formatter/container.go). */
import { humanDuration, humanSize, strconv } from '../../base';
import { reference } from '../../oci';
import { displayPorts, ellipsis, type PortSummary, truncateId } from '../display';
import { type Context, columnsUsed } from '../formatter';
import { ofString, pointerTo, string } from '../template';
import { goTime, labelsText } from './text';

/** A container as the engine lists it: GET /containers/json. */
export interface ContainerSummary {
  Id: string;
  Names: string[];
  Image: string;
  ImageID: string;
  Command: string;
  /** Seconds since the epoch. */
  Created: number;
  Ports: PortSummary[];
  SizeRw?: number;
  SizeRootFs?: number;
  Labels: Record<string, string> | null;
  State: string;
  Status: string;
  Mounts?: { Type?: string; Name?: string; Source?: string; Driver?: string }[];
  NetworkSettings?: { Networks?: Record<string, { NetworkID?: string }> };
}

/** The image by the name it was run by; a reference without its digest. */
function imageText({ Image: image, ImageID: id }: ContainerSummary, trunc: boolean): string {
  if (image === '') return '<no image>';
  if (!trunc) return image;
  if (truncateId(id) === truncateId(image)) return truncateId(id);
  try {
    return reference.familiarString({ ...reference.parseNormalized(image), digest: undefined });
  } catch {
    return image;
  }
}

const sizeText = ({ SizeRw = 0, SizeRootFs = 0 }: ContainerSummary) =>
  humanSize(SizeRw, 3) + (SizeRootFs > 0 ? ` (virtual ${humanSize(SizeRootFs, 3)})` : '');

const namesText = (names: string[], trunc: boolean) =>
  names
    .map((name) => name.replace(/^\//, ''))
    .filter((name) => !trunc || !name.includes('/'))
    .join(',');

export const containerContext: Context<ContainerSummary> = {
  type: 'formatter.ContainerContext',
  columns: {
    ID: { title: 'CONTAINER ID', value: ({ Id }, { trunc }) => (trunc ? truncateId(Id) : Id) },
    Names: { title: 'NAMES', value: ({ Names }, { trunc }) => namesText(Names, trunc) },
    Image: { title: 'IMAGE', value: (item, { trunc }) => imageText(item, trunc) },
    Command: { title: 'COMMAND', value: ({ Command }, { trunc }) => strconv.quote(trunc ? ellipsis(Command, 20) : Command) },
    CreatedAt: { title: 'CREATED AT', value: ({ Created }) => goTime(Created) },
    RunningFor: { title: 'CREATED', value: ({ Created }, { now }) => `${humanDuration((now - Created) * 1e9)} ago` },
    Ports: { title: 'PORTS', value: ({ Ports }) => displayPorts(Ports) },
    State: { title: 'STATE', value: ({ State }) => State },
    Status: { title: 'STATUS', value: ({ Status }) => Status },
    Size: { title: 'SIZE', value: sizeText },
    Labels: { title: 'LABELS', value: ({ Labels }) => labelsText(Labels) },
    Mounts: {
      title: 'MOUNTS',
      value: ({ Mounts = [] }, { trunc }) =>
        Mounts.map(({ Name, Source = '' }) => (trunc ? ellipsis(Name || Source, 15) : Name || Source)).join(','),
    },
    LocalVolumes: { title: 'LOCAL VOLUMES', value: ({ Mounts = [] }) => String(Mounts.filter(({ Driver }) => Driver === 'local').length) },
    Networks: {
      title: 'NETWORKS',
      value: ({ NetworkSettings }) =>
        Object.keys(NetworkSettings?.Networks ?? {})
          .sort()
          .join(','),
    },
    Platform: {
      title: 'PLATFORM',
      value: () => ({ type: pointerTo({ kind: 'struct', name: 'formatter.Platform', fields: [] }), data: null }),
    },
  },
  methods: ({ Labels }) => ({ Label: { params: [string], call: (key) => ofString(Labels?.[String(key?.data)] ?? '') } }),
};

/** The formats that have names, and the one without. */
export function containerFormat(format: string, { quiet = false, size = false } = {}): string {
  if (quiet) return '{{.ID}}';
  const columns = String.raw`table {{.ID}}\t{{.Image}}\t{{.Command}}\t{{.RunningFor}}\t{{.Status}}\t{{.Ports}}\t{{.Names}}`;
  if (format === '' || format === 'table') return columns + (size ? String.raw`\t{{.Size}}` : '');
  if (format === 'raw') {
    const lines = [
      'container_id: {{.ID}}',
      'image: {{.Image}}',
      'command: {{.Command}}',
      'created_at: {{.CreatedAt}}',
      'state: {{- pad .State 1 0}}',
      'status: {{- pad .Status 1 0}}',
      'names: {{.Names}}',
      'labels: {{- pad .Labels 1 0}}',
      'ports: {{- pad .Ports 1 0}}',
    ];
    return `${lines.join('\n')}\n${size ? 'size: {{.Size}}\n' : ''}`;
  }
  return format;
}

/** What a listing with this format needs of the engine: sizes cost it a walk. Throws TemplateError for a bad template. */
export function containerFormatNeeds(format: string): { size: boolean } {
  const none: ContainerSummary = {
    Id: '',
    Names: [],
    Image: '',
    ImageID: '',
    Command: '',
    Created: 0,
    Ports: [],
    Labels: null,
    State: '',
    Status: '',
  };
  return { size: columnsUsed(containerContext, format, none).has('Size') };
}
