/**
 * PID 1 of the host: starts the services and a login on the console, and reaps whoever is left to it. systemd(1).
 *
 * Simplified: no units are read; what is started is listed here.
 */

import { attempt, Errno, type Program, type Sys } from '../kernel';

interface State {
  phase: 'boot' | 'run';
  services: Record<string, number>;
  /** The console's login shell: null without a console, 0 before it is started. */
  login: number | null;
}

const ENV = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8' };

const SERVICES: Readonly<Record<string, { argv: string[]; cgroup: string }>> = {
  containerd: { argv: ['/usr/bin/containerd'], cgroup: '/system.slice/containerd.service' },
  docker: {
    argv: ['/usr/bin/dockerd', '-H', 'fd://', '--containerd=/run/containerd/containerd.sock'],
    cgroup: '/system.slice/docker.service',
  },
};

function service(sys: Sys, name: string): number {
  const s = SERVICES[name] as (typeof SERVICES)[string];
  const nul = sys.open('/dev/null', { read: true, write: true });
  const pid = sys.vfork({ fds: { 0: nul, 1: nul, 2: nul }, cgroup: s.cgroup }, (child) => {
    child.execve(s.argv[0] as string, s.argv, ENV);
    return undefined;
  });
  sys.close(nul);
  return pid;
}

/** A login shell for root on the console. */
function login(sys: Sys): number {
  const tty = sys.open('/dev/console', { read: true, write: true });
  const pid = sys.vfork({ fds: { 0: tty, 1: tty, 2: tty }, cgroup: '/user.slice' }, (child) => {
    child.setctty(0);
    child.chdir('/root/lab');
    child.execve('/usr/bin/bash', ['bash'], {
      HOME: '/root',
      USER: 'root',
      LOGNAME: 'root',
      SHELL: '/bin/bash',
      TERM: 'xterm-256color',
      LANG: 'C.UTF-8',
      PATH: ENV.PATH,
    });
    return undefined;
  });
  sys.close(tty);
  return pid;
}

export const systemd: Program<State> = {
  start: (exec) => ({ phase: 'boot', services: {}, login: exec.argv.includes('--login') ? 0 : null }),
  run(sys, state) {
    let s = state;
    if (s.phase === 'boot') {
      const services: Record<string, number> = {};
      for (const name of Object.keys(SERVICES)) services[name] = service(sys, name);
      s = { ...s, phase: 'run', services, login: s.login === null ? null : login(sys) };
    }
    for (;;) {
      const child = attempt(() => sys.waitpid());
      if (child === null || child instanceof Errno) break;
      // The console is never without a login, as getty would see to.
      if (child.pid === s.login) s = { ...s, login: login(sys) };
    }
    return { wait: { for: 'child' }, state: s };
  },
};

/** containerd: here only as the process that one sees. */
export const idle: Program<null> = { start: () => null, run: () => ({ wait: { for: 'signal' }, state: null }) };
