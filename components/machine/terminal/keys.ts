/** What a terminal sends, as keys: xterm.js gives strings of text and escape sequences (DECCKM off). */

export type Key = { kind: 'text'; text: string } | { kind: 'key'; name: KeyName };
export type KeyName = (typeof SEQUENCES)[keyof typeof SEQUENCES];

export const SEQUENCES = {
  '\r': 'enter',
  '\n': 'enter',
  '\t': 'tab',
  '\x7f': 'backspace',
  '\b': 'backspace',
  '\x1b[3~': 'delete',
  '\x1b[A': 'up',
  '\x1b[B': 'down',
  '\x1b[C': 'right',
  '\x1b[D': 'left',
  '\x1bOA': 'up',
  '\x1bOB': 'down',
  '\x1bOC': 'right',
  '\x1bOD': 'left',
  '\x1b[H': 'home',
  '\x1b[F': 'end',
  '\x1bOH': 'home',
  '\x1bOF': 'end',
  '\x1b[1;5C': 'alt-f',
  '\x1b[1;5D': 'alt-b',
  '\x1b[1;3C': 'alt-f',
  '\x1b[1;3D': 'alt-b',
  '\x1bf': 'alt-f',
  '\x1bb': 'alt-b',
  '\x1bd': 'alt-d',
  '\x1b.': 'alt-.',
  '\x1b\x7f': 'alt-backspace',
  '\x01': 'ctrl-a',
  '\x02': 'ctrl-b',
  '\x03': 'ctrl-c',
  '\x04': 'ctrl-d',
  '\x05': 'ctrl-e',
  '\x06': 'ctrl-f',
  '\x07': 'ctrl-g',
  '\x0b': 'ctrl-k',
  '\x0c': 'ctrl-l',
  '\x0e': 'ctrl-n',
  '\x10': 'ctrl-p',
  '\x11': 'ctrl-q',
  '\x12': 'ctrl-r',
  '\x13': 'ctrl-s',
  '\x14': 'ctrl-t',
  '\x15': 'ctrl-u',
  '\x17': 'ctrl-w',
  '\x19': 'ctrl-y',
  '\x1a': 'ctrl-z',
  '\x1c': 'ctrl-\\',
  '\x1b': 'escape',
} as const;

const LONGEST = Math.max(...Object.keys(SEQUENCES).map((s) => s.length));
const UNKNOWN = /^\x1b(\[[0-?]*[ -/]*[@-~]|O.|.)/;

/** Splits what came in at once into keys; a sequence that means nothing here is dropped. */
export function keysOf(data: string): Key[] {
  const keys: Key[] = [];
  for (let at = 0; at < data.length; ) {
    const rest = data.slice(at, at + LONGEST);
    const known = lengths(rest).find((n) => rest.slice(0, n) in SEQUENCES);
    if (known) {
      keys.push({ kind: 'key', name: SEQUENCES[rest.slice(0, known) as keyof typeof SEQUENCES] });
      at += known;
      continue;
    }
    const skipped = UNKNOWN.exec(data.slice(at))?.[0].length;
    if (skipped) {
      at += skipped;
      continue;
    }
    const last = keys.at(-1);
    const char = String.fromCodePoint(data.codePointAt(at) as number);
    if (char >= ' ') {
      if (last?.kind === 'text') last.text += char;
      else keys.push({ kind: 'text', text: char });
    }
    at += char.length;
  }
  return keys;
}

/** Longest first; a lone ESC only counts when nothing follows it. */
const lengths = (rest: string) =>
  Array.from({ length: rest.length }, (_, i) => rest.length - i).filter((n) => n > 1 || rest[0] !== '\x1b' || rest.length === 1);
