/**
 * PID 1 of the host: starts the services and a login on the console, restarts what dies, and reaps whoever is left to it;
 * and systemctl, which asks it to. systemd(1), systemctl(1), docker.service as Docker's packages have it.
 *
 *   systemctl ──"restart docker\n"──> /run/systemd/private ──"0 …\n"──> systemctl
 *
 * Simplified: no units are read; what is started is listed here. docker.socket is not there: without the service nobody
 * listens.
 * Past 400 lines because the machine's manager and a user's are one program, and systemctl speaks to both.
 */

import { encode } from '../base';
import { attempt, type ChildStatus, Errno, type Program, SIGNALS, type Sys, type Wait } from '../kernel';
import { addUser, become, delegate, environment, managerGroup, runtimeDir, sliceOf, type User } from './login';

interface Service {
  /** Its main process; null while it does not run. */
  pid: number | null;
  /** Since when it has been as it is: milliseconds since the epoch. */
  since: number;
  /** How the last main process ended: "success", or what went wrong. */
  result: string;
  /** Asked to end; 'restart' starts it again when it has; 'start': not ready yet. */
  job: 'stop' | 'restart' | 'start' | null;
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
  /** A manager of a user's services, `systemd --user`; or, of the host, who is logged in. */
  user: User | null;
  own: boolean;
}

const ENV = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8' };
/** Where systemctl asks: the host's manager, or with --user one's own. */
const privateOf = (user: User | null): string => `${user ? runtimeDir(user) : '/run'}/systemd/private`;
/** RestartSec of both units. */
const RESTART_MS = 2000;

interface Unit {
  description: string;
  /** Type=notify: it is started when it listens here. */
  ready?: string;
  /** What its main process is called once it runs. */
  main?: string;
  argv: string[];
  cgroup: string;
}

const SERVICES: Readonly<Record<string, Unit>> = {
  containerd: { description: 'containerd container runtime', argv: ['/usr/bin/containerd'], cgroup: '/system.slice/containerd.service' },
  docker: {
    description: 'Docker Application Container Engine',
    argv: ['/usr/bin/dockerd', '-H', 'fd://', '--containerd=/run/containerd/containerd.sock'],
    cgroup: '/system.slice/docker.service',
  },
};

/** Of a user's own manager. */
const userServices = (u: User): Readonly<Record<string, Unit>> => ({
  docker: {
    description: 'Docker Application Container Engine (Rootless)',
    argv: ['/usr/bin/dockerd-rootless.sh'],
    ready: `${runtimeDir(u)}/docker.sock`,
    main: 'rootlesskit',
    cgroup: `${managerGroup(u)}/app.slice/docker.service`,
  },
});
/** What the host runs for a user who has logged in; the user's engine takes the place of the host's. */
const manager = (u: User): Readonly<Record<string, Unit>> => ({
  [`user@${u.uid}`]: {
    description: `User Manager for UID ${u.uid}`,
    argv: ['/usr/lib/systemd/systemd', '--user'],
    cgroup: `${managerGroup(u)}/init.scope`,
  },
});
const unitsOf = (s: Pick<State, 'user' | 'own'>): Readonly<Record<string, Unit>> =>
  s.user === null ? SERVICES : s.own ? userServices(s.user) : manager(s.user);

/** "dev:1000", as the scenario says it. */
const userOf = (text: string): User | null => {
  const [name = '', uid = ''] = text.split(':');
  return uid === '' ? null : { name, uid: Number(uid) };
};

function launch(sys: Sys, s: State, name: string): Service {
  const unit = unitsOf(s)[name] as Unit;
  const nul = sys.open('/dev/null', { read: true, write: true });
  if (s.user) makeGroups(sys, unit.cgroup);
  const env = s.user ? { ...environment(s.user, ENV.PATH), ...(s.own ? {} : { LOGIN: `${s.user.name}:${s.user.uid}` }) } : ENV;
  const pid = sys.vfork({ fds: { 0: nul, 1: nul, 2: nul }, cgroup: unit.cgroup }, (child) => {
    if (s.user && !s.own) become(child, s.user, '/');
    child.execve(unit.argv[0] as string, unit.argv, env);
    return undefined;
  });
  sys.close(nul);
  return { pid, since: sys.now(), result: 'success', job: unit.ready ? 'start' : null, again: null };
}

/** Groups on the way to one, made by whose they are. */
function makeGroups(sys: Sys, path: string) {
  const parts = path.split('/').filter(Boolean);
  for (let i = 1; i <= parts.length; i++) attempt(() => sys.mkdir(`/sys/fs/cgroup/${parts.slice(0, i).join('/')}`, 0o755));
}

/** A login shell on the console. */
function login(sys: Sys, user: User | null): number {
  const tty = sys.open('/dev/console', { read: true, write: true });
  if (user) sys.chown('/dev/console', user.uid, 5);
  const pid = sys.vfork({ fds: { 0: tty, 1: tty, 2: tty }, cgroup: user ? `${sliceOf(user)}/session-1.scope` : '/user.slice' }, (child) => {
    child.setctty(0);
    if (user) {
      become(child, user, `/home/${user.name}/lab`);
      child.execve('/usr/bin/bash', ['bash'], environment(user, ENV.PATH));
      return undefined;
    }
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
  const at = privateOf(s.own ? s.user : null);
  const dir = at.slice(0, at.lastIndexOf('/'));
  for (const d of s.own ? [dir] : [dir, `${dir}/system`]) attempt(() => sys.mkdir(d, 0o755));
  if (s.user && !s.own) {
    addUser(sys, s.user);
    delegate(sys, s.user);
  }
  // Anybody may ask the host's how things are; systemctl asks nobody but root to change them.
  const listener = sys.listen(at, 0o600);
  if (!s.own) sys.chmod(at, 0o666);
  const services: Record<string, Service> = {};
  for (const name of Object.keys(unitsOf(s))) services[name] = launch(sys, s, name);
  return { ...s, phase: 'run', listener, services, login: s.login === null ? null : login(sys, s.user) };
}

const resultOf = (how: ChildStatus['how']): string =>
  'signaled' in how ? 'signal' : 'exited' in how && how.exited !== 0 ? 'exit-code' : 'success';

/** A service's main process has ended: by request, or it is started again in two seconds. */
function ended(sys: Sys, s: State, x: Service, name: string, how: ChildStatus['how']): Service {
  if (x.job === 'restart') return launch(sys, s, name);
  const gone = { ...x, pid: null, since: sys.now(), job: null };
  if (x.job === 'stop') return { ...gone, result: 'success', again: null };
  return { ...gone, result: resultOf(how), again: sys.uptime() + RESTART_MS };
}

const state = (x: Service): string =>
  x.pid !== null
    ? x.job === 'start'
      ? 'activating'
      : x.job
        ? 'deactivating'
        : 'active'
    : x.again === null
      ? x.result === 'success'
        ? 'inactive'
        : 'failed'
      : 'activating';

/** Who asked waits where the service says itself when it is ready. */
const started = (s: State, name: string): { s: State; reply: string | null } => ({ s, reply: s.services[name]?.job ? null : '0' });

/** How often a service that is being started is looked at, milliseconds. */
const LOOK = 10;

/** Services that have become ready. */
function looked(sys: Sys, s: State): State {
  const services = Object.entries(s.services).map(([name, x]) => {
    const { ready } = unitsOf(s)[name] ?? {};
    if (x.job !== 'start' || !ready) return [name, x] as const;
    const fd = attempt(() => sys.connect(ready));
    if (fd instanceof Errno) return [name, x] as const;
    sys.close(fd);
    return [name, { ...x, job: null }] as const;
  });
  return { ...s, services: Object.fromEntries(services) };
}

/** What systemctl is answered: an exit status and text. */
function command(sys: Sys, s: State, verb: string, name: string): { s: State; reply: string | null } {
  const x = s.services[name];
  // Disabled on a host whose user has an engine of its own.
  if (!x)
    return {
      s,
      reply:
        verb === 'is-active'
          ? '3 inactive'
          : verb === 'show-pid'
            ? '0 0 0 inactive success'
            : '1 drydock: this host starts no such service',
    };
  const now = (service: Service): State => ({ ...s, services: { ...s.services, [name]: service } });
  switch (verb) {
    case 'is-active':
      return { s, reply: `${state(x) === 'active' ? 0 : 3} ${state(x)}` };
    case 'show-pid':
      return { s, reply: `0 ${x.pid ?? 0} ${x.since} ${state(x)} ${x.result}` };
    case 'start':
      if (x.pid !== null) return { s, reply: '0' };
      return started(now(launch(sys, s, name)), name);
    case 'stop':
    case 'restart': {
      if (x.pid === null) return verb === 'stop' ? { s: now({ ...x, again: null }), reply: '0' } : started(now(launch(sys, s, name)), name);
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
  start: ({ argv, env }) => ({
    phase: 'boot',
    services: {},
    listener: -1,
    conns: [],
    login: env.CONSOLE ? 0 : null,
    user: userOf(env.LOGIN ?? ''),
    own: argv.includes('--user'),
  }),
  run(sys, before) {
    let s = before.phase === 'boot' ? boot(sys, before) : before;
    for (;;) {
      const child = attempt(() => sys.waitpid());
      if (child === null || child instanceof Errno) break;
      for (const [name, x] of Object.entries(s.services))
        if (x.pid === child.pid) s = { ...s, services: { ...s.services, [name]: ended(sys, s, x, name, child.how) } };
      // The console is never without a login, as getty would see to.
      if (child.pid === s.login) s = { ...s, login: login(sys, s.user) };
    }
    for (const [name, x] of Object.entries(s.services))
      if (x.again !== null && x.again <= sys.uptime()) s = { ...s, services: { ...s.services, [name]: launch(sys, s, name) } };
    s = serve(sys, looked(sys, s));
    const of: Wait[] = [{ for: 'child' }, { for: 'read', fd: s.listener }, ...s.conns.map((c): Wait => ({ for: 'read', fd: c.fd }))];
    for (const x of Object.values(s.services)) {
      if (x.again !== null) of.push({ for: 'time', at: x.again });
      if (x.job === 'start') of.push({ for: 'time', at: sys.uptime() + LOOK });
    }
    return { wait: { for: 'any', of }, state: s };
  },
};

// ——— systemctl

interface Ctl {
  argv: string[];
  /** --user: whose manager is asked. */
  user: User | null;
  units: string[];
  verb: string;
  quiet: boolean;
  fd: number;
  asked: boolean;
  input: string;
  status: number;
}

const READING = ['is-active', 'status', 'show-pid'];
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
  const known = s.user ? userServices(s.user) : SERVICES;
  const unknown = names.find((n) => !Object.hasOwn(known, n));
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
  if (!s.user && sys.credentials().euid !== 0 && !READING.includes(verb)) {
    say(
      `Failed to ${verb} ${names[0]}.service: Interactive authentication required.\nSee system logs and 'systemctl status ${names[0]}.service' for details.\n`,
    );
    return { exit: 1 };
  }
  return { ...s, verb: verb === 'try-restart' || verb === 'reload-or-restart' ? 'restart' : verb, units: names, quiet };
}

function show(units: Readonly<Record<string, Unit>>, name: string, answer: string): { text: string; status: number } {
  const [pid = '0', , is = '', result = ''] = answer.split(' ');
  const unit = units[name] as Unit;
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
    `     Loaded: loaded (${unit.cgroup.startsWith('/system') ? '/usr/lib/systemd/system' : '/usr/lib/systemd/user'}/${name}.service; enabled; preset: enabled)`,
    `     Active: ${words}`,
    ...(pid === '0'
      ? []
      : [
          `   Main PID: ${pid} (${unit.main ?? (unit.argv[0] as string).split('/').pop()})`,
          `     CGroup: ${unit.cgroup}`,
          `             └─${pid} ${unit.argv.join(' ')}`,
        ]),
  ];
  return { text: `${lines.join('\n')}\n`, status: is === 'active' ? 0 : 3 };
}

export const systemctl: Program<Ctl> = {
  start: (exec) => ({ argv: exec.argv, user: null, units: [], verb: '', quiet: false, fd: -1, asked: false, input: '', status: 0 }),
  run(sys, before) {
    let s = before;
    if (s.verb === '') {
      const own = sys.credentials();
      // Whose it is: a name is not needed to ask.
      if (s.argv.includes('--user')) s = { ...s, user: { name: '', uid: own.uid } };
      const parsed = parse(sys, s);
      if ('exit' in parsed) return parsed;
      const fd = attempt(() => sys.connect(privateOf(s.user)));
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
        s.verb === 'status'
          ? show(s.user ? userServices(s.user) : SERVICES, name, answer)
          : { text: answer === '' || s.quiet ? '' : `${answer}\n`, status: Number(code) };
      if (shown.text) attempt(() => sys.write(1, encode(shown.text)));
      s = { ...s, units: s.units.slice(1), asked: false, input: input.slice(line + 1), status: Math.max(s.status, shown.status) };
    }
  },
};

/** containerd: here only as the process that one sees. */
export const idle: Program<null> = { start: () => null, run: () => ({ wait: { for: 'signal' }, state: null }) };
