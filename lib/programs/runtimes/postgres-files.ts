/**
 * PGDATA: what initdb makes, and how the server keeps databases in it. PostgreSQL 17, "Database File Layout".
 *
 *   PG_VERSION   global/pg_control   global/1262 (databases)   base/<oid>/… (tables)   pg_hba.conf   postgresql.conf   pg_wal/
 *
 * Simplified: a table's file is its columns and rows as JSON, that of all tables of a database one file; the write-ahead log is one
 * segment that says nothing; pg_control says in words whether the server was shut down.
 */
import { attempt, Errno, type Sys } from '../../kernel';
import { slurp, spill } from '../io';
import type { Tables } from './sql';

export const MAJOR = '17';

export interface Cluster {
  /** Name → its directory's number. */
  databases: Readonly<Record<string, number>>;
  superuser: string;
  password: string;
}
export interface Control {
  state: 'shut down' | 'in production';
  /** Milliseconds since the epoch. */
  at: number;
}

/** The template's and the first database's numbers, and the first that is given anew. */
const FIRST: Readonly<Record<string, number>> = { template1: 1, template0: 4, postgres: 5 };
const NEXT = 16_384;
const WAL_SEGMENT = 16 * 2 ** 20;

const put = (sys: Sys, path: string, text: string) => spill(sys, path, text, 0o600);

/** Throws Errno, as the first file that cannot be made does. */
export function make(sys: Sys, dir: string, superuser: string, password: string, auth: string, now: number) {
  for (const sub of ['base', 'global', 'pg_wal', 'pg_xact', 'pg_stat', 'pg_tblspc', 'pg_logical', 'pg_dynshmem'])
    sys.mkdir(`${dir}/${sub}`, 0o700);
  put(sys, `${dir}/PG_VERSION`, `${MAJOR}\n`);
  for (const oid of Object.values(FIRST)) {
    sys.mkdir(`${dir}/base/${oid}`, 0o700);
    put(sys, `${dir}/base/${oid}/PG_VERSION`, `${MAJOR}\n`);
    saveTables(sys, dir, oid, {});
  }
  saveCluster(sys, dir, { databases: FIRST, superuser, password });
  saveControl(sys, dir, { state: 'shut down', at: now });
  const wal = sys.open(`${dir}/pg_wal/000000010000000000000001`, { write: true, create: true }, 0o600);
  sys.ftruncate(wal, WAL_SEGMENT);
  sys.close(wal);
  put(
    sys,
    `${dir}/postgresql.conf`,
    "listen_addresses = '*'\nmax_connections = 100\nshared_buffers = 128MB\ndynamic_shared_memory_type = posix\n",
  );
  put(
    sys,
    `${dir}/pg_hba.conf`,
    `# TYPE  DATABASE        USER            ADDRESS                 METHOD\nlocal   all             all                                     ${auth}\nhost    all             all             127.0.0.1/32            ${auth}\nhost    all             all             ::1/128                 ${auth}\n`,
  );
}

const read = <T>(sys: Sys, path: string): T | null => {
  const text = attempt(() => slurp(sys, path));
  if (text instanceof Errno) return null;
  try {
    return JSON.parse(text) as T;
  } catch {
    return null;
  }
};

export const cluster = (sys: Sys, dir: string) => read<Cluster>(sys, `${dir}/global/1262`);
export const saveCluster = (sys: Sys, dir: string, c: Cluster) => put(sys, `${dir}/global/1262`, JSON.stringify(c));
export const control = (sys: Sys, dir: string) => read<Control>(sys, `${dir}/global/pg_control`);
export const saveControl = (sys: Sys, dir: string, c: Control) => put(sys, `${dir}/global/pg_control`, JSON.stringify(c));
export const tables = (sys: Sys, dir: string, oid: number): Tables => read<Tables>(sys, `${dir}/base/${oid}/${NEXT}`) ?? {};
export const saveTables = (sys: Sys, dir: string, oid: number, t: Tables) => put(sys, `${dir}/base/${oid}/${NEXT}`, JSON.stringify(t));

export function createDatabase(sys: Sys, dir: string, c: Cluster, name: string): Cluster {
  const oid = Math.max(NEXT, ...Object.values(c.databases)) + 1;
  sys.mkdir(`${dir}/base/${oid}`, 0o700);
  put(sys, `${dir}/base/${oid}/PG_VERSION`, `${MAJOR}\n`);
  saveTables(sys, dir, oid, {});
  const next = { ...c, databases: { ...c.databases, [name]: oid } };
  saveCluster(sys, dir, next);
  return next;
}

/** Whether pg_hba.conf lets a connection over the network in without a password. */
export function trusts(sys: Sys, dir: string, local: boolean, client: string): boolean {
  const text = attempt(() => slurp(sys, `${dir}/pg_hba.conf`));
  if (text instanceof Errno) return false;
  const lines = text.split('\n').map((l) => l.trim().split(/\s+/));
  const found = lines.find((w) =>
    local ? w[0] === 'local' : w[0] === 'host' && (w[3] === 'all' || w[3]?.split('/')[0] === client || w[3] === '0.0.0.0/0'),
  );
  return found?.at(-1) === 'trust';
}
