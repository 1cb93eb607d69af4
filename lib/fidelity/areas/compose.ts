/** Areas "compose-interpolate", "dotenv", "compose-merge" and "compose-volumes". */
import { parseDotenv } from '../../compose/dotenv';
import { interpolate, substitute, variables } from '../../compose/interpolate';
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
