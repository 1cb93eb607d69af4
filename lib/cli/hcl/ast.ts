/** What a file of HCL is made of: github.com/hashicorp/hcl, hclsyntax/spec.md. */

export type Value = string | number | boolean | null | Value[] | { [key: string]: Value };

/** Places in the text, from and up to. */
export type Range = readonly [number, number];

export type Expr = { range: Range } & (
  | { kind: 'literal'; value: Value }
  /** "a${b}c": its parts one after the other. */
  | { kind: 'template'; parts: Expr[] }
  | { kind: 'list'; items: Expr[] }
  | { kind: 'object'; items: [key: Expr, value: Expr][] }
  | { kind: 'variable'; name: string }
  | { kind: 'attribute'; of: Expr; name: string; at: Range }
  | { kind: 'index'; of: Expr; key: Expr; at: Range }
  /** a[*].b: the same of each. */
  | { kind: 'splat'; of: Expr; each: Expr }
  | { kind: 'item' }
  | { kind: 'call'; name: string; at: Range; args: Expr[]; spread: boolean }
  | { kind: 'if'; test: Expr; then: Expr; else: Expr }
  | { kind: 'binary'; op: string; left: Expr; right: Expr }
  | { kind: 'unary'; op: '!' | '-'; of: Expr }
  | { kind: 'for'; names: string[]; over: Expr; key: Expr | null; value: Expr; test: Expr | null; grouped: boolean }
);

export interface Attribute {
  name: string;
  value: Expr;
}

export interface Block {
  type: string;
  labels: string[];
  body: Body;
  range: Range;
}

export interface Body {
  attributes: Attribute[];
  blocks: Block[];
}

export interface Source {
  name: string;
  text: string;
}

/** What is wrong, and where: an hcl.Diagnostic. */
export class HclError extends Error {
  readonly source: Source;
  readonly range: Range;
  /** How many more were found beside it. */
  readonly others: number;
  constructor(source: Source, range: Range, message: string, others = 0) {
    super(message);
    this.source = source;
    this.range = range;
    this.others = others;
  }

  /** The line that it is on, counted from 1. */
  get line(): number {
    return this.source.text.slice(0, this.range[0]).split('\n').length;
  }

  /** "docker-bake.hcl:1,22-26: Unknown variable; …" */
  told(): string {
    const { text, name } = this.source;
    const start = text.lastIndexOf('\n', this.range[0] - 1) + 1;
    const column = (at: number) => [...text.slice(start, at)].length + 1;
    const more = this.others > 0 ? `, and ${this.others} other diagnostic(s)` : '';
    return `${name}:${this.line},${column(this.range[0])}-${column(this.range[1])}: ${this.message}${more}`;
  }
}
