/** Rows recorded from GNU sed 4.9 and BusyBox 1.38: scripts, -E, options, input, output, message, status. */
import { expect, it } from 'vitest';
import { parseSed, runSed, SedError, type SedOptions } from './sed';
import rows from './sed.rows.json';

const io = { read: (path: string) => (path === '/etc/hostname' ? 'host\n' : null), write: () => {} };
type Row = [string[], boolean, SedOptions, string, string, string, number];
it.each(rows as Row[])('sed %j -E %j %j', (scripts, extended, options, input, out, message, status) => {
  const run = () => {
    try {
      const script = parseSed(
        scripts.map((text) => ({ text })),
        { extended, dialect: options.dialect! },
      );
      return { ...runSed(script, input, options, io), message: '' };
    } catch (error) {
      if (!(error instanceof SedError)) throw error;
      return { out: '', message: error.message, status: error.status };
    }
  };
  expect(run()).toEqual({ out, message, status });
});
it('keeps a missing last newline missing', () => {
  const script = parseSed([{ text: 'p' }], { extended: false, dialect: 'gnu' });
  expect(runSed(script, 'a\nb', {}, io).out).toBe('a\na\nb\nb');
});
