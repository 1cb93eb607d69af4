/** The host: a Debian machine with Docker on it. What is on its disk before anything happened. */

import type { TreeEntry } from '../kernel';
import * as t from './catalogue/trees';

const OS_RELEASE =
  'PRETTY_NAME="Debian GNU/Linux 13 (trixie)"\nNAME="Debian GNU/Linux"\nVERSION_ID="13"\nVERSION="13 (trixie)"\nVERSION_CODENAME=trixie\nDEBIAN_VERSION_FULL=13.2\nID=debian\nHOME_URL="https://www.debian.org/"\nSUPPORT_URL="https://www.debian.org/support"\nBUG_REPORT_URL="https://bugs.debian.org/"\n';

const SHADOW = 42;
const BASHRC = "PS1='\\u@\\h:\\w\\$ '\nalias ll='ls -l'\n";

/** How an ordinary user starts an engine; moby contrib/dockerd-rootless.sh. */
const ROOTLESS = `#!/bin/sh
set -eu
if [ "$(id -u)" = 0 ]; then
	echo 'Refusing to run as root' >&2
	exit 1
fi
if ! [ -w "\${XDG_RUNTIME_DIR:-}" ]; then
	echo 'XDG_RUNTIME_DIR needs to be set and writable' >&2
	exit 1
fi
exec rootlesskit --state-dir="$XDG_RUNTIME_DIR/dockerd-rootless" --net=slirp4netns --mtu=65520 --disable-host-loopback --port-driver=builtin --copy-up=/etc --copy-up=/run --propagation=rslave -- /usr/bin/dockerd "$@"
`;

export const hostTree = (): TreeEntry[] => [
  ...t
    .debian({ version: '13.2', osRelease: OS_RELEASE, groups: ['docker:x:991:'] })
    .filter((e) => !['etc/hostname', 'etc/hosts', 'root/.bashrc'].includes(e.path))
    .map((e) => (e.path === 'etc/shadow' ? { ...e, gid: SHADOW } : e)),
  t.text('etc/hostname', 'dock\n'),
  t.text('etc/hosts', '127.0.0.1\tlocalhost\n127.0.1.1\tdock\n'),
  t.text('etc/resolv.conf', 'nameserver 192.168.65.1\n'),
  t.text('etc/fstab', '/dev/vda1 / ext4 rw,relatime 0 1\n'),
  t.text('root/.bashrc', BASHRC),
  t.dir('root/lab'),
  t.executable('usr/lib/systemd/systemd', 'systemd', 98_512),
  t.executable('usr/bin/systemctl', 'systemctl', 1_510_264),
  t.symlink('usr/sbin/init', '../lib/systemd/systemd'),
  t.executable('usr/bin/busybox', 'busybox', 768_136),
  ...['ping', 'traceroute', 'nc'].map((name) => t.executable(`usr/bin/${name}`, `gnu/${name}`, 90_568)),
  t.executable('usr/bin/dig', 'gnu/dig', 166_216),
  t.executable('usr/bin/host', 'gnu/host', 141_632),
  t.executable('usr/bin/tcpdump', 'gnu/tcpdump', 1_310_384),
  t.executable('usr/sbin/apparmor_parser', 'gnu/apparmor_parser', 1_722_472),
  t.executable('usr/bin/ipcmk', 'gnu/ipcmk', 39_216),
  t.executable('usr/bin/ipcrm', 'gnu/ipcrm', 88_304),
  t.executable('usr/bin/ipcs', 'gnu/ipcs', 92_400),
  t.executable('usr/bin/strace', 'gnu/strace', 2_243_168),
  t.executable('usr/bin/stress', 'gnu/stress', 26_800),
  t.executable('usr/sbin/pivot_root', 'gnu/pivot_root', 14_568),
  t.executable('usr/bin/docker', 'docker', 42_336_968),
  t.executable('usr/bin/dockerd', 'dockerd', 98_312_464),
  t.executable('usr/bin/tini-static', 'docker-init', 752_504),
  t.symlink('usr/bin/docker-init', 'tini-static'),
  t.executable('usr/bin/containerd', 'containerd', 43_786_240),
  t.executable('usr/bin/containerd-shim-runc-v2', 'shim', 12_902_400),
  t.executable('usr/sbin/docker-proxy', 'docker-proxy', 2_109_496),
  t.executable('usr/bin/runc', 'runc', 14_876_672),
  t.executable('usr/bin/rootlesskit', 'rootlesskit', 14_680_064),
  t.executable('usr/libexec/rootlesskit-port', 'rootlesskit-port', 2_109_496),
  t.executable('usr/bin/slirp4netns', 'slirp4netns', 75_064),
  ...(['uid', 'gid'] as const).map((id) => ({ ...t.executable(`usr/bin/new${id}map`, `new${id}map`, 41_192), mode: 0o4755 })),
  t.text('usr/bin/dockerd-rootless.sh', ROOTLESS, 0o755),
  t.dir('etc/docker'),
  t.text('etc/subuid', ''),
  t.text('etc/subgid', ''),
  ...['containers', 'image', 'image/overlay2', 'network', 'volumes', 'tmp', 'buildkit', 'swarm', 'plugins', 'runtimes'].map((d) =>
    t.dir(`var/lib/docker/${d}`, 0o710),
  ),
  t.dir('var/lib/docker', 0o710),
  t.dir('var/lib/docker/volumes', 0o701),
  t.dir('var/lib/docker/overlay2', 0o710),
  t.dir('var/lib/docker/overlay2/l', 0o700),
  t.dir('var/lib/containerd', 0o711),
];
