/**
 * One container's start as a walk along the calls of a step: from the command line over the socket to the process. Every hop
 * has the request or the system calls that the trace holds; two hops that the model does not make are there without any.
 *
 *   shell ─execve→ docker ─HTTP→ dockerd ┄task┄→ containerd ─execve→ shim ┄create┄→ runc: cgroup · clone · root · mounts · rights · execve
 *
 * Simplified: the model's dockerd does the work of containerd and of runc within itself, so that the calls of runc's first half
 * are dockerd's, and what is said between the four is not said aloud. (engine/lifecycle.ts, engine/runtime.ts)
 */

import { pmap } from '../../base';
import type { ToldCall } from '../../kernel';
import type { Trace } from '../face';
import type { World } from './world';

export const LANES = ['shell', 'client', 'dockerd', 'containerd', 'shim', 'runc'] as const;
export type Lane = (typeof LANES)[number];

export type HopKind =
  | 'command'
  | 'request'
  | 'answer'
  | 'rootfs'
  | 'create'
  | 'shim'
  | 'runc'
  | 'cgroup'
  | 'clone'
  | 'trees'
  | 'pivot'
  | 'mounts'
  | 'devices'
  | 'names'
  | 'masks'
  | 'rights'
  | 'network'
  | 'start'
  | 'execve';

export interface Hop {
  kind: HopKind;
  /** A message goes from one to the other; where they are the same, the kernel is asked. */
  from: Lane;
  to: Lane;
  /** "POST /v1.51/containers/create?name=web", "201 Created", "/usr/sbin/nginx"; empty where the kind says it all. */
  what: string;
  /** What a request or an answer carries: its members that are not empty, as JSON. */
  body: string;
  /** As strace writes them: `mount("proc", "/proc", "proc")`; with ` = EPERM` where one was refused. */
  calls: string[];
  /** Who calls: a number on the host. */
  pid: number | null;
  /** False: real engines do this aloud, the model within dockerd. */
  aloud: boolean;
  /** The engine or the kernel said no, and the walk ends here. */
  refused: boolean;
}

export interface RunView {
  /** Of the container; its short id when it has gone. */
  name: string;
  hops: Hop[];
  /** What stands on each lane: "bash", "docker", "nginx" with its number; null where nothing of it was seen. */
  lanes: Record<Lane, { name: string; pid: number | null }>;
  /** What became of runc's process: the program's name. */
  program: string | null;
  /** The start was in the last step. */
  fresh: boolean;
}

const REQUEST = /^(GET|HEAD|POST|PUT|DELETE) (\S+) HTTP/;
const ANSWER = /^HTTP\/1\.1 (\d+) (.*)\r/;
const CREATE = /\/containers\/create(\?|$)/;
const START = /\/containers\/([^/?]+)\/(start|restart)(\?|$)/;

const sentBy = (c: ToldCall | undefined): string => c?.sent?.data ?? '';
const requestOf = (c: ToldCall | undefined): { method: string; path: string } | null => {
  const found = REQUEST.exec(sentBy(c));
  return found ? { method: found[1] as string, path: found[2] as string } : null;
};
const statusOf = (c: ToldCall | undefined): { code: number; text: string } | null => {
  const found = ANSWER.exec(sentBy(c));
  return found ? { code: Number(found[1]), text: `${found[1]} ${found[2]}` } : null;
};

const empty = (v: unknown): boolean =>
  v === null || v === '' || v === 0 || v === false || (typeof v === 'object' && Object.keys(v as object).length === 0);
const pruned = (v: unknown): unknown => {
  if (typeof v !== 'object' || v === null || Array.isArray(v)) return v;
  return Object.fromEntries(
    Object.entries(v)
      .map(([key, member]) => [key, pruned(member)] as const)
      .filter(([, member]) => !empty(member)),
  );
};

/** The body's members that say something. */
function bodyOf(call: ToldCall): string {
  const text = sentBy(call).split('\r\n\r\n')[1]?.trim() ?? '';
  if (text === '') return '';
  try {
    return JSON.stringify(pruned(JSON.parse(text)), null, 1).replace(/\n\s*/g, ' ');
  } catch {
    return text.slice(0, 200);
  }
}
const strace = (c: ToldCall): string => {
  const args = c.sent ? `${c.args}, ${JSON.stringify(c.sent.data.split('\r\n')[0])}…, ${c.sent.bytes}` : c.args;
  return `${c.name}(${args})${c.errno ? ` = ${c.errno}` : c.result !== null ? ` = ${c.result}` : ''}`;
};

/** Where one container was started: the request for it, and the calls up to its answer. */
interface Start {
  id: string;
  calls: readonly ToldCall[];
  /** Places in `calls`. */
  create: number | null;
  request: number;
  answer: number;
}

/** From a request on, its answer's place. */
const answerTo = (calls: readonly ToldCall[], at: number): number => {
  const socket = calls[at]?.sent?.socket;
  const found = calls.findIndex((c, i) => i > at && c.sent?.socket === socket && c.pid !== calls[at]?.pid && statusOf(c) !== null);
  return found < 0 ? calls.length - 1 : found;
};

function startsOf(trace: Trace): Start[] {
  const calls = trace.calls ?? [];
  const created = new Map<string, number>();
  const out: Start[] = [];
  for (const [i, c] of calls.entries()) {
    const path = requestOf(c)?.path ?? '';
    if (CREATE.test(path)) {
      const answer = answerTo(calls, i);
      const id = /"Id":"([0-9a-f]{64})"/.exec(sentBy(calls[answer]))?.[1];
      if (id) created.set(id, i);
      // Refused: all that there is of it.
      else if (answer > i && (statusOf(calls[answer])?.code ?? 0) >= 400) out.push({ id: '', calls, create: null, request: i, answer });
    }
    const ref = START.exec(path)?.[1];
    if (ref === undefined) continue;
    const answer = answerTo(calls, i);
    const shim = calls.slice(i, answer).find((x) => x.name === 'execve' && x.comm.startsWith('containerd-shim'));
    const id = /"-id", "([0-9a-f]{64})"/.exec(shim?.args ?? '')?.[1] ?? ref;
    out.push({ id, calls, create: created.get(id) ?? null, request: i, answer });
  }
  return out;
}

const nameOf = (world: World, s: Start): string =>
  (world.engine && pmap.get(world.engine.containers, s.id)?.Name) ??
  /[?&]name=([^&]+)/.exec(requestOf(s.calls[s.create ?? s.request])?.path ?? '')?.[1] ??
  (s.id.slice(0, 12) || 'not made');

// ——— calls → hops

/** Which hop a call is of, when it is dockerd's or runc's. Null: of none. */
function kindOf(c: ToldCall, init: number | null): HopKind | null {
  if (c.pid === init) return ofInit(c);
  if (c.name === 'mount') return 'rootfs';
  if (c.name === 'rtnetlink') return 'network';
  if (c.name === 'clone') return c.args.includes('CLONE_NEW') ? 'clone' : null;
  return c.name === 'mkdir' || c.name === 'bpf' || (c.name === 'write' && !c.sent) ? 'cgroup' : null;
}

const MOUNT = /^"([^"]*)", "([^"]*)", "([^"]*)"/;
function ofInit(c: ToldCall): HopKind | null {
  switch (c.name) {
    case 'open_tree':
      return 'trees';
    case 'pivot_root':
      return 'pivot';
    case 'mount': {
      const [, source = '', target = '', type = ''] = MOUNT.exec(c.args) ?? [];
      const covers = source === target || source === '/dev/null' || (type === 'tmpfs' && /^\/(proc|sys)\//.test(target));
      return covers || type === '' ? 'masks' : 'mounts';
    }
    case 'move_mount':
      return 'mounts';
    case 'mknod':
      return 'devices';
    case 'sethostname':
    case 'setdomainname':
      return 'names';
    case 'execve':
      return 'execve';
    default:
      return ['prctl', 'setgroups', 'setgid', 'setuid', 'capset', 'prlimit64'].includes(c.name) ? 'rights' : null;
  }
}

const LANE: Readonly<Partial<Record<HopKind, Lane>>> = { rootfs: 'dockerd', network: 'dockerd' };

interface Walk {
  hops: Hop[];
  client: number | null;
  daemon: number | null;
  shim: number | null;
  init: number | null;
  program: string | null;
}

const hop = (kind: HopKind, from: Lane, to: Lane, over: Partial<Hop> = {}): Hop => ({
  kind,
  from,
  to,
  what: '',
  body: '',
  calls: [],
  pid: null,
  aloud: true,
  refused: false,
  ...over,
});
const silent = (kind: HopKind, from: Lane, to: Lane): Hop => hop(kind, from, to, { aloud: false });

/** A request of the client and its answer, with whatever was done between them put in by `work`. */
function asked(w: Walk, calls: readonly ToldCall[], at: number, work: (from: number, to: number) => void) {
  const c = calls[at] as ToldCall;
  const request = requestOf(c);
  const end = answerTo(calls, at);
  const answer = calls[end] as ToldCall;
  const status = statusOf(answer);
  w.hops.push(
    hop('request', 'client', 'dockerd', { what: `${request?.method} ${request?.path}`, body: bodyOf(c), calls: [strace(c)], pid: c.pid }),
  );
  work(at + 1, end);
  if (!status) return;
  w.daemon = answer.pid;
  const refused = status.code >= 400;
  w.hops.push(
    hop('answer', 'dockerd', 'client', { what: status.text, body: bodyOf(answer), calls: [strace(answer)], pid: answer.pid, refused }),
  );
}

/** What the engine does for a request, from its calls. */
function worked(w: Walk, calls: readonly ToldCall[], id: string, from: number, to: number) {
  for (const c of calls.slice(from, to)) {
    if (c.name === 'execve' && c.comm.startsWith('containerd-shim') && c.args.includes(id)) {
      w.shim = c.pid;
      w.hops.push(silent('create', 'dockerd', 'containerd'));
      w.hops.push(hop('shim', 'containerd', 'shim', { what: c.comm, calls: [strace(c)], pid: c.pid }));
      w.hops.push(silent('runc', 'shim', 'runc'));
      continue;
    }
    const kind = kindOf(c, w.init);
    if (kind === null) continue;
    const lane = LANE[kind] ?? 'runc';
    if (kind === 'execve') {
      w.program = c.comm;
      w.hops.push(silent('start', 'dockerd', 'runc'));
    }
    const last = w.hops.at(-1);
    if (last?.kind === kind) last.calls.push(strace(c));
    else w.hops.push(hop(kind, lane, lane, { calls: [strace(c)], pid: c.pid }));
    if (kind === 'clone') w.init = c.result;
    if (kind === 'execve' && w.hops.at(-1)) (w.hops.at(-1) as Hop).what = c.comm;
  }
}

function walkOf(s: Start): Walk {
  const w: Walk = { hops: [], client: null, daemon: null, shim: null, init: null, program: null };
  const { calls } = s;
  const first = s.create ?? s.request;
  const client = (calls[first] as ToldCall).pid;
  w.client = client;
  const typed = calls.findLast((c, i) => i < first && c.name === 'execve' && c.pid === client);
  if (typed) w.hops.push(hop('command', 'shell', 'client', { what: argvOf(typed), calls: [strace(typed)], pid: client }));
  const requests = calls.flatMap((c, i) => (i >= first && i <= s.request && c.pid === client && requestOf(c) ? [i] : []));
  for (const at of requests) asked(w, calls, at, (from, to) => worked(w, calls, s.id || 'no id', from, to));
  return w;
}

/** The arguments of an execve as one would type them. */
function argvOf(c: ToldCall): string {
  const list = /, (\[.*\])$/.exec(c.args)?.[1];
  return list ? (JSON.parse(list) as string[]).join(' ') : c.comm;
}

/** Containers that the last such step started, by name. */
export function runNames(world: World, traces: readonly Trace[]): string[] {
  const trace = lastOf(traces);
  return trace ? [...new Set(startsOf(trace).map((s) => nameOf(world, s)))] : [];
}

/** `traces` are of the steps so far, the last one last. */
export function runView(world: World, traces: readonly Trace[], name: string): RunView | null {
  const trace = lastOf(traces);
  const start = trace && startsOf(trace).findLast((s) => nameOf(world, s) === name);
  if (!trace || !start) return null;
  const w = walkOf(start);
  const comm = (pid: number | null) => start.calls.findLast((c) => c.pid === pid)?.comm ?? null;
  const parent = start.calls.find((c) => c.name === 'clone' && c.result === w.client);
  const lane = (name: string | null, pid: number | null) => ({ name: name ?? '', pid });
  return {
    name,
    hops: w.hops,
    lanes: {
      shell: lane(parent?.comm ?? 'shell', parent?.pid ?? null),
      client: lane(comm(w.client) ?? 'docker', w.client),
      dockerd: lane('dockerd', w.daemon),
      containerd: lane('containerd', null),
      shim: lane('shim', w.shim),
      runc: lane('runc', w.init),
    },
    program: w.program,
    fresh: trace === traces.at(-1),
  };
}

/** The last step that asked for a start; null while there is none. */
const lastOf = (traces: readonly Trace[]): Trace | null => traces.findLast((t) => startsOf(t).length > 0) ?? null;
