/** Services as the API takes and gives them: swarmkit manager/controlapi/service.go, moby daemon/cluster/services.go and convert/. */

import { type Daemon, invalid, rfc3339 } from '../daemon';
import { type Filters, known, labelMatch } from '../filters';
import * as networks from './networks';
import { abandon } from './orchestrate';
import * as rollout from './rollout';
import { parse } from './schedule';
import { before, type Service, type ServiceSpec, type UpdateConfig } from './state';
import { blob, change, created, drop, need, put, rpc, service, servicesOf, tasksOf } from './store';

const ORDERS = ['', 'stop-first', 'start-first'];
const ACTIONS = ['', 'pause', 'continue', 'rollback'];

/** convert.ServiceSpecToGRPC: words that mean nothing are refused before the manager sees them. */
function convert(spec: ServiceSpec) {
  const { RestartPolicy } = spec.TaskTemplate;
  if (!['', 'none', 'on-failure', 'any'].includes(RestartPolicy?.Condition ?? ''))
    throw invalid(`invalid RestartCondition: ${JSON.stringify(RestartPolicy?.Condition)}`);
  for (const c of [spec.UpdateConfig, spec.RollbackConfig]) {
    if (!c) continue;
    if (!ACTIONS.includes(c.FailureAction ?? '')) throw invalid(`unrecognized update failure action ${c.FailureAction}`);
    if (!ORDERS.includes(c.Order ?? '')) throw invalid(`unrecognized update order ${c.Order}`);
  }
  if (!['', 'vip', 'dnsrr'].includes(spec.EndpointSpec?.Mode ?? ''))
    throw invalid(`invalid resolution mode: ${JSON.stringify(spec.EndpointSpec?.Mode)}`);
}

const DNS_NAME = /^[a-zA-Z0-9](?:[-_]*[A-Za-z0-9]+)*$/;

/** controlapi: what a manager refuses. */
function validate(d: Daemon, spec: ServiceSpec, id: string) {
  if (!DNS_NAME.test(spec.Name)) throw rpc('InvalidArgument', 'name must be valid as a DNS name component');
  if (spec.Name.length > 63) throw rpc('InvalidArgument', 'name must be 63 characters or fewer');
  for (const c of spec.TaskTemplate.Placement?.Constraints ?? []) parse(c);
  const c = spec.TaskTemplate.ContainerSpec;
  for (const [what, refs] of [
    ['secret', c.Secrets],
    ['config', c.Configs],
  ] as const) {
    const seen = new Map<string, string>();
    for (const r of refs ?? []) {
      const [own, target] = ['SecretName' in r ? r.SecretName : r.ConfigName, r.File?.Name ?? ''];
      if (seen.has(target)) {
        const other = seen.get(target);
        throw rpc('InvalidArgument', `${what} references '${other}' and '${own}' have a conflicting target: '${target}'`);
      }
      seen.set(target, own);
    }
  }
  if ((spec.EndpointSpec?.Mode ?? 'vip') === 'dnsrr' && spec.EndpointSpec?.Ports?.some((p) => p.PublishMode !== 'host'))
    throw rpc('InvalidArgument', "EndpointSpec: port published with ingress mode can't be used with dnsrr mode");
  const seen = new Set<string>();
  for (const p of spec.EndpointSpec?.Ports ?? []) {
    const key = `${p.PublishedPort} ${p.Protocol} ${p.PublishMode}`;
    if (p.PublishedPort && seen.has(key)) throw rpc('InvalidArgument', 'EndpointSpec: duplicate published ports provided');
    seen.add(key);
  }
  networks.checkPorts(d, id, spec);
  const { Limits = {}, Reservations = {} } = spec.TaskTemplate.Resources ?? {};
  for (const r of [Limits, Reservations]) {
    if (r.MemoryBytes && r.MemoryBytes < 4 * 1024 * 1024)
      throw rpc('InvalidArgument', `invalid memory value ${r.MemoryBytes}: Must be at least 4MiB`);
    if (r.NanoCPUs && r.NanoCPUs < 1e6) throw rpc('InvalidArgument', `invalid cpu value ${r.NanoCPUs / 1e9}: Must be at least 0.001`);
  }
  const { Replicated } = spec.Mode;
  if ((Replicated?.Replicas ?? 0) < 0) throw rpc('InvalidArgument', 'Number of replicas must be non-negative');
  if (spec.TaskTemplate.ContainerSpec.Image === '') throw rpc('InvalidArgument', 'ContainerSpec: image reference must be provided');
}

/** Networks by id, and what is known of secrets and configs. */
function resolved(d: Daemon, spec: ServiceSpec): ServiceSpec {
  const Networks = spec.TaskTemplate.Networks?.map((a) => {
    const n = networks.target(d, a.Target);
    if (n.Ingress) throw rpc('InvalidArgument', 'Service cannot be explicitly attached to the ingress network "ingress"');
    return { ...a, Target: n.Id };
  });
  const c = spec.TaskTemplate.ContainerSpec;
  for (const r of c.Secrets ?? []) blob(d, 'secrets', r.SecretID);
  for (const r of c.Configs ?? []) blob(d, 'configs', r.ConfigID);
  const TaskTemplate = { ...spec.TaskTemplate, ...(Networks?.length ? { Networks } : {}), ForceUpdate: spec.TaskTemplate.ForceUpdate ?? 0 };
  const EndpointSpec = spec.EndpointSpec && { Mode: 'vip' as const, ...spec.EndpointSpec };
  return {
    ...spec,
    ...(EndpointSpec ? { EndpointSpec } : {}),
    Labels: spec.Labels ?? {},
    TaskTemplate,
    Mode: Object.keys(spec.Mode ?? {}).length > 0 ? spec.Mode : { Replicated: { Replicas: 1 } },
  };
}

export const isJob = (spec: ServiceSpec): boolean => !!(spec.Mode.ReplicatedJob || spec.Mode.GlobalJob);

/** POST /services/create. */
export function create(d: Daemon, asked: ServiceSpec): { ID: string } {
  need(d);
  convert(asked);
  const spec = resolved(d, asked);
  validate(d, spec, '');
  if (servicesOf(d).some((s) => s.Spec.Name === spec.Name))
    throw rpc('AlreadyExists', `name conflicts with an existing object: service ${spec.Name} already exists`);
  const meta = created(d);
  const s: Service = {
    ...meta,
    Spec: spec,
    Endpoint: networks.endpoint(d, { ID: meta.ID, Spec: spec }),
    ...(isJob(spec) ? { Job: { Iteration: 0, LastExecution: meta.CreatedAt } } : {}),
    rollout: null,
  };
  put(d, 'services', s);
  d.event('service', 'create', s.ID, { name: spec.Name });
  // What the allocator has given it is a change of it.
  d.event('service', 'update', s.ID, { name: spec.Name });
  return { ID: s.ID };
}

const modeName = ({ Mode }: ServiceSpec) => Object.keys(Mode)[0];

/** POST /services/{id}/update; `rollback`: to the spec before the last one. */
export function update(d: Daemon, ref: string, version: number, asked: ServiceSpec, back: boolean) {
  const s = service(d, ref);
  convert(asked);
  const spec = resolved(d, asked);
  validate(d, spec, s.ID);
  if (version !== s.Version) throw rpc('Unknown', 'update out of sequence');
  if (spec.Name !== s.Spec.Name) throw rpc('Unimplemented', 'renaming services is not supported');
  if (modeName(spec) !== modeName(s.Spec)) throw rpc('Unimplemented', 'service mode change is not allowed');
  const event: Record<string, string> = { name: spec.Name };
  if (back) {
    if (!s.PreviousSpec) throw rpc('FailedPrecondition', `service ${s.ID} does not have a previous spec`);
    rollout.rollBack(d, s, 'manually requested rollback', true);
  } else {
    const was = [s.Spec, spec].map((x) => x.Mode.Replicated?.Replicas);
    if (was[0] !== was[1]) Object.assign(event, { 'replicas.new': `${was[1]}`, 'replicas.old': `${was[0]}` });
    change(d, 'services', s, {
      Spec: spec,
      PreviousSpec: s.Spec,
      Endpoint: networks.endpoint(d, { ID: s.ID, Spec: spec }, s.Endpoint),
      UpdateStatus: undefined,
      rollout: null,
      ...(s.Job ? { Job: { Iteration: s.Job.Iteration + 1, LastExecution: d.now() } } : {}),
    });
  }
  d.event('service', 'update', s.ID, event);
}

/** DELETE /services/{id}. */
export function remove(d: Daemon, ref: string) {
  const s = service(d, ref);
  networks.dropEndpoint(d, s);
  drop(d, 'services', s.ID);
  abandon(d, s);
  d.event('service', 'remove', s.ID, { name: s.Spec.Name });
}

// ——— shown

const UPDATE: UpdateConfig = { Parallelism: 1, FailureAction: 'pause', Monitor: 5e9, MaxFailureRatio: 0, Order: 'stop-first' };
const updateConfig = (own: UpdateConfig | undefined): UpdateConfig => ({
  Parallelism: own?.Parallelism ?? 1,
  ...(own?.Delay ? { Delay: own.Delay } : {}),
  FailureAction: own?.FailureAction || 'pause',
  Monitor: own?.Monitor || UPDATE.Monitor,
  MaxFailureRatio: own?.MaxFailureRatio ?? 0,
  Order: own?.Order || 'stop-first',
});

/** What the manager sees in what was left out: api/defaults. Fields in the API's order. */
function withDefaults(spec: ServiceSpec): ServiceSpec {
  const t = spec.TaskTemplate;
  const c = { StopGracePeriod: 10e9, DNSConfig: {}, ...t.ContainerSpec };
  const p = t.RestartPolicy;
  return {
    Name: spec.Name,
    Labels: spec.Labels,
    TaskTemplate: inTaskOrder({
      ...t,
      ContainerSpec: inContainerOrder(c),
      Resources: t.Resources ?? { Limits: {}, Reservations: {} },
      RestartPolicy: {
        Condition: p?.Condition || 'any',
        Delay: p?.Delay ?? 5e9,
        MaxAttempts: p?.MaxAttempts ?? 0,
        ...(p?.Window ? { Window: p.Window } : {}),
      },
      Placement: t.Placement ?? {},
    }),
    Mode: spec.Mode,
    UpdateConfig: updateConfig(spec.UpdateConfig),
    RollbackConfig: updateConfig(spec.RollbackConfig),
    ...(spec.EndpointSpec ? { EndpointSpec: spec.EndpointSpec } : {}),
  };
}

const picked = <T extends object>(o: T, keys: readonly string[]): T =>
  Object.fromEntries(
    [...keys, ...Object.keys(o).filter((k) => !keys.includes(k))].flatMap((k) => {
      const v = (o as Record<string, unknown>)[k];
      return v === undefined ? [] : [[k, v]];
    }),
  ) as T;
const inOrder = (s: ServiceSpec) => picked(s, ['Name', 'Labels', 'TaskTemplate', 'Mode', 'UpdateConfig', 'RollbackConfig', 'EndpointSpec']);
const inTaskOrder = (t: ServiceSpec['TaskTemplate']) =>
  picked({ ...t, Runtime: 'container' }, [
    'ContainerSpec',
    'Resources',
    'RestartPolicy',
    'Placement',
    'Networks',
    'LogDriver',
    'ForceUpdate',
    'Runtime',
  ]);
const CONTAINER = [
  ...['Image', 'Labels', 'Command', 'Args', 'Hostname', 'Env', 'Dir', 'User', 'Groups', 'Privileges', 'Init', 'StopSignal', 'TTY'],
  ...['OpenStdin', 'ReadOnly', 'Mounts', 'StopGracePeriod', 'Healthcheck', 'Hosts', 'DNSConfig', 'Secrets', 'Configs', 'Isolation'],
];
const inContainerOrder = (c: ServiceSpec['TaskTemplate']['ContainerSpec']) => picked(c, CONTAINER);

export function json(d: Daemon, s: Service, o: { defaults: boolean; status?: boolean }) {
  const { UpdateStatus: u } = s;
  const shown = (spec: ServiceSpec) => (o.defaults ? withDefaults(spec) : inOrder(spec));
  return {
    ID: s.ID,
    Version: { Index: s.Version },
    CreatedAt: rfc3339(s.CreatedAt),
    UpdatedAt: rfc3339(s.UpdatedAt),
    Spec: shown(s.Spec),
    ...(s.PreviousSpec ? { PreviousSpec: picked(s.PreviousSpec, ['Name', 'Labels', 'TaskTemplate', 'Mode']) } : {}),
    Endpoint: s.Endpoint,
    ...(u
      ? {
          UpdateStatus: {
            State: u.State,
            StartedAt: rfc3339(u.StartedAt),
            ...(u.CompletedAt ? { CompletedAt: rfc3339(u.CompletedAt) } : {}),
            Message: u.Message,
          },
        }
      : {}),
    ...(o.status ? { ServiceStatus: statusOf(d, s) } : {}),
    ...(s.Job
      ? {
          JobStatus: {
            JobIteration: s.Job.Iteration === 0 ? {} : { Index: s.Job.Iteration },
            LastExecution: rfc3339(s.Job.LastExecution),
          },
        }
      : {}),
  };
}

/** ListServiceStatuses: what runs, and what is to. */
function statusOf(d: Daemon, s: Service) {
  const tasks = tasksOf(d, s.ID).filter((t) => !s.Job || t.Job?.Index === s.Job.Iteration);
  const { Replicated, ReplicatedJob, GlobalJob } = s.Spec.Mode;
  const count = (state: string) => tasks.filter((t) => t.Status.State === state).length;
  const DesiredTasks = Replicated
    ? (Replicated.Replicas ?? 0)
    : ReplicatedJob
      ? (ReplicatedJob.MaxConcurrent ?? 1)
      : tasks.filter((t) =>
          GlobalJob ? t.DesiredState === 'complete' && before(t.Status.State, 'complete') : t.DesiredState === 'running',
        ).length;
  return { RunningTasks: count('running'), DesiredTasks, CompletedTasks: s.Job ? count('complete') : 0 };
}

const MODES: Readonly<Record<string, string>> = {
  Replicated: 'replicated',
  Global: 'global',
  ReplicatedJob: 'replicated-job',
  GlobalJob: 'global-job',
};

/** GET /services. */
export function list(d: Daemon, f: Filters): Service[] {
  known(f, ['name', 'id', 'label', 'mode', 'runtime']);
  return servicesOf(d)
    .filter(
      (s) =>
        (!f.name || f.name.some((n) => s.Spec.Name.startsWith(n))) &&
        (!f.id || f.id.some((i) => s.ID.startsWith(i))) &&
        (!f.mode || f.mode.includes(MODES[modeName(s.Spec) ?? ''] ?? '')) &&
        (!f.label || labelMatch(s.Spec.Labels, f.label)),
    )
    .sort((a, b) => (a.ID < b.ID ? -1 : 1));
}
