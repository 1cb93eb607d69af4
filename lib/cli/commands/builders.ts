/**
 * docker buildx create, ls, inspect, use, stop, rm: which builders a client knows. docker/buildx, commands/, store/.
 *
 *   ~/.docker/buildx/instances/NAME   {"Name":"b","Driver":"docker-container","Nodes":[…],"Dynamic":false}
 *   ~/.docker/buildx/current          {"Key":"unix:///var/run/docker.sock","Name":"b","Global":false}; "": the engine's own
 *
 * A builder is only noted down when it is made; its container comes with its first build.
 *
 * Simplified: such a container cannot be started here, so a builder of one's own stays inactive; drivers docker-container and remote.
 */

import { encode } from '../../base';
import { overlay2, rfc3339 } from '../../engine';
import { ADJECTIVES, SURNAMES } from '../../engine/for-clients';
import { attempt, Errno } from '../../kernel';
import { failed, type Script, sys } from '../driver';
import { type Context, formatList } from '../formatter';
import { tabulate } from '../tabwriter';
import { TemplateError } from '../template';
import { type Command, CommandError, type Ctx, get, notModelled, print, warn } from './api';
import { gcRules } from './builder-gc';
import { readBytes, writeBytes } from './files';

export interface Node {
  Name: string;
  Endpoint: string;
  Platforms: { architecture: string; os: string; variant?: string }[] | null;
  DriverOpts: Record<string, string> | null;
  Flags: string[] | null;
  Files: null;
}
export interface Instance {
  Name: string;
  Driver: string;
  Nodes: Node[];
  Dynamic: boolean;
}

const DRIVERS = ['docker-container', 'remote', 'kubernetes'];
const ENTITLEMENT = '--allow-insecure-entitlement=network.host';
export const OWN_PLATFORMS = ['linux/amd64', 'linux/amd64/v2', 'linux/amd64/v3', 'linux/amd64/v4', 'linux/386'];
export const BUILDKIT = 'v0.0.0+unknown';

const dirOf = (c: Ctx) => `${c.env.HOME || '/root'}/.docker/buildx`;

// ——— the store

function* read<T>(path: string): Script<T | null> {
  const text = yield* sys((s) => readBytes(s, encode(path)));
  if (failed(text)) return null;
  try {
    return JSON.parse(text) as T;
  } catch {
    return null;
  }
}

function* write(c: Ctx, name: string, value: unknown): Script<void> {
  const path = `${dirOf(c)}/${name}`;
  const r = yield* sys((s) => {
    overlay2.mkdirs(s, encode(path.slice(0, path.lastIndexOf('/'))), 0o700);
    writeBytes(s, encode(path), JSON.stringify(value), 0o600);
  });
  if (failed(r)) throw new CommandError(`ERROR: open ${path}: ${r.message.toLowerCase()}`);
}

export const instance = (c: Ctx, name: string): Script<Instance | null> => read<Instance>(`${dirOf(c)}/instances/${name}`);

export function* instances(c: Ctx): Script<Instance[]> {
  const list = yield* sys((s) => {
    const found = attempt(() => s.readdir(encode(`${dirOf(c)}/instances`)));
    return found instanceof Errno ? [] : found.map((e) => e.name).sort();
  });
  const out: Instance[] = [];
  for (const name of failed(list) ? [] : list) {
    const i = yield* instance(c, name);
    if (i) out.push(i);
  }
  return out;
}

const setCurrent = (c: Ctx, name: string): Script<void> => write(c, 'current', { Key: c.host, Name: name, Global: false });

/**
 * The builder that is used: as the command line says, the environment, or what was chosen last. `docker build`, other than
 * `docker buildx build`, does not ask what was chosen: its flag has a default.
 */
export function* currentBuilder(c: Ctx): Script<string> {
  const asked = (c.given('builder') ? '' : c.env.BUILDX_BUILDER) || c.text('builder');
  if (asked === 'default') return 'default';
  if (asked !== '') {
    if (!(yield* instance(c, asked))) throw missing(asked);
    return asked;
  }
  const chosen = (yield* read<{ Name: string }>(`${dirOf(c)}/current`))?.Name ?? '';
  return chosen !== '' && (yield* instance(c, chosen)) ? chosen : 'default';
}

/** Only the engine's own builder builds here. */
export function* ownBuilder(c: Ctx): Script<void> {
  const name = yield* currentBuilder(c);
  if (name !== 'default') throw notModelled(`a build by the builder ${name}, in a container of its own,`);
}

export const missing = (name: string) => new CommandError(`ERROR: no builder ${JSON.stringify(name)} found`);

function checkName(name: string) {
  if (name === 'default') throw new CommandError('ERROR: default is a reserved name and cannot be used to identify builder instance');
  if (!/^[a-zA-Z][a-zA-Z0-9._-]*$/.test(name))
    throw new CommandError(`ERROR: invalid name ${name}, name needs to start with a letter and may not contain symbols, except ._-`);
}

// ——— commands

function* freshName(c: Ctx): Script<string> {
  const parts = yield* sys((s) => [ADJECTIVES, SURNAMES].map((list) => list[Math.floor(s.random() * list.length)]));
  const name = failed(parts) ? 'builder' : parts.join('_');
  return (yield* instance(c, name)) ? `${name}0` : name;
}

const platformOf = (text: string) => {
  const [os = '', architecture = '', variant] = text.split('/');
  return { architecture, os, ...(variant ? { variant } : {}) };
};

function flagsOf(c: Ctx, driver: string): string[] | null {
  if (driver !== 'docker-container') return null;
  const given = c.text('buildkitd-flags').split(/\s+/).filter(Boolean);
  return given.some((f) => f.startsWith('--allow-insecure-entitlement')) ? given : [...given, ENTITLEMENT];
}

export const create: Command = function* (c) {
  const driver = c.text('driver') || 'docker-container';
  if (driver === 'docker') throw new CommandError('ERROR: additional instances of driver "docker" cannot be created');
  if (!DRIVERS.includes(driver)) throw new CommandError(`ERROR: failed to find driver ${JSON.stringify(driver)}`);
  if (driver === 'kubernetes') throw notModelled('--driver kubernetes');
  const name = c.text('name') || (yield* freshName(c));
  checkName(name);
  const before = yield* instance(c, name);
  if (c.on('leave') || c.text('buildkitd-config') !== '') throw notModelled(`--${c.on('leave') ? 'leave' : 'buildkitd-config'}`);
  if (before && !c.on('append') && c.text('node') === '')
    throw new CommandError(
      `ERROR: existing instance for ${JSON.stringify(name)} but no append mode, specify the node name to make changes for existing instances`,
    );
  const endpoint = c.args[0] ?? c.host;
  const others = (before?.Nodes ?? []).filter((n) => n.Name !== c.text('node'));
  if (others.some((n) => n.Endpoint === endpoint)) throw new CommandError(`ERROR: invalid duplicate endpoint ${endpoint}`);
  const node: Node = {
    Name: c.text('node') || `${name}${others.length}`,
    Endpoint: endpoint,
    Platforms: c.list('platform').length > 0 ? c.list('platform').map(platformOf) : null,
    DriverOpts: c.list('driver-opt').length > 0 ? Object.fromEntries(c.list('driver-opt').map((o) => o.split(/=(.*)/s).slice(0, 2))) : null,
    Flags: flagsOf(c, driver),
    Files: null,
  };
  yield* write(c, `instances/${name}`, { Name: name, Driver: before?.Driver ?? driver, Nodes: [...others, node], Dynamic: false });
  if (c.on('use')) yield* setCurrent(c, name);
  if (c.on('bootstrap')) throw notModelled('a builder in a container of its own');
  yield* print(`${name}\n`);
  return 0;
};

export const use: Command = function* (c) {
  const name = c.args[0] ?? '';
  if (name !== 'default' && name !== '' && (yield* instance(c, name))) {
    yield* setCurrent(c, name);
    return 0;
  }
  if (name === 'default') {
    yield* setCurrent(c, '');
    return 0;
  }
  throw new CommandError(
    name === ''
      ? 'ERROR: failed to find instance "": invalid name , name needs to start with a letter and may not contain symbols, except ._-'
      : `ERROR: failed to find instance ${JSON.stringify(name)}: open ${dirOf(c)}/instances/${name}: no such file or directory`,
  );
};

export const stop: Command = function* (c) {
  const name = c.args[0] ?? (yield* currentBuilder(c));
  if (name !== 'default' && !(yield* instance(c, name))) throw missing(name);
  return 0;
};

function* remove(c: Ctx, name: string): Script<boolean> {
  if (name === '' || name === 'default') {
    yield* warn(`failed to remove ${name}: context builder cannot be removed, run \`docker context rm default\` to remove this context`);
    return false;
  }
  if (!(yield* instance(c, name))) {
    yield* warn(`failed to remove ${name}: no builder ${JSON.stringify(name)} found`);
    return false;
  }
  yield* sys((s) => s.unlink(encode(`${dirOf(c)}/instances/${name}`)));
  const chosen = (yield* read<{ Name: string }>(`${dirOf(c)}/current`))?.Name;
  if (chosen === name) yield* setCurrent(c, '');
  yield* warn(`${name} removed`);
  return true;
}

export const rm: Command = function* (c) {
  const inactive = c.on('all-inactive');
  if (inactive && !c.on('force')) throw notModelled('a question; --force: docker buildx rm --all-inactive without it');
  const names = inactive ? (yield* instances(c)).map((i) => i.Name) : c.args.length > 0 ? [...c.args] : [c.text('builder')];
  // They are removed side by side; the one that was started last comes first.
  const order = [...names.slice(-1), ...names.slice(0, -1)];
  let well = true;
  for (const name of order) well = (yield* remove(c, name)) && well;
  if (!well) throw new CommandError('ERROR: failed to remove one or more builders');
  return 0;
};

// ——— lists

const spaced = (rows: readonly string[][], padding = 3): string =>
  tabulate(rows.map((row) => `${row.join('\t')}\n`).join(''), { minWidth: 10, tabWidth: 1, padding, padChar: ' ' });

export const platforms = (n: Node): string =>
  (n.Platforms ?? []).map((p) => `${[p.os, p.architecture, p.variant].filter(Boolean).join('/')}*`).join(', ');

/** A line of the list: a builder, or one of its nodes. */
interface LsRow {
  name: string;
  endpoint: string;
  status: string;
  buildkit: string;
  platforms: string;
}

/** Marks, as the star and the branch, are a table's. */
function* lsRows(c: Ctx, table: boolean): Script<LsRow[]> {
  const chosen = yield* currentBuilder(c);
  const builder = (name: string, driver: string): LsRow => ({
    name: table && name === chosen ? `${name}*` : name,
    endpoint: driver,
    status: '',
    buildkit: '',
    platforms: '',
  });
  const branch = table ? ' \\_ ' : '';
  const node = (name: string, endpoint: string, rest: Pick<LsRow, 'status' | 'buildkit' | 'platforms'>): LsRow => ({
    name: `${branch}${name}`,
    endpoint: `${branch}${endpoint}`,
    ...rest,
  });
  const rows: LsRow[] = [];
  for (const i of yield* instances(c))
    rows.push(
      builder(i.Name, i.Driver),
      ...i.Nodes.map((n) => node(n.Name, n.Endpoint, { status: 'inactive', buildkit: '', platforms: platforms(n) })),
    );
  const own = {
    status: 'running',
    buildkit: BUILDKIT,
    platforms: c.on('no-trunc') || !table ? OWN_PLATFORMS.join(', ') : 'linux/amd64 (+4), linux/386',
  };
  return [...rows, builder('default', 'docker'), node('default', 'default', own)];
}

const lsContext: Context<LsRow> = {
  type: 'commands.lsContext',
  columns: {
    Name: { title: 'NAME/NODE', value: (r) => r.name },
    DriverEndpoint: { title: 'DRIVER/ENDPOINT', value: (r) => r.endpoint },
    Status: { title: 'STATUS', value: (r) => r.status },
    Buildkit: { title: 'BUILDKIT', value: (r) => r.buildkit },
    Platforms: { title: 'PLATFORMS', value: (r) => r.platforms },
  },
};

/** Builders as JSON, their fields by name; with `rows` once more for each node, as a line of the list is. */
function* lsJson(c: Ctx, rows: boolean): Script<string[]> {
  const chosen = yield* currentBuilder(c);
  const disk = yield* sys((s) => s.statfs('/var/lib/docker').size);
  const out: string[] = [];
  for (const i of yield* instances(c)) {
    const at = yield* sys((s) => s.stat(encode(`${dirOf(c)}/instances/${i.Name}`)).mtime);
    const Nodes = i.Nodes.map((n) => ({
      Endpoint: n.Endpoint,
      ...(n.Flags ? { Flags: n.Flags } : {}),
      Name: n.Name,
      ...(n.Platforms ? { Platforms: n.Platforms.map((p) => [p.os, p.architecture, p.variant].filter(Boolean).join('/')) } : {}),
      Status: 'inactive',
    }));
    const LastActivity = rfc3339(failed(at) ? null : Math.floor(at / 1000) * 1000);
    const text = JSON.stringify({ Current: i.Name === chosen, Driver: i.Driver, Dynamic: i.Dynamic, LastActivity, Name: i.Name, Nodes });
    out.push(...Array.from({ length: rows ? 1 + i.Nodes.length : 1 }, () => text));
  }
  const { ID } = yield* get<{ ID: string }>(c, '/info');
  const node = {
    Endpoint: 'default',
    GCPolicy: gcRules(failed(disk) ? 0 : disk).map(({ all, filter, keepDuration, most, free, reserved }) => ({
      all,
      filter,
      keepDuration,
      maxUsedSpace: most,
      minFreeSpace: free,
      reservedSpace: reserved,
    })),
    IDs: [ID],
    Labels: { 'org.mobyproject.buildkit.worker.moby.host-gateway-ip': '172.17.0.1' },
    Name: 'default',
    Platforms: OWN_PLATFORMS,
    Status: 'running',
    Version: BUILDKIT,
  };
  const own = JSON.stringify({
    Current: chosen === 'default',
    Driver: 'docker',
    Dynamic: false,
    LastActivity: rfc3339(null),
    Name: 'default',
    Nodes: [node],
  });
  return [...out, own, ...(rows ? [own] : [])];
}

export const ls: Command = function* (c) {
  const given = c.text('format') || 'table';
  if (given === 'json' || given === '{{json .}}') {
    for (const line of yield* lsJson(c, given !== 'json')) yield* print(`${line}\n`);
    return 0;
  }
  const table = given.startsWith('table');
  const rows = yield* lsRows(c, table);
  if (given === 'table') {
    const titles = Object.values(lsContext.columns).map((column) => column.title ?? '');
    yield* print(spaced([titles, ...rows.map((r) => [r.name, r.endpoint, r.status, r.buildkit, r.platforms])]));
    return 0;
  }
  let text: string;
  try {
    text = formatList(lsContext, given, rows, { trunc: !c.on('no-trunc'), now: 0 });
  } catch (e) {
    if (e instanceof TemplateError) throw new CommandError(`ERROR: ${e.message}`);
    throw e;
  }
  yield* print(text);
  return 0;
};
