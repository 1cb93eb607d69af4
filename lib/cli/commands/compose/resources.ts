/** Images, networks and volumes that a project needs (docker/compose, pkg/compose/create.go, build.go, pull.go). */

import { encode, sha256 } from '../../../base';
import { isMapping, type Mapping, type Project, servicesOf, toJson } from '../../../compose';
import { LABEL } from '../../../compose/labels';
import type { Script } from '../../driver';
import { CommandError, type Ctx, call, EngineError, get, pathOf, post, segment, warn } from '../api';
import { nameAndTag } from '../container/run';
import { showMessages } from '../streams';
import { VERSION } from './actual';
import { buildServices } from './build';
import { tell } from './progress';
import { warning } from './project';
import { imageOf } from './request';

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

export function* pullImage(c: Ctx, service: string, image: string): Script<void> {
  const { name, tag } = nameAndTag(image);
  yield* tellService(service, 'Pulling');
  try {
    const r = yield* call(c, 'POST', pathOf('/images/create', { fromImage: name, tag }));
    yield* showMessages(r.body, 2, true);
  } catch (e) {
    if (e instanceof CommandError) yield* tellService(service, 'Error');
    throw e;
  }
  yield* tellService(service, 'Pulled');
}

function* tellService(service: string, what: string): Script<void> {
  yield* warn(` ${service} ${what} `);
}

/** Every image of the project: there, pulled or built. */
export function* ensureImages(
  c: Ctx,
  project: Project,
  o: { build: boolean; noBuild: boolean; pull: string; quiet: boolean },
): Script<void> {
  const services = servicesOf(project.model);
  const wanted = Object.entries(services).filter(([, s]) => !s.provider);
  const toBuild: string[] = [];
  for (const [name, s] of wanted) {
    const image = imageOf(project, name, s);
    const policy = String(o.pull && o.pull !== 'policy' ? o.pull : (s.pull_policy ?? 'missing'));
    if (s.build && (o.build || policy === 'build') && !o.noBuild) {
      toBuild.push(name);
      continue;
    }
    const there = yield* imageId(c, image);
    if (there !== null && policy !== 'always') continue;
    if (there === null && s.build && !o.noBuild) {
      toBuild.push(name);
      continue;
    }
    if (policy === 'never' || (s.build && o.noBuild)) continue;
    if (s.build) continue;
    yield* pullImage(c, name, image);
  }
  if (toBuild.length > 0) yield* buildServices(c, project, toBuild, { quiet: o.quiet });
}

const hash = (value: Mapping) => sha256(encode(toJson(value)));

export function* ensureNetworks(c: Ctx, project: Project): Script<void> {
  for (const [key, n] of section(project, 'networks')) {
    const name = String(n.name);
    const found = yield* get<{ Name: string; Id: string; Labels: Record<string, string> | null }[]>(
      c,
      pathOf('/networks', { filters: JSON.stringify({ name: { [name]: true } }) }),
    );
    const there = found.find((f) => f.Name === name);
    if (n.external === true) {
      if (!there) throw new CommandError(`network ${name} declared as external, but could not be found`);
      continue;
    }
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
      continue;
    }
    const ipam = isMapping(n.ipam) ? n.ipam : {};
    yield* tell('Network', name, 'Creating');
    try {
      yield* post(c, '/networks/create', {
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
    } catch (e) {
      if (!(e instanceof EngineError)) throw e;
      yield* tell('Network', name, 'Error');
      throw new CommandError(`failed to create network ${name}: ${e.message}`);
    }
    yield* tell('Network', name, 'Created');
  }
}

export function* ensureVolumes(c: Ctx, project: Project): Script<void> {
  for (const [key, v] of section(project, 'volumes')) {
    const name = String(v.name);
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
      continue;
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
}
