/**
 * From what there is to what the file wants, service by service (docker/compose, pkg/compose/convergence.go, start.go).
 *
 *   create   networks, volumes, then each service's containers: kept, made anew when their hash differs, added, removed
 *   start    in the order of depends_on, each when what it waits for is there
 *
 * What is done at once to several services is asked for in turn and reported when all have been asked: when one fails, the
 * others are made or started all the same, and nothing comes after.
 * Past 400 lines because each step names what the next one waits for.
 * Simplified: what takes longer to make is not reported later.
 */

import { encode } from '../../../base';
import * as tar from '../../../base/tar';
import { graph, isMapping, type Mapping, type Project, servicesOf } from '../../../compose';
import { LABEL } from '../../../compose/labels';
import { type Script, sleep } from '../../driver';
import { CommandError, type Ctx, call, get, pathOf, post } from '../api';
import { now } from '../files';
import { type Container, containersOf, type Inspected, inspect } from './actual';
import { serviceHash } from './config';
import { tell, tellService } from './progress';
import { warning } from './project';
import { createRequest, imageOf, placeOf } from './request';
import { ensureNetworks, ensureVolumes, imageId } from './resources';
import { grace, removeAll, stopAll } from './stopping';

export interface CreateOptions {
  recreate: 'diverged' | 'force' | 'never';
  recreateDeps: 'diverged' | 'force' | 'never';
  /** Services that the command line names; the others are there for them. */
  named: readonly string[];
  /** Volumes without a name are made anew with their containers. */
  renewVolumes?: boolean;
  removeOrphans: boolean;
  ignoreOrphans: boolean;
  timeout?: number;
  scale: Readonly<Record<string, number>>;
}

export const scaleOf = (service: Mapping, name: string, scale: Readonly<Record<string, number>>): number => {
  if (scale[name] !== undefined) return scale[name] as number;
  const deploy = isMapping(service.deploy) ? service.deploy : {};
  return Number(service.scale ?? deploy.replicas ?? 1);
};

export const nameOf = (project: Project, name: string, service: Mapping, index: number): string =>
  typeof service.container_name === 'string' ? service.container_name : `${project.name}-${name}-${index}`;

/** Containers of services that the project does not have. */
export const orphansOf = (project: Project, containers: readonly Container[]): Container[] => {
  const known = { ...servicesOf(project.model), ...project.disabled };
  return containers.filter((x) => !Object.hasOwn(known, x.service));
};

export function* create(c: Ctx, whole: Project, project: Project, o: CreateOptions): Script<void> {
  const there = { networks: yield* ensureNetworks(c, project), volumes: yield* ensureVolumes(c, project, c.on('yes')) };
  const actual = yield* containersOf(c, project.name, { oneoff: 'with' });
  const orphans = [
    ...orphansOf(
      whole,
      actual.filter((x) => !x.oneoff),
    ),
    ...actual.filter((x) => x.oneoff && x.State !== 'running'),
  ];
  if (orphans.length > 0 && !o.ignoreOrphans) {
    if (o.removeOrphans) {
      yield* stopAll(
        c,
        orphans.filter((x) => x.State === 'running'),
        o.timeout,
      );
      yield* removeAll(c, orphans, false);
    } else
      yield* warning(
        `Found orphan containers ([${orphans.map((x) => x.name).join(' ')}]) for this project. If you removed or renamed this service in your compose file, you can run this command with the --remove-orphans flag to clean it up.`,
      );
  }
  const services = servicesOf(project.model);
  const all = actual.filter((x) => !x.oneoff);
  for (const row of graph.rows(services))
    yield* together(function* (atOnce) {
      for (const name of row) {
        const service = services[name] as Mapping;
        if (service.provider) throw new CommandError(`drydock: provider services are not modelled (${name})`);
        yield* convergeService(c, project, name, service, { all, there, o, atOnce });
      }
    });
}

/** A part of what is done at once: what follows when nothing has failed, if anything does. */
type Part = () => Script<(() => Script<void>) | undefined>;

/** Several things at once: all are begun; when one fails none is ended, and the first fault is thrown. */
function* together(each: (atOnce: (part: Part) => Script<void>) => Script<void>): Script<void> {
  let fault: CommandError | null = null;
  const rest: (() => Script<void>)[] = [];
  yield* each(function* (part) {
    try {
      const end = yield* part();
      if (end) rest.push(end);
    } catch (e) {
      if (!(e instanceof CommandError)) throw e;
      fault ??= e;
    }
  });
  if (fault) throw fault;
  for (const end of rest) yield* end();
}

/** What the services of a row share. */
interface Row {
  all: Container[];
  there: There;
  o: CreateOptions;
  atOnce: (part: Part) => Script<void>;
}

/** What the file's networks and volumes are on the engine: the id of each network, the name of each volume, by their keys. */
interface There {
  networks: Readonly<Record<string, string>>;
  volumes: Readonly<Record<string, string>>;
}

/** Whether a container that is as the file has it has lost a network, or mounts another volume. */
function isElsewhere(x: Container, service: Mapping, there: There): boolean {
  const ids = Object.values(x.NetworkSettings?.Networks ?? {}).map((n) => n.NetworkID);
  const networks = Object.keys(isMapping(service.networks) ? service.networks : {});
  if (x.State === 'running' && networks.some((key) => there.networks[key] !== undefined && !ids.includes(there.networks[key] as string)))
    return true;
  const mounted = (x.Mounts ?? []).filter((m) => m.Type === 'volume').map((m) => m.Name);
  return ((service.volumes ?? []) as Mapping[]).some(
    (v) =>
      v.type === 'volume' && there.volumes[String(v.source)] !== undefined && !mounted.includes(there.volumes[String(v.source)] as string),
  );
}

function* convergeService(c: Ctx, project: Project, name: string, service: Mapping, row: Row): Script<void> {
  const { all, there, o, atOnce } = row;
  const wanted = scaleOf(service, name, o.scale);
  if (wanted > 1 && service.container_name)
    throw new CommandError(
      `WARNING: The "${name}" service is using the custom container name "${service.container_name}". Docker requires each container to have a unique name. Remove the custom name to scale the service`,
    );
  const mine = all.filter((x) => x.service === name).sort((a, b) => a.number - b.number);
  const how = o.named.length === 0 || o.named.includes(name) ? o.recreate : o.recreateDeps;
  const image = yield* imageId(c, imageOf(project, name, service));
  const hash = serviceHash(service);
  const resolve = (other: string) => all.find((x) => x.service === other)?.Id;
  for (const [i, x] of mine.entries()) {
    if (i >= wanted) {
      yield* stopAll(c, [x], o.timeout);
      yield* removeAll(c, [x], false);
      all.splice(all.indexOf(x), 1);
      continue;
    }
    const differs =
      x.Labels?.[LABEL.hash] !== hash || (image !== null && x.Labels?.[LABEL.image] !== image) || isElsewhere(x, service, there);
    if (how === 'force' || (how === 'diverged' && differs)) {
      yield* atOnce(() => recreate(c, project, name, service, x, image ?? '', resolve, o, all));
      continue;
    }
    if (x.State === 'running') yield* tell('Container', x.name, 'Running');
  }
  let next = Math.max(0, ...mine.map((x) => x.number)) + 1;
  for (let n = mine.length; n < wanted; n++) {
    const container = nameOf(project, name, service, next);
    const number = next++;
    yield* atOnce(function* () {
      yield* tell('Container', container, 'Creating');
      try {
        yield* make(c, createRequest(project, name, service, container, number, image ?? '', resolve), container, all);
      } catch (e) {
        if (e instanceof CommandError) yield* tell('Container', container, e.message);
        throw e;
      }
      return () => tell('Container', container, 'Created');
    });
  }
}

function* make(c: Ctx, body: Mapping, name: string, all: Container[]): Script<string> {
  const made = yield* post<{ Id: string; Warnings?: string[] | null }>(c, pathOf('/containers/create', { name }), body);
  const { Id } = made;
  const labels = body.Labels as Record<string, string>;
  for (const w of made.Warnings ?? []) yield* tellService(labels[LABEL.service] ?? '', w);
  all.push({
    Id,
    Names: [`/${name}`],
    Image: String(body.Image),
    ImageID: '',
    Command: '',
    Created: 0,
    Ports: [],
    Labels: labels,
    State: 'created',
    Status: 'Created',
    name,
    service: labels[LABEL.service] ?? '',
    number: Number(labels[LABEL.number] ?? 0),
    oneoff: false,
  });
  return Id;
}

/** What a container has in volumes that neither its service nor its image gives a name: what is in them outlives it. */
function* namelessVolumes(c: Ctx, old: Container, service: Mapping, image: string): Script<Record<string, string>> {
  const { Mounts } = yield* inspect(c, old.Id);
  const config = image === '' ? null : (yield* get<{ Config: { Volumes?: Mapping | null } | null }>(c, `/images/${image}/json`)).Config;
  const asked = (Array.isArray(service.volumes) ? service.volumes : []).filter(isMapping);
  const nameless = (target: string) =>
    Object.hasOwn(config?.Volumes ?? {}, target)
      ? !asked.some((v) => v.target === target && v.source)
      : asked.some((v) => v.target === target && !v.source);
  return Object.fromEntries(
    Mounts.flatMap((m) => (m.Type === 'volume' && m.Name && nameless(m.Destination) ? [[m.Destination, m.Name]] : [])),
  );
}

/** The new one is made under another name beside the old one, which then makes room. */
function* recreate(
  c: Ctx,
  project: Project,
  name: string,
  service: Mapping,
  old: Container,
  image: string,
  resolve: (service: string) => string | undefined,
  o: CreateOptions,
  all: Container[],
): Script<() => Script<void>> {
  const final = nameOf(project, name, service, old.number);
  yield* tell('Container', old.name, 'Recreate');
  let id: string;
  try {
    const inherited = o.renewVolumes ? {} : yield* namelessVolumes(c, old, service, image);
    const body = createRequest(project, name, service, final, old.number, image, resolve, { inherited });
    const labels = { ...(body.Labels as Mapping), [LABEL.replace]: old.name };
    id = yield* make(c, { ...body, Labels: labels }, `${old.Id.slice(0, 12)}_${old.name.replace(/^[0-9a-f]{12}_/, '')}`, all);
  } catch (e) {
    if (e instanceof CommandError) yield* tell('Container', old.name, e.message);
    throw e;
  }
  return () => replace(c, old, id, final, o, all);
}

/** The old one goes, the new one takes its name. */
function* replace(c: Ctx, old: Container, id: string, final: string, o: CreateOptions, all: Container[]): Script<void> {
  try {
    yield* call(c, 'POST', pathOf(`/containers/${old.Id}/stop`, grace(o.timeout)));
    yield* call(c, 'DELETE', pathOf(`/containers/${old.Id}`));
    yield* call(c, 'POST', pathOf(`/containers/${id}/rename`, { name: final }));
    all.splice(all.indexOf(old), 1);
    const made = all.find((x) => x.Id === id);
    if (made) made.name = final;
  } catch (e) {
    if (e instanceof CommandError) yield* tell('Container', old.name, e.message);
    throw e;
  }
  yield* tell('Container', old.name, 'Recreated');
}

/** How long a wait sleeps before it looks again. */
const PAUSE = 500;

const stateOf = (x: Inspected) => x.State;

const COMPLETED = 'service_completed_successfully';

/** Whether a service is waited for longer than until it runs. */
const isWaitedFor = (how: Mapping) => how.condition === 'service_healthy' || how.condition === COMPLETED;

const needsOf = (service: Mapping): [string, Mapping][] =>
  Object.entries(isMapping(service.depends_on) ? service.depends_on : {}) as [string, Mapping][];

/** The services that others wait for until they have done their work. */
export const jobsOf = (project: Project): Set<string> =>
  new Set(
    Object.values(servicesOf(project.model)).flatMap((s) =>
      needsOf(s)
        .filter(([, how]) => how.condition === COMPLETED)
        .map(([name]) => name),
    ),
  );

/** Waits for what a service depends on. `untold`: without a word of it, but for what goes wrong. */
export function* waitForNeeds(c: Ctx, project: Project, service: Mapping, all: readonly Container[], untold = false): Script<void> {
  const say = function* (x: Container, words: string): Script<void> {
    if (!untold) yield* tell('Container', x.name, words);
  };
  for (const [name, how] of needsOf(service)) {
    if (!Object.hasOwn(servicesOf(project.model), name)) continue;
    if (!isWaitedFor(how)) continue;
    const containers = all.filter((x) => x.service === name && !x.oneoff);
    for (const x of containers) yield* say(x, 'Waiting');
    for (const x of containers) {
      const wrong = how.condition === 'service_healthy' ? yield* healthy(c, x, false) : yield* completed(c, name, x);
      if (wrong === null) {
        yield* say(x, how.condition === 'service_healthy' ? 'Healthy' : 'Exited');
        continue;
      }
      const words = how.condition === 'service_healthy' ? `dependency failed to start: ${wrong}` : wrong;
      if (how.required === false) {
        yield* say(x, `optional dependency "${name}" failed to start: ${wrong}`);
        if (untold)
          yield* warning(
            `optional dependency ${wrong.startsWith('service ') ? wrong.slice('service '.length) : `"${name}" failed to start: ${wrong}`}`,
          );
        continue;
      }
      yield* say(x, how.condition === 'service_healthy' ? 'Error' : wrong);
      throw new CommandError(words);
    }
  }
}

/** Waits until a container is healthy: null, or what is wrong. `orRunning`: one without a health check need only run. */
export function* healthy(c: Ctx, x: Container, orRunning: boolean, until?: () => Script<boolean>): Script<string | null> {
  for (;;) {
    const found = yield* inspect(c, x.Id);
    const state = stateOf(found);
    if (state.Status === 'exited' || state.Status === 'dead') return `container ${x.name} exited (${state.ExitCode})`;
    if (!state.Health) {
      if (!orRunning) return `container ${x.name} has no healthcheck configured`;
      if (state.Running) return null;
    } else if (state.Health.Status === 'healthy') return null;
    else if (state.Health.Status === 'unhealthy') return `container ${x.name} is unhealthy`;
    if (until && (yield* until())) return `timeout waiting for ${x.name}`;
    yield* sleep(PAUSE);
  }
}

export function* completed(c: Ctx, service: string, x: Container): Script<string | null> {
  for (;;) {
    const { State } = yield* inspect(c, x.Id);
    if (State.Status === 'exited' || State.Status === 'dead')
      return State.ExitCode === 0 ? null : `service "${service}" didn't complete successfully: exit ${State.ExitCode}`;
    yield* sleep(PAUSE);
  }
}

/** Secrets and configs that are no files: written into the container before it starts. */
function* inject(c: Ctx, project: Project, service: Mapping, id: string): Script<void> {
  for (const kind of ['secrets', 'configs'] as const)
    for (const reference of (Array.isArray(service[kind]) ? service[kind] : []) as Mapping[]) {
      const defined = (isMapping(project.model[kind]) ? project.model[kind] : {})[String(reference.source)];
      if (!isMapping(defined) || typeof defined.file === 'string' || defined.external === true) continue;
      let text = typeof defined.content === 'string' ? defined.content : undefined;
      if (typeof defined.environment === 'string') {
        text = project.environment[defined.environment];
        if (text === undefined)
          throw new CommandError(
            `environment variable "${defined.environment}" required by ${kind.slice(0, -1)} "${defined.name}" is not set`,
          );
      }
      if (text === undefined) continue;
      const data = encode(text);
      const archive = tar.writeTar([
        {
          name: placeOf(kind, reference).replace(/^\//, ''),
          type: 'file',
          mode: typeof reference.mode === 'string' ? Number.parseInt(reference.mode, 8) : 0o444,
          uid: Number(reference.uid ?? 0),
          gid: Number(reference.gid ?? 0),
          size: data.length,
          mtime: Math.floor(yield* now()),
          data,
        },
      ]);
      yield* call(c, 'PUT', pathOf(`/containers/${id}/archive`, { path: '/', copyUIDGID: true }), archive);
    }
}

export interface StartOptions {
  /** Tell of each start. */
  quiet?: boolean;
  /** Only these services; the others are not waited for. */
  only?: readonly string[];
}

/** Starts the containers of a project in their order. */
export function* start(c: Ctx, project: Project, o: StartOptions = {}): Script<void> {
  const services = servicesOf(project.model);
  const all = yield* containersOf(c, project.name);
  const waits = (name: string) => Number(Object.values(services[name]?.depends_on ?? {}).some((how) => isMapping(how) && isWaitedFor(how)));
  const down = new Set<string>();
  let fault: CommandError | null = null;
  for (const row of graph.rows(services)) {
    // Who waits for nobody has been started when somebody's wait comes to nothing.
    for (const name of row.sort((a, b) => waits(a) - waits(b)))
      try {
        const service = services[name] as Mapping;
        if (graph.dependenciesOf(service).some((need) => down.has(need))) down.add(name);
        else yield* startService(c, project, name, service, all, o);
      } catch (e) {
        if (!(e instanceof CommandError)) throw e;
        down.add(name);
        fault ??= e;
      }
    if (fault && !isLate(fault)) throw fault;
  }
  if (fault) throw fault;
}

/** A port that is taken is found when others have long been started: its network is taken down again first. */
const isLate = (e: CommandError) => e.message.includes('failed to set up container networking');

function* startService(c: Ctx, project: Project, name: string, service: Mapping, all: readonly Container[], o: StartOptions): Script<void> {
  yield* waitForNeeds(c, project, service, all);
  yield* together(function* (atOnce) {
    for (const x of all.filter((x) => x.service === name && x.State !== 'running').sort((a, b) => a.number - b.number))
      yield* atOnce(function* () {
        yield* inject(c, project, service, x.Id);
        if (!o.quiet) yield* tell('Container', x.name, 'Starting');
        yield* call(c, 'POST', `/containers/${x.Id}/start`);
        if (!o.quiet) yield* tell('Container', x.name, 'Started');
        return undefined;
      });
  });
}
