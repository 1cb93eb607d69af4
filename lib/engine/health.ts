/**
 * Health checks: a command that the daemon runs inside a container again and again, and what it makes of the answers.
 * moby daemon/health.go.
 *
 *   starting ──a probe succeeds──> healthy ──retries failures in a row──> unhealthy ──a probe succeeds──> healthy
 *
 * A probe is an exec instance like any other: its events show, and it counts against the container's limits. While the
 * start period lasts, a failure does not count and probes come every start interval. A pause stops the probes.
 */

import { pmap } from '../base';
import { attempt, SIGNALS } from '../kernel';
import { type Daemon, invalid } from './daemon';
import * as exec from './exec';
import type { Container, Exec, Healthcheck } from './state';

const MS = 1e6;
/** Nanoseconds, where a check names none. */
const DEFAULT = { Interval: 30_000 * MS, Timeout: 30_000 * MS, StartPeriod: 0, StartInterval: 5_000 * MS } as const;
const DEFAULT_RETRIES = 3;
/** Results that are kept, and bytes of output of each. */
const MAX_LOG = 5;
const MAX_OUTPUT = 4096;

/** daemon/container.go, validateHealthCheck. */
export function checkHealth(h: Healthcheck | undefined) {
  if (!h) return;
  for (const field of ['Interval', 'Timeout', 'StartPeriod', 'StartInterval'] as const)
    if (h[field] && h[field] < MS) throw invalid(`${field} in Healthcheck cannot be less than 1ms`);
  if ((h.Retries ?? 0) < 0) throw invalid('Retries in Healthcheck cannot be negative');
}

const ms = (h: Healthcheck, field: keyof typeof DEFAULT): number => (h[field] || DEFAULT[field]) / MS;

/** The command that a container's check runs; null without a check. */
function probeOf(c: Container): string[] | null {
  const [kind, ...rest] = c.Config.Healthcheck?.Test ?? [];
  if (kind === 'CMD') return rest;
  if (kind === 'CMD-SHELL') return [...(c.Config.Shell?.length ? c.Config.Shell : ['/bin/sh', '-c']), ...rest];
  return null;
}

/** A container has started: its health is unknown again. */
export function begin(d: Daemon, id: string) {
  const c = d.container(id);
  if (!probeOf(c)) return;
  d.put({ ...c, health: { Status: 'starting', FailingStreak: 0, Log: c.health?.Log ?? [], monitored: true, since: d.now() } });
  next(d, id);
}

/** A container runs on after a pause. */
export function resume(d: Daemon, id: string) {
  const c = d.container(id);
  if (!c.health || !probeOf(c)) return;
  d.put({ ...c, health: { ...c.health, monitored: true } });
  next(d, id);
}

/** Nobody looks any more: a container that ended or is paused counts as unhealthy. */
export function suspend(d: Daemon, id: string) {
  const c = d.container(id);
  d.s.alarms = d.s.alarms.filter((a) => !((a.do.kind === 'health' || a.do.kind === 'probe-timeout') && a.do.container === id));
  if (c.health?.monitored) d.put({ ...c, health: { ...c.health, Status: 'unhealthy', monitored: false, since: d.now() } });
}

/** Sets the alarm for the next probe. */
function next(d: Daemon, id: string) {
  const c = d.container(id);
  const h = c.Config.Healthcheck as Healthcheck;
  const young = d.now() - (c.State.StartedAt ?? 0) < ms(h, 'StartPeriod') && c.health?.Status === 'starting';
  d.s.alarms = [...d.s.alarms, { at: d.sys.uptime() + ms(h, young ? 'StartInterval' : 'Interval'), do: { kind: 'health', container: id } }];
}

/** Runs the check once. */
export function probe(d: Daemon, id: string) {
  const c = d.container(id);
  const command = probeOf(c);
  if (!command || !c.health?.monitored) return;
  const start = d.now();
  const e = exec.create(d, id, {
    Cmd: command,
    AttachStdout: true,
    AttachStderr: true,
    User: c.Config.User,
    WorkingDir: c.Config.WorkingDir,
  });
  try {
    d.putExec({ ...exec.start(d, e, false), probe: { start, output: '', timedOut: false } });
  } catch (error) {
    if (!(error instanceof exec.ExecFailed)) throw error;
    drop(d, e);
    result(d, id, { Start: start, End: d.now(), ExitCode: -1, Output: error.message });
    return;
  }
  d.s.probes = [...d.s.probes, e];
  const timeout = ms(c.Config.Healthcheck as Healthcheck, 'Timeout');
  d.s.alarms = [...d.s.alarms, { at: d.sys.uptime() + timeout, do: { kind: 'probe-timeout', container: id, exec: e } }];
}

/** A probe's instance is forgotten as soon as it is over. */
function drop(d: Daemon, id: string) {
  exec.forget(d, id);
  d.s.execs = pmap.remove(d.s.execs, id);
  d.s.probes = d.s.probes.filter((p) => p !== id);
}

/** A probe has taken too long: its process is killed, and its end is its result. */
export function timeOut(d: Daemon, id: string) {
  const e = pmap.get(d.s.execs, id);
  if (!e?.probe || !e.Running) return;
  d.putExec({ ...e, probe: { ...e.probe, timedOut: true } });
  attempt(() => d.sys.kill(e.Pid, SIGNALS.SIGKILL));
}

/** What a probe writes, as far as it is kept. */
export function output(d: Daemon, e: Exec, data: string) {
  const now = pmap.get(d.s.execs, e.ID);
  if (now?.probe) d.putExec({ ...now, probe: { ...now.probe, output: (now.probe.output + data).slice(0, MAX_OUTPUT + 1) } });
}

/** A probe's process has ended. */
export function finished(d: Daemon, e: Exec, status: number) {
  drop(d, e.ID);
  const c = d.byId(e.ContainerID);
  if (!e.probe || !c?.health?.monitored) return;
  d.s.alarms = d.s.alarms.filter((a) => !(a.do.kind === 'probe-timeout' && a.do.exec === e.ID));
  const text = e.probe.output.length > MAX_OUTPUT ? `${e.probe.output.slice(0, MAX_OUTPUT)}...` : e.probe.output;
  const late = `Health check exceeded timeout (${goDuration(ms(c.Config.Healthcheck as Healthcheck, 'Timeout'))})`;
  result(d, c.Id, {
    Start: e.probe.start,
    End: d.now(),
    ExitCode: e.probe.timedOut ? -1 : status,
    Output: e.probe.timedOut ? (text ? `${late}: ${text}` : late) : text,
  });
}

/** Go's words for a duration: 500ms, 1.5s, 1m30s. */
function goDuration(milliseconds: number): string {
  if (milliseconds < 1000) return `${milliseconds}ms`;
  const [h, m, s] = [Math.floor(milliseconds / 3_600_000), Math.floor(milliseconds / 60_000) % 60, (milliseconds % 60_000) / 1000];
  return `${h ? `${h}h` : ''}${h || m ? `${m}m` : ''}${s}s`;
}

type Result = NonNullable<Container['health']>['Log'][number];

/** handleProbeResult: what one answer does to the container's health. */
function result(d: Daemon, id: string, r: Result) {
  const c = d.container(id);
  const health = c.health;
  if (!health?.monitored) return;
  const h = c.Config.Healthcheck as Healthcheck;
  const Log = [...health.Log.slice(-(MAX_LOG - 1)), r];
  let { Status, FailingStreak } = health;
  if (r.ExitCode === 0) {
    Status = 'healthy';
    FailingStreak = 0;
  } else if (!(Status === 'starting' && r.Start - (c.State.StartedAt ?? 0) < ms(h, 'StartPeriod'))) {
    FailingStreak++;
    if (FailingStreak >= (h.Retries && h.Retries > 0 ? h.Retries : DEFAULT_RETRIES)) Status = 'unhealthy';
  }
  const since = Status === health.Status ? health.since : d.now();
  const now = { ...c, health: { ...health, Status, FailingStreak, Log, since } };
  d.put(now);
  if (Status !== health.Status) d.containerEvent(`health_status: ${Status}`, now);
  next(d, id);
}
