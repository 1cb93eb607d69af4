/**
 * What the daemon does when somebody asks for something, or a container does something: requests, reports of the shims, output of
 * execs, alarms, builds, answers. A part (base/part.ts): a machine on which nobody uses docker does without. moby api/server.
 *
 *   turn: reports · requests · output of execs · alarms · builds · events · write
 *
 * Past 400 lines because these are the parts of one turn.
 */

import { pmap } from '../base';
import { attempt, Errno, SIGNALS, type Wait } from '../kernel';
import { ifBuilding } from './builder';
import { ApiError, type Daemon, rfc3339 } from './daemon';
import { labelMatch } from './filters';
import * as health from './health';
import { formatResponse, frame, parseRequest, type Request } from './http';
import { goJson } from './images';
import * as lifecycle from './lifecycle';
import * as logs from './logs';
import * as resolver from './net/resolver';
import * as overlay2 from './overlay2';
import { STORIES } from './remote';
import { abandon, advanceJob, type JobMode } from './remote/job';
import { logFrame, type Reply, ROUTES } from './routes';
import { swarming } from './serving';
import type { Conn, EngineEvent } from './state';
import * as top from './top';

const put = (d: Daemon, c: Conn) => {
  d.s.conns = pmap.set(d.s.conns, c.fd, c);
};
const conns = (d: Daemon): Conn[] => pmap.values(d.s.conns);
const conn = (d: Daemon, fd: number): Conn | undefined => pmap.get(d.s.conns, fd);

/** Adds to what a client is still to be sent. */
const send = (d: Daemon, fd: number, text: string) => {
  const c = conn(d, fd);
  if (c && text !== '') put(d, { ...c, output: c.output + text });
};
const closing = (d: Daemon, fd: number) => {
  const c = conn(d, fd);
  if (c) put(d, { ...c, mode: { kind: 'closing' } });
};

// ——— requests

interface Route {
  path: string;
  method: string;
  parts: string[];
  handle: (typeof ROUTES)[string];
}
const TABLE: Route[] = Object.entries(ROUTES).map(([key, handle]) => {
  const [method = '', path = ''] = key.split(' ');
  return { path: key, method, parts: path.split('/').slice(1), handle };
});

/** An image's name may hold slashes: {id} then takes several parts. */
function match(req: Request): { route: Route; id: string } | null {
  const parts = req.path.split('/').slice(1);
  for (const route of TABLE) {
    if (route.method !== req.method) continue;
    const at = route.parts.indexOf('{id}');
    if (at < 0) {
      if (route.parts.join('/') === parts.join('/')) return { route, id: '' };
      continue;
    }
    const after = route.parts.length - at - 1;
    if (parts.length < route.parts.length) continue;
    if (route.parts.slice(0, at).join('/') !== parts.slice(0, at).join('/')) continue;
    if (after > 0 && route.parts.slice(-after).join('/') !== parts.slice(-after).join('/')) continue;
    const id = parts.slice(at, parts.length - after).join('/');
    if (id === '') continue;
    // So may a network's, and a container is named with the slash that its name begins with, or by a link.
    if (parts.length > route.parts.length && !['images', 'containers', 'networks', 'distribution'].includes(route.parts[0] as string))
      continue;
    return { route, id };
  }
  return null;
}

function answer(d: Daemon, c: Conn, req: Request) {
  const found = match(req);
  let reply: Reply;
  try {
    if (!found) throw new ApiError(404, 'page not found');
    reply = found.route.handle({ d, conn: c, id: found.id, req });
  } catch (e) {
    const status = e instanceof ApiError ? e.status : e instanceof Errno ? 500 : null;
    if (status === null) throw e;
    const message = e instanceof Errno ? e.message.toLowerCase() : (e as Error).message;
    reply = { status, json: { message } };
    if (found?.route.path === 'POST /containers/{id}/start') neverStarted(d, found.id);
  }
  give(d, c.fd, reply, req.method);
}

function give(d: Daemon, fd: number, reply: Reply, method: string) {
  const c = conn(d, fd);
  if (!c) return;
  if ('mode' in reply) {
    put(d, { ...c, mode: reply.mode });
    if (reply.head) send(d, c.fd, formatResponse({ ...reply.head, stream: true }));
    send(d, c.fd, reply.body ?? '');
    return;
  }
  const text = 'json' in reply ? `${goJson(reply.json)}\n` : reply.text;
  const headers = { ...('json' in reply ? { 'Content-Type': 'application/json' } : {}), ...reply.headers };
  send(d, c.fd, formatResponse({ status: reply.status, headers, body: method === 'HEAD' ? '' : text }));
}

function respond(d: Daemon, fd: number, status: number, body?: unknown) {
  const text = body === undefined ? '' : `${goJson(body)}\n`;
  send(d, fd, formatResponse({ status, headers: body === undefined ? {} : { 'Content-Type': 'application/json' }, body: text }));
  const c = conn(d, fd);
  if (c) put(d, { ...c, mode: { kind: 'http' } });
}

/** Reads what a client sent, and does what it asks. */
function serve(d: Daemon, fd: number) {
  for (;;) {
    const c = conn(d, fd);
    if (!c) return;
    if (c.ended) break;
    const data = attempt(() => d.sys.read(fd, 1 << 20));
    if (data === null) break;
    if (data instanceof Errno) {
      hangup(d, c);
      return;
    }
    if (data === '') {
      put(d, { ...c, ended: true });
      inputEnded(d, c);
      break;
    }
    if (c.mode.kind === 'attach' || c.mode.kind === 'exec') input(d, c, data);
    else put(d, { ...c, input: c.input + data });
  }
  for (;;) {
    const c = conn(d, fd);
    if (c?.mode.kind !== 'http' || c.input === '') return;
    const parsed = parseRequest(c.input);
    if (parsed === null) return;
    if (parsed === false) {
      put(d, { ...c, input: '' });
      send(
        d,
        fd,
        formatResponse({
          status: 400,
          headers: { 'Content-Type': 'text/plain; charset=utf-8', Connection: 'close' },
          body: '400 Bad Request',
        }),
      );
      closing(d, fd);
      return;
    }
    put(d, { ...c, input: parsed.rest });
    answer(d, conn(d, fd) as Conn, parsed.request);
    const now = conn(d, fd);
    if (now && (now.mode.kind === 'attach' || now.mode.kind === 'exec') && now.input !== '') {
      put(d, { ...now, input: '' });
      input(d, now, now.input);
    }
  }
}

/** What an attached client types goes to the container's standard input. */
function input(d: Daemon, c: Conn, data: string) {
  const to =
    c.mode.kind === 'attach' && c.mode.stdin
      ? stdinOf(d, c.mode.container)
      : c.mode.kind === 'exec'
        ? (pmap.get(d.s.execs, c.mode.exec)?.stdin ?? null)
        : null;
  if (to === null) {
    // A container that has not started yet gets it when it does.
    if (c.mode.kind === 'attach') put(d, { ...c, input: c.input + data });
    return;
  }
  const rest = c.input + data;
  const n = attempt(() => d.sys.write(to, rest));
  put(d, { ...c, input: typeof n === 'number' ? rest.slice(n) : n === null ? rest : '' });
}

const stdinOf = (d: Daemon, id: string): number | null => {
  const c = d.byId(id);
  return c ? (c.master ?? c.stdin) : null;
};

function hangup(d: Daemon, c: Conn) {
  attempt(() => d.sys.close(c.fd));
  d.s.conns = pmap.remove(d.s.conns, c.fd);
  if (c.mode.kind === 'job') abandon(d, c.mode);
  inputEnded(d, c);
}

function inputEnded(d: Daemon, c: Conn) {
  if (c.mode.kind === 'http' && conn(d, c.fd)) closing(d, c.fd);
  // The end of a client's input is the end of a container's, if it was made to take it once.
  if (c.mode.kind === 'attach' && c.mode.stdin) {
    const x = d.byId(c.mode.container);
    if (x?.Config.StdinOnce && x.stdin !== null) closeStdin(d, x.Id);
  }
  if (c.mode.kind === 'exec') {
    const e = pmap.get(d.s.execs, c.mode.exec);
    if (e && e.stdin !== null && e.stdin !== e.out) {
      attempt(() => d.sys.close(e.stdin as number));
      d.putExec({ ...e, stdin: null });
    }
  }
}

function closeStdin(d: Daemon, id: string) {
  const c = d.container(id);
  if (c.stdin === null) return;
  attempt(() => d.sys.close(c.stdin as number));
  d.update(id, (x) => ({ ...x, stdin: null }));
}

// ——— what containers do

function reports(d: Daemon) {
  for (;;) {
    const end = d.s.inbox.indexOf('\n');
    if (end < 0) return;
    const [kind, id = '', a = '', b = '', at] = d.s.inbox.slice(0, end).split(' ');
    if (kind === 'O') {
      const n = Number(b);
      if (d.s.inbox.length < end + 1 + n) return;
      const data = d.s.inbox.slice(end + 1, end + 1 + n);
      d.s.inbox = d.s.inbox.slice(end + 1 + n);
      output(d, id, Number(a), data);
    } else if (kind === 'M') {
      d.s.inbox = d.s.inbox.slice(end + 1);
      outOfMemory(d, id);
    } else {
      d.s.inbox = d.s.inbox.slice(end + 1);
      ended(d, id, Number(a), Number(b), at === undefined ? undefined : Number(at));
    }
  }
}

function outOfMemory(d: Daemon, id: string) {
  if (!d.byId(id)) return;
  d.containerEvent('oom', d.setState(id, { OOMKilled: true }));
}

function output(d: Daemon, id: string, stream: number, data: string) {
  if (ifBuilding(d)?.buildOutput(d, id, data, send)) return;
  const c = d.byId(id);
  if (!c) return;
  const name = stream === 2 ? 'stderr' : 'stdout';
  const before = d.now();
  logs.append(d, c, name, data);
  for (const x of conns(d)) {
    if (x.mode.kind === 'attach' && x.mode.container === id && (stream === 2 ? x.mode.stderr : x.mode.stdout))
      send(d, x.fd, x.mode.tty ? data : frame(stream === 2 ? 2 : 1, data));
    if (x.mode.kind === 'logs' && x.mode.container === id && (stream === 2 ? x.mode.stderr : x.mode.stdout)) {
      const stamps = x.mode.timestamps;
      for (const line of data.match(/[^\n]*\n|[^\n]+$/g) ?? [])
        send(d, x.fd, logFrame(c.Config.Tty, { log: line, stream: name, time: before, stamp: rfc3339(before) }, stamps));
    }
  }
}

/** `at`: when it was, where the daemon was away then. */
function ended(d: Daemon, id: string, pid: number, status: number, at?: number) {
  if (ifBuilding(d)?.buildExited(d, id, pid, status)) return;
  const c = d.byId(id);
  if (!c) return;
  if (c.State.Pid !== pid) {
    const e = pmap.values(d.s.execs).find((x) => x.ContainerID === id && x.Pid === pid && x.Running);
    if (e) finishExec(d, e.ID, status);
    return;
  }
  health.suspend(d, id);
  for (const e of c.execs) if (pmap.get(d.s.execs, e)?.Running) finishExec(d, e, 137);
  const stopping = conns(d).some(
    (x) => x.mode.kind === 'waiting' && x.mode.what.for === 'stop' && x.mode.what.container === id && !x.mode.what.killed,
  );
  lifecycle.exited(d, id, status, stopping, at);
  for (const x of conns(d)) if ((x.mode.kind === 'attach' || x.mode.kind === 'logs') && x.mode.container === id) closing(d, x.fd);
  settle(d, id);
}

/** Answers those who waited for a container to end: one that is about to be restarted has ended as well. */
function settle(d: Daemon, id: string) {
  const code = d.byId(id)?.State.ExitCode ?? 0;
  for (const x of conns(d)) {
    if (x.mode.kind !== 'waiting' || x.mode.what.container !== id) continue;
    const w = x.mode.what;
    if (w.for === 'exit') {
      if (w.condition !== 'removed') respond(d, x.fd, 200, { StatusCode: code });
    } else if (w.for === 'stop') {
      if (w.restart) {
        try {
          lifecycle.startAgain(d, id);
          d.containerEvent('restart', d.container(id));
          respond(d, x.fd, 204);
        } catch (e) {
          if (!(e instanceof ApiError)) throw e;
          respond(d, x.fd, e.status, { message: e.message });
        }
      } else {
        respond(d, x.fd, 204);
      }
    }
  }
  for (const x of conns(d)) {
    if (x.mode.kind !== 'waiting' || x.mode.what.for !== 'remove' || x.mode.what.container !== id) continue;
    if (d.byId(id)) removed(d, id, x.mode.what.volumes);
    respond(d, x.fd, 204);
  }
  const c = d.byId(id);
  if (c?.HostConfig.AutoRemove && c.State.Status === 'exited') removed(d, id, true);
}

/** A container that should go when it ends goes too when it cannot start. */
function neverStarted(d: Daemon, ref: string) {
  const c = d.find(ref);
  if (c?.HostConfig.AutoRemove && !lifecycle.isUp(c)) removed(d, c.Id, true);
}

function removed(d: Daemon, id: string, volumes: boolean) {
  const code = d.byId(id)?.State.ExitCode ?? 0;
  lifecycle.erase(d, id, volumes);
  for (const x of conns(d))
    if (x.mode.kind === 'waiting' && x.mode.what.for === 'exit' && x.mode.what.container === id)
      respond(d, x.fd, 200, { StatusCode: code });
}

// ——— execs

function execOutput(d: Daemon, id: string) {
  const e = pmap.get(d.s.execs, id);
  if (!e) return;
  for (const [fd, stream] of [
    [e.out, 1],
    [e.err, 2],
  ] as const) {
    if (fd === null) continue;
    for (;;) {
      const data = attempt(() => d.sys.read(fd, 1 << 20));
      if (data === null || data instanceof Errno || data === '') break;
      if (e.probe) health.output(d, e, data);
      else if (e.conn !== null) send(d, e.conn, e.process.tty ? data : frame(stream, data));
    }
  }
}

function finishExec(d: Daemon, id: string, status: number) {
  execOutput(d, id);
  const e = pmap.get(d.s.execs, id);
  if (!e) return;
  for (const fd of new Set([e.out, e.err, e.stdin])) if (fd !== null) attempt(() => d.sys.close(fd));
  d.putExec({ ...e, Running: false, ExitCode: status, exited: true, out: null, err: null, stdin: null, Pid: e.Pid });
  if (e.conn !== null) closing(d, e.conn);
  const c = d.byId(e.ContainerID);
  if (!c) return;
  d.update(c.Id, (x) => ({ ...x, execs: x.execs.filter((i) => i !== id) }));
  d.containerEvent('exec_die', c, { execID: id, exitCode: `${status}` });
  if (e.probe) health.finished(d, e, status);
}

/** ps has gone on for a `docker top`. */
function topped(d: Daemon, c: Conn, mode: Extract<Conn['mode'], { kind: 'top' }>) {
  try {
    const now = top.advance(d, mode);
    if ('mode' in now) put(d, { ...c, mode: now.mode });
    else respond(d, c.fd, 200, now.done);
  } catch (e) {
    if (!(e instanceof ApiError)) throw e;
    respond(d, c.fd, e.status, { message: e.message });
  }
}

/** Somebody else may have answered what a job has asked. */
function worked(d: Daemon, fd: number, mode: JobMode) {
  advanceJob(d, mode, STORIES, {
    send: (text) => send(d, fd, text),
    keep: (next) => {
      const c = conn(d, fd);
      if (c) put(d, { ...c, mode: next });
    },
    respond: (status, json) => respond(d, fd, status, json),
    become: (reply) => {
      const c = conn(d, fd);
      if (c) put(d, { ...c, mode: { kind: 'http' } });
      give(d, fd, reply, 'POST');
    },
  });
}

// ——— events, alarms

const eventMatches = (e: EngineEvent, f: Record<string, string[]>): boolean => {
  const a = e.Actor.Attributes;
  if (f.type && !f.type.includes(e.Type)) return false;
  if (f.event && !f.event.some((x) => e.Action === x || e.Action.startsWith(`${x}:`))) return false;
  if (f.container && !(e.Type === 'container' && f.container.some((x) => a.name === x || e.Actor.ID.startsWith(x)))) return false;
  if (f.image && !f.image.some((x) => a.image === x || a.name === x || e.Actor.ID === x)) return false;
  if (f.volume && !(e.Type === 'volume' && f.volume.includes(e.Actor.ID))) return false;
  if (f.service && !(e.Type === 'service' && f.service.some((x) => a.name === x || e.Actor.ID.startsWith(x)))) return false;
  if (f.network && !(e.Type === 'network' && f.network.some((x) => a.name === x || e.Actor.ID.startsWith(x)))) return false;
  return !f.label || labelMatch(a, f.label);
};

/** What every node of a swarm knows of. */
const OF_SWARM: ReadonlySet<string> = new Set(['service', 'node', 'secret', 'config']);

const eventJson = (e: EngineEvent) => ({
  ...(e.Type === 'container'
    ? { status: e.Action, id: e.Actor.ID, from: e.Actor.Attributes.image }
    : e.Type === 'image'
      ? { status: e.Action, id: e.Actor.ID }
      : {}),
  Type: e.Type,
  Action: e.Action,
  Actor: e.Actor,
  scope: OF_SWARM.has(e.Type) || (e.Type === 'network' && e.Actor.Attributes.type === 'overlay') ? 'swarm' : 'local',
  time: Math.floor(e.time / 1000),
  timeNano: Math.round(e.time * 1e6),
});

function events(d: Daemon) {
  for (const x of conns(d)) {
    if (x.mode.kind !== 'events') continue;
    const { after, filters, until } = x.mode;
    const fresh = d.s.events.filter((e) => e.seq > after && (until === null || e.time <= until));
    send(
      d,
      x.fd,
      fresh
        .filter((e) => eventMatches(e, filters))
        .map((e) => `${goJson(eventJson(e))}\n`)
        .join(''),
    );
    const now = conn(d, x.fd) as Conn;
    if (until !== null && d.now() >= until) put(d, { ...now, mode: { kind: 'closing' } });
    else put(d, { ...now, mode: { ...x.mode, after: d.s.lastEvent } });
  }
}

function alarms(d: Daemon) {
  const now = d.sys.uptime();
  const due = d.s.alarms.filter((a) => a.at <= now);
  if (due.length === 0) return;
  d.s.alarms = d.s.alarms.filter((a) => a.at > now);
  for (const { do: what } of due) {
    if (what.kind === 'swarm') continue;
    const c = d.byId(what.container);
    if (!c) continue;
    if (what.kind === 'kill' && c.State.Pid === what.pid) lifecycle.kill(d, c.Id, 9);
    else if (what.kind === 'restart') lifecycle.restartNow(d, c.Id);
    else if (what.kind === 'health') health.probe(d, c.Id);
    else if (what.kind === 'probe-timeout') health.timeOut(d, what.exec);
  }
}

// ——— writing and sleeping

function write(d: Daemon) {
  for (const x of conns(d)) {
    let c = x;
    while (c.output !== '') {
      const n = attempt(() => d.sys.write(c.fd, c.output));
      if (n instanceof Errno) {
        hangup(d, c);
        break;
      }
      if (n === null) break;
      c = { ...c, output: c.output.slice(n) };
      put(d, c);
    }
    if (conn(d, c.fd) && c.output === '' && c.mode.kind === 'closing') {
      attempt(() => d.sys.close(c.fd));
      d.s.conns = pmap.remove(d.s.conns, c.fd);
    }
  }
}

export function waits(d: Daemon): Wait {
  const of: Wait[] = [
    { for: 'read', fd: d.s.listener },
    { for: 'read', fd: d.s.reports[0] },
  ];
  for (const c of conns(d)) {
    if (!c.ended) of.push({ for: 'read', fd: c.fd });
    if (c.output !== '') of.push({ for: 'write', fd: c.fd });
    if (c.mode.kind === 'top') of.push(...top.waits(c.mode));
    if (c.mode.kind === 'job' && c.mode.wait) of.push(c.mode.wait);
    if (c.mode.kind === 'exec') {
      const e = pmap.get(d.s.execs, c.mode.exec);
      for (const fd of [e?.out, e?.err]) if (typeof fd === 'number') of.push({ for: 'read', fd });
    }
    if (c.mode.kind === 'events' && c.mode.until !== null)
      of.push({ for: 'time', at: d.sys.uptime() + Math.max(1, c.mode.until - d.now()) });
  }
  for (const id of d.s.probes) {
    const e = pmap.get(d.s.execs, id);
    for (const fd of [e?.out, e?.err]) if (typeof fd === 'number') of.push({ for: 'read', fd });
  }
  of.push(...resolver.waits(d));
  const next = d.s.alarms.reduce<number | null>((min, a) => (min === null || a.at < min ? a.at : min), null);
  if (next !== null) of.push({ for: 'time', at: next });
  return { for: 'any', of };
}

// ——— turns

/** One turn: what has come in, and what follows from it. */
export function turn(d: Daemon) {
  reports(d);
  for (const c of conns(d)) if (c.mode.kind === 'exec') execOutput(d, c.mode.exec);
  for (const e of d.s.probes) execOutput(d, e);
  for (const c of conns(d)) serve(d, c.fd);
  for (const c of conns(d)) if (c.mode.kind === 'attach' && c.mode.stdin && c.input !== '') input(d, c, '');
  for (const c of conns(d)) if (c.mode.kind === 'top') topped(d, c, c.mode);
  for (const c of conns(d)) if (c.mode.kind === 'job') worked(d, c.fd, c.mode);
  resolver.serve(d);
  alarms(d);
  if (d.s.swarm) swarming.get().turn(d, (fd) => respond(d, fd, 200));
  ifBuilding(d)?.advanceBuilds(d, send, closing);
  events(d);
  write(d);
}

/** Asks every container to end: the daemon does. */
export function shutDown(d: Daemon) {
  for (const c of d.containers()) if (lifecycle.isUp(c)) lifecycle.shutDown(d, c.Id);
}

/** Containers that ran when the last daemon ended are ended, unless live-restore lets them go on; those whose policy says so are started again. */
export function restore(d: Daemon) {
  if (d.s.swarm) swarming.get().restore(d);
  const all = d.containers().reverse();
  for (const c of all) {
    if (!lifecycle.isUp(c)) continue;
    if (d.s.config['live-restore'] && lifecycle.adopt(d, c)) continue;
    d.update(c.Id, (x) => ({ ...x, sandbox: null, shim: null }));
    for (const t of d.sys.tasks()) {
      const group = attempt(() => overlay2.readText(d.sys, `/proc/${t.pid}/cgroup`));
      if (!(group instanceof Errno) && group.includes(c.Id)) attempt(() => d.sys.kill(t.pid, SIGNALS.SIGKILL));
    }
    lifecycle.settleDead(d, c.Id);
  }
  for (const c of all) {
    const now = d.container(c.Id);
    if (now.State.Status !== 'exited' || !lifecycle.wantsRestart(now)) continue;
    try {
      lifecycle.start(d, c.Id);
    } catch (e) {
      if (!(e instanceof Error)) throw e;
    }
  }
}

/** Whether everything that a container had is gone: what a daemon that is asked to end waits for. */
export const quiet = (d: Daemon): boolean => !d.containers().some(lifecycle.isUp);
