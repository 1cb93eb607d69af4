/**
 * The shell's face: three programs, the line editor and completion.
 *
 *   syntax    text → commands and words           builtins   what runs inside the shell
 *   expand    words → arguments                   readline   keys → a line
 *   eval      commands → processes, step by step  complete   what could stand at the cursor
 */

import type { Exec, Program, Programs } from '../kernel';
import { builtins } from './builtins/table';
import type { DialectName } from './dialect';
import { run } from './eval/run';
import { start } from './start';
import type { ShellState } from './state';

const program = (dialect: DialectName): Program<ShellState> => ({ start: (exec: Exec) => start(dialect, exec), run });

export const programs: Programs = { bash: program('bash'), dash: program('dash'), ash: program('ash') };
export { type Completion, type CompletionView, complete } from './complete';
export {
  type Action,
  type EditorState,
  edit,
  editor,
  insertText,
  type Key,
  keys,
  type Rendered,
  render,
  replaceText,
  width,
} from './readline';
export * as syntax from './syntax';
export type { ShellState };

/** Names of the builtins of a shell, for completion and reference. */
export const builtinNames = (dialect: DialectName): string[] =>
  Object.keys(builtins).filter((name) => builtins[name]!.in.includes(dialect));
