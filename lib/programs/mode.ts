/**
 * File modes as text: `rwxr-xr-x`, `u+x,go-w`, `0755`. chmod(1), stat(2); gnulib's modechange.c.
 */

import type { FileType } from '../kernel';

const TYPE_LETTER: Record<FileType, string> = { file: '-', dir: 'd', symlink: 'l', char: 'c', block: 'b', fifo: 'p', socket: 's' };

/** The first column of `ls -l`. */
export function modeString(type: FileType, mode: number): string {
  const bits = (shift: number, special: number, letter: string) => {
    const n = (mode >> shift) & 7;
    const x = mode & special ? (n & 1 ? letter : letter.toUpperCase()) : n & 1 ? 'x' : '-';
    return `${n & 4 ? 'r' : '-'}${n & 2 ? 'w' : '-'}${x}`;
  };
  return TYPE_LETTER[type] + bits(6, 0o4000, 's') + bits(3, 0o2000, 's') + bits(0, 0o1000, 't');
}

/** st_mode's type bits, for stat's %f and the words of tar. */
export const TYPE_BITS: Record<FileType, number> = {
  fifo: 0o10000,
  char: 0o20000,
  dir: 0o40000,
  block: 0o60000,
  file: 0o100000,
  symlink: 0o120000,
  socket: 0o140000,
};

export type ModeChange = (mode: number, isDir: boolean, umask: number) => number;

/** Reads a mode; null if it is none. Without a `who`, the umask's bits stay as they are. */
export function parseMode(text: string): ModeChange | null {
  if (/^[0-7]{1,5}$/.test(text)) {
    const n = Number.parseInt(text, 8);
    if (n > 0o7777) return null;
    // A directory keeps its setuid and setgid bits unless they are named with five digits.
    return (mode, isDir) => (isDir && text.length < 5 ? n | (mode & 0o6000 & ~n) : n);
  }
  const clauses = text.split(',').map((c) => /^([ugoa]*)((?:[-+=](?:[rwxXst]*|[ugo]|[0-7]+))+)$/.exec(c));
  if (clauses.some((c) => c === null)) return null;
  return (start, isDir, umask) => {
    let mode = start;
    for (const clause of clauses) {
      const [, who, actions] = clause as unknown as [string, string, string];
      let affected = 0;
      for (const w of who) affected |= w === 'u' ? 0o4700 : w === 'g' ? 0o2070 : w === 'o' ? 0o1007 : 0o7777;
      const whole = who === '' ? 0o7777 : affected;
      for (const m of actions.matchAll(/([-+=])([rwxXst]+|[ugo]|[0-7]+|)/g)) {
        const [, op, perms] = m as unknown as [string, string, string];
        let bits = 0;
        if (/^[0-7]+$/.test(perms)) bits = Number.parseInt(perms, 8);
        else if (/^[ugo]$/.test(perms)) {
          const n = (mode >> (perms === 'u' ? 6 : perms === 'g' ? 3 : 0)) & 7;
          bits = (n << 6) | (n << 3) | n;
        } else
          for (const p of perms)
            bits |= { r: 0o444, w: 0o222, x: 0o111, X: isDir || mode & 0o111 ? 0o111 : 0, s: 0o6000, t: 0o1000 }[p as 'r'] ?? 0;
        bits &= whole;
        if (who === '' && !/^[0-7]+$/.test(perms)) bits &= ~umask;
        const keep = isDir && !/s/.test(perms) ? 0o6000 : 0;
        if (op === '+') mode |= bits;
        else if (op === '-') mode &= ~bits;
        else mode = (mode & ~(whole & ~keep & (who === '' ? ~0 : whole))) | bits;
      }
    }
    return mode & 0o7777;
  };
}
