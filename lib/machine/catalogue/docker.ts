/**
 * Docker's own images: docker:cli, the client, and docker:dind, a whole engine, on Alpine. After the Dockerfiles of docker-library/docker
 * and moby hack/dind, whose words the scripts say.
 *
 * Simplified: certificates are not made, and an engine in a container listens on its socket alone.
 */

import type { Config, HistoryEntry } from '../../engine';
import type { TreeEntry } from '../../kernel';
import * as t from './trees';

const VERSION = '28.5.2';

/** A word that docker knows as a command is run by docker: `docker run docker:cli ps`. */
const CLI_ENTRYPOINT = `#!/bin/sh
set -eu
if [ "\${1#-}" != "\${1-}" ]; then
	set -- docker "$@"
elif docker help "\${1-}" >/dev/null 2>&1; then
	set -- docker "$@"
fi
if [ -z "\${DOCKER_HOST:-}" ] && [ ! -S /var/run/docker.sock ]; then
	if [ -n "\${DOCKER_TLS_CERTDIR:-}" ]; then
		export DOCKER_HOST='tcp://docker:2376' DOCKER_TLS_VERIFY=1
	else
		export DOCKER_HOST='tcp://docker:2375'
	fi
fi
exec "$@"
`;

/** dockerd, with the flags that it has in a container, by way of dind; whatever else is asked for runs as in docker:cli. */
const DIND_ENTRYPOINT = `#!/bin/sh
set -eu
if [ "$#" -eq 0 ] || [ "\${1#-}" != "$1" ]; then
	if [ -n "\${DOCKER_TLS_CERTDIR:-}" ]; then
		set -- dockerd --host=unix:///var/run/docker.sock --host=tcp://0.0.0.0:2376 --tlsverify "$@"
	else
		set -- dockerd --host=unix:///var/run/docker.sock --host=tcp://0.0.0.0:2375 "$@"
	fi
fi
if [ "$1" = dockerd ]; then
	rm -f /run/docker.pid
	if [ "$(id -u)" != 0 ]; then
		echo "error: attempting to run rootless dockerd but missing 'rootlesskit' (perhaps the 'docker:dind-rootless' image variant is intended?)" >&2
		exit 1
	fi
	set -- /usr/local/bin/dind docker-init -- "$@"
else
	set -- docker-entrypoint.sh "$@"
fi
exec "$@"
`;

/** What an engine needs of a container: mounts of its own, and groups that give controllers to their children. */
const DIND = `#!/bin/sh
set -e
export container=docker
if ! grep -q ' /tmp ' /proc/mounts; then
	mount -t tmpfs none /tmp
fi
if [ -f /sys/fs/cgroup/cgroup.controllers ]; then
	mkdir -p /sys/fs/cgroup/init
	for pid in $(cat /sys/fs/cgroup/cgroup.procs); do
		echo "$pid" > /sys/fs/cgroup/init/cgroup.procs 2>/dev/null || :
	done
	for name in $(cat /sys/fs/cgroup/cgroup.controllers); do
		echo "+$name" > /sys/fs/cgroup/cgroup.subtree_control 2>/dev/null || :
	done
fi
mount --make-rshared /
if [ $# -gt 0 ]; then
	exec "$@"
fi
echo >&2 'ERROR: No command specified.'
echo >&2 'You probably want to run hack/make.sh, or maybe a shell?'
`;

const CLI = 'k3c8l1i5d0o7c4k9e2r6u1s5b';
const ENGINE = 'd2i8n4d6e0n1g7i3n9e5w2h0s';

/** A layer's name → its tree. */
export const DOCKER_LAYERS: Readonly<Record<string, () => TreeEntry[]>> = {
  [CLI]: () => [
    t.dir(''),
    t.dir('run'),
    t.dir('lib'),
    t.symlink('var/run', '../run'),
    t.text('etc/nsswitch.conf', 'hosts: files dns\n'),
    t.text('etc/os-release', 'NAME="Alpine Linux"\nID=alpine\nVERSION_ID=3.22.2\nPRETTY_NAME="Alpine Linux v3.22"\n'),
    t.dir('usr/local'),
    t.dir('usr/local/bin'),
    t.executable('usr/local/bin/docker', 'docker', 42_336_968),
    t.filler('usr/local/libexec/docker/cli-plugins/docker-buildx', 67_174_560, 0o755),
    t.filler('usr/local/libexec/docker/cli-plugins/docker-compose', 76_095_480, 0o755),
    t.text('usr/local/bin/docker-entrypoint.sh', CLI_ENTRYPOINT, 0o755),
  ],
  [ENGINE]: () => [
    t.dir(''),
    t.executable('usr/local/bin/dockerd', 'dockerd', 98_312_464),
    t.executable('usr/local/bin/containerd', 'containerd', 43_786_240),
    t.executable('usr/local/bin/containerd-shim-runc-v2', 'shim', 12_902_400),
    t.executable('usr/local/bin/docker-init', 'docker-init', 752_504),
    t.executable('usr/local/bin/docker-proxy', 'docker-proxy', 2_109_496),
    t.executable('usr/local/bin/runc', 'runc', 14_876_672),
    t.text('usr/local/bin/dockerd-entrypoint.sh', DIND_ENTRYPOINT, 0o755),
    t.text('usr/local/bin/dind', DIND, 0o755),
    t.dir('etc/docker'),
    t.text('etc/subuid', 'dockremap:165536:65536\n'),
    t.text('etc/subgid', 'dockremap:165536:65536\n'),
    t.dir('var/lib'),
    t.dir('var/lib/docker', 0o711),
  ],
};

interface Own {
  names: string[];
  layers: string[];
  config: Partial<Config>;
  history: (step: (by: string) => HistoryEntry, meta: (by: string) => HistoryEntry) => HistoryEntry[];
}

const ENV = [
  'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  `DOCKER_VERSION=${VERSION}`,
  'DOCKER_BUILDX_VERSION=0.29.1',
  'DOCKER_COMPOSE_VERSION=2.40.3',
  'DOCKER_TLS_CERTDIR=/certs',
];
const client: Own['history'] = (step, meta) => [
  step('RUN /bin/sh -c apk add --no-cache ca-certificates openssh-client git # buildkit'),
  meta(`ENV DOCKER_VERSION=${VERSION}`),
  meta('ENV DOCKER_TLS_CERTDIR=/certs'),
  meta('ENTRYPOINT ["docker-entrypoint.sh"]'),
  meta('CMD ["sh"]'),
];

export const DOCKER_IMAGES: readonly Own[] = [
  {
    names: ['docker:28-cli', 'docker:cli'],
    layers: [CLI],
    config: { Env: ENV, Entrypoint: ['docker-entrypoint.sh'], Cmd: ['sh'], WorkingDir: '/' },
    history: client,
  },
  {
    names: ['docker:28-dind', 'docker:dind', 'docker:28', 'docker:latest'],
    layers: [CLI, ENGINE],
    config: {
      Env: ENV,
      Entrypoint: ['dockerd-entrypoint.sh'],
      Cmd: [],
      WorkingDir: '/',
      Volumes: { '/var/lib/docker': {} },
      ExposedPorts: { '2375/tcp': {}, '2376/tcp': {} },
    },
    history: (step, meta) => [
      ...client(step, meta),
      step('COPY dind dockerd-entrypoint.sh /usr/local/bin/ # buildkit'),
      meta('VOLUME [/var/lib/docker]'),
      meta('EXPOSE [2375/tcp 2376/tcp]'),
      meta('ENTRYPOINT ["dockerd-entrypoint.sh"]'),
      meta('CMD []'),
    ],
  },
];
