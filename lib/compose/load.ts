/**
 * From files to a project, as `docker compose config` shows it (compose-go, loader):
 *
 *   each file    parse → variables → extends → !reset → include → over the files before → schema → long forms
 *   then         defaults → rules → paths → environment → names → types → profiles → rules between services
 */

import type { Release } from '../base/ports';
import { canonical, omitEmpty, setDefaults } from './canonical';
import { checkConsistency, validateFields } from './check';
import { decodeProject } from './decode';
import { parseDotenv } from './dotenv';
import { applyExtends } from './extends';
import { interpolate, type Lookup } from './interpolate';
import { enforceUnicity, merge } from './merge';
import { normalise, resolveEnvironment } from './normalise';
import { dirname, resolve, resolvePaths } from './paths';
import { validate } from './schema/validate';
import { ComposeError, isMapping, type Mapping, type Tree, warnedBefore } from './tree';
import { applyResets, type Parsed, parseYaml, YamlError } from './yaml';

export interface File {
  /** Its absolute path; "-" for standard input. */
  name: string;
  text: string;
}

/** Files that were parsed: their names and what they say are looked for separately. */
const parsed = new WeakMap<File, Parsed[]>();

/** The documents of a file. */
export function documentsOf(file: File): Parsed[] {
  const known = parsed.get(file);
  if (known) return known;
  let documents: Parsed[];
  try {
    documents = parseYaml(file.text, file.name);
  } catch (e) {
    if (e instanceof YamlError && file.name === '-') throw new ComposeError(`failed to parse -: ${e.message}`);
    throw e;
  }
  parsed.set(file, documents);
  return documents;
}

export interface LoadOptions {
  files: readonly File[];
  /** The project's directory. */
  directory: string;
  home: string;
  /** The shell's variables and those of .env. */
  environment: Readonly<Record<string, string>>;
  /** The project's name, unless a file gives one; `imperative`: even then. */
  name: string;
  imperative?: boolean;
  profiles?: readonly string[];
  /** The text of a file, or null. */
  read: (path: string) => string | null;
  /** Leave variables as they are. */
  noInterpolate?: boolean;
  noNormalise?: boolean;
  noConsistency?: boolean;
  noPathResolution?: boolean;
  release?: Release;
}

export interface Warning {
  words: string;
}

export interface Model {
  tree: Mapping;
  warnings: string[];
}

interface Context {
  options: LoadOptions;
  directory: string;
  lookup: Lookup;
  environment: Readonly<Record<string, string>>;
  warnings: string[];
  /** Files that include this one. */
  within: readonly string[];
}

const lookupIn =
  (environment: Readonly<Record<string, string>>): Lookup =>
  (name) =>
    Object.hasOwn(environment, name) ? environment[name] : undefined;

function once(warnings: string[], words: string): void {
  if (!warnings.includes(words)) warnings.push(words);
}

/** Said at each mention. */
const unsetWords = (name: string) => `The "${name}" variable is not set. Defaulting to a blank string.`;

const missing = (path: string) => new ComposeError(`open ${path}: no such file or directory`);

function variablesReplaced(tree: Tree, { options, lookup, warnings }: Context): Tree {
  if (options.noInterpolate) return tree;
  const unset = (name: string) => warnings.push(unsetWords(name));
  return interpolate(tree, lookup, unset, (words) => warnings.push(words));
}

/** One document over what the documents before gave. */
function add(dict: Mapping, value: Tree | undefined, resets: string[][], file: File, context: Context): Mapping {
  if (value === undefined || value === null) throw new ComposeError('empty compose file');
  if (!isMapping(value)) throw new ComposeError('top-level object must be a mapping');
  const { options } = context;
  let own = variablesReplaced(value, context) as Mapping;
  if (own.services !== undefined) {
    if (!isMapping(own.services)) throw new ComposeError('services must be a mapping');
    own = {
      ...own,
      services: applyExtends({ file: file.name, services: own.services }, { resets, load: (path) => sourceOf(path, context) }),
    };
  }
  const before = applyResets(dict, resets) as Mapping;
  own = applyInclude(own, file, context);
  const merged = enforceUnicity(merge(before, own)) as Mapping;
  try {
    validate(options.release === '29' ? forNext(merged) : merged);
  } catch (e) {
    if (e instanceof ComposeError) throw new ComposeError(`validating ${file.name}: ${e.message}`);
    throw e;
  }
  const { version, ...rest } = merged;
  if (version !== undefined)
    once(
      context.warnings,
      `${file.name}: the attribute \`version\` is obsolete, it will be ignored, please remove it to avoid potential confusion`,
    );
  const long = canonical(rest, { lenient: options.noInterpolate === true, release: options.release ?? '28.5' });
  return enforceUnicity(omitEmpty(long)) as Mapping;
}

/** Fields that the release after 2.40 knows besides. */
function forNext(tree: Mapping): Mapping {
  if (!isMapping(tree.services)) return tree;
  const services = Object.fromEntries(
    Object.entries(tree.services).map(([name, s]) => {
      if (!isMapping(s)) return [name, s];
      const { pre_start: _, ...known } = s;
      return [name, known];
    }),
  );
  return { ...tree, services };
}

/** The services of a file that others extend. */
function sourceOf(path: string, context: Context) {
  const { options, directory } = context;
  const name = resolve(directory, path);
  const text = options.read(name);
  if (text === null) throw missing(name);
  const release = options.release ?? '28.5';
  let dict: Mapping = {};
  for (const { value } of parseYaml(text, name)) {
    if (!isMapping(value)) continue;
    const own = variablesReplaced(value, context) as Mapping;
    dict = canonical(enforceUnicity(merge(dict, own)), { lenient: options.noInterpolate === true, release }) as Mapping;
  }
  if (!isMapping(dict.services)) return { file: name, services: undefined };
  const absolute = resolvePaths({ services: dict.services }, dirname(name), options.home);
  return { file: name, services: absolute.services as Mapping };
}

const SECTIONS = ['services', 'volumes', 'networks', 'secrets', 'configs', 'models'] as const;

const same = (a: Tree, b: Tree): boolean => JSON.stringify(a) === JSON.stringify(b);

function applyInclude(tree: Mapping, file: File, context: Context): Mapping {
  const { include, ...rest } = tree;
  if (include === undefined) return tree;
  if (!Array.isArray(include)) throw new ComposeError(`\`include\` must be a list, got ${String(include)}`);
  let out: Mapping = rest;
  for (const entry of include) {
    const one = (typeof entry === 'string' ? { path: entry } : entry) as { path?: Tree; project_directory?: string; env_file?: Tree };
    const listOf = (value: Tree | undefined) =>
      (value === undefined || value === null ? [] : Array.isArray(value) ? value : [value]).map(String);
    const paths = listOf(one.path).map((p) => resolve(context.directory, p));
    const [main] = paths;
    if (main === undefined) continue;
    const within = [...context.within, file.name];
    if (within.includes(main)) {
      const [first, ...others] = [...within, main];
      throw new ComposeError(`include cycle detected:\n${first}\n include ${others.join('\n include ')}`);
    }
    const files = paths.map((name) => {
      const text = context.options.read(name);
      if (text === null) throw missing(name);
      return { name, text };
    });
    const directory = one.project_directory ? resolve(context.directory, one.project_directory) : dirname(main);
    const given = listOf(one.env_file);
    const envFiles = given.length > 0 ? given.map((p) => resolve(context.directory, p)) : [`${directory}/.env`];
    let fromFiles: Record<string, string> = {};
    for (const path of envFiles) {
      if (path === '/dev/null') continue;
      const text = context.options.read(path);
      if (text === null) {
        if (given.length > 0) throw missing(path);
        continue;
      }
      fromFiles = { ...fromFiles, ...parseDotenv(text, (n) => context.lookup(n) ?? fromFiles[n]) };
    }
    const environment = { ...fromFiles, ...context.environment };
    const imported = loadModel(files, { ...context, directory, environment, lookup: lookupIn(environment), within });
    out = importInto(out, imported);
  }
  return out;
}

function importInto(tree: Mapping, imported: Mapping): Mapping {
  const out: Mapping = { ...tree };
  for (const section of SECTIONS) {
    const theirs = imported[section];
    if (!isMapping(theirs)) continue;
    const ours: Mapping = isMapping(out[section]) ? { ...(out[section] as Mapping) } : {};
    for (const [key, value] of Object.entries(theirs)) {
      const mine = ours[key];
      if (mine !== undefined && !same(mine, value)) throw new ComposeError(`${section}.${key} conflicts with imported resource`);
      ours[key] = value;
    }
    out[section] = ours;
  }
  for (const [key, value] of Object.entries(imported)) if (key.startsWith('x-')) out[key] ??= value;
  return out;
}

/** The files as one tree, with defaults, absolute paths and the environment's values. */
function loadModel(files: readonly File[], context: Context): Mapping {
  let dict: Mapping = {};
  for (const file of files) for (const { value, resets } of documentsOf(file)) dict = add(dict, value, resets, file, context);
  const full = setDefaults(dict) as Mapping;
  validateFields(full);
  const placed = context.options.noPathResolution ? full : resolvePaths(full, context.directory, context.options.home);
  return resolveEnvironment(placed, context.lookup);
}

const NAME = /^[a-z0-9][a-z0-9_-]*$/;

/** A project's name as far as it may be one: "My App" is "myapp". */
export const normaliseName = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^-_a-z0-9]/g, '')
    .replace(/^[_-]+/, '');

export function checkName(name: string): void {
  if (NAME.test(name)) return;
  if (name === '') throw new ComposeError('project name must not be empty');
  throw new ComposeError(
    `invalid project name "${name}": must consist only of lowercase alphanumeric characters, hyphens, and underscores as well as start with a letter or number`,
  );
}

/** The files merged and normalised, before their fields have types: what `config --no-interpolate` shows. */
export function loadTree(options: LoadOptions): Model {
  const warnings: string[] = [];
  const lookup = lookupIn(options.environment);
  let { name } = options;
  if (!options.imperative)
    for (const file of options.files)
      for (const { value } of documentsOf(file))
        if (isMapping(value) && typeof value.name === 'string') name = normaliseName(String(interpolate(value.name, lookup)));
  const environment = { ...options.environment, COMPOSE_PROJECT_NAME: name };
  const context: Context = { options, directory: options.directory, lookup: lookupIn(environment), environment, warnings, within: [] };
  return warnedBefore(warnings, () => {
    const dict = loadModel(options.files, context);
    if (Object.keys(dict).length === 0) throw new ComposeError('empty compose file');
    if (name === '') throw new ComposeError('project name must not be empty');
    return { tree: options.noNormalise ? { ...dict, name } : normalise(dict, name, context.lookup), warnings };
  });
}

export interface Project {
  name: string;
  directory: string;
  files: string[];
  /** The project as `config` prints it; services that no profile asks for are not in it. */
  model: Mapping;
  /** Those, all the same. */
  disabled: Record<string, Mapping>;
  profiles: string[];
  environment: Readonly<Record<string, string>>;
  warnings: string[];
}

export const servicesOf = (model: Mapping): Record<string, Mapping> => (model.services ?? {}) as Record<string, Mapping>;

const profilesOf = (service: Mapping): string[] => (Array.isArray(service.profiles) ? service.profiles.map(String) : []);

function isEnabled(service: Mapping, profiles: readonly string[]): boolean {
  const own = profilesOf(service);
  return own.length === 0 || profiles.includes('*') || own.some((p) => profiles.includes(p));
}

/** The project with exactly these profiles. */
export function withProfiles(project: Project, profiles: readonly string[]): Project {
  const all = { ...servicesOf(project.model), ...project.disabled };
  const enabled: Record<string, Mapping> = {};
  const disabled: Record<string, Mapping> = {};
  for (const name of Object.keys(all).sort()) {
    const service = all[name] as Mapping;
    if (isEnabled(service, profiles)) enabled[name] = service;
    else disabled[name] = service;
  }
  return { ...project, model: { ...project.model, services: enabled }, disabled, profiles: [...profiles] };
}

/** Brings what env_file and label_file say into the services; unset texts stay unset. */
export function resolveEnvFiles(project: Project, read: (path: string) => string | null): Project {
  const warnings = [...project.warnings];
  const lookup = lookupIn(project.environment);
  const services = Object.fromEntries(
    Object.entries(servicesOf(project.model)).map(([name, s]) => [name, serviceWithFiles(s, lookup, read, warnings)]),
  );
  return { ...project, model: { ...project.model, services }, warnings };
}

function serviceWithFiles(s: Mapping, lookup: Lookup, read: (path: string) => string | null, warnings: string[]): Mapping {
  const unset = (name: string) => warnings.push(unsetWords(name));
  let out = s;
  if (Array.isArray(s.env_file) && s.env_file.length > 0) {
    let fromFiles: Record<string, string> = {};
    for (const one of s.env_file as Mapping[]) {
      const path = String(one.path);
      const text = read(path);
      if (text === null) {
        if (one.required === false) continue;
        throw new ComposeError(`env file ${path} not found: stat ${path}: no such file or directory`);
      }
      if (one.format !== undefined && one.format !== 'raw') throw new ComposeError(`unsupported env_file format "${one.format}"`);
      const before = fromFiles;
      try {
        const vars = one.format === 'raw' ? rawLines(text) : parseDotenv(text, (n) => lookup(n) ?? before[n], unset);
        fromFiles = { ...fromFiles, ...vars };
      } catch (e) {
        if (e instanceof ComposeError) throw new ComposeError(`failed to read ${path}: ${e.message}`);
        throw e;
      }
    }
    const environment = { ...fromFiles, ...((s.environment ?? {}) as Mapping) };
    out = inOrder({ ...out, environment: Object.fromEntries(Object.entries(environment).sort(([a], [b]) => (a < b ? -1 : 1))) }, out);
  }
  if (Array.isArray(s.label_file) && s.label_file.length > 0) {
    let labels: Mapping = {};
    for (const path of s.label_file.map(String)) {
      const text = read(path);
      if (text === null) throw new ComposeError(`label file ${path} not found: stat ${path}: no such file or directory`);
      labels = { ...labels, ...parseDotenv(text) };
    }
    labels = { ...labels, ...((s.labels ?? {}) as Mapping) };
    out = inOrder({ ...out, labels: Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))) }, out);
  }
  return out;
}

/** "k=v" lines as they are. */
function rawLines(text: string): Record<string, string> {
  const out: Record<string, string> = {};
  for (const line of text.split('\n')) {
    const at = line.indexOf('=');
    if (at > 0 && !line.startsWith('#')) out[line.slice(0, at)] = line.slice(at + 1);
  }
  return out;
}

/** A service's fields in the order that Compose prints. */
function inOrder(service: Mapping, before: Mapping): Mapping {
  const added = Object.keys(service).filter((key) => !Object.hasOwn(before, key));
  return added.length === 0 ? service : (decodeProject({ services: { x: service } }).services as { x: Mapping }).x;
}

/** The project of these files: with types, profiles and checks; env_file is not read yet. */
export function loadProject(options: LoadOptions): Project {
  const { tree, warnings } = loadTree(options);
  const model = warnedBefore(warnings, () => decodeProject(tree));
  if (model.services === undefined) model.services = {};
  const { name, services, ...others } = model;
  const project: Project = {
    name: String(name),
    directory: options.directory,
    files: options.files.map((f) => f.name),
    model: { name: name as Tree, services: services as Tree, ...others },
    disabled: {},
    profiles: [],
    environment: options.environment,
    warnings,
  };
  const chosen = withProfiles(project, options.profiles ?? []);
  if (!options.noConsistency) warnedBefore(warnings, () => checkConsistency(chosen.model, Object.keys(chosen.disabled)));
  return chosen;
}
