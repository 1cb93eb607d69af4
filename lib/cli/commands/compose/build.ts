/**
 * docker compose build: the services' images, handed to the builder as a bake definition
 * (docker/compose, pkg/compose/build_bake.go).
 *
 *   {"group": {"default": {"targets": ["app"]}}, "target": {"app": {"context": …, "tags": ["lab-app"], …}}}
 */

import { byKey, encode } from '../../../base';
import { isMapping, type Mapping, type Project, paths, servicesOf } from '../../../compose';
import { LABEL } from '../../../compose/labels';
import { failed, type Script, sys } from '../../driver';
import { bakeClient } from '../../parts';
import { type Command, CommandError, type Ctx, print, warn } from '../api';
import type { Target } from '../bake-file';
import { checkSsh, noAttestation } from '../build-flags';
import { VERSION } from './actual';
import { projectOf } from './project';
import { imageOf } from './request';

interface Options {
  quiet: boolean;
  args?: readonly string[];
  noCache?: boolean;
  pull?: boolean;
  push?: boolean;
  /** Without a line that says it was built. */
  untold?: boolean;
}

function* exists(path: string): Script<boolean> {
  return !failed(yield* sys((s) => (s.stat(encode(path)), true)));
}

/** Runs a build: its report goes to standard output, as Compose has it; the id of a quiet one nowhere. */
function* reported(script: Script<void>): Script<void> {
  let step = script.next();
  while (!step.done) {
    const effect = step.value;
    if (effect.do !== 'write') step = script.next(yield effect);
    else step = script.next(effect.fd === 1 ? null : yield { ...effect, fd: 1 });
  }
}

/** A service's build as a target, its keys in the order in which they are written. */
function targetOf(project: Project, name: string, o: Options): Target {
  const service = servicesOf(project.model)[name] as Mapping;
  const build = isMapping(service.build) ? service.build : {};
  const context = String(build.context ?? project.directory);
  const map = (key: string): Record<string, string> =>
    Object.fromEntries(Object.entries((build[key] ?? {}) as Mapping).flatMap(([k, v]) => (v === null ? [] : [[k, String(v)]])));
  const list = (key: string) => ((build[key] ?? []) as (string | number)[]).map(String);
  const args = map('args');
  for (const a of o.args ?? []) {
    const eq = a.indexOf('=');
    if (eq < 0) args[a] = project.environment[a] ?? '';
    else args[a.slice(0, eq)] = a.slice(eq + 1);
  }
  const inline = typeof build.dockerfile_inline === 'string' ? build.dockerfile_inline : undefined;
  const labels = { ...map('labels'), [LABEL.project]: project.name, [LABEL.service]: name, [LABEL.version]: VERSION };
  const network = String(build.network ?? '');
  return {
    context,
    contexts: byKey(map('additional_contexts')),
    dockerfile: inline === undefined ? paths.resolve(context, String(build.dockerfile ?? 'Dockerfile')) : undefined,
    'dockerfile-inline': inline,
    args: byKey(args),
    labels: byKey(labels),
    tags: [imageOf(project, name, service), ...list('tags')],
    'cache-from': list('cache_from'),
    'cache-to': list('cache_to'),
    target: build.target === undefined ? undefined : String(build.target),
    pull: o.pull || build.pull === true || undefined,
    'no-cache': o.noCache || build.no_cache === true || undefined,
    network: network === '' ? undefined : network,
    'no-cache-filter': list('no_cache_filter'),
    'extra-hosts': hosts(list('extra_hosts')),
    output: [o.push ? 'type=registry' : 'type=docker'],
  };
}

const hosts = (list: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    list.map((h) => {
      const at = h.includes('=') ? h.indexOf('=') : h.indexOf(':');
      return [h.slice(0, at), h.slice(at + 1)];
    }),
  );

const isEmpty = (v: unknown): boolean =>
  v === undefined || (Array.isArray(v) ? v.length === 0 : typeof v === 'object' && v !== null && Object.keys(v).length === 0);

/** The definition as Compose writes it: what is empty is left out. */
function definition(targets: Readonly<Record<string, Target>>): string {
  const written = Object.entries(targets).map(([name, t]) => [name, Object.fromEntries(Object.entries(t).filter(([, v]) => !isEmpty(v)))]);
  return JSON.stringify({ group: { default: { targets: Object.keys(targets) } }, target: Object.fromEntries(written) }, null, 2);
}

const targetsOf = (project: Project, names: readonly string[], o: Options): Record<string, Target> =>
  byKey(Object.fromEntries(names.map((name) => [name, targetOf(project, name, o)])));

/** Where a Dockerfile went wrong, as Compose passes on what the builder said of it: an empty line after each. */
function relayed(e: CommandError): CommandError {
  const lines = e.message.replace(/ERROR: (failed to build: )?/, '').split('\n');
  return new CommandError(`${lines.join('\n\n')}\n`, e.status);
}

export function* buildServices(c: Ctx, project: Project, names: readonly string[], o: Options): Script<void> {
  const targets = targetsOf(project, names, o);
  for (const { context = '' } of Object.values(targets))
    if (!/^[a-z+]+:\/\//.test(context) && !(yield* exists(context)))
      throw new CommandError(`unable to prepare context: path "${context}" not found`);
  const quiet = o.quiet || c.outer.text('progress') === 'quiet';
  // Nothing of this command line is meant for the builder.
  const inner: Ctx = { ...c, given: () => false, on: () => false, text: () => '', list: () => [], number: () => 0 };
  try {
    yield* reported(bakeClient.get().bakeInput(inner, targets, encode(definition(targets)), quiet));
  } catch (e) {
    if (e instanceof CommandError) throw relayed(e);
    throw e;
  }
  if (!o.quiet && !o.untold) for (const t of Object.values(targets)) yield* warn(` ${t.tags?.[0]}  Built`);
}

/** What the engine's own builder does not do is found out when the definition has been read. */
function* checkDriver(c: Ctx): Script<void> {
  const on = (flag: string) => !['', 'false', '0'].includes(c.text(flag));
  try {
    if (on('provenance') || on('sbom')) throw noAttestation();
    if (c.given('ssh')) for (const text of c.text('ssh').split(' ')) yield* checkSsh(text, c.env);
  } catch (e) {
    throw e instanceof CommandError ? relayed(e) : e;
  }
}

export const build: Command = function* (c) {
  const project = yield* projectOf(c, c.args, { noEnvFiles: true });
  const services = servicesOf(project.model);
  for (const name of c.args) if (!Object.hasOwn(services, name)) throw new CommandError(`no such service: ${name}`);
  const names = (c.args.length > 0 ? c.args : Object.keys(services)).filter((n) => services[n]?.build);
  if (c.given('progress')) yield* warn('--progress is a global compose flag, better use `docker compose --progress xx build ...');
  const o = { quiet: c.on('quiet'), args: c.list('build-arg'), noCache: c.on('no-cache'), pull: c.on('pull'), push: c.on('push') };
  if (c.on('print')) {
    yield* print(`${definition(targetsOf(project, names, o))}\n`);
    return 0;
  }
  if (names.length > 0) {
    yield* checkDriver(c);
    yield* buildServices(c, project, names, o);
  }
  return 0;
};
