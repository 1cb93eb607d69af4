/**
 * RootlessKit: makes a user, a mount and a network namespace for a daemon that an ordinary user starts, and is root's stand-in at their
 * edge. rootless-containers/rootlesskit; newuidmap(1); moby contrib/dockerd-rootless.sh.
 *
 *   rootlesskit (uid 1000, the host's namespaces)      listens on the host for ports that are published
 *    └─ child (uid 0 of the new user namespace)        newuidmap has written its maps
 *        └─ dockerd
 *
 * Recorded on a rootless engine 28.5; the differences of control groups v2, which that host did not have, are moby's sources'.
 *
 * Simplified: /etc and /run are the host's own, not copies; what goes out by tap0 arrives nowhere (slirp4netns is there as a process);
 * a connection to a published port is carried by a process of its own.
 */

import { attempt, type ChildStatus, Errno, type Program, SIGNALS, type Sys } from '../kernel';
import { dockerProxy } from './net/proxy';
import { readText, writeText } from './overlay2';

interface Kit {
  argv: readonly string[];
  env: Readonly<Record<string, string>>;
  phase: 'start' | 'mapping' | 'run';
  /** What still has to write a map: newuidmap, then newgidmap. */
  waits: number | null;
  maps: ('uid' | 'gid')[];
  child: number;
  /** Tells the child that it can go on. */
  go: number;
}

const STATE = (env: Kit['env']): string => `${env.XDG_RUNTIME_DIR}/dockerd-rootless`;
const TAP = { name: 'tap0', address: '10.0.2.100/24', gateway: '10.0.2.2' } as const;

const say = (sys: Sys, text: string) => void attempt(() => sys.write(2, `[rootlesskit:parent] ${text}\n`));

/** The ranges of a user: /etc/subuid, by name or by number. */
function ranges(sys: Sys, path: string, uid: number): string[] {
  const passwd = attempt(() => readText(sys, '/etc/passwd'));
  const name =
    passwd instanceof Errno
      ? undefined
      : passwd
          .split('\n')
          .find((l) => l.split(':')[2] === `${uid}`)
          ?.split(':')[0];
  const text = attempt(() => readText(sys, path));
  if (text instanceof Errno) return [];
  let inside = 1;
  return text
    .split('\n')
    .map((l) => l.split(':'))
    .filter(([who, , count]) => count && (who === name || who === `${uid}`))
    .flatMap(([, first = '', count = '']) => {
      const row = [`${inside}`, first, count];
      inside += Number(count);
      return row;
    });
}

// ——— the parent

/** A child in namespaces of its own, which waits until it is told that its maps are written. */
function beget(sys: Sys, s: Kit): Kit {
  const [r, w] = sys.pipe();
  sys.setCloexec(w, true);
  const env = { ...s.env, _ROOTLESSKIT_CHILD: '1', ROOTLESSKIT_STATE_DIR: STATE(s.env) };
  const child = sys.vfork({ unshare: ['user', 'mnt', 'net'], fds: { 0: 0, 1: 1, 2: 2, 3: r } }, (c) => {
    c.execve('/proc/self/exe', ['/proc/self/exe', ...s.argv.slice(1)], env);
    return undefined;
  });
  sys.close(r);
  return { ...s, phase: 'mapping', child, go: w };
}

/** newuidmap, which is root's by its mode, and looks into /etc/subuid. */
function nextMap(sys: Sys, s: Kit): Kit | { exit: number } {
  const which = s.maps[0] as 'uid' | 'gid';
  const own = sys.credentials();
  const sub = ranges(sys, `/etc/sub${which}`, own.uid);
  if (sub.length === 0) {
    say(sys, `error: failed to setup UID/GID map: No sub${which} ranges found for user ${own.uid}`);
    return { exit: 1 };
  }
  const path = `/usr/bin/new${which}map`;
  const argv = [path, `${s.child}`, '0', `${which === 'uid' ? own.uid : own.gid}`, '1', ...sub];
  const pid = attempt(() => sys.spawn(path, { argv, env: {}, fds: { 0: 0, 1: 1, 2: 2 } }));
  if (pid instanceof Errno) {
    say(sys, `error: failed to setup UID/GID map: exec: "new${which}map": executable file not found in $PATH`);
    return { exit: 1 };
  }
  return { ...s, waits: pid, maps: s.maps.slice(1) };
}

const codeOf = (how: ChildStatus['how']): number => ('exited' in how ? how.exited : 'signaled' in how ? 128 + how.signaled : 0);

function parent(sys: Sys, before: Kit): ReturnType<Program<Kit>['run']> {
  let s = before;
  if (s.phase === 'start') {
    for (const dir of [STATE(s.env)]) attempt(() => sys.mkdir(dir, 0o755));
    sys.sigaction(SIGNALS.SIGTERM, 'handle');
    const made = attempt(() => beget(sys, s));
    if (made instanceof Errno) {
      say(sys, `error: failed to start the child: fork/exec /proc/self/exe: ${made.message.toLowerCase()}`);
      return { exit: 1 };
    }
    s = made;
  }
  for (;;) {
    if (s.phase === 'mapping' && s.waits === null) {
      if (s.maps.length > 0) {
        const next = nextMap(sys, s);
        if ('exit' in next) return next;
        s = next;
      } else {
        writeText(sys, `${STATE(s.env)}/child_pid`, `${s.child}`);
        attempt(() => sys.unlink(`${STATE(s.env)}/api.sock`));
        sys.listen(`${STATE(s.env)}/api.sock`, 0o600);
        attempt(() => sys.write(s.go, 'go'));
        sys.close(s.go);
        slirp(sys, s.child);
        s = { ...s, phase: 'run' };
      }
    }
    if (sys.takeSignals().includes(SIGNALS.SIGTERM)) attempt(() => sys.kill(s.child, SIGNALS.SIGTERM));
    const done = attempt(() => sys.waitpid());
    if (done instanceof Errno) return { exit: 1 };
    if (done === null) return { wait: { for: 'child' }, state: s };
    if (done.pid === s.waits) {
      if (codeOf(done.how) !== 0) return { exit: 1 };
      s = { ...s, waits: null };
    } else if (done.pid === s.child) return { exit: codeOf(done.how) };
  }
}

function slirp(sys: Sys, child: number) {
  const argv = ['slirp4netns', '--mtu', '65520', '-r', '3', '--disable-host-loopback', '--enable-sandbox', '--enable-seccomp'];
  attempt(() => sys.spawn('/usr/bin/slirp4netns', { argv: [...argv, `${child}`, TAP.name], env: {}, fds: { 0: 0, 1: 1, 2: 2 } }));
}

// ——— the child

/** Its network, as slirp4netns has made it. */
function networkUp({ net }: Sys) {
  net.setLink('lo', { up: true });
  net.addLink({ name: TAP.name, kind: 'dummy', mtu: 65520 });
  net.addAddress(TAP.name, TAP.address);
  net.setLink(TAP.name, { up: true });
  net.addRoute({ dst: 'default', via: TAP.gateway });
}

function child(sys: Sys, s: Kit): ReturnType<Program<Kit>['run']> {
  if (s.phase === 'start' && s.env._ROOTLESSKIT_CHILD !== 'mapped') {
    const told = attempt(() => sys.read(3, 8));
    if (told === null) return { wait: { for: 'read', fd: 3 }, state: s };
    if (told instanceof Errno || told === '') return { exit: 1 };
    sys.close(3);
    // The user is root there now; what root may do comes with the next program.
    sys.execve('/proc/self/exe', [...s.argv], { ...s.env, _ROOTLESSKIT_CHILD: 'mapped' });
    return { replaced: true };
  }
  if (s.phase === 'start') {
    networkUp(sys);
    const argv = s.argv.slice(s.argv.indexOf('--') + 1);
    const { _ROOTLESSKIT_CHILD: _, ...env } = s.env;
    const pid = sys.spawn(argv[0] as string, { argv: [...argv], env, fds: { 0: 0, 1: 1, 2: 2 } });
    for (const n of [SIGNALS.SIGTERM, SIGNALS.SIGINT]) sys.sigaction(n, 'handle');
    return { wait: { for: 'child' }, state: { ...s, phase: 'run', child: pid } };
  }
  for (const n of sys.takeSignals()) attempt(() => sys.kill(s.child, n));
  for (;;) {
    const done = attempt(() => sys.waitpid());
    if (done instanceof Errno) return { exit: 1 };
    if (done === null) return { wait: { for: 'child' }, state: s };
    if (done.pid === s.child) return { exit: codeOf(done.how) };
  }
}

export const rootlesskit: Program<Kit> = {
  start: ({ argv, env }) => ({ argv, env, phase: 'start', waits: null, maps: ['uid', 'gid'], child: 0, go: -1 }),
  run: (sys, s) => (s.env._ROOTLESSKIT_CHILD ? child(sys, s) : parent(sys, s)),
};

// ——— newuidmap, newgidmap

/** Writes a map, if all of it is the caller's: its own id, and ranges that /etc/subuid gives it. shadow, src/newuidmap.c. */
export const newidmap = (which: 'uid' | 'gid'): Program<readonly string[]> => ({
  start: ({ argv }) => argv.slice(1),
  run(sys, [pid = '', ...numbers]) {
    const fail = (text: string) => {
      attempt(() => sys.write(2, `new${which}map: ${text}\n`));
      return { exit: 1 };
    };
    if (pid === '' || numbers.length % 3 !== 0 || numbers.length === 0) {
      attempt(() =>
        sys.write(
          2,
          `usage: new${which}map [<pid|fd:<pidfd>] <${which}> <lower${which}> <count> [ <${which}> <lower${which}> <count> ] ... \n`,
        ),
      );
      return { exit: 1 };
    }
    const own = sys.credentials();
    const self = which === 'uid' ? own.uid : own.gid;
    const given = ranges(sys, `/etc/sub${which}`, own.uid);
    const within = (lower: number, count: number) =>
      (lower === self && count === 1) ||
      given.some((_, i) => i % 3 === 1 && lower >= Number(given[i]) && lower + count <= Number(given[i]) + Number(given[i + 1]));
    const rows = numbers.flatMap((_, i) => (i % 3 === 0 ? [numbers.slice(i, i + 3)] : []));
    for (const [inside = '', lower = '', count = ''] of rows)
      if (!within(Number(lower), Number(count)))
        return fail(
          `${which} range [${inside}-${Number(inside) + Number(count)}) -> [${lower}-${Number(lower) + Number(count)}) not allowed`,
        );
    const done = attempt(() => writeText(sys, `/proc/${pid}/${which}_map`, `${rows.map((r) => r.join(' ')).join('\n')}\n`));
    return done instanceof Errno ? fail(`write to ${which}_map failed: ${done.message}`) : { exit: 0 };
  },
});

// ——— ports

/** Why RootlessKit does not listen, as dockerd hands it on. */
export class Unexposed extends Error {}

const FIRST_PORT = '/proc/sys/net/ipv4/ip_unprivileged_port_start';

/** Has a port of the host carried to the same one in the daemon's network namespace: PortManager.AddPort. Gives who carries it. */
export function expose(sys: Sys, state: string, proto: string, address: string, port: number): number {
  return sys.ask(`${state}/api.sock`, (host) => {
    const fd = host.net.socket(proto === 'udp' ? 'udp' : 'tcp', address.includes(':') ? 6 : 4);
    const bound = attempt(() => {
      host.net.bind(fd, address, port, true);
      if (proto !== 'udp') host.net.listen(fd);
    });
    if (bound instanceof Errno) {
      host.close(fd);
      const where = `listen ${proto}${address.includes(':') ? 6 : 4} ${address.includes(':') ? `[${address}]` : address}:${port}: bind: ${bound.message.toLowerCase()}`;
      if (bound.code !== 'EACCES') throw new Unexposed(where);
      const start = readText(host, FIRST_PORT).trim();
      throw new Unexposed(
        `cannot expose privileged port ${port}, you can add 'net.ipv4.ip_unprivileged_port_start=${port}' to /etc/sysctl.conf (currently ${start}), or set CAP_NET_BIND_SERVICE on rootlesskit binary, or choose a larger port number (>= ${start}): ${where}`,
      );
    }
    const child = readText(host, `${state}/child_pid`);
    const argv = ['rootlesskit', '-port', '-proto', proto, '-container-ip', '127.0.0.1', '-container-port', `${port}`, '-child', child];
    const pid = host.spawn('/usr/libexec/rootlesskit-port', { argv, env: {}, fds: { 0: 0, 1: 1, 2: 2, 4: fd } });
    host.close(fd);
    return pid;
  });
}

export const unexpose = (sys: Sys, state: string, pid: number) =>
  void attempt(() => sys.ask(`${state}/api.sock`, (host) => attempt(() => host.kill(pid, SIGNALS.SIGKILL))));

/** Carries from a socket of the host into the child's network namespace. */
type Carrier = { entered: boolean; child: number; proxy: ReturnType<typeof dockerProxy.start> };
export const carrier: Program<Carrier> = {
  start: (exec) => ({ entered: false, child: Number(exec.argv.at(-1)), proxy: dockerProxy.start(exec) }),
  run(sys, s) {
    if (!s.entered) sys.setns(s.child, ['user', 'net']);
    const out = dockerProxy.run(sys, s.proxy);
    return 'state' in out ? { ...out, state: { ...s, entered: true, proxy: out.state } } : out;
  },
};
