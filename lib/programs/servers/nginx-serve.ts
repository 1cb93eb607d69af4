/** How a worker of nginx answers a request: its location, the file or the page of an error, the line in the access log. */

import { strftime } from '../../base/posix';
import { attempt, Errno, type Sys } from '../../kernel';
import { slurp } from '../io';
import { cleanPath, type HttpAnswer, type HttpRequest, REASONS, typeOf, unescapePath } from './http';
import { numbered } from './loopback';
import type { Conf, Location } from './nginx-conf';
import { NGINX_VERSION } from './versions';

/** What answering needs of the worker that does it. */
export interface Serving {
  sys: Sys;
  conf: Conf;
  /** Ordinal of the request, as the error log counts. */
  number: number;
  error(text: string): void;
  access(line: string): void;
}

export const page = (conf: Conf, status: number): string => {
  const words = `${status} ${REASONS[status] ?? ''}`;
  const server = conf.tokens ? `nginx/${NGINX_VERSION}` : 'nginx';
  return `<html>\r\n<head><title>${words}</title></head>\r\n<body>\r\n<center><h1>${words}</h1></center>\r\n<hr><center>${server}</center>\r\n</body>\r\n</html>\r\n`;
};

interface Served {
  status: number;
  body: string;
  type: string;
  extra?: string;
}

/** The location of a request: an exact one, else the longest that its path begins with. */
function locate(conf: Conf, host: string, path: string): Location | null {
  const server = conf.servers.find((x) => x.names.includes(host)) ?? conf.servers[0];
  if (!server) return null;
  return (
    server.locations.find((l) => l.exact && l.path === path) ??
    [...server.locations].filter((l) => !l.exact && path.startsWith(l.path)).sort((a, b) => b.path.length - a.path.length)[0] ??
    null
  );
}

function serveFile(s: Serving, l: Location, path: string, r: HttpRequest, host: string): Served {
  const { sys } = s;
  const error = (status: number): Served => ({ status, body: page(s.conf, status), type: 'text/html' });
  const complain = (what: string, file: string, e: Errno) =>
    s.error(
      `*${s.number} ${what} "${file}" failed (${numbered(e)}), client: ${r.client}, server: , request: "${r.method} ${r.target} ${r.version}", host: "${host}"`,
    );
  const under = l.alias === null ? `${l.root}${path}` : `${l.alias}${path.slice(l.path.length)}`;
  const candidates = under.endsWith('/') ? l.index.map((i) => under + i) : [under];
  for (const file of candidates) {
    const st = attempt(() => sys.stat(file));
    if (st instanceof Errno) {
      if (candidates.length > 1 || under.endsWith('/')) continue;
      complain('open()', file, st);
      return error(st.code === 'EACCES' ? 403 : 404);
    }
    if (st.type === 'dir') return { ...error(301), extra: `Location: http://${host}${path}/\r\n` };
    const text = attempt(() => slurp(sys, file));
    if (text instanceof Errno) {
      complain('open()', file, text);
      return error(403);
    }
    const seconds = Math.floor(st.mtime / 1000);
    return {
      status: 200,
      body: text,
      type: typeOf(file),
      extra: `Last-Modified: ${strftime('%a, %d %b %Y %H:%M:%S GMT', seconds)}\r\nETag: "${seconds.toString(16)}-${st.size.toString(16)}"\r\nAccept-Ranges: bytes\r\n`,
    };
  }
  const dir = attempt(() => sys.stat(under));
  if (dir instanceof Errno) return error(404);
  s.error(
    `*${s.number} directory index of "${under}" is forbidden, client: ${r.client}, server: , request: "${r.method} ${r.target} ${r.version}", host: "${host}"`,
  );
  return error(403);
}

export function answer(s: Serving, r: HttpRequest): HttpAnswer {
  const { sys, conf } = s;
  const host = (r.headers.host ?? 'localhost').replace(/:\d+$/, '');
  const path = cleanPath(unescapePath(r.target.split('?')[0] as string));
  const l = locate(conf, host, path);
  const error = (status: number): Served => ({ status, body: page(s.conf, status), type: 'text/html' });
  const made =
    l === null
      ? error(404)
      : l.answer
        ? l.answer.status >= 300 && l.answer.status < 400
          ? { ...error(l.answer.status), extra: `Location: ${l.answer.text}\r\n` }
          : l.answer.text === ''
            ? error(l.answer.status)
            : { status: l.answer.status, body: l.answer.text, type: 'application/octet-stream' }
        : l.proxy !== null
          ? error(502)
          : r.method !== 'GET' && r.method !== 'HEAD'
            ? error(405)
            : serveFile(s, l, path, r, host);
  const close = r.headers.connection?.toLowerCase() === 'close' || r.version === 'HTTP/1.0';
  const now = Math.floor(sys.now() / 1000);
  const [modified = '', ...tail] = (made.extra ?? '').startsWith('Last-Modified') ? (made.extra as string).split(/(?<=\r\n)/) : [''];
  const head = [
    `HTTP/1.1 ${made.status} ${REASONS[made.status] ?? ''}\r\n`,
    `Server: ${conf.tokens ? `nginx/${NGINX_VERSION}` : 'nginx'}\r\n`,
    `Date: ${strftime('%a, %d %b %Y %H:%M:%S GMT', now)}\r\n`,
    `Content-Type: ${made.type}\r\n`,
    `Content-Length: ${made.body.length}\r\n`,
    modified,
    modified === '' ? (made.extra ?? '') : '',
    `Connection: ${close ? 'close' : 'keep-alive'}\r\n`,
    ...tail,
    '\r\n',
  ].join('');
  s.access(
    `${r.client} - - [${strftime('%d/%b/%Y:%H:%M:%S +0000', now)}] "${r.method} ${r.target} ${r.version}" ${made.status} ${r.method === 'HEAD' ? 0 : made.body.length} "${r.headers.referer ?? '-'}" "${r.headers['user-agent'] ?? '-'}"\n`,
  );
  return { text: r.method === 'HEAD' ? head : head + made.body, close };
}
