/** Which node may run a task: swarmkit manager/scheduler/filter.go, manager/constraint. There is one node to ask. */

import type { Daemon } from '../daemon';
import type { Node, Task } from './state';
import { need, rpc, tasksOf } from './store';

interface Constraint {
  key: string;
  op: '==' | '!=';
  value: string;
}

const KEY = /^(?:[a-z][a-z0-9\-_.]+|[a-z]+(?:\.labels)?\.[A-Za-z0-9\-_./]+)$/i;

/** constraint.Parse. */
export function parse(text: string): Constraint {
  const op = text.includes('==') ? '==' : text.includes('!=') ? '!=' : null;
  if (op === null) throw rpc('Unknown', 'constraint expected one operator from ==, !=');
  const [left = '', ...rest] = text.split(op);
  const [key, value] = [left.trim(), rest.join(op).trim()];
  if (!KEY.test(key)) throw rpc('Unknown', `key '${key}' is invalid`);
  if (value === '' || /[^\w\-.:*() ?+[\]\\^$|/]/.test(value)) throw rpc('Unknown', `value '${value}' is invalid`);
  return { key, op, value };
}

function valueOf(node: Node, key: string): string | null {
  const lower = key.toLowerCase();
  if (lower === 'node.id') return node.ID;
  if (lower === 'node.hostname') return node.Hostname;
  if (lower === 'node.ip') return node.Addr;
  if (lower === 'node.role') return node.Spec.Role;
  if (lower === 'node.platform.os') return 'linux';
  if (lower === 'node.platform.arch') return 'x86_64';
  if (lower.startsWith('node.labels.')) return node.Spec.Labels?.[key.slice('node.labels.'.length)] ?? '';
  if (lower.startsWith('engine.labels.')) return '';
  return null;
}

export const meets = (node: Node, constraints: readonly string[]): boolean =>
  constraints.map(parse).every(({ key, op, value }) => {
    const is = valueOf(node, key);
    return is !== null && (is.toLowerCase() === value.toLowerCase()) === (op === '==');
  });

/** Why the node may not run a task, as `docker service ps` tells it; null: it may. */
export function refusal(d: Daemon, t: Task): string | null {
  const { node } = need(d);
  const on = (why: string) => `no suitable node (${why})`;
  if (node.Spec.Availability !== 'active') return on('1 node not available for new tasks');
  const reserved = (x: Task) => x.Spec.Resources?.Reservations ?? {};
  const others = tasksOf(d).filter(
    (x) => x.ID !== t.ID && x.NodeID === node.ID && ['preparing', 'ready', 'starting', 'running'].includes(x.Status.State),
  );
  const sum = (key: 'NanoCPUs' | 'MemoryBytes') => [...others, t].reduce((n, x) => n + (reserved(x)[key] ?? 0), 0);
  const { cpus, memTotal } = d.sys.sysinfo();
  const asks = (reserved(t).NanoCPUs ?? 0) + (reserved(t).MemoryBytes ?? 0) > 0;
  if (asks && (sum('NanoCPUs') > cpus * 1e9 || sum('MemoryBytes') > memTotal)) return on('insufficient resources on 1 node');
  if (!meets(node, t.Spec.Placement?.Constraints ?? [])) return on('scheduling constraints not satisfied on 1 node');
  const ports = (t.EndpointSpec?.Ports ?? []).filter((p) => p.PublishMode === 'host' && p.PublishedPort);
  const taken = others.some((x) =>
    x.EndpointSpec?.Ports?.some((p) => p.PublishMode === 'host' && ports.some((q) => q.PublishedPort === p.PublishedPort)),
  );
  if (ports.length > 0 && taken) return on('host-mode port already in use on 1 node');
  const most = t.Spec.Placement?.MaxReplicas ?? 0;
  if (most > 0 && others.filter((x) => x.ServiceID === t.ServiceID).length >= most) return on('max replicas per node limit exceed');
  return null;
}
