/**
 * Express, where it is installed: routes with parameters, and the answers that most programs give. expressjs.com, 4.x.
 * Simplified: routers, static files, templates and error handlers are not modelled; middleware runs and is taken to go on.
 */
import { itemsOf, type Loop, type Native, propsOf, str } from './loop';
import { setHeader } from './natives';
import { alloc, has, isFunction, object, objOf, UNDEFINED, type Value } from './values';

const route =
  (method: string): Native =>
  (l, args, of) => {
    const path = typeof args[0] === 'string' ? args[0] : null;
    for (const fn of args.filter((a) => isFunction(l.heap, a)))
      itemsOf(l, propsOf(l, of)['the routes'] ?? UNDEFINED).push(object(l.heap, { method, path, fn }));
    return of;
  };

/** /item/:id against a path: its parameters, or null. A middleware's path is where it begins. */
function matched(pattern: string, path: string, whole: boolean): Record<string, string> | null {
  const names: string[] = [];
  const re = pattern.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/:(\w+)/g, (_, name: string) => {
    names.push(name);
    return '([^/]+)';
  });
  const m = new RegExp(`^${re}${whole ? '/?$' : ''}`).exec(path);
  return m && Object.fromEntries(names.map((n, i) => [n, decodeURIComponent(m[i + 1] ?? '')]));
}

const missing = (method: string, path: string) =>
  `<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>Error</title>\n</head>\n<body>\n<pre>Cannot ${method} ${path}</pre>\n</body>\n</html>\n`;

function handle(l: Loop, [req = UNDEFINED, res = UNDEFINED]: Value[], app: Value): Value {
  const [path = '', query = ''] = str(l, propsOf(l, req).url).split('?');
  const method = str(l, propsOf(l, req).method);
  const asked = propsOf(l, req);
  asked.path = path;
  asked.query = object(
    l.heap,
    Object.fromEntries(
      query
        .split('&')
        .filter(Boolean)
        .map((p) => [decodeURIComponent(p.split('=')[0] ?? ''), decodeURIComponent(p.split('=')[1] ?? '')]),
    ),
  );
  setHeader(l, res, 'X-Powered-By', 'Express');
  for (const r of itemsOf(l, propsOf(l, app)['the routes'] ?? UNDEFINED)) {
    const { method: own, path: pattern, fn = UNDEFINED } = propsOf(l, r);
    const use = own === 'use';
    if (!use && own !== 'all' && own !== method && !(own === 'GET' && method === 'HEAD')) continue;
    const params = typeof pattern === 'string' ? matched(pattern, path, !use) : {};
    if (params === null) continue;
    asked.params = object(l.heap, params);
    l.run.call(fn, [req, res, { native: 'Express.next' }]);
    if (propsOf(l, res).writableEnded === true) return UNDEFINED;
  }
  propsOf(l, res).statusCode = 404;
  return sent(l, res, missing(method, path), 'text/html; charset=utf-8');
}

function sent(l: Loop, res: Value, body: string, type: string): Value {
  const p = propsOf(l, res);
  if (!/^content-type:/im.test(str(l, p['the headers']))) setHeader(l, res, 'Content-Type', type);
  p['the body'] = body;
  p.writableEnded = true;
  return res;
}
const json = (l: Loop, v: Value): string => str(l, l.run.call({ native: 'JSON.stringify' }, [v]));

export const EXPRESS: Readonly<Record<string, Native>> = {
  express: (l) => object(l.heap, { 'the routes': alloc(l.heap, { kind: 'array', items: [] }) }, 'Express'),
  'express.json': () => ({ native: 'Express.next' }),
  'express.urlencoded': () => ({ native: 'Express.next' }),
  'Express.next': () => UNDEFINED,
  'Express.get': route('GET'),
  'Express.post': route('POST'),
  'Express.put': route('PUT'),
  'Express.delete': route('DELETE'),
  'Express.all': route('all'),
  'Express.use': route('use'),
  'Express.set': (_l, _a, of) => of,
  'Express.disable': (_l, _a, of) => of,
  'Express.handle': handle,
  'Express.listen': (l, args, of) => {
    const server = object(l.heap, { handler: { native: 'Express.handle', of }, listening: false }, 'Server');
    return l.run.call({ native: 'Server.listen', of: server }, args);
  },
  'ServerResponse.status'(l, [code = 200], of) {
    propsOf(l, of).statusCode = code;
    return of;
  },
  'ServerResponse.set': (l, [name, value = ''], of) => (setHeader(l, of, str(l, name), value), of),
  'ServerResponse.type': (l, [type = ''], of) => (
    setHeader(l, of, 'Content-Type', str(l, type).includes('/') ? type : `text/${str(l, type)}; charset=utf-8`), of
  ),
  'ServerResponse.json': (l, [v = null], of) => sent(l, of, json(l, v), 'application/json; charset=utf-8'),
  'ServerResponse.send'(l, [v = ''], of) {
    const data = objOf(l.heap, v) !== null || typeof v === 'boolean' || v === null;
    return data
      ? sent(l, of, json(l, v), 'application/json; charset=utf-8')
      : sent(l, of, has(v, 'undef') ? '' : str(l, v), 'text/html; charset=utf-8');
  },
  'ServerResponse.sendStatus'(l, [code = 200], of) {
    propsOf(l, of).statusCode = code;
    const words: Readonly<Record<string, string>> = {
      200: 'OK',
      204: 'No Content',
      404: 'Not Found',
      500: 'Internal Server Error',
      503: 'Service Unavailable',
    };
    return sent(l, of, words[str(l, code)] ?? str(l, code), 'text/plain; charset=utf-8');
  },
};
