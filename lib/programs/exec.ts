/**
 * Starting another program by name: what env, xargs, nohup, timeout, chroot and find -exec do. execvp(3).
 */

import { attempt, Errno, type Outcome, type Sys } from '../kernel';

/** Where a name leads along PATH; the last refusal when nowhere (ENOENT, or EACCES when something there may not be run). */
export function search(_sys: Sys, name: string, env: Record<string, string>): string[] {
  if (name.includes('/')) return [name];
  return (env.PATH ?? '/usr/local/bin:/bin:/usr/bin').split(':').map((d) => (d === '' ? `./${name}` : `${d.replace(/\/+$/, '')}/${name}`));
}

/** Tries each place; a file without a known format is given to sh, as execvp does. */
function along<T>(sys: Sys, argv: string[], env: Record<string, string>, start: (path: string, argv: string[]) => T): T | Errno {
  const name = argv[0] as string;
  let why = new Errno('ENOENT', 'vfs', `${name} is nowhere along PATH`);
  for (const path of search(sys, name, env)) {
    const st = attempt(() => sys.stat(path));
    if (st instanceof Errno) {
      if (st.code === 'EACCES') why = st;
      if (name.includes('/')) return st;
      continue;
    }
    const done = attempt(() => start(path, argv));
    if (!(done instanceof Errno)) return done;
    if (done.code === 'ENOEXEC' && !done.reason.startsWith('drydock:'))
      return attempt(() => start('/bin/sh', ['/bin/sh', path, ...argv.slice(1)]));
    why = done;
    if (done.code !== 'EACCES' && done.code !== 'ENOENT') return done;
  }
  return why;
}

/** execvp(3): replaces the caller; the refusal otherwise. */
export function execvp(sys: Sys, argv: string[], env: Record<string, string>): { replaced: true } | Errno {
  const done = along(sys, argv, env, (path, args) => sys.execve(path, args, env));
  return done instanceof Errno ? done : { replaced: true };
}

/** A child that runs `argv` with the caller's standard descriptors (or others); its number, or the refusal. */
export function spawnp(
  sys: Sys,
  argv: string[],
  env: Record<string, string>,
  fds: Record<number, number> = standard(sys),
  pgid?: number,
): number | Errno {
  return along(sys, argv, env, (path, args) => sys.spawn(path, { argv: args, env, fds, ...(pgid === undefined ? {} : { pgid }) }));
}

/** The standard descriptors that are open. */
export const standard = (sys: Sys): Record<number, number> =>
  Object.fromEntries(
    sys
      .fds()
      .filter((fd) => fd <= 2)
      .map((fd) => [fd, fd]),
  );

/** What a shell calls the end of a child: its code, or 128 and the signal. */
export const codeOf = (how: { exited: number } | { signaled: number } | { stopped: number }): number =>
  'exited' in how ? how.exited : 128 + ('signaled' in how ? how.signaled : how.stopped);

/** Ends with a message on standard error: for programs that are not tools. */
export function die<S>(sys: Sys, message: string, code: number): Outcome<S> {
  attempt(() => sys.write(2, message));
  return { exit: code };
}
