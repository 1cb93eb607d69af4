/** What is wrong with a question as written, found by running it: for the tests of a chapter, never for the page. */

import { look } from '../machine';
import { firstMissing } from './facts';
import { faultsOf as choiceFaults } from './kinds/choice';
import { faultsOf as refusedFaults } from './kinds/refused';
import { grade, pose, type Question, trials, variantOf } from './question';
import type { Task } from './task';
import { progress } from './task';
import { begin, type Ground, run } from './world';

/** Everything a variant of a question gets wrong: an answer graded otherwise than it must be, a "no" without a reason. */
export function faults(q: Question, ground: Ground, variant: number): string[] {
  const found: string[] = [];
  const drawn = variantOf(q, variant);
  if (drawn.kind === 'choice') found.push(...choiceFaults(drawn, { ground, variant }));
  if (drawn.kind === 'refused') found.push(...refusedFaults(drawn, { ground, variant }));
  const { answer } = pose(q, ground, variant);
  const texts =
    answer.form === 'one' ? answer.options : answer.form === 'match' ? answer.right : answer.form === 'order' ? answer.items : [];
  if (new Set(texts).size !== texts.length) found.push(`two options say the same: ${JSON.stringify(texts)}`);
  for (const trial of trials(q, ground, variant)) {
    const verdict = grade(q, ground, variant, trial.answer);
    if (verdict.right !== trial.right) found.push(`answer ${JSON.stringify(trial.answer)} is graded ${verdict.right ? 'right' : 'wrong'}`);
    if (verdict.says.trim() === '') found.push(`answer ${JSON.stringify(trial.answer)} is not explained`);
    if (/%\{/.test(verdict.says)) found.push(`a parameter is left over: ${verdict.says}`);
  }
  return found;
}

/** What a task gets wrong: a solution that does not solve it, a slip that does or that is not recognised. */
export function taskFaults(task: Task, ground: Ground): string[] {
  const stage = run(begin(ground), task.given);
  const found: string[] = [];
  if (progress(task, [stage.machine]).done) found.push('it is done before anything is done');
  for (const [i, s] of task.solutions.entries()) {
    const after = progress(task, [stage.machine, run(stage, s.commands).machine]);
    if (!after.done) found.push(`solution ${i + 1} does not solve it: ${after.missing}`);
  }
  for (const [i, s] of task.slips.entries()) {
    const world = run(stage, s.commands);
    const after = progress(task, [stage.machine, world.machine]);
    if (after.done) found.push(`slip ${i + 1} solves it`);
    else if (after.slip !== s.because)
      found.push(`slip ${i + 1} is not recognised: ${firstMissing(look.lookAt(world.machine), s.when) ?? 'another one is'}`);
  }
  return found;
}
