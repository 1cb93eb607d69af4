import { ADJECTIVES, SURNAMES } from '../../../engine/for-clients';
import { failed, type Script, sys } from '../../driver';
import { parseKeyValueFile } from '../../options/env';
import { type Command, CommandError, type Ctx, call, EngineError, get, pathOf, post, say, segment, warn } from '../api';
import { outside } from '../files';
import { type BlobJson, filters, type ServiceJson, type ServiceSpec, service } from './api';
import { type AskedFile, attachment, created, fileOf, updated } from './options';
import { converge } from './progress';
import { SHOWN } from './service-show';

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

export const SERVICE_COMMANDS: Readonly<Record<string, Command>> = {
  'docker service create': create,
  'docker service update': update,
  'docker service rollback': rollback,
  'docker service scale': scale,
  'docker service rm': rm,
  ...SHOWN,
};
