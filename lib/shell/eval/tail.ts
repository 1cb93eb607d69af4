/**
 * Whether the command on top is the last thing this process will do: then it is executed in place of the shell, without
 * a fork, which is why BusyBox's `sh -c 'sleep 9'` shows up as sleep. Source: bash's ONESHOT optimisation, EV_EXIT of dash and ash.
 */

import type { Shell } from '../state';
import { nodesOf } from './units';

export function isLast(sh: Shell): boolean {
  const { s } = sh;
  // dash forks for the last command of -c, too, but not in a subshell: main() evaluates it without EV_EXIT.
  if (s.level === 0 && (s.mode !== 'string' || sh.d.name === 'dash')) return false;
  if (Object.entries(s.traps).some(([, text]) => text !== '')) return false;
  let src = '';
  let line = 0;
  for (let i = 0; i < s.stack.length - 1; i++) {
    const f = s.stack[i]!;
    switch (f.t) {
      case 'unit':
        ({ src, line } = f);
        break;
      case 'source':
        if (f.kind !== 'main' || f.input.kind !== 'text' || f.keep) return false;
        if (/[^\s]/.test(f.input.text.slice(f.input.pos).replace(/^\s*(#.*\n?\s*)*/, ''))) return false;
        break;
      case 'list': {
        const node = nodesOf(sh, src, line)[f.n]!;
        if (node.t !== 'list' || f.i < node.items.length - 1) return false;
        break;
      }
      case 'andor': {
        const node = nodesOf(sh, src, line)[f.n]!;
        if (node.t !== 'andor' || f.i < node.items.length - 1) return false;
        break;
      }
      case 'if':
      case 'case':
        if (sh.d.name === 'bash' || (f.t === 'if' && f.at === 'cond')) return false;
        break;
      default:
        return false;
    }
  }
  return true;
}
