/**
 * The pages on docker's commands: usage, flags and words from the records that the CLI is parsed by; whether the machine
 * carries it out; and where the chapters run it, with what it printed there.
 */
import '../lib/machine/whole';
import { COMMANDS } from '../lib/cli/commands';
import { type CommandRecord, commands, type FlagRecord, properName, type Words, wordsOf } from '../lib/cli/records';
import { unread } from '../lib/cli/unread';
import type { Chapter } from './chapter';
import type { RunCommand } from './console';

/** A place in the text where a command is run. */
export interface Use {
  chapter: string;
  /** The section's anchor, number and title. */
  id: string;
  number: string;
  title: string;
}
export interface CommandPage {
  /** Of the address: docker compose up is compose-up. */
  slug: string;
  /** The shortest of its names: "docker ps". */
  name: string;
  /** Its other names. */
  aliases: string[];
  record: CommandRecord;
  words: Words;
  /** `unread`: nothing here reads it, since there is nothing for it to change, or because it is not modelled. */
  flags: (FlagRecord & { says: string; unread: ReturnType<typeof unread> })[];
  /** A group's commands. */
  children: { name: string; slug: string | null; short: string }[];
  /** The machine carries it out; groups only print their help. */
  modelled: boolean;
  /** Where it is run, in the course's order. */
  uses: Use[];
  /** Some of what was run there, with what it printed. */
  examples: (RunCommand & { use: Use })[];
}

const MOST_EXAMPLES = 3;
const LONGEST_EXAMPLE = { command: 90, lines: 14 };

/** What makes two names one command: all of its names, or the name in its usage line. */
const identity = (record: CommandRecord) => record.aliases?.toSorted().join() ?? properName(record);
const wordsIn = (name: string) => name.split(' ').length;
export const slugOf = (name: string) => (name === 'docker' ? 'docker' : name.replace(/^docker /, '').replaceAll(' ', '-'));

/** Every command once, under the shortest of its names. */
function families(): { name: string; names: string[]; record: CommandRecord }[] {
  const found = new Map<string, string[]>();
  for (const [path, record] of commands) found.set(identity(record), [...(found.get(identity(record)) ?? []), path]);
  return [...found.values()].map((paths) => {
    const name = paths.toSorted((a, b) => wordsIn(a) - wordsIn(b))[0] as string;
    const record = commands.get(name) as CommandRecord;
    return { name, names: [...new Set([...paths, ...(record.aliases ?? [])])], record };
  });
}

/** The longest name of a command that `words` begin with. */
function named(words: string[]): string | null {
  for (let n = Math.min(words.length, 5); n > 0; n--) {
    const name = words.slice(0, n).join(' ');
    if (commands.has(name)) return name;
  }
  return null;
}

/** The commands of docker that a command line runs. */
export function commandsIn(line: string): string[] {
  const found = [...line.matchAll(/(?:^|[\s;|&("'`])(docker(?: +[a-z][a-z-]*)*)/g)].map((m) => named((m[1] ?? '').split(/ +/)));
  return [...new Set(found.filter((name) => name !== null && name !== 'docker'))] as string[];
}

interface Ran {
  use: Use;
  command: RunCommand;
}

/** What the chapters run, by the identity of the command. */
function runsOf(chapters: readonly Chapter[]): Map<string, Ran[]> {
  const found = new Map<string, Ran[]>();
  for (const { meta, sections } of chapters)
    for (const { id, number, title, ran } of sections)
      for (const command of ran)
        for (const name of commandsIn(command.text)) {
          const key = identity(commands.get(name) as CommandRecord);
          found.set(key, [...(found.get(key) ?? []), { use: { chapter: meta.slug, id, number, title }, command }]);
        }
  return found;
}

const isExample = ({ text, output, status }: RunCommand, name: string) =>
  text.startsWith('docker ') &&
  commandsIn(text).includes(name) &&
  !text.includes('\n') &&
  text.length <= LONGEST_EXAMPLE.command &&
  status === 0 &&
  output !== '' &&
  output.split('\n').length <= LONGEST_EXAMPLE.lines;

/** At most one example a section, different command lines. */
function examplesOf(ran: Ran[], names: readonly string[]): CommandPage['examples'] {
  const out: CommandPage['examples'] = [];
  for (const { use, command } of ran)
    if (names.some((name) => isExample(command, name)) && !out.some((e) => e.use.number === use.number || e.text === command.text))
      out.push({ ...command, use });
  return out.slice(0, MOST_EXAMPLES);
}

export function loadReference(chapters: readonly Chapter[]): CommandPage[] {
  const all = families();
  const runs = runsOf(chapters);
  const pageOf = (name: string) => all.find((f) => f.names.includes(name))?.name ?? null;
  return all.map(({ name, names, record }) => {
    const words = wordsOf(name);
    const ran = runs.get(identity(record)) ?? [];
    const children = (record.sections ?? []).flatMap((section) =>
      section.commands.map((child) => {
        const path = `${name} ${child}`;
        const page = pageOf(path);
        return { name: path, slug: page && slugOf(page), short: commands.get(path)?.short ?? '' };
      }),
    );
    return {
      slug: slugOf(name),
      name,
      aliases: names.filter((n) => n !== name),
      record,
      words,
      flags: record.flags
        .filter((f) => !f.hidden)
        .map((f) => ({ ...f, says: words.flags[f.name] ?? f.text ?? '', unread: unread(names, f.name) })),
      children,
      modelled: names.some((n) => Object.hasOwn(COMMANDS, n)),
      uses: [...new Map(ran.map(({ use }) => [`${use.chapter}#${use.id}`, use])).values()],
      examples: examplesOf(ran, names),
    };
  });
}
