/**
 * apparmor_parser: loads profiles into the kernel. apparmor_parser(8).
 *
 * Simplified: of its options -a, -r and -R; what a policy includes is left out (kernel/apparmor.ts says what is understood).
 */

import { attempt, Errno } from '../kernel';
import { command } from './command';
import { slurp } from './io';

export const apparmorParser = command({
  options: { short: 'arRqvWT', long: { add: 'a', replace: 'r', remove: 'R', quiet: 'q', verbose: 'v' } },
  package: 'other',
  main(x, o) {
    if (o.has('R')) return x.fail('drydock: removing profiles is not modelled'), 1;
    if (attempt(() => x.sys.stat('/sys/module/apparmor')) instanceof Errno) {
      x.err('Cache read/write disabled: interface file missing. (Kernel needs AppArmor 2.4 compatibility patch.)\n');
      x.err('Warning: unable to find a suitable fs in /proc/mounts, is it mounted?\nUse --subdomainfs to override.\n');
      return 1;
    }
    for (const file of o.operands) {
      const text = attempt(() => slurp(x.sys, file));
      if (text instanceof Errno) return x.err(`File ${file} not found, skipping...\n`), 1;
      const done = attempt(() => x.sys.apparmor({ load: text }));
      if (!(done instanceof Errno)) continue;
      if (done.code === 'EINVAL') x.err(`AppArmor parser error for ${file}: ${done.reason}\n`);
      else
        x.err(
          `${x.name}: Unable to replace profiles. ${done.code === 'EPERM' ? 'Permission denied; attempted to load a profile while confined?' : done.message}\n`,
        );
      return 1;
    }
    return 0;
  },
});
