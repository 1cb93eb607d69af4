/** A program's heap from one turn to the next: copied before it is changed, and without what nothing leads to any more. */
import type { HttpConn } from '../../servers/http';
import type { Loop } from './loop';
import { type Frame, has, type Job, type Obj, type Value } from './values';

/** A connection's end of a server of the program. */
export interface Server {
  server: Value;
  fd: number;
  conns: HttpConn[];
}
/** A program between two turns. */
export type Live = Pick<Loop, 'heap' | 'timers' | 'nextTimer' | 'ticks' | 'jobs' | 'soon' | 'handlers' | 'modules' | 'exitCode' | 'env'> & {
  argv: string[];
  servers: Server[];
  source: string;
  file: string;
};

const copied = (o: Obj): Obj => {
  switch (o.kind) {
    case 'object':
      return { ...o, props: { ...o.props }, ...(o.entries ? { entries: o.entries.map(([k, v]) => [k, v] as [Value, Value]) } : {}) };
    case 'function':
      return { ...o, props: { ...o.props } };
    case 'promise':
      return { ...o, then: [...o.then] };
    case 'run':
      return { ...o, frames: o.frames.map((f) => ({ ...f })) };
    case 'array':
      return { ...o, items: [...o.items] };
    case 'scope':
      return { ...o, names: { ...o.names } };
    default:
      return o;
  }
};
/** What may be changed while the turn lasts: an earlier machine still holds the other. */
export const own = (live: Live): Live => ({
  ...live,
  heap: { next: live.heap.next, objects: Object.fromEntries(Object.entries(live.heap.objects).map(([ref, o]) => [ref, copied(o)])) },
  timers: live.timers.map((t) => ({ ...t })),
  ticks: [...live.ticks],
  jobs: [...live.jobs],
  soon: [...live.soon],
  modules: { ...live.modules },
  env: { ...live.env },
  handlers: { ...live.handlers },
  servers: [...live.servers],
});

const of = (j: Job): Value[] => {
  if (j.do === 'call') return [j.fn, ...j.args];
  return j.do === 'resume' ? [j.run, j.with] : [j.handler, j.value, j.promise];
};
const inFrame = (f: Frame): Value[] => {
  if (f.f === 'finally') return f.then && 'value' in f.then ? [f.then.value] : [];
  return [{ ref: f.scope }, ...(f.f === 'each' ? f.items : [])];
};
/** What an object leads to. */
function held(o: Obj | undefined): Value[] {
  switch (o?.kind) {
    case 'object':
      return [
        ...Object.values(o.props),
        ...Object.values(o.getters ?? {}),
        ...Object.values(o.setters ?? {}),
        ...(o.entries ?? []).flat(),
        ...(o.proto === undefined ? [] : [o.proto]),
      ];
    case 'array':
      return o.items;
    case 'scope':
      return [...Object.values(o.names), ...(o.parent === null ? [] : [{ ref: o.parent }])];
    case 'function':
      return [{ ref: o.scope }, o.home, ...Object.values(o.props), o.class?.parent ?? null];
    case 'promise':
      return [o.value, ...o.then.flatMap((t) => [t.ok, t.no, t.promise, t.run ?? null])];
    case 'run':
      return [...o.frames.flatMap(inFrame), o.promise, ...(o.into ? [{ ref: o.into.scope }] : [])];
    default:
      return [];
  }
}

/** Objects that nothing leads to any more are let go: a server makes some at each request. */
export function collect(live: Live): Live {
  const seen = new Set<number>([0]);
  const queue: number[] = [0];
  const see = (v: Value) => {
    if (has(v, 'native') && v.of !== undefined) see(v.of);
    if (!has(v, 'ref') || seen.has(v.ref)) return;
    seen.add(v.ref);
    queue.push(v.ref);
  };
  for (const t of live.timers) [t.fn, ...t.args].forEach(see);
  for (const j of [...live.ticks, ...live.jobs, ...live.soon]) of(j).forEach(see);
  for (const list of Object.values(live.handlers)) list.forEach(see);
  for (const s of live.servers) see(s.server);
  Object.values(live.modules).forEach(see);
  for (let ref = queue.pop(); ref !== undefined; ref = queue.pop()) held(live.heap.objects[ref]).forEach(see);
  const objects = Object.fromEntries(Object.entries(live.heap.objects).filter(([ref]) => seen.has(Number(ref))));
  return { ...live, heap: { next: live.heap.next, objects } };
}
