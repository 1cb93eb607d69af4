/**
 * The engine as a manager of a swarm, and as its only node: a part (base/part.ts) that comes when somebody asks for a swarm. Every
 * turn of the daemon ends with what its services need (`turn`). moby daemon/cluster, docker/swarmkit.
 *
 *   cluster       the swarm itself, its node
 *   services      what is asked for          blobs   secrets and configs
 *   orchestrate   … and what follows: tasks  rollout updates  schedule which node
 *   agent         tasks → containers         networks overlay networks, virtual addresses, the routing mesh
 */

import type { Daemon } from '../daemon';
import { nineDigits, notFound } from '../daemon';
import { type Filters, known, labelMatch, parseFilters } from '../filters';
import { frame, type Request } from '../http';
import * as logs from '../logs';
import type { Reply } from '../routes';
import type { Conn } from '../state';
import * as agent from './agent';
import * as blobs from './blobs';
import * as cluster from './cluster';
import * as networks from './networks';
import { settle } from './orchestrate';
import * as services from './services';
import type { Blob, Node, NodeSpec, ServiceSpec, SwarmSpec, Task } from './state';
import { blob, find, need, service, servicesOf, taskOf, tasksOf } from './store';
import * as tasks from './tasks';

export { info } from './cluster';
export {
  checkUnused,
  create as createNetwork,
  endpointsOf,
  loadBalancer,
  lookup,
  MTU,
  peersOf,
  remove as removeNetwork,
  sandboxOf,
} from './networks';

interface Ctx {
  d: Daemon;
  conn: Conn;
  id: string;
  req: Request;
}

const json = (value: unknown, status = 200): Reply => ({ status, json: value });
const ok: Reply = { status: 200, text: '' };
const one = (r: Request, name: string): string => r.query[name]?.[0] ?? '';
const flag = (r: Request, name: string): boolean => ['1', 'true'].includes(one(r, name));
const body = <T>(r: Request): T => JSON.parse(r.body || '{}') as T;
const filtersOf = (r: Request): Filters => parseFilters(one(r, 'filters'));
const version = (r: Request): number => Number(one(r, 'version'));

function blobList(d: Daemon, kind: blobs.Kind, f: Filters): Blob[] {
  known(f, ['name', 'names', 'id', 'label']);
  return Object.values(need(d)[kind])
    .filter(
      (b) =>
        (!f.name || f.name.some((n) => b.Spec.Name.startsWith(n))) &&
        (!f.names || f.names.includes(b.Spec.Name)) &&
        (!f.id || f.id.some((i) => b.ID.startsWith(i))) &&
        (!f.label || labelMatch(b.Spec.Labels, f.label)),
    )
    .sort((a, b) => (a.ID < b.ID ? -1 : 1));
}

function nodeList(d: Daemon, f: Filters): Node[] {
  known(f, ['name', 'id', 'label', 'node.label', 'role', 'membership']);
  const { node } = need(d);
  const fits =
    (!f.name || f.name.some((n) => node.Hostname.startsWith(n))) &&
    (!f.id || f.id.some((i) => node.ID.startsWith(i))) &&
    (!f.role || f.role.includes(node.Spec.Role)) &&
    (!f.membership || f.membership.includes('accepted')) &&
    (!f['node.label'] || labelMatch(node.Spec.Labels ?? {}, f['node.label'])) &&
    !f.label;
  return fits ? [node] : [];
}

function taskList(d: Daemon, f: Filters): Task[] {
  known(f, ['name', 'id', 'label', 'service', 'node', 'desired-state', 'up-to-date', 'runtime']);
  const wanted = f.service?.map((ref) => service(d, ref).ID);
  const nodes = f.node?.map((ref) => cluster.node(d, ref).ID);
  return tasksOf(d)
    .filter(
      (t) =>
        (!wanted || wanted.includes(t.ServiceID)) &&
        (!nodes || nodes.includes(t.NodeID)) &&
        (!f.id || f.id.some((i) => t.ID.startsWith(i))) &&
        (!f.name || f.name.some((n) => tasks.nameOf(d, t).startsWith(n) || agent.containerName(d, t).startsWith(n))) &&
        (!f['desired-state'] ||
          f['desired-state'].includes(t.DesiredState) ||
          (f['desired-state'].includes('accepted') && t.DesiredState === 'ready')),
    )
    .sort((a, b) => (a.ID < b.ID ? -1 : 1));
}

function task(d: Daemon, ref: string): Task {
  const t = taskOf(d, ref) ?? find(tasksOf(d), ref, (x) => tasks.nameOf(d, x));
  if (!t) throw notFound(`task ${ref} not found`);
  return t;
}

/** What the tasks' containers have written, with who wrote it before each line where details are asked for. */
function logsOf(d: Daemon, list: readonly Task[], req: Request): Reply {
  const stamps = flag(req, 'timestamps');
  const tail = one(req, 'tail');
  const lines = list.flatMap((t) => {
    const c = agent.containerOf(d, t);
    if (!c) return [];
    const own = logs.read(d, c).filter((l) => flag(req, l.stream));
    const kept = /^\d+$/.test(tail) ? own.slice(Math.max(0, own.length - Number(tail))) : own;
    const details = `com.docker.swarm.node.id=${t.NodeID},com.docker.swarm.service.id=${t.ServiceID},com.docker.swarm.task.id=${t.ID}`;
    return kept.map((l) => ({ l, text: `${stamps ? `${nineDigits(l.stamp)} ` : ''}${flag(req, 'details') ? `${details} ` : ''}${l.log}` }));
  });
  lines.sort((a, b) => (a.l.stamp < b.l.stamp ? -1 : a.l.stamp > b.l.stamp ? 1 : 0));
  return {
    status: 200,
    text: lines.map(({ l, text }) => frame(l.stream === 'stdout' ? 1 : 2, text)).join(''),
    headers: { 'Content-Type': 'application/vnd.docker.multiplexed-stream' },
  };
}

const blobRoutes = (kind: blobs.Kind): Record<string, (c: Ctx) => Reply> => ({
  [`GET /${kind}`]: ({ d, req }) => json(blobList(d, kind, filtersOf(req)).map((b) => blobs.json(kind, b))),
  [`POST /${kind}/create`]: ({ d, req }) => json(blobs.create(d, kind, body<Blob['Spec']>(req)), 201),
  [`GET /${kind}/{id}`]: ({ d, id }) => json(blobs.json(kind, blob(d, kind, id))),
  [`POST /${kind}/{id}/update`]: ({ d, id, req }) => {
    blobs.update(d, kind, id, version(req), body<Blob['Spec']>(req));
    return ok;
  },
  [`DELETE /${kind}/{id}`]: ({ d, id }) => {
    blobs.remove(d, kind, id);
    return { status: 204, text: '' };
  },
});

const HANDLERS: Readonly<Record<string, (c: Ctx) => Reply>> = {
  'POST /swarm/init': ({ d, req }) => json(cluster.init(d, body<cluster.InitRequest>(req))),
  'POST /swarm/join': ({ d, req }) => cluster.join(d, body<{ RemoteAddrs?: string[]; JoinToken?: string }>(req)),
  'POST /swarm/leave': ({ d, req, conn }) => {
    cluster.leave(d, flag(req, 'force'), conn.fd);
    return { mode: { kind: 'waiting', what: { for: 'leave', container: '' } } };
  },
  'GET /swarm': ({ d }) => json(cluster.inspect(d)),
  'POST /swarm/update': ({ d, req }) => {
    const rotate = {
      worker: flag(req, 'rotateWorkerToken'),
      manager: flag(req, 'rotateManagerToken'),
      unlock: flag(req, 'rotateManagerUnlockKey'),
    };
    cluster.update(d, version(req), body<SwarmSpec>(req), rotate);
    return ok;
  },
  'GET /swarm/unlockkey': ({ d }) => json({ UnlockKey: need(d).unlockKey }),
  'POST /swarm/unlock': ({ d }) => cluster.unlock(d),

  'GET /nodes': ({ d, req }) => json(nodeList(d, filtersOf(req)).map(() => cluster.nodeJson(d, need(d)))),
  'GET /nodes/{id}': ({ d, id }) => {
    need(d);
    cluster.node(d, id);
    return json(cluster.nodeJson(d, need(d)));
  },
  'POST /nodes/{id}/update': ({ d, id, req }) => {
    cluster.updateNode(d, id, version(req), body<NodeSpec>(req));
    return ok;
  },
  'DELETE /nodes/{id}': ({ d, id }) => cluster.removeNode(d, id),

  'GET /services': ({ d, req }) => {
    need(d);
    return json(services.list(d, filtersOf(req)).map((s) => services.json(d, s, { defaults: false, status: flag(req, 'status') })));
  },
  'POST /services/create': ({ d, req }) => json(services.create(d, body<ServiceSpec>(req)), 201),
  'GET /services/{id}': ({ d, id, req }) => {
    need(d);
    return json(services.json(d, service(d, id), { defaults: flag(req, 'insertDefaults') }));
  },
  'POST /services/{id}/update': ({ d, id, req }) => {
    need(d);
    services.update(d, id, version(req), body<ServiceSpec>(req), one(req, 'rollback') === 'previous');
    return json({ Warnings: null });
  },
  'DELETE /services/{id}': ({ d, id }) => {
    need(d);
    services.remove(d, id);
    return ok;
  },
  'GET /services/{id}/logs': ({ d, id, req }) => logsOf(d, tasksOf(d, service(d, id).ID), req),
  'GET /tasks': ({ d, req }) => json(taskList(d, filtersOf(req)).map((t) => tasks.json(d, t))),
  'GET /tasks/{id}': ({ d, id }) => json(tasks.json(d, task(d, id))),
  'GET /tasks/{id}/logs': ({ d, id, req }) => logsOf(d, [task(d, id)], req),
  ...blobRoutes('secrets'),
  ...blobRoutes('configs'),
};

/** Answers a call of the API by its record in the table of all calls: routes-swarm.ts. */
export const handle = (route: string, c: Ctx): Reply => (HANDLERS[route] as (c: Ctx) => Reply)(c);

/** The end of a turn of the daemon: what the swarm needs at this moment. `answer`: to who has asked the node to leave. */
export function turn(d: Daemon, answer: (fd: number) => void) {
  const s = d.s.swarm;
  if (!s) return;
  d.s.alarms = d.s.alarms.filter((a) => a.do.kind !== 'swarm');
  if (s.leaving !== null) {
    if (!agent.clear(d)) return;
    networks.end(d);
    d.s.swarm = null;
    answer(s.leaving);
    return;
  }
  if (d.s.phase === 'ending') return;
  const at = settle(d);
  if (at !== null) d.s.alarms = [...d.s.alarms, { at: d.sys.uptime() + Math.max(1, at - d.now()), do: { kind: 'swarm' } }];
}

/** A new daemon takes a swarm over from the last one: what its tasks ran has ended with it. */
export function restore(d: Daemon) {
  for (const n of d.networks()) if (n.Driver === 'overlay') networks.sandboxOf(d, n);
  for (const s of servicesOf(d)) networks.keepEndpoint(d, s);
  for (const t of tasksOf(d)) networks.keepAddresses(d, t);
}
