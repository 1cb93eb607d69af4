/**
 * dockerd: the daemon as a program. It listens on /var/run/docker.sock and for its shims, keeps what it knows on the disk, and
 * leaves the rest to serve.ts. moby cmd/dockerd.
 *
 *   loop: accept · read reports · serve.ts: turn · save · sleep
 */

import { pmap } from '../base';
import { attempt, Errno, type Program, SIGNALS, type Sys, type Wait } from '../kernel';
import * as apparmor from './apparmor';
import { makeGroups } from './cgroup';
import { ConfigError, readConfig, tell } from './config';
import { Daemon, rfc3339 } from './daemon';
import { HOST, homeOf } from './home';
import { emptySpace } from './net/ipam';
import * as networks from './net/networks';
import * as overlay2 from './overlay2';
import { newId } from './overlay2';
import type { Registry } from './registry';
import { makeBackingDevice, makeRoot, remapOf } from './remap';
import { serving } from './serving';
import { BEGUN } from './shim';
import type { EngineState, Image, Layer } from './state';
import * as store from './store';

export const emptyEngine = (): EngineState => ({
  argv: [],
  env: {},
  home: HOST,
  phase: 'start',
  listener: -1,
  reports: [-1, -1],
  inbox: '',
  containers: pmap.empty(),
  names: pmap.empty(),
  images: pmap.empty(),
  references: pmap.empty(),
  layers: pmap.empty(),
  distribution: pmap.empty(),
  volumes: pmap.empty(),
  networks: pmap.empty(),
  ipam: emptySpace(),
  attached: pmap.empty(),
  resolvers: pmap.empty(),
  ports: pmap.empty(),
  lastPort: {},
  execs: pmap.empty(),
  probes: [],
  conns: pmap.empty(),
  alarms: [],
  events: [],
  lastEvent: 0,
  buildCache: pmap.empty(),
  builds: pmap.empty(),
  contexts: pmap.empty(),
  buildRecords: [],
  engineId: '',
  config: {},
  remap: null,
  swarm: null,
});

/** Who may use the socket beside its owner; without such a group it is root's. */
function dockerGroup(sys: Sys): number {
  const text = attempt(() => overlay2.readText(sys, '/etc/group'));
  const row = text instanceof Errno ? undefined : /^docker:[^:]*:(\d+):/m.exec(text);
  return row ? Number(row[1]) : 0;
}

/** Without root a directory in XDG_RUNTIME_DIR is swept now and then, but for what has the sticky bit: pkg/homedir, StickRuntimeDirContents. */
const STICKY = 0o1000;

function listenAt(sys: Sys, socket: string, stick: number): number {
  attempt(() => sys.unlink(socket));
  const listener = sys.listen(socket, 0o660);
  sys.chmod(socket, 0o660 | stick);
  sys.chown(socket, 0, dockerGroup(sys));
  return listener;
}

/** Images that the machine came with lie in the host's own directory; a daemon that keeps its things elsewhere begins with none. */
const hasStore = (sys: Sys, s: EngineState): boolean => {
  const [any] = pmap.values(s.layers);
  return !!any && !(attempt(() => sys.stat(`${s.home.data}/overlay2/${any.cacheId}`)) instanceof Errno);
};

/** A line of its log, on its standard error: the journal's, or docker logs' for one in a container. */
const log = (sys: Sys, level: string, msg: string, more = '') =>
  void attempt(() => sys.write(2, `time="${rfc3339(sys.now())}" level=${level} msg="${msg}"${more}\n`));

/** Where shims report: a fifo, which outlives the daemon as long as one of them has it open. */
const reportsAt = ({ home }: EngineState): string => `${home.run}/containerd/reports`;

function begin(sys: Sys, s: EngineState, registry: Registry): EngineState {
  const config = readConfig(sys, s.home.config);
  const remap = remapOf(sys, config['userns-remap']);
  if (remap || s.home.data !== HOST.data || !hasStore(sys, s)) makeRoot(sys, s.home.data, remap);
  makeBackingDevice(sys, s.home.data, remap);
  const own =
    remap || !hasStore(sys, s) ? { images: pmap.empty<Image>(), layers: pmap.empty<Layer>(), references: pmap.empty<string>() } : {};
  const d = new Daemon(sys, { ...s, ...own, config, remap, ipam: emptySpace(config['default-address-pools']) }, registry);
  // A client that has gone is no reason to end: Go's runtime takes the signal, and its children do not inherit that.
  sys.sigaction(SIGNALS.SIGPIPE, 'handle');
  const listener = listenAt(sys, s.home.sockets[0] ?? (HOST.sockets[0] as string), s.home.rootless === null ? 0 : STICKY);
  const reports = reportsAt(s);
  overlay2.mkdirs(sys, reports.slice(0, reports.lastIndexOf('/')), 0o711);
  const made = attempt(() => sys.mknod(reports, 'fifo', 0o600));
  if (made instanceof Errno && made.code !== 'EEXIST') throw made;
  const r = sys.open(reports, { read: true, nonblock: true, cloexec: true });
  const w = sys.open(reports, { write: true, cloexec: true });
  for (const n of [SIGNALS.SIGTERM, SIGNALS.SIGINT]) sys.sigaction(n, 'handle');
  d.s = { ...d.s, phase: 'serve', listener, reports: [r, w], engineId: newId(sys).slice(0, 36) };
  if (s.home.driver === 'cgroupfs' || s.home.rootless !== null) makeGroups(sys, s.home.groups);
  apparmor.load(d);
  store.load(d);
  networks.begin(d);
  if (d.s.swarm || d.s.containers.size > 0) serving.get().restore(d);
  sys.notify(BEGUN);
  log(sys, 'info', 'Daemon has completed initialization');
  for (const path of s.home.sockets) log(sys, 'info', `API listen on ${path}`);
  for (const port of s.home.ports) log(sys, 'warning', `drydock: port ${port}: an API over TCP is not modelled, only the socket`);
  return d.s;
}

/** Why a daemon does not begin at all: cmd/dockerd/daemon.go. */
function unfit(sys: Sys, { home }: EngineState): string | null {
  if (sys.credentials().euid !== 0)
    return 'dockerd needs to be started with root privileges. To run dockerd in rootless mode as an unprivileged user, see https://docs.docker.com/go/rootless/';
  const text = attempt(() => overlay2.readText(sys, home.pidFile));
  const other = text instanceof Errno ? 0 : Number(text);
  if (!other || other === sys.getpid() || attempt(() => sys.kill(other, 0)) instanceof Errno) return null;
  const shown = home.pidFile.replace(/^\/run\//, '/var/run/');
  return `failed to start daemon, ensure docker is not running or delete ${shown}: process with PID ${other} is still running`;
}

/** Null when its configuration does not let the daemon start: it says why, and ends. */
function started(sys: Sys, before: EngineState, registry: Registry): EngineState | null {
  const s = { ...before, home: homeOf(sys, before.argv, before.env) };
  log(sys, 'info', 'Starting up');
  const why = unfit(sys, s);
  if (why !== null) {
    attempt(() => sys.write(2, `${why}\n`));
    return null;
  }
  overlay2.writeText(sys, s.home.pidFile, `${sys.getpid()}`);
  if (s.home.rootless !== null) {
    attempt(() => sys.chmod(s.home.pidFile, 0o644 | STICKY));
    attempt(() => sys.mkdir(s.home.run, 0o700));
    attempt(() => sys.chmod(s.home.run, 0o700 | STICKY));
  }
  try {
    return begin(sys, s, registry);
  } catch (e) {
    if (e instanceof Errno) {
      attempt(() => sys.write(2, `failed to start daemon: ${e.message.toLowerCase()}\n`));
      return null;
    }
    if (!(e instanceof ConfigError)) throw e;
    // The journal would have it; there is none here, so the console does.
    tell(sys, `dockerd: ${e.message}\n`);
    return null;
  }
}

/** Takes whoever wants to talk to the daemon, and reads what the shims say. */
function listen(d: Daemon) {
  for (;;) {
    const fd = attempt(() => d.sys.accept(d.s.listener));
    if (fd === null || fd instanceof Errno) break;
    d.sys.setCloexec(fd, true);
    d.s.conns = pmap.set(d.s.conns, fd, { fd, input: '', output: '', mode: { kind: 'http' } });
  }
  for (;;) {
    const data = attempt(() => d.sys.read(d.s.reports[0], 1 << 20));
    if (data === null || data instanceof Errno || data === '') break;
    d.s.inbox += data;
  }
}

/** Whether there is anything to do but to wait for the first client. */
const isBusy = ({ s }: Daemon): boolean =>
  s.conns.size + s.containers.size + s.execs.size + s.builds.size + s.resolvers.size + s.alarms.length + s.probes.length > 0 ||
  s.inbox !== '';

const waits = (d: Daemon): Wait =>
  isBusy(d)
    ? serving.get().waits(d)
    : {
        for: 'any',
        of: [
          { for: 'read', fd: d.s.listener },
          { for: 'read', fd: d.s.reports[0] },
        ],
      };

/** The daemon's program, for the images that its registry has and those that it comes with. */
export const dockerd = (registry: Registry, initial: () => EngineState = emptyEngine): Program<EngineState> => ({
  start: ({ argv, env }) => ({ ...initial(), argv: argv.slice(1), env }),
  run(sys, state) {
    const begun = state.phase === 'start' ? started(sys, state, registry) : state;
    if (begun === null) return { exit: 1 };
    const d = new Daemon(sys, begun, registry);
    if (sys.takeSignals().some((n) => n === SIGNALS.SIGTERM || n === SIGNALS.SIGINT) && d.s.phase === 'serve') {
      d.s.phase = 'ending';
      if (!d.s.config['live-restore'] && isBusy(d)) serving.get().shutDown(d);
    }
    listen(d);
    if (isBusy(d)) serving.get().turn(d);
    store.save(d, state);
    if (d.s.phase === 'ending' && (d.s.config['live-restore'] || !isBusy(d) || serving.get().quiet(d))) {
      for (const path of d.s.home.sockets) attempt(() => sys.unlink(path));
      networks.endProxies(d);
      return { exit: 0 };
    }
    return { wait: waits(d), state: d.s };
  },
});
