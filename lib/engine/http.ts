/**
 * HTTP/1.1 over the engine's socket: requests, responses, and the upgrade that turns a connection into a raw stream.
 * RFC 9112; the attach protocol is in the Engine API's documentation ("Stream format").
 *
 *   docker ──> POST /v1.51/containers/create ──> dockerd        body: JSON or bytes
 *          <── 101 UPGRADED, then frames   <──                  1 byte stream, 3 zero, 4 length, payload
 *
 * Simplified: bodies carry a length; chunked encoding is written for streams that end with the connection.
 */

import { ENGINE_VERSION } from '../base';

export interface Request {
  method: string;
  /** Path without the version prefix: "/containers/json". */
  path: string;
  query: Record<string, string[]>;
  headers: Record<string, string>;
  body: string;
}

export interface Response {
  status: number;
  headers: Record<string, string>;
  body: string;
}

const REASONS: Record<number, string> = {
  101: 'UPGRADED',
  200: 'OK',
  201: 'Created',
  204: 'No Content',
  304: 'Not Modified',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  406: 'Not Acceptable',
  409: 'Conflict',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  503: 'Service Unavailable',
};

export function formatRequest(method: string, path: string, body?: string, headers: Record<string, string> = {}): string {
  const all: Record<string, string> = { Host: 'api.moby.localhost', 'User-Agent': `Docker-Client/${ENGINE_VERSION} (linux)`, ...headers };
  if (body !== undefined) all['Content-Length'] = `${body.length}`;
  return `${method} ${path} HTTP/1.1\r\n${Object.entries(all)
    .map(([n, v]) => `${n}: ${v}\r\n`)
    .join('')}\r\n${body ?? ''}`;
}

export function formatResponse(r: { status: number; headers?: Record<string, string>; body?: string; stream?: boolean }): string {
  const headers: Record<string, string> = {
    'Api-Version': '1.51',
    Server: `Docker/${ENGINE_VERSION} (linux)`,
    Ostype: 'linux',
    'Docker-Experimental': 'false',
    ...r.headers,
  };
  if (!r.stream && r.status !== 101 && r.status !== 204) headers['Content-Length'] = `${(r.body ?? '').length}`;
  return `HTTP/1.1 ${r.status} ${REASONS[r.status] ?? ''}\r\n${Object.entries(headers)
    .map(([n, v]) => `${n}: ${v}\r\n`)
    .join('')}\r\n${r.body ?? ''}`;
}

interface Head {
  line: string;
  headers: Record<string, string>;
  /** Where the body begins. */
  at: number;
}

function head(text: string): Head | null {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return null;
  const [line = '', ...rest] = text.slice(0, end).split('\r\n');
  const headers: Record<string, string> = {};
  for (const l of rest) {
    const colon = l.indexOf(':');
    if (colon > 0) headers[l.slice(0, colon).toLowerCase()] = l.slice(colon + 1).trim();
  }
  return { line, headers, at: end + 4 };
}

export function percentDecode(text: string): string {
  return text.replace(/\+/g, ' ').replace(/%([0-9a-fA-F]{2})/g, (_, h: string) => String.fromCharCode(Number.parseInt(h, 16)));
}

/** Byte string in, ASCII out: everything but unreserved characters is written as %XX. */
export const percentEncode = (text: string): string =>
  text.replace(/[^A-Za-z0-9\-._~]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);

export function parseQuery(text: string): Record<string, string[]> {
  const out: Record<string, string[]> = Object.create(null);
  for (const pair of text.split('&')) {
    if (pair === '') continue;
    const eq = pair.indexOf('=');
    const name = percentDecode(eq < 0 ? pair : pair.slice(0, eq));
    out[name] = [...(out[name] ?? []), percentDecode(eq < 0 ? '' : pair.slice(eq + 1))];
  }
  return out;
}

/** A whole request at the start of `text` and what follows it; null while it is incomplete; false if it is none. */
export function parseRequest(text: string): { request: Request; rest: string } | null | false {
  const h = head(text);
  if (h === null) return text.length > 65536 ? false : null;
  const m = /^([A-Z]+) (\S+) HTTP\/1\.[01]$/.exec(h.line);
  if (!m) return false;
  const length = Number(h.headers['content-length'] ?? 0);
  if (!Number.isInteger(length) || length < 0) return false;
  if (text.length < h.at + length) return null;
  const target = (m[2] as string).replace(/^https?:\/\/[^/]*/, '');
  const q = target.indexOf('?');
  const path = percentDecodePath((q < 0 ? target : target.slice(0, q)).replace(/^\/v\d+\.\d+(?=\/)/, ''));
  return {
    request: {
      method: m[1] as string,
      path,
      query: parseQuery(q < 0 ? '' : target.slice(q + 1)),
      headers: h.headers,
      body: text.slice(h.at, h.at + length),
    },
    rest: text.slice(h.at + length),
  };
}

const percentDecodePath = (p: string) => p.replace(/%([0-9a-fA-F]{2})/g, (_, h: string) => String.fromCharCode(Number.parseInt(h, 16)));

/** Bytes of the response at the start of `text` as far as its head tells; 0 if it does not. */
export function responseLength(text: string): number {
  const h = head(text);
  return h === null ? 0 : h.at + Number(h.headers['content-length'] ?? 0);
}

/** A response at the start of `text`: whole if it has a length, else its head and whatever has come of its body. */
export function parseResponse(text: string): { response: Response; rest: string; streaming: boolean } | null {
  const h = head(text);
  if (h === null) return null;
  const status = Number(h.line.split(' ')[1]);
  const length = h.headers['content-length'];
  if (length === undefined)
    return { response: { status, headers: h.headers, body: '' }, rest: text.slice(h.at), streaming: status !== 204 };
  const end = h.at + Number(length);
  if (text.length < end) return null;
  return { response: { status, headers: h.headers, body: text.slice(h.at, end) }, rest: text.slice(end), streaming: false };
}

/** One piece of a multiplexed stream: 1 standard output, 2 standard error. */
export function frame(stream: 0 | 1 | 2, data: string): string {
  const n = data.length;
  return String.fromCharCode(stream, 0, 0, 0, (n >>> 24) & 255, (n >>> 16) & 255, (n >>> 8) & 255, n & 255) + data;
}

/** Whole frames at the start of `text`, and the rest. */
export function unframe(text: string): { frames: { stream: number; data: string }[]; rest: string } {
  const frames: { stream: number; data: string }[] = [];
  let at = 0;
  while (text.length >= at + 8) {
    const n = [4, 5, 6, 7].reduce((sum, i) => sum * 256 + text.charCodeAt(at + i), 0);
    if (text.length < at + 8 + n) break;
    frames.push({ stream: text.charCodeAt(at), data: text.slice(at + 8, at + 8 + n) });
    at += 8 + n;
  }
  return { frames, rest: text.slice(at) };
}

/** "ctrl-p,ctrl-q" or "a,b" as the bytes that such keys send; null when it names none. moby/term, ascii.go. */
export function escapeKeys(keys: string): string | null {
  let out = '';
  for (const key of keys.split(',')) {
    const control = /^ctrl-([a-zA-Z@[\\\]^_])$/.exec(key)?.[1];
    if (control !== undefined) out += String.fromCharCode(control.toUpperCase().charCodeAt(0) & 31);
    else if (key.length === 1) out += key;
    else return null;
  }
  return out;
}
