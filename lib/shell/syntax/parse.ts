/**
 * The grammar: from text to one complete command, by recursive descent, one line at a time as a shell reads it.
 *
 *   list → and_or ((; | &) and_or)*     and_or → pipeline ((&& | ||) pipeline)*     pipeline → [!] command (| command)*
 *
 * Source: POSIX "Shell Command Language" 2.10 Shell Grammar; parse.y of bash 5.3, parser.c of dash, ash.c of BusyBox
 * for what is refused and how it is said. Words are in word.ts, compound commands in compound.ts.
 * Past 400 lines because it is one grammar, whose rules call each other.
 */

import { type Arg, type ArrayElement, type Assign, literal, type Node, type Redir, type Simple, type Word } from './ast';
import { compound, functionBody, RESERVED } from './compound';
import { fail, lineAt, nested, type Reader, SyntaxFault } from './reader';
import { dqText, matchAt, readWord, subscript } from './word';

/** Longest first. */
const OPERATORS = [
  '&>>',
  ';;&',
  '<<<',
  '<<-',
  '&&',
  '||',
  ';;',
  ';&',
  '<<',
  '>>',
  '<&',
  '>&',
  '<>',
  '>|',
  '&>',
  '|&',
  '&',
  ';',
  '|',
  '(',
  ')',
  '<',
  '>',
  '\n',
] as const;
export type Operator = (typeof OPERATORS)[number];
const REDIRECTIONS: ReadonlySet<string> = new Set(['<', '>', '>>', '>|', '<>', '<&', '>&', '&>', '&>>', '<<', '<<-', '<<<']);
/** Builtins whose arguments may be assignments with arrays in them. */
const DECLARATIONS: ReadonlySet<string> = new Set(['declare', 'typeset', 'local', 'export', 'readonly', 'alias', 'eval']);

/** Skips blanks, joined lines and a comment. */
export function skipBlank(r: Reader): void {
  for (;;) {
    const c = r.src[r.pos];
    if (c === ' ' || c === '\t') r.pos++;
    else if (c === '\\' && r.src[r.pos + 1] === '\n') r.pos += 2;
    else if (c === '#') {
      const end = r.src.indexOf('\n', r.pos);
      r.pos = end < 0 ? r.src.length : end;
    } else return;
  }
}

/** The operator at the place, or null before a word or at the end. */
export function peekOperator(r: Reader): Operator | null {
  skipBlank(r);
  const c = r.src[r.pos];
  if (c === undefined || !'&;<>|()\n'.includes(c)) return null;
  if ((c === '<' || c === '>') && r.src[r.pos + 1] === '(' && r.grammar.procSubst) return null;
  for (const op of OPERATORS) {
    if (!r.src.startsWith(op, r.pos)) continue;
    if ((op === '&>' || op === '&>>') && !r.grammar.bothRedir) continue;
    if (op === '<<<' && !r.grammar.hereString) continue;
    if (op === '|&' && !r.grammar.pipeBoth) continue;
    if ((op === ';&' || op === ';;&') && !r.grammar.caseFall) continue;
    return op;
  }
  return null;
}

export const atEnd = (r: Reader): boolean => r.pos >= r.src.length;

/** The reserved word or plain word at the place, without taking it; null if there is none. */
export function peekReserved(r: Reader): string | null {
  skipBlank(r);
  const m = matchAt(/[^ \t\n;&|()<>"'\\$`]+/y, r.src, r.pos);
  if (m === null) return null;
  const next = r.src[r.pos + m.length];
  if (next !== undefined && !' \t\n;&|()<>'.includes(next)) return null;
  return m;
}

/** Takes a reserved word if it is next. */
export function take(r: Reader, word: string): boolean {
  if (peekReserved(r) !== word) return false;
  r.pos += word.length;
  return true;
}

/** Refuses what is at the place. */
export function unexpected(r: Reader, expecting?: string): never {
  skipBlank(r);
  if (atEnd(r)) {
    const open = r.open.at(-1);
    fail(r, {
      kind: 'eof',
      ...(expecting !== undefined && { expecting }),
      ...(open !== undefined && { open }),
      ...(r.lineEnd !== r.pos && { line: true as const }),
    });
  }
  const op = peekOperator(r);
  const at = r.pos;
  const token = op ?? (readWord(r).raw || r.src[at]!);
  const word = op === null && !RESERVED.has(token);
  fail(r, { kind: 'token', token, word, ...(expecting !== undefined && { expecting }) }, at);
}

/** Newlines and comments between commands; here-documents are read at the first of them. */
export function skipNewlines(r: Reader): void {
  for (;;) {
    skipBlank(r);
    if (r.src[r.pos] !== '\n') {
      r.lineEnd = r.pos;
      return;
    }
    newline(r);
  }
}

/** Takes a newline and the bodies of the here-documents that wait for it. */
export function newline(r: Reader): void {
  r.pos++;
  for (const doc of r.hereDocs.splice(0)) {
    let body = '';
    const line = lineAt(r, r.pos);
    for (;;) {
      if (atEnd(r)) {
        r.unfinished.push(doc);
        break;
      }
      const end = r.src.indexOf('\n', r.pos);
      let text = end < 0 ? r.src.slice(r.pos) : r.src.slice(r.pos, end);
      r.pos = end < 0 ? r.src.length : end + 1;
      if (doc.strip) text = text.replace(/^\t+/, '');
      // In an unquoted here-document a backslash joins lines before the delimiter is looked for.
      if (!doc.quoted && end >= 0 && /(?:^|[^\\])(?:\\\\)*\\$/.test(text)) {
        body += `${text}\n`;
        const next = r.src.indexOf('\n', r.pos);
        const joined = next < 0 ? r.src.slice(r.pos) : r.src.slice(r.pos, next);
        body += doc.strip ? joined.replace(/^\t+/, '') : joined;
        r.pos = next < 0 ? r.src.length : next + 1;
        if (next >= 0) body += '\n';
        continue;
      }
      if (text === doc.delimiter) break;
      body += end < 0 && !(r.grammar.hereDocNewline && text !== '') ? text : `${text}\n`;
    }
    const word = doc.quoted ? { parts: [{ t: 'quoted' as const, s: body }], raw: body } : dqText(body, r, line);
    Object.assign(doc.target, word);
  }
}

type Unfinished<T> = T extends Node ? Omit<T, 'id' | 'line' | 'pos' | 'end'> : never;

/** Numbers a finished command. */
export function node<T extends Unfinished<Node>>(r: Reader, start: number, n: T): Node {
  const made = { id: r.nodes.length, line: lineAt(r, start), pos: start, end: r.pos, ...n } as unknown as Node;
  r.nodes.push(made);
  return made;
}

export const opens = <T>(r: Reader, word: string, parse: () => T): T => {
  r.open.push({ word, line: lineAt(r, r.pos) });
  const value = nested(r, parse);
  r.open.pop();
  return value;
};

/** One line's worth of commands; null at the end of the text. */
export function parseLine(r: Reader): Node | null {
  skipNewlines(r);
  if (atEnd(r)) return null;
  const root = list(r, false);
  skipBlank(r);
  if (r.src[r.pos] === '\n') newline(r);
  else if (!atEnd(r)) unexpected(r);
  if (r.hereDocs.length > 0) r.unfinished.push(...r.hereDocs.splice(0));
  return root;
}

/** Commands up to a closing token that the caller takes: $(…), (…), compound commands. */
export function parseBody(r: Reader, until: string, openLine?: number): Node {
  const body = list(r, true);
  if (until === ')') {
    if (peekOperator(r) !== ')') {
      if (atEnd(r) && openLine !== undefined) fail(r, { kind: 'eof', expecting: ')', substitution: true });
      unexpected(r, ')');
    }
  }
  return body;
}

/** Commands separated by ; & and, inside of something, newlines. */
export function list(r: Reader, lines: boolean): Node {
  if (lines) skipNewlines(r);
  const start = r.pos;
  const items: { cmd: Node; background: boolean }[] = [];
  for (;;) {
    if (lines) skipNewlines(r);
    if (!startsCommand(r)) break;
    const cmd = andOr(r);
    const op = peekOperator(r);
    items.push({ cmd, background: op === '&' });
    if (op === '&' || op === ';') r.pos++;
    else if (!(lines && op === '\n')) {
      if (lines) r.lineEnd = r.pos;
      break;
    }
  }
  return node(r, start, { t: 'list', items });
}

const CLOSERS: ReadonlySet<string> = new Set(['then', 'elif', 'else', 'fi', 'do', 'done', 'esac', '}']);

function startsCommand(r: Reader): boolean {
  const op = peekOperator(r);
  if (op !== null) return op === '(' || REDIRECTIONS.has(op);
  if (atEnd(r)) return false;
  const word = peekReserved(r);
  return word === null || !(CLOSERS.has(word) || (word === 'in' && r.grammar.inReserved));
}

function andOr(r: Reader): Node {
  const start = r.pos;
  const items = [pipeline(r)];
  const ops: ('&&' | '||')[] = [];
  for (;;) {
    const op = peekOperator(r);
    if (op !== '&&' && op !== '||') break;
    r.pos += 2;
    ops.push(op);
    skipNewlines(r);
    items.push(pipeline(r));
  }
  return items.length === 1 ? items[0]! : node(r, start, { t: 'andor', items, ops });
}

function pipeline(r: Reader): Node {
  skipBlank(r);
  const start = r.pos;
  let negated = false;
  let time: 'posix' | 'bash' | undefined;
  for (;;) {
    if (take(r, '!')) negated = !negated;
    else if (r.grammar.timeWord && time === undefined && take(r, 'time')) time = take(r, '-p') ? 'posix' : 'bash';
    else break;
  }
  if ((time !== undefined || (negated && r.grammar.arrays)) && !startsCommand(r)) {
    const empty = node(r, r.pos, { t: 'list', items: [] });
    return node(r, start, { t: 'pipe', negated, items: [empty], both: [], ...(time && { time }) });
  }
  const items = [command(r)];
  const both: boolean[] = [];
  for (;;) {
    const op = peekOperator(r);
    if (op !== '|' && op !== '|&') break;
    r.pos += op.length;
    both.push(op === '|&');
    skipNewlines(r);
    items.push(command(r));
  }
  if (items.length === 1 && !negated && time === undefined) return items[0]!;
  return node(r, start, { t: 'pipe', negated, items, both, ...(time && { time }) });
}

function command(r: Reader): Node {
  expandAlias(r);
  const made = compound(r);
  if (made !== null) return made;
  if (!startsCommand(r)) unexpected(r);
  return simple(r);
}

/** Redirections behind a compound command. */
export function redirections(r: Reader): Redir[] {
  const found: Redir[] = [];
  for (let redir = redirection(r); redir !== null; redir = redirection(r)) found.push(redir);
  return found;
}

function redirection(r: Reader): Redir | null {
  skipBlank(r);
  const start = r.pos;
  const digits = matchAt(/\d+(?=[<>])/y, r.src, r.pos);
  const named = digits === null && r.grammar.fdVariables ? matchAt(/\{[A-Za-z_]\w*\}(?=[<>])/y, r.src, r.pos) : null;
  r.pos += (digits ?? named ?? '').length;
  const op = peekOperator(r);
  if (op === null || !REDIRECTIONS.has(op) || (digits !== null && op.startsWith('&'))) {
    r.pos = start;
    return null;
  }
  r.pos += op.length;
  skipBlank(r);
  const at = r.pos;
  const word = readWord(r);
  if (r.pos === at) unexpected(r);
  const redir: Redir = { op: op as Redir['op'], target: word };
  if (digits !== null) redir.fd = Number(digits);
  if (named !== null) redir.var = named.slice(1, -1);
  if (op === '<<' || op === '<<-') {
    const quoted = /['"\\]/.test(word.raw);
    const delimiter = quoted ? word.raw.replace(/\\(.)|'([^']*)'|"((?:[^"\\]|\\[\s\S])*)"/g, (_, a, b, c) => a ?? b ?? c) : word.raw;
    const target: Word = { parts: [], raw: '' };
    redir.target = target;
    r.hereDocs.push({ target, delimiter, quoted, strip: op === '<<-', line: lineAt(r, start) });
  }
  return redir;
}

/** Replaces an alias at the place by its text. */
function expandAlias(r: Reader): void {
  for (;;) {
    skipBlank(r);
    r.expanding = r.expanding.filter((e) => r.pos < e.until);
    const word = peekReserved(r);
    if (word === null || !Object.hasOwn(r.aliases, word) || r.expanding.some((e) => e.name === word)) return;
    const value = r.aliases[word]!;
    const delta = value.length - word.length;
    r.src = r.src.slice(0, r.pos) + value + r.src.slice(r.pos + word.length);
    r.grown += delta;
    r.expanding = [...r.expanding.map((e) => ({ ...e, until: e.until + delta })), { name: word, until: r.pos + value.length }];
    if (/[ \t]$/.test(value)) r.aliasNext = true;
    if (/^[ \t]*$/.test(value)) return;
  }
}

function simple(r: Reader): Node {
  skipBlank(r);
  const start = r.pos;
  const assigns: Assign[] = [];
  const words: Arg[] = [];
  const redirs: Redir[] = [];
  let declares = false;
  for (;;) {
    const redir = redirection(r);
    if (redir !== null) {
      redirs.push(redir);
      continue;
    }
    if (words.length === 0 && assigns.length + redirs.length > 0) expandAlias(r);
    if (r.aliasNext && words.length > 0 && r.expanding.every((e) => r.pos >= e.until)) {
      r.aliasNext = false;
      expandAlias(r);
    }
    const op = peekOperator(r);
    if (op === '(' && words.length === 1 && assigns.length === 0 && redirs.length === 0) {
      const name = literal(words[0]!);
      const after = r.pos + 1;
      const close = matchAt(/\([ \t]*\)/y, r.src, r.pos);
      if (close !== null && name !== null && name === words[0]!.raw) {
        r.pos += close.length;
        return functionBody(r, start, name);
      }
      r.pos = after;
      unexpected(r, ')');
    }
    if (op !== null || atEnd(r)) break;
    const at = r.pos;
    if (words.length === 0 || declares) {
      const assign = assignment(r);
      if (assign !== null) {
        if (words.length === 0) assigns.push(assign);
        else words.push({ ...(('parts' in assign.value && assign.value) || { parts: [] }), raw: r.src.slice(at, r.pos), assign });
        continue;
      }
    }
    const word = readWord(r);
    if (r.pos === at) break;
    words.push(word);
    const name = words.length === 1 ? literal(word) : null;
    if (name !== null && DECLARATIONS.has(name)) declares = true;
    else if (
      words.length === 2 &&
      declares === false &&
      ['command', 'builtin'].includes(literal(words[0]!) ?? '') &&
      DECLARATIONS.has(literal(word) ?? '')
    )
      declares = true;
  }
  return node(r, start, { t: 'simple', assigns, words, redirs } satisfies Unfinished<Simple>);
}

/** name=value, name+=value, name[index]=value, name=(…); null if the word is none of them. */
function assignment(r: Reader): Assign | null {
  const start = r.pos;
  const name = matchAt(/[A-Za-z_][A-Za-z0-9_]*/y, r.src, r.pos);
  if (name === null) return null;
  let at = r.pos + name.length;
  let index: string | undefined;
  if (r.src[at] === '[' && r.grammar.arrays) {
    let depth = 0;
    let end = at;
    for (; end < r.src.length; end++) {
      const c = r.src[end];
      if (c === '\\') end++;
      else if (c === "'" || c === '"') {
        const close = r.src.indexOf(c, end + 1);
        if (close < 0) return null;
        end = close;
      } else if (c === '[') depth++;
      else if (c === ']' && --depth === 0) break;
      else if (c === '\n') return null;
    }
    index = r.src.slice(at + 1, end);
    at = end + 1;
  }
  const append = r.src[at] === '+' && r.src[at + 1] === '=' && r.grammar.arrays;
  if (append) at++;
  if (r.src[at] !== '=') return null;
  r.pos = at + 1;
  const assign: Assign = { name, value: { parts: [], raw: '' } };
  if (index !== undefined) assign.index = subscript(r, index);
  if (append) assign.append = true;
  if (r.src[r.pos] === '(' && r.grammar.arrays && index === undefined) {
    r.pos++;
    try {
      assign.value = { elements: nested(r, () => arrayElements(r, start)) };
    } catch (e) {
      // bash's status for a compound assignment that is not one.
      if (e instanceof SyntaxFault) e.status = 1;
      throw e;
    }
  } else assign.value = readWord(r);
  return assign;
}

function arrayElements(r: Reader, start: number): ArrayElement[] {
  const elements: ArrayElement[] = [];
  for (;;) {
    skipNewlines(r);
    if (r.src[r.pos] === ')') break;
    if (atEnd(r)) fail(r, { kind: 'quote', want: ')', openLine: lineAt(r, start) });
    if (peekOperator(r) !== null) unexpected(r);
    const keyed = matchAt(/\[(?:[^\][\\"'\n]|\\.|"[^"]*"|'[^']*'|\[[^\]]*\])+\]=/y, r.src, r.pos);
    if (keyed !== null) {
      const key = subscript(r, keyed.slice(1, -2));
      r.pos += keyed.length;
      elements.push({ key, value: readWord(r) });
    } else elements.push({ value: readWord(r) });
  }
  r.pos++;
  return elements;
}
