/** docker compose config: the project as it is understood (docker/compose, cmd/compose/config.go). */

import { encode, sha256 } from '../../../base';
import * as compose from '../../../compose';
import { failed, type Script, sys } from '../../driver';
import { tabulate } from '../../tabwriter';
import { type Command, CommandError, type Ctx, print } from '../api';
import { goError, writeBytes } from '../files';
import { type LoadFlags, projectOf, selected, treeOf } from './project';

/** What a service's containers are made of, as a digest: they are made anew when it changes. */
export function serviceHash(service: compose.Mapping): string {
  const { build: _b, pull_policy: _p, scale: _s, depends_on: _d, profiles: _f, ...rest } = service;
  const { deploy } = rest;
  if (compose.isMapping(deploy)) {
    const { replicas: _r, ...others } = deploy;
    if (Object.keys(others).length > 0) rest.deploy = others;
    else delete rest.deploy;
  }
  return sha256(encode(compose.toJson(rest)));
}

const imageOf = (project: compose.Project, name: string): string =>
  String(compose.servicesOf(project.model)[name]?.image ?? `${project.name}-${name}`);

const lines = (names: readonly string[]) => names.map((n) => `${n}\n`).join('');

function* listed(c: Ctx, flags: LoadFlags): Script<string | null> {
  const plain = { ...flags, noEnvFiles: true };
  if (c.on('services')) return lines(compose.graph.ordered(compose.servicesOf((yield* projectOf(c, [], plain)).model)));
  for (const kind of ['volumes', 'networks', 'models'] as const)
    if (c.on(kind)) return lines(Object.keys(((yield* projectOf(c, [], plain)).model[kind] ?? {}) as compose.Mapping));
  if (c.on('images')) {
    const project = selected(yield* projectOf(c, c.args, plain), c.args, true);
    return lines(Object.keys(compose.servicesOf(project.model)).map((n) => imageOf(project, n)));
  }
  if (c.on('profiles')) {
    const project = yield* projectOf(c, [], { ...plain, allProfiles: true });
    const all = Object.values(compose.servicesOf(project.model)).flatMap((s) => (s.profiles ?? []) as string[]);
    return lines([...new Set(all)].sort());
  }
  if (c.on('environment')) {
    const { environment, name } = yield* projectOf(c, [], flags);
    const all = { COMPOSE_PROJECT_NAME: name, ...environment };
    return lines(
      Object.entries(all)
        .map(([k, v]) => `${k}=${v}`)
        .sort(),
    );
  }
  if (c.on('variables')) {
    const found = compose.variables(yield* treeOf(c, { ...flags, noInterpolate: true }));
    if (c.text('format') === 'json') {
      const rows = Object.entries(found).map(([Name, v]) => [
        Name,
        { Name, DefaultValue: v.default ?? '', PresenceValue: v.presence ?? '', Required: v.required ?? false },
      ]);
      return `${compose.toJson(Object.fromEntries(rows))}\n`;
    }
    const rows = Object.keys(found)
      .sort()
      .map((name) => [name, String(found[name]?.required ?? false), found[name]?.default ?? '', found[name]?.presence ?? ''].join('\t'));
    return tabulate(lines(['NAME\tREQUIRED\tDEFAULT VALUE\tALTERNATE VALUE', ...rows]), {
      minWidth: 20,
      tabWidth: 1,
      padding: 3,
      padChar: ' ',
    });
  }
  if (c.given('hash')) {
    const project = yield* projectOf(c, [], flags);
    const services = compose.servicesOf(project.model);
    const names = c.text('hash') === '*' ? Object.keys(services) : c.text('hash').split(',');
    return lines(
      names.map((n) => {
        const service = services[n];
        if (!service) throw new CommandError(`no such service: ${n}: not found`);
        return `${n} ${serviceHash(service)}`;
      }),
    );
  }
  return null;
}

export const config: Command = function* (c) {
  const flags: LoadFlags = {
    noNormalise: c.on('no-normalize'),
    noConsistency: c.on('no-consistency'),
    noPathResolution: c.on('no-path-resolution'),
  };
  if (c.on('lock-image-digests') || c.on('resolve-image-digests'))
    throw new CommandError('drydock: images pinned to their digests are not modelled');
  const list = yield* listed(c, flags);
  if (list !== null) {
    yield* print(list);
    return 0;
  }
  const format = c.text('format') || 'yaml';
  if (format !== 'yaml' && format !== 'json') throw new CommandError(`unsupported format "${format}"`);
  const plain = c.on('no-interpolate');
  let shown: compose.Mapping;
  if (plain) {
    const tree = yield* treeOf(c, { ...flags, noInterpolate: true });
    shown = compose.sortAll(tree) as compose.Mapping;
  } else {
    const project = selected(yield* projectOf(c, c.args, flags), c.args, true);
    shown = withoutFiles(format === 'json' ? compose.forJson(project.model) : project.model);
  }
  if (c.on('quiet')) return 0;
  const text = format === 'json' ? compose.toJson(shown, 2) : compose.toYaml(shown);
  const out = plain ? text : text.replaceAll('$', '$$$$');
  const file = c.text('output');
  if (file === '') {
    yield* print(out);
    return 0;
  }
  const r = yield* sys((s) => writeBytes(s, encode(file), encode(out)));
  if (r !== null && failed(r)) throw new CommandError(`open ${file}: ${goError(r)}`);
  return 0;
};

/** What env_file and label_file said is in environment and labels by now. */
function withoutFiles(project: compose.Mapping): compose.Mapping {
  const services = Object.fromEntries(
    Object.entries(compose.servicesOf(project)).map(([name, s]) => {
      const { env_file: _e, label_file: _l, ...rest } = s;
      return [name, rest];
    }),
  );
  return { ...project, services };
}
