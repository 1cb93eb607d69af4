/** docker compose down, stop, start, restart, kill, pause, unpause, rm (docker/compose, pkg/compose/down.go and its like). */

import { graph, isMapping, type Mapping, type Project, servicesOf } from '../../../compose';
import { LABEL } from '../../../compose/labels';
import type { Script } from '../../driver';
import { type Command, CommandError, type Ctx, call, EngineError, get, pathOf, print, segment, warn } from '../api';
import { confirm } from '../streams';
import { type Container, containersOf } from './actual';
import { orphansOf, start as startAll, waitForNeeds } from './converge';
import { tell } from './progress';
import { projectOrName, selected, warning } from './project';
import { imageOf } from './request';
import { removeAll, stopAll } from './stopping';

/** The command's project; without files, as its containers tell it. */
function* known(c: Ctx, names: readonly string[]): Script<{ project: Project; fromFiles: boolean; containers: Container[] }> {
  const asked = yield* projectOrName(c, names);
  const found = { ...asked, name: asked.name.toLowerCase() };
  const containers = yield* containersOf(c, found.name);
  if (found.project) return { project: found.project, fromFiles: true, containers };
  const services: Record<string, Mapping> = {};
  for (const x of containers) services[x.service] ??= dependsFrom(x);
  const project: Project = {
    name: found.name,
    directory: '',
    files: [],
    model: { name: found.name, services },
    disabled: {},
    profiles: [],
    environment: {},
    warnings: [],
  };
  return { project, fromFiles: false, containers };
}

/** What a container's label says that its service needs. */
function dependsFrom(x: Container): Mapping {
  const entries = (x.Labels?.[LABEL.dependsOn] ?? '').split(',').filter(Boolean);
  return {
    depends_on: Object.fromEntries(
      entries.map((e) => {
        const [name = '', condition = 'service_started', restart] = e.split(':');
        return [name, { condition, restart: restart === 'true', required: true }];
      }),
    ),
  };
}

export function checkNames(project: Project, names: readonly string[]): void {
  for (const name of names) if (!Object.hasOwn(servicesOf(project.model), name)) throw new CommandError(`no such service: ${name}`);
}

/** Rows of services, those first that nobody needs. */
const backwards = (project: Project): string[][] => graph.rows(servicesOf(project.model)).reverse();

const timeoutOf = (c: Ctx): number | undefined => (c.given('timeout') ? c.number('timeout') : undefined);

/** The containers that the command is about. */
const about = (containers: readonly Container[], project: Project, names: readonly string[]): Container[] =>
  containers.filter((x) => (names.length === 0 ? Object.hasOwn(servicesOf(project.model), x.service) : names.includes(x.service)));

export const stop: Command = function* (c) {
  const { project, containers } = yield* known(c, c.args);
  checkNames(project, c.args);
  for (const row of backwards(project)) {
    const mine = about(containers, project, c.args).filter((x) => row.includes(x.service));
    yield* stopAll(c, mine, timeoutOf(c));
  }
  return 0;
};

export const start: Command = function* (c) {
  const { project, containers, fromFiles } = yield* known(c, c.args);
  checkNames(project, c.args);
  if (!fromFiles && containers.length === 0) throw new CommandError(`no container found for project "${project.name}": not found`);
  const chosen = fromFiles ? selected(project, c.args, true) : project;
  for (const name of Object.keys(servicesOf(chosen.model)))
    if (containers.length === 0) throw new CommandError(`service "${name}" has no container to start`);
  yield* startAll(c, chosen, { only: c.args });
  return 0;
};

export const restart: Command = function* (c) {
  const { project, containers } = yield* known(c, c.args);
  checkNames(project, c.args);
  const follow = new Set(c.args);
  if (!c.on('no-deps'))
    for (const [name, s] of Object.entries(servicesOf(project.model)))
      for (const [need, how] of Object.entries(isMapping(s.depends_on) ? s.depends_on : {}))
        if (follow.has(need) && isMapping(how) && how.restart === true) follow.add(name);
  for (const row of graph.rows(servicesOf(project.model))) {
    if (!c.on('no-deps'))
      for (const name of row.filter((n) => follow.size === 0 || follow.has(n)))
        yield* waitForNeeds(c, project, servicesOf(project.model)[name] as Mapping, containers);
    for (const x of about(containers, project, [...follow]).filter((one) => row.includes(one.service))) {
      yield* tell('Container', x.name, 'Restarting');
      yield* call(c, 'POST', pathOf(`/containers/${x.Id}/restart`, c.given('timeout') ? { t: c.number('timeout') } : {}));
      yield* tell('Container', x.name, 'Started');
    }
  }
  return 0;
};

export const kill: Command = function* (c) {
  const { project, containers } = yield* known(c, c.args);
  checkNames(project, c.args);
  const meant = c.on('remove-orphans') && c.args.length === 0 ? containers : about(containers, project, c.args);
  const mine = meant.filter((x) => ['running', 'paused', 'restarting'].includes(x.State));
  if (mine.length === 0) {
    yield* print('no container to kill');
    return 0;
  }
  for (const x of mine) {
    yield* tell('Container', x.name, 'Killing');
    try {
      yield* call(c, 'POST', pathOf(`/containers/${x.Id}/kill`, { signal: c.text('signal') || 'SIGKILL' }));
    } catch (e) {
      if (e instanceof CommandError) yield* tell('Container', x.name, 'Error while Killing');
      throw e;
    }
    yield* tell('Container', x.name, 'Killed');
  }
  return 0;
};

const pausing = (verb: 'pause' | 'unpause', done: string): Command =>
  function* (c) {
    const { project, containers } = yield* known(c, c.args);
    checkNames(project, c.args);
    for (const x of about(containers, project, c.args).filter((one) => one.State === (verb === 'pause' ? 'running' : 'paused'))) {
      yield* call(c, 'POST', `/containers/${x.Id}/${verb}`);
      yield* tell('Container', x.name, done);
    }
    return 0;
  };
export const pause = pausing('pause', 'Paused');
export const unpause = pausing('unpause', 'Unpaused');

export const rm: Command = function* (c) {
  const { project, containers } = yield* known(c, c.args);
  checkNames(project, c.args);
  let mine = about(containers, project, c.args);
  if (c.on('stop')) {
    for (const row of backwards(project))
      yield* stopAll(
        c,
        mine.filter((x) => row.includes(x.service)),
        undefined,
      );
  } else mine = mine.filter((x) => x.State !== 'running' && x.State !== 'paused' && x.State !== 'restarting');
  if (mine.length === 0) {
    yield* warn('No stopped containers');
    return 0;
  }
  const going = `Going to remove ${mine.map((x) => x.name).join(', ')}`;
  if (c.on('force')) yield* print(`${going}\n`);
  else if (!(yield* confirm(`? ${going}`))) return 0;
  yield* removeAll(c, mine, c.on('volumes'));
  return 0;
};

/** Removes networks; one that is in use stays. */
function* removeNetworks(c: Ctx, names: readonly string[]): Script<void> {
  for (const name of names) {
    const found = yield* get<{ Id: string; Name: string }[]>(
      c,
      pathOf('/networks', { filters: JSON.stringify({ name: { [name]: true } }) }),
    );
    const there = found.filter((n) => n.Name === name);
    if (there.length === 0) continue;
    yield* tell('Network', name, 'Removing');
    const { Containers } = yield* get<{ Containers?: Record<string, unknown> }>(c, `/networks/${there[0]?.Id}`);
    if (Object.keys(Containers ?? {}).length > 0) {
      yield* tell('Network', name, 'Resource is still in use');
      continue;
    }
    try {
      yield* call(c, 'DELETE', `/networks/${there[0]?.Id}`);
    } catch (e) {
      if (e instanceof EngineError && e.http === 403) {
        yield* tell('Network', name, 'Resource is still in use');
        continue;
      }
      if (e instanceof CommandError) yield* tell('Network', name, 'Error');
      throw e;
    }
    yield* tell('Network', name, 'Removed');
  }
}

const namesIn = (project: Project, kind: 'networks' | 'volumes'): string[] =>
  Object.values(isMapping(project.model[kind]) ? (project.model[kind] as Mapping) : {})
    .filter((one) => isMapping(one) && one.external !== true)
    .map((one) => String((one as Mapping).name));

const labelled = (project: string) => JSON.stringify({ label: { [`${LABEL.project}=${project}`]: true } });

export const down: Command = function* (c) {
  const rmi = c.text('rmi');
  if (rmi !== '' && rmi !== 'all' && rmi !== 'local') throw new CommandError(`invalid value for --rmi: "${rmi}"`);
  const { project, fromFiles, containers } = yield* known(c, c.args);
  checkNames(project, c.args);
  const timeout = timeoutOf(c);
  const mine = about(containers, project, c.args);
  const oneoffs = c.on('remove-orphans') ? yield* containersOf(c, project.name, { oneoff: 'only' }) : [];
  const orphans = c.on('remove-orphans') ? [...orphansOf(project, containers), ...oneoffs] : [];
  const take = function* (list: Container[]): Script<void> {
    yield* stopAll(c, list, timeout);
    yield* removeAll(c, list, c.on('volumes'));
  };
  for (const row of backwards(project)) yield* take(mine.filter((x) => row.includes(x.service)));
  yield* take(orphans);
  if (rmi !== '') yield* removeImages(c, project, mine, rmi);
  const networks = fromFiles
    ? namesIn(project, 'networks')
    : (yield* get<{ Name: string }[]>(c, pathOf('/networks', { filters: labelled(project.name) }))).map((n) => n.Name);
  yield* removeNetworks(c, networks);
  let volumes: string[] = [];
  if (c.on('volumes')) {
    const { Volumes } = yield* get<{ Volumes: { Name: string }[] | null }>(c, pathOf('/volumes', { filters: labelled(project.name) }));
    volumes = fromFiles ? namesIn(project, 'volumes') : (Volumes ?? []).map((v) => v.Name);
  }
  if (containers.length === 0 && networks.length === 0 && volumes.length === 0)
    yield* warning(`Warning: No resource found to remove for project "${project.name}".`);
  for (const name of volumes) {
    try {
      yield* get(c, `/volumes/${segment(name)}`);
    } catch (e) {
      if (e instanceof EngineError && e.http === 404) continue;
      throw e;
    }
    yield* tell('Volume', name, 'Removing');
    try {
      yield* call(c, 'DELETE', `/volumes/${segment(name)}`);
      yield* tell('Volume', name, 'Removed');
    } catch (e) {
      if (!(e instanceof EngineError) || e.http !== 409) throw e;
      yield* tell('Volume', name, 'Resource is still in use');
    }
  }
  return 0;
};

function* removeImages(c: Ctx, project: Project, containers: readonly Container[], which: string): Script<void> {
  const names = new Set<string>();
  for (const [name, s] of Object.entries(servicesOf(project.model))) {
    if (which === 'local' && (!s.build || (s.image !== undefined && !s.build))) continue;
    names.add(imageOf(project, name, s));
  }
  if (which === 'all') for (const x of containers) names.add(x.Image);
  for (const name of names) {
    const full = name.includes(':') || name.includes('@') ? name : `${name}:latest`;
    try {
      yield* get(c, `/images/${segment(name)}/json`);
    } catch (e) {
      if (e instanceof EngineError && e.http === 404) continue;
      throw e;
    }
    yield* tell('Image', full, 'Removing');
    try {
      yield* call(c, 'DELETE', `/images/${segment(name)}`);
      yield* tell('Image', full, 'Removed');
    } catch (e) {
      if (!(e instanceof EngineError)) throw e;
      yield* tell('Image', full, e.http === 409 ? 'Resource is still in use' : 'Error');
    }
  }
}
