/**
 * nginx: a master that keeps the sockets and minds its workers, and workers that serve. nginx 1.30, ngx_process_cycle.c.
 *
 *   master (root)   reads the configuration, listens, writes its pid file, forks; HUP: reads it again, new workers, old ones leave
 *    ├─ worker (www-data)   QUIT: no new connections, and an end when the last is served
 *    └─ worker              TERM: an end at once
 *
 * Simplified: files are served and answers returned; what would be passed on (proxy_pass, fastcgi_pass) is answered 502.
 * Past 400 lines because master and worker hand each other the same state.
 */

import { globMatch, strftime } from '../../base/posix';
import { attempt, Errno, type Program, SIGNALS, type Sys, type Wait } from '../../kernel';
import { slurp, spill } from '../io';
import { names } from '../names';
import { type HttpConn, httpWaits, serveHttp } from './http';
import { listenOn, numbered } from './loopback';
import { type Conf, ConfError, confOf, type Directive, expand, parse } from './nginx-conf';
import { answer, page, type Serving } from './nginx-serve';
import { NGINX_VERSION } from './versions';

const MAIN = '/etc/nginx/nginx.conf';

interface State {
  phase: 'start' | 'bind' | 'master' | 'recruit' | 'worker';
  argv: string[];
  conf: Conf | null;
  /** Port → descriptor of its listening socket. */
  listeners: Record<number, number>;
  tries: number;
  /** When to try again to bind. */
  at: number;
  workers: number[];
  /** Workers of an older configuration, on their way out. */
  leaving: number[];
  ending: boolean;
  access: number | null;
  error: number;
  conns: HttpConn[];
  served: number;
}

interface Options {
  conf: string;
  globals: string;
  test: boolean;
  dump: boolean;
  quiet: boolean;
  signal: string | null;
}

const USAGE = `nginx version: nginx/${NGINX_VERSION}
Usage: nginx [-?hvVtTq] [-s signal] [-p prefix]
             [-e filename] [-c filename] [-g directives]

Options:
  -?,-h         : this help
  -v            : show version and exit
  -V            : show version and configure options then exit
  -t            : test configuration and exit
  -T            : test configuration, dump it and exit
  -q            : suppress non-error messages during configuration testing
  -s signal     : send signal to a master process: stop, quit, reopen, reload
  -p prefix     : set prefix path (default: /usr/share/nginx/)
  -e filename   : set error log file (default: stderr)
  -c filename   : set configuration file (default: /etc/nginx/nginx.conf)
  -g directives : set global directives out of configuration file

`;

const SIGNAL_OF: Readonly<Record<string, number>> = {
  stop: SIGNALS.SIGTERM,
  quit: SIGNALS.SIGQUIT,
  reopen: SIGNALS.SIGUSR1,
  reload: SIGNALS.SIGHUP,
};

/** The command line: options, or what is said instead and the exit status. */
function options(argv: readonly string[]): Options | { say: string; exit: number } {
  const o: Options = { conf: MAIN, globals: '', test: false, dump: false, quiet: false, signal: null };
  for (let i = 1; i < argv.length; i++) {
    const a = argv[i] as string;
    if (!a.startsWith('-')) return { say: `nginx: invalid option: "${a}"\n`, exit: 1 };
    for (let j = 1; j < a.length; j++) {
      const c = a[j] as string;
      const value = () => {
        const v = a.slice(j + 1) || argv[++i];
        j = a.length;
        return v;
      };
      if (c === '?' || c === 'h') return { say: USAGE, exit: 0 };
      if (c === 'v' || c === 'V') return { say: `nginx version: nginx/${NGINX_VERSION}\n`, exit: 0 };
      if (c === 't') o.test = true;
      else if (c === 'T') o.test = o.dump = true;
      else if (c === 'q') o.quiet = true;
      else if (c === 'c' || c === 'g' || c === 's' || c === 'p' || c === 'e') {
        const v = value();
        if (v === undefined)
          return {
            say: `nginx: option "-${c}" requires ${c === 'g' ? 'parameter' : c === 'c' || c === 'e' ? 'file name' : c === 's' ? 'parameter' : 'directory name'}\n`,
            exit: 1,
          };
        if (c === 'c') o.conf = v.startsWith('/') ? v : `/usr/share/nginx/${v}`;
        if (c === 'g') o.globals = v;
        if (c === 's') {
          if (!Object.hasOwn(SIGNAL_OF, v)) return { say: `nginx: invalid option: "-s ${v}"\n`, exit: 1 };
          o.signal = v;
        }
      } else return { say: `nginx: invalid option: "${c}"\n`, exit: 1 };
    }
  }
  return o;
}

const say = (sys: Sys, fd: number, text: string) => void attempt(() => sys.write(fd, text));

/** One line of the error log. */
const logLine = (sys: Sys, level: string, text: string): string => {
  const pid = sys.getpid();
  return `${strftime('%Y/%m/%d %H:%M:%S', Math.floor(sys.now() / 1000))} [${level}] ${pid}#${pid}: ${text}\n`;
};
const log = (sys: Sys, s: State, level: string, text: string) => say(sys, s.error, logLine(sys, level, text));

/** Why the server does not come up. */
class Emerg extends Error {}
const must = <T>(what: string, call: () => T): T => {
  const done = attempt(call);
  if (done instanceof Errno) throw new Emerg(`${what} failed (${numbered(done)})`);
  return done;
};

function readConf(sys: Sys, o: Options): { conf: Conf; files: [string, string][] } {
  const files: [string, string][] = [];
  const load = (path: string): [string, string] => {
    const file: [string, string] = [path, must(`open() "${path}"`, () => slurp(sys, path))];
    files.push(file);
    return file;
  };
  const include = (d: Directive): [string, string][] => {
    const named = d.words[1] ?? '';
    const path = named.startsWith('/') ? named : `/etc/nginx/${named}`;
    if (!/[*?[]/.test(path)) return [load(path)];
    const slash = path.lastIndexOf('/');
    const dir = path.slice(0, slash);
    const list = attempt(() => sys.readdir(dir));
    if (list instanceof Errno) return [];
    return list
      .map((e) => e.name)
      .filter((n) => n !== '.' && n !== '..' && !n.startsWith('.') && globMatch(path.slice(slash + 1), n))
      .sort()
      .map((n) => load(`${dir}/${n}`));
  };
  const globals = o.globals === '' ? [] : expand(parse(o.globals, null), 'main', include);
  const [path, text] = load(o.conf);
  const tree = expand(parse(text, path), 'main', include);
  if (!tree.some((d) => d.words[0] === 'events')) throw new ConfError('no "events" section in configuration');
  return { conf: confOf([...globals, ...tree]), files };
}

const TEMP = ['body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];

function makePaths(sys: Sys, uid: number) {
  for (const name of TEMP) {
    const path = `/var/lib/nginx/${name}`;
    const made = attempt(() => sys.mkdir(path, 0o700));
    if (made instanceof Errno && made.code !== 'EEXIST') throw new Emerg(`mkdir() "${path}" failed (${numbered(made)})`);
    if (sys.credentials().euid === 0 && must(`stat() "${path}"`, () => sys.stat(path)).uid !== uid)
      must(`chown("${path}", ${uid})`, () => sys.chown(path, uid, -1));
  }
}

const openLog = (sys: Sys, path: string): number =>
  path === 'stderr' ? 2 : must(`open() "${path}"`, () => sys.open(path, { write: true, append: true, create: true }, 0o644));

const uidOf = (sys: Sys, name: string): { uid: number; gid: number } => {
  const user = names(sys).user(name);
  if (!user) throw new Emerg(`getpwnam("${name}") failed`);
  return { uid: user.uid, gid: user.gid };
};

/** From the command line to bound sockets, or to an end. */
function begin(sys: Sys, s: State): { exit: number } | { state: State } {
  const o = options(s.argv);
  if ('say' in o) {
    say(sys, 2, o.say);
    return { exit: o.exit };
  }
  try {
    const { conf, files } = readConf(sys, o);
    if (o.signal !== null) return { exit: sendSignal(sys, conf, SIGNAL_OF[o.signal] as number) };
    if (conf.user !== null && sys.credentials().euid !== 0)
      say(
        sys,
        2,
        logLine(
          sys,
          'warn',
          `the "user" directive makes sense only if the master process runs with super-user privileges, ignored in ${conf.userLine}`,
        ),
      );
    makePaths(sys, uidOf(sys, conf.user ?? 'nobody').uid);
    const error = openLog(sys, conf.errorLog ?? 'stderr');
    const access = conf.accessLog === null ? null : openLog(sys, conf.accessLog.split(' ')[0] as string);
    if (o.test) {
      if (!o.quiet)
        say(sys, 2, `nginx: the configuration file ${o.conf} syntax is ok\nnginx: configuration file ${o.conf} test is successful\n`);
      if (o.dump) say(sys, 1, files.map(([path, text]) => `# configuration file ${path}:\n${text}\n`).join(''));
      return { exit: 0 };
    }
    return { state: { ...s, phase: 'bind', conf, error, access } };
  } catch (e) {
    if (!(e instanceof ConfError || e instanceof Emerg)) throw e;
    say(sys, 2, logLine(sys, 'emerg', e.message));
    if (o.test) say(sys, 2, `nginx: configuration file ${o.conf} test failed\n`);
    return { exit: 1 };
  }
}

function sendSignal(sys: Sys, conf: Conf, signal: number): number {
  say(sys, 2, logLine(sys, 'notice', 'signal process started'));
  const text = attempt(() => slurp(sys, conf.pid));
  if (text instanceof Errno) {
    say(sys, 2, logLine(sys, 'error', `open() "${conf.pid}" failed (${numbered(text)})`));
    return 1;
  }
  const pid = Number(text.trim());
  if (!pid) {
    say(sys, 2, logLine(sys, 'error', `invalid PID number "${text.trim()}" in "${conf.pid}"`));
    return 1;
  }
  const sent = attempt(() => sys.kill(pid, signal));
  if (!(sent instanceof Errno)) return 0;
  say(sys, 2, logLine(sys, 'alert', `kill(${pid}, ${signal}) failed (${numbered(sent)})`));
  return 1;
}

const portsOf = (conf: Conf): number[] => [...new Set(conf.servers.flatMap((x) => x.ports))];
const TRIES = 5;

/** Binds what is not bound yet; null when it has to be tried again. */
function bindAll(sys: Sys, s: State): Record<number, number> | null {
  const listeners = { ...s.listeners };
  let refused = false;
  for (const port of portsOf(s.conf as Conf)) {
    if (listeners[port] !== undefined) continue;
    const fd = attempt(() => listenOn(sys, port));
    if (fd instanceof Errno) {
      const text = `bind() to 0.0.0.0:${port} failed (${numbered(fd)})`;
      log(sys, s, 'emerg', text);
      say(sys, 2, `nginx: [emerg] ${text}\n`);
      refused = true;
    } else listeners[port] = fd;
  }
  return refused ? null : listeners;
}

const MASTER_SIGNALS = [
  SIGNALS.SIGHUP,
  SIGNALS.SIGINT,
  SIGNALS.SIGTERM,
  SIGNALS.SIGQUIT,
  SIGNALS.SIGUSR1,
  SIGNALS.SIGWINCH,
  SIGNALS.SIGCHLD,
  SIGNALS.SIGPIPE,
];

/** The sockets are there: the master writes its pid and forks its workers. */
function rule(sys: Sys, s: State): State {
  const conf = s.conf as Conf;
  for (const n of MASTER_SIGNALS) attempt(() => sys.sigaction(n, 'handle'));
  const wrote = attempt(() => spill(sys, conf.pid, `${sys.getpid()}\n`, 0o644));
  if (wrote instanceof Errno) throw new Emerg(`open() "${conf.pid}" failed (${numbered(wrote)})`);
  sys.prctl({ title: `nginx: master process ${s.argv.join(' ')}` });
  return hire({ ...s, phase: 'master' }, sys);
}

const countOf = (sys: Sys, conf: Conf) => (conf.workers === 'auto' ? sys.sysinfo().cpus : Math.min(conf.workers, 64));

function hire(s: State, sys: Sys, count = countOf(sys, s.conf as Conf)): State {
  const workers = [...s.workers];
  for (let i = 0; i < count; i++) workers.push(sys.fork({ ...s, phase: 'recruit', workers: [], leaving: [], conns: [] }));
  return { ...s, workers };
}

function master(sys: Sys, before: State): { exit: number } | { state: State } {
  let s = before;
  for (const n of sys.takeSignals()) {
    if (n === SIGNALS.SIGTERM || n === SIGNALS.SIGINT || n === SIGNALS.SIGQUIT) {
      for (const pid of [...s.workers, ...s.leaving])
        attempt(() => sys.kill(pid, n === SIGNALS.SIGQUIT ? SIGNALS.SIGQUIT : SIGNALS.SIGTERM));
      s = { ...s, ending: true };
    } else if (n === SIGNALS.SIGHUP) s = reload(sys, s);
    else if (n === SIGNALS.SIGWINCH) for (const pid of s.workers) attempt(() => sys.kill(pid, SIGNALS.SIGQUIT));
  }
  for (;;) {
    const child = attempt(() => sys.waitpid());
    if (child === null || child instanceof Errno) break;
    const serving = s.workers.includes(child.pid);
    s = { ...s, workers: s.workers.filter((p) => p !== child.pid), leaving: s.leaving.filter((p) => p !== child.pid) };
    if ('signaled' in child.how) log(sys, s, 'alert', `worker process ${child.pid} exited on signal ${child.how.signaled}`);
    const fatal = 'exited' in child.how && child.how.exited === 2;
    if (fatal) log(sys, s, 'alert', `worker process ${child.pid} exited with fatal code 2 and cannot be respawned`);
    if (serving && !s.ending && !fatal && 'signaled' in child.how) s = hire(s, sys, 1);
  }
  if (!s.ending || s.workers.length + s.leaving.length > 0) return { state: s };
  attempt(() => sys.unlink((s.conf as Conf).pid));
  return { exit: 0 };
}

/** HUP: a new configuration takes over; one that is wrong is reported, and the old one stays. */
function reload(sys: Sys, s: State): State {
  const o = options(s.argv);
  if ('say' in o) return s;
  try {
    const { conf } = readConf(sys, o);
    const next: State = { ...s, conf };
    const listeners = bindAll(sys, next);
    if (!listeners) return s;
    const ports = portsOf(conf);
    for (const [port, fd] of Object.entries(listeners)) if (!ports.includes(Number(port))) attempt(() => sys.close(fd));
    const kept = Object.fromEntries(Object.entries(listeners).filter(([port]) => ports.includes(Number(port))));
    const hired = hire({ ...next, listeners: kept, workers: [], leaving: [...s.leaving, ...s.workers] }, sys);
    for (const pid of s.workers) attempt(() => sys.kill(pid, SIGNALS.SIGQUIT));
    return hired;
  } catch (e) {
    if (!(e instanceof ConfError || e instanceof Emerg)) throw e;
    log(sys, s, 'emerg', e.message);
    return s;
  }
}

/** A worker gives up root's identity before it serves; null when it may not. */
function becomeWorker(sys: Sys, s: State): State | null {
  sys.prctl({ title: 'nginx: worker process' });
  const conf = s.conf as Conf;
  if (sys.credentials().euid === 0) {
    const { uid, gid } = uidOf(sys, conf.user ?? 'nobody');
    for (const [what, call] of [
      [`setgid(${gid})`, () => sys.setgid(gid)],
      [`initgroups(${conf.user ?? 'nobody'}, ${gid})`, () => sys.setgroups([gid])],
      [`setuid(${uid})`, () => sys.setuid(uid)],
    ] as const) {
      const done = attempt(call);
      if (!(done instanceof Errno)) continue;
      log(sys, s, 'emerg', `${what} failed (${numbered(done)})`);
      return null;
    }
  }
  return { ...s, phase: 'worker', served: 0, ending: false };
}

const serving = (sys: Sys, s: State): Serving => ({
  sys,
  conf: s.conf as Conf,
  number: s.served,
  error: (text) => log(sys, s, 'error', text),
  access: (text) => {
    if (s.access !== null) say(sys, s.access, text);
  },
});

function worker(sys: Sys, before: State): { exit: number } | { state: State; wait: Wait } {
  let s = before;
  for (const n of sys.takeSignals()) {
    if (n === SIGNALS.SIGTERM || n === SIGNALS.SIGINT) return { exit: 0 };
    if (n === SIGNALS.SIGQUIT) {
      for (const fd of Object.values(s.listeners)) attempt(() => sys.close(fd));
      s = { ...s, ending: true, listeners: {} };
    }
  }
  const listeners = Object.values(s.listeners);
  let served = s.served;
  const conns = serveHttp(
    sys,
    s.conns,
    listeners,
    (r) => answer(serving(sys, { ...s, served: ++served }), r),
    () => {
      const body = page(s.conf as Conf, 400);
      return `HTTP/1.1 400 Bad Request\r\nServer: nginx\r\nContent-Type: text/html\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`;
    },
  );
  // A connection that is kept alive and idle ends with the worker.
  const open = s.ending ? conns.filter((c) => c.output !== '' || c.input !== '') : conns;
  if (s.ending && open.length === 0) return { exit: 0 };
  return { state: { ...s, conns: open, served }, wait: { for: 'any', of: [{ for: 'signal' }, ...httpWaits(open, listeners)] } };
}

export const nginx: Program<State> = {
  start: (exec) => ({
    phase: 'start',
    argv: exec.argv,
    conf: null,
    listeners: {},
    tries: 0,
    at: 0,
    workers: [],
    leaving: [],
    ending: false,
    access: null,
    error: 2,
    conns: [],
    served: 0,
  }),
  run(sys, before) {
    let s = before;
    if (s.phase === 'start') {
      const begun = begin(sys, s);
      if ('exit' in begun) return begun;
      s = begun.state;
    }
    if (s.phase === 'bind') {
      if (sys.uptime() < s.at) return { wait: { for: 'time', at: s.at }, state: s };
      const listeners = bindAll(sys, s);
      if (listeners === null) {
        const tries = s.tries + 1;
        if (tries < TRIES) return { wait: { for: 'time', at: sys.uptime() + 500 }, state: { ...s, tries, at: sys.uptime() + 500 } };
        log(sys, s, 'emerg', 'still could not bind()');
        say(sys, 2, 'nginx: [emerg] still could not bind()\n');
        return { exit: 1 };
      }
      s = { ...s, listeners };
      if (s.conf?.daemon) {
        sys.fork({ ...s, conf: { ...s.conf, daemon: false } });
        return { exit: 0 };
      }
      try {
        s = rule(sys, s);
      } catch (e) {
        if (!(e instanceof Emerg)) throw e;
        log(sys, s, 'emerg', e.message);
        say(sys, 2, `nginx: [emerg] ${e.message}\n`);
        return { exit: 1 };
      }
    }
    if (s.phase === 'master') {
      const done = master(sys, s);
      return 'exit' in done ? done : { wait: { for: 'any', of: [{ for: 'child' }, { for: 'signal' }] }, state: done.state };
    }
    if (s.phase === 'recruit') {
      const ready = becomeWorker(sys, s);
      if (ready === null) return { exit: 2 };
      s = ready;
    }
    return worker(sys, s);
  },
};
