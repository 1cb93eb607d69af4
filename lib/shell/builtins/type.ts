/** type, command -v, command -V, hash, which names mean what. bash(1), POSIX type and command. */

import { attempt, Errno } from '../../kernel';
import { executable, search, searchAll } from '../eval/exec';
import { singleQuoted } from '../expand/quote';
import { forget, recall, remember, remembered, remembers } from '../hash';
import { put } from '../message';
import { has, type Shell } from '../state';
import { RESERVED } from '../syntax/compound';
import { type Builtin, EVERYWHERE, error, options } from './builtin';
import { functionText } from './print';
import { builtins, isSpecial } from './table';

const POSIX_WORDS: ReadonlySet<string> = new Set([
  '!',
  '{',
  '}',
  'case',
  'do',
  'done',
  'elif',
  'else',
  'esac',
  'fi',
  'for',
  'if',
  'in',
  'then',
  'until',
  'while',
]);
const isKeyword = (sh: Shell, name: string): boolean =>
  sh.d.name === 'bash' ? RESERVED.has(name) : POSIX_WORDS.has(name) || (name === 'function' && sh.d.grammar.functionWord);
export const isBuiltin = (sh: Shell, name: string): boolean =>
  has(builtins, name) && builtins[name]!.in.includes(sh.d.name) && !sh.s.disabled.includes(name);

/** What a name means: in a word, in a sentence, and as `command -v` says it. */
interface Meaning {
  word: 'alias' | 'keyword' | 'function' | 'builtin' | 'file';
  long: string;
  short: string;
}

/** All that a name means, before the files: the first is what the shell takes it for. */
function* wordMeanings(sh: Shell, name: string): Generator<Meaning> {
  const bash = sh.d.name === 'bash';
  if (has(sh.s.aliases, name)) {
    const text = sh.s.aliases[name]!;
    const long = bash ? `${name} is aliased to \`${text}'` : `${name} is an alias for ${text}`;
    yield { word: 'alias', long, short: `alias ${name}=${singleQuoted(text)}` };
  }
  if (isKeyword(sh, name)) yield { word: 'keyword', long: `${name} is a shell keyword`, short: name };
  if (has(sh.s.functions, name)) {
    const long = bash
      ? `${name} is a function\n${functionText(sh, name).trimEnd()}`
      : `${name} is a ${sh.d.name === 'ash' ? '' : 'shell '}function`;
    yield { word: 'function', long, short: name };
  }
  if (isBuiltin(sh, name))
    yield { word: 'builtin', long: `${name} is a ${isSpecial(sh, name) && !bash ? 'special ' : ''}shell builtin`, short: name };
}

/** The file that a name means; bash says if it remembers it, without looking whether it is still there. */
function fileMeaning(sh: Shell, name: string, path?: string): Meaning | null {
  const known = sh.d.name === 'bash' && path === undefined ? recall(sh, name) : undefined;
  if (known !== undefined) return { word: 'file', long: `${name} is hashed (${known})`, short: known };
  const found = search(sh, name, path);
  if (found === null || 'refused' in found || (name.includes('/') && !executable(sh, found.path))) return null;
  // BusyBox runs what is in itself, wherever it is found.
  if (sh.d.name === 'ash' && !name.includes('/') && linkTo(sh, found.path).endsWith('/busybox'))
    return { word: 'file', long: `${name} is ${name}`, short: name };
  const tracked = sh.d.name === 'dash' && recall(sh, name) !== undefined;
  return { word: 'file', long: `${name} is ${tracked ? 'a tracked alias for ' : ''}${found.path}`, short: found.path };
}

/** What a link says, one step. */
function linkTo(sh: Shell, path: string): string {
  const to = attempt(() => sh.sys.readlink(path));
  return to instanceof Errno ? '' : to;
}

type How = 'short' | 'long' | 'word' | 'path';

function say(sh: Shell, m: Meaning, how: How): void {
  const text = how === 'word' ? m.word : how === 'long' ? m.long : m.short;
  if (how !== 'path' || m.word === 'file') put(sh, 1, `${text}\n`);
}

/** Says what a name means; whether it means anything. */
export function describeCommand(sh: Shell, name: string, how: How, path?: string): boolean {
  const { value: word } = wordMeanings(sh, name).next();
  const meaning: Meaning | null = word ?? fileMeaning(sh, name, path);
  if (meaning === null) return missing(sh, name, how);
  say(sh, meaning, how);
  return true;
}

/** Says all that it means: `type -a`. */
function describeAll(sh: Shell, name: string, how: How): boolean {
  const files = searchAll(sh, name).map((file): Meaning => ({ word: 'file', long: `${name} is ${file}`, short: file }));
  const all = [...(how === 'path' ? [] : wordMeanings(sh, name)), ...files];
  for (const m of all) say(sh, m, how);
  return all.length > 0 || missing(sh, name, how);
}

function missing(sh: Shell, name: string, how: string): false {
  if (how !== 'long') return false;
  if (sh.d.name === 'bash') error(sh, `${name}: not found`);
  else put(sh, 2, `${name}: not found\n`);
  return false;
}

export const type: Builtin = {
  in: EVERYWHERE,
  run(sh, { argv }) {
    if (sh.d.name !== 'bash') {
      let status = 0;
      for (const name of argv.slice(1)) {
        const at = sh.s.output.length;
        if (!describeCommand(sh, name, 'long')) status = 127;
        // They say this on standard output.
        for (const o of sh.s.output.slice(at)) o.fd = 1;
      }
      return status;
    }
    const got = options(sh, argv, 'aftpP', 'type [-afptP] name [name ...]');
    if (typeof got === 'number') return got;
    const { on, rest } = got;
    const how = 't' in on ? 'word' : 'p' in on || 'P' in on ? 'path' : 'long';
    const describe = (name: string): boolean => {
      if ('a' in on) return describeAll(sh, name, how);
      if (!('P' in on)) return describeCommand(sh, name, how);
      const file = fileMeaning(sh, name);
      if (file) say(sh, file, 'path');
      return file !== null;
    };
    return rest.map(describe).every(Boolean) ? 0 : 1;
  },
};

/** bash lists how often it has asked for each, or commands that would make the list again. */
function listed(sh: Shell, again: boolean): void {
  const all = remembered(sh);
  if (sh.d.name !== 'bash') put(sh, 1, all.map(([, { path }]) => `${path}\n`).join(''));
  else if (all.length === 0) put(sh, 1, 'hash: hash table empty\n');
  else if (again) put(sh, 1, all.map(([name, { path }]) => `builtin hash -p ${path} ${name}\n`).join(''));
  else put(sh, 1, `hits\tcommand\n${all.map(([, { path, hits }]) => `${String(hits).padStart(4)}\t${path}\n`).join('')}`);
}

/** What `hash` does with one name; false where it is not found. */
function hashOne(sh: Shell, on: Record<string, string>, name: string, several: boolean): boolean {
  if ('p' in on) {
    remember(sh, name, on.p as string);
    return true;
  }
  if ('d' in on) return forget(sh, name);
  if ('t' in on) {
    const path = recall(sh, name);
    if (path !== undefined) put(sh, 1, 'l' in on ? `builtin hash -p ${path} ${name}\n` : `${several ? `${name}\t` : ''}${path}\n`);
    return path !== undefined;
  }
  if (name.includes('/') || isBuiltin(sh, name) || has(sh.s.functions, name)) return true;
  const found = search(sh, name);
  if (found === null || 'refused' in found) return false;
  remember(sh, name, found.path);
  return true;
}

export const hash: Builtin = {
  in: EVERYWHERE,
  run(sh, { argv }) {
    const bash = sh.d.name === 'bash';
    if (!remembers(sh)) return error(sh, 'hashing disabled');
    const got = options(sh, argv, bash ? 'rdlp:t' : 'rv', 'hash [-lr] [-p pathname] [-dt] [name ...]');
    if (typeof got === 'number') return got;
    const { on, rest } = got;
    if (('d' in on || 't' in on) && rest.length === 0) return error(sh, `-${'d' in on ? 'd' : 't'}: option requires an argument`);
    if ('r' in on) forget(sh);
    else if (rest.length === 0) listed(sh, 'l' in on);
    let status = 0;
    for (const name of rest) if (!hashOne(sh, on, name, rest.length > 1)) status = error(sh, `${name}: not found`);
    return status;
  },
};
