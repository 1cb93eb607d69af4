/** docker service ls, ps, inspect and logs, and docker node ps: what is told of services. docker/cli, cli/command/service. */

import { binarySize, decode, formatDuration, humanDuration } from '../../../base';
import { http } from '../../../engine/for-clients';
import { err, out, type Script } from '../../driver';
import { formatList } from '../../formatter';
import { type Command, CommandError, type Ctx, call, EngineError, get, pathOf, print, say, segment } from '../api';
import { now } from '../files';
import { show } from '../inspect';
import { formatted, natural } from '../output';
import { timeOfRfc3339, timestamp } from '../time';
import { type NodeJson, nodes, type ServiceJson, type ServiceSpec, service, services, type TaskJson, tasks } from './api';
import { serviceContext, serviceFormat, taskContext, taskFormat } from './formats';
import { serviceType } from './types';

// ——— ls, ps

export function filterMap(list: readonly string[]): Record<string, string[]> {
  const f: Record<string, string[]> = {};
  for (const text of list) {
    const [key = '', ...rest] = text.split('=');
    f[key] = [...(f[key] ?? []), rest.join('=')];
  }
  return f;
}

export function* printServices(c: Ctx, all: readonly ServiceJson[]): Script {
  const rows = [...all].sort((a, b) => natural(a.Spec.Name, b.Spec.Name));
  const options = { trunc: true, now: yield* now() };
  yield* print(yield* formatted(() => formatList(serviceContext, serviceFormat(c.text('format'), c.on('quiet')), rows, options)));
  return 0;
}

const ls: Command = function* (c) {
  return yield* printServices(c, yield* services(c, filterMap(c.list('filter')), true));
};

/** Tasks as rows: by name, newest first, those before it indented. */
export function* printTasks(c: Ctx, all: readonly TaskJson[]): Script {
  const known = new Map((yield* services(c)).map((s) => [s.ID, s.Spec.Name]));
  const hosts = new Map((yield* nodes(c)).map((n: NodeJson) => [n.ID, n.Description.Hostname]));
  const raw = c.on('no-resolve');
  const nameOf = (t: TaskJson) => {
    const own = raw ? t.ServiceID : (known.get(t.ServiceID) ?? t.ServiceID);
    return `${own}.${t.Slot ? t.Slot : t.NodeID}`;
  };
  const sorted = [...all].sort((a, b) => natural(nameOf(a), nameOf(b)) || b.Version.Index - a.Version.Index || 0);
  const byAge = [...sorted].sort((a, b) => natural(nameOf(a), nameOf(b)) || timeOfRfc3339(b.CreatedAt) - timeOfRfc3339(a.CreatedAt));
  let last = '';
  const indent = (c.text('format') === '' && !c.on('quiet')) || c.text('format').startsWith('table');
  const rows = byAge.map((t) => {
    const name = nameOf(t);
    const again = name === last;
    last = name;
    return {
      id: t.ID,
      name: again && indent ? ` \\_ ${name}` : name,
      image: t.Spec.ContainerSpec.Image,
      node: raw ? (t.NodeID ?? '') : (hosts.get(t.NodeID ?? '') ?? ''),
      desired: t.DesiredState,
      state: t.Status.State,
      at: t.Status.Timestamp,
      error: t.Status.Err ?? '',
      ports: t.Status.PortStatus?.Ports ?? [],
    };
  });
  const options = { trunc: !c.on('no-trunc'), now: yield* now() };
  yield* print(yield* formatted(() => formatList(taskContext, taskFormat(c.text('format'), c.on('quiet')), rows, options)));
  return 0;
}

const ps: Command = function* (c) {
  const own = yield* services(c, { id: c.args });
  const named = yield* services(c, { name: c.args });
  const errors: string[] = [];
  const wanted: string[] = [];
  for (const ref of c.args) {
    const hit = own.find((s) => s.ID === ref) ?? named.find((s) => s.Spec.Name === ref) ?? own.find((s) => s.ID.startsWith(ref));
    if (hit) wanted.push(hit.ID);
    else errors.push(`no such service: ${ref}`);
  }
  if (wanted.length === 0) throw new CommandError(errors.join('\n'));
  const f = filterMap(c.list('filter'));
  const all = yield* tasks(c, { ...f, service: wanted });
  yield* printTasks(c, all);
  if (errors.length > 0) throw new CommandError(errors.join('\n'));
  return 0;
};

const nodePs: Command = function* (c) {
  const { Swarm } = yield* get<{ Swarm: { NodeID: string } }>(c, '/info');
  const refs = (c.args.length > 0 ? c.args : ['self']).map((r) => (r === 'self' ? Swarm.NodeID : r));
  const all: TaskJson[] = [];
  for (const ref of refs) {
    const { ID } = yield* get<NodeJson>(c, `/nodes/${segment(ref)}`);
    all.push(...(yield* tasks(c, { ...filterMap(c.list('filter')), node: [ID] })));
  }
  return yield* printTasks(c, all);
};

// ——— inspect

const list = (key: string, items: readonly string[] | undefined) => (items?.length ? [`${key}${items.join(' ')} `] : []);

function updateLines(name: 'Update' | 'Rollback', u: ServiceSpec['UpdateConfig']): string[] {
  if (!u) return [];
  return [
    `${name}Config:`,
    ` Parallelism:\t${u.Parallelism}`,
    ...(u.Delay ? [` Delay:\t\t${formatDuration(u.Delay)}`] : []),
    ` On failure:\t${u.FailureAction}`,
    ` Monitoring Period: ${formatDuration(u.Monitor ?? 0)}`,
    ` Max failure ratio: ${u.MaxFailureRatio}`,
    ` ${name} order:${name === 'Update' ? '      ' : '    '}${u.Order}`,
  ];
}

function resourceLines(r: ServiceSpec['TaskTemplate']['Resources']): string[] {
  if (!r) return [];
  const lines = (o: { NanoCPUs?: number; MemoryBytes?: number; Pids?: number } | undefined, title: string) =>
    o && Object.keys(o).length > 0
      ? [
          ` ${title}:`,
          ...(o.NanoCPUs ? [`  CPU:\t\t${o.NanoCPUs / 1e9}`] : []),
          ...(o.MemoryBytes ? [`  Memory:\t${binarySize(o.MemoryBytes)}`] : []),
          ...(o.Pids ? [`  PIDs:\t\t${o.Pids}`] : []),
        ]
      : [];
  return ['Resources:', ...lines(r.Reservations, 'Reservations'), ...lines(r.Limits, 'Limits')];
}

function* pretty(c: Ctx, s: ServiceJson): Script<string> {
  const { Spec } = s;
  const t = Spec.TaskTemplate;
  const k = t.ContainerSpec;
  const at = yield* now();
  const ago = (time: string) => `${humanDuration((at - timeOfRfc3339(time)) * 1e9)} ago`;
  const labels = Object.entries(Spec.Labels ?? {});
  const names: string[] = [];
  for (const n of t.Networks ?? []) names.push((yield* get<{ Name: string }>(c, `/networks/${segment(n.Target)}`)).Name);
  const u = s.UpdateStatus;
  const mode = Spec.Mode.Global
    ? ['\tGlobal']
    : Spec.Mode.Replicated
      ? ['\tReplicated', ` Replicas:\t${Spec.Mode.Replicated.Replicas}`]
      : [''];
  const [modeName, ...modeMore] = mode;
  const placement = t.Placement;
  return [
    '',
    `ID:\t\t${s.ID}`,
    `Name:\t\t${Spec.Name}`,
    ...(labels.length > 0 ? ['Labels:', ...labels.map(([key, v]) => ` ${key}${v ? `=${v}` : ''}`)] : []),
    `Service Mode:${modeName}`,
    ...modeMore,
    ...(u
      ? [
          'UpdateStatus:',
          ` State:\t\t${u.State}`,
          ` Started:\t${ago(u.StartedAt)}`,
          ...(u.CompletedAt ? [` Completed:\t${ago(u.CompletedAt)}`] : []),
          ` Message:\t${u.Message}`,
        ]
      : []),
    'Placement:',
    ...(placement?.Constraints?.length ? [` Constraints:\t[${placement.Constraints.join(' ')}]`] : []),
    ...(placement?.MaxReplicas ? [` Max Replicas Per Node:   ${placement.MaxReplicas}`] : []),
    ...updateLines('Update', Spec.UpdateConfig),
    ...updateLines('Rollback', Spec.RollbackConfig),
    'ContainerSpec:',
    ` Image:\t\t${k.Image}`,
    ...list(' Args:\t\t', k.Args),
    ...list(' Env:\t\t', k.Env),
    ...(k.Dir ? [` Dir:\t\t${k.Dir}`] : []),
    ...(k.User ? [` User: ${k.User}`] : []),
    ...(k.Init === undefined ? [] : [` Init:\t\t${k.Init}`]),
    ...(k.Mounts?.length
      ? [
          'Mounts:',
          ...k.Mounts.flatMap((m) => [
            ` Target:\t${m.Target}`,
            `  Source:\t${m.Source ?? ''}`,
            `  ReadOnly:\t${!!m.ReadOnly}`,
            `  Type:\t\t${m.Type}`,
          ]),
        ]
      : []),
    ...(k.Configs?.length ? ['Configs:', ...k.Configs.map((r) => ` Target:\t${r.File.Name}\n  Source:\t${r.ConfigName}`)] : []),
    ...(k.Secrets?.length ? ['Secrets:', ...k.Secrets.map((r) => ` Target:\t${r.File.Name}\n  Source:\t${r.SecretName}`)] : []),
    ...resourceLines(t.Resources),
    ...(names.length > 0 ? [`Networks: ${names.join(' ')} `] : []),
    `Endpoint Mode:\t${s.Endpoint.Spec.Mode ?? Spec.EndpointSpec?.Mode ?? ''}`,
    ...(s.Endpoint.Ports?.length
      ? [
          'Ports:',
          ...s.Endpoint.Ports.map(
            (p) =>
              ` PublishedPort = ${p.PublishedPort}\n  Protocol = ${p.Protocol}\n  TargetPort = ${p.TargetPort}\n  PublishMode = ${p.PublishMode}`,
          ),
        ]
      : []),
    '',
  ].join('\n');
}

const noService = (e: unknown, name: string) =>
  e instanceof EngineError && e.http === 404 ? new CommandError(`Error: no such service: ${name}`) : e;

const inspect: Command = function* (c) {
  if (c.on('pretty')) {
    if (c.given('format')) throw new CommandError('--format is incompatible with human friendly format');
    for (const name of c.args) {
      try {
        yield* say(yield* pretty(c, yield* service(c, name, true)));
      } catch (e) {
        throw noService(e, name);
      }
    }
    return 0;
  }
  return yield* show(c.text('format'), c.args, function* (name) {
    try {
      const { body } = yield* call(c, 'GET', `/services/${segment(name)}?insertDefaults=true`);
      return { type: serviceType, json: decode(body).trim() };
    } catch (e) {
      throw noService(e, name);
    }
  });
};

// ——— logs

const logs: Command = function* (c) {
  const [name = ''] = c.args;
  if (c.on('follow'))
    throw new CommandError('drydock: docker service logs --follow is not modelled; without it all lines so far are shown');
  const at = yield* now();
  const query = {
    stdout: '1',
    stderr: '1',
    details: '1',
    timestamps: c.on('timestamps') ? '1' : undefined,
    tail: c.text('tail'),
    since: timestamp(c.text('since'), at, 'since'),
  };
  let body: string;
  try {
    const s = yield* service(c, name);
    body = (yield* call(c, 'GET', pathOf(`/services/${s.ID}/logs`, query))).body;
  } catch (e) {
    if (!(e instanceof EngineError) || e.http !== 404) throw e;
    try {
      body = (yield* call(c, 'GET', pathOf(`/tasks/${segment(name)}/logs`, query))).body;
    } catch (f) {
      throw f instanceof EngineError && f.http === 404 ? new CommandError(`no such task or service: ${name}`) : f;
    }
  }
  const known = new Map((yield* services(c)).map((s) => [s.ID, s.Spec.Name]));
  const all = new Map((yield* get<TaskJson[]>(c, '/tasks')).map((t) => [t.ID, t]));
  const hosts = new Map((yield* nodes(c)).map((n) => [n.ID, n.Description.Hostname]));
  const lines: { to: 1 | 2; who: string; text: string; stamp: string }[] = [];
  for (const f of http.unframe(body).frames)
    for (const whole of f.data.match(/[^\n]*\n|[^\n]+$/g) ?? []) {
      const stamped = c.on('timestamps') ? whole.indexOf(' ') + 1 : 0;
      const rest = whole.slice(stamped);
      const details = Object.fromEntries((rest.split(' ')[0] ?? '').split(',').map((p) => p.split('=') as [string, string]));
      const t = all.get(details['com.docker.swarm.task.id'] ?? '');
      const service = c.on('no-resolve') ? (t?.ServiceID ?? '') : (known.get(t?.ServiceID ?? '') ?? '');
      const slot = t?.Slot ? `${t.Slot}` : (t?.NodeID ?? '');
      const id = c.on('no-task-ids') ? '' : `.${c.on('no-trunc') ? t?.ID : t?.ID.slice(0, 12)}`;
      const node = c.on('no-resolve') ? (t?.NodeID ?? '') : (hosts.get(t?.NodeID ?? '') ?? '');
      lines.push({
        to: f.stream === 2 ? 2 : 1,
        who: `${service}.${slot}${id}@${node}`,
        text: rest.slice(rest.indexOf(' ') + 1),
        stamp: whole.slice(0, stamped),
      });
    }
  const width = Math.max(0, ...lines.map((l) => l.who.length));
  for (const l of lines) {
    const text = c.on('raw') ? `${l.stamp}${l.text}` : `${l.stamp}${l.who.padEnd(width)}    | ${l.text}`;
    yield* l.to === 2 ? err(text) : out(text);
  }
  return 0;
};

export const SHOWN: Readonly<Record<string, Command>> = {
  'docker service ls': ls,
  'docker service ps': ps,
  'docker service inspect': inspect,
  'docker service logs': logs,
  'docker node ps': nodePs,
};
