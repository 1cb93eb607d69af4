/** More of what Node brings along: Buffer, events, util, crypto, url, timers/promises. nodejs.org/api of version 22. */
import { type Algorithm, decode64, digest, encode64 } from '../../../base';
import { NotModelled } from './ast';
import { format, inspect } from './inspect';
import { itemsOf, type Loop, type Native, num, propsOf, str } from './loop';
import { array, errorOf, fault, nullish, type Obj, object, objOf, Thrown, UNDEFINED, type Value } from './values';

// ——— Buffer: its bytes as a text of one character each

const hexOf = (bytes: string): string => [...bytes].map((c) => c.charCodeAt(0).toString(16).padStart(2, '0')).join('');
const buffer = (l: Loop, bytes: string): Value => object(l.heap, { 'the bytes': bytes, length: bytes.length }, 'Buffer');
const bytesOf = (l: Loop, v: Value | undefined): string => {
  const o = objOf(l.heap, v);
  return o?.kind === 'object' && o.type === 'Buffer' ? str(l, o.props['the bytes']) : str(l, v);
};
const decoded = (bytes: string, encoding: string): string => {
  if (encoding === 'base64' || encoding === 'base64url') return decode64(bytes.replaceAll('-', '+').replaceAll('_', '/'), true).out;
  return encoding === 'hex' ? bytes.replace(/../g, (h) => String.fromCharCode(Number.parseInt(h, 16))) : bytes;
};
const encoded = (bytes: string, encoding: string): string => {
  if (encoding === 'hex') return hexOf(bytes);
  if (encoding === 'base64') return encode64(bytes);
  return encoding === 'base64url' ? encode64(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '') : bytes;
};
const BUFFER: Readonly<Record<string, Native>> = {
  'Buffer.from': (l, [v, encoding = 'utf8']) => {
    const o = objOf(l.heap, v);
    if (o?.kind === 'array') return buffer(l, o.items.map((n) => String.fromCharCode(num(l, n) & 255)).join(''));
    return buffer(l, decoded(bytesOf(l, v), str(l, encoding)));
  },
  // Its bytes are not kept: nobody looks into a megabyte of zeros.
  'Buffer.alloc': (l, [n]) =>
    object(l.heap, { 'the bytes': num(l, n) > 65_536 ? '' : '\0'.repeat(num(l, n)), length: num(l, n) }, 'Buffer'),
  'Buffer.byteLength': (l, [v]) => bytesOf(l, v).length,
  'Buffer.concat': (l, [v = UNDEFINED]) =>
    buffer(
      l,
      itemsOf(l, v)
        .map((x) => bytesOf(l, x))
        .join(''),
    ),
  'Buffer.isBuffer': (l, [v]) => (objOf(l.heap, v) as { type?: string } | null)?.type === 'Buffer',
  'Buffer.toString': (l, [encoding = 'utf8'], of) => encoded(bytesOf(l, of), str(l, encoding)),
  'Buffer.toJSON': (l, _a, of) =>
    object(l.heap, {
      type: 'Buffer',
      data: array(
        l.heap,
        [...bytesOf(l, of)].map((c) => c.charCodeAt(0)),
      ),
    }),
};

// ——— events

const listeners = (l: Loop, of: Value): Record<string, Value> => {
  const p = propsOf(l, of);
  p['the listeners'] ??= object(l.heap, {});
  return propsOf(l, p['the listeners']);
};
const on: Native = (l, [event, fn = UNDEFINED], of) => {
  const all = listeners(l, of);
  all[str(l, event)] = array(l.heap, [...itemsOf(l, all[str(l, event)] ?? UNDEFINED), fn]);
  return of;
};
const EVENTS: Readonly<Record<string, Native>> = {
  'new events': (l) => object(l.heap, {}, 'EventEmitter'),
  'new events.EventEmitter': (l) => object(l.heap, {}, 'EventEmitter'),
  'new EventEmitter': (l) => object(l.heap, {}, 'EventEmitter'),
  'EventEmitter.on': on,
  'EventEmitter.addListener': on,
  'EventEmitter.once': (l, [event = '', fn = UNDEFINED], of) =>
    on(l, [event, { native: 'EventEmitter.first', of: object(l.heap, { fn, event, of }) }], of),
  'EventEmitter.first'(l, args, of) {
    const { fn = UNDEFINED, event = '', of: emitter = UNDEFINED } = propsOf(l, of);
    const all = listeners(l, emitter);
    const rest = itemsOf(l, all[str(l, event)] as Value).filter(
      (x) => typeof x !== 'object' || x === null || !('of' in x) || !l.run.same(x.of as Value, of),
    );
    all[str(l, event)] = array(l.heap, rest);
    return l.run.call(fn, args, emitter);
  },
  'EventEmitter.off': (l, [event, fn = UNDEFINED], of) => {
    const all = listeners(l, of);
    all[str(l, event)] = array(
      l.heap,
      itemsOf(l, all[str(l, event)] ?? UNDEFINED).filter((x) => !l.run.same(x, fn)),
    );
    return of;
  },
  'EventEmitter.emit': (l, [event, ...args], of) => {
    const heard = itemsOf(l, listeners(l, of)[str(l, event)] ?? UNDEFINED);
    if (heard.length === 0 && str(l, event) === 'error') throw new Thrown(args[0] ?? errorOf(l.heap, 'Error', 'Unhandled error.'), 0);
    for (const fn of [...heard]) l.run.call(fn, args, of);
    return heard.length > 0;
  },
  'EventEmitter.listenerCount': (l, [event], of) => itemsOf(l, listeners(l, of)[str(l, event)] ?? UNDEFINED).length,
};

// ——— util, crypto, url, timers/promises

const hash = (l: Loop, of: Value): string => {
  const { algorithm, data } = propsOf(l, of);
  const name = str(l, algorithm).replace('-', '');
  if (!/^(md5|sha(1|224|256|384|512))$/.test(name)) throw fault(l.heap, 'Error', 'Digest method not supported');
  return digest(name as Algorithm, str(l, data));
};
const random = (l: Loop, n: number): string =>
  Array.from({ length: Math.min(n, 65_536) }, () => String.fromCharCode(Math.floor(l.sys.random() * 256))).join('');
/** scheme://host:port/path?query#hash of an address without a name in it. */
const ADDRESS = /^([a-z][a-z0-9+.-]*:)\/\/(?:([^@/?#]*)@)?([^:/?#]*)(?::(\d+))?([^?#]*)(\?[^#]*)?(#.*)?$/i;
const query = (text: string): [Value, Value][] =>
  text
    .replace(/^\?/, '')
    .split('&')
    .filter(Boolean)
    .map((p) => {
      const [k = '', v = ''] = p.split('=').map((x) => decodeURIComponent(x.replaceAll('+', ' ')));
      return [k, v];
    });
const params = (l: Loop, text: string): Value => {
  const made = object(l.heap, {}, 'URLSearchParams');
  (objOf(l.heap, made) as Extract<Obj, { kind: 'object' }>).entries = query(text);
  return made;
};
const pairs = (l: Loop, of: Value) => (objOf(l.heap, of) as Extract<Obj, { kind: 'object' }>).entries ?? [];
const UTIL: Readonly<Record<string, Native>> = {
  'util.inspect': (l, [v = UNDEFINED]) => inspect(l.heap, v, 1),
  'util.format': (l, args) => format(l.heap, args),
  'util.promisify': (_l, [fn = UNDEFINED]) => ({ native: 'a promising function', of: fn }),
  'a promising function': (l, args, of) => {
    const p = l.run.promise();
    if (typeof of === 'object' && of !== null && 'native' in of && of.native === 'setTimeout')
      l.run.call(of, [l.run.settler(p, true), args[0] ?? 1, args[1] ?? UNDEFINED]);
    else l.run.call(of, [...args, { native: 'a promise told', of: p }]);
    return p;
  },
  'a promise told': (l, [e = null, v = UNDEFINED], of) => {
    l.run.settle(of, nullish(e), nullish(e) ? v : e);
    return UNDEFINED;
  },
  'timers/promises.setTimeout': (l, [ms = 1, v = UNDEFINED]) => {
    const p = l.run.promise();
    l.run.call({ native: 'setTimeout' }, [l.run.settler(p, true), ms, v]);
    return p;
  },
  'timers.setTimeout': (l, args) => l.run.call({ native: 'setTimeout' }, args),
  'timers.setInterval': (l, args) => l.run.call({ native: 'setInterval' }, args),
  'crypto.createHash': (l, [algorithm = 'sha256']) => object(l.heap, { algorithm, data: '' }, 'Hash'),
  'Hash.update': (l, [data], of) => {
    propsOf(l, of).data = str(l, propsOf(l, of).data) + bytesOf(l, data);
    return of;
  },
  'Hash.digest': (l, [encoding], of) => {
    const bytes = decoded(hash(l, of), 'hex');
    return encoding === undefined ? buffer(l, bytes) : encoded(bytes, str(l, encoding));
  },
  'crypto.randomBytes': (l, [n]) => buffer(l, random(l, num(l, n))),
  'crypto.randomInt': (l, [a = 0, b]) =>
    b === undefined ? Math.floor(l.sys.random() * num(l, a)) : num(l, a) + Math.floor(l.sys.random() * (num(l, b) - num(l, a))),
  'crypto.randomUUID': (l) =>
    hexOf(random(l, 16)).replace(
      /^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/,
      (_, a, b, c, d, e) => `${a}-${b}-4${c}-${'89ab'[Math.floor(l.sys.random() * 4)]}${d}-${e}`,
    ),
  'new URL': (l, [text, base]) => {
    const address = ADDRESS.test(str(l, text))
      ? str(l, text)
      : base === undefined
        ? ''
        : `${/^[a-z]+:\/\/[^/]*/i.exec(str(l, base))?.[0] ?? ''}${str(l, text)}`;
    const m = ADDRESS.exec(address);
    if (!m) throw fault(l.heap, 'TypeError', 'Invalid URL');
    const [, protocol = '', , hostname = '', port = '', path = '', search = '', fragment = ''] = m;
    const host = port ? `${hostname}:${port}` : hostname;
    const pathname = path || '/';
    const href = `${protocol}//${host}${pathname}${search}${fragment}`;
    const origin = `${protocol}//${host}`;
    return object(
      l.heap,
      { href, origin, protocol, host, hostname, port, pathname, search, searchParams: params(l, search), hash: fragment },
      'URL',
    );
  },
  'URL.toString': (l, _a, of) => propsOf(l, of).href ?? '',
  'new URLSearchParams': (l, [text = '']) => params(l, str(l, text)),
  'URLSearchParams.get': (l, [k], of) => pairs(l, of).find(([n]) => n === str(l, k))?.[1] ?? null,
  'URLSearchParams.getAll': (l, [k], of) =>
    array(
      l.heap,
      pairs(l, of)
        .filter(([n]) => n === str(l, k))
        .map(([, v]) => v),
    ),
  'URLSearchParams.has': (l, [k], of) => pairs(l, of).some(([n]) => n === str(l, k)),
  'URLSearchParams.toString': (l, _a, of) =>
    pairs(l, of)
      .map(([k, v]) => `${encodeURIComponent(str(l, k))}=${encodeURIComponent(str(l, v))}`)
      .join('&'),
  fetch: () => {
    throw new NotModelled('fetch()');
  },
};

export const PACKAGES: Readonly<Record<string, Native>> = { ...BUFFER, ...EVENTS, ...UTIL };
export const PACKAGE_NAMES = ['events', 'util', 'crypto', 'url', 'timers', 'timers/promises', 'buffer'];
