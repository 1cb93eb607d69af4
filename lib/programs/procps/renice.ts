/** renice: BusyBox 1.38's util-linux/renice.c and util-linux's. Simplified: the scheduler has no niceness; what is checked is who may ask. */

import { attempt, Errno } from '../../kernel';
import { busyboxUsage } from '../command';
import { type Flavour, tool } from '../tool';

export const renice = (flavour: Flavour) =>
  tool(
    {
      main(x) {
        const words = x.argv.slice(1);
        const by = words[0] === '-n' ? (words.shift(), words.shift()) : words.shift();
        const pids = words.filter((w) => !/^-[pgu]$/.test(w));
        const n = Number(by);
        if (by === undefined || !Number.isInteger(n) || pids.length === 0) {
          x.err(
            flavour === 'busybox' ? busyboxUsage('renice') : `renice: not enough arguments\nTry 'renice --help' for more information.\n`,
          );
          return 1;
        }
        let status = 0;
        for (const pid of pids) {
          const there = attempt(() => x.sys.kill(Number(pid), 0));
          const done =
            there instanceof Errno && there.code === 'ESRCH' ? there : n < 0 ? attempt(() => x.sys.gate('setpriority(lower)')) : null;
          if (done instanceof Errno) {
            x.err(
              flavour === 'busybox'
                ? `renice: ${done.code === 'ESRCH' ? 'getpriority' : 'setpriority'}: ${done.message}\n`
                : `renice: failed to ${done.code === 'ESRCH' ? 'get' : 'set'} priority for ${pid} (process ID): ${done.message}\n`,
            );
            status = 1;
          } else if (flavour === 'gnu') x.out(`${pid} (process ID) old priority 0, new priority ${n}\n`);
        }
        return status;
      },
    },
    flavour,
  );
