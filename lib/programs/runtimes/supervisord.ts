/**
 * supervisord: several programs in one container, each started, watched and ended; supervisorctl, which asks it. Supervisor 4.3,
 * supervisor/process.py, options.py; its log's lines are those of the source.
 *
 *   STOPPED → STARTING → RUNNING → EXITED | BACKOFF (too quick an end) → FATAL
 *
 * As PID 1 it reaps whatever is left to it. TERM and INT end all of its programs, those with the highest priority first, then itself.
 *
 * Simplified: [program:x] and [supervisord] of one file; no groups, events, eventlisteners or HTTP: supervisorctl speaks to a socket
 * in one line each way, and knows status, start, stop, restart, pid and shutdown; logs go to descriptors, not to rotated files.
 * Past 400 lines because the states of a program, and who asks for which, are one machine.
 */
import { strftime } from '../../base/posix';
import {
  attempt,
  type ChildStatus,
  Errno,
  type Outcome,
  type Program,
  parseSignal,
  SIGNALS,
  type Sys,
  signalName,
  type Wait,
} from '../../kernel';
import { spawnp } from '../exec';
import { slurp } from '../io';
import { names } from '../names';

const VERSION = '4.3.0';
export const SOCKET = '/var/run/supervisor.sock';
const PLACES = ['supervisord.conf', 'etc/supervisord.conf', '/etc/supervisord.conf', '/etc/supervisor/supervisord.conf'];

interface Settings {
  name: string;
  command: string[];
  autostart: boolean;
  autorestart: 'true' | 'false' | 'unexpected';
  startsecs: number;
  startretries: number;
  stopsignal: number;
  stopwaitsecs: number;
  exitcodes: number[];
  priority: number;
  user: string | null;
  directory: string | null;
  environment: Record<string, string>;
  stdout: string | null;
  stderr: string | null;
}
type Phase = 'STOPPED' | 'STARTING' | 'RUNNING' | 'STOPPING' | 'EXITED' | 'BACKOFF' | 'FATAL';
interface Child {
  set: Settings;
  phase: Phase;
  pid: number;
  /** Milliseconds since boot: begun, to be looked at again, killed for good. */
  begun: number;
  at: number | null;
  tries: number;
  note: string;
}
interface State {
  phase: 'start' | 'serve';
  argv: string[];
  env: Record<string, string>;
  children: Child[];
  listener: number;
  conns: { fd: number; input: string; waits: string | null }[];
  ending: boolean;
  logs: boolean;
}

const log = (sys: Sys, level: string, text: string) => {
  const now = sys.now();
  const line = `${strftime('%Y-%m-%d %H:%M:%S', Math.floor(now / 1000))},${`${Math.floor(now % 1000)}`.padStart(3, '0')} ${level} ${text}\n`;
  attempt(() => sys.write(1, line));
};

/** Sections of an ini file: name → key → value. */
function sections(text: string): Record<string, Record<string, string>> {
  const out: Record<string, Record<string, string>> = {};
  let at: Record<string, string> = {};
  let key = '';
  for (const raw of text.split('\n')) {
    const line = raw.replace(/(^|\s)[;#].*$/, '').trimEnd();
    const head = /^\[([^\]]+)\]$/.exec(line.trim());
    if (head) {
      at = {};
      out[head[1] as string] = at;
    } else if (/^\s+\S/.test(line) && key !== '') at[key] = `${at[key]} ${line.trim()}`;
    else {
      const eq = line.indexOf('=');
      if (eq < 0) continue;
      key = line.slice(0, eq).trim();
      at[key] = line.slice(eq + 1).trim();
    }
  }
  return out;
}

/** Words of a command: spaces, with quotes. */
const wordsOf = (text: string): string[] =>
  (text.match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? []).map((w) =>
    w.replace(/"([^"]*)"|'([^']*)'/g, (_, double: string | undefined, single: string | undefined) => double ?? single ?? ''),
  );

function settings(name: string, s: Readonly<Record<string, string>>): Settings {
  const flag = (key: string, otherwise: boolean) => (s[key] === undefined ? otherwise : /^(true|1|yes|on)$/i.test(s[key] as string));
  const number = (key: string, otherwise: number) => (s[key] === undefined ? otherwise : Number(s[key]));
  const again = (s.autorestart ?? 'unexpected').toLowerCase();
  const file = (key: string) => (s[key] === undefined || /^(AUTO|NONE)$/i.test(s[key] as string) ? null : (s[key] as string));
  return {
    name,
    command: wordsOf(s.command ?? ''),
    autostart: flag('autostart', true),
    autorestart: again === 'unexpected' ? 'unexpected' : flag('autorestart', false) ? 'true' : 'false',
    startsecs: number('startsecs', 1),
    startretries: number('startretries', 3),
    stopsignal: parseSignal(s.stopsignal ?? 'TERM') ?? SIGNALS.SIGTERM,
    stopwaitsecs: number('stopwaitsecs', 10),
    exitcodes: (s.exitcodes ?? '0').split(',').map(Number),
    priority: number('priority', 999),
    user: s.user ?? null,
    directory: s.directory ?? null,
    environment: Object.fromEntries(
      (s.environment ?? '')
        .match(/\w+=(?:"[^"]*"|[^,]*)/g)
        ?.map((e) => [e.split('=')[0] as string, e.slice(e.indexOf('=') + 1).replaceAll('"', '')]) ?? [],
    ),
    stdout: file('stdout_logfile'),
    stderr: flag('redirect_stderr', false) ? file('stdout_logfile') : file('stderr_logfile'),
  };
}

function begin(sys: Sys, s: State): { exit: number } | { state: State } {
  const option = (short: string, long: string) => {
    const i = s.argv.findIndex((a) => a === short || a === long);
    return i < 0 ? undefined : s.argv[i + 1];
  };
  if (s.argv.includes('-v') || s.argv.includes('--version')) {
    attempt(() => sys.write(1, `${VERSION}\n`));
    return { exit: 0 };
  }
  const given = option('-c', '--configuration');
  const found = (given === undefined ? PLACES : [given]).find((p) => !(attempt(() => sys.stat(p)) instanceof Errno));
  const fail = (text: string) => {
    attempt(() => sys.write(2, `Error: ${text}\nFor help, use ${s.argv[0]} -h\n`));
    return { exit: 2 };
  };
  if (found === undefined)
    return fail(
      given === undefined
        ? 'No config file found at default paths (/usr/etc/supervisord.conf, /usr/supervisord.conf, supervisord.conf, etc/supervisord.conf, /etc/supervisord.conf, /etc/supervisor/supervisord.conf); use the -c option to specify a config file at a different path'
        : `could not find config file ${given}`,
    );
  const ini = sections(slurp(sys, found));
  if (!ini.supervisord) return fail('.ini file does not include supervisord section');
  const children = Object.entries(ini).flatMap(([key, section]): Child[] => {
    const name = /^program:(.+)$/.exec(key)?.[1];
    return name === undefined
      ? []
      : [{ set: settings(name, section), phase: 'STOPPED', pid: 0, begun: 0, at: null, tries: 0, note: 'Not started' }];
  });
  const bad = children.find((c) => c.set.command.length === 0);
  if (bad)
    return fail(
      `program section program:${bad.set.name} does not specify a command in section 'program:${bad.set.name}' (file: '${found}')`,
    );
  const foreground = s.argv.includes('-n') || s.argv.includes('--nodaemon') || /^(true|1|yes|on)$/i.test(ini.supervisord.nodaemon ?? '');
  if (!foreground) {
    attempt(() => sys.write(2, 'drydock: supervisord that goes to the background is not modelled: give it -n, as in any container\n'));
    return { exit: 1 };
  }
  if (sys.credentials().euid === 0 && ini.supervisord.user === undefined)
    log(
      sys,
      'CRIT',
      'Supervisor is running as root.  Privileges were not dropped because no user is specified in the config file.  If you intend to run as root, you can set user=root in the config file to avoid this message.',
    );
  for (const n of [SIGNALS.SIGTERM, SIGNALS.SIGINT, SIGNALS.SIGQUIT, SIGNALS.SIGHUP, SIGNALS.SIGCHLD]) sys.sigaction(n, 'handle');
  sys.sigaction(SIGNALS.SIGPIPE, 'ignore');
  const path = ini.unix_http_server ? (ini.unix_http_server.file ?? SOCKET) : null;
  if (path !== null) attempt(() => sys.unlink(path));
  const listener = path === null ? -1 : attempt(() => sys.listen(path, 0o700));
  if (path !== null && !(listener instanceof Errno)) {
    log(sys, 'INFO', "RPC interface 'supervisor' initialized");
    log(sys, 'CRIT', "Server 'unix_http_server' running without any HTTP authentication checking");
  }
  log(sys, 'INFO', `supervisord started with pid ${sys.getpid()}`);
  sys.prctl({ title: `/usr/bin/python3 ${s.argv.join(' ')}` });
  children.sort((a, b) => a.set.priority - b.set.priority);
  const state: State = { ...s, phase: 'serve', children, listener: listener instanceof Errno ? -1 : listener };
  return { state: { ...state, children: children.map((c) => (c.set.autostart ? start(sys, state, c) : c)) } };
}

/** A log file's descriptor: /dev/stdout and /dev/fd/1 are its own. */
const output = (sys: Sys, path: string | null, own: number): number => {
  if (path === null) return sys.open('/dev/null', { write: true });
  if (/^\/dev\/(stdout|fd\/1|stderr|fd\/2)$/.test(path)) return own;
  const fd = attempt(() => sys.open(path, { write: true, append: true, create: true }, 0o644));
  return fd instanceof Errno ? own : fd;
};

function start(sys: Sys, s: State, c: Child): Child {
  const { set } = c;
  const nul = sys.open('/dev/null', { read: true });
  const out = output(sys, set.stdout, 1);
  const err = output(sys, set.stderr, 2);
  // Words as a user of its own: su(1)'s way, in one.
  const argv =
    set.user !== null && sys.credentials().euid === 0
      ? ['setpriv', '--reuid', set.user, '--regid', `${names(sys).user(set.user)?.gid ?? 0}`, '--init-groups', ...set.command]
      : set.command;
  const cwd = attempt(() => sys.getcwd());
  if (set.directory) attempt(() => sys.chdir(set.directory as string));
  const env = { ...s.env, SUPERVISOR_ENABLED: '1', SUPERVISOR_PROCESS_NAME: set.name, SUPERVISOR_GROUP_NAME: set.name, ...set.environment };
  const pid = spawnp(sys, argv, env, { 0: nul, 1: out, 2: err }, 0);
  if (set.directory && !(cwd instanceof Errno)) attempt(() => sys.chdir(cwd));
  for (const fd of new Set([nul, out, err])) if (fd > 2) attempt(() => sys.close(fd));
  if (pid instanceof Errno) {
    log(sys, 'INFO', `spawnerr: can't find command '${set.command[0]}'`);
    return failed(sys, { ...c, note: `can't find command '${set.command[0]}'` });
  }
  log(sys, 'INFO', `spawned: '${set.name}' with pid ${pid}`);
  const begun = sys.uptime();
  return { ...c, phase: 'STARTING', pid, begun, at: begun + set.startsecs * 1000, note: '' };
}

/** It did not come up: again after a pause, until it has been tried often enough. */
function failed(sys: Sys, c: Child): Child {
  const tries = c.tries + 1;
  if (tries > c.set.startretries) {
    log(sys, 'INFO', `gave up: ${c.set.name} entered FATAL state, too many start retries too quickly`);
    return { ...c, phase: 'FATAL', pid: 0, at: null, tries, note: c.note || 'Exited too quickly (process log may have details)' };
  }
  return {
    ...c,
    phase: 'BACKOFF',
    pid: 0,
    tries,
    at: sys.uptime() + tries * 1000,
    note: c.note || 'Exited too quickly (process log may have details)',
  };
}

function ended(sys: Sys, s: State, c: Child, how: ChildStatus['how']): Child {
  const status = 'exited' in how ? how.exited : null;
  const words = 'signaled' in how ? `terminated by ${signalName(how.signaled)}` : `exit status ${status}`;
  if (c.phase === 'STOPPING') {
    log(sys, 'WARN', `stopped: ${c.set.name} (${words})`);
    return { ...c, phase: 'STOPPED', pid: 0, at: null, note: '' };
  }
  if (c.phase === 'STARTING' && c.set.startsecs > 0) {
    log(sys, 'WARN', `exited: ${c.set.name} (${words}; not expected)`);
    return failed(sys, c);
  }
  const expected = status !== null && c.set.exitcodes.includes(status);
  log(sys, expected ? 'INFO' : 'WARN', `exited: ${c.set.name} (${words}; ${expected ? 'expected' : 'not expected'})`);
  const over: Child = { ...c, phase: 'EXITED', pid: 0, at: null, tries: 0, note: '' };
  const again = c.set.autorestart === 'true' || (c.set.autorestart === 'unexpected' && !expected);
  return again && !s.ending ? start(sys, s, over) : over;
}

function stop(sys: Sys, c: Child): Child {
  if (c.phase === 'BACKOFF') return { ...c, phase: 'STOPPED', at: null };
  if (c.phase !== 'STARTING' && c.phase !== 'RUNNING') return c;
  attempt(() => sys.kill(c.pid, c.set.stopsignal));
  return { ...c, phase: 'STOPPING', at: sys.uptime() + c.set.stopwaitsecs * 1000 };
}

/** What the clock has brought. */
function tick(sys: Sys, s: State, c: Child): Child {
  if (c.at === null || c.at > sys.uptime()) return c;
  if (c.phase === 'STARTING') {
    log(
      sys,
      'INFO',
      `success: ${c.set.name} entered RUNNING state, process has stayed up for > than ${c.set.startsecs} seconds (startsecs)`,
    );
    return { ...c, phase: 'RUNNING', at: null, tries: 0 };
  }
  if (c.phase === 'BACKOFF') return s.ending ? { ...c, phase: 'STOPPED', at: null } : start(sys, s, c);
  if (c.phase === 'STOPPING') {
    log(sys, 'WARN', `killing '${c.set.name}' (${c.pid}) with SIGKILL`);
    attempt(() => sys.kill(c.pid, SIGNALS.SIGKILL));
  }
  return { ...c, at: null };
}

// ——— supervisorctl's side

const pad = (n: number) => `${n}`.padStart(2, '0');
function statusLine(sys: Sys, c: Child): string {
  const up = Math.floor((sys.uptime() - c.begun) / 1000);
  const detail =
    c.phase === 'RUNNING'
      ? `pid ${c.pid}, uptime ${Math.floor(up / 3600)}:${pad(Math.floor(up / 60) % 60)}:${pad(up % 60)}`
      : c.phase === 'EXITED' || c.phase === 'STOPPED'
        ? c.note || strftime('%b %d %I:%M %p', Math.floor(sys.now() / 1000))
        : c.note;
  return `${c.set.name.padEnd(32)} ${c.phase.padEnd(9)} ${detail}`.trimEnd();
}

/** One request; the answer's lines, and what the programs are then. `wait`: answered when this program has come to rest. */
function asked(sys: Sys, s: State, words: readonly string[]): { state: State; lines: string[]; wait: string | null } {
  const [verb = '', name = ''] = words;
  const of = (children: Child[], lines: string[], wait: string | null = null) => ({ state: { ...s, children }, lines, wait });
  const c = s.children.find((x) => x.set.name === name);
  const change = (f: (c: Child) => Child) => s.children.map((x) => (x.set.name === name || name === 'all' ? f(x) : x));
  if (verb === 'status')
    return of(
      s.children,
      (name === '' ? s.children : s.children.filter((x) => x.set.name === name)).map((x) => statusLine(sys, x)),
    );
  if (verb === 'pid') return of(s.children, [`${name === '' ? sys.getpid() : (c?.pid ?? 0)}`]);
  if (verb === 'shutdown')
    return { state: { ...s, ending: true, children: s.children.map((x) => stop(sys, x)) }, lines: ['Shut down'], wait: null };
  if (!['start', 'stop', 'restart'].includes(verb)) return of(s.children, [`*** Unknown syntax: ${words.join(' ')}`]);
  if (name !== 'all' && !c) return of(s.children, [`${name}: ERROR (no such process)`]);
  const runs = (x: Child) => x.phase === 'RUNNING' || x.phase === 'STARTING';
  if (verb === 'stop' && c && !runs(c)) return of(s.children, [`${name}: ERROR (not running)`]);
  if (verb === 'start' && c && runs(c)) return of(s.children, [`${name}: ERROR (already started)`]);
  if (verb === 'start')
    return of(
      change((x) => (runs(x) ? x : start(sys, s, { ...x, tries: 0 }))),
      [],
      `start ${name}`,
    );
  return of(
    change((x) => stop(sys, x)),
    [],
    `${verb} ${name}`,
  );
}

/** Whether what was asked for has come to an end; the lines that say so. */
function settled(sys: Sys, s: State, wait: string): { state: State; lines: string[] | null } {
  const [verb = '', name = ''] = wait.split(' ');
  const mine = s.children.filter((c) => c.set.name === name || name === 'all');
  if (mine.some((c) => c.phase === 'STOPPING' || c.phase === 'STARTING' || c.phase === 'BACKOFF')) return { state: s, lines: null };
  if (verb === 'stop') return { state: s, lines: mine.map((c) => `${c.set.name}: stopped`) };
  if (verb === 'restart') {
    const children = s.children.map((c) => (mine.includes(c) ? start(sys, s, { ...c, tries: 0 }) : c));
    return { state: { ...s, children }, lines: null };
  }
  return { state: s, lines: mine.map((c) => (c.phase === 'RUNNING' ? `${c.set.name}: started` : `${c.set.name}: ERROR (spawn error)`)) };
}

function serve(sys: Sys, before: State): State {
  let s = before;
  for (;;) {
    const fd = s.listener < 0 ? null : attempt(() => sys.accept(s.listener));
    if (fd === null || fd instanceof Errno) break;
    s = { ...s, conns: [...s.conns, { fd, input: '', waits: null }] };
  }
  const open: State['conns'] = [];
  for (const conn of s.conns) {
    let { input, waits } = conn;
    let lines: string[] | null = null;
    if (waits === null) {
      const data = attempt(() => sys.read(conn.fd, 4096));
      if (typeof data === 'string') input += data;
      if (data instanceof Errno || data === '') {
        attempt(() => sys.close(conn.fd));
        continue;
      }
      if (input.endsWith('\n')) {
        const done = asked(sys, s, input.trim().split(' '));
        s = done.state;
        waits = done.wait;
        if (waits === null) lines = done.lines.length > 0 || done.wait === null ? done.lines : null;
        else if (done.lines.length > 0) lines = done.lines;
      }
    }
    if (waits !== null && lines === null) {
      const was = waits;
      const done = settled(sys, s, waits);
      s = done.state;
      lines = done.lines;
      // Stopped, and started again: now it is that which is waited for.
      if (was.startsWith('restart') && lines === null && s.children.every((c) => c.phase !== 'STOPPING'))
        waits = was.replace('restart', 'start');
      if (was.startsWith('restart') && waits !== was) attempt(() => sys.write(conn.fd, `${was.split(' ')[1]}: stopped\n`));
    }
    if (lines === null) open.push({ ...conn, input, waits });
    else {
      const text = lines.map((l) => `${l}\n`).join('');
      attempt(() => sys.write(conn.fd, text));
      attempt(() => sys.close(conn.fd));
    }
  }
  return { ...s, conns: open };
}

function turn(sys: Sys, before: State): Outcome<State> {
  let s = before;
  for (const n of sys.takeSignals()) {
    if (n === SIGNALS.SIGCHLD || s.ending) continue;
    if (n === SIGNALS.SIGHUP) continue;
    log(sys, 'WARN', `received ${signalName(n)} indicating exit request`);
    const live = s.children.filter((c) => c.pid > 0);
    if (live.length > 0) log(sys, 'INFO', `waiting for ${live.map((c) => c.set.name).join(', ')} to die`);
    s = {
      ...s,
      ending: true,
      children: [...s.children]
        .reverse()
        .map((c) => stop(sys, c))
        .reverse(),
    };
  }
  for (;;) {
    const child = attempt(() => sys.waitpid());
    if (child === null || child instanceof Errno) break;
    const mine = s.children.find((c) => c.pid === child.pid);
    if (!mine)
      log(
        sys,
        'INFO',
        `reaped unknown pid ${child.pid} (${'exited' in child.how ? `exit status ${child.how.exited}` : 'signaled' in child.how ? `terminated by ${signalName(child.how.signaled)}` : 'stopped'})`,
      );
    const state = s;
    s = { ...s, children: s.children.map((c) => (c === mine ? ended(sys, state, c, child.how) : c)) };
  }
  const state = s;
  s = serve(sys, { ...s, children: s.children.map((c) => tick(sys, state, c)) });
  if (s.ending && s.children.every((c) => c.pid === 0)) return { exit: 0 };
  const of: Wait[] = [{ for: 'signal' }, { for: 'child' }];
  if (s.listener >= 0) of.push({ for: 'read', fd: s.listener });
  for (const c of s.conns) if (c.waits === null) of.push({ for: 'read', fd: c.fd });
  for (const c of s.children) if (c.at !== null) of.push({ for: 'time', at: c.at });
  return { wait: { for: 'any', of }, state: s };
}

export const supervisord: Program<State> = {
  start: ({ argv, env }) => ({ phase: 'start', argv, env, children: [], listener: -1, conns: [], ending: false, logs: true }),
  run(sys, before) {
    if (before.phase === 'serve') return turn(sys, before);
    const begun = begin(sys, before);
    return 'exit' in begun ? begun : turn(sys, begun.state);
  },
};

interface Ctl {
  argv: string[];
  fd: number | null;
}
export const supervisorctl: Program<Ctl> = {
  start: ({ argv }) => ({ argv, fd: null }),
  run(sys, s) {
    let { fd } = s;
    if (fd === null) {
      const words = s.argv.slice(1).filter((w, i, all) => !(w === '-c' || all[i - 1] === '-c'));
      if (words.length === 0) {
        attempt(() => sys.write(2, 'drydock: the prompt of supervisorctl is not modelled\n'));
        return { exit: 1 };
      }
      const made = attempt(() => sys.connect(SOCKET));
      if (made instanceof Errno) {
        attempt(() => sys.write(1, `unix://${SOCKET} ${made.code === 'ENOENT' ? 'no such file' : 'refused connection'}\n`));
        return { exit: 4 };
      }
      fd = made;
      attempt(() => sys.write(made, `${words.join(' ')}\n`));
    }
    for (;;) {
      const data = attempt(() => sys.read(fd as number, 65536));
      if (data === null) return { wait: { for: 'read', fd }, state: { ...s, fd } };
      if (data instanceof Errno || data === '') return { exit: 0 };
      attempt(() => sys.write(1, data));
    }
  },
};
