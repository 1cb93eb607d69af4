/** Images, networks and volumes that a project needs (docker/compose, pkg/compose/create.go, build.go, pull.go). */

import { encode, sha256 } from '../../../base';
import { isMapping, type Mapping, type Project, servicesOf, toJson } from '../../../compose';
import { LABEL } from '../../../compose/labels';
import { line, type Script } from '../../driver';
import { CommandError, type Ctx, call, EngineError, get, pathOf, post, print, segment } from '../api';
import { nameAndTag } from '../container/run';
import { authHeader } from '../credentials';
import { showMessages, YES } from '../streams';
import { type Container, containersOf, VERSION } from './actual';
import { buildServices } from './build';
import { tell, tellService } from './progress';
import { warning } from './project';
import { imageOf } from './request';
import { removeAll, stopAll } from './stopping';

const section = (project: Project, kind: string): [string, Mapping][] =>
  Object.entries(isMapping(project.model[kind]) ? (project.model[kind] as Mapping) : {}).map(([k, v]) => [k, isMapping(v) ? v : {}]);

/** An image's id, or null. */
export function* imageId(c: Ctx, name: string): Script<string | null> {
  try {
    return (yield* get<{ Id: string }>(c, `/images/${segment(name)}/json`)).Id;
  } catch (e) {
    if (e instanceof EngineError && e.http === 404) return null;
    throw e;
  }
}

function* hasImage(c: Ctx, name: string): Script<boolean> {
  try {
    return (yield* imageId(c, name)) !== null;
  } catch (e) {
    if (e instanceof CommandError) throw new CommandError(`unable to get image '${name}': ${e.message}`);
    throw e;
  }
}

/** Pulls a service's image; the error, when there is none. What can be built instead is only warned of. */
export function* pullImage(c: Ctx, service: string, image: string, buildable: boolean): Script<EngineError | CommandError | null> {
  const { name, tag } = nameAndTag(image);
  yield* tellService(service, 'Pulling');
  try {
    const r = yield* call(c, 'POST', pathOf('/images/create', { fromImage: name, tag }), undefined, yield* authHeader(c, image));
    yield* showMessages(r.body, 2, true);
  } catch (e) {
    if (!(e instanceof CommandError)) throw e;
    yield* tellService(service, `${buildable ? 'Warning' : 'Error'} ${e instanceof EngineError ? e.reason : e.message}`);
    return e;
  }
  yield* tellService(service, 'Pulled');
  return null;
}

interface ImageOptions {
  build: boolean;
  noBuild: boolean;
  pull: string;
  quiet: boolean;
  /** Without a line that says what was built. */
  untold?: boolean;
}

/** Every image of the project: there, pulled or built. An image with a name is looked for before it is built. */
export function* ensureImages(c: Ctx, project: Project, o: ImageOptions): Script<void> {
  const toBuild: string[] = [];
  let fault: CommandError | null = null;
  for (const [name, s] of Object.entries(servicesOf(project.model))) {
    if (s.provider) continue;
    const image = imageOf(project, name, s);
    const policy = String(o.pull && o.pull !== 'policy' ? o.pull : (s.pull_policy ?? 'missing'));
    const builds = s.build !== undefined && !o.noBuild;
    if (builds && (o.build || policy === 'build')) {
      toBuild.push(name);
      continue;
    }
    const there = yield* hasImage(c, image);
    if (there && policy !== 'always') continue;
    if (s.image !== undefined && policy !== 'never') {
      if (fault) {
        yield* tellService(name, 'Pulling');
        yield* tellService(name, 'Interrupted');
        continue;
      }
      const failure = yield* pullImage(c, name, image, s.build !== undefined);
      if (failure === null) continue;
      if (s.build === undefined) fault = failure;
    }
    if (builds && !there) toBuild.push(name);
  }
  if (fault) throw fault;
  if (toBuild.length > 0) yield* buildServices(c, project, toBuild, { quiet: o.quiet, untold: o.untold });
}

const hash = (value: Mapping) => sha256(encode(toJson(value)));

type Network = { Name: string; Id: string; Labels: Record<string, string> | null };

/** Makes the networks that are not there; the id of each by its key. */
export function* ensureNetworks(c: Ctx, project: Project): Script<Record<string, string>> {
  const ids: Record<string, string> = {};
  for (const [key, n] of section(project, 'networks')) {
    const name = String(n.name);
    const found = yield* get<Network[]>(c, pathOf('/networks', { filters: JSON.stringify({ name: { [name]: true } }) }));
    const there = found.find((f) => f.Name === name);
    if (n.external === true) {
      if (!there) throw new CommandError(`network ${name} declared as external, but could not be found`);
      ids[key] = there.Id;
      continue;
    }
    let moved: Container[] = [];
    if (there) {
      const project_ = there.Labels?.[LABEL.project];
      if (project_ === undefined)
        yield* warning(
          `a network with name ${name} exists but was not created by compose.\nSet \`external: true\` to use an existing network`,
        );
      else if (project_ !== project.name)
        yield* warning(
          `a network with name ${name} exists but was not created for project "${project.name}".\nSet \`external: true\` to use an existing network`,
        );
      const was = there.Labels?.[LABEL.hash];
      if (was === undefined || was === hash(n)) {
        ids[key] = there.Id;
        continue;
      }
      moved = yield* removeNetwork(c, project, key, there);
    }
    const ipam = isMapping(n.ipam) ? n.ipam : {};
    yield* tell('Network', name, 'Creating');
    try {
      const made = yield* post<{ Id: string }>(c, '/networks/create', {
        Name: name,
        Driver: String(n.driver ?? ''),
        Internal: n.internal === true,
        Attachable: n.attachable === true,
        ...(n.enable_ipv6 === undefined ? {} : { EnableIPv6: n.enable_ipv6 }),
        ...(n.enable_ipv4 === undefined ? {} : { EnableIPv4: n.enable_ipv4 }),
        Options: n.driver_opts ?? {},
        ...(Object.keys(ipam).length === 0
          ? {}
          : {
              IPAM: {
                Driver: String(ipam.driver ?? 'default'),
                Options: ipam.options ?? null,
                Config: ((ipam.config ?? []) as Mapping[]).map((p) => ({
                  ...(p.subnet ? { Subnet: p.subnet } : {}),
                  ...(p.ip_range ? { IPRange: p.ip_range } : {}),
                  ...(p.gateway ? { Gateway: p.gateway } : {}),
                  ...(p.aux_addresses ? { AuxiliaryAddresses: p.aux_addresses } : {}),
                })),
              },
            }),
        Labels: {
          ...((n.labels ?? {}) as Mapping),
          [LABEL.hash]: hash(n),
          [LABEL.network]: key,
          [LABEL.project]: project.name,
          [LABEL.version]: VERSION,
        },
      });
      ids[key] = made.Id;
    } catch (e) {
      if (!(e instanceof EngineError)) throw e;
      yield* tell('Network', name, 'Error');
      throw new CommandError(`failed to create network ${name}: ${e.message}`);
    }
    yield* tell('Network', name, 'Created');
    for (const x of moved) yield* call(c, 'POST', `/networks/${segment(name)}/connect`, { Container: x.Id });
  }
  return ids;
}

/** Services of which something holds. */
const servicesWith = (project: Project, holds: (service: Mapping) => boolean): string[] =>
  Object.entries(servicesOf(project.model)).flatMap(([name, s]) => (holds(s) ? [name] : []));

/** A network that is no longer as the file has it goes, once its containers are off it: those. */
function* removeNetwork(c: Ctx, project: Project, key: string, there: Network): Script<Container[]> {
  const services = servicesWith(project, (s) => isMapping(s.networks) && Object.hasOwn(s.networks, key));
  const mine = (yield* containersOf(c, project.name)).filter((x) => services.includes(x.service));
  yield* stopAll(c, mine, undefined);
  for (const x of mine) yield* call(c, 'POST', `/networks/${segment(there.Name)}/disconnect`, { Container: x.Id, Force: true });
  try {
    yield* call(c, 'DELETE', `/networks/${segment(there.Name)}`);
  } finally {
    yield* tell('Network', there.Name, 'Removed');
  }
  return mine;
}

/** A volume that is no longer as the file has it goes with its containers, if the user says so. */
function* removeVolume(c: Ctx, project: Project, key: string, name: string, yes: boolean): Script<boolean> {
  if (!yes) {
    yield* print(`Volume "${name}" exists but doesn't match configuration in compose file. Recreate (data will be lost)?`);
    if (!YES.test((yield* line()).trim())) return false;
  }
  const services = servicesWith(project, (s) => ((s.volumes ?? []) as Mapping[]).some((v) => v.type === 'volume' && v.source === key));
  const mine = (yield* containersOf(c, project.name)).filter((x) => services.includes(x.service));
  yield* stopAll(c, mine, undefined);
  yield* removeAll(c, mine, false);
  yield* call(c, 'DELETE', pathOf(`/volumes/${segment(name)}`, { force: true }));
  return true;
}

/** Makes the volumes that are not there; the name of each by its key. `yes`: what is asked is answered so. */
export function* ensureVolumes(c: Ctx, project: Project, yes: boolean): Script<Record<string, string>> {
  const names: Record<string, string> = {};
  for (const [key, v] of section(project, 'volumes')) {
    const name = String(v.name);
    names[key] = name;
    let there: { Labels: Record<string, string> | null } | null = null;
    try {
      there = yield* get(c, `/volumes/${segment(name)}`);
    } catch (e) {
      if (!(e instanceof EngineError) || e.http !== 404) throw e;
    }
    if (v.external === true) {
      if (!there) throw new CommandError(`external volume "${name}" not found`);
      continue;
    }
    if (there) {
      const owner = there.Labels?.[LABEL.project];
      if (owner === undefined)
        yield* warning(
          `volume "${name}" already exists but was not created by Docker Compose. Use \`external: true\` to use an existing volume`,
        );
      else if (owner !== project.name)
        yield* warning(
          `volume "${name}" already exists but was created for project "${owner}" (expected "${project.name}"). Use \`external: true\` to use an existing volume`,
        );
      const was = there.Labels?.[LABEL.hash];
      if (was === undefined || was === hash(v) || !(yield* removeVolume(c, project, key, name, yes))) continue;
    }
    yield* tell('Volume', name, 'Creating');
    try {
      yield* post(c, '/volumes/create', {
        Name: name,
        Driver: String(v.driver ?? ''),
        DriverOpts: v.driver_opts ?? null,
        Labels: {
          ...((v.labels ?? {}) as Mapping),
          [LABEL.hash]: hash(v),
          [LABEL.project]: project.name,
          [LABEL.version]: VERSION,
          [LABEL.volume]: key,
        },
      });
    } catch (e) {
      if (e instanceof EngineError) yield* tell('Volume', name, 'Error');
      throw e;
    }
    yield* tell('Volume', name, 'Created');
  }
  return names;
}
