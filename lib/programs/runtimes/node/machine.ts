/**
 * Statements, over a stack of frames that is plain data: an async function that waits, and a generator that has given something, are
 * saved as they are. A function that neither waits nor gives has its frames run to their end at once.
 */
import type * as acorn from 'acorn';
import { NotModelled, type Statement, type Wait } from './ast';
import type { Interpreter } from './evaluate';
import { type Frame, type Leaving, newScope, Thrown, truth, UNDEFINED, type Value } from './values';

/** How the frames of one function came to a stop. */
export type End =
  | { end: 'return'; value: Value }
  | { end: 'wait'; how: Wait['how']; value: Value; into: { name: string | null; scope: number } };

/** Runs frames until the function returns, throws (Thrown) or has to wait. */
export function runFrames(i: Interpreter, frames: Frame[]): End {
  for (let f = frames.at(-1); f; f = frames.at(-1)) {
    try {
      const end = step(i, frames, f);
      if (end) return end;
    } catch (e) {
      if (!(e instanceof Thrown)) throw e;
      if (e.line === 0) e.line = lineOf(f);
      const end = leave(i, frames, { by: 'throw', value: e.value, line: e.line });
      if (end) return end;
    }
  }
  return { end: 'return', value: UNDEFINED };
}

const lineOf = (f: Frame): number => (f.f === 'block' ? (f.body[f.at - 1]?.line ?? 0) : f.f === 'finally' ? 0 : f.node.line);

/** A throw from outside, as when what was waited for has failed. */
export function throwInto(i: Interpreter, frames: Frame[], value: Value): End {
  return leave(i, frames, { by: 'throw', value, line: 0 }) ?? runFrames(i, frames);
}

/** Leaves frames up to where what happens is met: a loop, a catch, the end of the function. Each `finally` on the way comes first. */
function leave(i: Interpreter, frames: Frame[], how: Leaving): End | null {
  for (let f = frames.pop(); f; f = frames.pop()) {
    if (f.f === 'try') {
      const node = f.node as acorn.TryStatement;
      if (how.by === 'throw' && !f.caught && node.handler) {
        const scope = newScope(i.h, f.scope);
        if (node.handler.param) i.bind(node.handler.param, how.value, scope, 'let');
        if (node.finalizer) frames.push({ ...f, caught: true });
        frames.push({ f: 'block', body: node.handler.body.body, at: 0, scope });
        return null;
      }
      if (node.finalizer) {
        frames.push({ f: 'finally', then: how }, { f: 'block', body: node.finalizer.body, at: 0, scope: newScope(i.h, f.scope) });
        return null;
      }
    } else if (f.f === 'loop' || f.f === 'each') {
      const mine = (how.by === 'break' || how.by === 'continue') && (how.label === null || how.label === f.label);
      if (mine && how.by === 'continue') frames.push(f);
      if (mine) return null;
    } else if (f.f === 'block' && how.by === 'break' && (how.label === null ? f.isSwitch : how.label === f.label)) return null;
  }
  if (how.by === 'throw') throw new Thrown(how.value, how.line);
  return { end: 'return', value: how.by === 'return' ? how.value : UNDEFINED };
}

function step(i: Interpreter, frames: Frame[], f: Frame): End | null {
  i.spend();
  switch (f.f) {
    case 'block': {
      const s = f.body[f.at];
      if (!s) {
        frames.pop();
        return null;
      }
      f.at++;
      return perform(i, frames, s, f.scope);
    }
    case 'loop':
      round(i, frames, f);
      return null;
    case 'each': {
      const node = f.node as acorn.ForOfStatement | acorn.ForInStatement;
      if (f.at >= f.items.length) {
        frames.pop();
        return null;
      }
      const scope = newScope(i.h, f.scope);
      const item = f.items[f.at++] as Value;
      if (node.left.type === 'VariableDeclaration')
        i.bind((node.left.declarations[0] as acorn.VariableDeclarator).id, item, scope, node.left.kind);
      else i.bind(node.left, item, scope, null);
      body(frames, node.body, scope);
      return null;
    }
    case 'try': {
      frames.pop();
      const { finalizer } = f.node as acorn.TryStatement;
      if (finalizer) frames.push({ f: 'block', body: finalizer.body, at: 0, scope: newScope(i.h, f.scope) });
      return null;
    }
    case 'finally':
      frames.pop();
      return f.then && leave(i, frames, f.then);
  }
}

const body = (frames: Frame[], s: Statement, scope: number) => frames.push({ f: 'block', body: [s], at: 0, scope });

function round(i: Interpreter, frames: Frame[], f: Extract<Frame, { f: 'loop' }>) {
  const node = f.node as acorn.ForStatement | acorn.WhileStatement | acorn.DoWhileStatement;
  if (f.phase === 'update') {
    f.phase = 'test';
    if (node.type === 'ForStatement') {
      // Each round has names of its own, which a function that was made in it keeps.
      f.scope = i.copyScope(f.scope);
      if (node.update) i.eval(node.update, f.scope);
    }
  }
  if (node.test && !truth(i.eval(node.test, f.scope))) {
    frames.pop();
    return;
  }
  f.phase = 'update';
  body(frames, node.body, f.scope);
}

function perform(i: Interpreter, frames: Frame[], s: Statement, scope: number, label?: string): End | null {
  switch (s.type) {
    case 'ExpressionStatement':
      i.eval(s.expression, scope);
      return null;
    case 'Wait':
      return { end: 'wait', how: s.how, value: s.argument ? i.eval(s.argument, scope) : UNDEFINED, into: { name: s.into, scope } };
    case 'VariableDeclaration':
      for (const d of s.declarations)
        if (d.init || s.kind !== 'var') i.bind(d.id, d.init ? i.named(d.init, scope, d.id) : UNDEFINED, scope, s.kind);
      return null;
    case 'FunctionDeclaration':
    case 'EmptyStatement':
    case 'DebuggerStatement':
      return null;
    case 'ClassDeclaration':
      i.bind(s.id, i.classOf(s, scope), scope, 'let');
      return null;
    case 'ReturnStatement':
      return leave(i, frames, { by: 'return', value: s.argument ? i.eval(s.argument, scope) : UNDEFINED });
    case 'ThrowStatement':
      throw new Thrown(i.eval(s.argument, scope), s.line);
    case 'IfStatement': {
      const branch = truth(i.eval(s.test, scope)) ? s.consequent : s.alternate;
      if (branch) body(frames, branch, scope);
      return null;
    }
    case 'BlockStatement': {
      const inner = newScope(i.h, scope);
      i.hoist(s.body, inner, false);
      frames.push({ f: 'block', body: s.body, at: 0, scope: inner, label });
      return null;
    }
    case 'LabeledStatement':
      return perform(i, frames, s.body, scope, s.label.name);
    case 'BreakStatement':
    case 'ContinueStatement':
      return leave(i, frames, { by: s.type === 'BreakStatement' ? 'break' : 'continue', label: s.label?.name ?? null });
    case 'ForStatement': {
      const own = newScope(i.h, scope);
      if (s.init?.type === 'VariableDeclaration') perform(i, frames, s.init, own);
      else if (s.init) i.eval(s.init, own);
      frames.push({ f: 'loop', node: s, scope: own, phase: 'test', label });
      return null;
    }
    case 'WhileStatement':
      frames.push({ f: 'loop', node: s, scope, phase: 'test', label });
      return null;
    case 'DoWhileStatement':
      frames.push({ f: 'loop', node: s, scope, phase: 'update', label });
      body(frames, s.body, scope);
      return null;
    case 'ForOfStatement':
      frames.push({ f: 'each', node: s, items: i.iterate(i.eval(s.right, scope), () => i.source(s.right)), at: 0, scope, label });
      return null;
    case 'ForInStatement':
      frames.push({ f: 'each', node: s, items: i.keys(i.eval(s.right, scope)), at: 0, scope, label });
      return null;
    case 'TryStatement':
      frames.push({ f: 'try', node: s, scope, caught: false });
      return perform(i, frames, s.block, scope);
    case 'SwitchStatement':
      cases(i, frames, s, newScope(i.h, scope), label);
      return null;
    case 'ImportDeclaration':
      i.import(s, scope);
      return null;
    default:
      throw new NotModelled(`"${/^Export/.test(s.type) ? 'export' : s.type}"`);
  }
}

function cases(i: Interpreter, frames: Frame[], s: acorn.SwitchStatement, scope: number, label?: string) {
  const value = i.eval(s.discriminant, scope);
  const at = s.cases.findIndex((c) => c.test && i.same(value, i.eval(c.test, scope)));
  const from = at >= 0 ? at : s.cases.findIndex((c) => !c.test);
  if (from < 0) return;
  const rest = s.cases.slice(from).flatMap((c) => c.consequent);
  i.hoist(rest, scope, false);
  frames.push({ f: 'block', body: rest, at: 0, scope, isSwitch: true, label });
}
