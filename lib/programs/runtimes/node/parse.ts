/**
 * Text → statements of JavaScript.
 *
 * Simplified: no classes, generators, async, regular expressions, labels, switch or spread; they are named as not modelled.
 * Past 400 lines because it is one grammar, whose rules call each other.
 */

import { type Expr, NotModelled, type Stmt, SyntaxFault } from './ast';

interface Token {
  kind: 'name' | 'number' | 'string' | 'template' | 'op' | 'end';
  text: string;
  line: number;
  /** A line ends before it. */
  fresh: boolean;
}

const NUMBER = /0x[\da-fA-F]+|\d[\d_]*\.?\d*(?:[eE][-+]?\d+)?|\.\d+/y;
const NAME = /[A-Za-z_$][\w$]*/y;
const STRING = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/y;
const OP = /=>|\.\.\.|\?\.|\?\?=?|===|!==|\*\*=?|==|!=|<=|>=|&&=?|\|\|=?|\+\+|--|[-+*/%]=|[-+*/%<>=!?:;,.(){}[\]&|^~]/y;

function lex(text: string): Token[] {
  const out: Token[] = [];
  let [i, line, fresh] = [0, 1, true];
  const skip = /(?:\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/|^#![^\n]*)+/y;
  for (;;) {
    skip.lastIndex = i;
    const space = skip.exec(text)?.[0] ?? '';
    line += space.split('\n').length - 1;
    fresh ||= space.includes('\n');
    i += space.length;
    if (i >= text.length) break;
    const push = (kind: Token['kind'], t: string) => {
      out.push({ kind, text: t, line, fresh });
      line += t.split('\n').length - 1;
      i += t.length;
      fresh = false;
    };
    if (text[i] === '`') {
      push('template', text.slice(i, templateEnd(text, i, line)));
      continue;
    }
    const found = (
      [
        ['string', STRING],
        ['number', NUMBER],
        ['name', NAME],
        ['op', OP],
      ] as const
    ).find(([, re]) => {
      re.lastIndex = i;
      return re.test(text);
    });
    if (!found) throw new SyntaxFault('Invalid or unexpected token', line);
    found[1].lastIndex = i;
    push(found[0], found[1].exec(text)?.[0] as string);
  }
  out.push({ kind: 'end', text: '', line, fresh: true });
  return out;
}

/** Where a template that begins at `i` ends, with the expressions in it. */
function templateEnd(text: string, i: number, line: number): number {
  let depth = 0;
  for (let j = i + 1; j < text.length; j++) {
    if (text[j] === '\\') j++;
    else if (depth === 0 && text[j] === '`') return j + 1;
    else if (text.startsWith('${', j)) depth++;
    else if (depth > 0 && text[j] === '}') depth--;
  }
  throw new SyntaxFault('Unterminated template literal', line);
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '0': '\0', '\n': '' };
const unescape = (s: string) =>
  s.replace(/\\(x[\da-fA-F]{2}|[\s\S])/g, (_, e: string) =>
    e.length === 3 ? String.fromCharCode(Number.parseInt(e.slice(1), 16)) : (ESCAPES[e] ?? e),
  );

function template(text: string): Expr {
  const parts: (string | Expr)[] = [];
  let [i, plain] = [1, ''];
  while (i < text.length - 1) {
    if (text.startsWith('${', i)) {
      let [depth, j] = [1, i + 2];
      for (; depth > 0; j++) depth += text[j] === '{' ? 1 : text[j] === '}' ? -1 : 0;
      parts.push(unescape(plain), new Parser(lex(text.slice(i + 2, j - 1))).expr());
      [i, plain] = [j, ''];
    } else {
      plain += text[i] === '\\' ? text.slice(i, i + 2) : text[i];
      i += text[i] === '\\' ? 2 : 1;
    }
  }
  return { is: 'template', parts: [...parts, unescape(plain)] };
}

const BINARY: readonly string[][] = [
  ['??'],
  ['||'],
  ['&&'],
  ['|'],
  ['^'],
  ['&'],
  ['===', '!==', '==', '!='],
  ['<', '>', '<=', '>='],
  ['+', '-'],
  ['*', '/', '%'],
  ['**'],
];
const ASSIGN = new Set(['=', '+=', '-=', '*=', '/=', '%=', '??=', '||=', '&&=', '**=']);
const NOT_MODELLED = new Set(['class', 'async', 'await', 'yield', 'switch', 'do', 'delete', 'with', 'super', 'this']);

class Parser {
  private at = 0;
  private readonly t: Token[];
  constructor(t: Token[]) {
    this.t = t;
  }
  private token = (ahead = 0): Token => this.t[Math.min(this.at + ahead, this.t.length - 1)] as Token;
  private is = (text: string, ahead = 0) =>
    this.token(ahead).text === text && (this.token(ahead).kind === 'op' || this.token(ahead).kind === 'name');
  private takes(text: string): boolean {
    if (!this.is(text)) return false;
    this.at++;
    return true;
  }
  private wrong(): never {
    const t = this.token();
    if (t.kind === 'name' && NOT_MODELLED.has(t.text)) throw new NotModelled(`"${t.text}"`);
    if (t.text === '...') throw new NotModelled('"..."');
    throw new SyntaxFault(
      t.kind === 'end' ? 'Unexpected end of input' : `Unexpected ${t.kind === 'name' ? 'identifier' : 'token'} '${t.text}'`,
      t.line,
    );
  }
  private wants(text: string) {
    if (!this.takes(text)) this.wrong();
  }
  private name(): string {
    if (this.token().kind !== 'name' || NOT_MODELLED.has(this.token().text)) this.wrong();
    return (this.t[this.at++] as Token).text;
  }
  private end() {
    if (!this.takes(';') && !this.is('}') && !this.token().fresh && this.token().kind !== 'end') this.wrong();
  }

  program(): Stmt[] {
    const out: Stmt[] = [];
    while (this.token().kind !== 'end') out.push(this.statement());
    return out;
  }
  private block(): Stmt[] {
    this.wants('{');
    const out: Stmt[] = [];
    while (!this.takes('}')) {
      if (this.token().kind === 'end') this.wrong();
      out.push(this.statement());
    }
    return out;
  }

  private statement(): Stmt {
    const { line } = this.token();
    if (this.takes(';')) return { do: 'nothing', line };
    if (this.is('{')) return { do: 'block', line, body: this.block() };
    if (this.takes('if')) {
      this.wants('(');
      const test = this.expr();
      this.wants(')');
      const yes = this.statement();
      return { do: 'if', line, test, yes, no: this.takes('else') ? this.statement() : null };
    }
    if (this.takes('for')) return this.forLoop(line);
    if (this.takes('while')) {
      this.wants('(');
      const test = this.expr();
      this.wants(')');
      return { do: 'while', line, first: null, test, each: null, body: this.statement() };
    }
    if (this.is('function')) {
      const value = this.functionExpr();
      return { do: 'let', line, names: [{ name: this.named, of: null }], value };
    }
    if (this.takes('try')) return this.attempt(line);
    if (this.takes('import')) return this.imports(line);
    const small = this.small(line);
    this.end();
    return small;
  }
  private named = '';

  private small(line: number): Stmt {
    if (this.is('const') || this.is('let') || this.is('var')) return this.declaration(line);
    if (this.takes('return')) return { do: 'return', line, value: this.is(';') || this.is('}') || this.token().fresh ? null : this.expr() };
    if (this.takes('throw')) return { do: 'throw', line, value: this.expr() };
    if (this.takes('break')) return { do: 'break', line };
    if (this.takes('continue')) return { do: 'continue', line };
    return { do: 'expr', line, value: this.expr() };
  }

  private declaration(line: number): Stmt {
    this.at++;
    const one = (): Stmt => {
      if (this.is('{')) {
        const names = this.pattern();
        this.wants('=');
        return { do: 'let', line, names, value: this.expr() };
      }
      return { do: 'let', line, names: [{ name: this.name(), of: null }], value: this.takes('=') ? this.expr() : null };
    };
    const all = [one()];
    while (this.takes(',')) all.push(one());
    return all.length === 1 ? (all[0] as Stmt) : { do: 'block', line: -1, body: all };
  }
  /** { a, b: c } */
  private pattern(): { name: string; of: string }[] {
    this.wants('{');
    const names: { name: string; of: string }[] = [];
    while (!this.takes('}')) {
      const of = this.name();
      names.push({ of, name: this.takes(':') ? this.name() : of });
      if (!this.is('}')) this.wants(',');
    }
    return names;
  }

  private imports(line: number): Stmt {
    const names: { name: string; of: string | null }[] = [];
    if (this.token().kind === 'name') names.push({ name: this.name(), of: null });
    if (this.takes('*')) {
      this.wants('as');
      names.push({ name: this.name(), of: null });
    }
    if (names.length > 0) this.takes(',');
    if (this.is('{')) names.push(...this.pattern());
    this.wants('from');
    const module = this.expr();
    this.end();
    return { do: 'let', line, names, value: { is: 'call', of: { is: 'name', name: 'require' }, args: [module], made: false, line } };
  }

  private forLoop(line: number): Stmt {
    this.wants('(');
    if ((this.is('const') || this.is('let') || this.is('var')) && this.is('of', 2)) {
      this.at++;
      const name = this.name();
      this.at++;
      const over = this.expr();
      this.wants(')');
      return { do: 'of', line, name, over, body: this.statement() };
    }
    const first = this.is(';') ? null : this.small(line);
    this.wants(';');
    const test = this.is(';') ? null : this.expr();
    this.wants(';');
    const each = this.is(')') ? null : this.expr();
    this.wants(')');
    return { do: 'while', line, first, test, each, body: this.statement() };
  }

  private attempt(line: number): Stmt {
    const block = (): Stmt => ({ do: 'block', line: this.token().line, body: this.block() });
    const body = block();
    let name: string | null = null;
    let caught: Stmt | null = null;
    if (this.takes('catch')) {
      if (this.takes('(')) {
        name = this.name();
        this.wants(')');
      }
      caught = block();
    }
    return { do: 'try', line, body, name, caught, last: this.takes('finally') ? block() : null };
  }

  expr(): Expr {
    const target = this.conditional();
    const { text, kind } = this.token();
    if (kind === 'op' && ASSIGN.has(text)) {
      this.at++;
      return { is: 'assign', op: text.slice(0, -1), target, value: this.expr() };
    }
    return target;
  }
  private conditional(): Expr {
    const arrow = this.arrow();
    if (arrow) return arrow;
    const test = this.level(0);
    if (!this.takes('?')) return test;
    const yes = this.expr();
    this.wants(':');
    return { is: 'choice', test, yes, no: this.expr() };
  }

  /** (a, b) => … and a => …; nothing is taken when it is none. */
  private arrow(): Expr | null {
    const params: string[] = [];
    let i = 0;
    if (this.token().kind === 'name' && this.is('=>', 1)) {
      params.push(this.token().text);
      i = 1;
    } else if (this.is('(')) {
      for (i = 1; this.token(i).kind === 'name'; i++) {
        params.push(this.token(i).text);
        if (this.is(',', i + 1)) i++;
      }
      if (!this.is(')', i)) return null;
      i++;
    }
    if (i === 0 || !this.is('=>', i)) return null;
    this.at += i + 1;
    return { is: 'function', params, body: this.is('{') ? this.block() : this.expr() };
  }
  private functionExpr(): Expr {
    this.wants('function');
    this.named = this.is('(') ? '' : this.name();
    const own = this.named;
    this.wants('(');
    const params: string[] = [];
    while (!this.takes(')')) {
      params.push(this.name());
      if (this.is('=')) throw new NotModelled('a parameter with a default');
      if (!this.is(')')) this.wants(',');
    }
    const body = this.block();
    this.named = own;
    return { is: 'function', params, body };
  }

  private level(n: number): Expr {
    const ops = BINARY[n];
    if (!ops) return this.unary();
    let left = this.level(n + 1);
    while (this.token().kind === 'op' && ops.includes(this.token().text)) {
      const op = (this.t[this.at++] as Token).text;
      left = { is: 'binary', op, left, right: op === '**' ? this.level(n) : this.level(n + 1) };
    }
    return left;
  }
  private unary(): Expr {
    for (const op of ['!', '-', '+', 'typeof', 'void']) if (this.takes(op)) return { is: 'unary', op, of: this.unary() };
    for (const op of ['++', '--'])
      if (this.takes(op)) return { is: 'update', target: this.unary(), by: op === '++' ? 1 : -1, before: true };
    const target = this.postfix();
    if (this.token().fresh) return target;
    if (this.takes('++')) return { is: 'update', target, by: 1, before: false };
    return this.takes('--') ? { is: 'update', target, by: -1, before: false } : target;
  }

  private postfix(): Expr {
    const { line } = this.token();
    const made = this.takes('new');
    let e = this.atom();
    let first = made;
    for (;;) {
      if (this.takes('.')) e = { is: 'member', of: e, name: { is: 'value', value: this.property() }, optional: false };
      else if (this.is('?.')) {
        this.at++;
        e = this.takes('[') ? this.index(e, true) : { is: 'member', of: e, name: { is: 'value', value: this.property() }, optional: true };
      } else if (this.takes('[')) e = this.index(e, false);
      else if (this.takes('(')) {
        e = { is: 'call', of: e, args: this.list(')'), made: first, line };
        first = false;
      } else return e;
    }
  }
  private property(): string {
    if (this.token().kind !== 'name') this.wrong();
    return (this.t[this.at++] as Token).text;
  }
  private index(of: Expr, optional: boolean): Expr {
    const name = this.expr();
    this.wants(']');
    return { is: 'member', of, name, optional };
  }
  private list(end: string): Expr[] {
    const out: Expr[] = [];
    while (!this.takes(end)) {
      out.push(this.expr());
      if (!this.is(end)) this.wants(',');
    }
    return out;
  }

  private atom(): Expr {
    const t = this.token();
    if (t.kind === 'number') {
      this.at++;
      return { is: 'value', value: Number(t.text.replaceAll('_', '')) };
    }
    if (t.kind === 'string') {
      this.at++;
      return { is: 'value', value: unescape(t.text.slice(1, -1)) };
    }
    if (t.kind === 'template') {
      this.at++;
      return template(t.text);
    }
    if (this.is('function')) return this.functionExpr();
    if (this.takes('(')) {
      const e = this.expr();
      this.wants(')');
      return e;
    }
    if (this.takes('[')) return { is: 'array', items: this.list(']') };
    if (this.takes('{')) return this.object();
    const constant = { true: true, false: false, null: null }[t.text];
    if (constant !== undefined && t.kind === 'name') {
      this.at++;
      return { is: 'value', value: constant };
    }
    return { is: 'name', name: this.name() };
  }
  private object(): Expr {
    const entries: [string, Expr][] = [];
    while (!this.takes('}')) {
      const t = this.token();
      if (t.kind !== 'name' && t.kind !== 'string' && t.kind !== 'number') this.wrong();
      this.at++;
      const name = t.kind === 'string' ? unescape(t.text.slice(1, -1)) : t.text;
      entries.push([name, this.takes(':') ? this.expr() : { is: 'name', name }]);
      if (!this.is('}')) this.wants(',');
    }
    return { is: 'object', entries };
  }
}

/** Throws SyntaxFault and NotModelled. */
export const parseJavaScript = (text: string): Stmt[] => new Parser(lex(text)).program();
