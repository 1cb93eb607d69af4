/**
 * Compound commands: groups, if, loops, case, [[ ]], (( )), functions.
 *
 * Source: POSIX "Shell Command Language" 2.9.4; bash(1) Compound Commands.
 */

import type { CaseItem, Node, Word } from './ast';
import { literal } from './ast';
import { condition } from './cond';
import {
  atEnd,
  list,
  newline,
  node,
  opens,
  parseBody,
  peekOperator,
  peekReserved,
  redirections,
  skipBlank,
  skipNewlines,
  take,
  unexpected,
} from './parse';
import { fail, lineAt, type Reader } from './reader';
import { arithText, dqText, matchAt, readWord } from './word';

export const RESERVED: ReadonlySet<string> = new Set([
  'if',
  'then',
  'elif',
  'else',
  'fi',
  'for',
  'while',
  'until',
  'do',
  'done',
  'case',
  'esac',
  'in',
  'select',
  'function',
  '{',
  '}',
  '!',
  '[[',
  ']]',
  'time',
]);

/** The compound command or function at the place; null before a simple one. */
export function compound(r: Reader): Node | null {
  skipBlank(r);
  const start = r.pos;
  const g = r.grammar;
  if (peekOperator(r) === '(') {
    if (r.src[r.pos + 1] === '(' && g.arithCommand) {
      const expr = arithText(r, r.pos + 2);
      if (expr === null && !/\)/.test(r.src.slice(r.pos))) fail(r, { kind: 'quote', want: ')', openLine: lineAt(r, r.pos) }, r.src.length);
      if (expr !== null) {
        r.pos += expr.length + 4;
        return node(r, start, { t: 'arith', expr: dqText(expr, r, lineAt(r, start), false), redirs: redirections(r) });
      }
    }
    return opens(r, '(', () => {
      r.pos++;
      const body = parseBody(r, ')');
      if (body.t === 'list' && body.items.length === 0) unexpected(r);
      r.pos++;
      return node(r, start, { t: 'subshell', body, redirs: redirections(r) });
    });
  }
  const word = peekReserved(r);
  if (word === null || !RESERVED.has(word)) return null;
  switch (word) {
    case '{':
      return opens(r, '{', () => {
        r.pos++;
        const body = inner(r, '}');
        close(r, '}');
        return node(r, start, { t: 'group', body, redirs: redirections(r) });
      });
    case 'if':
      return opens(r, 'if', () => ifCommand(r, start));
    case 'while':
    case 'until':
      return opens(r, word, () => {
        r.pos += word.length;
        const cond = inner(r, 'do');
        const body = doGroup(r);
        return node(r, start, { t: 'while', until: word === 'until', cond, body, redirs: redirections(r) });
      });
    case 'for':
      return opens(r, 'for', () => forCommand(r, start, 'for'));
    case 'select':
      return g.select ? opens(r, 'select', () => forCommand(r, start, 'select')) : null;
    case 'case':
      return opens(r, 'case', () => caseCommand(r, start));
    case 'function': {
      if (!g.functionWord) return null;
      r.pos += word.length;
      skipBlank(r);
      const name = readWord(r);
      if (name.raw === '') unexpected(r, atEnd(r) ? 'word' : undefined);
      const parens = matchAt(/[ \t]*\([ \t]*\)/y, r.src, r.pos);
      if (parens !== null) r.pos += parens.length;
      return functionBody(r, start, literal(name) ?? name.raw);
    }
    case '[[':
      if (!g.cond) return null;
      r.pos += 2;
      {
        const expr = condition(r, lineAt(r, start));
        return node(r, start, { t: 'cond', expr, redirs: redirections(r) });
      }
    default:
      return null;
  }
}

/** Commands up to a reserved word; there must be at least one. */
function inner(r: Reader, expecting: string): Node {
  const body = list(r, true);
  if (body.t === 'list' && body.items.length === 0) unexpected(r, atEnd(r) ? expecting : undefined);
  return body;
}

function close(r: Reader, word: string): void {
  if (!take(r, word)) unexpected(r, word);
}

function doGroup(r: Reader): Node {
  close(r, 'do');
  const body = inner(r, 'done');
  close(r, 'done');
  return body;
}

function ifCommand(r: Reader, start: number): Node {
  r.pos += 2;
  const clauses: { cond: Node; body: Node }[] = [];
  let otherwise: Node | undefined;
  for (;;) {
    const cond = inner(r, 'then');
    close(r, 'then');
    clauses.push({ cond, body: inner(r, 'fi') });
    if (take(r, 'elif')) continue;
    if (take(r, 'else')) otherwise = inner(r, 'fi');
    close(r, 'fi');
    break;
  }
  return node(r, start, { t: 'if', clauses, redirs: redirections(r), ...(otherwise && { otherwise }) });
}

function forCommand(r: Reader, start: number, kind: 'for' | 'select'): Node {
  r.pos += kind.length;
  skipBlank(r);
  if (kind === 'for' && r.src.startsWith('((', r.pos) && r.grammar.arithCommand) return arithFor(r, start);
  const at = r.pos;
  const word = readWord(r);
  const name = literal(word);
  if (word.raw === '' || name === null || !/^[A-Za-z_]\w*$/.test(name)) {
    // bash takes any word here and refuses it when the command runs; with none it sees a token that cannot be.
    if (r.grammar.arrays && word.raw === '') unexpected(r);
    if (!r.grammar.arrays || word.raw === '') fail(r, { kind: 'forName', word: word.raw, eof: atEnd(r) && word.raw === '' }, at);
  }
  let words: Word[] | undefined;
  skipNewlines(r);
  if (take(r, 'in')) {
    words = [];
    while (peekOperator(r) === null && !atEnd(r)) words.push(readWord(r));
    const op = peekOperator(r);
    if (op === ';') r.pos++;
    else if (op === '\n') newline(r);
    else {
      r.lineEnd = r.pos;
      unexpected(r, 'do');
    }
    skipNewlines(r);
  } else if (peekOperator(r) === ';') {
    r.pos++;
    skipNewlines(r);
  }
  let body: Node;
  if (r.grammar.arrays && peekReserved(r) === '{') {
    r.pos++;
    body = inner(r, '}');
    close(r, '}');
  } else body = doGroup(r);
  return node(r, start, { t: kind, name: name ?? word.raw, body, redirs: redirections(r), ...(words && { words }) });
}

function arithFor(r: Reader, start: number): Node {
  const text = arithText(r, r.pos + 2);
  const parts = text?.split(';');
  if (text === null || parts?.length !== 3) unexpected(r);
  const line = lineAt(r, r.pos);
  r.pos += text.length + 4;
  if (peekOperator(r) === ';') r.pos++;
  skipNewlines(r);
  let body: Node;
  if (peekReserved(r) === '{') {
    r.pos++;
    body = inner(r, '}');
    close(r, '}');
  } else body = doGroup(r);
  const [init, test, update] = parts.map((p) => dqText(p, r, line, false)) as [Word, Word, Word];
  return node(r, start, { t: 'cfor', init, test, update, body, redirs: redirections(r) });
}

function caseCommand(r: Reader, start: number): Node {
  r.pos += 4;
  skipBlank(r);
  const word = readWord(r);
  if (word.raw === '') unexpected(r, atEnd(r) ? 'word' : undefined);
  skipNewlines(r);
  close(r, 'in');
  const items: CaseItem[] = [];
  for (;;) {
    skipNewlines(r);
    if (take(r, 'esac')) break;
    if (peekOperator(r) === '(') r.pos++;
    const patterns: Word[] = [];
    for (;;) {
      skipBlank(r);
      const pattern = readWord(r);
      if (pattern.raw === '') unexpected(r, atEnd(r) ? ')' : undefined);
      patterns.push(pattern);
      const op = peekOperator(r);
      if (op === '|') r.pos++;
      else if (op === ')') {
        r.pos++;
        break;
      } else unexpected(r, ')');
    }
    const body = list(r, true);
    const op = peekOperator(r);
    if (op === ';;' || op === ';&' || op === ';;&') {
      r.pos += op.length;
      items.push({ patterns, body, end: op });
    } else {
      items.push({ patterns, body, end: ';;' });
      if (!take(r, 'esac')) unexpected(r, ';;');
      break;
    }
  }
  return node(r, start, { t: 'case', word, items, redirs: redirections(r) });
}

/** Behind "name()" or "function name": a compound command with its redirections. */
export function functionBody(r: Reader, start: number, name: string): Node {
  if (!r.grammar.arrays && !/^[A-Za-z_]\w*$/.test(name) && !/^[^=$`'"\\]+$/.test(name))
    fail(r, { kind: 'functionName', word: name }, start);
  skipNewlines(r);
  const body = compound(r);
  if (body === null || body.t === 'function') unexpected(r);
  return node(r, start, { t: 'function', name, body });
}
