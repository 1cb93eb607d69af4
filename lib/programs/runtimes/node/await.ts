/**
 * async functions and generators, so that they can be left and gone on with: each `await` and `yield` becomes a statement of its own, and
 * what was worked out before it in the same expression is kept in a name.
 *
 *   send(await get(url), n)      →      %1 = await get(url);  send(%1, n)
 */
import { type Expression, NotModelled, type Statement, type Wait } from './ast';

// biome-ignore lint/suspicious/noExplicitAny: any node of a tree
type Any = any;

const isFunction = (n: Any) => /Function|^Class/.test(n.type);
const isNode = (v: unknown): v is Any => typeof v === 'object' && v !== null && 'type' in v;

/** Whether a tree waits, functions in it left aside. */
export function waits(n: Any): boolean {
  if (Array.isArray(n)) return n.some(waits);
  if (!isNode(n)) return isPlain(n) && Object.values(n).some(waits);
  if (n.type === 'AwaitExpression' || n.type === 'YieldExpression' || (n.type === 'ForOfStatement' && n.await)) return true;
  return !isFunction(n) && Object.values(n).some((v) => typeof v === 'object' && v !== null && waits(v));
}
const isPlain = (v: unknown): v is object => typeof v === 'object' && v !== null;

class Rewriter {
  private count = 0;
  private fresh = () => `%${++this.count}`;

  statements = (body: readonly Any[]): Statement[] => body.flatMap((s) => this.statement(s));

  private block = (s: Any): Any => (s ? { type: 'BlockStatement', line: s.line, body: this.statement(s) } : s);

  statement(s: Any): Statement[] {
    if (!waits(s)) return [s];
    const out: Statement[] = [];
    const done = (more: object) => [...out, { ...s, ...more }] as Statement[];
    switch (s.type) {
      case 'ExpressionStatement':
        return done({ expression: this.expr(s.expression, out, true) });
      case 'ReturnStatement':
      case 'ThrowStatement':
        return done({ argument: this.expr(s.argument, out) });
      case 'VariableDeclaration':
        return s.declarations.flatMap((d: Any) => {
          const before: Statement[] = [];
          const init = d.init && this.expr(d.init, before);
          return [...before, { ...s, declarations: [{ ...d, init }] }];
        });
      case 'IfStatement':
        return done({
          test: this.expr(s.test, out),
          consequent: this.block(s.consequent),
          alternate: s.alternate && this.block(s.alternate),
        });
      case 'BlockStatement':
        return done({ body: this.statements(s.body) });
      case 'LabeledStatement':
        return done({ body: this.statement(s.body)[0] });
      case 'TryStatement':
        return done({
          block: this.block(s.block),
          handler: s.handler && { ...s.handler, body: this.block(s.handler.body) },
          finalizer: s.finalizer && this.block(s.finalizer),
        });
      case 'SwitchStatement':
        return done({
          discriminant: this.expr(s.discriminant, out),
          cases: s.cases.map((c: Any) => ({ ...c, consequent: this.statements(c.consequent) })),
        });
      case 'ForOfStatement':
      case 'ForInStatement':
        return this.each(s, out);
      case 'WhileStatement':
        return [this.whileOf(s, s.test)];
      case 'ForStatement': {
        if (waits(s.test) || waits(s.update)) throw new NotModelled('"await" in the head of a "for"');
        const init = s.init && waits(s.init) ? this.statement(s.init) : null;
        const loop = { ...s, init: init ? null : s.init, body: this.block(s.body) };
        return init ? [{ type: 'BlockStatement', line: s.line, body: [...init, loop] } as Statement] : [loop];
      }
      case 'DoWhileStatement':
        if (waits(s.test)) throw new NotModelled('"await" in the test of a "do"');
        return done({ body: this.block(s.body) });
      default:
        throw new NotModelled(`"await" in ${s.type}`);
    }
  }

  /** while (await more()) …: the test is the first thing of each round. */
  private whileOf(s: Any, test: Any): Statement {
    const before: Statement[] = [];
    const asked = this.expr(test, before);
    const stop = {
      type: 'IfStatement',
      line: s.line,
      test: { type: 'UnaryExpression', operator: '!', prefix: true, argument: asked, line: s.line },
      consequent: { type: 'BreakStatement', label: null, line: s.line },
      alternate: null,
    };
    const yes = { type: 'Literal', value: true, line: s.line };
    const body = { type: 'BlockStatement', line: s.line, body: [...before, stop, ...this.statement(s.body)] };
    return { ...s, test: yes, body } as Statement;
  }

  private each(s: Any, out: Statement[]): Statement[] {
    const right = this.expr(s.right, out);
    if (!s.await) return [...out, { ...s, right, body: this.block(s.body) }];
    // for await: what each round is given is waited for.
    const [given, got] = [this.fresh(), this.fresh()];
    const name = (n: string) => ({ type: 'Identifier', name: n, line: s.line });
    const left = {
      type: 'VariableDeclaration',
      kind: 'const',
      line: s.line,
      declarations: [{ type: 'VariableDeclarator', id: name(given), init: null }],
    };
    const bind =
      s.left.type === 'VariableDeclaration'
        ? { ...s.left, declarations: [{ ...s.left.declarations[0], init: name(got) }] }
        : {
            type: 'ExpressionStatement',
            line: s.line,
            expression: { type: 'AssignmentExpression', operator: '=', left: s.left, right: name(got) },
          };
    const wait: Wait = { type: 'Wait', how: 'await', argument: name(given) as Expression, into: got, line: s.line };
    const body = { type: 'BlockStatement', line: s.line, body: [wait, bind, ...this.statement(s.body)] };
    return [...out, { ...s, await: false, left, right, body } as Statement];
  }

  /** An expression without waiting; what has to come before it goes to `out`. */
  private expr(e: Any, out: Statement[], unused = false): Any {
    if (!e || !waits(e)) return e;
    const { line } = e;
    if (e.type === 'AwaitExpression' || e.type === 'YieldExpression') {
      const how = e.type === 'AwaitExpression' ? 'await' : e.delegate ? 'yield*' : 'yield';
      const into = unused ? null : this.fresh();
      out.push({ type: 'Wait', how, argument: this.expr(e.argument, out), into, line });
      return into === null ? { type: 'Literal', value: null, line } : { type: 'Identifier', name: into, line };
    }
    if (e.type === 'LogicalExpression' || e.type === 'ConditionalExpression') return this.branch(e, out);
    if (e.type === 'ChainExpression' && waits(e.expression)) return { ...e, expression: this.parts(e.expression, out) };
    return this.parts(e, out);
  }

  /** The parts in their order; what comes before one that waits is worked out before it. */
  private parts(e: Any, out: Statement[]): Any {
    const keys = Object.keys(e).filter((k) => isPlain(e[k]));
    const made = { ...e };
    for (const [i, key] of keys.entries()) {
      const later = () => keys.slice(i + 1).some((k) => waits(e[k]));
      const target = (e.type === 'AssignmentExpression' && key === 'left') || (e.type === 'CallExpression' && key === 'callee');
      if (Array.isArray(e[key])) made[key] = this.list(e[key], out);
      else if (target && e[key].type === 'MemberExpression') made[key] = this.parts(e[key], out);
      else if (!target && isNode(e[key])) made[key] = later() ? this.kept(e[key], out) : this.expr(e[key], out);
    }
    return made;
  }
  private list(items: readonly Any[], out: Statement[]): Any[] {
    return items.map((x, i) => {
      if (!isNode(x)) return x;
      const later = items.slice(i + 1).some(waits);
      if (x.type === 'SpreadElement') return { ...x, argument: later ? this.kept(x.argument, out) : this.expr(x.argument, out) };
      if (x.type === 'Property') return { ...x, value: later ? this.kept(x.value, out) : this.expr(x.value, out) };
      return later ? this.kept(x, out) : this.expr(x, out);
    });
  }
  private kept(e: Any, out: Statement[]): Any {
    if (e.type === 'Literal' || e.type === 'Super' || isFunction(e)) return e;
    return this.named(this.expr(e, out), out);
  }
  private named(e: Any, out: Statement[]): Any {
    const name = { type: 'Identifier', name: this.fresh(), line: e.line };
    const declarations = [{ type: 'VariableDeclarator', id: name, init: e, line: e.line }];
    out.push({ type: 'VariableDeclaration', kind: 'var', declarations, line: e.line } as Statement);
    return name;
  }

  /** a && await b, a ? await b : c: one side waits only if it is taken. */
  private branch(e: Any, out: Statement[]): Any {
    const { line } = e;
    const name = this.named({ type: 'Literal', value: null, line }, out);
    const assign = (value: Any): Any => {
      const before: Statement[] = [];
      const right = this.expr(value, before);
      const set = { type: 'AssignmentExpression', operator: '=', left: name, right, line };
      return { type: 'BlockStatement', line, body: [...before, { type: 'ExpressionStatement', expression: set, line }] };
    };
    if (e.type === 'ConditionalExpression') {
      const test = this.expr(e.test, out);
      out.push({ type: 'IfStatement', test, consequent: assign(e.consequent), alternate: assign(e.alternate), line } as Statement);
      return name;
    }
    out.push(...assign(e.left).body);
    const none = { type: 'BinaryExpression', operator: '==', left: name, right: { type: 'Literal', value: null, line }, line };
    const not = { type: 'UnaryExpression', operator: '!', prefix: true, argument: name, line };
    const test = e.operator === '&&' ? name : e.operator === '||' ? not : none;
    out.push({ type: 'IfStatement', test, consequent: assign(e.right), alternate: null, line } as Statement);
    return name;
  }
}

export const withWaits = (body: readonly Statement[]): Statement[] => (waits(body) ? new Rewriter().statements(body) : [...body]);
