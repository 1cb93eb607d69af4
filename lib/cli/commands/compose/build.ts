/** docker compose build: each service's image by `docker build` (docker/compose, pkg/compose/build_bake.go). */

import { encode } from '../../../base';
import { isMapping, type Mapping, type Project, paths, servicesOf } from '../../../compose';
import { LABEL } from '../../../compose/labels';
import { failed, type Script, sys } from '../../driver';
import { buildClient } from '../../parts';
import { type Command, CommandError, type Ctx, warn } from '../api';
import { writeBytes } from '../files';
import { VERSION } from './actual';
import { projectOf } from './project';
import { imageOf } from './request';

interface Options {
  quiet: boolean;
  args?: readonly string[];
  noCache?: boolean;
  pull?: boolean;
  /** Without a line that says it was built. */
  untold?: boolean;
}

/** A command line of `docker build` that was never typed. */
function buildContext(c: Ctx, context: string, lists: Record<string, string[]>, words: Record<string, string>, on: readonly string[]): Ctx {
  return {
    ...c,
    path: 'docker buildx build',
    args: [context],
    given: (f) => f in lists || f in words || on.includes(f),
    on: (f) => on.includes(f),
    text: (f) => words[f] ?? '',
    list: (f) => lists[f] ?? [],
    number: () => 0,
  };
}

function* exists(path: string): Script<boolean> {
  return !failed(yield* sys((s) => (s.stat(encode(path)), true)));
}

/** Runs a build: its report goes to standard output, as Compose has it; the id of a quiet one nowhere. */
function* reported(script: Script): Script {
  let step = script.next();
  while (!step.done) {
    const effect = step.value;
    if (effect.do !== 'write') step = script.next(yield effect);
    else step = script.next(effect.fd === 1 ? null : yield { ...effect, fd: 1 });
  }
  return step.value;
}

export function* buildServices(c: Ctx, project: Project, names: readonly string[], o: Options): Script<void> {
  for (const name of names) {
    const service = servicesOf(project.model)[name] as Mapping;
    const build = isMapping(service.build) ? service.build : {};
    const context = String(build.context ?? project.directory);
    if (!/^[a-z+]+:\/\//.test(context) && !(yield* exists(context)))
      throw new CommandError(`unable to prepare context: path "${context}" not found`);
    const args: string[] = [];
    for (const [k, v] of Object.entries((build.args ?? {}) as Mapping)) if (v !== null) args.push(`${k}=${v}`);
    for (const a of o.args ?? []) args.push(a.includes('=') ? a : `${a}=${project.environment[a] ?? ''}`);
    const inline =
      typeof build.dockerfile_inline === 'string' ? `${paths.resolve('/tmp', `compose-${project.name}-${name}`)}.Dockerfile` : null;
    if (inline !== null) yield* sys((s) => writeBytes(s, encode(inline), encode(build.dockerfile_inline as string)));
    const dockerfile = inline ?? paths.resolve(context, String(build.dockerfile ?? 'Dockerfile'));
    const list = (key: string) => ((build[key] ?? []) as (string | number)[]).map(String);
    const pairs = (key: string) => Object.entries((build[key] ?? {}) as Mapping).map(([k, v]) => `${k}=${v}`);
    const ctx = buildContext(
      c,
      context,
      {
        tag: [imageOf(project, name, service), ...list('tags')],
        'build-arg': args,
        label: [...pairs('labels'), `${LABEL.project}=${project.name}`, `${LABEL.service}=${name}`, `${LABEL.version}=${VERSION}`],
        'add-host': list('extra_hosts'),
        'build-context': pairs('additional_contexts'),
        'no-cache-filter': list('no_cache_filter'),
      },
      {
        file: dockerfile,
        target: String(build.target ?? ''),
        network: String(build.network ?? 'default'),
        progress: o.quiet ? 'quiet' : 'plain',
      },
      [...(o.noCache || build.no_cache ? ['no-cache'] : []), ...(o.pull || build.pull ? ['pull'] : []), ...(o.quiet ? ['quiet'] : [])],
    );
    const { buildCommand } = buildClient.get();
    const status = yield* reported(buildCommand(ctx));
    if (inline !== null) yield* sys((s) => s.unlink(encode(inline)));
    if (status !== 0) throw new CommandError('', status);
    if (!o.quiet && !o.untold) yield* warn(` ${imageOf(project, name, service)}  Built`);
  }
}

export const build: Command = function* (c) {
  const project = yield* projectOf(c, c.args);
  const services = servicesOf(project.model);
  for (const name of c.args) if (!Object.hasOwn(services, name)) throw new CommandError(`no such service: ${name}`);
  const names = (c.args.length > 0 ? c.args : Object.keys(services)).filter((n) => services[n]?.build);
  if (c.on('push')) throw new CommandError('drydock: docker compose build --push is not modelled');
  yield* buildServices(c, project, names, {
    quiet: c.on('quiet'),
    args: c.list('build-arg'),
    noCache: c.on('no-cache'),
    pull: c.on('pull'),
  });
  return 0;
};
