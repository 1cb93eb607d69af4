/**
 * find's expression: words → a tree of tests and actions.
 *
 *   -name '*.c' -o -type d -print   →   or(name, and(type, print))
 *
 * Source: find(1) of findutils 4.11, BusyBox 1.38's findutils/find.c.
 */

import type { FileType } from '../../kernel';
import { parseMode } from '../mode';

/** +N, -N or N. */
export interface Amount {
  sign: '' | '+' | '-';
  n: number;
}
export type Node =
  | { op: 'and' | 'or' | 'comma'; left: Node; right: Node }
  | { op: 'not'; of: Node }
  | { op: 'true' | 'false' | 'empty' | 'nouser' | 'nogroup' | 'readable' | 'writable' | 'executable' }
  | { op: 'name' | 'path'; pattern: string; icase: boolean }
  | { op: 'lname'; pattern: string; icase: boolean }
  | { op: 'regex'; pattern: string; icase: boolean }
  | { op: 'type' | 'xtype'; types: FileType[] }
  | { op: 'size'; amount: Amount; unit: number }
  | { op: 'age'; of: 'mtime' | 'atime' | 'ctime'; amount: Amount; unit: number }
  | { op: 'newer'; file: string; than: 'mtime' | 'atime' | 'ctime'; of: 'mtime' | 'atime' | 'ctime' }
  | { op: 'perm'; how: 'exact' | 'all' | 'any'; mode: number }
  | { op: 'user' | 'group'; who: string }
  | { op: 'uid' | 'gid' | 'links' | 'inum'; amount: Amount }
  | { op: 'samefile'; file: string }
  | { op: 'print'; end: string }
  | { op: 'ls' | 'delete' | 'prune' | 'quit' }
  | { op: 'printf'; format: string }
  | { op: 'exec'; argv: string[]; many: boolean; inDir: boolean; ask: boolean; key: number };

export interface Plan {
  node: Node;
  minDepth: number;
  maxDepth: number;
  depth: boolean;
  mount: boolean;
  /** No action but -prune: what matches is printed. */
  silent: boolean;
}

export class FindError extends Error {}

const TYPES: Readonly<Record<string, FileType>> = { f: 'file', d: 'dir', l: 'symlink', c: 'char', b: 'block', p: 'fifo', s: 'socket' };
const UNITS: Readonly<Record<string, number>> = { c: 1, w: 2, b: 512, k: 1024, M: 1048576, G: 1073741824, '': 512 };

/** What BusyBox knows, as Debian builds it. */
const BUSYBOX = new Set(
  '-name -iname -path -ipath -regex -type -executable -perm -mtime -atime -ctime -mmin -amin -cmin -newer -inum -samefile -user -group -size -links -empty -print -print0 -exec -ok -prune -quit -depth -maxdepth -mindepth -xdev -mount -follow -L -a -o -not -and -or'.split(
    ' ',
  ),
);

/** Parses the words after the starting points. */
export function parseFind(words: readonly string[], gnu: boolean, quote: (text: string) => string): Plan {
  let at = 0;
  const plan: Plan = { node: { op: 'true' }, minDepth: 0, maxDepth: Number.POSITIVE_INFINITY, depth: false, mount: false, silent: false };
  let acts = false;
  let key = 0;
  const value = (option: string): string => {
    const v = words[at++];
    if (v === undefined) throw new FindError(gnu ? `missing argument to \`${option}'` : `${option} requires an argument`);
    return v;
  };
  const amount = (option: string, pattern = /^([-+]?)(\d+)$/): RegExpExecArray => {
    const text = value(option);
    const m = pattern.exec(text);
    if (!m)
      throw new FindError(
        gnu
          ? option === '-size'
            ? `invalid -size type \`${text.slice(-1)}'`
            : `invalid argument \`${text}' to \`${option}'`
          : `invalid number '${text}'`,
      );
    return m;
  };
  const amountOf = (m: RegExpExecArray): Amount => ({ sign: m[1] as '', n: Number(m[2]) });

  const primary = (): Node => {
    const w = words[at++] as string;
    if (!gnu && w.startsWith('-') && !BUSYBOX.has(w)) throw new FindError(`unrecognized: ${w}`);
    switch (w) {
      case '(': {
        if (words[at] === ')') throw new FindError(gnu ? 'invalid expression; empty parentheses are not allowed.' : "unmatched '('");
        const inner = comma();
        if (words[at] !== ')')
          throw new FindError(gnu ? "invalid expression; I was expecting to find a ')' somewhere but did not see one." : "unmatched '('");
        at++;
        return inner;
      }
      case '!':
      case '-not':
        if (at >= words.length) throw new FindError(gnu ? `expected an expression after \`${w}'` : 'bad arg');
        return { op: 'not', of: primary() };
      case '-true':
      case '-false':
        return { op: w.slice(1) as 'true' };
      case '-empty':
      case '-nouser':
      case '-nogroup':
      case '-readable':
      case '-writable':
      case '-executable':
        return { op: w.slice(1) as 'empty' };
      case '-name':
      case '-iname':
        return { op: 'name', pattern: value(w), icase: w === '-iname' };
      case '-path':
      case '-wholename':
      case '-ipath':
      case '-iwholename':
        return { op: 'path', pattern: value(w), icase: w.startsWith('-i') };
      case '-lname':
      case '-ilname':
        return { op: 'lname', pattern: value(w), icase: w === '-ilname' };
      case '-regex':
      case '-iregex':
        return { op: 'regex', pattern: value(w), icase: w === '-iregex' };
      case '-regextype':
        value(w);
        return { op: 'true' };
      case '-type':
      case '-xtype': {
        const text = value(w);
        const types = text.split(gnu ? ',' : '').map((t) => TYPES[t]);
        if (text === '') throw new FindError(gnu ? `Arguments to ${w} should contain at least one letter` : `unknown argument`);
        const bad = text.split(gnu ? ',' : '').find((t) => !TYPES[t[0] ?? '']);
        if (bad !== undefined) throw new FindError(gnu ? `Unknown argument to ${w}: ${bad[0]}` : `invalid argument '${text}' to '${w}'`);
        if (types.includes(undefined))
          throw new FindError(gnu ? `Must separate multiple arguments to ${w} using: ','` : `unrecognized: ${w}`);
        return { op: w.slice(1) as 'type', types: types as FileType[] };
      }
      case '-size': {
        const m = amount(w, /^([-+]?)(\d+)([cwbkMG]?)$/);
        return { op: 'size', amount: amountOf(m), unit: UNITS[m[3] as string] as number };
      }
      case '-mtime':
      case '-atime':
      case '-ctime':
        return { op: 'age', of: w.slice(1) as 'mtime', amount: amountOf(amount(w)), unit: 86_400_000 };
      case '-mmin':
      case '-amin':
      case '-cmin':
        return { op: 'age', of: `${w[1]}time` as 'mtime', amount: amountOf(amount(w)), unit: 60_000 };
      case '-newer':
      case '-anewer':
      case '-cnewer':
        return { op: 'newer', file: value(w), than: 'mtime', of: w === '-newer' ? 'mtime' : w === '-anewer' ? 'atime' : 'ctime' };
      case '-perm': {
        const text = value(w);
        const how = text[0] === '-' ? 'all' : text[0] === '/' || (!gnu && text[0] === '+') ? 'any' : 'exact';
        const change = parseMode(how === 'exact' ? text : text.slice(1));
        if (!change) throw new FindError(gnu ? `invalid mode ${quote(text)}` : `invalid mode '${text}'`);
        return { op: 'perm', how, mode: change(0, false, 0) };
      }
      case '-user':
      case '-group':
        return { op: w.slice(1) as 'user', who: value(w) };
      case '-uid':
      case '-gid':
      case '-links':
      case '-inum':
        return { op: w.slice(1) as 'uid', amount: amountOf(amount(w)) };
      case '-samefile':
        return { op: 'samefile', file: value(w) };
      case '-maxdepth':
      case '-mindepth': {
        const text = value(w);
        if (!/^\d+$/.test(text))
          throw new FindError(
            gnu ? `Expected a positive decimal integer argument to ${w}, but got ${quote(text)}` : `invalid number '${text}'`,
          );
        if (w === '-maxdepth') plan.maxDepth = Number(text);
        else plan.minDepth = Number(text);
        return { op: 'true' };
      }
      case '-depth':
      case '-d':
        plan.depth = true;
        return { op: 'true' };
      case '-mount':
      case '-xdev':
        plan.mount = true;
        return { op: 'true' };
      case '-daystart':
      case '-noleaf':
      case '-ignore_readdir_race':
      case '-follow':
      case '-warn':
      case '-nowarn':
        return { op: 'true' };
      case '-print':
      case '-print0':
        acts = true;
        return { op: 'print', end: w === '-print' ? '\n' : '\0' };
      case '-ls':
        acts = true;
        return { op: 'ls' };
      case '-printf':
        if (!gnu) break;
        acts = true;
        return { op: 'printf', format: value(w) };
      case '-delete':
        acts = true;
        plan.depth = true;
        return { op: 'delete' };
      case '-prune':
        return { op: 'prune' };
      case '-quit':
        acts = true;
        return { op: 'quit' };
      case '-exec':
      case '-execdir':
      case '-ok':
      case '-okdir': {
        acts = true;
        const argv: string[] = [];
        for (;;) {
          const a = words[at++];
          if (a === undefined) throw new FindError(gnu ? `missing argument to \`${w}'` : `${w} requires an argument`);
          if (a === ';') break;
          if (a === '+' && argv.at(-1) === '{}')
            return { op: 'exec', argv: argv.slice(0, -1), many: true, inDir: w.endsWith('dir'), ask: false, key: key++ };
          argv.push(a);
        }
        if (argv.length === 0) throw new FindError(gnu ? `missing argument to \`${w}'` : `${w} requires an argument`);
        return { op: 'exec', argv, many: false, inDir: w.endsWith('dir'), ask: w.startsWith('-ok'), key: key++ };
      }
      case ')':
        throw new FindError(gnu ? "invalid expression; you have too many ')'" : `unrecognized: ${w}`);
      case '-o':
      case '-or':
      case '-a':
      case '-and':
      case ',':
        throw new FindError(gnu ? `invalid expression; you have used a binary operator '${w}' with nothing before it.` : 'bad arg');
    }
    if (/^-newer[mac][mact]$/.test(w)) {
      if (w.endsWith('t')) throw new FindError(`drydock: ${w} is not modelled`);
      const time = { m: 'mtime', a: 'atime', c: 'ctime' } as const;
      return { op: 'newer', file: value(w), of: time[w[6] as 'm'], than: time[w[7] as 'm'] };
    }
    if (gnu && !w.startsWith('-')) throw new FindError(`paths must precede expression: \`${w}'`);
    throw new FindError(gnu ? `unknown predicate \`${w}'` : `unrecognized: ${w}`);
  };
  const and = (): Node => {
    let left = primary();
    while (at < words.length && !['-o', '-or', ',', ')'].includes(words[at] as string)) {
      if (words[at] === '-a' || words[at] === '-and') {
        at++;
        if (at >= words.length) throw new FindError(gnu ? `expected an expression after \`${words[at - 1]}'` : 'bad arg');
      }
      left = { op: 'and', left, right: primary() };
    }
    return left;
  };
  const or = (): Node => {
    let left = and();
    while (words[at] === '-o' || words[at] === '-or') {
      const w = words[at++];
      if (at >= words.length) throw new FindError(gnu ? `expected an expression after \`${w}'` : 'bad arg');
      left = { op: 'or', left, right: and() };
    }
    return left;
  };
  const comma = (): Node => {
    let left = or();
    while (words[at] === ',') {
      at++;
      left = { op: 'comma', left, right: or() };
    }
    return left;
  };
  if (words.length > 0) {
    plan.node = comma();
    if (at < words.length) throw new FindError(gnu ? "invalid expression; you have too many ')'" : `unrecognized: ${words[at]}`);
  }
  plan.silent = !acts;
  return plan;
}
