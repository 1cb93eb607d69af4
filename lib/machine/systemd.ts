/**
 * PID 1 of the host: starts the services and a login on the console, restarts what dies, and reaps whoever is left to it;
 * and systemctl, which asks it to. systemd(1), systemctl(1), docker.service as Docker's packages have it.
 *
 *   systemctl ──"restart docker\n"──> /run/systemd/private ──"0 …\n"──> systemctl
 *
 * Simplified: no units are read; what is started is listed here. docker.socket is not there: without the service nobody
 * listens.
 */

import { encode } from '../base';
import { attempt, type ChildStatus, Errno, type Program, SIGNALS, type Sys, type Wait } from '../kernel';

interface Service {
  /** Its main process; null while it does not run. */
  pid: number | null;
  /** Since when it has been as it is: milliseconds since the epoch. */
  since: number;
  /** How the last main process ended: "success", or what went wrong. */
  result: string;
  /** Asked to end; 'restart' starts it again when it has. */
  job: 'stop' | 'restart' | null;
  /** When to start it again after it died: milliseconds since boot. */
  again: number | null;
}

interface Conn {
  fd: number;
  input: string;
  /** Waits for this service's job. */
  waits: string | null;
}

interface State {
  phase: 'boot' | 'run';
  services: Record<string, Service>;
  listener: number;
  conns: Conn[];
  /** The console's login shell: null without a console, 0 before it is started. */
  login: number | null;
}

const ENV = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8' };
const PRIVATE = '/run/systemd/private';
/** RestartSec of both units. */
const RESTART_MS = 2000;

const SERVICES: Readonly<Record<string, { description: string; argv: string[]; cgroup: string }>> = {
  containerd: { description: 'containerd container runtime', argv: ['/usr/bin/containerd'], cgroup: '/system.slice/containerd.service' },
  docker: {
    description: 'Docker Application Container Engine',
    argv: ['/usr/bin/dockerd', '-H', 'fd://', '--containerd=/run/containerd/containerd.sock'],
    cgroup: '/system.slice/docker.service',
  },
};

function launch(sys: Sys, name: string): Service {
  const s = SERVICES[name] as (typeof SERVICES)[string];
  const nul = sys.open('/dev/null', { read: true, write: true });
  const pid = sys.vfork({ fds: { 0: nul, 1: nul, 2: nul }, cgroup: s.cgroup }, (child) => {
    child.execve(s.argv[0] as string, s.argv, ENV);
    return undefined;
  });
  sys.close(nul);
  return { pid, since: sys.now(), result: 'success', job: null, again: null };
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

function boot(sys: Sys, s: State): State {
  for (const dir of ['/run/systemd', '/run/systemd/system']) attempt(() => sys.mkdir(dir, 0o755));
  const listener = sys.listen(PRIVATE, 0o600);
  const services: Record<string, Service> = {};
  for (const name of Object.keys(SERVICES)) services[name] = launch(sys, name);
  return { ...s, phase: 'run', listener, services, login: s.login === null ? null : login(sys) };
}

const resultOf = (how: ChildStatus['how']): string =>
  'signaled' in how ? 'signal' : 'exited' in how && how.exited !== 0 ? 'exit-code' : 'success';

/** A service's main process has ended: by request, or it is started again in two seconds. */
function ended(sys: Sys, x: Service, name: string, how: ChildStatus['how']): Service {
  if (x.job === 'restart') return launch(sys, name);
  const gone = { ...x, pid: null, since: sys.now(), job: null };
  if (x.job === 'stop') return { ...gone, result: 'success', again: null };
  return { ...gone, result: resultOf(how), again: sys.uptime() + RESTART_MS };
}

const state = (x: Service): string =>
  x.pid !== null ? (x.job ? 'deactivating' : 'active') : x.again === null ? (x.result === 'success' ? 'inactive' : 'failed') : 'activating';

/** What systemctl is answered: an exit status and text. */
function command(sys: Sys, s: State, verb: string, name: string): { s: State; reply: string | null } {
  const x = s.services[name] as Service;
  const now = (service: Service): State => ({ ...s, services: { ...s.services, [name]: service } });
  switch (verb) {
    case 'is-active':
      return { s, reply: `${state(x) === 'active' ? 0 : 3} ${state(x)}` };
    case 'show-pid':
      return { s, reply: `0 ${x.pid ?? 0} ${x.since} ${state(x)} ${x.result}` };
    case 'start':
      return x.pid === null ? { s: now(launch(sys, name)), reply: '0' } : { s, reply: '0' };
    case 'stop':
    case 'restart': {
      if (x.pid === null)
        return verb === 'stop' ? { s: now({ ...x, again: null }), reply: '0' } : { s: now(launch(sys, name)), reply: '0' };
      const pid = x.pid;
      attempt(() => sys.kill(pid, SIGNALS.SIGTERM));
      return { s: now({ ...x, job: verb }), reply: null };
    }
    default:
      return { s, reply: `1 drydock: systemctl ${verb} is not modelled` };
  }
}

function serve(sys: Sys, before: State): State {
  let s = before;
  for (;;) {
    const fd = attempt(() => sys.accept(s.listener));
    if (fd === null || fd instanceof Errno) break;
    sys.setCloexec(fd, true);
    s = { ...s, conns: [...s.conns, { fd, input: '', waits: null }] };
  }
  const open: Conn[] = [];
  for (const conn of s.conns) {
    let c = conn;
    let over = false;
    for (;;) {
      const data = attempt(() => sys.read(c.fd, 4096));
      if (data === null) break;
      if (data instanceof Errno || data === '') {
        over = true;
        break;
      }
      c = { ...c, input: c.input + data };
    }
    const line = c.input.indexOf('\n');
    if (line >= 0 && c.waits === null) {
      const [verb = '', name = ''] = c.input.slice(0, line).split(' ');
      const done = command(sys, s, verb, name);
      s = done.s;
      c = { ...c, input: c.input.slice(line + 1), waits: done.reply === null ? name : null };
      if (done.reply !== null) attempt(() => sys.write(c.fd, `${done.reply}\n`));
    }
    if (c.waits !== null && s.services[c.waits]?.job === null) {
      attempt(() => sys.write(c.fd, '0\n'));
      c = { ...c, waits: null };
    }
    if (over) attempt(() => sys.close(c.fd));
    else open.push(c);
  }
  return { ...s, conns: open };
}

export const systemd: Program<State> = {
  start: (exec) => ({ phase: 'boot', services: {}, listener: -1, conns: [], login: exec.env.CONSOLE ? 0 : null }),
  run(sys, before) {
    let s = before.phase === 'boot' ? boot(sys, before) : before;
    for (;;) {
      const child = attempt(() => sys.waitpid());
      if (child === null || child instanceof Errno) break;
      for (const [name, x] of Object.entries(s.services))
        if (x.pid === child.pid) s = { ...s, services: { ...s.services, [name]: ended(sys, x, name, child.how) } };
      // The console is never without a login, as getty would see to.
      if (child.pid === s.login) s = { ...s, login: login(sys) };
    }
    for (const [name, x] of Object.entries(s.services))
      if (x.again !== null && x.again <= sys.uptime()) s = { ...s, services: { ...s.services, [name]: launch(sys, name) } };
    s = serve(sys, s);
    const of: Wait[] = [{ for: 'child' }, { for: 'read', fd: s.listener }, ...s.conns.map((c): Wait => ({ for: 'read', fd: c.fd }))];
    for (const x of Object.values(s.services)) if (x.again !== null) of.push({ for: 'time', at: x.again });
    return { wait: { for: 'any', of }, state: s };
  },
};

// ——— systemctl

interface Ctl {
  argv: string[];
  units: string[];
  verb: string;
  quiet: boolean;
  fd: number;
  asked: boolean;
  input: string;
  status: number;
}

const VERBS = ['start', 'stop', 'restart', 'try-restart', 'reload-or-restart', 'is-active', 'status', 'show-pid'];

function parse(sys: Sys, s: Ctl): { exit: number } | Ctl {
  const say = (text: string) => void attempt(() => sys.write(2, text));
  const args = s.argv.slice(1).filter((a) => !a.startsWith('-'));
  const quiet = s.argv.some((a) => a === '-q' || a === '--quiet');
  const [verb = '', ...units] = args;
  if (verb === 'daemon-reload') return { exit: 0 };
  if (!VERBS.includes(verb)) {
    say(verb === '' ? 'drydock: systemctl without a command is not modelled\n' : `drydock: systemctl ${verb} is not modelled\n`);
    return { exit: 1 };
  }
  if (units.length === 0) {
    say('Too few arguments.\n');
    return { exit: 1 };
  }
  const names = units.map((u) => u.replace(/\.service$/, ''));
  const unknown = names.find((n) => !Object.hasOwn(SERVICES, n));
  if (unknown !== undefined) {
    if (verb === 'is-active') {
      attempt(() => sys.write(1, 'inactive\n'));
      return { exit: 4 };
    }
    say(
      verb === 'status'
        ? `Unit ${unknown}.service could not be found.\n`
        : `Failed to ${verb} ${unknown}.service: Unit ${unknown}.service not found.\n`,
    );
    return { exit: verb === 'status' ? 4 : 5 };
  }
  return { ...s, verb: verb === 'try-restart' || verb === 'reload-or-restart' ? 'restart' : verb, units: names, quiet };
}

function show(name: string, answer: string): { text: string; status: number } {
  const [pid = '0', , is = '', result = ''] = answer.split(' ');
  const unit = SERVICES[name] as (typeof SERVICES)[string];
  const words =
    is === 'active'
      ? 'active (running)'
      : is === 'failed'
        ? `failed (Result: ${result})`
        : is === 'activating'
          ? `activating (auto-restart) (Result: ${result})`
          : `${is} (dead)`;
  const lines = [
    `${is === 'active' ? '●' : is === 'failed' ? '×' : '○'} ${name}.service - ${unit.description}`,
    `     Loaded: loaded (/usr/lib/systemd/system/${name}.service; enabled; preset: enabled)`,
    `     Active: ${words}`,
    ...(pid === '0'
      ? []
      : [
          `   Main PID: ${pid} (${(unit.argv[0] as string).split('/').pop()})`,
          `     CGroup: ${unit.cgroup}`,
          `             └─${pid} ${unit.argv.join(' ')}`,
        ]),
  ];
  return { text: `${lines.join('\n')}\n`, status: is === 'active' ? 0 : 3 };
}

export const systemctl: Program<Ctl> = {
  start: (exec) => ({ argv: exec.argv, units: [], verb: '', quiet: false, fd: -1, asked: false, input: '', status: 0 }),
  run(sys, before) {
    let s = before;
    if (s.verb === '') {
      const parsed = parse(sys, s);
      if ('exit' in parsed) return parsed;
      const fd = attempt(() => sys.connect(PRIVATE));
      if (fd instanceof Errno) {
        attempt(() => sys.write(2, `Failed to connect to bus: ${fd.message}\n`));
        return { exit: 1 };
      }
      s = { ...parsed, fd };
    }
    for (;;) {
      const name = s.units[0];
      if (name === undefined) return { exit: s.status };
      if (!s.asked) {
        attempt(() => sys.write(s.fd, `${s.verb === 'status' ? 'show-pid' : s.verb} ${name}\n`));
        s = { ...s, asked: true };
      }
      const data = attempt(() => sys.read(s.fd, 4096));
      if (data === null) return { wait: { for: 'read', fd: s.fd }, state: s };
      if (data instanceof Errno || data === '') return { exit: 1 };
      const input = s.input + data;
      const line = input.indexOf('\n');
      if (line < 0) {
        s = { ...s, input };
        continue;
      }
      const [code = '1', ...rest] = input.slice(0, line).split(' ');
      const answer = rest.join(' ');
      const shown =
        s.verb === 'status' ? show(name, answer) : { text: answer === '' || s.quiet ? '' : `${answer}\n`, status: Number(code) };
      if (shown.text) attempt(() => sys.write(1, encode(shown.text)));
      s = { ...s, units: s.units.slice(1), asked: false, input: input.slice(line + 1), status: Math.max(s.status, shown.status) };
    }
  },
};

/** containerd: here only as the process that one sees. */
export const idle: Program<null> = { start: () => null, run: () => ({ wait: { for: 'signal' }, state: null }) };
