/**
 * The calls of a traced task: each is told to its tracer when it begins and when it ends, and the tracer runs before the task
 * goes on. ptrace(2): PTRACE_SYSCALL.
 */

import { netRows, rowsOf, type Shape, type Side } from './abi';
import { type Code, Errno, MESSAGES } from './errno';
import type { Kernel } from './kernel';
import type { NetCalls } from './net/calls';
import { type Arg, type CallResult, type Inside, retrace, type StopKind } from './ptrace';
import { leave, runOne, tellTracer, UNIT } from './sched';
import type { Task } from './state';
import type { Sys } from './sys';
import { describeFd } from './vfs/proc';

type MakeSys = (k: Kernel, pid: number) => Sys;
// biome-ignore lint/suspicious/noExplicitAny: a row of either table
type AnyShape = Shape<any>;
type AnyRows = Readonly<Record<string, ((...args: unknown[]) => AnyShape) | undefined>>;
// biome-ignore lint/suspicious/noExplicitAny: as above
type Methods = Record<string, any>;

/** Descriptors with what they are open on. */
const described = (k: Kernel, t: Task, args: readonly Arg[]): Arg[] =>
  args.map((a) => (typeof a === 'object' && 'fd' in a && a.of === undefined && t.fds[a.fd] ? { ...a, of: describeFd(k, t, a.fd) } : a));

const refused = (code: Code): CallResult => ({ text: `-1 ${code} (${MESSAGES[code]})`, errno: code });

/** What tells the tracer of one task; nothing once it is let go. */
function teller(k: Kernel, pid: number, makeSys: MakeSys) {
  const tell = (kind: StopKind) => {
    const t = k.findTask(pid);
    if (!t?.tracing) return;
    tellTracer(k, t, kind);
    const tracer = k.findTask(t.tracing.by);
    if (tracer?.status !== 'ready') return;
    k.s.ready = [tracer.pid, ...k.s.ready.filter((p) => p !== tracer.pid)];
    runOne(k, makeSys);
  };
  const enter = (name: string, args: readonly Arg[]) => tell({ kind: 'enter', name, args: described(k, k.task(pid), args) });
  const exit = (name: string, args: readonly Arg[], result: CallResult, since = k.s.clock, spent = k.spent) => {
    const cpu = (k.spent - spent) * UNIT;
    const t = k.findTask(pid);
    if (t) tell({ kind: 'exit', name, args: described(k, t, args), result, took: k.s.clock - since + cpu, cpu });
  };
  const result = (text: string, fd: boolean): CallResult => {
    const t = k.findTask(pid);
    return fd && t?.fds[Number(text)] ? { text, of: describeFd(k, t, Number(text)) } : { text };
  };
  const side = (s: Side) => {
    enter(s.name, s.args);
    exit(s.name, [], result(s.result, !!s.fd));
  };
  return { enter, exit, result, side };
}
type Teller = ReturnType<typeof teller>;

const given = (shape: AnyShape, r: unknown): string => shape.gives?.(r) ?? (typeof r === 'number' ? `${r}` : '0');

/** One method, told of. */
function wrap(
  k: Kernel,
  pid: number,
  tell: Teller,
  method: string,
  row: (...args: unknown[]) => AnyShape,
  body: (...args: unknown[]) => unknown,
) {
  return (...args: unknown[]): unknown => {
    const t = k.findTask(pid);
    if (!t?.tracing) return body(...args);
    const shape = row(...args);
    const key = `${method}:${JSON.stringify(args.slice(0, 2))}`;
    const was: Inside | undefined = t.tracing.inside;
    const again = was?.key === key;
    if (!again) {
      if (was) leave(k, pid);
      for (const s of shape.before ?? []) tell.side(s);
      tell.enter(shape.name, shape.args);
    }
    const since = again ? was.since : k.s.clock;
    const spent = k.spent;
    let r: unknown;
    try {
      r = body(...args);
    } catch (e) {
      retrace(k, pid, { inside: undefined });
      if (e instanceof Errno) tell.exit(shape.name, shape.unfilled ?? [], refused(e.code), since, spent);
      throw e;
    }
    if (r === null && shape.waits !== undefined) {
      retrace(k, pid, {
        inside: { name: shape.name, key, since, dropped: { args: shape.unfilled ?? [], result: shape.waits } },
      });
      return r;
    }
    if (again) retrace(k, pid, { inside: undefined });
    const code = shape.refusal?.(r);
    tell.exit(shape.name, shape.rest?.(r) ?? [], code ? refused(code) : tell.result(given(shape, r), !!shape.fd), since, spent);
    for (const s of shape.after?.(r) ?? []) tell.side(s);
    return r;
  };
}

function wrapAll(k: Kernel, pid: number, tell: Teller, over: Methods, rows: () => AnyRows, names: readonly string[]): Methods {
  const out: Methods = Object.create(over);
  // A row is made anew at each call: it shows the task as it is then.
  for (const name of names) {
    const row = (...args: unknown[]) => (rows()[name] as (...a: unknown[]) => AnyShape)(...args);
    out[name] = wrap(k, pid, tell, name, row, (...args) => over[name](...args));
  }
  return out;
}

/** A task's calls, told to its tracer. */
export function traced(k: Kernel, pid: number, sys: Sys, makeSys: MakeSys): Sys {
  const tell = teller(k, pid, makeSys);
  const rows = () => rowsOf(k, k.task(pid)) as AnyRows;
  const out = wrapAll(k, pid, tell, sys, rows, Object.keys(rows()));
  let net: NetCalls | undefined;
  Object.defineProperty(out, 'net', {
    get() {
      const ofNet = () => netRows(k.task(pid)) as AnyRows;
      net ??= wrapAll(k, pid, tell, sys.net, ofNet, Object.keys(ofNet())) as NetCalls;
      return net;
    },
  });
  return out as Sys;
}

/** What a child of posix_spawn does before its program begins is told of as its own call. */
export function tellSpawned(k: Kernel, pid: number, path: string) {
  const t = k.task(pid);
  const { name, args } = (rowsOf(k, t).execve as Row)(path, t.argv, t.env);
  tellTracer(k, t, { kind: 'enter', name, args });
  tellTracer(k, t, { kind: 'exit', name, args: [], result: { text: '0' }, took: 0, cpu: 0 });
}
type Row = NonNullable<ReturnType<typeof rowsOf>['execve']>;
