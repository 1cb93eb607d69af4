/** Runtimes, and what runc needs: as recorded on Engine 28.5.2 with runc 1.3.6; daemon.json on a rootless one. */
import { describe, expect, test } from 'vitest';
import { consoleOn } from '../machine/machine';
import '../machine/whole';

const FAILED = 'docker: Error response from daemon: ';
const TASK = `${FAILED}failed to create task for container: `;
const INIT = `${TASK}failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: `;
const HELP = "\n\nRun 'docker run --help' for more information";

const on = (...lines: string[]) => {
  const c = consoleOn('lab', 1);
  let last = { output: '', status: 0 };
  for (const line of lines) last = c.run(line);
  return `${last.output.replace(HELP, '').replace(/[0-9a-f]{64}/g, 'ID')}${last.status ? ` [${last.status}]` : ''}`;
};
const CONFIGURED = [
  `echo '{"runtimes": {"nope": {"path": "/usr/bin/nope"}, "mine": {"path": "/usr/sbin/runc", "runtimeArgs": ["--debug"]}, "shimmy": {"runtimeType": "io.containerd.shimmy.v1"}}, "default-runtime": "mine"}' > /etc/docker/daemon.json`,
  'ln -s ../bin/runc /usr/sbin/runc; systemctl restart docker',
];

describe('without a word about them', () => {
  test.each([
    ['docker run --rm --runtime=nope alpine true', `${FAILED}unknown or invalid runtime name: nope [125]`],
    ['docker create --runtime=sysbox-runc alpine true', 'Error response from daemon: unknown or invalid runtime name: sysbox-runc [1]'],
    ['docker run --rm --runtime=io.containerd.runc.v2 alpine echo ok', 'ok'],
    [
      'docker run --rm --runtime=io.containerd.runsc.v1 alpine echo ok',
      `${TASK}failed to start shim: failed to resolve runtime path: runtime "io.containerd.runsc.v1" binary not installed "containerd-shim-runsc-v1": file does not exist [125]`,
    ],
  ])('%s', (line, wanted) => expect(on(line)).toBe(wanted));
});

describe('named in daemon.json', () => {
  test.each([
    ["docker info -f '{{.DefaultRuntime}} {{json .Runtimes.mine}}'", 'mine {"path":"/usr/sbin/runc","runtimeArgs":["--debug"]}'],
    ['docker run --rm alpine echo default', 'default'],
    ["docker inspect -f '{{.HostConfig.Runtime}}' $(docker create alpine true)", 'mine'],
    [
      'docker run --rm --runtime=nope alpine true',
      `${TASK}failed to create shim task: OCI runtime create failed: unable to retrieve OCI runtime error (open /run/containerd/io.containerd.runtime.v2.task/moby/ID/log.json: no such file or directory): fork/exec /usr/bin/nope: no such file or directory [127]`,
    ],
    [
      'docker run --rm --runtime=shimmy alpine true',
      `${TASK}failed to start shim: failed to resolve runtime path: runtime "io.containerd.shimmy.v1" binary not installed "containerd-shim-shimmy-v1": file does not exist [125]`,
    ],
  ])('%s', (line, wanted) => expect(on(...CONFIGURED, line)).toBe(wanted));
});

describe('limits that are too hard', () => {
  test.each([
    ['nofile=3 alpine true', `${INIT}too many open files [125]`],
    ['nofile=9 alpine true', `${INIT}procReady not received [125]`],
    [
      'nofile=15 alpine true',
      `${INIT}error mounting "proc" to rootfs at "/proc": reopen mountpoint after mount: re-open mountpoint "/proc": reopen fd 12: too many open files [125]`,
    ],
    ['nofile=17 alpine echo hi', 'hi'],
    ['nofile=-1 alpine true', `${INIT}error setting rlimits for ready process: error setting rlimit type 7: operation not permitted [125]`],
    ["nproc=1 alpine sh -c 'ls / | head -1'", 'bin'],
    ['nproc=4 --user 1234 alpine echo hi', 'exec /bin/echo: resource temporarily unavailable [255]'],
    ['nproc=5 --user 1234 alpine echo hi', 'hi'],
  ])('--ulimit %s', (flags, wanted) => expect(on(`docker run --rm --ulimit ${flags}`)).toBe(wanted));
});
