/**
 * The json-file log driver: one JSON object a line, in a file on the host. moby daemon/logger/jsonfilelog.
 *
 *   {"log":"hello\n","stream":"stdout","time":"2026-11-21T10:00:00.123456789Z"}
 *
 * Simplified: rotation is not made yet; drivers other than json-file, local and none are refused by name.
 */

import { decode, encode } from '../base';
import { containerDir } from './create';
import { type Daemon, parseRfc3339, rfc3339 } from './daemon';
import { goJson } from './images';
import * as overlay2 from './overlay2';
import type { Container } from './state';

export const logPath = (id: string) => `${containerDir(id)}/${id}-json.log`;

export const keepsLog = (c: Container) => c.HostConfig.LogConfig?.Type !== 'none';

/** What --details shows before a line: labels and variables that the log's options name. */
export function attributes(c: Container): string {
  const options = c.HostConfig.LogConfig?.Config ?? {};
  const named = (option: string) => (options[option] ?? '').split(',').filter(Boolean);
  const labels = named('labels').flatMap((k) => (c.Config.Labels?.[k] === undefined ? [] : [`${k}=${c.Config.Labels[k]}`]));
  const env = named('env').flatMap((k) => (c.Config.Env ?? []).filter((e) => e.startsWith(`${k}=`)));
  return [...labels, ...env].sort().join(',');
}

/** Appends output to a container's log, line by line; what has no newline yet is kept until it has one. */
export function append(d: Daemon, c: Container, stream: 'stdout' | 'stderr', data: string) {
  if (!keepsLog(c)) return;
  const text = (c.partial[stream] ?? '') + data;
  const end = text.lastIndexOf('\n') + 1;
  write(d, c.Id, stream, text.slice(0, end));
  d.update(c.Id, (x) => ({ ...x, partial: { ...x.partial, [stream]: text.slice(end) } }));
}

/** What never got its newline is logged when the stream ends. */
export function finish(d: Daemon, c: Container) {
  for (const stream of ['stdout', 'stderr'] as const) {
    const rest = c.partial[stream];
    if (rest) write(d, c.Id, stream, rest);
  }
  d.update(c.Id, (x) => ({ ...x, partial: {} }));
}

function write(d: Daemon, id: string, stream: string, text: string) {
  if (text === '') return;
  const time = rfc3339(d.now());
  const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const fd = d.sys.open(logPath(id), { write: true, append: true, create: true }, 0o640);
  d.sys.write(fd, lines.map((l) => `${goJsonBytes(l, stream, time)}\n`).join(''));
  d.sys.close(fd);
}

/** Bytes that are no UTF-8 come out as U+FFFD, as Go's encoder writes them; the rest stays bytes. */
function goJsonBytes(line: string, stream: string, time: string): string {
  const log = /^[\x00-\x7f]*$/.test(line) ? line : decode(line);
  return encode(goJson({ log, stream, time }));
}

export interface LogLine {
  log: string;
  stream: 'stdout' | 'stderr';
  /** Milliseconds since the epoch. */
  time: number;
  stamp: string;
}

export function read(d: Daemon, c: Container): LogLine[] {
  if (!overlay2.exists(d.sys, logPath(c.Id))) return [];
  return overlay2
    .readText(d.sys, logPath(c.Id))
    .split('\n')
    .flatMap((l): LogLine[] => {
      if (l === '') return [];
      const e = JSON.parse(decode(l)) as { log: string; stream: 'stdout' | 'stderr'; time: string };
      return [{ log: encode(e.log), stream: e.stream, time: parseRfc3339(e.time) ?? 0, stamp: e.time }];
    });
}
