/**
 * `docker … --help`, laid out as the CLI's usage template does it (docker/cli, cli/cobra.go).
 */
import { type CommandRecord, children, find, properName, type Section, wordsOf } from './records';
import { flagUsages } from './wrap';

/** Width of a terminal that has none. */
export const defaultColumns = 80;

const narrowestName = 11;

function section(path: string, { title, commands }: Section): string {
  const width = Math.max(narrowestName, ...children(path).map((name) => name.length)) + 1;
  const lines = commands.map((name) => {
    const child = find(`${path} ${name}`)?.record;
    return `  ${(name + (child?.plugin ? '*' : '')).padEnd(width)}${child?.short ?? ''}`;
  });
  return `${title}:\n${lines.join('\n')}`;
}

/** The help of a command or a group, ending in a newline. */
export function helpText(path: string, record: CommandRecord, columns = defaultColumns): string {
  const root = path === 'docker';
  const words = wordsOf(path);
  const flags = flagUsages(record.flags, words.flags, columns).trimEnd();
  const parts = [
    `Usage:  ${record.usage}`,
    (words.description ?? record.short).trim(),
    record.aliases && `Aliases:\n  ${record.aliases.join(', ')}`,
    words.examples && `Examples:\n${words.examples}`,
    !root && flags && `Options:\n${flags}`,
    ...(record.sections ?? []).map((each) => section(path, each)),
    root && `Global Options:\n${flags}`,
    record.sections && `Run '${properName(record)} COMMAND --help' for more information on a command.`,
    words.after,
  ];
  return `${parts.filter(Boolean).join('\n\n')}\n`;
}
