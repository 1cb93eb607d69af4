/**
 * gunicorn: a master that listens and minds its workers, and workers that answer. gunicorn 23, arbiter.py, workers/sync.py, workertmp.py.
 *
 *   master   forks workers; a worker that ends is replaced, one that is silent for --timeout seconds is killed; HUP: new workers
 *   worker   loads the application; touches its heartbeat file (--worker-tmp-dir, else /tmp) that has no name any more
 *
 * Simplified: sync workers; the application is what python/parse.ts reads; of its configuration the command line and GUNICORN_CMD_ARGS.
 */
import { strftime } from '../../../base/posix';
import { attempt, Errno, type Outcome, type Program, SIGNALS, type Sys, type Wait } from '../../../kernel';
import { slurp } from '../../io';
import { type HttpConn, type HttpRequest, httpWaits, serveHttp } from '../../servers/http';
import { listenOn } from '../../servers/loopback';
import { NotModelled, SyntaxFault } from './ast';
import { load } from './index';
import { advance, atTop, traceback } from './machine';
import { GLOBALS, objOf, own, type Py, Raised, type Value } from './values';
import * as web from './web';
import { err, flush, type World } from './world';

const VERSION = '23.0.0';

interface Options {
  bind: string[];
  workers: number;
  timeout: number;
  tmp: string | null;
  access: boolean;
  app: string;
}
interface State {
  phase: 'start' | 'master' | 'boot' | 'worker';
  argv: string[];
  env: Record<string, string>;
  o: Options | null;
  listeners: number[];
  workers: number[];
  ending: boolean;
  p: Py | null;
  app: Value;
  conns: HttpConn[];
}

const log = (sys: Sys, level: string, text: string) =>
  void attempt(() =>
    sys.write(2, `[${strftime('%Y-%m-%d %H:%M:%S', Math.floor(sys.now() / 1000))} +0000] [${sys.getpid()}] [${level}] ${text}\n`),
  );

const LONG: Readonly<Record<string, string>> = { '-b': '--bind', '-w': '--workers', '-t': '--timeout', '-k': '--worker-class' };

function options(argv: readonly string[], env: Record<string, string>): Options | { fault: string } {
  const o: Options = { bind: [], workers: Number(env.WEB_CONCURRENCY ?? 1), timeout: 30, tmp: null, access: false, app: '' };
  const words = [...(env.GUNICORN_CMD_ARGS ?? '').split(/\s+/).filter(Boolean), ...argv.slice(1)];
  for (let i = 0; i < words.length; i++) {
    const [word = '', ...more] = (words[i] as string).split('=');
    const m = /^(-[bwtk])(.+)$/.exec(words[i] as string);
    const name = LONG[m?.[1] ?? word] ?? word;
    if (!name.startsWith('-')) {
      o.app = words[i] as string;
      continue;
    }
    const value = () => m?.[2] ?? (more.length > 0 ? more.join('=') : (words[++i] ?? ''));
    if (name === '--bind') o.bind.push(value());
    else if (name === '--workers') o.workers = Number(value());
    else if (name === '--timeout') o.timeout = Number(value());
    else if (name === '--worker-tmp-dir') o.tmp = value();
    else if (name === '--access-logfile') o.access = value() === '-';
    else if (name === '--worker-class') {
      const kind = value();
      if (kind !== 'sync') return { fault: `drydock: gunicorn's worker class ${kind} is not modelled\n` };
    } else return { fault: `usage: gunicorn [OPTIONS] [APP_MODULE]\ngunicorn: error: unrecognized arguments: ${words[i]}\n` };
  }
  if (o.bind.length === 0) o.bind.push(env.PORT ? `0.0.0.0:${env.PORT}` : '127.0.0.1:8000');
  return o.app === '' ? { fault: 'usage: gunicorn [OPTIONS] [APP_MODULE]\ngunicorn: error: No application module specified.\n' } : o;
}

function begin(sys: Sys, s: State): { exit: number } | { state: State } {
  const o = options(s.argv, s.env);
  if ('fault' in o) {
    attempt(() => sys.write(2, o.fault));
    return { exit: 1 };
  }
  log(sys, 'INFO', `Starting gunicorn ${VERSION}`);
  const listeners: number[] = [];
  for (const where of o.bind) {
    const [host = '', port = '8000'] = where.includes(':') ? where.split(':') : ['0.0.0.0', where];
    const fd = attempt(() => listenOn(sys, Number(port), host === '' ? '0.0.0.0' : host === 'localhost' ? '127.0.0.1' : host));
    if (fd instanceof Errno) {
      log(sys, 'ERROR', fd.code === 'EADDRINUSE' ? `Connection in use: ('${host}', ${port})` : `Invalid address: ('${host}', ${port})`);
      return { exit: 1 };
    }
    listeners.push(fd);
  }
  log(
    sys,
    'INFO',
    `Listening at: ${o.bind.map((b) => `http://${b.includes(':') ? b.replace(/^:/, '0.0.0.0:') : `0.0.0.0:${b}`}`).join(',')} (${sys.getpid()})`,
  );
  log(sys, 'INFO', 'Using worker: sync');
  for (const n of [SIGNALS.SIGTERM, SIGNALS.SIGINT, SIGNALS.SIGQUIT, SIGNALS.SIGHUP, SIGNALS.SIGCHLD, SIGNALS.SIGTTIN, SIGNALS.SIGTTOU])
    sys.sigaction(n, 'handle');
  sys.sigaction(SIGNALS.SIGPIPE, 'ignore');
  sys.prctl({ title: `/usr/local/bin/python3 /usr/local/bin/gunicorn ${s.argv.slice(1).join(' ')}` });
  return { state: hire(sys, { ...s, phase: 'master', o, listeners }) };
}

function hire(sys: Sys, s: State): State {
  const workers = [...s.workers];
  while (workers.length < (s.o as Options).workers) workers.push(sys.fork({ ...s, phase: 'boot', workers: [] }));
  return { ...s, workers };
}

const NAMES = new Map<number, string>([
  [SIGNALS.SIGTERM, 'term'],
  [SIGNALS.SIGINT, 'int'],
  [SIGNALS.SIGQUIT, 'quit'],
  [SIGNALS.SIGHUP, 'hup'],
  [SIGNALS.SIGTTIN, 'ttin'],
  [SIGNALS.SIGTTOU, 'ttou'],
]);
/** A worker that could not load the application, and gunicorn's own status for it. */
const BOOT_ERROR = 3;

function master(sys: Sys, before: State): Outcome<State> {
  let s = before;
  for (const n of sys.takeSignals()) {
    const name = NAMES.get(n);
    if (name === undefined) continue;
    log(sys, 'INFO', `Handling signal: ${name}`);
    if (name === 'term' || name === 'int' || name === 'quit') {
      for (const pid of s.workers) attempt(() => sys.kill(pid, SIGNALS.SIGTERM));
      s = { ...s, ending: true };
    } else if (name === 'hup') {
      log(sys, 'INFO', 'Hang up: Master');
      const old = s.workers;
      s = hire(sys, { ...s, workers: [] });
      for (const pid of old) attempt(() => sys.kill(pid, SIGNALS.SIGTERM));
    } else {
      const workers = Math.max(1, (s.o as Options).workers + (name === 'ttin' ? 1 : -1));
      const [gone, kept] = name === 'ttou' ? [s.workers.slice(0, -workers), s.workers.slice(-workers)] : [[], s.workers];
      for (const pid of gone) attempt(() => sys.kill(pid, SIGNALS.SIGTERM));
      s = { ...s, o: { ...(s.o as Options), workers }, workers: kept };
    }
  }
  for (;;) {
    const child = attempt(() => sys.waitpid());
    if (child === null || child instanceof Errno) break;
    const ours = s.workers.includes(child.pid);
    s = { ...s, workers: s.workers.filter((w) => w !== child.pid) };
    if ('exited' in child.how && child.how.exited === BOOT_ERROR) {
      log(sys, 'ERROR', `Worker (pid:${child.pid}) exited with code 3`);
      log(sys, 'ERROR', 'Shutting down: Master');
      log(sys, 'ERROR', 'Reason: Worker failed to boot.');
      for (const pid of s.workers) attempt(() => sys.kill(pid, SIGNALS.SIGKILL));
      return { exit: BOOT_ERROR };
    }
    if (ours && 'signaled' in child.how && !s.ending) {
      const killed = child.how.signaled === SIGNALS.SIGKILL;
      log(sys, 'ERROR', `Worker (pid:${child.pid}) was sent SIG${killed ? 'KILL! Perhaps out of memory?' : 'TERM!'}`);
    }
  }
  if (s.ending && s.workers.length === 0) {
    log(sys, 'INFO', 'Shutting down: Master');
    return { exit: 0 };
  }
  if (!s.ending) s = hire(sys, s);
  return { wait: { for: 'any', of: [{ for: 'signal' }, { for: 'child' }] }, state: s };
}

/** A file without a name to touch: workertmp.py. Where it cannot be made, the worker does not boot. */
function heartbeat(sys: Sys, o: Options): string | null {
  for (const dir of o.tmp === null ? ['/tmp', '/var/tmp', '/usr/tmp'] : [o.tmp]) {
    const path = `${dir}/wgunicorn-${sys.getpid()}`;
    const fd = attempt(() => sys.open(path, { read: true, write: true, create: true, excl: true }, 0o600));
    if (fd instanceof Errno) continue;
    attempt(() => sys.unlink(path));
    return null;
  }
  return o.tmp === null
    ? `FileNotFoundError: [Errno 2] No usable temporary directory found in ['/tmp', '/var/tmp', '/usr/tmp', '${sys.getcwd()}']\n`
    : `RuntimeError: ${o.tmp} doesn't exist. Can't create workertmp.\n`;
}

function boot(sys: Sys, s: State): { exit: number } | { state: State } {
  const o = s.o as Options;
  log(sys, 'INFO', `Booting worker with pid: ${sys.getpid()}`);
  for (const n of [SIGNALS.SIGTERM, SIGNALS.SIGINT, SIGNALS.SIGQUIT]) sys.sigaction(n, 'handle');
  for (const n of [SIGNALS.SIGHUP, SIGNALS.SIGCHLD, SIGNALS.SIGTTIN, SIGNALS.SIGTTOU]) sys.sigaction(n, 'default');
  const fault = (text: string): { exit: number } => {
    log(sys, 'ERROR', 'Exception in worker process');
    attempt(() => sys.write(2, text));
    log(sys, 'INFO', `Worker exiting (pid: ${sys.getpid()})`);
    return { exit: BOOT_ERROR };
  };
  const beat = heartbeat(sys, o);
  if (beat !== null) return fault(`Traceback (most recent call last):\n${beat}`);
  const [module = '', name = 'app'] = o.app.split(':');
  const file = `${module.replaceAll('.', '/')}.py`;
  const text = attempt(() => slurp(sys, file));
  if (text instanceof Errno) return fault(`Traceback (most recent call last):\nModuleNotFoundError: No module named '${module}'\n`);
  const cwd = sys.getcwd();
  try {
    const p = load(`${cwd === '/' ? '' : cwd}/${file}`, text, ['gunicorn'], s.env, module, !!s.env.PYTHONUNBUFFERED);
    const w: World = { sys, p };
    try {
      while (p.frames.length > 0) {
        const effect = advance(w);
        if (effect) throw new NotModelled(`${effect.waits}() while a module is loaded`);
      }
    } catch (e) {
      if (e instanceof Raised) return fault(traceback(p, e));
      throw e;
    }
    const app = (p.heap[GLOBALS] as { names: Record<string, Value> }).names[name.replace(/\(\)$/, '')];
    if (app === undefined) return fault(`Failed to find attribute '${name}' in '${module}'.\n`);
    flush(w);
    return { state: { ...s, phase: 'worker', p, app } };
  } catch (e) {
    if (e instanceof NotModelled) return fault(`drydock: ${e.message} of Python is not modelled\n`);
    if (e instanceof SyntaxFault) return fault(`  File "${cwd}/${file}", line ${e.line}\nSyntaxError: ${e.message}\n`);
    throw e;
  }
}

function answer(w: World, s: State, r: HttpRequest): { text: string; close: boolean } {
  const now = w.sys.now();
  let response: web.Response;
  try {
    response = web.wsgi(atTop(w), s.app, r);
  } catch (e) {
    if (!(e instanceof Raised || e instanceof NotModelled)) throw e;
    const flask = objOf(w.p, s.app)?.kind === 'native';
    if (flask) err(w, web.logged(r, now));
    else log(w.sys, 'ERROR', `Error handling request ${r.target}`);
    err(w, e instanceof Raised ? traceback(w.p, e) : `drydock: ${e.message} of Python is not modelled\n`);
    response = web.failed();
  }
  if ((s.o as Options).access)
    attempt(() =>
      w.sys.write(
        1,
        `${r.client} - - [${strftime('%d/%b/%Y:%H:%M:%S', Math.floor(now / 1000))} +0000] "${r.method} ${r.target} ${r.version}" ${response.code} ${response.body.length} "-" "${r.headers['user-agent'] ?? '-'}"\n`,
      ),
    );
  return { text: web.written(response, 'HTTP/1.1', 'gunicorn', now, r.method === 'HEAD'), close: true };
}

function work(sys: Sys, before: State): Outcome<State> {
  let s = before;
  if (sys.takeSignals().length > 0) {
    log(sys, 'INFO', `Worker exiting (pid: ${sys.getpid()})`);
    return { exit: 0 };
  }
  const w: World = { sys, p: own(s.p as Py) };
  const conns = serveHttp(
    sys,
    s.conns,
    s.listeners,
    (r) => answer(w, s, r),
    () => '',
  );
  flush(w);
  s = { ...s, p: w.p, conns };
  const of: Wait[] = [...httpWaits(conns, s.listeners), { for: 'signal' }];
  return { wait: { for: 'any', of }, state: s };
}

export const gunicorn: Program<State> = {
  start: ({ argv, env }) => ({
    phase: 'start',
    argv,
    env,
    o: null,
    listeners: [],
    workers: [],
    ending: false,
    p: null,
    app: null,
    conns: [],
  }),
  run(sys, before) {
    let s = before;
    if (s.phase === 'start') {
      const begun = begin(sys, s);
      if ('exit' in begun) return begun;
      s = begun.state;
    }
    if (s.phase === 'boot') {
      const booted = boot(sys, s);
      if ('exit' in booted) return booted;
      s = booted.state;
    }
    return s.phase === 'master' ? master(sys, s) : work(sys, s);
  },
};
