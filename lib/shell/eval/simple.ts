/**
 * Simple commands: expand, redirect, then a function, a builtin or a program.
 *
 * Source: POSIX "Shell Command Language" 2.9.1 Simple Commands; bash(1) SIMPLE COMMAND EXPANSION, COMMAND EXECUTION.
 */

import { builtins, isSpecial } from '../builtins/table';
import { prompt } from '../expand/prompt';
import { quotedIfNeeded } from '../expand/quote';
import { type Expander, expandPieces, expandString, expandWords } from '../expand/word';
import { Failure, prefix, put } from '../message';
import { has, option, type Shell, type Var } from '../state';
import type { Assign, Simple } from '../syntax/ast';
import { assign, assignArray, assignElement, attributes, value, variable } from '../vars';
import { begin } from './compound';
import { checkErrexit } from './errexit';
import { locate } from './exec';
import { addJob, forkChild, group } from './fork';
import type { FrameOf, ReadyAssign, ReadyRedir, SavedVars } from './frames';
import { applyRedirs, readyRedirs } from './redirect';
import { pop, push } from './stack';
import { withSubstitutions } from './subst';
import { isLast } from './tail';
import { nodeOf, nodesOf, unitOf } from './units';

interface Ready {
  argv: string[];
  assigns: ReadyAssign[];
  args: Record<number, ReadyAssign>;
  redirs: ReadyRedir[];
}

function readyAssign(x: Expander, a: Assign): ReadyAssign {
  const made: ReadyAssign = { name: a.name, append: a.append === true, value: '' };
  if (a.index) made.index = variable(x.sh, a.name)?.assoc ? expandString(x, a.index) : expandString(x, a.index);
  if ('elements' in a.value) {
    made.items = a.value.elements.flatMap((e) => {
      if (e.key) return [{ key: expandString(x, e.key), value: expandString(x, e.value, true) }];
      return expandWords(x, [e.value]).map((v) => ({ value: v }));
    });
  } else
    made.value = expandPieces(x, a.value, true)
      .map((p) => p.s)
      .join('');
  return made;
}

/** Does an assignment. */
export function assignReady(sh: Shell, a: ReadyAssign): void {
  if (a.items) assignArray(sh, a.name, a.items, a.append);
  else if (a.index !== undefined) assignElement(sh, a.name, a.index, a.value, a.append);
  else assign(sh, a.name, a.value, a.append);
}

/** How an assignment looks in an argument list and in a trace. */
export function shown(a: ReadyAssign, quote: (s: string) => string = (s) => s): string {
  const name = a.index === undefined ? a.name : `${a.name}[${a.index}]`;
  return `${name}${a.append ? '+' : ''}=${a.items ? `(${a.items.map((i) => (i.key === undefined ? quote(i.value) : `[${i.key}]=${quote(i.value)}`)).join(' ')})` : quote(a.value)}`;
}

function prepare(x: Expander, node: Simple): Ready {
  const { sh } = x;
  const argv: string[] = [];
  const args: Record<number, ReadyAssign> = {};
  for (const word of node.words) {
    if (word.assign) {
      const ready = readyAssign(x, word.assign);
      args[argv.length] = ready;
      argv.push(shown(ready));
    } else argv.push(...expandWords(x, [word]));
  }
  const redirs = readyRedirs(x, node.redirs);
  if (argv.length === 0) {
    const assigns: ReadyAssign[] = [];
    for (const a of node.assigns) {
      const ready = readyAssign(x, a);
      assigns.push(ready);
      assignReady(sh, ready);
    }
    return { argv, args, redirs, assigns };
  }
  // Each sees the ones before it; none of them stays.
  const before = sh.s.vars;
  sh.owned.delete('vars');
  const assigns = node.assigns.map((a) => {
    const ready = readyAssign(x, a);
    if (node.assigns.length > 1 && !variable(sh, a.name)?.readonly) assignReady(sh, ready);
    return ready;
  });
  sh.s.vars = before;
  sh.owned.delete('vars');
  return { argv, args, redirs, assigns };
}

export function trace(sh: Shell, ready: Pick<Ready, 'argv' | 'assigns' | 'args'>): void {
  const ps4 = prompt(sh, value(sh, 'PS4') ?? '+ ');
  const depth =
    sh.d.name === 'bash'
      ? (ps4[0] ?? '').repeat(1 + sh.s.stack.filter((f) => f.t === 'source' && f.kind === 'eval').length + sh.s.substDepth) + ps4.slice(1)
      : ps4;
  const words = ready.argv.map((w, i) => (ready.args[i] ? shown(ready.args[i]!, traced(sh)) : traced(sh)(w)));
  if (sh.d.name === 'bash' && ready.assigns.length > 0) {
    for (const a of ready.assigns) put(sh, 2, `${depth}${shown(a, traced(sh))}\n`);
    if (words.length > 0) put(sh, 2, `${depth}${words.join(' ')}\n`);
    return;
  }
  put(sh, 2, `${depth}${[...ready.assigns.map((a) => shown(a, traced(sh))), ...words].join(' ')}\n`);
}

const traced = (sh: Shell): ((s: string) => string) => (sh.d.name === 'dash' ? (s) => s : quotedIfNeeded);

export function stepSimple(sh: Shell, f: FrameOf<'simple'>): void {
  if (f.phase === 'after') {
    pop(sh);
    checkErrexit(sh);
    return;
  }
  const node = nodeOf(sh, f, 'simple');
  sh.s.line = node.line;
  const ready = withSubstitutions(sh, f, (x) => prepare(x, node));
  if (ready === null) return;
  const { argv, redirs, assigns } = ready;
  f.phase = 'after';
  if (option(sh, 'xtrace') && argv.length + assigns.length > 0) trace(sh, ready);
  if (argv.length === 0) {
    if (!f.ran) sh.s.status = 0;
    if (redirs.length > 0) {
      const reads =
        redirs.length === 1 &&
        redirs[0]!.op === '<' &&
        assigns.length === 0 &&
        sh.s.substDepth > 0 &&
        sh.s.stack.every((g) => ['unit', 'source', 'list', 'simple'].includes(g.t));
      applyRedirs(sh, redirs, f.saved);
      if (reads) push(sh, { t: 'copy', fd: redirs[0]!.fd ?? 0, text: '' });
      if (!f.ran) sh.s.status = 0;
    }
    if (sh.s.pipestatus.length !== 1 || sh.s.pipestatus[0] !== sh.s.status) sh.s.pipestatus = [sh.s.status];
    return;
  }
  sh.s.lastArg = argv.at(-1)!;
  const name = argv[0]!;
  const special = isSpecial(sh, name);
  if (has(sh.s.functions, name) && !(special && sh.d.errorsExit)) {
    f.saved = [];
    applyRedirs(sh, redirs, f.saved);
    f.temp = temporary(sh, assigns);
    callFunction(sh, name, argv.slice(1));
    return;
  }
  if (has(builtins, name) && builtins[name]!.in.includes(sh.d.name) && !sh.s.disabled.includes(name)) {
    beginBuiltin(sh, f, ready, special);
    return;
  }
  runProgram(sh, f, ready, node);
}

function beginBuiltin(sh: Shell, f: FrameOf<'simple'>, ready: Ready, special: boolean): void {
  const { argv, redirs, assigns, args } = ready;
  f.saved = [];
  try {
    applyRedirs(sh, redirs, f.saved);
  } catch (e) {
    // A special builtin's refused redirection ends a POSIX shell.
    if (e instanceof Failure && special && sh.d.errorsExit) throw new Failure(e.message, e.status, true);
    throw e;
  }
  sh.s.builtin = argv[0]!;
  if (special && sh.d.errorsExit) for (const a of assigns) assignReady(sh, a);
  else f.temp = temporary(sh, assigns);
  push(sh, { t: 'builtin', argv, assigns: args, data: null });
}

/** Sets variables for the time of one command. */
export function temporary(sh: Shell, assigns: readonly ReadyAssign[]): SavedVars {
  const saved: SavedVars = {};
  for (const a of assigns) {
    if (!Object.hasOwn(saved, a.name)) saved[a.name] = (has(sh.s.vars, a.name) ? sh.s.vars[a.name] : null) as Var | null;
    assignReady(sh, a);
    attributes(sh, a.name, { exported: true });
  }
  return saved;
}

/** Begins a function's body. */
export function callFunction(sh: Shell, name: string, params: string[]): void {
  const fn = sh.s.functions[name]!;
  const depth = sh.s.stack.reduce((n, g) => n + (g.t === 'call' ? 1 : 0), 0);
  if (depth >= 1000) throw new Failure(`${prefix(sh, '')}drydock: functions that call each other this deep are not modelled`, 2, true);
  push(sh, { t: 'call', name, file: fn.file, params: sh.s.params, locals: {}, line: sh.s.line }, { t: 'unit', src: fn.src, line: fn.line });
  sh.s.params = params;
  let body = nodesOf(sh, fn.src, fn.line).at(-1)!;
  while (body.t === 'list' || body.t === 'andor' || body.t === 'pipe') body = body.t === 'list' ? body.items[0]!.cmd : body.items[0]!;
  begin(sh, body);
}

function runProgram(sh: Shell, f: FrameOf<'simple'>, ready: Ready, node: Simple): void {
  const file = locate(sh, ready.argv[0] as string, ready.assigns);
  const exec = { t: 'exec' as const, argv: ready.argv, temp: ready.assigns, redirs: ready.redirs, ...(file !== undefined && { file }) };
  if (isLast(sh)) {
    f.held = [];
    sh.s.stack = [exec];
    sh.s.exiting = true;
    return;
  }
  const unit = unitOf(sh);
  f.phase = 'expand';
  const pid = forkChild(sh, [exec], { moves: [], close: [], ...(sh.s.monitor && { pgid: 0, foreground: true }) });
  f.phase = 'after';
  if (sh.s.monitor) group(sh, pid, pid);
  const job = addJob(
    sh,
    { pgid: sh.s.monitor ? pid : 0, pids: [pid], text: unit.src.slice(node.pos, node.end).trimEnd(), background: false },
    false,
  );
  push(sh, { t: 'wait', job: job.id });
}
