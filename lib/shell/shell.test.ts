/** The shells on the real kernel, held against what the real shells answered. */

import { describe, expect, it } from 'vitest';
import { runShell } from './machine.test-helper';
import recorded from './rows.json';
import scripts from './scripts.json';

/** Process numbers differ from machine to machine. */
const plain = (s: string): string => s.replace(/ +\d+ (Terminated|Killed|Hangup)/g, ' PID $1');

describe.each(['bash', 'dash', 'ash'])('%s answers as recorded', (shell) => {
  const rows = (recorded.rows as [string, string, number, string, string][]).filter((r) => r[0] === shell);
  it.each(rows.map(([, script, status, out, err]) => ({ script, status, out, err })))('$script', ({ script, status, out, err }) => {
    const ran = runShell([shell, '-c', script]);
    expect({ out: plain(ran.out), err: plain(ran.err), status: ran.status }).toEqual({ out: plain(out), err: plain(err), status });
  });
});

describe.each(['file', 'stdin'])('a script from %s', (how) => {
  const rows = (scripts.rows as [string, string, string, number, string, string][]).filter((r) => r[1] === how);
  it.each(rows.map(([shell, , script, status, out, err]) => ({ shell, script, status, out, err })))(
    '$shell: $script',
    ({ shell, script, status, out, err }) => {
      const ran =
        how === 'file' ? runShell([shell, '../s.sh', '-a', 'b c', 'd'], '', { '/tmp/rowdir/s.sh': script }) : runShell([shell], script);
      expect({ out: plain(ran.out), err: plain(ran.err), status: ran.status }).toEqual({ out: plain(out), err: plain(err), status });
    },
  );
});
