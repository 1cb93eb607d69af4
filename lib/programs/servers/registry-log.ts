/** What a registry writes: lines of logrus on standard error, and one a request in Apache's form on standard output; and its numbers. */

import { strftime } from '../../base/posix';
import type { Sys } from '../../kernel';
import type { HttpRequest } from './http';
import type { Answer } from './registry-api';

/** A moment as Go writes it, to the nanosecond. */
function time(sys: Sys): string {
  const ms = sys.now();
  const nanos = `${Math.round((ms % 1000) * 1e6)}`.padStart(9, '0').replace(/0+$/, '');
  return `${strftime('%Y-%m-%dT%H:%M:%S', Math.floor(ms / 1000))}${nanos === '' ? '' : `.${nanos}`}Z`;
}

const bytes = (sys: Sys, n: number): string =>
  Array.from({ length: n }, () => String.fromCharCode(Math.floor(sys.random() * 256))).join('');

/** A random UUID: RFC 4122, version 4. */
function uuid(sys: Sys): string {
  const hex = [...bytes(sys, 16)].map((c) => c.charCodeAt(0).toString(16).padStart(2, '0')).join('');
  const variant = '89ab'[Math.floor(sys.random() * 4)];
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
}

export const rfc4122 = { time, bytes, uuid };

/** logrus' TextFormatter: what holds anything but plain letters is quoted. */
const value = (v: string): string => (/^[A-Za-z0-9\-._/@^+]+$/.test(v) ? v : JSON.stringify(v));
const pairs = (fields: Readonly<Record<string, string>>): string =>
  Object.entries(fields)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([k, v]) => ` ${k}=${value(v)}`)
    .join('');

export const line = (sys: Sys, level: string, msg: string, fields: Readonly<Record<string, string>>): string =>
  `time=${JSON.stringify(time(sys))} level=${level} msg=${JSON.stringify(msg)}${pairs(fields)}\n`;

export const accessLine = (sys: Sys, r: HttpRequest, a: Answer): string => {
  const at = strftime('%d/%b/%Y:%H:%M:%S +0000', Math.floor(sys.now() / 1000));
  const quoted = (name: string) => JSON.stringify(r.headers[name] ?? '');
  return `${r.client} - - [${at}] "${r.method} ${r.target} ${r.version}" ${a.status} ${r.method === 'HEAD' && a.status === 200 ? 0 : a.body.length} ${quoted('referer')} ${quoted('user-agent')}\n`;
};

/** A duration as Go writes it. */
const duration = (ms: number): string => (ms < 1 ? `${Math.round(ms * 1e6) / 1e3}µs` : `${Math.round(ms * 1e6) / 1e6}ms`);

/** `since`: when the request came, in milliseconds since the epoch. */
export function requestLine(sys: Sys, r: HttpRequest, a: Answer, go: string, since: number): string {
  const failed = a.fault !== undefined;
  const [, name] = /^\/v2\/(.+)\/(?:tags|manifests|blobs)\//.exec(r.target) ?? [];
  const type = r.headers['content-type'];
  const fields: Record<string, string> = {
    'go.version': go,
    'http.request.host': r.headers.host ?? '',
    'http.request.id': uuid(sys),
    'http.request.method': r.method,
    'http.request.remoteaddr': r.client,
    'http.request.uri': r.target,
    'http.request.useragent': r.headers['user-agent'] ?? '',
    ...(type ? { 'http.request.contenttype': type } : {}),
    ...(a.headers['Content-Type'] ? { 'http.response.contenttype': a.headers['Content-Type'] } : {}),
    'http.response.duration': duration(sys.now() - since),
    'http.response.status': `${a.status}`,
    'http.response.written': `${a.body.length}`,
  };
  if (!failed) return line(sys, 'info', 'response completed', fields);
  const { code = '', message = '', detail } = a.fault ?? {};
  return line(sys, 'error', 'response completed with error', {
    ...fields,
    'err.code': code.toLowerCase().replaceAll('_', ' '),
    ...(detail === undefined ? {} : { 'err.detail': goValue(detail) }),
    'err.message': message,
    ...(name ? { 'vars.name': name } : {}),
  });
}

/** A value as fmt's %v writes it. */
function goValue(v: unknown): string {
  if (v === null) return '<nil>';
  if (Array.isArray(v)) return `[${v.map(goValue).join(' ')}]`;
  if (typeof v !== 'object') return `${v}`;
  return `map[${Object.entries(v as object)
    .map(([k, x]) => `${k}:${goValue(x)}`)
    .join(' ')}]`;
}
