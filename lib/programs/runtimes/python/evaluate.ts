/** Expressions: names, operators, calls. What Python brings along is in builtins.ts; how functions run, in machine.ts. */
import type { Clause, Expr, Formatted, Param, Stmt } from './ast';
import { NotModelled } from './ast';
import * as b from './builtins';
import {
  alloc,
  error,
  GLOBALS,
  has,
  isFloat,
  list,
  type Obj,
  objOf,
  type Py,
  repr,
  set,
  str,
  truth,
  tuple,
  typeName,
  type Value,
} from './values';
import type { World } from './world';

/** Where an expression stands: the program, the scope of its names, the machine, and a way to run a function to its end. */
export interface At {
  p: Py;
  scope: number;
  w: World;
  run(fn: Extract<Obj, { kind: 'function' }>, args: Value[], named: [string, Value][]): Value;
}

const scopeOf = (p: Py, ref: number) => p.heap[ref] as Extract<Obj, { kind: 'scope' }>;

/** The scopes whose names are known in one, the innermost first. */
function* scopesFrom(p: Py, ref: number): Generator<number> {
  for (let at = ref; ; at = scopeOf(p, at).parent) {
    yield at;
    if (at === GLOBALS) return;
  }
}

export function lookup(at: At, name: string): Value {
  for (const ref of scopesFrom(at.p, at.scope)) {
    const { names } = scopeOf(at.p, ref);
    if (Object.hasOwn(names, name)) return names[name] as Value;
  }
  const found = b.named(name);
  if (found === undefined) throw error(at.p, 'NameError', `name '${name}' is not defined`);
  return found;
}

/** "global" and "nonlocal": names that are set in another scope from now on. */
export function declare(at: At, how: 'global' | 'nonlocal', names: readonly string[]) {
  const { elsewhere, parent } = scopeOf(at.p, at.scope);
  for (const name of names) {
    const outer = how === 'global' ? GLOBALS : [...scopesFrom(at.p, parent)].find((r) => Object.hasOwn(scopeOf(at.p, r).names, name));
    elsewhere[name] = outer ?? GLOBALS;
  }
}

export function remove(at: At, target: Expr): void {
  const { p } = at;
  if (target.is === 'name') {
    const own = scopeOf(p, at.scope);
    const { names } = scopeOf(p, own.elsewhere[target.name] ?? at.scope);
    if (!Object.hasOwn(names, target.name)) throw error(p, 'NameError', `name '${target.name}' is not defined`);
    p.grown ||= has(names[target.name] as Value, 'ref') || has(names[target.name] as Value, 'size');
    delete names[target.name];
  } else if (target.is === 'index') b.removeItem(at, evaluate(at, target.of), evaluate(at, target.at));
  else throw new NotModelled('this "del"');
}

export function assign(at: At, target: Expr, value: Value): void {
  const { p } = at;
  if (has(value, 'size') || (typeof value === 'string' && value.length > 4096)) p.grown = true;
  switch (target.is) {
    case 'name': {
      const own = scopeOf(p, at.scope);
      scopeOf(p, own.elsewhere[target.name] ?? at.scope).names[target.name] = value;
      return;
    }
    case 'tuple':
    case 'list': {
      const values = b.iterate(at, value);
      const { items } = target;
      const star = items.findIndex((t) => t.is === 'star');
      const [least, given] = [star < 0 ? items.length : items.length - 1, values.length];
      if (given < least)
        throw error(p, 'ValueError', `not enough values to unpack (expected ${star < 0 ? '' : 'at least '}${least}, got ${given})`);
      if (star < 0 && given > least) throw error(p, 'ValueError', `too many values to unpack (expected ${least})`);
      const rest = given - least;
      for (const [i, t] of items.entries())
        if (t.is === 'star') assign(at, t.of, list(p, values.slice(i, i + rest)));
        else assign(at, t, values[star >= 0 && i > star ? i + rest - 1 : i] as Value);
      return;
    }
    case 'attribute': {
      const o = objOf(p, evaluate(at, target.of));
      if (o?.kind === 'instance' || o?.kind === 'native') o.fields[target.name] = value;
      else throw new NotModelled(`setting .${target.name}`);
      return;
    }
    case 'index': {
      const of = evaluate(at, target.of);
      const key = evaluate(at, target.at);
      b.setItem(at, of, key, value);
      return;
    }
    default:
      throw new NotModelled('this assignment');
  }
}

export function evaluate(at: At, e: Expr): Value {
  const { p } = at;
  switch (e.is) {
    case 'value':
      return e.value;
    case 'float':
      return { float: e.value };
    case 'bytes':
      return { bytes: e.value };
    case 'format':
      return e.parts.map((x) => (typeof x === 'string' ? x : b.format(p, shown(at, x), x.spec))).join('');
    case 'name':
      return lookup(at, e.name);
    case 'list':
      return list(p, several(at, e.items));
    case 'tuple':
      return tuple(p, several(at, e.items));
    case 'set':
      return set(p, several(at, e.items), equal);
    case 'dict':
      return b.dict(
        p,
        e.entries.flatMap(([k, v]) =>
          k === null ? b.pairsOf(at, evaluate(at, v)) : [[evaluate(at, k), evaluate(at, v)] as [Value, Value]],
        ),
      );
    case 'comprehension':
      return comprehend(at, e);
    case 'lambda':
      return functionOf(at, '<lambda>', e.params, [{ do: 'return', line: e.line, value: e.body }]);
    case 'star':
      throw new NotModelled('a star here');
    case 'attribute':
      return b.attribute(at, evaluate(at, e.of), e.name);
    case 'index':
      return b.item(at, evaluate(at, e.of), evaluate(at, e.at));
    case 'slice':
      return b.slice(
        at,
        evaluate(at, e.of),
        [e.from, e.to, e.step].map((x) => x && evaluate(at, x)),
      );
    case 'call':
      return call(at, evaluate(at, e.of), several(at, e.args), namedOf(at, e.named));
    case 'binary':
      return binary(p, e.op, evaluate(at, e.left), evaluate(at, e.right));
    case 'compare':
      return compareAll(at, e);
    case 'and': {
      const left = evaluate(at, e.left);
      return truth(p, left) ? evaluate(at, e.right) : left;
    }
    case 'or': {
      const left = evaluate(at, e.left);
      return truth(p, left) ? left : evaluate(at, e.right);
    }
    case 'not':
      return !truth(p, evaluate(at, e.of));
    case 'minus': {
      const v = evaluate(at, e.of);
      return isFloat(v) ? { float: -v.float } : -(v as number);
    }
    case 'choice':
      return evaluate(at, truth(p, evaluate(at, e.test)) ? e.yes : e.no);
  }
}

/** A function, made where it stands. */
export const functionOf = (at: At, name: string, params: Param[], body: Stmt[]): Value =>
  alloc(at.p, {
    kind: 'function',
    name,
    params,
    body,
    self: null,
    scope: at.scope,
    defaults: Object.fromEntries(params.flatMap((x) => (x.otherwise ? [[x.name, evaluate(at, x.otherwise)]] : []))),
  });

const shown = (at: At, x: Formatted): Value => (x.repr ? repr(at.p, evaluate(at, x.expr)) : evaluate(at, x.expr));

/** Values of expressions of which some stand for several: f(*all). */
export const several = (at: At, items: readonly Expr[]): Value[] =>
  items.flatMap((x) => (x.is === 'star' ? b.iterate(at, evaluate(at, x.of)) : [evaluate(at, x)]));

/** Named arguments, those of f(**all) among them. */
export const namedOf = (at: At, named: readonly [string | null, Expr][]): [string, Value][] =>
  named.flatMap(([n, x]) =>
    n === null
      ? b.pairsOf(at, evaluate(at, x)).map(([k, v]): [string, Value] => [b.textOf(at.p, k), v])
      : [[n, evaluate(at, x)] as [string, Value]],
  );

/** Its names are its own; what a generator would give one by one is all there at once. */
function comprehend(at: At, e: Extract<Expr, { is: 'comprehension' }>): Value {
  const { p } = at;
  const inner = alloc(p, { kind: 'scope', names: {}, elsewhere: {}, parent: at.scope }) as { ref: number };
  const here: At = { ...at, scope: inner.ref };
  const items: Value[] = [];
  const pairs: [Value, Value][] = [];
  const go = ([first, ...rest]: readonly Clause[]): void => {
    if (!first) {
      const item = evaluate(here, e.item);
      if (e.value) pairs.push([item, evaluate(here, e.value)]);
      else items.push(item);
    } else if ('if' in first) {
      if (truth(p, evaluate(here, first.if))) go(rest);
    } else
      for (const v of [...b.iterate(here, evaluate(here, first.in))]) {
        assign(here, first.for, v);
        go(rest);
      }
  };
  go(e.clauses);
  // A function that was made in it still knows its names.
  let kept = false;
  for (let ref = inner.ref + 1; ref < p.next && !kept; ref++) {
    const o = p.heap[ref];
    kept = o?.kind === 'function' && o.scope === inner.ref;
  }
  if (!kept) delete p.heap[inner.ref];
  return e.of === 'dict' ? b.dict(p, pairs) : e.of === 'set' ? set(p, items, equal) : list(p, items);
}

/** Calls anything. */
export function call(at: At, fn: Value, args: Value[], named: [string, Value][] = []): Value {
  const { p } = at;
  if (has(fn, 'builtin')) return b.call(at, fn, args, named);
  if (has(fn, 'type')) return b.construct(at, fn.type, args, named);
  const o = objOf(p, fn);
  if (o?.kind === 'function') return at.run(o, args, named);
  if (o?.kind === 'class') {
    const made = alloc(p, { kind: 'instance', of: fn, fields: {} });
    const init = b.member(p, fn, '__init__');
    if (init !== undefined) at.run({ ...(objOf(p, init) as Extract<Obj, { kind: 'function' }>), self: made }, args, named);
    else if (args.length > 0) (objOf(p, made) as Extract<Obj, { kind: 'instance' }>).fields.message = args[0] as Value;
    return made;
  }
  throw error(p, 'TypeError', `'${typeName(p, fn)}' object is not callable`);
}

const number = (v: Value): number | null => (typeof v === 'number' ? v : typeof v === 'boolean' ? Number(v) : isFloat(v) ? v.float : null);

export function binary(p: Py, op: string, a: Value, c: Value): Value {
  const [x, y] = [number(a), number(c)];
  if (x !== null && y !== null) return arithmetic(p, op, x, y, isFloat(a) || isFloat(c));
  if (op === '+') {
    if (typeof a === 'string' && typeof c === 'string') return a + c;
    if (has(a, 'bytes') && has(c, 'bytes')) return { bytes: a.bytes + c.bytes };
    const [l, r] = [objOf(p, a), objOf(p, c)];
    if (l?.kind === 'list' && r?.kind === 'list') return list(p, [...l.items, ...r.items]);
    if (l?.kind === 'tuple' && r?.kind === 'tuple') return tuple(p, [...l.items, ...r.items]);
    if (typeof a === 'string') throw error(p, 'TypeError', `can only concatenate str (not "${typeName(p, c)}") to str`);
  }
  if (op === '*' && (y !== null || x !== null)) {
    const [thing, times] = y === null ? [c, x as number] : [a, y];
    if (typeof thing === 'string' || has(thing, 'bytes')) {
      const one = typeof thing === 'string' ? thing : thing.bytes;
      p.grown ||= one.length * times > 4096;
      // Nobody looks into a megabyte of the same.
      if (one.length * times > 65_536) return { size: one.length * Math.max(0, times) };
      const text = one.repeat(Math.max(0, times));
      return typeof thing === 'string' ? text : { bytes: text };
    }
    const l = objOf(p, thing);
    if (l?.kind === 'list') {
      if (l.items.length * times > 10_000) return { size: l.items.length * times * 8 };
      return list(p, Array.from({ length: times }, () => l.items).flat());
    }
  }
  const [left, right] = [objOf(p, a), objOf(p, c)];
  if (left?.kind === 'set' && right?.kind === 'set' && '|&-^'.includes(op)) return sets(p, op, left.items, right.items);
  if (left?.kind === 'dict' && right?.kind === 'dict' && op === '|') return b.dict(p, [...left.entries, ...right.entries]);
  if (op === '%' && typeof a === 'string') return b.percent(p, a, c);
  throw error(p, 'TypeError', `unsupported operand type(s) for ${op}: '${typeName(p, a)}' and '${typeName(p, c)}'`);
}

function sets(p: Py, op: string, a: readonly Value[], c: readonly Value[]): Value {
  const without = (x: readonly Value[], y: readonly Value[]) => x.filter((v) => !y.some((o) => equal(p, o, v)));
  const items =
    op === '|' ? [...a, ...c] : op === '&' ? without(a, without(a, c)) : op === '-' ? without(a, c) : [...without(a, c), ...without(c, a)];
  return set(p, items, equal);
}

function arithmetic(p: Py, op: string, x: number, y: number, float: boolean): Value {
  const give = (n: number): Value => (float ? { float: n } : n);
  switch (op) {
    case '+':
      return give(x + y);
    case '-':
      return give(x - y);
    case '*':
      return give(x * y);
    case '/':
      if (y === 0) throw error(p, 'ZeroDivisionError', float ? 'float division by zero' : 'division by zero');
      return { float: x / y };
    case '//':
    case '%':
      if (y === 0)
        throw error(p, 'ZeroDivisionError', op === '%' && !float ? 'integer modulo by zero' : 'integer division or modulo by zero');
      return give(op === '%' ? x - Math.floor(x / y) * y : Math.floor(x / y));
    case '**':
      return float || y < 0 ? { float: x ** y } : x ** y;
    case '<<':
      return x * 2 ** y;
    case '>>':
      return Math.floor(x / 2 ** y);
    case '&':
      return x & y;
    case '|':
      return x | y;
    default:
      return x ^ y;
  }
}

export function equal(p: Py, a: Value, c: Value): boolean {
  const [x, y] = [number(a), number(c)];
  if (x !== null && y !== null) return x === y;
  if (has(a, 'bytes') && has(c, 'bytes')) return a.bytes === c.bytes;
  const [l, r] = [objOf(p, a), objOf(p, c)];
  if (l?.kind === 'set' && r?.kind === 'set')
    return l.items.length === r.items.length && l.items.every((v) => r.items.some((o) => equal(p, o, v)));
  if (l && r && 'items' in l && 'items' in r)
    return l.kind === r.kind && l.items.length === r.items.length && l.items.every((v, i) => equal(p, v, r.items[i] as Value));
  if (l && r) return l === r || repr(p, a) === repr(p, c);
  return a === c || (has(a, 'type') && has(c, 'type') && a.type === c.type);
}

function compareAll(at: At, e: Extract<Expr, { is: 'compare' }>): boolean {
  let left = evaluate(at, e.first);
  for (const [op, next] of e.rest) {
    const right = evaluate(at, next);
    if (!compare(at, op, left, right)) return false;
    left = right;
  }
  return true;
}

function compare(at: At, op: string, a: Value, c: Value): boolean {
  const { p } = at;
  switch (op) {
    case '==':
    case 'is':
      return equal(p, a, c);
    case '!=':
    case 'is not':
      return !equal(p, a, c);
    case 'in':
    case 'not in': {
      const found = typeof c === 'string' ? c.includes(str(p, a)) : b.iterate(at, c).some((v) => equal(p, v, a));
      return found === (op === 'in');
    }
    default: {
      const n = order(at, op, a, c);
      return op === '<' ? n < 0 : op === '>' ? n > 0 : op === '<=' ? n <= 0 : n >= 0;
    }
  }
}

/** Below 0, 0 or above; lists and tuples by their first items that differ. `op` is what was asked, for the refusal. */
export function order(at: At, op: string, a: Value, c: Value): number {
  const { p } = at;
  if (typeof a === 'string' && typeof c === 'string') return a < c ? -1 : a > c ? 1 : 0;
  const [x, y] = [number(a), number(c)];
  if (x !== null && y !== null) return x - y;
  const [l, r] = [objOf(p, a), objOf(p, c)];
  if (l && r && l.kind === r.kind && (l.kind === 'list' || l.kind === 'tuple')) {
    const other = (r as typeof l).items;
    const i = l.items.findIndex((v, n) => n >= other.length || !equal(p, v, other[n] as Value));
    if (i < 0) return l.items.length - other.length;
    return i >= other.length ? 1 : order(at, op, l.items[i] as Value, other[i] as Value);
  }
  throw error(p, 'TypeError', `'${op}' not supported between instances of '${typeName(p, a)}' and '${typeName(p, c)}'`);
}
