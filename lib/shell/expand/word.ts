/**
 * Word expansion: from parts to arguments, strings and patterns.
 *
 *   braces → tilde, parameters, commands, arithmetic → field splitting → pathnames → quote removal
 *
 * A command substitution cannot be answered at once: the expansion stops with `Substitution`, the evaluator runs the
 * command, and the expansion is made again from the same variables with that answer at hand. So it must not do anything
 * that cannot be done again; what it assigns (${x:=y}, $((i++))) is undone by the evaluator first.
 *
 * Source: POSIX "Shell Command Language" 2.6 Word Expansions; bash(1) EXPANSION.
 */

import { memo } from '../../base';
import { attempt, Errno } from '../../kernel';
import { Failure, prefix } from '../message';
import { option, type Shell, shopt } from '../state';
import type { Part, Word } from '../syntax/ast';
import { value } from '../vars';
import { evaluate } from './arith';
import { expandBraces } from './brace';
import { add, end, type Fields, fields, finish, type Piece, split } from './fields';
import { escapePattern, glob, isPattern } from './glob';
import { expandParam } from './param';

export interface Expander {
  sh: Shell;
  /** Answers of substitutions, in the order they are asked for. */
  results: readonly string[];
  next: number;
}

/** Thrown when the answer of a substitution is needed. */
export class Substitution {
  readonly part: Part & { t: 'cmd' | 'proc' };
  constructor(part: Part & { t: 'cmd' | 'proc' }) {
    this.part = part;
  }
}

export interface Context {
  /** Results are split into fields at IFS. */
  split: boolean;
  /** Inside of "…". */
  quoted: boolean;
  /** Literal text is split too: the word of ${x:-word}. */
  splitLiterals?: boolean;
}

const IFS = ' \t\n';
export const ifs = (sh: Shell): string => value(sh, 'IFS') ?? IFS;

/** Arguments of a command. */
export function expandWords(x: Expander, words: readonly Word[]): string[] {
  const out: string[] = [];
  for (const word of words) {
    for (const w of x.sh.d.braces && option(x.sh, 'braceexpand') ? expandBraces(word) : [word]) {
      const f = fields();
      emit(x, f, tilde(x, w.parts, false), { split: true, quoted: false });
      for (const pieces of finish(f)) pathnames(x.sh, pieces, out);
    }
  }
  return out;
}

/** A word that stays one: the value of an assignment, a here-string, the word of case. */
export function expandString(x: Expander, word: Word, assignment = false): string {
  return text(expandPieces(x, word, assignment));
}

/** A pattern: what was quoted matches only itself. */
export function expandPattern(x: Expander, word: Word): string {
  return expandPieces(x, word, false)
    .map((p) => (p.quoted ? escapePattern(p.s) : p.s))
    .join('');
}

export function expandPieces(x: Expander, word: Word, assignment: boolean): Piece[] {
  const f = fields();
  emit(x, f, tilde(x, word.parts, assignment), { split: false, quoted: false });
  return finish(f).flat();
}

/** Text in which quotes were never special: here-documents, arithmetic. */
export function expandQuoted(x: Expander, word: Word): string {
  const f = fields();
  emit(x, f, word.parts, { split: false, quoted: true });
  return text(finish(f).flat());
}

const text = (pieces: readonly Piece[]): string => pieces.map((p) => p.s).join('');

/** A file name of a redirection: one word, or it is ambiguous (in bash). */
export function expandTarget(x: Expander, word: Word): string {
  if (x.sh.d.name !== 'bash') return expandString(x, word);
  const made = expandWords(x, [word]);
  if (made.length !== 1) throw new Failure(`${prefix(x.sh, '')}${word.raw}: ambiguous redirect`, 1, false);
  return made[0]!;
}

function pathnames(sh: Shell, pieces: readonly Piece[], out: string[]): void {
  const plain = text(pieces);
  if (option(sh, 'noglob') || !pieces.some((p) => !p.quoted && /[*?[(]/.test(p.s))) {
    out.push(plain);
    return;
  }
  const pattern = pieces.map((p) => (p.quoted ? escapePattern(p.s) : p.s)).join('');
  if (!isPattern(pattern, shopt(sh, 'extglob'))) {
    out.push(plain);
    return;
  }
  const found = glob(sh, pattern);
  if (found.length > 0) out.push(...found);
  else if (shopt(sh, 'failglob')) throw new Failure(`${prefix(sh, '')}no match: ${plain}`, 1, false);
  else if (!shopt(sh, 'nullglob')) out.push(plain);
}

/** Puts parts into fields. */
export function emit(x: Expander, f: Fields, parts: readonly Part[], c: Context): void {
  for (const part of parts) {
    switch (part.t) {
      case 'lit':
        if (c.splitLiterals) split(f, part.s, ifs(x.sh));
        else add(f, part.s, c.quoted);
        break;
      case 'quoted':
        add(f, part.s, true);
        break;
      case 'dq':
        if (part.parts.length === 0) add(f, '', true);
        else emit(x, f, part.parts, { split: c.split, quoted: true });
        break;
      case 'param':
        expandParam(x, f, part, c);
        break;
      case 'cmd':
        result(x, f, answer(x, part), c);
        break;
      case 'arith': {
        const expr = expandQuoted(x, part.expr);
        result(x, f, `${evaluate(x.sh, expr)}`, c);
        break;
      }
      case 'proc':
        add(f, answer(x, part), true);
        break;
    }
  }
}

function answer(x: Expander, part: Part & { t: 'cmd' | 'proc' }): string {
  const known = x.results[x.next];
  if (known === undefined) throw new Substitution(part);
  x.next++;
  return known;
}

/** Adds what an expansion came to. */
export function result(x: Expander, f: Fields, s: string, c: Context): void {
  if (c.quoted) add(f, s, true);
  else if (c.split) split(f, s, ifs(x.sh));
  else add(f, s, false);
}

/** Adds the values of $@, $* or an array. */
export function resultList(x: Expander, f: Fields, items: readonly string[], star: boolean, c: Context): void {
  const separator = star ? (ifs(x.sh)[0] ?? '') : ' ';
  if (c.quoted && (star || !c.split)) {
    if (items.length > 0 || star) add(f, items.join(separator), true);
  } else if (c.quoted) {
    items.forEach((item, i) => {
      if (i > 0) end(f);
      add(f, item, true);
    });
  } else if (c.split) {
    items.forEach((item, i) => {
      if (i > 0) end(f);
      split(f, item, ifs(x.sh));
    });
  } else add(f, items.join(separator), false);
}

/** ~ and ~name at the beginning of a word; in an assignment also behind each unquoted colon. */
function tilde(x: Expander, parts: readonly Part[], assignment: boolean): readonly Part[] {
  if (!parts.some((p) => p.t === 'lit' && p.s.includes('~'))) return parts;
  const out: Part[] = [];
  parts.forEach((part, i) => {
    if (part.t !== 'lit') {
      out.push(part);
      return;
    }
    const closed = i === parts.length - 1;
    // In bash any word that looks like an assignment is read like one, and a colon ends the name in all.
    const plain = x.sh.d.name === 'bash' ? /(^(?:[A-Za-z_]\w*=)?)~([^/:]*)(?=[/:]|$)/g : /(^)~([^/]*)(?=\/|$)/g;
    const names = assignment ? /(^|:)~([^/:]*)(?=[/:]|$)/g : plain;
    let at = 0;
    for (const m of part.s.matchAll(names)) {
      const start = m.index + m[1]!.length;
      if (start === 0 && i > 0 && !(assignment && m[1] === ':')) continue;
      const stop = start + 1 + m[2]!.length;
      if (stop === part.s.length && !closed) continue;
      const home = homeOf(x.sh, m[2]!);
      if (home === null) continue;
      if (start > at) out.push({ t: 'lit', s: part.s.slice(at, start) });
      out.push({ t: 'quoted', s: home });
      at = stop;
    }
    if (at < part.s.length) out.push({ t: 'lit', s: part.s.slice(at) });
  });
  return out;
}

function homeOf(sh: Shell, user: string): string | null {
  if (user === '') return value(sh, 'HOME') ?? passwdField(sh, (f) => f[2] === `${sh.sys.credentials().uid}`, 5);
  if (user === '+') return value(sh, 'PWD') ?? null;
  if (user === '-') return value(sh, 'OLDPWD') ?? null;
  return passwdField(sh, (f) => f[0] === user, 5);
}

export function passwdField(sh: Shell, pick: (fields: string[]) => boolean, n: number): string | null {
  const body = readWhole(sh, '/etc/passwd');
  return (body === null ? undefined : fieldsOf(body).find(pick))?.[n] ?? null;
}

/** bash's name for its user, found out once, with the shell of its login: get_current_user_info in shell.c. */
export function nameUser(sh: Shell): string {
  sh.s.user ??= passwdField(sh, (f) => f[2] === `${sh.sys.credentials().uid}`, 0) ?? 'I have no name!';
  return sh.s.user;
}

const fieldsOf = memo((text): string[][] => text.split('\n').map((l) => l.split(':')));

/** A whole regular file, or null. */
export function readWhole(sh: Shell, path: string): string | null {
  const fd = attempt(() => sh.sys.open(path, { read: true, cloexec: true }));
  if (fd instanceof Errno) return null;
  let body = '';
  for (;;) {
    const chunk = attempt(() => sh.sys.read(fd, 65536));
    if (chunk instanceof Errno || chunk === null || chunk === '') break;
    body += chunk;
  }
  sh.sys.close(fd);
  return body;
}
