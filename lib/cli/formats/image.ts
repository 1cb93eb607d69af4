/** Columns of `docker images` and `docker history` (docker/cli, cli/command/formatter/image.go, cli/command/image/formatter_history.go). */
import { humanDuration, humanSize } from '../../base';
import { ellipsis, truncateId } from '../display';
import type { Context } from '../formatter';
import { goTime, rfc3339 } from './text';

/** One line of `docker images`: an image under one of its names. */
export interface ImageRow {
  id: string;
  repository: string;
  tag: string;
  digest: string;
  /** Seconds since the epoch. */
  created: number;
  /** Bytes. */
  size: number;
  /** Bytes shared with other images; -1: not asked for. */
  sharedSize: number;
  /** How many containers use it; -1: not asked for. */
  containers: number;
}

const unknown = 'N/A';

export const imageContext: Context<ImageRow> = {
  type: 'formatter.imageContext',
  columns: {
    ID: { title: 'IMAGE ID', value: ({ id }, { trunc }) => (trunc ? truncateId(id) : id) },
    Repository: { title: 'REPOSITORY', value: ({ repository }) => repository },
    Tag: { title: 'TAG', value: ({ tag }) => tag },
    Digest: { title: 'DIGEST', value: ({ digest }) => digest },
    CreatedSince: {
      title: 'CREATED',
      value: ({ created }, { now }) => (created <= 0 ? '' : `${humanDuration((now - created) * 1e9)} ago`),
    },
    CreatedAt: { title: 'CREATED AT', value: ({ created }) => goTime(created) },
    Size: { title: 'SIZE', value: ({ size }) => humanSize(size, 3) },
    Containers: { title: 'CONTAINERS', value: ({ containers }) => (containers === -1 ? unknown : String(containers)) },
    VirtualSize: { title: 'SIZE', value: ({ size }) => humanSize(size) },
    SharedSize: { title: 'SHARED SIZE', value: ({ sharedSize }) => (sharedSize === -1 ? unknown : humanSize(sharedSize)) },
    UniqueSize: { title: 'UNIQUE SIZE', value: ({ size, sharedSize }) => (sharedSize === -1 ? unknown : humanSize(size - sharedSize)) },
  },
};

const age = '{{if .CreatedSince }}{{.CreatedSince}}{{else}}N/A{{end}}';

export function imageFormat(format: string, { quiet = false, digests = false } = {}): string {
  if (format === 'table' || format === '') {
    if (quiet) return '{{.ID}}';
    return String.raw`table {{.Repository}}\t{{.Tag}}${digests ? String.raw`\t{{.Digest}}` : ''}\t{{.ID}}\t${age}\t{{.Size}}`;
  }
  if (format === 'raw') {
    if (quiet) return 'image_id: {{.ID}}';
    return `repository: {{ .Repository }}\ntag: {{.Tag}}\n${digests ? 'digest: {{.Digest}}\n' : ''}image_id: {{.ID}}\ncreated_at: {{.CreatedAt}}\nvirtual_size: {{.Size}}\n`;
  }
  return digests && format.startsWith('table') && !format.includes('{{.Digest}}') ? String.raw`${format}\t{{.Digest}}` : format;
}

/** A step of an image's history: GET /images/{name}/history. */
export interface HistoryItem {
  Id: string;
  /** Seconds since the epoch. */
  Created: number;
  CreatedBy: string;
  /** Bytes. */
  Size: number;
  Comment: string;
}

export const historyContext = (human: boolean): Context<HistoryItem> => ({
  type: 'image.historyContext',
  columns: {
    ID: { title: 'IMAGE', value: ({ Id }, { trunc }) => (trunc ? truncateId(Id) : Id) },
    CreatedSince: {
      title: 'CREATED',
      value: ({ Created }, { now }) => (human ? (Created <= 0 ? 'N/A' : `${humanDuration((now - Created) * 1e9)} ago`) : rfc3339(Created)),
    },
    CreatedAt: { title: 'CREATED AT', value: ({ Created }) => rfc3339(Created) },
    CreatedBy: {
      title: 'CREATED BY',
      value: ({ CreatedBy }, { trunc }) => (trunc ? ellipsis(CreatedBy.replaceAll('\t', ' '), 45) : CreatedBy.replaceAll('\t', ' ')),
    },
    Size: { title: 'SIZE', value: ({ Size }) => (human ? humanSize(Size, 3) : String(Size)) },
    Comment: { title: 'COMMENT', value: ({ Comment }) => Comment },
  },
});

export function historyFormat(format: string, { quiet = false, human = true } = {}): string {
  if (format !== 'table' && format !== '') return format;
  if (quiet) return '{{.ID}}';
  return human
    ? String.raw`table {{.ID}}\t{{.CreatedSince}}\t{{.CreatedBy}}\t{{.Size}}\t{{.Comment}}`
    : String.raw`table {{.ID}}\t{{.CreatedAt}}\t{{.CreatedBy}}\t{{.Size}}\t{{.Comment}}`;
}
