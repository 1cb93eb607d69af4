/**
 * python3: a file, -c, -m http.server. Python 3.12 as far as parse.ts and builtins.ts go; the rest says "drydock: … is not modelled".
 *
 *   SIGINT    KeyboardInterrupt, always      SIGTERM   the program's own handler, else the default: as PID 1 none at all
 *   stdout    to anything but a terminal it is kept back, 8 KiB at a time, unless PYTHONUNBUFFERED or -u or flush=True
 *
 * Simplified: no threads, imports of one's own modules, generators, bytecode; memory is counted for what is large.
 */
import { attempt, Errno, type Outcome, type Program, SIGNALS, type Sys, type Wait } from '../../../kernel';
import { drained, slurp } from '../../io';
import { type HttpConn, type HttpRequest, httpWaits, serveHttp } from '../../servers/http';
import { listenOn } from '../../servers/loopback';
import { NotModelled, SyntaxFault } from './ast';
import * as b from './builtins';
import { advance, atTop, type Effect, runToEnd, traceback } from './machine';
import { parsePython } from './parse';
import { served } from './static';
import { alloc, GLOBALS, has, held, type Obj, objOf, own, type Py, Raised, str, type Value } from './values';
import * as web from './web';
import { err, flush, out, type World } from './world';

/** What the interpreter itself takes. */
const BASE = 9 * 2 ** 20;
const FUEL = 3000;

interface Serving {
  kind: 'files' | 'handler' | 'flask';
  app: Value;
  root: string;
  listener: number;
  conns: HttpConn[];
}

export interface State {
  argv: string[];
  env: Record<string, string>;
  p: Py | null;
  /** Of a program that comes from standard input, what has come. */
  source?: string;
  waiting: { until: number } | 'signal' | null;
  serving: Serving | null;
}

/** A program at its beginning; throws SyntaxFault and NotModelled. */
export function load(file: string, text: string, argv: string[], env: Record<string, string>, name: string, unbuffered: boolean): Py {
  const body = parsePython(text);
  return {
    file,
    text,
    argv,
    env,
    heap: { [GLOBALS]: { kind: 'scope', names: { __name__: name }, elsewhere: {}, parent: GLOBALS } },
    next: 1,
    frames: [{ kind: 'block', body, at: 0, scope: GLOBALS }],
    returned: null,
    handlers: {},
    buffer: '',
    unbuffered,
    grown: false,
  };
}

interface Options {
  /** null: it comes from standard input. */
  code: { file: string; text: string; argv: string[] } | { module: string; argv: string[] } | null;
  argv: string[];
  unbuffered: boolean;
  version: boolean;
}

function options(sys: Sys, argv: readonly string[], env: Record<string, string>): Options | { fault: string } {
  const o: Options = { code: null, argv: [''], unbuffered: !!env.PYTHONUNBUFFERED, version: false };
  for (let i = 1; i < argv.length; i++) {
    const a = argv[i] as string;
    const rest = argv.slice(i + 1);
    if (a === '--version' || a === '-V') o.version = true;
    else if (a === '-c') return { ...o, code: { file: '<string>', text: rest[0] ?? '', argv: ['-c', ...rest.slice(1)] } };
    else if (a === '-m') return { ...o, code: { module: rest[0] ?? '', argv: rest.slice(1) } };
    else if (/^-[uBEsSIO]+$/.test(a)) o.unbuffered ||= a.includes('u');
    else if (a === '-') return { ...o, argv: argv.slice(i) };
    else if (a.startsWith('-'))
      return {
        fault: `Unknown option: ${a}\nusage: ${argv[0]} [option] ... [-c cmd | -m mod | file | -] [arg] ...\nTry \`python -h' for more information.\n`,
      };
    else {
      const text = attempt(() => slurp(sys, a));
      if (text instanceof Errno)
        return { fault: `${argv[0]}: can't open file '${absolute(sys, a)}': [Errno ${text.code === 'EACCES' ? 13 : 2}] ${text.message}\n` };
      return { ...o, code: { file: absolute(sys, a), text, argv: argv.slice(i) } };
    }
  }
  return o;
}
const absolute = (sys: Sys, path: string): string => (path.startsWith('/') ? path : `${sys.getcwd() === '/' ? '' : sys.getcwd()}/${path}`);

const unread = (w: { sys: Sys }, e: unknown, p: Py | null): number => {
  if (e instanceof NotModelled) attempt(() => w.sys.write(2, `drydock: ${e.message} of Python is not modelled\n`));
  else if (e instanceof SyntaxFault)
    attempt(() =>
      w.sys.write(
        2,
        `  File "${p?.file ?? '<string>'}", line ${e.line}\n    ${((p?.text ?? '').split('\n')[e.line - 1] ?? '').trim()}\nSyntaxError: ${e.message}\n`,
      ),
    );
  else throw e;
  return 1;
};

/** `python -m http.server 8000 --bind 0.0.0.0 --directory /srv` */
function serveFiles(sys: Sys, argv: readonly string[]): { serving: Serving; says: string } | { fault: string } {
  const value = (short: string, long: string) => {
    const i = argv.findIndex((a) => a === short || a === long);
    return i < 0 ? undefined : argv[i + 1];
  };
  const port = Number(argv.find((a) => /^\d+$/.test(a)) ?? 8000);
  const host = value('-b', '--bind') ?? '0.0.0.0';
  const fd = attempt(() => listenOn(sys, port, host));
  if (fd instanceof Errno) return { fault: `OSError: [Errno ${fd.code === 'EADDRINUSE' ? 98 : 13}] ${fd.message}\n` };
  return {
    serving: { kind: 'files', app: null, root: value('-d', '--directory') ?? sys.getcwd(), listener: fd, conns: [] },
    says: `Serving HTTP on ${host} port ${port} (http://${host}:${port}/) ...\n`,
  };
}

function begin(sys: Sys, s: State): { exit: number } | { state: State } | { source: string } {
  const o = options(sys, s.argv, s.env);
  if ('fault' in o) {
    attempt(() => sys.write(2, o.fault));
    return { exit: 2 };
  }
  if (o.version) {
    attempt(() => sys.write(1, `Python ${web.PYTHON}\n`));
    return { exit: 0 };
  }
  // Its own handler, which raises KeyboardInterrupt.
  sys.sigaction(SIGNALS.SIGINT, 'handle');
  sys.sigaction(SIGNALS.SIGPIPE, 'ignore');
  sys.brk(BASE);
  let p: Py | null = null;
  try {
    if (o.code === null) {
      if (sys.isatty(0)) throw new NotModelled('the prompt');
      const { text, ended } = drained(sys, 0, s.source ?? '');
      if (!ended) return { source: text };
      o.code = { file: '<stdin>', text, argv: o.argv };
    }
    if (!('module' in o.code)) {
      p = { file: o.code.file, text: o.code.text } as Py;
      p = load(o.code.file, o.code.text, o.code.argv, s.env, '__main__', o.unbuffered);
      return { state: { ...s, p } };
    }
    if (o.code.module !== 'http.server') throw new NotModelled(`-m ${o.code.module}`);
    const found = serveFiles(sys, o.code.argv);
    if ('fault' in found) {
      attempt(() => sys.write(2, found.fault));
      return { exit: 1 };
    }
    p = load('', '', [], s.env, '__main__', o.unbuffered);
    out({ sys, p }, found.says);
    return { state: { ...s, p, serving: found.serving } };
  } catch (e) {
    return { exit: unread({ sys }, e, p) };
  }
}

/** A program ends: what it kept back is written, except after a signal that it does not handle. */
function end(w: World, code: number): { exit: number } {
  flush(w);
  return { exit: code };
}

/** An exception that nobody has caught: SystemExit is an end, the others are told. */
function uncaught(w: World, e: Raised): Outcome<State> {
  const o = objOf(w.p, e.value);
  const type = o?.kind === 'instance' && has(o.of, 'type') ? o.of.type : '';
  if (type === 'SystemExit' && o?.kind === 'instance') {
    const code = o.fields.code ?? o.fields.message ?? null;
    if (typeof code === 'number') return end(w, code & 255);
    if (code === null || code === '') return end(w, 0);
    flush(w);
    err(w, `${str(w.p, code)}\n`);
    return { exit: 1 };
  }
  flush(w);
  err(w, traceback(w.p, e));
  return type === 'KeyboardInterrupt' ? { killedBy: SIGNALS.SIGINT } : { exit: 1 };
}

/** Memory, once big values have come or gone. */
function weigh(w: World) {
  if (!w.p.grown) return;
  w.p.grown = false;
  w.sys.brk(BASE + held(w.p));
}

function signals(w: World) {
  for (const n of w.sys.takeSignals()) {
    const handler = w.p.handlers[n];
    const fn = handler === undefined ? null : objOf(w.p, handler);
    if (fn?.kind === 'function') runToEnd(w, fn as Extract<Obj, { kind: 'function' }>, [n, null].slice(0, fn.params.length) as Value[]);
    else if (n === SIGNALS.SIGINT)
      throw new Raised(alloc(w.p, { kind: 'instance', of: { type: 'KeyboardInterrupt' }, fields: { message: '' } }));
  }
}

/** Begins to wait, or to serve. */
function waits(w: World, s: State, e: Effect): State {
  if (e.waits === 'time.sleep') {
    const v = e.args[0] ?? 0;
    const seconds = typeof v === 'number' ? v : has(v, 'float') ? v.float : 0;
    return { ...s, waiting: { until: w.sys.uptime() + seconds * 1000 } };
  }
  if (e.waits === 'signal.pause') return { ...s, waiting: 'signal' };
  const o = objOf(w.p, e.of) as Extract<Obj, { kind: 'native' }>;
  const flask = e.waits === 'Flask.run';
  const host = flask ? str(w.p, e.named.host ?? e.args[0] ?? '127.0.0.1') : str(w.p, o.fields.host ?? '') || '0.0.0.0';
  const port = b.numberOf(w.p, flask ? (e.named.port ?? e.args[1] ?? 5000) : (o.fields.port ?? 0));
  const listener = b.must(w.p, undefined, () => listenOn(w.sys, port, host === 'localhost' ? '127.0.0.1' : host));
  if (flask) err(w, banner(w, host, port));
  return {
    ...s,
    serving: { kind: flask ? 'flask' : 'handler', app: flask ? e.of : (o.fields.handler ?? null), root: '', listener, conns: [] },
  };
}

function banner(w: World, host: string, port: number): string {
  const name = (w.p.file.split('/').pop() ?? '').replace(/\.py$/, '');
  const own = w.sys.net
    .links()
    .flatMap(({ link }) => link.addrs)
    .find(({ ip }) => !ip.includes(':') && !ip.startsWith('127.'))?.ip;
  const where =
    host === '0.0.0.0'
      ? ` * Running on all addresses (0.0.0.0)\n * Running on http://127.0.0.1:${port}\n${own ? ` * Running on http://${own}:${port}\n` : ''}`
      : ` * Running on http://${host}:${port}\n`;
  // The first two lines go to standard output, through click.echo, which does not keep them back.
  flush(w);
  attempt(() => w.sys.write(1, ` * Serving Flask app '${name}'\n * Debug mode: off\n`));
  return `WARNING: This is a development server. Do not use it in a production deployment. Use a production WSGI server instead.\n${where}Press CTRL+C to quit\n`;
}

function answer(w: World, s: Serving, r: HttpRequest): { text: string; close: boolean } {
  const now = w.sys.now();
  let response: web.Response;
  try {
    if (s.kind === 'files') response = served(w.sys, s.root, r);
    else if (s.kind === 'flask') response = web.routed(atTop(w), s.app, r);
    else response = web.handled(atTop(w), s.app, r);
  } catch (e) {
    if (!(e instanceof Raised)) throw e;
    err(w, `${s.kind === 'flask' ? web.logged(r, now) : ''}${traceback(w.p, e)}`);
    response = web.failed();
  }
  if (s.kind === 'files' && response.code >= 400) err(w, web.logFault(r, response, now));
  err(w, web.logLine(r, response.code, now));
  const [version, server] =
    s.kind === 'flask'
      ? ['HTTP/1.1', `Werkzeug/3.1.3 Python/${web.PYTHON}`]
      : ['HTTP/1.0', `${s.kind === 'files' ? 'SimpleHTTP' : 'BaseHTTP'}/0.6 Python/${web.PYTHON}`];
  return { text: web.written(response, version, server, now, r.method === 'HEAD'), close: true };
}

function serve(w: World, s: State & { serving: Serving }): Outcome<State> {
  const { serving } = s;
  const conns = serveHttp(
    w.sys,
    serving.conns,
    [serving.listener],
    (r) => answer(w, serving, r),
    () => '',
  );
  weigh(w);
  const of: Wait[] = [...httpWaits(conns, [serving.listener]), { for: 'signal' }];
  return { wait: { for: 'any', of }, state: { ...s, p: w.p, serving: { ...serving, conns } } };
}

function go(w: World, before: State): Outcome<State> {
  let s = before;
  signals(w);
  if (s.serving) return serve(w, s as State & { serving: Serving });
  if (s.waiting === 'signal') s = { ...s, waiting: null };
  if (s.waiting !== null && typeof s.waiting === 'object') {
    if (w.sys.uptime() < s.waiting.until) return { wait: { for: 'time', at: s.waiting.until }, state: { ...s, p: w.p } };
    s = { ...s, waiting: null };
  }
  for (let n = 0; n < FUEL; n++) {
    if (w.p.frames.length === 0) return end(w, 0);
    const effect = advance(w);
    weigh(w);
    if (!effect) continue;
    s = waits(w, s, effect);
    if (s.serving) return serve(w, s as State & { serving: Serving });
    return {
      wait: s.waiting === 'signal' ? { for: 'signal' } : { for: 'time', at: (s.waiting as { until: number }).until },
      state: { ...s, p: w.p },
    };
  }
  return { again: true, state: { ...s, p: w.p } };
}

export const python: Program<State> = {
  start: ({ argv, env }) => ({ argv, env, p: null, waiting: null, serving: null }),
  run(sys, before) {
    let s = before;
    if (s.p === null) {
      const begun = begin(sys, s);
      if ('exit' in begun) return begun;
      if ('source' in begun) return { wait: { for: 'read', fd: 0 }, state: { ...s, source: begun.source } };
      s = begun.state;
    }
    const w: World = { sys, p: own(s.p as Py) };
    try {
      return go(w, s);
    } catch (e) {
      if (e instanceof Raised) {
        // Werkzeug's server ends quietly, too.
        if (s.serving?.kind === 'flask') return end(w, 0);
        if (s.serving?.kind === 'files') {
          flush(w);
          out(w, '\nKeyboard interrupt received, exiting.\n');
          return end(w, 0);
        }
        return uncaught(w, e);
      }
      flush(w);
      return { exit: unread(w, e, w.p) };
    }
  },
};
