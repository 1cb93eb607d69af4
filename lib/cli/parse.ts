/**
 * A docker command line: which command it names, its flags and arguments, or what docker says instead of running it
 * (docker/cli, cli/required.go and cmd/docker/docker.go; github.com/spf13/cobra).
 *
 *   docker [GLOBAL FLAGS] GROUP… COMMAND [FLAGS] [ARGUMENTS]
 */
import { FlagError, type ParsedFlags, parseFlags } from './flags';
import { helpText } from './help';
import { type ArgumentRule, type CommandRecord, find, leads, pluginOf, properName } from './records';

/** Flags as read: a value for each, and the names of those that were given. */
export type Flags = Pick<ParsedFlags, 'values' | 'given'>;

/** Flags by name, with the zero value of their kind where they have none. */
export interface FlagReader {
  given(flag: string): boolean;
  on(flag: string): boolean;
  text(flag: string): string;
  list(flag: string): string[];
  number(flag: string): number;
}

export function flagReader({ values, given }: Flags): FlagReader {
  return {
    given: (f) => given.includes(f),
    on: (f) => values[f] === true,
    text: (f) => (typeof values[f] === 'string' ? (values[f] as string) : ''),
    list: (f) => (Array.isArray(values[f]) ? (values[f] as string[]) : []),
    number: (f) => (typeof values[f] === 'number' ? (values[f] as number) : 0),
  };
}

/** A command line that names something to do. */
export interface Invocation {
  kind: 'run';
  /** Full name of the command as docker lists it. */
  path: string;
  record: CommandRecord;
  flags: Flags;
  args: string[];
  /** Flags of docker itself, before the command. */
  globals: Flags;
  /** Flags of the group that the command is in, before its name: the -f and -p of compose. */
  outer: Flags;
  /** What docker says first, on standard output: deprecated flags. */
  notices: string[];
}

/** A command line that docker answers by itself: help, or what is wrong with it. */
export interface Printed {
  kind: 'print';
  stdout: string;
  stderr: string;
  status: number;
}

export type Parsed = Invocation | Printed;

/** Exit status of a command line whose flags cannot be read. */
const badFlags = 125;

const printed = (stdout: string, stderr = '', status = 0): Printed => ({ kind: 'print', stdout, stderr, status });
const lines = (notices: string[]) => notices.map((notice) => `${notice}\n`).join('');

/** Groups whose help, when no command is named, starts with an empty line. */
const spaced = new Set(['docker manifest']);

/** Usage line of a command, or of a group as errors print it. */
const usageOf = (record: CommandRecord) => record.groupUsage ?? record.usage;

function withUsage(message: string, record: CommandRecord, name: string, hint = 'Run'): string {
  return `${message}\n\nUsage:  ${usageOf(record)}\n\n${hint} '${name} --help' for more information\n`;
}

function flagError(message: string, _path: string, record: CommandRecord): Printed {
  if (pluginOf(record) === 'compose') return printed('', `${message}\n`, 1);
  return printed('', withUsage(message, record, properName(record)), badFlags);
}

function unknownCommand(word: string, path: string, record: CommandRecord, columns: number): Printed {
  if (path === 'docker') return printed('', `docker: unknown command: docker ${word}\n\nRun 'docker --help' for more information\n`, 1);
  const plugin = pluginOf(record);
  const help = helpText(path, record, columns);
  if (plugin === 'buildx') return printed(help, `ERROR: unknown command: "${word}"\n`, 1);
  if (plugin === 'compose')
    return path === 'docker compose' ? printed(help, `unknown docker command: "compose ${word}"\n`, 1) : printed(help);
  return printed('', withUsage(`docker: unknown command: ${path} ${word}`, record, path), 1);
}

/** What is wrong with the number of arguments, if anything. */
function countError(rule: ArgumentRule, count: number, record: CommandRecord, firstArg: string): string | undefined {
  const { min = 0, max = Number.POSITIVE_INFINITY } = rule;
  if (count >= min && count <= max) return undefined;
  const name = properName(record);
  const ranged = rule.min !== undefined && rule.max !== undefined && min !== max;
  if (rule.style === 'cobra') {
    if (rule.none) return `unknown command "${firstArg}" for "${name}"\n`;
    if (ranged) return `accepts between ${min} and ${max} arg(s), received ${count}\n`;
    if (rule.max === undefined) return `requires at least ${min} arg(s), only received ${count}\n`;
    if (rule.min === undefined) return `accepts at most ${max} arg(s), received ${count}\n`;
    return `accepts ${min} arg(s), received ${count}\n`;
  }
  const plural = (n: number) => `${n} ${n === 1 ? 'argument' : 'arguments'}`;
  // "See" and "SRun" are the upstream texts
  const [wants, hint] = rule.none
    ? ['accepts no arguments', 'Run']
    : ranged
      ? [`requires at least ${min} and at most ${plural(max)}`, 'Run']
      : rule.max === undefined
        ? [`requires at least ${plural(min)}`, 'See']
        : rule.min === undefined
          ? [`requires at most ${plural(max)}`, 'SRun']
          : [`requires ${plural(min)}`, 'Run'];
  return withUsage(`docker: '${name}' ${wants}`, record, name, hint);
}

/** Reads a command line without its first word, "docker". `columns`: width of the terminal, for help. */
export function parseCommandLine(argv: string[], columns = 80): Parsed {
  let path = 'docker';
  let record = find(path)?.record as CommandRecord;
  let rest = argv;
  let helpAsked = false;
  const none: Flags = { values: {}, given: [] };
  let [globals, outer] = [none, none];

  // down through the groups, each with its own flags before the next word
  while (leads(record) !== 'no') {
    const plugin = pluginOf(record);
    let parsed: ParsedFlags;
    try {
      parsed = parseFlags(record.flags, rest, { plugin: plugin !== undefined, interspersed: false });
    } catch (error) {
      if (error instanceof FlagError) return flagError(error.message, path, record);
      throw error;
    }
    const { values, given } = parsed;
    if (path === 'docker') globals = { values, given };
    else outer = { values, given };
    helpAsked ||= parsed.help;
    const help = () => helpText(path, record, columns);
    const [word, ...after] = parsed.args;
    const child = find(`${path} ${word}`);
    if (!child && leads(record) === 'may') break;
    if (word === undefined) {
      if (path === 'docker' && values.version) return { kind: 'run', path, record, flags: globals, args: [], globals, outer, notices: [] };
      if (helpAsked) return path === 'docker' ? printed(help(), lines(parsed.notices)) : printed(lines(parsed.notices) + help());
      return plugin ? printed(help()) : printed('', (spaced.has(path) ? '\n' : '') + help());
    }
    if (path === 'docker' && word === 'help') return helpTopic(after, columns);
    if (!child) {
      if (helpAsked || (path === 'docker' && after.includes('--help'))) return printed(help());
      return unknownCommand(word, path, record, columns);
    }
    path = child.path;
    record = child.record;
    rest = after;
  }

  const plugin = pluginOf(record);
  let parsed: ParsedFlags;
  try {
    parsed = parseFlags(record.flags, rest, { plugin: plugin !== undefined, interspersed: record.interspersed !== false });
  } catch (error) {
    if (error instanceof FlagError) return flagError(error.message, path, record);
    throw error;
  }
  if (helpAsked || parsed.help) return printed(lines(parsed.notices) + helpText(path, record, columns));
  const wrong = record.args && countError(record.args, parsed.args.length, record, parsed.args[0] ?? '');
  if (wrong) return printed(lines(parsed.notices), (plugin === 'buildx' ? 'ERROR: ' : '') + wrong, 1);
  const { values, given, args, notices } = parsed;
  return { kind: 'run', path, record, flags: { values, given }, args, globals, outer, notices };
}

/** `docker help COMMAND…`. */
function helpTopic(words: string[], columns: number): Printed {
  let topic = find('docker') as { path: string; record: CommandRecord };
  for (const [i, word] of words.entries()) {
    const next = find(`${topic.path} ${word}`);
    if (!next) return printed('', `unknown help topic: ${words.slice(i).join(' ')}\n`, 1);
    topic = next;
  }
  return printed(helpText(topic.path, topic.record, columns));
}
