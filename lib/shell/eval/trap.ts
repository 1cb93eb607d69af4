/**
 * Signals and traps: caught signals wait until the command in the foreground has ended, then their traps run.
 *
 * Source: POSIX "Shell Command Language" 2.11 Signals and Error Handling, trap; bash(1) SIGNALS.
 */

import { SIGNALS, type Signal, signalName } from '../../kernel';
import { has, type Shell } from '../state';
import { abandon } from './jobs';
import { atPrompt, leave, push } from './stack';

export const trapName = (n: Signal): string => signalName(n).replace(/^SIG/, '');

/** Notes signals that came in. */
export function takeSignals(sh: Shell): void {
  const came = sh.sys.takeSignals();
  if (came.length > 0) sh.s.pending = [...sh.s.pending, ...came];
}

/** Pushes the trap of the first signal that waits; whether it did. */
export function runTraps(sh: Shell): boolean {
  const { pending, traps } = sh.s;
  if (pending.length === 0) return false;
  const n = pending.find((p) => has(traps, trapName(p)));
  if (n === undefined) {
    // SIGINT while an interactive shell is between commands: back to the prompt.
    if (pending.includes(SIGNALS.SIGINT) && atPrompt(sh)) {
      if (sh.s.stack.at(-1)?.t === 'source') return false;
      sh.s.pending = [];
      abandon(sh, 130);
      return true;
    }
    if (pending.includes(SIGNALS.SIGINT) && sh.s.mode !== 'interactive') {
      sh.s.pending = [];
      leave(sh, 130);
      return true;
    }
    sh.s.pending = pending.filter((p) => p === SIGNALS.SIGINT);
    return false;
  }
  const at = pending.indexOf(n);
  sh.s.pending = [...pending.slice(0, at), ...pending.slice(at + 1)];
  pushTrap(sh, traps[trapName(n)]!);
  return true;
}

export function pushTrap(sh: Shell, text: string): void {
  push(sh, {
    t: 'source',
    kind: 'trap',
    input: { kind: 'text', text, pos: 0, line: sh.s.line || 1 },
    keep: { status: sh.s.status, pipestatus: sh.s.pipestatus },
  });
}

/** Makes the process's signal dispositions agree with a trap that was set or taken away. */
export function arm(sh: Shell, name: string, n: Signal): void {
  const text = has(sh.s.traps, name) ? sh.s.traps[name] : undefined;
  if (text === '') sh.sys.sigaction(n, 'ignore');
  else if (text !== undefined) sh.sys.sigaction(n, 'handle');
  else if (atPrompt(sh) && has(INTERACTIVE, `${n}`)) sh.sys.sigaction(n, INTERACTIVE[n as keyof typeof INTERACTIVE]);
  else sh.sys.sigaction(n, 'default');
}

const INTERACTIVE = { [SIGNALS.SIGINT]: 'handle', [SIGNALS.SIGQUIT]: 'ignore', [SIGNALS.SIGTERM]: 'ignore' } as const;
