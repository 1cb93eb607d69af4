/**
 * The parsed form of a Go template (text/template/parse, node.go), and its text, which error messages quote.
 */
export type Operand =
  | { kind: 'dot'; pos: number }
  | { kind: 'nil'; pos: number }
  | { kind: 'bool'; pos: number; value: boolean }
  | { kind: 'number'; pos: number; text: string; value: number; float: boolean }
  | { kind: 'string'; pos: number; quoted: string; text: string }
  | { kind: 'field'; pos: number; ident: string[] }
  | { kind: 'variable'; pos: number; ident: string[] }
  | { kind: 'identifier'; pos: number; name: string }
  | { kind: 'chain'; pos: number; node: Operand; fields: string[] }
  | Pipe;

export interface Command {
  kind: 'command';
  pos: number;
  args: Operand[];
}

export interface Pipe {
  kind: 'pipe';
  pos: number;
  /** "=" rather than ":=". */
  assigns: boolean;
  declared: string[];
  commands: Command[];
}

export type Statement =
  | { kind: 'text'; pos: number; text: string }
  | { kind: 'action'; pos: number; pipe: Pipe }
  | { kind: 'if' | 'with' | 'range'; pos: number; pipe: Pipe; list: Statement[]; otherwise?: Statement[] }
  | { kind: 'template'; pos: number; name: string; pipe?: Pipe }
  | { kind: 'break' | 'continue'; pos: number };

export type Node = Operand | Command | Statement;

/** A template and the ones it defines, by name. */
export interface Template {
  name: string;
  source: string;
  root: Statement[];
  defined: Record<string, Statement[]>;
}

const dotted = (ident: string[]) => ident.map((name) => `.${name}`).join('');

function branch(node: Extract<Statement, { kind: 'if' | 'with' | 'range' }>): string {
  const otherwise = node.otherwise ? `{{else}}${node.otherwise.map(nodeText).join('')}` : '';
  return `{{${node.kind} ${nodeText(node.pipe)}}}${node.list.map(nodeText).join('')}${otherwise}{{end}}`;
}

/** The node as it would be written. */
export function nodeText(node: Node): string {
  switch (node.kind) {
    case 'dot':
      return '.';
    case 'nil':
      return 'nil';
    case 'bool':
      return String(node.value);
    case 'number':
      return node.text;
    case 'string':
      return node.quoted;
    case 'field':
      return dotted(node.ident);
    case 'variable':
      return node.ident.join('.');
    case 'identifier':
      return node.name;
    case 'chain':
      return (node.node.kind === 'pipe' ? `(${nodeText(node.node)})` : nodeText(node.node)) + dotted(node.fields);
    case 'command':
      return node.args.map((arg) => (arg.kind === 'pipe' ? `(${nodeText(arg)})` : nodeText(arg))).join(' ');
    case 'pipe': {
      const names = node.declared.length > 0 ? `${node.declared.join(', ')} ${node.assigns ? '=' : ':='} ` : '';
      return names + node.commands.map(nodeText).join(' | ');
    }
    case 'text':
      return node.text;
    case 'action':
      return `{{${nodeText(node.pipe)}}}`;
    case 'if':
    case 'with':
    case 'range':
      return branch(node);
    case 'template':
      return `{{template ${JSON.stringify(node.name)}${node.pipe ? ` ${nodeText(node.pipe)}` : ''}}}`;
    case 'break':
    case 'continue':
      return `{{${node.kind}}}`;
  }
}
