/** What the schema cannot say: rules between fields and between services (compose-go, validation and loader/validate.go). */

import { cycleOf } from './graph';
import { ComposeError, isMapping, type Mapping, rewrite, ruleFor, type Tree } from './tree';

type Rule = (value: Tree, path: string) => void;

const oneOf =
  (...keys: string[]): Rule =>
  (value, path) => {
    if (!isMapping(value) || value.external) return;
    const set = keys.filter((key) => Object.hasOwn(value, key));
    if (set.length === 0 && !Object.hasOwn(value, 'driver')) throw new ComposeError(`${path}: one of ${keys.join('|')} must be set`);
    if (set.length > 1) throw new ComposeError(`${path}: ${set.join('|')} attributes are mutually exclusive`);
  };

const externalVolume: Rule = (value, path) => {
  if (!isMapping(value) || value.external !== true) return;
  for (const key of Object.keys(value))
    if (!['name', 'external'].includes(key) && !key.startsWith('x-'))
      throw new ComposeError(`${path}: conflicting parameters "external" and "${key}" specified`);
};

const notNegative: Rule = (value, path) => {
  if (typeof value === 'number' && value < 0) throw new ComposeError(`${path}: must be greater than or equal to 0`);
};

const deviceRequest: Rule = (value, path) => {
  if (isMapping(value) && value.count !== undefined && value.device_ids !== undefined)
    throw new ComposeError(`${path}: "count" and "device_ids" attributes are exclusive`);
};

const notBlank: Rule = (value, path) => {
  if (value === '') throw new ComposeError(`${path}: value can't be blank`);
};

const RULES: Readonly<Record<string, Rule>> = {
  'volumes.*': externalVolume,
  'configs.*': oneOf('file', 'environment', 'content'),
  'secrets.*': oneOf('file', 'environment'),
  'services.*.scale': notNegative,
  'services.*.deploy.replicas': notNegative,
  'services.*.deploy.resources.reservations.devices.*': deviceRequest,
  'services.*.gpus.*': deviceRequest,
  'services.*.develop.watch.*.path': notBlank,
};
const ruleOf = ruleFor(RULES);

/** Each field by itself. */
export function validateFields(tree: Tree): void {
  rewrite(tree, [], (value, path) => {
    if (path.length < 2 || path.length > 7) return value;
    ruleOf(path)?.(value, path.join('.'));
    return value;
  });
}

const invalid = (words: string) => new ComposeError(`${words}: invalid compose project`);
const at = (value: Tree | undefined, ...keys: string[]): Tree | undefined =>
  keys.reduce<Tree | undefined>((v, key) => (isMapping(v) ? v[key] : undefined), value);

/** Two spellings of one thing must agree. */
const SAME: readonly [string, string[], string][] = [
  ['scale', ['deploy', 'replicas'], 'deploy.replicas'],
  ['cpus', ['deploy', 'resources', 'limits', 'cpus'], 'deploy.resources.limits.cpus'],
  ['mem_limit', ['deploy', 'resources', 'limits', 'memory'], 'deploy.resources.limits.memory'],
  ['mem_reservation', ['deploy', 'resources', 'reservations', 'memory'], 'deploy.resources.reservations.memory'],
  ['pids_limit', ['deploy', 'resources', 'limits', 'pids'], 'deploy.resources.limits.pids'],
];

/** The services of a project among each other. `disabled`: those that no profile asks for. */
export function checkConsistency(project: Mapping, disabled: readonly string[]): void {
  const services = (project.services ?? {}) as Record<string, Mapping>;
  const has = (section: string, name: string) => isMapping(project[section]) && Object.hasOwn(project[section] as Mapping, name);
  for (const [name, s] of Object.entries(services)) {
    if (!s.build && !s.image && !s.provider) throw invalid(`service "${name}" has neither an image nor a build context specified`);
    if (at(s, 'build', 'dockerfile') && at(s, 'build', 'dockerfile_inline'))
      throw invalid(`service "${name}" declares mutualy exclusive dockerfile and dockerfile_inline`);
    if (s.network_mode && s.networks) throw invalid(`service ${name} declares mutually exclusive \`network_mode\` and \`networks\``);
    for (const network of Object.keys((s.networks ?? {}) as Mapping))
      if (!has('networks', network)) throw invalid(`service "${name}" refers to undefined network ${network}`);
    const test = at(s, 'healthcheck', 'test');
    if (Array.isArray(test) && test.length > 0 && !['CMD', 'CMD-SHELL', 'NONE'].includes(String(test[0])))
      throw new ComposeError('healthcheck.test must start either by "CMD", "CMD-SHELL" or "NONE"');
    for (const [other, how] of Object.entries((s.depends_on ?? {}) as Record<string, Mapping>)) {
      if (Object.hasOwn(services, other)) continue;
      if (disabled.includes(other) && how.required === false) continue;
      throw invalid(`service "${name}" depends on undefined service "${other}"`);
    }
    for (const [key, prefix] of [['network_mode', 'service:']] as const) {
      const mode = s[key];
      if (typeof mode === 'string' && mode.startsWith(prefix) && !Object.hasOwn(services, mode.slice(prefix.length)))
        throw new ComposeError(`service "${mode.slice(prefix.length)}" not found for network_mode '${mode}'`);
    }
    for (const volume of (s.volumes ?? []) as Mapping[])
      if (volume.type === 'volume' && volume.source && !has('volumes', String(volume.source)))
        throw invalid(`service "${name}" refers to undefined volume ${volume.source}`);
    for (const secret of (at(s, 'build', 'secrets') ?? []) as Mapping[])
      if (!has('secrets', String(secret.source))) throw invalid(`service "${name}" refers to undefined build secret ${secret.source}`);
    for (const config of (s.configs ?? []) as Mapping[])
      if (!has('configs', String(config.source))) throw invalid(`service "${name}" refers to undefined config ${config.source}`);
    for (const model of Object.keys((s.models ?? {}) as Mapping))
      if (!has('models', model)) throw invalid(`service "${name}" refers to undefined model ${model}`);
    for (const secret of (s.secrets ?? []) as Mapping[])
      if (!has('secrets', String(secret.source))) throw invalid(`service "${name}" refers to undefined secret ${secret.source}`);
    for (const [key, path, words] of SAME) {
      const [mine, deployed] = [s[key], at(s, ...path)];
      if (mine !== undefined && deployed !== undefined && mine !== deployed)
        throw invalid(`services.${name}: can't set distinct values on '${key}' and '${words}'`);
    }
    const scale = s.scale ?? at(s, 'deploy', 'replicas') ?? 1;
    if (Number(scale) > 1 && s.container_name)
      throw invalid(
        `services.${s.scale === undefined ? 'deploy.replicas' : 'scale'}: can't set container_name and ${name} as container name must be unique`,
      );
    for (const watch of (at(s, 'develop', 'watch') ?? []) as Mapping[])
      if (!watch.target && !['rebuild', 'restart'].includes(String(watch.action)))
        throw invalid(`services.${name}.develop.watch: target is required for non-rebuild actions`);
  }
  const cycle = cycleOf(services);
  if (cycle) throw new ComposeError(`dependency cycle detected: ${cycle.join(' -> ')}`);
  for (const [name, secret] of Object.entries((project.secrets ?? {}) as Record<string, Mapping>))
    if (!secret.external && !secret.file && !secret.environment)
      throw invalid(`secret "${name}" must declare either \`file\` or \`environment\``);
}
