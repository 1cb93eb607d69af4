/**
 * Tokens of a Go template to its tree (text/template/parse, parse.go), with its error texts.
 */
import { strconv } from '../../base';
import { isKeyword, lex, type Token, type TokenKind } from './lex';
import { type Command, nodeText, type Operand, type Pipe, type Statement, type Template } from './node';

export class TemplateError extends Error {}

/** Deepest nesting of parentheses and blocks. */
const deepest = 1000;

/** A token as errors show it. */
function shown(token: Token): string {
  if (token.kind === 'eof') return 'EOF';
  if (token.kind === 'error') return token.value;
  if (isKeyword(token.kind) || token.kind === 'dot') return `<${token.value}>`;
  return token.value.length > 10 ? `${strconv.quote(token.value.slice(0, 10))}...` : strconv.quote(token.value);
}

const operandStarts: TokenKind[] = [
  'bool',
  'charConstant',
  'complex',
  'dot',
  'field',
  'identifier',
  'number',
  'nil',
  'rawString',
  'string',
  'variable',
  'leftParen',
];

type Ending = { kind: 'end'; pos: number } | { kind: 'else'; pos: number };

/** Whether a list holds nothing but white space. */
const isEmpty = (list: Statement[]) => list.every((node) => node.kind === 'text' && node.text.trim() === '');

/** Parses a template. `functions` are the names it may call. Throws TemplateError. */
export function parseTemplate(source: string, functions: { has(name: string): boolean }, name = ''): Template {
  const tokens = lex(source);
  const last = tokens.length - 1;
  const defined: Record<string, Statement[]> = {};
  let at = 0;
  let furthest = 0;
  let variables = ['$'];
  let loops = 0;
  let depth = 0;
  let actionLine = 0;

  const fail = (message: string): never => {
    throw new TemplateError(`template: ${name}:${(tokens[furthest] as Token).line}: ${message}`);
  };
  const peek = (): Token => {
    furthest = Math.max(furthest, Math.min(at, last));
    return tokens[Math.min(at, last)] as Token;
  };
  const next = (): Token => {
    const token = peek();
    at++;
    return token;
  };
  const peekWord = (): Token => {
    while (peek().kind === 'space') at++;
    return peek();
  };
  const nextWord = (): Token => {
    peekWord();
    return next();
  };
  const unexpected = (token: Token, context: string): never => {
    if (token.kind !== 'error') return fail(`unexpected ${shown(token)} in ${context}`);
    const started = actionLine !== 0 && actionLine !== token.line ? ` in action started at ${name}:${actionLine}` : '';
    return fail(token.value + (token.value.endsWith(' action') ? started.replace(' in action', '') : started));
  };
  const expect = (kind: TokenKind, context: string): Token => {
    const token = nextWord();
    return token.kind === kind ? token : unexpected(token, context);
  };
  const nested = <T>(parse: () => T): T => {
    if (++depth > deepest) fail('max expression depth exceeded');
    const value = parse();
    depth--;
    return value;
  };
  const unquoted = (token: Token): string => {
    try {
      return strconv.unquote(token.value);
    } catch (error) {
      return fail((error as Error).message);
    }
  };

  const number = (token: Token): Operand => {
    const { value: text, pos } = token;
    if (token.kind === 'complex' || text.endsWith('i')) fail(`complex number ${text} is not modelled`);
    if (token.kind === 'charConstant') return { kind: 'number', pos, text, value: unquoted(token).codePointAt(0) as number, float: false };
    try {
      return { kind: 'number', pos, text, value: strconv.parseInteger(text, 0), float: false };
    } catch {
      if (!/[.eEpP]/.test(text) && /^[+-]?\d+$/.test(text)) fail(`integer overflow: ${strconv.quote(text)}`);
    }
    try {
      return { kind: 'number', pos, text, value: strconv.parseNumber(text), float: true };
    } catch {
      return fail(`illegal number syntax: ${strconv.quote(text)}`);
    }
  };

  const term = (): Operand | undefined => {
    const token = peekWord();
    const { pos, value } = token;
    if (!operandStarts.includes(token.kind)) return undefined;
    next();
    switch (token.kind) {
      case 'identifier':
        if (!functions.has(value)) fail(`function ${strconv.quote(value)} not defined`);
        return { kind: 'identifier', pos, name: value };
      case 'dot':
      case 'nil':
        return { kind: token.kind, pos };
      case 'variable':
        if (!variables.includes(value)) fail(`undefined variable ${strconv.quote(value)}`);
        return { kind: 'variable', pos, ident: [value] };
      case 'field':
        return { kind: 'field', pos, ident: [value.slice(1)] };
      case 'bool':
        return { kind: 'bool', pos, value: value === 'true' };
      case 'leftParen':
        return nested(() => pipeline('parenthesized pipeline', 'rightParen'));
      case 'string':
      case 'rawString':
        return { kind: 'string', pos, quoted: value, text: unquoted(token) };
      default:
        return number(token);
    }
  };

  /** A term and the fields that follow it. */
  const operand = (): Operand | undefined => {
    const node = term();
    if (!node || peek().kind !== 'field') return node;
    const { pos } = peek();
    const fields: string[] = [];
    while (peek().kind === 'field') fields.push(next().value.slice(1));
    if (node.kind === 'field' || node.kind === 'variable') return { ...node, pos, ident: [...node.ident, ...fields] };
    if (node.kind === 'pipe' || node.kind === 'identifier') return { kind: 'chain', pos, node, fields };
    return fail(`unexpected . after term ${strconv.quote(nodeText(node))}`);
  };

  const command = (): Command => {
    const { pos } = peekWord();
    const args: Operand[] = [];
    for (;;) {
      peekWord();
      const arg = operand();
      if (arg) args.push(arg);
      const token = next();
      if (token.kind === 'space') continue;
      if (token.kind === 'rightDelim' || token.kind === 'rightParen') at--;
      else if (token.kind !== 'pipe') unexpected(token, 'operand');
      break;
    }
    if (args.length === 0) fail('empty command');
    return { kind: 'command', pos, args };
  };

  /** "$x :=", "$i, $x :=" or "$x =" before a pipeline, if it is there. */
  const declarations = (pipe: Pipe, context: string): void => {
    const start = at;
    const variable = peekWord();
    if (variable.kind !== 'variable') return;
    next();
    const after = peekWord();
    if (after.kind === 'assign' || after.kind === 'declare') {
      next();
      pipe.assigns = after.kind === 'assign';
    } else if (after.kind === 'char' && after.value === ',') {
      next();
    } else {
      at = start;
      return;
    }
    pipe.declared.push(variable.value);
    variables.push(variable.value);
    if (after.kind !== 'char') return;
    if (context !== 'range' || pipe.declared.length > 1) fail(`too many declarations in ${context}`);
    if (!['variable', 'rightDelim', 'rightParen'].includes(peekWord().kind)) fail('range can only initialize variables');
    declarations(pipe, context);
  };

  const pipeline = (context: string, end: TokenKind): Pipe => {
    const pipe: Pipe = { kind: 'pipe', pos: peekWord().pos, assigns: false, declared: [], commands: [] };
    declarations(pipe, context);
    for (;;) {
      const token = nextWord();
      if (token.kind === end) break;
      if (!operandStarts.includes(token.kind)) unexpected(token, context);
      at--;
      pipe.commands.push(command());
    }
    if (pipe.commands.length === 0) fail(`missing value for ${context}`);
    for (const [i, { args }] of pipe.commands.entries()) {
      if (i > 0 && ['bool', 'dot', 'nil', 'number', 'string'].includes((args[0] as Operand).kind))
        fail(`non executable command in pipeline stage ${i + 1}`);
    }
    return pipe;
  };

  /** Statements up to {{end}} or {{else}}. */
  const list = (): [Statement[], Ending] => {
    const statements: Statement[] = [];
    while (peekWord().kind !== 'eof') {
      const statement = textOrAction();
      if (statement.kind === 'end' || statement.kind === 'else') return [statements, statement];
      statements.push(statement);
    }
    return fail('unexpected EOF');
  };

  const control = (kind: 'if' | 'range' | 'with'): Statement =>
    nested(() => {
      const known = variables.length;
      const pipe = pipeline(kind, 'rightDelim');
      if (kind === 'range') loops++;
      const [body, end] = list();
      if (kind === 'range') loops--;
      const statement: Statement = { kind, pos: pipe.pos, pipe, list: body };
      if (end.kind === 'else') {
        if (kind !== 'range' && peek().kind === kind) {
          next();
          statement.otherwise = [control(kind)];
        } else {
          const [otherwise, last] = list();
          if (last.kind !== 'end') fail('expected end; found {{else}}');
          statement.otherwise = otherwise;
        }
      }
      variables = variables.slice(0, known);
      return statement;
    });

  const define = (title: string, body: Statement[]): void => {
    const before = Object.hasOwn(defined, title) ? defined[title] : undefined;
    if (before && !isEmpty(before)) {
      if (!isEmpty(body)) fail(`template: multiple definition of template ${strconv.quote(title)}`);
      return;
    }
    defined[title] = body;
  };

  /** The body of a {{define}} or {{block}}, which sees no variables from outside. */
  const definition = (title: string, context: string): void => {
    const [outside, outsideLoops] = [variables, loops];
    [variables, loops] = [['$'], 0];
    const [body, end] = nested(list);
    if (end.kind !== 'end') fail(`unexpected {{else}} in ${context}`);
    define(title, body);
    [variables, loops] = [outside, outsideLoops];
  };

  const title = (context: string): { called: string; pos: number } => {
    const token = nextWord();
    const called = token.kind === 'string' || token.kind === 'rawString' ? unquoted(token) : unexpected(token, context);
    return { called, pos: token.pos };
  };

  const action = (): Statement | Ending => {
    const token = nextWord();
    const { pos } = token;
    switch (token.kind) {
      case 'if':
      case 'range':
      case 'with':
        return control(token.kind);
      case 'break':
      case 'continue': {
        const close = nextWord();
        if (close.kind !== 'rightDelim') unexpected(close, `{{${token.kind}}}`);
        if (loops === 0) fail(`{{${token.kind}}} outside {{range}}`);
        return { kind: token.kind, pos };
      }
      case 'end':
        return { kind: 'end', pos: expect('rightDelim', 'end').pos };
      case 'else': {
        const follows = peekWord();
        if (follows.kind === 'if' || follows.kind === 'with') return { kind: 'else', pos: follows.pos };
        return { kind: 'else', pos: expect('rightDelim', 'else').pos };
      }
      case 'template': {
        const { called, pos } = title('template clause');
        if (peekWord().kind !== 'rightDelim')
          return { kind: 'template', pos, name: called, pipe: pipeline('template clause', 'rightDelim') };
        next();
        return { kind: 'template', pos, name: called };
      }
      case 'block': {
        const { called, pos } = title('block clause');
        const pipe = pipeline('block clause', 'rightDelim');
        definition(called, 'block clause');
        return { kind: 'template', pos, name: called, pipe };
      }
      default:
        at--;
        return { kind: 'action', pos: peek().pos, pipe: pipeline('command', 'rightDelim') };
    }
  };

  const textOrAction = (): Statement | Ending => {
    const token = nextWord();
    if (token.kind === 'text') return { kind: 'text', pos: token.pos, text: token.value };
    if (token.kind !== 'leftDelim') return unexpected(token, 'input');
    actionLine = token.line;
    const statement = action();
    actionLine = 0;
    return statement;
  };

  const root: Statement[] = [];
  while (peek().kind !== 'eof') {
    if (peek().kind === 'leftDelim') {
      const start = at;
      next();
      if (nextWord().kind === 'define') {
        const { called } = title('define clause');
        expect('rightDelim', 'define clause');
        definition(called, 'define clause');
        continue;
      }
      at = start;
    }
    const statement = textOrAction();
    if (statement.kind === 'end' || statement.kind === 'else') fail(`unexpected {{${statement.kind}}}`);
    else root.push(statement);
  }
  return { name, source, root, defined };
}
