/** cd, pwd, pushd, popd, dirs, umask. POSIX cd; bash(1). */

import { attempt, Errno } from '../../kernel';
import { put } from '../message';
import type { Shell } from '../state';
import { assign, value } from '../vars';
import { BASH, type Builtin, EVERYWHERE, error, fatal, options } from './builtin';

/** A path without . and .. and double slashes, by text alone. */
function normal(path: string): string {
  const out: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') out.pop();
    else out.push(part);
  }
  return `/${out.join('/')}`;
}

/** The directory as $PWD has it, if it still is that one. */
export function logical(sh: Shell): string {
  const pwd = value(sh, 'PWD');
  if (pwd?.startsWith('/')) {
    const here = attempt(() => sh.sys.stat('.'));
    const there = attempt(() => sh.sys.stat(pwd));
    if (!(here instanceof Errno) && !(there instanceof Errno) && here.ino === there.ino && here.dev === there.dev) return pwd;
  }
  const real = attempt(() => sh.sys.getcwd());
  return real instanceof Errno ? (pwd ?? '/') : real;
}

/** Goes there; the errno if that is refused. */
function change(sh: Shell, target: string, physical: boolean): Errno | null {
  const old = logical(sh);
  const wanted = target.startsWith('/') ? target : `${old}/${target}`;
  const path = physical ? target : normal(wanted);
  const done = attempt(() => sh.sys.chdir(path));
  if (done instanceof Errno) return done;
  assign(sh, 'OLDPWD', old);
  const now = physical ? sh.sys.getcwd() : path;
  assign(sh, 'PWD', now);
  sh.s.vars.PWD = { ...sh.s.vars.PWD, exported: true };
  sh.s.vars.OLDPWD = { ...sh.s.vars.OLDPWD, exported: true };
  return null;
}

function refused(sh: Shell, name: string, e: Errno): number {
  if (sh.d.name === 'bash') return error(sh, `${name}: ${e.message}`);
  const text = sh.d.name === 'dash' ? `can't cd to ${name}` : `can't cd to ${name}: ${e.message}`;
  return error(sh, text, 2);
}

export const cd: Builtin = {
  in: EVERYWHERE,
  run(sh, { argv }) {
    const got = options(
      sh,
      argv[1] === '-' ? ['cd', '--', ...argv.slice(1)] : argv,
      sh.d.name === 'bash' ? 'LPe@' : 'LP',
      'cd [-L|[-P [-e]]] [-@] [dir]',
    );
    if (typeof got === 'number') return got;
    const { on, rest } = got;
    if (rest.length > 1 && sh.d.name === 'bash') return error(sh, 'too many arguments', 2);
    let target = rest[0];
    let show = false;
    if (target === undefined) {
      target = value(sh, 'HOME');
      if (target === undefined) return sh.d.name === 'bash' ? error(sh, 'HOME not set') : 0;
    } else if (target === '-') {
      target = value(sh, 'OLDPWD');
      if (target === undefined && sh.d.name === 'bash') return error(sh, 'OLDPWD not set');
      target ??= value(sh, 'PWD') ?? '/';
      show = true;
    } else if (target === '') return sh.d.name === 'bash' ? error(sh, 'null directory') : 0;
    const name = target;
    if (!/^\.{0,2}\//.test(target) && target !== '.' && target !== '..') {
      for (const dir of (value(sh, 'CDPATH') ?? '').split(':').filter((d) => d !== '')) {
        const st = attempt(() => sh.sys.stat(`${dir}/${target}`));
        if (st instanceof Errno || st.type !== 'dir') continue;
        target = `${dir}/${target}`;
        show = true;
        break;
      }
    }
    const refusal = change(sh, target, 'P' in on);
    if (refusal !== null) return refused(sh, name, refusal);
    if (show) put(sh, 1, `${value(sh, 'PWD')}\n`);
    return 0;
  },
};

export const pwd: Builtin = {
  in: EVERYWHERE,
  run(sh, { argv }) {
    const got = options(sh, argv, 'LP', 'pwd [-LP]');
    if (typeof got === 'number') return got;
    if (!('P' in got.on)) {
      put(sh, 1, `${logical(sh)}\n`);
      return 0;
    }
    const real = attempt(() => sh.sys.getcwd());
    if (real instanceof Errno)
      return error(sh, `error retrieving current directory: getcwd: cannot access parent directories: ${real.message}`);
    put(sh, 1, `${real}\n`);
    return 0;
  },
};

const tilde = (sh: Shell, path: string): string => {
  const home = value(sh, 'HOME') ?? '';
  return home.length > 1 && (path === home || path.startsWith(`${home}/`)) ? `~${path.slice(home.length)}` : path;
};

function list(sh: Shell, on: Record<string, string> = {}): void {
  const all = [logical(sh), ...sh.s.dirs].map((d) => ('l' in on ? d : tilde(sh, d)));
  if ('v' in on) put(sh, 1, all.map((d, i) => `${`${i}`.padStart(2)}  ${d}\n`).join(''));
  else put(sh, 1, `${all.join('p' in on ? '\n' : ' ')}\n`);
}

export const dirs: Builtin = {
  in: BASH,
  run(sh, { argv }) {
    const got = options(sh, argv, 'clpv', 'dirs [-clpv] [+N] [-N]');
    if (typeof got === 'number') return got;
    if ('c' in got.on) sh.s.dirs = [];
    else list(sh, got.on);
    return 0;
  },
};

/** +N and -N count in the list that `dirs` shows. */
function index(sh: Shell, text: string): number | null {
  const size = sh.s.dirs.length + 1;
  const n = Number(text.slice(1));
  const at = text[0] === '+' ? n : size - 1 - n;
  return at >= 0 && at < size ? at : null;
}

export const pushd: Builtin = {
  in: BASH,
  run(sh, { argv }) {
    const args = argv.slice(1).filter((a) => a !== '-n' && a !== '--');
    const target = args[0];
    const here = logical(sh);
    if (target === undefined || /^[-+]\d+$/.test(target)) {
      const all = [here, ...sh.s.dirs];
      if (target === undefined && all.length < 2) return error(sh, 'no other directory');
      const at = target === undefined ? 1 : index(sh, target);
      if (at === null) return error(sh, `${target}: directory stack index out of range`);
      const turned = target === undefined ? [all[1]!, all[0]!, ...all.slice(2)] : [...all.slice(at), ...all.slice(0, at)];
      const refusal = change(sh, turned[0]!, false);
      if (refusal) return refused(sh, turned[0]!, refusal);
      sh.s.dirs = turned.slice(1);
    } else {
      const refusal = change(sh, target, false);
      if (refusal) return refused(sh, target, refusal);
      sh.s.dirs = [here, ...sh.s.dirs];
    }
    list(sh);
    return 0;
  },
};

export const popd: Builtin = {
  in: BASH,
  run(sh, { argv }) {
    if (sh.s.dirs.length === 0) return error(sh, 'directory stack empty');
    const target = argv[1];
    const at = target === undefined ? 0 : index(sh, target);
    if (at === null) return error(sh, `${target}: directory stack index out of range`);
    if (at > 0) sh.s.dirs = sh.s.dirs.filter((_, i) => i !== at - 1);
    else {
      const next = sh.s.dirs[0]!;
      const refusal = change(sh, next, false);
      if (refusal) return refused(sh, next, refusal);
      sh.s.dirs = sh.s.dirs.slice(1);
    }
    list(sh);
    return 0;
  },
};

export const umask: Builtin = {
  in: EVERYWHERE,
  run(sh, { argv }) {
    const got = options(sh, argv, sh.d.name === 'bash' ? 'pS' : 'S', 'umask [-p] [-S] [mode]');
    if (typeof got === 'number') return got;
    const mode = got.rest[0];
    const letters = (mask: number): string =>
      ['u', 'g', 'o'].map((who, i) => `${who}=${['r', 'w', 'x'].filter((_, b) => !((mask >> (6 - 3 * i)) & (4 >> b))).join('')}`).join(',');
    if (mode === undefined) {
      const mask = sh.sys.umask();
      const text = 'S' in got.on ? letters(mask) : mask.toString(8).padStart(4, '0');
      put(sh, 1, `${'p' in got.on ? `umask ${'S' in got.on ? '-S ' : ''}` : ''}${text}\n`);
      return 0;
    }
    if (/^\d+$/.test(mode)) {
      if (!/^[0-7]{1,4}$/.test(mode))
        return sh.d.name === 'bash'
          ? error(sh, `${mode}: octal number out of range`)
          : fatal(sh, sh.d.name === 'dash' ? `Illegal number: ${mode}` : `illegal mode: ${mode}`);
      sh.sys.umask(parseInt(mode, 8));
      return 0;
    }
    let mask = sh.sys.umask();
    for (const clause of mode.split(',')) {
      const m = /^([ugoa]*)([-+=])([rwxX]*)$/.exec(clause);
      if (m === null)
        return sh.d.name === 'bash'
          ? error(sh, `\`${clause.replace(/^[ugoa]*/, '')[0] ?? ''}': invalid symbolic mode operator`)
          : fatal(sh, sh.d.name === 'dash' ? `Illegal mode: ${mode}` : `illegal mode: ${mode}`);
      const bits = (m[3]!.includes('r') ? 4 : 0) | (m[3]!.includes('w') ? 2 : 0) | (m[3]!.toLowerCase().includes('x') ? 1 : 0);
      for (const [who, shift] of [
        ['u', 6],
        ['g', 3],
        ['o', 0],
      ] as const) {
        if (m[1] !== '' && !m[1]!.includes(who) && !m[1]!.includes('a')) continue;
        const allowed = ~(mask >> shift) & 7;
        const now = m[2] === '=' ? bits : m[2] === '+' ? allowed | bits : allowed & ~bits;
        mask = (mask & ~(7 << shift)) | ((~now & 7) << shift);
      }
    }
    sh.sys.umask(mask);
    if ('S' in got.on) put(sh, 1, `${letters(mask)}\n`);
    return 0;
  },
};
