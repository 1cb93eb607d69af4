/**
 * What the parser makes of shell text: commands and words as plain data.
 *
 *   a=1 cat <<E | sort > "$f"      pipe[ simple(assign a, word cat, redir <<), simple(word sort, redir >) ]
 *
 * Every command has a number, its place in the order of parsing: a sleeping evaluator keeps (text, number) and finds
 * the command again by parsing the text again. Source: section 2 of POSIX "Shell Command Language"; bash(1).
 */

/** One quoted or unquoted stretch of a word. */
export type Part =
  | { t: 'lit'; s: string }
  /** '…', \x and $'…': text that is taken as it is. */
  | { t: 'quoted'; s: string }
  | { t: 'dq'; parts: Part[] }
  | Param
  /** $(…) and `…`: the text inside. */
  | { t: 'cmd'; src: string; line: number }
  | { t: 'arith'; expr: Word }
  /** <(…) and >(…). */
  | { t: 'proc'; dir: '<' | '>'; src: string; line: number };

/** $x, ${x}, ${#x}, ${!x}, ${x[i]op word}. */
export interface Param {
  t: 'param';
  name: string;
  /** As written, for error texts. */
  raw: string;
  /** ${#x} */
  length?: true;
  /** ${!x} */
  indirect?: true;
  index?: Word;
  op?: ParamOp;
  arg?: Word;
  /** The replacement of ${x/pattern/replacement}. */
  arg2?: Word;
}

export type ParamOp =
  | '-'
  | ':-'
  | '='
  | ':='
  | '+'
  | ':+'
  | '?'
  | ':?'
  | '#'
  | '##'
  | '%'
  | '%%'
  | '/'
  | '//'
  | '/#'
  | '/%'
  | ':'
  | '^'
  | '^^'
  | ','
  | ',,'
  | '@'
  /** ${!prefix*} and ${!prefix@} */
  | 'names*'
  | 'names@'
  | 'bad';

export interface Word {
  parts: Part[];
  /** As written. */
  raw: string;
}

export interface ArrayElement {
  key?: Word;
  value: Word;
}

export interface Assign {
  name: string;
  index?: Word;
  append?: true;
  value: Word | { elements: ArrayElement[] };
}

/** An argument; `assign` when it stands behind declare, export and their like and looks like an assignment. */
export interface Arg extends Word {
  assign?: Assign;
}

export type RedirOp = '<' | '>' | '>>' | '>|' | '<>' | '<&' | '>&' | '&>' | '&>>' | '<<' | '<<-' | '<<<';

export interface Redir {
  op: RedirOp;
  fd?: number;
  /** {name}> file */
  var?: string;
  /** File, descriptor, or a here-document's body. */
  target: Word;
}

interface Common {
  id: number;
  line: number;
  /** Where it stands in the text. */
  pos: number;
  end: number;
}

interface Redirectable extends Common {
  redirs: Redir[];
}

export interface List extends Common {
  t: 'list';
  items: { cmd: Node; background: boolean }[];
}
export interface AndOr extends Common {
  t: 'andor';
  items: Node[];
  ops: ('&&' | '||')[];
}
export interface Pipe extends Common {
  t: 'pipe';
  negated: boolean;
  time?: 'posix' | 'bash';
  items: Node[];
  both: boolean[];
}
export interface Simple extends Redirectable {
  t: 'simple';
  assigns: Assign[];
  words: Arg[];
}
export interface Group extends Redirectable {
  t: 'group';
  body: Node;
}
export interface Subshell extends Redirectable {
  t: 'subshell';
  body: Node;
}
export interface If extends Redirectable {
  t: 'if';
  clauses: { cond: Node; body: Node }[];
  otherwise?: Node;
}
export interface While extends Redirectable {
  t: 'while';
  until: boolean;
  cond: Node;
  body: Node;
}
export interface For extends Redirectable {
  t: 'for';
  name: string;
  words?: Word[];
  body: Node;
}
export interface Select extends Redirectable {
  t: 'select';
  name: string;
  words?: Word[];
  body: Node;
}
export interface ArithFor extends Redirectable {
  t: 'cfor';
  init: Word;
  test: Word;
  update: Word;
  body: Node;
}
export interface CaseItem {
  patterns: Word[];
  body: Node;
  end: ';;' | ';&' | ';;&';
}
export interface Case extends Redirectable {
  t: 'case';
  word: Word;
  items: CaseItem[];
}
export interface Arith extends Redirectable {
  t: 'arith';
  expr: Word;
}
export interface Cond extends Redirectable {
  t: 'cond';
  expr: CondExpr;
}
export interface FunctionDef extends Common {
  t: 'function';
  name: string;
  body: Node;
}

export type CondExpr =
  | { t: 'not'; expr: CondExpr }
  | { t: 'and' | 'or'; left: CondExpr; right: CondExpr }
  | { t: 'unary'; op: string; arg: Word }
  | { t: 'binary'; op: string; left: Word; right: Word }
  | { t: 'word'; arg: Word };

export type Compound = Group | Subshell | If | While | For | Select | ArithFor | Case | Arith | Cond;
export type Node = List | AndOr | Pipe | Simple | Compound | FunctionDef;

/** The text of a word without any quoting or expansion in it, or null. */
export function literal(word: Word): string | null {
  let s = '';
  for (const p of word.parts) {
    if (p.t !== 'lit') return null;
    s += p.s;
  }
  return s;
}
