/**
 * Clients of PostgreSQL: psql and pg_isready. Connections as libpq makes them: the socket without a host, else TCP.
 * PostgreSQL 17, psql/common.c, scripts/pg_isready.c. Simplified: psql takes statements and no backslash commands but \q and \dt.
 */
import { attempt, Errno, type Program, type Sys, type Wait } from '../../kernel';
import { slurp } from '../io';
import { names } from '../names';
import { type Dialling, dial, dialling } from '../servers/loopback';
import { type Ask, PORT, type Reply, SOCKET_DIR, socketAt } from './postgres';
import { type Answer, statements } from './sql';
import { POSTGRES_VERSION } from './versions';

/** Options that both take, and the rest of the words. */
interface Where {
  host: string | null;
  port: number;
  user: string;
  database: string;
}

interface State {
  argv: string[];
  env: Record<string, string>;
  ready: boolean;
  where: Where | null;
  /** Statements to ask yet. */
  queue: string[];
  bare: boolean;
  unaligned: boolean;
  quiet: boolean;
  phase: 'start' | 'stdin' | 'dial' | 'reply';
  dialling: Dialling | null;
  fd: number;
  input: string;
  /** The statement whose answer is awaited. */
  asked: string;
  status: number;
  stopOnError: boolean;
}

const say = (sys: Sys, fd: number, text: string) => void attempt(() => sys.write(fd, text));

const VALUED = new Set(['-h', '-p', '-U', '-d', '-c', '-f', '-t', '-v', '-F', '-P']);

/** Words with `--host=x` taken apart and `-Upostgres` too. */
function words(argv: readonly string[], ready: boolean): string[] {
  const long: Record<string, string> = {
    '--host': '-h',
    '--port': '-p',
    '--username': '-U',
    '--dbname': '-d',
    '--command': '-c',
    '--file': '-f',
    '--set': '-v',
  };
  return argv.slice(1).flatMap((a) => {
    if (a.startsWith('--')) {
      const [name = '', ...value] = a.split('=');
      return [long[name] ?? name, ...(value.length ? [value.join('=')] : [])];
    }
    const m = /^(-[hpUdcfv])(.+)$/.exec(a);
    if (m) return [m[1] as string, m[2] as string];
    if (!ready && /^-[AtqX]{2,}[cf]?$/.test(a))
      return a
        .slice(1)
        .split('')
        .map((c) => `-${c}`);
    return [a];
  });
}

function begin(sys: Sys, s: State): State | { exit: number } {
  const list = words(s.argv, s.ready);
  const given: Record<string, string> = {};
  const flags = new Set<string>();
  const operands: string[] = [];
  const queue: string[] = [];
  let files = false;
  for (let i = 0; i < list.length; i++) {
    const a = list[i] as string;
    if (a === '--version' || a === '-V') {
      say(sys, 1, `${s.ready ? 'pg_isready' : 'psql'} (PostgreSQL) ${POSTGRES_VERSION} (Debian ${POSTGRES_VERSION}-2.pgdg12+1)\n`);
      return { exit: 0 };
    }
    if (VALUED.has(a) && !(a === '-t' && !s.ready)) {
      const value = list[++i] ?? '';
      if (a === '-c') queue.push(...statements(value));
      else if (a === '-f') {
        files = true;
        const text = attempt(() => slurp(sys, value));
        if (text instanceof Errno) {
          say(sys, 2, `psql: error: ${value}: ${text.message}\n`);
          return { exit: 1 };
        }
        queue.push(...statements(text));
      } else given[`${a}${a === '-v' ? value : ''}`] = value;
    } else if (a.startsWith('-')) flags.add(a);
    else operands.push(a);
  }
  const me = names(sys).userName(sys.credentials().euid) ?? 'root';
  const user = given['-U'] ?? s.env.PGUSER ?? operands[1] ?? me;
  const where: Where = {
    host: given['-h'] ?? s.env.PGHOST ?? null,
    port: Number(given['-p'] ?? s.env.PGPORT ?? PORT),
    user,
    database: given['-d'] ?? operands[0] ?? s.env.PGDATABASE ?? user,
  };
  return {
    ...s,
    where,
    queue,
    bare: flags.has('-t') || flags.has('--tuples-only'),
    unaligned: flags.has('-A') || flags.has('--no-align'),
    quiet: flags.has('-q') || flags.has('-qt') || s.ready,
    stopOnError: '-vON_ERROR_STOP=1' in given,
    phase: s.ready || queue.length > 0 || files ? 'dial' : 'stdin',
  };
}

/** Where it is, as messages have it. */
const place = (w: Where): string => (w.host === null || w.host.startsWith('/') ? (w.host ?? SOCKET_DIR) : w.host);
const local = (w: Where) => w.host === null || w.host.startsWith('/');

/** The server, as libpq names it in an error. */
function server(w: Where, address: string | undefined): string {
  if (local(w)) return `on socket "${socketAt(w.port)}"`;
  return `at "${w.host}"${address && address !== w.host ? ` (${address})` : ''}, port ${w.port}`;
}

function unreachable(sys: Sys, s: State, why: string, address?: string): { exit: number } {
  const w = s.where as Where;
  if (s.ready) {
    say(sys, 1, `${place(w)}:${w.port} - no response\n`);
    return { exit: 2 };
  }
  if (local(w))
    say(
      sys,
      2,
      `psql: error: connection to server ${server(w, address)} failed: ${why}\n\tIs the server running locally and accepting connections on that socket?\n`,
    );
  else if (why.includes('name resolution')) say(sys, 2, `psql: error: could not translate host name "${w.host}" to address: ${why}\n`);
  else
    say(
      sys,
      2,
      `psql: error: connection to server ${server(w, address)} failed: ${why}\n\tIs the server running on that host and accepting TCP/IP connections?\n`,
    );
  return { exit: 2 };
}

/** Opens the connection; a state that goes on, a wait, or an end. */
function open(sys: Sys, s: State): State | { exit: number } | { wait: Wait; state: State } {
  const w = s.where as Where;
  if (local(w)) {
    const fd = attempt(() => sys.connect(socketAt(w.port)));
    return fd instanceof Errno ? unreachable(sys, s, fd.message) : ask(sys, { ...s, fd });
  }
  const at = dial(sys, s.dialling ?? dialling(w.host as string, w.port));
  if ('wait' in at) return { wait: at.wait, state: { ...s, dialling: at.dialling } };
  return 'fault' in at ? unreachable(sys, s, at.fault, at.address) : ask(sys, { ...s, fd: at.fd, dialling: null });
}

/** Sends the next statement, or ends. */
function ask(sys: Sys, s: State): State | { exit: number } {
  const w = s.where as Where;
  const sql = s.ready ? null : s.queue[0];
  if (sql === undefined) return { exit: s.status };
  const line: Ask = { user: w.user, database: w.database, password: s.env.PGPASSWORD ?? null, sql };
  say(sys, s.fd, `${JSON.stringify(line)}\n`);
  return { ...s, phase: 'reply', asked: sql ?? '', queue: s.queue.slice(1) };
}

const centred = (text: string, width: number) => {
  const left = Math.floor((width - text.length) / 2);
  return ' '.repeat(left) + text.padEnd(width - left);
};

/** A result as psql prints it, aligned or not. */
export function shown(a: Extract<Answer, { columns: unknown }>, bare: boolean, unaligned: boolean): string {
  const cells = a.rows.map((row) => row.map((v) => (v === null ? '' : `${v}`)));
  const count = `(${cells.length} row${cells.length === 1 ? '' : 's'})\n`;
  if (unaligned) {
    const head = bare ? '' : `${a.columns.map((c) => c.name).join('|')}\n`;
    return `${head}${cells.map((r) => `${r.join('|')}\n`).join('')}${bare ? '' : count}`;
  }
  const widths = a.columns.map((c, i) => Math.max(c.name.length, ...cells.map((r) => (r[i] as string).length)));
  const last = widths.length - 1;
  const row = (r: string[]) =>
    `${r
      .map((v, i) => {
        if (a.columns[i]?.type === 'integer') return ` ${v.padStart(widths[i] as number)}${i === last ? '' : ' '}`;
        return i === last ? ` ${v}` : ` ${v.padEnd(widths[i] as number)} `;
      })
      .join('|')}\n`;
  if (bare) return `${cells.map(row).join('')}\n`;
  const head = a.columns.map((c, i) => ` ${centred(c.name, widths[i] as number)} `).join('|');
  const rule = widths.map((n) => '-'.repeat(n + 2)).join('+');
  return `${head}\n${rule}\n${cells.map(row).join('')}${count}\n`;
}

function told(sys: Sys, s: State, reply: Reply, sql: string): State | { exit: number } {
  const w = s.where as Where;
  if (s.ready) {
    const ready = 'ready' in reply;
    say(sys, 1, `${place(w)}:${w.port} - ${ready ? 'accepting' : 'rejecting'} connections\n`);
    return { exit: ready ? 0 : 1 };
  }
  if ('fatal' in reply) {
    const address = local(w) ? undefined : sys.net.names(s.fd).peer?.ip;
    say(sys, 2, `psql: error: connection to server ${server(w, address)} failed: ${reply.fatal}\n`);
    return { exit: 2 };
  }
  let next = s;
  for (const a of 'answers' in reply ? reply.answers : []) {
    if ('tag' in a) {
      if (!s.quiet) say(sys, 1, `${a.tag}\n`);
    } else if ('columns' in a) say(sys, 1, shown(a, s.bare, s.unaligned));
    else {
      const caret = a.at === undefined ? '' : `LINE 1: ${sql}\n${' '.repeat(7 + a.at)}^\n`;
      say(sys, 2, `ERROR:  ${a.error}\n${caret}`);
      next = { ...next, status: 1, queue: s.stopOnError ? [] : next.queue };
    }
  }
  return ask(sys, next);
}

/** Standard input to its end, as statements. */
function read(sys: Sys, s: State): State | { wait: Wait; state: State } {
  let { input } = s;
  for (;;) {
    const data = attempt(() => sys.read(0, 65536));
    if (data === null) return { wait: { for: 'read', fd: 0 }, state: { ...s, input } };
    if (data instanceof Errno || data === '') break;
    input += data;
  }
  return { ...s, queue: statements(input), input: '', phase: 'dial' };
}

const client = (ready: boolean): Program<State> => ({
  start: ({ argv, env }) => ({
    argv,
    env,
    ready,
    where: null,
    queue: [],
    bare: false,
    unaligned: false,
    quiet: false,
    phase: 'start',
    dialling: null,
    fd: -1,
    input: '',
    asked: '',
    status: 0,
    stopOnError: false,
  }),
  run(sys, before) {
    let s = before;
    for (;;) {
      let now: State | { exit: number } | { wait: Wait; state: State };
      if (s.phase === 'start') now = begin(sys, s);
      else if (s.phase === 'stdin') {
        if (sys.isatty(0)) {
          say(sys, 2, 'drydock: the prompt of psql is not modelled; use -c, -f or a pipe\n');
          return { exit: 1 };
        }
        now = read(sys, s);
      } else if (s.phase === 'dial') now = open(sys, s);
      else {
        const data = attempt(() => sys.read(s.fd, 65536));
        if (data === null) return { wait: { for: 'read', fd: s.fd }, state: s };
        if (data instanceof Errno || data === '') return unreachable(sys, s, 'server closed the connection unexpectedly');
        const input = s.input + data;
        if (!input.endsWith('\n')) now = { ...s, input };
        else now = told(sys, { ...s, input: '' }, JSON.parse(input) as Reply, s.asked);
      }
      if ('exit' in now || 'wait' in now) return now;
      s = now;
    }
  },
});

export const psql = client(false);
export const pgIsready = client(true);
