/**
 * Text → statements. Lines are joined inside brackets, blocks are known by their indentation; expressions by precedence climbing.
 * Simplified: no generators (yield), match, async or walrus: they are named as not modelled.
 * Past 400 lines because it is one grammar, whose rules call each other.
 */
import { type Clause, type Expr, type Formatted, NotModelled, type Param, type Stmt, SyntaxFault } from './ast';

interface Token {
  kind: 'name' | 'number' | 'string' | 'op' | 'newline' | 'indent' | 'dedent' | 'end';
  text: string;
  line: number;
  /** Of a string: f, b, r … */
  prefix?: string;
}

const NAME = /[A-Za-z_]\w*/y;
const NUMBER = /(?:\d[\d_]*\.?\d*(?:[eE][-+]?\d+)?|\.\d+)/y;
const STRING = /([fFbBrRuU]{0,2})("""[\s\S]*?"""|'''[\s\S]*?'''|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')/y;
const OP = /\*\*=|\/\/=|<<=|>>=|\*\*|\/\/|<<|>>|<=|>=|==|!=|->|:=|[-+*/%&|^]=|[-+*/%<>=()[\]{},:.;@&|^~]/y;

function lex(text: string): Token[] {
  const out: Token[] = [];
  const indents = [0];
  let [i, line, depth] = [0, 1, 0];
  let fresh = true;
  const push = (kind: Token['kind'], t: string, more: Partial<Token> = {}) => out.push({ kind, text: t, line, ...more });
  const take = (re: RegExp): RegExpExecArray | null => {
    re.lastIndex = i;
    return re.exec(text);
  };
  while (i < text.length) {
    if (fresh && depth === 0) {
      const space = /[ \t]*/y;
      space.lastIndex = i;
      const width = (space.exec(text)?.[0] ?? '').replaceAll('\t', '        ').length;
      i = space.lastIndex;
      if (text[i] === '\n' || text[i] === '#' || text[i] === '\r' || i >= text.length) {
        while (i < text.length && text[i] !== '\n') i++;
        i++;
        line++;
        continue;
      }
      if (width > (indents.at(-1) as number)) {
        indents.push(width);
        push('indent', '');
      }
      while (width < (indents.at(-1) as number)) {
        indents.pop();
        push('dedent', '');
      }
      if (width !== indents.at(-1)) throw new SyntaxFault('unindent does not match any outer indentation level', line);
      fresh = false;
    }
    const c = text[i] as string;
    if (c === '\n') {
      if (depth === 0) {
        push('newline', '');
        fresh = true;
      }
      line++;
      i++;
      continue;
    }
    if (c === ' ' || c === '\t' || c === '\r') {
      i++;
      continue;
    }
    if (c === '\\' && text[i + 1] === '\n') {
      i += 2;
      line++;
      continue;
    }
    if (c === '#') {
      while (i < text.length && text[i] !== '\n') i++;
      continue;
    }
    const s = take(STRING);
    const m = s ?? take(NUMBER) ?? take(NAME) ?? take(OP);
    if (!m) throw new SyntaxFault('invalid syntax', line);
    if (s) push('string', s[2] as string, { prefix: (s[1] ?? '').toLowerCase() });
    else if (/^[\d.]/.test(m[0]) && /\d/.test(m[0])) push('number', m[0]);
    else if (/^\w/.test(m[0])) push('name', m[0]);
    else push('op', m[0]);
    if ('([{'.includes(m[0])) depth++;
    if (')]}'.includes(m[0])) depth--;
    line += m[0].split('\n').length - 1;
    i += m[0].length;
  }
  push('newline', '');
  while (indents.length > 1) {
    indents.pop();
    push('dedent', '');
  }
  push('end', '');
  return out;
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '0': '\0', '\\': '\\', "'": "'", '"': '"', '\n': '' };
function unquote(t: Token): string {
  const three = /^("""|''')/.test(t.text) ? 3 : 1;
  const inner = t.text.slice(three, -three);
  if (t.prefix?.includes('r')) return inner;
  return inner.replace(/\\(x[0-9a-fA-F]{2}|[\s\S])/g, (all, e: string) =>
    e.startsWith('x') && e.length === 3 ? String.fromCharCode(Number.parseInt(e.slice(1), 16)) : (ESCAPES[e] ?? all),
  );
}

const LEVELS: readonly string[][] = [['|'], ['^'], ['&'], ['<<', '>>'], ['+', '-'], ['*', '/', '//', '%']];
const COMPARE = new Set(['<', '>', '<=', '>=', '==', '!=']);
const NOT_MODELLED = new Set(['yield', 'await', 'async', 'match']);

class Parser {
  private at = 0;
  private readonly t: Token[];
  constructor(t: Token[]) {
    this.t = t;
  }
  private now_(): Token {
    return this.t[this.at] as Token;
  }
  private is = (text: string) => (this.now_().kind === 'op' || this.now_().kind === 'name') && this.now_().text === text;
  private takes(text: string): boolean {
    if (!this.is(text)) return false;
    this.at++;
    return true;
  }
  private wrong(): never {
    if (this.is(':=')) throw new NotModelled('":="');
    if (this.now_().kind === 'name' && NOT_MODELLED.has(this.now_().text)) throw new NotModelled(`"${this.now_().text}"`);
    throw new SyntaxFault('invalid syntax', this.now_().line);
  }
  private wants(text: string) {
    if (!this.takes(text)) this.wrong();
  }
  private name(): string {
    if (this.now_().kind !== 'name') this.wrong();
    return (this.t[this.at++] as Token).text;
  }
  private dotted(): string {
    let out = this.name();
    while (this.takes('.')) out += `.${this.name()}`;
    return out;
  }

  program(): Stmt[] {
    const out: Stmt[] = [];
    while (this.now_().kind !== 'end') out.push(...this.statement());
    return out;
  }

  private block(): Stmt[] {
    this.wants(':');
    if (this.now_().kind !== 'newline') return this.simple();
    this.at++;
    if (this.now_().kind !== 'indent') throw new SyntaxFault('expected an indented block', this.now_().line);
    this.at++;
    const out: Stmt[] = [];
    while (this.now_().kind !== 'dedent') out.push(...this.statement());
    this.at++;
    return out;
  }

  private statement(): Stmt[] {
    const { line } = this.now_();
    if (this.is('@') || this.is('def') || this.is('class')) return [this.definition(line)];
    if (this.takes('if')) {
      const branches: { test: Expr | null; body: Stmt[] }[] = [{ test: this.expr(), body: this.block() }];
      while (this.takes('elif')) branches.push({ test: this.expr(), body: this.block() });
      if (this.takes('else')) branches.push({ test: null, body: this.block() });
      return [{ do: 'if', line, branches }];
    }
    if (this.takes('while')) return [{ do: 'while', line, test: this.expr(), body: this.block(), otherwise: this.otherwise() }];
    if (this.takes('for')) {
      const target = this.targets();
      this.wants('in');
      return [{ do: 'for', line, target, over: this.exprs(), body: this.block(), otherwise: this.otherwise() }];
    }
    if (this.takes('try')) return [this.attempt(line)];
    if (this.takes('with')) return [this.with(line)];
    return this.simple();
  }

  /** Of a loop or a try: what follows when nothing broke it off. */
  private otherwise(): Stmt[] {
    return this.takes('else') ? this.block() : [];
  }

  private with(line: number): Stmt {
    const value = this.expr();
    const as = this.takes('as') ? this.name() : null;
    return { do: 'with', line, value, as, body: this.takes(',') ? [this.with(line)] : this.block() };
  }

  private definition(line: number): Stmt {
    const decorators: Expr[] = [];
    while (this.takes('@')) {
      decorators.push(this.expr());
      this.at++;
    }
    if (this.takes('class')) {
      const name = this.name();
      let base: Expr | null = null;
      if (this.takes('(')) {
        if (!this.is(')')) base = this.expr();
        this.wants(')');
      }
      return { do: 'class', line, name, base, body: this.block() };
    }
    this.wants('def');
    const name = this.name();
    this.wants('(');
    const params = this.params(')', true);
    if (this.takes('->')) this.expr();
    return { do: 'def', line, name, params, body: this.block(), decorators };
  }

  /** Up to `end`; those of a lambda cannot say of what type they are. */
  private params(end: string, typed: boolean): Param[] {
    const out: Param[] = [];
    while (!this.takes(end)) {
      const kind = this.takes('**') ? '**' : this.takes('*') ? '*' : undefined;
      // A star alone: what follows is given by name.
      const name = kind === '*' && this.is(',') ? '' : this.name();
      if (typed && this.takes(':')) this.expr();
      out.push({ name, otherwise: this.takes('=') ? this.expr() : null, ...(kind ? { kind } : {}) });
      if (!this.is(end)) this.wants(',');
    }
    return out;
  }

  private attempt(line: number): Stmt {
    const body = this.block();
    const handlers: { type: Expr | null; as: string | null; body: Stmt[] }[] = [];
    while (this.takes('except')) {
      const type = this.is(':') ? null : this.expr();
      const as = this.takes('as') ? this.name() : null;
      handlers.push({ type, as, body: this.block() });
    }
    const otherwise = this.otherwise();
    const last = this.takes('finally') ? this.block() : [];
    return { do: 'try', line, body, handlers, otherwise, last };
  }

  /** Small statements of one line. */
  private simple(): Stmt[] {
    const out: Stmt[] = [];
    do {
      if (this.now_().kind === 'newline') break;
      out.push(this.small());
    } while (this.takes(';'));
    if (this.now_().kind !== 'newline') this.wrong();
    this.at++;
    return out;
  }

  private small(): Stmt {
    const { line } = this.now_();
    if (this.takes('pass')) return { do: 'pass', line };
    if (this.takes('break')) return { do: 'break', line };
    if (this.takes('continue')) return { do: 'continue', line };
    if (this.takes('return')) return { do: 'return', line, value: this.now_().kind === 'newline' || this.is(';') ? null : this.exprs() };
    if (this.takes('raise')) return { do: 'raise', line, value: this.now_().kind === 'newline' ? null : this.expr() };
    for (const scope of ['global', 'nonlocal'] as const)
      if (this.takes(scope)) {
        const names = [this.name()];
        while (this.takes(',')) names.push(this.name());
        return { do: scope, line, names };
      }
    if (this.takes('del')) {
      const all = this.targets();
      return { do: 'del', line, targets: all.is === 'tuple' ? all.items : [all] };
    }
    if (this.takes('assert')) return { do: 'assert', line, test: this.expr(), message: this.takes(',') ? this.expr() : null };
    if (this.takes('import')) return this.imports(line);
    if (this.takes('from')) {
      const module = this.dotted();
      this.wants('import');
      const names: [string, string][] = [];
      const open = this.takes('(');
      do {
        if (open && this.is(')')) break;
        const name = this.name();
        names.push([name, this.takes('as') ? this.name() : name]);
      } while (this.takes(','));
      if (open) this.wants(')');
      return { do: 'from', line, module, names };
    }
    const first = this.exprs();
    const m = this.now_().kind === 'op' ? /^(\*\*|\/\/|<<|>>|[-+*/%&|^])=$/.exec(this.now_().text) : null;
    if (m) {
      this.at++;
      return { do: 'augment', line, target: first, op: m[1] as string, value: this.exprs() };
    }
    const targets: Expr[] = [];
    let value = first;
    if (first.is === 'name' && this.takes(':')) this.expr();
    while (this.takes('=')) {
      targets.push(value);
      value = this.exprs();
    }
    return targets.length > 0 ? { do: 'assign', line, targets, value } : { do: 'expr', line, value };
  }

  private imports(line: number): Stmt {
    const one = (): Stmt => {
      const module = this.dotted();
      return { do: 'import', line, module, as: this.takes('as') ? this.name() : (module.split('.')[0] as string) };
    };
    const first = one();
    if (!this.is(',')) return first;
    const all = [first];
    while (this.takes(',')) all.push(one());
    return { do: 'if', line, branches: [{ test: null, body: all }] };
  }

  private targets(): Expr {
    const one = (): Expr => (this.takes('*') ? { is: 'star', of: this.postfix() } : this.postfix());
    const first = one();
    if (!this.is(',')) return first;
    const items = [first];
    while (this.takes(',')) {
      if (this.is('in')) break;
      items.push(one());
    }
    return { is: 'tuple', items };
  }

  private exprs(): Expr {
    const first = this.starred();
    if (!this.is(',')) return first;
    const items = [first];
    while (this.takes(',')) {
      if (this.now_().kind === 'newline' || this.is('=') || this.is(')') || this.is(':')) break;
      items.push(this.starred());
    }
    return { is: 'tuple', items };
  }

  /** One of several: it may be a star with several more. */
  private starred(): Expr {
    return this.takes('*') ? { is: 'star', of: this.or() } : this.expr();
  }

  expr(): Expr {
    const { line } = this.now_();
    if (this.takes('lambda')) return { is: 'lambda', line, params: this.params(':', false), body: this.expr() };
    const yes = this.or();
    if (!this.takes('if')) return yes;
    const test = this.or();
    this.wants('else');
    return { is: 'choice', test, yes, no: this.expr() };
  }
  private or(): Expr {
    let left = this.and();
    while (this.takes('or')) left = { is: 'or', left, right: this.and() };
    return left;
  }
  private and(): Expr {
    let left = this.not();
    while (this.takes('and')) left = { is: 'and', left, right: this.not() };
    return left;
  }
  private not(): Expr {
    return this.takes('not') ? { is: 'not', of: this.not() } : this.comparison();
  }
  private comparison(): Expr {
    const first = this.level(0);
    const rest: [string, Expr][] = [];
    for (;;) {
      if (this.now_().kind === 'op' && COMPARE.has(this.now_().text)) rest.push([(this.t[this.at++] as Token).text, this.level(0)]);
      else if (this.takes('in')) rest.push(['in', this.level(0)]);
      else if (this.takes('is')) rest.push([this.takes('not') ? 'is not' : 'is', this.level(0)]);
      else if (this.is('not') && this.t[this.at + 1]?.text === 'in') {
        this.at += 2;
        rest.push(['not in', this.level(0)]);
      } else break;
    }
    return rest.length > 0 ? { is: 'compare', first, rest } : first;
  }
  private level(n: number): Expr {
    const ops = LEVELS[n];
    if (!ops) return this.unary();
    let left = this.level(n + 1);
    while (this.now_().kind === 'op' && ops.includes(this.now_().text)) {
      const op = (this.t[this.at++] as Token).text;
      left = { is: 'binary', op, left, right: this.level(n + 1) };
    }
    return left;
  }
  private unary(): Expr {
    if (this.takes('-')) return { is: 'minus', of: this.unary() };
    if (this.takes('+')) return this.unary();
    const base = this.postfix();
    return this.takes('**') ? { is: 'binary', op: '**', left: base, right: this.unary() } : base;
  }

  private postfix(): Expr {
    let e = this.atom();
    for (;;) {
      if (this.takes('.')) e = { is: 'attribute', of: e, name: this.name() };
      else if (this.takes('(')) e = this.call(e);
      else if (this.takes('[')) e = this.subscript(e);
      else return e;
    }
  }
  private call(of: Expr): Expr {
    const args: Expr[] = [];
    const named: [string | null, Expr][] = [];
    while (!this.takes(')')) {
      if (this.takes('**')) named.push([null, this.or()]);
      else if (this.now_().kind === 'name' && this.t[this.at + 1]?.text === '=') {
        const name = this.name();
        this.at++;
        named.push([name, this.expr()]);
      } else args.push(this.starred());
      if (this.is('for')) args.push(this.comprehension('generator', args.pop() as Expr));
      if (!this.is(')')) this.wants(',');
    }
    return { is: 'call', of, args, named };
  }
  private subscript(of: Expr): Expr {
    const from = this.is(':') ? null : this.expr();
    if (!this.takes(':')) {
      this.wants(']');
      return { is: 'index', of, at: from as Expr };
    }
    const to = this.is(']') || this.is(':') ? null : this.expr();
    const step = this.takes(':') && !this.is(']') ? this.expr() : null;
    this.wants(']');
    return { is: 'slice', of, from, to, step };
  }

  /** What follows the item: for … in … if …, as often as there is. */
  private comprehension(of: 'list' | 'set' | 'dict' | 'generator', item: Expr, value: Expr | null = null): Expr {
    const clauses: Clause[] = [];
    for (;;) {
      if (this.takes('for')) {
        const target = this.targets();
        this.wants('in');
        clauses.push({ for: target, in: this.or() });
      } else if (this.takes('if')) clauses.push({ if: this.or() });
      else return { is: 'comprehension', of, item, value, clauses };
    }
  }

  private atom(): Expr {
    const t = this.now_();
    if (t.kind === 'number') {
      this.at++;
      const text = t.text.replaceAll('_', '');
      return /[.eE]/.test(text) ? { is: 'float', value: Number(text) } : { is: 'value', value: Number(text) };
    }
    if (t.kind === 'string') return this.strings();
    if (t.kind === 'name') {
      const constant = { True: true, False: false, None: null }[t.text];
      if (constant !== undefined) {
        this.at++;
        return { is: 'value', value: constant };
      }
      if (NOT_MODELLED.has(t.text)) this.wrong();
      this.at++;
      return { is: 'name', name: t.text };
    }
    if (this.takes('(')) return this.items(')', 'tuple');
    if (this.takes('[')) return this.items(']', 'list');
    if (this.takes('{')) return this.dict();
    return this.wrong();
  }
  private items(end: string, is: 'list' | 'tuple'): Expr {
    const items: Expr[] = [];
    let comma = false;
    while (!this.takes(end)) {
      items.push(this.starred());
      if (this.is('for')) {
        const all = this.comprehension(is === 'list' ? 'list' : 'generator', items[0] as Expr);
        this.wants(end);
        return all;
      }
      if (this.is(end)) continue;
      this.wants(',');
      comma = true;
    }
    return is === 'tuple' && items.length === 1 && !comma ? (items[0] as Expr) : { is, items };
  }
  private dict(): Expr {
    const entries: [Expr | null, Expr][] = [];
    while (!this.takes('}')) {
      if (this.takes('**')) entries.push([null, this.or()]);
      else {
        const key = this.starred();
        if (!this.is(':')) return this.set(key);
        this.wants(':');
        const value = this.expr();
        if (this.is('for')) {
          const all = this.comprehension('dict', key, value);
          this.wants('}');
          return all;
        }
        entries.push([key, value]);
      }
      if (!this.is('}')) this.wants(',');
    }
    return { is: 'dict', entries };
  }
  private set(first: Expr): Expr {
    if (this.is('for')) {
      const all = this.comprehension('set', first);
      this.wants('}');
      return all;
    }
    const items = [first];
    while (!this.takes('}')) {
      this.wants(',');
      if (!this.is('}')) items.push(this.starred());
    }
    return { is: 'set', items };
  }
  /** Strings that stand beside each other are one. */
  private strings(): Expr {
    const parts: (string | Formatted)[] = [];
    let bytes = false;
    while (this.now_().kind === 'string') {
      const t = this.t[this.at++] as Token;
      bytes ||= !!t.prefix?.includes('b');
      if (t.prefix?.includes('f')) parts.push(...formatted(unquote(t)));
      else parts.push(unquote(t));
    }
    if (bytes) return { is: 'bytes', value: parts.join('') };
    return parts.every((p) => typeof p === 'string') ? { is: 'value', value: parts.join('') } : { is: 'format', parts };
  }
}

/** The inside of an f-string. */
function formatted(text: string): (string | Formatted)[] {
  const out: (string | Formatted)[] = [];
  for (let i = 0; i < text.length; ) {
    const c = text[i] as string;
    if (c !== '{' && c !== '}') {
      const end = text.slice(i).search(/[{}]/);
      out.push(text.slice(i, end < 0 ? undefined : i + end));
      i = end < 0 ? text.length : i + end;
    } else if (text[i + 1] === c) {
      out.push(c);
      i += 2;
    } else {
      const end = closing(text, i + 1, '}');
      out.push(...piece(text.slice(i + 1, end)));
      i = end + 1;
    }
  }
  return out;
}
/** Where one of `wanted` stands outside of brackets and quotes. */
function closing(text: string, from: number, wanted: string): number {
  let depth = 0;
  let quote = '';
  for (let i = from; i < text.length; i++) {
    const c = text[i] as string;
    if (quote) quote = c === quote ? '' : quote;
    else if (c === "'" || c === '"') quote = c;
    else if (depth === 0 && wanted.includes(c) && !(c === '!' && text[i + 1] === '=')) return i;
    else if ('([{'.includes(c)) depth++;
    else if (')]}'.includes(c)) depth--;
  }
  return text.length;
}
/** expr, expr!r, expr:spec; {x=} says its own text, too. */
function piece(text: string): (string | Formatted)[] {
  const end = closing(text, 0, '!:');
  const said = /[^=!<>]=\s*$/.test(text.slice(0, end)) ? text.slice(0, end) : '';
  const how = text[end] === '!' ? (text[end + 1] as string) : '';
  const colon = text.indexOf(':', end);
  const expr = new Parser(lex(said ? said.trimEnd().slice(0, -1) : text.slice(0, end))).expr();
  const spec = colon < 0 ? '' : text.slice(colon + 1);
  return [said, { expr, spec, repr: how === 'r' || (said !== '' && how === '' && spec === '') }].filter((x) => x !== '');
}

/** Throws SyntaxFault and NotModelled. */
export const parsePython = (text: string): Stmt[] => new Parser(lex(text)).program();
