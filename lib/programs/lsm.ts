/**
 * apparmor_parser: loads profiles into the kernel. apparmor_parser(8).
 *
 * Simplified: of its options -a, -r and -R; what a policy includes is left out (kernel/apparmor.ts says what is understood).
 */

import { attempt, Errno, parsePolicy } from '../kernel';
import { command } from './command';
import { slurp } from './io';
import type { Io } from './tool';

/** Takes the profiles of a file away; the exit status, 0 when all have gone. */
function removed(x: Io, text: string): number {
  for (const { name } of parsePolicy(text)) {
    const done = attempt(() => x.sys.apparmor({ remove: name }));
    if (!(done instanceof Errno)) continue;
    x.err(
      done.code === 'ENOENT'
        ? `${x.name}: Unable to remove "${name}".  Profile doesn't exist\n`
        : `${x.name}: Unable to remove "${name}".  Permission denied; attempted to load a profile while confined?\n`,
    );
    return done.code === 'ENOENT' ? 254 : 243;
  }
  return 0;
}

export const apparmorParser = command({
  options: { short: 'arRqvWT', long: { add: 'a', replace: 'r', remove: 'R', quiet: 'q', verbose: 'v' } },
  package: 'other',
  main(x, o) {
    if (attempt(() => x.sys.stat('/sys/module/apparmor')) instanceof Errno) {
      x.err('Cache read/write disabled: interface file missing. (Kernel needs AppArmor 2.4 compatibility patch.)\n');
      x.err('Warning: unable to find a suitable fs in /proc/mounts, is it mounted?\nUse --subdomainfs to override.\n');
      return 1;
    }
    for (const file of o.operands) {
      const text = attempt(() => slurp(x.sys, file));
      if (text instanceof Errno) return x.err(`File ${file} not found, skipping...\n`), 1;
      if (o.has('R')) {
        const refused = removed(x, text);
        if (refused) return refused;
        continue;
      }
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
