/**
 * A shell script as the rules see it: the commands in it, wherever they stand, and what their words say.
 *
 *   apt-get update && apt-get -y install "$(list)"   →   apt-get [update], apt-get [-y, install, $(list)], list []
 *
 * The shell's own parser makes it (a layer above gives it to the linter), so quotes, lists, loops and substitutions are read as
 * the shell reads them.
 */

export interface ScriptCommand {
  name: string;
  /** Words after the name, quotes taken off; what a variable or a command will give stands as it was written. */
  args: readonly string[];
  /** Assignments before the name: A=1 cmd. */
  env: Readonly<Record<string, string>>;
}

export interface Script {
  /** In the order they are written. */
  commands: readonly ScriptCommand[];
  /** A | joins two of them. */
  pipe: boolean;
}

export type ReadScript = (text: string) => Script;

/** The command is one of these programs, and has one of these words. */
export const does = (c: ScriptCommand, names: readonly string[], words: readonly string[]): boolean =>
  names.includes(c.name) && words.some((w) => c.args.includes(w));

/** Letters of -xyz and names of --name[=value], up to a --. */
export function flagsOf(c: ScriptCommand): string[] {
  const end = c.args.indexOf('--');
  return (end < 0 ? c.args : c.args.slice(0, end)).flatMap((a) =>
    a.startsWith('--') ? [a.slice(2).replace(/=.*$/s, '')] : /^-./.test(a) ? [...a.slice(1).replace(/=.*$/s, '')] : [],
  );
}

export const hasFlag = (c: ScriptCommand, ...names: string[]): boolean => flagsOf(c).some((f) => names.includes(f));

/** Words that are no flags, nor the values of the flags named here. */
export function operandsOf(c: ScriptCommand, valued: readonly string[] = []): string[] {
  const out: string[] = [];
  for (let i = 0; i < c.args.length; i++) {
    const a = c.args[i] as string;
    if (!a.startsWith('-')) out.push(a);
    else if (!a.includes('=') && valued.includes(a.replace(/^--?/, ''))) i++;
  }
  return out;
}

/** One list of words stands in another, side by side. */
export const inOrder = (words: readonly string[], list: readonly string[]): boolean =>
  list.some((_, at) => words.every((w, i) => list[at + i] === w));
