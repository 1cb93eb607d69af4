/** Small things that many tools do: whole files, messages' quotes, paths. */

import { quoteShell } from '../base/posix';
import { attempt, Errno, type FileType, type Stat, type Sys } from '../kernel';

/** A whole file. Throws Errno. A pipe or terminal with nothing in it yet reads as empty. */
export function slurp(sys: Sys, path: string): string {
  const fd = sys.open(path, { read: true });
  let out = '';
  try {
    for (;;) {
      const chunk = sys.read(fd, 1 << 20);
      if (chunk === null || chunk === '') return out;
      out += chunk;
    }
  } finally {
    sys.close(fd);
  }
}

/** What has come on a descriptor, added to what came before; `ended`: nothing more will. */
export function drained(sys: Sys, fd: number, before: string): { text: string; ended: boolean } {
  let text = before;
  for (;;) {
    const piece = sys.read(fd, 65_536);
    if (piece === null) return { text, ended: false };
    if (piece === '') return { text, ended: true };
    text += piece;
  }
}

/** A whole file, or '' when it cannot be read. */
export function slurpOrEmpty(sys: Sys, path: string): string {
  const text = attempt(() => slurp(sys, path));
  return text instanceof Errno ? '' : text;
}

/** Makes or replaces a file. Throws Errno. */
export function spill(sys: Sys, path: string, data: string, mode = 0o666): void {
  const fd = sys.open(path, { write: true, create: true, trunc: true }, mode);
  try {
    writeAll(sys, fd, data);
  } finally {
    sys.close(fd);
  }
}

export function writeAll(sys: Sys, fd: number, data: string): void {
  for (let rest = data; rest !== ''; ) {
    const n = sys.write(fd, rest);
    if (n === null) throw new Errno('EAGAIN', 'vfs', 'drydock: a tool that cannot wait here met a full pipe');
    rest = rest.slice(n);
  }
}

/** A name in a GNU message: 'x'. gnulib's quoteaf. */
export const q = (name: string): string => quoteShell(name, true);
/** A name at the start of a GNU message: bare unless it holds something odd. gnulib's quotef. */
export const qf = (name: string): string => (name.includes(':') ? quoteShell(name, true) : quoteShell(name));

/** Whether a program's messages may be in UTF-8: locale(7). */
export const utf8 = (env: Record<string, string>): boolean => /utf-?8/i.test(env.LC_ALL || env.LC_CTYPE || env.LANG || '');
/** A word in a GNU message, in the quotes of the locale: ‘x’ or 'x'. gnulib's quote. */
export const quote = (x: { env: Record<string, string> }, text: string): string =>
  utf8(x.env) ? `\xe2\x80\x98${text}\xe2\x80\x99` : `'${text}'`;

export const join = (dir: string, name: string): string => (dir.endsWith('/') ? dir + name : `${dir}/${name}`);
/** basename(3): without trailing slashes. */
export const base = (path: string): string => {
  const trimmed = path.replace(/\/+$/, '');
  return trimmed === '' ? (path === '' ? '' : '/') : trimmed.slice(trimmed.lastIndexOf('/') + 1);
};
/** dirname(3). */
export const dir = (path: string): string => {
  const trimmed = path.replace(/\/+$/, '');
  if (trimmed === '') return path === '' ? '.' : '/';
  const slash = trimmed.lastIndexOf('/');
  if (slash < 0) return '.';
  return trimmed.slice(0, slash).replace(/\/+$/, '') || '/';
};

/** stat or lstat, or null when there is nothing. Other refusals too give null. */
export function statOrNull(sys: Sys, path: string, follow = true): Stat | null {
  const st = attempt(() => (follow ? sys.stat(path) : sys.lstat(path)));
  return st instanceof Errno ? null : st;
}

/** Byte order, as in the C locale. */
export const byBytes = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The words of stat(1) and of GNU's messages for a type of file. */
export function typeWords(st: Pick<Stat, 'type' | 'size'>): string {
  const words: Record<FileType, string> = {
    file: st.size === 0 ? 'regular empty file' : 'regular file',
    dir: 'directory',
    symlink: 'symbolic link',
    char: 'character special file',
    block: 'block special file',
    fifo: 'fifo',
    socket: 'socket',
  };
  return words[st.type];
}
