/** docker stack: docker/cli, cli/command/stack. A stack is a label on services, networks, secrets and configs. */

import { decode, encode64 } from '../../../base';
import { isMapping, type Mapping, paths, type Tree, toYaml } from '../../../compose';
import { failed, type Script, stdin, sys } from '../../driver';
import { formatList } from '../../formatter';
import { type Command, CommandError, type Ctx, call, EngineError, get, pathOf, post, print, say, segment, warn } from '../api';
import { now, outside } from '../files';
import { formatted, natural } from '../output';
import { type BlobJson, filters, type ServiceJson, services, tasks } from './api';
import { stackContext } from './formats';
import { converge } from './progress';
import { pinned } from './service';
import { filterMap, printServices, printTasks } from './service-show';
import { type Converted, convert, NAMESPACE, nameOf, networksOf, pairs, portsOf } from './stack-convert';
import { notices, pathIn, readStack, type StackFile, sectionOf } from './stack-file';

const of = (stack: string) => ({ label: [`${NAMESPACE}=${stack}`] });

interface NetworkJson {
  Id: string;
  Name: string;
  Scope: string;
  Labels: Record<string, string> | null;
}
const networks = (c: Ctx, stack: string) => get<NetworkJson[]>(c, pathOf('/networks', { filters: filters(of(stack)) }));
const blobs = (c: Ctx, kind: 'secrets' | 'configs', stack: string) =>
  get<BlobJson[]>(c, pathOf(`/${kind}`, { filters: filters(of(stack)) }));

/** The name of a stack that is to be: cli/command/stack/common.go. */
function checkName(name: string) {
  if (name.trim() === '' || /['"\s]/.test(name)) throw new CommandError(`invalid stack name: ${JSON.stringify(name)}`);
}

// ——— the file

function* fileOf(c: Ctx, interpolate = true): Script<StackFile> {
  const names = c.list('compose-file');
  if (names.length === 0) throw new CommandError('Specify a Compose file (with --compose-file)');
  const files: { name: string; text: string }[] = [];
  const cwd = yield* sys((s) => decode(s.getcwd()));
  const here = typeof cwd === 'string' ? cwd : '/';
  for (const name of names) {
    if (name === '-') {
      files.push({ name: 'stdin', text: decode(yield* stdin()) });
      continue;
    }
    const r = yield* sys((s) => outside(s, c.env).read(name));
    if (failed(r)) throw new CommandError(`open ${name}: ${r.message.toLowerCase()}`);
    const read = r as ReturnType<ReturnType<typeof outside>['read']>;
    if ('error' in read) throw new CommandError(`open ${name}: ${read.error}`);
    files.push({ name, text: decode(read.bytes) });
  }
  const first = names[0] as string;
  const dir = first === '-' ? here : paths.dirname(paths.resolve(here, first));
  return readStack(files, dir, (name) => c.env[name], { interpolate });
}

// ——— deploy

function* deployNetworks(c: Ctx, file: StackFile, stack: string, used: ReadonlySet<string>): Script<void> {
  const known = sectionOf(file, 'networks');
  const there = new Set((yield* networks(c, stack)).map((n) => n.Name));
  for (const key of [...used].sort()) {
    const own = known[key];
    const name = nameOf(stack, key, own);
    if (own?.external) {
      yield* checkExternal(c, name);
      continue;
    }
    if (there.has(name)) continue;
    yield* say(`Creating network ${name}`);
    const config = (isMapping(own?.ipam) && Array.isArray(own.ipam.config) ? own.ipam.config : []) as Mapping[];
    yield* post(c, '/networks/create', {
      Name: name,
      Driver: own?.driver ?? 'overlay',
      Scope: 'swarm',
      Internal: own?.internal === true,
      Attachable: own?.attachable === true,
      Options: pairs(own?.driver_opts),
      Labels: { ...pairs(own?.labels), [NAMESPACE]: stack },
      ...(config.length > 0 ? { IPAM: { Config: config.map((x) => ({ Subnet: x.subnet })) } } : {}),
    });
  }
}

function* checkExternal(c: Ctx, name: string): Script<void> {
  if (['host', 'bridge', 'none'].includes(name)) return;
  const missing = `network ${JSON.stringify(name)} is declared as external, but could not be found. You need to create a swarm-scoped network before the stack is deployed`;
  let n: NetworkJson;
  try {
    n = yield* get<NetworkJson>(c, `/networks/${segment(name)}`);
  } catch (e) {
    throw e instanceof EngineError && e.http === 404 ? new CommandError(missing) : e;
  }
  if (n.Scope !== 'swarm')
    throw new CommandError(
      `network ${JSON.stringify(name)} is declared as external, but it is not in the right scope: "${n.Scope}" instead of "swarm"`,
    );
}

function* deployBlobs(c: Ctx, file: StackFile, stack: string, kind: 'secrets' | 'configs'): Script<void> {
  const word = kind.slice(0, -1);
  for (const [key, own] of Object.entries(sectionOf(file, kind)).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (own.external) continue;
    const Name = nameOf(stack, key, own);
    const path = pathIn(file, String(own.file ?? ''));
    const r = yield* sys((s) => outside(s, c.env).read(path));
    const read = (failed(r) ? { error: r.message } : r) as { bytes: string } | { error: string };
    if ('error' in read) throw new CommandError(`open ${path}: ${read.error}`);
    const spec = { Name, Labels: { ...pairs(own.labels), [NAMESPACE]: stack }, Data: encode64(read.bytes).replace(/\n/g, '') };
    const [there] = (yield* get<BlobJson[]>(c, pathOf(`/${kind}`, { filters: filters({ name: [Name] }) }))).filter(
      (b) => b.Spec.Name === Name,
    );
    if (there) {
      try {
        yield* call(c, 'POST', pathOf(`/${kind}/${there.ID}/update`, { version: there.Version.Index }), spec);
      } catch (e) {
        throw e instanceof EngineError ? new CommandError(`failed to update ${word} ${Name}: ${e.message}`) : e;
      }
    } else {
      yield* say(`Creating ${word} ${Name}`);
      yield* post(c, `/${kind}/create`, spec);
    }
  }
}

/** Secrets and configs by their names in the swarm; networks by their ids. */
function* resolve(c: Ctx, s: Converted): Script<void> {
  const k = s.spec.TaskTemplate.ContainerSpec;
  const find = function* (kind: 'secrets' | 'configs', name: string): Script<string> {
    const all = yield* get<BlobJson[]>(c, pathOf(`/${kind}`, { filters: filters({ name: [name] }) }));
    const hit = all.find((b) => b.Spec.Name === name);
    if (!hit) throw new CommandError(`${kind.slice(0, -1)} not found: ${name}`);
    return hit.ID;
  };
  if (s.secrets.length > 0) {
    k.Secrets = [];
    for (const { name, File } of s.secrets) k.Secrets.push({ File, SecretID: yield* find('secrets', name), SecretName: name });
  }
  if (s.configs.length > 0) {
    k.Configs = [];
    for (const { name, File } of s.configs) k.Configs.push({ File, ConfigID: yield* find('configs', name), ConfigName: name });
  }
  const refs: NonNullable<ServiceSpecNetworks> = [];
  for (const { name, aliases } of s.networks) {
    const { Id } = yield* get<NetworkJson>(c, `/networks/${segment(name)}?scope=swarm`);
    refs.push({ Target: Id, Aliases: aliases });
  }
  s.spec.TaskTemplate.Networks = refs;
}
type ServiceSpecNetworks = Converted['spec']['TaskTemplate']['Networks'];

/** The image of a service that is there and asks for the same one stays pinned as it was. */
function* deployServices(c: Ctx, stack: string, all: readonly Converted[]): Script<string[]> {
  const there = new Map((yield* services(c, of(stack))).map((s) => [s.Spec.Name, s]));
  const ids: string[] = [];
  for (const s of all) {
    yield* resolve(c, s);
    const old = there.get(s.spec.Name);
    const how = c.text('resolve-image') || 'always';
    if (old) {
      yield* say(`Updating service ${s.spec.Name} (id: ${old.ID})`);
      const same = old.Spec.Labels['com.docker.stack.image'] === s.spec.Labels['com.docker.stack.image'];
      const ask = how === 'always' || (how === 'changed' && !same);
      if (!ask && same) s.spec.TaskTemplate.ContainerSpec.Image = old.Spec.TaskTemplate.ContainerSpec.Image;
      const warnings = ask ? yield* pinned(c, s.spec) : [];
      s.spec.TaskTemplate.ForceUpdate = old.Spec.TaskTemplate.ForceUpdate;
      yield* call(c, 'POST', pathOf(`/services/${old.ID}/update`, { version: old.Version.Index }), s.spec);
      for (const w of warnings) yield* warn(w);
      ids.push(old.ID);
      continue;
    }
    yield* say(`Creating service ${s.spec.Name}`);
    if (how !== 'never') yield* pinned(c, s.spec);
    ids.push((yield* post<{ ID: string }>(c, '/services/create', s.spec)).ID);
  }
  return ids;
}

const deploy: Command = function* (c) {
  const stack = c.args[0] as string;
  const how = c.text('resolve-image');
  if (!['always', 'changed', 'never'].includes(how)) throw new CommandError(`Invalid option ${how} for flag --resolve-image`);
  const file = yield* fileOf(c);
  checkName(stack);
  for (const text of notices(file)) yield* warn(text);
  const { Swarm } = yield* get<{ Swarm: { ControlAvailable: boolean } }>(c, '/info');
  if (!Swarm.ControlAvailable)
    throw new CommandError(
      'this node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again',
    );
  if (c.on('prune')) {
    const kept = new Set(Object.keys(sectionOf(file, 'services')).map((n) => `${stack}_${n}`));
    yield* removeServices(
      c,
      (yield* services(c, of(stack))).filter((s) => !kept.has(s.Spec.Name)),
    );
  }
  const known = sectionOf(file, 'services');
  yield* deployNetworks(c, file, stack, new Set(Object.entries(known).flatMap(([name, s]) => networksOf(s, name).map(([key]) => key))));
  yield* deployBlobs(c, file, stack, 'secrets');
  yield* deployBlobs(c, file, stack, 'configs');
  const r = yield* sys((s) => {
    const out = outside(s, c.env);
    return Object.entries(known).map(([name, own]) => wordsOf(() => convert(file, stack, name, own, out)));
  });
  if (failed(r)) throw new CommandError(r.message);
  const all = (r as (Converted | { fault: string })[]).map((x) => {
    if ('fault' in x) throw new CommandError(x.fault);
    return x;
  });
  const ids = yield* deployServices(c, stack, all);
  if (!c.on('detach')) for (const id of ids) yield* converge(c, id, c.on('quiet'));
  return 0;
};

/** A fault as data: what a system call gives back must be that. */
function wordsOf<T>(run: () => T): T | { fault: string } {
  try {
    return run();
  } catch (e) {
    if (!(e instanceof Error)) throw e;
    return { fault: e.message };
  }
}

// ——— config

/** Keys that docker writes in an order of its own: cli/compose/types. */
const FIRST = [
  ...['type', 'source', 'target', 'published', 'protocol', 'read_only', 'uid', 'gid'],
  ...['test', 'timeout', 'interval', 'retries', 'start_period', 'mode', 'replicas', 'labels', 'update_config', 'rollback_config'],
  ...[
    'parallelism',
    'delay',
    'failure_action',
    'monitor',
    'max_failure_ratio',
    'order',
    'resources',
    'limits',
    'reservations',
    'cpus',
    'memory',
  ],
  ...['restart_policy', 'condition', 'max_attempts', 'window', 'placement', 'constraints', 'endpoint_mode'],
];
const rank = (key: string) => (FIRST.includes(key) ? FIRST.indexOf(key) : -1);

/** Keys of a file in the order that docker writes them: `own`, where a struct has an order; else by name. */
const order = (t: Tree, own = false): Tree => {
  if (Array.isArray(t)) return t.map((x) => order(x, true));
  if (!isMapping(t)) return t;
  return Object.fromEntries(
    Object.entries(t)
      .sort(([a], [b]) => (own ? rank(a) - rank(b) : 0) || (a < b ? -1 : 1))
      .map(([k, v]) => [k, order(v, own || k === 'deploy' || k === 'healthcheck')]),
  );
};

const config: Command = function* (c) {
  const file = yield* fileOf(c, !c.on('skip-interpolation'));
  const services = Object.fromEntries(
    Object.entries(sectionOf(file, 'services')).map(([name, s]) => {
      const out: Mapping = { ...s };
      for (const key of ['command', 'entrypoint'] as const) if (typeof s[key] === 'string') out[key] = (s[key] as string).split(/\s+/);
      for (const key of ['secrets', 'configs'] as const)
        if (Array.isArray(s[key])) out[key] = (s[key] as Tree[]).map((x) => (typeof x === 'string' ? { source: x } : x));
      if (isMapping(s.deploy)) out.deploy = s.deploy;
      if (Array.isArray(s.ports))
        out.ports = portsOf(s.ports).map((p) => ({
          mode: p.PublishMode,
          target: p.TargetPort,
          ...(p.PublishedPort ? { published: p.PublishedPort } : {}),
          protocol: p.Protocol,
        }));
      if (Array.isArray(s.networks)) out.networks = Object.fromEntries(s.networks.map((n) => [String(n), null]));
      if (Array.isArray(s.environment)) out.environment = pairs(s.environment);
      return [name, order(out)];
    }),
  );
  const files = (section: 'secrets' | 'configs') =>
    Object.fromEntries(
      Object.entries(sectionOf(file, section)).map(([k, v]) => [k, typeof v.file === 'string' ? { ...v, file: pathIn(file, v.file) } : v]),
    );
  const tree: Mapping = { version: String(file.tree.version ?? '3.13'), services: order(services) };
  for (const key of ['networks', 'volumes'] as const) if (file.tree[key]) tree[key] = order(file.tree[key] as Tree);
  for (const key of ['secrets', 'configs'] as const) if (file.tree[key]) tree[key] = order(files(key));
  yield* print(toYaml(tree));
  return 0;
};

// ——— ls, ps, services, rm

const ls: Command = function* (c) {
  const all = yield* services(c, { label: [NAMESPACE] });
  const count = new Map<string, number>();
  for (const s of all) {
    const name = s.Spec.Labels[NAMESPACE] as string;
    count.set(name, (count.get(name) ?? 0) + 1);
  }
  const rows = [...count].map(([name, n]) => ({ name, services: n })).sort((a, b) => natural(a.name, b.name));
  const format = c.text('format');
  const shown = format === '' || format === 'table' ? String.raw`table {{.Name}}\t{{.Services}}` : format;
  const options = { trunc: true, now: yield* now() };
  yield* print(yield* formatted(() => formatList(stackContext, shown, rows, options)));
  return 0;
};

const list: Command = function* (c) {
  const [stack = ''] = c.args;
  const f = filterMap(c.list('filter'));
  const all = yield* services(c, { ...f, label: [...(f.label ?? []), `${NAMESPACE}=${stack}`] }, true);
  if (all.length === 0) {
    yield* warn(`Nothing found in stack: ${stack}`);
    return 0;
  }
  return yield* printServices(c, all);
};

const ps: Command = function* (c) {
  const [stack = ''] = c.args;
  const own = yield* services(c, of(stack));
  if (own.length === 0) throw new CommandError(`nothing found in stack: ${stack}`);
  return yield* printTasks(c, yield* tasks(c, { ...filterMap(c.list('filter')), service: own.map((s) => s.ID) }));
};

function* removeServices(c: Ctx, all: readonly ServiceJson[]): Script<void> {
  for (const s of [...all].sort((a, b) => natural(a.Spec.Name, b.Spec.Name))) {
    yield* say(`Removing service ${s.Spec.Name}`);
    yield* call(c, 'DELETE', `/services/${s.ID}`);
  }
}

const rm: Command = function* (c) {
  const errors: string[] = [];
  for (const stack of c.args) {
    const own = yield* services(c, of(stack));
    const nets = yield* networks(c, stack);
    const secrets = yield* blobs(c, 'secrets', stack);
    const configs = yield* blobs(c, 'configs', stack);
    if (own.length + nets.length + secrets.length + configs.length === 0) {
      yield* warn(`Nothing found in stack: ${stack}`);
      continue;
    }
    yield* removeServices(c, own);
    for (const [word, list] of [
      ['secret', secrets],
      ['config', configs],
    ] as const)
      for (const b of list) {
        yield* say(`Removing ${word} ${b.Spec.Name}`);
        yield* call(c, 'DELETE', `/${word}s/${b.ID}`);
      }
    for (const n of nets) {
      yield* say(`Removing network ${n.Name}`);
      try {
        yield* call(c, 'DELETE', `/networks/${n.Id}`);
      } catch (e) {
        if (!(e instanceof CommandError)) throw e;
        errors.push(`Failed to remove network ${n.Id}: ${e.message}`);
      }
    }
  }
  if (errors.length > 0) throw new CommandError(errors.join('\n'));
  return 0;
};

export const STACK_COMMANDS: Readonly<Record<string, Command>> = {
  'docker stack deploy': deploy,
  'docker stack config': config,
  'docker stack ls': ls,
  'docker stack ps': ps,
  'docker stack services': list,
  'docker stack rm': rm,
};
