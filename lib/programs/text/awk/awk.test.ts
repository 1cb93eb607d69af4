/** Rows recorded from mawk 1.3.4 and BusyBox 1.38: dialect, arguments, input, output, messages, status. */
import { describe, expect, it } from 'vitest';
import { runAwk } from './args';
import { type AwkDialect, awkRecord, initAwk, parseAwk, startAwk } from './awk';
import rows from './awk.rows.json';

/** What a shell would have answered. */
const commands: Record<string, (input: string) => { output: string; status: number }> = {
  'echo hi there': () => ({ output: 'hi there\n', status: 0 }),
  'echo a b': () => ({ output: 'a b\n', status: 0 }),
  'exit 3': () => ({ output: '', status: 3 }),
  'date +%Y': () => ({ output: '2026\n', status: 0 }),
  sort: (input) => ({ output: `${input.trimEnd().split('\n').sort().join('\n')}\n`, status: 0 }),
};

describe('awk', () => {
  it.each(rows as [AwkDialect, string[], string, string, string, number][])('%s %j', (dialect, args, stdin, out, err, status) => {
    const files: Record<string, string> = { '/etc/rec': 'rec 1\nrec 2\n' };
    const result = runAwk(args, dialect, {
      env: { HOME: '/root' },
      now: 1790000000,
      stdin,
      readFile: (path) => (files[path] === undefined ? { error: 'No such file or directory' } : { text: files[path] }),
      write: (path, append, text) => void (files[path] = (append ? (files[path] ?? '') : '') + text),
      command: (command, input) => commands[command]?.(input) ?? { output: '', status: 127 },
    });
    expect(result).toEqual({ out, err, status });
  });

  it('sleeps between records as plain data', () => {
    const io = { readFile: () => null, answers: [] };
    let state = startAwk(
      initAwk(parseAwk('BEGIN{n=0}{a[$1]++; print $1, a[$1], NR}', 'mawk'), { assigns: [], args: ['awk'], env: {}, now: 0 }),
      io,
    ).state;
    let out = '';
    for (const record of ['x', 'y', 'x']) {
      const step = awkRecord(JSON.parse(JSON.stringify(state)), record, io);
      state = step.state;
      out += step.out.map((item) => ('text' in item ? item.text : '')).join('');
    }
    expect(out).toBe('x 1 1\ny 1 2\nx 2 3\n');
  });
  it('stops an endless program', () => {
    const run = (program: string) => runAwk([program], 'mawk', { env: {}, now: 0, stdin: '', readFile: () => ({ error: '' }) }).err;
    expect(run('BEGIN{while(1)x++}')).toMatch('too many steps');
    expect(run('function f(){f()} BEGIN{f()}')).toMatch('too deeply');
  });
});
