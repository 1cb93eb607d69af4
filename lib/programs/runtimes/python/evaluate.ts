/** Expressions: names, operators, calls. What Python brings along is in builtins.ts; how functions run, in machine.ts. */
import type { Expr } from './ast';
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

export function lookup(at: At, name: string): Value {
  for (const ref of [at.scope, GLOBALS]) {
    const { names } = scopeOf(at.p, ref);
    if (Object.hasOwn(names, name)) return names[name] as Value;
  }
  const found = b.named(name);
  if (found === undefined) throw error(at.p, 'NameError', `name '${name}' is not defined`);
  return found;
}

export function assign(at: At, target: Expr, value: Value): void {
  const { p } = at;
  if (has(value, 'size') || (typeof value === 'string' && value.length > 4096)) p.grown = true;
  switch (target.is) {
    case 'name': {
      const own = scopeOf(p, at.scope);
      scopeOf(p, own.globals.includes(target.name) ? GLOBALS : at.scope).names[target.name] = value;
      return;
    }
    case 'tuple':
    case 'list': {
      const values = b.iterate(at, value);
      if (values.length !== target.items.length)
        throw error(
          p,
          'ValueError',
          values.length < target.items.length
            ? `not enough values to unpack (expected ${target.items.length}, got ${values.length})`
            : `too many values to unpack (expected ${target.items.length})`,
        );
      for (const [i, t] of target.items.entries()) assign(at, t, values[i] as Value);
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
      return e.parts.map((x) => (typeof x === 'string' ? x : b.format(p, evaluate(at, x.expr), x.spec))).join('');
    case 'name':
      return lookup(at, e.name);
    case 'list':
      return list(
        p,
        e.items.map((x) => evaluate(at, x)),
      );
    case 'tuple':
      return tuple(
        p,
        e.items.map((x) => evaluate(at, x)),
      );
    case 'dict':
      return alloc(p, { kind: 'dict', entries: e.entries.map(([k, v]) => [evaluate(at, k), evaluate(at, v)]) });
    case 'attribute':
      return b.attribute(at, evaluate(at, e.of), e.name);
    case 'index':
      return b.item(at, evaluate(at, e.of), evaluate(at, e.at));
    case 'slice':
      return b.slice(at, evaluate(at, e.of), e.from && evaluate(at, e.from), e.to && evaluate(at, e.to));
    case 'call':
      return call(
        at,
        evaluate(at, e.of),
        e.args.map((x) => evaluate(at, x)),
        e.named.map(([n, x]) => [n, evaluate(at, x)]),
      );
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

/** Calls anything. */
export function call(at: At, fn: Value, args: Value[], named: [string, Value][] = []): Value {
  const { p } = at;
  if (has(fn, 'builtin')) return b.call(at, fn, args, named);
  if (has(fn, 'type')) return b.construct(at, fn.type, args);
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
  if (op === '%' && typeof a === 'string') return b.percent(p, a, c);
  throw error(p, 'TypeError', `unsupported operand type(s) for ${op}: '${typeName(p, a)}' and '${typeName(p, c)}'`);
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
  if (l && r && 'items' in l && 'items' in r)
    return l.items.length === r.items.length && l.items.every((v, i) => equal(p, v, r.items[i] as Value));
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
      const [x, y] = typeof a === 'string' && typeof c === 'string' ? [a, c] : [number(a), number(c)];
      if (x === null || y === null)
        throw error(p, 'TypeError', `'${op}' not supported between instances of '${typeName(p, a)}' and '${typeName(p, c)}'`);
      return op === '<' ? x < y : op === '>' ? x > y : op === '<=' ? x <= y : x >= y;
    }
  }
}
