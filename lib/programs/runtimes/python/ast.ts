/** The part of Python that is modelled, as trees. reference/grammar of Python 3.12. */

export type Expr =
  | { is: 'value'; value: number | string | boolean | null }
  | { is: 'float'; value: number }
  | { is: 'bytes'; value: string }
  | { is: 'format'; parts: (string | Formatted)[] }
  | { is: 'name'; name: string }
  | { is: 'list' | 'tuple' | 'set'; items: Expr[] }
  /** A pair without a key is another dict, whose pairs are taken over: {**defaults, 'a': 1}. */
  | { is: 'dict'; entries: [Expr | null, Expr][] }
  /** [item for … in … if …]; of a dict, `item` is the key. */
  | { is: 'comprehension'; of: 'list' | 'set' | 'dict' | 'generator'; item: Expr; value: Expr | null; clauses: Clause[] }
  | { is: 'lambda'; params: Param[]; body: Expr; line: number }
  /** *items, in a call or a list. */
  | { is: 'star'; of: Expr }
  | { is: 'attribute'; of: Expr; name: string }
  | { is: 'index'; of: Expr; at: Expr }
  | { is: 'slice'; of: Expr; from: Expr | null; to: Expr | null; step: Expr | null }
  /** A named argument without a name is a dict of them: f(**options). */
  | { is: 'call'; of: Expr; args: Expr[]; named: [string | null, Expr][] }
  | { is: 'binary'; op: string; left: Expr; right: Expr }
  | { is: 'compare'; first: Expr; rest: [op: string, Expr][] }
  | { is: 'and' | 'or'; left: Expr; right: Expr }
  | { is: 'not' | 'minus'; of: Expr }
  | { is: 'choice'; test: Expr; yes: Expr; no: Expr };

export type Clause = { for: Expr; in: Expr } | { if: Expr };
/** `kind`: what takes the arguments that are left, by place or by name. */
export interface Param {
  name: string;
  otherwise: Expr | null;
  kind?: '*' | '**';
}
/** A part of an f-string: {expr!r:spec}. */
export interface Formatted {
  expr: Expr;
  spec: string;
  repr: boolean;
}

export type Stmt = { line: number } & (
  | { do: 'expr'; value: Expr }
  | { do: 'assign'; targets: Expr[]; value: Expr }
  | { do: 'augment'; target: Expr; op: string; value: Expr }
  | { do: 'if'; branches: { test: Expr | null; body: Stmt[] }[] }
  | { do: 'while'; test: Expr; body: Stmt[]; otherwise: Stmt[] }
  | { do: 'for'; target: Expr; over: Expr; body: Stmt[]; otherwise: Stmt[] }
  | { do: 'def'; name: string; params: Param[]; body: Stmt[]; decorators: Expr[] }
  | { do: 'class'; name: string; base: Expr | null; body: Stmt[] }
  | { do: 'return'; value: Expr | null }
  | { do: 'import'; module: string; as: string }
  | { do: 'from'; module: string; names: [name: string, as: string][] }
  | { do: 'try'; body: Stmt[]; handlers: { type: Expr | null; as: string | null; body: Stmt[] }[]; otherwise: Stmt[]; last: Stmt[] }
  | { do: 'with'; value: Expr; as: string | null; body: Stmt[] }
  | { do: 'raise'; value: Expr | null }
  | { do: 'global' | 'nonlocal'; names: string[] }
  | { do: 'del'; targets: Expr[] }
  | { do: 'assert'; test: Expr; message: Expr | null }
  | { do: 'pass' | 'break' | 'continue' }
);

/** What the model does not read; said with "drydock:". */
export class NotModelled extends Error {}
/** As Python reports it: a message and a line. */
export class SyntaxFault extends Error {
  readonly line: number;
  constructor(message: string, line: number) {
    super(message);
    this.line = line;
  }
}
