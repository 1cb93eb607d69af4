/** Running the builtin on top of the stack. */

import type { Outcome } from '../../kernel';
import type { FrameOf } from '../eval/frames';
import { pop } from '../eval/stack';
import { Failure, put } from '../message';
import type { Shell, ShellState } from '../state';
import { builtins, isSpecial } from './table';

export function runBuiltin(sh: Shell, f: FrameOf<'builtin'>): Outcome<ShellState> | undefined {
  const name = f.argv[0]!;
  sh.s.builtin = name;
  let answer: ReturnType<NonNullable<(typeof builtins)[string]>['run']>;
  try {
    answer = builtins[name]!.run(sh, { argv: f.argv, assigns: f.assigns, data: f.data });
  } catch (e) {
    // What a builtin cannot do is its status; what ends the line goes on up.
    if (!(e instanceof Failure)) throw e;
    const swallowed = sh.d.errorsExit ? !isSpecial(sh, name) : e.local && !e.exits;
    if (!swallowed) throw e;
    put(sh, 2, `${e.message}\n`);
    answer = e.status;
  }
  if (answer === 'jumped') {
    sh.s.builtin = '';
    return undefined;
  }
  if (typeof answer === 'number') {
    pop(sh, answer);
    sh.s.pipestatus = [answer];
    return undefined;
  }
  if ('wait' in answer) {
    f.data = answer.data;
    return { wait: answer.wait, state: sh.s };
  }
  if ('outcome' in answer) return answer.outcome;
  pop(sh);
  answer.then();
  return undefined;
}
