/**
 * postgres: the server over a data directory. PostgreSQL 17, postmaster.c, xlog.c; its log's lines are those of the source.
 *
 *   start   refuses root, a directory that is not its own, another version, one that another server holds
 *   serve   port 5432 and the socket in /var/run/postgresql; a table is on the disk when its statement is answered
 *   stop    TERM smart: waits for who is connected · INT fast: ends them · QUIT immediate: no shutdown, recovery at the next start
 *
 * Simplified: one process answers, the five beside it only stand there; one line of JSON each way instead of the frontend/backend
 * protocol; passwords are compared as they are; SQL as far as sql.ts goes.
 */

import { strftime } from '../../base/posix';
import { attempt, Errno, type Program, SIGNALS, type Sys, type Wait } from '../../kernel';
import { slurp, spill } from '../io';
import { listenOn, peerOf } from '../servers/loopback';
import * as files from './postgres-files';
import { type Answer, execute } from './sql';
import { POSTGRES_LONG, POSTGRES_VERSION } from './versions';

export const SOCKET_DIR = '/var/run/postgresql';
export const PORT = 5432;
export const socketAt = (port: number) => `${SOCKET_DIR}/.s.PGSQL.${port}`;

/** What psql and pg_isready send, one line; and what comes back. */
export interface Ask {
  user: string;
  database: string;
  password: string | null;
  sql: string | null;
}
export type Reply = { fatal: string } | { ready: true } | { answers: Answer[] };

interface Conn {
  fd: number;
  local: boolean;
  client: string;
  input: string;
}

interface State {
  phase: 'start' | 'serve' | 'aux';
  argv: string[];
  env: Record<string, string>;
  dir: string;
  port: number;
  listeners: { fd: number; local: boolean }[];
  conns: Conn[];
  helpers: { pid: number; name: string }[];
  stopping: 'smart' | 'fast' | null;
}

const HELPERS = ['checkpointer', 'background writer', 'walwriter', 'autovacuum launcher', 'logical replication launcher'];

const say = (sys: Sys, text: string) => void attempt(() => sys.write(2, text));
const stamp = (ms: number) => `${strftime('%Y-%m-%d %H:%M:%S', Math.floor(ms / 1000))}`;
const log = (sys: Sys, level: string, text: string, pid = sys.getpid()) =>
  say(sys, `${stamp(sys.now())}.${`${Math.floor(sys.now() % 1000)}`.padStart(3, '0')} UTC [${pid}] ${level}:  ${text}\n`);

const ROOT = `"root" execution of the PostgreSQL server is not permitted.
The server must be started under an unprivileged user ID to prevent
possible system security compromise.  See the documentation for
more information on how to properly start the server.
`;

interface Options {
  dir: string | undefined;
  port: number;
  addresses: string;
}
function options(argv: readonly string[], env: Record<string, string>): Options | { version: true } | { fault: string } {
  const o: Options = { dir: env.PGDATA, port: PORT, addresses: '*' };
  for (let i = 1; i < argv.length; i++) {
    const a = argv[i] as string;
    if (a === '--version' || a === '-V') return { version: true };
    if (a === '-D') o.dir = argv[++i];
    else if (a === '-p') o.port = Number(argv[++i]);
    else if (a === '-c' || a.startsWith('--')) {
      const [name = '', value = ''] = (a === '-c' ? (argv[++i] ?? '') : a.slice(2).replace('-', '_')).split('=');
      if (name === 'listen_addresses') o.addresses = value.replace(/^'(.*)'$/, '$1');
      if (name === 'port') o.port = Number(value);
    } else return { fault: `postgres: invalid argument: "${a}"\nTry "postgres --help" for more information.\n` };
  }
  return o;
}

/** What keeps a server from a data directory, with a second line where there is one. */
function refusal(sys: Sys, dir: string): [text: string, detail?: string] | null {
  const s = attempt(() => sys.stat(dir));
  if (s instanceof Errno) return [`could not access directory "${dir}": ${s.message}`];
  if (s.uid !== sys.credentials().euid)
    return [`data directory "${dir}" has wrong ownership`, 'HINT:  The server must be started by the user that owns the data directory.'];
  if (s.mode & 0o027)
    return [`data directory "${dir}" has invalid permissions`, 'DETAIL:  Permissions should be u=rwx (0700) or u=rwx,g=rx (0750).'];
  const version = attempt(() => slurp(sys, `${dir}/PG_VERSION`));
  if (version instanceof Errno)
    return [
      `"${dir}" is not a valid data directory`,
      version.code === 'ENOENT' ? `DETAIL:  File "${dir}/PG_VERSION" is missing.` : undefined,
    ].filter((x) => x !== undefined) as [string, string?];
  if (version.trim() !== files.MAJOR)
    return [
      'database files are incompatible with server',
      `DETAIL:  The data directory was initialized by PostgreSQL version ${version.trim()}, which is not compatible with this version ${POSTGRES_VERSION} (Debian ${POSTGRES_VERSION}-2.pgdg12+1).`,
    ];
  const lock = attempt(() => slurp(sys, `${dir}/postmaster.pid`));
  const holder = lock instanceof Errno ? 0 : Number(lock.split('\n')[0]);
  // A number of its own is a leftover: whoever wrote it was process 1 of an earlier container, too.
  if (holder > 0 && holder !== sys.getpid() && !(attempt(() => sys.kill(holder, 0)) instanceof Errno))
    return [
      'lock file "postmaster.pid" already exists',
      `HINT:  Is another postmaster (PID ${holder}) running in data directory "${dir}"?`,
    ];
  return null;
}

const lockFile = (sys: Sys, dir: string, port: number, ready: boolean) =>
  spill(
    sys,
    `${dir}/postmaster.pid`,
    `${sys.getpid()}\n${dir}\n${Math.floor(sys.now() / 1000)}\n${port}\n${SOCKET_DIR}\n*\n  0 0\n${ready ? 'ready   ' : 'starting'}\n`,
    0o600,
  );

/** Says how the last server ended, and what follows from it. */
function recover(sys: Sys, dir: string, pid: number) {
  const was = files.control(sys, dir);
  if (was?.state === 'in production') {
    log(sys, 'LOG', `database system was interrupted; last known up at ${stamp(was.at)} UTC`, pid);
    log(sys, 'LOG', 'database system was not properly shut down; automatic recovery in progress', pid);
    log(sys, 'LOG', 'redo starts at 0/14E4FA0', pid);
    log(sys, 'LOG', 'redo done at 0/1912EE8 system usage: CPU: user: 0.00 s, system: 0.00 s, elapsed: 0.00 s', pid);
  } else log(sys, 'LOG', `database system was shut down at ${stamp(was?.at ?? sys.now())} UTC`, pid);
}

function begin(sys: Sys, s: State): { exit: number } | { state: State } {
  const o = options(s.argv, s.env);
  if ('version' in o) {
    attempt(() => sys.write(1, `postgres (PostgreSQL) ${POSTGRES_VERSION} (Debian ${POSTGRES_VERSION}-2.pgdg12+1)\n`));
    return { exit: 0 };
  }
  if ('fault' in o) {
    say(sys, o.fault);
    return { exit: 1 };
  }
  if (sys.credentials().euid === 0) {
    say(sys, ROOT);
    return { exit: 1 };
  }
  const dir = o.dir;
  if (!dir) {
    say(
      sys,
      'postgres does not know where to find the server configuration file.\nYou must specify the --config-file or -D invocation option or set the PGDATA environment variable.\n',
    );
    return { exit: 2 };
  }
  const refused = refusal(sys, dir);
  if (refused) {
    const [text, detail] = refused;
    log(sys, 'FATAL', text);
    if (detail) log(sys, detail.split(':')[0] as string, detail.replace(/^\w+:\s+/, ''));
    return { exit: 1 };
  }
  log(sys, 'LOG', `starting ${POSTGRES_LONG}`);
  const listeners: State['listeners'] = [];
  if (o.addresses !== '') {
    const fd = attempt(() => listenOn(sys, o.port));
    if (fd instanceof Errno) {
      log(sys, 'LOG', `could not bind IPv4 address "0.0.0.0": ${fd.message}`);
      log(sys, 'FATAL', 'could not create any TCP/IP sockets');
      return { exit: 1 };
    }
    listeners.push({ fd, local: false });
    log(sys, 'LOG', `listening on IPv4 address "0.0.0.0", port ${o.port}`);
    log(sys, 'LOG', `listening on IPv6 address "::", port ${o.port}`);
  }
  attempt(() => sys.unlink(socketAt(o.port)));
  const local = attempt(() => sys.listen(socketAt(o.port), 0o777));
  if (local instanceof Errno) {
    log(sys, 'FATAL', `could not create lock file "${socketAt(o.port)}.lock": ${local.message}`);
    return { exit: 1 };
  }
  listeners.push({ fd: local, local: true });
  log(sys, 'LOG', `listening on Unix socket "${socketAt(o.port)}"`);
  const wrote = attempt(() => lockFile(sys, dir, o.port, false));
  if (wrote instanceof Errno) {
    log(sys, 'FATAL', `could not create lock file "postmaster.pid": ${wrote.message}`);
    return { exit: 1 };
  }
  for (const n of [SIGNALS.SIGTERM, SIGNALS.SIGINT, SIGNALS.SIGQUIT, SIGNALS.SIGHUP, SIGNALS.SIGCHLD]) sys.sigaction(n, 'handle');
  sys.sigaction(SIGNALS.SIGPIPE, 'ignore');
  const helpers = HELPERS.map((name) => ({
    name,
    pid: sys.fork({ ...s, phase: 'aux', argv: [`postgres: ${name} `], listeners: [], conns: [] }),
  }));
  const at = (name: string) => helpers.find((h) => h.name === name)?.pid as number;
  recover(sys, dir, at('background writer') + 1);
  files.saveControl(sys, dir, { state: 'in production', at: sys.now() });
  lockFile(sys, dir, o.port, true);
  log(sys, 'LOG', 'database system is ready to accept connections');
  return { state: { ...s, phase: 'serve', dir, port: o.port, listeners, helpers } };
}

/** One request of a client. */
function reply(sys: Sys, s: State, c: Conn, text: string): Reply {
  let ask: Ask;
  try {
    ask = JSON.parse(text) as Ask;
  } catch {
    return { fatal: 'FATAL:  unsupported frontend protocol' };
  }
  if (s.stopping) return { fatal: 'FATAL:  the database system is shutting down' };
  if (ask.sql === null) return { ready: true };
  const cluster = files.cluster(sys, s.dir);
  if (!cluster) return { fatal: 'FATAL:  could not read the catalogs' };
  const fatal = (what: string): Reply => {
    log(sys, 'FATAL', what);
    return { fatal: `FATAL:  ${what}` };
  };
  if (!files.trusts(sys, s.dir, c.local, c.client) && (ask.user !== cluster.superuser || ask.password !== cluster.password))
    return ask.password === null
      ? { fatal: 'fe_sendauth: no password supplied' }
      : fatal(`password authentication failed for user "${ask.user}"`);
  if (ask.user !== cluster.superuser) return fatal(`role "${ask.user}" does not exist`);
  const oid = cluster.databases[ask.database];
  if (oid === undefined) return fatal(`database "${ask.database}" does not exist`);
  return { answers: [statement(sys, s, oid, cluster, ask.sql)] };
}

function statement(sys: Sys, s: State, oid: number, cluster: files.Cluster, sql: string): Answer {
  const done = execute(sql, files.tables(sys, s.dir, oid));
  const failed = (what: string): Answer => {
    log(sys, 'ERROR', what);
    log(sys, 'STATEMENT', sql);
    return { error: what };
  };
  if ('error' in done.answer) {
    log(sys, 'ERROR', `${done.answer.error}${done.answer.at ? ` at character ${done.answer.at}` : ''}`);
    log(sys, 'STATEMENT', sql);
    return done.answer;
  }
  if (done.createDatabase !== undefined && Object.hasOwn(cluster.databases, done.createDatabase))
    return failed(`database "${done.createDatabase}" already exists`);
  const saved = attempt(() => {
    if (done.tables) files.saveTables(sys, s.dir, oid, done.tables);
    if (done.createDatabase !== undefined) files.createDatabase(sys, s.dir, cluster, done.createDatabase);
  });
  return saved instanceof Errno ? failed(`could not extend file "base/${oid}/16384": ${saved.message}`) : done.answer;
}

function converse(sys: Sys, s: State, c: Conn): Conn | null {
  let { input } = c;
  for (;;) {
    const data = attempt(() => sys.read(c.fd, 65536));
    if (data === null) break;
    if (data instanceof Errno || data === '') return null;
    input += data;
  }
  for (let end = input.indexOf('\n'); end >= 0; end = input.indexOf('\n')) {
    const answer = `${JSON.stringify(reply(sys, s, c, input.slice(0, end)))}\n`;
    input = input.slice(end + 1);
    if (attempt(() => sys.write(c.fd, answer)) instanceof Errno) return null;
  }
  return { ...c, input };
}

const KINDS = new Map<number, 'smart' | 'fast' | 'immediate'>([
  [SIGNALS.SIGTERM, 'smart'],
  [SIGNALS.SIGINT, 'fast'],
  [SIGNALS.SIGQUIT, 'immediate'],
]);

/** No clients and nothing left to do: what it knows is on the disk, and the directory is let go. */
function finish(sys: Sys, s: State): { exit: number } {
  const pid = (name: string) => s.helpers.find((h) => h.name === name)?.pid ?? 0;
  log(sys, 'LOG', `background worker "logical replication launcher" (PID ${pid('logical replication launcher')}) exited with exit code 1`);
  const checkpointer = pid('checkpointer');
  log(sys, 'LOG', 'shutting down', checkpointer);
  log(sys, 'LOG', 'checkpoint starting: shutdown immediate', checkpointer);
  log(
    sys,
    'LOG',
    'checkpoint complete: wrote 3 buffers (0.0%); 0 WAL file(s) added, 0 removed, 0 recycled; write=0.001 s, sync=0.001 s, total=0.003 s; sync files=2, longest=0.001 s, average=0.001 s; distance=0 kB, estimate=0 kB; lsn=0/14E4FA0, redo lsn=0/14E4FA0',
    checkpointer,
  );
  attempt(() => files.saveControl(sys, s.dir, { state: 'shut down', at: sys.now() }));
  leave(sys, s);
  log(sys, 'LOG', 'database system is shut down');
  return { exit: 0 };
}

function leave(sys: Sys, s: State) {
  for (const h of s.helpers) attempt(() => sys.kill(h.pid, SIGNALS.SIGKILL));
  attempt(() => sys.unlink(`${s.dir}/postmaster.pid`));
  attempt(() => sys.unlink(socketAt(s.port)));
}

function signals(sys: Sys, before: State): { exit: number } | { state: State } {
  let s = before;
  for (const n of sys.takeSignals()) {
    const kind = KINDS.get(n);
    if (!kind) continue;
    log(sys, 'LOG', `received ${kind} shutdown request`);
    if (kind === 'immediate') {
      leave(sys, s);
      log(sys, 'LOG', 'database system is shut down');
      return { exit: 0 };
    }
    if (kind === 'fast') log(sys, 'LOG', 'aborting any active transactions');
    s = { ...s, stopping: kind === 'fast' || s.stopping === 'fast' ? 'fast' : 'smart' };
  }
  if (s.stopping === 'fast') {
    for (const c of s.conns) attempt(() => sys.close(c.fd));
    s = { ...s, conns: [] };
  }
  return s.stopping && s.conns.length === 0 ? finish(sys, s) : { state: s };
}

export const postgres: Program<State> = {
  start: ({ argv, env }) => ({
    phase: 'start',
    argv,
    env,
    dir: '',
    port: PORT,
    listeners: [],
    conns: [],
    helpers: [],
    stopping: null,
  }),
  run(sys, before) {
    let s = before;
    if (s.phase === 'aux') {
      sys.prctl({ title: s.argv[0] as string });
      for (const n of [SIGNALS.SIGTERM, SIGNALS.SIGINT]) sys.sigaction(n, 'default');
      return { wait: { for: 'signal' }, state: s };
    }
    if (s.phase === 'start') {
      const begun = begin(sys, s);
      if ('exit' in begun) return begun;
      s = begun.state;
    }
    for (;;) {
      const child = attempt(() => sys.waitpid());
      if (child === null || child instanceof Errno) break;
    }
    const told = signals(sys, s);
    if ('exit' in told) return told;
    s = told.state;
    for (const l of s.listeners)
      for (;;) {
        const fd = attempt(() => (l.local ? sys.accept(l.fd) : sys.net.accept(l.fd)));
        if (fd === null || fd instanceof Errno) break;
        s = { ...s, conns: [...s.conns, { fd, local: l.local, client: l.local ? '' : peerOf(sys, fd), input: '' }] };
      }
    const open: Conn[] = [];
    for (const c of s.conns) {
      const now = converse(sys, s, c);
      if (now) open.push(now);
      else attempt(() => sys.close(c.fd));
    }
    s = { ...s, conns: open };
    if (s.stopping && open.length === 0) return finish(sys, s);
    const of: Wait[] = [{ for: 'signal' }, { for: 'child' }];
    for (const { fd } of [...s.listeners, ...open]) of.push({ for: 'read', fd });
    return { wait: { for: 'any', of }, state: s };
  },
};
