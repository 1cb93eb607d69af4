/** From what is written or typed to what a person can do to a machine. */
import type { Input } from '../../lib/machine/face';

/** How a key that a terminal turns into more than text is written and shown. */
export const KEYS = { '^C': 'ctrl-c', '^D': 'ctrl-d', '^Z': 'ctrl-z', '^\\': 'ctrl-\\', '^P^Q': 'ctrl-p ctrl-q' } as const;

const SECONDS = { minute: 60, hour: 3600, day: 86_400 } as const;
/** "# 10 days pass": to a shell a comment, here time. */
const PASSING = /^# (\d+) (minute|hour|day)s? pass(?:es)?$/;

/** A command of a console block: a line, a key written as `^C`, or time that passes. */
export function inputOf(text: string): Input {
  const key = KEYS[text as keyof typeof KEYS];
  if (key) return { kind: 'key', key };
  const [, count, unit] = PASSING.exec(text) ?? [];
  return count && unit ? { kind: 'wait', seconds: Number(count) * SECONDS[unit as keyof typeof SECONDS] } : { kind: 'line', text };
}
