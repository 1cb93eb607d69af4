/**
 * Where a daemon lives: its directories, its socket, and the part of the tree of control groups that is its. A host's daemon, one in a
 * container, and one that an ordinary user runs differ in no more than this. moby cmd/dockerd/config_unix.go, pkg/rootless,
 * daemon/runtime_unix.go; containerd/cgroups (systemd or not).
 *
 *                     host                    in a container       rootless
 *   data              /var/lib/docker         /var/lib/docker      ~/.local/share/docker
 *   exec root         /run/docker             /run/docker          $XDG_RUNTIME_DIR/docker
 *   socket            /run/docker.sock        /run/docker.sock     $XDG_RUNTIME_DIR/docker.sock
 *   groups            /system.slice           /docker              …/user@1000.service/user.slice
 */

import { attempt, Errno, type Sys } from '../kernel';
import type { Daemon } from './daemon';
import { readText } from './overlay2';

export interface Home {
  /** Everything that is kept; with userns-remap a directory below it. */
  data: string;
  /** --exec-root: what lives as long as the daemon runs. */
  run: string;
  sockets: readonly string[];
  /** Ports that it listens on with -H tcp://… */
  ports: readonly number[];
  pidFile: string;
  config: string;
  /** Who makes control groups: systemd's scopes, directories, or nobody. */
  driver: 'systemd' | 'cgroupfs';
  /** The group that its containers' groups lie in, as the daemon sees the tree. */
  groups: string;
  /** It runs in a user namespace that RootlessKit made: the directory of that. */
  rootless: string | null;
}

export const HOST: Home = {
  data: '/var/lib/docker',
  run: '/run/docker',
  sockets: ['/run/docker.sock'],
  ports: [],
  pidFile: '/run/docker.pid',
  config: '/etc/docker/daemon.json',
  driver: 'systemd',
  groups: '/system.slice',
  rootless: null,
};

/** sd_booted(3). */
const SYSTEMD = '/run/systemd/system';

/** Values of a flag, however it is written: --host=x, --host x, -H x. */
function flag(argv: readonly string[], ...names: string[]): string[] {
  return argv.flatMap((a, i) => {
    const [name = '', value] = a.split(/=(.*)/s);
    return names.includes(name) ? [value ?? argv[i + 1] ?? ''] : [];
  });
}

const unix = (host: string): string => host.replace('unix://', '').replace(/^\/var\/run\//, '/run/');
const portOf = (host: string): number => Number(/:(\d+)$/.exec(host)?.[1] ?? 2375);

/** The group that systemd has given a user: its manager's, which this process is somewhere below. */
function delegated(sys: Sys): string {
  const text = attempt(() => readText(sys, '/proc/self/cgroup'));
  return text instanceof Errno ? '' : (/^0::(.*\/user@\d+\.service)\//m.exec(text)?.[1] ?? '');
}

/** What its flags and its surroundings come to. */
export function homeOf(sys: Sys, argv: readonly string[], env: Readonly<Record<string, string>>): Home {
  const state = env.ROOTLESSKIT_STATE_DIR ?? null;
  const runtime = env.XDG_RUNTIME_DIR ?? '';
  const systemd = !(attempt(() => sys.stat(SYSTEMD)) instanceof Errno);
  const own: Home =
    state === null
      ? { ...HOST, ...(systemd ? {} : { driver: 'cgroupfs' as const, groups: '/docker' }) }
      : {
          ...HOST,
          data: `${env.XDG_DATA_HOME ?? `${env.HOME}/.local/share`}/docker`,
          run: `${runtime}/docker`,
          sockets: [`${runtime}/docker.sock`],
          pidFile: `${runtime}/docker.pid`,
          config: `${env.XDG_CONFIG_HOME ?? `${env.HOME}/.config`}/docker/daemon.json`,
          groups: `${delegated(sys)}/user.slice`,
          rootless: state,
        };
  const hosts = flag(argv, '-H', '--host').filter((h) => h !== 'fd://');
  const sockets = hosts.filter((h) => h.startsWith('unix://')).map(unix);
  return {
    ...own,
    data: flag(argv, '--data-root', '-g').at(-1) ?? own.data,
    run: flag(argv, '--exec-root').at(-1) ?? own.run,
    pidFile: flag(argv, '-p', '--pidfile').at(-1) ?? own.pidFile,
    config: flag(argv, '--config-file').at(-1) ?? own.config,
    sockets: hosts.length > 0 ? sockets : own.sockets,
    ports: hosts.filter((h) => h.startsWith('tcp://') && !argv.includes('--tlsverify')).map(portOf),
  };
}

/** The control group of a container, as the daemon sees the tree. */
export const groupOf = (h: Home, id: string): string => (h.driver === 'systemd' ? `${h.groups}/docker-${id}.scope` : `${h.groups}/${id}`);

const BIN = ['/usr/bin', '/usr/sbin', '/usr/local/bin', '/usr/local/sbin', '/bin'];

/** Where a program that comes with the engine is. */
export const tool = (sys: Sys, name: string): string =>
  BIN.map((dir) => `${dir}/${name}`).find((path) => !(attempt(() => sys.stat(path)) instanceof Errno)) ?? `${BIN[0]}/${name}`;

/** How the shim of a container is started: moby and containerd have a socket each in the exec root, or in /run. */
export function shimArgs(d: Daemon, id: string): string[] {
  const { rootless, run } = d.s.home;
  const address = rootless === null ? '/run/containerd/containerd.sock' : `${run}/containerd/containerd.sock`;
  return [tool(d.sys, 'containerd-shim-runc-v2'), '-namespace', 'moby', '-id', id, '-address', address];
}
