/**
 * JavaScript as trees: ESTree, as acorn reads it, cut down to plain data with the number of its line. One kind of statement is the
 * model's own (await.ts): where an async function waits and a generator gives, nothing else happens in the statement.
 */
import type * as acorn from 'acorn';

declare module 'acorn' {
  interface Node {
    /** What is left of its position. */
    line: number;
  }
}

/** `into` = await `argument`, or yield; a name that no program can have, in the scope that it stands in. */
export interface Wait {
  type: 'Wait';
  how: 'await' | 'yield' | 'yield*';
  argument: acorn.Expression | null;
  into: string | null;
  line: number;
}

export type Statement = acorn.Statement | acorn.ModuleDeclaration | Wait;
export type { Expression, Pattern } from 'acorn';
export type FunctionTree =
  | acorn.FunctionDeclaration
  | acorn.AnonymousFunctionDeclaration
  | acorn.FunctionExpression
  | acorn.ArrowFunctionExpression;
export type ClassTree = acorn.ClassDeclaration | acorn.AnonymousClassDeclaration | acorn.ClassExpression;

/** Of a function: all that is needed to call it. */
export interface FunctionNode {
  params: acorn.Pattern[];
  /** Statements, or the one expression of an arrow. */
  body: Statement[] | acorn.Expression;
  async: boolean;
  generator: boolean;
  arrow: boolean;
}

/** What the model does not read; said with "drydock:". */
export class NotModelled extends Error {}
export class SyntaxFault extends Error {
  readonly line: number;
  constructor(message: string, line: number) {
    super(message);
    this.line = line;
  }
}
