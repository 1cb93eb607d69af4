/**
 * What becomes of a container's output: the log driver that it was made with. moby daemon/logger, container/container.go.
 *
 * Simplified: json-file, local and none work; the other drivers of the engine are known by name and do not start.
 */

import { parseDecimalSize, strconv } from '../base';
import { type Daemon, internal, invalid } from './daemon';
import * as files from './log-files';
import { containerDir } from './paths';
import type { Container, HostConfig } from './state';

export type { LogLine } from './log-files';

interface Driver {
  /** Options besides mode and max-buffer-size. */
  options: readonly string[];
  unknown(option: string): string;
}

const EXTRA = ['labels', 'labels-regex', 'env', 'env-regex', 'tag'];
const DRIVERS: Readonly<Record<string, Driver>> = {
  'json-file': {
    options: ['max-file', 'max-size', 'compress', ...EXTRA],
    unknown: (o) => `unknown log opt '${o}' for json-file log driver`,
  },
  local: { options: ['max-file', 'max-size', 'compress'], unknown: (o) => `unknown log opt: "${o}"` },
};
const ELSEWHERE = ['awslogs', 'fluentd', 'gelf', 'journald', 'splunk', 'syslog'];

export const driverOf = (c: Container): string => c.HostConfig.LogConfig?.Type || 'json-file';
const optionsOf = (c: Container): Record<string, string> => c.HostConfig.LogConfig?.Config ?? {};

/** POST /containers/create: logger.ValidateLogOpts. */
export function checkLogConfig(h: HostConfig) {
  const { Type = 'json-file', Config = {} } = h.LogConfig ?? {};
  if (Type === 'none' || ELSEWHERE.includes(Type)) return;
  const driver = DRIVERS[Type];
  if (!driver) throw internal(`error looking up logging plugin ${Type}: plugin "${Type}" not found`);
  const { mode = '', 'max-buffer-size': buffer, ...rest } = Config;
  if (mode !== '' && mode !== 'blocking' && mode !== 'non-blocking') throw invalid(`logger: logging mode not supported: ${mode}`);
  if (buffer !== undefined) {
    try {
      parseDecimalSize(buffer);
    } catch (e) {
      throw invalid(`error parsing option max-buffer-size: ${(e as Error).message}`);
    }
  }
  if (buffer !== undefined && mode !== 'non-blocking')
    throw invalid(`logger: max-buffer-size option is only supported with 'mode=non-blocking'`);
  for (const option of Object.keys(rest)) if (!driver.options.includes(option)) throw invalid(driver.unknown(option));
}

/** What a container's driver writes to; null for `none`. Throws what keeps the driver from starting. */
function fileOf(d: Daemon, c: Container): files.LogFile | null {
  const type = driverOf(c);
  if (type === 'none') return null;
  const fail = (why: string) => internal(`failed to create task for container: failed to initialize logging driver: ${why}`);
  if (!DRIVERS[type]) throw fail(`drydock: the log driver "${type}" is not modelled`);
  const { 'max-size': size, 'max-file': count, compress } = optionsOf(c);
  const local = type === 'local';
  let maxSize: number | null = local ? 20 * 1024 * 1024 : null;
  if (size !== undefined && size !== '-1') {
    try {
      maxSize = parseDecimalSize(size);
    } catch (e) {
      throw fail((e as Error).message);
    }
    if (maxSize <= 0) throw fail('max-size must be a positive number');
  }
  if (count !== undefined && !/^[+-]?\d+$/.test(count)) throw fail(`strconv.Atoi: parsing "${count}": invalid syntax`);
  const maxFiles = count === undefined ? (local ? 5 : 1) : Number(count);
  if (maxFiles < 1) throw fail('max-file cannot be less than 1');
  let packed = local;
  if (compress !== undefined) {
    try {
      packed = strconv.parseBool(compress);
    } catch (e) {
      throw fail(`${local ? 'error reading compress log option: ' : ''}${(e as Error).message}`);
    }
  }
  if (packed && local && maxFiles === 1) throw fail('compression cannot be enabled when max file count is 1');
  if (packed && !local && (maxFiles === 1 || maxSize === null))
    throw fail('compress cannot be true when max-file is less than 2 or max-size is not set');
  const dir = containerDir(d, c.Id);
  return local
    ? { ...files.localFile, path: `${dir}/local-logs/container.log`, maxSize, maxFiles }
    : { ...files.jsonFile, path: `${dir}/${c.Id}-json.log`, maxSize, maxFiles };
}

/** Makes ready what the driver writes to, before the container starts. */
export function open(d: Daemon, c: Container) {
  const f = fileOf(d, c);
  if (f === null) return;
  if (driverOf(c) === 'local' && !files.exists(d, `${containerDir(d, c.Id)}/local-logs`))
    d.sys.mkdir(`${containerDir(d, c.Id)}/local-logs`, 0o700);
  if (!files.exists(d, f.path)) d.sys.close(d.sys.open(f.path, { write: true, create: true }, 0o640));
}

/** LogPath of inspect: only json-file tells where it writes. */
export const shownPath = (d: Daemon, c: Container): string => (driverOf(c) === 'json-file' ? (fileOfQuiet(d, c)?.path ?? '') : '');

function fileOfQuiet(d: Daemon, c: Container): files.LogFile | null {
  try {
    return fileOf(d, c);
  } catch {
    return null;
  }
}

/** What --details shows before a line. */
export const attributes = (c: Container): string =>
  Object.entries(attrsOf(c) ?? {})
    .map(([k, v]) => `${k}=${v}`)
    .join(',');

/** Labels, variables and the tag that the log's options ask for, by name. */
function attrsOf(c: Container): Record<string, string> | undefined {
  const options = optionsOf(c);
  if (!EXTRA.some((option) => options[option])) return undefined;
  const named = (option: string) => (options[option] ?? '').split(',').filter(Boolean);
  const matching = (option: string, names: string[]) => (options[option] ? names.filter((n) => found(options[option] as string, n)) : []);
  const all = c.Config.Labels ?? {};
  const variables = new Map((c.Config.Env ?? []).map((e) => [e.split('=')[0] as string, e.slice(e.indexOf('=') + 1)]));
  const labels = [...named('labels'), ...matching('labels-regex', Object.keys(all))].flatMap((k): [string, string][] =>
    all[k] === undefined ? [] : [[k, all[k] as string]],
  );
  const env = [...named('env'), ...matching('env-regex', [...variables.keys()])].flatMap((k): [string, string][] =>
    variables.has(k) ? [[k, variables.get(k) as string]] : [],
  );
  const tag: [string, string][] = options.tag ? [['tag', tagOf(c, options.tag)]] : [];
  const entries = [...labels, ...env, ...tag].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return entries.length ? Object.fromEntries(entries) : undefined;
}

function found(pattern: string, text: string): boolean {
  try {
    return new RegExp(pattern).test(text);
  } catch {
    return false;
  }
}

/** Log tags: docs.docker.com/engine/logging/log_tags. */
function tagOf(c: Container, template: string): string {
  const values: Record<string, string> = {
    ID: c.Id.slice(0, 12),
    FullID: c.Id,
    Name: c.Name,
    FullName: `/${c.Name}`,
    ImageID: c.ImageID.slice(7, 19),
    ImageFullID: c.ImageID,
    ImageName: c.Config.Image,
    DaemonName: 'docker',
  };
  return template.replace(/\{\{\s*\.(\w+)\s*\}\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? (values[name] as string) : whole,
  );
}

/** Appends output to a container's log, line by line; what has no newline yet is kept until it has one. */
export function append(d: Daemon, c: Container, stream: 'stdout' | 'stderr', data: string) {
  const f = fileOfQuiet(d, c);
  if (!f) return;
  const text = (c.partial[stream] ?? '') + data;
  const end = text.lastIndexOf('\n') + 1;
  write(d, c, f, stream, text.slice(0, end));
  if (text.length !== end || c.partial[stream]) d.update(c.Id, (x) => ({ ...x, partial: { ...x.partial, [stream]: text.slice(end) } }));
}

/** What never got its newline is logged when the stream ends. */
export function finish(d: Daemon, c: Container) {
  const f = fileOfQuiet(d, c);
  for (const stream of ['stdout', 'stderr'] as const) {
    const rest = c.partial[stream];
    if (rest && f) write(d, c, f, stream, rest);
  }
  if (Object.keys(c.partial).length) d.update(c.Id, (x) => ({ ...x, partial: {} }));
}

function write(d: Daemon, c: Container, f: files.LogFile, stream: 'stdout' | 'stderr', text: string) {
  const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  if (lines.length === 0) return;
  const time = d.now();
  const attrs = attrsOf(c);
  files.append(
    d,
    f,
    lines.map((log) => ({ log, stream, time, attrs })),
  );
}

/** GET /containers/{id}/logs reads it all; a driver that keeps nothing cannot be read. */
export function read(d: Daemon, c: Container): files.LogLine[] {
  const f = fileOfQuiet(d, c);
  return f ? files.readAll(d, f) : [];
}
