/** The shells on the real kernel, held against what the real shells answered. */

import { describe, expect, it } from 'vitest';
import { runShell } from './machine.test-helper';
import recorded from './rows.json';

/** Process numbers differ from machine to machine. */
const plain = (s: string): string => s.replace(/ +\d+ (Terminated|Killed|Hangup)/g, ' PID $1');

describe.each(['bash', 'dash', 'ash'])('%s answers as recorded', (shell) => {
  const rows = (recorded.rows as [string, string, number, string, string][]).filter((r) => r[0] === shell);
  it.each(rows.map(([, script, status, out, err]) => ({ script, status, out, err })))('$script', ({ script, status, out, err }) => {
    const ran = runShell([shell, '-c', script]);
    expect({ out: plain(ran.out), err: plain(ran.err), status: ran.status }).toEqual({ out: plain(out), err: plain(err), status });
  });
});
