/**
 * A stop of a tracee as text: strace 7.2's forms.
 *
 *   openat(AT_FDCWD, "/etc/hostname", O_RDONLY) = 3
 *   [pid   412] <... wait4 resumed>, [{WIFEXITED(s) && WEXITSTATUS(s) == 0}], 0, NULL) = 413
 */

import { type Arg, type CallResult, type SignalCause, signalName } from '../../kernel';

export interface Look {
  /** Most bytes of a string: -s. */
  size: number;
  /** What descriptors are open on: -y. */
  files: boolean;
  /** Column of the results: -a. */
  column: number;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\n': '\\n',
  '\t': '\\t',
  '\r': '\\r',
  '\v': '\\v',
  '\f': '\\f',
  '"': '\\"',
  '\\': '\\\\',
};

/** A byte string in quotes, octal where it cannot be printed. */
export function quoted(bytes: string, most = Number.POSITIVE_INFINITY): string {
  let out = '';
  const text = bytes.slice(0, most);
  for (let i = 0; i < text.length; i++) {
    const c = text[i] as string;
    const code = text.charCodeAt(i);
    if (ESCAPES[c]) out += ESCAPES[c];
    else if (code >= 32 && code < 127) out += c;
    else out += `\\${/[0-7]/.test(text[i + 1] ?? '') ? code.toString(8).padStart(3, '0') : code.toString(8)}`;
  }
  return `"${out}"${bytes.length > most ? '...' : ''}`;
}

const behind = (look: Look, of: string | undefined) => (look.files && of !== undefined ? `<${of}>` : '');

export function argument(a: Arg, look: Look): string {
  if (typeof a === 'string') return a;
  if ('bytes' in a) return quoted(a.bytes, look.size);
  if ('path' in a) return quoted(a.path);
  if ('cwd' in a) return `AT_FDCWD${behind(look, a.cwd)}`;
  if ('fd' in a) return `${a.fd}${behind(look, a.of)}`;
  const shown = a.list.slice(0, look.size).map((s) => quoted(s, look.size));
  return `[${[...shown, ...(a.list.length > look.size ? ['...'] : [])].join(', ')}]`;
}

export const args = (list: readonly Arg[], look: Look): string => list.map((a) => argument(a, look)).join(', ');

export const result = (r: CallResult, look: Look): string => `${r.text}${behind(look, r.of)}`;

/** siginfo_t between braces. */
export function signalText(signal: number, cause: SignalCause): string {
  const name = signalName(signal);
  const more =
    cause.code === 'SI_KERNEL'
      ? ''
      : `, si_pid=${cause.pid}, si_uid=${cause.uid}${'status' in cause ? `, si_status=${cause.status}, si_utime=0, si_stime=0` : ''}`;
  return `--- ${name} {si_signo=${name}, si_code=${cause.code}${more}} ---`;
}

/** One row of -c: how often a call was made. */
export interface Count {
  calls: number;
  errors: number;
  /** Milliseconds. */
  took: number;
}

const cell = (text: string, width: number) => text.padStart(width);
const RULE = `${'-'.repeat(6)} ${'-'.repeat(11)} ${'-'.repeat(11)} ${'-'.repeat(9)} ${'-'.repeat(9)} ${'-'.repeat(16)}\n`;

/** The table of -c; `order` gives a call's number, by which calls of the same time are sorted. */
export function summary(counts: Readonly<Record<string, Count>>, order: (name: string) => number): string {
  const rows = Object.entries(counts).sort(([a, x], [b, y]) => y.took - x.took || order(a) - order(b));
  const total = rows.reduce((n, [, c]) => ({ calls: n.calls + c.calls, errors: n.errors + c.errors, took: n.took + c.took }), {
    calls: 0,
    errors: 0,
    took: 0,
  });
  const line = (share: number, c: Count, name: string) =>
    `${cell(share.toFixed(2), 6)} ${cell((c.took / 1000).toFixed(6), 11)} ${cell(`${Math.floor((c.took * 1000) / Math.max(1, c.calls))}`, 11)} ${cell(`${c.calls}`, 9)} ${cell(c.errors ? `${c.errors}` : '', 9)} ${name}\n`;
  const body = rows.map(([name, c]) => line(total.took > 0 ? (100 * c.took) / total.took : 0, c, name)).join('');
  return `% time     seconds  usecs/call     calls    errors syscall\n${RULE}${body}${RULE}${line(100, total, 'total')}`;
}
