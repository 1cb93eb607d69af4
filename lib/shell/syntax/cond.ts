/**
 * [[ … ]]: conditional expressions as syntax.
 *
 *   or → and (|| and)*    and → not (&& not)*    not → ! not | ( or ) | word op word | -op word | word
 *
 * Source: bash(1) CONDITIONAL EXPRESSIONS; parse.y, cond_expr.
 */

import { type CondExpr, literal, type Word } from './ast';
import { atEnd, peekOperator, skipBlank, skipNewlines } from './parse';
import { fail, nested, type Reader } from './reader';
import { readRegexWord, readWord } from './word';

const UNARY = /^-[abcdefghknoprstuvwxzGLNORS]$/;
const BINARY: ReadonlySet<string> = new Set(['=', '==', '!=', '=~', '-eq', '-ne', '-lt', '-le', '-gt', '-ge', '-nt', '-ot', '-ef']);

/** From behind "[[" to behind "]]". */
export function condition(r: Reader, openLine: number): CondExpr {
  r.open.push({ word: '[[', line: openLine });
  const expr = or(r);
  skipNewlines(r);
  if (peekWord(r) !== ']]') refuse(r, 'syntax error in conditional expression');
  r.pos += 2;
  r.open.pop();
  return expr;
}

function refuse(r: Reader, message: string): never {
  skipBlank(r);
  if (atEnd(r)) fail(r, { kind: 'eof', open: { word: '[[', line: r.open.at(-1)?.line ?? r.base } });
  const at = r.pos;
  const token = peekOperator(r) ?? readWord(r).raw;
  fail(r, { kind: 'cond', message, token }, at);
}

function peekWord(r: Reader): string | null {
  skipBlank(r);
  const at = r.pos;
  if (atEnd(r)) return null;
  const raw = readWord(r).raw;
  r.pos = at;
  return raw;
}

function or(r: Reader): CondExpr {
  let left = and(r);
  for (skipNewlines(r); peekOperator(r) === '||'; skipNewlines(r)) {
    r.pos += 2;
    left = { t: 'or', left, right: and(r) };
  }
  return left;
}

function and(r: Reader): CondExpr {
  let left = not(r);
  for (skipNewlines(r); peekOperator(r) === '&&'; skipNewlines(r)) {
    r.pos += 2;
    left = { t: 'and', left, right: not(r) };
  }
  return left;
}

function not(r: Reader): CondExpr {
  return nested(r, () => {
    skipNewlines(r);
    if (peekOperator(r) === '(') {
      r.pos++;
      const expr = or(r);
      skipNewlines(r);
      if (peekOperator(r) !== ')') refuse(r, "unexpected token, expected `)'");
      r.pos++;
      return expr;
    }
    if (peekWord(r) === '!') {
      r.pos++;
      return { t: 'not', expr: not(r) };
    }
    return term(r);
  });
}

function term(r: Reader): CondExpr {
  const first = word(r);
  if (first.raw === ']]' || first.raw === '') {
    r.pos -= first.raw.length;
    refuse(r, 'syntax error in conditional expression');
  }
  const op = literal(first);
  if (op !== null && UNARY.test(op)) {
    const next = peekWord(r);
    if (next !== ']]' && next !== null && next !== '' && !BINARY.has(next)) return { t: 'unary', op, arg: word(r) };
    if (next === ']]') refuse(r, "unexpected argument `]]' to conditional unary operator");
  }
  const angle = peekOperator(r);
  if (angle === '<' || angle === '>') {
    r.pos++;
    return { t: 'binary', op: angle, left: first, right: word(r) };
  }
  const binary = peekWord(r);
  if (binary !== null && BINARY.has(binary)) {
    r.pos += binary.length;
    if (peekWord(r) === ']]') refuse(r, "unexpected argument `]]' to conditional binary operator");
    skipBlank(r);
    return { t: 'binary', op: binary, left: first, right: binary === '=~' ? readRegexWord(r) : word(r) };
  }
  if (binary !== null && binary !== ']]' && binary !== '' && peekOperator(r) === null) refuse(r, 'conditional binary operator expected');
  if (atEnd(r)) fail(r, { kind: 'cond', message: "unexpected token `newline', conditional binary operator expected", token: first.raw });
  return { t: 'word', arg: first };
}

function word(r: Reader): Word {
  skipBlank(r);
  return readWord(r, true);
}
