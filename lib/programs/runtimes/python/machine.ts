/**
 * Statements, one at a time, over a stack of frames that is plain data: a program that sleeps, or serves for ever, is saved as it is.
 * A function that is called on a line of its own, or for an assignment, gets frames; one inside an expression runs to its end at once.
 */
import { type Expr, NotModelled, type Stmt } from './ast';
import * as b from './builtins';
import { type At, assign, binary, declare, evaluate, functionOf, namedOf, remove, several } from './evaluate';
import { alloc, error, GLOBALS, has, type Obj, objOf, type Py, Raised, str, truth, tuple, type Value, type Where } from './values';
import type { World } from './world';

/** What a program stops for: a builtin that waits, with its arguments. */
export interface Effect {
  waits: string;
  of: Value;
  args: Value[];
  named: Record<string, Value>;
}

type Fn = Extract<Obj, { kind: 'function' }>;

const at = (w: World, scope: number): At => ({ p: w.p, scope, w, run: (fn, args, named) => runToEnd(w, fn, args, named) });
export const atTop = (w: World): At => at(w, GLOBALS);

/** Frames of a call. */
function enter(w: World, fn: Fn, args: Value[], named: [string, Value][], into: { targets: Expr[]; scope: number } | null) {
  const { p } = w;
  const names = bind(w, fn, fn.self === null ? args : [fn.self, ...args], Object.fromEntries(named));
  const scope = alloc(p, { kind: 'scope', names, elsewhere: {}, parent: fn.scope }) as { ref: number };
  if (p.frames.length > 900) throw error(p, 'RecursionError', 'maximum recursion depth exceeded');
  p.frames.push({ kind: 'call', name: fn.name, into }, { kind: 'block', body: fn.body, at: 0, scope: scope.ref });
}

/** What each parameter is given. */
function bind(w: World, fn: Fn, given: Value[], named: Record<string, Value>): Record<string, Value> {
  const { p } = w;
  const names: Record<string, Value> = {};
  const star = fn.params.findIndex((x) => x.kind === '*');
  const byPlace = fn.params.slice(0, star < 0 ? undefined : star).filter((x) => !x.kind);
  const unknown = Object.keys(named).find((n) => !fn.params.some((x) => x.kind === '**' || (!x.kind && x.name === n)));
  if (unknown !== undefined) throw error(p, 'TypeError', `${fn.name}() got an unexpected keyword argument '${unknown}'`);
  for (const param of fn.params) {
    const i = byPlace.indexOf(param);
    if (param.kind === '*') {
      if (param.name !== '') names[param.name] = tuple(p, given.slice(byPlace.length));
    } else if (param.kind === '**') {
      const rest = Object.entries(named).filter(([n]) => !fn.params.some((x) => !x.kind && x.name === n));
      names[param.name] = b.dict(p, rest);
    } else {
      const told = i >= 0 && i < given.length ? given[i] : named[param.name];
      const value = told !== undefined ? told : fn.defaults[param.name];
      if (value === undefined) throw error(p, 'TypeError', `${fn.name}() missing 1 required positional argument: '${param.name}'`);
      names[param.name] = value;
    }
  }
  const most = byPlace.length;
  if (given.length > most && (star < 0 || fn.params[star]?.name === ''))
    throw error(
      p,
      'TypeError',
      `${fn.name}() takes ${most} positional argument${most === 1 ? '' : 's'} but ${given.length} ${given.length === 1 ? 'was' : 'were'} given`,
    );
  return names;
}

/** Fuel of what runs inside an expression: more is not looked at to its end. */
const NESTED = 200_000;

export function runToEnd(w: World, fn: Fn, args: Value[], named: [string, Value][] = []): Value {
  const { p } = w;
  const depth = p.frames.length;
  enter(w, fn, args, named, null);
  for (let n = 0; p.frames.length > depth; n++) {
    if (n > NESTED) throw new NotModelled('a function that takes that long inside an expression');
    const effect = advance(w, depth);
    if (effect) throw new NotModelled(`${effect.waits}() in a function that is called inside an expression`);
  }
  return p.returned;
}

/** One step. Raises Raised when nothing above `floor` catches. */
export function advance(w: World, floor = 0): Effect | null {
  try {
    return one(w);
  } catch (e) {
    if (!(e instanceof Raised)) throw e;
    unwind(w, e, floor);
    return null;
  }
}

/** The lines that led here, outermost first. */
function linesOf(p: Py): Where[] {
  const out: Where[] = [];
  let name = '<module>';
  for (const f of p.frames) {
    if (f.kind === 'call') {
      name = f.name;
      out.push({ line: 0, name });
    } else if (f.kind === 'block') {
      const line = f.body[Math.max(0, f.at - 1)]?.line ?? 0;
      const last = out.at(-1);
      if (last && last.name === name) last.line = line;
      else out.push({ line, name });
    }
  }
  return out;
}

function unwind(w: World, e: Raised, floor: number) {
  const { p } = w;
  if (e.lines.length === 0) e.lines = linesOf(p);
  while (p.frames.length > floor) {
    const f = p.frames.pop();
    if (f?.kind !== 'try') continue;
    const scope = f.scope;
    const handler = f.stmt.handlers.find((h) => h.type === null || b.instanceOf(p, e.value, evaluate(at(w, scope), h.type)));
    if (f.stmt.last.length > 0) {
      p.frames.push({ kind: 'finally', raise: handler ? null : e.value, lines: e.lines });
      p.frames.push({ kind: 'block', body: f.stmt.last, at: 0, scope });
      if (!handler) return;
    }
    if (!handler) continue;
    if (handler.as !== null) assign(at(w, scope), { is: 'name', name: handler.as }, e.value);
    p.frames.push({ kind: 'block', body: handler.body, at: 0, scope });
    return;
  }
  throw e;
}

function one(w: World): Effect | null {
  const { p } = w;
  const f = p.frames.at(-1);
  switch (f?.kind) {
    case 'block': {
      const stmt = f.body[f.at];
      if (!stmt) {
        p.frames.pop();
        return null;
      }
      f.at++;
      return perform(w, stmt, f.scope);
    }
    case 'while':
      if (truth(p, evaluate(at(w, f.scope), f.stmt.test))) p.frames.push({ kind: 'block', body: f.stmt.body, at: 0, scope: f.scope });
      else {
        p.frames.pop();
        p.frames.push({ kind: 'block', body: f.stmt.otherwise, at: 0, scope: f.scope });
      }
      return null;
    case 'for':
      return next(w, f);
    case 'call':
      finishCall(w, null);
      return null;
    case 'return':
      p.frames.pop();
      finishCall(w, f.value);
      return null;
    case 'try':
      p.frames.pop();
      if (f.stmt.otherwise.length > 0) {
        // What it raises is not this statement's to catch; what comes last still comes.
        p.frames.push({ kind: 'try', stmt: { ...f.stmt, handlers: [], otherwise: [] }, scope: f.scope });
        p.frames.push({ kind: 'block', body: f.stmt.otherwise, at: 0, scope: f.scope });
      } else if (f.stmt.last.length > 0) p.frames.push({ kind: 'block', body: f.stmt.last, at: 0, scope: f.scope });
      return null;
    case 'finally': {
      p.frames.pop();
      if (f.raise === null) return null;
      const again = new Raised(f.raise);
      again.lines = f.lines;
      throw again;
    }
    default:
      p.frames.pop();
      return null;
  }
}

function next(w: World, f: Extract<Py['frames'][number], { kind: 'for' }>): null {
  const { p } = w;
  let value: Value | undefined;
  if (Array.isArray(f.items)) value = f.items[f.at++];
  else if (f.items.step > 0 ? f.items.next < f.items.end : f.items.next > f.items.end) {
    value = f.items.next;
    f.items.next += f.items.step;
  }
  if (value === undefined) {
    p.frames.pop();
    p.frames.push({ kind: 'block', body: f.stmt.otherwise, at: 0, scope: f.scope });
  } else {
    assign(at(w, f.scope), f.stmt.target, value);
    p.frames.push({ kind: 'block', body: f.stmt.body, at: 0, scope: f.scope });
  }
  return null;
}

/** A call is over: its value goes where it was wanted, after what each `finally` on the way does. */
function finishCall(w: World, value: Value) {
  const { p } = w;
  for (let f = p.frames.pop(); f; f = p.frames.pop()) {
    if (f.kind === 'try' && f.stmt.last.length > 0) {
      p.frames.push({ kind: 'return', value }, { kind: 'block', body: f.stmt.last, at: 0, scope: f.scope });
      return;
    }
    if (f.kind === 'call') {
      p.returned = value;
      if (f.into) for (const t of f.into.targets) assign(at(w, f.into.scope), t, value);
      return;
    }
  }
}

/** A call on a line of its own: to a function of the program it gives frames, to what waits an effect. */
function calls(w: World, e: Expr, scope: number, into: { targets: Expr[]; scope: number } | null): Effect | 'entered' | null {
  if (e.is !== 'call') return null;
  const here = at(w, scope);
  const fn = evaluate(here, e.of);
  const o = objOf(w.p, fn);
  const args = () => several(here, e.args);
  const named = () => namedOf(here, e.named);
  if (o?.kind === 'function') {
    enter(w, o, args(), named(), into);
    return 'entered';
  }
  return has(fn, 'builtin') && b.WAITING.has(fn.builtin)
    ? { waits: fn.builtin, of: fn.of ?? null, args: args(), named: Object.fromEntries(named()) }
    : null;
}

function perform(w: World, s: Stmt, scope: number): Effect | null {
  const { p } = w;
  const here = at(w, scope);
  const block = (body: Stmt[]) => p.frames.push({ kind: 'block', body, at: 0, scope });
  switch (s.do) {
    case 'expr': {
      const done = calls(w, s.value, scope, null);
      if (done === null) evaluate(here, s.value);
      return done === 'entered' ? null : done;
    }
    case 'assign': {
      const done = calls(w, s.value, scope, { targets: s.targets, scope });
      if (done === 'entered') return null;
      if (done) throw new NotModelled(`the value of ${done.waits}()`);
      const value = evaluate(here, s.value);
      for (const t of s.targets) assign(here, t, value);
      return null;
    }
    case 'augment':
      assign(here, s.target, binary(p, s.op, evaluate(here, s.target), evaluate(here, s.value)));
      return null;
    case 'if': {
      const branch = s.branches.find((x) => x.test === null || truth(p, evaluate(here, x.test)));
      if (branch) block(branch.body);
      return null;
    }
    case 'while':
      p.frames.push({ kind: 'while', stmt: s, scope });
      return null;
    case 'for':
      p.frames.push({ kind: 'for', stmt: s, items: itemsOf(here, s.over), at: 0, scope });
      return null;
    case 'def':
      define(here, s);
      return null;
    case 'class':
      assign(here, { is: 'name', name: s.name }, classOf(w, s, scope));
      return null;
    case 'return': {
      finishCall(w, s.value === null ? null : evaluate(here, s.value));
      return null;
    }
    case 'import':
      assign(here, { is: 'name', name: s.as }, topModule(b.module(here, s.module), s));
      return null;
    case 'from':
      b.module(here, s.module);
      for (const [name, as] of s.names) assign(here, { is: 'name', name: as }, b.fromModule(here, s.module, name));
      return null;
    case 'try':
      p.frames.push({ kind: 'try', stmt: s, scope });
      block(s.body);
      return null;
    case 'with':
      {
        const value = evaluate(here, s.value);
        if (s.as !== null) assign(here, { is: 'name', name: s.as }, value);
      }
      block(s.body);
      return null;
    case 'raise': {
      if (s.value === null) throw new NotModelled('"raise" without a value');
      const v = evaluate(here, s.value);
      throw new Raised(has(v, 'type') ? b.construct(here, v.type, []) : v);
    }
    case 'global':
    case 'nonlocal':
      declare(here, s.do, s.names);
      return null;
    case 'del':
      for (const t of s.targets) remove(here, t);
      return null;
    case 'assert':
      if (!truth(p, evaluate(here, s.test))) throw error(p, 'AssertionError', s.message ? str(p, evaluate(here, s.message)) : '');
      return null;
    case 'break':
    case 'continue':
      jump(p, s.do);
      return null;
    case 'pass':
      return null;
  }
}

/** `import os.path` names os; `import http.server as s` the module itself. */
const topModule = (m: Value, s: Extract<Stmt, { do: 'import' }>): Value =>
  s.module.includes('.') && s.as === s.module.split('.')[0] ? { module: s.as } : m;

function itemsOf(here: At, over: Expr): Value[] | { next: number; end: number; step: number } {
  if (over.is === 'call' && over.of.is === 'name' && over.of.name === 'range') {
    const { from, to, step } = b.rangeOf(
      here.p,
      over.args.map((a) => evaluate(here, a)),
    );
    return { next: from, end: to, step };
  }
  return [...b.iterate(here, evaluate(here, over))];
}

function define(here: At, s: Extract<Stmt, { do: 'def' }>) {
  const fn = functionOf(here, s.name, s.params, s.body);
  let value: Value = fn;
  for (const d of [...s.decorators].reverse()) value = b.callAny(here, evaluate(here, d), [value]);
  assign(here, { is: 'name', name: s.name }, value);
}

function classOf(w: World, s: Extract<Stmt, { do: 'class' }>, scope: number): Value {
  const members: Record<string, Value> = {};
  for (const m of s.body) {
    if (m.do === 'def') members[m.name] = functionOf(at(w, scope), m.name, m.params, m.body);
    else if (m.do === 'assign' && m.targets[0]?.is === 'name') members[m.targets[0].name] = evaluate(at(w, scope), m.value);
    else if (m.do !== 'pass' && m.do !== 'expr') throw new NotModelled(`"${m.do}" in a class`);
  }
  return alloc(w.p, { kind: 'class', name: s.name, base: s.base && evaluate(at(w, scope), s.base), members });
}

function jump(p: Py, how: 'break' | 'continue') {
  for (let f = p.frames.at(-1); f; f = p.frames.at(-1)) {
    if (f.kind === 'while' || f.kind === 'for') {
      if (how === 'break') p.frames.pop();
      return;
    }
    p.frames.pop();
  }
}

/** What Python says of an exception that nobody has caught. */
export function traceback(p: Py, e: Raised): string {
  const source = p.text.split('\n');
  const lines = e.lines
    .filter((l) => l.line > 0)
    .map(
      ({ line, name }) =>
        `  File "${p.file}", line ${line}, in ${name}\n${/^<.*>$/.test(p.file) ? '' : `    ${(source[line - 1] ?? '').trim()}\n`}`,
    );
  const o = objOf(p, e.value);
  const type = o?.kind === 'instance' ? (has(o.of, 'type') ? o.of.type : ((objOf(p, o.of) as { name: string } | null)?.name ?? '')) : '';
  const message = o?.kind === 'instance' ? str(p, o.fields.message ?? '') : '';
  return `Traceback (most recent call last):\n${lines.join('')}${type}${message === '' ? '' : `: ${message}`}\n`;
}
