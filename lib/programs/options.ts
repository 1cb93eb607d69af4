/**
 * Command lines as getopt_long(3) reads them: short options in clusters, long ones by any unambiguous beginning, operands anywhere.
 *
 *   spec { short: 'alw:', long: { all: 'a', width: 'w:', color: 'color::' } }
 *   ls -la --wid=40 x   →   [['l', ''], ['a', ''], ['w', '40']], operands ['x']
 *
 * Source: getopt(3) of glibc, whose words both families of programs print (Debian links BusyBox with it).
 */

export interface OptionSpec {
  /** getopt's optstring: `x:` wants an argument, `x::` may have one attached; a leading `+` stops at the first operand. */
  short: string;
  /** Long name → key of the option (a letter of `short` or a word of its own), with `:` or `::` as above. */
  long?: Readonly<Record<string, string>>;
}

export type Given = readonly [key: string, value: string];

/** What a command line says. */
export interface Options {
  /** In the order they were given. */
  readonly given: readonly Given[];
  readonly operands: readonly string[];
  has(...keys: string[]): boolean;
  /** The value given last. */
  value(key: string): string | undefined;
  values(key: string): string[];
  /** Which of several keys was given last. */
  last(...keys: string[]): string | undefined;
}

export const options = (given: readonly Given[], operands: readonly string[]): Options => ({
  given,
  operands,
  has: (...keys) => given.some(([k]) => keys.includes(k)),
  value: (key) => given.findLast(([k]) => k === key)?.[1],
  values: (key) => given.filter(([k]) => k === key).map(([, v]) => v),
  last: (...keys) => given.findLast(([k]) => keys.includes(k))?.[0],
});

/** Reads `args` (without the program's name). A wrong one gives getopt's complaint, without the name before it. */
export function parseOptions(args: readonly string[], spec: OptionSpec): Options | { error: string } {
  const inOrder = spec.short.startsWith('+');
  const short = spec.short.replace(/^[+-]/, '');
  const long = spec.long ?? {};
  const given: Given[] = [];
  const operands: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string;
    if (arg === '--') {
      operands.push(...args.slice(i + 1));
      break;
    }
    if (arg.startsWith('--')) {
      const eq = arg.indexOf('=');
      const word = eq < 0 ? arg.slice(2) : arg.slice(2, eq);
      const hits = Object.hasOwn(long, word) ? [word] : Object.keys(long).filter((n) => n.startsWith(word));
      if (hits.length === 0) return { error: `unrecognized option '${eq < 0 ? arg : arg.slice(0, eq)}'` };
      if (new Set(hits.map((n) => long[n])).size > 1)
        return { error: `option '${arg}' is ambiguous; possibilities: ${hits.map((n) => `'--${n}'`).join(' ')}` };
      const name = hits[0] as string;
      const [, key, colons] = /^(.*?)(:*)$/.exec(long[name] as string) as unknown as [string, string, string];
      if (eq >= 0 && colons === '') return { error: `option '--${name}' doesn't allow an argument` };
      if (colons === ':' && eq < 0) {
        if (i + 1 >= args.length) return { error: `option '--${name}' requires an argument` };
        given.push([key, args[++i] as string]);
      } else given.push([key, eq < 0 ? '' : arg.slice(eq + 1)]);
      continue;
    }
    if (arg.length < 2 || arg[0] !== '-') {
      if (inOrder) {
        operands.push(...args.slice(i));
        break;
      }
      operands.push(arg);
      continue;
    }
    for (let j = 1; j < arg.length; j++) {
      const c = arg[j] as string;
      const at = c === ':' ? -1 : short.indexOf(c);
      if (at < 0) return { error: `invalid option -- '${c}'` };
      if (short[at + 1] !== ':') {
        given.push([c, '']);
        continue;
      }
      const rest = arg.slice(j + 1);
      if (rest !== '' || short[at + 2] === ':') given.push([c, rest]);
      else if (i + 1 < args.length) given.push([c, args[++i] as string]);
      else return { error: `option requires an argument -- '${c}'` };
      break;
    }
  }
  return options(given, operands);
}
