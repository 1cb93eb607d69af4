/**
 * HTTP/1.1 as the small servers of this folder speak it: connections as plain data, requests in, answers out. RFC 9112.
 *
 * Simplified: a request's body is taken by its Content-Length; no chunks, no TLS.
 */

import { attempt, Errno, type Sys, type Wait } from '../../kernel';
import { peerOf } from './loopback';

export interface HttpConn {
  fd: number;
  client: string;
  input: string;
  output: string;
  /** Closed once everything is written. */
  closing: boolean;
}

export interface HttpRequest {
  method: string;
  target: string;
  version: string;
  /** Names in lower case. */
  headers: Record<string, string>;
  body: string;
  /** Address of who asks. */
  client: string;
}

export interface HttpAnswer {
  text: string;
  /** The connection ends after it. */
  close: boolean;
}

/** The first whole request of what came, and the rest; null: more has to come; 'bad': it is none. */
export function parseHttp(input: string, client = ''): { request: HttpRequest; rest: string } | null | 'bad' {
  const end = input.indexOf('\r\n\r\n');
  if (end < 0) return input.length > 32_768 ? 'bad' : null;
  const [first = '', ...lines] = input.slice(0, end).split('\r\n');
  const m = /^([A-Z]+) (\S+) (HTTP\/\d\.\d)$/.exec(first);
  if (!m) return 'bad';
  const headers: Record<string, string> = Object.create(null);
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon > 0) headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  const length = Number(headers['content-length'] ?? 0) || 0;
  const from = end + 4;
  if (input.length < from + length) return null;
  return {
    request: {
      method: m[1] as string,
      target: m[2] as string,
      version: m[3] as string,
      headers,
      body: input.slice(from, from + length),
      client,
    },
    rest: input.slice(from + length),
  };
}

/** Takes new connections, answers what came, writes what it can. */
export function serveHttp(
  sys: Sys,
  conns: readonly HttpConn[],
  listeners: readonly number[],
  answer: (request: HttpRequest) => HttpAnswer,
  bad: () => string,
): HttpConn[] {
  const all = [...conns];
  for (const listener of listeners)
    for (;;) {
      const fd = attempt(() => sys.net.accept(listener));
      if (fd === null || fd instanceof Errno) break;
      all.push({ fd, client: peerOf(sys, fd), input: '', output: '', closing: false });
    }
  return all.flatMap((c) => {
    const now = converse(sys, c, answer, bad);
    if (now === null) attempt(() => sys.close(c.fd));
    return now === null ? [] : [now];
  });
}

/** One connection for one turn; null when it is over. */
function converse(sys: Sys, c: HttpConn, answer: (request: HttpRequest) => HttpAnswer, bad: () => string): HttpConn | null {
  let { input, output, closing } = c;
  while (!closing) {
    const data = attempt(() => sys.read(c.fd, 65536));
    if (data === null) break;
    if (data instanceof Errno) return null;
    if (data === '') closing = true;
    else input += data;
  }
  for (;;) {
    const parsed = parseHttp(input, c.client);
    if (parsed === null) break;
    if (parsed === 'bad') {
      output += bad();
      input = '';
      closing = true;
      break;
    }
    const { text, close } = answer(parsed.request);
    input = parsed.rest;
    output += text;
    closing ||= close;
  }
  while (output !== '') {
    const n = attempt(() => sys.write(c.fd, output));
    if (n instanceof Errno) return null;
    if (n === null) return { ...c, input, output, closing };
    output = output.slice(n);
  }
  return closing ? null : { ...c, input, output, closing };
}

/** What a server of these waits for. */
export const httpWaits = (conns: readonly HttpConn[], listeners: readonly number[]): Wait[] => [
  ...listeners.map((fd): Wait => ({ for: 'read', fd })),
  ...conns.flatMap((c): Wait[] => [
    ...(c.closing ? [] : [{ for: 'read' as const, fd: c.fd }]),
    ...(c.output === '' ? [] : [{ for: 'write' as const, fd: c.fd }]),
  ]),
];

export const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  201: 'Created',
  204: 'No Content',
  301: 'Moved Permanently',
  302: 'Found',
  304: 'Not Modified',
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Not Allowed',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Temporarily Unavailable',
};

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html',
  htm: 'text/html',
  css: 'text/css',
  xml: 'text/xml',
  txt: 'text/plain',
  js: 'application/javascript',
  json: 'application/json',
  png: 'image/png',
  jpg: 'image/jpeg',
  gif: 'image/gif',
  svg: 'image/svg+xml',
  ico: 'image/x-icon',
  tar: 'application/x-tar',
  gz: 'application/gzip',
  pdf: 'application/pdf',
  sh: 'text/x-sh',
};

/** The media type of a file by its ending. */
export const typeOf = (path: string, otherwise = 'application/octet-stream'): string =>
  TYPES[/\.([^./]+)$/.exec(path)?.[1]?.toLowerCase() ?? ''] ?? otherwise;

/** Bytes of a path in a URL: %20 and its kin. */
export const unescapePath = (path: string): string =>
  path.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

/** A path with . and .. resolved, that never leaves the root. */
export function cleanPath(path: string): string {
  const out: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') out.pop();
    else out.push(part);
  }
  return `/${out.join('/')}${path.endsWith('/') && out.length ? '/' : ''}`;
}
