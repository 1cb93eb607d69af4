/**
 * Parameter expansion: $x, ${x:-word}, ${x##pattern}, ${x/a/b}, ${a[@]:1:2}, ${!x} and the rest.
 *
 * Source: POSIX "Shell Command Language" 2.6.2; bash(1) Parameter Expansion.
 */

import { decode, encode } from '../../base';
import { compileGlob, globMatch } from '../../base/posix';
import { Failure, prefix } from '../message';
import { option, type Shell, shopt } from '../state';
import { ansiC } from '../syntax/ansi';
import type { Param, Word } from '../syntax/ast';
import { arrayIndex, assign, assignElement, elements, optionLetters, resolve, value, variable } from '../vars';
import { evaluate } from './arith';
import type { Fields } from './fields';
import { isPattern } from './glob';
import { prompt } from './prompt';
import { lengthOf, quoted } from './quote';
import {
  type Context,
  type Expander,
  emit,
  expandPattern,
  expandPieces,
  expandQuoted,
  expandString,
  ifs,
  result,
  resultList,
} from './word';

type Found = { items: string[]; keys: string[]; star: boolean } | { text: string | undefined };

export function expandParam(x: Expander, f: Fields, p: Param, c: Context): void {
  const { sh } = x;
  if (p.op === 'bad') throw new Failure(`${prefix(sh, '')}${sh.d.badSubstitution(p.raw)}`, sh.d.errorsExit ? 2 : 1, sh.d.errorsExit);
  if (p.op === 'names*' || p.op === 'names@') {
    const names = Object.keys(sh.s.vars)
      .filter((n) => n.startsWith(p.name))
      .sort();
    return resultList(x, f, names, p.op === 'names*', c);
  }
  const found = lookUp(x, p);
  if (p.length) return result(x, f, `${length(sh, p, found)}`, c);
  switch (p.op) {
    case '-':
    case ':-':
    case '+':
    case ':+':
    case '=':
    case ':=':
    case '?':
    case ':?':
      return alternatives(x, f, p, found, c);
    default:
  }
  requireSet(sh, p, found);
  if (p.op === undefined) return give(x, f, found, c);
  if (p.op === ':') return give(x, f, slice(x, p, found), c);
  if (p.op === '@') return give(x, f, transform(x, p, found), c);
  const change = changer(x, p);
  if ('items' in found) return resultList(x, f, found.items.map(change), found.star, c);
  return result(x, f, change(found.text ?? ''), c);
}

function give(x: Expander, f: Fields, found: Found, c: Context): void {
  if ('items' in found) resultList(x, f, found.items, found.star, c);
  else result(x, f, found.text ?? '', c);
}

function requireSet(sh: Shell, p: Param, found: Found): void {
  if (!option(sh, 'nounset') || 'items' in found || found.text !== undefined) return;
  const shown = p.index ? `${p.name}[${p.index.raw}]` : p.indirect ? `!${p.name}` : p.name;
  throw new Failure(
    `${prefix(sh, '')}${sh.d.unset(/^\d+$/.test(shown) && sh.d.name === 'bash' ? `$${shown}` : shown)}`,
    unsetStatus(sh),
    true,
  );
}

/** What a shell exits with over an unset parameter: bash tells a -c string from a script. */
export const unsetStatus = (sh: Shell): number => (sh.d.errorsExit ? 2 : sh.s.mode === 'string' ? 127 : 1);

/** The value or values that a parameter stands for. */
function lookUp(x: Expander, p: Param): Found {
  const { sh } = x;
  if (p.indirect) {
    if (p.index && (p.index.raw === '@' || p.index.raw === '*')) {
      const keys = Object.keys(elements(sh, p.name) ?? {});
      return { items: keys, keys, star: p.index.raw === '*' };
    }
    const v = variable(sh, p.name);
    if (v?.nameref && p.index === undefined) return { text: resolve(sh, p.name) };
    const first = lookUp(x, { ...p, indirect: undefined });
    const target = 'items' in first ? first.items.join(' ') : first.text;
    if (target === undefined || target === '') {
      if (target === undefined && !option(sh, 'nounset'))
        throw new Failure(`${prefix(sh, '')}${p.name}: invalid indirect expansion`, 1, false);
      return { text: undefined };
    }
    const m = /^([A-Za-z_]\w*|\d+|[@*#?$!-])(?:\[(.*)\])?$/s.exec(target);
    if (m === null) throw new Failure(`${prefix(sh, '')}${target}: invalid variable name`, 1, false);
    return lookUp(x, {
      t: 'param',
      name: m[1]!,
      raw: p.raw,
      ...(m[2] !== undefined && { index: { parts: [{ t: 'lit', s: m[2] }], raw: m[2] } }),
    });
  }
  if (p.name === '@' || p.name === '*')
    return { items: [...sh.s.params], keys: sh.s.params.map((_, i) => `${i + 1}`), star: p.name === '*' };
  if (p.index) {
    const all = elements(sh, p.name);
    if (p.index.raw === '@' || p.index.raw === '*')
      return { items: Object.values(all ?? {}), keys: Object.keys(all ?? {}), star: p.index.raw === '*' };
    const key = variable(sh, p.name)?.assoc ? expandString(x, p.index) : arrayIndex(sh, p.name, expandQuoted(x, p.index), all ?? {});
    return { text: all !== null && Object.hasOwn(all, key) ? all[key] : undefined };
  }
  return { text: special(sh, p.name) ?? (/^[A-Za-z_]/.test(p.name) ? value(sh, p.name) : undefined) };
}

/** $?, $#, $1 and the like. */
export function special(sh: Shell, name: string): string | undefined {
  switch (name) {
    case '?':
      return `${sh.s.status}`;
    case '#':
      return `${sh.s.params.length}`;
    case '$':
      return `${sh.s.pid}`;
    case '!':
      return sh.s.lastBackground === 0 ? (sh.d.name === 'bash' ? undefined : '') : `${sh.s.lastBackground}`;
    case '-':
      return optionLetters(sh);
    case '0':
      return sh.s.arg0;
    default:
      return /^\d+$/.test(name) ? sh.s.params[Number(name) - 1] : undefined;
  }
}

export const utf8 = (sh: Shell): boolean => /utf-?8/i.test(value(sh, 'LC_ALL') || value(sh, 'LC_CTYPE') || value(sh, 'LANG') || '');

function length(sh: Shell, p: Param, found: Found): number {
  if ('items' in found) {
    // dash and ash measure "$*" here.
    if (!sh.d.grammar.arrays) return found.items.join(ifs(sh)[0] ?? '').length;
    return found.items.length;
  }
  requireSet(sh, p, found);
  return lengthOf(found.text ?? '', utf8(sh));
}

/** ${x:-word} and its kin. */
function alternatives(x: Expander, f: Fields, p: Param, found: Found, c: Context): void {
  const { sh } = x;
  const op = p.op!;
  const colon = op.length === 2;
  const joined = 'items' in found ? found.items.join(ifs(sh)[0] ?? '') : found.text;
  const isSet = 'items' in found ? found.items.length > 0 : found.text !== undefined;
  const present = isSet && !(colon && joined === '');
  const word = p.arg ?? { parts: [], raw: '' };
  const useWord = () => {
    if (c.quoted && word.parts.length === 0) return result(x, f, '', c);
    emit(x, f, word.parts, { ...c, splitLiterals: c.split && !c.quoted });
  };
  switch (op.at(-1)) {
    case '-':
      return present ? give(x, f, found, c) : useWord();
    case '+':
      return present ? useWord() : c.quoted && !('items' in found) ? result(x, f, '', c) : undefined;
    case '=': {
      if (present) return give(x, f, found, c);
      const text = expandString(x, word);
      if (!/^[A-Za-z_]/.test(p.name)) {
        throw new Failure(
          `${prefix(sh, '')}${sh.d.name === 'bash' ? `$${p.name}: cannot assign in this way` : sh.d.badSubstitution(p.raw)}`,
          sh.d.errorsExit ? 2 : 1,
          sh.d.errorsExit,
        );
      }
      if (p.index) assignElement(sh, p.name, expandString(x, p.index), text);
      else assign(sh, p.name, text);
      return result(x, f, text, c);
    }
    default: {
      if (present) return give(x, f, found, c);
      const shown = p.index ? `${p.name}[${p.index.raw}]` : p.name;
      const said =
        word.raw === ''
          ? colon
            ? sh.d.unsetOrNull(shown)
            : sh.d.name === 'bash'
              ? `${shown}: parameter not set`
              : sh.d.unset(shown)
          : `${shown}: ${expandString(x, word)}`;
      throw new Failure(`${prefix(sh, '')}${said}`, unsetStatus(sh), true);
    }
  }
}

/** ${x:offset:length} */
function slice(x: Expander, p: Param, found: Found): Found {
  const { sh } = x;
  const expr = expandQuoted(x, p.arg!);
  const [from, count] = offsets(expr);
  let start = Number(evaluate(sh, from));
  const fail = (text: string): never => {
    throw new Failure(`${prefix(sh, '')}${text}: substring expression < 0`, 1, false);
  };
  if ('items' in found) {
    const positional = p.name === '@' || p.name === '*';
    const keys = positional ? ['0', ...found.keys] : found.keys;
    const items = positional ? [sh.s.arg0, ...found.items] : found.items;
    if (start < 0) start += Number(keys.at(-1) ?? -1) + 1;
    if (start < 0) return { ...found, items: [] };
    let first = keys.findIndex((k) => Number(k) >= start);
    if (first < 0) first = items.length;
    if (count === undefined) return { ...found, items: items.slice(first) };
    const n = Number(evaluate(sh, count));
    if (n < 0) fail(count);
    return { ...found, items: items.slice(first, first + n) };
  }
  const wide = utf8(sh);
  const chars = wide ? [...decode(found.text ?? '')] : [...(found.text ?? '')];
  const back = (s: string[]) => ({ text: wide ? encode(s.join('')) : s.join('') });
  if (start < 0) start += chars.length;
  if (start < 0 || start > chars.length) return { text: '' };
  if (count === undefined) return back(chars.slice(start));
  const n = Number(evaluate(sh, count));
  const stop = n < 0 ? chars.length + n : start + n;
  if (stop < start) fail(count);
  return back(chars.slice(start, stop));
}

/** Splits "a ? b : c : n" at the colon that is not a conditional's. */
function offsets(expr: string): [string, string | undefined] {
  let depth = 0;
  let tests = 0;
  for (let i = 0; i < expr.length; i++) {
    const c = expr[i];
    if (c === '(' || c === '[') depth++;
    else if (c === ')' || c === ']') depth--;
    else if (c === '?' && depth === 0) tests++;
    else if (c === ':' && depth === 0) {
      if (tests === 0) return [expr.slice(0, i), expr.slice(i + 1)];
      tests--;
    }
  }
  return [expr, undefined];
}

/** What the operator does to one value. */
function changer(x: Expander, p: Param): (s: string) => string {
  const options = { extended: x.sh.d.name === 'bash' && shopt(x.sh, 'extglob') };
  const empty: Word = { parts: [], raw: '' };
  const pattern = expandPattern(x, p.arg ?? empty);
  switch (p.op) {
    case '#':
    case '##':
    case '%':
    case '%%': {
      const test = compileGlob(pattern, options);
      const front = p.op[0] === '#';
      const longest = p.op.length === 2;
      return (s) => {
        for (let i = 0; i <= s.length; i++) {
          const n = longest ? s.length - i : i;
          const cut = front ? s.slice(0, n) : s.slice(s.length - n);
          if (test(cut)) return front ? s.slice(n) : s.slice(0, s.length - n);
        }
        return s;
      };
    }
    case '/':
    case '//':
    case '/#':
    case '/%':
      return replacer(x, p, pattern, options);
    default: {
      const up = p.op![0] === '^';
      const all = p.op!.length === 2;
      return (s) => {
        const change = (c: string, i: number): string =>
          (all || i === 0) && (pattern === '' || globMatch(pattern, c, options)) ? (up ? c.toUpperCase() : c.toLowerCase()) : c;
        const chars = utf8(x.sh) ? [...decode(s)] : null;
        return chars ? encode(chars.map(change).join('')) : [...s].map((c, i) => (c < '\x80' ? change(c, i) : c)).join('');
      };
    }
  }
}

function replacer(x: Expander, p: Param, pattern: string, options: { extended: boolean }): (s: string) => string {
  const pieces = p.arg2 ? expandPieces(x, p.arg2, false) : [];
  const ampersand = x.sh.d.name === 'bash' && pieces.some((q) => !q.quoted && q.s.includes('&'));
  const plain = pieces.map((q) => q.s).join('');
  const put = (match: string): string =>
    ampersand ? pieces.map((q) => (q.quoted ? q.s : q.s.replace(/\\&|&/g, (m) => (m === '&' ? match : '&')))).join('') : plain;
  if (pattern === '') return (s) => (p.op === '/#' ? plain + s : p.op === '/%' ? s + plain : s);
  if (p.op === '/' || p.op === '//') {
    if (!isPattern(pattern, true)) {
      const text = pattern.replace(/\\(.)/gs, '$1');
      return (s) => (p.op === '//' ? s.split(text).join(put(text)) : replaceFirst(s, text, put(text)));
    }
  }
  const test = compileGlob(pattern, options);
  return (s) => {
    let out = '';
    let i = 0;
    while (i <= s.length) {
      let n = -1;
      if (p.op !== '/%') {
        for (let to = s.length; to >= i; to--) {
          if (test(s.slice(i, to))) {
            n = to;
            break;
          }
        }
      } else if (test(s.slice(i))) n = s.length;
      if (n >= 0 && (n > i || p.op === '/#' || p.op === '/%')) {
        out += put(s.slice(i, n));
        i = n;
        if (p.op !== '//') return out + s.slice(i);
        continue;
      }
      if (p.op === '/#') return s;
      out += s[i] ?? '';
      i++;
    }
    return out;
  };
}

const replaceFirst = (s: string, text: string, by: string): string => {
  const at = s.indexOf(text);
  return at < 0 ? s : s.slice(0, at) + by + s.slice(at + text.length);
};

/** ${x@Q} and the other letters. */
function transform(x: Expander, p: Param, found: Found): Found {
  const { sh } = x;
  const letter = p.arg!.raw;
  const each = (change: (s: string) => string): Found =>
    'items' in found ? { ...found, items: found.items.map(change) } : { text: found.text === undefined ? undefined : change(found.text) };
  const v = variable(sh, p.name);
  const flags = [
    v?.array && 'a',
    v?.assoc && 'A',
    v?.integer && 'i',
    v?.lower && 'l',
    v?.nameref && 'n',
    v?.readonly && 'r',
    v?.upper && 'u',
    v?.exported && 'x',
  ]
    .filter(Boolean)
    .join('');
  switch (letter) {
    case 'Q':
      return each(quoted);
    case 'E':
      return each(ansiC);
    case 'U':
      return each((s) => s.toUpperCase());
    case 'L':
      return each((s) => s.toLowerCase());
    case 'u':
      return each((s) => s.slice(0, 1).toUpperCase() + s.slice(1));
    case 'P':
      return each((s) => prompt(sh, s));
    case 'a':
      return { text: flags };
    case 'A':
      return {
        text:
          'items' in found
            ? `declare -${flags || '-'} ${p.name}=(${found.items.map((s, i) => `[${found.keys[i]}]=${quoted(s)}`).join(' ')})`
            : found.text === undefined
              ? undefined
              : flags === ''
                ? `${p.name}=${quoted(found.text)}`
                : `declare -${flags} ${p.name}=${quoted(found.text)}`,
      };
    case 'K':
    case 'k':
      return 'items' in found
        ? letter === 'k'
          ? { ...found, items: found.items.flatMap((s, i) => [found.keys[i]!, s]) }
          : { text: found.items.map((s, i) => `${found.keys[i]} "${s}"`).join(' ') }
        : each(quoted);
    default:
      throw new Failure(`${prefix(sh, '')}${sh.d.badSubstitution(p.raw)}`, 1, false);
  }
}
