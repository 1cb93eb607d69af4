/**
 * Reading a command's flags: github.com/spf13/pflag. Clusters of one-letter flags, --flag=value, --flag value, "--", and
 * flags among arguments or before them only.
 */
import { strconv } from '../base';
import type { FlagRecord } from './records';
import { type FlagValue, kindOf } from './values';

export interface ParsedFlags {
  /** Values by name; flags that were not given have their default. */
  values: Record<string, FlagValue>;
  /** Names of the flags that were given. */
  given: string[];
  args: string[];
  /** "--help" or "-h" was given. */
  help: boolean;
  /** What is said about deprecated flags, in order. */
  notices: string[];
}

export class FlagError extends Error {}

interface Options {
  plugin: boolean;
  interspersed: boolean;
}

/** Every command has it; its letter is deprecated, and taken over by some. */
const help: FlagRecord = { name: 'help', type: 'bool', text: 'Print usage' };

/** A switch needs no value; "--switch" says true. */
const isSwitch = (flag: FlagRecord) => flag.type === 'bool';

export function parseFlags(flags: FlagRecord[], argv: string[], { plugin, interspersed }: Options): ParsedFlags {
  const parsed: ParsedFlags = { values: {}, given: [], args: [], help: false, notices: [] };
  const rest = [...argv];
  const known = [...flags, help];

  const set = (flag: FlagRecord, text: string) => {
    const shown = flag.short ? `-${flag.short}, --${flag.name}` : `--${flag.name}`;
    try {
      parsed.values[flag.name] = kindOf(flag, plugin).read(text, parsed.values[flag.name]);
    } catch (error) {
      throw new FlagError(`invalid argument ${strconv.quote(text)} for ${strconv.quote(shown)} flag: ${(error as Error).message}`);
    }
    if (!parsed.given.includes(flag.name)) parsed.given.push(flag.name);
    if (flag.deprecated) parsed.notices.push(`Flag --${flag.name} has been deprecated, ${flag.deprecated}`);
  };

  const long = (word: string) => {
    const body = word.slice(2);
    if (/^[-=]/.test(body)) throw new FlagError(`bad flag syntax: ${word}`);
    const at = body.indexOf('=');
    const name = at < 0 ? body : body.slice(0, at);
    const flag = known.find((each) => each.name === name);
    if (!flag) throw new FlagError(`unknown flag: --${name}`);
    else if (at >= 0) set(flag, body.slice(at + 1));
    else if (isSwitch(flag)) set(flag, 'true');
    else {
      const value = rest.shift();
      if (value === undefined) throw new FlagError(`flag needs an argument: ${word}`);
      set(flag, value);
    }
  };

  const short = (word: string) => {
    let cluster = word.slice(1);
    while (cluster !== '') {
      const letter = [...cluster][0] as string;
      const after = cluster.slice(letter.length);
      const flag = flags.find((each) => each.short === letter);
      if (!flag) {
        if (letter !== 'h') throw new FlagError(`unknown shorthand flag: '${strconv.escapeChar(letter, "'")}' in -${cluster}`);
        set(help, 'true');
        parsed.notices.push('Flag shorthand -h has been deprecated, use --help');
        cluster = after;
        continue;
      }
      if (after.length > 1 && after.startsWith('=')) {
        set(flag, after.slice(1));
        return;
      }
      if (isSwitch(flag)) {
        set(flag, 'true');
        cluster = after;
        continue;
      }
      const value = after === '' ? rest.shift() : after;
      if (value === undefined) throw new FlagError(`flag needs an argument: '${letter}' in -${cluster}`);
      set(flag, value);
      return;
    }
  };

  while (rest.length > 0) {
    const word = rest.shift() as string;
    if (word === '--') {
      parsed.args.push(...rest);
      break;
    }
    if (word.length < 2 || !word.startsWith('-')) {
      parsed.args.push(word);
      if (interspersed) continue;
      parsed.args.push(...rest);
      break;
    }
    if (word.startsWith('--')) long(word);
    else short(word);
  }

  parsed.help = parsed.values.help === true;
  for (const flag of flags) parsed.values[flag.name] ??= kindOf(flag, plugin).none(flag.default);
  return parsed;
}
