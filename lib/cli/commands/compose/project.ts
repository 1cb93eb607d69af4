/**
 * Which project a command is about: its files, its environment and its name (docker/compose, cmd/compose/compose.go;
 * compose-go, cli/options.go).
 *
 *   files         -f, COMPOSE_FILE, or compose.yaml and its like here or in a directory above, with their overrides
 *   variables     the shell's, over those of .env or --env-file
 *   name          -p, COMPOSE_PROJECT_NAME, `name:`, the directory
 */

import { decode, encode } from '../../../base';
import * as compose from '../../../compose';
import { Errno, type Sys } from '../../../kernel';
import { failed, type Script, stdin, sys } from '../../driver';
import { rfc3339 } from '../../formats';
import { CommandError, type Ctx, warn } from '../api';
import { now, readBytes } from '../files';

export interface LoadFlags {
  noInterpolate?: boolean;
  noNormalise?: boolean;
  noConsistency?: boolean;
  noPathResolution?: boolean;
  /** What env files say is not wanted: they may be missing. */
  noEnvFiles?: boolean;
  /** Keep services that no profile asks for. */
  allProfiles?: boolean;
}

interface Found {
  options: Omit<compose.LoadOptions, 'read'>;
  warnings: string[];
}

type Loaded = { project: compose.Project } | { tree: compose.Mapping };
type Result = (Loaded & { warnings: string[] }) | { complaint: string; warnings: string[] };

const reader =
  (s: Sys) =>
  (path: string): string | null => {
    try {
      return decode(readBytes(s, encode(path)));
    } catch (e) {
      if (e instanceof Errno) return null;
      throw e;
    }
  };

function exists(s: Sys, path: string): boolean {
  try {
    s.stat(encode(path));
    return true;
  } catch (e) {
    if (e instanceof Errno) return false;
    throw e;
  }
}

/** A logrus line. */
export function* warning(words: string): Script<void> {
  const at = yield* now();
  yield* warn(`time="${rfc3339(Math.floor(at)).replace(/\.\d+/, '')}" level=warning msg=${JSON.stringify(words)}`);
}

/** The variables: the shell's and those of its files. */
function environmentOf(c: Ctx, directory: string, read: (path: string) => string | null, cwd: string): Record<string, string> {
  const given = c.outer.list('env-file');
  const listed = given.length > 0 ? given : (c.env.COMPOSE_ENV_FILES ?? '').split(',').filter(Boolean);
  const files = listed.length > 0 ? listed.map((f) => compose.paths.resolve(cwd, f)) : [`${directory}/.env`];
  let out: Record<string, string> = {};
  if (c.env.COMPOSE_DISABLE_ENV_FILE === '1' || c.env.COMPOSE_DISABLE_ENV_FILE === 'true') return { ...c.env };
  for (const path of files) {
    const text = read(path);
    if (text === null) {
      if (listed.length > 0) throw new compose.ComposeError(`couldn't find env file: ${path}`);
      continue;
    }
    try {
      const before = out;
      out = { ...out, ...compose.parseDotenv(text, (n) => c.env[n] ?? before[n]) };
    } catch (e) {
      if (e instanceof compose.ComposeError) throw new compose.ComposeError(`failed to read ${path}: ${e.message}`);
      throw e;
    }
  }
  return { ...out, ...c.env };
}

/** The files by their usual names, here or above. */
function usualFiles(s: Sys, from: string, warnings: string[]): string[] {
  for (let dir = from; ; dir = compose.paths.dirname(dir)) {
    const at = (names: readonly string[]) => names.map((n) => compose.paths.resolve(dir, n)).filter((p) => exists(s, p));
    const found = at(compose.FILE_NAMES);
    if (found[0] !== undefined) {
      if (found.length > 1) warnings.push(`Found multiple config files with supported names: ${found.join(', ')}`, `Using ${found[0]}`);
      const over = at(compose.OVERRIDE_NAMES);
      if (over.length > 1) warnings.push(`Found multiple override files with supported names: ${over.join(', ')}`, `Using ${over[0]}`);
      return over[0] === undefined ? [found[0]] : [found[0], over[0]];
    }
    if (dir === '/') return [];
  }
}

/** yaml.Unmarshal into a structure with a name. */
function checkTop(file: compose.File): void {
  if (file.name === '-') return;
  for (const { value } of compose.documentsOf(file)) {
    if (value === undefined || value === null || compose.isMapping(value)) continue;
    const what = Array.isArray(value)
      ? '!!seq'
      : `!!${typeof value === 'string' ? 'str' : typeof value === 'number' ? 'int' : 'bool'} \`${value}\``;
    throw new compose.ComposeError(`yaml: unmarshal errors:\n  line 1: cannot unmarshal ${what} into cli.named`);
  }
}

function find(c: Ctx, s: Sys, typed: string | null): Found {
  const warnings: string[] = [];
  const read = reader(s);
  const cwd = decode(s.getcwd());
  const given = c.outer.list('file');
  const asked = c.outer.text('project-directory');
  const home = c.env.HOME ?? '/';
  const fromEnv = (env: Readonly<Record<string, string>>) => {
    const text = env.COMPOSE_FILE ?? '';
    return text === '' ? [] : text.split(env.COMPOSE_PATH_SEPARATOR || ':');
  };
  const directoryOf = (files: readonly string[]): string => {
    if (asked !== '') return compose.paths.resolve(cwd, asked);
    const first = files.find((f) => f !== '-');
    return first === undefined ? cwd : compose.paths.dirname(compose.paths.resolve(cwd, first));
  };
  let files = given.length > 0 ? given : fromEnv(c.env);
  const early = environmentOf(c, directoryOf(files), read, cwd);
  if (files.length === 0) files = fromEnv(early).map((f) => compose.paths.resolve(directoryOf([]), f));
  if (files.length === 0) files = usualFiles(s, asked === '' ? cwd : compose.paths.resolve(cwd, asked), warnings);
  if (files.length === 0) throw new compose.ComposeError('no configuration file provided: not found');
  const directory = directoryOf(files);
  const environment = environmentOf(c, directory, read, cwd);
  const texts = files.map((f) => {
    if (f === '-') return { name: '-', text: typed ?? '' };
    const name = compose.paths.resolve(cwd, f);
    const text = read(name);
    if (text === null) throw new compose.ComposeError(`${given.length > 0 ? 'open' : 'stat'} ${name}: no such file or directory`);
    return { name, text };
  });
  const flagName = c.outer.text('project-name');
  const name = flagName || environment.COMPOSE_PROJECT_NAME || '';
  if (name !== '') compose.checkName(name);
  texts.forEach(checkTop);
  const profiles = [...c.outer.list('profile'), ...(environment.COMPOSE_PROFILES ?? '').split(',').filter(Boolean)];
  return {
    warnings,
    options: {
      files: texts,
      directory,
      home,
      environment,
      name: name || compose.normaliseName(compose.paths.basename(directory)),
      imperative: name !== '',
      profiles: c.outer.on('all-resources') ? ['*'] : profiles,
    },
  };
}

/** Networks, volumes, secrets and configs that some service uses. */
export function withoutUnused(project: compose.Project): compose.Project {
  const used: Record<string, Set<string>> = {
    networks: new Set(),
    volumes: new Set(),
    secrets: new Set(),
    configs: new Set(),
    models: new Set(),
  };
  const services = compose.servicesOf(project.model);
  for (const s of Object.values(services)) {
    for (const n of Object.keys((s.networks ?? {}) as compose.Mapping)) used.networks?.add(n);
    for (const m of Object.keys((s.models ?? {}) as compose.Mapping)) used.models?.add(m);
    for (const v of (s.volumes ?? []) as compose.Mapping[]) if (v.type === 'volume') used.volumes?.add(String(v.source ?? ''));
    for (const kind of ['secrets', 'configs'] as const)
      for (const one of (s[kind] ?? []) as compose.Mapping[]) used[kind]?.add(String(one.source));
    const build = s.build as compose.Mapping | undefined;
    for (const one of (build?.secrets ?? []) as compose.Mapping[]) used.secrets?.add(String(one.source));
  }
  const model: compose.Mapping = {};
  for (const [key, value] of Object.entries(project.model)) {
    const keep = used[key];
    if (!keep || !compose.isMapping(value)) {
      model[key] = value;
      continue;
    }
    const kept = Object.fromEntries(Object.entries(value).filter(([name]) => keep.has(name)));
    if (Object.keys(kept).length > 0) model[key] = kept;
  }
  return { ...project, model };
}

/** The project with only these services and, unless told otherwise, what they need. */
export function selected(project: compose.Project, names: readonly string[], withNeeds: boolean): compose.Project {
  if (names.length === 0) return project;
  const services = compose.servicesOf(project.model);
  for (const name of names) if (!Object.hasOwn(services, name)) throw new CommandError(`no such service: ${name}`);
  const keep = withNeeds ? compose.graph.withDependencies(services, names) : new Set(names);
  const kept = Object.fromEntries(
    Object.entries(services)
      .filter(([name]) => keep.has(name))
      .map(([name, s]) => [name, s]),
  );
  return withoutUnused({ ...project, model: { ...project.model, services: kept } });
}

/** Services named on the command line take part although no profile asks for them. */
function enabling(project: compose.Project, names: readonly string[]): compose.Project {
  const more = names.flatMap((n) => {
    const s = project.disabled[n];
    return Array.isArray(s?.profiles) ? s.profiles.map(String) : [];
  });
  return more.length === 0 ? project : compose.withProfiles(project, [...project.profiles, ...more]);
}

function* loaded(c: Ctx, flags: LoadFlags, names: readonly string[], asTree: boolean): Script<Loaded> {
  const typed = c.outer.list('file').includes('-') ? decode(yield* stdin()) : null;
  const r = yield* sys((s): Result => {
    const warnings: string[] = [];
    try {
      const found = find(c, s, typed);
      warnings.push(...found.warnings);
      const options: compose.LoadOptions = {
        ...found.options,
        read: reader(s),
        noInterpolate: flags.noInterpolate,
        noNormalise: flags.noNormalise,
        noConsistency: flags.noConsistency,
        noPathResolution: flags.noPathResolution,
        ...(flags.allProfiles ? { profiles: ['*'] } : {}),
      };
      if (asTree) {
        const model = compose.loadTree(options);
        return { tree: model.tree, warnings: [...warnings, ...model.warnings] };
      }
      const first = enabling(compose.loadProject(options), names);
      const own = first.warnings;
      warnings.push(...own);
      const pruned = withoutUnused(first);
      const full = flags.noEnvFiles ? pruned : compose.resolveEnvFiles(pruned, options.read);
      warnings.push(...full.warnings.slice(own.length));
      return { project: { ...full, environment: options.environment, warnings: [] }, warnings };
    } catch (e) {
      if (e instanceof compose.ComposeError) return { complaint: e.message, warnings: [...warnings, ...e.warnings] };
      throw e;
    }
  });
  if (failed(r)) throw new CommandError(r.message);
  for (const words of r.warnings) yield* warning(words);
  if ('complaint' in r) throw new CommandError(r.complaint);
  return r;
}

/** The project of this command line, its env files read. */
export function* projectOf(c: Ctx, names: readonly string[] = [], flags: LoadFlags = {}): Script<compose.Project> {
  return ((yield* loaded(c, flags, names, false)) as { project: compose.Project }).project;
}

/** The files merged, without types. */
export function* treeOf(c: Ctx, flags: LoadFlags): Script<compose.Mapping> {
  return ((yield* loaded(c, flags, [], true)) as { tree: compose.Mapping }).tree;
}

/** The name alone: given, or that of the project, which then has to be sound in all that it says. */
export function* projectName(c: Ctx, names: readonly string[] = []): Script<string> {
  return c.outer.text('project-name') || c.env.COMPOSE_PROJECT_NAME || (yield* projectOf(c, names)).name;
}

/** A project, or only its name where the command line gives one and no files. Its env files are not read. */
export function* projectOrName(c: Ctx, names: readonly string[] = []): Script<{ name: string; project: compose.Project | null }> {
  const given = c.outer.text('project-name');
  if (given !== '' && c.outer.list('file').length === 0) return { name: given, project: null };
  try {
    const project = yield* projectOf(c, names, { noEnvFiles: true });
    return { name: project.name, project };
  } catch (e) {
    const name = c.env.COMPOSE_PROJECT_NAME;
    if (e instanceof CommandError && name) return { name, project: null };
    throw e;
  }
}
