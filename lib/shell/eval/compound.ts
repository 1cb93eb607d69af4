/**
 * Lists, conditions and loops. Each frame is stepped when what it pushed has come off the stack; $? is its status.
 *
 * Source: POSIX "Shell Command Language" 2.9.2–2.9.4; bash(1) Compound Commands.
 */

import { globMatch } from '../../base/posix';
import type { Outcome } from '../../kernel';
import { evaluate } from '../expand/arith';
import { expandPattern, expandQuoted, expandString, expandWords } from '../expand/word';
import { Failure, prefix, put } from '../message';
import { option, own, type Shell, type ShellState, shopt } from '../state';
import type { Node } from '../syntax/ast';
import { assign, value } from '../vars';
import { testCond } from './cond';
import { checkErrexit } from './errexit';
import { expanding, type FrameOf } from './frames';
import { backgroundJob, startPipe } from './pipeline';
import { applyRedirs, readyRedirs } from './redirect';
import { readInputLine } from './source';
import { pop, push } from './stack';
import { withSubstitutions } from './subst';
import { runTraps } from './trap';
import { nodeOf, unitOf } from './units';

/** Begins a command: pushes the frame that evaluates it. */
export function begin(sh: Shell, node: Node, redirected = false): void {
  const n = node.id;
  if (!redirected && 'redirs' in node && node.t !== 'simple' && node.t !== 'subshell' && node.redirs.length > 0) {
    push(sh, { t: 'redirs', n, phase: 'expand', saved: [], ...expanding() });
    return;
  }
  switch (node.t) {
    case 'list':
      return push(sh, { t: 'list', n, i: -1 });
    case 'andor':
      return push(sh, { t: 'andor', n, i: -1 });
    case 'pipe':
      return startPipe(sh, node);
    case 'simple':
      return push(sh, { t: 'simple', n, phase: 'expand', saved: [], temp: {}, ...expanding() });
    case 'group':
      return begin(sh, node.body);
    case 'subshell':
      return push(sh, { t: 'subshell', n, phase: 'fork' });
    case 'if':
      return push(sh, { t: 'if', n, i: -1, at: 'body' });
    case 'while':
      return push(sh, { t: 'while', n, at: 'begin', last: 0 });
    case 'for':
      return push(sh, { t: 'for', n, words: null, i: 0, ...expanding() });
    case 'select':
      return push(sh, { t: 'select', n, words: null, shown: false, line: '', status: 0, ...expanding() });
    case 'cfor':
      return push(sh, { t: 'cfor', n, at: 'init', last: 0, ...expanding() });
    case 'case':
      return push(sh, { t: 'case', n, i: -1, word: null, ...expanding() });
    case 'arith':
      return push(sh, { t: 'arith', n, ...expanding() });
    case 'cond':
      return push(sh, { t: 'cond', n, ...expanding() });
    case 'function':
      return define(sh, node);
  }
}

function define(sh: Shell, node: Node & { t: 'function' }): void {
  const unit = unitOf(sh);
  let src = unit.src.slice(node.body.pos, node.body.end);
  // A here-document's body may stand behind the function: then the rest of the text goes along.
  if (/<</.test(src) && !/\n/.test(src)) src = unit.src.slice(node.body.pos);
  const file = sh.s.stack.findLast((f) => f.t === 'source' && f.file !== undefined);
  own(sh, 'functions')[node.name] = { src, line: node.body.line, file: file?.t === 'source' ? file.file! : sh.s.arg0 };
  sh.s.status = 0;
}

export function stepList(sh: Shell, f: FrameOf<'list'>): void {
  const node = nodeOf(sh, f, 'list');
  if (runTraps(sh)) return;
  f.i++;
  const item = node.items[f.i];
  if (item === undefined) return pop(sh);
  if (option(sh, 'noexec') && sh.s.mode !== 'interactive') return pop(sh, 0);
  if (item.background) {
    f.i--;
    backgroundJob(sh, item.cmd);
    f.i++;
  } else begin(sh, item.cmd);
}

export function stepAndOr(sh: Shell, f: FrameOf<'andor'>): void {
  const node = nodeOf(sh, f, 'andor');
  for (;;) {
    f.i++;
    const item = node.items[f.i];
    if (item === undefined) return pop(sh);
    const op = node.ops[f.i - 1];
    if (op === undefined || (op === '&&') === (sh.s.status === 0)) return begin(sh, item);
  }
}

export function stepRedirs(sh: Shell, f: FrameOf<'redirs'>): void {
  if (f.phase === 'after') return pop(sh);
  const node = nodeOf(sh, f);
  if (!('redirs' in node)) return pop(sh);
  sh.s.line = node.line;
  const redirs = withSubstitutions(sh, f, (x) => readyRedirs(x, node.redirs));
  if (redirs === null) return;
  f.phase = 'after';
  f.saved = [];
  try {
    applyRedirs(sh, redirs, f.saved);
  } catch (e) {
    if (!(e instanceof Failure) || e.exits) throw e;
    put(sh, 2, `${e.message}\n`);
    pop(sh, e.status);
    checkErrexit(sh);
    return;
  }
  // A subshell gets here in its own process: what is left is what it runs.
  if (node.t === 'subshell') begin(sh, node.body);
  else begin(sh, node, true);
}

export function stepIf(sh: Shell, f: FrameOf<'if'>): void {
  const node = nodeOf(sh, f, 'if');
  if (f.at === 'cond' && sh.s.status === 0) {
    f.at = 'body';
    const { body } = node.clauses[f.i]!;
    f.i = node.clauses.length + 1;
    return begin(sh, body);
  }
  if (f.i > node.clauses.length) return pop(sh);
  f.i++;
  const clause = node.clauses[f.i];
  if (clause !== undefined) {
    f.at = 'cond';
    return begin(sh, clause.cond);
  }
  f.at = 'body';
  f.i = node.clauses.length + 1;
  if (node.otherwise) return begin(sh, node.otherwise);
  pop(sh, 0);
}

export function stepWhile(sh: Shell, f: FrameOf<'while'>): void {
  const node = nodeOf(sh, f, 'while');
  if (f.at === 'cond') {
    if ((sh.s.status === 0) === node.until) return pop(sh, f.last);
    f.at = 'body';
    return begin(sh, node.body);
  }
  if (f.at === 'body') f.last = sh.s.status;
  f.at = 'cond';
  begin(sh, node.cond);
}

export function stepFor(sh: Shell, f: FrameOf<'for'>): void {
  const node = nodeOf(sh, f, 'for');
  if (f.words === null) {
    sh.s.line = node.line;
    if (!/^[A-Za-z_]\w*$/.test(node.name)) throw new Failure(`${prefix(sh, '')}\`${node.name}': not a valid identifier`, 1, false);
    const words = node.words ? withSubstitutions(sh, f, (x) => expandWords(x, node.words!)) : sh.s.params;
    if (words === null) return;
    f.words = words;
    sh.s.status = 0;
  }
  const word = f.words[f.i];
  if (word === undefined) return pop(sh);
  f.i++;
  assign(sh, node.name, word);
  if (option(sh, 'xtrace') && sh.d.name === 'bash')
    put(sh, 2, `${value(sh, 'PS4') ?? '+ '}for ${node.name} in ${node.words?.map((w) => w.raw).join(' ') ?? '"$@"'}\n`);
  begin(sh, node.body);
}

export function stepArithFor(sh: Shell, f: FrameOf<'cfor'>): void {
  const node = nodeOf(sh, f, 'cfor');
  if (f.at === 'body') {
    f.last = sh.s.status;
    f.at = 'update';
  }
  const word = f.at === 'init' ? node.init : f.at === 'test' ? node.test : node.update;
  const empty = word.raw.trim() === '';
  const n = empty ? 1n : withSubstitutions(sh, f, (x) => evaluate(sh, expandQuoted(x, word)));
  if (n === null) return;
  if (f.at !== 'test') f.at = 'test';
  else if (n === 0n) pop(sh, f.last);
  else {
    f.at = 'body';
    begin(sh, node.body);
  }
}

export function stepCase(sh: Shell, f: FrameOf<'case'>): void {
  const node = nodeOf(sh, f, 'case');
  if (f.word === null) {
    sh.s.line = node.line;
    const word = withSubstitutions(sh, f, (x) => expandString(x, node.word));
    if (word === null) return;
    f.word = word;
  } else if (f.i >= 0 && f.at === 'body') {
    const { end } = node.items[f.i]!;
    if (end === ';;') return pop(sh);
    if (end === ';&') {
      const next = node.items[f.i + 1];
      if (next === undefined) return pop(sh);
      f.i++;
      return begin(sh, next.body);
    }
    f.at = undefined;
  }
  const { word } = f;
  const options = { extended: shopt(sh, 'extglob'), icase: shopt(sh, 'nocasematch') };
  while (f.i + 1 < node.items.length) {
    const item = node.items[f.i + 1]!;
    const hit = withSubstitutions(sh, f, (x) => item.patterns.some((p) => globMatch(expandPattern(x, p), word, options)));
    if (hit === null) return;
    f.i++;
    if (!hit) continue;
    f.at = 'body';
    if (!f.ran) sh.s.status = 0;
    return begin(sh, item.body);
  }
  pop(sh, 0);
}

export function stepArith(sh: Shell, f: FrameOf<'arith'>): void {
  const node = nodeOf(sh, f, 'arith');
  sh.s.line = node.line;
  let n: bigint | null;
  try {
    n = withSubstitutions(sh, f, (x) => evaluate(sh, expandQuoted(x, node.expr)));
  } catch (e) {
    if (!(e instanceof Failure) || e.exits) throw e;
    put(sh, 2, `${e.message.replace(/^(.*?line \d+: |[^:]*: )/, '$1((: ')}\n`);
    n = 0n;
  }
  if (n === null) return;
  if (option(sh, 'xtrace')) put(sh, 2, `${value(sh, 'PS4') ?? '+ '}(( ${node.expr.raw} ))\n`);
  pop(sh, n === 0n ? 1 : 0);
  sh.s.pipestatus = [sh.s.status];
  checkErrexit(sh);
}

export function stepCond(sh: Shell, f: FrameOf<'cond'>): void {
  const node = nodeOf(sh, f, 'cond');
  sh.s.line = node.line;
  const status = withSubstitutions(sh, f, (x) => testCond(x, node.expr));
  if (status === null) return;
  pop(sh, status);
  sh.s.pipestatus = [status];
  checkErrexit(sh);
}

export function stepSelect(sh: Shell, f: FrameOf<'select'>): Outcome<ShellState> | undefined {
  const node = nodeOf(sh, f, 'select');
  if (f.words === null) {
    const words = node.words ? withSubstitutions(sh, f, (x) => expandWords(x, node.words!)) : sh.s.params;
    if (words === null) return undefined;
    f.words = words;
    if (words.length === 0) {
      pop(sh, 0);
      return undefined;
    }
  }
  const { words } = f;
  if (!f.shown) {
    const width = `${words.length}`.length;
    put(sh, 2, `${words.map((w, i) => `${`${i + 1}`.padStart(width)}) ${w}\n`).join('')}${value(sh, 'PS3') ?? '#? '}`);
    f.shown = true;
    return undefined;
  }
  const line = readInputLine(sh, 0, f.line);
  if (line === null) return { wait: { for: 'read', fd: 0 }, state: sh.s };
  f.line = line.text;
  if (!line.done) return { wait: { for: 'read', fd: 0 }, state: sh.s };
  const text = f.line.replace(/\n$/, '');
  const ended = line.eof && f.line === '';
  f.line = '';
  f.shown = false;
  if (ended) {
    put(sh, 1, '\n');
    pop(sh, 1);
    return undefined;
  }
  if (text === '') return undefined;
  assign(sh, 'REPLY', text);
  const n = /^\s*\d+\s*$/.test(text) ? Number(text) : 0;
  assign(sh, node.name, words[n - 1] ?? '');
  begin(sh, node.body);
  return undefined;
}
