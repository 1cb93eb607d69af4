/**
 * An engine without root. What is printed was recorded on a rootless engine 28.5.2 under RootlessKit 2.0.2 with slirp4netns, but for
 * control groups: that host had none to give, and a host with systemd and cgroup v2 gives cpu, memory and pids (user@.service), and
 * the engine warns of the others (moby daemon/info_unix.go).
 */
import { beforeAll, describe, expect, test } from 'vitest';
import { boot, step } from '.';
import { consoleOn } from './machine';
import './whole';

let run: (line: string) => string;
beforeAll(() => {
  const c = consoleOn('rootless', 1);
  run = (line) => {
    const { output, status } = c.run(line);
    return `${output}${status ? `\n[${status}]` : ''}`;
  };
  run('docker pull -q alpine; docker run -d --name one alpine sleep 1000');
});

const RUN = 'docker run --rm';
const FAILED = 'docker: Error response from daemon: ';
const HELP = "\n\nRun 'docker run --help' for more information";

describe('as recorded', () => {
  test.each([
    [`${RUN} alpine id`, 'uid=0(root) gid=0(root) groups=0(root)'],
    ['ps -o user= -C sleep', 'dev'],
    ['docker exec one cat /proc/self/uid_map', '         0       1000          1\n         1     100000      65536'],
    [`${RUN} --userns host alpine cat /proc/self/uid_map`, '         0       1000          1\n         1     100000      65536'],
    [`${RUN} --user 1000 alpine id`, 'uid=1000 gid=0(root) groups=0(root)'],
    [
      'docker run --name low -p 80:80 alpine true 2>&1 | sed "s/([0-9a-f]*)/(ID)/"; docker rm low >/dev/null',
      `${FAILED}failed to set up container networking: driver failed programming external connectivity on endpoint low (ID): error while calling RootlessKit PortManager.AddPort(): cannot expose privileged port 80, you can add 'net.ipv4.ip_unprivileged_port_start=80' to /etc/sysctl.conf (currently 1024), or set CAP_NET_BIND_SERVICE on rootlesskit binary, or choose a larger port number (>= 1024): listen tcp4 0.0.0.0:80: bind: permission denied${HELP}`,
    ],
    [`${RUN} --net host alpine ip -4 -o a`, /1: lo .*127.0.0.1.*\n2: tap0 .*10\.0\.2\.100\/24.*\n3: docker0 .*172\.17\.0\.1\/16/],
    [
      `${RUN} --privileged alpine sh -c 'mknod /tmp/sda b 8 0; date -s 2020-01-01'`,
      "mknod: /tmp/sda: Operation not permitted\ndate: can't set date: Operation not permitted\n[1]",
    ],
    [
      `${RUN} -v /:/host alpine sh -c 'cat /host/etc/shadow; touch /host/home/dev/mine; stat -c %u /host/home/dev/mine /host/root'`,
      "cat: can't open '/host/etc/shadow': Permission denied\n0\n65534",
    ],
    ['stat -c %u ~/mine', '1000'],
    [`${RUN} -v $HOME:/h --user 1000 alpine touch /h/x`, 'touch: /h/x: Permission denied\n[1]'],
    [`${RUN} -v $HOME:/h alpine sh -c 'mkdir /h/d; chown 33 /h/d'; stat -c '%u %g' ~/d`, '100032 1000'],
    [
      `${RUN} --ulimit nofile=2000000 alpine true`,
      `${FAILED}failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: error setting rlimits for ready process: error setting rlimit type 7: operation not permitted${HELP}\n[125]`,
    ],
    [`${RUN} --pid host alpine ps -o user,args | grep -c 'root .*dockerd'`, /^[1-9]/],
    [
      "docker info -f '{{json .SecurityOptions}} {{.DockerRootDir}}'",
      '["name=seccomp,profile=builtin","name=rootless","name=cgroupns"] /home/dev/.local/share/docker',
    ],
    [
      'docker -H unix:///run/docker.sock ps',
      'Cannot connect to the Docker daemon at unix:///run/docker.sock. Is the docker daemon running?\n[1]',
    ],
    [
      'dockerd 2>&1 | tail -1',
      'dockerd needs to be started with root privileges. To run dockerd in rootless mode as an unprivileged user, see https://docs.docker.com/go/rootless/',
    ],
    ["stat -c '%A %U' /run/user/1000/docker.sock", 'srw-rw---T dev'],
    ["docker version -f '{{range .Server.Components}}{{.Name}} {{end}}'", 'Engine containerd runc docker-init rootlesskit slirp4netns '],
  ])('%s', (line, wanted) => {
    if (wanted instanceof RegExp) expect(run(line)).toMatch(wanted);
    else expect(run(line)).toBe(wanted);
  });
});

describe('what a host with cgroup v2 and systemd gives', () => {
  test.each([
    ["docker info -f '{{.CgroupDriver}} {{.CgroupVersion}}'", 'systemd 2'],
    ["docker info 2>&1 | grep -c '^WARNING: No'", '7'],
    ['cat /sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service/cgroup.controllers', 'cpu memory pids'],
    [
      `${RUN} --memory 64m --cpus 0.5 --pids-limit 9 alpine sh -c 'cd /sys/fs/cgroup; cat memory.max cpu.max pids.max'`,
      '67108864\n50000 100000\n9',
    ],
    [
      `${RUN} --cpuset-cpus 0 alpine nproc`,
      'WARNING: Your kernel does not support cpuset or the cgroup is not mounted. CPUset discarded.\n2',
    ],
    [
      "sed 's/docker-.*/docker-ID/' /proc/$(pgrep -x sleep)/cgroup",
      '0::/user.slice/user-1000.slice/user@1000.service/user.slice/docker-ID',
    ],
    [
      'mkdir /sys/fs/cgroup/user.slice/mine 2>&1',
      'mkdir: cannot create directory ‘/sys/fs/cgroup/user.slice/mine’: Permission denied\n[1]',
    ],
    ['G=/sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service; mkdir $G/mine && cat $G/mine/pids.max; rmdir $G/mine', 'max'],
  ])('%s', (line, wanted) => expect(run(line)).toBe(wanted));
});

describe('its life', () => {
  test.each([
    [
      "docker run -d --name web -p 8080:80 alpine sh -c 'echo hi > /index.html; httpd -f' >/dev/null; sleep 1; curl -s localhost:8080",
      'hi',
    ],
    ['docker rm -f web >/dev/null; curl -s localhost:8080', '\n[7]'],
    ['docker pause one; docker unpause one', 'one\none'],
    ['systemctl --user is-active docker; systemctl is-active docker', 'active\ninactive\n[3]'],
    ["systemctl --user restart docker; docker ps -a --format '{{.Names}}'; docker images -q | wc -l", 'one\n1'],
    [
      'systemctl stop docker',
      "Failed to stop docker.service: Interactive authentication required.\nSee system logs and 'systemctl status docker.service' for details.\n[1]",
    ],
    ['newuidmap $$ 0 0 1', 'newuidmap: uid range [0-1) -> [0-1) not allowed\n[1]'],
  ])('%s', (line, wanted) => expect(run(line)).toBe(wanted));
  test('the console is the user’s', () => {
    const { machine } = boot('rootless', 1);
    expect(step(machine, { kind: 'line', text: 'whoami; pwd; docker run --rm -it alpine id -u' }).trace.output).toMatch(
      /dev\r?\n\/home\/dev\/lab/,
    );
  });
});
