/**
 * The evaluator: takes the frame on top, does one step of it, until the shell ends or has to wait.
 *
 * Source: DESIGN: a sleeping process is data. Between two steps everything the shell is doing is in its stack.
 */

import { attempt, Errno, type Outcome, SIGNALS, type Sys } from '../../kernel';
import { runBuiltin } from '../builtins/run';
import { DIALECTS } from '../dialect';
import { Failure, prefix, put } from '../message';
import { begins } from '../start';
import { disown, has, own, resume, type Shell, type ShellState } from '../state';
import {
  begin,
  stepAndOr,
  stepArith,
  stepArithFor,
  stepCase,
  stepCond,
  stepFor,
  stepIf,
  stepList,
  stepRedirs,
  stepSelect,
  stepWhile,
} from './compound';
import { checkErrexit } from './errexit';
import { stepExec } from './exec';
import { childBegins, ForkRefused } from './fork';
import type { Frame, FrameOf } from './frames';
import { stepWait } from './jobs';
import { stepPipe, stepSubshell } from './pipeline';
import { stepSimple } from './simple';
import { stepSource } from './source';
import { atPrompt, leave, pop, push, top, unwind } from './stack';
import { stepSubst } from './subst';
import { pushTrap, takeSignals } from './trap';
import { nodeOf } from './units';

/** Steps in one run; then others may go on. */
const TURN = 2000;

export function run(sys: Sys, state: ShellState): Outcome<ShellState> {
  const sh = resume(sys, state, DIALECTS[state.dialect]);
  if (sh.s.pid === 0) begins(sh);
  for (; sh.steps < TURN; sh.steps++) {
    takeSignals(sh);
    const blocked = flush(sh);
    if (blocked !== null) return blocked;
    const out = safeStep(sh);
    if (out !== undefined) {
      if (!('wait' in out)) return out;
      // What a step has said before it waits must be seen while it waits.
      const full = flush(sh);
      return full ?? out;
    }
  }
  return { again: true, state: sh.s };
}

/** A builtin's output that did not go out, in each shell's words: dash names the builtin twice, BusyBox nobody, and says nothing of printf and pwd. */
function writeError(sh: Shell, by: string | undefined, why: Errno): string {
  if (sh.d.name === 'dash') return `${prefix(sh, by)}${by ? `${by}: ` : ''}I/O error\n`;
  if (sh.d.name !== 'bash' && (by === 'printf' || by === 'pwd')) return '';
  return `${sh.d.name === 'bash' ? prefix(sh, by) : 'sh: '}write error: ${why.message}\n`;
}

/** Writes what is queued. */
function flush(sh: Shell): Outcome<ShellState> | null {
  const { output } = sh.s;
  while (output.length > 0) {
    const { fd, data, by } = output[0]!;
    const n = attempt(() => sh.sys.write(fd, data));
    if (n instanceof Errno) {
      output.shift();
      // Written to a pipe without a reader: SIGPIPE ends the shell unless it is ignored.
      if (n.code === 'EPIPE' && sh.sys.sigdisposition(SIGNALS.SIGPIPE) === 'default') return { killedBy: SIGNALS.SIGPIPE };
      if (fd !== 2) {
        // The builtin that wrote it is over by now: its status was not the last word.
        if (by) {
          sh.s.status = 1;
          sh.s.pipestatus = [1];
        }
        output.unshift({
          fd: 2,
          data: writeError(sh, by, n),
        });
      }
      continue;
    }
    if (n === null) return { wait: { for: 'write', fd }, state: sh.s };
    if (n >= data.length) output.shift();
    else output[0] = { ...output[0]!, data: data.slice(n) };
  }
  return null;
}

function safeStep(sh: Shell): Outcome<ShellState> | undefined {
  try {
    if (sh.s.stack.length === 0) {
      push(sh, { t: 'exit', status: sh.s.status });
      return undefined;
    }
    return step(sh, top(sh));
  } catch (e) {
    if (e instanceof Failure) return failed(sh, e), undefined;
    if (e instanceof ForkRefused) return refused(sh, e);
    if (e instanceof RangeError) {
      // A string beyond what the host of the model can hold: no memory left, as far as the shell can tell.
      failed(sh, new Failure(`${prefix(sh)}Cannot allocate memory`, 2, true));
      return undefined;
    }
    if (e instanceof Errno) {
      failed(sh, new Failure(`${prefix(sh)}${e.message}`, 1, false));
      return undefined;
    }
    throw e;
  }
}

function step(sh: Shell, f: Frame): Outcome<ShellState> | undefined {
  switch (f.t) {
    case 'source':
      return stepSource(sh, f);
    case 'unit':
      return pop(sh), undefined;
    case 'begin':
      return stepBegin(sh, f), undefined;
    case 'list':
      return stepList(sh, f), undefined;
    case 'andor':
      return stepAndOr(sh, f), undefined;
    case 'pipe':
      return stepPipe(sh, f), undefined;
    case 'simple':
      return stepSimple(sh, f), undefined;
    case 'redirs':
      return stepRedirs(sh, f), undefined;
    case 'subshell':
      return stepSubshell(sh, f), undefined;
    case 'if':
      return stepIf(sh, f), undefined;
    case 'while':
      return stepWhile(sh, f), undefined;
    case 'for':
      return stepFor(sh, f), undefined;
    case 'select':
      return stepSelect(sh, f);
    case 'cfor':
      return stepArithFor(sh, f), undefined;
    case 'case':
      return stepCase(sh, f), undefined;
    case 'arith':
      return stepArith(sh, f), undefined;
    case 'cond':
      return stepCond(sh, f), undefined;
    case 'call':
      return stepCall(sh), undefined;
    case 'builtin':
      return runBuiltin(sh, f);
    case 'wait':
      return stepWait(sh, f);
    case 'subst':
      return stepSubst(sh, f);
    case 'child':
      pop(sh);
      childBegins(sh, f.setup);
      return undefined;
    case 'exec':
      return stepExec(sh, f);
    case 'copy':
      return stepCopy(sh, f);
    case 'exit':
      return stepExit(sh, f);
  }
}

function stepBegin(sh: Shell, f: FrameOf<'begin'>): void {
  const node = nodeOf(sh, f);
  sh.s.stack.pop();
  begin(sh, node);
}

/** The unit above a call has the body's text; the body is begun once. */
function stepCall(sh: Shell): void {
  pop(sh);
}

/** $(<file) */
function stepCopy(sh: Shell, f: FrameOf<'copy'>): Outcome<ShellState> | undefined {
  const chunk = attempt(() => sh.sys.read(f.fd, 65536));
  if (chunk === null) return { wait: { for: 'read', fd: f.fd }, state: sh.s };
  if (chunk instanceof Errno) {
    put(sh, 2, `${prefix(sh, '')}${chunk.message}\n`);
    pop(sh, 1);
  } else if (chunk === '') pop(sh, 0);
  else put(sh, 1, chunk);
  return undefined;
}

/** The way out: the EXIT trap, once, then the status. */
function stepExit(sh: Shell, f: FrameOf<'exit'>): Outcome<ShellState> | undefined {
  const text = has(sh.s.traps, 'EXIT') ? sh.s.traps.EXIT! : '';
  if (text !== '' && !sh.s.exiting) {
    delete own(sh, 'traps').EXIT;
    sh.s.status = f.status;
    pushTrap(sh, text);
    return undefined;
  }
  // What ended it ends it for good; the first process of a PID namespace can only exit.
  if (sh.s.dying !== undefined && sh.s.pid !== 1) return { killedBy: sh.s.dying };
  return { exit: f.status & 255 };
}

/** A command that could not go on: the message, and how far back that takes the shell. */
function failed(sh: Shell, e: Failure): void {
  if (e.message !== '') put(sh, 2, `${e.message}\n`);
  sh.s.status = e.status;
  sh.s.pipestatus = [e.status];
  sh.s.builtin = '';
  const f = top(sh);
  // A refused redirection ends its command only.
  if (!e.exits && (f.t === 'simple' || f.t === 'redirs') && f.phase === 'after') {
    pop(sh, e.status);
    checkErrexit(sh);
    return;
  }
  if (!e.exits && f.t === 'builtin' && e.local) {
    pop(sh, e.status);
    return;
  }
  disown(sh);
  if (atPrompt(sh)) {
    const at = sh.s.stack.findIndex((g) => g.t === 'source' && g.kind === 'main');
    if (at >= 0) return unwind(sh, at);
  }
  if (e.exits || sh.s.level > 0) return leave(sh, e.status);
  const at = sh.s.stack.findLastIndex((g) => g.t === 'source');
  if (at < 0) return leave(sh, e.status);
  unwind(sh, at);
  sh.s.status = e.status;
}

/** No more processes: bash tries four more times, each after twice as long. */
function refused(sh: Shell, e: ForkRefused): Outcome<ShellState> | undefined {
  if (sh.d.name === 'bash' && e.errno.code === 'EAGAIN' && sh.s.forkTries < 4) {
    put(sh, 2, `${prefix(sh, '')}fork: retry: ${e.errno.message}\n`);
    const at = sh.sys.uptime() + 1000 * 2 ** sh.s.forkTries++;
    return { wait: { for: 'time', at }, state: sh.s };
  }
  sh.s.forkTries = 0;
  failed(sh, new Failure(`${prefix(sh, '')}${sh.d.cantFork(e.errno.message)}`, sh.d.name === 'bash' ? 254 : 2, true));
  return undefined;
}
