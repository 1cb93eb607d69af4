/**
 * What the tools print, held against recordings from coreutils 9.10 and its kin on Debian, and from BusyBox 1.38: each file of
 * recorded/ is a session on a machine of its own.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from '../fidelity/console';
import { run, tinyMachine } from './harness';

const folder = join(import.meta.dirname, 'recorded');
/** Times of the recording and random names. */
const settle = (text: string) =>
  text
    .replace(/\b[A-Z][a-z]{2} [ \d]\d \d\d:\d\d\b/g, '<time>')
    .replace(/ copied, .*/g, ' copied')
    .replace(/\bdev \d+|inode \d+/g, '');

describe.each(readdirSync(folder).filter((f) => f.endsWith('.console')))('%s', (file) => {
  const { steps } = parse(readFileSync(join(folder, file), 'utf8'));
  const m = tinyMachine(file.startsWith('gnu') ? 'gnu' : 'busybox');
  test.each(steps.map((s) => [s.command, s] as const))('%s', (command, step) => {
    const { output, status } = run(m, command);
    expect({ output: settle(output.replace(/\n$/, '')), status }).toEqual({ output: settle(step.output), status: step.status });
  });
});
