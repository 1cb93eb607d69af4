/**
 * JavaScript that runs to the end of each callback: statements and expressions over a heap that is plain data. What waits, waits in
 * the event loop (index.ts), as in Node itself.
 */
import { type Expr, NotModelled, type Stmt } from './ast';

export type Value = number | string | boolean | null | { undef: true } | { ref: number } | { native: string; of?: Value };

export type Obj =
  | { kind: 'object'; type: string; props: Record<string, Value> }
  | { kind: 'array'; items: Value[] }
  | { kind: 'function'; params: string[]; body: Stmt[] | Expr; scope: number }
  | { kind: 'scope'; names: Record<string, Value>; parent: number | null };

export interface Heap {
  objects: Record<number, Obj>;
  next: number;
}
export const UNDEFINED: Value = { undef: true };

/** What Node brings along: natives by name, and globals. */
export interface Host {
  heap: Heap;
  call(name: string, args: Value[], of: Value): Value;
  global(name: string): Value | undefined;
  /** A member of what is not an object of the program: of a string, an array, a module. */
  member(of: Value, name: string): Value | undefined;
}

export class Thrown extends Error {
  readonly value: Value;
  line: number;
  constructor(value: Value, line: number) {
    super('thrown');
    this.value = value;
    this.line = line;
  }
}

export const alloc = (h: Heap, o: Obj): Value => {
  h.objects[h.next] = o;
  return { ref: h.next++ };
};
export const has = <K extends string>(v: Value | undefined, key: K): v is Extract<Value, Record<K, unknown>> =>
  typeof v === 'object' && v !== null && key in v;
export const objOf = (h: Heap, v: Value | undefined): Obj | null => (has(v, 'ref') ? (h.objects[v.ref] ?? null) : null);
export const object = (h: Heap, props: Record<string, Value>, type = 'Object'): Value => alloc(h, { kind: 'object', type, props });
export const array = (h: Heap, items: Value[]): Value => alloc(h, { kind: 'array', items });
export const fault = (h: Heap, type: string, message: string, line = 0): Thrown =>
  new Thrown(object(h, { name: type, message }, 'Error'), line);

export const truth = (v: Value): boolean => !(has(v, 'undef') || v === null || v === 0 || v === '' || v === false || Number.isNaN(v));

/** String(v): as templates and + have it. */
export function text(h: Heap, v: Value): string {
  if (has(v, 'undef')) return 'undefined';
  if (typeof v !== 'object' || v === null) return String(v);
  if (has(v, 'native')) return `function ${v.native}() { [native code] }`;
  const o = objOf(h, v);
  if (o?.kind === 'array') return o.items.map((x) => (x === null || has(x, 'undef') ? '' : text(h, x))).join(',');
  if (o?.kind === 'object')
    return o.type === 'Error' ? `${text(h, o.props.name ?? 'Error')}: ${text(h, o.props.message ?? '')}` : `[object ${o.type}]`;
  return '[Function]';
}
const number = (v: Value): number => (has(v, 'undef') ? Number.NaN : typeof v === 'object' && v !== null ? Number.NaN : Number(v));

type Completion = null | 'break' | 'continue' | { value: Value };

const scopeOf = (h: Heap, ref: number) => h.objects[ref] as Extract<Obj, { kind: 'scope' }>;
export const newScope = (h: Heap, parent: number | null, names: Record<string, Value> = {}): number =>
  (alloc(h, { kind: 'scope', names, parent }) as { ref: number }).ref;

/** Steps of one callback; a program that loops for ever would hold the event loop, as it does in Node. */
const FUEL = 300_000;

export class Interpreter {
  private readonly host: Host;
  private fuel = FUEL;
  private depth = 0;
  constructor(host: Host) {
    this.host = host;
  }
  private get h(): Heap {
    return this.host.heap;
  }

  run(body: readonly Stmt[], scope: number): Completion {
    // Functions are there before the first statement.
    for (const s of body)
      if (s.do === 'let' && s.value?.is === 'function') scopeOf(this.h, scope).names[s.names[0]?.name ?? ''] = this.make(s.value, scope);
    for (const s of body) {
      const done = this.statement(s, scope);
      if (done !== null) return done;
    }
    return null;
  }

  private statement(s: Stmt, scope: number): Completion {
    if (--this.fuel < 0) throw new NotModelled('a callback that runs that long');
    try {
      return this.perform(s, scope);
    } catch (e) {
      if (e instanceof Thrown && e.line === 0) e.line = s.line;
      throw e;
    }
  }

  private perform(s: Stmt, scope: number): Completion {
    switch (s.do) {
      case 'expr':
        this.eval(s.value, scope);
        return null;
      case 'let':
        this.declare(s, scope);
        return null;
      case 'if': {
        const branch = truth(this.eval(s.test, scope)) ? s.yes : s.no;
        return branch && this.statement(branch, scope);
      }
      case 'while':
        return this.loop(s, scope);
      case 'of':
        return this.each(s, scope);
      case 'block':
        // Several declarations of one statement are no block of their own.
        return s.line < 0 ? this.run(s.body, scope) : this.run(s.body, newScope(this.h, scope));
      case 'return':
        return { value: s.value ? this.eval(s.value, scope) : UNDEFINED };
      case 'throw':
        throw new Thrown(this.eval(s.value, scope), s.line);
      case 'try':
        return this.attempt(s, scope);
      case 'break':
      case 'continue':
        return s.do;
      case 'nothing':
        return null;
    }
  }

  private declare(s: Extract<Stmt, { do: 'let' }>, scope: number) {
    const { names } = scopeOf(this.h, scope);
    const value = s.value ? this.eval(s.value, scope) : UNDEFINED;
    for (const { name, of } of s.names) names[name] = of === null ? value : this.member(value, of);
  }
  private loop(s: Extract<Stmt, { do: 'while' }>, outer: number): Completion {
    const scope = newScope(this.h, outer);
    if (s.first) this.statement(s.first, scope);
    while (s.test === null || truth(this.eval(s.test, scope))) {
      const done = this.statement(s.body, scope);
      if (done === 'break') break;
      if (done !== null && done !== 'continue') return done;
      if (s.each) this.eval(s.each, scope);
    }
    return null;
  }
  private each(s: Extract<Stmt, { do: 'of' }>, scope: number): Completion {
    const over = this.eval(s.over, scope);
    const o = objOf(this.h, over);
    const items = typeof over === 'string' ? [...over] : o?.kind === 'array' ? [...o.items] : null;
    if (items === null) throw fault(this.h, 'TypeError', `${this.source(s.over)} is not iterable`, s.line);
    for (const item of items) {
      const done = this.statement(s.body, newScope(this.h, scope, { [s.name]: item }));
      if (done === 'break') break;
      if (done !== null && done !== 'continue') return done;
    }
    return null;
  }
  private attempt(s: Extract<Stmt, { do: 'try' }>, scope: number): Completion {
    try {
      return this.statement(s.body, scope);
    } catch (e) {
      if (!(e instanceof Thrown) || s.caught === null) throw e;
      return this.statement(s.caught, newScope(this.h, scope, s.name === null ? {} : { [s.name]: e.value }));
    } finally {
      if (s.last) this.statement(s.last, scope);
    }
  }

  private make = (e: Extract<Expr, { is: 'function' }>, scope: number): Value =>
    alloc(this.h, { kind: 'function', params: e.params, body: e.body, scope });

  /** Calls a function of the program, or one of Node's. */
  call(fn: Value, args: Value[], shown = 'fn'): Value {
    if (has(fn, 'native')) return this.host.call(fn.native, args, fn.of ?? UNDEFINED);
    const o = objOf(this.h, fn);
    if (o?.kind !== 'function') throw fault(this.h, 'TypeError', `${shown} is not a function`);
    if (++this.depth > 400) throw fault(this.h, 'RangeError', 'Maximum call stack size exceeded');
    const scope = newScope(
      this.h,
      o.scope,
      Object.fromEntries(o.params.map((p, i) => [p, args[i] ?? (i < args.length ? null : UNDEFINED)])),
    );
    try {
      if (!Array.isArray(o.body)) return this.eval(o.body, scope);
      const done = this.run(o.body, scope);
      return typeof done === 'object' && done !== null ? done.value : UNDEFINED;
    } finally {
      this.depth--;
    }
  }

  private find(name: string, scope: number): Extract<Obj, { kind: 'scope' }> | null {
    for (let at: number | null = scope; at !== null; ) {
      const s = scopeOf(this.h, at);
      if (Object.hasOwn(s.names, name)) return s;
      at = s.parent;
    }
    return null;
  }

  private source(e: Expr): string {
    if (e.is === 'name') return e.name;
    if (e.is === 'member' && e.name.is === 'value') return `${this.source(e.of)}.${e.name.value}`;
    if (e.is === 'call') return `${this.source(e.of)}(...)`;
    return '(intermediate value)';
  }

  member(of: Value, name: string): Value {
    const o = objOf(this.h, of);
    if (o?.kind === 'object' && Object.hasOwn(o.props, name)) return o.props[name] as Value;
    if (o?.kind === 'array' && /^\d+$/.test(name)) return o.items[Number(name)] ?? UNDEFINED;
    if (typeof of === 'string' && /^\d+$/.test(name)) return of[Number(name)] ?? UNDEFINED;
    return this.host.member(of, name) ?? UNDEFINED;
  }

  eval(e: Expr, scope: number): Value {
    if (--this.fuel < 0) throw new NotModelled('a callback that runs that long');
    switch (e.is) {
      case 'value':
        return e.value;
      case 'template':
        return e.parts.map((p) => (typeof p === 'string' ? p : text(this.h, this.eval(p, scope)))).join('');
      case 'name':
        return this.named(e.name, scope);
      case 'array':
        return array(
          this.h,
          e.items.map((x) => this.eval(x, scope)),
        );
      case 'object':
        return object(this.h, Object.fromEntries(e.entries.map(([n, x]) => [n, this.eval(x, scope)])));
      case 'function':
        return this.make(e, scope);
      case 'member':
        return this.get(e, scope);
      case 'call':
        return this.invoke(e, scope);
      case 'unary':
        return this.unary(e, scope);
      case 'update': {
        const was = number(this.eval(e.target, scope));
        this.set(e.target, was + e.by, scope);
        return e.before ? was + e.by : was;
      }
      case 'binary':
        return this.binary(e, scope);
      case 'choice':
        return this.eval(truth(this.eval(e.test, scope)) ? e.yes : e.no, scope);
      case 'assign':
        return this.assign(e, scope);
    }
  }

  private named(name: string, scope: number): Value {
    const found = this.find(name, scope);
    if (found) return found.names[name] as Value;
    const global = this.host.global(name);
    if (global === undefined) throw fault(this.h, 'ReferenceError', `${name} is not defined`);
    return global;
  }
  private get(e: Extract<Expr, { is: 'member' }>, scope: number): Value {
    const of = this.eval(e.of, scope);
    const name = text(this.h, this.eval(e.name, scope));
    if (of === null || has(of, 'undef')) {
      if (e.optional) return UNDEFINED;
      throw fault(this.h, 'TypeError', `Cannot read properties of ${of === null ? 'null' : 'undefined'} (reading '${name}')`);
    }
    return this.member(of, name);
  }
  private invoke(e: Extract<Expr, { is: 'call' }>, scope: number): Value {
    const fn = this.eval(e.of, scope);
    if (e.of.is === 'member' && e.of.optional && has(fn, 'undef')) return UNDEFINED;
    const args = e.args.map((x) => this.eval(x, scope));
    if (e.made && has(fn, 'native')) return this.host.call(`new ${fn.native}`, args, UNDEFINED);
    if (e.made) throw new NotModelled(`"new ${this.source(e.of)}"`);
    return this.call(fn, args, this.source(e.of));
  }
  private unary(e: Extract<Expr, { is: 'unary' }>, scope: number): Value {
    if (e.op === 'typeof' && e.of.is === 'name' && !this.find(e.of.name, scope) && this.host.global(e.of.name) === undefined)
      return 'undefined';
    const v = this.eval(e.of, scope);
    switch (e.op) {
      case '!':
        return !truth(v);
      case '-':
        return -number(v);
      case '+':
        return number(v);
      case 'void':
        return UNDEFINED;
      default:
        if (has(v, 'undef')) return 'undefined';
        if (has(v, 'native') || objOf(this.h, v)?.kind === 'function') return 'function';
        return typeof v;
    }
  }
  private set(target: Expr, value: Value, scope: number) {
    if (target.is === 'name') {
      const found = this.find(target.name, scope);
      if (found) found.names[target.name] = value;
      else scopeOf(this.h, 0).names[target.name] = value;
      return;
    }
    if (target.is !== 'member') throw new NotModelled('this assignment');
    const o = objOf(this.h, this.eval(target.of, scope));
    const name = text(this.h, this.eval(target.name, scope));
    if (o?.kind === 'object') o.props[name] = value;
    else if (o?.kind === 'array') o.items[Number(name)] = value;
    else throw new NotModelled(`setting .${name}`);
  }
  private assign(e: Extract<Expr, { is: 'assign' }>, scope: number): Value {
    if (e.op === '??' || e.op === '||' || e.op === '&&') {
      const was = this.eval(e.target, scope);
      const keep = e.op === '??' ? !(was === null || has(was, 'undef')) : truth(was) === (e.op === '||');
      if (keep) return was;
    }
    const right = this.eval(e.value, scope);
    const value = e.op === '' || e.op.length > 1 ? right : this.operate(e.op, this.eval(e.target, scope), right);
    this.set(e.target, value, scope);
    return value;
  }

  private binary(e: Extract<Expr, { is: 'binary' }>, scope: number): Value {
    const left = this.eval(e.left, scope);
    if (e.op === '&&') return truth(left) ? this.eval(e.right, scope) : left;
    if (e.op === '||') return truth(left) ? left : this.eval(e.right, scope);
    if (e.op === '??') return left === null || has(left, 'undef') ? this.eval(e.right, scope) : left;
    return this.operate(e.op, left, this.eval(e.right, scope));
  }
  private same(a: Value, b: Value): boolean {
    if (has(a, 'ref') && has(b, 'ref')) return a.ref === b.ref;
    return a === b || (has(a, 'undef') && has(b, 'undef'));
  }
  private operate(op: string, a: Value, b: Value): Value {
    const none = (v: Value) => v === null || has(v, 'undef');
    switch (op) {
      case '+':
        return typeof a === 'string' || typeof b === 'string' || has(a, 'ref') || has(b, 'ref')
          ? text(this.h, a) + text(this.h, b)
          : number(a) + number(b);
      case '===':
        return this.same(a, b);
      case '!==':
        return !this.same(a, b);
      case '==':
      case '!=': {
        const equal = this.same(a, b) || (none(a) && none(b)) || (typeof a !== typeof b && !none(a) && !none(b) && number(a) === number(b));
        return equal === (op === '==');
      }
      case '<':
      case '>':
      case '<=':
      case '>=': {
        const [x, y] = typeof a === 'string' && typeof b === 'string' ? [a, b] : [number(a), number(b)];
        return op === '<' ? x < y : op === '>' ? x > y : op === '<=' ? x <= y : x >= y;
      }
      default:
        return arithmetic(op, number(a), number(b));
    }
  }
}

function arithmetic(op: string, x: number, y: number): number {
  switch (op) {
    case '-':
      return x - y;
    case '*':
      return x * y;
    case '/':
      return x / y;
    case '%':
      return x % y;
    case '**':
      return x ** y;
    case '&':
      return x & y;
    case '|':
      return x | y;
    default:
      return x ^ y;
  }
}
