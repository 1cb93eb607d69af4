/** type, command -v, command -V, hash, which names mean what. bash(1), POSIX type and command. */

import { search } from '../eval/exec';
import { singleQuoted } from '../expand/quote';
import { put } from '../message';
import { has, own, type Shell } from '../state';
import { RESERVED } from '../syntax/compound';
import { value } from '../vars';
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

/** Says what a name means; whether it means anything. */
export function describeCommand(sh: Shell, name: string, how: 'short' | 'long' | 'word' | 'path', path?: string): boolean {
  const bash = sh.d.name === 'bash';
  const say = (word: string, long: string, short = name): true => {
    if (how === 'word') put(sh, 1, `${word}\n`);
    else if (how === 'long') put(sh, 1, `${long}\n`);
    else if (how === 'short') put(sh, 1, `${short}\n`);
    return true;
  };
  if (has(sh.s.aliases, name)) {
    const text = sh.s.aliases[name]!;
    return say(
      'alias',
      bash ? `${name} is aliased to \`${text}'` : `${name} is an alias for ${text}`,
      `alias ${name}=${singleQuoted(text)}`,
    );
  }
  if (isKeyword(sh, name)) return say('keyword', `${name} is a shell keyword`);
  if (has(sh.s.functions, name)) {
    return say(
      'function',
      bash ? `${name} is a function\n${functionText(sh, name).trimEnd()}` : `${name} is a ${sh.d.name === 'ash' ? '' : 'shell '}function`,
    );
  }
  if (isBuiltin(sh, name)) return say('builtin', `${name} is a ${isSpecial(sh, name) && !bash ? 'special ' : ''}shell builtin`);
  const found = search(sh, name, path);
  if (found !== null && 'path' in found) {
    if (name.includes('/')) {
      const st = sh.sys;
      try {
        st.access(found.path, { exec: true });
      } catch {
        return missing(sh, name, how);
      }
    }
    if (how === 'path') {
      put(sh, 1, `${found.path}\n`);
      return true;
    }
    const hashed = bash && has(sh.s.hash, name);
    return say('file', hashed ? `${name} is hashed (${found.path})` : `${name} is ${found.path}`, found.path);
  }
  return missing(sh, name, how);
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
    let status = 0;
    for (const name of got.rest) {
      if ('P' in got.on) {
        const found = search(sh, name, value(sh, 'PATH'));
        if (found !== null && 'path' in found) put(sh, 1, `${found.path}\n`);
        else status = 1;
      } else if (!describeCommand(sh, name, 't' in got.on ? 'word' : 'p' in got.on ? 'path' : 'long')) status = 1;
    }
    return status;
  },
};

export const hash: Builtin = {
  in: EVERYWHERE,
  run(sh, { argv }) {
    const got = options(sh, argv, 'rdlp:t', 'hash [-lr] [-p pathname] [-dt] [name ...]');
    if (typeof got === 'number') return got;
    if ('r' in got.on) {
      sh.s.hash = {};
      sh.owned.delete('hash');
    }
    if (got.rest.length === 0 && !('r' in got.on)) {
      const known = Object.values(sh.s.hash);
      if (sh.d.name === 'bash')
        put(sh, 1, known.length === 0 ? `${argv[0]}: hash table empty\n` : `hits\tcommand\n${known.map((p) => `   1\t${p}\n`).join('')}`);
      else put(sh, 1, known.map((p) => `${p}\n`).join(''));
      return 0;
    }
    let status = 0;
    for (const name of got.rest) {
      const found = search(sh, name);
      if (found !== null && 'path' in found) own(sh, 'hash')[name] = found.path;
      else if (!isBuiltin(sh, name)) status = error(sh, `${name}: not found`);
    }
    return status;
  },
};
