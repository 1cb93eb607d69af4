/** Paths of a project: relative ones are beside its directory (compose-go, paths). */

import { isMapping, type Mapping, rewrite, ruleFor, type Tree } from './tree';

/** path.Clean of a path from the root. */
export function clean(path: string): string {
  const out: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') out.pop();
    else if (part !== '' && part !== '.') out.push(part);
  }
  return `/${out.join('/')}`;
}

export const resolve = (directory: string, path: string): string => clean(path.startsWith('/') ? path : `${directory}/${path}`);
export const dirname = (path: string): string => clean(`${path}/..`);
export const basename = (path: string): string => path.split('/').filter(Boolean).at(-1) ?? '';

const isRemote = (text: string): boolean =>
  /^[a-zA-Z][a-zA-Z0-9+.-]*:\/\//.test(text) || text.startsWith('github.com/') || text.startsWith('git@');

interface Place {
  directory: string;
  home: string;
}
type Resolver = (value: Tree, place: Place) => Tree;

const expanded = (text: string, { directory, home }: Place): string =>
  text === '~' || text.startsWith('~/') ? clean(`${home}${text.slice(1)}`) : resolve(directory, text);

const plain: Resolver = (value, place) => (typeof value === 'string' && value !== '' ? expanded(value, place) : value);
const context: Resolver = (value, place) =>
  typeof value === 'string' &&
  value !== '' &&
  !isRemote(value) &&
  !value.startsWith('service:') &&
  !/^(docker-image|oci-layout|target):/.test(value)
    ? expanded(value, place)
    : value;
const contexts: Resolver = (value, place) => {
  if (!isMapping(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, context(v, place)]));
};
const mount: Resolver = (value, place) => {
  if (!isMapping(value) || value.type !== 'bind' || typeof value.source !== 'string') return value;
  if (/^[a-zA-Z]:\\/.test(value.source) || value.source === '') return value;
  return { ...value, source: expanded(value.source, place) };
};
const namedVolume: Resolver = (value, place) => {
  if (!isMapping(value) || !isMapping(value.driver_opts)) return value;
  const { o, device } = value.driver_opts;
  if (value.driver !== 'local' || o !== 'bind' || typeof device !== 'string') return value;
  return { ...value, driver_opts: { ...value.driver_opts, device: expanded(device, place) } };
};

const RESOLVERS: Readonly<Record<string, Resolver>> = {
  'services.*.build.context': context,
  'services.*.build.additional_contexts': contexts,
  'services.*.env_file.*.path': plain,
  'services.*.label_file.*': plain,
  'services.*.extends.file': plain,
  'services.*.develop.watch.*.path': plain,
  'services.*.volumes.*': mount,
  'configs.*.file': plain,
  'secrets.*.file': plain,
  'volumes.*': namedVolume,
};
const resolverOf = ruleFor(RESOLVERS);

/** Every path of a project or a part of one (at `under`) made absolute. */
export function resolvePaths(tree: Mapping, directory: string, home: string, under: readonly string[] = []): Mapping {
  const place = { directory, home };
  return rewrite(tree, under, (value, path) => {
    const rule = path.length > 1 && path.length < 7 ? resolverOf(path) : undefined;
    return rule ? rule(value, place) : value;
  }) as Mapping;
}
