/**
 * expr: an expression of the command line, by precedence from | to :.
 *
 * Source: expr(1) of coreutils 9.10, BusyBox 1.38's coreutils/expr.c.
 */

import { compileRegex, RegexError } from '../../base/posix/regex';
import type { Make } from '../command';
import { quote } from '../io';
import { tool } from '../tool';

class ExprError extends Error {}
/** expr: precedence climbs from | to :. */
export const expr: Make = (flavour) =>
  tool(
    {
      main(x) {
        const gnu = flavour === 'gnu';
        const args = x.argv.slice(x.argv[1] === '--' ? 2 : 1);
        if (args.length === 0) {
          x.fail(gnu ? 'missing operand' : 'too few arguments');
          if (gnu) x.err(`Try '${x.name} --help' for more information.\n`);
          return 2;
        }
        let at = 0;
        const missing = () =>
          new ExprError(gnu ? `syntax error: missing argument after ${quote(x, args[at - 1] as string)}` : 'syntax error');
        const next = () => {
          if (at >= args.length) throw missing();
          return args[at++] as string;
        };
        const isNull = (v: string) => v === '' || /^-?0+$/.test(v);
        const number = (v: string) => {
          if (!/^-?\d+$/.test(v)) throw new ExprError(gnu ? 'non-integer argument' : 'non-numeric argument');
          return BigInt(v);
        };
        const match = (text: string, pattern: string): string => {
          const r = compileRegex(pattern, { syntax: 'bre' });
          const m = compileRegex(`^${pattern.replace(/^\^/, '')}`, { syntax: 'bre' }).exec(text);
          if (r.groups > 0) return m && (m[2] as number) >= 0 ? text.slice(m[2], m[3]) : '';
          return m ? `${(m[1] as number) - (m[0] as number)}` : '0';
        };
        const primary = (): string => {
          const w = next();
          if (w === '(') {
            const v = or();
            if (args[at] !== ')')
              throw new ExprError(
                gnu
                  ? at >= args.length
                    ? `syntax error: expecting ')' after ${quote(x, args[at - 1] as string)}`
                    : `syntax error: expecting ')' instead of ${quote(x, args[at] as string)}`
                  : 'syntax error',
              );
            at++;
            return v;
          }
          if (w === ')') throw new ExprError(gnu ? "syntax error: unexpected ')'" : 'syntax error');
          if (at < args.length) {
            if (w === '+' && gnu) return next();
            if (w === 'length') return `${primary().length}`;
            if (w === 'match') return match(primary(), primary());
            if (w === 'index') {
              const [text, set] = [primary(), primary()];
              const i = [...text].findIndex((c) => set.includes(c));
              return `${i + 1}`;
            }
            if (w === 'substr') {
              const [text, from, length] = [primary(), Number(primary()), Number(primary())];
              return from >= 1 && length >= 1 ? text.slice(from - 1, from - 1 + length) : '';
            }
          }
          return w;
        };
        const level = (ops: string[], inner: () => string, apply: (op: string, a: string, b: string) => string) => () => {
          let v = inner();
          while (at < args.length && ops.includes(args[at] as string)) {
            const op = args[at++] as string;
            if (at >= args.length) throw missing();
            v = apply(op, v, inner());
          }
          return v;
        };
        const colon = level([':'], primary, (_op, a, b) => match(a, b));
        const times = level(['*', '/', '%'], colon, (op, a, b) => {
          const [l, r] = [number(a), number(b)];
          if (op !== '*' && r === 0n) throw new ExprError('division by zero');
          return `${op === '*' ? l * r : op === '/' ? l / r : l % r}`;
        });
        const plus = level(['+', '-'], times, (op, a, b) => `${op === '+' ? number(a) + number(b) : number(a) - number(b)}`);
        const compare = level(['<', '<=', '=', '==', '!=', '>=', '>'], plus, (op, a, b) => {
          const both = /^-?\d+$/.test(a) && /^-?\d+$/.test(b);
          const order = both ? (BigInt(a) < BigInt(b) ? -1 : BigInt(a) > BigInt(b) ? 1 : 0) : a < b ? -1 : a > b ? 1 : 0;
          return {
            '<': order < 0,
            '<=': order <= 0,
            '=': order === 0,
            '==': order === 0,
            '!=': order !== 0,
            '>=': order >= 0,
            '>': order > 0,
          }[op]
            ? '1'
            : '0';
        });
        const and = level(['&'], compare, (_op, a, b) => (isNull(a) || isNull(b) ? '0' : a));
        const or: () => string = level(['|'], and, (_op, a, b) => (isNull(a) ? (isNull(b) ? '0' : b) : a));
        try {
          const v = or();
          if (at < args.length)
            throw new ExprError(gnu ? `syntax error: unexpected argument ${quote(x, args[at] as string)}` : 'syntax error');
          x.out(`${v}\n`);
          return isNull(v) ? 1 : 0;
        } catch (e) {
          if (!(e instanceof ExprError) && !(e instanceof RegexError)) throw e;
          x.fail(e.message);
          return 2;
        }
      },
    },
    flavour,
  );
