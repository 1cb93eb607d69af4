/**
 * dockerd: the daemon as a program. It listens on /var/run/docker.sock and for its shims, keeps what it knows on the disk, and
 * leaves the rest to serve.ts. moby cmd/dockerd.
 *
 *   loop: accept · read reports · serve.ts: turn · save · sleep
 */

import { pmap } from '../base';
import { attempt, Errno, type Program, SIGNALS, type Sys, type Wait } from '../kernel';
import * as apparmor from './apparmor';
import { ConfigError, readConfig, tell } from './config';
import { Daemon, rfc3339 } from './daemon';
import { emptySpace } from './net/ipam';
import * as networks from './net/networks';
import * as overlay2 from './overlay2';
import { newId } from './overlay2';
import type { Registry } from './registry';
import { makeRoot, remapOf } from './remap';
import { serving } from './serving';
import { BEGUN } from './shim';
import type { EngineState, Image, Layer } from './state';
import * as store from './store';

const SOCKET = '/run/docker.sock';

export const emptyEngine = (): EngineState => ({
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
});

const DOCKER_GROUP = 991;
/** Where shims report: a fifo, which outlives the daemon as long as one of them has it open. */
const REPORTS = '/run/docker/containerd/reports';

function begin(sys: Sys, s: EngineState, registry: Registry): EngineState {
  const config = readConfig(sys);
  const remap = remapOf(sys, config['userns-remap']);
  if (remap) makeRoot(sys, remap);
  // Images that the machine came with are those of the directory without a mapping.
  const own = remap ? { images: pmap.empty<Image>(), layers: pmap.empty<Layer>(), references: pmap.empty<string>() } : {};
  const d = new Daemon(sys, { ...s, ...own, config, remap, ipam: emptySpace(config['default-address-pools']) }, registry);
  // A client that has gone is no reason to end: Go's runtime takes the signal, and its children do not inherit that.
  sys.sigaction(SIGNALS.SIGPIPE, 'handle');
  attempt(() => sys.unlink(SOCKET));
  const listener = sys.listen(SOCKET, 0o660);
  sys.chmod(SOCKET, 0o660);
  sys.chown(SOCKET, 0, DOCKER_GROUP);
  overlay2.mkdirs(sys, REPORTS.slice(0, REPORTS.lastIndexOf('/')), 0o711);
  const made = attempt(() => sys.mknod(REPORTS, 'fifo', 0o600));
  if (made instanceof Errno && made.code !== 'EEXIST') throw made;
  const r = sys.open(REPORTS, { read: true, nonblock: true, cloexec: true });
  const w = sys.open(REPORTS, { write: true, cloexec: true });
  for (const n of [SIGNALS.SIGTERM, SIGNALS.SIGINT]) sys.sigaction(n, 'handle');
  d.s = { ...d.s, phase: 'serve', listener, reports: [r, w], engineId: newId(sys).slice(0, 36) };
  apparmor.load(d);
  store.load(d);
  networks.begin(d);
  if (d.s.containers.size > 0) serving.get().restore(d);
  sys.notify(BEGUN);
  return d.s;
}

const PID_FILE = '/run/docker.pid';

/** Why a daemon does not begin at all: cmd/dockerd/daemon.go. The model has no rootless engine. */
function unfit(sys: Sys): string | null {
  if (sys.credentials().euid !== 0)
    return 'dockerd needs to be started with root privileges. To run dockerd in rootless mode as an unprivileged user, see https://docs.docker.com/go/rootless/';
  const text = attempt(() => overlay2.readText(sys, PID_FILE));
  const other = text instanceof Errno ? 0 : Number(text);
  if (!other || attempt(() => sys.kill(other, 0)) instanceof Errno) return null;
  return `failed to start daemon, ensure docker is not running or delete /var${PID_FILE}: process with PID ${other} is still running`;
}

/** Null when its configuration does not let the daemon start: it says why, and ends. */
function started(sys: Sys, s: EngineState, registry: Registry): EngineState | null {
  const why = unfit(sys);
  if (why !== null) {
    attempt(() => sys.write(2, `time="${rfc3339(sys.now())}" level=info msg="Starting up"\n${why}\n`));
    return null;
  }
  overlay2.writeText(sys, PID_FILE, `${sys.getpid()}`);
  try {
    return begin(sys, s, registry);
  } catch (e) {
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
  start: initial,
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
      attempt(() => sys.unlink(SOCKET));
      networks.endProxies(d);
      return { exit: 0 };
    }
    return { wait: waits(d), state: d.s };
  },
});
