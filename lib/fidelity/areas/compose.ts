/** Areas "compose-interpolate", "dotenv", "compose-merge", "compose-volumes" and "compose-load"; the last two in the words of the release after 2.40. */
import { forJson } from '../../compose/decode';
import { parseDotenv } from '../../compose/dotenv';
import { interpolate, substitute, variables } from '../../compose/interpolate';
import { loadProject, resolveEnvFiles } from '../../compose/load';
import { enforceUnicity, merge } from '../../compose/merge';
import { parsePort, parseVolume } from '../../compose/short';
import type { Mapping, Tree } from '../../compose/tree';
import { parseYaml } from '../../compose/yaml';
import { NotModelled, withoutZeros } from '../vectors';

type Env = Record<string, string>;
const lookup = (env: Env) => (name: string) => (Object.hasOwn(env, name) ? env[name] : undefined);

type Interpolate =
  | { fn: 'substitute'; template: string; env: Env }
  | { fn: 'tree'; tree: Tree; env: Env }
  | { fn: 'variables'; tree: Tree };

export function composeInterpolate(input: Interpolate): unknown {
  switch (input.fn) {
    case 'substitute':
      return substitute(input.template, lookup(input.env));
    case 'tree':
      return interpolate(input.tree, lookup(input.env));
    case 'variables':
      return variables(input.tree);
    default:
      throw new NotModelled((input as { fn: string }).fn);
  }
}

export const dotenv = ({ text, env }: { text: string; env: Env }): unknown => parseDotenv(text, lookup(env));

export function composeMerge({ base, override }: { base: string; override: string }): unknown {
  const read = (text: string) => (parseYaml(text, 'compose.yaml')[0]?.value ?? {}) as Mapping;
  return enforceUnicity(merge(read(base), read(override)));
}

/** What the release after 2.40 leaves out: paths of the host are made unless a file says that they are not. */
const withoutDefault = (volume: Mapping): unknown => {
  const { create_host_path: create, ...bind } = (volume.bind ?? {}) as Mapping;
  return withoutZeros({ ...volume, bind: create === true ? bind : volume.bind });
};

type Short = { fn: 'volume' | 'port'; text: string };
export const composeVolumes = ({ fn, text }: Short): unknown =>
  fn === 'volume' ? withoutDefault(parseVolume(text)) : parsePort(text, '29').map(withoutZeros);

interface Load {
  files: { name: string; text: string }[];
  env?: Env;
  other?: Record<string, string>;
}

/** Of a project's JSON what is always the same, left out as the table does. */
const IDLE = ['command', 'entrypoint', 'ipam', 'bind', 'volume', 'tmpfs', 'driver_opts'];
function withoutIdle(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutIdle);
  if (typeof value !== 'object' || value === null) return value;
  const isEmpty = (v: unknown) => v === null || (typeof v === 'object' && Object.keys(v as object).length === 0);
  const kept = Object.entries(value)
    .map(([k, v]) => [k, withoutIdle(v)] as const)
    .filter(([k, v]) => !(IDLE.includes(k) && isEmpty(v)));
  return Object.fromEntries(kept);
}

/** What the release after 2.40 leaves out where it is as it would be anyway. */
function asNext(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asNext);
  if (typeof value !== 'object' || value === null) return value;
  const { create_host_path: create, ...rest } = value as Mapping;
  const kept = create === true ? rest : value;
  return Object.fromEntries(
    Object.entries(kept).map(([k, v]) => {
      if (k !== 'env_file' || !Array.isArray(v)) return [k, asNext(v)];
      return [
        k,
        v.map((one: Mapping) => (one.required === true ? { path: one.path, ...(one.format ? { format: one.format } : {}) } : one)),
      ];
    }),
  );
}

export function composeLoad({ files, env = {}, other = {} }: Load): unknown {
  const read = (path: string): string | null => {
    const inside = path.replace(/^\/project\//, '');
    return other[inside] ?? files.find((f) => f.name === inside)?.text ?? null;
  };
  const loaded = loadProject({
    files: files.map(({ name, text }) => ({ name: `/project/${name}`, text })),
    directory: '/project',
    home: env.HOME ?? '/root',
    environment: env,
    name: 'project',
    read,
    release: '29',
  });
  return withoutIdle(asNext(forJson(resolveEnvFiles(loaded, read).model)));
}
