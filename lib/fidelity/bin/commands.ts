/**
 * npx tsx lib/fidelity/bin/commands.ts [DOCKER…]
 *
 * Asks a real docker for all of its commands and writes
 *   lib/cli/data/commands.json            what each takes: usage, flags, arguments
 *   lib/cli/data/words.json               what help says of it
 *   lib/fidelity/recordings/help.json     what each prints for --help on a terminal of 80 columns
 *
 * DOCKER… is the command line that runs docker, "docker" unless given. Help is asked for on a terminal of 6000 columns
 * (util-linux's `script` makes one), where no text is wrapped. How many arguments a command takes is found by giving it
 * none and then nine, with no daemon to reach, so that nothing is carried out.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ArgumentRule, CommandRecord, FlagRecord, Section, Words } from '../../cli/records';

const docker = process.argv.length > 2 ? process.argv.slice(2) : ['docker'];
const nowhere = mkdtempSync(join(tmpdir(), 'drydock-commands-'));
const unreachable = 'tcp://127.0.0.1:1';

/** Commands that help leaves out unless the engine is part of a Swarm. */
const swarmOnly: Record<string, string[]> = {
  docker: ['config', 'node', 'secret', 'service', 'stack'],
  'docker swarm': ['ca', 'join-token', 'leave', 'unlock', 'unlock-key', 'update'],
};

const quoted = (word: string) => `'${word.replaceAll("'", `'\\''`)}'`;
const lineOf = (path: string, rest: string) => [...docker.map(quoted), path.split(' ').slice(1).join(' '), rest].join(' ');

/** What docker prints for --help on a terminal that wide; docker asks its standard input for the width. */
function help(path: string, columns: number): string {
  const command = `stty cols ${columns}; ${lineOf(path, '--help')}`;
  return spawnSync('script', ['-qec', command, '/dev/null'], { encoding: 'utf8', input: '' }).stdout.replaceAll('\r', '');
}

/** Standard error and output of a command that cannot reach an engine. */
function refused(path: string, args: string): string {
  const command = `cd ${nowhere}; timeout 5 ${lineOf('docker', `-H ${unreachable} ${path.split(' ').slice(1).join(' ')} ${args}`)}`;
  const { stdout, stderr } = spawnSync('bash', ['-c', command], {
    encoding: 'utf8',
    input: '',
    env: { ...process.env, DOCKER_CONFIG: nowhere },
  });
  return stderr + stdout;
}

const title = /^(Common Commands|Management Commands|Swarm Commands|Commands):$/;

function sectionsOf(text: string): { sections: Section[]; shorts: Map<string, string>; plugins: Set<string> } {
  const sections: Section[] = [];
  const shorts = new Map<string, string>();
  const plugins = new Set<string>();
  let open: Section | undefined;
  for (const line of text.split('\n')) {
    const found = title.exec(line);
    const entry = /^ {2}([\w-]+)(\*?) +(.*)$/.exec(line);
    if (found) {
      open = { title: found[1] as string, commands: [] };
      sections.push(open);
    } else if (open && entry) {
      const name = entry[1] as string;
      open.commands.push(name);
      shorts.set(name, entry[3] as string);
      if (entry[2]) plugins.add(name);
    } else open = undefined;
  }
  return { sections, shorts, plugins };
}

/** The text between a heading and the blank line that ends it. */
function block(text: string, heading: string): string[] {
  const lines = text.split('\n');
  const start = lines.indexOf(heading);
  if (start < 0) return [];
  const end = lines.indexOf('', start);
  return lines.slice(start + 1, end < 0 ? lines.length : end);
}

function flagsOf(lines: string[]): FlagRecord[] {
  const flags: FlagRecord[] = [];
  let column = 0;
  for (const line of lines) {
    const flag = /^ {2}(?:-(\S), | {4})--(\S+)(?: (\S+(?: \S+)*))?( {3,})(.*)$/.exec(line);
    if (flag) {
      column = line.length - (flag[5] as string).length;
      flags.push({ name: flag[2] as string, short: flag[1], type: flag[3] ?? 'bool', text: flag[5] as string });
    } else {
      const last = flags.at(-1);
      if (!last) throw new Error(`not a flag: ${line}`);
      last.text += `\n${line.slice(column)}`;
    }
  }
  return flags.map(withDefault);
}

/** The default at the end of a flag's text, which pflag puts there: in quotes for a string, only true for a bool. */
function withDefault(flag: FlagRecord): FlagRecord {
  const shape =
    flag.type === 'string' ? / \(default "([^"]*)"\)$/ : flag.type === 'bool' ? / \(default (true)\)$/ : / \(default ([^() ]+)\)$/;
  const text = flag.text ?? '';
  const found = shape.exec(text);
  return found ? { ...flag, text: text.slice(0, found.index), default: found[1] } : flag;
}

const docsArity =
  /'[^']*' (accepts no arguments|requires (?:at least (\d+) and at most (\d+)|at least (\d+)|at most (\d+)|(\d+)) arguments?)\n/;
const cobraArity =
  /(?:accepts (?:between (\d+) and (\d+)|at most (\d+)|(\d+)) arg\(s\), received|requires at least (\d+) arg\(s\), only received) \d+/;

function argumentsOf(path: string): ArgumentRule {
  const complaints = [refused(path, ''), refused(path, 'a1 a2 a3 a4 a5 a6 a7 a8 a9')];
  const number = (text: string | undefined) => (text === undefined ? undefined : Number(text));
  for (const complaint of complaints) {
    const own = docsArity.exec(complaint);
    if (own) {
      if (own[1] === 'accepts no arguments') return { style: 'docker', none: true, min: 0, max: 0 };
      const exact = number(own[6]);
      return { style: 'docker', min: exact ?? number(own[2] ?? own[4]), max: exact ?? number(own[3] ?? own[5]) };
    }
    const cobra = cobraArity.exec(complaint);
    if (cobra) {
      const exact = number(cobra[4]);
      return { style: 'cobra', min: exact ?? number(cobra[1] ?? cobra[5]), max: exact ?? number(cobra[2] ?? cobra[3]) };
    }
    if (complaint.includes(`unknown command "a1" for "${path}"`)) return { style: 'cobra', none: true, min: 0, max: 0 };
  }
  return {};
}

function describe(path: string, text: string, short: string): Described {
  const [usage = '', ...body] = text.split('\n\n');
  const { sections } = sectionsOf(text);
  const isBody = (part: string) =>
    !/^\n?(Aliases|Examples|Options|Global Options|Common Commands|Management Commands|Swarm Commands|Commands):\n|^Run '/.test(part);
  const firstPart = body.findIndex((part) => !isBody(part));
  const description = (firstPart < 0 ? body : body.slice(0, firstPart)).join('\n\n').replace(/\n+$/, '');
  const after = body
    .slice(body.findIndex((part) => part.startsWith("Run '")) + 1)
    .join('\n\n')
    .trimEnd();
  const group = sections.length > 0;
  const record: Described = {
    usage: usage.replace(/^Usage: {2}/, ''),
    short,
    description: description === short ? undefined : description,
    aliases: block(text, 'Aliases:')[0]?.trim().split(', '),
    examples: /\n\nExamples:\n([\s\S]*?)\n\nOptions:/.exec(text)?.[1],
    flags: flagsOf(block(text, path === 'docker' ? 'Global Options:' : 'Options:')),
    sections: group ? sections : undefined,
    after: group && after !== '' ? after : undefined,
  };
  if (group) {
    const line = /\n\nUsage: {2}(.*)\n/.exec(refused(path, '--nosuchflag'))?.[1];
    return line === undefined ? record : { ...record, groupUsage: line };
  }
  const interspersed = refused(path, 'a1 --nosuchflag').includes('unknown flag: --nosuchflag');
  return { ...record, args: argumentsOf(path), interspersed: interspersed ? undefined : false };
}

/** A record with the words that help says of it. */
type Described = CommandRecord & Omit<Words, 'flags'>;

const records: Record<string, Described> = {};
const recordings: Record<string, string> = {};

function visit(path: string, short: string): void {
  console.error(path);
  const text = help(path, 6000);
  recordings[path] = help(path, 80);
  const { sections, shorts, plugins } = sectionsOf(text);
  records[path] = describe(path, text, short);
  const children = sections.flatMap((section) => section.commands);
  for (const child of children) {
    visit(`${path} ${child}`, shorts.get(child) ?? '');
    if (plugins.has(child)) (records[`${path} ${child}`] as Described).plugin = true;
  }
  for (const child of (swarmOnly[path] ?? []).filter((name) => !children.includes(name))) {
    const first = help(`${path} ${child}`, 6000).split('\n\n')[1] ?? '';
    visit(`${path} ${child}`, first.trim());
    (records[`${path} ${child}`] as Described).swarm = true;
  }
}

/** Commands that share their flags with one before them name it instead of saying them again. */
function shared(all: Record<string, Described>): Record<string, Omit<Described, 'flags'> & { flags: FlagRecord[] | string }> {
  const seen = new Map<string, string>();
  return Object.fromEntries(
    Object.entries(all).map(([path, record]) => {
      const key = JSON.stringify(record.flags);
      const same = record.flags.length > 1 ? seen.get(key) : undefined;
      if (!same) seen.set(key, path);
      return [path, same ? { ...record, flags: same } : record];
    }),
  );
}

/** What only help says goes into a file of its own: most of the text, seldom read. */
function apart(all: ReturnType<typeof shared>) {
  const entries = Object.entries(all).map(([path, { description, examples, after, flags, ...record }]) => {
    const texts = typeof flags === 'string' ? flags : Object.fromEntries(flags.map(({ name, text }) => [name, text]));
    const bare = typeof flags === 'string' ? flags : flags.map(({ text: _, ...flag }) => flag);
    return { path, record: { ...record, flags: bare }, words: { description, examples, after, flags: texts } };
  });
  return {
    commands: Object.fromEntries(entries.map(({ path, record }) => [path, record])),
    words: Object.fromEntries(entries.map(({ path, words }) => [path, words])),
  };
}

const root = new URL('../..', import.meta.url).pathname;
visit('docker', '');
const { commands, words } = apart(shared(records));
writeFileSync(join(root, 'cli/data/commands.json'), `${JSON.stringify(commands, null, 1)}\n`);
writeFileSync(join(root, 'cli/data/words.json'), `${JSON.stringify(words, null, 1)}\n`);
writeFileSync(join(root, 'fidelity/recordings/help.json'), `${JSON.stringify(recordings, null, 1)}\n`);
console.error(`${Object.keys(records).length} commands`);
