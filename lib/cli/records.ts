/**
 * Every command and flag of docker, as data: what the parser, help, completion and the reference pages derive from.
 * Recorded from Docker 28.5 with Compose 2.40 and buildx 0.29 by fidelity/bin/commands.ts; the hidden flags, which no help
 * names, are added here.
 */
import recorded from './data/commands.json';
import { words } from './parts';

/** A flag, as help shows it. */
export interface FlagRecord {
  name: string;
  /** One letter. */
  short?: string;
  /** pflag's name of the type: bool, string, list, bytes, … */
  type: string;
  /** The description of a flag that no help names; the others' are words (below). */
  text?: string;
  /** The default, if help shows one. */
  default?: string;
  /** Works, but no help names it. */
  hidden?: boolean;
  /** What docker says when it is used: "use --timeout instead". */
  deprecated?: string;
}

/** How many arguments a command takes, and whose words say so: docker's own or cobra's. Nothing: any number. */
export interface ArgumentRule {
  style?: 'docker' | 'cobra';
  min?: number;
  max?: number;
  /** Said as "accepts no arguments". */
  none?: boolean;
}

/** Commands under one heading of a group's help. */
export interface Section {
  title: string;
  commands: string[];
}

export interface CommandRecord {
  /** The usage line, in a form or two on lines of their own. */
  usage: string;
  /** One line, as the group above lists it. */
  short: string;
  /** All full names, itself among them. */
  aliases?: string[];
  flags: FlagRecord[];
  /** A group's commands. */
  sections?: Section[];
  /** The usage line of a group as its errors print it. */
  groupUsage?: string;
  args?: ArgumentRule;
  /** false: what follows the first argument is not docker's to read. */
  interspersed?: false;
  /** A program of its own: buildx, compose. */
  plugin?: boolean;
  /** Shown only by a Swarm manager. */
  swarm?: boolean;
}

/** What only help says of a command, apart from its record since it is most of the text. */
export interface Words {
  /** The help's first paragraphs, where they say more than `short`. */
  description?: string;
  examples?: string;
  /** Help's last words. */
  after?: string;
  /** A flag's description, unwrapped; may hold newlines. */
  flags: Record<string, string>;
}

type Recorded = Omit<CommandRecord, 'flags'> & { flags: FlagRecord[] | string };
const table = recorded as unknown as Record<string, Recorded>;

const flag = (name: string, type: string, text: string, more: Partial<FlagRecord> = {}): FlagRecord => ({
  name,
  type,
  text,
  hidden: true,
  ...more,
});

const hiddenRun: FlagRecord[] = [
  flag('cpu-count', 'int', 'CPU count (Windows only)'),
  flag('cpu-percent', 'int', 'CPU percent (Windows only)'),
  flag('dns-opt', 'list', 'Set DNS options'),
  flag('io-maxbandwidth', 'bytes', 'Maximum IO bandwidth limit for the system drive (Windows only)'),
  flag('io-maxiops', 'uint', 'Maximum IOps limit for the system drive (Windows only)'),
  flag('net', 'network', 'Connect a container to a network'),
  flag('net-alias', 'list', 'Add network-scoped alias for the container'),
];
const hiddenStop: FlagRecord[] = [
  flag('time', 'int', 'Seconds to wait before killing the container', { deprecated: 'use --timeout instead' }),
];
const hiddenBuild: FlagRecord[] = [
  flag('compress', 'bool', 'Compress the build context using gzip'),
  flag('cpu-period', 'int', 'Limit the CPU CFS (Completely Fair Scheduler) period'),
  flag('cpu-quota', 'int', 'Limit the CPU CFS (Completely Fair Scheduler) quota'),
  flag('cpu-shares', 'int', 'CPU shares (relative weight)', { short: 'c' }),
  flag('cpuset-cpus', 'string', 'CPUs in which to allow execution ("0-3", "0,1")'),
  flag('cpuset-mems', 'string', 'MEMs in which to allow execution ("0-3", "0,1")'),
  flag('force-rm', 'bool', 'Always remove intermediate containers'),
  flag('isolation', 'string', 'Container isolation technology'),
  flag('memory', 'string', 'Memory limit', { short: 'm' }),
  flag('memory-swap', 'string', 'Swap limit equal to memory plus swap: "-1" to enable unlimited swap'),
  flag('print', 'string', 'Print result of information request (e.g., outline, targets)'),
  flag('rm', 'bool', 'Remove intermediate containers after a successful build', { default: 'true' }),
  flag('security-opt', 'strings', 'Security options'),
  flag('squash', 'bool', 'Squash newly built layers into a single new layer'),
];

/** Flags that work though no help names them: old spellings, and what only other engines take. */
const hidden: Record<string, FlagRecord[]> = {
  'docker run': hiddenRun,
  'docker create': hiddenRun,
  'docker container run': hiddenRun,
  'docker container create': hiddenRun,
  'docker stop': hiddenStop,
  'docker restart': hiddenStop,
  'docker container stop': hiddenStop,
  'docker container restart': hiddenStop,
  'docker volume create': [flag('name', 'string', 'Specify volume name')],
  'docker build': hiddenBuild,
  'docker image build': hiddenBuild,
  'docker builder build': hiddenBuild,
  'docker buildx build': hiddenBuild,
  'docker compose': [
    flag('verbose', 'bool', 'Show more output'),
    flag('workdir', 'string', 'Specify an alternate working directory'),
    flag('version', 'bool', 'Show the Docker Compose version information', { short: 'v' }),
  ],
  'docker compose exec': [
    flag('tty', 'bool', 'Allocate a pseudo-TTY', { short: 't', default: 'true' }),
    flag('interactive', 'bool', 'Keep STDIN open even if not attached', { short: 'i', default: 'true' }),
  ],
  'docker compose run': [flag('tty', 'bool', 'Allocate a pseudo-TTY', { short: 't', default: 'true' })],
};

/** Commands that no help lists outside of a swarm, though they answer. */
const unlisted: Record<string, CommandRecord> = {
  'docker volume update': {
    usage: 'docker volume update [OPTIONS] [VOLUME]',
    short: 'Update a volume (cluster volumes only)',
    flags: [flag('availability', 'string', 'Cluster Volume availability ("active", "pause", "drain")')],
    args: { style: 'docker', min: 1, max: 1 },
  },
};

function flagsOf(path: string): FlagRecord[] {
  const flags = table[path]?.flags ?? [];
  return typeof flags === 'string' ? flagsOf(flags) : flags;
}

/** Every command and group by its full name, "docker container ls"; the first is "docker". */
export const commands: ReadonlyMap<string, CommandRecord> = new Map(
  Object.entries({ ...table, ...unlisted }).map(([path, record]) => {
    const shown = flagsOf(path);
    const more = (hidden[path] ?? []).filter((each) => !shown.some(({ name }) => name === each.name));
    return [path, { ...record, flags: [...shown, ...more] }];
  }),
);

/** Help's words about a command, by its full name. */
export function wordsOf(path: string): Words {
  const found = words.get()[path];
  const flags = found?.flags ?? {};
  return { ...found, flags: typeof flags === 'string' ? wordsOf(flags).flags : flags };
}

const aliases: ReadonlyMap<string, string> = new Map(
  [...commands].flatMap(([path, record]) =>
    (record.aliases ?? []).filter((alias) => !commands.has(alias) && parent(alias) === parent(path)).map((alias) => [alias, path] as const),
  ),
);

function parent(path: string): string {
  return path.slice(0, path.lastIndexOf(' '));
}

/** A command by its full name or an alias of it: "docker container ps" is "docker container ls". */
export function find(path: string): { path: string; record: CommandRecord } | undefined {
  const name = aliases.get(path) ?? path;
  const record = commands.get(name);
  return record && { path: name, record };
}

/** Names of a group's commands that its help lists. */
export function children(path: string): string[] {
  return (commands.get(path)?.sections ?? []).flatMap((section) => section.commands);
}

/** Groups that are commands too. */
const both = new Set(['docker buildx history inspect']);

/** Whether the words after this one name a command, and whether they must. */
export function leads(record: CommandRecord): 'must' | 'may' | 'no' {
  if (!record.sections) return 'no';
  return both.has(properName(record)) ? 'may' : 'must';
}

/**
 * The name a command goes by in its own usage line: "docker build" is a way to say "docker buildx build". Usage lines go on
 * with placeholders in capitals or brackets.
 */
export function properName(record: CommandRecord): string {
  return /^docker(?: [a-z][a-z-]*)*/.exec(record.usage)?.[0] ?? 'docker';
}

/** The plugin a command belongs to, if it is not docker's own. */
export function pluginOf(record: CommandRecord): 'buildx' | 'compose' | undefined {
  const word = properName(record).split(' ')[1];
  return word === 'buildx' || word === 'compose' ? word : undefined;
}
