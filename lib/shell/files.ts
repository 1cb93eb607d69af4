/** The system as test(1) asks it. */

import type { Files } from '../base/posix';
import { attempt, Errno } from '../kernel';
import { option, type Shell } from './state';
import { value } from './vars';

export function files(sh: Shell): Files {
  const { sys } = sh;
  const { euid, egid } = sys.credentials();
  const orNull = <T>(call: () => T): T | null => {
    const got = attempt(call);
    return got instanceof Errno ? null : got;
  };
  return {
    stat: (path, follow) => (path === '' ? null : orNull(() => (follow ? sys.stat(path) : sys.lstat(path)))),
    access: (path, want) => path !== '' && !(attempt(() => sys.access(path, want)) instanceof Errno),
    isatty: (fd) => orNull(() => sys.isatty(fd)) === true,
    euid,
    egid,
    isSet: (name) => value(sh, name) !== undefined,
    option: (name) => option(sh, name),
  };
}
