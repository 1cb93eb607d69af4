/** From what is written or typed to what a person can do to a machine. */
import type { Input } from '../../lib/machine/face';

const KEYS = { '^C': 'ctrl-c', '^D': 'ctrl-d', '^Z': 'ctrl-z', '^\\': 'ctrl-\\' } as const;

/** A command of a console block: a line, or a key written as `^C`. */
export function inputOf(text: string): Input {
  const key = KEYS[text as keyof typeof KEYS];
  return key ? { kind: 'key', key } : { kind: 'line', text };
}
