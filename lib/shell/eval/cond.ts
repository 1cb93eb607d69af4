/**
 * [[ … ]] evaluated: patterns, regular expressions, arithmetic, files. bash(1) CONDITIONAL EXPRESSIONS.
 */

import { compareFiles, compileRegex, fileTest, globMatch, quoteRegex, RegexError } from '../../base/posix';
import { evaluate } from '../expand/arith';
import { type Expander, expandPattern, expandPieces, expandString } from '../expand/word';
import { files } from '../files';
import { Failure, prefix, put } from '../message';
import { has, option, shopt } from '../state';
import type { CondExpr } from '../syntax/ast';
import { assignArray, value } from '../vars';

/** 0 true, 1 false, 2 a mistake. */
export function testCond(x: Expander, e: CondExpr): number {
  const { sh } = x;
  switch (e.t) {
    case 'not': {
      const n = testCond(x, e.expr);
      return n === 2 ? 2 : 1 - n;
    }
    case 'and': {
      const n = testCond(x, e.left);
      return n === 0 ? testCond(x, e.right) : n;
    }
    case 'or': {
      const n = testCond(x, e.left);
      return n === 1 ? testCond(x, e.right) : n;
    }
    case 'word':
      return expandString(x, e.arg) === '' ? 1 : 0;
    case 'unary': {
      const s = expandString(x, e.arg);
      traceCond(x, `${e.op} ${s}`);
      switch (e.op) {
        case '-z':
          return s === '' ? 0 : 1;
        case '-n':
          return s === '' ? 1 : 0;
        case '-v':
          return isSet(x, s) ? 0 : 1;
        case '-o':
          return option(sh, s) ? 0 : 1;
        case '-R':
          return has(sh.s.vars, s) && sh.s.vars[s]!.nameref ? 0 : 1;
        default:
          return fileTest(files(sh), e.op, s) ? 0 : 1;
      }
    }
    case 'binary':
      return binary(x, e);
  }
}

function traceCond(x: Expander, text: string): void {
  if (option(x.sh, 'xtrace')) put(x.sh, 2, `${value(x.sh, 'PS4') ?? '+ '}[[ ${text} ]]\n`);
}

export function isSet(x: Pick<Expander, 'sh'>, name: string): boolean {
  return value(x.sh, name) !== undefined;
}

function binary(x: Expander, e: CondExpr & { t: 'binary' }): number {
  const { sh } = x;
  const left = expandString(x, e.left);
  const icase = shopt(sh, 'nocasematch');
  traceCond(x, `${left} ${e.op} ${expandString(x, e.right)}`);
  switch (e.op) {
    case '=':
    case '==':
      return globMatch(expandPattern(x, e.right), left, { extended: true, icase }) ? 0 : 1;
    case '!=':
      return globMatch(expandPattern(x, e.right), left, { extended: true, icase }) ? 1 : 0;
    case '=~': {
      const pattern = expandPieces(x, e.right, false)
        .map((p) => (p.quoted ? quoteRegex(p.s, 'ere') : p.s))
        .join('');
      try {
        const found = compileRegex(pattern, { syntax: 'ere', icase }).exec(left);
        const groups: { value: string }[] = [];
        if (found !== null)
          for (let i = 0; i < found.length; i += 2) groups.push({ value: found[i]! < 0 ? '' : left.slice(found[i], found[i + 1]) });
        assignArray(sh, 'BASH_REMATCH', groups, false);
        return found === null ? 1 : 0;
      } catch (err) {
        if (!(err instanceof RegexError)) throw err;
        put(sh, 2, `${prefix(sh, '')}[[: invalid regular expression \`${pattern}': ${err.message}\n`);
        return 2;
      }
    }
    case '<':
      return left < expandString(x, e.right) ? 0 : 1;
    case '>':
      return left > expandString(x, e.right) ? 0 : 1;
    case '-nt':
    case '-ot':
    case '-ef':
      return compareFiles(files(sh), e.op, left, expandString(x, e.right)) ? 0 : 1;
    default: {
      const right = expandString(x, e.right);
      const number = (s: string): bigint => {
        try {
          return evaluate(sh, s);
        } catch (err) {
          if (err instanceof Failure && !err.exits) throw new Failure(err.message.replace(/^(.*?line \d+: |[^:]*: )/, '$1[[: '), 1, false);
          throw err;
        }
      };
      const [a, b] = [number(left), number(right)];
      const ok =
        e.op === '-eq'
          ? a === b
          : e.op === '-ne'
            ? a !== b
            : e.op === '-lt'
              ? a < b
              : e.op === '-le'
                ? a <= b
                : e.op === '-gt'
                  ? a > b
                  : a >= b;
      return ok ? 0 : 1;
    }
  }
}
