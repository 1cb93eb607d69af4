/**
 * Texts of fields that are numbers or booleans: `replicas: "${N}"` is a number once N is known.
 * compose-go, loader/interpolate.go.
 */

import { strconv } from '../base';
import { ComposeError, ruleFor, type Tree } from './tree';

/** Hears of a value that is taken, but should be written otherwise. */
export type Advise = (words: string) => void;
type Cast = (text: string, advise: Advise) => Tree;

const integer: Cast = (text) => strconv.atoi(text);
const float: Cast = (text) => strconv.parseNumber(text);
const boolean: Cast = (text, advise) => {
  const word = text.toLowerCase();
  if (word === 'true' || word === 'false') return word === 'true';
  // What was a boolean in YAML 1.1.
  const value = ['y', 'yes', 'on'].includes(word) ? true : ['n', 'no', 'off'].includes(word) ? false : null;
  if (value !== null) {
    advise(`${strconv.quote(text)} for boolean is not supported by YAML 1.2, please use \`${value}\``);
    return value;
  }
  throw new Error(`invalid boolean: ${text}`);
};
const kinds = { int: integer, float, bool: boolean };

/** Kind → the paths of its fields; [] stands for the items of a list. */
const FIELDS = {
  bool: [
    'configs.*.external',
    'networks.*.external',
    'networks.*.internal',
    'networks.*.attachable',
    'networks.*.enable_ipv4',
    'networks.*.enable_ipv6',
    'secrets.*.external',
    'volumes.*.external',
    'services.*.attach',
    'services.*.build.no_cache',
    'services.*.build.pull',
    'services.*.build.privileged',
    'services.*.depends_on.*.required',
    'services.*.depends_on.*.restart',
    'services.*.env_file.[].required',
    'services.*.healthcheck.disable',
    'services.*.init',
    'services.*.oom_kill_disable',
    'services.*.privileged',
    'services.*.read_only',
    'services.*.stdin_open',
    'services.*.tty',
    'services.*.use_api_socket',
    'services.*.volumes.[].read_only',
    'services.*.volumes.[].bind.create_host_path',
    'services.*.volumes.[].volume.nocopy',
  ],
  int: [
    'services.*.blkio_config.weight',
    'services.*.blkio_config.weight_device.[].weight',
    'services.*.configs.[].mode',
    'services.*.cpu_count',
    'services.*.cpu_period',
    'services.*.cpu_quota',
    'services.*.cpu_rt_period',
    'services.*.cpu_rt_runtime',
    'services.*.cpu_shares',
    'services.*.deploy.replicas',
    'services.*.deploy.placement.max_replicas_per_node',
    'services.*.deploy.resources.limits.pids',
    'services.*.deploy.restart_policy.max_attempts',
    'services.*.deploy.rollback_config.parallelism',
    'services.*.deploy.update_config.parallelism',
    'services.*.healthcheck.retries',
    'services.*.oom_score_adj',
    'services.*.pids_limit',
    'services.*.ports.[].target',
    'services.*.scale',
    'services.*.ulimits.*',
    'services.*.ulimits.*.hard',
    'services.*.ulimits.*.soft',
    'services.*.volumes.[].tmpfs.mode',
  ],
  float: [
    'services.*.cpu_percent',
    'services.*.cpus',
    'services.*.deploy.rollback_config.max_failure_ratio',
    'services.*.deploy.update_config.max_failure_ratio',
  ],
} satisfies Record<keyof typeof kinds, string[]>;

const find = ruleFor<Cast>(
  Object.fromEntries(Object.entries(FIELDS).flatMap(([kind, paths]) => paths.map((p) => [p, kinds[kind as keyof typeof kinds]]))),
);

/** The text as its field has it. A mode is octal, as chmod's. */
export function cast(text: string, path: readonly string[], advise: Advise): Tree {
  const rule = find(path);
  if (rule === undefined) return text;
  if (path.at(-1) === 'mode') return /^[0-7]+$/.test(text) ? Number.parseInt(text, 8) : text;
  try {
    return rule(text, advise);
  } catch (e) {
    throw new ComposeError(`error while interpolating ${path.join('.')}: failed to cast to expected type: ${(e as Error).message}`);
  }
}
