/** What a builtin is, and how it answers. */

import type { Outcome, Wait } from '../../kernel';
import type { DialectName } from '../dialect';
import type { ReadyAssign } from '../eval/frames';
import { Failure, prefix, put } from '../message';
import type { Shell, ShellState } from '../state';

export interface Call {
  argv: string[];
  /** Arguments that were assignments, by their place. */
  assigns: Record<number, ReadyAssign>;
  /** What the builtin returned with its last wait; null the first time. */
  data: unknown;
}

export type Answer =
  /** $? */
  | number
  /** Call again when woken, with this data. */
  | { wait: Wait; data: unknown }
  /** The builtin's place on the stack is taken by other frames. */
  | { then: () => void }
  /** It has changed the stack itself: break, return, exit. */
  | 'jumped'
  | { outcome: Outcome<ShellState> };

export interface Builtin {
  in: readonly DialectName[];
  /** POSIX special builtin. */
  special?: true;
  run(sh: Shell, call: Call): Answer;
}

export const EVERYWHERE = ['bash', 'dash', 'ash'] as const;
export const BASH = ['bash'] as const;

/** Says what is wrong and gives the status. */
export function error(sh: Shell, text: string, status = 1): number {
  put(sh, 2, `${prefix(sh)}${text}\n`);
  return status;
}

/** In dash and ash a mistake in most builtins ends the shell; bash goes on. */
export function fatal(sh: Shell, text: string, status = 2, bashStatus = 1): number {
  if (sh.d.errorsExit) throw new Failure(`${prefix(sh)}${text}`, status, true);
  return error(sh, text, bashStatus);
}

export function usage(sh: Shell, name: string, text: string): number {
  put(sh, 2, `${name}: usage: ${text}\n`);
  return 2;
}

/** What BusyBox's applets say without a line number: "sh: text". */
export function applet(sh: Shell, text: string, status = 1): number {
  put(sh, 2, `${sh.s.applet}: ${text}\n`);
  return status;
}

export interface Options {
  /** Letters given, with their values or ''. */
  on: Record<string, string>;
  rest: string[];
  /** Where `rest` begins in argv. */
  at: number;
}

/** getopt(3) without permutation; a letter followed by ":" takes a value. A bad letter gives its number as status. */
export function options(sh: Shell, argv: string[], letters: string, usageText: string): Options | number {
  const on: Record<string, string> = {};
  let i = 1;
  for (; i < argv.length; i++) {
    const arg = argv[i]!;
    if (arg === '--') {
      i++;
      break;
    }
    if (!/^-./.test(arg)) break;
    for (let j = 1; j < arg.length; j++) {
      const c = arg[j]!;
      const at = letters.indexOf(c);
      if (at < 0 || c === ':') return badOption(sh, argv[0]!, c, usageText);
      if (letters[at + 1] !== ':') {
        on[c] = '';
        continue;
      }
      const value = arg.slice(j + 1) || argv[++i];
      if (value === undefined) {
        if (sh.d.name === 'bash') {
          error(sh, `-${c}: option requires an argument`, 2);
          return usage(sh, argv[0]!, usageText);
        }
        return fatal(sh, sh.d.name === 'dash' ? `No arg for -${c} option` : `no arg for -${c} option`);
      }
      on[c] = value;
      break;
    }
  }
  return { on, rest: argv.slice(i), at: i };
}

export function badOption(sh: Shell, name: string, letter: string, usageText: string): number {
  if (sh.d.name === 'bash') {
    error(sh, `-${letter}: invalid option`, 2);
    return usage(sh, name, usageText);
  }
  return fatal(sh, `${sh.d.name === 'dash' ? 'Illegal' : 'illegal'} option -${letter}`);
}

export const isName = (s: string): boolean => /^[A-Za-z_][A-Za-z0-9_]*$/.test(s);
