/** docker service: docker/cli, cli/command/service. */

import { binarySize, decode, formatDuration, humanDuration } from '../../../base';
import { ADJECTIVES, http, SURNAMES } from '../../../engine/for-clients';
import { err, failed, out, type Script, sys } from '../../driver';
import { formatList } from '../../formatter';
import { parseKeyValueFile } from '../../options/env';
import { type Command, CommandError, type Ctx, call, EngineError, get, pathOf, post, print, say, segment, warn } from '../api';
import { now, outside } from '../files';
import { show } from '../inspect';
import { formatted, natural } from '../output';
import { timeOfRfc3339, timestamp } from '../time';
import {
  type BlobJson,
  filters,
  type NodeJson,
  nodes,
  type ServiceJson,
  type ServiceSpec,
  service,
  services,
  type TaskJson,
  tasks,
} from './api';
import { serviceContext, serviceFormat, taskContext, taskFormat } from './formats';
import { type AskedFile, attachment, created, fileOf, updated } from './options';
import { converge } from './progress';
import { serviceType } from './types';

// ——— images

const withTag = (image: string): string => (/@|:[^/]*$/.test(image) ? image : `${image}:latest`);

/** What a registry says of an image goes into the spec; if it says nothing, the spec keeps the name, with a warning. */
export function* pinned(c: Ctx, spec: ServiceSpec): Script<string[]> {
  const k = spec.TaskTemplate.ContainerSpec;
  const image = withTag(k.Image);
  k.Image = image;
  try {
    const { Descriptor, Platforms } = yield* get<{ Descriptor: { digest: string }; Platforms: { architecture: string; os: string }[] }>(
      c,
      `/distribution/${segment(image)}/json`,
    );
    k.Image = image.includes('@') ? image : `${image}@${Descriptor.digest}`;
    const list = Platforms.map((p) => ({ Architecture: p.architecture, OS: p.os }));
    spec.TaskTemplate.Placement = { ...spec.TaskTemplate.Placement, Platforms: list };
    return [];
  } catch (e) {
    if (!(e instanceof EngineError)) throw e;
    return [
      `image ${image} could not be accessed on a registry to record\nits digest. Each node will access ${image} independently,\npossibly leading to different nodes running different\nversions of the image.\n`,
    ];
  }
}

// ——— what flags name

function* blobsOf(c: Ctx, kind: 'secret' | 'config', asked: readonly AskedFile[]): Script<Map<string, string>> {
  const names = [...new Set(asked.map((a) => a.source))];
  if (names.length === 0) return new Map();
  const all = yield* get<BlobJson[]>(c, pathOf(`/${kind}s`, { filters: filters({ name: names }) }));
  const found = new Map(all.map((b) => [b.Spec.Name, b.ID]));
  for (const name of names) if (!found.has(name)) throw new CommandError(`${kind} not found: ${name}`);
  return found;
}
function* secretRefs(c: Ctx, asked: readonly AskedFile[]) {
  const ids = yield* blobsOf(c, 'secret', asked);
  return asked.map(({ source, File }) => ({ File, SecretID: ids.get(source) as string, SecretName: source }));
}
function* configRefs(c: Ctx, asked: readonly AskedFile[]) {
  const ids = yield* blobsOf(c, 'config', asked);
  return asked.map(({ source, File }) => ({ File, ConfigID: ids.get(source) as string, ConfigName: source }));
}
function* networkRefs(c: Ctx, asked: readonly { name: string; aliases: string[] }[]) {
  const refs: { Target: string; Aliases?: string[] }[] = [];
  for (const { name, aliases } of asked) {
    const { Id } = yield* get<{ Id: string }>(c, `/networks/${segment(name)}?scope=swarm`);
    refs.push({ Target: Id, ...(aliases.length > 0 ? { Aliases: aliases } : {}) });
  }
  return refs.sort((a, b) => (a.Target < b.Target ? -1 : 1));
}

function* envFiles(c: Ctx): Script<string[]> {
  if (c.list('env-file').length === 0) return [];
  const r = yield* sys((s) => c.list('env-file').flatMap((f) => parseKeyValueFile(f, outside(s, c.env), (name) => c.env[name])));
  if (failed(r)) throw new CommandError(r.message);
  return r as string[];
}

// ——— create, update, scale, rollback, rm

const create: Command = function* (c) {
  const { spec, networks, secrets, configs } = created(c);
  const k = spec.TaskTemplate.ContainerSpec;
  const env = [...(yield* envFiles(c)), ...(k.Env ?? [])];
  if (env.length > 0) k.Env = env;
  if (secrets.length > 0) k.Secrets = yield* secretRefs(c, secrets);
  if (configs.length > 0) k.Configs = yield* configRefs(c, configs);
  if (networks.length > 0) spec.TaskTemplate.Networks = yield* networkRefs(c, networks);
  if (spec.Name === '') spec.Name = yield* freeName();
  const warnings = c.on('no-resolve-image') ? [] : yield* pinned(c, spec);
  const { ID } = yield* post<{ ID: string }>(c, '/services/create', spec);
  for (const w of warnings) yield* warn(w);
  yield* say(ID);
  return c.on('detach') ? 0 : yield* converge(c, ID, c.on('quiet'));
};

/** A name for a service that was given none. */
function* freeName(): Script<string> {
  const r = yield* sys((s) => [s.random(), s.random()]);
  const [a = 0, b = 0] = Array.isArray(r) ? (r as number[]) : [];
  const pick = (list: readonly string[], at: number) => list[Math.floor(at * list.length)] as string;
  return `${pick(ADJECTIVES, a)}_${pick(SURNAMES, b)}`;
}

function* send(c: Ctx, s: ServiceJson, spec: ServiceSpec, back = false): Script<void> {
  yield* call(c, 'POST', pathOf(`/services/${s.ID}/update`, { version: s.Version.Index, ...(back ? { rollback: 'previous' } : {}) }), spec);
}

const update: Command = function* (c) {
  const [name = ''] = c.args;
  const s = yield* service(c, name);
  if (c.on('rollback')) {
    yield* send(c, s, s.Spec, true);
    yield* say(name);
    return c.on('detach') ? 0 : yield* converge(c, name, c.on('quiet'));
  }
  const gone: string[] = [];
  for (const n of c.list('network-rm')) gone.push((yield* get<{ Id: string }>(c, `/networks/${segment(n)}?scope=swarm`)).Id);
  const spec = updated(c, s.Spec, {
    secrets: yield* secretRefs(c, c.list('secret-add').map(fileOf)),
    configs: yield* configRefs(c, c.list('config-add').map(fileOf)),
    networks: yield* networkRefs(c, c.list('network-add').map(attachment)),
    gone,
  });
  const warnings = c.given('image') && !c.on('no-resolve-image') ? yield* pinned(c, spec) : [];
  yield* send(c, s, spec);
  for (const w of warnings) yield* warn(w);
  yield* say(name);
  return c.on('detach') ? 0 : yield* converge(c, name, c.on('quiet'));
};

const rollback: Command = function* (c) {
  const [name = ''] = c.args;
  const s = yield* service(c, name);
  yield* send(c, s, s.Spec, true);
  yield* say(name);
  return c.on('detach') ? 0 : yield* converge(c, name, c.on('quiet'));
};

const SCALE =
  "invalid scale specifier '%s'.\nSee 'docker service scale --help'.\n\nUsage:  docker service scale SERVICE=REPLICAS [SERVICE=REPLICAS...]\n\nScale one or multiple replicated services";

const scale: Command = function* (c) {
  const errors: string[] = [];
  const done: string[] = [];
  for (const arg of c.args) if (!arg.includes('=')) throw new CommandError(SCALE.replace('%s', arg));
  for (const arg of c.args) {
    const [name = '', count = ''] = arg.split('=');
    if (!/^\d+$/.test(count)) {
      errors.push(`${name}: invalid replicas value ${count}: strconv.ParseUint: parsing ${JSON.stringify(count)}: invalid syntax`);
      continue;
    }
    try {
      const s = yield* service(c, name);
      const { Replicated, ReplicatedJob } = s.Spec.Mode;
      if (!Replicated && !ReplicatedJob) throw new CommandError('scale can only be used with replicated or replicated-job mode');
      const Mode = Replicated
        ? { Replicated: { Replicas: Number(count) } }
        : { ReplicatedJob: { ...ReplicatedJob, TotalCompletions: Number(count) } };
      yield* send(c, s, { ...s.Spec, Mode });
      yield* say(`${name} scaled to ${count}`);
      done.push(name);
    } catch (e) {
      if (!(e instanceof CommandError)) throw e;
      errors.push(`${name}: ${e.message}`);
    }
  }
  if (!c.on('detach')) for (const name of done) yield* converge(c, name, false);
  if (errors.length > 0) throw new CommandError(errors.join('\n'));
  return 0;
};

const rm: Command = function* (c) {
  const errors: string[] = [];
  for (const name of c.args) {
    try {
      yield* call(c, 'DELETE', `/services/${segment(name)}`);
      yield* say(name);
    } catch (e) {
      if (!(e instanceof CommandError)) throw e;
      errors.push(e.message);
    }
  }
  if (errors.length > 0) throw new CommandError(errors.join('\n'));
  return 0;
};

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

export const SERVICE_COMMANDS: Readonly<Record<string, Command>> = {
  'docker service create': create,
  'docker service update': update,
  'docker service rollback': rollback,
  'docker service scale': scale,
  'docker service rm': rm,
  'docker service ls': ls,
  'docker service ps': ps,
  'docker service inspect': inspect,
  'docker service logs': logs,
  'docker node ps': nodePs,
};
