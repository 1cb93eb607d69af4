/**
 * Small helpers of what the CLI shows (docker/cli, cli/command/formatter): shortened text and ids, published ports.
 */
import { charWidth, textWidth } from '../base';

/** Text cut to a number of columns, the last of them "…". */
export function ellipsis(text: string, width: number): string {
  const chars = [...text];
  if (width <= 0) return '';
  if (width === 1) return chars[0] ?? '';
  if (textWidth(text) <= width) return text;
  let [used, kept] = [0, 0];
  for (const char of chars) {
    if (used + charWidth(char) > width - 1) break;
    used += charWidth(char);
    kept++;
  }
  // a first character too wide for the room is left as it is, with all that follows
  return kept === 0 ? text : `${chars.slice(0, kept).join('')}…`;
}

/** "sha256:0123…" → the first twelve digits. */
export function truncateId(id: string): string {
  return id.slice(id.indexOf(':') + 1).slice(0, 12);
}

/** A port of a container, as the engine lists it. */
export interface PortSummary {
  IP?: string;
  PrivatePort: number;
  PublicPort?: number;
  Type: string;
}

const compareText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

function comparePorts(a: PortSummary, b: PortSummary): number {
  return (
    a.PrivatePort - b.PrivatePort ||
    compareText(a.IP ?? '', b.IP ?? '') ||
    (a.PublicPort ?? 0) - (b.PublicPort ?? 0) ||
    compareText(a.Type, b.Type)
  );
}

const hostPort = (ip: string, port: string) => `${ip.includes(':') ? `[${ip}]` : ip}:${port}`;

interface Run {
  ip: string;
  type: string;
  first: number;
  last: number;
}

function runText({ ip, type, first, last }: Run): string {
  const range = first === last ? `${first}` : `${first}-${last}`;
  return `${ip === '' ? '' : `${hostPort(ip, range)}->`}${range}/${type}`;
}

/** "0.0.0.0:8080->80/tcp, 443/tcp": ports that follow each other, published as themselves or not at all, as a range. */
export function displayPorts(ports: PortSummary[]): string {
  const done: string[] = [];
  const mapped: string[] = [];
  const open = new Map<string, Run>();
  for (const { IP: ip = '', PrivatePort: port, PublicPort: published = 0, Type: type } of [...ports].sort(comparePorts)) {
    if (ip !== '' && published !== port) {
      mapped.push(`${hostPort(ip, String(published))}->${port}/${type}`);
      continue;
    }
    const key = `${ip}/${type}`;
    const run = open.get(key);
    if (run && port === run.last + 1) open.set(key, { ...run, last: port });
    else {
      if (run) done.push(runText(run));
      open.set(key, { ip, type, first: port, last: port });
    }
  }
  return [...done, ...[...open.values()].map(runText), ...mapped].join(', ');
}
