/**
 * node: a file, -e, -p. The event loop: callbacks that are due, timers, connections, signals; when nothing is left to wait for, the end.
 * Node 22 as far as parse.ts and natives.ts go; the rest says "drydock: … is not modelled".
 *
 *   SIGTERM, SIGINT   a handler of process.on, else the default: as PID 1 none at all
 *
 * Simplified: an answer of a server goes out whole, with its length, and in the callback that was asked or what promises make of it at once; an
 * uncaught error is told without the stack; no npm.
 */
import { strftime } from '../../../base/posix';
import { attempt, Errno, type Outcome, type Program, type Sys, signalName, type Wait } from '../../../kernel';
import { drained, slurp } from '../../io';
import { type HttpRequest, httpWaits, serveHttp } from '../../servers/http';
import { listenOn } from '../../servers/loopback';
import { NotModelled, type Statement, SyntaxFault } from './ast';
import { Interpreter } from './evaluate';
import { collect, type Live, own } from './heap';
import { inspect } from './inspect';
import { Exit, type Loop } from './loop';
import { hostOf, NODE } from './natives';
import { parseJavaScript } from './parse';
import { alloc, errorOf, type Heap, newScope, type Obj, object, objOf, Thrown, text, UNDEFINED, type Value } from './values';

/** What the runtime itself takes. */
const BASE = 38 * 2 ** 20;

interface State {
  argv: string[];
  env: Record<string, string>;
  /** Of a program that comes from standard input, what has come. */
  piped?: string;
  /** Of a program that has begun. */
  live: Live | null;
}

interface Asked {
  file: string;
  source: string;
  argv: string[];
  shows: boolean;
}
function options(sys: Sys, argv: readonly string[], before: string): Asked | { say: string; fd: number; exit: number } | { piped: string } {
  for (let i = 1; i < argv.length; i++) {
    const a = argv[i] as string;
    if (a === '-v' || a === '--version') return { say: `v${NODE}\n`, fd: 1, exit: 0 };
    if (/^-(e|p|pe|-eval|-print)$/.test(a))
      return { file: '[eval]', source: argv[i + 1] ?? '', argv: [argv[0] as string], shows: a.includes('p') };
    if (a === '-') break;
    if (a.startsWith('-')) continue;
    const cwd = sys.getcwd();
    const asked = a.startsWith('/') ? a : `${cwd === '/' ? '' : cwd}/${a.replace(/^\.\//, '')}`;
    const file = [asked, `${asked}.js`, `${asked}/index.js`].find((p) => attempt(() => sys.stat(p).type) === 'file');
    const source = file === undefined ? null : attempt(() => slurp(sys, file));
    if (file === undefined || source === null || source instanceof Errno)
      return {
        say: `node:internal/modules/cjs/loader:1386\n  throw err;\n  ^\n\nError: Cannot find module '${asked}'\n{\n  code: 'MODULE_NOT_FOUND',\n  requireStack: []\n}\n\nNode.js v${NODE}\n`,
        fd: 2,
        exit: 1,
      };
    return { file, source, argv: ['/usr/local/bin/node', file, ...argv.slice(i + 1)], shows: false };
  }
  if (sys.isatty(0)) return { say: 'drydock: the prompt of node is not modelled\n', fd: 2, exit: 1 };
  const { text: source, ended } = drained(sys, 0, before);
  return ended ? { file: '[stdin]', source, argv: ['/usr/local/bin/node', '-'], shows: false } : { piped: source };
}

/** The loop's face for one turn. */
function loopOf(sys: Sys, live: Live): Loop {
  const loop: Loop = {
    sys,
    argv: live.argv,
    env: live.env,
    file: live.file,
    dir: live.file.includes('/') ? live.file.replace(/\/[^/]*$/, '') || '/' : sys.getcwd(),
    modules: live.modules,
    exitCode: live.exitCode,
    ticks: live.ticks,
    jobs: live.jobs,
    heap: live.heap,
    run: null as unknown as Interpreter,
    timers: live.timers,
    nextTimer: live.nextTimer,
    soon: live.soon,
    handlers: live.handlers,
    listen(server, port, host) {
      const fd = attempt(() => listenOn(sys, port, host === 'localhost' ? '127.0.0.1' : host === '::' ? '0.0.0.0' : host));
      if (fd instanceof Errno) throw refusedToListen(live.heap, fd, host, port);
      const o = objOf(live.heap, server);
      if (o?.kind === 'object') o.props['the port'] = port;
      live.servers.push({ server, fd, conns: [] });
    },
    load(file) {
      const known = loop.modules[file];
      const [h, module] = [live.heap, known ?? object(live.heap, { exports: object(live.heap, {}) })];
      const exported = () => (objOf(h, module) as Extract<Obj, { kind: 'object' }>).props.exports ?? UNDEFINED;
      if (known !== undefined) return exported();
      loop.modules[file] = module;
      const before = loop.dir;
      loop.dir = file.replace(/\/[^/]*$/, '') || '/';
      const scope = newScope(h, 0, { module, exports: exported(), __filename: file, __dirname: loop.dir });
      loop.run.top(parseJavaScript(slurp(sys, file)), scope);
      loop.dir = before;
      return exported();
    },
    close(server) {
      const ref = (server as { ref: number }).ref;
      for (const x of live.servers)
        if ((x.server as { ref: number }).ref === ref) for (const fd of [x.fd, ...x.conns.map((c) => c.fd)]) attempt(() => sys.close(fd));
      live.servers = live.servers.filter((x) => (x.server as { ref: number }).ref !== ref);
    },
  };
  loop.run = new Interpreter(hostOf(() => loop));
  return loop;
}
function refusedToListen(h: Heap, e: Errno, host: string, port: number): Thrown {
  const made = errorOf(h, 'Error', `listen ${e.code}: ${e.message.toLowerCase()} ${host === '0.0.0.0' ? ':::' : `${host}:`}${port}`);
  const o = objOf(h, made);
  if (o?.kind === 'object') Object.assign(o.props, { code: e.code, syscall: 'listen', port });
  return new Thrown(made, 0);
}

const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  201: 'Created',
  204: 'No Content',
  301: 'Moved Permanently',
  302: 'Found',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

function answer(loop: Loop, server: Value, r: HttpRequest): { text: string; close: boolean } {
  const h = loop.heap;
  const headers = object(h, { ...r.headers });
  const request = object(
    h,
    {
      method: r.method,
      url: r.target,
      headers,
      httpVersion: r.version.slice(5),
      socket: object(h, { remoteAddress: `::ffff:${r.client}` }),
    },
    'IncomingMessage',
  );
  const response = object(h, { statusCode: 200, 'the headers': '', 'the body': '', writableEnded: false }, 'ServerResponse');
  const o = objOf(h, server);
  if (o?.kind === 'object') loop.run.call(o.props.handler ?? UNDEFINED, [request, response]);
  settle(loop);
  const props = (objOf(h, response) as Extract<Obj, { kind: 'object' }>).props;
  if (props.writableEnded !== true) throw new NotModelled('an answer that is given later than in its callback');
  const code = Number(props.statusCode);
  const body = text(h, props['the body'] ?? '');
  const date = strftime('%a, %d %b %Y %H:%M:%S GMT', Math.floor(loop.sys.now() / 1000));
  const given = text(h, props['the headers'] ?? '');
  const length = /^content-length:/im.test(given) ? '' : `Content-Length: ${body.length}\r\n`;
  return {
    text: `HTTP/1.1 ${code} ${REASONS[code] ?? 'unknown'}\r\n${given}Date: ${date}\r\nConnection: keep-alive\r\nKeep-Alive: timeout=5\r\n${length}\r\n${r.method === 'HEAD' ? '' : body}`,
    close: r.headers.connection?.toLowerCase() === 'close',
  };
}

/** After each callback: what nextTick was given, then what promises have to say, until there is nothing left. */
function settle(loop: Loop) {
  for (let n = 0; n < 100_000; n++) {
    const job = loop.ticks.shift() ?? loop.jobs.shift();
    if (!job) break;
    loop.run.job(job);
  }
  for (const o of Object.values(loop.heap.objects))
    if (o.kind === 'promise' && o.state === 'broken' && !o.heard) {
      o.heard = true;
      const [first] = loop.handlers.unhandledRejection ?? [];
      if (first === undefined) throw new Thrown(o.value, 0);
      loop.run.call(first, [o.value]);
    }
}

/** A callback and what follows from it; what it throws is given to process.on('uncaughtException'), if there is one. */
function callback(loop: Loop, what: () => void) {
  const [last] = loop.handlers.uncaughtException ?? [];
  if (last === undefined) {
    what();
    settle(loop);
    return;
  }
  const told = (thrown: Value) => void loop.run.call(last, [thrown, 'uncaughtException']);
  loop.run.attempt(what, told);
  loop.run.attempt(() => settle(loop), told);
}

/** Runs what is due: callbacks, timers, signals. */
function due(sys: Sys, loop: Loop, live: Live) {
  callback(loop, () => undefined);
  for (const n of sys.takeSignals())
    for (const fn of live.handlers[signalName(n)] ?? []) callback(loop, () => void loop.run.call(fn, [signalName(n), n]));
  for (let n = 0; n < 1000; n++) {
    const call = loop.soon.shift();
    if (call) {
      callback(loop, () => loop.run.job(call));
      continue;
    }
    const now = sys.uptime();
    const timer = loop.timers.filter((t) => t.at <= now).sort((a, b) => a.at - b.at || a.id - b.id)[0];
    if (!timer) return;
    if (timer.every === null) loop.timers = loop.timers.filter((t) => t !== timer);
    else timer.at = now + timer.every;
    callback(loop, () => void loop.run.call(timer.fn, timer.args));
  }
}

/** Nothing is left to wait for: the last word is that of process.on('exit'). */
function ending(loop: Loop): number {
  for (const fn of loop.handlers.exit ?? []) loop.run.call(fn, [loop.exitCode]);
  return loop.exitCode & 255;
}

function turn(sys: Sys, s: State, live: Live, body: Statement[] | null, shows: boolean): Outcome<State> {
  const loop = loopOf(sys, live);
  if (body) {
    const last = body.at(-1);
    const shown = shows && last?.type === 'ExpressionStatement' ? last.expression : null;
    loop.run.top(shown ? body.slice(0, -1) : body, 0);
    if (shown) attempt(() => sys.write(1, `${inspect(live.heap, loop.run.eval(shown, 0))}\n`));
  }
  due(sys, loop, live);
  for (const x of [...live.servers]) {
    const conns = serveHttp(
      sys,
      x.conns,
      [x.fd],
      (r) => answer(loop, x.server, r),
      () => 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n',
    );
    live.servers = live.servers.map((y) => (y.fd === x.fd ? { ...y, conns } : y));
  }
  due(sys, loop, live);
  const { timers, nextTimer, exitCode, env } = loop;
  const now = collect({ ...live, timers, nextTimer, exitCode, env });
  if (now.servers.length === 0 && now.timers.every((t) => t.idle) && now.soon.length === 0) return { exit: ending(loop) };
  const of: Wait[] = [{ for: 'signal' }];
  for (const x of now.servers) of.push(...httpWaits(x.conns, [x.fd]));
  for (const t of now.timers) of.push({ for: 'time', at: t.at });
  return { wait: { for: 'any', of }, state: { ...s, live: now } };
}

/** An error that nobody has caught. */
function uncaught(sys: Sys, heap: Heap, live: Pick<Live, 'file' | 'source'>, e: Thrown): number {
  const line = live.source.split('\n')[e.line - 1] ?? '';
  const o = objOf(heap, e.value);
  const said =
    o?.kind === 'object' && o.type === 'Error'
      ? text(heap, e.value)
      : `Uncaught:\n${inspect(heap, e.value, 1)}\n(Use \`node --trace-uncaught ...\` to show where the exception was thrown)`;
  const indent = /^\s*/.exec(line)?.[0] ?? '';
  attempt(() => sys.write(2, `${live.file}:${e.line}\n${line}\n${indent}^\n\n${said}\n\nNode.js v${NODE}\n`));
  return 1;
}

export const node: Program<State> = {
  start: ({ argv, env }) => ({ argv, env, live: null }),
  run(sys, s) {
    const began = s.live === null;
    let live: Live;
    let body: Statement[] | null = null;
    let shows = false;
    if (s.live === null) {
      const asked = options(sys, s.argv, s.piped ?? '');
      if ('piped' in asked) return { wait: { for: 'read', fd: 0 }, state: { ...s, piped: asked.piped } };
      if ('say' in asked) {
        attempt(() => sys.write(asked.fd, asked.say));
        return { exit: asked.exit };
      }
      const heap: Heap = { objects: {}, next: 0 };
      alloc(heap, { kind: 'scope', names: {}, parent: null });
      live = {
        heap,
        timers: [],
        nextTimer: 1,
        ticks: [],
        jobs: [],
        soon: [],
        handlers: {},
        servers: [],
        modules: {},
        exitCode: 0,
        env: s.env,
        ...asked,
      };
      shows = asked.shows;
    } else live = own(s.live);
    try {
      if (began) {
        sys.brk(BASE);
        body = parseJavaScript(live.source);
      }
      return turn(sys, s, live, body, shows);
    } catch (e) {
      if (e instanceof Exit) return { exit: e.code & 255 };
      if (e instanceof Thrown) return { exit: uncaught(sys, live.heap, live, e) };
      if (e instanceof NotModelled) attempt(() => sys.write(2, `drydock: ${e.message} of Node is not modelled\n`));
      else if (e instanceof SyntaxFault)
        attempt(() =>
          sys.write(
            2,
            `${live.file}:${e.line}\n${live.source.split('\n')[e.line - 1] ?? ''}\n\nSyntaxError: ${e.message}\n\nNode.js v${NODE}\n`,
          ),
        );
      else throw e;
      return { exit: 1 };
    }
  },
};
