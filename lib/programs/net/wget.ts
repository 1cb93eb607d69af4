/**
 * BusyBox's wget: networking/wget.c of 1.38.
 *
 * Simplified: no TLS, no FTP, no resumed downloads; a progress line is written once, at the end.
 */

import { attempt, Errno } from '../../kernel';
import { BUSYBOX_BANNER } from '../command';
import { spill } from '../io';
import { usageTexts } from '../parts';
import { call, client, dial, err, isRefused, out, type Refused, type Story, send, TIMEOUT } from './client';
import { field, parseUrl, readAnswer, type Url } from './http';
import { resolve } from './resolve';

interface Options {
  url: string;
  quiet: boolean;
  to: string | null;
  /** Seconds. */
  timeout: number;
  showHead: boolean;
  spider: boolean;
  headers: string[];
  post: string | null;
  agent: string;
  prefix: string;
}

function parse(argv: readonly string[]): Options | { wrong: string } {
  const o: Options = {
    url: '',
    quiet: false,
    to: null,
    timeout: 900,
    showHead: false,
    spider: false,
    headers: [],
    post: null,
    agent: 'Wget',
    prefix: '',
  };
  for (let i = 1; i < argv.length; i++) {
    const w = argv[i] as string;
    if (w.startsWith('--')) {
      const [name = '', given] = w.slice(2).split(/=(.*)/s);
      const value = () => given ?? argv[++i] ?? '';
      if (name === 'header') o.headers.push(value());
      else if (name === 'post-data') o.post = value();
      else if (name === 'spider') o.spider = true;
      else if (name === 'timeout') o.timeout = Number(value());
      else if (name === 'output-document') o.to = value();
      else if (name === 'quiet') o.quiet = true;
      else if (name === 'user-agent') o.agent = value();
      else if (name === 'server-response') o.showHead = true;
      else if (!['no-check-certificate', 'continue', 'no-verbose', 'no-clobber', 'passive-ftp'].includes(name))
        return { wrong: `unrecognized option '--${name}'` };
      continue;
    }
    if (!w.startsWith('-') || w === '-') {
      o.url ||= w;
      continue;
    }
    for (let j = 1; j < w.length; j++) {
      const letter = w[j] as string;
      if ('OTUPYt'.includes(letter)) {
        const value = w.slice(j + 1) || (argv[++i] ?? '');
        if (letter === 'O') o.to = value;
        else if (letter === 'T') o.timeout = Number(value);
        else if (letter === 'U') o.agent = value;
        else if (letter === 'P') o.prefix = `${value.replace(/\/$/, '')}/`;
        break;
      }
      if (letter === 'q') o.quiet = true;
      else if (letter === 'S') o.showHead = true;
      else if (!'cn'.includes(letter)) return { wrong: `invalid option -- '${letter}'` };
      if (letter === 'n') break;
    }
  }
  return o;
}

const MAX_REDIRECTS = 5;

export const wget = client(function* (c): Story {
  const o = parse(c.argv);
  if ('wrong' in o || o.url === '') {
    yield* err(`${'wrong' in o ? `wget: ${o.wrong}\n` : ''}${BUSYBOX_BANNER}\n\n${usageTexts.get().wget ?? ''}`);
    return 1;
  }
  const fail = function* (text: string): Story {
    yield* err(`wget: ${text}\n`);
    return 1;
  };
  const say = (text: string) => err(o.quiet ? '' : text);
  let text = o.url;
  for (let hops = 0; ; hops++) {
    const url = parseUrl(text);
    if (!url) return yield* fail(`bad address '${text}'`);
    if (url.scheme === 'https') return yield* fail('drydock: TLS is not modelled, so https is not');
    if (url.scheme !== 'http') return yield* fail(`not an http or ftp url: ${text}`);
    const found = yield* resolve(url.host);
    if ('failed' in found) return yield* fail(`bad address '${url.named}'`);
    const address = found.addresses[0] as string;
    yield* say(`Connecting to ${url.host} (${address.includes(':') ? `[${address}]` : address}:${url.port})\n`);
    const fd = yield* dial(address, url.port, o.timeout * 1000);
    if (fd === TIMEOUT) return yield* fail('download timed out');
    if (isRefused(fd)) return yield* fail(`can't connect to remote host (${address}): ${fd.message}`);
    yield* send(fd, request(o, url));
    const got = yield* readAnswer(fd, o.spider, () => o.timeout * 1000);
    yield* call((sys) => sys.close(fd));
    if (got === TIMEOUT) return yield* fail('download timed out');
    if (got === 'empty') return yield* fail('error getting response');
    if (got === 'garbage') return yield* fail('server returned error: ');
    if (isRefused(got)) return yield* fail((got as Refused).message);
    const { head, body, short } = got;
    if (o.showHead) yield* err(`  ${head.line}\n${head.fields.map((f) => `  ${f}\n`).join('')}  \n`);
    if ([301, 302, 303, 307, 308].includes(head.status)) {
      const to = field(head, 'location');
      if (to === undefined || hops >= MAX_REDIRECTS) return yield* fail('too many redirections');
      text = to.startsWith('/') ? `http://${url.host}${url.port === 80 ? '' : `:${url.port}`}${to}` : to;
      continue;
    }
    if (head.status < 200 || head.status > 299) return yield* fail(`server returned error: ${head.line}`);
    if (o.spider) {
      yield* say('remote file exists\n');
      return 0;
    }
    return yield* keep(o, url, body, short, say, fail);
  }
});

const request = (o: Options, url: Url) =>
  [
    `${o.post === null ? 'GET' : 'POST'} ${url.path} HTTP/1.1`,
    `Host: ${url.host}${url.port === 80 ? '' : `:${url.port}`}`,
    `User-Agent: ${o.agent}`,
    'Connection: close',
    ...o.headers,
    ...(o.post === null ? [] : ['Content-Type: application/x-www-form-urlencoded', `Content-Length: ${o.post.length}`]),
    '',
    o.post ?? '',
  ].join('\r\n');

const BAR = '*'.repeat(32);
const size = (n: number) => (n < 100_000 ? `${n}`.padStart(5) : `${(n / 1024).toFixed(0)}k`.padStart(5));

function* keep(
  o: Options,
  url: Url,
  body: string,
  short: boolean,
  say: (text: string) => Story<void>,
  fail: (text: string) => Story,
): Story {
  const base =
    url.path
      .replace(/[?].*$/, '')
      .split('/')
      .pop() || 'index.html';
  const name = o.to ?? `${o.prefix}${base}`;
  const shown = name === '-' ? '-' : (name.split('/').pop() as string);
  const line = `${shown.slice(0, 20).padEnd(20)} 100% |${BAR}| ${size(body.length)}  0:00:00 ETA\n`;
  if (name === '-') {
    yield* say('writing to stdout\n');
    yield* out(body);
    yield* say(`${line}written to stdout\n`);
  } else {
    const done = yield* call((sys) => {
      if (o.to === null && !(attempt(() => sys.lstat(name)) instanceof Errno)) throw new Errno('EEXIST', 'vfs', `${name} is there already`);
      spill(sys, name, body);
      return true;
    });
    if (isRefused(done)) return yield* fail(`can't open '${name}': ${done.message}`);
    yield* say(`saving to '${name}'\n${line}'${name}' saved\n`);
  }
  return short ? yield* fail('connection closed prematurely') : 0;
}
