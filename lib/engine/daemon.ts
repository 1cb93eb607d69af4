/**
 * One opened daemon: its state, its system calls, and the small helpers that everything in this folder uses.
 * Opened at the start of a turn and closed at its end, like the kernel (kernel/kernel.ts).
 */

import { pmap } from '../base';
import { calendar, daysFromCivil } from '../base/posix';
import type { Sys } from '../kernel';
import { groupOf } from './home';
import type { Registry } from './registry';
import { asRoot, dataRoot, rootOf } from './remap';
import type { Container, EngineState, Exec, Image, Layer, Network, Status, Volume } from './state';

/** An error of the API: status and message, as the daemon words them. */
export class ApiError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export const notFound = (message: string) => new ApiError(404, message);
export const conflict = (message: string) => new ApiError(409, message);
export const invalid = (message: string) => new ApiError(400, message);
export const internal = (message: string) => new ApiError(500, message);

export class Daemon {
  s: EngineState;
  readonly sys: Sys;
  /** The same calls for files that belong to containers: remap.ts. */
  readonly files: Sys;
  /** Its directory: /var/lib/docker, or one below it. */
  readonly root: string;
  /** The containers' root, as the host numbers it. */
  readonly owner: { uid: number; gid: number };
  readonly registry: Registry;
  constructor(sys: Sys, state: EngineState, registry: Registry) {
    this.sys = sys;
    this.registry = registry;
    this.s = { ...state };
    this.root = dataRoot(state.home.data, state.remap);
    this.owner = state.remap ? rootOf(state.remap) : { uid: 0, gid: 0 };
    this.files = state.remap ? asRoot(sys, state.remap) : sys;
  }

  /** Milliseconds since the epoch; no two calls give the same moment, as nanoseconds would not. */
  now(): number {
    return this.sys.now();
  }

  /** The control group of a container. */
  groupOf(id: string): string {
    return groupOf(this.s.home, id);
  }

  // ——— containers
  container(ref: string): Container {
    const c = this.find(ref);
    if (!c) throw notFound(`No such container: ${ref}`);
    return c;
  }
  find(ref: string): Container | undefined {
    const name = ref.startsWith('/') ? ref.slice(1) : ref;
    const exact = pmap.get(this.s.containers, ref) ?? pmap.get(this.s.containers, pmap.get(this.s.names, name) ?? '');
    if (exact) return exact;
    if (!/^[0-9a-f]{1,64}$/.test(ref)) return undefined;
    const hits = (pmap.keys(this.s.containers) as string[]).filter((id) => id.startsWith(ref));
    if (hits.length > 1) throw invalid(`Multiple IDs found with provided prefix: ${ref}`);
    return hits[0] === undefined ? undefined : pmap.get(this.s.containers, hits[0]);
  }
  byId(id: string): Container | undefined {
    return pmap.get(this.s.containers, id);
  }
  put(c: Container) {
    this.s.containers = pmap.set(this.s.containers, c.Id, c);
  }
  update(id: string, change: (c: Container) => Container): Container {
    const c = change(this.container(id));
    this.put(c);
    return c;
  }
  setState(id: string, state: Partial<Container['State']>): Container {
    return this.update(id, (c) => ({ ...c, State: { ...c.State, ...state } }));
  }
  /** Newest first, as the API lists them. */
  containers(): Container[] {
    return pmap.values(this.s.containers).sort((a, b) => b.Created - a.Created);
  }

  // ——— images, layers, volumes, networks, execs
  image(id: string): Image | undefined {
    return pmap.get(this.s.images, id);
  }
  images(): Image[] {
    return pmap.values(this.s.images);
  }
  putImage(i: Image) {
    this.s.images = pmap.set(this.s.images, i.Id, i);
  }
  layer(chainId: string): Layer | undefined {
    return pmap.get(this.s.layers, chainId);
  }
  volume(name: string): Volume | undefined {
    return pmap.get(this.s.volumes, name);
  }
  putVolume(v: Volume) {
    this.s.volumes = pmap.set(this.s.volumes, v.Name, v);
  }
  networks(): Network[] {
    return pmap.values(this.s.networks).sort((a, b) => a.Created - b.Created);
  }
  putNetwork(n: Network) {
    this.s.networks = pmap.set(this.s.networks, n.Id, n);
  }
  putExec(e: Exec) {
    this.s.execs = pmap.set(this.s.execs, e.ID, e);
  }

  /** Records an event and hands it to whoever listens. */
  event(Type: string, Action: string, ID: string, Attributes: Record<string, string> = {}, status?: Status) {
    this.s.lastEvent += 1;
    const e = { Type, Action, Actor: { ID, Attributes }, time: this.now(), seq: this.s.lastEvent, ...(status ? { status } : {}) };
    const last = this.s.events.slice(-255);
    last.push(e);
    this.s.events = last;
  }
  containerEvent(action: string, c: Container, more: Record<string, string> = {}) {
    const status = (this.byId(c.Id) ?? c).State.Status;
    this.event('container', action, c.Id, { ...(c.Config.Labels ?? {}), ...more, image: c.Config.Image, name: c.Name }, status);
  }
}

/** RFC 3339 with nanoseconds, as Go writes times; the zero time for null. */
export function rfc3339(ms: number | null): string {
  if (ms === null) return '0001-01-01T00:00:00Z';
  const { year, month, day, hour, minute, second } = calendar(Math.floor(ms / 1000));
  const nanos = Math.round((ms % 1000) * 1e6);
  const fraction = nanos === 0 ? '' : `.${`${nanos}`.padStart(9, '0').replace(/0+$/, '')}`;
  const p = (n: number, w = 2) => `${n}`.padStart(w, '0');
  return `${p(year, 4)}-${p(month)}-${p(day)}T${p(hour)}:${p(minute)}:${p(second)}${fraction}Z`;
}

/** RFC3339NanoFixed: the fraction with all nine digits, so that lines stand under each other. */
export const nineDigits = (stamp: string): string => stamp.replace(/(?:\.(\d+))?Z$/, (_, digits = '') => `.${digits.padEnd(9, '0')}Z`);

/** The reverse; null for the zero time or no time. */
export function parseRfc3339(text: string): number | null {
  const m = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)$/.exec(text);
  if (!m || m[1] === '0001') return null;
  const days = daysFromCivil(Number(m[1]), Number(m[2]), Number(m[3]));
  const zone = m[8] === 'Z' ? 0 : (m[8]?.startsWith('-') ? -1 : 1) * (Number(m[8]?.slice(1, 3)) * 60 + Number(m[8]?.slice(4, 6)));
  return (((days * 24 + Number(m[4])) * 60 + Number(m[5]) - zone) * 60 + Number(m[6])) * 1000 + Number(m[7] ?? 0) * 1000;
}
