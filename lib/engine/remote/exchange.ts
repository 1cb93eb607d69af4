/**
 * One HTTP request over TCP and its answer, by somebody who must not wait inside a call: a plain state that is taken further whenever
 * something has come. net/http's client, as far as a registry's API needs it.
 *
 *   let x = open(request)    …    advance(sys, x) → { response } | { fault } | { exchange, wait }
 *
 * Simplified: a connection for each request; nobody here has a certificate, so that a server that is asked for TLS shows itself as
 * one that has none. Names are those of /etc/hosts.
 */

import { attempt, Errno, type Sys, type Wait } from '../../kernel';
import { addressesOf, noSuchHost } from '../dial';
import { parseResponse, type Response } from '../http';

export interface HttpRequest {
  method: string;
  url: string;
  headers?: Readonly<Record<string, string>>;
  body?: string;
}

export interface Exchange {
  request: HttpRequest;
  host: string;
  port: number;
  tls: boolean;
  /** Addresses that are still to be tried; null: the name has not been looked up. */
  left: string[] | null;
  address: string;
  fd: number | null;
  connected: boolean;
  send: string;
  got: string;
  /** Why the first address did not answer: what is told when none does. */
  fault: string | null;
  /** Milliseconds since boot. */
  deadline: number | null;
}

export type Step = { response: Response } | { fault: string } | { exchange: Exchange; wait: Wait };

const HANDSHAKE_MS = 10_000;
/** The beginning of a handshake, and an end of line: who expects text finds none that it knows. */
const CLIENT_HELLO = '\x16\x03\x01\x00\x04\x01\r\n\r\n';

/** A URL in its parts. */
export function partsOf(url: string): { tls: boolean; host: string; port: number; authority: string; target: string } {
  const [, scheme = 'http', authority = '', target = ''] = /^(https?):\/\/([^/?]*)(.*)$/.exec(url) ?? [];
  const [, v6, name = '', port] = /^(?:\[([^\]]+)\]|([^:]*))(?::(\d+))?$/.exec(authority) ?? [];
  const tls = scheme === 'https';
  return { tls, host: v6 ?? name, port: Number(port ?? (tls ? 443 : 80)), authority, target: target || '/' };
}

export function open(request: HttpRequest): Exchange {
  const { tls, host, port, authority, target } = partsOf(request.url);
  const headers: Record<string, string> = { Host: authority, ...request.headers, Connection: 'close' };
  if (request.body !== undefined || ['POST', 'PUT', 'PATCH'].includes(request.method))
    headers['Content-Length'] = `${(request.body ?? '').length}`;
  const lines = Object.entries(headers).map(([k, v]) => `${k}: ${v}\r\n`);
  const text = `${request.method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n${request.body ?? ''}`;
  return {
    request,
    host,
    port,
    tls,
    left: null,
    address: '',
    fd: null,
    connected: false,
    send: tls ? CLIENT_HELLO : text,
    got: '',
    fault: null,
    deadline: null,
  };
}

const shown = (x: Exchange) => `${x.address.includes(':') ? `[${x.address}]` : x.address}:${x.port}`;

/** Goes on as far as it goes now. */
export function advance(sys: Sys, before: Exchange): Step {
  let x = { ...before };
  if (x.left === null) {
    x.left = addressesOf(sys, x.host);
    if (x.left.length === 0) return { fault: noSuchHost(sys, x.host) };
  }
  while (!x.connected) {
    if (x.fd === null) {
      const [address, ...left] = x.left ?? [];
      if (address === undefined) return { fault: x.fault ?? 'EOF' };
      x = { ...x, address, left, fd: sys.net.socket('tcp', address.includes(':') ? 6 : 4) };
      sys.setCloexec(x.fd as number, true);
    }
    const fd = x.fd as number;
    const up = attempt(() => sys.net.connect(fd, x.address, x.port));
    if (up === null) return { exchange: x, wait: { for: 'write', fd } };
    if (up instanceof Errno) {
      attempt(() => sys.close(fd));
      x = { ...x, fd: null, fault: x.fault ?? `dial tcp ${shown(x)}: connect: ${up.message.toLowerCase()}` };
    } else x.connected = true;
  }
  return converse(sys, x);
}

/** Sends and receives on a connection that is there. */
function converse(sys: Sys, before: Exchange): Step {
  const x = { ...before };
  const fd = x.fd as number;
  const end = (step: Step): Step => {
    attempt(() => sys.close(fd));
    return step;
  };
  while (x.send !== '') {
    const n = attempt(() => sys.write(fd, x.send));
    if (n === null) return { exchange: x, wait: either(fd) };
    // Who closes early may have said why.
    if (n instanceof Errno) break;
    x.send = x.send.slice(n);
  }
  const head = x.request.method === 'HEAD';
  for (;;) {
    if (x.tls && x.got.length >= 5) return end({ fault: notTls(x.got) });
    const parsed = x.tls ? null : parseResponse(head ? bodiless(x.got) : x.got);
    if (parsed && !parsed.streaming) return end({ response: parsed.response });
    const data = attempt(() => sys.read(fd, 1 << 20));
    if (data === null) return waiting(sys, x, fd, end);
    if (data instanceof Errno || data === '') {
      if (parsed) return end({ response: { ...parsed.response, body: parsed.rest } });
      return end({ fault: data instanceof Errno ? `read tcp: ${data.message.toLowerCase()}` : 'EOF' });
    }
    x.got += data;
  }
}

const either = (fd: number): Wait => ({
  for: 'any',
  of: [
    { for: 'write', fd },
    { for: 'read', fd },
  ],
});

/** A handshake is not waited for without end. */
function waiting(sys: Sys, x: Exchange, fd: number, end: (step: Step) => Step): Step {
  if (!x.tls) return { exchange: x, wait: { for: 'read', fd } };
  const deadline = x.deadline ?? sys.uptime() + HANDSHAKE_MS;
  if (sys.uptime() >= deadline) return end({ fault: 'net/http: TLS handshake timeout' });
  return {
    exchange: { ...x, deadline },
    wait: {
      for: 'any',
      of: [
        { for: 'read', fd },
        { for: 'time', at: deadline },
      ],
    },
  };
}

const notTls = (got: string): string =>
  got.startsWith('HTTP/') ? 'http: server gave HTTP response to HTTPS client' : 'tls: first record does not look like a TLS handshake';

/** An answer to HEAD says how long its body would be, and has none. */
const bodiless = (text: string): string => text.replace(/^(content-length:)[ \t]*\d+/im, '$1 0');
