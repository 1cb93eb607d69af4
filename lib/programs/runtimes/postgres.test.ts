/**
 * PostgreSQL in a container: refuses without a password, makes its directory, keeps it in a volume, ends by a signal. The words are
 * those of docker-library's entrypoint and of PostgreSQL 17's sources.
 */
import { describe, expect, test } from 'vitest';
import '../../machine/whole';
import { boot, type Machine, step } from '../../machine';
import { shown } from './psql';
import { execute, statements, type Tables } from './sql';

const session = () => {
  let { machine }: { machine: Machine } = boot('lab', 1);
  return (text: string) => {
    const done = step(machine, { kind: 'line', text });
    machine = done.machine;
    return done.trace.output.replaceAll('\r\n', '\n');
  };
};

describe('SQL', () => {
  const after = (...sql: string[]) => sql.reduce<Tables>((t, s) => execute(s, t).tables ?? t, {});
  const kept = after('create table t (n int, name text)', "insert into t values (1, 'one'), (22, 'it''s')");
  test.each([
    ['select * from t where n > 1', { rows: [[22, "it's"]] }],
    ['SELECT name FROM t ORDER BY n DESC', { rows: [["it's"], ['one']] }],
    ['select count(*) from t;', { rows: [[2]] }],
    ['select * from nope', { error: 'relation "nope" does not exist', at: 15 }],
    ['select x from t', { error: 'column "x" does not exist', at: 8 }],
    ['create table t (n int)', { error: 'relation "t" already exists' }],
    ["insert into t values ('a')", { error: 'invalid input syntax for type integer: "a"', at: 23 }],
    ['selec 1', { error: 'drydock: "selec 1" is not modelled' }],
  ])('%s', (sql, expected) => expect(execute(sql, kept).answer).toMatchObject(expected));
  test('statements are split outside of strings', () => expect(statements("a; b ';' c;\n-- no;\n")).toEqual(['a', "b ';' c"]));
  test('a result, as psql prints it', () => {
    const { answer } = execute('select * from t', kept);
    expect('columns' in answer && shown(answer, false, false)).toBe(" n  | name \n----+------\n  1 | one\n 22 | it's\n(2 rows)\n\n");
    expect('columns' in answer && shown(answer, true, true)).toBe("1|one\n22|it's\n");
  });
});

test('without a password it says what it needs, and ends', () => {
  const run = session();
  const out = run('docker run --name db postgres:17 2>&1 | grep -A2 Error:; docker inspect -f "{{.State.ExitCode}}" db');
  expect(out).toContain('Error: Database is uninitialized and superuser password is not specified.');
  expect(out).toMatch(/superuser\. For example.*\n1\n/);
});

describe('with a volume', () => {
  const run = session();
  run('docker run -d --name db -e POSTGRES_PASSWORD=secret -v pgdata:/var/lib/postgresql/data postgres:17');
  const ask = 'docker exec db pg_isready; echo $?';
  const [early, later] = [run(ask), run(`sleep 3; ${ask}`)];
  test('is not ready at once, and then is', () => {
    expect(early).toContain('/var/run/postgresql:5432 - no response\n2\n');
    expect(later).toContain(':5432 - accepting connections\n0\n');
  });
  test('runs as its own user', () => expect(run('docker top db | tail -5')).toMatch(/999 +\d+ .*postgres: checkpointer/));
  test('keeps what it was told beyond its container', () => {
    run("docker exec db psql -U postgres -c 'create table t (n int)' -c 'insert into t values (7)'");
    expect(run('docker stop db; docker logs db 2>&1 | tail -1')).toMatch(/\[1\] LOG: {2}database system is shut down/);
    run('docker rm db; docker run -d --name db -v pgdata:/var/lib/postgresql/data postgres:17; sleep 1');
    expect(run("docker exec db psql -U postgres -Atc 'select * from t'; docker logs db 2>&1 | head -2")).toMatch(
      /\n7\n\nPostgreSQL Database directory appears to contain/,
    );
  });
  test('recovers after a kill', () => {
    expect(run('docker kill db; docker start db; sleep 1; docker logs db 2>&1 | grep -c "not properly shut down"')).toMatch(/\n1\n/);
  });
  test('asks for the password over the network', () => {
    const as = (password: string) =>
      `docker run --rm --link db -e PGPASSWORD=${password} postgres:17 psql -h db -U postgres -Atc 'select 1' 2>&1`;
    expect(run(as('secret'))).toContain('\n1\n');
    expect(run(as('wrong'))).toContain(
      'at "db" (172.17.0.2), port 5432 failed: FATAL:  password authentication failed for user "postgres"',
    );
  });
  test('a directory of another version is refused', () => {
    run('docker rm -f db; echo 16 > /var/lib/docker/volumes/pgdata/_data/PG_VERSION');
    expect(run('docker run --name old -v pgdata:/var/lib/postgresql/data postgres:17 2>&1 | tail -2')).toMatch(
      /FATAL: {2}database files are incompatible with server\n.*DETAIL: {2}The data directory was initialized by PostgreSQL version 16,/,
    );
  });
});

test.each([
  ['TERM', 'smart'],
  ['INT', 'fast'],
  ['QUIT', 'immediate'],
])('SIG%s: %s', (signal, kind) => {
  const run = session();
  run('docker run -d --name db -e POSTGRES_HOST_AUTH_METHOD=trust postgres:17; sleep 3');
  expect(
    run(
      `docker kill -s ${signal} db; sleep 1; docker logs db 2>&1 | grep 'shutdown request' | tail -1; docker inspect -f '{{.State.Status}} {{.State.ExitCode}}' db`,
    ),
  ).toMatch(new RegExp(`received ${kind} shutdown request\\nexited 0\\n`));
});

test('files of /docker-entrypoint-initdb.d are run once', () => {
  const run = session();
  run('mkdir init; echo "create table seeded (n int);" > init/one.sql');
  run('docker run -d --name db -e POSTGRES_PASSWORD=x -e POSTGRES_DB=shop -v ./init:/docker-entrypoint-initdb.d postgres:17; sleep 4');
  expect(run("docker exec db psql -U postgres -d shop -Atc 'select count(*) from seeded'")).toContain('\n0\n');
});
