/**
 * Finding and executing programs: PATH, execve, and what is said when it is refused.
 *
 * Source: POSIX "Shell Command Language" 2.9.1.1 Command Search and Execution; execute_cmd.c of bash, exec.c of dash.
 */

import { attempt, Errno, type Outcome } from '../../kernel';
import { readWhole } from '../expand/word';
import { Failure, prefix, put } from '../message';
import { scriptState } from '../start';
import { own, type Shell, type ShellState } from '../state';
import { assign, attributes, environment, value } from '../vars';
import type { FrameOf } from './frames';
import { applyRedirs } from './redirect';

export type Search = { path: string } | { refused: string } | null;

/** The file that a command name means: the first in PATH that may be executed. */
export function search(sh: Shell, name: string, path = value(sh, 'PATH') ?? ''): Search {
  if (name.includes('/')) return { path: name };
  if (name === '') return null;
  let refused: string | null = null;
  for (const dir of path.split(':')) {
    const file = dir === '' ? name : `${dir}/${name}`;
    const st = attempt(() => sh.sys.stat(file));
    if (st instanceof Errno || st.type === 'dir') continue;
    if (attempt(() => sh.sys.access(file, { exec: true })) instanceof Errno) refused ??= file;
    else return { path: dir === '' ? `./${name}` : file };
  }
  return refused === null ? null : { refused };
}

/** In a child (or in the shell's place): redirections, assignments, then the program. */
export function stepExec(sh: Shell, f: FrameOf<'exec'>): Outcome<ShellState> | undefined {
  const name = f.argv[0]!;
  try {
    applyRedirs(sh, f.redirs, null);
    for (const a of f.temp) {
      assign(sh, a.name, a.value, a.append);
      attributes(sh, a.name, { exported: true });
    }
  } catch (e) {
    if (!(e instanceof Failure)) throw e;
    put(sh, 2, `${e.message}\n`);
    sh.s.stack = [{ t: 'exit', status: e.status }];
    return undefined;
  }
  return execute(sh, name, f.argv, (text, status) => {
    put(sh, 2, `${prefix(sh, '')}${text}\n`);
    sh.s.stack = [{ t: 'exit', status }];
  });
}

/** execve, or `refuse` with the text and status of its refusal. */
export function execute(
  sh: Shell,
  name: string,
  argv: string[],
  refuse: (text: string, status: number) => void,
  path?: string,
): Outcome<ShellState> | undefined {
  const found = search(sh, name, path);
  if (found === null) {
    refuse(name === '' && sh.d.name !== 'bash' ? ': Permission denied' : sh.d.notFound(name), 127);
    return undefined;
  }
  const file = 'path' in found ? found.path : found.refused;
  const env = environment(sh);
  if (sh.d.name === 'bash') env._ = file;
  const done = attempt(() => sh.sys.execve(file, argv, env));
  if (!(done instanceof Errno)) return { replaced: true };
  if (done.code === 'ENOEXEC') {
    const body = readWhole(sh, file);
    if (body !== null && !body.slice(0, 80).includes('\0')) {
      sh.s = scriptState(sh.s, file, argv, env, body);
      sh.owned.clear();
      return undefined;
    }
  }
  let { code, message } = done;
  if (sh.d.name === 'bash' && code === 'EACCES') {
    const st = attempt(() => sh.sys.stat(file));
    if (!(st instanceof Errno) && st.type === 'dir') [code, message] = ['EISDIR', 'Is a directory'];
  }
  if (sh.d.name === 'bash' && code === 'ENOENT') {
    const interpreter = interpreterOf(sh, file);
    if (interpreter !== null) {
      refuse(`${file}: cannot execute: required file not found`, 127);
      return undefined;
    }
  }
  refuse(
    sh.d.notExecuted(name.includes('/') || sh.d.name === 'bash' ? file : name, code, message),
    code === 'ENOENT' || code === 'ENOTDIR' ? 127 : 126,
  );
  return undefined;
}

const interpreterOf = (sh: Shell, file: string): string | null => /^#![ \t]*(\S+)/.exec(readWhole(sh, file) ?? '')?.[1] ?? null;

/** Remembers where a command was found, for `hash`. */
export function note(sh: Shell, name: string): void {
  const found = search(sh, name);
  if (!name.includes('/') && found !== null && 'path' in found) own(sh, 'hash')[name] = found.path;
}
