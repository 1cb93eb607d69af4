/** The client's side of HTTP/1.1: a request as bytes, an answer out of what comes. RFC 9110, RFC 9112. */

import { isRefused, type Refused, receive, type Story, TIMEOUT } from './client';

export interface Url {
  scheme: string;
  host: string;
  /** Host and port as they were given. */
  named: string;
  port: number;
  /** Path and query. */
  path: string;
  user?: string;
}

const PORTS: Readonly<Record<string, number>> = { http: 80, https: 443, ftp: 21 };

/** A URL, taken apart; null if it is none. */
export function parseUrl(text: string): Url | null {
  const m = /^(?:([a-z][a-z0-9+.-]*):\/\/)?(?:([^@/?#]*)@)?(\[[^\]]+\]|[^:/?#]+)(?::(\d*))?([/?][^#]*)?(?:#.*)?$/i.exec(text);
  if (!m) return null;
  const scheme = (m[1] ?? 'http').toLowerCase();
  const port = m[4] ? Number(m[4]) : (PORTS[scheme] ?? 0);
  if (port > 65535) return null;
  const path = m[5] ?? '/';
  return {
    scheme,
    named: `${m[3]}${m[4] ? `:${m[4]}` : ''}`,
    host: (m[3] as string).replace(/^\[|\]$/g, ''),
    port,
    path: path.startsWith('/') ? path : `/${path}`,
    ...(m[2] !== undefined ? { user: m[2] } : {}),
  };
}

export interface Head {
  /** "HTTP/1.1 200 OK" */
  line: string;
  status: number;
  /** As they came, "Name: value". */
  fields: string[];
}

export const field = (h: Head, name: string): string | undefined =>
  h.fields
    .find((f) => f.toLowerCase().startsWith(`${name}:`))
    ?.slice(name.length + 1)
    .trim();

export interface Answer {
  head: Head;
  body: string;
  /** It ended before all of it had come. */
  short: boolean;
}

/** Reads an answer to its end. 'empty': the connection closed before any of it. */
export function* readAnswer(
  fd: number,
  bodiless: boolean,
  within: () => number | null,
): Story<Answer | Refused | typeof TIMEOUT | 'empty' | 'garbage'> {
  let got = '';
  let ended = false;
  const more = function* (): Story<Refused | typeof TIMEOUT | null> {
    const data = yield* receive(fd, within());
    if (data === TIMEOUT || isRefused(data)) return data as Refused | typeof TIMEOUT;
    if (data === '') ended = true;
    got += data;
    return null;
  };
  let end = -1;
  while (end < 0) {
    const trouble = yield* more();
    if (trouble) return trouble;
    end = got.indexOf('\r\n\r\n');
    if (got.length >= 5 && !got.startsWith('HTTP/')) return 'garbage';
    if (ended && end < 0) return got === '' ? 'empty' : 'garbage';
    // An informational answer comes before the real one.
    if (end >= 0 && /^HTTP\/1\.\d 1\d\d/.test(got)) {
      got = got.slice(end + 4);
      end = got.indexOf('\r\n\r\n');
    }
  }
  const [line = '', ...fields] = got.slice(0, end).split('\r\n');
  const status = Number(/^HTTP\/\d(?:\.\d)? (\d{3})/.exec(line)?.[1] ?? 0);
  if (status === 0) return 'garbage';
  const head: Head = { line, status, fields };
  got = got.slice(end + 4);
  if (bodiless || status === 204 || status === 304) return { head, body: '', short: false };
  if (/chunked/i.test(field(head, 'transfer-encoding') ?? '')) {
    let body = '';
    for (;;) {
      const size = /^([0-9a-f]+)[^\r\n]*\r\n/i.exec(got);
      const n = size ? Number.parseInt(size[1] as string, 16) : -1;
      if (size && got.length >= size[0].length + n + 2) {
        if (n === 0) return { head, body, short: false };
        body += got.slice(size[0].length, size[0].length + n);
        got = got.slice(size[0].length + n + 2);
        continue;
      }
      if (ended) return { head, body, short: true };
      const trouble = yield* more();
      if (trouble) return trouble;
    }
  }
  const length = field(head, 'content-length');
  while (!ended && (length === undefined || got.length < Number(length))) {
    const trouble = yield* more();
    if (trouble) return trouble;
  }
  return {
    head,
    body: length === undefined ? got : got.slice(0, Number(length)),
    short: length !== undefined && got.length < Number(length),
  };
}
