/**
 * Expressions, functions and classes. What Node brings along is the host's (natives.ts); statements are in machine.ts. A callback runs to its
 * end; what waits, waits in the event loop (index.ts), as in Node itself.
 * Past 400 lines because expressions, functions and classes call each other.
 */
import type * as acorn from 'acorn';
import { type ClassTree, type Expression, type FunctionTree, NotModelled, type Pattern, type Statement } from './ast';
import { type End, runFrames, throwInto } from './machine';
import { functionNode } from './parse';
import {
  alloc,
  array,
  errorOf,
  type Field,
  type Frame,
  fault,
  type Heap,
  has,
  isFunction,
  type Job,
  newScope,
  nullish,
  number,
  type Obj,
  object,
  objOf,
  Thrown,
  text,
  truth,
  typeOf,
  UNDEFINED,
  type Value,
} from './values';

/** What Node brings along: natives by name, and globals. */
export interface Host {
  heap: Heap;
  /** `make`: with `new`. */
  call(name: string, args: Value[], of: Value, make: boolean): Value;
  global(name: string): Value | undefined;
  /** A member of what is not an object of the program: of a string, an array, a module. */
  member(of: Value, name: string): Value | undefined;
  /** What sets a member of Node's own; false: it has none that could be set. */
  set(of: Value, name: string, value: Value): boolean;
  /** To be done before the next callback. */
  soon(job: Job): void;
}

type Fn = Extract<Obj, { kind: 'function' }>;
type Plain = Extract<Obj, { kind: 'object' }>;

/** Where an optional chain has come to an end. */
const SHORT: Value = { undef: true };

/** Steps of one callback; a program that loops for ever would hold the event loop, as it does in Node. */
const FUEL = 2_000_000;

export class Interpreter {
  private readonly host: Host;
  private fuel = FUEL;
  private depth = 0;
  constructor(host: Host) {
    this.host = host;
  }
  get h(): Heap {
    return this.host.heap;
  }
  spend() {
    if (--this.fuel < 0) throw new NotModelled('a callback that runs that long');
  }

  // ——— scopes and names

  private scope = (ref: number) => this.h.objects[ref] as Extract<Obj, { kind: 'scope' }>;
  copyScope(ref: number): number {
    const { names, parent, consts } = this.scope(ref);
    return (alloc(this.h, { kind: 'scope', names: { ...names }, parent, consts }) as { ref: number }).ref;
  }
  private find(name: string, scope: number): Extract<Obj, { kind: 'scope' }> | null {
    for (let at: number | null = scope; at !== null; ) {
      const s = this.scope(at);
      if (Object.hasOwn(s.names, name)) return s;
      at = s.parent;
    }
    return null;
  }
  private lookup(name: string, scope: number): Value {
    const found = this.find(name, scope);
    if (found) return found.names[name] as Value;
    const global = this.host.global(name);
    if (global === undefined) throw fault(this.h, 'ReferenceError', `${name} is not defined`);
    return global;
  }

  /** Functions are there before the first statement, and in a function its `var` names, too. */
  hoist(body: readonly Statement[], scope: number, vars: boolean) {
    const { names } = this.scope(scope);
    if (vars) for (const name of varNames(body)) if (!Object.hasOwn(names, name)) names[name] = UNDEFINED;
    for (const s of body) if (s.type === 'FunctionDeclaration') names[s.id.name] = this.make(s, scope, s.id.name);
  }

  /** Gives a pattern its values. `kind`: how its names are declared; null: they are there already. */
  bind(p: Pattern, value: Value, scope: number, kind: string | null): void {
    switch (p.type) {
      case 'Identifier':
        this.bindName(p.name, value, scope, kind);
        return;
      case 'MemberExpression':
        this.setMember(this.eval(p.object as Expression, scope), this.keyOf(p, scope), value);
        return;
      case 'AssignmentPattern':
        this.bind(p.left, has(value, 'undef') ? this.named(p.right, scope, p.left) : value, scope, kind);
        return;
      case 'RestElement':
        this.bind(p.argument, value, scope, kind);
        return;
      case 'ArrayPattern': {
        const items = this.iterate(value, () => this.shown(value));
        for (const [n, e] of p.elements.entries())
          if (e) this.bind(e, e.type === 'RestElement' ? array(this.h, items.slice(n)) : (items[n] ?? UNDEFINED), scope, kind);
        return;
      }
      case 'ObjectPattern':
        this.bindObject(p, value, scope, kind);
    }
  }
  private bindName(name: string, value: Value, scope: number, kind: string | null) {
    if (kind !== null && kind !== 'var') {
      const s = this.scope(scope);
      s.names[name] = value;
      if (kind === 'const') s.consts = [...(s.consts ?? []), name];
      return;
    }
    const found = this.find(name, scope);
    if (found?.consts?.includes(name)) throw fault(this.h, 'TypeError', 'Assignment to constant variable.');
    // A name that nobody has declared belongs to everybody.
    (found ?? (kind === 'var' ? this.scope(scope) : this.scope(0))).names[name] = value;
  }
  private bindObject(p: acorn.ObjectPattern, value: Value, scope: number, kind: string | null) {
    if (nullish(value)) {
      const first = p.properties[0];
      const name = first?.type === 'Property' && first.key.type === 'Identifier' ? ` '${first.key.name}'` : '';
      throw fault(this.h, 'TypeError', `Cannot destructure property${name} of '${text(this.h, value)}' as it is ${text(this.h, value)}.`);
    }
    const taken = new Set<string>();
    for (const e of p.properties)
      if (e.type === 'RestElement') {
        const rest = this.keys(value).map((k) => text(this.h, k));
        this.bind(
          e.argument,
          object(this.h, Object.fromEntries(rest.filter((k) => !taken.has(k)).map((k) => [k, this.member(value, k)]))),
          scope,
          kind,
        );
      } else {
        const name = this.propertyName(e, scope);
        taken.add(name);
        this.bind(e.value, this.member(value, name), scope, kind);
      }
  }

  /** A file, from its first statement to its last; one that waits by itself goes on when it can. */
  top(body: Statement[], scope: number) {
    this.hoist(body, scope, true);
    const frames: Frame[] = [{ f: 'block', body, at: 0, scope }];
    const promise = this.promise();
    const run = alloc(this.h, { kind: 'run', frames, promise, into: null, done: false });
    const end = runFrames(this, frames);
    if (end.end === 'wait') this.waitFor(run, end);
  }

  // ——— functions and classes

  /** A value, and a name for a function or class that has none of its own. */
  named(e: Expression, scope: number, as: Pattern | string): Value {
    const name = typeof as === 'string' ? as : as.type === 'Identifier' ? as.name : '';
    if (e.type === 'ArrowFunctionExpression' || (e.type === 'FunctionExpression' && !e.id)) return this.make(e, scope, name);
    if (e.type === 'ClassExpression' && !e.id) return this.classOf(e, scope, name);
    return this.eval(e, scope);
  }
  private make = (e: FunctionTree, scope: number, name: string, home: Value | null = null): Value =>
    alloc(this.h, { kind: 'function', name, code: functionNode(e), scope, props: {}, home });

  /** The object that `new f` takes its members from. */
  prototypeOf(fn: Value): Value {
    const f = objOf(this.h, fn) as Fn;
    const made = f.props.prototype ?? object(this.h, { constructor: fn });
    f.props.prototype = made;
    return made;
  }

  classOf(e: ClassTree, outer: number, given = ''): Value {
    const name = e.id?.name ?? given;
    const scope = newScope(this.h, outer);
    const parent = e.superClass ? this.eval(e.superClass, scope) : null;
    if (parent !== null && !isFunction(this.h, parent))
      throw fault(this.h, 'TypeError', `Class extends value ${this.shown(parent)} is not a constructor or null`);
    const proto = alloc(this.h, { kind: 'object', type: 'Object', props: {} });
    const theirs = parent !== null && objOf(this.h, parent)?.kind === 'function' ? this.prototypeOf(parent) : undefined;
    if (theirs !== undefined) (objOf(this.h, proto) as Plain).proto = theirs;
    const ctor = e.body.body.find((m): m is acorn.MethodDefinition => m.type === 'MethodDefinition' && m.kind === 'constructor');
    const fields: Field[] = [];
    const props: Record<string, Value> = { prototype: proto };
    const cls = alloc(this.h, {
      kind: 'function',
      name,
      code: ctor ? functionNode(ctor.value) : null,
      scope,
      props,
      home: proto,
      class: { parent, fields },
    });
    if (name) this.scope(scope).names[name] = cls;
    Object.assign((objOf(this.h, proto) as Plain).props, { constructor: cls });
    const late: (() => void)[] = [];
    for (const m of e.body.body) {
      if (m === ctor) continue;
      if (m.type === 'StaticBlock') {
        late.push(
          () => void this.callCode(cls, { params: [], body: m.body, async: false, generator: false, arrow: false }, scope, [], cls, cls),
        );
        continue;
      }
      const key =
        m.key.type === 'PrivateIdentifier' ? `#${m.key.name}` : m.computed ? this.keyText(this.eval(m.key, scope)) : literalName(m.key);
      if (m.type === 'PropertyDefinition') {
        if (m.static) late.push(() => (props[key] = m.value ? this.evalAs(m.value, scope, cls, cls, key) : UNDEFINED));
        else fields.push({ name: key, value: m.value ?? null });
        continue;
      }
      const on = m.static ? cls : proto;
      this.addMethod(on, key, m.kind, this.make(m.value, scope, key, on));
    }
    for (const run of late) run();
    return cls;
  }
  private addMethod(on: Value, key: string, kind: string, fn: Value) {
    const o = objOf(this.h, on) as Plain | Fn;
    if (kind === 'get' && o.kind === 'object') o.getters = { ...o.getters, [key]: fn };
    else if (kind === 'set' && o.kind === 'object') o.setters = { ...o.setters, [key]: fn };
    else if (kind === 'get') throw new NotModelled('a static getter');
    else o.props[key] = fn;
  }
  /** An expression with a `this` of its own: of a field. */
  private evalAs(e: Expression, scope: number, self: Value, home: Value, name: string): Value {
    return this.named(e, newScope(this.h, scope, { this: self, '%home': home }), name);
  }
  private addFields(fn: Fn, self: Value) {
    for (const f of fn.class?.fields ?? []) {
      const name = typeof f.name === 'string' ? f.name : '';
      this.define(self, name, f.value ? this.evalAs(f.value, fn.scope, self, fn.home as Value, name) : UNDEFINED);
    }
  }
  private define(on: Value, name: string, value: Value) {
    const o = objOf(this.h, on);
    if (o?.kind === 'object' || o?.kind === 'function') o.props[name] = value;
  }

  /** Calls a function of the program, or one of Node's. */
  call(fn: Value, args: Value[], self: Value = UNDEFINED, shown = 'fn'): Value {
    if (has(fn, 'native')) return this.host.call(fn.native, args, fn.of ?? self, false);
    const o = objOf(this.h, fn);
    if (o?.kind !== 'function') throw fault(this.h, 'TypeError', `${shown} is not a function`);
    if (o.class) throw fault(this.h, 'TypeError', `Class constructor ${o.name} cannot be invoked without 'new'`);
    return this.callCode(fn, o.code as NonNullable<Fn['code']>, o.scope, args, self, o.home);
  }

  private callCode(
    fn: Value,
    code: NonNullable<Fn['code']>,
    outer: number,
    args: Value[],
    self: Value,
    home: Value | null,
    made?: Value,
  ): Value {
    if (++this.depth > 300) throw fault(this.h, 'RangeError', 'Maximum call stack size exceeded');
    try {
      const own: Record<string, Value> = code.arrow ? {} : { this: self, arguments: array(this.h, [...args]) };
      if (home !== null) own['%home'] = home;
      if (made !== undefined) Object.assign(own, { '%fn': fn, '%new': made });
      const scope = newScope(this.h, outer, own);
      for (const [n, p] of code.params.entries())
        this.bind(
          p,
          p.type === 'RestElement' ? array(this.h, args.slice(n)) : n < args.length ? (args[n] as Value) : UNDEFINED,
          scope,
          'let',
        );
      if (!Array.isArray(code.body)) return this.eval(code.body, scope);
      this.hoist(code.body, scope, true);
      const frames: Frame[] = [{ f: 'block', body: code.body, at: 0, scope }];
      if (code.async || code.generator) return this.suspended(frames, code);
      const { value } = runFrames(this, frames);
      // What a constructor gives is the object that it was given, as `super` may have changed it.
      return made !== undefined && typeOf(this.h, value) !== 'object' ? (this.scope(scope).names.this as Value) : value;
    } finally {
      this.depth--;
    }
  }

  /** new fn(…) */
  construct(fn: Value, args: Value[], made: Value = fn, shown = 'fn'): Value {
    if (has(fn, 'native')) {
      const self = this.host.call(fn.native, args, UNDEFINED, true);
      const o = objOf(this.h, self);
      if (made !== fn && o?.kind === 'object') o.proto = this.prototypeOf(made);
      return self;
    }
    const o = objOf(this.h, fn);
    if (o?.kind !== 'function' || o.code?.arrow) throw fault(this.h, 'TypeError', `${shown} is not a constructor`);
    if (o.class?.parent) {
      if (o.code) return this.callCode(fn, o.code, o.scope, args, UNDEFINED, o.home, made);
      const self = this.construct(o.class.parent, args, made);
      this.addFields(o, self);
      return self;
    }
    const self = alloc(this.h, { kind: 'object', type: 'Object', props: {}, proto: this.prototypeOf(made) });
    this.addFields(o, self);
    return o.code ? this.callCode(fn, o.code, o.scope, args, self, o.home, made) : self;
  }

  private superCall(args: Value[], scope: number): Value {
    const fn = objOf(this.h, this.lookup('%fn', scope)) as Fn;
    const self = this.construct(fn.class?.parent as Value, args, this.lookup('%new', scope));
    const at = this.find('this', scope);
    if (at) at.names.this = self;
    this.addFields(fn, self);
    return self;
  }

  /** What the program throws in it is passed on as a value. */
  attempt<T>(what: () => T, caught: (thrown: Value) => void): T | undefined {
    try {
      return what();
    } catch (e) {
      if (!(e instanceof Thrown)) throw e;
      caught(e.value);
      return undefined;
    }
  }

  // ——— what waits

  private suspended(frames: Frame[], code: { async: boolean; generator: boolean }): Value {
    if (code.async && code.generator) throw new NotModelled('an async generator');
    const promise = code.async ? this.promise() : null;
    const run = alloc(this.h, { kind: 'run', frames, promise, into: null, done: false });
    if (!promise) return alloc(this.h, { kind: 'object', type: 'Generator', props: { 'the run': run } });
    this.goOn(run, () => runFrames(this, frames));
    return promise;
  }
  /** An async function takes its next steps, up to where it waits again. */
  private goOn(run: Value, steps: () => End) {
    const r = objOf(this.h, run) as Extract<Obj, { kind: 'run' }>;
    const end = this.attempt(steps, (thrown) => this.settle(r.promise as Value, false, thrown));
    if (end === undefined) return;
    if (end.end === 'return') this.settle(r.promise as Value, true, end.value);
    else this.waitFor(run, end);
  }
  private waitFor(run: Value, end: Extract<End, { end: 'wait' }>) {
    (objOf(this.h, run) as Extract<Obj, { kind: 'run' }>).into = end.into;
    this.listen(this.promised(end.value), { ok: null, no: null, promise: UNDEFINED, run });
  }
  /** What was waited for has come. */
  resume(run: Value, ok: boolean, value: Value) {
    const r = objOf(this.h, run) as Extract<Obj, { kind: 'run' }>;
    this.goOn(run, () => this.given(r, ok, value));
  }
  private given(r: Extract<Obj, { kind: 'run' }>, ok: boolean, value: Value): End {
    if (!ok) return throwInto(this, r.frames, value);
    if (r.into && r.into.name !== null) this.scope(r.into.scope).names[r.into.name] = value;
    return runFrames(this, r.frames);
  }
  /** A generator's next(value). */
  next(run: Value, value: Value): { value: Value; done: boolean } {
    const r = objOf(this.h, run) as Extract<Obj, { kind: 'run' }>;
    if (r.done) return { value: UNDEFINED, done: true };
    const end = this.given(r, true, value);
    if (end.end === 'return') {
      r.done = true;
      return { value: end.value, done: true };
    }
    r.into = end.into;
    if (end.how !== 'yield*') return { value: end.value, done: false };
    const items = this.iterate(end.value, () => this.shown(end.value));
    const [first, ...rest] = items;
    // What the other gives is given one by one: as statements of its own.
    const line = 0;
    r.frames.push({
      f: 'block',
      at: 0,
      scope: newScope(this.h, end.into.scope, Object.fromEntries(rest.map((v, n) => [`%${n}`, v]))),
      body: rest.map((_, n) => ({
        type: 'Wait',
        how: 'yield',
        argument: { type: 'Identifier', name: `%${n}`, line } as Expression,
        into: null,
        line,
      })),
    });
    return first === undefined ? this.next(run, UNDEFINED) : { value: first, done: false };
  }

  promise(): Value {
    return alloc(this.h, { kind: 'promise', state: 'waits', value: UNDEFINED, then: [], heard: false });
  }
  /** A value as a promise: itself, if it is one. */
  promised(value: Value): Value {
    if (objOf(this.h, value)?.kind === 'promise') return value;
    const p = this.promise();
    this.settle(p, true, value);
    return p;
  }
  settle(promise: Value, ok: boolean, value: Value) {
    const p = objOf(this.h, promise);
    if (p?.kind !== 'promise' || p.state !== 'waits') return;
    const other = ok ? objOf(this.h, value) : null;
    if (other?.kind === 'promise') {
      this.listen(value, { ok: null, no: null, promise });
      return;
    }
    const then = ok && other !== null && other.kind === 'object' ? this.member(value, 'then') : UNDEFINED;
    if (isFunction(this.h, then)) {
      this.call(then, [this.settler(promise, true), this.settler(promise, false)], value);
      return;
    }
    p.state = ok ? 'kept' : 'broken';
    p.value = value;
    for (const t of p.then) this.react(t, p);
    p.then = [];
  }
  settler = (promise: Value, ok: boolean): Value => ({ native: ok ? 'the promise.keep' : 'the promise.break', of: promise });
  listen(promise: Value, t: Extract<Obj, { kind: 'promise' }>['then'][number]) {
    const p = objOf(this.h, promise) as Extract<Obj, { kind: 'promise' }>;
    p.heard = true;
    if (p.state === 'waits') p.then.push(t);
    else this.react(t, p);
  }
  private react(t: Extract<Obj, { kind: 'promise' }>['then'][number], p: Extract<Obj, { kind: 'promise' }>) {
    const ok = p.state === 'kept';
    if (t.run !== undefined) this.host.soon({ do: 'resume', with: p.value, ok, run: t.run });
    else this.host.soon({ do: 'settled', handler: ok ? t.ok : t.no, ok, value: p.value, promise: t.promise });
  }
  /** One job of the queue that is emptied after each callback. */
  job(j: Job) {
    if (j.do === 'call') this.call(j.fn, j.args);
    else if (j.do === 'resume') this.resume(j.run, j.ok, j.with);
    else if (j.handler === null) this.settle(j.promise, j.ok, j.value);
    else {
      const { handler, promise, value } = j;
      this.attempt(
        () => this.settle(promise, true, this.call(handler, [value])),
        (thrown) => this.settle(promise, false, thrown),
      );
    }
  }

  // ——— members

  source(e: Expression | acorn.Super): string {
    if (e.type === 'Identifier') return e.name;
    if (e.type === 'ThisExpression') return 'this';
    if (e.type === 'MemberExpression')
      return e.property.type === 'Identifier' && !e.computed
        ? `${this.source(e.object)}.${e.property.name}`
        : `${this.source(e.object)}[...]`;
    if (e.type === 'CallExpression') return `${this.source(e.callee)}(...)`;
    return '(intermediate value)';
  }
  private shown(v: Value): string {
    return typeof v === 'string' ? `"${v}"` : typeOf(this.h, v) === 'object' && v !== null ? 'object' : text(this.h, v);
  }
  private keyText(v: Value): string {
    return has(v, 'symbol') ? v.symbol : text(this.h, v);
  }
  private keyOf(e: acorn.MemberExpression, scope: number): string {
    if (e.property.type === 'PrivateIdentifier') return `#${e.property.name}`;
    return e.computed ? this.keyText(this.eval(e.property, scope)) : (e.property as acorn.Identifier).name;
  }
  private propertyName(e: acorn.Property | acorn.AssignmentProperty, scope: number): string {
    return e.computed ? this.keyText(this.eval(e.key, scope)) : literalName(e.key);
  }

  member(of: Value, name: string, self: Value = of): Value {
    const o = objOf(this.h, of);
    if (o?.kind === 'object') {
      if (Object.hasOwn(o.props, name)) return o.props[name] as Value;
      const getter = o.getters?.[name];
      if (getter) return this.call(getter, [], self);
      if (o.proto !== undefined) {
        const found = this.member(o.proto, name, self);
        if (!has(found, 'undef')) return found;
      }
    }
    if (o?.kind === 'function') {
      if (Object.hasOwn(o.props, name)) return o.props[name] as Value;
      if (name === 'prototype' && !o.code?.arrow) return this.prototypeOf(of);
      if (name === 'name') return o.name;
      if (name === 'length') return o.code?.params.length ?? 0;
      if (o.class?.parent) return this.member(o.class.parent, name, self);
    }
    if (o?.kind === 'array' && /^\d+$/.test(name)) return o.items[Number(name)] ?? UNDEFINED;
    if (o?.kind === 'array' && o.props && Object.hasOwn(o.props, name)) return o.props[name] as Value;
    if (typeof of === 'string' && /^\d+$/.test(name)) return of[Number(name)] ?? UNDEFINED;
    if (of === self || o?.kind !== 'object') return this.host.member(self, name) ?? UNDEFINED;
    return UNDEFINED;
  }
  setMember(of: Value, name: string, value: Value) {
    if (nullish(of)) throw fault(this.h, 'TypeError', `Cannot set properties of ${text(this.h, of)} (setting '${name}')`);
    const o = objOf(this.h, of);
    for (let at = o; at?.kind === 'object'; at = objOf(this.h, at.proto)) {
      const setter = at.setters?.[name];
      if (setter) {
        this.call(setter, [value], of);
        return;
      }
      if (Object.hasOwn(at.props, name)) break;
    }
    if (this.host.set(of, name, value)) return;
    if (o?.kind === 'object' || o?.kind === 'function') o.props[name] = value;
    else if (o?.kind === 'array' && name === 'length') o.items.length = Math.min(o.items.length, number(this.h, value));
    else if (o?.kind === 'array' && /^\d{1,6}$/.test(name)) {
      while (o.items.length < Number(name)) o.items.push(UNDEFINED);
      o.items[Number(name)] = value;
    } else if (has(of, 'native')) throw new NotModelled(`setting ${of.native}.${name}`);
  }

  /** for … in, Object.keys: names, in the order in which JavaScript has them. */
  keys(v: Value): Value[] {
    const o = objOf(this.h, v);
    if (o?.kind === 'array') return o.items.map((_, i) => `${i}`);
    if (typeof v === 'string') return [...v].map((_, i) => `${i}`);
    if (o?.kind === 'object' && o.type === 'Error')
      return Object.keys(o.props).filter((k) => k !== 'name' && k !== 'message' && k !== 'stack');
    if (o?.kind === 'object' || o?.kind === 'function')
      return Object.keys(o.props).filter(
        (k) => !k.startsWith('#') && !k.startsWith('the ') && !k.startsWith('Symbol(') && (o.kind === 'object' || k !== 'prototype'),
      );
    return [];
  }
  iterate(v: Value, shown: () => string): Value[] {
    if (typeof v === 'string') return [...v];
    const o = objOf(this.h, v);
    if (o?.kind === 'array') return [...o.items];
    if (o?.kind === 'object' && o.type === 'Set') return (o.entries ?? []).map(([k]) => k);
    if (o?.kind === 'object' && (o.type === 'Map' || o.type === 'URLSearchParams'))
      return (o.entries ?? []).map((e) => array(this.h, [...e]));
    if (o?.kind === 'object' && o.type === 'Generator') return this.all(() => this.next(o.props['the run'] as Value, UNDEFINED));
    const made = o === null ? UNDEFINED : this.member(v, 'Symbol(Symbol.iterator)');
    if (isFunction(this.h, made)) {
      const iterator = this.call(made, [], v);
      if ((objOf(this.h, iterator) as Plain | null)?.type === 'Generator') return this.iterate(iterator, shown);
      return this.all(() => {
        const r = this.call(this.member(iterator, 'next'), [], iterator);
        return { value: this.member(r, 'value'), done: truth(this.member(r, 'done')) };
      });
    }
    throw fault(this.h, 'TypeError', `${shown()} is not iterable`);
  }
  private all(next: () => { value: Value; done: boolean }): Value[] {
    const out: Value[] = [];
    for (let r = next(); !r.done; r = next()) {
      this.spend();
      if (out.length > 100_000) throw new NotModelled('a generator of that many values');
      out.push(r.value);
    }
    return out;
  }

  import(s: acorn.ImportDeclaration, scope: number) {
    const module = this.call({ native: 'require' }, [`${s.source.value}`]);
    for (const x of s.specifiers) {
      const named = x.type === 'ImportSpecifier' ? (x.imported.type === 'Identifier' ? x.imported.name : `${x.imported.value}`) : null;
      this.bindName(x.local.name, named === null ? module : this.member(module, named), scope, 'const');
    }
  }

  // ——— expressions

  eval(e: Expression, scope: number): Value {
    this.spend();
    switch (e.type) {
      case 'Literal':
        return this.literal(e);
      case 'TemplateLiteral':
        return e.quasis
          .map(
            (q, i) =>
              (q.value.cooked ?? '') + (i < e.expressions.length ? this.asText(this.eval(e.expressions[i] as Expression, scope)) : ''),
          )
          .join('');
      case 'Identifier':
        return this.lookup(e.name, scope);
      case 'ThisExpression':
        return this.find('this', scope)?.names.this ?? { native: 'globalThis' };
      case 'ArrayExpression':
        return array(this.h, this.list(e.elements, scope));
      case 'ObjectExpression':
        return this.objectOf(e, scope);
      case 'FunctionExpression': {
        if (!e.id) return this.make(e, scope, '');
        const own = newScope(this.h, scope);
        const fn = this.make(e, own, e.id.name);
        this.scope(own).names[e.id.name] = fn;
        return fn;
      }
      case 'ArrowFunctionExpression':
        return this.make(e, scope, '');
      case 'ClassExpression':
        return this.classOf(e, scope);
      case 'MemberExpression':
        return this.get(e, scope);
      case 'ChainExpression': {
        const v = this.eval(e.expression, scope);
        return v === SHORT ? UNDEFINED : v;
      }
      case 'CallExpression':
        return this.invoke(e, scope);
      case 'NewExpression':
        return this.construct(this.eval(e.callee, scope), this.list(e.arguments, scope), undefined, this.source(e.callee));
      case 'UnaryExpression':
        return this.unary(e, scope);
      case 'UpdateExpression': {
        const was = number(this.h, this.eval(e.argument, scope));
        const is = e.operator === '++' ? was + 1 : was - 1;
        this.bind(e.argument as Pattern, is, scope, null);
        return e.prefix ? is : was;
      }
      case 'BinaryExpression':
        return this.binary(e, scope);
      case 'LogicalExpression': {
        const left = this.eval(e.left, scope);
        const enough = e.operator === '&&' ? !truth(left) : e.operator === '||' ? truth(left) : !nullish(left);
        return enough ? left : this.eval(e.right, scope);
      }
      case 'ConditionalExpression':
        return this.eval(truth(this.eval(e.test, scope)) ? e.consequent : e.alternate, scope);
      case 'AssignmentExpression':
        return this.assign(e, scope);
      case 'SequenceExpression':
        return e.expressions.map((x) => this.eval(x, scope)).at(-1) as Value;
      case 'ParenthesizedExpression':
        return this.eval(e.expression, scope);
      case 'TaggedTemplateExpression': {
        const strings = array(
          this.h,
          e.quasi.quasis.map((q) => q.value.cooked ?? ''),
        );
        return this.call(this.eval(e.tag, scope), [strings, ...e.quasi.expressions.map((x) => this.eval(x, scope))]);
      }
      case 'MetaProperty':
        return e.meta.name === 'new'
          ? (this.find('%new', scope)?.names['%new'] ?? UNDEFINED)
          : object(this.h, { url: 'file://', filename: '' });
      case 'AwaitExpression':
        throw new NotModelled('"await" outside of an async function');
      case 'ImportExpression':
        return this.promised(this.call({ native: 'require' }, [this.eval(e.source, scope)]));
      default:
        throw new NotModelled(`"${(e as { type: string }).type}"`);
    }
  }

  private literal(e: acorn.Literal): Value {
    if (e.regex) return object(this.h, { source: e.regex.pattern, flags: e.regex.flags, lastIndex: 0 }, 'RegExp');
    if (e.bigint) throw new NotModelled('BigInt');
    return e.value as Value;
  }
  /** As a template and + have it: by toString of an object that has one. */
  asText(v: Value): string {
    return text(this.h, this.primitive(v, 'string'));
  }
  private primitive(v: Value, as: 'string' | 'number'): Value {
    const o = objOf(this.h, v);
    if (o?.kind !== 'object') return v;
    for (const name of as === 'string' ? ['toString', 'valueOf'] : ['valueOf', 'toString']) {
      const fn = this.member(v, name);
      if (!isFunction(this.h, fn)) continue;
      const made = this.call(fn, [], v);
      if (objOf(this.h, made) === null) return made;
    }
    return v;
  }

  /** Values of which some stand for several. */
  private list(items: readonly (Expression | acorn.SpreadElement | null)[], scope: number): Value[] {
    return items.flatMap((x) => {
      if (x === null) return [UNDEFINED];
      if (x.type === 'SpreadElement') return this.iterate(this.eval(x.argument, scope), () => this.source(x.argument));
      return [this.eval(x, scope)];
    });
  }
  private objectOf(e: acorn.ObjectExpression, scope: number): Value {
    const made = object(this.h, {});
    const { props } = objOf(this.h, made) as Plain;
    for (const p of e.properties)
      if (p.type === 'SpreadElement') {
        const from = this.eval(p.argument, scope);
        for (const k of this.keys(from)) props[text(this.h, k)] = this.member(from, text(this.h, k));
      } else {
        const name = this.propertyName(p, scope);
        if (p.kind === 'init' && !p.method) props[name] = this.named(p.value, scope, name);
        else this.addMethod(made, name, p.kind, this.make(p.value as acorn.FunctionExpression, scope, name, made));
      }
    return made;
  }

  private get(e: acorn.MemberExpression, scope: number): Value {
    if (e.object.type === 'Super') return this.superMember(e, scope);
    const of = this.eval(e.object, scope);
    if (of === SHORT) return SHORT;
    if (nullish(of)) {
      if (e.optional) return SHORT;
      throw fault(this.h, 'TypeError', `Cannot read properties of ${text(this.h, of)} (reading '${this.keyOf(e, scope)}')`);
    }
    return this.member(of, this.keyOf(e, scope));
  }
  private superMember(e: acorn.MemberExpression, scope: number): Value {
    const home = this.lookup('%home', scope);
    const o = objOf(this.h, home);
    const from = o?.kind === 'function' ? o.class?.parent : (o as Plain).proto;
    const self = this.lookup('this', scope);
    return from === undefined || from === null
      ? (this.host.member(self, this.keyOf(e, scope)) ?? UNDEFINED)
      : this.member(from, this.keyOf(e, scope), self);
  }
  private invoke(e: acorn.CallExpression, scope: number): Value {
    const { callee } = e;
    if (callee.type === 'Super') return this.superCall(this.list(e.arguments, scope), scope);
    let self: Value = UNDEFINED;
    let fn: Value;
    if (callee.type === 'MemberExpression') {
      if (callee.object.type === 'Super') {
        self = this.lookup('this', scope);
        fn = this.superMember(callee, scope);
      } else {
        self = this.eval(callee.object, scope);
        if (self === SHORT) return SHORT;
        if (nullish(self)) {
          if (callee.optional) return SHORT;
          throw fault(this.h, 'TypeError', `Cannot read properties of ${text(this.h, self)} (reading '${this.keyOf(callee, scope)}')`);
        }
        fn = this.member(self, this.keyOf(callee, scope));
      }
    } else fn = this.eval(callee, scope);
    if (fn === SHORT) return SHORT;
    if (e.optional && nullish(fn)) return SHORT;
    return this.call(fn, this.list(e.arguments, scope), self, this.source(callee));
  }

  private unary(e: acorn.UnaryExpression, scope: number): Value {
    if (e.operator === 'delete') {
      if (e.argument.type !== 'MemberExpression') return true;
      const of = this.eval(e.argument.object as Expression, scope);
      const o = objOf(this.h, of);
      const name = this.keyOf(e.argument, scope);
      if (o?.kind === 'object' || o?.kind === 'function') delete o.props[name];
      else if (o?.kind === 'array' && /^\d+$/.test(name)) o.items[Number(name)] = UNDEFINED;
      return true;
    }
    if (
      e.operator === 'typeof' &&
      e.argument.type === 'Identifier' &&
      !this.find(e.argument.name, scope) &&
      this.host.global(e.argument.name) === undefined
    )
      return 'undefined';
    const v = this.eval(e.argument, scope);
    switch (e.operator) {
      case '!':
        return !truth(v);
      case '-':
        return -this.numeric(v);
      case '+':
        return this.numeric(v);
      case '~':
        return ~this.numeric(v);
      case 'void':
        return UNDEFINED;
      default:
        return typeOf(this.h, v);
    }
  }
  private numeric = (v: Value): number => number(this.h, this.primitive(v, 'number'));

  private assign(e: acorn.AssignmentExpression, scope: number): Value {
    const { operator: op } = e;
    if (op === '=') {
      const value = this.named(e.right, scope, e.left);
      this.bind(e.left, value, scope, null);
      return value;
    }
    const was = this.eval(e.left as Expression, scope);
    if (op === '??=' || op === '||=' || op === '&&=') {
      const keep = op === '??=' ? !nullish(was) : truth(was) === (op === '||=');
      if (keep) return was;
    }
    const right = this.eval(e.right, scope);
    const value = op === '??=' || op === '||=' || op === '&&=' ? right : this.operate(op.slice(0, -1), was, right);
    this.bind(e.left, value, scope, null);
    return value;
  }

  private binary(e: acorn.BinaryExpression, scope: number): Value {
    if (e.left.type === 'PrivateIdentifier')
      return (objOf(this.h, this.eval(e.right, scope)) as Plain | null)?.props[`#${e.left.name}`] !== undefined;
    return this.operate(e.operator, this.eval(e.left, scope), this.eval(e.right, scope));
  }
  same(a: Value, b: Value): boolean {
    if (has(a, 'ref') && has(b, 'ref')) return a.ref === b.ref;
    if (has(a, 'native') && has(b, 'native')) return a.native === b.native && (a.of === b.of || this.same(a.of ?? null, b.of ?? null));
    if (has(a, 'symbol') && has(b, 'symbol')) return a.symbol === b.symbol;
    return a === b || (has(a, 'undef') && has(b, 'undef'));
  }
  instanceOf(v: Value, cls: Value): boolean {
    const o = objOf(this.h, v);
    if (has(cls, 'native')) {
      const name = cls.native.replace(/^events(\.EventEmitter)?$/, 'EventEmitter');
      if (o?.kind === 'array') return name === 'Array' || name === 'Object';
      if (o?.kind === 'function') return name === 'Function' || name === 'Object';
      if (o?.kind === 'promise') return name === 'Promise' || name === 'Object';
      if (o?.kind !== 'object') return false;
      return (
        name === 'Object' || name === o.type || (o.type === 'Error' && (name === text(this.h, o.props.name ?? '') || name === 'Error'))
      );
    }
    const proto = objOf(this.h, cls)?.kind === 'function' ? this.prototypeOf(cls) : null;
    for (let at = o; at?.kind === 'object' && at.proto !== undefined; at = objOf(this.h, at.proto))
      if (proto !== null && this.same(at.proto, proto)) return true;
    return false;
  }
  private operate(op: string, x: Value, y: Value): Value {
    switch (op) {
      case '+': {
        const [a, b] = [this.primitive(x, 'number'), this.primitive(y, 'number')];
        const words = [a, b].some((v) => typeof v === 'string' || has(v, 'ref') || has(v, 'native'));
        return words ? text(this.h, a) + text(this.h, b) : number(this.h, a) + number(this.h, b);
      }
      case '===':
        return this.same(x, y);
      case '!==':
        return !this.same(x, y);
      case '==':
      case '!=':
        return this.loosely(x, y) === (op === '==');
      case '<':
      case '>':
      case '<=':
      case '>=': {
        const [p, q] = [this.primitive(x, 'number'), this.primitive(y, 'number')];
        const [a, b] = typeof p === 'string' && typeof q === 'string' ? [p, q] : [number(this.h, p), number(this.h, q)];
        return op === '<' ? a < b : op === '>' ? a > b : op === '<=' ? a <= b : a >= b;
      }
      case 'in':
        return this.keys(y).some((k) => text(this.h, k) === text(this.h, x)) || !has(this.member(y, this.keyText(x)), 'undef');
      case 'instanceof':
        if (!isFunction(this.h, y)) throw fault(this.h, 'TypeError', "Right-hand side of 'instanceof' is not callable");
        return this.instanceOf(x, y);
      default:
        return arithmetic(op, this.numeric(x), this.numeric(y));
    }
  }
  private loosely(a: Value, b: Value): boolean {
    if (this.same(a, b) || (nullish(a) && nullish(b))) return true;
    if (nullish(a) || nullish(b) || (has(a, 'ref') && has(b, 'ref'))) return false;
    return typeof a !== typeof b && this.numeric(a) === this.numeric(b);
  }
  /** An error of Node's own making. */
  error = (name: string, message: string): Value => errorOf(this.h, name, message);
}

const literalName = (key: acorn.Expression | acorn.PrivateIdentifier): string =>
  key.type === 'Identifier' ? key.name : key.type === 'Literal' ? `${key.value}` : '';

/** Names that `var` declares in a function, its inner blocks included. */
function varNames(body: readonly unknown[]): string[] {
  const out: string[] = [];
  const names = (p: Pattern | null): void => {
    if (p?.type === 'Identifier') out.push(p.name);
    else if (p?.type === 'ArrayPattern') p.elements.forEach(names);
    else if (p?.type === 'ObjectPattern') for (const e of p.properties) names(e.type === 'RestElement' ? e.argument : e.value);
    else if (p?.type === 'AssignmentPattern') names(p.left);
    else if (p?.type === 'RestElement') names(p.argument);
  };
  const walk = (n: unknown): void => {
    if (Array.isArray(n)) n.forEach(walk);
    else if (typeof n === 'object' && n !== null) {
      const { type, kind } = n as { type?: string; kind?: string };
      if (type && (/Function|^Class/.test(type) || /Expression$|Literal$/.test(type))) return;
      if (type === 'VariableDeclaration' && kind === 'var') for (const d of (n as acorn.VariableDeclaration).declarations) names(d.id);
      Object.values(n).forEach(walk);
    }
  };
  walk(body);
  return out;
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
    case '^':
      return x ^ y;
    case '<<':
      return x << y;
    case '>>':
      return x >> y;
    default:
      return x >>> y;
  }
}
