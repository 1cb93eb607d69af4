/**
 * HCL's native syntax, read by descent: github.com/hashicorp/hcl, hclsyntax/spec.md.
 *
 *   body       = (name "=" expression | name label* "{" body "}")*
 *   expression = condition ? a : b | a || b | a && b | a == b | a < b | a + b | a * b | -a | term
 *
 * Simplified: of faults the first is told.
 * Past 400 lines because it is one grammar, whose rules call each other.
 */

import { type Attribute, type Block, type Body, type Expr, HclError, type Range, type Source } from './ast';

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\' };
/** Binary operators, by how tightly they bind: the loosest first. */
const LEVELS: readonly (readonly string[])[] = [['||'], ['&&'], ['==', '!='], ['<=', '>=', '<', '>'], ['+', '-'], ['*', '/', '%']];
const NAME = /[\p{L}_][\p{L}\p{N}_-]*/uy;

export class Parser {
  private at = 0;
  private readonly text: string;
  /** In brackets a line's end means nothing. */
  private depth = 0;
  constructor(private readonly source: Source) {
    this.text = source.text;
  }

  private fail(message: string, where?: Range): never {
    this.skip();
    const range = where ?? ([this.at, this.at + 1] as const);
    throw new HclError(this.source, range, message);
  }

  private skip(lines = this.depth > 0) {
    const blank = lines ? /(?:\s|#[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y : /(?:[ \t\r]|#[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y;
    blank.lastIndex = this.at;
    this.at += (blank.exec(this.text)?.[0] ?? '').length;
  }

  /** Whether it comes next; what stands before it is only passed over when it is taken. */
  private peek(token: string): boolean {
    const before = this.at;
    this.skip();
    const there = this.text.startsWith(token, this.at);
    this.at = before;
    return there;
  }
  private take(token: string): boolean {
    if (!this.peek(token)) return false;
    this.skip();
    this.at += token.length;
    return true;
  }
  private name(): string | null {
    this.skip();
    NAME.lastIndex = this.at;
    const found = NAME.exec(this.text)?.[0];
    if (found === undefined) return null;
    this.at += found.length;
    return found;
  }
  private keyword(word: string): boolean {
    const before = this.at;
    if (this.name() === word) return true;
    this.at = before;
    return false;
  }

  // ——— structure

  file(): Body {
    const body = this.body(() => this.at >= this.text.length);
    return body;
  }

  private body(ends: () => boolean): Body {
    const attributes: Attribute[] = [];
    const blocks: Block[] = [];
    for (this.skip(true); !ends(); this.skip(true)) {
      const name = this.name();
      if (name === null) this.fail('Argument or block definition required; An argument or block definition is required here.');
      if (this.take('=')) {
        attributes.push({ name, value: this.expression() });
        continue;
      }
      blocks.push(this.block(name));
    }
    return { attributes, blocks };
  }

  private block(type: string): Block {
    const labels: string[] = [];
    while (!this.peek('{')) {
      if (this.peek('"')) {
        const label = this.quoted();
        if (label.kind !== 'literal') this.fail('Invalid string literal; Template sequences are not allowed in this string.', label.range);
        labels.push(String((label as { value: unknown }).value));
        continue;
      }
      const word = this.name();
      if (word === null)
        this.fail(`Invalid block definition; Either a quoted string block label or an opening brace ("{") is expected here.`);
      labels.push(word);
    }
    const open = this.start();
    this.take('{');
    const range: Range = [open, open];
    const depth = this.depth;
    this.depth = 0;
    const body = this.body(() => this.text[this.at] === '}' || this.closed());
    this.depth = depth;
    this.at++;
    return { type, labels, body, range };
  }

  private closed(): boolean {
    if (this.at < this.text.length) return false;
    return this.fail('Unclosed configuration block; There is no closing brace for this block before the end of the file.');
  }

  // ——— expressions

  expression(): Expr {
    const start = this.start();
    const test = this.binary(0);
    if (!this.take('?')) return test;
    this.skip(true);
    const then = this.expression();
    this.skip(true);
    if (!this.take(':'))
      this.fail(
        'Missing false expression in conditional; The conditional operator (...?...:...) requires a false expression, delimited by a colon.',
      );
    this.skip(true);
    const other = this.expression();
    return { kind: 'if', test, then, else: other, range: [start, this.at] };
  }

  private start(): number {
    this.skip();
    return this.at;
  }

  private binary(level: number): Expr {
    const ops = LEVELS[level];
    if (!ops) return this.unary();
    const start = this.start();
    let left = this.binary(level + 1);
    for (;;) {
      const op = ops.find((o) => this.peek(o));
      if (op === undefined) return left;
      this.take(op);
      this.skip(true);
      const right = this.binary(level + 1);
      left = { kind: 'binary', op, left, right, range: [start, this.at] };
    }
  }

  private unary(): Expr {
    const start = this.start();
    for (const op of ['!', '-'] as const)
      if (this.take(op)) {
        const of = this.unary();
        return { kind: 'unary', op, of, range: [start, this.at] };
      }
    return this.postfix(this.term());
  }

  private postfix(first: Expr): Expr {
    let e = first;
    for (;;) {
      const start = first.range[0];
      const before = this.at;
      if (this.text.startsWith('.', this.at) && !this.text.startsWith('...', this.at)) {
        this.at++;
        if (this.text[this.at] === '*') {
          this.at++;
          return this.splat(e, start);
        }
        const digits = /\d+/y;
        digits.lastIndex = this.at;
        const number = digits.exec(this.text)?.[0];
        if (number !== undefined) {
          this.at += number.length;
          e = {
            kind: 'index',
            of: e,
            key: { kind: 'literal', value: Number(number), range: [before, this.at] },
            at: [before, this.at],
            range: [start, this.at],
          };
          continue;
        }
        const name = this.name();
        if (name === null) this.fail('Invalid attribute name; An attribute name is required after a dot.');
        e = { kind: 'attribute', of: e, name, at: [before, this.at], range: [start, this.at] };
      } else if (this.text.startsWith('[', this.at)) {
        this.at++;
        if (this.text.startsWith('*]', this.at)) {
          this.at += 2;
          return this.splat(e, start);
        }
        const key = this.inside(() => this.expression());
        if (!this.inside(() => this.take(']')))
          this.fail('Missing close bracket on index; The index operator must end with a closing bracket ("]").');
        e = { kind: 'index', of: e, key, at: [before, this.at], range: [start, this.at] };
      } else return e;
    }
  }

  private splat(of: Expr, start: number): Expr {
    const each = this.postfix({ kind: 'item', range: [this.at, this.at] });
    return { kind: 'splat', of, each, range: [start, this.at] };
  }

  private inside<T>(read: () => T): T {
    this.depth++;
    try {
      return read();
    } finally {
      this.depth--;
    }
  }

  private term(): Expr {
    const start = this.start();
    const c = this.text[this.at];
    if (c === '"') return this.quoted();
    if (c === '(') {
      this.at++;
      const inner = this.inside(() => {
        const e = this.expression();
        if (!this.take(')')) this.fail('Unbalanced parentheses; Expected a closing parenthesis to terminate the expression.');
        return e;
      });
      return { ...inner, range: [start, this.at] };
    }
    if (c === '[') return this.inside(() => this.list());
    if (c === '{') return this.inside(() => this.object());
    if (this.text.startsWith('<<', this.at)) return this.heredoc();
    const digits = /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
    digits.lastIndex = this.at;
    const number = digits.exec(this.text)?.[0];
    if (number !== undefined) {
      this.at += number.length;
      return { kind: 'literal', value: Number(number), range: [start, this.at] };
    }
    const name = this.name();
    if (name === null) this.fail('Invalid expression; Expected the start of an expression, but found an invalid expression token.');
    const at: Range = [start, this.at];
    if (this.text.startsWith('(', this.at)) return this.call(name, at);
    if (name === 'true' || name === 'false') return { kind: 'literal', value: name === 'true', range: at };
    if (name === 'null') return { kind: 'literal', value: null, range: at };
    return { kind: 'variable', name, range: at };
  }

  private call(name: string, at: Range): Expr {
    this.at++;
    const args: Expr[] = [];
    let spread = false;
    this.inside(() => {
      while (!this.take(')')) {
        args.push(this.expression());
        if (this.take('...')) {
          spread = true;
          continue;
        }
        if (!this.take(',') && !this.peek(')'))
          this.fail('Missing argument separator; A comma is required to separate each function argument from the next.');
      }
    });
    return { kind: 'call', name, at, args, spread, range: [at[0], this.at] };
  }

  private list(): Expr {
    const start = this.at++;
    if (this.keyword('for')) return this.comprehension(start, ']');
    const items: Expr[] = [];
    while (!this.take(']')) {
      items.push(this.expression());
      if (!this.take(',') && !this.peek(']')) this.fail('Missing item separator; Expected a comma to mark the beginning of the next item.');
    }
    return { kind: 'list', items, range: [start, this.at] };
  }

  private object(): Expr {
    const start = this.at++;
    if (this.keyword('for')) return this.comprehension(start, '}');
    const items: [Expr, Expr][] = [];
    while (!this.take('}')) {
      const keyAt = this.start();
      const word = this.name();
      this.skip();
      const bare = word !== null && /[=:]/.test(this.text[this.at] ?? '') && this.text[this.at + 1] !== '=';
      if (!bare) this.at = keyAt;
      const key: Expr = bare
        ? { kind: 'literal', value: word as string, range: [keyAt, keyAt + (word as string).length] }
        : this.expression();
      if (!this.take('=') && !this.take(':'))
        this.fail('Missing attribute value; Expected an attribute value, introduced by an equals sign ("=").');
      items.push([key, this.expression()]);
      const from = this.at;
      this.skip();
      const line = this.text.slice(from, this.at).includes('\n');
      if (!this.take(',') && !line && !this.peek('}'))
        this.fail('Missing attribute separator; Expected a newline or comma to mark the beginning of the next attribute.');
    }
    return { kind: 'object', items, range: [start, this.at] };
  }

  private comprehension(start: number, close: ']' | '}'): Expr {
    const wrong = (what: string) => this.fail(`Invalid 'for' expression; ${what}`);
    const names = [this.name() ?? wrong('For expression requires variable name after "for".')];
    if (this.take(',')) names.push(this.name() ?? wrong('For expression requires value variable name after comma.'));
    if (!this.keyword('in')) wrong(`For expression requires the 'in' keyword after its name declarations.`);
    const over = this.expression();
    if (!this.take(':')) wrong('For expression requires a colon after the collection expression.');
    let value = this.expression();
    let key: Expr | null = null;
    let grouped = false;
    if (this.take('=>')) {
      key = value;
      value = this.expression();
      grouped = this.take('...');
    }
    const test = this.keyword('if') ? this.expression() : null;
    if (!this.take(close)) wrong("Extra characters after the end of the 'for' expression.");
    return { kind: 'for', names, over, key, value, test, grouped, range: [start, this.at] };
  }

  // ——— templates

  private quoted(): Expr {
    this.skip();
    const start = this.at++;
    const parts = this.template(() => this.text[this.at] === '"' || this.unterminated(start), true);
    this.at++;
    return this.joined(parts, [start, this.at]);
  }

  private unterminated(start: number): boolean {
    if (this.at < this.text.length && this.text[this.at] !== '\n') return false;
    return this.fail('Invalid multi-line string; Quoted strings may not be split over multiple lines.', [start, this.at]);
  }

  /** A single piece of text is told of by its own place; a single expression is itself, with its type. */
  private joined(parts: Expr[], range: Range): Expr {
    const [only] = parts;
    if (!only) return { kind: 'literal', value: '', range };
    if (parts.length === 1) return only;
    return { kind: 'template', parts, range };
  }

  /** A whole text as a template: strings of the JSON form. */
  whole(): Expr {
    return this.joined(
      this.template(() => this.at >= this.text.length, false),
      [0, this.text.length],
    );
  }

  private template(ends: () => boolean, escapes: boolean): Expr[] {
    const parts: Expr[] = [];
    let text = '';
    let from = this.at;
    const flush = () => {
      if (text !== '') parts.push({ kind: 'literal', value: text, range: [from, this.at] });
      text = '';
    };
    while (!ends()) {
      const three = this.text.slice(this.at, this.at + 3);
      if (three === '$${' || three === '%%{') {
        text += three.slice(1);
        this.at += 3;
      } else if (three.startsWith('${') || three.startsWith('%{')) {
        flush();
        if (three[0] === '%') {
          const directive = this.directive(ends, escapes);
          if (directive === null) return parts;
          parts.push(directive);
        } else {
          this.at += 2;
          if (this.text[this.at] === '~') this.at++;
          parts.push(this.inside(() => this.expression()));
          this.closeBrace();
        }
        from = this.at;
      } else if (escapes && three[0] === '\\') text += this.escape();
      else {
        text += String.fromCodePoint(this.text.codePointAt(this.at) as number);
        this.at += (this.text.codePointAt(this.at) as number) > 0xffff ? 2 : 1;
      }
    }
    flush();
    return parts;
  }

  private closeBrace() {
    this.inside(() => this.skip());
    if (this.text[this.at] === '~') this.at++;
    if (this.text[this.at] !== '}')
      this.fail(
        'Extra characters after interpolation expression; Expected a closing brace to end the interpolation expression, but found extra characters.',
      );
    this.at++;
  }

  private escape(): string {
    const c = this.text[this.at + 1] ?? '';
    const code = /^\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/.exec(this.text.slice(this.at, this.at + 10));
    if (code) {
      this.at += code[0].length;
      return String.fromCodePoint(Number.parseInt((code[1] ?? code[2]) as string, 16));
    }
    if (ESCAPES[c] === undefined)
      this.fail(`Invalid escape sequence; The symbol ${JSON.stringify(c)} is not a valid escape sequence selector.`, [
        this.at,
        this.at + 2,
      ]);
    this.at += 2;
    return ESCAPES[c] as string;
  }

  /** %{ if a }…%{ else }…%{ endif } and %{ for x in xs }…%{ endfor }; null: an end of one that is open. */
  private directive(ends: () => boolean, escapes: boolean): Expr | null {
    const start = this.at;
    const word = /^%\{~?\s*(\w+)/.exec(this.text.slice(this.at))?.[1];
    if (word === 'else' || word === 'endif' || word === 'endfor') return null;
    this.at += (/^%\{~?\s*\w+/.exec(this.text.slice(this.at))?.[0] ?? '').length;
    const body = () => this.joined(this.template(ends, escapes), [start, this.at]);
    const ending = (): string => {
      const m = /^%\{~?\s*(\w+)\s*~?\}/.exec(this.text.slice(this.at));
      if (!m) this.fail('Unclosed template directive; A template directive has no end.', [start, this.at]);
      this.at += (m as RegExpExecArray)[0].length;
      return (m as RegExpExecArray)[1] as string;
    };
    if (word === 'if') {
      const test = this.inside(() => this.expression());
      this.closeBrace();
      const then = body();
      let other: Expr = { kind: 'literal', value: '', range: [start, start] };
      if (ending() === 'else') {
        other = body();
        ending();
      }
      return { kind: 'if', test, then, else: other, range: [start, this.at] };
    }
    if (word !== 'for') this.fail(`Invalid template directive; ${JSON.stringify(word ?? '')} is not a valid template control keyword.`);
    const names = [this.inside(() => this.name()) ?? ''];
    if (this.inside(() => this.take(','))) names.push(this.inside(() => this.name()) ?? '');
    this.inside(() => this.keyword('in'));
    const over = this.inside(() => this.expression());
    this.closeBrace();
    const value = body();
    ending();
    const each: Expr = { kind: 'for', names, over, key: null, value, test: null, grouped: false, range: [start, this.at] };
    const empty: Expr = { kind: 'literal', value: '', range: [start, start] };
    return { kind: 'call', name: 'join', at: [start, start], args: [empty, each], spread: false, range: [start, this.at] };
  }

  private heredoc(): Expr {
    const start = this.at;
    const m = /<<(-?)([\p{L}_][\p{L}\p{N}_-]*)\r?\n/uy;
    m.lastIndex = this.at;
    const [head = '', indented = '', mark = ''] = m.exec(this.text) ?? [];
    if (head === '') this.fail('Invalid expression; Expected the start of an expression, but found an invalid expression token.');
    const end = new RegExp(`^[ \\t]*${mark}[ \\t]*\\r?$`, 'm');
    const from = this.at + head.length;
    const found = end.exec(this.text.slice(from));
    if (!found) this.fail('Unterminated template string; No closing marker was found for the string.', [start, from]);
    const lines = this.text.slice(from, from + (found as RegExpExecArray).index);
    const margin = indented
      ? Math.min(
          ...lines
            .split('\n')
            .slice(0, -1)
            .filter((l) => l.trim() !== '')
            .map((l) => (/^[ \t]*/.exec(l) as RegExpExecArray)[0].length),
        )
      : 0;
    const text = margin > 0 ? lines.replace(new RegExp(`^[ \\t]{0,${margin}}`, 'gm'), '') : lines;
    this.at = from + (found as RegExpExecArray).index + (found as RegExpExecArray)[0].length;
    const inner = new Parser({ name: this.source.name, text }).whole();
    return { ...inner, range: [start, this.at] };
  }
}

export const parseHcl = (source: Source): Body => new Parser(source).file();
/** A string of the JSON form, which is a template. */
export const parseTemplate = (name: string, text: string): Expr => new Parser({ name, text }).whole();
