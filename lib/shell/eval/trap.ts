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

/** Notes signals that came in. One that is caught only for the EXIT trap's sake ends the shell at once, by way of that trap. */
export function takeSignals(sh: Shell): void {
  const came = sh.sys.takeSignals();
  if (came.length === 0) return;
  const fatal = came.find((n) => endsBash(sh, n));
  if (fatal === undefined) sh.s.pending = [...sh.s.pending, ...came];
  else {
    sh.s.dying = fatal;
    leave(sh, 128 + fatal);
  }
}

/** Signals that end a shell, but for SIGINT, which it treats apart: sig.c of bash, terminating_signals. */
const TERMINATING: readonly Signal[] = [1, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15, 24, 25, 26, 31];

/** Whether a signal that bash catches in a script, without a trap of its own, is its end. */
const endsBash = (sh: Shell, n: Signal): boolean =>
  sh.d.name === 'bash' && sh.s.mode !== 'interactive' && TERMINATING.includes(n) && !has(sh.s.traps, trapName(n));

/** It catches them once there is an EXIT trap. */
const catchesForExit = (sh: Shell, n: Signal): boolean => endsBash(sh, n) && has(sh.s.traps, 'EXIT') && sh.s.traps.EXIT !== '';

/** After an EXIT trap was set. */
export function armForExit(sh: Shell): void {
  for (const n of TERMINATING) if (catchesForExit(sh, n) && sh.sys.sigdisposition(n) === 'default') sh.sys.sigaction(n, 'handle');
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
  else if (text !== undefined || catchesForExit(sh, n)) sh.sys.sigaction(n, 'handle');
  else if (atPrompt(sh) && has(INTERACTIVE, `${n}`)) sh.sys.sigaction(n, INTERACTIVE[n as keyof typeof INTERACTIVE]);
  else sh.sys.sigaction(n, 'default');
}

const INTERACTIVE = { [SIGNALS.SIGINT]: 'handle', [SIGNALS.SIGQUIT]: 'ignore', [SIGNALS.SIGTERM]: 'ignore' } as const;
