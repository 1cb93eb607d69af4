/**
 * What a terminal shows of a step: first the line that was typed, echoed, then what was printed. These tell the two
 * apart. A program that turns echo off (a password) has none.
 */
import type { Input, Trace } from '../../lib/machine/face';

/** What was printed, without the prompt that now stands at the end. */
export const withoutPrompt = ({ output, prompt }: Pick<Trace, 'output' | 'prompt'>): string =>
  prompt !== null && prompt !== '' && output.endsWith(prompt) ? output.slice(0, -prompt.length) : output;

/** The secondary prompt, before each further line of a command that is not complete. */
const PS2 = '> ';

/** The echo at the beginning of a step's output: the first line, and those that continue it. */
export function echoOf(input: Input | null, output: string): string {
  if (input?.kind !== 'line') return '';
  const [first = '', ...more] = input.text.split('\n');
  if (!output.startsWith(`${first}\r\n`)) return '';
  let end = first.length + 2;
  for (const line of more) {
    const next = `${PS2}${line}\r\n`;
    if (!output.startsWith(next, end)) break;
    end += next.length;
  }
  return output.slice(0, end);
}
