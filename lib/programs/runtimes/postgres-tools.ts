/**
 * What an image of PostgreSQL needs beside the server: initdb, pg_ctl, and gosu, which becomes another user and is gone.
 * PostgreSQL 17, bin/initdb, bin/pg_ctl; gosu 1.19.
 */
import { attempt, Errno, type Program, SIGNALS, type Sys } from '../../kernel';
import { execvp, spawnp } from '../exec';
import { slurpOrEmpty } from '../io';
import { names } from '../names';
import * as files from './postgres-files';
import { GOSU_VERSION, POSTGRES_VERSION } from './versions';

interface Called {
  argv: string[];
  env: Record<string, string>;
}
const say = (sys: Sys, fd: number, text: string) => void attempt(() => sys.write(fd, text));

/** --name=value and -x value. */
function optionsOf(argv: readonly string[], short: Readonly<Record<string, string>>): { given: Record<string, string>; rest: string[] } {
  const given: Record<string, string> = {};
  const rest: string[] = [];
  for (let i = 1; i < argv.length; i++) {
    const a = argv[i] as string;
    const long = /^--([\w-]+)(?:=(.*))?$/s.exec(a);
    if (long) given[long[1] as string] = long[2] ?? '';
    else if (short[a.slice(0, 2)] && a.startsWith('-'))
      given[short[a.slice(0, 2)] as string] = a.length > 2 ? a.slice(2) : (argv[++i] ?? '');
    else if (a.startsWith('-')) given[a.slice(1)] = '';
    else rest.push(a);
  }
  return { given, rest };
}

/** What it does, with what it finds, and how long that takes it: milliseconds. */
const STEPS: readonly [what: string, found: string, takes: number][] = [
  ['creating subdirectories', 'ok', 0],
  ['selecting dynamic shared memory implementation', 'posix', 0],
  ['selecting default "max_connections"', '100', 60],
  ['selecting default "shared_buffers"', '128MB', 60],
  ['selecting default time zone', 'Etc/UTC', 0],
  ['creating configuration files', 'ok', 0],
  ['running bootstrap script', 'ok', 300],
  ['performing post-bootstrap initialization', 'ok', 500],
  ['syncing data to disk', 'ok', 400],
];

interface Init extends Called {
  /** The step that is next; null before the directory is looked at. */
  step: number | null;
  at: number;
  dir: string;
}

const CANNOT_BE_ROOT =
  'initdb: error: cannot be run as root\ninitdb: hint: Please log in (using, e.g., "su") as the (unprivileged) user that will own the server process.\n';
const NO_DIRECTORY =
  'initdb: error: no data directory specified\ninitdb: hint: You must identify the directory where the data for this database system will reside.  Do this with either the invocation option -D or the environment variable PGDATA.\n';
const TRUST =
  'initdb: warning: enabling "trust" authentication for local connections\ninitdb: hint: You can change this by editing pg_hba.conf or using the option -A, or --auth-local and --auth-host, the next time you run initdb.\n';

const beginning = (user: string) =>
  `The files belonging to this database system will be owned by user "${user}".\nThis user must also own the server process.\n\nThe database cluster will be initialized with locale "en_US.utf8".\nThe default database encoding has accordingly been set to "UTF8".\nThe default text search configuration will be set to "english".\n\nData page checksums are disabled.\n\n`;

/** The directory made or taken, and its files in it; why not, when not. */
function settle(sys: Sys, dir: string, superuser: string, given: Readonly<Record<string, string>>): string | null {
  const there = attempt(() => sys.readdir(dir));
  const held = there instanceof Errno ? [] : there.map((e) => e.name).filter((n) => n !== '.' && n !== '..');
  if (held.length > 0) {
    const hint = held.includes('lost+found')
      ? 'detail: It contains a lost+found directory, perhaps due to it being a mount point.\ninitdb: hint: Using a mount point directly as the data directory is not recommended.\nCreate a subdirectory under the mount point.\n'
      : `hint: If you want to create a new database system, either remove or empty the directory "${dir}" or run initdb with an argument other than "${dir}".\n`;
    return `initdb: error: directory "${dir}" exists but is not empty\ninitdb: ${hint}`;
  }
  const fresh = there instanceof Errno;
  say(sys, 1, fresh ? `creating directory ${dir} ... ` : `fixing permissions on existing directory ${dir} ... `);
  const made = attempt(() => (fresh ? sys.mkdir(dir, 0o700) : sys.chmod(dir, 0o700)));
  if (made instanceof Errno) {
    const what = fresh ? `could not create directory "${dir}"` : `could not change permissions of directory "${dir}"`;
    return `initdb: error: ${what}: ${made.message}\n`;
  }
  say(sys, 1, 'ok\n');
  const password = given.pwfile === undefined ? '' : (slurpOrEmpty(sys, given.pwfile).split('\n')[0] ?? '');
  const done = attempt(() => files.make(sys, dir, superuser, password, given.auth ?? 'trust', sys.now()));
  return done instanceof Errno ? `initdb: error: could not create directory "${dir}/base": ${done.message}\n` : null;
}

function beginInit(sys: Sys, s: Init): { exit: number } | { state: Init } {
  const { given, rest } = optionsOf(s.argv, { '-D': 'pgdata', '-U': 'username', '-A': 'auth' });
  const fail = (text: string) => {
    say(sys, 2, text);
    return { exit: 1 };
  };
  if ('version' in given) {
    say(sys, 1, `initdb (PostgreSQL) ${POSTGRES_VERSION} (Debian ${POSTGRES_VERSION}-2.pgdg12+1)\n`);
    return { exit: 0 };
  }
  const { euid } = sys.credentials();
  if (euid === 0) return fail(CANNOT_BE_ROOT);
  const dir = given.pgdata ?? rest[0] ?? s.env.PGDATA;
  if (!dir) return fail(NO_DIRECTORY);
  const user = names(sys).userName(euid);
  say(sys, 1, beginning(user));
  const refused = settle(sys, dir, given.username ?? user, given);
  return refused === null ? { state: { ...s, step: 0, dir } } : fail(refused);
}

export const initdb: Program<Init> = {
  start: ({ argv, env }) => ({ argv, env, step: null, at: 0, dir: '' }),
  run(sys, before) {
    let s = before;
    if (s.step === null) {
      const begun = beginInit(sys, s);
      if ('exit' in begun) return begun;
      s = begun.state;
    }
    for (let i = s.step as number; i < STEPS.length; i++) {
      const [what, found, takes] = STEPS[i] as (typeof STEPS)[number];
      // Said before it is done, and what came of it afterwards.
      if (s.at === 0) {
        say(sys, 1, `${what} ... `);
        s = { ...s, step: i, at: sys.uptime() + takes };
      }
      if (sys.uptime() < s.at) return { wait: { for: 'time', at: s.at }, state: s };
      say(sys, 1, `${found}\n`);
      s = { ...s, at: 0 };
    }
    say(sys, 1, `\n\nSuccess. You can now start the database server using:\n\n    pg_ctl -D ${s.dir} -l logfile start\n\n`);
    if (!s.argv.some((a) => a.startsWith('--auth') || a === '-A')) say(sys, 2, TRUST);
    return { exit: 0 };
  },
};

interface Ctl extends Called {
  phase: 'begin' | 'starting' | 'stopping';
  dir: string;
  at: number;
}
/** How often it looks, and when it gives up: milliseconds. */
const LOOK = 100;
const PATIENCE = 60_000;

const pidIn = (sys: Sys, dir: string): number => Number(slurpOrEmpty(sys, `${dir}/postmaster.pid`).split('\n')[0]) || 0;
const readyIn = (sys: Sys, dir: string) => slurpOrEmpty(sys, `${dir}/postmaster.pid`).includes('\nready');

function command(sys: Sys, s: Ctl): { exit: number } | { state: Ctl } {
  const { given, rest } = optionsOf(s.argv, { '-D': 'pgdata', '-o': 'options', '-l': 'log', '-m': 'mode' });
  const dir = given.pgdata ?? s.env.PGDATA ?? '';
  const at = sys.uptime();
  const pid = pidIn(sys, dir);
  switch (rest[0]) {
    case 'status':
      say(sys, 1, pid ? `pg_ctl: server is running (PID: ${pid})\n` : 'pg_ctl: no server running\n');
      return { exit: pid ? 0 : 3 };
    case 'start': {
      const words = (given.options ?? '').match(/(?:'[^']*'|[^\s'])+/g) ?? [];
      const child = spawnp(sys, ['postgres', '-D', dir, ...words], s.env, undefined, 0);
      if (child instanceof Errno) {
        say(sys, 2, `pg_ctl: could not start server: ${child.message}\n`);
        return { exit: 1 };
      }
      say(sys, 1, 'waiting for server to start....');
      return { state: { ...s, phase: 'starting', dir, at } };
    }
    case 'stop': {
      if (!pid) {
        say(sys, 2, `pg_ctl: PID file "${dir}/postmaster.pid" does not exist\nIs server running?\n`);
        return { exit: 1 };
      }
      const signal = { smart: SIGNALS.SIGTERM, fast: SIGNALS.SIGINT, immediate: SIGNALS.SIGQUIT }[given.mode ?? 'fast'] ?? SIGNALS.SIGINT;
      attempt(() => sys.kill(pid, signal));
      say(sys, 1, 'waiting for server to shut down....');
      return { state: { ...s, phase: 'stopping', dir, at } };
    }
    default:
      say(sys, 2, `drydock: pg_ctl ${rest[0] ?? ''} is not modelled\n`);
      return { exit: 1 };
  }
}

export const pgCtl: Program<Ctl> = {
  start: ({ argv, env }) => ({ argv, env, phase: 'begin', dir: '', at: 0 }),
  run(sys, before) {
    let s = before;
    if (s.phase === 'begin') {
      const begun = command(sys, s);
      if ('exit' in begun) return begun;
      s = begun.state;
    }
    const done = s.phase === 'starting' ? readyIn(sys, s.dir) : pidIn(sys, s.dir) === 0;
    if (done) {
      say(sys, 1, s.phase === 'starting' ? ' done\nserver started\n' : ' done\nserver stopped\n');
      return { exit: 0 };
    }
    if (sys.uptime() > s.at + PATIENCE || (s.phase === 'starting' && attempt(() => sys.waitpid()) !== null)) {
      say(sys, 1, ' stopped waiting\n');
      say(sys, 2, `pg_ctl: could not ${s.phase === 'starting' ? 'start' : 'stop'} server\nExamine the log output.\n`);
      return { exit: 1 };
    }
    return { wait: { for: 'time', at: sys.uptime() + LOOK }, state: s };
  },
};

export const gosu: Program<Called> = {
  start: ({ argv, env }) => ({ argv, env }),
  run(sys, s) {
    const [name, ...rest] = s.argv.slice(1);
    if (name === '--version') {
      say(sys, 1, `${GOSU_VERSION}\n`);
      return { exit: 0 };
    }
    if (name === undefined || rest.length === 0) {
      say(sys, 2, 'Usage: gosu user-spec command [args]\n');
      return { exit: 1 };
    }
    const all = names(sys);
    const user = all.user(/^\d+$/.test(name) ? Number(name) : (name.split(':')[0] as string));
    if (!user) {
      say(sys, 2, `error: failed switching to "${name}": unable to find user ${name}: no matching entries in passwd file\n`);
      return { exit: 1 };
    }
    const changed = attempt(() => {
      sys.setgroups(all.groupsOf(user));
      sys.setgid(user.gid);
      sys.setuid(user.uid);
    });
    if (changed instanceof Errno) {
      say(sys, 2, `error: failed switching to "${name}": ${changed.message.toLowerCase()}\n`);
      return { exit: 1 };
    }
    const done = execvp(sys, rest, { ...s.env, HOME: user.home });
    if (!(done instanceof Errno)) return done;
    say(sys, 2, `error: exec: "${rest[0]}": executable file not found in $PATH\n`);
    return { exit: 1 };
  },
};
