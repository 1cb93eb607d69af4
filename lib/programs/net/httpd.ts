/**
 * BusyBox's httpd: networking/httpd.c of 1.38. Files of a directory over HTTP/1.0.
 *
 * Simplified: no CGI, no authentication, no configuration file; -f and in the background, -p, -h, -v.
 */

import { strftime } from '../../base/posix';
import { attempt, Errno, type Outcome, type Program, type Sys } from '../../kernel';
import { BUSYBOX_BANNER } from '../command';
import { slurp } from '../io';
import { usageTexts } from '../parts';
import { type Base, baseOf, type Flavour } from '../tool';

interface Conn {
  fd: number;
  got: string;
  left: string;
  done: boolean;
}
interface State extends Base {
  listener: number | null;
  home: string;
  conns: Conn[];
  /** The daemon that the foreground left behind. */
  child: boolean;
}

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html',
  htm: 'text/html',
  txt: 'text/plain',
  css: 'text/css',
  js: 'text/javascript',
  json: 'application/json',
  png: 'image/png',
  jpg: 'image/jpeg',
  gif: 'image/gif',
  svg: 'image/svg+xml',
};
const typeOf = (path: string) => TYPES[/\.([a-z]+)$/i.exec(path)?.[1]?.toLowerCase() ?? ''] ?? 'application/octet-stream';
const httpDate = (ms: number) => strftime('%a, %d %b %Y %H:%M:%S GMT', Math.floor(ms / 1000));

const STATUS: Readonly<Record<number, [string, string]>> = {
  302: ['Found', ''],
  400: ['Bad Request', 'Unsupported method'],
  403: ['Forbidden', ''],
  404: ['Not Found', 'The requested URL was not found'],
  501: ['Not Implemented', 'The requested method is not recognized'],
};

function failure(sys: Sys, code: number, more = ''): string {
  const [name, text] = STATUS[code] as [string, string];
  const body = `<HTML><HEAD><TITLE>${code} ${name}</TITLE></HEAD>\n<BODY><H1>${code} ${name}</H1>\n${text}\n</BODY></HTML>\n`;
  return `HTTP/1.1 ${code} ${name}\r\nDate: ${httpDate(sys.now())}\r\nConnection: close\r\n${more}Content-type: text/html\r\n\r\n${body}`;
}

function answer(sys: Sys, home: string, request: string): string {
  const m = /^([A-Z]+) (\S+)(?: HTTP\/\d\.\d)?\r?\n/.exec(request);
  if (!m) return failure(sys, 400);
  if (m[1] !== 'GET' && m[1] !== 'HEAD') return failure(sys, 501);
  let path: string;
  try {
    path = decodeURIComponent((m[2] as string).replace(/[?#].*$/, ''));
  } catch {
    return failure(sys, 400);
  }
  if (path.split('/').includes('..')) return failure(sys, 403);
  const at = `${home === '/' ? '' : home}${path}`;
  const st = attempt(() => sys.stat(at === '' ? '/' : at));
  if (st instanceof Errno) return failure(sys, 404);
  if (st.type === 'dir' && !path.endsWith('/')) return failure(sys, 302, `Location: ${path}/\r\n`);
  const file = st.type === 'dir' ? `${at}index.html` : at;
  const text = attempt(() => slurp(sys, file));
  if (text instanceof Errno) return failure(sys, 404);
  const own = sys.stat(file);
  const head = `HTTP/1.1 200 OK\r\nDate: ${httpDate(sys.now())}\r\nConnection: close\r\nContent-type: ${typeOf(file)}\r\nAccept-Ranges: bytes\r\nLast-Modified: ${httpDate(own.mtime)}\r\nETag: "${Math.floor(own.mtime / 1000).toString(16)}-${text.length.toString(16)}"\r\nContent-Length: ${text.length}\r\n\r\n`;
  return m[1] === 'HEAD' ? head : head + text;
}

export const httpd = (flavour: Flavour): Program<State> => ({
  start: (exec) => ({ ...baseOf(exec, flavour), listener: null, home: '.', conns: [], child: false }),
  run(sys, s): Outcome<State> {
    if (s.listener === null) return begin(sys, s);
    const listener = s.listener;
    const conns = [...s.conns];
    for (;;) {
      const fd = attempt(() => sys.net.accept(listener));
      if (fd === null || fd instanceof Errno) break;
      conns.push({ fd, got: '', left: '', done: false });
    }
    const kept = conns.flatMap((c) => turn(sys, s.home, c));
    return {
      wait: {
        for: 'any',
        of: [
          { for: 'read', fd: listener },
          ...kept.map((c) => (c.left !== '' ? { for: 'write' as const, fd: c.fd } : { for: 'read' as const, fd: c.fd })),
        ],
      },
      state: { ...s, conns: kept },
    };
  },
});

function turn(sys: Sys, home: string, c: Conn): Conn[] {
  let { got, left, done } = c;
  while (!done) {
    const data = attempt(() => sys.read(c.fd, 1 << 14));
    if (data === null) return [{ ...c, got }];
    if (data instanceof Errno || data === '') {
      attempt(() => sys.close(c.fd));
      return [];
    }
    got += data;
    if (got.includes('\r\n\r\n') || got.includes('\n\n') || got.length > 65_536) {
      left = answer(sys, home, got);
      done = true;
    }
  }
  while (left !== '') {
    const n = attempt(() => sys.write(c.fd, left));
    if (n === null) return [{ ...c, got, left, done }];
    if (n instanceof Errno) break;
    left = left.slice(n);
  }
  attempt(() => sys.close(c.fd));
  return [];
}

function begin(sys: Sys, s: State): Outcome<State> {
  let [foreground, port, home, address] = [false, 80, '.', ''];
  const say = (text: string) => attempt(() => sys.write(2, text));
  for (let i = 1; i < s.argv.length; i++) {
    const w = s.argv[i] as string;
    for (let j = 1; w.startsWith('-') && j < w.length; j++) {
      const letter = w[j] as string;
      if ('phcuMKr'.includes(letter)) {
        const value = w.slice(j + 1) || (s.argv[++i] ?? '');
        if (letter === 'p')
          [address, port] = [
            value.includes(':') ? value.slice(0, value.lastIndexOf(':')) : '',
            Number(value.slice(value.lastIndexOf(':') + 1)),
          ];
        if (letter === 'h') home = value;
        break;
      }
      if (letter === 'f') foreground = true;
      else if (letter !== 'v') {
        say(`${s.name}: invalid option -- '${letter}'\n${BUSYBOX_BANNER}\n\n${usageTexts.get().httpd ?? ''}`);
        return { exit: 1 };
      }
    }
  }
  const moved = attempt(() => sys.chdir(home));
  if (moved instanceof Errno) {
    say(`httpd: can't change directory to '${home}': ${moved.message}\n`);
    return { exit: 1 };
  }
  const fd = attempt(() => {
    const made = sys.net.socket('tcp', address === '' ? 6 : 4);
    sys.net.bind(made, address === '' ? '::' : address, port);
    sys.net.listen(made);
    return made;
  });
  if (fd instanceof Errno) {
    say(`httpd: bind: ${fd.message}\n`);
    return { exit: 1 };
  }
  const state: State = { ...s, listener: fd, home: '.' };
  if (foreground) return { again: true, state: { ...state, home: sys.getcwd() } };
  sys.fork({ ...state, home: sys.getcwd(), child: true });
  return { exit: 0 };
}
