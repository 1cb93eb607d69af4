/** Pushing, popping and unwinding frames; leaving the shell. */

import { attempt } from '../../kernel';
import { disown, own, type Shell } from '../state';
import { setVar } from '../vars';
import type { Frame, SavedVars } from './frames';
import { restoreFds } from './redirect';

export const top = (sh: Shell): Frame => sh.s.stack[sh.s.stack.length - 1]!;

export function push(sh: Shell, ...frames: Frame[]): void {
  sh.s.stack.push(...frames);
}

/** Takes the top frame off and puts back what it had changed. */
export function pop(sh: Shell, status?: number): void {
  const f = sh.s.stack.pop()!;
  release(sh, f);
  if (status !== undefined) sh.s.status = status;
}

export function restoreVars(sh: Shell, saved: SavedVars): void {
  for (const [name, v] of Object.entries(saved)) setVar(sh, name, v ?? undefined);
}

function release(sh: Shell, f: Frame): void {
  switch (f.t) {
    case 'simple':
      restoreFds(sh, f.saved);
      restoreVars(sh, f.temp);
      break;
    case 'redirs':
      restoreFds(sh, f.saved);
      break;
    case 'call':
      sh.s.params = f.params;
      restoreVars(sh, f.locals);
      if (f.options) {
        own(sh, 'options');
        sh.s.options = f.options;
        disown(sh);
      }
      break;
    case 'source':
      if (f.params) sh.s.params = f.params;
      if (f.keep) {
        sh.s.status = f.keep.status;
        sh.s.pipestatus = f.keep.pipestatus;
      }
      break;
    case 'subst':
      attempt(() => sh.sys.close(f.fd));
      break;
    case 'builtin':
      sh.s.builtin = '';
      break;
    default:
  }
  if ('held' in f) for (const fd of f.held) attempt(() => sh.sys.close(fd));
}

/** Leaves all frames above the one at `index`. */
export function unwind(sh: Shell, index: number): void {
  const { status } = sh.s;
  while (sh.s.stack.length > index + 1) pop(sh);
  sh.s.status = status;
}

/** Begins to leave the shell: the EXIT trap runs first. */
export function leave(sh: Shell, status: number): void {
  const { stack } = sh.s;
  unwind(sh, -1);
  sh.s.status = status;
  stack.length = 0;
  push(sh, { t: 'exit', status });
}

/** Interactive at its own terminal: not a subshell of one. */
export const atPrompt = (sh: Shell): boolean => sh.s.mode === 'interactive' && sh.s.level === 0;
