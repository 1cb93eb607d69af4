/**
 * redis-server: listens on 6379, keeps what it is told in memory, and writes dump.rdb where it runs. redis 8.0, src/server.c.
 *
 *   SAVE, BGSAVE (a forked child), the save points (900 s 1 change, 300 s 10, 60 s 10,000), and SIGTERM write the file;
 *   a server that starts reads it.
 *
 * Simplified: no append-only file, no replication, no users; of --bind IPv4's addresses, and names that
 * /etc/hosts has: to others no server is taken to answer; CONFIG GET knows the options of the command line.
 * Past 400 lines because it is one server's loop: connections, timers and the file that it writes.
 */

import { inHosts } from '../../base/hosts';
import * as ip from '../../base/ip';
import { strftime } from '../../base/posix';
import { attempt, Errno, type Program, SIGNALS, type Sys, type Wait } from '../../kernel';
import { slurp, slurpOrEmpty, spill } from '../io';
import { listenOn } from './loopback';
import { type Db, encodeReply, execute, expired, parseRequest, type Reply } from './redis-data';
import { decodeRdb, encodeRdb } from './redis-rdb';
import { REDIS_VERSION } from './versions';

interface Conn {
  fd: number;
  input: string;
  output: string;
  closing: boolean;
  authenticated: boolean;
}

interface State {
  phase: 'start' | 'serve' | 'save';
  argv: string[];
  options: Record<string, string>;
  listeners: number[];
  db: Db;
  conns: Conn[];
  saver: number | null;
  /** Changes since the last save, and when that was: milliseconds since boot. */
  changes: number;
  savedAt: number;
  started: number;
  /** When somebody last took it for a web server. */
  warned?: number;
}

const DEFAULTS: Readonly<Record<string, string>> = {
  port: '6379',
  bind: '* -::*',
  dir: '',
  dbfilename: 'dump.rdb',
  save: '3600 1 300 100 60 10000',
  appendonly: 'no',
  requirepass: '',
  maxmemory: '0',
  'maxmemory-policy': 'noeviction',
  databases: '16',
  'protected-mode': 'yes',
  loglevel: 'notice',
  daemonize: 'no',
};

const stamp = (sys: Sys) =>
  `${strftime('%d %b %Y %H:%M:%S', Math.floor(sys.now() / 1000))}.${`${Math.floor(sys.now() % 1000)}`.padStart(3, '0')}`;
const say = (sys: Sys, text: string) => void attempt(() => sys.write(1, text));
/** A line of the log; `role` M is the server, C a child or what has not become a server yet. */
const log = (sys: Sys, role: 'M' | 'C', mark: '*' | '#', text: string) =>
  say(sys, `${sys.getpid()}:${role} ${stamp(sys)} ${mark} ${text}\n`);

/** Options of the command line over those of a configuration file. */
function readOptions(sys: Sys, argv: readonly string[]): Record<string, string> | { fault: string } {
  const out: Record<string, string> = {};
  let rest = argv.slice(1);
  if (rest[0] && !rest[0].startsWith('--')) {
    const file = rest[0];
    const text = attempt(() => slurp(sys, file));
    if (text instanceof Errno) return { fault: `Fatal error, can't open config file '${file}': ${text.message}` };
    for (const line of text.split('\n')) {
      const [name = '', ...values] = line.trim().split(/\s+/);
      if (name !== '' && !name.startsWith('#')) out[name.toLowerCase()] = values.join(' ').replace(/^"(.*)"$/, '$1');
    }
    out['config-file'] = file;
    rest = rest.slice(1);
  }
  for (let i = 0; i < rest.length; i++) {
    const name = (rest[i] as string).replace(/^--/, '').toLowerCase();
    const values: string[] = [];
    while (rest[i + 1] !== undefined && !(rest[i + 1] as string).startsWith('--')) values.push(rest[++i] as string);
    out[name] = values.join(' ');
  }
  const unknown = Object.keys(out).find((n) => n !== 'config-file' && !Object.hasOwn(DEFAULTS, n));
  if (unknown !== undefined)
    return {
      fault: `*** FATAL CONFIG FILE ERROR (Redis ${REDIS_VERSION}) ***\nReading the configuration file, at line 2\n>>> '${unknown} "${out[unknown]}"'\nBad directive or wrong number of arguments`,
    };
  return out;
}

/** The addresses of --bind as its listener and the log name them: those of IPv6 are left to the socket of `*`. */
const addressesOf = (bind: string): { address: string; optional: boolean }[] =>
  bind
    .split(/\s+/)
    .filter((w) => w !== '' && !w.includes(':'))
    .map((w) => ({ address: w.replace(/^-/, ''), optional: w.startsWith('-') }));

/** A socket for each address; null when one cannot be had that is not marked as optional: listenToPort. */
function listen(sys: Sys, bind: string, port: number): number[] | null {
  const out: number[] = [];
  for (const { address, optional } of addressesOf(bind)) {
    const own = address === '*' ? '0.0.0.0' : addressOf(sys, address);
    const fd = own === undefined ? 'Temporary failure in name resolution' : attempt(() => listenOn(sys, port, own));
    if (typeof fd === 'number') {
      out.push(fd);
      continue;
    }
    const why = fd instanceof Errno ? `bind: ${fd.message}` : fd;
    log(sys, 'M', '#', `Warning: Could not create server TCP listening socket ${address}:${port}: ${why}`);
    // What its interface has not is passed over where that is allowed; a port that is taken never is.
    if (optional && fd instanceof Errno && fd.code === 'EADDRNOTAVAIL') continue;
    for (const open of out) attempt(() => sys.close(open));
    log(sys, 'M', '#', `Failed listening on port ${port} (tcp), aborting.`);
    return null;
  }
  return out;
}

/** An address as it is, or that of a name. */
const addressOf = (sys: Sys, name: string): string | undefined =>
  ip.parse(name) ? name : inHosts(slurpOrEmpty(sys, '/etc/hosts'), name).find((a) => !a.includes(':'));

function begin(sys: Sys, s: State): { exit: number } | { state: State } {
  if (s.argv.includes('--version') || s.argv.includes('-v')) {
    say(sys, `Redis server v=${REDIS_VERSION} sha=00000000:0 malloc=jemalloc-5.3.1 bits=64 build=4ff5c8d39231b5d1\n`);
    return { exit: 0 };
  }
  const given = readOptions(sys, s.argv);
  if ('fault' in given && !Object.hasOwn(given, 'config-file')) {
    attempt(() => sys.write(2, `\n${given.fault}\n`));
    return { exit: 1 };
  }
  const options: Record<string, string> = { ...DEFAULTS, ...given };
  log(sys, 'C', '*', 'oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo');
  log(sys, 'C', '*', `Redis version=${REDIS_VERSION}, bits=64, commit=00000000, modified=0, pid=${sys.getpid()}, just started`);
  if (Object.keys(given).length === 0)
    log(
      sys,
      'C',
      '#',
      'Warning: no config file specified, using the default config. In order to specify a config file use redis-server /path/to/redis.conf',
    );
  else log(sys, 'C', '*', 'Configuration loaded');
  if (options.dir) {
    const moved = attempt(() => sys.chdir(options.dir as string));
    if (moved instanceof Errno) {
      attempt(() =>
        sys.write(
          2,
          `\n*** FATAL CONFIG FILE ERROR (Redis ${REDIS_VERSION}) ***\nReading the configuration file, at line 2\n>>> 'dir "${options.dir}"'\n${moved.message}\n`,
        ),
      );
      return { exit: 1 };
    }
  }
  const port = Number(options.port);
  log(sys, 'M', '*', 'monotonic clock: POSIX clock_gettime');
  log(sys, 'M', '*', `Running mode=standalone, port=${port}.`);
  const listeners = listen(sys, options.bind ?? '', port);
  if (listeners === null) return { exit: 1 };
  for (const n of [SIGNALS.SIGTERM, SIGNALS.SIGINT, SIGNALS.SIGCHLD]) attempt(() => sys.sigaction(n, 'handle'));
  for (const n of [SIGNALS.SIGHUP, SIGNALS.SIGPIPE]) attempt(() => sys.sigaction(n, 'ignore'));
  log(sys, 'M', '*', 'Server initialized');
  const db = load(sys, options);
  if (db === null) return { exit: 1 };
  log(sys, 'M', '*', 'Ready to accept connections tcp');
  sys.prctl({ title: `${(s.argv[0] as string).split('/').pop()} ${addressesOf(options.bind ?? '')[0]?.address || '*'}:${port}` });
  return { state: { ...s, phase: 'serve', options, listeners, db, savedAt: sys.uptime(), started: sys.uptime() } };
}

/** Reads the file that an earlier server left; null when it is broken. */
function load(sys: Sys, options: Record<string, string>): Db | null {
  const text = attempt(() => slurp(sys, options.dbfilename as string));
  if (text instanceof Errno) {
    if (text.code === 'ENOENT') return {};
    log(sys, 'M', '#', `Fatal error loading the DB, check server logs. Exiting.: ${text.message}`);
    return null;
  }
  const db = decodeRdb(text);
  if (db === null) {
    log(sys, 'M', '#', 'Wrong signature trying to load DB from file');
    log(sys, 'M', '#', 'Fatal error loading the DB, check server logs. Exiting.');
    return null;
  }
  log(sys, 'M', '*', `Loading RDB produced by version ${REDIS_VERSION}`);
  log(sys, 'M', '*', `Done loading RDB, keys loaded: ${Object.keys(db).length}, keys expired: 0.`);
  log(sys, 'M', '*', 'DB loaded from disk: 0.000 seconds');
  return db;
}

/** Writes the file: a new one first, which then takes the old one's name. */
function save(sys: Sys, s: State, role: 'M' | 'C'): boolean {
  const temporary = `temp-${sys.getpid()}.rdb`;
  const done = attempt(() => {
    spill(sys, temporary, encodeRdb(s.db, REDIS_VERSION, sys.now()), 0o644);
    sys.rename(temporary, s.options.dbfilename as string);
  });
  if (done instanceof Errno) {
    const cwd = attempt(() => sys.getcwd());
    log(
      sys,
      role,
      '#',
      `Failed opening the temp RDB file ${temporary} (in server root dir ${cwd instanceof Errno ? 'unknown' : cwd}) for saving: ${done.message}`,
    );
    return false;
  }
  log(sys, role, '*', 'DB saved on disk');
  return true;
}

function bgsave(sys: Sys, s: State): State {
  const saver = sys.fork({ ...s, phase: 'save', conns: [] });
  log(sys, 'M', '*', `Background saving started by pid ${saver}`);
  return { ...s, saver };
}

/** Save points: seconds and changes, in pairs; the next moment at which one may be due. */
function savePoint(sys: Sys, s: State): { due: boolean; at: number | null } {
  const numbers = (s.options.save ?? '').split(/\s+/).filter(Boolean).map(Number);
  let at: number | null = null;
  for (let i = 0; i + 1 < numbers.length; i += 2) {
    if (s.changes < (numbers[i + 1] as number)) continue;
    const when = s.savedAt + (numbers[i] as number) * 1000;
    if (when <= sys.uptime()) return { due: true, at: null };
    at = at === null ? when : Math.min(at, when);
  }
  return { due: false, at };
}

type Served = { state: State; reply: Reply; quit?: boolean; exit?: number };

/** Commands that are the server's own matter. */
function command(sys: Sys, s: State, c: Conn, words: string[]): Served {
  const name = (words[0] as string).toLowerCase();
  const reply = (r: Reply): Served => ({ state: s, reply: r });
  if (s.options.requirepass && !c.authenticated && name !== 'auth' && name !== 'quit')
    return reply({ error: 'NOAUTH Authentication required.' });
  switch (name) {
    case 'ping':
      return reply(words[1] === undefined ? { ok: 'PONG' } : { bulk: words[1] });
    case 'echo':
      return reply(words.length === 2 ? { bulk: words[1] as string } : { error: "ERR wrong number of arguments for 'echo' command" });
    case 'select':
      return reply(words[1] === '0' ? { ok: 'OK' } : { error: 'ERR drydock: databases other than 0 are not modelled' });
    case 'command':
      return reply({ list: [] });
    case 'client':
      return reply({ ok: 'OK' });
    case 'auth':
      return reply(
        !s.options.requirepass
          ? {
              error:
                'ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?',
            }
          : words.at(-1) === s.options.requirepass
            ? { ok: 'OK' }
            : { error: 'WRONGPASS invalid username-password pair or user is disabled.' },
      );
    case 'quit':
      return { state: s, reply: { ok: 'OK' }, quit: true };
    case 'time':
      return reply({ list: [{ bulk: `${Math.floor(sys.now() / 1000)}` }, { bulk: `${Math.floor((sys.now() % 1000) * 1000)}` }] });
    case 'lastsave':
      return reply({ int: Math.floor((sys.now() - (sys.uptime() - s.savedAt)) / 1000) });
    case 'config':
      return config(s, words);
    case 'info':
      return reply({ bulk: info(sys, s, words[1]) });
    case 'save':
      return save(sys, s, 'M') ? { state: { ...s, changes: 0, savedAt: sys.uptime() }, reply: { ok: 'OK' } } : reply({ error: 'ERR' });
    case 'bgsave':
      return s.saver === null
        ? { state: bgsave(sys, s), reply: { ok: 'Background saving started' } }
        : reply({ error: 'ERR Background save already in progress' });
    case 'shutdown': {
      log(sys, 'M', '*', 'User requested shutdown...');
      const kept = words[1]?.toLowerCase() === 'nosave' ? true : finish(sys, s);
      return kept ? { state: s, reply: { ok: 'OK' }, exit: 0 } : reply({ error: 'ERR Errors trying to SHUTDOWN. Check logs.' });
    }
  }
  const now = sys.now();
  const done = execute(expired(s.db, now), words, now);
  if (done === null)
    return reply({
      error: `ERR unknown command '${words[0]}', with args beginning with: ${words
        .slice(1)
        .map((w) => `'${w}' `)
        .join('')}`,
    });
  return { state: done.db ? { ...s, db: done.db, changes: s.changes + 1 } : s, reply: done.reply };
}

function config(s: State, words: readonly string[]): Served {
  const [, verb = '', name = '', value] = words;
  if (verb.toLowerCase() === 'get') {
    const names = Object.keys(s.options).filter((n) => name === '*' || n === name.toLowerCase());
    return { state: s, reply: { list: names.flatMap((n) => [{ bulk: n }, { bulk: s.options[n] ?? '' }]) } };
  }
  if (verb.toLowerCase() === 'set' && value !== undefined && Object.hasOwn(DEFAULTS, name.toLowerCase()))
    return { state: { ...s, options: { ...s.options, [name.toLowerCase()]: value } }, reply: { ok: 'OK' } };
  return { state: s, reply: { error: `ERR Unknown option or number of arguments for CONFIG SET - '${name}'` } };
}

function info(sys: Sys, s: State, section: string | undefined): string {
  const up = Math.floor((sys.uptime() - s.started) / 1000);
  const sections: Record<string, string[]> = {
    Server: [
      `redis_version:${REDIS_VERSION}`,
      'redis_mode:standalone',
      `os:Linux ${sys.uname().release} x86_64`,
      'arch_bits:64',
      `process_id:${sys.getpid()}`,
      `tcp_port:${s.options.port}`,
      `uptime_in_seconds:${up}`,
      `uptime_in_days:${Math.floor(up / 86_400)}`,
    ],
    Clients: [`connected_clients:${s.conns.length}`],
    Persistence: [
      'loading:0',
      `rdb_changes_since_last_save:${s.changes}`,
      `rdb_bgsave_in_progress:${s.saver === null ? 0 : 1}`,
      'rdb_last_bgsave_status:ok',
      'aof_enabled:0',
    ],
    Replication: ['role:master', 'connected_slaves:0'],
    Keyspace: Object.keys(s.db).length
      ? [`db0:keys=${Object.keys(s.db).length},expires=${Object.values(s.db).filter((e) => e.expires !== undefined).length},avg_ttl=0`]
      : [],
  };
  return Object.entries(sections)
    .filter(([name]) => section === undefined || name.toLowerCase() === section.toLowerCase())
    .map(([name, lines]) => `# ${name}\r\n${lines.map((l) => `${l}\r\n`).join('')}`)
    .join('\r\n');
}

/** The last save before the end; false when it failed and the server stays. */
function finish(sys: Sys, s: State): boolean {
  if ((s.options.save ?? '') !== '') {
    log(sys, 'M', '*', 'Saving the final RDB snapshot before exiting.');
    if (!save(sys, s, 'M')) {
      log(sys, 'M', '#', 'Error trying to save the DB, but the shutdown is not forced: staying.');
      return false;
    }
  }
  log(sys, 'M', '#', 'Redis is now ready to exit, bye bye...');
  return true;
}

/** A browser, or curl, that was sent here: networking.c, securityWarningCommand. */
const ATTACK =
  'Possible SECURITY ATTACK detected. It looks like somebody is sending POST or Host: commands to Redis. This is likely due to an attacker attempting to use Cross Protocol Scripting to compromise your Redis instance. Connection aborted.';

/** Reads, answers and writes one connection; null when it is over. */
function converse(sys: Sys, s: State, conn: Conn): { state: State; conn: Conn | null; exit?: number } {
  let state = s;
  let { input, output, closing, authenticated } = conn;
  for (;;) {
    const data = attempt(() => sys.read(conn.fd, 65536));
    if (data === null) break;
    if (data instanceof Errno) return { state, conn: null };
    if (data === '') {
      closing = true;
      break;
    }
    input += data;
  }
  while (!(closing && input === '')) {
    const parsed = parseRequest(input);
    if (!parsed) break;
    input = parsed.rest;
    if (parsed.words.length === 0) continue;
    if (/^(post|host:)$/i.test(parsed.words[0] as string)) {
      // Told once a minute; what was answered before goes with the connection.
      const told = state.warned !== undefined && sys.uptime() - state.warned <= 60_000;
      if (!told) log(sys, 'M', '#', ATTACK);
      return { state: told ? state : { ...state, warned: sys.uptime() }, conn: null };
    }
    const done = command(sys, state, { ...conn, authenticated }, parsed.words);
    state = done.state;
    if (done.exit !== undefined) return { state, conn: null, exit: done.exit };
    if (parsed.words[0]?.toLowerCase() === 'auth' && 'ok' in done.reply) authenticated = true;
    output += encodeReply(done.reply);
    if (done.quit) closing = true;
  }
  while (output !== '') {
    const n = attempt(() => sys.write(conn.fd, output));
    if (n instanceof Errno) return { state, conn: null };
    if (n === null) return { state, conn: { ...conn, input, output, closing, authenticated } };
    output = output.slice(n);
  }
  return { state, conn: closing ? null : { ...conn, input, output, closing, authenticated } };
}

export const redisServer: Program<State> = {
  start: (exec) => ({
    phase: 'start',
    argv: exec.argv,
    options: {},
    listeners: [],
    db: {},
    conns: [],
    saver: null,
    changes: 0,
    savedAt: 0,
    started: 0,
  }),
  run(sys, before) {
    let s = before;
    if (s.phase === 'save') return { exit: save(sys, s, 'C') ? 0 : 1 };
    if (s.phase === 'start') {
      const begun = begin(sys, s);
      if ('exit' in begun) return begun;
      s = begun.state;
    }
    for (const n of sys.takeSignals()) {
      if (n !== SIGNALS.SIGTERM && n !== SIGNALS.SIGINT) continue;
      say(
        sys,
        `${sys.getpid()}:signal-handler (${Math.floor(sys.now() / 1000)}) Received ${n === SIGNALS.SIGTERM ? 'SIGTERM' : 'SIGINT'} scheduling shutdown...\n`,
      );
      log(sys, 'M', '*', 'User requested shutdown...');
      if (finish(sys, s)) return { exit: 0 };
    }
    for (;;) {
      const child = attempt(() => sys.waitpid());
      if (child === null || child instanceof Errno) break;
      if (child.pid !== s.saver) continue;
      const well = 'exited' in child.how && child.how.exited === 0;
      log(sys, 'M', well ? '*' : '#', well ? 'Background saving terminated with success' : 'Background saving error');
      s = { ...s, saver: null, ...(well ? { changes: 0, savedAt: sys.uptime() } : {}) };
    }
    for (const listener of s.listeners) {
      for (;;) {
        const fd = attempt(() => sys.net.accept(listener));
        if (fd === null || fd instanceof Errno) break;
        s = { ...s, conns: [...s.conns, { fd, input: '', output: '', closing: false, authenticated: false }] };
      }
    }
    const open: Conn[] = [];
    for (const c of s.conns) {
      const done = converse(sys, s, c);
      s = done.state;
      if (done.exit !== undefined) return { exit: done.exit };
      if (done.conn) open.push(done.conn);
      else attempt(() => sys.close(c.fd));
    }
    s = { ...s, conns: open };
    const point = savePoint(sys, s);
    if (point.due && s.saver === null) s = bgsave(sys, s);
    const of: Wait[] = [...s.listeners.map((fd) => ({ for: 'read' as const, fd })), { for: 'signal' }, { for: 'child' }];
    for (const c of open) of.push({ for: 'read', fd: c.fd }, ...(c.output === '' ? [] : [{ for: 'write' as const, fd: c.fd }]));
    if (point.at !== null) of.push({ for: 'time', at: point.at });
    return { wait: { for: 'any', of }, state: s };
  },
};
