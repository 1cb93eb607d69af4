/**
 * Python's servers, as far as programs in containers use them: http.server, Flask's routes, and WSGI for gunicorn.
 * library/http.server.html of Python 3.12, Flask 3.1, PEP 3333. Simplified: a request is answered whole; no streams, sessions, templates.
 */
import { strftime as format } from '../../../base/posix';
import type { HttpRequest } from '../../servers/http';
import { NotModelled } from './ast';
import * as b from './builtins';
import type { At } from './evaluate';
import { call } from './evaluate';
import { JSON_OF } from './json';
import { alloc, error, has, list, type Obj, objOf, type Py, str, tuple, type Value } from './values';

export const PYTHON = '3.12.12';

export const strftime = (how: string, ms: number) => format(how, Math.floor(ms / 1000));
const DATE = '%a, %d %b %Y %H:%M:%S GMT';
const CLOCK = '%d/%b/%Y %H:%M:%S';

const TYPES: Readonly<Record<string, readonly string[]>> = {
  'http.server': ['BaseHTTPRequestHandler', 'SimpleHTTPRequestHandler', 'HTTPServer', 'ThreadingHTTPServer'],
  flask: ['Flask'],
};
export function typeIn(module: string, name: string): Value | null {
  return TYPES[module]?.includes(name) ? { type: name } : null;
}

type Native = Extract<Obj, { kind: 'native' }>;
type Instance = Extract<Obj, { kind: 'instance' }>;
const native = (p: Py, v: Value) => objOf(p, v) as Native;

export function construct(at: At, type: string, args: Value[]): Value {
  const { p } = at;
  switch (type) {
    case 'HTTPServer':
    case 'ThreadingHTTPServer': {
      const where = objOf(p, args[0] ?? null);
      const [host = '', port = 0] = where?.kind === 'tuple' ? where.items : [];
      return alloc(p, { kind: 'native', type, fields: { host, port, handler: args[1] ?? null, server_port: port } });
    }
    case 'Flask':
      return alloc(p, { kind: 'native', type, fields: { name: args[0] ?? '', routes: list(p, []) } });
    default:
      throw new NotModelled(`${type}()`);
  }
}

/** A method that a class has of http.server's handler. */
export function methodOf(p: Py, cls: Value, name: string): string | null {
  for (let at: Value | null = cls; at !== null; ) {
    if (has(at, 'type')) return at.type === 'BaseHTTPRequestHandler' && `Handler.${name}` in FUNCTIONS ? `Handler.${name}` : null;
    const o = objOf(p, at);
    at = o?.kind === 'class' ? o.base : null;
  }
  return null;
}

type Fn = (at: At, args: Value[], named: Readonly<Record<string, Value>>, of: Value) => Value;
export const FUNCTIONS: Readonly<Record<string, Fn>> = {
  'Handler.send_response'(at, [code = 200], _, of) {
    (objOf(at.p, of) as Instance).fields['response code'] = code;
    return null;
  },
  'Handler.send_header'(at, [name = '', value = ''], _, of) {
    const { fields } = objOf(at.p, of) as Instance;
    fields['response headers'] = `${str(at.p, fields['response headers'] ?? '')}${str(at.p, name)}: ${str(at.p, value)}\r\n`;
    return null;
  },
  'Handler.end_headers': () => null,
  'Handler.log_message': () => null,
  'Handler.send_error'(at, [code = 500], _, of) {
    (objOf(at.p, of) as Instance).fields['response code'] = code;
    return null;
  },
  'wfile.write'(at, [data = ''], _, of) {
    const { fields } = native(at.p, of);
    fields.body = `${b.textOf(at.p, fields.body)}${b.textOf(at.p, data)}`;
    return null;
  },
  'Flask.route': (at, [path = '/'], _, of) => ({
    builtin: 'route.take',
    of: alloc(at.p, { kind: 'native', type: 'route', fields: { app: of, path } }),
  }),
  'Flask.get': (at, args, named, of) => (FUNCTIONS['Flask.route'] as Fn)(at, args, named, of),
  'route.take'(at, [fn = null], _, of) {
    const { app = null, path = '/' } = native(at.p, of).fields;
    const routes = objOf(at.p, native(at.p, app).fields.routes ?? null);
    if (routes?.kind === 'list') routes.items.push(tuple(at.p, [path, fn]));
    return fn;
  },
  'flask.jsonify': (at, [v = null], named) =>
    alloc(at.p, {
      kind: 'native',
      type: 'Response',
      fields: {
        body: `${JSON_OF.dumps(at.p, v ?? alloc(at.p, { kind: 'dict', entries: Object.entries(named) }), true)}\n`,
        type: 'application/json',
      },
    }),
  'start_response.take'(at, [status = '200 OK', headers = null], _, of) {
    native(at.p, of).fields.status = status;
    native(at.p, of).fields.headers = headers;
    return null;
  },
};

// ——— one request

export interface Response {
  code: number;
  reason: string;
  /** Each with its newline. */
  headers: string;
  body: string;
}

const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  201: 'CREATED',
  204: 'NO CONTENT',
  400: 'BAD REQUEST',
  403: 'FORBIDDEN',
  404: 'NOT FOUND',
  500: 'INTERNAL SERVER ERROR',
  501: "Unsupported method ('GET')",
  503: 'SERVICE UNAVAILABLE',
};
export const reasonOf = (code: number): string => REASONS[code] ?? 'UNKNOWN';

/** A request to a class of http.server's handlers. */
export function handled(at: At, handler: Value, r: HttpRequest): Response {
  const { p } = at;
  const wfile = alloc(p, { kind: 'native', type: 'wfile', fields: { body: '' } });
  const me = alloc(p, {
    kind: 'instance',
    of: handler,
    fields: {
      path: r.target,
      command: r.method,
      wfile,
      client_address: tuple(p, [r.client, 0]),
      'response code': 200,
      'response headers': '',
    },
  });
  const fn = b.member(p, handler, `do_${r.method}`);
  if (fn === undefined)
    return { code: 501, reason: `Unsupported method ('${r.method}')`, headers: 'Content-Type: text/html;charset=utf-8\r\n', body: '' };
  call(at, alloc(p, { ...(objOf(p, fn) as Extract<Obj, { kind: 'function' }>), self: me }), []);
  const { fields } = objOf(p, me) as Instance;
  const code = b.numberOf(p, fields['response code']);
  const words: Readonly<Record<number, string>> = {
    200: 'OK',
    201: 'Created',
    204: 'No Content',
    404: 'Not Found',
    500: 'Internal Server Error',
    503: 'Service Unavailable',
  };
  return {
    code,
    reason: words[code] ?? '',
    headers: str(p, fields['response headers'] ?? ''),
    body: b.textOf(p, native(p, wfile).fields.body),
  };
}

const PAGE = (title: string, says: string) =>
  `<!doctype html>\n<html lang=en>\n<title>${title}</title>\n<h1>${title.replace(/^\d+ /, '')}</h1>\n<p>${says}</p>\n`;
const page = (code: number, name: string, says: string): Response => ({
  code,
  reason: reasonOf(code),
  headers: 'Content-Type: text/html; charset=utf-8\r\n',
  body: PAGE(`${code} ${name}`, says),
});

/** A request to a Flask application. What its function raises is the caller's. */
export function routed(at: At, app: Value, r: HttpRequest): Response {
  const { p } = at;
  const routes = objOf(p, native(p, app).fields.routes ?? null);
  const path = r.target.split('?')[0] as string;
  for (const route of routes?.kind === 'list' ? routes.items : []) {
    const [pattern = '', fn = null] = (objOf(p, route) as Extract<Obj, { kind: 'tuple' }>).items;
    const names: { name: string; int: boolean }[] = [];
    const re = str(p, pattern).replace(/<(?:(\w+):)?(\w+)>/g, (_, type: string | undefined, name: string) => {
      names.push({ name, int: type === 'int' });
      return type === 'int' ? '(\\d+)' : '([^/]+)';
    });
    const m = new RegExp(`^${re}$`).exec(path);
    if (!m) continue;
    const given = names.map(({ name, int }, i): [string, Value] => [name, int ? Number(m[i + 1]) : (m[i + 1] ?? '')]);
    return responseOf(p, call(at, fn, [], given));
  }
  return page(
    404,
    'Not Found',
    'The requested URL was not found on the server. If you entered the URL manually please check your spelling and try again.',
  );
}
export const failed = (): Response =>
  page(
    500,
    'Internal Server Error',
    'The server encountered an internal error and was unable to complete your request. Either the server is overloaded or there is an error in the application.',
  );

/** What Flask writes of an exception in a view function, before the traceback. */
export const logged = (r: HttpRequest, now: number): string =>
  `[${strftime('%Y-%m-%d %H:%M:%S', now)},${`${Math.floor(now % 1000)}`.padStart(3, '0')}] ERROR in app: Exception on ${r.target} [${r.method}]\n`;

/** What a view function has returned. */
function responseOf(p: Py, v: Value): Response {
  const o = objOf(p, v);
  if (o?.kind === 'tuple') {
    const code = b.numberOf(p, o.items[1]);
    return { ...responseOf(p, o.items[0] ?? ''), code, reason: reasonOf(code) };
  }
  const json = o?.kind === 'dict' || o?.kind === 'list';
  const made = o?.kind === 'native' && o.type === 'Response' ? o.fields : null;
  const type = made ? str(p, made.type ?? '') : json ? 'application/json' : 'text/html; charset=utf-8';
  const body = made ? b.textOf(p, made.body) : json ? `${JSON_OF.dumps(p, v, true)}\n` : b.textOf(p, v);
  return { code: 200, reason: 'OK', headers: `Content-Type: ${type}\r\n`, body };
}

/** A request to a WSGI application: a Flask object, or a function of environ and start_response. */
export function wsgi(at: At, app: Value, r: HttpRequest): Response {
  const { p } = at;
  if (objOf(p, app)?.kind === 'native') return routed(at, app, r);
  const [path = '', query = ''] = r.target.split('?');
  const environ = alloc(p, {
    kind: 'dict',
    entries: [
      ['REQUEST_METHOD', r.method],
      ['PATH_INFO', path],
      ['QUERY_STRING', query],
      ['REMOTE_ADDR', r.client],
    ],
  });
  const start = alloc(p, { kind: 'native', type: 'start_response', fields: { status: '', headers: null } });
  const body = b.iterate(at, call(at, app, [environ, { builtin: 'start_response.take', of: start }]));
  const { status = '', headers = null } = native(p, start).fields;
  const m = /^(\d+) ?(.*)$/.exec(str(p, status));
  if (!m) throw error(p, 'AssertionError', 'start_response was not called');
  const lines =
    headers === null
      ? []
      : b.iterate(at, headers).map((h) =>
          b
            .iterate(at, h)
            .map((x) => str(p, x))
            .join(': '),
        );
  return {
    code: Number(m[1]),
    reason: m[2] as string,
    headers: lines.map((l) => `${l}\r\n`).join(''),
    body: body.map((x) => b.textOf(p, x)).join(''),
  };
}

/** A response as it goes over the wire. */
export function written(r: Response, version: string, server: string, now: number, head: boolean): string {
  const length = /^content-length:/im.test(r.headers) ? '' : `Content-Length: ${r.body.length}\r\n`;
  return `${version} ${r.code} ${r.reason}\r\nServer: ${server}\r\nDate: ${strftime(DATE, now)}\r\n${r.headers}${length}${version === 'HTTP/1.1' ? 'Connection: close\r\n' : ''}\r\n${head ? '' : r.body}`;
}

/** The line that http.server and werkzeug write of a request. */
export const logLine = (r: HttpRequest, code: number, now: number): string =>
  `${r.client} - - [${strftime(CLOCK, now)}] "${r.method} ${r.target} ${r.version}" ${code} -\n`;

/** And before it, of one that it refuses. */
export const logFault = (r: HttpRequest, { code, reason }: Response, now: number): string =>
  `${r.client} - - [${strftime(CLOCK, now)}] code ${code}, message ${reason}\n`;
