/**
 * Completion of docker's words: commands, flags, and names of what the engine has. docker/cli, cli/command/completion.
 */

import type { CommandRecord } from './records';
import { commands, find } from './records';

/** Names of the engine's objects, as a view of the machine gives them. */
export interface Names {
  containers: readonly string[];
  /** Those of them that run; all, where that is not known. */
  running?: readonly string[];
  images: readonly string[];
  volumes: readonly string[];
  networks: readonly string[];
}

type Of = keyof Names;

/** What the arguments of a command name: the first, and the others. Groups lend theirs. */
const ARGUMENTS: Readonly<Record<string, readonly Of[]>> = {
  'container attach': ['running'],
  'container commit': ['containers'],
  'container create': ['images'],
  'container diff': ['containers'],
  'container exec': ['running'],
  'container export': ['containers'],
  'container inspect': ['containers'],
  'container kill': ['running'],
  'container logs': ['containers'],
  'container pause': ['running'],
  'container port': ['running'],
  'container rename': ['containers'],
  'container restart': ['containers'],
  'container rm': ['containers'],
  'container run': ['images'],
  'container start': ['containers'],
  'container stats': ['running'],
  'container stop': ['running'],
  'container top': ['running'],
  'container unpause': ['containers'],
  'container update': ['containers'],
  'container wait': ['containers'],
  'container cp': ['containers'],
  'image history': ['images'],
  'image inspect': ['images'],
  'image rm': ['images'],
  'image save': ['images'],
  'image tag': ['images'],
  inspect: ['containers', 'images', 'volumes', 'networks'],
  'network connect': ['networks', 'containers'],
  'network disconnect': ['networks', 'containers'],
  'network inspect': ['networks'],
  'network rm': ['networks'],
  'volume inspect': ['volumes'],
  'volume rm': ['volumes'],
};

const FLAGS: Readonly<Record<string, readonly Of[]>> = {
  '--network': ['networks'],
  '--volumes-from': ['containers'],
  '--link': ['containers'],
};

const namesOf = (of: readonly Of[], n: Names): string[] => of.flatMap((kind) => [...(n[kind] ?? n.containers)]);

const argumentsOf = (path: string, record: CommandRecord): readonly Of[] | undefined =>
  [path, ...(record.aliases ?? [])].map((p) => ARGUMENTS[p.replace(/^docker /, '')]).find((of) => of !== undefined);

/** What could stand at `words[index]`, or null to leave it to files. */
export function completeDocker(words: readonly string[], index: number, names: Names): readonly string[] | null {
  let path = 'docker';
  let at = 1;
  const isGroup = () => [...commands.keys()].some((k) => k.startsWith(`${path} `));
  for (; at < index; at++) {
    const word = words[at] as string;
    if (word.startsWith('-')) continue;
    const child = isGroup() ? find(`${path} ${word}`) : undefined;
    if (!child) break;
    path = child.path;
  }
  const record = find(path)?.record;
  if (!record) return null;
  const word = words[index] ?? '';
  const before = words[index - 1] ?? '';
  if (FLAGS[before]) return namesOf(FLAGS[before], names);
  if (word.startsWith('-')) return [...record.flags.filter((f) => !f.hidden).map((f) => `--${f.name}`), '--help'];
  if (isGroup() && at >= index) {
    const depth = path.split(' ').length + 1;
    return [...commands.keys()]
      .filter((k) => k.startsWith(`${path} `) && k.split(' ').length === depth && !commands.get(k)?.swarm)
      .map((k) => k.slice(path.length + 1));
  }
  const flag = record.flags.find((f) => before === `--${f.name}` || before === `-${f.short}`);
  if (flag && flag.type !== 'bool') return null;
  const of = argumentsOf(path, record);
  if (!of) return null;
  const nth = words.slice(at, index).filter((w) => !w.startsWith('-')).length;
  if (record.interspersed === false && nth > 0) return null;
  return namesOf(of.length === 2 && path.includes('network') ? [of[Math.min(nth, 1)] as Of] : of, names);
}
