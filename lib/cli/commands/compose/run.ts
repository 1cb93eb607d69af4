/** docker compose run, exec, cp: a command in a new container or in a running one (docker/compose, cmd/compose/run.go, exec.go, cp.go). */

import { decode } from '../../../base';
import { ComposeError, checkName, type Mapping, type Project, parseDotenv, paths, servicesOf, words } from '../../../compose';
import { failed, type Script, sys } from '../../driver';
import { parsePortSpecs } from '../../options/ports';
import { OptionError } from '../../options/words';
import { type Command, CommandError, type Ctx, call, hijack, pathOf, post, say, warn } from '../api';
import { execCommand } from '../container/exec';
import { cp as dockerCp, splitArgument } from '../cp';
import { goError, outside } from '../files';
import { follow, isTerminal, resize, statusOf, waitFor } from '../streams';
import { containersOf } from './actual';
import { create, start, waitForNeeds } from './converge';
import { oneOf } from './logs';
import { projectName, projectOf, selected } from './project';
import { createRequest, imageOf } from './request';
import { ensureImages, ensureNetworks, ensureVolumes, imageId } from './resources';

function pairs(list: readonly string[], env: Readonly<Record<string, string>>): Mapping {
  return Object.fromEntries(
    list.flatMap((one) => {
      const at = one.indexOf('=');
      if (at >= 0) return [[one.slice(0, at), one.slice(at + 1)]];
      return env[one] === undefined ? [] : [[one, env[one] as string]];
    }),
  );
}

/** What --env-from-file names. */
function* environmentFiles(c: Ctx): Script<Mapping> {
  let all: Record<string, string> = {};
  for (const path of c.list('env-from-file')) {
    const before = all;
    const file = yield* sys((s) => outside(s, c.env).read(path));
    if (failed(file)) throw new CommandError(`open ${path}: ${goError(file)}`);
    if ('error' in file) throw new CommandError(`open ${path}: ${file.error}`);
    all = { ...all, ...parseDotenv(decode(file.bytes), (n) => c.env[n] ?? before[n]) };
  }
  return all;
}

function portsOf(list: readonly string[]): Mapping[] {
  try {
    return Object.entries(parsePortSpecs(list)).flatMap(([port, bindings]) => {
      const [target, protocol = 'tcp'] = port.split('/');
      return bindings.map((b) => ({ target: Number(target), protocol, host_ip: b.HostIp, published: b.HostPort }));
    });
  } catch (e) {
    if (e instanceof OptionError) throw new CommandError(e.message);
    throw e;
  }
}

/** The container's slug: 12 digits by chance. */
function* slug(): Script<string> {
  const r = yield* sys((s) => {
    let text = '';
    for (let i = 0; i < 12; i++) text += Math.floor(s.random() * 16).toString(16);
    return text;
  });
  return typeof r === 'string' ? r : '000000000000';
}

export const run: Command = function* (c) {
  const [name = '', ...command] = c.args;
  const whole = yield* projectOf(c, [name]);
  const service = servicesOf(whole.model)[name];
  if (!service) throw new CommandError(`no such service: ${name}`);
  const chosen = selected(whole, [name], true);
  const needs = without(chosen, name);
  const own = selected(whole, [name], false);
  const images = { build: c.on('build'), noBuild: false, pull: c.text('pull'), quiet: c.on('quiet-build'), untold: true };
  if (!c.on('no-deps')) yield* ensureImages(c, needs, images);
  if (!c.on('no-deps') && Object.keys(servicesOf(needs.model)).length > 0) {
    yield* create(c, whole, chosenWithout(chosen, name), {
      recreate: 'diverged',
      recreateDeps: 'diverged',
      named: [],
      removeOrphans: c.on('remove-orphans'),
      ignoreOrphans: true,
      scale: {},
    });
    yield* start(c, needs);
    yield* waitForNeeds(c, whole, service, yield* containersOf(c, whole.name), true);
  } else {
    yield* ensureNetworks(c, whole);
    yield* ensureVolumes(c, whole, false);
  }
  yield* ensureImages(c, own, images);
  const chance = yield* slug();
  const container = c.text('name') || `${whole.name}-${name}-run-${chance}`;
  const detach = c.on('detach');
  const terminal = yield* isTerminal(1);
  const tty = !detach && !c.on('no-TTY') && terminal && (yield* isTerminal(0));
  const stdin = !detach && (!c.given('interactive') || c.on('interactive'));
  const image = yield* imageId(c, imageOf(whole, name, service));
  const ports = [...(c.on('service-ports') ? ((service.ports ?? []) as Mapping[]) : []), ...portsOf(c.list('publish'))];
  const all = yield* containersOf(c, whole.name);
  const body = createRequest(whole, name, service, container, 1, image ?? '', (other) => all.find((x) => x.service === other)?.Id, {
    oneoff: { slug: chance },
    ...(command.length > 0 ? { command } : {}),
    ...(c.given('entrypoint') ? { entrypoint: c.text('entrypoint') === '' ? [''] : words(c.text('entrypoint')) } : {}),
    environment: { ...(yield* environmentFiles(c)), ...pairs(c.list('env'), c.env) },
    ...(c.text('user') === '' ? {} : { user: c.text('user') }),
    ...(c.text('workdir') === '' ? {} : { workdir: c.text('workdir') }),
    labels: pairs(c.list('label'), {}),
    tty: tty || (service.tty === true && terminal),
    stdin,
    ports,
    capAdd: c.list('cap-add'),
    capDrop: c.list('cap-drop'),
    autoRemove: c.on('rm'),
    useAliases: c.on('use-aliases'),
  });
  const host = body.HostConfig as Mapping;
  const binds = c
    .list('volume')
    .map((v) => (/^\.{1,2}\//.test(v) ? v.replace(/^[^:]*/, (source) => paths.resolve(whole.directory, source)) : v));
  if (binds.length > 0) host.Binds = [...((host.Binds ?? []) as string[]), ...binds];
  const { Id } = yield* post<{ Id: string }>(c, pathOf('/containers/create', { name: container }), body);
  if (detach) {
    yield* call(c, 'POST', `/containers/${Id}/start`);
    yield* say(container);
    return 0;
  }
  const attached = yield* hijack(c, 'POST', pathOf(`/containers/${Id}/attach`, { stream: true, stdin, stdout: true, stderr: true }));
  const waiting = yield* waitFor(c, Id, c.on('rm') ? 'removed' : 'next-exit');
  yield* call(c, 'POST', `/containers/${Id}/start`);
  if (body.Tty === true) yield* resize(c, `/containers/${Id}/resize`);
  const end = yield* follow(c, { conn: attached.conn, stdin, tty: body.Tty === true, proxy: body.Tty === true ? undefined : Id });
  return end === 'detached' ? 0 : yield* statusOf(c, waiting);
};

const without = (project: Project, name: string): Project => {
  const { [name]: _, ...services } = servicesOf(project.model);
  return { ...project, model: { ...project.model, services } };
};
/** The services without one, but with its networks and volumes. */
const chosenWithout = without;

function requireSound(name: string) {
  try {
    checkName(name);
  } catch (e) {
    throw e instanceof ComposeError ? new CommandError(e.message) : e;
  }
}

export const exec: Command = function* (c) {
  const [service = '', ...command] = c.args;
  const name = yield* projectName(c, [service]);
  requireSound(name);
  const found = yield* oneOf(service, c.number('index'), yield* containersOf(c, name, { all: false }));
  const tty = !c.on('no-tty') && (yield* isTerminal(1));
  const inner: Ctx = {
    ...c,
    args: [found.Id, ...command],
    on: (f) => (f === 'tty' ? tty : f === 'interactive' ? true : c.on(f)),
    list: (f) => (f === 'env-file' ? [] : c.list(f)),
  };
  return yield* execCommand(inner);
};

/** Copies with docker cp, the service's name replaced by its container's. */
export const cp: Command = function* (c) {
  const name = yield* projectName(c);
  const [from = '', to = ''] = c.args;
  const [source, target] = [splitArgument(from), splitArgument(to)];
  if (source.container === '' && target.container === '') throw new CommandError('unknown copy direction');
  if (source.container !== '' && target.container !== '') throw new CommandError('copying between services is not supported');
  const service = source.container || target.container;
  const all = yield* containersOf(c, name, { oneoff: c.on('all') ? 'with' : 'without' });
  const index = c.number('index');
  const mine = all.filter((x) => x.service === service && (index === 0 || x.number === index)).sort((a, b) => a.number - b.number);
  if (mine.length === 0)
    throw new CommandError(
      index > 0 ? `service "${service}" is not running container #${index}` : `no container found for service "${service}"`,
    );
  const chosen = source.container !== '' || index > 0 ? mine.slice(0, 1) : mine;
  for (const x of chosen) {
    const [a, b] = source.container === '' ? [from, `${x.name}:${target.path}`] : [`${x.name}:${source.path}`, to];
    yield* warn(` ${x.name} copy ${a} to ${b} Copying`);
    const args = source.container === '' ? [from, `${x.Id}:${target.path}`] : [`${x.Id}:${source.path}`, to];
    const inner: Ctx = { ...c, args, on: (f) => (f === 'quiet' ? true : c.on(f)) };
    yield* dockerCp(inner);
    yield* warn(` ${x.name} copy ${a} to ${b} Copied`);
  }
  return 0;
};
