/**
 * Finding and executing programs: PATH, execve, and what is said when it is refused.
 *
 * Source: POSIX "Shell Command Language" 2.9.1.1 Command Search and Execution; execute_cmd.c of bash, exec.c of dash.
 */

import { attempt, Errno, type Outcome } from '../../kernel';
import { readWhole } from '../expand/word';
import { forget, recall, remember, remembers } from '../hash';
import { Failure, prefix, put } from '../message';
import { scriptState } from '../start';
import { has, type Shell, type ShellState } from '../state';
import { assign, attributes, environment, value } from '../vars';
import type { FrameOf } from './frames';
import { applyRedirs } from './redirect';

export type Search = { path: string } | { refused: string } | null;

const isFile = (sh: Shell, file: string): boolean => {
  const st = attempt(() => sh.sys.stat(file));
  return !(st instanceof Errno) && st.type !== 'dir';
};

export const executable = (sh: Shell, file: string): boolean => !(attempt(() => sh.sys.access(file, { exec: true })) instanceof Errno);

/** The file that a command name means: the first in PATH that may be executed. */
export function search(sh: Shell, name: string, path = value(sh, 'PATH') ?? ''): Search {
  if (name.includes('/')) return { path: name };
  if (name === '') return null;
  let refused: string | null = null;
  for (const dir of path.split(':')) {
    const file = dir === '' ? name : `${dir}/${name}`;
    if (!isFile(sh, file)) continue;
    if (executable(sh, file)) return { path: dir === '' ? `./${name}` : file };
    refused ??= file;
  }
  return refused === null ? null : { refused };
}

/** All files in PATH that the name could mean. */
export const searchAll = (sh: Shell, name: string): string[] =>
  name === ''
    ? []
    : (name.includes('/') ? [name] : (value(sh, 'PATH') ?? '').split(':').map((dir) => `${dir || '.'}/${name}`)).filter(
        (file) => isFile(sh, file) && executable(sh, file),
      );

/**
 * The file of a command that is about to be run, from memory or by looking, which is then remembered; undefined where the child
 * shall look for itself, and say what it does not find.
 */
export function locate(sh: Shell, name: string, assigns: readonly { name: string }[]): string | undefined {
  if (name.includes('/')) return undefined;
  const bash = sh.d.name === 'bash';
  if (assigns.some((a) => a.name === 'PATH')) {
    // For bash it is a new PATH, if only for a moment.
    if (bash) forget(sh);
    return undefined;
  }
  const known = recall(sh, name);
  // bash takes its own word for it, unless checkhash is set.
  if (known !== undefined && ((bash && !has(sh.s.shopts, 'checkhash')) || executable(sh, known))) return known;
  const found = search(sh, name);
  if (found === null || 'refused' in found) return undefined;
  if (remembers(sh) && (bash || known === undefined)) remember(sh, name, found.path, 1);
  return found.path;
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
  const found = f.file === undefined ? search(sh, name) : { path: f.file };
  return execute(sh, name, found, f.argv, (text, status) => {
    put(sh, 2, `${prefix(sh, '')}${text}\n`);
    sh.s.stack = [{ t: 'exit', status }];
  });
}

/** execve, or `refuse` with the text and status of its refusal. */
export function execute(
  sh: Shell,
  name: string,
  found: Search,
  argv: string[],
  refuse: (text: string, status: number) => void,
): Outcome<ShellState> | undefined {
  if (found === null) {
    refuse(name === '' && sh.d.name !== 'bash' ? ': Permission denied' : sh.d.notFound(name), 127);
    return undefined;
  }
  const file = 'path' in found ? found.path : found.refused;
  const env = environment(sh);
  if (sh.d.name === 'bash') {
    // A bash that gives its place away is no level any more: adjust_shell_level(-1).
    if (sh.s.level === 0 && env.SHLVL !== undefined) env.SHLVL = `${Math.max(0, Number(env.SHLVL) - 1) || 0}`;
    env._ = file;
  }
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
