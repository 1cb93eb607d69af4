/**
 * Images of language runtimes and databases, which a machine pulls when they are asked for: their files, settings and history, after
 * the Dockerfiles of docker-library and Adoptium.
 *
 * Simplified: they stand on this catalogue's Debian; what is not a program or a setting that the model knows is one file of the
 * size that it all has.
 */

import type { Config, HistoryEntry } from '../../engine';
import type { TreeEntry } from '../../kernel';
import { REGISTRIES } from './registries';
import * as t from './trees';

export interface Described {
  names: string[];
  /** What its layers stand on; Debian where nothing is said. */
  on?: 'alpine';
  /** Above the base: a layer's name → its tree. */
  layers: Readonly<Record<string, () => TreeEntry[]>>;
  config: Partial<Config>;
  /** Of those layers and what comes after them; the base's stands before it. */
  history: (step: (by: string) => HistoryEntry, meta: (by: string) => HistoryEntry) => HistoryEntry[];
}

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

const JAVA_HOME = '/opt/java/openjdk';
const JAVA: Described = {
  names: ['eclipse-temurin:21', 'eclipse-temurin:latest'],
  layers: {
    j4v1a7t0e3m9u6r2i5n8w1k4x: () => [
      t.dir(''),
      t.dir('opt/java'),
      t.dir('opt/java/openjdk'),
      t.dir('opt/java/openjdk/bin'),
      t.executable('opt/java/openjdk/bin/java', 'java', 12_328),
      t.dir('opt/java/openjdk/lib'),
      t.filler('opt/java/openjdk/lib/modules', 137_922_114),
      t.filler('opt/java/openjdk/lib/ct.sym', 9_210_000),
      t.filler('opt/java/openjdk/lib/src.zip', 51_700_000),
      t.dir('opt/java/openjdk/lib/server'),
      t.filler('opt/java/openjdk/lib/server/libjvm.so', 23_650_000, 0o755),
      t.dir('opt/java/openjdk/jmods'),
      t.filler('opt/java/openjdk/jmods/java.base.jmod', 78_300_000),
    ],
    j8v5c2e9n4t1r7y0p3o6i2s5q: () => [t.dir(''), t.text('__cacert_entrypoint.sh', '#!/usr/bin/bash\nset -e\nexec "$@"\n', 0o755)],
  },
  config: {
    Env: [
      `PATH=${JAVA_HOME}/bin:${PATH}`,
      `JAVA_HOME=${JAVA_HOME}`,
      'LANG=en_US.UTF-8',
      'LANGUAGE=en_US:en',
      'LC_ALL=en_US.UTF-8',
      'JAVA_VERSION=jdk-21.0.9+10',
    ],
    Entrypoint: ['/__cacert_entrypoint.sh'],
    Cmd: ['jshell'],
  },
  history: (step, meta) => [
    meta(`ENV JAVA_HOME=${JAVA_HOME}`),
    meta(`ENV PATH=${JAVA_HOME}/bin:${PATH}`),
    meta('ENV LANG=en_US.UTF-8 LANGUAGE=en_US:en LC_ALL=en_US.UTF-8'),
    meta('ENV JAVA_VERSION=jdk-21.0.9+10'),
    step('RUN /bin/sh -c set -eux; wget -O /tmp/openjdk.tar.gz ${BINARY_URL}; mkdir -p "$JAVA_HOME"; tar --extract … # buildkit'),
    step('COPY --chmod=755 entrypoint.sh /__cacert_entrypoint.sh # buildkit'),
    meta('ENTRYPOINT ["/__cacert_entrypoint.sh"]'),
    meta('CMD ["jshell"]'),
  ],
};

/** docker-library/postgres, docker-entrypoint.sh: what of it an ordinary start goes through. */
const POSTGRES_ENTRYPOINT = `#!/usr/bin/env bash
set -e
# Shortened: what an ordinary start goes through. The whole is at github.com/docker-library/postgres

if [ "\${1:0:1}" = '-' ]; then
	set -- postgres "$@"
fi
[ "$1" = 'postgres' ] || exec "$@"

mkdir -p "$PGDATA"
chmod 0700 "$PGDATA"
mkdir -p /var/run/postgresql
chmod 3775 /var/run/postgresql
if [ "$(id -u)" = '0' ]; then
	find "$PGDATA" ! -user postgres -exec chown postgres '{}' +
	find /var/run/postgresql ! -user postgres -exec chown postgres '{}' +
	exec gosu postgres "$0" "$@"
fi

POSTGRES_USER="\${POSTGRES_USER:-postgres}"
POSTGRES_DB="\${POSTGRES_DB:-$POSTGRES_USER}"
if [ -n "$POSTGRES_PASSWORD_FILE" ]; then
	POSTGRES_PASSWORD="$(cat "$POSTGRES_PASSWORD_FILE")"
fi

if [ -s "$PGDATA/PG_VERSION" ]; then
	cat <<-'EOM'

		PostgreSQL Database directory appears to contain a database; Skipping initialization

	EOM
else
	if [ -z "$POSTGRES_PASSWORD" ] && [ 'trust' != "$POSTGRES_HOST_AUTH_METHOD" ]; then
		cat >&2 <<-'EOE'
			Error: Database is uninitialized and superuser password is not specified.
			       You must specify POSTGRES_PASSWORD to a non-empty value for the
			       superuser. For example, "-e POSTGRES_PASSWORD=password" on "docker run".

			       You may also use "POSTGRES_HOST_AUTH_METHOD=trust" to allow all
			       connections without a password. This is *not* recommended.

			       See PostgreSQL documentation about "trust":
			       https://www.postgresql.org/docs/current/auth-trust.html
		EOE
		exit 1
	fi
	printf '%s\n' "$POSTGRES_PASSWORD" > /tmp/pwfile
	initdb --username="$POSTGRES_USER" --pwfile=/tmp/pwfile
	rm /tmp/pwfile
	printf '\nhost all all all %s\n' "\${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}" >> "$PGDATA/pg_hba.conf"
	pg_ctl -D "$PGDATA" -o "-c listen_addresses=''" -w start
	if [ "$POSTGRES_DB" != 'postgres' ]; then
		psql -U "$POSTGRES_USER" -d postgres -c "CREATE DATABASE "$POSTGRES_DB""
		echo
	fi
	echo
	found=
	for f in /docker-entrypoint-initdb.d/*; do
		case "$f" in
			*.sh)  found=1; echo "$0: running $f"; bash "$f"; echo ;;
			*.sql) found=1; echo "$0: running $f"; psql -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d "$POSTGRES_DB" -f "$f"; echo; echo ;;
			*)     echo "$0: ignoring $f"; echo ;;
		esac
	done
	pg_ctl -D "$PGDATA" -m fast -w stop
	unset PGPASSWORD
	cat <<-'EOM'

		PostgreSQL init process complete; ready for start up.

	EOM
fi
exec "$@"
`;

const PGDATA = '/var/lib/postgresql/data';
const PG_BIN = 'usr/lib/postgresql/17/bin';
const POSTGRES: Described = {
  names: ['postgres:17', 'postgres:17-bookworm'],
  layers: {
    p1g0u9s8e7r6n5o4b3o2d1y0q: () => [
      t.dir(''),
      t.text('etc/passwd', `${[...t.PASSWD, 'postgres:x:999:999::/var/lib/postgresql:/bin/bash'].join('\n')}\n`),
      t.text('etc/group', `${[...t.groupLines(), 'postgres:x:999:'].join('\n')}\n`),
      { ...t.dir('var/lib/postgresql'), uid: 999, gid: 999 },
    ],
    p2g3o4s5u6g7r8a9n1t2e3d4x: () => [t.dir(''), t.executable('usr/local/bin/gosu', 'gosu', 2_469_888)],
    p7g6s5e4r3v2e1r0f9i8l7e6z: () => [
      t.dir(''),
      t.dir('usr/lib/postgresql'),
      t.dir('usr/lib/postgresql/17'),
      t.dir(PG_BIN),
      t.executable(`${PG_BIN}/postgres`, 'postgres', 9_863_416),
      t.executable(`${PG_BIN}/initdb`, 'initdb', 134_904),
      t.executable(`${PG_BIN}/pg_ctl`, 'pg_ctl', 60_232),
      t.executable(`${PG_BIN}/psql`, 'psql', 816_392),
      t.executable(`${PG_BIN}/pg_isready`, 'pg_isready', 35_512),
      ...['psql', 'pg_isready'].map((n) => t.symlink(`usr/bin/${n}`, `/${PG_BIN}/${n}`)),
      t.dir('usr/lib/postgresql/17/lib'),
      t.filler('usr/lib/postgresql/17/lib/libraries', 36_400_000),
      t.filler('usr/lib/x86_64-linux-gnu/libLLVM-14.so.1', 116_000_000),
      t.dir('usr/share/postgresql'),
      t.filler('usr/share/postgresql/share', 21_700_000),
      t.filler('usr/lib/locale/locale-archive', 3_050_000),
    ],
    p4g5d6a7t8a9d1i2r3e4c5t6w: () => [
      t.dir(''),
      t.dir('docker-entrypoint-initdb.d'),
      { ...t.dir('var/run/postgresql', 0o3777), path: 'run/postgresql', uid: 999, gid: 999 },
      { ...t.dir(PGDATA.slice(1), 0o1777), uid: 999, gid: 999 },
    ],
    p9g8e7n6t5r4y3p2o1i0n9t8k: () => [t.dir(''), t.text('usr/local/bin/docker-entrypoint.sh', POSTGRES_ENTRYPOINT, 0o755)],
  },
  config: {
    Env: [
      `PATH=${PATH}:/${PG_BIN}`,
      'GOSU_VERSION=1.19',
      'LANG=en_US.utf8',
      'PG_MAJOR=17',
      'PG_VERSION=17.6-2.pgdg12+1',
      `PGDATA=${PGDATA}`,
    ],
    Entrypoint: ['docker-entrypoint.sh'],
    Cmd: ['postgres'],
    ExposedPorts: { '5432/tcp': {} },
    Volumes: { [PGDATA]: {} },
    StopSignal: 'SIGINT',
  },
  history: (step, meta) => [
    step('RUN /bin/sh -c set -eux; groupadd -r postgres --gid=999; useradd -r -g postgres --uid=999 … # buildkit'),
    meta('ENV GOSU_VERSION=1.19'),
    step('RUN /bin/sh -c set -eux; … wget -O /usr/local/bin/gosu … # buildkit'),
    meta('ENV LANG=en_US.utf8'),
    meta('ENV PG_MAJOR=17'),
    meta(`ENV PATH=${PATH}:/${PG_BIN}`),
    meta('ENV PG_VERSION=17.6-2.pgdg12+1'),
    step('RUN /bin/sh -c set -ex; … apt-get install -y --no-install-recommends postgresql-$PG_MAJOR=$PG_VERSION … # buildkit'),
    step('RUN /bin/sh -c install --verbose --directory --owner postgres --group postgres --mode 3777 /var/run/postgresql # buildkit'),
    meta(`ENV PGDATA=${PGDATA}`),
    meta(`VOLUME [${PGDATA}]`),
    step('COPY docker-entrypoint.sh docker-ensure-initdb.sh /usr/local/bin/ # buildkit'),
    meta('ENTRYPOINT ["docker-entrypoint.sh"]'),
    meta('STOPSIGNAL SIGINT'),
    meta('EXPOSE map[5432/tcp:{}]'),
    meta('CMD ["postgres"]'),
  ],
};

const NODE: Described = {
  names: ['node:22', 'node:22-bookworm', 'node:22-slim', 'node:22-bookworm-slim', 'node:latest'],
  layers: {
    n0d1e2u3s4e5r6g7r8o9u0p1a: () => [
      t.dir(''),
      t.text('etc/passwd', `${[...t.PASSWD, 'node:x:1000:1000::/home/node:/bin/bash'].join('\n')}\n`),
      t.text('etc/group', `${[...t.groupLines(), 'node:x:1000:'].join('\n')}\n`),
      { ...t.dir('home/node'), uid: 1000, gid: 1000 },
    ],
    n5o4d3e2j1s0r9u8n7t6i5m4e: () => [
      t.dir(''),
      t.executable('usr/local/bin/node', 'node', 123_051_648),
      t.executable('usr/local/bin/npm', 'gnu/npm', 2_965),
      t.dir('usr/local/lib/node_modules'),
      t.dir('usr/local/lib/node_modules/npm'),
      t.filler('usr/local/lib/node_modules/npm/lib', 11_400_000),
      t.filler('usr/local/include/node', 7_700_000),
    ],
    n8y7a6r5n4p3k2g1m0a9n8g7r: () => [
      t.dir(''),
      t.filler('opt/yarn-v1.22.22', 5_340_000),
      t.symlink('usr/local/bin/nodejs', '/usr/local/bin/node'),
    ],
    n2e3n4t5r6y7p8o9i0n1t2s3h: () => [
      t.dir(''),
      t.text(
        'usr/local/bin/docker-entrypoint.sh',
        '#!/bin/sh\nset -e\n\n# Run command with node if the first argument contains a "-" or is not a system command. The last\n# part inside the "{}" is a workaround for the following bug in ash/dash:\n# https://bugs.debian.org/cgi-bin/bugreport.cgi?bug=874264\nif [ "${1#-}" != "${1}" ] || [ -z "$(command -v "${1}")" ] || { [ -f "${1}" ] && ! [ -x "${1}" ]; }; then\n  set -- node "$@"\nfi\n\nexec "$@"\n',
        0o755,
      ),
    ],
  },
  config: { Env: [`PATH=${PATH}`, 'NODE_VERSION=22.21.1', 'YARN_VERSION=1.22.22'], Entrypoint: ['docker-entrypoint.sh'], Cmd: ['node'] },
  history: (step, meta) => [
    step('RUN /bin/sh -c groupadd --gid 1000 node && useradd --uid 1000 --gid node --shell /bin/bash --create-home node # buildkit'),
    meta('ENV NODE_VERSION=22.21.1'),
    step('RUN /bin/sh -c ARCH= && dpkgArch="$(dpkg --print-architecture)" … # buildkit'),
    meta('ENV YARN_VERSION=1.22.22'),
    step('RUN /bin/sh -c set -ex … && yarn --version # buildkit'),
    step('COPY docker-entrypoint.sh /usr/local/bin/ # buildkit'),
    meta('ENTRYPOINT ["docker-entrypoint.sh"]'),
    meta('CMD ["node"]'),
  ],
};

const GOPATH = `/go/bin:/usr/local/go/bin:${PATH}`;
const GOLANG: Described = {
  names: ['golang:1.25', 'golang:1.25-bookworm', 'golang:latest'],
  layers: {
    g1c2c3t4o5o6l7s8g9i0t1s2v: () => [
      t.dir(''),
      t.filler('usr/lib/gcc', 214_000_000),
      t.filler('usr/bin/x86_64-linux-gnu-toolchain', 38_000_000, 0o755),
      t.filler('usr/lib/git-core', 41_000_000),
      t.filler('etc/ssl/certs/ca-certificates.crt', 219_342),
    ],
    g5o4t3o2o1l0c9h8a7i6n5s4d: () => [
      t.dir(''),
      t.dir('usr/local/go'),
      t.dir('usr/local/go/bin'),
      t.executable('usr/local/go/bin/go', 'gnu/go', 13_891_442),
      t.dir('usr/local/go/pkg'),
      t.filler('usr/local/go/pkg/tool', 128_000_000),
      t.filler('usr/local/go/src', 101_000_000),
      t.filler('usr/local/go/lib', 1_900_000),
    ],
    g9o8p7a6t5h4d3i2r1s0q9w8e: () => [t.dir(''), t.dir('go', 0o1777), t.dir('go/src', 0o1777), t.dir('go/bin', 0o1777)],
  },
  config: {
    Env: [`PATH=${GOPATH}`, 'GOLANG_VERSION=1.25.4', 'GOTOOLCHAIN=local', 'GOPATH=/go'],
    Cmd: ['bash'],
    WorkingDir: '/go',
  },
  history: (step, meta) => [
    step(
      'RUN /bin/sh -c set -eux; apt-get update; apt-get install -y --no-install-recommends g++ gcc libc6-dev make pkg-config … # buildkit',
    ),
    meta('ENV GOLANG_VERSION=1.25.4'),
    meta('ENV GOTOOLCHAIN=local'),
    meta('ENV GOPATH=/go'),
    meta(`ENV PATH=${GOPATH}`),
    step('COPY /target/ / # buildkit'),
    step('RUN /bin/sh -c mkdir -p "$GOPATH/src" "$GOPATH/bin" && chmod -R 1777 "$GOPATH" # buildkit'),
    meta('WORKDIR /go'),
    meta('CMD ["bash"]'),
  ],
};

export const DESCRIBED: readonly Described[] = [JAVA, POSTGRES, NODE, GOLANG, ...REGISTRIES];
