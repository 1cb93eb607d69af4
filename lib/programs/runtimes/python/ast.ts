/** The part of Python that is modelled, as trees. reference/grammar of Python 3.12. */

export type Expr =
  | { is: 'value'; value: number | string | boolean | null }
  | { is: 'float'; value: number }
  | { is: 'bytes'; value: string }
  | { is: 'format'; parts: (string | { expr: Expr; spec: string })[] }
  | { is: 'name'; name: string }
  | { is: 'list' | 'tuple'; items: Expr[] }
  | { is: 'dict'; entries: [Expr, Expr][] }
  | { is: 'attribute'; of: Expr; name: string }
  | { is: 'index'; of: Expr; at: Expr }
  | { is: 'slice'; of: Expr; from: Expr | null; to: Expr | null }
  | { is: 'call'; of: Expr; args: Expr[]; named: [string, Expr][] }
  | { is: 'binary'; op: string; left: Expr; right: Expr }
  | { is: 'compare'; first: Expr; rest: [op: string, Expr][] }
  | { is: 'and' | 'or'; left: Expr; right: Expr }
  | { is: 'not' | 'minus'; of: Expr }
  | { is: 'choice'; test: Expr; yes: Expr; no: Expr };

export type Stmt = { line: number } & (
  | { do: 'expr'; value: Expr }
  | { do: 'assign'; targets: Expr[]; value: Expr }
  | { do: 'augment'; target: Expr; op: string; value: Expr }
  | { do: 'if'; branches: { test: Expr | null; body: Stmt[] }[] }
  | { do: 'while'; test: Expr; body: Stmt[] }
  | { do: 'for'; target: Expr; over: Expr; body: Stmt[] }
  | { do: 'def'; name: string; params: { name: string; otherwise: Expr | null }[]; body: Stmt[]; decorators: Expr[] }
  | { do: 'class'; name: string; base: Expr | null; body: Stmt[] }
  | { do: 'return'; value: Expr | null }
  | { do: 'import'; module: string; as: string }
  | { do: 'from'; module: string; names: [name: string, as: string][] }
  | { do: 'try'; body: Stmt[]; handlers: { type: Expr | null; as: string | null; body: Stmt[] }[]; last: Stmt[] }
  | { do: 'with'; value: Expr; as: string; body: Stmt[] }
  | { do: 'raise'; value: Expr | null }
  | { do: 'global'; names: string[] }
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
