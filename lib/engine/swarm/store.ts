/** A manager's store, opened: reading and writing one swarm's tables, each change under the next index of Raft. swarmkit manager/state/store. */

import { ApiError, type Daemon, notFound } from '../daemon';
import type { Blob, Meta, Service, Swarm, Table, Task } from './state';

export const NO_SWARM =
  'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.';

/** The swarm that this engine manages, or the refusal of one that does not. */
export function need(d: Daemon): Swarm {
  if (!d.s.swarm) throw new ApiError(503, NO_SWARM);
  return d.s.swarm;
}

/** An error of the control API, which comes over gRPC. */
const CODES = { InvalidArgument: 400, AlreadyExists: 409, FailedPrecondition: 400, Unknown: 500, Unimplemented: 501 } as const;
export const rpc = (code: keyof typeof CODES, desc: string): ApiError =>
  new ApiError(CODES[code], `rpc error: code = ${code} desc = ${desc}`);

const BASE36 = '0123456789abcdefghijklmnopqrstuvwxyz';
export function word(d: Daemon, length: number, alphabet = BASE36): string {
  let out = '';
  for (let i = 0; i < length; i++) out += alphabet[Math.floor(d.sys.random() * alphabet.length)];
  return out;
}
/** identity.NewID: 25 letters and digits; with one that no hexadecimal id has, so that the two are told apart. */
export function newId(d: Daemon): string {
  const id = word(d, 25);
  return /\d/.test(id) && /[g-z]/.test(id) ? id : newId(d);
}

/** What a new object has: an id and the next index. */
export function created(d: Daemon): Meta {
  const now = d.now();
  return { ID: newId(d), Version: next(d), CreatedAt: now, UpdatedAt: now };
}
export function next(d: Daemon): number {
  const s = need(d);
  d.s.swarm = { ...s, Version: s.Version + 1 };
  return s.Version + 1;
}

type Kind = 'services' | 'tasks' | 'secrets' | 'configs';
interface Objects {
  services: Service;
  tasks: Task;
  secrets: Blob;
  configs: Blob;
}

export function put<K extends Kind>(d: Daemon, kind: K, o: Objects[K]) {
  const s = need(d);
  d.s.swarm = { ...s, [kind]: { ...s[kind], [o.ID]: o } };
}
/** Writes a change of an object under a new index. */
export function change<K extends Kind>(d: Daemon, kind: K, o: Objects[K], more: Partial<Objects[K]>): Objects[K] {
  const now = { ...o, ...more, Version: next(d), UpdatedAt: d.now() };
  put(d, kind, now);
  return now;
}
export function drop(d: Daemon, kind: Kind, id: string) {
  const s = need(d);
  d.s.swarm = { ...s, [kind]: Object.fromEntries(Object.entries(s[kind] as Table<Meta>).filter(([key]) => key !== id)) };
}

export const servicesOf = (d: Daemon): Service[] => Object.values(need(d).services);
export const tasksOf = (d: Daemon, service?: string): Task[] =>
  Object.values(need(d).tasks).filter((t) => service === undefined || t.ServiceID === service);
export const taskOf = (d: Daemon, id: string): Task | undefined => need(d).tasks[id];

/** An object by id, by name, by what its id begins with: daemon/cluster/helpers.go. */
export function find<T extends Meta>(all: readonly T[], ref: string, name: (o: T) => string): T | undefined {
  const exact = all.find((o) => o.ID === ref) ?? all.find((o) => name(o) === ref);
  if (exact) return exact;
  const hits = all.filter((o) => o.ID.startsWith(ref));
  return hits.length === 1 ? hits[0] : undefined;
}

const nameOf = (o: { Spec: { Name: string } }) => o.Spec.Name;
export function service(d: Daemon, ref: string): Service {
  const s = find(servicesOf(d), ref, nameOf);
  if (!s) throw notFound(`service ${ref} not found`);
  return s;
}
export function blob(d: Daemon, kind: 'secrets' | 'configs', ref: string): Blob {
  const b = find(Object.values(need(d)[kind]), ref, nameOf);
  if (!b) throw notFound(`${kind.slice(0, -1)} ${ref} not found`);
  return b;
}
