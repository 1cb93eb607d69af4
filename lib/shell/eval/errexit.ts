/**
 * set -e and the ERR trap: which failures count.
 *
 * A failure does not count while the shell is in the condition of if, while or until, in any but the last command of
 * && and ||, or in a pipeline behind "!". Source: POSIX set -e; bash(1) SHELL BUILTIN COMMANDS, set.
 */

import { has, option, type Shell } from '../state';
import { leave, push } from './stack';
import { nodesOf } from './units';

/** Whether the status of the command on top is being tested by something below. */
export function testedContext(sh: Shell): boolean {
  if (sh.s.errexitOff) return true;
  let unit = -1;
  const { stack } = sh.s;
  for (let i = 0; i < stack.length; i++) {
    const f = stack[i]!;
    switch (f.t) {
      case 'unit':
        unit = i;
        break;
      case 'if':
        if (f.at === 'cond') return true;
        break;
      case 'while':
        if (f.at === 'cond') return true;
        break;
      case 'andor':
      case 'pipe': {
        const u = stack[unit]!;
        if (u.t !== 'unit') break;
        const node = nodesOf(sh, u.src, u.line)[f.n]!;
        if (node.t === 'andor' && f.i < node.items.length - 1) return true;
        if (node.t === 'pipe' && node.negated) return true;
        break;
      }
      default:
    }
  }
  return false;
}

/** Called where a simple command, pipeline, subshell or test has ended with `status`. */
export function checkErrexit(sh: Shell): void {
  const { status } = sh.s;
  if (status === 0) return;
  const err = has(sh.s.traps, 'ERR') && sh.s.traps.ERR !== '';
  if (!option(sh, 'errexit') && !err) return;
  if (testedContext(sh)) return;
  const inFunction = sh.s.stack.some((f) => f.t === 'call');
  if (option(sh, 'errexit')) {
    leave(sh, status);
  }
  if (err && (!inFunction || option(sh, 'errtrace')) && !sh.s.stack.some((f) => f.t === 'source' && f.kind === 'trap')) {
    push(sh, {
      t: 'source',
      kind: 'trap',
      input: { kind: 'text', text: sh.s.traps.ERR!, pos: 0, line: sh.s.line },
      keep: { status, pipestatus: sh.s.pipestatus },
    });
  }
}
