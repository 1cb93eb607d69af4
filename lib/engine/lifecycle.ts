/**
 * A container's life: start, exit, stop, kill, pause, remove. moby daemon/start.go, monitor.go, stop.go, kill.go, delete.go.
 *
 *   created ──start──> running ──exit──> exited ──rm──> gone
 *                      │    ▲   pause / unpause
 *                      ▼    │
 *                      paused
 */

import { pmap } from '../base';
import { attempt, Errno, parseSignal, removeTree, SIGNALS } from '../kernel';
import { ApiError, conflict, type Daemon, internal, invalid } from './daemon';
import * as health from './health';
import { shimArgs } from './home';
import * as layers from './layers';
import * as logs from './logs';
import * as networks from './networks';
import * as overlay2 from './overlay2';
import { containerDir } from './paths';
import * as runtime from './runtime';
import { requireRuntime } from './runtimes';
import * as secrets from './secrets';
import * as security from './security';
import { specOf } from './spec';
import type { Alarm, Container } from './state';
import * as volumes from './volumes';

export const isUp = (c: Container) => c.State.Status === 'running' || c.State.Status === 'paused' || c.State.Status === 'restarting';

const title = (e: Errno) => e.message.toLowerCase();

/** Starts a container that does not run. What keeps it from starting becomes its exit code, unless it has one, and its error. */
export function start(d: Daemon, id: string, again = false) {
  if (d.container(id).State.Status === 'paused') throw conflict('cannot start a paused container, try unpause instead');
  // Looked at with the settings, before the start begins.
  volumes.ensureBindSources(d, d.container(id));
  try {
    begin(d, id, again);
  } catch (e) {
    if (e instanceof ApiError) d.setState(id, { ExitCode: d.container(id).State.ExitCode || 128, Error: e.message });
    throw e;
  }
}

function begin(d: Daemon, id: string, again: boolean) {
  let c = d.container(id);
  if (!again) {
    // Started by hand: the restart manager begins anew.
    d.put({ ...c, RestartCount: 0 });
    c = d.setState(id, { stopped: false, manual: false, backoff: 0 });
  }
  logs.open(d, c);
  volumes.requirePropagation(d, c);
  volumes.mountAll(d, c, true);
  try {
    c = networks.connect(d, c);
  } catch (e) {
    volumes.unmountAll(d, c, true);
    throw e;
  }
  const merged = overlay2.mount(d, c.layer);
  security.mountShm(d, c);
  secrets.mount(d, c);
  networks.writeFiles(d, c);
  const held: number[] = [];
  const hold = (fd: number) => {
    held.push(fd);
    return fd;
  };
  let shim: number | null = null;
  try {
    requireRuntime(d, c);
    const spec = specOf(d, c, merged);
    const nul = hold(d.sys.open('/dev/null', { read: true, write: true }));
    const tty = c.Config.Tty;
    const [outR, outW] = tty ? [nul, nul] : d.sys.pipe().map(hold);
    const [errR, errW] = tty ? [nul, nul] : d.sys.pipe().map(hold);
    const stdin = c.Config.OpenStdin && !tty ? d.sys.pipe() : null;
    if (stdin) hold(stdin[0]);
    const argv = shimArgs(d, c.Id);
    shim = d.sys.spawn(argv[0] as string, {
      argv,
      env: { CGROUP: d.groupOf(c.Id), ...(c.HostConfig.PidMode ? { KILL_ALL: '1' } : {}) },
      cwd: '/',
      fds: (tty
        ? { 0: nul, 1: nul, 2: nul, 3: d.s.reports[1] }
        : { 0: nul, 1: nul, 2: nul, 3: d.s.reports[1], 4: outR as number, 5: errR as number }) as Record<number, number>,
      daemon: true,
    });
    const started = runtime.run(d.sys, spec, shim, { 0: stdin?.[0] ?? nul, 1: outW as number, 2: errW as number }, (pid) =>
      networks.plumb(d, c.Id, pid),
    );
    d.update(c.Id, (x) => ({ ...x, shim, stdin: stdin?.[1] ?? null, master: started.master }));
    c = d.setState(c.Id, {
      Status: 'running',
      Pid: started.pid,
      StartedAt: d.now(),
      OOMKilled: false,
      Dead: false,
      ExitCode: 0,
      Error: '',
    });
    health.begin(d, c.Id);
    d.containerEvent('start', c);
  } catch (e) {
    if (shim !== null) attempt(() => d.sys.kill(shim as number, SIGNALS.SIGKILL));
    runtime.removeCgroup(d.sys, d.groupOf(c.Id));
    overlay2.unmount(d, c.layer);
    volumes.unmountAll(d, c, true);
    security.unmountShm(d, c);
    secrets.unmount(d, c);
    networks.disconnect(d, d.container(c.Id));
    if (e instanceof runtime.RuntimeError) {
      const message = runtime.failure(e);
      d.setState(c.Id, { ExitCode: e.code, Error: message, FinishedAt: d.now() });
      throw invalid(message);
    }
    if (e instanceof Errno) {
      const message = `failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: ${title(e)}`;
      d.setState(c.Id, { ExitCode: 128, Error: message });
      throw internal(message);
    }
    throw e;
  } finally {
    for (const fd of held) attempt(() => d.sys.close(fd));
  }
}

/** docker restart: what keeps it from starting is said of the restart. */
export function startAgain(d: Daemon, id: string) {
  try {
    start(d, id);
  } catch (e) {
    throw e instanceof ApiError ? new ApiError(e.status, `Cannot restart container ${d.container(id).Name}: ${e.message}`) : e;
  }
}

/** restartmanager: pauses in milliseconds, and how long a container has to run for the next pause to be the first again. */
const RESTART = { first: 100, most: 60_000, settled: 10_000 };

/** The pause before a container is started again; null when it is not. restartmanager.go, ShouldRestart. */
export function restartPause(c: Container, status: number, ran: number): number | null {
  if (c.State.stopped) return null;
  const { Name, MaximumRetryCount: most } = c.HostConfig.RestartPolicy ?? {};
  const again =
    Name === 'always' ||
    (Name === 'unless-stopped' && !c.State.manual) ||
    (Name === 'on-failure' && status !== 0 && (!most || c.RestartCount < most));
  if (!again) return null;
  const last = ran >= RESTART.settled ? 0 : c.State.backoff;
  return last === 0 ? RESTART.first : Math.min(RESTART.most, last * 2);
}

/** A container's first process ended: daemon/monitor.go, handleContainerExit. */
export function exited(d: Daemon, id: string, status: number, stopped = false, at = d.now()) {
  let c = d.container(id);
  // Who waits for the stop is quicker than who reports the death.
  if (stopped) d.containerEvent('stop', c);
  logs.finish(d, c);
  health.suspend(d, id);
  for (const fd of [c.stdin, c.master]) if (fd !== null) attempt(() => d.sys.close(fd));
  c = d.update(id, (x) => ({ ...x, shim: null, stdin: null, master: null, execs: [] }));
  c = d.setState(id, { Status: 'exited', Pid: 0, ExitCode: status, FinishedAt: at });
  d.s.alarms = d.s.alarms.filter((a) => !('container' in a.do && a.do.container === id && a.do.kind !== 'restart'));
  overlay2.unmount(d, c.layer);
  volumes.unmountAll(d, c, true);
  security.unmountShm(d, c);
  secrets.unmount(d, c);
  runtime.removeCgroup(d.sys, d.groupOf(id));
  networks.disconnect(d, c);
  // A daemon that is ending starts nothing again: the next one will.
  const pause = d.s.phase === 'ending' ? null : restartPause(d.container(id), status, d.now() - (c.State.StartedAt ?? d.now()));
  if (pause !== null) {
    d.update(id, (x) => ({ ...x, RestartCount: x.RestartCount + 1, State: { ...x.State, Status: 'restarting', backoff: pause } }));
    schedule(d, { at: d.sys.uptime() + pause, do: { kind: 'restart', container: id } });
  }
  d.containerEvent('die', d.container(id), {
    exitCode: `${status}`,
    execDuration: `${Math.floor((d.now() - (c.State.StartedAt ?? d.now())) / 1000)}`,
  });
}

export const schedule = (d: Daemon, a: Alarm) => {
  d.s.alarms = [...d.s.alarms, a];
};

export function restartNow(d: Daemon, id: string) {
  const c = d.byId(id);
  if (c?.State.Status !== 'restarting') return;
  try {
    start(d, id, true);
  } catch (e) {
    // What keeps it from starting is in its state; it is not tried again.
    if (!(e instanceof ApiError)) throw e;
    d.setState(id, { Status: 'exited' });
  }
}

/** Whether a new daemon starts a container that it finds ended. */
export const wantsRestart = (c: Container): boolean =>
  restartPause({ ...c, State: { ...c.State, stopped: false } }, c.State.ExitCode, 0) !== null;

/** A container whose processes ended while no daemon looked: what it held is let go. */
export function settleDead(d: Daemon, id: string) {
  const c = d.setState(id, { Status: 'exited', Pid: 0, ExitCode: 137, FinishedAt: d.now() });
  overlay2.unmount(d, c.layer);
  volumes.unmountAll(d, c, true);
  security.unmountShm(d, c);
  secrets.unmount(d, c);
  runtime.removeCgroup(d.sys, d.groupOf(id));
  networks.disconnect(d, d.container(id));
}

/**
 * live-restore: a container whose first process goes on, or whose shim has yet to say how it ended, is taken over.
 * Simplified: what was attached to its input is not: nobody writes to it any more.
 */
export function adopt(d: Daemon, c: Container): boolean {
  if (c.shim === null || attempt(() => d.sys.kill(c.shim as number, 0)) instanceof Errno) return false;
  logs.open(d, c);
  if (!(attempt(() => d.sys.kill(c.State.Pid, 0)) instanceof Errno)) {
    networks.adopt(d, c.Id, c.State.Pid);
    health.begin(d, c.Id);
  }
  return true;
}

/** The daemon ends: whatever runs is asked to, without its policy being forgotten. daemon/daemon.go, shutdownContainer. */
export function shutDown(d: Daemon, id: string) {
  const { stopped, manual } = d.container(id).State;
  stop(d, id, null, null);
  d.setState(id, { stopped, manual });
}

export function signalOf(text: string): number {
  const n = parseSignal(text);
  if (n === null || n === 0) throw invalid(`invalid signal: ${text}`);
  return n;
}

/** Sends a signal to a container's first process. */
export function kill(d: Daemon, id: string, signal: number) {
  const c = d.container(id);
  if (!isUp(c) || c.State.Pid === 0) throw conflict(`container ${c.Id} is not running`);
  markStopped(d, c, signal);
  attempt(() => d.sys.kill(c.State.Pid, signal));
  if (c.State.Status === 'paused' && (signal === SIGNALS.SIGKILL || endsIt(c, signal))) unpause(d, id);
  d.containerEvent('kill', c, { signal: `${signal}` });
}

/** Whether a signal counts as the wish that a container should end: any, unless it names another as its own. */
const endsIt = (c: Container, signal: number): boolean => !c.Config.StopSignal || signal === SIGNALS.SIGKILL || signal === stopSignal(c);

/** daemon/kill.go, killWithSignal: what a signal means to the restart manager. */
function markStopped(d: Daemon, c: Container, signal: number) {
  // A daemon that is ending takes nothing by hand.
  if (d.s.phase === 'ending') return;
  d.setState(c.Id, { manual: true, ...(endsIt(c, signal) ? { stopped: true } : {}) });
}

export const stopSignal = (c: Container): number => parseSignal(c.Config.StopSignal ?? 'SIGTERM') ?? SIGNALS.SIGTERM;

/** Asks a container to end, and sets the alarm that makes it. `timeout` in seconds; negative: no alarm. */
export function stop(d: Daemon, id: string, timeout: number | null, signal: number | null) {
  const c = d.container(id);
  const seconds = timeout ?? c.Config.StopTimeout ?? 10;
  d.setState(id, { stopped: true, manual: true });
  if (c.State.Status === 'restarting') {
    d.s.alarms = d.s.alarms.filter((a) => !(a.do.kind === 'restart' && a.do.container === id));
    d.setState(id, { Status: 'exited' });
    return;
  }
  const sig = signal ?? stopSignal(c);
  if (c.State.Status === 'paused') unpause(d, id);
  attempt(() => d.sys.kill(c.State.Pid, sig));
  d.containerEvent('kill', c, { signal: `${sig}` });
  if (seconds >= 0) schedule(d, { at: d.sys.uptime() + seconds * 1000, do: { kind: 'kill', container: id, pid: c.State.Pid } });
}

export function pause(d: Daemon, id: string) {
  const c = d.container(id);
  if (c.State.Status === 'restarting') throw conflict(`Container ${c.Id} is restarting, wait until the container is running`);
  if (c.State.Status === 'paused') throw conflict(`Container ${c.Id} is already paused`);
  if (c.State.Status !== 'running') throw conflict(`container ${c.Id} is not running`);
  runtime.freeze(d.sys, d.groupOf(c.Id), true);
  d.setState(id, { Status: 'paused' });
  health.suspend(d, id);
  d.containerEvent('pause', c);
}

export function unpause(d: Daemon, id: string) {
  const c = d.container(id);
  if (c.State.Status !== 'paused') throw conflict(`Container ${c.Id} is not paused`);
  runtime.freeze(d.sys, d.groupOf(c.Id), false);
  d.setState(id, { Status: 'running' });
  health.resume(d, id);
  d.containerEvent('unpause', c);
}

export function remove(d: Daemon, ref: string, o: { force: boolean; volumes: boolean }): { pending: boolean } {
  const c = d.container(ref);
  if (isUp(c)) {
    if (!o.force) {
      const state = c.State.Status === 'paused' ? 'paused' : c.State.Status === 'restarting' ? 'restarting' : 'running';
      const how = state === 'paused' ? 'paused and must be unpaused first' : `${state}: stop the container before removing or force remove`;
      throw conflict(`cannot remove container "${shown(ref)}": container is ${how}`);
    }
    if (c.State.Status === 'restarting') {
      stop(d, c.Id, 0, null);
    } else {
      kill(d, c.Id, SIGNALS.SIGKILL);
      return { pending: true };
    }
  }
  erase(d, c.Id, o.volumes);
  return { pending: false };
}

const shown = (ref: string) => ref.replace(/^\//, '');

/** Takes everything of a container away: its layer, its files, its name; its anonymous volumes if asked. */
export function erase(d: Daemon, id: string, withVolumes: boolean) {
  const c = d.container(id);
  overlay2.remove(d, c.layer);
  overlay2.remove(d, `${c.layer}-init`);
  removeTree(d.sys, containerDir(d, id));
  volumes.leave(d, c, withVolumes);
  d.s.containers = pmap.remove(d.s.containers, id);
  d.s.names = pmap.remove(d.s.names, c.Name);
  if (!d.image(c.ImageID)) layers.collect(d);
  d.event('container', 'destroy', id, { ...(c.Config.Labels ?? {}), image: c.Config.Image, name: c.Name });
}

export function rename(d: Daemon, ref: string, to: string, check: (name: string) => void) {
  const c = d.container(ref);
  const name = to.replace(/^\//, '');
  if (name === '') throw invalid('Neither old nor new names may be empty');
  if (name === c.Name) throw invalid('Renaming a container with the same name as its current name');
  const fault = (why: string) => `Error when allocating new name: ${why}`;
  try {
    check(name);
  } catch (e) {
    throw e instanceof ApiError ? new ApiError(e.status, fault(e.message.replace(`(${name})`, `(/${name})`))) : e;
  }
  const holder = pmap.get(d.s.names, name);
  if (holder)
    throw conflict(
      fault(
        `Conflict. The container name "/${name}" is already in use by container "${holder}". You have to remove (or rename) that container to be able to reuse that name.`,
      ),
    );
  d.s.names = pmap.set(pmap.remove(d.s.names, c.Name), name, c.Id);
  d.containerEvent(
    'rename',
    d.update(c.Id, (x) => ({ ...x, Name: name })),
    { oldName: `/${c.Name}` },
  );
  networks.renamed(d, c.Id, c.Name);
}
