/** Rows recorded from jq 1.8.2 (Debian): arguments, input, output, messages, status. */
import { describe, expect, it } from 'vitest';
import { jq } from './index';
import rows from './jq.rows.json';

const files: Record<string, string> = { '/etc/hostname': 'vm\n' };
const readFile = (path: string) => (files[path] === undefined ? { error: 'No such file or directory' } : { text: files[path] });

describe('jq', () => {
  it.each(rows as [string[], string, string, string, number][])('%j on %j', (args, input, out, err, status) => {
    expect(jq(args, input, readFile, { env: { HOME: '/root', PATH: '/bin' }, now: 0 })).toEqual({ out, err, status });
  });
  it('stops an endless program', () => {
    expect(jq(['-n', 'def f: f; f'], '', readFile, { env: {}, now: 0 }).err).toMatch(
      /drydock: the program (recurses too deeply|takes too many steps)/,
    );
    expect(jq(['-n', 'repeat(empty)'], '', readFile, { env: {}, now: 0 }).err).toMatch('drydock: the program takes too many steps');
  });
  it('keeps the order of keys that look like numbers', () =>
    expect(jq(['-c', '.'], '{"b":1,"10":2,"2":3}', readFile, { env: {}, now: 0 }).out).toBe('{"b":1,"10":2,"2":3}\n'));
});
