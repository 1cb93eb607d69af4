/**
 * The stack of an evaluation, as data: what the shell is in the middle of, innermost last.
 *
 *   source ─ unit ─ list ─ while ─ list ─ simple ─ wait          while true; do date; sleep 1; done
 *
 * A frame that belongs to a command holds its number `n` in the nearest `unit` below, which holds the text.
 */

import type { Signal } from '../../kernel';
import type { Var } from '../state';

/** Where commands are read from. */
export type Input =
  | { kind: 'text'; text: string; pos: number; line: number }
  /** `buffer` is read but not yet run; `prompted`: the prompt for the next line has been written. */
  | { kind: 'fd'; fd: number; buffer: string; line: number; eof: boolean; prompted: boolean };

/** Descriptors to put back: [number, where its old self is kept, or -1 if it was closed]. */
export type SavedFds = [number, number][];
/** Variables to put back; null was unset. */
export type SavedVars = Record<string, Var | null>;

/** A redirection whose words have been expanded. */
export interface ReadyRedir {
  op: string;
  fd?: number;
  var?: string;
  /** File name, descriptor or the text of a here-document. */
  target: string;
}

/** name=value, ready to be assigned. */
export interface ReadyAssign {
  name: string;
  index?: string;
  append: boolean;
  value: string;
  items?: { key?: string; value: string }[];
}

/** Answers of the substitutions of the command being expanded, and descriptors that >( ) and <( ) hold. */
interface Expanding {
  results: string[];
  /** A command substitution has run: its status is the command's, if nothing else is. */
  ran: boolean;
  held: number[];
}

export type Frame =
  | {
      t: 'source';
      input: Input;
      kind: 'main' | 'eval' | 'dot' | 'trap';
      file?: string;
      params?: string[];
      keep?: { status: number; pipestatus: number[] };
      says?: string;
    }
  | { t: 'unit'; src: string; line: number }
  /** Begins a command in a child. */
  | { t: 'begin'; n: number }
  | { t: 'list'; n: number; i: number }
  | { t: 'andor'; n: number; i: number }
  | { t: 'pipe'; n: number; i: number; pids: number[]; stdin: number; job: number; began: number; cpu: number }
  | ({ t: 'simple'; n: number; phase: 'expand' | 'after'; saved: SavedFds; temp: SavedVars } & Expanding)
  | ({ t: 'redirs'; n: number; phase: 'expand' | 'after'; saved: SavedFds } & Expanding)
  | { t: 'subshell'; n: number; phase: 'fork' | 'after' }
  | { t: 'if'; n: number; i: number; at: 'cond' | 'body' }
  | { t: 'while'; n: number; at: 'begin' | 'cond' | 'body'; last: number }
  | ({ t: 'for'; n: number; words: string[] | null; i: number } & Expanding)
  | ({ t: 'select'; n: number; words: string[] | null; shown: boolean; line: string; status: number } & Expanding)
  | ({ t: 'cfor'; n: number; at: 'init' | 'test' | 'body' | 'update'; last: number } & Expanding)
  | ({ t: 'case'; n: number; i: number; word: string | null; at?: 'body' } & Expanding)
  | ({ t: 'arith'; n: number } & Expanding)
  | ({ t: 'cond'; n: number } & Expanding)
  | { t: 'call'; name: string; file: string; params: string[]; locals: SavedVars; line: number; options?: Record<string, true> }
  | { t: 'builtin'; argv: string[]; assigns: Record<number, ReadyAssign>; data: unknown }
  | { t: 'wait'; job: number }
  | { t: 'subst'; fd: number; pid: number; job: number; text: string }
  | { t: 'child'; setup: ChildSetup }
  /** `file`: where the shell has found the program already. */
  | { t: 'exec'; argv: string[]; temp: ReadyAssign[]; redirs: ReadyRedir[]; file?: string }
  | { t: 'copy'; fd: number; text: string }
  | { t: 'exit'; status: number };

export type FrameOf<K extends Frame['t']> = Frame & { t: K };

/** What a forked child does before its commands. */
export interface ChildSetup {
  /** [descriptor, becomes], in order; the first is closed after. */
  moves: [number, number][];
  close: number[];
  /** 0: a group of its own. */
  pgid?: number;
  /** Takes the terminal. */
  foreground?: boolean;
  /** Standard input from /dev/null, SIGINT and SIGQUIT ignored: a background job without job control. */
  detached?: boolean;
  /** 2>&1, of |&. */
  both?: boolean;
}

export const expanding = (): Expanding => ({ results: [], ran: false, held: [] });

export type Signals = readonly Signal[];
