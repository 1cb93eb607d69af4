/**
 * curl 8 as far as HTTP goes, over TCP and over a socket file: curl(1).
 *
 * Simplified: no TLS, no proxies, one URL after the other; the progress meter is written once, at the end.
 * Past 400 lines because it is one exchange, from the command line's options to the last byte written.
 */

import { encode64 } from '../../base/base64';
import { attempt, Errno } from '../../kernel';
import { slurp, spill } from '../io';
import { call, client, dial, err, isRefused, out, type Refused, type Story, send, TIMEOUT, until } from './client';
import { type Answer, field, parseUrl, readAnswer, type Url } from './http';
import { resolve } from './resolve';

interface Options {
  urls: string[];
  silent: boolean;
  showError: boolean;
  fail: boolean;
  withHead: boolean;
  head: boolean;
  verbose: boolean;
  follow: boolean;
  method: string | null;
  headers: string[];
  data: string[] | null;
  get: boolean;
  json: boolean;
  to: string | null;
  /** -D: where the answer's head goes. */
  headTo: string | null;
  remoteName: boolean;
  writeOut: string;
  /** Seconds. */
  maxTime: number | null;
  connectTimeout: number | null;
  unix: string | null;
  agent: string;
  user: string | null;
  resolve: string[];
  retry: number;
  retryDelay: number;
  retryRefused: boolean;
}

const VERSION = '8.23.0';

/** Options with a value, by their long names; the letter is a short way to say it. */
const VALUED: Readonly<Record<string, (o: Options, v: string) => void>> = {
  output: (o, v) => (o.to = v),
  request: (o, v) => (o.method = v),
  header: (o, v) => o.headers.push(v),
  data: (o, v) => (o.data = [...(o.data ?? []), v]),
  'data-raw': (o, v) => (o.data = [...(o.data ?? []), v.startsWith('@') ? `\0${v}` : v]),
  'data-binary': (o, v) => (o.data = [...(o.data ?? []), v]),
  json: (o, v) => {
    o.data = [...(o.data ?? []), v];
    o.json = true;
  },
  'dump-header': (o, v) => (o.headTo = v),
  'write-out': (o, v) => (o.writeOut = v),
  'max-time': (o, v) => (o.maxTime = Number(v)),
  'connect-timeout': (o, v) => (o.connectTimeout = Number(v)),
  'unix-socket': (o, v) => (o.unix = v),
  'user-agent': (o, v) => (o.agent = v),
  user: (o, v) => (o.user = v),
  url: (o, v) => o.urls.push(v),
  resolve: (o, v) => o.resolve.push(v),
  retry: (o, v) => (o.retry = Number(v)),
  'retry-delay': (o, v) => (o.retryDelay = Number(v)),
  'retry-max-time': () => {},
  cacert: () => {},
  cookie: (o, v) => o.headers.push(`Cookie: ${v}`),
  referer: (o, v) => o.headers.push(`Referer: ${v}`),
  'proto-default': () => {},
  noproxy: () => {},
};
const FLAGS: Readonly<Record<string, (o: Options) => void>> = {
  silent: (o) => (o.silent = true),
  'show-error': (o) => (o.showError = true),
  fail: (o) => (o.fail = true),
  include: (o) => (o.withHead = true),
  'show-headers': (o) => (o.withHead = true),
  head: (o) => (o.head = true),
  verbose: (o) => (o.verbose = true),
  location: (o) => (o.follow = true),
  get: (o) => (o.get = true),
  insecure: () => {},
  'no-buffer': () => {},
  'remote-name': (o) => (o.remoteName = true),
  'retry-connrefused': (o) => (o.retryRefused = true),
  'retry-all-errors': (o) => (o.retryRefused = true),
  ipv4: () => {},
  ipv6: () => {},
  compressed: () => {},
  'http1.1': () => {},
  'no-progress-meter': (o) => (o.silent = o.showError = true),
  'progress-bar': () => {},
  'no-keepalive': () => {},
};
const SHORT: Readonly<Record<string, string>> = {
  o: 'output',
  X: 'request',
  H: 'header',
  d: 'data',
  D: 'dump-header',
  w: 'write-out',
  m: 'max-time',
  A: 'user-agent',
  u: 'user',
  s: 'silent',
  S: 'show-error',
  f: 'fail',
  i: 'include',
  I: 'head',
  v: 'verbose',
  L: 'location',
  G: 'get',
  k: 'insecure',
  N: 'no-buffer',
  O: 'remote-name',
  '4': 'ipv4',
  '6': 'ipv6',
  b: 'cookie',
  e: 'referer',
  '#': 'progress-bar',
};

function parse(argv: readonly string[]): Options | { wrong: string } | { version: true } {
  const o: Options = {
    urls: [],
    silent: false,
    showError: false,
    fail: false,
    withHead: false,
    head: false,
    verbose: false,
    follow: false,
    method: null,
    headers: [],
    data: null,
    get: false,
    json: false,
    to: null,
    headTo: null,
    remoteName: false,
    writeOut: '',
    maxTime: null,
    connectTimeout: null,
    unix: null,
    agent: `curl/${VERSION}`,
    user: null,
    resolve: [],
    retry: 0,
    retryDelay: 0,
    retryRefused: false,
  };
  for (let i = 1; i < argv.length; i++) {
    const w = argv[i] as string;
    if (w === '--version' || w === '-V') return { version: true };
    if (w.startsWith('--')) {
      const name = w.slice(2);
      const valued = VALUED[name];
      if (valued) {
        const v = argv[++i];
        if (v === undefined) return { wrong: `option ${w}: requires parameter` };
        valued(o, v);
      } else if (FLAGS[name]) FLAGS[name](o);
      else return { wrong: `option ${w}: is unknown` };
      continue;
    }
    if (!w.startsWith('-') || w === '-') {
      o.urls.push(w);
      continue;
    }
    for (let j = 1; j < w.length; j++) {
      const name = SHORT[w[j] as string];
      if (name === undefined) return { wrong: `option -${w[j]}: is unknown` };
      const valued = VALUED[name];
      if (valued) {
        const v = w.slice(j + 1) || argv[++i];
        if (v === undefined) return { wrong: `option -${w[j]}: requires parameter` };
        valued(o, v);
        break;
      }
      FLAGS[name]?.(o);
    }
  }
  return o;
}

interface Facts {
  code: number;
  size: number;
  upload: number;
  url: string;
  ip: string;
  port: number;
  redirects: number;
  type: string;
  seconds: number;
  exit: number;
}

function written(format: string, f: Facts): string {
  const values: Record<string, string> = {
    http_code: `${f.code}`.padStart(3, '0'),
    response_code: `${f.code}`.padStart(3, '0'),
    size_download: `${f.size}`,
    size_upload: `${f.upload}`,
    url_effective: f.url,
    url: f.url,
    remote_ip: f.ip,
    remote_port: `${f.port}`,
    num_redirects: `${f.redirects}`,
    content_type: f.type,
    exitcode: `${f.exit}`,
    method: 'GET',
    scheme: 'http',
    http_version: f.code ? '1.1' : '0',
    time_total: f.seconds.toFixed(6),
    time_connect: f.seconds.toFixed(6),
    time_starttransfer: f.seconds.toFixed(6),
    time_namelookup: '0.000000',
  };
  return format
    .replace(/%\{(\w+)\}/g, (_, name: string) => values[name] ?? '')
    .replaceAll('\\n', '\n')
    .replaceAll('\\t', '\t')
    .replaceAll('\\r', '\r')
    .replaceAll('%%', '%');
}

export const curl = client(function* (c): Story {
  const o = parse(c.argv);
  if ('version' in o) {
    yield* out(
      `curl ${VERSION} (x86_64-pc-linux-gnu) libcurl/${VERSION}\nProtocols: http\nFeatures: alt-svc AsynchDNS IPv6 Largefile UnixSockets\n`,
    );
    return 0;
  }
  if ('wrong' in o || o.urls.length === 0) {
    yield* err(
      'wrong' in o
        ? `curl: ${o.wrong}\ncurl: try 'curl --help' or 'curl --manual' for more information\n`
        : `curl: (2) no URL specified\ncurl: try 'curl --help' or 'curl --manual' for more information\n`,
    );
    return 2;
  }
  let status = 0;
  for (const url of o.urls) {
    for (let tries = 0; ; tries++) {
      status = yield* transfer(o, url);
      const again = status === 28 || (status === 7 && o.retryRefused) || (o.retryRefused && status !== 0);
      if (!again || tries >= o.retry) break;
      const pause = o.retryDelay || 2 ** tries;
      if (!o.silent)
        yield* err(`Warning: Problem : connection refused. Will retry in ${pause} second. ${o.retry - tries} \nWarning: retry left.\n`);
      yield* until(() => null, { for: 'any', of: [] }, pause * 1000);
    }
  }
  return status;
});

const MAX_REDIRECTS = 50;

function* transfer(o: Options, first: string): Story {
  const begun = (yield* call((sys) => sys.uptime())) as number;
  const deadline = o.maxTime === null ? null : begun + o.maxTime * 1000;
  const now = function* (): Story<number> {
    return (yield* call((sys) => sys.uptime())) as number;
  };
  const facts: Facts = { code: 0, size: 0, upload: 0, url: first, ip: '', port: 0, redirects: 0, type: '', seconds: 0, exit: 0 };
  const ended = function* (code: number, words: string): Story {
    facts.exit = code;
    facts.seconds = ((yield* now()) - begun) / 1000;
    if (words !== '' && (!o.silent || o.showError)) yield* err(`curl: (${code}) ${words}\n`);
    if (o.writeOut !== '') yield* out(written(o.writeOut, facts));
    return code;
  };
  const note = (text: string) => err(o.verbose ? text : '');
  let target = first;
  for (;;) {
    const url = parseUrl(target);
    if (!url) return yield* ended(3, `URL rejected: Malformed input to a URL function`);
    if (url.scheme === 'https') return yield* ended(35, 'drydock: TLS is not modelled, so https is not');
    if (url.scheme !== 'http') return yield* ended(1, `Protocol "${url.scheme}" not supported`);
    facts.url = target.includes('://')
      ? /^[^/]+:\/\/[^/?]+$/.test(target)
        ? `${target}/`
        : target
      : `http://${target}${/[/?]/.test(target) ? '' : '/'}`;
    const fd = yield* reach(o, url, facts, deadline, begun, note);
    if (typeof fd !== 'number') return yield* ended(fd.code, fd.words);
    const data = yield* bodyOf(o);
    if (isRefused(data)) return yield* ended(26, `Failed to open/read local data from file/application`);
    const request = requestText(o, url, data);
    facts.upload = data?.length ?? 0;
    yield* note(
      `* using HTTP/1.x\n${request.head
        .split('\r\n')
        .filter(Boolean)
        .map((l) => `> ${l}\n`)
        .join('')}> \n`,
    );
    yield* send(fd, request.head + (data ?? ''));
    yield* note('* Request completely sent off\n');
    const asked = yield* now();
    const got = yield* readAnswer(fd, o.head, () => (deadline === null ? null : Math.max(0, deadline - asked)));
    yield* call((sys) => sys.close(fd));
    if (got === TIMEOUT)
      return yield* ended(28, `Operation timed out after ${Math.round((yield* now()) - begun)} milliseconds with 0 bytes received`);
    if (got === 'empty') return yield* ended(52, 'Empty reply from server');
    if (got === 'garbage') return yield* ended(1, 'Received HTTP/0.9 when not allowed');
    if (isRefused(got)) return yield* ended(56, `Recv failure: ${(got as Refused).message}`);
    const answer = got as Answer;
    facts.code = answer.head.status;
    facts.size = answer.body.length;
    facts.type = field(answer.head, 'content-type') ?? '';
    yield* note(`${[answer.head.line, ...answer.head.fields].map((l) => `< ${l}\n`).join('')}< \n`);
    const location = field(answer.head, 'location');
    if (o.follow && location !== undefined && answer.head.status >= 300 && answer.head.status < 400) {
      if (o.withHead || o.head) yield* out(headText(answer));
      if (++facts.redirects > MAX_REDIRECTS) return yield* ended(47, `Maximum (${MAX_REDIRECTS}) redirects followed`);
      target = location.startsWith('/') ? `http://${url.host}${url.port === 80 ? '' : `:${url.port}`}${location}` : location;
      continue;
    }
    if (o.fail && answer.head.status >= 400) return yield* ended(22, `The requested URL returned error: ${answer.head.status}`);
    return yield* deliver(o, url, answer, facts, ended);
  }
}

const headText = (a: Answer) => `${a.head.line}\r\n${a.head.fields.map((f) => `${f}\r\n`).join('')}\r\n`;

/** A connection, or what curl says of why there is none. */
function* reach(
  o: Options,
  url: Url,
  facts: Facts,
  deadline: number | null,
  begun: number,
  note: (text: string) => Story<void>,
): Story<number | { code: number; words: string }> {
  if (o.unix !== null) {
    const path = o.unix;
    yield* note(`*   Trying ${path}:0...\n`);
    const fd = yield* call((sys) => sys.connect(path));
    if (isRefused(fd))
      return { code: 7, words: `Failed to connect to ${url.host} port ${url.port} after 0 ms: Could not connect to server` };
    yield* note(`* Established connection to ${url.host} (${path} port 0) from  port 0 \n`);
    return fd;
  }
  const told = o.resolve.map((r) => r.split(':')).find(([host, port]) => host === url.host && port === `${url.port}`);
  const found = told ? { addresses: [told.slice(2).join(':')] } : yield* resolve(url.host);
  if ('failed' in found) return { code: 6, words: `Could not resolve host: ${url.host}` };
  const limits = [o.connectTimeout === null ? null : o.connectTimeout * 1000, deadline === null ? null : deadline - begun].filter(
    (n) => n !== null,
  );
  const within = limits.length > 0 ? Math.min(...limits) : 300_000;
  for (const [i, address] of found.addresses.entries()) {
    yield* note(`*   Trying ${address.includes(':') ? `[${address}]` : address}:${url.port}...\n`);
    const fd = yield* dial(address, url.port, within);
    const spent = Math.round(((yield* call((sys) => sys.uptime())) as number) - begun);
    if (typeof fd === 'number') {
      facts.ip = address;
      facts.port = url.port;
      const own = (yield* call((sys) => sys.net.names(fd))) as { local: { ip: string; port: number } };
      yield* note(`* Established connection to ${url.host} (${address} port ${url.port}) from ${own.local.ip} port ${own.local.port} \n`);
      return fd;
    }
    if (i < found.addresses.length - 1) continue;
    if (fd === TIMEOUT) return { code: 28, words: `Connection timed out after ${spent} milliseconds` };
    const host = url.host === address ? `${address}:${url.port}` : `${url.host} port ${url.port}`;
    return { code: 7, words: `Failed to connect to ${host} after ${spent} ms: Could not connect to server` };
  }
  return { code: 7, words: `Failed to connect to ${url.host} port ${url.port} after 0 ms: Could not connect to server` };
}

/** What -d sends; a word after @ is a file's name, - standard input. */
function* bodyOf(o: Options): Story<string | null | Refused> {
  if (o.data === null || o.get) return null;
  const parts: string[] = [];
  for (const d of o.data) {
    if (d.startsWith('\0')) parts.push(d.slice(1));
    else if (d === '@-') parts.push(((yield* until((sys) => readAll(sys, 0), { for: 'read', fd: 0 })) as string).replace(/[\r\n]/g, ''));
    else if (d.startsWith('@')) {
      const text = yield* call((sys) => slurp(sys, d.slice(1)));
      if (isRefused(text)) return text;
      parts.push(text.replace(/[\r\n]/g, ''));
    } else parts.push(d);
  }
  return parts.join(o.json ? '' : '&');
}
function readAll(sys: Parameters<Parameters<typeof call>[0]>[0], fd: number): string | null {
  let text = '';
  for (;;) {
    const data = attempt(() => sys.read(fd, 1 << 16));
    if (data === null) return null;
    if (data === '' || data instanceof Errno) return text;
    text += data;
  }
}

function requestText(o: Options, url: Url, data: string | null): { head: string } {
  const method = o.method ?? (o.head ? 'HEAD' : data !== null ? 'POST' : 'GET');
  const named = (name: string) => o.headers.some((h) => h.toLowerCase().startsWith(`${name}:`));
  const path = o.get && o.data ? `${url.path}${url.path.includes('?') ? '&' : '?'}${o.data.join('&')}` : url.path;
  const user = o.user ?? url.user;
  const lines = [
    `${method} ${path} HTTP/1.1`,
    ...(named('host') ? [] : [`Host: ${url.host}${url.port === 80 ? '' : `:${url.port}`}`]),
    ...(user ? [`Authorization: Basic ${encode64(user)}`] : []),
    ...(named('user-agent') ? [] : [`User-Agent: ${o.agent}`]),
    ...(named('accept') ? [] : [`Accept: ${o.json ? 'application/json' : '*/*'}`]),
    ...o.headers.filter((h) => !/:\s*$/.test(h)),
    ...(data === null ? [] : [`Content-Length: ${data.length}`]),
    ...(data === null || named('content-type')
      ? []
      : [`Content-Type: ${o.json ? 'application/json' : 'application/x-www-form-urlencoded'}`]),
  ];
  return { head: `${lines.join('\r\n')}\r\n\r\n` };
}

const METER =
  '  % Total    % Received % Xferd  Average Speed  Time    Time    Time   Current\n                                 Dload  Upload  Total   Spent   Left   Speed\n';

function* deliver(o: Options, url: Url, a: Answer, facts: Facts, ended: (code: number, words: string) => Story): Story {
  const name = o.remoteName ? (url.path.replace(/\?.*$/, '').split('/').pop() ?? '') : o.to;
  if (o.remoteName && name === '') return yield* ended(23, 'Remote filename has no length');
  const text = (o.withHead || o.head ? headText(a) : '') + a.body;
  const { headTo } = o;
  if (headTo === '-') yield* out(headText(a));
  else if (headTo !== null) {
    const done = yield* call((sys) => {
      spill(sys, headTo, headText(a));
      return true;
    });
    if (isRefused(done)) return yield* ended(23, `Failed to open ${headTo}`);
  }
  const toTerminal = ((yield* call((sys) => sys.isatty(1))) as boolean) && (name === null || name === '-');
  if (!o.silent && !toTerminal) {
    const n = `${a.body.length}`;
    yield* err(`${METER}\r100 ${n.padStart(6)} 100 ${n.padStart(6)}   0      0  ${n.padStart(5)}      0                              0\n`);
  }
  if (name === null || name === '-') yield* out(text);
  else {
    const done = yield* call((sys) => {
      spill(sys, name, text);
      return true;
    });
    if (isRefused(done)) return yield* ended(23, `Failure writing output to destination, passed ${text.length} returned 0`);
  }
  if (o.verbose) yield* err(`* Connection #0 to host ${url.host}${facts.ip ? `:${url.port}` : ''} left intact\n`);
  return yield* ended(
    a.short ? 18 : 0,
    a.short ? `end of response with ${Number(field(a.head, 'content-length')) - a.body.length} bytes missing` : '',
  );
}
