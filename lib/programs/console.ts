/**
 * clear, dmesg, stty, and BusyBox's halt, poweroff and reboot: what one asks of the console and of the machine under it.
 *
 * Source: ncurses 6, util-linux 2.42, stty(1) of coreutils 9.10, BusyBox 1.38 (util-linux/dmesg.c, init/halt.c).
 * Simplified: the kernel keeps no log, and a terminal's modes cannot be looked at or changed from outside.
 */

import { attempt, Errno, SIGNALS } from '../kernel';
import { command, type Make } from './command';
import { tool } from './tool';

/** BusyBox's knows one terminal, ncurses' asks for its name. */
export const clear: Make = (flavour) =>
  tool(
    {
      main(x) {
        if (flavour === 'busybox') x.out('\x1b[H\x1b[J');
        else if (!x.env.TERM) {
          x.err('TERM environment variable not set.\n');
          return 1;
        } else if (x.env.TERM !== 'dumb') x.out('\x1b[H\x1b[2J\x1b[3J');
        return 0;
      },
    },
    flavour,
  );

export const dmesg = command({
  options: { gnu: { short: 'CcDEdeF:f:HhIJkL:l:n:PprSs:TtuVwWx' }, busybox: { short: 'cr' } },
  package: 'util-linux',
  main(x) {
    const done = attempt(() => x.sys.gate('syslog(READ_ALL)'));
    if (done instanceof Errno) x.fail(x.flavour === 'busybox' ? `klogctl: ${done.message}` : `read kernel buffer failed: ${done.message}`);
    else x.err('drydock: the log of the kernel is not modelled\n');
    return 1;
  },
});

/** "-echo" is a setting: what follows the options is not one. */
const settings = (args: string[]): string[] => {
  const at = args.findIndex((a) => !/^-([agF]|-)/.test(a));
  return at < 0 ? args : [...args.slice(0, at), '--', ...args.slice(at)];
};

export const stty = command({
  prepare: settings,
  options: { gnu: { short: '+agF:', long: { all: 'a', save: 'g', file: 'F:' } }, busybox: { short: '+agF:' } },
  main(x, o) {
    const size = x.sys.winsize(0);
    if (!x.sys.isatty(0)) {
      x.fail(`${x.flavour === 'busybox' ? 'standard input' : "'standard input'"}: ${new Errno('ENOTTY', 'vfs', 'no terminal').message}`);
      return 1;
    }
    if (o.operands.length === 1 && o.operands[0] === 'size') {
      x.out(`${size?.rows ?? 0} ${size?.cols ?? 0}\n`);
      return 0;
    }
    x.err('drydock: the modes of a terminal are not modelled\n');
    return 1;
  },
});

/** Without -f they only ask init, which is PID 1 of where they run. */
const asks = (signal: number) =>
  command({
    options: { short: 'd:nf' },
    main(x, o) {
      if (o.has('f')) {
        x.err(`drydock: ${x.name} -f is not modelled\n`);
        return 1;
      }
      const done = attempt(() => x.sys.kill(1, signal));
      return done instanceof Errno ? 1 : 0;
    },
  });
export const halt = asks(SIGNALS.SIGUSR1);
export const poweroff = asks(SIGNALS.SIGUSR2);
export const reboot = asks(SIGNALS.SIGTERM);
