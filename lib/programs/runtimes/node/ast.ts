/** The part of JavaScript that is modelled, as trees: ECMAScript 2024, statements and expressions by their names there, shortened. */

export type Expr =
  | { is: 'value'; value: number | string | boolean | null }
  | { is: 'template'; parts: (string | Expr)[] }
  | { is: 'name'; name: string }
  | { is: 'array'; items: Expr[] }
  | { is: 'object'; entries: [name: string, Expr][] }
  | { is: 'member'; of: Expr; name: Expr; optional: boolean }
  | { is: 'call'; of: Expr; args: Expr[]; made: boolean; line: number }
  | { is: 'function'; params: string[]; body: Stmt[] | Expr }
  | { is: 'unary'; op: string; of: Expr }
  | { is: 'update'; target: Expr; by: 1 | -1; before: boolean }
  | { is: 'binary'; op: string; left: Expr; right: Expr }
  | { is: 'choice'; test: Expr; yes: Expr; no: Expr }
  | { is: 'assign'; op: string; target: Expr; value: Expr };

export type Stmt = { line: number } & (
  | { do: 'expr'; value: Expr }
  | { do: 'let'; names: { name: string; of: string | null }[]; value: Expr | null }
  | { do: 'if'; test: Expr; yes: Stmt; no: Stmt | null }
  | { do: 'while'; first: Stmt | null; test: Expr | null; each: Expr | null; body: Stmt }
  | { do: 'of'; name: string; over: Expr; body: Stmt }
  | { do: 'block'; body: Stmt[] }
  | { do: 'return'; value: Expr | null }
  | { do: 'throw'; value: Expr }
  | { do: 'try'; body: Stmt; name: string | null; caught: Stmt | null; last: Stmt | null }
  | { do: 'break' | 'continue' | 'nothing' }
);

/** What the model does not read; said with "drydock:". */
export class NotModelled extends Error {}
export class SyntaxFault extends Error {
  readonly line: number;
  constructor(message: string, line: number) {
    super(message);
    this.line = line;
  }
}
