/**
 * Words: quoting and expansions, from text to parts.
 *
 *   a"b $x"'c'$(d)      lit a, dq[lit b␣, param x], quoted c, cmd d
 *
 * Source: POSIX "Shell Command Language" 2.2 Quoting, 2.6 Word Expansions; bash(1) QUOTING, EXPANSION.
 */

import { ansiC } from './ansi';
import type { Param, ParamOp, Part, Word } from './ast';
import { parseBody } from './parse';
import { fail, lineAt, nested, type Reader, reader } from './reader';

const BLANK = ' \t\n';
const META = ' \t\n;&|()<>';
const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const EXTGLOB = '?*+@!';

export function matchAt(re: RegExp, s: string, pos: number): string | null {
  re.lastIndex = pos;
  const m = re.exec(s);
  return m === null ? null : m[0];
}

/** Adds a character to the last literal, or starts one. */
function lit(parts: Part[], s: string): void {
  const last = parts.at(-1);
  if (last?.t === 'lit') parts[parts.length - 1] = { t: 'lit', s: last.s + s };
  else parts.push({ t: 'lit', s });
}

interface Stop {
  /** Unquoted characters that end the word. */
  at: string;
  /** Inside "…" or a here-document: blanks, quotes and patterns are plain. */
  inDq?: boolean;
  /** With inDq: a double quote is plain (here-documents, arithmetic). */
  plainDq?: boolean;
  /** Parentheses balance (regular expressions and arithmetic of [[ and (( )). */
  parens?: boolean;
}

/** A word of a command, ended by a blank or an operator. Empty parts: there is none here. */
export function readWord(r: Reader, extglob = r.extglob): Word {
  const start = r.pos;
  const parts = readParts(r, { at: META }, extglob);
  return { parts, raw: r.src.slice(start, r.pos) };
}

/** A regular expression behind =~: parentheses and bars belong to it. */
export function readRegexWord(r: Reader): Word {
  const start = r.pos;
  const parts = readParts(r, { at: BLANK, parens: true }, false);
  return { parts, raw: r.src.slice(start, r.pos) };
}

/** Text in which only $, ` and \ are special: a here-document's body, an arithmetic expression. */
export function dqText(src: string, r: Reader, line: number, plainDq = true): Word {
  const inner: Reader = { ...reader(src, line, r.grammar, r.extglob), depth: r.depth, nodes: [] };
  const parts = readParts(inner, { at: '', inDq: true, plainDq }, false);
  return { parts, raw: src };
}

function readParts(r: Reader, stop: Stop, extglob: boolean): Part[] {
  const parts: Part[] = [];
  let depth = 0;
  while (r.pos < r.src.length) {
    const c = r.src[r.pos]!;
    if (depth === 0 && stop.at.includes(c)) {
      const proc = (c === '<' || c === '>') && !stop.inDq && r.grammar.procSubst && r.src[r.pos + 1] === '(';
      if (!proc) break;
      const line = lineAt(r, r.pos);
      r.pos += 2;
      parts.push({ t: 'proc', dir: c, src: commandUntilParen(r), line });
      continue;
    }
    if (depth > 0 && stop.parens && BLANK.includes(c) && c === '\n') break;
    if (c === '\\') {
      if (r.src[r.pos + 1] === '\n') {
        r.pos += 2;
        continue;
      }
      if (r.pos + 1 >= r.src.length) {
        lit(parts, '\\');
        r.pos++;
        continue;
      }
      const next = r.src[r.pos + 1]!;
      if (!stop.inDq) parts.push({ t: 'quoted', s: next });
      else if (next === '$' || next === '`' || next === '\\' || (next === '"' && !stop.plainDq) || (next === '}' && stop.at === '}'))
        parts.push({ t: 'quoted', s: next });
      else parts.push({ t: 'quoted', s: `\\${next}` });
      r.pos += 2;
    } else if (c === "'" && !stop.inDq) {
      const end = r.src.indexOf("'", r.pos + 1);
      if (end < 0) fail(r, { kind: 'quote', want: "'", openLine: lineAt(r, r.pos) }, r.src.length);
      parts.push({ t: 'quoted', s: r.src.slice(r.pos + 1, end) });
      r.pos = end + 1;
    } else if (c === '"' && !(stop.inDq && stop.plainDq)) {
      parts.push(doubleQuoted(r));
    } else if (c === '$') {
      readDollar(r, parts, stop.inDq === true);
    } else if (c === '`') {
      parts.push(backquoted(r, stop.inDq === true && !stop.plainDq));
    } else if (!stop.inDq && extglob && EXTGLOB.includes(c) && r.src[r.pos + 1] === '(') {
      depth++;
      lit(parts, `${c}(`);
      r.pos += 2;
    } else {
      if (c === '(' && (depth > 0 || stop.parens)) depth++;
      if (c === ')' && (depth > 0 || stop.parens)) {
        if (depth === 0) break;
        depth--;
      }
      lit(parts, c);
      r.pos++;
    }
  }
  return parts;
}

function doubleQuoted(r: Reader): Part {
  const open = r.pos++;
  const parts = nested(r, () => readParts(r, { at: '"', inDq: true }, false));
  if (r.src[r.pos] !== '"') fail(r, { kind: 'quote', want: '"', openLine: lineAt(r, open) }, r.src.length);
  r.pos++;
  return { t: 'dq', parts };
}

/** `…`: one level of backslashes is taken off before the text is parsed. */
function backquoted(r: Reader, inDq: boolean): Part {
  const open = r.pos;
  let src = '';
  let i = open + 1;
  for (; r.src[i] !== '`'; i++) {
    if (i >= r.src.length) fail(r, { kind: 'quote', want: '`', openLine: lineAt(r, open) }, r.src.length);
    const next = r.src[i + 1];
    if (r.src[i] === '\\' && (next === '`' || next === '\\' || next === '$' || (inDq && next === '"'))) i++;
    src += r.src[i] ?? '';
  }
  r.pos = i + 1;
  return { t: 'cmd', src, line: lineAt(r, open) };
}

/** Behind "$(": the text up to the parenthesis that closes it, found by parsing what is inside. */
function commandUntilParen(r: Reader): string {
  const start = r.pos;
  const open = lineAt(r, start);
  const inner: Reader = { ...reader(r.src, r.base, r.grammar, r.extglob), pos: start, depth: r.depth };
  nested(inner, () => parseBody(inner, ')', open));
  r.pos = inner.pos + 1;
  return r.src.slice(start, inner.pos);
}

function readDollar(r: Reader, parts: Part[], inDq: boolean): void {
  const next = r.src[r.pos + 1] ?? '';
  if (next === '(') {
    if (r.src[r.pos + 2] === '(') {
      const expr = arithText(r, r.pos + 3);
      if (expr !== null) {
        parts.push({ t: 'arith', expr: nested(r, () => dqText(expr, r, lineAt(r, r.pos), false)) });
        r.pos += expr.length + 5;
        return;
      }
    }
    const line = lineAt(r, r.pos);
    r.pos += 2;
    parts.push({ t: 'cmd', src: commandUntilParen(r), line });
  } else if (next === '{') {
    parts.push(nested(r, () => braced(r, inDq)));
  } else if (next === "'" && !inDq && r.grammar.ansiQuotes) {
    let end = r.pos + 2;
    while (end < r.src.length && r.src[end] !== "'") end += r.src[end] === '\\' ? 2 : 1;
    if (end >= r.src.length) fail(r, { kind: 'quote', want: "'", openLine: lineAt(r, r.pos) }, r.src.length);
    parts.push({ t: 'quoted', s: ansiC(r.src.slice(r.pos + 2, end)) });
    r.pos = end + 1;
  } else if (next === '"' && !inDq && r.grammar.localeQuotes) {
    r.pos++;
    parts.push(doubleQuoted(r));
  } else if (next === '[' && r.grammar.arrays) {
    const end = closing(r.src, r.pos + 2, '[', ']');
    if (end < 0) fail(r, { kind: 'quote', want: ']', openLine: lineAt(r, r.pos) }, r.src.length);
    const expr = r.src.slice(r.pos + 2, end);
    parts.push({ t: 'arith', expr: nested(r, () => dqText(expr, r, lineAt(r, r.pos), false)) });
    r.pos = end + 1;
  } else {
    const name = matchAt(NAME, r.src, r.pos + 1) ?? (/[0-9@*#?$!-]/.test(next) && next !== '' ? next : null);
    if (name === null) {
      lit(parts, '$');
      r.pos++;
      return;
    }
    parts.push({ t: 'param', name, raw: `$${name}` });
    r.pos += 1 + name.length;
  }
}

function closing(s: string, from: number, open: string, close: string): number {
  let depth = 1;
  for (let i = from; i < s.length; i++) {
    if (s[i] === '\\') i++;
    else if (s[i] === open) depth++;
    else if (s[i] === close && --depth === 0) return i;
  }
  return -1;
}

/** The text between "((" and "))" from `start`, or null if these are two parentheses of commands. */
export function arithText(r: Reader, start: number): string | null {
  let depth = 0;
  for (let i = start; i < r.src.length; i++) {
    const c = r.src[i];
    if (c === '\\') i++;
    else if (c === "'" || c === '"') {
      const end = r.src.indexOf(c, i + 1);
      if (end < 0) return null;
      i = end;
    } else if (c === '(') depth++;
    else if (c === ')') {
      if (depth > 0) depth--;
      else return r.src[i + 1] === ')' ? r.src.slice(start, i) : null;
    }
  }
  return null;
}

const OPERATORS: readonly ParamOp[] = [':-', ':=', ':+', ':?', '##', '%%', '-', '=', '+', '?', '#', '%'];

/** ${…}, from the dollar sign. */
function braced(r: Reader, inDq: boolean): Param {
  const start = r.pos;
  const openLine = lineAt(r, start);
  const g = r.grammar;
  r.pos += 2;
  const done = (p: Omit<Param, 't' | 'raw'>): Param => {
    if (r.src[r.pos] !== '}') {
      // Not an expansion: it is read to its end, and refused only when it is expanded.
      readParts(r, { at: '}', inDq }, false);
      if (r.src[r.pos] !== '}') fail(r, { kind: 'quote', want: '}', openLine }, r.src.length);
      r.pos++;
      return { t: 'param', name: p.name, op: 'bad', raw: r.src.slice(start, r.pos) };
    }
    r.pos++;
    return { t: 'param', ...p, raw: r.src.slice(start, r.pos) };
  };
  const operand = (at: string, patternLike: boolean): Word => {
    const from = r.pos;
    const parts = nested(r, () => readParts(r, { at, inDq: inDq && !patternLike }, false));
    return { parts, raw: r.src.slice(from, r.pos) };
  };
  const p: Omit<Param, 't' | 'raw'> = { name: '' };
  const after = r.src[r.pos + 1] ?? '';
  if (r.src[r.pos] === '#' && after !== '}' && /[A-Za-z0-9_@*#?$!-]/.test(after) && !(/[#?-]/.test(after) && r.src[r.pos + 2] !== '}')) {
    p.length = true;
    r.pos++;
  } else if (r.src[r.pos] === '!' && /[A-Za-z0-9_@*#?$!-]/.test(after) && g.transforms) {
    p.indirect = true;
    r.pos++;
  }
  const name = matchAt(NAME, r.src, r.pos) ?? matchAt(/\d+|[@*#?$!-]/y, r.src, r.pos);
  if (name === null) return done({ name: '', op: 'bad' });
  p.name = name;
  r.pos += name.length;
  if (r.src[r.pos] === '[' && g.arrays) {
    const end = closing(r.src, r.pos + 1, '[', ']');
    if (end < 0) fail(r, { kind: 'quote', want: '}', openLine }, r.src.length);
    p.index = subscript(r, r.src.slice(r.pos + 1, end));
    r.pos = end + 1;
  }
  if (r.src[r.pos] === '}' || p.length) return done(p);
  if (p.indirect && (r.src[r.pos] === '*' || r.src[r.pos] === '@') && r.src[r.pos + 1] === '}') {
    p.op = r.src[r.pos] === '*' ? 'names*' : 'names@';
    r.pos++;
    return done(p);
  }
  const op = OPERATORS.find((o) => r.src.startsWith(o, r.pos));
  if (op !== undefined) {
    r.pos += op.length;
    return done({ ...p, op, arg: operand('}', op[0] === '#' || op[0] === '%') });
  }
  const c = r.src[r.pos]!;
  if (c === '/' && g.substring) {
    r.pos++;
    const kind = r.src[r.pos];
    const full: ParamOp = kind === '/' ? '//' : kind === '#' ? '/#' : kind === '%' ? '/%' : '/';
    if (full !== '/') r.pos++;
    const arg = operand('/}', true);
    if (r.src[r.pos] !== '/') return done({ ...p, op: full, arg });
    r.pos++;
    return done({ ...p, op: full, arg, arg2: operand('}', true) });
  }
  if (c === ':' && g.substring) {
    r.pos++;
    return done({ ...p, op: ':', arg: operand('}', false) });
  }
  if ((c === '^' || c === ',') && g.transforms) {
    const full = (r.src[r.pos + 1] === c ? c + c : c) as ParamOp;
    r.pos += full.length;
    return done({ ...p, op: full, arg: operand('}', true) });
  }
  if (c === '@' && g.transforms) {
    r.pos++;
    return done({ ...p, op: '@', arg: operand('}', true) });
  }
  return done({ name, op: 'bad' });
}

/** The text between brackets of a[…]: quotes are taken off, expansions are made. */
export function subscript(r: Reader, src: string): Word {
  const inner: Reader = { ...reader(src, r.base, r.grammar, false), depth: r.depth };
  return { parts: nested(inner, () => readParts(inner, { at: '' }, false)), raw: src };
}
