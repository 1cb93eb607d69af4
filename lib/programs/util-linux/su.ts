/**
 * su: a shell as somebody else.
 *
 * Source: su(1) of util-linux 2.42, BusyBox 1.38's loginutils/su.c.
 * Simplified: no password is asked for; only root becomes another.
 */

import { attempt, Errno, type Program } from '../../kernel';
import { type Misuse, readOptions } from '../command';
import { direct } from '../coreutils/run';
import { base } from '../io';
import { names } from '../names';
import type { Flavour, Io } from '../tool';

interface Called {
  argv: string[];
  env: Record<string, string>;
}
const suDef: Misuse = {
  options: {
    gnu: { short: '+c:flmpPs:g:G:', long: { command: 'c:', login: 'l', shell: 's:', 'preserve-environment': 'p', group: 'g:' } },
    busybox: { short: '+mplc:s:' },
  },
  package: 'util-linux',
};
/** su: a shell as somebody else. */
export const su = (flavour: Flavour): Program<Called> => ({
  start: (exec) => ({ argv: exec.argv, env: exec.env }),
  run(sys, s) {
    const x = direct(sys, s.argv, s.env, flavour);
    const args = s.argv.slice(1);
    // Options may follow the user's name.
    const o = readOptions({ ...x, argv: [x.name, ...args.filter((a) => a !== '-')] } as Io, {
      ...suDef,
      options: {
        gnu: { short: 'c:flmpPs:g:G:', long: { command: 'c:', login: 'l', shell: 's:', 'preserve-environment': 'p', group: 'g:' } },
        busybox: { short: 'mplc:s:' },
      },
    });
    if (typeof o === 'number') return { exit: o };
    const login = o.has('l') || args.includes('-');
    const [name = 'root', ...more] = o.operands;
    const user = names(sys).user(name);
    if (!user) {
      x.fail(
        flavour === 'gnu'
          ? `user ${name} does not exist or the user entry does not contain all the required fields`
          : `unknown user ${name}`,
      );
      return { exit: 1 };
    }
    if (sys.credentials().euid !== 0) {
      if (flavour !== 'gnu') {
        x.fail('must be suid to work properly');
        return { exit: 1 };
      }
      x.err('Password: \nsu: Authentication failure\n');
      return { exit: 1 };
    }
    const steps = [
      ['set groups', () => sys.setgroups(names(sys).groupsOf(user))],
      ['setgid', () => sys.setgid(user.gid)],
      ['setuid', () => sys.setuid(user.uid)],
    ] as const;
    for (const [what, change] of steps) {
      const changed = attempt(change);
      if (!(changed instanceof Errno)) continue;
      // BusyBox names the call that was refused (bb_perror_msg_and_die in change_identity), util-linux what it wanted.
      const can = flavour === 'gnu' ? 'cannot' : "can't";
      x.fail(
        `${what === 'set groups' ? `${can} set groups` : flavour === 'gnu' ? `${can} set ${what.slice(3) === 'uid' ? 'user id' : 'group id'}` : what}: ${changed.message}`,
      );
      return { exit: 1 };
    }
    const shell = o.value('s') || user.shell || '/bin/sh';
    const env = login
      ? {
          ...(s.env.TERM ? { TERM: s.env.TERM } : {}),
          HOME: user.home,
          SHELL: shell,
          USER: name,
          LOGNAME: name,
          PATH: user.uid === 0 ? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' : '/usr/local/bin:/usr/bin:/bin',
        }
      : o.has('m', 'p')
        ? s.env
        : { ...s.env, HOME: user.home, SHELL: shell, ...(user.uid === 0 ? {} : { USER: name, LOGNAME: name }) };
    if (login) attempt(() => sys.chdir(user.home || '/'));
    const called = login ? `-${base(shell)}` : base(shell);
    const argv = [called, ...(o.has('c') ? ['-c', o.value('c') as string] : []), ...more];
    const done = attempt(() => sys.execve(shell, argv, env));
    if (!(done instanceof Errno)) return { replaced: true };
    x.fail(flavour === 'gnu' ? `failed to execute ${shell}: ${done.message}` : `can't execute '${shell}': ${done.message}`);
    return { exit: done.code === 'ENOENT' ? 127 : 126 };
  },
});
